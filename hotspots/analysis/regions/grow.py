"""Places grown block by block: contiguous, small enough to walk, busy throughout.

A place starts at one block and takes the best block at its border, again and again, until the next
one would break the budget of ground or the longest straight line, or is too quiet to belong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.crs import coordinates
from hotspots.core.grids import Grid, H3Grid, HexGrid, PolygonCells, StreetSegments
from hotspots.core.grids.adjacency import require_grid
from hotspots.core.grids.polygons import TOUCH_M
from hotspots.core.months import month_numbers
from hotspots.core.points import distinct_places, square_ids

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    from hotspots.core.arrays import Bools, Codes, Floats, Ints, Objects

EXACT_BLOCK_M = 100
SNAPPED_RESOLUTION = 9
MOSTLY_EXACT = 0.95
# Across the corner of a square it is 1.41 times as far as across a side; sides of an H3 cell differ
# by some per cent.
SAME_SIDE = 1.2
BLOCK_SHARE = 0.2
"""A block belongs to a place while it holds this share of the place's incidents per km²."""
CORNER_M2 = 10 * TOUCH_M**2
"""What two outlines share at a corner at most, each wider by what neighbours may be apart."""
MILLIMETRE = 0.001


@dataclass(frozen=True)
class BasicUnits:
    """Blocks that hold incidents, in order of their id, and which one each incident is in.

    ``count`` incidents, ``harm`` (zero where nothing can be weighed), ``largest`` harm of one
    event, ``months`` (block by month: did anything happen), ``area_km2``, ``centre`` and ``radius``
    in metres, ``outline`` polygons, ``neighbours`` (sparse, blocks that share a side); ``of`` is
    the block of each incident, -1 for one in none.
    """

    ids: Objects
    of: Codes
    count: Ints
    harm: Floats
    largest: Floats
    months: Bools
    area_km2: Floats
    centre: Floats
    radius: Floats
    outline: Objects
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


def gather_blocks(used: gpd.GeoDataFrame, grid: Grid) -> BasicUnits:
    """Sum located incidents into the blocks of a grid.

    Parameters
    ----------
    used : GeoDataFrame
        Incidents that are located, for instance the rows of :func:`select`.
    grid : Grid
        The blocks.
    """
    import shapely

    require_grid(grid)
    x, y = coordinates(used.geometry)
    places, inverse = distinct_places(x, y)
    named = np.empty(0, dtype=object)
    if len(places):
        named = grid.cell_ids(places[:, 0] / 1000, places[:, 1] / 1000, used.crs)
    codes, ids = pd.factorize(named, sort=True)
    ids = np.asarray(ids, dtype=object)
    owner = np.asarray(codes, dtype=np.intp)[inverse]
    used = used[owner >= 0]
    of = owner[owner >= 0]
    harm = (
        np.nan_to_num(used["harm"].to_numpy(dtype=float)) if "harm" in used else np.zeros(len(used))
    )
    largest = np.zeros(len(ids))
    np.maximum.at(largest, of, harm)
    order = np.lexsort((harm, of))
    outline = grid.polygons(ids, used.crs) if len(ids) else np.empty(0, dtype=object)
    centre = shapely.get_coordinates(shapely.centroid(outline)).reshape(-1, 2)
    return BasicUnits(
        ids=ids,
        of=owner,
        count=np.bincount(of, minlength=len(ids)),
        harm=np.bincount(of[order], harm[order], minlength=len(ids)).astype(float),
        largest=largest,
        months=_months(used, of, len(ids)),
        area_km2=grid.areas_km2(ids),
        centre=centre,
        radius=_radius(outline, centre),
        outline=outline,
        neighbours=_side_by_side(grid, ids, centre, outline),
    )


def outlines_of(
    blocks: BasicUnits, members: Sequence[Codes], stem: str, crs: CRS | None
) -> gpd.GeoSeries:
    """The outline of each place, under its id: see :func:`square_ids`."""
    import geopandas as gpd
    import shapely

    # Borders of hexagons meet only to the last digit: on a grid of millimetres no slivers stay.
    shapes = [shapely.union_all(blocks.outline[rows], grid_size=MILLIMETRE) for rows in members]
    outlines = gpd.GeoSeries(shapes, crs=crs)
    return outlines.set_axis(square_ids(outlines, stem))


