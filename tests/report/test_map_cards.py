"""Cards of the listed places, the sentence above them, and how sure a place is."""

import numpy as np
import pandas as pd
import pytest
from map_samples import (
    behind_of,
    data_of,
    partner_record,
    sample_areas,
    sample_district,
    sample_periods,
    sample_pspo,
    sample_record,
)

import hotspots as hs
from hotspots.analysis.when.cards_of_places import PlaceCards
from hotspots.disclosure import parts_of_cards, release_cards
from hotspots.report.map import map_areas
from hotspots.report.sheet_columns import with_sureness
from hotspots.report.text.ground_words import ENDED, NOT_BEGUN, in_force
from hotspots.report.text.headline import LIKELY, UNCLEAR, verdict

MONTHS = tuple(str(month) for month in pd.period_range("2016-08", "2018-07", freq="M"))


def cards_of(areas, *, hours=True):
    """Cards anybody can check: a place of rank k has k + 10 incidents in every month.

    All of the period's are on Friday at 22; two of them are a nuisance.
    """
    ids = areas["rank"].dropna().sort_values(kind="stable").index[:8]
    size = len(ids)
    each = np.arange(size)[:, None] + 10.0 + np.zeros(len(MONTHS))
    week = np.zeros((size, 7, 24))
    counts = areas.loc[ids, "incident_count"].to_numpy(dtype=np.int64)
    week[:, 4, 22] = counts
    return PlaceCards(
        ids, MONTHS, each, each - 4, each + 4, 1, week,
        counts * hours, counts,
        tuple((("ASB noise <b>", n - 2.0), ("ASB nuisance", 2.0)) for n in counts),
    )  # fmt: skip


def page_of(record, cards, **options):
    released = hs.release(
        [sample_areas("asb")], zones=[sample_district(), sample_pspo()], record=record,
        area_periods=sample_periods("asb"), behind=behind_of(record),
    )  # fmt: skip
    if record.audience == "partner":
        released = released.with_breakdowns(parts_of_cards(cards, "asb"))
    shown = release_cards(cards, released, "asb")
    return map_areas(released, cards={"asb": shown}, **options)


def test_the_page_holds_the_cards_of_the_listed_places_and_of_no_other():
    areas = sample_areas("asb")
    theme = data_of(page_of(sample_record(audience="internal"), cards_of(areas)))["themes"][0]
    assert [place["card"]["months"] for place in theme["top"]] == [[10 + k] * 24 for k in range(5)]
    first = areas.nsmallest(5, "rank")["incident_count"]
    assert [place["card"]["mix"] for place in theme["top"]] == [
        [["noise <b>", count - 2], ["nuisance", 2]] for count in first
    ]
    assert sum(theme["cardMonths"]["now"]) == 1
    text = page_of(sample_record(audience="internal"), cards_of(areas)).to_html()
    assert text.count("18–24 h, 100%") == 0 and text.count("17–23 h, 100%") == 5
    assert "noise <b>" not in text


def test_without_hours_there_is_no_week():
    areas = sample_areas("asb")
    page = page_of(sample_record(audience="internal"), cards_of(areas, hours=False))
    assert all(place["card"]["week"] is None for place in data_of(page)["themes"][0]["top"])


def test_a_partner_gets_six_hour_bands_of_five_and_more():
    areas = sample_areas("asb")
    theme = data_of(page_of(partner_record(), cards_of(areas)))["themes"][0]
    for place in theme["top"]:
        card = place["card"]
        assert card["hours"] == 6 and card["months"] == []
        told = {n for day in card["week"] for n in day if n} | {n for _, n in card["mix"]}
        assert told and all(n >= 5 and n % 5 == 0 for n in told)
    page = page_of(sample_record(audience="internal"), cards_of(areas))
    assert "card" in data_of(page)["themes"][0]["top"][0]


def test_the_sentence_says_what_the_places_hold_and_how_they_moved():
    now = sample_areas("asb").assign(is_hotspot=False)
    then = sample_areas("asb", "2017-07")
    found = hs.release([now], earlier=[then], record=sample_record())
    page = map_areas(found, previous=hs.release([then], record=sample_record()))
    said = page.view["themes"][0]["changed"]
    five = now.nsmallest(5, "rank")
    moved = five["incident_count"] - then["incident_count"].reindex(five.index)
    share = five["incident_count"].sum() / now["incident_count"].sum()
    assert f"hold {share:.0%} of it" in said
    for word, number in (("rose", (moved > 0).sum()), ("fell", (moved < 0).sum())):
        assert (word in said) == (number > 0)


