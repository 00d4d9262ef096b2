"""The sentence an inspector reads out says what the table says, and nothing the data cannot.

Its words stand in ``golden_sentences.json``; here are its numbers, and whom it names.
"""

import re

import pytest
from report_samples import of_theme, ranked


def numbers(sentence):
    """Every number of a sentence but years and the numbers of streets, in order."""
    told = re.sub(r"Street \d|\b20\d\d\b", "", sentence)
    return [float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*(?:\.\d+)?", told)]


def streets(sentence):
    """Which places it names."""
    return [int(row) for row in re.findall(r"Street (\d)", sentence)]


@pytest.mark.parametrize(
    ("name", "counts", "named"),
    [
        ("two of five", [50, 60, 40, 80, 40.0, 30], [0]),
        ("one place, harm", [2, 2, 100, 100.0, 2, 1599], [0]),
        ("absent", [], []),
        ("no incidents", [], []),
        ("a year", [6, 7, 6, 100, 100.0, 4], [0]),
        ("two level", [22, 22, 100, 100.0, 9], [0, 1]),
        ("three level", [31, 31, 100, 100.0, 9], [0, 1, 2]),
        ("seven level", [14, 14, 100, 100.0, 7, 2], []),
        ("two level by harm", [14, 14, 100, 100.0, 3, 2], [0, 1]),
        ("some in no area", [4, 3, 4, 100, 50.0, 4], [0]),
        ("all in no area", [2498], []),
        ("by rate", [9, 9, 100, 100.0, 2, 4.2, 1000, 90, 2.1, 7.9], [1]),
        ("streets", [5, 5, 100, 100.0, 4], [0]),
        ("rounded", [5, 60, 55, 50.0, 30], [0]),
        ("rounded, one", [5, 30, 50.0], [0]),
        ("rounded, none", [5], []),
        ("rounded, harm", [5, 55, 100.0, 30, 200, 500], [0]),
    ],
)
def test_the_sentence_gives_these_numbers_and_names_these_places(said, name, counts, named):
    sentence = said[f"theme: {name}"]
    assert (numbers(sentence), streets(sentence)) == (counts, named)


def test_a_place_is_said_to_be_beyond_chance_only_where_it_was_tested(said):
    one, year = said["theme: one beyond chance"], said["theme: one beyond chance, a year"]
    none, untested = said["theme: none beyond chance"], said["theme: untested"]
    assert len({one, year, none, untested, said["theme: busy among quiet ones"]}) == 5
    short = [sentence.endswith("twelve months.") for sentence in (one, year, none, untested)]
    assert short == [True, False, True, False]


def test_a_busy_place_among_quiet_ones_is_not_called_chance(said):
    told = {name for name, sentence in said.items() if "no count could pass" in sentence}
    assert told == {name for name in said if name.startswith("theme: busy")}


def test_the_order_of_rows_that_do_not_tie_changes_nothing():
    areas = ranked([9, 5, 3, 0])
    for seed in range(4):
        mixed = areas.sample(frac=1, random_state=seed)
        assert of_theme(mixed, top=2) == of_theme(areas, top=2)
