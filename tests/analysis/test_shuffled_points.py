"""The third null of flags: laws of its tails, then maps where nothing is and where something is."""

import itertools

import geopandas as gpd
import numpy as np
import pytest
from chain import in_cells
from refusing import refused
from scipy.stats import binom
from tables import ORIGIN, incidents_at, shuffled, zone

from hotspots.analysis.cells import aggregate_to_cells
from hotspots.analysis.significance.flags import flag_hotspots
from hotspots.core.grids import PolygonCells, SquareGrid
from hotspots.stats.shuffled_points import place_risk_tails, rooted, shuffled_point_tails

GRID, SIDE, CELLS = SquareGrid(200), 200, 14
CITY = zone("City", (0, 0, SIDE * CELLS, SIDE * CELLS))


def test_the_tails_are_those_of_every_way_to_draw_the_points():
    values = np.array([0, 1, 1, 4])
    for size in (1, 2, 3):
        totals = np.array([sum(one) for one in itertools.product(values, repeat=size)])
        sums = np.arange(totals.max() + 1)
        tails = shuffled_point_tails(values, sums, np.full(len(sums), size))
        assert tails.high == pytest.approx([np.mean(totals >= one) for one in sums])
        assert tails.low == pytest.approx([np.mean(totals <= one) for one in sums])


def test_where_every_point_holds_something_the_tails_are_still_those_of_every_way():
    values = np.array([3, 3, 5])
    sums, sizes = np.arange(21), np.full(21, 4)
    totals = np.array([sum(one) for one in itertools.product(values, repeat=4)])
    tails = shuffled_point_tails(values, sums, sizes)
    assert tails.high == pytest.approx([np.mean(totals >= one) or 0 for one in sums], abs=1e-12)
    assert tails.low == pytest.approx([np.mean(totals <= one) for one in sums], abs=1e-12)


def test_a_neighbourhood_without_points_is_never_unusual_and_many_points_are_no_trouble():
    rng = np.random.default_rng(1)
    values = rooted(rng.poisson(rng.gamma(0.3, 20, 3_000)))
    sizes = np.array([0, 1, 7, 450])
    sums = np.array([0, values.max(), 40, int(450 * values.mean())])
    tails = shuffled_point_tails(values, sums, sizes)
    assert (tails.high[0], tails.low[0]) == (1, 1)
    assert tails.high[3] == pytest.approx(0.5, abs=0.05)
    assert shuffled_point_tails(values[:0], sums, sizes).high.tolist() == [1] * 4


