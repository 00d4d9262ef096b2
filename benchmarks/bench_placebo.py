"""How often is nothing called a change? Real months, places nobody treated, a start that never was.

Run: python benchmarks/bench_placebo.py SOURCE --started 2024-04-01 [--zones 1 4] [--radii 150 600]

SOURCE is a folder of data.police.uk files of one city, or a table of points (see reading.py). In
each run zones are drawn, and "treated" from the start on: circles round incidents drawn at random
that do not touch, or with --cells busy cells of a hexagonal grid. Printed by number of zones and
radius: the share with a verdict, how many of these are falsely called beyond chance, how many
intervals hold no change, and the same where both windows hold 30 incidents; the standard error is
that of independent runs, which zones of one city in the same months are not quite. With
--fall, for the series, so large a share is taken at random from what the treated held after the
start: what is called is then the power.

Tuned on Sheffield, starts in April and June 2024, twelve months, seeds 1 to 7 (how alike like
places must be, how far apart they lie). Anything else is a test.
"""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
from reading import by_theme, options_of_source

import hotspots as hs


def main() -> None:
    ask = options_of_source()
    ask.add_argument("--started", nargs="+", required=True)
    ask.add_argument("--months", type=int, default=12)
    ask.add_argument("--zones", nargs="+", type=int, default=[1, 2, 4, 22])
    ask.add_argument("--radii", nargs="+", type=int, default=[150, 300, 600, 1200])
    ask.add_argument("--cells", action="store_true", help="busy cells of 350 m instead of circles")
    ask.add_argument("--series", action="store_true", help="interrupted series of all months")
    ask.add_argument("--fall", type=float, default=0.0, help="share taken away, for --series")
    ask.add_argument("--runs", type=int, default=50)
    ask.add_argument("--seed", type=int, default=101)
    asked = ask.parse_args()
    rng, thinned = np.random.default_rng(asked.seed), np.random.default_rng([asked.seed, 1])
    for theme, chosen in by_theme(asked):
        found = []
        radii = [0] if asked.cells else asked.radii
        for started, zones, radius_m in itertools.product(asked.started, asked.zones, radii):
            for _ in range(asked.runs):
                places = busy_cells(chosen, zones, rng) if asked.cells else None
                places = circles(chosen, zones, radius_m, rng) if places is None else places
                if places is None:
                    break
                if asked.series:
                    said = told_series(places, chosen, started, asked.fall, thinned)
                else:
                    change = hs.compare_change(places, chosen, started=started, months=asked.months)
                    said = told(change)
                found.append({"started": started, "zones": zones, "radius_m": radius_m, **said})
        report(theme, pd.DataFrame(found))


def told(change) -> dict[str, object]:
    """What is said of places where nothing was done."""
    before, after, *_ = change.ratio.counts
    return {
        "called": change.beyond_chance,
        "held": change.ratio.low <= 1 <= change.ratio.high,
        "places": change.placebo.places,
        "many": min(before, after) >= 30,
        "counted": before + after,
        "smallest_fall": change.placebo.smallest_fall,
    }


def told_series(places, chosen: hs.Selection, started: str, fall: float, rng) -> dict[str, object]:
    """What is said of the course of places where nothing was done, with the rest as control."""
    table = hs.evaluation.like_series(places, chosen, started=started)
    late = table.index >= started[:7]
    table.loc[late, "treated"] = rng.binomial(table.loc[late, "treated"], 1 - fall)
    found = hs.evaluation.interrupted_time_series(
        table["treated"], started=started, control=table["rest"], like=table.iloc[:, 2:]
    )
    counted = int(table["treated"].sum())
    return {
        "called": found.beyond_chance,
        "held": found.low <= 1 <= found.high,
        "places": found.places,
        "many": min(counted - found.observed, found.observed) >= 30,
        "counted": counted,
    }


def circles(chosen: hs.Selection, zones: int, radius_m: float, rng) -> gpd.GeoDataFrame | None:
    """Circles round random incidents that do not touch."""
    points = chosen.rows.geometry.iloc[rng.choice(len(chosen.rows), 40 * zones)]
    kept: list = []
    for point in points:
        if all(point.distance(other) > 2 * radius_m for other in kept):
            kept.append(point)
        if len(kept) == zones:
            return table([one.buffer(radius_m) for one in kept])
    return None


def busy_cells(chosen: hs.Selection, zones: int, rng) -> gpd.GeoDataFrame:
    """Cells of a hexagonal grid with at least 30 incidents in all the data."""
    ids = hs.assign_cells(chosen, GRID).rows["area_id"].value_counts()
    drawn = rng.choice(np.sort(ids.index[ids >= 30].to_numpy()), zones, replace=False)
    return table(list(GRID.polygons(drawn)))


GRID = hs.HexGrid(350)


def table(shapes: list) -> gpd.GeoDataFrame:
    """A zones table."""
    names = [f"zone {one}" for one in range(len(shapes))]
    return gpd.GeoDataFrame(
        {"zone_name": names, "kind": "test"}, index=names, geometry=shapes, crs=27700
    )


def report(theme: str, found: pd.DataFrame) -> None:
    """One line for each number of zones and radius, and one for all."""
    print(
        f"{theme}: zones, radius; verdicts, called (se), interval holds no change; where 30 and 30"
    )
    parts = [*found.groupby(["zones", "radius_m"]), (("all", ""), found)]
    for (zones, radius_m), part in parts:
        many = part[part["many"]]
        print(
            f"  {zones!s:>4} {radius_m!s:>5} m  n {len(part):4d}"
            f"  {part['counted'].median():7.0f} incidents  {rates(part)}  |  {rates(many)}",
            flush=True,
        )


def rates(part: pd.DataFrame) -> str:
    """Share with a verdict, falsely called, held."""
    judged = part[part["called"].notna()]
    if not len(judged):
        return "no verdict"
    called = judged["called"].astype(float).mean()
    se = np.sqrt(called * (1 - called) / len(judged))
    return (
        f"verdict {len(judged) / len(part):4.0%}, called {called:5.1%} ({se:.1%}), "
        f"held {judged['held'].mean():5.1%} (n {len(judged)})"
    )


if __name__ == "__main__":
    main()
