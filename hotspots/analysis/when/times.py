"""What times can carry: shares of periods and of hours, days, and whole months as one series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.evaluation.windows import Windows, refuse_breaks
from hotspots.core.arguments import has_record, listed
from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, listing
from hotspots.core.hours import DAYS, HOURS_OF_WEEK, WITHOUT_HOURS, clock_spikes
from hotspots.core.months import clock_of, months_between, periods_of
from hotspots.core.periods import Period
from hotspots.core.select import Selection
from hotspots.core.tables import INCIDENTS, THEME, TIMEZONE, require_table

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.evaluation.windows import DatedBreak
    from hotspots.core.arrays import Codes, Floats, Ints
    from hotspots.core.record import RunRecord
    from hotspots.io.incidents.breaks import Break as KnownBreak

HOUR_NS = 3_600_000_000_000


def aoristic_weights(
    incidents: gpd.GeoDataFrame, periods: Iterable[str | Period] | None = None
) -> pd.DataFrame:
    """Share of each incident that belongs to each period, by how much of its time lies there.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    periods : iterable of str or Period, optional
        Every month in which incidents start, by default.

    Returns
    -------
    DataFrame
        Incidents by periods, 0 to 1. A row adds up to 1 where the periods cover the whole
        interval, to less where part of it lies outside.

    Raises
    ------
    InputError
        Where ``occurred_from`` or ``occurred_until`` is lacking, or a period cannot be read.

    Notes
    -----
    Counts by start (as everywhere else in the library) put the whole incident into one period;
    these weights share it out evenly over its interval, which is an assumption: a burglary over a
    weekend did not happen a little every hour.

    References
    ----------
    Ratcliffe, J. H. (2000). Aoristic analysis: the spatial interpretation of unspecific temporal
    events. International Journal of Geographical Information Science 14, 669-679.
    https://doi.org/10.1080/136588100424963

    Examples
    --------
    >>> import geopandas as gpd
    >>> start = pd.to_datetime(["2018-07-31 12:00"]).tz_localize("Europe/London")
    >>> burglary = gpd.GeoDataFrame({"occurred_from": start,
    ...     "occurred_until": start + pd.Timedelta(days=1)}, geometry=[None], crs=27700)
    >>> aoristic_weights(burglary, ["2018-07", "2018-08"]).iloc[0].tolist()
    [0.5, 0.5]
    """
    require_table(
        incidents, INCIDENTS, argument="incidents", only=["occurred_from", "occurred_until"]
    )
    chosen = periods_of(incidents) if periods is None else listed(periods, "periods")
    start, until = _nanoseconds(incidents)
    # A moment is as long as a nanosecond, so that it has a share.
    width = np.maximum(until - start, 1)
    shares = {}
    for period in chosen:
        span = Period.parse(period).on_clock(clock_of(incidents["occurred_from"]))
        first, last = span.start.as_unit("ns").value, span.end.as_unit("ns").value
        overlap = np.minimum(until, last) - np.maximum(start, first)
        name = period if isinstance(period, str) else span.label
        shares[name] = np.clip(overlap, 0, None) / width
    return pd.DataFrame(shares, index=incidents.index)


def hours_of_week(
    incidents: gpd.GeoDataFrame | Selection, *, record: RunRecord | None = None
) -> pd.DataFrame:
    """Incidents by day of the week and hour of the day, intervals shared out over their hours.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents whose times are instants or intervals. Those known to the day or month are left
        out where at least half are better known; else they are an error.
    record : RunRecord, optional
        Is told of those left out, and of suspiciously many incidents at exactly 00:00 or 12:00.

    Returns
    -------
    DataFrame
        Seven days by 24 hours of local time; the cells add up to the number of incidents that
        have an hour.

    Raises
    ------
    InputError
        Where times are mostly known only as days or months.

    Notes
    -----
    The hour is that of the clock of the place, which the times carry as their zone. Intervals
    longer than a week say nothing about the hour and are shared out evenly. It misleads where
    recording rounds to noon or midnight.

    Examples
    --------
    >>> import geopandas as gpd
    >>> start = pd.to_datetime(["2018-07-06 23:30"]).tz_localize("Europe/London")
    >>> fight = gpd.GeoDataFrame({"occurred_from": start, "time_precision": "interval",
    ...     "occurred_until": start + pd.Timedelta(hours=1)}, geometry=[None], crs=27700)
    >>> table = hours_of_week(fight)
    >>> float(table.loc["Friday", 23]), float(table.loc["Saturday", 0])
    (0.5, 0.5)
    """
    rows = incidents.rows if isinstance(incidents, Selection) else incidents
    rows = with_hours(rows, record)
    moments, clock = timed_to_the_hour(rows, record), clock_of(rows["occurred_from"])
    hours = np.zeros(HOURS_OF_WEEK)
    for _, slot, share in hours_shared(*moments, clock):
        # Shares are floats, added from the smallest up: one sum for every order of rows.
        order = np.lexsort((share, slot))
        hours += np.bincount(slot[order], share[order], minlength=HOURS_OF_WEEK)
    return pd.DataFrame(hours.reshape(7, 24), index=pd.Index(DAYS, name="day")).rename_axis(
        columns="hour"
    )


def whole_months(asked: Selection) -> tuple[list[str], list[str]]:
    """Months that all sources that carry the theme cover, and those between that they do not.

    Of a question about a period, the months that lie in it.
    """
    source, column = asked.source, f"{THEME}{asked.question.theme}"
    theme = asked.question.theme if column in source.tally.kinds.columns else None
    known = source.months(theme)
    if not known:
        return [], []
    silences = source.silences(asked.within, theme)
    clock = source.timezone
    span = None if asked.period is None else asked.period.on_clock(clock)
    whole: list[str] = []
    left_out: list[str] = []
    for month in months_between(known[0], known[-1]):
        period = Period.parse(month).on_clock(clock)
        if span is not None and not (span.start <= period.start and period.end <= span.end):
            continue
        (left_out if any(gap.spoils(period) for gap in silences) else whole).append(month)
    return whole, left_out


def require_one_series(
    asked: Selection,
    months: tuple[list[str], list[str]],
    breaks: Iterable[DatedBreak | KnownBreak],
    *,
    acknowledged: bool,
    record: RunRecord | None,
) -> None:
    """An error where a break lies inside whole months; told, if acknowledged, and what is left out.

    Months on both sides of a change of recording are one series only where somebody says so.
    """
    whole, left_out = months
    told = []
    if whole:
        span = Period.parse(f"{whole[0]}/{whole[-1]}").on_clock(asked.source.timezone)
        told = refuse_breaks(Windows(span.start, span, span), breaks, acknowledged=acknowledged)
    if left_out:
        told.append(Caveat("part-months", {"months": ", ".join(left_out)}))
    if has_record(record):
        record.warn_reader(*told)


def known_to_the_day(
    rows: gpd.GeoDataFrame, need: str = "the day of each incident is needed"
) -> gpd.GeoDataFrame:
    """The incidents, if their times can tell days apart; ``need`` says what for."""
    coarse = int(rows["time_precision"].eq("month").sum())
    if coarse:
        raise InputError(
            f"{need}; {coarse:,} of {len(rows):,} are known only to the month (data.police.uk has "
            "months only).",
            rule="times-too-coarse",
            mend="Leave these out, or ask a source that has days.",
        )
    return rows


def timed_to_the_hour(
    incidents: gpd.GeoDataFrame, record: RunRecord | None = None
) -> tuple[Ints, Ints]:
    """Starts and ends in nanoseconds; an error where times do not tell the hour."""
    _require_times(incidents)
    coarse = incidents["time_precision"].isin(WITHOUT_HOURS)
    if coarse.any():
        raise InputError(
            f"hours need times to the hour; {int(coarse.sum()):,} of {len(incidents):,} incidents "
            f"are known only as {listing(incidents['time_precision'][coarse].unique())}. Leave "
            "them out, or ask a source that has times (data.police.uk has months only).",
            rule="times-too-coarse",
        )
    if has_record(record):
        record.warn_reader(*clock_spikes(incidents["occurred_from"]))
    start, until = _nanoseconds(incidents)
    return start, np.maximum(until, start + 1)


def with_hours(rows: gpd.GeoDataFrame, record: RunRecord | None) -> gpd.GeoDataFrame:
    """The incidents whose hour is known; how many are left out is told.

    All of them where fewer than half have one: then the question is refused, not thinned.
    """
    _require_times(rows)
    coarse = rows["time_precision"].isin(WITHOUT_HOURS)
    if not 0 < coarse.sum() <= len(rows) / 2:
        return rows
    if has_record(record):
        values = {"incidents": int(coarse.sum()), "of": len(rows)}
        record.warn_reader(Caveat("without-hours", values, counts_incidents=True))
    return rows[~coarse]


def _require_times(rows: gpd.GeoDataFrame) -> None:
    needed = ["occurred_from", "occurred_until", "time_precision"]
    require_table(rows, INCIDENTS, argument="incidents", only=needed)


def _nanoseconds(incidents: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    names = ("occurred_from", "occurred_until")
    missing = incidents[list(names)].isna().any(axis=1)
    if missing.any():
        raise InputError(
            f"every incident needs a start and an end; {int(missing.sum()):,} of "
            f"{len(incidents):,} lack one. Leave them out."
        )
    start, until = (
        incidents[name].dt.tz_convert("UTC").dt.as_unit("ns").astype("int64").to_numpy()
        for name in names
    )
    return start, until


def hours_by_owner(moments: tuple[Ints, Ints], clock: str, owner: Codes, owners: int) -> Floats:
    """Incidents of each owner by hour of the week, shape (owners, 168), intervals shared out."""
    counts = np.zeros(owners * HOURS_OF_WEEK)
    for row, slot, share in hours_shared(*moments, clock):
        counts += np.bincount(owner[row] * HOURS_OF_WEEK + slot, share, len(counts))
    return counts.reshape(owners, HOURS_OF_WEEK)


def hours_shared(start: Ints, until: Ints, clock: str) -> Iterator[tuple[Codes, Codes, Floats]]:
    """Incidents, an hour of the week for each by the clock of a place, and its share of them.

    The shares of an incident add up to 1; a week or more says nothing and goes to all hours alike.
    Its hours begin at a quarter of an hour of UTC: nowhere is the offset finer.
    """
    long = until - start >= HOURS_OF_WEEK * HOUR_NS
    rows = np.repeat(np.flatnonzero(long), HOURS_OF_WEEK)
    every = np.tile(np.arange(HOURS_OF_WEEK, dtype=np.intp), int(long.sum()))
    yield rows, every, np.full(len(rows), 1 / HOURS_OF_WEEK)
    width = (until - start).astype(float)
    begin, pending = start.copy(), ~long
    # London is off by whole hours, so its hours need no quarters: a fourth of the work.
    step = HOUR_NS if clock == TIMEZONE else HOUR_NS // 4
    while pending.any():
        edge = np.minimum((begin // step + 1) * step, until)
        rows = np.flatnonzero(pending)
        yield rows, _hour_of_week(begin[rows], clock), (edge[rows] - begin[rows]) / width[rows]
        begin = np.where(pending, edge, begin)
        pending &= begin < until


def _hour_of_week(moments: Ints, clock: str) -> Codes:
    local = pd.DatetimeIndex(moments, tz="UTC").tz_convert(clock)
    return np.asarray(local.day_of_week * 24 + local.hour, dtype=np.intp)
