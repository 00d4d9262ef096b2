"""Streets as a network: places on it, and how far it is from one to another along it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.grids.junctions import NODE_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODES_AT_ONCE = 64


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

    lines: NDArray[np.object_]
    nodes: NDArray[np.intp]

    @classmethod
    def of(cls, lines: NDArray[np.object_]) -> Network:
        """Lines that meet where their ends do."""
        return cls(lines, junctions(lines))

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """Metres of each edge."""
        import shapely

        return np.asarray(shapely.length(self.lines))

    def pairs_within(
        self, edge: NDArray[np.intp], along: NDArray[np.float64], reach_m: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
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
        self,
        one: tuple[NDArray[np.intp], NDArray[np.float64]],
        other: tuple[NDArray[np.intp], NDArray[np.float64]],
        limit_m: float = np.inf,
    ) -> NDArray[np.float64]:
        """Metres along the network from each place to its partner; infinite beyond the limit."""
        (edge, along), (edge_to, along_to) = one, other
        best = np.where(edge == edge_to, np.abs(along - along_to), np.inf)
        rest_to = np.column_stack([along_to, self.lengths[edge_to] - along_to])
        for start, rest in ((0, along), (1, self.lengths[edge] - along)):
            between = self._between(self.nodes[edge, start], self.nodes[edge_to], limit_m)
            np.minimum(best, rest + (between + rest_to).min(axis=1, initial=np.inf), out=best)
        return np.where(best <= limit_m, best, np.inf)

    def _between(
        self, source: NDArray[np.intp], targets: NDArray[np.intp], limit_m: float
    ) -> NDArray[np.float64]:
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
        first = np.r_[True, (np.diff(low) > 0) | (np.diff(high) > 0)] & (low != high)
        size = int(self.nodes.max(initial=-1)) + 1
        return csr_array((metres[first], (low[first], high[first])), shape=(size, size))


def junctions(lines: NDArray[np.object_]) -> NDArray[np.intp]:
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
