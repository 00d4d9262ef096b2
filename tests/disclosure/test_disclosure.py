"""Disclosure control, tried as somebody would who wants to know what was withheld."""

from __future__ import annotations

import tomllib
from itertools import combinations_with_replacement, pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from disclosing import disclose_record, disclose_table, disclose_tables
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refusing import refused
from scipy.optimize import Bounds, LinearConstraint, milp
from shapely.geometry import Point, box

import hotspots as hs
from hotspots.core.caveats import Caveat
from hotspots.core.record import Account, SourceFile, ThemeStatus
from hotspots.core.states import HarmShown, Shown
from hotspots.disclosure.suppress import harm_band

JULY = ("2018-07-01", "2018-08-01")
AUGUST = ("2018-08-01", "2018-09-01")
SUMMER = ("2018-07-01", "2018-09-01")
KINDS = {"partner": "h3-9", "public": "h3-8"}
SCALE = Path(hs.__file__).parent / "data" / "harm" / "ons_css_police_uk_west_yorkshire.csv"
WEIGHTS = np.array(sorted(pd.read_csv(SCALE)["weight"].dropna()))


def a_record(audience="partner", **changes):
    marking = {"public": "FOR PUBLICATION", "protect": "OFFICIAL-SENSITIVE PROTECT"}
    given = {"title": "Town", "marking": marking.get(audience, "OFFICIAL"), "audience": audience}
    record = hs.RunRecord(**(given | changes))
    record.tell_themes(ThemeStatus("violence", "Violence", "measured"))
    record.tell_themes(ThemeStatus("asb", "ASB", "measured"))
    record.sources.append(SourceFile("own.csv", "ab" * 32, 1003, 1002, 1, 3))
    return record


def areas_of(events, *, kind="h3-9", theme="violence", period=JULY, places=None):
    """One area for every list of weights (missing: no weight); everything computed from them."""
    rows = []
    for number, weights in enumerate(events):
        known = np.array([w for w in weights if not np.isnan(w)], dtype=float)
        count, harm = len(weights), known.sum() if len(known) or not weights else np.nan
        place = places[number] if places else (1 / count if count else np.nan)
        rows.append(
            {
                "kind": kind,
                "theme": theme,
                "period_from": pd.Timestamp(period[0], tz="Europe/London"),
                "period_until": pd.Timestamp(period[1], tz="Europe/London"),
                "incident_count": count,
                "unweighted_count": count - len(known),
                "unique_points": max(count, 0),
                "largest_point_share": place,
                "area_km2": 0.25,
                "share_inside": 1.0,
                "place_name": f"Street {number}",
                "ward_name": "Ward",
                "harm": harm,
                "harm_low": harm * 0.8,
                "harm_high": harm * 1.3,
                "largest_event_share": known.max() / harm if len(known) and harm else np.nan,
                "z": float(count) - 1.0,
                "is_hotspot": count > 7,
                "tested_value": "count",
            }
        )
    squares = [box(500 * n, 0, 500 * n + 500, 500) for n in range(len(rows))]
    names = pd.Index([f"a{n:03d}" for n in range(len(rows))], name="area_id", dtype=object)
    areas = gpd.GeoDataFrame(rows, geometry=squares, crs=27700).set_axis(names)
    areas["harm_share"] = areas["harm"] / areas["harm"].sum()
    return areas


def counted(counts, **changes):
    """Areas of so many incidents, all of the same weight."""
    return areas_of([[11.9] * count for count in counts], **changes)


def ranked(areas, by="count"):
    ordered = hs.rank_areas(areas, by=by)
    return ordered.assign(rank_low=ordered["rank"], rank_high=ordered["rank"], stability=0.9)


def disclosed(areas, audience="partner", **changes):
    return disclose_table(areas, a_record(audience), **changes)


some_counts = st.lists(st.integers(0, 14), min_size=1, max_size=12)
quick = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


# ------------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("audience", ["internal", "partner", "public", "protect"])
def test_the_input_is_left_as_it_was(audience):
    areas = ranked(counted([7, 1, 0, 12, 3], kind=KINDS.get(audience, "h3-9")))
    before = areas.copy()
    disclosed(areas, audience)
    pd.testing.assert_frame_equal(areas, before)


@pytest.mark.parametrize("audience", ["internal", "protect"])
def test_internal_and_protect_products_see_everything(audience):
    areas = ranked(counted([7, 1, 0]))
    pd.testing.assert_frame_equal(disclosed(areas, audience), areas)


@pytest.mark.parametrize("audience", ["partner", "public"])
@pytest.mark.parametrize("size", [0, 1, 5])
def test_disclosing_twice_is_disclosing_once(audience, size):
    areas = ranked(counted([7, 1, 0, 12, 3], kind=KINDS[audience])).iloc[:size]
    record = a_record(audience)
    once = disclose_table(areas, record)
    caveats = record.caveats
    twice = disclose_table(once, record)
    pd.testing.assert_frame_equal(once, twice)
    assert record.caveats == caveats


