"""Before and after: two spans of time that stop at the start, and what would spoil them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.arguments import listed, whole_of, yes_of
from hotspots.core.caveats import Caveat
from hotspots.core.coverage import Gap, gaps, uncovered
from hotspots.core.errors import DataError, InputError, require
from hotspots.core.held import require_days
from hotspots.core.months import clock_of, days_between, month_ceiling, month_floor, month_of
from hotspots.core.periods import Dates, Period, months_of, read_time
from hotspots.core.select import Selection, as_selection
from hotspots.core.tables import THEME
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.capabilities import even_dates

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.io.incidents.breaks import Break as KnownBreak

DatedBreak = tuple[object, str]


@dataclass(frozen=True)
class Windows:
    """The two windows, the start between them, and what a reader must know about them."""

    started: pd.Timestamp
    before: Period
    after: Period
    cautions: tuple[Caveat, ...] = ()

    @property
    def exposure(self) -> tuple[float, float]:
        """Length of each: in months where both are whole months, else in days."""
        if all(_is_month(edge) for edge in self.edges):
            return float(len(months_of(self.before))), float(len(months_of(self.after)))
        return _days(self.before), _days(self.after)

    @property
    def edges(self) -> tuple[pd.Timestamp, ...]:
        """The four edges in order."""
        return self.before.start, self.before.end, self.after.start, self.after.end

    def earlier(self) -> Windows:
        """The before window in the place of the after one, and the same months a year before it."""
        # Rounded up to whole years, so that seasons stay where they are and the windows apart.
        years = max(1, -(-len(months_of(self.before)) // 12))
        start, end = _back(self.before.start, years), _back(self.before.end, years)
        return Windows(self.before.start, _period(start, end), self.before)

    def years_earlier(self, years: int) -> Windows:
        """Both windows so many years earlier; their start is that of the after window."""
        before, after = years_earlier(self.before, years), years_earlier(self.after, years)
        return Windows(after.start, before, after)


def of_all_times(incidents: gpd.GeoDataFrame | Selection) -> Selection:
    """The selection; refuse one of a period, which would leave a window empty."""
    chosen = as_selection(incidents)
    require(
        chosen.period is None,
        "`incidents` must be selected from all times, since two windows are compared; got those "
        f"of {chosen.question.period_name}. Ask without a period, "
        "and give the windows as `before` and `after`.",
        rule="not-of-all-times",
    )
    return chosen


def silences_of(chosen: Selection) -> list[Gap]:
    """The silences, inside the study area, of each source that carries the theme."""
    table = chosen.everything
    theme = chosen.theme if f"{THEME}{chosen.theme}" in table.columns else None
    return gaps(table, chosen.question.within, theme=theme, places=chosen.source.places)


def choose_windows(
    incidents: pd.DataFrame,
    *,
    started: object,
    before: Dates | None,
    after: Dates | None,
    months: int,
    silences: Iterable[Gap] = (),
) -> Windows:
    """Read or choose the windows, and cut what would straddle the start.

    By default the after window is the whole months since the start, at most ``months``, and the
    before window the same months of the year before, so that seasons match. A last month that is
    cut short, as far as `silences` are given, is none of them, with a caution.
    """
    clock = clock_of(incidents["occurred_from"])
    start = read_time(started, "started", clock)
    months = whole_of(months, "months")
    cut = cut_short(incidents, silences)
    late = (
        Period.parse(after) if after is not None else _default_after(incidents, start, months, cut)
    )
    late = late.on_clock(clock)
    early = Period.parse(before) if before is not None else _default_before(incidents, start, late)
    early = early.on_clock(clock)
    by_month = bool((incidents["time_precision"] == "month").any())
    early, late, cautions = _cut_at_start(early, late, start, by_month)
    if after is None and cut is not None and len(months_of(late)) < months:
        cautions.append(month_cut_short(cut))
    return Windows(start, early, late, (*cautions, *_season(early, late)))


def cut_short(incidents: pd.DataFrame, silences: Iterable[Gap]) -> Period | None:
    """The last month of the data, where a source ends so early in it that it is no whole month."""
    last = even_dates(incidents["occurred_from"]).max()
    if last is pd.NaT:
        return None
    clock = clock_of(last)
    final = Period.parse(month_of(pd.Series([last.tz_convert(clock)])).iloc[0]).on_clock(clock)
    ends = (gap for gap in silences if gap.end > last and gap.start > final.start)
    return final if any(gap.spoils(final) for gap in ends) else None


def month_cut_short(month: Period) -> Caveat:
    """That the last month of the data is left out."""
    return Caveat("month-cut-short", {"month": month.label})


def refuse_breaks(
    windows: Windows, breaks: Iterable[DatedBreak | KnownBreak], *, acknowledged: bool
) -> list[Caveat]:
    """Breaks in the data between the outer edges: an error, or cautions if acknowledged.

    A break without a date came gradually and is always a caution.
    """
    acknowledged = yes_of(acknowledged, "acknowledge_breaks")
    first, last = windows.before.start, windows.after.end
    inside: list[dict[str, str]] = []
    gradual: list[Caveat] = []
    for known in listed(breaks, "breaks"):
        require(
            isinstance(known, tuple) or hasattr(known, "on"),
            f"`breaks` must be known breaks, or pairs of a day and what happened; got {known!r}.",
        )
        when, what = (
            known
            if isinstance(known, tuple)
            else (known.on, f"{known.name}: {known.what.rstrip('.')}")
        )
        if when is None:
            gradual.append(Caveat("gradual-break", {"what": what}))
            continue
        moment = read_time(when, "breaks")
        if first < moment < last:
            inside.append({"on": moment.date().isoformat(), "what": what})
    if inside and not acknowledged:
        told = "; ".join(f"{one['on']}: {one['what']}" for one in inside)
        raise InputError(
            "the data changed between the windows, so before and after do not measure the same "
            f"thing ({told}).",
            rule="break-between-windows",
            mend=Mend("go-on-over-breaks"),
        )
    return [*(Caveat("break-crossed", one) for one in inside), *gradual]


def refuse_unlike(
    chosen: Selection, windows: Windows, silences: Iterable[Gap], *, allowed: bool
) -> list[Caveat]:
    """What makes counts of two windows differ by itself: an error, or cautions if allowed.

    Days that nobody knows are always an error: a window holds all incidents of a month, or none.
    """
    for name in ("before", "after"):
        require_days(chosen.source, getattr(windows, name), chosen.counts, name)
    found = refuse_empty_months(chosen.everything, windows, allowed=allowed)
    return [*found, *refuse_silences(silences, windows, allowed=allowed)]


def refuse_empty_months(
    incidents: pd.DataFrame, windows: Windows, *, allowed: bool
) -> list[Caveat]:
    """Months of the windows in which nothing at all is recorded: most likely a missing file."""
    if len(incidents) == 0:
        return [Caveat("no-incidents", counts_incidents=True)]
    held = set(month_of(incidents["occurred_from"]).dropna().unique())
    wanted = [*months_of(windows.before), *months_of(windows.after)]
    empty = [month for month in wanted if month not in held]
    if empty and not allowed:
        raise DataError(
            f"the windows must be covered by the data; no incident of any kind starts in "
            f"{', '.join(empty)}.",
            rule="empty-months",
            mend=Mend("empty-months"),
        )
    told = Caveat("empty-months", {"months": ", ".join(empty)}, counts_incidents=True)
    return [told] if empty else []


def refuse_silences(silences: Iterable[Gap], windows: Windows, *, allowed: bool) -> list[Caveat]:
    """Sources that hold a part of the windows and not both whole: silence looks like a change."""
    found = uncovered(list(silences), windows.before, windows.after)
    told = "; ".join(dict.fromkeys(map(str, found)))
    if found and not allowed:
        raise DataError(
            f"every source must cover both windows whole, {windows.before.label} and "
            f"{windows.after.label}, or its silence counts as a change; {told}.",
            rule="silent-source",
            mend=Mend("silent-source"),
        )
    return [Caveat("silent-source", {"text": told}, counts_incidents=True)] if found else []


def choice_of(zones: pd.DataFrame, clock: str) -> Period | None:
    """The period zones were chosen from, by the clock of the place, where their table says so."""
    if not {"period_from", "period_until"} <= set(zones.columns):
        return None
    if not {"ranked_by", "rank"} & set(zones.columns) or not len(zones):
        return None
    edges = [
        [read_time(value, column, clock) for value in zones[column].dropna()]
        for column in ("period_from", "period_until")
    ]
    if not (edges[0] and edges[1]) or min(edges[0]) >= max(edges[1]):
        return None
    return _period(min(edges[0]), max(edges[1]))


def phases(incidents: pd.DataFrame, windows: Windows) -> dict[str, np.ndarray]:
    """Masks ``before``, ``after`` and ``straddling``; no incident is in two of them.

    An incident that may have happened on either side of the start belongs to neither window.
    """
    began, ended = incidents["occurred_from"], incidents["occurred_until"]
    span = (began >= windows.before.start) & (began < windows.after.end)
    # A burglary found on Monday may be of Friday: which side of the start it is on nobody knows.
    straddling = np.asarray(span & (began < windows.started) & (ended > windows.started))
    early = np.asarray((began >= windows.before.start) & (began < windows.before.end))
    late = np.asarray((began >= windows.after.start) & (began < windows.after.end))
    return {"before": early & ~straddling, "after": late & ~straddling, "straddling": straddling}


def years_earlier(period: Period, years: int) -> Period:
    """The same days or months so many years earlier."""
    return _period(_back(period.start, years), _back(period.end, years))


def _default_after(
    incidents: pd.DataFrame, start: pd.Timestamp, months: int, cut: Period | None
) -> Period:
    first = month_ceiling(start)
    last = even_dates(incidents["occurred_from"]).max()
    available = months
    if last is not pd.NaT and last >= first:
        last = last.tz_convert(clock_of(last))
        # The last month of the data is one of them, unless it is cut short.
        available = (last.year - first.year) * 12 + last.month - first.month + 1
        available = max(1, available - (cut is not None))
    return _period(first, first + pd.DateOffset(months=min(months, available)))


def _default_before(incidents: pd.DataFrame, start: pd.Timestamp, after: Period) -> Period:
    earliest = even_dates(incidents["occurred_from"]).min()
    years = max(1, -(-len(months_of(after)) // 12))
    seasonal = _back(after.start, years), _back(after.end, years)
    covered = earliest is pd.NaT or month_floor(earliest) <= seasonal[0]
    if covered and seasonal[1] <= start:
        return _period(*seasonal)
    end = month_floor(start)
    return _period(end - pd.DateOffset(months=len(months_of(after))), end)


def _cut_at_start(
    early: Period, late: Period, start: pd.Timestamp, by_month: bool
) -> tuple[Period, Period, list[Caveat]]:
    """Cut windows that straddle the start; to whole months where times are months."""
    floor, ceiling = (month_floor(start), month_ceiling(start)) if by_month else (start, start)
    require(
        early.start < floor and late.end > ceiling,
        f"the before window must begin before the start and the after window end after it; got "
        f"{early.label} and {late.label} with a start on {start.date()}.",
        rule="window-order",
    )
    cautions = []
    if early.end > floor:
        early = _period(early.start, floor)
        cautions.append(Caveat("window-cut", {"window": "before", "period": early.label}))
    if late.start < ceiling:
        late = _period(ceiling, late.end)
        cautions.append(Caveat("window-cut", {"window": "after", "period": late.label}))
    if by_month and floor != ceiling and not cautions:
        cautions.append(Caveat("start-inside-month", {"started": start.date().isoformat()}))
    return early, late, cautions


def _season(early: Period, late: Period) -> list[Caveat]:
    calendars = [sorted(month[5:] for month in months_of(period)) for period in (early, late)]
    return [] if calendars[0] == calendars[1] else [Caveat("unlike-months")]


def _period(start: pd.Timestamp, end: pd.Timestamp) -> Period:
    whole = _is_month(start) and _is_month(end)
    if not whole:
        ends = (start.tz_localize(None).isoformat(), end.tz_localize(None).isoformat())
        return Period.parse(ends).on_clock(clock_of(start))
    months = months_of(Period(start, end, ""))
    span = f"{months[0]}/{months[-1]}" if len(months) > 1 else months[0]
    return Period.parse(span).on_clock(clock_of(start))


def _days(period: Period) -> float:
    return days_between(period.start, period.end)


def _is_month(stamp: pd.Timestamp) -> bool:
    return bool(stamp == month_floor(stamp))


def _back(stamp: pd.Timestamp, years: int) -> pd.Timestamp:
    moved: pd.Timestamp = stamp - pd.DateOffset(years=years)
    return moved
