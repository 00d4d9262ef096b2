"""Points as distinct places in whole millimetres, and which of them lie in an area."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import (
    MILLIMETRES_PER_METRE,
    coordinates,
    grid_squares,
    in_system_of,
    millimetres,
)
from hotspots.core.errors import require
from hotspots.core.tables import AREAS, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.core.arrays import Bools, Codes, Floats, Ints, Objects
    from hotspots.core.grids import Grid
    from hotspots.core.locate import PointSquares

NOWHERE = -1
MOST_KNOWN = 16
"""So many answers are kept about the same places."""
SAMPLE = 65_536
"""Coordinates that tell whether most are alike."""


def distinct_places(x: Floats, y: Floats) -> tuple[Ints, Codes]:
    """Distinct coordinates in whole millimetres, sorted by x then y, and which one each row has.

    Examples
    --------
    >>> places, inverse = distinct_places(np.array([2.0, 1.0, 2.0]), np.array([0.0, 5.0, 0.0]))
    >>> places.tolist(), inverse.tolist()
    ([[1000, 5000], [2000, 0]], [1, 0, 1])
    """
    east, north, codes = distinct_pairs(millimetres(x), millimetres(y))
    return np.column_stack([east, north]), codes


def distinct_rows(places: Ints) -> tuple[Ints, Codes]:
    """Distinct pairs of whole numbers, sorted by the first, and which one each row is."""
    first, second, codes = distinct_pairs(*places.T.reshape(2, -1))
    return np.column_stack([first, second]), codes


def distinct_pairs(east: Ints, north: Ints) -> tuple[Ints, Ints, Codes]:
    """The same of two columns, as two columns."""
    if not len(east):
        return east, north, np.zeros(0, dtype=np.intp)
    low, least = north.min(), east.min()
    span = int(north.max() - low) + 1
    if (int(east.max() - least) + 1) * span > np.iinfo(np.int64).max:  # wider than one number
        known, codes = np.unique(np.stack([east, north]), axis=1, return_inverse=True)
        return *known, codes.reshape(-1)
    # One whole number a place: it sorts and hashes far faster than a row of two.
    keys, codes = _distinct((east - least) * span + (north - low))
    first, second = np.divmod(keys, span)
    first += least
    second += low
    return first, second, codes


def _distinct(keys: Ints) -> tuple[Ints, Codes]:
    """Distinct numbers, sorted, and which one each is; by hashing where many are alike."""
    import pandas as pd

    some = keys[:: max(1, len(keys) // SAMPLE)]
    if len(pd.unique(some)) > len(some) / 2:
        return np.unique(keys, return_inverse=True)
    codes, distinct = pd.factorize(keys)
    order = np.argsort(distinct)
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    return distinct[order], rank[codes]


def many_points(x: Floats, y: Floats) -> Objects:
    """A point for every pair of coordinates."""
    import shapely

    return many(shapely.points, x, y)


def many(make: Callable[..., Any], *numbers: NDArray[Any]) -> Objects:
    """As many geometries as there are numbers, made while the garbage collector waits.

    It would look through all of them again and again as they become more, which takes three times
    as long as making them.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return np.asarray(make(*numbers), dtype=object)
    finally:
        if collects:
            gc.enable()


def square_ids(outlines: gpd.GeoSeries, stem: str) -> pd.Index:
    """Stem and 100 m square of a point inside each outline; twins are numbered.

    Such a name stays the same from month to month while an area stays in its square.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> one = box(429700, 433800, 429800, 433900)
    >>> list(square_ids(gpd.GeoSeries([one, one], crs="EPSG:27700"), "patrol"))
    ['patrol-SE297338', 'patrol-SE297338-2']
    """
    import pandas as pd

    points = outlines.representative_point()
    seen: Counter[str] = Counter()
    names = []
    for square in grid_squares(points.x, points.y, outlines.crs):
        name = f"{stem}-{square}"
        seen[name] += 1
        names.append(name + (f"-{seen[name]}" if seen[name] > 1 else ""))
    return pd.Index(names, name="area_id", dtype=object)


