"""Every kind of TOML file people write for the library, and what is made of its declaration."""

from __future__ import annotations

import re
from typing import Any

from hotspots.core.data import DEFINITIONS
from hotspots.core.json_schema import docs_table, published
from hotspots.io.incidents.breaks import BreaksFile
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.zones.from_lists import WardList, ZoneList
from hotspots.offences.baskets import BasketFile
from hotspots.offences.harm_scale import HarmScaleFile
from hotspots.offences.themes import ThemesFile
from hotspots.programmes.protect.protect_file import TABLES as PROTECT_TABLES
from hotspots.programmes.protect.protect_file import ProtectFile
from hotspots.programmes.tasking.product_file import TABLES, ProductFile

SCHEMAS = DEFINITIONS / "schemas"
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


def editor_schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema of each kind of file, by the name of its file in ``hotspots/data/schemas``.

    Examples
    --------
    >>> sorted(editor_schemas()["ward-list.schema.json"]["properties"])[-2:]
    ['title', 'ward']
    """
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
