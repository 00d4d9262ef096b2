"""What several tables tell together: each test is the smallest attack that once told a count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from scipy import sparse
from scipy.optimize import LinearConstraint, milp
from shapely.geometry import box
from small_towns import cells, halves, released, ward_of

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.states import HarmShown, Shown
from hotspots.disclosure import over_space, variables
from hotspots.disclosure.variables import Variables


def found_in(made):
    return hs.audit_totals(made.areas[0], made.zones, area_periods=made.area_periods)


def test_halves_of_a_year_and_a_ward_around_two_cells_do_not_tell_fourteen_and_four():
    exact = cells([14, 4])
    periods = halves(exact, [(7, 7), (3, 1)])
    made = released(exact, zones=ward_of(exact, 18), area_periods=periods)
    assert made.zones[0]["shown"].tolist() == [Shown.MERGED_DOWN]
    assert not found_in(made)["narrow"].any()
    plain = [released(exact), released(zones=ward_of(exact, 18))]
    naive = hs.audit_totals(plain[0].areas[0], plain[1].zones, area_periods=made.area_periods)
    assert naive["told"].any()


def test_halves_and_a_ward_of_seven_cells_leave_the_withheld_one_open():
    exact = cells([10, 10, 8, 8, 8, 8, 0])
    pairs = [(5, 5)] * 2 + [(5, 3)] * 4 + [(0, 0)]
    made = released(exact, zones=ward_of(exact, 52), area_periods=halves(exact, pairs))
    assert not found_in(made)["narrow"].any()


def test_a_ward_alone_is_rounded_beside_cells_its_readers_have_from_before():
    exact = cells([7, 7, 4])
    before = released(exact)
    naive = released(zones=ward_of(exact, 18))
    assert hs.audit_totals(before.areas[0], naive.zones)["fewest"].tolist() == [4]
    for earlier in (before, list(before.areas)):
        knowing = released(zones=ward_of(exact, 18), earlier=earlier)
        assert not hs.audit_totals(before.areas[0], knowing.zones)["narrow"].any()


def test_counts_by_period_say_nothing_of_zones_and_clusters_that_these_do_not_say():
    """A year of the cluster, or of the ward, by itself would be 8 to 12: four in each cell."""
    exact = cells([4, 4, 20])
    ward = ward_of(exact.iloc[:2], 8).rename(columns={"asb_count": "incident_count"})
    cluster = ward.drop(columns="zone_name").rename(index={"w": "k"}).rename_axis("area_id")
    cluster = cluster.assign(kind="cluster", min_incidents=8, geometry=cluster.buffer(-150))
    year = pd.DataFrame({"area_id": ["c2", "k", "w"], "theme": "asb", "period": "2025",
                         "incident_count": [20, 8, 8]})  # fmt: skip
    hours = year.assign(breakdown="hours", part="18-24").drop(columns="period")
    made = released(exact, cluster, zones=ward, area_periods=year, breakdowns=hours)
    assert set(made.breakdowns["area_id"]) == {"c2", "w"}  # `k` is left out: a row would name it
    told = made.area_periods[0].set_index("area_id")["shown"]
    assert told.to_dict() == {"c2": Shown.ROUNDED, "w": Shown.LINKED}


def test_a_cluster_of_an_earlier_release_holds_its_own_least_and_not_that_of_today():
    """With today's 20 nothing would fit, and two halves of fewer than 5 in an 8 are 4 and 4."""
    exact = cells([8, 30])
    ward = ward_of(exact, 4).rename(columns={"asb_count": "incident_count"})
    halved = [
        ward.set_geometry([box(west, 0, west + 250, 500)], crs=27700).rename(index={"w": name})
        for name, west in (("left", 0), ("right", 250))
    ]
    early, late = (
        exact.iloc[[n]].assign(kind="cluster", min_incidents=least, geometry=middle.buffer(-110))
        for n, least, middle in zip((0, 1), (5, 20), exact.geometry, strict=True)
    )
    made = released(exact, late, zones=halved, earlier=released(exact, early))
    assert [one["shown"].tolist() for one in made.zones] == [[Shown.SMALL], [Shown.LINKED]]


