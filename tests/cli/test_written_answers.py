"""What commands write by the end of the name: pages, workbooks, GeoPackages that a map draws."""

import itertools
import re
import sqlite3
import zipfile
from contextlib import closing

import pandas as pd
import pytest
from refusing import refused

from hotspots.cli.options import WRITTEN
from hotspots.cli.output import spare_inputs
from hotspots.core.record import RunRecord
from hotspots.disclosure import release
from hotspots.report.answer import WRITERS, ReleasedAnswer, require_writable, write_answer
from hotspots.report.answer_page import WIDTH, Scale

PRODUCT = ("--product", "product.toml")
MARKING = "SYNTHETIC TOWN - NOT A REAL PLACE"
ASKED = {
    "jemlock": ("--min-incidents", 3, "--count", 3, "--near-misses", 2),
    "chb": ("--undecided", "out", "--draws", 0),
    "wards": (),
    "pspo": ("--order", "Town centre PSPO"),
    "change": ("--zones", "zones/town.gpkg:pspo", "--started", "2025-04-01"),
    "when": ("--theme", "asb"),
    "new": ("--theme", "asb"),
}
DRAWN = {
    "jemlock": (r'class="sheet"', 3),
    "chb": (r'class="first"', 4),
    "wards": (r"<rect ", 18),
    "pspo": (r'class="limb"', 4),
    "change": (r"<rect ", 2),
    "when": (r"<tr>", 4),
    "new": (r"<tr>", 2),
}
LABELS = ("Anti-social behaviour", "Serious violence", "Vehicle nuisance")
OF = {"jemlock": ("Serious violence, April 2025 to March 2026", 1 + 3),
      "when": ("Anti-social behaviour", 1)}  # fmt: skip
"""What the heads of a page and of each sheet say it is of, and how often."""


def test_every_ending_that_is_allowed_has_a_writer():
    assert set(WRITERS) == set(WRITTEN)


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_is_a_page_a_workbook_and_a_map(typed, tmp_path, name):
    files = [tmp_path / f"{name}{suffix}" for suffix in (".html", ".xlsx", ".gpkg", ".geojson")]
    outs = [word for file in files for word in ("--out", file)]
    code, _, said = typed(name, *PRODUCT, *ASKED[name], *outs)
    assert code == 0, said
    page = files[0].read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and page.count(MARKING) >= 2
    assert "<script" not in page and "http" not in page.replace("http-equiv", "")
    theme, times = OF.get(name, ("all themes", 0))
    assert page.count(f"<bdi>{theme}</bdi>") == times
    assert ("Harm is in " in page) is bool(re.search("<th[^>]*>Harm", page)), "no bare number"
    said, _, below = page.partition("What could mislead")
    notes = re.findall(r"<li><bdi>(.*?)</bdi>", below)
    assert notes and not [note for note in notes if note in said], "once is enough"
    others = [one for one in LABELS if times and one not in theme]
    assert not [note for note in notes if any(one in note for one in others)]
    pattern, least = DRAWN[name]
    assert len(re.findall(pattern, page)) >= least
    if name == "pspo":  # no sheet of paper holds the signature alone
        signed = (
            r'class="whole">\s*<div class="limb">(?:(?!"limb").)*?PSPO(?:(?!"limb").)*?Signature'
        )
        assert len(re.findall(signed, page, re.DOTALL)) == 1
    with zipfile.ZipFile(files[1]) as book:
        assert any(MARKING in book.read(one).decode() for one in book.namelist() if "xml" in one)
    for areas in files[2:]:
        code, _, said = typed("map", areas, "--out", tmp_path / "map.html")
        assert code == 0, said
        assert MARKING in (tmp_path / "map.html").read_text(encoding="utf-8")


def test_an_unknown_ending_is_told_with_those_there_are(typed):
    code, _, said = typed("wards", *PRODUCT, "--out", "wards.docx")
    assert code == 2
    assert all(ending in said for ending in WRITTEN)


def shown(table):
    record = RunRecord("Town", marking="OFFICIAL")
    return ReleasedAnswer(release(tables={"answer": table}, record=record), "Areas", ["Words <b>."])


