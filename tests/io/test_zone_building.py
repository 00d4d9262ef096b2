"""Zones read from awkward files and made from other things: areas add up, nothing overlaps."""

import datetime as dt
import warnings

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from refusing import refused
from shapely.geometry import LineString, Point, box
from tables import ORIGIN, assert_contract, incidents_at, zone

from hotspots.analysis.zones.overlaps import zones_of
from hotspots.core.data import bundled
from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.core.tables import ZONES
from hotspots.io.zones.build import corridor, rings, zone_difference, zone_union
from hotspots.io.zones.from_lists import choose_zones, zones_from_lsoas
from hotspots.io.zones.read import load_zones
from hotspots.io.zones.without_outline import sites

X, Y = ORIGIN
APRIL = dt.date(2023, 4, 1)


def shapefile(tmp_path, *, encoding="UTF-8", cpg=True, shapes=None, **columns):
    """A Shapefile named orders.shp; long field names are cut by the format itself."""
    path = tmp_path / "orders.shp"
    shapes = shapes or [box(X, Y, X + 99, Y + 99), box(X + 200, Y, X + 299, Y + 99)]
    frame = gpd.GeoDataFrame(
        {"zone_name": ["Café Square", "Park"], "zone_id": [1.0, 2.0], **columns},
        geometry=shapes,
        crs=27700,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def squares():
    """Two zones 100 m square, 300 m apart."""
    return pd.concat(
        [zone("A", (0, 0, 100, 100), kind="pspo"), zone("B", (400, 0, 500, 100), kind="pspo")]
    )


@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1"])
def test_text_of_a_shapefile_survives_every_encoding(tmp_path, encoding, cpg):
    zones = load_zones(shapefile(tmp_path, encoding=encoding, cpg=cpg), kind="pspo")
    assert zones["zone_name"].tolist() == ["Café Square", "Park"]
    assert zones.index.tolist() == ["1", "2"]


def test_a_shapefile_keeps_dates_status_and_flags_though_its_names_are_cut(tmp_path):
    path = shapefile(
        tmp_path,
        valid_from=[APRIL, None],
        valid_until=["31/03/2026", ""],
        status=["renewal unknown", ""],
        approximate=[1, 0],
        kind="pspo",
    )
    zones = load_zones(path)
    assert_contract(zones, ZONES)
    assert zones["valid_from"].tolist() == [APRIL, None]
    assert zones["valid_until"].tolist() == [dt.date(2026, 3, 31), None]
    assert zones["status"].tolist() == ["renewal unknown", None]
    assert zones["approximate"].tolist() == [True, False]


def test_reading_a_shapefile_writes_nothing_beside_it(tmp_path):
    path = shapefile(tmp_path)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    load_zones(path, kind="pspo")
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize(("lost", "rule"), [(".shx", "unreadable"), (".prj", "no-crs")])
def test_a_shapefile_with_a_missing_part_says_which(tmp_path, lost, rule):
    path = shapefile(tmp_path)
    path.with_suffix(lost).unlink()
    with refused(rule, lost, kind=DataError, file=path.name):
        load_zones(path, kind="pspo")


def test_dates_mean_the_same_in_every_format(tmp_path):
    texts = ["2023-04-01", "01/04/2023", "20230401", "1 April 2023"]
    stamps = pd.Series([pd.Timestamp("2023-04-01", tz="Europe/London")] * 4)
    for number, values in enumerate((texts, stamps)):
        path = tmp_path / f"zones{number}.gpkg"
        shapes = [box(X + 9 * i, Y, X + 9 * i + 8, Y + 9) for i in range(4)]
        table = {"zone_name": list("abcd"), "kind": "pspo", "valid_from": values}
        gpd.GeoDataFrame(table, geometry=shapes, crs=27700).to_file(path)
        assert load_zones(path)["valid_from"].tolist() == [APRIL] * 4


def test_faulty_dates_flags_and_names_are_refused_together(tmp_path):
    path = tmp_path / "zones.gpkg"
    table = {
        "zone_name": ["Square", "Park", ""],
        "valid_from": ["soon", "2023-04-02", None],
        "valid_until": [None, "2023-04-01", None],
        "approximate": ["perhaps", "yes", "no"],
    }
    shapes = [box(X, Y, X + 9, Y + 9)] * 3
    gpd.GeoDataFrame(table, geometry=shapes, crs=27700).to_file(path)
    with pytest.raises(DataError) as error:
        load_zones(path, kind="pspo")
    for words in ("'Square' must have a day", "'Park' must end", "perhaps", "empty in 1 of 3"):
        assert words in str(error.value)


def test_zones_elsewhere_and_overlapping_tiles_are_remarked_on(tmp_path):
    path = tmp_path / "zones.gpkg"
    shapes = [box(X, Y, X + 99, Y + 99), box(X + 50, Y, X + 150, Y + 99), box(0, 0, 9, 9)]
    gpd.GeoDataFrame({"zone_name": list("abc")}, geometry=shapes, crs=27700).to_file(path)
    record = RunRecord("test", marking="TEST")
    study = zone("City", (-500, -500, 500, 500))
    load_zones(path, kind="ward", name_field="zone_name", within=study, record=record)
    overlap, away = record.findings
    assert (overlap.rule, away.rule) == ("zones-overlap", "zone-elsewhere")
    assert all(told in str(overlap) for told in ("'a'", "'b'", "4,851 m2", "'ward'"))
    assert "'c'" in str(away) and "'a'" not in str(away)


def test_a_straight_corridor_has_length_times_width():
    route = gpd.GeoSeries(
        [LineString([(X, Y), (X + 300, Y)]), LineString([(X + 300, Y), (X + 1000, Y)])], crs=27700
    )
    path = corridor(route, 120, zone_id="crawl", zone_name="Crawl")
    assert_contract(path, ZONES)
    assert path.area.item() == pytest.approx(1000 * 120)
    bent = corridor(gpd.GeoSeries([LineString([(X, Y), (X + 99, Y), (X, Y)])], crs=27700), 50)
    assert bent.geometry.is_valid.all()


@pytest.mark.parametrize(
    ("route", "width", "rule", "of", "got"),
    [
        (gpd.GeoSeries([Point(X, Y)], crs=27700), 10, "argument", "route", "'Point'"),
        (gpd.GeoSeries([], crs=27700), 10, "argument", "route", "nothing"),
        (gpd.GeoSeries([LineString([(X, Y)] * 2)], crs=27700), 10, "argument", "route", "length"),
        (gpd.GeoSeries([LineString([(X, Y), (X, Y + 9)])]), 10, "wrong-crs", "route", "set_crs"),
        (
            gpd.GeoSeries([LineString([(X, Y), (X, Y + 9)])], crs=27700),
            0,
            "argument",
            "width_m",
            "0",
        ),
        ([LineString([(X, Y), (X, Y + 9)])], 10, "argument", "route", "list"),
    ],
)
def test_a_corridor_without_a_route_is_refused(route, width, rule, of, got):
    with refused(rule, got, of=of):
        corridor(route, width)


def test_rings_overlap_neither_the_zones_nor_one_another_and_fill_the_reach():
    zones = squares()
    around = rings(zones, [250, 500])
    assert_contract(around, ZONES)
    assert set(around["kind"]) == {"ring"}
    reach = shapely.buffer(zones.geometry.union_all(), 500, quad_segs=32)
    whole = [*zones.geometry, *around.geometry]
    assert sum(shape.area for shape in whole) == pytest.approx(reach.area, rel=1e-9)
    assert shapely.union_all(whole).area == pytest.approx(reach.area, rel=1e-9)


def test_rings_of_one_zone_carry_its_name_and_days_and_of_several_what_they_share():
    zones = squares().assign(valid_from=[APRIL, None], valid_until=dt.date(2026, 3, 31))
    alone, around = rings(zones.iloc[:1], [250, 500]), rings(zones, [250])
    assert alone.index.tolist() == ["a-ring-0-250", "a-ring-250-500"]
    assert around.index.tolist() == ["ring-0-250"]
    assert alone["valid_from"].tolist() == [APRIL] * 2 and around["valid_from"].isna().all()
    assert set(around["valid_until"]) == {dt.date(2026, 3, 31)}


def test_rings_stop_at_the_study_area_and_vanish_where_nothing_is_left():
    city = zone("City", (0, 0, 500, 100))
    assert rings(squares(), [250, 900], within=city).area.sum() == pytest.approx(300 * 100)
    assert_contract(rings(squares().iloc[:0], [250]), ZONES)
    assert len(rings(city, [250], within=city)) == 0


@pytest.mark.parametrize("edges", [[], [0], [250, 250], [500, 250], [-1]])
def test_rings_need_rising_edges(edges):
    with refused("argument", of="rings_m"):
        rings(squares(), edges)


def test_union_and_difference_add_up():
    city, night = zone("City", (0, 0, 1000, 1000)), zone("Night", (900, 900, 1100, 1100))
    rest = zone_difference(city, night)
    assert_contract(rest, ZONES)
    assert rest.index.tolist() == ["city-rest"]
    assert rest["zone_name"].tolist() == ["City without Night"]
    common = city.geometry.iloc[0].intersection(night.geometry.iloc[0]).area
    assert rest.area.item() + common == pytest.approx(city.area.item())
    whole = zone_union(pd.concat([rest, night]), zone_id="w", zone_name="W", kind="district")
    assert whole.area.item() == pytest.approx(rest.area.item() + night.area.item())


def test_a_zone_taken_out_of_itself_leaves_no_zone():
    assert len(zone_difference(squares(), squares())) == 0
    untouched = zone_difference(squares(), squares().iloc[:0])
    assert untouched.area.sum() == squares().area.sum()
    assert untouched["zone_name"].tolist() == ["A", "B"]


def test_what_is_approximate_stays_so_in_all_that_is_made_of_it():
    rough = squares().assign(approximate=[True, False])
    assert zone_union(rough, zone_id="u", zone_name="U")["approximate"].item()
    city = zone("City", (-900, -900, 900, 900))
    assert zone_difference(city, rough)["approximate"].item()
    assert rings(rough, [50])["approximate"].item()


def test_zones_of_several_kinds_unite_only_under_a_kind():
    mixed = squares().assign(kind=["pspo", "ward"])
    with refused("argument", "'pspo', 'ward'", of="kind"):
        zone_union(mixed, zone_id="u", zone_name="U")
    with refused("argument", "none", of="zones"):
        zone_union(mixed.iloc[:0], zone_id="u", zone_name="U", kind="x")


def test_the_input_of_building_is_untouched():
    zones = squares()
    before = zones.copy(deep=True)
    rings(zones, [50]), zone_difference(zones, zones.iloc[:1])
    zone_union(zones, zone_id="u", zone_name="U")
    pd.testing.assert_frame_equal(zones, before)


def lsoas():
    """Four squares in a row with codes E1 to E4."""
    parts = [zone(f"E{i}", (100 * i, 0, 100 * i + 100, 100), kind="lsoa") for i in range(1, 5)]
    table = pd.concat(parts)
    return table.set_axis(pd.Index(["E1", "E2", "E3", "E4"], name="zone_id"))


@pytest.mark.parametrize(
    "lists",
    [
        {"Students": ["E1", "E2"], "Rest": ["E3", "E4"]},
        pd.Series(["Students", "Students", "Rest", "Rest"], index=["E1", "E2", "E3", "E4"]),
        pd.DataFrame({"code": ["E1", "E2", "E3", "E4"], "team": ["Students"] * 2 + ["Rest"] * 2}),
    ],
)
def test_zones_from_lists_have_the_area_of_their_members(lists):
    zones = zones_from_lsoas(lsoas(), lists, kind="team", approximate=False)
    assert_contract(zones, ZONES)
    assert zones.area.to_dict() == {"rest": 20_000, "students": 20_000}
    assert zones["members"].tolist() == [2, 2]


def test_lists_in_toml_say_kind_and_whether_outlines_are_approximate(tmp_path):
    path = tmp_path / "student_area.toml"
    path.write_text(
        'kind = "student_area"\napproximate = true\n'
        '[[zone]]\nzone_id = "s1"\nzone_name = "Student area"\nmembers = ["E1", "e2"]\n'
    )
    zones = zones_from_lsoas(lsoas(), path)
    assert zones[["kind", "approximate"]].loc["s1"].tolist() == ["student_area", True]


def test_unknown_shared_and_missing_members_are_named_together():
    lists = {"A": ["E1", "E9"], "B": ["E1"], "C": []}
    with pytest.raises(DataError) as error:
        zones_from_lsoas(lsoas(), lists, kind="team")
    for words in ("'E9' not found", "'E1' is listed in 'A' and in 'B'", "'C'", "lists none"):
        assert words in str(error.value)
    shared = zones_from_lsoas(lsoas(), {"A": ["E1"], "B": ["E1"]}, kind="t", may_overlap=True)
    assert len(shared) == 2
    with refused("argument", of="kind"):
        zones_from_lsoas(lsoas(), {"A": ["E1"]})
    assert len(zones_from_lsoas(lsoas(), {}, kind="team")) == 0


@pytest.mark.parametrize(
    "text", ["", "[[zone]]\nmembers = ['E1']\n", "= 1", "[[zone]]\nzone_name='A'\n" * 2]
)
def test_a_list_that_cannot_be_used_is_refused(tmp_path, text):
    path = tmp_path / "list.toml"
    path.write_text(text)
    with pytest.raises(DataError, match="list"):
        zones_from_lsoas(lsoas(), path, kind="team")


def test_the_committees_tile_the_wards_of_leeds():
    wards = load_zones(bundled("boundaries/leeds_wards_best_fit.geojson"))
    committees = zones_from_lsoas(wards, bundled("community_committees.toml"))
    assert len(committees) == 10
    assert committees["members"].sum() == 33
    assert committees["approximate"].all(), "they are made of approximate wards"
    assert committees.area.sum() == pytest.approx(wards.area.sum(), rel=1e-6)


def test_wards_are_found_by_name_code_and_spelling():
    wards = load_zones(bundled("boundaries/leeds_wards_best_fit.geojson"))
    six = choose_zones(wards, bundled("priority_wards.toml"))
    assert len(six) == 6
    assert choose_zones(wards, ["beeston and holbeck", "ARMLEY"])["zone_name"].tolist() == [
        "Beeston & Holbeck",
        "Armley",
    ]
    with pytest.raises(DataError, match="'Nowhere'"):
        choose_zones(wards, ["Armley", "Nowhere"])


def points():
    return gpd.GeoDataFrame(
        {"code": ["s1", "s2"], "venue": ["Hall", "Bar"], "class": ["enhanced", None], "n": [9, 1]},
        geometry=[Point(X, Y), Point(X + 300, Y)],
        crs=27700,
    )


def test_sites_keep_their_order_tier_and_other_columns():
    table = sites(points(), id_field="code", name_field="venue", tier_field="class")
    assert_contract(table, ZONES)
    assert table.index.tolist() == ["s1", "s2"]
    assert table["tier"].tolist()[0] == "enhanced" and pd.isna(table["tier"].iloc[1])
    assert table["n"].tolist() == [9, 1]
    assert (table.geom_type == "Point").all()


def test_sites_drawn_as_circles_hold_incidents():
    circles = sites(points(), id_field="code", radius_m=50)
    pairs = zones_of(incidents_at([(0, 49), (0, 51), (300, 0)]), circles)
    assert pairs.values.tolist() == [["i0", "s1"], ["i2", "s2"]]


def test_sites_without_points_or_with_repeated_ids_are_refused_together():
    bad = points().assign(code="s1").set_geometry([Point(X, Y), box(0, 0, 1, 1)], crs=27700)
    with refused("site-without-point", "1 of 2", of="points") as error:
        sites(bad, id_field="code")
    first, second = error.value.findings
    assert (first.rule, second.rule) == ("site-without-point", "site-id") and "'s1'" in str(second)
    with refused("missing-column", "'nope'", of="points"):
        sites(points(), name_field="nope")
    assert_contract(sites(points().iloc[:0]), ZONES)
