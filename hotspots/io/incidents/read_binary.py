"""Files that are no text: GeoPackage, GeoJSON, Parquet, and the API of data.police.uk.

Each becomes the same table of text as a CSV file, and is judged by the same rules.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.archives import too_large
from hotspots.core.errors import DataError, Finding, require_extra
from hotspots.io.count_rows import is_features, require_all
from hotspots.io.guard import reason_of, told
from hotspots.io.incidents.area import same_system
from hotspots.io.incidents.encoding import Text
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.find_files import DATABASE, FileToRead
from hotspots.io.incidents.parse_numbers import GEOMETRY
from hotspots.io.incidents.parse_text import Texts
from hotspots.io.incidents.read_csv import TextTable
from hotspots.io.postgis import table_of
from hotspots.io.read_vector import Layers, read_vector

API_COLUMNS: dict[str, tuple[str, ...]] = {
    "Crime ID": ("persistent_id",),
    "Month": ("month",),
    "Longitude": ("location", "longitude"),
    "Latitude": ("location", "latitude"),
    "Location": ("location", "street", "name"),
    "Crime type": ("category",),
    "Location type": ("location_type",),
}
CELL_BYTES = 8
BATCH_ROWS = 2**16


@dataclass(frozen=True)
class Opened:
    """A table whose header is known, and whose rows can be read; what its reader remarked.

    `read` takes the columns that are wanted; of a text also which of them are `numbers`. `part` is
    the sheet of a workbook, `rows` how many are filled below its header.
    """

    header: list[str]
    read: Callable[..., TextTable]
    text: Text | None = None
    has_geometry: bool = False
    degrees: bool = False
    is_api: bool = False
    notes: tuple[Finding, ...] = ()
    part: str | None = None
    rows: int = 0
    header_line: int = 1

    def layout(self, fields: FieldMap | None) -> FieldMap | None:
        """The layout that follows from the kind of file, or from a map that asks for geometry."""
        if fields is None:
            return FieldMap.police_uk_api() if self.is_api else None
        if not fields.geometry:
            return fields
        if not self.has_geometry:
            raise DataError(
                f"the field map {fields.name!r} takes places from geometry; the file has none. "
                "Name its columns with coordinates instead.",
                rule="no-geometry",
            )
        names = ("longitude", "latitude") if self.degrees else ("easting", "northing")
        pair = dict(zip(names, GEOMETRY, strict=True))
        return replace(fields, geometry=False, coordinate_system=None, **pair)  # type: ignore[arg-type]


def open_source(source: FileToRead, data: bytes, fields: FieldMap | None, crs: Any) -> Opened:
    """Open a file that is neither text nor a workbook."""
    if source.ending in (".json", ".json.gz"):
        return _open_json(source, data, fields, crs)
    return _open_geometry(source, data, fields, crs)


def _open_json(source: FileToRead, data: bytes, fields: FieldMap | None, crs: Any) -> Opened:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"JSON was expected; {error}. Download it again.", rule="not-json", file=source.name
        ) from error
    if is_features(content):
        return _open_geometry(source, data, fields, crs)
    if not isinstance(content, list) or not all(isinstance(entry, dict) for entry in content):
        raise DataError(
            "a list of records, as the API of data.police.uk gives them, or GeoJSON, was expected; "
            "this is other JSON. Export it as one of them, or as CSV.",
            rule="other-json",
            file=source.name,
        )
    numbers = list(range(1, len(content) + 1))
    if content and not any("category" in entry and "month" in entry for entry in content):
        return _open_records(content, numbers)
    columns = [[_dig(entry, path) for entry in content] for path in API_COLUMNS.values()]
    header = list(API_COLUMNS)
    return Opened(header, in_columns(header, columns, numbers), rows=len(content), is_api=True)


def _open_records(content: list[dict[str, Any]], numbers: list[int]) -> Opened:
    """Records as portals export them, one entry an incident; a column is what any of them names."""
    header = list(dict.fromkeys(name for entry in content for name in entry))
    columns = [[entry.get(name) for entry in content] for name in header]
    return Opened(header, in_columns(header, columns, numbers), rows=len(content))


def _dig(entry: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        entry = entry.get(name) if isinstance(entry, dict) else None
    return entry


def _layers(source: FileToRead, data: bytes, fields: FieldMap | None) -> Layers:
    """The rows of a file, all of them, and what its reader remarked."""
    if source.ending == ".parquet":
        return Layers(_parquet(source, data))
    if source.ending == DATABASE:
        return Layers(table_of(data))
    with source.on_disk(data) as path:
        return read_vector(
            path,
            name=source.name,
            layer=fields.layer if fields else None,
            all_alike=True,
            largest_gib=source.largest_gib,
        )


def _remarks(layers: Layers) -> tuple[Finding, ...]:
    """What was remarked, and layers not read, with what to do."""
    left_out = (
        f"the layer {name!r} was left out, with {rows:,} row{'s' if rows != 1 else ''}: its "
        "columns are others. Name it as 'layer' in the field map if it holds the incidents."
        for name, rows in layers.left_out
    )
    return tuple(Finding("reader", one, "warning") for one in (*layers.remarks, *left_out))


def _parquet(source: FileToRead, data: bytes) -> pd.DataFrame:
    require_extra("pyarrow", "parquet", f"reading {source.name}")
    from pyarrow import parquet

    try:
        judge_parquet(data, source.name, source.largest_gib)
        about = parquet.read_metadata(io.BytesIO(data))
        described = parquet.read_schema(io.BytesIO(data)).metadata or {}
        read = gpd.read_parquet if b"geo" in described else pd.read_parquet
        table: pd.DataFrame = read(io.BytesIO(data))  # type: ignore[arg-type]  # both read open files
    except DataError:
        raise
    except Exception as error:
        raise DataError(
            f"a readable parquet file was expected; {reason_of(error)}. Export it again, or as "
            "CSV.",
            rule="unreadable",
            file=source.name,
        ) from error
    require_all(len(table), about.num_rows, source.name)
    return table


def _open_geometry(source: FileToRead, data: bytes, fields: FieldMap | None, crs: Any) -> Opened:
    layers = _layers(source, data, fields)
    with told(source.name):  # some columns are only decoded now
        return opened_frame(layers.rows, crs, notes=_remarks(layers))


def opened_frame(frame: pd.DataFrame, crs: Any, *, notes: tuple[Finding, ...] = ()) -> Opened:
    """A table with or without geometry; rows are numbered from 1."""
    plain = pd.DataFrame(frame.drop(columns=_geometry_of(frame)))
    columns = [plain.iloc[:, place].tolist() for place in range(plain.shape[1])]
    header = [str(name).strip() for name in plain.columns]
    degrees = False
    if isinstance(frame, gpd.GeoDataFrame):
        geometry = frame.geometry
        if geometry.crs is None:
            raise DataError(
                "the geometry has no coordinate system. Save it with one (of a Shapefile the "
                ".prj; in QGIS: Layer, Set CRS, then Export).",
                rule="no-crs",
            )
        degrees = not same_system(geometry.crs, crs)
        header += GEOMETRY
        single, several = _single(geometry)
        notes += several
        columns += _coordinates(single, "EPSG:4326" if degrees else None)
    numbers = list(range(1, len(frame) + 1))
    read = in_columns(header, columns, numbers)
    located = isinstance(frame, gpd.GeoDataFrame)
    rows = len(frame)
    return Opened(header, read, has_geometry=located, degrees=degrees, notes=notes, rows=rows)


def _geometry_of(frame: pd.DataFrame) -> list[str]:
    return [str(frame.geometry.name)] if isinstance(frame, gpd.GeoDataFrame) else []


def _single(geometry: gpd.GeoSeries) -> tuple[gpd.GeoSeries, tuple[Finding, ...]]:
    """Points that a program promoted to many are one again, where they are one; and a note."""
    many = geometry.geom_type.eq("MultiPoint") & geometry.count_geometries().eq(1)
    rows = int(many.sum())
    if not rows:
        return geometry, ()
    said = f"points that were saved as collections of one point each, and read as points: {rows:,}."
    note = Finding("one-point-each", said, "note", rows=rows)
    return geometry.where(~many, geometry.get_geometry(0)), (note,)


def _coordinates(geometry: gpd.GeoSeries, to: str | None) -> list[list[Any]]:
    """X and y of points; the kind of geometry, as a text that is no number, of all others."""
    geometry = geometry.to_crs(to) if to else geometry
    is_point = (geometry.geom_type == "Point") & ~geometry.is_empty
    nothing = geometry.isna() | geometry.is_empty
    points = geometry.where(is_point)
    kinds = geometry.geom_type.where(~nothing, "")
    return [
        np.where(is_point, values.astype(object), kinds.astype(object)).tolist()
        for values in (points.x, points.y)
    ]


def in_columns(
    header: list[str], columns: list[list[Any]], numbers: list[int]
) -> Callable[[Iterable[int]], TextTable]:
    """Reads wanted columns as text."""

    def read(places: Iterable[int]) -> TextTable:
        cells = {place: Texts.of(_texts(columns[place])) for place in places}
        rows = _Rows(columns, {number: place for place, number in enumerate(numbers)})
        lines = np.array(numbers, dtype=np.int64)
        return TextTable(header, cells, lines, [], 0, ",", "utf-8", rows)

    return read


def _texts(cells: list[Any]) -> list[str]:
    """Cells as a CSV file would write them; beside times of day a midnight is one of them."""
    moments = (cell for cell in cells if isinstance(cell, datetime) and not pd.isna(cell))
    timed = any(moment.time() != time() for moment in moments)
    return [as_text(cell, timed=timed) for cell in cells]


@dataclass(frozen=True)
class _Rows:
    """Rows as one line of text each, by number."""

    columns: list[list[Any]]
    places: dict[int, int]

    def __getitem__(self, number: int) -> str:
        place = self.places[number]
        return ",".join(as_text(column[place]) for column in self.columns)


def as_text(cell: Any, *, timed: bool = False) -> str:
    """A cell as a CSV file would write it: days without midnight, whole numbers without a point."""
    if isinstance(cell, np.ndarray):  # a list, as GeoJSON and Parquet may hold in a cell
        return as_text(cell[0]) if len(cell) == 1 else str(cell.tolist())
    if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell:
        return ""
    if isinstance(cell, datetime):
        if cell.tzinfo is None and cell.time() == time() and not timed:
            return cell.date().isoformat()
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    # Fifteen digits, which floats and spreadsheets keep; a longer number is none that anyone typed.
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def judge_parquet(data: bytes, name: str, largest_gib: float) -> None:
    """Refuse a Parquet file that would fill the memory: a few bytes can stand for many rows.

    First by its list of contents, in which a cell counts 8 bytes at least; then texts, which may be
    kept once and repeated, are summed while they are still kept once.
    """
    from pyarrow import parquet

    about = parquet.ParquetFile(io.BytesIO(data)).metadata
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    columns = [group.column(number) for group in groups for number in range(group.num_columns)]
    held = sum(max(one.total_uncompressed_size, one.num_values * CELL_BYTES) for one in columns)
    texts = {one.path_in_schema for one in columns if one.physical_type == "BYTE_ARRAY"}
    whole = sorted(texts & set(about.schema.to_arrow_schema().names))
    if held <= largest_gib * 2**30 and whole:
        held += _texts_held(data, whole, largest_gib)
    if held > largest_gib * 2**30:
        raise too_large(name, largest_gib, can_raise=True)


def _texts_held(data: bytes, names: list[str], largest_gib: float) -> int:
    """Bytes of all texts once each stands for itself; counting ends where it is too much."""
    from pyarrow import compute, parquet

    file = parquet.ParquetFile(io.BytesIO(data), read_dictionary=names)
    held = 0
    for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=names):
        for column in batch.columns:
            # Of each distinct text once, then looked up by row, without making the texts.
            lengths = compute.binary_length(column.dictionary).take(column.indices)
            held += compute.sum(lengths.cast("int64")).as_py() or 0
        if held > largest_gib * 2**30:
            break
    return held
