"""Areas period by period: what each held, and in how many periods it was among the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.arguments import has_record, listed, made_by, require_made, whole_of
from hotspots.core.behind import COLUMNS as BEHIND
from hotspots.core.errors import InputError, require
from hotspots.core.periods import Period
from hotspots.core.select import require_members
from hotspots.core.tables import AREA_PERIODS, require_table
from hotspots.core.totals import HARM_COLUMNS, area_totals, totals_in_spans

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection


def count_by_period(
    areas: gpd.GeoDataFrame,
    incidents: Selection,
    *,
    periods: Iterable[str | Period] | None = None,
    record: RunRecord | None = None,
) -> pd.DataFrame:
    """Count the incidents, and their harm, of every area in every period.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table; its index is used.
    incidents : Selection
        The incidents the areas were counted from, with their areas. In cells all periods of the
        table they came from can be counted; in clusters those the question holds.
    periods : iterable of str or Period, optional
        By default every month in which the table has any incident. A month without any, in any
        theme, is a month the data does not cover: it is left out, not zero.
    record : RunRecord, optional
        Gets the account of every row, period by period.

    Returns
    -------
    DataFrame
        Area_periods table on (``area_id``, ``period``), zeros included, periods in order of time.

    Raises
    ------
    InputError
        For incidents that are not those the areas were counted from, or a period that cannot be
        read.

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
    >>> everything = hs.assign_cells(hs.select(incidents, hs.Question(within=city)), hs.H3Grid(8))
    >>> cells = hs.aggregate_to_cells(everything)
    >>> months = hs.count_by_period(cells, everything)
    >>> months.groupby("period")["incident_count"].sum().to_dict()
    {'2016-07': 9239, '2017-07': 9672, '2018-07': 10727}
    """
    require_members(areas, incidents)
    chosen = incidents.source.months() if periods is None else listed(periods, "periods")
    asked = dict.fromkeys(incidents.question.during(period).span for period in chosen)
    spans = sorted((span for span in asked if span is not None), key=lambda one: one.start)
    totals = _in_one_pass(areas, incidents, spans)
    tables = []
    for number, period in enumerate(spans):
        found = _in_one(areas, incidents, period) if totals is None else totals[number]
        tables.append(found.assign(theme=incidents.theme, period=period.key))
        if has_record(record):
            held, then = int(found["incident_count"].sum()), incidents.during(period)
            record.account(then.closed("count_by_period", held, then.total - held))
    return _by_area_and_period(tables, areas)


def flat_periods(area_periods: pd.DataFrame, column: str) -> pd.DataFrame:
    """Counts by area and period, which are columns of it; raise for another table."""
    made = "count_by_period(areas, incidents)"
    require_made("area_periods", area_periods, pd.DataFrame, made)
    named = {"area_id", "period"} <= set(area_periods.columns)
    flat = area_periods.reset_index(drop=True) if named else area_periods.reset_index()
    needs = ["area_id", "period", column]
    require_table(flat, AREA_PERIODS, argument="area_periods", only=needs)
    return flat


def _in_one_pass(
    areas: gpd.GeoDataFrame, incidents: Selection, periods: Sequence[Period]
) -> list[pd.DataFrame] | None:
    """The totals of whole months that are apart; None for other periods."""
    spans = [period.whole_months for period in periods]
    known = [span for span in spans if span is not None]
    if len(known) < len(spans) or any(a[1] >= b[0] for a, b in pairwise(known)):
        return None
    everything = incidents.during(None) if incidents.grid is not None else incidents
    return totals_in_spans(everything.parts, areas.index, known)


def _in_one(areas: gpd.GeoDataFrame, incidents: Selection, period: Period) -> pd.DataFrame:
    in_cells = incidents.grid is not None
    members = incidents.during(period) if in_cells else incidents.only(period)
    totals = area_totals(members.parts, areas.index)
    return totals[
        ["incident_count", *(name for name in (*HARM_COLUMNS, *BEHIND) if name in totals)]
    ]


def months_in_top(area_periods: pd.DataFrame, *, by: str = "count", top: int = 20) -> pd.DataFrame:
    """Count the periods in which each area was among the first: the plainest test of endurance.

    Parameters
    ----------
    area_periods : DataFrame
        From :func:`count_by_period`, one theme.
    by : {"count", "harm"}
        Rank by ``incident_count`` or ``harm``.
    top : int
        Length of the list. Areas that tie for the last place are all in it; an area without
        incidents (or harm) never is.

    Returns
    -------
    DataFrame
        By ``area_id``: ``periods``, ``active_periods`` (with any incident or harm),
        ``periods_in_top``, ``share_in_top``, ``in_top_last`` (in the latest period).

    Raises
    ------
    InputError
        When ``top`` is below 1, or a table lacks what ``by`` counts.

    Notes
    -----
    With few incidents most of a top twenty changes from month to month by chance alone; a share of
    0.3 can be a steady place, and 1.0 in three months says little.

    Examples
    --------
    >>> counts = pd.DataFrame({"incident_count": [5, 3, 1, 0, 4, 4]}, index=pd.MultiIndex.
    ...     from_product([["a", "b", "c"], ["2018-06", "2018-07"]], names=["area_id", "period"]))
    >>> months_in_top(counts, top=1)["periods_in_top"].to_dict()
    {'a': 1, 'b': 0, 'c': 1}
    """
    top = whole_of(top, "top")
    values = by_area(area_periods, by)
    ranks = values.where(values > 0).rank(method="min", ascending=False)
    in_top = ranks.le(top)
    table = pd.DataFrame(index=values.index)
    table["periods"] = values.shape[1]
    table["active_periods"] = (values > 0).sum(axis=1)
    table["periods_in_top"] = in_top.sum(axis=1)
    table["share_in_top"] = table["periods_in_top"] / max(values.shape[1], 1)
    table["in_top_last"] = in_top.iloc[:, -1] if values.shape[1] else False
    return table


def by_area(area_periods: pd.DataFrame, by: str = "count") -> pd.DataFrame:
    """One row an area, one column a period in order of time; absent pairs are zero.

    Parameters
    ----------
    area_periods : DataFrame
        From :func:`count_by_period`, one theme.
    by : {"count", "harm"}
        ``incident_count`` or ``harm``.

    Returns
    -------
    DataFrame
        On ``area_id``, a column for each period.

    Raises
    ------
    InputError
        For a table of several themes, or one without the column asked for.

    Notes
    -----
    It misleads on a filtered table: a pair that was left out reads as zero.

    Examples
    --------
    >>> rows = {"area_id": ["a", "a", "b"], "period": ["2018-06", "2018-07", "2018-07"]}
    >>> months = pd.DataFrame(rows | {"incident_count": [3, 1, 2]})
    >>> by_area(months.set_index(["area_id", "period"])).values.tolist()
    [[3, 1], [0, 2]]
    """
    framed = isinstance(area_periods, pd.DataFrame)
    require(
        framed and "period" in [*area_periods.columns, *area_periods.index.names],
        "`area_periods` must be a table of counts by area and period.",
        mend=made_by("count_by_period(areas, incidents)"),
    )
    column = {"count": "incident_count", "harm": "harm"}.get(str(by))
    if column is None or column not in area_periods.columns:
        raise InputError(
            f"`by` must be 'count', or 'harm' where `area_periods` has harm; got {by!r}."
        )
    if "theme" in area_periods.columns and area_periods["theme"].nunique() > 1:
        raise InputError("`area_periods` must hold one theme; choose one before comparing periods.")
    keyed = area_periods
    if "period" in keyed.columns:
        keyed = keyed.set_index("period", append=True)
    if not keyed.index.is_unique:
        raise InputError("`area_periods` must name every area and period once.")
    wide = keyed[column].unstack("period", fill_value=0)
    order = sorted(wide.columns, key=lambda period: Period.parse(period).start)
    return wide[order].rename_axis(columns="period")


def _by_area_and_period(tables: list[pd.DataFrame], areas: gpd.GeoDataFrame) -> pd.DataFrame:
    if not tables:
        empty = pd.DataFrame(
            {"theme": [], "period": [], "incident_count": []}, index=areas.index[:0]
        )
        tables = [empty.rename_axis("area_id")]
    stacked = pd.concat(tables).rename_axis("area_id").set_index("period", append=True)
    first = ["theme", "incident_count"]
    return stacked[[*first, *(name for name in stacked if name not in first)]]
