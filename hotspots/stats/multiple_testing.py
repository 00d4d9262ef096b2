"""From many p-values to a decision: corrections for the number of areas tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Correction = Literal["bh", "by", "holm", "max-t", "none"]


def corrected(p: NDArray[np.float64], method: Correction) -> NDArray[np.float64]:
    """P-values corrected for their number; ``max-t`` is made by the null itself, not here.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995) doi:10.1111/j.2517-6161.1995.tb02031.x; Benjamini, Y. &
    Yekutieli, D. (2001) doi:10.1214/aos/1013699998; Holm, S. (1979) jstor.org/stable/4615733.

    Examples
    --------
    >>> corrected(np.array([0.01, 0.04, 0.03]), "holm").round(2).tolist()
    [0.03, 0.06, 0.06]
    """
    if method in ("bh", "by") and len(p):
        from scipy.stats import false_discovery_control

        return np.asarray(false_discovery_control(p, method=method))
    if method == "holm":
        order = np.argsort(p, kind="stable")
        steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
        q = np.empty(len(p))
        q[order] = np.minimum(steps, 1.0)
        return q
    return p.copy()


def smallest_needed_p(tested: int, alpha: float, method: Correction) -> float:
    """P-value that one area alone must reach to be flagged among so many."""
    if method in ("bh", "holm"):
        return alpha / max(tested, 1)
    if method == "by":
        return float(alpha / (max(tested, 1) * (1 / np.arange(1, max(tested, 1) + 1)).sum()))
    return alpha
