# ruff: noqa: E501 - tables of cases are read line by line
"""Columns are guessed by what stands in them and by name; one flaw never gives up the whole guess."""

from pathlib import Path

import pytest

from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.guess_field_map import NO_OFFENCE, guess_fields
from hotspots.io.incidents.parse_text import Texts

METRES = [(429_790 + 37 * n, 433_805 + 53 * n) for n in range(6)]
DEGREES = [(f"-1.549{n}", f"53.799{n}") for n in range(6)]
DAYS = [f"{13 + n}/07/2025" for n in range(6)]
LATER = [f"{15 + n}/07/2025" for n in range(6)]


def guess(columns: dict[str, list]):
    cells = {
        place: Texts.of(list(map(str, values))) for place, values in enumerate(columns.values())
    }
    return guess_fields("log", list(columns), cells)


def found(columns: dict[str, list]) -> dict[str, str]:
    fields = guess(columns).fields
    assert fields is not None, guess(columns).missing
    return fields.columns


def place(x="Easting", y="Northing", pairs=METRES) -> dict[str, list]:
    return {x: [pair[0] for pair in pairs], y: [pair[1] for pair in pairs]}


BURGLARY = ["Burglary", "Robbery"] * 3
CODES = ["5D", "8N", "34B"] * 2


@pytest.mark.parametrize("name", [
    "HOC Code", "HO Class", "Home Office Class", "Offence Title", "Opening Code", "Final Class Code",
    "Incident Category", "Report type", "Complaint Type", "Qualifier", "Problem", "HOCR", "Spalte 7",
    "Offence / Incident Type", "Offence/Incident", "Final Call Type", "OFFENCE_DESC", "Crime Description 2",
])  # fmt: skip
@pytest.mark.parametrize("words", [CODES, BURGLARY], ids=["codes", "words"])
def test_an_offence_is_found_by_its_words_whatever_it_is_called(name, words):
    assert found({"Date": DAYS, **place(), name: words})["offence"] == name


@pytest.mark.parametrize("name", [
    "Offence / Incident Type", "Incident Type (Level 2)", "Final Call Type", "OFFENCE_DESC", "Issue",
])  # fmt: skip
def test_an_offence_is_found_by_its_name_where_nobody_knows_its_words(name):
    words = ["Robbery of personal property", "Fly tipping", "Neighbour dispute"] * 2
    assert found({"Date": DAYS, **place(), name: words})["offence"] == name


@pytest.mark.parametrize("name", [
    "Street", "Location of Incident", "Occ Address", "Location Street", "Incident Street Name", "Crime Address", "Location", "Premises Name",
])  # fmt: skip
def test_the_street_is_found_by_its_name(name):
    columns = {"Date": DAYS, **place(), "HOC Code": CODES, name: ["Boar Lane", "Vicar Lane"] * 3}
    assert found(columns)["place_name"] == name


@pytest.mark.parametrize("name", ["Incident Log", "IRS Number", "Occ No"])
def test_the_number_of_a_record_is_found_by_its_name(name):
    columns = {"Date": DAYS, **place(), "HOC Code": CODES, name: [f"25/{n}" for n in range(6)]}
    assert found(columns)["reference"] == name


@pytest.mark.parametrize("name", ["DA", "Domestic Abuse Keyword", "Domestic Incident Marker"])
def test_what_says_that_an_incident_is_domestic_is_found_by_its_name(name):
    columns = {"Date": DAYS, **place(), "HOC Code": CODES, name: ["DA", ""] * 3}
    assert found(columns)["domestic"] == name


@pytest.mark.parametrize(("x", "y"), [
    ("Grid Easting", "Grid Northing"), ("Location Easting", "Location Northing"), ("Easting (m)", "Northing (m)"),
    ("Crime Easting", "Crime Northing"), ("E", "N"), ("Map X", "Map Y"), ("GeoX", "GeoY"), ("GRID_E", "GRID_N"),
    ("X_COORD_CD", "Y_COORD_CD"), ("Feld 1", "Feld 2"),
])  # fmt: skip
@pytest.mark.parametrize("pairs", [METRES, DEGREES], ids=["metres", "degrees"])
def test_a_place_is_found_by_its_numbers_whatever_it_is_called(x, y, pairs):
    columns = found({"Date": DAYS, **place(x, y, pairs), "Offence": BURGLARY})
    kind = ("easting", "northing") if pairs is METRES else ("longitude", "latitude")
    assert [columns[what] for what in kind] == [x, y]


