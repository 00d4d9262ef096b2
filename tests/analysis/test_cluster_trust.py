"""What clusters are worth: chance, stability, radius, budget, ids, and the engines behind them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from chain import asked
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from tables import assert_contract, incidents_at, piles_and_noise, shuffled

import hotspots as hs
from hotspots.analysis.clusters import chance
from hotspots.core.errors import InputError
from hotspots.core.tables import AREAS
from hotspots.stats.dbscan import (
    collapsed_dbscan,
    distance_to_kth,
    distance_to_next,
    grouped,
    joined,
    reach,
)
from hotspots.stats.dbscan_grid import Need

MILLIMETRES = 1000
weighted_places = st.dictionaries(
    st.tuples(st.integers(0, 40), st.integers(0, 40)), st.integers(1, 5), max_size=40
)


def collapsed(piles):
    """Places in millimetres, sorted, and their weights."""
    places = np.array(sorted(piles), dtype=np.int64).reshape(-1, 2)
    weights = np.array([piles[tuple(p)] for p in places.tolist()], dtype=np.int64)
    return places * MILLIMETRES, weights


def flat_town(seed=5, busy=0, months=("2018-06", "2018-07")):
    """600 map points at random, two incidents on each, and ``busy`` more on a few that touch."""
    rng = np.random.default_rng(seed)
    points = np.round(rng.uniform(0, 5_000, (600, 2)))
    rows = [*map(tuple, np.repeat(points, 2, axis=0))]
    spot = [(9_000.0 + 20 * (i % 5), 0.0) for i in range(busy)]
    size = len(rows) + len(spot)
    month = [months[i % len(months)] for i in range(size)]
    asb = np.r_[rng.random(len(rows)) < 0.3, np.ones(len(spot), dtype=bool)]
    return incidents_at([*rows, *spot], month=month, theme_asb=asb)


@pytest.fixture(scope="module")
def town():
    """The synthetic town with the planted theme of every incident."""
    made = hs.synthetic_town(incidents=30_000, coordinates="snapped")
    theme = made.truth.incidents["theme"].reindex(made.incidents.index)
    flags = {f"theme_{name}": theme.eq(name) for name in ("asb", "serious_violence")}
    return made, made.incidents.assign(**flags)


# Engines ------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(weighted_places, st.integers(1, 12), st.integers(1, 8))
def test_grouping_by_reach_equals_scikit_learn(piles, radius, minimum):
    places, weights = collapsed(piles)
    labels, core = grouped(reach(places, radius), weights, minimum)
    same, same_core = collapsed_dbscan(places, Need(weights, minimum), radius_m=radius)
    assert labels.tolist() == same.tolist()
    assert core.tolist() == same_core.tolist()


@settings(max_examples=60, deadline=None)
@given(weighted_places, st.integers(1, 12), st.integers(1, 8), st.randoms())
def test_places_that_weigh_nothing_are_not_there(piles, radius, minimum, random):
    places, weights = collapsed(piles)
    here = np.array([random.random() < 0.6 for _ in weights], dtype=bool)
    labels, _ = grouped(reach(places, radius), weights * here, minimum)
    alone, _ = collapsed_dbscan(places[here], Need(weights[here], minimum), radius_m=radius)
    assert labels[here].tolist() == alone.tolist()
    assert (labels[~here] == -1).all()


@settings(max_examples=100, deadline=None)
@given(weighted_places, st.integers(1, 30))
def test_the_kth_distance_counts_every_incident_on_a_place(piles, k):
    places, weights = collapsed(piles)
    found = distance_to_kth(places, weights, k)
    each = np.repeat(places, weights, axis=0) / MILLIMETRES
    for place, distance in zip(places / MILLIMETRES, found, strict=True):
        gaps = np.sort(np.hypot(*(each - place).T))
        assert distance == (pytest.approx(gaps[k - 1]) if k <= len(gaps) else np.inf)


def test_the_next_place_is_another_place():
    places = np.array([[0, 0], [3_000, 4_000], [3_000, 5_000]])
    assert distance_to_next(places).tolist() == [5.0, 1.0, 1.0]
    assert distance_to_next(places[:1]).tolist() == [np.inf]
    assert distance_to_next(places[:0]).tolist() == []


# HDBSCAN ------------------------------------------------------------------------------------------


def test_joining_parts_no_group_and_joins_nothing_else():
    one = np.array([0, 0, 1, 1, -1, -1, 2])
    other = np.array([-1, 5, 5, -1, -1, 3, -1])
    assert joined(one, other).tolist() == [0, 0, 0, 0, -1, 1, 2]
    assert joined(one[:0], other[:0]).tolist() == []


def test_hdbscan_keeps_the_table_and_the_account_and_needs_no_order():
    incidents = incidents_at([tuple(p) for p in piles_and_noise(600)[0]])
    record = hs.RunRecord("test", marking="TEST")
    choice = {"radius_m": 50, "min_incidents": 6, "method": "hdbscan"}
    clusters = hs.find_clusters(incidents, **choice, record=record)
    assert_contract(clusters, AREAS)
    (account,) = record.accounts
    assert account.in_areas == clusters["incident_count"].sum()
    assert account.in_areas + account.noise == account.used == 600
    assert record.choices["find_clusters"][0]["smallest_radius_m"] == 50
    other = hs.find_clusters(shuffled(incidents), **choice)
    pd.testing.assert_frame_equal(pd.DataFrame(clusters), pd.DataFrame(other))


@pytest.mark.parametrize("rows", [[], [(0, 0)], [(0, 0)] * 3])
def test_hdbscan_of_almost_nothing_is_an_empty_table(rows):
    clusters = hs.find_clusters(
        incidents_at(rows), radius_m=50, min_incidents=5, method="hdbscan", max_area_km2=1
    )
    assert len(clusters) == 0
    assert_contract(clusters, AREAS)


def test_hdbscan_refuses_more_than_it_can_repeat(monkeypatch):
    monkeypatch.setattr("hotspots.stats.dbscan.MOST_REPEATED", 20)
    incidents = incidents_at([(0, 0)] * 21)
    with refused("too-many-incidents", "20 incidents", "got 21", "dbscan", of="method"):
        hs.find_clusters(incidents, radius_m=50, min_incidents=5, method="hdbscan")


# Planted truth ------------------------------------------------------------------------------------


def recovered(town, incidents, theme, clusters_of):
    """Best intersection over union, in incidents, of each planted hotspot with any cluster."""
    planted = town.truth.incidents["hotspot_id"].astype(object).reindex(incidents.index)
    planted = planted.where(incidents[f"theme_{theme}"] & incidents.geometry.notna())
    both = pd.crosstab(planted, clusters_of)
    size = planted.value_counts().reindex(both.index).to_numpy()[:, None]
    other = clusters_of.value_counts().reindex(both.columns).to_numpy()[None, :]
    best = (both / (size + other - both)).max(axis=1)
    wanted = town.truth.hotspots.query("theme == @theme").index
    return best.reindex(wanted).fillna(0.0)


@pytest.mark.parametrize(
    ("theme", "choice", "at_least"),
    [
        ("serious_violence", {"radius_m": 120, "min_incidents": 12}, 22),
        ("asb", {"radius_m": 90, "min_incidents": 50}, 11),
    ],
)
def test_planted_hotspots_of_the_synthetic_town_are_recovered(town, theme, choice, at_least):
    made, incidents = town
    labels = hs.assign_clusters(asked(incidents, theme=theme), **choice).everywhere()
    best = recovered(made, incidents, theme, labels)
    assert (best >= 0.5).sum() >= at_least, best.round(2).to_dict()


def test_planted_violence_is_more_than_chance_and_comes_back(town):
    _, incidents = town
    violence = asked(incidents, theme="serious_violence")
    clustered = hs.assign_clusters(violence, radius_m=120, min_incidents=12)
    chance = hs.evaluation.cluster_chance(clustered, draws=99)
    table = chance.table
    assert table.loc["clusters", "observed"] > 2 * table.loc["clusters", "high"]
    assert table.loc["clusters", "p_value"] == table.loc["members", "p_value"] == 0.01
    assert chance.clusters["p_excess"].le(0.05).sum() >= 18
    clusters = hs.find_clusters(clustered)
    judged = hs.evaluation.cluster_stability(clusters, clustered, draws=20)
    assert judged["stability"].median() >= 0.9
    assert judged["stability_by_choice"].median() >= 0.75


# Chance -------------------------------------------------------------------------------------------


def asb_in_clusters(incidents, radius_m=150, min_incidents=6):
    """The anti-social behaviour among the incidents, with its clusters."""
    asb = asked(incidents, theme="asb")
    return hs.assign_clusters(asb, radius_m=radius_m, min_incidents=min_incidents)


def test_what_chance_made_looks_like_chance():
    found = hs.evaluation.cluster_chance(asb_in_clusters(flat_town()), draws=99, rng=2)
    assert found.p_value > 0.05
    assert (found.table["low"] <= found.table["observed"]).all()
    assert (found.clusters[["p_size", "p_excess"]] > 0.05).all(axis=None)


def test_few_runs_of_chance_find_a_cluster_beyond_chance():
    alarms = pd.Series(0, index=["p_size", "p_excess"])
    for seed in range(12):
        found = hs.evaluation.cluster_chance(asb_in_clusters(flat_town(seed=100 + seed)), draws=39)
        alarms += (found.clusters[["p_size", "p_excess"]] <= 0.05).any()
    assert (alarms <= 3).all()


def test_a_planted_cluster_has_the_smallest_p_there_is():
    found = hs.evaluation.cluster_chance(asb_in_clusters(flat_town(busy=40)), draws=99)
    assert found.clusters["incident_count"].iloc[0] == 40
    assert found.clusters[["p_size", "p_excess"]].iloc[0].tolist() == [0.01, 0.01]


def test_observed_clusters_are_those_of_find_clusters():
    clustered = asb_in_clusters(flat_town(busy=40))
    found = hs.evaluation.cluster_chance(clustered, draws=3)
    clusters = hs.find_clusters(clustered)
    assert found.clusters["incident_count"].to_dict() == clusters["incident_count"].to_dict()
    assert found.observed.to_dict() == {
        "clusters": len(clusters),
        "members": clusters["incident_count"].sum(),
        "largest": clusters["incident_count"].max(),
    }


def test_what_is_expected_counts_all_that_is_held_on_the_ground():
    asb = [(0, 0)] * 6
    others = [(0, 0)] * 2 + [(40, 0)] * 4 + [(900, 0)] * 12
    town = incidents_at(asb + others, theme_asb=[True] * 6 + [False] * 18)
    found = hs.evaluation.cluster_chance(asb_in_clusters(town, 50, 5), draws=19)
    assert found.clusters["expected"].tolist() == [6 * 12 / 24]


def test_shares_are_dealt_among_places_that_hold_about_as_many_and_never_more_than_these():
    rng = np.random.default_rng(1)
    held = np.r_[np.ones(60, dtype=int), rng.integers(1, 90, 600)]
    own = rng.binomial(held, rng.beta(1, 3, 660))
    pool = chance._Pool(np.zeros((660, 2)), own, held, "dealt-shares", 0)
    assert np.bincount(pool.alike).min() >= chance.LEAST_ALIKE
    maps = np.array([*pool.deal(rng, 400)])
    assert (maps <= held).all() and (maps >= 0).all()
    assert maps.sum(axis=1).mean() == pytest.approx(own.sum(), rel=0.02)
    ones = pool.alike == pool.alike[0]
    assert (held[ones] == 1).all() and set(maps[:, ones].sum(axis=1)) == {own[ones].sum()}


def test_chance_says_what_it_means_and_what_it_cannot_see():
    town = flat_town(busy=40)
    by_theme = hs.evaluation.cluster_chance(asb_in_clusters(town), draws=9)
    assert (by_theme.null, by_theme.everyone) == ("dealt-shares", 1_240)
    clustered = hs.assign_clusters(town, radius_m=150, min_incidents=6)
    everything = hs.evaluation.cluster_chance(clustered, draws=9)
    assert (everything.null, everything.places) == ("dealt-places", 605)


def one_theme(seed, *, planted, others=0):
    """Two months at doors; ``planted`` more on the hundred doors around a corner."""
    rng = np.random.default_rng(seed)
    doors = rng.uniform(0, 3_000, (2_500, 2)).round(1)
    near = np.hypot(*(doors - 1_500).T).argsort()[:100]
    at = np.r_[
        rng.integers(0, 2_500, 1_500), rng.choice(near, planted), rng.integers(0, 2_500, others)
    ]
    size = len(at)
    month = np.where(rng.random(size) < 0.5, "2018-06", "2018-07").tolist()
    asb = np.arange(size) < size - others
    return incidents_at(
        [*map(tuple, doors[at])], month=month, theme_asb=asb, location_precision="exact"
    )


def chance_of(incidents, period=None, theme="asb", **options):
    """The clusters of the theme, and what chance gives."""
    chosen = asked(incidents, theme=theme, period=period)
    clustered = hs.assign_clusters(chosen, radius_m=100, min_incidents=10)
    return hs.evaluation.cluster_chance(clustered, **{"draws": 39, **options})


@pytest.mark.parametrize(
    ("period", "theme", "others"),
    [
        *[(None, "asb", 0), ("2018-07", "asb", 0), ("2018-07", None, 0), ("2018-07", "asb", 20)],
        *[(None, None, 1_500), ("2018-07", None, 1_500)],
    ],
)
def test_other_times_of_what_is_asked_about_are_not_called_chance(period, theme, others):
    """A lasting hotspot is no more than usual at any time; nobody asked whether it is."""
    found = chance_of(one_theme(1, planted=240, others=others), period, theme)
    assert found.null == "dealt-places"
    assert found.clusters["evidence"].iloc[0] == "beyond-chance"
    assert set(found.clusters["evidence"]) <= {"beyond-chance", "not-tested"}


@pytest.mark.parametrize("theme", [None, "asb"])
def test_places_that_are_unlike_are_no_clusters_beyond_chance(theme):
    """Piles at a few, or a share of their own, are what these places hold."""
    called = 0
    for seed in range(8):
        rng = np.random.default_rng(40 + seed)
        points = rng.uniform(0, 3_000, (400, 2)).round()
        at = rng.choice(400, 3_000, p=rng.dirichlet(np.full(400, 0.4)))
        asb = rng.random(3_000) < rng.beta(2, 3, 400)[at]
        found = chance_of(incidents_at([*map(tuple, points[at])], theme_asb=asb), theme=theme)
        assert len(found.clusters) > 10
        called += found.clusters["evidence"].eq("beyond-chance").any()
    assert called <= 2


def test_a_cluster_at_one_place_is_not_tested():
    """Places differ: one that holds more than the others is no sign of what lies around it."""
    town = incidents_at([(90.0 * row, 0.0) for row in range(300)] + [(50_000, 0)] * 40)
    for theme in (None, "asb"):
        asb = np.r_[np.arange(300) % 3 == 0, np.ones(40, dtype=bool)]
        found = chance_of(town.assign(theme_asb=asb), theme=theme)
        assert found.clusters["evidence"].tolist() == ["not-tested"]
        assert found.clusters["p_excess"].tolist() == [1]


def test_of_many_doors_hit_once_nothing_is_said():
    """The doors that are seen are those of the hotspot: none of it could be told from chance."""
    rng = np.random.default_rng(3)
    rows = np.r_[rng.uniform(0, 4_000, (600, 2)), rng.normal(2_000, 80, (150, 2))]
    found = chance_of(incidents_at([*map(tuple, rows)], theme_asb=True))
    assert len(found.clusters) and set(found.clusters["evidence"]) == {"not-tested"}


def test_a_theme_among_others_is_held_against_these_at_any_time():
    found = chance_of(one_theme(1, planted=240, others=3_000), "2018-07")
    assert (found.null, found.everyone) == ("dealt-shares", found.incidents + 3_000)
    assert found.clusters["evidence"].iloc[0] == "beyond-chance"


def test_chance_is_the_same_whatever_the_order_and_the_input_stays():
    town = flat_town(busy=40)
    before = town.copy(deep=True)
    clustered = asb_in_clusters(town)
    one = hs.evaluation.cluster_chance(clustered, draws=9)
    other = hs.evaluation.cluster_chance(asb_in_clusters(shuffled(town)), draws=9)
    pd.testing.assert_frame_equal(one.by_chance, other.by_chance)
    pd.testing.assert_frame_equal(one.clusters, other.clusters)
    assert str(one) == str(other)
    different = hs.evaluation.cluster_chance(clustered, draws=9, rng=7)
    assert not one.by_chance.equals(different.by_chance)
    pd.testing.assert_frame_equal(pd.DataFrame(town), pd.DataFrame(before))


def test_nothing_has_no_clusters_and_chance_agrees():
    found = hs.evaluation.cluster_chance(
        asb_in_clusters(incidents_at([], theme_asb=[]), 50, 5), draws=9
    )
    assert found.observed.tolist() == [0, 0, 0]
    assert found.p_value == 1
    assert found.clusters.empty


# Stability ----------------------------------------------------------------------------------------


def spots(months=("2018-05", "2018-06", "2018-07")):
    """One broad busy spot, one map point busy in one month alone, one spot at the minimum."""
    broad = [(float(x), float(y)) for x in (0, 30, 60) for y in (0, 30, 60)] * 12
    pile = [(2_000.0, 0.0)] * 60
    weak = [(4_000.0 + 10 * i, 0.0) for i in range(10)]
    month = [months[i % 3] for i in range(len(broad))]
    month += ["2018-07"] * len(pile) + [months[i % 3] for i in range(len(weak))]
    return incidents_at([*broad, *pile, *weak], month=month)


def spots_in_clusters():
    """The same incidents with their clusters, and the clusters."""
    clustered = hs.assign_clusters(spots(), radius_m=100, min_incidents=10)
    return clustered, hs.find_clusters(clustered)


def test_broad_clusters_come_back_and_lone_or_weak_ones_less():
    clustered, clusters = spots_in_clusters()
    judged = hs.evaluation.cluster_stability(clusters, clustered, draws=200)
    broad, pile, weak = judged.sort_values("incident_count", ascending=False)["stability"]
    assert broad >= 0.99
    assert pile == pytest.approx(1 - np.exp(-1), abs=0.08)
    assert 0.3 < weak < 0.7
    assert judged["stability_by_choice"].tolist()[:2] == [1.0, 1.0]
    assert judged["stability_by_choice"].iloc[2] < 1


def test_stability_equals_a_slow_obvious_way():
    clustered, clusters = spots_in_clusters()
    radii, minimums = [80, 100, 125], [8, 10, 12]
    judged = hs.evaluation.cluster_stability(clusters, clustered, draws=1)
    mine = clustered.area_ids
    back = dict.fromkeys(clusters.index, 0)
    others = [pair for pair in itertools.product(radii, minimums) if pair != (100, 10)]
    for radius, minimum in others:
        labels = hs.assign_clusters(spots(), radius_m=radius, min_incidents=minimum).area_ids
        for area_id in clusters.index:
            one = set(mine.index[mine == area_id])
            best = max(
                (
                    len(one & set(rows)) / len(one | set(rows))
                    for rows in labels.groupby(labels).groups.values()
                ),
                default=0,
            )
            back[area_id] += best >= 0.5
    expected = {name: count / len(others) for name, count in back.items()}
    assert judged["stability_by_choice"].to_dict() == pytest.approx(expected)


def test_stability_needs_no_order_and_leaves_the_input_alone():
    clustered, clusters = spots_in_clusters()
    mixed = hs.assign_clusters(shuffled(spots()), radius_m=100, min_incidents=10)
    before = clusters.copy(deep=True)
    one = hs.evaluation.cluster_stability(clusters, clustered, draws=15)
    other = hs.evaluation.cluster_stability(clusters, mixed, draws=15)
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))
    pd.testing.assert_frame_equal(pd.DataFrame(clusters), pd.DataFrame(before))
    some = hs.evaluation.cluster_stability(clusters.iloc[::-2], clustered, draws=15)
    assert some["stability"].to_dict() == one.iloc[::-2]["stability"].to_dict()
    assert_contract(one, AREAS)


def test_stability_without_clusters_is_well_formed():
    nothing = hs.assign_clusters(incidents_at([]), radius_m=100, min_incidents=10)
    judged = hs.evaluation.cluster_stability(hs.find_clusters(nothing), nothing)
    assert len(judged) == 0
    assert {"stability", "stability_by_choice"} <= set(judged.columns)
    assert_contract(judged, AREAS)


def test_clusters_of_other_incidents_or_choices_are_refused():
    clustered, clusters = spots_in_clusters()
    fewer = hs.assign_clusters(spots().iloc[:-20], radius_m=100, min_incidents=10)
    wider = hs.assign_clusters(spots(), radius_m=5_000, min_incidents=10)
    for other in (fewer, wider):
        with refused("other-selection", of="clusters"):
            hs.evaluation.cluster_stability(clusters, other)
    with pytest.raises(InputError, match="draws"):
        hs.evaluation.cluster_stability(clusters, clustered, draws=0)


def test_what_clusters_are_worth_is_asked_of_incidents_assigned_by_dbscan():
    clusters = spots_in_clusters()[1]
    cells = hs.assign_cells(spots(), hs.SquareGrid(500))
    varying = hs.assign_clusters(spots(), radius_m=100, min_incidents=10, method="hdbscan")
    for other, says in (
        (spots(), r"assigned to clusters.*assign_clusters\("),
        (hs.select(spots()), "assigned to clusters"),
        (cells, "assigned to clusters"),
        (varying, 'method="dbscan"'),
    ):
        with pytest.raises(InputError, match=says):
            hs.evaluation.cluster_chance(other)
        with pytest.raises(InputError, match=says):
            hs.evaluation.cluster_stability(clusters, other)


# Radius -------------------------------------------------------------------------------------------


def test_the_suggested_radius_holds_most_incidents_in_clusters_of_the_size_budget():
    incidents = spots()
    hint = hs.evaluation.suggest_radius(
        incidents, min_incidents=10, max_area_km2=0.06, radii_m=[20, 50, 100]
    )
    assert hint.radius_m == 50  # 100 m holds as many
    assert hint.table["suggested"].tolist() == [False, True, False]
    assert hint.table["share_held"].is_monotonic_increasing
    for radius, found in hint.table["clusters"].items():
        assert found == len(hs.find_clusters(incidents, radius_m=radius, min_incidents=10))
    tight = hs.evaluation.suggest_radius(
        incidents, min_incidents=10, max_area_km2=0.001, radii_m=[50, 100]
    )
    assert tight.radius_m is None
    assert not tight.table["suggested"].any()


def test_a_suggestion_names_what_is_over_the_budget_and_the_stricter_choice():
    row = [(40.0 * i, 0.0) for i in range(60)] * 10
    apart = [(5_000.0 + 500 * j + 45 * i, 0.0) for j in range(20) for i in range(3)] * 6
    hint = hs.evaluation.suggest_radius(
        incidents_at([*row, *apart]), min_incidents=15, max_area_km2=0.05, radii_m=[39, 41, 46]
    )
    assert hint.spacing_m == 40
    assert hint.table["below_spacing"].tolist() == [True, False, False]
    assert hint.radius_m == 46
    assert hint.table.loc[46, "over_budget"] == 1
    spaced = hint.table[~hint.table["below_spacing"] & hint.table["clusters"].gt(0)]
    assert spaced["over_budget"].ge(1).all()


def test_core_shares_are_those_of_the_clusters():
    incidents = spots()
    hint = hs.evaluation.suggest_radius(incidents, min_incidents=10, radii_m=[30, 60, 100])
    places, inverse = np.unique(
        np.rint(incidents.get_coordinates().to_numpy() * MILLIMETRES).astype(int),
        axis=0,
        return_inverse=True,
    )
    weights = np.bincount(inverse)
    for radius, share in hint.table["share_core"].items():
        _, core = collapsed_dbscan(places, Need(weights, 10), radius_m=radius)
        assert share == pytest.approx(weights[core].sum() / weights.sum())


def test_a_suggestion_needs_no_order_and_no_incidents():
    incidents = spots()
    one = hs.evaluation.suggest_radius(incidents, min_incidents=10)
    other = hs.evaluation.suggest_radius(shuffled(incidents), min_incidents=10)
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.reasons == other.reasons
    nothing = hs.evaluation.suggest_radius(incidents_at([]), min_incidents=10)
    assert nothing.radius_m is None
    assert nothing.table["clusters"].sum() == 0
    for options in ({"min_incidents": 0}, {"max_area_km2": 0}, {"radii_m": []}, {"radii_m": [0]}):
        with pytest.raises(InputError, match=r"min_incidents|max_area_km2|radi"):
            hs.evaluation.suggest_radius(incidents, **({"min_incidents": 10} | options))


# Budget and ids -----------------------------------------------------------------------------------


def test_clusters_over_the_size_budget_say_so():
    incidents = spots()
    record = hs.RunRecord("test", marking="TEST")
    choice = {"radius_m": 100, "min_incidents": 10}
    clusters = hs.find_clusters(incidents, **choice, max_area_km2=0.045, record=record)
    assert clusters["over_budget"].tolist() == (clusters["area_km2"] > 0.045).tolist()
    assert clusters["over_budget"].any() and not clusters["over_budget"].all()
    (finding,) = record.findings
    assert finding.rule == "cluster-over-budget"
    assert finding.rows == clusters["over_budget"].sum()
    assert "over_budget" not in hs.find_clusters(incidents, **choice).columns
    with pytest.raises(InputError, match="max_area_km2"):
        hs.find_clusters(incidents, **choice, max_area_km2=-1)


def test_a_cluster_that_moves_a_little_keeps_its_earlier_id():
    before = hs.find_clusters(
        incidents_at([(95, 0)] * 10 + [(3_000, 0)] * 10), radius_m=60, min_incidents=5
    )
    moved = incidents_at([(105, 0)] * 12 + [(6_000, 0)] * 9)
    choice = {"radius_m": 60, "min_incidents": 5}
    fresh = hs.find_clusters(moved, **choice)
    kept = hs.find_clusters(moved, **choice, previous=before)
    assert fresh.index[0] not in before.index
    assert kept.index[0] == before.index[0]
    assert kept.index[1] == fresh.index[1]
    clustered = hs.assign_clusters(moved, **choice, previous=before)
    assert clustered.area_ids.value_counts().to_dict() == kept["incident_count"].to_dict()
    judged = hs.evaluation.cluster_stability(kept, clustered, draws=3)
    assert judged.index.tolist() == kept.index.tolist()


def test_a_new_cluster_never_takes_the_id_of_another_earlier_one():
    choice = {"radius_m": 20, "min_incidents": 5}
    before = hs.find_clusters(incidents_at([(5, 5)] * 10), **choice)
    after = hs.find_clusters(incidents_at([(90, 90)] * 10), **choice, previous=before)
    assert after.index.tolist() == [f"{before.index[0]}-2"]
    empty = hs.find_clusters(incidents_at([]), **choice, previous=before)
    assert len(empty) == 0


def test_all_wrong_choices_are_named_at_once():
    with pytest.raises(InputError) as caught:
        hs.find_clusters(
            incidents_at([(0, 0)]), radius_m=-1, min_incidents=0, method="optics", max_area_km2=0
        )
    for name in ("radius_m", "min_incidents", "method", "max_area_km2"):
        assert f"`{name}`" in str(caught.value)
