"""False calls of changed areas where some areas come in bursts and the others do not.

Run: python benchmarks/bench_bursts.py [--runs 300]

Areas over two years, none changed; the last month against that a year before by `compare_areas`.
Printed: maps on which a p-value alone would call a change, of two tables; maps that hold a "beyond
chance", of two tables and with the other months; then the share found of five areas that rise
fourfold. Seeds from 81,000; nothing was tuned on them (`ENOUGH` of `analysis/bursts.py` was on
71,000 to 71,039).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import hotspots as hs

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "analysis"))
MONTHS = 24
WORLDS = {
    # Areas, one in so many in bursts, their size and number a month, single incidents of the
    # others and of these.
    "frequent bursts of 8, 6 areas": (6, 10, 8, 1.5, 12.0, 0.0),
    "frequent bursts of 8, 50 areas": (50, 10, 8, 1.5, 12.0, 0.0),
    "frequent bursts of 8, 400 areas": (400, 10, 8, 1.5, 12.0, 0.0),
    "rare bursts of 8": (400, 10, 8, 1 / 24, 0.5, 0.0),
    "rare bursts of 15": (400, 10, 15, 1 / 10, 12.0, 0.0),
    "singles, and rare bursts of 8": (400, 10, 8, 1 / 24, 0.5, 0.5),
    "singles, and rare bursts of 12": (400, 10, 12, 1 / 24, 1.0, 1.0),
    "singles, and rare bursts of 15": (400, 10, 15, 1 / 24, 2.0, 2.0),
    "no bursts": (400, 400, 1, 0.0, 12.0, 12.0),
    "no bursts, quiet": (400, 400, 1, 0.0, 3.0, 3.0),
}

LISTED = [
    (400, 10, 8, 1.0),
    (400, 400, 1, 1.0),
    (400, 20, 15, 0.3),
    (50, 5, 8, 1.0),
    (400, 1, 8, 1.0),
]
"""Areas, one in so many in bursts, their size, incidents a month on average."""


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--runs", type=int, default=300)
    asked = ask.parse_args()
    for name, choices in WORLDS.items():
        seeds = range(81_000, 81_000 + asked.runs)
        found = np.array([world(seed, *choices) for seed in seeds])
        told = [f"{share:.1%}" for share in found.mean(axis=0)]
        print(
            f"{name}: by p-value {told[0]}, called of two tables {told[1]}, with months {told[2]}; "
            f"risen areas found with months {told[3]}",
            flush=True,
        )
    for choices in LISTED:
        for rise in (1, 4):
            seeds = range(97_000, 97_000 + asked.runs)
            found = np.array([listed(seed, *choices, rise) for seed in seeds])
            any_called, there, rose = found.sum(axis=0).astype(int)
            words = f"{any_called} maps with a false call of {asked.runs}"
            words += f"; found {rose} of {there} listed" if rise > 1 else ""
            print(f"years, months of five known, {choices}, times {rise}: {words}", flush=True)


def world(
    seed: int, areas: int, every: int, size: int, bursts: float, single: float, beside: float
) -> list[float]:
    """Whether any area is called, and the share found of those that rose."""
    from test_differences import before, months_of, table

    rng = np.random.default_rng(seed)
    in_bursts = np.arange(areas)[:, None] % every == 0
    rates = np.where(in_bursts, beside, single) * np.ones(MONTHS)
    counts = rng.poisson(rates) + size * rng.poisson(np.where(in_bursts, bursts, 0) + 0 * rates)
    two = hs.evaluation.compare_areas(table(counts[:, -1]), before(counts[:, -13]))
    said = [(two["q_value"] <= 0.05).any(), two["change"].str.contains("beyond").any()]
    for rise in (1, 4):
        counts[1:6, -1] = rng.poisson(single * rise, 5)
        words = hs.evaluation.compare_areas(
            table(counts[:, -1]), before(counts[:, -13]), area_periods=months_of(counts)
        )
        called = words["change"].str.contains("beyond").to_numpy()
        said.append(called.any() if rise == 1 else called[1:6].mean())
    return list(map(float, said))


def listed(seed: int, areas: int, every: int, size: int, mean: float, rise: int) -> list[float]:
    """Of a year against the year before, known the months of the first five: whether any is called.

    Then whether the area that rose is listed, and is called.
    """
    from test_differences import months_of, table

    rng = np.random.default_rng(seed)
    sizes = np.where(np.arange(areas) % every == 0, size, 1)
    rates = np.repeat(rng.gamma(0.5, 2 * mean, areas)[:, None] / sizes[:, None], 36, axis=1)
    rates[1, 24:] *= rise
    counts = rng.poisson(rates) * sizes[:, None]
    now, then = counts[:, 24:].sum(axis=1), counts[:, 12:24].sum(axis=1)
    first = np.argsort(-now, kind="stable")[:5]
    known = months_of(counts, end="2018-12")
    known = known[known.index.get_level_values("area_id").isin([f"a{one}" for one in first])]
    years = table(now, "2018-01-01", "2019-01-01"), table(then, "2017-01-01", "2018-01-01")
    words = hs.evaluation.compare_areas(*years, area_periods=known)
    called = words["change"].str.contains("beyond").to_numpy().copy()
    rose, called[1] = called[1], called[1] and rise == 1
    return [float(called.any()), float(1 in first), float(rose)]


if __name__ == "__main__":
    main()
