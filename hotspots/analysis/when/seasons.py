"""The months of the year: which are high every year, and which were high once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.when.across_breaks import refuse_across_breaks
from hotspots.analysis.when.whole_months import whole_months
from hotspots.core.caveats import Caveat
from hotspots.core.errors import DataError, InputError, require
from hotspots.core.months import month_of
from hotspots.core.select import as_selection
from hotspots.stats.count_models import CountFit, fit_counts
from hotspots.stats.nulls import corrected

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.analysis.evaluation.windows import Break, KnownBreak
    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection

MONTHS = pd.date_range("2000-01-01", periods=12, freq="MS").month_name().tolist()
ODD = 0.002
"""Chance of calling some month odd in a series where none is."""


def monthly_index(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    confidence: float = 0.95,
    breaks: Iterable[Break | KnownBreak] = (),
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
    require(0 < confidence < 1, f"`confidence` must be between 0 and 1; got {confidence!r}.")
    asked = as_selection(incidents)
    months, left_out = whole_months(asked)
    of_year = np.array([int(month[5:]) - 1 for month in months], dtype=int)
    years = np.bincount(of_year, minlength=12)
    if years.min() < 2:
        raise InputError(
            "a season needs every month of the year twice, covered whole; got "
            f"{int((years > 0).sum())} of the twelve, {int((years > 1).sum())} of them twice. One "
            "year cannot tell a season from an odd year.",
            rule="too-few-years",
        )
    refuse_across_breaks(
        months, asked.source.timezone, breaks, acknowledged=acknowledge_breaks, record=record
    )
    if record is not None and left_out:
        record.warn_reader(Caveat("part-months", {"months": ", ".join(left_out)}))
    counts = month_of(asked.rows["occurred_from"]).value_counts().reindex(months, fill_value=0)
    if not counts.sum():
        raise DataError("there is no incident in any whole month.", rule="no-incidents")
    first = int(months[0][:4]) * 12 + int(months[0][5:]) - 1
    number = np.array([int(month[:4]) * 12 + int(month[5:]) - 1 for month in months]) - first
    design = _design(of_year, number // 12)
    days = pd.PeriodIndex(months, freq="M").days_in_month.to_numpy()
    values = counts.to_numpy(dtype=float)
    fit = fit_counts(values, days, design, confidence)
    odd = [at for at in _odd(values, days, design, fit, months) if years[of_year[at]] > 2]
    if odd:
        own = np.arange(len(months))[:, None] == odd
        fit = fit_counts(values, days, np.column_stack([design, own]).astype(float), confidence)
    return _table(fit, years, {months[at][5:]: months[at] for at in odd})


def _design(of_year: NDArray[np.int_], block: NDArray[np.int_]) -> NDArray[np.float64]:
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
        variance = without.dispersion * mean * (1 + mean * (row @ _bread(without) @ row))
        chance = 2 * stdtr(without.free, -abs(values[at] - mean) / np.sqrt(variance))
        if chance < ODD / len(months):
            found.append(at)
    return found


def _bread(fit: CountFit) -> Any:
    """Covariance of the terms of a Poisson regression, before it is widened for the dispersion."""
    return np.linalg.pinv(fit.design.T @ (fit.design * fit.fitted[:, None]))


def _table(fit: CountFit, years: NDArray[np.int_], odd: dict[str, str]) -> pd.DataFrame:
    from scipy.special import stdtr, stdtrit

    terms = fit.design.shape[1]
    contrasts = np.eye(12, terms)
    contrasts[:, :12] -= 1 / 12
    middle = contrasts @ fit.beta
    error = np.sqrt(fit.dispersion * np.einsum("ij,jk,ik->i", contrasts, _bread(fit), contrasts))
    reach = -stdtrit(fit.free, (1 - fit.confidence) / 2) * error
    ends = np.exp(np.column_stack([middle, middle - reach, middle + reach]))
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
