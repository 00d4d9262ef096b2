"""Ground cut along outlines: the pieces in which sums of incidents overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.disclosure.rules import SLIVER_M2

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

WORLD_M = 1e8


class Ground:
    """Areas, and all the ground outside them, cut along one outline after another.

    Each outline cuts once, however often it is asked for.
    """

    def __init__(self, areas: gpd.GeoDataFrame) -> None:
        import shapely

        shapes = np.asarray(areas.geometry)
        world = shapely.box(-WORLD_M, -WORLD_M, WORLD_M, WORLD_M)
        outside = shapely.difference(world, shapely.union_all(shapes))
        self.areas: int = len(areas)
        self.pieces: NDArray[Any] = np.array([*shapes, outside], dtype=object)
        self.owner: NDArray[np.intp] = np.arange(len(self.pieces))
        self.inside: NDArray[np.bool_] = np.zeros((len(self.pieces), 0), dtype=bool)
        self.columns: dict[bytes, int] = {}

    def along(self, outlines: Sequence[bytes]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The area of each piece, and the outlines it lies in; outlines as WKB.

        One more area, the last, is all the ground outside, where zones can hold anything.
        """
        import shapely

        for outline in outlines:
            if outline not in self.columns:
                self.columns[outline] = self.inside.shape[1]
                self._cut(shapely.from_wkb(outline))
        inside = self.inside[:, [self.columns[outline] for outline in outlines]]
        kept = np.bincount(self.owner)[self.owner] == 1  # a whole area; of others, each kind once
        rows = np.flatnonzero(~kept)
        keys = np.c_[self.owner[rows], np.packbits(inside[rows], axis=1)]
        kept[rows[np.unique(keys, axis=0, return_index=True)[1]]] = True
        return self.owner[kept], inside[kept]

    def _cut(self, outline: BaseGeometry) -> None:
        """Every piece that the outline crosses becomes two; slivers are left where they are."""
        import shapely

        pieces, owner = self.pieces, self.owner
        least = np.where(owner == self.areas, SLIVER_M2 * max(self.areas, 1), SLIVER_M2)
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
        rest = np.c_[self.inside[cut[split]], np.zeros(split.sum(), dtype=bool)]
        self.pieces = np.r_[pieces, without[split]]
        self.owner = np.r_[owner, owner[cut[split]]]
        self.inside = np.r_[np.c_[self.inside, here], rest]