class PlaceIndex:
    """Distinct places, which one each row has, and what was asked about them; worked out once.

    Parameters
    ----------
    places : array of int64, shape (places, 2)
        In whole millimetres, sorted by x, then y.
    of_row : array of intp, shape (rows,)
        The place of each row; -1 where it is nowhere.
    """

    def __init__(self, places: Ints, of_row: Codes) -> None:
        self.places: Ints = places
        self.of_row: Codes = of_row
        self._known: list[tuple[str, object, Any]] = []
        self._lasting: dict[bytes, Any] = {}

    @classmethod
    def of(cls, incidents: gpd.GeoDataFrame) -> PlaceIndex:
        """The places of a table of points; missing and empty ones are nowhere."""
        x, y = coordinates(incidents.geometry)
        located = np.isfinite(x)
        if located.all():
            return cls(*distinct_places(x, y))
        of_row = np.full(len(x), NOWHERE, dtype=np.intp)
        places, of_row[located] = distinct_places(x[located], y[located])
        return cls(places, of_row)

    @property
    def metres(self) -> Floats:
        """The places in metres, shape (places, 2)."""
        return self.places / MILLIMETRES_PER_METRE

    @property
    def squares(self) -> PointSquares:
        """The places sorted into squares, to find those in one outline after another."""
        from hotspots.core.locate import PointSquares

        found: PointSquares = self.for_good("squares", None, lambda: PointSquares(*self.metres.T))
        return found

    def inside(self, zones: gpd.GeoDataFrame) -> Bools:
        """Which places lie in the union of the zones, boundary included."""
        found: Bools = self.once(
            "inside", zones, lambda: _held(self.squares, zones.geometry.union_all())
        )
        return found

    def cells(self, grid: Grid, crs: Any) -> tuple[pd.Index, Codes]:
        """The cells of a grid that hold places, sorted, and which one each place is in."""
        found: tuple[pd.Index, Codes] = self.for_good(
            "cells", [grid, str(crs)], lambda: self._cells(grid, crs)
        )
        return found

    def once(self, what: str, of: object, work: Callable[[], Any]) -> Any:
        """What was worked out for these very tables and equal grids the first time."""
        for kind, thing, found in self._known:
            if kind == what and _same(thing, of):
                return found
        self._known.append((what, of, work()))
        return self._known[-1][2]

    def for_good(self, what: str, of: object, work: Callable[[], Any]) -> Any:
        """The same by content, so that it stays known when all else is forgotten."""
        from hotspots.core.remember import digest

        key = digest([what, of])
        if key is None:
            return self.once(what, of, work)
        if key not in self._lasting:
            self._lasting[key] = work()
            for old in list(self._lasting)[:-MOST_KNOWN]:
                del self._lasting[old]
        return self._lasting[key]

    def afresh(self) -> PlaceIndex:
        """The same places; what was asked about tables, which can change, has to be asked again."""
        again = PlaceIndex(self.places, self.of_row)
        again._lasting = self._lasting
        return again

    def spread(self, of_place: NDArray[Any], nowhere: object) -> NDArray[Any]:
        """One value a row from one value a place."""
        return of_each(of_place, self.of_row, nowhere)

    def _cells(self, grid: Grid, crs: Any) -> tuple[pd.Index, Codes]:
        import pandas as pd

        x, y = self.metres.T
        ids = grid.cell_ids(x, y, crs) if len(x) else x
        codes, known = pd.factorize(np.asarray(ids, dtype=object), sort=True)
        return pd.Index(known, dtype=object), codes


def _same(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return all(map(_same, one, other))
    return one is other or (not hasattr(other, "columns") and one == other)


def of_each(values: NDArray[Any], codes: Codes, nowhere: object) -> NDArray[Any]:
    """The value at each position; ``nowhere`` where the position is -1.

    Examples
    --------
    >>> of_each(np.array([7, 8]), np.array([1, -1, 0]), 0).tolist()
    [8, 0, 7]
    """
    return np.append(values, np.array([nowhere], dtype=values.dtype))[codes]


def inside(
    incidents: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, places: PlaceIndex | None = None
) -> Bools:
    """Which points lie in the union of the zones, boundary included; False where unlocated."""
    places = PlaceIndex.of(incidents) if places is None else places
    zones = in_system_of(incidents, zones, ("incidents", "within"))
    return places.spread(places.inside(zones), False)


def areas_among(
    incidents: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, argument: str = "areas"
) -> gpd.GeoDataFrame:
    """Areas or zones that incidents are asked by, in their system; raise for what is none."""
    require_table(areas, AREAS, argument=argument, only=[])
    areas = in_system_of(incidents, areas, ("incidents", argument))
    without = int(areas.geometry.isna().sum())
    require(not without, f"`{argument}` must all have an outline; {without:,} have none.")
    return areas


def lies_in(outline: Any, x: Floats, y: Floats) -> Bools:
    """Which coordinates lie in an outline, its boundary included; missing ones lie nowhere."""
    from hotspots.core.locate import PointSquares

    return _held(PointSquares(x, y), outline)


def _held(squares: PointSquares, outline: Any) -> Bools:
    there = np.zeros(squares.size, dtype=bool)
    there[squares.inside(outline)] = True
    return there
