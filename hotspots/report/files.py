"""Files and folders that take their place whole, or not at all: the old one stays until then."""

from __future__ import annotations

import ctypes
import math
import os
import re
import secrets
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.arguments import path_of
from hotspots.core.errors import DataError, HotspotsError, InputError
from hotspots.core.plain import clean_text, geometry_columns, plain
from hotspots.io.guard import reason_of

if TYPE_CHECKING:
    import pandas as pd

SIDE_FILES = ("-wal", "-journal")
LOCKS = ("~$", ".~lock.")
"""Excel and LibreOffice put such a file beside one that is open."""
DAMAGED = "damaged"
PEOPLES_OWN = ("decisions.csv",)
"""Files in which people write down what they decided: no product writes or names them."""
NEW, OLD = ".new", ".old"
NOT_WRITTEN = "not-written"
SWEPT_AFTER_S = 3_600.0
WAITS_S = (0.1, 0.4, 1.0)
LEAST_FREE = 1_000_000
EXCHANGE = 2
"""``RENAME_EXCHANGE`` of Linux and ``RENAME_SWAP`` of macOS."""
EPOCH = date(1980, 1, 1)
"""Stands where a format insists on a date of making and the record gives none."""


@contextmanager
def replacing_folder(
    folder: str | Path, names: Sequence[str], *, gone: Iterable[str] = ()
) -> Iterator[Path]:
    """A new folder beside ``folder`` to write into; takes its place when all went well.

    Files of the old one that are not among ``names`` or ``gone`` are carried over. On Linux and
    macOS the two are exchanged in one step; elsewhere there is a moment without a folder, which the
    next run mends.

    Raises
    ------
    InputError
        When a file of the old folder is open elsewhere, something stands in the way, or the disk is
        full. The old folder is then as it was.
    """
    target = path_of(folder, "folder").resolve()
    _require_free(target, names)
    with telling_why(target):
        made = _beside(target, f"{target.name}-", NEW)
    try:
        with telling_why(target):
            _sweep(target)
            if target.exists():
                made.chmod(target.stat().st_mode)
            yield made
            _carry_over(target, made, {*names, *gone} - set(PEOPLES_OWN))
            _swap(made, target)
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def telling_why(target: Path) -> Iterator[None]:
    """What keeps a file or folder from being written, as a message; the old one stays.

    What kept a file of a folder in the making names the folder that it was for.
    """
    try:
        yield
    except HotspotsError as error:
        if any(one.rule == NOT_WRITTEN for one in error.findings):
            raise _not_written(target, error.__cause__ or error) from error
        raise
    except (OSError, RuntimeError, sqlite3.Error) as error:
        raise _not_written(target, error) from error


def _not_written(target: Path, error: BaseException) -> InputError:
    return InputError(
        f"{target} could not be written: {_why(target, error)} What was there is unchanged.",
        rule=NOT_WRITTEN,
    )


def require_closed(target: Path) -> None:
    """Raise where another program has a file open."""
    locks = [target.with_name(f"{lock}{target.name}") for lock in LOCKS]
    locks += [target.with_name(f"{lock}{target.name}#") for lock in LOCKS]
    sides = [target.with_name(target.name + side) for side in SIDE_FILES]
    for beside in (*sides, *locks):
        if beside.exists():
            raise InputError(
                f"{target} is open in another program (there is a {beside.name} beside it). "
                "Close it there, for instance in QGIS or Excel, and try again.",
                rule="file-open",
            )


def _require_free(target: Path, names: Sequence[str]) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(f"{target} is a file; a folder was expected.", rule="not-a-folder")
    if target in _where_one_stands():
        raise InputError(
            f"{target} holds the folder you stand in, and would be exchanged for a new one. Name a "
            f"folder of the product's own, such as {target / 'product'}.",
            rule="own-folder",
        )
    if own := set(names) & set(PEOPLES_OWN):
        raise InputError(
            f"{', '.join(sorted(own))} is kept by people; a product writes no file of that name.",
            rule="peoples-own",
        )
    for name in (*names, *PEOPLES_OWN):
        if (target / name).is_dir():
            raise InputError(
                f"{target / name} is a folder; the product writes a file of that name. Move it.",
                rule="folder-in-the-way",
            )
        require_closed(target / name)


