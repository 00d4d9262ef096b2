"""Two areas alike, one patrolled first: is it chosen for ever because officers find more there?

Run: python benchmarks/bench_runaway.py [--runs 60] [--months 24]

The world is that of `tests/helpers/runaway.py`; seeds from 1,000, the tests have others. Printed:
in what share of the months the area patrolled at first is chosen, offences mostly found by officers
left out (the default) and taken in.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))


def main() -> None:
    from runaway import share_of_first

    ask = argparse.ArgumentParser()
    ask.add_argument("--runs", type=int, default=60)
    ask.add_argument("--months", type=int, default=24)
    asked = ask.parse_args()
    reasons: dict[str, bool | str] = {"left out": False, "taken in": "to show what happens"}
    for name, reason in reasons.items():
        shares = [share_of_first(1_000 + seed, asked.months, reason) for seed in range(asked.runs)]
        error = np.std(shares, ddof=1) / np.sqrt(len(shares))
        print(f"found by officers {name}: first area chosen {np.mean(shares):.0%} (se {error:.1%})")


if __name__ == "__main__":
    main()