def owners_of(blocks: BasicUnits, members: Sequence[Codes]) -> Codes:
    """The number of the place each incident lies in; -1 for none."""
    owner = np.full(len(blocks) + 1, -1, dtype=np.intp)  # the last is that of no block
    for number, rows in enumerate(members):
        owner[rows] = number
    return owner[blocks.of]


def _months(used: gpd.GeoDataFrame, of: Codes, size: int) -> Bools:
    number = month_numbers(used["occurred_from"])
    known = number >= 0
    codes, months = pd.factorize(number[known], sort=True)
    seen = np.zeros((size, len(months)), dtype=bool)
    seen[of[known], codes] = True
    return seen


def _radius(outline: Objects, centre: Floats) -> Floats:
    """From the middle of each block to its furthest corner."""
    import shapely

    corners, owner = shapely.get_coordinates(outline, return_index=True)
    radius = np.zeros(len(outline))
    np.maximum.at(radius, owner, np.hypot(*(corners - centre[owner]).T))
    return radius


def _side_by_side(grid: Grid, ids: Objects, centre: Floats, outline: Objects) -> Any:
    """Neighbours that share a side: squares and polygons that touch at a corner are left out."""
    import shapely
    from scipy.sparse import csr_array

    around = grid.neighbours(ids, 1).tocoo()
    if isinstance(grid, StreetSegments):
        near = np.ones(len(around.row), dtype=bool)
    elif isinstance(grid, PolygonCells):
        wide = shapely.buffer(outline, TOUCH_M)
        near = shapely.area(shapely.intersection(wide[around.row], wide[around.col])) > CORNER_M2
    else:
        apart = np.hypot(*(centre[around.row] - centre[around.col]).T)
        near = apart <= SAME_SIDE * apart.min(initial=np.inf)
    pairs = (np.ones(int(near.sum())), (around.row[near], around.col[near]))
    return csr_array(pairs, shape=around.shape)


MOST_SEEDS = 2_500
# A place cut short may pack beside another where the whole one does not.
SIZES = (1.0, 0.75, 0.5, 0.25)
PROMISE_RINGS = 2


@dataclass(frozen=True)
class Reach:
    """How large a place may grow.

    Attributes
    ----------
    max_area_km2
        Ground of all its blocks.
    max_walk_m
        Longest straight line inside it, corner to corner. Taken with every block as its surrounding
        circle, so the true line is never longer.
    """

    max_area_km2: float
    max_walk_m: float


@dataclass(frozen=True)
class CandidateAreas:
    """Candidate places: which blocks each is made of (sparse, place by block), and its sums."""

    members: Any
    value: Floats
    count: Ints
    harm: Floats
    largest: Floats
    active_months: Ints

    def __len__(self) -> int:
        return len(self.value)

    def take(self, which: NDArray[Any]) -> CandidateAreas:
        """Some of the places, in the order asked for."""
        return CandidateAreas(*(getattr(self, one.name)[which] for one in fields(self)))

    def blocks_of(self, place: int) -> Codes:
        """Blocks of one place."""
        first, last = self.members.indptr[place : place + 2]
        blocks: Codes = self.members.indices[first:last]
        return blocks


def grow_places(
    blocks: BasicUnits, value: Floats, reach: Reach, allowed: Bools, most_seeds: int = MOST_SEEDS
) -> CandidateAreas:
    """Grow places from the most promising blocks; the best value first, no place twice.

    Parameters
    ----------
    blocks : Blocks
        What is on the ground.
    value : array
        What a place is worth, block by block: harm or count.
    reach : Reach
        Limits of a place.
    allowed : array of bool
        Blocks that may be used.
    most_seeds : int
        Blocks to start from, at most.
    """
    usable = allowed & (blocks.count > 0)
    near = _within_reach(blocks, reach, usable)
    sides = _lists(blocks.neighbours)
    grown: set[tuple[int, ...]] = set()
    counts = blocks.count.astype(float)
    # By count as well: grown by harm alone a place passes by busy blocks that weigh little.
    for worth in (value,) if np.array_equal(value, counts) else (value, counts):
        rank = _ranked(worth, blocks.count)
        for seed in _seeds(blocks, worth, usable, most_seeds):
            path = _grow(int(seed), sides, near, rank, blocks, reach)
            for share in SIZES:
                grown.add(tuple(sorted(path[: max(1, round(share * len(path)))])))
    return _summed(_even(sorted(grown), blocks), blocks, value)


