"""DBSCAN on squares: exact, without lists of neighbours, with the labels of scikit-learn.

Places lie in squares so small that all places of one reach each other. So a square of enough weight
is core unasked, its core places are one cluster, and only the 20 squares around it matter, which
are five runs of one sorted list. Pairs are looked at in portions: memory follows the places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import floor, isqrt, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from hotspots.core.crs import MILLIMETRES_PER_METRE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.arrays import Bools, Codes, Floats, Ints

NOISE = -1
# Not the corners of the 5 by 5: whole millimetres apart by a side and one more in both directions,
# their places are out of reach.
RUNS = ((0, 2), (1, 2), (-1, 2), (2, 1), (-2, 1))
"""Columns of squares around one, nearest first, and how many rows up and down are in reach."""
AHEAD = (((0, 1), (1, 0)), ((1, 1), (1, -1)), ((0, 2), (2, 0)), ((1, 2), (1, -2), (2, 1), (2, -1)))
"""Half of the squares around one, nearest first; the other half see it from their side."""
PAIRS_AT_ONCE = 25_000
FEW, SPARSE = 2**20, 8
"""A table finds squares where there are few, or at most so many to a place; else a search."""
ROUND_THE_WORLD_M = 1e8
CROWD = 2_000
"""Core places in a square from which a k-d tree looks faster than each at each."""


@dataclass(frozen=True, eq=False)
class Squares:
    """Places sorted by their square.

    Attributes
    ----------
    order : array of int, shape (places,)
        Number of each place before it was sorted.
    x, y : arrays of float, shape (places,)
        Whole millimetres from the corner.
    keys : array of int, shape (squares,)
        Column times ``stride`` plus row of each square in use, ascending.
    start : array of int, shape (squares + 1,)
        Where the places of each square begin, and where the last one's end.
    square : array of int, shape (places,)
        Square of each place.
    first, last : arrays of int, shape (5, squares)
        Where the five runs around each square begin among the squares, and where they end.
    reach2 : float
        Squared radius; lies between two whole numbers, so nothing lies on it.
    below : callable
        How many of the keys are below given ones, as an array of int.
    """

    order: Codes
    x: Floats
    y: Floats
    keys: Ints
    start: Codes
    square: Codes
    stride: int
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    reach2: float
    below: Callable[[Ints], NDArray[np.int32]]

    @classmethod
    def of(cls, places: Ints, radius_m: float) -> Squares:
        """Sort places, in whole millimetres; there must be at least one."""
        whole = squared_reach(radius_m)
        side = max(1, isqrt(whole // 2))
        east, north = (places - places.min(axis=0)).T
        # A rim of two rows and columns: no square in reach is below zero or in the next column.
        stride = int(north.max()) // side + 5
        keys = (east // side + 2) * stride + north // side + 2
        order = np.argsort(keys)
        keys = keys[order]
        start = np.flatnonzero(np.diff(keys, prepend=-1, append=-1))
        keys = keys[start[:-1]]
        square = np.repeat(np.arange(len(keys)), np.diff(start))
        x, y = east[order].astype(float), north[order].astype(float)
        below = _below(keys, int(keys[-1]) + 2 * stride + 4, len(places))
        first, last = np.empty((2, len(RUNS), len(keys)), dtype=np.int32)
        for run, (column, rows) in enumerate(RUNS):
            middle = keys + column * stride
            first[run], last[run] = below(middle - rows), below(middle + rows + 1)
        return cls(order, x, y, keys, start, square, stride, first, last, whole + 0.5, below)

    def only(self, there: Bools) -> Squares:
        """Some of the places, in the same squares, of which some are empty then."""
        start = np.concatenate([[0], np.cumsum(there)])[self.start]
        parts = {name: getattr(self, name)[there] for name in ("order", "x", "y", "square")}
        return replace(self, start=start, **parts)

    def runs(self) -> Iterator[tuple[Codes, Codes]]:
        """First place and last but one of each of the five runs round each square."""
        yield from zip(self.start[self.first], self.start[self.last], strict=True)

    def beside(self, column: int, row: int, squares: Any = slice(None)) -> Codes:
        """The square so many columns and rows from each, or from some; -1 where none is in use."""
        wanted = self.keys[squares] + column * self.stride + row
        at = self.below(wanted)
        return np.where(self.below(wanted + 1) > at, at, -1).astype(np.intp)


def _below(keys: Ints, length: int, places: int) -> Callable[[Ints], NDArray[np.int32]]:
    """How many of some sorted keys, all less than a length, are below other such numbers."""
    if length > max(FEW, SPARSE * places):
        return lambda asked: np.searchsorted(keys, asked).astype(np.int32)
    table = np.zeros(length, dtype=np.int32)
    table[keys + 1] = 1
    np.cumsum(table, out=table)
    return lambda asked: table[asked]


class Kernel(Protocol):
    """The three questions that take the time."""

    def enough(self, squares: Squares, weights: Ints, minimum: int) -> Bools:
        """Whether what lies in reach of each place weighs the minimum."""
        ...

    def joined(self, cores: Squares) -> Codes:
        """Component of each square: one where core places of two reach each other."""
        ...

    def lowest(self, squares: Squares, cores: Squares, labels: Codes) -> Codes:
        """Lowest label of the squares with a core place in reach of each place; -1 for none."""
        ...


class Need(NamedTuple):
    """Weights of the places, and what they must come to within reach of a core place."""

    weights: Ints
    minimum: int


def squared_reach(radius_m: float) -> int:
    """The largest squared distance, in whole square millimetres, within a radius in metres.

    >>> squared_reach(1.005)
    1010025
    """
    return floor(round(min(radius_m, ROUND_THE_WORLD_M) * MILLIMETRES_PER_METRE, 6) ** 2)


def core_places(squares: Squares, needs: Sequence[Need], kernel: Kernel) -> Bools:
    """Which places meet all needs, in the order they had before they were sorted."""
    core = np.empty(len(squares.x), dtype=bool)
    meets = [kernel.enough(squares, need.weights[squares.order], need.minimum) for need in needs]
    core[squares.order] = np.logical_and.reduce(meets)
    return core


def labels_of_core(squares: Squares, core: Bools, kernel: Kernel) -> Codes:
    """Cluster of each place, -1 for noise, where it is known which are core."""
    labels = np.full(len(core), NOISE, dtype=np.intp)
    if not core.any():
        return labels
    there = core[squares.order]
    cores, others = squares.only(there), squares.only(~there)
    component = kernel.joined(cores)[cores.square]
    first = np.full(len(squares.keys), len(core))
    np.minimum.at(first, component, cores.order)
    labels[cores.order] = np.unique(first[component], return_inverse=True)[1]
    of_square = np.full(len(squares.keys), NOISE, dtype=np.intp)
    of_square[cores.square] = labels[cores.order]
    labels[others.order] = kernel.lowest(others, cores, of_square)
    return labels


def neighbours(places: Ints, radius_m: float) -> tuple[Ints, NDArray[np.int32]]:
    """The places within the radius of each, itself among them: where its own begin, and all."""
    squares = Squares.of(places, radius_m)
    at_first = np.argsort(squares.order)
    begin, end = (
        squares.start[side][:, squares.square[at_first]].T.ravel()
        for side in (squares.first, squares.last)
    )
    number, counts = squares.order.astype(np.int32), np.zeros(len(begin), dtype=np.int64)
    found: list[NDArray[np.int32]] = []
    for some, pair, at in _portions(begin, end):
        near = _near(squares, at_first[some // len(RUNS)], pair, squares, at)
        counts[some] = np.bincount(pair[near], minlength=len(some))
        found.append(number[at[near]])
    return np.append(0, np.cumsum(counts))[:: len(RUNS)], np.concatenate(found)


class NumpyKernel:
    """The three questions in NumPy and SciPy."""

    def enough(self, squares: Squares, weights: Ints, minimum: int) -> Bools:
        """A square that weighs enough needs no look, nor one amid too little; then run by run."""
        total = np.concatenate([[0], np.cumsum(weights)])
        within = np.diff(total[squares.start]) >= minimum
        most = sum(total[end] - total[begin] for begin, end in squares.runs())
        core = within[squares.square]
        asked = np.flatnonzero(((most >= minimum) & ~within)[squares.square])
        reached, left = np.zeros(len(asked), dtype=np.int64), most[squares.square[asked]]
        for begin, end in squares.runs():
            begin, end = begin[squares.square[asked]], end[squares.square[asked]]
            left -= total[end] - total[begin]
            reached += _weight_within(squares, weights, asked, begin, end)
            core[asked[reached >= minimum]] = True
            still = (reached < minimum) & (reached + left >= minimum)
            asked, reached, left = asked[still], reached[still], left[still]
        return core

    def joined(self, cores: Squares) -> Codes:
        """Nearest squares first: most of the farther ones are joined by then."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        boxes, size = boxes_of(cores), len(cores.keys)
        filled = np.diff(cores.start) > 0
        known = np.flatnonzero(filled)
        component, links = np.arange(size), np.empty((2, 0), dtype=np.intp)
        for steps in AHEAD:
            pairs = []
            for step in steps:
                pair = np.stack([known, cores.beside(*step, known)])
                pairs.append(pair[:, (pair[1] >= 0) & filled[pair[1]]])
            one, other = np.concatenate(pairs, axis=1)
            apart = component[one] != component[other]
            one, other = one[apart], other[apart]
            touch = _squares_touch(cores, boxes, one, other)
            links = np.concatenate([links, np.stack([one, other])[:, touch]], axis=1)
            graph = coo_array((np.ones(links.shape[1]), links), shape=(size, size))
            component = connected_components(graph, directed=False)[1].astype(np.intp)
        return component

    def lowest(self, squares: Squares, cores: Squares, labels: Codes) -> Codes:
        """The own square needs no look; of the others only those that would lower the label."""
        boxes, none = boxes_of(cores), len(cores.order)
        of_square = np.where(labels == NOISE, none, labels)
        lowest = of_square[squares.square]
        near = np.any([end > begin for begin, end in cores.runs()], axis=0)
        places, known = np.flatnonzero(near[squares.square]), np.flatnonzero(near)
        home = (np.cumsum(near) - 1)[squares.square[places]]
        for column, row in (step for steps in AHEAD for step in steps):
            for sign in (1, -1):
                other = cores.beside(sign * column, sign * row, known)
                offered = np.where(other >= 0, of_square[other], none)[home]
                some = np.flatnonzero(offered < lowest[places])
                asked = places[some]
                touch = _places_touch(squares, asked, cores, boxes, other[home[some]])
                lowest[asked[touch]] = offered[some[touch]]
        return np.where(lowest == none, NOISE, lowest)


