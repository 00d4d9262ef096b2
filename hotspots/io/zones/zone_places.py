"""Where zones lie, judged as places of incidents are: a wrong system is a message, not a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hotspots.core.crs import WGS84
from hotspots.core.errors import DataError, listing, require

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

MOST_DEGREES = 360


def require_placed(rows: gpd.GeoDataFrame, file: str, what: str) -> None:
    """Refuse rows without a coordinate system, and metres that pass for degrees."""
    needed = " The .prj file is missing." if file.lower().endswith(".shp") else ""
    require(
        rows.crs is not None,
        f"the {what} have no coordinate system, so they cannot be placed.{needed} Save them with "
        "one (in QGIS: Export, Save features as, choose EPSG:27700).",
        DataError,
        rule="no-crs",
        file=file,
    )
    assert rows.crs is not None
    farthest = np.nanmax(np.abs(rows.total_bounds), initial=0)
    require(
        not (rows.crs.is_geographic and MOST_DEGREES < farthest < np.inf),
        f"longitude and latitude in degrees were expected, since the file names {_name(rows.crs)} "
        f"or nothing; the {what} reach {farthest:,.0f}, so they look like eastings and northings "
        "in metres. Save them with their coordinate system (in QGIS: Layer, Set CRS, then Export).",
        DataError,
        rule="metres-not-degrees",
        file=file,
    )


def require_inside(zones: gpd.GeoDataFrame, file: str) -> None:
    """Refuse zones wholly outside the area that their coordinate system is made for."""
    area = zones.crs.area_of_use if zones.crs is not None else None
    if area is None or zones.empty:
        return
    import geopandas as gpd

    bounds = zones.geometry.to_crs(WGS84).bounds.to_numpy()
    there = ~np.isnan(bounds).any(axis=1)
    away = there & ~_touches(bounds, area.bounds)
    if not away.any():
        return
    turned = shapely.transform(zones.geometry.to_numpy()[away], lambda xy: xy[:, ::-1])
    other = gpd.GeoSeries(turned, crs=zones.crs).to_crs(WGS84).bounds.to_numpy()
    ways = (bounds[away][:, [1, 0, 3, 2]], other)
    swapped = any(bool(_touches(way, area.bounds).all()) for way in ways)
    names = zones["zone_name"] if "zone_name" in zones.columns else zones.index
    raise DataError(
        f"places in the area of {_name(zones.crs)} were expected; {int(away.sum()):,} of "
        f"{len(zones):,} lie wholly outside: {listing(names[away], most=3)}. "
        + (
            "The other way round they are inside: latitude stands before longitude, or northing "
            "before easting. Save them with the axes in order (in QGIS: Swap X and Y)."
            if swapped
            else "Check the coordinate system they were saved with, or name the one of another "
            "country by `crs`."
        ),
        rule="swapped" if swapped else "outside",
        file=file,
    )


def _touches(bounds: NDArray[np.float64], area: tuple[float, ...]) -> NDArray[np.bool_]:
    west, south, east, north = area
    left, bottom, right, top = np.where(np.isfinite(bounds), bounds, np.inf).T
    return np.asarray((left <= east) & (right >= west) & (bottom <= north) & (top >= south))


def _name(crs: Any) -> str:
    return str(crs.to_string())
