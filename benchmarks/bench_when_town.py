"""Are the planted weeks, seasons, holidays and chains of Saltmere inside what *when* says?

Run: python benchmarks/bench_when_town.py [towns [incidents]]

Seeds are 920,000 and on; nothing was tuned on them. Public order has a week, a season and a factor
in school holidays (1.18); deliberate fires have a season, 1.35 in holidays, a bonfire night, and
chains that carry some of it into term: the truth is then what the same model gives for the expected
count of every day, chains included.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

import hotspots as hs
from hotspots.analysis.when.days_and_months import _design, days_of_week
from hotspots.analysis.when.events import _ordinary
from hotspots.core.hours import DAYS
from hotspots.demo.town.drawing import CHAIN_DAYS
from hotspots.demo.town.planted import day_weights, hour_of_week, in_holiday
from hotspots.demo.town.town import Town
from hotspots.stats.count_models import fit_poisson

FIRST_SEED = 920_000
FOLLOWERS = {"deliberate_fire": 0.45, "public_order": 0.0}
YEARS = {"deliberate_fire": "fires", "public_order": "summer"}
WEEKS = {"deliberate_fire": "fires", "public_order": "violence"}


def main() -> None:
    towns = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    held: dict[str, list[float]] = {}
    start = time.process_time()
    for seed in range(FIRST_SEED, FIRST_SEED + towns):
        town = hs.synthetic_town(seed=seed, incidents=size)
        try:
            found = list(recovered(town))
        except hs.InputError as refusal:
            print(f"seed {seed} is left out: {refusal}", flush=True)
            continue
        for what, value in found:
            held.setdefault(what, []).append(value)
    for what, values in held.items():
        print(f"{what:62} {100 * np.nanmean(values):5.1f} %  of {len(values):,} towns", flush=True)
    print(f"{time.process_time() - start:,.0f} s CPU")


def recovered(town: Town) -> Iterator[tuple[str, float]]:
    """What lies in its interval, and what was found, in one town."""
    of = town.truth.incidents["component"]
    days = pd.date_range(town.start.tz_localize(None), town.end.tz_localize(None), inclusive="left")
    for name in ("public_order", "deliberate_fire"):
        rows = town.incidents[of.reindex(town.incidents.index).eq(name).to_numpy()]
        mean = expected(name, days, town.schools_calendar)
        yield from season(name, rows, days, mean)
        yield from holidays(name, rows, days, mean, town.schools_calendar)
        yield from week(name, rows)
    yield from chains(town, rows)


def expected(name: str, days: pd.DatetimeIndex, calendar: pd.DataFrame) -> np.ndarray:
    """The expected count of every day, up to a factor; followers come some days after the first."""
    mean = day_weights(YEARS[name], days, in_holiday(days, calendar))
    mean = mean * hour_of_week(WEEKS[name]).sum(axis=1)[days.day_of_week.to_numpy()]
    later = np.exp(-np.arange(60) / CHAIN_DAYS)
    after = np.convolve(mean, later / later.sum())[: len(days)]
    share = FOLLOWERS[name]
    return (1 - share) * mean + share * after


def season(
    name: str, rows: gpd.GeoDataFrame, days: pd.DatetimeIndex, mean: np.ndarray
) -> Iterator[tuple[str, float]]:
    found = hs.when.monthly_index(rows)
    month = days.to_period("M")
    counts = pd.Series(mean).groupby(month).sum()
    number = np.arange(len(counts))
    design = _design(counts.index.month.to_numpy() - 1, number // 12)
    length = np.log(counts.index.days_in_month.to_numpy())
    true = np.exp(fit_poisson(counts.to_numpy() * 1_000, design, length)[:12])
    true = true / true.mean()
    inside = (found["low"] <= true) & (true <= found["high"])
    yield f"{name}: a month's true index lies in its interval", float(inside.mean())


def holidays(
    name: str,
    rows: gpd.GeoDataFrame,
    days: pd.DatetimeIndex,
    mean: np.ndarray,
    calendar: pd.DataFrame,
) -> Iterator[tuple[str, float]]:
    found = hs.when.event_index(rows, calendar).iloc[0]
    free = in_holiday(days, calendar)
    design = np.column_stack([_ordinary(days), free]).astype(float)
    true = float(np.exp(fit_poisson(mean * 1_000, design, 0.0)[-1]))
    inside = bool(found["low"] <= true <= found["high"])
    yield f"{name}: holidays ({true:.2f} with chains) lie in their interval", inside


def week(name: str, rows: gpd.GeoDataFrame) -> Iterator[tuple[str, float]]:
    planted = hour_of_week(WEEKS[name])
    timed = rows[rows["time_precision"].isin(["instant", "interval"])]
    share = planted.sum(axis=1)
    true = dict(zip(DAYS, share / ((1 - share) / 6), strict=True))
    table = days_of_week(timed, draws=99).set_index("day")
    ratio = table.index.map(true)
    inside = (table["low"] <= ratio) & (ratio <= table["high"])
    yield f"{name}: a day's true ratio lies in its interval", float(inside.mean())
    held = []
    for row in hs.when.busy_windows(timed).itertuples():
        hours = (DAYS.index(row.day) * 24 + row.from_hour + np.arange(4)) % 168
        part = planted.ravel()[hours].sum()
        held.append(row.low <= (part / 4) / ((1 - part) / 164) <= row.high)
    yield f"{name}: a window's true ratio lies in its interval", np.mean(held) if held else np.nan


def chains(town: Town, fires: gpd.GeoDataFrame) -> Iterator[tuple[str, float]]:
    bands = {"distance_bands_m": [200, 400], "time_bands_days": [7, 14], "permutations": 99}
    yield (
        "fires: near repeats are called",
        hs.when.near_repeats(fires, **bands)["p_value"].iloc[0] <= 0.05,
    )
    found = hs.when.repeat_chains(fires, within_m=200, within_days=7)["chain_id"]
    planted = town.truth.chains
    after = planted[planted["incident_id"] != planted["first_id"]]
    same = after["incident_id"].map(found).eq(after["first_id"].map(found))
    yield "fires: a planted follower is in one chain with its first", float(same.mean())


if __name__ == "__main__":
    main()
