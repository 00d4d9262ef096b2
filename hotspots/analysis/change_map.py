"""The same areas at two times: which counts differ beyond chance, and which only differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.errors import DataError, require
from hotspots.core.shown import MOST_OFF, Shown
from hotspots.core.tables import AREAS, require_table
from hotspots.stats.nulls import corrected

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

RISEN, FALLEN = "more_beyond_chance", "fewer_beyond_chance"
HIGHER, LOWER = "more_could_be_chance", "fewer_could_be_chance"
SAME, NOTHING, UNKNOWN = "same", "none", "unknown"
CHANGES = (RISEN, HIGHER, SAME, LOWER, FALLEN, UNKNOWN, NOTHING)
"""What may be said about two counts of an area, as codes."""

MOST_UNEVEN = 1.15
"""Months of 28 and 31 days are alike; a month and a quarter are not."""
NEEDED = ["incident_count", "period_from", "period_until"]


def compare_areas(
    areas: gpd.GeoDataFrame, before: pd.DataFrame, *, alpha: float = 0.05
) -> pd.DataFrame:
    """Say of every area whether its count differs from an earlier one by more than chance.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table of one theme and period.
    before : DataFrame
        The same areas over another period of about the same length: ``incident_count``,
        ``period_from`` and ``period_until`` on ``area_id``. Other rows and columns are ignored.
    alpha : float
        Share of the areas called different that may be so by chance alone.

    Returns
    -------
    DataFrame
        On ``area_id`` of ``areas``: ``count_before``, ``count_now``, ``change`` (one of
        ``hotspots.analysis.change_map.CHANGES``), ``p_value``, ``q_value`` (missing where the
        area was not tested) and ``n_tested``. A missing count is never taken for none.

    Raises
    ------
    InputError, DataError
        For tables without these columns, or with periods whose lengths differ by more than 15 %.

    Notes
    -----
    Given the incidents of an area in both periods together, those of the second are binomial if
    nothing changed, with the share of the days as probability: exact, two-sided, and corrected for
    all areas that have incidents enough to differ at all (6 where the periods are equally long).
    Counts that disclosure control rounded (``disclosed_for``) differ only if all counts they may
    stand for do, and are the same where rounding can explain the difference. It misleads when
    incidents come in bursts, which look like change, and when recording changed between the
    periods. Where the periods overlap, the incidents in both make the test stricter than it says.

    References
    ----------
    Przyborowski and Wilenski (1940) "Homogeneity of results in testing samples from Poisson
    series", https://doi.org/10.1093/biomet/31.3-4.313; Tarone (1990) "A modified Bonferroni method
    for discrete data", https://doi.org/10.2307/2531456; Benjamini and Hochberg (1995)
    "Controlling the false discovery rate", https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> def july(year, counts):
    ...     span = {"period_from": pd.Timestamp(f"{year}-07-01", tz="Europe/London"),
    ...             "period_until": pd.Timestamp(f"{year}-08-01", tz="Europe/London")}
    ...     return gpd.GeoDataFrame({"incident_count": counts, **span}, index=list("abc"),
    ...                             geometry=[box(0, 0, 1, 1)] * 3, crs=27700)
    >>> compare_areas(july(2018, [19, 30, 0]), july(2017, [13, 5, 0]))["change"].tolist()
    ['more_could_be_chance', 'more_beyond_chance', 'none']
    """
    require_table(areas, AREAS, argument="areas", only=NEEDED)
    missing = [name for name in NEEDED if name not in before]
    require(not missing, f"`before` must have incident_count and its period; it lacks {missing}.")
    require(0 < alpha < 1, f"`alpha` must be between 0 and 1; got {alpha!r}.")
    require(before.index.is_unique, "`before` must have one row an area; got areas twice.")
    now = _counts(areas["incident_count"])
    then = _counts(before["incident_count"].reindex(areas.index))
    days = _days(areas, "areas"), _days(before, "before")
    share = _share_of_days(*days)
    slack = _slack(areas), _slack(before.reindex(areas.index))
    p_value = _p_values(now, then, share, slack)
    tested = _can_differ(now + then, share, alpha)
    q_value = np.full(len(areas), np.nan)
    if tested.any():
        q_value[tested] = corrected(p_value[tested], "bh")
    return pd.DataFrame(
        {
            "count_before": then,
            "count_now": now,
            "change": _words(now, then, slack[0] + slack[1], q_value <= alpha),
            "p_value": np.where(tested, p_value, np.nan),
            "q_value": q_value,
            "n_tested": int(tested.sum()),
        },
        index=areas.index,
    )


def _counts(column: pd.Series) -> NDArray[np.float64]:
    return np.asarray(column.astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def _days(table: pd.DataFrame, argument: str) -> float:
    """Length of the period of a table; missing where the table is empty."""
    if not len(table):
        return float("nan")
    start, until = table["period_from"].iloc[0], table["period_until"].iloc[0]
    if pd.isna(start) or pd.isna(until) or until <= start:
        raise DataError(f"`{argument}` must have a period; got {start} to {until}.")
    return float((until - start) / pd.Timedelta(days=1))


def _share_of_days(now: float, then: float) -> float:
    """The part of both periods that is the second one; a half where one of them is unknown."""
    if np.isnan(now) or np.isnan(then):
        return 0.5
    require(
        max(now, then) <= MOST_UNEVEN * min(now, then),
        f"the periods must be about equally long; `areas` covers {now:.0f} days and `before` "
        f"{then:.0f}. Count both over periods of the same length.",
    )
    return now / (now + then)


def _slack(table: pd.DataFrame) -> NDArray[np.float64]:
    """How far each count may be from the one it stands for."""
    if "disclosed_for" not in table:
        return np.zeros(len(table))
    codes = table["shown"] if "shown" in table else pd.Series(Shown.ROUNDED, index=table.index)
    off = codes.map(MOST_OFF).fillna(MOST_OFF[Shown.ROUNDED])
    return np.asarray(off, dtype=np.float64)


def _p_values(
    now: NDArray[np.float64],
    then: NDArray[np.float64],
    share: float,
    slack: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Exact p-values, both tails, of the pair of counts within rounding that differs least."""
    from scipy.special import bdtr, bdtrc

    gap = now - then
    both = slack[0] + slack[1]
    near = np.sign(gap) * np.minimum(np.abs(gap), both) / np.where(both > 0, both, 1.0)
    b = np.maximum(np.nan_to_num(now - near * slack[0]), 0.0)
    a = np.maximum(np.nan_to_num(then + near * slack[1]), 0.0)
    total = (a + b).astype(np.int64)
    tail = np.where(gap > 0, bdtrc(b - 1, total, share), bdtr(b, total, share))
    return np.where(np.isnan(gap) | (a + b == 0), np.nan, np.minimum(1.0, 2 * tail))


def _can_differ(total: NDArray[np.float64], share: float, alpha: float) -> NDArray[np.bool_]:
    """Areas with incidents enough for the smallest possible p-value to be below alpha."""
    known = np.nan_to_num(total)
    return (known > 0) & (2 * np.minimum(share**known, (1 - share) ** known) <= alpha)


def _words(
    now: NDArray[np.float64],
    then: NDArray[np.float64],
    slack: NDArray[np.float64],
    beyond: NDArray[np.bool_],
) -> NDArray[np.object_]:
    return np.select(
        [
            np.isnan(now) | np.isnan(then),
            (now == 0) & (then == 0),
            np.abs(now - then) <= slack,
            (now > then) & beyond,
            (now < then) & beyond,
            now > then,
        ],
        [UNKNOWN, NOTHING, SAME, RISEN, FALLEN, HIGHER],
        LOWER,
    ).astype(object)
