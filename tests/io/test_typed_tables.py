"""What people type into ``decisions.csv`` is read in their spreadsheet's forms, or told by rule."""

import pytest
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.io import typed_tables
from hotspots.io.typed_tables import read_decisions

HEAD = "theme,area_id,action,due,done,note\n"


def typed(tmp_path, text, encoding="utf-8", record=None):
    file = tmp_path / "decisions.csv"
    file.write_bytes(text.encode(encoding))
    return read_decisions(file, record=record)


@pytest.mark.parametrize(
    "day", ["2026-03-31", "31/03/2026", "31/03/26", "31-Mar-26", "31 March 2026"]
)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_spreadsheet_may_write_it_as_it_likes(tmp_path, day, mark, encoding):
    text = f"{HEAD}asb,a1,Youth,{day},Done,café\n\n".replace(",", mark).replace("\n", "\r\n")
    (one,) = typed(tmp_path, text, encoding)
    assert (one.action, one.due, one.done, one.note) == ("youth", "2026-03-31", "yes", "café")


@pytest.mark.parametrize(("text", "rule"), [
    ("theme,place\nasb,Mill Lane\n", "decision-columns"),
    ("theme,area_id,note,note\nasb,a1,x,y\n", "decision-columns"),
    (f"{HEAD}asb,a1,youth,,,one,two\n", "decision-cells"),
    (f"{HEAD}asb,a1,youth,,,{'x' * 1_001}\n", "decision-long"),
    (f"{HEAD}asb,a1,,,,\nasb,a2,,,,\nasb,a3,,,,\n", "decision-many"),
])  # fmt: skip
def test_what_is_no_such_table_is_refused(tmp_path, monkeypatch, text, rule):
    monkeypatch.setattr(typed_tables, "MOST", 2)
    with refused(rule, kind=DataError, file="decisions.csv"):
        typed(tmp_path, text)
    assert len(typed(tmp_path, f"{HEAD}asb,a1,,,,{'x' * 1_000}\nasb,a2,,,,\n")) == 2


@pytest.mark.parametrize(("row", "rule", "column"), [
    (",a1,,,,", "decision-place", "theme"),
    ("asb,,,,,", "decision-place", "area_id"),
    ("asb,a1,dance,,,", "decision-action", "action"),
    ("asb,a1,,soon,,", "decision-day", "due"),
    ("asb,a1,,yes,,", "decision-day", "due"),
    ("asb,a1,,,maybe,", "decision-day", "done"),
])  # fmt: skip
def test_what_cannot_be_understood_stays_as_it_was_typed_and_is_told(tmp_path, row, rule, column):
    record = RunRecord("Town", marking="OFFICIAL")
    (one,) = typed(tmp_path, f"{HEAD}{row}\n", record=record)
    assert [getattr(one, name) for name in HEAD.strip().split(",")] == row.split(",")
    (told,) = record.findings
    assert (told.rule, told.column, told.severity) == (rule, column, "warning")
    assert not [word for word in row.split(",")[2:] if word and word in str(told.to_dict())]
