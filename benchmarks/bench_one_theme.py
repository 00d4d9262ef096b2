"""Clusters of a log that holds one theme: how often is one called by chance, and who is found?

Run: python benchmarks/bench_one_theme.py [maps] [first seed]

A town of 6 by 6 km, 4,000 incidents in a year: at places of their own, at 20,000 doors (alike,
unlike, very unlike, crowded in the middle), or at 2,000 map points (unlike). Planted: ten discs of
0.37 km2 with 185 more on the doors in them. Asked of the whole year and of its last three months.
Printed by null: maps with any cluster beyond chance, and discs that hold such a cluster. Seeds up
to 42,000 were for choosing the null.
"""

from __future__ import annotations

import sys
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs

CORNER = np.array([420_000, 430_000])
SIDE, SIZE, DISCS, PLANTED, REACH_M, DRAWS = 6_000.0, 4_000, 10, 185, 340.0, 39
WORLDS: dict[str, tuple[int, float | None, bool]] = {
    "each its own place": (0, None, False),
    "doors": (20_000, None, False),
    "doors, unlike (gamma 0.4)": (20_000, 0.4, False),
    "doors, very unlike (0.15)": (20_000, 0.15, False),
    "doors, crowded": (20_000, None, True),
    "map points, unlike (0.4)": (2_000, 0.4, False),
}


def year(world: str, planted: bool, rng: np.random.Generator) -> tuple[Any, Any]:
    """Where the incidents of a year were, and the middles of the planted discs."""
    doors, shape, crowded = WORLDS[world]
    places = rng.uniform(0, SIDE, (doors or 60 * SIZE, 2))
    if crowded:
        inner = rng.random(doors) < 0.7
        places[inner] = np.clip(rng.normal(SIDE / 2, 900, (int(inner.sum()), 2)), 0, SIDE)
    risk = np.ones(len(places)) if shape is None else rng.gamma(shape, 1, len(places))
    at = rng.choice(len(places), SIZE, p=risk / risk.sum(), replace=bool(doors))
    middles = rng.uniform(500, SIDE - 500, (DISCS if planted else 0, 2))
    for middle in middles:
        near = np.flatnonzero(np.hypot(*(places - middle).T) <= REACH_M)
        near = near if doors else np.setdiff1d(near, at)
        more = rng.choice(near, PLANTED, p=risk[near] / risk[near].sum(), replace=bool(doors))
        at = np.append(at, more)
    return places[at].round(1), middles


def one_map(world: str, planted: bool, seed: int) -> dict[tuple[str, str], tuple[int, int, int]]:
    """By period and null: clusters called, discs that hold one, and clusters said to be chance."""
    rng = np.random.default_rng(seed)
    points, middles = year(world, planted, rng)
    start = pd.Timestamp("2025-01-01", tz="Europe/London")
    since = pd.DatetimeIndex(start + pd.to_timedelta(rng.integers(0, 365, len(points)), "D"))
    words = ["offence", "offence_scheme", "source"]
    table = gpd.GeoDataFrame(
        dict.fromkeys(words, "asb")
        | {"occurred_from": since, "occurred_until": since + pd.Timedelta("1D")}
        | {"time_precision": "day", "location_precision": "exact", "theme_asb": True},
        index=pd.Index([f"i{row}" for row in range(len(points))]),
        geometry=gpd.points_from_xy(*(points + CORNER).T),
        crs="EPSG:27700",
    )
    found = {}
    for period, minimum in ((None, 10), ("2025-10/2025-12", 5)):
        asb = hs.select(table, hs.Question("asb", period))
        clustered = hs.assign_clusters(asb, radius_m=100, min_incidents=minimum)
        outlines = hs.find_clusters(clustered).geometry
        for null, at_risk in (("default", None), ("places", "places"), ("incidents", "incidents")):
            if at_risk == "incidents" and period is None:
                continue  # there are no others
            chance = hs.evaluation.cluster_chance(clustered, at_risk=at_risk, draws=DRAWS, rng=seed)
            said = chance.clusters["evidence"]
            called = outlines[said.index[said == "beyond-chance"]]
            discs = gpd.GeoSeries(gpd.points_from_xy(*(middles + CORNER).T))
            held = discs.buffer(REACH_M / 2).set_crs("EPSG:27700").map(called.intersects)
            hit = sum(bool(one.any()) for one in held)
            found["year" if period is None else "quarter", null] = (
                len(called), hit, int((said == "could-be-chance").sum()),
            )  # fmt: skip
    return found


def main(maps: int = 20, first: int = 42_000) -> None:
    for world in WORLDS:
        for planted in (False, True):
            seen = [one_map(world, planted, first + seed) for seed in range(maps)]
            for key in seen[0]:
                called, hit, chance = np.array([one[key] for one in seen]).T
                print(
                    f"{world:26} {'planted' if planted else 'nothing':8} {key[0]:8} {key[1]:10} "
                    f"any {np.mean(called > 0):4.0%}  discs found {hit.mean():4.1f}  "
                    f"said could be chance {chance.mean():5.1f}",
                    flush=True,
                )


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:3]))
