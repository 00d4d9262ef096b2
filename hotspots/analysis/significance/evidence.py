"""What is known beside a test: what map points hold, and flag, core and evidence of an area."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.arrays import Bools, Floats, Ints
from hotspots.core.points import NOWHERE, distinct_rows
from hotspots.core.select import Selection
from hotspots.stats import nulls
from hotspots.stats.local import neighbour_counts
from hotspots.stats.nulls import Correction, Tails
from hotspots.stats.shuffled_points import place_risk_tails, rooted, shuffled_point_tails

if TYPE_CHECKING:
    from hotspots.analysis.significance.study import Study

FEWEST, COARSE = 2, 2


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Map points of the study area.

    Attributes
    ----------
    values : array of int, shape (points,)
        Root of the incidents of the question at each, in whole steps.
    sums, sizes : array of int, shape (areas,)
        What the points of each area hold, and how many there are.
    """

    values: Ints
    sums: Ints
    sizes: Ints

    def neighbourhoods(self, weights: Any, tested: Bools) -> Tails:
        """Tails of the neighbourhood of each tested area."""
        sums, sizes = (np.rint(weights @ one)[tested] for one in (self.sums, self.sizes))
        return shuffled_point_tails(self.values, sums.astype(np.int64), sizes.astype(np.int64))

    def alone(self) -> Tails:
        """Tails of each area by itself."""
        return shuffled_point_tails(self.values, self.sums, self.sizes)


@dataclass(frozen=True, eq=False)
class HitPlaces:
    """Places that hold incidents of the question, and what is at risk in the areas.

    Attributes
    ----------
    values : array of int, shape (places,)
        Root of the incidents at each, in whole steps.
    sums, sizes : array of int, shape (areas,)
        What the places of each area hold, and how many there are.
    at_risk : array of float, shape (areas,)
    """

    values: Ints
    sums: Ints
    sizes: Ints
    at_risk: Floats

    def neighbourhoods(self, weights: Any, tested: Bools) -> Tails:
        """Tails of the neighbourhood of each tested area."""
        sums = np.rint(weights @ self.sums)[tested].astype(np.int64)
        shares = nulls.neighbourhood_shares(weights, self.at_risk)[tested]
        return place_risk_tails(self.values, sums, shares)

    def alone(self) -> Tails:
        """Tails of each area by itself."""
        shares = self.at_risk / (self.at_risk.sum() or 1.0)
        return place_risk_tails(self.values, self.sums, shares)

    def least(self, weights: Any, asked: Bools) -> Floats:
        """Upper tail of each neighbourhood, did the area's own places hold whatever they will.

        As many of these as it has, and the rest around it; or more of them than it has.
        """
        from scipy.special import bdtr, bdtrc

        own, many = self.sizes[asked].astype(float), len(self.values)
        around = np.rint(weights @ self.sums - self.sums)[asked].astype(np.int64)
        shares = nulls.neighbourhood_shares(weights, self.at_risk)[asked]
        chance = shares * own / max(many, 1)
        rest = place_risk_tails(self.values, around, shares).high - bdtrc(0, many, chance)
        as_many = bdtr(own, many, chance) - bdtr(own - 1, many, chance)
        tails: Floats = bdtrc(own, many, chance) + as_many * np.maximum(rest, 0.0)
        return tails


def hit_places(incidents: Selection, study: Study, *, wide: bool) -> HitPlaces:
    """The places of the areas of a study that hold incidents; ``wide`` as for map points."""
    mine = (incidents.asked(within=None) if wide else incidents).parts
    area = np.append(study.ids.get_indexer(mine.ids), NOWHERE)[mine.area]
    held = (area >= 0) & (mine.area >= 0) & (mine.place >= 0)
    pairs = np.column_stack([area, mine.place])[held]
    places, at = distinct_rows(pairs)
    values = rooted(np.bincount(at, mine.count[held], len(places)).astype(np.int64), COARSE)
    sums = np.bincount(places[:, 0], values, len(study.ids)).astype(np.int64)
    sizes = np.bincount(places[:, 0], minlength=len(study.ids)).astype(np.int64)
    assert study.at_risk is not None
    return HitPlaces(values, sums, sizes, study.at_risk)