def _where_one_stands() -> tuple[Path, ...]:
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the folder is gone, and the terminal still there
        return ()
    return here, *here.parents


def _why(target: Path, error: BaseException) -> str:
    parent = next(one for one in (target, *target.parents) if one.exists())
    with suppress(OSError):
        disk = shutil.disk_usage(parent)
        if disk.total and disk.free < LEAST_FREE:  # what is no disk (/proc) has no room at all
            return "the disk is full."
    if isinstance(error, PermissionError):
        return (
            "the system does not allow it. Close its files in Excel or QGIS, or check that the "
            "folder may be written to."
        )
    return f"{(isinstance(error, OSError) and error.strerror) or error}.".replace("..", ".")


def _beside(target: Path, name: str, suffix: str = "") -> Path:
    """A new folder on the disk of a file or folder, for what is to take its place in one step.

    `tempfile` makes one for its owner alone. On Windows that stays with a file wherever it is moved
    to: on a shared disk nobody else could open a product.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    made = target.parent / f".{name}{secrets.token_hex(4)}{suffix}"
    made.mkdir()
    return made


def _sweep(target: Path) -> None:
    """Take away what a killed run left; put back a folder it had moved aside."""
    ours = re.compile(rf"\.{re.escape(target.name)}-\w+\.(new|old)")
    for left in sorted(one for one in target.parent.glob(".*") if ours.fullmatch(one.name)):
        # Killed between the two renames of `_swap`: the old folder stands aside, and none in its
        # place.
        if left.suffix == OLD and not target.exists():
            left.rename(target)
        elif _is_left(left):
            shutil.rmtree(left, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Whether nobody has written into a temporary folder for an hour."""
    try:
        # Another process may be at work there: only what has been still for long was left behind.
        times = [one.stat().st_mtime for one in (folder, *folder.iterdir())]
    except OSError:
        return False
    return time.time() - max(times) > SWEPT_AFTER_S


def _carry_over(old: Path, made: Path, names: set[str]) -> None:
    """What the old folder has and the new one does not write; the same file where possible."""
    for one in sorted(old.iterdir()) if old.is_dir() else ():
        if one.name in names:
            continue
        if one.is_dir() and not one.is_symlink():
            shutil.copytree(one, made / one.name, symlinks=True, copy_function=_linked)
        else:
            _linked(one, made / one.name)


def _linked(source: str | Path, target: str | Path) -> None:
    try:
        # A second name for the same bytes: nothing is copied, and the old folder can go.
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _swap(made: Path, target: Path) -> None:
    if not target.exists():
        _take_place(made, target)
    elif not _exchange(made, target):
        aside = made.with_suffix(OLD)
        _take_place(target, aside)
        try:
            _take_place(made, target)
        except OSError:
            aside.rename(target)
            raise
        shutil.rmtree(aside, ignore_errors=True)


