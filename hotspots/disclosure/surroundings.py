"""Totals of zones beside counts of the areas inside them: which classes of a zone would tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from hotspots.disclosure.classes import OPEN_VALUES, Cut, bounds_of_shown, class_name, class_of
from hotspots.disclosure.vocabulary import counts_in_cells

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

SLIVER_M2 = 1.0


def cut_by_areas(zones: gpd.GeoDataFrame, count: str, areas: Iterable[gpd.GeoDataFrame]) -> Cut:
    """Classes of a zone's or cluster's count that the small areas in and around it cut short.

    Whatever their exact counts, a zone holds at least the fewest of the areas inside it, and at
    most the most of those it touches. Near both ends few towns are possible: with four areas of 8
    to 12 inside, a zone of 28 to 32 leaves nothing for any other; a cluster of 8 over two areas of
    fewer than 5 means four in each.
    """
    cut = Cut.nowhere(len(zones))
    for table in areas if hasattr(zones, "geom_type") else ():
        if _counts_the_same(zones, count, table):
            fewest, most = _ends(zones, table)
            if "kind" in zones.columns:
                fewest = np.where(zones["kind"] == "cluster", 0.0, fewest)
            cut = cut.and_also(_cut(fewest, most))
    return cut


def _counts_the_same(zones: gpd.GeoDataFrame, count: str, areas: gpd.GeoDataFrame) -> bool:
    """Whether the areas are small ones, of the theme that this column of the zones counts."""
    if not counts_in_cells(areas) or zones.empty:
        return False
    theme = str(areas["theme"].iloc[0])
    if count == "incident_count":
        same_kind = "kind" in zones.columns and areas["kind"].iloc[0] in set(zones["kind"])
        return not same_kind and "theme" in zones.columns and theme in set(zones["theme"])
    return count == f"{theme}_count"


def _ends(
    zones: gpd.GeoDataFrame, areas: gpd.GeoDataFrame
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most incidents a reader can think each zone holds."""
    import shapely

    outlines = np.asarray(zones.to_crs(areas.crs).geometry.array)
    cells = np.asarray(areas.geometry.array)
    if "disclosed_for" in areas.columns:
        low, high = (np.asarray(edge) for edge in bounds_of_shown(areas, "incident_count"))
    else:
        low, high = class_of(np.asarray(areas["incident_count"], dtype=float))
    zone, cell = shapely.STRtree(cells).query(outlines, predicate="intersects")
    shared = shapely.area(shapely.intersection(outlines[zone], cells[cell]))
    touched = shared > SLIVER_M2
    inside = touched & (shared > shapely.area(cells[cell]) - SLIVER_M2)
    size = len(zones)
    fewest = np.bincount(zone, np.where(inside, low[cell], 0.0), minlength=size).astype(float)
    most = np.bincount(zone, np.where(touched, high[cell], 0.0), minlength=size).astype(float)
    covered = np.bincount(zone, shared, minlength=size)
    beyond = covered < shapely.area(outlines) - SLIVER_M2 * np.bincount(zone, minlength=size)
    return fewest, np.where(beyond, np.inf, most)


def _cut(fewest: NDArray[np.float64], most: NDArray[np.float64]) -> Cut:
    """The classes of both ends where fewer than three of their counts are possible."""
    ends = []
    for end in (fewest, most):
        low, high = class_of(end)
        left = np.minimum(high, most) - np.maximum(low, fewest) + 1
        ends.append(np.where((left < OPEN_VALUES) & (most > fewest), class_name(end), np.nan))
    return Cut(ends[0], ends[1], np.zeros(len(fewest), dtype=bool))
