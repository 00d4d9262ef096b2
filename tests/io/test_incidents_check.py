# ruff: noqa: E501 - tables of cases are read line by line
"""The check says what is in a file, what is wrong with it, and what it can answer; it never raises."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Point

from hotspots.core.data import bundled
from hotspots.core.record import RunRecord
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents
from hotspots.io.incidents.parse_file import read_source
from hotspots.offences.baskets import load_basket

EXTRACT = """Incident Ref,Date Reported,Time Reported,Easting,Northing,Offence Code,Street,Domestic Flag
A1,31/07/2018,22:15,429790,433805,008/06,Park Row,N
A2,30/07/2018,,429790,433805,8N,Park Row,Y
A3,29/07/2018,01:00,430100,433900,19C,The Headrow,N
A4,28/07/2018,25:00,430100,433900,19C,The Headrow,N
A5,27/07/2018,02:00,53.8,-1.5,19C,The Headrow,N
"""


@pytest.fixture(scope="module")
def july():
    return check_incidents(bundled("incidents"))


@pytest.mark.parametrize("last", ["31/07/2018", "31/07/2018 23:59", "31/07/2018 00:10"])
def test_the_last_day_of_an_incident_is_one_of_the_days_told(tmp_path, last):
    rows = f"Date,Offence,X,Y\n01/07/2018,8N,429790,433805\n{last},8N,429790,433805\n"
    (tmp_path / "log.csv").write_text(rows)
    fields = FieldMap("log", date="Date", offence="Offence", easting="X", northing="Y")
    assert "2018-07-01 to 2018-07-31, both" in str(
        check_incidents(tmp_path / "log.csv", fields=fields)
    )


def test_the_leeds_julys_are_described_whole(july):
    content = july.to_dict()
    assert july.ok
    assert content["rows"] == {
        "read": 87_348, "accepted": 87_348, "rejected": 0, "unlocated": 3_771,
    }  # fmt: skip
    assert content["time"]["months"] == {"2016-07": 27_176, "2017-07": 28_537, "2018-07": 31_635}
    assert content["time"]["precision"] == {"month": 87_348}
    assert len(content["time"]["months_without_rows"]) == 22
    assert sum(content["offences"].values()) == 87_348 and len(content["offences"]) == 14
    assert content["institutions"] == {"Hospital": 198, "Police Station": 107, "Prison": 179}
    assert content["repeats"]["blank_references"] == 18_826
    assert content["repeats"]["rows_that_look_alike"] == 2_289 + 1_857 + 1_563
    assert list(content["lsoa_vintage"]) == ["2011"]


def test_snapped_points_are_found_out_and_name_an_honest_cell(july):
    points = july.to_dict()["points"]
    assert points["snapped"] is True and points["finest_h3"] == 9
    assert points["located"] == 83_577 and points["largest_pile"] > 54


def test_places_rounded_to_a_hundred_metres_are_no_places_of_their_own(tmp_path):
    places = [
        f"{429_000 + 100 * n},{433_000 + 100 * (n % 7)},01/07/2025,Burglary" for n in range(40)
    ]
    (tmp_path / "fire.csv").write_text("\n".join(["X,Y,Date,Offence", *places]))
    content = check_incidents(tmp_path / "fire.csv").to_dict()
    assert content["points"]["snapped"] is True and content["points"]["rounded_m"] == 100
    answers = {entry["question"]: entry["answer"] for entry in content["answers"]}
    assert answers["Which address or premises?"] == "no"


def test_the_themes_and_questions_say_what_open_data_cannot_carry(july):
    content = july.to_dict()
    assert content["themes"]["asb"] == "measured"
    assert content["themes"]["serious_violence"].startswith("proxy")
    assert content["themes"]["vehicle_nuisance"].startswith("absent")
    answers = {entry["question"]: entry["answer"] for entry in content["answers"]}
    assert answers["Which days of the week, which hours?"] == "no"
    assert answers["Which address or premises?"] == "no"
    assert answers["Where is serious violence?"] == "with care"
    assert any(told.startswith("ASB recording") for told in content["breaks"])


def test_the_report_is_text_for_people_and_json_for_machines(july):
    json.dumps(july.to_dict())
    text = july.to_text()
    assert text == str(july)
    for word in ("87,348", "Places", "Themes", "What it can answer", "Breaks", "Findings"):
        assert word in text
    assert max(len(line) for line in text.splitlines()) < 400


def test_an_unknown_layout_is_guessed_and_the_guess_can_be_used(tmp_path: Path):
    file = tmp_path / "extract.csv"
    file.write_text(EXTRACT)
    report = check_incidents(file)
    content = report.to_dict()
    assert content["rows"] == {"read": 5, "accepted": 4, "rejected": 1, "unlocated": 1}
    assert content["offence_schemes"] == ["home_office"]
    told = {(found["severity"], found["rule"], found["line"]) for found in content["findings"]}
    assert {("error", "time-format", 5), ("warning", "degrees-not-metres", 6)} <= told
    saved = tmp_path / "map.toml"
    saved.write_text(content["guessed_field_maps"]["extract.csv"])
    fields = FieldMap.from_toml(saved)
    assert fields.columns == {
        "easting": "Easting", "northing": "Northing", "date": "Date Reported",
        "time": "Time Reported", "offence": "Offence Code", "place_name": "Street",
        "reference": "Incident Ref", "domestic": "Domestic Flag",
    }  # fmt: skip
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    assert len(load_incidents(file, fields=fields, record=record)) == 4


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        ("id,lat,lon,when,type", "1,53.8,-1.5,2018-07-31,Noise", {"latitude": "lat", "date": "when"}),
        ("x,y,start,end,crime", "-1.5,53.8,2018-07-31 10:00,2018-07-31 11:00,Theft",
         {"longitude": "x", "from_date": "start", "until_date": "end"}),
        ("East,North,Month,Crime category", "429790,433805,Jul-18,Burglary",
         {"easting": "East", "month": "Month", "offence": "Crime category"}),
        ("X,Y,date,kind", "429790,433805,04/27/2018,Noise", {"date": "date"}),
    ],
)  # fmt: skip
def test_common_headers_are_guessed(tmp_path: Path, header, row, expected):
    file = tmp_path / "log.csv"
    file.write_text(f"{header}\n{row}\n")
    content = check_incidents(file).to_dict()
    assert content["rows"]["accepted"] == 1
    for what, column in expected.items():
        assert f'{what} = "{column}"' in content["guessed_field_maps"]["log.csv"]


@pytest.mark.parametrize(
    "data", [b"", b"ward,people\nHeadingley,3\n", b"\x00\xff" * 90, b"a,a\n1,2\n", b"<html>"]
)
def test_a_file_that_holds_no_incidents_is_told_not_raised(tmp_path: Path, data: bytes):
    (tmp_path / "file.csv").write_bytes(data)
    record = RunRecord("Test", marking="OPEN DATA - TEST")
    report = check_incidents(tmp_path / "file.csv", record=record)
    assert not report.ok and "file.csv" in report.to_text()
    assert len(record.findings) and not record.sources
    json.dumps(report.to_dict())


def test_one_bad_file_does_not_hide_the_good_ones(tmp_path: Path):
    (tmp_path / "bad.csv").write_bytes(b"")
    (tmp_path / "good.csv").write_text(EXTRACT)
    content = check_incidents(tmp_path).to_dict()
    assert [file["name"] for file in content["files"]] == ["good.csv"]
    assert "bad.csv" in str(content["findings"])


def test_paths_that_lead_nowhere_are_told(tmp_path: Path):
    assert not check_incidents(tmp_path / "nowhere.csv").ok
    assert not check_incidents(tmp_path).ok


def messy(folder: Path) -> Path:
    """One good file among many that are not."""
    folder.mkdir()
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(1, 2)], crs=27700).to_file(
        folder / "two.gpkg", layer="one"
    )
    gpd.GeoDataFrame({"a": [1]}, geometry=[Point(1, 2)], crs=27700).to_file(
        folder / "two.gpkg", layer="other"
    )
    (folder / "cut.gpkg").write_bytes((folder / "two.gpkg").read_bytes()[:20_000])
    (folder / "bad.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},'
        '"geometry":{"type":"Point","coordinates":["x"]}}]}'
    )
    (folder / "other.json").write_text('{"a": 1}')
    (folder / "bad.parquet").write_bytes(b"PAR1")
    (folder / "bad.zip").write_bytes(b"PK")
    (folder / "unknown.csv").write_text("a,b\n1,2\n")
    (folder / "good.csv").write_text(
        EXTRACT.splitlines()[0] + "\n" + EXTRACT.splitlines()[1] + "\n"
    )
    return folder


def test_every_file_is_looked_at_and_the_end_sums_up(tmp_path: Path):
    folder = messy(tmp_path / "files")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = check_incidents(folder)
    assert not report.ok
    assert [file["name"] for file in report.to_dict()["files"]] == ["good.csv"]
    summary = report.to_text().split("Summary\n")[1].split("\n")
    assert summary[0].split()[:3] == ["1", "of", "8"]
    for name in ("cut.gpkg", "other.json", "bad.parquet", "bad.zip"):
        assert f"  wrong: {name}" in summary
    for name in ("two.gpkg", "unknown.csv", "bad.geojson"):
        assert f"  left out: {name}" in summary
    text = report.to_text()
    of_layers = [found for found in report.findings if found.file == "two.gpkg"]
    (layers,) = [found for found in of_layers if "'other'" in str(found)]
    assert (layers.rule, layers.severity) == ("reader", "warning") and str(layers) in text
    unknown = [found for found in report.findings if found.rule == "unknown-layout"]
    assert unknown and {found.mend for found in unknown} == {Mend("write-field-map")}
    assert all(str(found) in text for found in unknown)
    assert "RuntimeWarning" not in text


def test_what_nobody_foresaw_is_told_of_its_file_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(EXTRACT.replace("A1", name))

    def breaks(source, *others):
        if source.name == "one.csv":
            raise ZeroDivisionError("never seen before")
        return read_source(source, *others)

    monkeypatch.setattr("hotspots.io.incidents.check.read_source", breaks)
    report = check_incidents(tmp_path)
    assert [file["name"] for file in report.to_dict()["files"]] == ["two.csv"]
    (told,) = [found for found in report.findings if found.rule == "unreadable"]
    assert (told.file, told.severity) == ("one.csv", "error")
    assert "ZeroDivisionError: never seen" in str(told) and f"error: {told}" in report.to_text()


def test_a_file_that_another_program_holds_is_told_with_what_to_do(tmp_path, monkeypatch):
    def held(path):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "one.csv").write_text(EXTRACT)
    monkeypatch.setattr(Path, "read_bytes", held)
    (told,) = check_incidents(tmp_path / "one.csv").findings
    assert (told.rule, told.file) == ("unreadable", "one.csv") and "Excel" in str(told)


def test_the_command_prints_no_warning_of_its_readers_and_fails_where_a_file_does(tmp_path: Path):
    messy(tmp_path / "files")
    done = subprocess.run(
        [sys.executable, "-m", "hotspots", "check", "files"],
        capture_output=True, text=True, cwd=tmp_path, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "" and "1 of 8 " in done.stdout


def home_office(tmp_path: Path, *offences: str) -> dict[str, str]:
    rows = [f"A{n},31/07/2018,22:15,42979{n},433805,{o},Park Row,N" for n, o in enumerate(offences)]
    (tmp_path / "x.csv").write_text("\n".join([EXTRACT.splitlines()[0], *rows]) + "\n")
    return check_incidents(tmp_path / "x.csv").to_dict()["themes"]


def test_themes_of_a_partners_extract_are_what_its_codes_carry(tmp_path: Path):
    states = home_office(tmp_path, "ASB vehicle nuisance", "34B")
    nuisance = load_basket("vehicle_nuisance").reading("home_office")
    asb = load_basket("asb").reading("home_office")
    assert nuisance.note and states["vehicle_nuisance"] == f"proxy: {nuisance.note}"
    assert (states["asb"], states["serious_violence"]) == ("measured", "measured")
    states = home_office(tmp_path, "46", "ASB noise")
    assert nuisance.note_if_none and asb.note_if_none
    assert states["vehicle_nuisance"] == f"absent: {nuisance.note_if_none}"
    state, _, why = states["serious_violence"].partition(": ")
    assert state == "absent" and why
    assert home_office(tmp_path, "802")["asb"] == f"absent: {asb.note_if_none}"


def test_a_pile_is_more_than_one_incident(tmp_path: Path):
    home_office(tmp_path, "46", "46", "46")
    report = check_incidents(tmp_path / "x.csv")
    assert report.to_dict()["piles"] == [] and "largest piles" not in report.to_text()
    assert "resolution None" not in report.to_text()
