"""How many planted patrol areas come back from 12, 24 and 36 months, on layouts nobody tuned on.

Run: python benchmarks/bench_recovery.py [--layouts 2 3 4] [--seeds 2] [--incidents 30000]

Serious violence in the synthetic town, 22 planted areas, `select_patrol_areas` with its defaults by
count and by forecast, the last months of three years. Printed by months: planted areas that a
chosen one matches with an intersection over union of one half (the outline), and whose middle is
within 150 m of a chosen one (the neighbourhood). Defaults were tuned on layout 1; seeds from 5,001.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
import shapely
from bench_planted import tagged

import hotspots as hs

THEME, NEAR_M, LENGTHS = "serious_violence", 150.0, (12, 24, 36)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("--layouts", type=int, nargs="+", default=[2, 3, 4])
    ask.add_argument("--seeds", type=int, default=2)
    ask.add_argument("--incidents", type=int, default=30_000)
    asked = ask.parse_args()
    rows = []
    for layout in asked.layouts:
        for seed in range(5_001, 5_001 + asked.seeds):
            town = hs.synthetic_town(seed=seed, layout=layout, incidents=asked.incidents)
            everything = hs.select(tagged(town), hs.Question(THEME, within=town.district))
            months = everything.source.months()
            truth = town.truth.patrol_areas.geometry.to_numpy()
            for length in LENGTHS:
                held = everything.during(f"{months[-length]}/{months[-1]}")
                for by in ("count", "forecast"):
                    rows.append((length, by, *recovered(held, truth, by), held.total))
    table = pd.DataFrame(rows, columns=["months", "by", "outline", "near", "incidents"])
    print(table.groupby(["months", "by"]).agg(["mean", "min", "max"]).round(1).to_string())


def recovered(held: hs.Selection, truth: np.ndarray, by: str) -> tuple[int, int]:
    """Planted areas that come back in outline, and in place."""
    found = hs.select_patrol_areas(held, by=by, near_misses=0).selected.geometry.to_numpy()
    shared = shapely.area(shapely.intersection(truth[:, None], found[None, :]))
    whole = shapely.area(truth)[:, None] + shapely.area(found)[None, :] - shared
    away = shapely.distance(shapely.centroid(truth)[:, None], found[None, :])
    outline = (shared / whole).max(axis=1) >= 0.5
    return int(outline.sum()), int((away.min(axis=1) <= NEAR_M).sum())


if __name__ == "__main__":
    main()
