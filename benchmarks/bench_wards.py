"""How often is a ward called above or below the rest of the city where all residents are alike?

Twenty-five wards of unlike size, sixty places each; every resident has the same risk over the year.
Incidents come one by one, in threes and eights (one place, one day), as near repeats (each may be
followed at its place within two weeks), with a season, opposite seasons, or levels that wander.

Run: ``python benchmarks/bench_wards.py [--runs 100] [--totals 800 6000] [--months 12]
[--times 1]``; seeds from 970,000. Results are written into ``docs/wards.md`` by hand.
"""

import argparse

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

import hotspots as hs
from hotspots.stats.count_models import exact_rate_ratios

SIDE, WARDS, PLACES, SEED = 1_000, 25, 60, 970_000
CORNERS = [(430_000 + SIDE * (i % 5), 430_000 + SIDE * (i // 5)) for i in range(WARDS)]
ZONES = gpd.GeoDataFrame(
    {"kind": "ward", "zone_name": [f"Ward {i}" for i in range(WARDS)], "approximate": False}
    | dict.fromkeys(("status", "valid_from", "valid_until")),
    index=pd.Index([f"w{i}" for i in range(WARDS)], name="zone_id"),
    geometry=[box(x, y, x + SIDE, y + SIDE) for x, y in CORNERS],
    crs=27700,
)
KINDS = (
    *("one by one", "unlike places", "threes", "eights", "near repeats", "one season"),
    *("opposite seasons", "levels that wander"),
)


def drawn(kind, total, days, rng):
    """Residents by ward, and the ward, place and day of each incident."""
    people = rng.gamma(4, 1, WARDS)
    ward = np.repeat(np.arange(WARDS), PLACES)
    risk = rng.gamma(0.5, 1, len(ward)) if kind == "unlike places" else np.ones(len(ward))
    risk *= (people / np.bincount(ward, risk))[ward] / people.sum()
    wave, course = 0.6 * np.sin(2 * np.pi * np.arange(days) / 365), np.ones((WARDS, days))
    if kind == "one season":
        course = course + wave
    if kind == "opposite seasons":
        course = course + rng.choice([-1, 1], WARDS)[:, None] * wave
    if kind == "levels that wander":
        level = np.exp(np.cumsum(rng.normal(0, 0.1, (WARDS, 12)), axis=1))
        course = np.repeat(level, -(-days // 12), axis=1)[:, :days]
    course = course / course.mean(axis=1, keepdims=True)
    mean = total * risk[:, None] * course[ward] / days
    each = {"threes": 3, "eights": 8}.get(kind, 1)
    held = rng.poisson(mean / each) * each
    if kind == "near repeats":
        held = rng.binomial(held, 0.5)
        place, day = np.repeat(np.argwhere(held > 0), rng.poisson(held[held > 0]), axis=0).T
        np.add.at(held, (place, np.minimum(day + rng.integers(0, 14, len(day)), days - 1)), 1)
    place, day = np.repeat(np.argwhere(held > 0), held[held > 0], axis=0).T
    return people, ward[place], rng.uniform(0, SIDE, (len(ward), 2))[place], day


def summary(kind, total, months, seed, times=1.0):
    start = pd.Timestamp("2025-01-01", tz="Europe/London")
    days = ((start + pd.DateOffset(months=months)).tz_localize(None) - start.tz_localize(None)).days
    people, ward, at, day = drawn(kind, total, days, np.random.default_rng(seed))
    people[0] /= times  # the first ward then has so many times the risk of the others
    when = pd.DatetimeIndex(start.tz_localize(None) + pd.to_timedelta(day, unit="D"))
    when = when.tz_localize("Europe/London")
    incidents = gpd.GeoDataFrame(
        {
            "offence": "Anti-social behaviour", "offence_scheme": "police_uk", "source": "drawn",
            "occurred_from": when, "occurred_until": when + pd.Timedelta(hours=23),
            "time_precision": "day", "location_precision": "exact",
        },
        index=pd.Index([f"i{row}" for row in range(len(day))], name="incident_id"),
        geometry=gpd.points_from_xy(*(np.array(CORNERS)[ward] + at).T),
        crs=27700,
    )  # fmt: skip
    found = hs.zones.summarise_zones(
        ZONES, hs.select(incidents, hs.Question(within=ZONES)),
        population=pd.Series(people, ZONES.index),
    )  # fmt: skip
    plain = exact_rate_ratios(
        found["incident_count"], people, found["rest_count"], people.sum() - people
    )
    return found, plain


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--totals", type=int, nargs="+", default=[800, 6_000])
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--times", type=float, default=1.0)
    asked = parser.parse_args()
    for kind in KINDS:
        for total in asked.totals:
            rows = []
            for run in range(asked.runs):
                found, plain = summary(kind, total, asked.months, SEED + run, asked.times)
                first = found["against_rest"].iloc[0] == "above"
                named = found["against_rest"].ne("alike").sum()
                before = ((plain.low > 1) | (plain.high < 1)).sum()
                holds = found["ratio_low"].le(1) & found["ratio_high"].ge(1)
                was = (plain.low <= 1) & (plain.high >= 1)
                poisson = (before > 0, before, was.mean())
                rows.append((named > 0, named, holds.mean(), *poisson, first))
            any_, named, holds, any_before, before, was, first = np.mean(rows, axis=0)
            print(
                f"{kind:18} {total:6,}: any {any_:4.0%}, named {named:5.2f}, interval holds "
                f"{holds:.1%}; by Poisson alone any {any_before:4.0%}, {before:5.2f}, {was:.1%}; "
                f"the first ward above {first:.0%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
