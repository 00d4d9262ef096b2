"""Over time, in words: windows, days, events, repeats; what is new, a watch, what was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from hotspots.core.periods import day_words, span_words
from hotspots.core.plain import counted
from hotspots.core.question import EVERYTHING
from hotspots.core.record import NOT_GROUNDS
from hotspots.offences.themes import theme_in_words
from hotspots.report.text.headline import COMPARED, VERDICT_WORDS, change_words
from hotspots.report.text.ratio_words import p_words, places_apart
from hotspots.report.text.words import and_list, capital, period_name, small_number

EVERYWHERE = "everywhere"
WEEK = 168
BEYOND = 0.05
SEASONS_KEPT = " where places keep their seasons"
PARTS = {"hours": "hours", "days": "days of the week", "months": "months", "events": "events"}

SAYS = {
    "more": "more than its baseline leads one to expect",
    "fewer": "fewer than its baseline leads one to expect",
    "returned": "back at the level before the operation",
    "stayed-low": "still below the level before the operation",
}
CHOSEN = {
    "baseline": "They were chosen from their counts of that time: what is chosen for being high "
    "falls by itself, so that fewer is no sign that something worked.",
    "watched": "They were chosen from counts of the time that is watched: more is no news of them.",
}
MOST_NAMED = 5


def when(found: Any) -> Iterator[str]:
    """What was asked, then windows, days, months and events, then what has no answer and why."""
    period = f", {found.period}" if found.period else ""
    asked = _spoken(found.theme, found.labels)
    yield f"{counted(found.incidents.total, 'incident')} ({asked}{period})."
    if found.windows is not None:
        if found.without_hours:
            yield f"Hours are those of all but {found.without_hours:,}, whose hour is not known."
        yield from _windows(found.windows, found.zones, found.window_hours)
    if found.days is not None:
        yield from _days(found.days)
    if found.months is not None:
        yield from _months(found.months)
    if found.events is not None:
        yield from _events(found.events)
    for part, why in found.cannot:
        yield f"No answer on {PARTS[part]}: {why}"


def repeats(found: Any) -> Iterator[str]:
    """The nearest and soonest band, how far it reaches, the chains, and the list."""
    first = found.table.iloc[0]
    distance, time = found.table.index[0]
    asked = found.incidents.theme
    theme = "" if asked == EVERYTHING else f"{_spoken(asked, found.labels)}, "
    number = int(first["observed"])
    pairs = f"{counted(number, 'pair')} of incidents ({theme}{found.incidents.period_words})"
    times = "" if pd.isna(first["ratio"]) else f", {first['ratio']:,.1f} times"
    chance = f"{first['expected']:,.0f} by chance alone{times}"
    verb, sure = "lies" if number == 1 else "lie", p_words(first["p_value"])
    yield f"{pairs} {verb} {distance} and {time} apart, against {chance} ({sure}{SEASONS_KEPT})."
    if first["p_value"] > BEYOND:
        yield "Chance could give this: there is nothing to chain."
    others = found.table.index[1:][found.table["beyond_chance"].to_numpy(dtype=bool)[1:]]
    if len(others):
        bands = and_list([f"{' and '.join(band)}" for band in others[:3]])
        yield f"Also more than chance: {bands}."
    chains = found.chains["chain_id"].nunique()
    if chains:
        longest = int(found.chains["chain_length"].max())
        share = len(found.chains) / max(found.incidents.total, 1)
        yield (
            f"{share:.0%} of the incidents are in {counted(chains, 'chain')}, the longest of "
            f"{longest}; chance makes chains too."
        )
    yield from live(found.live)


def live(found: Any) -> Iterator[str]:
    """Today's places, and how such lists did on all days before."""
    rule = f"within {found.within_m:g} m of an incident of the {found.within_days} days before"
    day = f"{found.day.day} {found.day:%B %Y}"
    if len(found.areas):
        size = f"{found.areas['area_km2'].sum():.2f} km²"
        first = found.areas["place_name"].iloc[0]
        led = f", the latest at {first}" if isinstance(first, str) else ""
        verb = "lies" if len(found.areas) == 1 else "lie"
        yield f"On {day}, {counted(len(found.areas), 'place')} ({size}) {verb} {rule}{led}."
    else:
        yield f"On {day} no place lies {rule}."
    if found.incidents:
        chance = found.by_chance / found.incidents
        yield (
            f"On such lists of the past lay {found.followed:,} of {found.incidents:,} incidents "
            f"({_percent(found.hit_rate)}), against {_percent(chance)} by chance alone "
            f"({p_words(found.p_value)}{SEASONS_KEPT}), on {found.ground_km2:.2f} km² a day."
        )


