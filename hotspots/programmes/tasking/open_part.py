"""What anybody can count of a product's incidents: those that their source published one by one.

A product of partners' records and of data.police.uk is read by people who can fetch the second.
Where they count four of a cell, "fewer than 5" says that partners had none.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.analysis.trends import count_by_period
from hotspots.analysis.zones.zone_totals import summarise_zones
from hotspots.core.periods import Period
from hotspots.core.question import Question
from hotspots.core.select import select
from hotspots.core.totals import period_columns
from hotspots.disclosure.over_time import days_of
from hotspots.disclosure.rules import CLUSTER, TIMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import geopandas as gpd

    from hotspots.core.select import Selection
    from hotspots.programmes.tasking.product import TaskingResults

OPEN = "published_"
Parts = list[tuple[str, ...]]


def published_part(
    results: TaskingResults, known: Iterable[pd.DataFrame] = ()
) -> tuple[list[pd.DataFrame], Parts]:
    """What anybody can count of each theme, and the themes with these inside them.

    Cells of the period and of every stretch of whole months that the product, what it is compared
    with, or a table that readers have (``known``) begins or ends; and what lies inside the zones.
    Nothing where no source was published, or all were: then nothing is withheld.
    """
    rows = _published_rows(results.incidents)
    if rows is None:
        return [], list(results.behind.theme_parts)
    product, tables = results.product, list[pd.DataFrame]()
    asked = select(rows, Question(within=product.within))
    everyone = assign_cells(asked, product.grid)
    periods = _stretches([product.period, *results.compared], known)
    themes = [theme for theme in results.cells if theme in everyone.source.carried()]
    for theme in themes:
        now, cells = everyone.asked(theme=theme, period=product.period), results.cells[theme]
        counted = aggregate_to_cells(now).reindex(cells.index)
        same = {name: cells[name] for name in ("kind", *TIMES, "geometry")}
        found = [counted.assign(**same), count_by_period(counted, now, periods=periods)]
        found += [_in_zones(zones, now) for zones in product.zones]
        tables += [table.assign(theme=f"{OPEN}{theme}") for table in found]
    parts = results.behind.theme_parts
    return tables, [*parts, *((*part, *(f"{OPEN}{name}" for name in part)) for part in parts)]


def _stretches(periods: Iterable[str], known: Iterable[pd.DataFrame]) -> list[str]:
    """Whole months between the days on which anything begins or ends: what is published is monthly.

    Time that no period of the product covers is left out.
    """
    spans = [Period.parse(one) for one in periods]
    days = {day.tz_localize(None) for span in spans for day in (span.start, span.end)}
    days |= {day for table in known for day in days_of(table)}
    firsts = sorted(day for day in days if day.day == 1 and day == day.normalize())
    return [
        f"{start:%Y-%m}/{end - pd.Timedelta(days=1):%Y-%m}"
        for start, end in pairwise(firsts)
        if any(span.start.tz_localize(None) <= start < span.end.tz_localize(None) for span in spans)
    ]


def _in_zones(zones: gpd.GeoDataFrame, now: Selection) -> gpd.GeoDataFrame:
    """What anybody can count inside zones, which need not follow the cells.

    As clusters: at least so many lie there, since a border may lie on either side of a place.
    """
    counted = summarise_zones(zones, now)
    days = {name: moment for name, moment in period_columns(now).items() if name in TIMES}
    columns = {"kind": CLUSTER, "incident_count": counted["incident_count"], **days}
    return zones[[zones.geometry.name]].assign(**columns)


def _published_rows(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    if "published" not in incidents.columns:
        return None
    is_open = incidents["published"].eq(True).fillna(False).to_numpy(dtype=bool)
    return incidents[is_open] if is_open.any() and not is_open.all() else None
