"""Any polygons as cells: statistical areas, beats, wards, somebody else's hexagons."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_metres, to_lonlat
from hotspots.core.errors import InputError, listing, require
from hotspots.core.grids.adjacency import adjacency, places_of, require_rings
from hotspots.core.points import NOWHERE, lies_in, of_each
from hotspots.core.tables import ZONES, require_table
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Bools, Codes, Floats, Objects

TOUCH_M = 1.0
"""Outlines so near one another are neighbours: generalised ones rarely share their corners."""
SLIVER = 1e-3
"""Two cells overlap where they share more than so much of the smaller."""


class PolygonCells:
    """Zones as the cells of a grid; usable wherever :class:`H3Grid` is.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table in metres; its index names the cells.
    name : str, optional
        Short name, the ``kind`` of the areas; by default the kind of the zones.
    at_risk : str, optional
        Column of the zones with what each holds at risk: residents, addresses, visitors. Cells are
        then tested by it, and get ``at_risk``, ``rate`` (incidents for each) and ``rate_per`` (the
        name of the column).

    Raises
    ------
    InputError
        For zones of several kinds without a name, none at all, outlines that are no polygons, or a
        table that is not in metres.

    Notes
    -----
    A border belongs to the first of the cells by id, and so does ground that several share
    (``overlapping`` names them): the others are cut, so that no ground and no incident is counted
    twice, and one that lies wholly in others is no cell (``covered``). What is at risk in them is
    taken as given. Incidents in no cell are accounted for as in no area. Cells of unlike size are
    not alike by count: a large cell collects more because it is large. Compare them as rates, and
    test them against what is at risk in each (``flag_hotspots(cells, asb, at_risk=residents)``).
    Identifiers of two grids of nearly the same size cannot be joined: relate the areas to the other
    grid's cells instead.

    Examples
    --------
    >>> import hotspots as hs
    >>> lsoas = hs.load_zones(hs.bundled("boundaries/leeds_lsoa_2011.geojson"), kind="lsoa",
    ...                       id_field="lsoa_code", name_field="lsoa_name")
    >>> cells = PolygonCells(lsoas)
    >>> cells, cells.cell_ids(np.array([429790.0, 0.0]), np.array([433805.0, 0.0])).tolist()
    (PolygonCells(lsoa: 482 cells), ['E01033010', None])
    """

    def __init__(
        self, zones: gpd.GeoDataFrame, name: str | None = None, *, at_risk: str | None = None
    ) -> None:
        require_table(zones, ZONES, argument="zones", only=["geometry"])
        require_metres(zones, "zones")
        require(len(zones) > 0, "`zones` must hold at least one zone; got none.")
        _require_outlines(zones)
        self.name: str = _free_name(name or _only_kind(zones))
        order = np.argsort(zones.index.astype(str).to_numpy(), kind="stable")
        self.zones: gpd.GeoDataFrame = zones.iloc[order]
        self.ids: Objects = self.zones.index.astype(str).to_numpy(dtype=object)
        self.crs: Any = zones.crs
        self._at_risk = None if at_risk is None else _risk(self.zones, at_risk)
        self.rate_per = at_risk

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name}: {len(self.ids):,} cells)"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, type(self))
            and self.name == other.name
            and np.array_equal(self.ids, other.ids)
            and bool(self.zones.geometry.geom_equals_exact(other.zones.geometry, 0).all())
        )

    def __hash__(self) -> int:
        return hash((self.name, tuple(self.ids)))

    def cell_ids(self, x: Floats, y: Floats, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Cell of each point given in metres; None in none."""
        self._require_system(crs)
        cell = np.full(len(x), NOWHERE, dtype=np.intp)
        for position in range(len(self.ids) - 1, -1, -1):  # the first by id is written last
            west, south, east, north = self._bounds[position]
            near = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
            inside = lies_in(self.zones.geometry.iloc[position], x[near], y[near])
            cell[near[inside]] = position
        return of_each(self.ids, cell, None)

    def cover(self, area: Any, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Every cell that overlaps a polygon given in metres, sorted."""
        import shapely

        self._require_system(crs)
        met = shapely.STRtree(self._own).query(area, predicate="intersects")
        return np.sort(self.ids[met[~self._covered[met]]])

    def polygons(self, cell_ids: Objects, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Outline of each cell in metres, without ground that an earlier cell has."""
        self._require_system(crs)
        return self._own[self._positions(cell_ids)]

    def areas_km2(self, cell_ids: Objects) -> Floats:
        """Area of each cell on the WGS 84 ellipsoid."""
        return self._areas_km2[self._positions(cell_ids)]

    def neighbours(self, cell_ids: Objects, rings: int = 1) -> Any:
        """Which of these cells lie within so many rings of each other: they share a border."""
        require_rings(rings)
        outlines = self.polygons(cell_ids, self.crs)
        one, other = self._touching(outlines)
        return grown(adjacency(len(outlines), one, other), rings)

    def at_risk(self, cell_ids: Objects) -> Floats | None:
        """What each cell holds at risk; None where nothing was named."""
        return None if self._at_risk is None else self._at_risk[self._positions(cell_ids)]

    @cached_property
    def overlapping(self) -> list[tuple[str, str]]:
        """Pairs of cells that share more than a border."""
        import shapely

        outlines = np.asarray(self.zones.geometry.array)
        one, other = self.zones.sindex.query(outlines, predicate="intersects")
        one, other = one[one < other], other[one < other]
        shared = shapely.area(shapely.intersection(outlines[one], outlines[other]))
        area = shapely.area(outlines)
        over = shared > SLIVER * np.minimum(area[one], area[other])
        return list(zip(self.ids[one[over]], self.ids[other[over]], strict=True))

    @property
    def covered(self) -> list[str]:
        """Zones without ground of their own: earlier ones have all of it."""
        return [str(one) for one in self.ids[self._covered]]

    @cached_property
    def _covered(self) -> Bools:
        import shapely

        given = shapely.area(np.asarray(self.zones.geometry.array))
        return np.asarray(shapely.area(self._own) < SLIVER * given)

    @cached_property
    def _own(self) -> Objects:
        """The ground whose incidents each cell has: shared ground is the first one's by id."""
        import shapely

        outlines = np.array(self.zones.geometry.array, dtype=object)
        places = places_of(self.ids)
        earlier: dict[int, list[int]] = {}
        for one, other in self.overlapping:
            earlier.setdefault(places[other], []).append(places[one])
        given = outlines.copy()
        for cell, others in earlier.items():
            outlines[cell] = _flat(
                shapely.difference(given[cell], shapely.union_all(given[others]))
            )
        return outlines

    def _touching(self, outlines: Objects) -> tuple[Codes, ...]:
        import shapely

        tree = shapely.STRtree(outlines)
        one, other = tree.query(outlines, predicate="dwithin", distance=TOUCH_M)
        return one, other

    @cached_property
    def _areas_km2(self) -> Floats:
        import shapely
        from pyproj import Geod

        geod, crs = Geod(ellps="WGS84"), self.crs
        turned = shapely.transform(
            self._own, lambda pairs: np.column_stack(to_lonlat(pairs[:, 0], pairs[:, 1], crs))
        )
        return np.array([abs(geod.geometry_area_perimeter(one)[0]) for one in turned]) / 1e6

    @cached_property
    def _bounds(self) -> Floats:
        return self.zones.geometry.bounds.to_numpy()

    def _positions(self, cell_ids: Objects) -> Codes:
        places = places_of(self.ids)
        strangers = [str(cell) for cell in cell_ids if str(cell) not in places]
        if strangers:
            raise InputError(
                f"cells of {self.name!r} are named like {self.ids[0]!r}; {len(strangers):,} of "
                f"{len(cell_ids):,} are not: {listing(strangers)}."
            )
        return np.array([places[str(cell)] for cell in cell_ids], dtype=np.intp)

    def _require_system(self, crs: Any) -> None:
        from pyproj import CRS

        if CRS.from_user_input(crs) != CRS.from_user_input(self.crs):
            raise InputError(f"the cells are in {self.crs}; got points in {crs}.", rule="two-crs")


def _flat(shape: Any) -> Any:
    """The polygons of a shape, without lines and points that touch it."""
    import shapely

    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.area(parts) > 0])


