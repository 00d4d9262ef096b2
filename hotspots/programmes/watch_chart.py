"""One area watched: its scores, what they are held against, and how much like places drift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import coordinates
from hotspots.core.errors import require
from hotspots.core.points import inside
from hotspots.core.text.mends import Mend
from hotspots.programmes.watch_times import WatchTimes, period_of
from hotspots.stats.sequential import Scores, WatchedWorld, dispersion_of, scan_back, threshold

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection

FEWEST_INCIDENTS = 10
RISE = 1.5
SEEN = 0.8
MORE, FEWER, RETURNED, STAYED_LOW, NO_SIGNAL, TOO_FEW = (
    *("more", "fewer", "returned", "stayed-low", "no-signal", "too-few"),
)


@dataclass(frozen=True)
class WatchRule:
    """What every area is held to.

    Attributes
    ----------
    chance : float
        Of a signal in the time of the watch, a year at least, while nothing changes.
    drift : float
        How many times as high thresholds are as chance alone asks for.
    draws : int
    in_a_year : int
        Periods.
    seed : int
        The same for every area, so that their order changes nothing.
    """

    chance: float
    drift: float
    draws: int
    in_a_year: int
    seed: int

    def world(
        self, base: NDArray[np.float64], share: NDArray[np.float64], new: NDArray[np.float64]
    ) -> WatchedWorld:
        """A year or more of watching."""
        return WatchedWorld(base, share, np.resize(new, max(len(new), self.in_a_year)), self.draws)

    def scores(self, world: WatchedWorld, times: float) -> NDArray[np.float64]:
        """The largest score up to each period of worlds whose level is so many times as high."""
        return world.largest(times, np.random.default_rng(self.seed))

    def limit(self, world: WatchedWorld) -> float:
        """The score above which there is a signal."""
        largest = self.scores(world, 1.0).max(axis=1)
        return self.drift * threshold(largest, self.chance)


@dataclass(frozen=True)
class WatchedArea:
    """What the chart of one area knows."""

    count: NDArray[np.float64]
    expected: NDArray[np.float64]
    scores: Scores
    threshold: float
    state: str
    base: float
    dispersion: float
    rise: float
    seen_after: float

    @classmethod
    def of(
        cls,
        counts: tuple[NDArray[np.float64], ...],
        exposure: tuple[NDArray[np.float64], ...],
        rule: WatchRule,
    ) -> WatchedArea:
        """Judge counts (before, baseline, watch) against what they are set against."""
        (early, base, now), (early_share, share, new) = counts, exposure
        require(
            min(share.sum(), new.sum()) > 0,
            "`against` the rest needs incidents outside the areas; there are none.",
            rule="no-incidents",
            mend=Mend("watch-by-calendar"),
        )
        rate = float(base.sum() / share.sum())
        scores = scan_back(now[None], new, base[None], share)
        world = rule.world(base, share, new)
        limit = rule.limit(world)
        rise = RISE
        if early.sum() > 0 and base.sum() > 0:
            rise = float(early.sum() / early_share.sum() / rate)
        seen = np.nan
        if rise > 1:
            told = (rule.scores(world, rise) > limit).mean(axis=0) >= SEEN
            seen = float(np.argmax(told) + 1) if told.any() else np.nan
        state = TOO_FEW
        if base.sum() + now.sum() >= FEWEST_INCIDENTS:
            state = _side(scores, limit)
            if early.sum() >= FEWEST_INCIDENTS:
                state = _after(state, early, early_share, now, new, rule)
        return cls(now, rate * new, scores, limit, state, float(base.sum()),
                   float(dispersion_of(base[None], share)[0]), rise, seen)  # fmt: skip

    @property
    def last(self) -> int | None:
        """The last period in which there was a signal."""
        told = np.flatnonzero(self.scores.score[0] > self.threshold)
        return int(told[-1]) if len(told) and self.state != TOO_FEW else None


def _side(scores: Scores, limit: float) -> str:
    """What the last signal says, if there was one."""
    told = np.flatnonzero(scores.score[0] > limit)
    if not len(told):
        return NO_SIGNAL
    return MORE if scores.side[0, told[-1]] > 0 else FEWER


def _after(
    state: str,
    early: NDArray[np.float64],
    early_share: NDArray[np.float64],
    now: NDArray[np.float64],
    new: NDArray[np.float64],
    rule: WatchRule,
) -> str:
    """What it says beside the level before the operation: back to it, or still below."""
    scores = scan_back(now[None], new, early[None], early_share)
    limit = rule.limit(rule.world(early, early_share, new))
    beside = _side(scores, limit)
    if state == MORE:
        return RETURNED if beside == NO_SIGNAL else MORE
    return STAYED_LOW if beside == FEWER else state


FIXED_SEED = 0
PLACES, FEWEST, TRIES = 60, 20, 3_000
DRAWS = 199
CHANCE = 0.1
LEAST_INCIDENTS = 10


def places_like(
    asked: Selection, areas: gpd.GeoDataFrame, times: WatchTimes
) -> list[NDArray[np.float64]]:
    """Counts by period of circles as large as the areas, round incidents outside of them.

    None where there are fewer than twenty with ten incidents in the baseline.
    """
    from scipy.spatial import cKDTree

    rows = asked.rows
    which, there = period_of(rows, times.every)
    x, y = coordinates(rows.geometry)
    free = there & np.isfinite(x) & ~inside(rows, areas)
    if not free.any():
        return []
    points, which = np.column_stack([x, y])[free], which[free]
    order = np.lexsort((which, points[:, 1], points[:, 0]))
    points, which = points[order], which[order]
    radius_m = float(np.sqrt(areas.geometry.area.mean() / np.pi))
    tree, source = cKDTree(points), np.random.default_rng(FIXED_SEED)
    taken = np.zeros(len(points), dtype=bool)
    found: list[NDArray[np.float64]] = []
    for at in source.permutation(len(points))[:TRIES]:
        if len(found) == PLACES:
            break
        if taken[at]:
            continue
        members = np.array(tree.query_ball_point(points[at], radius_m), dtype=int)
        fresh = not taken[members].any()
        taken[members] = True
        counts = np.bincount(which[members], minlength=len(times.every)).astype(float)
        if fresh and times.parts(counts)[1].sum() >= LEAST_INCIDENTS:
            found.append(counts)
    return found if len(found) >= FEWEST else []


def drift_of(places: list[Any], rng: np.random.Generator) -> float:
    """How many times as high as chance alone asks for thresholds must be in these places.

    So that nine in ten keep under that of one in ten; and no less than their largest scores are, on
    average, above those of chance: a quantile of few places is unsure.
    """
    over, beyond = [], []
    for (_, base, now), (_, share, new) in places:
        if min(share.sum(), new.sum()) <= 0:
            continue
        largest = WatchedWorld(base, share, new, DRAWS).largest(1.0, rng).max(axis=1)
        score = scan_back(now[None], new, base[None], share).score.max()
        over.append(float(score / threshold(largest, CHANCE)))
        beyond.append(float(score / largest.mean()))
    if not over:
        return 1.0
    return max(1.0, float(np.quantile(over, 1 - CHANCE)), float(np.mean(beyond)))
