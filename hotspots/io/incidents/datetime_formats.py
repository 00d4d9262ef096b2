"""Months, days and clocks as people write them: each distinct text, and whole columns, are read.

What one text cannot tell, the others of its column do. A number is a day of a spreadsheet or a
moment of Unix where a date is expected; 130 is half past one where another number of the column is
no hour; a spreadsheet that reads month first exchanges the days it can read and leaves the others
as texts. Every such reading is returned, to be told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.io.incidents.date_patterns import (
    DATES,
    MONTH_TEXTS,
    MONTHS,
    OFFSETS,
    TIME,
    UNREAD,
    WEEK_OF,
    WEEKDAY,
)
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.parse_text import Texts

# From 30 December 1899 to 1970: one day early, since Excel counts a 29 February 1900.
EXCEL_EPOCH_DAYS = 25_569
CHANCE = 0.01
EARLY_DAYS = 12
LAST_HOUR = 24
MOST, NEAR_DAYS = 0.5, 31
NO_DAY = r"^(?:3[01]/12/1899|12/3[01]/1899|1899-12-3[01]|0?[01]/0?1/1900|1900-01-0[01])[T ]+"
"""The day before a time of day, where a database or a spreadsheet keeps the two in two columns."""
# 1954 to 2119 as days of a spreadsheet.
NUMBER_OF_A_DAY = r"[2-7]\d{4}(?:\.\d+)?"
# 2001 to 2033 in seconds, or in thousandths.
UNIX = r"1\d{9}(?:\d{3})?"
ISO = r"(\d{4})-(\d{2})-(\d{2})(.*)"
WRITTEN = r"(\d{1,2})[-/.](\d{1,2})[-/.](?:\d{4}|\d{2})\b.*"

TWO_BY_TWO = ("25-07-03", r"^(\d\d)[-/.](\d\d)[-/.](\d\d)$")
FEW_YEARS = 5
MOST_OFFSETS = 4

Rows = NDArray[np.bool_]

WEEK_S, DAY_S, HOUR_S, MINUTE_S, SECOND_S = 604_800, 86_400, 3_600, 60, 1
EPOCH = date(1970, 1, 1).toordinal()
FIRST_YEAR, LAST_YEAR = 1900, 2100


@dataclass(frozen=True)
class ParsedDays:
    """Seconds, width and zone of every row (missing where unreadable), and how some were read."""

    seconds: NDArray[np.float64]
    width: NDArray[np.float64]
    utc: Rows
    read_as: dict[str, Rows] = field(default_factory=dict)


def read_days(column: Texts, fields: FieldMap) -> ParsedDays:
    """Every row's day, with its time where the cell has one, in seconds since 1970.

    The usual shapes are read at once, all others one distinct text at a time.
    """
    plain = column.bare
    parsed = np.full((len(plain), 4), np.nan)
    read_as = {name: np.zeros(len(plain), dtype=bool) for name in ("day-numbers", "unix-times")}
    for name, pattern, read in (
        ("day-numbers", NUMBER_OF_A_DAY, _day_numbers),
        ("unix-times", UNIX, _unix_times),
    ):
        found = _matches(plain, pattern)
        if found.any():
            parsed[found] = read(plain[found].to_numpy(dtype=np.float64))
            read_as[name] = found
    for pattern, form, width in _usual_shapes(fields.day_first):
        left = np.isnan(parsed[:, 1])
        usual = left & _matches(plain, pattern) if left.any() else left
        if usual.any():
            parsed[usual] = _read_usual(plain[usual], form, width)
    for place in np.flatnonzero(np.isnan(parsed[:, 1])):
        parsed[place] = parse_moment(str(plain.iloc[place]), fields)
    _refuse_strays(parsed, read_as, np.asarray(plain != "", dtype=bool))
    _refuse_spans(plain, parsed)
    read_as["half-swapped"] = _exchange(plain, parsed, fields)
    read_as["year-first"] = ~np.isnan(parsed[:, 0]) & _seem_year_first(plain)
    read_as["day-ends"] = ~np.isnan(parsed[:, 0]) & _matches(plain, r".*[T ,]24[:.]?00\b.*")
    read_as["date-order"] = (parsed[:, 3] == 1) & ~np.isnan(parsed[:, 0])
    spread = column.spread(parsed)
    rows = {name: column.spread(told) for name, told in read_as.items()}
    return ParsedDays(spread[:, 0], spread[:, 1], spread[:, 2] == 1, rows)


def read_clocks(column: Texts) -> ParsedDays:
    """Every row's time of day in seconds after midnight; the whole column says what numbers mean.

    Examples
    --------
    >>> read_clocks(Texts.of(["1", "45", "130", "2130"])).seconds.tolist()
    [60.0, 2700.0, 5400.0, 77400.0]
    >>> read_clocks(Texts.of(["1", "7", "22"])).seconds.tolist()
    [3600.0, 25200.0, 79200.0]
    """
    plain = column.bare
    texts = plain.str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    digits, fractions = _matches(texts, r"\d{1,6}"), _matches(texts, r"0?[.,]\d+")
    numbers = np.where(digits, pd.to_numeric(texts.where(digits), errors="coerce"), np.nan)
    read_as = {"no-zeros": np.zeros(len(texts), dtype=bool), "day-fractions": fractions}
    if fractions.any():
        of_a_day = texts[fractions].str.replace(",", ".").astype(float)
        # A fraction of a day is off by some digits: 0.520833 is half past twelve.
        minutes = (of_a_day * DAY_S / MINUTE_S).round().astype(int)
        clocks = minutes.map(lambda whole: f"{whole // 60:02d}:{whole % 60:02d}")
        texts = clocks.reindex(texts.index).fillna(texts)
    elif (numbers > LAST_HOUR).any() and not _matches(texts, r"0\d+").any():
        size = 6 if (numbers > 9_999).any() else 4
        read_as["no-zeros"] = digits & np.asarray(texts.str.len() < size, dtype=bool)
        texts = texts.where(~digits, texts.str.zfill(size))
    parsed = np.array([clock_behind_day(str(text)) for text in texts], dtype=float).reshape(-1, 2)
    read_as["day-ends"] = parsed[:, 0] == DAY_S
    spread = column.spread(parsed)
    nowhere = np.zeros(len(column), dtype=bool)
    rows = {name: column.spread(told) for name, told in read_as.items()}
    return ParsedDays(spread[:, 0], spread[:, 1], nowhere, rows)


def dates_by_order(column: Texts, fields: FieldMap) -> tuple[int, int]:
    """Distinct dates that can be read in the order that is asked for only, and in the other."""
    parts = column.bare.str.extract(WRITTEN).dropna().astype(int) > EARLY_DAYS
    asked, other = (parts[0], parts[1]) if fields.day_first else (parts[1], parts[0])
    return int((asked & ~other).sum()), int((other & ~asked).sum())


def parse_month(text: str) -> tuple[int, int] | None:
    """Year and month of a text, in the shapes that files and spreadsheets give them.

    Examples
    --------
    >>> parse_month("2018-07"), parse_month("Feb-25"), parse_month("2016-13")
    ((2018, 7), (2025, 2), None)
    """
    plain = text.strip().casefold()
    for pattern in MONTH_TEXTS:
        if found := pattern.fullmatch(plain):
            parts = found.groupdict()
            month = _month_number(parts)
            year = whole_year(int(parts["year"]), len(parts["year"]))
            usable = 1 <= month <= 12 and FIRST_YEAR <= year <= LAST_YEAR
            return (year, month) if usable else None
    return None


def parse_moment(text: str, fields: FieldMap) -> tuple[float, float, float, bool]:
    """Seconds since 1970, width in seconds, whether UTC, and whether the order was a guess."""
    nothing = (np.nan, np.nan, 0.0, False)
    bare = WEEKDAY.sub("", " ".join(text.casefold().split()))
    plain = WEEK_OF.sub("", bare)
    for pattern in DATES:
        if found := pattern.fullmatch(plain):
            parts = found.groupdict()
            days, guessed = _day_of(parts, fields.day_first)
            clock = _clock_seconds(parts)
            if days is None or clock is None:
                return nothing
            seconds, width = clock
            if plain != bare or (parts.get("week") and not parts["weekday"]):
                width = float(WEEK_S)
            offset = _offset(parts.get("zone"))
            seconds += days * DAY_S - (offset or 0)
            return float(seconds), width, float(offset is not None), guessed
    return nothing


def unread_as(texts: pd.Series) -> dict[str, Rows]:
    """Texts that are no days, by what they seem to be: the code of a finding that says so.

    Examples
    --------
    >>> unread_as(pd.Series(["01/07/2025 - 02/07/2025", "2025 Q3"]))["date-span"].tolist()
    [True, False]
    """
    plain = texts.str.casefold()
    return {rule: _matches(plain, pattern) for rule, pattern in UNREAD.items()}


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
    if re.fullmatch(r"\d{6}", plain):
        plain = f"{plain[:2]}:{plain[2:4]}:{plain[4:]}"
    found = TIME.fullmatch(plain)
    if not found:
        return np.nan, np.nan
    parts = found.groupdict()
    parts["minute"] = parts["minute"] or parts.pop("joined")
    clock = _clock_seconds(parts)
    return clock or (np.nan, np.nan)


def whole_year(year: int, digits: int) -> int:
    """Two digits mean 1970 to 2069."""
    if digits > 2:
        return year
    return year + (1900 if year >= 70 else 2000)


def clock_behind_day(text: str) -> tuple[float, float]:
    """A time of day, which a spreadsheet or a database may have put behind a day."""
    return parse_clock(re.sub(r"^[\d/.-]{8,10}[ Tt]", "", text))


def _matches(texts: pd.Series, pattern: str) -> Rows:
    return np.asarray(texts.str.fullmatch(pattern), dtype=bool)


def _day_numbers(days: NDArray[np.float64]) -> NDArray[np.float64]:
    """Days as spreadsheets count them, from 30 December 1899; a fraction is a time of day."""
    seconds = np.round((days - EXCEL_EPOCH_DAYS) * DAY_S)
    width = np.where(days == np.floor(days), DAY_S, MINUTE_S)
    nothing = np.zeros(len(days))
    return np.column_stack([seconds, width, nothing, nothing])


def _unix_times(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds, or thousandths, since 1970 in UTC."""
    seconds = np.floor(np.where(numbers >= 1e12, numbers / 1_000, numbers))
    one, nothing = np.ones(len(numbers)), np.zeros(len(numbers))
    return np.column_stack([seconds, one * SECOND_S, one, nothing])


