"""Months as tables write them, ``2018-07``: of which times, which come next, and their words.

The month is that of the clock of the place, which the times carry as their zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING

from hotspots.core.errors import InputError, require
from hotspots.core.tables import INCIDENTS, TIMEZONE, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from hotspots.core.arrays import Ints
    from hotspots.core.periods import Span

SECONDS_A_DAY = 86_400
MONTH = r"\d{4}-(?:0[1-9]|1[0-2])"


def clock_of(times: pd.Series | pd.Timestamp) -> str:
    """The time zone by whose clock times are counted: their own, where it is that of a place.

    UTC and fixed offsets are of no place: such times are counted by the clock of London.

    Examples
    --------
    >>> import pandas as pd
    >>> [clock_of(pd.Timestamp("2025-02-01", tz=zone)) for zone in ("Australia/Sydney", "UTC")]
    ['Australia/Sydney', 'Europe/London']
    """
    zone = times.tz if isinstance(times, datetime) else times.dt.tz
    return clock_named(str(zone))


def local_times(times: pd.Series) -> pd.Series:
    """Times as the clock of their place shows them, without a zone."""
    local: pd.Series = times.dt.tz_convert(clock_of(times)).dt.tz_localize(None)
    return local


def clock_named(zone: str | None) -> str:
    """A time zone where it is that of a place; else that of London."""
    # Zones of places are written with a stroke ("Europe/London"); "UTC", "GMT" and "EST" have none.
    is_place = zone is not None and "/" in zone and not zone.startswith("Etc/")
    return str(zone) if is_place else TIMEZONE


def require_timezone(timezone: str | None) -> None:
    """Raise unless a time zone, where it is given, is that of a place that is known."""
    from zoneinfo import ZoneInfo

    try:
        known = timezone is None or clock_named(ZoneInfo(timezone).key) == timezone
    except (KeyError, ValueError, TypeError, OSError):
        known = False
    if not known:
        raise InputError(
            '`timezone` must be the zone of a place, such as "Europe/London" or '
            f'"America/New_York"; got {timezone!r}.',
            rule="timezone",
        )


def month_of(times: pd.Series) -> pd.Series:
    """Local month of each time, as ``"2018-07"``; missing stays missing."""
    import numpy as np
    import pandas as pd

    codes, found = pd.factorize(local_times(times).to_numpy().astype("datetime64[M]"))
    words = np.array([*map(str, found.astype("datetime64[M]")), None], dtype=object)
    return pd.Series(words[codes], index=times.index, name=times.name, dtype=object)


def month_numbers(times: pd.Series) -> Ints:
    """Local month of each time, counted from year 0; -1 where the time is missing."""
    import numpy as np

    local = times.dt.tz_convert(clock_of(times)).dt.tz_localize(None).to_numpy()
    months = local.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return np.where(np.isnat(local), -1, months)


def months_between(first: str, last: str) -> list[str]:
    """Every month from the first to the last, both included.

    Examples
    --------
    >>> months_between("2024-11", "2025-02")
    ['2024-11', '2024-12', '2025-01', '2025-02']
    """
    for month in (first, last):
        require(
            re.fullmatch(MONTH, month) is not None,
            f'a month is as "2018-07"; got {month!r}.',
            rule="month-format",
        )
    months = [first] if first <= last else []
    while months and months[-1] < last:
        months.append(later(months[-1], 1))
    return months


def later(month: str, by: int) -> str:
    """The month so many months later, or earlier.

    Examples
    --------
    >>> later("2025-01", -1), later("2024-11", 14)
    ('2024-12', '2026-01')
    """
    return month_named(number_of_month(month) + by)


def number_of_month(month: str) -> int:
    """A month, counted from year 0."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_named(number: int) -> str:
    """The month of a number, as tables write it."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_floor(stamp: pd.Timestamp) -> pd.Timestamp:
    """When the month of a moment begins."""
    import pandas as pd

    zone = clock_of(stamp)
    local = stamp.tz_convert(zone)
    return pd.Timestamp(year=local.year, month=local.month, day=1, tz=zone)


def month_ceiling(stamp: pd.Timestamp) -> pd.Timestamp:
    """When the next month begins; the moment itself where it begins one."""
    import pandas as pd

    floor = month_floor(stamp)
    return floor if floor == stamp else floor + pd.DateOffset(months=1)


def month_words(month: str) -> str:
    """A month in words.

    Examples
    --------
    >>> month_words("2018-07")
    'July 2018'
    """
    return f"{date(int(month[:4]), int(month[5:7]), 1):%B %Y}"


def month_runs(months: Iterable[str], words: Callable[[str], str] = str) -> str:
    """Months for a message, runs drawn together.

    Examples
    --------
    >>> month_runs(["2025-03", "2025-01", "2025-02", "2025-05"])
    '2025-01 to 2025-03, 2025-05'
    >>> month_runs(["2025-01", "2025-02"], month_words)
    'January 2025 to February 2025'
    """
    runs: list[list[str]] = []
    for month in sorted(months):
        if runs and later(runs[-1][-1], 1) == month:
            runs[-1].append(month)
        else:
            runs.append([month])
    ends = [dict.fromkeys((words(run[0]), words(run[-1]))) for run in runs]
    return ", ".join(" to ".join(pair) for pair in ends)


def days_between(start: pd.Timestamp, until: pd.Timestamp) -> float:
    """Days from one moment to another by their clock: one on which the clocks change is a day.

    Examples
    --------
    >>> import pandas as pd
    >>> days_between(*pd.to_datetime(["2026-03-01", "2026-04-01"]).tz_localize("Europe/London"))
    31.0
    """
    return (until.tz_localize(None) - start.tz_localize(None)).total_seconds() / SECONDS_A_DAY


def calendar_months(span: tuple[pd.Timestamp, pd.Timestamp]) -> int:
    """Length in whole calendar months; 0 where a span is none."""
    import pandas as pd

    start, until = span
    if pd.isna(start) or pd.isna(until) or start.day != 1 or until.day != 1:
        return 0
    return int((until.year - start.year) * 12 + until.month - start.month)


def periods_of(incidents: gpd.GeoDataFrame) -> list[str]:
    """The months in which incidents start, as ``"2018-07"``, sorted; by the clock of the place."""
    require_table(incidents, INCIDENTS, argument="incidents", only=["occurred_from"])
    return sorted(month_of(incidents["occurred_from"]).dropna().unique())


def as_long(span: Span | None, other: Span) -> bool:
    """Whether a period has as many months, or days, as another; names that are no dates do.

    Examples
    --------
    >>> from hotspots.core.periods import span_of
    >>> year = span_of("2024-04/2025-03")
    >>> as_long(span_of("2024-04"), year), as_long(year, year), as_long(None, year)
    (False, True, True)
    """
    if span is None:
        return True
    months = calendar_months(span), calendar_months(other)
    if any(months):
        return months[0] == months[1]
    return bool(span[1] - span[0] == other[1] - other[0])
