"""Zones: read or refused with a reason, and totals that add up."""

import json
from contextlib import nullcontext

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import asked, in_areas
from refusing import refused
from shapely.geometry import Polygon, box
from tables import ORIGIN, assert_contract, incidents_at, shuffled, zone

from hotspots.analysis.clusters.find import assign_clusters, find_clusters
from hotspots.analysis.zones.overlaps import relate_to_zones, zones_of
from hotspots.analysis.zones.zone_totals import summarise_zones
from hotspots.core.data import bundled
from hotspots.core.errors import DataError, InputError
from hotspots.core.record import RunRecord
from hotspots.core.tables import OVERLAPS, ZONES
from hotspots.io.zones.read import load_zones


def tiles():
    """Two wards that share the border x = 0."""
    west, east = (
        zone("West", (-500, -500, 0, 500), kind="ward"),
        zone("East", (0, -500, 500, 500), kind="ward"),
    )
    return pd.concat([west, east])


def save(tmp_path, outlines, crs=27700, **columns):
    path = tmp_path / "zones.gpkg"
    frame = gpd.GeoDataFrame(
        {"name": [f"zone {row}" for row in range(len(outlines))], **columns},
        geometry=list(outlines),
        crs=crs,
    )
    frame.to_file(path)
    return path


def test_the_bundled_wards_load_and_keep_the_contract():
    wards = load_zones(bundled("boundaries/leeds_wards_best_fit.geojson"))
    assert_contract(wards, ZONES)
    assert len(wards) == 33
    assert wards["approximate"].all()
    assert wards.index.is_monotonic_increasing


def test_a_place_on_a_shared_border_is_in_exactly_one_ward():
    pairs = zones_of(incidents_at([(0, 0), (-1, 0), (1, 0)]), tiles())
    assert pairs.set_index("incident_id")["zone_id"].to_dict() == {
        "i0": "east",
        "i1": "west",
        "i2": "east",
    }


def test_zones_that_may_overlap_both_hold_the_place():
    zones = pd.concat(
        [zone("A", (-10, -10, 10, 10), kind="pspo"), zone("B", (0, 0, 20, 20), kind="pspo")]
    )
    assert len(zones_of(incidents_at([(5, 5)]), zones)) == 2


def test_many_places_are_in_the_zones_that_geopandas_joins_them_to():
    rng = np.random.default_rng(2)
    places = [tuple(p) for p in rng.uniform(-600, 600, (6_000, 2)).round()]
    incidents = incidents_at([*places, None, *places[:50]])
    circles = gpd.GeoSeries(gpd.points_from_xy([0, 90, 300], [0, 90, -200])).buffer([200, 150, 90])
    zones = pd.concat(
        [zone(f"Z{k}", circle.bounds, kind="pspo") for k, circle in enumerate(circles)]
    )
    zones = zones.set_geometry(circles.set_axis(zones.index).set_crs(zones.crs))
    joined = incidents[["geometry"]].sjoin(zones[["geometry"]], predicate="intersects")
    expected = list(zip(joined.index, joined["zone_id"], strict=True))
    found = zones_of(incidents, zones)
    assert sorted(map(tuple, found.to_numpy())) == sorted(expected)
    assert list(found["incident_id"]) == sorted(found["incident_id"], key=incidents.index.get_loc)


def test_ward_totals_are_conserved():
    rng = np.random.default_rng(1)
    points = [tuple(p) for p in rng.uniform(-500, 500, (200, 2)).round()]
    incidents = incidents_at([*points, None, (5000, 0)], harm=2.0, harm_scale="s")
    summary = summarise_zones(tiles(), incidents)
    assert summary["incident_count"].sum() == 200
    assert summary["harm"].sum() == 400
    assert summary.loc["west", "count_per_km2"] == summary.loc["west", "incident_count"] / 0.5
    other = summarise_zones(tiles(), shuffled(incidents))
    pd.testing.assert_frame_equal(pd.DataFrame(summary), pd.DataFrame(other))


