"""100,000 incidents on 50,000 segments: counted, tested, joined, and near repeats along streets.

    python benchmarks/bench_streets.py

A square town of 158 x 158 blocks, one segment a side. Prints seconds of each step.
"""

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import hotspots as hs

SIDE_M, BLOCKS, INCIDENTS = 100.0, 158, 100_000
CORNER = (400_000.0, 400_000.0)


def streets() -> gpd.GeoDataFrame:
    """Both directions of a grid of streets, each named."""
    at = np.arange(BLOCKS + 1) * SIDE_M
    lines, names = [], []
    for turned in (False, True):
        for row, across in enumerate(at):
            for start in at[:-1]:
                ends = np.array([(start, across), (start + SIDE_M, across)])
                lines.append((ends[:, ::-1] if turned else ends) + CORNER)
                names.append(f"{'Avenue' if turned else 'Street'} {row}")
    ids = [f"s{i:05d}" for i in range(len(lines))]
    shapes = shapely.linestrings(np.array(lines))
    return gpd.GeoDataFrame({"street_name": names}, index=ids, geometry=shapes, crs=27700)


def incidents(rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Uniform noise, and a fiftieth of them on 200 m of one street."""
    size = BLOCKS * SIDE_M
    spots = rng.uniform(0, size, (INCIDENTS, 2))
    spots[: INCIDENTS // 50] = np.column_stack(
        [rng.uniform(5_000, 5_200, INCIDENTS // 50), np.full(INCIDENTS // 50, 5_000.0)]
    )
    start = pd.Timestamp("2025-01-01", tz="Europe/London")
    when = start + pd.to_timedelta(rng.integers(0, 365, INCIDENTS), unit="D")
    table = pd.DataFrame(
        {
            "offence": "x", "offence_scheme": "own", "occurred_from": when,
            "occurred_until": when + pd.Timedelta(days=1), "time_precision": "day",
            "location_precision": "exact", "source": "made",
        },
        index=pd.Index([f"i{row}" for row in range(INCIDENTS)], name="incident_id"),
    )  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*(spots + CORNER).T), crs=27700)


def main() -> None:
    """Time each step."""
    rng = np.random.default_rng(1)
    lines, rows = streets(), incidents(rng)
    edge = BLOCKS * SIDE_M
    within = gpd.GeoDataFrame(geometry=[shapely.box(-50, -50, edge + 50, edge + 50)], crs=27700)
    within = within.set_geometry(within.translate(*CORNER))
    clock = time.perf_counter()

    def told(step: str) -> None:
        nonlocal clock
        print(f"{step:<12} {time.perf_counter() - clock:6.2f} s")
        clock = time.perf_counter()

    cut = hs.streets.split_at_junctions(lines)
    told(f"cut {len(cut):,}")
    asked = hs.select(rows, hs.Question(within=within))
    told("select")
    on = hs.assign_cells(asked, hs.StreetSegments(cut, reach_m=60))
    told("assign")
    areas = hs.aggregate_to_cells(on)
    told("count")
    flagged = hs.flag_hotspots(areas, on, neighbours={})
    told("test")
    runs = hs.streets.find_runs(hs.streets.assign_runs(flagged, on))
    told("join")
    few = hs.select(rows.iloc[:10_000], hs.Question(within=within))
    bands = {"distance_bands_m": [100], "time_bands_days": [7], "permutations": 99}
    hs.when.near_repeats(few, **bands, metric=on.grid)
    told("near 10^4")
    print(
        f"{len(areas):,} segments, {areas['incident_count'].sum():,} incidents, {len(runs)} runs:"
    )
    print(runs[["place_name", "incident_count", "length_m"]].head(3).to_string())


if __name__ == "__main__":
    main()
