"""Wards: blocks gathered into districts of similar population, their borders along streets."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.demo.town.places import CENTRE_WARD, WARD_NAMES
from hotspots.demo.town.plan import Plan, to_grid

WARDS = len(WARD_NAMES) + 1
PRIORITY_WARDS = 6
RESIDENTS_PER_KM2 = {
    "centre": 3_800,
    "terrace": 8_200,
    "estate": 5_600,
    "suburb": 3_900,
    "campus": 3_000,
    "industrial": 500,
    "village": 1_700,
    "park": 40,
    "rural": 45,
}


def build_wards(rng: Generator, plan: Plan) -> tuple[gpd.GeoDataFrame, NDArray[np.intp]]:
    """Wards with ``priority`` and ``population``, and the ward of each block, by position."""
    residents = np.array([RESIDENTS_PER_KM2[kind] for kind in plan.kinds])
    residents = residents * shapely.area(plan.blocks) / 1e6
    ward_of = _gather(rng, plan, residents)
    heart = plan.kinds == "centre"
    ward_of[heart] = np.bincount(ward_of[heart]).argmax()
    ward_of = _contiguous(plan, ward_of)
    shapes = [
        shapely.remove_repeated_points(shapely.union_all(plan.blocks[ward_of == ward]), 0.005)
        for ward in range(WARDS)
    ]
    population = np.bincount(ward_of, weights=residents, minlength=WARDS)
    names, order = _name(plan, ward_of)
    renumber = np.empty(WARDS, dtype=np.intp)
    renumber[order] = np.arange(WARDS)
    wards = gpd.GeoDataFrame(
        {
            "zone_name": names,
            "kind": "ward",
            "priority": _priority(plan, ward_of)[order],
            "population": (np.round(population[order] / 10) * 10).astype(int),
        },
        geometry=to_grid(np.array(shapes, dtype=object)[order]),
        crs=BRITISH_NATIONAL_GRID,
        index=pd.Index([f"ward-{i:02d}" for i in range(1, WARDS + 1)], name="zone_id"),
    )
    return wards, renumber[ward_of]


def _gather(rng: Generator, plan: Plan, residents: NDArray[np.float64]) -> NDArray[np.intp]:
    """Weighted means of blocks: the relaxed cells of Lloyd's method."""
    weight = residents + 120.0
    town = np.flatnonzero(residents > 300)
    chosen = rng.choice(town, WARDS, replace=False, p=weight[town] / weight[town].sum())
    means = plan.centres[chosen]
    ward_of = np.zeros(len(plan.centres), dtype=np.intp)
    for _ in range(40):
        away = np.hypot(*(plan.centres[:, None] - means[None]).transpose(2, 0, 1))
        ward_of = away.argmin(axis=1)
        total = np.bincount(ward_of, weights=weight, minlength=WARDS)
        means = np.column_stack(
            [
                np.bincount(ward_of, weights=weight * plan.centres[:, axis], minlength=WARDS)
                / np.maximum(total, 1e-9)
                for axis in (0, 1)
            ]
        )
    return ward_of


def _contiguous(plan: Plan, ward_of: NDArray[np.intp]) -> NDArray[np.intp]:
    """Hand blocks that are cut off from their ward to the neighbour with the longest border."""
    ward_of = ward_of.copy()
    tree = shapely.STRtree(plan.blocks)
    one, other = tree.query(plan.blocks, predicate="touches")
    shared = shapely.length(shapely.intersection(plan.blocks[one], plan.blocks[other]))
    one, other, shared = one[shared > 1], other[shared > 1], shared[shared > 1]
    for _ in range(6):
        cut_off = _cut_off(plan, ward_of)
        if len(cut_off) == 0:
            break
        for block in cut_off:
            mine = one == block
            borders = np.bincount(ward_of[other[mine]], weights=shared[mine], minlength=WARDS)
            borders[ward_of[block]] = 0
            if borders.max() > 0:
                ward_of[block] = borders.argmax()
    return ward_of


def _cut_off(plan: Plan, ward_of: NDArray[np.intp]) -> list[int]:
    found: list[int] = []
    for ward in range(WARDS):
        mine = np.flatnonzero(ward_of == ward)
        parts = shapely.get_parts(shapely.union_all(plan.blocks[mine]))
        if len(parts) > 1:
            largest = parts[shapely.area(parts).argmax()]
            away = ~shapely.covers(
                shapely.buffer(largest, 0.05), shapely.point_on_surface(plan.blocks[mine])
            )
            found.extend(mine[away].tolist())
    return found


def _name(plan: Plan, ward_of: NDArray[np.intp]) -> tuple[list[str], NDArray[np.intp]]:
    """Names from the centre outwards, and the order that puts the wards into."""
    means = _means(plan, ward_of)
    order = np.argsort(np.hypot(*means.T), kind="stable")
    return [CENTRE_WARD, *WARD_NAMES], order


def _priority(plan: Plan, ward_of: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The wards with the largest share of terraces, estates and works."""
    poor = np.isin(plan.kinds, ["terrace", "estate", "industrial"]) * shapely.area(plan.blocks)
    built = ~np.isin(plan.kinds, ["rural", "park"]) * shapely.area(plan.blocks)
    share = np.bincount(ward_of, weights=poor, minlength=WARDS) / np.bincount(
        ward_of, weights=built + 1.0, minlength=WARDS
    )
    share -= np.hypot(*_means(plan, ward_of).T) / 5_000
    share[np.hypot(*_means(plan, ward_of).T).argmin()] = -np.inf
    flags = np.zeros(WARDS, dtype=bool)
    flags[np.argsort(-share, kind="stable")[:PRIORITY_WARDS]] = True
    return flags


def _means(plan: Plan, ward_of: NDArray[np.intp]) -> Any:
    size = np.where(plan.kinds == "rural", 1.0, 50.0)
    total = np.bincount(ward_of, weights=size, minlength=WARDS)
    return np.column_stack(
        [
            np.bincount(ward_of, weights=size * plan.centres[:, axis], minlength=WARDS) / total
            for axis in (0, 1)
        ]
    )
