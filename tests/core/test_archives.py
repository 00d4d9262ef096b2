"""Packed files made to fill a computer, or to mislead: refused before they are unpacked."""

import gzip
import io
import re
import stat
import struct
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
from refusing import refused

from hotspots.cli.main import check
from hotspots.cli.options import door_of
from hotspots.cli.place_commands import jemlock
from hotspots.core.archives import zip_members
from hotspots.core.errors import DataError
from hotspots.core.text.mends import MENDS, Mend
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.load import load_incidents
from hotspots.io.opendata.police_uk_archive import check_archive
from hotspots.io.zones.read import load_zones
from hotspots.offences.harm_scale import HarmScale

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context\n"
)
ROW = "id{},2018-07,WYP,WYP,-1.5492,53.7997,On or near Park Row,E01011698,Leeds 001A,Burglary,,\n"
STREET = "2018-07/2018-07-west-yorkshire-street.csv"
GOOD = (HEADER + "".join(ROW.format(number) for number in range(5))).encode()
BLANKS = b" " * 2**20


def packed(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            archive.writestr(name, data, zipfile.ZIP_DEFLATED)
    return path


def bomb(path: Path, name: str = STREET, megabytes: int = 64) -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w") as one,
    ):
        for _ in range(megabytes):
            one.write(BLANKS)
    return path


def locked(path: Path) -> Path:
    """An archive whose member says that it is locked; nothing else of it is read."""
    data = bytearray(packed(path, (STREET, GOOD)).read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + at] |= 1
    path.write_bytes(data)
    return path


def link(path: Path) -> Path:
    member = zipfile.ZipInfo(STREET)
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return packed(path, (member, b"/etc/passwd"))


def lists_a_million(path: Path) -> Path:
    data = bytearray(packed(path, (STREET, GOOD)).read_bytes())
    struct.pack_into("<L", data, data.rfind(b"PK\x05\x06") + 12, 2**28)
    path.write_bytes(data)
    return path


