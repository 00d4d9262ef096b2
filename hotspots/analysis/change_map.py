"""The same areas at two times: which counts differ beyond chance, and which only differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.bursts import (
    INCIDENTS,
    NOTHING_KNOWN,
    Bursts,
    bursts_of_months,
    bursts_of_places,
    months_of_areas,
)
from hotspots.analysis.troubles import Unit, check_unit, count_in_areas, in_troubles
from hotspots.core.errors import DataError, require
from hotspots.core.months import days_between
from hotspots.core.periods import span_of_areas
from hotspots.core.select import require_members
from hotspots.core.states import MOST_OFF, Shown
from hotspots.core.tables import AREAS, require_table
from hotspots.core.totals import as_floats
from hotspots.stats.counts import FEWEST_FREE
from hotspots.stats.nulls import corrected
from hotspots.stats.yardstick import usual_surplus

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection

RISEN, FALLEN = "more_beyond_chance", "fewer_beyond_chance"
HIGHER, LOWER = "more_could_be_chance", "fewer_could_be_chance"
SAME, NOTHING, UNKNOWN = "same", "none", "unknown"
CHANGES = (RISEN, HIGHER, SAME, LOWER, FALLEN, UNKNOWN, NOTHING)
"""What may be said about two counts of an area, as codes."""

ALPHA = 0.05
MOST_UNEVEN = 1.15
"""Months of 28 and 31 days are alike; a month and a quarter are not."""
NEEDED = ["incident_count", "period_from", "period_until"]


def compare_areas(
    areas: gpd.GeoDataFrame,
    before: pd.DataFrame,
    incidents: Selection | None = None,
    *,
    unit: Unit = "incident",
    area_periods: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say of every area whether its count differs from an earlier one by more than chance.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table of one theme and period.
    before : DataFrame
        The same areas over another period of about the same length: ``incident_count``,
        ``period_from`` and ``period_until`` on ``area_id``. Other rows and columns are ignored.
    incidents : Selection, optional
        Those the areas were counted from, with their cells, of a table that holds both periods:
        they say how the incidents of each area hang together. Needed for ``unit="trouble"``.
    unit : {"incident", "trouble"}
        What is counted: incidents, or troubles, what happened at one place on one day (in one month
        at snapped places), once.
    area_periods : DataFrame, optional
        The areas' other months, from :func:`count_by_period`: how much each varies by itself.

    Returns
    -------
    DataFrame
        On ``area_id`` of ``areas``: ``count_before``, ``count_now``, ``change`` (one of
        ``hotspots.analysis.change_map.CHANGES``), ``p_value``, ``q_value`` (missing where the
        area was not tested), ``n_tested``, ``drift``, how much more alike the incidents of an
        area are than independent ones (0 to 1), and ``held_against``, what is known of how the
        area varies by itself: its "months", its "incidents" or "nothing". Where nothing is known,
        no change is called beyond chance, whatever its p-value: that is then one of incidents that
        are as independent as those of the other areas. A missing count is never taken for none.

    Raises
    ------
    InputError, DataError
        For tables without these columns, or with periods whose lengths differ by more than 15 %.

    Notes
    -----
    Given the incidents of an area in both periods together, those of the second are binomial if
    nothing changed, with the share of the days as probability: two-sided, and corrected for all
    areas that have incidents enough to differ at all (6 where the periods are equally long). Places
    drift apart and incidents come in bursts where nothing was done; how much is read from the areas
    themselves, five of them or more (``drift``, the intraclass correlation beyond what all changed
    in common), and each area then counts for as many independent incidents as it is worth. Without
    drift, or with fewer areas, the test is the exact one. Where a few areas come in bursts and the
    others do not, two tables cannot tell, and give no verdict. Give ``incidents`` (a trouble, at
    snapped places a map point, then leans to one period as a whole) or ``area_periods`` (months
    that vary more than single incidents would, 19 of 20; they must hold 2.5 times what one of
    the larger count does, or a rare burst need not show): each area is held against its own bursts.
    Counts that disclosure control rounded (``disclosed_for``) differ only if all counts they may
    stand for do, and are the same where rounding can explain the difference. It misleads when most
    areas were treated, which then passes for drift, and when recording changed between the periods.
    Where the periods overlap, the incidents in both make the test stricter than it says.

    References
    ----------
    Przyborowski and Wilenski (1940) "Homogeneity of results in testing samples from Poisson
    series", https://doi.org/10.1093/biomet/31.3-4.313; Tarone (1990) "A modified Bonferroni method
    for discrete data", https://doi.org/10.2307/2531456; Rao and Scott (1992) "A simple method for
    the analysis of clustered binary data", https://doi.org/10.2307/2532311; Benjamini and
    Hochberg (1995) "Controlling the false discovery rate", https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> def july(year, counts):
    ...     span = {"period_from": pd.Timestamp(f"{year}-07-01", tz="Europe/London"),
    ...             "period_until": pd.Timestamp(f"{year}-08-01", tz="Europe/London")}
    ...     return gpd.GeoDataFrame({"incident_count": counts, **span}, index=list("abc"),
    ...                             geometry=[box(0, 0, 1, 1)] * 3, crs=27700)
    >>> now, then = july(2018, [19, 30, 0]), july(2017, [13, 5, 0])
    >>> compare_areas(now, then)["change"].tolist()
    ['more_could_be_chance', 'more_could_be_chance', 'none']
    >>> months = pd.period_range("2016-01", "2017-06", freq="M").astype(str)
    >>> each = pd.MultiIndex.from_product([list("ab"), months], names=["area_id", "period"])
    >>> usual = [13, 15, 12] * 6 + [5, 6, 4] * 6
    >>> known = pd.DataFrame({"incident_count": usual}, index=each)
    >>> compare_areas(now, then, area_periods=known)["change"].tolist()
    ['more_could_be_chance', 'more_beyond_chance', 'none']
    """
    require_table(areas, AREAS, argument="areas", only=NEEDED)
    missing = [name for name in NEEDED if name not in before]
    require(not missing, f"`before` must have incident_count and its period; it lacks {missing}.")
    require(before.index.is_unique, "`before` must have one row an area; got areas twice.")
    check_unit(unit, incidents)
    now, then = _both(areas, before, incidents if unit == "trouble" else None)
    share = _share_of_days(_days(areas, "areas"), _days(before, "before"))
    slack = _slack(areas), _slack(before.reindex(areas.index))
    bursts = Bursts.none(len(areas), INCIDENTS)
    if unit == "incident":
        bursts = _bursts(areas, before, share, (now, then), incidents, area_periods)
    tested = _can_differ((now + then) / bursts.variance, share)
    drift, p_value, q_value = _judged(now, then, share, slack, tested, bursts)
    beyond = (q_value <= ALPHA) & (bursts.against != NOTHING_KNOWN)
    return pd.DataFrame(
        {
            "count_before": then,
            "count_now": now,
            "change": _words(now, then, slack[0] + slack[1], beyond),
            "p_value": np.where(tested, p_value, np.nan),
            "q_value": q_value,
            "n_tested": int(tested.sum()),
            "drift": drift,
            "held_against": bursts.against,
        },
        index=areas.index,
    )


