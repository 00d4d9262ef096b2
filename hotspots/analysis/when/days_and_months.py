"""The days of the week and the months of the year, tested against one another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.when.peak_windows import each_zone
from hotspots.analysis.when.times import known_to_the_day, require_one_series, whole_months
from hotspots.core.arguments import share_of
from hotspots.core.errors import DataError, InputError
from hotspots.core.hours import DAYS
from hotspots.core.months import local_times, month_of, number_of_month
from hotspots.core.select import Selection, as_selection
from hotspots.stats.count_models import CountFit, exact_rate_ratios, fit_counts
from hotspots.stats.nulls import corrected, source_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.analysis.evaluation.windows import DatedBreak
    from hotspots.core.arrays import Bools, Floats, Ints
    from hotspots.core.record import RunRecord
    from hotspots.io.incidents.breaks import Break as KnownBreak

FEWEST_WEEKS = 5


def days_of_week(
    incidents: gpd.GeoDataFrame | Selection,
    zones: gpd.GeoDataFrame | None = None,
    *,
    draws: int = 1_999,
    rng: np.random.Generator | int | None = None,
) -> pd.DataFrame:
    """How each day of the week compares with the others, or in zones with the days outside them.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents whose times are known to the day; counted on the day they start, in whole weeks
        from Monday to Sunday.
    zones : GeoDataFrame, optional
        Zones, each set against all incidents outside it.
    draws : int
        How often the days of each week are dealt out anew.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.

    Returns
    -------
    DataFrame
        Seven rows a zone: ``zone`` ("everywhere" without zones), ``day``, ``count``, ``share``,
        ``ratio`` with ``low`` and ``high`` (95 % each; to a day of the rest of the week; with
        zones, to the share of that day outside), ``p_value`` (corrected for seven days).

    Raises
    ------
    InputError
        For times known only to the month, and under five whole weeks.

    Notes
    -----
    The test deals the days of each week out anew, so bursts, seasons and years change nothing:
    without zones it is exact; with zones, what the rest of the city departs from its own week is
    taken away before, and it is exact where zones and rest vary alike on all days. The largest of
    the seven departures is compared, so one of seven days is called by chance in 5 of 100. It
    misleads where reports are dated by the day they were written down.

    References
    ----------
    Westfall, P. H. & Young, S. S. (1993) Resampling-Based Multiple Testing, Wiley (the largest of
    several departures under permutation).

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> days = days_of_week(town.incidents)
    >>> len(days), round(float(days["share"].sum()), 6)
    (7, 1.0)
    """
    rows = known_to_the_day(as_selection(incidents).rows, "days need the day of each incident")
    week, day = _weeks(rows)
    source = source_of(rng)
    tables = []
    for name, among in each_zone(rows, zones):
        mine = _by_week(week, day, np.ones(len(rows), dtype=bool) if among is None else among)
        rest = None if among is None else _by_week(week, day, ~among)
        found = _compared(mine, rest, draws, source)
        tables.append(found.assign(zone=name)[["zone", *found.columns]])
    if not tables:  # of no zones
        return days_of_week(rows, draws=1).iloc[:0]
    return pd.concat(tables, ignore_index=True)


def _weeks(rows: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    """The whole week each incident starts in, counted from 0, -1 in none; and the day of it."""
    local = local_times(rows["occurred_from"]).to_numpy()
    number = local.astype("datetime64[D]").astype(np.int64)
    week, day = np.divmod(number + 3, 7)  # the first of January 1970 was a Thursday
    whole = np.array([], dtype=np.int64)
    if len(week):
        first = week.min() + (day[week == week.min()].min() > 0)
        whole = np.arange(first, week.max() + (day[week == week.max()].max() == 6))
    weeks = len(whole)
    if weeks < FEWEST_WEEKS:
        raise InputError(
            f"days of the week need {FEWEST_WEEKS} whole weeks; got {weeks}.",
            rule="too-few-weeks",
        )
    return np.where(np.isin(week, whole), week - whole[0], -1), day


def _by_week(week: Ints, day: Ints, among: Bools) -> Floats:
    """Incidents by week and day."""
    held = among & (week >= 0)
    size = int(week.max()) + 1
    counts = np.bincount(week[held] * 7 + day[held], minlength=size * 7)
    return counts.reshape(size, 7).astype(float)


def _compared(
    mine: Floats, rest: Floats | None, draws: int, rng: np.random.Generator
) -> pd.DataFrame:
    counts, total = mine.sum(axis=0), mine.sum()
    usual = np.full(7, 1 / 7) if rest is None else rest.sum(axis=0) / max(rest.sum(), 1)
    off = mine - mine.sum(axis=1, keepdims=True) * usual
    if rest is not None:
        off = off - (rest - rest.sum(axis=1, keepdims=True) * usual) * total / max(rest.sum(), 1)
        off = off / np.sqrt(np.maximum(counts + rest.sum(axis=0), 1))
    pulls = off.sum(axis=0)
    largest = np.empty(draws)
    for at in range(draws):
        # Within weeks alone: a week keeps all it holds, and only its days change places.
        largest[at] = np.abs(rng.permuted(off, axis=1).sum(axis=0)).max()
    # Deals as large as what was seen count, though their sums of floats may end another way.
    as_large = (largest[:, None] >= np.abs(pulls) - 1e-9).sum(axis=0)
    expected = total * usual * (1 - usual)
    bursts = ((mine - mine.sum(axis=1, keepdims=True) * usual) ** 2).sum(axis=0)
    bursts = np.maximum(bursts / np.where(expected > 0, expected, np.inf), 1.0)
    others = (total - counts, np.full(7, 6.0)) if rest is None else (rest.sum(axis=0), rest.sum())
    exposure = np.ones(7) if rest is None else np.full(7, total)
    # Fewer by as much as days vary more than Poisson counts: the exact interval then has their
    # width.
    ends = exact_rate_ratios(counts / bursts, exposure, others[0] / bursts, others[1])
    return pd.DataFrame(
        {
            "day": DAYS,
            "count": counts.astype(int),
            "share": counts / max(total, 1),
            "ratio": ends.ratio,
            "low": ends.low,
            "high": ends.high,
            "p_value": (as_large + 1) / (draws + 1),
        }
    )


MONTHS = [f"{date(2000, month, 1):%B}" for month in range(1, 13)]
ODD = 0.002
"""Chance of calling some month odd in a series where none is."""


def monthly_index(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    confidence: float = 0.95,
    breaks: Iterable[DatedBreak | KnownBreak] = (),
    acknowledge_breaks: bool = False,
    record: RunRecord | None = None,
) -> pd.DataFrame:
    """How each month of the year compares with the usual one, a day for a day, year on year.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents over two years or more; times known to the month are enough.
    confidence : float
        Of the intervals.
    breaks : iterable of Break
        Known changes of recording, such as ``hs.evaluation.known_breaks(path)`` gives them. A
        season is not told across one, unless
    acknowledge_breaks : bool
        says so; then it is a caution.
    record : RunRecord, optional
        Is told of breaks, and of months that no source, or not every source, covers whole: they
        are left out.

    Returns
    -------
    DataFrame
        Twelve rows: ``month`` by name, ``index`` (1 is the mean month) with ``low`` and ``high``,
        ``stands_out`` ("high" or "low" where it does beyond chance among twelve, by Holm; else
        missing), ``years`` it was seen in, and ``odd_month`` ("2024-07") where one of three
        or more departs from season and year beyond chance: it is left out of the index.

    Raises
    ------
    InputError
        Where a month of the year is held whole less than twice: one year cannot tell a season from
        an odd year; across a known break that is not acknowledged.
    DataError
        Where no incident lies in a whole month.

    Notes
    -----
    Counts a day are set against those of the same twelve months, counted from the first, so that a
    long month is not high for its length nor a year for its growth. Intervals are widened by how
    much months differ from year to year. It misleads across a change of recording that nobody wrote
    down, which is taken for a season where it falls within the twelve months.

    References
    ----------
    McCullagh, P. & Nelder, J. A. (1989) Generalized Linear Models, 2nd ed., chapter 6
    (quasi-Poisson regression).

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> peak = monthly_index(town.incidents).sort_values("index").iloc[-1]
    >>> bool(peak["index"] > 1), int(peak["years"])
    (True, 3)
    """
    confidence = share_of(confidence, "confidence")
    asked = as_selection(incidents)
    months, left_out = whole_months(asked)
    of_year = np.array([int(month[5:]) - 1 for month in months], dtype=int)
    years = np.bincount(of_year, minlength=12)
    if years.min() < 2:
        raise InputError(
            "a season needs each of the twelve months covered whole in two years or more; got "
            f"{int((years > 1).sum())} that are, and {int((years == 1).sum())} in one year alone. "
            "One year cannot tell a season from an odd one.",
            rule="too-few-years",
        )
    require_one_series(
        asked, (months, left_out), breaks, acknowledged=acknowledge_breaks, record=record
    )
    counts = month_of(asked.rows["occurred_from"]).value_counts().reindex(months, fill_value=0)
    if not counts.sum():
        raise DataError("there is no incident in any whole month.", rule="no-incidents")
    first = number_of_month(months[0])
    number = np.array([number_of_month(month) for month in months]) - first
    design = _design(of_year, number // 12)
    days = pd.PeriodIndex(months, freq="M").days_in_month.to_numpy()
    values = counts.to_numpy(dtype=float)
    fit = fit_counts(values, days, design, confidence)
    # Without a third year nobody could say which of the two is the odd one.
    odd = [at for at in _odd(values, days, design, fit, months) if years[of_year[at]] > 2]
    if odd:
        own = np.arange(len(months))[:, None] == odd
        fit = fit_counts(values, days, np.column_stack([design, own]).astype(float), confidence)
    return _table(fit, years, {months[at][5:]: months[at] for at in odd})


def _design(of_year: NDArray[np.int_], block: NDArray[np.int_]) -> Floats:
    """Twelve months, then the years after the first."""
    later = np.unique(block)[1:]
    return np.column_stack([of_year[:, None] == np.arange(12), block[:, None] == later]).astype(
        float
    )


def _odd(values: Any, days: Any, design: Any, fit: CountFit, months: list[str]) -> list[int]:
    """Months that the others do not lead one to expect, beyond chance among all of them."""
    from scipy.special import stdtr

    found = []
    for at in range(len(months) if fit.free > 1 else 0):
        alone = np.column_stack([design, np.arange(len(months)) == at]).astype(float)
        without = fit_counts(values, days, alone, fit.confidence)
        own, row = without.beta[-1], np.append(design[at], 0.0)
        mean = without.fitted[at] * np.exp(-own)
        # What chance does to the month, and what is unsure of its mean, found without it.
        variance = without.dispersion * mean * (1 + mean * (row @ _bread(without) @ row))
        chance = 2 * stdtr(without.free, -abs(values[at] - mean) / np.sqrt(variance))
        if chance < ODD / len(months):
            found.append(at)
    return found


def _bread(fit: CountFit) -> Any:
    """Covariance of the terms of a Poisson regression, before it is widened for the dispersion."""
    return np.linalg.pinv(fit.design.T @ (fit.design * fit.fitted[:, None]))


def _spread(fit: CountFit) -> tuple[Any, Any]:
    """Covariance where the variance of months is a multiple of their means, and of the squares.

    By the first alone a month that comes out high by chance seems surer than it is.
    """
    own = fit.fitted / (1 + (fit.dispersion - 1) * fit.fitted / fit.fitted.mean())
    square = np.linalg.pinv(fit.design.T @ (fit.design * own[:, None]))
    return fit.dispersion * _bread(fit), square


def _table(fit: CountFit, years: NDArray[np.int_], odd: dict[str, str]) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    terms = fit.design.shape[1]
    contrasts = np.eye(12, terms)
    contrasts[:, :12] -= 1 / 12
    middle = contrasts @ fit.beta
    error = np.sqrt(
        np.max(
            [np.einsum("ij,jk,ik->i", contrasts, one, contrasts) for one in _spread(fit)], axis=0
        )
    )
    reach = -stdtrit(fit.free, (1 - fit.confidence) / 2) * error
    with np.errstate(over="ignore"):
        ends = np.exp(np.column_stack([middle, middle - reach, middle + reach]))
    # Indices have a mean of 1; on the logarithms their geometric mean was 1.
    ends /= ends[:, 0].mean()
    beyond = corrected(2 * stdtr(fit.free, -np.abs(middle) / error), "holm") <= 1 - fit.confidence
    sides = pd.Series(np.where(ends[:, 0] > 1, "high", "low"), dtype=object)
    return pd.DataFrame(
        {
            "month": MONTHS,
            "index": ends[:, 0],
            "low": ends[:, 1],
            "high": ends[:, 2],
            "stands_out": sides.where(beyond, None),
            "years": years,
            "odd_month": [odd.get(f"{month:02d}") for month in range(1, 13)],
        }
    )
