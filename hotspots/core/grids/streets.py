"""Streets as cells: an incident belongs to the nearest segment within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_metres
from hotspots.core.errors import require
from hotspots.core.grids.adjacency import adjacency, require_rings
from hotspots.core.grids.polygons import PolygonCells, grown
from hotspots.core.points import NOWHERE, of_each

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

NODE_M = 0.5
"""Ends of segments so near one another are one junction."""


class StreetSegments(PolygonCells):
    """Street segments as the cells of a grid; usable wherever :class:`H3Grid` is.

    Parameters
    ----------
    lines : GeoDataFrame
        One row a segment, a line in metres; its index names the cells. ``street_name`` is used
        where it is there.
    reach_m : float
        How far from a segment an incident may be, in metres; one farther from all is in no cell.
    width_m : float
        Width of the segments as drawn, in metres.
    name : str
        Short name, the ``kind`` of the areas.

    Raises
    ------
    InputError
        For rows that are no lines, a table that is not in metres, a reach or a width of nothing.

    Notes
    -----
    Where two segments are as near, as at a junction, the first by id has the incident. Neighbours
    share a junction: a bridge has none with the road below it, as long as the lines have no end
    there. Longer segments collect more, so ``at_risk`` is the length, and a segment is tested by
    it. Snapped incidents lie on map points that stand for whole streets and more: on them a
    segment is indicative at best.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import LineString
    >>> mill, high = LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 80)])
    >>> roads = gpd.GeoDataFrame(index=["mill", "high"], geometry=[mill, high], crs=27700)
    >>> streets = StreetSegments(roads, reach_m=20)
    >>> streets.cell_ids(np.array([40.0, 98.0, 500.0]), np.array([5.0, 60.0, 0.0])).tolist()
    ['mill', 'high', None]
    >>> streets.at_risk(np.array(["mill", "high"])).tolist()
    [100.0, 80.0]
    """

    def __init__(
        self,
        lines: gpd.GeoDataFrame,
        *,
        reach_m: float,
        width_m: float = 10.0,
        name: str = "street",
    ) -> None:
        import geopandas as gpd
        import shapely

        require_metres(lines, "lines")
        drawn = lines.geometry.geom_type.isin(["LineString", "MultiLineString"])
        require(
            bool(drawn.all()) and len(lines) > 0,
            f"`lines` must be lines, one or more; {int((~drawn).sum()):,} of {len(lines):,} rows "
            "are not.",
            rule="no-lines",
        )
        for option, value in (("reach_m", reach_m), ("width_m", width_m)):
            require(value > 0, f"`{option}` must be above zero metres; got {value!r}.")
        names = lines["street_name"] if "street_name" in lines.columns else None
        outlines = lines.geometry.buffer(width_m / 2, cap_style="flat")
        zones = gpd.GeoDataFrame({"zone_name": names}, index=lines.index, geometry=outlines)
        super().__init__(zones, name)
        self.reach_m = float(reach_m)
        self.lines = gpd.GeoSeries(lines.geometry.set_axis(lines.index.astype(str)).loc[self.ids])
        self._at_risk = shapely.length(np.asarray(self.lines.array))

    def __hash__(self) -> int:
        return hash((self.name, self.reach_m, tuple(self.ids)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, StreetSegments)
            and self.reach_m == other.reach_m
            and (super().__eq__(other))
        )

    def cell_ids(
        self, x: NDArray[np.float64], y: NDArray[np.float64], crs: Any = BRITISH_NATIONAL_GRID
    ) -> NDArray[np.object_]:
        """Nearest segment of each point given in metres; None where none is within reach."""
        import shapely

        self._require_system(crs)
        point, line = self.lines.sindex.nearest(
            shapely.points(x, y), return_all=True, max_distance=self.reach_m
        )
        cell = np.full(len(x), NOWHERE, dtype=np.intp)
        order = np.lexsort((line, point))[::-1]  # the first by id is written last
        cell[point[order]] = line[order]
        return of_each(self.ids, cell, None)

    def cover(self, area: Any, crs: Any = BRITISH_NATIONAL_GRID) -> NDArray[np.object_]:
        """Every segment that meets a polygon given in metres, sorted."""
        self._require_system(crs)
        return np.sort(self.ids[self.lines.sindex.query(area, predicate="intersects")])

    def neighbours(self, cell_ids: NDArray[np.object_], rings: int = 1) -> Any:
        """Which of these segments lie within so many junctions of each other."""
        from scipy.spatial import cKDTree

        require_rings(rings)
        ends, owner = self._ends(cell_ids)
        pairs = cKDTree(ends).query_pairs(NODE_M, output_type="ndarray")
        one, other = owner[pairs[:, 0]], owner[pairs[:, 1]]
        rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
        return grown(_once(adjacency(len(cell_ids), rows, columns)), rings)

    def _ends(self, cell_ids: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Both ends of every part of these segments, and whose they are."""
        import shapely

        lines = np.asarray(self.lines.array)[self._positions(cell_ids)]
        parts, owner = shapely.get_parts(lines, return_index=True)
        ends = [shapely.get_coordinates(shapely.get_point(parts, where)) for where in (0, -1)]
        return np.concatenate(ends), np.concatenate([owner, owner])


def _once(matrix: Any) -> Any:
    """Two segments that meet at both ends are neighbours once."""
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
