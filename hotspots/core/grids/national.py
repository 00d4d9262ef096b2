"""Squares and hexagons on the British National Grid, counted from its own origin.

The origin never moves, so a cell keeps its name from month to month and from force to force.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import BRITISH_NATIONAL_GRID, millimetres, to_lonlat
from hotspots.core.errors import InputError, is_whole
from hotspots.core.grids.adjacency import (
    ellipsoid_areas_km2,
    hexagon_steps,
    lattice_adjacency,
    places_of,
    require_rings,
)
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    from hotspots.core.arrays import Floats, Ints, Objects

SMALLEST_M, LARGEST_M = 10, 100_000
# In halves of the width, and thirds of a row of centres: a corner is two of these from its centre.
HEXAGON_CORNERS = np.array([(0, 2), (1, 1), (1, -1), (0, -2), (-1, -1), (-1, 1)], dtype=float)


@dataclass(frozen=True)
class SquareGrid:
    """Squares of the British National Grid.

    Parameters
    ----------
    side_m : int
        Length of a side in whole metres, 10 to 100,000. A 250 m square covers 0.0625 km² of the
        map; on the ground it is some hundredths of a per cent more or less, and ``areas_km2``
        gives that.

    Notes
    -----
    A cell holds its western and southern edge but not the other two, and is named by its
    south-west corner in metres: ``"sq250-E429750N433750"``. Neighbours share an edge or a corner
    (eight of them). Squares finer than the spacing of snapped map points are mostly empty by
    construction.

    Examples
    --------
    >>> SquareGrid(250).cell_ids(np.array([429790.0]), np.array([433805.0])).tolist()
    ['sq250-E429750N433750']
    """

    side_m: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "side_m", _size(self.side_m, "side_m"))

    @property
    def name(self) -> str:
        """Short name used as ``kind`` of the areas."""
        return f"square-{self.side_m}"

    def cell_ids(self, x: Floats, y: Floats, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Cell of each point given in metres."""
        _require_national_grid(crs)
        # Whole millimetres: an edge belongs to one square, whatever digits a float has lost.
        side = self.side_m * 1000
        return self._named(millimetres(x) // side, millimetres(y) // side)

    def cover(self, area: Any, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Every cell that meets a polygon given in metres, sorted; a shared edge counts."""
        _require_national_grid(crs)
        if area.is_empty:
            return np.array([], dtype=object)
        west, south, east, north = (int(edge // self.side_m) for edge in area.bounds)
        # One more all round: an area that ends on an edge meets the square beyond it.
        columns, rows = np.meshgrid(np.arange(west - 1, east + 2), np.arange(south - 1, north + 2))
        return _meeting(self, self._named(columns.ravel(), rows.ravel()), area)

    def polygons(self, cell_ids: Objects, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Outline of each cell in metres."""
        import shapely

        _require_national_grid(crs)
        west, south = (self._positions(cell_ids) * self.side_m).astype(float).T
        boxes = shapely.box(west, south, west + self.side_m, south + self.side_m)
        return np.asarray(boxes, dtype=object)

    def areas_km2(self, cell_ids: Objects) -> Floats:
        """Area of each cell on the WGS 84 ellipsoid."""
        return _ground_areas_km2(self.polygons(cell_ids))

    def neighbours(self, cell_ids: Objects, rings: int = 1) -> Any:
        """Which of these cells lie within so many rings of each other (as in ``H3Grid``).

        One ring is the eight cells that share an edge or a corner.
        """
        require_rings(rings)
        places_of(cell_ids)
        reach = np.arange(-rings, rings + 1)
        steps = np.array([(i, j) for i in reach for j in reach if i or j], dtype=np.int64)
        return lattice_adjacency(self._positions(cell_ids), steps)

    def _named(self, columns: Ints, rows: Ints) -> Objects:
        return _names(f"sq{self.side_m}", columns * self.side_m, rows * self.side_m)

    def _positions(self, cell_ids: Objects) -> Ints:
        return _corners(cell_ids, f"sq{self.side_m}") // self.side_m


@dataclass(frozen=True)
class HexGrid:
    """Regular hexagons on the British National Grid.

    Parameters
    ----------
    flat_to_flat_m : int
        Distance between two opposite *sides* in whole metres, 10 to 100,000. It is also the
        distance between the centres of neighbours. From corner to corner a hexagon is 1.155 times
        as wide; its area is 0.866 of the square of this distance: 300 m give 0.078 km².

    Notes
    -----
    Corners point north and south; one hexagon is centred on the grid's origin. A cell is named by
    its centre, rounded to a metre: ``"hex300-E429900N433879"``. Hexagons finer than the spacing of
    snapped map points are mostly empty by construction.

    Examples
    --------
    >>> HexGrid(300).cell_ids(np.array([429790.0]), np.array([433805.0])).tolist()
    ['hex300-E429900N433879']
    """

    flat_to_flat_m: int

    def __post_init__(self) -> None:
        size = _size(self.flat_to_flat_m, "flat_to_flat_m")
        object.__setattr__(self, "flat_to_flat_m", size)

    @property
    def name(self) -> str:
        """Short name used as ``kind`` of the areas."""
        return f"hex-{self.flat_to_flat_m}"

    def cell_ids(self, x: Floats, y: Floats, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Cell of each point given in metres."""
        _require_national_grid(crs)
        r = np.asarray(y, dtype=float) / self._row_m
        q = np.asarray(x, dtype=float) / self.flat_to_flat_m - r / 2
        return self._named(*_nearest_hexagon(q, r))

    def cover(self, area: Any, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Every cell that meets a polygon given in metres, sorted; a shared edge counts."""
        _require_national_grid(crs)
        if area.is_empty:
            return np.array([], dtype=object)
        west, south, east, north = area.bounds
        rows = np.arange(int(south // self._row_m) - 1, int(north // self._row_m) + 3)
        width = int((east - west) // self.flat_to_flat_m) + 4
        first = np.floor(west / self.flat_to_flat_m - rows / 2).astype(np.int64) - 1
        q = (first[:, None] + np.arange(width)).ravel()
        return _meeting(self, self._named(q, np.repeat(rows, width)), area)

    def polygons(self, cell_ids: Objects, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Outline of each cell in metres."""
        import shapely

        _require_national_grid(crs)
        half = np.array([self.flat_to_flat_m / 2, self._row_m / 3])
        corners = self._centres(cell_ids)[:, None, :] + HEXAGON_CORNERS * half
        return np.asarray(shapely.polygons(corners), dtype=object)

    def areas_km2(self, cell_ids: Objects) -> Floats:
        """Area of each cell on the WGS 84 ellipsoid."""
        return _ground_areas_km2(self.polygons(cell_ids))

    def neighbours(self, cell_ids: Objects, rings: int = 1) -> Any:
        """Which of these cells lie within so many rings of each other (as in ``H3Grid``).

        One ring is the six cells that share a side.
        """
        require_rings(rings)
        places_of(cell_ids)
        return lattice_adjacency(self._positions(cell_ids), hexagon_steps(rings))

    @property
    def _row_m(self) -> float:
        return self.flat_to_flat_m * sqrt(3) / 2

    def _named(self, q: Ints, r: Ints) -> Objects:
        east = np.rint(self.flat_to_flat_m * (q + r / 2)).astype(np.int64)
        north = np.rint(self._row_m * r).astype(np.int64)
        return _names(f"hex{self.flat_to_flat_m}", east, north)

    def _positions(self, cell_ids: Objects) -> Ints:
        east, north = _corners(cell_ids, f"hex{self.flat_to_flat_m}").T
        r = np.rint(north / self._row_m)
        q = np.rint(east / self.flat_to_flat_m - r / 2)
        return np.column_stack([q, r]).astype(np.int64)

    def _centres(self, cell_ids: Objects) -> Floats:
        q, r = self._positions(cell_ids).T
        return np.column_stack([self.flat_to_flat_m * (q + r / 2), self._row_m * r])


def _nearest_hexagon(q: Floats, r: Floats) -> tuple[Ints, Ints]:
    """Round cube coordinates (they sum to zero): the one that moved most gives way."""
    s = -q - r
    rounded = np.rint(np.stack([q, r, s]))
    moved = np.abs(rounded - np.stack([q, r, s]))
    give_q = (moved[0] > moved[1]) & (moved[0] > moved[2])
    give_r = ~give_q & (moved[1] > moved[2])
    return (
        np.where(give_q, -rounded[1] - rounded[2], rounded[0]).astype(np.int64),
        np.where(give_r, -rounded[0] - rounded[2], rounded[1]).astype(np.int64),
    )


def _names(stem: str, east: Ints, north: Ints) -> Objects:
    pairs = zip(east.tolist(), north.tolist(), strict=True)
    return np.array([f"{stem}-E{e}N{n}" for e, n in pairs], dtype=object)


def _corners(cell_ids: Objects, stem: str) -> Ints:
    """The two numbers in each name; a name of another grid is an error."""
    pattern = re.compile(rf"{stem}-E(-?\d+)N(-?\d+)")
    found = [pattern.fullmatch(str(cell)) for cell in cell_ids]
    strangers = [str(cell) for cell, match in zip(cell_ids, found, strict=True) if match is None]
    if strangers:
        raise InputError(
            f"cells of this grid are named like {stem}-E429750N433750; {len(strangers):,} of "
            f"{len(cell_ids):,} are not, for instance {strangers[0]!r}."
        )
    numbers = [(int(match[1]), int(match[2])) for match in found if match is not None]
    return np.array(numbers, dtype=np.int64).reshape(-1, 2)


def _meeting(grid: SquareGrid | HexGrid, cell_ids: Objects, area: Any) -> Objects:
    import shapely

    shapely.prepare(area)
    met = shapely.intersects(area, grid.polygons(cell_ids))
    return np.array(sorted(cell_ids[met]), dtype=object)


def _ground_areas_km2(polygons: Objects) -> Floats:
    import shapely

    corners, owner = shapely.get_coordinates(polygons, return_index=True)
    longitude, latitude = to_lonlat(corners[:, 0], corners[:, 1])
    return ellipsoid_areas_km2(longitude, latitude, owner)


def _size(metres: Any, argument: str) -> int:
    if not (is_whole(metres, SMALLEST_M) and metres <= LARGEST_M):
        raise InputError(
            f"`{argument}` must be a whole number of metres from {SMALLEST_M} to {LARGEST_M:,}; "
            f"got {metres!r}."
        )
    return int(metres)


def _require_national_grid(crs: Any) -> None:
    if crs == BRITISH_NATIONAL_GRID:
        return
    from pyproj import CRS

    if CRS.from_user_input(crs) != CRS.from_user_input(BRITISH_NATIONAL_GRID):
        raise InputError(
            f"this grid lies on the British National Grid (EPSG:27700); got {crs}.",
            rule="wrong-crs",
            mend=Mend("reproject-or-h3"),
        )
