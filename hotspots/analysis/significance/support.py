"""What every map point of a selection holds, and what follows for areas and neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hotspots.core.points import NOWHERE, distinct_rows
from hotspots.core.select import Selection
from hotspots.stats.nulls import Tails
from hotspots.stats.shuffled_points import rooted, shuffled_point_tails

if TYPE_CHECKING:
    from hotspots.analysis.significance.study import Study


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Map points of the study area.

    Attributes
    ----------
    values : array of int, shape (points,)
        Root of the incidents of the question at each, in whole steps.
    sums, sizes : array of int, shape (areas,)
        What the points of each area hold, and how many there are.
    """

    values: NDArray[np.int64]
    sums: NDArray[np.int64]
    sizes: NDArray[np.int64]

    def neighbourhoods(self, weights: Any, tested: NDArray[np.bool_]) -> Tails:
        """Tails of the neighbourhood of each tested area."""
        sums, sizes = (np.rint(weights @ one)[tested] for one in (self.sums, self.sizes))
        return shuffled_point_tails(self.values, sums.astype(np.int64), sizes.astype(np.int64))

    def alone(self) -> Tails:
        """Tails of each area by itself."""
        return shuffled_point_tails(self.values, self.sums, self.sizes)


def map_points(incidents: Selection, study: Study, *, wide: bool) -> MapPoints:
    """The map points of the areas of a study, from all incidents there are.

    ``wide`` takes those outside the study area too: then areas have a ring of others around them.
    """
    chosen = incidents.asked(within=None) if wide else incidents
    everyone = chosen.asked(
        theme=None,
        period=None,
        hours=None,
        include_institutional=False,
        include_sensitive=False,
    )
    mine = chosen.parts
    seen = replace(everyone, membership=chosen.membership).parts
    area_of = np.append(study.ids.get_indexer(mine.ids), NOWHERE)  # the last is that of no area
    pairs = [
        np.column_stack([area_of[one.area], one.place])[(one.area >= 0) & (one.place >= 0)]
        for one in (seen, mine)
    ]
    points, _ = distinct_rows(np.concatenate(pairs))
    points = points[points[:, 0] >= 0]
    held = (mine.area >= 0) & (mine.place >= 0)
    incidents_at = np.bincount(mine.place[held], mine.count[held], points[:, 1].max(initial=0) + 1)
    values = rooted(incidents_at[points[:, 1]].astype(np.int64))
    sums = np.bincount(points[:, 0], values, len(study.ids)).astype(np.int64)
    sizes = np.bincount(points[:, 0], minlength=len(study.ids)).astype(np.int64)
    return MapPoints(values, sums, sizes)
