"""Interrupted time series: one place, no comparator, did its own course break at a date.

For what covers a whole city, such as a city-wide order, nothing inside the city can serve as a
control. What is left is the place's own past.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from hotspots.core.arguments import require_made, share_of
from hotspots.core.caveats import Caveat
from hotspots.core.errors import InputError, listing, require
from hotspots.core.periods import day_words, read_time
from hotspots.core.plain import plain, plain_records
from hotspots.core.sentences import Spoken, sentence_of
from hotspots.stats.count_models import CountFit, fit_counts
from hotspots.stats.yardstick import FEWEST_LIKE, fit_yardstick

FEWEST_MONTHS = 8
RATIO = ("ratio", "low", "high", "p_value")
LEVEL = ("level", "level_low", "level_high")
SLOPE = ("slope", "slope_low", "slope_high")
SEASON_FROM = SLOPE_FROM = 24
FEWEST_A_MONTH = 1.5
MOST_EXPONENT = 700.0
_Pairs: TypeAlias = Iterator[tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class Interruption(Spoken):
    """How a monthly series broke at a date.

    Attributes
    ----------
    ratio, low, high, p_value
        Monthly counts after the start over what the course before would have given, on average over
        the months after (geometric mean); with interval. 0.8 is a fall of 20 %.
    level
        Jump at the start, as a ratio, with ``level_low`` and ``level_high``.
    slope
        Change of the monthly growth factor, with interval; missing without ``slope_change``.
    observed, expected
        Incidents after the start, and what the course before would have given.
    dispersion, autocorrelation
        Variance over Poisson's (never below 1), and first-order correlation of the residuals (0
        where it is negative or within chance); both widen the intervals.
    table
        By month: ``count``, ``fitted``, ``without`` (expected had nothing changed), ``after``.
    seasonal, slope_change, lag, degrees_of_freedom
        The model: with a yearly wave, with a change of trend, months of Newey and West's lag, and
        what is left for Student's t; the last two are None where nothing was fitted.
    cautions
        What belongs beside the result, by code.
    controlled
        Whether the series was followed as a multiple of a comparator.
    places, as_extreme
        Like places where nothing was done, and how many of them broke as much; with 40 and more
        they give ``low``, ``high`` and ``p_value``.
    """

    ratio: float
    low: float
    high: float
    p_value: float
    level: float
    level_low: float
    level_high: float
    slope: float
    slope_low: float
    slope_high: float
    observed: int
    expected: float
    dispersion: float
    autocorrelation: float
    confidence: float
    started: str
    table: pd.DataFrame
    seasonal: bool
    slope_change: bool
    lag: int | None
    degrees_of_freedom: int | None
    cautions: tuple[Caveat, ...]
    controlled: bool = False
    places: int = 0
    as_extreme: int = 0

    @property
    def beyond_chance(self) -> bool | None:
        """Whether the series broke more than those of like places do; None for no verdict.

        There is none with fewer than 40 like places, or where nothing was fitted.
        """
        if self.places < FEWEST_LIKE or math.isnan(self.ratio):
            return None
        return self.p_value <= 1 - self.confidence

    @property
    def model(self) -> str:
        """The regression that was fitted, in words."""
        return sentence_of(self, "model")

    def to_dict(self) -> dict[str, Any]:
        """Every number, for JSON; missing ones as None."""
        return {
            **plain({name: value for name, value in vars(self).items() if name != "table"}),
            "beyond_chance": self.beyond_chance,
            "model": self.model,
            "months": plain_records(self.table),
            "sentence": self.to_sentence(),
        }


def interrupted_time_series(
    counts: pd.Series,
    *,
    started: object,
    until: object | None = None,
    control: pd.Series | None = None,
    like: pd.DataFrame | None = None,
    like_in_control: bool = True,
    seasonal: bool | None = None,
    slope_change: bool | None = None,
    confidence: float = 0.95,
) -> Interruption:
    """Fit the course of monthly counts and how it broke at a date.

    Parameters
    ----------
    counts : Series
        Incidents by month, indexed ``"2023-04"``, in any order, months without incidents included.
    started : date or str
        First day. A month it lies inside belongs to neither side and is left out.
    until : date or str, optional
        Last day of the effect; later months are left out, one it lies inside too.
    control : Series, optional
        Incidents of a comparator in the same months, at least one in each: the series is then
        followed as a multiple of it, and what befell both is taken out.
    like : DataFrame, optional
        Incidents of like places where nothing was done, a column each, in the same months
        (:func:`like_series`). The same model is fitted to each: their breaks give the interval and
        the verdict. Without 40 of them there are numbers and no verdict.
    like_in_control : bool
        Whether the incidents of like places are among those of ``control``, as in the rest of a
        city: each is then followed without its own in it, as the treated are.
    seasonal : bool, optional
        A yearly wave (sine and cosine). By default where there are at least 24 months.
    slope_change : bool, optional
        Let the trend change at the start as well as the level. By default where there are at least
        24 months before: a trend of fewer months, drawn on, is a guess.
    confidence : float
        Of the intervals.

    Returns
    -------
    Interruption
        ``ratio`` with interval, ``table``, ``to_sentence()``, ``to_dict()``.

    Raises
    ------
    InputError
        For fewer than 8 months before or after, gaps between months, or counts below zero.

    Notes
    -----
    Where one side has no incident at all, or fewer than 1.5 a month before the start, nothing is
    fitted and the ratio is missing. Without ``like`` the interval knows how months vary, not how
    places drift: more untouched places break "beyond" it than it says. It misleads when anything
    else began in those months (recording, weather, another operation): without ``control`` there is
    nothing to take that out. A trend drawn on far beyond the start is a guess.

    References
    ----------
    Bernal, J. L., Cummins, S. and Gasparrini, A. (2017). Interrupted time series regression for the
    evaluation of public health interventions. https://doi.org/10.1093/ije/dyw098
    Newey, W. K. and West, K. D. (1987). https://doi.org/10.2307/1913610

    Examples
    --------
    >>> months = pd.period_range("2022-01", "2023-12", freq="M").astype(str)
    >>> counts = pd.Series([100] * 12 + [50] * 12, index=months)
    >>> found = interrupted_time_series(counts, started="2023-01-01", seasonal=False)
    >>> round(found.level, 1), found.observed
    (0.5, 600)
    """
    confidence = share_of(confidence, "confidence")
    start = read_time(started, "started").tz_localize(None)
    end = None if until is None else read_time(until, "until").tz_localize(None)
    used, after = _sides(_months(counts), start, end)
    series = _Series(_in_months(counts, used), used, after, day_words(start))
    if control is not None:
        series = replace(series, beside=_beside(control, series))
    wave = len(series.values) >= SEASON_FROM if seasonal is None else seasonal
    slope = int((~series.after).sum()) >= SLOPE_FROM if slope_change is None else slope_change
    early, late = series.values[~series.after], series.values[series.after]
    if late.sum() == 0 or early.mean() < FEWEST_A_MONTH:
        return _nothing(series, confidence)
    found, fit, broken = _result(series, wave, slope, confidence)
    if like is None:
        return found
    return _judged(found, fit, broken, series, _like(like, series, apart=like_in_control))


@dataclass(frozen=True)
class _Series:
    """The months used: counts, which are after the start, and the start in words."""

    values: Any
    used: pd.PeriodIndex
    after: Any
    label: str
    beside: Any = None

    @property
    def exposure(self) -> Any:
        """What each month is set against: its days, or the comparator."""
        days = np.asarray(self.used.days_in_month, dtype=float)
        return days if self.beside is None else self.beside

    def table(self, fitted: Any, without: Any) -> pd.DataFrame:
        columns = {"count": self.values.astype(int), "fitted": fitted, "without": without}
        index = pd.Index(self.used.astype(str), name="period")
        return pd.DataFrame(columns | {"after": self.after}, index=index)


def _beside(control: pd.Series, series: _Series) -> Any:
    """The comparator in the months used."""
    _months(control)
    values = _in_months(control, series.used)
    require(
        bool((values > 0).all()),
        "`control` must have at least one incident in each of the months compared; "
        f"{int((~(values > 0)).sum()):,} of {len(values):,} have none.",
    )
    return values


def _in_months(counts: pd.Series | pd.DataFrame, used: pd.PeriodIndex) -> Any:
    months = pd.PeriodIndex(counts.index.astype(str), freq="M")
    return counts.set_axis(months).reindex(used).to_numpy(dtype=float)


def _months(counts: pd.Series) -> pd.PeriodIndex:
    try:
        months = pd.PeriodIndex(pd.Series(counts).index.astype(str), freq="M").sort_values()
    except (ValueError, TypeError) as error:
        raise InputError(
            '`counts` must be indexed by month as "2023-04"; got '
            f"{listing(list(pd.Series(counts).index)[:3])}."
        ) from error
    require(
        len(months) > 0 and bool((np.diff(months.asi8) == 1).all()),
        "`counts` must have one row for every month without a gap; a month without incidents is a "
        f"zero, not a missing row. Got {len(months):,} rows"
        + (f" from {months[0]} to {months[-1]}." if len(months) else "."),
    )
    numbers = pd.to_numeric(counts, errors="coerce")
    require(
        bool(np.isfinite(numbers).all() and (numbers >= 0).all()),
        "`counts` must be counts of zero or more in every month.",
    )
    return months


def _sides(
    months: pd.PeriodIndex, start: pd.Timestamp, end: pd.Timestamp | None
) -> tuple[pd.PeriodIndex, Any]:
    """The months used, and which of them are after the start."""
    last_day = months.end_time.normalize()
    before, after = np.asarray(last_day < start), np.asarray(months.start_time >= start)
    if end is not None:
        after &= np.asarray(last_day <= end)
    require(
        min(before.sum(), after.sum()) >= FEWEST_MONTHS,
        f"an interrupted series needs at least {FEWEST_MONTHS} whole months before and after the "
        f"start; got {before.sum()} before and {after.sum()} after {start.date()}.",
    )
    used = before | after
    return months[used], after[used]


def _result(
    series: _Series, wave: bool, slope_change: bool, confidence: float
) -> tuple[Interruption, CountFit, Any]:
    """What was found, the fit, and the contrast of the fit that is the break."""
    values, after = series.values, series.after
    design = _design(series, wave, slope_change)
    fit = fit_counts(values, series.exposure, design, confidence)
    broken = slice(2, 4 if slope_change else 3)
    ours = np.zeros(len(fit.beta))
    ours[broken] = fit.design[after, broken].mean(axis=0)
    without = fit.fitted / np.exp(fit.design[:, broken] @ fit.beta[broken])
    unit = np.eye(len(fit.beta))
    slope = fit.ratio(unit[3] / 12)[:3] if slope_change else (math.nan,) * 3
    estimates = (*fit.ratio(ours), *fit.ratio(unit[2])[:3], *slope)
    numbers: dict[str, Any] = dict(zip((*RATIO, *LEVEL, *SLOPE), estimates, strict=True))
    found = Interruption(
        **numbers,
        observed=int(values[after].sum()),
        expected=float(without[after].sum()),
        dispersion=fit.dispersion,
        autocorrelation=fit.correlation,
        confidence=confidence,
        started=series.label,
        table=series.table(fit.fitted, without),
        seasonal=wave,
        slope_change=slope_change,
        lag=fit.lag,
        degrees_of_freedom=fit.free,
        cautions=tuple(_cautions(series, fit.dispersion, wave)),
        controlled=series.beside is not None,
    )
    return found, fit, ours


def _like(like: pd.DataFrame, series: _Series, *, apart: bool) -> _Pairs:
    """The series of each like place, and what it is set against: never its own incidents."""
    require_made("like", like, pd.DataFrame, "like_series(zones, incidents, started=...)")
    _months(like.sum(axis=1))
    own = apart and series.beside is not None
    for values in _in_months(like, series.used).T:
        exposure = series.exposure - values if own else series.exposure
        if (exposure > 0).all():
            yield values, exposure


def _judged(
    found: Interruption, fit: CountFit, broken: Any, series: _Series, like: _Pairs
) -> Interruption:
    """The break among those of like places."""
    after = series.after
    breaks = [
        fit_counts(values, exposure, fit.design, found.confidence).log_ratio(broken)
        for values, exposure in like
        if values[after].any() and values[~after].mean() >= FEWEST_A_MONTH
    ]
    if len(breaks) < FEWEST_LIKE:
        return replace(found, places=len(breaks))
    logs, errors = np.array(breaks).T
    yardstick = fit_yardstick(logs, errors**2)
    mine, error = fit.log_ratio(broken)
    *ends, p_value, _ = yardstick.limits(mine, error**2, found.confidence)
    low, high = (math.exp(min(end, MOST_EXPONENT)) for end in ends)
    size, beyond = yardstick.size, yardstick.as_extreme(mine, error**2)
    return replace(found, low=low, high=high, p_value=p_value, places=size, as_extreme=beyond)


def _design(series: _Series, wave: bool, slope_change: bool) -> Any:
    """Columns: one, trend in years, level, change of trend, wave."""
    used, after = series.used, series.after
    time = (used.asi8 - used.asi8[after][0]) / 12
    columns = [np.ones(len(used)), time, after.astype(float)]
    if slope_change:
        columns.append(np.where(after, time, 0.0))
    if wave:
        angle = 2 * np.pi * np.asarray(used.month) / 12
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def _nothing(series: _Series, confidence: float) -> Interruption:
    """No incident on one side, or at all: nothing can be fitted."""
    late, all_in = series.values[series.after].sum(), series.values.sum()
    empty = {"none-at-all": all_in, "none-before": all_in - late, "none-after": late}
    where = next((code for code, held in empty.items() if held == 0), "sparse-before")
    missing = np.full(len(series.values), np.nan)
    unknown = (*RATIO, *LEVEL, *SLOPE, "expected", "autocorrelation")
    numbers: dict[str, Any] = dict.fromkeys(unknown, math.nan)
    return Interruption(
        **numbers,
        observed=int(late),
        dispersion=1.0,
        confidence=confidence,
        started=series.label,
        table=series.table(missing, missing),
        seasonal=False,
        slope_change=False,
        lag=None,
        degrees_of_freedom=None,
        cautions=(Caveat(where, counts_incidents=True),),
    )


def _cautions(series: _Series, dispersion: float, wave: bool) -> Iterator[Caveat]:
    before = int((~series.after).sum())
    if series.beside is None:
        yield Caveat("series-alone")
    if not wave:
        yield Caveat("seasons-kept")
    if before < SLOPE_FROM:
        yield Caveat("short-course", {"months": before})
    if dispersion > 1.5:
        yield Caveat("months-vary", {"dispersion": dispersion}, counts_incidents=True)
