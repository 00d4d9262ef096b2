"""Verdicts by like places: laws of the yardstick, then how often it is wrong where all is known."""

import numpy as np
import pandas as pd
import pytest
import shapely
from tables import incidents_at, shuffled, zone

from hotspots.analysis.evaluation.change import compare_change, like_series
from hotspots.analysis.evaluation.comparison_groups import APART, NOT_TOUCHING, Ground, Laid
from hotspots.analysis.evaluation.placebo import _as_many
from hotspots.analysis.interrupted_time_series import interrupted_time_series
from hotspots.stats.yardstick import Yardstick, fit_yardstick

MONTHS = ("2023-03", "2023-04")
SIDE = 300


def city(seed: int, *, drift: float = 0.0, level: float = 30.0, size: int = 14):
    """Incidents of two months on a lattice; each block drifts by itself, nobody is treated."""
    rng = np.random.default_rng(seed)
    rates = np.full(size * size, level)
    grown = rates * np.exp(rng.normal(0, drift, len(rates)))
    points, months = [], []
    for month, mean in zip(MONTHS, (rates, grown), strict=True):
        for block, count in enumerate(rng.poisson(mean).tolist()):
            column, row = divmod(block, size)
            points += [(column * SIDE, row * SIDE)] * count
            months += [month] * count
    return incidents_at(points, month=months)


def block(column: int, row: int, name: str = "block"):
    x, y, half = column * SIDE, row * SIDE, SIDE / 2 - 10
    return zone(name, (x - half, y - half, x + half, y + half))


def test_a_yardstick_calls_as_many_of_its_own_places_as_it_says():
    rng = np.random.default_rng(1)
    variances = rng.uniform(0.05, 0.2, 2_000)
    logs = rng.normal(0, np.sqrt(variances + 0.1))
    found = fit_yardstick(logs, variances)
    assert found.drift == pytest.approx(0.1, abs=0.02)
    called = [found.limits(*one, 0.95)[2] <= 0.05 for one in zip(logs, variances, strict=True)]
    assert np.mean(called) == pytest.approx(0.05, abs=0.001)


def test_the_interval_leaves_out_no_change_exactly_where_the_count_of_places_does():
    rng = np.random.default_rng(2)
    found = fit_yardstick(rng.normal(0, 1, 120), np.full(120, 0.3))
    for log_ratio in rng.normal(0, 2, 200):
        low, high, p_value, _ = found.limits(log_ratio, 0.3, 0.95)
        assert (p_value <= 0.05) == (not low <= 0 <= high)


def test_twenty_places_cannot_say_one_in_fifty():
    few = fit_yardstick(np.linspace(-1, 1, 20), np.ones(20))
    assert few.quantile(0.98) == np.inf
    for none in (Yardstick(), fit_yardstick([], [])):
        assert none.limits(1.0, 0.5, 0.95) == (-np.inf, np.inf, 1.0, 1.0)


def test_places_that_moved_together_are_measured_from_their_middle():
    logs = -0.5 + np.linspace(-0.2, 0.2, 99)
    centred = fit_yardstick(logs, np.full(99, 0.01), centred=True)
    assert centred.middle == pytest.approx(-0.5)
    assert centred.as_extreme(-0.5, 0.01) == 99
    assert fit_yardstick(logs, np.full(99, 0.01)).as_extreme(0.0, 0.01) == 99


def test_the_smallest_change_is_the_one_seen_four_times_out_of_five():
    rng = np.random.default_rng(3)
    yardstick = fit_yardstick(rng.normal(0, 0.2, 5_000), np.full(5_000, 1e-6))
    fall, rise = yardstick.smallest((400, 400, 10_000, 10_000))
    assert rise > fall > 0
    for change in (-fall, rise):
        drifted = 400 * (1 + change) * np.exp(rng.normal(0, yardstick.drift**0.5, 1_000))
        before, after = rng.poisson(400, 1_000), rng.poisson(drifted)
        seen = [
            yardstick.limits(np.log(a / b), 1 / a + 1 / b + 2e-4, 0.95)[2] <= 0.05
            for a, b in zip(after, before, strict=True)
        ]
        assert np.mean(seen) == pytest.approx(0.8, abs=0.06)


