"""Zones: wards, PSPO zones, districts and whatever else has a boundary, a name and dates.

Zones of one kind may overlap, except those that tile a district (wards, statistical areas): there
a place on a shared border belongs to the zone that comes first by ``zone_id``, so totals add up.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.checks import DataError, Findings, InputError, listing, require
from hotspots.columns import AREAS, INCIDENTS, OVERLAPS, ZONES, require_table
from hotspots.crs import (
    BRITISH_NATIONAL_GRID,
    coordinates,
    require_metres,
    require_same_crs,
)
from hotspots.selection import Period, distinct_places, select_incidents
from hotspots.totals import area_totals

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.record import RunRecord

TILING_KINDS = frozenset({"district", "ward", "lsoa", "msoa", "police_area"})
DEFAULTS: dict[str, Any] = {"valid_from": None, "valid_until": None, "status": None}
SMALLEST_ZONE_M2 = 1.0
ZONE_TOTALS = (
    "incident_count",
    "unweighted_count",
    "harm",
    "harm_low",
    "harm_high",
    "harm_scale",
)


def load_zones(
    path: str | Path,
    *,
    kind: str | None = None,
    id_field: str | None = None,
    name_field: str | None = None,
    layer: str | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    approximate: bool | None = None,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Read zones from GeoPackage, GeoJSON or Shapefile.

    Parameters
    ----------
    path : path
        Any vector file GDAL reads.
    kind : str, optional
        Kind of all zones (``"ward"``, ``"pspo"`` ...); needed where the file has no column
        ``kind``.
    id_field, name_field : str, optional
        Columns that hold the identifier and the name; ``zone_id`` and ``zone_name`` by default.
    layer : str, optional
        Layer of a GeoPackage.
    crs : optional
        Metric coordinate system of the result; British National Grid by default.
    approximate : bool, optional
        True where the outlines only stand in for official ones. Approximate zones are drawn and
        summed, never ranked.
    record : RunRecord, optional
        Gets a note for every repaired outline.

    Returns
    -------
    GeoDataFrame
        Zones table in order of ``zone_id``.

    Raises
    ------
    DataError
        For a file that is no vector file, has no zones, no coordinate system, empty outlines or
        outlines without area; every fault with its zone.

    Notes
    -----
    A self-crossing outline is repaired by the even-odd rule; the repair can move the edge, and the
    record says where.

    Examples
    --------
    >>> import hotspots as hs
    >>> wards = load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> len(wards), bool(wards["approximate"].all())
    (33, True)
    """
    raw = _read(Path(path), layer)
    zones = _named(raw, Path(path).name, kind, id_field, name_field, approximate).to_crs(crs)
    require_metres(zones, "zones")
    return _repaired(zones, Path(path).name, record).sort_index()


