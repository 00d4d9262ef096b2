"""Grids put every point in one cell, cover all of an area, and know who lies next to whom."""

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from refusing import refused
from shapely.geometry import Point, box

from hotspots.core.errors import InputError
from hotspots.core.grids import H3Grid, HexGrid, SquareGrid, grid_named, study_area

GRIDS = [H3Grid(9), SquareGrid(250), HexGrid(300)]
LEEDS = (429_790.0, 433_805.0)


def scattered(count=2_000, spread_m=3_000, seed=1):
    rng = np.random.default_rng(seed)
    steps = np.round(rng.normal(0, spread_m, (2, count)), 3)
    return LEEDS[0] + steps[0], LEEDS[1] + steps[1]


@pytest.fixture(params=GRIDS, ids=lambda grid: grid.name)
def grid(request):
    return request.param


@pytest.fixture
def patch(grid):
    """All cells within 1.5 km of the city centre."""
    return grid.cover(Point(*LEEDS).buffer(1_500))


def test_a_point_lies_in_the_outline_of_its_cell(grid):
    x, y = scattered()
    outlines = grid.polygons(grid.cell_ids(x, y))
    reach = shapely.distance(outlines, shapely.points(x, y))
    assert reach.max() < (0.5 if grid.name.startswith("h3") else 1e-6)


def test_the_cells_of_all_points_inside_an_area_are_in_its_cover(grid):
    area = Point(*LEEDS).buffer(2_000)
    x, y = scattered()
    inside = shapely.contains_xy(area, x, y)
    assert set(grid.cell_ids(x[inside], y[inside])) <= set(grid.cover(area))


def test_the_cover_fills_the_area_without_overlap(grid):
    area = Point(*LEEDS).buffer(1_000)
    outlines = grid.polygons(grid.cover(area))
    pieces = shapely.area(shapely.intersection(outlines, area)).sum()
    assert pieces == pytest.approx(area.area, rel=1e-5)


def test_points_on_the_boundary_of_an_area_are_in_its_cover():
    area = box(429_500, 433_500, 430_500, 434_500)
    x, y = np.array([429_500.0, 430_500.0, 430_500.0]), np.array([434_500.0, 434_500.0, 433_500.0])
    for grid in (SquareGrid(250), HexGrid(250)):
        assert set(grid.cell_ids(x, y)) <= set(grid.cover(area))


def test_neighbours_are_mutual_and_never_oneself(grid, patch):
    matrix = grid.neighbours(patch)
    assert (matrix != matrix.T).nnz == 0
    assert matrix.diagonal().sum() == 0
    assert set(matrix.data) == {1.0}


def test_neighbours_are_the_cells_whose_outlines_touch(grid, patch):
    outlines = shapely.buffer(grid.polygons(patch), 0.01)
    touching = shapely.intersects(outlines[:, None], outlines[None, :])
    np.fill_diagonal(touching, False)
    assert (grid.neighbours(patch).toarray() == touching).all()


def test_two_rings_are_the_neighbours_of_neighbours(grid, patch):
    one = grid.neighbours(patch).toarray() + np.eye(len(patch))
    two = grid.neighbours(patch, rings=2).toarray() + np.eye(len(patch))
    inner = np.flatnonzero(one.sum(axis=1) == one.sum(axis=1).max())
    walked = (one[inner] @ one) > 0
    assert (walked <= (two[inner] > 0)).all()
    whole = [row for row in inner if one[one[row] > 0].sum(axis=1).min() == one.sum(axis=1).max()]
    assert len(whole) > 20
    assert ((one[whole] @ one > 0) == (two[whole] > 0)).all()


def test_the_order_of_cells_only_reorders_their_neighbours(grid, patch):
    order = np.random.default_rng(3).permutation(len(patch))
    shuffled = grid.neighbours(patch[order]).toarray()
    assert (shuffled == grid.neighbours(patch).toarray()[np.ix_(order, order)]).all()


def test_h3_neighbours_are_those_of_h3():
    patch = np.array(sorted(h3.grid_disk("891942c58b7ffff", 3)), dtype=object)
    matrix = H3Grid(9).neighbours(patch)
    for row, cell in enumerate(patch):
        expected = {other for other in h3.grid_ring(cell, 1) if other in set(patch)}
        assert set(patch[matrix[[row]].indices]) == expected


