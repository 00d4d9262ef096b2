"""What lies under the areas: main roads and first names from afar; no name tells a point."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pytest
from map_samples import data_of, drawn, sample_areas, sample_record
from shapely.geometry import LineString, Point, box
from tables import ORIGIN, incidents_at, shuffled, zone

import hotspots as hs
from hotspots.analysis.names import street_names
from hotspots.programmes.tasking.around import STREETS, names_of_areas, under_areas, with_study_area
from hotspots.report.map.backdrop import (
    FIRST_ZOOM,
    LAST_ZOOM,
    SPACING_M,
    backdrop_data,
    name_zooms,
    road_levels,
)

LEEDS = (430_000, 433_000)


def at(*offsets):
    return [Point(LEEDS[0] + x, LEEDS[1] + y) for x, y in offsets]


def roads(**columns):
    lines = [LineString(at((0, 0), (300, 100 * n))) for n in range(1, len(columns["name"]) + 1)]
    return gpd.GeoDataFrame(columns, geometry=lines, crs=27700)


def public(points, **columns):
    return incidents_at(points, location_precision="snapped", published=True, **columns)


def test_no_two_names_share_the_room_of_one_at_any_zoom():
    x, y = np.random.default_rng(1).uniform(0, 20_000, (2, 500))
    zooms = name_zooms(x, y)
    assert zooms[0] == FIRST_ZOOM and set(zooms) <= set(range(FIRST_ZOOM, LAST_ZOOM + 1))
    for zoom in range(FIRST_ZOOM, LAST_ZOOM):
        side, shown = SPACING_M / 2 ** (zoom - FIRST_ZOOM), zooms <= zoom
        squares = set(zip(x[shown] // side, y[shown] // side, strict=True))
        assert len(squares) == shown.sum()
        everything = set(zip(x // side, y // side, strict=True))
        assert squares == everything, "wherever there is a name, one is shown"


def test_a_road_is_as_large_as_its_class_says_in_three_vocabularies():
    for column, said in (
        ("road_function", ["A Road", "Local Road"]),
        ("highway", ["primary_link", "residential"]),
        ("road_class", ["main", "lane"]),
    ):
        assert road_levels(roads(name=["a", "b"], **{column: said})).tolist() == [0, 3]


def test_a_road_with_a_name_is_a_line_and_a_name_once():
    table = roads(
        name=["Mill Lane", "Mill Lane", "A58", None], highway=["service"] * 2 + ["trunk"] * 2
    )
    found = backdrop_data(
        [table, gpd.GeoDataFrame({"name": ["Seacroft"]}, geometry=at((0, 0)), crs=27700)]
    )
    assert found["lines"]["level"] == [3, 3, 0, 0] and sum(found["lines"]["line"]) == 8
    assert sorted(found["names"]["text"]) == ["A58", "Mill Lane", "Seacroft"]


def test_several_files_and_one_layer_of_a_file_lie_under_one_another(tmp_path):
    path = tmp_path / "town.gpkg"
    roads(name=["Mill Lane"]).to_file(path, layer="streets", driver="GPKG")
    roads(name=["Hidden Lane"]).to_file(path, layer="other", driver="GPKG")
    found = backdrop_data([f"{path}:streets", roads(name=["Quay"])])
    assert sorted(found["names"]["text"]) == ["Mill Lane", "Quay"]
    page = drawn(sample_areas("asb"), record=sample_record(), backdrop=f"{path}:streets")
    assert data_of(page)["backdrop"]["names"]["text"] == ["Mill Lane"]


def test_a_street_has_its_name_once_where_most_of_its_incidents_are():
    rows = public(
        [(0, 0), (900, 0), (900, 0), (50, 50), None],
        place_name=["On Quay", "On Quay", "On Quay", "Supermarket", "On Nowhere"],
    )
    for table in (rows, shuffled(rows)):
        named = street_names(table)
        assert named["name"].tolist() == ["On Quay"] and named.geometry.x.tolist() == [
            ORIGIN[0] + 900
        ]
    assert len(street_names(rows, zone("City", (0, 0, 100, 100)))) == 0


def test_the_point_of_each_street_is_the_one_that_counting_finds():
    rng = np.random.default_rng(0)
    names = [f" Street {n}" for n in rng.integers(0, 12, 300)]
    rows = public(list(zip(*rng.integers(0, 4, (2, 300)).tolist(), strict=True)), place_name=names)
    counted = Counter(zip(map(str.strip, names), rows.geometry.x, rows.geometry.y, strict=True))
    first = {}
    for (name, x, y), many in sorted(counted.items(), key=lambda one: (-one[1], one[0])):
        first.setdefault(name, (many, x, y))
    found = street_names(rows)
    points = zip(found["incident_count"], found.geometry.x, found.geometry.y, strict=True)
    assert list(zip(found["name"], points, strict=True)) == list(first.items())


@pytest.mark.parametrize("columns", [{"published": False}, {"location_precision": "exact"}])
def test_no_point_is_named_that_is_not_public(columns):
    rows = public([(0, 0)], place_name="Hush Lane").assign(**columns)
    assert len(street_names(rows)) == 0


def cells(**columns):
    rows = {
        "kind": "h3-8", "theme": "asb", "incident_count": [40, 3, 0],
        "place_name": ["Mill Lane / Quay", "Hush Lane", "Field (SE 300 330)"],
    } | columns  # fmt: skip
    shapes = [box(n * 800, 0, n * 800 + 800, 800) for n in range(3)]
    return gpd.GeoDataFrame(rows, index=list("abc"), geometry=shapes, crs=27700)


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_others_see_the_names_of_areas_they_have_and_no_more(audience):
    own = incidents_at([(10, 10)], place_name="Hush Lane")
    released = hs.release(cells(), audience=audience, marking="SHARED")
    (named,) = under_areas((STREETS,), released, incidents=own)
    assert named["name"].tolist() == ["Mill Lane"]
    assert (
        named.within(cells().geometry.iloc[0]).all()
        and not named.touches(own.geometry.iloc[0]).any()
    )


def test_an_area_that_holds_nothing_and_one_without_a_street_have_no_name():
    released = hs.release(cells(place_name=["unnamed place", "Hush Lane", "Field"]),
                          audience="internal", marking="M")  # fmt: skip
    assert names_of_areas(released)["name"].tolist() == ["Hush Lane"]


def test_the_study_area_is_always_drawn_and_says_no_number():
    city, district = zone("City", (0, 0, 2_000, 2_000)), zone("Town", (0, 0, 9, 9), kind="district")
    drawn_zones = with_study_area([], city)
    assert drawn_zones[0]["kind"].tolist() == ["district"]
    assert not any("count" in name for name in drawn_zones[0].columns)
    assert with_study_area([district], city) == [district]
    assert with_study_area([], None) == []
