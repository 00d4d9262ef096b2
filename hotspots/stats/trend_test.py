"""Does a series rise or fall? A test that asks for order only."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class TrendTest:
    """Result of a Mann-Kendall test.

    Attributes
    ----------
    s
        Pairs that rise less pairs that fall.
    variance
        Variance of ``s`` without a trend, corrected for ties.
    z
        ``s`` moved one towards zero (continuity), over its standard deviation; 0 where the
        variance is 0.
    p_value
        Two-sided, from the normal distribution.
    slope
        Median change a step over all pairs (Theil-Sen); missing for fewer than two values.
    n
        Steps.
    """

    s: int
    variance: float
    z: float
    p_value: float
    slope: float
    n: int


def mann_kendall(series: ArrayLike) -> TrendTest:
    """Test a series in order of time for a monotone trend.

    Parameters
    ----------
    series : array-like, shape (steps,)
        One number a step, equally spaced, none missing.

    Returns
    -------
    TrendTest
        ``s``, ``variance``, ``z``, ``p_value``, ``slope``, ``n``.

    Notes
    -----
    Seasons and serial correlation look like trends: months of one year always "rise" into summer.
    Compare like with like (the same month of several years), or at least whole years. Below ten
    steps the normal approximation is rough.

    References
    ----------
    Mann, H. B. (1945) Nonparametric tests against trend. Econometrica 13(3), 245-259.
    doi:10.2307/1907187. Ties: Kendall, M. G. (1975) Rank Correlation Methods. Slope: Sen, P. K.
    (1968) doi:10.1080/01621459.1968.10480934

    Examples
    --------
    >>> test = mann_kendall(range(1, 13))
    >>> test.s, round(test.variance, 4), round(test.z, 6)
    (66, 212.6667, 4.457216)
    """
    values = np.asarray(list(series) if isinstance(series, range) else series, dtype=float)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise InputError(
            f"`series` must be one number a step, none missing; got {values.ndim} dimension(s) and "
            f"{int((~np.isfinite(values)).sum())} missing. Put 0 where nothing happened.",
            rule="not-a-series",
        )
    n = len(values)
    later, earlier = np.tril_indices(n, -1)
    change = values[later] - values[earlier]
    s = int(np.sign(change).sum())
    variance = _variance(values)
    z = (s - np.sign(s)) / sqrt(variance) if variance > 0 else 0.0
    slope = float(np.median(change / (later - earlier))) if n > 1 else float("nan")
    return TrendTest(s, variance, float(z), _two_sided(z), slope, n)


def _variance(values: NDArray[np.float64]) -> float:
    n = len(values)
    _, ties = np.unique(values, return_counts=True)
    tied = (ties * (ties - 1) * (2 * ties + 5)).sum()
    return float((n * (n - 1) * (2 * n + 5) - tied) / 18)


def _two_sided(z: float) -> float:
    from scipy.special import ndtr

    return float(min(1.0, 2 * ndtr(-abs(z))))
