"""Ground cut along every outline: what the sums in one product have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.disclosure.classes import bounds_of_shown

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

SLIVER_M2 = 1.0
CLUSTER = "cluster"


def column_of(table: pd.DataFrame, theme: str) -> str | None:
    """The column of a table that counts a theme."""
    if f"{theme}_count" in table.columns:
        return f"{theme}_count"
    named = "theme" in table.columns and theme in set(table["theme"])
    return "incident_count" if named and "incident_count" in table.columns else None


def sums_of(
    tables: Iterable[gpd.GeoDataFrame], theme: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most inside each zone and cluster of disclosed tables, in their order.

    A cluster shows its members; other incidents can lie between them.
    """
    low, high = [np.array([])], [np.array([])]
    for table in tables:
        column = column_of(table, theme)
        fewest, most = bounds_of_shown(table, column) if column else (table.index * 0.0, np.inf)
        clusters = "kind" in table.columns and (table["kind"] == CLUSTER).to_numpy()
        low.append(np.broadcast_to(np.asarray(fewest, dtype=float), len(table)))
        high.append(np.where(clusters, np.inf, np.broadcast_to(most, len(table))))
    return np.concatenate(low), np.concatenate(high)


def beyond(areas: gpd.GeoDataFrame, outlines: list[BaseGeometry]) -> list[BaseGeometry]:
    """The ground of zones outside all areas, which can hold anything."""
    import shapely

    rest = shapely.difference(shapely.union_all(outlines), shapely.union_all(areas.geometry.array))
    return [rest] if shapely.area(rest) > SLIVER_M2 * max(len(areas), 1) else []


def cut_along(
    areas: list[BaseGeometry], outlines: list[BaseGeometry]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Areas cut along every outline: the area of each piece, and the outlines it lies in."""
    import shapely

    pieces, owner = np.array(areas, dtype=object), np.arange(len(areas))
    inside = np.zeros((len(pieces), len(outlines)), dtype=bool)
    for number, outline in enumerate(outlines):
        shapely.prepare(outline)
        touched = np.flatnonzero(shapely.intersects(outline, pieces))
        covered = shapely.covers(outline, pieces[touched])
        inside[touched[covered], number] = True
        cut = touched[~covered]
        within = shapely.intersection(pieces[cut], outline)
        cut, within = (part[shapely.area(within) > SLIVER_M2] for part in (cut, within))
        without = shapely.difference(pieces[cut], outline)
        split = shapely.area(without) > SLIVER_M2
        pieces[cut] = within
        pieces, owner = np.r_[pieces, without[split]], np.r_[owner, owner[cut[split]]]
        inside = np.r_[inside, inside[cut[split]]]
        inside[cut, number] = True
    return owner, inside
