"""Cells found by lattice are those of h3-py, everywhere, also at borders it is bad to be near."""

import h3
import numpy as np
import pytest
from fuzz_h3 import PLACES, SYSTEMS, in_metres

from hotspots.core.crs import to_lonlat
from hotspots.core.grids import H3Grid, h3_lattice
from hotspots.core.grids.h3_lattice import (
    FEW,
    cells_in_degrees,
    cells_in_metres,
    one_by_one,
    positions_on_lattice,
)

LEEDS = (429_790.0, 433_805.0)


def scattered(count, spread_m=(16_500, 14_000)):
    rng = np.random.default_rng(1)
    return [at + rng.uniform(-side, side, count) for at, side in zip(LEEDS, spread_m, strict=True)]


@pytest.mark.parametrize("places", PLACES)
@pytest.mark.parametrize("resolution", [0, 3, 8, 9, 11, 15])
def test_everywhere_on_the_globe_they_are_those_of_h3(places, resolution):
    lon, lat = places(2_000, resolution, seed=1)
    found = cells_in_degrees(lon, lat, resolution)
    assert found.tolist() == one_by_one(lon, lat, resolution).tolist()


@pytest.mark.parametrize("resolution", range(7, 12))
def test_in_a_city_they_are_those_of_h3(resolution):
    x, y = scattered(FEW + 2_000)
    found = H3Grid(resolution).cell_ids(x, y)
    assert found.tolist() == one_by_one(*to_lonlat(x, y), resolution).tolist()


@pytest.mark.parametrize("crs", SYSTEMS)
def test_in_metres_of_any_system_they_are_those_of_h3(crs):
    for seed in range(2):
        x, y = in_metres(crs, FEW, 9, seed)
        found = cells_in_metres(x, y, 9, crs)
        assert found.tolist() == one_by_one(*to_lonlat(x, y, crs), 9).tolist()


def test_h3_is_asked_once_a_cell_and_at_borders(monkeypatch):
    asked = []
    ask = h3_lattice.one_by_one
    monkeypatch.setattr(h3_lattice, "one_by_one", lambda *at: asked.append(at) or ask(*at))
    x, y = scattered(FEW * 3, (3_000, 3_000))
    cells = set(H3Grid(9).cell_ids(x, y))
    assert len(cells) <= sum(len(lon) for lon, _, _ in asked) <= len(cells) + 60


@pytest.mark.parametrize("shift_m", [0.01, 30.0])
def test_a_projection_with_a_step_in_it_gets_no_polynomial(monkeypatch, shift_m):
    """As PROJ has where one way from datum to datum ends and the next begins."""
    project = h3_lattice.to_lonlat
    monkeypatch.setattr(
        h3_lattice, "to_lonlat", lambda x, y, crs: project(x + shift_m * (x > LEEDS[0]), y, crs)
    )
    x, y = scattered(FEW)
    assert h3_lattice._smooth_position(x, y, 9, "EPSG:27700") is None
    found = cells_in_metres(x, y, 9, "EPSG:27700")
    assert found.tolist() == one_by_one(*h3_lattice.to_lonlat(x, y, "EPSG:27700"), 9).tolist()


def test_a_country_in_metres_needs_no_projection_of_its_points():
    x, y = scattered(FEW, (250_000, 400_000))
    assert h3_lattice._smooth_position(x, y, 9, "EPSG:27700") is not None


def test_all_points_in_one_place_none_and_nowhere():
    x, y = np.full(FEW, LEEDS[0]), np.full(FEW, LEEDS[1])
    assert set(H3Grid(9).cell_ids(x, y)) == {"891942c58b7ffff"}
    assert cells_in_degrees(x[:0], y[:0], 9).tolist() == []
    x[0] = np.nan
    with pytest.raises(h3.H3BaseException):
        H3Grid(9).cell_ids(x, y)


@pytest.mark.parametrize("resolution", [7, 8, 9, 11])
@pytest.mark.parametrize("rings", [1, 2])
def test_neighbours_are_those_of_h3_everywhere(resolution, rings):
    """Round cities, across the borders of faces, and at a pentagon; some cells are missing."""
    rng = np.random.default_rng(resolution)
    lon, lat = rng.uniform(-180, 180, 30), np.degrees(np.arcsin(rng.uniform(-1, 1, 30)))
    edge = [(3.0, 60.0), (-2.0, 65.0), *zip(lon, lat, strict=True)]
    middles = [h3.latlng_to_cell(y, x, resolution) for x, y in [(-1.55, 53.8), *edge]]
    by_lattice = 0
    for middle in [*middles, next(iter(h3.get_pentagons(resolution)))]:
        disk = np.array(sorted(h3.grid_disk(middle, 4)))
        cells = rng.permutation(disk[rng.random(len(disk)) < 0.8])
        right = [np.isin(cells, h3.grid_disk(one, rings)) for one in cells.tolist()]
        found = H3Grid(resolution).neighbours(cells, rings).toarray()
        assert (found == np.array(right) - np.eye(len(cells))).all()
        by_lattice += positions_on_lattice(cells.tolist(), resolution, rings) is not None
    assert 20 < by_lattice < 34