@pytest.mark.parametrize("drawn", [True, False])
def test_further_tables_are_rounded_beside_the_cells_of_their_release(drawn):
    exact = cells([7, 7, 4])
    ward = ward_of(exact, 18)
    further = ward if drawn else pd.DataFrame(ward.drop(columns="geometry"))
    made = released(exact, tables={"wards": further})
    shown = made.tables["wards"]
    assert shown["shown"].tolist() == [Shown.MERGED_DOWN if drawn else Shown.LINKED]
    assert not hs.audit_totals(made.areas[0], shown if drawn else ())["narrow"].any()


def test_a_cell_that_is_there_for_an_incident_on_the_border_is_left_out():
    """It lies outside the study area, so that being listed says: one at least."""
    exact = cells([9, 3, 1, 8], share_inside=[1.0, 0.5, 0.0, 0.0])
    year = pd.DataFrame({"area_id": exact.index, "theme": "asb", "period": "2025",
                         "incident_count": exact["incident_count"].to_numpy()})  # fmt: skip
    made = released(exact, area_periods=year)
    assert set(made.areas[0].index) == set(made.area_periods[0]["area_id"]) == {"c0", "c1"}


def test_patrol_areas_alone_are_rounded_beside_cells_from_before():
    exact = cells([7, 7, 4])
    patrol = ward_of(exact, 18).rename(columns={"asb_count": "incident_count"})
    patrol = patrol.drop(columns="zone_name").rename_axis("area_id").assign(kind="patrol")
    before = released(exact)
    made = released(patrol, earlier=before)
    assert not hs.audit_totals(before.areas[0], made.areas)["narrow"].any()


def test_zones_of_an_earlier_product_count_beside_those_of_this_one():
    """The halves of a ward last week, the whole ward now."""
    exact = cells([8, 8, 8, 8, 0, 0])
    left = ward_of(exact.iloc[:3], 24, kind="beat")
    before = released(exact, zones=left)
    now = released(zones=ward_of(exact, 32), earlier=before)
    found = hs.audit_totals(before.areas[0], [*before.zones, *now.zones])
    assert not found["narrow"].any()


def test_bands_of_a_ward_and_of_cells_in_it_are_not_both_shown():
    """Two cells of at most 5,000 in a ward of 20,000 or more leave the rest to two incidents."""
    exact = cells(
        [52, 52, 2], harm=[5_090.0, 5_090.0, 11_000.0], unweighted_count=0,
        largest_event_share=[0.1, 0.1, 0.9],
    )  # fmt: skip
    ward = ward_of(exact, 106, asb_harm=[21_180.0], asb_unweighted_count=[0])
    made = released(exact, zones=ward)
    assert made.areas[0]["harm_shown"].value_counts()[HarmShown.BAND] == 2
    assert made.zones[0]["asb_harm"].isna().all()
    alone = released(zones=ward)
    assert alone.zones[0]["asb_harm"].notna().all()


@pytest.mark.parametrize("unweighted, shown", [(115, False), (6, True)])
def test_few_weighed_incidents_of_many_have_no_band_where_nobody_knows_the_largest(
    unweighted, shown
):
    """One homicide among the six that have a weight: their mean would tell it."""
    exact = cells([121])
    ward = ward_of(exact, 121, asb_harm=[8_500.0], asb_unweighted_count=[unweighted])
    assert released(zones=ward).zones[0]["asb_harm"].notna().all() == shown


def test_bands_of_overlapping_windows_are_not_both_shown():
    options = {"unweighted_count": 0, "largest_event_share": 0.1}
    january = cells([102], days=("2025-01-01", "2025-02-01"), harm=9_990.0, **options)
    both = cells([103], days=("2025-01-01", "2025-03-01"), harm=20_022.0, **options)
    before = released(january)
    assert before.areas[0]["harm_shown"].tolist() == [HarmShown.BAND]
    now = released(both, earlier=before)
    assert now.areas[0]["harm_shown"].tolist() == [HarmShown.WITHHELD]
    again = released(january, earlier=before).areas[0]
    pd.testing.assert_frame_equal(again, before.areas[0])
    march = cells([102], days=("2025-03-01", "2025-04-01"), harm=9_990.0, **options)
    assert released(march, earlier=before).areas[0]["harm_shown"].tolist() == [HarmShown.BAND]


