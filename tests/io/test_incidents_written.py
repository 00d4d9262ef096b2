"""The same twelve incidents, written as different systems write them, are the same table."""

import json
import tomllib
import warnings
import zipfile

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from hotspots.core.errors import InputError
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents

COUNT = 12
EAST = [429_700 + 137 * n for n in range(COUNT)]
NORTH = [433_800 + 91 * n for n in range(COUNT)]
UTM = Transformer.from_crs(27700, 32630, always_xy=True).transform(EAST, NORTH)
LON, LAT = Transformer.from_crs(27700, 4326, always_xy=True).transform(EAST, NORTH)
STARTS = [pd.Timestamp(2025, 7, 13 + n, n, 5) for n in range(COUNT)]
WHAT = {"Ref": [f"CR/{n}" for n in range(COUNT)], "Offence": ["Burglary", "Drugs", "Robbery"] * 4}
END = {"Day": 25, "Month": 7, "Year": 2025, "Hour": 8}
METRES = {"Easting": EAST, "Northing": NORTH}
WHEN = {"Date": [f"{start:%d/%m/%Y %H:%M}" for start in STARTS]}


def parts(of="", *, month="%m", year="%Y", clock=("Hour", "Minute")):
    """A day and a clock in columns of their own."""
    forms = {"Day": "%d", "Month": month, "Year": year, "Hour": "%H", "Minute": "%M"}
    wanted = ("Day", "Month", "Year", *clock)
    return {f"{of}{part}": [start.strftime(forms[part]) for start in STARTS] for part in wanted}


def dms(value, sides, marks="°'"):
    seconds = round(abs(value) * 3_600, 1)
    whole, rest = divmod(seconds, 3_600)
    degree, minute = marks[0], marks[-1]
    return f"{whole:.0f}{degree}{rest // 60:02.0f}{minute}{rest % 60:04.1f} {sides[value < 0]}"


def comma(form, numbers):
    return [form.format(one).replace(".", ",") for one in numbers]


def thousands(metres):
    return [f"{one // 1000}.{one % 1000:03d},00" for one in metres]


def spaced(metres, space):
    return [f"{one:,}".replace(",", space) for one in metres]


def position(form, *columns):
    return [form.format(*row) for row in zip(*columns, strict=True)]


def guessed(path):
    """The table that the guess of `check` gives, and the report."""
    report = check_incidents(path)
    (text,) = report.content["guessed_field_maps"].values()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_incidents(path, fields=FieldMap.from_mapping(tomllib.loads(text))), report


def written(tmp_path, columns, name="log.csv"):
    pd.DataFrame(columns).to_csv(tmp_path / name, index=False)
    return guessed(tmp_path / name)


@pytest.mark.parametrize("when", [
    parts(), parts("Occ "), parts("occurrence_"), parts(month="%B"), parts(year="%y"),
    {name.lower().replace(" ", ""): cells for name, cells in parts("occurrence").items()},
    dict(reversed(parts("From ").items())),
    {"Date": [f"{start:%d/%m/%Y}" for start in STARTS], "Hour": range(COUNT), "Minute": 5},
    parts() | {"Reported Day": 30, "Reported Month": 9, "Reported Year": 2025},
    parts("OCC_") | {"Report Date": "2025-09-30", "Date Closed": "2025-10-30"},
    WHEN | dict.fromkeys(("Reported Day", "Reported Month"), 1) | {"Reported Year": 2025},
], ids=range(11))  # fmt: skip
def test_a_day_and_a_clock_may_be_split_over_columns(tmp_path, when):
    incidents, report = written(tmp_path, WHAT | when | METRES)
    local = incidents["occurred_from"].dt.tz_localize(None)
    assert local.tolist() == STARTS and set(incidents["time_precision"]) == {"instant"}
    assert report.ok


def as_written(form):
    return [start.strftime(form) for start in STARTS]


