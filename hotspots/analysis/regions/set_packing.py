"""Which places to choose: the most value from so many places that keep apart (set packing).

The relaxed problem (places may be taken in part) gives a bound no choice can beat; what its reduced
costs rule out is left out before the exact solver starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.stats.solver import best_values

if TYPE_CHECKING:
    from hotspots.analysis.regions.grow import BasicUnits, CandidateAreas
    from hotspots.core.arrays import Codes, Floats

TOLERANCE = 1e-9
# Blocks exactly so far apart are far enough, and distances lose digits.
TOUCHING_M = 1e-6
ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Packing:
    """Places chosen (best first), what they hold, and what no choice could exceed.

    ``method`` is "milp" or "greedy"; ``proven`` says that no better choice exists.
    """

    chosen: Codes
    value: float
    bound: float
    method: str
    proven: bool

    @property
    def gap(self) -> float:
        """How far below the bound, as a share of it."""
        return max(0.0, 1 - self.value / self.bound) if self.bound > 0 else 0.0


def too_close(blocks: BasicUnits, which: Codes, separation_m: float) -> Any:
    """Which of some blocks are less than so far apart, edge to edge: sparse, with the diagonal."""
    import shapely
    from scipy.sparse import csr_array, eye_array

    size = len(blocks)
    same = csr_array(eye_array(size))
    if separation_m <= 0 or not len(which):
        return same
    outline = blocks.outline[which]
    one, other = shapely.STRtree(outline).query(outline, "dwithin", separation_m)
    close = shapely.distance(outline[one], outline[other]) < separation_m - TOUCHING_M
    one, other = which[one[close]], which[other[close]]
    pairs = csr_array((np.ones(len(one)), (one, other)), shape=(size, size))
    return csr_array((pairs + same) > 0).astype(float)


def pack_places(places: CandidateAreas, close: Any, count: int, *, exact: bool = True) -> Packing:
    """Choose at most ``count`` places with the largest total value, no two of them too close.

    Parameters
    ----------
    places : Places
        Candidates; the order decides between equals.
    close : sparse matrix
        Which blocks may not be in two places, from :func:`too_close`.
    count : int
        How many places.
    exact : bool
        False takes the best place that still fits, one after another.
    """
    if not exact:
        simple = _greedy(places, close, count)
        value = float(places.value[simple].sum())
        return Packing(simple, value, _loosest(places.value, count), "greedy", not len(simple))
    kept = _undominated(places, close)
    subset = places.take(kept)
    simple = _greedy(subset, close, count)
    if not len(simple):
        return Packing(kept[simple], 0.0, 0.0, "greedy", True)
    packing = _solve(subset.value, _packing_rows(subset, close), count, simple)
    best = packing.chosen[np.argsort(-subset.value[packing.chosen], kind="stable")]
    return Packing(kept[best], packing.value, packing.bound, packing.method, packing.proven)


def _undominated(places: CandidateAreas, close: Any) -> Codes:
    """Leave out a place where another is worth as much and stands in the way of no more."""
    halo = ((places.members @ close) > 0).astype(float).tocsr()
    size, worth = np.diff(halo.indptr), places.value
    kept = np.ones(len(places), dtype=bool)
    for first in range(0, len(places), ROWS_AT_ONCE):
        common = (halo[first : first + ROWS_AT_ONCE] @ halo.T).tocoo()
        one, other = common.row + first, common.col
        # Numbers of blocks as floats: half a block tells them apart.
        inside = common.data >= size[one] - 0.5
        better = (worth[one] > worth[other]) | (
            (worth[one] == worth[other])
            & ((size[one] < size[other]) | ((size[one] == size[other]) & (one < other)))
        )
        kept[other[inside & better]] = False
    return np.flatnonzero(kept)


def _greedy(places: CandidateAreas, close: Any, count: int) -> Codes:
    order = np.argsort(-places.value, kind="stable")
    taken = np.zeros(places.members.shape[1], dtype=bool)
    chosen: list[int] = []
    for place in order.tolist():
        if len(chosen) == count:
            break
        rows = places.blocks_of(place)
        if places.value[place] > 0 and not taken[rows].any():
            chosen.append(place)
            taken[close[rows].indices] = True
    return np.array(chosen, dtype=np.intp)


def _packing_rows(places: CandidateAreas, close: Any) -> Any:
    """One row for each group of blocks that are all too close: at most one place may touch it."""
    from scipy.sparse import csr_array

    groups = _groups(close, np.unique(places.members.indices))
    sizes = np.array([len(group) for group in groups])
    rows = np.repeat(np.arange(len(groups)), sizes)
    columns = np.concatenate([np.asarray(group) for group in groups])
    shape = (len(groups), places.members.shape[1])
    belongs = csr_array((np.ones(len(columns)), (rows, columns)), shape=shape)
    touches = ((belongs @ places.members.T) > 0).astype(float).tocsr()
    return touches[np.diff(touches.indptr) > 1]


def _groups(close: Any, used: Codes) -> list[list[int]]:
    """Groups of mutually close blocks that together hold every close pair."""
    inside = set(used.tolist())
    ends, columns = close.indptr.tolist(), close.indices.tolist()
    around = {
        block: inside.intersection(columns[ends[block] : ends[block + 1]]) - {block}
        for block in used.tolist()
    }
    left = {block: set(others) for block, others in around.items()}
    groups = []
    for block in used.tolist():
        if not around[block]:
            groups.append([block])
        # Each close pair must stand in one row; a row of many says more than rows of two
        # (patrol-areas.md).
        while left[block]:
            group, shared = [block], set(around[block])
            candidates = left[block] & shared
            while candidates or shared:
                member = min(candidates or shared)
                group.append(member)
                shared &= around[member]
                candidates = candidates & shared
            for member in group:
                left[member].difference_update(group)
            groups.append(group)
    return groups


@dataclass(frozen=True)
class _Relaxed:
    """The relaxed problem solved: its bound, what each place would cost it, rows and limits."""

    bound: float
    costs: Floats
    matrix: Any
    most: Floats


def _relax(value: Floats, rows: Any, count: int) -> _Relaxed | None:
    """Solve the problem with places taken in part; None where the solver fails."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, vstack

    scale = float(value.max()) or 1.0
    matrix = vstack([rows, csr_array(np.ones((1, len(value))))]).tocsr()
    most = np.concatenate([np.ones(rows.shape[0]), [float(count)]])
    # Scaled to 1: the tolerances of the solver are absolute.
    found = linprog(-value / scale, A_ub=matrix, b_ub=most, bounds=(0, 1), method="highs")
    if found.status != 0:
        return None
    return _Relaxed(-float(found.fun) * scale, found.lower.marginals * scale, matrix, most)


