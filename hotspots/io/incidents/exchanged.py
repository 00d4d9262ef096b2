"""Eastings and northings that fall in Britain either way round, and look exchanged all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import Finding
from hotspots.io.incidents.districts import outlines_that_come_along
from hotspots.io.incidents.parse_coordinates import same_system

if TYPE_CHECKING:
    from hotspots.io.incidents.parse_file import Part

SCOTLAND_M = 530_000
"""No outlines of Scotland come along; it begins north of this northing."""
SAMPLE, MOST = 200, 0.9


def tell_exchanged(
    parts: Sequence[Part], crs: Any, within: gpd.GeoDataFrame | None = None
) -> Iterator[Finding]:
    """A warning for each file in metres none of whose places lies where most would, exchanged."""
    for part in parts:
        places = part.places
        if part.fields.longitude is None and look_exchanged(places.x, places.y, crs, within):
            area = "a district of England or Wales" if within is None else "the study area"
            yield Finding.of(
                "perhaps-exchanged", "warning", said={"area": area}, file=part.source.label,
                rows=int((places.codes >= 0).sum()),
            )  # fmt: skip


def look_exchanged(
    x: NDArray[np.floating[Any]],
    y: NDArray[np.floating[Any]],
    crs: Any,
    within: gpd.GeoDataFrame | None = None,
) -> bool:
    """Whether no place lies in the study area, else in any district, and most would, exchanged.

    Up to 200 distinct places are asked, evenly spread over those there are.
    """
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(known):
        return False
    some = known[np.unique(np.linspace(0, len(known) - 1, SAMPLE).astype(np.intp))]
    east, north = x[some], y[some]
    if within is not None:
        area = within.to_crs(crs)
    elif same_system(crs, BRITISH_NATIONAL_GRID) and (north < SCOTLAND_M).all():
        area = outlines_that_come_along(BRITISH_NATIONAL_GRID)
    else:
        return False
    return not _share_in(area, east, north) and _share_in(area, north, east) >= MOST


def _share_in(area: gpd.GeoDataFrame, x: NDArray[Any], y: NDArray[Any]) -> float:
    points = gpd.points_from_xy(x, y)
    held = area.sindex.query(points, predicate="intersects")[0]
    return float(len(np.unique(held)) / len(x))
