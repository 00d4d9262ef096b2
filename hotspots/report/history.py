"""What earlier products said of each area: kept from product to product, so that it adds up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.analysis.ranking import listed_rows
from hotspots.core.periods import Period

if TYPE_CHECKING:
    import geopandas as gpd

KEPT = (
    "theme", "kind", "period_from", "period_until", "incident_count", "harm", "rank",
    "disclosed_for", "shown", "shown_low", "shown_high",
)  # fmt: skip
"""Columns of a history, on ``area_id`` and ``period``."""


def said_of(
    cells: Iterable[gpd.GeoDataFrame], before: Sequence[pd.DataFrame] = ()
) -> Iterator[pd.DataFrame]:
    """A product's areas put under what the products before it said, one table a theme.

    Areas known to hold nothing are left out; those whose count is withheld stay.
    """
    for table in cells:
        if not len(table) or table["period_from"].isna().any():
            continue
        theme, kind = str(table["theme"].iloc[0]), str(table["kind"].iloc[0])
        own = pd.DataFrame({name: table[name] for name in KEPT if name in table})
        own = own[own["incident_count"].isna() | (own["incident_count"] > 0)]
        key = Period(table["period_from"].iloc[0], table["period_until"].iloc[0], "").key
        own = own.rename_axis("area_id").reset_index().assign(period=key)
        own = own.set_index(["area_id", "period"])
        past = [
            one
            for one in before
            if len(one) and (_first(one, "theme"), _first(one, "kind")) == (theme, kind)
        ]
        found = [one[one.index.get_level_values("period") != key] for one in past]
        found = [one for one in (*found, own) if len(one)]
        if found:
            yield pd.concat(found)


def times_listed(history: pd.DataFrame | None, top: int) -> tuple[pd.Series, int]:
    """How often each area was on the list of a product that names ``top``, and of how many."""
    if history is None or not len(history) or "rank" not in history:
        return pd.Series(dtype=int), 0
    packs = [pack.droplevel("period") for _, pack in history.groupby(level="period")]
    listed = [str(area) for pack in packs for area in pack.index[listed_rows(pack, top)]]
    return pd.Series(listed, dtype=object).value_counts(), len(packs)


def history_of(theme: str, history: Iterable[pd.DataFrame]) -> pd.DataFrame | None:
    """The history of one theme; none where nothing was said before."""
    found = [table for table in history if len(table) and _first(table, "theme") == theme]
    return pd.concat(found) if found else None


def _first(table: pd.DataFrame, name: str) -> str:
    return str(table[name].iloc[0])
