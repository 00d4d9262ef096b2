"""One GeoPackage with every layer of a run, styled for QGIS."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import GeometryType, get_type_id

from hotspots.core.arguments import path_of
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import Findings, InputError, require
from hotspots.core.months import clock_of
from hotspots.core.periods import Period
from hotspots.core.plain import clean_text
from hotspots.core.tables import TIMEZONE
from hotspots.disclosure import Release, as_release
from hotspots.io.read_vector import fixed_clock
from hotspots.offences.themes import theme_in_words
from hotspots.report.about import ABOUT_TABLE, OWN_TABLES, PROJECT_TABLE, Fact, facts
from hotspots.report.files import EPOCH, plain_table, replacing
from hotspots.report.layers import layers_of, leave_out_withheld, release_layers, telling
from hotspots.report.qgis_project import ProjectLayer, project_rows
from hotspots.report.qgis_style import flag_parts, layer_parts, style_document
from hotspots.report.symbology import BEYOND, zone_lines
from hotspots.report.text.words import capital, kind_label, kind_name

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

GEOMETRY_COLUMN = "geom"
READABLE = {"VERSION": "1.3"}
"""Older versions of QGIS warn of a newer one, layer by layer."""
LONG = 1_000
_RESERVED_STARTS = ("gpkg_", "rtree_", "sqlite_")
_FAMILIES = {
    "MultiPolygon": {GeometryType.POLYGON, GeometryType.MULTIPOLYGON},
    "Point": {GeometryType.POINT},
    "MultiLineString": {
        GeometryType.LINESTRING,
        GeometryType.MULTILINESTRING,
        GeometryType.LINEARRING,
    },
}


def write_geopackage(
    layers: Release | pd.DataFrame | Mapping[str, pd.DataFrame],
    path: str | Path,
    *,
    record: RunRecord | None = None,
) -> Path:
    """Write areas and zones as one GeoPackage in British National Grid that opens styled in QGIS.

    Parameters
    ----------
    layers : Release, GeoDataFrame, or mapping of str to GeoDataFrame or DataFrame
        A release, one table (its layer is called like the file), or layers by name, in any metric
        or geographic coordinate system, for instance
        ``{"cells_asb": cells, "clusters_asb": clusters, "wards": wards}``. Tables with
        ``zone_name`` are drawn as labelled outlines, clusters as outlines, other areas in classes
        of ``incident_count``, all as on the page. Counts of areas by period need no shapes and
        become a plain table; the classes are then those of every period.
    path : path
        A name that ends in ``.gpkg``; an older file of that name is replaced at the end, so that
        a failure leaves it as it was.
    record : RunRecord, optional
        For bare layers, which are released together for the record's audience. Marking, title,
        caveats, attributions and row accounting go into the table ``about_this_product``, title and
        marking into the description of every layer.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        For no layers, layer names a GeoPackage cannot have, layers without coordinate system, or a
        file that is open elsewhere; all faults of the layers together.

    Notes
    -----
    Times are written as ISO text with their offset: a GeoPackage would turn the first of July,
    local time, into the last of June. The index becomes a column. A layer copied out of the file
    leaves the caveats behind; the marking stays in its description only.

    References
    ----------
    OGC 12-128r18, GeoPackage Encoding Standard 1.3.1, https://www.geopackage.org/spec131/

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA - DEMONSTRATION", audience="public")
    >>> wards = hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))
    >>> folder = getfixture("tmp_path")
    >>> write_geopackage({"wards": wards}, folder / "leeds.gpkg", record=record).name
    'leeds.gpkg'
    """
    if isinstance(layers, Release):
        released = as_release(layers, None)
        safe = layers_of(released)
        _check(safe)
    else:
        if isinstance(layers, pd.DataFrame):
            layers = {path_of(path).stem: layers}
        require(
            isinstance(layers, Mapping),
            "`layers` must be a release, a table, or tables by the name of their layer; "
            f"got {type(layers).__name__}.",
        )
        _check(layers)
        safe, released = release_layers(layers, record)
    left = {name: leave_out_withheld(frame) for name, frame in safe.items()}
    safe = {name: frame for name, (frame, _) in left.items()}
    record = telling(released.record, [column for _, gone in left.values() for column in gone])
    with replacing(path, ".gpkg") as temporary:
        with fixed_clock(_stamp(record)):
            for name, frame in safe.items():
                _write_layer(temporary, name, frame)
        _finish(temporary, safe, record, released, Path(path).name)
    return Path(path)


def _check(layers: Mapping[str, pd.DataFrame]) -> None:
    findings = Findings()
    if not layers:
        findings.error("no-layers", "`layers` must hold at least one layer; got none.")
    seen: set[str] = set()
    for name, frame in layers.items():
        lowered = str(name).lower()
        reserved = lowered in OWN_TABLES or lowered.startswith(_RESERVED_STARTS)
        if reserved or not lowered.strip() or clean_text(name) != name or lowered in seen:
            findings.error(
                "layer-name",
                f"a layer cannot be called {name!r}: the name is empty, reserved, or differs from "
                'another one only in case. Choose another, e.g. "cells_asb".',
            )
        seen.add(lowered)
        plain = _is_by_period(frame) or "breakdown" in getattr(frame, "columns", ())
        came: object = None if plain else type(frame)
        if isinstance(frame, gpd.GeoDataFrame):
            came = None if frame.crs is not None else "no coordinate system"
        if came:
            findings.error(
                "layer-table",
                f"layer {name!r} must be a GeoDataFrame with a coordinate system; got {came}.",
            )
    findings.raise_errors(InputError)


def _stamp(record: RunRecord) -> str:
    return f"{(record.made_on or EPOCH).isoformat()}T00:00:00.000Z"


def _is_by_period(frame: Any) -> bool:
    return isinstance(frame, pd.DataFrame) and {"area_id", "period"} <= {
        *frame.index.names,
        *frame.columns,
    }


def _write_layer(path: Path, name: str, frame: pd.DataFrame) -> None:
    import pyogrio

    table = plain_table(frame)
    written, options = _without_clashes(table), dict[str, Any]()
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = gpd.GeoSeries(frame.geometry.to_crs(BRITISH_NATIONAL_GRID).reset_index(drop=True))
        written = gpd.GeoDataFrame(written, geometry=shapes.rename(GEOMETRY_COLUMN))
        family = _family(shapes)
        # A layer has one type, and tables mix areas of one part with some of several.
        options = {
            "geometry_type": family,
            "promote_to_multi": family.startswith("Multi"),
            "layer_options": {"GEOMETRY_NAME": GEOMETRY_COLUMN, "FID": "fid"},
        }
    pyogrio.write_dataframe(
        written,
        path,
        layer=name,
        driver="GPKG",
        dataset_options=READABLE,
        # As a whole: the same bytes, sooner where it is long.
        use_arrow=len(table) >= LONG and find_spec("pyarrow") is not None,
        **options,
    )


def _without_clashes(table: pd.DataFrame) -> pd.DataFrame:
    """Columns that would collide with the file's own row number and shape get a new name."""
    ours = {"fid", GEOMETRY_COLUMN}
    # Whatever their case: SQLite does not tell names of columns by it.
    return table.rename(columns={name: f"{name}_" for name in table if str(name).lower() in ours})


