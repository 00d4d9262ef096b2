"""H3 cells of many points at once: one call of h3-py a cell, not one a point.

H3 draws an icosahedron round the earth. On each face a cell is a hexagon of a plain lattice in the
gnomonic plane of that face, so the cell of a point is a function of its face and of two whole
numbers, and h3-py needs to be asked once for each pair of them that occurs. Over one city both
numbers are smooth functions of easting and northing as well: a polynomial stands for projection and
plane together, where it can be shown to be good enough.

Nothing of H3 is written down here: the faces come from h3-py's own twelve pentagons. Whatever comes
close to a border, of a cell or of a face, is given to h3-py itself.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import to_lonlat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hotspots.core.arrays import Bools, Codes, Floats, Ints, Objects

FEW = 10_000
"""Points that h3-py names in the time it takes to look for a short cut."""

GUARD = 1e-4
"""In half widths of a cell: so close to a border h3-py decides. At resolution 11 it is 2 mm."""

FAULT = 1e-6
"""What the polynomial may be off, in the same unit; a hundredth of the guard."""

FACE_GUARD = 1e-7
"""Of the sine of an angle: so close to the border of a face h3-py decides; 0.6 m."""

NEAR_CENTRE = 1 - 1e-6
"""Of the cosine of the angle from the middle of a face (9 km): h3-py itself loses digits there."""

DEGREES = (5, 9)
"""Of the polynomial: a city, a country."""

WIDEST_CELL = 1e-3
"""Of the sine of an angle: more than from one cell to the next at resolution 7."""

BLOCK = 8_192
"""Points at a time, so that what is worked out stays in the cache of the processor."""


def cells_in_metres(x: Floats, y: Floats, resolution: int, crs: Any) -> Objects:
    """Cell of each point given in metres; the same as h3-py's own for every one."""
    if len(x) < FEW:
        return one_by_one(*to_lonlat(x, y, crs), resolution)
    position = _smooth_position(x, y, resolution, crs)
    if position is None:
        return cells_in_degrees(*to_lonlat(x, y, crs), resolution)
    keys, clear = _hexagons(position, len(x))
    return _named(
        keys, clear, lambda rows: one_by_one(*to_lonlat(x[rows], y[rows], crs), resolution)
    )


def cells_in_degrees(longitude: Floats, latitude: Floats, resolution: int) -> Objects:
    """Cell of each point anywhere on the globe; the same as h3-py's own for every one."""
    found = np.empty(len(longitude), dtype=object)
    faces, clear = _faces_of(longitude, latitude)
    for face in np.unique(faces[clear]):
        rows = np.flatnonzero(clear & (faces == face))
        found[rows] = _on_one_face(longitude[rows], latitude[rows], resolution, face)
    found[~clear] = one_by_one(longitude[~clear], latitude[~clear], resolution)
    return found


def one_by_one(longitude: Floats, latitude: Floats, resolution: int) -> Objects:
    """Cell of each point, asked of h3-py."""
    from h3 import latlng_to_cell

    pairs = zip(latitude.tolist(), longitude.tolist(), strict=True)
    found = np.empty(len(latitude), dtype=object)
    found[:] = [latlng_to_cell(lat, lon, resolution) for lat, lon in pairs]
    return found


def positions_on_lattice(cells: Sequence[str], resolution: int, rings: int) -> Ints | None:
    """Two whole numbers for each cell, by which neighbours differ by a hexagon's steps.

    None where not all cells, with so many rings round them, lie within one face: the lattices of
    two faces are turned against each other.
    """
    from h3 import cell_to_latlng

    if not cells or {cell[:2] for cell in cells} != {f"8{resolution:x}"}:
        return None
    latitude, longitude = np.array([cell_to_latlng(cell) for cell in cells]).T
    nearness = _centres() @ _on_sphere(longitude, latitude)
    second, first = np.partition(nearness, -2, axis=0)[-2:]
    faces = nearness.argmax(axis=0)
    if (first - second).min() < rings * WIDEST_CELL or (faces != faces[0]).any():
        return None
    axes = _faces(resolution)[faces[0]]
    keys, _ = _hexagons(lambda part: _on_plane(longitude[part], latitude[part], axes), len(cells))
    # The lower half of the number is signed: 32 bits of it are moved up, cut, moved back.
    j = ((keys + 2**31) & (2**32 - 1)) - 2**31
    return np.column_stack([(keys - j) >> 32, j])


