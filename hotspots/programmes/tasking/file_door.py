"""The door of product files: what goes wrong with their settings is said in their words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from hotspots.core.errors import DataError, Finding, InputError
from hotspots.core.text.doors import PYTHON, Door, file_door
from hotspots.programmes.protect import protect_file
from hotspots.programmes.tasking import product_file


@cache
def product_door() -> Door:
    """A product file, with every setting that it and its tables know."""
    tables = (*product_file.TABLES.values(), *protect_file.TABLES.values())
    names = {name for table in tables for name in getattr(table, "model_fields", ())}
    return file_door({name: name for name in names})


@contextmanager
def in_words_of_a_file(file: str) -> Iterator[None]:
    """Turn errors of the library, which name its arguments, into the words of a product file."""
    try:
        yield
    except (InputError, DataError) as error:
        raise DataError(_found_by(found, file) for found in error.findings) from error


def _found_by(found: Finding, file: str) -> Finding:
    """A finding in the words of the product file, which names itself before any other file."""
    if found.door.key != PYTHON.key:
        return found
    where = f"{file}: {found.file}" if found.file else file
    return replace(found, file=where, door=product_door())
