"""The area places should fall into: Great Britain, or what a coordinate system is made for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hotspots.core.arrays import Floats
from hotspots.core.crs import BRITISH_NATIONAL_GRID

# Great Britain with its coastal waters, in degrees; Ireland, Man's far side and France stay out.
# Drawn by hand for this check alone: it is no boundary of anything.
_GREAT_BRITAIN = shapely.Polygon(
    [
        (-8.9, 57.4),
        (-8.9, 58.4),
        (-6.4, 59.5),
        (-3.6, 60.2),
        (-1.9, 61.0),
        (-0.4, 61.0),
        (-0.5, 59.6),
        (-1.2, 58.2),
        (-0.9, 56.5),
        (0.4, 54.0),
        (2.0, 53.1),
        (2.0, 51.9),
        (1.6, 51.25),
        (1.2, 50.75),
        (0.0, 50.3),
        (-3.4, 49.9),
        (-6.6, 49.75),
        (-6.7, 50.2),
        (-5.9, 51.6),
        (-5.6, 52.3),
        (-5.2, 53.6),
        (-5.1, 54.35),
        (-5.4, 54.9),
        (-5.9, 55.25),
        (-6.9, 55.6),
        (-7.9, 56.6),
    ]
)


def is_inside(lon: Floats, lat: Floats, crs: Any) -> NDArray[np.bool_]:
    """Inside Great Britain for the National Grid, else inside the area the system is made for."""
    if same_system(crs, BRITISH_NATIONAL_GRID):
        return _in_great_britain(lon, lat)
    area = _crs(crs).area_of_use
    if area is None:
        return np.isfinite(lon) & np.isfinite(lat)
    west, south, east, north = area.bounds
    beyond_west, before_east = lon >= west, lon <= east
    # West of its own east: an area across the date line.
    across = beyond_west & before_east if west <= east else beyond_west | before_east
    return np.asarray(across & (lat >= south) & (lat <= north), dtype=bool)


def _in_great_britain(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Inside the drawn outline; at once where the box round all places is."""
    known = np.isfinite(lon) & np.isfinite(lat)
    if known.any():
        east, north = kept(lon, known), kept(lat, known)
        box = shapely.box(east.min(), north.min(), east.max(), north.max())
        if _GREAT_BRITAIN.contains_properly(box):
            return known
    return np.asarray(shapely.contains_xy(_GREAT_BRITAIN, lon, lat), dtype=bool)


def area_words(crs: Any) -> str:
    """Where a place should be, in words."""
    if same_system(crs, BRITISH_NATIONAL_GRID):
        return "Great Britain"
    return f"the area {_crs(crs).name} is for"


def same_system(one: Any, other: Any) -> bool:
    """Whether two names mean one coordinate system."""
    return bool(one == other or _crs(one) == _crs(other))


def is_system(name: str) -> bool:
    """Whether a name is one of a coordinate system."""
    from pyproj.exceptions import CRSError

    try:
        return bool(_crs(name))
    except CRSError:
        return False


@lru_cache(maxsize=16)
def _crs(crs: Any) -> Any:
    from pyproj import CRS

    return CRS.from_user_input(crs)


def kept(values: NDArray[Any], rows: NDArray[np.bool_]) -> NDArray[Any]:
    """Values of some rows; those of all as they are."""
    return values if rows.all() else values[rows]
