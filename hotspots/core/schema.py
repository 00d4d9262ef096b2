"""One reader for every TOML file: a declaration says what may stand in it, and faults are gathered.

A declaration is a :class:`Table` or a frozen dataclass with ``__pydantic_config__ = TABLE``. It
stands beside the code that uses it, and gives the checks, the defaults, the words of messages, the
table of the docs page and the JSON Schema an editor completes from.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, WrapValidator
from pydantic import ValidationError as Faults

from hotspots.core.errors import DataError, Finding, Findings, HotspotsError, listing
from hotspots.core.json_schema import (
    Node,
    adapter_of,
    branch_named,
    json_schema,
    node_at,
    tables_of,
    words_for,
)

T = TypeVar("T")
TABLE: Final = ConfigDict(extra="forbid", allow_inf_nan=False)
LONGEST = 80


class Table(BaseModel):
    """A table of a TOML file: it holds what is declared and nothing else, and never changes."""

    model_config = ConfigDict(**TABLE, frozen=True)


def says(words: str | None = None, *, unit: str | None = None, key: str | None = None) -> Any:
    """What a setting must be, its unit, and the key of its example, beside its type."""
    told = {"x-words": words, "x-unit": unit, "x-key": key}
    return Field(json_schema_extra={name: one for name, one in told.items() if one is not None})


def _as_it_came(value: Any, check: Any) -> Any:
    check(value)
    return value


def _as_text(value: Any) -> Any:
    plain = isinstance(value, (int, float, date)) and not isinstance(value, bool)
    return str(value) if plain else value


Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Day = Annotated[date, Strict()]
AS_IT_CAME = WrapValidator(_as_it_came)
"""Beside a number's type: it stays whole where it was written whole."""
AnyText = Annotated[str, BeforeValidator(_as_text)]
"""A text that people also write as a number or a date: an edition, a day of review."""


def read_toml(path: str | Path, model: type[T], *, what: str) -> T:
    """Read a TOML file into its declaration; every fault of it in one error.

    Parameters
    ----------
    path : path
        The file, in UTF-8.
    model : type
        A `Table`, or a dataclass whose ``__pydantic_config__`` is `TABLE`.
    what : str
        What the file is in a message: "a product".

    Raises
    ------
    DataError
        For a file that is not there or cannot be read; with every missing, unknown and wrong
        setting, a misspelt one with the nearest that is known.
    """
    return check_table(toml_content(path, what=what), model, Path(path).name)


def toml_content(path: str | Path, *, what: str) -> dict[str, Any]:
    """What stands in a TOML file, unchecked; for :func:`check_table`."""
    file = Path(path)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DataError(f"{file}: there is no such file; {what} is a TOML file.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{file.name}: {what} is a TOML file (UTF-8); this one cannot be read: {error}."
        ) from error


def check_table(
    values: Mapping[str, Any],
    model: type[T],
    file: str,
    *,
    kind: type[HotspotsError] = DataError,
) -> T:
    """Values as a declaration; every missing, unknown and wrong setting in one error.

    Examples
    --------
    >>> class Circle(Table):
    ...     radius_m: Whole
    >>> check_table({"radius": 5}, Circle, "circle.toml")
    Traceback (most recent call last):
        ...
    hotspots.core.errors.DataError: circle.toml: needs the setting(s) 'radius_m'.
    circle.toml: does not know the setting 'radius'. Did you mean 'radius_m'?
    """
    declaration: Any = model
    try:
        checked: T = adapter_of(declaration).validate_python(values)
    except Faults as faults:
        findings = Findings(list(_findings(faults, values, json_schema(declaration), file)))
        findings.raise_errors(kind)
        raise
    return checked


def to_toml(values: Mapping[str, Any]) -> str:
    r"""Names and plain values as TOML lines that `read_toml` reads back.

    Examples
    --------
    >>> print(to_toml({"top": 5, "current": False, "place name": 'The "Oak"'}), end="")
    top = 5
    current = false
    "place name" = "The \"Oak\""
    """
    return "".join(f"{_key(name)} = {_written(value)}\n" for name, value in values.items())


@dataclass(frozen=True)
class _Fault:
    """One fault of pydantic's, followed into the values and into the schema."""

    path: tuple[str | int, ...]
    value: Any
    node: Node
    table: Node
    raw: Mapping[str, Any]


def _findings(
    faults: Faults, values: Mapping[str, Any], schema: Node, file: str
) -> Iterator[Finding]:
    followed = [_follow(raw, values, schema) for raw in faults.errors(include_url=False)]
    said: set[object] = set()
    for fault in followed:
        for key, finding in _told(fault, followed, schema, values, file):
            if key not in said:
                said.add(key)
                yield finding