def _weight_within(squares: Squares, weights: Ints, asked: Codes, begin: Codes, end: Codes) -> Ints:
    """Weight within reach of each place asked about, of the places from begin to end."""
    found = np.zeros(len(asked), dtype=np.int64)
    alike = bool((weights == 1).all())
    for some, pair, at in _portions(begin, end):
        near = _near(squares, asked[some], pair, squares, at)
        first = np.searchsorted(pair, np.arange(len(some)))
        found[some] = np.add.reduceat(near if alike else near * weights[at], first, dtype=np.int64)
    return found


def _portions(begin: Codes, end: Codes) -> Iterator[tuple[Codes, Codes, Codes]]:
    """All pairs of row and position, portion by portion: rows, row within the portion, position."""
    rows = np.flatnonzero(end > begin)
    begin, length = begin[rows], (end - begin)[rows]
    done = np.cumsum(length)
    first = 0
    while first < len(rows):
        sofar = done[first] - length[first]
        last = max(first + 1, int(np.searchsorted(done, sofar + PAIRS_AT_ONCE, side="right")))
        lengths = length[first:last]
        pair = np.repeat(np.arange(last - first), lengths)
        shift = begin[first:last] - (done[first:last] - lengths - sofar)
        yield rows[first:last], pair, np.arange(len(pair)) + shift[pair]
        first = last