def test_no_band_is_shown_in_which_every_incident_weighs_a_thousand_or_more():
    exact = cells([5], harm=5_500.0, unweighted_count=0, largest_event_share=0.3)
    assert released(exact).areas[0]["harm_shown"].tolist() == [HarmShown.WITHHELD]


def test_columns_joined_to_a_released_table_are_judged_again():
    safe = released(cells([7, 2])).areas[0]
    joined = safe.assign(exact=[7, 2], note="seen", residents=100)
    assert not {"exact", "note", "residents"} & set(released(joined).areas[0].columns)


@pytest.mark.parametrize(
    "theme",
    ["vawg", "dv", "cse", "indecent_exposure", "harassment", "coercive_control", "prostitution",
     "honour_based", "da_flagged", "grooming", "intimate_partner", "sex_offences",
     "forced marriage", "rough-sleeping", "image_based_abuse", "spiking", "begging", "elder abuse",
     "Racially aggravated", "missing_person"],
)  # fmt: skip
def test_public_products_refuse_sensitive_themes_by_any_name(theme):
    with refused("sensitive"):
        hs.release(
            cells([9]).assign(theme=theme, kind="h3-8"), audience="public", marking="PUBLISHED"
        )


def test_public_zones_refuse_sensitive_themes_that_are_columns():
    bare = cells([9]).drop(columns=["theme", "incident_count"])
    counts = {"harassment_count": 9, "themes_behind": "harassment"}
    with refused("sensitive", "'harassment'"):
        hs.release(
            zones=bare.assign(kind="ward", zone_name="Mill", **counts),
            audience="public", marking="PUBLISHED",
        )  # fmt: skip


@pytest.mark.parametrize("theme", ["asb", "vehicle_nuisance", "damage", "shed_breaks", "excl_dv"])
def test_other_themes_are_public_as_before(theme):
    table = cells([9]).assign(theme=theme, kind="h3-8")
    made = hs.release(table, audience="public", marking="PUBLISHED")
    assert made.areas[0]["incident_count"].tolist() == [10]


def test_a_partner_cannot_confirm_an_extract_by_its_hash():
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    record.sources.append(hs.core.record.SourceFile("town.csv", "ab" * 32, 10, 10, 0, 0))
    shown = released(cells([7]), record=record).record
    assert "ab" * 32 not in str(shown.manifest())
    assert record.sources[0].sha256 == "ab" * 32


def random_town(seed):
    """Cells of few incidents with halves, a ward around all, and zones of one to three of them."""
    rng = np.random.default_rng(seed)
    parts = rng.choice([0, 1, 2, 3, 4, 5, 7, 8], size=(5, 2))
    exact = cells(parts.sum(axis=1))
    spans = [(0, 5), *(sorted(rng.choice(6, size=2, replace=False)) for _ in range(2))]
    zones = [
        ward_of(exact.iloc[a:b], int(parts[a:b].sum()), kind=f"z{n}")
        for n, (a, b) in enumerate(spans)
    ]
    return exact, zones, halves(exact, parts)


@pytest.mark.parametrize("seed", range(12))
def test_no_cell_nor_half_can_be_worked_out_from_cells_halves_and_zones(seed):
    exact, zones, periods = random_town(seed)
    made = released(exact, zones=zones, area_periods=periods)
    assert not found_in(made)["told"].any()


NESTED = [("asb",), ("asb", "nuisance")]
"""All nuisance is ASB."""


def of_theme(table, theme):
    """The same ground of another theme."""
    renamed = {"asb_count": f"{theme}_count"} if "zone_name" in table else {}
    return table.rename(columns=renamed).assign(theme=theme)