def test_a_copy_of_an_outline_holds_what_the_moved_outline_holds():
    rng = np.random.default_rng(4)
    places = rng.uniform(0, 1_000, (300, 2))
    outline = shapely.Polygon([(0, 0), (200, 0), (200, 60), (60, 60), (60, 200), (0, 200)])
    laid = Laid(outline, places, np.ones(300), rng)
    middle = np.array([outline.centroid.x, outline.centroid.y])
    values = rng.integers(0, 9, 300).astype(float)
    for copy in range(0, len(laid.centres), 97):
        moved = shapely.transform(outline, lambda xy, at=copy: xy - middle + laid.centres[at])
        inside = shapely.intersects_xy(moved, *places.T)
        assert laid.totals(values)[copy] == values[inside].sum()


def test_like_places_lie_apart_from_the_treated_and_from_each_other_and_are_alike():
    rng = np.random.default_rng(5)
    places = rng.uniform(0, 4_000, (3_000, 2))
    before, after = (rng.poisson(2, 3_000).astype(float) for _ in range(2))
    treated = shapely.Point(2_000, 2_000).buffer(200)
    barred = shapely.intersects_xy(treated, *places.T)
    ground = Ground(before, after, ~barred, barred)
    laid = Laid(treated, places, before + after, rng)
    pool = laid.alike(60.0, ground, treated)
    held = pool[0] + pool[1]
    assert pool.shape[1] >= 40
    assert ((held >= 15) & (held <= 240)).all()
    free = laid.totals(barred) == 0
    kept = laid.apart(free, np.zeros(len(free)), 120)
    pairs = laid.centres[kept]
    apart = np.hypot(*(pairs[:, None] - pairs).T) + 1e9 * np.eye(len(pairs))
    assert apart.min() >= APART * laid.radius_m
    assert shapely.distance(shapely.points(pairs), treated).min() > 0


def test_a_place_that_drifts_as_all_do_is_not_called_and_a_planted_fall_is():
    incidents = city(6, drift=0.3)
    quiet = compare_change(block(7, 7), incidents, started="2023-04-01")
    assert quiet.beyond_chance is False
    assert quiet.placebo.places >= 40
    assert quiet.placebo.drift == pytest.approx(0.3, abs=0.12)
    at_block = incidents.intersects(block(7, 7).geometry.iloc[0])
    late = incidents["occurred_from"] >= pd.Timestamp("2023-04-01", tz="Europe/London")
    gone = incidents[at_block & late].index[2:]
    fallen = compare_change(block(7, 7), incidents.drop(index=gone), started="2023-04-01")
    assert fallen.beyond_chance is True
    assert fallen.ratio.high < 1


def test_about_one_untouched_place_in_twenty_is_called_although_places_drift():
    incidents = city(7, drift=0.4)
    called = [
        compare_change(block(column, row), incidents, started="2023-04-01").beyond_chance
        for column in range(1, 13, 4)
        for row in range(1, 13, 3)
    ]
    assert None not in called
    assert sum(called) <= 3


def test_a_place_chosen_for_being_high_is_judged_by_places_as_high():
    """All blocks are alike: the highest falls back, as do those that were nearly as high."""
    incidents = city(8, level=20.0)
    early = incidents["occurred_from"] < pd.Timestamp("2023-04-01", tz="Europe/London")
    at = incidents[early].groupby(incidents[early].geometry.to_wkt()).size()
    high = at[at == at.quantile(0.9, interpolation="nearest")].index[0]
    point = shapely.from_wkt(high)
    outline = point.buffer(SIDE / 2 - 10)
    chosen = zone("high", (0, 0, 1, 1)).set_geometry([outline], crs=incidents.crs)
    chosen = chosen.assign(
        rank=1, ranked_by="count",
        period_from=pd.Timestamp("2023-03-01", tz="Europe/London"),
        period_until=pd.Timestamp("2023-04-01", tz="Europe/London"),
    )  # fmt: skip
    found = compare_change(chosen, incidents, started="2023-04-01")
    assert found.placebo.as_high
    assert found.placebo.middle < 0.95
    assert found.beyond_chance in (False, None)


