"""The small map on the sheet of an area: streets inside its square, names that touch nothing."""

from __future__ import annotations

import itertools
import re

import geopandas as gpd
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from hotspots.report.answer_page import BARE, LETTER_PX, LINE_PX, NAMED, SKETCH, sketch_of
from hotspots.report.map.backdrop import backdrop_tables

AREA = box(430000, 434000, 430300, 434200)
NUMBERS = re.compile(r"-?\d+\.\d+")


def streets(**columns):
    shapes = [
        LineString([(429000, 434100), (431000, 434100)]),
        LineString([(430150, 430000), (430150, 434150)]),
        LineString([(450000, 400000), (450100, 400000)]),
    ]
    return backdrop_tables(gpd.GeoDataFrame(columns, geometry=shapes, crs=27700))


def test_streets_are_cut_at_the_square_and_main_roads_lie_on_top():
    classes = ["A Road", "Local Road", "Local Road"]
    drawn = sketch_of(AREA, streets(name=["High Street", "Mill Lane", "Far Away"], class_=classes))
    assert [name for *_, name in drawn["names"]] == ["High Street", "Mill Lane"]
    assert len(drawn["roads"]) == 2, "what lies elsewhere is not drawn"
    corners = [float(one) for _, path in drawn["roads"] for one in NUMBERS.findall(path)]
    assert min(corners) >= 0 and max(corners) <= SKETCH
    ordered = sketch_of(AREA, streets(**{"class": classes}))["roads"]
    assert ordered[0][0] < ordered[1][0]
    assert drawn["note"] == ""


def test_a_sheet_says_where_its_streets_are_not_known():
    named = gpd.GeoDataFrame({"name": ["Boar Lane"]}, geometry=[Point(430100, 434100)], crs=27700)
    assert sketch_of(AREA, backdrop_tables(named))["note"] == NAMED
    assert sketch_of(AREA)["note"] == BARE
    assert sketch_of(Point(0, 0)) is None


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200), st.integers(1, 30)), max_size=40)
)
def test_no_name_lies_on_another_nor_leaves_the_square(given):
    frame = gpd.GeoDataFrame(
        {"name": [f"{number:03}" + "x" * size for number, (*_, size) in enumerate(given)]},
        geometry=[Point(430000 + x, 434000 + y) for x, y, _ in given], crs=27700,
    )  # fmt: skip
    names = sketch_of(AREA, [frame])["names"]
    boxes = [
        box(x - LETTER_PX * len(text) / 2, y - LINE_PX, x + LETTER_PX * len(text) / 2, y)
        for x, y, text in names
    ]
    assert all(box(0, 0, SKETCH, SKETCH).buffer(1e-6).contains(one) for one in boxes)
    for one, other in itertools.combinations(boxes, 2):
        assert one.intersection(other).area < 1e-6
