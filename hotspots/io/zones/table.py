"""Rows of a zones table, made from shapes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.errors import Findings, require
from hotspots.io.zones.repair import repaired
from hotspots.io.zones.zone_columns import ALWAYS, as_day

if TYPE_CHECKING:
    import geopandas as gpd


def one_zone(
    shape: Any,
    crs: Any,
    *,
    zone_id: str,
    zone_name: str,
    kind: str,
    valid_from: date | None = None,
    valid_until: date | None = None,
    status: str | None = None,
    approximate: bool = False,
) -> gpd.GeoDataFrame:
    """A zones table with one row."""
    table = zone_rows(
        [zone_id],
        [zone_name],
        kind,
        valid_from=[valid_from],
        valid_until=[valid_until],
        status=[status],
        approximate=approximate,
    )
    return repaired(placed(table, [shape], crs), Findings())


def zone_rows(ids: Any, names: Any, kind: str, **columns: Any) -> pd.DataFrame:
    """The always-there columns without shapes; what is not given is missing."""
    index = pd.Index(list(ids), name="zone_id", dtype=object)
    table = pd.DataFrame({"zone_name": list(names), "kind": kind}, index=index)
    for name in ALWAYS[2:]:
        value = columns.get(name, False if name == "approximate" else None)
        table[name] = value if name == "approximate" else pd.Series(value, index, dtype=object)
    return table


def placed(table: pd.DataFrame, shapes: Any, crs: Any) -> gpd.GeoDataFrame:
    """The rows with their shapes."""
    import geopandas as gpd

    return gpd.GeoDataFrame(table, geometry=list(shapes), crs=crs)


def no_zones(crs: Any) -> gpd.GeoDataFrame:
    """A zones table without rows."""
    table = zone_rows([], [], "ring").astype({"approximate": bool})
    return placed(table, [], crs)


def shared_columns(zones: gpd.GeoDataFrame) -> dict[str, Any]:
    """Dates and status where all zones have the same; approximate where any is."""
    shared: dict[str, Any] = {"approximate": bool(zones["approximate"].eq(True).any())}
    for name in ("valid_from", "valid_until", "status"):
        if name in zones.columns:
            values = {None if pd.isna(value) else value for value in zones[name]}
            value = values.pop() if len(values) == 1 else None
            shared[name] = as_day(value) if name != "status" else value
    return shared


def polygons_only(shapes: Any) -> Any:
    """Only the polygons of a result: where shapes touch, lines and points come along."""
    import shapely

    def only(shape: Any) -> Any:
        if shape is None or shape.geom_type in ("Polygon", "MultiPolygon"):
            return shape
        return shapely.union_all([p for p in shapely.get_parts(shape) if "Polygon" in p.geom_type])

    return np.array([only(s) for s in shapes]) if isinstance(shapes, np.ndarray) else only(shapes)


def require_distance(value: float, argument: str) -> None:
    """Raise unless a number is a distance above zero."""
    require(
        isinstance(value, (int, float)) and np.isfinite(value) and value > 0,
        f"`{argument}` must be a distance in metres above zero; got {value!r}.",
    )
