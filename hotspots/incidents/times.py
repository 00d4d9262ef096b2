"""When: text becomes a half-open interval, as wide as what is known.

Rules, each counted in a finding. A day or a minute is as wide as itself. Without an end, or without
a start, the interval is as wide as the one that is given. Swapped ends are put in order. A time
that the clocks show twice (autumn) makes the interval cover both; one they never show (spring) is
moved on by the hour that was skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.checks import Findings
from hotspots.columns import TIMEZONE
from hotspots.incidents.faults import Faults
from hotspots.incidents.fields import FieldMap
from hotspots.incidents.texts import TEXT, Texts

DAY_S, HOUR_S, MINUTE_S, SECOND_S = 86_400, 3_600, 60, 1
FIRST_YEAR, LAST_YEAR = 1900, 2100
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_NAME = r"(?P<name>[a-z]{3,9})\.?"
_CLOCK = (
    r"(?:[t ,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?)?"
)
_DATES = [
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
    r"(?P<one>\d{1,2})[-/.](?P<two>\d{1,2})[-/.](?P<year>\d{4}|\d{2})",
    rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[- /]{_NAME}[-, /]+(?P<year>\d{{4}}|\d{{2}})",
    rf"{_NAME} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})",
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
]
_DATE_PATTERNS = [re.compile(pattern + _CLOCK, re.ASCII) for pattern in _DATES]
_TIME_PATTERN = re.compile(
    r"(?P<hour>\d{1,2})(?:(?:[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?)"
    r"|(?P<joined>\d{2}))?\s*(?P<half>[ap]\.?m\.?)?",
    re.ASCII,
)
_MONTH_PATTERNS = [
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{2})",
        r"(?P<year>\d{4})[-/. ]?(?P<month>\d{1,2})",
        r"(?P<month>\d{1,2})[-/. ](?P<year>\d{4})",
        rf"{_NAME}[-/ ]?(?P<year>\d{{4}}|\d{{2}})",
        rf"(?P<year>\d{{4}}|\d{{2}})[-/ ]{_NAME}",
        r"(?P<year>\d{4})-(?P<month>\d{2})-01(?:[t ]00:00(?::00)?)?",
        r"0?1/(?P<month>\d{1,2})/(?P<year>\d{4})(?: 00:00(?::00)?)?",
    )
]


@dataclass(frozen=True)
class Times:
    """Start (included), end (excluded) and precision of every row; missing where unusable."""

    start: pd.DatetimeIndex
    end: pd.DatetimeIndex
    precision: Texts


def parse_times(
    cells: dict[str, Texts], fields: FieldMap, faults: Faults, findings: Findings
) -> Times:
    """Read the time columns of a field map."""
    if fields.month is not None:
        return _months(cells["month"], fields.month, faults, findings)
    read = _Reader(cells, fields, faults, findings)
    if fields.date is not None:
        moment = read.moments("date", "time", required=True)
        start, end = read.localised(moment, moment.end)
        return Times(start, end, _named((moment.width == DAY_S).astype(np.intp)))
    return _intervals(read, fields)


def parse_month(text: str) -> tuple[int, int] | None:
    """Year and month of a text, in the shapes that files and spreadsheets give them.

    Examples
    --------
    >>> parse_month("2018-07"), parse_month("Feb-25"), parse_month("2016-13")
    ((2018, 7), (2025, 2), None)
    """
    plain = text.strip().casefold()
    for pattern in _MONTH_PATTERNS:
        if found := pattern.fullmatch(plain):
            parts = found.groupdict()
            month = _month_number(parts)
            year = _whole_year(int(parts["year"]), len(parts["year"]))
            return (year, month) if 1 <= month <= 12 and _usable(year) else None
    return None


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


def _months(column: Texts, name: str, faults: Faults, findings: Findings) -> Times:
    found = [parse_month(str(text)) for text in column.distinct]
    wrong = column.spread(np.array([month is None for month in found], dtype=bool))
    faults.add(
        wrong, column.tell, rule="month-format", column=name,
        message="a month from 01 to 12 was expected, as 2018-07.",
        mend="Write the year, a hyphen and two digits for the month.",
    )  # fmt: skip
    usual = np.asarray(column.plain.str.fullmatch(r"[0-9]{4}-[0-9]{2}"), dtype=bool)
    rewritten = np.flatnonzero(column.spread(~usual) & ~wrong)
    if len(rewritten):
        first = rewritten[0]
        year, month = found[column.codes[first]] or (0, 0)
        findings.warn(
            "month-rewritten",
            f"months as 2018-07 were expected; a spreadsheet seems to have rewritten them; "
            f"this one was read as {year}-{month:02d}.",
            file=faults.file, line=int(faults.lines[first]), column=name,
            value=column.tell(rewritten[:1])[0], rows=len(rewritten),
            mend="Check that the year is right.",
        )  # fmt: skip
    starts = pd.DatetimeIndex([_month_start(month) for month in found]).as_unit("us")
    ends = pd.DatetimeIndex([_month_start(_next(month)) for month in found]).as_unit("us")
    start, end = (times.tz_localize(TIMEZONE).take(column.codes) for times in (starts, ends))
    return Times(start, end, Texts.one("month", len(column)))


def _month_start(month: tuple[int, int] | None) -> Any:
    return pd.NaT if month is None else pd.Timestamp(year=month[0], month=month[1], day=1)


def _next(month: tuple[int, int] | None) -> tuple[int, int] | None:
    if month is None:
        return None
    year, index = divmod(month[0] * 12 + month[1], 12)
    return year, index + 1


def _intervals(read: _Reader, fields: FieldMap) -> Times:
    """From and until, by the counted rules of this module."""
    start = read.moments("from_date", "from_time")
    if fields.until_date is None:
        end = _Moments(np.full_like(start.start, np.nan), start.width, start.utc, ~start.utc | True)
    else:
        end = read.moments("until_date", "until_time")
    read.faults.add(
        start.blank & end.blank, read.cells["from_date"].tell, rule="no-time",
        column=fields.from_date or "", message="a time was expected; start and end are empty.",
        mend="Fill in the start, the end, or both.",
    )  # fmt: skip
    first, first_end = read.localised(start, start.end)
    last, last_end = read.localised(end, end.end)
    start_only, end_only = end.blank & ~start.blank, start.blank & ~end.blank
    read.tell("end-missing", start_only, "rows have no end; they are as wide as their start.")
    read.tell("start-missing", end_only, "rows have no start; they are as wide as their end.")
    low = first.where(~end_only, last)
    high = last_end.where(~start_only, first_end)
    swapped = np.asarray(last < first) & ~start_only & ~end_only
    read.tell(
        "ends-swapped", swapped, "rows end before they start; start and end were exchanged.", True
    )
    low, high = low.where(~swapped, last), high.where(~swapped, first_end)
    return Times(low, high, _precision(low, high, start, end, start_only, end_only))


def _precision(
    low: pd.DatetimeIndex, high: pd.DatetimeIndex, start: _Moments, end: _Moments,
    start_only: NDArray[np.bool_], end_only: NDArray[np.bool_],
) -> Texts:  # fmt: skip
    """An instant where one resolution says it all, a day where it is one, else an interval."""
    width = np.where(end_only, end.width, start.width)
    both_same = ~start_only & ~end_only & (start.start == end.start) & (start.width == end.width)
    single = start_only | end_only | both_same
    kind = np.full(len(low), 2, dtype=np.intp)
    kind[single & (width < DAY_S)] = 0
    kind[single & (width == DAY_S)] = 1
    return _named(kind)


def _named(kind: NDArray[np.intp]) -> Texts:
    return Texts(kind, pd.Series(["instant", "day", "interval"], dtype=TEXT))


@dataclass(frozen=True)
class _Reader:
    """Reads moments from the columns of one file."""

    cells: dict[str, Texts]
    fields: FieldMap
    faults: Faults
    findings: Findings

    def moments(self, day: str, clock: str, *, required: bool = False) -> _Moments:
        """The day column, with the time of day in the same cell or in the clock column."""
        dates = self.cells[day]
        name = self.fields.columns[day]
        blank = dates.blank
        parsed, ambiguous = _moments_of(dates, self.fields)
        bad = np.isnan(parsed[:, 0]) & (~blank | required)
        order = "day first" if self.fields.day_first else "month first"
        self.faults.add(
            bad, dates.tell, rule="date-format", column=name,
            message=f"a date was expected, as 2018-07-31 or 31/07/2018 ({order}).",
            mend="Correct the date, or set `day_first` in the field map.",
        )  # fmt: skip
        self.tell(
            "date-order", ambiguous & ~bad, f"dates can be read two ways; read {order}.", name=name
        )
        start, width, utc = parsed[:, 0], parsed[:, 1], parsed[:, 2] == 1
        if clock in self.cells:
            start, width = self._with_clock(clock, start, width, utc)
        return _Moments(start, width, utc, blank)

    def _with_clock(
        self, clock: str, start: NDArray[np.float64], width: NDArray[np.float64], utc: Any
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        times = self.cells[clock]
        clocks = [parse_clock(str(text)) for text in times.distinct]
        parsed = times.spread(np.array(clocks, dtype=float).reshape(-1, 2))
        self.faults.add(
            np.isnan(parsed[:, 0]) & ~times.blank, times.tell, rule="time-format",
            column=self.fields.columns[clock],
            message="a time of day was expected, as 23:59, 2359 or 11:59 PM.",
            mend="Correct the time, or leave it empty where only the day is known.",
        )  # fmt: skip
        usable = ~np.isnan(parsed[:, 0]) & ~utc
        day = np.floor(start / DAY_S) * DAY_S
        return np.where(usable, day + parsed[:, 0], start), np.where(usable, parsed[:, 1], width)

    def localised(
        self, first: _Moments, last: _Moments
    ) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
        """Both ends in Europe/London; where the clocks go back, both readings are covered."""
        doubled = self._doubled(first)
        self.tell(
            "clocks-back", doubled, "times were shown twice by the clocks; both hours are covered."
        )
        start, end = self._zoned(first, earlier=True), self._zoned(last, earlier=~doubled)
        skipped = np.asarray(end <= start) & ~np.isnan(first.start)
        self.tell("clocks-forward", skipped, "times were skipped by the clocks; moved on an hour.")
        width = pd.to_timedelta(np.nan_to_num(first.width), unit="s").as_unit("us")
        return start, end.where(~skipped, start + width)

    def _doubled(self, moments: _Moments) -> NDArray[np.bool_]:
        early = self._zoned(moments, earlier=True)
        return np.asarray(early != self._zoned(moments, earlier=False)) & ~np.isnan(moments.start)

    def _zoned(self, moments: _Moments, *, earlier: bool | NDArray[np.bool_]) -> pd.DatetimeIndex:
        local = _stamps(np.where(moments.utc, np.nan, moments.start))
        first = np.broadcast_to(np.asarray(earlier), len(local))
        skip = pd.Timedelta(hours=1)
        zoned = local.tz_localize(self.fields.timezone, ambiguous=first.copy(), nonexistent=skip)
        there = zoned.tz_convert(TIMEZONE)
        absolute = _stamps(np.where(moments.utc, moments.start, np.nan))
        return there.where(~moments.utc, absolute.tz_localize("UTC").tz_convert(TIMEZONE))

    def tell(
        self, rule: str, rows: NDArray[np.bool_], what: str, loud: bool = False, name: str = ""
    ) -> None:
        """A finding that a rule was applied, with the number of rows."""
        count = int(rows.sum())
        if count:
            line = int(self.faults.lines[np.flatnonzero(rows)[0]])
            told = self.findings.warn if loud else self.findings.note
            column = name or None
            told(
                rule,
                f"{count:,} {what}",
                file=self.faults.file,
                line=line,
                column=column,
                rows=count,
            )


def parse_moment(text: str, fields: FieldMap) -> tuple[float, float, float, bool]:
    """Seconds since 1970, width in seconds, whether UTC, and whether the order was a guess."""
    nothing = (np.nan, np.nan, 0.0, False)
    plain = " ".join(text.casefold().split())
    for pattern in _DATE_PATTERNS:
        if found := pattern.fullmatch(plain):
            parts = found.groupdict()
            year = _whole_year(int(parts["year"]), len(parts["year"]))
            day, month, guessed = _day_and_month(parts, fields.day_first)
            clock = _clock_seconds(parts)
            if not _usable(year) or not 1 <= month <= 12 or clock is None:
                return nothing
            try:
                days = np.datetime64(f"{year:04d}-{month:02d}-{day:02d}").astype(int)
            except ValueError:
                return nothing
            seconds, width = clock
            offset = _offset(parts.get("zone"))
            is_utc = offset is not None
            return float(days * DAY_S + seconds - (offset or 0)), width, float(is_utc), guessed
    return nothing


def parse_clock(text: str) -> tuple[float, float]:
    """Seconds after midnight and the width of what is known.

    Examples
    --------
    >>> parse_clock("23:59"), parse_clock("1:05 pm"), parse_clock("7")
    ((86340.0, 60.0), (47100.0, 60.0), (25200.0, 3600.0))
    """
    plain = text.strip().casefold()
    if re.fullmatch(r"\d{3}", plain):
        plain = f"0{plain}"
    found = _TIME_PATTERN.fullmatch(plain)
    if not found:
        return np.nan, np.nan
    parts = found.groupdict()
    parts["minute"] = parts["minute"] or parts.pop("joined")
    clock = _clock_seconds(parts)
    return clock or (np.nan, np.nan)


def _moments_of(column: Texts, fields: FieldMap) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Seconds, width and zone of every row; and whether the order of day and month was a guess.

    The usual shapes are read at once, all others one distinct text at a time.
    """
    plain = column.plain
    parsed = np.full((len(plain), 4), np.nan)
    for pattern, form, width in _usual_shapes(fields.day_first):
        usual = np.isnan(parsed[:, 1]) & np.asarray(plain.str.fullmatch(pattern), dtype=bool)
        if usual.any():
            parsed[usual] = _read_usual(plain[usual], form, width)
    for place in np.flatnonzero(np.isnan(parsed[:, 1])):
        parsed[place] = parse_moment(str(plain.iloc[place]), fields)
    spread = column.spread(parsed)
    return spread[:, :3], spread[:, 3] == 1


