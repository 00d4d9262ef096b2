"""How often is *when* answered rightly? Worlds with known hours, days, months, holidays, chains.

Run: python benchmarks/bench_when.py [worlds [hours days months events repeats visits]]

Seeds are 900,000 and on; nothing was tuned on them. In worlds without structure every call is
false; in those with some, the interval either holds what was planted or it does not.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.signal import lfilter

import hotspots as hs
from hotspots.analysis.when.days_and_months import days_of_week
from hotspots.analysis.when.live import live_list
from hotspots.programmes.patrols.dosage import patrol_dosage
from hotspots.programmes.patrols.timetable import patrol_timetable

FIRST_SEED = 900_000
MONDAY = pd.Timestamp("2022-01-03", tz="Europe/London")


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for name in sys.argv[2:] or list(WORLDS):
        world = WORLDS[name]
        start, held = time.process_time(), {}
        for seed in range(FIRST_SEED, FIRST_SEED + worlds):
            for what, value in world(np.random.default_rng(seed)):
                held.setdefault(what, []).append(value)
        spent = time.process_time() - start
        for what, values in held.items():
            mean = 100 * np.nanmean(values)
            print(f"{name:9} {what:48} {mean:5.1f} %  of {len(values):,}", flush=True)
        print(f"{'':9} {spent:,.0f} s CPU", flush=True)


def incidents(
    times: np.ndarray, x: np.ndarray, y: np.ndarray, precision: str = "instant"
) -> gpd.GeoDataFrame:
    """Incidents at so many hours after a Monday."""
    start = pd.Series(MONDAY.tz_localize(None) + pd.to_timedelta(times, unit="h"))
    start = start.dt.tz_localize("Europe/London", ambiguous=True, nonexistent="shift_forward")
    columns = {
        "offence": "Anti-social behaviour", "offence_scheme": "police_uk", "source": "world",
        "occurred_from": start, "occurred_until": start + pd.Timedelta(minutes=1),
        "time_precision": precision, "location_precision": "exact", "place_name": "Lane",
    }  # fmt: skip
    points = gpd.points_from_xy(430_000 + x, 430_000 + y, crs=27700)
    found = gpd.GeoDataFrame(columns, geometry=points)
    return found.set_index(pd.Index([f"i{at}" for at in range(len(found))], name="incident_id"))


def square(name: str, x: float, size: float) -> gpd.GeoDataFrame:
    """A zone with its west edge at x."""
    from shapely.geometry import box

    outline = box(430_000 + x, 430_000, 430_000 + x + size, 430_000 + size)
    return gpd.GeoDataFrame({"zone_name": [name], "kind": ["zone"]}, index=pd.Index([name.lower()],
                            name="zone_id"), geometry=[outline], crs=27700)  # fmt: skip


def weekly(rng: np.random.Generator, size: int, weeks: int, profile: np.ndarray) -> np.ndarray:
    """Hours of incidents by a weekly profile; a third of them come in threes."""
    chosen = rng.choice(168, size * 7 // 9, p=profile / profile.sum())
    when = rng.integers(0, weeks, len(chosen)) * 168 + chosen
    return np.concatenate([when, np.repeat(when[: size // 9], 2)]).astype(float)


def usual() -> np.ndarray:
    """A week with busy evenings and Saturdays."""
    hour, day = np.tile(np.arange(24), 7), np.repeat(np.arange(7), 24)
    return (1 + 0.8 * np.cos(2 * np.pi * (hour - 20) / 24)) * np.where(day == 5, 1.5, 1.0)


def hours(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    zone = square("Night", 0, 100)
    for name, times in (("null", 1.0), ("planted", 3.0)):
        profile = usual()
        profile[118:122] *= times
        mine, rest = weekly(rng, 900, 78, profile), weekly(rng, 4_500, 78, usual())
        x = np.concatenate([np.full(len(mine), 50.0), rng.uniform(200, 4_000, len(rest))])
        rows = incidents(np.concatenate([mine, rest]), x, np.full(len(x), 50.0))
        found = hs.when.busy_windows(rows, zone)
        if name == "null":
            yield "a window called, none there (most 8)", len(found) > 0
            continue
        at = found[(found["day"] == "Friday") & (found["from_hour"] == 22)]
        yield "the planted window is the first row", bool(len(at)) and at.index[0] == 0
        true = profile[118:122].sum() / profile.sum() / (usual()[118:122].sum() / usual().sum())
        if len(at):
            low, high = at[["low", "high"]].iloc[0]
            yield "its ratio lies in its interval (one of 168)", low <= true <= high


def days(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    flat = np.ones(168)
    rows = incidents(weekly(rng, 900, 78, flat), *np.zeros((2, 900)), "day")
    yield "a day called, none higher (most 8)", days_of_week(rows)["p_value"].min() <= 0.05
    planted = np.where(np.arange(168) // 24 == 5, 1.6, 1.0)
    rows = incidents(weekly(rng, 900, 78, planted), *np.zeros((2, 900)), "day")
    table = days_of_week(rows).set_index("day").loc["Saturday"]
    yield "the planted Saturday is called", table["p_value"] <= 0.05
    yield "its ratio of 1.6 lies in its interval", table["low"] <= 1.6 <= table["high"]


def monthly(rng: np.random.Generator, season: np.ndarray) -> gpd.GeoDataFrame:
    """Three years, each with a level of its own, twice as varied as Poisson counts."""
    months = pd.period_range("2022-01", "2024-12", freq="M")
    times = []
    for at, month in enumerate(months):
        mean = 4 * month.days_in_month * season[month.month - 1] * (1 + 0.15 * (at // 12))
        count = rng.negative_binomial(mean, 0.5)
        first = (month.start_time - MONDAY.tz_localize(None)) / pd.Timedelta(hours=1)
        times.append(first + rng.uniform(0, 24 * month.days_in_month, count))
    held = np.concatenate(times)
    found = incidents(held, *np.zeros((2, len(held))), "month")
    first = found["occurred_from"].dt.tz_localize(None).dt.to_period("M").dt.start_time
    until = first + pd.offsets.MonthBegin(1)
    return found.assign(
        occurred_from=first.dt.tz_localize("Europe/London"),
        occurred_until=until.dt.tz_localize("Europe/London"),
    )


def months(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    found = hs.when.monthly_index(monthly(rng, np.ones(12)))
    yield "a month stands out in flat years (most 8)", found["stands_out"].notna().any()
    season = 1 + 0.3 * np.sin(np.arange(12) * np.pi / 6)
    table = hs.when.monthly_index(monthly(rng, season))
    true = season / season.mean()
    inside = (table["low"] <= true) & (true <= table["high"])
    yield "a true index lies in its interval", float(inside.mean())


def events(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    dates = pd.date_range("2022-01-01", "2024-12-31", freq="D")
    calendar = pd.concat([_holidays(year) for year in (2022, 2023, 2024)])
    held = np.zeros(len(dates), dtype=bool)
    for first, last in zip(calendar["first_day"], calendar["last_day"], strict=True):
        held |= np.asarray((dates >= first) & (dates <= last))
    for name, times in (("null", 1.0), ("planted", 1.35), ("hanging together", 1.0)):
        wild = rng.gamma(2, 0.5, len(dates))
        if name == "hanging together":
            drawn = rng.normal(0, 0.5 * np.r_[1, np.full(len(dates) - 1, 0.19**0.5)])
            wild = np.exp(lfilter([1], [1, -0.9], drawn))
        mean = 3 * wild * np.where(held, times, 1) * np.where(dates.day_of_week >= 5, 1.4, 1)
        counts = rng.poisson(mean)
        first = (dates - MONDAY.tz_localize(None)) / pd.Timedelta(hours=1)
        when = np.repeat(first.to_numpy(), counts) + 12
        rows = incidents(when, *np.zeros((2, len(when))), "day")
        row = hs.when.event_index(rows, calendar).iloc[0]
        if times == 1:
            yield f"holidays called, {name} (most 8)", not row["low"] <= 1 <= row["high"]
        else:
            yield "the planted 1.35 lies in its interval", row["low"] <= 1.35 <= row["high"]


def _holidays(year: int) -> pd.DataFrame:
    ends = [("02-14", "02-20"), ("04-04", "04-18"), ("05-30", "06-05"), ("07-23", "09-03"),
            ("10-24", "10-30"), ("12-19", "12-31")]  # fmt: skip
    return pd.DataFrame(
        {"name": "h", "kind": "holiday", "first_day": [f"{year}-{one}" for one, _ in ends],
         "last_day": [f"{year}-{other}" for _, other in ends]}
    ).astype({"first_day": "datetime64[s]", "last_day": "datetime64[s]"})  # fmt: skip


def repeats(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    size, span = 500, 365 * 24
    clump = rng.integers(0, 25, size)
    at = rng.uniform(0, 5_000, (25, 2))[clump] + rng.normal(0, 150, (size, 2))
    season = rng.choice(span, size, p=_season(span))
    rows = incidents(season.astype(float), *at.T)
    bands = {"distance_bands_m": [200, 400], "time_bands_days": [7, 14], "permutations": 199}
    table = hs.when.near_repeats(rows, **bands)
    yield "first band called, clumps and seasons (most 8)", table["p_value"].iloc[0] <= 0.05
    live = live_list(rows, draws=99)
    yield "hits of the list called, the same (most 8)", live.p_value <= 0.05
    own = np.where(clump % 2, season, (season + span / 2) % span)
    apart = incidents(own.astype(float), *at.T)
    table = hs.when.near_repeats(apart, **bands)
    yield "first band called, opposite seasons (most 8)", table["p_value"].iloc[0] <= 0.05
    yield "any band called, opposite seasons", table["p_value"].min() <= 0.05
    live = live_list(apart, draws=99)
    yield "hits of the list called, opposite seasons (most 8)", live.p_value <= 0.05
    started = rng.random(size) < 0.3
    after = at[started] + rng.normal(0, 50, (started.sum(), 2))
    later = season[started] + rng.uniform(24, 144, started.sum())
    both = incidents(np.concatenate([season, later]), *np.concatenate([at, after]).T)
    chains = hs.when.repeat_chains(both, within_m=200, within_days=7)["chain_id"]
    one = chains.reindex([f"i{n}" for n in np.flatnonzero(started)]).to_numpy()
    other = chains.reindex([f"i{n}" for n in range(size, len(both))]).to_numpy()
    yield "a planted follower is in one chain with its first", float(np.mean(one == other))
    called = hs.when.near_repeats(both, **bands)["p_value"].iloc[0] <= 0.05
    yield "first band called, planted in 30 of 100", called
    yield "hits of the list called, planted", live_list(both, draws=99).p_value <= 0.05
    bands |= {"distance_bands_m": [200, 400, 800], "time_bands_days": [7, 14, 28]}
    others = hs.when.near_repeats(both, **bands).iloc[1:]
    yield "another of nine bands named, planted in the first", others["beyond_chance"].any()
    alone = (others["p_value"] <= 0.05) & (others["ratio"] > 1)
    yield "the same, each by itself", alone.any()


def _season(span: int) -> np.ndarray:
    hour = np.arange(span)
    held = 1 + 0.6 * np.sin(2 * np.pi * hour / span)
    return held / held.sum()


def visits(rng: np.random.Generator) -> Iterator[tuple[str, float]]:
    areas = pd.concat([square("A", 0, 100), square("B", 500, 100), square("C", 1_000, 100)])
    areas = areas.rename_axis("area_id")
    planted = rng.choice(np.arange(0, 164, 2), 3, replace=False)
    times, x = [], []
    for at, first in enumerate(planted):
        profile = np.ones(168)
        profile[first : first + 4] *= 30
        times.append(weekly(rng, 450, 52, profile))
        x += [500.0 * at + 50] * len(times[-1])
    rows = incidents(np.concatenate(times), np.array(x), np.full(len(x), 50.0))
    plan = patrol_timetable(areas, rows, budget_hours=1.5, teams=3)
    found = dict(zip(plan.stays["area_id"], plan.stays["hour"], strict=True))
    yield (
        "all three planted stays are the timetable",
        found == dict(zip("abc", planted, strict=True)),
    )
    slots = plan.slots
    made = rng.random(len(slots)) < 0.7
    after = slots["hour"][made] + rng.uniform(0, 1.5, made.sum())
    began = pd.DatetimeIndex(MONDAY + pd.to_timedelta(after, unit="h"))
    log = pd.DataFrame({"area_id": slots["area_id"][made].to_numpy(), "from": began})
    log["until"] = log["from"] + pd.Timedelta(minutes=16)
    seen = patrol_dosage(log, plan, hs.Period.parse("2022-01-03/2022-01-10"))
    yield "visits made are counted as done, every one", int(seen["done"].sum()) == made.sum()


WORLDS = {
    "hours": hours, "days": days, "months": months, "events": events, "repeats": repeats,
    "visits": visits,
}  # fmt: skip

if __name__ == "__main__":
    main()
