"""Places like a treated one: its outline laid elsewhere, where about as much happens."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from hotspots.stats.yardstick import FEWEST_LIKE

TRIED = 2_000
MOST_PAIRS = 4_000_000
MOST = 120
FEWEST = FEWEST_LIKE
ALIKE, HARDLY_ALIKE, AS_HIGH = 4.0, 8.0, 1.25
"""Like places hold at most so many times more, or less, than the treated one."""
APART = 0.7
"""Like places lie so many radii of a circle of their size apart, from centre to centre."""
NOT_TOUCHING = 2.0
"""The same, of places that share no ground: those that do break together, and count for fewer."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ground:
    """Distinct places of the incidents, and what happened at them in one pair of windows.

    Attributes
    ----------
    places : array, shape (places, 2)
        In metres.
    before, after : array, shape (places,)
        Incidents.
    beside : array of bool, shape (places,)
        Which belong to what a like place is compared with.
    barred : array of bool, shape (places,)
        Which a like place must not hold.
    chosen : array, shape (places,), optional
        Incidents of the period that treated zones were chosen from; given, like places are as high.
    """

    places: Floats
    before: Floats
    after: Floats
    beside: NDArray[np.bool_]
    barred: NDArray[np.bool_]
    chosen: Floats | None = None

    @property
    def level(self) -> Floats:
        """By what places are alike: incidents of both windows, or of the period of the choice."""
        return self.before + self.after if self.chosen is None else self.chosen


@dataclass(frozen=True, eq=False)
class Pool:
    """Like places: incidents before, after, and what going with all beside would have brought."""

    before: Floats
    after: Floats
    expected: Floats

    def __len__(self) -> int:
        return len(self.before)

    def followed_by(self, other: Pool) -> Pool:
        """Both, at most so many as are asked for."""
        parts = (
            np.concatenate([getattr(one, name) for one in (self, other)])[:MOST]
            for name in ("before", "after", "expected")
        )
        return Pool(*parts)


class Laid:
    """An outline laid on places of the city at random, and which places each copy holds.

    Parameters
    ----------
    outline : geometry
        Of the treated zone, in metres.
    places : array, shape (places, 2)
        Distinct places of the incidents, in metres.
    weights : array, shape (places,)
        Busy places are drawn more often: that is where zones are.
    rng : Generator
        Draws the places.
    """

    def __init__(
        self, outline: BaseGeometry, places: Floats, weights: Floats, rng: np.random.Generator
    ) -> None:
        self.outline = outline
        middle = np.array([outline.centroid.x, outline.centroid.y])
        reach = float(np.hypot(*(shapely.get_coordinates(outline) - middle).T).max())
        tree = cKDTree(places)
        tried = _how_many(tree, places, reach, len(places))
        drawn = rng.choice(len(places), tried, p=weights / weights.sum())
        self.centres: Floats = places[drawn]
        self.radius_m: float = math.sqrt(outline.area / math.pi)
        near = tree.query_ball_point(self.centres, reach, return_sorted=False)
        copy = np.repeat(np.arange(tried), [len(one) for one in near])
        held = np.concatenate([np.asarray(one, dtype=np.intp) for one in near])
        x, y = (places[held] - self.centres[copy] + middle).T
        shapely.prepare(outline)
        inside = shapely.intersects_xy(outline, x, y)
        self._copy, self._held = copy[inside], held[inside]

    def totals(self, values: NDArray[np.float64] | NDArray[np.bool_]) -> Floats:
        """Sum over the places of each copy."""
        held = values[self._held].astype(float)
        return np.bincount(self._copy, held, len(self.centres)).astype(float)

    def alike(self, level: float, ground: Ground, barred: BaseGeometry) -> Pool:
        """What happened at the copies that are alike, and what going with the rest would give."""
        return self._pool(self.kept(level, ground, barred), ground)

    def kept(
        self, level: float, ground: Ground, barred: BaseGeometry, *, strict: bool = False
    ) -> NDArray[np.intp]:
        """Copies at about this level, the most alike first, apart from the treated and each other.

        Where few hold up to four times more or less, up to eight times will do for a few; places
        that must be as high as a chosen one hold at most a quarter more or less. In the ``strict``
        sense they hold at most four times more or less, and share no ground.
        """
        levels = self.totals(ground.level)
        with np.errstate(divide="ignore"):
            unlike = np.abs(np.log(levels / level))
        free = (self.totals(ground.barred) == 0) & (levels > 0)
        if not barred.is_empty:
            free &= shapely.distance(barred, shapely.points(self.centres)) > self.radius_m
        radii = NOT_TOUCHING if strict else APART
        far = [ALIKE, HARDLY_ALIKE] if ground.chosen is None else [AS_HIGH]
        kept = self.apart(free & (unlike <= math.log(far[0])), unlike, MOST, radii)
        if len(kept) < FEWEST and len(far) > 1 and not strict:
            kept = self.apart(free & (unlike <= math.log(far[1])), unlike, FEWEST, radii)
        return kept

    def _pool(self, kept: NDArray[np.intp], ground: Ground) -> Pool:
        before, after = self.totals(ground.before)[kept], self.totals(ground.after)[kept]
        growth = _growth(ground, self._beside(ground)[:, kept])
        return Pool(before, after, before * growth)

    def _beside(self, ground: Ground) -> Floats:
        """What each copy leaves of the comparator, before and after."""
        windows = (ground.before * ground.beside, ground.after * ground.beside)
        return np.array([window.sum() - self.totals(window) for window in windows])

    def apart(
        self, free: NDArray[np.bool_], unlike: Floats, most: int, in_radii: float = APART
    ) -> NDArray[np.intp]:
        """Greedily the most alike that do not lie on one another."""
        order = np.flatnonzero(free)
        order = order[np.argsort(unlike[order], kind="stable")]
        kept = np.empty((most, 2))
        taken: list[int] = []
        for one in order.tolist():
            away = kept[: len(taken)] - self.centres[one]
            if len(taken) and (away**2).sum(axis=1).min() < (in_radii * self.radius_m) ** 2:
                continue
            kept[len(taken)] = self.centres[one]
            taken.append(one)
            if len(taken) == most:
                break
        return np.array(taken, dtype=np.intp)


def _how_many(tree: cKDTree, places: Floats, reach: float, size: int) -> int:
    """As many copies as are quickly counted: fewer where each holds very many places."""
    some = places[np.linspace(0, size - 1, min(size, 200)).astype(int)]
    each = float(np.mean(tree.query_ball_point(some, reach, return_length=True)))
    return int(min(TRIED, max(MOST_PAIRS / max(each, 1.0), TRIED / 4)))


def _growth(ground: Ground, left: Floats) -> Floats:
    before, after = np.maximum(left, 0.5)
    grown: Floats = after / before
    return grown
