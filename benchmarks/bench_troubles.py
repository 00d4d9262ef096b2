"""False calls of clusters and changed areas where troubles are called about several times.

Run: python benchmarks/bench_troubles.py [--runs 40]

2,000 places at random, one trouble each and offence; which troubles are of the theme is chance, and
each is called about so many times. Printed by calls: how often `cluster_chance` (39 draws) calls a
cluster more than chance, and `compare_areas` any cell changed between two months of the same rates,
with `unit="incident"` and `unit="trouble"` (clusters have no unit: what a place holds is dealt). Seeds from 700; nothing was tuned on them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import hotspots as hs

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))
SIDE_M, PLACES, SHARE = 5_000.0, 2_000, 0.25


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--runs", type=int, default=40)
    asked = ask.parse_args()
    for calls in (1, 2, 3):
        found = np.array([world(seed, calls) for seed in range(700, 700 + asked.runs)])
        told = [f"{share:.0%}" for share in found.mean(axis=0)]
        print(
            f"{calls} calls a trouble: any cluster beyond chance {told[0]}; any cell changed "
            f"{told[1]} in calls, {told[2]} in troubles",
            flush=True,
        )


def world(seed: int, calls: int) -> list[bool]:
    """Whether a cluster is called, and whether a cell, in calls and in troubles."""
    from tables import incidents_at, zone

    rng = np.random.default_rng(seed)
    city = zone("City", (0, 0, SIDE_M, SIDE_M))
    places = rng.uniform(0, SIDE_M, (PLACES, 2)).round()
    asb, late = rng.random(PLACES) < SHARE, rng.random(PLACES) < 0.5
    names = np.where(asb, "Anti-social behaviour", "Burglary")
    rows = incidents_at(
        [tuple(one) for one in np.repeat(places, calls, axis=0)],
        theme_asb=np.repeat(asb, calls).tolist(),
        offence=np.repeat(names, calls).tolist(),
        month=np.repeat(np.where(late, "2018-08", "2018-07"), calls).tolist(),
    )
    asked = hs.select(rows, hs.Question("asb", within=city))
    found = hs.assign_clusters(asked, radius_m=200, min_incidents=6 * calls)
    every = hs.assign_cells(hs.select(rows, hs.Question(within=city)), hs.SquareGrid(500))
    then, now = (hs.aggregate_to_cells(every.during(one)) for one in ("2018-07", "2018-08"))
    chance = hs.evaluation.cluster_chance(found, draws=39)
    said = [chance.clusters["evidence"].eq("beyond-chance").any()]
    for unit in ("incident", "trouble"):
        table = hs.evaluation.compare_areas(now, then, every, unit=unit)
        said.append((table["q_value"] <= 0.05).any())
    return list(map(bool, said))


if __name__ == "__main__":
    main()