@pytest.mark.parametrize("when", [
    {"DTOFF": as_written("%d%b%Y:%H:%M:%S")},
    {"DATE": as_written("%d%b%Y"), "TIME": as_written("%H:%M")},
    {"Date": as_written("%d/%m/%Y 00:00:00"), "Time": as_written("30/12/1899 %H:%M:%S")},
    {"Date": as_written("%Y-%m-%d 00:00:00"), "Time": as_written("1900-01-01 %H:%M:%S")},
    {"Date": as_written("%a %d/%m/%Y"), "Time": as_written("%H%M hrs")},
    {"Date": as_written("%d %B %Y %H%Mhrs")},
    {"Date": as_written("%d/%m/%Y %H:%M BST")},
], ids=range(7))  # fmt: skip
def test_a_moment_is_the_same_however_a_program_exports_it(tmp_path, when):
    incidents, report = written(tmp_path, WHAT | when | METRES)
    assert incidents["occurred_from"].dt.tz_localize(None).tolist() == STARTS
    assert set(incidents["time_precision"]) == {"instant"} and report.ok


def test_an_end_of_the_same_day_is_after_its_start_and_as_long_as_it_was(tmp_path):
    starts = [pd.Timestamp(2025, 7, 13 + n, 20, 15) for n in range(COUNT)]
    ends = [start + pd.Timedelta(hours=n) for n, start in enumerate(starts)]
    when = {"Date": [f"{start:%d/%m/%Y}" for start in starts]}
    when |= {"Time from": [f"{start:%H:%M}" for start in starts]}
    when |= {"Time to": [*(f"{end:%H:%M}" for end in ends[:-1]), ""]}
    incidents, report = written(tmp_path, WHAT | when | METRES)
    assert incidents["occurred_from"].dt.tz_localize(None).tolist() == starts
    until = incidents["occurred_until"].dt.tz_localize(None) - pd.Timedelta(minutes=1)
    assert until.tolist() == [*ends[:-1], starts[-1]]
    (told,) = [found for found in report.findings if found.rule == "over-midnight"]
    assert told.rows == COUNT - 1 - 4  # all of 4 hours or more but the last, which has no end


@pytest.mark.parametrize(("other", "rule"), [
    ([], "date-order-unproven"), (["07/31/2025"], "date-order-mixed"),
    (["31/07/2025"], "date-order"), (["31/07/2025", "07/31/2025"], "date-order-mixed"),
])  # fmt: skip
def test_dates_that_can_be_read_two_ways_are_proven_by_others_or_doubted(tmp_path, other, rule):
    dates = [*other, *["03/07/2025"] * (COUNT - len(other))]
    path = tmp_path / "log.csv"
    pd.DataFrame(WHAT | {"Date": dates} | METRES).to_csv(path, index=False)
    day_first = FieldMap(
        "log", easting="Easting", northing="Northing", date="Date", offence="Offence"
    )
    told = {
        found.rule: found.severity for found in check_incidents(path, fields=day_first).findings
    }
    assert [one for one in told if one.startswith("date-order")] == [rule]
    assert told[rule] == ("note" if rule == "date-order" else "warning")


@pytest.mark.parametrize(
    "zone",
    ["Europe/London", "America/Toronto", "Australia/Sydney", "Pacific/Auckland", "UTC"],
)
@pytest.mark.parametrize("hours", [0, 1])
def test_a_day_written_as_a_moment_of_utc_is_that_day_by_the_clock_of_the_place(
    tmp_path, zone, hours
):
    """Portals write local midnight in UTC, 04:00 or 05:00 for Toronto; or the day, with a Z."""
    days = pd.date_range("2025-03-01", periods=COUNT, freq="20D")
    moments = days.tz_localize(zone).tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%S.000Z")
    clock = {"Hour": [n + 5 for n in range(COUNT)]}
    pd.DataFrame(WHAT | METRES | {"When": moments} | clock).to_csv(
        tmp_path / "log.csv", index=False
    )
    named = {"easting": "Easting", "northing": "Northing", "date": "When", "offence": "Offence"}
    fields = FieldMap("log", **named, time="Hour" if hours else None)
    place = "Europe/London" if zone == "UTC" else zone
    with pytest.warns(UserWarning, match="exactly 00:00"):
        table = load_incidents(tmp_path / "log.csv", fields=fields, timezone=place)
    starts = table["occurred_from"].dt.tz_localize(None)
    assert starts.tolist() == [
        day + hours * pd.Timedelta(hours=n + 5) for n, day in enumerate(days)
    ]
    assert set(table["time_precision"]) == {"instant" if hours else "day"}
    told = {found.rule for found in check_incidents(tmp_path / "log.csv", fields=fields).findings}
    assert ("one-hour" in told) == (place != "Europe/London")
    with pytest.warns(UserWarning, match="the day alone was taken"):
        unnamed = load_incidents(tmp_path / "log.csv", fields=fields)["occurred_from"]
    assert unnamed.dt.tz_localize(None).tolist() == starts.tolist()
    if place != "Europe/London":
        with pytest.warns(UserWarning, match="not always by the clock of America/Halifax"):
            load_incidents(tmp_path / "log.csv", fields=fields, timezone="America/Halifax")


