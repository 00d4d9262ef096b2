"""Any two tables a reader has, of one release or several: none tells what another one withholds."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from refusing import refused
from shapely.geometry import box

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.states import Shown

SIDE = 800.0
DAYS = ["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01"]
FIRST, SECOND, YEAR = (0, 2), (2, 4), (0, 4)


def between(span):
    first, last = (pd.Timestamp(DAYS[day], tz="Europe/London") for day in span)
    return {"period_from": first, "period_until": last}


def cells(counts, span=YEAR, theme="asb", **columns):
    return gpd.GeoDataFrame(
        {"kind": "h3-8", "theme": theme, "incident_count": counts, **between(span), **columns},
        index=pd.Index([f"c{n}" for n in range(len(counts))], name="area_id"),
        geometry=[box(SIDE * n, 0, SIDE * (n + 1), SIDE) for n in range(len(counts))],
        crs=27700,
    )


def ward(count, wide, span=YEAR):
    return gpd.GeoDataFrame(
        {"kind": "ward", "zone_name": "w", "asb_count": [count], **between(span)},
        index=pd.Index(["w"], name="zone_id"), geometry=[box(0, 0, SIDE * wide, SIDE)], crs=27700,
    )  # fmt: skip


def released(*areas, parts=(), **more):
    behind = Behind(theme_parts=tuple(parts), themes=tuple(sorted({n for p in parts for n in p})))
    return hs.release(areas, audience="partner", marking="OFFICIAL", behind=behind, **more)


def told(*releases, parts=()):
    """What all tables of some releases tell of the cells of the first."""
    every = [table for one in releases for table in one.every_table]
    found = hs.audit_totals(every[0], earlier=every[1:], theme_parts=parts)
    return found["told"].sum()


@pytest.mark.parametrize("way", ["areas", "tables", "without outlines"])
def test_counts_of_other_days_are_judged_in_one_release_as_in_several(way):
    """Halves of four each, and the year of eight."""
    halves, year = [cells([4, 3], FIRST), cells([4, 2], SECOND)], cells([8, 5])
    if way == "areas":
        made = released(*halves, year)
    else:
        flat = [pd.DataFrame(one.drop(columns="geometry")) for one in (halves[1], year)]
        more = [halves[1], year] if way == "tables" else flat
        made = released(halves[0], tables={"second": more[0], "year": more[1]})
    assert told(made) == 0
    assert made.every_table[-1]["incident_count"].tolist() == [5, 5]


def test_two_grids_are_two_grids_wherever_they_are_given():
    coarse = cells([8]).assign(kind="h3-7").set_geometry([box(0, 0, 2 * SIDE, SIDE)], crs=27700)
    with refused("second-geography"):
        released(tables={"fine": cells([4, 4]), "coarse": coarse})


def test_themes_of_one_table_are_told_one_by_one():
    both = pd.concat([cells([9, 9], theme="fire"), cells([4, 4])])
    made = released(tables={"both": both}, zones=[ward(8, 2)])
    assert made.tables["both"]["incident_count"].tolist()[:2] == [10, 10]
    assert made.zones[0]["shown"].tolist() == [Shown.MERGED_DOWN]
    mixed = both.iloc[[0, 2, 1, 3]]
    inside = hs.release(tables={"both": mixed}, audience="internal", marking="OFFICIAL")
    pd.testing.assert_frame_equal(inside.tables["both"], mixed)


@pytest.mark.parametrize("last", [0, 1, 2])
def test_themes_that_make_up_another_one_do_not_tell_it_nor_it_them(last):
    """Every incident is with a weapon or without: four and four of eight."""
    parts = [("all", "armed"), ("all", "plain")]
    tables = [
        cells([4, 4], theme="armed"),
        cells([4, 1], theme="plain"),
        cells([8, 5], theme="all"),
    ]
    made = released(*tables[last + 1 :], *tables[: last + 1], parts=parts)
    for at in range(3):
        areas = [*made.areas[at:], *made.areas[:at]]
        found = hs.audit_totals(areas[0], earlier=areas[1:], theme_parts=parts)
        assert not found["told"].any()
    assert sum(table["incident_count"].notna().sum() for table in made.areas) >= 2


def test_cells_are_judged_beside_the_zones_of_earlier_products():
    """A ward of 13 over two small cells and one of seven at most, twice: each holds two or more."""
    halves = []
    for span in (FIRST, SECOND):
        made = released(cells([2, 4, 7], span), zones=[ward(13, 3, span)], earlier=halves)
        halves = [*halves, made]
    year = released(cells([4, 8, 14]), zones=[ward(26, 3)], earlier=halves)
    assert told(year, *halves) == 0


def test_the_same_cell_in_another_study_area_is_another_cell():
    """Four quarters of seven make 28 of 28 to 32; 28 of it inside a ward leave none outside."""
    known = []
    for at in range(4):
        known = [*known, released(cells([7, 9], (at, at + 1), share_inside=1.0), earlier=known)]
    known.append(released(cells([28, 36], share_inside=1.0), earlier=known))
    here = released(cells([28, 36], share_inside=[0.6, 1.0]), earlier=known).areas[0]
    assert here["shown"].to_dict() == {"c0": Shown.LINKED, "c1": Shown.ROUNDED}


def test_offences_that_were_named_bound_a_theme_that_is_made_of_them():
    """Seven, seven and fewer than five named; a theme of just these, 18 to 22, would say four."""
    named = pd.DataFrame({"area_id": "c0", "theme": "violence", "breakdown": "offences",
                          "part": list("ABCD"), "incident_count": [7, 7, 4, 7]})  # fmt: skip
    before = released(cells([25, 9], theme="violence"), breakdowns=named, parts=[("violence",)])
    parts = [("knife", "violence"), ("violence",)]
    now = released(cells([18, 9], theme="knife"), earlier=[before], parts=parts).areas[0]
    assert now["shown"].to_dict() == {"c0": Shown.LINKED, "c1": Shown.ROUNDED}


def test_bands_of_themes_with_common_incidents_are_not_subtracted():
    """Violence of 10,000 or more less knives of 1,200 at most: one in five would be a killing."""
    weighed = {"largest_event_share": 0.1, "largest_point_share": 0.1, "unweighted_count": 0}
    areas = [
        cells([13], theme="violence", harm=[13_000.0], **weighed),
        cells([8], theme="knife", harm=[500.0], **weighed),
    ]
    apart, inside = [("knife",), ("violence",)], [("knife", "violence"), ("violence",)]
    assert [table["harm"].notna().sum() for table in released(*areas, parts=apart).areas] == [1, 1]
    assert [table["harm"].notna().sum() for table in released(*areas, parts=inside).areas] == [1, 0]


@pytest.mark.parametrize("around", ["asb", "all"])
def test_zones_of_a_theme_are_judged_beside_cells_of_one_around_it(around):
    """Eight of a theme inside another, over two cells of fewer than five of that one."""
    inner = "nuisance" if around == "asb" else "asb"
    parts = [("asb",), ("asb", "nuisance")]
    zones = ward(8, 2).rename(columns={"asb_count": "incident_count"}).assign(theme=inner)
    made = released(cells([4, 4], theme=around), zones=[zones], parts=parts)
    assert made.zones[0]["shown"].tolist() == [Shown.MERGED_DOWN]
    assert told(made, parts=parts) == 0


def test_cells_are_not_given_after_zones_of_a_theme_inside_theirs():
    parts = [("asb",), ("asb", "nuisance")]
    zones = ward(8, 2).rename(columns={"asb_count": "incident_count"}).assign(theme="nuisance")
    before = released(zones=[zones], parts=parts)
    with refused("cells-after-zones"):
        released(cells([4, 4]), earlier=[before], parts=parts)


def test_what_does_not_say_its_ground_its_theme_or_its_days_tells_nothing():
    nowhere = ward(8, 2).set_geometry([None], crs=27700)
    assert released(cells([4, 4]), zones=[nowhere]).zones[0]["shown"].tolist() == [Shown.LINKED]
    of_nothing = ward(8, 2).rename(columns={"asb_count": "incident_count"})
    made = released(cells([4, 4]), tables={"some": of_nothing})
    assert made.tables["some"]["shown"].tolist() == [Shown.LINKED]
    undated = cells([4, 4]).drop(columns=["period_from", "period_until"])
    made = released(undated, zones=[ward(8, 2)])
    assert made.zones[0]["shown"].tolist() == [Shown.MERGED_DOWN]


def test_what_does_not_fit_is_forgotten_where_it_does_not_fit_alone():
    """A zone holds more than its cells, which are some of many; another one far off does not."""
    here = ward(8, 2).set_geometry([box(-300, 0, 2 * SIDE, SIDE)], crs=27700)
    there = ward(90, 1).set_geometry([box(4 * SIDE, 0, 6 * SIDE, SIDE)], crs=27700)
    zones = pd.concat([there.rename({"w": "a"}), here.rename({"w": "b"})]).rename_axis("zone_id")
    shown = released(cells([4, 4, 0, 0, 9]), zones=[zones]).zones[0]
    assert shown["asb_count"].to_dict() == {"a": 90, "b": 5}
