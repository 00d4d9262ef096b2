"""Finished tables to compact, inert data: shared corners, columns instead of records.

Neighbouring cells share corners, so each corner is written once, as a whole number of steps of
0.00001 degrees (about 1 m) from the corner before it; polygons are lists of corner numbers.
"""

from __future__ import annotations

import json
import string
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import shapely

from hotspots.core.crs import to_lonlat
from hotspots.report.escape import plain_text, short_name

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

STEPS_PER_DEGREE = 100_000
WHOLE = 2.0**62
"""Below it a whole number is written as one."""
LONG = 20
LETTERS = string.ascii_uppercase + string.ascii_lowercase
_DUMP = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


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
        # One whole number for a corner: all latitudes weigh less than one step of longitude.
        keys = steps[:, 0] * (360 * STEPS_PER_DEGREE) + steps[:, 1]
        codes, _ = pd.factorize(keys)
        # In the order they are met: corners of one cell stand together, and steps between them are
        # short.
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
    column = pd.Series(values)
    if column.dtype != float:
        column = pd.to_numeric(column, errors="coerce").astype(float)
    if decimals is not None:
        column = column.round(decimals)
    given = column.to_numpy()
    found = given.astype(object)
    whole = (given == np.trunc(given)) & (np.abs(given) < WHOLE)
    found[whole] = given[whole].astype(np.int64)
    found[~np.isfinite(given)] = None
    return cast("list[float | int | None]", found.tolist())


def words(values: Any, show: Callable[[Any], str] = plain_text) -> dict[str, list[Any]]:
    """A column of text for JSON: each distinct text once, and which one each row has."""
    rows = pd.Series(values).tolist()
    known = {text: show(text) for text in {row for row in rows if type(row) is str}}
    texts = [known[row] if type(row) is str else show(row) for row in rows]
    # Sorted: a set has no order of its own, and the same input must give the same bytes.
    levels = sorted(set(texts))
    position = {text: number for number, text in enumerate(levels)}
    return {"levels": levels, "codes": [position[text] for text in texts]}


def text_at(column: dict[str, list[Any]], row: int) -> str:
    """One text of a column that :func:`words` wrote."""
    return str(column["levels"][column["codes"][row]])


def names(values: Any) -> dict[str, list[Any]]:
    """A column of names for JSON: text of a length that can be shown."""
    return words(values, short_name)


def _rings(
    geometries: NDArray[np.object_],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which ring each corner is in, and which shape each ring is in."""
    parts, shape_of_part = shapely.get_parts(geometries, return_index=True)
    drawn = ~shapely.is_empty(parts)
    parts, shape_of_part = parts[drawn], shape_of_part[drawn]
    rings = 1 + shapely.get_num_interior_rings(parts)
    shape_of_ring, holed = np.repeat(shape_of_part, rings), np.repeat(rings > 1, rings)
    sizes = np.empty(len(holed), dtype=np.intp)
    sizes[~holed] = shapely.get_num_coordinates(parts[rings == 1])
    sizes[holed] = shapely.get_num_coordinates(shapely.get_rings(parts[rings > 1]))
    return np.repeat(np.arange(len(sizes)), sizes), shape_of_ring


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
    # What the first and the last of the alphabet share, all in between share.
    first, last = min(names), max(names)
    size = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    return first[: min(len(first), len(last)) if size is None else size]


def packed(data: dict[str, Any]) -> dict[str, Any]:
    """The data with its long lists in their shortest forms; the page's script reads them back."""
    words = sorted({text for column in _columns(data) for text in column["levels"]})
    place = {text: number for number, text in enumerate(words)}
    found: dict[str, Any] = _walk(data, place)
    return found | {"words": _texts(words)}


def _columns(value: Any) -> list[dict[str, Any]]:
    """Every column of texts, however deep."""
    if isinstance(value, dict):
        if {"levels", "codes"} <= set(value):
            return [value]
        return [column for part in value.values() for column in _columns(part)]
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return [column for part in value for column in _columns(part)]
    return []


def _walk(value: Any, place: dict[str, int]) -> Any:
    if isinstance(value, dict):
        if {"levels", "codes"} <= set(value):
            levels = [place[text] for text in value["levels"]]
            return {"levels": {"of": _shortest(levels)}, "codes": _shortest(value["codes"])}
        return {name: _walk(part, place) for name, part in value.items()}
    if not isinstance(value, list) or not value:
        return value
    if isinstance(value[0], (dict, list)):
        return [_walk(part, place) for part in value]
    return _shortest(value)


def _shortest(values: list[Any]) -> Any:
    if len(values) <= LONG:
        return values
    kinds = set(map(type, values))
    if all(issubclass(kind, str) for kind in kinds):
        return _texts(values)
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1 and values[0] is not True and values[0] is not False:
        return {"all": values[0], "times": len(values)}
    if any(issubclass(kind, (str, bool)) for kind in kinds):
        return values
    few = _by_letters(values, distinct)
    if few is not None and len(_DUMP(few)) <= 2 * len(values):  # a sign, a comma each in all others
        return few
    forms = [values] if few is None else [values, few]
    if kinds != {int} or max(map(abs, distinct)) >= WHOLE:
        return values if few is None else min(forms, key=lambda form: len(_DUMP(form)))
    whole = np.array(values)
    steps = np.diff(whole)
    by_steps = {"first": values[0], "steps": []}
    sizes = [_size(whole), *[len(_DUMP(form)) for form in forms[1:]]]
    if len(_DUMP(by_steps)) - 2 + _size(steps) < min(sizes):
        return by_steps | {"steps": steps.tolist()}
    return forms[sizes.index(min(sizes))]


def _by_letters(values: list[Any], distinct: list[Any]) -> dict[str, Any] | None:
    if len(distinct) > len(LETTERS):
        return None
    letter = dict(zip(distinct, LETTERS, strict=False))
    return {"few": distinct, "at": "".join([letter[one] for one in values])}


def _size(whole: NDArray[np.int64]) -> int:
    """The length of a list of whole numbers as JSON, without writing it."""
    size = np.abs(whole)
    digits = sum(int((size >= 10**n).sum()) for n in range(1, len(str(size.max()))))
    return digits + 2 * len(whole) + 1 + int((whole < 0).sum())


def _texts(values: list[str]) -> Any:
    """Texts without the last words that many of them share, one a line."""
    if len(values) <= LONG or any("\n" in text for text in values):
        return values
    # An empty last word could not be told from none: texts that end in a space are left whole.
    last = Counter(text.rpartition(" ")[2] for text in values if text[-1:].strip() and " " in text)
    ends = [word for word, held in last.most_common(len(LETTERS) - 1) if held > 1]
    letter = {word: LETTERS[number] for number, word in enumerate(ends, start=1)}
    cut = [text.rpartition(" ") for text in values]
    code = [letter.get(word, LETTERS[0]) if space else LETTERS[0] for _, space, word in cut]
    lines = [
        text if mark == LETTERS[0] else head
        for text, mark, (head, _, _) in zip(values, code, cut, strict=True)
    ]
    form = {"ends": ["", *ends], "end": "".join(code), "texts": "\n".join(lines)}
    return min([values, form], key=lambda one: len(_DUMP(one)))
