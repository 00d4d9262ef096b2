"""The files a product file names, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.record import sha256_of
from hotspots.io.postgis import is_address
from hotspots.programmes.tasking.sources import incident_tables, path_at, texts

if TYPE_CHECKING:
    from hotspots.programmes.protect.protect_file import ProtectFile
    from hotspots.programmes.tasking.product_file import ProductFile


def hashes_of_named(file: ProductFile | ProtectFile, base: Path) -> dict[str, str]:
    """The SHA-256 of every file the product names; those of incidents are hashed when read."""
    incidents = {path for table in incident_tables(file) for path in texts(table.path)}
    named = sorted(set(_texts_in(file.model_dump(warnings=False))) - incidents)
    found = {text: path_at(text, base) for text in named if text and not is_address(text)}
    return {
        name_of_file(text, base): sha256_of(path) for text, path in found.items() if _is_file(path)
    }


def name_of_file(text: str, base: Path) -> str:
    """A path as the product file has it; of an absolute one the name alone."""
    return path_at(text, base).name if Path(text).is_absolute() else text


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts_in(part)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
