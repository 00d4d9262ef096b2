"""What results say, word for word, and that they can say it without knowing any words.

``golden_sentences.json`` holds a sentence for every branch of every renderer. Where one is reworded
on purpose, ``python scripts/write_golden_sentences.py`` writes the new one, to be read in review.
"""

import ast
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from analysis_samples import analysis_sentences
from hypothesis import given
from hypothesis import strategies as st
from programme_samples import at, programme_sentences, screened
from report_samples import report_sentences

import hotspots as hs
from hotspots.core.errors import InputError
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.report.text.results import WORDS

ROOMS = Path(hs.__file__).parent
GOLDEN = json.loads((Path(__file__).parent / "golden_sentences.json").read_text(encoding="utf-8"))
PAIR = st.tuples(st.integers(0, 500), st.integers(0, 500))


SAMPLES = (analysis_sentences, programme_sentences, report_sentences)


@pytest.mark.parametrize("samples", SAMPLES)
def test_every_result_says_what_it_always_said(samples):
    said = said_by(samples)
    assert said == {name: GOLDEN.get(name) for name in said}


def test_the_golden_file_holds_nothing_that_is_no_longer_said():
    assert {name for samples in SAMPLES for name in said_by(samples)} == set(GOLDEN)


@cache
def said_by(samples):
    return dict(samples())


# one hook


def speakers():
    """Every class of the package that speaks through the hook."""
    for module in pkgutil.walk_packages(hs.__path__, "hotspots."):
        if "__main__" not in module.name:
            importlib.import_module(module.name)
    found, new = set(), {Spoken}
    while new:
        new = {kind for one in new for kind in one.__subclasses__()}
        found |= new
    return found


def test_every_result_that_speaks_has_words_and_all_words_have_a_result():
    assert {kind.__name__ for kind in speakers()} == {name.partition(".")[0] for name in WORDS}


def test_a_result_is_printed_as_its_sentence():
    found = hs.evaluation.rest_of_city_growth(-0.23, 0.032, 0.10)
    assert str(found) == f"{found}" == found.to_sentence() == sentence_of(found)
    assert repr(found) == f"<{type(found).__name__}: {found}>"


def test_what_is_not_to_be_shown_is_not_printed_by_chance():
    plan = hs.operations.place_trauma_packs(at((0, 0)), at((0, 0)), 1, 50)
    assert str(plan) == repr(plan) != plan.to_sentence()


def test_a_result_without_words_says_so():
    with pytest.raises(LookupError, match=r"no words for object paragraph\."):
        sentence_of(object(), "paragraph")


def test_analysis_loads_no_report_until_a_result_is_asked_to_speak():
    code = (
        "import sys, hotspots as hs\n"
        "found = hs.weighted_displacement_difference(treated=(20, 10), control=(20, 20))\n"
        "assert not [name for name in sys.modules if name.startswith('hotspots.report')]\n"
        "str(found)\n"
        "assert 'hotspots.report.text.results' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_hook_is_the_only_import_by_name_between_rooms():
    """The front door opens names, `core.errors` extras, the page Leaflet; all else is imported."""
    users = {
        path.relative_to(ROOMS).as_posix()
        for path in ROOMS.rglob("*.py")
        if re.search(r"import_module|__import__", path.read_text(encoding="utf-8"))
    }
    known = {"__init__.py", "core/errors.py", "core/sentences.py", "report/map/written_page.py"}
    assert users == known


@pytest.mark.parametrize("room", ["analysis", "stats"])
def test_rooms_that_find_something_hold_no_sentence(room):
    """Outside docstrings and errors, no text that ends a sentence."""
    told = [
        f"{path.relative_to(ROOMS)}:{text.lineno}: {text.value}"
        for path in sorted((ROOMS / room).rglob("*.py"))
        for text in _texts(ast.parse(path.read_text(encoding="utf-8")))
        if re.search(r"[a-z%}]\.( |$)", text.value) and len(text.value.split()) > 2
    ]
    assert told == []


def _texts(node):
    """Text constants of a piece of code that are neither docstrings nor said in an error."""
    if isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and _is_text(node.value)):
        return
    if isinstance(node, ast.Call) and _name(node.func) in ("require", "needed", "error", "Finding"):
        return
    if _is_text(node):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _name(node):
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


# laws of wording


def test_a_sentence_never_gives_a_percentage_without_its_counts():
    rate_ratio = hs.evaluation.rate_ratio
    sentence = rate_ratio(treated=(120, 85), control=(118, 108)).to_sentence()
    assert "from 120 to 85 (-29%)" in sentence and "from 118 to 108 (-8%)" in sentence
    assert "%" not in rate_ratio(treated=(0, 0), control=(0, 0)).to_sentence()


@given(PAIR, PAIR)
def test_counts_come_before_any_percentage_and_the_interval_agrees_with_the_verdict(
    treated, control
):
    found = hs.evaluation.rate_ratio(treated=treated, control=control)
    words = found.to_sentence()
    assert "%" not in words.split(" from ")[0]
    if "interval" not in words:
        return
    low, high = re.search(r"interval ([\d.]+) to ([\d.]+), p", words).groups()
    outside = float(low) > 1 or float(high) < 1
    near = min(abs(found.low - 1), abs(found.high - 1)) < 1e-6
    assert near or outside == ("No change lies outside the interval" in words)
    assert "p = 0.000" not in words


def test_an_interval_just_below_no_change_is_printed_with_the_digits_that_show_it():
    found = hs.evaluation.rate_ratio(treated=(1000, 912), control=(100_000, 100_000))
    assert found.high == pytest.approx(0.997, abs=0.003) and found.high < 1
    found = replace(found, high=0.9968)
    assert "to 0.997, p" in found.to_sentence()
    assert "No change lies outside the interval" in found.to_sentence()


def test_areas_chosen_for_a_window_say_so_first_and_claim_nothing_about_chance():
    words = GOLDEN["change: chosen high"]
    assert words.startswith("These areas were chosen for being high in the period compared")
    assert "chance alone would rarely" not in words and "not show that the places" not in words


def test_the_paragraph_has_the_shape_of_the_case():
    paragraph = screened().to_paragraph()
    for words in (
        "Lane is first in three of four categories in July 2018: drugs (20, 10 ahead of the next), "
        "cannabis (8, 5 ahead of the next) and weapons (9, 4 ahead of the next).",
        "In violence it is second: Centre has 100 against 30, 70 more. 80% of those lie in the "
        "night-time economy. With that set aside Lane is first (30 against 20): the night-time "
        "economy explains it.",
        "100% of cannabis is drugs",
        "Drugs and weapons counts follow police activity.",
        "A hotspot is not grounds for stop and search.",
    ):
        assert words in paragraph
    assert "but first once the night-time economy is set aside" in screened().to_sentence()
    about_centre = screened().to_paragraph("centre")
    assert "Centre is first in one of four categories in July 2018: violence" in about_centre
    assert "night-time" not in screened(night_time_economy=None).to_paragraph()


def test_only_tables_of_concentration_are_described():
    with pytest.raises(InputError, match="`concentration_table` or `zone_concentration`"):
        hs.describe_concentration(pd.DataFrame({"incident_count": [1]}))
