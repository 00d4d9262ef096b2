"""Streets by name and postcodes by lookup as zones; what is not there is named."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from programme_samples import lanes
from refusing import refused
from shapely.geometry import LineString, box
from tables import BNG, ORIGIN, zone

import hotspots as hs
from hotspots.core.errors import DataError

TOWN = zone("Town", (-100, -100, 900, 900))
AREAS = gpd.GeoDataFrame(
    {"zone_name": list("ABCD"), "approximate": False}, index=list("abcd"),
    geometry=[box(10 * i, 0, 10 * i + 10, 9) for i in range(4)], crs=BNG,
)  # fmt: skip
LOOKUP = pd.DataFrame(
    {
        "pc": ["LS6 1AA", "LS6 1AB", "LS61AC", "LS6 2AA", "LS6 2AB", "LS16 1AA", "ls16 1ab",
               "LS1 1AA"],
        "oa": ["a", "a", "b", "b", "b", "c", "c", "d"],
    }
)  # fmt: skip


def with_a_namesake():
    far = LineString([(ORIGIN[0] + 9_000, ORIGIN[1]), (ORIGIN[0] + 9_500, ORIGIN[1])])
    other = gpd.GeoDataFrame({"street_name": ["Mill Lane"]}, index=["far"], geometry=[far], crs=BNG)
    return pd.concat([lanes(), other])


def test_a_street_is_a_zone_of_its_width_and_a_namesake_elsewhere_is_not_meant():
    found = hs.zones.zones_from_streets(with_a_namesake(), ["MILL-LANE"], within=TOWN, width_m=20)
    row = found.iloc[0]
    assert (row["length_m"], row["pieces"], row["kind"]) == (400, 1, "street")
    assert row.geometry.area == pytest.approx(400 * 20)
    wide = zone("County", (-100, -100, 9_900, 900))
    both = hs.zones.zones_from_streets(with_a_namesake(), ["Mill Lane"], within=wide)
    assert (both["pieces"].iloc[0], both["length_m"].iloc[0]) == (2, 900)


def test_streets_can_be_put_together_and_are_cut_at_the_district():
    found = hs.zones.zones_from_streets(
        lanes(), {"The cross": ["Mill Lane", "Ash Road"]}, within=zone("Half", (0, -50, 200, 50))
    )
    assert found.index.tolist() == ["the-cross"] and found["length_m"].iloc[0] == 250


def test_every_street_that_is_not_there_is_named():
    with refused("no-such-street", "Oak Road", "Fir Road", kind=DataError):
        hs.zones.zones_from_streets(lanes(), ["Oak Road", "Mill Lane", "Fir Road"], within=TOWN)


def test_small_areas_belong_to_the_postcodes_that_hold_most_of_theirs():
    fields = {"postcode_field": "pc", "area_field": "oa"}
    found = hs.zones.zones_from_postcodes(
        AREAS, LOOKUP, ["LS6", "ls6 1", "LS6 2", "LS16"], **fields
    )
    by_name = found.set_index("zone_name")
    assert by_name["members"].to_dict() == {"LS6": 2, "ls6 1": 1, "LS6 2": 1, "LS16": 1}
    assert by_name["postcode_share"].round(2).to_dict() == {
        "LS6": 1.0, "ls6 1": 0.67, "LS6 2": 1.0, "LS16": 1.0,
    }  # fmt: skip
    assert found["approximate"].all()
    with refused("no-such-postcode", "LS9", kind=DataError):
        hs.zones.zones_from_postcodes(AREAS, LOOKUP, ["LS9", "LS6"], **fields)
    with refused("no-such-column", kind=DataError):
        hs.zones.zones_from_postcodes(AREAS, LOOKUP, ["LS6"], postcode_field="x", area_field="oa")


# streets of known sources -------------------------------------------------------------------------


def written(folder, name, table, **options):
    table.to_file(folder / name, engine="pyogrio", **options)
    return folder / name


def test_os_open_roads_is_read_by_its_links_and_stays_as_it_is_cut(tmp_path):
    nodes = gpd.GeoDataFrame({"id": ["n"]}, geometry=gpd.points_from_xy([0], [0]), crs=BNG)
    links = lanes().rename(columns={"street_name": "name_1"}).reset_index(names="id")
    links = links.assign(start_node="n", end_node="n", road_function="Local Road")
    links["road_classification_number"] = [*[None] * 5, "A58"]
    links.loc[5, "name_1"] = None
    written(tmp_path, "oproad.gpkg", nodes, layer="motorway_junction")
    file = written(tmp_path, "oproad.gpkg", links, layer="road_link")
    found = hs.streets.load_streets(file)
    assert found.index.tolist() == lanes().index.tolist()
    assert found["street_name"].tolist() == ["Mill Lane"] * 4 + ["Ash Road", "A58"]
    assert set(found["road_class"]) == {"Local Road"}


def test_openstreetmap_is_cut_at_shared_corners_and_holds_roads_only(tmp_path):
    x, y = ORIGIN
    ways = gpd.GeoDataFrame(
        {"osm_id": ["1", "2", "3"], "name": ["Mill Lane", "Ash Road", "Mill Beck"],
         "highway": ["residential", "residential", None]},
        geometry=[LineString([(x, y), (x + 100, y), (x + 400, y)]),
                  LineString([(x + 100, y), (x + 100, y + 90)]), LineString([(x, y), (x, y + 9)])],
        crs=BNG,
    )  # fmt: skip
    record = hs.RunRecord("Test", "TEST")
    file = written(tmp_path, "osm.gpkg", ways.to_crs(4326))
    found = hs.streets.load_streets(file, record=record)
    assert found.index.tolist() == ["1-1", "1-2", "2"]
    assert found.length.round(2).tolist() == [100, 300, 90]
    assert "no-roads" in [finding.rule for finding in record.findings]


def test_any_lines_are_streets_and_anything_else_is_refused(tmp_path):
    file = written(tmp_path, "lines.gpkg", lanes().rename(columns={"street_name": "road"}))
    found = hs.streets.load_streets(file, name_field="road", within=zone("x", (0, -9, 50, 9)))
    assert found["street_name"].tolist() == ["Mill Lane"] and found.index[0].startswith("street-")
    with refused("no-such-column", kind=DataError):
        hs.streets.load_streets(file, name_field="street")
    with refused("no-lines", kind=DataError):
        hs.streets.load_streets(file, within=zone("x", (5_000, 0, 6_000, 9)))
    with refused("no-lines", kind=DataError):
        hs.streets.load_streets(written(tmp_path, "areas.gpkg", AREAS))