def test_with_few_like_places_there_are_numbers_and_no_verdict():
    few = compare_change(block(1, 1), city(9, size=5), started="2023-04-01")
    assert few.beyond_chance is None
    assert 0 < few.placebo.places < 40
    assert few.ratio.low < few.ratio.ratio < few.ratio.high
    assert few.to_dict()["beyond_chance"] is None


def test_several_zones_are_judged_by_sets_and_touching_ones_move_as_one():
    incidents = city(10, drift=0.3)
    apart = pd.concat([block(2, 2, "a"), block(10, 4, "b"), block(6, 11, "c")])
    found = compare_change(apart, incidents, started="2023-04-01")
    assert (found.placebo.zones, found.placebo.places) == (3, 199)
    single = compare_change(apart[:1], incidents, started="2023-04-01")
    assert found.placebo.drift < single.placebo.drift
    wide = block(3, 2, "d")
    wide.geometry = wide.buffer(SIDE)
    together = compare_change(pd.concat([block(2, 2, "a"), wide]), incidents, started="2023-04-01")
    assert together.placebo.zones == 1


def test_earlier_years_help_where_this_year_has_few_like_places():
    years = []
    for year in range(4):
        one = city(20 + year, size=6)
        shift = pd.DateOffset(years=year)
        one["occurred_from"] -= shift
        one["occurred_until"] -= shift
        one.index = [f"{year}-{label}" for label in one.index]
        years.append(one)
    options = {"started": "2023-04-01", "before": "2023-03", "after": "2023-04"}
    alone = compare_change(block(2, 2), years[0], **options)
    found = compare_change(block(2, 2), pd.concat(years), **options)
    assert alone.beyond_chance is None
    assert found.placebo.places > alone.placebo.places
    assert found.placebo.earlier > 0.3
    assert found.beyond_chance is False


def test_the_order_of_the_rows_changes_no_like_place():
    incidents = city(11, drift=0.2)
    one = compare_change(block(4, 4), incidents, started="2023-04-01")
    other = compare_change(block(4, 4), shuffled(incidents), started="2023-04-01")
    assert one.placebo == other.placebo


def test_a_series_and_those_of_like_places_hold_every_incident_once():
    incidents = city(12, size=10)
    table = like_series(block(4, 4), incidents, started="2023-04-01")
    assert table.index.tolist() == list(MONTHS)
    whole = incidents["occurred_from"].dt.strftime("%Y-%m").value_counts().sort_index()
    assert (table["treated"] + table["rest"]).tolist() == whole.tolist()
    assert table.shape[1] - 2 >= 40
    assert table.equals(like_series(block(4, 4), shuffled(incidents), started="2023-04-01"))
    few = like_series(block(1, 1), city(9, size=5), started="2023-04-01")
    assert 0 < few.shape[1] - 2 < 40


def test_a_set_is_made_up_as_the_treated_are_where_one_zone_holds_most():
    incidents = city(12, size=14)
    busy, quiet = block(2, 2, "busy"), block(10, 4, "quiet")
    most = incidents[incidents.intersects(busy.geometry.iloc[0])]
    more = pd.concat([incidents, most, most], ignore_index=True)
    table = like_series(pd.concat([busy, quiet]), more, started="2023-04-01")
    held = table.iloc[:, 2:].sum()
    assert len(held) == 199
    assert held.mean() == pytest.approx(table["treated"].sum(), rel=0.02)


def test_incidents_that_stand_for_several_keep_their_months():
    counts = np.random.default_rng(18).poisson(20, (24, 500)).astype(float)
    held = _as_many(800.0, counts, np.random.default_rng(19))
    assert held.sum(axis=0).mean() == pytest.approx(800, rel=0.01)
    assert (held[counts == 0] == 0).all()
    shares = counts.mean(axis=1) / counts.mean(axis=1).sum()
    assert held.mean(axis=1) / held.mean(axis=1).sum() == pytest.approx(shares, rel=0.02)
    level = float(counts[:, 0].sum())
    assert (_as_many(level, counts[:, :1], np.random.default_rng(20)) == counts[:, :1]).all()


