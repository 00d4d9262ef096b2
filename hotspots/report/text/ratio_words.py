"""Ratios, rates and chance in words: counts first, then the interval, the verdict last."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.plain import counted
from hotspots.report.escape import plain_text
from hotspots.report.text.words import capital, signed_percent

if TYPE_CHECKING:
    from hotspots.analysis.evaluation.ratios import RateRatio, RestOfCity
    from hotspots.analysis.evaluation.regression_to_mean import RegressionToTheMean
    from hotspots.analysis.evaluation.wdd import DisplacementDifference

MOST_PLACES = 6
RATED = ("density", "rate")
"""What areas are ranked by, where that is a rate."""
_UNITS = {"km2": (1.0, "per km²"), "m": (100.0, "per 100 m")}

EVIDENCE = {
    "beyond-chance": "beyond chance, with its neighbours",
    "could-be-chance": "could be chance",
    "not-tested": "not tested",
}
"""Words for the codes of the column ``evidence``: the test is of an area and those around it."""
UNASKED = "not tested: no count passes"


def no_count_passes(areas: pd.DataFrame) -> pd.Series:
    """Which areas are busy where no count of their own could pass: no verdict beside a p-value."""
    if not {"evidence", "p_value"} <= set(areas.columns):
        return pd.Series(False, index=areas.index)
    return areas["evidence"].eq("not-tested") & areas["p_value"].notna()


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
            "Treated and control were of unlike level before: one trend for both gives such a "
            "difference by itself, so there is no verdict; compare them as a ratio."
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
        f"{found.expected_after:,.0f} ({found.expected_change_percent:+.1f}%)."
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
    if not found.years_enough:
        return (
            "No verdict without the same choice in two earlier years: a year has highs of its own, "
            "and these fall back further than the counts of one year show."
        )
    if found.beyond_chance is None:
        return "Too few areas were not chosen for a verdict: the numbers stand alone."
    return verdict(found.low, found.high, nothing=1.0, drift=True)


def rate_unit(per: str) -> tuple[float, str]:
    """What a rate is multiplied by to be written, and for how much it then is.

    Examples
    --------
    >>> rate_unit("km2"), rate_unit("m"), rate_unit("usual_residents")
    ((1.0, 'per km²'), (100.0, 'per 100 m'), (1000.0, 'per 1,000 usual residents'))
    """
    return _UNITS.get(per, (1_000.0, f"per 1,000 {plain_text(per).replace('_', ' ')}"))


def ratio_unit(per: str) -> str:
    """What a ratio of wards compares: "per km²", "per resident"."""
    return "per km²" if per == "km2" else f"per {per}"


def rate_per(areas: pd.DataFrame | None) -> str:
    """What areas that are ranked by a rate have it for; nothing where they are not.

    Examples
    --------
    >>> rate_per(pd.DataFrame({"ranked_by": ["rate"], "rate_per": "residents", "rate": 0.1}))
    'residents'
    """
    if areas is None or "ranked_by" not in areas.columns:
        return ""
    if "disclosed_for" in areas.columns:
        return "km2" if set(areas["ranked_by"].dropna()) == {"density"} else ""
    if not {"rate_per", "rate"} <= set(areas.columns):
        return ""
    if not set(areas["ranked_by"].dropna()) & set(RATED):
        return ""
    return str(next(iter(areas["rate_per"].dropna()), ""))


def rate_words(area: Any, *, unit: bool = False) -> str:
    """The rate of an area with its interval; that of a rounded count, about so many per km².

    Examples
    --------
    >>> rate_words({"rate": 0.0042, "rate_low": 0.0021, "rate_high": 0.0079, "rate_per": "homes"})
    '4.2 (2.1 to 7.9)'
    >>> rate_words({"rate": 120.4, "rate_per": "km2"}, unit=True)
    '120 per km²'
    >>> rate_words({"incident_count": 15.0, "area_km2": 0.5, "disclosed_for": "partner"})
    'about 30.0'
    >>> ends = {"rate_low": 41.0, "rate_high": 277.0}
    >>> rate_words({"rate": 110.0, "rate_per": "km2"} | ends, unit=True)
    '110 per km², 90% interval 41.0 to 277'
    """
    if isinstance(area.get("disclosed_for"), str):
        about = area["incident_count"] / area["area_km2"]
        said = "" if pd.isna(about) else f"about {_figure(about)}"
        return f"{said} per km²" if unit and said else said
    if pd.isna(area.get("rate")):
        return ""
    scale, words = rate_unit(str(area["rate_per"]))
    said = _figure(area["rate"] * scale) + (f" {words}" if unit else "")
    low, high = area.get("rate_low"), area.get("rate_high")
    if pd.isna(low) or pd.isna(high):
        return said
    ends = f"{_figure(low * scale)} to {_figure(high * scale)}"
    return f"{said}, 90% interval {ends}" if unit else f"{said} ({ends})"


def _figure(number: float) -> str:
    """About three digits, as many as a rate can carry."""
    digits = 0 if number >= 100 else 1 if number >= 1 else 2
    return f"{number:,.{digits}f}"


def rates_as_written(areas: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Areas with their rates at the scale they are written in, and the headings of the columns."""
    if not {"rate", "rate_per"} <= set(areas.columns) or areas["rate_per"].dropna().nunique() != 1:
        return areas, []
    scale, words = rate_unit(str(areas["rate_per"].dropna().iloc[0]))
    heads = {
        "rate": f"Incidents {words}",
        "rate_low": "Rate, low end",
        "rate_high": "Rate, high end",
    }
    there = [name for name in heads if name in areas.columns and areas[name].notna().any()]
    scaled = areas.assign(**{name: areas[name] * scale for name in there})
    return scaled, [(name, heads[name]) for name in there]


