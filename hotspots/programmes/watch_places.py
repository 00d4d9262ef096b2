"""Other places of the size of those watched: how much levels drift where nothing was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import coordinates
from hotspots.core.points import inside
from hotspots.programmes.watch_times import period_of
from hotspots.stats.sequential import WatchedWorld, scan_back, threshold

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection
    from hotspots.programmes.watch_times import WatchTimes

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
