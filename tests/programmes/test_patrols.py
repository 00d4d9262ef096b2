"""Patrol areas: laws first, then the brute-force oracle, the planted truth and the edges."""

import dataclasses
import itertools
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from refusing import refused
from shapely.geometry import Point, box
from tables import BNG, ORIGIN, assert_contract, incidents_at, shuffled, zone

from hotspots.analysis.regions.grow import (
    CandidateAreas,
    Reach,
    choose_grid,
    gather_blocks,
    grow_places,
)
from hotspots.analysis.regions.set_packing import pack_places, too_close
from hotspots.analysis.uncertainty.rank_intervals import rank_uncertainty
from hotspots.core.errors import InputError
from hotspots.core.grids import H3Grid, HexGrid, SquareGrid
from hotspots.core.question import Question
from hotspots.core.record import NOT_GROUNDS, RunRecord
from hotspots.core.select import require_members, select
from hotspots.core.tables import AREAS
from hotspots.demo.town.town import synthetic_town
from hotspots.programmes.burden import count_beside, who_lives_there
from hotspots.programmes.patrols.patrol_areas import overlap_shares
from hotspots.programmes.patrols.review import review_change, review_patrol_areas
from hotspots.programmes.patrols.select_areas import select_patrol_areas

MONTHS = ("2018-05", "2018-06", "2018-07")
CALM = {"count": 3, "min_incidents": 5, "near_misses": 2}


def busy_places(places, *, precision="exact", seed=0, harm=100.0, quiet=0):
    """So many incidents within 40 m of each of some places, in three months, all serious."""
    rng = np.random.default_rng(seed)
    points = []
    for x, y, size in places:
        angle, away = rng.uniform(0, 2 * np.pi, size), 40 * np.sqrt(rng.random(size))
        points += zip(x + away * np.cos(angle), y + away * np.sin(angle), strict=True)
    points += [tuple(point) for point in rng.uniform(-3_000, 6_000, (quiet, 2))]
    months = [MONTHS[row % 3] for row in range(len(points))]
    table = incidents_at(points, month=months, theme_serious_violence=True, harm=harm)
    table["location_precision"] = precision
    return table


THREE = ((0, 0, 60), (1_500, 0, 40), (0, 1_500, 30))


def made_of(areas):
    """What identifies a result whatever the row order: outline, numbers, id."""
    flat = areas.drop(columns="geometry")
    return flat.assign(wkb=shapely.to_wkb(areas.geometry.array)).reset_index()


def random_places(seed):
    """A few overlapping candidate places over thirty blocks, and which blocks are close."""
    from scipy.sparse import csr_array

    rng = np.random.default_rng(seed)
    members = (rng.random((12, 30)) < 0.12).astype(float)
    members[np.arange(12), rng.integers(0, 30, 12)] = 1.0
    near = rng.random((30, 30)) < 0.03
    close = csr_array((near | near.T | np.eye(30, dtype=bool)).astype(float))
    zeros = np.zeros(12)
    value = rng.integers(1, 20, 12).astype(float)
    return CandidateAreas(csr_array(members), value, zeros, zeros, zeros, zeros), members, close


# laws


def test_areas_keep_the_contract_and_the_account_balances():
    record = RunRecord("town", marking="TEST")
    incidents = busy_places(THREE, quiet=40)
    found = select_patrol_areas(incidents, **CALM, record=record)
    assert_contract(found.areas, AREAS)
    assert (found.areas["kind"] == "patrol").all() and (found.areas["sign_off"] == "").all()
    account = record.accounts[0]
    assert account.in_areas + account.noise == account.used == len(incidents)
    assert NOT_GROUNDS in record.caveats and str(NOT_GROUNDS) in found.to_sentence()


def test_counts_come_from_labels_and_lie_inside_their_outline():
    incidents = busy_places(THREE, quiet=60)
    found = select_patrol_areas(incidents, **CALM)
    labels = found.members.area_ids
    counts = labels.value_counts()
    assert found.areas["incident_count"].to_dict() == counts.to_dict()
    outlines = found.areas.geometry.buffer(0.01)
    for row, area in labels.dropna().items():
        assert outlines[area].covers(incidents.geometry[row])