def both_themes(exact, inner, spans, *, periods=((), ())):
    """Cells of a theme and of one inside it, with zones that count both."""
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    zones = []
    for n, (a, b) in enumerate(spans):
        some = exact.iloc[a:b]
        zone = ward_of(some, int(some["incident_count"].sum()), kind=f"z{n}")
        zones.append(zone.assign(nuisance_count=int(inner["incident_count"].iloc[a:b].sum())))
    behind = Behind(theme_parts=tuple(NESTED))
    return hs.release(
        [exact, inner], zones=zones, record=record, area_periods=periods or None, behind=behind
    )


def found_of(made, theme):
    own, other = (t for _, t in sorted((t["theme"].iloc[0] != theme, t) for t in made.areas))
    return hs.audit_totals(
        own, made.zones, area_periods=made.area_periods, earlier=[other], theme_parts=NESTED
    )


def test_halves_of_a_theme_bound_those_of_the_theme_around_it():
    """8 to 12 with at most 4 in the second half have 4 or more in the first, and so has ASB."""
    exact, inner = cells([11]), of_theme(cells([8]), "nuisance")
    year = [halves(exact, [(7, 4)]), halves(inner, [(4, 4)]).assign(theme="nuisance")]
    made = both_themes(exact, inner, [(0, 1)], periods=year)
    for theme in ("asb", "nuisance"):
        assert not found_of(made, theme)["narrow"].any()
    unknowing = released(exact, inner, area_periods=year)
    assert found_of(unknowing, "asb")["told"].any()


@pytest.mark.parametrize("seed", range(4))
def test_themes_inside_one_another_tell_nothing_together(seed):
    rng = np.random.default_rng(seed)
    outer = rng.choice([0, 1, 2, 3, 4, 5, 7, 8], size=(5, 2))
    inner = rng.binomial(outer, rng.choice([0.3, 0.7, 1.0]))
    exact, some = cells(outer.sum(axis=1)), of_theme(cells(inner.sum(axis=1)), "nuisance")
    year = [halves(exact, outer), halves(some, inner).assign(theme="nuisance")]
    spans = [(0, 5), *(sorted(rng.choice(6, size=2, replace=False)) for _ in range(2))]
    made = both_themes(exact, some, spans, periods=year)
    for theme in ("asb", "nuisance"):
        assert not found_of(made, theme)["told"].any()


def test_ground_tied_to_too_many_unknowns_is_withheld(monkeypatch):
    exact = cells([9, 12, 3])
    shown = released(exact, zones=ward_of(exact, 24)).zones[0]["asb_count"]
    assert shown.notna().all()
    monkeypatch.setattr(over_space, "MOST_VARIABLES", 0)
    withheld = released(exact, zones=ward_of(exact, 24)).zones[0]
    assert withheld["asb_count"].isna().all() and set(withheld["shown"]) == {Shown.LINKED}


def test_cells_are_not_shown_to_readers_who_have_zones_of_these_days_alone():
    """A ward of 18 to 22 and cells of 5 to 7 would leave four or more to the withheld one."""
    exact = cells([7, 7, 4])
    ward = released(zones=ward_of(exact, 18))
    with refused("cells-after-zones", "ward"):
        released(exact, earlier=ward)
    assert released(exact, zones=ward_of(exact, 18), earlier=released(exact))
    later = cells([7, 7, 4], days=("2026-01-01", "2026-02-01"))
    assert released(later, earlier=ward).areas[0]["incident_count"].notna().sum() == 2


def test_what_anybody_can_count_elsewhere_is_not_completed():
    """Four of data.police.uk in a cell of "fewer than 5" would say that partners had none."""
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    behind = Behind(theme_parts=(("asb",), ("asb", "published_asb")))
    exact = cells([4, 2, 9])
    published = cells([4, 0, 6]).assign(theme="published_asb")
    plain = released(exact)
    found = hs.audit_totals(plain.areas[0], earlier=[published], theme_parts=behind.theme_parts)
    assert found["told"].tolist() == [True, False]
    made = hs.release(exact, earlier=published, record=record, behind=behind)
    assert made.areas[0].loc["c0", "shown"] == Shown.LINKED
    found = hs.audit_totals(made.areas[0], earlier=[published], theme_parts=behind.theme_parts)
    assert not found["told"].any()


