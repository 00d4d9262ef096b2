"""Zones from GeoPackage, GeoJSON or Shapefile: read or refused with a reason, never written."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.archives import zip_members
from hotspots.core.audience import refuse_protect
from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_metres, require_same_crs
from hotspots.core.errors import DataError, Findings
from hotspots.io.zones.table import note_elsewhere, note_overlaps, repaired
from hotspots.io.zones.zone_columns import zone_columns

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord


def load_zones(
    path: str | Path,
    *,
    kind: str | None = None,
    id_field: str | None = None,
    name_field: str | None = None,
    layer: str | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    approximate: bool | None = None,
    within: gpd.GeoDataFrame | None = None,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Read zones from GeoPackage, GeoJSON or Shapefile.

    Parameters
    ----------
    path : path
        Any vector file GDAL reads. It is only read: nothing is written beside it.
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
    within : GeoDataFrame, optional
        The study area. A zone that does not touch it gets a warning in the record.
    record : RunRecord, optional
        Gets a note for every repaired outline, for zones elsewhere, and for zones of a tiling
        kind (wards, statistical areas) that overlap one another.

    Returns
    -------
    GeoDataFrame
        Zones table in order of ``zone_id``. ``valid_from`` and ``valid_until`` are dates, both
        days included, or None where open; ``status`` is text or None.

    Raises
    ------
    DataError
        For a file that is no vector file, has no zones, no coordinate system, empty outlines,
        outlines without area, or dates that cannot be read or end before they begin; every fault
        with its zone.
    InputError
        Without a kind, or for Protect zones and a record made for another audience.

    Notes
    -----
    A self-crossing outline is repaired by the even-odd rule; the repair can move the edge, and the
    record says where. In a Shapefile, field names stop after 10 characters (``valid_unti`` is read
    as ``valid_until``) and text without a declared encoding is read as UTF-8, else as Latin-1.
    Dates are ISO or British: 03/04/2023 is the third of April. It misleads where an outline was
    drawn for another purpose: an order is what its text says, not what a map layer shows.

    Examples
    --------
    >>> import hotspots as hs
    >>> wards = load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> len(wards), bool(wards["approximate"].all())
    (33, True)
    """
    file = Path(path)
    raw = read_layer(file, layer)
    named = zone_columns(raw, file.name, kind, id_field, name_field, approximate)
    refuse_protect(named, record=record)
    zones = named.to_crs(crs)
    require_metres(zones, "zones")
    findings = Findings()
    zones = repaired(zones, findings, file=file.name).sort_index()
    note_overlaps(zones, findings, file=file.name)
    if within is not None:
        require_same_crs(zones, within, ("zones", "within"))
        note_elsewhere(zones, within, findings, file=file.name)
    if record is not None:
        for finding in findings:
            record.find(finding)
    return zones


def read_layer(path: Path, layer: str | None, *, what: str = "zones") -> gpd.GeoDataFrame:
    """The rows of a vector file as they stand, or why they cannot be had."""
    import geopandas as gpd
    from pyogrio.errors import DataLayerError, DataSourceError

    if not path.exists():
        raise DataError(
            "there is no such file. Check the path.", rule="no-such-file", file=str(path)
        )
    if path.suffix.lower() == ".zip":
        zip_members(path, path.name)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="More than one layer|Non-conformant content")
            zones = _with_encoding(path, layer or None)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise DataError(
            _unreadable(path, str(error), what), rule="unreadable", file=str(path)
        ) from error
    if not isinstance(zones, gpd.GeoDataFrame) or zones.empty:
        raise DataError(
            f"{what} were expected; the file holds none.", rule="no-zones", file=str(path)
        )
    if zones.crs is None:
        needed = " The .prj file is missing." if path.suffix.lower() == ".shp" else ""
        raise DataError(
            f"the {what} have no coordinate system, so they cannot be placed.{needed} Save them "
            "with one (in QGIS: Export, Save features as, choose EPSG:27700).",
            rule="no-crs",
            file=str(path),
        )
    return zones


def _with_encoding(path: Path, layer: str | None) -> gpd.GeoDataFrame:
    """A Shapefile that does not say how its text is written: UTF-8 if it can be, else Latin-1."""
    import geopandas as gpd

    silent = path.suffix.lower() == ".shp" and not any(
        path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG")
    )
    if silent:
        try:
            return gpd.read_file(path, encoding="UTF-8", layer=layer)
        except UnicodeDecodeError:
            return gpd.read_file(path, encoding="ISO-8859-1", layer=layer)
    return gpd.read_file(path, layer=layer)


def _unreadable(path: Path, reason: str, what: str) -> str:
    if path.suffix.lower() == ".shp":
        lost = [
            end
            for end in (".shx", ".dbf")
            if not any(path.with_suffix(case).exists() for case in (end, end.upper()))
        ]
        if lost:
            return (
                f"a Shapefile is several files, and {' and '.join(lost)} is missing. Copy all "
                "files of that name together, or ask for a GeoPackage."
            )
    first = reason.splitlines()[0] if reason else "no reason given"
    return f"{what} must be a GeoPackage, GeoJSON or Shapefile; GDAL cannot read it ({first})."
