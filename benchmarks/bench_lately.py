"""How often a product in which nothing happened calls something changed, over all its themes.

    python benchmarks/bench_lately.py 300
    python benchmarks/bench_lately.py 300 months        data that know months alone, by the last one
    python benchmarks/bench_lately.py 60 planted        one theme of eight rises, or stops
    python benchmarks/bench_lately.py 300 toronto.csv.gz chicago.csv.gz   real series, shuffled

Five themes of 0.7 to 40 incidents a day: 28 days, the same a year before and the year to date (the
table "Lately"), and twenty areas each, a year against a year, their months known. "Row by row" is
what the table said while each row had an interval of 95 % of its own.
"""

from __future__ import annotations

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
from reading import read
from shapely.geometry import box

from hotspots.analysis.change_map import FALLEN, RISEN, compare_areas
from hotspots.programmes.news import change_of, changes_of, usual_of

SEED = 4_415_000
A_DAY = (0.7, 1.5, 4.0, 10.0, 40.0)
DAYS, TO_DATE = 26 * 28 + 180, 180
AREAS, MONTHS = 20, 24
CHANGED = {"more", "fewer", RISEN, FALLEN}


def levels(kind: str, size: int, draw: np.random.Generator, *, step: int) -> np.ndarray:
    """What the mean is multiplied with, for so many steps of so many days."""
    at = np.arange(size) * step
    if kind == "season of half":
        return 1 + 0.5 * np.cos(2 * np.pi * at / 365.25)
    if kind == "weeks vary":
        return np.repeat(draw.gamma(4, 1 / 4, size), max(1, 7 // step))[:size]
    if kind == "months vary":
        return np.repeat(draw.gamma(25, 1 / 25, size), max(1, 28 // step))[:size]
    if kind == "levels wander":
        moved = draw.normal(0, 0.15, size) * np.sqrt(1 - 0.98 ** (2 * step))
        for now in range(1, size):
            moved[now] += 0.98**step * moved[now - 1]
        return np.exp(moved)
    return np.ones(size)


def counts(kind: str, mean: float, size: int, draw: np.random.Generator, *, step: int = 1):
    """A series in which nothing happened."""
    each = {"in threes": 3, "in eights": 8}.get(kind, 1)
    return each * draw.poisson(mean * levels(kind, size, draw, step=step) / each)


def lately(daily: np.ndarray) -> list[dict]:
    """The pairs of one theme's three rows."""
    until = np.append(0, daily.cumsum())

    def held(back: int, days: int) -> int:
        return int(until[DAYS - back] - until[DAYS - back - days])

    usual = usual_of([held(28 * at, 28) for at in range(26)], round(TO_DATE / 28))
    now, year = held(0, 28), held(365, 28)
    pairs = {"before": (now, held(28, 28)), "year": (now, year),
             "to-date": (held(0, TO_DATE), held(365, TO_DATE))}  # fmt: skip
    return [{"now": a, "then": b, "usual": usual[name]} for name, (a, b) in pairs.items()]


def areas_changed(kind: str, a_day: float, draw: np.random.Generator) -> bool:
    """Whether any of twenty areas is called changed, a year against the year before."""
    share = draw.dirichlet(np.full(AREAS, 2.0))
    months = pd.period_range("2023-01", periods=MONTHS, freq="M")
    held = np.array([counts(kind, 30 * a_day * one, MONTHS, draw, step=30) for one in share])
    each = pd.MultiIndex.from_product([range(AREAS), months.astype(str)],
                                      names=["area_id", "period"])  # fmt: skip

    def table(first: int) -> gpd.GeoDataFrame:
        start, until = (pd.Timestamp(f"{year}-01-01", tz="Europe/London")
                        for year in (2023 + first // 12, 2024 + first // 12))  # fmt: skip
        columns = {"incident_count": held[:, first : first + 12].sum(axis=1),
                   "period_from": start, "period_until": until}  # fmt: skip
        return gpd.GeoDataFrame(columns, geometry=[box(0, 0, 1, 1)] * AREAS, crs=27700)

    known = pd.DataFrame({"incident_count": held.ravel()}, index=each)
    found = compare_areas(table(12), table(0), area_periods=known)["change"]
    return bool(found.isin(CHANGED).any())


def shuffled(files: list[str], worlds: int) -> None:
    """Days of real series in blocks drawn anew: no block has more reason to be high."""
    series = []
    for file in files:
        columns = pd.read_csv(file, nrows=1).columns
        offence = next((one for one in columns if one.casefold() == "mci"), "")
        rows = read(file, offence=offence, day_first="chicago" in file)
        for _, one in rows.groupby("offence"):
            day = (one["occurred_from"] - one["occurred_from"].min()).dt.days
            if len(one) > 4_000:
                series.append(np.bincount(day)[30:-30])
    for block in (28, 7):
        draw, alone, together = np.random.default_rng(SEED), 0, 0
        for _ in range(worlds):
            rows = []
            for held in series:
                blocks = held[: len(held) // block * block].reshape(-1, block)
                drawn = blocks[draw.integers(0, len(blocks), DAYS // block + 1)].ravel()
                rows += lately(drawn[:DAYS])
            alone += any(change_of(**one)["verdict"] in CHANGED for one in rows)
            together += any(one["verdict"] in CHANGED for one in changes_of(rows))
        print(f"{len(series)} series in blocks of {block} days: row by row {alone / worlds:.1%}, "
              f"together {together / worlds:.1%} of {worlds}")  # fmt: skip


def by_month(worlds: int) -> None:
    """One theme whose days are all alike, known by months: as counts, and a day for a day."""
    months = pd.period_range("2021-01", "2026-12", freq="M")
    days = months.days_in_month.to_numpy()
    for a_day in (20, 66, 330):
        draw, called = np.random.default_rng(SEED), np.zeros((2, 12))
        for _ in range(worlds):
            held = draw.poisson(a_day * days)
            for last in range(48, 60):
                usual = usual_of(held[last - np.arange(24)].tolist(), last % 12 + 1)
                spans = {"before": (last, last - 1), "year": (last, last - 12)}
                pairs = [(name, [a], [b]) for name, (a, b) in spans.items()]
                year = np.arange(last - last % 12, last + 1)
                for way, size in enumerate((np.ones(len(days)), days)):
                    rows = [
                        {"now": int(held[now].sum()), "then": int(held[then].sum()),
                         "usual": usual[name], "longer": size[now].sum() / size[then].sum()}
                        for name, now, then in [*pairs, ("to-date", year, year - 12)]
                    ]  # fmt: skip
                    found = changes_of(rows)
                    called[way, last % 12] += any(one["verdict"] in CHANGED for one in found)
        counts, per_day = called / worlds
        print(f"{a_day} a day: February {counts[1]:.1%}, March {counts[2]:.1%}, others at most "
              f"{np.delete(counts, [1, 2]).max():.1%}; a day for a day at most "
              f"{per_day.max():.1%}")  # fmt: skip


def planted(worlds: int) -> None:
    """Eight themes of two a day; one has another level in the last 28 days: is it called?"""
    draw = np.random.default_rng(12_345)
    for a_day in (5, 0):
        alone = together = 0
        for _ in range(worlds):
            days = draw.poisson(2, (8, DAYS))
            days[0, -28:] = draw.poisson(a_day, 28)
            rows = [one for theme in days for one in lately(theme)]
            alone += any(change_of(**one)["verdict"] in CHANGED for one in rows[:3])
            together += any(one["verdict"] in CHANGED for one in changes_of(rows)[:3])
        print(f"{a_day} a day: row by row {alone}, together {together} of {worlds}")


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    if sys.argv[2:] == ["months"]:
        by_month(worlds)
        return
    if sys.argv[2:] == ["planted"]:
        planted(worlds)
        return
    if sys.argv[2:]:
        shuffled(sys.argv[2:], worlds)
        return
    draw = np.random.default_rng(SEED)
    kinds = ("one by one", "in threes", "in eights", "season of half", "weeks vary",
             "months vary", "levels wander")  # fmt: skip
    print(f"{worlds} products each, any of their rows or areas called changed (seed {SEED:,})")
    print(f"{'':<16}{'row by row':>12}{'together':>12}{'areas':>12}")
    for kind in kinds:
        alone = together = areas = 0
        for _ in range(worlds):
            rows = [one for mean in A_DAY for one in lately(counts(kind, mean, DAYS, draw))]
            alone += any(change_of(**one)["verdict"] in CHANGED for one in rows)
            together += any(one["verdict"] in CHANGED for one in changes_of(rows))
            areas += sum(areas_changed(kind, mean, draw) for mean in A_DAY) > 0
        print(f"{kind:<16}{alone / worlds:>12.1%}{together / worlds:>12.1%}{areas / worlds:>12.1%}")


if __name__ == "__main__":
    main()