def _both(
    areas: gpd.GeoDataFrame, before: pd.DataFrame, incidents: Selection | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts of the areas now and then; missing where one of the tables has none."""
    now = as_floats(areas["incident_count"])
    then = as_floats(before["incident_count"].reindex(areas.index))
    if incidents is None or not len(areas) or not len(before):
        return now, then
    require_members(areas, incidents.during(span_of_areas(areas)))
    once = [
        count_in_areas(in_troubles(incidents.during(span_of_areas(one))), areas.index).astype(float)
        for one in (areas, before)
    ]
    return np.where(np.isnan(now), now, once[0]), np.where(np.isnan(then), then, once[1])


def _bursts(
    areas: gpd.GeoDataFrame,
    before: pd.DataFrame,
    share: float,
    held: tuple[NDArray[np.float64], NDArray[np.float64]],
    incidents: Selection | None,
    area_periods: pd.DataFrame | None,
) -> Bursts:
    """How much more each area varies than single incidents, by all that is known of it."""
    found = None
    if not len(areas) or not len(before):
        return Bursts.none(len(areas))
    spans = span_of_areas(areas), span_of_areas(before)
    if area_periods is None and incidents is not None:
        area_periods = months_of_areas(incidents)
    if area_periods is not None:
        found = bursts_of_months(area_periods, spans, areas.index, held)
    if incidents is not None:
        windows = incidents.during(spans[0]), incidents.during(spans[1])
        require_members(areas, windows[0])
        pointed = bursts_of_places(windows, share, areas.index, snapped=True)
        if found is None:
            return pointed
        called = bursts_of_places(windows, share, areas.index, snapped=False).or_more(found)
        return called.but(found.against == NOTHING_KNOWN, pointed)
    return found or Bursts.none(len(areas))


def _days(table: pd.DataFrame, argument: str) -> float:
    """Length of the period of a table; missing where the table is empty."""
    if not len(table):
        return float("nan")
    start, until = span_of_areas(table)
    if pd.isna(start) or pd.isna(until) or until <= start:
        raise DataError(f"`{argument}` must have a period; got {start} to {until}.")
    return days_between(start, until)


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


def _judged(
    now: NDArray[np.float64],
    then: NDArray[np.float64],
    share: float,
    slack: tuple[NDArray[np.float64], NDArray[np.float64]],
    tested: NDArray[np.bool_],
    bursts: Bursts,
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Drift, p- and q-values; areas that differ beyond it are no measure of the drift of others."""
    # What comes in bursts counts once each: eights with eight times the variance as ones.
    now, then = now / bursts.variance, then / bursts.variance
    slack = slack[0] / bursts.variance, slack[1] / bursts.variance
    usual, known = tested, bursts.against != NOTHING_KNOWN
    while True:
        drift = _drift(now[usual], then[usual])
        p_value = _p_values(now, then, share, slack, drift, bursts.free)
        q_value = _q_values(p_value, tested, known)
        # Areas called changed would pass for drift and hide one another, so they leave it, round by
        # round.
        kept = usual & ~(q_value <= ALPHA)
        if drift == 0 or (kept == usual).all():
            return drift, p_value, q_value
        usual = kept


def _q_values(
    p_value: NDArray[np.float64], tested: NDArray[np.bool_], known: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Corrected over all areas tested; those of which nothing is known make no other likelier."""
    found = np.full(len(p_value), np.nan)
    if tested.any():
        found[tested] = corrected(p_value[tested], "bh")
        sure = corrected(np.where(known, p_value, 1.0)[tested], "bh")
        found[tested] = np.where(known[tested], sure, found[tested])
    return found


def _drift(now: NDArray[np.float64], then: NDArray[np.float64]) -> float:
    """Intraclass correlation of the areas about their common share; 0 where it cannot be known.

    The one under which squares, cut at three standard deviations, are what normal ones are.
    """
    total = now + then
    share = now.sum() / max(total.sum(), 1.0)
    if len(total) <= FEWEST_FREE or not 0 < share < 1:
        return 0.0
    away, own = now - share * total, share * (1 - share) * total
    return usual_surplus(lambda drift: away**2 / (own * (1 + (total - 1) * drift)), most=1.0)


def _p_values(
    now: NDArray[np.float64],
    then: NDArray[np.float64],
    share: float,
    slack: tuple[NDArray[np.float64], NDArray[np.float64]],
    drift: float,
    free: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Two-sided p-values of the pair of counts within rounding that differs least."""
    from scipy.special import betainc, ndtri, stdtr

    gap = now - then
    both = slack[0] + slack[1]
    # Rounded counts are moved towards each other as far as rounding can explain.
    near = np.sign(gap) * np.minimum(np.abs(gap), both) / np.where(both > 0, both, 1.0)
    b = np.maximum(np.nan_to_num(now - near * slack[0]), 0.0)
    a = np.maximum(np.nan_to_num(then + near * slack[1]), 0.0)
    # An intraclass correlation makes n incidents worth n / (1 + (n - 1) r) independent ones.
    worth = 1 + np.maximum(a + b - 1, 0) * drift
    # The binomial tail as a beta integral, which takes numbers that are not whole.
    up = betainc(np.maximum(b, TINY) / worth, (a + 1) / worth, share)
    down = betainc(np.maximum(a, TINY) / worth, (b + 1) / worth, 1 - share)
    tail = np.where(gap > 0, up, down)
    # A variance that was read from few months is uncertain as Student's.
    tail = np.where(free > 0, stdtr(np.maximum(free, 1), ndtri(tail)), tail)
    return np.where(np.isnan(gap) | (a + b == 0), np.nan, np.minimum(1.0, 2 * tail))


TINY = 1e-12


def _can_differ(total: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """Areas with incidents enough for the smallest possible p-value to be 0.05 or less."""
    known = np.nan_to_num(total)
    return (known > 0) & (2 * np.minimum(share**known, (1 - share) ** known) <= ALPHA)


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
