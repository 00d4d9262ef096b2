"""Who is compared with whom: treated zones, rings around them, the comparator, and their totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from hotspots.analysis.evaluation.windows import Windows
from hotspots.core.caveats import Caveat
from hotspots.core.crs import coordinates, require_same_crs
from hotspots.core.errors import require
from hotspots.core.months import month_of
from hotspots.core.periods import months_of
from hotspots.core.points import distinct_places, lies_in

TREATED, COMPARATOR = "all treated", "comparator"
REST_OF_CITY = "rest of the city"


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
    reach = _ring_edges(rings_m)
    places, place_of = _places(incidents)
    treated = shapely.union_all(zones.geometry.to_numpy()) if len(zones) else shapely.Polygon()
    groups: dict[str, Group] = {}
    for label, name, shape in zip(
        zones.index.astype(str), _names(zones), zones.geometry, strict=True
    ):
        groups[label] = Group(name, "treated area", _inside(shape, places, place_of))
    everyone = np.zeros(len(incidents), dtype=bool)
    for group in groups.values():
        everyone |= group.members
    groups[TREATED] = Group(TREATED, "treated", everyone)
    near = everyone.copy()
    for inner, outer in pairwise(reach):
        ring = _within_distance(treated, places, place_of, outer) & ~near
        near |= ring
        label = f"ring {inner:g}-{outer:g} m"
        groups[label] = Group(label, "ring", ring)
    members, name, cautions = _comparator(incidents, comparator, near, places, place_of)
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
    known = np.sort(harms[~np.isnan(harms)])
    unknown = len(known) == 0 and len(harms) > 0
    return {
        f"harm_{name}": float("nan") if unknown else float(known.sum()),
        f"squares_{name}": float((known**2).sum()),
    }


def _ring_edges(rings_m: Sequence[float]) -> list[float]:
    edges = [0.0, *(float(edge) for edge in rings_m)]
    require(
        all(later > earlier for earlier, later in pairwise(edges)),
        f"`rings_m` must be rising distances above zero, e.g. (250, 500); got {tuple(rings_m)!r}.",
    )
    return edges


def _places(incidents: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    places, place_of = distinct_places(*coordinates(incidents.geometry))
    return places / 1000, place_of


def _names(zones: gpd.GeoDataFrame) -> list[str]:
    if "zone_name" in zones.columns:
        return [str(name) for name in zones["zone_name"]]
    return [str(label) for label in zones.index]


def _inside(shape: BaseGeometry, places: np.ndarray, place_of: np.ndarray) -> np.ndarray:
    there = lies_in(shape, places[:, 0], places[:, 1])
    return np.asarray(there[place_of])


def _within_distance(
    shape: BaseGeometry, places: np.ndarray, place_of: np.ndarray, distance_m: float
) -> np.ndarray:
    shapely.prepare(shape)
    points = np.asarray(shapely.points(places))
    return np.asarray(shapely.dwithin(shape, points, distance_m)[place_of])


def _comparator(
    incidents: gpd.GeoDataFrame,
    comparator: str | gpd.GeoDataFrame,
    near: np.ndarray,
    places: np.ndarray,
    place_of: np.ndarray,
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
    members = _inside(shape, places, place_of)
    shared = int((members & near).sum())
    cautions = []
    if shared:
        cautions.append(Caveat("comparator-shared", {"incidents": shared}, counts_incidents=True))
    return members & ~near, "comparator areas", cautions
