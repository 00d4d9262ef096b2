"""What it costs to protect a series of public products from subtraction: areas that stay shown.

Run: ``python benchmarks/bench_differencing.py`` (half a minute). Poisson counts by month in areas
whose mean follows a gamma distribution: many with nearly none, few with many.
"""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

import hotspots as hs

AREAS, MONTHS = 2_000, 30
STARTS = pd.date_range("2023-01-01", periods=MONTHS + 1, freq="MS", tz="Europe/London")


def export(by_month: np.ndarray, first: int, months: int) -> gpd.GeoDataFrame:
    squares = [box(800 * at, 0, 800 * at + 800, 800) for at in range(len(by_month))]
    columns = {
        "kind": "h3-8",
        "theme": "asb",
        "period_from": STARTS[first],
        "period_until": STARTS[first + months],
        "incident_count": by_month[:, first : first + months].sum(axis=1),
    }
    names = pd.Index(range(len(by_month)), name="area_id").astype(str)
    return gpd.GeoDataFrame(columns, geometry=squares, crs=27700, index=names)


def publish(exact: gpd.GeoDataFrame, earlier: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    told = hs.release(exact, audience="public", marking="FOR PUBLICATION", earlier=earlier)
    return told.areas[0]


def say(what: str, safe: gpd.GeoDataFrame, exact: gpd.GeoDataFrame, took: float) -> None:
    code = safe["shown"]
    print(
        f"{what}: {(exact['incident_count'] >= 5).sum():,} areas of 5 or more, "
        f"{safe['incident_count'].notna().sum():,} shown, "
        f"{code.isin(['merged_up', 'merged_down']).sum():,} more coarsely, "
        f"{code.eq('linked').sum():,} withheld ({took:.1f} s)"
    )


def main() -> None:
    rng = np.random.default_rng(0)
    by_month = rng.poisson(rng.gamma(0.3, 3.0, size=(AREAS, 1)), size=(AREAS, MONTHS))
    print(f"{(by_month < 5).mean():.0%} of monthly counts are under 5")
    for months in (1, 3, 12):
        out: list[gpd.GeoDataFrame] = []
        for first in range(13):
            exact = export(by_month, first, months)
            start = time.perf_counter()
            out.append(publish(exact, out))
        took = time.perf_counter() - start
        say(f"the last {months} months, published 13 months running", out[-1], exact, took)
    single = [publish(export(by_month, month, 1), []) for month in range(12)]
    exact = export(by_month, 0, 12)
    start = time.perf_counter()
    say(
        "twelve single months, then the year",
        publish(exact, single),
        exact,
        time.perf_counter() - start,
    )


if __name__ == "__main__":
    main()