def test_nothing_is_written_where_one_file_cannot_be(tmp_path):
    answer = shown(pd.DataFrame({"area_name": ["Quay"]}))
    with refused("no-outlines"):
        require_writable(answer, [tmp_path / "a.csv", tmp_path / "a.gpkg"])


def test_text_of_the_data_stays_text_on_the_page(tmp_path):
    hostile = "<img src=x onerror=alert(1)>{{7*7}}"
    table = pd.DataFrame({"area_name": [hostile], "rate_ratio": [2.0], "count_after": [3]})
    page = write_answer(shown(table), tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<img" not in page and "<b>." not in page and "{{7*7}}" in page


def test_twice_as_many_is_as_far_from_one_as_half_as_many():
    table = pd.DataFrame({"r": [1.0, 2.0, None], "a": [0.5, 0.01, 1.0], "b": [2.0, 99.0, 2.0]})
    scale = Scale.of(table, ("r", "a", "b"))
    even, cut, missing = scale.bars(table)
    assert even["at"] - even["low"] == pytest.approx(even["high"] - even["at"], abs=0.2)
    assert cut["under"] and cut["over"] and not even["over"] and missing is None


@pytest.mark.parametrize("most", [2.0, 3.5, 8.0])
def test_ticks_of_ratios_are_symmetric_and_leave_room_for_their_words(most):
    ticks = Scale(("ratio", "low", "high"), most).axis()
    places = [at for at, _ in ticks]
    assert [round(WIDTH - at, 1) for at in reversed(places)] == places
    assert min(b - a for a, b in itertools.pairwise(places)) > 3 * 6.2, "three letters of 11 pixels"


def test_nothing_is_written_over_what_was_read(typed, folder, tmp_path):
    """Zones of the product and of an option, a layer of a file, and the rows that were checked."""
    layers, ours, rows = tmp_path / "a.gpkg", tmp_path / "b.geojson", tmp_path / "c.csv"
    for name, copy in {
        "zones/town.gpkg": layers, "zones/wards.geojson": ours, "incidents/council.csv": rows,
    }.items():  # fmt: skip
        copy.write_bytes((folder / name).read_bytes())
    before = [one.read_bytes() for one in (layers, ours, rows)]
    wards = ("wards", "--product", "product.toml", "--marking", "M")
    fields = ("--fields", "incidents/council.toml")
    for words in (
        (*wards, "--out", layers),
        (*wards, "--zones", ours, "--out", ours),
        ("check", rows, *fields, "--rejected", rows),
        ("check", tmp_path, *fields, "--rejected", rows),
    ):
        code, _, said = typed(*words)
        assert code and words[-2] in said and "read as an input" in said
    assert [one.read_bytes() for one in (layers, ours, rows)] == before


def test_an_answer_in_the_folder_that_was_read_is_written_anew_where_it_is_no_input(tmp_path):
    """A page is no input; a table in a folder below may be one."""
    held = tmp_path / "below"
    held.mkdir()
    for name in ("page.html", "rows.csv"):
        (held / name).write_text("")
    spare_inputs("out", held / "page.html", [tmp_path])
    spare_inputs("out", held / "new.csv", [tmp_path])
    with refused("argument", "rows.csv"):
        spare_inputs("out", held / "rows.csv", [tmp_path])


def test_nothing_is_written_over_a_layer_that_lies_under_the_areas(typed, folder, tmp_path):
    roads = tmp_path / "roads.gpkg"
    roads.write_bytes((folder / "zones" / "town.gpkg").read_bytes())
    with closing(sqlite3.connect(roads)) as database, database:
        database.execute("drop table if exists layer_styles")
        database.execute("create table of_its_own (a)")
    before = roads.read_bytes()
    text = (folder / "product.toml").read_text(encoding="utf-8")
    product = folder / "roads-under.toml"
    product.write_text(re.sub("backdrop = .*", f'backdrop = "{roads.as_posix()}:streets"', text))
    marked = ("--marking", "M", "--out", roads)
    code, _, said = typed("wards", "--product", product.name, *marked)
    assert code and "read as an input" in said and roads.read_bytes() == before
