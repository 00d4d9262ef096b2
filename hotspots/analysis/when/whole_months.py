"""Which months every source of a question holds whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.core.months import months_between
from hotspots.core.periods import Period
from hotspots.core.tables import THEME

if TYPE_CHECKING:
    from hotspots.core.select import Selection


def whole_months(asked: Selection) -> tuple[list[str], list[str]]:
    """Months that all sources that carry the theme cover, and those between that they do not.

    Of a question about a period, the months that lie in it.
    """
    source, column = asked.source, f"{THEME}{asked.question.theme}"
    theme = asked.question.theme if column in source.tally.kinds.columns else None
    known = source.months(theme)
    if not known:
        return [], []
    silences = source.silences(asked.within, theme)
    clock = source.timezone
    span = None if asked.period is None else asked.period.on_clock(clock)
    whole: list[str] = []
    left_out: list[str] = []
    for month in months_between(known[0], known[-1]):
        period = Period.parse(month).on_clock(clock)
        if span is not None and not (span.start <= period.start and period.end <= span.end):
            continue
        (left_out if any(gap.spoils(period) for gap in silences) else whole).append(month)
    return whole, left_out
