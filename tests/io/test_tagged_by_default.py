"""Files of a known scheme come tagged and weighed; doing it again replaces it, and says so."""

from dataclasses import replace

import pandas as pd
import pytest
from tables import first_rows

import hotspots as hs
from hotspots.core.data import bundled
from hotspots.core.record import RunRecord
from hotspots.core.tables import themes_in

HEAD = "When,East,North,What\n"
CODES = hs.FieldMap(
    "log", date="When", easting="East", northing="North", offence="What",
    offence_scheme="home_office",
)  # fmt: skip


@pytest.fixture(scope="module")
def july(tmp_path_factory):
    """A tenth of a month that was published."""
    return first_rows(3_000, tmp_path_factory.mktemp("july"))


def record() -> RunRecord:
    return RunRecord("Test", "TEST")


def log(tmp_path, *codes):
    rows = [f"{1 + n:02}/07/2025,{429_700 + n},433800,{code}\n" for n, code in enumerate(codes)]
    (tmp_path / "log.csv").write_text(HEAD + "".join(rows))
    return tmp_path / "log.csv"


def test_what_is_done_by_default_is_what_is_done_by_hand(july):
    ours, hand = record(), record()
    by_default = hs.load_incidents(july, record=ours)
    plain = hs.load_incidents(july, record=hand, themes=None, harm_scale=None)
    assert not themes_in(plain.columns) and "harm" not in plain
    tagged = hs.tag_themes(plain, hs.Themes.police_uk(), record=hand)
    scale = hs.HarmScale.bundled("ons-css-police-uk-west-yorkshire")
    pd.testing.assert_frame_equal(by_default, hs.weigh_harm(tagged, scale, record=hand))
    assert ours.manifest() == hand.manifest()


def test_a_scheme_of_ones_own_gets_neither(tmp_path):
    own = hs.FieldMap("log", date="When", easting="East", northing="North", offence="What")
    incidents = hs.load_incidents(log(tmp_path, "dogs"), fields=own)
    assert not themes_in(incidents.columns) and "harm" not in incidents


def test_an_offence_the_scale_does_not_know_has_no_harm_and_is_counted(tmp_path):
    note = record()
    incidents = hs.load_incidents(log(tmp_path, "5D", "125/09"), fields=CODES, record=note)
    assert incidents["harm"].notna().tolist() == [True, False]
    (told,) = [one for one in note.caveats if one.rule == "no-weight"]
    assert told.values["incidents"] == 1 and told.counts_incidents
    with pytest.raises(hs.DataError):
        hs.load_incidents(log(tmp_path, "5D", "125/09"), fields=CODES, harm_scale="ons-css")


def test_weighing_again_takes_back_what_was_said_of_the_scale_before(tmp_path):
    note, plain = record(), record()
    file = log(tmp_path, "5D", "8N")
    scale = replace(hs.HarmScale.bundled("ons-css"), name="mine", title="Mine", caveat="Ours.")
    again = hs.weigh_harm(hs.load_incidents(file, fields=CODES, record=note), scale, record=note)
    untold = hs.load_incidents(file, fields=CODES, record=plain, harm_scale=None)
    once = hs.weigh_harm(untold, scale, record=plain)
    assert again["harm_scale"].unique().tolist() == ["mine"] and again.equals(once)
    assert note.choices["weigh_harm"] == plain.choices["weigh_harm"]
    assert note.attributions == plain.attributions
    assert set(note.caveats) == set(plain.caveats)


def test_find_hotspots_knows_the_words_of_tags_it_did_not_make(july):
    city = hs.load_zones(bundled("boundaries/leeds.geojson"), kind="district")
    asked = {"theme": "serious_violence", "period": "2018-07", "within": city}
    asked["grid"] = hs.H3Grid(7)  # few cells: the words of themes are the same of any
    found = hs.find_hotspots(hs.load_incidents(july), **asked)
    plain = hs.load_incidents(july, themes=None, harm_scale=None)
    assert str(found) == str(hs.find_hotspots(plain, **asked))
