"""Which few of many positions reach most: the exact best choice, and a bound on any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hotspots.stats.solver import Solution, best_values

if TYPE_CHECKING:
    from hotspots.core.arrays import Bools, Floats

TOLERANCE = 1e-9


def best_cover(reach: Bools, worth: Floats, count: int) -> tuple[list[int], float]:
    """Positions with the most worth, and a bound on it; greedy where the solver found no better.

    Parameters
    ----------
    reach : array of bool, shape (places, positions)
        Which position reaches which place.
    worth : array of float64, shape (places,)
        What each place counts, once, however many positions reach it.
    count : int
        Positions to take, at most.

    Returns
    -------
    tuple of list of int and float
        Positions, and what no choice of so many can exceed.

    Examples
    --------
    >>> reach = np.array([[1, 0, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0]], dtype=bool)
    >>> sorted(best_cover(reach, np.ones(4), 2)[0]), best_cover(reach, np.ones(4), 2)[1]
    ([0, 1], 4.0)
    """
    simple = _greedy(reach, worth, count)
    at_least = float(worth[reach[:, simple].any(axis=1)].sum())
    matters = (worth > 0) & reach.any(axis=1)
    everything = float(worth[matters].sum())
    if at_least >= everything - TOLERANCE * max(1.0, everything):
        return simple, at_least
    # Sites that the same positions reach are one: far fewer unknowns.
    groups, which = np.unique(reach[matters], axis=0, return_inverse=True)
    value = np.bincount(which.ravel(), worth[matters], minlength=len(groups))
    # Scaled to 1: the tolerances of the solver are absolute.
    result = _solve(groups, value / value.max(), count)
    loosest = min(everything, result.bound * float(value.max()))
    if result.values is None:
        return simple, max(loosest, at_least)
    found = np.flatnonzero(result.values[: reach.shape[1]]).tolist()
    held = float(worth[reach[:, found].any(axis=1)].sum())
    best = found if held >= at_least else simple
    held = max(held, at_least)
    exact = result.proven or held >= loosest - TOLERANCE * max(1.0, loosest)
    return best, held if exact else loosest


def _solve(groups: Bools, value: Floats, count: int) -> Solution:
    """Positions are 0 or 1; a group of sites counts as far as a position in its reach is taken."""
    from scipy.sparse import csr_array, eye_array, hstack, vstack

    rows, spots = groups.shape
    covers = hstack([csr_array(-groups.astype(float)), eye_array(rows)])
    budget = csr_array(np.concatenate([np.ones(spots), np.zeros(rows)])[None, :])
    most = np.concatenate([np.zeros(rows), [float(count)]])
    worth = np.concatenate([np.zeros(spots), value])
    # With positions whole the best of a group is whole by itself, and need not be asked to be.
    whole = np.arange(len(worth)) < spots
    return best_values(worth, vstack([covers, budget]).tocsr(), most, whole=whole)


def _greedy(reach: Bools, worth: Floats, count: int) -> list[int]:
    """The position that adds most, again and again, as long as one adds anything."""
    left, chosen = worth.copy(), []
    for _ in range(min(count, reach.shape[1])):
        gain = left @ reach
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        chosen.append(best)
        left[reach[:, best]] = 0.0
    return chosen


def in_order(picked: list[int], reach: Bools, worth: Floats) -> list[int]:
    """The picked positions, the one that adds most first; those that add nothing are dropped."""
    order = _greedy(reach[:, picked], worth, len(picked)) if picked else []
    return [picked[place] for place in order]


def added(chosen: list[int], reach: Bools, worth: Floats) -> list[float]:
    """What each chosen position adds to those before it."""
    left, gains = worth.copy(), []
    for spot in chosen:
        gains.append(float(left[reach[:, spot]].sum()))
        left[reach[:, spot]] = 0.0
    return gains
