"""What each source holds of each month, where it stops short, and which periods it covers whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.months import clock_of
from hotspots.core.periods import Period, day_words
from hotspots.core.points import PlaceIndex, inside
from hotspots.core.silences import MISSING, SILENCE, silences_of
from hotspots.core.tables import INCIDENTS, THEME, require_table, themes_in
from hotspots.core.tally import together

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord

DAY = pd.Timedelta(days=1)
BEFORE, AFTER = pd.Timestamp("1677-12-01"), pd.Timestamp("2261-01-01")
GOES_ON = pd.Timedelta(days=31)
ALL = "all"


@dataclass(frozen=True)
class Gap:
    """A time of which a source holds nothing, too long to be chance.

    Attributes
    ----------
    source : str
        The source, by the name of its file; of several files, by what their names share.
    start, end : Timestamp
        First moment without, and the first with incidents again.
    a_day : float
        Troubles a day that the source holds around it: incidents, where they come one by one.
    """

    source: str
    start: pd.Timestamp
    end: pd.Timestamp
    a_day: float

    @property
    def is_first(self) -> bool:
        """Whether it is before all the source holds."""
        return bool(self.start.year == BEFORE.year)

    @property
    def is_last(self) -> bool:
        """Whether it is after all the source holds."""
        return bool(self.end.year == AFTER.year)

    def __str__(self) -> str:
        """Where the source is silent."""
        last, first = day_words(self.start - DAY), day_words(self.end)
        if self.is_first:
            return f"{self.source} begins on {first}"
        if self.is_last:
            return f"{self.source} ends on {last}"
        return f"{self.source} holds nothing between {last} and {first}"

    def spoils(self, period: Period) -> bool:
        """Whether so much of it lies in a period that the period is not held whole."""
        period = period.on_clock(clock_of(self.start))
        shared = min(self.end, period.end) - max(self.start, period.start)
        return bool(shared / DAY * self.a_day >= MISSING)

    def holds(self, period: Period) -> bool:
        """Whether the whole of a period is in it."""
        period = period.on_clock(clock_of(self.start))
        return bool(self.start <= period.start and self.end >= period.end)


def coverage(
    incidents: gpd.GeoDataFrame,
    record: RunRecord | None = None,
    *,
    within: gpd.GeoDataFrame | None = None,
    places: PlaceIndex | None = None,
) -> pd.DataFrame:
    """What each source holds of each month, and of each theme.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table, with its themes where these are wanted.
    record : RunRecord, optional
        Knows how many rows of each file were rejected.
    within : GeoDataFrame, optional
        Study area: only incidents inside it are counted, and silence is judged by them.
    places : PlaceIndex, optional
        Of the same rows, where it is known.

    Returns
    -------
    DataFrame
        On (``source``, ``theme``, ``month``), theme "all" first: ``rows``, ``located``,
        ``first_day``, ``last_day``, ``whole`` (no silence in the month too long to be chance) and
        ``share_rejected`` of the files of the source (missing without ``record``). Files of one
        source that differ in their dates only are one source. A theme the source cannot carry has
        no rows. Months between the first and the last are all there, with 0 rows where silent.

    Raises
    ------
    InputError
        For a table without the columns of incidents.

    Notes
    -----
    A month is called cut short where a dozen troubles or more would have been expected in the
    silent days, by the weeks around them. It misleads for sources with few incidents, whose
    silence can be chance for months, and where a source slowly dries up.

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA")
    >>> incidents = hs.load_incidents(hs.bundled("incidents"), record=record, themes=None)
    >>> held = hs.coverage(incidents, record)
    >>> held.loc[held["rows"] > 0, ["rows", "whole"]].droplevel(["source", "theme"])
              rows  whole
    month
    2016-07  27176   True
    2017-07  28537   True
    2018-07  31635   True
    """
    require_table(incidents, INCIDENTS, argument="incidents", only=["source", "occurred_from"])
    days = _Days.of(incidents, within, places)
    tables = [
        _months(rows, whole).assign(source=name, theme=theme)
        for name, every in days.by_series()
        for whole in [_whole_months(days, name)]
        for theme, rows in days.by_theme(every)
    ]
    columns = ["source", "theme", "month", "rows", "located", "first_day", "last_day", "whole"]
    table = pd.concat(tables) if tables else pd.DataFrame(columns=columns)
    table["share_rejected"] = table["source"].map(_rejected(record)).astype(float)
    table["source"] = table["source"].map(days.names)
    return table.set_index(["source", "theme", "month"])


def gaps(
    incidents: gpd.GeoDataFrame,
    within: gpd.GeoDataFrame | None = None,
    *,
    theme: str | None = None,
    places: PlaceIndex | None = None,
) -> list[Gap]:
    """The silences of each source inside the study area; before its first and after its last too.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    within : GeoDataFrame, optional
        Study area; everywhere by default.
    theme : str, optional
        Only incidents whose source carries this theme.
    places : PlaceIndex, optional
        Of the same rows, where it is known.

    Returns
    -------
    list of Gap
        In order of source and time.
    """
    days = _Days.of(incidents, within, places, theme)
    return [gap for name, rows in days.by_series() for gap in days.silent(rows, days.names[name])]


def uncovered(silences: Sequence[Gap], one: Period, other: Period | None = None) -> list[Gap]:
    """Silences that keep a source from covering a period, or two that are compared, whole.

    A source that holds nothing of either of two periods is not asked; nor is one that begins after
    the one period.
    """
    found = []
    for source in dict.fromkeys(gap.source for gap in silences):
        own = [gap for gap in silences if gap.source == source]
        if other is None:
            alike = any(gap.is_first and gap.holds(one) for gap in own)
        else:
            alike = all(any(gap.holds(period) for gap in own) for period in (one, other))
        if not alike:
            asked = [one] if other is None else [one, other]
            found += [gap for gap in own if any(gap.spoils(period) for period in asked)]
    return found


def series_of(source: str) -> str:
    """The source a file belongs to: its name without dates and numbers.

    Examples
    --------
    >>> series_of("2018-07/2018-07-west-yorkshire-street.csv"), series_of("asb_2024_q1.csv")
    ('west-yorkshire-street', 'asb-q')
    """
    stem = PurePosixPath(source.replace("\\", "/")).name.split(".")[0]
    bare = re.sub(r"[\W_]*\d[\W\d_]*", "-", stem).strip("-")
    return bare or re.sub(r"\d+", "", source)


def _rejected(record: RunRecord | None) -> dict[str, float]:
    """Share of rows rejected of each source."""
    read: dict[str, list[int]] = {}
    for file in record.sources if record is not None else ():
        sums = read.setdefault(series_of(file.name), [0, 0])
        sums[0] += file.read
        sums[1] += file.rejected
    return {name: rejected / every for name, (every, rejected) in read.items() if every}


@dataclass(frozen=True, eq=False)
class _Days:
    """The incidents inside the study area, by source and local day: so many (``rows``) alike."""

    table: pd.DataFrame
    names: dict[str, str]
    clock: str

    @classmethod
    def of(
        cls,
        incidents: gpd.GeoDataFrame,
        within: gpd.GeoDataFrame | None,
        places: PlaceIndex | None = None,
        theme: str | None = None,
    ) -> _Days:
        """Several stages ask it of one table, area and theme: it is worked out once."""
        places = PlaceIndex.of(incidents) if places is None else places
        known: list[tuple[object, str | None, _Days]] = places.once("by day", incidents, list)
        for area, kind, days in known:
            if area is within and kind == theme:
                return days
        known.append((within, theme, cls._made(incidents, within, places, theme)))
        return known[-1][2]

    @classmethod
    def _made(
        cls,
        incidents: gpd.GeoDataFrame,
        within: gpd.GeoDataFrame | None,
        places: PlaceIndex,
        theme: str | None,
    ) -> _Days:
        table = _counted(incidents, within, places).copy()
        if theme is not None:
            table = table[table[f"{THEME}{theme}"].notna()]
        known = sorted(table["source"].dropna().unique())
        table["series"] = (
            table["source"].map({name: series_of(name) for name in known}).astype(object)
        )
        table = table[table["there"]].dropna(subset=["series", "day"])
        joined = _joined(table)
        table["series"] = table["series"].map(joined)
        files_of: dict[str, list[str]] = {}
        for file in known:
            if series_of(file) in joined:
                files_of.setdefault(joined[series_of(file)], []).append(file)
        named = {name: own[0] if len(own) == 1 else name for name, own in files_of.items()}
        return cls(table, named, clock_of(incidents["occurred_from"]))

    def by_series(self) -> list[tuple[str, pd.DataFrame]]:
        """Rows of each source, sources in order."""
        return [(str(name), rows) for name, rows in self.table.groupby("series", sort=True)]

    def by_theme(self, rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
        """All rows of a source, then those of each theme it carries."""
        themes = [name for name in themes_in(rows.columns) if rows[f"{THEME}{name}"].notna().any()]
        return [
            (ALL, rows),
            *((name, rows[rows[f"{THEME}{name}"].fillna(False)]) for name in themes),
        ]

    def silent(self, rows: pd.DataFrame, name: str) -> list[Gap]:
        """Silences of a source that chance does not make."""
        total = int(rows["rows"].sum())
        by_month = bool(rows["rows"][rows["by_month"]].sum() > 0.5 * total)
        held = rows["day"].dt.as_unit("s").drop_duplicates().sort_values()  # ns end before AFTER
        months = pd.PeriodIndex(held, freq="M").unique()
        # By the days of months that hold something: silent ones would thin the rate that silence is
        # judged by.
        known = int(np.sum(months.days_in_month))
        if by_month:
            # A time known by month stands on its first day, and speaks for all of the month.
            starts = held.add(pd.offsets.MonthBegin(1)).tolist()
            spans = zip([BEFORE, *starts], [*held, AFTER], strict=True)
            a_day = total / known
            return [
                Gap(name, self._moment(start), self._moment(stop), a_day)
                for start, stop in spans
                if (stop - start).total_seconds() / DAY.total_seconds() * a_day >= SILENCE
            ]
        number = held.to_numpy().astype("datetime64[D]").astype(np.int64)
        counts = rows.groupby("day")["rows"].sum().to_numpy()
        found = silences_of(number, counts, known)
        starts, stops = (pd.to_datetime(one, unit="D").tolist() for one in found[:2])
        starts[0], stops[-1] = BEFORE, AFTER
        return [
            Gap(name, self._moment(start), self._moment(stop), float(a_day))
            for start, stop, a_day in zip(starts, stops, found.a_day, strict=True)
        ]

    def _moment(self, day: pd.Timestamp) -> pd.Timestamp:
        """Midnight by the clock of the place, where a change of clocks leaves one."""
        return day.tz_localize(self.clock, nonexistent="shift_forward", ambiguous=True)


def _counted(
    incidents: gpd.GeoDataFrame, within: gpd.GeoDataFrame | None, places: PlaceIndex
) -> pd.DataFrame:
    """How many incidents are alike in source, day, scheme, place in the area, and themes.

    The same for every theme.
    """
    known: list[tuple[object, pd.DataFrame]] = places.once("days", incidents, list)
    if not any(area is within for area, _ in known):
        known.append((within, _alike(incidents, within, places)))
    return next(table for area, table in known if area is within)


def _alike(
    incidents: gpd.GeoDataFrame, within: gpd.GeoDataFrame | None, places: PlaceIndex
) -> pd.DataFrame:
    located = ~incidents.geometry.array.isna()
    there = True if within is None else inside(incidents, within, places)
    moment, moments = pd.factorize(incidents["occurred_from"])
    local = pd.Series(moments).dt.tz_convert(clock_of(incidents["occurred_from"]))
    themes = [f"{THEME}{name}" for name in themes_in(incidents.columns)]
    table = pd.DataFrame(
        {
            "source": incidents["source"].array,
            "scheme": incidents["offence_scheme"].array,
            "day": local.dt.tz_localize(None).dt.normalize().reindex(moment).array,
            "by_month": (incidents["time_precision"] == "month").to_numpy(),
            "located": located,
            "there": there | ~located,
            **{name: incidents[name].astype("boolean").array for name in themes},
        }
    )
    code, first = together(table, list(table.columns))
    order = np.argsort(first)  # sources of one name are joined as they come
    counted = table.iloc[first[order]].reset_index(drop=True)
    counted = counted.astype({"source": object, "scheme": object})
    counted["month"] = counted["day"].to_numpy().astype("datetime64[M]").astype(str)
    return counted.assign(rows=np.bincount(code, minlength=len(first))[order])


def _joined(table: pd.DataFrame) -> dict[str, str]:
    """Sources under one name where one goes on, within a month, where another of its kind ends."""
    by = table.groupby("series")
    ends_of = {"first": by["day"].min(), "last": by["day"].max(), "scheme": by["scheme"].first()}
    spans = pd.DataFrame(ends_of)
    joined: dict[str, str] = {}
    ends: dict[str, tuple[pd.Timestamp, str]] = {}
    for name, span in spans.sort_values(["first", "last"], kind="stable").iterrows():
        before = [
            earlier
            for earlier, (last, scheme) in ends.items()
            if scheme == span["scheme"] and DAY <= span["first"] - last <= GOES_ON
        ]
        joined[str(name)] = before[0] if before else str(name)
        ends[joined[str(name)]] = span["last"], span["scheme"]
    return joined


def _whole_months(days: _Days, series: str) -> pd.Series:
    """The months from the first to the last of a source, and whether no silence spoils them."""
    every = days.table[days.table["series"] == series]
    span = pd.period_range(every["day"].min(), every["day"].max(), freq="M").astype(str)
    silences = days.silent(every, series)
    periods = [Period.parse(month) for month in span]
    whole = [not any(gap.spoils(period) for gap in silences) for period in periods]
    return pd.Series(whole, index=pd.Index(span, name="month"), name="whole")


def _months(rows: pd.DataFrame, whole: pd.Series) -> pd.DataFrame:
    """One row a month of a source and theme."""
    month = whole.index.get_indexer(pd.Index(rows["month"]))
    sums = {"rows": rows["rows"], "located": rows["rows"].where(rows["located"], 0)}
    counts = {
        name: np.bincount(month, some, len(whole)).astype(np.int64) for name, some in sums.items()
    }
    by = rows["day"].groupby(month)
    days = {"first_day": by.min(), "last_day": by.max()}
    held = {name: day.reindex(range(len(whole))).array for name, day in days.items()}
    return pd.DataFrame({**counts, **held, "whole": whole}).reset_index()
