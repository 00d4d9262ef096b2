"""DBSCAN laws: weight is repetition, order is nothing."""

import numpy as np
import pandas as pd
import pytest
import shapely
from chain import asked
from refusing import refused
from tables import assert_contract, incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.clusters.chance import cluster_chance
from hotspots.analysis.clusters.discs import ALL_HIDDEN, disc_unions, hidden_edges
from hotspots.analysis.clusters.find import assign_clusters, find_clusters, label_clusters
from hotspots.core.errors import InputError
from hotspots.core.record import RunRecord
from hotspots.core.tables import AREAS
from hotspots.stats.dbscan import collapsed_dbscan
from hotspots.stats.dbscan_grid import Need


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
    _, found = collapsed_dbscan(places, Need(np.array(weights), 6), radius_m=radius_m)
    assert found.tolist() == core


def test_weight_equals_repetition():
    once = incidents_at([(0, 0), (50, 0), (500, 0)])
    three_times = incidents_at([(0, 0)] * 3 + [(50, 0)] * 2 + [(500, 0)])
    places = np.array([[0, 0], [50_000, 0], [500_000, 0]])
    weighted, _ = collapsed_dbscan(places, Need(np.array([3, 2, 1]), 5), radius_m=60)
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


@pytest.mark.parametrize("engine", ["auto", "grid", "sklearn"])
def test_every_engine_finds_the_same_clusters_and_says_which_it_was(engine):
    record = RunRecord("test", marking="TEST")
    choice = {"radius_m": 80, "min_incidents": 12}
    clusters = find_clusters(town(), **choice, engine=engine, record=record)
    pd.testing.assert_frame_equal(
        pd.DataFrame(clusters), pd.DataFrame(find_clusters(town(), **choice))
    )
    (choices,) = record.choices["find_clusters"]
    assert choices["engine"] == ("grid" if engine == "auto" else engine)


def test_labels_are_the_members_of_the_clusters_on_the_index_of_the_incidents():
    choice = {"radius_m": 80, "min_incidents": 12}
    incidents = shuffled(pd.concat([town(), incidents_at([None, (0, 0)]).set_axis(["a", "b"])]))
    labels = label_clusters(incidents, **choice)
    clusters = find_clusters(incidents, **choice)
    assert labels.index.equals(incidents.index)
    assert labels.value_counts().to_dict() == clusters["incident_count"].to_dict()
    assert labels[incidents.geometry.isna()].isna().all()
    near = asked(incidents, within=zone("City", (-500, -500, 500, 500)))
    assert label_clusters(near, **choice).index.equals(near.rows.index)


def weighed():
    """One grave incident; two places a step apart with little harm; a busy one without weights."""
    points = [(0, 0), *[(500, 0)] * 3, *[(550, 0)] * 2, *[(2_000, 0)] * 9]
    harm = [900.0, *[0.1] * 3, *[0.2] * 2, *[np.nan] * 9]
    return incidents_at(points, harm=harm, harm_scale="test")


@pytest.mark.parametrize(
    ("choice", "clusters"),
    [
        ({"min_harm": 0.7}, ["steps"]),  # 0.1 + 0.1 + 0.1 + 0.2 + 0.2, whatever the order
        ({"min_harm": 0.71}, []),
        ({"min_harm": 0.71, "min_incidents": 1}, ["grave"]),  # one event alone: only if asked for
        ({"min_harm": 0.7, "min_incidents": 5}, ["steps"]),
        ({"min_harm": 0.7, "min_incidents": 6}, []),
        ({"min_incidents": 5}, ["steps", "busy"]),
        ({"min_harm": 901}, []),
    ],
)
@pytest.mark.parametrize("engine", ["grid", "sklearn"])
def test_a_core_place_has_the_harm_asked_for_and_the_number_if_that_is_asked_too(
    choice, clusters, engine
):
    names = ["grave", *["steps"] * 5, *["busy"] * 9]
    for incidents in (weighed(), weighed()[::-1]):
        labels = label_clusters(incidents, radius_m=50, **choice, engine=engine)
        mine = pd.Series(names, index=weighed().index).reindex(incidents.index)
        assert sorted(mine[labels.notna()].unique()) == sorted(clusters)
        assert labels.nunique() == len(clusters)


def test_the_share_of_harm_is_of_all_the_incidents_not_of_those_in_clusters():
    clusters = find_clusters(weighed(), radius_m=60, min_harm=800, min_incidents=1)
    assert clusters["harm"].tolist() == [900.0]
    assert clusters["harm_share"].tolist() == pytest.approx([900 / 900.7])


def test_harm_makes_the_clusters_that_scikit_learn_makes_of_places_that_weigh_it():
    rng = np.random.default_rng(2)
    points, harm = rng.integers(0, 600, (150, 2)), rng.integers(0, 40, 150)
    incidents = incidents_at([tuple(p) for p in points], harm=harm.astype(float), harm_scale="test")
    labels = label_clusters(incidents, radius_m=40, min_harm=90, min_incidents=1)
    cluster = pytest.importorskip("sklearn.cluster")
    oracle = cluster.DBSCAN(eps=40, min_samples=90).fit(points, sample_weight=harm)
    assert np.array_equal(labels.isna(), oracle.labels_ == -1)
    pairs = pd.crosstab(labels[labels.notna()], oracle.labels_[labels.notna()])
    assert len(pairs) > 3
    assert ((pairs > 0).sum() == 1).all()


