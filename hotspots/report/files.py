"""Files written whole or not at all, and values every format can hold."""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.errors import InputError
from hotspots.core.plain import clean_text, geometry_columns, plain
from hotspots.report.whole_folder import require_closed, telling_why

if TYPE_CHECKING:
    import pandas as pd

EPOCH = date(1980, 1, 1)
"""Stands where a format insists on a date of making and the record gives none."""


@contextmanager
def replacing(path: str | Path, *suffixes: str) -> Iterator[Path]:
    """A temporary path beside ``path``; takes its place when all went well, vanishes otherwise.

    Raises
    ------
    InputError
        When the name ends in none of ``suffixes``, the old file is open elsewhere, or the new one
        cannot be written.
    """
    named = Path(path)
    if suffixes and named.suffix.lower() not in suffixes:
        endings = " or ".join(suffixes)
        raise InputError(f"the file must be called something{endings}; got {named.name!r}.")
    target = named.resolve()
    if target.is_dir():
        raise InputError(f"{target} is a folder; a file name was expected.")
    require_closed(target)
    with telling_why(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.stem}-", dir=target.parent))
    try:
        with telling_why(target):
            yield folder / target.name
            os.replace(folder / target.name, target)  # noqa: PTH105
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plain_table(table: pd.DataFrame, *, index: str | None = None) -> pd.DataFrame:
    """A table of whole numbers, floats, truth values and clean text, its index as first columns.

    Column names are made distinct whatever their case, since neither databases nor people tell
    ``Harm`` from ``harm``.
    """
    import pandas as pd

    columns: dict[str, pd.Series] = {}
    for level, name in enumerate(table.index.names):
        label = _distinct(clean_text(name or index or "id"), columns)
        columns[label] = pd.Series(table.index.get_level_values(level).array)
    shapes = set(geometry_columns(table))
    for name, column in pd.DataFrame(table).items():
        if name in shapes:
            continue
        label = _distinct(clean_text(name), columns)
        columns[label] = pd.Series(column.array)
    return pd.DataFrame({name: _plain_column(column) for name, column in columns.items()})


def _distinct(name: str, taken: dict[str, Any]) -> str:
    lowered = {other.lower() for other in taken}
    candidate, number = name or "column", 2
    while candidate.lower() in lowered:
        candidate, number = f"{name}_{number}", number + 1
    return candidate


def _plain_column(column: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd
    from pandas.api import types

    kind = column.dtype
    if kind in ("int64", "bool") or (kind == "float64" and not np.isinf(column).any()):
        return column
    if isinstance(kind, pd.StringDtype) or types.is_datetime64_any_dtype(kind):
        return _each_once(column)
    if types.is_bool_dtype(kind) and not column.isna().any():
        return column.astype(bool)
    if types.is_numeric_dtype(kind) and not types.is_bool_dtype(kind):
        if types.is_integer_dtype(kind) and not column.isna().any():
            return column.astype("int64")
        numbers = column.astype("float64")
        return numbers.where(numbers.abs() != math.inf)
    if types.infer_dtype(column, skipna=True) in ("integer", "floating", "mixed-integer-float"):
        return _plain_column(column.astype("float64"))  # numbers in a column of any kind
    return _each_once(column.astype(object))


def _each_once(column: pd.Series) -> pd.Series:
    """Text of every value, made once for each distinct one; missing stays missing."""
    import numpy as np
    import pandas as pd

    try:
        codes, distinct = pd.factorize(column)
    except TypeError:  # lists and other values that cannot be told apart quickly
        return column.map(_text_or_none).astype(object)
    texts = np.array([*map(_text_or_none, distinct), None], dtype=object)
    return pd.Series(texts[codes], index=column.index, dtype=object)


def _text_or_none(value: Any) -> str | None:
    found = plain(value)
    return found if found is None or isinstance(found, str) else str(found)
