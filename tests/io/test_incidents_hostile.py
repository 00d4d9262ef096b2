"""Broken and hostile files: an error or a rejected row that says where, what, how; none lost."""

import codecs
import csv
import gzip
import io
import warnings
import zipfile
from pathlib import Path

import pytest
from hostile import FORMULAS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusing import refused

from hotspots.core.errors import DataError, Finding, HotspotsError
from hotspots.core.plain import harmless
from hotspots.core.record import RejectedRow, RunRecord
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.io.incidents.load import load_incidents
from hotspots.io.incidents.read_arrow import Whole, with_arrow
from hotspots.io.incidents.row_faults import write_quarantine

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
NAME = "2018-07-west-yorkshire-street.csv"
WHERE = ("-1.549200", "53.799700")


def digest(number: int) -> str:
    """A reference as it is published."""
    return f"{number:064x}"


def row(
    number: int = 1, *, month: str = "2018-07", lon: str = WHERE[0], lat: str = WHERE[1],
    place: str = "On or near Park Row", kind: str = "Burglary",
) -> str:  # fmt: skip
    return f"{digest(number)},{month},WYP,WYP,{lon},{lat},{place},E01011698,Leeds 001A,{kind},,"


GOOD = [row(number) for number in range(1, 6)]


def text(*rows: str, header: str = HEADER, end: str = "\n") -> bytes:
    return (end.join([header, *rows]) + end).encode()


def new_record() -> RunRecord:
    return RunRecord("Test", marking="OPEN DATA - TEST", audience="public")


def load(folder: Path, data: bytes, name: str = NAME, **options):
    file = folder / name
    file.write_bytes(data)
    record = new_record()
    return load_incidents(file, record=record, **options), record


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


# --- whole files that cannot be used: one error that names the file and says how to mend it -------

