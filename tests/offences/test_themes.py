"""Themes: what is measured, what is a proxy, what is absent, and that absent is never zero."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from chain import asked
from refusing import refused
from tables import incidents_at, shuffled

from hotspots.core.caveats import Caveat
from hotspots.core.data import bundled
from hotspots.core.errors import DataError, InputError
from hotspots.core.record import RunRecord
from hotspots.io.incidents.capabilities import theme_states
from hotspots.offences.baskets import basket_status
from hotspots.offences.codes import POLICE_UK_TYPES
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.tell_themes import themes_of
from hotspots.offences.themes import Theme, Themes
from hotspots.programmes.tasking.sources import THEMES as THEME_FILES

VIOLENCE = "Violence and sexual offences"
THEMES = ["theme_asb", "theme_serious_violence", "theme_vehicle_nuisance"]


def record() -> RunRecord:
    return RunRecord("test", marking="TEST")


def defined(text: str, *, of: str = "") -> Caveat:
    """A caveat that a definition brings along, in the words of its file."""
    assert text
    return Caveat("definition", {"text": text}, of=of)


def police_uk(offences: list[str]) -> gpd.GeoDataFrame:
    return incidents_at([(0, 0)] * len(offences), offence=offences)


def home_office(offences: list[str], **columns: object) -> gpd.GeoDataFrame:
    return incidents_at(
        [(0, 0)] * len(offences), offence=offences, offence_scheme="home_office", **columns
    )


def test_every_police_uk_type_goes_where_the_contract_says() -> None:
    types = list(POLICE_UK_TYPES.values())
    tagged = tag_themes(police_uk(types), Themes.police_uk())
    members = {
        theme: [t for t, yes in zip(types, tagged[theme], strict=True) if yes is True]
        for theme in THEMES
    }
    assert members == {
        "theme_asb": ["Anti-social behaviour"],
        "theme_serious_violence": [VIOLENCE],
        "theme_vehicle_nuisance": [],
    }


def test_vehicle_crime_never_stands_in_for_vehicle_nuisance() -> None:
    note = record()
    tagged = tag_themes(police_uk(["Vehicle crime"] * 3), Themes.police_uk(), record=note)
    assert tagged["theme_vehicle_nuisance"].isna().all()
    theme = Themes.police_uk()["vehicle_nuisance"]
    assert theme.state == "absent" and theme.note
    assert note.themes["vehicle_nuisance"] == theme.status
    assert defined(theme.caveat) in note.caveats


def test_violence_on_police_uk_is_a_labelled_proxy_and_not_called_serious() -> None:
    status = Themes.police_uk().status["serious_violence"]
    assert status.state == "proxy"
    assert all(kind in status.label for kind in ("violence", "sexual", "domestic"))
    assert "serious" not in status.label


def test_police_uk_cannot_tell_what_is_sensitive_and_says_so() -> None:
    note = record()
    tagged = tag_themes(
        police_uk(["Violence and sexual offences"]), Themes.police_uk(), record=note
    )
    assert "sensitive" not in tagged.columns
    assert defined(Themes.police_uk().sensitive.caveat) in note.caveats


def test_spelling_order_labels_and_extra_columns_change_nothing() -> None:
    plain = police_uk(["Robbery", "Anti-social behaviour", "Violence and sexual offences"])
    other = plain.assign(
        offence=["robbery", "anti-social-behaviour", "Violence And Sexual Offences"]
    )
    expected = tag_themes(plain, Themes.police_uk())
    pd.testing.assert_frame_equal(tag_themes(other, Themes.police_uk())[THEMES], expected[THEMES])
    mixed = tag_themes(shuffled(plain), Themes.police_uk())
    assert mixed["nobody_asked"].eq("still here").all()
    for theme, rows in mixed.groupby("offence"):
        twin = expected[expected["offence"] == theme]
        assert rows[THEMES].to_numpy().tolist() == twin[THEMES].to_numpy().tolist()


def test_the_input_is_untouched_and_index_and_order_are_kept() -> None:
    plain = police_uk(["Robbery", "Anti-social behaviour"])
    before = plain.copy(deep=True)
    tagged = tag_themes(plain, Themes.police_uk())
    pd.testing.assert_frame_equal(plain, before)
    assert tagged.index.equals(plain.index)
    assert [str(tagged[theme].dtype) for theme in THEMES] == ["bool", "boolean", "boolean"]


def test_an_empty_table_gets_its_columns() -> None:
    for themes in (Themes.police_uk(), Themes.home_office()):
        tagged = tag_themes(police_uk([]), themes)
        assert set(THEMES) <= set(tagged.columns) and len(tagged) == 0
        assert isinstance(tagged, gpd.GeoDataFrame)


def test_unknown_offences_are_one_error_that_names_each_with_its_count() -> None:
    rows = police_uk(["Robbery", "Wizardry", "Wizardry", "Violent crime"])
    each = ("'Wizardry' (police_uk) 2 ", "'Violent crime' (police_uk) 1 ")
    with refused("unknown-offence", *each, "2013", kind=DataError) as error:
        tag_themes(rows, Themes.police_uk())
    (found,) = error.value.findings
    assert (found.column, found.rows, found.message.count("(police_uk)")) == ("offence", 3, 2)


def test_unknown_offences_can_be_left_untagged_and_are_counted() -> None:
    note = record()
    rows = police_uk(["Wizardry", "Anti-social behaviour"])
    tagged = tag_themes(rows, Themes.police_uk(), unknown="untagged", record=note)
    assert tagged["theme_asb"].tolist() == [False, True]
    assert Caveat("unknown-offence", {"incidents": 1}, counts_incidents=True) in note.caveats


def test_a_table_of_another_scheme_is_refused() -> None:
    with refused("argument", "'home_office'", of="incidents"):
        tag_themes(home_office(["8N"]), Themes.police_uk())


def test_a_home_office_class_stands_for_the_codes_below_it_and_incidents_may_have_two_themes() -> (
    None
):
    rows = home_office(
        ["5D", "005/01", "034/02", "8N", "ASB vehicle nuisance", "ASB - nuisance", "802"]
    )
    tagged = tag_themes(rows, Themes.home_office())
    assert tagged["theme_serious_violence"].tolist() == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert tagged["theme_asb"].tolist() == [False] * 4 + [True, True, False]
    assert tagged["theme_vehicle_nuisance"].tolist() == [False] * 4 + [True, False, True]


def test_an_extract_without_one_asb_row_has_no_asb_and_that_is_not_zero() -> None:
    note = record()
    tag_themes(home_office(["8N", "46"]), Themes.home_office(), record=note)
    assert note.themes["asb"].state == "absent"
    assert note.themes["asb"].note == Themes.home_office()["asb"].note_if_none != ""
    note = record()
    tag_themes(home_office(["8N", "ASB personal"]), Themes.home_office(), record=note)
    assert note.themes["asb"].state == "measured"


def test_asb_without_a_finer_type_is_counted_as_undecided_for_vehicle_nuisance() -> None:
    note = record()
    rows = home_office(["Anti-social behaviour", "ASB vehicle nuisance", "ASB noise"])
    tagged = tag_themes(rows, Themes.home_office(), record=note)
    assert tagged["theme_vehicle_nuisance"].tolist() == [False, True, False]
    (coarse,) = [caveat for caveat in note.caveats if caveat.rule == "too-coarse"]
    label = Themes.home_office()["vehicle_nuisance"].label
    assert coarse.values == {"incidents": 1, "theme": label}


@pytest.mark.parametrize(
    ("code", "sensitive"),
    [
        ("19C", True),  # rape
        ("019/07", True),
        ("20A", True),
        ("88A", True),  # grooming
        ("71", True),  # child exploitation
        ("106", True),  # modern slavery
        ("036/06", True),  # slavery, recorded under the number of kidnapping
        ("036/01", False),
        ("24", True),  # sex work
        ("027/01", True),
        ("ASB sex work", True),
        ("Begging", True),  # rough sleeping
        ("8N", False),
        ("34B", False),
        ("Anti-social behaviour", False),
        ("46", False),
    ],
)
def test_sensitive_offences_are_marked(code: str, sensitive: bool) -> None:
    tagged = tag_themes(home_office([code]), Themes.home_office())
    assert tagged["sensitive"].tolist() == [sensitive]


def test_domestic_rows_are_sensitive_and_stay_out_of_a_selection() -> None:
    rows = home_office(
        ["34B", "34B", "34B"], domestic=pd.array([True, False, None], dtype="boolean")
    )
    note = record()
    tagged = tag_themes(rows, Themes.home_office(), record=note)
    assert tagged["sensitive"].tolist() == [True, False, False]
    assert Caveat("no-domestic-flag", {"incidents": 1}, counts_incidents=True) in note.caveats
    account = asked(tagged, theme="serious_violence").account
    assert (account.sensitive, account.used) == (1, 2)


def test_data_without_the_domestic_flag_say_that_domestic_abuse_cannot_be_left_out() -> None:
    note = record()
    tag_themes(home_office(["8N"]), Themes.home_office(), record=note)
    assert defined(Themes.home_office().sensitive.caveat_without_flag) in note.caveats


def test_a_theme_without_domestic_rows_is_the_others_and_absent_where_no_flag_tells() -> None:
    theme = Theme.from_basket("violence_excl_s47_domestic", "home_office")
    assert theme.not_domestic
    both = replace(
        Themes.home_office(), themes=(theme, replace(theme, name="all_of_it", not_domestic=False))
    )
    flags = pd.array([True, False, None, False], dtype="boolean")
    codes, note = ["36", "36", "36", "30C"], record()
    tagged = tag_themes(home_office(codes, domestic=flags), both, record=note)
    assert tagged[f"theme_{theme.name}"].tolist() == [False, True, True, False]
    assert tagged["theme_all_of_it"].tolist() == [True, True, True, False]
    assert note.themes[theme.name].state == "measured"
    untold = tag_themes(home_office(codes), both, record=(without := record()))
    assert without.themes[theme.name].state == "absent"
    assert without.themes["all_of_it"].state == "measured"
    assert not untold[f"theme_{theme.name}"].fillna(False).any()


def test_what_the_source_marked_sensitive_stays_sensitive() -> None:
    tagged = tag_themes(home_office(["46"], sensitive=[True]), Themes.home_office())
    assert tagged["sensitive"].tolist() == [True]


def test_a_theme_over_two_sources_is_no_better_than_the_weaker_that_has_it() -> None:
    note = record()
    rows = home_office(["ASB vehicle nuisance", "34B"])
    tag_themes(rows, Themes.home_office(), record=note)
    tag_themes(police_uk([VIOLENCE]), Themes.police_uk(), record=note)
    assert note.themes["serious_violence"].state == "proxy"
    assert note.themes["vehicle_nuisance"].state == "proxy"
    told = f"(police_uk): {Themes.police_uk()['vehicle_nuisance'].note}."
    assert note.themes["vehicle_nuisance"].note.endswith(told)


def of_file(name: str, offences: list[str], **columns: object) -> gpd.GeoDataFrame:
    return home_office(offences, source=name, **columns)


def fire_service() -> gpd.GeoDataFrame:
    offences = ["Deliberate secondary fire"]
    return incidents_at([(0, 0)], offence=offences, offence_scheme="fire_service", source="f.csv")


def fire_themes() -> Themes:
    return Themes.from_toml(THEME_FILES / "fire_service.toml")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_no_note_of_a_source_is_lost_and_each_names_its_source_where_they_differ(
    order: tuple[int, ...],
) -> None:
    """The state, and every note, are the same whichever source is tagged last."""
    tables = [
        (of_file("p.csv", ["ASB noise", "34B"]), Themes.home_office()),
        (of_file("c.csv", ["34B"]), Themes.home_office()),
        (fire_service(), fire_themes()),
    ]
    note = record()
    for number in order:
        tag_themes(*tables[number], record=note)
    asb = note.themes["asb"]
    assert asb.state == "measured"
    police, fires = Themes.home_office()["asb"], fire_themes()["asb"]
    assert police.note and f"p.csv: {police.note}" in asb.note
    assert fires.note and f"f.csv: {fires.note}" in asb.note
    assert police.note_if_none and asb.note.endswith(f"c.csv: {police.note_if_none}.")
    violence = note.themes["serious_violence"]
    assert violence.note == Themes.home_office()["serious_violence"].note


def test_caveats_that_contradict_one_another_name_their_source() -> None:
    note = record()
    note.warn_reader("First.")
    tag_themes(of_file("p.csv", ["ASB noise"], domestic=[True]), Themes.home_office(), record=note)
    note.warn_reader("Last.")
    alone = note.caveat_texts
    assert not any("p.csv" in caveat for caveat in alone)
    tag_themes(of_file("c.csv", ["ASB noise"]), Themes.home_office(), record=note)
    rule, of_fires = Themes.home_office().sensitive, fire_themes().sensitive
    flag = defined(rule.caveat_without_flag, of="c.csv")
    assert flag in note.caveats and replace(flag, of="") not in note.caveats
    assert [caveat for caveat in note.caveat_texts if caveat in alone] == alone
    tag_themes(fire_service(), fire_themes(), record=note)
    assert flag in note.caveats and str(flag).startswith("c.csv: ")
    assert defined(rule.caveat, of="p.csv and c.csv") in note.caveats
    assert defined(of_fires.caveat, of="f.csv") in note.caveats
    assert (note.caveat_texts[0], note.caveat_texts[-1]) == ("First.", "Last.")
    assert len(set(note.caveat_texts)) == len(note.caveat_texts)


def test_tagging_one_source_again_says_nothing_twice() -> None:
    note = record()
    for _ in range(2):
        tag_themes(of_file("p.csv", ["ASB noise"]), Themes.home_office(), record=note)
        caveats = note.caveat_texts
    once = record()
    tag_themes(of_file("p.csv", ["ASB noise"]), Themes.home_office(), record=once)
    assert caveats == once.caveat_texts and note.themes == once.themes


def test_a_scheme_of_ones_own_lists_every_offence_that_can_come(tmp_path: Path) -> None:
    file = tmp_path / "council.toml"
    file.write_text(
        'offence_scheme = "council"\nno_theme = ["Fly tipping"]\n'
        '[[theme]]\nname = "asb"\nlabel = "noise"\nstate = "measured"\noffences = ["Noise"]\n',
        encoding="utf-8",
    )
    themes = Themes.from_toml(file)
    rows = incidents_at([(0, 0)] * 2, offence=["NOISE ", "fly  tipping"], offence_scheme="council")
    assert tag_themes(rows, themes)["theme_asb"].tolist() == [True, False]
    rows.loc["i1", "offence"] = "Ghosts"
    with refused("unknown-offence", "Ghosts", kind=DataError):
        tag_themes(rows, themes)


def test_a_theme_file_may_name_a_bundled_basket_or_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'title = "Mine"\n[police_uk]\nstate = "measured"\noffences = ["Robbery"]\n',
        encoding="utf-8",
    )
    file = tmp_path / "themes.toml"
    file.write_text(
        'offence_scheme = "police_uk"\n[[theme]]\nbasket = "knife_crime"\n'
        '[[theme]]\nbasket = "mine.toml"\n',
        encoding="utf-8",
    )
    themes = Themes.from_toml(file)
    assert [(theme.name, theme.state) for theme in themes] == [
        ("knife_crime", "proxy"),
        ("mine", "measured"),
    ]
    assert themes["mine"].label == "Mine"


@pytest.mark.parametrize(
    "text",
    [
        "offence_scheme =",
        '[[theme]]\nname = "a"\n',
        'offence_scheme = "police_uk"\n[[theme]]\nname = "a"\nlabel = "a"\nstate = "sure"\n',
        'offence_scheme = "police_uk"\n[[theme]]\nname = "a b"\nlabel = "a"\nstate = "absent"\n',
        'offence_scheme = "police_uk"\n[[theme]]\nname = "a"\nlabel = "a"\nstate = "measured"\n',
        'offence_scheme = "police_uk"\n[[theme]]\nname = "a"\nlabel = "a"\nstate = "proxy"\n'
        'offences = ["Wizardry"]\n',
        'offence_scheme = "police_uk"\nunheard_of = 1\n',
    ],
)
def test_a_broken_theme_file_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"broken\.toml"):
        Themes.from_toml(file)


def test_an_absent_theme_has_no_offences_and_a_measured_one_has() -> None:
    with pytest.raises(InputError):
        Theme("x", "x", "absent", offences=("Robbery",))
    with pytest.raises(InputError):
        Theme("x", "x", "measured")


def test_tagging_leeds_july_2018_counts_asb_as_published() -> None:
    table = pd.read_csv(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    rows = gpd.GeoDataFrame(
        {"offence": table["Crime type"], "offence_scheme": "police_uk"},
        geometry=gpd.GeoSeries([None] * len(table), crs="EPSG:27700"),
    )
    tagged = tag_themes(rows, Themes.police_uk())
    assert int(tagged["theme_asb"].sum()) == 5_442
    assert int(tagged["theme_serious_violence"].sum()) == 10_358


# What a source can say ----------------------------------------------------------------------------


def test_beside_each_theme_stands_what_its_source_can_say() -> None:
    tagged = tag_themes(police_uk([VIOLENCE, "Anti-social behaviour"]), Themes.police_uk())
    states = {
        name: tagged[f"theme_{name}_is"].unique().tolist() for name in Themes.police_uk().status
    }
    assert states == {
        "asb": ["measured"],
        "serious_violence": ["proxy"],
        "vehicle_nuisance": ["absent"],
    }
    assert (
        tagged["theme_vehicle_nuisance_note"].iloc[0]
        == Themes.police_uk().status["vehicle_nuisance"].note
    )


def test_what_two_sources_can_say_is_told_source_by_source() -> None:
    police = tag_themes(police_uk([VIOLENCE, "Anti-social behaviour"]), Themes.police_uk())
    log = police_uk(["Noise"]).assign(source="council.csv", theme_asb=True)
    said = themes_of(pd.concat([police, log.set_axis(["other"])]))
    assert said.loc[("council.csv", "asb"), "state"] == "not said"
    assert said.loc[("council.csv", "vehicle_nuisance"), "state"] == "absent"
    ours = said.loc[police["source"].iloc[0]]
    assert ours["state"].to_dict() == {
        "asb": "measured",
        "serious_violence": "proxy",
        "vehicle_nuisance": "absent",
    }
    assert ours["incidents"].fillna(-1).tolist() == [1, 1, -1]


@pytest.mark.parametrize(
    ("themes", "offence", "theme"),
    [
        (Themes.police_uk(), "Burglary", "asb"),
        (Themes.police_uk(), "Burglary", "serious_violence"),
        (Themes.home_office(), "ASB nuisance", "serious_violence"),
        (Themes.home_office(), "46", "asb"),
    ],
)
def test_a_theme_of_which_nothing_came_is_absent_whatever_its_definition(themes, offence, theme):
    """Measured or proxy: that a log holds not one row of a kind does not say there was none."""
    note = record()
    rows = police_uk([offence]) if themes.offence_scheme == "police_uk" else home_office([offence])
    tagged = tag_themes(rows, themes, record=note)
    assert tagged[f"theme_{theme}"].isna().all() and note.themes[theme].state == "absent"
    said = themes_of(tagged).droplevel("source").loc[theme]
    assert said["state"] == "absent" and said["incidents"] is pd.NA
    assert theme_states(tagged)[theme].state == "absent"
    assert basket_status(theme, themes.offence_scheme, incidents=tagged).state == "absent"


def test_codes_too_coarse_to_tell_could_have_been_what_did_not_come_in() -> None:
    note = record()
    tag_themes(home_office(["ASB nuisance"]), Themes.home_office(), record=note)
    nuisance = Themes.home_office()["vehicle_nuisance"]
    assert note.themes["vehicle_nuisance"] == nuisance.without_one(coarse=1)


def test_rejected_rows_could_have_been_what_did_not_come_in() -> None:
    """Nothing of a theme was read, and rows were thrown away: these may be it."""
    note = record()
    rows = home_office(["5D"])
    tag_themes(rows, Themes.home_office(), rejected=3, record=note)
    nuisance = Themes.home_office()["vehicle_nuisance"]
    assert (
        note.themes["vehicle_nuisance"]
        == nuisance.without_one(rejected=3)
        != nuisance.without_one()
    )