def _seeds(blocks: BasicUnits, worth: Floats, usable: Bools, most_seeds: int) -> Codes:
    """Blocks to start from: all of them, or those with most around them where there are many."""
    places = np.flatnonzero(usable)
    if len(places) <= most_seeds:
        return places
    around = worth
    for _ in range(PROMISE_RINGS):
        around = around + blocks.neighbours @ around
    order = np.lexsort((places, -around[places]))
    return np.sort(places[order[:most_seeds]])


def _within_reach(blocks: BasicUnits, reach: Reach, usable: Bools) -> dict[int, frozenset[int]]:
    """Blocks that fit into one place together with a block, found when first asked for."""
    from scipy.spatial import cKDTree

    rows = np.flatnonzero(usable)
    tree = cKDTree(blocks.centre[rows]) if len(rows) else None

    class Near(dict[int, frozenset[int]]):
        def __missing__(self, block: int) -> frozenset[int]:
            assert tree is not None
            found = rows[tree.query_ball_point(blocks.centre[block], reach.max_walk_m)]
            apart = np.hypot(*(blocks.centre[found] - blocks.centre[block]).T)
            fits = apart + blocks.radius[found] + blocks.radius[block] <= reach.max_walk_m
            self[block] = frozenset(found[fits].tolist())
            return self[block]

    return Near()


def _lists(matrix: Any) -> list[list[int]]:
    columns = matrix.indices.tolist()
    return [columns[first:last] for first, last in pairwise(matrix.indptr.tolist())]


def _ranked(worth: Floats, count: Ints) -> list[int]:
    """Position of each block, the best first; equal ones by count, then by id."""
    rank: list[int] = np.argsort(np.lexsort((np.arange(len(worth)), -count, -worth))).tolist()
    return rank


def _grow(
    seed: int,
    sides: list[list[int]],
    near: dict[int, frozenset[int]],
    rank: list[int],
    blocks: BasicUnits,
    reach: Reach,
) -> list[int]:
    """Blocks in the order they were taken."""
    count, area = blocks.count, blocks.area_km2
    path, border, fits = [seed], set(sides[seed]), near[seed]
    held, ground = int(count[seed]), float(area[seed])
    if ground > reach.max_area_km2 or 2 * blocks.radius[seed] > reach.max_walk_m:
        return []
    while True:
        least = BLOCK_SHARE * held / ground
        open_to = [
            block
            for block in border & fits
            if ground + area[block] <= reach.max_area_km2 and count[block] >= least * area[block]
        ]
        if not open_to:
            return path
        best = min(open_to, key=rank.__getitem__)
        path.append(best)
        held, ground = held + int(count[best]), ground + float(area[best])
        fits = fits & near[best]
        border = (border | set(sides[best])).difference(path)


def _even(grown: list[tuple[int, ...]], blocks: BasicUnits) -> list[tuple[int, ...]]:
    """Places without a block that is too quiet for what the place became."""
    # While a place grows busier, a block taken early can fall below the share.
    density = blocks.count / np.where(blocks.area_km2 > 0, blocks.area_km2, 1)
    kept = []
    for place in grown:
        rows = list(place)
        mean = blocks.count[rows].sum() / blocks.area_km2[rows].sum() if rows else 0.0
        if rows and density[rows].min() >= BLOCK_SHARE * mean:
            kept.append(place)
    return kept


def _summed(grown: list[tuple[int, ...]], blocks: BasicUnits, value: Floats) -> CandidateAreas:
    from scipy.sparse import csr_array

    sizes = np.array([len(place) for place in grown], dtype=np.intp)
    columns = np.array([block for place in grown for block in place], dtype=np.intp)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    members = csr_array((np.ones(len(columns)), columns, starts), shape=(len(grown), len(blocks)))
    largest = (
        np.maximum.reduceat(blocks.largest[columns], starts[:-1]) if len(grown) else np.zeros(0)
    )
    months = (members @ blocks.months.astype(float) > 0).sum(axis=1) if len(grown) else np.zeros(0)
    places = CandidateAreas(
        members=members,
        value=members @ value,
        count=np.rint(members @ blocks.count).astype(np.int64),
        harm=members @ blocks.harm,
        largest=largest,
        active_months=np.asarray(months, dtype=np.int64),
    )
    first_block = columns[starts[:-1]] if len(grown) else columns
    return places.take(np.lexsort((sizes, first_block, -places.count, -places.value)))
