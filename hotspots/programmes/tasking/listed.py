"""Areas a section listed in one product after another, with their ground: their history adds up.

Areas are grown anew each time, with other outlines and perhaps another id. Lists are kept with
their outlines, and an area counts as listed where it was the same ground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.periods import Period

if TYPE_CHECKING:
    import geopandas as gpd

SAME_GROUND = 0.3
"""Intersection over union of two outlines of one place, as where patrol areas keep their id."""
METRE_DECIMALS = 1
KEPT = ("theme", "kind", "rank", "outline")
"""Columns of the lists, on ``area_id`` and ``period``; ``outline`` as WKT in the system of the
product."""


def with_list(
    before: pd.DataFrame | None, areas: gpd.GeoDataFrame, section: str, period: str
) -> pd.DataFrame:
    """The lists of the products before, and under them this one: its areas in their order."""
    key = Period.parse(period).key
    outlines = areas.geometry.to_wkt(rounding_precision=METRE_DECIMALS)
    own = pd.DataFrame(
        {
            "theme": section, "kind": section, "rank": np.arange(1, len(areas) + 1),
            "outline": outlines.to_numpy(dtype=object), "period": key,
        },
        index=pd.Index(areas.index.astype(str), name="area_id"),
    )  # fmt: skip
    own = own.set_index("period", append=True)
    if before is None:
        return own
    past = before[before.index.get_level_values("period") != key]
    return pd.concat([past[list(KEPT)], own]) if len(past) else own


def times_listed(areas: gpd.GeoDataFrame, lists: pd.DataFrame) -> pd.Series:
    """In how many of the products each area was listed.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> january = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 100, 100)], crs=27700)
    >>> february = january.set_axis(["b"]).translate(30).to_frame("geometry")
    >>> lists = with_list(with_list(None, january, "patrols", "2026-01"), february, "patrols",
    ...                   "2026-02")
    >>> times_listed(february, lists).tolist()
    [2]
    """
    import shapely

    outlines = shapely.from_wkt(lists["outline"].to_numpy(dtype=object))
    shapes = np.asarray(areas.geometry.array)
    at, other = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[at], outlines[other]))
    whole = shapely.area(shapes[at]) + shapely.area(outlines[other]) - common
    same = (common >= SAME_GROUND * whole) & (common > 0)
    periods = lists.index.get_level_values("period").to_numpy()
    found = pd.DataFrame({"area": at[same], "period": periods[other[same]]}).drop_duplicates()
    times = np.bincount(found["area"].to_numpy(dtype=int), minlength=len(areas))
    return pd.Series(times, areas.index)
