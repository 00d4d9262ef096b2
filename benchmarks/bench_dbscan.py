"""How long clustering takes and how much memory, against scikit-learn on the same incidents.

Run: python benchmarks/bench_dbscan.py [rows ...]

150 heaps and 40 % spread over 33 by 28 km, exact and on map points. Each measurement is a process
of its own, one after another: CPU seconds, and peak memory above what was there before. The peer is
what an analyst would write today: scikit-learn's k-d tree on the rows as they come. A ratio is
printed only where the same rows are noise as there, and every row has the cluster that scikit-learn
gives it in sorted order, where numbers and border places do not hang on the order of rows.
"""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
import time
from importlib.util import find_spec

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

RADIUS_M = 75.0
MINIMUM = {10_000: 10, 100_000: 25, 1_000_000: 50}
PEER = "scikit-learn, rows"
WAYS = (PEER, "sklearn", "grid", "fast", "find_clusters", "label_clusters", "suggest_radius")


def points(rows: int, seed: int = 7) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    middles, wide = rng.uniform(0, (33_000, 28_000), (150, 2)), rng.uniform(50, 400, 150)
    weight = rng.lognormal(0, 1, 150)
    heap = rng.choice(150, int(rows * 0.6), p=weight / weight.sum())
    heaped = middles[heap] + rng.normal(size=(len(heap), 2)) * wide[heap, None]
    return np.vstack([heaped, rng.uniform(0, (33_000, 28_000), (rows - len(heap), 2))])


def located(rows: int, shape: str) -> NDArray[np.float64]:
    """Coordinates in metres, whole millimetres, sorted, so that numbers of clusters agree."""
    xy = np.round(points(rows), 3)
    if shape == "snapped":
        anchors = np.round(points(30_000, seed=99))
        xy = anchors[cKDTree(anchors).query(xy)[1]]
    return xy[np.lexsort((xy[:, 1], xy[:, 0]))] + (420_000, 420_000)


def as_incidents(xy: NDArray[np.float64]) -> gpd.GeoDataFrame:
    texts = ["offence", "offence_scheme", "time_precision", "location_precision", "source"]
    table = gpd.GeoDataFrame(
        dict.fromkeys(texts, "-"),
        index=pd.RangeIndex(len(xy), name="incident_id"),
        geometry=gpd.points_from_xy(*xy.T),
        crs="EPSG:27700",
    )
    table["occurred_from"] = pd.Timestamp("2018-07-01", tz="Europe/London")
    table["occurred_until"] = pd.Timestamp("2018-08-01", tz="Europe/London")
    return table


def measure(way: str, rows: int, shape: str) -> None:
    """Do one thing once; print seconds, peak, and noise and clusters as hashes."""
    xy, minimum = located(rows, shape), MINIMUM[rows]
    work = prepared(way, xy, minimum)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    labels = work()
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    codes = np.zeros(0) if labels is None else pd.factorize(pd.Series(labels))[0].astype(np.int64)
    marks = [hashlib.sha256(part.tobytes()).hexdigest() for part in (codes < 0, codes)]
    print(json.dumps([spent, peak / 1024, *marks]))


def prepared(way, xy, minimum):
    """The work, with everything imported and compiled, and its input made."""
    from hotspots.analysis.clusters.find import find_clusters, label_clusters
    from hotspots.analysis.clusters.radius import suggest_radius
    from hotspots.core.points import distinct_places
    from hotspots.stats.dbscan import collapsed_dbscan
    from hotspots.stats.dbscan_grid import Need

    choice = {"radius_m": RADIUS_M, "min_incidents": minimum}
    if way == PEER:
        from sklearn.cluster import DBSCAN

        model = DBSCAN(eps=RADIUS_M * 1_000, min_samples=minimum, algorithm="kd_tree")
        as_they_come = np.random.default_rng(1).permutation(len(xy))
        millimetres = np.rint(xy * 1_000)[as_they_come]
        return lambda: missing(model.fit_predict(millimetres)[np.argsort(as_they_come)])
    if way in ("sklearn", "grid", "fast"):
        places, inverse = distinct_places(*xy.T)
        weights, how = np.bincount(inverse), {"radius_m": RADIUS_M, "engine": way}
        collapsed_dbscan(places[:2_000], Need(weights[:2_000], 2), **how)
        need = Need(weights, minimum)
        return lambda: missing(collapsed_dbscan(places, need, **how)[0][inverse])
    incidents = as_incidents(xy)
    engine = "fast" if find_spec("numba") else "grid"
    find_clusters(incidents.iloc[:2_000], radius_m=RADIUS_M, min_incidents=2, engine=engine)
    if way == "suggest_radius":
        return lambda: print(suggest_radius(incidents, min_incidents=minimum), file=sys.stderr)
    if way == "label_clusters":
        return lambda: label_clusters(incidents, **choice)
    return lambda: find_clusters(incidents, **choice)["incident_count"].sort_index()


def missing(labels):
    return np.where(labels < 0, np.nan, labels)


def main(*sizes: int) -> None:
    for rows in sizes or MINIMUM:
        for shape in ("exact", "snapped"):
            print(f"\n{rows:,} rows, {shape}, {RADIUS_M:g} m, {MINIMUM[rows]} incidents")
            peer, sure = None, None
            for way in WAYS:
                if way == "fast" and not find_spec("numba"):
                    continue
                job = [sys.executable, __file__, "--one", way, str(rows), shape]
                run = subprocess.run(job, capture_output=True, text=True)
                if run.returncode:
                    print(f"{way:>20}  stopped: {run.stderr.strip().splitlines()[-1:]}")
                    continue
                spent, peak, noise, clusters = json.loads(run.stdout)
                peer = peer or (spent, noise)
                sure = sure or (clusters if way == "sklearn" else None)
                told = way in ("find_clusters", "suggest_radius")  # no label of a row to compare
                same = told or (noise == peer[1] and (way == PEER or clusters == sure))
                ratio = f"{peer[0] / spent:7.1f} x" if same else "  OTHER CLUSTERS"
                print(f"{way:>20}  {spent:8.3f} s  {peak:7.0f} MB  {ratio}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        main(*map(int, sys.argv[1:]))
