"""From labels to rows: the drawing of a cluster, its id, its size, and ids kept from before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.clusters.discs import disc_unions
from hotspots.core.crs import require_same_crs
from hotspots.core.points import square_ids
from hotspots.core.select import Selection
from hotspots.core.tables import AREAS, require_table
from hotspots.core.totals import period_columns, share_inside

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

KEEP_OVERLAP = 0.5


def outline_clusters(
    places: NDArray[np.int64], owner: NDArray[np.intp], radius_m: float, theme: str, crs: Any
) -> gpd.GeoDataFrame:
    """One polygon a cluster: the discs around its drawn places, dissolved, in order of number."""
    import geopandas as gpd

    outlines = gpd.GeoSeries(disc_unions(places, owner, radius_m), crs=crs)
    return gpd.GeoDataFrame(geometry=outlines).set_axis(square_ids(outlines, theme))


def keep_ids(clusters: gpd.GeoDataFrame, previous: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Clusters under the ids of the earlier ones they overlap; new ones get ids of their own.

    Clusters are paired one to one so that the sum of intersection over union is largest; pairs
    below one half do not count.
    """
    if previous is None:
        return clusters
    require_table(previous, AREAS, argument="previous", only=["geometry"])
    require_same_crs(clusters, previous, ("incidents", "previous"))
    kept = _paired(clusters, previous)
    taken = {*previous.index, *kept.values()}
    names = []
    for name in clusters.index:
        fresh, number = kept.get(name, name), 2
        while name not in kept and fresh in taken:
            fresh, number = f"{name}-{number}", number + 1
        names.append(fresh)
        taken.add(fresh)
    return clusters.set_axis(pd.Index(names, name="area_id", dtype=object))


def describe(clusters: gpd.GeoDataFrame, incidents: Selection, max_area_km2: float | None) -> None:
    """Add the columns that every area carries, and ``over_budget`` where a budget is given."""
    clusters["kind"] = "cluster"
    clusters["theme"] = incidents.theme
    for name, stamp in period_columns(incidents).items():
        clusters[name] = stamp
    clusters["area_km2"] = clusters.geometry.area / 1e6
    clusters["share_inside"] = share_inside(clusters.geometry, incidents.within)
    if max_area_km2 is not None:
        clusters["over_budget"] = clusters["area_km2"] > max_area_km2
    clusters["place_name"] = pd.Series(None, index=clusters.index, dtype=object)


def in_order(clusters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns as every areas table has them, most incidents first."""
    hours = [name for name in ("hours",) if name in clusters.columns]
    first = ["kind", "theme", "period_from", "period_until", *hours, "incident_count"]
    last = ["area_km2", "share_inside", "place_name", "geometry"]
    if "over_budget" in clusters.columns:
        last.insert(1, "over_budget")
    middle = [name for name in clusters.columns if name not in (*first, *last)]
    ordered = clusters[[*first, *middle, *last]]
    return ordered.sort_values("incident_count", ascending=False, kind="stable")


def _paired(clusters: gpd.GeoDataFrame, previous: gpd.GeoDataFrame) -> dict[str, str]:
    """Earlier id by present id, where the polygons share at least half of their union."""
    import shapely
    from scipy.optimize import linear_sum_assignment

    a = np.asarray(clusters.geometry.array)
    b = np.asarray(previous.geometry.array)
    shares = np.zeros((len(a), len(b)))
    row, column = shapely.STRtree(b).query(a, predicate="intersects")
    common = shapely.area(shapely.intersection(a[row], b[column]))
    shares[row, column] = common / (shapely.area(a[row]) + shapely.area(b[column]) - common)
    shares[shares < KEEP_OVERLAP] = 0
    pairs = zip(*linear_sum_assignment(-shares), strict=True)
    return {clusters.index[i]: previous.index[j] for i, j in pairs if shares[i, j] > 0}
