"""Counts of areas by period as a matrix."""

from __future__ import annotations

import pandas as pd

from hotspots.core.errors import listing, require
from hotspots.core.tables import AREA_PERIODS, require_table

COLUMNS = {"count": "incident_count", "harm": "harm"}


def wide_counts(area_periods: pd.DataFrame, column: str, area_ids: pd.Index | None) -> pd.DataFrame:
    """One row an area, one column a period in order; zero where nothing is said."""
    flat = area_periods
    if not {"area_id", "period"} <= set(flat.columns):
        flat = flat.reset_index()
    require_table(
        flat.reset_index(drop=True),
        AREA_PERIODS,
        argument="area_periods",
        only=["area_id", "period", column],
    )
    wide = flat.pivot_table(
        index="area_id", columns="period", values=column, aggfunc="sum", observed=True
    )
    wide = wide.sort_index(axis=1)
    if area_ids is not None:
        unknown = wide.index.difference(area_ids)
        require(
            len(unknown) == 0,
            f"`area_ids` must hold every area of `area_periods`; it lacks {listing(unknown)}.",
        )
        wide = wide.reindex(area_ids)
    return wide.fillna(0.0)
