"""How often is a weighted displacement difference called where nothing was done?

Run: python benchmarks/bench_displacement.py [FOLDER] [--started 2024-07-01] [--seed 313]

Worlds: two areas alike, Poisson counts of a mean of 10 and 60, and counts that vary twice as much.
Real data (a folder of data.police.uk files of one city): circles round random incidents, each with
another that held at most 1.5 times more or less in the year before and does not touch it; twelve
months against the same twelve, with the drift of like places that `compare_change` finds for the
circle, and without. Standard errors are those of independent pairs. Nothing was tuned on it.
"""

from __future__ import annotations

import argparse
import math

import geopandas as gpd
import numpy as np
from reading import read, themes_of
from scipy.spatial import cKDTree

import hotspots as hs

RADII = (300, 600, 1200)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("folder", nargs="?")
    ask.add_argument("--started", default="2024-07-01")
    ask.add_argument("--seed", type=int, default=313)
    ask.add_argument("--worlds", type=int, default=2_000)
    ask.add_argument("--pairs", type=int, default=40, help="of each radius")
    asked = ask.parse_args()
    rng = np.random.default_rng(asked.seed)
    for mean, varied in ((10, 1), (60, 1), (60, 2)):
        called = np.array([world(mean, varied, rng) for _ in range(asked.worlds)])
        plain, wide = called.mean(axis=0)
        print(f"mean {mean}, variance {varied} times: {plain:.1%}, overdispersion given {wide:.1%}")
    if asked.folder is None:
        return
    incidents = read(asked.folder)
    for theme in themes_of(incidents):
        chosen = hs.select(incidents, hs.Question(theme))
        found = [
            pair
            for radius_m in RADII
            for pair in pairs(chosen, asked.started, radius_m, asked.pairs, rng)
        ]
        names = "no drift given", "drift given"
        for name, called in zip(names, np.mean(found, axis=0), strict=True):
            se = math.sqrt(called * (1 - called) / len(found))
            print(f"{theme}, {name}: {called:.1%} ({se:.1%}) of {len(found)}", flush=True)


def world(mean: float, varied: int, rng: np.random.Generator) -> tuple[bool, bool]:
    """Whether a difference is called, and with the overdispersion given."""
    treated, control = varied * rng.poisson(mean / varied, (2, 2))
    told = [
        hs.weighted_displacement_difference(
            treated=treated, control=control, overdispersion=one
        ).beyond_chance
        for one in (1.0, float(varied))
    ]
    return bool(told[0]), bool(told[1])


def pairs(chosen: hs.Selection, started: str, radius_m: float, wanted: int, rng):
    """Of circles alike and apart: whether they are called, without the drift and with it."""
    rows = chosen.rows
    points = np.column_stack([rows.geometry.x, rows.geometry.y])
    middles = points[rng.choice(len(points), 8 * wanted, replace=False)]
    circles = gpd.GeoSeries(gpd.points_from_xy(*middles.T), crs=rows.crs).buffer(radius_m)
    start = np.datetime64(started[:7])
    month = rows["occurred_from"].dt.strftime("%Y-%m").to_numpy().astype("datetime64[M]")
    year = np.timedelta64(12, "M")
    early, late = (
        (month >= start - year) & (month < start),
        (month >= start) & (month < start + year),
    )
    before, after = (
        cKDTree(points[one]).query_ball_point(middles, radius_m, return_length=True)
        for one in (early, late)
    )
    found = 0
    for one in range(len(middles)):
        away = np.hypot(*(middles - middles[one]).T) > 2 * radius_m
        alike = np.maximum(before, before[one]) <= 1.5 * np.minimum(before, before[one])
        others = np.flatnonzero(away & alike & (before >= 10))
        if before[one] < 10 or not len(others) or found == wanted:
            continue
        zone = gpd.GeoDataFrame({"zone_name": ["circle"], "kind": "test"}, index=["circle"],
                                geometry=[circles[one]], crs=rows.crs)  # fmt: skip
        drift = hs.compare_change(zone, chosen, started=started).placebo.drift
        if math.isnan(drift):
            continue
        other = rng.choice(others)
        counts = {
            "treated": (before[one], after[one]),
            "control": (before[other], after[other]),
        }
        found += 1
        yield [
            hs.weighted_displacement_difference(**counts, drift=given).beyond_chance
            for given in (0.0, drift)
        ]


if __name__ == "__main__":
    main()
