"""What chance does to counts: quantiles, p-values, dispersion."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hotspots.core.arguments import listed, number_of, numbers_of, share_of, size_of
from hotspots.core.arrays import Bools, Floats
from hotspots.core.errors import InputError, require

FEWEST_FREE = 4
TINY = 1e-15


@dataclass(frozen=True)
class Dispersion:
    """How much more counts vary than Poisson counts would.

    Attributes
    ----------
    value
        Variance over what Poisson gives; never below 1.
    degrees_of_freedom
        Months behind the estimate, less the rates fitted; 0 when it was not estimated.
    """

    value: float = 1.0
    degrees_of_freedom: int = 0

    def quantile(self, confidence: float) -> float:
        """Two-sided quantile: Student's t where the dispersion was estimated."""
        normal_quantile(confidence)
        if self.degrees_of_freedom == 0:
            return normal_quantile(confidence)
        return t_quantile(confidence, self.degrees_of_freedom)

    def p_value(self, z: float) -> float:
        """Two-sided probability of a statistic this far from zero."""
        if self.degrees_of_freedom == 0:
            return normal_p(z)
        return t_p(z, self.degrees_of_freedom)

    def limits(
        self, log_ratio: float, variance: float, confidence: float
    ) -> tuple[float, float, float, float]:
        """Ends of the interval of a logarithm, p-value, and inflation of its variance."""
        se = math.sqrt(self.value * variance)
        reach = self.quantile(confidence) * se
        return log_ratio - reach, log_ratio + reach, self.p_value(log_ratio / se), self.value


def e_test(
    first: float, second: float, *, first_exposure: float = 1.0, second_exposure: float = 1.0
) -> float:
    """Probability of two Poisson counts this far apart if both had the same rate.

    Parameters
    ----------
    first, second : int
        Counts, for instance before and after.
    first_exposure, second_exposure : float
        Length of time or size of area behind each count, in the same unit.

    Returns
    -------
    float
        Two-sided p-value; 1 when both counts are zero.

    Raises
    ------
    InputError
        For counts that are not whole, or an exposure of zero or less.

    Notes
    -----
    It misleads when incidents come in bursts, and when the two counts were picked for being far
    apart. It has no comparator: a fall that happened everywhere looks like a fall here.

    References
    ----------
    Krishnamoorthy, K. and Thomson, J. (2004). A more powerful test for comparing two Poisson means.
    Journal of Statistical Planning and Inference 119, 23-35.
    https://doi.org/10.1016/S0378-3758(02)00408-1

    Examples
    --------
    >>> round(e_test(6, 2), 6)
    0.174875
    """
    counts = pair_of_counts((first, second), "first and second")
    one = size_of(first_exposure, "first_exposure")
    other = size_of(second_exposure, "second_exposure")
    require(
        all(count == int(count) for count in counts),
        f"the E-test needs whole counts; got {counts}.",
    )
    return _e_test_p(counts, (one, other))


def overdispersion(
    treated: ArrayLike, control: ArrayLike | None = None, *, after: ArrayLike | None = None
) -> Dispersion:
    """How much more monthly counts vary than Poisson counts would, before and after taken apart.

    Parameters
    ----------
    treated : array-like, shape (months,)
        Count of each month.
    control : array-like, shape (months,), optional
        Counts of the comparator in the same months; a Series with the months of ``treated`` is
        matched by them. What both share, such as the season, then does
        not count as dispersion: each month is asked which share of its incidents fell in the
        treated area.
    after : array-like of bool, shape (months,), optional
        Which months came after the start; the level may differ between the two.

    Returns
    -------
    Dispersion
        ``value`` 1 with ``degrees_of_freedom`` 0 where there are too few months to estimate it.

    Raises
    ------
    InputError
        For series of unlike length.

    Notes
    -----
    Pearson's statistic over its degrees of freedom, never below 1. It misleads when one odd month,
    such as a festival, is read as ordinary variation: intervals become wide for that reason alone.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, 2nd ed., section 4.5.
    https://doi.org/10.1201/9780203753736

    Examples
    --------
    >>> overdispersion([10, 10, 10, 10, 10, 10]).value
    1.0
    >>> round(overdispersion([1, 20, 2, 25, 0, 22]).value, 2)
    11.95
    """
    control, after = (_in_order_of(treated, one) for one in (control, after))
    counts = numbers_of(listed(treated, "treated"), "treated")
    others = np.zeros_like(counts) if control is None else numbers_of(control, "control")
    late = np.zeros(len(counts), dtype=bool) if after is None else np.asarray(after, dtype=bool)
    require(
        counts.shape == others.shape == late.shape and counts.ndim == 1,
        "`treated`, `control` and `after` must have one value for each of the same months; got "
        f"{counts.shape}, {others.shape} and {late.shape}.",
    )
    statistic, free = 0.0, 0
    for phase in (late, ~late):
        one, freedom = _pearson(counts[phase], others[phase], shared=control is not None)
        statistic, free = statistic + one, free + freedom
    if free < FEWEST_FREE:
        return Dispersion()
    return Dispersion(max(1.0, statistic / free), free)