def lzma(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(STREET, GOOD)
    return path


HOSTILE = {
    "a bomb": (bomb, "archive-bomb", "67,108,864"),
    "a bomb in parts": (
        lambda path: packed(path, *((f"{number}.csv", BLANKS * 5) for number in range(5))),
        "archive-bomb", "5,242,880",
    ),
    "a locked member": (locked, "archive-locked", STREET),
    "a link": (link, "archive-link", STREET),
    "a name that leads out": (
        lambda path: packed(path, ("../../" + STREET, GOOD)), "archive-path", f"'../../{STREET}'"
    ),
    "an absolute name": (
        lambda path: packed(path, ("/" + STREET, GOOD)), "archive-path", f"'/{STREET}'"
    ),
    "a name on another drive": (
        lambda path: packed(path, ("C:\\x\\street.csv", GOOD)), "archive-path", "C:"
    ),
    "a list too long": (lists_a_million, "archive-too-many", "50,000"),
    "a method of its own": (lzma, "archive-method", STREET),
    "an archive in an archive": (
        lambda path: packed(path, ("inner.zip", packed(path, (STREET, GOOD)).read_bytes())),
        "empty-zip", "inner.zip",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused_by_name_before_it_is_unpacked(tmp_path: Path, case: str):
    make, rule, got = HOSTILE[case]
    archive = make(tmp_path / "slip.zip")
    tracemalloc.start()
    with refused(rule, got, kind=DataError, file="slip.zip"):
        load_incidents(archive)
    report = check_incidents(archive)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (told,) = [found for found in report.findings if found.severity == "error"]
    assert (told.rule, told.file) == (rule, "slip.zip") and got in str(told)
    assert not report.ok and str(told) in report.to_text()
    assert peak < 8 * 2**20


def test_the_limit_is_told_with_how_to_raise_it_and_can_be_raised(tmp_path: Path):
    archive = packed(tmp_path / "large.zip", (STREET, GOOD))
    plain = tmp_path / "large.csv"
    plain.write_bytes(GOOD + b"\n")
    for file in (archive, plain):
        with refused("archive-size", "1e-07 GiB", kind=DataError, file=file.name) as error:
            load_incidents(file, largest_gib=1e-7)
        (found,) = error.value.findings
        assert found.mend == Mend("raise-limit") and "`largest_gib`" in str(found)
        assert "--largest-gib" in str(found.through(door_of(check)))
        said = found.through(door_of(jemlock))
        assert "largest" not in str(said) and str(said).endswith(MENDS["raise-limit"]["otherwise"])
        assert len(load_incidents(file, largest_gib=1)) == 5
        assert check_incidents(file, largest_gib=1).ok
    with refused("argument", "0.", of="largest_gib"):
        load_incidents(archive, largest_gib=0)


def test_gzip_is_unpacked_no_further_than_its_limits(tmp_path: Path):
    file = tmp_path / "bomb.csv.gz"
    file.write_bytes(gzip.compress(BLANKS * 64))
    with refused("archive-bomb", kind=DataError, file="bomb.csv.gz"):
        load_incidents(file)
    file.write_bytes(gzip.compress(GOOD))
    with refused("archive-size", "1e-07 GiB", kind=DataError):
        load_incidents(file, largest_gib=1e-7)
    inside = packed(tmp_path / "outer.zip", ("bomb.csv.gz", gzip.compress(BLANKS * 64)))
    with refused("archive-bomb", kind=DataError, file="outer.zip/bomb.csv.gz"):
        load_incidents(inside)


def test_what_will_not_be_read_may_be_anything(tmp_path: Path):
    archive = packed(
        tmp_path / "mixed.zip", (STREET, GOOD), ("photos.bin", BLANKS * 64), ("old.zip", b"PK")
    )
    report = check_incidents(archive)
    assert report.ok and report.to_dict()["rows"]["read"] == 5
    skipped = [found for found in report.findings if found.rule == "file-skipped"]
    assert [found.file for found in skipped] == ["mixed.zip/old.zip", "mixed.zip/photos.bin"]
    assert [found.mend is None for found in skipped] == [False, True]
    assert all(str(found) in report.to_text() for found in skipped)


def test_workbooks_are_archives_too(tmp_path: Path):
    file = bomb(tmp_path / "bomb.xlsx", "xl/worksheets/sheet1.xml")
    with refused("archive-bomb", kind=DataError, file="bomb.xlsx"):
        load_incidents(file)
    with refused("archive-bomb", kind=DataError, file="bomb.xlsx"):
        HarmScale.from_cambridge_workbook(file, edition="2020")
    inside = packed(tmp_path / "outer.zip", ("bomb.xlsx", file.read_bytes()))
    with refused("archive-bomb", kind=DataError, file="outer.zip/bomb.xlsx"):
        load_incidents(inside)


def test_a_far_off_cell_of_a_workbook_does_not_fill_the_memory(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("hotspots.io.incidents.open_file.MOST_CELLS", 10_000)
    reader = "openpyxl.worksheet._read_only.ReadOnlyWorksheet.iter_rows"
    monkeypatch.setattr(reader, None)  # it is known before a cell is read
    book = openpyxl.Workbook()
    book.active.append(["Offence", "Easting", "Northing", "Date"])
    book.active["XFD900"] = "far off"
    book.save(tmp_path / "far.xlsx")
    with refused("sheet-too-large", "10,000 cells", kind=DataError, file="far.xlsx"):
        load_incidents(tmp_path / "far.xlsx")


def test_a_sheet_under_many_names_is_read_under_none(tmp_path: Path):
    """A few kilobytes would be as many tables as it has names."""
    book = openpyxl.Workbook()
    book.active.append(["Offence", "Easting", "Northing", "Date"])
    book.save(tmp_path / "one.xlsx")
    with zipfile.ZipFile(tmp_path / "one.xlsx") as one:
        parts = {name: one.read(name) for name in one.namelist()}
    named = re.search(rb"<sheet [^>]*/>", parts["xl/workbook.xml"])[0]
    more = named + named.replace(b'name="Sheet"', b'name="Other"')
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(named, more)
    with refused("unreadable", kind=DataError, file="two.xlsx"):
        load_incidents(packed(tmp_path / "two.xlsx", *parts.items()))


@pytest.mark.parametrize(("data", "got"), [
    (b"Offence,Date\nBurglary,2025-07-03\n", "is text"), (b"<html><table>", "web page"),
    ("Offence\tDate\n".encode("utf-16"), "is text"), (b"\xd0\xcf\x11\xe0" + bytes(99), "password"),
])  # fmt: skip
def test_what_is_called_a_workbook_and_is_none_is_told_as_what_it_is(tmp_path: Path, data, got):
    (tmp_path / "a.xlsx").write_bytes(data)
    with refused("unreadable", got, kind=DataError, file="a.xlsx"):
        load_incidents(tmp_path / "a.xlsx")


def test_a_damaged_workbook_of_weights_is_refused_in_words(tmp_path: Path):
    openpyxl.Workbook().save(tmp_path / "c.xlsx")
    data = bytearray((tmp_path / "c.xlsx").read_bytes())
    data[len(data) // 3] ^= 255
    (tmp_path / "c.xlsx").write_bytes(data)
    with pytest.raises(DataError, match=r"c\.xlsx"):
        HarmScale.from_cambridge_workbook(tmp_path / "c.xlsx", edition="2020")


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        pytest.param(b'"' + b"\n" * 2**20 + b'x",y\n1,2\n', "unknown-layout", id="quote"),
        pytest.param(b",".join([b"x"] * 5000) + b"\n1\n", "too-many-columns", id="wide"),
    ],
)
def test_a_huge_header_is_judged_quickly(tmp_path: Path, data: bytes, rule: str):
    file = tmp_path / "huge.csv"
    file.write_bytes(data)
    with refused(rule, kind=DataError, file="huge.csv"):
        load_incidents(file)


def test_a_huge_line_costs_one_row(tmp_path: Path):
    file = tmp_path / STREET.split("/")[1]
    file.write_bytes(GOOD + b"x" * 2**24 + b"\n")
    report = check_incidents(file).to_dict()
    assert report["rows"] == {"read": 6, "accepted": 5, "rejected": 1, "unlocated": 0}
    assert len(str(report["findings"])) < 5_000


def test_zones_and_fetched_archives_are_looked_at_alike(tmp_path: Path):
    with refused("archive-bomb", kind=DataError, file="zones.zip"):
        load_zones(bomb(tmp_path / "zones.zip", "zones.shp"), kind="ward")
    with refused("archive-bomb", kind=DataError, file="fetched.zip"):
        check_archive(bomb(tmp_path / "fetched.zip"))


def test_the_list_of_contents_is_read_and_not_believed(tmp_path: Path):
    """The list says 10 bytes, the member has 64 MiB: reading stops there, and the sum is wrong."""
    data = bytearray(bomb(tmp_path / "liar.zip").read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", data, entry + 24, 10)
    (tmp_path / "liar.zip").write_bytes(data)
    assert zip_members(io.BytesIO(data), "liar.zip") == [STREET]
    tracemalloc.start()
    with refused("bad-zip", "liar.zip", "CRC", kind=DataError):
        load_incidents(tmp_path / "liar.zip")
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()
