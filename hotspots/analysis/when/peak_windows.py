"""The hours of the week that stand out: of all incidents, or of zones against the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.when.times import hours_shared, timed_to_the_hour, with_hours
from hotspots.core.arguments import whole_of
from hotspots.core.caveats import Caveat
from hotspots.core.errors import RANGE
from hotspots.core.hours import DAYS, HOURS_OF_WEEK
from hotspots.core.months import clock_of, local_times
from hotspots.core.points import inside
from hotspots.core.select import as_selection
from hotspots.core.tables import ZONES, require_table
from hotspots.stats.count_models import exact_rate_ratios
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Bools, Codes, Floats
    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection

EVERYWHERE = "everywhere"
COLUMNS = ("zone", "day", "from_hour", "until_hour", "share", "ratio", "low", "high")
FEW_WEEKS = 8
BOOTSTRAPS = 1_000
CONFIDENCE = 0.95
NO_REACH = 1e-9


def busy_windows(
    incidents: gpd.GeoDataFrame | Selection,
    zones: gpd.GeoDataFrame | None = None,
    *,
    window_hours: int = 4,
    top: int = 3,
    rng: np.random.Generator | int | None = None,
    record: RunRecord | None = None,
) -> pd.DataFrame:
    """Windows of the week that hold more than their share, beyond chance.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents with a place, and times known to the hour; others are left out as by
        :func:`hours_of_week`.
    zones : GeoDataFrame, optional
        Zones, each set against all incidents outside it. Without zones a window of all incidents is
        set against the rest of the week.
    window_hours : int
        Length of a window; every hour of the week begins one.
    top : int
        How many windows at most, none overlapping another, for each zone.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.
    record : RunRecord, optional
        Is told of incidents left out for want of an hour, of spikes at 00:00 and 12:00, and of too
        few weeks.

    Returns
    -------
    DataFrame
        ``zone`` ("everywhere" without zones), ``day`` on which the window begins, ``from_hour``,
        ``until_hour``, ``share`` of the zone's incidents, ``ratio`` with ``low`` and ``high``: to
        the share outside the zone in the same window; without zones, to the rate in the rest of the
        week. All intervals hold together in 95 of 100 cases. The surest first in each zone; no row
        where nothing stands out.

    Raises
    ------
    InputError
        For times known only to the day or month, or choices out of range.

    Notes
    -----
    Incidents known as an interval are shared out over its hours, each counted once. Whole weeks are
    resampled, so that one bad night does not make a window. It misleads where the time is that of
    the report, and a zone that leads one window must trail in another. See ``docs/when.md``.

    References
    ----------
    Ratcliffe, J. H. (2000) doi:10.1080/136588100424963 (aoristic shares); Chernozhukov, V.,
    Chetverikov, D. & Kato, K. (2013) Annals of Statistics 41(6), 2786-2819.
    doi:10.1214/13-AOS1161 (intervals that hold together, by multipliers).

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> timed = town.incidents[town.incidents["time_precision"].isin(["instant", "interval"])]
    >>> night = town.night_time_economy
    >>> busy_windows(timed, night).columns.tolist()[:4]
    ['zone', 'day', 'from_hour', 'until_hour']
    """
    window_hours = whole_of(window_hours, "window_hours", 1, 24, rule=RANGE)
    top = whole_of(top, "top", 1, HOURS_OF_WEEK, rule=RANGE)
    asked = as_selection(incidents)
    rows = with_hours(asked.rows, record)
    week, pieces = _pieces(rows, record)
    days = _days_held(asked)
    judged = [
        (name, _judged(week, pieces, among, window_hours, days))
        for name, among in each_zone(rows, zones)
        if len(rows)
    ]
    if record is not None and len(rows) and week.max() + 1 < FEW_WEEKS:
        record.warn_reader(Caveat("few-weeks", {"weeks": int(week.max()) + 1}))
    source = source_of(rng)
    reach = _reach([one.pull for _, one in judged], source)
    found = [row for name, one in judged for row in one.rows(name, reach, window_hours, top)]
    return pd.DataFrame(found, columns=list(COLUMNS))


Pieces = tuple["Codes", "Codes", "Floats"]


@dataclass(frozen=True)
class _Judged:
    """The 168 windows of one zone: counts inside and outside it, and what each week adds.

    ``bursts`` is how many times as much as Poisson counts a window varies from week to week, taken
    no smaller than the mean of all windows.
    """

    share: Floats
    count: Floats
    exposure: Floats
    other: Floats
    other_exposure: Floats
    bursts: Floats
    pull: Floats

    def rows(self, name: str, reach: float, window_hours: int, top: int) -> list[dict[str, object]]:
        """The windows that stand out, the surest first, none overlapping another."""
        from scipy.special import ndtr

        if reach < NO_REACH:  # one week alone, or nothing in it: how windows vary was not seen
            return []
        ratios = exact_rate_ratios(
            self.count / self.bursts,
            self.exposure,
            self.other / self.bursts,
            self.other_exposure,
            # From so many errors to a level for one interval, at which all of them hold together.
            confidence=float(ndtr(reach) - ndtr(-reach)),
        )
        free = ratios.low > 1
        found: list[dict[str, object]] = []
        while free.any() and len(found) < top:
            at = int(np.argmax(np.where(free, ratios.low, -np.inf)))
            free[(at + np.arange(1 - window_hours, window_hours)) % HOURS_OF_WEEK] = False
            ends = [float(side[at]) for side in (ratios.ratio, ratios.low, ratios.high)]
            day, begins = divmod(at, 24)
            values = (
                name,
                DAYS[day],
                begins,
                (begins + window_hours) % 24,
                float(self.share[at]),
                *ends,
            )
            found.append(dict(zip(COLUMNS, values, strict=True)))
        return found


def each_zone(
    rows: gpd.GeoDataFrame, zones: gpd.GeoDataFrame | None
) -> list[tuple[str, Bools | None]]:
    """Each zone by name, with which incidents are in it; without zones everywhere, and None."""
    if zones is None:
        return [(EVERYWHERE, None)]
    if isinstance(zones, pd.DataFrame):
        zones = zones.reset_index(drop=True)  # tables one below the other will do
    require_table(zones, ZONES, argument="zones", only=["zone_name"])
    names = zones["zone_name"].astype(str)
    return [(name, inside(rows, zones.iloc[[at]])) for at, name in enumerate(names)]


def _pieces(rows: gpd.GeoDataFrame, record: RunRecord | None) -> tuple[Codes, Pieces]:
    """The week in which each incident starts, counted from 0, and its hours with their shares."""
    start, until = timed_to_the_hour(rows, record)
    clock = clock_of(rows["occurred_from"])
    local = local_times(rows["occurred_from"])
    monday = (local.dt.normalize() - pd.to_timedelta(local.dt.day_of_week, unit="D")).to_numpy()
    day = monday.astype("datetime64[D]").astype(np.int64)
    week = (day - day.min(initial=np.iinfo(np.int64).max)) // 7
    parts = list(hours_shared(start, until, clock))
    row, slot, share = (np.concatenate([part[at] for part in parts]) for at in range(3))
    return week.astype(np.intp), (row, slot, share)


def _days_held(asked: Selection) -> Floats:
    """How many Mondays, Tuesdays and so on there were to happen in."""
    start = asked.rows["occurred_from"]
    clock = clock_of(start)
    if not len(start):
        return np.ones(7)
    span = None if asked.period is None else asked.period.on_clock(clock)
    first = start.min() if span is None else span.start
    # An end at midnight belongs to the day before.
    last = start.max() if span is None else span.end - pd.Timedelta(1, unit="s")
    ends = [stamp.tz_convert(clock).tz_localize(None).normalize() for stamp in (first, last)]
    held = np.bincount(pd.date_range(ends[0], ends[1], freq="D").day_of_week, minlength=7)
    return np.asarray(held, dtype=float)


def _judged(
    week: Codes, pieces: Pieces, among: Bools | None, window_hours: int, days: Floats
) -> _Judged:
    """One zone against all outside it, or all incidents against the rest of the week.

    A week adds to a window what it holds beyond the usual share of its incidents; from how that
    varies come the bursts, and how far the largest of all windows strays by chance.
    """
    everyone = np.ones(len(week), dtype=bool)
    mine = _by_week(week, pieces, everyone if among is None else among)
    held, size = _in_windows(mine, window_hours), mine.sum()
    share = held.sum(axis=0) / size if size else held.sum(axis=0)
    off = held - share * mine.sum(axis=1, keepdims=True)
    if among is None:
        exposure = _in_windows(np.repeat(days, 24)[None, :], window_hours)[0]
        usual = exposure / (24 * days.sum())
        other, sizes = mine.sum() - held.sum(axis=0), (exposure, 24 * days.sum() - exposure)
        variance = size * usual * (1 - usual)
    else:
        rest = _by_week(week, pieces, ~among)
        there, sizes = _in_windows(rest, window_hours), (np.full(HOURS_OF_WEEK, size), rest.sum())
        other = there.sum(axis=0)
        usual = (held.sum(axis=0) + other) / (size + sizes[1])
        off_there = there - other / max(sizes[1], 1) * rest.sum(axis=1, keepdims=True)
        off = off - off_there * (size / max(sizes[1], 1))
        variance = size * usual * (1 - usual) * (1 + size / max(sizes[1], 1))
    # Off sums to zero over weeks, which takes one degree of freedom.
    spread = (off**2).sum(axis=0) * len(off) / max(len(off) - 1, 1)
    bursts = spread / np.where(variance > 0, variance, np.inf)
    # Of few weeks a window varies little by luck: none is taken for quieter than the mean of all.
    bursts = np.maximum(max(1.0, float(bursts.mean())), bursts)
    error = np.sqrt(variance * bursts)
    return _Judged(
        share,
        held.sum(axis=0),
        sizes[0],
        other,
        sizes[1] + 0 * other,
        bursts,
        off / np.where(error > 0, error, np.inf),
    )


def _by_week(week: Codes, pieces: Pieces, among: Bools) -> Floats:
    """Incidents by week and hour of the week."""
    row, slot, share = pieces
    size = (int(week.max()) + 1, HOURS_OF_WEEK)
    at = week[row] * HOURS_OF_WEEK + slot
    held = np.bincount(at, share * among[row], minlength=size[0] * size[1])
    return np.asarray(held, dtype=float).reshape(size)


def _in_windows(table: Floats, window_hours: int) -> Floats:
    """Sums over the window that begins at each hour; Sunday night goes on into Monday."""
    return np.asarray(sum(np.roll(table, -by, axis=1) for by in range(window_hours)))


def _reach(pulls: list[Floats], rng: np.random.Generator) -> float:
    """How many errors wide all intervals must be to hold together, weeks being alike."""
    if not pulls:
        return np.inf
    # Multiplier bootstrap: whole weeks with random signs and sizes keep how windows go together.
    signs = rng.standard_normal((BOOTSTRAPS, len(pulls[0])))
    largest = np.zeros(BOOTSTRAPS)
    for pull in pulls:
        largest = np.maximum(largest, np.abs(signs @ pull).max(axis=1))
    return float(np.quantile(largest, CONFIDENCE))
