"""No row is lost in silence: what a reader gives is held against a count of another kind."""

import contextlib
import io
import json
import re
import sqlite3
import warnings
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.io.count_rows import features, sheet_rows, xml_features
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents
from hotspots.io.read_vector import read_vector

ROWS = 59
PLAIN = FieldMap(
    "log", reference="Ref", date="When", offence="Code", offence_scheme="home_office",
    easting="X", northing="Y",
)  # fmt: skip
MAPPED = FieldMap(
    "points", reference="Ref", date="When", offence="Code", offence_scheme="home_office",
    geometry=True,
)  # fmt: skip


def table(rows: int = ROWS) -> pd.DataFrame:
    at = range(rows)
    return pd.DataFrame(
        {"Ref": [f"r{n}" for n in at], "When": "2025-07-03", "Code": "8N",
         "X": [430_000 + n for n in at], "Y": [433_000] * rows}
    )  # fmt: skip


def points(rows: int = ROWS) -> gpd.GeoDataFrame:
    plain = table(rows)
    return gpd.GeoDataFrame(
        plain[["Ref", "When", "Code"]],
        geometry=gpd.points_from_xy(plain["X"], plain["Y"]),
        crs=27700,
    )


def read(path, fields=MAPPED) -> int:
    record = RunRecord("test", marking="TEST")
    incidents = load_incidents(path, fields=fields, record=record)
    assert len(incidents) == record.read == record.accepted
    return record.read


def workbook(path, mend) -> None:
    """A workbook whose sheet's XML went through `mend` after it was written."""
    table().to_excel(path, index=False)
    with zipfile.ZipFile(path) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = mend(members[sheet].decode()).encode()
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)


