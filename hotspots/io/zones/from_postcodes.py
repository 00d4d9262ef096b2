"""Zones from postcodes: districts and sectors, by a lookup the user supplies."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.errors import DataError, listing, require
from hotspots.io.zones.from_lists import zones_from_lsoas

if TYPE_CHECKING:
    import geopandas as gpd

INWARD = 3


def zones_from_postcodes(
    small_areas: gpd.GeoDataFrame,
    lookup: str | Path | pd.DataFrame,
    postcodes: Iterable[str],
    *,
    postcode_field: str,
    area_field: str,
    kind: str = "postcode",
) -> gpd.GeoDataFrame:
    """Postcode districts ("LS6") and sectors ("LS6 1") as zones made of small areas.

    Parameters
    ----------
    small_areas : GeoDataFrame
        Zones table of output areas, LSOAs or others; their ids are the codes of the lookup.
    lookup : path or DataFrame
        One row a postcode: CSV or table, for instance the ONS Postcode Directory of the place.
    postcodes : iterable of str
        Districts and sectors.
    postcode_field, area_field : str
        Columns of the lookup with the postcode, and the code of its small area.
    kind : str
        Kind of the zones.

    Returns
    -------
    GeoDataFrame
        Zones table, ``approximate``, with ``members`` (small areas) and ``postcode_share`` (of the
        postcodes of the zone, those that lie in its small areas).

    Raises
    ------
    DataError
        For columns the lookup does not have, and postcodes nobody lives in, all of them named.

    Notes
    -----
    Postcodes have no official outlines. A small area belongs to the zone that holds most of its
    postcodes, and to none where another district or sector, wanted or not, holds more; so the zones
    are approximate. Postcodes are terminated and reused: take the lookup of the time of the data.

    References
    ----------
    Office for National Statistics, ONS Postcode Directory user guide.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"zone_name": ["A", "B"], "approximate": False}, index=["a", "b"],
    ...                          geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs=27700)
    >>> lookup = pd.DataFrame({"pc": ["LS6 1AA", "LS61AB", "LS6 2AA"], "oa": ["a", "a", "b"]})
    >>> zones = zones_from_postcodes(areas, lookup, ["LS6", "LS6 1"], postcode_field="pc",
    ...                              area_field="oa")
    >>> zones["members"].to_dict()
    {'ls6': 2, 'ls6-1': 1}
    """
    table = lookup if isinstance(lookup, pd.DataFrame) else pd.read_csv(lookup, dtype=str)
    lost = [name for name in (postcode_field, area_field) if name not in table.columns]
    require(
        not lost,
        f"the lookup must have the column(s) {listing(lost)}; it has "
        f"{listing(table.columns, most=30)}.",
        DataError,
        rule="no-such-column",
    )
    known = table[[postcode_field, area_field]].dropna().astype(str)
    code, area = known[postcode_field].map(_plain), known[area_field].str.strip()
    units = {"district": code.str[:-INWARD], "sector": code.str[: -INWARD + 1]}
    lists, shares = {}, {}
    for name in postcodes:
        unit = units["sector" if " " in name.strip() else "district"]
        mine = unit.eq(_plain(name))
        best = pd.crosstab(area, unit).idxmax(axis=1)
        lists[name] = [one for one in best.index[best.eq(_plain(name))] if one in small_areas.index]
        shares[name] = float(area[mine].isin(lists[name]).mean()) if mine.any() else 0.0
    empty = [name for name, members in lists.items() if not members]
    require(
        not empty,
        f"postcodes of the list must have small areas of the table; {listing(empty)} have none.",
        DataError,
        rule="no-such-postcode",
    )
    zones = zones_from_lsoas(small_areas, lists, kind=kind, may_overlap=True, approximate=True)
    zones.insert(len(zones.columns) - 1, "postcode_share", zones["zone_name"].map(shares))
    return zones


def _plain(postcode: str) -> str:
    """A postcode, or a part of one, without spaces and in capitals."""
    return "".join(str(postcode).split()).upper()
