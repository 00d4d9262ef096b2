"""Who is compared with whom: treated zones, rings, the comparator, and places like the treated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from hotspots.analysis.evaluation.windows import Windows
from hotspots.core.arrays import Bools, Codes, Floats
from hotspots.core.caveats import Caveat
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import require
from hotspots.core.months import month_of
from hotspots.core.periods import months_of
from hotspots.core.points import PlaceIndex, lies_in
from hotspots.io.zones.build import ring_edges
from hotspots.stats.yardstick import FEWEST_LIKE

TREATED, COMPARATOR = "all treated", "comparator"
REST_OF_CITY = "the rest of the city"


@dataclass(frozen=True)
class Group:
    """One row of the table: a set of incidents, and the part it plays."""

    name: str
    role: str
    members: np.ndarray


def make_groups(
    incidents: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    comparator: str | gpd.GeoDataFrame,
    rings_m: Sequence[float],
) -> tuple[dict[str, Group], list[Caveat]]:
    """Groups by label, in the order of the table, and cautions about them.

    The comparator holds no incident of a treated zone or of a ring.
    """
    reach = ring_edges(rings_m)
    places = PlaceIndex.of(incidents)
    treated = shapely.union_all(zones.geometry.to_numpy()) if len(zones) else shapely.Polygon()
    groups: dict[str, Group] = {}
    for label, name, shape in zip(
        zones.index.astype(str), _names(zones), zones.geometry, strict=True
    ):
        groups[label] = Group(name, "treated area", _inside(shape, places))
    everyone = np.zeros(len(incidents), dtype=bool)
    for group in groups.values():
        everyone |= group.members
    groups[TREATED] = Group(TREATED, "treated", everyone)
    near = everyone.copy()
    shapely.prepare(treated)
    for inner, outer in pairwise(reach):
        reached = shapely.dwithin(treated, shapely.points(places.metres), outer)
        ring = places.spread(np.asarray(reached), False) & ~near
        near |= ring
        label = f"ring {inner:g}-{outer:g} m"
        groups[label] = Group(label, "ring", ring)
    members, name, cautions = _comparator(incidents, comparator, near, places)
    groups[COMPARATOR] = Group(name, "comparator", members)
    return groups, cautions


def totals_by_phase(
    incidents: gpd.GeoDataFrame, groups: Mapping[str, Group], phase: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Counts, harm and squared harm of each group before, after and astride the start."""
    harm = incidents["harm"].to_numpy(dtype=float) if "harm" in incidents.columns else None
    rows = []
    for group in groups.values():
        row: dict[str, object] = {"area_name": group.name, "role": group.role}
        for name in ("before", "after", "straddling"):
            chosen = group.members & phase[name]
            row[f"count_{name}"] = int(chosen.sum())
            if harm is not None and name != "straddling":
                row |= _harm_of(harm[chosen], name)
        rows.append(row)
    return pd.DataFrame(rows, index=pd.Index(groups, name="area_id"))


def monthly_counts(
    incidents: gpd.GeoDataFrame,
    group: Group,
    phase: Mapping[str, np.ndarray],
    windows: Windows,
) -> tuple[np.ndarray, np.ndarray]:
    """Count of each month of the two windows, and which months belong to the after window."""
    months = month_of(incidents["occurred_from"])
    counts, late = [], []
    for name, window in (("before", windows.before), ("after", windows.after)):
        wanted = months_of(window)
        found = months[group.members & phase[name]].value_counts()
        counts.extend(found.reindex(wanted, fill_value=0).tolist())
        late.extend([name == "after"] * len(wanted))
    return np.array(counts, dtype=float), np.array(late, dtype=bool)


def _harm_of(harms: np.ndarray, name: str) -> dict[str, float]:
    # From the smallest up, so that the sum is the same whatever the order of the rows.
    known = np.sort(harms[~np.isnan(harms)])
    unknown = len(known) == 0 and len(harms) > 0
    return {
        f"harm_{name}": float("nan") if unknown else float(known.sum()),
        f"squares_{name}": float((known**2).sum()),
    }


def _names(zones: gpd.GeoDataFrame) -> list[str]:
    if "zone_name" in zones.columns:
        return [str(name) for name in zones["zone_name"]]
    return [str(label) for label in zones.index]


def _inside(shape: BaseGeometry, places: PlaceIndex) -> np.ndarray:
    return places.spread(lies_in(shape, *places.metres.T), False)