def grown(matrix: Any, rings: int) -> Any:
    """Neighbours of neighbours too, so many times; an area is no neighbour of its own."""
    from scipy import sparse

    size = matrix.shape[0]
    near = step = sparse.csr_array(matrix)
    for _ in range(rings - 1):
        near = sparse.csr_array(near @ step + near)
    rows, columns = near.nonzero()
    return adjacency(size, rows, columns)


def _require_outlines(zones: gpd.GeoDataFrame) -> None:
    """Polygons with ground, that do not cross themselves, each with an identifier of its own."""
    shapes, named = zones.geometry, zones.index
    flat = shapes.geom_type.isin(["Polygon", "MultiPolygon"]) & ~shapes.is_empty
    require(
        bool(flat.all()),
        f"`zones` must be polygons to be cells; {int((~flat).sum()):,} of {len(zones):,} are not.",
        mend=Mend("streets-as-cells"),
        rule="no-polygons",
    )
    crossed = int((~shapes.is_valid).sum())
    require(
        not crossed,
        f"`zones` must have valid outlines to be cells; {crossed:,} of {len(zones):,} cross "
        "themselves.",
        mend=Mend("repair-outlines"),
        rule="invalid-outlines",
    )
    none, again = int(np.sum(named.isna())), int(np.sum(named.astype(str).duplicated()))
    require(
        not none and not again,
        f"`zones` must have an identifier each to be cells; of {len(zones):,}, {none:,} have none "
        f"and {again:,} repeat one as text.",
        rule="no-identifier",
    )


def _free_name(name: str) -> str:
    """A name that no grid has: areas of that kind would be taken for its cells."""
    require(
        re.fullmatch(r"(h3|square|hex)-\d+", name) is None,
        f"`name` must not be that of a grid, whose cells these are not; got {name!r}. Call them "
        'another, e.g. "hexagon".',
        rule="name-of-a-grid",
    )
    return name


def _risk(zones: gpd.GeoDataFrame, column: str) -> Floats:
    require(
        column in zones.columns,
        f"`at_risk` must be a column of the zones; got {column!r}, they have "
        f"{listing(zones.columns, most=30)}.",
        rule="no-such-column",
    )
    import pandas as pd

    held = pd.to_numeric(zones[column], errors="coerce").to_numpy(dtype=float)
    fit = np.isfinite(held) & (held >= 0)
    require(
        bool(fit.all()),
        f"`at_risk` must be zero or more for every zone, none missing; {column!r} is not in "
        f"{int((~fit).sum()):,} of {len(held):,}.",
    )
    return held


def _only_kind(zones: gpd.GeoDataFrame) -> str:
    kinds = sorted(zones["kind"].astype(str).unique()) if "kind" in zones.columns else []
    require(
        len(kinds) == 1,
        f"`name` must be given where zones are not of one kind; got {listing(kinds) or 'none'}.",
    )
    return str(kinds[0])