def _family(shapes: gpd.GeoSeries) -> str:
    """The type of layer that holds all shapes; polygons where there are none."""
    kinds = {*np.unique(get_type_id(shapes.to_numpy())).tolist()} - {GeometryType.MISSING}
    fits = [family for family, members in _FAMILIES.items() if kinds <= members]
    return fits[0] if fits else "Unknown"


def _finish(
    path: Path,
    layers: Mapping[str, pd.DataFrame],
    record: RunRecord,
    released: Release,
    name_of_file: str,
) -> None:
    """Descriptions, styles, a project and the facts of the run, in plain SQL."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA synchronous = OFF")  # as GDAL wrote it: it is moved when whole
        described = clean_text(f"{record.marking}. {record.title}")
        for name in layers:
            database.execute(
                "UPDATE gpkg_contents SET description = ? WHERE table_name = ?", (described, name)
            )
        shaped = {name: one for name, one in layers.items() if isinstance(one, gpd.GeoDataFrame)}
        styles = _styles(shaped, layers, record)
        _add_styles(database, styles, _stamp(record))
        _add_project(database, shaped, styles, record, name_of_file)
        told = [*facts(released, record), Fact("product", "timezone", _timezone(layers))]
        _add_facts(database, told, _stamp(record))


_LAYER_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
    f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
    styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
    owner TEXT(30), ui TEXT(30), update_time DATETIME
)"""


def _styles(
    shaped: Mapping[str, gpd.GeoDataFrame], layers: Mapping[str, pd.DataFrame], record: RunRecord
) -> dict[str, tuple[str, str]]:
    """The family of shapes of each layer, and the inside of its style."""
    themes = _theme_labels(record)
    lines = zone_lines(frame for frame in layers.values() if {"zone_name", "kind"} <= set(frame))
    counts = [
        table.reset_index()
        for table in layers.values()
        if _is_by_period(table) and "theme" in table
    ]
    found = {}
    for name, frame in shaped.items():
        family, times = _family(frame.geometry), _other_times(frame, counts)
        parts = layer_parts(frame, family, lines=lines, periods=times, themes=themes)
        found[name] = family, parts
    return found


