"""Forecasts by fading counts: only the past decides, and what officers find sends nobody back."""

import numpy as np
import pandas as pd
import pytest
from chain import in_cells
from refusing import refused
from runaway import share_of_first
from tables import incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.forecast.advice import _compared
from hotspots.analysis.forecast.areas import PLAIN, Weighing, forecasts, lending, pai, weighings
from hotspots.core.grids import SquareGrid
from hotspots.offences.tag_themes import without_found_by_officers

RULES = weighings(lent=True)
GRID = SquareGrid(1_000)


def moving(areas=60, periods=30, seed=0):
    """Counts of areas of which the busy ones change every eight periods."""
    rng = np.random.default_rng(seed)
    rates = np.repeat(rng.gamma(0.4, 2, (areas, periods // 8 + 1)), 8, axis=1)[:, :periods]
    return rng.poisson(rates).astype(float)


def table(counts):
    wide = pd.DataFrame(counts, columns=[f"{one:03d}" for one in range(counts.shape[1])])
    long = wide.rename_axis("area_id").rename_axis(columns="period").stack()
    return long.rename("incident_count").astype(int).reset_index()


def test_a_forecast_knows_nothing_of_what_comes_after():
    counts = moving()
    ones = np.ones(len(counts))
    whole = list(forecasts(counts, None, RULES, ones))
    for step in (1, 7, 20):
        early = list(forecasts(counts[:, :step], None, RULES, ones))[-1]
        assert early.weighing == whole[step - 1].weighing
        assert early.scores.tolist() == whole[step - 1].scores.tolist()


def test_it_fades_where_the_busy_places_move_and_counts_all_alike_where_they_stay():
    moved = hs.forecast_areas(table(moving()))
    assert moved.weighing.half_life is not None and moved.weighing.half_life <= 6
    stay = np.random.default_rng(1).poisson(
        np.random.default_rng(2).gamma(0.4, 2, (60, 1)), (60, 30)
    )
    tried = hs.forecast_areas(table(stay)).tried
    all_alike = tried[tried["half_life"].isna() & tried["window"].isna()]["mean_pai"].item()
    assert tried["mean_pai"].max() < 1.02 * all_alike


def test_old_and_new_weigh_as_the_half_life_says_and_sums_are_those_of_a_period():
    assert Weighing(half_life=2.0).of_age(5).tolist() == [0.25, 0.5**1.5, 0.5, 0.5**0.5, 1.0]
    assert PLAIN.of_age(14).sum() == 12 and Weighing().of_age(14).sum() == 14
    counts = moving()
    found = hs.forecast_areas(table(counts))
    assert found.expected.sum() == pytest.approx(counts.sum() / counts.shape[1])
    assert found.steps == counts.shape[1] - 1
    assert len(found.tried) == len(weighings(lent=False)), "nobody lends without neighbours"


def test_neighbours_lend_and_those_without_keep_their_own():
    matrix = lending({"a": ["b", "c"]}, pd.Index(["a", "b", "c", "d"]))
    assert (matrix @ np.array([8.0, 2.0, 4.0, 5.0])).tolist()[0] == 3.0
    assert matrix.sum(axis=1).tolist() == [1, 1, 1, 1]


def test_ties_go_to_what_held_more_before_and_the_rest_is_shared():
    ones, none = np.ones(100), np.zeros(100)
    came = np.where(np.arange(100) == 7, 10.0, 0.0)
    assert pai(none, none, came, ones) == pytest.approx(1.0)
    assert pai(none, came, came, ones) == pytest.approx((100 + 50 + 20) / 3)
    score = hs.evaluation.forecast_accuracy(
        none, came, area_shares=[0.01], ties="history", history=came
    )
    assert score["hit_rate"].item() == 1.0
    with refused("argument"):
        hs.evaluation.forecast_accuracy(none, came, ties="history")


def test_the_forecast_walks_beside_the_others_and_order_changes_nothing():
    rows = table(moving(seed=3))
    methods = {"count": "count", "forecast": "forecast"}
    walk, other = (
        hs.evaluation.walk_forward(one, method=methods, area_shares=[0.1])
        for one in (rows, rows.sample(frac=1, random_state=1))
    )
    pd.testing.assert_frame_equal(walk, other)
    gain = hs.evaluation.summarise_walk(walk).loc[("forecast", 0.1)]
    assert gain["low"] > 0


def months_of_two_areas():
    places, months, offences = [], [], []
    rng = np.random.default_rng(4)
    for month in pd.period_range("2020-01", periods=8, freq="M").astype(str):
        for area, mean in ((100.0, 3), (2_100.0, 5)):
            held = int(rng.poisson(mean)) + 1
            places += [(area, 100.0)] * held
            months += [month] * held
            offences += ["Burglary"] * held
    return places, months, offences


def test_what_officers_find_changes_no_forecast_unless_a_reason_is_given():
    places, months, offences = months_of_two_areas()
    plain = in_cells(incidents_at(places, month=months, offence=offences), GRID)
    found = incidents_at(
        [*places, *[(100.0, 100.0)] * 50],
        month=[*months, *["2020-08"] * 50],
        offence=[*offences, *["Drugs"] * 25, *["Possession of weapons"] * 25],
    )
    searched, record = in_cells(found, GRID), hs.RunRecord("A", marking="OPEN")
    one, other = hs.forecast_areas(plain), hs.forecast_areas(searched, record=record)
    pd.testing.assert_series_equal(one.expected, other.expected)
    assert other.left_out == 50
    taken = hs.forecast_areas(searched, include_found_by_officers="asked for", record=record)
    assert taken.expected.index[0] != one.expected.index[0]
    told = [entry["include_found_by_officers"] for entry in record.choices["forecast_areas"]]
    assert told == [False, "asked for"]
    kept, left_out = without_found_by_officers(searched)
    assert kept.total + left_out == searched.total and len(kept.rows) == kept.total
    kept.account.check()
    with refused("found-by-officers"):
        without_found_by_officers(in_cells(found[found["offence"] == "Drugs"], GRID))


def test_an_incident_that_weighs_three_is_expected_as_three_that_weigh_one():
    places, months, offences = months_of_two_areas()
    rows = incidents_at(places, month=months, offence=offences, harm=1.0)
    heavy = rows.assign(harm=np.where(rows["occurred_from"].dt.month % 2, 3.0, 1.0))
    often = pd.concat([rows, *[rows[heavy["harm"].eq(3)]] * 2])
    often = often.set_axis([f"i{number}" for number in range(len(often))])
    one = hs.forecast_areas(in_cells(heavy, GRID), by="harm")
    other = hs.forecast_areas(in_cells(often, GRID), by="count")
    pd.testing.assert_series_equal(one.expected, other.expected, check_names=False)
    assert one.weighing == other.weighing


def test_an_area_patrolled_first_is_not_chosen_for_ever():
    """Forty runs of 24 months are in benchmarks/bench_runaway.py; here two of eight months."""
    kept = [share_of_first(seed, 8, reason=False) for seed in (2, 3)]
    taken = [share_of_first(seed, 8, reason="to show it") for seed in (2, 3)]
    assert np.mean(kept) < np.mean(taken)


def test_patrol_areas_by_forecast_are_those_of_late_and_leave_out_what_officers_find():
    places = [(100.0, 100.0)] * 60 + [(2_100.0, 100.0)] * 40
    months = [f"2020-{one:02d}" for one in range(1, 7)] * 10
    months += [f"2020-{one:02d}" for one in range(9, 13)] * 10
    rows = incidents_at(
        [*places, *[(5_100.0, 100.0)] * 90],
        month=[*months, *[f"2020-{one:02d}" for one in range(1, 11)] * 9],
        offence=["Burglary"] * 100 + ["Drugs"] * 90,
    )
    asked = hs.select(rows, hs.Question(within=zone("City", (-500, -500, 6_500, 3_500))))
    options = {"count": 1, "near_misses": 0, "grid": SquareGrid(300)}
    record = hs.RunRecord("A", marking="OPEN")
    late = hs.select_patrol_areas(asked, by="forecast", record=record, **options).areas
    busy = hs.select_patrol_areas(asked, by="count", **options).areas
    searched = hs.select_patrol_areas(
        asked, by="count", include_found_by_officers="a reason", record=record, **options
    ).areas
    held = [int(one["incident_count"].iloc[0]) for one in (late, busy, searched)]
    assert held == [40, 60, 90]
    told = [one["include_found_by_officers"] for one in record.choices["select_patrol_areas"]]
    assert told == [False, "a reason"]
    again = hs.select_patrol_areas(
        hs.select(shuffled(rows), asked.question), by="forecast", **options
    ).areas
    assert again["incident_count"].tolist() == late["incident_count"].tolist()


def test_advice_stays_with_the_usual_cells_where_no_other_is_better_beyond_luck():
    rng = np.random.default_rng(6)
    points = [tuple(one) for one in rng.uniform(0, 4_000, (900, 2)).round()]
    months = rng.choice(pd.period_range("2019-01", periods=20, freq="M").astype(str), 900)
    asked = hs.select(
        incidents_at(points, month=months.tolist()),
        hs.Question(within=zone("City", (0, 0, 4_000, 4_000))),
    )
    advised = hs.advise_grid(asked, grids=[SquareGrid(500), SquareGrid(250)], area_share=0.1)
    assert not advised.better and advised.grid == SquareGrid(500) and advised.method == "count 12"
    assert advised.months == 8 and set(advised.table["method"]) == {"count 12", "forecast"}
    with refused("too-few-periods"):
        hs.advise_grid(asked.during("2019-01/2019-09"))


def test_the_best_of_many_equal_choices_is_hardly_ever_called_better():
    pairs = pd.MultiIndex.from_product([range(4), range(4), range(12)])
    pairs.names = ["grid", "method", "period"]
    rng = np.random.default_rng(82)
    noise = [pd.Series(rng.normal(size=len(pairs)), pairs, name="hit_rate") for _ in range(60)]
    assert sum(_compared(one.reset_index())[1] for one in noise) <= 4
