"""Zones from vector files: read or refused with a reason, never written."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.core.archives import zip_members
from hotspots.core.arguments import has_record, path_of
from hotspots.core.crs import (
    BRITISH_NATIONAL_GRID,
    require_metres,
    require_same_crs,
    require_system,
)
from hotspots.core.errors import DataError, Finding, Findings, listing, require
from hotspots.core.record import refuse_protect
from hotspots.io.count_rows import beside
from hotspots.io.guard import require_ordinary, unpacked, vector_members
from hotspots.io.incidents.where import look_exchanged
from hotspots.io.postgis import is_address, label_of, read_database, table_of
from hotspots.io.read_vector import Layers, read_vector
from hotspots.io.zones.table import note_elsewhere, note_overlaps, repaired
from hotspots.io.zones.zone_columns import require_inside, require_placed, zone_columns

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

READING = ("reader", "layer-left-out", "zones-perhaps-exchanged")
"""Findings on what was read, which are told aloud where no record takes them."""
TABLES, TEXTS = (".csv",), (".wkt", ".txt")
OUTLINE = re.compile(r"\s*(?:SRID=(\d+);)?\s*(?:MULTI)?POLYGON\b", re.IGNORECASE)
NEXT = re.compile(r"(?<![A-Z;])(?=(?:SRID=\d+;)?\s*(?:MULTI)?POLYGON)", re.IGNORECASE)
DEGREES, WHOLE_GRID = (-180, -90, 180, 90), (0, 0, 700_000, 1_300_000)


def load_zones(
    path: str | Path | gpd.GeoDataFrame,
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
    """Read zones from a vector file: GeoPackage, GeoJSON, Shapefile and others, or zipped.

    Parameters
    ----------
    path : path or GeoDataFrame
        A vector file, alone or in a zip archive. It is only read: nothing is written beside it. Or
        a table at hand, a CSV file with a column of outlines as text (WKT), a ``.wkt`` file of such
        texts, or a database with PostGIS, as ``"postgresql://host/database"`` or
        ``"PG:dbname=..."``.
    kind : str, optional
        Kind of all zones (``"ward"``, ``"pspo"`` ...); needed where the file has no column
        ``kind``.
    id_field, name_field : str, optional
        Columns that hold the identifier and the name; ``zone_id`` and ``zone_name`` by default, of
        areas that the library wrote ``area_id`` and ``place_name``.
    layer : str, optional
        Layer of a GeoPackage, or file of an archive; the first by default, and the others are told.
        Of a database a table, or a query that begins with SELECT or WITH.
    crs : optional
        Metric coordinate system of the result; British National Grid by default.
    approximate : bool, optional
        True where the outlines only stand in for official ones. Approximate zones are drawn and
        summed, never ranked.
    within : GeoDataFrame, optional
        The study area. A zone that does not touch it gets a warning in the record.
    record : RunRecord, optional
        Gets a note for every repaired outline, for zones elsewhere, for outlines whose easting
        and northing look exchanged, and for zones of a tiling kind (wards, statistical areas) that
        overlap one another.

    Returns
    -------
    GeoDataFrame
        Zones table in order of ``zone_id``. ``valid_from`` and ``valid_until`` are dates, both
        days included, or None where open; ``status`` is text or None.

    Raises
    ------
    DataError
        For a file that is no vector file, has no zones, no coordinate system or another than it
        says, empty outlines, outlines without area, or dates that cannot be read or end before
        they begin; every fault with its zone.
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
    findings = Findings()
    if isinstance(path, gpd.GeoDataFrame):
        file, raw = Path("the table"), path.reset_index(drop=path.index.name is None)
        shaped = len(raw) > 0 and raw.active_geometry_name is not None
        require(shaped, "`path` must be a table with outlines; it has none.", rule="no-zones")
        require_placed(raw, file.name, "zones")
    else:
        file = Path(label_of(path, layer)) if is_address(path) else path_of(path)
        raw = read_layer(Path(path), layer, findings=findings)
    named = zone_columns(raw, file.name, kind, id_field, name_field, approximate)
    refuse_protect(named, record=record)
    require_system(crs)
    zones = named.to_crs(crs)
    require_inside(zones, file.name)
    require_metres(zones, "zones")
    zones = repaired(zones, findings, file=file.name).sort_index()
    note_overlaps(zones, findings, file=file.name)
    _note_exchanged(zones, within, findings, file=file.name)
    if within is not None:
        require_same_crs(zones, within, ("zones", "within"))
        note_elsewhere(zones, within, findings, file=file.name)
    for finding in findings:
        if has_record(record):
            record.find(finding)
        elif finding.rule in READING:
            warnings.warn(str(finding), stacklevel=2)
    return zones


def _note_exchanged(
    zones: gpd.GeoDataFrame, within: gpd.GeoDataFrame | None, findings: Findings, *, file: str
) -> None:
    """Outlines that lie nowhere, or away from the study area, and would not, exchanged."""
    some = zones.representative_point()
    if look_exchanged(some.x.to_numpy(), some.y.to_numpy(), zones.crs, within):
        area = "a district of England or Wales" if within is None else "the study area"
        findings.add(
            Finding.of("zones-perhaps-exchanged", "warning", said={"area": area}, file=file)
        )