def _add_styles(
    database: sqlite3.Connection, styles: Mapping[str, tuple[str, str]], stamp: str
) -> None:
    database.execute(_LAYER_STYLES)
    _register(database, "layer_styles", stamp)
    for name, (_, parts) in styles.items():
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
            "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, "
            "update_time) VALUES ('', '', ?, ?, 'hotspots', ?, '', 1, 'made by hotspots', '', ?)",
            (name, GEOMETRY_COLUMN, style_document(parts), stamp),
        )


def _add_project(
    database: sqlite3.Connection,
    shaped: Mapping[str, gpd.GeoDataFrame],
    styles: Mapping[str, tuple[str, str]],
    record: RunRecord,
    file: str,
) -> None:
    """A project with the layers under short names: zones, then theme by theme."""
    words = {name: _short_words(name, frame, record) for name, frame in shaped.items()}
    groups = {words[name][0]: number for number, name in enumerate(shaped)}
    ordered = {name: shaped[name] for name in sorted(shaped, key=lambda name: (
        "theme" in shaped[name], set(shaped[name].geom_type) != {"Point"}, groups[words[name][0]],
        [*shaped[name].get("kind", ())][:1] != ["cluster"],
    ))}  # fmt: skip
    database.execute(
        f"CREATE TABLE {PROJECT_TABLE} (name TEXT PRIMARY KEY, metadata BLOB, content BLOB)"
    )
    themes = _theme_labels(record)
    on = next((words[name][0] for name, table in ordered.items() if "theme" in table), "")
    found = []
    for name, table in ordered.items():
        (group, label), (family, parts) = words[name], styles[name]
        shown = group == on or "theme" not in table  # of the groups with areas, the first
        if flags := flag_parts(table, themes):
            found.append(ProjectLayer(name, BEYOND, group, shown, family, flags, part="_flags"))
        found.append(ProjectLayer(name, label, group, shown, family, parts))
    name, content = project_rows(found, [*ordered.values()], file, record)
    database.execute(
        f"INSERT INTO {PROJECT_TABLE} VALUES (?, ?, ?)",  # noqa: S608
        (name, json.dumps({"last_modified_time": _stamp(record)}), content),
    )


def _short_words(name: str, table: pd.DataFrame, record: RunRecord) -> tuple[str, str]:
    """Group and name of a layer in a project: its theme and what it is; zones by their kind."""
    if "theme" in table and len(table):
        theme = str(table["theme"].iloc[0])
        kind = str(table["kind"].iloc[0]) if "kind" in table else "area"
        label = _theme_labels(record).get(theme) or theme_in_words(theme)
        return capital(label), capital(kind_name(kind)[1])
    zones = "zone_name" in table
    if zones and "kind" in table and table["kind"].nunique() == 1:
        return "Zones", kind_label(str(table["kind"].iloc[0]))
    other = "Sites" if set(getattr(table, "geom_type", ())) == {"Point"} else "Other"
    return "Zones" if zones else other, capital(name.replace("_", " "))


def _theme_labels(record: RunRecord) -> dict[str, str]:
    """The words of each theme, without what is said in brackets."""
    return {name: one.label.split("(")[0].strip() for name, one in record.themes.items()}


def _other_times(areas: pd.DataFrame, counts: Sequence[pd.DataFrame]) -> pd.DataFrame | None:
    """Counts of the areas by period, where the file holds more times than their own."""
    if "theme" not in areas or not len(areas):
        return None
    times = {str(name) for table in counts for name in table["period"].unique()}
    if {"period_from", "period_until"} <= set(areas) and areas["period_from"].notna().iloc[0]:
        times.add(Period.of_areas(areas).key)
    mine = (table[table["theme"] == areas["theme"].iloc[0]] for table in counts)
    found = next((table for table in mine if len(table)), None)
    return found if len(times) > 1 else None


def _timezone(layers: Mapping[str, pd.DataFrame]) -> str:
    """The clock the periods of the tables are on; the file itself keeps moments, not clocks."""
    times = (frame["period_from"] for frame in layers.values() if "period_from" in frame)
    clocks = {clock_of(one) for one in times if getattr(one.dtype, "tz", None)}
    return next(iter(sorted(clocks - {TIMEZONE})), TIMEZONE)


def _add_facts(database: sqlite3.Connection, told: Sequence[Fact], stamp: str) -> None:
    database.execute(
        f"CREATE TABLE {ABOUT_TABLE} (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
        "topic TEXT NOT NULL, item TEXT NOT NULL, said TEXT NOT NULL, data TEXT)"
    )
    _register(database, ABOUT_TABLE, stamp)
    database.executemany(
        f"INSERT INTO {ABOUT_TABLE} (topic, item, said, data) VALUES (?, ?, ?, ?)",  # noqa: S608
        [fact.row() for fact in told],
    )


def _register(database: sqlite3.Connection, table: str, stamp: str) -> None:
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, "
        "srs_id) VALUES (?, 'attributes', ?, '', ?, 0)",
        (table, table, stamp),
    )