STRICT = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.mark.parametrize("change", [
    lambda parts: parts.pop("xl/worksheets/sheet2.xml"),
    lambda parts: parts.update({"xl/workbook.xml": parts["xl/workbook.xml"].replace(
        STRICT, b"http://purl.oclc.org/ooxml/officeDocument/relationships")}),
], ids=["a part is missing", "strict"])  # fmt: skip
def test_a_sheet_that_the_reader_does_not_find_is_not_passed_over(tmp_path, change):
    with pd.ExcelWriter(tmp_path / "log.xlsx") as book:
        for name in ("June", "July"):
            table().to_excel(book, sheet_name=name, index=False)
    with zipfile.ZipFile(tmp_path / "log.xlsx") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    change(parts)
    with zipfile.ZipFile(tmp_path / "log.xlsx", "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    with warnings.catch_warnings(), refused("rows-lost", "'July'", kind=DataError, file="log.xlsx"):
        warnings.simplefilter("error")  # a library's words say nothing to who reads a workbook
        read(tmp_path / "log.xlsx", PLAIN)


@pytest.mark.parametrize("stale", ["A1:E10", "A1:E2", "A1", "A1:C60"])
def test_a_sheet_that_says_it_is_smaller_than_it_is_is_read_whole(tmp_path, stale):
    said = f'<dimension ref="{stale}"'
    workbook(tmp_path / "log.xlsx", lambda xml: re.sub(r'<dimension ref="[^"]*"', said, xml))
    assert read(tmp_path / "log.xlsx", PLAIN) == ROWS


@pytest.mark.parametrize(("row", "said"), [(30, 3), (1, 0), (1, -5), (60, 10**12)])
def test_a_row_where_none_can_stand_is_refused_and_not_passed_over(tmp_path, row, said):
    """Readers would count up to the last of them for days."""
    was, now = (f'<row r="{number}"' for number in (row, said))
    workbook(tmp_path / "log.xlsx", lambda xml: xml.replace(was, now))
    with refused("rows-lost", f"row {said}", kind=DataError, file="log.xlsx"):
        read(tmp_path / "log.xlsx", PLAIN)


def test_a_sheet_with_a_broken_byte_is_an_error_of_the_file(tmp_path):
    workbook(tmp_path / "log.xlsx", lambda xml: xml.replace('<row r="30"', '<row r="30" \x01'))
    with refused("unreadable", kind=DataError, file="log.xlsx"):
        read(tmp_path / "log.xlsx", PLAIN)


def test_entities_are_no_part_of_a_sheet():
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><sheetData><row r="1"/></sheetData>'
    with refused("unreadable", kind=DataError, file="b.xlsx"):
        sheet_rows(io.BytesIO(bomb), "b.xlsx")


@pytest.mark.parametrize("stated", [0, 5, 5_000])
def test_the_number_a_geopackage_notes_of_itself_is_not_believed(tmp_path, stated):
    points().to_file(tmp_path / "p.gpkg", layer="log")
    with contextlib.closing(sqlite3.connect(tmp_path / "p.gpkg")) as file, file:
        file.execute("UPDATE gpkg_ogr_contents SET feature_count = ?", [stated])
    assert read(tmp_path / "p.gpkg") == ROWS


def test_a_list_in_a_cell_is_one_text(tmp_path):
    """Of several offences nobody can say which was meant: the row is put aside, not the file."""
    points().to_crs(4326).to_file(tmp_path / "p.geojson")
    content = json.loads((tmp_path / "p.geojson").read_text())
    for at, entry in enumerate(content["features"]):
        entry["properties"] |= {"Ref": ["r", str(at)], "Code": ["8N", "9A"] if at == 7 else "8N"}
    (tmp_path / "p.geojson").write_text(json.dumps(content))
    record = RunRecord("Test", marking="TEST")
    load_incidents(tmp_path / "p.geojson", fields=MAPPED, record=record)
    assert (record.accepted, record.rejected) == (ROWS - 1, 1)


@pytest.mark.parametrize("bad", [{"type": "feature"}, None, [], 7])
def test_features_that_gdal_passes_over_are_refused(tmp_path, bad):
    points().to_crs(4326).to_file(tmp_path / "p.geojson")
    content = json.loads((tmp_path / "p.geojson").read_text())
    for at in (7, 20, 21):
        entry = content["features"][at]
        content["features"][at] = entry | bad if isinstance(bad, dict) else bad
    (tmp_path / "p.geojson").write_text(json.dumps(content))
    with refused("rows-lost", "59", "56", "entry 8", kind=DataError, file="p.geojson"):
        read(tmp_path / "p.geojson")


def test_one_name_twice_in_an_archive_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("a.csv", table(10).to_csv(index=False))
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("a.csv", table(3).to_csv(index=False))
    with refused("archive-twice", "'a.csv'", kind=DataError, file="a.zip"):
        read(tmp_path / "a.zip", PLAIN)


def test_a_shapefile_whose_table_states_too_few_records_is_refused(tmp_path):
    points().to_file(tmp_path / "p.shp")
    dbf = bytearray((tmp_path / "p.dbf").read_bytes())
    dbf[4:8] = (5).to_bytes(4, "little")
    (tmp_path / "p.dbf").write_bytes(dbf)
    with refused("rows-lost", "59", "5", kind=DataError, file="p.shp"):
        read(tmp_path / "p.shp")


def test_a_record_that_was_deleted_from_a_shapefile_is_no_row(tmp_path):
    points().to_file(tmp_path / "p.shp")
    dbf = bytearray((tmp_path / "p.dbf").read_bytes())
    dbf[int.from_bytes(dbf[8:10], "little")] = ord("*")
    (tmp_path / "p.dbf").write_bytes(dbf)
    assert read(tmp_path / "p.shp") == ROWS - 1


@given(st.lists(st.sampled_from(["Feature", "feature", None]), max_size=9))
def test_every_entry_of_a_collection_is_counted(kinds):
    entries = [{"type": kind} if kind else None for kind in kinds]
    counted, why = features({"type": "FeatureCollection", "features": entries})
    assert counted == len(kinds) and bool(why) == any(kind != "Feature" for kind in kinds)


def test_placemarks_are_counted_in_every_folder():
    folder = b"<Folder><Placemark/><Placemark/></Folder>"
    kml = b'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>%s%s</Document></kml>'
    assert xml_features(kml % (folder, folder), "p.kml") == 4


def test_a_template_beside_a_gml_that_leads_past_rows_is_named(tmp_path):
    points().to_file(tmp_path / "p.gml", driver="GML")
    (tmp_path / "p.xsd").unlink()
    (tmp_path / "p.gfs").write_text(
        "<GMLFeatureClassList><GMLFeatureClass><Name>q</Name><ElementPath>q</ElementPath>"
        "</GMLFeatureClass></GMLFeatureClassList>"
    )
    with refused("rows-lost", "p.gfs", "59", kind=DataError, file="p.gml"):
        read_vector(tmp_path / "p.gml")


KINDS = pytest.mark.parametrize(
    ("driver", "name"),
    [("GPKG", "p.gpkg"), ("SQLite", "p.sqlite"), ("GeoJSON", "p.geojson"), ("KML", "p.kml"),
     ("GeoJSONSeq", "p.geojsonl"), ("FlatGeobuf", "p.fgb"), ("ESRI Shapefile", "p.shp"),
     ("MapInfo File", "p.tab"), ("MapInfo File", "p.mif"), ("OpenFileGDB", "p.gdb"),
     ("GML", "p.gml")],
)  # fmt: skip


@KINDS
def test_a_file_cut_short_is_refused_or_loses_no_row(tmp_path, driver, name):
    """Of a Shapefile that was cut the rows are all there, some without a place."""
    points().to_crs(4326).to_file(tmp_path / name, driver=driver)
    (tmp_path / "p.xsd").unlink(missing_ok=True)
    path = tmp_path / name
    for file in [path] if path.is_file() else sorted(path.iterdir()):
        whole = file.read_bytes()
        for share in range(0, 100, 19):
            file.write_bytes(whole[: len(whole) * share // 100])
            with contextlib.suppress(DataError):
                assert len(read_vector(path).rows) == ROWS, (file.name, share)
        file.write_bytes(whole)


@KINDS
@pytest.mark.parametrize("rows", [1, ROWS])
def test_every_kind_gives_as_many_rows_as_were_written(tmp_path, driver, name, rows):
    points(rows).to_crs(4326).to_file(tmp_path / name, driver=driver)
    assert len(read_vector(tmp_path / name).rows) == rows
