"""What lies under the areas: roads and names of one's own, or, by explicit choice, online tiles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase, digits
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID, to_lonlat
from hotspots.core.errors import DataError, InputError, require
from hotspots.io.read_vector import layer_names, path_and_layer, read_vector
from hotspots.report.escape import plain_text
from hotspots.report.map.encode import STEPS_PER_DEGREE

SIMPLIFY_M = 6.0
STRIP_M = 1_000
NAME_COLUMNS = ("name", "name1", "name_1", "street_name", "road_name", "place_name", "zone_name")
CLASS_COLUMNS = ("road_function", "function", "road_class", "road_classification", "highway",
                 "fclass", "class")  # fmt: skip
LEVELS = (
    {"motorway", "a road", "primary", "trunk", "main", "ring", "primary road"},
    {"b road", "secondary", "secondary road"},
    {"minor road", "tertiary", "collector", "classified unnumbered", "minor"},
)
"""Classes of OS Open Roads, OpenStreetMap and the synthetic town; every other road is local."""

FIRST_ZOOM, LAST_ZOOM = 12, 17
SPACING_M = 3_400
"""Room that a name takes at the first zoom, in metres: about 150 pixels in Britain."""


@dataclass(frozen=True)
class OnlineTiles:
    """A tile server the page may ask, and only that one.

    Parameters
    ----------
    url : str
        Address with ``{z}``, ``{x}`` and ``{y}``, beginning with ``https://`` and one host.
    attribution : str
        What the provider wants printed.

    Notes
    -----
    A key in the address ends up in the file. Many providers refuse pages opened from a disk.

    Examples
    --------
    >>> OnlineTiles("https://tiles.example.org/{z}/{x}/{y}.png", "Example").host
    'https://tiles.example.org'
    """

    url: str
    attribution: str

    def __post_init__(self) -> None:
        parts = urlsplit(str(self.url))
        fits = parts.scheme == "https" and re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc)
        named = all(f"{{{name}}}" in parts.path + parts.query for name in "xyz")
        require(
            bool(fits and named),
            "`online_tiles` needs an address like https://host/{z}/{x}/{y}.png with one host and "
            f"no {{s}} in it; got {self.url!r}.",
        )
        require(
            bool(str(self.attribution).strip()), "`online_tiles` needs the provider's attribution."
        )

    @property
    def host(self) -> str:
        """The one host the page may ask."""
        return f"https://{urlsplit(self.url).netloc}"

    def as_data(self) -> dict[str, str]:
        """What the page's script needs."""
        return {"url": self.url, "host": self.host}


Backdrop: TypeAlias = "str | Path | gpd.GeoDataFrame | Sequence[str | Path | gpd.GeoDataFrame]"


def backdrop_data(backdrop: Backdrop | None) -> dict[str, Any] | None:
    """Roads and names as plain numbers, simplified to about 6 m; large ones known as such.

    Parameters
    ----------
    backdrop : path or GeoDataFrame, or several, optional
        Lines are roads, of a class where a column tells it (OS Open Roads, OpenStreetMap). Points
        with a name, and lines with one, are names; of a name that repeats, the first point, or the
        middle of the longest line.
    """
    if backdrop is None:
        return None
    metric = [table for table in backdrop_tables(backdrop) if len(table)]
    if not metric:
        return None
    return {"lines": _lines(metric), "names": _names(metric)}


def backdrop_tables(backdrop: Backdrop) -> list[gpd.GeoDataFrame]:
    """The tables of a backdrop, in metres of the British National Grid."""
    given = [backdrop] if isinstance(backdrop, (str, Path, gpd.GeoDataFrame)) else list(backdrop)
    return [_in_metres(one) for each in given for one in _tables(each)]


