"""What earlier products said of each area, kept so that it adds up; and periods to set beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.analysis.ranking import listed_rows
from hotspots.core.periods import Period, Span, as_long, in_order_of_time, span_of, span_of_areas
from hotspots.disclosure.rules import theme_of

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
        theme, kind = theme_of(table), str(table["kind"].iloc[0])
        own = pd.DataFrame({name: table[name] for name in KEPT if name in table})
        own = own[own["incident_count"].isna() | (own["incident_count"] > 0)]
        key = Period(*span_of_areas(table), "").key
        own = own.rename_axis("area_id").reset_index().assign(period=key)
        own = own.set_index(["area_id", "period"])
        past = [
            one
            for one in before
            if len(one) and (theme_of(one), str(one["kind"].iloc[0])) == (theme, kind)
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
    found = [table for table in history if len(table) and theme_of(table) == theme]
    return pd.concat(found) if found else None


def others_as_long(names: Iterable[str], own: str, span: Span) -> list[str]:
    """Names of other periods than one's own that are as long, the latest first."""
    latest_first = in_order_of_time(names)[::-1]
    return [name for name in latest_first if name != own and as_long(span_of(name), span)]
