"""The same incidents twice: told by file, refused by month, one where a reference is one."""

import zipfile
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused

from hotspots.core.errors import DataError, Findings, InputError
from hotspots.core.record import RunRecord
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.duplicates import _came_before, tell_overlaps
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents

FIELDS = FieldMap(
    "log", reference="Ref", date="When", offence="Code", offence_scheme="home_office",
    easting="X", northing="Y",
)  # fmt: skip
STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


def log(path, references, *, month="03"):
    rows = [
        f"{reference},2025-{month}-{at % 28 + 1:02d},8N,{430_000 + at},433000"
        for at, reference in enumerate(references)
    ]
    path.write_text("\n".join(["Ref,When,Code,X,Y", *rows]))
    return path


def street(path, references, *, month="2018-07", outcome=""):
    rows = [
        f"{reference},{month},WYP,West Yorkshire Police,-1.5492,53.7997,On or near Park Row,"
        f"E01011698,Leeds 001A,{'Burglary' if reference else 'Anti-social behaviour'},{outcome},"
        for reference in references
    ]
    path.write_text("\n".join([STREET, *rows]))
    return path


def read(paths, **changes):
    record = RunRecord("t", "TEST")
    return load_incidents(paths, fields=replace(FIELDS, **changes), record=record), record


def repeated(findings):
    return [found for found in findings if found.rule == "reference-repeated"]


def test_check_and_load_tell_how_many_rows_of_which_month_came_before(tmp_path):
    log(tmp_path / "q1.csv", ["a", "b", "c"])
    with (tmp_path / "q2.csv").open("w") as file:
        file.write(log(tmp_path / "x", ["b", "c"]).read_text() + "\n")
        file.write(
            "\n".join(log(tmp_path / "x", ["d", "e"], month="04").read_text().split("\n")[1:])
        )
    (tmp_path / "x").unlink()
    _, record = read(tmp_path)
    report = check_incidents(tmp_path, fields=FIELDS)
    for findings in (record.findings, report.findings):
        (told,) = repeated(findings)
        assert (told.rows, told.file, told.line, told.severity) == (2, "q2.csv", 2, "warning")
        assert "'q1.csv'" in told.message and "2 of its 4 rows" in told.message
        assert "all of March 2025" in told.message


def test_the_same_force_and_month_twice_is_refused(tmp_path):
    for folder, outcome in (("older", ""), ("newer", "Charged")):
        (tmp_path / folder).mkdir()
        street(tmp_path / folder / "s.csv", ["a", "b", ""], outcome=outcome)
    with refused("month-twice", "West Yorkshire Police", "July 2018", kind=DataError):
        load_incidents(tmp_path, record=RunRecord("t", "TEST"))
    assert "month-twice" in {found.rule for found in check_incidents(tmp_path).findings}


def test_two_months_and_two_halves_of_one_are_not_the_same(tmp_path):
    street(tmp_path / "a.csv", ["a", "b"])
    street(tmp_path / "b.csv", ["c", "d"])
    street(tmp_path / "c.csv", ["a", ""], month="2018-08")
    assert len(load_incidents(tmp_path, record=RunRecord("t", "TEST"))) == 6


def test_the_same_in_two_archives_is_refused(tmp_path):
    for name, outcome in (("a.zip", ""), ("b.zip", "Charged")):
        text = street(tmp_path / "s", ["a", ""], outcome=outcome).read_text()
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            packed.writestr("2018-07/s.csv", text)
    (tmp_path / "s").unlink()
    with refused("month-twice", kind=DataError, file="b.zip/2018-07/s.csv"):
        load_incidents(tmp_path, record=RunRecord("t", "TEST"))


@pytest.mark.parametrize(("files", "nothing"), [(1, ""), (2, ""), (1, "NULL"), (1, "#N/A")])
def test_where_a_reference_is_one_incident_its_first_row_stands_for_all(tmp_path, files, nothing):
    references = ["a", "a", "b", nothing, nothing, "a", "c", "b"]
    if files == 1:
        paths = [log(tmp_path / "one.csv", references)]
    else:
        paths = [log(tmp_path / f"{n}.csv", references[n::2]) for n in range(2)]
    rows, record = read(paths)
    assert len(rows) == record.accepted == 8
    incidents, record = read(paths, one_incident_is="reference")
    assert (len(incidents), record.read, record.accepted) == (5, 8, 8)
    assert sorted(incidents["reference"].dropna()) == ["a", "b", "c"]
    assert incidents.index.equals(rows.index[rows.index.isin(incidents.index)])
    (told,) = [found for found in record.findings if found.rule == "same-incident"]
    assert told.rows == 3
    report = check_incidents(paths, fields=replace(FIELDS, one_incident_is="reference"))
    assert [found.rows for found in report.findings if found.rule == "same-incident"] == [3]
    assert not [found for found in report.findings if found.rule == "reference-repeated"]
    assert sum(month["rows"] for month in report.content["coverage"]) == 5


@pytest.mark.parametrize("wrong", [{"one_incident_is": "cell"}, {"reference": None}])
def test_what_one_incident_is_must_be_sayable(wrong):
    with pytest.raises(InputError, match="one_incident_is"):
        replace(FIELDS, **({"one_incident_is": "reference"} | wrong))


@given(
    st.lists(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=5), min_size=1, max_size=4)
)
@settings(max_examples=60)
def test_what_came_before_is_what_a_walk_finds(parts):
    seen, expected = {}, []
    for number, part in enumerate(parts):
        for reference in part:
            expected.append(reference is not None and reference in seen)
            if reference is not None:
                seen.setdefault(reference, number)
    flat = [reference for part in parts for reference in part]
    of_part = pd.Index([n for n, part in enumerate(parts) for _ in part], dtype=int).to_numpy()
    again, first = _came_before(pd.Series(flat, dtype=object), of_part)
    assert again.tolist() == expected
    assert [first[at] for at, one in enumerate(flat) if one] == [seen[one] for one in flat if one]


def test_nothing_is_told_of_nothing():
    findings = Findings()
    tell_overlaps([], findings)
    assert not len(findings)


@pytest.mark.parametrize(
    ("held", "alike"), [(range(12), [8]), (range(4, 20), [4]), (range(8, 20), [])]
)
def test_rows_without_references_that_stand_in_two_files_are_told(tmp_path, held, alike):
    """An extract to date holds the one before; extracts that only meet hold nothing twice."""
    plain = replace(FIELDS, reference=None)
    log(tmp_path / "all", range(20))
    lines = (tmp_path / "all").read_text().split("\n")
    (tmp_path / "all").unlink()
    for name, rows in (("one.csv", range(8)), ("two.csv", held)):
        (tmp_path / name).write_text("\n".join([lines[0], *(lines[1 + row] for row in rows)]))
    report = check_incidents(tmp_path, fields=plain)
    told = [found.rows for found in report.findings if found.rule == "rows-alike"]
    assert told == alike
    assert report.content["rows"]["accepted"] == 8 + len(held)