def test_the_harm_asked_for_is_told_and_bounds_no_number_of_incidents():
    record = RunRecord("test", marking="TEST")
    alone = find_clusters(weighed(), radius_m=50, min_harm=0.7, min_incidents=1, record=record)
    assert alone["min_incidents"].eq(1).all()
    assert find_clusters(weighed(), radius_m=50, min_harm=0.7)["min_incidents"].eq(2).all()
    find_clusters(weighed(), radius_m=50, min_harm=0.7, min_incidents=5, record=record)
    first, second = record.choices["find_clusters"]
    assert (first["min_harm"], "min_incidents" in first) == (0.7, False)
    assert (second["min_harm"], second["min_incidents"]) == (0.7, 5)


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        ({"radius_m": 50, "min_harm": 0}, "min_harm"),
        ({"radius_m": 50, "min_harm": 1, "method": "hdbscan"}, "min_harm"),
        ({"radius_m": 50, "engine": "gpu"}, "engine"),
    ],
)
def test_harm_and_engines_that_mean_nothing_are_refused(choice, says):
    with pytest.raises(InputError, match=says):
        find_clusters(weighed(), **choice)


def test_a_radius_that_is_left_out_is_suggested_by_number_also_for_harm():
    incidents = town().assign(harm=5.0, harm_scale="test")
    record = RunRecord("test", marking="TEST")
    assert len(find_clusters(incidents, min_harm=20, record=record))
    told = record.choices["find_clusters"][0]
    number = find_clusters(incidents, record=record)
    assert told["radius_m"] == record.choices["find_clusters"][1]["radius_m"]
    assert (told["min_harm"], told["min_incidents"], len(number) > 0) == (20, 2, True)


def test_harm_is_asked_of_incidents_that_have_it_and_chance_of_their_number():
    with pytest.raises(InputError, match="harm"):
        label_clusters(town(), radius_m=50, min_harm=3)
    clustered = assign_clusters(weighed(), radius_m=50, min_harm=0.7)
    with pytest.raises(InputError, match="min_harm"):
        cluster_chance(clustered, draws=9)
    with refused("chosen-already", of="incidents"):
        find_clusters(clustered, min_harm=2)


def test_places_a_millimetre_scale_apart_are_at_the_radius_however_it_is_written():
    """1.005 m is 1,004.9999999999999 mm in binary."""
    pair = incidents_at([(0, 0), (1.005, 0)])
    assert len(find_clusters(pair, radius_m=1.005, min_incidents=2)) == 1
    assert len(find_clusters(pair, radius_m=1.004, min_incidents=2)) == 0


# Outlines ----------------------------------------------------------------------------------------


def all_discs(places, owner, radius_m):
    """The obvious way: a disc around every place."""
    discs = shapely.buffer(shapely.points(places / 1_000), radius_m, quad_segs=16)
    return [shapely.union_all(discs[owner == one]) for one in np.unique(owner)]


def rings_and_heaps(rng):
    """A dense ring with a hole, a heap beside it, a few places far away, all in one or three."""
    turn, wide = rng.uniform(0, 2 * np.pi, 3_000), rng.uniform(180, 320, 3_000)
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * wide[:, None]
    heap = rng.normal([rng.choice([400, 700]), 0], 60, (2_000, 2))
    return np.vstack([ring, heap, rng.uniform(-50_000, 50_000, (5, 2))])


@pytest.mark.parametrize("radius_m", [0.004, 30, 75, 250])
@pytest.mark.parametrize("one_owner", [True, False])
def test_outlines_are_those_of_a_disc_around_every_place(radius_m, one_owner):
    rng = np.random.default_rng(int(radius_m))
    scale = min(1, radius_m)
    places = np.unique(np.rint(rings_and_heaps(rng) * 1_000 * scale).astype(np.int64), axis=0)
    places = rng.permutation(places)[: 5_000 if radius_m > 1 else 100]
    owner = np.zeros(len(places), dtype=int) if one_owner else np.arange(len(places)) % 3
    for mine, right in zip(
        disc_unions(places, owner, radius_m), all_discs(places, owner, radius_m), strict=True
    ):
        assert mine.is_valid
        assert mine.symmetric_difference(right).area <= 1e-9 * right.area
        assert shapely.get_num_coordinates(mine) == shapely.get_num_coordinates(right)


@pytest.mark.parametrize("step", [0.3, 1, np.sqrt(2), 2])
def test_outlines_of_a_lattice_with_gaps_are_those_of_all_discs(step):
    """Discs that touch, and four that meet in a point, round gaps of every size."""
    rng = np.random.default_rng(3)
    lattice = np.stack(np.meshgrid(*[np.arange(20) * step * 75_000] * 2), axis=-1).reshape(-1, 2)
    places = np.rint(lattice[rng.random(len(lattice)) < 0.7]).astype(np.int64)
    owner = np.zeros(len(places), dtype=int)
    mine, right = disc_unions(places, owner, 75)[0], all_discs(places, owner, 75)[0]
    assert mine.is_valid
    assert mine.symmetric_difference(right).area <= 1e-9 * right.area
    assert shapely.get_num_geometries(mine) == shapely.get_num_geometries(right)


def test_most_discs_of_a_crowd_need_no_drawing():
    rng = np.random.default_rng(1)
    places = np.unique(np.rint(rng.normal(0, 100_000, (20_000, 2))).astype(np.int64), axis=0)
    drawn = hidden_edges(places, np.zeros(len(places), dtype=int), 75_000) != ALL_HIDDEN
    assert 0 < drawn.sum() < len(places) / 10


def test_a_tally_has_the_clusters_of_its_incidents():
    incidents = weighed()
    for choice in ({"min_incidents": 5}, {"min_incidents": 1, "min_harm": 0.7}):
        of_rows = find_clusters(incidents, radius_m=50, **choice)
        of_tally = find_clusters(hs.fold(incidents), radius_m=50, **choice)
        pd.testing.assert_frame_equal(pd.DataFrame(of_tally), pd.DataFrame(of_rows))
        assert len(of_rows) == 2
