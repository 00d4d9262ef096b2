"""One guard before every file: views, sizes, pipes, descriptions of others; doubt refuses."""

import contextlib
import os
import sqlite3
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import pytest
import shapely
from refusing import refused

import hotspots as hs
from hotspots.core.errors import DataError, Findings, HotspotsError
from hotspots.core.record import RunRecord
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.find_files import find_sources
from hotspots.io.incidents.load import load_incidents
from hotspots.io.read_vector import layer_names, read_vector
from hotspots.io.zones.read import load_zones

MAPPED = FieldMap(
    "points", date="When", offence="Code", offence_scheme="home_office", geometry=True
)
ENDLESS = (
    "CREATE VIEW many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT i AS fid, geom, name FROM n, zones"
)
HIDDEN = (
    ENDLESS.replace("VIEW many", "VIEW inner_view"),
    ("CREATE VIRTUAL TABLE many USING fts5(name, content='inner_view')"),
)


COMPUTED = (
    "CREATE TABLE many (fid INTEGER PRIMARY KEY, geom POLYGON, name AS (hex(zeroblob(9))))",
    "INSERT INTO many (geom) SELECT geom FROM zones",
)


def database(path, *statements):
    """A GeoPackage with one zone, and what else makes a layer called many."""
    zone = gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.box(0, 0, 9, 9)], crs=27700)
    zone.to_file(path, layer="zones")
    with contextlib.closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            file.execute(statement)
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('many', 'features', 'many', 27700)"
        )
        file.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('many', 'geom', 'POLYGON', 27700, 0, 0)"
        )
    return path


def through_a_log(path):
    data = bytearray(path.read_bytes())
    data[18:20] = b"\x02\x02"
    path.write_bytes(data)


DOORS = {
    "zones": lambda path: load_zones(path, kind="ward", name_field="name"),
    "a layer of zones": lambda path: load_zones(path, kind="ward", layer="many"),
    "incidents": lambda path: load_incidents(path, fields=MAPPED, record=RunRecord("t", "TEST")),
    "names of layers": layer_names,
    "a product": hs.read_geopackage,
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "statements", [[ENDLESS], HIDDEN, COMPUTED], ids=["view", "virtual table", "computed column"]
)
def test_no_door_runs_a_view(tmp_path, door, statements):
    path = database(tmp_path / "v.gpkg", *statements)
    with pytest.raises(DataError, match=r"v\.gpkg"):
        DOORS[door](path)


def test_a_view_inside_an_archive_hides_behind_no_log(tmp_path):
    through_a_log(database(tmp_path / "v.gpkg", ENDLESS))
    with zipfile.ZipFile(tmp_path / "v.zip", "w") as packed:
        packed.write(tmp_path / "v.gpkg", "v.gpkg")
    with refused("views", "'many'", kind=DataError, file="v.zip/v.gpkg"):
        load_incidents(tmp_path / "v.zip", fields=MAPPED)


def test_a_database_that_sqlite_cannot_read_is_refused_and_not_passed_on(tmp_path):
    path = tmp_path / "v.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 20)
    for name in ("zones", "incidents"):
        with refused("unreadable", kind=DataError, file="v.gpkg"):
            DOORS[name](path)


