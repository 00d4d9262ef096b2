"""Tiny and odd data: nanoseconds, one week, one place, few hours; and Saltmere's planted truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tables import incidents_at

import hotspots as hs
from hotspots.analysis.when.days_and_months import days_of_week
from hotspots.analysis.when.live import live_list
from hotspots.programmes.when import ask_when

CALENDAR = pd.DataFrame(
    {"name": ["half-term"], "kind": ["holiday"], "first_day": ["2023-02-12"],
     "last_day": ["2023-02-18"]}
)  # fmt: skip


def at_times(times, precision="instant", zone="Europe/London"):
    rows = incidents_at([(0, 0)] * len(times), time_precision=precision)
    start = pd.DatetimeIndex(times).as_unit("ns")
    start = start.tz_localize(zone, ambiguous=True, nonexistent="shift_forward")
    return rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(minutes=1))


def two_years(size=600, zone="Europe/London"):
    minutes = np.random.default_rng(1).uniform(0, 2 * 365 * 1_440, size)
    return at_times(pd.Timestamp("2022-01-01") + pd.to_timedelta(minutes, unit="min"), zone=zone)


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Asia/Kathmandu"])
def test_times_in_nanoseconds_have_seasons_and_events_by_any_clock(zone):
    rows = two_years(zone=zone)
    assert len(hs.when.monthly_index(rows)) == 12
    assert hs.when.event_index(rows, CALENDAR)["days"].tolist() == [7]
    assert hs.when.hours_of_week(rows).to_numpy().sum() == pytest.approx(len(rows))


@pytest.mark.parametrize("size", [0, 1, 2, 40])
def test_one_week_has_no_window_and_every_part_says_why(size):
    rows = at_times([pd.Timestamp("2024-02-14 12:00")] * size)
    assert hs.when.busy_windows(rows).empty
    answer = ask_when(rows, calendar=CALENDAR)
    assert {part for part, _ in answer.cannot} >= {"days", "months"}
    assert answer.hours.to_numpy().sum() == pytest.approx(size)


def test_hours_are_those_of_the_incidents_that_have_one():
    rows = two_years()
    rows.loc[rows.index[:100], "time_precision"] = "day"
    answer = ask_when(rows)
    assert answer.without_hours == 100
    assert answer.hours.to_numpy().sum() == pytest.approx(500)
    rows["time_precision"] = "day"
    assert "hours" in dict(ask_when(rows).cannot)


def test_all_at_one_place_is_one_chain_and_no_repeat():
    rows = two_years()
    found = hs.when.near_repeats(rows, distance_bands_m=[9], time_bands_days=[7], permutations=19)
    assert found["ratio"].iloc[0] == pytest.approx(1) and found["p_value"].iloc[0] == 1
    assert live_list(rows, draws=19).p_value == 1
    assert days_of_week(rows)["count"].sum() <= len(rows)


def test_what_saltmere_planted_is_inside_what_when_says(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "benchmarks"))
    import bench_when_town

    found = dict(bench_when_town.recovered(hs.synthetic_town(1, incidents=8_000)))
    inside = [value for what, value in found.items() if "interval" in what]
    assert len(inside) == 8 and np.nanmean(inside) >= 0.75, "95 % are expected"
    called, in_one_chain = (value for what, value in found.items() if what.startswith("fires"))
    assert called and in_one_chain > 0.7