def test_cells_are_named_by_a_place_that_does_not_move():
    x, y = np.array([429_750.0, 429_999.999, 430_000.0]), np.full(3, 433_750.0)
    assert SquareGrid(250).cell_ids(x, y).tolist() == [
        "sq250-E429750N433750",
        "sq250-E429750N433750",
        "sq250-E430000N433750",
    ]
    assert HexGrid(300).cell_ids(np.array([149.0, 151.0]), np.zeros(2)).tolist() == [
        "hex300-E0N0",
        "hex300-E300N0",
    ]


def test_a_hexagon_is_as_wide_from_flat_to_flat_as_its_name_says():
    (outline,) = HexGrid(300).polygons(HexGrid(300).cell_ids(np.array([LEEDS[0]]), np.array([0.0])))
    west, south, east, north = outline.bounds
    assert east - west == pytest.approx(300)
    assert north - south == pytest.approx(300 * 2 / np.sqrt(3))
    assert outline.area == pytest.approx(300**2 * np.sqrt(3) / 2)


def test_ground_areas_differ_from_map_areas_by_the_scale_of_the_projection(patch, grid):
    on_the_map = shapely.area(grid.polygons(patch)) / 1e6
    ratio = grid.areas_km2(patch) / on_the_map
    assert ratio == pytest.approx(1, abs=1e-3)
    assert (ratio != 1).all()


def test_h3_cells_at_leeds_have_the_size_measured_there():
    """The published 92,676 m2 is on a sphere; the ellipsoid gives 0.4 % more at Leeds."""
    cells = H3Grid(9).cover(Point(*LEEDS).buffer(2_000))
    on_the_sphere = np.mean([h3.cell_area(cell, "km^2") for cell in cells])
    assert on_the_sphere == pytest.approx(0.092676, rel=1e-3)
    assert H3Grid(9).areas_km2(cells).mean() / on_the_sphere == pytest.approx(1.0042, abs=5e-4)


def test_a_grid_is_found_again_by_its_name(grid):
    assert grid_named(grid.name) == grid


def test_no_cells_are_well_formed(grid):
    nothing = np.array([], dtype=object)
    assert grid.polygons(nothing).shape == (0,)
    assert grid.areas_km2(nothing).shape == (0,)
    assert grid.neighbours(nothing).shape == (0, 0)
    assert grid.cell_ids(np.array([]), np.array([])).shape == (0,)
    assert grid.cover(shapely.Polygon()).shape == (0,)


@pytest.mark.parametrize("name", ["cluster", "square-2.5", "h3", ""])
def test_areas_that_are_no_cells_have_no_grid(name):
    with refused("no-such-grid"):
        grid_named(name)


@pytest.mark.parametrize("size", [0, 9, 250.0, True, "250", 100_001])
def test_a_cell_size_is_a_sensible_whole_number_of_metres(size):
    with refused("argument", of="side_m"):
        SquareGrid(size)
    with refused("argument", of="flat_to_flat_m"):
        HexGrid(size)


def test_cells_of_another_grid_are_refused():
    with pytest.raises(InputError, match="named like sq250"):
        SquareGrid(250).polygons(SquareGrid(500).cover(Point(*LEEDS).buffer(10)))


def test_a_cell_named_twice_is_refused(grid, patch):
    with refused("argument", "1 of ", of="cell_ids"):
        grid.neighbours(np.append(patch, patch[0]))


def test_rings_are_counted_from_one(grid, patch):
    with refused("argument", of="rings"):
        grid.neighbours(patch, rings=0)


def test_national_cells_want_the_national_grid():
    with refused("wrong-crs", "27700"):
        SquareGrid(250).cell_ids(np.array([0.0]), np.array([0.0]), "EPSG:32630")


def test_a_study_area_is_the_union_and_its_ring():
    zones = gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs="EPSG:27700")
    plain = study_area(zones)
    assert plain.index.tolist() == ["study-area"]
    assert plain.geometry.iloc[0].equals(box(0, 0, 2, 1))
    assert study_area(zones, ring_m=3).geometry.iloc[0].contains(Point(-2.9, 0.5))
    assert len(study_area(zones.iloc[:0])) == 0
    with refused("argument", of="ring_m"):
        study_area(zones, ring_m=-1)
