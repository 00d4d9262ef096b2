"""A large text that is read block by block gives what the same text gives that is read whole."""

import gzip
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import hotspots as hs
from hotspots.io.incidents import read_arrow, read_large
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.load import load_incidents

ROWS = 120
OWN = """Incident Ref,Date,Time,Easting,Northing,Offence Code,Street
A1,31/07/2018,22:15,429790,433805,008/06,Park Row
A2,30/07/2018,,429790,433805,8N,Park Row
A3,29/07/2018,25:00,430100,433900,19C,The Headrow
"""


@pytest.fixture(scope="module")
def texts() -> dict[str, bytes]:
    """Texts of every kind that a regular one can be, and some that are none."""
    file = hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)[: ROWS + 1]
    plain = b"".join(lines)
    header, first = lines[0], lines[1]
    wrong = [first.replace(b"2018-07", b"2018-13"), first.replace(b"-1.", b"-91.")]
    faulty = b"".join([header, *lines[1:50], wrong[0], *lines[50:80], *wrong, *lines[80:]])
    return {
        "plain": plain,
        "faulty": faulty,
        "returns": faulty.replace(b"\n", b"\r\n"),
        "open end": plain.rstrip(b"\n"),
        "titles": b"West Yorkshire\nJuly\n" + faulty,
        "accents": plain.replace(b"On or near", "On or near Caf\u00e9".encode()),
        "quoted": plain.replace(b"Leeds", b'"Leeds, ""Yorks"""'),
        "torn": plain.replace(b"Leeds", b'"Leeds\nYorks"', 40),
        "uneven": plain + b"one,two\n" + first,
        "blank": plain.replace(lines[90], b"\n" + lines[90]),
        "nul": plain.replace(lines[90], lines[90].replace(b"Leeds", b"Le\x00ds")),
        "latin": plain.replace(b"On or near", "On or near Caf\u00e9".encode("latin-1")),
        "swapped": header + first.replace(b"-1.", b"53.") * 3,
        "only a header": header,
        "own": OWN.encode() + b"".join(
            b"B%d,28/07/2018,02:00,4%05d,433900,19C,Street %d\n" % (n, 29_000 + n, n % 9)
            for n in range(60)
        ),
    }  # fmt: skip


def test_blocks_of_any_size_say_what_the_whole_says(texts, tmp_path, monkeypatch):
    monkeypatch.setattr(read_arrow, "SAMPLED_BYTES", 500)
    for number, (name, text) in enumerate(texts.items(), 1):
        file = tmp_path / f"2018-07-{name}-street.csv"
        file.write_bytes(text)
        whole, table = _told(file)
        with monkeypatch.context() as patch:
            patch.setattr(read_large, "LARGE_BYTES", 0)
            patch.setattr(read_large, "BLOCK_BYTES", 601 * number)
            told, again = _told(file)
        assert told == whole, name
        assert_frame_equal(again, table)


def test_a_large_text_is_not_held_in_memory(texts, tmp_path, monkeypatch):
    file = tmp_path / "2018-07-west-yorkshire-street.csv"
    file.write_bytes(texts["faulty"])
    monkeypatch.setattr(read_large, "LARGE_BYTES", 0)
    monkeypatch.setattr(read_large, "BLOCK_BYTES", 5_000)
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("read as a whole"))
    report = check_incidents(file)
    assert report.content["rows"]["read"] == ROWS + 3
    assert report.content["rows"]["rejected"] == 2
    assert {row.line for row in report.record.quarantine} == {51, 82}
    assert all("2018-13" in row.text for row in report.record.quarantine)


def _told(file: Path):
    """What a check says, its rejected rows and what the record holds; and the table."""
    report = check_incidents(file)
    record = hs.RunRecord("Blocks", marking="OFFICIAL")
    try:
        table, error = pd.DataFrame(load_incidents(file, record=record)), ""
    except hs.HotspotsError as refused:
        table, error = pd.DataFrame(), str(refused)
    rejected = [(row.line, row.text, row.findings) for row in report.record.quarantine]
    return (report.to_dict(), rejected, error, vars(record)), table
