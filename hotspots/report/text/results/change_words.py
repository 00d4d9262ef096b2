"""Before and after in words: windows, counts, spread over zones, return to the usual."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from hotspots.core.periods import day_words
from hotspots.core.plain import counted
from hotspots.core.sentences import sentence_of
from hotspots.report.text.ratio_words import p_words, percent_words, places_apart
from hotspots.report.text.results.place_words import unlabelled
from hotspots.report.text.words import and_list, incidents_of

if TYPE_CHECKING:
    from hotspots.analysis.evaluation.change_result import Change
    from hotspots.analysis.evaluation.comparators import Comparators
    from hotspots.analysis.evaluation.placebo import Placebo
    from hotspots.analysis.evaluation.plan import ChangePlan, SmallestChange
    from hotspots.analysis.interrupted_time_series import Interruption

NO_INTERVAL = 100
"""A ratio that may as well be so many times as much has no interval worth saying."""
MODEL = (
    "segmented quasi-Poisson regression of monthly counts with log link: level and trend before, "
    "change of level{slope} at the start, {exposure} as exposure{season}; standard errors "
    "the wider of quasi-Poisson (widened for first-order correlation) and Newey-West with lag "
    "{lag}; Student's t, {free} degrees of freedom"
)


def change(found: Change) -> Iterator[str]:
    """The change of all treated zones; those chosen for their counts in a window say so first."""
    zones = len(found.areas)
    what = "in the treated area" if zones == 1 else f"in the {zones:,} treated areas"
    biased = found.chosen_from_windows
    if biased:
        yield from choice(found)
    named = unlabelled(found.theme)
    yield compared(found, f"{incidents_of(found.label) if found.label else named} {what}")
    yield from verdict(found)
    yield _spread(found)
    yield _harm(found)
    yield _regression(found)
    if not biased:
        yield from choice(found)


def compared(found: Change, what: str) -> str:
    """Windows, counts, ratio and interval."""
    told = sentence_of(found.ratio, "told", what=what, comparator=found.comparator_name)
    return f"{found.windows.before.label} against {found.windows.after.label}: {told}"


def comparators(found: Comparators) -> Iterator[str]:
    """Who is compared with whom, how alike they were, and how the change stands among theirs."""
    level = found.balance.loc["level"]
    names = found.zones["zone_name"].astype(str).tolist()
    listed = and_list(names if len(names) <= 5 else [*names[:4], f"{len(names) - 4} more"])
    yield (
        f"{counted(len(names), 'comparator')}, most like it before the start ({listed}): "
        f"{level['comparators']:.1f} incidents a month against {level['treated']:.1f} in the "
        "treated place."
    )
    far = [str(name) for name in found.balance.index[found.balance["unlike"] > 1]]
    if far:
        yield f"They are no more like it than any other place in {and_list(far)}."
    if math.isnan(found.ratio):
        return
    yield (
        f"{found.windows.before.label} against {found.windows.after.label}: the treated changed "
        f"{found.ratio:.2f} times as the comparators did."
    )
    if found.beyond_chance is None:
        yield f"Too few places to judge it by ({found.places:,}): the numbers stand alone."
        return
    yield (
        f"Of {found.places:,} places judged by their own comparators, "
        f"{found.as_extreme or 'none'} changed as much: "
        f"{'beyond chance' if found.beyond_chance else 'chance could give this'} "
        f"({p_words(found.p_value)})."
    )


def verdict(found: Change) -> Iterator[str]:
    """How many like places changed as much where nothing was done, and what follows."""
    placebo = found.placebo
    if math.isnan(found.ratio.ratio):
        return
    if not placebo.enough:
        yield (
            f"Too few like places where nothing was done ({placebo.places:,}) for a verdict: the "
            "numbers stand alone."
        )
        return
    told = f"{_like_places(placebo)}, {placebo.as_extreme or 'none'} changed as much"
    if found.beyond_chance is None:
        yield f"{told}; what that says is lost in how the areas were chosen."
    elif found.beyond_chance:
        yield f"{told}: chance and drift alone would rarely give this."
    else:
        yield (
            f"{told}: chance and drift alone could give this, so it shows neither that it worked "
            "nor that it did not."
        )
        low, high = placebo.likely
        yield f"The 80% interval of the ratio is {low:.2f} to {high:.2f}."
        yield _smallest(placebo)


def _like_places(placebo: Placebo) -> str:
    sets = f"sets of {placebo.zones:,} like places" if placebo.zones > 1 else "like places"
    high = " that were as high" if placebo.as_high else ""
    old = f", {placebo.earlier:.0%} of them in earlier years" if placebo.earlier >= 0.005 else ""
    return f"Of {placebo.places:,} {sets}{high} where nothing was done{old}"


def _smallest(placebo: Placebo) -> str:
    """The smallest change that would have been seen, four times of five."""
    fall, rise = placebo.smallest_fall, placebo.smallest_rise
    if math.isnan(fall):
        return "With counts like these not even a fall to nothing would be told from chance."
    up = "" if math.isnan(rise) else f" or a rise of {rise:.0f}%"
    return f"With counts like these a fall of {fall:.0f}%{up} would be seen four times out of five."


def smallest_change(found: SmallestChange) -> Iterator[str]:
    """The smallest change counts like these would show."""
    others = "" if math.isnan(found.control) else f", {found.control:,.0f} in the comparator,"
    counts = f"With {found.treated:,.0f} incidents in a window{others}"
    if math.isnan(found.fall):
        yield f"{counts} not even a fall to nothing would be told from chance."
        return
    up = "" if math.isnan(found.rise) else f" or a rise of {found.rise:.0f}%"
    yield f"{counts} a fall of {found.fall:.0f}%{up} would be seen {_times(found.power)}."


def plan(found: ChangePlan) -> Iterator[str]:
    """What a comparison could show, and from when on."""
    what = "this zone" if found.zones == 1 else f"these {found.zones:,} zones"
    told = found.table.dropna(subset=["smallest_fall"])
    if not len(told):
        yield (
            f"Nothing can be promised for {what}: no length of the windows tried has enough "
            "incidents and enough like places to show a fall."
        )
        return
    months = A_YEAR if A_YEAR in told.index else told.index[-1]
    row = told.loc[months]
    yield (
        f"Over {counted(int(months), 'month')} {what} held {row['count']:,.0f} "
        f"{unlabelled(found.theme)}: a fall of {row['smallest_fall']:.0f}% would be seen "
        f"{_times(found.power)}."
    )
    if found.visible is None:
        yield f"A fall of {found.fall:.0f}% would not be seen in any length tried."
        return
    first = day_words(found.visible.date())
    length = counted(int(found.months or 0), "month")
    yield f"A fall of {found.fall:.0f}% would be seen after {length}, from {first} on."


def _times(power: float) -> str:
    return "four times out of five" if power == FOUR_OF_FIVE else f"{power:.0%} of the time"


A_YEAR = 12
FOUR_OF_FIVE = 0.8


def choice(found: Change) -> Iterator[str]:
    """How the zones were chosen, and what follows for the result."""
    yield from map(str, found.choice)


def patrol_review(found: Any) -> Iterator[str]:
    """The change, and what the same rule chose and saw in earlier years."""
    yield from change(found.change)
    if not len(found.earlier):
        yield (
            "The data do not reach back to what the same rule would have chosen a year earlier, so "
            "what choice alone brings is not known."
        )
        return
    said = [
        f"{row.ratio:.2f} ({row.areas:,} areas chosen from {row.chosen_from}, followed from "
        f"{row.count_before:,} to {row.count_after:,})"
        for row in found.earlier.itertuples()
    ]
    yield (
        "The same rule in earlier years, before the patrols began, chose areas that went by a "
        f"ratio of {and_list(said)} against the rest."
    )
    lowest = found.earlier["ratio"].min()
    ratio = found.change.ratio.ratio
    if ratio < 1 and ratio >= lowest:
        yield "So a fall like this one is what choice alone has brought."
    elif ratio < 1:
        years = len(found.earlier)
        which = "the earlier year" if years == 1 else f"all {years:,} earlier years"
        yield (
            f"It fell further than in {which}: about one time in {years + 1:,} that happens where "
            "nothing is done, so it is no verdict."
        )


def _spread(found: Change) -> str:
    with_base = int(found.areas["change_percent"].notna().sum())
    if with_base < 2:
        return ""
    without = found.leave_one_out["pooled_percent"]
    return (
        f"Pooled the areas changed by {found.pooled_change_percent:+.1f}%, the mean of "
        f"{with_base:,} areas' own changes is {found.mean_change_percent:+.1f}%; leaving out "
        f"any one area the pooled change runs from {without.min():+.1f} to "
        f"{without.max():+.1f}%."
    )


def _harm(found: Change) -> str:
    ratio = found.harm_ratio
    if ratio is None or math.isnan(ratio.ratio):
        return ""
    before, after, *_ = ratio.counts
    places = places_apart(ratio.low, ratio.high, nothing=1.0, least=2)
    sure = f" ({ratio.low:.{places}f} to {ratio.high:.{places}f})"
    if ratio.high > NO_INTERVAL * ratio.ratio:
        sure = "; a few grave incidents decide it, and no interval would say anything"
    return (
        f"Harm went from {before:,.0f} to {after:,.0f}{percent_words(before, after)}, a ratio of "
        f"{ratio.ratio:.2f}{sure}."
    )


def _regression(found: Change) -> str:
    if found.usual is None or math.isnan(found.usual.ratio):
        return ""
    earlier, before, *_ = found.usual.counts
    start = (
        f"In the same months a year earlier these places held {earlier:,.0f} incidents, "
        f"{before:,.0f} in the before window"
    )
    if found.usual.low > 1:
        return (
            f"{start}: they were unusually high when the work began, so part of a fall would "
            "have come anyway."
        )
    if found.chosen_from_windows:
        return f"{start}."
    return f"{start}: they do not show that the places were unusually high."


def interruption(found: Interruption) -> Iterator[str]:
    """The course of a series and its break, counts first, then what it cannot say."""
    after = int(found.table["after"].sum())
    beside = ", against its comparator," if found.controlled else ""
    verb = "was" if found.observed == 1 else "were"
    seen = f"there {verb} {counted(found.observed, 'incident')}"
    head = f"In the {after:,} months after {found.started} {seen}"
    if math.isnan(found.ratio):
        yield f"{head}: too few to fit a course of events."
    else:
        yield (
            f"{head}; going on as before{beside} would have given {found.expected:,.0f}: a ratio "
            f"of {found.ratio:.2f} ({found.confidence:.0%} interval {found.low:.2f} to "
            f"{found.high:.2f}, {p_words(found.p_value)})."
        )
        yield from series_verdict(found)
    yield from map(str, found.cautions)


def series_verdict(found: Interruption) -> Iterator[str]:
    """How many series of like places broke as much, and what follows."""
    if found.beyond_chance is None:
        few = f"Too few like places where nothing was done ({found.places:,}) for a verdict"
        none = "There is no like place to judge it by, so there is no verdict"
        yield f"{few if found.places else none}: the numbers stand alone."
        return
    told = (
        f"Of {found.places:,} like places where nothing was done, {found.as_extreme or 'none'} "
        "broke as much"
    )
    rare = "chance and drift alone would rarely give this."
    yield f"{told}: {rare if found.beyond_chance else 'chance and drift alone could give this.'}"


def model(found: Interruption) -> Iterator[str]:
    """The regression that was fitted."""
    if found.degrees_of_freedom is None:
        yield "none fitted"
        return
    yield MODEL.format(
        slope=" and trend" if found.slope_change else "",
        exposure="the comparator" if found.controlled else "days of the month",
        season=", one yearly wave" if found.seasonal else "",
        lag=found.lag,
        free=found.degrees_of_freedom,
    )
