"""Exported areas keep a schema with a version: other tools read them first."""

import csv
import importlib.util
import json
import sys
from pathlib import Path

import jsonschema
import pytest
from chain import cells_of
from tables import incidents_at, zone

import hotspots as hs
from hotspots.cli.main import main
from hotspots.core.behind import COLUMNS as FOR_THE_RELEASE
from hotspots.core.data import DEFINITIONS
from hotspots.report.answer import AREAS_SCHEMA

SCHEMA = json.loads((DEFINITIONS / "schemas" / "areas.schema.json").read_text(encoding="utf-8"))
COLUMNS = SCHEMA["definitions"]["area"]["properties"]
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "other_tool.py"
PARTNER = ("--audience", "partner", "--marking", "SHARED")
ASKED = {
    "jemlock": ("jemlock", "--min-incidents", "3", "--count", "6", "--victim-reported"),
    "jemlock-by-count": ("jemlock", "--by", "count", "--theme", "asb", "--count", "3"),
    "jemlock-none": ("jemlock", "--min-incidents", "9999"),
    "jemlock-partner": ("jemlock", "--min-incidents", "3", *PARTNER),
    "chb": ("chb", "--undecided", "out", "--draws", "20"),
    "wards": ("wards", "--residents", "population"),
    "wards-partner": ("wards", *PARTNER),
}


@pytest.fixture(scope="module")
def exported(folder):
    """GeoJSON and CSV of every command that writes areas, for colleagues and for partners."""
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    for name, (command, *words) in ASKED.items():
        files = ["--out", f"{name}.geojson", "--out", f"{name}.csv"]
        typed = ["hotspots", command, "--product", "product.toml", *words, *files]
        patch.setattr(sys, "argv", typed)
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code, name
    patch.undo()
    return folder


def features(exported, name):
    content = json.loads((exported / f"{name}.geojson").read_text(encoding="utf-8"))
    return [feature["properties"] for feature in content["features"]]


def validator(schema=SCHEMA):
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def test_the_version_of_the_schema_is_that_of_the_files():
    assert SCHEMA["schema_version"] == AREAS_SCHEMA
    assert SCHEMA["properties"]["hotspots_schema"]["const"] == AREAS_SCHEMA


def test_every_column_says_what_it_means_and_every_number_its_unit():
    assert all(column["description"] for column in COLUMNS.values())
    numbers = {name for name, one in COLUMNS.items() if "number" in one["type"]}
    assert {name for name in numbers if "x-unit" not in COLUMNS[name]} == {"mean_rank"}


@pytest.mark.parametrize("name", ASKED)
def test_exported_areas_keep_the_schema_and_hold_no_column_it_does_not_know(exported, name):
    content = json.loads((exported / f"{name}.geojson").read_text(encoding="utf-8"))
    assert list(content)[1] == "hotspots_schema"
    assert list(validator().iter_errors(content)) == []
    assert {column for row in features(exported, name) for column in row} <= set(COLUMNS)
    assert bool(content["features"]) == (name != "jemlock-none")


