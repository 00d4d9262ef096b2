"""The synthetic town: how fast, how uneven, how hard; and a picture of it.

    python benchmarks/bench_town.py [--incidents 1000000] [--picture town.png]

Prints seconds for the whole town (table included), the unevenness beside that of real Leeds, and
what a deliberately naive method recovers of the planted truth: the fullest 250 m squares, as many
as there are planted areas; an area is found when a quarter of it is covered.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from scipy.stats import skew

from hotspots.core.grids import H3Grid
from hotspots.demo.town.town import Town, synthetic_town

LEEDS = {"empty": 0.677, "skewness": 16.4, "busiest 1 %": 0.235, "busiest 10 %": 0.733}
GROUND = {
    "rural": "#eaf0dd", "village": "#e4dccd", "park": "#b5d8a0", "centre": "#e6c3b2",
    "terrace": "#ead8c6", "suburb": "#f0e7da", "estate": "#eddfd5", "industrial": "#d6d3df",
    "campus": "#f1dca8",
}  # fmt: skip
WATER = "#a5c8e1"
ROADS = {
    "lane": (0.4, "#a9a49a"), "local": (0.45, "#8d877d"), "collector": (0.9, "#77716a"),
    "ring": (2.0, "#c98f4f"), "main": (2.2, "#c9574f"),
}  # fmt: skip


def main() -> None:
    """Run everything and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--incidents", type=int, default=1_000_000)
    options.add_argument("--picture", type=Path)
    chosen = options.parse_args()
    town = show_speed(chosen.incidents)
    show_unevenness()
    show_recall([synthetic_town(), town])
    if chosen.picture:
        draw(synthetic_town(), chosen.picture)


def show_speed(incidents: int) -> Town:
    began = time.perf_counter()
    synthetic_town(incidents=0)
    print(f"streets, zones and plan        {time.perf_counter() - began:8.2f} s (once a layout)")
    began = time.perf_counter()
    town = synthetic_town(incidents=incidents)
    seconds = time.perf_counter() - began
    print(f"{incidents:>10,} incidents, table   {seconds:8.2f} s (goal at 1,000,000: below 20 s)")
    return town


def show_unevenness() -> None:
    grid = H3Grid(9)
    cells = grid.cover(synthetic_town(incidents=0).district.geometry.iloc[0])
    print("\ncells of H3 resolution 9, 3.05 incidents a cell")
    print(pd.Series(LEEDS, name="Leeds July 2016+2017").to_frame().T.round(3).to_string())
    for seed in (1, 2, 3):
        town = synthetic_town(seed, incidents=round(3.05 * len(cells)), coordinates="snapped")
        points = town.incidents.geometry.dropna()
        found = pd.Series(grid.cell_ids(points.x.to_numpy(), points.y.to_numpy())).value_counts()
        counts = np.sort(found.reindex(cells, fill_value=0).to_numpy())[::-1]
        share = [counts[: len(counts) // part].sum() / counts.sum() for part in (100, 10)]
        numbers = [(counts == 0).mean(), skew(counts), *share]
        print(f"town, seed {seed}           ", *(f"{number:8.3f}" for number in numbers))


def show_recall(towns: list[Town]) -> None:
    print("\nshare of planted areas found by the fullest 250 m squares")
    for town in towns:
        located = town.incidents[town.incidents.geometry.notna()]
        labels = town.truth.incidents.loc[located.index, "theme"]
        for theme, areas in town.truth.hotspots.groupby("theme"):
            mine = located[labels == theme]
            print(
                f"{len(town.incidents):>10,} incidents  {theme:<18} {len(areas):>3} areas  "
                f"own theme {recall(mine, areas):.2f}   all incidents {recall(located, areas):.2f}"
            )


def recall(incidents: pd.DataFrame, areas: pd.DataFrame) -> float:
    corner = np.floor(shapely.get_coordinates(incidents.geometry.to_numpy()) / 250)
    squares, counts = np.unique(corner, axis=0, return_counts=True)
    x, y = squares[np.argsort(-counts, kind="stable")[: len(areas)]].T * 250
    top = shapely.union_all(shapely.box(x, y, x + 250, y + 250))
    covered = shapely.area(shapely.intersection(areas.geometry.to_numpy(), top))
    return float((covered / areas.area >= 0.25).mean())


def draw(town: Town, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(24, 13), width_ratios=[1, 1.15])
    for axis in axes:
        axis.set_facecolor(WATER)
        colours = town.land_use["character"].map(GROUND)
        town.land_use.plot(ax=axis, color=colours)
        town.water.plot(ax=axis, color=WATER)
        for road_class, (width, colour) in ROADS.items():
            streets = town.streets[town.streets["road_class"] == road_class]
            streets.plot(ax=axis, linewidth=width, color=colour)
        town.wards.boundary.plot(ax=axis, color="#5b3a86", linewidth=1.6, linestyle="--")
        for theme, colour in (
            ("asb", "#0b7a75"), ("serious_violence", "#b3001b"), ("vehicle_nuisance", "#d18f00"),
        ):  # fmt: skip
            spots = town.truth.hotspots[town.truth.hotspots["theme"] == theme]
            spots.plot(ax=axis, facecolor=colour, alpha=0.45, edgecolor=colour, linewidth=1.2)
        for zones, colour in (
            (town.night_time_economy, "#222222"), (town.student_area, "#8a6d00"),
            (town.crawl_corridor, "#005f9e"),
        ):  # fmt: skip
            zones.boundary.plot(ax=axis, color=colour, linewidth=2.2)
        axis.set_aspect("equal")
    points = town.incidents[town.incidents.geometry.notna()].sample(8_000, random_state=1)
    points.plot(ax=axes[1], markersize=1.0, color="#111111", alpha=0.4)
    west, south, east, north = town.night_time_economy.buffer(2_600).total_bounds
    axes[1].set_xlim(west, east)
    axes[1].set_ylim(south, north)
    figure.suptitle(f"{town.name}: {town.watermark}", fontsize=22)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    print(f"\npicture: {path}")


if __name__ == "__main__":
    main()
