"""How often does a rank interval of the Clear, Hold, Build screen hold the true rank?

Run: python benchmarks/bench_clear_hold_build.py [worlds]

Twenty candidates, five categories, lognormal rates (standard deviation 0.7 of the logarithm),
twelve months; incidents come one by one, or as troubles of two at one place in one month. An
interval of 95 % either holds the rank of the true rates or not.
"""

from __future__ import annotations

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

import hotspots as hs

CANDIDATES, CATEGORIES, MONTHS = 20, 5, 12
SIDE_M, APART_M = 300, 1_000
ORIGIN = (429_000, 433_000)


def main(worlds: int = 60) -> None:
    print(f"{'mean':>5} {'burst':>5} {'ranks':>7} {'firsts':>7} {'said':>6} {'true':>6}")
    for mean in (3, 8, 30):
        for burst in (1, 2):
            rng = np.random.default_rng([14, mean, burst])
            found = np.mean([world(mean, burst, rng) for _ in range(worlds)], axis=0)
            print(f"{mean:>5} {burst:>5} " + " ".join(f"{100 * one:>6.1f}%" for one in found))


def world(mean: float, burst: int, rng: np.random.Generator) -> list[float]:
    """Share of true ranks held, in all and where the observed rank is 1; said and true leaders."""
    rates = rng.lognormal(0, 0.7, (CANDIDATES, CATEGORIES))
    rates *= mean / rates.mean()
    names = [f"kind{kind}" for kind in range(CATEGORIES)]
    screen = hs.screen_clear_hold_build(
        incidents_of(rng.poisson(rates / burst), burst, rng),
        areas(),
        categories={name: name for name in names},
        draws=400,
    )
    truth = pd.DataFrame(rates, areas().index, names).rank(ascending=False).stack()
    ranks = screen.ranks.dropna(subset=["rank"])
    ranks["truth"] = truth.reindex(ranks.index)
    held = ranks["truth"].between(ranks["rank_low"], ranks["rank_high"])
    wins = (truth.unstack() == 1).sum(axis=1)
    first = screen.table.iloc[0]
    return [
        held.mean(),
        held[ranks["rank"] == 1].mean(),
        first["most_wins_share"],
        wins[screen.leader] == wins.max(),
    ]


def areas() -> gpd.GeoDataFrame:
    x0, y0 = ORIGIN
    left = [x0 + APART_M * number for number in range(CANDIDATES)]
    index = pd.Index([f"c{number:02d}" for number in range(CANDIDATES)], name="area_id")
    outlines = [box(x, y0, x + SIDE_M, y0 + SIDE_M) for x in left]
    return gpd.GeoDataFrame(index=index, geometry=outlines, crs="EPSG:27700")


def incidents_of(troubles: np.ndarray, burst: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Each trouble at an exact place of its own, in a month of its own, ``burst`` times."""
    candidate, kind = np.nonzero(troubles)
    times = troubles[candidate, kind]
    candidate, kind = np.repeat(candidate, times), np.repeat(kind, times)
    x, y = rng.integers(1, SIDE_M, (2, len(kind)))
    month = rng.integers(0, MONTHS, len(kind))
    each = np.repeat(np.arange(len(kind)), burst)
    start = pd.Timestamp("2024-01-01", tz="Europe/London")
    starts = [start + pd.DateOffset(months=int(number)) for number in month[each]]
    table = {f"kind{number}": kind[each] == number for number in range(CATEGORIES)}
    points = gpd.points_from_xy(
        ORIGIN[0] + APART_M * candidate[each] + x[each], ORIGIN[1] + y[each]
    )
    fixed = {"offence": "92A", "offence_scheme": "home_office", "time_precision": "month",
             "location_precision": "exact", "source": "benchmark"}  # fmt: skip
    until = [one + pd.DateOffset(months=1) for one in starts]
    when = {"occurred_from": starts, "occurred_until": until}
    index = pd.Index([f"i{row}" for row in range(len(each))], name="incident_id")
    return gpd.GeoDataFrame(fixed | when | table, index=index, geometry=points, crs="EPSG:27700")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
