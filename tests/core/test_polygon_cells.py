"""Any polygons, and any streets, are cells like those of a grid."""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from chain import cells_of, in_cells
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from scipy.stats import chi2
from shapely.geometry import LineString, box
from tables import ORIGIN, incidents_at, zone

import hotspots as hs
from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord

BRITISH = "EPSG:27700"
CITY = zone("City", (0, 0, 300, 200))
SQUARES = gpd.GeoDataFrame(
    {"zone_name": ["A", "B", "C", "D"], "kind": "beat", "people": [10, 20, 0, 40]},
    index=["a", "b", "c", "d"],
    geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100), box(0, 100, 200, 200),
              box(250, 0, 300, 100)],
    crs=BRITISH,
)  # fmt: skip
ROADS = gpd.GeoDataFrame(
    {"street_name": ["Mill Lane", "Mill Lane", "High Street", None]},
    index=["m1", "m2", "h1", "x1"],
    geometry=[
        LineString([(0, 50), (100, 50)]),
        LineString([(100, 50), (200, 50)]),
        LineString([(100, 50), (100, 150)]),
        LineString([(150, 0), (150, 200)]),  # a bridge over Mill Lane
    ],
    crs=BRITISH,
)


SQUARES, ROADS = (
    table.set_geometry(table.geometry.translate(*ORIGIN)) for table in (SQUARES, ROADS)
)


def at(grid, *points):
    x, y = (np.array(points, dtype=float) + ORIGIN).T
    return grid.cell_ids(x, y).tolist()


def table_of(grid, ids):
    matrix = grid.neighbours(np.array(ids, dtype=object)).toarray()
    return {ids[i]: {ids[j] for j in np.flatnonzero(row)} for i, row in enumerate(matrix)}


def test_a_point_is_in_the_polygon_that_holds_it_a_border_in_the_first_by_name():
    grid = hs.PolygonCells(SQUARES.iloc[::-1])
    assert at(grid, (50, 50), (100, 50), (100, 100), (220, 50), (300, 100)) == [
        "a", "a", "a", None, "d",
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-20, 320), st.integers(-20, 220)), min_size=1, max_size=30))
def test_cells_are_those_shapely_finds_one_by_one(points):
    slow = [
        next((name for name, outline in SQUARES.geometry.items()
              if outline.intersects(shapely.Point(np.add(point, ORIGIN)))), None)
        for point in points
    ]  # fmt: skip
    assert at(hs.PolygonCells(SQUARES), *points) == slow


def test_neighbours_share_a_border_and_rings_go_on_from_there():
    grid = hs.PolygonCells(SQUARES)
    assert table_of(grid, ["a", "b", "c", "d"]) == {
        "a": {"b", "c"}, "b": {"a", "c"}, "c": {"a", "b"}, "d": set(),
    }  # fmt: skip
    row = SQUARES.iloc[:3].set_geometry(
        [box(90 * i, 0, 90 * i + 90, 9) for i in range(3)], crs=BRITISH
    )
    line = hs.PolygonCells(row)
    assert line.neighbours(np.array(["a", "b", "c"])).sum() == 4
    assert line.neighbours(np.array(["a", "b", "c"]), rings=2).sum() == 6


def test_incidents_in_no_cell_are_accounted_for_and_rates_have_their_denominator():
    incidents = incidents_at([(50, 50)] * 4 + [(150, 50), (225, 50), (50, 150)])
    grid, record = hs.PolygonCells(SQUARES, at_risk="people"), RunRecord("Test", "TEST")
    cells = cells_of(incidents, grid, within=CITY, record=record)
    assert cells["incident_count"].to_dict() == {"a": 4, "b": 1, "c": 1, "d": 0}
    assert (record.accounts[-1].in_areas, record.accounts[-1].noise) == (6, 1)
    assert cells["rate"].fillna(-1).tolist() == [0.4, 0.05, -1.0, 0.0]
    assert cells["place_name"].tolist() == ["A", "B", "C", "D"]
    assert set(cells["kind"]) == {"beat"}


def test_unlike_cells_are_ranked_by_rate_and_one_without_anybody_has_no_rank():
    incidents = incidents_at([(50, 50)] * 4 + [(150, 50)] * 6 + [(50, 150)] * 9 + [(260, 50)] * 2)
    grid = hs.PolygonCells(SQUARES, at_risk="people")
    asked = in_cells(incidents, grid, within=CITY)
    ranked = hs.rank_areas(hs.aggregate_to_cells(asked), asked, by="rate", draws=200)
    assert ranked["rank"].dropna().to_dict() == {"a": 1, "b": 2, "d": 3}
    assert ranked["rank"].isna()["c"] and ranked.loc["c", "rank_low"] == 4
    doubled = hs.PolygonCells(SQUARES.assign(people=2 * SQUARES["people"]), at_risk="people")
    again = in_cells(incidents, doubled, within=CITY)
    twice = hs.rank_areas(hs.aggregate_to_cells(again), again, by="rate", draws=200)
    assert twice[["rank_low", "rank_high"]].equals(ranked[["rank_low", "rank_high"]])


