"""False calls of clusters and changed areas where troubles are called about several times.

Run: python benchmarks/bench_troubles.py [--runs 40]

2,000 places at random, one trouble each and offence; which troubles are of the theme is chance, and
each is called about so many times. Printed by calls: how often `cluster_chance` (39 draws) calls a
cluster more than chance, in calls and in troubles; and how often `compare_areas` calls any cell
changed between two months of the same rates. Seeds from 700; nothing was tuned on them.
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
            f"{calls} calls a trouble: any cluster beyond chance {told[0]} in calls, {told[1]} in "
            f"troubles; any cell changed {told[2]} in calls, {told[3]} in troubles",
            flush=True,
        )


def world(seed: int, calls: int) -> list[bool]:
    """Whether anything is called, in calls and in troubles."""
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
    once = hs.evaluation.troubles(rows)
    tables = ((rows, calls), (once, 1))
    return [*(clustered(*one, city) for one in tables), *(changed(one, city) for one, _ in tables)]


def clustered(rows, times: int, city) -> bool:
    """Any cluster beyond chance."""
    asked = hs.select(rows, hs.Question("asb", within=city))
    found = hs.assign_clusters(asked, radius_m=200, min_incidents=6 * times)
    chance = hs.evaluation.cluster_chance(found, draws=39)
    return bool(chance.clusters["evidence"].eq("beyond-chance").any())


def changed(rows, city) -> bool:
    """Any cell changed beyond chance."""
    grid = hs.SquareGrid(500)
    then, now = (
        hs.aggregate_to_cells(
            hs.assign_cells(hs.select(rows, hs.Question(None, month, within=city)), grid)
        )
        for month in ("2018-07", "2018-08")
    )
    return bool((hs.compare_areas(now, then)["q_value"] <= 0.05).any())


if __name__ == "__main__":
    main()
