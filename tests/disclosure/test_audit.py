"""Totals of zones and clusters beside the cells under them, attacked with every tool there is."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from disclosing import disclose_table, disclose_tables
from refusing import refused
from scipy.optimize import OptimizeResult
from shapely.geometry import MultiPoint, Point, box

import hotspots as hs
from hotspots.core.errors import DataError, InputError
from hotspots.core.record import ThemeStatus
from hotspots.core.states import Shown

SIDE = 500.0


def a_record():
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    record.tell_themes(ThemeStatus("asb", "ASB", "measured"))
    return record


def cells_of(counts, columns=4):
    """Square cells with so many incidents, in rows of four."""
    corners = [(SIDE * (n % columns), SIDE * (n // columns)) for n in range(len(counts))]
    return gpd.GeoDataFrame(
        {"kind": "square-500", "theme": "asb", "incident_count": np.asarray(counts)},
        index=pd.Index([f"c{n:02d}" for n in range(len(counts))], name="area_id"),
        geometry=[box(x, y, x + SIDE, y + SIDE) for x, y in corners],
        crs=27700,
    )


def zones_of(outlines, counts, kind="ward"):
    names = [f"z{n}" for n in range(len(outlines))]
    return gpd.GeoDataFrame(
        {"zone_name": names, "kind": kind, "asb_count": np.asarray(counts)},
        index=pd.Index(names, name="zone_id"),
        geometry=list(outlines),
        crs=27700,
    )


def clusters_of(outlines, counts):
    return gpd.GeoDataFrame(
        {"kind": "cluster", "theme": "asb", "incident_count": np.asarray(counts)},
        index=pd.Index([f"k{n}" for n in range(len(outlines))], name="area_id"),
        geometry=list(outlines),
        crs=27700,
    )


def shown(cells, *others, knowing=True):
    record = a_record()
    safe = disclose_table(cells, record)
    beside = safe if knowing else None
    return [safe, *(disclose_table(table, record, beside=beside) for table in others)]


def whole(cells):
    return cells.geometry.union_all()


def test_a_ward_at_the_top_of_its_class_would_tell_that_all_other_cells_are_empty():
    cells = cells_of([8, 8, 8, 8, 0, 0])
    ward = zones_of([whole(cells)], [32])
    naive = hs.audit_totals(*shown(cells, ward, knowing=False))
    assert naive["told"].all() and naive["most"].eq(0).all() and len(naive) == 2
    safe = shown(cells, ward)
    assert safe[1]["asb_count"].tolist() == [35]
    assert safe[1]["shown"].tolist() == [Shown.MERGED_UP]
    assert not hs.audit_totals(*safe)["narrow"].any()


def test_a_cluster_of_eight_over_two_small_cells_would_tell_that_each_holds_four():
    cells = cells_of([4, 4, 9])
    cluster = clusters_of([box(300, 100, 700, 300)], [8])
    naive = shown(cells, cluster, knowing=False)
    found = hs.audit_totals(naive[0], clusters=naive[1])
    assert found["told"].all() and found["fewest"].eq(4).all()
    safe = shown(cells, cluster)
    assert safe[1]["incident_count"].tolist() == [5]
    assert safe[1]["shown"].tolist() == [Shown.MERGED_DOWN]
    assert not hs.audit_totals(safe[0], clusters=safe[1])["narrow"].any()


def test_three_cells_at_the_top_would_tell_a_zone_at_the_bottom_which_holds_four_more():
    cells = cells_of([7, 7, 4])
    zone = zones_of([whole(cells)], [18])
    assert hs.audit_totals(*shown(cells, zone, knowing=False))["fewest"].tolist() == [4]
    assert not hs.audit_totals(*shown(cells, zone))["narrow"].any()


def test_two_wards_of_fewer_than_five_around_a_cell_of_eight_would_hold_four_each():
    cells = cells_of([0, 8, 0, 1])
    halves = [box(0, 0, 750, SIDE), box(750, 0, 1500, SIDE)]
    zones = zones_of(halves, [4, 4])
    safe = shown(cells, zones)
    assert safe[1]["shown"].tolist() == [Shown.SMALL, Shown.LINKED]
    assert not hs.audit_totals(*safe)["narrow"].any()


def test_a_zone_around_zones_is_rounded_beside_them_too():
    """Four orders of 8, each over three small cells, in a ward of 32: all else would be empty."""
    cells = cells_of([4, 2, 2, 0] * 4)
    orders = [box(200, SIDE * n + 100, 2.6 * SIDE, SIDE * n + 400) for n in range(4)]
    small, ward = zones_of(orders, [8] * 4), zones_of([whole(cells)], [32])
    naive = shown(cells, small, ward, knowing=False)
    assert hs.audit_totals(naive[0], naive[1:])["told"].sum() == 4
    safe = disclose_tables([cells, small, ward], a_record())
    assert safe[2]["asb_count"].tolist() == [35]
    assert not hs.audit_totals(safe[0], safe[1:])["narrow"].any()


def test_a_cluster_that_tells_by_being_there_is_withheld():
    """Its smallest number is known: 7 or more over two small cells are four and three or four."""
    cells = cells_of([4, 4, 9])
    cluster = clusters_of([box(300, 100, 700, 300)], [8])
    record, other = a_record(), a_record()
    safe = disclose_tables([cells, cluster.assign(min_incidents=7)], record)
    assert len(safe[1]) == 0
    assert len(disclose_tables([cells, cluster.assign(min_incidents=3)], other)[1]) == 1
    said = [
        [one for one in it.caveats if one.rule == "clusters-left-out"] for it in (record, other)
    ]
    assert said[0] == said[1] != []


def dated(table, first, last):
    return table.assign(period_from=pd.Timestamp(first), period_until=pd.Timestamp(last))


def test_what_earlier_products_say_of_the_cells_counts_for_the_zones_around_them():
    """Three cells of 8 or more in each of three months are 24 or more each, 72 together."""
    cells, months = cells_of([8, 8, 8, 0], columns=2), ["2025-01-01", "2025-02-01", "2025-03-01"]
    earlier = []
    for first, last in zip(months, [*months[1:], "2025-04-01"], strict=True):
        tables = [cells, zones_of([whole(cells)], [24])]
        tables = [dated(table, first, last) for table in tables]
        earlier += disclose_tables(tables, a_record(), earlier=earlier)
    now = cells.assign(incident_count=cells["incident_count"] * 3)
    tables = [dated(one, "2025-01-01", "2025-05-01") for one in (now, zones_of([whole(now)], [72]))]
    knowing = disclose_tables(tables, a_record(), earlier=earlier)
    assert knowing[1]["asb_count"].tolist() == [75]
    assert knowing[1]["shown"].tolist() == [Shown.MERGED_UP]
    assert disclose_tables(tables, a_record())[1]["asb_count"].tolist() == [70]


def test_where_one_theme_of_a_zone_is_withheld_for_what_is_known_all_are():
    """Else it could be worked out which one it was, and that the others are under 5."""
    cells = cells_of([0, 8, 0, 1])
    halves = [box(0, 0, 750, SIDE), box(750, 0, 1500, SIDE)]
    zones = zones_of(halves, [4, 4]).assign(violence_count=[20, 20])
    record = a_record()
    record.tell_themes(ThemeStatus("violence", "Violence", "measured"))
    safe = disclose_tables([cells, zones], record)[1]
    assert safe["shown"].tolist() == [Shown.SMALL, Shown.LINKED]
    assert safe["violence_count"].iloc[0] == 20 and np.isnan(safe["violence_count"].iloc[1])


def towns(seed, cells=6):
    """A few cells of few incidents, points in them, and zones and clusters drawn across them."""
    rng = np.random.default_rng(seed)
    counts = rng.choice([0, 4, 7, 8, 12], size=cells)
    table = cells_of(counts, columns=3)
    points = []
    for count, cell in zip(counts, table.geometry, strict=True):
        west, south, *_ = cell.bounds
        points += [Point(west + x, south + y) for x, y in rng.uniform(5, SIDE - 5, (count, 2))]
    places = gpd.GeoSeries(points, crs=27700)
    outlines = [whole(table), box(0, 0, SIDE * rng.integers(1, 4), SIDE * rng.uniform(0.5, 2))]
    outlines.append(box(*rng.uniform(0, SIDE, 2), *rng.uniform(SIDE, 3 * SIDE, 2)))
    held = [int(places.within(outline).sum()) for outline in outlines]
    near = [places.distance(places.iloc[n]) < 300 for n in (0, len(places) // 2)]
    blobs = [MultiPoint(list(places[one])).buffer(40) for one in near]
    return (
        table,
        zones_of(outlines, held),
        clusters_of(blobs, [int(one.sum()) for one in near]),
    )


@pytest.mark.parametrize("seed", range(25))
def test_no_cell_of_a_small_town_can_be_worked_out_from_all_its_totals(seed):
    safe, zones, clusters = shown(*towns(seed))
    found = hs.audit_totals(safe, zones, clusters=clusters)
    exact = towns(seed)[0]["incident_count"]
    assert sorted(found.index) == sorted(exact.index[exact < 5])
    assert not found["told"].any()


def test_the_same_towns_without_that_care_tell_many_cells_which_shows_that_the_attack_works():
    told = 0
    for seed in range(25):
        safe, zones, clusters = shown(*towns(seed), knowing=False)
        told += hs.audit_totals(safe, zones, clusters=clusters)["told"].sum()
        if told >= 3:
            break
    assert told >= 3


def test_a_question_left_unanswered_is_not_told_by_the_town_found_until_then(monkeypatch):
    """The search ends with some town, which need not be the last one; parts are never whole."""
    solve = scipy.optimize.milp

    def ended(wish, *, integrality, **asked):
        early = bool(np.any(integrality))
        found = solve(wish * 0 if early else wish, integrality=integrality, **asked)
        if early and found.x is not None:
            return OptimizeResult(found, status=4, mip_dual_bound=-np.inf)
        return OptimizeResult(found, x=None if found.x is None else found.x + 0.25)

    safe, zones, clusters = shown(*towns(3))
    monkeypatch.setattr(scipy.optimize, "milp", ended)
    found = hs.audit_totals(safe, zones, clusters=clusters)
    assert not found["told"].any() and found["bounded"].any()


@pytest.mark.parametrize("seed", range(8))
def test_the_audit_finds_what_trying_every_town_finds(seed):
    """Zones of whole cells, so that all towns can be listed."""
    rng = np.random.default_rng(seed)
    counts = rng.choice([0, 2, 4, 5, 8], size=5)
    cells = cells_of(counts, columns=5)
    groups = [sorted(rng.choice(5, size=rng.integers(2, 5), replace=False)) for _ in range(3)]
    outlines = [cells.geometry.iloc[group].union_all() for group in groups]
    zones = zones_of(outlines, [int(counts[group].sum()) for group in groups])
    safe, around = shown(cells, zones, knowing=False)
    found = hs.audit_totals(safe, around)
    towns = np.indices((13,) * 5).reshape(5, -1).T
    fits = np.ones(len(towns), dtype=bool)
    for table, members in ((safe, [[n] for n in range(5)]), (around, groups)):
        # Zones that cross may be merged or withheld: what each row says of itself.
        ends = table.sort_index().filter(regex="shown_(low|high)$").astype(float).fillna(np.inf)
        for (low, high), group in zip(ends.to_numpy(), members, strict=True):
            held = towns[:, group].sum(axis=1)
            fits &= (held >= low) & (held <= high)
    possible = towns[fits]
    for name, row in found.iterrows():
        values = np.unique(possible[:, int(name[1:])])
        assert row["told"] == (len(values) == 1)
        assert row["narrow"] == (len(values) < 3)
        assert {row["fewest"], row["most"]} <= set(values)
        if row["narrow"]:
            assert (row["fewest"], row["most"]) == (values[0], values[-1])


def test_classes_of_a_zone_depend_on_the_cells_and_never_on_its_own_count():
    cells = cells_of([8, 8, 8, 8, 0, 0])
    said = {}
    for count in range(32, 41):
        (_, zone) = shown(cells, zones_of([whole(cells)], [count]))
        number = zone["asb_count"].iloc[0]
        said.setdefault(number, set()).add(zone["shown"].iloc[0])
        assert abs(number - count) <= 4
    assert all(len(words) == 1 for words in said.values())
    assert said == {35: {Shown.MERGED_UP}, 40: {Shown.ROUNDED}}


def test_zones_with_counts_of_several_themes_say_it_once_for_all():
    cells = cells_of([8, 8, 8, 8, 0, 0])
    zone = zones_of([whole(cells)], [32]).assign(violence_count=11)
    record = a_record()
    record.tell_themes(ThemeStatus("violence", "Violence", "measured"))
    safe = disclose_table(zone, record, beside=disclose_table(cells, record))
    assert safe[["asb_count", "violence_count"]].iloc[0].tolist() == [35, 10]
    assert safe["shown"].tolist() == [Shown.MERGED]


def test_order_of_rows_and_of_zones_changes_nothing():
    cells, zones, clusters = towns(3)
    wanted = shown(cells, zones, clusters)
    again = shown(cells.iloc[::-1], zones.iloc[::-1], clusters.iloc[::-1])
    for one, other in zip(wanted, again, strict=True):
        pd.testing.assert_frame_equal(one, other)
    found = hs.audit_totals(wanted[0], wanted[1], clusters=wanted[2])
    other = hs.audit_totals(wanted[0].iloc[::-1], wanted[1].iloc[::-1], clusters=wanted[2])
    pd.testing.assert_frame_equal(
        found.sort_index()[["told", "narrow"]], other.sort_index()[["told", "narrow"]]
    )


def test_ground_outside_all_cells_holds_nothing_that_is_counted():
    """Cells cover the study area; some of many cells are told by what is counted around them."""
    cells = cells_of([4, 4])
    goes_on, most = whole(cells).buffer(300), [8]
    for outline in (whole(cells), goes_on):
        naive = shown(cells, zones_of([outline], most), knowing=False)
        assert hs.audit_totals(*naive)["told"].all()
        safe = shown(cells, zones_of([outline], most))
        assert safe[1]["asb_count"].tolist() == [5]
        assert not hs.audit_totals(*safe)["narrow"].any()
    of_many = shown(cells, zones_of([goes_on], [90]))
    assert of_many[1]["asb_count"].tolist() == [90]
    assert not hs.audit_totals(*of_many)["narrow"].any()


def test_tables_that_do_not_belong_together_are_an_error():
    cells = cells_of([8, 8, 8, 8, 0, 0])
    with refused("impossible-totals", kind=DataError):
        hs.audit_totals(*shown(cells, zones_of([whole(cells)], [90]), knowing=False))
    with pytest.raises(InputError, match="exact counts"):
        hs.audit_totals(cells)


def test_empty_tables_have_nothing_to_tell():
    safe = disclose_table(cells_of([3, 4]), a_record())
    assert hs.audit_totals(safe).shape == (2, 5)
    assert hs.audit_totals(safe, zones_of([], [])).shape == (2, 5)
    full = disclose_table(cells_of([30, 40]), a_record())
    assert hs.audit_totals(full).shape == (0, 5)


def test_cells_that_do_not_touch_a_zone_or_another_theme_change_nothing():
    cells = cells_of([8, 8, 8, 8, 0, 0])
    zone = zones_of([whole(cells)], [32])
    other = cells.assign(theme="violence")
    safe = disclose_table(zone, a_record(), beside=[other, cells.iloc[:0]])
    assert safe["asb_count"].tolist() == [30]
    assert safe["shown"].tolist() == [Shown.ROUNDED]
