"""The check says where incidents fall, what is unknown, and whether files can be used."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from refusing import refused
from shapely.geometry import box
from tables import incidents_at, zone

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord, SourceFile
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.contents import nearest_known
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.intake import lost_share, refuse_losses, systematic_faults
from hotspots.io.incidents.load import load_incidents
from hotspots.io.incidents.row_faults import write_quarantine
from hotspots.io.incidents.where import where_of
from hotspots.offences.codes import spellings
from hotspots.offences.themes import Themes
from hotspots.programmes.tasking.sources import IncidentSource

LOG = FieldMap(
    "log", easting="X", northing="Y", date="Date", offence="Offence", reference="Ref",
    offence_scheme="home_office",
)  # fmt: skip
LOG_OF_ONES_OWN = FieldMap("log", easting="Easting", northing="Northing", date="Date",
                           offence="Offence", offence_scheme="gnomes")  # fmt: skip
TOWN = gpd.GeoDataFrame(geometry=[box(429_000, 433_000, 431_000, 435_000)], crs=27700)


def log(folder: Path, offences: list[str], *, name="log.csv", x=429_790, y=433_805) -> Path:
    rows = [f"R{n},{x + n},{y + n},{1 + n % 28}/07/2025,{one}" for n, one in enumerate(offences)]
    (folder / name).write_text("\n".join(["Ref,X,Y,Date,Offence", *rows]) + "\n")
    return folder / name


@pytest.mark.parametrize(
    ("x", "y", "square", "district"),
    [(429_790, 433_805, "SE23", "Leeds"), (333_000, 374_000, "SJ37", "Cheshire West and Chester")],
)
def test_where_incidents_fall_is_said_in_squares_and_districts(tmp_path, x, y, square, district):
    report = check_incidents(log(tmp_path, ["8N"] * 9, x=x, y=y), fields=LOG)
    where = report.to_dict()["where"]
    assert list(where["grid_squares"]) == [square] and where["districts"] == {district: 1.0}
    assert square in report.to_text() and district in report.to_text()


@pytest.mark.parametrize(("middle", "spread"), [((425_000, 434_000), 6_000), ((2e5, 8e5), 5e4)])
def test_the_extent_is_that_of_all_places(middle, spread):
    places = np.random.default_rng(1).normal(middle, spread, (30_000, 2)).round(3)
    points = gpd.GeoSeries(gpd.points_from_xy(*places.T), crs=27700)
    table = gpd.GeoDataFrame(geometry=points)
    where = where_of(table)
    degrees = points.to_crs(4326)
    sides = dict(zip(("west", "south", "east", "north"), degrees.total_bounds, strict=True))
    assert {side: where[side] for side in sides} == {k: round(v, 4) for k, v in sides.items()}


def test_places_of_elsewhere_have_degrees_and_no_square(tmp_path):
    file = log(tmp_path, ["8N"] * 9, x=585_000, y=4_510_000)
    fields = FieldMap("log", easting="X", northing="Y", date="Date", offence="Offence")
    where = check_incidents(file, fields=fields, crs="EPSG:32618").to_dict()["where"]
    assert where["grid_squares"] == where["districts"] == {}
    assert -74.1 < where["west"] <= where["east"] < -73.9


def test_the_study_area_and_the_period_of_a_product_are_answered(tmp_path):
    file = log(tmp_path, ["8N"] * 30)
    content = check_incidents(
        file, fields=LOG, within=TOWN, period="2025-07-01/2025-07-11"
    ).to_dict()
    assert content["where"]["within"] == 1.0
    assert (content["period"]["rows"], content["period"]["located"]) == (12, 12)


def test_a_month_that_is_cut_short_is_told_with_its_days(tmp_path):
    days = [f"{day}/{month}" for month in (5, 6) for day in range(1, 31)]
    days += [f"{day}/7" for day in range(1, 13)]
    rows = [f"R{n},{429_790 + n},433805,{day}/2025,8N" for n, day in enumerate(days)]
    (tmp_path / "log.csv").write_text("\n".join(["Ref,X,Y,Date,Offence", *rows]) + "\n")
    report = check_incidents(tmp_path / "log.csv", fields=LOG)
    (told,) = [found for found in report.findings if found.rule == "month-cut-short"]
    assert (told.severity, told.rows) == ("warning", 12) and "2025-07-12" in str(told)
    months = {one["month"]: one["whole"] for one in report.to_dict()["coverage"]}
    assert months == {"2025-05": True, "2025-06": True, "2025-07": False}


def test_piles_have_a_grid_reference(tmp_path):
    (tmp_path / "log.csv").write_text(
        "Ref,X,Y,Date,Offence\n" + "a,429790,433805,01/07/2025,8N\n" * 3
    )
    (pile,) = check_incidents(tmp_path / "log.csv", fields=LOG).to_dict()["piles"]
    assert (pile["grid_reference"], pile["incidents"]) == ("SE297338", 3)


def test_unknown_offences_are_listed_with_their_rows_and_what_is_nearest(tmp_path):
    offences = ["Vehicle nuisanse"] * 3 + ["125/09"] * 2 + ["ASB noise"] * 30
    content = check_incidents(log(tmp_path, offences), fields=LOG).to_dict()
    words = [(one["offence"], one["rows"]) for one in content["unknown_offences"]]
    assert words == [("Vehicle nuisanse", 3), ("125/09", 2)]
    assert any("vehicle" in near for near in content["unknown_offences"][0]["nearest"])
    assert content["verdict"]["lost_share"] == pytest.approx(5 / 35, abs=1e-4)


BEGGING = "ASB begging or vagrancy"


def test_rows_that_are_left_out_as_sensitive_are_named(tmp_path):
    offences = [BEGGING] * 3 + ["ASB noise"] * 6
    report = check_incidents(log(tmp_path, offences), fields=LOG)
    assert report.to_dict()["sensitive"] == {BEGGING: 3}
    assert f"{BEGGING} 3" in report.to_text()


@pytest.mark.parametrize(
    ("bad", "usable", "banner"),
    [(0, True, False), (1, True, False), (2, True, True), (6, False, True)],
)
def test_the_last_line_says_whether_files_can_be_used(tmp_path, bad, usable, banner):
    offences = ["nonsense"] * bad + ["8N"] * (28 - bad)
    report = check_incidents(log(tmp_path, offences), fields=LOG)
    verdict = report.to_dict()["verdict"]
    assert (report.ok, verdict["usable"]) == (not bad, usable)
    last = report.to_text().rstrip().splitlines()[-1]
    assert last == verdict["text"] and last.startswith("Usable" if usable else "Not usable")
    assert ("***" in report.to_text()) == banner
    assert len(verdict["mend"]) <= 2 and bool(verdict["mend"]) == bool(bad)


def test_two_extracts_that_overlap_are_found_as_a_run_finds_them(tmp_path):
    log(tmp_path, ["8N"] * 6)
    log(tmp_path, ["8N"] * 9, name="more.csv")
    report = check_incidents(tmp_path, fields=LOG)
    (told,) = [found for found in report.findings if found.rule == "reference-repeated"]
    assert (told.severity, told.rows) == ("warning", 6)


def test_the_same_file_twice_is_wrong_in_the_check_too(tmp_path):
    for name in ("a.csv", "b.csv"):
        log(tmp_path, ["8N"] * 6, name=name)
    report = check_incidents(tmp_path, fields=LOG)
    assert not report.ok and report.to_dict()["verdict"]["wrong"] == ["b.csv"]


def test_findings_of_one_rule_are_one_line(tmp_path):
    for month in range(6):
        log(tmp_path, ["nonsense", *["8N"] * (20 + month)], name=f"{month}.csv")
    text = check_incidents(tmp_path, fields=LOG).to_text()
    assert text.count("Got 'nonsense'") == 1 and "5 more files" in text


def test_rejected_rows_can_be_written(tmp_path):
    report = check_incidents(log(tmp_path, ["nonsense", *["8N"] * 20]), fields=LOG)
    written = write_quarantine(report.record, tmp_path / "rejected.csv").read_text("utf-8-sig")
    assert "offence-unknown" in written and "R0,429790" in written


# --- the same rules stop a product ----------------------------------------------------------------


def read(rejected=0, **faults: int) -> list[SourceFile]:
    facts = {"faults": {name.replace("_", "-"): rows for name, rows in faults.items()}}
    return [SourceFile("a.csv", "", 100, 100 - rejected, rejected, 0, facts)]


def test_a_fault_of_the_file_or_too_many_lost_rows_stop_a_product_unless_allowed():
    assert not systematic_faults(read(swapped=20)) and systematic_faults(read(swapped=21))
    assert not systematic_faults(read(zero_zero=90))
    refuse_losses(read(rejected=20))
    refuse_losses(read(rejected=45, date_format=45), allowed=0.5)
    with refused("too-many-rejected", "21%", kind=DataError):
        refuse_losses(read(rejected=20), out_of_scheme=1)
    with refused("systematic-fault", "swapped", kind=DataError, file="a.csv"):
        refuse_losses(read(swapped=30))
    assert lost_share(read(rejected=7)) == 0.07


def test_one_file_of_another_country_is_no_fault_of_all():
    here, there = read()[0], read(outside=100)[0]
    assert not systematic_faults([here] * 4 + [there]) and systematic_faults([here, there])


def test_a_source_is_refused_or_allowed_and_unknown_codes_are_as_unknown_words(tmp_path):
    file = log(tmp_path, ["nonsense", "125/09", *["ASB noise"] * 18])
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    incidents = IncidentSource((file,), Themes.home_office(), LOG).load(record)
    assert len(incidents) == 19 and incidents["theme_asb"].sum() == 18
    file = log(tmp_path, ["nonsense"] * 8 + ["ASB noise"] * 12)
    with refused("too-many-rejected", "40%", kind=DataError):
        IncidentSource((file,), Themes.home_office(), LOG).load(record)
    lenient = IncidentSource((file,), Themes.home_office(), LOG, allow_rejected=0.5)
    assert len(lenient.load(RunRecord("Test", marking="OFFICIAL - TEST"))) == 12


def test_the_command_checks_other_countries_and_writes_what_was_rejected(tmp_path, typed_in):
    log(tmp_path, ["8N"] * 9, x=733_000, y=859_000)
    code, out, _ = typed_in(tmp_path, "check", "log.csv", "--json")
    assert code == 1 and json.loads(out)["rows"]["unlocated"] == 9
    code, out, _ = typed_in(tmp_path, "check", "log.csv", "--crs", "EPSG:2157", "--json",
                            "--rejected", "rejected.csv", "--period", "2025-07")  # fmt: skip
    content = json.loads(out)
    assert code == 0 and content["where"]["north"] == 54.4621
    assert {"files", "rows", "findings", "where", "guessed_field_maps", "verdict"} <= set(content)
    assert (tmp_path / "rejected.csv").exists()


def test_the_district_is_told_by_outline_or_by_the_name_of_the_area_and_shares_are_of_incidents():
    leeds, bradford, belfast = [(0, 0)] * 3, [(-13_400, -800)], [(-284_000, 95_000)]
    incidents = incidents_at([*leeds, *bradford, *belfast, None])
    where = where_of(incidents)
    assert where["districts"] == {"Leeds": 0.6, "Bradford": 0.2}
    assert where["district_unknown"] == 0.2  # no outline of it comes along
    (pile,) = where["piles"]
    assert pile["incidents"] == 3 and pile["grid_reference"].startswith("SE")
    called = incidents.assign(area_name=["Selby 001A"] * 2 + [None] * 4)
    assert where_of(called)["districts"] == {"Selby": 0.4, "Bradford": 0.2, "Leeds": 0.2}
    west, east = (-20_000, -5_000, -5_000, 5_000), (-5_000, -5_000, 9_000, 5_000)
    beats = [zone("West", west, kind="beat"), zone("East", east, kind="beat")]
    here = where_of(incidents, pd.concat(beats))
    assert here["within"] == 0.8


def test_forces_are_told_with_their_share_and_none_is_a_caveat_of_the_weights(tmp_path):
    named = ["Kent Police"] * 3 + ["Essex Police", ""]
    head = "Month,Falls within,Longitude,Latitude,Location,Crime type\n"
    for forces, rule in ((named, "scale-of-elsewhere"), ([""] * 5, "scale-of-one-force")):
        rows = [f"2018-07,{one},-1.55,53.80,On or near Park Row,Burglary\n" for one in forces]
        (tmp_path / "street.csv").write_text(head + "".join(rows))
        where = check_incidents(tmp_path / "street.csv").content["where"]
        shares = {"Kent Police": 0.75, "Essex Police": 0.25} if any(forces) else None
        assert where.get("forces") == shares
        record = RunRecord("street", marking="OPEN DATA")
        load_incidents(tmp_path / "street.csv", record=record)
        assert rule in {caveat.rule for caveat in record.caveats}


def test_words_in_no_list_are_told_counted_and_not_called_usable(tmp_path):
    rows = "".join(f"{day:02}/07/2025,{429_700 + day},433800,Gnome theft\n" for day in range(1, 13))
    (tmp_path / "log.csv").write_text("Date,Easting,Northing,Offence\n" + rows)
    report = check_incidents(tmp_path / "log.csv")
    assert not report.content["verdict"]["usable"] and not report.ok
    assert "offences-of-no-scheme" in {found.rule for found in report.findings}
    (word,) = report.content["unknown_offences"]
    assert (word["offence"], word["rows"]) == ("Gnome theft", 12)
    named = check_incidents(tmp_path / "log.csv", fields=LOG_OF_ONES_OWN)
    assert named.content["verdict"]["usable"]


def test_what_a_list_reads_as_it_is_is_told_first_and_nothing_else_is_called_near(tmp_path):
    """One word of three is the Home Office's; a line of totals loses two rows of thirty."""
    words = ["Noise nuisance", "Gnome theft", "Gnome litter"] * 9
    file = log(tmp_path, words)
    file.write_text(file.read_text() + "Total,27,,,\nQuarter 2,,,,\n")
    report = check_incidents(file)
    (unsorted,) = [one for one in report.findings if one.rule == "offences-of-no-scheme"]
    assert unsorted.message.startswith("2 of its 3 ") and "home_office" in unsorted.message
    assert unsorted.message in report.content["verdict"]["mend"][0], "what stops a product is first"
    near = {word["offence"]: word["nearest"] for word in report.content["unknown_offences"]}
    assert near["Noise nuisance"] == ["ASB noise"] and set(near) == set(words)


