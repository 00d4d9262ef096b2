"""Gi* is the Gi* of the literature, and a flag is a flag only where chance would hardly be."""

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import in_areas, in_cells
from refusing import refused
from scipy import sparse
from shapely.geometry import box
from tables import incidents_at, zone

import hotspots as hs
from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError
from hotspots.stats import nulls
from hotspots.stats.nulls import corrected

POINTS = [(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)]
Y = [2, 3, 3.2, 5, 8, 7]
KNOWN_Z = [-1.397276, -0.289178, 0.650650, -0.289178, 1.234521, 2.024243]
KNOWN_P = [0.162331, 0.772446, 0.515273, 0.772446, 0.217009, 0.042945]
KNOWN_BH = [0.434018, 0.772446, 0.772446, 0.772446, 0.434018, 0.257671]  # 6 / 3 of 0.217009
KNOWN_HOLM = [0.811653, 1, 1, 1, 0.868036, 0.257671]
SQUARE = "0 1 0 2 1 / 1 3 2 0 0 / 0 8 12 3 1 / 1 4 9 2 0 / 0 0 1 1 0"
GRID = hs.SquareGrid(250)


def within_15():
    """Neighbours of the six points within 15, by position."""
    places = np.array(POINTS)
    near = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) <= 15
    return {i: [j for j in np.flatnonzero(near[i]) if j != i] for i in range(6)}


def town(side=20, seed=0, mean=1.0):
    """A square town of so many cells a side, on a grid of 250 m, with skewed noise for counts."""
    ids = GRID.cover(box(1, 1, side * 250 - 1, side * 250 - 1))
    rng = np.random.default_rng(seed)
    return gpd.GeoDataFrame(
        {
            "kind": GRID.name,
            "theme": "asb",
            "incident_count": rng.negative_binomial(0.4, 0.4 / (0.4 + mean), len(ids)),
            "share_inside": 1.0,
        },
        index=pd.Index(ids, name="area_id"),
        geometry=GRID.polygons(ids),
        crs="EPSG:27700",
    )


def planted(side=20, more=30):
    """The same town with nine cells that hold many more; the answer is their ids."""
    cells = town(side)
    hot = GRID.cover(box(2_001, 2_001, 2_749, 2_749))
    assert len(hot) == 9
    cells.loc[hot, "incident_count"] += more
    return cells, hot


# Gi* and local Moran ------------------------------------------------------------------------------


def test_gi_star_has_the_known_answers_for_six_points():
    found = hs.stats.local_gi_star(Y, within_15())
    assert found["z"].to_numpy() == pytest.approx(KNOWN_Z, abs=1e-6)
    assert found["n_neighbours"].tolist() == [len(near) for near in within_15().values()]


def test_gi_star_has_the_known_answers_on_a_square_of_25():
    values = [float(number) for number in SQUARE.replace("/", " ").split()]
    row, column = np.divmod(np.arange(25), 5)
    far = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column))
    z = hs.stats.local_gi_star(values, (far == 1).astype(int))["z"].to_numpy()
    assert z[10:15] == pytest.approx([0.6781, 2.8406, 3.2410, 1.3722, -0.9722], abs=5e-5)
    assert z[:5] == pytest.approx([-0.5802, -0.8221, -0.6721, -1.1222, -0.9298], abs=5e-5)


def test_neighbours_mean_the_same_in_every_form():
    near = within_15()
    names = pd.Index(list("abcdef"))
    matrix = np.zeros((6, 6))
    for area, others in near.items():
        matrix[area, others] = 1
    named = {names[i]: list(names[others]) for i, others in near.items()}
    expected = hs.stats.local_gi_star(Y, near)["z"].to_numpy()
    for form in (matrix, sparse.coo_matrix(matrix), sparse.csr_array(matrix + np.eye(6))):
        assert hs.stats.local_gi_star(Y, form)["z"].to_numpy() == pytest.approx(expected)
    by_name = hs.stats.local_gi_star(pd.Series(Y, index=names), named)
    assert by_name["z"].to_numpy() == pytest.approx(expected)
    assert by_name.index.equals(names)


def test_an_area_without_neighbours_is_judged_by_itself():
    values = np.array([1.0, 2.0, 6.0, 3.0])
    found = hs.stats.local_gi_star(values, {0: [1], 1: [0]})
    assert found["n_neighbours"].tolist() == [1, 1, 0, 0]
    assert found["z"][2] == pytest.approx((6 - values.mean()) / values.std())
    assert hs.stats.local_moran(values, {0: [1], 1: [0]})["moran"].isna().tolist() == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 5.0], [3.0] * 6, [0.1] * 6])
