"""The one door to vector files, for zones and incidents alike: judged, read, counted anew."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.errors import DataError, listing, require
from hotspots.io.count_rows import (
    beside,
    features,
    geodatabase_rows,
    is_a_part,
    json_lines,
    mid_rows,
    require_all,
    shapefile_rows,
    table_rows,
    xml_features,
)
from hotspots.io.guard import DATABASES, FOLDER, JSON, judged, open_database, told

A_PART = (
    "the service that wrote it sent only some of its features (exceededTransferLimit): ask for the "
    "others too, page by page."
)


@dataclass(frozen=True)
class Layers:
    """What came out of a vector file: its rows, what GDAL remarked, and layers not read."""

    rows: pd.DataFrame
    remarks: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()


def read_vector(
    path: Path,
    *,
    layer: str | None = None,
    name: str | None = None,
    all_alike: bool = False,
    largest_gib: float = LARGEST_GIB,
) -> Layers:
    """Rows of a vector file, a GeoDataFrame where they have geometry; none is lost in silence.

    Parameters
    ----------
    path : path
        The file, or the folder of a File Geodatabase; zip archives are for ``io/guard.py``.
    layer : str, optional
        Which layer; the first by default.
    name : str, optional
        What to call it in messages.
    all_alike : bool
        Without `layer`: read every layer that has the columns of the first.
    largest_gib : float
        Most gibibytes it may hold.

    Returns
    -------
    Layers
        Outlines that are none (a ring of two points, a coordinate that is no number) are missing.

    Raises
    ------
    DataError
        For what is no ordinary file, is too large, computes its rows, leads to other files,
        cannot be read, has no such layer, or of which a row would be lost.
    """
    name = name or path.name
    file = judged(path, name, layer=layer, largest_gib=largest_gib)
    chosen, others = _chosen(file, _layers(file, name), layer, name, all_alike)
    tables, remarks = zip(*(_rows_of(file, name, one) for one in chosen), strict=True)
    with told(name):
        remarks += (_require_all_rows(file, dict(zip(chosen, tables, strict=True)), others, name),)
    rows = tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)
    left_out = tuple((other, _stated(file, other)) for other in others)
    said = dict.fromkeys(remark for some in remarks for remark in some)
    if len(chosen) > 1:
        said[f"its layers {listing(chosen)} have the same columns; all were read."] = None
    return Layers(rows, tuple(said), left_out)


def layer_names(path: Path) -> list[str]:
    """Names of the layers of a vector file."""
    return [name for name, _ in _layers(judged(path), path.name)]


def columns_of(path: Path, layer: str | None = None) -> tuple[str, ...]:
    """Names of the columns of a layer, of the first by default."""
    file = judged(path, layer=layer)
    return _columns(file, layer or _layers(file, path.name)[0][0], path.name)


def _gdal() -> Any:
    """GDAL, told not to fetch what a file names."""
    import pyogrio

    pyogrio.set_gdal_config_options({"GML_DOWNLOAD_SCHEMA": "NO"})
    return pyogrio


def _layers(file: Path, name: str) -> list[tuple[str, str | None]]:
    """Names and kinds of geometry. Of a GML as a part of a file: GDAL writes nothing beside one."""
    door = f"/vsisubfile/0_-1,{file}" if _is_gml(file) else file
    with told(name), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said again when rows are read
        return [(str(one), kind) for one, kind in _gdal().list_layers(door)]


def _is_gml(file: Path) -> bool:
    return file.suffix.lower() == ".gml"


def _no_files(file: Path) -> dict[str, str]:
    """What keeps GDAL from writing beside a file; others than GML know no such option."""
    return {"WRITE_GFS": "NO"} if _is_gml(file) else {}


def _chosen(
    file: Path, layers: list[tuple[str, str | None]], layer: str | None, name: str, all_alike: bool
) -> tuple[list[str], list[str]]:
    """The layers to read, and those that are not and have rows of their own."""
    names = [one for one, _ in layers]
    if layer is not None or not names:
        require(
            layer in names,
            f"a layer {layer!r} was expected; it has {listing(names) or 'none'}.",
            DataError,
            rule="no-such-layer",
            file=name,
        )
        return [str(layer)], []
    first = next((one for one, kind in layers if kind is not None), names[0])
    if len(names) == 1:
        return [first], []
    columns = {one: _columns(file, one, name) for one in names}
    alike = [one for one in names if all_alike and columns[one] == columns[first]]
    chosen = alike or [first]
    # Beside outlines a table without any, such as of styles, is not meant.
    drawn = not all_alike and dict(layers)[first] is not None
    meant = {one for one, kind in layers if kind is not None or not drawn}
    return chosen, [one for one in names if one in meant and one not in chosen]


def _columns(file: Path, layer: str, name: str) -> tuple[str, ...]:
    with told(name):
        return tuple(map(str, _gdal().read_info(file, layer=layer, **_no_files(file))["fields"]))


def _stated(file: Path, layer: str) -> int:
    options = {"force_feature_count": True, **_no_files(file)}
    return int(_gdal().read_info(file, layer=layer, **options)["features"])


def _rows_of(file: Path, name: str, layer: str) -> tuple[pd.DataFrame, list[str]]:
    """One layer. A filter that all rows pass keeps GDAL from believing a number beside them."""
    options: dict[str, Any] = {"layer": layer, "on_invalid": "ignore", **_no_files(file)}
    if file.suffix.lower() in DATABASES:
        options["where"] = "1=1"
    with told(name), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", message="Non-conformant content")
        if file.suffix.lower() == ".shp":
            rows, remarks = _with_encoding(file, options)
        else:
            rows, remarks = _gdal().read_dataframe(file, **options), []
    said = [f"{str(one.message).splitlines()[0].rstrip('. ')}." for one in caught]
    return rows, [*remarks, *dict.fromkeys(said)]


def _with_encoding(file: Path, options: dict[str, Any]) -> tuple[pd.DataFrame, list[str]]:
    """A Shapefile as UTF-8 if its text can be that, whatever it says of itself; else as Latin-1."""
    said = _stated_encoding(file)
    try:
        return _gdal().read_dataframe(file, encoding="UTF-8", **options), []
    except UnicodeDecodeError:
        used = said if said and said.replace("-", "").upper() != "UTF8" else "ISO-8859-1"
    try:
        rows = _gdal().read_dataframe(file, encoding=used, **options)
    except (LookupError, UnicodeDecodeError):
        used = "ISO-8859-1"
        rows = _gdal().read_dataframe(file, encoding=used, **options)
    if said and used != said:
        return rows, [
            f"its .cpg file says that its text is {said}, which it is not; it was read as {used}: "
            "check names with accents."
        ]
    return rows, []


def _stated_encoding(path: Path) -> str:
    file = beside(path, ".cpg")
    return file.read_bytes()[:40].decode("ascii", "replace").strip() if file else ""


def _require_all_rows(
    file: Path, tables: dict[str, pd.DataFrame], others: list[str], name: str
) -> list[str]:
    """Hold what came against a count of another kind, where there is one; a part is remarked."""
    ending, came = file.suffix.lower(), sum(map(len, tables.values()))
    if ending in DATABASES:
        with open_database(file, name) as opened:
            for layer, rows in tables.items():
                require_all(len(rows), table_rows(opened, layer), name)
    elif ending in (".geojsonl", ".geojsons"):
        require_all(came, json_lines(file.read_bytes()), name)
    elif ending in JSON:
        content = _parsed(file.read_bytes())
        counted, why = features(content)
        require_all(came, counted, name, why=why)
        return [A_PART] if is_a_part(content) else []
    elif ending in (".kml", ".gml") and not others:
        list_of_fields = beside(file, ".gfs")
        why = f"{list_of_fields.name} beside it names others; delete that" if list_of_fields else ""
        require_all(came, xml_features(file.read_bytes(), name), name, why=why)
    elif ending == ".fgb":
        require_all(came, _stated(file, next(iter(tables))), name)
    elif ending == ".mif":
        require_all(came, mid_rows(file), name)
    elif ending == FOLDER:
        catalogue = _gdal().read_dataframe(file, layer="GDB_SystemCatalog", fid_as_index=True)
        numbers = {str(one): int(number) for number, one in catalogue["Name"].items()}
        for layer, rows in tables.items():
            require_all(len(rows), geodatabase_rows(file, numbers.get(layer)), name)
    elif ending == ".shp":
        require_all(came, shapefile_rows(file), name)
    return []


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def path_and_layer(given: str) -> tuple[Path, str | None]:
    """Take ``FILE:LAYER`` apart; a path that exists is a path, colons and all.

    Examples
    --------
    >>> str(path_and_layer("no such file.gpkg:roads")[0])
    'no such file.gpkg:roads'
    """
    path, _, layer = given.rpartition(":")
    if not Path(given).exists() and path and Path(path).is_file():
        return Path(path), layer
    return Path(given), None


@contextmanager
def fixed_clock(stamp: str) -> Iterator[None]:
    """GDAL writes this time as the time of change instead of the clock's.

    Nor does it wait for the disk after every layer: the file takes its place when it is whole.
    """
    import pyogrio

    options = {"OGR_CURRENT_DATE": stamp, "OGR_SQLITE_SYNCHRONOUS": "OFF"}
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
