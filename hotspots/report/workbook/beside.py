"""What stands beside the counts of now: earlier periods, and the change since."""

from __future__ import annotations

import pandas as pd

from hotspots.core.periods import Period, as_long, in_order_of_time, span_of
from hotspots.report.text.words import short_period
from hotspots.report.workbook.sheet import Field

MOST = 3
BEFORE, CHANGE = "incidents in ", "change since "


def with_earlier(table: pd.DataFrame, periods: pd.DataFrame | None) -> pd.DataFrame:
    """The areas with their counts in up to three other periods as long, the latest first.

    The change is to the latest of them. It is left out where numbers are rounded: the difference of
    two rounded numbers says nothing.
    """
    names = _others(table, periods)
    if periods is None or not names:
        return table
    counts = periods.reset_index()
    texts = {name: counts[name].astype(str) for name in ("area_id", "period")}
    counts = counts.assign(**texts)
    counted = counts.groupby(["area_id", "period"])["incident_count"].sum(min_count=1)
    held = counted.unstack("period")
    ids, rounded = table.index.astype(str), "disclosed_for" in table
    found = {
        f"{BEFORE}{short_period(name)}": held[name].reindex(ids).set_axis(table.index)
        for name in names if name in held
    }  # fmt: skip
    if not rounded:
        found = {heading: column.fillna(0) for heading, column in found.items()}
        heading, latest = next(iter(found.items()))
        change = table["incident_count"].astype("Float64") - latest
        found[heading.replace(BEFORE, CHANGE)] = change
    return table.assign(**found)


def _others(table: pd.DataFrame, periods: pd.DataFrame | None) -> list[str]:
    """Periods as long as that of the areas, the latest first."""
    if periods is None or not len(table) or table["period_from"].isna().iloc[0]:
        return []
    now = table["period_from"].iloc[0], table["period_until"].iloc[0]
    own = Period(*now, "").key
    names = in_order_of_time({str(name) for name in periods.reset_index()["period"]})[::-1]
    return [name for name in names if name != own and as_long(span_of(name), now)][:MOST]


def earlier_fields(table: pd.DataFrame) -> list[Field]:
    """The columns that :func:`with_earlier` made, for a sheet."""
    made = [str(name) for name in table.columns if str(name).startswith((BEFORE, CHANGE))]
    return [
        Field(name, name[:1].upper() + name[1:], 13, "signed" if name.startswith(CHANGE) else "int")
        for name in made
    ]