def test_there_is_no_z_where_none_exists(values):
    chain = {i: [i + 1] for i in range(len(values) - 1)}
    for statistic in (hs.stats.local_gi_star, hs.stats.local_moran):
        found = statistic(values, chain)
        assert len(found) == len(values)
        assert found["z"].isna().all()


def test_an_area_next_to_all_others_has_no_z():
    found = hs.stats.local_gi_star([1.0, 2.0, 3.0, 5.0], {0: [1, 2, 3], 1: [0]})
    assert found["z"].isna().tolist() == [True, False, False, False]


@pytest.mark.parametrize(
    ("values", "neighbours", "says"),
    [
        ([1.0, np.nan, 2.0], {}, "1 of 3"),
        ([1.0, 2.0, 3.0], {0: [7]}, "'7'"),
        ([1.0, 2.0, 3.0], np.zeros((2, 2)), "2 x 2"),
        ([1.0, 2.0, 3.0], -np.ones((3, 3)), "zero or more"),
        ([[1.0, 2.0]], {}, "2 dimensions"),
        (pd.Series([1.0, 2.0, 3.0], index=list("aab")), {}, "once"),
    ],
)
def test_unusable_values_and_neighbours_are_explained(values, neighbours, says):
    with pytest.raises(InputError, match=says):
        hs.stats.local_gi_star(values, neighbours)


# Corrections --------------------------------------------------------------------------------------


def test_corrections_have_the_known_answers():
    p = np.array(KNOWN_P)
    assert corrected(p, "bh") == pytest.approx(KNOWN_BH, abs=2e-6)
    assert corrected(p, "holm") == pytest.approx(KNOWN_HOLM, abs=1e-5)
    assert (corrected(p, "by") >= corrected(p, "bh")).all()
    assert (corrected(p, "none") == p).all()


def test_the_analytic_null_is_two_sided_and_corrected_over_all_tested():
    """esda's one-sided 0.021473 for the last point is 0.042945 two-sided."""
    cells = town(3).iloc[:6].assign(incident_count=Y)
    near = {cells.index[i]: list(cells.index[others]) for i, others in within_15().items()}
    flagged = hs.flag_hotspots(cells, neighbours=near, null="analytic", transform="none")
    assert flagged["p_value"].to_numpy() == pytest.approx(KNOWN_P, abs=1e-6)
    assert flagged["q_value"].to_numpy() == pytest.approx(KNOWN_BH, abs=2e-6)
    assert (flagged["n_tested"] == 6).all()


# The permutation null -----------------------------------------------------------------------------


@pytest.mark.parametrize("draws", [None, 400_000])
def test_permutation_p_values_are_those_of_counting_every_choice(draws):
    """Nine areas in a ring: a neighbourhood is any 3 of 9 values, and there are 84 of those."""
    values = np.array([0, 0, 0, 1, 2, 2, 5, 7, 1])
    cells = town(3).assign(incident_count=values)
    ring = {cells.index[i]: [cells.index[i - 1], cells.index[(i + 1) % 9]] for i in range(9)}
    sums = np.array([sum(chosen) for chosen in combinations(values, 3)])
    mine = values + np.roll(values, 1) + np.roll(values, -1)
    high = np.array([(sums >= total).mean() for total in mine])
    low = np.array([(sums <= total).mean() for total in mine])
    exact = np.minimum(1, 2 * np.minimum(high, low))
    flagged = hs.flag_hotspots(cells, neighbours=ring, transform="none", draws=draws)
    error = 1e-12 if draws is None else 4e-3
    assert flagged["p_value"].to_numpy() == pytest.approx(exact, abs=error)


@pytest.mark.parametrize("transform", ["none", "sqrt", "log1p"])
def test_drawing_comes_close_to_counting_on_a_skewed_map(transform):
    cells, _ = planted()
    exact = hs.flag_hotspots(cells, transform=transform)["p_value"].to_numpy()
    drawn = hs.flag_hotspots(cells, transform=transform, draws=100_000)["p_value"].to_numpy()
    error = np.sqrt(exact / 100_000)
    assert (np.abs(drawn - exact) < 5 * np.sqrt(2) * error + 5e-5).all()


