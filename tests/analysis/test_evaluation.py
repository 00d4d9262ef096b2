"""Did it work: laws of the tests of change, planted effects, then known answers."""

import itertools
import json
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import asked
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from scipy import stats
from scipy.stats import binom
from tables import BNG, ORIGIN, incidents_at, shuffled, zone

from hotspots.analysis.evaluation.change import compare_change
from hotspots.analysis.evaluation.ratios import rate_ratio, ratio_of_totals, rest_of_city_growth
from hotspots.analysis.evaluation.regression_to_mean import regression_to_the_mean
from hotspots.analysis.evaluation.wdd import (
    harm_weighted_displacement_difference,
    weighted_displacement_difference,
)
from hotspots.analysis.evaluation.wdd_by_month import cumulative_wdd
from hotspots.core.errors import DataError, InputError
from hotspots.core.periods import Period, read_time
from hotspots.core.record import RunRecord
from hotspots.io.incidents.breaks import Break, known_breaks
from hotspots.stats.count_models import fit_gamma_prior, fit_rate_mixture
from hotspots.stats.counts import Dispersion, e_test, overdispersion

COUNT = st.integers(0, 500)
PAIR = st.tuples(COUNT, COUNT)


def months_from(first: str, how_many: int) -> list[str]:
    return [str(month) for month in pd.period_range(first, periods=how_many, freq="M")]


def town(counts: dict[tuple[float, float], list[int]], first: str = "2017-04", **columns):
    """So many incidents at each place in each month, from the first month on."""
    points, months = [], []
    for place, by_month in counts.items():
        for month, count in zip(months_from(first, len(by_month)), by_month, strict=True):
            points += [place] * count
            months += [month] * count
    return incidents_at(points, month=months, **columns)


def cautions_of(result) -> dict[str, dict]:
    """What is told beside a result: the values of each caution by its rule."""
    return {caution.rule: dict(caution.values) for caution in result.cautions}


SQUARE = zone("Square", (-100, -100, 100, 100))
INSIDE, NEAR, FAR = (0, 0), (0, 300), (0, 5000)


# Weighted displacement difference


@given(treated=PAIR, control=PAIR)
def test_swapping_treated_and_control_turns_the_sign(treated, control):
    one = weighted_displacement_difference(treated=treated, control=control)
    other = weighted_displacement_difference(treated=control, control=treated)
    assert one.wdd == -other.wdd
    assert one.se == other.se


@given(treated=PAIR, control=PAIR, around=PAIR, around_control=PAIR)
def test_the_difference_is_its_two_parts(treated, control, around, around_control):
    found = weighted_displacement_difference(
        treated=treated,
        control=control,
        treated_displacement=around,
        control_displacement=around_control,
    )
    assert found.wdd == found.local + found.displacement
    assert found.low <= found.wdd <= found.high


@given(treated=PAIR, control=PAIR, factor=st.floats(0.1, 10))
def test_one_weight_for_everything_changes_the_scale_and_not_the_evidence(treated, control, factor):
    plain = weighted_displacement_difference(treated=treated, control=control)
    scaled = weighted_displacement_difference(
        treated=treated, control=control, area_weights=[factor] * 4
    )
    assert scaled.wdd == pytest.approx(plain.wdd / factor)
    if plain.se > 0:
        assert scaled.z == pytest.approx(plain.z)


def test_places_that_drift_are_called_only_where_the_drift_is_not_given():
    """Nothing was done; each place goes its own way by a fifth, up or down."""
    rng = np.random.default_rng(17)
    called = {0.0: 0, 0.2: 0}
    for _ in range(400):
        before = rng.poisson(300, 2)
        after = rng.poisson(300 * np.exp(rng.normal(0, 0.2, 2)))
        pairs = dict(zip(("treated", "control"), zip(before, after, strict=True), strict=True))
        for drift in called:
            found = weighted_displacement_difference(**pairs, drift=drift)
            called[drift] += bool(found.beyond_chance)
    assert called[0.0] / 400 > 0.2
    assert 0.02 <= called[0.2] / 400 <= 0.08
    with refused("argument", of="drift"):
        weighted_displacement_difference(treated=(20, 10), control=(20, 20), drift=-1)


def test_twice_the_time_at_the_same_rate_is_no_change():
    found = weighted_displacement_difference(
        treated=(30, 60), control=(10, 20), time_weights=(1, 2)
    )
    assert found.wdd == 0


def test_known_differences_are_met():
    simple = weighted_displacement_difference(treated=(20, 10), control=(20, 20))
    assert (simple.wdd, round(simple.se, 6), round(simple.z, 4)) == (-10, 8.366600, -1.1952)
    full = weighted_displacement_difference(
        treated=(207, 110),
        control=(308, 318),
        treated_displacement=(178, 157),
        control_displacement=(150, 140),
    )
    assert (full.wdd, full.local, full.displacement) == (-118, -107, -11)
    assert full.se == pytest.approx(39.597980, abs=1e-6)
    assert full.z == pytest.approx(-2.979950, abs=1e-6)
    assert (round(full.low, 4), round(full.high, 4)) == (-195.6106, -40.3894)


def test_known_harm_difference_is_met_and_is_the_same_kind_of_thing():
    pairs = [((20, 10), (20, 20)), ((25, 20), (30, 30)), ((70, 20), (80, 60))]
    results = [weighted_displacement_difference(treated=t, control=c) for t, c in pairs]
    pooled = harm_weighted_displacement_difference(results, [10, 5, 1])
    assert pooled.wdd == -155
    assert pooled.se == pytest.approx(99.272, abs=1e-3)
    assert pooled.z == pytest.approx(-1.561, abs=1e-3)
    assert type(pooled) is type(results[0])
    named = harm_weighted_displacement_difference(
        dict(zip("abc", results, strict=True)), {"c": 1, "b": 5, "a": 10}
    )
    assert named == pooled