@pytest.mark.parametrize("kind", ["beat", "ward", "hex-350", "somebody's"])
def test_areas_of_any_kind_are_cells_where_there_are_no_others(kind):
    exact = cells([7, 7, 4], kind=kind)
    made = released(exact, zones=ward_of(exact, 18, kind="sector"))
    assert not found_in(made)["narrow"].any()
    year = cells([14, 4], kind=kind)
    pairs = halves(year, [(7, 7), (3, 1)])
    made = released(year, zones=ward_of(year, 18, kind="sector"), area_periods=pairs)
    assert made.area_periods[0]["incident_count"].notna().any()
    assert not found_in(made)["narrow"].any()


@pytest.mark.parametrize("at_once", [True, False])
def test_two_divisions_of_the_same_ground_are_reckoned_together(at_once):
    """Neither is a grid: beats of 7, 7 and 4, and a sector of 18 around them."""
    beats = cells([7, 7, 4], kind="beat")
    sector = beats.dissolve().assign(kind="sector", incident_count=18).set_index([["s"]])
    made = released(*([beats, sector] if at_once else [beats]))
    then = made.areas[1] if at_once else released(sector, earlier=made).areas[0]
    assert not hs.audit_totals(made.areas[0], earlier=[then])["narrow"].any()


def test_beats_after_a_sector_and_beats_with_other_borders_are_reckoned_with_it():
    beats = cells([7, 7, 4], kind="beat")
    sector = beats.dissolve().assign(kind="sector", incident_count=18).set_index([["s"]])
    before = released(sector)
    made = released(beats, earlier=before)
    assert not hs.audit_totals(made.areas[0], earlier=before.areas)["narrow"].any()
    wider = beats.iloc[:1].assign(incident_count=18).set_geometry([beats.union_all()], crs=27700)
    made = released(beats)
    then = released(wider, earlier=made).areas[0].assign(kind="wider").rename(index={"c0": "w"})
    assert not hs.audit_totals(made.areas[0], earlier=[then])["narrow"].any()


def test_zones_inside_zones_tell_nothing_where_there_are_no_cells():
    exact = cells([7, 7, 4])
    parts = pd.concat(
        [ward_of(exact.iloc[[n]], count, kind="beat") for n, count in enumerate([7, 7, 4])]
    ).set_index(pd.Index(["b0", "b1", "b2"], name="zone_id"))
    table = pd.concat([parts, ward_of(exact, 18)])
    for several in ([table], [parts, ward_of(exact, 18)]):
        shown = pd.concat(released(zones=several).zones)
        inner = shown.loc[parts.index].rename(columns={"asb_count": "incident_count"})
        found = hs.audit_totals(inner.assign(theme="asb"), shown.loc[["w"]])
        assert not found["narrow"].any()


