"""Clusters are those of scikit-learn, wherever its answer does not hang on the order of rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import incidents_at, piles_and_noise

from hotspots.analysis.clusters.find import assign_clusters
from hotspots.stats.dbscan import grouped, reach

MILLIMETRES = 1000
points = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=0, max_size=80)


@pytest.fixture(scope="module")
def cluster():
    """To import scikit-learn takes a second or two: by the one worker that asks it."""
    return pytest.importorskip("sklearn.cluster")


@settings(max_examples=60, deadline=None)
@given(pairs=points, radius=st.integers(1, 12), minimum=st.integers(1, 8))
def test_labels_equal_scikit_learn_on_the_sorted_coordinates(cluster, pairs, radius, minimum):
    incidents = incidents_at([(float(x), float(y)) for x, y in pairs])
    labels = assign_clusters(incidents, radius_m=radius, min_incidents=minimum).area_ids
    if not pairs:
        assert labels.empty
        return
    xy = np.array(pairs)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    oracle = np.empty(len(xy), dtype=int)
    alone = cluster.DBSCAN(eps=radius, min_samples=minimum, algorithm="brute")
    oracle[order] = alone.fit_predict(xy[order].astype(float))
    assert np.array_equal(labels.isna(), oracle == -1)
    found = labels.dropna()
    assert partition(found) == partition(pd.Series(oracle, index=incidents.index).loc[found.index])


@pytest.mark.parametrize("total", [4_000, 20_000])
def test_incidents_on_one_map_point_stay_neighbours_however_many_there_are(cluster, total):
    xy, on_points = piles_and_noise(total)
    incidents = incidents_at([tuple(p) for p in xy])
    choice = {"radius_m": 50, "min_incidents": 20}
    labels = assign_clusters(incidents, **choice).area_ids
    assert labels.nunique() == 40
    assert labels[on_points].notna().all()
    places, inverse = np.unique(np.rint(xy * MILLIMETRES).astype(int), axis=0, return_inverse=True)
    fast, _ = grouped(reach(places, 50), np.bincount(inverse), 20)
    oracle = cluster.DBSCAN(eps=50, min_samples=20).fit_predict(xy)
    assert len(set(fast) - {-1}) == len(set(oracle) - {-1}) == 40
    assert ((fast[inverse] >= 0) == (oracle >= 0)).all()


def test_hdbscan_is_scikit_learns_with_everything_dbscan_finds_kept_whole(cluster):
    xy, _ = piles_and_noise(600)
    xy = np.vstack([xy, [(40.0, 0.0)] * 3])
    varying = cluster.HDBSCAN(min_cluster_size=6, min_samples=6, copy=True)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    oracle = np.empty(len(xy), dtype=int)
    oracle[order] = varying.fit_predict(xy[order])
    even = cluster.DBSCAN(eps=50, min_samples=6).fit_predict(xy)
    incidents = incidents_at([tuple(p) for p in xy])
    labels = assign_clusters(incidents, radius_m=50, min_incidents=6, method="hdbscan").area_ids
    assert labels.isna().tolist() == ((oracle == -1) & (even == -1)).tolist()
    for method in (oracle, even):
        together = labels[method >= 0].groupby(method[method >= 0]).nunique()
        assert (together == 1).all()
    assert 40 < labels.nunique() <= len(set(oracle)) + len(set(even))


def partition(labels):
    groups = pd.Series(labels.index, index=labels.to_numpy()).groupby(level=0)
    return {frozenset(members) for _, members in groups}
