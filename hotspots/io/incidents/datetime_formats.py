"""Texts that people write for months, days and times of day, read one distinct text at a time."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from hotspots.io.incidents.field_map import FieldMap

DAY_S, HOUR_S, MINUTE_S, SECOND_S = 86_400, 3_600, 60, 1
FIRST_YEAR, LAST_YEAR = 1900, 2100
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_NAME = r"(?P<name>[a-z]{3,9})\.?"
_CLOCK = (
    r"(?:[t ,]+(?P<hour>\d{1,2})[:.]?(?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d+)?)?"
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
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,? ")
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
            year = whole_year(int(parts["year"]), len(parts["year"]))
            return (year, month) if 1 <= month <= 12 and _usable(year) else None
    return None


def parse_moment(text: str, fields: FieldMap) -> tuple[float, float, float, bool]:
    """Seconds since 1970, width in seconds, whether UTC, and whether the order was a guess."""
    nothing = (np.nan, np.nan, 0.0, False)
    plain = _WEEKDAY.sub("", " ".join(text.casefold().split()))
    for pattern in _DATE_PATTERNS:
        if found := pattern.fullmatch(plain):
            parts = found.groupdict()
            year = whole_year(int(parts["year"]), len(parts["year"]))
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
    if re.fullmatch(r"\d{6}", plain):
        plain = f"{plain[:2]}:{plain[2:4]}:{plain[4:]}"
    found = _TIME_PATTERN.fullmatch(plain)
    if not found:
        return np.nan, np.nan
    parts = found.groupdict()
    parts["minute"] = parts["minute"] or parts.pop("joined")
    clock = _clock_seconds(parts)
    return clock or (np.nan, np.nan)


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


def whole_year(year: int, digits: int) -> int:
    """Two digits mean 1970 to 2069."""
    if digits > 2:
        return year
    return year + (1900 if year >= 70 else 2000)


def _usable(year: int) -> bool:
    return FIRST_YEAR <= year <= LAST_YEAR


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
    if zone in ("z", "utc", "gmt"):
        return 0
    sign = -1 if zone[0] == "-" else 1
    digits = zone[1:].replace(":", "")
    return sign * (int(digits[:2]) * HOUR_S + int(digits[2:] or 0) * MINUTE_S)