def test_beats_alone_are_shown_month_by_month_as_cells_are():
    for seed in range(3):
        counts = np.random.default_rng(seed).integers(0, 12, size=12)
        shown = [
            [released(cells(counts, kind=kind)) for kind in ("beat", "square-500")],
            [
                released(cells(counts, kind=kind), earlier=released(cells(counts // 2, kind=kind)))
                for kind in ("beat", "square-500")
            ],
        ]
        for beats, squares in shown:
            one, other = (made.areas[0]["incident_count"] for made in (beats, squares))
            pd.testing.assert_series_equal(one, other)


def test_cells_of_another_time_do_not_excuse_cells_after_zones():
    """Readers have the cells of January, and a ward of the year without its cells."""
    exact, january = cells([7, 7, 4]), cells([0, 0, 0], days=("2025-01-01", "2025-02-01"))
    ward = released(zones=ward_of(exact, 18))
    with refused("cells-after-zones", "ward"):
        released(exact, earlier=[released(january), ward])


def test_statistical_areas_of_any_year_do_not_stand_beside_wards():
    for kind in ("LSOA", "lsoa21", "lsoa_2011", "MSOA"):
        exact = cells([7, 7, 4], kind=kind)
        with refused("second-geography", kind, "ward"):
            released(exact, zones=ward_of(exact, 18))


def test_areas_as_small_as_points_and_street_segments_are_not_for_partners():
    exact = cells([7, 7, 4], kind="beat")
    tiny = exact.set_geometry(exact.scale(0.1, 0.1), crs=27700)
    with refused("cell-size", "0.0025"):
        released(tiny)
    with refused("street-segments", "nearest"):
        released(exact.assign(kind="street"))


def test_public_wards_can_be_shown_beside_the_cells_that_partners_have():
    """Partners read what is public, too: cells of 7, 7 and 4 in a ward of 18."""
    exact = cells([7, 7, 4])
    partners = released(exact)
    ward = ward_of(exact, 18)
    alone, beside = (
        hs.release(zones=ward, audience="public", marking="PUBLISHED", earlier=earlier)
        for earlier in ((), partners)
    )
    told = [hs.audit_totals(partners.areas[0], one.zones) for one in (alone, beside)]
    assert told[0]["told"].any() and not told[1]["narrow"].any()


def test_a_patrol_area_is_known_to_hold_its_least():
    """Ten or more in two cells of 7 and 3 or fewer would leave one town; eight, several."""
    exact = cells([7, 3])
    patrol = ward_of(exact, 10).rename(columns={"asb_count": "incident_count"})
    patrol = patrol.drop(columns="zone_name").rename_axis("area_id").assign(kind="patrol")
    before = released(exact)
    for least, listed in ((10, 0), (8, 1)):
        made = released(patrol.assign(min_incidents=least), earlier=before)
        assert len(made.areas[0]) == listed
        assert not hs.audit_totals(before.areas[0], made.areas)["narrow"].any()


@pytest.mark.parametrize("kind", ["street-run", "off-road-site"])
def test_what_recurring_roads_draw_is_refused_to_partners_by_its_kind(kind):
    with refused("street-segments", "outline"):
        released(cells([9]).assign(kind=kind))


def two_programmes(rows, low, high, wish):
    """Both ends by the plain way, one programme each, simplified first."""
    sums, ends = LinearConstraint(rows, low, high), []
    for sign in (1.0, -1.0):
        answer = milp(sign * wish, constraints=sums)
        if answer.status != 3 and not answer.success:
            return None
        ends.append(-sign * np.inf if answer.status == 3 else sign * answer.fun)
    return tuple(ends)


def test_ends_that_are_plain_to_see_are_those_of_a_linear_programme():
    rng = np.random.default_rng(5)
    kinds = set()
    for _ in range(120):
        rows = sparse.csr_array((rng.random((4, 5)) < 0.5).astype(float))
        low = rng.choice([0.0, 0.0, 5.0, 8.0], 4) * rng.choice([0.0, 1.0])
        high = np.where(rng.random(4) < 0.4, np.inf, low + rng.integers(0, 9, 4))
        wish = (rng.random(5) < 0.5).astype(float)
        found = variables.fewest_and_most(rows, low, high, wish)
        slow = two_programmes(rows, low, high, wish)
        kinds.add("none" if slow is None else "open" if np.isinf(slow[1]) else "closed")
        assert (found is None) == (slow is None)
        if found is not None:
            np.testing.assert_allclose(found, slow, atol=1e-7)
    assert kinds == {"none", "open", "closed"}


def test_a_sum_ties_only_what_it_counts():
    """One of two pieces between the second and third of four days, of one of two themes."""
    days = list(pd.date_range("2025-01-01", periods=4))
    member, inside = sparse.csr_array(np.eye(2)), np.array([[True], [False]])
    made = Variables(np.arange(2), np.arange(2), member, inside, np.ones(2), days,
                     (("asb",), ("asb", "vehicle_nuisance")))  # fmt: skip
    row = made.of_outline(0, days[1], days[2], "vehicle_nuisance")
    assert row.shape == (1, 12) and row.indices.tolist() == [3] and row.data.tolist() == [1.0]
    each = made.of_groups(days[0], days[2], "asb")
    slow = np.kron(np.eye(2), [1, 1, 1, 1, 0, 0])
    assert each.nnz == 8 and (each.toarray() == slow).all()
