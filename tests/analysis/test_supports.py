"""One place on several supports: totals are the same, shares are those of counting by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from chain import in_cells
from programme_samples import lanes, on_lanes
from shapely.geometry import box
from tables import BNG, ORIGIN, incidents_at, shuffled, zone

import hotspots as hs
from hotspots.core.record import RunRecord

TOWN = zone("Town", (-100, -100, 900, 900))


def both(grid=None, incidents=None, **options):
    rows = on_lanes().everything if incidents is None else incidents
    asked = in_cells(rows, grid or hs.SquareGrid(500), within=TOWN)
    streets = hs.StreetSegments(lanes(), reach_m=30)
    return hs.streets.compare_supports(hs.aggregate_to_cells(asked), asked, streets, **options)


def test_every_support_holds_the_same_total_and_streets_of_an_area_add_up_to_it():
    found = both()
    assert (found.total, found.in_areas, found.on_streets) == (40, 40, 34)
    assert found.table["on_street"].sum() == found.on_streets
    by_area = found.streets.groupby("area_id")["incident_count"].sum()
    assert by_area.to_dict() == found.table["on_street"][lambda on: on > 0].to_dict()
    for grid in (hs.H3Grid(9), hs.HexGrid(350), hs.PolygonCells(TOWN)):
        assert (both(grid).in_areas, both(grid).on_streets) == (40, 34)


def test_streets_of_map_points_are_marked_indicative():
    exact, snapped = both(), both(incidents=on_lanes("snapped").everything)
    assert (exact.indicative, snapped.indicative) == (False, True)
    mixed = on_lanes().everything
    mixed["location_precision"] = np.where(np.arange(len(mixed)) == 3, "snapped", "exact")
    assert both(incidents=mixed).indicative
    record = RunRecord("Test", "TEST")
    asked = in_cells(mixed, hs.StreetSegments(lanes(), reach_m=30), within=TOWN)
    hs.aggregate_to_cells(asked, record=record)
    assert "segments-indicative" in [caveat.rule for caveat in record.caveats]


def test_an_area_is_the_fewest_streets_that_hold_the_share():
    points = [(50, 2)] * 8 + [(98, 150)] + [(303, 150)]
    found = both(hs.PolygonCells(TOWN), incidents_at(points))
    row = found.table.iloc[0]
    assert (row["streets"], row["leading_street"], row["leading_share"]) == (1, "Mill Lane", 0.8)
    assert (row["leading_length_m"], row["segment_count"], row["segment_rank"]) == (100, 8, 1)
    assert (
        both(hs.PolygonCells(TOWN), incidents_at(points), share=0.9).table["streets"].iloc[0] == 2
    )


def test_the_order_of_rows_changes_nothing():
    one, other = both(), both(incidents=shuffled(on_lanes().everything))
    assert one.to_dict() == other.to_dict()


def test_two_maps_share_what_counting_by_hand_finds():
    maps = [zone("One", (0, -50, 200, 50)), zone("Other", (150, -50, 400, 50))]
    found = hs.evaluation.map_agreement(*maps, on_lanes())
    x, y = (np.array([shape.coords[0] for shape in on_lanes().rows.geometry]) - ORIGIN).T
    mine, its = (x <= 200) & (abs(y) <= 50), (x >= 150) & (x <= 400) & (abs(y) <= 50)
    assert (found.incidents, found.other_incidents) == (mine.sum(), its.sum())
    assert found.shared_incidents == (mine & its).sum()
    assert found.similarity == (mine & its).sum() / (mine | its).sum()
    assert found.ground_similarity == pytest.approx(50 / 400)
    back = hs.evaluation.map_agreement(*maps[::-1], on_lanes())
    assert (back.share, back.other_share) == (found.other_share, found.share)


def test_a_map_is_like_itself_and_unlike_one_elsewhere():
    here, there = zone("A", (0, -50, 200, 50)), zone("B", (500, 500, 600, 600))
    same = hs.evaluation.map_agreement(here, here, on_lanes())
    assert (same.share, same.similarity, same.ground_similarity) == (1, 1, 1)
    apart = hs.evaluation.map_agreement(here, there, on_lanes())
    assert apart.similarity == 0 and np.isnan(apart.other_share)


def test_a_wide_map_is_surely_like_itself_and_of_few_squares_nothing_is_sure():
    for squares in (19, 20):
        here = zone("A", (0, 0, 400 * squares, 100))
        rows = incidents_at([(400.0 * at + 50, 50) for at in range(squares)] * 3)
        same = hs.evaluation.map_agreement(here, here, rows, draws=99)
        assert [same.share_low, same.similarity_high] == pytest.approx(
            [1 if squares == 20 else np.nan] * 2, nan_ok=True
        )


def test_the_interval_holds_the_share_of_places_drawn_anew():
    """Places that lie in the other map with probability 0.6; three neighbours call about each."""
    rng = np.random.default_rng(5)
    held = []
    for _ in range(120):
        x = np.where(rng.random(80) < 0.6, rng.uniform(0, 4, 80), rng.uniform(4.1, 8, 80))
        spots = np.column_stack([x, rng.uniform(0, 4, 80)]) * 1_000
        rows = np.repeat(spots, 3, axis=0) + rng.uniform(0, 20, (240, 2)).round()
        maps = [zone("One", (0, 0, 8_050, 4_050)), zone("Other", (0, 0, 4_050, 4_050))]
        found = hs.evaluation.map_agreement(*maps, incidents_at(list(map(tuple, rows))), draws=199)
        held.append(found.share_low <= 0.6 <= found.share_high)
    assert 0.8 < np.mean(held) < 0.97


def test_cells_of_two_grids_share_all_their_ground():
    theirs = gpd.GeoDataFrame(
        {"kind": "theirs"}, index=["w", "e"], crs=BNG,
        geometry=[box(ORIGIN[0] + left, ORIGIN[1], ORIGIN[0] + left + 500, ORIGIN[1] + 1_000)
                  for left in (0, 500)],
    )  # fmt: skip
    within = zone("Town", (10, 10, 990, 990))
    table = hs.zones.grid_overlaps(hs.SquareGrid(250), hs.PolygonCells(theirs), within)
    inside = table.groupby("area_id")["share_of_area"].sum()
    np.testing.assert_allclose(inside, 1.0)
    back = hs.zones.grid_overlaps(hs.PolygonCells(theirs), hs.SquareGrid(250), within)
    flipped = back.rename_axis(["other_id", "area_id"]).swaplevel().sort_index()
    np.testing.assert_allclose(table["share_of_other"], flipped["share_of_area"])
