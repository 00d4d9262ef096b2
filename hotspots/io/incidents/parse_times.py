"""When: texts, perhaps of several columns, become a half-open interval, as wide as what is known.

Rules, each counted in a finding. A day or a minute is as wide as itself. Without an end, or without
a start, the interval is as wide as the one that is given. Swapped ends are put in order. A time
that the clocks show twice (autumn) makes the interval cover both; one they never show (spring) is
moved on by the hour that was skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.errors import Finding, Findings, Severity
from hotspots.core.tables import TIMEZONE
from hotspots.io.incidents.datetime_formats import (
    DAY_S,
    HOUR_S,
    MINUTE_S,
    ParsedDays,
    dates_by_order,
    parse_month,
    read_clocks,
    read_days,
    unread_as,
)
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.parse_text import TEXT, Texts
from hotspots.io.incidents.row_faults import Faults

# Ends that systems write for "still open": 9999, 2999 and so on; Oracle's own is 4712.
OPEN_END = r"(?<!\d)(?:9999|4712|2999|2[1-9]\d\d|2099)(?!\d)"
DAY_END = r"0?24[:.]?00"
FEW_MIDNIGHTS, USUAL_MIDNIGHTS = 5, 0.1
"""So many times, and such a share of them, may be 00:00 and still be a time."""


@dataclass(frozen=True)
class Spans:
    """Start (included), end (excluded) and precision of every row; missing where unusable."""

    start: pd.DatetimeIndex
    end: pd.DatetimeIndex
    precision: Texts


def parse_times(
    cells: dict[str, Texts],
    fields: FieldMap,
    faults: Faults,
    findings: Findings,
    timezone: str = TIMEZONE,
) -> Spans:
    """Read the time columns of a field map; what comes is on the clock of the place."""
    if fields.month is not None:
        return _months(cells["month"], fields.named("month"), faults, findings, timezone)
    read = _Reader(cells, fields, faults, findings, timezone)
    if fields.until_date is None:
        first = ("date", "time") if fields.date is not None else ("from_date", "from_time")
        moment = read.moments(*first, required=True)
        start, end = read.localised(moment, moment.end)
        return Spans(start, end, _named(np.digitize(moment.width, [DAY_S, DAY_S + 1])))
    return _intervals(read, fields)


@dataclass(frozen=True)
class _Moments:
    """Wall-clock or UTC seconds of every row, and how wide each is; `nan` where there is none."""

    start: NDArray[np.float64]
    width: NDArray[np.float64]
    utc: NDArray[np.bool_]
    blank: NDArray[np.bool_]

    @property
    def end(self) -> _Moments:
        return _Moments(self.start + self.width, self.width, self.utc, self.blank)


def _months(column: Texts, name: str, faults: Faults, findings: Findings, timezone: str) -> Spans:
    found = [parse_month(str(text)) for text in column.distinct]
    wrong = column.spread(np.array([month is None for month in found], dtype=bool))
    faults.add(wrong, column.tell, rule="month-format", column=name)
    usual = np.asarray(column.plain.str.fullmatch(r"[0-9]{4}-[0-9]{2}"), dtype=bool)
    rewritten = np.flatnonzero(column.spread(~usual) & ~wrong)
    if len(rewritten):
        first = rewritten[0]
        year, month = found[column.codes[first]] or (0, 0)
        findings.warn(
            "month-rewritten",
            f"months as 2018-07 were expected; a spreadsheet seems to have rewritten them; "
            f"this one was read as {year}-{month:02d}.",
            file=faults.file,
            line=int(faults.lines[first]),
            column=name,
            value=column.tell(rewritten[:1])[0],
            rows=len(rewritten),
            mend="Check that the year is right.",
        )
    starts = pd.DatetimeIndex([_month_start(month) for month in found]).as_unit("us")
    ends = pd.DatetimeIndex([_month_start(_next(month)) for month in found]).as_unit("us")
    start, end = (times.tz_localize(timezone).take(column.codes) for times in (starts, ends))
    return Spans(start, end, Texts.one("month", len(column)))


def _month_start(month: tuple[int, int] | None) -> Any:
    return pd.NaT if month is None else pd.Timestamp(year=month[0], month=month[1], day=1)


def _next(month: tuple[int, int] | None) -> tuple[int, int] | None:
    if month is None:
        return None
    year, index = divmod(month[0] * 12 + month[1], 12)
    return year, index + 1


def _intervals(read: _Reader, fields: FieldMap) -> Spans:
    """From and until, by the counted rules of this module."""
    start = read.moments("from_date", "from_time")
    end = read.moments("until_date", "until_time")
    if fields.until_date == fields.from_date:
        end = read.of_one_day(start, end)
    read.faults.add(
        start.blank & end.blank,
        read.cells["from_date"].tell,
        rule="no-time",
        column=fields.named("from_date"),
    )
    first, first_end = read.localised(start, start.end)
    last, last_end = read.localised(end, end.end)
    start_only, end_only = end.blank & ~start.blank, start.blank & ~end.blank
    read.tell("end-missing", start_only)
    read.tell("start-missing", end_only)
    low = first.where(~end_only, last)
    high = last_end.where(~start_only, first_end)
    swapped = np.asarray(last < first) & ~start_only & ~end_only
    read.tell("ends-swapped", swapped, severity="warning")
    low, high = low.where(~swapped, last), high.where(~swapped, first_end)
    return Spans(low, high, _precision(low, start, end, start_only, end_only))


def _precision(
    low: pd.DatetimeIndex,
    start: _Moments,
    end: _Moments,
    start_only: NDArray[np.bool_],
    end_only: NDArray[np.bool_],
) -> Texts:
    """An instant where one resolution says it all, a day where it is one, else an interval."""
    width = np.where(end_only, end.width, start.width)
    both_same = ~start_only & ~end_only & (start.start == end.start) & (start.width == end.width)
    single = start_only | end_only | both_same
    kind = np.full(len(low), 2, dtype=np.intp)
    kind[single & (width < DAY_S)] = 0
    kind[single & (width == DAY_S)] = 1
    return _named(kind)


def _as_days(read: ParsedDays, rows: NDArray[np.bool_], days: NDArray[np.float64]) -> ParsedDays:
    """What was read, where some rows are days and no moments."""
    seconds, width = read.seconds.copy(), read.width.copy()
    seconds[rows], width[rows] = days, DAY_S
    return replace(read, seconds=seconds, width=width, utc=read.utc & ~rows)


def _named(kind: NDArray[np.intp]) -> Texts:
    return Texts(kind, pd.Series(["instant", "day", "interval"], dtype=TEXT))


@dataclass(frozen=True)
class _Reader:
    """Reads moments from the columns of one file."""

    cells: dict[str, Texts]
    fields: FieldMap
    faults: Faults
    findings: Findings
    timezone: str

    @property
    def _written(self) -> str:
        """The clock of times without a zone."""
        return self.fields.timezone or self.timezone

    def moments(self, day: str, clock: str, *, required: bool = False) -> _Moments:
        """The day column, with the time of day in the same cell or in the clock column."""
        dates, name = self.cells[day], self.fields.named(day)
        blank = dates.blank
        if day == "until_date":
            blank = blank | self._open_ends(dates, name)
        read = self._without_zones(read_days(dates, self.fields), name)
        bad = np.isnan(read.seconds) & (~blank | required)
        order = "day first" if self.fields.day_first else "month first"
        for rule, texts in unread_as(dates.bare).items() if bad.any() else ():
            odd = bad & ~blank & dates.spread(texts)
            self.faults.add(odd, dates.tell, rule=rule, column=name)
            bad = bad & ~odd
        self.faults.add(bad, dates.tell, rule="date-format", column=name, order=order)
        seconds = np.where(blank, np.nan, read.seconds)
        self._tell_readings(read, dates, name, order)
        start, width, timed = seconds, read.width, dates
        if clock in self.cells:
            start, width = self._with_clock(clock, seconds, width, read.utc)
            timed = self.cells[clock]
        width = self._without_midnight(start, width, read.read_as["day-ends"], timed, clock)
        return _Moments(start, width, read.utc, blank)

    def _without_zones(self, read: ParsedDays, name: str) -> ParsedDays:
        """Days, where every moment with a zone is midnight: as it is written, or by the clock."""
        zoned = read.utc & ~np.isnan(read.seconds)
        if not zoned.any():
            return read
        clock = _stamps(read.seconds[zoned]).tz_localize("UTC").tz_convert(self._written)
        wall = clock.tz_localize(None).as_unit("s").asi8.astype(float)
        for days in (read.seconds[zoned], wall):
            if (days % DAY_S == 0).all():
                self.tell("midnight", zoned, severity="warning", column=name, known=len(days))
                return _as_days(read, zoned, days)
        hours = np.unique(read.seconds[zoned] % DAY_S)
        one_hour = hours[-1] - hours[0] <= HOUR_S and not (hours % HOUR_S).any()
        if one_hour and zoned.sum() >= FEW_MIDNIGHTS:
            said = " or ".join(map(_clock_words, hours))
            rule = "one-hour" if self._written == TIMEZONE else "one-hour-named"
            self.tell(rule, zoned, severity="warning", column=name, hours=said, clock=self._written)
            # East of Greenwich midnight comes first: its day in UTC is still the one before.
            east = hours[-1] >= DAY_S / 2
            return _as_days(read, zoned, (read.seconds[zoned] // DAY_S + east) * DAY_S)
        return read

    def of_one_day(self, start: _Moments, end: _Moments) -> _Moments:
        """Ends by the day of their start: an earlier time is on the next, and none is no end."""
        open_end = (end.width == DAY_S) & (start.width < DAY_S)
        over = ~open_end & (end.start < start.start)
        self.tell("over-midnight", over)
        seconds = np.where(open_end, np.nan, end.start + over * DAY_S)
        return replace(end, start=seconds, blank=end.blank | open_end)

    def _open_ends(self, dates: Texts, name: str) -> NDArray[np.bool_]:
        """Ends so far off that they stand for none."""
        far = np.asarray(dates.bare.str.contains(OPEN_END), dtype=bool)
        open_end = dates.spread(far)
        self.tell("open-end", open_end, column=name)
        return open_end

    def _tell_readings(self, read: ParsedDays, dates: Texts, name: str, order: str) -> None:
        for rule, rows in read.read_as.items():
            if rule == "date-order":
                asked, other = dates_by_order(dates, self.fields)
                doubt = "-mixed" if other else "" if asked else "-unproven"
                severity: Severity = "warning" if doubt else "note"
                self.tell(
                    rule + doubt, rows, severity=severity, column=name, order=order, other=other
                )
            elif rows.any():
                first = np.flatnonzero(rows)[0]
                self.tell(
                    rule,
                    rows,
                    severity="note" if rule == "day-ends" else "warning",
                    column=name,
                    value=dates.tell(np.array([first]))[0],
                    read=_day_words(read.seconds[first]) + " UTC" * bool(read.utc[first]),
                )

    def _with_clock(
        self, clock: str, start: NDArray[np.float64], width: NDArray[np.float64], utc: Any
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        times, name = self.cells[clock], self.fields.named(clock)
        read = read_clocks(times)
        known = ~np.isnan(read.seconds) & ~times.blank
        self.faults.add(~known & ~times.blank, times.tell, rule="time-format", column=name)
        for rule, rows in read.read_as.items():
            if rows.any():
                first = np.flatnonzero(rows)[0]
                value = times.tell(np.array([first]))[0]
                read_time = _clock_words(read.seconds[first])
                self.tell(rule, rows, column=name, value=value, read=read_time)
        usable = known & ~utc & ~(width > DAY_S)
        self.tell("clock-unused", known & ~usable, severity="warning", column=name)
        day = np.floor(start / DAY_S) * DAY_S
        return np.where(usable, day + read.seconds, start), np.where(usable, read.width, width)

    def _without_midnight(
        self,
        start: NDArray[np.float64],
        width: NDArray[np.float64],
        day_ends: NDArray[np.bool_],
        timed: Texts,
        clock: str,
    ) -> NDArray[np.float64]:
        """As wide as the day, where so many times are 00:00 that they say nothing."""
        known = ~np.isnan(start) & (width < DAY_S)
        ends = day_ends | timed.spread(np.asarray(timed.bare.str.match(DAY_END), dtype=bool))
        midnight = known & (start % DAY_S == 0) & ~ends
        few = midnight.sum() < max(FEW_MIDNIGHTS, USUAL_MIDNIGHTS * known.sum())
        if not midnight.any() or (few and not midnight[known].all()):
            return width
        name = self.fields.named(clock) or self.fields.named(clock.replace("time", "date"))
        self.tell("midnight", midnight, severity="warning", column=name, known=int(known.sum()))
        return np.where(midnight, float(DAY_S), width)

    def localised(
        self, first: _Moments, last: _Moments
    ) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
        """Both ends on the clock of the place; where clocks go back, both readings are covered."""
        start, late = (self._zoned(first, earlier=earlier) for earlier in (True, False))
        doubled = np.asarray(start != late) & ~np.isnan(first.start)
        self.tell("clocks-back", doubled)
        end = self._zoned(last, earlier=~doubled)
        # A start moved on by the hour that was skipped can come to lie at its end, or behind it.
        skipped = np.asarray(end <= start) & ~np.isnan(first.start)
        wall = start.tz_convert(self._written).tz_localize(None)
        moved = ~first.utc & ~np.isnan(first.start) & np.asarray(wall != _stamps(first.start))
        self.tell("clocks-forward", skipped | moved)
        width = pd.to_timedelta(np.nan_to_num(first.width), unit="s").as_unit("us")
        return start, end.where(~skipped, start + width)

    def _zoned(self, moments: _Moments, *, earlier: bool | NDArray[np.bool_]) -> pd.DatetimeIndex:
        local = _stamps(np.where(moments.utc, np.nan, moments.start))
        first = np.broadcast_to(np.asarray(earlier), len(local))
        skip = pd.Timedelta(hours=1)
        zoned = local.tz_localize(self._written, ambiguous=first.copy(), nonexistent=skip)
        there = zoned.tz_convert(self.timezone)
        absolute = _stamps(np.where(moments.utc, moments.start, np.nan))
        return there.where(~moments.utc, absolute.tz_localize("UTC").tz_convert(self.timezone))

    def tell(
        self,
        rule: str,
        rows: NDArray[np.bool_],
        *,
        severity: Severity = "note",
        column: str | None = None,
        value: str | None = None,
        **said: Any,
    ) -> None:
        """A finding that a rule was applied, with the number of rows."""
        count = int(rows.sum())
        if count:
            line = int(self.faults.lines[np.flatnonzero(rows)[0]])
            self.findings.add(
                Finding.of(
                    rule,
                    severity,
                    said={"rows": count, **said},
                    file=self.faults.file,
                    line=line,
                    column=column,
                    value=value,
                    rows=count,
                )
            )


def _day_words(seconds: float) -> str:
    return str(np.datetime64(int(seconds), "s")).replace("T00:00:00", "").replace("T", " ")


def _clock_words(seconds: float) -> str:
    hours, minutes = divmod(int(seconds) // MINUTE_S, 60)
    return f"{hours:02d}:{minutes:02d}"


def _stamps(seconds: NDArray[np.float64]) -> pd.DatetimeIndex:
    whole = np.where(np.isnan(seconds), 0, seconds).astype("int64").astype("datetime64[s]")
    whole[np.isnan(seconds)] = np.datetime64("NaT", "s")
    return pd.DatetimeIndex(whole).as_unit("us")
