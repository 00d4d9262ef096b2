"""Incidents gathered into building blocks: the smallest pieces of ground an area is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.crs import coordinates
from hotspots.core.grids import Grid, H3Grid, HexGrid
from hotspots.core.months import month_numbers
from hotspots.core.points import distinct_places, square_ids

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

EXACT_BLOCK_M = 100
SNAPPED_RESOLUTION = 9
MOSTLY_EXACT = 0.95
SAME_SIDE = 1.2
MILLIMETRE = 0.001


@dataclass(frozen=True)
class Blocks:
    """Blocks that hold incidents, in order of their id, and which one each incident is in.

    ``count`` incidents, ``harm`` (zero where nothing can be weighed), ``largest`` harm of one
    event, ``months`` (block by month: did anything happen), ``area_km2``, ``centre`` and ``radius``
    in metres, ``outline`` polygons, ``neighbours`` (sparse, blocks that share a side); ``of`` is
    the block of each incident.
    """

    ids: NDArray[np.object_]
    of: NDArray[np.intp]
    count: NDArray[np.int64]
    harm: NDArray[np.float64]
    largest: NDArray[np.float64]
    months: NDArray[np.bool_]
    area_km2: NDArray[np.float64]
    centre: NDArray[np.float64]
    radius: NDArray[np.float64]
    outline: NDArray[np.object_]
    neighbours: Any

    def __len__(self) -> int:
        return len(self.ids)


def choose_grid(incidents: gpd.GeoDataFrame) -> tuple[Grid, float]:
    """Blocks the coordinates can carry: hexagons of 100 m, or H3 cells where most are snapped.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table; ``location_precision`` decides.

    Returns
    -------
    tuple of Grid and float
        The blocks, and the share of located incidents whose coordinates are exact.
    """
    exact = incidents["location_precision"].eq("exact") & incidents.geometry.notna()
    located = int(incidents.geometry.notna().sum())
    share = float(exact.sum() / located) if located else 1.0
    return HexGrid(EXACT_BLOCK_M) if share >= MOSTLY_EXACT else H3Grid(SNAPPED_RESOLUTION), share


def gather_blocks(used: gpd.GeoDataFrame, grid: Grid) -> Blocks:
    """Sum located incidents into the blocks of a grid.

    Parameters
    ----------
    used : GeoDataFrame
        Incidents that are located, for instance the rows of :func:`select`.
    grid : Grid
        The blocks.
    """
    import shapely

    x, y = coordinates(used.geometry)
    places, inverse = distinct_places(x, y)
    named = np.empty(0, dtype=object)
    if len(places):
        named = grid.cell_ids(places[:, 0] / 1000, places[:, 1] / 1000, used.crs)
    codes, ids = pd.factorize(named, sort=True)
    ids = np.asarray(ids, dtype=object)
    of = np.asarray(codes, dtype=np.intp)[inverse]
    harm = (
        np.nan_to_num(used["harm"].to_numpy(dtype=float)) if "harm" in used else np.zeros(len(used))
    )
    largest = np.zeros(len(ids))
    np.maximum.at(largest, of, harm)
    order = np.lexsort((harm, of))
    outline = grid.polygons(ids, used.crs) if len(ids) else np.empty(0, dtype=object)
    centre = shapely.get_coordinates(shapely.centroid(outline)).reshape(-1, 2)
    return Blocks(
        ids=ids,
        of=of,
        count=np.bincount(of, minlength=len(ids)),
        harm=np.bincount(of[order], harm[order], minlength=len(ids)).astype(float),
        largest=largest,
        months=_months(used, of, len(ids)),
        area_km2=grid.areas_km2(ids),
        centre=centre,
        radius=_radius(outline, centre),
        outline=outline,
        neighbours=_side_by_side(grid, ids, centre),
    )


def outlines_of(
    blocks: Blocks, members: Sequence[NDArray[np.intp]], stem: str, crs: CRS | None
) -> gpd.GeoSeries:
    """The outline of each place, under its id: see :func:`square_ids`."""
    import geopandas as gpd
    import shapely

    shapes = [shapely.union_all(blocks.outline[rows], grid_size=MILLIMETRE) for rows in members]
    outlines = gpd.GeoSeries(shapes, crs=crs)
    return outlines.set_axis(square_ids(outlines, stem))


def owners_of(blocks: Blocks, members: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """The number of the place each incident lies in; -1 for none."""
    owner = np.full(len(blocks), -1, dtype=np.intp)
    for number, rows in enumerate(members):
        owner[rows] = number
    return owner[blocks.of]


def _months(used: gpd.GeoDataFrame, of: NDArray[np.intp], size: int) -> NDArray[np.bool_]:
    number = month_numbers(used["occurred_from"])
    known = number >= 0
    codes, months = pd.factorize(number[known], sort=True)
    seen = np.zeros((size, len(months)), dtype=bool)
    seen[of[known], codes] = True
    return seen


def _radius(outline: NDArray[np.object_], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the middle of each block to its furthest corner."""
    import shapely

    corners, owner = shapely.get_coordinates(outline, return_index=True)
    radius = np.zeros(len(outline))
    np.maximum.at(radius, owner, np.hypot(*(corners - centre[owner]).T))
    return radius


def _side_by_side(grid: Grid, ids: NDArray[np.object_], centre: NDArray[np.float64]) -> Any:
    """Neighbours that share a side: squares that touch at a corner only are left out."""
    from scipy.sparse import csr_array

    around = grid.neighbours(ids, 1).tocoo()
    apart = np.hypot(*(centre[around.row] - centre[around.col]).T)
    near = apart <= SAME_SIDE * apart.min(initial=np.inf)
    pairs = (np.ones(int(near.sum())), (around.row[near], around.col[near]))
    return csr_array(pairs, shape=around.shape)
