"""A column is read as a whole: what one cell cannot say, the others of its column do."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord, SourceFile
from hotspots.io.incidents import parse_numbers, parse_text
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.from_frame import incidents_from_frame
from hotspots.io.incidents.intake import refuse_losses
from hotspots.io.incidents.load import load_incidents
from hotspots.io.incidents.parse_numbers import read_numbers
from hotspots.io.incidents.parse_text import TEXT, Texts

LOG = FieldMap("log", easting="X", northing="Y", date="Date", offence="Offence")
CLOCKED = FieldMap("log", easting="X", northing="Y", date="Date", time="Time", offence="Offence")
SPAN = FieldMap(
    "log", easting="X", northing="Y", from_date="From", until_date="Until", offence="Offence"
)


def load(folder: Path, header: str, rows: list[str], fields: FieldMap):
    """Rows of one file, each with a place and an offence of its own."""
    file = folder / "log.csv"
    lines = [f"{429_790 + n},{433_805 + n},Noise,{row}" for n, row in enumerate(rows)]
    file.write_text("\n".join([f"X,Y,Offence,{header}", *lines]) + "\n")
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    return load_incidents(file, fields=fields, record=record), record


def starts(incidents) -> list[str]:
    return incidents["occurred_from"].dt.strftime("%Y-%m-%d %H:%M").tolist()


def told(record) -> dict[str, tuple[str, int]]:
    return {found.rule: (found.severity, found.rows) for found in record.findings}


@pytest.mark.parametrize("wrap", ["{}", "'{}", '"=""{}"""', " {} "])
def test_day_numbers_are_days_where_the_column_holds_them(tmp_path, wrap):
    rows = [wrap.format(45_839 + n) for n in range(4)]
    incidents, record = load(tmp_path, "Date", [*rows, wrap.format("45843.5")], LOG)
    assert starts(incidents)[::4] == ["2025-07-01 00:00", "2025-07-05 12:00"]
    assert incidents["time_precision"].tolist() == ["day"] * 4 + ["instant"]
    assert told(record)["day-numbers"] == ("warning", 5)
    assert "2025-07-01" in str(next(f for f in record.findings if f.rule == "day-numbers"))


def test_a_start_without_a_column_of_ends_is_a_date(tmp_path):
    start = replace(LOG, date=None, from_date="Date")
    rows = ["13/07/2025 10:30", "14/07/2025", "", "soon"]
    one, other = (load(tmp_path, "Date", rows, fields) for fields in (LOG, start))
    pd.testing.assert_frame_equal(one[0], other[0])
    assert told(one[1]) == told(other[1])


def test_a_delimiter_that_nobody_guesses_is_named_by_the_field_map(tmp_path):
    rows = ["13/07/2025,a;b", "14/07/2025,c|d"]
    usual, _ = load(tmp_path, "Date,Note", rows, LOG)
    text = (tmp_path / "log.csv").read_text()
    (tmp_path / "log.csv").write_text(text.replace(",", "#"))
    pd.testing.assert_frame_equal(
        load_incidents(tmp_path / "log.csv", fields=replace(LOG, delimiter="#")), usual
    )


def test_a_stray_number_among_dates_is_one_only_where_it_lies_among_them(tmp_path):
    days = ["01/07/2025", "20/07/2025", "31/07/2025"]
    incidents, _ = load(tmp_path, "Date", [*days, "45850"], LOG)
    assert starts(incidents)[-1] == "2025-07-12 00:00"
    _, record = load(tmp_path, "Date", [*days, "44044"], LOG)
    assert record.rejected == 1


def test_moments_of_unix_are_read_where_the_column_holds_them(tmp_path):
    incidents, record = load(tmp_path, "Date", ["1752442200000", "1752528600000"], LOG)
    assert starts(incidents) == ["2025-07-13 22:30", "2025-07-14 22:30"]
    assert told(record)["unix-times"] == ("warning", 2)


def test_dates_that_a_spreadsheet_exchanged_are_exchanged_back(tmp_path):
    """Days 7 to 18 of July 2025, typed day first into a spreadsheet that reads month first."""
    book = openpyxl.Workbook()
    book.active.append(["X", "Y", "Offence", "Date"])
    for day in range(7, 19):
        cell = dt.datetime(2025, day, 7) if day <= 12 else f"{day}/07/2025"
        book.active.append([429_790, 433_805, "Noise", cell])
    book.save(tmp_path / "log.xlsx")
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    incidents = load_incidents(tmp_path / "log.xlsx", fields=LOG, record=record)
    assert starts(incidents) == [f"2025-07-{day:02d} 00:00" for day in range(7, 19)]
    assert told(record)["half-swapped"] == ("warning", 6)


