"""The district of every incident, and whether places lie in one when exchanged."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.data import bundled
from hotspots.core.errors import Finding
from hotspots.core.points import PlaceIndex
from hotspots.io.incidents.parse_coordinates import same_system

if TYPE_CHECKING:
    from hotspots.io.incidents.parse_file import Part

OUTLINES = "boundaries/districts_2011.geojson.gz"
LSOA_NAME = r"^(.+) \d{3}[A-Z]{1,2}$"
"""Statistical areas of England and Wales are called after their district: Leeds 053B."""
DISTRICT = "district"
SCOTLAND_M = 530_000
"""No outlines of Scotland come along; it begins north of this northing."""
SAMPLE, MOST = 200, 0.9


def districts_of(
    incidents: gpd.GeoDataFrame, places: PlaceIndex, within: gpd.GeoDataFrame | None = None
) -> tuple[list[str], NDArray[np.intp]]:
    """Districts, and which one each located incident is in; nothing is one, where none is known.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table; its ``area_name`` comes first, where it is that of an LSOA.
    places : PlaceIndex
        The places of these incidents.
    within : GeoDataFrame, optional
        Zones; those of the kind ``district`` come before the outlines that come along.

    Notes
    -----
    The outlines that come along are those of England and Wales in 2011, generalised to some 250 m:
    good enough to see where a file is from, and nothing else. Scotland and Northern Ireland have
    none.
    """
    of_row = places.of_row[places.of_row >= 0]
    names, codes = [""], np.zeros(len(of_row), dtype=np.intp)
    if "area_name" in incidents.columns:
        codes, areas = pd.factorize(incidents["area_name"].array[places.of_row >= 0])
        said = pd.Series(areas, dtype=str).str.extract(LSOA_NAME)[0].fillna("").tolist()
        names, codes = [*said, ""], np.where(codes < 0, len(said), codes)
    blank = np.array([name == "" for name in names])[codes]
    if blank.any():
        own, outlined = pd.factorize(_outlined(places, incidents.crs, within))
        codes[blank] = len(names) + own[of_row[blank]]
        names = [*names, *map(str, outlined)]
    return names, codes


def _outlined(places: PlaceIndex, crs: Any, within: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    """The district of every place, of those whose outline is at hand; nothing elsewhere."""
    names = np.full(len(places.places), "", dtype=object)
    for outline in _outlines(crs, within).itertuples():
        there = places.squares.inside(outline.geometry)
        there = there[names[there] == ""]
        names[there] = str(outline.zone_name)
    return names


def _outlines(crs: Any, within: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    tables = [outlines_that_come_along(crs)]
    if within is not None and {"kind", "zone_name"} <= set(within.columns):
        districts = within[within["kind"] == DISTRICT]
        tables.insert(0, districts[["zone_name", "geometry"]].to_crs(crs))
    return pd.concat(tables)


@lru_cache(maxsize=4)
def outlines_that_come_along(crs: Any) -> gpd.GeoDataFrame:
    """The districts of England and Wales as they were in 2011, in the system asked for."""
    content = json.loads(gzip.decompress(bundled(OUTLINES).read_bytes()))
    return gpd.GeoDataFrame.from_features(content, crs="EPSG:4326").to_crs(crs)


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
