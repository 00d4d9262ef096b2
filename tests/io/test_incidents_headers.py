"""Titles above the header, cover sheets, a sheet a month: what is no row is told."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.column_kinds import find_header
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents

HEADER = ["Ref", "Offence", "Easting", "Northing", "Date"]
ROWS = [
    [f"R{n}", "Burglary", 429_790 + 37 * n, 433_805 + 53 * n, f"{13 + n}/07/2025"] for n in range(6)
]
LOG = FieldMap(
    "log", easting="Easting", northing="Northing", date="Date", offence="Offence",
    offence_scheme="police_uk", reference="Ref",
)  # fmt: skip
ABOVE = {
    "nothing": "",
    "titles and a blank line": "ASB log,,,,\nRun on 01/08/2025,,,,\n,,,,\n",
    "a title of one cell, not padded": "ASB log\n\n",
    "names and values side by side": "Unit:,Leeds,,From:,01/07/2025\nRows,6,,,\n",
    "a quoted title over two lines": '"Crime, ASB\nand other",,,,\n',
    "groups over the names": "Crime,,Place,,Time\n",
    "a quote nobody closed": 'The "log,,,,\n',
    "a full line of words": "Extract,made,for,the,council\n",
}


def lines(header, rows, mark=",") -> str:
    return "".join(f"{mark.join(map(str, row))}\n" for row in [header, *rows])


def load(path: Path, fields: FieldMap | None = LOG, **options):
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    return load_incidents(path, fields=fields, record=record, **options), record


def rules(record) -> dict[str, str]:
    return {found.rule: found.severity for found in record.findings}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_the_header_is_found_below_what_stands_above_it(tmp_path: Path, above: str):
    file = tmp_path / "log.csv"
    file.write_text(above + lines(HEADER, ROWS))
    first = above.count("\n") + 2
    incidents, record = load(file)
    assert incidents["source_row"].tolist() == list(range(first, first + 6))
    assert rules(record).get("header-found") == ("note" if above else None)
    report = check_incidents(file).to_dict()
    assert report["rows"] == {"read": 6, "accepted": 6, "rejected": 0, "unlocated": 0}
    assert 'easting = "Easting"' in report["guessed_field_maps"]["log.csv"]


def test_a_rejected_row_is_told_by_the_line_of_the_file(tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text(ABOVE["titles and a blank line"] + lines(HEADER, [*ROWS, ["too", "short"]]))
    _, record = load(file)
    (rejected,) = record.quarantine
    assert (rejected.line, rejected.text) == (11, "too,short")


def test_a_spreadsheet_names_its_delimiter(tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text("sep=;\n" + lines(HEADER, ROWS, ";"))
    incidents, _ = load(file)
    assert incidents["source_row"].tolist() == list(range(3, 9))


def test_a_header_can_be_named_and_is_then_believed(tmp_path: Path):
    file = tmp_path / "log.csv"
    file.write_text("Notes\n" * 70 + lines(HEADER, ROWS))
    with refused("missing-column", kind=DataError):
        load(file)
    for options in ({"header_row": 71}, {"fields": replace(LOG, header_row=71)}):
        incidents, _ = load(file, **options)
        assert incidents["source_row"].tolist()[0] == 72


def test_street_crime_below_a_title_is_still_recognised(tmp_path: Path):
    file = tmp_path / "2018-07-street.csv"
    file.write_text(
        "Downloaded by hand\nCrime ID,Month,Longitude,Latitude,Location,LSOA code,Crime type\n"
        "a,2018-07,-1.5492,53.7997,On or near Park Row,E01011698,Burglary\n"
    )
    incidents, _ = load(file, fields=None)
    assert incidents["place_name"].tolist() == ["Park Row"]


def test_a_file_without_a_header_keeps_its_first_row_as_one():
    assert find_header([["R1", "Burglary", "429790"], ["R2", "Burglary", "429800"]]) == 0
    assert find_header([]) == find_header([["Only"], ["one"], ["column"]]) == 0


@pytest.mark.parametrize("fields", [None, LOG], ids=["known layouts", "a field map"])
def test_a_row_that_stands_where_a_header_should_is_not_quoted(tmp_path: Path, fields):
    row = "Mary Nobody,03/07/2025,429790,433805,Assault"
    (tmp_path / "log.csv").write_text(f"{row}\n{row}\n")
    with pytest.raises(DataError) as error:
        load_incidents(tmp_path / "log.csv", fields=fields)
    told = str(error.value) + check_incidents(tmp_path / "log.csv").findings[0].message
    assert "log.csv" in told and not any(cell in told for cell in row.split(","))


# --- workbooks ------------------------------------------------------------------------------------


def workbook(path: Path, **sheets: list[list]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


COVER = [["Performance and Intelligence"], ["Run on", "01/08/2025"], [], ["Handle as OFFICIAL"]]


def test_a_sheet_a_month_is_read_whole_and_each_has_its_account(tmp_path: Path):
    file = workbook(
        tmp_path / "log.xlsx",
        June=[HEADER, *ROWS],
        July=[["ASB log"], [], HEADER, *ROWS[:4]],
        Blank=[],
    )
    incidents, record = load(file)
    assert [(one.name, one.read) for one in record.sources] == [
        ("log.xlsx/June", 6),
        ("log.xlsx/July", 4),
    ]
    assert incidents.index[-1] == "log.xlsx/July:7" and incidents.index.is_unique
    assert "sheet-left-out" not in rules(record)
    assert check_incidents(file).to_dict()["rows"]["read"] == 10


def test_a_cover_sheet_is_left_out_aloud_and_one_sheet_keeps_the_name_of_its_file(tmp_path: Path):
    file = workbook(tmp_path / "log.xlsx", Cover=COVER, Data=[["Extract"], HEADER, *ROWS])
    incidents, record = load(file)
    assert incidents.index[0] == "log.xlsx:3" and len(incidents) == 6
    (left,) = [found for found in record.findings if found.rule == "sheet-left-out"]
    assert (left.severity, left.rows) == ("warning", 2)
    assert "'Cover'" in str(left)
    named, record = load(file, sheet="Data")
    assert named.index.equals(incidents.index) and rules(record)["sheet-left-out"] == "note"


def test_a_merged_title_is_a_title(tmp_path: Path):
    file = workbook(tmp_path / "log.xlsx", Data=[["Extract of July"], HEADER, *ROWS])
    book = openpyxl.load_workbook(file)
    book["Data"].merge_cells("A1:E1")
    book.save(file)
    assert len(load(file)[0]) == 6


def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path: Path):
    import zipfile

    file = workbook(tmp_path / "log.xlsx", Data=[HEADER, *ROWS])
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"]
    assert b'ref="A1:E7"' in sheet
    members["xl/worksheets/sheet1.xml"] = sheet.replace(b'ref="A1:E7"', b'ref="A1:C3"', 1)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    assert load(file)[1].read == 6


def test_a_broken_sheet_is_an_error_that_names_the_file(tmp_path: Path):
    import zipfile

    file = workbook(tmp_path / "log.xlsx", Data=[HEADER, *ROWS])
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] = members["xl/worksheets/sheet1.xml"][:-40]
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with refused("unreadable", kind=DataError, file="log.xlsx"):
        load(file)
