"""How often the interval of a rate (`rank_areas(by="density")`) holds the rate of the long run.

    python benchmarks/bench_rates.py 8

Eighty squares whose rates are known, incidents one by one or several about one trouble: at one
door, or at those of neighbours.
"""

from __future__ import annotations

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

import hotspots as hs

SEED, ROWS, COLUMNS, SIDE_M = 4_452_000, 8, 10, 500
KINDS = {"one by one": (1, 0), "threes at one door": (3, 0), "eights at one door": (8, 0),
         "threes among neighbours": (3, 30), "a level for each year": (1, 0)}  # fmt: skip
DAYS = pd.date_range("2023-01-01", periods=360)


def incidents(rates: np.ndarray, each: int, reach_m: float, draw: np.random.Generator):
    """A year of incidents in squares with so many a year."""
    square = np.repeat(np.arange(len(rates)), draw.poisson(rates / each))
    within = draw.integers(35, SIDE_M - 35, (len(square), 2)).repeat(each, axis=0)
    within = within + np.rint(draw.uniform(-reach_m, reach_m, within.shape))
    corner = np.column_stack(np.divmod(square, ROWS)).repeat(each, axis=0) * SIDE_M
    places = 400_000 + corner + within
    start = DAYS[draw.integers(0, len(DAYS), len(square)).repeat(each)].tz_localize("Europe/London")
    table = {"offence": "call", "offence_scheme": "own", "occurred_from": start,
             "occurred_until": start + pd.Timedelta(hours=23), "time_precision": "day",
             "location_precision": "exact", "source": "world"}  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*places.T), crs=27700)


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    draw = np.random.default_rng(SEED)
    town = box(400_000, 400_000, 400_000 + COLUMNS * SIDE_M, 400_000 + ROWS * SIDE_M)
    town = gpd.GeoDataFrame({"zone_name": ["Town"], "kind": "town"}, geometry=[town], crs=27700)
    print(f"intervals of 90 % that hold the rate, {worlds} years of 80 squares (seed {SEED:,})")
    for name, (each, reach_m) in KINDS.items():
        for mean in (2, 12, 60):
            held = []
            for _ in range(worlds):
                rates = draw.gamma(0.8, mean / 0.8, ROWS * COLUMNS)
                years = draw.gamma(25, 1 / 25, len(rates)) if name.startswith("a level") else 1
                rows = incidents(rates * years, each, reach_m, draw)
                asked = hs.select(rows, hs.Question(within=town))
                asked = hs.assign_cells(asked, hs.SquareGrid(SIDE_M))
                ranked = hs.rank_areas(hs.aggregate_to_cells(asked), asked, by="density", draws=9)
                middle = ranked.geometry.centroid
                at = (np.column_stack([middle.x, middle.y]) - 400_000) // SIDE_M
                truth = rates[(at[:, 0] * ROWS + at[:, 1]).astype(int)] / ranked["area_km2"]
                held += ranked["rate_low"].le(truth).mul(ranked["rate_high"].ge(truth)).tolist()
            print(f"{name:<26}{mean:>4} a square: {np.mean(held):6.1%} of {len(held)}", flush=True)


if __name__ == "__main__":
    main()