def test_what_is_safe_for_the_public_is_safe_for_partners_but_not_the_other_way_round():
    public = disclosed(counted([7, 1, 0, 12], kind="h3-8"), "public")
    pd.testing.assert_frame_equal(disclosed(public, "partner"), public)
    partner = disclosed(counted([7, 1, 0, 12], kind="h3-8"), "partner")
    again = disclosed(partner, "public")
    assert again["incident_count"].dropna().mod(5).eq(0).all()


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_row_order_labels_and_extra_columns_change_nothing(audience):
    areas = ranked(counted([7, 1, 0, 12, 3, 7], kind=KINDS[audience]))
    wanted = disclosed(areas, audience)
    shuffled = areas.iloc[[3, 0, 5, 1, 4, 2]].assign(officer_note="by name", robbery_count=1)
    pd.testing.assert_frame_equal(disclosed(shuffled, audience), wanted)


@pytest.mark.parametrize("audience", ["partner", "public"])
@quick
@given(counts=some_counts)
def test_small_counts_and_none_look_the_same_and_all_others_are_rounded(audience, counts):
    areas = ranked(counted(counts, kind=KINDS[audience]))
    shown = disclosed(areas, audience)["incident_count"]
    truth = areas["incident_count"].loc[shown.index]
    assert shown.isna().eq(truth < 5).all()
    assert shown.dropna().mod(5).eq(0).all()
    assert (shown - truth).abs().dropna().le(2).all()


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_what_was_withheld_is_counted_in_the_record_and_said_to_the_reader(audience):
    record = a_record(audience)
    safe = disclose_table(counted([7, 1, 0, 12, 3], kind=KINDS[audience]), record)
    (entry,) = record.choices["release"]
    assert entry["counts_withheld"] == int(safe["incident_count"].isna().sum()) == 3
    told = record.caveats[-1]
    assert (told.rule, told.values["held"], told.values["areas"]) == ("withheld", 3, 5)


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_empty_tables_stay_well_formed(audience):
    safe = disclosed(counted([3], kind=KINDS[audience]).iloc[:0], audience)
    assert len(safe) == 0
    assert {"incident_count", "shown", "geometry"} <= set(safe.columns)


# ---------------------------------------------------------------- attack 1: decoding harm by weight


def compositions(size):
    """Every way to have so many incidents: how many of each weight, and the total."""
    picks = np.array(list(combinations_with_replacement(range(len(WEIGHTS)), size)))
    numbers = np.stack([(picks == n).sum(axis=1) for n in range(len(WEIGHTS))], axis=1)
    return numbers, WEIGHTS[picks].sum(axis=1), WEIGHTS[picks].max(axis=1)


def fits_the_band(size, shown, low, high):
    """Every way to have so many incidents that would be shown so, with that band of harm."""
    numbers, totals, largest = compositions(size)
    of_shown = totals / size * shown
    return numbers[(of_shown >= low) & (of_shown < high) & (largest <= 0.5 * totals + 1e-9)]


def test_knowing_all_weights_the_band_of_harm_tells_neither_the_count_nor_any_offence():
    """Every possible area with a shown 5, attacked by trying every composition."""
    shown, sizes = 5, (5, 6, 7)
    bands = set()
    for size in sizes:
        _, totals, largest = compositions(size)
        not_dominated = largest <= 0.5 * totals
        of_shown = totals[not_dominated] / size * shown
        bands |= set(zip(*(edge.tolist() for edge in harm_band(of_shown)), strict=True))
    assert len(bands) >= 4
    for low, high in bands:
        numbers = np.concatenate([fits_the_band(size, shown, low, high) for size in sizes])
        counts = numbers.sum(axis=1)
        assert set(counts) == set(sizes)
        fewest, most = numbers.min(axis=0), numbers.max(axis=0)
        assert not ((fewest == most) & (fewest >= 1) & (fewest <= 4)).any()


@pytest.mark.parametrize("weight", WEIGHTS.tolist())
def test_where_all_offences_weigh_the_same_harm_tells_counts_shown_alike_not_apart(weight):
    """Five, six and seven robberies: bands of their exact harm would tell seven from five."""
    safe = disclosed(areas_of([[weight] * n for n in (5, 6, 7)] + [[47.4] * 20]))
    assert safe["harm"].iloc[1:].nunique() == 1
    assert safe["incident_count"].iloc[1:].tolist() == [5, 5, 5]


def test_the_exact_harm_would_tell_which_shows_that_the_attack_can_succeed():
    numbers, totals, _ = compositions(5)
    one = np.isclose(totals, 799.6 + 4 * 11.9, atol=0.05)
    assert len(numbers[one]) == 1


@pytest.mark.parametrize("weights", [[799.6], [799.6, 11.9], [386.2] * 4, [11.9] * 4])
def test_harm_of_fewer_than_five_incidents_is_withheld(weights):
    safe = disclosed(areas_of([weights, [47.4] * 8, [80.4] * 3, []]))
    row = safe.loc["a000"]
    derived = ["incident_count", "harm", "harm_low", "harm_high", "harm_share", "z"]
    assert row[[*derived, "largest_event_share", "unweighted_count"]].isna().all()
    assert row["place_name"] is None and row["ward_name"] is None
    assert row["shown"] in (Shown.SMALL, Shown.LINKED)


