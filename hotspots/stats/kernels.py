"""The quartic kernel on a lattice of squares, exact at the middle of each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hotspots.core.crs import require_metres
from hotspots.core.errors import require

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

PER_KM2 = 1e6
MOST_CELLS = 20_000_000


@dataclass(frozen=True)
class Lattice:
    """Squares counted from the origin of the coordinate system; ``inside`` is x by y."""

    west: int
    south: int
    cell_m: float
    inside: NDArray[np.float64]
    bounded: bool

    def middles(self, i: NDArray[np.int64]) -> NDArray[np.float64]:
        """Middle of the squares with these numbers along one axis."""
        return np.asarray((i + 0.5) * self.cell_m, dtype=np.float64)


def make_lattice(
    places: NDArray[np.float64],
    within: gpd.GeoDataFrame | None,
    bandwidth_m: float,
    cell_m: float,
) -> Lattice:
    """Squares over the study area, or over all the incidents can reach."""
    area = None
    if within is not None:
        require_metres(within, "within")
        area = within.geometry.union_all()
        bounds = area.bounds
    elif len(places):
        bounds = (*(places.min(axis=0) - bandwidth_m), *(places.max(axis=0) + bandwidth_m))
    if (area is None and not len(places)) or (area is not None and area.is_empty):
        return Lattice(0, 0, cell_m, np.zeros((0, 0)), area is not None)
    west, south = (math.floor(edge / cell_m) for edge in bounds[:2])
    east, north = (math.ceil(edge / cell_m) for edge in bounds[2:])
    shape = max(1, east - west), max(1, north - south)
    require(
        shape[0] * shape[1] <= MOST_CELLS,
        f"the surface would have {shape[0] * shape[1]:,} squares, more than {MOST_CELLS:,}. Choose "
        "a larger `cell_m`, or a smaller study area with `within`.",
    )
    inside = np.ones(shape) if area is None else _inside(area, west, south, shape, cell_m)
    return Lattice(west, south, cell_m, inside, area is not None)


def _inside(
    area: Any, west: int, south: int, shape: tuple[int, int], cell_m: float
) -> NDArray[np.float64]:
    """Share of each square inside the area; only squares the boundary may cross are cut."""
    i, j = (index.ravel() for index in np.indices(shape))
    east, north = (west + i + 0.5) * cell_m, (south + j + 0.5) * cell_m
    shapely.prepare(area)
    share = shapely.contains_xy(area, east, north).astype(float)
    edge = _near_boundary(area, west, south, shape, cell_m)
    outlines = squares(west + i[edge], south + j[edge], cell_m)
    held = shapely.area(shapely.intersection(outlines, area))
    share[edge] = np.clip(held / cell_m**2, 0, 1)
    return share.reshape(shape)


def _near_boundary(
    area: Any, west: int, south: int, shape: tuple[int, int], cell_m: float
) -> NDArray[np.intp]:
    """Squares the boundary crosses, and all that touch them."""
    steps = shapely.get_coordinates(shapely.segmentize(shapely.boundary(area), cell_m / 2))
    crossed = np.zeros((shape[0] + 2, shape[1] + 2), dtype=bool)
    home = np.floor(steps / cell_m).astype(np.int64) - (west, south)
    for di in (0, 1, 2):
        for dj in (0, 1, 2):
            i = np.clip(home[:, 0] + di, 0, shape[0] + 1)
            crossed[i, np.clip(home[:, 1] + dj, 0, shape[1] + 1)] = True
    return np.flatnonzero(crossed[1:-1, 1:-1])


def squares(i: NDArray[np.int64], j: NDArray[np.int64], cell_m: float) -> NDArray[np.object_]:
    """Outlines of squares with these numbers."""
    west, south = i * cell_m, j * cell_m
    return np.asarray(shapely.box(west, south, west + cell_m, south + cell_m), dtype=object)


def quartic(squared_distance: NDArray[np.float64], bandwidth_m: float) -> NDArray[np.float64]:
    """Quartic kernel per square metre: 3 / (pi h2) (1 - d2 / h2)2 within the bandwidth."""
    inner = np.maximum(1 - squared_distance / bandwidth_m**2, 0)
    return 3 / (math.pi * bandwidth_m**2) * inner**2


def spread(
    lattice: Lattice,
    places: NDArray[np.float64],
    mass: NDArray[np.float64],
    bandwidth_m: float,
) -> NDArray[np.float64]:
    """The kernel of every place at the middle of every square in its reach."""
    inside = lattice.inside.ravel()
    surface = np.zeros(inside.size)
    if surface.size == 0 or len(places) == 0:
        return surface.reshape(lattice.inside.shape)
    if lattice.bounded:
        held = np.zeros(len(places))
        for who, cell, kernel in _reach(lattice, places, bandwidth_m):
            held[who] += kernel * inside[cell] * lattice.cell_m**2
        mass = np.divide(mass, held, out=np.zeros_like(mass), where=held > 0)
    for who, cell, kernel in _reach(lattice, places, bandwidth_m):
        surface += np.bincount(cell, kernel * mass[who], surface.size)
    surface[inside == 0] = 0
    return (surface * PER_KM2).reshape(lattice.inside.shape)


def _reach(
    lattice: Lattice, places: NDArray[np.float64], bandwidth_m: float
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]]:
    """Offset by offset: which places reach a square there, which square, and the kernel."""
    shape = lattice.inside.shape
    home = np.floor(places / lattice.cell_m).astype(np.int64)
    steps = math.ceil(bandwidth_m / lattice.cell_m) + 1
    for di in range(-steps, steps + 1):
        i = home[:, 0] + di
        across = (lattice.middles(i) - places[:, 0]) ** 2
        in_column = (i >= lattice.west) & (i < lattice.west + shape[0])
        in_column &= across < bandwidth_m**2
        if not in_column.any():
            continue
        for dj in range(-steps, steps + 1):
            j = home[:, 1] + dj
            squared = across + (lattice.middles(j) - places[:, 1]) ** 2
            near = in_column & (squared < bandwidth_m**2)
            near &= (j >= lattice.south) & (j < lattice.south + shape[1])
            who = np.flatnonzero(near)
            if len(who):
                cell = (i[who] - lattice.west) * shape[1] + j[who] - lattice.south
                yield who, cell, quartic(squared[who], bandwidth_m)
