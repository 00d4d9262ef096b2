"""Grids: bundles of choices that turn points into cells and a study area into all its cells.

A grid is asked four things: which cell a point is in, which cells touch an area, what a cell looks
like, and which cells lie side by side. Cells are named by text, so that every grid makes the same
kind of table.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hotspots.core.arguments import size_of
from hotspots.core.crs import require_metres
from hotspots.core.errors import InputError
from hotspots.core.grids.adjacency import Grid
from hotspots.core.grids.h3 import H3Grid
from hotspots.core.grids.national import HexGrid, SquareGrid
from hotspots.core.grids.polygons import PolygonCells
from hotspots.core.grids.street_segments import StreetSegments

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "Grid",
    "H3Grid",
    "HexGrid",
    "PolygonCells",
    "SquareGrid",
    "StreetSegments",
    "grid_named",
    "study_area",
]

_FAMILIES: dict[str, type[H3Grid] | type[SquareGrid] | type[HexGrid]] = {
    "h3": H3Grid,
    "square": SquareGrid,
    "hex": HexGrid,
}


def grid_named(name: str) -> Grid:
    """Grid of that name, as it stands in the column ``kind`` of an areas table.

    Parameters
    ----------
    name : str
        ``"h3-9"``, ``"square-250"`` (side in metres) or ``"hex-300"`` (flat to flat in metres).

    Examples
    --------
    >>> grid_named("square-250")
    SquareGrid(side_m=250)
    """
    match = re.fullmatch(r"(h3|square|hex)-(\d+)", str(name))
    if match is None:
        raise InputError(
            f'a grid is named like "h3-9", "square-250" or "hex-300"; got {name!r}. Areas that are '
            "not cells of a grid (clusters, zones) need their neighbours named by the caller.",
            rule="no-such-grid",
        )
    return _FAMILIES[match[1]](int(match[2]))


def study_area(within: gpd.GeoDataFrame, *, ring_m: float = 0.0) -> gpd.GeoDataFrame:
    """Union of zones, widened by a ring, as one zone.

    Cells at the edge of a district look quiet because half their neighbourhood lies in the next
    district. Counting in the widened area gives them whole neighbourhoods; pass that table as
    ``context=`` to :func:`flag_hotspots`.

    Parameters
    ----------
    within : GeoDataFrame
        Zones in metres.
    ring_m : float
        Width of the ring in metres; three cell widths are enough for one ring of neighbours.

    Returns
    -------
    GeoDataFrame
        Zones table with the single zone ``"study-area"``; empty where ``within`` is.

    Raises
    ------
    InputError
        For outlines that are not in metres, or a negative ring.

    Notes
    -----
    Incidents beyond the boundary must be in the data: an extract cut at the boundary makes an
    empty ring, which is worse than none.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> town = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000)], crs="EPSG:27700")
    >>> study_area(town, ring_m=500).geometry.iloc[0].covers(box(-400, 0, 1000, 1000))
    True
    """
    import geopandas as gpd
    import pandas as pd

    require_metres(within, "within")
    ring_m = size_of(ring_m, "ring_m", zero=True)
    union = within.geometry.union_all()
    shapes = [] if union.is_empty else [union.buffer(ring_m) if ring_m else union]
    return gpd.GeoDataFrame(
        {
            "zone_name": ["study area"] * len(shapes),
            "kind": ["study-area"] * len(shapes),
            "valid_from": pd.NaT,
            "valid_until": pd.NaT,
            "status": pd.Series(None, index=range(len(shapes)), dtype=object).to_numpy(),
            "approximate": [False] * len(shapes),
        },
        index=pd.Index(["study-area"] * len(shapes), name="zone_id", dtype=object),
        geometry=shapes,
        crs=within.crs,
    )