def _near(one: Squares, asked: Codes, pair: Codes, other: Squares, at: Codes) -> Bools:
    """Whether each place asked about, one to a pair, reaches the place at the other end."""
    x, y = one.x[asked][pair], one.y[asked][pair]
    x -= other.x[at]
    y -= other.y[at]
    x *= x
    y *= y
    x += y
    return np.asarray(x <= one.reach2)


def boxes_of(cores: Squares) -> Floats:
    """West, south, east, north of the core places of each square, shape (4, squares)."""
    boxes = np.full((4, len(cores.keys)), np.inf)
    filled = np.flatnonzero(np.diff(cores.start))
    if len(filled):
        begin = cores.start[filled]
        boxes[:2, filled] = [np.minimum.reduceat(side, begin) for side in (cores.x, cores.y)]
        boxes[2:, filled] = [np.maximum.reduceat(side, begin) for side in (cores.x, cores.y)]
    return boxes


def _squares_touch(cores: Squares, boxes: Floats, one: Codes, other: Codes) -> Bools:
    """For each pair of squares, whether a core place of one reaches one of the other.

    The place nearest to the other's box is tried first, and settles nearly all.
    """
    west, south, east, north = boxes
    gap_x = np.maximum(0, np.maximum(west[one] - east[other], west[other] - east[one]))
    gap_y = np.maximum(0, np.maximum(south[one] - north[other], south[other] - north[one]))
    touch = np.zeros(len(one), dtype=bool)
    asked = np.flatnonzero(gap_x**2 + gap_y**2 <= cores.reach2)
    for some, pair, at in _portions(cores.start[one[asked]], cores.start[one[asked] + 1]):
        which = asked[some][pair]
        gap = _gap(cores, at, boxes, other[which])
        order = np.lexsort((gap, pair))
        first = order[np.flatnonzero(np.diff(pair, prepend=-1))]
        touch[which[first]] = _places_touch(cores, at[first], cores, boxes, other[which[first]])
        rest = (gap <= cores.reach2) & ~touch[which]
        hit = _places_touch(cores, at[rest], cores, boxes, other[which[rest]])
        touch[which[rest][hit]] = True
    return touch