@pytest.mark.parametrize("separation", [0, 100, 250])
def test_areas_keep_every_limit(separation):
    incidents = busy_places([(x, y, 25) for x in (0, 300, 600) for y in (0, 300)], quiet=200)
    found = select_patrol_areas(
        incidents, count=6, max_area_km2=0.06, max_walk_m=360, min_separation_m=separation,
        min_incidents=8,
    )  # fmt: skip
    assert len(found.selected) >= 2
    areas = found.areas
    assert (areas["area_km2"] <= 0.06).all() and (areas["walk_m"] <= 360).all()
    assert (areas["incident_count"] >= 8).all() and (areas["largest_event_share"] <= 0.5).all()
    assert (areas.geometry.geom_type == "Polygon").all()
    for one, other in itertools.combinations(areas.geometry, 2):
        assert one.intersection(other).area < 1e-3
        assert one.distance(other) >= separation - 0.01


def test_row_order_labels_and_extra_columns_change_nothing():
    incidents = busy_places(THREE, quiet=80, harm=np.linspace(1, 50, 210))
    one = select_patrol_areas(incidents, **CALM)
    other = select_patrol_areas(shuffled(incidents, seed=3), **CALM)
    pd.testing.assert_frame_equal(made_of(one.areas), made_of(other.areas))
    assert one.choice == other.choice


def test_the_input_stays_as_it_was():
    incidents = busy_places(THREE)
    before = incidents.copy()
    select_patrol_areas(incidents, **CALM)
    pd.testing.assert_frame_equal(incidents, before)


def test_ranks_follow_value_and_near_misses_come_after():
    found = select_patrol_areas(busy_places([*THREE, (3_000, 0, 20)]), count=2, near_misses=5)
    assert found.areas["rank"].tolist() == [1, 2, 3, 4]
    assert found.areas["harm"].is_monotonic_decreasing
    assert found.areas["status"].tolist() == ["selected"] * 2 + ["near miss"] * 2
    assert found.selected["incident_count"].tolist() == [60, 40]


def test_areas_are_named_by_street_and_ward_and_ranked_with_intervals():
    incidents = busy_places(THREE).assign(place_name="High Street")
    ward = zone("West", (-500, -500, 700, 500), kind="ward")
    found = select_patrol_areas(incidents, **CALM, wards=ward)
    areas = found.areas
    assert areas["place_name"].str.startswith("High Street").all()
    assert areas["ward_name"].notna().tolist() == [True, False, False]
    assert (areas["rank_low"] <= areas["rank"]).all() and (
        areas["rank"] <= areas["rank_high"]
    ).all()
    again = rank_uncertainty(areas, found.members, by="harm")
    assert (areas["rank_low"] <= again["rank_low"]).all()
    assert (areas["rank_high"] >= again["rank_high"]).all()


def test_the_members_fit_every_stage_that_takes_areas_and_incidents():
    found = select_patrol_areas(busy_places(THREE, quiet=40), **CALM)
    require_members(found.areas, found.members)
    assert len(found.members.rows) == 170


def test_what_is_held_most_of_is_harm_where_there_is_any():
    record = RunRecord("town", marking="TEST")
    weighed, unweighed = busy_places(THREE), busy_places(THREE, harm=np.nan)
    assert select_patrol_areas(weighed, **CALM, by=None, record=record).choice.by == "harm"
    assert "chosen-by-count" not in {caveat.rule for caveat in record.caveats}
    for incidents in (unweighed, unweighed.drop(columns="harm")):
        found = select_patrol_areas(incidents, **CALM, by=None, record=record)
        assert found.choice.by == "count"
    assert "chosen-by-count" in {caveat.rule for caveat in record.caveats}
    with pytest.raises(InputError, match="needs weights"):
        select_patrol_areas(unweighed.drop(columns="harm"), **CALM)


def test_the_question_says_which_incidents_areas_are_chosen_from():
    """A busier place of another theme takes no part where one theme was asked about."""
    incidents = busy_places(THREE)
    other = busy_places([(4_000, 0, 80)], seed=3).assign(theme_serious_violence=False)
    both = pd.concat([incidents, other.set_axis([f"o{row}" for row in range(80)])])
    found = select_patrol_areas(select(both, Question("serious_violence")), **CALM)
    assert found.selected["incident_count"].tolist() == [60, 40, 30]
    assert (found.theme, found.period) == ("serious_violence", "all")
    pooled = select_patrol_areas(both, **CALM)
    assert pooled.selected["incident_count"].tolist() == [80, 60, 40] and pooled.theme == "all"