@pytest.mark.parametrize("name", [
    "Reported", "Occurred", "Logged", "Created", "Call Received", "Offence Start", "First Committed On",
    "Date/Time Recorded", "OCCUR_DATE", "Wann",
])  # fmt: skip
def test_a_time_is_found_by_its_days_whatever_it_is_called(name):
    columns = found({name: DAYS, **place(), "Offence": BURGLARY})
    assert name in (columns.get("date"), columns.get("from_date"))


@pytest.mark.parametrize(("columns", "expected"), [
    ({"Date Reported": LATER, "Date Occurred": DAYS, "Time Occurred": ["23:15"] * 6},
     {"date": "Date Occurred", "time": "Time Occurred"}),
    ({"Date Rptd": LATER, "DATE OCC": DAYS, "TIME OCC": [1, 45, 130, 900, 2130, 2359]},
     {"date": "DATE OCC", "time": "TIME OCC"}),
    ({"REPORT_DATE": LATER, "OCC_DATE": DAYS}, {"date": "OCC_DATE"}),
    ({"Date Reported": LATER, "Time Reported": ["09:00"] * 6}, {"date": "Date Reported", "time": "Time Reported"}),
    ({"Date Reported": LATER, "Time Reported": ["09:00"] * 6, "Date Occurred": DAYS}, {"date": "Date Occurred"}),
    ({"Last Updated": LATER, "Date": DAYS}, {"date": "Date"}),
    ({"Confirmed": LATER, "Created": DAYS}, {"date": "Created"}),
    ({"Start": DAYS, "End": LATER}, {"from_date": "Start", "until_date": "End"}),
    ({"Committed On/From Date": DAYS, "Committed On/From Time": ["21:30"] * 6, "Committed To Date": LATER,
      "Committed To Time": ["08:00"] * 6},
     {"from_date": "Committed On/From Date", "from_time": "Committed On/From Time",
      "until_date": "Committed To Date", "until_time": "Committed To Time"}),
    ({"DATE OCC": [f"{day} 12:00:00 AM" for day in DAYS], "TIME OCC": [2130] * 6},
     {"date": "DATE OCC", "time": "TIME OCC"}),
    ({"Committed": [f"{day} 21:30" for day in DAYS], "Time": ["09:00"] * 6}, {"date": "Committed"}),
])  # fmt: skip
def test_what_happened_comes_before_what_was_reported_and_clocks_stay_with_their_day(
    columns, expected
):
    guessed = found({**columns, **place(), "Offence": BURGLARY})
    times = ("date", "time", "from_date", "from_time", "until_date", "until_time")
    assert {what: name for what, name in guessed.items() if what in times} == expected


@pytest.mark.parametrize(("clock", "days"), [("04:00", True), ("04:17", False)])
def test_midnight_of_another_clock_leaves_the_time_to_the_column_of_hours(clock, days):
    moments = [f"2025-07-{13 + n}T{clock}:00Z" for n in range(6)]
    columns = found({"occurred": moments, "hour": [17, 3, 22, 9, 5, 0], **place()})
    assert columns.get("time") == ("hour" if days else None)


def test_where_it_happened_is_no_offence():
    columns = {"location_category": ["street", "residence"] * 3, "Date": DAYS, **place()}
    assert "offence" not in found(columns)


def test_columns_that_nobody_needs_do_not_end_the_guess():
    header = ["Ref", "", "Date", "Easting", "Northing", "Offence", "", "Note", "Note"]
    x, y = zip(*METRES, strict=True)
    cells = [range(6), [""] * 6, DAYS, x, y, BURGLARY, [""] * 6, ["a"] * 6, ["b"] * 6]
    texts = {place: Texts.of(list(map(str, values))) for place, values in enumerate(cells)}
    assert guess_fields("log", header, texts).fields.columns == {
        "easting": "Easting", "northing": "Northing", "date": "Date", "offence": "Offence", "reference": "Ref",
    }  # fmt: skip


