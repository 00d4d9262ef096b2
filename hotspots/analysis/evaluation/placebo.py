"""What changes where nothing was done: like places of the same time, and of earlier years."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from hotspots.analysis.evaluation.comparison_groups import (
    COMPARATOR,
    FEWEST,
    MOST,
    REST_OF_CITY,
    TREATED,
    Ground,
    Group,
    Laid,
    Pool,
)
from hotspots.analysis.evaluation.ratios import RateRatio
from hotspots.analysis.evaluation.windows import Windows, phases, years_earlier
from hotspots.core.arrays import Bools, Codes, Floats
from hotspots.core.crs import coordinates
from hotspots.core.months import month_of
from hotspots.core.periods import Period, months_of
from hotspots.core.plain import plain
from hotspots.core.points import distinct_places
from hotspots.stats.yardstick import Yardstick, fit_yardstick

SETS = 199
BARRED = ("treated", "ring")
MOST_YEARS = 8
SEED = 14


@dataclass(frozen=True)
class Placebo:
    """How a change stands among those of like places where nothing was done.

    Attributes
    ----------
    places
        Like places; of several treated zones, sets of as many like places.
    as_extreme
        How many of them changed as much, in standard deviations.
    zones
        Zones in each set; treated zones that touch count as one.
    earlier
        Share of the like places that are of earlier years.
    as_high
        Whether they were as high as the treated in the period these were chosen from.
    middle
        Middle of their ratios: what being chosen brings by itself; 1 where nothing was chosen.
    drift
        How far places drift apart by themselves: standard deviation of the logarithm of the ratio,
        beyond chance.
    smallest_fall, smallest_rise
        Smallest change in per cent that these counts would show in four of five cases; missing
        where none would.
    likely
        Interval of the ratio that holds in four of five cases.
    """

    places: int
    as_extreme: int
    zones: int
    earlier: float
    as_high: bool
    middle: float
    drift: float
    smallest_fall: float
    smallest_rise: float
    likely: tuple[float, float] = (math.nan, math.nan)

    def __iter__(self) -> Iterator[int]:
        """``places, as_extreme = change.placebo``."""
        return iter((self.places, self.as_extreme))

    @property
    def enough(self) -> bool:
        """Whether there are enough like places for a verdict."""
        return self.places >= FEWEST

    @property
    def p_value(self) -> float:
        """Share that changed as much, the treated counted with them."""
        return (1 + self.as_extreme) / (1 + self.places)

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON; missing ones as None."""
        return {name: plain(value) for name, value in vars(self).items()}


@dataclass(frozen=True, eq=False)
class Yardsticks:
    """A yardstick for each treated zone and for all together.

    Attributes
    ----------
    by_label
        Of zones, of all treated, and of rings, which drift as the treated do; absent where there
        are too few like places.
    places
        Like places found for all treated: those of the zone that has fewest, or the sets drawn.
    zones
        Treated zones, those that touch taken as one.
    earlier
        Share of the like places that are of earlier years.
    """

    by_label: Mapping[str, Yardstick]
    places: int = 0
    zones: int = 1
    earlier: float = 0.0

    def of(self, label: str) -> Yardstick | None:
        """The yardstick of a row."""
        return self.by_label.get(label)


def placebo_of(ratio: RateRatio, like: Yardsticks, *, as_high: bool) -> Placebo:
    """How a ratio stands among those of like places."""
    yardstick = like.of(TREATED)
    told: dict[str, Any] = {"zones": like.zones, "earlier": like.earlier, "as_high": as_high}
    if yardstick is None or math.isnan(ratio.ratio):
        told |= dict.fromkeys(("middle", "drift", "smallest_fall", "smallest_rise"), math.nan)
        return Placebo(places=like.places, as_extreme=0, **told)
    before, _, *beside = ratio.counts
    going_on = (before, ratio.expected * math.exp(yardstick.middle), beside[0], beside[1])
    fall, rise = yardstick.smallest(going_on, confidence=ratio.confidence)
    return Placebo(
        places=yardstick.size,
        as_extreme=round(ratio.p_value * (1 + yardstick.size)) - 1,
        **told,
        middle=math.exp(yardstick.middle),
        drift=math.sqrt(yardstick.drift),
        smallest_fall=round(100 * fall, 1),
        smallest_rise=round(100 * rise, 1),
        likely=_likely(ratio, yardstick),
    )


def _likely(ratio: RateRatio, yardstick: Yardstick) -> tuple[float, float]:
    """The interval of four in five, by the same standard deviation as that of the ratio."""
    deviation = math.log(ratio.high / ratio.ratio) / yardstick.quantile(ratio.confidence)
    reach = math.exp(yardstick.quantile(LIKELY) * deviation)
    return ratio.ratio / reach, ratio.ratio * reach


LIKELY = 0.8