# the optimiser


@pytest.mark.parametrize("seed", range(25))
def test_the_choice_equals_brute_force(seed):
    places, members, close = random_places(seed)
    near = members @ close.toarray() @ members.T > 0
    best = 0.0
    for size in range(1, 5):
        for chosen in itertools.combinations(range(12), size):
            if not any(near[a, b] for a, b in itertools.combinations(chosen, 2)):
                best = max(best, places.value[list(chosen)].sum())
    packing = pack_places(places, close, 4)
    assert packing.value == best and packing.proven
    assert packing.bound >= best - 1e-6
    simple = pack_places(places, close, 4, exact=False)
    assert simple.value <= best <= simple.bound + 1e-9
    for chosen in (packing.chosen, simple.chosen):
        assert not any(near[a, b] for a, b in itertools.combinations(chosen, 2))


def test_exact_beats_greedy_where_the_best_place_stands_in_the_way_of_two():
    from scipy.sparse import csr_array

    zeros = np.zeros(3)
    places = CandidateAreas(
        csr_array(np.array([[1.0, 1, 0], [1, 0, 0], [0, 1, 0]])), np.array([10.0, 9, 8]),
        zeros, zeros, zeros, zeros,
    )  # fmt: skip
    close = csr_array(np.eye(3))
    assert pack_places(places, close, 2).value == 17
    assert pack_places(places, close, 2, exact=False).value == 10


def test_every_grown_place_is_contiguous_and_within_reach():
    incidents = busy_places(THREE, quiet=300)
    blocks = gather_blocks(incidents, HexGrid(100))
    reach = Reach(0.1, 400)
    grown = grow_places(blocks, blocks.harm, reach, np.ones(len(blocks), dtype=bool))
    for place in range(0, len(grown), 7):
        rows = grown.blocks_of(place)
        outline = shapely.union_all(blocks.outline[rows], grid_size=0.001)
        assert outline.geom_type == "Polygon" and outline.area / 1e6 <= 0.1001
        density = blocks.count[rows] / blocks.area_km2[rows]
        assert density.min() >= 0.2 * blocks.count[rows].sum() / blocks.area_km2[rows].sum()
        assert grown.count[place] == blocks.count[rows].sum()


def test_close_blocks_are_those_nearer_than_the_distance_edge_to_edge():
    blocks = gather_blocks(busy_places([(0, 0, 200)]), HexGrid(50))
    every = np.arange(len(blocks))
    close = too_close(blocks, every, 60.0).toarray() > 0
    apart = shapely.distance(blocks.outline[:, None], blocks.outline[None, :])
    assert np.array_equal(close, (apart < 60 - 1e-6) | np.eye(len(blocks), dtype=bool))


# rules


def test_one_very_harmful_event_makes_no_area_by_itself():
    incidents = busy_places(THREE, harm=10.0)
    quiet = busy_places([(4_000, 4_000, 12)], seed=5, harm=10.0)
    quiet.index = [f"q{row}" for row in range(len(quiet))]
    quiet.loc["q0", "harm"] = 50_000.0
    lonely = busy_places([(-3_000, 0, 1)], seed=6, harm=90_000.0).set_axis(["lonely"])
    both = pd.concat([incidents, quiet, lonely])
    found = select_patrol_areas(both, **CALM, max_walk_m=500, max_area_km2=0.15)
    assert found.selected["incident_count"].tolist() == [60, 40, 30]
    aside = found.set_aside.set_index("rule")
    assert sorted(aside.index) == ["few-incidents", "one-event"]
    assert aside.loc["few-incidents", "incident_count"] == 1
    assert aside.loc["one-event", "largest_event_share"] > 0.99


