"""False calls of clusters and changed areas where troubles are called about several times.

Run: python benchmarks/bench_troubles.py [--runs 40]

2,000 places at random, one trouble each and offence; which troubles are of the theme is chance, and
each is called about so many times. Printed by calls: how often `cluster_chance` (39 draws) calls a
cluster more than chance, and `compare_areas` any cell changed between two months of the same rates,
with `unit="incident"` and `unit="trouble"` (clusters have no unit: what a place holds is dealt).
Seeds from 700; nothing was tuned on them. Then,
where neighbours call about one trouble, how often the interval of `map_agreement` holds (two maps
that share the middle of a town; seeds from 72,000), and how often a card names days
of which none is special without a word of chance (seed 61,000).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import hotspots as hs
from hotspots.report.text.headline import busiest_days

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
    for calls in (1, 3):
        for size in (12, 30, 60, 150):
            held = [shared(72_000 + seed, calls, size) for seed in range(5 * asked.runs)]
            said = [one for one in held if one is not None]
            print(f"{calls} neighbours call, {size} incidents: {len(said) / len(held):.0%} have an "
                  f"interval; it holds in {np.mean(said or [np.nan]):.0%}", flush=True)  # fmt: skip
    for calls in (1, 2, 3, 5):
        rng = np.random.default_rng(61_000)
        shares = [np.mean([days(rng, calls, size) for _ in range(1_500)]) for size in (10, 50, 300)]
        print(f"{calls} calls: a card of 10, 50, 300 names days: {np.round(shares, 3)}", flush=True)


def shared(seed: int, calls: int, size: int) -> bool | None:
    """Whether the interval of what two maps share holds it; nothing where there is none."""
    from tables import incidents_at, zone

    rng = np.random.default_rng(seed)
    places = rng.uniform(0, SIDE_M, (PLACES, 2))
    risk = rng.gamma(0.5, 1, PLACES)
    both = (places[:, 0] >= 1_500) & (places[:, 0] <= 3_000)  # of maps that are the whole town
    troubles = rng.choice(PLACES, rng.poisson(size / calls), p=risk / risk.sum())
    rows = np.repeat(places[troubles], calls, axis=0)
    rows += rng.uniform(-30, 30, rows.shape) if calls > 1 else 0
    rows = incidents_at([tuple(row) for row in rows.clip(0, SIDE_M).round()])
    maps = zone("East", (1_500, 0, SIDE_M, SIDE_M)), zone("West", (0, 0, 3_000, SIDE_M))
    found = hs.evaluation.map_agreement(*maps, rows, draws=399)
    if np.isnan(found.similarity_low):
        return None
    return bool(found.similarity_low <= risk[both].sum() / risk.sum() <= found.similarity_high)


def days(rng: np.random.Generator, calls: int, size: int) -> bool:
    """Whether a card of so many incidents on any day names days as if they were special."""
    week, troubles = np.zeros((7, 24)), rng.poisson(size / calls)
    np.add.at(week, (rng.integers(0, 7, troubles), rng.integers(0, 24, troubles)), calls)
    said = busiest_days(week, 1)
    return said.startswith("Mostly") and "chance could" not in said


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