def test_a_weight_of_one_pools_to_the_same_result():
    one = weighted_displacement_difference(treated=(20, 10), control=(20, 20))
    pooled = harm_weighted_displacement_difference([one], [1])
    assert (pooled.wdd, pooled.se, pooled.low) == (one.wdd, one.se, one.low)


def test_nothing_counted_says_so_instead_of_dividing_by_zero():
    found = weighted_displacement_difference(treated=(0, 0), control=(0, 0))
    assert math.isnan(found.z) and math.isnan(found.p_value)
    assert found.se == 0 and found.low == found.high == 0
    assert found.to_dict()["z"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"treated": "-23%"},
        {"treated": -0.23},
        {"treated": (20, -5)},
        {"treated": (1, 2, 3)},
        {"treated": (float("nan"), 2)},
    ],
)
def test_percentages_and_other_things_that_are_not_counts_are_refused(wrong):
    with refused("argument", "two counts", of="treated"):
        weighted_displacement_difference(**{"control": (20, 20), **wrong})


def test_wrong_weights_confidences_and_names_are_refused():
    one = weighted_displacement_difference(treated=(2, 1), control=(2, 2))
    with refused("argument", of="area_weights"):
        weighted_displacement_difference(treated=(2, 1), control=(2, 2), area_weights=(1, 1))
    with refused("argument", of="time_weights"):
        weighted_displacement_difference(treated=(2, 1), control=(2, 2), time_weights=(1, 0))
    with refused("argument", of="confidence"):
        weighted_displacement_difference(treated=(2, 1), control=(2, 2), confidence=95)
    with refused("wrong-length", of="weights"):
        harm_weighted_displacement_difference([one], [1, 2])
    with refused("argument", "`weights`", "'a', 'b'", of="results"):
        harm_weighted_displacement_difference({"a": one}, {"b": 1})


def test_the_interval_of_a_null_operation_holds_zero_as_often_as_it_says():
    rng = np.random.default_rng(1)
    counts = rng.poisson(60, size=(400, 4))
    held = [
        found.low <= 0 <= found.high
        for a, b, c, d in counts.tolist()
        for found in [weighted_displacement_difference(treated=(a, b), control=(c, d))]
    ]
    assert 0.92 <= np.mean(held) <= 0.98


def test_one_trend_for_areas_of_unlike_size_is_no_verdict():
    found = weighted_displacement_difference(treated=(100, 80), control=(1_000, 800))
    assert (found.wdd, found.beyond_chance) == (180, None)
    weighed = weighted_displacement_difference(
        treated=(100, 80), control=(1_000, 800), area_weights=(1, 10, 1, 1)
    )
    assert weighed.wdd == 0 and weighed.beyond_chance is False
    like = weighted_displacement_difference(treated=(100, 40), control=(140, 140))
    assert like.beyond_chance is True
    around = weighted_displacement_difference(
        treated=(100, 40),
        control=(140, 140),
        treated_displacement=(50, 50),
        control_displacement=(100, 100),
    )
    assert around.beyond_chance is None
    assert harm_weighted_displacement_difference([like, found], [1, 1]).beyond_chance is None
    assert found.to_dict()["beyond_chance"] is None


@pytest.mark.parametrize(
    ("before", "sizes"),
    [((2_000, 2_800), None), ((1_000, 2_000), (1, 10, 1, 1)), ((300, 900, 100, 600), (1, 10) * 2)],
)
def test_one_trend_in_proportion_is_no_verdict_and_a_fall_beyond_it_is(before, sizes):
    """Unlike in level by less than half, or for their size: a hotspot is denser than its control.

    Called without looking at the trend: 75, 97 and 82 % of such worlds.
    """
    rng = np.random.default_rng(33)

    def told(*kept: float):
        names = ("treated", "control", "treated_displacement", "control_displacement")
        pairs = [rng.poisson((count, count * by)) for count, by in zip(before, kept, strict=False)]
        found = weighted_displacement_difference(
            **dict(zip(names, pairs, strict=False)), area_weights=sizes
        )
        return found.beyond_chance

    assert sum(told(*[0.75] * 4) is True for _ in range(200)) <= 10
    assert sum(told(*[1.0] * 4) is not None for _ in range(200)) >= 190
    assert sum(told(0.4, 0.9, 0.9, 0.9) is True for _ in range(50)) >= 45


def test_counts_that_vary_twice_as_much_hold_with_their_overdispersion():
    rng = np.random.default_rng(20)
    counts = 2 * rng.poisson(30, (400, 4))
    called = [
        [
            weighted_displacement_difference(
                treated=(a, b), control=(c, d), overdispersion=value
            ).beyond_chance
            for value in (1.0, 2.0)
        ]
        for a, b, c, d in counts.tolist()
        if max(a, c) <= 1.5 * min(a, c)
    ]
    plain, widened = np.mean(called, axis=0)
    assert plain > 0.1
    assert widened == pytest.approx(0.05, abs=0.03)


# Watching a running operation


def test_after_as_many_months_as_before_monitoring_equals_the_single_test():
    months = months_from("2022-01", 24)
    rng = np.random.default_rng(2)
    treated, control = (pd.Series(rng.poisson(20, 24), months) for _ in range(2))
    for baseline in ("average", "same_months"):
        watch = cumulative_wdd(treated, control, started="2023-01", baseline=baseline)
        whole = weighted_displacement_difference(
            treated=(treated[:12].sum(), treated[12:].sum()),
            control=(control[:12].sum(), control[12:].sum()),
        )
        last = watch.iloc[-1]
        assert last["wdd"] == pytest.approx(whole.wdd)
        assert last["se"] == pytest.approx(whole.se)
        assert list(watch.index) == months[12:]


def test_the_same_months_take_out_a_season_that_the_average_does_not():
    months = months_from("2022-01", 18)
    season = [10, 10, 10, 10, 10, 10, 40, 40, 10, 10, 10, 10]
    treated = pd.Series(season + season[:6], months)
    control = pd.Series(5, index=months)
    matched = cumulative_wdd(treated, control, started="2023-01", baseline="same_months")
    assert (matched["wdd"] == 0).all()
    averaged = cumulative_wdd(treated, control, started="2023-01")
    assert (averaged["wdd"] < 0).all()


