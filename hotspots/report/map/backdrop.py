"""What lies under the areas: roads and names of one's own, or, by explicit choice, online tiles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import BRITISH_NATIONAL_GRID, to_lonlat
from hotspots.core.errors import DataError, InputError, require
from hotspots.io.read_vector import layer_names, read_vector
from hotspots.report.escape import plain_text
from hotspots.report.map.encode import STEPS_PER_DEGREE

SIMPLIFY_M = 6.0
NAME_COLUMNS = ("name", "name1", "place_name", "zone_name")


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
        parts = urlsplit(self.url)
        fits = parts.scheme == "https" and re.fullmatch(r"[A-Za-z0-9.-]+(:\d+)?", parts.netloc)
        named = all(f"{{{name}}}" in parts.path + parts.query for name in "xyz")
        require(
            bool(fits and named),
            "`online_tiles` needs an address like https://host/{z}/{x}/{y}.png with one host and "
            f"no {{s}} in it; got {self.url!r}.",
        )
        require(bool(self.attribution.strip()), "`online_tiles` needs the provider's attribution.")

    @property
    def host(self) -> str:
        """The one host the page may ask."""
        return f"https://{urlsplit(self.url).netloc}"

    def as_data(self) -> dict[str, str]:
        """What the page's script needs."""
        return {"url": self.url, "host": self.host}


def backdrop_data(backdrop: str | Path | gpd.GeoDataFrame | None) -> dict[str, Any] | None:
    """Roads and place names as plain numbers, simplified to about 6 m."""
    if backdrop is None:
        return None
    frames = [backdrop] if isinstance(backdrop, gpd.GeoDataFrame) else _layers(Path(backdrop))
    metric = [_in_metres(frame) for frame in frames]
    lines = [
        part
        for frame in metric
        for part in shapely.get_parts(
            np.asarray(frame.geometry[frame.geom_type.isin(["LineString", "MultiLineString"])])
        )
    ]
    return {"lines": _encode_lines(lines), "names": [n for frame in metric for n in _names(frame)]}


def _layers(path: Path) -> list[gpd.GeoDataFrame]:
    if not path.exists():
        raise DataError(f"`backdrop` file {path} does not exist.")
    tables = (read_vector(path, layer=layer).rows for layer in layer_names(path))
    return [table for table in tables if isinstance(table, gpd.GeoDataFrame)]


def _in_metres(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise InputError("`backdrop` has no coordinate system; say which one with set_crs.")
    known = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    return known.to_crs(BRITISH_NATIONAL_GRID)


def _encode_lines(lines: list[Any]) -> dict[str, Any]:
    if not lines:
        return {"origin": [0, 0], "dx": [], "dy": [], "line": []}
    simple = shapely.simplify(np.array(lines, dtype=object), SIMPLIFY_M)
    x, y = to_lonlat(*shapely.get_coordinates(simple).T)
    steps = np.rint(np.column_stack([x, y]) * STEPS_PER_DEGREE).astype(np.int64)
    return {
        "origin": steps[0].tolist(),
        "dx": np.diff(steps[:, 0], prepend=steps[0, 0]).tolist(),
        "dy": np.diff(steps[:, 1], prepend=steps[0, 1]).tolist(),
        "line": shapely.get_num_coordinates(simple).tolist(),
    }


def _names(frame: gpd.GeoDataFrame) -> list[list[Any]]:
    column = next((str(n) for n in frame.columns if str(n).lower() in NAME_COLUMNS), None)
    if column is None:
        return []
    points = frame[frame.geom_type.eq("Point") & frame[column].notna()]
    x, y = to_lonlat(points.geometry.x.to_numpy(), points.geometry.y.to_numpy())
    texts = [plain_text(text) for text in pd.Series(points[column]).tolist()]
    return [
        [round(float(a), 5), round(float(b), 5), text]
        for a, b, text in zip(x, y, texts, strict=True)
    ]
