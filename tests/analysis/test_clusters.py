"""DBSCAN laws: weight is repetition, order is nothing."""

import numpy as np
import pandas as pd
import pytest
import shapely
from chain import asked
from refusing import refused
from tables import assert_contract, incidents_at, shuffled, zone

from hotspots.analysis.clusters import assign_clusters, find_clusters
from hotspots.core.errors import InputError
from hotspots.core.record import RunRecord
from hotspots.core.tables import AREAS
from hotspots.stats.dbscan import collapsed_dbscan


def town(seed=3):
    """Three dense spots among background, many incidents on the same points."""
    rng = np.random.default_rng(seed)
    spots = [rng.normal(middle, 40, (60, 2)) for middle in ((0, 0), (1000, 0), (0, 1500))]
    background = rng.uniform(-2000, 3000, (120, 2))
    return incidents_at([tuple(p) for p in np.round(np.vstack([*spots, background]), -1)])


@pytest.mark.parametrize(
    ("radius_m", "weights", "core"),
    [
        (0.5, [6, 5], [True, False]),
        (1.5, [5, 1], [True, True]),
        (1.5, [5, 0], [False, False]),
    ],
)
def test_known_answers_of_two_points_at_0_and_1_with_a_minimum_of_6(radius_m, weights, core):
    places = np.array([[0, 0], [1000, 0]])
    _, found = collapsed_dbscan(places, np.array(weights), radius_m, 6)
    assert found.tolist() == core


def test_weight_equals_repetition():
    once = incidents_at([(0, 0), (50, 0), (500, 0)])
    three_times = incidents_at([(0, 0)] * 3 + [(50, 0)] * 2 + [(500, 0)])
    places = np.array([[0, 0], [50_000, 0], [500_000, 0]])
    weighted, _ = collapsed_dbscan(places, np.array([3, 2, 1]), 60, 5)
    repeated = assign_clusters(three_times, radius_m=60, min_incidents=5).area_ids
    assert weighted.tolist() == [0, 0, -1]
    assert repeated.notna().tolist() == [True] * 5 + [False]
    assert assign_clusters(once, radius_m=60, min_incidents=5).area_ids.isna().all()


def test_the_radius_and_the_minimum_are_inclusive_to_the_millimetre():
    pair = incidents_at([(0, 0), (100, 0)])
    assert len(find_clusters(pair, radius_m=100, min_incidents=2)) == 1
    assert len(find_clusters(pair, radius_m=99.999, min_incidents=2)) == 0
    assert len(find_clusters(pair, radius_m=100, min_incidents=3)) == 0


def test_row_order_labels_and_extra_columns_change_nothing():
    incidents = town()
    one = find_clusters(incidents, radius_m=80, min_incidents=12)
    other = find_clusters(shuffled(incidents), radius_m=80, min_incidents=12)
    assert len(one) >= 3
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def test_planted_spots_are_found_and_the_background_is_not():
    clusters = find_clusters(town(), radius_m=80, min_incidents=12)
    middles = clusters.geometry.centroid
    for x, y in ((0, 0), (1000, 0), (0, 1500)):
        gap = np.hypot(middles.x - 429_000 - x, middles.y - 433_000 - y)
        assert (gap < 60).sum() == 1
    assert len(clusters) == 3


def test_counts_come_from_labels_and_every_row_is_accounted_for():
    incidents = town()
    record = RunRecord("test", marking="TEST")
    clusters = find_clusters(incidents, radius_m=80, min_incidents=12, record=record)
    labels = assign_clusters(incidents, radius_m=80, min_incidents=12).area_ids
    assert clusters["incident_count"].to_dict() == labels.value_counts().to_dict()
    (account,) = record.accounts
    assert account.used == account.in_areas + account.noise == len(incidents)
    assert account.noise == labels.isna().sum() > 0


