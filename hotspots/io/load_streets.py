"""Streets from vector files: OS Open Roads, OpenStreetMap, or any lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.core.arguments import has_record, path_of
from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_metres, require_same_crs
from hotspots.core.errors import DataError, Finding, Findings, listing, require
from hotspots.core.grids.junctions import split_at_junctions
from hotspots.io.read_vector import layer_names
from hotspots.io.zones.read import read_layer

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

LINKS = "road_link"
UNBUILT = ("proposed", "construction", "abandoned", "razed", "demolished")
DATABASES = (".gpkg", ".sqlite")


@dataclass(frozen=True)
class StreetSource:
    """Columns of a known source of streets: by which it is known, and what is read from which."""

    source: str
    known_by: frozenset[str]
    street_id: tuple[str, ...]
    street_name: tuple[str, ...]
    road_class: tuple[str, ...]
    cut: bool


LAYOUTS = (
    StreetSource(
        "OS Open Roads", frozenset({"start_node", "end_node", "road_function"}), ("id",),
        ("name_1", "road_classification_number"), ("road_function",), cut=True,
    ),
    StreetSource(
        "OS Open Roads", frozenset({"startnode", "endnode", "formofway"}), ("identifier",),
        ("name1", "roadnumber"), ("function", "class"), cut=True,
    ),
    StreetSource(
        "OS Open Roads", frozenset({"street_id", "start_node", "end_node"}), ("street_id",),
        ("street_name",), ("road_class",), cut=True,
    ),
    StreetSource(
        "OpenStreetMap", frozenset({"osm_id", "fclass"}), ("osm_id",), ("name", "ref"),
        ("fclass",), cut=False,
    ),
    StreetSource(
        "OpenStreetMap", frozenset({"highway"}), ("osm_id", "@id", "id"), ("name", "ref"),
        ("highway",), cut=False,
    ),
    StreetSource(
        "lines", frozenset(), ("street_id",), ("street_name", "name"), ("road_class",), cut=False,
    ),
)  # fmt: skip
"""Judged in this order, by columns in lower case; OS Open Roads has one cut for GeoPackages, one
for Shapefiles and ours of a district; OpenStreetMap comes from Geofabrik, or as GDAL and Overpass
give it."""


def load_streets(
    path: str | Path,
    *,
    id_field: str | None = None,
    name_field: str | None = None,
    layer: str | None = None,
    crs: Any = BRITISH_NATIONAL_GRID,
    within: gpd.GeoDataFrame | None = None,
    crossings: bool = False,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Read streets from a vector file of lines, cut at their junctions.

    Parameters
    ----------
    path : path
        OS Open Roads (GeoPackage or Shapefile), an extract of OpenStreetMap, or any lines; zipped
        or not. It is only read.
    id_field, name_field : str, optional
        Columns with the identifier and the name, where the layout is not known.
    layer : str, optional
        Layer of a GeoPackage; the road links of OS Open Roads, else the first.
    crs : optional
        Metric coordinate system of the result; British National Grid by default.
    within : GeoDataFrame, optional
        The study area: only streets that touch it are kept, each whole.
    crossings : bool
        Cut lines where they merely cross, too; see :func:`split_at_junctions`.
    record : RunRecord, optional
        Gets what was read, cut and left out.

    Returns
    -------
    GeoDataFrame
        By ``street_id``: ``street_name`` (else the road number, else missing), ``road_class``
        (missing where unknown), and a line in metres. OS Open Roads stays as it is cut.

    Raises
    ------
    DataError
        For a file that cannot be read, without lines, or without the columns named.

    Notes
    -----
    It misleads where footpaths are left out, or private roads and car parks: incidents there are
    put on the nearest street that was drawn. Roads that are only planned are left out.

    References
    ----------
    Ordnance Survey, OS Open Roads, technical specification; OpenStreetMap wiki, Key:highway.

    Examples
    --------
    >>> import tempfile
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=1_000)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "streets.gpkg"
    ...     town.streets.reset_index().to_file(file, engine="pyogrio")
    ...     len(hs.streets.load_streets(file)), len(hs.streets.load_streets(file, crossings=True))
    (2895, 8249)
    """
    file = path_of(path)
    findings = Findings()
    raw = read_layer(file, layer or _links(file), what="streets", findings=findings)
    layout = _layout(raw)
    streets = _columns(raw, layout, id_field, name_field, file.name)
    streets = _built(streets, layout, findings, file.name).to_crs(crs)
    require_metres(streets, "streets")
    if within is not None:
        require_same_crs(streets, within, ("streets", "within"))
        streets = streets[streets.intersects(within.geometry.union_all())]
    require(
        len(streets) > 0,
        "streets in the study area were expected; none of the lines touches it.",
        DataError,
        rule="no-lines",
        file=file.name,
    )
    whole = layout.cut and not crossings
    cut = streets if whole else split_at_junctions(streets, crossings=crossings)
    if has_record(record):
        record.find(*findings)
        record.choose("load_streets", source=layout.source, streets=len(streets), segments=len(cut))
    return cut


