"""Timetables meet what was planted, keep every rule; visits are judged against them."""

import itertools

import numpy as np
import pandas as pd
import pytest
from chain import in_areas
from refusing import refused
from tables import incidents_at, zone

import hotspots as hs
from hotspots.core.hours import Hours
from hotspots.programmes.patrols.dosage import patrol_dosage, visits_from_positions
from hotspots.programmes.patrols.timetable import patrol_timetable
from hotspots.programmes.release_answer import outlines_of_visits

AREAS = pd.concat([zone("A", (-50, -50, 50, 50)), zone("B", (450, -50, 550, 50))])
AREAS = AREAS.rename_axis("area_id")
WEEK = hs.Period.parse("2025-06-02/2025-06-09")
MONDAY = pd.Timestamp("2025-06-02", tz="Europe/London")


def planted(busy, noise, seed=1, weeks=10):
    """Incidents at A and B in these hours of the week, each so often a week, and noise."""
    rng = np.random.default_rng(seed)
    places, hours = [], []
    for (at, hour), often in busy.items():
        for week in range(weeks):
            places += [(500 * at, 0)] * often
            hours += [week * 168 + hour] * often
    places += [(500 * at, 0) for at in rng.integers(0, 2, noise)]
    hours += rng.integers(0, weeks * 168, noise).tolist()
    rows = incidents_at(places, time_precision="instant")
    start = MONDAY + pd.to_timedelta(np.array(hours), unit="h")
    return rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(minutes=1))


def test_areas_bring_nothing_of_what_they_were_chosen_for_to_another_count():
    chosen = AREAS.assign(rank=[1, 2], rank_high=9, incident_count=99, harm=1e4, theme="violence")
    chosen = chosen.assign(period_from=WEEK.start, period_until=WEEK.end, sign_off="")
    stays = pd.DataFrame({"area_id": ["B", "B", "A"], "visits": [3, 1, 2]})
    asked = hs.select(incidents_at([(0, 0), (0, 0), (500, 0)]), hs.Question(None))
    found = outlines_of_visits(stays, chosen.set_index("zone_name", drop=False), asked)
    assert found["incident_count"].to_dict() == {"A": 2, "B": 1}
    assert found["rank"].to_dict() == {"B": 1, "A": 2} and found["visits"].tolist() == [4, 2]
    assert set(found["theme"]) == {asked.theme}
    assert not {"period_from", "period_until", "rank_high", "harm", "sign_off"} & {*found}


@pytest.mark.parametrize("crs", ["EPSG:27700", "EPSG:4326"])
def test_the_planted_hours_are_the_stays_in_whatever_system_the_areas_are(crs):
    rows = planted({(0, 118): 3, (0, 120): 3, (1, 60): 3, (1, 62): 3}, noise=60)
    plan = patrol_timetable(AREAS.to_crs(crs), rows, budget_hours=1)
    found = {(stay.area_id, stay.hour) for stay in plan.stays.itertuples()}
    assert found == {("a", 118), ("b", 60)} and plan.proven
    assert plan.used_hours == 1 and plan.share > 0.6 > 10 * plan.share_evenly


def test_incidents_that_know_their_areas_are_planned_for_as_those_that_lie_in_them():
    rows = planted({(0, 118): 3, (1, 60): 3}, noise=90)
    names = np.where(rows.geometry.x > rows.geometry.x.mean(), "b", "a")
    plans = [patrol_timetable(AREAS, one, budget_hours=6) for one in (rows, in_areas(rows, names))]
    pd.testing.assert_frame_equal(plans[0].stays, plans[1].stays)


@pytest.mark.parametrize("seed", range(3))
def test_every_rule_holds(seed):
    rows = planted({(0, 118): 2, (1, 120): 2}, noise=200, seed=seed)
    plan = patrol_timetable(
        AREAS, rows, budget_hours=24, hours="Thu-Sat 18-04", teams=1, visit_minutes=60
    )
    slots = plan.slots
    assert not slots.duplicated().any()
    assert slots.groupby("hour").size().max() == 1, "one team makes one visit in two hours"
    assert set(slots["hour"]) <= set(hs.Period.parse("2025 Thu-Sat 18-04").hours.hours)
    assert (plan.stays["visits"] >= 2).all() and plan.used_hours <= 24


