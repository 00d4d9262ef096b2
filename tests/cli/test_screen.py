"""Law: an answer comes first, fits the screen, and is refused before anything heavy is loaded."""

import json
import re
import subprocess
import sys
from contextlib import suppress
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pandas as pd
import pytest
from typer.main import get_command

from hotspots.cli import main as main_module
from hotspots.cli.main import app, main
from hotspots.cli.output import table_text
from hotspots.cli.screen import say_fault, say_json, say_words
from hotspots.core.record import NOT_GROUNDS, RunRecord
from hotspots.report.manifest import write_manifest

PRODUCT = ("--product", "product.toml")
LOADED = """
import sys, json
from hotspots.cli.main import main
stopped = []
for words in {requests}:
    sys.argv = ["hotspots", *words]
    try:
        main()
    except SystemExit as stop:
        stopped.append(stop.code)
print(json.dumps([stopped, sorted(sys.modules)]))
"""
REFUSED = [
    (["run", "nosuch.toml"], 1),
    (["run"], 2),
    (["jemlock"], 2),
    (["jemlock", "nowhere.csv"], 1),
    (["wards", "--product", "nowhere.toml"], 1),
    (["pspo", "--product", __file__, "--today", "31/02/2025"], 2),
    (["change", __file__, "--zones", __file__, "--started", "31/02/2025"], 2),
    (["map", "nowhere.gpkg"], 1),
    (["init", "nowhere.csv"], 1),
    (["check", "nowhere.csv"], 1),
    (["audit", "nowhere"], 1),
    (["jemlock", "-h"], 0),
]


def table(**columns):
    return pd.DataFrame(columns, index=[f"area-{n}" for n in range(len(columns["rank"]))])


RANKED = table(
    rank=[1, 2, 2, 4], rank_low=[1, 1, 1, 3], rank_high=[1, 3, 9, 212],
    place_name=["Quay", "Mill Lane / Thornwick and Ferrand Crescent", "Dock", "Hill"],
    incident_count=[1200, 30, 31, 4], harm=[5.5, 4.0, 3.0, None], largest_event_share=[0.2] * 4,
)  # fmt: skip
LEAST = len("1 (1 to 1)  incidents")
COLUMNS = ["rank", "place_name", "incident_count", "harm", "largest_event_share"]


def test_no_cell_moves_the_terminal():
    hostile = RANKED.assign(place_name="\x1b]0;mine\x07\u202eQuay\rSide\tA")
    said = table_text(hostile, COLUMNS, most=1, width=80)
    assert "Quay" in said and said.replace("\n", "").isprintable()


def test_no_name_in_a_message_moves_the_terminal(capsys):
    hostile = "\x1b]0;mine\x07\u202eQuay.csv\nnext"
    say_words(hostile)
    say_fault(hostile)
    said = "".join(capsys.readouterr())
    assert said.count("Quay.csv\nnext\n") == 2 and said.replace("\n", "").isprintable()
    named = {"\x9b31mQuay \u202e\ud800": ["\x1b]0;mine\x07", "Kirkgate \U0001f469"]}
    say_json(named)
    said = capsys.readouterr().out
    assert json.loads(said) == named and said.replace("\n", "").isprintable()


def test_all_that_is_printed_goes_through_one_door():
    others = [one for one in Path(main_module.__file__).parent.glob("*.py") if one.stem != "screen"]
    assert not [one.name for one in others if "typer.echo(" in one.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("words", "told"), [("check Llŷn.csv", "Ll\\u0177n.csv"), ("verify . --json", "\\u00e9")]
)
def test_names_are_told_where_the_console_has_no_letters_for_them(
    tmp_path, monkeypatch, words, told
):
    """On Windows a file or a pipe gets Windows-1252, which is no JSON either."""
    (tmp_path / "Llŷn.csv").write_text("Easting;Northing;Date\n429790;433805;07/07/2025\n")
    (tmp_path / "é.txt").touch()
    write_manifest(RunRecord("Town", marking="OFFICIAL"), tmp_path, ["Llŷn.csv"])
    written = BytesIO()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(written, encoding="cp1252"))
    monkeypatch.setattr(sys, "argv", ["hotspots", *words.split()])
    with suppress(SystemExit):
        main()
    sys.stdout.flush()
    assert told.encode("ascii") in written.getvalue()


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_no_line_is_wider_than_the_screen_and_what_is_left_out_is_named(width):
    lines = table_text(RANKED, COLUMNS, most=9, width=width).splitlines()
    rows = [line for line in lines if not line.startswith("Not shown")]
    assert len(rows) == 5 and max(map(len, rows)) <= max(width, LEAST)
    told = " ".join(lines)
    assert all(heading in told for heading in ("incidents", "harm", "largest event"))


def test_ranks_stand_with_their_interval_and_ties_are_told():
    said = table_text(RANKED, COLUMNS, most=9, width=80)
    told = [tuple(re.findall(r"\d+=?", line)[:3]) for line in said.splitlines()[1:]]
    assert {("2=", "1", "3"), ("4", "3", "212")} <= set(told) and "20.0%" in said


@pytest.mark.parametrize("named", ["incident_count", "incidents"])
def test_rows_are_sorted_by_a_column_or_its_heading(named):
    lines = table_text(RANKED, COLUMNS, most=2, sort=named, width=80).splitlines()
    assert "Quay" in lines[1] and "Dock" in lines[2] and re.findall(r"\d+", lines[3]) == ["2"]


def test_every_theme_has_a_heading_and_rows_of_its_own():
    both = pd.concat([RANKED.assign(theme="asb"), RANKED.assign(theme="arson")])
    said = table_text(both, COLUMNS, most=1, labels={"asb": "Nuisance"}, width=80)
    assert re.findall(r"\b3 more\b", said) == ["3 more"] * 2
    assert "Nuisance" in said and "arson" in said


def test_what_cannot_be_done_is_refused_before_anything_heavy_is_loaded(tmp_path):
    script = LOADED.format(requests=[words for words, _ in REFUSED])
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    stopped, loaded = json.loads(run.stdout.splitlines()[-1])
    assert stopped == [code for _, code in REFUSED]
    assert not {"numpy", "pandas", "geopandas", "shapely", "h3", "scipy"} & set(loaded)


def test_the_answer_stands_before_the_notes_and_a_quiet_one_alone(typed):
    code, loud, err = typed("wards", *PRODUCT)
    assert code == 0 and loud.index("ward ") < loud.index("note:") and "warning:" in err
    code, quiet, err = typed("wards", *PRODUCT, "--quiet", "--limit", 1, "--sort", "incidents")
    assert code == 0 and err == "" and quiet.splitlines()[0] == loud.splitlines()[0]
    assert quiet.count("note:") == 1 and str(NOT_GROUNDS) in quiet
    assert len(quiet.splitlines()[0]) < 700 and "... and" in quiet


def test_a_column_that_is_none_is_told_with_those_there_are(typed):
    code, _, err = typed("wards", *PRODUCT, "--sort", "colour")
    assert code == 2 and "--sort" in err and "incident_count" in err


def test_every_command_that_writes_takes_the_same_words():
    commands = get_command(app).commands
    writing = [one for one in commands.values() if any("--out" in opt.opts for opt in one.params)]
    assert len(writing) >= 8
    for one in writing:
        (out,) = [option for option in one.params if "--out" in option.opts]
        assert "-o" in out.opts and not out.required