def test_an_exact_p_value_is_as_small_as_it_has_to_be():
    """All nine of 400 values that are not zero lie together: one way in comb(400, 9)."""
    from scipy.special import comb

    cells, hot = planted(more=0)
    cells["incident_count"] = 0
    cells.loc[hot, "incident_count"] = 1
    flagged = hs.flag_hotspots(cells, correction="by")
    centre = flagged.loc["sq250-E2250N2250"]
    assert 2 / comb(400, 9) < centre["p_value"] <= 2e-12
    assert centre["q_value"] <= 0.05
    assert not centre["is_hotspot"], "a cell that holds one incident is never more than chance"


@pytest.mark.parametrize("correction", ["bh", "by", "holm", "max-t", "none"])
@pytest.mark.parametrize("transform", ["none", "sqrt", "log1p", "cap"])
def test_what_was_planted_is_found(correction, transform):
    cells, hot = planted()
    flagged = hs.flag_hotspots(cells, correction=correction, transform=transform)
    found = flagged.index[flagged["is_hotspot"]]
    together = len(set(found) & set(hot)) / len(set(found) | set(hot))
    assert set(hot) <= set(found) or correction in ("holm", "max-t", "by")
    assert together >= (0.3 if correction == "none" else 0.5)
    assert set(flagged["transform"]) == {transform}
    assert set(flagged["correction"]) == {correction}


@pytest.mark.parametrize("correction", ["bh", "by", "holm", "max-t"])
def test_a_lone_busy_cell_passes_no_dealing_out_so_it_is_not_tested(correction):
    """Its neighbourhood is, and keeps its p-value; see docs/significance.md."""
    areas, pair = town(40), ["sq250-E5000N5000", "sq250-E5250N5000"]
    areas.loc[pair[0], "incident_count"] = 5_000
    flagged = hs.flag_hotspots(areas, correction=correction)
    assert not flagged["is_hotspot"].any()
    assert flagged.loc[pair[0], "evidence"] == "not-tested" and flagged["p_value"].notna().all()
    low = areas["incident_count"] <= areas["incident_count"].median()
    assert set(flagged.loc[low, "evidence"]) == {"could-be-chance"}, "nothing about it is odd"
    areas.loc[pair, "incident_count"] = 300
    both = hs.flag_hotspots(areas)
    assert set(both.loc[both["is_hotspot"], "evidence"]) == {"beyond-chance"}
    assert both.loc[pair, "is_hotspot"].any()


@pytest.mark.parametrize(("correction", "seed"), [("bh", 0), ("holm", 2), ("none", 4)])
def test_where_no_count_passes_no_count_passes(correction, seed):
    cells = town(14, seed, mean=1.5)
    flagged = hs.flag_hotspots(cells, correction=correction)
    untested = flagged.index[flagged["evidence"].eq("not-tested")]
    assert len(untested)
    for area in untested[:3]:
        for count in (20, 2_000):
            more = cells["incident_count"].where(cells.index != area, count)
            again = hs.flag_hotspots(cells.assign(incident_count=more), correction=correction)
            assert not again.loc[area, "is_hotspot"]


def test_what_lies_around_a_value_without_bounds_is_as_rare_as_counting_says():
    values = np.array([0, 0, 1, 2, 2, 9, 1, 3])
    ring = sparse.csr_array(sum(np.roll(np.eye(8), k, axis=1) for k in (-1, 0, 1)))
    around = nulls.around_tails(values, ring, values == 9)
    held = [sum(two) for two in combinations(np.delete(values, 5), 2)]
    assert around == pytest.approx([np.mean(np.array(held) >= 2 + 1)])


def test_a_cold_hole_in_a_busy_town_is_a_coldspot_and_never_hot():
    cells = town(30)
    cells["incident_count"] = np.random.default_rng(4).poisson(20, len(cells))
    hole = GRID.cover(box(2_001, 2_001, 2_749, 2_749))
    cells.loc[hole, "incident_count"] = 0
    flagged = hs.flag_hotspots(cells)
    assert flagged.loc[hole, "is_coldspot"].all()
    assert not flagged.loc[hole, "is_hotspot"].any()
    assert (flagged.loc[flagged["is_coldspot"], "z"] < 0).all()


