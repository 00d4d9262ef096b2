"""Streets as cells: an incident belongs to the nearest segment within reach."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.arguments import size_of
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import require
from hotspots.core.grids.adjacency import adjacency, require_rings
from hotspots.core.grids.junctions import NODE_M, require_lines
from hotspots.core.grids.polygons import PolygonCells, grown
from hotspots.core.points import NOWHERE, of_each

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Codes, Floats, Objects

# Distances from one junction are a row of all junctions of the network: some rows at a time.
NODES_AT_ONCE = 64
DRAWN_M = 10.0


class StreetSegments(PolygonCells):
    """Street segments as the cells of a grid; usable wherever :class:`H3Grid` is.

    Parameters
    ----------
    lines : GeoDataFrame
        One row a segment, a line in metres; its index names the cells. ``street_name`` is used
        where it is there.
    reach_m : float
        How far from a segment an incident may be, in metres; one farther from all is in no cell.

    Raises
    ------
    InputError
        For rows that are no lines, a table that is not in metres, or a reach of nothing.

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

    def __init__(self, lines: gpd.GeoDataFrame, *, reach_m: float) -> None:
        import geopandas as gpd
        import shapely

        require_lines(lines)
        points = int((lines.geometry.length == 0).sum())
        require(
            not points,
            f"`lines` must have a length each; {points:,} of {len(lines):,} are points. Drop them.",
            rule="no-lines",
        )
        reach_m = size_of(reach_m, "reach_m")
        names = lines["street_name"] if "street_name" in lines.columns else None
        outlines = lines.geometry.buffer(DRAWN_M / 2, cap_style="flat")
        zones = gpd.GeoDataFrame({"zone_name": names}, index=lines.index, geometry=outlines)
        super().__init__(zones, "street")
        self.reach_m: float = float(reach_m)
        named = lines.geometry.set_axis(lines.index.astype(str))
        self.lines: gpd.GeoSeries = gpd.GeoSeries(named.reindex(self.ids))
        self._at_risk = shapely.length(np.asarray(self.lines.array))
        self.rate_per = "m"

    def __hash__(self) -> int:
        return hash((self.name, self.reach_m, tuple(self.ids)))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, StreetSegments)
            and self.reach_m == other.reach_m
            and (super().__eq__(other))
        )

    def cell_ids(self, x: Floats, y: Floats, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Nearest segment of each point given in metres; None where none is within reach."""
        self._require_system(crs)
        edge = self._nearest(x, y)
        return of_each(self.ids, of_each(self._owner, edge, NOWHERE), None)

    def cover(self, area: Any, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Every segment that meets a polygon given in metres, sorted."""
        self._require_system(crs)
        return np.sort(self.ids[self.lines.sindex.query(area, predicate="intersects")])

    @property
    def overlapping(self) -> list[tuple[str, str]]:
        """None: where drawn widths meet, at junctions, is no matter of whose incidents they are."""
        return []

    def neighbours(self, cell_ids: Objects, rings: int = 1) -> Any:
        """Which of these segments lie within so many junctions of each other."""
        require_rings(rings)
        meet = self._meeting[self._positions(cell_ids)]
        rows, columns = (meet @ meet.T).nonzero()
        return grown(adjacency(len(cell_ids), rows, columns), rings)

    def junctions(self, cell_ids: Objects) -> Any:
        """Which of the junctions each segment ends at: a sparse matrix of ones."""
        return self._meeting[self._positions(cell_ids)]

    def pairs_within(self, x: Floats, y: Floats, reach_m: float) -> tuple[Codes, Floats]:
        """Pairs of points no farther apart along the streets, and how far that is in metres.

        A point stands at the nearest spot of its segment; one out of reach of all is in no pair.
        """
        import shapely

        edge = self._nearest(x, y)
        held = np.flatnonzero(edge >= 0)
        spots = shapely.points(x[held], y[held])
        along = shapely.line_locate_point(self._network.lines[edge[held]], spots)
        pairs, metres = self._network.pairs_within(edge[held], along, reach_m)
        return held[pairs], metres

    def _nearest(self, x: Floats, y: Floats) -> Codes:
        """The edge of the network nearest to each point; the first by id where two are as near."""
        import shapely

        tree = shapely.STRtree(self._network.lines)
        point, edge = tree.query_nearest(shapely.points(x, y), max_distance=self.reach_m)
        nearest = np.full(len(x), NOWHERE, dtype=np.intp)
        order = np.lexsort((edge, point))[::-1]  # the first by id is written last
        nearest[point[order]] = edge[order]
        return nearest

    @cached_property
    def _network(self) -> Network:
        return Network.of(self._parts[0])

    @property
    def _owner(self) -> Codes:
        """The segment of each edge of the network: a segment may have several parts."""
        return self._parts[1]

    @cached_property
    def _parts(self) -> tuple[Objects, Codes]:
        import shapely

        return shapely.get_parts(np.asarray(self.lines.array), return_index=True)

    @cached_property
    def _meeting(self) -> Any:
        """Segments by the junctions they end at."""
        from scipy.sparse import csr_array

        nodes = self._network.nodes
        owner, node = np.repeat(self._owner, 2), nodes.ravel()
        size = (len(self.ids), int(nodes.max()) + 1)
        meeting = csr_array((np.ones(len(node)), (owner, node)), shape=size)
        meeting.sum_duplicates()
        meeting.data[:] = 1.0
        return meeting


@dataclass(frozen=True, eq=False)
class Network:
    """Edges between junctions.

    Attributes
    ----------
    lines : array of LineString, shape (edges,)
        In metres.
    nodes : array of intp, shape (edges, 2)
        The junction at the start and at the end of each.
    """

    lines: Objects
    nodes: Codes

    @classmethod
    def of(cls, lines: Objects) -> Network:
        """Lines that meet where their ends do."""
        return cls(lines, junctions(lines))

    @cached_property
    def lengths(self) -> Floats:
        """Metres of each edge."""
        import shapely

        return np.asarray(shapely.length(self.lines))

    def pairs_within(self, edge: Codes, along: Floats, reach_m: float) -> tuple[Codes, Floats]:
        """Pairs of places no farther apart along the network, and their distances in metres.

        Parameters
        ----------
        edge, along : array, shape (places,)
            On which edge each is, and how many metres from its start.
        reach_m : float

        Returns
        -------
        tuple of array
            Pairs, shape (m, 2), the smaller position first, and m distances.
        """
        import shapely
        from scipy.spatial import cKDTree

        spots = shapely.get_coordinates(shapely.line_interpolate_point(self.lines[edge], along))
        # As the crow flies is never farther; a millimetre more for the rounding of places on lines.
        pairs = cKDTree(spots).query_pairs(reach_m + 1e-3, output_type="ndarray")
        one, other = ((edge[ends], along[ends]) for ends in pairs.T)
        metres = self.distances(one, other, reach_m)
        near = metres <= reach_m
        return pairs[near], metres[near]

    def distances(
        self, one: tuple[Codes, Floats], other: tuple[Codes, Floats], limit_m: float = np.inf
    ) -> Floats:
        """Metres along the network from each place to its partner; infinite beyond the limit."""
        (edge, along), (edge_to, along_to) = one, other
        best = np.where(edge == edge_to, np.abs(along - along_to), np.inf)
        rest_to = np.column_stack([along_to, self.lengths[edge_to] - along_to])
        for start, rest in ((0, along), (1, self.lengths[edge] - along)):
            between = self._between(self.nodes[edge, start], self.nodes[edge_to], limit_m)
            np.minimum(best, rest + (between + rest_to).min(axis=1, initial=np.inf), out=best)
        return np.where(best <= limit_m, best, np.inf)

    def _between(self, source: Codes, targets: Codes, limit_m: float) -> Floats:
        """Metres from each junction to those on its line."""
        from scipy.sparse.csgraph import dijkstra

        found = np.full(targets.shape, np.inf)
        order = np.argsort(source, kind="stable")
        distinct, first = np.unique(source[order], return_index=True)
        first = np.append(first, len(source))
        for at in range(0, len(distinct), NODES_AT_ONCE):
            some = distinct[at : at + NODES_AT_ONCE]
            metres = dijkstra(self._graph, directed=False, indices=some, limit=limit_m)
            mine = order[first[at] : first[min(at + NODES_AT_ONCE, len(distinct))]]
            found[mine] = metres[np.searchsorted(some, source[mine])[:, None], targets[mine]]
        return found

    @cached_property
    def _graph(self) -> Any:
        """Shortest edge between any two junctions; an edge back to its own start leads nowhere."""
        from scipy.sparse import csr_array

        low, high = np.sort(self.nodes, axis=1).T
        order = np.lexsort((self.lengths, high, low))
        low, high, metres = low[order], high[order], self.lengths[order]
        # Sorted by length: a sparse matrix would add up several edges between the same two
        # junctions.
        first = np.r_[True, (np.diff(low) > 0) | (np.diff(high) > 0)] & (low != high)
        size = int(self.nodes.max(initial=-1)) + 1
        return csr_array((metres[first], (low[first], high[first])), shape=(size, size))


def junctions(lines: Objects) -> Codes:
    """The junction at both ends of each line, shape (lines, 2); ends half a metre apart are one."""
    import shapely
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    ends = np.concatenate(
        [shapely.get_coordinates(shapely.get_point(lines, where)) for where in (0, -1)]
    )
    pairs = cKDTree(ends).query_pairs(NODE_M, output_type="ndarray")
    ones = np.ones(len(pairs), dtype=bool)
    touching = csr_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(ends), len(ends)))
    _, node = connected_components(touching, directed=False)
    return np.asarray(node, dtype=np.intp).reshape(2, -1).T
