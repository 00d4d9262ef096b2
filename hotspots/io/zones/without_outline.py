"""Zones of what has no outline of its own: streets by name, postcodes, points such as venues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.arguments import listed, path_of, size_of, text_of
from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_metres, require_same_crs
from hotspots.core.errors import DataError, Findings, InputError, listing, require
from hotspots.core.grids.junctions import require_lines
from hotspots.io.zones.from_lists import word_key, zone_identifier, zones_from_lsoas
from hotspots.io.zones.read import read_layer
from hotspots.io.zones.table import one_zone, placed, zone_rows
from hotspots.io.zones.zone_columns import ALWAYS, as_day, require_inside

if TYPE_CHECKING:
    import geopandas as gpd

APART_M = 500.0
# The second half of a postcode: a digit, which the sector has too, and two letters.
INWARD = 3


def zones_from_streets(
    streets: gpd.GeoDataFrame,
    names: Iterable[str] | Mapping[str, Iterable[str]],
    *,
    within: gpd.GeoDataFrame,
    width_m: float = 60.0,
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
    width_m = size_of(width_m, "width_m")
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
            kind="street",
        )
        one.insert(len(one.columns) - 1, "length_m", float(lines.length.sum()))
        one.insert(len(one.columns) - 1, "pieces", _pieces(lines))
        zones.append(one)
    found: gpd.GeoDataFrame = pd.concat(zones).sort_index()
    return found


def zones_from_postcodes(
    small_areas: gpd.GeoDataFrame,
    lookup: str | Path | pd.DataFrame,
    postcodes: Iterable[str],
    *,
    postcode_field: str,
    area_field: str,
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
    names = [text_of(one, "postcodes") for one in listed(postcodes, "postcodes")]
    fields = text_of(postcode_field, "postcode_field"), text_of(area_field, "area_field")
    try:
        if isinstance(lookup, pd.DataFrame):
            table = lookup
        else:
            table = pd.read_csv(path_of(lookup, "lookup"), dtype=str)
    except (OSError, ValueError) as error:
        file = Path(lookup).name if isinstance(lookup, (str, Path)) else None
        message = f"a CSV file of postcodes was expected; it cannot be read ({error})."
        raise DataError(message, rule="no-lookup", file=file) from error
    lost = [name for name in fields if name not in table.columns]
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
    for name in names:
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
    zones = zones_from_lsoas(
        small_areas, lists, kind="postcode", may_overlap=True, approximate=True
    )
    zones.insert(len(zones.columns) - 1, "postcode_share", zones["zone_name"].map(shares))
    return zones


def sites(
    points: gpd.GeoDataFrame,
    *,
    kind: str = "site",
    id_field: str | None = None,
    name_field: str | None = None,
    tier_field: str | None = None,
    radius_m: float | None = None,
) -> gpd.GeoDataFrame:
    """Point assets (venues, packs, derelict buildings, closure orders) as a zones table.

    Parameters
    ----------
    points : GeoDataFrame
        One point a row, in metres.
    kind : str
        What they are; use "protect" for anything of the Protect product.
    id_field, name_field : str, optional
        Columns that hold identifier and name; the index by default.
    tier_field : str, optional
        Column that holds the tier; it becomes ``tier``, missing where unknown. Tiers are taken as
        given, never worked out from a capacity.
    radius_m : float, optional
        Draw each as a circle of this radius, so that incidents can be related to it. By default
        the points stay points, to measure distances from.

    Returns
    -------
    GeoDataFrame
        Zones table in the order given, with ``tier`` and the other columns of ``points``.

    Raises
    ------
    InputError
        For missing or other shapes, repeated identifiers, or no coordinate system; all at once.

    Notes
    -----
    A circle around a venue holds the street's incidents as well as the venue's.

    Examples
    --------
    >>> import geopandas as gpd
    >>> venues = gpd.GeoDataFrame({"venue": ["Hall"], "class": ["A"]},
    ...     geometry=gpd.points_from_xy([429000], [433000], crs=27700))
    >>> halls = sites(venues, name_field="venue", tier_field="class")
    >>> halls[["zone_name", "tier"]].iloc[0].tolist()
    ['Hall', 'A']
    """
    require_metres(points, "points")
    findings = Findings()
    ids, names, tiers = (
        _column(points, field, findings) for field in (id_field, name_field, tier_field)
    )
    labels = points.index.astype(str).tolist() if ids is None else ids
    _check_points(points, labels, findings)
    table = zone_rows(labels, names or labels, kind, **_dates_and_status(points))
    table["tier"] = pd.Series(tiers, table.index, dtype=object)
    others = points.drop(columns=[points.geometry.name, *ALWAYS, "tier"], errors="ignore")
    table = pd.concat([table, others.set_axis(table.index)], axis=1)
    shapes = points.geometry
    if radius_m is not None:
        radius_m = size_of(radius_m, "radius_m")
        shapes = shapes.buffer(radius_m)
    return placed(table, shapes.to_numpy(), points.crs)


def load_points(
    path: str | Path,
    *,
    kind: str,
    layer: str | None = None,
    id_field: str | None = None,
    tier_field: str | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
) -> gpd.GeoDataFrame:
    """Points of a vector file with the columns they have, by their identifiers.

    Parameters
    ----------
    path : path
        Any vector file GDAL reads.
    kind : str
        What they are; use "protect" for anything of the Protect product.
    layer : str, optional
        Layer of a GeoPackage.
    id_field : str, optional
        Column that holds the identifier; the number of the row without one.
    tier_field : str, optional
        Column that holds the tier; it becomes ``tier``. Tiers are taken as given.
    crs : optional
        Metric coordinate system of the result.

    Returns
    -------
    GeoDataFrame
        In the order of the file, with ``kind``.

    Raises
    ------
    DataError
        For a file that cannot be read or has no coordinate system, columns that are not there, and
        rows without an identifier.
    """
    file = path_of(path)
    points = read_layer(file, layer, what="points").to_crs(crs)
    require_inside(points, file.name)
    own = [name for name in points.columns if name != points.geometry.name]
    lost = {field for field in (id_field, tier_field) if field is not None} - set(own)
    require(
        not lost,
        f"{file.name}: there is no column {listing(lost)}; it has {listing(own, most=30)}.",
        DataError,
    )
    if tier_field is not None:
        points["tier"] = points.pop(tier_field)
    labelled = _labelled(points, id_field, file.name).assign(kind=kind)
    return labelled if points.geometry.name == "geometry" else labelled.rename_geometry("geometry")


def _pieces(lines: gpd.GeoSeries) -> int:
    """Parts of a street that lie far from one another."""
    near = lines.buffer(APART_M / 2).union_all()
    return len(getattr(near, "geoms", [near]))


def _plain(postcode: str) -> str:
    """A postcode, or a part of one, without spaces and in capitals."""
    return "".join(str(postcode).split()).upper()


def _labelled(points: gpd.GeoDataFrame, id_field: str | None, file: str) -> gpd.GeoDataFrame:
    """Points by their identifiers, else by the number of their row."""
    if id_field is None:
        return points.set_index(pd.RangeIndex(1, len(points) + 1, name="row"))
    lacking = int(points[id_field].isna().sum())
    require(
        not lacking,
        f"{file}: every row needs an identifier; {id_field!r} is empty in {lacking:,} of "
        f"{len(points):,}.",
        DataError,
    )
    return points.set_index(id_field)


def _check_points(points: gpd.GeoDataFrame, labels: list[Any], findings: Findings) -> None:
    bad = int((~points.geom_type.eq("Point") | points.geometry.is_empty).sum())
    if bad:
        findings.error(
            "site-without-point",
            f"`points` must hold one point a row; {bad:,} of {len(points):,} rows hold none.",
        )
    repeated = pd.Index(labels).duplicated()
    if repeated.any():
        findings.error(
            "site-id",
            f"sites need unique identifiers; {listing(set(pd.Index(labels)[repeated]))} repeat.",
        )
    findings.raise_errors(InputError)


def _dates_and_status(points: gpd.GeoDataFrame) -> dict[str, list[Any]]:
    given: dict[str, list[Any]] = {
        name: [as_day(value) for value in points[name]]
        for name in ("valid_from", "valid_until")
        if name in points.columns
    }
    if "status" in points.columns:
        given["status"] = [None if pd.isna(value) else str(value) for value in points["status"]]
    return given


def _column(points: gpd.GeoDataFrame, field: str | None, findings: Findings) -> Any:
    if field is None:
        return None
    if not isinstance(field, str) or field not in points.columns:
        findings.error(
            "missing-column",
            f"`points` has no column {field!r}; it has {listing(points.columns, most=30)}.",
        )
        return None
    return [None if pd.isna(value) else str(value).strip() for value in points[field]]
