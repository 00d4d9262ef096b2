"""Ratios of change: a treated area against its comparator, with an interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hotspots.core.arguments import number_of
from hotspots.core.errors import require
from hotspots.core.plain import plain
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.stats.counts import Dispersion, dispersion_of, normal_quantile, pair_of_counts
from hotspots.stats.yardstick import Yardstick

Pair = Sequence[float]


@dataclass(frozen=True)
class RateRatio(Spoken):
    """Change in a treated area as a multiple of the change in its comparator.

    Attributes
    ----------
    ratio
        0.88 means 12 % lower than the comparator would suggest. Missing where the area, or its
        comparator, holds nothing before and nothing after.
    low, high
        Interval.
    difference
        Change in the treated area less change in the comparator, in counts per period.
    expected
        What the treated area would have had after the start, had it moved with its comparator.
    p_value
        Two-sided probability of a ratio this far from 1 if nothing had changed.
    overdispersion
        By how much the variance was inflated; 1 is Poisson.
    counts
        ``(treated before, after, comparator before, after)``; the last two missing without one.
    corrected
        True when a zero count was met beside others: a half was then added to every count.
    confidence
        Of the interval.
    """

    ratio: float
    low: float
    high: float
    difference: float
    expected: float
    p_value: float
    overdispersion: float
    counts: tuple[float, float, float, float]
    corrected: bool
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON; missing ones as None."""
        found: dict[str, Any] = plain(vars(self))
        return found

    def to_words(self) -> str:
        """The ratio, its interval and p, with as many digits as the verdict needs."""
        return sentence_of(self, "in_short")

    def to_sentence(
        self,
        what: str = "incidents",
        comparator: str = "its comparator",
        *,
        chosen: bool = False,
    ) -> str:
        """The result in words; counts come before any percentage.

        ``chosen`` says that the area was chosen for its count in a period compared: nothing is
        then said of chance.
        """
        return sentence_of(self, what=what, comparator=comparator, chosen=chosen)


@dataclass(frozen=True)
class RestOfCity(Spoken):
    """How the rest of a city changed, taken out of a total that contains the treated area.

    Attributes
    ----------
    growth
        Change of the rest, as a fraction.
    ratio
        Treated area against that rest.
    """

    growth: float
    ratio: float


def rate_ratio(
    *,
    treated: Pair,
    control: Pair | None = None,
    overdispersion: float | Dispersion = 1.0,
) -> RateRatio:
    """Compare the change in a treated area with the change in its comparator, as a ratio.

    Parameters
    ----------
    treated, control : (before, after)
        Counts of two periods of one length. The comparator must not contain the treated area.
        Without ``control`` the ratio is simply after over before.
    overdispersion : float or Dispersion
        Variance over what Poisson gives, at least 1, for instance from
        :func:`~hotspots.stats.overdispersion`; the interval widens by its square root.

    Returns
    -------
    RateRatio
        ``ratio``, ``low``, ``high``, ``difference``, ``expected``, ``p_value``, ``to_sentence()``.

    Raises
    ------
    InputError
        When percentages are given instead of counts.

    Notes
    -----
    Normal interval for the logarithm, variance the sum of one over each count. It misleads when the
    comparator moved for reasons of its own, or took up what was displaced.

    References
    ----------
    Rothman, K. J., Greenland, S. and Lash, T. L. (2008). Modern Epidemiology, 3rd ed., chapter 14.

    Examples
    --------
    >>> found = rate_ratio(treated=(120, 85), control=(118, 108))
    >>> round(found.ratio, 4), round(found.low, 3), round(found.high, 3), found.difference
    (0.7739, 0.529, 1.133, -25.0)
    """
    mine = pair_of_counts(treated, "treated")
    others = None if control is None else pair_of_counts(control, "control")
    spread = dispersion_of(overdispersion)
    totals = np.array([*mine, *(others or ())])
    return ratio_of_totals(totals, totals, exposure=(1.0, 1.0), dispersion=spread)