def _usual_shapes(day_first: bool) -> list[tuple[str, str, int]]:
    iso, slashed = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]{2}/[0-9]{2}/[0-9]{4}"
    order = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    return [
        (f"{day}{clock}", f"{form}{of_clock}", width)
        for day, form in ((iso, "%Y-%m-%d"), (slashed, order))
        for clock, of_clock, width in (
            (" [0-9]{2}:[0-9]{2}:[0-9]{2}", " %H:%M:%S", SECOND_S),
            (" [0-9]{2}:[0-9]{2}", " %H:%M", MINUTE_S),
            ("T[0-9]{2}:[0-9]{2}:[0-9]{2}", "T%H:%M:%S", SECOND_S),
        )
    ]


def _read_usual(texts: pd.Series, form: str, width: int) -> NDArray[np.float64]:
    """Texts of one fixed shape; those that no calendar knows stay without a time."""
    stamps = pd.to_datetime(texts, format=form, errors="coerce")
    seconds = (stamps - pd.Timestamp(0)).dt.total_seconds().to_numpy(dtype=float, na_value=np.nan)
    usable = np.asarray(stamps.dt.year.between(FIRST_YEAR, LAST_YEAR), dtype=bool)
    guessed = np.zeros(len(texts))
    if "/" in form:
        one, two = texts.str[:2].astype(int), texts.str[3:5].astype(int)
        guessed = np.where((one <= 12) & (two <= 12) & (one != two), 1.0, 0.0)
    parsed = np.column_stack([seconds, np.full(len(texts), width), np.zeros(len(texts)), guessed])
    parsed[~usable, 0] = np.nan
    return parsed