def lines_of(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows that are roads."""
    return frame[frame.geom_type.isin(["LineString", "MultiLineString"])]


def name_column(frame: gpd.GeoDataFrame) -> str | None:
    """The column that holds names, whatever its case, if there is one."""
    lowered = {str(name).lower(): str(name) for name in frame.columns}
    return next((lowered[name] for name in NAME_COLUMNS if name in lowered), None)


def _tables(given: str | Path | gpd.GeoDataFrame) -> list[gpd.GeoDataFrame]:
    if isinstance(given, gpd.GeoDataFrame):
        return [given]
    path, named = path_and_layer(str(given))
    if not path.exists():
        raise DataError(f"`backdrop` file {path} does not exist.")
    layers = layer_names(path) if named is None else [named]
    tables = (read_vector(path, layer=layer).rows for layer in layers)
    return [table for table in tables if isinstance(table, gpd.GeoDataFrame)]


def _in_metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise InputError("`backdrop` has no coordinate system; say which one with set_crs.")
    known = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    return known.to_crs(BRITISH_NATIONAL_GRID)


def _lines(frames: list[gpd.GeoDataFrame]) -> dict[str, Any]:
    """The corners of all lines in whole steps, how many each has, and how large a road it is."""
    parts, levels = [], []
    for frame in frames:
        roads = lines_of(frame)
        pieces, owner = shapely.get_parts(np.asarray(roads.geometry), return_index=True)
        parts += list(pieces)
        levels += road_levels(roads)[owner].tolist()
    if not parts:
        return {"origin": [0, 0], "dx": [], "dy": [], "line": [], "level": []}
    simple = shapely.simplify(np.array(parts, dtype=object), SIMPLIFY_M)
    steps = _steps(*shapely.get_coordinates(simple).T)
    return {
        "origin": steps[0].tolist(),
        "dx": np.diff(steps[:, 0], prepend=steps[0, 0]).tolist(),
        "dy": np.diff(steps[:, 1], prepend=steps[0, 1]).tolist(),
        "line": shapely.get_num_coordinates(simple).tolist(),
        "level": levels,
    }


def _steps(x: Any, y: Any) -> NDArray[np.int64]:
    both = np.column_stack(to_lonlat(x, y, BRITISH_NATIONAL_GRID))
    steps: NDArray[np.int64] = np.rint(both * STEPS_PER_DEGREE).astype(np.int64)
    return steps


def _names(frames: list[gpd.GeoDataFrame]) -> dict[str, Any]:
    """Where each name stands, each once, and from which zoom on."""
    found = [_labels(frame) for frame in frames]
    table = pd.concat(found) if found else pd.DataFrame({"text": [], "x": [], "y": []})
    table = table[table["text"] != ""].drop_duplicates("text")
    if not len(table):
        return {"dx": [], "dy": [], "text": [], "zoom": [], "order": ""}
    table["zoom"] = name_zooms(table["x"].to_numpy(), table["y"].to_numpy())
    table["order"] = _orders(len(table))
    # names of one zoom in strips of 1 km: a step from one to the next is then a short number
    strip = table["x"] // STRIP_M
    table = table.assign(strip=strip, along=table["y"].where(strip % 2 == 0, -table["y"]))
    table = table.sort_values(["zoom", "strip", "along"], kind="stable")
    steps = _steps(table["x"].to_numpy(), table["y"].to_numpy())
    return {
        "dx": np.diff(steps[:, 0], prepend=0).tolist(),
        "dy": np.diff(steps[:, 1], prepend=0).tolist(),
        "text": table["text"].tolist(),
        "zoom": table["zoom"].tolist(),
        "order": "".join(table["order"]),
    }


def _orders(names: int) -> NDArray[np.str_]:
    """About which each name is, the most frequent first, as one sign: in steps of 40%."""
    steps = np.floor(2 * np.log2(np.arange(names) + 1)).astype(int)
    signs: NDArray[np.str_] = np.array(list(digits + ascii_lowercase))[np.minimum(steps, 35)]
    return signs


def _labels(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Names of points as they come, then of lines: main roads first, the longest first."""
    column = name_column(frame)
    if column is None:
        return pd.DataFrame({"text": [], "x": [], "y": []})
    named = frame[frame[column].notna()]
    lines = lines_of(named)
    order = np.lexsort([-lines.length.to_numpy(), road_levels(lines)])
    lines = lines.iloc[order]
    middles = lines.set_geometry(lines.geometry.interpolate(0.5, normalized=True))
    both = pd.concat([named[named.geom_type.eq("Point")], middles])
    return pd.DataFrame(
        {"text": [plain_text(text) for text in both[column]], "x": both.geometry.x,
         "y": both.geometry.y}
    )  # fmt: skip


def road_levels(table: pd.DataFrame) -> NDArray[np.intp]:
    """How large each road is: 0 for main roads, 3 for local ones; 1 where no column tells it.

    Examples
    --------
    >>> road_levels(pd.DataFrame({"road_function": ["Motorway", "B Road", "Local Road"]})).tolist()
    [0, 1, 3]
    >>> road_levels(pd.DataFrame({"name": ["Mill Lane"]})).tolist()
    [1]
    """
    local = np.full(len(table), len(LEVELS), dtype=np.intp)
    column = next((name for name in CLASS_COLUMNS if name in table.columns), None)
    if column is None:
        return np.ones(len(table), dtype=np.intp)
    kinds = table[column].astype(object).map(_plain_class)
    for level, classes in enumerate(LEVELS):
        local[kinds.isin(classes).to_numpy()] = level
    return local


def _plain_class(value: Any) -> str:
    return str(value).casefold().removesuffix("_link").strip()


def name_zooms(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
    """The zoom from which each name is shown: as many as there is room for, the first ones first.

    Parameters
    ----------
    x, y : ndarray of float, shape (names,)
        Where the names stand, in metres, the most important first.

    Examples
    --------
    >>> name_zooms(np.array([0.0, 100.0, 5000.0]), np.array([0.0, 0.0, 0.0])).tolist()
    [12, 17, 12]
    """
    zooms = np.full(len(x), LAST_ZOOM, dtype=np.intp)
    for zoom in range(LAST_ZOOM - 1, FIRST_ZOOM - 1, -1):
        side = SPACING_M / 2 ** (zoom - FIRST_ZOOM)
        squares = pd.DataFrame({"x": x // side, "y": y // side})
        zooms[(~squares.duplicated()).to_numpy()] = zoom
    return zooms
