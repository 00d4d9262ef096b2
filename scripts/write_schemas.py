"""Write what is made of the declarations of TOML files: schemas for editors, tables of docs pages.

    python scripts/write_schemas.py

A test holds both to the code.
"""

import json
import re
from pathlib import Path
from typing import Any

from hotspots.core.data import DEFINITIONS
from hotspots.core.json_schema import (
    Node,
    as_plain_text,
    branches,
    is_table,
    json_schema,
    tables_in,
)
from hotspots.io.incidents.breaks import BreaksFile
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.zones.from_lists import WardList, ZoneList
from hotspots.offences.baskets import BasketFile
from hotspots.offences.harm_scale import HarmScaleFile
from hotspots.offences.themes import ThemesFile
from hotspots.programmes.protect.protect_file import TABLES as PROTECT_TABLES
from hotspots.programmes.protect.protect_file import ProtectFile
from hotspots.programmes.tasking.product_file import TABLES, ProductFile

DOCS = Path(__file__).resolve().parents[1] / "docs"
SCHEMAS = DEFINITIONS / "schemas"
DIALECT = "http://json-schema.org/draft-07/schema#"
COLUMNS = ("key", "meaning", "unit", "default", "example")
EVERY_NAME = "<theme>"
"""Stands in a docs table for a name that the file chooses."""
FILE_KINDS: dict[str, tuple[type[Any], str]] = {
    "product": (ProductFile, "A product file of hotspots"),
    "protect-product": (ProtectFile, "A Protect product file of hotspots"),
    "field-map": (FieldMap, "A field map of hotspots: which column holds what"),
    "themes": (ThemesFile, "A file of themes of hotspots"),
    "basket": (BasketFile, "A basket of hotspots: one question and its offences"),
    "harm-scale": (HarmScaleFile, "Where the weights of a harm scale come from"),
    "breaks": (BreaksFile, "Known breaks in data of incidents"),
    "zone-list": (ZoneList, "Zones put together from small areas"),
    "ward-list": (WardList, "Wards chosen by name or code"),
}
SETTINGS_PAGES: dict[str, dict[str, Any]] = {"product.md": TABLES, "protect.md": PROTECT_TABLES}
"""Pages of ``docs`` with tables of settings, and the declarations these are made of."""


def main() -> None:
    """Write every schema, and the pages of all settings."""
    SCHEMAS.mkdir(exist_ok=True)
    for name, schema in editor_schemas().items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (SCHEMAS / name).write_text(text, encoding="utf-8", newline="\n")
    for name, tables in SETTINGS_PAGES.items():
        page = with_settings_tables((DOCS / name).read_text(encoding="utf-8"), tables)
        (DOCS / name).write_text(page, encoding="utf-8", newline="\n")


def editor_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each kind of file, by the name of its file in ``SCHEMAS``."""
    return {
        f"{name}.schema.json": published(declaration, title)
        for name, (declaration, title) in FILE_KINDS.items()
    }


def with_settings_tables(page: str, tables: dict[str, Any] = TABLES) -> str:
    """The page of all settings of a product, its tables made anew from the declarations."""
    for heading, declaration in tables.items():
        section = re.compile(rf"^## {re.escape(heading)}\n(?:(?!## ).*\n)*?(?=\|)", re.MULTILINE)
        start = section.search(page)
        if start is None:
            raise LookupError(f"the page has no table below {heading!r}")
        rest = re.sub(r"\A(?:\|.*\n)+", "", page[start.end() :])
        page = page[: start.end()] + docs_table(declaration) + rest
    return page


def published(declaration: Any, title: str) -> Node:
    """The JSON Schema as an editor reads it: standard words only."""
    return {"$schema": DIALECT, **_standard(json_schema(declaration)), "title": title}


def docs_table(declaration: Any) -> str:
    """The settings of one table of a file as Markdown, in the order of its declaration."""
    schema = json_schema(declaration)
    settings = schema.get("properties") or {EVERY_NAME: schema["additionalProperties"]}
    rows = [
        _cells(name, setting, needed)
        for name, setting in settings.items()
        if (needed := name in schema.get("required", ())) or not _stands_apart(schema, setting)
    ]
    lines = ["|" + "".join(f" {cell} |" if cell else " |" for cell in cells) for cells in rows]
    return "\n".join([f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|", *lines]) + "\n"


def _stands_apart(schema: Node, setting: Node) -> bool:
    """Whether a setting is tables and nothing else, with a section of their own on the page."""
    ways = branches(schema, setting, None)
    return all(is_table(way) or bool(tables_in(schema, way)) for way in ways)


def _cells(name: str, setting: Node, needed: bool) -> tuple[str, ...]:
    default = setting.get("default")
    shown = "none" if default in (None, []) else f"`{_plain(default)}`"
    example = setting.get("examples", [None])[0]
    as_text = isinstance(example, str) and setting.get("format") == "date"
    value = example if as_text else json.dumps(example, ensure_ascii=False)
    key = setting.get("x-key", name)
    return (
        f"`{name}`", setting.get("description", ""), setting.get("x-unit", ""),
        "needed" if needed else shown, "" if example is None else f"`{key} = {value}`",
    )  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _standard(node: Any) -> Any:
    """A schema in the words of the standard alone, its links as plain text."""
    if isinstance(node, list):
        return [_standard(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _standard(one) for name, one in node.items() if not name.startswith("x-")}
    if isinstance(kept.get("description"), str):
        kept["description"] = as_plain_text(kept["description"])
    return kept


if __name__ == "__main__":
    main()
