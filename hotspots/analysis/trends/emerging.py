"""Counts by period in each area, and what story they tell: emerging, lasting, fading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.behind import COLUMNS as BEHIND
from hotspots.core.errors import InputError, require
from hotspots.core.periods import Period
from hotspots.core.select import require_members
from hotspots.core.tables import AREAS, require_table
from hotspots.core.totals import HARM_COLUMNS, area_totals, totals_in_spans
from hotspots.stats.nulls import corrected
from hotspots.stats.trend_test import mann_kendall

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection

FEWEST_STEPS = 10
NEARLY_ALWAYS = 0.9
NO_PATTERN = "none"
TREND_RULES = {
    "new": "hot in the last step and never before",
    "consecutive": "hot in an unbroken run of two or more steps up to the last, never before that "
    "run, and in less than 90 % of steps",
    "intensifying": "hot in 90 % of steps or more, the last included, and z rises",
    "persistent": "hot in 90 % of steps or more, the last included, and z neither rises nor falls",
    "diminishing": "hot in 90 % of steps or more, the last included, and z falls",
    "sporadic": "hot in some steps but less than 90 %, on and off, and never cold",
    "oscillating": "hot in the last step, on and off before, and cold in some step",
    "historical": "hot in 90 % of steps or more, but not in the last",
    NO_PATTERN: "none of the rules holds",
}


def classify_trend(
    z_by_step: ArrayLike, *, significant_z: float = 1.96, trend_alpha: float = 0.05
) -> str:
    """Name the story of one area: the category of its z-values in order of time.

    A step is hot where ``z > significant_z`` and cold where ``z < -significant_z``. If the last
    step is cold, the rules of :data:`TREND_RULES` are read for cold; otherwise for hot, and then
    for cold if nothing hot holds. They are read in their order and the first that holds is the
    answer; cold answers end in " cold".

    Parameters
    ----------
    z_by_step : array-like
        Gi* of one area, one a step, oldest first; at least ten.
    significant_z : float
        Where hot begins. Take more than 1.96 if many areas are classified.
    trend_alpha : float
        Level of the Mann-Kendall test that tells rising and falling from neither.

    Returns
    -------
    str
        ``"new"``, ``"consecutive"``, ``"intensifying"``, ``"persistent"``, ``"diminishing"``,
        ``"sporadic"``, ``"oscillating"``, ``"historical"``, the same with ``" cold"``, or
        ``"none"``.

    Raises
    ------
    InputError
        For fewer steps than a category needs, or a z that is missing.

    Notes
    -----
    z compares an area with the rest of its reference window (see :func:`gi_star_by_period`): where
    the whole town rises alike, nothing intensifies. With monthly counts most areas are sporadic;
    :func:`months_in_top` says more then.

    References
    ----------
    After the categories of Esri's Emerging Hot Spot Analysis
    (https://pro.arcgis.com/en/pro-app/latest/tool-reference/space-time-pattern-mining/learnmoreemerging.htm),
    made exclusive.

    Examples
    --------
    >>> classify_trend([0] * 11 + [3])
    'new'
    >>> classify_trend([-5, -6] * 6)
    'persistent cold'
    """
    z = _steps(z_by_step)
    hot, cold = z > significant_z, z < -significant_z
    test = mann_kendall(z)
    direction = int(np.sign(test.s)) if test.p_value <= trend_alpha else 0
    as_hot, as_cold = _rule(hot, cold, direction), _rule(cold, hot, -direction)
    if cold[-1] or as_hot == NO_PATTERN:
        return as_cold if as_cold == NO_PATTERN else f"{as_cold} cold"
    return as_hot


def classify_trends(
    z_by_step: pd.DataFrame, *, significant_z: float = 1.96, trend_alpha: float = 0.05
) -> pd.DataFrame:
    """Name the story of every area, with what the name was read from.

    Parameters
    ----------
    z_by_step : DataFrame
        One row an area, one column a step in order of time, from :func:`gi_star_by_period`.
    significant_z, trend_alpha : float
        As for :func:`classify_trend`.

    Returns
    -------
    DataFrame
        ``category``, ``steps``, ``steps_hot``, ``steps_cold``, ``hot_last``, ``cold_last``,
        ``trend_z``, ``trend_p`` and ``trend_q`` (Benjamini-Hochberg over the areas). An area with
        a missing z has no category.

    Raises
    ------
    InputError
        For fewer steps than a category needs.

    Notes
    -----
    Read :func:`classify_trend`. Of a thousand areas some are given a category by chance:
    :func:`trends_by_chance` says how many.

    Examples
    --------
    >>> table = pd.DataFrame([[0] * 11 + [3], [5] * 12], index=["a", "b"])
    >>> classify_trends(table)["category"].to_dict()
    {'a': 'new', 'b': 'persistent'}
    """
    values = z_by_step.to_numpy(dtype=float)
    if z_by_step.shape[1] < FEWEST_STEPS:
        _steps(np.zeros(z_by_step.shape[1]))
    known = np.isfinite(values).all(axis=1)
    names = [
        classify_trend(row, significant_z=significant_z, trend_alpha=trend_alpha)
        for row in values[known]
    ]
    tests = [mann_kendall(row) for row in values[known]]
    table = pd.DataFrame(index=z_by_step.index)
    table["category"] = _where(known, names, None, object)
    table["steps"] = values.shape[1]
    hot, cold = values > significant_z, values < -significant_z
    table["steps_hot"], table["steps_cold"] = hot.sum(axis=1), cold.sum(axis=1)
    table["hot_last"], table["cold_last"] = hot[:, -1], cold[:, -1]
    table["trend_z"] = _where(known, [test.z for test in tests], np.nan, float)
    p = np.array([test.p_value for test in tests], dtype=float)
    table["trend_p"] = _where(known, p, np.nan, float)
    table["trend_q"] = _where(known, corrected(p, "bh"), np.nan, float)
    return table


def _steps(z_by_step: ArrayLike) -> NDArray[np.float64]:
    z = np.asarray(z_by_step, dtype=float)
    if z.ndim != 1 or len(z) < FEWEST_STEPS or not np.isfinite(z).all():
        raise InputError(
            f"`z_by_step` must hold at least {FEWEST_STEPS} steps of one area, none missing; got "
            f"{z.shape[-1] if z.ndim else 0} with {int((~np.isfinite(z)).sum())} missing. Three "
            "months are three months, not a trend."
        )
    return z


def _rule(hot: NDArray[np.bool_], cold: NDArray[np.bool_], direction: int) -> str:
    """The first rule that holds for hot; swap hot and cold, and the direction, for cold."""
    share, last = hot.mean(), bool(hot[-1])
    run = len(hot) if hot.all() else int(np.argmin(hot[::-1]))
    if not hot.any():
        return NO_PATTERN
    if share >= NEARLY_ALWAYS:
        if not last:
            return "historical"
        return {1: "intensifying", 0: "persistent", -1: "diminishing"}[direction]
    if last and run == hot.sum():
        return "new" if run == 1 else "consecutive"
    if not cold.any():
        return "sporadic"
    return "oscillating" if last else NO_PATTERN


def _where(
    known: NDArray[np.bool_], values: ArrayLike, missing: object, dtype: type
) -> NDArray[Any]:
    column: NDArray[Any] = np.full(len(known), missing, dtype=dtype)
    column[known] = values
    return column


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
    require_table(areas, AREAS, argument="areas", only=[])
    require_members(areas, incidents)
    chosen = incidents.source.months() if periods is None else list(periods)
    asked = [incidents.question.during(period).span for period in chosen]
    spans = sorted((span for span in asked if span is not None), key=lambda one: one.start)
    totals = _in_one_pass(areas, incidents, spans)
    tables = []
    for number, period in enumerate(spans):
        found = _in_one(areas, incidents, period) if totals is None else totals[number]
        tables.append(found.assign(theme=incidents.theme, period=period.key))
        if record is not None:
            held, then = int(found["incident_count"].sum()), incidents.during(period)
            record.account(then.closed("count_by_period", held, then.total - held))
    return _by_area_and_period(tables, areas)


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
    require(
        isinstance(top, int) and top >= 1,
        f"`top` must be a whole number, 1 or more; got {top!r}.",
    )
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
    column = {"count": "incident_count", "harm": "harm"}.get(by)
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