def test_real_dates_beside_texts_of_all_days_stay_as_they_are(tmp_path):
    rows = [f"2025-03-{day:02d}" for day in range(1, 9)]
    rows += [f"{day:02d}/03/2025" for day in (2, 5, 9, 20)]
    incidents, record = load(tmp_path, "Date", rows, LOG)
    assert {start[:7] for start in starts(incidents)} == {"2025-03"}
    assert "half-swapped" not in told(record)


def test_an_order_that_no_date_proves_is_a_warning_and_one_that_is_proven_a_note(tmp_path):
    _, record = load(tmp_path, "Date", ["03/04/2025", "05/04/2025"], LOG)
    assert told(record)["date-order-unproven"] == ("warning", 2)
    _, record = load(tmp_path, "Date", ["03/04/2025", "15/04/2025"], LOG)
    assert told(record) == {"date-order": ("note", 1)}


@pytest.mark.parametrize(
    ("clocks", "read", "rule"),
    [
        (["1", "15", "45", "130", "900", "2130"],
         ["00:01", "00:15", "00:45", "01:30", "09:00", "21:30"], "no-zeros"),
        (["1", "7", "22"], ["01:00", "07:00", "22:00"], None),
        (["0001", "0045", "0930", "2130"], ["00:01", "00:45", "09:30", "21:30"], None),
        (["5", "93015", "213000"], ["00:00", "09:30", "21:30"], "no-zeros"),
        (["0.5", "0.8958333", "0,25"], ["12:00", "21:30", "06:00"], "day-fractions"),
        (["1899-12-30 21:30:00", "21:45"], ["21:30", "21:45"], None),
    ],
)  # fmt: skip
def test_clocks_are_read_by_their_column(tmp_path, clocks, read, rule):
    rows = [f'13/07/2025,"{clock}"' for clock in clocks]
    incidents, record = load(tmp_path, "Date,Time", rows, CLOCKED)
    assert [start[11:] for start in starts(incidents)] == read
    assert set(told(record)) == ({rule} if rule else set())


@pytest.mark.parametrize("cell", ["13/07/2025,24:00", "13/07/2025,2400", "13/07/2025 24:00,"])
def test_the_end_of_a_day_is_the_start_of_the_next(tmp_path, cell):
    incidents, record = load(tmp_path, "Date,Time", [cell, "13/07/2025,23:30"], CLOCKED)
    assert starts(incidents) == ["2025-07-14 00:00", "2025-07-13 23:30"]
    assert incidents["time_precision"].tolist() == ["instant"] * 2
    assert told(record)["day-ends"] == ("note", 1)


@pytest.mark.parametrize("joined", [True, False])
def test_midnight_in_every_row_is_no_time(tmp_path, joined):
    mark, fields = (" ", LOG) if joined else (",", CLOCKED)
    header = "Date" if joined else "Date,Time"
    rows = [f"{day}/07/2025{mark}00:00" for day in range(13, 19)]
    incidents, record = load(tmp_path, header, rows, fields)
    assert incidents["time_precision"].unique().tolist() == ["day"]
    assert told(record)["midnight"] == ("warning", 6)
    report = check_incidents(tmp_path / "log.csv", fields=fields).to_dict()
    assert ("Which days of the week, which hours?", "with care") in {
        (one["question"], one["answer"]) for one in report["answers"]
    }


def test_a_midnight_among_other_times_is_one(tmp_path):
    rows = [f"13/07/2025,{hour:02d}:00" for hour in range(24)]
    incidents, record = load(tmp_path, "Date,Time", rows, CLOCKED)
    assert set(incidents["time_precision"]) == {"instant"} and not told(record)