def test_one_robbery_among_many_small_thefts_is_not_given_away_by_their_harm():
    safe = disclosed(areas_of([[799.6] + [11.9] * 9, [47.4] * 8, [80.4] * 6]))
    row = safe.loc["a000"]
    assert row["incident_count"] == 10
    assert row[["harm", "harm_low", "harm_high", "harm_share", "largest_event_share"]].isna().all()
    assert row["harm_shown"] == HarmShown.WITHHELD


def test_one_robbery_among_many_unweighted_incidents_is_not_given_away():
    """Ten incidents, nine of them ASB without a weight: the harm is the robbery."""
    none = float("nan")
    safe = disclosed(areas_of([[799.6] + [none] * 9, [47.4, 48.0] + [none] * 9, [none] * 8]))
    assert safe.loc[["a000", "a001"], ["harm", "unweighted_count"]].isna().all(axis=None)


@pytest.mark.parametrize("weighed", [0, 1, 4])
def test_none_and_few_weighed_or_unweighted_incidents_look_the_same(weighed):
    none = float("nan")
    mixed = [[none] * (12 - weighed) + [80.4] * weighed, [none] * weighed + [80.4] * (12 - weighed)]
    safe = disclosed(areas_of([*mixed, [none] * 12 + [80.4] * 12]))
    # How many weigh nothing is the count of other themes, over again.
    assert safe["unweighted_count"].isna().all()
    assert safe.loc["a000", "harm_shown"] == HarmShown.WITHHELD


def test_a_band_and_what_weighs_nothing_leave_the_count_all_of_its_class():
    """Beside a 10 and a 5 a band would say five and five: with four 10 and a ward of 40, a 0."""
    none = float("nan")
    pairs = [(count, light) for count in range(5, 23) for light in range(count + 1)]
    safe = disclosed(areas_of([[none] * n + [80.4] * (count - n) for count, n in pairs]))
    safe = safe.assign(exact=pd.Series([count for count, _ in pairs], sorted(safe.index)))
    banded = safe[safe["harm_shown"] == HarmShown.BAND]
    for _, alike in banded.groupby(["incident_count", "unweighted_count"], dropna=False):
        low, high = alike[["shown_low", "shown_high"]].iloc[0]
        assert set(alike["exact"]) == set(range(low, high + 1))


def test_harm_where_one_place_holds_most_incidents_is_withheld():
    safe = disclosed(areas_of([[47.4] * 8, [47.4] * 8], places=[0.9, 0.3]))
    assert safe["harm"].isna().to_dict() == {"a000": True, "a001": False}


def test_shown_harm_is_the_middle_of_a_band_and_nothing_else():
    areas = areas_of([[47.4] * 8, [48.0] * 8, [80.4] * 9])
    safe = disclosed(areas).sort_index()
    assert safe["harm"].tolist() == [350.0, 350.0, 750.0]
    assert safe["harm_low"].tolist() == [200.0, 200.0, 500.0]
    assert safe["harm_high"].tolist() == [500.0, 500.0, 1000.0]
    assert set(safe["shown"]) == {Shown.ROUNDED} and set(safe["harm_shown"]) == {HarmShown.BAND}


def test_harm_so_high_that_few_offences_are_left_is_withheld():
    """Ten incidents of 20,000 days together and no homicide among them cannot be."""
    safe = disclosed(areas_of([[7979.0, 7979.0, *[1500.0] * 8], [47.4] * 10, [900.0] * 10]))
    assert safe["harm"].isna().to_dict() == {"a000": True, "a001": False, "a002": False}


def test_zones_of_unknown_make_up_show_harm_only_from_a_hundred_weighed_incidents():
    zones = gpd.GeoDataFrame(
        {
            "zone_name": ["A", "B", "C"],
            "kind": "ward",
            "theme": "violence",
            "incident_count": [207, 33, 207],
            "unweighted_count": [0, 0, 206],
            "harm": [9000.0, 2000.0, 799.6],
            "violence_count": [207, 33, 207],
            "violence_harm": [9000.0, 2000.0, 799.6],
        },
        geometry=[box(0, 0, 1, 1)] * 3,
        index=list("abc"),
        crs=27700,
    )
    safe = disclosed(zones)
    assert safe["incident_count"].tolist() == [205, 35, 205]
    assert safe["harm"].tolist()[0] == 7500.0
    assert safe["harm"].isna().tolist() == [False, True, True]
    assert safe["violence_harm"].isna().all()


@quick
@given(
    whole=st.lists(st.sampled_from(WEIGHTS.tolist()), min_size=10, max_size=30),
    lone=st.sampled_from(WEIGHTS.tolist()),
)
def test_subtracting_an_area_from_one_around_it_leaves_more_than_one_offence_possible(whole, lone):
    """A holds all of B's incidents but one; both bands are published; which offence is it?"""
    both = areas_of([whole, [*whole, lone], [47.4] * 6])
    safe = disclosed(both)
    part, all_of_it = safe.loc["a000"], safe.loc["a001"]
    if pd.isna(part["harm"]) or pd.isna(all_of_it["harm"]):
        return
    fewest, most = differences_of_harm(part, all_of_it)
    possible = WEIGHTS[(fewest <= WEIGHTS) & (most >= WEIGHTS)]
    assert lone in possible
    assert len(possible) >= 2


