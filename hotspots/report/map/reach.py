"""Trauma packs, and the premises out of reach of all of them: on a Protect page and no other."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from hotspots.core.crs import to_lonlat
from hotspots.report.escape import short_name
from hotspots.report.map.encode import STEPS_PER_DEGREE
from hotspots.report.map.theme_tables import PROTECT
from hotspots.report.symbology import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from hotspots.disclosure import Release

SITES, PACKS = "Protect sites", "Trauma packs"
"""The tables of a Protect release that hold them."""
LISTED = 20
OUTSIDE, NO_TIER = "outside every zone", "not known"


@dataclass(frozen=True)
class OutOfReach:
    """What a Protect page draws of packs and premises; premises within reach are not in it."""

    packs: gpd.GeoDataFrame
    away: gpd.GeoDataFrame
    zones: dict[str, str]

    def data(self) -> dict[str, Any]:
        """Where they are and how they look, for the script of the page."""
        look = {name: asdict(mark) for name, mark in MARKS.items()}
        return {"packs": _points(self.packs), "away": _points(self.away), "look": look}

    def view(self) -> dict[str, Any] | None:
        """The table of the premises out of reach, the furthest first; none without any."""
        if not len(self.away):
            return None
        rows = [
            {
                "id": short_name(name),
                "tier": NO_TIER if pd.isna(row.get("tier")) else short_name(row["tier"]),
                "nearest": f"{math.ceil(row['distance_m']):,} m",
                "zone": self._zone(row.get("zone_ids")),
            }
            for name, row in self.away.head(LISTED).iterrows()
        ]
        return {"rows": rows, "more": max(0, len(self.away) - LISTED)}

    def _zone(self, ids: Any) -> str:
        names = [] if pd.isna(ids) else [self.zones.get(one, one) for one in str(ids).split(" ")]
        return ", ".join(map(short_name, names)) or OUTSIDE


def reach_of(released: Release) -> OutOfReach | None:
    """Packs and premises out of reach, as far as a Protect release holds them; else none."""
    sites, packs = (released.tables.get(name) for name in (SITES, PACKS))
    if released.audience != PROTECT or packs is None or sites is None:
        return None
    away = sites[~sites["within_reach"]]
    zones = {
        str(zone): str(name)
        for table in released.zones
        for zone, name in table.loc[table["kind"].eq(PROTECT), "zone_name"].items()
    }
    by_id = (table.sort_index(key=lambda ids: ids.astype(str)) for table in (packs, away))
    near, far = cast("Iterator[gpd.GeoDataFrame]", by_id)
    return OutOfReach(near, far.sort_values("distance_m", ascending=False, kind="stable"), zones)


def _points(table: gpd.GeoDataFrame) -> dict[str, Any]:
    points = np.column_stack(to_lonlat(table.geometry.x, table.geometry.y, table.crs))
    steps = np.rint(points * STEPS_PER_DEGREE).astype(np.int64)
    dx, dy = np.diff(steps, axis=0, prepend=0).T.tolist()
    return {"dx": dx, "dy": dy, "name": list(map(short_name, table.index))}
