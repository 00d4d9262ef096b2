"""How often does chance alone make a cluster significant, and what is found when one is planted?

Run: python benchmarks/bench_clusters.py [maps] [draws]

Real map points of Leeds, July 2018, and all its incidents. Under the null, incidents drawn at
random from all of them are called the theme: any significant cluster is a false alarm (5 % of maps
are allowed). Under the alternative, so many more are added on a few neighbouring map points.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd

import hotspots as hs

RADIUS_M, MINIMUM, THEME_SIZE = 100, 8, 1_800
PLANTED = (10, 15, 20, 30)


def leeds() -> pd.DataFrame:
    source = hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    incidents = hs.load_incidents(source, record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"))
    return incidents[incidents.within(city.geometry.union_all())]


def one_map(incidents: pd.DataFrame, seed: int, planted: int, draws: int) -> dict[str, bool]:
    """Whether a map has a significant cluster, and whether it is the planted one."""
    rng = np.random.default_rng(seed)
    theme = np.zeros(len(incidents), dtype=bool)
    theme[rng.choice(len(incidents), THEME_SIZE, replace=False)] = True
    middle = incidents.geometry.iloc[int(rng.integers(len(incidents)))]
    marked = incidents.assign(theme_drawn=theme)
    if planted:
        near = np.flatnonzero(incidents.distance(middle).to_numpy() <= 60)
        more = marked.iloc[rng.choice(near, planted)].assign(theme_drawn=True)
        more.index = pd.Index([f"planted-{i}" for i in range(planted)])
        marked = pd.concat([marked, more])
    drawn = hs.select(marked, hs.Question("drawn"))
    clustered = hs.assign_clusters(drawn, radius_m=RADIUS_M, min_incidents=MINIMUM)
    found = hs.evaluation.cluster_chance(clustered, draws=draws, rng=seed)
    flagged = {name: found.clusters.index[found.clusters[name] <= 0.05] for name in TESTS}
    if not planted:
        return {name: len(ids) > 0 for name, ids in flagged.items()}
    clusters = hs.find_clusters(clustered)
    here = clusters.index[clusters.distance(middle) < 60]
    return {name: bool(ids.isin(here).any()) for name, ids in flagged.items()}


TESTS = ("p_size", "p_excess")


def main(maps: int = 20, draws: int = 39) -> None:
    incidents = leeds()
    for planted in (0, *PLANTED):
        begin = time.perf_counter()
        rows = pd.DataFrame([one_map(incidents, seed, planted, draws) for seed in range(maps)])
        spent = (time.perf_counter() - begin) / maps
        words = "any false flag" if planted == 0 else f"{planted} planted, found"
        shares = ", ".join(f"{name} {share:.1%}" for name, share in rows.mean().items())
        print(f"{words:>20}: {shares} of {maps} maps ({spent:.2f} s a map)")


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:3]))