def test_monitoring_does_not_care_for_the_order_of_months():
    months = months_from("2022-01", 6)
    treated, control = pd.Series([5, 6, 7, 3, 2, 1], months), pd.Series([5, 5, 5, 5, 5, 5], months)
    straight = cumulative_wdd(treated, control, started="2022-04")
    pd.testing.assert_frame_equal(
        straight, cumulative_wdd(treated[::-1], control[::-1], started="2022-04")
    )


def test_monitoring_refuses_gaps_and_a_start_without_a_before():
    months = ["2022-01", "2022-03"]
    series = pd.Series([1, 2], months)
    with refused("months", "2022-02"):
        cumulative_wdd(series, series, started="2022-03")
    with refused("argument", "2022-01", of="started"):
        cumulative_wdd(series[:1], series[:1], started="2022-01")
    whole = pd.Series(1, months_from("2022-01", 4))
    with refused("argument", "'03', '04'", of="baseline"):
        cumulative_wdd(whole, whole, started="2022-03", baseline="same_months")


def test_looking_every_month_raises_false_alarms_as_often_as_the_docstring_says():
    rng = np.random.default_rng(3)
    months = months_from("2022-01", 24)
    left = []
    for _ in range(150):
        treated, control = (pd.Series(rng.poisson(20, 24), months) for _ in range(2))
        watch = cumulative_wdd(treated, control, started="2023-01")
        left.append(((watch["low"] > 0) | (watch["high"] < 0)).any())
    assert 0.10 <= np.mean(left) <= 0.32


# Two counts, ratios, dispersion


