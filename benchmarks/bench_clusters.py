"""How often does chance alone make a cluster significant, and what is found when one is planted?

Run: python benchmarks/bench_clusters.py [maps] [draws]

Real map points of Leeds, July 2018, and all its incidents. Under the null, incidents drawn at
random from all of them are called the theme; or the share that violence has of a map point goes to
another that holds as many, so that places are as unlike as they are. Any significant cluster is a
false alarm (5 % of maps are allowed). Under the alternative, so many more are added at one map
point, or shared out evenly to the six around it.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

import hotspots as hs

RADIUS_M, MINIMUM, THEME_SIZE = 100, 8, 1_800
PLANTED = (15, 30, 60)


def leeds() -> pd.DataFrame:
    source = hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    incidents = hs.load_incidents(source, record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"))
    return incidents[incidents.within(city.geometry.union_all())]


def one_map(
    incidents: pd.DataFrame, seed: int, planted: int, spots: int, unlike: bool, draws: int
) -> dict[str, bool]:
    """Whether a map has a significant cluster, and whether it is the planted one."""
    rng = np.random.default_rng(seed)
    place = incidents.groupby([incidents.geometry.x, incidents.geometry.y]).ngroup().to_numpy()
    theme = np.zeros(len(incidents), dtype=bool)
    if unlike:
        violent = incidents["theme_serious_violence"].to_numpy()
        held, mine = np.bincount(place), np.bincount(place, violent)
        # Of places in order of what they hold, each takes the share of one of the twenty around it.
        order = np.lexsort((rng.random(len(held)), held))
        block = np.arange(len(held)) // 20
        other = order[np.lexsort((rng.random(len(held)), block))]
        share = np.empty(len(held))
        share[order] = mine[other] / held[other]
        theme = rng.random(len(incidents)) < share[place]
    else:
        theme[rng.choice(len(incidents), THEME_SIZE, replace=False)] = True
    middle = incidents.geometry.iloc[int(rng.integers(len(incidents)))]
    marked = incidents.assign(theme_drawn=theme)
    if planted:
        off = pd.Series(incidents.distance(middle).to_numpy()).groupby(place).first()
        first = pd.Series(np.arange(len(place))).groupby(place).first()
        near = first[off.nsmallest(spots).index].to_numpy()
        more = marked.iloc[np.resize(near, planted)].assign(theme_drawn=True)
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
    for unlike in (False, True):
        for spots, planted in ((0, 0), *((spots, size) for spots in (1, 6) for size in PLANTED)):
            rows = pd.DataFrame(
                [one_map(incidents, seed, planted, spots, unlike, draws) for seed in range(maps)]
            )
            words = "any false flag" if planted == 0 else f"{planted} at {spots} planted, found"
            shares = ", ".join(f"{name} {share:.1%}" for name, share in rows.mean().items())
            print(f"{'unlike' if unlike else 'alike'}, {words}: {shares} of {maps}", flush=True)


if __name__ == "__main__":
    main(*(int(value) for value in sys.argv[1:3]))