def test_a_rate_has_an_interval_that_repeated_incidents_widen_and_one_incident_is_no_rate():
    apart = [(x, 50) for x in (10, 30, 50, 70)]
    incidents = incidents_at([*apart, *[(150, 50)] * 8, (50, 150), (260, 50)])
    grid = hs.PolygonCells(SQUARES.assign(people=10), at_risk="people")
    asked = in_cells(incidents, grid, within=CITY)
    ranked = hs.rank_areas(hs.aggregate_to_cells(asked), asked, by="rate", draws=20)
    assert set(ranked["rate_per"]) == {"people"}
    exact = [chi2.ppf(0.05, 8) / 2 / 10, chi2.ppf(0.95, 10) / 2 / 10]
    assert ranked.loc["a", ["rate_low", "rate_high"]].tolist() == pytest.approx(exact)
    wide = ranked.loc["b", "rate_high"] - ranked.loc["b", "rate_low"]
    assert ranked.loc["b", "rate"] == 0.8 and wide > 1.5  # one place in one month, eight times
    assert ranked["rank"].dropna().to_dict() == {"b": 1, "a": 2}
    dense = hs.rank_areas(hs.aggregate_to_cells(asked), asked, by="density", draws=20)
    assert set(dense["rate_per"]) == {"km2"}
    assert dense.loc["a", "rate"] == pytest.approx(4 / dense.loc["a", "area_km2"])


def test_a_rate_knows_of_neighbours_who_call_about_one_trouble():
    draw = np.random.default_rng(8)
    whole = zone("Town", (0, 0, 1_000, 1_000))
    spots = draw.integers(0, 99, (400, 2)) * 10.0
    months = draw.choice([f"2024-{month:02d}" for month in range(1, 13)], 400).repeat(3)
    width, nothing = {}, {}
    for name, step in {"one door": 0.0, "neighbours": 1.0, "alone": 1.0}.items():
        points = [(x + step * at, y) for x, y in spots for at in range(3)]
        dates = draw.permutation(months) if name == "alone" else months
        asked = in_cells(
            incidents_at(points, month=dates.tolist(), location_precision="exact"),
            hs.SquareGrid(100), within=whole,
        )  # fmt: skip
        ranked = hs.rank_areas(hs.aggregate_to_cells(asked), asked, by="density", draws=2)
        held = ranked[ranked["incident_count"] >= 9]
        width[name] = ((held["rate_high"] - held["rate_low"]) / held["rate"] ** 0.5).mean()
        nothing[name] = ranked.loc[ranked["incident_count"] == 0, "rate_high"].mean()
    assert width["neighbours"] == pytest.approx(width["one door"], rel=0.15)
    assert width["neighbours"] > 1.5 * width["alone"]
    assert nothing["one door"] > 2 * nothing["alone"], "what could have come is as large there"


def test_unlike_cells_are_tested_by_what_is_at_risk_in_them():
    rng = np.random.default_rng(1)
    side = [box(100 * i, 100 * j, 100 * i + 100, 100 * j + 100) for i in range(8) for j in range(8)]
    people = rng.integers(50, 2_000, len(side))
    zones = gpd.GeoDataFrame(
        {"kind": "beat", "people": people, "zone_name": "x"},
        index=[f"z{i:02}" for i in range(len(side))],
        geometry=gpd.GeoSeries(side).translate(*ORIGIN).to_list(), crs=BRITISH,
    )  # fmt: skip
    counts = rng.poisson(people / 40)
    counts[27] = 8 * people[27] // 40 + 20
    middles = np.repeat(shapely.get_coordinates(shapely.centroid(side)), counts, axis=0)
    incidents = incidents_at([tuple(xy) for xy in middles + rng.uniform(-40, 40, middles.shape)])
    town = zone("Town", (0, 0, 800, 800))
    chosen = in_cells(incidents, hs.PolygonCells(zones, at_risk="people"), within=town)
    flagged = hs.flag_hotspots(hs.aggregate_to_cells(chosen), chosen)
    hot = set(flagged.index[flagged["is_hotspot"]])
    assert "z27" in hot and len(hot) <= 10
    assert set(flagged["null_model"]) == {"place-risk"}
    alone = hs.flag_hotspots(hs.aggregate_to_cells(chosen), grid=chosen.grid)
    assert set(alone["null_model"]) == {"constant-risk"}


