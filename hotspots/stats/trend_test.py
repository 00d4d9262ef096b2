"""Does a series rise or fall? A test that asks for order only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.arguments import numbers_of, whole_of
from hotspots.core.errors import InputError, require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hotspots.core.arrays import Floats


@dataclass(frozen=True)
class TrendTest:
    """Result of a Mann-Kendall test, plain or seasonal (pairs of one season alone).

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

    Raises
    ------
    InputError
        For a series with a missing value.

    Notes
    -----
    Seasons and serial correlation look like trends: months of one year always "rise" into summer.
    Compare like with like (:func:`seasonal_mann_kendall`), or at least whole years. Below ten steps
    the normal approximation is rough.

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
    values = _whole(series)
    return _tested(*rises_of(values[None]), _slopes(values), len(values))


def seasonal_mann_kendall(series: ArrayLike, *, seasons: int = 12) -> TrendTest:
    """Test a series for a trend within its seasons: January with January, July with July.

    Parameters
    ----------
    series : array-like, shape (steps,)
        One number a step in order of time, equally spaced, none missing; at least three of each
        season. Where it begins in the year does not matter.
    seasons : int
        Steps that make up a year: 12 for months, 4 for quarters.

    Returns
    -------
    TrendTest
        ``s`` and ``variance`` are sums over the seasons; ``slope`` is the median change a step over
        all pairs of one season (Hirsch, Slack and Smith give it a year: times ``seasons``).

    Raises
    ------
    InputError
        For missing values, fewer than two seasons, and fewer than three years.

    Notes
    -----
    What the season adds is neither a trend, as it can be to :func:`mann_kendall` in less than two
    years, nor noise that hides one. It misleads when whole years hang together (a good year, a bad
    year): seasons are taken to be independent, so that one high year at the end counts twelve
    times. Of seasons that go opposite ways, one up and one down, it says nothing.

    References
    ----------
    Hirsch, R. M., Slack, J. R. and Smith, R. A. (1982) Techniques of trend analysis for monthly
    water quality data. Water Resources Research 18(1), 107-121. doi:10.1029/WR018i001p00107

    Examples
    --------
    >>> quarters = [31, 22, 40, 18, 29, 25, 41, 15, 33, 27, 38, 19, 35, 24, 44, 21, 36, 30, 44, 17]
    >>> test = seasonal_mann_kendall(quarters, seasons=4)
    >>> test.s, round(test.z, 2), round(test.p_value, 3), round(mann_kendall(quarters).p_value, 2)
    (21, 2.47, 0.014, 0.7)
    """
    values = _whole(series)
    seasons = whole_of(seasons, "seasons", 2)
    require(
        len(values) >= FEWEST_YEARS * seasons,
        f"`series` must hold at least {FEWEST_YEARS} of each of {seasons} seasons, "
        f"{FEWEST_YEARS * seasons} steps; got {len(values)}.",
    )
    each = [values[first::seasons] for first in range(seasons)]
    s, variance = np.sum([rises_of(one[None]) for one in each], axis=0)
    slopes = np.concatenate([_slopes(one) for one in each]) / seasons
    return _tested(s, variance, slopes, len(values))


def rises_of(rows: Floats) -> tuple[Floats, Floats]:
    """Pairs of each row that rise less pairs that fall, and the variance of it without a trend.

    Examples
    --------
    >>> s, variance = rises_of(np.array([[1.0, 2, 3], [5, 5, 5]]))
    >>> s.tolist(), variance.round(2).tolist()
    ([3.0, 0.0], [3.67, 0.0])
    """
    n = rows.shape[1]
    s, alike = np.zeros(len(rows)), np.ones(rows.shape)
    for gap in range(1, n):
        later, earlier = rows[:, gap:], rows[:, :-gap]
        s += (later > earlier).sum(axis=1) - (later < earlier).sum(axis=1)
        same = later == earlier
        alike[:, gap:] += same
        alike[:, :-gap] += same
    tied = ((alike - 1) * (2 * alike + 5)).sum(axis=1)
    return s, (n * (n - 1) * (2 * n + 5) - tied) / 18


def z_and_p(s: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """``s`` moved one towards zero over its standard deviation, and the two-sided p-value."""
    from scipy.special import ndtr

    z = (s - np.sign(s)) / np.sqrt(np.where(variance > 0, variance, np.inf))
    return z, np.minimum(1.0, 2 * ndtr(-np.abs(z)))


FEWEST_YEARS = 3


def _whole(series: ArrayLike) -> Floats:
    values = numbers_of(series, "series")
    if values.ndim != 1 or not np.isfinite(values).all():
        raise InputError(
            f"`series` must be one number a step, none missing; got {values.ndim} dimension(s) and "
            f"{int((~np.isfinite(values)).sum())} missing. Put 0 where nothing happened.",
            rule="not-a-series",
        )
    return values


def _slopes(values: Floats) -> Floats:
    later, earlier = np.tril_indices(len(values), -1)
    slopes: Floats = (values[later] - values[earlier]) / (later - earlier)
    return slopes


def _tested(s: Floats, variance: Floats, slopes: Floats, n: int) -> TrendTest:
    z, p_value = z_and_p(s, variance)
    slope = float(np.median(slopes)) if len(slopes) else float("nan")
    return TrendTest(int(s[0]), float(variance[0]), float(z[0]), float(p_value[0]), slope, n)