def _in_order_of(first: Any, other: Any) -> Any:
    """A Series with the labels of another one, in its order; all else as it is."""
    both = all(hasattr(one, "reindex") and one.index.is_unique for one in (first, other))
    alike = both and len(first) == len(other) and first.index.isin(other.index).all()
    return other.reindex(first.index) if alike else other


def dispersion_of(given: float | Dispersion) -> Dispersion:
    """A dispersion, or a number taken for one; an error below 1."""
    if isinstance(given, Dispersion):
        return given
    require(
        1 <= number_of(given, "overdispersion") < math.inf,
        f"`overdispersion` must be 1 (Poisson) or more; got {given!r}.",
    )
    return Dispersion(float(given), 0)


def normal_quantile(confidence: float) -> float:
    """Half-width of a two-sided normal interval, in standard errors."""
    confidence = share_of(confidence, "confidence")
    from scipy.special import ndtri

    return float(ndtri((1 + confidence) / 2))


def normal_p(z: float) -> float:
    """Two-sided normal p-value."""
    from scipy.special import ndtr

    return float(2 * ndtr(-abs(z)))


def t_quantile(confidence: float, degrees_of_freedom: float) -> float:
    """Half-width of a two-sided interval by Student's t, in standard errors."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees_of_freedom, (1 + confidence) / 2))


def t_p(t: float, degrees_of_freedom: float) -> float:
    """Two-sided p-value by Student's t."""
    from scipy.special import stdtr

    return float(2 * stdtr(degrees_of_freedom, -abs(t)))


def poisson_quantile(tail: float, mean: ArrayLike) -> Floats:
    """The least counts that reach a tail."""
    from scipy.special import pdtr, pdtrik

    return _least(np.ceil(pdtrik(tail, mean)), lambda count: pdtr(count, mean) >= tail)


def gamma_interval(
    total: ArrayLike, squares: ArrayLike, largest: ArrayLike, confidence: float
) -> tuple[Floats, Floats]:
    """Interval of a sum of weighted Poisson counts, for instance of incidents that come in groups.

    Parameters
    ----------
    total : array-like, shape (n,)
        The sums.
    squares : array-like, shape (n,)
        Sums of the squared weights of what came: with every weight 1 the total itself.
    largest : array-like, shape (n,)
        Weight of the largest thing that could have come.
    confidence : float
        Of the interval.

    Returns
    -------
    tuple of arrays, shape (n,) each
        Lower and upper end, in the unit of the sums; of weights 1 those of the exact Poisson
        interval (Garwood).

    Raises
    ------
    InputError
        For sums below zero, or a confidence that is none.

    Notes
    -----
    It misleads where groups are not told from one another: their weights look smaller than they
    are, and the interval narrower.

    References
    ----------
    Fay, M. P. and Feuer, E. J. (1997). Confidence intervals for directly standardized rates: a
    method based on the gamma distribution. Statistics in Medicine 16, 791-801.

    Examples
    --------
    >>> low, high = gamma_interval([10.0], [10.0], [1.0], 0.95)
    >>> float(low.round(2)[0]), float(high.round(2)[0])
    (4.8, 18.39)
    """
    from scipy.special import chdtri

    confidence = share_of(confidence, "confidence")
    given = {"total": total, "squares": squares, "largest": largest}
    total, squares, largest = sums = [numbers_of(one, name) for name, one in given.items()]
    alike = all(one.shape == total.shape for one in sums)
    require(alike, "`total`, `squares` and `largest` must be as many numbers each.")
    require(not (total < 0).any(), "`total` must hold sums of 0 or more; some are below.")
    tail = (1 - confidence) / 2
    each = np.divide(squares, total, out=np.ones_like(total), where=total > 0)
    low = np.where(total > 0, each / 2 * chdtri(np.maximum(2 * total / each, TINY), 1 - tail), 0.0)
    # The upper end is that of one incident more, of the heaviest kind (Fay and Feuer).
    more, wide = total + largest, squares + largest**2
    high = wide / more / 2 * chdtri(2 * more**2 / wide, tail)
    return low, high


