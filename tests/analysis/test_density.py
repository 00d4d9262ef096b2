"""Density: laws of the surface, the slow obvious kernel, and the boundary."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from chain import asked
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from tables import BNG, ORIGIN, incidents_at, shuffled, zone

from hotspots.analysis.density import density_at, harm_density, kernel_density
from hotspots.core.grids import SquareGrid
from hotspots.core.record import RunRecord

TOWN = zone("Town", (0, 0, 2000, 1500))


def scattered(count: int, seed: int = 0, **columns: object) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    points = np.column_stack([rng.uniform(0, 2000, count), rng.uniform(0, 1500, count)])
    return incidents_at([tuple(point) for point in points.round(2)], **columns)


def over_town(incidents: gpd.GeoDataFrame, **choices: object) -> gpd.GeoDataFrame:
    """The surface of the incidents inside the town."""
    return kernel_density(asked(incidents, within=TOWN), **choices)


def total(surface: gpd.GeoDataFrame) -> float:
    return float((surface["density"] * surface["area_km2"] * surface["share_inside"]).sum())


def brute_force(surface, incidents, bandwidth_m, weights, *, corrected):
    """Every incident at the middle of every square, two loops, one kernel."""
    middles = shapely.get_coordinates(surface.geometry.centroid)
    ground = (surface["area_km2"] * surface["share_inside"]).to_numpy() * 1e6
    density = np.zeros(len(surface))
    for point, weight in zip(shapely.get_coordinates(incidents.geometry), weights, strict=True):
        kernel = np.zeros(len(surface))
        for row, middle in enumerate(middles):
            u = math.dist(point, middle) / bandwidth_m
            if u < 1:
                kernel[row] = 3 / (math.pi * bandwidth_m**2) * (1 - u**2) ** 2
        density += weight * kernel / ((kernel * ground).sum() if corrected else 1)
    return density * 1e6


# Laws


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 99),
    bandwidth_m=st.sampled_from([100.0, 237.0, 400.0]),
    cell_m=st.sampled_from([50.0, 80.0, 99.0]),
)
def test_the_surface_over_a_study_area_adds_up_to_the_incidents(seed, bandwidth_m, cell_m):
    odd = TOWN.copy()
    odd.geometry = odd.geometry.rotate(17)
    incidents = scattered(60, seed)
    surface = kernel_density(asked(incidents, within=odd), bandwidth_m=bandwidth_m, cell_m=cell_m)
    held = incidents.intersects(odd.geometry.iloc[0]).sum()
    assert total(surface) == pytest.approx(held, rel=1e-9)


@pytest.mark.parametrize("within", [TOWN, None])
def test_the_surface_equals_the_slow_obvious_kernel(within):
    incidents = scattered(25, 1, harm=np.random.default_rng(1).uniform(0, 9, 25))
    surface = kernel_density(
        asked(incidents, within=within), bandwidth_m=230, cell_m=60, weights="harm"
    )
    oracle = brute_force(surface, incidents, 230, incidents["harm"], corrected=within is not None)
    np.testing.assert_allclose(surface["density"], oracle, rtol=1e-10, atol=1e-9)


def test_the_middle_of_a_lonely_incident_has_the_height_of_the_kernel():
    surface = kernel_density(incidents_at([(25, 25)]), bandwidth_m=200, cell_m=50)
    assert surface["density"].max() == pytest.approx(3 / (math.pi * 0.2**2))


def test_a_weight_of_three_is_the_same_as_three_incidents():
    once = incidents_at([(500, 500), (900, 700)], harm=[3.0, 1.0])
    thrice = incidents_at([(500, 500)] * 3 + [(900, 700)])
    pd.testing.assert_frame_equal(
        over_town(once, weights="harm"),
        over_town(thrice),
    )


def test_row_order_labels_and_extra_columns_change_nothing_and_the_input_is_untouched():
    incidents = scattered(80, 2, harm=np.random.default_rng(2).uniform(0, 9, 80))
    before = incidents.copy()
    one = over_town(incidents, weights="harm")
    other = over_town(shuffled(incidents), weights="harm")
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    pd.testing.assert_frame_equal(incidents, before)


def test_two_surfaces_add_up_to_the_surface_of_both():
    one, two = scattered(30, 3), scattered(30, 4)
    both = gpd.GeoDataFrame(pd.concat([one, two.set_index("b" + two.index)]), crs=BNG)
    summed = sum(over_town(part)["density"] for part in (one, two))
    np.testing.assert_allclose(over_town(both)["density"], summed)


def test_an_even_town_has_an_even_surface_up_to_its_boundary():
    """The corner holds two thirds and the edge nine tenths; uncorrected a quarter and a half."""
    grid = [(x, y) for x in range(10, 2000, 20) for y in range(10, 1500, 20)]
    even = len(grid) / 3.0
    surface = over_town(incidents_at(grid), bandwidth_m=200, cell_m=50)
    middles = surface.geometry.centroid
    inner = middles.within(TOWN.geometry.iloc[0].buffer(-400))
    np.testing.assert_allclose(surface["density"][inner], even, rtol=0.01)
    edge = surface["density"][middles.y < ORIGIN[1] + 50]
    assert edge.median() > 0.8 * even and edge.min() > 0.6 * even
    uncorrected = kernel_density(incidents_at(grid), bandwidth_m=200, cell_m=50)
    assert uncorrected["density"][edge.index].median() < 0.65 * even


def test_incidents_outside_the_study_area_have_no_say():
    inside = incidents_at([(500, 500)])
    both = incidents_at([(500, 500), (-50, 500)])
    pd.testing.assert_frame_equal(over_town(inside), over_town(both))


def test_a_planted_hotspot_is_the_peak():
    rng = np.random.default_rng(6)
    planted = [tuple(point) for point in rng.normal((1300, 400), 60, (40, 2))]
    background = [tuple(point) for point in rng.uniform((0, 0), (2000, 1500), (100, 2))]
    surface = over_town(incidents_at(planted + background))
    peak = surface.loc[surface["density"].idxmax()].geometry.centroid
    assert math.dist((peak.x - ORIGIN[0], peak.y - ORIGIN[1]), (1300, 400)) < 75


def test_squares_have_the_names_of_the_square_grid():
    surface = over_town(incidents_at([(500, 500)]), cell_m=50)
    names = SquareGrid(50).cell_ids(np.array([ORIGIN[0] + 500.0]), np.array([ORIGIN[1] + 500.0]))
    assert names[0] in surface.index


def test_shares_inside_equal_the_cut_of_every_square():
    odd = TOWN.copy()
    odd.geometry = odd.geometry.rotate(23).difference(TOWN.geometry.iloc[0].centroid.buffer(120))
    surface = kernel_density(asked(incidents_at([(100, 700)]), within=odd), cell_m=50)
    cut = surface.geometry.intersection(odd.geometry.iloc[0]).area / 50**2
    np.testing.assert_allclose(surface["share_inside"], cut, atol=1e-9)
    covered = (surface["share_inside"] * surface["area_km2"]).sum()
    assert covered == pytest.approx(odd.geometry.area.sum() / 1e6, rel=1e-9)


# Areas that exist already


def test_density_at_areas_equals_the_surface_where_their_middles_meet():
    incidents = scattered(60, 7)
    surface = kernel_density(incidents, bandwidth_m=230, cell_m=60)
    at = density_at(surface, incidents, bandwidth_m=230)
    np.testing.assert_allclose(at, surface["density"], rtol=1e-10, atol=1e-9)
    assert at.index.equals(surface.index)


def test_harm_density_divides_by_the_ground_inside_the_study_area():
    areas = pd.DataFrame(
        {"harm": [10.0, 10.0, np.nan], "area_km2": [0.1] * 3, "share_inside": [1.0, 0.5, 1.0]},
        index=["a", "b", "c"],
    )
    density = harm_density(areas)
    assert density.name == "harm_density"
    assert density[["a", "b"]].tolist() == [100.0, 200.0] and math.isnan(density["c"])


# Edges


def test_no_incidents_give_a_flat_surface_and_no_study_area_gives_none():
    empty = incidents_at([(1, 1)])[:0]
    surface = over_town(empty)
    assert len(surface) == 40 * 30 and (surface["density"] == 0).all()
    nothing = kernel_density(empty)
    assert len(nothing) == 0 and list(nothing.columns) == list(surface.columns)
    assert nothing.crs == empty.crs
    assert density_at(TOWN, empty).tolist() == [0.0]


def test_missing_weights_count_as_nothing_and_only_missing_ones_give_missing_density():
    some = incidents_at([(500, 500), (900, 900)], harm=[2.0, np.nan])
    assert total(over_town(some, weights="harm")) == pytest.approx(2)
    none = incidents_at([(500, 500)], harm=[np.nan])
    assert over_town(none, weights="harm")["density"].isna().all()


def test_weights_go_with_the_rows_that_are_asked_about():
    harm = np.arange(20.0)
    incidents = scattered(20, 8, harm=harm, theme_asb=harm % 2 == 0)
    chosen = asked(incidents, theme="asb", within=TOWN)
    surface = kernel_density(chosen, weights="harm")
    assert total(surface) == pytest.approx(harm[::2].sum())


def test_themes_and_periods_choose_and_the_record_accounts_for_the_rest():
    incidents = scattered(20, 8, theme_asb=[True] * 12 + [False] * 8)
    record = RunRecord("Test", marking="TEST")
    surface = kernel_density(asked(incidents, within=TOWN, theme="asb"), record=record)
    assert total(surface) == pytest.approx(12)
    assert record.accounts[0].out_of_theme == 8
    assert record.choices["kernel_density"][0]["bandwidth_m"] == 200


@pytest.mark.parametrize(
    ("wrong", "of", "got"),
    [
        ({"bandwidth_m": 0}, "bandwidth_m", "got 0"),
        ({"cell_m": 300}, "bandwidth_m", "200 m and 300 m"),
        ({"weights": "harm"}, "weights", "'harm'"),
        ({"weights": "loss"}, "weights", "zero"),
        ({"cell_m": 0.01, "bandwidth_m": 50}, "cell_m", "30,000,000,000 "),
    ],
)
def test_sizes_and_weights_that_do_not_fit_are_refused(wrong, of, got):
    with refused("argument", got, of=of):
        over_town(incidents_at([(500, 500)]).assign(loss=-1.0), **wrong)
