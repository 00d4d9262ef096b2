"""How long Knox's test takes for 100,000 incidents: python benchmarks/bench_knox.py"""

from __future__ import annotations

import resource
import time

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs

INCIDENTS = 100_000


def city(side_m: float) -> gpd.GeoDataFrame:
    """Incidents at random places of a square, to the minute, in three years."""
    rng = np.random.default_rng(1)
    minutes = rng.integers(0, 3 * 365 * 1_440, INCIDENTS)
    start = pd.Timestamp("2021-01-01", tz="Europe/London") + pd.to_timedelta(minutes, unit="min")
    xy = rng.uniform(0, side_m, (2, INCIDENTS)) + 430_000
    rows = {
        "offence": "Burglary",
        "offence_scheme": "police_uk",
        "occurred_from": start,
        "occurred_until": start + pd.Timedelta(minutes=1),
        "time_precision": "instant",
        "location_precision": "exact",
        "source": "drawn",
    }
    index = pd.Index([f"i{row}" for row in range(INCIDENTS)], name="incident_id")
    return gpd.GeoDataFrame(rows, index=index, geometry=gpd.points_from_xy(*xy), crs=27700)


def main() -> None:
    for side_m in (25_000, 10_000):
        incidents = city(side_m)
        began = time.process_time()
        found = hs.when.near_repeats(
            incidents, distance_bands_m=[100, 200], time_bands_days=[7, 14]
        )
        took = time.process_time() - began
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(f"square of {side_m / 1000:g} km: {took:.1f} s, at most {held:.1f} GB held")
        print(found.round(3).to_string(), "\n")


if __name__ == "__main__":
    main()
