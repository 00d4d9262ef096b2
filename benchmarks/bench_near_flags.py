"""How often flags are raised at exact places where risk is even and incidents come in bursts.

    python benchmarks/bench_near_flags.py 40

A month of 64 km² in squares of 250 m: one by one, threes and eights spread over 50 or 150 m, and
one incident in twenty in bursts of fifteen. No place has more risk than another.
"""

from __future__ import annotations

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

import hotspots as hs

SEED, SIDE_M, EDGE_M, CORNER = 4_472_000, 8_000, 600, 400_000
KINDS = {
    "one by one": (1, 0), "threes at one door": (3, 0), "threes, 50 m": (3, 50),
    "threes, 150 m": (3, 150), "eights, 50 m": (8, 50), "rare fifteens, 80 m": (1, 0),
}  # fmt: skip


def world(kind: str, size: int, draw: np.random.Generator) -> gpd.GeoDataFrame:
    """A month of incidents, so many on average."""
    each, reach_m = KINDS[kind]
    parts = [(size / each, each, reach_m)]
    if kind.startswith("rare"):
        parts.append((size / 20 / 15, 15, 80))
    places, days = [], []
    for troubles, together, spread in parts:
        # beyond the edge, too: what falls outside is left out
        wider = draw.poisson(troubles * (1 + 2 * EDGE_M / SIDE_M) ** 2)
        at = draw.uniform(-EDGE_M, SIDE_M + EDGE_M, (wider, 2)).repeat(together, axis=0)
        places.append(np.rint(at + draw.normal(0, spread, at.shape)))
        days.append(draw.integers(0, 30, wider).repeat(together))
    start = pd.Timestamp("2024-03-01", tz="Europe/London")
    start = start + pd.to_timedelta(np.concatenate(days), "D")
    table = {"offence": "call", "offence_scheme": "own", "occurred_from": start,
             "occurred_until": start + pd.Timedelta(hours=23), "time_precision": "day",
             "location_precision": "exact", "source": "world"}  # fmt: skip
    points = gpd.points_from_xy(*(CORNER + np.concatenate(places)).T, crs=27700)
    return gpd.GeoDataFrame(table, geometry=points)


def main() -> None:
    maps = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    draw = np.random.default_rng(SEED)
    town = box(CORNER, CORNER, CORNER + SIDE_M, CORNER + SIDE_M)
    town = gpd.GeoDataFrame({"zone_name": ["Town"], "kind": "town"}, geometry=[town], crs=27700)
    print(f"maps with any flag, of {maps} each (seed {SEED:,})")
    for kind in KINDS:
        for size in (400, 2_000):
            flagged = []
            for _ in range(maps):
                asked = hs.select(world(kind, size, draw), hs.Question(within=town))
                asked = hs.assign_cells(asked, hs.SquareGrid(250))
                cells = hs.flag_hotspots(hs.aggregate_to_cells(asked), asked)
                flagged.append(cells["is_hotspot"].sum())
            any_flag, number = np.mean(np.array(flagged) > 0), np.mean(flagged)
            print(f"{kind:<22}{size:>6}: {any_flag:6.1%}, {number:.1f} cells a map", flush=True)


if __name__ == "__main__":
    main()
