"""Ratios and differences in words: counts first, then the interval, the verdict last."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hotspots.report.text.likelihood import p_words, percent_words, places_apart, signed, verdict
from hotspots.report.text.words import capital, counted

if TYPE_CHECKING:
    from hotspots.analysis.evaluation.ratios import RateRatio, RestOfCity
    from hotspots.analysis.evaluation.regression_to_mean import RegressionToTheMean
    from hotspots.analysis.evaluation.wdd import DisplacementDifference


def displacement_difference(found: DisplacementDifference) -> Iterator[str]:
    """A weighted displacement difference, interval first and verdict last."""
    if found.se == 0:
        yield f"No {found.unit} were counted before or after: nothing can be said."
        return
    around = ""
    if found.displacement:
        around = f" ({signed(found.local)} inside, {signed(found.displacement)} around it)"
    places = places_apart(found.low, found.high, nothing=0.0, least=1)
    yield (
        f"Set against its control the treated area changed by {signed(found.wdd)} {found.unit}"
        f"{around}; {found.confidence:.0%} interval {signed(found.low, places)} to "
        f"{signed(found.high, places)}, {p_words(found.p_value)}."
    )
    if found.beyond_chance is None:
        yield (
            "Treated and control differ in size by more than 1.5 times and were not weighed by it: "
            "one trend for both gives such a difference by itself, so there is no verdict; compare "
            "them as a ratio."
        )
        return
    yield verdict(found.low, found.high, nothing=0.0, drift=found.drift > 0)


def rate_ratio(
    found: RateRatio,
    *,
    what: str = "incidents",
    comparator: str = "its comparator",
    chosen: bool = False,
) -> Iterator[str]:
    """A ratio of change; where the area was chosen for its count, nothing is said of chance."""
    yield _counts(found, what, comparator, " ".join(ratio_in_short(found)))
    if not math.isnan(found.ratio):
        yield verdict(found.low, found.high, nothing=1.0, chosen=chosen)


def ratio_told(found: RateRatio, *, what: str, comparator: str) -> Iterator[str]:
    """A ratio of change and its interval; whether chance gives it is told by like places.

    One without a comparator says so: what is compared here was asked for against one.
    """
    alone = math.isnan(found.counts[2])
    more = f" of after to before, without a comparator ({comparator} holds none)" if alone else ""
    yield _counts(found, what, comparator, f"{_with_interval(found)}{more}")


def _counts(found: RateRatio, what: str, comparator: str, ratio: str) -> str:
    before, after, other_before, other_after = found.counts
    own = f"{what} went from {before:,.0f} to {after:,.0f}{percent_words(before, after)}"
    others = (
        ""
        if math.isnan(other_before)
        else f", in {comparator} from {other_before:,.0f} to {other_after:,.0f}"
        f"{percent_words(other_before, other_after)}"
    )
    if math.isnan(found.ratio):
        return f"{capital(own)}{others}: too little to form a ratio."
    return f"{capital(own)}{others}: a ratio of {ratio}."


def ratio_in_short(found: RateRatio) -> Iterator[str]:
    """The ratio, its interval and p, with as many digits as the verdict needs."""
    none = math.isnan(found.ratio)
    yield "no ratio" if none else _with_interval(found, f", {p_words(found.p_value)}")


def _with_interval(found: RateRatio, more: str = "") -> str:
    places = places_apart(found.low, found.high, nothing=1.0, least=2)
    return (
        f"{found.ratio:.2f} ({found.confidence:.0%} interval {found.low:.{places}f} to "
        f"{found.high:.{places}f}{more})"
    )


def rest_of_city(found: RestOfCity) -> Iterator[str]:
    """The rest of a city, with what percentages cannot say."""
    yield (
        f"Without the treated area the rest of the city changed by {found.growth:+.1%}; against "
        f"that the area stands at {found.ratio:.3f}."
    )
    yield "No interval follows from percentages: ask for the counts behind them."


def regression_to_the_mean(found: RegressionToTheMean) -> Iterator[str]:
    """What choice alone would have left, and what came."""
    if found.before == 0:
        yield "The chosen areas held no incidents before: nothing can fall back."
        return
    trend = "" if found.trend == 1 else f" and a trend of {found.trend - 1:+.0%} in others as busy"
    yield (
        f"The {found.n_treated:,} areas chosen out of {found.n_candidates:,} held "
        f"{found.before:,.0f} incidents; being chosen for that{trend} would leave "
        f"{found.expected_after:,.0f} ({found.expected_change_percent:+.1f} %)."
    )
    if not math.isnan(found.ratio):
        yield (
            f"{found.after:,.0f} came, {found.ratio:.2f} times as many "
            f"({found.confidence:.0%} interval {found.low:.2f} to {found.high:.2f})."
        )
        yield _of_the_chosen(found)
    if found.earlier:
        low, high = min(found.earlier), max(found.earlier)
        yield (
            f"After the same choice in {counted(len(found.earlier), 'earlier year')}, when nothing "
            f"was done, {low:.2f} to {high:.2f} times as many came as expected."
        )


def _of_the_chosen(found: RegressionToTheMean) -> str:
    if found.beyond_chance is None:
        return "Too few areas were not chosen for a verdict: the numbers stand alone."
    return verdict(found.low, found.high, nothing=1.0, drift=True)
