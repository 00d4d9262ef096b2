"""Days, months and spans of time: how they are read, counted and called. All in local time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

from hotspots.core.errors import InputError, require
from hotspots.core.hours import Hours
from hotspots.core.months import calendar_months, clock_of, later, month_words, months_between
from hotspots.core.tables import TIMEZONE

if TYPE_CHECKING:
    import pandas as pd

Span: TypeAlias = "tuple[pd.Timestamp, pd.Timestamp]"
Dates: TypeAlias = "str | Period | pd.Period | pd.Interval | tuple[object, object]"

OLDEST_YEAR = 1900

_ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
_BRITISH_DAY = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})")
_TYPED_SPAN = r"\d{4}|\d{4}-\d{2}|\d{4}-\d{2}/\d{4}-\d{2}|\d{4}-\d{2}-\d{2}/\d{4}-\d{2}-\d{2}"


@dataclass(frozen=True)
class Period:
    """A half-open span of time, ``[start, end)``, and the words for it.

    Attributes
    ----------
    start, end : Timestamp
        Local time, with its zone: Europe/London, until it is asked of incidents of another place
        (:meth:`on_clock`). The end is the first moment that no longer belongs to it.
    label : str
        For people, for instance ``"July 2018"``.
    hours : Hours, optional
        The hours of the week that belong to it; all of them by default.

    Examples
    --------
    >>> july = Period.parse("2018-07")
    >>> july.label, (july.end - july.start).days
    ('July 2018', 31)
    >>> Period.parse("2018-07 Fri-Sat 22-03").label
    'July 2018, Fri-Sat 22:00-03:00'
    """

    start: pd.Timestamp
    end: pd.Timestamp
    label: str
    hours: Hours | None = None

    @classmethod
    def parse(cls, text: Dates) -> Period:
        """Read ``"2018-07"``, ``"2018"``, ``"2018-07-01/2018-08-01"`` or a pair of days.

        In a slash pair of months both months are included; in a pair of days the last is excluded.
        Hours of the week may follow after a space: ``"2018-07 Fri-Sat 22-03"``. A period of pandas
        is what it is, and an interval of pandas that is closed on the left.

        Raises
        ------
        InputError
            For anything else: pairs of months or years that are no text have two readings.

        Examples
        --------
        >>> Period.parse("2018-07").end.isoformat()
        '2018-08-01T00:00:00+01:00'
        >>> Period.parse("2018-01/2018-03").label
        'January 2018 to March 2018'
        """
        if isinstance(text, Period):
            return text
        dates, hours = _parted(text)
        try:
            return _read(dates).with_hours(hours)
        except (ValueError, TypeError, OverflowError) as error:
            typed = "/".join(map(str, text)) if isinstance(text, tuple) else text
            why = f": {error}" if isinstance(error, InputError) else "."
            raise InputError(
                f'a period must look like "2018-07", "2018", "2018-01/2018-12" or '
                f'"2018-07-01/2018-08-01"; got {typed!r}{why}',
                rule="period-format",
            ) from error

    def on_clock(self, timezone: str) -> Period:
        """The same days and hours on the clock of another place.

        Examples
        --------
        >>> Period.parse("2025-02").on_clock("Australia/Sydney").start.isoformat()
        '2025-02-01T00:00:00+11:00'
        """
        if str(self.start.tz) == timezone:
            return self
        start, end = (_local(end.tz_localize(None), timezone) for end in (self.start, self.end))
        return replace(self, start=start, end=end)

    def with_hours(self, hours: Hours | None) -> Period:
        """Of the same days only these hours; all of them where none are given."""
        label = self.label if self.hours is None else self.label[: -len(self.hours.label) - 2]
        return replace(self, hours=hours, label=f"{label}, {hours.label}" if hours else label)

    @cached_property
    def key(self) -> str:
        """The period as tables name it, in ISO text that :meth:`parse` reads back.

        Examples
        --------
        >>> Period.parse("2018").key, Period.parse(("2018-07-03", "2018-07-10")).key
        ('2018-01/2018-12', '2018-07-03/2018-07-10')
        """
        if self.hours is not None:
            return f"{self.with_hours(None).key} {self.hours.key}"
        ends = self.start.tz_localize(None), self.end.tz_localize(None)
        if not calendar_months(ends) or ends[0] != ends[0].normalize():
            whole = all(end == end.normalize() for end in ends)
            return "/".join(f"{end:%Y-%m-%d}" if whole else end.isoformat() for end in ends)
        months = months_of(self)
        return "/".join(dict.fromkeys((months[0], months[-1])))

    @classmethod
    def of_areas(cls, areas: pd.DataFrame) -> Period:
        """The period of a table of areas, from its first row."""
        span = span_of_areas(areas)
        hours = areas["hours"].iloc[0] if "hours" in areas.columns else None
        known = Hours.parse(hours) if isinstance(hours, str) and hours else None
        return cls(*span, span_words(*span)).with_hours(known)

    @property
    def short(self) -> str:
        """The period with months of three letters."""
        words = span_words(self.start, self.end, short=True)
        return words if self.hours is None else f"{words}, {self.hours.label}"

    @property
    def whole_months(self) -> tuple[int, int] | None:
        """The first and last month, counted from year 0; none unless it is months and no less.

        Examples
        --------
        >>> Period.parse("2018-07").whole_months, Period.parse(("2018-07-03", "2018-07-10")
        ...     ).whole_months
        ((24222, 24222), None)
        """
        ends = self.start.tz_localize(None), self.end.tz_localize(None)
        if self.hours is not None or any(end != end.normalize() or end.day != 1 for end in ends):
            return None
        first, after = (end.year * 12 + end.month - 1 for end in ends)
        return first, after - 1


def months_of(period: Period) -> list[str]:
    """Months a period touches, as ``"2018-07"``.

    Examples
    --------
    >>> months_of(Period.parse("2018-11/2019-01"))
    ['2018-11', '2018-12', '2019-01']
    """
    import pandas as pd

    last = period.end.tz_localize(None) - pd.Timedelta(1, "ns")
    return months_between(f"{period.start:%Y-%m}", f"{last:%Y-%m}")


def day_words(day: date) -> str:
    """A day in words.

    Examples
    --------
    >>> day_words(date(2018, 7, 3))
    '3 July 2018'
    """
    return f"{day.day} {day:%B %Y}"


def span_words(start: Any, until: Any, *, short: bool = False) -> str:
    """A half-open span of time in words; nothing where an end of it is missing.

    ``short``: months of three letters, "Apr 2024 – Mar 2025".

    Examples
    --------
    >>> import pandas as pd
    >>> span_words(pd.Timestamp("2018-07-01"), pd.Timestamp("2018-08-01"))
    'July 2018'
    >>> span_words(pd.Timestamp("2018-01-01"), pd.Timestamp("2018-07-01"))
    'January 2018 to June 2018'
    >>> span_words(pd.Timestamp("2018-07-02"), pd.Timestamp("2018-07-09"))
    '2 July 2018 to 8 July 2018'
    """
    import pandas as pd

    if pd.isna(start) or pd.isna(until):
        return ""
    month, to = ("%b", " – ") if short else ("%B", " to ")
    if calendar_months((start, until)):
        last = until - pd.Timedelta(days=1)
        return to.join(dict.fromkeys(f"{end:{month} %Y}" for end in (start, last)))
    last = until - pd.Timedelta(seconds=1)
    return to.join(dict.fromkeys(f"{end.day} {end:{month} %Y}" for end in (start, last)))


def span_of(name: str, clock: str = TIMEZONE) -> Span | None:
    """Start and end of a period by its key, on the clock of a place; None for other names.

    Examples
    --------
    >>> [day.date().isoformat() for day in span_of("2024-04/2025-03")]
    ['2024-04-01', '2025-04-01']
    """
    try:
        known = Period.parse(name).on_clock(clock)
    except InputError:
        return None
    return known.start, known.end


def span_of_areas(areas: pd.DataFrame) -> Span:
    """Start and end of the period of a table of areas, from its first row."""
    return areas["period_from"].iloc[0], areas["period_until"].iloc[0]


def in_order_of_time(names: Iterable[str]) -> list[str]:
    """Names of periods, the earliest first; those that are no dates come first, by name.

    Examples
    --------
    >>> in_order_of_time(["2024-04/2025-03", "2023-07", "Easter"])
    ['Easter', '2023-07', '2024-04/2025-03']
    """
    import pandas as pd

    never = pd.Timestamp.min.tz_localize("UTC")
    return sorted(names, key=lambda name: ((span_of(name) or (never, never))[1], name))


def read_time(value: object, argument: str, timezone: str = TIMEZONE) -> pd.Timestamp:
    """A moment from a date, a timestamp or text such as "2023-04-01"; local midnight by default.

    With strokes the day comes first, as people in Britain write it: "01/04/2023".
    """
    import pandas as pd

    stamp = None if value is None else _moment(value)
    if stamp is None or pd.isna(stamp):
        raise InputError(
            f'`{argument}` must be a date such as "2023-04-01", or "01/04/2023" (day first); '
            f"got {value!r}.",
            rule="date-format",
        )
    return stamp.tz_localize(timezone) if stamp.tz is None else stamp.tz_convert(timezone)


def read_day(typed: str, option: str) -> date:
    """The day that was typed, ISO or British: the first number with strokes is the day.

    Examples
    --------
    >>> read_day("2025-04-01", "started") == read_day("01/04/2025", "started")
    True
    """
    day = _typed_day(typed.strip())
    if day is None:
        raise InputError(
            f"`{option}` must be a day as 2025-04-01, or as 01/04/2025 (day/month/year, the year "
            f"with four digits); got {typed!r}.",
            rule="date-format",
        )
    return day


def read_span(typed: str, option: str) -> Period:
    """The period that was typed: years and months, or two ISO days of which the last is left out.

    Examples
    --------
    >>> read_span("2024-04/2025-03", "period").label
    'April 2024 to March 2025'
    """
    why = ""
    if re.fullmatch(f"(?:{_TYPED_SPAN})(?: .*)?", typed.strip()):
        try:
            return Period.parse(typed.strip())
        except InputError as error:
            reason = error.__cause__
            why = f" ({str(reason).rstrip('.')})" if isinstance(reason, InputError) else ""
    raise InputError(
        f"`{option}` must be a period as 2025, 2025-04, 2024-04/2025-03 or 2024-04-01/2025-04-01; "
        f"got {typed!r}{why}.",
        rule="period-format",
    )


def _parted(text: object) -> tuple[Any, Hours | None]:
    """The dates of a period, and the hours that follow them after a space."""
    found = re.fullmatch(r"(\d{4}\S*) ([^/]+)", text.strip()) if isinstance(text, str) else None
    return (text, None) if found is None else (found[1], Hours.parse(found[2]))


def _read(dates: Any) -> Period:
    if isinstance(dates, str):
        return _read_text(dates)
    import pandas as pd

    if isinstance(dates, pd.Period):
        dates = dates.start_time, (dates + 1).start_time
    elif isinstance(dates, pd.Interval):
        require(dates.closed == "left", "an interval is closed on the left: its end is left out.")
        dates = dates.left, dates.right
    elif not isinstance(dates, (tuple, list)):
        raise TypeError
    start, end = map(_end, dates)
    return _ordered(start, end, span_words(start, end))


def _end(given: object) -> pd.Timestamp:
    """One end of a pair. Of months and years nobody knows whether the last one is meant."""
    stamp = None if re.fullmatch(r"\d{4}(-\d{2})?", str(given).strip()) else _moment(given)
    if stamp is None:
        raise InputError(f'the ends of a pair are days, as "2018-07-01"; got {given!s}.')
    return _local(stamp)


@lru_cache(maxsize=1024)
def _read_text(text: str) -> Period:
    """A product asks for the same months hundreds of times."""
    if re.fullmatch(r"\d{4}", text):
        return _ordered(_month(f"{text}-01"), _month(f"{int(text) + 1}-01"), text)
    if re.fullmatch(r"\d{4}-\d{2}(?:/\d{4}-\d{2})?", text):
        months = text.split("/")
        label = " to ".join(map(month_words, months))
        return _ordered(_month(months[0]), _month(later(months[-1], 1)), label)
    first, second = text.split("/")
    return _read((first, second))


def _month(text: str) -> pd.Timestamp:
    import pandas as pd

    if not 1 <= int(text[5:7]) <= 12:
        raise InputError("a month must be 01 to 12.")
    return _local(pd.Timestamp(f"{text}-01"))


def _local(stamp: pd.Timestamp, timezone: str = TIMEZONE) -> pd.Timestamp:
    if stamp.tz is not None:
        return stamp.tz_convert(clock_of(stamp))  # a moment of a place keeps its clock
    if stamp.year < OLDEST_YEAR:
        raise InputError(f"years start with {OLDEST_YEAR}.")
    # Of a midnight that comes twice the first, so that no hour is lost; of one that is skipped the
    # next moment.
    return stamp.tz_localize(timezone, ambiguous=True, nonexistent="shift_forward")


def _ordered(start: pd.Timestamp, end: pd.Timestamp, label: str) -> Period:
    if not start < end:
        raise InputError("it must end after it starts.")
    return Period(start, end, label)


def _moment(value: object) -> pd.Timestamp | None:
    """Nothing is guessed: text is ISO, a month, or day/month/year with four digits for the year."""
    import pandas as pd

    try:
        if not isinstance(value, str):
            plain = value if isinstance(value, datetime) else str(value)
            return None if isinstance(value, Real) else pd.Timestamp(plain)
        text = value.strip()
        if re.fullmatch(r"\d{4}-\d{2}", text):
            text = f"{text}-01"
        day = _typed_day(text)
        return pd.Timestamp(day if day is not None else datetime.fromisoformat(text))
    except ValueError:
        return None


def _typed_day(text: str) -> date | None:
    found = _ISO_DAY.fullmatch(text) or _BRITISH_DAY.fullmatch(text)
    if found is None:
        return None
    try:
        return date(*(int(found[part]) for part in ("year", "month", "day")))
    except ValueError:
        return None
