"""The ward of a place as its readers may have it: by the ground that is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from hotspots.analysis.zones.overlaps import ground_shares
from hotspots.core.crs import in_system_of
from hotspots.core.tables import has_shapes

WARD = "ward_name"


def wards_as_drawn(safe: Any, beside: Iterable[Any]) -> Any:
    """A released table with the ward that holds most of each place's ground, where one is known.

    An analyst's ward holds most of the incidents: of a place that a border cuts it tells on which
    side they lie, on ground that may be far smaller than a cell.
    """
    if WARD not in safe.columns:
        return safe
    named = safe[WARD].notna()
    wards = [
        in_system_of(safe, table[table["kind"].eq("ward")])
        for table in (beside if has_shapes(safe) and named.any() else ())
        if has_shapes(table) and {"kind", "zone_name"} <= set(table.columns)
    ]
    if not any(map(len, wards)):
        return safe.assign(**{WARD: safe[WARD].where(~named, None)})
    ground: Any = pd.concat(wards)
    ground = ground[~ground.index.duplicated()]
    shares = ground_shares(safe[named], ground)["share_of_area"].sort_index()
    most = shares[~shares.index.duplicated()].groupby(level=0).idxmax()
    names = {area: ground["zone_name"].loc[zone] for area, zone in most}
    found = pd.Series([names.get(one) for one in safe.index], safe.index, dtype=object)
    return safe.assign(**{WARD: found.where(named, None)})