def test_every_spelling_that_a_list_reads_is_nearest_to_its_own_code():
    lists = [spellings("home_office"), spellings("police_uk")]
    for word in {**lists[0], **lists[1]}:
        (near,) = nearest_known([(word, "own", 1)])[0]["nearest"]
        assert near in [spelt[word] for spelt in lists if word in spelt]


@pytest.mark.parametrize("scheme", ["police_uk", "own"])
@pytest.mark.parametrize(
    "word", ["Hate crime", "Possession of drugs", "Vehicle theft", "Knife crime"]
)
def test_another_offence_is_not_called_near(scheme, word):
    assert nearest_known([(word, scheme, 1)])[0]["nearest"] == []
    assert nearest_known([("Vehicel crime", scheme, 1)])[0]["nearest"] == ["Vehicle crime"]


@pytest.mark.parametrize("bad", [5, 8, 11, 17])
def test_what_is_offered_to_go_on_with_is_enough(tmp_path, bad):
    file = log(tmp_path, ["nonsense"] * bad + ["ASB noise"] * (20 - bad))
    with pytest.raises(DataError) as refusal:
        IncidentSource((file,), Themes.home_office(), LOG).load(RunRecord("T", marking="TEST"))
    least = refusal.value.findings[-1].mend.values["least"]
    lenient = IncidentSource((file,), Themes.home_office(), LOG, allow_rejected=least)
    assert len(lenient.load(RunRecord("T", marking="TEST"))) == 20 - bad