def test_an_area_on_the_edge_has_as_much_at_risk_as_lies_inside():
    rng = np.random.default_rng(4)
    x, y = ORIGIN
    shapes = [box(x + at, y, x + at + 500, y + 1_000) for at in range(0, 4_000, 500)]
    zones = gpd.GeoDataFrame({"kind": "beat", "people": 100}, index=list("abcdefgh"),
                             geometry=shapes, crs=BRITISH)  # fmt: skip
    incidents = incidents_at([tuple(xy) for xy in rng.uniform((0, 0), (4_000, 1_000), (4_000, 2))])
    town = zone("Town", (200, 0, 3_700, 1_000))
    chosen = in_cells(incidents, hs.PolygonCells(zones, at_risk="people"), within=town)
    risk = hs.flag_hotspots(hs.aggregate_to_cells(chosen), chosen)["relative_risk"]
    assert risk.between(0.85, 1.15).all()


@pytest.mark.parametrize(
    ("spoilt", "rule"),
    [
        (lambda zones: zones.set_axis(["a", None, "c", "d"]), "no-identifier"),
        (lambda zones: zones.set_axis([1, "1", "c", "d"]), "no-identifier"),
        (lambda zones: with_first(zones, shapely.Polygon()), "no-polygons"),
        (lambda zones: with_first(zones, None), "no-polygons"),
        (
            lambda zones: with_first(zones, shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])),
            "invalid-outlines",
        ),
        (lambda zones: zones.assign(kind="hex-350"), "name-of-a-grid"),
    ],
)
def test_what_cannot_be_cells_is_refused_in_words(spoilt, rule):
    with refused(rule):
        hs.PolygonCells(spoilt(SQUARES))


def with_first(zones, shape):
    return zones.set_geometry([shape, *zones.geometry.iloc[1:]], crs=BRITISH)


def test_cells_that_share_ground_are_told():
    both = pd.concat([SQUARES, SQUARES.iloc[:1].set_axis(["e"]).translate(50).to_frame("geometry")])
    grid, record = hs.PolygonCells(both, "beat"), RunRecord("Test", "TEST")
    assert grid.overlapping == [("a", "e"), ("b", "e")]
    cells_of(incidents_at([(60, 50)]), grid, within=CITY, record=record)
    assert "overlapping-cells" in [finding.rule for finding in record.findings]
    assert hs.PolygonCells(SQUARES).overlapping == []


def test_ground_that_cells_share_is_counted_once_and_belongs_to_who_has_its_incidents():
    nested = (
        SQUARES.iloc[:1]
        .set_axis(["f"])
        .set_geometry(SQUARES.geometry.iloc[:1].buffer(-20).to_list(), crs=BRITISH)
    )
    shifted = SQUARES.iloc[:1].set_axis(["e"]).translate(50).to_frame("geometry")
    both = pd.concat([SQUARES[["geometry"]], shifted, nested[["geometry"]]])
    grid = hs.PolygonCells(both, "beat")
    cells = cells_of(incidents_at([(60, 50), (20, 50), (50, 50)]), grid, within=CITY)
    assert grid.covered == ["e", "f"] and set(cells.index) == {"a", "b", "c", "d"}
    apart = hs.PolygonCells(both.drop("b"), "beat")
    cells = cells_of(incidents_at([(60, 50), (120, 50)]), apart, within=CITY)
    assert cells["incident_count"].to_dict() == {"a": 1, "c": 0, "d": 0, "e": 1}
    assert cells.geometry.area.to_dict() == {"a": 10_000, "c": 20_000, "d": 5_000, "e": 5_000}
    assert cells.geometry.area.sum() == cells.geometry.union_all().area


def test_an_incident_is_on_the_nearest_street_within_reach():
    grid = hs.StreetSegments(ROADS, reach_m=30)
    assert at(grid, (20, 40), (100, 120), (100, 50), (300, 300)) == ["m1", "h1", "h1", None]
    assert grid.at_risk(np.array(["m1", "x1"])).tolist() == [100.0, 200.0]


def test_streets_are_neighbours_at_junctions_and_not_under_bridges():
    grid = hs.StreetSegments(ROADS, reach_m=30)
    assert table_of(grid, ["m1", "m2", "h1", "x1"]) == {
        "m1": {"m2", "h1"}, "m2": {"m1", "h1"}, "h1": {"m1", "m2"}, "x1": set(),
    }  # fmt: skip