@pytest.mark.parametrize(("form", "year_first"), [("%y-%m-%d", True), ("%d-%m-%y", False)])
def test_years_of_two_figures_at_the_front_are_doubted(tmp_path, form, year_first):
    _, report = written(tmp_path, WHAT | {"Date": as_written(form)} | METRES)
    told = {found.rule for found in report.findings if found.severity == "warning"}
    assert ("year-first" in told) == year_first
    dates = ["99-99-99", *as_written(form)[1:]]
    assert written(tmp_path, WHAT | {"Date": dates} | METRES)[1].content["rows"]["rejected"] == 1


@pytest.mark.parametrize(("form", "cut"), [("{:.2E}", True), ("{:.3E}", False), ("{:.1e}", False)])
def test_a_number_of_which_a_spreadsheet_left_three_figures_is_no_place(tmp_path, form, cut):
    """R writes 4.3e+05 where it is exact; a spreadsheet writes 4.30E+05 for any of 10,000."""
    metres = {name: [form.format(one) for one in cells] for name, cells in METRES.items()}
    incidents, report = written(tmp_path, WHAT | WHEN | metres)
    assert incidents.geometry.isna().all() == cut and len(incidents) == COUNT
    assert ("number-cut" in {found.rule for found in report.findings}) == cut


def test_rows_that_came_before_are_told_though_their_references_name_no_row(tmp_path):
    table = pd.DataFrame(WHAT | WHEN | METRES)
    pd.concat([table, table[:4]]).to_csv(tmp_path / "log.csv", index=False)
    incidents, report = guessed(tmp_path / "log.csv")
    (told,) = [found for found in report.findings if found.rule == "reference-repeated"]
    assert (len(incidents), told.rows) == (COUNT + 4, 4)


def test_what_is_split_keeps_to_what_is_known(tmp_path):
    day, _ = written(tmp_path, WHAT | parts(clock=()) | METRES)
    month, _ = written(tmp_path, WHAT | {"Year": [2025] * COUNT, "Month": [7] * COUNT} | METRES)
    assert set(day["time_precision"]) == {"day"} and set(month["time_precision"]) == {"month"}
    some = parts()
    some["Minute"] = ["", *some["Minute"][1:]]
    some["Hour"] = [*some["Hour"][:-1], ""]
    some["Day"] = ["31", "", *some["Day"][2:]]
    some["Month"] = ["06", *some["Month"][1:]]
    incidents, report = written(tmp_path, WHAT | some | METRES)
    assert report.content["rows"]["rejected"] == 2  # 31 June, and a day that nobody wrote
    assert incidents["time_precision"].tolist()[-1] == "day"
    assert [found.column for found in report.findings if found.rule == "date-format"] == [
        "Year, Month, Day"
    ]


def test_a_split_interval_has_both_its_ends(tmp_path):
    until = {f"To {part}": [cell] * COUNT for part, cell in END.items()}
    when = parts("From ", clock=("Hour",)) | until
    incidents, _ = written(tmp_path, WHAT | when | METRES)
    starts, ends = (incidents[f"occurred_{end}"].dt.tz_localize(None) for end in ("from", "until"))
    assert set(ends) == {pd.Timestamp(2025, 7, 25, 9)}
    assert starts.tolist() == [start.floor("h") for start in STARTS]


