"""What is new, what a watch says by now, where to post a service, and what was done, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hotspots.core.periods import day_words
from hotspots.report.text.headline import COMPARED, VERDICT_WORDS, change_words
from hotspots.report.text.ratio_words import p_words
from hotspots.report.text.words import and_list, counted, period_name, small_number

SAYS = {
    "more": "more than its baseline leads one to expect",
    "fewer": "fewer than its baseline leads one to expect",
    "returned": "back at the level before the operation",
    "stayed-low": "still below the level before the operation",
}
MOST_NAMED = 5


def news(found: Any) -> Iterator[str]:
    """Places with an alarm and the budget, then the counts of the themes."""
    budget = _budget(found.false_alarms_a_year)
    if found.places is not None:
        alarms = found.places[found.places["is_alarm"]]
        for name, row in alarms.iterrows():
            place = row["place_name"] if isinstance(row["place_name"], str) else name
            yield (
                f"New at {place}, and around it: {counted(row['observed'], 'incident')} "
                f"in the {row['days']} days to {day_words(found.day)}, where "
                f"{row['expected']:.1f} were to be expected ({p_words(row['p_value'])})."
            )
        if alarms.empty:
            yield (
                f"Up to {day_words(found.day)} no place holds more in its last days than place and "
                "time lead one to expect."
            )
        yield f"The budget is {budget} while nothing is new, in {found.runs_a_year:g} runs."
    else:
        yield f"No answer on places: {found.cannot}"
    yield from _counts(found.changes)


def watch(found: Any) -> Iterator[str]:
    """What is watched against what, the areas with a signal since when, and what is still open."""
    areas = found.areas
    unit = "week" if found.every == "week" else "month"
    rule = (
        "against what the incidents elsewhere lead one to expect"
        if found.against == "rest"
        else "against its incidents a day"
    )
    yield (
        f"{counted(len(areas), 'area')} ({found.theme}) watched {unit} by {unit} since "
        f"{day_words(found.started.date())}, each {rule} from its level in {found.baseline.label}; "
        f"the budget is {_budget(found.false_alarms_a_year)}, all areas together."
    )
    if found.drift > 1:
        yield (
            f"Thresholds are {found.drift:.1f} times as high as chance alone asks for: so much do "
            f"{found.like_places} other places of this size drift by themselves."
        )
    told = areas[areas["state"].isin(list(SAYS))].sort_values("since", kind="stable")
    for name, row in told.head(MOST_NAMED).iterrows():
        yield _signal(name, row)
    if len(told) > MOST_NAMED:
        yield f"{len(told) - MOST_NAMED} more have a signal: see the table."
    quiet = areas[areas["state"] == "no-signal"]
    if len(quiet):
        yield f"No signal in {len(quiet)} of {len(areas)}."
        yield from _seen(quiet, unit)
    few = int((areas["state"] == "too-few").sum())
    if few:
        yield f"Too few incidents to tell in {few}."
    yield "A signal says that counts differ, not why; none is no proof that nothing changed."


def services(found: Any) -> Iterator[str]:
    """How many posts, what they reach, the first of them, and how sure that is."""
    if found.posts.empty:
        yield "No post reaches an incident."
        return
    yield (
        f"{counted(len(found.posts), 'post')} of {counted(found.hours_each, 'hour')} a week "
        f"{'reaches' if len(found.posts) == 1 else 'reach'} "
        f"{_incidents(found.reached)} of {_incidents(found.total)} incidents (within "
        f"{found.reach_m:g} m and in these hours); "
        + (
            "no other choice reaches more."
            if found.proven
            else f"no choice reaches more than {_incidents(found.bound)}."
        )
    )
    posts = [
        f"{row['place_name'] if isinstance(row['place_name'], str) else row['area_id']} "
        f"{row['day'][:3]} {row['from_hour']:02d}-{row['until_hour']:02d}"
        for _, row in found.posts.head(MOST_NAMED).iterrows()
    ]
    yield f"First {and_list(posts)}."
    if found.spare:
        yield f"{small_number(found.spare).capitalize()} more would add nothing."
    yield "They are the incidents the posts were chosen from: being near is not preventing."


def dosage(table: pd.DataFrame) -> Iterator[str]:
    """Visits done of those planned, area by area where least was done, and what was not planned."""
    planned, done = int(table["planned_visits"].sum()), int(table["done"].sum())
    minutes, beyond = table["minutes"].sum(), table["unplanned_minutes"].sum()
    yield (
        f"{done:,} of {counted(planned, 'planned visit')} were made for the whole dose, "
        f"{minutes:,.0f} minutes in all, {beyond:,.0f} of them outside the plan."
    )
    least = table.dropna(subset="coverage").sort_values("coverage", kind="stable").head(3)
    told = [
        f"{row['area_id']} ({row['shift']}) {row['done']} of {row['planned_visits']}"
        for row in least[least["coverage"] < 1].reset_index().to_dict("records")
    ]
    if told:
        yield f"Least in {and_list(told)}."


def _signal(name: Any, row: Any) -> str:
    place = row["place_name"] if isinstance(row["place_name"], str) else name
    since = f" since {day_words(row['since'])}" if row["since"] is not None else ""
    known = f", known on {day_words(row['signal_on'])}" if row["signal_on"] is not None else ""
    over = "" if row["still"] or row["signal_on"] is None else ", not in the last period"
    return (
        f"{place}: {SAYS[row['state']]}{since}{known}{over} ({row['count']:,} incidents in all, "
        f"{row['expected']:.1f} expected)."
    )


def _seen(quiet: pd.DataFrame, unit: str) -> Iterator[str]:
    """How long a rise would take to be seen."""
    rises = quiet[quiet["rise"] > 1]
    seen = rises["seen_after"].dropna()
    size = f"{rises['rise'].median():.1f} times" if len(rises) else ""
    if len(seen):
        spread = f"{seen.min():.0f}" if seen.min() == seen.max() else (
            f"{seen.min():.0f} to {seen.max():.0f}"
        )  # fmt: skip
        yield f"A rise to {size} would be seen after {spread} {unit}s in {len(seen)} of them."
    if len(rises) > len(seen):
        yield (
            f"In {len(rises) - len(seen)} a rise to {size} would not be seen within a year in four "
            "cases of five."
        )


def _counts(table: pd.DataFrame) -> Iterator[str]:
    for theme, rows in table.groupby("theme", sort=False):
        told = []
        for row in rows.to_dict("records"):
            change = change_words(row)
            verdict = VERDICT_WORDS[row["verdict"]]
            told.append(
                f"{row['now']:,} against {row['then']:,} {COMPARED[row['comparison']]}"
                f"{f', {change}' if change else ''}: {verdict}"
            )
        yield f"{theme}, {period_name(rows['period'].iloc[0])}: {'; '.join(told)}."


def _budget(a_year: float) -> str:
    if a_year >= 1:
        return f"{a_year:g} false alarm{'' if a_year == 1 else 's'} a year"
    return f"one false alarm in {1 / a_year:.2g} years"


def _incidents(number: float) -> str:
    return f"{number:,.0f}" if abs(number - round(number)) < 0.05 else f"{number:,.1f}"
