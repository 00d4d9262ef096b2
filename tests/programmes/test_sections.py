"""Sections of a product: its file asks, answers stand in workbook, briefing and GeoPackage."""

import json
from dataclasses import fields

import openpyxl
import pandas as pd
import pytest
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord, sha256_of
from hotspots.demo.town.town import synthetic_town
from hotspots.programmes.tasking.load_product import load_product
from hotspots.programmes.tasking.previous import read_previous
from hotspots.programmes.tasking.product import TaskingProduct
from hotspots.programmes.tasking.sections import Asked, make_sections
from hotspots.programmes.tasking.tables_file import SECTIONS
from hotspots.report.about import read_geopackage
from hotspots.report.answer import write_csv
from hotspots.report.text.section_words import NO_EQUALITY_VIEW, TITLES, when_words

PRODUCT = """\
title = "Saltmere"
marking = "SYNTHETIC TOWN - NOT A REAL PLACE"
place = "Saltmere"
audience = "{audience}"
period = "2025-04/2026-03"
[[incidents]]
path = "incidents/police.csv"
fields = "incidents/police.toml"
themes = "themes.toml"
allow_rejected = 1.0
[grid]
h3 = 8
[within]
path = "zones/district.geojson"
[[zones]]
path = "zones/wards.geojson"
[[zones]]
path = "zones/town.gpkg"
layer = "pspo"
{sections}
"""
EVERY = """\
[patrols]
theme = "asb"
by = "count"
count = 3
near_misses = 1
min_incidents = 5
population = "ward"
deprivation = "decile"
[clear_hold_build]
undecided = "out"
draws = 20
population = "ward"
deprivation = "decile"
activity = "done.csv"
[wards]
residents = "population"
[pspo]
theme = "asb"
today = 2026-04-01
[change]
zones = "student_area"
started = 2025-04-01
theme = "asb"
[when]
themes = ["asb"]
hours = 6
[new]
theme = "asb"
[repeats]
theme = "asb"
[watch]
zones = "ward"
started = 2025-04-01
theme = "asb"
every = "month"
[timetable]
zones = "student_area"
theme = "asb"
budget_hours = 5
"""
RECORD = RunRecord("Saltmere", "SYNTHETIC TOWN - NOT A REAL PLACE")
BURDEN = {"residents", "deprivation_decile", "patrol_hours", "searches_per_100_hours"}
LISTED = {"times_chosen", "times_listed", "times_first"}
BESIDE = {"overlaps_with", "index", "geometry", *LISTED, *BURDEN}
"""What the product is asked for here beside the programme, and what only a product can know."""
ASB_ALONE = """\
offence_scheme = "home_office"
[[theme]]
name = "asb"
label = "anti-social behaviour"
state = "measured"
offences = ["ASB nuisance", "ASB personal", "ASB environmental"]
"""


class Unlogged(TaskingProduct):
    """A product whose record never sees the load."""

    def prepare(self, record):
        return _PREPARE(self, RunRecord(record.title, record.marking, record.audience))


_PREPARE = TaskingProduct.prepare


def tables_of(results):
    """All that was counted, sections and release included."""
    by_theme = (results.cells, results.clusters, results.overlaps, results.area_periods)
    yield from (table for some in by_theme for table in some.values())
    yield from (results.lately, *results.zones, *results.release().every_table)
    yield from (table for one in results.sections for table in one.tables.values())


STUDENTS = '[[zones]]\npath = "zones/town.gpkg"\nlayer = "student_area"\n'


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    synthetic_town(seed=1, incidents=3_000).write(folder)
    (folder / "themes.toml").write_text(ASB_ALONE)
    (folder / "done.csv").write_text("area_id,patrol_hours,searches\nnowhere,10,1\n")
    wards = folder / "zones" / "wards.geojson"
    known = json.loads(wards.read_text("utf-8"))
    for number, ward in enumerate(known["features"]):
        ward["properties"]["decile"] = 1 + number % 10
    wards.write_text(json.dumps(known))
    return folder


def product(town, sections, audience="internal"):
    file = town / "sections.toml"
    file.write_text(PRODUCT.format(audience=audience, sections=sections))
    return load_product(file)


@pytest.fixture(scope="module")
def written(town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    results = product(town, STUDENTS + EVERY).run()
    results.write(folder)
    return folder, results


def test_every_section_is_answered_in_the_order_of_the_keys(written):
    _, results = written
    assert [one.key for one in results.sections] == list(SECTIONS)
    assert all(one.sentences and one.tables for one in results.sections)


@pytest.mark.usefixtures("each_file_parsed_once")
@pytest.mark.parametrize(
    ("key", "name", "typed"),
    [
        ("patrols", "Patrol areas", "jemlock --theme asb --by count --count 3 --near-misses 1 "
                                    "--min-incidents 5"),
        ("clear_hold_build", "Clear, Hold, Build", "chb --undecided out --draws 20"),
        ("wards", "Wards", "wards --residents population"),
        ("pspo", "Orders", "pspo --theme asb --today 2026-04-01"),
        ("change", "Change", "change --theme asb --started 2025-04-01 --zones "
                             "zones/town.gpkg:student_area"),
        ("new", "28 days, year to date", "new --theme asb --table"),
    ],
)  # fmt: skip
def test_a_command_gives_the_table_of_the_section(
    town, written, typed_in, tmp_path, key, name, typed, monkeypatch
):
    """Cell by cell, rank intervals too: file and command ask the same function.

    The record of the command never saw the load.
    """
    monkeypatch.setattr(TaskingProduct, "prepare", Unlogged.prepare)
    (section,) = [one for one in written[1].sections if one.key == key]
    command, *words = typed.split()
    words += ["--product", "sections.toml", "--out", tmp_path / "a.csv"]
    product(town, STUDENTS)
    code, _, told = typed_in(town, command, *words)
    assert not code, told
    table = pd.DataFrame(section.tables[name]).reset_index()
    write_csv(table, tmp_path / "b.csv", record=RECORD)
    mine, typed_there = (pd.read_csv(tmp_path / f"{one}.csv") for one in "ba")
    shared = [one for one in mine if one in typed_there]
    pd.testing.assert_frame_equal(mine[shared], typed_there[shared], check_exact=True)
    assert {*table} - {*shared} <= BESIDE
    assert "rank_low" in shared or key != "patrols"


def test_a_record_that_never_saw_the_load_changes_no_table(written):
    """Neither of the product nor of its sections: the log is for words."""
    results = written[1]
    own = {each.name: getattr(results.product, each.name) for each in fields(TaskingProduct)}
    fresh = Unlogged(**own).run()
    assert not fresh.record.sources and not fresh.record.themes and results.record.themes
    for one, other in zip(tables_of(results), tables_of(fresh), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))
    assert list(fresh.sentences()) == list(results.sentences())