def test_areas_must_be_active_in_several_months():
    steady, flash = busy_places([(0, 0, 30)]), busy_places([(2_000, 0, 50)], seed=1)
    start = pd.Timestamp("2018-07-01", tz="Europe/London")
    flash["occurred_from"], flash.index = start, [f"f{row}" for row in range(50)]
    found = select_patrol_areas(pd.concat([steady, flash]), **CALM)
    assert found.selected["incident_count"].tolist() == [30]
    assert found.set_aside["rule"].iloc[0] == "few-months"
    alone = select_patrol_areas(flash, **CALM)
    assert alone.selected["incident_count"].tolist() == [50], "one month of data can ask for one"


def test_no_area_touches_an_excluded_zone():
    incidents = busy_places(THREE)
    barred = zone("barred", (-60, -60, 60, 60))
    found = select_patrol_areas(incidents, **CALM, exclude=barred)
    assert (found.areas.geometry.intersection(barred.geometry.iloc[0]).area < 1e-6).all()
    everywhere = zone("all", (-9_000, -9_000, 9_000, 9_000))
    assert len(select_patrol_areas(incidents, **CALM, exclude=everywhere).areas) == 0


def test_blocks_follow_the_precision_of_the_coordinates():
    assert choose_grid(busy_places(THREE))[0] == HexGrid(100)
    assert choose_grid(busy_places(THREE, precision="snapped"))[0] == H3Grid(9)
    found = select_patrol_areas(busy_places(THREE, precision="snapped"), **CALM)
    assert (found.areas["blocks"] == 1).all()
    squares = select_patrol_areas(busy_places(THREE), **CALM, grid=SquareGrid(100))
    assert (squares.areas.geometry.geom_type == "Polygon").all()


@pytest.mark.parametrize("precision", ["exact", "snapped"])
def test_a_grid_that_is_given_is_the_ground_of_the_areas(precision):
    busy = busy_places(THREE, precision=precision)
    grown = {
        spacing_m: select_patrol_areas(busy, **CALM, grid=HexGrid(spacing_m)).areas
        for spacing_m in (100, 150, 200)
    }
    for spacing_m, areas in grown.items():
        block_km2 = spacing_m**2 * 3**0.5 / 2e6
        assert areas["area_km2"].to_numpy() == pytest.approx(areas["blocks"] * block_km2, rel=0.01)


# from one review to the next


def test_areas_that_overlap_an_earlier_one_keep_its_id():
    first = select_patrol_areas(busy_places(THREE), **CALM)
    renamed = first.areas.rename(index=dict(zip(first.areas.index, "ABC", strict=True)))
    later = busy_places([(10, 5, 50), (0, 1_500, 60), (3_000, 0, 30)], seed=9)
    second = select_patrol_areas(later, **CALM, previous=renamed)
    assert second.changes["change"].to_dict() == {
        "C": "stayed", "A": "stayed", second.selected.index[2]: "entered", "B": "left",
    }  # fmt: skip
    assert set(second.members.area_ids.dropna()) == set(second.areas.index)
    assert (second.changes.loc[["A", "C"], "overlap"] >= 0.3).all()
    assert second.changes["place_name"].str.startswith("unnamed place").all()


def test_the_same_data_again_leaves_nothing_and_enters_nothing():
    first = select_patrol_areas(busy_places(THREE), **CALM)
    second = select_patrol_areas(busy_places(THREE), **CALM, previous=first.areas)
    assert second.changes["change"].eq("stayed").all()
    assert second.changes["overlap"].round(9).eq(1).all()
    assert second.areas.index.equals(first.areas.index)


def test_a_new_area_never_takes_the_id_of_one_that_left():
    first = select_patrol_areas(busy_places(THREE[:1]), **CALM)
    moved = first.areas.set_geometry(first.areas.geometry.translate(9_000, 0))
    second = select_patrol_areas(busy_places(THREE[:1]), **CALM, previous=moved)
    assert second.selected.index[0] == f"{first.selected.index[0]}-2"


def test_the_choice_is_made_again_on_victim_reported_incidents():
    incidents = busy_places(THREE)
    x = incidents.geometry.x - ORIGIN[0]
    incidents["told"] = x < 700
    found = select_patrol_areas(incidents, **CALM, victim_reported="told")
    assert found.selected["victim_reported_too"].tolist() == [True, False, True]
    assert len(found.victim_reported.selected) == 2


