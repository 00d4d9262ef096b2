# ruff: noqa: E501 - tables of cases are read line by line
"""A CSV of one's own, through a field map: places, times, offences and governance."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents

LOG = FieldMap(
    "Council ASB log", easting="X", northing="Y", date="Reported", time="At",
    offence="Nature", offence_scheme="own", location_precision="exact",
)  # fmt: skip
SPAN = FieldMap(
    "Extract", easting="X", northing="Y", from_date="From", from_time="From time",
    until_date="To", until_time="To time", offence="Code", offence_scheme="home_office",
    domestic="DA", reference="Ref",
)  # fmt: skip


def load(folder: Path, fields: FieldMap, *rows: str, header: str, **options):
    file = folder / "log.csv"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    incidents = load_incidents(file, fields=fields, record=record, **options)
    require_table(incidents, INCIDENTS, argument="incidents")
    return incidents, record


def log(folder: Path, *rows: str, fields: FieldMap = LOG, **options):
    return load(folder, fields, *rows, header="X,Y,Reported,At,Nature", **options)


def span(folder: Path, *rows: str):
    header = "X,Y,From,From time,To,To time,Code,DA,Ref"
    return load(folder, SPAN, *(f"429790,433805,{row}" for row in rows), header=header)


def times(incidents, place: int = 0) -> tuple[str, str, str]:
    one = incidents.iloc[place]
    start, end = (one[name].strftime("%Y-%m-%d %H:%M:%S%z") for name in
                  ("occurred_from", "occurred_until"))  # fmt: skip
    return start, end, one["time_precision"]


@pytest.mark.parametrize(
    ("day", "clock", "start", "end", "precision"),
    [
        ("31/07/2018", "", "2018-07-31 00:00:00+0100", "2018-08-01 00:00:00+0100", "day"),
        ("31/07/2018", "22:15", "2018-07-31 22:15:00+0100", "2018-07-31 22:16:00+0100", "instant"),
        ("31/07/2018", "2215", "2018-07-31 22:15:00+0100", "2018-07-31 22:16:00+0100", "instant"),
        ("31/07/2018", "10:15 PM", "2018-07-31 22:15:00+0100", "2018-07-31 22:16:00+0100", "instant"),
        ("31/07/2018", "22", "2018-07-31 22:00:00+0100", "2018-07-31 23:00:00+0100", "instant"),
        ("03/04/2018", "", "2018-04-03 00:00:00+0100", "2018-04-04 00:00:00+0100", "day"),
        ("3.4.18", "", "2018-04-03 00:00:00+0100", "2018-04-04 00:00:00+0100", "day"),
        ("3 April 2018", "", "2018-04-03 00:00:00+0100", "2018-04-04 00:00:00+0100", "day"),
        ("3-Apr-18", "", "2018-04-03 00:00:00+0100", "2018-04-04 00:00:00+0100", "day"),
        ("April 3, 2018", "", "2018-04-03 00:00:00+0100", "2018-04-04 00:00:00+0100", "day"),
        ("20180403", "", "2018-04-03 00:00:00+0100", "2018-04-04 00:00:00+0100", "day"),
        ("2018-04-03", "", "2018-04-03 00:00:00+0100", "2018-04-04 00:00:00+0100", "day"),
        ("2018-04-03 05:06:07", "", "2018-04-03 05:06:07+0100", "2018-04-03 05:06:08+0100", "instant"),
        ("2018-04-03T05:06Z", "", "2018-04-03 06:06:00+0100", "2018-04-03 06:07:00+0100", "instant"),
        ("2018-01-03T05:06+02:00", "", "2018-01-03 03:06:00+0000", "2018-01-03 03:07:00+0000", "instant"),
        ("03/04/2018 05:06", "", "2018-04-03 05:06:00+0100", "2018-04-03 05:07:00+0100", "instant"),
        ("25/03/2018", "", "2018-03-25 00:00:00+0000", "2018-03-26 00:00:00+0100", "day"),
    ],
)  # fmt: skip
def test_times_are_read_as_wide_as_they_are_known(tmp_path, day, clock, start, end, precision):
    incidents, _ = log(tmp_path, f'429790,433805,"{day}",{clock},Noise')
    assert times(incidents) == (start, end, precision)


@pytest.mark.parametrize("day", ["31/02/2018", "2018-02-31", "13/13/2018", "yesterday", "", "07/2018",
                                 "1818-01-01", "2018-07-31 25:00", "44044"])  # fmt: skip
def test_impossible_days_are_put_aside(tmp_path, day):
    incidents, record = log(
        tmp_path, f"429790,433805,{day},,Noise", "429790,433805,2018-07-31,,Noise"
    )
    assert len(incidents) == 1 and record.quarantine[0].findings[0].rule == "date-format"


def test_day_first_is_a_choice_and_is_counted(tmp_path):
    american = FieldMap(
        "US", easting="X", northing="Y", date="Reported", offence="Nature", day_first=False
    )
    one, record = log(tmp_path, "429790,433805,03/04/2018,,Noise", "429790,433805,03/14/2018,,Noise",
                      fields=american)  # fmt: skip
    assert times(one)[0].startswith("2018-03-04")
    assert [(f.rule, f.rows) for f in record.findings] == [("date-order", 1)]
    _, record = log(tmp_path, "429790,433805,03/04/2018,,Noise", "429790,433805,03/14/2018,,Noise")
    assert record.rejected == 1


def test_clocks_that_go_back_or_forward_are_covered_and_counted(tmp_path):
    incidents, record = log(tmp_path, "429790,433805,28/10/2018,01:30,Noise",
                            "429790,433805,25/03/2018,01:30,Noise")  # fmt: skip
    start, end, _ = times(incidents)
    assert (start, end) == ("2018-10-28 01:30:00+0100", "2018-10-28 01:31:00+0000")
    assert times(incidents, 1)[:2] == ("2018-03-25 02:30:00+0100", "2018-03-25 02:31:00+0100")
    told = {finding.rule: finding.rows for finding in record.findings}
    assert (told["clocks-back"], told["clocks-forward"]) == (1, 1)


@pytest.mark.parametrize("day", ["25/03/2018", "28/10/2018"])
def test_every_hour_of_a_day_on_which_the_clocks_change_has_a_width(tmp_path, day):
    incidents, record = log(tmp_path, *(f"429790,433805,{day},{hour},Noise" for hour in range(24)))
    assert len(incidents) == 24
    assert (incidents["occurred_from"] < incidents["occurred_until"]).all()
    rules = {finding.rule for finding in record.findings}
    assert rules == {"clocks-forward" if "03" in day else "clocks-back"}


@pytest.mark.parametrize(
    ("row", "start", "end", "precision", "rule"),
    [
        ("21/07/2018,22:00,22/07/2018,08:00,8/6,N,a", "2018-07-21 22:00", "2018-07-22 08:01", "interval", None),
        ("21/07/2018,22:00,,,8/6,N,a", "2018-07-21 22:00", "2018-07-21 22:01", "instant", "end-missing"),
        ("21/07/2018,,,,8/6,N,a", "2018-07-21 00:00", "2018-07-22 00:00", "day", "end-missing"),
        (",,22/07/2018,08:00,8/6,N,a", "2018-07-22 08:00", "2018-07-22 08:01", "instant", "start-missing"),
        ("22/07/2018,08:00,21/07/2018,22:00,8/6,N,a", "2018-07-21 22:00", "2018-07-22 08:01", "interval", "ends-swapped"),
        ("21/07/2018,22:00,21/07/2018,22:00,8/6,N,a", "2018-07-21 22:00", "2018-07-21 22:01", "instant", None),
        ("21/07/2018,,21/07/2018,,8/6,N,a", "2018-07-21 00:00", "2018-07-22 00:00", "day", None),
        ("21/07/2018,,23/07/2018,,8/6,N,a", "2018-07-21 00:00", "2018-07-24 00:00", "interval", None),
    ],
)  # fmt: skip
def test_intervals_follow_the_counted_rules(tmp_path, row, start, end, precision, rule):
    incidents, record = span(tmp_path, row)
    found = times(incidents)
    assert (found[0][:16], found[1][:16], found[2]) == (start, end, precision)
    rules = [finding.rule for finding in record.findings]
    assert rules == ([rule] if rule else [])
    assert (incidents["occurred_from"] < incidents["occurred_until"]).all()


def test_a_row_without_any_time_is_put_aside(tmp_path):
    _, record = span(tmp_path, ",,,,8/6,N,a", "01/07/2018,,,,8/6,N,b")
    assert [row.findings[0].rule for row in record.quarantine] == ["no-time"]


def test_home_office_codes_flags_and_references_are_read(tmp_path):
    incidents, record = span(
        tmp_path, "01/07/2018,,,,8/6,Yes,a", "01/07/2018,,,,008/06,n,a", "01/07/2018,,,,8N,,b",
        "01/07/2018,,,,8N,perhaps,", "01/07/2018,,,,assault,N,c", "01/07/2018,,,,8N,DA,d",
    )  # fmt: skip
    assert incidents["offence"].tolist() == ["008/06", "008/06", "8N", "8N", "8N"]
    assert incidents["domestic"].tolist() == [True, False, pd.NA, pd.NA, True]
    assert incidents["reference"].tolist()[:3] == ["a", "a", "b"]
    assert record.quarantine[0].findings[0].rule == "offence-unknown"
    assert {"flag-unknown", "reference-repeated"} <= {finding.rule for finding in record.findings}


def test_words_of_the_source_become_offences_of_the_scheme(tmp_path):
    council = FieldMap(
        "Council", easting="X", northing="Y", date="Reported", offence="Nature",
        offence_scheme="police_uk", offence_words={"Noise": "Anti-social behaviour"},
    )  # fmt: skip
    incidents, record = log(tmp_path, "429790,433805,2018-07-31,,Noise",
                            "429790,433805,2018-07-31,,NOISE",
                            "429790,433805,2018-07-31,,Fly-tipping", fields=council)  # fmt: skip
    assert incidents["offence"].tolist() == ["Anti-social behaviour"] * 2 and record.rejected == 1


def test_a_log_of_one_kind_needs_no_offence_column(tmp_path):
    council = FieldMap("Council", easting="X", northing="Y", date="Reported", offence_is="Noise")
    incidents, record = log(tmp_path, "429790,433805,2018-07-31,,", fields=council)
    assert incidents["offence"].tolist() == ["Noise"]
    assert record.sources[0].facts["layout"] == "Council"
    assert (
        record.attributions == () and record.sources[0].facts["published_record_by_record"] is False
    )


@pytest.mark.parametrize(
    ("x", "y", "rule", "state"),
    [
        ("-1.55", "53.8", "degrees-not-metres", "impossible"), ("0", "0", "zero-zero", "default_point"),
        ("-1", "-1", "filler-place", "default_point"), ("999999", "999999", "filler-place", "default_point"),
        ("1e9", "433805", "outside", "outside"), ("650000", "900000", "outside", "outside"),
        ("430000", "", "half-a-place", "impossible"), ("433805 yd", "1", "not-a-number", "impossible"),
        ("180000", "500000", "swapped", "impossible"),
        ("-", "", None, "blank"), ("NULL", "null", None, "blank"), ("N/K", "n/k", None, "unknown_word"),
        ("Unknown", "", None, "unknown_word"), ("429790 m", "433805m", None, "located"),
        ('"429,790"', '"433,805"', None, "located"),
    ],
)  # fmt: skip
def test_an_incident_is_kept_whatever_its_place_is(tmp_path, x, y, rule, state):
    incidents, record = log(
        tmp_path, "429790,433805,2018-07-31,,Noise", f"{x},{y},2018-07-31,,Noise"
    )
    assert (record.read, record.accepted, record.rejected) == (2, 2, 0)
    assert incidents["place_state"].tolist() == ["located", state]
    assert incidents.geometry.notna().tolist() == [True, state == "located"]
    source = record.sources[0]
    assert source.facts["faults"] == ({rule: 1} if rule else {})
    assert source.unlocated == (0 if state == "located" else 1)
    told = [(found.severity, found.rows) for found in record.findings if found.rule == rule]
    assert told == ([("warning", 1)] if rule else [])


def test_a_field_map_names_words_and_numbers_that_stand_for_unknown(tmp_path):
    fields = replace(LOG, missing=("Not geocoded", "1"))
    incidents, record = log(tmp_path, "429790,433805,2018-07-31,,Noise", "1,1,2018-07-31,,Noise",
                            "not geocoded,,2018-07-31,Not geocoded,Noise", fields=fields)  # fmt: skip
    assert incidents["place_state"].tolist() == ["located", "unknown_word", "unknown_word"]
    assert incidents["time_precision"].tolist() == ["day"] * 3 and not record.rejected
    assert not {"filler-place", "systematic-fault"} & {found.rule for found in record.findings}


def test_a_few_degrees_among_metres_are_read_as_they_are(tmp_path):
    rows = [f"{429_790 + n},433805,2018-07-31,,Noise" for n in range(3)]
    incidents, record = log(tmp_path, *rows, "-1.5492,53.7997,2018-07-31,,Noise")
    last = incidents.geometry.iloc[3]
    assert abs(last.x - 429_790) < 5 and abs(last.y - 433_805) < 5
    assert [(f.rule, f.severity) for f in record.findings] == [("mixed-units", "warning")]


def test_a_fault_of_a_fifth_of_a_file_is_one_of_the_file(tmp_path):
    good = [f"{429_790 + n},433805,2018-07-31,,Noise" for n in range(8)]
    swapped = "180000,500000,2018-07-31,,Noise"
    _, record = log(tmp_path, *good, swapped, swapped)
    assert "systematic-fault" not in {found.rule for found in record.findings}
    _, record = log(tmp_path, *good[:7], swapped, swapped)
    (told,) = [found for found in record.findings if found.rule == "systematic-fault"]
    assert (told.severity, told.rows, told.file) == ("warning", 2, "log.csv")


@pytest.mark.parametrize(
    ("x", "y", "state"), [(400_000, 400_000, "default_point"), (429_791, 433_807, "located")]
)
def test_one_point_of_very_many_rows_is_told_and_a_round_one_is_none(tmp_path, x, y, state):
    rows = [f"{429_900 + n},{433_900 + n},2018-07-31,,Noise" for n in range(24)]
    incidents, record = log(tmp_path, *rows, *[f"{x},{y},2018-07-31,,Noise"] * 12)
    assert incidents["place_state"].value_counts().to_dict() == (
        {"located": 36} if state == "located" else {"located": 24, state: 12}
    )
    rule = "one-point" if state == "located" else "default-point"
    warned = [(f.rule, f.rows) for f in record.findings if f.severity == "warning"]
    assert warned == [(rule, 12)]


def test_one_point_that_bears_many_names_is_none(tmp_path):
    fields = replace(LOG, time=None, place_name="At")
    rows = [f"{429_900 + n},{433_900 + n},2018-07-31,High Street,Noise" for n in range(24)]
    alike = [f"429791,433807,2018-07-31,Road {n},Noise" for n in range(12)]
    incidents, _ = log(tmp_path, *rows, *alike, fields=fields)
    assert incidents["place_state"].tolist() == ["located"] * 24 + ["default_point"] * 12


@pytest.mark.parametrize(
    ("cell", "x", "y"),
    [("SE 297 338", 429_700, 433_800), ("se2979033805", 429_790, 433_805), ("NX 97 55", 297_000, 555_000),
     ("TQ3080", 530_000, 180_000), ("SE297", None, None), ("N/K", None, None), ("", None, None)],
)  # fmt: skip
def test_grid_references_stand_for_the_corner_of_their_square(tmp_path, cell, x, y):
    fields = FieldMap("log", grid_reference="Ref", date="Date", offence="Nature")
    incidents, record = load(
        tmp_path, fields, "SE 1 1 1 1,2018-07-31,Noise", f"{cell},2018-07-31,Noise",
        header="Ref,Date,Nature",
    )  # fmt: skip
    point = incidents.geometry.iloc[1]
    assert (point is None) if x is None else ((point.x, point.y) == (x, y))
    assert set(incidents["location_precision"]) == {"snapped"} and record.accepted == 2


def test_a_position_in_one_cell_is_read_latitude_first_and_well_known_text_is_not(tmp_path):
    fields = FieldMap("log", position="At", date="Date", offence="Nature")
    cells = ['"(53.7997, -1.5492)"', '"53.7997,-1.5492"', "POINT (-1.5492 53.7997)", "Park Row"]
    incidents, _ = load(
        tmp_path, fields, *(f"{cell},2018-07-31,Noise" for cell in cells), header="At,Date,Nature"
    )
    assert incidents["place_state"].tolist() == ["located"] * 3 + ["impossible"]
    assert incidents.geometry.iloc[:3].to_wkb().nunique() == 1


def test_another_metric_system_is_kept_or_brought_over(tmp_path):
    row = "367000,566000,2018-07-31,,Noise"
    stay, _ = log(tmp_path, row, crs="EPSG:26971")
    assert stay.crs == "EPSG:26971" and stay.geometry.iloc[0].coords[0] == (367_000.0, 566_000.0)
    away = FieldMap("C", easting="X", northing="Y", date="Reported", offence="Nature",
                    coordinate_system="EPSG:26971")  # fmt: skip
    moved, _ = log(tmp_path, row, fields=away, crs="EPSG:32616")
    back = moved.to_crs("EPSG:26971").geometry.iloc[0]
    assert abs(back.x - 367_000) < 0.01 and abs(back.y - 566_000) < 0.01


def test_governance_travels_from_the_field_map_to_the_manifest(tmp_path):
    file = tmp_path / "map.toml"
    file.write_text(
        'name = "Council ASB log"\neasting = "X"\nnorthing = "Y"\ndate = "Reported"\n'
        'offence = "Nature"\nlawful_basis = "Crime and Disorder Act 1998, section 115"\n'
        'owner = "Performance and Intelligence"\nreview_on = 2027-01-31\ndestroy_on = 2028-01-31\n'
        '[offence_words]\n"Noise nuisance" = "Noise"\n'
    )
    _, record = log(tmp_path, "429790,433805,2018-07-31,,Noise nuisance",
                    fields=FieldMap.from_toml(file))  # fmt: skip
    assert record.manifest()["governance"] == {
        "lawful_basis": "Crime and Disorder Act 1998, section 115",
        "owner": "Performance and Intelligence", "review_on": "2027-01-31",
        "destroy_on": "2028-01-31",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "rule", "of", "told"),
    [
        ('easting = "X"', "field-map", "longitude", "`northing`"),
        ('eastings = "X"', "unknown-setting", None, " 'easting'?"), ("= 3", "not-toml", None, ""),
        ('longitude="a"\nlatitude="b"\neasting="c"\nnorthing="d"\ndate="e"\noffence="f"', "field-map",
         "longitude", "`easting`"),
        ('longitude="a"\nlatitude="b"\noffence="f"', "field-map", "month", "`from_date`"),
        ('longitude="a"\nlatitude="b"\ndate="c"', "field-map", "offence", "`offence_is`"),
        ('longitude="a"\nlatitude="b"\ndate="c"\noffence="d"\nday_first="yes"', "setting-type",
         "day_first", "'yes'"),
        ('longitude="a"\nlatitude="b"\ndate="c"\noffence="d"\ntimezone="Leeds"', "field-map",
         "timezone", "'Leeds'"),
        ('longitude="a"\nlatitude="b"\ndate="c"\noffence="d"\nlocation_precision="good"',
         "setting-type", "location_precision", '"exact"'),
        ('longitude="a"\nlatitude="b"\ndate="c"\noffence="d"\nuntil_date="x"', "field-map",
         "until_date", "`from_date`"),
        ('longitude="a"\nlatitude="b"\ndate=3\noffence="d"', "setting-type", "date", "3"),
    ],
)  # fmt: skip
def test_a_field_map_that_makes_no_sense_is_told(tmp_path, content, rule, of, told):
    file = tmp_path / "map.toml"
    file.write_text(content)
    with refused(rule, told, kind=DataError, of=of, file="map.toml"):
        FieldMap.from_toml(file)


@pytest.mark.parametrize("wrong", [
    {"location_precision": "good"}, {"day_first": "yes"}, {"delimiter": "ab"}, {"delimiter": 3},
    {"offence_words": 3}, {"encoding": "nope"}, {"encoding": 3}, {"one_incident_is": "x"},
    {"one_incident_is": "reference"}, {"timezone": "Leeds"}, {"date": ("a", "b")},
], ids=str)  # fmt: skip
def test_a_setting_that_makes_no_sense_is_told_in_python_too(wrong):
    right = {"longitude": "a", "latitude": "b", "date": "c", "offence": "d"}
    with refused("field-map", f"`{next(iter(wrong))}"):
        FieldMap("log", **right | wrong)


def test_an_optional_column_that_is_not_there_is_a_warning_and_a_needed_one_an_error(tmp_path):
    with_place = FieldMap("C", easting="X", northing="Y", date="Reported", offence="Nature",
                          place_name="Street", domestic="DA")  # fmt: skip
    incidents, record = log(tmp_path, "429790,433805,2018-07-31,,Noise", fields=with_place)
    assert incidents["place_name"].isna().all() and incidents["domestic"].isna().all()
    assert {f.rule for f in record.findings} == {"missing-column"}
    assert "Nature" not in str(record.manifest()["findings"]), "a header may be a row of data"
    with refused("missing-column", "'Y'", kind=DataError, file="log.csv"):
        load(tmp_path, LOG, "1,2018-07-31,,Noise", header="X,Reported,At,Nature")


def test_the_generic_extract_reads_its_documented_columns(tmp_path):
    header = ("reference,offence,easting,northing,from_date,from_time,until_date,until_time,"
              "place_name,domestic")  # fmt: skip
    incidents, _ = load(
        tmp_path,
        FieldMap.generic(),
        "A1,8N,429790,433805,2018-07-01,10:00,,,Park Row,N",
        header=header,
    )
    assert incidents["place_name"].tolist() == ["Park Row"]


def test_the_field_map_of_the_handbook_can_be_used(tmp_path):
    page = (Path(__file__).resolve().parents[2] / "docs" / "incidents.md").read_text("utf-8")
    file = tmp_path / "map.toml"
    file.write_text(page.split("```toml\n")[1].split("```")[0])
    incidents, record = load(
        tmp_path, FieldMap.from_toml(file),
        "429790,433805,03/04/2018,10:30,Noise nuisance,Park Row,C-1",
        header="X,Y,Date reported,Time reported,Nature of incident,Street,Case number",
    )  # fmt: skip
    assert incidents["offence"].tolist() == ["Anti-social behaviour"]
    assert set(record.governance) == {
        "lawful_basis", "sharing_agreement", "owner", "review_on", "destroy_on",
    }  # fmt: skip