def _gap(squares: Squares, at: Codes, boxes: Floats, square: Codes) -> Floats:
    """Squared distance of each place to the box of a square."""
    x, y, (west, south, east, north) = squares.x[at], squares.y[at], boxes[:, square]
    beside = np.maximum(0, np.maximum(west - x, x - east))
    above = np.maximum(0, np.maximum(south - y, y - north))
    return np.asarray(beside**2 + above**2)


def _places_touch(
    squares: Squares, asked: Codes, cores: Squares, boxes: Floats, square: Codes
) -> Bools:
    """For each place, whether a core place of the square beside it lies in reach."""
    touch = np.zeros(len(asked), dtype=bool)
    begin, end = cores.start[square], cores.start[square + 1]
    close = _gap(squares, asked, boxes, square) <= squares.reach2
    crowded = close & (end - begin > CROWD)
    for one in np.unique(square[crowded]):
        mine = np.flatnonzero(crowded & (square == one))
        touch[mine] = _in_crowd(squares, asked[mine], cores, one)
    end = np.where(close & ~crowded, end, begin)
    for some, pair, at in _portions(begin, end):
        near = _near(squares, asked[some], pair, cores, at)
        touch[some] = np.bincount(pair[near], minlength=len(some)) > 0
    return touch


def _in_crowd(squares: Squares, asked: Codes, cores: Squares, square: int) -> Bools:
    from scipy.spatial import cKDTree

    crowd = slice(cores.start[square], cores.start[square + 1])
    tree = cKDTree(np.column_stack([cores.x[crowd], cores.y[crowd]]))
    mine = np.column_stack([squares.x[asked], squares.y[asked]])
    distance, _ = tree.query(mine, distance_upper_bound=sqrt(squares.reach2))
    return np.asarray(np.isfinite(distance))
