"""Places grown block by block: contiguous, small enough to walk, busy throughout.

A place starts at one block and takes the best block at its border, again and again, until the next
one would break the budget of ground or the longest straight line, or is too quiet to belong.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.analysis.regions.basic_units import Blocks

MOST_SEEDS = 2_500
SIZES = (1.0, 0.75, 0.5, 0.25)
PROMISE_RINGS = 2


@dataclass(frozen=True)
class Reach:
    """How large a place may grow.

    Attributes
    ----------
    max_area_km2
        Ground of all its blocks.
    max_walk_m
        Longest straight line inside it, corner to corner. Taken with every block as its surrounding
        circle, so the true line is never longer.
    block_share
        A block belongs only while it holds at least this share of the place's incidents per km2.
    """

    max_area_km2: float
    max_walk_m: float
    block_share: float


@dataclass(frozen=True)
class Places:
    """Candidate places: which blocks each is made of (sparse, place by block), and its sums."""

    members: Any
    value: NDArray[np.float64]
    count: NDArray[np.int64]
    harm: NDArray[np.float64]
    largest: NDArray[np.float64]
    active_months: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.value)

    def take(self, which: NDArray[Any]) -> Places:
        """Some of the places, in the order asked for."""
        return Places(
            self.members[which],
            self.value[which],
            self.count[which],
            self.harm[which],
            self.largest[which],
            self.active_months[which],
        )

    def blocks_of(self, place: int) -> NDArray[np.intp]:
        """Blocks of one place."""
        first, last = self.members.indptr[place : place + 2]
        blocks: NDArray[np.intp] = self.members.indices[first:last]
        return blocks


def grow_places(
    blocks: Blocks,
    value: NDArray[np.float64],
    reach: Reach,
    allowed: NDArray[np.bool_],
    most_seeds: int = MOST_SEEDS,
) -> Places:
    """Grow places from the most promising blocks; the best value first, no place twice.

    Parameters
    ----------
    blocks : Blocks
        What is on the ground.
    value : array
        What a place is worth, block by block: harm or count.
    reach : Reach
        Limits of a place.
    allowed : array of bool
        Blocks that may be used.
    most_seeds : int
        Blocks to start from, at most.
    """
    usable = allowed & (blocks.count > 0)
    near = _within_reach(blocks, reach, usable)
    sides = _lists(blocks.neighbours)
    grown: set[tuple[int, ...]] = set()
    counts = blocks.count.astype(float)
    for worth in (value,) if np.array_equal(value, counts) else (value, counts):
        rank = _ranked(worth, blocks.count)
        for seed in _seeds(blocks, worth, usable, most_seeds):
            path = _grow(int(seed), sides, near, rank, blocks, reach)
            for share in SIZES:
                grown.add(tuple(sorted(path[: max(1, round(share * len(path)))])))
    return _summed(_even(sorted(grown), blocks, reach), blocks, value)


def _seeds(
    blocks: Blocks, worth: NDArray[np.float64], usable: NDArray[np.bool_], most_seeds: int
) -> NDArray[np.intp]:
    """Blocks to start from: all of them, or those with most around them where there are many."""
    places = np.flatnonzero(usable)
    if len(places) <= most_seeds:
        return places
    around = worth
    for _ in range(PROMISE_RINGS):
        around = around + blocks.neighbours @ around
    order = np.lexsort((places, -around[places]))
    return np.sort(places[order[:most_seeds]])


def _within_reach(
    blocks: Blocks, reach: Reach, usable: NDArray[np.bool_]
) -> dict[int, frozenset[int]]:
    """Blocks that fit into one place together with a block, found when first asked for."""
    from scipy.spatial import cKDTree

    rows = np.flatnonzero(usable)
    tree = cKDTree(blocks.centre[rows]) if len(rows) else None

    class Near(dict[int, frozenset[int]]):
        def __missing__(self, block: int) -> frozenset[int]:
            assert tree is not None
            found = rows[tree.query_ball_point(blocks.centre[block], reach.max_walk_m)]
            apart = np.hypot(*(blocks.centre[found] - blocks.centre[block]).T)
            fits = apart + blocks.radius[found] + blocks.radius[block] <= reach.max_walk_m
            self[block] = frozenset(found[fits].tolist())
            return self[block]

    return Near()


def _lists(matrix: Any) -> list[list[int]]:
    columns = matrix.indices.tolist()
    return [columns[first:last] for first, last in pairwise(matrix.indptr.tolist())]


def _ranked(worth: NDArray[np.float64], count: NDArray[np.int64]) -> list[int]:
    """Position of each block, the best first; equal ones by count, then by id."""
    order = np.lexsort((np.arange(len(worth)), -count, -worth))
    rank = np.empty(len(worth), dtype=np.intp)
    rank[order] = np.arange(len(worth))
    return rank.tolist()


def _grow(
    seed: int,
    sides: list[list[int]],
    near: dict[int, frozenset[int]],
    rank: list[int],
    blocks: Blocks,
    reach: Reach,
) -> list[int]:
    """Blocks in the order they were taken."""
    count, area = blocks.count, blocks.area_km2
    path, border, fits = [seed], set(sides[seed]), near[seed]
    held, ground = int(count[seed]), float(area[seed])
    if ground > reach.max_area_km2 or 2 * blocks.radius[seed] > reach.max_walk_m:
        return []
    while True:
        least = reach.block_share * held / ground
        open_to = [
            block
            for block in border & fits
            if ground + area[block] <= reach.max_area_km2 and count[block] >= least * area[block]
        ]
        if not open_to:
            return path
        best = min(open_to, key=rank.__getitem__)
        path.append(best)
        held, ground = held + int(count[best]), ground + float(area[best])
        fits = fits & near[best]
        border = (border | set(sides[best])).difference(path)


def _even(grown: list[tuple[int, ...]], blocks: Blocks, reach: Reach) -> list[tuple[int, ...]]:
    """Places without a block that is too quiet for what the place became."""
    density = blocks.count / np.where(blocks.area_km2 > 0, blocks.area_km2, 1)
    kept = []
    for place in grown:
        rows = list(place)
        mean = blocks.count[rows].sum() / blocks.area_km2[rows].sum() if rows else 0.0
        if rows and density[rows].min() >= reach.block_share * mean:
            kept.append(place)
    return kept


def _summed(grown: list[tuple[int, ...]], blocks: Blocks, value: NDArray[np.float64]) -> Places:
    from scipy.sparse import csr_array

    sizes = np.array([len(place) for place in grown], dtype=np.intp)
    columns = np.array([block for place in grown for block in place], dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    members = csr_array((np.ones(len(columns)), columns, starts), shape=(len(grown), len(blocks)))
    largest = (
        np.maximum.reduceat(blocks.largest[columns], starts[:-1]) if len(grown) else np.zeros(0)
    )
    months = (members @ blocks.months.astype(float) > 0).sum(axis=1) if len(grown) else np.zeros(0)
    places = Places(
        members=members,
        value=members @ value,
        count=np.rint(members @ blocks.count).astype(np.int64),
        harm=members @ blocks.harm,
        largest=largest,
        active_months=np.asarray(months, dtype=np.int64),
    )
    first_block = columns[starts[:-1]] if len(grown) else columns
    return places.take(np.lexsort((sizes, first_block, -places.count, -places.value)))