def test_check_counts_days_by_the_clock_that_is_named(tmp_path):
    (tmp_path / "log.csv").write_text(
        "When,X,Y,What\n" + "2025-10-31T23:30:00-04:00,583000,4506000,shot\n" * 12
    )
    report = check_incidents(tmp_path / "log.csv", crs="EPSG:32618", timezone="America/New_York")
    assert list(report.content["time"]["months"]) == ["2025-10"]


def test_an_apostrophe_that_keeps_a_spreadsheet_from_reading_is_no_part_of_an_offence(tmp_path):
    report = check_incidents(log(tmp_path, ["'8N", "'5D", '="46"'] * 4), fields=LOG)
    assert report.content["rows"]["rejected"] == 0
    assert set(report.content["offences"]) == {"8N", "5D", "46"}


def test_a_day_without_its_month_is_named_as_the_reason_in_the_verdict(tmp_path):
    rows = "".join(f"{day},2025,{429_700 + day},433800,5D\n" for day in range(1, 13))
    (tmp_path / "log.csv").write_text("Day,Year,Easting,Northing,Offence\n" + rows)
    report = check_incidents(tmp_path / "log.csv")
    (guess,) = report.content["guesses"].values()
    assert guess["missing"]["time"] in report.content["verdict"]["text"]