def read_layer(
    path: Path, layer: str | None, *, what: str = "zones", findings: Findings | None = None
) -> gpd.GeoDataFrame:
    """The rows of a vector file as they stand, or why they cannot be had.

    What its reader remarked, and layers left out, go to `findings`.
    """
    name = label_of(path, layer) if is_address(path) else path.name
    layers = _layers(path, layer, name)
    rows = layers.rows
    if not isinstance(rows, gpd.GeoDataFrame) or rows.empty:
        raise DataError(f"{what} were expected; the file holds none.", rule="no-zones", file=name)
    require_placed(rows, name, what)
    if findings is not None:
        _tell(layers, name, findings)
    return rows


def _layers(path: Path, layer: str | None, name: str) -> Layers:
    if is_address(path):
        return Layers(table_of(read_database(path, layer)))
    with _on_disk(path, layer) as (file, inside):
        written = read_wkt(file)
        if written is not None:
            return written
        return read_vector(file, layer=inside, name=name)


@contextmanager
def _on_disk(path: Path, layer: str | None) -> Iterator[tuple[Path, str | None]]:
    """The file itself, or the one vector file of a zip archive that was meant, unpacked."""
    require_ordinary(path, path.name)
    require_whole(path)
    if path.suffix.lower() != ".zip":
        yield path, layer or None
        return
    members = vector_members(zip_members(path, path.name))
    # A `layer` may name the file in the archive, else a layer inside it.
    stems = {PurePosixPath(member).stem: member for member in members}
    meant = [stems[layer]] if layer in stems else members
    require(
        len(meant) == 1,
        f"an archive with one vector file was expected; it holds {listing(members) or 'none'}. "
        "Unpack it and name the file that is meant.",
        DataError,
        rule="zip-of-zones",
        file=path.name,
    )
    with unpacked(path, meant[0]) as file:
        require_whole(file)
        yield file, None if layer in stems else layer


def _tell(layers: Layers, file: str, findings: Findings) -> None:
    for remark in layers.remarks:
        findings.warn("reader", remark, file=file)
    for name, rows in layers.left_out:
        findings.warn(
            "layer-left-out",
            f"the first layer was read; {name!r} was not, with {rows:,} row"
            f"{'' if rows == 1 else 's'}. Name it as `layer` if it is meant.",
            file=file,
            rows=rows,
        )


def require_whole(path: Path) -> None:
    """Refuse a Shapefile that lacks one of the files it cannot be read without."""
    lost = [
        ending
        for ending in (".shx", ".dbf")
        if path.suffix.lower() == ".shp" and path.exists() and beside(path, ending) is None
    ]
    require(
        not lost,
        f"a Shapefile is several files, and {' and '.join(lost)} is missing. Copy all files of "
        "that name together, or ask for a GeoPackage.",
        DataError,
        rule="unreadable",
        file=path.name,
    )


def read_wkt(path: Path) -> Layers | None:
    """The rows of a table with outlines as text, or of a text of outlines; None where it has none.

    A text carries no coordinate system unless it is EWKT: degrees and metres of the British
    National Grid are told from one another by their size, and which was taken is remarked.
    """
    ending = path.suffix.lower()
    if ending not in (*TABLES, *TEXTS):
        return None
    try:
        if ending in TABLES:
            table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        else:
            parts = [part for part in NEXT.split(path.read_text("utf-8-sig")) if part.strip()]
            ids = [f"{path.stem} {at}" if len(parts) > 1 else path.stem for at, _ in
                   enumerate(parts, 1)]  # fmt: skip
            table = pd.DataFrame({"zone_id": ids, "zone_name": ids, "wkt": parts}, dtype=object)
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError):
        return None
    found = [name for name in table.columns if _are_outlines(table[name])]
    return _placed(table, found[0]) if found else None


def _are_outlines(texts: pd.Series) -> bool:
    given = texts[texts.str.strip() != ""]
    return bool(len(given)) and bool(given.map(lambda text: bool(OUTLINE.match(text))).all())


def _placed(table: pd.DataFrame, column: str) -> Layers:
    """Outlines that cannot be read are missing, as those of any vector file."""
    marks = table[column].map(lambda text: (OUTLINE.match(text) or [None, None])[1])
    bare = table[column].str.replace(r"^\s*SRID=\d+;", "", regex=True)
    shapes = shapely.from_wkt(bare.to_numpy(dtype=object), on_invalid="ignore")
    systems = set(marks.dropna())
    crs = f"EPSG:{systems.pop()}" if len(systems) == 1 else None
    remarks: tuple[str, ...] = ()
    if crs is None and not systems:
        crs = _by_size(shapely.total_bounds(shapes))
        remarks = (
            f"outlines as text carry no coordinate system; by their size they are in {crs}.",
        )
    rows = gpd.GeoDataFrame(table.drop(columns=column), geometry=shapes, crs=crs)
    return Layers(rows, remarks if crs else ())


def _by_size(bounds: Any) -> str | None:
    for box, system in ((DEGREES, "EPSG:4326"), (WHOLE_GRID, BRITISH_NATIONAL_GRID)):
        if np.all(bounds[:2] >= box[:2]) and np.all(bounds[2:] <= box[2:]):
            return system
    return None
