"""A trend is told by order, a category by rules that exclude one another, endurance by counting."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import asked, in_areas, in_cells
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from refusing import refused
from shapely.geometry import box
from tables import incidents_at, zone

import hotspots as hs
from hotspots.core.errors import InputError

HOT, COLD = 3.0, -3.0
FLAT = [5.0, 5.1, 4.9, 5.0, 5.2, 4.8, 5.1, 5.0, 4.9, 5.0, 5.1, 4.9]
KNOWN = {
    "new": [0.0] * 11 + [3],
    "consecutive": [0.0] * 9 + [2.5, 2.6, 2.7],
    "persistent": FLAT,
    "diminishing": list(np.linspace(8, 2.5, 12)),
    "sporadic": [3.0, 0, 3, 0, 3, 0, 0, 3, 0, 0, 3, 0],
    "intensifying": list(np.linspace(2.5, 8, 12)),
    "oscillating": [HOT, COLD, 0, HOT, COLD, 0, 0, HOT, COLD, 0, 0, HOT],
    "historical": [HOT] * 11 + [0],
    "none": [0.0] * 12,
}
steps = arrays(
    float, st.integers(10, 14), elements=st.sampled_from([-4.0, -2.5, -1.0, 0.0, 1.0, 2.5, 4.0])
)


def monthly(rows):
    """Area_periods table from {area: [counts]}, January 2018 onwards."""
    months = [f"2018-{month:02d}" for month in range(1, 1 + len(next(iter(rows.values()))))]
    index = pd.MultiIndex.from_product([rows, months], names=["area_id", "period"])
    counts = [count for row in rows.values() for count in row]
    return pd.DataFrame({"theme": "asb", "incident_count": counts}, index=index)


# Mann-Kendall -------------------------------------------------------------------------------------


def test_mann_kendall_has_the_known_answer():
    test = hs.stats.mann_kendall(np.arange(1, 13))
    assert test.s == 66
    assert test.variance == pytest.approx(212.6667, abs=1e-4)
    assert test.z == pytest.approx(4.457216, abs=1e-6)
    assert test.p_value == pytest.approx(8.303e-6, rel=1e-3)
    assert test.slope == 1


def test_ties_shrink_the_variance():
    """1 1 2 2 2: 10 pairs, 6 rise, 4 tie; (5*4*15 - 2*1*9 - 3*2*11) / 18 = 12."""
    test = hs.stats.mann_kendall([1, 1, 2, 2, 2])
    assert (test.s, test.variance) == (6, 12)
    assert test.z == pytest.approx(5 / np.sqrt(12))


@given(arrays(float, st.integers(3, 15), elements=st.integers(0, 6).map(float)))
@settings(max_examples=60, deadline=None)
def test_mann_kendall_counts_pairs_and_agrees_with_kendalls_tau(series):
    from scipy.stats import kendalltau

    test = hs.stats.mann_kendall(series)
    pairs = [np.sign(b - a) for i, a in enumerate(series) for b in series[i + 1 :]]
    assert test.s == sum(pairs)
    assert hs.stats.mann_kendall(-series).z == -test.z
    if test.variance > 0:
        tau = kendalltau(np.arange(len(series)), series, method="asymptotic").statistic
        assert np.sign(tau) == np.sign(test.s)


@pytest.mark.parametrize("series", [[], [1.0], [4, 4, 4, 4]])
def test_a_series_that_cannot_have_a_trend_has_none(series):
    test = hs.stats.mann_kendall(series)
    assert (test.s, test.z, test.p_value) == (0, 0, 1)


QUARTERS = [31, 22, 40, 18, 29, 25, 41, 15, 33, 27, 38, 19, 35, 24, 44, 21, 36, 30, 44, 17]
RISING = [10 * (t % 4) + t // 4 * (t % 4 != 2) for t in range(20)]


@pytest.mark.parametrize(
    ("series", "seasons", "s", "variance", "z", "p_value", "slope_a_year"),
    [
        (RISING, 4, 30, 50, 4.1012193308819755, 4.109787809936094e-05, 1),
        (QUARTERS, 4, 21, 197 / 3, 2.468070209369181, 0.013584367262711394, 1.2916666666666665),
        ([9, 7, 5, 8, 7, 4, 8, 6, 4, 5, 6, 3], 3, -14, 22, -2.7716093126229358,
         0.005577994003398201, -0.5),
    ],
)  # fmt: skip
def test_seasonal_mann_kendall_is_that_of_pymannkendall(
    series, seasons, s, variance, z, p_value, slope_a_year
):
    """Reference values of `seasonal_test` of pymannkendall 1.4.3."""
    test = hs.stats.seasonal_mann_kendall(series, seasons=seasons)
    assert (test.s, test.n) == (s, len(series))
    found = (test.variance, test.z, test.p_value, test.slope * seasons)
    assert found == pytest.approx((variance, z, p_value, slope_a_year), rel=1e-12)


@given(arrays(float, st.integers(12, 20), elements=st.integers(0, 6).map(float)))
@settings(max_examples=40, deadline=None)
def test_what_a_season_adds_to_all_its_steps_is_no_trend(series):
    test = hs.stats.seasonal_mann_kendall(series, seasons=4)
    lifted = series + np.array([0, 100, 20, 50])[np.arange(len(series)) % 4]
    assert hs.stats.seasonal_mann_kendall(lifted, seasons=4) == test
    assert hs.stats.seasonal_mann_kendall(-series, seasons=4).z == -test.z
    assert test.s == sum(hs.stats.mann_kendall(series[first::4]).s for first in range(4))


def test_seasonal_mann_kendall_wants_three_of_each_season():
    with refused("argument", "36 steps", "got 35", of="series"):
        hs.stats.seasonal_mann_kendall(range(35))
    with refused("argument", "at least 2", of="seasons"):
        hs.stats.seasonal_mann_kendall(range(35), seasons=1)


@pytest.mark.parametrize("series", [[1, np.nan, 3], [[1, 2], [3, 4]]])
def test_mann_kendall_wants_a_whole_series(series):
    with refused("not-a-series", of="series"):
        hs.stats.mann_kendall(series)


# Categories ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KNOWN)
def test_each_category_is_found_and_its_mirror_is_cold(name):
    series = np.array(KNOWN[name], dtype=float)
    assert hs.evaluation.classify_trend(series) == name
    assert hs.evaluation.classify_trend(-series) == (name if name == "none" else f"{name} cold")


@given(steps)
@settings(max_examples=200, deadline=None)
def test_cold_is_the_mirror_of_hot(z):
    name, mirror = hs.evaluation.classify_trend(z), hs.evaluation.classify_trend(-z)
    if name == "none":
        assert mirror == "none"
    else:
        assert mirror == (name.removesuffix(" cold") if name.endswith(" cold") else f"{name} cold")


@given(steps)
@settings(max_examples=200, deadline=None)
def test_the_name_keeps_what_its_rule_says(z):
    name = hs.evaluation.classify_trend(z)
    side = -1 if name.endswith(" cold") else 1
    hot, cold = side * z > 1.96, side * z < -1.96
    plain = name.removesuffix(" cold")
    holds = {
        "new": hot[-1] and not hot[:-1].any(),
        "consecutive": hot[-2:].all() and (np.diff(hot.astype(int)) == 1).sum() == 1,
        "intensifying": hot[-1] and hot.mean() >= 0.9,
        "persistent": hot[-1] and hot.mean() >= 0.9,
        "diminishing": hot[-1] and hot.mean() >= 0.9,
        "sporadic": 0 < hot.mean() < 0.9 and not cold.any(),
        "oscillating": hot[-1] and cold.any() and hot.mean() < 0.9,
        "historical": not hot[-1] and hot.mean() >= 0.9,
        "none": True,
    }
    assert holds[plain]


def test_an_all_cold_series_never_gets_a_hot_name():
    for series in (np.full(12, -5.0), np.linspace(-2.5, -8, 12), np.linspace(-8, -2.5, 12)):
        assert hs.evaluation.classify_trend(series).endswith(" cold")


def test_cold_significance_does_not_make_a_hotspot_intensify():
    """Half cold, half hot, rising: hot in half of the steps is not intensifying."""
    assert hs.evaluation.classify_trend(np.linspace(-8, 8, 12)) == "consecutive"


def test_fewer_than_ten_steps_are_no_story():
    with refused("argument", "got 9 ", of="z_by_step"):
        hs.evaluation.classify_trend([3.0] * 9)
    with refused("argument", "got 9 ", of="z_by_step"):
        hs.evaluation.classify_trends(pd.DataFrame([[3.0] * 9]))
    with refused("argument", "got 10 with 1 ", of="z_by_step"):
        hs.evaluation.classify_trend([3.0] * 9 + [np.nan])


def test_the_table_names_every_area_and_says_why():
    table = pd.DataFrame(KNOWN).T
    table.loc["unknown"] = np.nan
    found = hs.evaluation.classify_trends(table)
    assert found["category"].drop("unknown").to_dict() == {name: name for name in KNOWN}
    assert pd.isna(found.loc["unknown", "category"])
    assert found.loc["sporadic", "steps_hot"] == 5
    assert found.loc["oscillating", "steps_cold"] == 3
    assert found.loc["intensifying", "trend_z"] == pytest.approx(4.457216, abs=1e-6)
    assert (found["trend_q"].dropna() >= found["trend_p"].dropna()).all()
    assert hs.evaluation.classify_trends(table.iloc[:0])["category"].tolist() == []


# Gi* by period ------------------------------------------------------------------------------------


def test_every_area_of_a_table_is_named_and_tested_as_it_is_alone():
    draw = np.random.default_rng(5)
    drifts = np.outer(draw.normal(0, 0.3, 60), np.arange(14.0))
    table = pd.DataFrame((draw.normal(0, 2, (60, 1)) + drifts + draw.normal(size=(60, 14))).round())
    found = hs.evaluation.classify_trends(table)
    alone = [hs.stats.mann_kendall(row) for row in table.to_numpy()]
    assert found["trend_z"].tolist() == [one.z for one in alone]
    assert found["trend_p"].tolist() == [one.p_value for one in alone]
    assert found["category"].tolist() == [hs.classify_trend(row) for row in table.to_numpy()]


def test_gi_star_by_period_is_gi_star_in_each_period():
    rng = np.random.default_rng(1)
    grid = hs.SquareGrid(250)
    ids = grid.cover(box(1, 1, 1_999, 1_999))
    months = pd.DataFrame(rng.poisson(2, (64, 12)), index=ids)
    weights = grid.neighbours(ids)
    by_step = hs.evaluation.gi_star_by_period(months, weights)
    for month in months:
        expected = hs.stats.local_gi_star(months[month], weights)["z"]
        assert by_step[month].to_numpy() == pytest.approx(expected.to_numpy())
    doubled = months.mul(np.arange(1, 13))
    assert hs.evaluation.gi_star_by_period(doubled, weights).to_numpy() == pytest.approx(
        by_step.to_numpy()
    )
    against_all = hs.evaluation.gi_star_by_period(doubled, weights, reference="all")
    assert against_all[11].mean() > 1 > -1 > against_all[0].mean()
    with refused("argument", of="reference"):
        hs.evaluation.gi_star_by_period(months, weights, reference="cube")
    holed = months.astype(float)
    holed.iloc[3, 4] = np.nan
    with refused("argument", " 1 ", of="values"):
        hs.evaluation.gi_star_by_period(holed, weights)


def test_a_planted_rise_is_called_new():
    rng = np.random.default_rng(2)
    grid = hs.SquareGrid(250)
    ids = grid.cover(box(1, 1, 4_999, 4_999))
    months = pd.DataFrame(rng.poisson(3, (400, 12)), index=ids)
    hot = grid.cover(box(2_001, 2_001, 2_749, 2_749))
    months.loc[hot, 11] += 20
    z = hs.evaluation.gi_star_by_period(months, grid.neighbours(ids))
    named = hs.evaluation.classify_trends(z, significant_z=4)["category"]
    assert (named[hot] == "new").all()
    assert (named.drop(hot) == "new").sum() <= 16


# Counts by period ---------------------------------------------------------------------------------


def test_months_in_the_top_are_counted_with_ties_and_without_zeros():
    table = hs.evaluation.months_in_top(
        monthly({"a": [5, 0, 4], "b": [3, 0, 4], "c": [0, 0, 1]}), top=1
    )
    assert table["periods_in_top"].to_dict() == {"a": 2, "b": 1, "c": 0}
    assert table["active_periods"].to_dict() == {"a": 2, "b": 2, "c": 1}
    assert table["share_in_top"]["a"] == pytest.approx(2 / 3)
    assert table["in_top_last"].to_dict() == {"a": True, "b": True, "c": False}


def test_the_order_of_rows_changes_no_endurance():
    periods = monthly({"a": [5, 0, 4], "b": [3, 0, 4], "c": [0, 0, 1]})
    shuffled = periods.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        hs.evaluation.months_in_top(shuffled, top=2).sort_index(),
        hs.evaluation.months_in_top(periods, top=2),
    )
    flat = periods.reset_index("period")
    pd.testing.assert_frame_equal(hs.evaluation.by_area(flat), hs.evaluation.by_area(periods))


def test_several_themes_or_an_unknown_value_are_refused():
    periods = monthly({"a": [1, 2], "b": [3, 4]})
    with pytest.raises(InputError, match="one theme"):
        hs.evaluation.months_in_top(periods.assign(theme=["asb", "violence"] * 2))
    with refused("argument", of="by"):
        hs.evaluation.months_in_top(periods, by="harm")
    with refused("argument", of="top"):
        hs.evaluation.months_in_top(periods, top=0)
    with pytest.raises(InputError, match="once"):
        hs.evaluation.by_area(pd.concat([periods, periods]))


def test_every_period_of_the_table_is_counted_in_the_same_cells():
    grid = hs.SquareGrid(250)
    places = [(10, 10), (20, 20), (300, 10), (10, 10), (9_999, 9_999)]
    months = ["2018-01", "2018-01", "2018-01", "2018-03", "2018-03"]
    incidents = incidents_at(places, month=months)
    first, second = "sq250-E429000N433000", "sq250-E429250N433000"
    areas = gpd.GeoDataFrame(
        {"kind": grid.name},
        index=pd.Index([first, second], name="area_id"),
        geometry=grid.polygons(np.array([first, second])),
        crs="EPSG:27700",
    )
    found = hs.count_by_period(areas, hs.assign_cells(incidents, grid))
    january = in_cells(incidents, grid, period="2018-01")
    pd.testing.assert_frame_equal(found, hs.count_by_period(areas, january))
    by_hand = in_areas(incidents, january.everywhere())
    pd.testing.assert_frame_equal(found, hs.count_by_period(areas, by_hand))
    wide = hs.evaluation.by_area(found)
    assert wide.columns.tolist() == ["2018-01", "2018-03"]
    assert wide.loc[first].tolist() == [2, 1]
    assert wide.loc[second].tolist() == [1, 0]
    nothing = hs.count_by_period(areas, hs.assign_cells(incidents.iloc[:0], grid))
    assert len(hs.evaluation.by_area(nothing)) == 0
    assert len(hs.evaluation.months_in_top(nothing)) == 0


def test_a_periods_counts_are_those_of_its_own_cells():
    rng = np.random.default_rng(6)
    incidents = incidents_at(
        [tuple(point) for point in rng.uniform(-200, 1_200, (300, 2)).round()],
        month=rng.choice(["2018-01", "2018-02", "2018-03"], 300).tolist(),
        theme_asb=rng.random(300) < 0.5,
        institutional=rng.random(300) < 0.1,
    )
    city = zone("City", (0, 0, 1_000, 1_000))
    asb = in_cells(incidents, hs.SquareGrid(250), theme="asb", within=city)
    months = hs.evaluation.by_area(hs.count_by_period(hs.aggregate_to_cells(asb), asb))
    for month in months:
        own = hs.aggregate_to_cells(asb.during(month))["incident_count"]
        assert own.to_dict() == months[month].to_dict()


def test_clusters_are_counted_in_the_periods_they_were_found_in():
    incidents = incidents_at([(0, 0)] * 9, month=["2018-01"] * 5 + ["2018-02"] * 4)
    both = hs.assign_clusters(incidents, radius_m=50, min_incidents=4)
    record = hs.RunRecord("test", marking="TEST")
    months = hs.count_by_period(hs.find_clusters(both), both, record=record)
    assert months["incident_count"].tolist() == [5, 4]
    january = hs.assign_clusters(asked(incidents, period="2018-01"), radius_m=50, min_incidents=4)
    months = hs.count_by_period(hs.find_clusters(january), january, periods=["2018-01"])
    assert months["incident_count"].tolist() == [5]
    assert [one.in_areas for one in record.accounts] == [5, 4]


# What a world without trends would show


def test_as_many_categories_come_from_a_world_without_trends_where_there_are_none():
    rng = np.random.default_rng(21)
    counts = pd.DataFrame(rng.poisson(np.outer(rng.gamma(1, 3, 150), np.ones(12))))

    def score(table):
        return (table.sub(table.mean())).div(table.std())

    found = hs.evaluation.trends_by_chance(counts, score, draws=8)
    assert found["areas"].sum() == 150
    assert found["by_chance"].sum() == pytest.approx(150)
    common = found[found["by_chance"] >= 10]
    assert common["areas"].to_numpy() == pytest.approx(common["by_chance"].to_numpy(), rel=0.5)
    rising = counts.copy()
    rising.iloc[:20] = np.linspace(30, 60, 12).round()
    there = hs.evaluation.trends_by_chance(rising, score, draws=8)
    rows = there.loc["intensifying"]
    assert rows["areas"] >= rows["high"] + 10
