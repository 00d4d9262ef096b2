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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    WrapValidator,
)

from hotspots.core.arguments import path_of
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
from hotspots.core.text.doors import FILE

T = TypeVar("T")

Place: TypeAlias = "tuple[str | int, ...]"
LONGEST = 80
LARGEST_TOML = 1_000_000
DEEPEST_KEY = 32
"""A key of thousands of parts (``a.a.a``) takes minutes to read."""
_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_DEEP_KEY = re.compile(rf"(?<![\w-])(?:{_PART}[ \t]*+\.[ \t]*+){{{DEEPEST_KEY}}}")
AS_A_PATH = "Write a path with / or in single quotes, such as 'C:\\data\\police.csv'."
MISSING = ("missing", "missing_argument")
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
NO_TABLE = ("model_type", "dataclass_type")


def documented(schema: Node, declaration: type[Any]) -> None:
    """Put the docstring of a declaration into its schema, whatever pydantic makes of it."""
    schema["description"] = cleandoc(declaration.__doc__ or "")


TABLE: Final = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_extra=documented)


class Table(BaseModel):
    """A table of a TOML file: it holds what is declared and nothing else, and never changes."""

    model_config: ClassVar[ConfigDict] = ConfigDict(**TABLE, frozen=True, defer_build=True)


def says(words: str | None = None, *, unit: str | None = None, key: str | None = None) -> Any:
    """What a setting must be, its unit, and the key of its example, beside its type."""
    told = {"x-words": words, "x-unit": unit, "x-key": key}
    return Field(json_schema_extra={name: one for name, one in told.items() if one is not None})


def settings_of(table: type[Table]) -> set[str]:
    """The names of its settings, as a file writes them."""
    return {field.alias or name for name, field in table.model_fields.items()}


def _as_it_came(value: Any, check: Any) -> Any:
    check(value)
    return value


def passing(check: Callable[[Any], object]) -> AfterValidator:
    """Beside a type: what passes a check, which raises otherwise, stays as it is."""

    def checked(value: Any) -> Any:
        check(value)
        return value

    return AfterValidator(checked)


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
    return check_table(toml_content(path, what=what), model, path_of(path).name)