# planted truth


def test_planted_patrol_areas_of_the_town_are_found_again():
    town = synthetic_town(seed=5)
    truth = town.truth.patrol_areas
    incidents = town.incidents.assign(
        theme_serious_violence=town.truth.incidents["theme"].eq("serious_violence")
    )
    violence = select(incidents, Question("serious_violence", within=town.district))
    found = select_patrol_areas(violence, by="count")
    assert (overlap_shares(truth, found.selected).max(axis=1) >= 0.5).sum() >= 20
    assert found.choice.proven and found.choice.gap < 0.01


# edges


def test_no_incidents_give_a_well_formed_empty_result():
    for incidents in (busy_places(THREE).iloc[:0], busy_places([(0, 0, 3)])):
        found = select_patrol_areas(
            incidents, previous=select_patrol_areas(busy_places(THREE)).areas
        )
        assert_contract(found.areas, AREAS)
        assert len(found.areas) == len(found.selected) == 0
        assert found.changes["change"].eq("left").all()
        assert str(NOT_GROUNDS) in found.to_sentence()
        json.dumps(found.to_dict(), allow_nan=False)


def test_zero_harm_gives_no_area_and_missing_harm_is_refused():
    assert len(select_patrol_areas(busy_places(THREE, harm=0.0), **CALM).areas) == 0
    with refused("unweighed", of="incidents"):
        select_patrol_areas(busy_places(THREE, harm=np.nan), **CALM)
    by_count = select_patrol_areas(busy_places(THREE, harm=np.nan), **CALM, by="count")
    assert by_count.selected["incident_count"].tolist() == [60, 40, 30]


def test_a_block_larger_than_the_budget_is_refused():
    with pytest.raises(InputError, match=r"one block \(h3-9\).*max_area_km2.*HexGrid\(100\)"):
        select_patrol_areas(busy_places(THREE, precision="snapped"), **CALM, max_area_km2=0.05)


def test_every_bad_option_is_named_at_once():
    with pytest.raises(InputError) as caught:
        select_patrol_areas(busy_places(THREE), count=0, max_area_km2=-1, by="luck")
    assert all(name in str(caught.value) for name in ("`count`", "`max_area_km2`", "`by`"))
    with refused("unknown-theme", "'nobody'", "'serious_violence'", of="theme"):
        select_patrol_areas(select(busy_places(THREE), Question("nobody")))
    with pytest.raises(InputError, match="true or false"):
        select_patrol_areas(busy_places(THREE), victim_reported="harm")


def test_fewer_places_than_wanted_are_said():
    record = RunRecord("town", marking="TEST")
    found = select_patrol_areas(busy_places(THREE), min_incidents=35, record=record)
    assert len(found.selected) == 2 and found.choice.wanted == 22
    assert any(finding.rule == "fewer-areas" for finding in record.findings)


def test_the_result_is_plain_json_and_takes_names():
    found = select_patrol_areas(busy_places(THREE), **CALM)
    named = found.with_areas(found.areas.assign(place_name=["High Street", "B", "C"]))
    assert "High Street" in named.to_sentence()
    loaded = json.loads(json.dumps(named.to_dict(), allow_nan=False))
    assert loaded["areas"][0]["incident_count"] == 60 and loaded["choice"]["proven"]
    assert set(loaded["choice"]) == {field.name for field in dataclasses.fields(found.choice)}


# beside the areas


def test_people_are_shared_out_by_ground_and_overlapping_areas_count_once():
    areas = gpd.GeoDataFrame(geometry=[box(0, 0, 50, 100), box(25, 0, 75, 100)], crs=BNG)
    homes = gpd.GeoDataFrame(
        {"population": [400, 100], "under_25": [100, 0]},
        geometry=[box(0, 0, 100, 100), box(100, 0, 200, 100)], crs=BNG,
    )  # fmt: skip
    table = who_lives_there(areas, homes, groups=["under_25"])
    assert table["in_areas"].tolist() == pytest.approx([300, 75])
    assert table.loc["under_25", "ratio"] == pytest.approx(0.25 / 0.2)
    nobody = who_lives_there(areas.iloc[:0], homes, groups=["under_25"])
    assert nobody["in_areas"].tolist() == [0, 0] and nobody["ratio"].isna().all()
    with pytest.raises(InputError, match="over_65"):
        who_lives_there(areas, homes, groups=["over_65"])


