"""Roads and off-road sites: the planted ones are found, every incident is somewhere."""

from __future__ import annotations

import json

import numpy as np
import pytest
from programme_samples import lanes, on_lanes
from refusing import refused
from tables import incidents_at, shuffled, zone

import hotspots as hs


def test_flagged_pieces_that_follow_one_another_are_one_road_named_by_its_ends():
    found = hs.operations.find_recurring_roads(on_lanes(), lanes())
    (road,) = found.roads.itertuples()
    assert (road.place_name, road.segments, road.length_m, road.incident_count) == (
        "Mill Lane between Ash Road and Elm Road", 2, 200, 30,
    )  # fmt: skip
    assert (road.count_per_100m, road.active_months) == (15, 4)
    (site,) = found.sites.itertuples()
    assert (site.incident_count, site.kind) == (6, "off-road-site")
    assert (found.on_road, found.off_road, found.incidents.total) == (34, 6, 40)
    assert found.segments["incident_count"].sum() == found.on_road


def test_the_order_of_rows_and_of_streets_changes_nothing():
    asked = on_lanes()
    other = hs.select(shuffled(asked.everything), asked.question)
    one = hs.operations.find_recurring_roads(asked, lanes()).to_dict()
    assert one == hs.operations.find_recurring_roads(other, lanes().iloc[::-1]).to_dict()
    json.dumps(one, allow_nan=False)


def test_known_sites_name_what_is_off_the_road():
    park = zone("The Park", (100, 500, 300, 700), kind="site")
    found = hs.operations.find_recurring_roads(on_lanes(), lanes(), sites=park)
    assert found.sites["place_name"].tolist() == ["The Park"]


def test_a_quiet_town_has_no_roads_and_a_place_must_come_back():
    found = hs.operations.find_recurring_roads(on_lanes(quiet=True), lanes())
    assert len(found.table) == 0 and found.on_road == 4
    once = on_lanes().only("2018-01")
    assert len(hs.operations.find_recurring_roads(once, lanes(), min_months=2).table) == 0


def test_the_site_with_most_is_first():
    spots = {(200, 600): 6, (700, 600): 9, (700, 200): 8}
    rows = incidents_at(
        [spot for spot, held in spots.items() for _ in range(held)],
        month=[f"2018-0{1 + n % 4}" for held in spots.values() for n in range(held)],
        location_precision="exact",
        theme_vehicle_nuisance=True,
    )
    town = zone("Town", (-100, -100, 900, 900))
    asked = hs.select(rows, hs.Question("vehicle_nuisance", "2018-01/2018-04", within=town))
    sites = hs.operations.find_recurring_roads(asked, lanes()).sites
    assert sites["incident_count"].tolist() == [9, 8, 6] and sites["rank"].tolist() == [1, 2, 3]


def test_calls_from_one_address_are_no_stretch_and_as_many_places_are():
    """Twelve places along all streets; beside them nine calls from one address, or from nine.

    Where days are known, nine neighbours who call on four days are four troubles and no stretch.
    """
    single = [(15 + 33 * i, 0) for i in range(12)]
    one, several = ([(x, 3) for x in xs] for xs in ([250] * 9, range(210, 291, 10)))
    for busy, known, roads in ((one, "month", 0), (several, "month", 1), (several, "day", 0)):
        months = [f"2018-0{1 + i % 4}" for i in range(21)]
        rows = incidents_at(
            [*single, *busy], month=months, location_precision="exact", theme_vehicle_nuisance=True,
            time_precision=known,
        )  # fmt: skip
        town = zone("Town", (-100, -100, 900, 900))
        asked = hs.select(rows, hs.Question("vehicle_nuisance", "2018-01/2018-04", within=town))
        assert len(hs.operations.find_recurring_roads(asked, lanes()).roads) == roads


def test_at_which_of_several_places_a_day_is_counted_is_no_matter_of_the_order_of_rows():
    spots = [*((15 + 33 * i, 0) for i in range(12)), *([(220, 3), (280, 3)] * 6)]
    months = [f"2018-{1 + i // 2:02d}" for i in range(24)]
    rows = incidents_at(spots, month=months, location_precision="exact", time_precision="day")
    asked = hs.Question(within=zone("Town", (-100, -100, 900, 900)))
    found = [
        hs.operations.find_recurring_roads(hs.select(one, asked), lanes()).segments
        for one in (rows, rows.iloc[[*range(12), 13, 12, *range(14, 24)]])
    ]
    assert found[0]["p_value"].equals(found[1]["p_value"])


def test_snapped_places_are_refused_or_marked():
    with refused("snapped-streets", "40 of 40"):
        hs.operations.find_recurring_roads(on_lanes("snapped"), lanes())
    record = hs.RunRecord("Test", "TEST")
    found = hs.operations.find_recurring_roads(
        on_lanes("snapped"), lanes(), indicative=True, record=record
    )
    assert found.indicative and "segments-indicative" in [one.rule for one in record.caveats]


@pytest.fixture(scope="module")
def town():
    return hs.synthetic_town(2)


def test_the_planted_sites_of_the_town_are_found_and_few_others(town):
    streets = hs.streets.split_at_junctions(town.streets, crossings=True)
    police = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    police = hs.tag_themes(police, hs.Themes.home_office())
    asked = hs.select(police, hs.Question("vehicle_nuisance", within=town.district))
    found = hs.operations.find_recurring_roads(asked, streets)
    planted = town.truth.hotspots.query("theme == 'vehicle_nuisance'").geometry.buffer(30)
    touches = np.array([planted.intersects(shape).to_numpy() for shape in found.table.geometry])
    assert (touches.any(axis=0).sum(), len(planted)) == (11, 11)
    assert (~touches.any(axis=1)).sum() <= 5
    assert found.on_road + found.off_road == asked.total
