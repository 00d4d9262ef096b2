"""What is wrong with the values of a declaration, in the words of their file.

Pydantic says where and of what kind a fault is; what a setting must be is in the JSON Schema.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeAlias

from pydantic import ValidationError

from hotspots.core.errors import Finding, Findings, HotspotsError, listing
from hotspots.core.json_schema import Node, branch_named, node_at, tables_of, words_for
from hotspots.core.text.doors import FILE

Path: TypeAlias = "tuple[str | int, ...]"
LONGEST = 80
MISSING = ("missing", "missing_argument")
UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")
NO_TABLE = ("model_type", "dataclass_type")


def wrong_settings(faults: ValidationError, values: Any, schema: Node, file: str) -> Findings:
    """Every fault once, in its place in the file."""
    given = _Given(values, schema, file)
    followed = [given.follow(raw) for raw in faults.errors(include_url=False)]
    findings = [
        finding.through(FILE) for fault in followed for finding in _told(fault, followed, given)
    ]
    return Findings(list(dict.fromkeys(findings)))


def key_of(name: str) -> str:
    """A key as TOML writes it.

    Examples
    --------
    >>> key_of("radius_m"), key_of("place name")
    ('radius_m', '"place name"')
    """
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else quoted(name)


def quoted(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@dataclass(frozen=True)
class _Fault:
    """One fault, and where it is: its table as the schema knows it, the value that is wrong."""

    kind: str
    path: Path
    value: Any
    table: Node
    name: str
    own: Exception | None

    @property
    def setting(self) -> Path:
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

    def value(self, path: Path) -> Any:
        """The value that stands there."""
        value = self.values
        for part in path:
            value = value[part]
        return value

    def words(self, path: Path) -> str:
        """What should stand there."""
        node, value = self.schema, self.values
        for part in path:
            node, value = node_at(self.schema, node, part, value), value[part]
        return words_for(self.schema, node, _heading(path))

    def place(self, table: Path) -> str:
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
    return Finding("unknown-setting", f"does not know the setting {name!r}.", file=place, mend=mend)


def _holds(value: Any, part: Any) -> bool:
    if isinstance(value, Mapping):
        return part in value
    return isinstance(value, (list, tuple)) and isinstance(part, int) and part < len(value)


def _heading(path: Path) -> str:
    return ".".join(key_of(part) for part in path if isinstance(part, str))


def _typed(value: Any) -> str:
    """A value as it stands in a TOML file, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        text = value.isoformat() if isinstance(value, date) else repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