def test_the_question_says_what_a_ward_total_holds():
    incidents = incidents_at(
        [(-5, 0), (5, 0), (5, 0), (5, 400)],
        theme_asb=[True, True, True, False],
        institutional=[False, False, True, False],
    )
    city = zone("City", (-100, -100, 100, 100))
    asked_for = {
        "all": asked(incidents),
        "asb": asked(incidents, theme="asb"),
        "city": asked(incidents, within=city),
        "institutional too": asked(incidents, within=city, include_institutional=True),
    }
    totals = {
        name: summarise_zones(tiles(), chosen)["incident_count"].to_dict()
        for name, chosen in asked_for.items()
    }
    assert totals == {
        "all": {"west": 1, "east": 2},
        "asb": {"west": 1, "east": 1},
        "city": {"west": 1, "east": 1},
        "institutional too": {"west": 1, "east": 2},
    }


def test_overlaps_come_from_members_and_not_from_the_drawing():
    incidents = incidents_at([(-40, 0)] * 6 + [(-5, 0)] * 3 + [(10, 0)] * 3, harm=1.0)
    clustered = assign_clusters(incidents, radius_m=60, min_incidents=12)
    overlaps = relate_to_zones(find_clusters(clustered), tiles(), clustered)
    assert_contract(overlaps, OVERLAPS)
    shares = overlaps.droplevel("area_id")["share_of_count"]
    assert shares.to_dict() == {"east": 0.25, "west": 0.75}
    assert overlaps["share_of_area"].sum() == pytest.approx(1)
    assert overlaps["share_of_harm"].tolist() == shares.tolist()


def test_an_area_without_incidents_still_has_its_ground():
    areas = gpd.GeoDataFrame(
        {"incident_count": [0]},
        index=pd.Index(["a"], name="area_id"),
        geometry=[box(ORIGIN[0] - 10, ORIGIN[1], ORIGIN[0] + 30, ORIGIN[1] + 10)],
        crs=27700,
    )
    overlaps = relate_to_zones(areas, tiles(), in_areas(incidents_at([(0, 0)]), [None]))
    assert overlaps["share_of_area"].droplevel(0).to_dict() == {"east": 0.75, "west": 0.25}
    assert overlaps["share_of_count"].isna().all()


def test_a_self_crossing_outline_is_repaired_and_said(tmp_path):
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    record = RunRecord("test", marking="TEST")
    zones = load_zones(save(tmp_path, [bow]), kind="pspo", name_field="name", record=record)
    assert zones.geometry.is_valid.all()
    assert zones.geometry.area.iloc[0] == pytest.approx(5000)
    assert record.findings.items[0].rule == "zone-repaired"


@pytest.mark.parametrize(
    "outline", [Polygon(), Polygon([(0, 0), (0, 0), (0, 0)]), Polygon([(0, 0), (9, 9), (0, 0)])]
)
def test_zones_without_area_are_refused_by_name_all_together(tmp_path, outline):
    path = save(tmp_path, [box(0, 0, 9, 9), outline, outline])
    with refused("zone-without-area", "'zone 1'", "'zone 2'", kind=DataError, file=path.name):
        load_zones(path, kind="pspo", name_field="name")


def test_points_are_no_zones(tmp_path):
    path = save(tmp_path, gpd.points_from_xy([1], [2]))
    with refused("zone-without-area", kind=DataError):
        load_zones(path, kind="pspo", name_field="name")


def test_zones_without_coordinate_system_are_refused(tmp_path):
    path = tmp_path / "zones.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame({"name": ["a"]}, geometry=[box(0, 0, 9, 9)]).to_file(path)
    with refused("no-crs", kind=DataError, file="zones.gpkg"):
        load_zones(path, kind="ward", name_field="name")


