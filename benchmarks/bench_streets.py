"""100,000 incidents on 50,000 segments: counted, tested, joined, and near repeats along streets.

    python benchmarks/bench_streets.py [networks]

A square town of 158 x 158 blocks, one segment a side. Prints seconds of each step. With a number:
so many towns of 20 x 20 blocks in which three neighbours call about each of 300 troubles that fall
anywhere (seeds from 78,000), and how often `find_recurring_roads` finds a stretch where none is.
"""

import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

import hotspots as hs

SIDE_M, BLOCKS, INCIDENTS = 100.0, 158, 100_000
CORNER = (400_000.0, 400_000.0)


def streets(blocks: int = BLOCKS) -> gpd.GeoDataFrame:
    """Both directions of a grid of streets, each named."""
    at = np.arange(blocks + 1) * SIDE_M
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
    spots = rng.uniform(0, BLOCKS * SIDE_M, (INCIDENTS, 2))
    spots[: INCIDENTS // 50] = np.column_stack(
        [rng.uniform(5_000, 5_200, INCIDENTS // 50), np.full(INCIDENTS // 50, 5_000.0)]
    )
    return at_days(spots, rng.integers(0, 365, INCIDENTS))


def at_days(spots: np.ndarray, days: np.ndarray) -> gpd.GeoDataFrame:
    """Incidents at exact places, on days of 2025."""
    start = pd.Timestamp("2025-01-01", tz="Europe/London")
    when = start + pd.to_timedelta(days, unit="D")
    table = pd.DataFrame(
        {
            "offence": "x", "offence_scheme": "own", "occurred_from": when,
            "occurred_until": when + pd.Timedelta(days=1), "time_precision": "day",
            "location_precision": "exact", "source": "made",
        },
        index=pd.Index([f"i{row}" for row in range(len(days))], name="incident_id"),
    )  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*(spots + CORNER).T), crs=27700)


def has_stretch(seed: int, blocks: int = 20, troubles: int = 300) -> bool:
    """Whether a stretch is found where each trouble is told by three neighbours on one day."""
    rng = np.random.default_rng(seed)
    lines = streets(blocks)
    which, along = rng.integers(0, len(lines), troubles), rng.uniform(0, SIDE_M, troubles)
    spots = shapely.get_coordinates(
        shapely.line_interpolate_point(lines.geometry.array[which], along)
    )
    spots = np.repeat(spots - CORNER, 3, axis=0) + rng.normal(0, 15, (3 * troubles, 2))
    rows = at_days(spots, np.repeat(rng.integers(0, 365, troubles), 3))
    edge = shapely.box(-60, -60, blocks * SIDE_M + 60, blocks * SIDE_M + 60)
    within = gpd.GeoSeries([edge], crs=27700).translate(*CORNER).to_frame("geometry")
    asked = hs.select(rows, hs.Question(within=within))
    cut = hs.streets.split_at_junctions(lines)
    return len(hs.operations.find_recurring_roads(asked, cut).roads) > 0


def main() -> None:
    """Time each step, or count false stretches."""
    if len(sys.argv) > 1:
        found = [has_stretch(78_000 + one) for one in range(int(sys.argv[1]))]
        print(f"a stretch in {sum(found)} of {len(found)} networks where nothing was planted")
        return
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
