"""The one door to the solver of linear programmes: its limit is work, not time."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.errors import Finding

if TYPE_CHECKING:
    from hotspots.core.arrays import Bools, Floats

BRANCHES = 100
"""The search ends there, with the best it has found: the same on every machine."""
LONGEST_S = 600.0
"""A last resort, so that nothing runs for hours; a warning says so."""
SOLVED, LATE, IMPOSSIBLE = 0, 1, 2
"""What :func:`scipy.optimize.milp` says; a search that ended early has a number of its own."""


@dataclass(frozen=True)
class Solution:
    """The best values that were found, if any were, and what no other values can exceed."""

    values: Floats | None
    bound: float
    proven: bool
    impossible: bool


def best_values(
    worth: Floats,
    rows: Any,
    high: Any,
    *,
    low: Any = -np.inf,
    most: float = 1.0,
    whole: bool | Bools = True,
    gap: float = 0.0,
    presolve: bool = True,
) -> Solution:
    """Values from 0 to ``most`` that are worth most, with ``low <= rows @ values <= high``.

    ``whole`` says which of them must be whole numbers; ``gap`` how far from the best, as a share,
    may pass for it.

    Examples
    --------
    >>> best_values(np.array([1.0, 1.0]), np.array([[2.0, 2.0]]), 3.0).values.tolist()
    [1.0, 0.0]
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    integral = np.broadcast_to(whole, len(worth))
    limits = {"node_limit": BRANCHES, "time_limit": LONGEST_S}
    found = milp(
        -worth,
        constraints=LinearConstraint(rows, low, high),
        integrality=integral.astype(int),
        bounds=Bounds(0, most),
        options={"mip_rel_gap": gap, "presolve": presolve, **limits},
    )
    if found.status == LATE:
        told = Finding.of("search-ended", "warning", said={"minutes": LONGEST_S / 60})
        warnings.warn(str(told), stacklevel=2)
    proven = found.status == SOLVED
    least = found.get("mip_dual_bound") if integral.any() else found.fun
    values = None if found.x is None else np.where(integral, np.round(found.x), found.x)
    bound = np.inf if least is None else -float(least)
    return Solution(values, bound, proven, found.status == IMPOSSIBLE)