def _follow(raw: Any, values: Any, schema: Node) -> _Fault:
    """Where a fault is. Pydantic also names the alternatives of a union on its way."""
    path: list[str | int] = []
    here, node, table = values, schema, schema
    for part in raw["loc"]:
        if _holds(here, part):
            table = node if isinstance(part, str) else table
            path, node, here = [*path, part], node_at(schema, node, part, here), here[part]
        else:
            node = branch_named(node, part)
    return _Fault(tuple(path), here, node, table, raw)


def _holds(here: Any, part: Any) -> bool:
    if isinstance(here, Mapping):
        return part in here
    return isinstance(here, (list, tuple)) and isinstance(part, int) and part < len(here)


def _told(
    fault: _Fault, others: list[_Fault], schema: Node, values: Any, file: str
) -> Iterator[tuple[object, Finding]]:
    """What a fault says, each with what makes it the same fault as another."""
    kind, own = fault.raw["type"], fault.raw.get("ctx", {}).get("error")
    setting, value = _setting(fault, values)
    place = _place(setting[:-1], values, file)
    if kind in ("missing", "missing_argument"):
        missing = [one.raw["loc"][-1] for one in others if one.path == fault.path
                   and one.raw["type"] == kind]  # fmt: skip
        message = f"needs the setting(s) {listing(missing)}."
        where = _place(fault.path, values, file)
        yield (kind, fault.path), Finding("missing-setting", message, file=where)
    elif kind in ("extra_forbidden", "unexpected_keyword_argument") or _is_stray(fault):
        yield setting, _unknown(fault, schema, str(setting[-1]), place)
    elif isinstance(own, HotspotsError):
        yield from _own_words(own, setting, fault, values, file)
    elif not setting:
        yield (), Finding("setting-type", f"must be a table; got {_typed(value)}.", file=file)
    else:
        node = _node_of(setting, schema, values)
        words = words_for(schema, node, ".".join(str(p) for p in setting if isinstance(p, str)))
        message = f"`{setting[-1]}` must be {words}; got {_typed(value)}."
        yield setting, Finding("setting-type", message, file=place)


def _setting(fault: _Fault, values: Any) -> tuple[tuple[str | int, ...], Any]:
    """The setting a fault is in, without the places in its list, and all of its value."""
    setting = fault.path
    while setting and isinstance(setting[-1], int):
        setting = setting[:-1]
    return setting, _value(values, setting)


def _value(values: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        values = values[part]
    return values


def _node_of(path: tuple[str | int, ...], schema: Node, values: Any) -> Node:
    node, here = schema, values
    for part in path:
        node, here = node_at(schema, node, part, here), here[part]
    return node


def _is_stray(fault: _Fault) -> bool:
    """Whether a value stands where only the tables of freely chosen names may."""
    named = fault.table.get("properties", {})
    return (
        bool(fault.path and named)
        and isinstance(fault.path[-1], str)
        and fault.path[-1] not in named
        and not isinstance(fault.value, Mapping)
        and fault.raw["type"] in ("model_type", "dataclass_type")
    )


def _unknown(fault: _Fault, schema: Node, name: str, place: str) -> Finding:
    shapes = tables_of(schema, fault.table)
    names = [known for shape in shapes for known in shape.get("properties", {}) if known != name]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    mend = f"Did you mean {near[0]!r}?" if near else f"It knows {listing(names, most=40)}."
    return Finding("unknown-setting", f"does not know the setting {name!r}.", file=place, mend=mend)


def _own_words(
    error: HotspotsError, setting: tuple[str | int, ...], fault: _Fault, values: Any, file: str
) -> Iterator[tuple[object, Finding]]:
    """A message of the declaration's own checks, of one setting or of a whole table."""
    whole = isinstance(fault.value, Mapping)
    place = _place(fault.path if whole else setting[:-1], values, file)
    for line in str(error).splitlines():
        message = line if whole else f"`{setting[-1]}`: {line}"
        yield (fault.path, line), Finding("setting", message, file=place)


def _place(path: tuple[str | int, ...], values: Any, file: str) -> str:
    """A table as its heading in the file: [within], [[zones]] number 2."""
    names = ".".join(_key(part) for part in path if isinstance(part, str))
    if not names:
        return file
    if not isinstance(path[-1], int):
        return f"{file} [{names}]"
    number = f" number {path[-1] + 1}" if len(_value(values, path[:-1])) > 1 else ""
    return f"{file} [[{names}]]{number}"


def _typed(value: Any) -> str:
    """A value as it stands in a TOML file, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = value.isoformat() if isinstance(value, date) else repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _written(name)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
