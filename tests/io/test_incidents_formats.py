# ruff: noqa: E501 - tables of cases are read line by line
"""Workbooks, GeoPackage, GeoJSON, Parquet and the API give the same incidents as a CSV file."""

import contextlib
import datetime as dt
import gzip
import json
import sqlite3
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.io.guard import reason_of
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents

PLAIN = FieldMap(
    "log", easting="X", northing="Y", date="When", offence="Code", offence_scheme="home_office",
    reference="Ref", place_name="Street",
)  # fmt: skip
FROM_GEOMETRY = FieldMap(
    "log", geometry=True, date="When", offence="Code", offence_scheme="home_office",
    reference="Ref", place_name="Street",
)  # fmt: skip
ROWS = pd.DataFrame(
    {
        "Ref": ["1", "2", "3", "4"],
        "When": pd.to_datetime(
            ["2018-07-01 10:15", "2018-07-02 00:00", "2018-07-03 23:59", "2018-07-04 00:00"]
        ),
        "Code": ["8N", "008/06", "19C", "8N"],
        "Street": ["Park Row", "The Headrow", None, "Café Row"],
        "X": [429_790.125, 430_000.0, 431_000.5, None],
        "Y": [433_805.001, 434_000.0, 433_000.5, None],
    }
)


def new_record() -> RunRecord:
    return RunRecord("Test", marking="OFFICIAL - TEST")


def load(path: Path, fields: FieldMap | None = None, **options):
    record = new_record()
    incidents = load_incidents(path, fields=fields, record=record, **options)
    require_table(incidents, INCIDENTS, argument="incidents")
    return incidents, record


@pytest.fixture
def from_csv(tmp_path: Path):
    file = tmp_path / "log.csv"
    ROWS.assign(When=ROWS["When"].astype(str).str.removesuffix(":00")).to_csv(file, index=False)
    return load(file, PLAIN)[0]


def same(one: gpd.GeoDataFrame, two: gpd.GeoDataFrame) -> None:
    columns = ["offence", "reference", "place_name"]
    pd.testing.assert_frame_equal(
        one[columns].reset_index(drop=True), two[columns].reset_index(drop=True)
    )
    assert one["occurred_from"].tolist() == two["occurred_from"].tolist()
    assert one.geometry.to_wkb().tolist() == two.geometry.to_wkb().tolist()


def points() -> gpd.GeoDataFrame:
    where = gpd.points_from_xy(ROWS["X"], ROWS["Y"], crs="EPSG:27700")
    frame = gpd.GeoDataFrame(ROWS.drop(columns=["X", "Y"]), geometry=where)
    frame.loc[ROWS["X"].isna(), "geometry"] = None
    return frame


def test_a_workbook_gives_the_incidents_of_its_csv(tmp_path: Path, from_csv):
    file = tmp_path / "log.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Data")
    sheet.append(list(ROWS.columns))
    for row in ROWS.itertuples(index=False):
        sheet.append([None if pd.isna(cell) else cell for cell in row])
        if row.Ref == "2":
            sheet.append([None] * 6)
    book.save(file)
    fields = replace(PLAIN, sheet="Data")  # fmt: skip
    incidents, _ = load(file, fields)
    same(incidents, from_csv)
    assert incidents["source_row"].tolist() == [2, 3, 5, 6]
    with refused("no-such-sheet", "'Sheet9'", kind=DataError, file="log.xlsx"):
        load(
            file,
            FieldMap("x", easting="X", northing="Y", date="When", offence="Code", sheet="Sheet9"),
        )
    same(load(file, PLAIN)[0], from_csv)
    same(load(file.rename(tmp_path / "log.xlsm"), PLAIN)[0], from_csv)
    file = (tmp_path / "log.xlsm").rename(file)
    with refused("empty-sheet", "'Notes'", kind=DataError):
        load(file, PLAIN, sheet="Notes")


def test_dates_and_times_of_a_workbook_are_read_as_such(tmp_path: Path):
    file = tmp_path / "log.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["X", "Y", "Day", "Clock", "Code", "Number"])
    book.active.append([429790, 433805, dt.date(2018, 7, 31), dt.time(22, 15), "8N", 4.0])
    book.save(file)
    fields = FieldMap("x", easting="X", northing="Y", date="Day", time="Clock", offence="Code")
    incidents, _ = load(file, fields, keep=["Number"])
    assert incidents["occurred_from"].iloc[0].isoformat() == "2018-07-31T22:15:00+01:00"
    assert incidents["Number"].tolist() == ["4"]


@pytest.mark.parametrize("name", ["log.gpkg", "log.geojson", "log.parquet", "log.geojson.gz"])
def test_geometry_gives_the_places_of_the_csv(tmp_path: Path, name: str, from_csv):
    file = tmp_path / name
    frame = points()
    if name.endswith("parquet"):
        frame.to_parquet(file)
    elif name.endswith(".gz"):
        frame.to_file(tmp_path / "plain.geojson", driver="GeoJSON")
        file.write_bytes(gzip.compress((tmp_path / "plain.geojson").read_bytes()))
    else:
        frame.to_file(file)
    incidents, _ = load(file, FROM_GEOMETRY)
    same(incidents, from_csv)
    report = check_incidents(file).to_dict()
    assert report["rows"]["accepted"] == 4 and report["rows"]["unlocated"] == 1
    assert "geometry = true" in report["guessed_field_maps"][name]


