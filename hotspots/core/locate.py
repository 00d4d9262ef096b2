"""Which of many points an outline holds: GEOS decides at its border, arithmetic elsewhere.

Points are sorted into squares once. A square that the border of an outline does not cross lies
inside it or outside as a whole, and so do squares in a row with no border between them: GEOS is
asked for one spot of each such run, and for every point in a square on the border.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from hotspots.core.arrays import Bools, Codes, Floats

FEW = 5_000
"""Points that GEOS alone goes through in the time it takes to make squares."""

MOST = 256
"""Squares along a side; the number of a square then fits 16 bits, which sort fastest."""

SMALLEST_M = 1.0
SLACK_M = 1e-5
"""A border is that much wider: where it is cut into pieces, digits are lost."""

POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


class PointSquares:
    """Points sorted into squares, to be asked which of them lie in one outline after another.

    Parameters
    ----------
    x, y : array of float, shape (n,)
        Coordinates in metres; missing ones lie nowhere.
    """

    def __init__(self, x: Floats, y: Floats) -> None:
        self.size: int = len(x)
        self._rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        self._xy = np.stack([x[self._rows], y[self._rows]])
        self._side = min(MOST, int(np.sqrt(len(self._rows)) / 2))
        if len(self._rows) >= FEW:
            self._sort()

    def inside(self, outline: Any) -> Codes:
        """Which points lie in an outline, its boundary included, in no order.

        The same as ``shapely.intersects_xy``, whatever the outline.
        """
        shapely.prepare(outline)
        if len(self._rows) < FEW or not self._simple(outline):
            west, south, east, north = shapely.bounds(outline)
            x, y = self._xy
            boxed = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
            found = self._asked(outline, boxed)
        else:
            border = border_squares(outline, self._low, self._size, (self._side, self._side))
            held = held_squares(outline, border, self._low, self._size)
            doubtful = self._asked(outline, self._points_in(border))
            found = np.concatenate([self._points_in(held), doubtful])
        return np.asarray(self._rows[found])

    def _sort(self) -> None:
        self._low = self._xy.min(axis=1, keepdims=True)
        reach = self._xy.max(axis=1, keepdims=True) - self._low
        self._size = np.maximum(reach / self._side, SMALLEST_M)
        column, row = _square(self._xy, self._low, self._size, (self._side, self._side))
        number = (column * self._side + row).astype(np.uint16)
        self._order = np.argsort(number, kind="stable")
        self._counts = np.bincount(number, minlength=self._side**2)
        self._starts = np.cumsum(self._counts) - self._counts

    def _simple(self, outline: Any) -> bool:
        """Whether an outline is sound polygons with fewer pieces of border than there are points.

        Where parts overlap, GEOS itself gives this answer or that.
        """
        if shapely.get_type_id(outline) not in POLYGONS or shapely.is_empty(outline):
            return False
        if not shapely.is_valid(outline):
            return False
        pieces = shapely.length(outline) / self._size.min() + shapely.get_num_coordinates(outline)
        return bool(pieces < len(self._rows))

    def _points_in(self, squares: Bools) -> Codes:
        number = np.flatnonzero(squares)
        counts = self._counts[number]
        along = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.asarray(self._order[along + np.repeat(self._starts[number], counts)])

    def _asked(self, outline: Any, points: Codes) -> Codes:
        return np.asarray(points[shapely.intersects_xy(outline, *self._xy[:, points])])


def border_squares(
    outline: Any, low: Floats, size: Floats | float, shape: tuple[int, int]
) -> Bools:
    """The squares that hold a piece of the border of polygons.

    Parameters
    ----------
    outline : Polygon or MultiPolygon
    low : array of float, shape (2, 1)
        South-western corner of the lattice.
    size : float, or array of float, shape (2, 1)
        Of a square, 1 m or more.
    shape : tuple of int
        Columns (eastwards) and rows (northwards).

    Returns
    -------
    array of bool, of that shape
        A border beyond the lattice is in the nearest square.
    """
    rings = shapely.get_parts(shapely.boundary(outline))
    # Shorter than a square, so a piece touches four at most: those of the corners of its box.
    pieces = shapely.segmentize(rings, 0.9 * float(np.min(size)))
    corners, ring = shapely.get_coordinates(pieces, return_index=True)
    joined = ring[1:] == ring[:-1]
    one, other = corners[:-1][joined].T, corners[1:][joined].T
    first = _square(np.minimum(one, other) - SLACK_M, low, size, shape)
    last = _square(np.maximum(one, other) + SLACK_M, low, size, shape)
    border = np.zeros(shape, dtype=bool)
    for column in (first[0], last[0]):
        for row in (first[1], last[1]):
            border[column, row] = True
    return border


def held_squares(outline: Any, border: Bools, low: Floats, size: Floats | float) -> Bools:
    """The squares that lie inside as a whole, if ``border`` are those the border crosses."""
    begins = ~border
    begins[:, 1:] &= border[:, :-1]
    middles = low + (np.stack(np.nonzero(begins)) + 0.5) * size
    held = np.append(False, shapely.intersects_xy(outline, *middles))
    return np.asarray(~border & held[np.cumsum(begins)].reshape(border.shape))


def _square(xy: Floats, low: Floats, size: Floats | float, shape: tuple[int, int]) -> Codes:
    """Column and row of each place; the nearest where there are none.

    A place further east is never in a column further west, whatever digits are lost: on that it
    rests that a square without a piece of border has none.
    """
    place: Floats = (xy - low) / size
    return np.clip(place, 0, np.array(shape)[:, None] - 1, out=place).astype(np.intp)
