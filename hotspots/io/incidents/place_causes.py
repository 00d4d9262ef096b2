"""Why the numbers of a file are no places of its area, where one cause explains nearly all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hotspots.core.arrays import Floats
from hotspots.core.crs import BRITISH_NATIONAL_GRID, WGS84, to_lonlat
from hotspots.io.incidents.area import is_inside, same_system

MOSTLY, SAMPLE = 0.8, 1_000
LEAST_METRES = 1_000.0
DEGREES = {1e-5: "hundred thousandths", 1e-6: "millionths", 1e-7: "ten millionths"}
METRES = {1e-2: "centimetres", 1e-3: "millimetres", 1e3: "kilometres"}
COARSE = {10.0: "tens of metres", 100.0: "hundreds of metres"}
IRELAND = ("EPSG:29903", "EPSG:2157")
SYSTEMS = (BRITISH_NATIONAL_GRID, "EPSG:3857", "EPSG:32629", "EPSG:32630", "EPSG:32631", *IRELAND)


@dataclass(frozen=True)
class PlaceCause:
    """What numbers that are no places would be places as.

    ``factor`` is what they have to be multiplied by, where that is all; ``read`` where they were.
    """

    code: str
    said: str = ""
    factor: float = 1.0
    read: bool = False

    @property
    def fact(self) -> tuple[str, str, float]:
        """For the record: what would explain places that have not been read."""
        return self.code, self.said, self.factor


def cause_of(
    first: Floats, second: Floats, *, degrees: bool, crs: Any, source: Any
) -> PlaceCause | None:
    """The one cause that explains nearly all of some numbers that are no places; a proposal.

    Examples
    --------
    >>> import numpy as np
    >>> lon, lat = np.array([1_549_000.0, 1_540_000.0]), np.array([53_799_000.0, 53_801_000.0])
    >>> cause_of(-lon, lat, degrees=True, crs="EPSG:27700", source=None).said
    'millionths of a degree'
    >>> cause_of(lon / 1e6, lat / 1e6, degrees=True, crs="EPSG:27700", source=None).code
    'minus'
    >>> cause_of(lon * 0 - 79.4, lon * 0 + 43.7, degrees=True, crs="EPSG:27700", source=None).said
    'EPSG:32617'
    """
    step = max(1, len(first) // SAMPLE)
    x, y = first[::step], second[::step]
    if degrees and _fits(-x, y, crs):
        return PlaceCause("minus")
    scales = DEGREES if degrees else METRES | COARSE
    for factor, said in scales.items():
        places = (x * factor, y * factor) if degrees else to_lonlat(x * factor, y * factor, source)
        if _fits(*places, crs):
            unit = f"{said} of a degree" if degrees else said
            return PlaceCause("coarse" if factor in COARSE else "scaled", unit, factor)
    systems = list(_systems(x, y, crs, None if degrees else source))
    if systems:
        return PlaceCause("system", " or ".join(systems))
    system = _system_there(x, y) if degrees else ""
    return PlaceCause("abroad", system) if system else None


def _systems(x: Floats, y: Floats, crs: Any, but: Any) -> Iterator[str]:
    """The usual systems in metres, but for one, in which most would be places of the area."""
    if np.median(np.abs(y)) < LEAST_METRES:
        return
    for system in SYSTEMS:
        if but is None or not same_system(system, but):
            area = system if system in IRELAND else crs
            if _fits(*to_lonlat(x, y, system), area):
                yield system


def _system_there(lon: Floats, lat: Floats) -> str:
    """A system in metres for the part of the world in which most places lie; empty for none."""
    import geopandas as gpd

    on_earth = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    if on_earth.mean() < MOSTLY:
        return ""
    middle = gpd.points_from_xy([np.median(lon[on_earth])], [np.median(lat[on_earth])], crs=WGS84)
    try:
        zone = gpd.GeoSeries(middle).estimate_utm_crs().to_string()
    except RuntimeError:  # at the poles
        return ""
    return next((system for system in (*IRELAND[1:], zone) if _fits(lon, lat, system)), "")


def _fits(lon: Floats, lat: Floats, area: Any) -> bool:
    known = np.isfinite(lon) & np.isfinite(lat)
    known[known] = is_inside(lon[known], lat[known], area)
    return bool(known.mean() >= MOSTLY)