def zones_of(incidents: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Which zones each incident lies in.

    Returns
    -------
    DataFrame
        One row a pair, columns ``incident_id`` and ``zone_id``. An incident can be in several
        zones, or in none; each distinct coordinate is tested once.
    """
    require_table(incidents, INCIDENTS, argument="incidents", only=["geometry"])
    require_table(zones, ZONES, argument="zones", only=["kind", "geometry"])
    require_same_crs(incidents, zones, ("incidents", "zones"))
    x, y = coordinates(incidents.geometry)
    located = np.flatnonzero(np.isfinite(x))
    places, inverse = distinct_places(x[located], y[located])
    inside = _places_in_zones(places, zones)
    place, zone = np.nonzero(inside)
    pairs = pd.DataFrame({"place": place, "zone_id": zones.index.to_numpy()[zone]})
    rows = pd.DataFrame({"incident_id": incidents.index[located], "place": inverse})
    return rows.merge(pairs, on="place")[["incident_id", "zone_id"]]


def relate_to_zones(
    areas: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    labels: pd.Series,
) -> pd.DataFrame:
    """How areas and zones overlap, on the ground and in incidents.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table.
    zones : GeoDataFrame
        Zones table; may overlap one another.
    incidents : GeoDataFrame
        The incidents the areas were made from.
    labels : Series
        ``area_id`` of each incident, from :func:`label_cells` or :func:`label_clusters`. Shares of
        count and harm come from these, never from drawn polygons.

    Returns
    -------
    DataFrame
        Overlaps table on (``area_id``, ``zone_id``): ``share_of_area`` and ``share_of_zone`` on the
        ground, ``share_of_count`` and ``share_of_harm`` of the area's incidents inside the zone,
        with ``zone_name`` and ``kind`` of the zone.

    Notes
    -----
    Zones may overlap, so the shares of one area can add up to more than 1.
    """
    require_table(areas, AREAS, argument="areas", only=["incident_count", "geometry"])
    require_table(zones, ZONES, argument="zones", only=["zone_name", "kind", "geometry"])
    require_same_crs(areas, zones, ("areas", "zones"))
    ground = _ground_shares(areas, zones)
    members = pd.DataFrame({"area_id": labels.reindex(incidents.index).to_numpy()})
    members["incident_id"] = incidents.index
    members["harm"] = incidents["harm"].to_numpy() if "harm" in incidents.columns else np.nan
    members = members[members["area_id"].isin(areas.index)]
    both = members.merge(zones_of(incidents.loc[members["incident_id"]], zones), on="incident_id")
    inside = both.groupby(["area_id", "zone_id"])["harm"].agg(
        count="size", harm=lambda harm: harm.sum(min_count=1)
    )
    whole = members.groupby("area_id")["harm"].agg(
        count="size", harm=lambda harm: harm.sum(min_count=1)
    )
    overlaps = ground.join(inside, how="outer").fillna({"count": 0})
    overlaps[["share_of_area", "share_of_zone"]] = overlaps[
        ["share_of_area", "share_of_zone"]
    ].fillna(0.0)
    whole = whole.reindex(overlaps.index.get_level_values("area_id"))
    with np.errstate(invalid="ignore", divide="ignore"):
        overlaps["share_of_count"] = overlaps["count"].to_numpy() / whole["count"].to_numpy()
        overlaps["share_of_harm"] = overlaps["harm"].to_numpy() / whole["harm"].to_numpy()
    zone_ids = overlaps.index.get_level_values("zone_id")
    overlaps["zone_name"] = zones["zone_name"].reindex(zone_ids).to_numpy()
    overlaps["kind"] = zones["kind"].reindex(zone_ids).to_numpy()
    return overlaps[OVERLAPS.names]


def summarise_zones(
    zones: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    *,
    theme: str | None = None,
    period: str | Period | None = None,
    within: gpd.GeoDataFrame | None = None,
    include_institutional: bool = True,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Count and harm of a theme in each zone, with rate and share.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table.
    incidents : GeoDataFrame
        Incidents table.
    theme, period, within : optional
        As in :func:`aggregate_to_cells`; shares are of the incidents chosen by these.
    include_institutional : bool
        True by default: a ward's total is everything recorded there.

    Returns
    -------
    GeoDataFrame
        The zones with ``theme``, ``incident_count``, ``unweighted_count``, ``share_of_count``,
        ``count_per_km2``, ``area_km2`` and, where incidents carry harm, ``harm``. Approximate
        zones are summed like others; do not rank them.

    Notes
    -----
    Counts without a denominator mostly show where people are.
    """
    require_table(zones, ZONES, argument="zones")
    selection = select_incidents(
        incidents,
        stage="summarise_zones",
        theme=theme,
        period=period,
        within=within,
        include_institutional=include_institutional,
    )
    used = incidents[selection.used]
    pairs = zones_of(used, zones)
    repeated = used.loc[pairs["incident_id"]].reset_index(drop=True)
    totals = area_totals(repeated, pairs["zone_id"].reset_index(drop=True), zones.index)
    totals = totals[[name for name in ZONE_TOTALS if name in totals]]
    summary = zones.join(totals)
    summary["theme"] = selection.theme
    summary["share_of_count"] = summary["incident_count"] / max(len(used), 1)
    summary["area_km2"] = summary.geometry.area / 1e6
    summary["count_per_km2"] = summary["incident_count"] / summary["area_km2"]
    if record is not None:
        record.account(selection.account)
    return summary


def _read(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    import geopandas as gpd
    from pyogrio.errors import DataSourceError

    if not path.exists():
        raise DataError(f"{path}: there is no such file. Check the path.")
    try:
        zones = gpd.read_file(path, layer=layer) if layer else gpd.read_file(path)
    except (DataSourceError, ValueError) as error:
        raise DataError(
            f"{path}: zones must be a GeoPackage, GeoJSON or Shapefile; GDAL cannot read it "
            f"({str(error).splitlines()[0]})."
        ) from error
    if not isinstance(zones, gpd.GeoDataFrame) or zones.empty:
        raise DataError(f"{path}: zones were expected; the file holds none.")
    if zones.crs is None:
        raise DataError(
            f"{path}: the zones have no coordinate system, so they cannot be placed. Save them "
            "with one (in QGIS: Export, Save features as, choose EPSG:27700)."
        )
    return zones


def _named(
    raw: gpd.GeoDataFrame,
    file: str,
    kind: str | None,
    id_field: str | None,
    name_field: str | None,
    approximate: bool | None,
) -> gpd.GeoDataFrame:
    """The zones contract on top of the file's own columns."""
    zones = raw.rename_geometry("geometry") if raw.geometry.name != "geometry" else raw.copy()
    for field in (id_field, name_field):
        require(
            field is None or field in zones.columns,
            f"{file}: there is no column {field!r}; it has {listing(raw.columns, most=30)}.",
            DataError,
        )
    name_column = name_field or ("zone_name" if "zone_name" in zones.columns else None)
    id_column = id_field or ("zone_id" if "zone_id" in zones.columns else name_column)
    if name_column is None or id_column is None:
        raise DataError(
            f"{file}: say which column names the zones, with `name_field=` (and `id_field=`); it "
            f"has {listing(raw.columns.drop('geometry', errors='ignore'), most=30)}."
        )
    if kind is None and "kind" not in zones.columns:
        raise InputError(f'{file}: say what the zones are with `kind=`, e.g. kind="ward".')
    zones["zone_id"] = zones[id_column].astype(str)
    zones["zone_name"] = zones[name_column].astype(str)
    if kind is not None:
        zones["kind"] = kind
    for column, value in DEFAULTS.items():
        if column not in zones.columns:
            zones[column] = pd.Series(value, index=zones.index, dtype=object)
    if approximate is not None or "approximate" not in zones.columns:
        zones["approximate"] = bool(approximate)
    repeated = zones["zone_id"].duplicated()
    if repeated.any():
        raise DataError(
            f"{file}: zone identifiers must be unique; {listing(zones.loc[repeated, 'zone_id'])} "
            f"repeat. Choose another column with `id_field=`."
        )
    ordered = ["zone_name", "kind", *DEFAULTS, "approximate"]
    others = [name for name in zones if name not in (*ordered, "zone_id", "geometry")]
    return zones.set_index("zone_id")[[*ordered, *others, "geometry"]]


def _repaired(zones: gpd.GeoDataFrame, file: str, record: RunRecord | None) -> gpd.GeoDataFrame:
    """Outlines that are valid polygons; repairs noted, hopeless ones refused together."""
    import shapely

    findings = Findings()
    outlines = np.asarray(zones.geometry.array)
    polygons = np.isin(shapely.get_type_id(outlines), [3, 6])
    crossing = polygons & ~shapely.is_valid(outlines)
    outlines[crossing] = shapely.make_valid(
        outlines[crossing], method="structure", keep_collapsed=False
    )
    for name in zones["zone_name"][crossing]:
        findings.warn(
            "zone-repaired",
            f"the outline of {name!r} crosses itself and was repaired; check it against the plan.",
            file=file,
        )
    without_area = ~polygons | (shapely.area(outlines) < SMALLEST_ZONE_M2)
    for name, shape in zip(zones["zone_name"][without_area], outlines[without_area], strict=True):
        came = "nothing" if shape is None or shape.is_empty else shape.geom_type
        findings.error(
            "zone-without-area",
            f"the zone {name!r} must be a polygon with an area; got {came}. Draw it, or leave it "
            "out of the file.",
            file=file,
        )
    findings.raise_errors(DataError)
    if record is not None:
        for finding in findings:
            record.find(finding)
    return zones.set_geometry(outlines, crs=zones.crs)


def _places_in_zones(places: NDArray[np.int64], zones: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Place by zone; in tiling kinds a place on a border is in the first zone by id."""
    import shapely

    inside = np.zeros((len(places), len(zones)), dtype=bool)
    taken: dict[str, NDArray[np.bool_]] = {}
    metres = places / 1000
    for column in np.argsort(zones.index.astype(str).to_numpy(), kind="stable"):
        outline, kind = zones.geometry.iloc[column], zones["kind"].iloc[column]
        shapely.prepare(outline)
        hit = shapely.intersects_xy(outline, metres[:, 0], metres[:, 1])
        if kind in TILING_KINDS:
            before = taken.setdefault(kind, np.zeros(len(places), dtype=bool))
            hit &= ~before
            before |= hit
        inside[:, column] = hit
    return inside


def _ground_shares(areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    import shapely

    area_of, zone_of = zones.sindex.query(areas.geometry, predicate="intersects")
    one = np.asarray(areas.geometry.array)[area_of]
    other = np.asarray(zones.geometry.array)[zone_of]
    common = shapely.area(shapely.intersection(one, other))
    index = pd.MultiIndex.from_arrays(
        [areas.index[area_of], zones.index[zone_of]], names=["area_id", "zone_id"]
    )
    shares = pd.DataFrame(
        {
            "share_of_area": common / shapely.area(one),
            "share_of_zone": common / shapely.area(other),
        },
        index=index,
    )
    return shares[common > 0].clip(upper=1.0)
