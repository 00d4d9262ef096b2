"""Zones from lists of streets: by name, within one district."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.crs import require_same_crs
from hotspots.core.errors import DataError, listing, require
from hotspots.core.grids.junctions import require_lines
from hotspots.io.zones.from_lists import word_key, zone_identifier
from hotspots.io.zones.table import one_zone, require_distance

if TYPE_CHECKING:
    import geopandas as gpd

APART_M = 500.0


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
