"""Baskets: the bundled questions, their proxies and their refusals."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from refusing import refused

from hotspots.core.errors import DataError, InputError
from hotspots.offences.baskets import (
    NO_FLAG,
    basket_members,
    basket_names,
    basket_status,
    load_basket,
)

CLEAR_HOLD_BUILD = {
    "class_b",
    "cannabis_possession",
    "cannabis_trafficking",
    "weapon_possession",
    "violence_excl_s47_domestic",
}


def rows(offences: list[str], scheme: str = "home_office", **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"offence": offences, "offence_scheme": scheme, **columns})


def test_every_bundled_basket_loads_is_cited_and_reads_both_schemes() -> None:
    for name in basket_names():
        basket = load_basket(name)
        assert basket.title and basket.source
        for scheme in ("police_uk", "home_office"):
            status = basket_status(basket, scheme)
            assert status.label
            assert status.state == "measured" or status.note


def test_the_questions_of_the_mission_are_there() -> None:
    wanted = {"asb", "serious_violence", "vehicle_nuisance", "knife_crime", "arson"}
    wanted |= {"victim_reported", "asb_personal", "asb_nuisance", "asb_environmental"}
    assert wanted | CLEAR_HOLD_BUILD <= set(basket_names())


@pytest.mark.parametrize(
    ("basket", "inside", "outside"),
    [
        ("class_b", ["092/60", "92/61", "093/72", "92/21", "92/81"], ["092/50", "092/30", "46"]),
        ("cannabis_possession", ["092/61", "92/66", "92E"], ["092/60", "092/41", "92D"]),
        ("cannabis_trafficking", ["092/21", "092/41", "92/81"], ["092/61", "092/30"]),
        ("weapon_possession", ["10A", "8/26", "8/11", "008/27", "008/64", "081/05", "90"], ["8N"]),
        ("knife_crime", ["8/26", "10D", "90"], ["10B", "34B"]),
        ("arson", ["56A", "56/2"], ["58A", "058/01"]),
        ("asb_personal", ["ASB - personal"], ["ASB nuisance", "ASB noise", "46"]),
        ("victim_reported", ["8N", "46", "28E"], ["92D", "10D", "802"]),
    ],
)
def test_baskets_hold_what_they_say(basket: str, inside: list[str], outside: list[str]) -> None:
    members = basket_members(rows([*inside, *outside]), basket)
    assert members.tolist() == [True] * len(inside) + [False] * len(outside)


def test_violence_without_section_47_and_domestic_abuse() -> None:
    codes = ["8/1", "8/6", "8/60", "105/1", "5D", "4.4", "8L", "11A", "20A", "36/1"]
    table = rows(codes, domestic=[False] * len(codes))
    members = basket_members(table, "violence_excl_s47_domestic")
    assert table["offence"][members].tolist() == ["8/1", "105/1", "5D", "36/1"]
    at_home = table.assign(domestic=True)
    assert not basket_members(at_home, "violence_excl_s47_domestic").any()


def test_violence_without_domestic_abuse_is_refused_without_the_flag() -> None:
    table = rows(["8/1"])
    with refused("question-not-carried", NO_FLAG, kind=DataError):
        basket_members(table, "violence_excl_s47_domestic")
    status = basket_status("violence_excl_s47_domestic", "home_office", incidents=table)
    assert status.state == "absent" and "domestic abuse flag" in status.note


def test_codes_too_coarse_for_the_question_are_an_error_that_counts_them() -> None:
    table = rows(["8N", "8N", "5D"], domestic=[False] * 3)
    with refused("offence-too-coarse", "'8N'", "2 times", kind=DataError):
        basket_members(table, "violence_excl_s47_domestic")
    loose = basket_members(table, "violence_excl_s47_domestic", undecided="in")
    strict = basket_members(table, "violence_excl_s47_domestic", undecided="out")
    assert (loose.tolist(), strict.tolist()) == ([True, True, True], [False, False, True])


@pytest.mark.parametrize("basket", sorted(CLEAR_HOLD_BUILD - {"weapon_possession"}))
def test_police_uk_answers_clear_hold_build_with_a_labelled_proxy(basket: str) -> None:
    status = basket_status(basket, "police_uk")
    assert status.state == "proxy"
    assert status.label != load_basket(basket).title


@pytest.mark.parametrize("basket", ["arson", "vehicle_nuisance", "asb_nuisance"])
def test_police_uk_refuses_what_it_does_not_carry_and_says_why(basket: str) -> None:
    assert basket_status(basket, "police_uk").state == "absent"
    with refused("question-not-carried", "not zero", kind=DataError):
        basket_members(rows(["Vehicle crime"], "police_uk"), basket)


def test_a_table_of_two_sources_is_read_by_the_scheme_of_each_row() -> None:
    both = pd.concat(
        [rows(["10D", "46"]), rows(["Possession of Weapons", "Robbery"], "police_uk")],
        ignore_index=True,
    )
    assert basket_members(both, "knife_crime").tolist() == [True, False, True, False]


def test_a_scheme_the_basket_does_not_mention_is_refused() -> None:
    with refused("question-not-carried", "'council'", kind=DataError):
        basket_members(rows(["Noise"], "council"), "knife_crime")


def test_an_asb_log_that_types_nothing_cannot_say_what_is_personal() -> None:
    log = rows(["ASB noise"])
    assert basket_status("asb_personal", "home_office", incidents=log).state == "absent"


def test_row_order_and_labels_change_nothing_and_the_input_is_untouched() -> None:
    table = rows(["8/26", "34B", "10D"])
    before = table.copy(deep=True)
    turned = table.iloc[::-1].set_axis(["c", "b", "a"])
    members = basket_members(turned, "knife_crime")
    assert members.index.tolist() == ["c", "b", "a"]
    assert members.tolist() == basket_members(table, "knife_crime").tolist()[::-1]
    pd.testing.assert_frame_equal(table, before)


def test_an_empty_table_has_no_members() -> None:
    assert basket_members(rows([]), "knife_crime").tolist() == []


def test_unknown_offences_and_baskets_are_errors_that_name_them() -> None:
    with refused("unknown-offence", "Wizardry", kind=DataError):
        basket_members(rows(["Wizardry"]), "knife_crime")
    with pytest.raises(InputError, match="knife_crime"):
        load_basket("knives")


@pytest.mark.parametrize(
    "text",
    [
        "title =",
        '[police_uk]\nstate = "measured"\noffences = ["Robbery"]\n',
        'title = "x"\n[police_uk]\nstate = "measured"\noffences = ["Wizardry"]\n',
        'title = "x"\nsurprise = 1\n',
        'title = "x"\n[police_uk]\nstate = "absent"\noffences = ["Robbery"]\n',
    ],
)
def test_a_broken_basket_is_an_error_that_names_the_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"broken\.toml"):
        load_basket(file)
