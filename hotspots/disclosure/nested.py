"""Themes inside one another: what is shown of vehicle nuisance bounds what is shown of ASB."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.disclosure.over_time import Related, what_is_known
from hotspots.disclosure.reckoning import ALWAYS, column_of, is_dated, window_of
from hotspots.disclosure.rules import TIMES, is_monthly

if TYPE_CHECKING:
    from hotspots.disclosure.rules import Reader


def related_to(
    areas: pd.DataFrame, theme: str, tables: Iterable[pd.DataFrame], reader: Reader
) -> list[Related]:
    """What a reader knows of the same areas, for themes around this one and inside it."""
    nested = [(other, reader.contains(other, theme)) for other in reader.themes
              if reader.contains(other, theme) or reader.contains(theme, other)]  # fmt: skip
    every = list(tables) if nested else []
    names = pd.Index(_names(areas).unique())
    found = []
    for other, around in nested:
        known = []
        for table in every:
            if column_of(table, other) == "incident_count" and _names(table).isin(names).any():
                dated = table if is_monthly(table) or is_dated(table) else _on_days(table, areas)
                known += what_is_known(dated, "incident_count", names)
        if known:
            found.append(Related(around, tuple(known)))
    return found


def _names(table: pd.DataFrame) -> Any:
    if "area_id" in table.columns:
        return table["area_id"]
    return table.index.get_level_values(0)


def _on_days(table: pd.DataFrame, areas: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**dict(zip(TIMES, window_of(areas, ALWAYS), strict=True)))
