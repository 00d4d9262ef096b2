"""Write what is made of the declarations of TOML files: schemas for editors, tables of docs pages.

    python scripts/write_schemas.py

A test holds both to the code.
"""

import json
from pathlib import Path

from hotspots.programmes.file_kinds import (
    SCHEMAS,
    SETTINGS_PAGES,
    editor_schemas,
    with_settings_tables,
)

DOCS = Path(__file__).resolve().parents[1] / "docs"


def main() -> None:
    """Write every schema, and the pages of all settings."""
    SCHEMAS.mkdir(exist_ok=True)
    for name, schema in editor_schemas().items():
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (SCHEMAS / name).write_text(text, encoding="utf-8", newline="\n")
    for name, tables in SETTINGS_PAGES.items():
        page = with_settings_tables((DOCS / name).read_text(encoding="utf-8"), tables)
        (DOCS / name).write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