def _solve(value: Floats, rows: Any, count: int, simple: Codes) -> Packing:
    """Relax, leave out what cannot be in a better choice, then solve exactly."""
    at_least = float(value[simple].sum())
    slack = TOLERANCE * max(at_least, 1.0)
    relaxed = _relax(value, rows, count)
    if relaxed is None:
        return Packing(simple, at_least, _loosest(value, count), "greedy", False)
    # A place with a reduced cost beyond the gap would push even the relaxed value below what is
    # known.
    possible = np.flatnonzero(relaxed.bound - relaxed.costs >= at_least - slack)
    bound = max(relaxed.bound, at_least)
    # Scaled to 1, as before.
    worth = value[possible] / (value[possible].max(initial=0.0) or 1.0)
    found = best_values(worth, relaxed.matrix[:, possible], relaxed.most)
    chosen = simple if found.values is None else possible[np.flatnonzero(found.values)]
    held = float(value[chosen].sum())
    # What was found before the search ended is used if it is better than greedy.
    if found.values is None or held < at_least - slack:
        return Packing(simple, at_least, bound, "greedy", at_least >= bound - slack)
    return Packing(chosen, held, bound, "milp", found.proven)


def _loosest(value: Floats, count: int) -> float:
    return float(np.sort(value)[::-1][:count].sum())
