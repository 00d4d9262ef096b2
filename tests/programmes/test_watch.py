"""Areas watched: since when, what all do is no signal, what came back after an operation."""

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at, shuffled, zone

import hotspots as hs
from hotspots.programmes.watch import watch_areas

AREA = zone("Mill Lane", (0, 0, 100, 100)).rename_axis("area_id")
CITY = zone("city", (-50, -50, 3_000, 3_000))
FIRST = pd.Timestamp("2023-01-02")


def weeks(inside, outside, seed=1):
    """So many incidents in each week in the area, and elsewhere."""
    rng = np.random.default_rng(seed)
    counts = [*inside, *outside]
    week = np.repeat([*range(len(inside)), *range(len(outside))], counts)
    size, mine = len(week), int(sum(inside))
    places = np.vstack([np.full((mine, 2), 50.0), np.full((size - mine, 2), 1_500.0)])
    rows = incidents_at([tuple(place) for place in places], time_precision="instant")
    hours = week * 168 + rng.uniform(1, 167, size)
    start = (FIRST + pd.to_timedelta(hours, unit="h")).tz_localize(
        "Europe/London", nonexistent="shift_forward", ambiguous=True
    )
    rows = rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(minutes=1))
    return hs.select(rows, hs.Question(within=CITY))


def watched(asked, **options):
    return watch_areas(AREA, asked, started="2024-01-01", draws=199, **options)


def test_a_rise_is_dated_and_known_soon():
    asked = weeks([5] * 62 + [15] * 12, [100] * 74)
    row = watched(asked).areas.iloc[0]
    assert row["state"] == "more" and row["still"]
    assert abs((pd.Timestamp(row["since"]) - pd.Timestamp("2024-03-11")).days) <= 7
    assert pd.Timestamp(row["signal_on"]) <= pd.Timestamp("2024-04-01")
    assert row["seen_after"] >= 1 and row["baseline_count"] == 260


def test_what_happens_everywhere_is_no_signal_against_the_rest():
    asked = weeks([5] * 52 + [10] * 20, [100] * 52 + [200] * 20)
    assert watched(asked).areas["state"].iloc[0] == "no-signal"


@pytest.mark.parametrize(
    ("after", "state"), [(20, "returned"), (8, "stayed-low"), (40, "more")], ids=str
)
def test_after_an_operation_the_level_before_it_is_back_or_not(after, state):
    asked = weeks([20] * 26 + [8] * 26 + [after] * 26, [100] * 78)
    found = watched(asked, baseline="2023-07-03/2024-01-01", before="2023-01-02/2023-07-03")
    row = found.areas.iloc[0]
    assert row["state"] == state and row["rise"] == pytest.approx(2.5)
    assert row["seen_after"] < 26 and found.before.start == FIRST.tz_localize("Europe/London")


@pytest.mark.parametrize(
    ("period", "told"),
    [("2022-01-01", ()), ("2023-01-02", ("baseline",)), ("2024-01-01", ("watched",)),
     ("2023-06-01", ("baseline", "watched"))],
)  # fmt: skip
def test_areas_that_were_chosen_high_fall_by_themselves_and_that_is_said(period, told):
    until = pd.Timestamp(period) + pd.DateOffset(months=10)
    chosen = AREA.assign(rank=1, period_from=period, period_until=str(until.date()))
    asked = weeks([5] * 60, [100] * 60)
    found = watch_areas(chosen, asked, started="2024-01-01", baseline="2023-01-02/2024-01-01",
                        draws=99)  # fmt: skip
    assert found.chosen_from == told == tuple(found.to_dict()["chosen_from"])
    assert ("by itself" in found.to_sentence()) is ("baseline" in told)


def test_the_chart_adds_up_and_rows_may_come_in_any_order():
    asked = weeks([3, 5, 8, 4] * 18, [50] * 72)
    found = watched(asked)
    row = found.areas.iloc[0]
    assert found.chart["count"].sum() == row["count"] == 100
    assert found.chart["expected"].sum() == pytest.approx(row["expected"])
    mixed = watched(hs.select(shuffled(asked.everything), asked.question))
    pd.testing.assert_frame_equal(mixed.chart, found.chart)
    both = pd.concat([zone("Far", (1_400, 1_400, 1_600, 1_600)), AREA]).rename_axis("area_id")
    options = {"started": "2024-01-01", "draws": 199}
    one, other = (watch_areas(areas, asked, **options).areas for areas in (both, both.iloc[::-1]))
    pd.testing.assert_frame_equal(one, other.loc[one.index])


def test_months_are_watched_by_month_and_breaks_are_refused():
    months = [f"{year}-{month:02d}" for year in (2022, 2023, 2024) for month in range(1, 13)]
    inside = [(50, 50)] * len(months) * 4
    rows = incidents_at([*inside, *[(1_500, 1_500)] * len(months) * 9], month=months * 13)
    asked = hs.select(rows, hs.Question(within=CITY))
    found = watched(asked, every="month")
    assert len(found.chart) == 12 and found.areas["count"].iloc[0] == 48
    with refused("times-too-coarse"):
        watched(asked)
    with refused("break-between-windows"):
        watched(asked, every="month", breaks=[("2023-06-01", "a new system")])
    with refused("too-few-periods"):
        watch_areas(AREA, asked, started="2022-02-01", every="month")
    with refused("unknown-choice"):
        watched(asked, every="day")
    with refused("out-of-range"):
        watched(asked, false_alarms_a_year=0)
