"""Which incidents a question is about, and where every other row went.

Cells, clusters and zones ask the same first question; it is answered here, once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.crs import coordinates, millimetres, require_same_crs
from hotspots.core.errors import InputError
from hotspots.core.record import Account
from hotspots.core.tables import INCIDENTS, TIMEZONE, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

EVERYTHING = "all"
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


@dataclass(frozen=True)
class Selection:
    """The incidents a question is about, as a mask, and the account of all others."""

    used: NDArray[np.bool_]
    account: Account
    period: Period | None
    theme: str

    def closed(self, in_areas: int, noise: int = 0) -> Account:
        """The account once the areas are known."""
        return replace(self.account, in_areas=int(in_areas), noise=int(noise))


def select_incidents(
    incidents: gpd.GeoDataFrame,
    *,
    stage: str,
    theme: str | None = None,
    period: str | Period | None = None,
    within: gpd.GeoDataFrame | None = None,
    include_institutional: bool = False,
    include_sensitive: str | bool = False,
) -> Selection:
    """Choose the incidents of a theme, a period and a study area; account for all the others.

    An incident belongs to the period that holds its ``occurred_from``. A point on the boundary of
    the study area is inside it.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    stage : str
        Name of the asking stage, for the account and for messages.
    theme : str, optional
        Needs the column ``theme_<name>``; all incidents by default.
    period : str or Period, optional
        See :meth:`Period.parse`; all times by default.
    within : GeoDataFrame, optional
        Zones whose union is the study area.
    include_institutional : bool
        Keep incidents on institutional points. Left out by default where the column exists.
    include_sensitive : str, optional
        The reason for which incidents with sensitive offences are kept; it stands in the account.
        Without one they are left out where the column exists.
    """
    reason = _reason(include_sensitive)
    theme_column = [] if theme is None else [f"theme_{theme}"]
    require_table(incidents, INCIDENTS, argument="incidents", also=theme_column)
    if within is not None:
        require_same_crs(incidents, within, ("incidents", "within"))
    left = np.ones(len(incidents), dtype=bool)
    counts: dict[str, int] = {}

    def put_aside(where: str, out: NDArray[np.bool_]) -> None:
        counts[where] = int((left & out).sum())
        left[out] = False

    chosen = None if period is None else Period.parse(period)
    nowhere = np.zeros(len(incidents), dtype=bool)
    put_aside("out_of_period", nowhere if chosen is None else ~_during(incidents, chosen))
    put_aside("out_of_theme", nowhere if theme is None else ~_flag(incidents, f"theme_{theme}"))
    put_aside("sensitive", nowhere if reason else _flag(incidents, "sensitive"))
    unlocated = np.asarray(incidents.geometry.isna() | incidents.geometry.is_empty)
    put_aside("unlocated", unlocated)
    put_aside("outside", nowhere if within is None else ~inside(incidents, within, left))
    put_aside(
        "institutional", nowhere if include_institutional else _flag(incidents, "institutional")
    )
    name = EVERYTHING if theme is None else theme
    account = Account(
        stage=stage,
        theme=name,
        period=EVERYTHING if chosen is None else chosen.label,
        accepted=len(incidents),
        used=int(left.sum()),
        sensitive_reason=reason,
        **counts,
    )
    account.check()
    return Selection(left, account, chosen, name)


def inside(
    incidents: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, among: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Which incidents lie in the union of the zones, boundary included; False where unlocated.

    Each distinct coordinate is tested once.
    """
    import shapely

    result = np.zeros(len(incidents), dtype=bool)
    x, y = coordinates(incidents.geometry)
    located = np.flatnonzero(np.isfinite(x) & (True if among is None else among))
    if len(located) == 0:
        return result
    places, inverse = distinct_places(x[located], y[located])
    area = zones.geometry.union_all()
    shapely.prepare(area)
    result[located] = shapely.intersects_xy(area, places[:, 0] / 1000, places[:, 1] / 1000)[inverse]
    return result


def distinct_places(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Distinct coordinates in whole millimetres, sorted by x then y, and which one each row has.

    Examples
    --------
    >>> places, inverse = distinct_places(np.array([2.0, 1.0, 2.0]), np.array([0.0, 5.0, 0.0]))
    >>> places.tolist(), inverse.tolist()
    ([[1000, 5000], [2000, 0]], [1, 0, 1])
    """
    import pandas as pd

    east, north = millimetres(x), millimetres(y)
    low = north.min(initial=0)
    span = north.max(initial=0) - low + 1
    keys = (east - east.min(initial=0)) * span + (north - low)
    codes, unique_keys = pd.factorize(keys)
    order = np.argsort(unique_keys, kind="stable")
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    first = np.full(len(order), -1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    first = first[order]
    places = np.column_stack([east[first], north[first]]).astype(np.int64)
    return places.reshape(-1, 2), rank[codes]


def periods_of(incidents: gpd.GeoDataFrame) -> list[str]:
    """The months in which incidents start, as ``"2018-07"``, sorted; whatever the time zone."""
    require_table(incidents, INCIDENTS, argument="incidents", only=["occurred_from"])
    starts = incidents["occurred_from"].dropna().dt.tz_convert(TIMEZONE)
    months = starts.dt.strftime("%Y-%m")
    return sorted(months.unique().tolist())


def _reason(include_sensitive: str | bool) -> str:
    """The reason given for keeping sensitive incidents; nothing when they are left out."""
    if include_sensitive is False:
        return ""
    if include_sensitive is True or not include_sensitive.strip():
        raise InputError(
            "`include_sensitive` must give the reason for showing domestic abuse, sexual offences "
            'and other sensitive incidents, e.g. include_sensitive="strategic assessment"; '
            f"got {include_sensitive!r}. The reason is recorded."
        )
    return include_sensitive.strip()


def _during(incidents: gpd.GeoDataFrame, period: Period) -> NDArray[np.bool_]:
    start = incidents["occurred_from"]
    return np.asarray((start >= period.start) & (start < period.end))


def _flag(incidents: gpd.GeoDataFrame, column: str) -> NDArray[np.bool_]:
    if column not in incidents.columns:
        return np.zeros(len(incidents), dtype=bool)
    flags = incidents[column]
    if flags.isna().any():
        raise InputError(
            f"`incidents` column {column!r} must be true or false for every row; "
            f"{int(flags.isna().sum()):,} of {len(flags):,} rows are missing."
        )
    return np.asarray(flags, dtype=bool)


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
