"""The evidence on an order in words: its term, what the data say to each statutory limb."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hotspots.core.periods import day_words
from hotspots.core.plain import counted
from hotspots.core.sentences import sentence_of
from hotspots.report.text.results import change_words

UNDECIDED = "for an officer to decide"
CANNOT_SAY = {
    "detrimental effect": "Recorded incidents are not yet an effect on the quality of life: add "
    "complaints, statements and surveys of people in the locality.",
    "persistent or continuing": "A quiet month can be a month in which nobody reported.",
    "unreasonable": "No count makes a behaviour unreasonable; say who did what, and what is "
    "ordinary there.",
    "justifies the restrictions": "Whether each prohibition is reasonable, and the least that will "
    "do, is a judgement; freedom of expression and assembly must be regarded (s72).",
}


def order(found: Any) -> Iterator[str]:
    """The evidence in words: term, change, rings, persistence, cautions, and who decides."""
    parts = [
        f"{found.order_name}, {found.label}.",
        sentence_of(found.term),
        *change(found),
        *rings(found),
        *_own_course(found),
        " ".join(_persistence(found)),
        *map(str, found.cautions),
        f"The statutory tests of section 59 are {UNDECIDED}.",
    ]
    yield from dict.fromkeys(parts)


def change(found: Any) -> Iterator[str]:
    """Before and after inside the order; nothing where there is none."""
    if found.change is None:
        return
    yield change_words.compared(found.change, "incidents inside the order")
    yield from change_words.verdict(found.change)


def rings(found: Any) -> Iterator[str]:
    """The rings around the order; nothing where there are none."""
    if found.change is None:
        return
    table = found.change.table[found.change.table["role"] == "ring"]
    said = [
        f"{label} from {row['count_before']:,} to {row['count_after']:,}"
        for label, row in table.iterrows()
    ]
    if said:
        yield f"Around it: {'; '.join(said)}."


def limb(found: Any, *, name: str) -> Iterator[str]:
    """What the data say to one statutory limb."""
    return _LIMBS[name](found)


def _effect(found: Any) -> Iterator[str]:
    inside = int(found.series["inside"].sum()) if len(found.series) else 0
    months = found.persistence["months"]
    yield f"{inside:,} incidents inside the order in {months:,} months of data."


def _persistence(found: Any) -> Iterator[str]:
    held = found.persistence
    yield (
        f"Incidents in {held['months_with']:,} of {held['months']:,} months (before the start "
        f"{held['months_with_before']:,} of {held['months_before']:,}, within the term "
        f"{held['months_with_within_the_term']:,} of {held['months_within_the_term']:,}); "
        f"longest unbroken run {held['longest_run']:,}"
        + (f"; last in {held['last_month_with']}." if held["last_month_with"] else ".")
    )
    if not len(found.recurring):
        yield "No recurring place."
        return
    places = "; ".join(
        f"{row.place} ({row.incident_count:,} in {row.months_with:,} months)"
        for row in found.recurring.head(5).itertuples()
    )
    yield f"{counted(len(found.recurring), 'recurring place')}, first {places}."


def _behaviours(found: Any) -> Iterator[str]:
    if not len(found.baskets):
        yield "No prohibition was given as a basket of offences, so behaviours are not told apart."
        return
    parts = []
    for name, row in found.baskets.iterrows():
        words = f"{name}: {row['incident_count']:,.0f} in {row['months_with']:,.0f} months"
        if pd.notna(row.get("count_before")):
            words += f" ({row['count_before']:,.0f} before, {row['count_after']:,.0f} after)"
        parts.append(words)
    yield f"Inside the order, by prohibition: {'; '.join(parts)}."


def _restrictions(found: Any) -> Iterator[str]:
    said = [*change(found), *rings(found), *_own_course(found)]
    yield from said or ["No before and after can be compared."]


def _own_course(found: Any) -> Iterator[str]:
    """The interrupted time series, in one text."""
    if found.interruption is not None:
        yield sentence_of(found.interruption)


_LIMBS = {
    "detrimental effect": _effect,
    "persistent or continuing": _persistence,
    "unreasonable": _behaviours,
    "justifies the restrictions": _restrictions,
}


def cannot_say(_: Any, *, name: str) -> Iterator[str]:
    """What no data say to one statutory limb."""
    yield CANNOT_SAY[name]


def undecided(_: Any) -> Iterator[str]:
    """Who decides."""
    yield UNDECIDED


def term(found: Any) -> Iterator[str]:
    """The published term of an order, on a day."""
    last = f"to {day_words(found.valid_until)}" if found.valid_until else "with no last day given"
    yield f"Published term: {day_words(found.valid_from)} {last}."
    if found.today is None:
        yield "No day was given to count from."
        return
    if found.status == "renewal unknown":
        ago = counted(-(found.days_left or 0), "day")
        yield f"It ended {ago} before {day_words(found.today)}: {found.status}."
        return
    left = ""
    if found.days_left is not None:
        left = f", {counted(found.days_left, 'day')} to its last day"
    yield f"On {day_words(found.today)}: {found.status}{left}."
