"""From one review to the next: areas that overlap an earlier one keep its id."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.programmes.patrols.patrol_areas import PatrolAreas
from hotspots.programmes.patrols.patrol_tables import SELECTED

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

STAYED, ENTERED, LEFT = "stayed", "entered", "left"


def keep_ids(result: PatrolAreas, previous: gpd.GeoDataFrame, keep_overlap: float) -> PatrolAreas:
    """Give areas the id of the earlier area they overlap most; say which stayed, entered, left.

    Areas are paired one to one so that the sum of intersection over union is largest (assignment
    problem); pairs below ``keep_overlap`` do not count. Near misses of either side take no part.
    """
    earlier = previous[previous["status"] == SELECTED] if "status" in previous else previous
    now = result.selected
    pairs = _paired(now, earlier, keep_overlap)
    names = _new_names(result.areas.index, {new: old for new, old, _ in pairs}, previous.index)
    areas = result.areas.set_axis(pd.Index([names[n] for n in result.areas.index], name="area_id"))
    labels = result.labels.map(names).astype(object).where(result.labels.notna(), None)
    changes = _changes(areas, earlier, [(names[new], old, share) for new, old, share in pairs])
    return replace(result, areas=areas, labels=labels.rename("area_id"), changes=changes)


def returning(result: PatrolAreas, rerun: PatrolAreas, keep_overlap: float) -> PatrolAreas:
    """Which areas come back in another choice: the column ``victim_reported_too``."""
    shares = overlap_shares(result.areas, rerun.selected)
    back = shares.max(axis=1, initial=0.0) >= keep_overlap
    areas = result.areas.assign(victim_reported_too=back)
    geometry = areas.pop("geometry")
    return replace(result, areas=areas.set_geometry(geometry), victim_reported=rerun)


def overlap_shares(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Intersection over union of every pair of areas."""
    import shapely

    a, b = np.asarray(one.geometry.array)[:, None], np.asarray(other.geometry.array)[None, :]
    if not a.size or not b.size:
        return np.zeros((len(one), len(other)))
    common = shapely.area(shapely.intersection(a, b))
    whole = shapely.area(a) + shapely.area(b) - common
    return np.asarray(common / np.where(whole > 0, whole, 1.0))


def _paired(
    now: gpd.GeoDataFrame, earlier: gpd.GeoDataFrame, keep_overlap: float
) -> list[tuple[str, str, float]]:
    from scipy.optimize import linear_sum_assignment

    shares = overlap_shares(now, earlier)
    enough = np.where(shares >= keep_overlap, shares, 0.0)
    rows, columns = linear_sum_assignment(-enough)
    return [
        (now.index[row], earlier.index[column], float(shares[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if enough[row, column] > 0
    ]


def _new_names(ids: pd.Index, kept: dict[str, str], taken: pd.Index) -> dict[str, str]:
    """Kept ids, and for the others their own, numbered where an earlier area had it."""
    used = set(taken)
    names = {}
    for name in ids:
        fresh, number = kept.get(name, name), 2
        while name not in kept and fresh in used:
            fresh, number = f"{name}-{number}", number + 1
        names[name] = fresh
        used.add(fresh)
    return names


def _changes(
    areas: gpd.GeoDataFrame, earlier: gpd.GeoDataFrame, pairs: list[tuple[str, str, float]]
) -> pd.DataFrame:
    """One row an area, now or before: what became of it, overlap, names, and where it is now."""
    share = {new: overlap for new, _, overlap in pairs}
    now = areas[areas["status"] == SELECTED]
    gone = earlier[~earlier.index.isin([old for _, old, _ in pairs])]
    missed = areas[areas["status"] != SELECTED]
    still = overlap_shares(gone, missed) > 0
    return pd.DataFrame(
        {
            "change": [STAYED if name in share else ENTERED for name in now.index]
            + [LEFT] * len(gone),
            "overlap": [share.get(name, 0.0) for name in now.index] + [0.0] * len(gone),
            "place_name": [
                *now["place_name"],
                *(gone["place_name"] if "place_name" in gone else [None] * len(gone)),
            ],
            "now_near_miss": np.concatenate([np.zeros(len(now), dtype=bool), still.any(axis=1)]),
        },
        index=pd.Index([*now.index, *gone.index], name="area_id", dtype=object),
    )
