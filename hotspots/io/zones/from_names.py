"""Zones from names of streets, and from postcodes, by a lookup the user supplies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.crs import require_same_crs
from hotspots.core.errors import DataError, listing, require
from hotspots.core.grids.junctions import require_lines
from hotspots.io.zones.from_lists import word_key, zone_identifier, zones_from_lsoas
from hotspots.io.zones.table import one_zone, require_distance

if TYPE_CHECKING:
    import geopandas as gpd

APART_M = 500.0
INWARD = 3


def zones_from_streets(
    streets: gpd.GeoDataFrame,
    names: Iterable[str] | Mapping[str, Iterable[str]],
    *,
    within: gpd.GeoDataFrame,
    width_m: float = 60.0,
    kind: str = "street",
) -> gpd.GeoDataFrame:
    """Streets of a list as zones: everything within half a width of them.

    Parameters
    ----------
    streets : GeoDataFrame
        Lines with ``street_name``, from :func:`load_streets`.
    names : iterable of str, or mapping
        Names of streets, a zone each; or names of zones and the streets each is made of. Case and
        punctuation do not count.
    within : GeoDataFrame
        The district: streets of the same name elsewhere are not meant, and streets are cut at it.
    width_m : float
        From edge to edge.
    kind : str
        Kind of the zones.

    Returns
    -------
    GeoDataFrame
        Zones table in order of ``zone_id``, with ``length_m``, and ``pieces``: how many parts of
        the street lie more than 500 m apart. More than one may be two streets of one name.

    Raises
    ------
    DataError
        For names that no street of the district has, all of them named.
    InputError
        For streets without names or not in metres, or a width of nothing.

    Notes
    -----
    On snapped data a zone narrower than about 100 m loses what was moved to a side street. It
    misleads where a name occurs twice in the district: look at ``pieces`` and at the map.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=1_000)
    >>> roads = zones_from_streets(town.streets, ["Harbour Road"], within=town.district)
    >>> roads["zone_name"].tolist(), roads["pieces"].tolist()
    (['Harbour Road'], [1])
    """
    require_lines(streets)
    require_same_crs(streets, within, ("streets", "within"))
    require_distance(width_m, "width_m")
    require("street_name" in streets.columns, "`streets` must have a column 'street_name'.")
    listed = names if isinstance(names, Mapping) else {name: [name] for name in names}
    wanted = {str(zone): [str(one) for one in some] for zone, some in listed.items()}
    require(bool(wanted), "`names` must name at least one street; got none.")
    area = within.geometry.union_all()
    there = streets[streets.intersects(area) & streets["street_name"].notna()]
    key = there["street_name"].map(word_key)
    lost = [name for some in wanted.values() for name in some if not key.eq(word_key(name)).any()]
    require(
        not lost,
        f"streets of the list must be in the district; {listing(lost)} not found among "
        f"{there['street_name'].nunique():,} names.",
        DataError,
        rule="no-such-street",
    )
    zones = []
    for zone, some in wanted.items():
        lines = there[key.isin([word_key(name) for name in some])].intersection(area)
        one = one_zone(
            lines.buffer(width_m / 2, cap_style="flat").union_all(),
            streets.crs,
            zone_id=zone_identifier(zone),
            zone_name=zone,
            kind=kind,
        )
        one.insert(len(one.columns) - 1, "length_m", float(lines.length.sum()))
        one.insert(len(one.columns) - 1, "pieces", _pieces(lines))
        zones.append(one)
    found: gpd.GeoDataFrame = pd.concat(zones).sort_index()
    return found


def _pieces(lines: gpd.GeoSeries) -> int:
    """Parts of a street that lie far from one another."""
    near = lines.buffer(APART_M / 2).union_all()
    return len(getattr(near, "geoms", [near]))


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
