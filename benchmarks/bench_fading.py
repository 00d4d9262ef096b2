"""Discounted counts chosen on the past against plain counts: what would the best ground have found?

Run: python benchmarks/bench_fading.py FILES_OR_FOLDERS [--side 250] [--days 30] [--year 12]

A folder holds months of data.police.uk, and each theme is walked through by month; a file has a row
an incident with a date and a place, walked through in steps of so many days. Squares that ever hold
an incident, and their neighbours, are the study area. Ties go to what held more before, for every
method alike; a plain count with ties drawn at random stands beside it. Nothing was tuned on these
data; half-lives and shares lent are the library's.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from reading import read, themes_of
from scipy.ndimage import binary_dilation
from scipy.sparse import coo_array

import hotspots as hs

SHARES = (0.005, 0.01, 0.02, 0.05)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("data", nargs="+", type=Path)
    ask.add_argument("--side", type=float, default=250)
    ask.add_argument("--days", type=int, default=30)
    ask.add_argument("--year", type=int, default=12, help="steps of the plain count")
    ask.add_argument("--offence", default="", help="column of themes in a file")
    ask.add_argument("--day-first", action="store_true")
    ask.add_argument("--since", default="2014-01-01", help="first day read from a file")
    asked = ask.parse_args()
    for source in asked.data:
        for name, xy, step in steps_of(source, asked):
            tried(name, xy, step, asked.side, asked.year)


def steps_of(
    source: Path, asked: argparse.Namespace
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Places in metres and the step of each incident, theme by theme."""
    form = {"offence": asked.offence, "day_first": asked.day_first, "since": asked.since}
    incidents = read(str(source), **form)
    incidents = incidents[~incidents.geometry.isna()]
    start = incidents["occurred_from"]
    if source.is_dir():
        step = pd.factorize(start.dt.strftime("%Y-%m"), sort=True)[0]
        last = step.max() + 1
    else:
        step = ((start - start.min()).dt.days // asked.days).to_numpy()
        last = step.max()  # the last step is rarely whole
    for theme in themes_of(incidents):
        mine = incidents[f"theme_{theme}"].to_numpy(dtype=bool) & (step < last)
        points = incidents.geometry[mine]
        yield f"{source.name} {theme}", np.column_stack([points.x, points.y]), step[mine]


def tried(name: str, xy: np.ndarray, step: np.ndarray, side: float, year: int) -> None:
    """Hit rates of plain counts, and what the forecast finds beyond the one of a year."""
    column, row = np.floor((xy - xy.min(axis=0)) / side).astype(int).T + 2
    grid = np.zeros((column.max() + 3, row.max() + 3))
    np.add.at(grid, (column, row), 1)
    land = binary_dilation(grid > 0, np.ones((3, 3)))
    number = np.full(grid.shape, -1)
    number[land] = np.arange(land.sum())
    flat = pd.DataFrame({"area_id": number[column, row], "period": step, "incident_count": 1})
    flat["period"] = flat["period"].map("{:04d}".format)
    flat["area_id"] = flat["area_id"].map("{:06d}".format)
    ids = pd.Index([f"{one:06d}" for one in range(land.sum())], name="area_id")
    walk = hs.evaluation.walk_forward(
        flat.groupby(["area_id", "period"], as_index=False).sum(),
        method={"count": "count", "at random": at_random, "forecast": "forecast"},
        train=year,
        area_ids=ids,
        area_shares=SHARES,
        neighbours=beside(number, land),
    )
    found = hs.evaluation.summarise_walk(walk, against="count")
    print(f"{name}: {len(xy):,} incidents, {land.sum():,} squares of {side:g} m", flush=True)
    for share in SHARES:
        plain = found.loc[("count", share)]
        line = f"  {share:5.1%}: count {100 * plain['hit_rate']:5.1f} "
        line += f"({plain['periods']:.0f} steps)"
        one = found.loc[("forecast", share)]
        line += (
            f"; forecast {100 * one['difference']:+.2f} "
            f"({100 * one['low']:+.2f} to {100 * one['high']:+.2f}) points, "
            f"{one['hit_rate'] / plain['hit_rate'] - 1:+.0%} hits"
        )
        drawn = found.loc[("at random", share), "hit_rate"]
        line += f"; ties at random {100 * drawn:.1f}, {one['hit_rate'] / drawn - 1:+.0%}"
        print(line, flush=True)


def at_random(past: pd.DataFrame) -> pd.Series:
    """A plain count, ties drawn."""
    return past.sum(axis=1) + np.random.default_rng(past.shape[1]).random(len(past)) / 2


def beside(number: np.ndarray, land: np.ndarray):
    """The eight squares round each."""
    pairs = []
    for across, up in ((1, 0), (0, 1), (1, 1), (1, -1)):
        moved = np.roll(number, (-across, -up), axis=(0, 1))
        both = land & (moved >= 0)
        pairs.append(np.column_stack([number[both], moved[both]]))
    one, other = np.concatenate(pairs).T
    size = int(land.sum())
    ends = (np.append(one, other), np.append(other, one))
    return coo_array((np.ones(2 * len(one)), ends), (size, size)).tocsr()


if __name__ == "__main__":
    main()