def _stamps(seconds: NDArray[np.float64]) -> pd.DatetimeIndex:
    whole = np.where(np.isnan(seconds), 0, seconds).astype("int64").astype("datetime64[s]")
    whole[np.isnan(seconds)] = np.datetime64("NaT")
    return pd.DatetimeIndex(whole).as_unit("us")


def _day_and_month(parts: dict[str, Any], day_first: bool) -> tuple[int, int, bool]:
    if parts.get("one") is None:
        return int(parts["day"]), _month_number(parts), False
    one, two = int(parts["one"]), int(parts["two"])
    guessed = one <= 12 and two <= 12 and one != two
    return (one, two, guessed) if day_first else (two, one, guessed)


def _month_number(parts: dict[str, Any]) -> int:
    if parts.get("name"):
        start = parts["name"][:3]
        return MONTHS.index(start) + 1 if start in MONTHS else 0
    return int(parts["month"])


def _whole_year(year: int, digits: int) -> int:
    """Two digits mean 1970 to 2069."""
    if digits > 2:
        return year
    return year + (1900 if year >= 70 else 2000)


def _usable(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR


def _clock_seconds(parts: dict[str, Any]) -> tuple[float, float] | None:
    """Seconds after midnight and width; the whole day without a time; None if impossible."""
    if parts.get("hour") is None:
        return 0.0, float(DAY_S)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (parts.get("half") or "")[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    width = SECOND_S if parts.get("second") else MINUTE_S if parts.get("minute") else HOUR_S
    return float(hour * HOUR_S + minute * MINUTE_S + second), float(width)


def _offset(zone: str | None) -> int | None:
    """Seconds ahead of UTC; None where no zone is written."""
    if not zone:
        return None
    if zone in ("z", "utc", "gmt"):
        return 0
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * HOUR_S + int(digits[2:] or 0) * MINUTE_S)
