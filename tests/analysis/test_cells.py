"""Cells: totals are conserved, the edge is kept, zeros are there."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import cells_of, in_cells
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import ORIGIN, assert_contract, incidents_at, shuffled, zone

from hotspots.core.grids import H3Grid
from hotspots.core.record import RunRecord
from hotspots.core.tables import AREAS

CITY = zone("City", (-1500, -1500, 1500, 1500))
GRID = H3Grid(9)


def scattered(size=400, seed=1):
    rng = np.random.default_rng(seed)
    weights = rng.choice([1.8, 799.6, 266.8], size)
    return incidents_at(
        [tuple(p) for p in rng.uniform(-2000, 2000, (size, 2)).round(1)],
        harm=weights,
        harm_low=weights * 0.5,
        harm_high=weights * 2,
        harm_scale="a scale",
    )


def test_no_incident_inside_the_study_area_is_lost_to_the_grid():
    incidents, record = scattered(), RunRecord("test", marking="TEST")
    cells = cells_of(incidents, GRID, within=CITY, record=record)
    x, y = incidents.geometry.x - ORIGIN[0], incidents.geometry.y - ORIGIN[1]
    inside = (x.abs() <= 1500) & (y.abs() <= 1500)
    assert cells["incident_count"].sum() == inside.sum() > 0
    assert cells["harm"].sum() == pytest.approx(incidents["harm"][inside].sum())
    assert record.accounts[0].outside == (~inside).sum()


def test_counts_equal_a_slow_count_point_by_point():
    incidents = scattered(150)
    cells = cells_of(incidents, GRID, within=CITY)
    outlines = gpd.GeoSeries(GRID.polygons(cells.index.to_numpy()), crs=incidents.crs)
    for position, (area_id, row) in enumerate(cells.iterrows()):
        near = incidents.geometry.within(outlines.iloc[position])
        x, y = incidents.geometry.x - ORIGIN[0], incidents.geometry.y - ORIGIN[1]
        expected = int((near & (x.abs() <= 1500) & (y.abs() <= 1500)).sum())
        assert row["incident_count"] == expected, area_id


def test_every_cell_that_touches_the_city_is_there_and_shares_add_up_to_its_area():
    cells = cells_of(incidents_at([]), GRID, within=CITY)
    assert (cells["incident_count"] == 0).all()
    covered = (cells.geometry.area * cells["share_inside"]).sum()
    assert covered == pytest.approx(3000 * 3000, rel=1e-6)
    assert cells["share_inside"].between(0, 1).all()
    assert cells.geometry.union_all().covers(CITY.geometry.iloc[0])


def test_cells_at_leeds_have_their_own_area_and_not_the_global_mean():
    cells = cells_of(incidents_at([]), GRID, within=CITY)
    assert cells["area_km2"].mean() == pytest.approx(0.0931, rel=0.001)


def test_one_kilometre_circle_has_the_known_number_of_cells():
    circle = gpd.GeoDataFrame(
        geometry=gpd.GeoSeries.from_xy([0.7077], [51.5406], crs=4326).to_crs(27700).buffer(1000)
    )
    assert len(cells_of(incidents_at([]), GRID, within=circle)) == 47


def test_row_order_labels_and_extra_columns_change_nothing():
    incidents = scattered()
    one = cells_of(incidents, GRID, within=CITY)
    other = cells_of(shuffled(incidents), GRID, within=CITY)
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), check_exact=True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_repeating_an_incident_adds_it_again(times):
    spots = [(200.0 * position, 0.0) for position in range(len(times))]
    repeated = [spot for spot, count in zip(spots, times, strict=True) for _ in range(count)]
    cells = cells_of(incidents_at(repeated), GRID, within=CITY)
    labels = in_cells(incidents_at(spots), GRID).area_ids
    expected = pd.Series(times, index=labels.to_numpy()).groupby(level=0).sum()
    assert cells.loc[expected.index, "incident_count"].to_dict() == expected.to_dict()


def test_harm_that_no_scale_knows_is_missing_and_not_zero():
    incidents = incidents_at([(0, 0), (0, 0)], harm=[np.nan, np.nan], harm_scale=None)
    cells = cells_of(incidents, GRID, within=CITY)
    busy = cells[cells["incident_count"] > 0].iloc[0]
    assert np.isnan(busy["harm"])
    assert busy["unweighted_count"] == 2


def test_known_and_unknown_harm_side_by_side():
    incidents = incidents_at([(0, 0), (0, 0), (0, 1)], harm=[np.nan, 10.0, 30.0], harm_scale="s")
    cell = cells_of(incidents, GRID, within=CITY).query("incident_count > 0").iloc[0]
    assert (cell["harm"], cell["unweighted_count"]) == (40, 1)
    assert cell["largest_event_share"] == 0.75
    assert (cell["unique_points"], cell["largest_point_share"]) == (2, pytest.approx(2 / 3))


def test_one_incident_is_all_of_its_cell():
    cell = cells_of(incidents_at([(0, 0)], harm=[799.6], harm_scale="s"), GRID, within=CITY).query(
        "incident_count > 0"
    )
    assert cell[["largest_event_share", "largest_point_share", "harm_share"]].iloc[0].tolist() == [
        1,
        1,
        1,
    ]


@pytest.mark.parametrize("points", [[], [None], [(90_000, 0)]])
def test_nothing_inside_gives_a_well_formed_table_of_zeros(points):
    incidents = incidents_at(points)
    cells = cells_of(incidents, GRID, within=CITY)
    assert_contract(cells, AREAS)
    assert (cells["incident_count"] == 0).all()
    assert cells["largest_point_share"].isna().all()


def test_unlocated_incidents_have_no_cell():
    chosen = in_cells(incidents_at([(0, 0), None]), GRID)
    assert chosen.everywhere().isna().tolist() == [False, True]
    assert chosen.area_ids.notna().tolist() == [True]


def test_the_input_is_left_as_it_was():
    incidents = scattered(50)
    before = incidents.copy(deep=True)
    cells_of(incidents, GRID, within=CITY)
    pd.testing.assert_frame_equal(pd.DataFrame(incidents), pd.DataFrame(before))


@pytest.mark.parametrize(("resolution", "indicative"), [(9, False), (11, True)])
def test_cells_finer_than_the_map_points_are_marked_indicative(resolution, indicative):
    rng = np.random.default_rng(3)
    points = [tuple(p) for p in rng.uniform(-1400, 1400, (600, 2)).round()]
    record = RunRecord("test", marking="TEST")
    cells_of(incidents_at(points * 2), H3Grid(resolution), within=CITY, record=record)
    told = [one.values for one in record.caveats if one.rule == "finer-than-map-points"]
    assert told == [{"grid": H3Grid(resolution).name}] * indicative


def test_exact_places_have_no_map_points_at_risk():
    exact = incidents_at([(0, 0), (5, 5)], location_precision="exact")
    assert "points_at_risk" not in cells_of(exact, GRID, within=CITY)
    snapped = cells_of(incidents_at([(0, 0), (0, 0), (5, 5)]), GRID, within=CITY)
    assert snapped["points_at_risk"].sum() == 2


def test_an_area_with_harm_of_unknown_range_has_no_range_and_its_neighbours_keep_theirs():
    whole = scattered(150)
    inside = whole.geometry.distance(CITY.geometry.iloc[0].centroid).idxmin()
    unknown = whole.assign(harm_low=whole["harm_low"].where(whole.index != inside))
    before, after = (cells_of(rows, GRID, within=CITY) for rows in (whole, unknown))
    lost = after["harm_low"].isna() & before["harm_low"].notna()
    assert lost.sum() == 1
    pd.testing.assert_series_equal(before["harm"], after["harm"])
    pd.testing.assert_series_equal(before.loc[~lost, "harm_low"], after.loc[~lost, "harm_low"])
