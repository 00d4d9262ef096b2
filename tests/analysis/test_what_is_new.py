"""What is new: a budget of false alarms, an outbreak found; what is everywhere is no news."""

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.when.new import what_is_new

CITY = zone("city", (0, 0, 4_000, 4_000))
LAST = 364


def in_cells(days, places, precision="day"):
    rows = incidents_at([tuple(place) for place in places], time_precision=precision)
    start = pd.Timestamp("2025-01-01") + pd.to_timedelta(days, unit="D")
    start = pd.Series(start).dt.tz_localize("Europe/London").array
    rows = rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(days=1))
    return hs.assign_cells(hs.select(rows, hs.Question(within=CITY)), hs.SquareGrid(500))


def quiet(rng, size=600):
    """Clumps of places, and days with a season and a step that all places share."""
    places = rng.uniform(300, 3_700, (12, 2))[rng.integers(0, 12, size)]
    weight = 1 + 0.5 * np.sin(np.arange(LAST + 1) / 58) + (np.arange(LAST + 1) > 330)
    days = rng.choice(LAST + 1, size, p=weight / weight.sum())
    days[-1] = LAST  # where others are: by itself it would be news
    return days, places + rng.normal(0, 60, (size, 2))


@pytest.mark.parametrize("calls", [1, 3])
def test_the_budget_of_false_alarms_holds_though_recording_changes_everywhere(calls):
    """Single incidents, and troubles of three calls."""
    alarms = 0
    for seed in range(60):
        days, places = quiet(np.random.default_rng(seed), 600 // calls)
        times = np.append(np.full(len(days) - 1, calls), 1)
        asked = in_cells(np.repeat(days, times), np.repeat(places, times, axis=0))
        found = what_is_new(asked, false_alarms_a_year=0.1, runs_a_year=1, draws=49)
        alarms += found["is_alarm"].any()
    assert alarms <= 12, "6 are expected in 60 runs"


def test_an_outbreak_is_found_where_and_when_it_is():
    days, places = quiet(np.random.default_rng(1))
    days = np.append(days, LAST - np.arange(25) % 7)
    asked = in_cells(days, np.vstack([places, np.full((25, 2), 2_250)]))
    first = what_is_new(asked, false_alarms_a_year=1, runs_a_year=52, draws=199).iloc[0]
    assert first["is_alarm"] and first["days"] == 7 and first["observed"] >= 25
    middle = hs.SquareGrid(500).polygons([first["area_id"]])[0].buffer(750)
    assert middle.contains(asked.rows.geometry.iloc[-1])
    again = in_cells(days, np.vstack([places, np.full((25, 2), 2_250)]))
    mixed = hs.assign_cells(hs.select(shuffled(again.everything), again.question), again.grid)
    assert what_is_new(mixed, draws=59)["area_id"].iloc[0] == first["area_id"]
    pd.testing.assert_frame_equal(what_is_new(mixed, draws=59), what_is_new(again, draws=59))


def test_expected_is_place_times_time():
    days, places = quiet(np.random.default_rng(2))
    asked = in_cells(days, places)
    row = what_is_new(asked, draws=59).iloc[0]
    around = hs.SquareGrid(500).neighbours(asked.parts.ids.to_numpy(object))
    at = asked.parts.ids.get_loc(row["area_id"])
    held = asked.parts.ids[[at, *np.flatnonzero(around[[at]].toarray().ravel())]]
    mine = asked.rows["area_id"].isin(held)
    late = asked.rows["occurred_from"] >= row["since"].tz_localize("Europe/London")
    assert row["observed"] == (mine & late).sum()
    assert row["expected"] == pytest.approx(mine.sum() * late.sum() / len(mine))


def test_what_cannot_be_asked_is_refused():
    days, places = quiet(np.random.default_rng(3), size=50)
    asked = in_cells(days, places)
    with refused("out-of-range"):
        what_is_new(asked, draws=19)
    with refused("unassigned"):
        what_is_new(hs.select(asked.everything))
    with refused("times-too-coarse"):
        what_is_new(in_cells(days, places, "month"))
