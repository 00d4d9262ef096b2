"""Finished tables to compact, inert data: shared corners, columns instead of records.

Neighbouring cells share corners, so each corner is written once, as a whole number of steps of
0.00001 degrees (about 1 m) from the corner before it; polygons are lists of corner numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import to_lonlat
from hotspots.report.map.escape import plain_text, short_name

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

STEP_DEGREES = 1e-5
STEPS_PER_DEGREE = 100_000
CLASS_QUANTILES = (0.0, 0.6, 0.85, 0.95, 0.99)


class Shapes:
    """Polygons of all layers, collected first and written once with shared corners."""

    def __init__(self) -> None:
        self._geometries: list[NDArray[np.object_]] = []
        self._corners: list[NDArray[np.float64]] = []
        self._size = 0

    def add(self, zones: gpd.GeoDataFrame) -> list[int]:
        """Remember the polygons of a table; return their numbers."""
        if len(zones) == 0:
            return []
        geometries = np.asarray(zones.geometry.array, dtype=object)
        x, y = shapely.get_coordinates(geometries).T
        self._corners.append(np.column_stack(to_lonlat(x, y, zones.crs)))
        self._geometries.append(geometries)
        first = self._size
        self._size += len(geometries)
        return list(range(first, self._size))

    def encode(self) -> dict[str, Any]:
        """The polygons as plain numbers; :func:`decode_shapes` reads them back."""
        if not self._size:
            return {"origin": [0, 0], "dx": [], "dy": [], "corners": [], "ring": [], "shape": []}
        steps = np.rint(np.vstack(self._corners) * STEPS_PER_DEGREE).astype(np.int64)
        ring_of_corner, shape_of_ring = _rings(np.concatenate(self._geometries))
        # A ring is closed by repeating its first corner: the repetition is left out.
        last = np.append(np.diff(ring_of_corner) != 0, True)
        steps, ring_of_corner = steps[~last], ring_of_corner[~last]
        keys = steps[:, 0] * (360 * STEPS_PER_DEGREE) + steps[:, 1]
        codes, _ = pd.factorize(keys)
        first = np.sort(np.unique(codes, return_index=True)[1])
        corners = steps[first]
        return {
            "origin": corners[0].tolist(),
            "dx": np.diff(corners[:, 0], prepend=corners[0, 0]).tolist(),
            "dy": np.diff(corners[:, 1], prepend=corners[0, 1]).tolist(),
            "corners": np.diff(codes, prepend=0).tolist(),
            "ring": np.bincount(ring_of_corner, minlength=len(shape_of_ring)).tolist(),
            "shape": np.bincount(shape_of_ring, minlength=self._size).tolist(),
        }


def decode_shapes(encoded: dict[str, Any]) -> list[list[NDArray[np.float64]]]:
    """Rings of longitude and latitude per shape: what the page's script reads back."""
    dx, dy = np.cumsum(encoded["dx"]), np.cumsum(encoded["dy"])
    corners = (np.column_stack([dx, dy]) + encoded["origin"]) / STEPS_PER_DEGREE
    order = np.cumsum(encoded["corners"]).astype(int)
    rings = np.split(corners[order], np.cumsum(encoded["ring"])[:-1])
    shapes, position = [], 0
    for size in encoded["shape"]:
        shapes.append(rings[position : position + size])
        position += size
    return shapes


def numbers(values: Any, decimals: int | None = None) -> list[float | int | None]:
    """A column of numbers for JSON: missing is None, whole numbers are whole."""
    column = pd.to_numeric(pd.Series(values), errors="coerce").astype(float)
    if decimals is not None:
        column = column.round(decimals)
    return [
        None if not np.isfinite(value) else int(value) if value == int(value) else value
        for value in column.tolist()
    ]


def words(values: Any) -> dict[str, list[Any]]:
    """A column of text for JSON: each distinct text once, and which one each row has."""
    texts = [plain_text(value) for value in pd.Series(values).tolist()]
    levels = sorted(set(texts))
    position = {text: number for number, text in enumerate(levels)}
    return {"levels": levels, "codes": [position[text] for text in texts]}


