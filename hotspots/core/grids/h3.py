"""Uber's hexagons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.crs import BRITISH_NATIONAL_GRID, project, to_lonlat
from hotspots.core.errors import InputError, is_whole
from hotspots.core.grids.adjacency import (
    adjacency,
    ellipsoid_areas_km2,
    hexagon_steps,
    lattice_adjacency,
    places_of,
    require_rings,
)
from hotspots.core.grids.h3_lattice import cells_in_metres, positions_on_lattice

if TYPE_CHECKING:
    from hotspots.core.arrays import Codes, Floats, Objects


@dataclass(frozen=True)
class H3Grid:
    """Uber's hexagons at one resolution.

    Parameters
    ----------
    resolution : int
        7 to 11. At Leeds a cell of resolution 8 is about 0.649 km², 9 about 0.093 km², 10 about
        0.013 km²: 12 % smaller than the published global means, which are never printed here.

    Notes
    -----
    H3 parents do not contain all the points of their children, so coarser cells are recounted from
    incidents, never added up. Resolution 10 and finer is finer than the map points of
    data.police.uk: many of its cells hold no map point at all.

    References
    ----------
    https://h3geo.org/docs/

    Examples
    --------
    >>> H3Grid(9).cell_ids(np.array([429790.0]), np.array([433805.0])).tolist()
    ['891942c58b7ffff']
    """

    resolution: int = 9

    def __post_init__(self) -> None:
        if not (is_whole(self.resolution, 7) and self.resolution <= 11):
            raise InputError(
                "H3 resolution must be a whole number from 7 (about 4.5 km² at Leeds) to 11 "
                f"(about 0.002 km²); got {self.resolution!r}."
            )
        object.__setattr__(self, "resolution", int(self.resolution))

    @property
    def name(self) -> str:
        """Short name used as ``kind`` of the areas."""
        return f"h3-{self.resolution}"

    def cell_ids(self, x: Floats, y: Floats, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Cell of each point given in metres."""
        return cells_in_metres(x, y, self.resolution, crs)

    def cover(self, area: Any, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Every cell that overlaps a polygon given in metres, sorted."""
        import h3
        import shapely

        cells: set[str] = set()
        for part in shapely.get_parts(area):
            rings = [_latlng_ring(ring, crs) for ring in (part.exterior, *part.interiors)]
            shape = h3.LatLngPoly(rings[0], *rings[1:])
            # The plain call would leave out cells on the edge whose middle is outside.
            cells.update(
                h3.h3shape_to_cells_experimental(shape, self.resolution, contain="overlap")
            )
        return np.array(sorted(cells), dtype=object)

    def polygons(self, cell_ids: Objects, crs: Any = BRITISH_NATIONAL_GRID) -> Objects:
        """Outline of each cell in metres."""
        import shapely

        rings, owner = _boundaries(tuple(cell_ids))
        x, y = project(rings[:, 1], rings[:, 0], crs)
        linear = shapely.linearrings(np.column_stack([x, y]), indices=owner)
        outlines: Objects = np.asarray(shapely.polygons(linear), dtype=object)
        return outlines

    def areas_km2(self, cell_ids: Objects) -> Floats:
        """Area of each cell on the WGS 84 ellipsoid."""
        return _areas_km2(tuple(cell_ids)).copy()

    def neighbours(self, cell_ids: Objects, rings: int = 1) -> Any:
        """Which of these cells lie within so many rings of each other.

        Parameters
        ----------
        cell_ids : array of str
            The cells; each once.
        rings : int
            1 for the six cells around (five at one of H3's twelve pentagons).

        Returns
        -------
        scipy.sparse.csr_array
            Ones where two cells are neighbours, in the order of ``cell_ids``; a cell is not its
            own neighbour. Cells that are not in ``cell_ids`` are not neighbours of anything.
        """
        import h3

        place = places_of(cell_ids)
        require_rings(rings)
        positions = positions_on_lattice(list(place), self.resolution, rings)
        if positions is not None:
            return lattice_adjacency(positions, hexagon_steps(rings))
        around = [h3.grid_disk(cell, rings) for cell in place]
        rows = np.repeat(np.arange(len(place)), [len(disk) for disk in around])
        found = [place.get(cell, -1) for disk in around for cell in disk]
        return adjacency(len(place), rows, np.array(found, dtype=np.intp))


def _latlng_ring(ring: Any, crs: Any) -> list[tuple[float, float]]:
    corners = np.asarray(ring.coords)[:, :2]
    longitude, latitude = to_lonlat(corners[:, 0], corners[:, 1], crs)
    return list(zip(latitude.tolist(), longitude.tolist(), strict=True))


@lru_cache(maxsize=4)
def _areas_km2(cell_ids: tuple[str, ...]) -> Floats:
    """What cells measure never changes, and a city is asked about month after month."""
    rings, owner = _boundaries(cell_ids)
    return ellipsoid_areas_km2(rings[:, 1], rings[:, 0], owner)


@lru_cache(maxsize=1)
def _boundaries(cell_ids: tuple[str, ...]) -> tuple[Floats, Codes]:
    """Corners (latitude, longitude) of all cells, stacked, and which cell each belongs to.

    Whoever draws cells asks for their size too, one right after the other.
    """
    import h3

    corners = [h3.cell_to_boundary(cell) for cell in cell_ids]
    owner = np.repeat(np.arange(len(corners)), [len(ring) for ring in corners])
    flat = chain.from_iterable(chain.from_iterable(corners))
    return np.fromiter(flat, dtype=float).reshape(-1, 2), owner