def timetable(found: Any) -> Iterator[str]:
    """Visits, hours and stays; what they hold against as many spread evenly; the first stays."""
    visits = int(found.stays["visits"].sum()) if len(found.stays) else 0
    if not visits:
        yield "The budget has no room for a stay."
        return
    areas = found.stays["area_id"].nunique()
    yield (
        f"{counted(visits, 'visit')} of {found.visit_minutes} minutes a week in "
        f"{counted(areas, 'area')}, {found.used_hours:g} of {found.budget_hours:g} hours, one in "
        f"every {found.every_hours} hours of a stay: {_percent(found.share)} of their incidents "
        f"happened there and then, against {_percent(found.share_evenly)} with the visits spread "
        "evenly."
    )
    best = found.stays.sort_values("share", ascending=False, kind="stable").head(3)
    told = [
        f"{row['place_name'] if isinstance(row['place_name'], str) else row['area_id']} "
        f"{row['day'][:3]} {row['from_hour']:02d}-{row['until_hour']:02d}"
        for _, row in best.iterrows()
    ]
    yield f"Most in {and_list(told)}."
    if not found.proven:
        yield "The solver stopped early: a better timetable may exist."
    yield (
        "The share is of the incidents the timetable was chosen from, and being there is not "
        "preventing them."
    )


def shifts(found: Any) -> Iterator[str]:
    """How many areas each shift has and what they hold, and what they take of the budget."""
    yield (
        f"{counted(len(found.areas), 'area')} in {counted(len(found.shifts), 'shift')} take "
        f"{found.used_hours:g} of {found.budget_hours:g} patrol hours a week."
    )
    for name, one in found.shifts.items():
        held, total = one.choice.incidents_held, one.choice.incidents_total
        first = one.selected.iloc[0]
        led = first["place_name"] if isinstance(first["place_name"], str) else first.name
        yield (
            f"{capital(name)} ({one.members.question.window.label}): "
            f"{counted(len(one.selected), 'area')}, {held:,} of {total:,} incidents, led by {led}."
        )
    yield "Areas are candidates for officers to sign off."
    yield str(NOT_GROUNDS)


def _windows(table: pd.DataFrame, zones: tuple[str, ...], hours: int) -> Iterator[str]:
    for zone in (EVERYWHERE, *zones):
        rows = table[table["zone"] == zone]
        if rows.empty:
            place = "" if zone == EVERYWHERE else f"{zone}: "
            yield capital(f"{place}no {hours} hours of the week stand out beyond chance.")
            continue
        told = []
        for _, row in rows.iterrows():
            name = f"{row['day'][:3]} {row['from_hour']:02d}-{row['until_hour']:02d}"
            share = f"{name} holds {_percent(row['share'])}"
            if zone == EVERYWHERE:
                part = _percent(hours / WEEK)
                share += f" in {part} of the week, {_interval(row)} times the rest"
            else:
                share += f", {_interval(row)} times its share elsewhere"
            told.append(share)
        place = "" if zone == EVERYWHERE else f"{zone}: "
        yield f"{place}{'; '.join(told)}."


def _days(table: pd.DataFrame) -> Iterator[str]:
    for zone, rows in table.groupby("zone", sort=False):
        place = "" if zone == EVERYWHERE else f"{zone}: "
        high = rows[(rows["p_value"] <= BEYOND) & (rows["ratio"] > 1)]
        than = "another day" if zone == EVERYWHERE else "its share elsewhere"
        told = [
            f"{row['day']} holds {_percent(row['share'])}, {_interval(row)} times {than} "
            f"({p_words(row['p_value'])})"
            for _, row in high.sort_values("ratio", ascending=False).iterrows()
        ]
        nothing = "no day of the week is higher beyond chance"
        yield capital(f"{place}{'; '.join(told) or nothing}.")