def test_noise_is_hardly_ever_flagged_and_the_textbook_flags_it_nearly_always():
    """Thirty shuffles of one skewed map; the long runs are in benchmarks/bench_significance.py."""
    cells = town(24, mean=0.6)
    weights = GRID.neighbours(cells.index.to_numpy())
    ours = textbook = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        shuffled = cells.assign(incident_count=rng.permutation(cells["incident_count"]))
        flagged = hs.flag_hotspots(shuffled, neighbours=weights)
        ours += flagged[["is_hotspot", "is_coldspot"]].any(axis=None)
        flagged = hs.flag_hotspots(shuffled, neighbours=weights, null="analytic", transform="none")
        textbook += ((flagged["q_value"] <= 0.05) & (flagged["z"] > 0)).any()
    assert ours <= 5
    assert textbook >= 22


def test_too_few_draws_are_an_error_and_not_an_empty_map():
    with refused("too-few-draws", of="draws"):
        hs.flag_hotspots(town(), draws=999)


def test_a_p_value_that_no_number_of_draws_resolves_is_an_error(monkeypatch):
    monkeypatch.setattr("hotspots.stats.nulls.MOST_DRAWS", 10_000)
    with pytest.raises(InputError, match="must be resolved"):
        hs.flag_hotspots(town(), neighbours=GRID.neighbours(town().index.to_numpy(), rings=3))


# Constant risk ------------------------------------------------------------------------------------


def test_constant_risk_is_a_binomial():
    from scipy.stats import binom

    cells = town(3).assign(incident_count=[9, 1, 0, 0, 2, 0, 1, 0, 0])
    at_risk = pd.Series([3.0, 2, 1, 1, 4, 1, 1, 1, 1], index=cells.index)
    flagged = hs.flag_hotspots(cells, neighbours={}, null="constant-risk", at_risk=at_risk)
    first = flagged.iloc[0]
    assert first["p_value"] == pytest.approx(2 * binom.sf(8, 13, 3 / 15))
    assert first["relative_risk"] == pytest.approx((9 / 13) / (3 / 15))
    assert first["z"] == pytest.approx((9 - 13 * 0.2) / np.sqrt(13 * 0.2 * 0.8))
    assert set(flagged["transform"]) == {"none"}


def test_a_busy_cell_with_much_at_risk_is_no_hotspot_when_both_nulls_must_fall():
    cells, hot = planted()
    dense = pd.Series(1.0, index=cells.index)
    dense[hot] = 40.0
    assert hs.flag_hotspots(cells).loc[hot, "is_hotspot"].all()
    both = hs.flag_hotspots(cells, at_risk=dense)
    assert set(both["null_model"]) == {"both"}
    assert not both["is_hotspot"].any()
    level = hs.flag_hotspots(cells, at_risk=dense.clip(upper=1))
    assert level.loc[hot, "is_hotspot"].all()


@pytest.mark.parametrize("correction", ["bh", "holm", "max-t"])
def test_constant_risk_maps_are_hardly_ever_flagged(correction):
    cells = town(25)
    rng = np.random.default_rng(2)
    at_risk = pd.Series(rng.negative_binomial(0.5, 0.1, len(cells)), index=cells.index)
    weights = GRID.neighbours(cells.index.to_numpy())
    flagged = 0
    for seed in range(40):
        risk = at_risk / at_risk.sum()
        counts = np.random.default_rng(seed).multinomial(800, risk)
        found = hs.flag_hotspots(
            cells.assign(incident_count=counts),
            neighbours=weights,
            null="constant-risk",
            at_risk=at_risk,
            correction=correction,
            draws=199,
        )
        flagged += found[["is_hotspot", "is_coldspot"]].any(axis=None)
    assert flagged <= 6


def test_points_at_risk_are_the_distinct_points_of_each_cell():
    incidents = incidents_at([(10, 10), (10, 10), (20, 10), (300, 10), None])
    held = in_areas(incidents, ["a", "a", "a", "b", None])
    assert hs.evaluation.points_at_risk(held).to_dict() == {"a": 2, "b": 1}
    assert hs.evaluation.points_at_risk(in_areas(incidents.iloc[:0], [])).to_dict() == {}


def test_points_at_risk_are_those_of_every_theme_and_time_inside_the_study_area():
    incidents = incidents_at(
        [(10, 10), (20, 10), (30, 10), (40, 10), (9_000, 10)],
        month=["2018-07", "2018-06", "2018-07", "2018-07", "2018-07"],
        theme_asb=[True, True, False, True, True],
        institutional=[False, False, False, True, False],
    )
    city = zone("City", (0, 0, 100, 100))
    asb = in_cells(incidents, hs.SquareGrid(1_000), theme="asb", period="2018-07", within=city)
    assert len(asb.rows) == 1
    assert hs.evaluation.points_at_risk(asb).tolist() == [3]
    assert hs.evaluation.points_at_risk(asb.asked(include_institutional=True)).tolist() == [3]


