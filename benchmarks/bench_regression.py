"""Does the interval of regression_to_the_mean hold? Known worlds, then choices of real years.

Run: python benchmarks/bench_regression.py [--runs 200]            worlds where the truth is known
     python benchmarks/bench_regression.py SOURCE [--months 12]    real counts, nobody treated

In a world 2,000 areas have rates of a distribution, the 22 highest of one year are chosen, and the
next year is counted with the same rates, with rates that drift apart, or with rates that go back to
the middle. On real counts the same choice is made on squares from every half window on, and
compared with the same months a year later. Tuned with seeds 5 and 11 (how many areas give the
trend); real tables: Sheffield, Toronto, Chicago, New York, squares of 345 and 130 m.
"""

from __future__ import annotations

import argparse
import itertools

import numpy as np
import pandas as pd
from reading import read, themes_of

import hotspots as hs

AREAS, CHOSEN = 2_000, 22


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("source", nargs="?")
    ask.add_argument("--offence", default="")
    ask.add_argument("--day-first", action="store_true")
    ask.add_argument("--months", nargs="+", type=int, default=[3, 12])
    ask.add_argument("--sides", nargs="+", type=int, default=[345, 130])
    ask.add_argument("--earlier", action="store_true", help="with the choices of earlier years")
    ask.add_argument("--runs", type=int, default=200)
    ask.add_argument("--seed", type=int, default=301)
    asked = ask.parse_args()
    if asked.source is None:
        for name in WORLDS:
            rng = np.random.default_rng(asked.seed)
            report(name, [judged(*WORLDS[name](rng)) for _ in range(asked.runs)])
        return
    incidents = read(asked.source, offence=asked.offence, day_first=asked.day_first)
    for theme in themes_of(incidents):
        used = incidents[incidents[f"theme_{theme}"] & ~incidents.geometry.isna()]
        for side_m in asked.sides:
            table = squares(used, side_m)
            for months in asked.months:
                pairs = [judged(*pair) for pair in yearly(table, months, asked.earlier)]
                report(f"{theme}, {side_m} m, {months} months", pairs)


def judged(before: np.ndarray, after: np.ndarray, *earlier) -> tuple[float, bool, float]:
    """Ratio, whether the interval holds 1, and the ratio of the counts alone."""
    early, late = pd.Series(before), pd.Series(after)
    chosen = early.nlargest(CHOSEN).index
    years = [tuple(map(pd.Series, pair)) for pair in earlier]
    found = hs.regression_to_the_mean(early, chosen, after=late, earlier=years)
    rest = early.index.difference(chosen)
    naive = late[chosen].sum() / early[chosen].sum() * early[rest].sum() / late[rest].sum()
    return found.ratio, bool(found.low <= 1 <= found.high), float(naive)


def report(name: str, found: list[tuple[float, bool, float]]) -> None:
    """One line a world."""
    ratio, held, naive = np.array(found, dtype=float).T
    se = np.sqrt(held.mean() * (1 - held.mean()) / len(held))
    print(
        f"{name:34s} n {len(held):3d}  counts alone {naive.mean():.2f}  ratio {ratio.mean():.3f}"
        f"  interval holds 1 in {held.mean():.1%} ({se:.1%})",
        flush=True,
    )


def lognormal(mean: float, *, drift: float = 0.0, back: float = 1.0):
    """Heavy-tailed rates; they drift apart, or keep only a part of what sets them apart."""

    def world(rng):
        logs = rng.normal(0, 1.5, AREAS)
        later = back * logs + 1.5 * np.sqrt(1 - back**2) * rng.normal(0, 1, AREAS)
        later = later + drift * rng.normal(0, 1, AREAS) - drift**2 / 2
        level = mean / np.exp(logs).mean()
        return rng.poisson(level * np.exp(logs)), rng.poisson(level * np.exp(later))

    return world


def gamma(shape: float, mean: float):
    """Gamma rates."""

    def world(rng):
        rates = rng.gamma(shape, mean / shape, AREAS)
        return rng.poisson(rates), rng.poisson(rates)

    return world


def own_highs(earlier: int):
    """Gamma rates of mean 4; each year has highs of its own (a quarter of the rate squared)."""

    def world(rng):
        rates = rng.gamma(1.0, 4.0, AREAS)
        years = [rng.poisson(rates * rng.gamma(4, 0.25, AREAS)) for _ in range(earlier + 2)]
        return *years[-2:], *itertools.pairwise(years[:-1])

    return world


WORLDS = {
    "gamma(1), mean 4": gamma(1.0, 4),
    "gamma(1), mean 1": gamma(1.0, 1),
    "gamma(0.3), mean 1": gamma(0.3, 1),
    "all alike, mean 4": gamma(1e6, 4),
    "lognormal(1.5), mean 4": lognormal(4),
    "lognormal(1.5), mean 1": lognormal(1),
    "lognormal, drift 0.3, mean 4": lognormal(4, drift=0.3),
    "lognormal, drift 0.5, mean 1": lognormal(1, drift=0.5),
    "lognormal, going back 5 %, mean 4": lognormal(4, back=0.95),
    "lognormal, going back 10 %, mean 4": lognormal(4, back=0.9),
    "highs of a year": own_highs(0),
    "highs of a year, 2 earlier years": own_highs(2),
    "highs of a year, 3 earlier years": own_highs(3),
}


def squares(incidents, side_m: int) -> np.ndarray:
    """Incidents by square and month."""
    xy = np.column_stack([incidents.geometry.x, incidents.geometry.y]) // side_m
    _, square = np.unique(xy, axis=0, return_inverse=True)
    month, months = pd.factorize(incidents["occurred_from"].dt.strftime("%Y-%m"), sort=True)
    size = (int(square.max()) + 1, len(months))
    key = np.ravel_multi_index((square.ravel(), month), size)
    return np.bincount(key, minlength=size[0] * size[1]).reshape(size)


def yearly(table: np.ndarray, months: int, with_earlier: bool):
    """Windows from every half window on, the same months a year later, and pairs of years before.

    With earlier years only windows that have at least two pairs before them.
    """

    def pair(start):
        return tuple(table[:, at : at + months].sum(axis=1) for at in (start, start + 12))

    for start in range(0, table.shape[1] - 12 - months + 1, max(1, months // 2)):
        before = [pair(at) for at in range(start - 12, -1, -12)] if with_earlier else []
        if len(before) >= (2 if with_earlier else 0):
            yield *pair(start), *before


if __name__ == "__main__":
    main()
