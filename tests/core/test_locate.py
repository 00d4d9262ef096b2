"""Points in an outline by squares are those that shapely finds one by one, borders included."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from hotspots.core import locate
from hotspots.core.locate import PointSquares
from hotspots.core.points import lies_in

RNG = np.random.default_rng(4)
TURNS = np.linspace(0, 2 * np.pi, 400, endpoint=False)
STAR = Polygon(np.c_[np.cos(TURNS), np.sin(TURNS)] * (500 + 200 * np.sin(9 * TURNS))[:, None])
OUTLINES = {
    "star": STAR,
    "with a hole": STAR.difference(Point(30, 40).buffer(150)),
    "parts": MultiPolygon([box(-800, -800, -300, -300), box(-300, -300, 10.5, 20.25)]),
    "far larger": box(-(10**6), -(10**6), 10**6, 10**6),
    "elsewhere": box(5_000, 5_000, 6_000, 6_000),
    "overlapping itself": Polygon([(-500, -500), (500, 500), (500, -500), (-500, 500)]),
    "thin": box(-900, 0, 900, 0.001),
    "smaller than a millimetre": Point(0, 0).buffer(1e-5),
    "empty": Polygon(),
    "none": None,
    "a line": LineString([(-500, -500), (500, 500)]),
    "a collection": GeometryCollection([STAR, LineString([(600, 0), (900, 0)])]),
    "very many corners": STAR.segmentize(0.1),
}


def plainly(outline, x, y):
    return (
        shapely.intersects_xy(outline, x, y).tolist() if outline is not None else [False] * len(x)
    )


@pytest.mark.parametrize("name", OUTLINES)
def test_they_are_those_of_shapely(name):
    outline = OUTLINES[name]
    x, y = np.round(RNG.uniform(-1_000, 1_000, (2, 2 * locate.FEW)), 3)
    corners = shapely.get_coordinates(outline)[:500]
    x[: len(corners)], y[: len(corners)] = corners.T
    x[-900:-600] = y[-900:-600]
    x[-500:] = np.round(x[-500:] / 100) * 100
    assert lies_in(outline, x, y).tolist() == plainly(outline, x, y)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=4, max_size=12),
    st.lists(st.tuples(st.integers(-5, 35), st.integers(-5, 35)), min_size=4, max_size=400),
)
def test_also_where_everything_lies_on_a_lattice(corners, points):
    """So that points lie on borders, and borders along squares."""
    few, locate.FEW = locate.FEW, 1
    try:
        outline = shapely.make_valid(Polygon(corners), method="structure")
        x, y = np.array(points, dtype=float).T
        assert lies_in(outline, x, y).tolist() == plainly(outline, x, y)
    finally:
        locate.FEW = few


def test_what_has_no_place_lies_nowhere():
    x, y = np.full(locate.FEW, 1.0), np.full(locate.FEW, 1.0)
    x[3], y[4], x[5] = np.nan, np.nan, np.inf
    squares = PointSquares(x, y)
    assert sorted(set(range(locate.FEW)) - set(squares.inside(box(0, 0, 2, 2)))) == [3, 4, 5]
    assert PointSquares(x[3:4], y[3:4]).inside(box(0, 0, 2, 2)).tolist() == []


def test_the_order_of_the_points_changes_nothing():
    x, y = RNG.uniform(-1_000, 1_000, (2, locate.FEW))
    order = RNG.permutation(len(x))
    assert (lies_in(STAR, x, y)[order] == lies_in(STAR, x[order], y[order])).all()