def test_members_lie_within_the_radius_of_a_core_place_and_no_core_place_in_a_foreign_polygon():
    incidents, radius = town(), 80
    clusters = find_clusters(incidents, radius_m=radius, min_incidents=12)
    labels = assign_clusters(incidents, radius_m=radius, min_incidents=12).area_ids
    xy = np.column_stack([incidents.geometry.x, incidents.geometry.y])
    near = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) <= radius
    core = near.sum(axis=1) >= 12
    for area_id, outline in clusters.geometry.items():
        mine = (labels == area_id).to_numpy()
        assert near[np.ix_(mine, mine & core)].any(axis=1).all()
        foreign = core & ~mine
        assert not shapely.contains_xy(outline, xy[foreign, 0], xy[foreign, 1]).any()


def test_everything_in_one_place_is_one_cluster_of_one_point():
    clusters = find_clusters(incidents_at([(0, 0)] * 30), radius_m=50, min_incidents=30)
    assert clusters[["incident_count", "unique_points", "largest_point_share"]].iloc[
        0
    ].tolist() == [30, 1, 1.0]
    assert clusters["area_km2"].iloc[0] == pytest.approx(np.pi * 0.05**2, rel=0.01)


@pytest.mark.parametrize("rows", [[], [None, None], [(0, 0)]])
def test_nothing_to_find_gives_a_well_formed_empty_table(rows):
    incidents = incidents_at(rows)
    record = RunRecord("test", marking="TEST")
    clusters = find_clusters(
        asked(incidents, within=zone("City", (-10, -10, 10, 10))),
        radius_m=50,
        min_incidents=2,
        record=record,
    )
    assert len(clusters) == 0
    assert_contract(clusters, AREAS)
    assert record.accounts[0].accepted == len(rows)


def test_the_contract_is_kept_and_the_input_is_left_alone():
    incidents = town()
    before = incidents.copy(deep=True)
    clusters = find_clusters(incidents, radius_m=80, min_incidents=12)
    assert_contract(clusters, AREAS)
    assert clusters.index.name == "area_id"
    pd.testing.assert_frame_equal(pd.DataFrame(incidents), pd.DataFrame(before))


@pytest.mark.parametrize(
    "choice",
    [
        {"radius_m": 0, "min_incidents": 5},
        {"radius_m": float("nan"), "min_incidents": 5},
        {"radius_m": 50, "min_incidents": 0},
        {"radius_m": 50, "min_incidents": 2.5},
        {"radius_m": 50, "min_incidents": True},
    ],
)
def test_choices_that_mean_nothing_are_refused(choice):
    with pytest.raises(InputError, match=r"radius_m|min_incidents"):
        find_clusters(incidents_at([(0, 0)]), **choice)


def test_an_id_stays_while_the_cluster_stays_in_its_square():
    first, moved = (
        asked(incidents_at(points, theme_asb=True), theme="asb")
        for points in ([(0, 0)] * 10, [(5, 3)] * 12)
    )
    one = find_clusters(first, radius_m=30, min_incidents=5)
    other = find_clusters(moved, radius_m=30, min_incidents=5)
    assert one.index.tolist() == other.index.tolist() == ["asb-SE290330"]


def test_clusters_of_assigned_incidents_are_those_of_the_same_choices():
    choice = {"radius_m": 80, "min_incidents": 12}
    chosen = asked(town(), within=zone("City", (-500, -500, 2500, 2500)))
    clustered = assign_clusters(chosen, **choice)
    records = [RunRecord("test", marking="TEST") for _ in range(2)]
    one = find_clusters(clustered, max_area_km2=0.02, record=records[0])
    other = find_clusters(chosen, **choice, max_area_km2=0.02, record=records[1])
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))
    assert records[0].accounts == records[1].accounts
    assert records[0].choices == records[1].choices
    assert clustered.rows.drop(columns="area_id").equals(chosen.rows)


@pytest.mark.parametrize("again", [{"radius_m": 80}, {"min_incidents": 12}, {"method": "dbscan"}])
def test_clusters_are_chosen_once(again):
    clustered = assign_clusters(town(), radius_m=80, min_incidents=12)
    with refused("chosen-already", of="incidents"):
        find_clusters(clustered, **again)
