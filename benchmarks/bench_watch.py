"""How often does a watch of an area cry wolf, and how soon does it see a rise? And on real places?

Run: python benchmarks/bench_watch.py [watches [FOLDER]]

Simulated: counts a week at one level, one to three times as varied as Poisson counts, the
baseline a count itself; seeds from 910,000. Then cities of seventy places in which nothing changes
but seasons, terms, bursts or calls in threes, each of which some places have and the rest have not
(seeds from 930,000); sixty of them tell the drift, three are watched. FOLDER holds open data of
Chicago (burglary) and New York (vehicle thefts): squares of 2 km where nobody did anything that is
known, watched for a year.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from hotspots.programmes.watch_chart import WatchedArea, WatchRule, drift_of
from hotspots.stats.sequential import WatchedWorld, drawn, scan_back, threshold

YEAR, BUDGET = 52, 0.1
CHANCE = 1 - np.exp(-BUDGET)


def main() -> None:
    watches = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    for rate in (1.0, 5.0, 20.0):
        for spread in (1.0, 2.0, 3.0):
            told = [simulated(910_000 + at, rate, spread, 1.0) for at in range(watches)]
            rise = [simulated(910_000 + at, rate, spread, 2.0) for at in range(watches // 2)]
            seen = np.array([week for week in rise if week is not None])
            called = np.mean([week is not None for week in told])
            middle = f"{np.median(seen):.0f} weeks" if len(seen) else "-"
            print(
                f"{rate:4g} a week, {spread:g} times Poisson: called {called:.1%} (budget "
                f"{CHANCE:.1%}); doubled: seen {len(seen) / max(len(rise), 1):.0%}, after {middle}",
                flush=True,
            )
    for kind in ("threes", "season", "term", "bursts", "own bursts", "rare own bursts", "slow"):
        called = np.mean([unlike(930_000 + at, kind) for at in range(watches // 7)])
        print(f"places with {kind}: called {called:.1%} (budget {CHANCE:.1%})", flush=True)
    if len(sys.argv) > 2:
        real(Path(sys.argv[2]))


def unlike(seed: int, kind: str, places: int = 70) -> float:
    """Share of three watched places with a signal, where places are unlike and nothing changes."""
    rng = np.random.default_rng(seed)
    week, sign = np.arange(2 * YEAR), np.where(np.arange(places) % 2, 1, -1)[:, None]
    some, few = (np.arange(places)[:, None] % one == 0 for one in (4, 10))
    rate = rng.choice([1.0, 3.0, 8.0], places)[:, None] * np.ones(len(week))
    if kind == "season":
        rate = rate * (1 + 0.6 * sign * np.sin(2 * np.pi * week / YEAR))
    if kind == "term":
        rate = rate * np.where(some & np.isin(week % YEAR, [7, 14, 21, *range(29, 35), 51]), 2, 1)
    if kind == "slow":
        rate = rate * 1.15 ** (sign * week / YEAR)
    times = 3 if kind == "threes" else 1
    counts = times * rng.poisson(rate / times).astype(float)
    if "bursts" in kind:
        size, often = (15, 0.5) if "rare" in kind else (8, 2)
        counts = counts + size * few * rng.poisson(often / YEAR, counts.shape)
    rest, order = 6 * counts.sum(axis=0) + 200, rng.permutation(places)
    if "own" in kind:  # those with bursts are watched, of the others none has any
        order = order[np.argsort(~few[order, 0], kind="stable")]
    held = [
        tuple((one[:0], one[:YEAR], one[YEAR:]) for one in (counts[at], rest - counts[at]))
        for at in order
    ]
    rule = WatchRule(CHANCE, drift_of(held[10:], np.random.default_rng(0)), 499, YEAR, 1)
    return float(np.mean([WatchedArea.of(*one, rule).last is not None for one in held[:3]]))


def simulated(seed: int, rate: float, spread: float, times: float) -> int | None:
    """The week in which there is a signal, if there is one."""
    rng = np.random.default_rng(seed)
    base = drawn(rate, np.ones(YEAR), spread, 1, rng)[0]
    now = drawn(rate * times, np.ones(YEAR), spread, 1, rng)[0]
    return watched(base, now, np.ones(YEAR), np.ones(YEAR))


def watched(
    base: np.ndarray, now: np.ndarray, share: np.ndarray, new: np.ndarray, chance: float = CHANCE
) -> int | None:
    world = WatchedWorld(base, share, new, 499)
    limit = threshold(world.largest(1.0, np.random.default_rng(0)).max(axis=1), chance)
    told = np.flatnonzero(scan_back(now[None], new, base[None], share).score[0] > limit)
    return int(told[0]) + 1 if len(told) else None


def real(folder: Path) -> None:
    """Squares of real cities: a year of weeks, then a year watched."""
    burglary = pd.read_csv(folder / "chicago_burglary_2014_2017.csv.gz")
    days = pd.to_datetime(burglary["date_single"], format="%d/%m/%Y")
    squares("Chicago burglary", days, burglary["x"], burglary["y"])
    import geopandas as gpd

    theft = pd.read_csv(folder / "nyc_vehicle_thefts_2014_2017.csv.gz")
    theft = theft[theft["longitude"].notna()]
    points = gpd.points_from_xy(theft["longitude"], theft["latitude"], crs=4326).to_crs(32618)
    days = pd.to_datetime(theft["date_start"], errors="coerce").reset_index(drop=True)
    squares("New York vehicle thefts", days, pd.Series(points.x), pd.Series(points.y))


def squares(name: str, days: pd.Series, x: pd.Series, y: pd.Series) -> None:
    area = (x // 2_000).astype(int) * 100_000 + (y // 2_000).astype(int)
    for year in (2014, 2015, 2016):
        first = pd.Timestamp(f"{year}-01-06")
        week = ((days - first) / pd.Timedelta(days=7)).apply(np.floor)
        held = week.between(0, 2 * YEAR - 1)
        table = pd.crosstab(area[held], week[held]).reindex(
            columns=np.arange(2 * YEAR), fill_value=0
        )
        busy = table[table.iloc[:, :YEAR].sum(axis=1) >= 26].to_numpy(float)
        city = table.to_numpy(float).sum(axis=0)
        held = [
            tuple((one[:0], one[:YEAR], one[YEAR:]) for one in (own, city - own)) for own in busy
        ]
        called = {"chance": [], "drift": []}
        for half in (0, 1):
            drift = drift_of(held[half::2], np.random.default_rng(0))
            over = np.array([beyond(own, city - own) for own in busy[1 - half :: 2]])
            called["chance"] += list(over > 1)
            called["drift"] += list(over > drift)
        before, after = (np.mean(one) for one in called.values())
        print(f"{name}, {year}: {len(busy)} squares, called {before:.1%}; with the drift of the "
              f"other half {after:.1%} (budget 10 %)", flush=True)  # fmt: skip


def beyond(own: np.ndarray, rest: np.ndarray) -> float:
    """The largest score of the second year over the threshold of chance alone."""
    base, now, share, new = own[:YEAR], own[YEAR:], rest[:YEAR], rest[YEAR:]
    largest = WatchedWorld(base, share, new, 199).largest(1.0, np.random.default_rng(0))
    score = scan_back(now[None], new, base[None], share).score.max()
    return float(score / threshold(largest.max(axis=1), 0.1))


if __name__ == "__main__":
    main()
