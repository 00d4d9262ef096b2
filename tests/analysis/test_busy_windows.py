"""Busy windows: those planted are found, noise is quiet, and bursts are not taken for habits."""

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.when.peak_windows import busy_windows
from hotspots.analysis.when.times import hours_of_week
from hotspots.core.record import RunRecord

MONDAY = pd.Timestamp("2018-01-01")
PARK = zone("Park", (0, 0, 100, 100))


def at_hours(week, hour_of_week, inside=None, **columns):
    """Incidents of one minute, in the park or far from it."""
    inside = np.zeros(len(week), dtype=bool) if inside is None else inside
    points = [(50, 50) if here else (5_000, 0) for here in inside]
    incidents = incidents_at(points, **{"time_precision": "instant"} | columns)
    hours = pd.to_timedelta(np.asarray(week) * 168 + hour_of_week, unit="h")
    start = MONDAY + hours + pd.Timedelta(minutes=7)
    incidents["occurred_from"] = start.tz_localize("UTC").tz_convert("Europe/London")
    incidents["occurred_until"] = incidents["occurred_from"] + pd.Timedelta(minutes=1)
    return incidents


def drawn(seed, size=600, weeks=12, extra=0, burst=1):
    """Half in the park, hours alike everywhere; `extra` more in the park on Friday from 22 to 2."""
    rng = np.random.default_rng(seed)
    of = np.arange(size) // burst
    week, hour = (rng.integers(0, most, of.max() + 1)[of] for most in (weeks, 168))
    inside = (rng.permutation(of.max() + 1) % 2 == 0)[of]
    week = np.append(week, rng.integers(0, weeks, extra))
    hour = np.append(hour, 4 * 24 + 22 + rng.integers(0, 4, extra))
    return at_hours(week, hour, np.append(inside, np.ones(extra, dtype=bool)))


def test_a_planted_night_is_found_with_the_share_and_the_day_on_which_it_begins():
    incidents = drawn(1, extra=100)
    (found,) = busy_windows(incidents, PARK, top=1).itertuples()
    assert (found.zone, found.day, found.from_hour, found.until_hour) == ("Park", "Friday", 22, 2)
    park = hours_of_week(incidents[incidents.geometry.x < 430_000])
    held = park.loc["Friday", [22, 23]].sum() + park.loc["Saturday", [0, 1]].sum()
    assert found.share == pytest.approx(held / park.to_numpy().sum())
    assert 1 < found.low < found.ratio < found.high
    everywhere = busy_windows(incidents, top=1).iloc[0]
    assert everywhere["zone"] == "everywhere"
    assert (everywhere["day"], everywhere["from_hour"]) == ("Friday", 22)


def test_windows_of_one_zone_do_not_overlap():
    found = busy_windows(drawn(2, extra=400), window_hours=2, top=9)
    starts = [
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].index(day)
        * 24
        + hour
        for day, hour in zip(found["day"], found["from_hour"], strict=True)
    ]
    assert len(starts) >= 2
    assert np.diff(sorted(starts)).min() >= 2


def test_one_bad_night_is_no_habit():
    """As many incidents as the planted nights have, all in one week."""
    incidents = pd.concat([drawn(3), at_hours([5] * 60, [120] * 60, np.ones(60, dtype=bool))])
    incidents.index = pd.Index([f"i{row}" for row in range(len(incidents))], name="incident_id")
    assert busy_windows(incidents, PARK).empty


@pytest.mark.parametrize(("burst", "zones"), [(1, None), (3, PARK)])
def test_noise_is_called_busy_no_more_often_than_promised(burst, zones):
    called = sum(not busy_windows(drawn(seed, burst=burst), zones).empty for seed in range(12))
    assert called <= 1


def test_days_that_came_more_often_are_not_busier_for_it():
    """29 days from a Monday: five Mondays, four of every other day, all alike."""
    hours = np.repeat(np.arange(29 * 24), 4)
    assert busy_windows(at_hours(hours // 168, hours % 168)).empty


def test_order_labels_and_other_columns_change_nothing():
    incidents = drawn(4, extra=60)
    pd.testing.assert_frame_equal(
        busy_windows(incidents, PARK), busy_windows(shuffled(incidents), PARK)
    )


def test_nothing_at_all_gives_no_window():
    empty = busy_windows(drawn(1).iloc[:0], PARK)
    assert empty.empty
    assert empty.columns.tolist() == [
        "zone", "day", "from_hour", "until_hour", "share", "ratio", "low", "high",
    ]  # fmt: skip


def test_zones_of_one_name_are_two_and_one_without_incidents_is_quiet():
    incidents = drawn(1, extra=100)
    there = pd.concat([PARK, PARK, zone("Moor", (-900, -900, -800, -800))])
    found = busy_windows(incidents, there, top=1)
    assert found["zone"].tolist() == ["Park", "Park"]
    assert busy_windows(incidents, zone("All", (-9_999, -9_999, 9_999, 9_999))).empty


def test_a_selection_is_asked_about_its_own_incidents():
    incidents = drawn(5, extra=80)
    asked = hs.select(incidents, hs.Question(within=PARK))
    assert hours_of_week(asked).to_numpy().sum() == pytest.approx(asked.total)
    pd.testing.assert_frame_equal(busy_windows(asked), busy_windows(asked.rows))


def test_incidents_without_an_hour_are_left_out_where_most_have_one():
    incidents = drawn(5, extra=80)
    some = incidents.index[:20]
    mixed = incidents.copy()
    mixed.loc[some, "time_precision"] = "day"
    record = RunRecord("hours", "OFFICIAL", "internal")
    pd.testing.assert_frame_equal(hours_of_week(mixed, record=record),
                                  hours_of_week(incidents.drop(some)))  # fmt: skip
    assert "without-hours" in [one.rule for one in record.caveats]
    pd.testing.assert_frame_equal(busy_windows(mixed), busy_windows(incidents.drop(some)))


def test_months_and_days_have_no_hours():
    for precision in ("month", "day"):
        with refused("times-too-coarse"):
            busy_windows(drawn(1).assign(time_precision=precision))


@pytest.mark.parametrize(
    "choice", [{"window_hours": 0}, {"window_hours": 25}, {"top": 0}, {"window_hours": 2.5}]
)
def test_choices_out_of_range_are_refused(choice):
    with refused("out-of-range"):
        busy_windows(drawn(1), **choice)


@pytest.mark.parametrize("hour", [0, 12])
def test_a_spike_at_a_filler_hour_is_told(hour):
    week, hours = np.divmod(np.arange(1_680), 168)
    incidents = at_hours(np.append(week, [1] * 60), np.append(hours, [24 + hour] * 60))
    incidents["occurred_from"] = incidents["occurred_from"].dt.floor("h")
    record = RunRecord("Here", marking="OFFICIAL")
    hours_of_week(incidents, record=record)
    assert not record.caveats
    incidents = at_hours(np.append(week, [1] * 200), np.append(hours, [24 + hour] * 200))
    incidents["occurred_from"] = incidents["occurred_from"].dt.floor("h")
    busy_windows(incidents, record=record)
    assert [(one.rule, one.values["hour"]) for one in record.caveats] == [("clock-spike", hour)]


def test_too_few_weeks_are_told():
    record = RunRecord("Here", marking="OFFICIAL")
    busy_windows(drawn(1, weeks=4), record=record)
    assert [one.rule for one in record.caveats] == ["few-weeks"]