def test_repeated_identifiers_are_refused(tmp_path):
    path = save(tmp_path, [box(0, 0, 9, 9), box(9, 0, 18, 9)], code=["a", "a"])
    with refused("zone-id", "'a'", kind=DataError, of="id_field"):
        load_zones(path, kind="ward", id_field="code", name_field="name")


@pytest.mark.parametrize(("name", "rule"), [
    ("nowhere.gpkg", "no-such-file"), ("text.geojson", "unreadable"), ("empty.geojson", "no-zones"),
])  # fmt: skip
def test_a_file_that_holds_no_zones_is_refused(tmp_path, name, rule):
    (tmp_path / "text.geojson").write_text("this is not GeoJSON")
    (tmp_path / "empty.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": []})
    )
    with refused(rule, kind=DataError, file=name):
        load_zones(tmp_path / name, kind="ward")


def test_a_file_must_say_what_its_zones_are_and_what_names_them(tmp_path):
    path = save(tmp_path, [box(0, 0, 9, 9), box(9, 0, 18, 9)])
    with pytest.raises(InputError) as error:
        load_zones(path)
    (found,) = error.value.findings
    assert (found.rule, found.argument, found.file) == ("zone-kind", "kind", path.name)
    unnamed = tmp_path / "unnamed.gpkg"
    gpd.read_file(path).rename(columns={"name": "title"}).to_file(unnamed)
    with refused("zone-name", "'title'", kind=DataError, of="name_field"):
        load_zones(unnamed, kind="ward")
    with refused("missing-column", "'code'", kind=DataError, file=path.name):
        load_zones(path, kind="ward", name_field="code")


def test_one_outline_needs_no_name(tmp_path):
    path = tmp_path / "my-area.geojson"
    gpd.GeoDataFrame(geometry=[box(-1.55, 53.79, -1.54, 53.80)], crs=4326).to_file(path)
    assert load_zones(path, kind="district")["zone_name"].tolist() == ["my-area"]


def test_protect_zones_are_not_renamed_into_wards(tmp_path):
    path = save(tmp_path, [box(0, 0, 9, 9)], kind=["protect"])
    with refused("protect", "'ward'", file=path.name):
        load_zones(path, kind="ward")


def test_degrees_become_metres(tmp_path):
    path = save(tmp_path, [box(-1.55, 53.79, -1.54, 53.80)], crs=4326)
    zones = load_zones(path, kind="pspo", name_field="name")
    assert zones.crs.to_epsg() == 27700
    assert zones.geometry.area.iloc[0] == pytest.approx(660 * 1113, rel=0.01)


def test_a_table_at_hand_is_read_as_its_file_is(tmp_path):
    path = save(tmp_path, [box(-1.55, 53.79, -1.54, 53.80)], crs=4326)
    table = gpd.read_file(path).rename_geometry("outline")
    before = table.copy()
    for given in (table, table.set_index("name")):
        zones = load_zones(given, kind="pspo", name_field="name")
        assert zones.equals(load_zones(path, kind="pspo", name_field="name"))
    assert table.equals(before)
    for bare in (table.iloc[:0], gpd.GeoDataFrame({"name": ["a"]})):
        with refused("no-zones"):
            load_zones(bare, kind="pspo")
    with refused("no-crs", kind=DataError):
        load_zones(table.set_crs(None, allow_override=True), kind="pspo", name_field="name")


def test_hairline_gaps_between_joined_neighbours_are_closed_and_true_holes_stay(tmp_path):
    x, y = 429_000, 433_000
    hair = [(x + 20, y + 20), (x + 20.02, y + 60), (x + 20.04, y + 20)]
    yard = [(x + 60, y + 60), (x + 64, y + 60), (x + 64, y + 64)]
    shape = Polygon(box(x, y, x + 100, y + 100).exterior, [hair, yard])
    table = gpd.GeoDataFrame({"zone_name": ["City"]}, geometry=[shape], crs=27700)
    table.to_file(tmp_path / "city.gpkg")
    record = RunRecord("zones", "OFFICIAL")
    (found,) = load_zones(tmp_path / "city.gpkg", kind="district", record=record).geometry
    assert [len(ring.coords) for ring in found.interiors] == [4]
    assert found.area == pytest.approx(100 * 100 - 8)
    assert [one.rule for one in record.findings.items] == ["zone-hairlines"]


