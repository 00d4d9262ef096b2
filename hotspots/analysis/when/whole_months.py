"""Which months every source of a question holds whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.core.coverage import gaps
from hotspots.core.months import clock_of, month_of, months_between
from hotspots.core.periods import Period
from hotspots.core.tables import THEME

if TYPE_CHECKING:
    from hotspots.core.select import Selection


def whole_months(asked: Selection) -> tuple[list[str], list[str]]:
    """Months that all sources that carry the theme cover, and those between that they do not.

    Of a question about a period, the months that lie in it.
    """
    held = asked.everything
    column = f"{THEME}{asked.question.theme}"
    if column in held.columns:
        held = held[held[column].notna()]
    known = month_of(held["occurred_from"]).dropna()
    if known.empty:
        return [], []
    silences, clock = gaps(held, asked.within), clock_of(held["occurred_from"])
    span = None if asked.period is None else asked.period.on_clock(clock)
    whole: list[str] = []
    left_out: list[str] = []
    for month in months_between(known.min(), known.max()):
        period = Period.parse(month).on_clock(clock)
        if span is not None and not (span.start <= period.start and period.end <= span.end):
            continue
        (left_out if any(gap.spoils(period) for gap in silences) else whole).append(month)
    return whole, left_out
