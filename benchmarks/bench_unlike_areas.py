"""Any flag on streets and polygons where nothing is hot: places with piles, dealt over the ground.

Run: python benchmarks/bench_unlike_areas.py [--maps 100] [--seed 774000]

1,500 places fall evenly on 1,512 streets (by length) or 116 unequal polygons (by ground), all alike
or unlike (gamma, shape 0.3), and hold 300 or 6,000 incidents. Printed by null: the share of maps
with a hot area. Nothing was tuned on it.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

import hotspots as hs

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "helpers"))
SIDE_M, PLACES = 6_000.0, 1_500
NULLS = ("constant-risk", "place-risk", "all")


def main() -> None:
    from tables import zone

    ask = argparse.ArgumentParser()
    ask.add_argument("--maps", type=int, default=100)
    ask.add_argument("--seed", type=int, default=774_000)
    asked = ask.parse_args()
    city = zone("City", (0, 0, SIDE_M, SIDE_M))
    lines = streets()
    areas = {"streets": hs.StreetSegments(lines, reach_m=30), "polygons": polygons()}
    for name, grid in areas.items():
        for alike, total in ((True, 300), (False, 300), (False, 6_000)):
            seeds = range(asked.seed, asked.seed + asked.maps)
            hot = np.mean([flagged(grid, city, alike, total, one) for one in seeds], axis=0)
            told = ", ".join(f"{null} {share:.0%}" for null, share in zip(NULLS, hot, strict=True))
            print(f"{name}, {'alike' if alike else 'unlike'}, {total:,}: {told}", flush=True)


def flagged(grid: hs.PolygonCells, city, alike: bool, total: int, seed: int) -> list[bool]:
    """Whether any area is hot, by null."""
    from tables import ORIGIN, incidents_at

    rng = np.random.default_rng(seed)
    places = rng.uniform(1, SIDE_M - 1, (PLACES, 2))
    if isinstance(grid, hs.StreetSegments):
        length = grid.lines.length.to_numpy()
        which = rng.choice(len(length), PLACES, p=length / length.sum())
        on = grid.lines.to_numpy()[which]
        at = shapely.line_interpolate_point(on, rng.random(PLACES), normalized=True)
        places = shapely.get_coordinates(at) - ORIGIN
    pull = np.ones(PLACES) if alike else rng.gamma(0.3, 1, PLACES)
    counts = rng.multinomial(rng.poisson(total), pull / pull.sum())
    held = np.concatenate([np.repeat(np.arange(PLACES), counts), np.arange(PLACES)])
    asb = np.arange(len(held)) < counts.sum()
    rows = incidents_at([tuple(xy) for xy in places[held].round()], theme_asb=asb.tolist())
    chosen = hs.assign_cells(hs.select(rows, hs.Question("asb", within=city)), grid)
    cells = hs.aggregate_to_cells(chosen)
    return [hs.flag_hotspots(cells, chosen, null=one)["is_hotspot"].any() for one in NULLS]


def streets() -> gpd.GeoDataFrame:
    """A grid of streets, 60 to 400 m from one to the next."""
    rng = np.random.default_rng(8)
    x, y = (np.cumsum(rng.uniform(60, 400, 40)) for _ in range(2))
    x, y = x[x < SIDE_M], y[y < SIDE_M]
    ends = [((a, c), (a, d)) for a in x for c, d in itertools.pairwise(y)]
    ends += [((a, c), (b, c)) for c in y for a, b in itertools.pairwise(x)]
    return placed([shapely.LineString(one) for one in ends])


def polygons() -> hs.PolygonCells:
    """A city cut into two again and again, anywhere."""
    zones = placed([shapely.box(*one) for one in cut((0, 0, SIDE_M, SIDE_M), 8)])
    return hs.PolygonCells(zones.assign(ground=zones.area), "polygon", at_risk="ground")


RNG = np.random.default_rng(7)


def cut(box: tuple[float, ...], depth: int) -> list[tuple[float, ...]]:
    """The pieces of a box."""
    if depth == 0 or (RNG.random() < 0.25 and depth < 5):
        return [box]
    low, far = np.array(box[:2]), np.array(box[2:])
    axis = int(far[1] - low[1] >= far[0] - low[0])
    at = low[axis] + RNG.uniform(0.25, 0.75) * (far[axis] - low[axis])
    first, second = list(box), list(box)
    first[2 + axis] = second[axis] = at
    return cut(tuple(first), depth - 1) + cut(tuple(second), depth - 1)


def placed(shapes: list) -> gpd.GeoDataFrame:
    """Shapes in a table, in Leeds."""
    from tables import ORIGIN

    moved = gpd.GeoSeries(shapes, crs=27700).translate(*ORIGIN)
    names = [f"a{at:04}" for at in range(len(moved))]
    return gpd.GeoDataFrame({"zone_name": names}, index=names, geometry=moved.to_list(), crs=27700)


if __name__ == "__main__":
    main()
