"""Rank intervals: laws, planted ranks, fast against slow, and what snapping does."""

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import in_areas
from refusing import refused
from tables import ORIGIN, incidents_at, shuffled

from hotspots.analysis.uncertainty.bootstrap_ranks import (
    block_incidents,
    in_order,
    labelled,
    rank_draws,
    value_of,
)
from hotspots.analysis.uncertainty.rank_intervals import credibility_constant, rank_uncertainty
from hotspots.analysis.uncertainty.snapping import placement_stress
from hotspots.core.grids import H3Grid, SquareGrid

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
from bench_rank_coverage import Town, make_town

AREAS = pd.Index(list("abcdefgh"), name="area_id")


def town(seed: int = 0, count: int = 300, **columns: object) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Incidents in eight areas of unequal rate, on four places each, over six months."""
    rng = np.random.default_rng(seed)
    area = rng.choice(8, count, p=np.array([8, 5, 4, 3, 2, 1, 1, 0]) / 24)
    points = [(1000.0 * a, 10.0 * p) for a, p in zip(area, rng.integers(0, 4, count), strict=True)]
    months = [f"2018-{m:02d}" for m in rng.integers(1, 7, count)]
    incidents = incidents_at(points, month=months, **columns)
    return incidents, pd.Series(AREAS.to_numpy()[area], index=incidents.index, dtype=object)


def ranks(
    incidents: gpd.GeoDataFrame, labels: pd.Series, area_ids: pd.Index = AREAS, **choices: object
) -> pd.DataFrame:
    """Rank intervals of areas of which nothing is known but their names and their incidents."""
    areas = pd.DataFrame(index=area_ids)
    return rank_uncertainty(areas, in_areas(incidents, labels), **choices)


def with_harm(incidents: gpd.GeoDataFrame, seed: int = 1) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    weighed = incidents.copy()
    kind = rng.integers(0, 3, len(incidents))
    weighed["offence"] = pd.Series(
        np.array(["theft", "robbery", "homicide"])[kind], incidents.index
    )
    weighed["harm"] = np.array([2.0, 40.0, 900.0])[kind]
    weighed["harm_low"], weighed["harm_high"] = weighed["harm"] * 0.5, weighed["harm"] * 2
    return weighed


# Laws


@pytest.mark.parametrize("by", ["count", "harm"])
def test_row_order_labels_area_order_and_extra_columns_change_nothing(by):
    incidents, labels = town()
    incidents = with_harm(incidents)
    before = incidents.copy()
    incidents["label"] = labels
    moved = shuffled(incidents, 3)
    one = ranks(incidents, labels, by=by, draws=60, rng=5)
    other = ranks(moved, moved["label"], AREAS[::-1], by=by, draws=60, rng=5)
    pd.testing.assert_frame_equal(one, other.reindex(AREAS), check_exact=True)
    pd.testing.assert_frame_equal(incidents.drop(columns="label"), before)


def test_the_same_chance_gives_the_same_table_and_another_does_not():
    incidents, labels = town()
    one = ranks(incidents, labels, draws=200)
    pd.testing.assert_frame_equal(one, ranks(incidents, labels, draws=200))
    pd.testing.assert_frame_equal(
        ranks(incidents, labels, draws=200, rng=7),
        ranks(incidents, labels, draws=200, rng=np.random.default_rng(7)),
    )
    other = ranks(incidents, labels, draws=200, rng=8)
    assert not other.equals(one)


@pytest.mark.parametrize("by", ["count", "harm"])
def test_ranks_and_chances_are_what_they_must_be(by):
    incidents, labels = town()
    table = ranks(with_harm(incidents), labels, by=by, top=3, draws=100)
    ranked = table[table["rank"].notna()]
    assert (ranked["rank_low"] <= ranked["rank"]).all()
    assert (ranked["rank"] <= ranked["rank_high"]).all()
    assert table["rank_low"].between(1, 8).all() and table["rank_high"].between(1, 8).all()
    assert table["p_top_k"].sum() == pytest.approx(3)
    assert table.index.equals(AREAS)


def test_values_and_evidence_are_the_sums_one_would_make_by_hand():
    incidents, labels = town()
    weighed = with_harm(incidents)
    table = ranks(weighed, labels, by="harm", draws=20)
    for area in AREAS:
        own = weighed[labels == area]
        assert table.loc[area, "value"] == own["harm"].sum()
        assert table.loc[area, "active_months"] == own["occurred_from"].nunique()
        assert table.loc[area, "unique_points"] == own.geometry.nunique()
        if len(own):
            share = own["harm"].max() / own["harm"].sum()
            assert table.loc[area, "largest_event_share"] == share
            assert table.loc[area, "one_event"] == (share > 0.5)


def test_more_data_of_the_same_shape_gives_narrower_intervals():
    widths = []
    for count in (60, 600, 6000):
        incidents, labels = town(count=count)
        table = ranks(incidents, labels, draws=300)
        widths.append((table["rank_high"] - table["rank_low"]).sum())
    assert widths[0] > widths[1] > widths[2]


def test_bursts_at_one_place_and_month_give_wider_intervals_than_scattered_incidents():
    scattered = incidents_at([(10.0 * i, 0) for i in range(40)] + [(9000, i) for i in range(30)])
    bursts = incidents_at(
        [(10.0 * (i // 20), 0) for i in range(40)] + [(9000, i) for i in range(30)]
    )
    labels = ["a"] * 40 + ["b"] * 30
    chances = [
        ranks(
            incidents, pd.Series(labels, incidents.index), pd.Index(["a", "b"]), top=1, draws=2000
        ).loc["a", "p_top_k"]
        for incidents in (scattered, bursts)
    ]
    assert chances[0] > chances[1] + 0.05


def test_fast_draws_have_the_mean_and_variance_of_taking_every_block_by_itself():
    """Each block a Poisson(1) number of times: mean the sum, variance the sum of squares."""
    incidents, labels = town(count=200)
    ranking = labelled(incidents, labels, AREAS, by="count")
    events, amount = block_incidents(ranking, with_range=False).draw(
        np.random.default_rng(0), 20_000
    )
    np.testing.assert_array_equal(events, amount)
    sizes = incidents.groupby(
        [labels.to_numpy(), incidents.geometry.to_wkt().to_numpy(), "occurred_from"]
    ).size()
    squares = (sizes**2).groupby(level=0).sum().reindex(AREAS, fill_value=0)
    np.testing.assert_allclose(amount.mean(axis=1), value_of(ranking), rtol=0.03)
    np.testing.assert_allclose(amount.var(axis=1), squares, rtol=0.06)


def test_blocks_of_counts_are_those_of_a_harm_of_one_each():
    incidents, labels = town(count=300, harm=1.0)
    by_count, by_harm = (
        block_incidents(labelled(incidents, labels, AREAS, by=by), with_range=False)
        for by in ("count", "harm")
    )
    for name in ("times", "events", "amount"):
        np.testing.assert_array_equal(getattr(by_count, name), getattr(by_harm, name))
    np.testing.assert_array_equal(by_count.to_area.toarray(), by_harm.to_area.toarray())


def test_the_range_of_the_harm_scale_moves_all_incidents_of_an_offence_together():
    incidents = incidents_at(
        [(0, float(i)) for i in range(50)] + [(900, float(i)) for i in range(50)]
    )
    incidents["offence"] = ["one"] * 50 + ["other"] * 50
    incidents["harm"], incidents["harm_low"], incidents["harm_high"] = 10.0, 10.0, 10.0
    incidents.loc[incidents["offence"] == "one", ["harm", "harm_low", "harm_high"]] = (20, 2, 38)
    labels = pd.Series(["a"] * 50 + ["b"] * 50, incidents.index)
    areas = pd.Index(["a", "b"])
    fixed = ranks(incidents, labels, areas, by="harm", top=1, harm_range=False)
    ranged = ranks(incidents, labels, areas, by="harm", top=1)
    assert fixed.loc["a", "p_top_k"] > 0.98
    assert 0.6 < ranged.loc["a", "p_top_k"] < 0.85


def test_ranks_per_km2_follow_the_size_of_the_areas():
    incidents, labels = town()
    size = pd.Series([10.0, *[0.1] * 7], AREAS)
    held = in_areas(incidents, labels)
    areas = pd.DataFrame({"area_km2": size})
    table = rank_uncertainty(areas, held, by="density", draws=100)
    assert table.loc["a", "rank"] > 3 and table.loc["a", "rank_low"] > 3
    with refused("argument", of="area_km2"):
        rank_uncertainty(areas * 0, held, by="density", draws=10)


# One event, one point, quiet areas


def test_one_event_and_one_point_areas_are_marked():
    incidents = incidents_at(
        [(0, 0), (0, 0), (0, 0), (500, 0), (500, 9), (900, 0)],
        harm=[1.0, 1.0, 1.0, 900.0, 1.0, 1.0],
        month=["2018-05", "2018-06", "2018-06", "2018-06", "2018-07", "2018-07"],
    )
    labels = pd.Series(list("aaabbc"), incidents.index)
    table = ranks(incidents, labels, pd.Index(list("abcd")), by="harm", draws=50)
    assert table["one_event"].tolist() == [False, True, True, False]
    assert table["one_point"].tolist() == [True, False, True, False]
    assert table["active_months"].tolist() == [2, 2, 1, 0]


def test_a_single_terrible_event_gives_an_area_a_wide_interval():
    rng = np.random.default_rng(2)
    points = [(1000.0 * a, float(i)) for a in range(40) for i in range(20)]
    incidents = incidents_at(points, harm=rng.choice([5.0, 10.0], 800))
    incidents.loc[incidents.index[0], "harm"] = 3000.0
    labels = pd.Series([f"a{a:02d}" for a in range(40) for _ in range(20)], incidents.index)
    table = ranks(incidents, labels, pd.Index(labels.unique()), by="harm", draws=400)
    assert table.loc["a00", "rank"] == 1 and table.loc["a00", "one_event"]
    assert table.loc["a00", "rank_high"] > 15


def test_a_quiet_area_may_turn_out_busy_but_seldom():
    incidents, labels = town(count=2000)
    table = ranks(incidents, labels, top=3, draws=500)
    assert pd.isna(table.loc["h", "rank"])
    assert table.loc["h", "rank_high"] == 8 and table.loc["h", "p_top_k"] < 0.01


def test_incidents_without_a_harm_weight_leave_their_area_without_a_rank():
    incidents, labels = town()
    weighed = with_harm(incidents)
    weighed.loc[labels == "a", "harm"] = np.nan
    table = ranks(weighed, labels, by="harm", draws=50)
    assert pd.isna(table.loc["a", "rank"]) and np.isnan(table.loc["a", "value"])
    assert table.loc["b", "rank"] <= 3


def test_no_incidents_and_no_areas_give_well_formed_tables():
    incidents, labels = town()
    columns = list(ranks(incidents, labels, draws=10).columns)
    for some, names in ((0, AREAS), (0, AREAS[:0])):
        for by in ("count", "harm"):
            table = ranks(with_harm(incidents)[:some], labels[:some], names, by=by, draws=10)
            assert list(table.columns) == columns and len(table) == len(names)
            assert table["rank"].isna().all()


def test_labels_and_options_that_do_not_fit_are_refused():
    incidents, labels = town()
    with refused("argument", " of 300 ", "'a'", of="labels"):
        labelled(incidents, labels, AREAS[1:], by="count")
    with refused("argument", "index", "`incidents`", of="labels"):
        labelled(incidents, labels.reset_index(drop=True), AREAS, by="count")
    with refused("missing-column", "'harm'", of="incidents"):
        ranks(incidents, labels, by="harm")
    for wrong in ({"by": "z"}, {"top": 0}, {"draws": 0}, {"confidence": 90}):
        with refused("argument", of=next(iter(wrong))):
            ranks(incidents, labels, **wrong)


def test_draws_that_fill_the_memory_are_refused_before_they_do():
    with refused("out-of-range", "322,528", "1,000,000", of="draws"):
        rank_draws((), 6_201, 1_000_000, np.random.default_rng(0))


@pytest.mark.parametrize("kinds", [1, 2, 30, 10**6])
def test_areas_are_put_in_order_and_chance_decides_between_those_that_tie(kinds):
    rng = np.random.default_rng(kinds)
    rate = rng.integers(0, kinds, 500).astype(float)
    order = in_order(rate, rng)
    assert (rate[order] == np.sort(rate)).all() and len(set(order)) == 500
    ties = np.repeat([2.0, 1.0], [4, 3])
    drawn = np.array([in_order(ties, rng) for _ in range(2000)])
    assert (drawn[:, :3] >= 4).all()
    assert all(abs((drawn[:, place] == 5).mean() - 1 / 3) < 0.05 for place in range(3))


@pytest.mark.parametrize("size", [1, 2, 300, 70_000])
def test_rates_that_differ_in_their_last_digits_are_in_order(size):
    rng = np.random.default_rng(size)
    near = np.nextafter(0.25, rng.choice([-1, 1], size)) + rng.choice([0.0, 1e-17, 3e-17], size)
    zeros = np.where(rng.random(size) < 0.5, -0.0, 0.0)
    for rate in (near, -near, zeros, np.where(rng.random(size) < 0.3, near, -rng.random(size))):
        order = in_order(rate, rng)
        assert (rate[order] == np.sort(rate)).all() and len(set(order)) == size


def test_some_areas_are_ranked_among_themselves():
    incidents, labels = town()
    some = ranks(incidents, labels, AREAS[1:], draws=50)
    elsewhere = labels.where(labels != "a", None)
    pd.testing.assert_frame_equal(some, ranks(incidents, elsewhere, AREAS[1:], draws=50))
    assert some["rank"].min() == 1


# Planted ranks


@pytest.mark.parametrize("by", ["count", "harm"])
@pytest.mark.parametrize(
    "plan",
    [
        Town("gamma", areas=200),
        Town("bursts", areas=200, burst=1.0),
        Town("quiet", areas=200, mean=3),
    ],
    ids=lambda plan: plan.name,
)
def test_true_ranks_lie_in_their_interval_as_often_as_it_says(plan, by):
    """Small version of benchmarks/bench_rank_coverage.py, on seeds it does not use."""
    held = []
    for seed in range(6):
        areas, incidents, rates = make_town(plan, seed)
        table = rank_uncertainty(areas, incidents, by=by, draws=200, rng=seed)
        truth = pd.Series(rates[:, 0 if by == "count" else 1], areas.index).rank(ascending=False)
        inside = (table["rank_low"] <= truth) & (truth <= table["rank_high"])
        held.append(inside[table["rank"].notna()].mean())
    assert 0.85 <= np.mean(held) <= 0.99


@pytest.mark.parametrize("burst", [0.0, 1.0])
def test_where_all_areas_are_alike_the_first_may_as_well_be_the_last(burst):
    """Of the ten that came out first, intervals hold the true rank; few are truly among the ten."""
    held, chances = [], []
    for seed in range(8):
        plan = Town("alike", areas=200, shape=1e7, mean=3.0, burst=burst)
        areas, incidents, rates = make_town(plan, 700 + seed)
        table = rank_uncertainty(areas, incidents, draws=200, rng=seed)
        truth = pd.Series(rates[:, 0], areas.index).rank(ascending=False)
        first = table.sort_values("rank").index[:10]
        inside = (table["rank_low"] <= truth) & (truth <= table["rank_high"])
        held.append(inside[first].mean())
        chances.append(table.loc[first, "p_top_k"].mean())
    assert np.mean(held) >= 0.85
    assert np.mean(chances) <= 0.1


def test_bursts_are_no_differences_between_areas():
    """Areas that differ little, incidents in twos: true ranks lie in their intervals all the same.

    Taken for differences, bursts left 0.83 of ranks in them.
    """
    held = []
    for seed in range(4):
        areas, incidents, rates = make_town(
            Town("twos", areas=300, shape=5.0, burst=1.0), 640 + seed
        )
        table = rank_uncertainty(areas, incidents, draws=200, rng=seed)
        truth = pd.Series(rates[:, 0], areas.index).rank(ascending=False)
        held.append(((table["rank_low"] <= truth) & (truth <= table["rank_high"])).mean())
    assert np.mean(held) >= 0.88


def test_a_planted_ladder_of_hotspots_is_covered_rank_by_rank():
    held = np.zeros(22)
    for seed in range(12):
        plan = Town("ladder", areas=150, ladder=True)
        areas, incidents, _ = make_town(plan, 500 + seed)
        table = rank_uncertainty(areas, incidents, draws=200, rng=seed)[:22]
        truth = np.arange(1, 23)
        held += (table["rank_low"] <= truth) & (truth <= table["rank_high"])
    assert held.mean() / 12 >= 0.85
    assert held.min() / 12 >= 0.75


def test_chances_of_being_among_the_first_are_honest():
    said, came = [], []
    for seed in range(12):
        areas, incidents, rates = make_town(Town("gamma", areas=200), 900 + seed)
        table = rank_uncertainty(areas, incidents, draws=200, rng=seed)
        first = table.sort_values("rank").index[:10]
        said.append(table.loc[first, "p_top_k"].mean())
        truth = pd.Series(rates[:, 0], areas.index).rank(ascending=False)
        came.append((truth[first] <= 10).mean())
    assert np.mean(said) == pytest.approx(np.mean(came), abs=0.1)


def test_the_credibility_constant_is_found_again():
    rng = np.random.default_rng(3)
    codes = np.repeat(np.arange(400), 20)
    harm = rng.normal(np.repeat(rng.normal(100, 5, 400), 20), 20)
    assert credibility_constant(codes, harm) == pytest.approx(16, rel=0.2)
    assert credibility_constant(codes, np.full(len(codes), 7.0)) == 1000


# Placement


def test_moving_nowhere_changes_no_rank():
    incidents, _ = town()
    grid = SquareGrid(500)
    x, y = incidents.geometry.x.to_numpy(), incidents.geometry.y.to_numpy()
    areas = pd.Index(sorted(set(grid.cell_ids(x, y))))
    table = placement_stress(incidents, grid, areas, radius_m=0, draws=20)
    assert (table["value_low"] == table["value"]).all()
    assert (table["value_high"] == table["value"]).all()
    exact = incidents.assign(location_precision="exact")
    pd.testing.assert_frame_equal(
        placement_stress(exact, grid, areas, radius_m=400, draws=20)[["value_low", "value_high"]],
        table[["value_low", "value_high"]],
    )


@pytest.mark.parametrize("by", ["count", "harm"])
def test_placement_does_not_care_for_row_order_and_is_the_same_each_time(by):
    incidents, _ = town()
    incidents = with_harm(incidents)
    grid = SquareGrid(100)
    areas = pd.Index(sorted(set(grid.cell_ids(incidents.geometry.x, incidents.geometry.y))))
    one = placement_stress(incidents, grid, areas, radius_m=80, by=by, draws=20)
    other = placement_stress(shuffled(incidents), grid, areas[::-1], radius_m=80, by=by, draws=20)
    pd.testing.assert_frame_equal(one, other.reindex(areas), check_exact=True)


def test_a_pile_near_an_edge_moves_and_a_pile_in_the_middle_does_not():
    x, y = ORIGIN
    incidents = incidents_at([(50, 50)] * 30 + [(295, 50)] * 40)
    areas = pd.Index([f"sq100-E{x + 100 * i}N{y}" for i in range(5)])
    table = placement_stress(incidents, SquareGrid(100), areas, radius_m=40, top=1, draws=200)
    middle, edge = table.loc[areas[0]], table.loc[areas[2]]
    assert middle["value_low"] == middle["value_high"] == 30
    assert edge["rank"] == 1 and edge["rank_high"] >= 2
    assert middle["p_top_k"] > 0.8
    assert table.loc[areas[3], "value_high"] > 10


def test_incidents_are_spread_evenly_over_the_disc():
    incidents = incidents_at([(0, 0)] * 20_000)
    x, y = ORIGIN

    def inner(east, north):
        return np.where(np.hypot(east - x, north - y) < 50, "inner", "outer")

    table = placement_stress(incidents, inner, pd.Index(["inner", "outer"]), radius_m=100, draws=3)
    assert table.loc["inner", "value_high"] == pytest.approx(5000, rel=0.05)


def test_larger_cells_are_moved_less():
    rng = np.random.default_rng(4)
    incidents = incidents_at([tuple(point) for point in rng.normal(0, 600, (400, 2))])
    shifts = []
    for resolution in (8, 10):
        grid = H3Grid(resolution)
        found = grid.cell_ids(incidents.geometry.x.to_numpy(), incidents.geometry.y.to_numpy())
        areas = pd.Index(sorted(set(found)))
        table = placement_stress(incidents, grid, areas, radius_m=100, draws=20)
        shifts.append(table["rank_shift"].head(10).mean() / len(areas))
    assert shifts[0] < shifts[1]


def test_a_wrong_radius_or_assignment_is_refused_and_nothing_gives_nothing():
    incidents, _ = town()
    with refused("argument", "-1", of="radius_m"):
        placement_stress(incidents, SquareGrid(100), AREAS, radius_m=-1)
    with refused("argument", "str", of="assign"):
        placement_stress(incidents, "grid", AREAS, radius_m=1)
    empty = placement_stress(incidents[:0], SquareGrid(100), AREAS, radius_m=10, draws=5)
    assert empty["rank"].isna().all() and len(empty) == 8
    assert len(placement_stress(incidents, SquareGrid(100), AREAS[:0], radius_m=10, draws=5)) == 0