def test_map_points_come_from_the_incidents_where_the_areas_carry_none():
    rng = np.random.default_rng(7)
    incidents = incidents_at([tuple(point) for point in rng.uniform(0, 3_000, (400, 2)).round(-1)])
    city = zone("City", (0, 0, 3_000, 3_000))
    chosen = in_cells(incidents, GRID, within=city)
    cells = hs.aggregate_to_cells(chosen)
    bare = cells.drop(columns="points_at_risk")
    assert set(hs.flag_hotspots(bare)["null_model"]) == {"permutation"}
    with_incidents = hs.flag_hotspots(bare, chosen, null="both")
    assert with_incidents["p_value"].equals(hs.flag_hotspots(cells)["p_value"])
    told = hs.flag_hotspots(bare, chosen)
    assert set(told["null_model"]) == {"all"}, "what each map point holds is known"
    assert (told["p_value"].dropna() >= with_incidents["p_value"].dropna()).all()
    exact = in_cells(incidents.assign(location_precision="exact"), GRID, within=city)
    assert set(hs.flag_hotspots(bare, exact)["null_model"]) == {"permutation"}


def test_a_column_of_points_at_risk_is_used_for_counts():
    cells = town().assign(points_at_risk=5)
    assert set(hs.flag_hotspots(cells)["null_model"]) == {"both"}
    assert set(hs.flag_hotspots(cells, null="permutation")["null_model"]) == {"permutation"}
    harmful = cells.assign(harm=cells["incident_count"] * 10.0)
    assert set(hs.flag_hotspots(harmful, by="harm")["null_model"]) == {"permutation"}


# Who is tested ------------------------------------------------------------------------------------


def test_cells_mostly_outside_are_counted_but_not_tested():
    cells, _ = planted()
    edge = cells.index[:25]
    cells.loc[edge, "share_inside"] = 0.49
    flagged = hs.flag_hotspots(cells)
    assert (flagged["n_tested"] == 375).all()
    assert flagged.loc[edge, ["p_value", "q_value"]].isna().all(axis=None)
    assert not flagged.loc[edge, ["is_hotspot", "is_coldspot"]].any(axis=None)
    assert flagged["z"].notna().all()
    whole = hs.flag_hotspots(cells.assign(share_inside=1.0))
    assert flagged["z"].to_numpy() == pytest.approx(whole["z"].to_numpy())


def test_the_ring_around_gives_edge_cells_whole_neighbourhoods():
    around, _ = planted()
    inner = around.loc[GRID.cover(box(1_001, 1_001, 2_499, 2_499))]
    flagged = hs.flag_hotspots(inner, context=around)
    assert flagged.index.equals(inner.index)
    assert (flagged["n_neighbours"] == 8).all()
    assert (flagged["n_tested"] == 36).all()
    expected = hs.stats.local_gi_star(
        np.sqrt(around["incident_count"]), GRID.neighbours(around.index.to_numpy())
    )
    assert flagged["z"].to_numpy() == pytest.approx(expected.loc[inner.index, "z"].to_numpy())
    with refused("outside-context", of="context"):
        hs.flag_hotspots(around, context=inner)


@pytest.mark.parametrize("null", ["permutation", "both", "constant-risk", "analytic"])
@pytest.mark.parametrize("case", ["nothing", "one", "two", "alike", "zero"])
def test_tables_that_cannot_be_tested_come_back_well_formed(null, case):
    cells = town()
    cells = {
        "nothing": cells.iloc[:0],
        "one": cells.iloc[:1],
        "two": cells.iloc[:2],
        "alike": cells.assign(incident_count=3),
        "zero": cells.assign(incident_count=0),
    }[case]
    at_risk = pd.Series(1.0, index=cells.index)
    record = hs.RunRecord("test", marking="TEST")
    options = {"at_risk": at_risk} if null in ("both", "constant-risk") else {}
    flagged = hs.flag_hotspots(cells, null=null, record=record, **options)
    assert len(flagged) == len(cells)
    assert flagged["is_hotspot"].dtype == bool
    assert not flagged["is_hotspot"].any()
    assert {"z", "p_value", "q_value", "n_tested", "is_coldspot", "null_model"} <= set(flagged)