def test_known_e_test_is_met():
    assert e_test(6, 2) == pytest.approx(0.174875, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(first=st.integers(0, 60), second=st.integers(0, 60))
def test_the_e_test_does_not_care_which_count_comes_first(first, second):
    assert e_test(first, second) == pytest.approx(e_test(second, first), abs=1e-9)
    assert 0 <= e_test(first, second) <= 1


@pytest.mark.parametrize("exposures", [(1, 1), (1, 2.5)])
@pytest.mark.parametrize("counts", [(3, 9), (6, 2), (0, 4), (12, 30), (5, 0)])
def test_the_e_test_equals_the_sum_it_stands_for(counts, exposures):
    """All pairs of counts whose rates are at least as far apart, under the shared rate."""
    (first, second), (one, other) = counts, exposures
    rate = (first + second) / (one + other)
    reach = np.arange(120)
    x, y = np.meshgrid(reach, reach, indexing="ij")
    chance = np.outer(stats.poisson.pmf(reach, rate * one), stats.poisson.pmf(reach, rate * other))

    def apart(x, y):
        with np.errstate(invalid="ignore"):
            spread = np.sqrt(x / one**2 + y / other**2)
            return np.nan_to_num(np.abs(x / one - y / other) / spread)

    oracle = chance[apart(x, y) >= apart(first, second) - 1e-9].sum()
    found = e_test(first, second, first_exposure=one, second_exposure=other)
    assert found == pytest.approx(oracle, abs=1e-12)


def test_the_e_test_agrees_with_scipy_where_no_pair_ties():
    found = e_test(60, 33, first_exposure=2.0, second_exposure=1.37)
    assert found == pytest.approx(stats.poisson_means_test(60, 2.0, 33, 1.37).pvalue, abs=1e-6)


def test_large_counts_are_no_trouble():
    assert 0.15 < e_test(1_000_000, 1_002_000) < 0.165


def test_longer_exposure_at_the_same_rate_is_no_difference():
    assert e_test(10, 20, first_exposure=1, second_exposure=2) > 0.9
    with pytest.raises(InputError, match="whole counts"):
        e_test(1.5, 2)


def test_known_rate_ratio_is_met():
    found = rate_ratio(treated=(120, 85), control=(118, 108))
    assert found.ratio == pytest.approx(0.7739, abs=1e-4)
    assert (round(found.low, 3), round(found.high, 3)) == (0.529, 1.133)
    assert found.difference == -25
    assert found.expected == pytest.approx(120 * 108 / 118)


def test_known_growth_of_the_rest_of_the_city_is_met():
    rest = rest_of_city_growth(-0.23, 0.032, 0.10)
    assert round(100 * rest.growth, 2) == 6.11
    assert round(rest.ratio, 3) == 0.726
    assert [round(rest_of_city_growth(-0.23, 0.032, s).ratio, 3) for s in (0.05, 0.2)] == [
        0.736,
        0.702,
    ]
    gone = rest_of_city_growth(0.0, -0.5, 0.5)  # of 50 and 50 the first are left
    assert gone.growth == -1 and math.isnan(gone.ratio)


@given(
    area=st.tuples(st.integers(1, 500), st.integers(0, 500)),
    rest=st.tuples(st.integers(1, 500), st.integers(1, 500)),
)
def test_the_rest_of_the_city_found_from_percentages_is_the_one_counted(area, rest):
    city = (area[0] + rest[0], area[1] + rest[1])
    found = rest_of_city_growth(area[1] / area[0] - 1, city[1] / city[0] - 1, area[0] / city[0])
    assert found.growth == pytest.approx(rest[1] / rest[0] - 1, abs=1e-9)


def test_impossible_shares_and_changes_are_refused():
    with pytest.raises(InputError, match="impossible"):
        rest_of_city_growth(0.9, -0.9, 0.5)
    with refused("argument", of="area_change"):
        rest_of_city_growth(-23, 3.2, 0.1)


@given(treated=PAIR, control=PAIR)
def test_a_ratio_is_always_a_number_with_an_interval_or_openly_missing(treated, control):
    found = rate_ratio(treated=treated, control=control)
    if sum(treated) == 0 or sum(control) == 0:
        assert math.isnan(found.ratio) and not found.corrected
        assert "too little to form a ratio" in found.to_sentence()
        assert found.to_words() == "no ratio"
    else:
        assert 0 < found.low <= found.ratio <= found.high
        assert found.corrected == (0 in (*treated, *control))
    json.dumps(found.to_dict(), allow_nan=False)


def test_overdispersion_widens_by_its_square_root():
    plain = rate_ratio(treated=(120, 85), control=(118, 108))
    wide = rate_ratio(treated=(120, 85), control=(118, 108), overdispersion=4)
    widths = [math.log(found.high / found.low) for found in (plain, wide)]
    assert widths[1] == pytest.approx(2 * widths[0])
    with refused("argument", of="overdispersion"):
        rate_ratio(treated=(1, 1), overdispersion=0.5)


def test_poisson_months_show_no_dispersion_and_bursts_do():
    rng = np.random.default_rng(4)
    calm = overdispersion(rng.poisson(30, 240), rng.poisson(300, 240))
    assert calm.value < 1.25
    bursts = 5 * rng.poisson(6, 240)
    assert 4 < overdispersion(bursts, rng.poisson(300, 240)).value < 6


def test_a_season_both_places_share_is_not_dispersion():
    season = np.array([100, 50, 20, 10] * 6)
    assert overdispersion(season, 3 * season).value == 1
    assert overdispersion(season).value > 20
    rng = np.random.default_rng(4)
    treated, control = (pd.Series(rng.poisson(mean, 24)) for mean in (20, 90))
    assert overdispersion(treated, control[::-1]) == overdispersion(treated, control)


def test_too_few_months_leave_the_dispersion_unknown():
    assert overdispersion([1, 50], [10, 10]).degrees_of_freedom == 0


# Regression to the mean


def test_areas_chosen_by_luck_alone_are_expected_to_fall_all_the_way():
    rng = np.random.default_rng(5)
    before = pd.Series(rng.poisson(4, 2000))
    after = pd.Series(rng.poisson(4, 2000))
    chosen = before.nlargest(20).index
    found = regression_to_the_mean(before, chosen, after=after)
    assert found.before > 1.9 * found.after
    assert found.low < 1 < found.high
    assert found.expected_change_percent < -40


def test_areas_that_really_differ_are_expected_to_stay():
    before = pd.Series([1000, 10, 2000, 20])
    found = regression_to_the_mean(before, [2])
    assert found.expected_change_percent == pytest.approx(0, abs=1)


def test_the_expected_fall_is_right_on_average_for_gamma_rates():
    rng = np.random.default_rng(6)
    ratios = []
    for _ in range(40):
        rates = rng.gamma(1.5, 3, 500)
        before, after = (pd.Series(rng.poisson(rates)) for _ in range(2))
        found = regression_to_the_mean(before, before.nlargest(25).index, after=after)
        ratios.append(found.ratio)
    assert np.mean(ratios) == pytest.approx(1, abs=0.03)


def test_the_expected_fall_is_right_where_rates_have_a_heavy_tail_and_drift_apart():
    rng = np.random.default_rng(16)
    held, ratios = [], []
    for _ in range(30):
        rates = rng.lognormal(0, 1.5, 800)
        before = pd.Series(rng.poisson(rates))
        after = pd.Series(rng.poisson(rates * rng.lognormal(-0.045, 0.3, 800)))
        found = regression_to_the_mean(before, before.nlargest(22).index, after=after)
        held.append(found.low <= 1 <= found.high)
        ratios.append(found.ratio)
    assert np.mean(ratios) == pytest.approx(1, abs=0.05)
    assert binom.cdf(sum(held), len(held), 0.92) > 0.01  # not fewer than an aim of 92 % allows
    assert found.drift > 0.1


def test_areas_that_all_fall_are_no_work_of_the_chosen():
    rng = np.random.default_rng(17)
    rates = rng.gamma(1, 20, 400)
    before, after = pd.Series(rng.poisson(rates)), pd.Series(rng.poisson(0.5 * rates))
    first, second = (pd.Series(rng.poisson(rates)) for _ in range(2))
    chosen, earlier = before.nlargest(20).index, [(first, second), (second, before)]
    found = regression_to_the_mean(before, chosen, after=after, earlier=earlier)
    assert found.trend == pytest.approx(0.5, abs=0.1)
    assert found.beyond_chance is False
    halved = after.where(~after.index.isin(chosen), after // 2)
    found = regression_to_the_mean(before, chosen, after=halved, earlier=earlier)
    assert found.beyond_chance is True
    assert regression_to_the_mean(before, chosen, after=halved).beyond_chance is None


def test_years_with_highs_of_their_own_are_seldom_called_where_earlier_years_are_known():
    rng = np.random.default_rng(61)
    called = 0
    for _ in range(25):
        rates = rng.gamma(1, 4, 600)
        years = [pd.Series(rng.poisson(rates * rng.gamma(4, 0.25, 600))) for _ in range(5)]
        before, after = years[3:]
        earlier = list(itertools.pairwise(years[:4]))
        chosen = before.nlargest(22).index
        found = regression_to_the_mean(before, chosen, after=after, earlier=earlier)
        called += found.beyond_chance
    assert called <= 4


def test_the_same_choice_of_earlier_years_stands_beside_it():
    rng = np.random.default_rng(18)
    rates = rng.gamma(1, 20, 200)
    years = [pd.Series(rng.poisson(rates)) for _ in range(4)]
    chosen = years[2].nlargest(10).index
    earlier = [(years[0], years[1]), (years[1], years[2])]
    found = regression_to_the_mean(years[2], chosen, after=years[3], earlier=earlier)
    again = regression_to_the_mean(years[0], years[0].nlargest(10).index, after=years[1])
    assert found.earlier[0] == again.ratio
    assert len(found.earlier) == 2
    empty = years[0] * 0
    nothing = [(empty, years[0]), (years[0], empty), (empty, empty)]
    unknown = regression_to_the_mean(years[2], chosen, after=years[3], earlier=nothing)
    assert (unknown.earlier, unknown.years_enough, unknown.beyond_chance) == ((), False, None)
    few = regression_to_the_mean(years[0][:20], [0], after=years[1][:20])
    assert few.beyond_chance is None


def test_rates_are_found_again_whatever_their_shape():
    rng = np.random.default_rng(19)
    rates = np.repeat([0.5, 4.0, 400.0], [600, 300, 100])
    counts = rng.poisson(rates)
    means, spread = fit_rate_mixture(counts).moments(counts)
    assert means.sum() == pytest.approx(counts.sum(), rel=0.01)
    assert means[-100:] == pytest.approx(400, rel=0.05)
    assert (spread >= -1e-9).all()
    with refused("argument", of="counts"):
        fit_rate_mixture([-1])


def test_unknown_areas_and_missing_counts_are_refused():
    before = pd.Series([1, 2], index=["a", "b"])
    with refused("argument", "'c'", of="treated"):
        regression_to_the_mean(before, ["c"])
    with refused("argument", of="after"):
        regression_to_the_mean(before, ["a"], after=before[:1])
    assert math.isnan(regression_to_the_mean(before * 0, ["a"]).expected_change_percent)


def test_the_gamma_prior_is_found_again_and_knows_its_edges():
    rng = np.random.default_rng(7)
    prior = fit_gamma_prior(rng.poisson(rng.gamma(0.7, 5, 20_000)))
    assert prior.shape == pytest.approx(0.7, rel=0.05)
    assert prior.shape / prior.rate == pytest.approx(3.5, rel=0.05)
    assert fit_gamma_prior(np.full(50, 3)).shape > 20
    assert fit_gamma_prior([40, 30]).shape < 20
    assert fit_gamma_prior([0, 0]).expected([0]).tolist() == [0]
    with refused("argument", of="counts"):
        fit_gamma_prior([-1])


# The whole comparison


def test_the_known_answer_comes_out_of_a_table_of_incidents():
    incidents = town({INSIDE: [10] * 12 + [7] * 11 + [8], FAR: [10] * 10 + [9] * 14}, "2022-04")
    change = compare_change(SQUARE, incidents, started="2023-04-01")
    row = change.table.loc["all treated"]
    assert (row["count_before"], row["count_after"]) == (120, 85)
    comparator = change.table.loc["comparator"]
    assert (comparator["count_before"], comparator["count_after"]) == (118, 108)
    plain = rate_ratio(treated=(120, 85), control=(118, 108))
    assert change.ratio.ratio == pytest.approx(plain.ratio)
    assert change.ratio.difference == -25
    assert change.ratio.counts == (120, 85, 118, 108)
    assert change.comparator_name == "the rest of the city"


def test_every_incident_of_the_windows_is_in_exactly_one_group():
    rng = np.random.default_rng(8)
    points = [tuple(point) for point in rng.uniform(-2000, 2000, (600, 2))]
    months = rng.choice(months_from("2022-04", 24), 600).tolist()
    incidents = incidents_at(points, month=months)
    change = compare_change(
        SQUARE, incidents, started="2023-04-01", rings_m=(250, 500), allow_empty_months=True
    )
    groups = change.table[change.table["role"] != "treated area"]
    counted = groups[["count_before", "count_after", "count_straddling"]].to_numpy().sum()
    assert counted == len(incidents)
    assert groups["role"].tolist() == ["treated", "ring", "ring", "comparator"]


def test_row_order_labels_and_extra_columns_change_nothing_and_the_input_is_untouched():
    incidents = town({INSIDE: [9, 7, 8, 4, 3, 5], NEAR: [2] * 6, FAR: [20, 25, 22, 21, 20, 26]})
    incidents["harm"] = np.random.default_rng(9).uniform(0, 100, len(incidents))
    before = incidents.copy()
    one = compare_change(SQUARE, incidents, started="2017-07", rings_m=(500,))
    other = compare_change(SQUARE, shuffled(incidents), started="2017-07", rings_m=(500,))
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    assert one.to_dict() == other.to_dict()
    pd.testing.assert_frame_equal(incidents, before)


def test_overlapping_treated_zones_count_an_incident_once_in_their_total():
    zones = pd.concat([SQUARE, zone("Twin", (-50, -50, 50, 50))])
    incidents = town({INSIDE: [10, 5], (80, 80): [4, 4], FAR: [30, 30]})
    table = compare_change(zones, incidents, started="2017-05").table
    assert table.loc[["square", "twin", "all treated"], "count_before"].tolist() == [14, 10, 14]


def test_pooled_change_and_mean_of_changes_differ_and_leave_one_out_shows_why():
    zones = pd.concat([SQUARE, zone("Far", (-100, 4900, 100, 5100))])
    incidents = town({INSIDE: [100, 50], FAR: [4, 8], (3000, 0): [50, 50]})
    change = compare_change(zones, incidents, started="2017-05")
    assert change.pooled_change_percent == pytest.approx(100 * (58 / 104 - 1))
    assert change.mean_change_percent == pytest.approx(25)
    assert change.leave_one_out.loc["square", "pooled_percent"] == pytest.approx(100)
    assert change.leave_one_out.loc["far", "mean_percent"] == pytest.approx(-50)


def test_zones_that_drift_apart_widen_the_interval_of_their_total():
    places = [(2000.0 * i, 0.0) for i in range(1, 11)]
    zones = pd.concat([zone(f"Z{x}", (x - 9, -9, x + 9, 9)) for x, _ in places])
    even = town({**{place: [50, 50] for place in places}, FAR: [900, 900]})
    drift = {place: [70, 30] if i % 2 else [30, 70] for i, place in enumerate(places)}
    apart = town({**drift, FAR: [900, 900]})
    found = [compare_change(zones, one, started="2017-05").ratio for one in (even, apart)]
    assert [round(one.ratio, 9) for one in found] == [1, 1]
    assert found[0].overdispersion == 1
    assert found[1].overdispersion == pytest.approx(10 * 2 * 20**2 / 50 / 9, rel=0.01)


def test_harm_is_compared_beside_counts_and_one_great_harm_widens_its_interval():
    counts = {INSIDE: [20, 20, 20, 20], FAR: [50, 50, 50, 50]}
    even, spiked = town(counts, harm=10.0), town(counts, harm=10.0)
    first = even.index[0]
    spiked.loc[first, "harm"] = 5000.0
    widths = []
    for incidents in (even, spiked):
        change = compare_change(SQUARE, incidents, started="2017-06")
        assert change.ratio.ratio == pytest.approx(1)
        widths.append(math.log(change.harm_ratio.high / change.harm_ratio.low))
    assert change.table.loc["square", "harm_before"] == 39 * 10 + 5000
    assert widths[1] > 3 * widths[0]


def test_equal_harms_give_the_interval_of_the_counts():
    incidents = town({INSIDE: [20, 15, 22, 9], FAR: [50, 41, 52, 50]}, harm=7.0)
    change = compare_change(SQUARE, incidents, started="2017-06")
    assert change.harm_ratio.low == pytest.approx(change.ratio.low)
    assert change.harm_ratio.high == pytest.approx(change.ratio.high)


def test_a_ratio_of_harm_knows_of_grave_incidents_that_a_window_happened_not_to_hold():
    draw, weight = np.random.default_rng(3), np.array([2.0, 20, 1460, 5475])
    held = []
    for _ in range(400):
        counts = draw.poisson(np.outer([60, 60, 600, 600], [0.8, 0.17, 0.029, 0.001]))
        found = ratio_of_totals(
            counts @ weight, counts @ weight**2, exposure=(1.0, 1.0), dispersion=Dispersion()
        )
        held.append(found.low <= 1 <= found.high)
    assert np.mean(held) > 0.93
    none = ratio_of_totals(
        np.array([1.0, 1, 1e9, 1e9]), np.array([1.0, 1, 1e18, 1e18]), exposure=(1.0, 1.0),
        dispersion=Dispersion(),
    )  # fmt: skip
    assert (none.ratio, none.low, none.high) == (1, 0, math.inf)


def test_incidents_without_a_harm_weight_give_missing_harm_and_not_zero():
    incidents = town({INSIDE: [5, 4], FAR: [9, 9]}, harm=np.nan)
    change = compare_change(SQUARE, incidents, started="2017-05")
    assert math.isnan(change.table.loc["square", "harm_before"])
    assert math.isnan(change.harm_ratio.ratio)


def test_a_start_inside_a_month_leaves_that_month_out_and_says_so():
    incidents = town({INSIDE: [5] * 24, FAR: [9] * 24}, "2022-04")
    change = compare_change(SQUARE, incidents, started="2023-04-15")
    row = change.table.loc["square"]
    assert row["count_straddling"] == 5
    assert (row["count_before"], row["count_after"]) == (55, 55)
    told = cautions_of(change)
    assert told["start-inside-month"]["started"] == "2023-04-15"
    assert told["straddling"] == {"treated": 5, "comparator": 9}


def test_a_window_that_straddles_the_start_is_cut_and_flagged():
    incidents = town({INSIDE: [5] * 6, FAR: [9] * 6})
    change = compare_change(
        SQUARE, incidents, started="2017-07-01", before="2017-04/2017-07", after="2017-07/2017-09"
    )
    assert change.windows.before.key == "2017-04/2017-06"
    assert cautions_of(change)["window-cut"] == {
        "window": "before",
        "period": change.windows.before.label,
    }


def test_a_source_that_stops_in_one_window_is_no_fall():
    both = town({INSIDE: [12] * 6, FAR: [30] * 6})
    council = both["occurred_from"].lt("2017-07-01") & (np.arange(len(both)) % 2 == 0)
    police = both.assign(source="police.csv")
    council = both[council].assign(source="council.csv")
    stops = pd.concat([police, council]).reset_index(drop=True)
    with refused("silent-source", "council.csv ends on 30 June 2017", kind=DataError):
        compare_change(SQUARE, stops, started="2017-07-01")
    change = compare_change(SQUARE, stops, started="2017-07-01", allow_empty_months=True)
    assert "council.csv" in cautions_of(change)["silent-source"]["text"]
    alone = compare_change(SQUARE, police, started="2017-07-01")
    assert "silent-source" not in cautions_of(alone)
    early = compare_change(SQUARE, stops, started="2017-06-01", before="2017-05", after="2017-06")
    assert "silent-source" not in cautions_of(early)


def test_a_month_that_is_cut_short_is_in_no_window_unless_it_is_named():
    months = town({INSIDE: [30] * 6, FAR: [60] * 6})
    spread = months["occurred_from"] + pd.to_timedelta(np.arange(len(months)) % 30, unit="D")
    days = months.assign(occurred_from=spread, occurred_until=spread, time_precision="day")
    cut = days[days["occurred_from"] < "2017-09-10"]
    change = compare_change(SQUARE, cut, started="2017-07-01")
    assert change.windows.after.key == "2017-07/2017-08"
    assert cautions_of(change)["month-cut-short"] == {"month": "September 2017"}
    short = compare_change(SQUARE, cut, started="2017-07-01", months=2)
    assert "month-cut-short" not in cautions_of(short)
    whole = compare_change(SQUARE, days, started="2017-07-01")
    assert whole.windows.after.key == "2017-07/2017-09"
    assert "month-cut-short" not in cautions_of(whole)
    with refused("silent-source", "ends on 9 September 2017", kind=DataError):
        compare_change(SQUARE, cut, started="2017-07-01", before="2017-04/2017-06",
                       after="2017-07/2017-09")  # fmt: skip


def test_an_incident_with_a_time_range_over_the_start_is_in_neither_window():
    incidents = town({INSIDE: [5, 5], FAR: [9, 9]})
    ranged = incidents.index[0]
    incidents.loc[ranged, "time_precision"] = "interval"
    incidents.loc[ranged, "occurred_until"] = pd.Timestamp("2017-05-02", tz="Europe/London")
    table = compare_change(SQUARE, incidents, started="2017-05-01").table
    assert table.loc["square", ["count_before", "count_straddling"]].tolist() == [4, 1]


def test_default_windows_match_the_seasons_where_the_data_reaches_back():
    incidents = town({INSIDE: [5] * 15, FAR: [9] * 15}, "2022-04")
    change = compare_change(SQUARE, incidents, started="2023-04-01")
    assert change.windows.before.key == "2022-04/2022-06"
    assert change.windows.after.key == "2023-04/2023-06"
    assert "unlike-months" not in cautions_of(change)
    short = compare_change(SQUARE, incidents, started="2022-08-01", months=3)
    assert short.windows.before.key == "2022-05/2022-07"
    assert "unlike-months" in cautions_of(short)


def test_windows_of_unequal_length_are_compared_as_rates():
    incidents = town({INSIDE: [10] * 9, FAR: [30] * 9})
    change = compare_change(
        SQUARE, incidents, started="2017-10", before="2017-04/2017-09", after="2017-10/2017-12"
    )
    assert change.ratio.ratio == pytest.approx(1)
    assert change.ratio.difference == pytest.approx(0)


def test_a_known_break_in_the_data_is_refused_until_acknowledged():
    incidents = town({INSIDE: [5] * 6, FAR: [9] * 6})
    breaks = [("2017-06-15", "new recording system"), ("2016-01-01", "long before")]
    with refused("break-between-windows", "new recording system"):
        compare_change(SQUARE, incidents, started="2017-07", breaks=breaks)
    change = compare_change(
        SQUARE, incidents, started="2017-07", breaks=breaks, acknowledge_breaks=True
    )
    crossed = [one.values for one in change.cautions if one.rule == "break-crossed"]
    assert crossed == [{"on": "2017-06-15", "what": "new recording system"}]


def test_the_breaks_that_come_with_the_library_are_understood():
    incidents = town({INSIDE: [5] * 6, FAR: [9] * 6}, "2022-10")
    slow = [known for known in known_breaks() if known.on is None]
    dated = Break("move", "map points changed", "", "", pd.Timestamp("2023-01-10", tz="UTC"))
    change = compare_change(SQUARE, incidents, started="2023-01", breaks=slow)
    assert [one.rule for one in change.cautions].count("gradual-break") == len(slow)
    with refused("break-between-windows", "map points changed"):
        compare_change(SQUARE, incidents, started="2023-01", breaks=[*slow, dated])


def test_a_month_without_any_data_is_refused_as_a_missing_file():
    incidents = town({INSIDE: [5, 5, 0, 5], FAR: [9, 9, 0, 9]})
    with refused("empty-months", "2017-06", kind=DataError):
        compare_change(SQUARE, incidents, started="2017-06", before="2017-04/2017-05")
    change = compare_change(
        SQUARE, incidents, started="2017-06", before="2017-04/2017-05", allow_empty_months=True
    )
    assert cautions_of(change)["empty-months"] == {"months": "2017-06"}


def test_a_comparator_of_ones_own_loses_what_is_treated():
    incidents = town({INSIDE: [10, 5], NEAR: [20, 20], FAR: [7, 7]})
    own = zone("Own", (-400, -400, 400, 400))
    change = compare_change(SQUARE, incidents, started="2017-05", comparator=own)
    assert change.table.loc["comparator", "count_before"] == 20
    assert cautions_of(change)["comparator-shared"] == {"incidents": 15}


def test_places_that_were_unusually_high_at_the_start_are_called_so():
    usual = town({INSIDE: [10] * 12 + [30] * 12 + [10] * 12, FAR: [50] * 36}, "2021-04")
    change = compare_change(SQUARE, usual, started="2023-04-01")
    assert change.usual.counts[:2] == (120, 360)
    assert change.usual.ratio == pytest.approx(3)
    assert change.usual.low > 1
    short = compare_change(SQUARE, usual, started="2022-04-01")
    assert short.usual is None
    assert "no-earlier-year" in cautions_of(short)


def test_no_incidents_and_no_zones_give_a_well_formed_answer():
    incidents = town({INSIDE: [5, 5], FAR: [9, 9]})
    for some, zones in ((incidents[:0], SQUARE), (incidents, SQUARE[:0])):
        change = compare_change(zones, some, started="2017-05")
        assert change.table.loc["all treated", "count_after"] == 0
        json.dumps(change.to_dict(), allow_nan=False)
        assert change.to_sentence()


def test_unlocated_incidents_and_other_themes_are_accounted_for():
    incidents = town({INSIDE: [5, 5], FAR: [9, 9]}, theme_asb=True)
    incidents.loc[incidents.index[-1], "theme_asb"] = False
    nowhere = incidents_at([None, None], month="2017-04", theme_asb=True)
    nowhere.index = pd.Index(["n1", "n2"], name="incident_id")
    everything = gpd.GeoDataFrame(pd.concat([incidents, nowhere]), crs=BNG)
    record = RunRecord("Test", marking="TEST")
    change = compare_change(
        SQUARE, asked(everything, theme="asb"), started="2017-05", record=record
    )
    account = record.accounts[0]
    assert (account.accepted, account.unlocated, account.out_of_theme, account.used) == (
        30,
        2,
        1,
        27,
    )
    assert record.sentences["compare_change"] == change.to_sentence()
    assert "Incidents tagged asb" in change.to_sentence(), "they have no better name"


def test_a_change_calls_its_theme_by_the_words_its_incidents_have_for_it():
    words = {"theme_asb": True, "theme_asb_label": "anti-social behaviour"}
    chosen = asked(town({INSIDE: [5, 5], FAR: [9, 9]}, **words), theme="asb")
    change = compare_change(SQUARE, chosen, started="2017-05")
    assert change.label == "anti-social behaviour"
    assert f"Incidents of {change.label} in" in change.to_sentence()


def test_incidents_of_one_period_are_refused_since_two_are_compared():
    incidents = town({INSIDE: [5, 5], FAR: [9, 9]})
    with refused("not-of-all-times", "April 2017", "`before`", "`after`", of="incidents"):
        compare_change(SQUARE, asked(incidents, period="2017-04"), started="2017-05")


def test_the_study_area_of_the_question_is_the_city():
    incidents = town({INSIDE: [10, 5], NEAR: [20, 20], FAR: [7, 7]})
    near = zone("Near", (-400, -400, 400, 400))
    change = compare_change(SQUARE, asked(incidents, within=near), started="2017-05")
    assert change.table.loc["comparator", "count_before"] == 20
    whole = compare_change(SQUARE, incidents, started="2017-05")
    assert whole.table.loc["comparator", "count_before"] == 27


def test_zones_without_metres_or_in_another_system_are_refused():
    incidents = town({INSIDE: [5, 5], FAR: [9, 9]})
    with refused("wrong-crs", "EPSG:4326", of="zones"):
        compare_change(SQUARE.to_crs("EPSG:4326"), incidents, started="2017-05")
    with refused("two-crs", of="incidents"):
        compare_change(SQUARE.to_crs("EPSG:32630"), incidents, started="2017-05")
    with refused("argument", of="rings_m"):
        compare_change(SQUARE, incidents, started="2017-05", rings_m=(500, 250))
    with refused("date-format", "'soon'", of="started"):
        compare_change(SQUARE, incidents, started="soon")
    with refused("window-order"):
        compare_change(SQUARE, incidents, started="2017-05", before="2017-05")


@pytest.mark.parametrize("burst", [1, 4])
def test_a_planted_fall_is_covered_and_a_null_is_not_called_a_change(burst):
    """Twelve per cent less over twelve months, Poisson or in bursts; 200 seeds of each."""
    rng = np.random.default_rng(20 + burst)
    covered, called = [], []
    for _ in range(200):
        season = 1 + 0.3 * np.sin(np.arange(24) / 12 * 2 * np.pi)
        others = rng.poisson(200 * season)
        late = np.arange(24) >= 12
        for fall, results in ((0.88, covered), (1.0, called)):
            mean = 40 * season * np.where(late, fall, 1.0)
            mine = burst * rng.poisson(mean / burst)
            found = rate_ratio(
                treated=(mine[~late].sum(), mine[late].sum()),
                control=(others[~late].sum(), others[late].sum()),
                overdispersion=overdispersion(mine, others, after=late),
            )
            hit = found.low <= fall <= found.high
            results.append(hit if fall < 1 else not hit)
    assert 0.92 <= np.mean(covered) <= 0.985
    assert np.mean(called) <= 0.075


def test_the_place_the_tables_stand_on_is_in_metres():
    assert ORIGIN[0] > 1000 and SQUARE.crs == BNG


@pytest.mark.parametrize(
    ("typed", "day"),
    [("01/04/2023", "2023-04-01"), ("13/04/2023", "2023-04-13"), ("2023-04-01", "2023-04-01"),
     ("2023-04", "2023-04-01")],
)  # fmt: skip
def test_the_day_comes_before_the_month(typed, day):
    assert read_time(typed, "started").date().isoformat() == day


@pytest.mark.parametrize("typed", ["04/13/2023", "01/04/23", "April 2023", "", None, float("nan")])
def test_a_start_that_could_be_another_day_is_refused(typed):
    with refused("date-format", of="started"):
        read_time(typed, "started")


def chosen_areas(first: str, last: str):
    """The square, as a choice of patrol areas from a period hands it over."""
    return SQUARE.assign(
        status="selected", rank=1, ranked_by="harm",
        period_from=pd.Timestamp(first, tz="Europe/London"),
        period_until=pd.Timestamp(last, tz="Europe/London"),
    )  # fmt: skip


FALL = town({INSIDE: [8] * 12 + [30] * 12 + [8] * 12, FAR: [50] * 36}, "2021-04")


@pytest.mark.parametrize(
    ("first", "last"), [("2022-04-01", "2023-04-01"), ("2021-04-01", "2022-05-01")]
)
def test_areas_chosen_for_the_window_compared_say_so_before_the_result(first, last):
    record = RunRecord("Test", marking="TEST")
    zones = chosen_areas(first, last)
    change = compare_change(zones, FALL, started="2023-04-01", record=record)
    assert change.chosen_from_windows and change.to_dict()["chosen_from_windows"]
    (choice,) = change.choice
    assert choice.rule == "chosen-high" and choice.values == {"period": change.chosen.label}
    assert change.cautions[0] == choice and choice in record.caveats
    assert change.to_sentence().startswith(str(choice))


def test_dates_of_a_choice_may_be_text():
    zones = chosen_areas("2022-04-01", "2023-04-01")
    text = zones.assign(
        **{n: zones[n].map(lambda t: t.isoformat()) for n in zones if "period" in n}
    )
    assert compare_change(text, FALL, started="2023-04-01").chosen_from_windows


def test_areas_chosen_after_the_before_window_are_judged_as_any_other():
    zones = chosen_areas("2022-04-01", "2023-04-01")
    change = compare_change(zones, FALL, started="2023-04-01", before="2021-04/2022-03")
    assert not change.chosen_from_windows
    assert [one.rule for one in change.choice] == ["chosen-apart"]
    assert change.choice[0].values == {"period": Period.parse("2022-04/2023-03").label}
    assert change.to_sentence().endswith(str(change.choice[0]))


def test_areas_chosen_from_the_year_that_is_judged_say_that_they_seem_to_rise():
    change = compare_change(chosen_areas("2023-04-01", "2024-04-01"), FALL, started="2023-04-01")
    assert [one.rule for one in change.choice] == ["chosen-late"]
    assert change.to_sentence().startswith(str(change.choice[0]))


def test_where_nothing_is_known_of_the_choice_the_sentence_says_what_it_takes_for_granted():
    for zones in (SQUARE, chosen_areas("2022-04-01", "2023-04-01").drop(columns="period_from")):
        change = compare_change(zones, FALL, started="2023-04-01")
        assert change.chosen is None
        assert [one.rule for one in change.choice] == ["choice-unknown"]
        assert change.to_sentence().endswith(str(change.choice[0]))