def street_columns(raw: gpd.GeoDataFrame, file: str) -> gpd.GeoDataFrame:
    """Lines of a known source by ``street_id``, with name and class, uncut and where they are."""
    return _columns(raw, _layout(raw), None, None, file)


def _links(file: Path) -> str | None:
    """The road links of OS Open Roads, whose file holds junctions too."""
    if file.suffix.lower() not in DATABASES or not file.is_file():
        return None
    return next((name for name in layer_names(file) if name.lower() == LINKS), None)


def _layout(raw: gpd.GeoDataFrame) -> StreetSource:
    names = {str(name).lower() for name in raw.columns}
    return next(layout for layout in LAYOUTS if layout.known_by <= names)


def _columns(
    raw: gpd.GeoDataFrame,
    layout: StreetSource,
    id_field: str | None,
    name_field: str | None,
    file: str,
) -> gpd.GeoDataFrame:
    """Identifier, name and class of every line; what is no line is refused."""
    own = {str(name).lower(): raw[name] for name in raw.columns if name != raw.geometry.name}
    for option, field in (("id_field", id_field), ("name_field", name_field)):
        require(
            field is None or field.lower() in own,
            f"`{option}` must be a column of the streets; got {field!r}, they have "
            f"{listing(raw.columns, most=30)}.",
            DataError,
            rule="no-such-column",
            file=file,
        )
    drawn = raw.geometry.geom_type.isin(["LineString", "MultiLineString"])
    require(
        bool(drawn.all()),
        f"streets are lines; {int((~drawn).sum()):,} of {len(raw):,} rows are not.",
        DataError,
        rule="no-lines",
        file=file,
    )
    table = {
        "street_name": _first_known(own, (name_field,) if name_field else layout.street_name, raw),
        "road_class": _first_known(own, layout.road_class, raw),
    }
    ids = _first_known(own, (id_field,) if id_field else layout.street_id, raw)
    if ids.isna().any() or ids.duplicated().any():
        ids = pd.Series([f"street-{row:05d}" for row in range(1, len(raw) + 1)], index=raw.index)
    index = pd.Index(ids.to_numpy(dtype=object), name="street_id", dtype=object)
    lines = shapely.force_2d(np.asarray(raw.geometry.array))
    return gpd.GeoDataFrame(table, geometry=lines, crs=raw.crs).set_axis(index)


def _first_known(
    own: Mapping[str, pd.Series], names: tuple[str, ...], raw: gpd.GeoDataFrame
) -> pd.Series:
    """The first of these columns that says anything, row by row, as text."""
    found = pd.Series(None, index=raw.index, dtype=object)
    for name in names:
        if name.lower() in own:
            column = own[name.lower()]
            if pd.api.types.is_float_dtype(column) and (column.dropna() % 1 == 0).all():
                column = column.astype("Int64")  # numbers of a Shapefile are floats
            text = column.astype(object)
            text = text.where(text.isna(), text.astype(str).str.strip()).replace("", None)
            found = found.where(found.notna(), text)
    return found


def _built(
    streets: gpd.GeoDataFrame, layout: StreetSource, findings: Findings, file: str
) -> gpd.GeoDataFrame:
    """Without lines that are no roads (a waterway has no `highway`), or none yet."""
    if layout.source != "OpenStreetMap":
        return streets
    road = streets["road_class"].notna() & ~streets["road_class"].isin(UNBUILT)
    gone = int((~road).sum())
    if gone:
        findings.add(
            Finding(
                "no-roads",
                f"{gone:,} of {len(streets):,} lines are no roads, or none that are built yet; "
                "they are left out.",
                "note",
                rows=gone,
                file=file,
            )
        )
    return streets[road]