def differences_of_harm(part, all_of_it):
    """Range of the harm of one incident more, over every count the rounded ones leave possible."""
    ranges = []
    for n in range(int(part["incident_count"]) - 2, int(part["incident_count"]) + 3):
        if n < 5 or abs(n + 1 - all_of_it["incident_count"]) > 2:
            continue
        per_incident = [
            [row[edge] / row["incident_count"] for edge in ("harm_low", "harm_high")]
            for row in (part, all_of_it)
        ]
        (low, high), (low_all, high_all) = per_incident
        ranges.append(((n + 1) * low_all - n * high, (n + 1) * high_all - n * low))
    return min(low for low, _ in ranges), max(high for _, high in ranges)


# --------------------------------------------------------------- attack 2: totals and differencing


def what_all_tables_tell(cells, months, district, which, rounding=2):
    """Fewest and most incidents an area can have, by integer programming over all tables."""
    number, periods = len(cells), months.index.get_level_values("period").nunique()
    rows, lows, highs = [], [], []

    def know(members, shown):
        rows.append(np.isin(np.arange(number * periods), members).astype(float))
        lows.append(0 if np.isnan(shown) else max(5, shown - rounding))
        highs.append(np.inf if np.isnan(shown) else shown + rounding)

    position = {name: n for n, name in enumerate(cells.index)}
    for name, shown in cells.items():
        know(position[name] * periods + np.arange(periods), shown)
        highs[-1] = 4 if np.isnan(shown) else highs[-1]
    for number_of_month, ((name, _), shown) in enumerate(months.items()):
        know([position[name] * periods + number_of_month % periods], shown)
    know(np.arange(number * periods), district)
    goal = np.isin(np.arange(number * periods), position[which] * periods + np.arange(periods))
    found = [
        milp(
            sign * goal.astype(float),
            constraints=LinearConstraint(np.array(rows), lows, highs),
            integrality=np.ones(number * periods),
            bounds=Bounds(0, 200),
        )
        for sign in (1, -1)
    ]
    assert all(result.success for result in found)
    return round(found[0].fun), round(-found[1].fun)


@pytest.mark.parametrize("audience", ["partner", "public"])
@pytest.mark.parametrize("seed", range(6))
def test_all_published_tables_together_leave_every_withheld_count_open(audience, seed):
    """Cells, their months and the total of the district, given to an integer programme."""
    rng = np.random.default_rng(seed)
    by_month = rng.negative_binomial(0.6, 0.08, size=(9, 2))
    record = a_record(audience)
    areas = counted(by_month.sum(axis=1), kind=KINDS[audience])
    cells = disclose_table(areas, record)["incident_count"]
    index = pd.MultiIndex.from_product([areas.index, ["2018-06", "2018-07"]])
    months = pd.DataFrame(
        {"theme": "violence", "incident_count": by_month.ravel()},
        index=index.set_names(["area_id", "period"]),
    )
    months = disclose_table(months, record)["incident_count"]
    total = counted([by_month.sum()], kind="ward").assign(zone_name="Town")
    reader = a_record("partner")
    district = disclose_table(total, reader)["incident_count"].iloc[0]
    for name in cells.index[cells.isna()]:
        fewest, most = what_all_tables_tell(cells, months, district, name)
        assert most > fewest


def test_the_attack_on_all_tables_succeeds_where_counts_and_total_are_exact():
    cells = pd.Series([np.nan, 7.0, 9.0], index=list("abc"))
    index = pd.MultiIndex.from_product([list("abc"), ["1"]], names=["area_id", "period"])
    months = pd.Series([np.nan, 7.0, 9.0], index=index)
    assert what_all_tables_tell(cells, months, 18.0, "a", rounding=0) == (2, 2)


def test_two_areas_with_fewer_than_five_incidents_cannot_be_told_apart():
    safe = disclosed(ranked(counted([2, 7, 9, 0, 4])))
    held = safe[safe["incident_count"].isna()]
    assert held.drop(columns=["geometry"]).nunique().max() == 1
    assert list(held.index) == ["a000", "a003", "a004"]


def test_ranks_are_made_again_from_what_is_shown_so_that_no_gap_places_a_withheld_area():
    events = [[80.4] * 10, [799.6, 799.6, 386.2], [47.4] * 6, [386.2, 15.2]]
    safe = disclosed(ranked(areas_of(events), by="harm"))
    assert safe["rank"].dropna().tolist() == [1, 2]
    assert safe[["rank_low", "rank_high", "stability"]].isna().all(axis=None)
    by_count = disclosed(ranked(areas_of(events), by="count"))
    assert by_count["rank"].dropna().tolist() == [1, 2]


def test_statistics_and_flags_made_from_exact_counts_stay_inside():
    made = dict.fromkeys(["p_value", "q_value", "relative_risk", "rank_low", "rank_high"], 0.5)
    made |= dict.fromkeys(["p_top_k", "active_months", "one_event", "one_point", "stability"], 1.0)
    safe = disclosed(counted([9, 8, 12, 1, 2]).assign(**made, n_tested=4))
    assert safe[[*made, "z", "n_tested", "is_hotspot"]].isna().all(axis=None)