@pytest.mark.parametrize("kind", ["workbook", "frame"])
@pytest.mark.parametrize(("midnights", "precision"), [(1, "instant"), (5, "day")])
def test_midnights_of_workbooks_and_frames_are_judged_as_those_of_texts(
    tmp_path, kind, midnights, precision
):
    times = [f"2025-07-14 {hour:02}:30" for hour in range(24)]
    when = pd.to_datetime(["2025-07-13 00:00"] * midnights + times)
    log = pd.DataFrame({"X": 429_790, "Y": 433_805, "Offence": "Noise", "Date": when})
    if kind == "frame":
        incidents = incidents_from_frame(
            log, offence="Offence", when="Date", easting="X", northing="Y", offence_scheme="own"
        )
    else:
        log.to_excel(tmp_path / "log.xlsx", index=False)
        incidents = load_incidents(tmp_path / "log.xlsx", fields=LOG)
    assert incidents["time_precision"].tolist() == [precision] * midnights + ["instant"] * 24


def test_an_end_that_never_comes_is_none(tmp_path):
    rows = ["13/07/2025,31/12/9999", "14/07/2025,9999-12-31 00:00", "15/07/2025,16/07/2025"]
    incidents, record = load(tmp_path, "From,Until", rows, SPAN)
    ends = incidents["occurred_until"].dt.strftime("%Y-%m-%d").tolist()
    assert ends == ["2025-07-14", "2025-07-15", "2025-07-17"]
    assert record.rejected == 0 and told(record)["open-end"] == ("note", 2)


def test_a_clock_beside_dates_that_name_their_zone_is_told_to_be_left(tmp_path):
    rows = ["2025-07-13T04:00:00+00,21:30", "2025-07-14T04:00:00+00,22:30"]
    _, record = load(tmp_path, "Date,Time", rows, CLOCKED)
    assert told(record)["clock-unused"] == ("warning", 2)


def test_typing_errors_in_years_are_told_with_their_line_and_stretch_nothing(tmp_path):
    rows = ["01/01/1900", "14/07/2052", *(f"{day}/07/2025" for day in range(15, 25))]
    incidents, record = load(tmp_path, "Date", rows, LOG)
    assert len(incidents) == 12
    where = {found.rule: found.line for found in record.findings}
    assert (where["date-far"], where["date-future"]) == (2, 3)
    content = check_incidents(tmp_path / "log.csv", fields=LOG).to_dict()
    assert content["time"]["months"] == {"2025-07": 10}
    assert content["time"]["months_without_rows"] == [] and content["breaks"] == []
    assert content["time"]["rows_apart"] + 10 == content["rows"]["accepted"]


def test_years_of_history_are_no_typing_errors(tmp_path):
    rows = [f"01/07/{year}" for year in range(1995, 2026)]
    _, record = load(tmp_path, "Date", rows, LOG)
    assert not {"date-far", "date-future"} & set(told(record))


@pytest.mark.parametrize(
    "pair", ["429790,5;433805,25", "429.790,5;433.805,25", "'429790.5;'433805.25"]
)
def test_numbers_are_read_as_their_country_and_their_spreadsheet_write_them(tmp_path, pair):
    file = tmp_path / "log.csv"
    file.write_text(f"X;Y;Offence;Date\n{pair};Noise;13/07/2025\n")
    (point,) = load_incidents(file, fields=LOG).geometry
    assert (point.x, point.y) == (429_790.5, 433_805.25)


@pytest.mark.parametrize("many", [0, 9], ids=["of many", "of few"])
def test_a_number_stands_for_unknown_only_where_the_field_map_says_so(monkeypatch, many):
    monkeypatch.setattr(parse_text, "MANY", many)
    column = Texts.of(["-9", "-9.5", "12", "n/k", "NOT KNOWN", ""])
    assert column.unknown.tolist() == [False, False, False, True, True, False]
    named = column.taking(["-9"])
    assert named.unknown.tolist() == [True, False, False, True, True, False]


@pytest.mark.parametrize(
    "written",
    [["-1.5492", "53.799722", ""], ["1", "here", "2"], ["", ""], [], ["1e3", "inf"]],
)
def test_numbers_are_alike_with_arrow_and_without(monkeypatch, written):
    texts = pd.Series(written, dtype=TEXT)
    at_once, _ = read_numbers(texts, True)
    monkeypatch.setattr(parse_numbers, "find_spec", lambda name: None)
    np.testing.assert_array_equal(at_once, read_numbers(texts, True)[0])