def toml_content(path: str | Path, *, what: str) -> dict[str, Any]:
    """What stands in a TOML file, unchecked; for :func:`check_table`."""
    file = path_of(path)
    where: Any = {"rule": "not-toml", "file": file.name or str(file)}
    if file.exists() and not file.is_file():
        wrong = f"{what} is a TOML file; this is a folder, a device or a pipe. Name a file."
        raise DataError(wrong, **where)
    text = ""
    try:
        if file.stat().st_size > LARGEST_TOML:
            raise ValueError(f"it has more than {LARGEST_TOML:,} bytes")
        text = file.read_text(encoding="utf-8-sig")
        if _DEEP_KEY.search(text):
            raise ValueError(f"a key of it has more than {DEEPEST_KEY} parts")
        return tomllib.loads(text)
    except FileNotFoundError as error:
        raise DataError(
            f"there is no such file; {what} is a TOML file.", rule="no-such-file", file=str(file)
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        wrong = f"{what} is a TOML file (UTF-8); this one cannot be read: {error}."
        if isinstance(error, tomllib.TOMLDecodeError) and "\\" in text:
            wrong = f"{wrong} {AS_A_PATH}"
        raise DataError(wrong, **where) from error


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
    except ValidationError as faults:
        schema = json_schema(declaration)
        _wrong_settings(faults, values, schema, file).raise_errors(kind)
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


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    return _quoted(value) if isinstance(value, str) else str(value)


def _wrong_settings(faults: ValidationError, values: Any, schema: Node, file: str) -> Findings:
    """Every fault once, in its place in the file."""
    given = _Given(values, schema, file)
    followed = [given.follow(raw) for raw in faults.errors(include_url=False)]
    findings = [
        finding.through(FILE) for fault in followed for finding in _told(fault, followed, given)
    ]
    return Findings(list(dict.fromkeys(findings)))


def _key(name: str) -> str:
    """A key as TOML writes it.

    Examples
    --------
    >>> _key("radius_m"), _key("place name")
    ('radius_m', '"place name"')
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@dataclass(frozen=True)
class _Fault:
    """One fault, and where it is: its table as the schema knows it, the value that is wrong."""

    kind: str
    path: Place
    value: Any
    table: Node
    name: str
    own: Exception | None

    @property
    def setting(self) -> Place:
        """The setting it is in, whichever entry of a list is wrong."""
        path = self.path
        while path and isinstance(path[-1], int):
            path = path[:-1]
        return path

    @property
    def is_stray(self) -> bool:
        """Whether it stands where, but for the settings, only tables of any name may."""
        named = self.table.get("properties", {})
        return (
            self.kind in NO_TABLE and bool(named and self.path) and isinstance(self.path[-1], str)
            and self.path[-1] not in named and not isinstance(self.value, Mapping)
        )  # fmt: skip


@dataclass(frozen=True)
class _Given:
    """The values of a file, and what they should be."""

    values: Any
    schema: Node
    file: str

    def follow(self, raw: Any) -> _Fault:
        """Where a fault is. Pydantic also names the alternatives of a union on its way."""
        path: list[str | int] = []
        value, node, table = self.values, self.schema, self.schema
        for part in raw["loc"]:
            if _holds(value, part):
                table = node
                node, value = node_at(self.schema, node, part, value), value[part]
                path.append(part)
            else:
                node = branch_named(node, part)
        name = str(raw["loc"][-1]) if raw["loc"] else ""
        own = raw.get("ctx", {}).get("error")
        return _Fault(raw["type"], tuple(path), value, table, name, own)

    def value(self, path: Place) -> Any:
        """The value that stands there."""
        value = self.values
        for part in path:
            value = value[part]
        return value

    def words(self, path: Place) -> str:
        """What should stand there."""
        node, value = self.schema, self.values
        for part in path:
            node, value = node_at(self.schema, node, part, value), value[part]
        return words_for(self.schema, node, _heading(path))

    def place(self, table: Place) -> str:
        """A table by its heading in the file: [within], [[zones]] number 2."""
        if not table:
            return self.file
        if not isinstance(table[-1], int):
            return f"{self.file} [{_heading(table)}]"
        several = len(self.value(table[:-1])) > 1
        return f"{self.file} [[{_heading(table)}]]{f' number {table[-1] + 1}' if several else ''}"


def _told(fault: _Fault, all_faults: list[_Fault], given: _Given) -> Iterator[Finding]:
    setting = fault.setting
    place = given.place(setting[:-1])
    if fault.kind in MISSING:
        missing = [one.name for one in all_faults if one.kind in MISSING and one.path == fault.path]
        message = f"needs the setting(s) {listing(missing, most=40)}."
        yield Finding("missing-setting", message, file=given.place(fault.path))
    elif fault.kind in UNKNOWN or fault.is_stray:
        yield _unknown(fault, given, place)
    elif isinstance(fault.own, HotspotsError):
        of_table = isinstance(fault.value, Mapping)
        for own in fault.own.findings:
            named = of_table or own.argument == setting[-1]
            message = own.message if named else f"`{setting[-1]}`: {own.message}"
            where = given.place(fault.path) if of_table else place
            yield replace(own, message=message, file=where)
    elif not setting:
        message = f"must be a table; got {_typed(fault.value)}."
        yield Finding("setting-type", message, file=given.file)
    else:
        came = _typed(given.value(setting))
        message = f"`{setting[-1]}` must be {given.words(setting)}; got {came}."
        yield Finding("setting-type", message, file=place)


def _unknown(fault: _Fault, given: _Given, place: str) -> Finding:
    name = str(fault.path[-1])
    shapes = tables_of(given.schema, fault.table)
    known = [one for shape in shapes for one in shape.get("properties", {}) if one != name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    mend = f"Did you mean {near[0]!r}?" if near else f"It knows {listing(known, most=60)}."
    return Finding(
        "unknown-setting", f"does not know the setting {_typed(name)}.", file=place, mend=mend
    )


def _holds(value: Any, part: Any) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, (list, tuple)) and isinstance(part, int) and part < len(value)


def _heading(path: Place) -> str:
    return ".".join(_key(part) for part in path if isinstance(part, str))


def _typed(value: Any) -> str:
    """A value as it stands in a TOML file, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = value.isoformat() if isinstance(value, date) else repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