def _refuse_strays(parsed: NDArray[np.float64], read_as: dict[str, Rows], filled: Rows) -> None:
    """Numbers are days where most of the column is, or where they lie among its other dates."""
    others = parsed[~np.logical_or.reduce([*read_as.values(), np.isnan(parsed[:, 0])]), 0]
    for name, numbers in read_as.items():
        if not numbers.any() or numbers.sum() > MOST * filled.sum():
            continue
        reach = NEAR_DAYS * DAY_S
        among = len(others) and (
            parsed[numbers, 0].min() >= others.min() - reach
            and parsed[numbers, 0].max() <= others.max() + reach
        )
        if not among:
            parsed[numbers] = np.nan
            read_as[name] = np.zeros_like(numbers)


def _refuse_spans(plain: pd.Series, parsed: NDArray[np.float64]) -> None:
    """A time until behind a time, 10:00-11:00, looks like a zone: of these few, and not later."""
    zoned = np.flatnonzero(parsed[:, 2] == 1)
    clock, zone = plain.iloc[zoned].str.extract(OFFSETS).fillna("").to_numpy(dtype=str).T
    told, later = zone != "", (clock != "") & (np.char.lstrip(zone, "-") > clock)
    if len(set(zone[told])) > MOST_OFFSETS or later.sum() > MOST * told.sum():
        parsed[zoned[told]] = np.nan


