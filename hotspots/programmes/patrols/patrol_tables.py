"""Chosen blocks as areas tables: one row a place, with what it holds and how far it is to walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.points import square_ids
from hotspots.core.select import Selection
from hotspots.core.totals import area_totals, period_columns, share_inside

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.analysis.regions import Blocks

KIND = "patrol"
SELECTED = "selected"
NEAR_MISS = "near miss"
MILLIMETRE = 0.001
SIGN_OFF = "sign_off"


def areas_table(
    used: gpd.GeoDataFrame,
    blocks: Blocks,
    members: list[NDArray[np.intp]],
    status: list[str],
    selection: Selection,
    within: gpd.GeoDataFrame | None,
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """One row a place in the order given, and the place of each used incident."""
    import geopandas as gpd

    outlines = gpd.GeoSeries([_outline(blocks, rows) for rows in members], crs=used.crs)
    ids = square_ids(outlines, KIND)
    areas = gpd.GeoDataFrame(geometry=outlines).set_axis(ids)
    labels = _labels(used, blocks, members, ids)
    totals = area_totals(used, labels, ids)
    if "harm" in totals:
        everything = float(np.sort(used["harm"].dropna().to_numpy()).sum())
        totals["harm_share"] = totals["harm"] / (everything if everything > 0 else np.nan)
    areas["kind"], areas["theme"] = KIND, selection.theme
    for name, stamp in period_columns(selection.period, used).items():
        areas[name] = stamp
    areas = areas.join(totals)
    areas["share_of_count"] = areas["incident_count"] / max(len(used), 1)
    areas["active_months"] = [int(blocks.months[rows].any(axis=0).sum()) for rows in members]
    areas["blocks"] = [len(rows) for rows in members]
    areas["area_km2"] = [float(blocks.area_km2[rows].sum()) for rows in members]
    areas["walk_m"] = [_longest_line(outline) for outline in outlines]
    areas["share_inside"] = share_inside(areas.geometry, within)
    areas["status"] = pd.Series(status, index=ids, dtype=object)
    areas["rank"] = pd.Series(np.arange(1, len(areas) + 1), index=ids, dtype="Int64")
    areas["place_name"] = pd.Series(None, index=ids, dtype=object)
    areas[SIGN_OFF] = pd.Series("", index=ids, dtype=object)
    return _in_order(areas), labels


def set_aside_table(
    used: gpd.GeoDataFrame, blocks: Blocks, aside: list[tuple[NDArray[np.intp], str]]
) -> gpd.GeoDataFrame:
    """Places the rules kept out, each with the reason."""
    import geopandas as gpd

    members = [rows for rows, _ in aside]
    outlines = gpd.GeoSeries([_outline(blocks, rows) for rows in members], crs=used.crs)
    ids = square_ids(outlines, "aside")
    table = gpd.GeoDataFrame(geometry=outlines).set_axis(ids)
    table["reason"] = pd.Series([reason for _, reason in aside], index=ids, dtype=object)
    totals = area_totals(used, _labels(used, blocks, members, ids), ids)
    kept = ["incident_count", "harm", "largest_event_share"]
    table = table.join(totals[[name for name in kept if name in totals]])
    return table[[*(name for name in table if name != "geometry"), "geometry"]]


def _outline(blocks: Blocks, rows: NDArray[np.intp]) -> object:
    import shapely

    return shapely.union_all(blocks.outline[rows], grid_size=MILLIMETRE)


def _labels(
    used: gpd.GeoDataFrame, blocks: Blocks, members: list[NDArray[np.intp]], ids: pd.Index
) -> pd.Series:
    owner = np.full(len(blocks), -1, dtype=np.intp)
    for number, rows in enumerate(members):
        owner[rows] = number
    names = np.array([*ids, None], dtype=object)
    return pd.Series(names[owner[blocks.of]], index=used.index, name="area_id", dtype=object)


def _longest_line(outline: object) -> float:
    """Longest straight line between two corners."""
    import shapely
    from scipy.spatial.distance import pdist

    corners = shapely.get_coordinates(shapely.convex_hull(outline))
    return float(pdist(corners).max())


def _in_order(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    first = ["kind", "theme", "status", "rank", "period_from", "period_until", "incident_count"]
    last = ["area_km2", "walk_m", "share_inside", "place_name", SIGN_OFF, "geometry"]
    middle = [name for name in areas.columns if name not in (*first, *last)]
    return areas[[*first, *middle, *last]]
