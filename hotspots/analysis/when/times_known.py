"""What times can carry: whole months of every source, one series of them, the day of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError
from hotspots.core.months import months_between
from hotspots.core.periods import Period
from hotspots.core.tables import THEME

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.evaluation.windows import Break, KnownBreak
    from hotspots.core.record import RunRecord
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


def require_one_series(
    asked: Selection,
    months: tuple[list[str], list[str]],
    breaks: Iterable[Break | KnownBreak],
    *,
    acknowledged: bool,
    record: RunRecord | None,
) -> None:
    """An error where a break lies inside whole months; told, if acknowledged, and what is left out.

    Months on both sides of a change of recording are one series only where somebody says so.
    """
    from hotspots.analysis.evaluation.windows import Windows, refuse_breaks

    whole, left_out = months
    told = []
    if whole:
        span = Period.parse(f"{whole[0]}/{whole[-1]}").on_clock(asked.source.timezone)
        told = refuse_breaks(Windows(span.start, span, span), breaks, acknowledged=acknowledged)
    if left_out:
        told.append(Caveat("part-months", {"months": ", ".join(left_out)}))
    if record is not None:
        record.warn_reader(*told)


def known_to_the_day(
    rows: gpd.GeoDataFrame, need: str = "the day of each incident is needed"
) -> gpd.GeoDataFrame:
    """The incidents, if their times can tell days apart; ``need`` says what for."""
    coarse = int(rows["time_precision"].eq("month").sum())
    if coarse:
        raise InputError(
            f"{need}; {coarse:,} of {len(rows):,} are known only to the month (data.police.uk has "
            "months only).",
            rule="times-too-coarse",
            mend="Leave these out, or ask a source that has days.",
        )
    return rows
