"""The one table that a plain file holds, as its reader may see it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hotspots.core.errors import require
from hotspots.core.record import RunRecord
from hotspots.disclosure import Release, release


def one_table(table: Release | pd.DataFrame, record: RunRecord | None) -> tuple[Any, RunRecord]:
    """A released table and the record for its reader; bare tables are released here."""
    if not isinstance(table, Release):
        released = release(tables={"table": table}, record=record)
        return released.tables["table"], released.record
    every = [*table.areas, *table.zones, *table.area_periods, *table.tables.values()]
    require(
        len(every) == 1,
        f"a plain file holds one table; the release has {len(every)}. Release each by itself, or "
        "write a GeoPackage or a workbook.",
    )
    return every[0], table.record
