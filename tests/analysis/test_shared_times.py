"""Times shared out: nothing is lost, nothing is made, and months give no hours."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from tables import incidents_at

from hotspots.analysis.when.times import aoristic_weights, hours_of_week


def timed(starts, minutes, precision="interval"):
    incidents = incidents_at([(0, 0)] * len(starts), time_precision=precision)
    incidents["occurred_from"] = pd.to_datetime(starts).tz_localize("Europe/London")
    incidents["occurred_until"] = incidents["occurred_from"] + pd.to_timedelta(minutes, unit="min")
    return incidents


def test_an_interval_over_a_month_end_is_shared_by_its_length():
    weights = aoristic_weights(timed(["2018-07-31 18:00"], [24 * 60]), ["2018-07", "2018-08"])
    assert weights.iloc[0].tolist() == [0.25, 0.75]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 500_000), st.integers(1, 90_000)), min_size=1, max_size=8))
def test_periods_that_cover_everything_share_out_everything(pairs):
    starts = [
        (pd.Timestamp("2018-01-02") + pd.Timedelta(minutes=start)).isoformat() for start, _ in pairs
    ]
    try:
        incidents = timed(starts, [length for _, length in pairs])
    except ValueError:  # an hour the clocks skipped or showed twice
        return
    months = [f"{year}-{month:02d}" for year in (2018, 2019) for month in range(1, 13)]
    assert aoristic_weights(incidents, months).sum(axis=1).to_numpy() == pytest.approx(1)
    assert hours_of_week(incidents).to_numpy().sum() == pytest.approx(len(incidents))


def test_an_instant_is_in_one_hour():
    table = hours_of_week(timed(["2018-07-07 22:15"], [1], precision="instant"))
    assert table.loc["Saturday", 22] == 1
    assert table.to_numpy().sum() == 1


def test_hours_are_those_of_the_clock_in_summer_and_winter():
    table = hours_of_week(timed(["2018-07-02 09:00", "2018-01-01 09:00"], [60, 60]))
    assert table.loc["Monday", 9] == pytest.approx(2)


def test_shares_equal_a_slow_count_minute_by_minute():
    incidents = timed(["2018-07-06 21:20", "2018-07-08 23:50"], [200, 45])
    slow = np.zeros((7, 24))
    for start, end in zip(incidents["occurred_from"], incidents["occurred_until"], strict=True):
        minutes = pd.date_range(start, end, freq="min", inclusive="left")
        for minute in minutes:
            slow[minute.weekday(), minute.hour] += 1 / len(minutes)
    assert hours_of_week(incidents).to_numpy() == pytest.approx(slow)


def test_a_week_says_nothing_about_the_hour():
    table = hours_of_week(timed(["2018-07-02 09:00"], [8 * 24 * 60]))
    assert table.to_numpy() == pytest.approx(np.full((7, 24), 1 / 168))


def test_months_give_no_hours():
    with refused("times-too-coarse", "1 of 1", "'month'"):
        hours_of_week(incidents_at([(0, 0)]))


def test_no_incidents_give_an_empty_week():
    nothing = timed(["2018-07-02 09:00"], [60]).iloc[:0]
    assert hours_of_week(nothing).to_numpy().sum() == 0
    assert aoristic_weights(nothing, ["2018-07"]).shape == (0, 1)
