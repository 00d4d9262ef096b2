"""How often the interval of `summarise_walk` holds the difference that hundreds of periods show.

    python benchmarks/bench_walk.py 6

Areas whose rates stay, so that the walk over all periods knows the truth; stretches of 12 and 24
periods of it are summarised. Methods are held against the count of twelve months.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from hotspots.analysis.forecast.backtest import summarise_walk, walk_forward

SEED = 4_422_000
STRETCHES, TRAIN = 12, 12
METHODS = {"count": "count", "last": "last",
           "half a year": lambda past: past.iloc[:, -6:].sum(axis=1)}  # fmt: skip


def world(kind: str, periods: int, draw: np.random.Generator) -> np.ndarray:
    """Counts of areas by period: many areas, or few of which the same are mostly chosen."""
    areas = 60 if kind == "few areas" else 300
    rates = draw.gamma(0.4, 1.5 / 0.4, areas)[:, None] * np.ones(periods)
    if kind == "levels wander":
        moved = draw.normal(0, 0.5, (areas, periods))
        for now in range(1, periods):
            moved[:, now] = 0.9 * moved[:, now - 1] + np.sqrt(1 - 0.81) * moved[:, now]
        rates = rates * np.exp(moved)
    if kind == "season of half":
        rates = rates * (1 + 0.5 * np.cos(2 * np.pi * np.arange(periods) / 12))
    each = 3 if kind == "in threes" else 1
    held = each * draw.poisson(rates / each)
    return held + 15 * (draw.random(held.shape) < 0.002) if kind == "rare bursts" else held


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    draw = np.random.default_rng(SEED)
    print(f"intervals of 95 % that hold the difference; {worlds} worlds each, seed {SEED:,}")
    for kind in ("as they are", "in threes", "season of half", "levels wander", "rare bursts",
                 "few areas"):  # fmt: skip
        for size in (12, 24):
            held: dict[str, list[bool]] = {}
            for _ in range(worlds):
                counts = world(kind, TRAIN + STRETCHES * size, draw)
                each = pd.MultiIndex.from_product(
                    [range(len(counts)), pd.period_range("1900-01", periods=counts.shape[1],
                                                         freq="M").astype(str)],
                    names=["area_id", "period"])  # fmt: skip
                table = pd.DataFrame({"incident_count": counts.ravel()}, index=each)
                walk = walk_forward(table, method=METHODS, train=TRAIN, area_shares=[0.05])
                truth = summarise_walk(walk)["difference"]
                when = pd.factorize(walk["period"])[0] // size
                for _, stretch in walk.groupby(when):
                    found = summarise_walk(stretch)
                    for (name, _share), row in found.iloc[1:].iterrows():
                        goal = truth.loc[name].iloc[0]
                        held.setdefault(name, []).append(row["low"] <= goal <= row["high"])
            told = ", ".join(f"{name} {np.mean(one):.1%}" for name, one in held.items())
            print(f"{kind:<16}{size:>3} periods: {told} of {len(held['last'])}", flush=True)


if __name__ == "__main__":
    main()
