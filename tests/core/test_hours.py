"""Hours of the week in a question: day and night make the whole, and nothing is guessed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from tables import incidents_at, zone

import hotspots as hs
from hotspots.core.hours import HOURS_OF_WEEK, Hours
from hotspots.core.periods import Period

CITY = zone("city", (-1_000, -1_000, 2_000, 1_000))


@pytest.mark.parametrize(
    ("text", "key", "size"),
    [
        ("Fri-Sat 22-03", "Fri-Sat 22-03", 10),
        ("friday - SATURDAY 22:00-3:00", "Fri-Sat 22-03", 10),
        ("22-07", "22-07", 63),
        ("Sat-Mon", "Sat-Mon", 72),
        ("sun 20-24", "Sun 20-24", 4),
        ("Fri 22-02, Sat 22-04", "Fri 22-02, Sat 22-04", 10),
        ("Sun 22-02", "Sun 22-02", 4),
    ],
)
def test_hours_are_read_as_people_write_them(text, key, size):
    hours = Hours.parse(text)
    assert (hours.key, len(hours.hours)) == (key, size)
    assert Hours.parse(hours.key) == hours and Hours.parse(hours.label) == hours


@pytest.mark.parametrize(
    "text",
    ["", "Fri, Sat 22-03", "22-22", "25-03", "22", "T 22-03", "Fri 22:30-03", "-Sat 1-2", 22, None],
)
def test_what_could_mean_two_things_is_refused(text):
    with refused("hours-format"):
        Hours.parse(text)


def test_sunday_night_ends_on_monday():
    assert {0, 1, 166, 167} == set(Hours.parse("Sun 22-02").hours)


def test_a_period_keeps_its_hours_in_its_key():
    period = Period.parse("2025-04/2026-03 Fri-Sat 22-03")
    assert period.key == "2025-04/2026-03 Fri-Sat 22-03"
    assert Period.parse(period.key) == period
    assert period.with_hours(None) == Period.parse("2025-04/2026-03")
    assert period.whole_months is None and "22:00" in period.label


@pytest.fixture(scope="module")
def incidents():
    rows = incidents_at([(at, 0) for at in range(500)], time_precision="instant")
    start = pd.date_range("2024-12-01", periods=500, freq="101min", tz="Europe/London")
    return rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(minutes=1))


@settings(max_examples=25, deadline=None)
@given(begins=st.integers(0, 23), length=st.integers(1, 23))
def test_hours_and_all_the_others_make_the_whole(incidents, begins, length):
    ends = (begins + length) % 24
    inside = hs.select(incidents, hs.Question(hours=f"{begins}-{ends}"))
    other = hs.select(incidents, hs.Question(hours=f"{ends}-{begins}"))
    assert inside.total + other.total == len(incidents)
    assert not (inside.used & other.used).any()
    local = inside.rows["occurred_from"].dt.hour
    assert (((local - begins) % 24) < length).all()
    assert len(Hours.parse(f"{begins}-{ends}").hours) == 7 * length <= HOURS_OF_WEEK


def test_hours_are_those_of_the_place():
    rows = incidents_at([(0, 0)], time_precision="instant")
    start = pd.to_datetime(["2025-07-04 23:30"]).tz_localize("America/New_York")
    rows = rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(minutes=1))
    assert hs.select(rows, hs.Question(hours="Fri 22-24")).total == 1
    utc = rows.assign(occurred_from=start.tz_convert("UTC"), occurred_until=start.tz_convert("UTC"))
    assert hs.select(utc, hs.Question(hours="Sat 04-05")).total == 1  # UTC counts as London


def test_another_period_theme_or_area_keeps_the_hours(incidents):
    asked = hs.select(incidents, hs.Question(period="2024-12", hours="22-03"))
    assert asked.during("2025-01").question.window == asked.question.window
    assert asked.only("2024-12-01/2024-12-08").total < asked.total
    early = hs.select(incidents, hs.Question(period="2024-12", hours="00-03"))
    assert asked.only("2024-12 00-03").total == early.total < asked.total
    assert (
        asked.asked(hours=None).total == hs.select(incidents, hs.Question(period="2024-12")).total
    )
    assert asked.asked(period=None).question.period_name == "all, 22:00-03:00"
    assert asked.account.period == "December 2024, 22:00-03:00"
    assert asked.account.used + asked.account.out_of_period == len(incidents)


def test_two_kinds_of_hours_are_refused():
    with refused("two-hours"):
        hs.Question(period="2025-01 22-03", hours="07-19")


def test_months_have_no_hours_and_the_reason_is_told(incidents):
    coarse = incidents.copy()
    coarse.loc[coarse.index[:30], "time_precision"] = "month"
    with refused("times-too-coarse", "30 of 500"):
        hs.select(coarse, hs.Question(hours="22-03"))
    early = coarse["occurred_from"].iloc[60].strftime("%Y-%m-%d")
    with refused("times-too-coarse", "30 incidents"):
        hs.select(coarse, hs.Question(period=(early, "2025-02-01"), hours="22-03"))
    assert hs.select(coarse, hs.Question(period="2025-01", hours="22-03")).total


def test_fillers_and_intervals_are_told(incidents):
    record = hs.RunRecord("test", marking="OFFICIAL")
    start = incidents["occurred_from"].mask(np.arange(500) < 100)
    filler = pd.Timestamp("2024-12-05", tz="Europe/London")
    long = incidents.assign(occurred_from=start.fillna(filler), time_precision="interval")
    long = long.assign(occurred_until=long["occurred_from"] + pd.Timedelta(hours=8))
    hs.select(long, hs.Question(hours="22-03"), record=record)
    rules = {caveat.rule: caveat.values for caveat in record.caveats}
    assert rules["clock-spike"]["hour"] == 0
    assert rules["start-stands-hours"]["leave"] > 100


def test_areas_of_other_hours_are_not_those_of_a_selection(incidents):
    night = hs.assign_cells(
        hs.select(incidents, hs.Question(hours="22-07", within=CITY)), hs.SquareGrid(250)
    )
    cells = hs.aggregate_to_cells(night)
    assert set(cells["hours"]) == {"22-07"}
    whole = hs.assign_cells(hs.select(incidents, hs.Question(within=CITY)), hs.SquareGrid(250))
    with refused("other-selection"):
        hs.rank_areas(cells, whole)


def test_counts_of_hours_are_for_internal_use(incidents):
    night = hs.assign_cells(
        hs.select(incidents, hs.Question(hours="22-07", within=CITY)), hs.SquareGrid(250)
    )
    cells = hs.aggregate_to_cells(night)
    with refused("hours-of-others"):
        hs.release(cells, audience="partner", marking="OFFICIAL")