@pytest.mark.parametrize("name", ASKED)
def test_what_was_written_for_the_release_alone_is_in_no_file(exported, name):
    with (exported / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert not {*csv.DictReader(stream).fieldnames} & {*FOR_THE_RELEASE}
    assert not {column for row in features(exported, name) for column in row} & {*FOR_THE_RELEASE}
    assert not {*COLUMNS} & {*FOR_THE_RELEASE}


def test_cells_of_ones_own_are_exported_without_what_is_for_the_release(tmp_path):
    rows, city = incidents_at([(100, 100)] * 9, theme_asb=True), zone("City", (0, 0, 900, 900))
    cells = cells_of(rows, hs.H3Grid(8), theme="asb", within=city)
    assert {*FOR_THE_RELEASE} <= {*cells}
    record = hs.RunRecord("Town", marking="OFFICIAL")
    hs.write_geojson(cells, tmp_path / "own.geojson", record=record)
    hs.write_csv(cells, tmp_path / "own.csv", record=record)
    tables = hs.read_geopackage(hs.write_geopackage(cells, tmp_path / "own.gpkg", record=record))
    told = [*features(tmp_path, "own"), *tables.values()]
    told.append((tmp_path / "own.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(","))
    assert not {column for one in told for column in one} & {*FOR_THE_RELEASE}


PERIOD = ("period_from", "period_until")


def test_a_notebook_gets_the_tables_that_the_commands_write(exported, tmp_path):
    product = hs.load_product(exported / "product.toml")
    record = hs.RunRecord(product.title, product.marking, product.audience)
    incidents = product.prepare(record)
    asked = hs.select(incidents, hs.Question(period=product.period, within=product.within))
    zones = {kind: table for one in product.zones for kind, table in one.groupby("kind")}
    violence = asked.of("serious_violence")
    patrols = hs.select_patrol_areas(
        violence,
        count=6,
        min_incidents=3,
        victim_reported="victim_reported",
        wards=zones["ward"],
        record=record,
    )
    screen = hs.screen_clear_hold_build(
        asked, night_time_economy=zones["night_time_economy"], undecided="out", draws=20
    )
    wards = hs.compare_wards(
        zones["ward"], asked, only=product.priority_wards, population="population", record=record
    )
    patrol_areas, candidates = (
        hs.operations.burden_beside(table, zones=product.zones)
        for table in (patrols.areas, screen.table)
    )
    found = {"jemlock": patrol_areas, "chb": candidates, "wards": wards.with_outlines()}
    for name, table in found.items():
        hs.write_geojson(table, tmp_path / f"{name}.geojson", record=record)
        told, written = features(tmp_path, name), features(exported, name)
        drawn = ("theme", "kind", "place_name", "incident_count", "rank", *PERIOD)
        more = {"chb": drawn, "wards": PERIOD}.get(name, ())  # what a map needs beside the table
        assert {column for row in written for column in row} == {*told[0], *more}
        assert [{column: row[column] for column in told[0]} for row in written] == told
    theirs = hs.release(patrols.areas, record=record.copy(audience="partner"), keep=["sign_off"])
    path = hs.write_geojson(theirs, tmp_path / "theirs.geojson")
    assert list(validator().iter_errors(json.loads(path.read_text("utf-8")))) == []


@pytest.mark.parametrize("name", ASKED)
def test_tables_hold_the_same_columns_and_the_marking_last(exported, name):
    with (exported / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        assert rows.fieldnames[-1] == "marking"
        assert set(rows.fieldnames[:-1]) <= set(COLUMNS)
        area = validator({**SCHEMA, "$ref": "#/definitions/area"})
        for row in rows:
            row.pop("marking")
            typed = {column: as_typed(column, text) for column, text in row.items()}
            assert list(area.iter_errors(typed)) == []


def as_typed(column, text):
    """A cell of a CSV file as the schema says it is to be read."""
    kind = COLUMNS[column]["type"]
    if text == "" and "null" in kind:
        return None if column != "sign_off" else ""
    if "boolean" in kind:
        return {"true": True, "false": False}[text]
    return float(text) if "number" in kind or "integer" in kind else text


@pytest.mark.parametrize(
    ("column", "value"),
    [("rank", 0), ("rank", "first"), ("status", "chosen"), ("harm_share", 1.5), ("area_id", None)],
)
def test_the_schema_refuses_what_is_not_meant(exported, column, value):
    content = json.loads((exported / "jemlock.geojson").read_text(encoding="utf-8"))
    content["features"][0]["properties"][column] = value
    assert not validator().is_valid(content)
    del content["features"][0]["properties"][column]
    if column in SCHEMA["definitions"]["patrol_area"]["required"]:
        assert not validator().is_valid(content)


def test_the_example_for_other_tools_reads_by_the_version(exported, tmp_path):
    spec = importlib.util.spec_from_file_location("other_tool", EXAMPLE)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    marking, rows = tool.read_areas(exported / "jemlock.geojson")
    assert marking == hs.load_product(exported / "product.toml").marking and len(rows) == 6
    content = json.loads((exported / "jemlock.geojson").read_text(encoding="utf-8"))
    newer = tmp_path / "newer.geojson"
    newer.write_text(json.dumps(content | {"hotspots_schema": 2}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"schema 2\b.*\b1$"):
        tool.read_areas(newer)
    with pytest.raises(SystemExit, match="usage"):
        tool.main([])
