"""From labels to rows: the drawing of a cluster, its id, its size, and ids kept from before."""

from __future__ import annotations

from math import ceil, cos, floor, pi
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.core.crs import MILLIMETRES_PER_METRE, require_same_crs
from hotspots.core.points import square_ids
from hotspots.core.select import Selection
from hotspots.core.tables import AREAS, require_table
from hotspots.core.totals import period_columns, share_inside

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

QUADRANT_SEGMENTS = 16
SQUARES_PER_RADIUS = 8
KEEP_OVERLAP = 0.5


def outline_clusters(
    places: NDArray[np.int64], owner: NDArray[np.intp], radius_m: float, theme: str, crs: Any
) -> gpd.GeoDataFrame:
    """One polygon a cluster: the discs around its drawn places, dissolved, in order of number."""
    import geopandas as gpd

    outlines = gpd.GeoSeries(disc_unions(places, owner, radius_m), crs=crs)
    return gpd.GeoDataFrame(geometry=outlines).set_axis(square_ids(outlines, theme))


def disc_unions(
    places: NDArray[np.int64], owner: NDArray[np.intp], radius_m: float
) -> list[BaseGeometry]:
    """The union of the discs around the places of each owner, owners in order.

    Most places lie deep inside. What is sure to be covered is drawn as boxes instead, and a disc
    that reaches no ground but theirs is left out: the outline is the same.
    """
    import shapely

    order = np.argsort(owner, kind="stable")
    places, owner = places[order], owner[order]
    rim, boxes, box_owner = rim_and_boxes(places, owner, radius_m * MILLIMETRES_PER_METRE)
    points = np.asarray(shapely.points(places[rim] / MILLIMETRES_PER_METRE))
    discs = shapely.buffer(points, radius_m, quad_segs=QUADRANT_SEGMENTS)
    shapes = np.concatenate([discs, shapely.box(*boxes / MILLIMETRES_PER_METRE)])
    owners = np.concatenate([owner[rim], box_owner])
    order = np.argsort(owners, kind="stable")
    starts = np.flatnonzero(np.diff(owners[order], prepend=-1))
    groups = np.split(shapes[order], starts[1:]) if len(order) else []
    return [shapely.union_all(group) for group in groups]


def rim_and_boxes(
    places: NDArray[np.int64], owner: NDArray[np.intp], radius: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.intp]]:
    """Which discs to draw; and boxes, shape (4, boxes), that cover the ground of all others.

    The ground is cut into small squares, in lines from south to north; the clusters' lines stand
    side by side, so that squares are whole numbers. A square is covered where it lies in the
    polygon of every place that some square near it could hold.
    """
    drawn_as = floor(radius * cos(pi / QUADRANT_SEGMENTS / 4)) - 1  # what a polygon holds of a disc
    side = drawn_as // SQUARES_PER_RADIUS
    if side < 1 or len(places) == 0:
        return np.ones(len(places), dtype=bool), np.empty((4, 0)), np.empty(0, dtype=np.intp)
    margin = ceil(radius / side) + 2
    start = np.flatnonzero(np.diff(owner, prepend=-1))
    group = np.repeat(np.arange(len(start)), np.diff(start, append=len(owner)))
    corner = np.minimum.reduceat(places, start)
    line, row = ((places - corner[group]) // side + margin).T
    width = np.maximum.reduceat(line, start) + margin
    shift = np.cumsum(width) - width
    stride = int(row.max()) + margin
    squares, square = np.unique((line + shift[group]) * stride + row, return_inverse=True)
    first, last = _merged(*_round(squares, stride, side, drawn_as, 1))
    begin, end = _round(squares, stride, side, radius, -1)
    at = np.searchsorted(first, begin, side="right") - 1
    is_open = np.reshape((at < 0) | (last[at] < end), (-1, len(squares)))
    on_rim = np.any(is_open, axis=0)[square]
    line, row = np.divmod(first, stride)
    of_box = np.searchsorted(shift, line, side="right") - 1
    pays = np.bincount(group, ~on_rim) > np.bincount(of_box)
    line, row, length, of_box = (part[pays[of_box]] for part in (line, row, last - first, of_box))
    west, south = corner[of_box].T + side * (np.stack([line - shift[of_box], row]) - margin)
    boxes = np.stack([west, south, west + side, south + side * length])
    return on_rim | ~pays[group], boxes.astype(float), owner[start][of_box]


def _round(
    squares: NDArray[np.int64], stride: int, side: int, radius: float, inside: Literal[1, -1]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Runs of squares round each: wholly within the radius of any place in it, or at all (-1)."""
    lines = np.arange(-ceil(radius / side) - 1, ceil(radius / side) + 2)
    left = radius**2 - (side * np.maximum(0, np.abs(lines) + inside)) ** 2
    lines, left = lines[left >= 0], left[left >= 0]
    half = (np.sqrt(left) / side).astype(np.int64) - inside
    middle = (squares + stride * lines[half >= 0, None]).ravel()
    half = np.repeat(half[half >= 0], len(squares))
    return middle - half, middle + half + 1


def _merged(
    begin: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Runs that overlap or touch, as one."""
    order = np.argsort(begin)
    begin, end = begin[order], np.maximum.accumulate(end[order])
    fresh = np.append(True, begin[1:] > end[:-1])
    return begin[fresh], end[np.append(fresh[1:], True)]


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