def with_evidence(counts, kind, weight, order=None):
    """A table as a run makes it: flags, ranks and their evidence follow from the exact counts."""
    areas = areas_of([[weight] * count for count in counts], kind=kind)
    areas = areas.assign(ranked_by="count", n_tested=int((areas["incident_count"] > 0).sum()))
    exact = areas["incident_count"].astype(float)
    areas["rank_low"], areas["rank_high"] = exact.rank(ascending=False), 1 + exact.rank()
    areas["p_top_k"], areas["stability"] = exact / 100, exact / 50
    areas["active_months"], areas["one_event"], areas["one_point"] = exact, exact == 1, exact == 1
    areas["count_per_km2"] = exact / 0.25
    return hs.rank_areas(areas, by="count") if order is None else areas.iloc[order]


@pytest.mark.parametrize("audience", ["partner", "public"])
@quick
@given(counts=st.lists(st.integers(0, 40), min_size=2, max_size=15))
def test_no_published_column_tells_two_areas_with_the_same_shown_count_apart(audience, counts):
    safe = disclosed(with_evidence(counts, KINDS[audience], float("nan")), audience)
    facts = ["place_name", "geometry"]
    told = safe.drop(columns=facts).astype(object).where(safe.drop(columns=facts).notna(), "none")
    for _, same in told.groupby("incident_count"):
        assert same.astype(str).drop_duplicates().shape[0] == 1


@pytest.mark.parametrize("audience", ["partner", "public"])
@quick
@given(data=st.data(), shown=st.lists(st.sampled_from([0, 5, 10, 15, 100]), min_size=1, max_size=9))
def test_counts_that_are_shown_alike_give_the_same_bytes_and_the_same_order(audience, data, shown):
    def exact(number):
        low, high = (0, 4) if number == 0 else (max(5, number - 2), number + 2)
        return data.draw(st.integers(low, high))

    written = []
    for _ in range(2):
        record = a_record(audience)
        counts = [exact(number) for number in shown]
        areas = with_evidence(counts, KINDS[audience], float("nan"))
        months = areas[["theme", "incident_count"]].assign(period="2018-07")
        months = months.set_index("period", append=True)
        tables = [disclose_table(table, record) for table in (areas, months)]
        caveats = disclose_record(record).manifest()
        written.append([table.to_csv() for table in tables] + [str(caveats)])
    assert written[0] == written[1]


def test_months_cannot_be_subtracted_from_the_total_of_their_area():
    index = pd.MultiIndex.from_product(
        [["a", "b", "c"], ["2018-06", "2018-07"]], names=["area_id", "period"]
    )
    periods = pd.DataFrame(
        {"theme": "violence", "incident_count": [9, 2, 7, 8, 0, 12], "harm": 1.0}, index=index
    )
    safe = disclosed(periods, "partner")
    assert safe["incident_count"].isna().tolist() == [True, True, False, False, True, True]
    assert safe["incident_count"].dropna().tolist() == [5, 10]
    assert safe["harm"].isna().all()
    assert disclosed(periods, "public")["incident_count"].isna().all()


def test_overlaps_keep_the_ground_and_lose_the_incidents():
    overlaps = pd.DataFrame(
        {
            "zone_name": "W",
            "kind": "ward",
            "share_of_area": [0.5],
            "share_of_zone": [0.1],
            "share_of_count": [1 / 7],
            "share_of_harm": [0.9],
        },
        index=pd.MultiIndex.from_tuples([("a", "w")], names=["area_id", "zone_id"]),
    )
    safe = disclosed(overlaps)
    assert safe[["share_of_area", "share_of_zone"]].iloc[0].tolist() == [0.5, 0.1]
    assert safe[["share_of_count", "share_of_harm"]].isna().all(axis=None)


def test_an_exact_earlier_export_cannot_be_subtracted_from_this_one():
    """Twelve then and 10 (8 to 12) now would be none in August: 10 and 15 are merged there."""
    exact = counted([12, 9, 20, 8, 12])
    now = counted([13, 9, 29, 8, 12], period=SUMMER)
    alone, safe = disclosed(now).sort_index(), disclosed(now, earlier=exact).sort_index()
    assert alone["incident_count"].tolist() == [15, 10, 30, 10, 10]
    assert safe["incident_count"].tolist() == [15, 10, 30, 10, 15]
    merged = safe["shown"] == Shown.MERGED_UP
    assert merged.tolist() == [True, False, False, False, True]
    low = safe["incident_count"] - np.where(merged, 4, 2)
    more = safe["incident_count"] + 2 - np.maximum(low, exact["incident_count"])
    assert (more >= 2).all()
    later = counted([13, 9, 29, 8, 12], period=AUGUST)
    assert disclosed(later, earlier=[exact])["incident_count"].notna().all()


