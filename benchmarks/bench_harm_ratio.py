"""How often the interval of a ratio of harm holds no change, where nothing changed.

    python benchmarks/bench_harm_ratio.py 2000

A place, a comparator forty times or twice as large, offences of unlike weights in the same shares
before and after. "As it was" takes the variance of each total from its own incidents alone.
"""

from __future__ import annotations

import sys

import numpy as np

from hotspots.analysis.evaluation.ratios import ratio_of_totals
from hotspots.stats.counts import Dispersion

SEED = 4_441_000
OFFENCES = {
    "all alike": ([1.0], [10.0]),
    "one in ten weighs ten times": ([0.6, 0.3, 0.1], [5.0, 10, 50]),
    "one in twenty a year": ([0.7, 0.25, 0.05], [2.0, 20, 365]),
    "one in a thousand a killing": ([0.8, 0.17, 0.029, 0.001], [2.0, 20, 1_460, 5_475]),
    "the same among petty ones": ([0.95, 0.049, 0.001], [5.0, 50, 5_475]),
}


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    draw = np.random.default_rng(SEED)
    print(f"intervals of 95 % that hold no change, {worlds} worlds each (seed {SEED:,})")
    for name, (shares, weights) in OFFENCES.items():
        weight = np.array(weights)
        for size in (20, 60, 200, 1_000):
            held, before = [], []
            for at in range(worlds):
                beside = (40, 2)[at % 2]
                means = np.outer([size, size, beside * size, beside * size], shares)
                counts = draw.poisson(means)
                totals, squares = counts @ weight, counts @ weight**2
                if totals.min() <= 0:
                    continue
                found = ratio_of_totals(
                    totals, squares, exposure=(1.0, 1.0), dispersion=Dispersion()
                )
                held.append(found.low <= 1 <= found.high)
                own = 1.96 * float((squares / totals**2).sum()) ** 0.5
                before.append(abs(np.log(found.ratio)) <= own)
            print(f"{name:<30}{size:>6} incidents: {np.mean(held):6.1%}, as it was "
                  f"{np.mean(before):6.1%}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