def _exchange(plain: pd.Series, parsed: NDArray[np.float64], fields: FieldMap) -> Rows:
    """Give real dates their day and month back, where a spreadsheet has exchanged them.

    It has where no real date has a day above 12 and no text one below 13, and so clean a parting
    would be chance in less than one column of a hundred. The dates in `parsed` are mended in place.
    """
    real = plain.str.extract(f"^{ISO}$")
    texts = plain.str.extract(f"^{WRITTEN}$").dropna().astype(int)
    is_real = np.asarray(real[0].notna(), dtype=bool) & ~np.isnan(parsed[:, 0])
    nothing = np.zeros(len(plain), dtype=bool)
    if not is_real.any() or not len(texts):
        return nothing
    late = texts[0 if fields.day_first else 1]
    days = real[is_real][2].astype(int)
    whole = np.unique(np.floor(parsed[is_real, 0] / DAY_S))
    parted = (days <= EARLY_DAYS).all() and (late > EARLY_DAYS).all()
    # By chance two of five dates have a day up to 12, and three of five texts one above it.
    if not parted or 0.4 ** len(whole) * 0.6 ** len(texts.drop_duplicates()) > CHANCE:
        return nothing
    moved = real[is_real]
    back = moved[0] + "-" + moved[2] + "-" + moved[1] + moved[3]
    parsed[is_real] = [parse_moment(str(text), fields) for text in back]
    return is_real


