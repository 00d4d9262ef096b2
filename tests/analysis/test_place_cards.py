"""Cards of places: every incident once, the exact ones for us, classes of five for partners."""

import numpy as np
import pandas as pd
import pytest

import hotspots as hs
from hotspots.analysis.when import place_cards
from hotspots.disclosure import release_cards


@pytest.fixture(scope="module")
def asked():
    town = hs.synthetic_town(incidents=4_000)
    question = hs.Question(period="2025-04/2026-03", within=town.district)
    return hs.assign_cells(hs.select(town.incidents, question), hs.H3Grid(7))


@pytest.fixture(scope="module")
def cells(asked):
    return hs.aggregate_to_cells(asked)


def test_every_incident_is_in_one_month_one_hour_and_one_offence(asked, cells):
    cards = place_cards(asked, cells.index)
    assert cards.counts.tolist() == cells["incident_count"].tolist()
    assert cards.week.sum(axis=(1, 2)) == pytest.approx(cards.timed)
    assert [sum(count for _, count in mix) for mix in cards.offences] == cards.counts.tolist()
    year = cards.month_counts[:, [name >= "2025-04" for name in cards.months]]
    assert cards.months[-1] == "2026-03" and len(cards.months) == 36
    assert year.sum(axis=1).tolist() == cards.counts.tolist()
    at = cards.months.index("2024-08")
    assert cards.month_counts[:, at].sum() == asked.during("2024-08").total


def test_nine_months_of_ten_lie_where_they_are_expected(asked, cells):
    cards = place_cards(asked, cells.index[cells["incident_count"] >= 30])
    inside = (cards.month_counts >= cards.month_low) & (cards.month_counts <= cards.month_high)
    assert 0.85 <= inside.mean() <= 0.99


def test_areas_come_in_the_order_asked_and_others_do_not_matter(asked, cells):
    some = cells.index[[5, 2]]
    few, all_of_them = place_cards(asked, some), place_cards(asked, cells.index)
    assert few.week == pytest.approx(all_of_them.week[[5, 2]])
    assert few.month_high.tolist() == all_of_them.month_high[[5, 2]].tolist()


def test_a_cluster_has_the_months_of_its_question(asked):
    members = hs.assign_clusters(asked, radius_m=400, min_incidents=30)
    cards = place_cards(members, members.parts.ids)
    assert np.nansum(cards.month_counts, axis=1).tolist() == cards.counts.tolist()


def test_a_partner_gets_bands_of_six_hours_in_fives_and_no_small_number(asked, cells):
    cards = place_cards(asked, cells.index)
    shown = release_cards(cards, cells, "partner")
    assert shown.week.shape[1:] == (7, 4) and shown.months == ()
    numbers = [shown.week[np.isfinite(shown.week)], shown.counts, shown.timed]
    numbers.append(np.array([count for mix in shown.offences for _, count in mix]))
    for held in map(np.asarray, numbers):
        assert (held % 5 == 0).all()
    assert np.nanmin(shown.week) >= 5 and all(n >= 5 for mix in shown.offences for _, n in mix)
    assert shown.counts[cards.counts < 5].sum() == 0
    hidden = cells.assign(
        incident_count=cells["incident_count"].astype(float).where(cells.index == "")
    )
    assert len(release_cards(cards, hidden, "partner").area_ids) == 0
    public = release_cards(cards, cells, "public")
    assert np.isnan(public.week).all() and not any(public.offences) and not public.counts.any()


def test_incidents_known_to_the_month_have_no_week(asked, cells):
    rows = asked.everything.assign(time_precision="month")
    coarse = hs.assign_cells(hs.select(rows, asked.question), asked.grid)
    cards = place_cards(coarse, cells.index)
    assert not cards.timed.any() and not cards.week.any() and cards.counts.any()
    assert pd.notna(cards.month_counts[:, -1]).all()
