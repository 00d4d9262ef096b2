"""A half-open span of time and its arithmetic: days, months, years, and what they are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hotspots.core.errors import InputError
from hotspots.core.tables import INCIDENTS, TIMEZONE, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

OLDEST_YEAR = 1900


@dataclass(frozen=True)
class Period:
    """A half-open span of time, ``[start, end)``, and the words for it."""

    start: pd.Timestamp
    end: pd.Timestamp
    label: str

    @classmethod
    def parse(cls, text: str | Period | tuple[object, object]) -> Period:
        """Read ``"2018-07"``, ``"2018"``, ``"2018-07-01/2018-08-01"`` or a pair of dates.

        In a slash pair of months both months are included; in a pair of dates the last is excluded.

        Examples
        --------
        >>> Period.parse("2018-07").end.isoformat()
        '2018-08-01T00:00:00+01:00'
        >>> Period.parse("2018-01/2018-03").label
        'January 2018 to March 2018'
        """
        if isinstance(text, Period):
            return text
        try:
            return cls._read(text)
        except (ValueError, TypeError, OverflowError) as error:
            typed = "/".join(map(str, text)) if isinstance(text, tuple) else text
            why = f": {error}" if isinstance(error, InputError) else "."
            raise InputError(
                f'a period must look like "2018-07", "2018", "2018-01/2018-12" or '
                f'"2018-07-01/2018-08-01"; got {typed!r}{why}'
            ) from error

    @classmethod
    def _read(cls, text: str | tuple[object, object]) -> Period:
        import pandas as pd

        if isinstance(text, tuple):
            start, end = (_local(pd.Timestamp(str(part))) for part in text)
            return _ordered(start, end, f"{_day(start)} to {_day(end - pd.DateOffset(days=1))}")
        if re.fullmatch(r"\d{4}", text):
            return _ordered(_month(f"{text}-01"), _month(f"{int(text) + 1}-01"), text)
        if re.fullmatch(r"\d{4}-\d{2}", text):
            start = _month(text)
            return _ordered(start, _next_month(start), start.strftime("%B %Y"))
        if re.fullmatch(r"\d{4}-\d{2}/\d{4}-\d{2}", text):
            start, last = (_month(part) for part in text.split("/"))
            label = f"{start.strftime('%B %Y')} to {last.strftime('%B %Y')}"
            return _ordered(start, _next_month(last), label)
        first, second = text.split("/")
        return cls._read((first, second))

    @classmethod
    def of_label(cls, label: str) -> Period:
        """The period that has this label, or is written so.

        Examples
        --------
        >>> Period.of_label("January 2018 to March 2018").end.isoformat()
        '2018-04-01T00:00:00+01:00'
        """
        if re.fullmatch(r"[\d/-]+", label):
            return cls.parse(label)
        ends = [_of_words(words) for words in label.split(" to ")]
        return _ordered(ends[0].start, ends[-1].end, label)


def periods_of(incidents: gpd.GeoDataFrame) -> list[str]:
    """The months in which incidents start, as ``"2018-07"``, sorted; whatever the time zone."""
    require_table(incidents, INCIDENTS, argument="incidents", only=["occurred_from"])
    starts = incidents["occurred_from"].dropna().dt.tz_convert(TIMEZONE)
    months = starts.dt.strftime("%Y-%m")
    return sorted(months.unique().tolist())


def _month(text: str) -> pd.Timestamp:
    import pandas as pd

    if not 1 <= int(text[5:7]) <= 12:
        raise InputError("a month must be 01 to 12.")
    return _local(pd.Timestamp(f"{text}-01"))


def _next_month(start: pd.Timestamp) -> pd.Timestamp:
    year, month = divmod(start.year * 12 + start.month, 12)
    return _month(f"{year:04d}-{month + 1:02d}")


def _local(stamp: pd.Timestamp) -> pd.Timestamp:
    if stamp.tz is not None:
        return stamp.tz_convert(TIMEZONE)
    if stamp.year < OLDEST_YEAR:
        raise InputError(f"years start with {OLDEST_YEAR}.")
    return stamp.tz_localize(TIMEZONE, ambiguous=True, nonexistent="shift_forward")


def _of_words(words: str) -> Period:
    """The month of "July 2018", the day of "3 July 2018", the year of "2018"."""
    import pandas as pd

    for form, months, days in (("%B %Y", 1, 0), ("%d %B %Y", 0, 1), ("%Y", 12, 0)):
        try:
            start = pd.Timestamp(datetime.strptime(words, form))
        except ValueError:
            continue
        end = start + pd.DateOffset(months=months, days=days)
        return Period(_local(start), _local(end), words)
    raise InputError(
        f'a period is called "July 2018" or "3 July 2018 to 9 July 2018"; got {words!r}.'
    )


def _ordered(start: pd.Timestamp, end: pd.Timestamp, label: str) -> Period:
    if not start < end:
        raise InputError("it must end after it starts.")
    return Period(start, end, label)


def _day(stamp: pd.Timestamp) -> str:
    return f"{stamp.day} {stamp.strftime('%B %Y')}"