def _seem_year_first(plain: pd.Series) -> Rows:
    """Dates of three short numbers of which the first hardly changes, as years do, and the last."""
    short = np.array(plain.str.len() == len(TWO_BY_TWO[0]), dtype=bool)
    if not short.any():
        return short
    parts = plain[short].str.extract(TWO_BY_TWO[1]).dropna()
    first, last = parts[0].nunique(), parts[2].nunique()
    short[short] = plain[short].index.isin(parts.index)
    return short & (last >= FEW_YEARS and first * 2 < last and first < FEW_YEARS / 2)


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
    """Texts of one fixed shape; those that no calendar knows are left to the slow road."""
    stamps = pd.to_datetime(texts, format=form, errors="coerce")
    whole = stamps.to_numpy("datetime64[s]")
    seconds = np.where(np.isnat(whole), np.nan, whole.astype("int64"))
    usable = np.asarray(stamps.dt.year.between(FIRST_YEAR, LAST_YEAR), dtype=bool)
    guessed = np.zeros(len(texts))
    if "/" in form:
        one, two = texts.str[:2].astype(int), texts.str[3:5].astype(int)
        guessed = np.where((one <= 12) & (two <= 12) & (one != two), 1.0, 0.0)
    parsed = np.column_stack([seconds, np.full(len(texts), width), np.zeros(len(texts)), guessed])
    parsed[~usable] = np.nan
    return parsed


def _day_of(parts: dict[str, Any], day_first: bool) -> tuple[int | None, bool]:
    """Days since 1970, none where no calendar knows them, and whether the order was a guess."""
    year = whole_year(int(parts["year"]), len(parts["year"]))
    day, month, guessed = _day_and_month(parts, day_first)
    try:
        if parts.get("week"):
            one = date.fromisocalendar(year, int(parts["week"]), int(parts["weekday"] or 1))
        else:
            one = date(year, month, day)
    except ValueError:
        return None, guessed
    return (one.toordinal() - EPOCH if FIRST_YEAR <= year <= LAST_YEAR else None), guessed


def _day_and_month(parts: dict[str, Any], day_first: bool) -> tuple[int, int, bool]:
    if parts.get("week"):
        return 0, 0, False
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


def _clock_seconds(parts: dict[str, Any]) -> tuple[float, float] | None:
    """Seconds after midnight and width; the whole day without a time; None if impossible.

    24:00 is the end of the day.
    """
    if parts.get("hour") is None:
        return 0.0, float(DAY_S)
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    half = (parts.get("half") or "")[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if (hour > 23 or minute > 59 or second > 59) and (hour, minute, second) != (24, 0, 0):
        return None
    width = SECOND_S if parts.get("second") else MINUTE_S if parts.get("minute") else HOUR_S
    return float(hour * HOUR_S + minute * MINUTE_S + second), float(width)


def _offset(zone: str | None) -> int | None:
    """Seconds ahead of UTC; None where no zone is written."""
    if not zone:
        return None
    zone = re.sub(r"^(?:gmt|utc)(?=[+-])", "", zone)
    if zone in ("z", "utc", "gmt"):
        return 0
    if zone == "bst":
        return HOUR_S
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * HOUR_S + int(digits[2:] or 0) * MINUTE_S)