def test_places_that_all_hold_the_same_fall_as_single_incidents_do():
    sums, shares = np.array([0, 8, 40, 160]), np.array([0.0, 0.01, 0.02, 0.1])
    tails = place_risk_tails(np.full(500, 8), sums, shares)
    assert tails.high == pytest.approx(binom.sf(sums // 8 - 1, 500, shares), abs=1e-12)
    assert tails.low == pytest.approx(binom.cdf(sums // 8, 500, shares), abs=1e-12)


def test_places_that_hold_unlike_numbers_fall_every_way_they_can():
    values, share = np.array([1, 1, 4]), 0.3
    chance = np.zeros(13)
    for drawn in itertools.product(values, repeat=3):
        for falls in itertools.product([0, 1], repeat=3):
            chance[np.dot(drawn, falls)] += np.prod(np.where(falls, share, 1 - share)) / 27
    tails = place_risk_tails(values, np.arange(13), np.full(13, share))
    assert tails.high == pytest.approx(chance[::-1].cumsum()[::-1], abs=1e-12)
    assert tails.low == pytest.approx(chance.cumsum(), abs=1e-12)


def town(seed: int, hot: float = 1.0):
    """Map points as unevenly over cells, and as unlike one another, as in a real town.

    The points of nine cells in the middle hold ``hot`` times as many incidents.
    """
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, CELLS, (500, 2))
    points = (corner + rng.uniform(0.1, 0.9, corner.shape)) * SIDE
    middle = (np.abs(corner - CELLS // 2) <= 1).all(axis=1)
    counts = rng.poisson(rng.gamma(0.5, 4, len(points)) * np.where(middle, hot, 1.0))
    theme = np.repeat(points, counts, axis=0)
    everything = [tuple(xy) for xy in np.concatenate([theme, points])]
    asb = [True] * len(theme) + [False] * len(points)
    return incidents_at(everything, theme_asb=asb)


def flagged(incidents, null="all", **options):
    chosen = in_cells(incidents, GRID, theme="asb", within=CITY)
    return flag_hotspots(aggregate_to_cells(chosen), chosen, null=null, **options)


def test_points_that_differ_among_themselves_make_no_hotspot():
    towns = [town(seed) for seed in range(6)]
    called = [flagged(one)["is_hotspot"].any() for one in towns]
    constant = [flagged(one, "constant-risk")["is_hotspot"].any() for one in towns[:3]]
    assert sum(called) <= 1
    assert all(constant)


def test_points_that_differ_make_no_hot_area_where_areas_know_what_is_at_risk():
    squares = GRID.cover(CITY.geometry.iloc[0])
    zones = gpd.GeoDataFrame({"people": 100.0}, index=squares, geometry=GRID.polygons(squares))
    beats = PolygonCells(zones.set_crs(27700), "beat", at_risk="people")
    called = {"place-risk": 0, "constant-risk": 0}
    for seed in range(6):
        chosen = in_cells(town(seed), beats, theme="asb", within=CITY)
        areas = aggregate_to_cells(chosen)
        for null in called:
            asked = None if null == "place-risk" else null
            found = flag_hotspots(areas, chosen, null=asked)
            assert set(found["null_model"]) == {null}
            called[null] += found["is_hotspot"].any()
    assert called["place-risk"] <= 1 and called["constant-risk"] == 6


def test_a_planted_neighbourhood_is_found_and_its_core_is_what_is_high_itself():
    found = flagged(town(30, hot=6.0))
    hot = found[found["is_hotspot"]]
    x, y = (
        (hot.geometry.centroid.x - ORIGIN[0]) / SIDE,
        (hot.geometry.centroid.y - ORIGIN[1]) / SIDE,
    )
    assert len(hot) >= 5
    assert (abs(x - CELLS / 2 - 0.5) <= 2.01).all() and (abs(y - CELLS / 2 - 0.5) <= 2.01).all()
    assert found["is_core"].any() and not (found["is_core"] & ~found["is_hotspot"]).any()
    assert (hot["incident_count"] >= 2).all()
    assert (hot["relative_risk"] >= 1.5).all()
    assert set(found["evidence"]) <= {"beyond-chance", "could-be-chance", "not-tested"}
    assert found.loc[hot.index, "evidence"].eq("beyond-chance").all()


def test_a_smallest_relative_risk_only_takes_flags_away():
    incidents = town(31, hot=4.0)
    anything, twice = (
        flagged(incidents, "constant-risk", min_relative_risk=one)["is_hotspot"] for one in (0, 2)
    )
    assert not (twice & ~anything).any() and twice.sum() < anything.sum()


def test_the_third_null_is_asked_wherever_the_selection_knows_its_map_points():
    chosen = in_cells(town(34, hot=3.0), GRID, theme="asb", within=CITY)
    cells = aggregate_to_cells(chosen)
    told = {
        "all": flag_hotspots(cells, chosen),
        "both": flag_hotspots(cells),
        "permutation": flag_hotspots(cells.drop(columns="points_at_risk")),
    }
    for null, found in told.items():
        assert set(found["null_model"]) == {null}
        assert {"is_core", "relative_risk", "evidence"} <= set(found.columns)
        assert not found.loc[found["incident_count"] < 2, "is_hotspot"].any()
    assert told["permutation"]["relative_risk"].isna().all()
    assert set(flag_hotspots(cells, chosen, correction="max-t")["null_model"]) == {"both"}


def test_row_order_changes_nothing_of_the_third_null():
    one, other = (flagged(rows) for rows in (town(32, 3.0), shuffled(town(32, 3.0))))
    assert one["q_value"].equals(other["q_value"])
    assert one["is_core"].equals(other["is_core"])


def test_it_must_know_what_each_map_point_holds():
    chosen = in_cells(town(33), GRID, theme="asb", within=CITY)
    cells = aggregate_to_cells(chosen)
    with refused("nothing-at-risk"):
        flag_hotspots(cells, null="all")
    with refused("unknown-choice", "max-t"):
        flag_hotspots(cells, chosen, null="all", correction="max-t")
    with refused("argument", of="min_relative_risk"):
        flag_hotspots(cells, chosen, min_relative_risk=-1)


@pytest.mark.parametrize(("places", "evidence"), [(1, "not-tested"), (60, "beyond-chance")])
def test_what_one_address_holds_is_not_tested_against_places_at_risk_and_many_addresses_are(
    places, evidence
):
    squares = GRID.cover(CITY.geometry.iloc[0])
    zones = gpd.GeoDataFrame({"people": 100.0}, index=squares, geometry=GRID.polygons(squares))
    beats = PolygonCells(zones.set_crs(27700), "beat", at_risk="people")
    middles = zones.centroid
    held = np.random.default_rng(0).poisson(3, len(zones))
    points = [(x, y) for x, y, n in zip(middles.x, middles.y, held, strict=True) for _ in range(n)]
    points += [(middles.x.iloc[120] + k % places, middles.y.iloc[120]) for k in range(300)]
    points = [(x - ORIGIN[0], y - ORIGIN[1]) for x, y in points]
    chosen = in_cells(incidents_at(points), beats, within=CITY)
    flagged = flag_hotspots(aggregate_to_cells(chosen), chosen, neighbours={})
    busiest = flagged.loc[flagged["incident_count"].idxmax()]
    assert (busiest["null_model"], busiest["evidence"]) == ("place-risk", evidence)
