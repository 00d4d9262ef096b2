"""What all grids are and compute alike: ground areas and who lies next to whom."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from hotspots.core.arguments import made_by
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import InputError, is_whole, require

if TYPE_CHECKING:
    from hotspots.core.arrays import Codes, Floats, Ints, Objects


def ellipsoid_areas_km2(longitude: Floats, latitude: Floats, owner: Codes) -> Floats:
    """Areas on the WGS 84 ellipsoid of polygons given as stacked corners.

    ``owner`` says which polygon a corner belongs to: 0, 0, ..., 1, 1, ...
    """
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    starts = np.flatnonzero(np.diff(owner, prepend=-1)).tolist()
    found = [
        abs(geod.polygon_area_perimeter(longitude[start:end], latitude[start:end])[0])
        for start, end in pairwise([*starts, len(owner)])
    ]
    return np.array(found, dtype=float) / 1e6


def places_of(cell_ids: Objects) -> dict[str, int]:
    """Position of each cell; every cell may come once."""
    place = {str(cell): position for position, cell in enumerate(cell_ids)}
    if len(place) != len(cell_ids):
        raise InputError(
            f"`cell_ids` must name every cell once; {len(cell_ids) - len(place):,} of "
            f"{len(cell_ids):,} are repeats. Pass the index of an areas table."
        )
    return place


def require_rings(rings: int) -> None:
    """Rings are counted from one."""
    require(is_whole(rings, 1), f"`rings` must be a whole number, 1 or more; got {rings!r}.")


def adjacency(size: int, rows: Codes, columns: Codes) -> Any:
    """Sparse matrix of ones; columns below zero and the diagonal are left out."""
    from scipy.sparse import csr_array

    kept = (columns >= 0) & (columns != rows)
    ones = np.ones(int(kept.sum()))
    matrix = csr_array((ones, (rows[kept], columns[kept])), shape=(size, size))
    matrix.sort_indices()
    return matrix


def lattice_adjacency(positions: Ints, steps: Ints) -> Any:
    """Neighbours on a lattice: cells whose whole-number positions differ by one of the steps."""
    size = len(positions)
    # A margin of the longest step on all sides: else a step over the edge would be the number of a
    # cell in the next row.
    low = positions.min(axis=0, initial=0) - np.abs(steps).max(initial=0)
    span = int(positions[:, 1].max(initial=0) - low[1] + np.abs(steps).max(initial=0) + 1)

    def key(places: Ints) -> Ints:
        numbers: Ints = (places[:, 0] - low[0]) * span + (places[:, 1] - low[1])
        return numbers

    keys = key(positions)
    order = np.argsort(keys)
    rows, columns = [], []
    for step in steps:
        wanted = key(positions + step)
        spot = np.searchsorted(keys, wanted, sorter=order)
        found = order[np.minimum(spot, size - 1)] if size else order
        rows.append(np.arange(size))
        columns.append(np.where(keys[found] == wanted, found, -1))
    return adjacency(size, np.concatenate(rows), np.concatenate(columns))


def hexagon_steps(rings: int) -> Ints:
    """From a hexagon to the others of so many rings round it, on axes at 60 degrees."""
    along = np.arange(-rings, rings + 1)
    steps = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    near = np.abs(steps.sum(axis=1)) <= rings
    return np.asarray(steps[near & steps.any(axis=1)])


def require_grid(*grids: object) -> None:
    """Raise unless all are grids."""
    for one in grids:
        made = hasattr(one, "cell_ids") and not isinstance(one, type)
        require(made, f"`grid` must be a grid; got {one!r}.", mend=made_by("H3Grid(9)"))


class Grid(Protocol):
    """What the stages ask of a grid."""

    @property
    def name(self) -> str:
        """Short name used as ``kind`` of the areas."""
        ...

    def cell_ids(self, x: Floats, y: Floats, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Cell of each point given in metres."""
        ...

    def cover(self, area: Any, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Every cell that overlaps a polygon given in metres, sorted."""
        ...

    def polygons(self, cell_ids: Objects, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Outline of each cell in metres."""
        ...

    def areas_km2(self, cell_ids: Objects) -> Floats:
        """Area of each cell on the ground."""
        ...

    def neighbours(self, cell_ids: Objects, rings: int = 1) -> Any:
        """Which of these cells lie within so many rings of each other: a sparse matrix of ones."""
        ...
