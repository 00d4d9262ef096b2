"""Places within reach of what happened in the last days, and how often that was right before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.when.repeats import MM, on_whole_numbers, season_of
from hotspots.analysis.when.times import known_to_the_day
from hotspots.core.arguments import draws_of, size_of, whole_of
from hotspots.core.errors import RANGE, require
from hotspots.core.months import clock_of, local_times
from hotspots.core.periods import read_time
from hotspots.core.plain import plain, plain_records
from hotspots.core.select import as_selection
from hotspots.core.sentences import Spoken
from hotspots.io.incidents.capabilities import even_dates
from hotspots.stats.knox import deals, neighbours, seasons_of, soon_pairs
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.arrays import Ints
    from hotspots.core.select import Selection

GROUND_DAYS = 60


@dataclass(frozen=True, eq=False)
class LiveList(Spoken):
    """Where to be today after what happened in the last days, and how such lists did before.

    Attributes
    ----------
    areas : GeoDataFrame
        Ground within reach, the latest first: ``place_name``, ``incident_count``, ``last_day``,
        ``until`` (the last day it is on the list), ``area_km2``; incidents within reach of one
        another make one area.
    day : date
        The day of the list; incidents of the ``within_days`` days before it count.
    within_m, within_days : float, int
        Its rule.
    followed, incidents : int
        How many past incidents fell on ground that was on the list of their day, of how many.
    by_chance : float
        How many would have, had times had nothing to do with places: the mean of all deals.
    p_value : float
        Of as many or more by chance, where every place keeps its seasons.
    ground_km2 : float
        Ground on the list, mean of days.
    """

    areas: gpd.GeoDataFrame
    day: date
    within_m: float
    within_days: int
    followed: int
    incidents: int
    by_chance: float
    p_value: float
    ground_km2: float

    @property
    def hit_rate(self) -> float:
        """Share of past incidents on ground that was on the list of their day."""
        return self.followed / self.incidents if self.incidents else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Everything but the outlines, for JSON."""
        numbers = ("day", "within_m", "within_days", "followed", "incidents", "by_chance")
        more = ("p_value", "ground_km2", "hit_rate")
        values = {name: plain(getattr(self, name)) for name in (*numbers, *more)}
        return values | {"areas": plain_records(self.areas), "sentence": self.to_sentence()}


def live_list(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    within_m: float = 200.0,
    within_days: int = 7,
    today: object = None,
    draws: int = 199,
) -> LiveList:
    """Places within reach of an incident of the last days, with the measured rate of hits.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents with a place, and times known to the day; all that are held: the past of the list
        is judged on them.
    within_m : float
        Reach in metres, included.
    within_days : int
        How many days before the day of the list count.
    today : date or text, optional
        The day of the list; the day after the last incident by default.
    draws : int
        How often days are dealt out anew over places, within parts of eight weeks or of twice
        ``within_days``, for the p-value.

    Returns
    -------
    LiveList
        ``areas`` to be at, and how lists by the same rule did on every day before.

    Raises
    ------
    InputError
        For times known only to the month, and choices out of range.

    Notes
    -----
    A list of a day knows the days before it and nothing of the day itself: two fires of one night
    are no hit. The rate is measured on the incidents the reach may have been chosen from: choose
    it on earlier years. It misleads on snapped places, where one point stands for many addresses.

    References
    ----------
    Bowers, K. J., Johnson, S. D. & Pease, K. (2004) Prospective hot-spotting: the future of crime
    mapping? British Journal of Criminology 44(5), 641-658. doi:10.1093/bjc/azh036

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=6_000)
    >>> fires = town.incidents[town.incidents["offence_scheme"].eq("fire_service")]
    >>> live = live_list(fires, draws=19)
    >>> bool(live.followed > live.by_chance)
    True
    """
    within_m = size_of(within_m, "within_m", rule=RANGE)
    within_days = whole_of(within_days, "within_days", rule=RANGE)
    draws = draws_of(draws, rule=RANGE)
    rows = known_to_the_day(as_selection(incidents).rows)
    require(len(rows) > 0, "a live list needs incidents; got none.", rule="no-incidents")
    rows = rows.loc[even_dates(rows["occurred_from"]).index]
    places, _, _, order = on_whole_numbers(rows)
    rows = rows.iloc[order]
    local = local_times(rows["occurred_from"]).to_numpy()
    days = local.astype("datetime64[D]").astype(np.int64)
    season, source = season_of(within_days), source_of(None)
    parts = seasons_of(days, season)
    pairs, _ = soon_pairs(places, parts, [0.0, within_m * MM], "euclidean", "right")
    followed = _followed(days, pairs, within_days)
    dealt = [_followed(one, pairs, within_days) for one in deals(days, season, source, draws)]
    day = _day_of(today, rows, int(days.max()) + 1)
    return LiveList(
        areas=_areas(rows, days, day, within_m, within_days),
        day=day.astype("datetime64[D]").astype(object),
        within_m=float(within_m),
        within_days=int(within_days),
        followed=followed,
        incidents=int((days >= days.min() + within_days).sum()),
        by_chance=_by_chance(days, neighbours(places, within_m * MM), within_days),
        p_value=float(((np.array(dealt) >= followed).sum() + 1) / (draws + 1)),
        ground_km2=_ground(rows, days, within_m, within_days),
    )