def _on_one_face(longitude: Floats, latitude: Floats, resolution: int, face: int) -> Objects:
    axes = _faces(resolution)[face]
    keys, clear = _hexagons(
        lambda part: _on_plane(longitude[part], latitude[part], axes), len(longitude)
    )
    return _named(keys, clear, lambda rows: one_by_one(longitude[rows], latitude[rows], resolution))


def _named(keys: Ints, clear: Bools, asked: Callable[..., Objects]) -> Objects:
    """A name for each key, asked for at one of its points that is clear of all borders."""
    import pandas as pd

    codes, distinct = pd.factorize(keys)
    first = np.full(len(distinct), -1, dtype=np.intp)
    # Written backwards, so that the first of a hexagon's points stays.
    first[codes[clear][::-1]] = np.flatnonzero(clear)[::-1]
    names = np.empty(len(distinct), dtype=object)
    names[first >= 0] = asked(first[first >= 0])
    found = names[codes]
    close = np.flatnonzero(~clear)
    found[close] = asked(close)
    return found


def _hexagons(position: Callable[[slice], Floats], count: int) -> tuple[Ints, Bools]:
    """Which hexagon of the lattice each point is in, and whether it is clear of all borders.

    The three lines through the corners of the hexagons cut the plane into triangles, six to a
    hexagon. ``position`` counts these lines; two of its floors sum to the hexagon's number.
    """
    keys = np.empty(count, dtype=np.int64)
    clear = np.empty(count, dtype=bool)
    for start in range(0, count, BLOCK):
        part = slice(start, min(start + BLOCK, count))
        lines = position(part)
        below = np.floor(lines)
        i = np.floor((below[0] + below[2] + 2.5) / 3)
        j = np.floor((below[1] - below[2] + 1.5) / 3)
        keys[part] = i.astype(np.int64) << 32
        keys[part] += j.astype(np.int64)
        lines -= below
        lines -= 0.5
        clear[part] = np.abs(lines, out=lines).max(axis=0) < 0.5 - GUARD
    return keys, clear


def _smooth_position(
    x: Floats, y: Floats, resolution: int, crs: Any
) -> Callable[[slice], Floats] | None:
    """Position in the lattice as a polynomial of metres, if all points are well inside one face.

    It is fitted at some points of the box that holds all and tried at others; PROJ's shifts by
    a table are not smooth, and are found out here.
    """
    low, high = np.array([[x.min()], [y.min()]]), np.array([[x.max()], [y.max()]])
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        return None
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
    # Chebyshev's points, denser at the edges: through even ones a polynomial swings out there.
    fitted, tried = _spots(np.cos(np.linspace(0, np.pi, 14))), _spots(np.linspace(-1, 1, 19))
    metres = [spots * half + middle for spots in (fitted, tried)]
    seen = [to_lonlat(east, north, crs) for east, north in metres]
    nowhere = any(not np.isfinite(degrees).all() for spots in seen for degrees in spots)
    face = None if nowhere else _one_face(*seen[1])
    if face is None:
        return None
    wanted, expected = (_on_plane(*spots, _faces(resolution)[face]) for spots in seen)
    for degree in DEGREES:
        factors = np.linalg.lstsq(_terms(fitted, degree).T, wanted.T, rcond=None)[0].T
        if np.abs(factors @ _terms(tried, degree) - expected).max() < FAULT:
            break
    else:
        return None

    def position(part: slice) -> Floats:
        spots = (np.stack([x[part], y[part]]) - middle) / half
        return np.asarray(factors @ _terms(spots, degree))

    return position


def _spots(along: Floats) -> Floats:
    return np.stack(np.meshgrid(along, along)).reshape(2, -1)