def test_the_difference_of_two_disclosed_exports_stays_open():
    """Whatever two rounded numbers are, at least three differences fit them."""
    for before in range(5, 60):
        for more in range(10):
            one, other = ((number + 2) // 5 * 5 for number in (before, before + more))
            fits = {
                b - a
                for a in range(max(5, one - 2), one + 3)
                for b in range(max(a, other - 2), other + 3)
            }
            assert len(fits) >= 3
            assert more in fits


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_another_geography_over_an_earlier_period_is_refused(audience):
    now = counted([13, 9], kind=KINDS[audience], period=SUMMER)
    last = [counted([12, count], kind="lsoa") for count in (9, 10)]
    with refused("second-geography", "'lsoa'", f"'{KINDS[audience]}'") as error:
        disclosed(now, audience, earlier=last)
    assert len(error.value.findings) == 1, "two files of one geography are one reason"
    disclosed(now, audience, earlier=counted([12, 9], kind="lsoa", theme="asb"))


@pytest.mark.parametrize(
    ("audience", "together", "second", "got"),
    [
        ("partner", ["h3-9", "cluster"], "lsoa", "got 'h3-9', 'lsoa'"),
        ("partner", ["ward"], "lsoa", "got 'lsoa', 'ward'"),
        ("public", ["h3-8"], "ward", "got 'h3-8', 'ward'"),
    ],
)
def test_a_second_geography_in_one_release_is_refused(audience, together, second, got):
    tables = [counted([13, 9], kind=kind) for kind in together]
    disclose_tables(tables, a_record(audience))
    with refused("second-geography", audience, got):
        disclose_tables([*tables, counted([13, 9], kind=second)], a_record(audience))


def test_the_logbook_for_readers_outside_holds_no_exact_total():
    record = a_record("partner")
    record.account(Account("cells", "violence", "July 2018", 3, 0, 0, 0, 0, 0, 0, 3, 3))
    record.sentences["violence"] = "One cell holds 3 incidents."
    record.warn_reader("2 incidents could not be placed.", Caveat("snapped"))
    safe = disclose_record(record)
    assert safe.accounts == []
    assert safe.sentences == {}
    assert [one.rule for one in safe.caveats] == ["snapped", "caveats-left-out", "rounded-rows"]
    assert len(record.accounts) == 1 and record.read == 1003
    assert disclose_record(safe) is safe
    internal = a_record("internal")
    assert disclose_record(internal) is internal


# -------------------------------------------------------------------- attack 3: what is not counts


def test_columns_nobody_knows_are_left_out_unless_somebody_vouches_for_them():
    areas = counted([9, 12]).assign(victim="A. Person", robbery_count=1, officer_note="x")
    assert not {"victim", "robbery_count", "officer_note"} & set(disclosed(areas).columns)
    assert "officer_note" in disclosed(areas, keep=["officer_note"]).columns


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_incidents_and_points_are_refused(audience):
    points = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(0, 0)], crs=27700)
    rows = pd.DataFrame({"offence": ["Robbery"], "occurred_from": [None]})
    for table in (points, rows):
        with refused("points"):
            disclosed(table, audience)


def test_cells_as_small_as_a_house_are_points():
    tiny = counted([9, 12], kind="square-20")
    tiny = tiny.set_geometry([box(0, 0, 20, 20), box(20, 0, 40, 20)], crs=27700)
    with refused("cell-size", "0.01 km²"):
        disclosed(tiny)


def test_the_round_outline_of_a_cluster_does_not_give_its_points_away():
    """Two sets of points with the same squares must give the same drawing."""
    drawings = []
    for shift in (0, 9):
        clusters = counted([9], kind="cluster")
        disc = Point(1050 + shift, 1050 - shift).buffer(130)
        clusters = clusters.set_geometry([disc], crs=27700)
        safe = disclosed(clusters)
        drawings.append(safe.geometry.iloc[0])
        corners = np.array(drawings[-1].exterior.coords)
        assert (corners % 100 == 0).all()
        assert drawings[-1].covers(disc)
        assert safe["area_km2"].iloc[0] == pytest.approx(drawings[-1].area / 1e6)
    assert drawings[0].equals(drawings[1])


def test_the_time_of_the_first_incident_is_not_told_to_the_minute():
    areas = counted([9, 12])
    areas["period_from"] = pd.Timestamp("2018-07-03 14:32", tz="Europe/London")
    areas["period_until"] = pd.Timestamp("2018-07-28 03:10", tz="Europe/London")
    safe = disclosed(areas)
    assert safe["period_from"].iloc[0].isoformat() == "2018-07-03T00:00:00+01:00"
    assert safe["period_until"].iloc[0].isoformat() == "2018-07-29T00:00:00+01:00"


def test_public_products_hold_nothing_derived_from_anything_finer():
    areas = ranked(counted([13, 1, 22, 3], kind="h3-8")).assign(count_per_km2=1.0)
    safe = disclosed(areas, "public")
    derived = [*("harm", "harm_low", "harm_high", "harm_share", "unweighted_count", "z"),
               *("unique_points", "largest_point_share", "largest_event_share", "is_hotspot"),
               *("rank_low", "rank_high", "stability")]  # fmt: skip
    assert safe[derived].isna().all(axis=None)
    assert safe["count_per_km2"].dropna().tolist() == [20 / 0.25, 15 / 0.25]
    assert safe["rank"].dropna().tolist() == [1, 2]


