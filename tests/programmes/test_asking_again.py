"""A question asked again costs only what changed in it, and is answered as if asked first."""

import numpy as np
import pandas as pd
import pytest
from tables import incidents_at, zone

import hotspots as hs
from hotspots.programmes import answer_areas

CLUSTERS = {"radius_m": 200, "min_incidents": 5}
ASKED = {"theme": "asb", "period": "2018-07", "grid": hs.H3Grid(8), "clusters": CLUSTERS}


@pytest.fixture
def inputs():
    """Incidents, study area, wards: 300 at 25 map points and 100 at five of them."""
    rng = np.random.default_rng(0)
    offences = ["Anti-social behaviour", "Violence and sexual offences", "Drugs"]
    spots = rng.integers(0, 4_000, (25, 2))
    points = spots[np.append(rng.integers(0, 25, 300), rng.integers(0, 5, 100))].tolist()
    incidents = incidents_at(
        points,
        month=rng.choice(["2018-06", "2018-07"], 400).tolist(),
        offence=rng.choice(offences, 400).tolist(),
        place_name=rng.choice(["On or near High Street", "On or near Mill Lane"], 400),
    )
    halves = [(0, 0, 2_000, 4_000), (2_000, 0, 4_000, 4_000)]
    wards = pd.concat([zone(f"Ward {n}", half, kind="ward") for n, half in enumerate(halves)])
    return incidents, zone("City", (0, 0, 4_000, 4_000)), wards


def ask(incidents, within, zones, **changes):
    return hs.find_hotspots(incidents, within=within, zones=zones, **{**ASKED, **changes})


def anew(incidents, within, zones, **changes):
    """The same of tables nobody has asked about."""
    return ask(incidents.copy(), within.copy(), zones.copy(), **changes)


def assert_same(one, other):
    for name in ("areas", "clusters", "overlaps", "area_periods"):
        assert (getattr(one, name) is None) == (getattr(other, name) is None)
        pd.testing.assert_frame_equal(
            pd.DataFrame(getattr(one, name)), pd.DataFrame(getattr(other, name))
        )
    pd.testing.assert_frame_equal(one.incidents.rows, other.incidents.rows)
    assert one.record.manifest() == other.record.manifest()
    assert str(one) == str(other) and one.account == other.account


@pytest.fixture
def counted(monkeypatch):
    """How often cells were counted and ranked."""
    told = []

    def ranked(*given, **options):
        told.append(1)
        return hs_ranked(*given, **options)

    hs_ranked = answer_areas.ranked_cells
    monkeypatch.setattr(answer_areas, "ranked_cells", ranked)
    return told


def test_other_clusters_leave_the_cells_as_they_are(inputs, counted):
    ask(*inputs)
    other = {"clusters": {"radius_m": 250, "min_incidents": 6}}
    again = ask(*inputs, **other)
    assert len(counted) == 1
    assert_same(again, anew(*inputs, **other))
    assert again.incidents.everything.index.equals(inputs[0].index)
    assert again.incidents.within is inputs[1]


def test_another_question_is_another_answer(inputs, counted):
    ask(*inputs, clusters=False)
    others = [{"theme": "serious_violence"}, {"by": "density"}, {"period": "2018-06"}]
    for changes in others:
        found = ask(*inputs, clusters=False, **changes)
        assert_same(found, anew(*inputs, clusters=False, **changes))
    assert len(counted) == 1 + 2 * len(others)


def moved(incidents, within, zones):
    """Ten incidents to where the first is, by the array itself."""
    incidents.geometry.array[:10] = incidents.geometry.iloc[0]


def retimed(incidents, within, zones):
    incidents.loc[incidents.index[:50], "occurred_from"] += pd.DateOffset(months=1)


def retyped(incidents, within, zones):
    incidents.loc[incidents.index[:90], "offence"] = "Drugs"


def renamed(incidents, within, zones):
    zones["zone_name"] = ["East", "West"]


def redrawn(incidents, within, zones):
    zones.geometry = zones.geometry.translate(300)


def narrowed(incidents, within, zones):
    within.geometry = within.geometry.buffer(-1_000)


def test_a_table_changed_in_place_is_noticed(inputs, counted):
    before = ask(*inputs, clusters=False)
    for change in (moved, retimed, retyped, renamed, redrawn, narrowed):
        change(*inputs)
        again = ask(*inputs, clusters=False)
        assert_same(again, anew(*inputs, clusters=False))
        same = [getattr(again, one).equals(getattr(before, one)) for one in ("areas", "overlaps")]
        assert not all(same), change.__name__
        before = again
    assert len(counted) == 1 + 2 * 6


def test_what_was_handed_out_can_be_changed_by_who_got_it(inputs):
    first, second = (ask(*inputs, clusters=False) for _ in range(2))
    for found in (first, second):
        found.areas["incident_count"] = 0
        found.areas.geometry.array[:] = None
        found.overlaps.pop("share_of_area")
        found.record.choices["rank_areas"][0]["by"] = "magic"
        found.record.warn_reader("Mine.")
        found.incidents.rows["theme_asb"] = False
        found.incidents.everything["theme_asb"] = False
    assert_same(ask(*inputs, clusters=False), anew(*inputs, clusters=False))


def test_a_logbook_is_told_the_same_every_time(inputs):
    record = hs.RunRecord("Town", marking="OPEN DATA")
    first, again = (ask(*inputs, record=record, clusters=False) for _ in range(2))
    assert_same(first, again)
    record.warn_reader("Another thing.")
    assert "Another thing." in ask(*inputs, record=record, clusters=False).record.caveat_texts


def test_zones_as_cells_are_counted_every_time(inputs, counted):
    incidents, within, zones = inputs
    cells = hs.PolygonCells(zones)
    found = [ask(incidents, within, zones, grid=cells, clusters=False) for _ in range(2)]
    assert_same(*found)
    assert len(counted) == 2


def test_chance_maps_are_the_same_for_another_radius(inputs):
    incidents, within, _ = inputs
    incidents = hs.tag_themes(incidents, hs.Themes.police_uk())
    asked = hs.select(incidents, hs.Question("asb", within=within))
    for radius_m in (200, 300):
        kept, own = (
            hs.evaluation.cluster_chance(
                hs.assign_clusters(one, radius_m=radius_m, min_incidents=5), draws=19
            )
            for one in (asked, hs.select(incidents.copy(), asked.question))
        )
        pd.testing.assert_frame_equal(kept.by_chance, own.by_chance)
        pd.testing.assert_frame_equal(kept.clusters, own.clusters)


def test_incidents_of_a_frame_in_memory_are_left_as_they_are(inputs):
    incidents = inputs[0]
    before = incidents.copy()
    for _ in range(2):
        ask(*inputs, clusters=False)
    pd.testing.assert_frame_equal(incidents, before)
