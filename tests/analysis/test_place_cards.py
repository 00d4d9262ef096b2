"""Cards of places: every incident once, the exact ones for us, classes of five for partners."""

import numpy as np
import pandas as pd
import pytest

import hotspots as hs
from hotspots.analysis.when.cards_of_places import place_cards
from hotspots.disclosure import parts_of_cards, release_cards


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


def test_a_partner_sees_parts_in_fives_that_leave_the_counts_open(asked, cells):
    cells = cells.assign(theme="all")
    cards = place_cards(asked, cells.index)
    released = hs.release([cells], audience="partner", marking="OFFICIAL")
    assert np.isnan(release_cards(cards, released, "all").week).all()
    broken = released.with_breakdowns(parts_of_cards(cards, "all"))
    shown = release_cards(cards, broken, "all")
    assert shown.week.shape[1:] == (7, 4) and shown.months == ()
    told = np.concatenate([shown.week[np.isfinite(shown.week)], shown.counts, shown.timed])
    told = np.append(told, [count for mix in shown.offences for _, count in mix])
    assert (told % 5 == 0).all() and np.nanmin(shown.week) >= 5
    small = cells.index[cells["incident_count"] < 5]
    assert not shown.area_ids.isin(small).any()
    for _, parts in broken.breakdowns.groupby(["area_id", "breakdown"]):
        high = parts["shown_high"].astype(float).fillna(np.inf).sum()
        bounds = broken.areas[0].loc[parts["area_id"].iloc[0], ["shown_low", "shown_high"]]
        if parts["incident_count"].notna().any():
            assert parts["shown_low"].sum() + 2 <= bounds.iloc[0] and high >= bounds.iloc[1] + 2
    public = release_cards(cards, hs.release([cells], audience="public", marking="X"), "all")
    assert np.isnan(public.week).all() and not any(public.offences)


def test_incidents_known_to_the_month_have_no_week(asked, cells):
    rows = asked.everything.assign(time_precision="month")
    coarse = hs.assign_cells(hs.select(rows, asked.question), asked.grid)
    cards = place_cards(coarse, cells.index)
    assert not cards.timed.any() and not cards.week.any() and cards.counts.any()
    assert pd.notna(cards.month_counts[:, -1]).all()


def test_no_places_have_no_parts(asked, cells):
    assert parts_of_cards(place_cards(asked, cells.index[:0]), "all").empty
