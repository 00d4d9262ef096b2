"""What was worked out of a table before, for as long as the table lives and stays as it is."""

from __future__ import annotations

import hashlib
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd

MOST = 8
"""So many answers are kept of a table, the latest ones."""
PLAIN = (bool, int, float, str, bytes, date, time, Enum, np.generic, type(None))
TEXTS = (*PLAIN, Decimal, type(pd.NA), type(pd.NaT))
T = TypeVar("T")
Memories: TypeAlias = "dict[int, tuple[weakref.ref[pd.DataFrame], bytes, Memory]]"
_memories: Memories = {}


class Memory:
    """Answers by all that they were worked out from."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Any] = OrderedDict()

    def once(self, of: object, work: Callable[[], T], copied: Callable[[T], T]) -> T:
        """What ``work`` gives, or gave when ``of`` held the same.

        What is kept and what is handed out are copies, so that nobody can change what is kept.
        Where ``of`` holds something that cannot be looked into, all is worked out.
        """
        key = digest(of)
        if key is None:
            return work()
        if key in self._kept:
            self._kept.move_to_end(key)
            return copied(self._kept[key])
        found = work()
        self._kept[key] = copied(found)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return found


def memory_of(table: pd.DataFrame) -> Memory:
    """What was worked out of this very table; nothing once any of its values is another.

    Its values are looked at every time, since a table can be changed in place. The memory holds no
    table that was given, and is gone when the table is.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"n": [1, 2]})
    >>> before = memory_of(table)
    >>> memory_of(table) is before
    True
    >>> table.loc[0, "n"] = 5
    >>> memory_of(table) is before
    False
    """
    name, content = id(table), digest(table)
    if content is None:
        return Memory()
    known = _memories.get(name)
    # The number of an object is given out again once the object is gone, so the table itself is
    # asked for.
    if known is not None and known[0]() is table and known[1] == content:
        return known[2]
    held = weakref.ref(table, partial(_forget, _memories, name))
    _memories[name] = held, content, Memory()
    return _memories[name][2]


def digest(thing: object) -> bytes | None:
    """SHA-256 of all that a thing holds, the tables and shapes in it too.

    None where it holds something of a kind that cannot be looked into.

    Examples
    --------
    >>> digest({"a": [1, 2.0]}) == digest({"a": [1, 2.0]}), digest([1]) == digest(["1"])
    (True, False)
    >>> digest([object()]) is None
    True
    """
    seal = hashlib.sha256()
    try:
        _add(seal.update, thing)
    except _OpaqueError:
        return None
    return seal.digest()


class _OpaqueError(Exception):
    """A thing of a kind that cannot be looked into."""


Add = Callable[[Any], None]


def _forget(memories: Memories, name: int, gone: weakref.ref[pd.DataFrame]) -> None:
    """Called to the end of the process, when names of modules may be gone already."""
    if name in memories and memories[name][0] is gone:
        del memories[name]


def _add(add: Add, thing: object) -> None:
    kind = type(thing)
    # The kind goes ahead, so that 1, "1" and True are three things.
    add(f"{kind.__module__}.{kind.__qualname__} ".encode())
    if isinstance(thing, pd.DataFrame):
        _add_table(add, thing)
    elif isinstance(thing, PLAIN):
        _add_bytes(add, repr(thing).encode(errors="surrogatepass"))
    elif isinstance(thing, Mapping):
        _add(add, list(thing.items()))
    elif isinstance(thing, (list, tuple)):
        add(f"{len(thing)} ".encode())
        for part in thing:
            _add(add, part)
    elif is_dataclass(thing) and kind.__module__.startswith("hotspots."):
        for one in fields(thing):
            _add(add, getattr(thing, one.name))
    else:
        raise _OpaqueError


def _add_bytes(add: Add, found: Any) -> None:
    # The length goes ahead: "ab", "c" must not be "a", "bc".
    add(f"{len(found)} ".encode())
    add(found)


def _add_table(add: Add, table: pd.DataFrame) -> None:
    import geopandas as gpd

    _add(add, [len(table), list(table.columns), list(table.index.names)])
    if isinstance(table, gpd.GeoDataFrame):
        active = table.active_geometry_name
        _add(add, [active, "" if active is None or table.crs is None else table.crs.to_wkt()])
    for level in range(table.index.nlevels):
        _add_column(add, table.index.get_level_values(level).to_series())
    for _, column in table.items():
        _add_column(add, column)


def _add_column(add: Add, column: pd.Series) -> None:
    """The values of a column: as they lie in memory, where they are numbers."""
    add(f"{column.dtype!r} ".encode())
    if str(column.dtype) == "geometry":
        _add_shapes(add, np.asarray(column.array, dtype=object))
    elif isinstance(column.dtype, pd.CategoricalDtype):
        _add_numbers(add, column.cat.codes.to_numpy())
        _add_column(add, column.cat.categories.to_series())
    elif isinstance(column.dtype, pd.DatetimeTZDtype):
        _add_numbers(add, column.to_numpy(f"datetime64[{column.dtype.unit}]"))
    elif isinstance(column.dtype, np.dtype) and column.dtype.kind != "O":
        _add_numbers(add, column.to_numpy())
    else:
        _add_objects(add, column)


def _add_numbers(add: Add, values: np.ndarray[Any, Any]) -> None:
    _add_bytes(add, np.ascontiguousarray(values).view(np.uint8).data)


def _add_shapes(add: Add, shapes: np.ndarray[Any, Any]) -> None:
    """Points and polygons of one ring by their coordinates, others as they are written down."""
    import shapely

    kinds = shapely.get_type_id(shapes)
    _add_numbers(add, kinds)
    corners = shapely.get_num_coordinates(shapes)
    # Of several rings coordinates alone do not say where one ends.
    plain = np.isin(kinds, (-1, 0, 3)) & (shapely.get_num_interior_rings(shapes) == 0)
    if plain.all() and not shapely.has_z(shapes).any():
        _add_numbers(add, corners)
        _add_numbers(add, shapely.get_coordinates(shapes))
        return
    add(b"written ")
    written = [one or b"" for one in shapely.to_wkb(shapes).tolist()]
    _add_numbers(add, np.array(list(map(len, written)), dtype=np.int64))
    _add_bytes(add, b"".join(written))


def _add_objects(add: Add, column: pd.Series) -> None:
    """Texts, and what else has no numbers of its own: as Arrow holds it, else each by a hash."""
    try:
        parts = column.array.__arrow_array__()
    except (AttributeError, ImportError):
        values = column.to_numpy(dtype=object)
        kinds = list(map(type, values))
        for kind in sorted(set(kinds), key=str):
            if not issubclass(kind, TEXTS):
                raise _OpaqueError from None
            add(f"{kind} ".encode())
        if len(set(kinds)) > 1:
            _add_numbers(add, pd.util.hash_array(np.array(list(map(str, kinds)), dtype=object)))
        _add_numbers(add, pd.util.hash_array(values, categorize=False))
        return
    for part in getattr(parts, "chunks", [parts]):
        if part.type.num_fields or str(part.type).startswith("dictionary"):
            raise _OpaqueError
        # A slice shares the buffers of the whole: its offset tells it from another.
        add(f"{part.type} {len(part)} {part.offset} ".encode())
        for held in part.buffers():
            _add_bytes(add, held or b"")
