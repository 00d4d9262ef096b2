"""Ranks and names: ties share, order is stable, names are streets and never kinds of place."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from chain import asked, in_areas, in_cells
from refusing import refused
from shapely.geometry import box
from tables import ORIGIN, incidents_at, zone

from hotspots.analysis.cells import aggregate_to_cells
from hotspots.analysis.clusters.find import assign_clusters, find_clusters
from hotspots.analysis.names import name_areas
from hotspots.analysis.ranking import rank_areas
from hotspots.core.errors import InputError
from hotspots.core.grids import H3Grid


def areas(counts, harm=None, theme="all"):
    x, y = ORIGIN
    size = len(counts)
    frame = gpd.GeoDataFrame(
        {"theme": theme, "incident_count": counts, "area_km2": np.linspace(0.1, 0.2, size)},
        index=pd.Index([f"a{row}" for row in range(size)], name="area_id", dtype=object),
        geometry=[box(x + 100 * row, y, x + 100 * row + 100, y + 100) for row in range(size)],
        crs=27700,
    )
    if harm is not None:
        frame["harm"] = harm
    return frame


def test_ties_share_the_better_rank_and_zeros_have_none():
    ranked = rank_areas(areas([0, 5, 7, 5]))
    assert ranked["rank"].dropna().to_dict() == {"a2": 1, "a1": 2, "a3": 2}
    assert ranked.index.tolist() == ["a2", "a1", "a3", "a0"]


def test_row_order_changes_no_rank():
    table = areas([3, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    other = rank_areas(table.iloc[::-1])
    pd.testing.assert_frame_equal(pd.DataFrame(rank_areas(table)), pd.DataFrame(other))


def test_ranking_by_harm_leaves_missing_harm_unranked():
    ranked = rank_areas(areas([9, 2, 1], harm=[np.nan, 800.0, 900.0]), by="harm")
    assert ranked["rank"].dropna().to_dict() == {"a2": 1, "a1": 2}


def test_a_theme_without_any_harm_is_sent_to_counts():
    with pytest.raises(InputError, match='by="count"'):
        rank_areas(areas([9, 2], harm=[np.nan, np.nan]), by="harm")


def test_two_themes_in_one_list_are_refused():
    with refused("several-themes", of="areas"):
        rank_areas(pd.concat([areas([1]), areas([2], theme="violence").rename({"a0": "b"})]))


def test_an_unknown_order_is_refused():
    with pytest.raises(InputError, match="count, harm, density"):
        rank_areas(areas([1]), by="colour")


def test_an_area_is_named_by_its_busiest_street_and_never_by_a_kind_of_place():
    places = ["Supermarket"] * 5 + ["High Street"] * 2 + ["Mill Lane"]
    incidents = incidents_at([(10, 10)] * 8, place_name=places)
    named = name_areas(areas([8]), in_areas(incidents, ["a0"] * 8))
    assert named["place_name"].tolist() == ["High Street"]


def test_a_quiet_area_takes_the_nearest_named_street():
    incidents = incidents_at([(-50, 50), (950, 50)], place_name=["Near Street", "Far Street"])
    named = name_areas(areas([0, 0]), in_areas(incidents, [None, None]))
    assert named["place_name"].str.startswith("Near Street").all()


def test_two_areas_of_one_name_are_told_apart():
    incidents = incidents_at(
        [(10, 10)] * 3 + [(110, 10)] * 3 + [(210, 10)] * 2,
        place_name=["Long Road", "Long Road", "Side Street"] + ["Long Road"] * 5,
    )
    held = in_areas(incidents, ["a0"] * 3 + ["a1"] * 3 + ["a2"] * 2)
    names = name_areas(areas([3, 3, 2]), held)["place_name"]
    assert names.is_unique
    assert names["a0"] == "Long Road / Side Street"
    assert names["a1"].startswith("Long Road (SE")


def test_without_any_named_street_the_name_says_so():
    incidents = incidents_at([(0, 0)], place_name=[None])
    named = name_areas(areas([1]), in_areas(incidents, ["a0"]))
    assert named["place_name"].tolist() == ["unnamed place (SE290330)"]


def test_the_ward_is_the_one_with_most_of_the_incidents():
    overlaps = pd.DataFrame(
        {
            "zone_name": ["Armley", "Headingley", "An order"],
            "kind": ["ward", "ward", "pspo"],
            "share_of_area": [0.9, 0.1, 1.0],
            "share_of_zone": [0.0, 0.0, 0.0],
            "share_of_count": [0.2, 0.8, 1.0],
            "share_of_harm": [np.nan] * 3,
        },
        index=pd.MultiIndex.from_tuples(
            [("a0", "w1"), ("a0", "w2"), ("a0", "p")], names=["area_id", "zone_id"]
        ),
    )
    incidents = incidents_at([(0, 0)], place_name=["High Street"])
    named = name_areas(areas([1]), in_areas(incidents, ["a0"]), overlaps)
    assert named["ward_name"].tolist() == ["Headingley"]


def test_ranks_get_intervals_from_the_incidents_that_were_counted():
    points = [(10, 10)] * 30 + [(110, 10)] * 4 + [(210, 10)]
    incidents = incidents_at([*points, (10, 20)])
    held = in_areas(incidents, ["a0"] * 30 + ["a1"] * 4 + ["a2", None])
    ranked = rank_areas(areas([30, 4, 1, 0]), held)
    assert ranked["rank"].dropna().tolist() == [1, 2, 3]
    assert (ranked["rank_low"] <= ranked["rank_high"]).dropna().all()
    assert ranked["one_event"].loc["a2"]
    again = rank_areas(areas([30, 4, 1, 0]), held)
    pd.testing.assert_frame_equal(pd.DataFrame(ranked), pd.DataFrame(again))


def test_one_event_is_never_ranked_on_harm_alone():
    incidents = incidents_at([(10, 10), (110, 10), (120, 20), (130, 30)], harm=[5000.0, 9, 9, 9])
    table = areas([1, 3], harm=[5000.0, 27.0])
    assert rank_areas(table, by="harm")["rank"].to_dict() == {"a0": 1, "a1": 2}
    ranked = rank_areas(table, in_areas(incidents, ["a0", "a1", "a1", "a1"]), by="harm")
    assert ranked["rank"].dropna().to_dict() == {"a1": 1}


def test_ranks_of_cells_are_those_of_the_same_areas_named_by_hand():
    rng = np.random.default_rng(1)
    incidents = incidents_at([tuple(p) for p in rng.normal(0, 200, (80, 2)).round()])
    grid, city = H3Grid(9), zone("City", (-5000, -5000, 5000, 5000))
    counted = in_cells(incidents, grid, within=city, period="2018-07")
    cells = aggregate_to_cells(counted)
    by_hand = in_areas(incidents, counted.everywhere(), within=city, period="2018-07")
    one, other = rank_areas(cells, counted), rank_areas(cells, by_hand)
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))
    assert one["rank_low"].notna().any()


def test_quiet_cells_are_named_by_incidents_of_other_themes():
    incidents = incidents_at(
        [(0, 0)] * 3 + [(1000, 0)] * 2 + [(3000, 0)],
        theme_asb=[True] * 3 + [False] * 3,
        place_name=["High Street"] * 3 + ["Mill Lane"] * 2 + ["Far Road"],
    )
    city = zone("City", (-100, -100, 1100, 100))
    asb = in_cells(incidents, H3Grid(9), theme="asb", within=city)
    named = name_areas(aggregate_to_cells(asb), asb)["place_name"]
    held = asb.everywhere()
    assert named[held["i0"]].startswith("High Street")
    assert named[held["i3"]].startswith("Mill Lane")


def test_clusters_are_named_by_their_members_alone():
    incidents = incidents_at(
        [(0, 0)] * 3 + [(1, 0)] * 5,
        theme_asb=[True] * 3 + [False] * 5,
        place_name=["High Street"] * 3 + ["Mill Lane"] * 5,
    )
    clustered = assign_clusters(asked(incidents, theme="asb"), radius_m=50, min_incidents=3)
    named = name_areas(find_clusters(clustered), clustered)
    assert named["place_name"].tolist() == ["High Street"]
