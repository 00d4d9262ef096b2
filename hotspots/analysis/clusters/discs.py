"""The ground of clusters: discs of one radius around their places, dissolved.

Discs are polygons of 64 edges, all alike. Most edges lie inside another disc, and what lies inside
draws no outline: of each disc only the edges that might be seen are dissolved, and gaps that this
leaves are filled. The outline is the same, vertex by vertex but for the last digits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache
from math import ceil, pi
from typing import TYPE_CHECKING

import numpy as np

from hotspots.core.crs import MILLIMETRES_PER_METRE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from hotspots.core.arrays import Bools, Codes, Floats, Ints, Objects

QUADRANT_SEGMENTS = 16
EDGES = 4 * QUADRANT_SEGMENTS
ALL_HIDDEN = np.uint64(2**EDGES - 1)
FEW = 6
"""Places too few to hide one disc from all sides."""
SQUARES_PER_RADIUS = 5
SLACK = 1e-6
"""Of the radius: what lies that close to the edge of a disc is not called inside."""
STEPS_AT_ONCE, PLACES_AT_ONCE = 16, 1_000
LARGEST_TABLE = 2**25
"""Squares up to which a table says which hold a place; beyond, a search."""


def disc_unions(places: Ints, owner: Codes, radius_m: float) -> list[BaseGeometry]:
    """The union of the discs around the places of each owner, owners in order.

    Places are in whole millimetres, those of one owner all different.
    """
    import shapely

    radius_mm = radius_m * MILLIMETRES_PER_METRE
    order = np.lexsort((places[:, 0], owner))
    places, owner = places[order], owner[order]
    hidden = hidden_edges(places, owner, radius_mm)
    seen = np.flatnonzero(hidden != ALL_HIDDEN)
    pieces = _pieces(places[seen], hidden[seen], radius_m)
    begin = np.append(np.flatnonzero(np.diff(owner, prepend=-1)), len(owner))
    spans = list(itertools.pairwise(np.searchsorted(seen, begin).tolist()))
    drawn = [shapely.union_all(pieces[first:last]) for first, last in spans]
    holes = shapely.get_num_interior_rings(drawn) > 0
    for one in np.flatnonzero(holes | (shapely.get_num_geometries(drawn) > 1)):
        drawn[one] = _filled(drawn[one], places[begin[one] : begin[one + 1]], radius_mm)
    return drawn


def hidden_edges(places: Ints, owner: Codes, radius_mm: float) -> NDArray[np.uint64]:
    """Which edges of each place's disc surely lie inside another of its owner's, a bit an edge.

    The ground is cut into small squares, the owners' side by side. First whole squares are asked:
    what a place in one hides of any disc in another hangs on the step between the two alone. Where
    an edge is still to be seen, places are asked, one of each square. Owners are sorted.
    """
    hidden = np.zeros(len(places), dtype=np.uint64)
    side = int(radius_mm // SQUARES_PER_RADIUS)
    start = np.flatnonzero(np.diff(owner, prepend=-1))
    size = np.diff(start, append=len(owner))
    many = np.flatnonzero(np.repeat(size >= FEW, size))
    if side < 1 or len(many) == 0:
        return hidden
    steps, surely, perhaps = _steps(side / radius_mm)
    places = places[many]
    key, stride, length = _laid_out(places, size[size >= FEW], side, int(np.abs(steps).max()))
    holds, squares, square = _squares(key, length)
    moves = steps @ (stride, 1)
    found = _of_squares(squares, holds, moves, surely)[square]
    seen = np.flatnonzero(found != ALL_HIDDEN)
    one_of = np.empty(len(squares), dtype=np.intp)
    one_of[square] = np.arange(len(square))
    for first in range(0, len(seen), PLACES_AT_ONCE):
        some = seen[first : first + PLACES_AT_ONCE]
        beside = key[some, None] + moves
        which, step = np.nonzero(holds(beside) & ((perhaps & ~found[some, None]) != 0))
        other = one_of[np.searchsorted(squares, beside[which, step])]
        bits = _hidden_by((places[other] - places[some[which]]) / radius_mm)
        begin = np.flatnonzero(np.diff(which, prepend=-1))
        found[some[which[begin]]] |= np.bitwise_or.reduceat(bits, begin) if len(begin) else 0
    hidden[many] = found
    return hidden


@cache
def _steps(side: float) -> tuple[Codes, NDArray[np.uint64], NDArray[np.uint64]]:
    """Steps between squares in columns and rows, and which edges a place so far off hides.

    Surely hidden is an edge whose ends lie inside the other disc wherever in their squares the two
    places are: at the corners of all differences there can be. The side is in radii.
    """
    along = np.arange(-ceil(2 / side), ceil(2 / side) + 1)
    steps = np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1).reshape(-1, 2)
    # Clockwise, as GEOS draws a buffer.
    turn = -2 * pi * np.arange(EDGES) / EDGES
    ends = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    corners = np.array([(-1, -1), (-1, 1), (1, -1), (1, 1), (0, 0)])
    apart = (steps[:, None] + corners) * side
    inside: Bools = _gauge(ends - apart[:, :, None]) < 1 - SLACK
    inside &= np.roll(inside, -1, axis=2)
    surely, perhaps = (np.asarray(part) for part in (inside.all(axis=1), inside.any(axis=1)))
    most_first = np.argsort(-surely.sum(axis=1), kind="stable")
    most_first = most_first[perhaps[most_first].any(axis=1)]
    return steps[most_first], _bits(surely[most_first]), _bits(perhaps[most_first])


def _bits(edges: Bools) -> NDArray[np.uint64]:
    return np.packbits(edges, axis=-1).view(np.uint64)[..., 0]


def _laid_out(places: Ints, size: Codes, side: int, margin: int) -> tuple[Ints, int, int]:
    """The square of each place, squares in a column, and squares in all.

    Owners with so many places each stand side by side, so far apart that no step leads across.
    """
    start = np.cumsum(size) - size
    corner = np.repeat(np.minimum.reduceat(places, start), size, axis=0)
    column, row = ((places - corner) // side + margin).T
    width = np.maximum.reduceat(column, start) + 1
    stride = int(row.max()) + margin + 1
    key = (column + np.repeat(np.cumsum(width) - width, size)) * stride + row
    return key, stride, (int(width.sum()) + margin + 1) * stride


def _squares(key: Ints, length: int) -> tuple[Callable[..., Bools], Ints, Codes]:
    """Whether squares hold a place, asked by number; those that do; and the one of each place."""
    if length > LARGEST_TABLE:
        squares, square = np.unique(key, return_inverse=True)
        return lambda asked: _known(squares, asked), squares, square
    table = np.zeros(length, dtype=bool)
    table[key] = True
    squares = np.flatnonzero(table)
    number = np.empty(length, dtype=np.int32)
    number[squares] = np.arange(len(squares))
    return lambda asked: table[asked], squares, number[key].astype(np.intp)


def _known(squares: Ints, asked: Ints) -> Bools:
    at = np.minimum(np.searchsorted(squares, asked), len(squares) - 1)
    return np.asarray(squares[at] == asked)


def _of_squares(
    squares: Ints, holds: Callable[..., Bools], moves: Ints, surely: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """The edges hidden of every disc in each square, by the squares around it that hold a place."""
    found, still = np.zeros(len(squares), dtype=np.uint64), np.arange(len(squares))
    for first in range(0, np.count_nonzero(surely), STEPS_AT_ONCE):
        some = slice(first, first + STEPS_AT_ONCE)
        for move, bits in zip(moves[some], surely[some], strict=True):
            found[still[holds(squares[still] + move)]] |= bits
        still = still[found[still] != ALL_HIDDEN]
    return found


def _hidden_by(apart: Floats) -> NDArray[np.uint64]:
    """The edges of a disc of radius 1 that another hides, so far off: one run, told by its ends."""
    edge = 2 * pi / EDGES
    turn = -np.arctan2(apart[:, 1], apart[:, 0]) / edge
    half = np.arccos(np.minimum(np.hypot(*apart.T) / 2, 1)) / edge
    first, last = np.ceil(turn - half), np.floor(turn + half)
    inside = first < last
    for end in (first, last):
        spot = np.stack([np.cos(edge * end), -np.sin(edge * end)], axis=-1)
        inside &= _gauge(spot - apart) < 1 - SLACK
    length = np.where(inside, last - first, 0)
    found: NDArray[np.uint64] = _runs()[first.astype(np.intp) % EDGES, length.astype(np.intp)]
    return found


@cache
def _runs() -> NDArray[np.uint64]:
    """The bits of so many edges from one on, by the first and their number."""
    edge = np.arange(EDGES)
    ahead = (edge - edge[:, None]) % EDGES
    return _bits(ahead[:, None] < np.arange(EDGES // 2 + 1)[:, None])


def _pieces(places: Ints, hidden: NDArray[np.uint64], radius_m: float) -> Objects:
    """Of each disc the polygon of the ends of its edges that are not hidden, and of one beyond."""
    import shapely

    disc = shapely.buffer(shapely.Point(0, 0), radius_m, quad_segs=QUADRANT_SEGMENTS)
    around = shapely.get_coordinates(disc)[:-1]
    seen = np.unpackbits(hidden.view(np.uint8).reshape(-1, EDGES // 8), axis=1) == 0
    # Both ends of an edge, then one corner more on either side: an edge alone is no polygon.
    kept = seen | np.roll(seen, 1, axis=1)
    kept |= np.roll(kept, 1, axis=1) | np.roll(kept, -1, axis=1)
    which, end = np.nonzero(kept)
    corners = (places / MILLIMETRES_PER_METRE)[which] + around[end]
    return np.asarray(shapely.polygons(shapely.linearrings(corners, indices=which)))


def _filled(drawn: BaseGeometry, places: Ints, radius_mm: float) -> BaseGeometry:
    """The pieces of discs and the gaps between them that discs cover.

    Every outline of the discs is drawn, so a gap is covered as a whole or not at all. The places
    are sorted by x.
    """
    import shapely

    rings, part = shapely.get_rings(shapely.get_parts(drawn), return_index=True)
    outer = np.diff(part, prepend=-1) > 0
    whole = shapely.union_all(shapely.polygons(rings[outer]))
    one = part[-1] == 0
    gaps = np.asarray(shapely.polygons(rings[1:]) if one else shapely.get_parts(whole - drawn))
    spots = shapely.get_coordinates(shapely.point_on_surface(gaps)) * MILLIMETRES_PER_METRE
    bare = np.array([not _covered(spot, places, radius_mm) for spot in spots])
    return whole - shapely.union_all(gaps[bare]) if bare.any() else whole


def _covered(spot: Floats, places: Ints, radius_mm: float) -> bool:
    """Whether a disc holds the spot; its places are sorted by x."""
    first, last = np.searchsorted(places[:, 0], (spot[0] - radius_mm, spot[0] + radius_mm))
    apart = spot - places[first:last]
    apart = apart[np.abs(apart[:, 1]) <= radius_mm]
    return bool((_gauge(apart / radius_mm) <= 1).any())


def _gauge(apart: Floats) -> Floats:
    """How many times the polygon of radius 1 must grow to hold what lies so far from its middle."""
    x, y = apart[..., 0], apart[..., 1]
    edge = 2 * pi / EDGES
    off = np.arctan2(y, x) % edge - edge / 2
    return np.asarray(np.hypot(x, y) * np.cos(off) / np.cos(edge / 2))
