"""How long does it take to choose 22 patrol areas, and how close is the choice to the best?

One million incidents of one theme over a city of 20 by 20 km: a heavy-tailed background (some
streets are busy, most are quiet) and sixty busy places. Harm is as uneven as real weights are.

Run: ``python benchmarks/bench_patrols.py [--incidents 1000000]``.
"""

import argparse
import time

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs

SIDE_M = 20_000
PLACES = 60


def city(count, seed=0):
    rng = np.random.default_rng(seed)
    streets = rng.uniform(0, SIDE_M, (12_000, 2))
    pull = rng.gamma(0.35, 1.0, len(streets)) * np.exp(-np.hypot(*(streets - SIDE_M / 2).T) / 5_000)
    chosen = rng.choice(len(streets), int(count * 0.7), p=pull / pull.sum())
    background = streets[chosen] + rng.normal(0, 60, (len(chosen), 2))
    centres = rng.uniform(4_000, SIDE_M - 4_000, (PLACES, 2))
    weight = np.geomspace(4, 1, PLACES)
    which = rng.choice(PLACES, count - len(chosen), p=weight / weight.sum())
    busy = centres[which] + rng.normal(0, 70, (len(which), 2))
    x, y = (np.vstack([background, busy]) + np.array([420_000, 425_000])).T
    start = pd.Timestamp("2024-01-01", tz="Europe/London") + pd.to_timedelta(
        rng.integers(0, 1_000, count), unit="D"
    )
    harm = rng.choice(
        [10.0, 100.0, 365.0, 1_500.0, 5_475.0], count, p=[0.5, 0.3, 0.15, 0.049, 0.001]
    )
    return gpd.GeoDataFrame(
        {
            "offence": "008/01",
            "offence_scheme": "home_office",
            "occurred_from": start,
            "occurred_until": start + pd.Timedelta(hours=1),
            "time_precision": "instant",
            "location_precision": "exact",
            "source": "bench",
            "theme_serious_violence": True,
            "harm": harm,
        },
        geometry=gpd.points_from_xy(x.round(1), y.round(1)),
        crs="EPSG:27700",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument("--by", default="harm")
    arguments = parser.parse_args()
    incidents = city(arguments.incidents)
    begun, worked = time.perf_counter(), time.process_time()
    found = hs.select_patrol_areas(incidents, by=arguments.by)
    taken, worked = time.perf_counter() - begun, time.process_time() - worked
    choice = found.choice
    print(
        f"{len(incidents):,} incidents, {len(found.selected)} areas: {taken:.1f} s "
        f"({worked:.1f} s of work); held {choice.held:,.0f} of at most {choice.best_possible:,.0f} "
        f"(gap {choice.gap:.3%}, {choice.method}, proven {choice.proven})",
    )


if __name__ == "__main__":
    main()
