"""Cells, zones and density against what an analyst would write by hand: equal first, then faster.

Run: python benchmarks/bench_steps.py [places]

Times are processor seconds, both sides in turn, the best of each; a ratio is printed only where the
answers are the same (a density: as a plain sum of the same kernel has it). Places are a million by
default: 150 dense spots and an even rest over the box of Leeds, each of its own ("exact") or moved
to the nearest of 30,000 anchors ("snapped"), as police forces publish them.
"""

import sys
import time

import geopandas as gpd
import h3
import h3.api.basic_int
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from hotspots.analysis.density import kernel_density
from hotspots.analysis.zones import zones_of
from hotspots.core.crs import to_lonlat
from hotspots.core.data import bundled
from hotspots.core.grids import H3Grid
from hotspots.core.points import PlaceIndex
from hotspots.io.zones.read import load_zones

ROUNDS = 3
ANCHORS = 30_000
DENSITY_PLACES, BANDWIDTH_M = 100_000, 200.0
SEED = 5


def places(count, shape, box):
    rng = np.random.default_rng(SEED)
    low, high = np.array(box[:2]), np.array(box[2:])
    spots, spread = rng.uniform(low, high, (150, 2)), rng.uniform(50, 400, 150)
    which = rng.integers(0, 150, int(count * 0.6))
    dense = spots[which] + rng.normal(0, 1, (len(which), 2)) * spread[which][:, None]
    found = np.concatenate([dense, rng.uniform(low, high, (count - len(which), 2))])
    if shape == "snapped":
        anchors = rng.uniform(low, high, (ANCHORS, 2))
        found = anchors[cKDTree(anchors).query(found)[1]]
    return np.round(found, 3)


def table(xy):
    index = pd.Index([f"i{row}" for row in range(len(xy))], name="incident_id")
    when = pd.Timestamp("2018-07-01", tz="Europe/London")
    constant = {
        "offence": "Robbery",
        "offence_scheme": "police_uk",
        "occurred_from": when,
        "occurred_until": when,
        "time_precision": "month",
        "location_precision": "exact",
        "source": "benchmark",
    }
    points = gpd.points_from_xy(*xy.T)
    return gpd.GeoDataFrame(constant, index=index, geometry=points, crs="EPSG:27700")


def zones_and_wards():
    """The 33 wards of Leeds and 40 blobs of 500 to 2,500 corners that overlap."""
    wards = load_zones(bundled("boundaries/leeds_wards_best_fit.geojson"))
    rng = np.random.default_rng(SEED)
    west, south, east, north = wards.total_bounds
    blobs = []
    for _ in range(40):
        at = rng.uniform(west + 3_000, east - 3_000), rng.uniform(south + 3_000, north - 3_000)
        turn = np.linspace(0, 2 * np.pi, rng.integers(500, 2_500), endpoint=False)
        waves = 1 + sum(
            rng.normal(0, 0.25 / k) * np.cos(k * turn + rng.uniform(0, 6)) for k in range(1, 12)
        )
        reach = rng.uniform(300, 1_800) * np.maximum(waves, 0.1)
        corners = np.column_stack([reach * np.cos(turn), reach * np.sin(turn)]) + at
        blobs.append(shapely.make_valid(shapely.Polygon(corners), method="structure"))
    index = pd.Index([f"blob-{number:02d}" for number in range(40)], name="zone_id")
    other = gpd.GeoDataFrame({"kind": "pspo"}, index=index, geometry=blobs, crs=wards.crs)
    return pd.concat([wards[["kind", "geometry"]].assign(kind="pspo"), other])


def bench_cells(incidents, xy, shape):
    x, y = np.ascontiguousarray(xy.T)
    lon, lat = to_lonlat(x, y)

    def loop():
        find = h3.api.basic_int.latlng_to_cell
        pairs = zip(lat.tolist(), lon.tolist(), strict=True)
        return np.fromiter((find(*place, 9) for place in pairs), np.uint64, len(lat))

    def by_hand():
        lon, lat = to_lonlat(x, y)
        pairs = zip(lat.tolist(), lon.tolist(), strict=True)
        return np.array([h3.latlng_to_cell(*place, 9) for place in pairs], dtype=object)

    def ours():
        if shape == "exact":
            return H3Grid(9).cell_ids(x, y)
        index = PlaceIndex.of(incidents)
        cells, of_place = index.cells(H3Grid(9), incidents.crs)
        return index.spread(cells.to_numpy()[of_place], None)

    same = bool((ours() == by_hand()).all())
    say(f"cells, {shape}, against an h3-py loop from degrees", same, loop, ours)
    say(f"cells, {shape}, against projection and loop", same, by_hand, ours)


def bench_zones(incidents, shape):
    zones = zones_and_wards()

    def by_hand():
        return incidents[["geometry"]].sjoin(zones[["geometry"]], predicate="intersects")

    def ours():
        return zones_of(incidents, zones)

    joined = by_hand()
    expected = pd.DataFrame({"i": joined.index, "z": joined["zone_id"].to_numpy()})
    found = ours().set_axis(["i", "z"], axis=1)
    same = expected.sort_values(["i", "z"], ignore_index=True).equals(
        found.sort_values(["i", "z"], ignore_index=True)
    )
    say(f"33 wards + 40 zones, {shape}, against geopandas.sjoin", same, by_hand, ours)


def bench_density(xy):
    """Scikit-learn at a fiftieth of the middles, its time taken fifty times."""
    from sklearn.neighbors import KernelDensity

    incidents = table(xy)
    surface = kernel_density(incidents, bandwidth_m=BANDWIDTH_M).iloc[::50]
    middles = shapely.get_coordinates(surface.geometry.centroid.to_numpy())

    def by_hand():
        # sklearn has no quartic kernel: the Epanechnikov one reaches as far
        tree = KernelDensity(bandwidth=BANDWIDTH_M, kernel="epanechnikov", rtol=1e-3)
        return np.exp(tree.fit(xy).score_samples(middles))

    near = cKDTree(middles).sparse_distance_matrix(cKDTree(xy), BANDWIDTH_M).tocoo()
    kernel = 3 / (np.pi * BANDWIDTH_M**2) * (1 - (near.data / BANDWIDTH_M) ** 2) ** 2
    expected = np.bincount(near.row, kernel, len(middles)) * 1e6
    same = bool(np.allclose(surface["density"], expected, rtol=1e-9))
    what = f"density of {50 * len(surface):,} squares, {len(xy):,} places"
    say(what, same, by_hand, lambda: kernel_density(incidents, bandwidth_m=BANDWIDTH_M), times=50)


def say(what, same, peer, ours, times=1):
    if not same:
        print(f"{what}: NOT THE SAME")
        return
    both = [(seconds(peer) * times, seconds(ours)) for _ in range(ROUNDS)]
    theirs, own = (min(column) for column in zip(*both, strict=True))
    print(f"{what}: {theirs:.2f} s and {own:.3f} s, {theirs / own:.1f} times", flush=True)


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def main(count=1_000_000):
    box = zones_and_wards().total_bounds
    for shape in ("exact", "snapped"):
        xy = places(count, shape, box)
        incidents = table(xy)
        bench_cells(incidents, xy, shape)
        bench_zones(incidents, shape)
    bench_density(places(min(count, DENSITY_PLACES), "exact", box))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