class LikePlaces:
    """Where else the treated zones could have been, worked out once for every pair of windows.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents of all times.
    groups : mapping
        From :func:`make_groups`.
    zones : GeoDataFrame
        Treated zones.
    reach_m : float
        Outer edge of the rings.
    """

    def __init__(
        self,
        incidents: gpd.GeoDataFrame,
        groups: Mapping[str, Group],
        zones: gpd.GeoDataFrame,
        reach_m: float = 0.0,
    ) -> None:
        self._incidents, self._groups = incidents, groups
        places, self._place_of = distinct_places(*coordinates(incidents.geometry))
        self._places = places / 1000
        self._labels = [name for name, group in groups.items() if group.role == "treated area"]
        self._shapes = dict(zip(self._labels, zones.geometry, strict=True))
        union = shapely.union_all(zones.geometry.to_numpy())
        self._barred = union.buffer(reach_m) if reach_m else union
        self._together = _touching(list(self._shapes.values()))
        self._laid: dict[tuple[str, ...], Laid] = {}

    def yardsticks(self, windows: Windows, held: set[str], chosen: Period | None) -> Yardsticks:
        """The yardsticks of these windows.

        Parameters
        ----------
        windows : Windows
            What is compared.
        held : set of str
            Months with data: earlier years are taken from them.
        chosen : Period, optional
            The period that the treated zones were chosen from, where like places are to be as high.
        """
        now = self._ground(windows, chosen)
        if not (now.before * now.beside).any() or self._hold_most(now):
            return Yardsticks({})
        years = [(now, self._barred)]
        for years_ago, earlier in _earlier(windows, held):
            ago = None if chosen is None else years_earlier(chosen, years_ago)
            years.append((self._ground(earlier, ago, earlier=True), shapely.Polygon()))
        pools, share = {}, []
        for labels in {*((label,) for label in self._labels), *self._joined()}:
            pools[labels], old = self._pool(labels, years)
            share.append(old)
        joined = [pools[labels] for labels in self._joined()]
        few = min((pool.shape[1] for pool in joined), default=0)
        centred = chosen is not None
        found = {
            label: _yardstick(pools[label,], centred=centred)
            for label in self._labels
            if pools[label,].shape[1] >= FEWEST
        }
        places = few
        if few >= FEWEST:
            whole = joined[0] if len(joined) == 1 else _sets(joined)
            of_all = _yardstick(whole, centred=centred)
            drifting = [name for name, group in self._groups.items() if group.role == "ring"]
            found |= dict.fromkeys([TREATED, *drifting], of_all)
            places = whole.shape[1]
        return Yardsticks(found, places, len(joined), float(np.mean(share or 0)))

    def series(self, windows: Windows, months: Sequence[str]) -> tuple[Floats, Floats, Floats]:
        """Counts by month of the treated, of the rest, and of like places or sets of them.

        Parameters
        ----------
        windows : Windows
            All time before the start, and all after it: places are alike in both together.
        months : sequence of str
            In order.

        Returns
        -------
        (array (months,), array (months,), array (months, places))
        """
        at = pd.Index(months).get_indexer(pd.Index(month_of(self._incidents["occurred_from"])))
        key = self._place_of[at >= 0] * len(months) + at[at >= 0]
        shape = len(self._places), len(months)
        by_month = np.bincount(key, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
        mine, beside = (self._at_places(self._groups[one].members) for one in (TREATED, COMPARATOR))
        now = self._ground(windows, None)
        pools: list[Floats] = []
        levels: list[float] = []
        for labels in [] if self._hold_most(now) else self._joined():
            held = self._at_places(np.any([self._groups[one].members for one in labels], axis=0))
            laid, level = self._laid_out(labels), float(now.level[held].sum())
            kept = np.zeros(0, dtype=np.intp)
            if level > 0:
                kept = laid.kept(level, now, self._barred, strict=True)
            pools.append(np.array([laid.totals(month)[kept] for month in by_month.T]))
            levels.append(float(by_month[held].sum()))
        few = min((one.shape[1] for one in pools), default=0)
        if len(pools) > 1 and few >= FEWEST:
            rng = np.random.default_rng(SEED)
            sets = (
                _as_many(level, pool[:, rng.integers(pool.shape[1], size=SETS)], rng)
                for level, pool in zip(levels, pools, strict=True)
            )
            like = sum(sets, np.zeros((len(months), SETS)))
        else:
            like = pools[0][:, :few] if pools else np.zeros((len(months), 0))
        return by_month[mine].sum(axis=0), by_month[beside].sum(axis=0), like

    def _hold_most(self, now: Ground) -> bool:
        """Whether the treated hold more than all places left: none of these is like them."""
        treated = self._at_places(self._groups[TREATED].members)
        both = now.before + now.after
        return bool(both[treated].sum() > both[~now.barred].sum())

    def _joined(self) -> list[tuple[str, ...]]:
        """The labels of zones that touch, each zone once."""
        groups = sorted(set(self._together.tolist()))
        labels = np.array(self._labels, dtype=object)
        return [tuple(labels[self._together == one]) for one in groups]

    def _pool(
        self, labels: tuple[str, ...], years: list[tuple[Ground, BaseGeometry]]
    ) -> tuple[Pool, float]:
        """Like places of these zones, and the share of them that is of earlier years."""
        now = years[0][0]
        mine = self._at_places(np.any([self._groups[name].members for name in labels], axis=0))
        level = float(now.level[mine].sum())
        if level <= 0:
            return np.zeros((3, 0)), 0.0
        laid = self._laid_out(labels)
        pool = laid.alike(level, now, self._barred)
        this_year = pool.shape[1]
        for ground, barred in years[1:]:
            if pool.shape[1] >= MOST:
                break
            pool = np.hstack([pool, laid.alike(level, ground, barred)])[:, :MOST]
        return pool, 1 - this_year / max(pool.shape[1], 1)

    def _laid_out(self, labels: tuple[str, ...]) -> Laid:
        if labels not in self._laid:
            outline = shapely.union_all([self._shapes[name] for name in labels])
            # By incidents of all times, so that one set of copies serves every pair of windows.
            weights = np.bincount(self._place_of, minlength=len(self._places)).astype(float)
            rng = np.random.default_rng(SEED)
            self._laid[labels] = Laid(outline, self._places, weights, rng)
        return self._laid[labels]

    def _ground(self, windows: Windows, chosen: Period | None, *, earlier: bool = False) -> Ground:
        phase = phases(self._incidents, windows)
        beside = self._at_places(self._groups[COMPARATOR].members)
        own = self._groups[COMPARATOR].name == REST_OF_CITY
        near = [group.members for group in self._groups.values() if group.role in BARRED]
        barred = self._at_places(np.any(near, axis=0))
        return Ground(
            before=self._counted(phase["before"]),
            after=self._counted(phase["after"]),
            # In earlier years nothing was done yet, so nothing is left out of the rest of the city.
            beside=np.ones_like(beside) if earlier and own else beside,
            barred=np.zeros_like(barred) if earlier else barred,
            chosen=None if chosen is None else self._counted(_during(self._incidents, chosen)),
        )

    def _counted(self, rows: Bools) -> Floats:
        return np.bincount(self._place_of[rows], minlength=len(self._places)).astype(float)

    def _at_places(self, members: Bools) -> Bools:
        """Groups are made of places: which ones a group has."""
        there = np.zeros(len(self._places), dtype=bool)
        there[self._place_of[members]] = True
        return there


def _as_many(level: float, counts: Floats, rng: np.random.Generator) -> Floats:
    """Like places with each incident counted so often that a place holds as many as the zone.

    A set is then made up as the treated are: where one zone holds most of the incidents it drives
    the sum, and how places drift evens out less than among places that hold about the same.
    """
    times = level / np.maximum(counts.sum(axis=0), 1)
    whole = np.floor(times)
    more = rng.binomial(counts.astype(np.int64), times - whole)
    return np.asarray(counts * whole + more, dtype=float)


def _touching(shapes: list[BaseGeometry]) -> Codes:
    """Number of the group of touching zones that each zone is in."""
    if not shapes:
        return np.zeros(0, dtype=np.intp)
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    pairs = coo_array((np.ones(len(one)), (one, other)), shape=(len(shapes), len(shapes)))
    return np.asarray(connected_components(pairs, directed=False)[1])


def _earlier(windows: Windows, held: set[str]) -> Iterator[tuple[int, Windows]]:
    """The same windows in earlier years, both before the start, as far as the data reach back."""
    for years in range(1, MOST_YEARS + 1):
        ago = windows.years_earlier(years)
        if not held.issuperset(months_of(ago.before)):
            return
        # A year whose after window reaches past the start holds some of the treatment itself.
        if ago.after.end <= windows.started:
            yield years, ago


def _yardstick(pool: Pool, *, centred: bool) -> Yardstick:
    """A half is added where a count is zero, as to the treated.

    What chance does to the comparator is common to all like places, and so not seen among them: it
    enters with the treated.
    """
    before, after, expected = pool + 0.5 * (pool[:2] == 0).any(axis=0)
    logs = np.log(after / expected)
    return fit_yardstick(logs, 1 / before + 1 / after, centred=centred)


def _sets(pools: list[Pool]) -> Pool:
    """Sets of one like place for each zone, added up."""
    rng = np.random.default_rng(SEED)
    drawn = [pool[:, rng.integers(pool.shape[1], size=SETS)] for pool in pools]
    return np.asarray(np.sum(drawn, axis=0))


def _during(incidents: gpd.GeoDataFrame, period: Period) -> Bools:
    start = incidents["occurred_from"]
    return np.asarray((start >= period.start) & (start < period.end))
