"""Clusters: how often is one called beyond chance where places are unlike, and who is found?

Run: python benchmarks/bench_one_theme.py [maps] [first seed]

A town of 6 by 6 km, 4,000 incidents of a theme in a year: at places of their own, at 20,000 doors,
or at 2,000 map points, which differ in how much happens there (gamma, lognormal), lie closer in the
middle (crowded), or hold more the nearer they are to it (centre). Alone in the table (which is what
all incidents are, where no theme is asked for), or among 8,000 of other kinds, with one share
everywhere or a share of its own at each place (beta). Planted: ten discs of 0.37 km² with 185 more,
or ten streets, the dozen doors (six map points) next to a spot, with 40 more. Asked of the whole
year and of its last three months. Printed: maps with any cluster beyond chance, planted that hold
such a cluster, and such clusters that hold nothing planted. Seeds below 42,000 were for choosing.
"""

from __future__ import annotations

import sys
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs

CORNER = np.array([420_000, 430_000])
SIDE, SIZE, PLANTS, REACH_M, DRAWS = 6_000.0, 4_000, 10, 340.0, 39
WORLDS: dict[str, tuple[int, float | None, str, float | None]] = {
    "each its own place": (0, None, "", None),
    "doors": (20_000, None, "", None),
    "doors, unlike (gamma 0.4)": (20_000, 0.4, "", None),
    "doors, very unlike (0.15)": (20_000, 0.15, "", None),
    "doors, crowded": (20_000, None, "crowded", None),
    "map points, unlike (0.4)": (2_000, 0.4, "", None),
    "map points, lognormal (2)": (2_000, -2.0, "", None),
    "map points, centre": (2_000, 0.4, "centre", None),
    "others, doors, one share": (20_000, 0.4, "centre", np.inf),
    "others, doors, own shares": (20_000, 0.4, "centre", 10.0),
    "others, points, one share": (2_000, 0.4, "centre", np.inf),
    "others, points, own shares": (2_000, 0.4, "centre", 10.0),
    "others, points, very own": (2_000, 0.4, "centre", 3.0),
}


def year(world: str, planted: str, rng: np.random.Generator) -> tuple[Any, Any, Any, float]:
    """Where the theme and others were in a year, the middles of what is planted, and its reach."""
    doors, shape, lie, share = WORLDS[world]
    places = rng.uniform(0, SIDE, (doors or 60 * SIZE, 2))
    if lie == "crowded":
        inner = rng.random(doors) < 0.7
        places[inner] = np.clip(rng.normal(SIDE / 2, 900, (int(inner.sum()), 2)), 0, SIDE)
    risk = np.ones(len(places))
    if shape is not None:
        drawn = rng.gamma(shape, 1, doors) if shape > 0 else rng.lognormal(0, -shape, doors)
        risk = drawn / drawn.sum()
    if lie == "centre":
        risk = risk * (1 + 9 * np.exp(-((places - SIDE / 2) ** 2).sum(axis=1) / 2 / 1_200**2))
    mine, others = risk, np.empty(0, dtype=np.intp)
    if share is not None:
        own = 1 / 3 if np.isinf(share) else rng.beta(share / 3, share * 2 / 3, len(places))
        mine = risk * own
        others = rng.choice(len(places), 2 * SIZE, p=(risk - mine) / (risk - mine).sum())
    at = rng.choice(len(places), SIZE, p=mine / mine.sum(), replace=bool(doors))
    middles = rng.uniform(500, SIDE - 500, (PLANTS if planted else 0, 2))
    for middle in middles:
        off = np.hypot(*(places - middle).T)
        if planted == "streets":
            near, more = np.argsort(off)[: 6 if doors == 2_000 else 12], 40
            at = np.append(at, rng.choice(near, more))
            continue
        near = np.flatnonzero(off <= REACH_M)
        near = near if doors else np.setdiff1d(near, at)
        more = rng.choice(near, 185, p=risk[near] / risk[near].sum(), replace=bool(doors))
        at = np.append(at, more)
    reach = REACH_M / 2 if planted != "streets" else 100.0
    return places[at].round(1), places[others].round(1), middles, reach


def one_map(world: str, planted: str, seed: int) -> dict[str, tuple[int, int, int]]:
    """By period: clusters called, planted that hold one, and called that hold nothing planted."""
    rng = np.random.default_rng(seed)
    mine, others, middles, reach = year(world, planted, rng)
    points = np.concatenate([mine, others])
    start = pd.Timestamp("2025-01-01", tz="Europe/London")
    since = pd.DatetimeIndex(start + pd.to_timedelta(rng.integers(0, 365, len(points)), "D"))
    words = ["offence", "offence_scheme", "source"]
    table = gpd.GeoDataFrame(
        dict.fromkeys(words, "asb")
        | {"occurred_from": since, "occurred_until": since + pd.Timedelta("1D")}
        | {"time_precision": "day", "location_precision": "exact"}
        | {"theme_asb": np.arange(len(points)) < len(mine)},
        index=pd.Index([f"i{row}" for row in range(len(points))]),
        geometry=gpd.points_from_xy(*(points + CORNER).T),
        crs="EPSG:27700",
    )
    found = {}
    for name, period, minimum in (("year", None, 10), ("quarter", "2025-10/2025-12", 5)):
        asb = hs.select(table, hs.Question("asb", period))
        clustered = hs.assign_clusters(asb, radius_m=100, min_incidents=minimum)
        outlines = hs.find_clusters(clustered).geometry
        chance = hs.evaluation.cluster_chance(clustered, draws=DRAWS, rng=seed)
        said = chance.clusters["evidence"]
        called = outlines[said.index[said == "beyond-chance"]]
        spots = gpd.GeoSeries(gpd.points_from_xy(*(middles + CORNER).T), crs="EPSG:27700")
        hit = sum(bool(called.intersects(spot).any()) for spot in spots.buffer(reach))
        wide = spots.buffer(REACH_M if planted == "discs" else 200).union_all()
        found[name] = (len(called), hit, int((~called.intersects(wide)).sum()))
    return found


def main(maps: int = 40, first: int = 42_000) -> None:
    for world in WORLDS:
        for planted in ("", "discs", "streets"):
            # At places of its own every street of a dozen would be piles at a dozen doors.
            if planted == "streets" and not WORLDS[world][0]:
                continue
            size = maps // 2 if planted else maps
            seen = [one_map(world, planted, first + seed) for seed in range(size)]
            for key in seen[0]:
                called, hit, beside = np.array([one[key] for one in seen]).T
                print(
                    f"{world:27} {planted or 'nothing':8} {key:8} any {np.mean(called > 0):4.0%}  "
                    f"found {hit.mean():4.1f} of {PLANTS}  elsewhere {beside.mean():4.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:3]))