SQUARE = "POLYGON ((429000 433000, 429900 433000, 429900 433900, 429000 433900, 429000 433000))"


@pytest.mark.parametrize("column", ["WKT", "geometry", "drawn by hand"])
@pytest.mark.parametrize("mark", ["", "SRID=27700;"])
def test_outlines_as_text_are_zones(tmp_path, column, mark):
    text = f'name,{column}\nMill,"{mark}{SQUARE}"\n'
    (tmp_path / "zones.csv").write_text(text, "utf-8-sig")
    with nullcontext() if mark else pytest.warns(UserWarning, match="EPSG:27700"):
        found = load_zones(tmp_path / "zones.csv", kind="chb")
    assert found["zone_name"].tolist() == ["Mill"] and found.geometry.area.tolist() == [810_000]


def test_names_of_zones_neither_turn_nor_move_what_stands_around_them(tmp_path):
    name = "\u202eMill\u2066 Lane\x1b[31m"
    (tmp_path / "zones.csv").write_text(f'name,WKT\n{name},"SRID=27700;{SQUARE}"\n', "utf-8")
    assert load_zones(tmp_path / "zones.csv", kind="chb")["zone_name"].tolist() == [
        "Mill Lane\ufffd[31m"
    ]


def test_a_list_of_names_is_one_name(tmp_path):
    ring = [[-1.5, 53.8], [-1.4, 53.8], [-1.4, 53.9], [-1.5, 53.8]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    one = {"type": "Feature", "properties": {"name": ["Mill", "Hill"]}, "geometry": shape}
    text = json.dumps({"type": "FeatureCollection", "features": [one]})
    (tmp_path / "z.geojson").write_text(text, "utf-8")
    (found,) = load_zones(tmp_path / "z.geojson", kind="chb")["zone_name"]
    assert "Mill" in found and "Hill" in found


@pytest.mark.parametrize("between", ["\n", "\r\n", "\t", "\u2028"])
def test_a_name_of_two_lines_stands_in_one(tmp_path, between):
    zones = f'name,WKT\n"Mill{between}Lane","SRID=27700;{SQUARE}"\n'
    (tmp_path / "zones.csv").write_bytes(zones.encode())
    assert load_zones(tmp_path / "zones.csv", kind="chb")["zone_name"].tolist() == ["Mill Lane"]


def test_a_text_of_outlines_is_read_by_its_degrees(tmp_path):
    square = "POLYGON ((-1.55 53.79, -1.54 53.79, -1.54 53.8, -1.55 53.8, -1.55 53.79))"
    several = square.replace("POLYGON ((", "MULTIPOLYGON (((").replace("))", ")))")
    (tmp_path / "mill.wkt").write_text(f"{square}\n{several}\n")
    with pytest.warns(UserWarning, match="EPSG:4326"):
        found = load_zones(tmp_path / "mill.wkt", kind="chb")
    assert found["zone_name"].tolist() == ["mill 1", "mill 2"]
    assert found.crs == "EPSG:27700" and found.geometry.area.round().nunique() == 1


@pytest.mark.parametrize("text", ["name,n\na,1\n", "", "WKT\nPOINT (1 2)\n"])
def test_a_table_without_outlines_is_no_file_of_zones(tmp_path, text):
    (tmp_path / "list.csv").write_text(text)
    with refused("unknown-ending", kind=DataError):
        load_zones(tmp_path / "list.csv", kind="chb")