def test_every_support_holds_the_same_total():
    rng = np.random.default_rng(3)
    incidents = incidents_at([tuple(xy) for xy in rng.uniform((0, 0), (300, 200), (200, 2))])
    whole = hs.PolygonCells(SQUARES.iloc[:1].assign(geometry=CITY.geometry.to_list()))
    for grid in (whole, hs.SquareGrid(50), hs.HexGrid(50), hs.StreetSegments(ROADS, reach_m=900)):
        assert cells_of(incidents, grid, within=CITY)["incident_count"].sum() == 200


def test_grids_alike_are_equal_and_others_are_not():
    assert hs.PolygonCells(SQUARES) == hs.PolygonCells(SQUARES.iloc[::-1])
    assert hs.PolygonCells(SQUARES) != hs.PolygonCells(SQUARES.iloc[:3])
    one, other = (hs.StreetSegments(ROADS, reach_m=reach) for reach in (30, 40))
    assert one != other and one == hs.StreetSegments(ROADS, reach_m=30)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: hs.PolygonCells(ROADS.assign(kind="x")), "no-polygons"),
        (lambda: hs.StreetSegments(SQUARES, reach_m=10), "no-lines"),
        (lambda: hs.PolygonCells(SQUARES, at_risk="residents"), "no-such-column"),
        (lambda: hs.PolygonCells(SQUARES.to_crs(4326)), "wrong-crs"),
        (lambda: hs.StreetSegments(ROADS, reach_m=0), "argument"),
        (lambda: hs.PolygonCells(SQUARES.assign(kind=["a", "b", "b", "b"])), "argument"),
    ],
)
def test_what_cannot_be_cells_is_refused(make, rule):
    with refused(rule):
        make()


def test_a_total_of_areas_with_gaps_between_them_is_not_called_that_of_the_place():
    incidents = incidents_at(
        [(50, 50)] * 4 + [(225, 50)] * 3, month="2018-07", place_name="Mill Lane", theme_asb=True
    )
    ask = {"theme": "asb", "period": "2018-07", "within": CITY, "clusters": False}
    with pytest.warns(UserWarning, match="3 of 7"):
        found = hs.find_hotspots(incidents, grid=hs.PolygonCells(SQUARES), **ask)
    whole = hs.find_hotspots(incidents, grid=hs.SquareGrid(100), **ask)
    for one, counted, in_none in ((found, 4, 3), (whole, 7, 0)):
        assert one.areas["incident_count"].sum() == counted
        assert one.incidents.in_none_of(one.areas) == in_none
        assert re.search(rf"\b{counted} located\b", str(one))
        assert ("more lie" in str(one)) == (f"{in_none} more" in str(one)) == bool(in_none)


def test_a_tally_has_no_rows_to_name_and_tag():
    tally = hs.fold(incidents_at([(50, 50)], theme_asb=True))
    with refused("tally-only"):
        hs.find_hotspots(tally, theme="asb", within=CITY)


# A product in other areas -------------------------------------------------------------------------


def product(folder, grid):
    """A product file of its own with this table [grid], and its zones."""
    CITY.to_file(folder / "city.gpkg", engine="pyogrio")
    SQUARES.reset_index(names="code").to_file(folder / "beats.gpkg", engine="pyogrio")
    ROADS.reset_index(names="code").to_file(folder / "roads.gpkg", engine="pyogrio")
    (folder / "log.csv").write_text("a\n")
    (folder / "product.toml").write_text(
        'title = "T"\nmarking = "M"\nplace = "P"\nperiod = "2018-07"\nincidents = "log.csv"\n'
        '[within]\npath = "city.gpkg"\nkind = "district"\n'
        f"[grid]\n{grid}\n"
    )
    return hs.load_product(folder / "product.toml")


@pytest.mark.parametrize(
    ("grid", "wanted"),
    [
        ("h3 = 8", hs.H3Grid(8)),
        ("hex_m = 350", hs.HexGrid(350)),
        ("square_m = 250", hs.SquareGrid(250)),
        ('path = "beats.gpkg"\nid_field = "code"', hs.PolygonCells(SQUARES)),
        (
            'path = "roads.gpkg"\nid_field = "code"\nreach_m = 30',
            hs.StreetSegments(ROADS, reach_m=30),
        ),
    ],
)
def test_a_product_names_its_areas(tmp_path, grid, wanted):
    assert product(tmp_path, grid).grid == wanted


def test_a_product_counts_in_one_kind_of_area(tmp_path):
    with refused("two-grids", "h3", "hex_m", kind=DataError):
        product(tmp_path, "h3 = 8\nhex_m = 350")
    with refused("no-streets", "reach_m", kind=DataError):
        product(tmp_path, "reach_m = 30")
