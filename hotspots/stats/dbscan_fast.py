"""The questions of the grid as loops, compiled by numba where places are in the hundred thousands.

The loops are plain Python, so that a test can run them without numba, slowly. Compiled they are
kept on the disk, beside the package or in the user's cache.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.stats.dbscan_grid import NOISE, Squares, boxes_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from hotspots.core.arrays import Bools, Codes, Ints


@cache
def compiled(loop: Callable[..., None]) -> Callable[..., None]:
    """A loop as machine code."""
    from numba import njit

    try:
        made: Callable[..., None] = njit(cache=True)(loop)
    except RuntimeError:  # no folder that may be written to
        made = njit(loop)
    return made


class LoopKernel:
    """The three questions of :class:`~hotspots.stats.dbscan_grid.Kernel`, square by square."""

    def __init__(self, made: Callable[[Callable[..., None]], Callable[..., None]] = compiled):
        self._made = made

    def enough(self, squares: Squares, weights: Ints, minimum: int) -> Bools:
        """Whether what lies in reach of each place weighs the minimum."""
        core = np.zeros(len(squares.x), dtype=bool)
        self._made(_mark_core)(*_arrays(squares), weights, minimum, core)
        return core

    def joined(self, cores: Squares) -> Codes:
        """Component of each square: one where core places of two reach each other."""
        parent = np.arange(len(cores.keys))
        arrays = (*_arrays(cores), boxes_of(cores), cores.keys, cores.stride)
        for next_to in (True, False):  # most squares farther off are joined by then
            self._made(_join)(*arrays, next_to, parent)
        while (parent[parent] != parent).any():
            parent = parent[parent]
        return parent

    def lowest(self, squares: Squares, cores: Squares, labels: Codes) -> Codes:
        """Lowest label of the squares with a core place in reach of each place; -1 for none."""
        none = len(cores.order)
        of_square = np.where(labels == NOISE, none, labels)
        lowest = of_square[squares.square]
        core = (cores.x, cores.y, cores.start, boxes_of(cores), of_square)
        self._made(_lower)(*_arrays(squares), *core, lowest)
        return np.where(lowest == none, NOISE, lowest)


def _arrays(squares: Squares) -> tuple[Any, ...]:
    return squares.x, squares.y, squares.start, squares.first, squares.last, squares.reach2


def _mark_core(
    x: Any,
    y: Any,
    start: Any,
    first: Any,
    last: Any,
    reach2: float,
    weights: Any,
    minimum: int,
    core: Any,
) -> None:
    for square in range(len(start) - 1):
        mine = range(start[square], start[square + 1])
        own = 0
        for i in mine:
            own += weights[i]
        if own >= minimum:  # all reach each other
            for i in mine:
                core[i] = True
            continue
        most = 0
        for run in range(len(first)):
            for j in range(start[first[run, square]], start[last[run, square]]):
                most += weights[j]
        if most < minimum:
            continue
        for i in mine:
            reached = 0
            for run in range(len(first)):
                for j in range(start[first[run, square]], start[last[run, square]]):
                    east, north = x[j] - x[i], y[j] - y[i]
                    reached += weights[j] if east * east + north * north <= reach2 else 0
                if reached >= minimum:
                    core[i] = True
                    break


def _join(
    x: Any,
    y: Any,
    start: Any,
    first: Any,
    last: Any,
    reach2: float,
    boxes: Any,
    keys: Any,
    stride: int,
    next_to: bool,
    parent: Any,
) -> None:
    def root(square: int) -> int:
        while parent[square] != square:
            parent[square] = parent[parent[square]]
            square = parent[square]
        return square

    def touch(one: int, other: int) -> bool:
        for i in range(start[one], start[one + 1]):
            aside = max(0.0, boxes[0, other] - x[i], x[i] - boxes[2, other])
            above = max(0.0, boxes[1, other] - y[i], y[i] - boxes[3, other])
            if aside * aside + above * above > reach2:
                continue
            for j in range(start[other], start[other + 1]):
                if (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2 <= reach2:
                    return True
        return False

    for square in range(len(keys)):
        for run in range(len(first)):
            for other in range(max(first[run, square], square + 1), last[run, square]):
                step = keys[other] - keys[square]
                # Next door, of the squares ahead: the one above, or three of the next column.
                if (step == 1 or stride - 1 <= step <= stride + 1) == next_to:
                    one, two = root(square), root(other)
                    if one != two and touch(square, other):
                        parent[max(one, two)] = min(one, two)


def _lower(
    x: Any,
    y: Any,
    start: Any,
    first: Any,
    last: Any,
    reach2: float,
    core_x: Any,
    core_y: Any,
    core_start: Any,
    boxes: Any,
    of_square: Any,
    lowest: Any,
) -> None:
    def touch(i: int, other: int) -> bool:
        aside = max(0.0, boxes[0, other] - x[i], x[i] - boxes[2, other])
        above = max(0.0, boxes[1, other] - y[i], y[i] - boxes[3, other])
        if aside * aside + above * above > reach2:
            return False
        for j in range(core_start[other], core_start[other + 1]):
            if (core_x[j] - x[i]) ** 2 + (core_y[j] - y[i]) ** 2 <= reach2:
                return True
        return False

    for square in range(len(start) - 1):
        for run in range(len(first)):
            for other in range(first[run, square], last[run, square]):
                for i in range(start[square], start[square + 1]):
                    if of_square[other] < lowest[i] and touch(i, other):
                        lowest[i] = of_square[other]
