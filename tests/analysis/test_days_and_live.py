"""Days of the week by an exact test, and live lists that know nothing of their own day."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at, shuffled, zone

from hotspots.analysis.when.days_and_months import days_of_week
from hotspots.analysis.when.live import live_list

ZONE = zone("Night", (-1, -1, 1, 1), kind="zone")


def on_days(days, places, precision="day"):
    rows = incidents_at(places, time_precision=precision)
    start = pd.to_datetime(np.asarray(days, dtype="datetime64[D]")).tz_localize("Europe/London")
    return rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(days=1))


def in_bursts(rng, weeks=26, per_week=12, profile=None):
    """Incidents in bursts of three, in weeks that differ, none knowing the day of the week."""
    first = np.datetime64("2024-01-01")
    counts = rng.poisson(per_week / 3 * rng.gamma(2, 0.5, weeks))
    days = [7 * week + rng.choice(7, p=profile) for week in range(weeks)
            for _ in range(counts[week])]  # fmt: skip
    return np.repeat(first + np.array([*days, 0, 7 * weeks - 1], "timedelta64[D]"), 3)


def test_no_day_is_called_where_none_is_higher():
    rng = np.random.default_rng(5)
    called = 0
    for _ in range(60):
        days = in_bursts(rng)
        table = days_of_week(on_days(days, [(0, 0)] * len(days)), draws=199)
        called += table["p_value"].min() <= 0.05
    assert called <= 8


@pytest.mark.parametrize("rest_per_week", [60, 4])
def test_no_day_of_a_zone_is_called_where_it_goes_as_the_rest(rest_per_week):
    rng = np.random.default_rng(6)
    profile = np.array([1, 1, 1, 1, 2, 3, 1]) / 10
    called = 0
    for _ in range(60):
        mine = in_bursts(rng, profile=profile)
        rest = in_bursts(rng, per_week=rest_per_week, profile=profile)
        places = [(0, 0)] * len(mine) + [(500, 500)] * len(rest)
        rows = on_days(np.concatenate([mine, rest]), places)
        called += days_of_week(rows, ZONE, draws=199)["p_value"].min() <= 0.05
    assert called <= 8


def test_a_planted_saturday_is_found_whatever_the_order():
    rng = np.random.default_rng(7)
    days = in_bursts(rng, profile=np.array([1, 1, 1, 1, 1, 3, 1]) / 9)
    rows = on_days(days, [(0, 0)] * len(days))
    table = days_of_week(rows)
    sure = table[(table["p_value"] <= 0.05) & (table["ratio"] > 1)]
    assert sure["day"].tolist() == ["Saturday"]
    assert table["count"].sum() == len(days)
    assert (table["low"] <= table["ratio"]).all() and (table["ratio"] <= table["high"]).all()
    pd.testing.assert_frame_equal(table, days_of_week(shuffled(rows)))


def test_only_whole_weeks_count_and_few_are_refused():
    days = np.arange("2024-01-03", "2024-02-15", dtype="datetime64[D]")  # Wednesday to Wednesday
    table = days_of_week(on_days(days, [(0, 0)] * len(days)))
    assert table["count"].tolist() == [5] * 7 and table["ratio"].tolist() == [1.0] * 7
    with refused("too-few-weeks"):
        days_of_week(on_days(days[:30], [(0, 0)] * 30))
    with refused("times-too-coarse"):
        days_of_week(on_days(days, [(0, 0)] * len(days), "month"))


def by_hand(days, places, reach, within):
    day, at = np.asarray(days), np.asarray(places, dtype=float)
    first, hits = day.min() + within, 0
    for one in range(len(day)):
        gap = day[one] - day
        near = np.hypot(*(at - at[one]).T) <= reach
        hits += day[one] >= first and bool((near & (gap >= 1) & (gap <= within)).any())
    return hits


def test_the_rate_of_hits_equals_walking_through_every_day():
    rng = np.random.default_rng(1)
    number = rng.integers(0, 60, 150)
    places = rng.integers(0, 1_500, (150, 2))
    rows = on_days(np.datetime64("2024-01-01") + number, places.tolist())
    found = live_list(rows, within_m=200, within_days=7, draws=19)
    assert found.followed == by_hand(number, places, 200, 7)
    assert found.incidents == (number >= number.min() + 7).sum()
    again = live_list(shuffled(rows), within_m=200, within_days=7, draws=19)
    assert (found.followed, found.by_chance) == (again.followed, again.by_chance)


def test_by_chance_is_the_mean_over_every_way_of_dealing_out_the_days():
    number = np.array([0, 4, 9, 9, 15, 30])
    places = np.array([[0, 0], [0, 0], [100, 0], [250, 0], [900, 0], [900, 60]])
    found = live_list(
        on_days(np.datetime64("2024-01-01") + number, places.tolist()), within_m=200, draws=1
    )
    ways = [by_hand(np.array(way), places, 200, 7) for way in permutations(number)]
    assert found.by_chance == pytest.approx(np.mean(ways), rel=1e-12)


def test_the_list_holds_the_days_before_it_and_says_until_when():
    rows = on_days(
        ["2024-01-01", "2024-03-01", "2024-03-03", "2024-03-03", "2024-03-08"],
        [(0, 0), (0, 0), (150, 0), (2_000, 0), (0, 0)],
    ).assign(place_name=["A", "A", "B", "C", "A"])
    found = live_list(rows, today="2024-03-08", draws=1)
    assert found.areas["incident_count"].tolist() == [2, 1]
    assert found.areas["until"].dt.date.astype(str).tolist() == ["2024-03-10", "2024-03-10"]
    assert (found.followed, found.incidents) == (
        3 - 1,
        4,
    )  # 3 March B after A, 8 March A after both
    assert found.areas["area_km2"].iloc[1] == pytest.approx(np.pi * 0.04, rel=0.01)
    assert live_list(rows, today="2024-02-01", draws=1).areas.empty


def test_one_night_is_no_hit():
    rows = on_days(["2024-01-01", "2024-02-01", "2024-02-01"], [(0, 0), (9, 9), (9, 9)])
    assert live_list(rows, draws=1).followed == 0
