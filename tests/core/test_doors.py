"""Laws of doors: one error, said to each reader in the words of what he has in his hands."""

import copy
import pickle

import pytest

from hotspots.core.errors import DataError, Finding, Findings, InputError
from hotspots.core.text.doors import FILE, PYTHON, file_door, marks_of, options_door
from hotspots.core.text.mends import MENDS, Mend

COMMAND = options_door({"by": "--by", "min_incidents": "--min-incidents", "go_on": "--go-on"})
PRODUCT = file_door({"by": "by", "harm_scale": "harm_scale"})
MESSAGES = [
    "`by` must be count or harm; got 'size'.",
    'choose `by="count"`, or see `hotspots check`.',
    "`areas` have `min_incidents=3` and `x.to_crs(1)`",
    "no marks at all",
    "an odd ` backtick",
    "",
]


@pytest.mark.parametrize("message", MESSAGES)
def test_the_pieces_of_a_message_are_the_message(message):
    assert "".join(mark.text for mark in marks_of(message)) == message


@pytest.mark.parametrize("message", MESSAGES)
def test_python_says_a_message_as_it_stands(message):
    assert PYTHON.said(message) == message
    assert str(InputError(message)) == message


@pytest.mark.parametrize(
    ("door", "said"),
    [
        (PYTHON, '`by="harm"`, `min_incidents=3`, `go_on=True`, `at_risk`'),
        (FILE, '`by = "harm"`, `min_incidents = 3`, `go_on = true`, `at_risk`'),
        (PRODUCT, '`by = "harm"`, min incidents 3, go on True, what is at risk'),
        (COMMAND, "--by harm, --min-incidents 3, --go-on, what is at risk"),
    ],
)
def test_each_door_has_its_own_names(door, said):
    assert door.said('`by="harm"`, `min_incidents=3`, `go_on=True`, `at_risk`') == said


def test_advice_is_left_out_where_nobody_can_follow_it():
    finding = Finding("few", "few.", mend="Lower `min_incidents`.")
    assert str(finding) == "few. Lower `min_incidents`."
    assert str(finding.through(COMMAND)) == "few. Lower --min-incidents."
    assert str(finding.through(PRODUCT)) == "few."


HOLES = ("argument", "other", "stages", "column", "variable", "least", "system")


@pytest.mark.parametrize("door", [PYTHON, FILE, PRODUCT, COMMAND])
@pytest.mark.parametrize("code", MENDS)
def test_a_mend_is_said_in_no_words_of_another_door(code, door):
    holes = dict.fromkeys(HOLES, "x")
    words = door.mended(Mend(code, holes))
    if words is not None and door is COMMAND:
        assert all(mark.kind in ("prose", "command") for mark in marks_of(words))
    if words is not None and door in (FILE, PRODUCT):
        assert "(" not in "".join(mark.text for mark in marks_of(words) if mark.kind == "code")


def test_the_first_door_keeps_its_words():
    inner = Finding("size", "`top` is 0.").through(FILE)
    outer = options_door({"top": "--top"})
    assert str(inner.through(outer)) == "`top` is 0."


def test_an_error_holds_what_is_wrong_as_data():
    error = DataError("`by` must be known; got 3.", rule="choice", file="a.toml", line=3)
    (found,) = error.findings
    assert (found.rule, found.argument, found.file, found.line) == ("choice", "by", "a.toml", 3)
    assert (InputError("x").findings[0].rule, DataError("x").findings[0].rule) == (
        "argument",
        "data",
    )


def test_all_that_is_wrong_is_raised_and_the_first_twenty_are_said():
    findings = Findings()
    for number in range(23):
        findings.error("row", f"row {number} is wrong.")
    findings.warn("aside", "this stops nothing.")
    with pytest.raises(InputError) as error:
        findings.raise_errors(InputError)
    lines = str(error.value).splitlines()
    assert len(error.value.findings) == 23 and len(lines) == 21
    assert "3 more" in lines[-1]


def test_errors_and_mends_travel_between_processes():
    mend = Mend("reproject", {"argument": "areas", "system": "EPSG:27700"})
    error = InputError("`by` is wrong.", mend=mend)
    said = pickle.loads(pickle.dumps(error.through(PYTHON)))
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), said):
        assert type(again) is InputError and str(again) == str(error)
        assert again.findings == error.findings


def test_a_mend_without_words_cannot_be_made():
    with pytest.raises(ValueError, match="nothing-of-the-kind"):
        Mend("nothing-of-the-kind")
