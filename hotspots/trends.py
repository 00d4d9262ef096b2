"""Areas over time: counts by month, beside one another and never pooled."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.columns import AREAS, require_table
from hotspots.selection import Period, periods_of, select_incidents
from hotspots.totals import HARM_COLUMNS, area_totals

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.record import RunRecord


def count_by_period(
    incidents: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    labels: pd.Series,
    *,
    theme: str | None = None,
    periods: Iterable[str | Period] | None = None,
    within: gpd.GeoDataFrame | None = None,
    include_institutional: bool = False,
    include_sensitive: bool = False,
    record: RunRecord | None = None,
) -> pd.DataFrame:
    """Count the incidents, and their harm, of every area in every period.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    areas : GeoDataFrame
        Areas table; only its index is used.
    labels : Series
        ``area_id`` of incidents in every period, from :func:`label_cells` or
        :func:`label_clusters`.
    theme, within, include_institutional, include_sensitive : optional
        As in :func:`aggregate_to_cells`; with the same choices a period's counts are its counts.
    periods : iterable of str or Period, optional
        By default every month in which the table has any incident. A month without any, in any
        theme, is a month the data does not cover: it is left out, not zero.

    Returns
    -------
    DataFrame
        Area_periods table on (``area_id``, ``period``), zeros included, periods in order of time.

    Notes
    -----
    Months differ in length and weekends. A change that falls on a change in recording is not a
    trend.

    Examples
    --------
    >>> import hotspots as hs
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA")
    >>> incidents = hs.load_incidents(hs.bundled("incidents"), record=record)
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"))
    >>> cells = hs.aggregate_to_cells(incidents, hs.H3Grid(8), within=city)
    >>> labels = hs.label_cells(incidents, hs.H3Grid(8))
    >>> months = hs.count_by_period(incidents, cells, labels, within=city)
    >>> months.groupby("period")["incident_count"].sum().to_dict()
    {'2016-07': 9239, '2017-07': 9672, '2018-07': 10727}
    """
    require_table(areas, AREAS, argument="areas", only=[])
    chosen = periods_of(incidents) if periods is None else list(periods)
    tables = []
    for period in sorted(chosen, key=lambda one: Period.parse(one).start):
        selection = select_incidents(
            incidents,
            stage="count_by_period",
            theme=theme,
            period=period,
            within=within,
            include_institutional=include_institutional,
            include_sensitive=include_sensitive,
        )
        used = incidents[selection.used]
        totals = area_totals(used, labels.reindex(used.index), areas.index)
        kept = ["incident_count", *(name for name in HARM_COLUMNS if name in totals)]
        name = period if isinstance(period, str) else period.label
        tables.append(totals[kept].assign(theme=selection.theme, period=name))
        if record is not None:
            record.account(selection.account)
    return _by_area_and_period(tables, areas)


def _by_area_and_period(tables: list[pd.DataFrame], areas: gpd.GeoDataFrame) -> pd.DataFrame:
    if not tables:
        empty = pd.DataFrame(
            {"theme": [], "period": [], "incident_count": []}, index=areas.index[:0]
        )
        tables = [empty.rename_axis("area_id")]
    stacked = pd.concat(tables).rename_axis("area_id").set_index("period", append=True)
    first = ["theme", "incident_count"]
    return stacked[[*first, *(name for name in stacked if name not in first)]]
