"""What a declaration says of a TOML file: its JSON Schema, and the words for a setting.

A declaration is a pydantic model or a frozen dataclass; a setting's own words (``x-words``, when
its kind alone would say too little) and its unit (``x-unit``) stand beside its type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

Node = dict[str, Any]
_SECTION = re.compile(r"\n(?:Parameters|Attributes)\n-+\n(.*?)(?=\n\n\S|\Z)", re.DOTALL)
_ENTRY = re.compile(r"^(\w[\w, ]*?)(?: : .*)?\n((?:(?: .*)?(?:\n|$))+)", re.MULTILINE)


@cache
def adapter_of(declaration: Any) -> TypeAdapter[Any]:
    """What checks values against a declaration; made once for each."""
    return TypeAdapter(declaration)


@cache
def json_schema(declaration: Any) -> Node:
    """The JSON Schema of a declaration, with the words and units of its settings.

    Examples
    --------
    >>> from hotspots.core.schema import Table
    >>> class Grid(Table):
    ...     h3: int = 9
    >>> json_schema(Grid)["properties"]["h3"]
    {'default': 9, 'type': 'integer'}
    """
    schema = adapter_of(declaration).json_schema(ref_template="#/definitions/{model}")
    if "$defs" in schema:
        schema["definitions"] = schema.pop("$defs")
    tidy: Node = _tidy(schema)
    return tidy


def node_at(schema: Node, node: Node, part: str | int, value: Any) -> Node:
    """The part of a schema that is about one entry of a table or of a list."""
    for branch in branches(schema, node, value):
        if isinstance(part, int) and "items" in branch:
            return dict(branch["items"])
        if isinstance(part, str):
            found = branch.get("properties", {}).get(part) or branch.get("additionalProperties")
            if isinstance(found, dict):
                return found
    return {}


def branch_named(node: Node, name: object) -> Node:
    """The alternative that carries a name, such as that of a model; the node itself without."""
    ways: list[Node] = node.get("anyOf") or node.get("oneOf") or []
    return next((way for way in ways if way.get("$ref", "").endswith(f"/{name}")), node)


def tables_of(schema: Node, node: Node) -> list[Node]:
    """Every shape of table that a node allows."""
    return [branch for branch in branches(schema, node, {}) if is_table(branch)]


def words_for(schema: Node, node: Node, name: str) -> str:
    """What a setting must be, in words of the file.

    Examples
    --------
    >>> words_for({}, {"type": "integer", "minimum": 1, "maximum": 50}, "top")
    'a whole number from 1 to 50'
    >>> words_for({}, {"type": "array", "items": {"type": "string"}}, "caveats")
    'a list of texts'
    """
    if "x-words" in node:
        return str(node["x-words"])
    ways = (_words(schema, branch, name) for branch in branches(schema, node, None))
    return ", or ".join(dict.fromkeys(ways))


def tables_in(schema: Node, branch: Node) -> list[Node]:
    """The tables a list may hold."""
    return tables_of(schema, branch["items"]) if "items" in branch else []


def branches(schema: Node, node: Node, value: Any) -> list[Node]:
    """The alternatives of a node, those first that are made for a value such as this."""
    if "$ref" in node:
        return branches(schema, schema["definitions"][node["$ref"].rpartition("/")[2]], value)
    ways = node.get("anyOf") or node.get("oneOf")
    found = [one for way in ways for one in branches(schema, way, value)] if ways else [node]
    return sorted(found, key=lambda one: not _suits(schema, one, value))


def _suits(schema: Node, branch: Node, value: Any) -> bool:
    """Whether an alternative is a table, or a list of tables, where the value is one."""
    if isinstance(value, Mapping):
        return is_table(branch)
    given = isinstance(value, (list, tuple)) and any(isinstance(one, Mapping) for one in value)
    return given == bool(tables_in(schema, branch))


def is_table(node: Node) -> bool:
    """Whether a node is a table."""
    return bool(node.get("type") == "object")


def _words(schema: Node, node: Node, name: str) -> str:
    if "enum" in node:
        *most, last = [f'"{one}"' for one in node["enum"]]
        return f"{', '.join(most)} or {last}" if most else last
    kind = "date" if node.get("format") == "date" else str(node.get("type"))
    if kind == "array":
        listed = _LISTED.get(node["items"].get("type"), "texts")
        return f"[[{name}]] tables" if tables_in(schema, node) else f"a list of {listed}"
    if kind == "object":
        needed = [repr(one) for one in node.get("required", ())]
        return f"a table [{name}]" + (f" with {', '.join(needed)}" if needed else "")
    return _KINDS.get(kind, kind) + _limits(node)


_KINDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "date": "a date without quotes, e.g. 2026-04-01",
}
_LISTED = {"integer": "whole numbers", "number": "numbers"}


def _limits(node: Node) -> str:
    least, above, most = map(node.get, ("minimum", "exclusiveMinimum", "maximum"))
    if least is not None and most is not None:
        return f" from {least:,} to {most:,}"
    ends = (
        ("of at least", least), ("above", above), ("at most", most),
        ("longer than nothing", "" if node.get("minLength") else None),
    )  # fmt: skip
    told = [f"{words} {end:,}" if end != "" else words for words, end in ends if end is not None]
    return f" {' and '.join(told)}" if told else ""


def _tidy(node: Any) -> Any:
    """A schema without what TOML has not (null), and with the docstrings' words for settings."""
    if isinstance(node, list):
        return [_tidy(one) for one in node]
    if not isinstance(node, dict):
        return node
    title = isinstance(node.get("title"), str)
    tidy = {name: _tidy(one) for name, one in node.items() if not (title and name == "title")}
    ways = [way for way in tidy.get("anyOf", ()) if way != {"type": "null"}]
    if ways:
        del tidy["anyOf"]
        tidy = {**ways[0], **tidy} if len(ways) == 1 else {"anyOf": ways, **tidy}
    if "default" in tidy and tidy["default"] is None:
        del tidy["default"]
    return _described(tidy) if is_table(tidy) else tidy


def _described(table: Node) -> Node:
    """A table with the first sentence of its docstring, and its settings with their entries."""
    text = str(table.get("description", ""))
    told = _entries(text)
    settings = {
        name: {**({"description": told[name]} if name in told else {}), **setting}
        for name, setting in table.get("properties", {}).items()
    }
    first = as_plain_text(text.split("\n\n")[0])
    return {
        **table,
        **({"description": first} if first else {}),
        **({"properties": settings} if settings else {}),
    }


def _entries(docstring: str) -> dict[str, str]:
    """The words of a numpydoc section for each of its names."""
    section = _SECTION.search(docstring)
    found = _ENTRY.findall(section[1] + "\n") if section else []
    return {
        name: as_plain_text(words) for names, words in found for name in re.split(r",\s*", names)
    }


def as_plain_text(words: str) -> str:
    """Words of a docstring or of a page without roles, doubled ticks and links."""
    words = re.sub(r":\w+:(`[^`]*`)", r"\1", " ".join(words.split()))
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words.replace("``", "`"))