UNREADABLE: dict[str, tuple[str, bytes, str]] = {
    "empty": (NAME, b"", "empty"),
    "only a byte-order mark": (NAME, codecs.BOM_UTF8, "empty"),
    "only blank lines": (NAME, b"\n\r\n  \n", "empty"),
    "only NULs": (NAME, b"\x00" * 500, "empty"),
    "a missing column": (NAME, text(header=HEADER.replace("Longitude,", "")), "'Longitude'"),
    "two missing columns": (
        NAME, text(header=HEADER.replace("Month,", "").replace("Latitude,", "")), "'Latitude'",
    ),
    "no header": (NAME, "\n".join(GOOD).encode(), "columns are"),
    "another table": (NAME, b"ward,population\nHeadingley,20000\n", "'ward'"),
    "a column twice": (
        NAME, text(header=HEADER.replace("Location", "Month")), "has it twice",
    ),
    "outcomes": (
        NAME, b"Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,"
        b"LSOA name,Outcome type\n", "outcomes",
    ),
    "stop and search": (
        NAME, b"Type,Date,Latitude,Longitude,Legislation,Object of search\n", "stop_and_search",
    ),
    "a web page": (NAME, b"<!DOCTYPE html><html><body>503</body></html>", "web page"),
    "json": (NAME, b'[{"category": "burglary"}]', "JSON"),
    "an old workbook": (NAME, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "Excel"),
    "a workbook named csv": (NAME, zipped(**{"xl/workbook.xml": b"<x/>"}), "Excel workbook"),
    "a picture": (NAME, b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "picture"),
    "a pdf": (NAME, b"%PDF-1.7\n" + bytes(range(256)), "PDF"),
    "a database": (NAME, b"SQLite format 3\x00" + bytes(100), "SQLite"),
    "gzip named csv": (NAME, gzip.compress(text(*GOOD)), ".csv.gz"),
    "random bytes": (NAME, bytes((i * 7919 + 13) % 256 for i in range(4096)), "not text"),
    "csv named gzip": (f"{NAME}.gz", text(*GOOD), "gzip"),
    "gzip cut short": (f"{NAME}.gz", gzip.compress(text(*GOOD))[:-30], "gzip"),
    "gzip damaged": (
        f"{NAME}.gz", gzip.compress(text(*GOOD))[:30] + b"garbage" * 5, "gzip",
    ),
    "garbage named zip": ("archive.zip", b"this is no archive", "zip"),
    "zip cut short": ("archive.zip", zipped(**{NAME: text(*GOOD)})[:-40], "zip"),
    "zip without csv": ("archive.zip", zipped(**{"readme.md": b"hello"}), "readme.md"),
    "empty zip": ("archive.zip", zipped(), "nothing"),
    "zip of garbage csv": ("archive.zip", zipped(**{NAME: bytes(range(256)) * 9}), "not text"),
    "utf-16 cut in half": (NAME, text(*GOOD).decode().encode("utf-16")[:-1], "utf-16"),
    "all months impossible": (NAME, text(row(month="2016-13"), row(2, month="July")), "2016-13"),
    "all offences unknown": (NAME, text(row(kind="Jaywalking")), "Jaywalking"),
    "all rows uneven": (NAME, text("a,b", "c,d,e"), "12 cells were expected"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_cannot_be_used_is_an_error_that_helps(tmp_path: Path, case: str):
    name, data, words = UNREADABLE[case]
    file = tmp_path / name
    file.write_bytes(data)
    record = new_record()
    with pytest.raises(DataError) as caught:
        load_incidents(file, record=record)
    message = str(caught.value)
    assert name in message and words in message, message
    assert record.manifest() == new_record().manifest(), "a failed load leaves no trace"


# --- single rows that cannot be used: put aside with line, column, value, rule and mend -----------

REJECTED: dict[str, tuple[str, str, str]] = {
    "month 13": (row(month="2016-13"), "month-format", "2016-13"),
    "month 00": (row(month="2018-00"), "month-format", "2018-00"),
    "no month": (row(month=""), "month-format", ""),
    "words for a month": (row(month="last July"), "month-format", "last July"),
    "month of another age": (row(month="1018-07"), "month-format", "1018-07"),
    "month in arabic digits": (row(month="٢٠١٨-٠٧"), "month-format", "٢٠١٨-٠٧"),
    "unknown offence": (row(kind="Jaywalking"), "offence-unknown", "Jaywalking"),
    "no offence": (row(kind=""), "offence-missing", ""),
    "too few cells": ("id9,2018-07,WYP", "uneven-row", ""),
    "too many cells": (row(place="Park Row, Leeds"), "uneven-row", ""),
    "a NUL in a cell": (row(place="Park\x00Row"), "nul-byte", "Park\\0Row"),
    "a formula as offence": (row(kind="=HYPERLINK(1)"), "offence-unknown", "=HYPERLINK(1)"),
}


@pytest.mark.parametrize("case", REJECTED)
def test_a_row_that_cannot_be_used_is_put_aside_and_told(tmp_path: Path, case: str):
    bad, rule, value = REJECTED[case]
    incidents, record = load(tmp_path, text(GOOD[0], bad, GOOD[1]))
    assert (record.read, record.accepted, record.rejected) == (3, 2, 1)
    assert incidents["source_row"].tolist() == [2, 4]
    (rejected,) = record.quarantine
    assert (rejected.file, rejected.line) == (NAME, 3)
    assert rejected.text == bad
    finding = next(found for found in rejected.findings if found.rule == rule)
    assert finding.line == 3 and finding.mend and (finding.value or "").startswith(value)
    assert any(found.rule == rule and found.rows == 1 for found in record.findings)
    assert rule != "uneven-row" or finding.value is None, "a row, whose cells nobody can name"


MISPLACED: dict[str, tuple[str, str, str]] = {
    "swapped": (row(lon=WHERE[1], lat=WHERE[0]), "swapped", "53.799700, -1.549200"),
    "metres": (row(lon="429790", lat="433805"), "metres-not-degrees", "429790, 433805"),
    "0, 0": (row(lon="0", lat="0"), "zero-zero", "0, 0"),
    "Paris": (row(lon="2.35", lat="48.85"), "outside", "2.35, 48.85"),
    "Dublin": (row(lon="-6.26", lat="53.35"), "outside", "-6.26, 53.35"),
    "Belfast": (row(lon="-5.93", lat="54.60"), "outside", "-5.93, 54.60"),
    "a lost sign, in the North Sea": (row(lon="3.5492"), "outside", "3.5492, 53.799700"),
    "beyond the pole": (row(lat="153.8"), "outside", "-1.549200, 153.8"),
    "words for a number": (row(lon="west"), "not-a-number", "west"),
    "infinity": (row(lat="inf"), "not-a-number", "inf"),
    "hexadecimal": (row(lat="0x35"), "not-a-number", "0x35"),
    "no longitude": (row(lon=""), "half-a-place", ""),
    "no latitude": (row(lat=" "), "half-a-place", " "),
}


@pytest.mark.parametrize("case", MISPLACED)
def test_an_incident_whose_place_cannot_be_used_is_kept_without_one_and_told(tmp_path, case: str):
    bad, rule, value = MISPLACED[case]
    incidents, record = load(tmp_path, text(GOOD[0], bad, GOOD[1]))
    assert (record.read, record.accepted, record.rejected) == (3, 3, 0)
    assert incidents.geometry.notna().tolist() == [True, False, True]
    assert incidents["place_state"].iloc[1] in ("impossible", "default_point", "outside")
    (finding,) = [found for found in record.findings if found.rule == rule]
    assert (finding.severity, finding.line, finding.rows) == ("warning", 3, 1)
    assert finding.mend and (finding.value or "").startswith(value)


@pytest.mark.parametrize("case", MISPLACED)
def test_a_file_without_one_place_that_can_be_used_is_loaded_and_warned_of(tmp_path, case: str):
    bad, rule, _ = MISPLACED[case]
    incidents, record = load(tmp_path, text(*[bad.replace(digest(1), digest(n)) for n in range(9)]))
    assert len(incidents) == 9 and incidents.geometry.isna().all()
    told = {found.rule for found in record.findings if found.severity == "warning"}
    assert {rule} | (set() if rule == "zero-zero" else {"systematic-fault"}) <= told


@pytest.mark.parametrize("case", REJECTED | MISPLACED)
def test_without_a_record_a_bad_row_is_warned_of_and_raises_when_asked(tmp_path: Path, case: str):
    bad, _, _ = (REJECTED | MISPLACED)[case]
    file = tmp_path / NAME
    file.write_bytes(text(GOOD[0], bad, GOOD[1]))
    record = new_record()
    with pytest.warns(UserWarning, match=f"{NAME}:3"):
        assert len(load_incidents(file)) == (3 if case in MISPLACED else 2)
    with refused("rejected-rows", "1 row", kind=DataError):
        load_incidents(file, record=record, on_bad="raise")
    assert not record.sources and not len(record.findings)


# --- files with quirks: read, and a finding says so ----------------------------------------------

READ: dict[str, tuple[bytes, str | None]] = {
    "as published": (text(*GOOD), None),
    "no newline at the end": (text(*GOOD)[:-1], None),
    "windows line ends": (text(*GOOD, end="\r\n"), None),
    "old mac line ends": (text(*GOOD, end="\r"), None),
    "byte-order mark": (codecs.BOM_UTF8 + text(*GOOD), "byte-order-mark"),
    "utf-16 with a mark": (text(*GOOD).decode().encode("utf-16"), "encoding"),
    "utf-16 without a mark": (text(*GOOD).decode().encode("utf-16-le"), "encoding"),
    "utf-32": (text(*GOOD).decode().encode("utf-32"), "encoding"),
    "semicolons": (text(*GOOD).replace(b",", b";"), "delimiter"),
    "tabs": (text(*GOOD).replace(b",", b"\t"), "delimiter"),
    "semicolons and decimal commas": (
        text(*GOOD).replace(b",", b";").replace(b"53.", b"53,").replace(b"-1.", b"-1,"),
        "comma-in-number",
    ),
    "every cell quoted": (
        b"\n".join(b'"%s"' % line.replace(b",", b'","') for line in text(*GOOD).splitlines()), None,
    ),
    "header in other spelling": (
        text(*GOOD, header=HEADER.replace("Crime ID", "CrimeID").replace("e type", "E_TYPE")),
        "header-variant",
    ),
    "a header with an open quote": (text(*GOOD, header=HEADER.replace("Cont", '"Cont')), None),
    "the same, and a blank line": (
        text(*GOOD, "", header=HEADER.replace("Cont", '"Cont')), "blank-lines",
    ),
    "a header over two lines": (text(*GOOD, header=HEADER.replace("Context", '"Con\ntext"')), None),
    "columns in another order": (
        b"Crime type,Latitude,Longitude,Month,LSOA code\n" + b"Burglary,53.8,-1.5,2018-07,E0\n" * 5,
        "rows-of-ones-own",
    ),
    "blank lines": (text(GOOD[0], "", *GOOD[1:], "", ",,,,,,,,,,,"), "blank-lines"),
    "a cell too many, but empty": (text(*(f"{line}," for line in GOOD)), None),
    "Feb-25": (text(*(row(i, month="Feb-25") for i in range(5))), "month-rewritten"),
    "February 2025": (text(*(row(i, month="February 2025") for i in range(5))), "month-rewritten"),
    "a month as a date": (text(*(row(i, month="01/02/2025") for i in range(5))), "month-rewritten"),
    "offences in title case": (
        text(*(row(i, kind="Violence And Sexual Offences") for i in range(5))), None,
    ),
    "offences of 2012": (
        text(*(row(i, kind="Violent crime") for i in range(5))), "offence-retired",
    ),
    "unlocated": (
        text(*(row(i, lon="", lat="", place="No Location") for i in range(5))), "unlocated",
    ),
    "repeated references": (text(*(row(1, kind="Drugs") for _ in range(5))), "reference-repeated"),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_a_file_with_quirks_is_read_whole_and_says_so(tmp_path: Path, case: str):
    data, rule = READ[case]
    incidents, record = load(tmp_path, data)
    require_table(incidents, INCIDENTS, argument="incidents")
    assert len(incidents) == record.read == record.accepted == 5
    rules = {finding.rule for finding in record.findings}
    assert rule is None or rule in rules
    if rule is None:
        assert not rules


def test_cp1252_is_read_with_its_accents(tmp_path: Path):
    incidents, record = load(
        tmp_path, text(row(place="On or near Café Row")).decode().encode("cp1252")
    )
    assert incidents["place_name"].tolist() == ["Café Row"]
    assert "encoding" in {finding.rule for finding in record.findings}


def test_quoted_line_breaks_keep_the_line_numbers_right(tmp_path: Path):
    rows = [
        GOOD[0],
        row(2, place='"On or near\nPark Row, ""Leeds"""'),
        row(3, month="2018-99"),
        GOOD[3],
    ]
    incidents, record = load(tmp_path, text(*rows))
    assert incidents["source_row"].tolist() == [2, 3, 6]
    assert incidents["place_name"].tolist()[1] == 'Park Row, "Leeds"'
    assert record.quarantine[0].line == 5 and record.quarantine[0].text == rows[2]


@pytest.mark.parametrize("cell", ["place", "context"])
@pytest.mark.parametrize("closed", [True, False])
def test_a_quote_that_is_never_closed_costs_its_own_line_only(tmp_path: Path, cell, closed):
    open_quote = row(2, place='"On or near') if cell == "place" else row(2) + '"'
    rows = [GOOD[0], open_quote, *GOOD[2:], row(9, place='Row"') if closed else row(9)]
    incidents, record = load(tmp_path, text(*rows))
    assert record.read == 6 and record.accepted + record.rejected == 6
    kept = [int(reference, 16) for reference in incidents["reference"]]
    assert [number for number in kept if number in (1, 3, 4, 5)] == [1, 3, 4, 5]
    assert (2 in kept) == (cell == "context")
    assert all(rejected.line in (3, 7) for rejected in record.quarantine)


def test_several_faults_of_one_row_and_of_one_file_are_told_together(tmp_path: Path):
    bad = row(month="2016-13", lon="429790", lat="433805", kind="Jaywalking")
    _, record = load(tmp_path, text(GOOD[0], bad, bad))
    assert {finding.rule for finding in record.quarantine[0].findings} == {
        "month-format", "metres-not-degrees", "offence-unknown",
    }  # fmt: skip
    with pytest.raises(DataError) as caught:
        load_incidents(tmp_path / NAME, on_bad="raise")
    for word in ("2016-13", "429790", "Jaywalking", "2 rows", "also lines 4"):
        assert word in str(caught.value)


def test_faults_of_several_files_are_told_together(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.csv").write_bytes(text(header=HEADER.replace("Month", "When")))
    (tmp_path / "c.csv").write_bytes(text(*GOOD))
    with pytest.raises(DataError) as caught:
        load_incidents(tmp_path, record=new_record())
    assert "a.csv" in str(caught.value) and "'Month'" in str(caught.value)


def test_a_header_alone_is_an_empty_table_and_a_warning(tmp_path: Path):
    incidents, record = load(tmp_path, text())
    require_table(incidents, INCIDENTS, argument="incidents")
    assert len(incidents) == 0 and "no-rows" in {finding.rule for finding in record.findings}
    assert str(incidents["occurred_from"].dtype).endswith("Europe/London]")
    with pytest.warns(UserWarning, match="only a header"):
        load_incidents(tmp_path / NAME)


def test_a_folder_skips_what_is_not_street_crime_and_says_so(tmp_path: Path):
    folder = tmp_path / "2018-07"
    folder.mkdir()
    (folder / NAME).write_bytes(text(*GOOD))
    (folder / "2018-07-west-yorkshire-outcomes.csv").write_bytes(UNREADABLE["outcomes"][1])
    (folder / "2018-07-west-yorkshire-stop-and-search.csv").write_bytes(
        UNREADABLE["stop and search"][1]
    )
    (folder / "notes.docx").write_bytes(b"PK")
    (folder / "October.xls").write_bytes(b"PK")
    (folder / ".hidden.csv").write_bytes(b"")
    (folder / "~$street.csv").write_bytes(b"")
    record = new_record()
    assert len(load_incidents(tmp_path, record=record)) == 5
    found = [(finding.rule, finding.file) for finding in record.findings]
    told = {found.file: found.severity for found in record.findings}
    assert (told["October.xls"], told["notes.docx"]) == ("warning", "note"), "a month may be in it"
    assert found == [
        ("file-skipped", "October.xls"),
        ("file-skipped", "notes.docx"),
        ("not-incidents", "2018-07-west-yorkshire-outcomes.csv"),
        ("not-incidents", "2018-07-west-yorkshire-stop-and-search.csv"),
    ]


def test_files_of_one_name_get_names_of_their_own(tmp_path: Path):
    for place, start in (("north", 1), ("south", 10), ("east/north", 20)):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "log.csv").write_bytes(text(row(start)))
    incidents = load_incidents(tmp_path)
    assert incidents.index.is_unique
    assert sorted(incidents.index) == [
        "north/log.csv#1:2", "north/log.csv#2:2", "south/log.csv:2",
    ]  # fmt: skip


def test_the_same_file_under_two_names_is_an_error_and_the_same_path_is_read_once(tmp_path: Path):
    one, two = tmp_path / "street.csv", tmp_path / "street (1).csv"
    for file in (one, two):
        file.write_bytes(text(*GOOD))
    with refused("same-file-twice", kind=DataError):
        load_incidents([one, two])
    record = new_record()
    assert len(load_incidents([one, one], record=record)) == 5
    assert [finding.rule for finding in record.findings] == ["path-repeated"]


@pytest.mark.parametrize(
    ("paths", "rule", "of", "file", "got"),
    [
        ("nowhere.csv", "no-such-file", None, "nowhere.csv", ""),
        ([], "argument", "paths", None, "got []"),
        (3, "argument", "paths", None, "got 3"),
        ([3], "argument", "paths", None, "got [3]"),
    ],
)
def test_paths_that_lead_nowhere_are_errors(paths, rule, of, file, got):
    with refused(rule, got, kind=HotspotsError, of=of, file=file):
        load_incidents(paths)


@pytest.mark.parametrize(
    ("options", "rule", "got"),
    [
        ({"fields": "police_uk"}, "argument", "str"),
        ({"record": "x"}, "argument", "str"),
        ({"on_bad": "ignore"}, "argument", "'ignore'"),
        ({"keep": "Context"}, "argument", "'Context'"),
        ({"crs": "EPSG:4326"}, "wrong-crs", "EPSG:4326"),
        ({"crs": "nonsense"}, "wrong-crs", "'nonsense'"),
        ({"keep": ["offence"]}, "argument", "['offence']"),
    ],
)
def test_wrong_arguments_are_named(tmp_path: Path, options, rule, got):
    (tmp_path / NAME).write_bytes(text(*GOOD))
    with refused(rule, got, of=next(iter(options))):
        load_incidents(tmp_path / NAME, **options)


def test_an_archive_gives_its_members_and_refuses_a_locked_or_damaged_one(tmp_path: Path):
    data = {
        f"2018-0{month}/{NAME.replace('07', f'0{month}')}": text(row(month)) for month in (6, 7)
    }
    incidents, record = load(tmp_path, zipped(**data), "archive.zip")
    assert len(incidents) == 2 and record.sources[0].facts["archive"] == "archive.zip"
    damaged = bytearray(zipped(**{NAME: text(*GOOD)}))
    damaged[60:70] = b"##########"
    with refused("bad-zip", kind=DataError):
        load(tmp_path, bytes(damaged), "damaged.zip")


def test_kept_columns_come_along_and_others_stay_behind(tmp_path: Path):
    incidents, _ = load(tmp_path, text(*GOOD), keep=["Falls within"])
    assert incidents["Falls within"].tolist() == ["WYP"] * 5
    assert "Reported by" not in incidents.columns
    with refused("missing-column", "'Ethnicity'", kind=DataError, file=NAME):
        load(tmp_path, text(*GOOD), keep=["Ethnicity"])


def test_quarantine_is_written_whole_and_inert(tmp_path: Path):
    _, record = load(tmp_path, text(GOOD[0], REJECTED["a formula as offence"][0]))
    written = write_quarantine(record, tmp_path / "rejected.csv").read_text("utf-8-sig")
    assert f"{NAME},3,Crime type,'=HYPERLINK(1),offence-unknown" in written
    assert "HYPERLINK" not in str(record.manifest())


@pytest.mark.parametrize("kind", FORMULAS)
def test_no_cell_of_a_quarantine_runs_in_a_spreadsheet(tmp_path: Path, kind: str):
    fault = Finding("offence-unknown", kind, "error", kind, 3, kind, kind, kind)
    record = RunRecord("T", marking="M", quarantine=[RejectedRow(kind, 3, kind, (fault,))])
    file = write_quarantine(record, tmp_path / "rejected.csv")
    with file.open(encoding="utf-8-sig", newline="") as stream:
        cells = next(csv.DictReader(stream))
    named = {name: cell for name, cell in cells.items() if name not in ("line", "rule")}
    assert set(named.values()) == {harmless(kind)}  # as write_csv writes it
    for cell in named.values():
        assert cell.strip()[:1] not in ("=", "+", "-", "@", "＝")


def test_hostile_text_stays_text(tmp_path: Path):
    hostile = "On or near {{7*7}}<script>alert(1)</script>${x}'; DROP TABLE--"
    incidents, _ = load(tmp_path, text(row(place=hostile)))
    assert incidents["place_name"].tolist() == [hostile.removeprefix("On or near ")]


# --- laws ----------------------------------------------------------------------------------------

CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(st.one_of(st.sampled_from(GOOD), CELLS.map(lambda c: row(place=c)),
                               CELLS.map(lambda c: row(month=c)), CELLS.map(lambda c: row(lon=c)),
                               CELLS), max_size=8))  # fmt: skip
def test_no_row_is_lost_whatever_is_in_the_cells(tmp_path: Path, rows: list[str]):
    data = text(GOOD[0], *rows)
    try:
        incidents, record = load(tmp_path, data)
    except DataError as error:
        assert NAME in str(error)
        return
    assert record.read == record.accepted + record.rejected
    assert record.accepted == len(incidents) and record.rejected == len(record.quarantine)
    assert incidents.index.is_unique
    lines = list(io.StringIO(data.decode(), newline=""))
    for line, kept in zip(incidents["source_row"], incidents["reference"], strict=True):
        assert lines[line - 1].startswith(kept)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=300), ending=st.sampled_from([".csv", ".csv.gz", ".zip"]))
