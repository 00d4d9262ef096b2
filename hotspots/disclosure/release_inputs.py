"""What a release is given, table by table: checked, split by theme and kind, put together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from hotspots.core.errors import require
from hotspots.core.tables import AREAS, ZONES, require_table
from hotspots.disclosure.rules import TILINGS, counts_in_cells

OUTLINED = frozenset({"cluster", "patrol"})
"""Kinds of area that are drawn as outlines above cells."""


def tables_of(tables: Any, argument: str) -> list[pd.DataFrame]:
    """Areas tables as a list, checked."""
    several = [tables] if isinstance(tables, pd.DataFrame) else list(tables)
    for number, table in enumerate(several):
        require_table(table, AREAS, argument=f"{argument}[{number}]", only=[])
    return several


def zones_of_release(tables: Any) -> list[pd.DataFrame]:
    """Zones tables as a list, checked."""
    several = [tables] if isinstance(tables, pd.DataFrame) else list(tables)
    for number, table in enumerate(several):
        require_table(table, ZONES, argument=f"zones[{number}]", only=[])
    return several


def split(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """One table a theme and kind, in the order given."""
    found = []
    for table in tables:
        keys = [name for name in ("theme", "kind") if name in table.columns]
        several = len(table) and keys and len(table[keys].drop_duplicates()) > 1
        found += [part for _, part in table.groupby(keys, sort=False)] if several else [table]
    return found


def by_theme(area_periods: Any) -> list[tuple[str, pd.DataFrame]]:
    """Counts by period, one table a theme, identities in the index."""
    several = [area_periods] if isinstance(area_periods, pd.DataFrame) else area_periods or ()
    found = []
    for table in several:
        flat = table if "area_id" in table.columns else _named(table).reset_index()
        missing = {"area_id", "theme", "period", "incident_count"} - set(flat.columns)
        require(not missing, f"`area_periods` must have the column(s) {sorted(missing)}.")
        parts = flat.set_index(["area_id", "period"]).groupby("theme", sort=False)
        found += [(str(theme), part) for theme, part in parts]
    return found


def _named(table: pd.DataFrame) -> pd.DataFrame:
    return table if "area_id" in table.index.names else table.rename_axis("area_id")


def together(overlaps: pd.DataFrame | Iterable[pd.DataFrame] | None) -> pd.DataFrame | None:
    """All overlaps in one table; areas of the same ground are named once."""
    several = [overlaps] if isinstance(overlaps, pd.DataFrame) else list(overlaps or ())
    if not several:
        return None
    keys = ["area_id", "zone_id"]
    flat = [
        table.reset_index() if set(keys) & set(table.index.names) else table for table in several
    ]
    for table in flat:
        missing = [name for name in (*keys, "share_of_area") if name not in table]
        require(not missing, f"`overlaps` must be a table of overlaps; it lacks {missing}.")
    return pd.concat(flat, ignore_index=True).drop_duplicates(keys).set_index(keys)


def cells_of_theme(theme: str, tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """The tables of cells of one theme."""
    return [t for t in tables if counts_in_cells(t) and str(first(t, "theme")) == theme]


def is_outlined(table: pd.DataFrame, among: Iterable[pd.DataFrame]) -> bool:
    """Whether areas are drawn as outlines: clusters, and what does not tile beside what does."""
    if not len(table):
        return "min_incidents" in table.columns
    if str(first(table, "kind")) in OUTLINED:
        return True
    theme = first(table, "theme")
    beside = (other for other in among if len(other) and first(other, "theme") == theme)
    return not _tiles(table) and any(map(_tiles, beside))


def _tiles(table: pd.DataFrame) -> bool:
    return TILINGS.fullmatch(str(first(table, "kind"))) is not None


def first(table: pd.DataFrame, column: str) -> Any:
    """The first value of a column; nothing where there is none."""
    return table[column].iloc[0] if column in table.columns and len(table) else ""


def values(table: pd.DataFrame, column: str) -> list[Any]:
    """What a column holds, each value once."""
    return list(table[column].dropna().unique()) if column in table.columns else []
