"""Twelve monthly packs replayed on a year in which nothing was done: how often "beyond chance"?

Run: python benchmarks/bench_packs.py FOLDER [--count 22] [--themes asb serious_violence]

FOLDER holds 24 months and more of one city (data.police.uk). Patrol areas are chosen by count from
the first twelve; every month of the second twelve they are compared with the same months of the
year before (`compare_change`), alone for each of the first five and all together, and the cells of
the month with those of a year earlier (`compare_areas`). Printed: sentences said, and those that
called something beyond chance. Nothing is drawn at random; nothing was tuned on it.
"""

from __future__ import annotations

import argparse

from reading import read

import hotspots as hs

GRID, ALONE = hs.H3Grid(9), 5


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("folder")
    ask.add_argument("--count", type=int, default=22)
    ask.add_argument("--themes", nargs="+", default=["asb", "serious_violence"])
    asked = ask.parse_args()
    incidents = read(asked.folder)
    incidents = incidents[~incidents.geometry.isna()]
    hull = incidents.geometry.union_all().convex_hull.buffer(1)
    city = incidents.iloc[:1][["geometry"]].assign(zone_name="city", kind="district")
    city = city.set_geometry([hull], crs=incidents.crs).reset_index(drop=True)
    for theme in asked.themes:
        replay(theme, hs.select(incidents, hs.Question(theme, within=city)), asked.count)


def replay(theme: str, chosen: hs.Selection, count: int) -> None:
    """The packs of one theme."""
    months = chosen.source.months()[:24]
    first = chosen.during(f"{months[0]}/{months[11]}")
    areas = hs.select_patrol_areas(first, by="count", count=count, near_misses=0).selected
    said: dict[str, list[bool | None]] = {"together": [], "alone": [], "cells": []}
    for number, month in enumerate(months[12:]):
        windows = {
            "started": f"{months[12]}-01",
            "before": f"{months[0]}/{months[number]}",
            "after": f"{months[12]}/{month}",
        }
        said["together"].append(hs.compare_change(areas, chosen, **windows).beyond_chance)
        if number in (2, 5, 8, 11):
            said["alone"] += [
                hs.compare_change(areas.iloc[[one]], chosen, **windows).beyond_chance
                for one in range(ALONE)
            ]
        cells = [
            hs.aggregate_to_cells(hs.assign_cells(chosen.during(one), GRID))
            for one in (month, months[number])
        ]
        said["cells"].append(bool((hs.evaluation.compare_areas(*cells)["q_value"] <= 0.05).any()))
    for name, verdicts in said.items():
        given = [one for one in verdicts if one is not None]
        print(
            f"{theme}, {name}: {len(verdicts)} sentences, {len(given)} with a verdict, "
            f"{sum(given)} beyond chance",
            flush=True,
        )


if __name__ == "__main__":
    main()