def map_points(incidents: Selection, study: Study, *, wide: bool) -> MapPoints:
    """The map points of the areas of a study, from all incidents there are.

    ``wide`` takes those outside the study area too: then areas have a ring of others around them.
    """
    chosen = incidents.asked(within=None) if wide else incidents
    # As `points_at_risk` asks: wherever anything was recorded an incident can be.
    everyone = chosen.asked(
        theme=None,
        period=None,
        hours=None,
        include_institutional=False,
        include_sensitive=False,
    )
    mine = chosen.parts
    seen = replace(everyone, membership=chosen.membership).parts
    area_of = np.append(study.ids.get_indexer(mine.ids), NOWHERE)  # the last is that of no area
    pairs = [
        np.column_stack([area_of[one.area], one.place])[(one.area >= 0) & (one.place >= 0)]
        for one in (seen, mine)
    ]
    points, _ = distinct_rows(np.concatenate(pairs))
    points = points[points[:, 0] >= 0]
    held = (mine.area >= 0) & (mine.place >= 0)
    incidents_at = np.bincount(mine.place[held], mine.count[held], points[:, 1].max(initial=0) + 1)
    values = rooted(incidents_at[points[:, 1]].astype(np.int64))
    sums = np.bincount(points[:, 0], values, len(study.ids)).astype(np.int64)
    sizes = np.bincount(points[:, 0], minlength=len(study.ids)).astype(np.int64)
    return MapPoints(values, sums, sizes)


def hot_areas(study: Study, tails: Tails, q: Floats, alpha: float, least: float) -> Bools:
    """Flagged neighbourhoods, of those with a relative risk worth acting on.

    An area that holds no incident, or one, is never called more than chance.
    """
    hot = np.zeros(len(study.ids), dtype=bool)
    hot[study.tested] = (q <= alpha) & (tails.high < tails.low)
    if least and study.relative_risk is not None:
        hot &= np.nan_to_num(study.relative_risk) >= least
    return hot & (study.counts >= FEWEST)


def high_alone(
    study: Study, null: str, alpha: float, points: MapPoints | HitPlaces | None
) -> Bools:
    """Whether the cell itself holds more than chance would give it, uncorrected."""
    ordered = np.sort(study.raw)
    # Its place among all cells is its permutation test: one cell dealt one of all values.
    as_high = 1 - np.searchsorted(ordered, study.raw) / max(len(ordered), 1)
    from scipy.sparse import eye_array

    high: Bools = study.counts >= FEWEST
    if null in ("permutation", "both", "all", "analytic"):
        high &= as_high <= alpha
    if study.at_risk is not None and null in ("constant-risk", "both", "all"):
        alone = np.ones(len(study.raw), dtype=bool)
        each = nulls.constant_risk_tails(
            study.raw, eye_array(len(study.raw), format="csr"), alone, study.at_risk
        )
        high &= each.high <= alpha
    if points is not None:
        high &= points.alone().high <= alpha
    return high


def no_count_passes(
    study: Study,
    null: str,
    correction: Correction,
    alpha: float,
    q: Floats,
    high: Bools,
    points: MapPoints | HitPlaces | None,
) -> Bools:
    """Of areas high by themselves, those no own count could have flagged, however high.

    Dealt out anew the same count makes the same neighbourhood elsewhere, so that only what lies
    around it can be rare, or at how many places it came. As many others are taken to be flagged as
    are now, and all around it.
    """
    found = high & study.tested
    dealt = null in ("permutation", "both", "all")
    if not found.any() or not (dealt or isinstance(points, HitPlaces)):
        return np.zeros(len(high), dtype=bool)
    sizes = np.diff(study.weights.indptr)
    beside = int((q <= alpha).sum()) + int(sizes.max()) - 1
    needed = nulls.smallest_needed_p(len(q), alpha, correction, beside)
    if isinstance(points, HitPlaces):
        least = 2 * points.least(study.weights, found)
    else:
        times = 1.0 if correction == "max-t" else 2 * sizes[found] / len(sizes)
        least = times * nulls.around_tails(study.values, study.weights, found)
    found[found] = least > needed
    return found


def with_evidence(
    areas: gpd.GeoDataFrame,
    study: Study,
    tails: Tails,
    q: Floats,
    alpha: float,
    words: dict[str, str],
    hot: Bools,
    core: Bools,
    unasked: Bools,
) -> gpd.GeoDataFrame:
    """The areas with what was found, missing where not tested; ``unasked`` ones have no verdict."""
    p_value, q_value = np.full((2, len(study.ids)), np.nan)
    p_value[study.tested], q_value[study.tested] = tails.two_sided, q
    cold = np.zeros(len(study.ids), dtype=bool)
    cold[study.tested] = (q <= alpha) & (tails.low < tails.high)
    rest = np.where(study.tested & ~unasked, "could-be-chance", "not-tested")
    known = study.relative_risk
    found: dict[str, Any] = {
        "z": study.z,
        "p_value": p_value,
        "q_value": q_value,
        "n_tested": int(study.tested.sum()),
        "is_hotspot": hot,
        "is_coldspot": cold,
        "is_core": core,
        "evidence": np.where(hot | cold, "beyond-chance", rest).astype(object),
        "n_neighbours": neighbour_counts(study.weights),
        "relative_risk": np.nan if known is None else known,
    }
    found |= {name: pd.Series(word, study.ids, dtype=object) for name, word in words.items()}
    left = areas.drop(columns=[name for name in found if name in areas.columns])
    return left.join(pd.DataFrame(found, index=study.ids))