def _followed(days: NDArray[np.integer], pairs: NDArray[np.integer], within_days: int) -> int:
    """Incidents within reach of another of the days before theirs, none in the first days held."""
    gap = days[pairs[:, 1]] - days[pairs[:, 0]]
    soon = (np.abs(gap) >= 1) & (np.abs(gap) <= within_days)
    later = np.where(gap > 0, pairs[:, 1], pairs[:, 0])[soon]
    hit = np.zeros(len(days), dtype=bool)
    hit[later] = True
    return int((hit & (days >= days.min() + within_days)).sum())


def _by_chance(days: NDArray[np.integer], near: Ints, within_days: int) -> float:
    """How many incidents would be within reach of another so soon, the mean of all deals.

    Each of the others within its reach is on one of the days before with the chance of drawing
    without putting back.
    """
    from scipy.special import gammaln

    others = len(days) - 1
    day, held = np.unique(days, return_counts=True)
    until = np.append(0, np.cumsum(held))
    before = until[np.arange(len(day))] - until[np.searchsorted(day, day - within_days)]
    counted = day >= day[0] + within_days
    reached, rows = np.unique(near, return_counts=True)
    later = others - before[counted]
    left = later[:, None] - reached
    none = np.exp(
        gammaln(later + 1)[:, None]
        - gammaln(np.maximum(left, 0) + 1)
        - gammaln(others + 1)
        + gammaln(others - reached + 1)
    )
    hit = np.where(left < 0, 1.0, 1 - none)
    return float(held[counted] @ hit @ rows / len(days))


def _day_of(today: object, rows: gpd.GeoDataFrame, after: int) -> np.datetime64:
    if today is None:
        return np.datetime64(after, "D")
    clock = clock_of(rows["occurred_from"])
    return np.datetime64(read_time(today, "today", clock).date(), "D")


def _areas(
    rows: gpd.GeoDataFrame, days: Ints, day: np.datetime64, within_m: float, within_days: int
) -> gpd.GeoDataFrame:
    """Ground within reach of the last days, incidents that reach one another in one area."""
    import geopandas as gpd

    now = day.astype(np.int64)
    held = (days < now) & (days >= now - within_days)
    recent = rows[held]
    ground = recent.geometry.buffer(within_m).union_all()
    parts = [part for part in getattr(ground, "geoms", [ground]) if not part.is_empty]
    areas = gpd.GeoDataFrame(geometry=gpd.GeoSeries(parts, crs=rows.crs), crs=rows.crs)
    points = recent.rename_axis(None)[[recent.geometry.name]]
    owner = gpd.sjoin(points, areas, predicate="within")["index_right"]
    table = pd.DataFrame({"area": owner, "day": pd.Series(days[held], index=recent.index)})
    last = table.groupby("area")["day"].max().reindex(areas.index)
    areas["incident_count"] = table.groupby("area").size().reindex(areas.index)
    for name, after in (("last_day", 0), ("until", within_days)):
        areas[name] = (last + after).to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    areas["area_km2"] = areas.geometry.area / 1e6
    names = recent.get("place_name")
    areas["place_name"] = (
        None if names is None else names.groupby(owner).agg(_most_named).reindex(areas.index)
    )
    areas = areas.sort_values(["last_day", "incident_count"], ascending=False, kind="stable")
    areas.index = pd.Index([f"live-{at + 1}" for at in range(len(areas))], name="area_id")
    first = ["place_name", "incident_count", "last_day", "until", "area_km2", "geometry"]
    return areas[first]


def _most_named(names: pd.Series) -> str | None:
    """The name most of them have; of several the first by the alphabet."""
    known = names.dropna().astype(str).value_counts().sort_index().sort_values(kind="stable")
    return None if known.empty else str(known.index[-1])


def _ground(rows: gpd.GeoDataFrame, days: Ints, within_m: float, within_days: int) -> float:
    """Ground on the list in km², mean over days of the past, so many at most, evenly chosen."""
    every = np.arange(days.min() + within_days, days.max() + 1)
    chosen = every[np.linspace(0, len(every) - 1, min(GROUND_DAYS, len(every))).astype(int)]
    sizes = [
        rows.geometry[(days < day) & (days >= day - within_days)].buffer(within_m).union_all().area
        for day in chosen
    ]
    return float(np.mean(sizes)) / 1e6 if sizes else 0.0