def test_a_table_that_was_registered_and_dropped_is_an_error_of_the_file(tmp_path):
    path = database(tmp_path / "v.gpkg")
    for name in ("a layer of zones", "incidents"):
        with warnings.catch_warnings(), pytest.raises(HotspotsError, match=r"v\.gpkg"):
            warnings.simplefilter("ignore")
            DOORS[name](path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of Unix")
@pytest.mark.parametrize("name", ["p.gpkg", "p.geojson", "p.zip", "p.shp"])
def test_a_pipe_is_no_file(tmp_path, name):
    os.mkfifo(tmp_path / name)
    for door in DOORS.values():
        with pytest.raises(HotspotsError, match=name[0]):
            door(tmp_path / name)


def test_a_file_larger_than_allowed_is_not_opened(tmp_path):
    path = database(tmp_path / "v.gpkg")
    with refused("archive-size", kind=DataError, file="v.gpkg"):
        read_vector(path, largest_gib=1e-6)


@pytest.mark.parametrize("ending", [".kml", ".gml", ".geojson"])
@pytest.mark.parametrize("text", [
    '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>",
    '{"type": "gdal_streamed_alg", "command_line": "gdal vector read http://127.0.0.1/a"}',
])  # fmt: skip
def test_a_description_of_other_files_is_not_followed(tmp_path, ending, text):
    (tmp_path / f"v{ending}").write_text(text)
    with refused("leads-elsewhere", kind=DataError, file=f"v{ending}"):
        read_vector(tmp_path / f"v{ending}")


FEATURES = (
    '{"type": "FeatureCollection", %s "features": [{"type": "Feature", "properties": {"name": "A",'
    ' "type": "link"}, "geometry": {%s "type": "Polygon", "coordinates": '
    "[[[-1.5, 53.8], [-1.4, 53.8], [-1.4, 53.9], [-1.5, 53.8]]]}}]}"
)
ASKED = '"%s": {"type": "%s", "properties": {"href": "http://127.0.0.1:9/", "name": "EPSG:4326"}},'


@pytest.mark.parametrize(("key", "kind"), [
    ("crs", "link"), ("CRS", "URL of it"), ("\\u0063rs", "\\u006cink"), ("crs", "url"),
])  # fmt: skip
@pytest.mark.parametrize("place", [0, 1], ids=["file", "outline"])
def test_no_address_of_a_coordinate_system_is_asked(tmp_path, key, kind, place):
    asked = ASKED % (key, kind)
    whole = FEATURES % ((asked, "") if place == 0 else ("", asked))
    called = {
        "v.geojson": whole,
        "w.geojson": asked,
        "v.gml": f"\v{whole}",
        "v.fgb": f"jsonp({whole})",
    }
    for name, text in called.items():
        (tmp_path / name).write_text(text)
        for look in (layer_names, read_vector):
            with refused("leads-elsewhere", kind=DataError, file=name):
                look(tmp_path / name)
    (tmp_path / "v.geojson").write_text(FEATURES % (ASKED % ("crs", "name"), ""))
    assert len(read_vector(tmp_path / "v.geojson").rows) == 1


def test_a_name_is_a_path_and_never_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("WFS:http://127.0.0.1/", "/vsicurl/http://127.0.0.1/a.gpkg", "v.vrt"):
        with pytest.raises(DataError):
            load_zones(name, kind="ward")


def test_a_file_whose_name_is_no_utf8_is_told_in_letters(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.gpkg")
    with pytest.raises(DataError) as caught:
        load_zones(path, kind="ward")
    str(caught.value).encode()


def test_an_outline_that_crosses_itself_without_measure_is_refused(tmp_path):
    corners = np.random.default_rng(5).uniform(0, 1_000, (800, 2))
    tangle = gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.Polygon(corners)], crs=27700)
    tangle.to_file(tmp_path / "t.gpkg")
    with refused("zone-tangled", "'A'", kind=DataError, file="t.gpkg"):
        load_zones(tmp_path / "t.gpkg", kind="ward", name_field="name")


def test_a_check_of_many_bad_files_says_a_word_of_each(tmp_path):
    database(tmp_path / "v.gpkg", ENDLESS)
    (tmp_path / "w.kml").write_text("<OGRVRTDataSource/>")
    rules = {found.rule for found in check_incidents(tmp_path).findings}
    assert {"views", "leads-elsewhere"} <= rules


@pytest.mark.parametrize("part", ["p.dbf", "p.gdb/a00000001.gdbtable"])
def test_the_parts_of_a_file_are_judged_as_it_is(tmp_path, part):
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("p.shp", b"x")
        packed.writestr(part, bytes(2**25))
    with refused("archive-bomb", part, kind=DataError, file="b.zip"):
        load_incidents(tmp_path / "b.zip", fields=MAPPED)
    with refused("archive-bomb", part, kind=DataError, file="b.zip"):
        load_zones(tmp_path / "b.zip", kind="ward")


def test_an_archive_of_very_many_files_is_looked_through_quickly(tmp_path):
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as packed:
        for number in range(3_000):
            packed.writestr(f"{number}.csv", b"")
    assert len(find_sources(tmp_path / "m.zip", Findings())) == 3_000