def test_answers_stand_in_briefing_workbook_and_geopackage(written):
    folder, results = written
    briefing = (folder / "briefing.html").read_text("utf-8")
    sheets = openpyxl.load_workbook(folder / "tables.xlsx", read_only=True).sheetnames
    for one in results.sections:
        assert TITLES[one.key] in briefing
        assert {name[:31] for name in one.tables} <= set(sheets)
    areas = read_geopackage(folder / "hotspots.gpkg")["patrol_areas"]
    assert areas["kind"].eq("patrol").all() and "overlaps_with" in areas


def test_residents_are_told_or_the_page_says_that_they_are_not_known(town, written):
    _, results = written
    patrols = results.sections[0]
    lives = patrols.tables["Who lives there"].set_index("group")
    assert NO_EQUALITY_VIEW not in patrols.sentences
    everybody, poorest = lives["in_city"]
    ward = results.product.zones[0]
    expected = ward["population"].where(ward["decile"] <= 2, 0)
    assert (everybody, poorest) == (ward["population"].sum(), expected.sum())
    areas = patrols.tables["Patrol areas"]
    assert areas["times_chosen"].tolist() == areas["status"].eq("selected").astype(int).tolist()
    chb = results.sections[1]
    assert NO_EQUALITY_VIEW not in chb.sentences
    table = chb.tables["Clear, Hold, Build"]
    assert table["residents"].notna().all() and table["deprivation_decile"].dropna().gt(0).all()
    assert {"overlaps_with", "searches_per_100_hours", "wins_without_finds"} <= set(table)
    assert table["times_listed"].eq(1).all() and table["times_first"].iloc[0] == 1
    for section in (patrols, chb):  # whom it falls on stands under the sentence, the city's last
        told = dict(zip(section.headings, section.rows[-1], strict=True))
        assert told["Residents"] == f"{ward['population'].sum():,}"
        assert {"Deprivation decile", "Overlaps with"} <= set(section.headings)


def test_areas_that_stay_are_counted_over_the_products(written):
    folder, results = written
    before, product = read_previous(folder), results.product
    last = before.patrols
    given = results.incidents, product.within, product.zones, "2025-05/2026-03", results.record
    wanted = {"patrols": product.sections["patrols"]}
    (section,) = make_sections(wanted, Asked(*given, (), before))
    again = section.tables["Patrol areas"]
    chosen = again["status"].eq("selected")
    stayed = again.index.intersection(last.index[last["status"].eq("selected")])
    assert len(stayed)
    assert (again.loc[stayed, "times_chosen"] == 1 + chosen[stayed].astype(int)).all()


def test_areas_that_were_next_in_line_are_not_treated_watched_or_visited(written):
    results = written[1]
    product, wards = results.product, results.product.zones[0]
    areas = wards.assign(kind="treated", status=["near miss", "selected"] * (len(wards) // 2))
    given = results.incidents, product.within, (areas,), product.period, results.record.copy()
    wanted = {
        key: product.sections[key].model_copy(update={"zones": "treated"})
        for key in ("change", "watch", "timetable")
    }
    told = [next(iter(one.tables.values())) for one in make_sections(wanted, Asked(*given))]
    named = [set(told[0].index), set(told[1]["area_id"]), set(told[2]["area_id"])]
    chosen = set(areas.index[areas["status"].eq("selected")])
    assert [one & set(areas.index) for one in named[:2]] == [chosen, chosen]
    assert named[2] and named[2] <= chosen


def test_of_every_theme_that_was_asked_for_its_hours_something_is_said():
    one = {"day": ["Friday"], "from_hour": [20], "until_hour": [24], "share": [0.1]}
    rows = pd.DataFrame(one | {"ratio": [4.0], "low": [2.0], "high": [7.0]})
    said = list(when_words([("noise", rows), ("robbery", rows.iloc[:0])]))
    assert [words.split(":")[0] for words in said] == ["Noise", "Robbery"]


def test_sections_are_for_internal_products_and_need_their_zones(town):
    with refused("section-audience", kind=DataError):
        product(town, "[wards]\n", audience="partner")
    with refused("section-zones", kind=DataError):
        product(town, '[change]\nzones = "nowhere"\nstarted = 2025-04-01\n')


def test_the_file_of_patrols_is_hashed_into_the_manifest(town):
    assert product(town, EVERY + STUDENTS).inputs["done.csv"] == sha256_of(town / "done.csv")
