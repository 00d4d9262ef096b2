"""Ground cut along outlines: the pieces in which sums of incidents overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

SLIVER_M2 = 1.0
WORLD_M = 1e8
MOST_KEPT = 8


def cut_along(
    areas: gpd.GeoDataFrame, outlines: list[BaseGeometry]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Areas cut along every outline: the area of each piece, and the outlines it lies in.

    One more area, the last, is all the ground outside them, where zones can hold anything.
    """
    import shapely

    shapes = np.asarray(areas.geometry)
    key = _key(shapes)
    names = tuple(_key(np.array([outline])) for outline in outlines)
    found = _FOUND.get(key)
    if found is None or found.outlines != names[: len(found.outlines)]:
        world = shapely.box(-WORLD_M, -WORLD_M, WORLD_M, WORLD_M)
        outside = shapely.difference(world, shapely.union_all(shapes))
        pieces = np.array([*shapes, outside], dtype=object)
        found = _Pieces((), pieces, np.arange(len(pieces)), np.zeros((len(pieces), 0), dtype=bool))
    for name, outline in list(zip(names, outlines, strict=True))[len(found.outlines) :]:
        found = _cut_once(found, name, outline, len(areas))
    if len(_FOUND) >= MOST_KEPT:
        _FOUND.clear()
    _FOUND[key] = found
    return found.owner, found.inside


@dataclass(frozen=True)
class _Pieces:
    """Areas cut along some outlines; kept, since the next zone is cut beside the same ones."""

    outlines: tuple[int, ...]
    pieces: NDArray[np.object_]
    owner: NDArray[np.intp]
    inside: NDArray[np.bool_]


_FOUND: dict[int, _Pieces] = {}


def _cut_once(found: _Pieces, name: int, outline: BaseGeometry, areas: int) -> _Pieces:
    """Every piece that the outline crosses becomes two; slivers are left where they are."""
    import shapely

    pieces, owner = found.pieces.copy(), found.owner
    least = np.where(owner == areas, SLIVER_M2 * max(areas, 1), SLIVER_M2)
    shapely.prepare(outline)
    touched = np.flatnonzero(shapely.intersects(outline, pieces))
    covered = shapely.covers(outline, pieces[touched])
    here = np.zeros(len(pieces), dtype=bool)
    here[touched[covered]] = True
    cut = touched[~covered]
    within = shapely.intersection(pieces[cut], outline)
    real = shapely.area(within) > least[cut]
    cut, within = cut[real], within[real]
    without = shapely.difference(pieces[cut], outline)
    split = shapely.area(without) > least[cut]
    pieces[cut] = within
    here[cut] = True
    inside = np.c_[found.inside, here]
    rest = np.c_[found.inside[cut[split]], np.zeros(split.sum(), dtype=bool)]
    return _Pieces(
        (*found.outlines, name),
        np.r_[pieces, without[split]],
        np.r_[owner, owner[cut[split]]],
        np.r_[inside, rest],
    )


def _key(shapes: NDArray[np.object_]) -> int:
    import shapely

    return hash(tuple(shapely.to_wkb(shapes)))
