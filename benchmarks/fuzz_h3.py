"""Cells found by lattice against h3-py's own, until told to stop: nothing may differ.

Run: python benchmarks/fuzz_h3.py [seconds] [seed]

Places are drawn where a short cut could go wrong: anywhere, at the borders of cells and of faces,
round the twelve pentagons and the twenty middles of faces, to the last digits of a double; and in
metres of systems all over the world, among them boxes that hold a border of a face.
"""

import sys
import time
from itertools import combinations

import h3
import numpy as np

from hotspots.core.crs import project, to_lonlat
from hotspots.core.grids.h3_lattice import FEW, cells_in_degrees, cells_in_metres, one_by_one

COARSEST, FINEST = 0, 15
LEAST, MOST = -16, -3
"""Powers of ten of the degrees that a place is moved off a border."""

SYSTEMS = {
    "EPSG:27700": (-7.0, 50.0, 1.7, 60.5),
    "EPSG:32630": (-6.0, 0.0, 0.0, 80.0),
    "EPSG:2193": (166.5, -47.0, 178.5, -34.5),
    "EPSG:5070": (-124.0, 25.0, -67.0, 49.0),
    "EPSG:31983": (-48.0, -40.0, -42.0, -1.0),
    "EPSG:6677": (138.5, 34.0, 141.0, 37.5),
}
"""Metric systems and where they hold: west, south, east, north."""


def over_the_globe(count, resolution=None, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-180, 180, count), np.degrees(np.arcsin(rng.uniform(-1, 1, count)))


def at_cell_borders(count, resolution, seed=0):
    """On the edges of cells anywhere, corners among them."""
    lon, lat = over_the_globe(count, seed=seed)
    return _on_edges(
        [h3.latlng_to_cell(*p, resolution) for p in zip(lat, lon, strict=True)], count, seed
    )


def around_pentagons(count, resolution, seed=0):
    """On the edges of the pentagons and of two rings round them."""
    cells = [c for p in h3.get_pentagons(resolution) for c in h3.grid_disk(p, 2)]
    return _on_edges(cells, count, seed)


def at_face_borders(count, resolution=None, seed=0):
    """On the thirty edges of the icosahedron."""
    rng = np.random.default_rng(seed)
    corners = _vertices()
    edges = [
        pair for pair in combinations(range(12), 2) if corners[pair[0]] @ corners[pair[1]] > 0.4
    ]
    one, other = corners[np.array(edges)[rng.integers(0, len(edges), count)]].transpose(1, 0, 2)
    part = rng.uniform(0, 1, count)[:, None]
    return _moved(*_degrees(part * one + (1 - part) * other), rng)


def at_face_middles(count, resolution=None, seed=0):
    """As near the middles of the faces as a double can be."""
    rng = np.random.default_rng(seed)
    corners = _vertices()
    faces = [f for f in combinations(range(12), 3) if (corners[[*f]] @ corners[[*f]].T > 0.4).all()]
    middles = corners[np.array(faces)[rng.integers(0, len(faces), count)]].sum(axis=1)
    return _moved(*_degrees(middles), rng)


PLACES = (over_the_globe, at_cell_borders, around_pentagons, at_face_borders, at_face_middles)


def in_metres(crs, count, resolution, seed=0):
    """A box of any size in a metric system: half of the places at borders of its cells."""
    rng = np.random.default_rng(seed)
    west, south, east, north = SYSTEMS[crs]
    lon, lat = rng.uniform(west, east), rng.uniform(south, north)
    reach = 10.0 ** rng.uniform(-2, 0.5)
    lons = np.clip(lon + rng.uniform(-reach, reach, count), west, east)
    lats = np.clip(lat + rng.uniform(-reach, reach, count), south, north)
    some = one_by_one(lons[::8], lats[::8], resolution)
    lons[: count // 2], lats[: count // 2] = _on_edges(some, count // 2, seed)
    x, y = project(lons, lats, crs)
    return x + rng.normal(0, 1e-4, count), y


def _on_edges(cells, count, seed):
    rng = np.random.default_rng(seed + 1)
    rings = [h3.cell_to_boundary(cells[k]) for k in rng.integers(0, len(cells), count)]
    turn = rng.integers(0, 10**6, count)
    ends = np.array(
        [(r[t % len(r)], r[(t + 1) % len(r)]) for r, t in zip(rings, turn, strict=True)]
    )
    ends[:, 1, 1] += 360 * np.round((ends[:, 0, 1] - ends[:, 1, 1]) / 360)
    part = np.where(rng.random(count) < 0.2, 0, rng.uniform(0, 1, count))[:, None]
    lat, lon = (part * ends[:, 0] + (1 - part) * ends[:, 1]).T
    return _moved(lon, lat, rng)


def _moved(lon, lat, rng):
    steps = rng.normal(0, 1, (2, len(lon))) * 10.0 ** rng.uniform(LEAST, MOST, len(lon))
    return lon + steps[0], np.clip(lat + steps[1], -90, 90)


def _vertices():
    lat, lon = np.radians([h3.cell_to_latlng(cell) for cell in h3.get_pentagons(0)]).T
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def _degrees(vectors):
    x, y, z = vectors.T
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def main(seconds=60.0, seed=0):
    tried = differ = 0
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        resolution = int(np.random.default_rng(seed).integers(COARSEST, FINEST + 1))
        for places in PLACES:
            lon, lat = places(20_000, resolution, seed)
            found = cells_in_degrees(lon, lat, resolution)
            tried, differ = tried + len(lon), differ + _apart(found, lon, lat, resolution, places)
        crs, resolution = list(SYSTEMS)[seed % len(SYSTEMS)], max(resolution, 5)
        x, y = in_metres(crs, 2 * FEW, resolution, seed)
        found, (lon, lat) = cells_in_metres(x, y, resolution, crs), to_lonlat(x, y, crs)
        tried, differ = tried + len(x), differ + _apart(found, lon, lat, resolution, crs)
        seed += 1
    print(f"{tried:,} places up to seed {seed}: {differ:,} cells differ from h3-py's")
    return differ


def _apart(found, lon, lat, resolution, what):
    wrong = np.flatnonzero(found != one_by_one(lon, lat, resolution))
    for row in wrong[:3]:
        print(f"{what} resolution {resolution}: {lat[row]!r}, {lon[row]!r} is not {found[row]}")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3])) > 0)
