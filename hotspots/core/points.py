"""Points as distinct places in whole millimetres, and which of them lie in an area."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import coordinates, grid_square, millimetres

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid


def distinct_places(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Distinct coordinates in whole millimetres, sorted by x then y, and which one each row has.

    Examples
    --------
    >>> places, inverse = distinct_places(np.array([2.0, 1.0, 2.0]), np.array([0.0, 5.0, 0.0]))
    >>> places.tolist(), inverse.tolist()
    ([[1000, 5000], [2000, 0]], [1, 0, 1])
    """
    import pandas as pd

    east, north = millimetres(x), millimetres(y)
    low = north.min(initial=0)
    span = north.max(initial=0) - low + 1
    keys = (east - east.min(initial=0)) * span + (north - low)
    codes, unique_keys = pd.factorize(keys)
    order = np.argsort(unique_keys, kind="stable")
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    first = np.full(len(order), -1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    first = first[order]
    places = np.column_stack([east[first], north[first]]).astype(np.int64)
    return places.reshape(-1, 2), rank[codes]


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
    for x, y in zip(points.x, points.y, strict=True):
        name = f"{stem}-{grid_square(x, y, outlines.crs)}"
        seen[name] += 1
        names.append(name + (f"-{seen[name]}" if seen[name] > 1 else ""))
    return pd.Index(names, name="area_id", dtype=object)


class PlaceIndex:
    """The distinct places of a table of points, and what is known of each; worked out once.

    Parameters
    ----------
    incidents : GeoDataFrame
        Points; missing and empty ones are in no place.
    """

    def __init__(self, incidents: gpd.GeoDataFrame) -> None:
        x, y = coordinates(incidents.geometry)
        self.located = np.isfinite(x)
        self.places, self.inverse = distinct_places(x[self.located], y[self.located])
        self._inside: list[tuple[gpd.GeoDataFrame, NDArray[np.bool_]]] = []
        self._cells: list[tuple[Grid, NDArray[np.object_]]] = []

    def inside(self, zones: gpd.GeoDataFrame) -> NDArray[np.bool_]:
        """Which rows lie in the union of the zones, boundary included; False where unlocated."""
        found = [there for known, there in self._inside if known is zones]
        if not found:
            area, (x, y) = zones.geometry.union_all(), self.places.T / 1000
            found = [self._spread(lies_in(area, x, y), False)]
            self._inside.append((zones, found[0]))
        return found[0]

    def cells(self, grid: Grid, crs: Any) -> NDArray[np.object_]:
        """The cell of each row; None where unlocated."""
        found = [ids for known, ids in self._cells if known == grid]
        if not found:
            metres = self.places / 1000
            ids = grid.cell_ids(metres[:, 0], metres[:, 1], crs) if len(metres) else metres[:, 0]
            found = [self._spread(ids.astype(object), None)]
            self._cells.append((grid, found[0]))
        return found[0]

    def of_rows(self, rows: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The number of the place of each of these rows; they must be located."""
        places: NDArray[np.intp] = self.inverse[(np.cumsum(self.located) - 1)[rows]]
        return places

    def _spread(self, values: NDArray[Any], missing: object) -> NDArray[Any]:
        """One value a row from one value a place."""
        rows = np.full(len(self.located), missing, dtype=values.dtype)
        rows[self.located] = values[self.inverse]
        return rows


def inside(incidents: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Which points lie in the union of the zones, boundary included; False where unlocated."""
    return PlaceIndex(incidents).inside(zones)


def lies_in(outline: Any, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which coordinates lie in an outline, its boundary included; missing ones lie nowhere."""
    import shapely

    shapely.prepare(outline)
    return np.asarray(shapely.intersects_xy(outline, x, y))
