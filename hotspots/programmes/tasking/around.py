"""The user's own sites around the places of an internal page: venues, schools, cameras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.audience import PROTECT
from hotspots.core.errors import DataError, Finding, require
from hotspots.io.zones.sites import load_points, sites
from hotspots.programmes.tasking.sources import path_at

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.programmes.tasking.meeting_file import SitesTable

USUAL_NAME = "name"


def sites_at(table: SitesTable, base: Path, crs: str) -> gpd.GeoDataFrame:
    """The sites a table names, by kind, without a name where the file has none."""
    require(
        not table.kind.strip().casefold().startswith(PROTECT),
        "[[sites]] are for the card of a place; sites of Protect belong to a product for the "
        'audience "protect".',
        DataError,
        rule="sites-of-protect",
    )
    points = load_points(path_at(table.path, base), kind=table.kind, layer=table.layer, crs=crs)
    usual = USUAL_NAME if USUAL_NAME in points.columns else None
    field = table.name_field or usual
    made = sites(points.drop(columns="kind"), kind=table.kind, name_field=field)
    named = made["zone_name"] if field else ""
    return made.assign(zone_name=named)[["kind", "zone_name", "geometry"]]


def sites_for(given: Sequence[gpd.GeoDataFrame], record: RunRecord) -> gpd.GeoDataFrame | None:
    """All sites in one table for internal readers; nobody else gets them."""
    if record.audience != "internal" or not given:
        return None
    joined: gpd.GeoDataFrame = pd.concat(given, ignore_index=True)
    return joined


def tell_sites(given: Sequence[gpd.GeoDataFrame], record: RunRecord) -> None:
    """Say that the sites are left out for readers who do not get them."""
    if given and record.audience != "internal":
        record.find(
            Finding(
                "sites-left-out",
                "[[sites]] are for internal products; this one is for the audience "
                f'"{record.audience}", and its page leaves them out.',
                "warning",
            )
        )