def percent_words(before: float, after: float) -> str:
    """A percentage in brackets, or nothing where there is no base for one.

    Examples
    --------
    >>> percent_words(120, 85), percent_words(0, 5)
    (' (-29%)', '')
    """
    return f" ({signed_percent(after / before - 1)})" if before > 0 else ""


def p_words(p_value: float) -> str:
    """A probability as people write it; never a bare nought.

    Examples
    --------
    >>> p_words(0.2324), p_words(0.0002)
    ('p = 0.232', 'p < 0.001')
    """
    return "p < 0.001" if p_value < 0.0005 else f"p = {p_value:.3f}"


def verdict(
    low: float, high: float, *, nothing: float, chosen: bool = False, drift: bool = False
) -> str:
    """One sentence on whether the interval leaves room for no change.

    Where the areas were chosen from the counts compared, it claims nothing about chance; where it
    does not know how far places ``drift`` by themselves, it says so.
    """
    if low > nothing or high < nothing:
        outside = "No change lies outside the interval"
        if chosen:
            return f"{outside}, which knows nothing of how the areas were chosen."
        apart = "" if drift else "; how far places drift apart by themselves is not in it"
        return f"{outside}: chance alone would rarely give this{apart}."
    return (
        "The interval includes no change: chance alone could give this, so it shows neither that "
        "it worked nor that it did not."
    )


def places_apart(*ends: float, nothing: float, least: int) -> int:
    """Decimal places with which the ends of an interval still lie where they do.

    Examples
    --------
    >>> places_apart(0.62, 0.997, nothing=1, least=2), places_apart(0.62, 0.8, nothing=1, least=2)
    (3, 2)
    """
    for places in range(least, MOST_PLACES):
        if all(round(end, places) != nothing or end == nothing for end in ends):
            return places
    return MOST_PLACES


def signed(value: float, places: int = 1) -> str:
    """A change with its sign, without a needless nought behind the point.

    Examples
    --------
    >>> signed(-10.0), signed(2.25)
    ('-10', '+2.2')
    """
    rounded = round(value, places)
    return f"{rounded:+,.0f}" if rounded == int(rounded) else f"{rounded:+,.{places}f}"
