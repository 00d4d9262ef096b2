"""Offences in the shapes extracts use, brought to one spelling, and never by a guess."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotspots.offences.codes import (
    POLICE_UK_TYPES,
    OffenceSet,
    distinct_offences,
    home_office_classes,
    is_registered,
    normalise_offence,
    possible_classes,
    spellings,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("008/06", "008/06"),
        ("8/6", "008/06"),
        ("8/06", "008/06"),
        (" 8 / 6 ", "008/06"),
        ("8.06", "008/06"),
        ("8N", "8N"),
        ("8n", "8N"),
        ("008N", "8N"),
        ("92A", "92A"),
        ("37.1", "37.1"),
        ("37/1", "37.1"),
        ("037/01", "37.1"),
        ("4.10", "4.10"),
        ("4/10", "4.10"),
        ("004/01", "4.1"),
        ("802", "802"),
        ("1/4.1/4.2/4.10", "1/4.1/4.10/4.2"),
        ("ASB - Nuisance", "ASB nuisance"),
        ("Anti-Social Behaviour", "Anti-social behaviour"),
        ("Antisocial behaviour", "Anti-social behaviour"),
    ],
)
def test_home_office_codes_are_read_in_the_shapes_extracts_use(written: str, meant: str) -> None:
    assert normalise_offence(written, "home_office") == meant


@pytest.mark.parametrize("written", ["8.6", "1.0", "92.0", "", "8//6", "Robbery", "12345", "-8"])
def test_what_a_spreadsheet_damaged_is_refused_and_not_misread(written: str) -> None:
    assert normalise_offence(written, "home_office") is None


def test_manslaughter_and_corporate_manslaughter_stay_two_offences() -> None:
    assert normalise_offence("4.1", "home_office") != normalise_offence("4.10", "home_office")


@pytest.mark.parametrize("slug", sorted(POLICE_UK_TYPES))
def test_police_uk_types_are_read_as_slug_sentence_case_and_title_case(slug: str) -> None:
    name = POLICE_UK_TYPES[slug]
    for written in (slug, name, name.title(), name.upper(), f" {name} "):
        assert normalise_offence(written, "police_uk") == name


def test_there_are_fourteen_police_uk_types() -> None:
    assert len(set(POLICE_UK_TYPES.values())) == 14


def test_the_retired_type_violent_crime_is_not_taken_for_the_slug_of_todays() -> None:
    assert normalise_offence("violent-crime", "police_uk") == POLICE_UK_TYPES["violent-crime"]
    assert normalise_offence("Violent crime", "police_uk") is None


@given(st.text(max_size=12), st.sampled_from(["police_uk", "home_office", "council"]))
def test_any_text_is_read_without_an_accident_and_reading_twice_changes_nothing(
    text: str, scheme: str
) -> None:
    once = normalise_offence(text, scheme)
    assert once is None or normalise_offence(once, scheme) == once


@given(st.integers(1, 999), st.integers(0, 99))
def test_leading_zeros_never_matter(number: int, part: int) -> None:
    spellings = {f"{number}/{part}", f"{number:03d}/{part:02d}", f"{number}/{part:02d}"}
    assert len({normalise_offence(text, "home_office") for text in spellings}) == 1


def test_every_class_of_the_register_is_its_own_spelling_and_its_own_class() -> None:
    for code in home_office_classes():
        assert normalise_offence(code, "home_office") == code
        assert possible_classes(code, "home_office") == (code,)


@pytest.mark.parametrize(
    ("code", "classes"),
    [
        ("008/06", ("8N",)),
        ("008/26", ("10D",)),
        ("036/01", ("36",)),
        ("036/06", ("106",)),
        ("092/61", ("92E",)),
        ("195/94", ("8L",)),
        ("023/05", ("23",)),
        ("034/02", ("34A", "34B")),
        ("056/01", ("56A",)),
        ("008/99", ()),
        ("036/99", ()),
        ("500/01", ()),
        ("ASB noise", ("Anti-social behaviour",)),
    ],
)
def test_a_code_has_its_class_or_all_possible_ones_or_none(
    code: str, classes: tuple[str, ...]
) -> None:
    assert possible_classes(code, "home_office") == classes
    assert is_registered(code, "home_office") == bool(classes)


def test_a_class_stands_for_every_code_below_it() -> None:
    chosen = OffenceSet.of("home_office", ["8N", "34A", "34B"])
    assert [chosen.holds(code) for code in ("8N", "008/06", "034/02", "46")] == [
        True,
        True,
        True,
        False,
    ]


def test_a_code_too_coarse_or_with_an_open_letter_is_undecided_and_not_guessed() -> None:
    chosen = OffenceSet.of("home_office", ["092/61", "34A", "8S"], in_part=["8S"])
    assert [chosen.holds(code) for code in ("92E", "034/02", "8S")] == [None, None, None]


def test_everything_but_holds_everything_but() -> None:
    chosen = OffenceSet.of("police_uk", ["*"], but_not=["drugs"])
    assert chosen.holds("Drugs") is False
    assert all(chosen.holds(name) for name in POLICE_UK_TYPES.values() if name != "Drugs")


def test_distinct_offences_point_back_at_their_rows() -> None:
    rows = pd.DataFrame({"offence": ["8/6", None, "8/6", "8N"], "offence_scheme": "home_office"})
    distinct, which = distinct_offences(rows)
    assert [distinct[number].text for number in which] == ["8/6", "(missing)", "8/6", "8N"]
    assert [distinct[number].code for number in which] == ["008/06", None, "008/06", "8N"]
    assert len(distinct) == 3


def test_an_empty_table_has_no_offences() -> None:
    distinct, which = distinct_offences(pd.DataFrame({"offence": [], "offence_scheme": []}))
    assert distinct == [] and len(which) == 0


def test_the_page_lists_every_kind_of_asb_that_words_can_be_translated_to() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "incidents.md"
    listed = set(re.findall(r"`((?:ASB |Anti-social )[^`\n]+)`", page.read_text(encoding="utf-8")))
    assert listed == {code for code in spellings("home_office").values() if code[0] == "A"}