# Laws ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("correction", ["bh", "max-t"])
def test_row_order_extra_columns_and_geometry_name_change_nothing(correction):
    cells, _ = planted()
    cells["points_at_risk"] = 2
    plain = hs.flag_hotspots(cells, correction=correction)
    order = np.random.default_rng(5).permutation(len(cells))
    other = cells.iloc[order].assign(note="x").rename_geometry("shape")
    shuffled = hs.flag_hotspots(other, correction=correction).loc[cells.index]
    for column in ("z", "p_value", "q_value", "is_hotspot"):
        assert shuffled[column].tolist() == plain[column].tolist()
    assert shuffled.geometry.name == "shape"
    assert (shuffled["note"] == "x").all()


def test_the_input_is_left_as_it_was_and_twice_gives_the_same():
    cells, _ = planted()
    before = cells.copy(deep=True)
    first = hs.flag_hotspots(cells)
    pd.testing.assert_frame_equal(cells, before)
    pd.testing.assert_frame_equal(hs.flag_hotspots(first), first)


def test_harm_is_tested_like_counts_of_the_same_numbers():
    cells, _ = planted()
    cells["harm"] = cells["incident_count"] * 1.0
    by_harm = hs.flag_hotspots(cells, by="harm")
    assert by_harm["p_value"].tolist() == hs.flag_hotspots(cells)["p_value"].tolist()
    assert set(by_harm["tested_value"]) == {"harm"}


def test_scaling_harm_changes_no_flag():
    cells, _ = planted()
    weights = np.random.default_rng(6).choice([13.7, 266.8, 799.6], len(cells))
    cells["harm"] = cells["incident_count"] * weights
    plain = hs.flag_hotspots(cells, by="harm")
    scaled = hs.flag_hotspots(cells.assign(harm=cells["harm"] * 7), by="harm")
    assert scaled["is_hotspot"].tolist() == plain["is_hotspot"].tolist()
    assert scaled["z"].to_numpy() == pytest.approx(plain["z"].to_numpy())


def test_the_record_says_what_was_chosen_and_how_much_was_tested():
    record = hs.RunRecord("test", marking="TEST")
    cells, hot = planted()
    hs.flag_hotspots(cells, record=record)
    (entry,) = record.choices["flag_hotspots"]
    assert entry["null_model"] == "permutation"
    assert entry["tested"] == 400
    assert entry["hot"] >= len(hot)
    assert any(finding.rule == "town-against-field" for finding in record.findings)


def test_cells_finer_than_the_map_points_are_called_indicative():
    cells, _ = planted()
    for points, indicative in ((1, True), (5, False)):
        record = hs.RunRecord("test", marking="TEST")
        at_risk = pd.Series(points, index=cells.index)
        hs.flag_hotspots(cells, at_risk=at_risk, record=record)
        rules = {finding.rule for finding in record.findings}
        assert "structural-zeros" in rules
        assert ("finer-than-the-data" in rules) is indicative
        assert (Caveat("finer-than-spacing") in record.caveats) is indicative


# What cannot be asked -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"by": "density"}, "`by`"),
        ({"null": "csr"}, "`null`"),
        ({"transform": "log"}, "`transform`"),
        ({"correction": "fdr"}, "`correction`"),
        ({"alpha": 0.0}, "`alpha`"),
        ({"null": "both"}, "`at_risk` is missing"),
        ({"null": "analytic", "correction": "max-t"}, "drawn"),
        ({"by": "harm"}, "harm"),
        ({"at_risk": pd.Series(0.0, index=["sq250-E0N0"])}, "above zero"),
        ({"at_risk": [1, 2]}, "Series"),
        ({"grid": hs.SquareGrid(500)}, "named like"),
    ],
)
def test_what_cannot_be_tested_is_explained(options, says):
    with pytest.raises(InputError, match=says):
        hs.flag_hotspots(town(), **options)


def test_unweighed_harm_is_asked_about_and_never_taken_for_zero():
    cells = town().assign(harm=1.0)
    cells.loc[cells.index[3], "harm"] = np.nan
    with refused("unknown-values", "1 of 400"):
        hs.flag_hotspots(cells, by="harm")


def test_clusters_have_no_neighbours_unless_they_are_named():
    clusters = town().assign(kind="cluster")
    with refused("no-such-grid"):
        hs.flag_hotspots(clusters)
    assert hs.flag_hotspots(clusters, neighbours={})["n_neighbours"].eq(0).all()