def test_geometry_in_degrees_is_brought_over_and_other_shapes_are_put_aside(tmp_path: Path):
    file = tmp_path / "log.gpkg"
    frame = points().to_crs("EPSG:4326")
    frame.loc[0, "geometry"] = frame.geometry.iloc[1].buffer(0.001)
    frame.to_file(file)
    incidents, record = load(file, FROM_GEOMETRY)
    assert incidents["place_state"].tolist() == ["impossible", "located", "located", "blank"]
    assert [f.value for f in record.findings if f.rule == "not-a-point"] == ["Polygon"] * 2
    moved = incidents.geometry.iloc[1]
    assert abs(moved.x - 430_000) < 0.002 and abs(moved.y - 434_000) < 0.002


def test_a_parquet_without_geometry_and_a_map_that_asks_for_one(tmp_path: Path, from_csv):
    file = tmp_path / "log.parquet"
    ROWS.to_parquet(file)
    same(load(file, PLAIN)[0], from_csv)
    with refused("no-geometry", kind=DataError, file="log.parquet"):
        load(file, FROM_GEOMETRY)


CRIME = {
    "category": "violent-crime", "location_type": "Force", "context": "", "outcome_status": None,
    "location": {"latitude": "53.8", "longitude": "-1.55",
                 "street": {"id": 1, "name": "On or near Park Row"}},
    "persistent_id": "abc", "id": 1, "location_subtype": "", "month": "2023-04",
}  # fmt: skip


def test_the_api_gives_street_crime(tmp_path: Path):
    file = tmp_path / "2023-04.json"
    nowhere = {**CRIME, "category": "anti-social-behaviour", "persistent_id": "", "location": None}
    file.write_text(json.dumps([CRIME, nowhere, {**CRIME, "category": "parking"}]))
    incidents, record = load(file)
    assert incidents["offence"].tolist() == [
        "Violence and sexual offences",
        "Anti-social behaviour",
    ]
    assert incidents["place_name"].tolist()[0] == "Park Row"
    assert incidents.geometry.isna().tolist() == [False, True]
    assert incidents.index.tolist() == ["2023-04.json:1", "2023-04.json:2"]
    assert record.quarantine[0].line == 3 and record.attributions
    assert record.sources[0].facts["published_record_by_record"] is True


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.json", b"{"), ("x.json", b'{"error": 1}'), ("x.json", b"[1, 2]"), ("x.json", b'[{"a": 1}]'),
        ("x.geojson", b"{}"), ("x.gpkg", b"SQLite format 3\x00"), ("x.parquet", b"PAR1PAR1"),
        ("x.xlsx", b"PK\x03\x04"), ("x.xlsx", b"a,b\n1,2\n"), ("x.json", b""), ("x.gpkg", b""),
        ("x.json.gz", b"[]"), ("x.json", b"[" * 100_000),
    ],
)  # fmt: skip
def test_broken_files_of_every_kind_are_errors_that_name_the_file(tmp_path: Path, name, data):
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(DataError, match=name):
        load(file, PLAIN)
    assert not check_incidents(file, fields=PLAIN).ok


def test_a_parquet_file_whose_texts_repeat_without_measure_is_refused(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    rows = 300_000
    long = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["8N" + " " * 20_000])
    table = pa.table({"Code": long, "When": ["2018-07-01"] * rows, "X": [1.0] * rows})
    parquet.write_table(table, tmp_path / "b.parquet", compression="zstd", store_schema=False)
    assert (tmp_path / "b.parquet").stat().st_size < 100_000
    with refused("archive-size", "2 GiB", kind=DataError):
        load_incidents(tmp_path / "b.parquet", fields=PLAIN, largest_gib=2)


def test_a_parquet_file_of_more_rows_than_fit_is_refused_by_its_contents(tmp_path):
    wide = pd.DataFrame({name: [1.0] * 200_000 for name in "abcdefgh"})
    wide.to_parquet(tmp_path / "n.parquet")
    with refused("archive-size", "0.01 GiB", kind=DataError):
        load_incidents(tmp_path / "n.parquet", fields=PLAIN, largest_gib=0.01)


def view_of_itself(path, rows=10**12):
    """A GeoPackage whose layer is a view that computes rows for hours."""
    points = gpd.points_from_xy([430_000.0], [433_000.0], crs=27700)
    columns = {"When": ["2018-07-01"], "Code": ["8N"], "Ref": ["1"], "Street": ["Park Row"]}
    gpd.GeoDataFrame(columns, geometry=points).to_file(path, layer="log")
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA foreign_keys = OFF")
        file.execute(
            f"CREATE VIEW many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            f'WHERE i < {rows}) SELECT n.i AS fid, geom, "When", Code, Ref, Street FROM n, log'
        )
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('many', 'features', 'many', 27700)"
        )
        file.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('many', 'geom', 'POINT', 27700, 0, 0)"
        )
        file.commit()


@pytest.mark.parametrize("layer", [None, "many"])
def test_a_view_that_would_never_end_is_refused_and_a_table_beside_it_is_read(tmp_path, layer):
    view_of_itself(tmp_path / "v.gpkg")
    with refused("views", "'many'", kind=DataError, file="v.gpkg"):
        load_incidents(tmp_path / "v.gpkg", fields=replace(FROM_GEOMETRY, layer=layer))
    table = load_incidents(tmp_path / "v.gpkg", fields=replace(FROM_GEOMETRY, layer="log"))
    assert len(table) == 1


def test_a_view_inside_an_archive_is_refused_too(tmp_path):
    view_of_itself(tmp_path / "v.gpkg")
    with zipfile.ZipFile(tmp_path / "v.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "v.gpkg", "v.gpkg")
    with refused("views", "'many'", kind=DataError, file="v.zip/v.gpkg"):
        load_incidents(tmp_path / "v.zip", fields=FROM_GEOMETRY)


def test_an_error_without_words_is_told_by_its_name():
    assert reason_of(ValueError()) == "ValueError"
    assert reason_of(ValueError("bad. ")) == "bad"