def names(values: Any) -> dict[str, list[Any]]:
    """A column of names for JSON: text of a length that can be shown."""
    return words([short_name(value) for value in pd.Series(values).tolist()])


def class_breaks(values: Any, *, most: int = 5) -> list[float]:
    """Lower bounds of up to five classes, on round numbers, for a skewed positive quantity.

    Parameters
    ----------
    values : array-like
        Values of every period that will be shown, so that the classes stay the same.

    Notes
    -----
    The bounds sit near the 0, 60, 85, 95 and 99 % points of the positive values. Classes can make
    small differences near a bound look large: the numbers stand beside the map.

    Examples
    --------
    >>> class_breaks([1] * 60 + [2] * 20 + [4] * 10 + [8] * 6 + [30] * 4)
    [1.0, 2.0, 5.0, 10.0, 30.0]
    """
    column = np.asarray(values, dtype=float)
    positive = column[np.isfinite(column) & (column > 0)]
    if len(positive) == 0:
        return []
    bounds: list[float] = []
    for point in np.quantile(positive, CLASS_QUANTILES[:most]):
        bound = _round_number(float(point))
        while bounds and bound <= bounds[-1]:
            bound = _next_round_number(bounds[-1])
        bounds.append(bound)
    top = float(positive.max())
    return [bound for bound in bounds if bound <= top] or [_round_down(top)]


def band_breaks(lows: Any, *, most: int = 5) -> list[float]:
    """Lower bounds of up to five classes that cut through no band.

    Parameters
    ----------
    lows : array-like
        Lower edges of the bands that are shown; missing where none is.

    Examples
    --------
    >>> band_breaks([200, 500, 200, None, 1000])
    [200.0, 500.0, 1000.0]
    >>> band_breaks([10, 20, 50, 100, 200, 500, 1000])
    [10.0, 50.0, 100.0, 200.0, 1000.0]
    """
    column = pd.to_numeric(pd.Series(lows), errors="coerce").dropna()
    edges = np.unique(column.to_numpy(dtype=float))
    if len(edges) <= most:
        return [float(edge) for edge in edges]
    picked = np.linspace(0, len(edges) - 1, most).round().astype(int)
    return [float(edges[number]) for number in picked]


def _rings(
    geometries: NDArray[np.object_],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which ring each corner is in, and which shape each ring is in."""
    parts, shape_of_part = shapely.get_parts(geometries, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    sizes = shapely.get_num_coordinates(rings)
    return np.repeat(np.arange(len(rings)), sizes), shape_of_part[part_of_ring]


def _ladder(value: float) -> list[float]:
    power = 10.0 ** math.floor(math.log10(value))
    return [step * power for step in (1.0, 2.0, 3.0, 5.0, 10.0, 20.0)]


def _round_number(value: float) -> float:
    rungs = _ladder(value)
    return min(rungs, key=lambda rung: abs(math.log(rung / value)))


def _next_round_number(value: float) -> float:
    return min(rung for rung in _ladder(value) if rung > value * 1.001)


def _round_down(value: float) -> float:
    return max(rung for rung in _ladder(value) if rung <= value)


def shared_affixes(ids: Sequence[str]) -> dict[str, Any]:
    """Identifiers without the beginning and the end they all share.

    Examples
    --------
    >>> shared_affixes(["8919a1ffff", "8919b2ffff"])
    {'before': '8919', 'after': 'ffff', 'ids': ['a1', 'b2']}
    """
    before = _common(list(ids))
    rest = [name[len(before) :] for name in ids]
    after = _common([name[::-1] for name in rest])[::-1]
    return {
        "before": before,
        "after": after,
        "ids": [name[: len(name) - len(after)] for name in rest],
    }


def _common(names: list[str]) -> str:
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    size = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[: min(len(first), len(last)) if size is None else size]
