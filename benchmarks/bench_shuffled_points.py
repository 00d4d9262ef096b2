"""Any flag on maps without hot neighbourhoods: the counts of map points dealt out over map points.

Run: python benchmarks/bench_shuffled_points.py FOLDER [--maps 50] [--months 1 12 27]

FOLDER holds consecutive months of one city (data.police.uk); its convex hull is the study area, its
last months are taken. Printed by theme, months and null: the flags of the real map, the share of
shuffled maps with any hot cell, hot cells a map, and the power: on how many shuffled maps a cell
with 8 map points or more and its six neighbours, whose points hold so many times as much, get any
flag. Nothing but the root of a point's count was chosen on it, with seeds from 0 to 49.
"""

from __future__ import annotations

import argparse

import geopandas as gpd
import numpy as np
from reading import read, themes_of

import hotspots as hs
from hotspots.analysis.significance.evidence import MapPoints, hot_areas
from hotspots.analysis.significance.study import WORTH_ACTING, make_study
from hotspots.stats import nulls
from hotspots.stats.nulls import Tails, corrected
from hotspots.stats.shuffled_points import rooted

GRID, ALPHA, TIMES = hs.H3Grid(9), 0.05, (2, 3, 5)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("folder")
    ask.add_argument("--maps", type=int, default=50)
    ask.add_argument("--months", nargs="+", type=int, default=[1, 12, 27])
    ask.add_argument("--seed", type=int, default=0, help="of the first map")
    asked = ask.parse_args()
    incidents = read(asked.folder)
    incidents = incidents[~incidents.geometry.isna()]
    hull = incidents.geometry.union_all().convex_hull.buffer(1)
    city = gpd.GeoDataFrame({"zone_name": ["city"], "kind": "district"}, geometry=[hull], crs=27700)
    months = sorted(incidents["occurred_from"].dt.strftime("%Y-%m").unique())
    whole = hs.assign_cells(hs.select(incidents, hs.Question(within=city)), GRID)
    cells = hs.aggregate_to_cells(whole)
    for theme in themes_of(incidents):
        for length in asked.months:
            chosen = whole.of(theme).during(f"{months[-length]}/{months[-1]}")
            parts, seen = chosen.parts, whole.parts
            points = np.unique(np.column_stack([seen.area, seen.place]), axis=0)
            points = points[(points >= 0).all(axis=1)]
            area = seen.ids.to_numpy()[points[:, 0]]
            held = parts.area >= 0
            size = int(points[:, 1].max()) + 1
            counts = np.bincount(parts.place[held], parts.count[held], size)[points[:, 1]]
            seeds = range(asked.seed, asked.seed + asked.maps)
            tried(f"{theme}, {length} months", cells, area, counts.astype(int), seeds)


def tried(name: str, cells: gpd.GeoDataFrame, area, counts, seeds: range) -> None:
    """Flags on the real map, on shuffled ones, and of planted neighbourhoods."""
    real, any_flag, hot, found = flags(cells, area, counts), [], [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        dealt = rng.permutation(counts)
        flagged = flags(cells, area, dealt)
        any_flag.append([one.any() for one in flagged.values()])
        hot.append([one.sum() for one in flagged.values()])
        if seed in seeds[: len(seeds) // 2]:
            found.append([planted(cells, area, dealt, times, seed) for times in TIMES])
    print(f"{name}: {counts.sum():,} incidents", flush=True)
    for column, null in enumerate(real):
        power = np.mean(found, axis=0)[:, column]
        told = ", ".join(f"x{times} {one:.0%}" for times, one in zip(TIMES, power, strict=True))
        print(
            f"  {null:16s} real {int(real[null].sum()):4d} hot; shuffled: any flag "
            f"{np.mean(any_flag, axis=0)[column]:.0%}, {np.mean(hot, axis=0)[column]:.2f} hot a "
            f"map; found {told}",
            flush=True,
        )


def flags(cells: gpd.GeoDataFrame, area, counts) -> dict[str, np.ndarray]:
    """Hot cells by null."""
    index = cells.index.get_indexer(area)
    inside = index >= 0
    held = np.bincount(index[inside], counts[inside], len(cells)).astype(int)
    table = cells.assign(incident_count=held)
    study = make_study(table, table, "count", "sqrt", "both", cells["points_at_risk"], GRID, None)
    rank = study.ids.get_indexer(area[inside])
    values = rooted(counts[inside])
    sums = np.bincount(rank, values, len(study.ids)).astype(np.int64)
    sizes = np.bincount(rank, minlength=len(study.ids)).astype(np.int64)
    third = MapPoints(values, sums, sizes).neighbourhoods(study.weights, study.tested)
    rng = np.random.default_rng(0)
    dealt = nulls.permutation_tails(
        study.values, study.weights, study.tested, needed_p=1e-5, draws=None, rng=rng
    )
    constant = nulls.constant_risk_tails(study.raw, study.weights, study.tested, study.at_risk)
    both = dealt.and_also(constant)
    tails = {"both": both, "shuffled-points": third, "all": both.and_also(third)}
    return {null: flagged(study, one) for null, one in tails.items()}


def flagged(study, tails: Tails) -> np.ndarray:
    """Hot cells of one null."""
    return hot_areas(study, tails, corrected(tails.two_sided, "bh"), ALPHA, WORTH_ACTING)


def planted(cells: gpd.GeoDataFrame, area, dealt, times: float, seed: int) -> list[bool]:
    """Whether a neighbourhood whose points hold so many times as much gets any flag, by null."""
    rng = np.random.default_rng(1_000 + seed)
    middle = rng.choice(np.sort(cells.index[cells["points_at_risk"] >= 8].to_numpy()))
    patch = cells.index[cells.intersects(cells.geometry[middle].buffer(5))]
    there = np.isin(area, patch)
    more = np.where(there, rng.poisson(times * dealt), dealt)
    order = np.argsort(cells.index.astype(str).to_numpy(), kind="stable")
    mine = np.isin(cells.index[order], patch)
    return [bool(one[mine].any()) for one in flags(cells, area, more).values()]


if __name__ == "__main__":
    main()