def test_places_of_a_series_share_no_ground():
    rng = np.random.default_rng(15)
    places = rng.uniform(0, 3_000, (400, 2))
    one = np.ones(len(places))
    laid = Laid(block(0, 0).geometry.iloc[0], places - places.mean(axis=0), one, rng)
    ground = Ground(one, one, one.astype(bool), np.zeros(len(places), dtype=bool))
    for radii, strict in ((APART, False), (NOT_TOUCHING, True)):
        kept = laid.centres[laid.kept(5.0, ground, shapely.Polygon(), strict=strict)]
        gaps = np.hypot(*(kept[:, None] - kept[None]).T)
        assert gaps[~np.eye(len(kept), dtype=bool)].min() >= radii * laid.radius_m


def test_places_of_a_series_are_never_hardly_alike():
    rng = np.random.default_rng(17)
    side = np.arange(12) * 1_000.0
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    one = np.ones(len(places))
    laid = Laid(block(0, 0).geometry.iloc[0], places, one, rng)
    ground = Ground(one, one, one.astype(bool), np.zeros(len(places), dtype=bool))
    kept = {
        (level, strict): len(laid.kept(level, ground, shapely.Polygon(), strict=strict))
        for level in (6.0, 12.0)
        for strict in (False, True)
    }
    assert kept[6.0, True] == kept[6.0, False] > 40
    assert kept[12.0, True] == 0 and kept[12.0, False] == 40


def test_each_like_place_is_followed_without_its_own_incidents_in_the_control():
    months = pd.period_range("2021-01", periods=36, freq="M").astype(str)
    like = pd.DataFrame(np.random.default_rng(16).poisson(20, (36, 60)), index=months)
    like["most"] = np.r_[np.full(18, 600), np.full(18, 300)]
    asked = {"started": "2022-07-01", "seasonal": False, "slope_change": False, "like": like}
    found = {
        (beside, inside): interrupted_time_series(
            like[0], control=like["most"] + beside, like_in_control=inside, **asked
        )
        for beside in (0, 100)
        for inside in (True, False)
    }
    assert {one: each.places for one, each in found.items()} == {
        (0, True): 60, (0, False): 61, (100, True): 61, (100, False): 61,
    }, "nothing is left to follow a place that is all of the control"  # fmt: skip
    assert found[100, True].ratio == found[100, False].ratio
    assert found[100, True].high > found[100, False].high, "its fall is no longer in both"


def test_a_placebo_unpacks_as_places_and_as_extreme():
    found = compare_change(block(4, 4), city(11, drift=0.2), started="2023-04-01").placebo
    places, as_extreme = found
    assert (places, as_extreme) == (found.places, found.as_extreme)


def drifting_series(rng, places, sd=0.4):
    """36 months of untouched places whose level moves once, in the middle, by chance."""
    months = pd.period_range("2021-01", periods=36, freq="M").astype(str)
    moved = np.exp(rng.normal(0, sd, places) * (np.arange(36)[:, None] >= 18))
    return pd.DataFrame(rng.poisson(20 * moved), index=months)


def test_a_series_is_judged_by_how_like_series_break_and_not_by_its_own_months():
    rng = np.random.default_rng(13)
    asked = {"started": "2022-07-01", "seasonal": False, "slope_change": False}
    like, own = drifting_series(rng, 100), drifting_series(rng, 60)
    judged = [interrupted_time_series(own[one], like=like, **asked) for one in own]
    alone = [interrupted_time_series(own[one], **asked) for one in own]
    assert {one.beyond_chance for one in alone} == {None}
    assert sum(not one.low <= 1 <= one.high for one in alone) > 15
    assert sum(bool(one.beyond_chance) for one in judged) <= 7
    for one in judged:
        assert one.beyond_chance == (not one.low <= 1 <= one.high)
        assert one.places == 100
    few = interrupted_time_series(own[0], like=like.iloc[:, :39], **asked)
    assert (few.beyond_chance, few.places, few.low) == (None, 39, alone[0].low)
