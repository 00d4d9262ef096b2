"""The quartic kernel on a lattice of squares, exact at the middle of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hotspots.core.crs import require_metres
from hotspots.core.errors import require
from hotspots.core.locate import border_squares, held_squares
from hotspots.core.points import many

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Codes, Floats, Ints, Objects

PER_KM2 = 1e6
MOST_CELLS = 20_000_000
AT_ONCE = 2**17
"""Squares around places looked at together, so that they stay in the cache."""


@dataclass(frozen=True)
class Lattice:
    """Squares counted from the origin of the coordinate system; ``inside`` is x by y."""

    west: int
    south: int
    cell_m: float
    inside: Floats
    bounded: bool

    def middles(self, i: Ints) -> Floats:
        """Middle of the squares with these numbers along one axis."""
        return np.asarray((i + 0.5) * self.cell_m, dtype=np.float64)


def make_lattice(
    places: Floats, within: gpd.GeoDataFrame | None, bandwidth_m: float, cell_m: float
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


def _inside(area: Any, west: int, south: int, shape: tuple[int, int], cell_m: float) -> Floats:
    """Share of each square inside the area; only squares the boundary crosses are cut."""
    low = np.array([[west], [south]]) * cell_m
    shapely.prepare(area)
    border = border_squares(area, low, cell_m, shape)
    share = held_squares(area, border, low, cell_m).astype(float)
    i, j = np.nonzero(border)
    cut = shapely.intersection(squares(west + i, south + j, cell_m), area)
    share[border] = np.clip(shapely.area(cut) / cell_m**2, 0, 1)
    return share


def squares(i: Ints, j: Ints, cell_m: float) -> Objects:
    """Outlines of squares with these numbers."""
    west, south = i * cell_m, j * cell_m
    return many(shapely.box, west, south, west + cell_m, south + cell_m)


def quartic(squared_distance: Floats, bandwidth_m: float) -> Floats:
    """Quartic kernel per square metre: 3 / (pi h2) (1 - d2 / h2)2 within the bandwidth."""
    inner: Floats = 1 - squared_distance / bandwidth_m**2
    np.maximum(inner, 0, out=inner)
    inner *= inner
    inner *= 3 / (math.pi * bandwidth_m**2)
    return inner


def spread(lattice: Lattice, places: Floats, mass: Floats, bandwidth_m: float) -> Floats:
    """The kernel of every place at the middle of every square in its reach.

    Some places at a time; round the lattice is a rim as wide as the reach, so that all places have
    as many squares around them.
    """
    shape = lattice.inside.shape
    # A place is half a square at most from the middle of its own.
    steps = math.floor(bandwidth_m / lattice.cell_m + 0.5)
    inside = np.pad(lattice.inside, steps)
    surface = np.zeros(inside.size)
    block = max(1, AT_ONCE // (2 * steps + 1) ** 2)
    for start in range(0, len(places) if lattice.inside.size else 0, block):
        some = slice(start, start + block)
        square, kernel = _reach(lattice, places[some], bandwidth_m, steps)
        weight = mass[some]
        if lattice.bounded:
            held = np.einsum("pij,pij->p", kernel, inside.ravel()[square]) * lattice.cell_m**2
            weight = np.divide(weight, held, out=np.zeros_like(weight), where=held > 0)
        kernel *= weight[:, None, None]
        first = int(square.min())
        added = np.bincount(square.ravel() - first, kernel.ravel())
        surface[first : first + len(added)] += added
    surface = surface.reshape(inside.shape)[steps : steps + shape[0], steps : steps + shape[1]]
    return np.where(lattice.inside > 0, surface * PER_KM2, 0.0)


def _reach(
    lattice: Lattice, places: Floats, bandwidth_m: float, steps: int
) -> tuple[Codes, Floats]:
    """The squares around each place, numbered with the rim, and the kernel at their middles."""
    around = np.arange(-steps, steps + 1)
    home = np.floor(places / lattice.cell_m).astype(np.int64)[:, :, None] + around
    apart = (lattice.middles(home) - places[:, :, None]) ** 2
    kernel = quartic(apart[:, 0, :, None] + apart[:, 1, None, :], bandwidth_m)
    i, j = home[:, 0] - lattice.west + steps, home[:, 1] - lattice.south + steps
    return i[:, :, None] * (lattice.inside.shape[1] + 2 * steps) + j[:, None, :], kernel