def test_a_name_neither_turns_the_text_around_it_nor_moves_a_terminal(tmp_path):
    rows = ["13/07/2025,\u202eMill\u2069 Lane", "14/07/2025,Mill\x1b Lane"]
    fields = replace(LOG, place_name="Street")
    incidents, _ = load(tmp_path, "Date,Street", rows, fields)
    assert incidents["place_name"].tolist() == ["Mill Lane", "Mill\ufffd Lane"]


MICRO = [(-1_549_000 + 70 * n, 53_799_651 + 90 * n) for n in range(12)]
GRID = [(429_790 + 37 * n, 433_805 + 53 * n) for n in range(12)]


def placed(tmp_path, pairs, names):
    file = tmp_path / "log.csv"
    rows = [f"{x},{y},Noise,13/07/2025" for x, y in pairs]
    file.write_text("\n".join(["X,Y,Offence,Date", *rows]) + "\n")
    fields = FieldMap("log", **dict(zip(names, "XY", strict=True)), date="Date", offence="Offence")
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    return load_incidents(file, fields=fields, record=record), record


@pytest.mark.parametrize(("pairs", "names", "read"), [
    (MICRO, ("longitude", "latitude"), "millionths of a degree"),
    ([(10 * x, 10 * y) for x, y in MICRO], ("longitude", "latitude"), "ten millionths of a degree"),
    ([(100 * x, 100 * y) for x, y in GRID], ("easting", "northing"), "centimetres"),
    ([(x / 1e3, y / 1e3) for x, y in GRID], ("easting", "northing"), "kilometres"),
])  # fmt: skip
def test_places_in_another_unit_are_read_in_it_and_told(tmp_path, pairs, names, read):
    """Also where one is unknown; all lie in the square SE 29 33."""
    incidents, record = placed(tmp_path, [*pairs, (0, 0)], names)
    assert incidents["place_state"].tolist() == ["located"] * 12 + ["default_point"]
    assert incidents.geometry[:12].x.between(429_000, 430_300).all()
    assert incidents.geometry[:12].y.between(433_000, 434_900).all()
    (finding,) = (one for one in record.findings if one.rule == "position-read")
    assert finding.severity == "warning" and f"read as {read}:" in finding.message