def test_a_field_map_names_the_parts_and_refuses_another_number_of_them():
    place = {"easting": "E", "northing": "N", "offence": "O"}
    split = {"date": ["Y", "M", "D"], "time": ["h", "m"]}
    fields = FieldMap.from_mapping({"name": "log", **split, **place})
    assert fields.columns["date/2"] == "D" and fields.named("date") == "Y, M, D"
    assert fields == FieldMap("log", date=["Y", "M", "D"], time=("h", "m"), **place)
    for wrong in ({"date": ("Y", "M")}, {"date": "D", "time": ("h",)}, {"date": ("Y", "M", "")}):
        with pytest.raises(InputError, match="must be the name of a column, or a list of"):
            FieldMap("log", **wrong, **place)


@pytest.mark.parametrize(("place", "rules"), [
    ({"Location": position("({0:.6f}, {1:.6f})", LAT, LON)}, set()),
    ({"Coordinates": position("{1:.6f}, {0:.6f}", LAT, LON)}, {"position-read"}),
    ({"Where": position("{1:.6f} {0:.6f}", LAT, LON)}, {"position-read"}),
    ({"Lat/Long": position("{0:.6f}N {1:.6f}W", LAT, np.abs(LON))}, set()),
    ({"Location": position("{0}, {1}", EAST, NORTH)}, {"position-read"}),
    ({"geom": position("POINT ({0} {1})", EAST, NORTH)}, set()),
    ({"geom": position("SRID=4326;POINT ({0} {1})", LON, LAT)}, set()),
    ({"geom": position("SRID=32630;POINT Z ({0} {1} 0)", *UTM)}, set()),
    ({"geom": position("MULTIPOINT (({0} {1}))", EAST, NORTH)}, set()),
    ({"geom": position('{{"type": "Point", "coordinates": [{0}, {1}]}}', LON, LAT)}, set()),
    ({"Grid reference": position("{0:.0f}{1:.0f}", EAST, NORTH)}, set()),
    ({"Where": position("E: {0}, N: {1}", EAST, NORTH)}, set()),
    ({"Easting": position("{0} E", EAST), "Northing": position("{0}N", NORTH)}, {"number-written"}),
    ({"Latitude": [dms(one, "NS", " ") for one in LAT],
      "Longitude": [dms(one, "EW", ":") for one in LON]}, {"number-written"}),
    ({"Latitude": [dms(one, "NS") for one in LAT], "Longitude": [dms(one, "EW") for one in LON]},
     {"number-written"}),
    ({"Latitude": comma("{:.6f}", LAT), "Longitude": comma("{:.6f}", LON)}, {"comma-in-number"}),
    ({"Easting": position("{0}m", EAST), "Northing": position("{0} m", NORTH)}, {"number-written"}),
    ({"Easting": thousands(EAST), "Northing": thousands(NORTH)}, {"comma-in-number"}),
    ({"Easting": spaced(EAST, "\u00a0"), "Northing": spaced(NORTH, " ")}, {"number-written"}),
])  # fmt: skip
def test_a_place_is_the_same_however_it_is_written(tmp_path, place, rules):
    incidents, report = written(tmp_path, WHAT | WHEN | place)
    off = np.hypot(incidents.geometry.x - EAST, incidents.geometry.y - NORTH)
    assert off.max() < 4  # tenths of a second of arc
    told = {found.rule for found in report.findings}
    assert rules <= told and ("position-read" in told) == ("position-read" in rules)


def test_records_of_a_portal_are_read_and_what_lies_beside_them_in_an_archive_is_left_out(tmp_path):
    table = pd.DataFrame(WHAT | WHEN | METRES)
    (tmp_path / "records.json").write_text(json.dumps(table.to_dict("records")))
    incidents, _ = guessed(tmp_path / "records.json")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("export/log.csv", table.to_csv(index=False))
        archive.writestr("export/readme.txt", "The extract of July.\nAsk the analyst.\n")
    packed, report = guessed(tmp_path / "all.zip")
    assert len(incidents) == len(packed) == COUNT
    assert report.content["verdict"]["left_out"] == ["readme.txt"]
