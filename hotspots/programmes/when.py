"""When, in one answer: hours, days, months and events; and what follows soon and near."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.when.days_and_months import days_of_week, monthly_index
from hotspots.analysis.when.events import event_index
from hotspots.analysis.when.live import LiveList, live_list
from hotspots.analysis.when.peak_windows import busy_windows
from hotspots.analysis.when.repeats import near_repeats, repeat_chains
from hotspots.analysis.when.times import hours_of_week, with_hours
from hotspots.core.arguments import listed, whole_of
from hotspots.core.caveats import Caveat
from hotspots.core.errors import RANGE, DataError, Finding, InputError, listing
from hotspots.core.months import clock_of, month_of
from hotspots.core.periods import span_words
from hotspots.core.plain import plain, plain_parts, plain_records
from hotspots.core.select import as_selection
from hotspots.core.sentences import Spoken
from hotspots.io.incidents.capabilities import even_dates
from hotspots.offences.tell_themes import theme_labels

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection
    from hotspots.io.incidents.breaks import Break
    from hotspots.stats.knox import Metric

CANNOT = frozenset(
    ("times-too-coarse", "too-few-weeks", "too-few-years", "no-incidents", "break-between-windows")
)
"""Reasons why one part has no answer while others may have one."""
COLUMNS = ("part", "zone", "what", "share", "ratio", "low", "high", "p_value")


@dataclass(frozen=True, eq=False)
class WhenAnswer(Spoken):
    """Hours, days, months and events of one selection; a part that has no answer says why.

    Attributes
    ----------
    incidents : Selection
        What was asked about.
    hours : DataFrame, optional
        Seven days by 24 hours; see :func:`hours_of_week`.
    windows, days, months, events : DataFrame, optional
        See :func:`busy_windows`, :func:`days_of_week`, :func:`monthly_index`,
        :func:`event_index`.
    cannot : tuple of (str, Finding)
        Parts without an answer, and the reason.
    window_hours : int
        Length of a window.
    zones : tuple of str
        Names of the zones asked about, beside the city as a whole.
    without_hours : int
        Incidents left out of hours and windows, since their hour is not known.
    """

    incidents: Selection
    hours: pd.DataFrame | None
    windows: pd.DataFrame | None
    days: pd.DataFrame | None
    months: pd.DataFrame | None
    events: pd.DataFrame | None
    cannot: tuple[tuple[str, Finding], ...]
    window_hours: int
    zones: tuple[str, ...] = ()
    without_hours: int = 0

    @property
    def theme(self) -> str:
        """The theme asked about."""
        return self.incidents.theme

    @property
    def labels(self) -> dict[str, str]:
        """What themes are called."""
        return theme_labels(self.incidents.source.tally.kinds)

    @property
    def period(self) -> str:
        """The time asked about, or held, in words."""
        if self.incidents.period is not None:
            return self.incidents.period.label
        tally = self.incidents.source.tally
        return "" if tally.since is None else span_words(tally.since, tally.until)

    @property
    def table(self) -> pd.DataFrame:
        """All parts under one another, one row a window, day, month or event."""
        rows: list[pd.DataFrame] = []
        if self.windows is not None:
            ends = self.windows["from_hour"].map("{:02d}".format)
            until = self.windows["until_hour"].map("{:02d}".format)
            what = self.windows["day"].str[:3] + " " + ends + "-" + until
            rows.append(self.windows.assign(part="window", what=what))
        if self.days is not None:
            rows.append(self.days.assign(part="day", what=self.days["day"]))
        if self.months is not None:
            named = {"month": "what", "index": "ratio"}
            rows.append(self.months.rename(columns=named).assign(part="month"))
        if self.events is not None:
            rows.append(self.events.rename(columns={"event": "what"}).assign(part="event"))
        every = [table.reindex(columns=list(COLUMNS)).astype(object) for table in rows]
        return pd.concat(every, ignore_index=True) if every else pd.DataFrame(columns=COLUMNS)

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            **plain_parts(self, "theme", "period"),
            "incidents": self.incidents.total,
            "hours": None if self.hours is None else plain(self.hours.to_numpy().tolist()),
            **plain_parts(self, "windows", "days", "months", "events"),
            "cannot": {part: str(why) for part, why in self.cannot},
            "sentence": self.to_sentence(),
        }


def ask_when(
    incidents: gpd.GeoDataFrame | Selection,
    zones: gpd.GeoDataFrame | None = None,
    *,
    calendar: pd.DataFrame | str | Path | None = None,
    window_hours: int = 4,
    breaks: Iterable[Break] = (),
    acknowledge_breaks: bool = False,
    record: RunRecord | None = None,
) -> WhenAnswer:
    """When it happens: hours, days, months and events in one answer.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents of one theme.
    zones : GeoDataFrame, optional
        Each is set against the rest of the city, beside the city as a whole.
    calendar : DataFrame or path, optional
        Holidays and events: see :func:`event_index`.
    window_hours : int
        Length of the windows looked at.
    breaks : iterable of Break
        Known changes of recording: months and events are not told across one, unless
    acknowledge_breaks : bool
        says so; then it is a caution.
    record : RunRecord, optional
        Is told what a reader must know: fillers, part months, breaks.

    Returns
    -------
    WhenAnswer
        Its parts as tables, and the reason where a part has no answer.

    Raises
    ------
    InputError
        For a theme that no source carries, and choices out of range.

    Notes
    -----
    Every part stands alone: months are told where hours are not known. It misleads where the time
    is that of the report.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> answer = ask_when(town.incidents, calendar=town.schools_calendar)
    >>> [part for part, why in answer.cannot], len(answer.months)
    ([], 12)
    """
    asked = _without_odd_dates(as_selection(incidents))
    cannot: list[tuple[str, Finding]] = []

    def tried(part: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except (InputError, DataError) as error:
            if not {found.rule for found in error.findings} <= CANNOT:
                raise
            if part not in [known for known, _ in cannot]:
                cannot.append((part, error.findings[0]))
            return None

    known: dict[str, Any] = {"acknowledge_breaks": acknowledge_breaks, "record": record}
    known["breaks"] = tuple(listed(breaks, "breaks"))
    window_hours = whole_of(window_hours, "window_hours", 1, 24, rule=RANGE)
    places = [None] if zones is None else [None, zones]
    timed, without_hours = _timed(asked, record)
    return WhenAnswer(
        incidents=asked,
        hours=tried("hours", lambda: hours_of_week(timed, record=record)),
        windows=tried(
            "hours",
            lambda: _one_table(
                busy_windows(timed, one, window_hours=window_hours) for one in places
            ),
        ),
        days=tried("days", lambda: _one_table(days_of_week(asked, one) for one in places)),
        months=tried("months", lambda: monthly_index(asked, **known)),
        events=None
        if calendar is None
        else tried("events", lambda: event_index(asked, calendar, **known)),
        cannot=tuple(cannot),
        without_hours=without_hours,
        window_hours=window_hours,
        zones=() if zones is None else tuple(zones["zone_name"].astype(str)),
    )


def _timed(asked: Selection, record: RunRecord | None) -> tuple[gpd.GeoDataFrame | Selection, int]:
    """The incidents whose hour is known, and how many others there are."""
    rows = with_hours(asked.rows, record)
    others = len(asked.rows) - len(rows)
    return (rows if others else asked), others


def _one_table(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(list(tables), ignore_index=True)


@dataclass(frozen=True, eq=False)
class RepeatsAnswer(Spoken):
    """Whether one incident is followed by another soon and near, which ones, and where now.

    Attributes
    ----------
    incidents : Selection
        What was asked about.
    table : DataFrame
        Bands of distance and time: see :func:`near_repeats`.
    chains : DataFrame
        See :func:`repeat_chains`, with the nearest and soonest band as reach.
    live : LiveList
        Ground within that reach of the last days; see :func:`live_list`.
    """

    incidents: Selection
    table: pd.DataFrame
    chains: pd.DataFrame
    live: LiveList

    @property
    def labels(self) -> dict[str, str]:
        """What themes are called."""
        return theme_labels(self.incidents.source.tally.kinds)

    def to_dict(self) -> dict[str, Any]:
        """Everything but outlines, for JSON."""
        return {
            "theme": self.incidents.theme,
            "incidents": self.incidents.total,
            "bands": plain_records(self.table.reset_index()),
            "chains": plain_records(self.chains.reset_index()),
            "live": self.live.to_dict(),
            "sentence": self.to_sentence(),
        }


def ask_repeats(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    distance_bands_m: Sequence[float] = (200.0, 400.0, 800.0),
    time_bands_days: Sequence[float] = (7, 14, 28),
    metric: Metric = "euclidean",
    same_place_apart: bool = False,
    draws: int = 999,
    today: date | str | None = None,
    record: RunRecord | None = None,
) -> RepeatsAnswer:
    """Near repeats, the chains they make, and the list of places for today.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents of one theme, times known to the day.
    distance_bands_m, time_bands_days : sequence of float
        Edges; the first of each is the reach of chains and of the list.
    metric : {"euclidean", "manhattan"}
        How distance is measured in bands and chains.
    same_place_apart : bool
        Pairs at exactly one place in a band of their own.
    draws : int
        How often times are dealt out anew over places.
    today : date or text, optional
        Day of the list; the day after the last incident by default.
    record : RunRecord, optional
        Is told what a reader must know.

    Returns
    -------
    RepeatsAnswer
        Bands, chains and the list.

    Raises
    ------
    InputError
        For times known only to the month, and bands that do not rise.

    Notes
    -----
    It misleads where the list is read without its rate by chance: on busy ground much is "followed"
    that would have happened anyway.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> fires = town.incidents[town.incidents["offence_scheme"].eq("fire_service")]
    >>> ask_repeats(fires, draws=19).table.shape
    (9, 5)
    """
    asked = _without_odd_dates(as_selection(incidents))
    distance_bands_m = listed(distance_bands_m, "distance_bands_m")
    time_bands_days = listed(time_bands_days, "time_bands_days")
    table = near_repeats(
        asked,
        distance_bands_m=distance_bands_m,
        time_bands_days=time_bands_days,
        metric=metric,
        permutations=draws,
        same_place_apart=same_place_apart,
        record=record,
    )
    schemes = set(asked.rows["offence_scheme"].astype(str))
    if record is not None and len(schemes) > 1:
        record.warn_reader(Caveat("several-partners", {"schemes": listing(schemes)}))
    reach_m, reach_days = (
        next(float(edge) for edge in edges if edge > 0)
        for edges in (distance_bands_m, time_bands_days)
    )
    return RepeatsAnswer(
        incidents=asked,
        table=table,
        chains=repeat_chains(asked, within_m=reach_m, within_days=reach_days, metric=metric),
        live=live_list(asked, within_m=reach_m, within_days=max(int(reach_days), 1), today=today),
    )


def _without_odd_dates(asked: Selection) -> Selection:
    """Of all times those that are held: a typing error is told by the reader of files, and no time.

    A period that was asked for stays.
    """
    held = asked.everything["occurred_from"]
    even = even_dates(held)
    if asked.period is not None or len(even) == len(held):
        return asked
    if asked.everything["time_precision"].eq("month").any():
        months = month_of(even)
        return asked.asked(period=f"{months.min()}/{months.max()}")
    days = even.dt.tz_convert(clock_of(held)).dt.date
    return asked.asked(period=(days.min(), days.max() + pd.Timedelta(days=1)))
