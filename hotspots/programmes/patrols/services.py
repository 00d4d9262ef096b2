"""Where and when to post youth work, marshals or a safe space: the exact best places and hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.analysis.when.times import hours_by_owner, timed_to_the_hour
from hotspots.core.arguments import size_of, whole_of
from hotspots.core.errors import RANGE, InputError
from hotspots.core.hours import DAYS, HOURS_OF_WEEK, Hours
from hotspots.core.months import clock_of
from hotspots.core.plain import plain_parts
from hotspots.core.points import areas_among, lies_in
from hotspots.core.select import as_selection
from hotspots.core.sentences import Spoken
from hotspots.stats.cover import TOLERANCE, added, best_cover, in_order

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection

COLUMNS = ["area_id", "place_name", "day", "from_hour", "until_hour", "incidents_reached",
           "incidents_added", "share", "geometry"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class ServicePlan(Spoken):
    """Posts, each a place and some hours of the week, that together reach most.

    Attributes
    ----------
    posts : GeoDataFrame
        The post that adds most first: ``area_id`` and ``place_name`` of the candidate, ``day``,
        ``from_hour``, ``until_hour`` (past midnight the next day's), ``incidents_reached`` within
        reach in these hours, ``incidents_added`` to the posts before it, ``share`` of all.
    reached, total : float
        Incidents that a post reaches, each once, and all whose hour is known.
    bound : float
        What no other choice of so many posts can exceed.
    reach_m : float
    hours_each : int
    spare : int
        Posts left over, since none would add anything.
    """

    posts: gpd.GeoDataFrame
    reached: float
    total: float
    bound: float
    reach_m: float
    hours_each: int
    spare: int

    @property
    def proven(self) -> bool:
        """Whether no better choice exists."""
        return self.reached >= self.bound - TOLERANCE * max(1.0, self.bound)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the outlines, for JSON."""
        numbers = ("reached", "total", "bound", "reach_m", "hours_each", "spare", "proven")
        return plain_parts(self, *numbers, "posts") | {"sentence": self.to_sentence()}


def place_services(
    candidates: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    count: int,
    reach_m: float,
    hours_each: int = 4,
    hours: str | Hours | None = None,
) -> ServicePlan:
    """Choose places and hours for youth work, marshals or a safe space that reach most incidents.

    Parameters
    ----------
    candidates : GeoDataFrame
        Where one could be: points or areas, by ``area_id`` or ``zone_id``.
    incidents : GeoDataFrame or Selection
        Incidents with a place, and times known to the hour.
    count : int
        How many posts a week, at most.
    reach_m : float
        How near a post must be, in metres in a straight line from its outline, this included.
    hours_each : int
        Length of a post.
    hours : str or Hours, optional
        Only within these, ``"Thu-Sat 16-04"``; all hours by default.

    Returns
    -------
    ServicePlan
        ``posts``, what they reach, and a bound.

    Raises
    ------
    InputError
        For hours that are not known, choices out of range, and hours without room for a post.

    Notes
    -----
    The maximal covering location problem over places and hours: an incident counts once, however
    many posts reach it, and an interval as far as its hours are reached. Being near when something
    happens is not preventing it, and what was counted is not who would come. It misleads where
    candidates were drawn round the incidents.

    References
    ----------
    Church, R. and ReVelle, C. (1974). The maximal covering location problem.
    https://doi.org/10.1007/BF01942293

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=6_000)
    >>> police = town.incidents[town.incidents["time_precision"].isin(["instant", "interval"])]
    >>> plan = place_services(town.night_time_economy, police, count=2, reach_m=100)
    >>> len(plan.posts), plan.proven
    (2, True)
    """
    count = whole_of(count, "count", rule=RANGE)
    hours_each = whole_of(hours_each, "hours_each", 1, 24, rule=RANGE)
    reach_m = size_of(reach_m, "reach_m", zero=True, rule=RANGE)
    rows = as_selection(incidents).rows
    candidates = areas_among(rows, candidates, "candidates")
    # By id: of posts that reach as many, which one is taken must not hang on the order of rows.
    candidates = candidates.iloc[np.argsort(candidates.index.astype(str), kind="stable")]
    begins, held = _windows(hours, hours_each)
    near = _near(candidates, rows, reach_m)
    # Those near the same candidates together: what the solver sees grows with the patterns of
    # reach, no longer with the incidents.
    groups, pattern = np.unique(near, axis=0, return_inverse=True)
    moments, clock = timed_to_the_hour(rows), clock_of(rows["occurred_from"])
    demand = hours_by_owner(moments, clock, pattern.ravel(), len(groups))
    kept = groups.any(axis=1)
    groups, demand = groups[kept], demand[kept]
    if not len(groups) or not len(candidates):
        groups, demand = np.zeros((1, len(candidates)), bool), np.zeros((1, HOURS_OF_WEEK))
    useful = demand.ravel() > 0
    reach = np.kron(groups, held)[useful]
    worth = demand.ravel()[useful]
    picked, bound = best_cover(reach, worth, int(count))
    chosen = in_order(picked, reach, worth)
    names = candidates.get("place_name", candidates.get("zone_name"))
    posts = []
    for at, gain in zip(chosen, added(chosen, reach, worth), strict=True):
        place, which = divmod(at, len(begins))
        first = int(begins[which])
        reached = float(worth[reach[:, at]].sum())
        name = None if names is None else names.iloc[place]
        when = DAYS[first // 24], first % 24, (first + hours_each) % 24
        shape = candidates.geometry.iloc[place]
        posts.append(
            (candidates.index[place], name, *when, reached, gain, gain / max(len(rows), 1), shape)
        )
    together = float(worth[reach[:, chosen].any(axis=1)].sum())
    table = candidates.iloc[:0].__class__(posts, columns=COLUMNS, crs=candidates.crs)
    return ServicePlan(
        table, together, float(len(rows)), max(bound, together), reach_m, hours_each,
        count - len(posts),
    )  # fmt: skip


def _windows(
    hours: str | Hours | None, hours_each: int
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """First hour of every post there could be, and which hours of the week (rows) each holds."""
    allowed = np.ones(HOURS_OF_WEEK, bool) if hours is None else Hours.parse(hours).mask
    every = (np.arange(HOURS_OF_WEEK)[:, None] + np.arange(hours_each)) % HOURS_OF_WEEK
    begins = np.flatnonzero(allowed[every].all(axis=1))
    if not len(begins):
        raise InputError(
            f"`hours` must have room for a post of {hours_each} hours; got hours that have none.",
            rule="no-room",
        )
    held = np.zeros((HOURS_OF_WEEK, len(begins)), dtype=bool)
    for at, first in enumerate(begins):
        held[every[first], at] = True
    return begins, held


def _near(
    candidates: gpd.GeoDataFrame, rows: gpd.GeoDataFrame, reach_m: float
) -> NDArray[np.bool_]:
    """Which candidate (columns) is near enough to each incident."""
    x, y = np.asarray(rows.geometry.x, float), np.asarray(rows.geometry.y, float)
    near = np.zeros((len(rows), len(candidates)), dtype=bool)
    for at, outline in enumerate(candidates.geometry):
        if outline.geom_type == "Point":
            east, north = outline.coords[0][:2]
            # To the millimetre: an incident just at the reach is in, however a root is rounded.
            near[:, at] = np.hypot(x - east, y - north).round(3) <= reach_m
        else:
            near[:, at] = lies_in(outline.buffer(reach_m) if reach_m else outline, x, y)
    return near
