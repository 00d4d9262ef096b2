"""Files read for several products in one go are parsed once, and nobody can tell."""

import pandas as pd

import hotspots as hs
from hotspots.core.plain import plain
from hotspots.io.incidents import parse_file
from hotspots.io.incidents.parse_file import parsed_once

ROWS = "X,Y,Date,Offence\n486419,579961,03/05/2025,Burglary\n486500,579900,,Robbery\n"
FIELDS = hs.FieldMap("log", easting="X", northing="Y", date="Date", offence="Offence")


def loaded(path, **options):
    record = hs.RunRecord("Town", marking="OFFICIAL")
    table = hs.load_incidents(path, fields=FIELDS, record=record, **options)
    return table, plain(vars(record.sources[0])), [str(one) for one in record.findings]


def test_the_second_reading_is_the_first_and_parses_nothing(tmp_path, monkeypatch):
    path, times, parse = tmp_path / "log.csv", [], parse_file.read_opened
    path.write_text(ROWS)
    monkeypatch.setattr(parse_file, "read_opened", lambda *of: times.append(1) or parse(*of))
    plainly = loaded(path)
    with parsed_once():
        first, again = loaded(path), loaded(tmp_path / "." / "log.csv")
    assert len(times) == 2
    for one in (first, again):
        pd.testing.assert_frame_equal(one[0], plainly[0])
        assert one[1:] == plainly[1:]


def test_other_bytes_other_questions_and_later_readings_are_parsed_anew(tmp_path, monkeypatch):
    path, times, parse = tmp_path / "log.csv", [], parse_file.read_opened
    path.write_text(ROWS)
    monkeypatch.setattr(parse_file, "read_opened", lambda *of: times.append(1) or parse(*of))
    with parsed_once():
        loaded(path)
        loaded(path, timezone="Europe/Dublin")
        path.write_text(ROWS + "486419,579961,04/05/2025,Theft\n")
        assert loaded(path)[0]["offence"].tolist() == ["Burglary", "Theft"]
    loaded(path)
    assert len(times) == 4
