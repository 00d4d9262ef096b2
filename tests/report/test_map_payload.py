"""What goes into the page comes out of it again."""

import json

import geopandas as gpd
import numpy as np
import pytest
from map_samples import sample_areas, sample_wards, unpacked
from shapely.geometry import MultiPolygon, Polygon, box

from hotspots.report.escape import LONGEST_NAME, inert_json, plain_text
from hotspots.report.map.encode import (
    Shapes,
    decode_shapes,
    names,
    numbers,
    packed,
    words,
)
from hotspots.report.symbology import class_breaks
from hotspots.report.text.words import short_period


def test_every_polygon_is_read_back_within_a_metre():
    areas, wards = sample_areas().head(300), sample_wards()
    shapes = Shapes()
    assert shapes.add(areas) == list(range(300))
    assert shapes.add(wards) == list(range(300, 333))
    decoded = decode_shapes(json.loads(json.dumps(shapes.encode())))
    for frame, rings in ((areas, decoded[:300]), (wards, decoded[300:])):
        back = gpd.GeoSeries([_polygon(shape) for shape in rings], crs=4326).to_crs(27700)
        gap = back.hausdorff_distance(frame.geometry.reset_index(drop=True))
        assert gap.max() < 1.0


def test_holes_and_parts_survive():
    ring = Polygon(box(0, 0, 900, 900).exterior.coords, [box(300, 300, 600, 600).exterior.coords])
    frame = gpd.GeoDataFrame(
        geometry=[MultiPolygon([ring, box(2000, 0, 2500, 500)])], crs=27700
    ).translate(430_000, 433_000)
    shapes = Shapes()
    shapes.add(gpd.GeoDataFrame(geometry=frame))
    (rings,) = decode_shapes(shapes.encode())
    assert [len(ring) for ring in rings] == [4, 4, 4]


def test_neighbours_share_their_corners():
    areas = sample_areas().head(700)
    shapes = Shapes()
    shapes.add(areas)
    encoded = shapes.encode()
    assert len(encoded["corners"]) == 6 * 700
    assert len(encoded["dx"]) < 3.2 * 700


def test_no_polygons_is_a_payload_too():
    assert decode_shapes(Shapes().encode()) == []


def test_missing_numbers_are_null_and_whole_numbers_whole():
    assert numbers([1.0, np.nan, 2.26, None], 1) == [1, None, 2.3, None]


def test_a_column_of_text_is_read_back():
    column = words(["b", None, "a", "b"])
    assert [column["levels"][code] for code in column["codes"]] == ["b", "", "a", "b"]


@pytest.mark.parametrize("values", [[], [0, 0], [np.nan], [1], [7, 7, 7], [0.4, 3, 800.5]])
def test_class_breaks_rise_and_the_top_class_is_never_empty(values):
    breaks = class_breaks(values)
    assert breaks == sorted(set(breaks))
    positive = [value for value in values if value > 0]
    assert bool(breaks) == bool(positive)
    assert not positive or breaks[-1] <= max(positive)


@pytest.mark.parametrize(
    "text",
    ["</script>", "{{7*7}}", "{% raw %}", "a\u2028b", "<!--", "&amp;", "`${x}`", "C:\\users"],
)
def test_inert_json_is_read_back_and_holds_nothing_dangerous(text):
    written = inert_json({"key " + text: [text, 1, None, {"deep": text}]})
    assert json.loads(written) == {"key " + text: [text, 1, None, {"deep": text}]}
    for bad in ("<", ">", "&", "{{", "{%", "\u2028"):
        assert bad not in written


def test_control_characters_are_made_visible():
    assert plain_text("a\x00b\x1b\ud800") == "a\ufffdb\ufffd\ufffd"


@pytest.mark.parametrize(
    "mark", "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
def test_marks_that_turn_the_direction_of_text_are_left_out(mark):
    assert plain_text(f"Kirk{mark}gate") == "Kirkgate"
    assert json.loads(inert_json([f"Kirk{mark}gate", {"a": mark}])) == ["Kirkgate", {"a": ""}]
    assert plain_text("\u05d0\u05d1") == "\u05d0\u05d1"


def test_a_very_long_name_is_cut_with_an_ellipsis():
    short, long = names(["x" * LONGEST_NAME, "y" * (LONGEST_NAME + 1)])["levels"]
    assert short == "x" * LONGEST_NAME
    assert long == "y" * (LONGEST_NAME - 1) + "\u2026"


@pytest.mark.parametrize(
    ("period", "short"),
    [
        ("2018-07", "Jul 2018"),
        ("2024-04/2025-03", "Apr 2024 \u2013 Mar 2025"),
        ("2018-07-02/2018-07-09", "2 Jul 2018 \u2013 8 Jul 2018"),
        ("Easter to Mayday", "Easter to Mayday"),
    ],
)
def test_periods_have_a_short_form(period, short):
    assert short_period(period) == short


def _polygon(rings):
    return Polygon(rings[0], rings[1:])


LONG_COLUMNS = {
    "constant": [None] * 40,
    "few": [1, 2.5, None, 1] * 10,
    "many": [value / 7 for value in range(60)],
    "rising": list(range(1000, 5000, 57)),
    "flags": [True, False] * 20,
    "names": ["Mill Street", "Mill Street ", "Street", "", " Street", "The Calls", "Low Street"]
    * 5,
    "lines": ["a\nb"] * 30,
    "short": [3, 3],
    "none": [],
}


@pytest.mark.parametrize("name", LONG_COLUMNS)
def test_what_is_packed_is_read_back(name):
    column = LONG_COLUMNS[name]
    data = {
        "themes": [{"deep": [column, {"far": column}], "name": words(column)}],
        "text": "x",
        "all": None,
    }
    written = json.loads(json.dumps(packed(data)))
    assert unpacked(written) == data
    assert len(json.dumps(packed({"x": column})["x"])) <= len(json.dumps(column))