def test_no_other_timetable_holds_more():
    rows = planted({(0, 118): 8, (1, 120): 6}, noise=20)
    plan = patrol_timetable(AREAS, rows, budget_hours=4, hours="Fri 20-04", visit_minutes=60)
    assert plan.stays["visits"].sum() <= 4
    local = rows["occurred_from"].dt
    hour = (local.day_of_week * 24 + local.hour).to_numpy()
    at_b = rows.geometry.x.to_numpy() > rows.geometry.x.mean()
    starts, best = range(116, 124, 2), 0
    for one, other in itertools.product(starts, starts):
        if abs(one - other) >= 4:
            held = (~at_b & (hour >= one) & (hour < one + 4) & (one + 4 <= 124)) | (
                at_b & (hour >= other) & (hour < other + 4) & (other + 4 <= 124)
            )
            best = max(best, held.mean())
    assert plan.share >= best - 0.02, "but for hours drawn towards one another"


def test_no_area_has_no_stay():
    plan = patrol_timetable(AREAS.iloc[:0], planted({(0, 118): 1}, noise=5), budget_hours=2)
    assert len(plan.stays) == 0 and plan.used_hours == plan.share == 0


def test_hours_with_no_room_and_months_are_refused():
    rows = planted({(0, 118): 1}, noise=5)
    with refused("no-room"):
        patrol_timetable(AREAS, rows, budget_hours=2, hours="Fri 22-23")
    with refused("times-too-coarse"):
        patrol_timetable(AREAS, rows.assign(time_precision="month"), budget_hours=2)
    with refused("out-of-range"):
        patrol_timetable(AREAS, rows, budget_hours=2, visit_minutes=0)


@pytest.fixture(scope="module")
def plan():
    return patrol_timetable(AREAS, planted({(0, 20): 3, (0, 22): 3}, noise=0), budget_hours=0.5)


@pytest.fixture(scope="module")
def town_plan():
    """A week of visits to the four busiest cells of the town."""
    town = hs.synthetic_town(incidents=6_000)
    police = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    asked = hs.assign_cells(hs.select(police, hs.Question(within=town.district)), hs.H3Grid(9))
    areas = hs.aggregate_to_cells(asked).nlargest(4, "incident_count")
    timed = police[police["time_precision"].eq("instant")]
    return patrol_timetable(areas, timed, budget_hours=12)


def visits(*rows):
    table = pd.DataFrame(rows, columns=["area_id", "from", "minutes"])
    start = MONDAY + pd.to_timedelta(table["from"], unit="h")
    until = start + pd.to_timedelta(table["minutes"], unit="min")
    return pd.DataFrame({"area_id": table["area_id"], "from": start, "until": until})


def test_what_was_done_is_set_against_the_plan(plan):
    seen = visits(("a", 20.5, 20), ("a", 22.0, 10), ("b", 3, 30), ("a", 20.6, 10))
    found = patrol_dosage(seen, plan, WEEK)
    a, b = found.loc[("a", "all hours")], found.loc[("b", "all hours")]
    assert (a["visits"], a["minutes"], a["planned_visits"], a["done"]) == (2, 30, 2, 1)
    assert a["coverage"] == 0.5 and a["longest_gap_h"] == pytest.approx(24 - 22 - 1 / 6)
    assert (b["minutes"], b["unplanned_minutes"], b["planned_visits"]) == (30, 30, 0)
    assert np.isnan(b["coverage"]) and np.isnan(b["longest_gap_h"])


def test_shifts_add_up_to_all_hours(plan):
    rng = np.random.default_rng(3)
    hours = np.sort(rng.uniform(0, 168, 40))
    seen = visits(*[("a", hour, 12) for hour in hours])
    whole = patrol_dosage(seen, plan, WEEK).loc["a"].iloc[0]
    parts = patrol_dosage(seen, plan, WEEK, shifts={"day": "07-19", "night": "19-07"}).loc["a"]
    for name in ("visits", "minutes", "planned_visits", "done", "unplanned_minutes"):
        assert parts[name].sum() == pytest.approx(whole[name])


def test_planned_visits_made_as_planned_are_covered(plan):
    made = [(row.area_id, row.hour + 0.25, 15) for row in plan.slots.itertuples()]
    assert (patrol_dosage(visits(*made), plan, WEEK)["coverage"] == 1).all()
    short = [(area, hour, 14) for area, hour, _ in made]
    assert (patrol_dosage(visits(*short), plan, WEEK)["coverage"] == 0).all()