def test_any_bytes_are_a_helpful_error_and_never_a_surprise(
    tmp_path: Path, data: bytes, ending: str
):
    file = tmp_path / f"bytes{ending}"
    file.write_bytes(data)
    with pytest.raises(DataError, match="bytes"):
        load_incidents(file)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cells=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_fast_roads_and_the_slow_one_read_the_same(cells: list[list[str]]):

    from hotspots.io.incidents import read_csv as reading

    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([["a", "b", "c"], *cells])
    whole = reading.Text(stream.getvalue().encode(), "utf-8", False)
    slow = reading._read_irregular(whole, ["a", "b", "c"], ",", [0, 1, 2])
    rows = reading._lines_below_header(whole)
    for fast_road in (_with_arrow, reading._with_pandas):
        fast = rows is not None and fast_road(whole.data, 3, ",", [0, 1, 2])
        if fast and len(fast[0]) == rows and rows == len(slow.lines):
            for place in range(3):
                assert fast[place].series().tolist() == slow.cells[place].series().tolist()
    read = reading.read_table(whole, ["a", "b", "c"], ",", [0, 1, 2])
    for place in range(3):
        assert read.cells[place].series().tolist() == slow.cells[place].series().tolist()
    assert read.lines.tolist() == slow.lines.tolist()


