"""Two grids on one ground: which cell lies in which, and how much of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.crs import require_metres

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.grids import Grid

SLIVER_SHARE = 1e-9


def grid_overlaps(grid: Grid, other: Grid, within: gpd.GeoDataFrame) -> pd.DataFrame:
    """How the cells of two grids overlap on the ground.

    Parameters
    ----------
    grid, other : Grid
        For instance ``HexGrid(350)`` and ``PolygonCells(their_hexagons)``.
    within : GeoDataFrame
        Study area: only cells that touch it are compared, each whole.

    Returns
    -------
    DataFrame
        On (``area_id``, ``other_id``), sorted: ``share_of_area`` and ``share_of_other`` of the
        ground of each that lies in the other.

    Raises
    ------
    InputError
        For a study area that is not in metres.

    Notes
    -----
    Identifiers of two grids of nearly the same size cannot be joined; this table says which cell of
    theirs is mostly which of ours. It misleads where counts are carried over by shares of ground:
    incidents are not spread evenly, so count them anew in the other grid.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> from hotspots.core.grids import SquareGrid
    >>> town = gpd.GeoDataFrame(geometry=[box(10, 10, 190, 90)], crs=27700)
    >>> grid_overlaps(SquareGrid(100), SquareGrid(200), town)
                                    share_of_area  share_of_other
    area_id        other_id
    sq100-E0N0     sq200-E0N0                 1.0            0.25
    sq100-E100N0   sq200-E0N0                 1.0            0.25
    """
    import shapely

    require_metres(within, "within")
    ground = within.geometry.union_all()
    ids, others = (np.asarray(one.cover(ground, within.crs)) for one in (grid, other))
    mine, its = grid.polygons(ids, within.crs), other.polygons(others, within.crs)
    there, here = shapely.STRtree(mine).query(its, predicate="intersects")
    common = shapely.area(shapely.intersection(mine[here], its[there]))
    table = pd.DataFrame(
        {
            "area_id": ids[here],
            "other_id": others[there],
            "share_of_area": common / shapely.area(mine[here]),
            "share_of_other": common / shapely.area(its[there]),
        }
    )
    table = table[table["share_of_area"] > SLIVER_SHARE]
    return table.set_index(["area_id", "other_id"]).sort_index()