@pytest.mark.parametrize("seed", range(4))
def test_visits_planted_in_the_town_are_recovered(town_plan, seed):
    rng = np.random.default_rng(seed)
    period, minute = hs.Period.parse("2025-06-02/2025-06-16"), pd.Timedelta(minutes=1)
    slots = pd.concat([town_plan.slots.assign(week=week) for week in range(2)])
    slots = slots.assign(first=(slots["week"] * 168 + slots["hour"]) * 60)
    ids = sorted(slots["area_id"].unique())
    due, there = ({one: np.zeros(2 * 10_080, bool) for one in ids} for _ in range(2))
    made, done = [], dict.fromkeys(ids, 0)
    for slot in slots.itertuples():
        due[slot.area_id][slot.first : slot.first + 120] = True
        length = rng.choice([0, 7, 15, 30], p=[0.2, 0.2, 0.3, 0.3])
        begin = slot.first + rng.integers(0, 120 - length)
        made += [(slot.area_id, begin, length)] * bool(length)
        done[slot.area_id] += length >= 15
    free = [int(at) for at in rng.integers(0, 2 * 10_080 - 30, 12)]
    made += [(area, at, 20) for area, at in zip(rng.choice(ids, 12), free, strict=True)
             if not due[area][at - 1 : at + 21].any()]  # fmt: skip
    for area, begin, length in made:
        there[area][begin : begin + length] = True
    seen = visits(*[(area, begin / 60, length) for area, begin, length in made])
    seen["from"] = seen["from"].dt.round(minute)
    seen["until"] = seen["until"].dt.round(minute)
    found = patrol_dosage(seen.sample(frac=1, random_state=seed), town_plan, period)
    for area, row in found.droplevel("shift").iterrows():
        planned = int((slots["area_id"] == area).sum())
        empty = (due[area] & ~there[area]).astype(int)
        runs = np.diff(np.flatnonzero(np.diff(np.r_[0, empty, 0])))[::2]
        assert (row["planned_visits"], row["done"]) == (planned, done[area])
        assert row["coverage"] == done[area] / planned
        assert row["minutes"] == there[area].sum()
        assert row["unplanned_minutes"] == (there[area] & ~due[area]).sum()
        assert row["longest_gap_h"] * 60 == pytest.approx(runs.max())


def test_positions_become_visits_and_nobody_is_named():
    import geopandas as gpd

    minutes = np.array([0, 5, 10, 40, 45, 0, 5])
    points = gpd.GeoSeries(AREAS.centroid.iloc[[0, 0, 0, 0, 0, 1, 1]].array, crs=AREAS.crs)
    positions = gpd.GeoDataFrame(
        {
            "collar": ["PC1"] * 5 + ["PC2"] * 2,
            "time": MONDAY + pd.to_timedelta(minutes, unit="min"),
        },
        geometry=points.array,
    )
    found = visits_from_positions(positions, AREAS, radio="collar")
    assert list(found.columns) == ["area_id", "from", "until"]
    assert found["area_id"].tolist() == ["a", "a", "b"]
    assert ((found["until"] - found["from"]).dt.seconds // 60).tolist() == [10, 5, 5]
    mixed = visits_from_positions(positions.sample(frac=1, random_state=1), AREAS, radio="collar")
    pd.testing.assert_frame_equal(found, mixed)
    assert not found.astype(str).apply(lambda column: column.str.contains("PC")).any().any()


def test_wrong_visits_are_refused(plan):
    backwards = visits(("a", 20, -5))
    with refused("visit-times", kind=hs.DataError):
        patrol_dosage(backwards, plan, WEEK)
    with refused("missing-column", kind=hs.DataError):
        patrol_dosage(backwards.drop(columns="until"), plan, WEEK)


def test_shifts_share_one_budget_and_are_chosen_on_their_own_incidents():
    town = hs.synthetic_town(incidents=6_000)
    police = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    asked = hs.select(police, hs.Question(within=town.district))
    shifts = {"day": "07-19", "night": "19-07"}
    found = hs.select_patrol_areas(asked, shifts=shifts, budget_hours=53, by="count", count=4)
    assert found.used_hours <= 53 < found.used_hours + 10.5
    assert found.areas["hours"].nunique() == len(found.shifts)
    for name, one in found.shifts.items():
        held = Hours.parse(shifts[name]).hold(one.members.rows["occurred_from"])
        assert held.all() and 0 < one.members.total <= asked.asked(hours=shifts[name]).total
    with refused("missing-argument"):
        hs.select_patrol_areas(asked, shifts=shifts)
    with refused("shifts-overlap"):
        hs.select_patrol_areas(asked, shifts={"a": "07-19", "b": "18-07"}, budget_hours=9)
    with refused("no-room"):
        hs.select_patrol_areas(asked, shifts=shifts, budget_hours=1, by="count", count=2)