@pytest.mark.parametrize("name, rows", [("Ref No.", 6), ("Our number", 60)])
def test_numbers_of_rows_that_read_as_offences_are_no_offences(name, rows):
    numbers = [f"ASB/{n:05d}" for n in range(rows)]
    columns = {name: numbers, "Category": ["Aggro", "Litter"] * (rows // 2)}
    days = {"Date": (DAYS * rows)[:rows]}
    assert found(columns | days | place(pairs=(METRES * rows)[:rows]))["offence"] == "Category"


def test_codes_of_another_country_are_no_home_office_codes():
    fields = guess(
        {"OFFENSE_CODE": ["00619", "03410", "00724"] * 2, "Date": DAYS, **place()}
    ).fields
    assert (fields.offence, fields.offence_scheme) == ("OFFENSE_CODE", "own")


@pytest.mark.parametrize(("columns", "what", "said"), [
    ({"Year": [2025] * 6, "Day": range(1, 7), **place(), "Offence": BURGLARY},
     "time", "split over 'Year', 'Day'"),
    ({"Date": ["soon"] * 6, **place(), "Offence": BURGLARY}, "time", "'Date'"),
    *(({"Date": DAYS, name: [cell] * 6, "Offence": BURGLARY}, "place", f"'{name}', which is no")
      for name, cell in (("Home Postcode", "LS1 1AA"), ("UPRN", "72012345"), ("what3words", "///a.b.c"),
                         ("Incident_Street", "Briggate"), ("LSOA11CD", "E01011698"))),
    ({"Date": DAYS, "Easting": ["west"] * 6, "Northing": ["far"] * 6, "Offence": BURGLARY}, "place", "'Easting'"),
    ({"Date": DAYS, **place("Victim Easting", "Victim Northing"), "Offence": BURGLARY}, "place",
     "where a person or a service is"),
])  # fmt: skip
def test_what_was_not_found_is_told_with_the_reason_and_a_map_to_fill_in(columns, what, said):
    guessed = guess(columns)
    assert guessed.fields is None and said in guessed.missing[what]
    assert 'offence = "Offence"' in guessed.to_toml()
    assert {one.column for one in guessed.columns if one.taken_for} >= {"Offence"}


@pytest.mark.parametrize(("columns", "what", "said"), [
    ({"CR/1": ["CR/2"] * 6, "429790": range(429_790, 429_796), "433805": range(433_805, 433_811),
      "03/07/2025": DAYS, "Burglary": BURGLARY}, "header", "3 of the 5 cells"),
    ({"CR/1": ["CR/2"] * 6, "435338.0": range(429_790, 429_796), "433273.0": range(433_805, 433_811),
      "Burglary": BURGLARY}, "header", "2 of the 4 cells"),
    ({"Ref  Offence  Easting  Northing  Date": ["1  Burglary  429790  433805  03/07/2025"] * 6},
     "header", "one cell each"),
])  # fmt: skip
def test_a_first_line_that_names_no_columns_is_no_header_and_no_row_is_lost_to_it(
    columns, what, said
):
    guessed = guess(columns)
    assert guessed.fields is None and said in guessed.missing[what]
    assert not any(cell in guessed.missing[what] for cell in columns), "it may be an incident"


def test_names_in_two_rows_are_told():
    """As below merged cells."""
    guessed = guess({
        "Ref": ["", *range(1, 6)], "When": ["Date Occurred", *DAYS[1:]], "Type": ["", *BURGLARY[1:]],
        "Where": ["Easting", *range(429_790, 429_795)], "": ["Northing", *range(433_805, 433_810)],
    })  # fmt: skip
    assert guessed.fields is None and "in two rows" in guessed.missing["header"]


def test_days_that_head_columns_beside_a_real_header_are_names():
    usual = {"Date": DAYS, **place(), "Offence": BURGLARY}
    days = {"2025-07-01": ["0"] * 6, "2025-07-02": ["1"] * 6}
    assert guess(usual | days).fields == guess(usual).fields is not None


def test_what_a_guess_leaves_out_that_would_matter_is_told():
    usual = {"Date": DAYS, **place(), "Offence": BURGLARY}
    assert not guess(usual).missing and not guess(usual).doubts
    clock = guess(usual | {"Time": ["about nine", "evening"] * 3})
    assert clock.fields is not None and "'Time'" in clock.missing["time of day"]
    counts = guess(usual | {"Number of incidents": [1, 1, 2, 1, 1, 9]})
    assert [doubt.rule for doubt in counts.doubts] == ["rows-of-counts"]
    assert not guess(usual | {"Number of incidents": [1] * 6}).doubts
    status = guess(
        usual | {"Status": ["No Crime", "Open", "Cancelled", "Filed", "Transferred out", ""]}
    )
    assert [doubt.rule for doubt in status.doubts] == ["rows-of-no-incident"]
    assert "3 rows" in status.doubts[0].message


HOMES = [(x + 3_000, y + 2_000) for x, y in METRES]


@pytest.mark.parametrize("other", ["Victim Home {}", "Caller {}", "Station {}", "OFFENDER_{}"])
@pytest.mark.parametrize("own", ["Crime {}", "{}"])
def test_it_happened_where_it_happened_and_not_where_somebody_lives(other, own):
    pairs = {**place(other.format("Easting"), other.format("Northing"), HOMES),
             **place(own.format("Easting"), own.format("Northing"))}  # fmt: skip
    guessed = guess({"Date": DAYS, **pairs, "Offence": BURGLARY})
    assert guessed.fields.easting == own.format("Easting") and not guessed.doubts


def test_two_places_that_are_as_likely_are_told():
    pairs = {
        **place("Start Easting", "Start Northing"),
        **place("End Easting", "End Northing", HOMES),
    }
    guessed = guess({"Date": DAYS, **pairs, "Offence": BURGLARY})
    assert [doubt.rule for doubt in guessed.doubts] == ["place-doubtful"]
    crime = {**place("Site X", "Site Y", HOMES), **place("Crime X", "Crime Y")}
    assert guess({"Date": DAYS, **crime, "Offence": BURGLARY}).fields.easting == "Crime X"


def test_twelve_figures_are_a_place_only_where_their_column_is_called_so():
    figures = {"Date": DAYS, "Offence": BURGLARY, "Number": [f"20250000{n:04d}" for n in range(6)]}
    assert "place" in guess(figures).missing


@pytest.mark.parametrize(("name", "distinct", "taken"), [
    ("Crime Ref", 2, True), ("Crime Ref", 1, True), ("ID", 2, False), ("ID", 5, True),
])  # fmt: skip
def test_a_reference_of_incidents_may_come_in_several_rows(name, distinct, taken):
    numbers = [f"X{n % distinct}" for n in range(6)]
    columns = found({name: numbers, "Date": DAYS, **place(), "Offence": BURGLARY})
    assert ("reference" in columns) == taken


def test_degrees_are_taken_where_metres_beside_them_are_of_another_system():
    feet = {
        "X_COORD": [1_058_925 + n for n in range(6)],
        "Y_COORD": [180_924 + n for n in range(6)],
    }
    degrees = {
        "Latitude": [40.66 + n / 1e3 for n in range(6)],
        "Longitude": [-73.7 - n / 1e3 for n in range(6)],
    }
    columns = found({"Date": DAYS, **feet, **degrees, "Offence": BURGLARY})
    assert (columns["longitude"], columns["latitude"]) == ("Longitude", "Latitude")


def test_words_are_taken_before_codes_that_no_scheme_knows():
    columns = found({"OFFENSE_CODE": [619, 3410, 724] * 2, "OFFENSE_DESCRIPTION": ["LARCENY", "TOWED", "AUTO"] * 2,
                     "Date": DAYS, **place()})  # fmt: skip
    assert columns["offence"] == "OFFENSE_DESCRIPTION"


def test_without_an_offence_the_map_says_so():
    fields = guess({"Date": DAYS, **place()}).fields
    assert fields.offence_is == NO_OFFENCE and fields.offence is None


@pytest.mark.parametrize(
    "cells", [["SE 297 338", "SE 298 339"] * 3, ["(53.79, -1.54)", "(53.80, -1.55)"] * 3]
)
def test_a_place_in_one_column_is_found(cells):
    columns = found({"Where": cells, "Date": DAYS, "Offence": BURGLARY})
    assert "Where" in (columns.get("grid_reference"), columns.get("position"))


def test_the_report_shows_every_column_and_how_sure_it_is(tmp_path: Path):
    rows = "".join(
        f"R{n},{day},{x},{y},Burglary,\n"
        for n, (day, (x, y)) in enumerate(zip(DAYS, METRES, strict=True))
    )
    (tmp_path / "log.csv").write_text("Ref,Occurred,Easting,Northing,Offence,\n" + rows)
    report = check_incidents(tmp_path / "log.csv")
    columns = report.to_dict()["guesses"]["log.csv"]["columns"]
    assert [(one["column"], one["taken_for"]) for one in columns] == [
        ("Ref", "reference"), ("Occurred", "date"), ("Easting", "easting"), ("Northing", "northing"),
        ("Offence", "offence"), ("", None),
    ]  # fmt: skip
    assert columns[1]["values"] == ("13/07/2025", "14/07/2025", "15/07/2025")
    assert {one["sure"] for one in columns[:5]} <= {"sure", "likely", "perhaps"}


def test_two_columns_of_one_name_are_both_named():
    header = ["Easting", "Northing", "Offence", "Date", "Date"]
    cells = {at: Texts.of(["430001"]) for at in range(5)}
    why = guess_fields("log", header, cells).missing["time"]
    assert "columns 4 and 5" in why and "'Date'" in why