@pytest.mark.parametrize("kind", ["h3-9", "square-250", "cluster"])
def test_the_public_gets_no_fine_geography(kind):
    with refused("geography", "shows h3-8"):
        disclosed(counted([13], kind=kind), "public")


@pytest.mark.parametrize("theme", ["domestic_abuse", "sexual_offences", "hate_crime"])
def test_the_public_gets_no_sensitive_theme(theme):
    with refused("sensitive", f"got '{theme}'"):
        disclosed(counted([13], kind="h3-8", theme=theme), "public")
    disclosed(counted([13], theme="violence_excl_s47_domestic", kind="h3-8"), "public")


@pytest.mark.parametrize("audience", ["internal", "partner", "public"])
def test_protect_zones_go_into_no_other_product(audience):
    zones = gpd.GeoDataFrame(
        {"zone_name": ["x"], "kind": ["protect"]}, geometry=[box(0, 0, 1, 1)], crs=27700
    )
    with refused("protect"):
        disclosed(zones, audience)
    disclosed(zones, "protect")


def test_a_protect_product_needs_its_marking():
    with refused("argument", "'protect'", "'OFFICIAL'", "PROTECT"):
        disclose_table(counted([9]), a_record("protect", marking="OFFICIAL"))


def test_outlines_without_totals_pass_in_any_number():
    record = a_record("public")
    for kind in ("ward", "lsoa", "pspo"):
        zones = gpd.GeoDataFrame(
            {"zone_name": ["x"], "kind": [kind], "note": ["?"]},
            geometry=[box(0, 0, 1, 1)],
            crs=27700,
        )
        safe = disclose_table(zones, record)
        assert safe["zone_name"].tolist() == ["x"]
        assert "note" not in safe.columns


# -------------------------------------------------------------------------- published data


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_data_published_record_by_record_keep_their_precision_and_the_page_says_so(audience):
    record = a_record(audience)
    areas = counted([1, 2, 7])
    pd.testing.assert_frame_equal(disclose_table(areas.assign(published=True), record), areas)
    assert "published" in [one.rule for one in record.caveats]


@pytest.mark.parametrize("said", [{}, {"published": [True, False]}, {"published": [True, None]}])
def test_one_source_that_was_not_published_or_none_at_all_is_enough_to_withhold(said):
    """Whatever the logbook holds: what decides stands in the table, and where it is lost, less."""
    record = a_record()
    record.sources[:] = [SourceFile("p", "ab", 1, 1, 0, 0, {"published_record_by_record": True})]
    areas = counted([1, 2]).assign(**said)
    assert disclose_table(areas, record)["incident_count"].isna().all()


def test_bands_of_harm_touch_and_hold_their_values():
    values = np.array([0.0, 0.5, 1.0, 11.9, 799.6, 1000.0, 123456.0, np.nan])
    low, high = harm_band(values)
    assert ((low <= values) & (values < high))[:-1].all()
    assert np.isnan([low[-1], high[-1]]).all()
    edges = sorted(set(low[:-1]) | set(high[:-1]))
    assert all(b > a for a, b in pairwise(edges))


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_months_carry_nothing_that_tells_an_exact_count(audience):
    months = pd.DataFrame(
        {
            "area_id": ["a", "a"],
            "period": ["2018-06", "2018-07"],
            "theme": "asb",
            "incident_count": [17, 23],
            "area_km2": 0.5,
            "count_per_km2": [34.0, 46.0],
            "rank": [1, 1],
            "harm": [100.0, 300.0],
        }
    )
    record = hs.RunRecord("Town", marking="PARTNERS", audience=audience)
    safe = disclose_table(months, record)
    for name in ("count_per_km2", "rank", "harm"):
        assert name not in safe or safe[name].isna().all(), name


def said_to_partners(*caveats):
    record = a_record()
    record.sources.clear()
    record.warn_reader(*caveats)
    return list(disclose_record(record).caveats)