def _comparator(
    incidents: gpd.GeoDataFrame,
    comparator: str | gpd.GeoDataFrame,
    near: np.ndarray,
    places: PlaceIndex,
) -> tuple[np.ndarray, str, list[Caveat]]:
    if isinstance(comparator, str):
        require(
            comparator == "rest",
            f'`comparator` must be "rest" (all that is not treated) or zones; got {comparator!r}.',
        )
        return ~near, REST_OF_CITY, []
    require(
        isinstance(comparator, gpd.GeoDataFrame),
        f'`comparator` must be "rest" or a GeoDataFrame; got {type(comparator).__name__}.',
    )
    require_same_crs(incidents, comparator, ("incidents", "comparator"))
    shape = shapely.union_all(comparator.geometry.to_numpy())
    members = _inside(shape, places)
    shared = int((members & near).sum())
    told = Caveat("comparator-shared", {"incidents": shared}, counts_incidents=True)
    return members & ~near, "comparator areas", [told] if shared else []


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

Pool: TypeAlias = Floats
"""Like places, shape (3, places): incidents before, after, and what going with all beside would
have brought."""


@dataclass(frozen=True, eq=False)
class Ground:
    """Distinct places of the incidents, and what happened at them in one pair of windows.

    Attributes
    ----------
    before, after : array, shape (places,)
        Incidents.
    beside : array of bool, shape (places,)
        Which belong to what a like place is compared with.
    barred : array of bool, shape (places,)
        Which a like place must not hold.
    chosen : array, shape (places,), optional
        Incidents of the period that treated zones were chosen from; given, like places are as high.
    """

    before: Floats
    after: Floats
    beside: Bools
    barred: Bools
    chosen: Floats | None = None

    @property
    def level(self) -> Floats:
        """By what places are alike: incidents of both windows, or of the period of the choice."""
        return self.before + self.after if self.chosen is None else self.chosen


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
        # Where incidents are, so that copies lie in town and not on the moor.
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

    def totals(self, values: Floats | Bools) -> Floats:
        """Sum over the places of each copy."""
        held = values[self._held].astype(float)
        return np.bincount(self._copy, held, len(self.centres)).astype(float)

    def alike(self, level: float, ground: Ground, barred: BaseGeometry) -> Pool:
        """What happened at the copies that are alike, and what going with the rest would give."""
        kept, windows = self.kept(level, ground, barred), (ground.before, ground.after)
        before, after = (self.totals(window)[kept] for window in windows)
        beside = [window * ground.beside for window in windows]
        left = [np.maximum(rest.sum() - self.totals(rest)[kept], 0.5) for rest in beside]
        return np.stack([before, after, before * (left[1] / left[0])])

    def kept(
        self, level: float, ground: Ground, barred: BaseGeometry, *, strict: bool = False
    ) -> Codes:
        """Copies at about this level, the most alike first, apart from the treated and each other.

        Where few hold up to four times more or less, up to eight times will do for a few; places
        that must be as high as a chosen one hold at most a quarter more or less. In the ``strict``
        sense they hold at most four times more or less, and share no ground.
        """
        levels = self.totals(ground.level)
        with np.errstate(divide="ignore"):
            unlike = np.abs(np.log(levels / level))
        free = (self.totals(ground.barred) == 0) & (levels > 0)
        # A circle of the same ground stands for the copy: near enough, and quick for thousands.
        if not barred.is_empty:
            free &= shapely.distance(barred, shapely.points(self.centres)) > self.radius_m
        radii = NOT_TOUCHING if strict else APART
        far = [ALIKE, HARDLY_ALIKE] if ground.chosen is None else [AS_HIGH]
        kept = self.apart(free & (unlike <= math.log(far[0])), unlike, MOST, radii)
        if len(kept) < FEWEST and len(far) > 1 and not strict:
            kept = self.apart(free & (unlike <= math.log(far[1])), unlike, FEWEST, radii)
        return kept

    def apart(self, free: Bools, unlike: Floats, most: int, in_radii: float = APART) -> Codes:
        """Greedily the most alike that do not lie on one another."""
        left = np.flatnonzero(free)
        left = left[np.argsort(unlike[left], kind="stable")]
        taken: list[int] = []
        while len(left) and len(taken) < most:
            one, left = int(left[0]), left[1:]
            taken.append(one)
            away = ((self.centres[left] - self.centres[one]) ** 2).sum(axis=1)
            left = left[away >= (in_radii * self.radius_m) ** 2]
        return np.array(taken, dtype=np.intp)


def _how_many(tree: cKDTree, places: Floats, reach: float, size: int) -> int:
    """As many copies as are quickly counted: fewer where each holds very many places."""
    some = places[np.linspace(0, size - 1, min(size, 200)).astype(int)]
    each = float(np.mean(tree.query_ball_point(some, reach, return_length=True)))
    return int(min(TRIED, max(MOST_PAIRS / max(each, 1.0), TRIED / 4)))
