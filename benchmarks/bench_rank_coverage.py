"""How often does a rank interval hold the true rank? Planted rates, drawn and ranked again.

Run: python benchmarks/bench_rank_coverage.py [seeds]

Every town has areas with a known rate each. Incidents fall on a few map points an area over some
months, one by one or in bursts, are counted and ranked; the interval either holds the rank of the
true rates or it does not. Coverage is looked at where it matters: over all areas that hold
something, over the ten areas truly first and over the ten that came out first.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs

OFFENCE_HARM = np.array([2.0, 15.0, 60.0, 600.0])
OFFENCE_MIX = np.array([0.6, 0.3, 0.09, 0.01])


@dataclass(frozen=True)
class Town:
    """How incidents come about."""

    name: str
    areas: int = 400
    months: int = 12
    shape: float = 0.5
    mean: float = 12.0
    points: int = 6
    burst: float = 0.0
    heavy: bool = False
    ladder: bool = False


TOWNS = (
    Town("gamma rates"),
    Town("alike areas", shape=20.0),
    Town("quiet town", mean=1.5, shape=0.3),
    Town("heavy tail", heavy=True),
    Town("bursts", burst=1.0),
    Town("three months", months=3, mean=4.0),
    Town("one month", months=1, mean=3.0),
    Town("planted ladder", ladder=True),
    Town("all alike", shape=1e7, mean=1.0),
    Town("60 alike", areas=60, shape=1e7, mean=3.0),
    Town("alike, bursts", shape=1e7, mean=3.0, burst=1.0),
    Town("differ little", areas=100, shape=5.0, mean=1.0),
    Town("little, bursts", shape=5.0, burst=1.0),
)


def make_town(town: Town, seed: int) -> tuple[pd.DataFrame, hs.Selection, np.ndarray]:
    """All areas, the incidents with their areas, and the true rate and harm of each area."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(town.shape, 1 / town.shape, town.areas)
    if town.heavy:
        rates = rng.lognormal(0, 1.5, town.areas)
    rates *= town.mean / rates.mean()
    if town.ladder:
        rates[:22] = np.linspace(120, 36, 22)
        rates[22:] = np.minimum(rates[22:], 30)
    shares = rng.dirichlet(np.ones(town.points), town.areas)
    means = rates[:, None, None] * shares[:, :, None] * np.ones(town.months) / town.months
    triggers = rng.poisson(means / (1 + town.burst))
    counts = triggers + (rng.poisson(town.burst * triggers) if town.burst else 0)
    area, point, month = (
        np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape)
    )
    mixes = rng.dirichlet(OFFENCE_MIX * 30, town.areas)
    cumulative = mixes.cumsum(axis=1)[area]
    offence = (rng.random(len(area))[:, None] > cumulative[:, :-1]).sum(axis=1)
    start = pd.date_range("2018-01-01", periods=town.months, freq="MS", tz="Europe/London")
    incidents = gpd.GeoDataFrame(
        {
            "occurred_from": start[month] if len(month) else start[:0],
            "occurred_until": (start + pd.offsets.MonthBegin())[month] if len(month) else start[:0],
            "time_precision": "month",
            "offence": offence.astype(str),
            "offence_scheme": "made up",
            "location_precision": "snapped",
            "source": "benchmark",
            "harm": OFFENCE_HARM[offence],
        },
        geometry=gpd.points_from_xy(area * 1000.0 + point, np.zeros(len(area)), crs="EPSG:27700"),
        index=pd.RangeIndex(len(area)).astype(str).rename("incident_id"),
    )
    areas = pd.DataFrame(index=[f"a{number:04d}" for number in range(town.areas)])
    areas.index.name = "area_id"
    named = pd.Series(areas.index.to_numpy()[area], index=incidents.index, dtype=object)
    held = hs.select(incidents).in_areas(named, "planted")
    return areas, held, np.column_stack([rates, rates * (mixes @ OFFENCE_HARM)])


def coverage(town: Town, seed: int, *, by: str, draws: int = 400) -> dict[str, float]:
    """Share of true ranks inside their interval, and how wide intervals are."""
    areas, incidents, rates = make_town(town, seed)
    table = hs.evaluation.rank_uncertainty(areas, incidents, by=by, draws=draws, rng=seed)
    truth = pd.Series(rates[:, 0 if by == "count" else 1], areas.index).rank(ascending=False)
    held = (table["rank_low"] <= truth) & (truth <= table["rank_high"])
    top_ten = table.sort_values(["rank", "value"]).index[:10]
    width = table["rank_high"] - table["rank_low"]
    likely = top_ten[table.loc[top_ten, "rank_high"] <= 20]  # a page says so beside its first ten
    return {
        "all": held[table["rank"].notna()].mean(),
        "truly_first": held[truth <= 10].mean(),
        "came_first": held[top_ten].mean(),
        "width_of_first": width[top_ten].median(),
        "p_top_10": table.loc[top_ten, "p_top_k"].mean(),
        "truly_top_10": (truth[top_ten] <= 10).mean(),
        "likely": len(likely) / 10,
        "truly_top_20_of_likely": (truth[likely] <= 20).mean(),
    }


def main(seeds: int) -> None:
    for town in TOWNS:
        for by in ("count", "harm"):
            began = time.perf_counter()
            found = pd.DataFrame([coverage(town, 1000 + seed, by=by) for seed in range(seeds)])
            means = "  ".join(f"{name} {value:6.3f}" for name, value in found.mean().items())
            print(f"{town.name:14s} {by:6s} {means}  ({time.perf_counter() - began:.0f} s)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