def test_activity_counts_only_inside_the_area_and_its_period():
    three_months = select(busy_places(THREE), Question(period="2018-05/2018-07"))
    found = select_patrol_areas(three_months, **CALM)
    inside = incidents_at([(0, 0), (0, 0), (5_000, 0), None], month=["2018-06", "2019-06"] * 2)
    stops = gpd.GeoDataFrame(geometry=[Point(ORIGIN), Point(ORIGIN)], crs=BNG)
    counted = count_beside(found.areas, {"arrests": inside, "stops": stops})
    assert counted["arrests_count"].tolist() == [1, 0, 0]
    assert counted["stops_count"].tolist() == [2, 0, 0]
    assert counted["stops_per_100_incidents"].iloc[0] == pytest.approx(200 / 60)
    assert_contract(counted, AREAS)


def test_a_review_shows_what_the_same_rule_chose_and_saw_in_earlier_years():
    """Each year other places are high: what is chosen falls back, patrolled or not."""
    spots = [(x, 0) for x in range(0, 12_000, 1_000)]
    points, months = [], []
    for year in range(2021, 2025):
        for number, spot in enumerate(spots):
            times = 4 if number % 4 == year % 4 else 1
            points += [spot] * 12 * times
            months += [f"{year}-{month:02d}" for month in range(1, 13)] * times
    asked = select(incidents_at(points, month=months), Question())
    found = select_patrol_areas(asked.during("2023"), by="count", count=3, near_misses=0)
    review = review_patrol_areas(found, asked, started="2024-01-01")
    assert review.beyond_chance is None
    assert review.earlier.index.tolist() == [1, 2]
    assert review.earlier["areas"].tolist() == [3, 3]
    assert review.earlier["count_before"].tolist() == [144, 144]
    assert review.earlier["count_after"].tolist() == [36, 36]
    assert review.earlier["ratio"].to_numpy() == pytest.approx(review.change.ratio.ratio)
    with pytest.raises(InputError, match="theme"):
        review_patrol_areas(found, select(asked.everything, Question("asb")), started="2024-01-01")


def test_areas_of_a_file_are_reviewed_as_those_just_chosen():
    """Of a table alone: it says by what, from when and how many were chosen."""
    spots = [(x, 0) for x in range(0, 12_000, 1_000)]
    points = spots * 36
    months = [
        f"202{year}-{month:02d}" for year in (2, 3, 4) for month in range(1, 13) for _ in spots
    ]
    asked = select(incidents_at(points, month=months), Question())
    found = select_patrol_areas(asked.during("2023"), by="count", count=3, near_misses=0)
    review = review_patrol_areas(found, asked, started="2024-01-01")
    again = review_change(review.change, found.selected, asked)
    pd.testing.assert_frame_equal(again.earlier, review.earlier)
    unsaid, weighed = found.selected.drop(columns="ranked_by"), {"ranked_by": "harm"}
    nothing = select(asked.everything.assign(harm=float("nan")), Question())
    for areas in (unsaid, found.selected.assign(**weighed), found.selected.assign(theme="robbery")):
        assert review_change(review.change, areas, nothing) is None


def test_where_too_few_places_hold_ten_smaller_ones_are_taken_and_told():
    points = [(x, 0) for x in (0, 1_000) for _ in range(12)] + [(2_000, 0)] * 6 + [(3_000, 0)] * 4
    rows = incidents_at(points, month=[f"2023-{1 + one % 6:02d}" for one in range(len(points))])
    record = RunRecord("Test", marking="OFFICIAL")
    found = select_patrol_areas(rows, by="count", count=4, record=record)
    assert found.selected["incident_count"].tolist() == [12, 12, 6]
    assert "smaller-areas" in {one.rule for one in record.findings}
    enough = select_patrol_areas(rows, by="count", count=2, near_misses=4)
    assert enough.areas["incident_count"].tolist() == [12, 12]
    assert len(select_patrol_areas(rows, by="count", count=4, min_incidents=10).selected) == 2
