"""Prospective accuracy: laws of the scores, the tie rule, known answers, walking forward."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused

from hotspots.analysis.forecast.backtest import summarise_walk, walk_forward
from hotspots.analysis.forecast.scores import forecast_accuracy

COUNTS = st.lists(st.integers(0, 9), min_size=2, max_size=12)


def pair_of_counts(draw_size: int, seed: int) -> tuple[pd.Series, pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    index = pd.Index([f"a{i}" for i in range(draw_size)], name="area_id")
    return (
        pd.Series(rng.poisson(3, draw_size), index),
        pd.Series(rng.poisson(3, draw_size), index),
        pd.Series(rng.uniform(0.05, 0.1, draw_size), index),
    )


def after_each(predicted, observed, area_km2=None):
    """Scores after the first area, the first two, and so on to all."""
    shares = np.arange(1, len(predicted) + 1) / len(predicted)
    found = forecast_accuracy(predicted, observed, area_km2=area_km2, area_shares=shares)
    return found[found["n_areas"] > 0].set_index("n_areas")


# Laws


@settings(max_examples=60, deadline=None)
@given(predicted=COUNTS, seed=st.integers(0, 1000))
def test_the_scores_equal_the_slow_obvious_ones(predicted, seed):
    """Sort by forecast, quiet first among equals, and count by hand."""
    observed = np.random.default_rng(seed).integers(0, 9, len(predicted)).tolist()
    if sum(observed) == 0:
        return
    curve = after_each(predicted, observed)
    order = sorted(zip(predicted, observed, strict=True), key=lambda pair: (-pair[0], pair[1]))
    for n in range(1, len(order) + 1):
        hit = sum(came for _, came in order[:n]) / sum(observed)
        best = sum(sorted(observed, reverse=True)[:n]) / sum(observed)
        row = curve.loc[n]
        assert row["hit_rate"] == pytest.approx(hit)
        assert row["pai"] == pytest.approx(hit / (n / len(order)))
        assert row["pei"] == pytest.approx(hit / best)


def test_a_perfect_forecast_is_fully_efficient_and_everything_is_found_in_the_end():
    _, observed, area = pair_of_counts(50, 0)
    curve = after_each(observed, observed, area_km2=area)
    np.testing.assert_allclose(curve["pei"], 1)
    assert curve["hit_rate"].iloc[-1] == pytest.approx(1)
    assert curve["pai"].iloc[-1] == pytest.approx(1)


def test_no_forecast_beats_the_best_possible_one_whatever_the_sizes():
    for seed in range(20):
        predicted, observed, area = pair_of_counts(30, seed)
        curve = after_each(predicted, observed, area_km2=area)
        assert (curve["pei"] <= 1 + 1e-12).all()


def test_the_order_of_rows_changes_nothing_and_series_are_matched_by_index():
    predicted, observed, area = pair_of_counts(200, 1)
    one = forecast_accuracy(predicted, observed, area_km2=area)
    order = np.random.default_rng(2).permutation(200)
    other = forecast_accuracy(predicted.iloc[order], observed, area_km2=area.iloc[order[::-1]])
    pd.testing.assert_frame_equal(one, other)
    arrays = forecast_accuracy(predicted.iloc[order].array, observed.iloc[order].array)
    pd.testing.assert_frame_equal(arrays, forecast_accuracy(predicted, observed))


def test_ties_against_and_for_bound_every_other_order():
    predicted, observed = np.ones(40), np.arange(40)
    worst = forecast_accuracy(predicted, observed, ties="against", area_shares=[0.1])
    best = forecast_accuracy(predicted, observed, ties="for", area_shares=[0.1])
    assert worst["hits"].item() == 0 + 1 + 2 + 3
    assert best["hits"].item() == 36 + 37 + 38 + 39
    assert best["pei"].item() == 1


def test_more_incidents_at_the_same_places_change_no_score():
    predicted, observed, area = pair_of_counts(60, 3)
    one = forecast_accuracy(predicted, observed, area_km2=area)
    many = forecast_accuracy(predicted * 7, observed * 5, area_km2=area)
    pd.testing.assert_frame_equal(one.drop(columns="hits"), many.drop(columns="hits"))


def test_amounts_are_ranked_per_km2_and_scores_as_they_are():
    predicted, observed, area = [10, 6], [0, 5], [10.0, 1.0]
    options = {"area_km2": area, "area_shares": [1 / 11, 10 / 11]}
    assert forecast_accuracy(predicted, observed, **options)["hits"].iloc[0] == 5
    scored = forecast_accuracy(predicted, observed, predicted_is="score", **options)
    assert scored["hits"].tolist() == [0, 0]


# Known answers


def test_known_cumulative_scores_are_met():
    curve = after_each([8, 4, 4, 2, 1, 0], [6, 7, 3, 2, 1, 0])
    assert curve["pai"].round(6).tolist() == [1.894737, 1.421053, 1.684211, 1.421053, 1.2, 1]
    assert curve["pei"].round(6).tolist() == [0.857143, 0.692308, 1, 1, 1, 1]


def test_the_published_london_arithmetic_holds():
    """Rank by density of the first period, take areas up to a share, compare the two periods.

    London robbery on H3-9 cells: 0.23379 then 0.20531 of all in 1 % of the area, PAI 23.506 then
    20.642, so the cells used 0.9946 % and RRI is 0.8782. Here a small city with those shares.
    """
    share = 0.23379 / 23.506
    first = np.array([0.23379, *[(1 - 0.23379) / 99] * 99]) * 24_633
    second = np.array([0.20531, *[(1 - 0.20531) / 99] * 99]) * 23_467
    area = np.array([share, *[(1 - share) / 99] * 99])
    found = forecast_accuracy(first, second, area_km2=area, area_shares=[0.01], earlier=first)
    row = found.loc[0.01]
    assert row["n_areas"] == 1
    assert row["pai_earlier"] == pytest.approx(23.506, abs=1e-3)
    assert row["pai"] == pytest.approx(20.642, abs=2e-3)
    assert row["rri"] == pytest.approx(0.20531 / 0.23379, abs=1e-9)


def test_a_share_holds_as_many_areas_as_fit_and_rounding_loses_none():
    for size in (100, 300, 700, 1000):
        found = forecast_accuracy(np.arange(size), np.ones(size), area_shares=[0.01, 0.07, 0.1])
        assert found["n_areas"].tolist() == [size // 100, 7 * size // 100, size // 10]


# Edges


def test_a_share_too_small_for_one_area_has_no_index():
    found = forecast_accuracy([2, 1], [1, 1], area_shares=[0.1])
    assert found["n_areas"].item() == 0 and found["hits"].item() == 0
    assert found[["pai", "pei"]].isna().all(axis=None)


def test_nothing_to_find_and_no_areas_give_missing_scores():
    assert forecast_accuracy([2, 1], [0, 0], area_shares=[0.5])["hit_rate"].isna().all()
    empty = forecast_accuracy([], [])
    assert empty["hit_rate"].isna().all() and len(empty) == 4


def test_areas_that_do_not_match_are_refused_together():
    predicted = pd.Series([1, 2], index=["a", "b"])
    with refused("areas", of="predicted"):
        forecast_accuracy(predicted, pd.Series([1, 2], index=["a", "c"]))
    with refused("length", "2 values", of="observed"):
        forecast_accuracy([1, 2], [1, 2, 3])
    with refused("missing", " 1 ", of="predicted"):
        forecast_accuracy([1, np.nan], [1, 2])
    with refused("argument", of="area_shares"):
        forecast_accuracy([1, 2], [1, 2], area_shares=[5])
    with refused("negative", of="observed"):
        forecast_accuracy([1, 2], [1, -2])


# Walking forward


def area_periods(counts: np.ndarray) -> pd.DataFrame:
    """One row an area and period, from a matrix of areas by periods."""
    areas, steps = counts.shape
    index = pd.MultiIndex.from_product(
        [[f"a{i}" for i in range(areas)], [f"2018-{m + 1:02d}" for m in range(steps)]],
        names=["area_id", "period"],
    )
    return pd.DataFrame(
        {"theme": "asb", "incident_count": counts.ravel(), "harm": counts.ravel() * 1.0}, index
    )


def test_each_period_is_forecast_from_the_ones_before_it_alone():
    """The scorer is shown exactly the training periods, and what came later cannot matter."""
    rng = np.random.default_rng(4)
    counts = rng.poisson(2, (30, 6))
    seen = []

    def scorer(past):
        seen.append(list(past.columns))
        return past.sum(axis=1)

    walk = walk_forward(area_periods(counts), method=scorer, train=3, area_shares=[0.1])
    assert seen == [
        ["2018-01", "2018-02", "2018-03"],
        ["2018-02", "2018-03", "2018-04"],
        ["2018-03", "2018-04", "2018-05"],
    ]
    changed = counts.copy()
    changed[:, -1] = changed[::-1, -1]
    other = walk_forward(area_periods(changed), method="count", train=3, area_shares=[0.1])
    pd.testing.assert_frame_equal(
        walk.iloc[:2].drop(columns="method"), other.iloc[:2].drop(columns="method")
    )


def test_a_walk_is_forecast_accuracy_step_by_step():
    counts = np.random.default_rng(5).poisson(2, (40, 5))
    walk = walk_forward(area_periods(counts), train=2, area_shares=[0.1])
    for step, row in zip(range(2, 5), walk.itertuples(), strict=True):
        plain = forecast_accuracy(
            counts[:, step - 2 : step].sum(axis=1),
            counts[:, step],
            area_shares=[0.1],
            ties="history",
            history=counts[:, :step].sum(axis=1),
        )
        assert row.hit_rate == plain["hit_rate"].item()
        before = counts[:, step - 2 : step].sum(axis=1)
        chosen = forecast_accuracy(before, before, area_shares=[0.1], ties="for")["hit_rate"].item()
        assert row.rri == pytest.approx(row.hit_rate / chosen)
        assert row.observed == counts[:, step].sum()


def test_index_levels_columns_and_row_order_are_all_the_same_table():
    table = area_periods(np.random.default_rng(6).poisson(2, (20, 4)))
    one = walk_forward(table, train=1)
    flat = table.reset_index().sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(one, walk_forward(flat, train=1))


def test_quiet_areas_that_were_left_out_come_back_by_area_ids():
    table = area_periods(np.array([[5, 5], [1, 1]]))
    every = pd.Index(["a0", "a1", *[f"q{i}" for i in range(98)]])
    walk = walk_forward(table, train=1, area_ids=every, area_shares=[0.01])
    assert walk["pai"].item() == pytest.approx(5 / 6 * 100)
    with refused("argument", "'a1'", of="area_ids"):
        walk_forward(table, train=1, area_ids=every[:1])


def test_the_better_method_is_found_to_be_better():
    """Half the areas hold five times the rate of the others; counting finds it, a coin does not."""
    rng = np.random.default_rng(7)
    rates = np.where(np.arange(100) < 10, 5.0, 1.0)
    table = area_periods(rng.poisson(rates[:, None], (100, 11)))
    coin = rng.random(100)
    walk = walk_forward(
        table,
        method={"count": "count", "coin": lambda past: pd.Series(coin, past.index)},
        train=4,
        area_shares=[0.1],
    )
    summary = summarise_walk(walk)
    assert summary.loc[("count", 0.1), "difference"] == 0
    assert summary.loc[("coin", 0.1), "high"] < 0
    assert summary.loc[("count", 0.1), "mean_pai"] > 2
    assert summary["periods"].tolist() == [7, 7]


def test_harm_and_last_period_are_methods_too():
    table = area_periods(np.array([[9, 0, 5], [0, 1, 0]]))
    walk = walk_forward(
        table, method={"harm": "harm", "last": "last"}, train=2, area_shares=[0.5], by="harm"
    )
    assert walk.set_index("method")["hit_rate"].to_dict() == {"harm": 1.0, "last": 0.0}


def test_a_walk_without_steps_is_empty_and_well_formed():
    walk = walk_forward(area_periods(np.ones((3, 2), dtype=int)), train=2)
    assert len(walk) == 0 and "pai" in walk.columns
    assert len(summarise_walk(walk)) == 0


def test_choices_that_hold_what_they_held_have_an_index_of_one_and_lucky_ones_less():
    rng = np.random.default_rng(8)
    steady = np.tile(rng.poisson(5, 50)[:, None], (1, 4))
    lucky = rng.poisson(5, (50, 4))
    for counts, low, high in [(steady, 1.0, 1.0), (lucky, 0.3, 0.8)]:
        walk = walk_forward(area_periods(counts), train=1, area_shares=[0.1])
        assert low - 1e-12 <= summarise_walk(walk)["rri"].item() <= high + 1e-12


def test_unknown_methods_and_short_answers_are_refused():
    table = area_periods(np.ones((3, 3), dtype=int))
    with refused("argument", of="method"):
        walk_forward(table, method="magic", train=1)
    with refused("wrong-length", "3 areas"):
        walk_forward(table, method=lambda past: [1.0], train=1)
    with refused("argument", of="train"):
        walk_forward(table, train=0)
    with refused("argument", of="by"):
        walk_forward(table, train=1, by="density")
