"""The district of every incident: as its source says, or by the outlines that are at hand."""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.data import bundled
from hotspots.core.points import PlaceIndex

OUTLINES = "boundaries/districts_2011.geojson.gz"
LSOA_NAME = r"^(.+) \d{3}[A-Z]{1,2}$"
"""Statistical areas of England and Wales are called after their district: Leeds 053B."""
DISTRICT = "district"


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