def _with_arrow(data: bytes, *about):
    return with_arrow(Whole(data), *about)


def test_row_order_changes_only_the_line_numbers(tmp_path: Path):
    rows = [
        row(i, lon=f"-1.5{i}", kind=kind) for i, kind in enumerate(["Drugs", "Robbery", "Burglary"])
    ]
    one, _ = load(tmp_path, text(*rows), "one.csv")
    two, _ = load(tmp_path, text(*rows[::-1]), "two.csv")
    columns = ["offence", "reference", "occurred_from"]
    assert one[columns].reset_index(drop=True).equals(two[columns][::-1].reset_index(drop=True))
    assert one.geometry.to_wkb().tolist() == two.geometry.to_wkb().tolist()[::-1]


def test_arrow_and_pandas_give_the_same_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from hotspots.io.incidents import read_csv as reading

    data = text(*GOOD, row(7, lon="", lat=""), row(8, place='"Row, ""The"""'))
    one, _ = load(tmp_path, data)
    monkeypatch.setattr(reading, "has_arrow", lambda: False)
    two, _ = load(tmp_path, data)
    assert one.equals(two)


@pytest.mark.parametrize(
    "odd",
    [
        "-1.55,53.8",
        ",",
        ",53.8",
        " -1.55 ,53.8",
        '"-1.55",53.8',
        "nan,inf",
        "n/k,53.8",
        "+1.5,53.8",
        "2.35,48.85",
        "53.8,-1.55",
        '"-1#55",53.8',
        "0,0",
    ],
)
def test_coordinates_read_as_numbers_are_those_read_as_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str
):
    from hotspots.io.incidents import read_arrow as reading

    rows = [row(i, lon=f"-1.{i + 500_000}", lat=f"53.{i + 800_000}") for i in range(60)]
    lon, lat = (cell.replace("#", ",") for cell in odd.split(","))
    data = text(*rows, row(60, lon=lon, lat=lat), *rows[:2])
    monkeypatch.setattr(reading, "SAMPLED_BYTES", 2_000)
    one, told = load(tmp_path, data)
    monkeypatch.setattr(reading, "_plain_numbers", lambda *args: None)
    two, as_texts = load(tmp_path, data)
    assert one.equals(two) and one.crs == two.crs
    assert told.findings == as_texts.findings
    assert told.sources == as_texts.sources


def test_nothing_is_printed_and_no_warning_escapes_on_a_good_file(tmp_path: Path, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(tmp_path, text(*GOOD))
    assert capsys.readouterr() == ("", "")


def test_checks_follow_the_coordinate_system(tmp_path: Path):
    (tmp_path / NAME).write_bytes(
        text(row(lon="-6.26", lat="53.35"), row(2, lon="-6.2", lat="53.3"))
    )
    irish = load_incidents(tmp_path / NAME, crs="EPSG:2157", record=new_record())
    assert irish.crs == "EPSG:2157" and irish.geometry.notna().all()
    assert abs(irish.geometry.iloc[0].x - 715_000) < 2_000


def test_leading_zeros_survive_every_road():
    from hotspots.io.incidents import read_csv as reading

    data = b"a,b,c\n008,0012,1\n045,0007,2\n"
    for road in (_with_arrow, reading._with_pandas):
        found = road(data, 3, ",", [0, 1])
        assert found is not None
        assert found[0].series().tolist() == ["008", "045"]
        assert found[1].series().tolist() == ["0012", "0007"]