def _months(table: pd.DataFrame) -> Iterator[str]:
    for side, verb in (("high", "above"), ("low", "below")):
        rows = table[table["stands_out"] == side].sort_values("index", ascending=side == "low")
        if len(rows):
            told = [f"{row['month']} {_interval(row, 'index')}" for _, row in rows.iterrows()]
            yield f"{verb.capitalize()} the usual month (1), a day for a day: {and_list(told)}."
    if table["stands_out"].isna().all():
        yield "No month of the year stands out beyond chance."
    odd = [_month(name) for name in table["odd_month"].dropna()]
    if odd:
        yield f"{and_list(odd)} {'was' if len(odd) == 1 else 'were'} odd and not counted as season."


def _events(table: pd.DataFrame) -> Iterator[str]:
    for _, row in table.iterrows():
        name = capital(str(row["event"]))
        if pd.isna(row["ratio"]):
            yield f"{name}: no ordinary day to set beside ({row['days']} days held)."
            continue
        held = f"{name}: {_interval(row)} times an ordinary day like it ({row['days']} days)"
        open_ = row["low"] <= 1 <= row["high"]
        yield f"{held}{': chance could give this' if open_ else ''}."


def _month(name: str) -> str:
    start = pd.Timestamp(f"{name}-01")
    return span_words(start, start + pd.DateOffset(months=1))


def _interval(row: Any, of: str = "ratio") -> str:
    """A ratio and its interval, with as many decimals as keep its ends from 1."""
    least = 0 if row["low"] >= 20 else 1 if row["low"] >= 2 else 2
    places = places_apart(row["low"], row["high"], nothing=1, least=least)
    return f"{row[of]:,.{places}f} ({row['low']:,.{places}f} to {row['high']:,.{places}f})"


def _spoken(theme: str, labels: Mapping[str, str]) -> str:
    """The name of a theme as its file has it, or of a basket, as it is read out."""
    return labels.get(theme) or theme_in_words(theme)


def _percent(share: float) -> str:
    return f"{share:.0%}"


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
    yield from _counts(found.changes, found.labels)


def watch(found: Any) -> Iterator[str]:
    """The areas with a signal since when, what is still open, and what is watched against what."""
    areas = found.areas
    unit = "week" if found.every == "week" else "month"
    asked = _spoken(found.theme, found.labels)
    yield (
        f"{counted(len(areas), 'area')} ({asked}) watched {unit} by {unit} since "
        f"{day_words(found.started.date())}."
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
    yield (
        "Each is held against what the incidents elsewhere lead one to expect from its level of "
        f"{found.baseline.label}; the budget is {_budget(found.false_alarms_a_year)}, all areas "
        "together."
    )
    yield from (CHOSEN[one] for one in found.chosen_from)
    if found.drift > 1:
        yield (
            f"Thresholds are {found.drift:.1f} times as high as chance alone asks for: so much do "
            f"{found.like_places} other places of this size drift by themselves."
        )
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


def _counts(table: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[str]:
    for theme, rows in table.groupby("theme", sort=False):
        told = []
        for row in rows.to_dict("records"):
            change = change_words(row)
            verdict = VERDICT_WORDS[row["verdict"]]
            told.append(
                f"{row['now']:,} against {row['then']:,} {COMPARED[row['comparison']]}"
                f"{f', {change} per day' if change else ''}: {verdict}"
            )
        named = capital(_spoken(str(theme), labels))
        yield f"{named}, {period_name(rows['period'].iloc[0])}: {'; '.join(told)}."


def _budget(a_year: float) -> str:
    if a_year >= 1:
        return f"{a_year:g} false alarm{'' if a_year == 1 else 's'} a year"
    return f"one false alarm in {1 / a_year:.2g} years"


def _incidents(number: float) -> str:
    return f"{number:,.0f}" if abs(number - round(number)) < 0.05 else f"{number:,.1f}"
