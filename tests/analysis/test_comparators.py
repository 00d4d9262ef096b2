"""Comparators are alike before the start, apart from the treated, and judge it by their kind."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from refusing import refused
from shapely.geometry import Point
from tables import BNG, ORIGIN, incidents_at, shuffled, zone

import hotspots as hs
from hotspots.core.errors import DataError

MONTHS = pd.period_range("2020-01", periods=36, freq="M").astype(str)
STARTED = "2022-01-01"


def city(seed=0, fall=1.0, side=24):
    """Places 200 m apart with unlike levels, alike in all else; two thirds as many at the first."""
    rng = np.random.default_rng(seed)
    places = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 200.0
    rate = rng.gamma(1.5, 0.8, len(places))
    near = np.hypot(*(places - places[side * 5 + 5]).T) < 250
    counts = rng.poisson(rate[:, None], (len(places), len(MONTHS)))
    late = np.array([month >= STARTED[:7] for month in MONTHS])
    thinned = rng.binomial(counts, fall)
    counts = np.where(near[:, None] & late, thinned, counts)
    which, month = np.nonzero(counts)
    repeat = counts[which, month]
    rows = incidents_at(
        [tuple(one) for one in np.repeat(places[which], repeat, axis=0)],
        month=np.repeat(np.array(MONTHS)[month], repeat).tolist(),
    )
    middle = Point(ORIGIN[0] + places[side * 5 + 5][0], ORIGIN[1] + places[side * 5 + 5][1])
    table = {"zone_name": ["Square"], "kind": ["pspo"]}
    return rows, gpd.GeoDataFrame(table, index=["Z"], geometry=[middle.buffer(250)], crs=BNG)


def test_they_are_apart_and_about_as_busy_and_order_changes_nothing():
    rows, zones = city()
    found = hs.find_comparators(zones, rows, started=STARTED, min_separation_m=300)
    assert len(found.zones) == 10 and found.zones["unlike"].is_monotonic_increasing
    assert (found.zones.distance(zones.geometry.iloc[0]) > 300).all()
    level = found.balance.loc["level"]
    assert 0.7 < level["comparators"] / level["treated"] < 1.4
    assert found.balance.loc["level", "unlike"] < 0.7
    again = hs.find_comparators(zones, shuffled(rows), started=STARTED, min_separation_m=300)
    assert again.zones.geometry.geom_equals_exact(found.zones.geometry, 1e-6).all()
    assert (again.ratio, again.as_extreme) == (found.ratio, found.as_extreme)


def test_what_comes_after_the_start_chooses_nobody():
    (rows, zones), (fallen, _) = city(), city(fall=0.3)
    plain, other = (hs.find_comparators(zones, one, started=STARTED) for one in (rows, fallen))
    assert plain.zones["unlike"].tolist() == other.zones["unlike"].tolist()
    assert plain.balance.equals(other.balance)


def test_a_planted_fall_is_beyond_chance_and_no_fall_is_not():
    rows, zones = city(fall=0.4)
    fallen = hs.find_comparators(zones, rows, started=STARTED)
    assert fallen.beyond_chance and fallen.ratio < 0.6 and fallen.places >= 40
    quiet = [
        hs.find_comparators(*reversed(city(seed)), started=STARTED).beyond_chance
        for seed in range(3)
    ]
    assert sum(map(bool, quiet)) <= 1


def test_the_months_feed_a_controlled_interrupted_series():
    rows, zones = city(fall=0.4)
    months = hs.find_comparators(zones, rows, started=STARTED).months
    broken = hs.evaluation.interrupted_time_series(
        months["treated"], control=months["comparators"], started=STARTED, slope_change=False
    )
    assert broken.high < 1 and broken.controlled
    inside = rows.within(zones.geometry.iloc[0])
    assert months["treated"].sum() == inside.sum()


def test_given_candidates_near_the_treated_are_left_out_and_too_few_are_refused():
    rows, zones = city()
    squares = pd.concat(
        [
            zone(f"{x}-{y}", (800 * x, 800 * y, 800 * x + 800, 800 * y + 800), kind="ward")
            for x in range(6)
            for y in range(6)
        ],
        ignore_index=True,
    )
    found = hs.find_comparators(zones, rows, started=STARTED, candidates=squares, count=3)
    assert found.beyond_chance is None and 0 < found.places < 40
    assert not found.zones.intersects(zones.geometry.iloc[0].buffer(249)).any()
    assert found.to_dict()["comparators"] == found.zones["zone_name"].tolist()
    with refused("too-few-comparators"):
        hs.find_comparators(zones, rows, started=STARTED, candidates=squares, count=99)
    with refused("too-few-periods"):
        hs.find_comparators(zones, rows, started="2020-06-01", months=3, before="2020-03/2020-05")
    assert hs.compare_change(
        zones, rows, started=STARTED, comparator=found.zones
    ).ratio.ratio == pytest.approx(found.ratio, rel=0.3)


def test_a_month_without_anything_is_refused_unless_it_is_said_to_be_real():
    rows, zones = city()
    quiet = rows[rows["occurred_from"].dt.strftime("%Y-%m") != "2021-05"]
    with refused("empty-months", "2021-05", kind=DataError):
        hs.find_comparators(zones, quiet, started=STARTED)
    found = hs.find_comparators(zones, quiet, started=STARTED, allow_empty_months=True)
    assert len(found.zones) == 10 and found.months.loc["2021-05"].sum() == 0


def by_day(rows, until=None):
    """The same incidents on days of their months, up to a moment."""
    start = rows["occurred_from"]
    day = np.arange(len(rows)) % start.dt.days_in_month
    start = start + pd.to_timedelta(24 * day + 6, unit="h")
    days = rows.assign(occurred_from=start, occurred_until=start, time_precision="day")
    return days if until is None else days[days["occurred_from"] < until]


def test_a_last_month_that_is_cut_short_is_left_out_and_told():
    rows, zones = city()
    cut = by_day(rows, "2022-12-09")
    found = hs.find_comparators(zones, cut, started=STARTED)
    assert found.windows.after.key == "2022-01/2022-11"
    assert found.windows.before.key == "2021-01/2021-11"
    assert found.months.index[-1] == "2022-11"
    assert [one.rule for one in found.windows.cautions] == ["month-cut-short"]
    whole = hs.find_comparators(zones, by_day(rows), started=STARTED)
    assert whole.windows.after.key == "2022-01/2022-12" and not whole.windows.cautions
    with refused("silent-source", kind=DataError):
        hs.find_comparators(zones, cut, started=STARTED, after="2022-01/2022-12")
    series = hs.evaluation.like_series(zones, cut, started=STARTED)
    assert series.index[-1] == "2022-11"
    assert hs.evaluation.like_series(zones, by_day(rows), started=STARTED).index[-1] == "2022-12"


def test_a_plan_leaves_out_a_last_month_that_is_cut_short():
    rows, zones = city()
    cut = by_day(rows, "2022-12-09")
    plan, other = (
        hs.evaluation.plan_change(zones, one, months=[3, 12], fall=90)
        for one in (cut, by_day(rows, "2022-12-01"))
    )
    counts = ["count", "comparator_count"]
    assert plan.table[counts].equals(other.table[counts])
    assert [one.rule for one in plan.cautions] == ["month-cut-short"] and not other.cautions
    assert plan.visible == pd.Timestamp("2024-01-01", tz="Europe/London")
    assert other.visible == pd.Timestamp("2023-12-01", tz="Europe/London")
