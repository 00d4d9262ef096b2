"""Streets: cut at junctions without losing a metre; distances along them as by walking."""

from __future__ import annotations

from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from shapely.geometry import LineString
from tables import ORIGIN, incidents_at
from walking import walked

import hotspots as hs
from hotspots.core.grids.junctions import split_at_junctions
from hotspots.core.grids.street_segments import Network

BRITISH = "EPSG:27700"


def roads(**lines):
    shapes = [LineString(np.add(points, ORIGIN)) for points in lines.values()]
    return gpd.GeoDataFrame(
        {"street_name": list(lines)}, index=list(lines), geometry=shapes, crs=BRITISH
    )


TOWN = roads(
    main=[(0, 0), (100, 0), (200, 0), (300, 0)],
    lane=[(100, 0), (100, 90)],  # shares a corner with main
    path=[(250, 0.2), (250, 80)],  # ends beside main
    bridge=[(20, -50), (20, 50)],  # crosses main
    ring=[(100, 90), (160, 90), (160, 140), (100, 140), (100, 90)],
)


def test_lines_are_cut_where_others_end_or_share_a_corner_and_not_under_bridges():
    found = split_at_junctions(TOWN)
    assert found.length.round(6).to_dict() == {
        "main-1": 100, "main-2": 150, "main-3": 50, "lane": 90, "path": 79.8, "bridge": 100,
        "ring": 220,
    }  # fmt: skip
    assert found.loc["main-2", "street_name"] == "main"
    assert found.length.sum() == pytest.approx(TOWN.length.sum())


def test_crossings_cut_only_where_asked():
    found = split_at_junctions(TOWN, crossings=True)
    assert {"main-4", "bridge-1", "bridge-2"} <= set(found.index)
    assert found.length.sum() == pytest.approx(TOWN.length.sum())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=4,
                         unique=True), min_size=1, max_size=6))  # fmt: skip
def test_cutting_loses_no_metre(lines):
    given_lines = roads(**{f"s{i}": np.multiply(line, 50.0) for i, line in enumerate(lines)})
    once = split_at_junctions(given_lines)
    assert once.length.sum() == pytest.approx(given_lines.length.sum())
    assert once.index.is_unique


@pytest.mark.parametrize("crossings", [False, True])
def test_cutting_again_changes_nothing(crossings):
    once = split_at_junctions(TOWN, crossings=crossings)
    again = split_at_junctions(once, crossings=crossings)
    assert again.index.equals(once.index) and again.geometry.equals(once.geometry)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("reach", [120.0, 1e6])
def test_distances_are_those_of_walking(seed, reach):
    rng = np.random.default_rng(seed)
    corners = [(x, y) for x in range(5) for y in range(5)]
    steps = [(a, b) for a, b in combinations(corners, 2) if np.abs(np.subtract(a, b)).sum() == 1]
    kept = [steps[i] for i in rng.choice(len(steps), 26, replace=False)]
    lines = np.array(
        [LineString(np.multiply(step, 50.0)) for step in kept]
        + [
            LineString([(0, 0), (20, 30), (0, 50)]),  # beside another edge
            LineString([(0, 0), (9, 9), (0, 18), (0, 0)]),
        ]
    )  # back to its own start
    network = Network.of(lines)
    edge = rng.integers(0, len(lines), 40)
    along = rng.uniform(0, 1, 40) * network.lengths[edge]
    pairs, metres = network.pairs_within(edge, along, reach)
    slow = walked(network, edge, along)
    wanted = {pair: slow[pair] for pair in combinations(range(40), 2) if slow[pair] <= reach}
    assert set(map(tuple, pairs.tolist())) == set(wanted)
    np.testing.assert_allclose(metres, [wanted[tuple(pair)] for pair in pairs.tolist()], atol=1e-9)


def test_a_place_stands_on_its_nearest_street_and_none_beyond_reach():
    streets = hs.StreetSegments(split_at_junctions(TOWN), reach_m=20)
    points = np.add([(50, 10), (100, 50), (240, 70), (50, -300)], ORIGIN)
    pairs, metres = streets.pairs_within(*points.T, 1_000)
    found = {tuple(pair): round(one, 6) for pair, one in zip(pairs.tolist(), metres, strict=True)}
    assert found == {(0, 1): 100.0, (0, 2): 269.8, (1, 2): 269.8}


def test_near_repeats_along_streets_are_fewer_than_as_the_crow_flies():
    two = roads(north=[(0, 0), (500, 0)], south=[(0, 60), (500, 60)], link=[(0, 0), (0, 60)])
    streets = hs.StreetSegments(split_at_junctions(two), reach_m=20)
    exact = {"time_precision": "day", "location_precision": "exact"}
    incidents = incidents_at([(400, 2), (400, 58), (420, 0), (250, 900)], **exact)
    record = hs.RunRecord("Test", "TEST")
    bands = {"distance_bands_m": [100], "time_bands_days": [7], "permutations": 9}
    flies = hs.when.near_repeats(incidents, **bands)
    walks = hs.when.near_repeats(incidents, **bands, metric=streets, record=record)
    assert (flies["observed"].iloc[0], walks["observed"].iloc[0]) == (3, 1)
    assert "off-the-streets" in [caveat.rule for caveat in record.caveats]


def test_streets_are_lines():
    with refused("no-lines"):
        split_at_junctions(TOWN.set_geometry(TOWN.geometry.buffer(5)))
    empty = TOWN.iloc[:0]
    with refused("no-lines"):
        split_at_junctions(empty)
    assert isinstance(split_at_junctions(TOWN.iloc[:1]), pd.DataFrame)
    assert shapely.length(np.array(split_at_junctions(TOWN.iloc[:1]).geometry)).sum() == 300
