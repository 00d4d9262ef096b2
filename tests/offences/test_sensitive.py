"""Sensitive rows are named where they are left out, and shown only by kind, with a reason."""

import geopandas as gpd
import pytest
from refusing import refused

from hotspots.core.errors import InputError
from hotspots.core.record import RunRecord
from hotspots.disclosure.rules import is_sensitive
from hotspots.offences.codes import spellings
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.themes import Themes

BEGGING, NOISE, RAPE = "ASB begging or vagrancy", "ASB noise", "19C"


def incidents(offences, **columns) -> gpd.GeoDataFrame:
    rows = {"offence": offences, "offence_scheme": "home_office", **columns}
    return gpd.GeoDataFrame(rows, geometry=[None] * len(offences), crs=27700)


def told(record):
    return [found for found in record.findings if found.rule == "sensitive-left-out"]


def test_what_is_left_out_is_told_by_kind_with_the_key_that_admits_it():
    record = RunRecord("t", "TEST")
    table = incidents([BEGGING, BEGGING, NOISE, RAPE], domestic=[False, False, True, True])
    tagged = tag_themes(table, Themes.home_office(), record=record)
    assert tagged["sensitive"].tolist() == [True, True, True, True]
    (found,) = told(record)
    assert (found.rows, found.severity) == (4, "warning")
    for words in ("rough sleeping 2", "sexual offences 1", "domestic abuse 2"):
        assert words in found.message
    assert "[sensitive]" in "".join(found.mend.words(["typed"]))


def test_one_kind_is_admitted_for_a_reason_and_the_others_stay_out():
    record = RunRecord("t", "TEST")
    themes = Themes.home_office().admit(["rough sleeping"], reason=" Order 7 ")
    tagged = tag_themes(incidents([BEGGING, NOISE, RAPE]), themes, record=record)
    assert tagged["sensitive"].tolist() == [False, False, True]
    assert tagged["theme_asb"].tolist() == [True, True, False]
    (caveat,) = [one for one in record.caveats if one.rule == "sensitive-included"]
    assert caveat.values == {"kind": "rough sleeping", "reason": "Order 7"}
    assert not caveat.counts_incidents
    assert told(record)[0].rows == 1


def test_what_the_source_calls_sensitive_stays_so_whatever_is_admitted():
    themes = Themes.home_office().admit(["rough sleeping"], reason="r")
    tagged = tag_themes(incidents([BEGGING] * 2, sensitive=[True, False]), themes)
    assert tagged["sensitive"].tolist() == [True, False]


def test_an_incident_of_two_kinds_needs_both():
    table = incidents([BEGGING], domestic=[True])
    one = Themes.home_office().admit(["rough sleeping"], reason="r")
    assert tag_themes(table, one)["sensitive"].all()
    assert not tag_themes(table, one.admit(["domestic abuse"], reason="r"))["sensitive"].any()


def test_nothing_is_told_where_nothing_is_left_out():
    record = RunRecord("t", "TEST")
    tag_themes(incidents([NOISE]), Themes.home_office(), record=record)
    assert not told(record)


@pytest.mark.parametrize(("kinds", "reason", "rule"), [
    (["begging"], "r", "sensitive-kind"), ([], "r", "sensitive-kind"),
    (["rough sleeping"], " ", "sensitive-reason"),
])  # fmt: skip
def test_a_kind_must_be_known_and_a_reason_given(kinds, reason, rule):
    with refused(rule, kind=InputError):
        Themes.home_office().admit(kinds, reason=reason)


def test_street_crime_knows_no_kinds():
    assert Themes.police_uk().sensitive_kinds == ()


def test_asb_that_the_bundled_themes_call_sensitive_looks_so_by_every_spelling():
    """So a log of one's own words keeps off maps what a log of known words does."""
    sensitive = Themes.home_office().sensitive.offences.values()
    asb = {code for codes in sensitive for code in codes if code.startswith("ASB")}
    spelt = [word for word, code in spellings("home_office").items() if code in asb]
    assert len(asb) > 1 and all(map(is_sensitive, spelt))