def rest_of_city_growth(area_change: float, city_change: float, share: float) -> RestOfCity:
    """Take a treated area out of a city total that contains it.

    A fall in the area pulls the city's total down too, so comparing the two understates how the
    rest of the city grew.

    Parameters
    ----------
    area_change, city_change : float
        Changes as fractions: -0.23 is a fall of 23 %.
    share : float
        The area's share of the city's count before, between 0 and 1.

    Returns
    -------
    RestOfCity
        ``growth`` of the rest and ``ratio`` of the area against it. No interval: percentages carry
        none.

    Raises
    ------
    InputError
        For changes or a share that cannot be.

    Notes
    -----
    It misleads when the share is a guess: print the result for a low and a high one.

    Examples
    --------
    >>> rest = rest_of_city_growth(-0.23, 0.032, 0.10)
    >>> round(rest.growth, 4), round(rest.ratio, 3)
    (0.0611, 0.726)
    """
    for name, change in (("area_change", area_change), ("city_change", city_change)):
        require(
            math.isfinite(number_of(change, name)) and change >= -1,
            f"`{name}` must be a change as a fraction, -1 or more (-0.23 is a fall of 23 %); "
            f"got {change!r}.",
        )
    within = 0 <= number_of(share, "share") < 1
    require(within, f"`share` must be at least 0 and below 1; got {share!r}.")
    growth = (city_change - share * area_change) / (1 - share)
    require(
        growth >= -1,
        f"a share of {share:.3g} is impossible with these changes: the rest of the city would have "
        f"changed by {growth:.0%}.",
    )
    ratio = (1 + area_change) / (1 + growth) if growth > -1 else math.nan
    return RestOfCity(growth, ratio)


def ratio_of_totals(
    totals: np.ndarray,
    squares: np.ndarray,
    *,
    exposure: tuple[float, float],
    dispersion: Dispersion | Yardstick,
    confidence: float = 0.95,
) -> RateRatio:
    """Ratio of four (or two) totals whose variances are their sums of squares.

    For counts the squares are the counts; for harm they are the summed squares of single harms, and
    no less than all totals together would make likely: a window without a grave incident might have
    held one. What makes the interval is the dispersion of months, or a yardstick of like places.
    """
    normal_quantile(confidence)
    alone = len(totals) == 2
    before, after = exposure
    seen = tuple(float(total) for total in (*totals, *([math.nan] * (4 - len(totals)))))
    difference, expected = _difference(totals, after / before)
    counted = bool((totals.reshape(-1, 2).sum(axis=1) > 0).all())
    corrected = counted and bool((totals <= 0).any())
    if corrected:
        # Half an incident; of harm, half of squares over sum, which is what a large one weighs.
        unit = (squares.sum() / totals.sum()) / 2
        totals, squares = totals + unit, squares + unit * 2 * unit
    ratio = low = high = p_value = math.nan
    inflation = dispersion.value if isinstance(dispersion, Dispersion) else math.nan
    if counted:
        own, beside = totals[:2].astype(float), exposure if alone else totals[2:].astype(float)
        ratio = float(own[1] * beside[0] / (own[0] * beside[1]))
        squares = np.maximum(squares, totals * (squares.sum() / totals.sum()))
        variance = float((squares / totals**2).sum())
        low, high, p_value, inflation = dispersion.limits(math.log(ratio), variance, confidence)
        with np.errstate(over="ignore"):
            low, high = (float(np.exp(end)) for end in (low, high))
    return RateRatio(
        ratio=ratio,
        low=low,
        high=high,
        difference=difference,
        expected=expected,
        p_value=p_value,
        overdispersion=inflation,
        counts=(seen[0], seen[1], seen[2], seen[3]),
        corrected=corrected,
        confidence=confidence,
    )


def _difference(totals: np.ndarray, longer: float) -> tuple[float, float]:
    """Change against the comparator, per length of the after period, and what was expected."""
    if len(totals) == 2:
        expected = float(totals[0] * longer)
        return float(totals[1] - expected), expected
    own = float(totals[1] - totals[0] * longer)
    other = float(totals[3] - totals[2] * longer)
    expected = float(totals[0] * totals[3] / totals[2]) if totals[2] > 0 else math.nan
    return own - other, expected
