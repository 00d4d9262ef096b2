"""One area watched, week by week or by months: its baseline, its scores, how like places drift."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.coverage import gaps, uncovered
from hotspots.core.crs import coordinates
from hotspots.core.errors import InputError, require
from hotspots.core.months import clock_of, month_ceiling, month_floor
from hotspots.core.periods import Period, read_time, span_words
from hotspots.core.points import inside
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.capabilities import even_dates
from hotspots.stats.nulls import source_of
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

Every = Literal["week", "month"]
FEWEST_PERIODS = {"week": 13, "month": 6}


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
        # The exposure of the watch so far, repeated to a year where it is shorter.
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
            "a watch needs incidents outside the areas, in a larger study area; there are none.",
            rule="no-incidents",
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
    # Drawn by number: in order of place and time, the same circles come of any order of the rows.
    order = np.lexsort((which, points[:, 1], points[:, 0]))
    points, which = points[order], which[order]
    radius_m = float(np.sqrt(areas.geometry.area.mean() / np.pi))
    tree, source = cKDTree(points), source_of(None)
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
    # Never below 1: places that drifted less than chance allows buy no lower threshold.
    return max(1.0, float(np.quantile(over, 1 - CHANCE)), float(np.mean(beyond)))


@dataclass(frozen=True)
class WatchTimes:
    """Weeks or months before an operation, of the baseline, and of the watch up to now."""

    before: tuple[Period, ...]
    base: tuple[Period, ...]
    now: tuple[Period, ...]
    whole: Period
    left_out: tuple[Caveat, ...]

    @classmethod
    def of(
        cls,
        asked: Selection,
        started: object,
        baseline: str | Period | None,
        before: str | Period | None,
        every: Every,
    ) -> WatchTimes:
        """Read what was asked, and leave out what not every source covers whole."""
        held = even_dates(asked.everything["occurred_from"])
        require(len(held) > 0, "a watch needs incidents; got none.", rule="no-incidents")
        if every == "week" and asked.rows["time_precision"].eq("month").any():
            raise InputError(
                "a watch by week needs the day of each incident; some are known only to the month.",
                rule="times-too-coarse",
                mend=Mend("watch-by-month"),
            )
        clock = clock_of(held)
        start = read_time(started, "started", clock)
        start = month_floor(start) if every == "month" else start.normalize()
        last = held.max().tz_convert(clock)
        last = (
            month_ceiling(last + pd.Timedelta(1, unit="s"))
            if asked.everything["time_precision"].eq("month").any()
            else last.normalize() + pd.DateOffset(days=1)
        )
        spans = [
            None if one is None else Period.parse(one).on_clock(clock) for one in (before, baseline)
        ]
        if spans[1] is None:
            spans[1] = Period(start - pd.DateOffset(years=1), start, "")
        periods = [
            [] if one is None else _periods(start, one.start, min(one.end, start), every)
            for one in spans
        ] + [_periods(start, start, last, every)]
        silences = gaps(asked.everything, asked.question.within)
        first = held.min().tz_convert(clock).normalize()
        gone = [
            one for part in periods for one in part if one.start < first or uncovered(silences, one)
        ]
        kept = [tuple(one for one in part if one not in gone) for part in periods]
        _require_enough(kept, spans[0] is not None, every)
        names = ", ".join(one.key for one in gone)
        told = (Caveat("part-months", {"months": names}),) if gone else ()
        since = (kept[0] or kept[1])[0].start
        whole = Period(since, kept[2][-1].end, "")
        return cls(kept[0], kept[1], kept[2], whole, told)

    @property
    def every(self) -> tuple[Period, ...]:
        """All of them, in order."""
        return (*self.before, *self.base, *self.now)

    def parts(self, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Values of all periods, taken apart."""
        first, second = len(self.before), len(self.before) + len(self.base)
        return values[:first], values[first:second], values[second:]

    @staticmethod
    def span(periods: tuple[Period, ...]) -> Period:
        """From the first to the last."""
        label = span_words(periods[0].start, periods[-1].end)
        return Period(periods[0].start, periods[-1].end, label)


def _periods(
    started: pd.Timestamp, first: pd.Timestamp, last: pd.Timestamp, every: Every
) -> list[Period]:
    """Whole weeks or months between two moments, in step with the start of the watch."""
    step = pd.DateOffset(days=7) if every == "week" else pd.DateOffset(months=1)
    # No month is shorter than 28 days: at least as many edges as needed; what lies outside is cut.
    least = int((first - started) / pd.Timedelta(days=7 if every == "week" else 28)) - 2
    most = int((last - started) / pd.Timedelta(days=7 if every == "week" else 28)) + 2
    edges = [started + at * step for at in range(least, most + 1)]
    held = [(one, other) for one, other in pairwise(edges) if one >= first and other <= last]
    return [Period(one, other, span_words(one, other)) for one, other in held]


def _require_enough(kept: list[tuple[Period, ...]], has_before: bool, every: Every) -> None:
    least = FEWEST_PERIODS[every]
    wanted = {"baseline": kept[1], **({"before": kept[0]} if has_before else {})}
    for name, held in wanted.items():
        require(
            len(held) >= least,
            f"`{name}` must hold {least} whole {every}s that every source covers, to tell how "
            f"counts vary; got {len(held)}.",
            rule="too-few-periods",
        )
    require(
        len(kept[2]) > 0,
        f"`started` must lie a whole {every} before the last incident; it does not.",
        rule="too-few-periods",
    )


def period_of(
    rows: gpd.GeoDataFrame, periods: tuple[Period, ...]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Which period each incident starts in, and whether it starts in one."""
    starts, ends = (
        pd.DatetimeIndex([getattr(one, side) for one in periods]).as_unit("ns").asi8
        for side in ("start", "end")
    )
    order = np.argsort(starts, kind="stable")
    moments = rows["occurred_from"].dt.as_unit("ns").astype("int64").to_numpy()
    at = np.searchsorted(starts[order], moments, side="right") - 1
    which = order[np.maximum(at, 0)]
    return which, (at >= 0) & (moments < ends[which])
