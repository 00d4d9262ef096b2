"""Days of the busiest hours, orders in force, and lists that end within a tie."""

import re

import numpy as np
import pandas as pd
import pytest
from map_samples import sample_areas
from scipy.stats import binom

from hotspots.analysis.ranking import how_many_listed
from hotspots.core.record import ThemeStatus
from hotspots.report.map.earlier import find_before
from hotspots.report.map.theme_tables import ThemeTables, top_places
from hotspots.report.text.area_changes import change_words
from hotspots.report.text.ground_words import in_force, standing
from hotspots.report.text.headline import _at_least, busiest, busiest_days, what_changed
from hotspots.report.text.theme import describe_theme

SAME_NUMBER = "the same number"
SPAN = pd.Timestamp("2025-04-01", tz="Europe/London"), pd.Timestamp("2026-04-01", tz="UTC")


def test_hours_after_midnight_are_those_of_the_night_before():
    week = np.zeros((7, 24))
    for day in (4, 5):
        week[day, 22:], week[day + 1, :4] = 5, 5
    assert (
        busiest_days(week, 1) == "Mostly Friday and Saturday, 22–04 h: 60 of the 60 at these hours."
    )
    sunday = np.zeros((7, 24))
    sunday[6, 23], sunday[0, 0] = 8, 8
    assert busiest_days(sunday, 1).startswith("Mostly Sunday, ")
    assert busiest(week, 1).split(",")[0] in busiest_days(week, 1)


@pytest.mark.parametrize(
    ("few", "whole", "share"), [(9, 15, 2 / 7), (1, 1, 1 / 7), (900, 3000, 0.3)]
)
def test_the_chance_of_so_many_is_that_of_the_binomial(few, whole, share):
    assert _at_least(few, whole, share) == pytest.approx(binom.sf(few - 1, whole, share), rel=1e-6)


def test_few_incidents_on_few_days_could_be_chance():
    week = np.zeros((7, 24))
    week[[0, 2, 5, 5], [20, 21, 20, 22]] = 1
    assert busiest_days(week, 1).endswith("; chance could give this.")


@pytest.mark.parametrize(("others", "word"), [(3, "Mostly"), (4, "More on")])
def test_mostly_is_more_than_half(others, word):
    week = np.zeros((7, 24))
    week[5, 20], week[:others, 20] = 4, 1
    assert busiest_days(week, 1).startswith(f"{word} Saturday, ")


def test_three_calls_about_each_of_few_troubles_could_be_chance():
    """Nights of one to twelve troubles on any day: hardly a card says no word of chance."""
    rng, sure = np.random.default_rng(4), 0
    for _ in range(200):
        week = np.zeros((7, 24))
        np.add.at(week, (rng.integers(0, 7, 12), rng.integers(0, 24, 12)), 3)
        said = busiest_days(week, 1)
        sure += not said.startswith("Spread") and not said.endswith("chance could give this.")
    assert sure <= 16


@pytest.mark.parametrize(
    ("until", "force"),
    [("2025-03-31", "ended"), ("2026-03-30", "ended within the period"), ("2026-03-31", "")],
)
def test_an_order_is_in_force_to_its_last_day(until, force):
    order = {"kind": "pspo", "valid_from": "2023-04-01", "valid_until": until}
    assert in_force(order, SPAN) == force
    assert standing(order, SPAN).startswith("ended on" if force else "in force to")


def test_zones_without_dates_claim_nothing_and_orders_say_so():
    assert standing({"kind": "student"}, SPAN) == ""
    assert "not known" in standing({"kind": "pspo"}, SPAN)


@pytest.mark.parametrize("seed", range(4))
def test_a_list_never_parts_places_that_tie_unless_nothing_stands_above(seed):
    counts = pd.Series(np.random.default_rng(seed).integers(1, 12, 60))
    ranks = counts.rank(method="min", ascending=False)
    for most in range(1, 15):
        listed = how_many_listed(ranks.sample(frac=1, random_state=seed), most)
        order = ranks.sort_values().to_numpy()
        whole = order[listed - 1] != order[listed]
        assert listed <= 2 * most and (whole or order[listed - 1] == 1)


def test_headline_and_sentence_give_places_at_the_edge_one_share_of_the_ground():
    cells = sample_areas()
    cells = cells.assign(share_inside=np.where(cells["rank"] <= 5, 0.25, 1.0))
    status = ThemeStatus("asb", "Anti-social behaviour", "measured")
    theme = ThemeTables(status, whole=cells, cells=cells)
    theme.top = top_places(theme, 5)
    said = describe_theme(cells, status, place="Leeds", when="in July 2018")
    shares = [re.findall(r"[\d.]+% of the ground", one) for one in (what_changed(theme), said)]
    assert shares[0] == shares[1] != []
    theme.whole = cells.assign(wins=1)
    assert what_changed(theme) == "", "candidates are no parts of one ground"


@pytest.mark.parametrize("known", [False, True])
def test_headline_and_cards_say_one_thing_of_a_change(known):
    cells = sample_areas()
    theme = ThemeTables(ThemeStatus("asb", "ASB", "measured"), whole=cells, cells=cells)
    theme.top, theme.previous = top_places(theme, 5), [sample_areas("asb", "2017-07")]
    theme.before, _ = find_before(theme, 5)
    changes = theme.before.changes
    if known:
        changes["held_against"] = "months"
    cards = [changes.at[theme.place(place).name, "change"] for place in theme.top]
    words = {change_words(card, rounded=False).split(", ")[-1] for card in cards} - {SAME_NUMBER}
    assert words == {"could be chance"} and "could be chance" in what_changed(theme)
    assert "chance" not in what_changed(theme).replace("could be chance", "")
