"""False calls of changed areas where one area in ten comes in bursts of eight and no other does.

Run: python benchmarks/bench_bursts.py [--runs 300]

Areas of 12 incidents a month over two years, none changed; the last month against that a year
before by `compare_areas`. Printed: maps that hold a "beyond chance", of two tables alone and with
the other months; then the same of single incidents, and the share found of five areas that rise
fourfold. Seeds from 81,000; nothing was tuned on them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import hotspots as hs

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "analysis"))
RATE, BURST, MONTHS = 12.0, 8, 24


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--runs", type=int, default=300)
    asked = ask.parse_args()
    for areas, every in ((6, 10), (50, 10), (400, 10), (400, 400)):
        seeds = range(81_000, 81_000 + asked.runs)
        found = np.array([world(seed, areas, every) for seed in seeds])
        told = [f"{share:.1%}" for share in found.mean(axis=0)]
        print(
            f"{areas} areas, bursts in one of {every}: called {told[0]} of maps, with months "
            f"{told[1]}; risen areas found {told[2]}, with months {told[3]}",
            flush=True,
        )


def world(seed: int, areas: int, every: int) -> list[float]:
    """Whether any area is called, and the share found of those that rose."""
    from test_differences import before, months_of, table

    rng = np.random.default_rng(seed)
    rates = np.full((areas, MONTHS), RATE)
    in_bursts = np.arange(areas)[:, None] % every == 0
    counts = np.where(in_bursts, BURST * rng.poisson(rates / BURST), rng.poisson(rates))
    said = []
    for rise in (1, 4):
        counts[1:6, -1] = rng.poisson(RATE * rise, 5)
        for given in ({}, {"area_periods": months_of(counts)}):
            words = hs.evaluation.compare_areas(
                table(counts[:, -1]), before(counts[:, -13]), **given
            )
            called = words["change"].str.contains("beyond").to_numpy()
            said.append(float(called.any() if rise == 1 else called[1:6].mean()))
    return said


if __name__ == "__main__":
    main()