@pytest.mark.parametrize(("pairs", "names", "cause", "said"), [
    ([(1.549 + n / 1e4, 53.8) for n in range(12)], ("longitude", "latitude"), "minus", "minus"),
    ([(601_000 + n, 5_961_000) for n in range(12)], ("easting", "northing"), "system", ":32630"),
    ([(-172_400 + n, 7_130_000) for n in range(12)], ("longitude", "latitude"), "system", ":3857"),
    (GRID, ("longitude", "latitude"), "system", "EPSG:27700"),
    ([(x // 10, y // 10) for x, y in GRID], ("easting", "northing"), "coarse", "by 10,"),
])  # fmt: skip
def test_the_one_cause_of_places_that_lie_nowhere_is_named_and_not_how_to_go_on(
    tmp_path, pairs, names, cause, said
):
    incidents, record = placed(tmp_path, pairs, names)
    assert incidents.geometry.isna().all()
    assert record.sources[0].facts["place_cause"][0] == cause
    with pytest.raises(DataError) as refusal:
        refuse_losses(record.sources)
    assert said in str(refusal.value) and "allow_rejected" not in str(refusal.value)


def test_a_source_that_is_lost_as_a_whole_is_not_offered_to_go_on_with():
    def lost(rows):
        with pytest.raises(DataError) as refusal:
            refuse_losses([SourceFile("a.csv", "", 100, 100 - rows, rows, 0)])
        return str(refusal.value)

    assert "allow_rejected" in lost(60) and "allow_rejected" not in lost(95)


@pytest.mark.parametrize(("cell", "start", "days"), [
    ("2025-W27-3", "2025-07-02 00:00", 1), ("2025-W27", "2025-06-30 00:00", 7),
    ("w/c 30/06/2025", "2025-06-30 00:00", 7),
    ("Week commencing 30 June 2025", "2025-06-30 00:00", 7),
    ("202507032130", "2025-07-03 21:30", 0), ("20250703T213000", "2025-07-03 21:30", 0),
    ("03.07.2025 um 21:30 Uhr", "2025-07-03 21:30", 0), ("03/07/2025 21h30", "2025-07-03 21:30", 0),
    ("03/07/2025 at 21:30", "2025-07-03 21:30", 0), ("03/07/2025 - 21:30", "2025-07-03 21:30", 0),
    ("Thu Jul 03 2025 21:30:00 GMT+0100 (British Summer Time)", "2025-07-03 21:30", 0),
])  # fmt: skip
def test_weeks_and_moments_are_read_however_systems_write_them(tmp_path, cell, start, days):
    incidents, _ = load(tmp_path, "Date", [f'"{cell}"'], LOG)
    width = incidents["occurred_until"] - incidents["occurred_from"]
    assert (starts(incidents), width.dt.days.tolist()) == ([start], [days])
    kind = {0: "instant", 1: "day", 7: "interval"}[days]
    assert incidents["time_precision"].tolist() == [kind]


def test_a_time_beside_a_week_says_nothing_of_its_day(tmp_path):
    incidents, record = load(tmp_path, "Date,Time", ["w/c 30/06/2025,21:30"], CLOCKED)
    assert starts(incidents) == ["2025-06-30 00:00"] and "clock-unused" in told(record)


@pytest.mark.parametrize(("cell", "rule"), [
    ("2025 Q3", "date-coarse"), ("Week 27", "date-coarse"), ("2025/26", "date-coarse"),
    ("3 July", "date-yearless"), ("03/07", "date-yearless"), ("soon", "date-format"),
    ("2025-07-03T21:00/2025-07-03T22:00", "date-span"), ("03/07/2025 - 04/07/2025", "date-span"),
    ("03/07/2025 between 0100 and 0600", "date-span"), ("03/07/2025 21:30-23:59", "date-span"),
])  # fmt: skip
def test_what_is_no_day_is_told_as_what_it_is(tmp_path, cell, rule):
    _, record = load(tmp_path, "Date", [cell, "13/07/2025"], LOG)
    assert record.rejected == 1 and told(record)[rule] == ("error", 1)


@pytest.mark.parametrize("hours", [range(3, 11), [10, 8], [11]])
def test_times_until_behind_times_are_no_zones(tmp_path, hours):
    spans = [f"13/07/2025 {hour:02d}:00-{hour + 2:02d}:00" for hour in hours]
    _, record = load(tmp_path, "Date", [*spans, "13/07/2025"], LOG)
    assert record.rejected == len(spans) and told(record)["date-span"] == ("error", len(spans))
    for zoned in ("2025-07-13T12:00:00-05:00", "2025-07-13 12:00-05:00", "2025-07-13T12:00-0500"):
        incidents, _ = load(tmp_path, "Date", [zoned], LOG)
        assert starts(incidents) == ["2025-07-13 18:00"]
    incidents, _ = load(tmp_path, "Date", ["2025-07-13T02:00-05:00", "2025-07-13 01:30+02:00"], LOG)
    assert starts(incidents) == ["2025-07-13 08:00", "2025-07-13 00:30"]


@pytest.mark.parametrize("by", ["filter", "sheet"])
def test_rows_of_a_workbook_that_nobody_sees_are_read_and_told(tmp_path, by):
    book = openpyxl.Workbook()
    sheets = [book.active, book.create_sheet("Old")]
    for number, sheet in enumerate(sheets):
        sheet.append(["X", "Y", "Offence", "Date"])
        for row in range(3):
            sheet.append([429_790 + row, 433_805 + number, "Noise", dt.date(2025, 7, 13)])
    if by == "sheet":
        sheets[1].sheet_state = "hidden"
    else:
        for row in (2, 3, 4):
            sheets[1].row_dimensions[row].hidden = True
    book.save(tmp_path / "log.xlsx")
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    assert len(load_incidents(tmp_path / "log.xlsx", fields=LOG, record=record)) == 6
    assert told(record)["rows-hidden"] == ("warning", 3)


@pytest.mark.parametrize("column", [1, 3])
def test_formulas_without_a_stored_result_are_told_wherever_they_stand(tmp_path, column):
    book = openpyxl.Workbook()
    book.active.append(["X", "Y", "Offence", "Date"])
    for row in range(3):
        book.active.append([429_790 + row, 433_805, "Noise", dt.date(2025, 7, 13)])
    for row in (3, 4):
        book.active.cell(row, column + 1).value = "=A1"
    book.create_chartsheet("A chart without a drawing")
    book.save(tmp_path / "log.xlsx")
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    load_incidents(tmp_path / "log.xlsx", fields=LOG, record=record)
    assert record.read == 3 and told(record)["formulas-unsolved"] == ("warning", 2)