def _terms(spots: Floats, degree: int) -> Floats:
    """All products of powers of x and y up to a degree."""
    x, y = spots
    terms = np.empty(((degree + 1) * (degree + 2) // 2, len(x)))
    terms[0] = 1
    before, at = 0, 1
    for power in range(1, degree + 1):
        np.multiply(terms[before : before + power], x, out=terms[at : at + power])
        np.multiply(terms[at - 1], y, out=terms[at + power])
        before, at = at, at + power + 1
    return terms


def _one_face(longitude: Floats, latitude: Floats) -> int | None:
    """The face that holds a whole box, seen at points of it; None if it might hold a part only."""
    spots = _on_sphere(longitude, latitude)
    side = round(np.sqrt(spots.shape[1]))
    lattice = spots.reshape(3, side, side)
    gap = max(float(np.linalg.norm(np.diff(lattice, axis=axis), axis=0).max()) for axis in (1, 2))
    nearness = np.sort(_centres() @ spots, axis=0)
    # A point is at most gap / sqrt(2) from a spot, and the middles of two faces are 0.71 apart.
    apart = (nearness[-1] - nearness[-2]).min() > gap
    off_centre = nearness[-1].max() + gap < NEAR_CENTRE
    return int((_centres() @ spots[:, 0]).argmax()) if apart and off_centre else None


def _faces_of(longitude: Floats, latitude: Floats) -> tuple[Codes, Bools]:
    """The face each point is on, and whether that is beyond doubt."""
    faces = np.empty(len(longitude), dtype=np.intp)
    clear = np.empty(len(longitude), dtype=bool)
    for start in range(0, len(longitude), BLOCK):
        part = slice(start, start + BLOCK)
        with np.errstate(invalid="ignore"):  # nowhere is on no face; h3-py refuses it
            nearness = _centres() @ _on_sphere(longitude[part], latitude[part])
        faces[part] = nearness.argmax(axis=0)
        second, first = np.partition(nearness, -2, axis=0)[-2:]
        clear[part] = (first - second > FACE_GUARD) & (first < NEAR_CENTRE)
    return faces, clear


def _on_plane(longitude: Floats, latitude: Floats, face: Floats) -> Floats:
    """Position in the lattice of one face, counted in lines of each of the three directions."""
    towards, along, across = face @ _on_sphere(longitude, latitude)
    return np.asarray(np.stack([along, across, along - across]) / towards)


def _on_sphere(longitude: Floats, latitude: Floats) -> Floats:
    lon, lat = np.radians(longitude), np.radians(latitude)
    flat = np.cos(lat)
    return np.stack([flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)])


def _centres() -> Floats:
    """The middle of each face, as a direction."""
    return _faces(0)[:, 0]


@cache
def _faces(resolution: int) -> Floats:
    """Of each face: its middle, and what to multiply with to count lines at 0 and at 60 degrees.

    A face is three pentagons of resolution 0 that are neighbours. The lattice of resolution 0 has a
    line from the middle of the face to each of its corners and hexagons 2 - golden ratio apart; a
    step finer they are 1 / sqrt(7) as far apart, and every second step is turned.
    """
    from h3.api.basic_int import cell_to_latlng, get_pentagons

    latitude, longitude = np.array([cell_to_latlng(cell) for cell in get_pentagons(0)]).T
    corners = _on_sphere(longitude, latitude).T
    # Neighbours among the corners of an icosahedron have a cosine of 0.447, all others less than 0.
    near = corners @ corners.T > 0.4
    threes = [[*three] for three in combinations(range(12), 3) if near[np.ix_(three, three)].all()]
    golden = (1 + np.sqrt(5)) / 2
    scale = 2 * np.sqrt(7) ** resolution / (2 - golden)
    # 19.1 degrees, by which the lattice of an odd resolution is turned against that of an even one.
    turned = np.arcsin(np.sqrt(3 / 28)) if resolution % 2 else 0.0
    faces = np.empty((len(threes), 3, 3))
    for face, three in zip(faces, threes, strict=True):
        middle = _unit(corners[three].sum(axis=0))
        ahead = _unit(corners[three[0]] - middle * (middle @ corners[three[0]]))
        left = np.cross(middle, ahead)
        face[0] = middle
        for row, angle in ((1, turned), (2, turned + np.pi / 3)):
            face[row] = scale * (np.cos(angle) * ahead + np.sin(angle) * left)
    return faces


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))
