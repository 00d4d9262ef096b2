"""Points fall into distinct places, to the millimetre, and into areas, edges included."""

import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import incidents_at, zone

from hotspots.core.points import PlaceIndex, distinct_places, inside, many_points


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)), max_size=40))
def test_distinct_places_are_those_of_numpy(pairs):
    points = np.array(pairs, dtype=float).reshape(-1, 2)
    places, inverse = distinct_places(points[:, 0], points[:, 1])
    expected = np.unique((points * 1000).astype(np.int64), axis=0).reshape(-1, 2)
    assert places.tolist() == expected.tolist()
    assert np.array_equal(places[inverse] / 1000, points)


def test_what_is_known_of_places_is_known_of_rows():
    incidents = incidents_at([(0, 0), None, (5, 5), (0, 0), (50, 50)])
    found = PlaceIndex.of(incidents)
    town = zone("Town", (0, 0, 5, 5))
    assert found.of_row.tolist() == [0, -1, 1, 0, 2]
    assert found.inside(town).tolist() == [True, True, False]
    assert found.inside(town) is found.inside(town)
    assert inside(incidents, town).tolist() == [True, False, True, True, False]
    assert found.spread(np.array([7, 8, 9]), 0).tolist() == [7, 0, 8, 7, 9]


def test_places_a_continent_apart_are_told_apart():
    x, y = np.array([0.0, 4.7e6, 0.0, 4.7e6]), np.array([3.1e6, 0.0, 3.1e6, 0.001])
    places, inverse = distinct_places(x, y)
    assert inverse.tolist() == [0, 1, 0, 2]
    assert places.tolist() == [[0, 3_100_000_000], [4_700_000_000, 0], [4_700_000_000, 1]]


@pytest.mark.parametrize("collects", [True, False])
def test_many_points_leave_the_garbage_collector_as_it_was(collects):
    before = gc.isenabled()
    (gc.enable if collects else gc.disable)()
    try:
        made = many_points(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
        assert gc.isenabled() is collects
        assert [one.coords[0] for one in made] == [(1.0, 3.0), (2.0, 4.0)]
    finally:
        (gc.enable if before else gc.disable)()


def test_what_a_program_threw_away_is_not_kept_by_making_points(monkeypatch):
    """What was thrown away stays among the young, which are looked at soon; nothing is frozen."""
    monkeypatch.setattr(gc, "get_freeze_count", lambda: 0)
    gc.collect()
    ring: list[object] = []
    ring.append(ring)
    many_points(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    assert any(one is ring for young in (0, 1) for one in gc.get_objects(generation=young))
