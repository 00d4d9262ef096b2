"""Sites that stand near areas: which, and how far from the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import require_metres, require_same_crs
from hotspots.core.errors import require

if TYPE_CHECKING:
    import geopandas as gpd

REACH_M = 150.0


def sites_near(
    areas: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, *, reach_m: float = REACH_M
) -> pd.DataFrame:
    """Which sites stand within reach of which areas.

    Parameters
    ----------
    areas : GeoDataFrame
        By ``area_id``, in metres.
    sites : GeoDataFrame
        Points with ``kind`` and ``zone_name``, as :func:`hotspots.zones.sites` makes them.
    reach_m : float
        How far from the edge of an area.

    Returns
    -------
    DataFrame
        A row for each area and site, ``area_id``, ``kind``, ``zone_name``, ``distance_m`` (0
        inside): areas in their order, the nearest site first, then by kind and name.

    Raises
    ------
    InputError
        For a reach that is not above 0, and tables that are not in one metric system.

    Notes
    -----
    It misleads where it is read as a cause: sites stand where people are, and so do incidents. It
    says nothing about what was not listed, and distances are as the crow flies.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point, box
    >>> places = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 100, 100)], crs=27700)
    >>> halls = gpd.GeoDataFrame({"kind": "hall", "zone_name": ["In", "By", "Far"]},
    ...     geometry=[Point(50, 50), Point(140, 50), Point(300, 50)], crs=27700)
    >>> sites_near(places, halls)[["zone_name", "distance_m"]].values.tolist()
    [['In', 0.0], ['By', 40.0]]
    """
    require(reach_m > 0, f"`reach_m` must be above 0; got {reach_m!r}.")
    require_metres(areas, "areas")
    require_same_crs(areas, sites, ("areas", "sites"))
    shapes = np.asarray(areas.geometry)
    area, site = sites.sindex.query(shapes, predicate="dwithin", distance=reach_m)
    near = pd.DataFrame(
        {
            "area_id": np.asarray(areas.index, dtype=object)[area],
            "kind": sites["kind"].to_numpy(dtype=object)[site],
            "zone_name": sites["zone_name"].to_numpy(dtype=object)[site],
            "distance_m": shapely.distance(np.asarray(sites.geometry)[site], shapes[area]),
            "order": area,
        }
    )
    by = ["order", "distance_m", "kind", "zone_name"]
    return near.sort_values(by, kind="stable", ignore_index=True).drop(columns="order")