def fixed_sentences():
    """Every caveat in the bundled files."""
    folder = Path(hs.__file__).parent / "data"
    for path in sorted(folder.glob("*/*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, words in [*content.items(), *content.get("sensitive", {}).items()]:
            if name.startswith("caveat"):
                yield from [words] if isinstance(words, str) else words


def test_fixed_sentences_stay_word_for_word():
    fixed = list(dict.fromkeys([*fixed_sentences(), "Codes 4.1 and 4.10 are two offences."]))
    assert len(fixed) > 8
    assert any("4.1 and 4.10" in words for words in fixed[:-1])
    caveats = [Caveat("definition", {"text": words}) for words in fixed]
    assert [str(caveat) for caveat in said_to_partners(*caveats)][:-1] == fixed


@pytest.mark.parametrize(
    "counted_words",
    [
        "134 incidents carry an offence code too coarse to tell; they are left out.",
        "1,020 incidents carry no domestic abuse flag, yes or no.",
        "787 incidents of other partners (fire_service) carry none of the categories.",
        "1 incidents carry an offence the scheme does not know and are in no theme.",
        "A cell holds 3 incidents.",
        "One violent incident makes up the harm of a cell.",
        "Two of 12 areas hold it all.",
        "The treated areas held only 7 incidents before: read no percentage.",
        "The comparator holds no incidents: the ratio is the treated change alone.",
        "The variance is 2.3 times Poisson's.",
        "Of the rest, 12% of incidents lie outside.",
        "Thirteen incidents were dropped.",
        "3 of the 5 assaults were at one address.",
        "Three robberies at Mabgate are not mapped.",
        "The hostel had 4 victims.",
        "2 offences lie outside.",
        "12 % of incidents have no place.",
    ],
)
def test_sentences_that_count_incidents_of_the_run_are_left_out(counted_words):
    """By what they are, whatever their wording; texts of one's own unless vouched for."""
    snapped = Caveat("snapped")
    told = said_to_partners(snapped, counted_words)
    assert told == [snapped, Caveat("caveats-left-out")]
    vouched = Caveat.given(counted_words, counts_incidents=False)
    assert said_to_partners(snapped, vouched) == [snapped, vouched, Caveat("caveats-left-out")]


SILENT = (("period", "November to January"), ("other", "November 2024 to January 2025"))


@pytest.mark.parametrize(
    ("rule", "values", "other"),
    [
        ("source-cut-short", {"gap": "fire.csv holds nothing in December"}, {"gap": "... in May"}),
        ("months-without-data", {"text": "December holds nothing"}, {"text": "May holds nothing"}),
        ("not-compared", {"why": "fire.csv holds nothing in December"}, {"why": "..."}),
        ("mostly-rejected", {"files": "fire.csv", "share": 95.0}, {"share": 55.0}),
        ("mostly-out-of-scheme", {"files": "fire.csv", "share": 95.0}, {"share": 55.0}),
        ("mostly-elsewhere", {"files": "fire.csv", "outside": 95.0, "nowhere": 0.0},
         {"outside": 40.0, "nowhere": 20.0}),
    ],
)  # fmt: skip
def test_silent_days_and_shares_of_rows_are_said_without_figures(rule, values, other):
    """Four in November, four in January, 8 to 12 in all three, December silent: told, both.

    And 95 % elsewhere of 40 rows leaves two.
    """
    values = dict(SILENT) | values
    one, two = (said_to_partners(Caveat(rule, these)) for these in (values, values | other))
    assert one == two and len(one) == 2
    assert not {"gap", "why", "text", "share", "outside", "nowhere"} & set(one[0].values)
    assert str(one[0]) and one[0].is_loud == Caveat(rule, values).is_loud


def test_how_many_remarks_are_left_out_is_not_told():
    none, several = said_to_partners(), said_to_partners("2 were lost.", "3 lie outside.")
    assert none == several


def test_what_disclosure_says_about_withheld_areas_stays():
    record = a_record()
    disclose_table(counted([7, 1, 0]), record)
    (told,) = [one for one in disclose_record(record).caveats if one.rule == "withheld"]
    assert told in record.caveats and told.values["harm"] == 0


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_choices_keep_methods_and_lose_every_count(audience):
    record = a_record(audience)
    record.choose(
        "tag_institutions", names=["hospital"], incidents={"Hospital": 2, "Prison": 98}, total=100
    )
    record.choose("flag_hotspots", transform="sqrt", alpha=0.05, tested=2978, hot=3, cold=0)
    record.choose("find_clusters", theme="asb", radius_m=100, min_incidents=20)
    record.choose("tag_themes", offence_scheme="police_uk", themes={"asb": ["ASB"]})
    record.choose("rank_areas", by={"asb": 2}, draws=500)
    record.choose("stage_of_ones_own", threshold=3, offences=["12 robberies"])
    full = dict(record.choices)
    safe = disclose_record(record)
    assert safe.choices == {
        "tag_institutions": [{"names": ["hospital"]}],
        "flag_hotspots": [{"transform": "sqrt", "alpha": 0.05}],
        "find_clusters": [{"theme": "asb", "radius_m": 100, "min_incidents": 20}],
        "tag_themes": [{"offence_scheme": "police_uk", "themes": {"asb": ["ASB"]}}],
        "rank_areas": [{"draws": 500}],
        "disclose_record": safe.choices["disclose_record"],
    }
    assert record.choices == full and record.choices["tag_institutions"][0]["total"] == 100


@quick
@given(accepted=st.integers(0, 3000), rejected=st.integers(0, 60), share=st.floats(0, 1))
def test_rounded_rows_of_sources_add_up_and_say_that_they_are_rounded(accepted, rejected, share):
    record = a_record()
    rows = (accepted + rejected, accepted, rejected, int(share * accepted))
    record.sources[:] = [SourceFile(name, "ab", *rows, {"months": {"x": 1}}) for name in "ab"]
    safe = disclose_record(record)
    for source in safe.sources:
        shown = (source.read, source.accepted, source.rejected, source.unlocated)
        assert source.read == source.accepted + source.rejected
        assert source.unlocated <= source.accepted
        assert all(number % 100 == 0 for number in shown)
        assert abs(source.accepted - accepted) <= 50 and abs(source.rejected - rejected) <= 50
        assert source.facts == {}
    assert safe.read == safe.accepted + safe.rejected
    assert any("rounded to 100" in words for words in safe.caveat_texts)