def _take_place(made: Path, target: Path) -> None:
    """Rename; on Windows what scans new files for viruses holds them, and their folder, a while."""
    for wait_s in WAITS_S:
        try:
            made.replace(target)
        except PermissionError:
            time.sleep(wait_s)
        else:
            return
    made.replace(target)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, where the system can."""
    paths = os.fsencode(one), os.fsencode(other)
    with suppress(OSError, AttributeError, TypeError):  # Windows has no such library
        library, system = ctypes.CDLL(None, use_errno=True), str(sys.platform)
        if system == "linux":
            here = -100  # AT_FDCWD
            return bool(library.renameat2(here, paths[0], here, paths[1], EXCHANGE) == 0)
        if system == "darwin":
            return bool(library.renamex_np(*paths, EXCHANGE) == 0)
    return False


@contextmanager
def replacing(path: str | Path, *suffixes: str) -> Iterator[Path]:
    """A temporary path beside ``path``; takes its place when all went well, vanishes otherwise.

    Raises
    ------
    InputError
        When the name ends in none of ``suffixes``, the old file is open elsewhere, or the new one
        cannot be written.
    """
    named = path_of(path)
    if suffixes and named.suffix.lower() not in suffixes:
        endings = " or ".join(suffixes)
        raise InputError(f"the file must be called something{endings}; got {named.name!r}.")
    target = named.resolve()
    if target.is_dir():
        raise InputError(f"{target} is a folder; a file name was expected.")
    require_closed(target)
    with telling_why(target):
        folder = _beside(target, "")
    try:
        with telling_why(target):
            yield folder / target.name
            _take_place(folder / target.name, target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plain_table(table: pd.DataFrame, *, index: str | None = None) -> pd.DataFrame:
    """A table of whole numbers, floats, truth values and clean text, its index as first columns.

    The index is called ``index``, else as it is, or "id" where a column has its name. Column names
    are made distinct whatever their case, since neither databases nor people tell ``Harm`` from
    ``harm``.
    """
    import pandas as pd

    rows, columns = pd.RangeIndex(len(table)), dict[str, pd.Series]()
    for level, name in enumerate(table.index.names):
        own = None if name in table.columns else name
        label = distinct(clean_text(index or own or "id"), columns)
        columns[label] = pd.Series(table.index.get_level_values(level).array, rows)
    shapes = set(geometry_columns(table))
    for name, column in pd.DataFrame(table).set_axis(rows).items():
        if name not in shapes:
            columns[distinct(clean_text(name), columns)] = column
    return pd.DataFrame({name: _plain_column(it) for name, it in columns.items()}, rows)


def distinct(name: str, taken: Iterable[str]) -> str:
    """A name that differs from those taken by more than its case."""
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
    if kind in ("int64", "bool") or (kind == "float64" and not np.isinf(column.to_numpy()).any()):
        return column
    # Times become text with their offset: neither a worksheet nor a GeoPackage keeps the clock of
    # the place.
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
        texts = isinstance(column.dtype, pd.StringDtype)
        codes, distinct = pd.factorize(column.array if texts else column)
    except TypeError:  # lists and other values that cannot be told apart quickly
        return column.map(_text_or_none).astype(object)
    written = np.array([*_texts(distinct.astype(object).tolist()), None], dtype=object)
    return pd.Series(written[codes], index=column.index, dtype=object)


def _texts(values: list[Any]) -> Iterable[str | None]:
    """The text of each value; those that are clean texts already, nearly all, as they are."""
    if all(type(value) is str for value in values):
        together = "".join(values)
        if clean_text(together) == together:
            return values
    return map(_text_or_none, values)


def _text_or_none(value: Any) -> str | None:
    found = plain(value)
    return found if found is None or isinstance(found, str) else str(found)


@contextmanager
def one_of_ours(path: str | Path) -> Iterator[None]:
    """Say of a file that cannot be read that it is none that hotspots wrote."""
    try:
        yield
    except DataError as error:
        if error.findings[0].rule == DAMAGED:
            raise
        raise DataError(
            f"{path}: a GeoPackage or GeoJSON that hotspots wrote was expected; this is none, or "
            "not there.",
            rule="not-ours",
        ) from error


@contextmanager
def undamaged(path: str | Path, what: str) -> Iterator[None]:
    """Say of a file that hotspots wrote which part of it is no longer what it was."""
    try:
        yield
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        if isinstance(error, HotspotsError):
            raise
        raise DataError(
            f"{path}: {what} must be as hotspots wrote it; it was changed since, or is damaged "
            f"({reason_of(error)}). Make the file again.",
            rule=DAMAGED,
        ) from error