def negative_binomial_quantile(tail: float, size: ArrayLike, chance: ArrayLike) -> Floats:
    """The least counts that reach a tail; size need not be whole."""
    from scipy.special import betainc, nbdtrik

    size = np.asarray(size, dtype=float)
    least = np.ceil(nbdtrik(tail, size, chance))
    return _least(least, lambda count: betainc(size, count + 1, chance) >= tail)


def _least(count: Floats, reaches: Callable[[Floats], Bools]) -> Floats:
    # The quantile is found as a real number: a last digit above a whole one would round up.
    one_less = np.maximum(count - 1, 0.0)
    return np.where(reaches(one_less), one_less, count)


def pair_of_counts(pair: Sequence[float], name: str) -> tuple[float, float]:
    """Two counts, or an error that says why percentages are not enough."""
    try:
        before, after = (float(value) for value in pair)
    except (TypeError, ValueError):
        raise InputError(
            f"`{name}` must be two counts, (before, after); got {pair!r}. A percentage alone "
            "cannot be judged: 4 to 3 and 400 to 300 are one percentage, not the same evidence."
        ) from None
    if not (math.isfinite(before) and math.isfinite(after) and before >= 0 and after >= 0):
        raise InputError(
            f"`{name}` must be two counts of zero or more, not changes or percentages; "
            f"got {pair!r}."
        )
    return before, after


def _e_test_p(counts: tuple[float, float], exposures: tuple[float, float]) -> float:
    """Chance of all pairs of counts whose rates differ at least as much, ties included.

    For each first count the second counts that differ less lie between two roots, so one pass over
    the first counts is enough.
    """
    (first, second), (one, other) = counts, exposures
    from scipy.special import gammaln, pdtr, pdtrc, xlogy

    apart = first / one - second / other
    if apart == 0:
        return 1.0
    squared = apart**2 / (first / one**2 + second / other**2)
    rate = (first + second) / (one + other)
    # All first counts but those with a chance below 1e-15 at either end.
    least, most = (float(poisson_quantile(tail, rate * one)) for tail in (TINY, 1 - TINY))
    firsts = np.arange(max(0.0, least - 1), most + 2)
    middle = firsts / one + squared / other / 2
    width = np.sqrt(np.maximum(middle**2 - (firsts / one) ** 2 + squared * firsts / one**2, 0))
    # Pairs exactly as far apart count as well, and rounding must not lose them.
    slack = 1e-9 * other * (middle + width)
    below = np.floor(other * (middle - width) + slack)
    above = np.ceil(other * (middle + width) - slack)
    below[firsts == 0] = -1
    lower = np.where(below < 0, 0.0, pdtr(np.maximum(below, 0), rate * other))
    upper = np.where(above < 1, 1.0, pdtrc(np.maximum(above - 1, 0), rate * other))
    chance = np.exp(xlogy(firsts, rate * one) - gammaln(firsts + 1) - rate * one)
    return min(1.0, float((chance * (lower + upper)).sum()))


def _pearson(counts: Floats, others: Floats, *, shared: bool) -> tuple[float, int]:
    """Pearson statistic of one phase and its degrees of freedom."""
    total = counts + others
    used = total > 0 if shared else np.ones(len(counts), dtype=bool)
    counts, total = counts[used], total[used]
    if len(counts) < 2 or counts.sum() == 0:
        return 0.0, 0
    if not shared:
        mean = counts.mean()
        return float(((counts - mean) ** 2 / mean).sum()), len(counts) - 1
    share = counts.sum() / total.sum()
    if share == 1:
        return 0.0, 0
    residuals = (counts - share * total) ** 2 / (total * share * (1 - share))
    return float(residuals.sum()), len(counts) - 1