@pytest.mark.parametrize(
    ("high", "word"), [(3, LIKELY), (10, LIKELY), (11, UNCLEAR), (None, ""), (float("nan"), "")]
)
def test_a_place_is_likely_where_its_worst_plausible_rank_is_high_enough(high, word):
    assert verdict(high, listed=5, ranked=300) == word


def test_no_place_is_likely_where_twice_the_list_is_all_there_are():
    areas = sample_areas("asb").query("rank > 0").sort_values("rank", kind="stable")
    for many in (8, 40):
        few = areas.head(many).assign(rank=range(1, many + 1), rank_low=1, rank_high=8)
        page = map_areas(few, record=sample_record())
        said = [place["verdict"] for place in data_of(page)["themes"][0]["top"]]
        assert said == ["" if many == 8 else LIKELY] * 5
        assert ("twice this list" in page.to_html()) == (many == 40)
        assert ("likely_listed" in with_sureness(few)) == (many == 40)


def test_an_order_is_in_force_between_its_dates_and_no_longer():
    span = pd.Timestamp("2018-07-01", tz="Europe/London"), pd.Timestamp("2018-08-01", tz="UTC")
    dates = [("2017-01-01", "2018-06-30"), ("2018-08-01", None), ("2018-07-31", "2018-07-31")]
    words = [in_force({"valid_from": a, "valid_until": b}, span) for a, b in dates]
    assert words == [ENDED, NOT_BEGUN, ""]
    assert in_force({"valid_from": None, "valid_until": None}, span) == ""


def test_one_incident_or_none_is_never_outlined_as_more_than_chance():
    areas = sample_areas("asb").assign(is_hotspot=True, incident_count=1)
    flags = data_of(map_areas(areas, record=sample_record()))["themes"][0]["flags"]
    assert flags == []


def test_of_what_was_not_tested_the_card_says_nothing_of_chance():
    areas = sample_areas("asb").nlargest(3, "incident_count").assign(
        is_hotspot=[True, False, False], is_core=[False, False, False],
        evidence=["beyond-chance", "could-be-chance", "not-tested"],
    )  # fmt: skip
    cells = data_of(map_areas(areas, record=sample_record()))["themes"][0]["cells"]
    assert (cells["hot"], cells["core"]) == ([1, 0, None], [0, None, None])


def test_numbers_on_a_card_are_rounded_once_as_in_the_workbook():
    areas = sample_areas("serious_violence").assign(harm=7703.4835, largest_point_share=5 / 13)
    cells = data_of(map_areas(areas, record=sample_record()))["themes"][1]["cells"]
    assert {f"{harm:,.0f}" for harm in cells["harm"]} == {"7,703"}
    assert {f"{share:.0%}" for share in cells["point"]} == {"38%"}


def test_what_was_not_tested_is_not_drawn_as_what_could_be_chance():
    areas = sample_areas("asb").assign(is_hotspot=False, evidence="could-be-chance", p_value=0.5)
    quiet, edge = areas["incident_count"].nlargest(2).index
    areas.loc[[quiet, edge], "evidence"] = "not-tested"
    areas.loc[edge, "p_value"] = np.nan
    theme = data_of(map_areas(areas, record=sample_record()))["themes"][0]
    hot, count = theme["cells"]["hot"], theme["cells"]["count"]
    assert [hot[count.index(areas["incident_count"][area])] for area in (quiet, edge)] == [2, None]
    assert hot.count(0) == len(hot) - 2
    assert theme["classes"]["hot"]["missing"]["label"] == "Not tested"


@pytest.mark.parametrize(
    ("readers", "said"), [("internal", "Own officers and staff only"), ("public", "The public")]
)
def test_the_head_says_whom_the_page_is_for_and_that_it_is_old(readers, said):
    record = sample_record(audience=readers, marking="OPEN DATA")
    new = map_areas(hs.release([sample_areas("asb")], record=record)).to_html().split("<main")[0]
    record = record.copy(current=False)
    old = map_areas(hs.release([sample_areas("asb")], record=record)).to_html().split("<main")[0]
    assert said in new and "ot current" not in new
    assert said in old and "ot current" in old
