"""School holidays, carnivals, match days: a day of theirs against an ordinary one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.when.times import known_to_the_day, require_one_series, whole_months
from hotspots.core.arguments import require_made, share_of
from hotspots.core.errors import DataError, InputError, require, require_extra
from hotspots.core.months import local_times
from hotspots.core.schema import toml_content
from hotspots.core.select import Selection, as_selection
from hotspots.stats.count_models import CountFit, fit_counts

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.evaluation.windows import DatedBreak
    from hotspots.core.arrays import Bools, Floats
    from hotspots.core.record import RunRecord
    from hotspots.io.incidents.breaks import Break as KnownBreak

COLUMNS = ["name", "kind", "first_day", "last_day"]
ORDINARY = "term"
NAMES = {"holiday": "school holidays"}
"""Kinds of a calendar of schools as a reader calls them; another kind is its own name."""


def event_index(
    incidents: gpd.GeoDataFrame | Selection,
    calendar: pd.DataFrame | str | Path,
    *,
    confidence: float = 0.95,
    breaks: Iterable[DatedBreak | KnownBreak] = (),
    acknowledge_breaks: bool = False,
    record: RunRecord | None = None,
) -> pd.DataFrame:
    """How many incidents a day of each kind of event brings, against ordinary days like it.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents whose times are known to the day.
    calendar : DataFrame or path
        ``name``, ``kind``, ``first_day``, ``last_day`` (both days included), or a TOML file with
        them under ``[[entry]]``. Days of kind "term" are ordinary; "holiday" is called "school
        holidays"; entries without a kind are each their own.
    confidence : float
        Of the intervals.
    breaks : iterable of Break
        Known changes of recording, such as ``hs.evaluation.known_breaks(path)`` gives them. Days
        are not compared across one, unless
    acknowledge_breaks : bool
        says so; then it is a caution.
    record : RunRecord, optional
        Is told of breaks, and of months that were left out, as not every source covers them whole.

    Returns
    -------
    DataFrame
        One row an event, as in the calendar: ``event``, ``ratio`` with ``low`` and ``high``, and
        ``days`` of it that were held. Missing where it has no ordinary day to be set against.

    Raises
    ------
    InputError
        For times known only to the month; across a known break that is not acknowledged.
    DataError
        For a calendar that cannot be read, and where there is no incident in a whole month.

    Notes
    -----
    Ordinary days like it are those of the same month of the same year, and of the same day of the
    week; events that overlap are told apart where each has days of its own. The interval is the
    widest of three: quasi-Poisson, Newey-West, and what days in the same pattern, moved by one
    week, two and so on, bring in the same series, since days hang together for longer than
    neighbours show. It misleads where an event stands for the weather, and for one that fell on
    few days: look at ``days``.

    References
    ----------
    Newey, W. K. & West, K. D. (1987) Econometrica 55(3), 703-708. doi:10.2307/1913610 (intervals
    where one day resembles the next).

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> event_index(town.incidents, town.schools_calendar)["event"].tolist()
    ['school holidays']
    """
    confidence = share_of(confidence, "confidence")
    events = _events(calendar)
    asked = as_selection(incidents)
    months, left_out = whole_months(asked)
    counts = _daily(asked, months)
    require_one_series(
        asked, (months, left_out), breaks, acknowledged=acknowledge_breaks, record=record
    )
    days = pd.DatetimeIndex(counts.index)
    names = list(dict.fromkeys(events["event"]))
    on = np.column_stack([_held_on(days, events[events["event"].eq(name)]) for name in names])
    design = np.column_stack([_ordinary(days), on]).astype(np.float64)
    values = counts.to_numpy(dtype=float)
    fit = fit_counts(values, np.ones(len(days)), design, confidence)
    first = design.shape[1] - len(names)
    rows = []
    for at, name in enumerate(names):
        ends = _beside_ordinary(fit, values, first + at)
        rows.append((name, *ends, int(on[:, at].sum())))
    return pd.DataFrame(rows, columns=["event", "ratio", "low", "high", "days"])


def event_of(
    incidents: gpd.GeoDataFrame | Selection, calendar: pd.DataFrame | str | Path
) -> pd.Series:
    """The event on whose days each incident began.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents whose times are known to the day.
    calendar : DataFrame or path
        As :func:`event_index` takes it.

    Returns
    -------
    Series
        Text by ``incident_id``, in the order they came: what the event is called, the first in
        the calendar where several are on; missing on ordinary days.

    Raises
    ------
    InputError
        For times known only to the month.
    DataError
        For a calendar that cannot be read.

    Notes
    -----
    It misleads as a count: six weeks of holidays hold fewer incidents than forty of term, whatever
    a day brings. :func:`event_index` compares days.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> event_of(town.incidents, town.schools_calendar).dropna().unique().tolist()
    ['school holidays']
    """
    events = _events(calendar)
    rows = incidents.rows if isinstance(incidents, Selection) else incidents
    days = pd.DatetimeIndex(_first_days(rows))
    found = pd.Series(None, index=rows.index, dtype=object, name="event")
    # Backwards, so that of events on one day the first of the calendar is written last.
    for name in list(dict.fromkeys(events["event"]))[::-1]:
        found[_held_on(days, events[events["event"].eq(name)])] = name
    return found


def _events(calendar: pd.DataFrame | str | Path) -> pd.DataFrame:
    """The entries that are not ordinary, each with what it is called."""
    entries = _entries(calendar)
    if "kind" not in entries.columns:
        entries = entries.assign(kind=None)
    lacking = [name for name in COLUMNS if name not in entries.columns]
    if lacking or entries.empty:
        raise DataError(
            "a calendar needs entries with name, first_day and last_day; "
            + (f"it lacks {', '.join(lacking)}." if lacking else "it has none."),
            rule="calendar",
        )
    table = entries[COLUMNS].copy()
    for name in ("first_day", "last_day"):
        table[name] = pd.to_datetime(table[name], format="ISO8601", errors="coerce")
    wrong = table["first_day"].isna() | table["last_day"].isna()
    wrong |= table["last_day"] < table["first_day"]
    if wrong.any():
        raise DataError(
            f"every entry of a calendar needs a first day and a last one not before it, as "
            f"2026-05-01; {int(wrong.sum())} of {len(table)} have none.",
            rule="calendar",
        )
    table["event"] = table["kind"].map(lambda kind: NAMES.get(kind, kind)).fillna(table["name"])
    table = table[~table["kind"].eq(ORDINARY)]
    require(
        not table.empty,
        "a calendar needs an event; all its entries are terms.",
        DataError,
        rule="calendar",
    )
    return table


def _entries(calendar: pd.DataFrame | str | Path) -> pd.DataFrame:
    """The entries of a calendar; of a file its ``[[entry]]`` tables."""
    if isinstance(calendar, (str, Path)):
        return pd.DataFrame(toml_content(calendar, what="a calendar").get("entry", []))
    require_made("calendar", calendar, pd.DataFrame, 'event_calendar("mine.toml")')
    return calendar


def _daily(asked: Selection, months: list[str]) -> pd.Series:
    """Incidents of every day of the whole months that hold any."""
    local = _first_days(asked.rows)
    held = pd.PeriodIndex(months, freq="M")
    every = [pd.date_range(month.start_time, periods=month.days_in_month) for month in held]
    days = pd.DatetimeIndex(np.concatenate(every)) if every else pd.DatetimeIndex([])
    counts: pd.Series = local.value_counts().reindex(days, fill_value=0)
    # A month without any incident has no rate, and its term no estimate.
    counts = counts[counts.groupby(days.to_period("M")).transform("sum").to_numpy() > 0]
    if counts.empty:
        raise DataError("there is no incident in any whole month.", rule="no-incidents")
    return counts


def _first_days(rows: gpd.GeoDataFrame) -> pd.Series:
    """The day on which each incident began, by the clock of the place."""
    known_to_the_day(rows, "events need the day of each incident")
    days: pd.Series = local_times(rows["occurred_from"]).dt.normalize()
    return days


def _held_on(days: pd.DatetimeIndex, entries: pd.DataFrame) -> Bools:
    found = np.zeros(len(days), dtype=bool)
    for first, last in zip(entries["first_day"], entries["last_day"], strict=True):
        found |= np.asarray((days >= first.normalize()) & (days <= last.normalize()))
    return found


def _ordinary(days: pd.DatetimeIndex) -> Bools:
    """A term for each month of each year, and for each day of the week but the first."""
    month, known = pd.factorize(days.to_period("M"))
    weekday = days.day_of_week.to_numpy()
    return np.column_stack(
        [month[:, None] == np.arange(len(known)), weekday[:, None] == np.arange(1, 7)]
    )


def _beside_ordinary(fit: CountFit, values: Floats, column: int) -> tuple[float, float, float]:
    """Ratio and interval of an event; missing where it has no ordinary day."""
    design, on = fit.design, fit.design[:, column] > 0
    if not _told_apart(design, column):
        return np.nan, np.nan, np.nan
    if not values[on].any():
        # No logarithm of nothing: as many as leave none with this chance, of those to be expected.
        usual = fit_counts(values, np.ones(len(on)), np.delete(design, column, 1), fit.confidence)
        most = -np.log((1 - fit.confidence) / 2) * usual.dispersion
        return 0.0, 0.0, float(most / usual.fitted[on].sum())
    wide = replace(fit, covariances=(*fit.covariances, _moved(fit, values, on)))
    return wide.ratio(np.eye(design.shape[1])[column])[:3]


def _moved(fit: CountFit, values: Floats, on: Bools) -> Any:
    """Covariance as wide as days of the same pattern, moved by whole weeks, stray in the series."""
    root = np.sqrt(fit.fitted)
    span, _ = np.linalg.qr(fit.design * root[:, None])
    at = (np.arange(len(on))[:, None] - np.arange(7, len(on) - 6, 7)) % max(len(on), 1)
    moved = on[at] * root[:, None]
    moved = moved - span @ (span.T @ moved)
    size = (moved**2).sum(axis=0)
    pull = moved.T @ ((values - fit.fitted) / root)
    told = size > LEAST_APART
    memory = (1 + fit.correlation) / (1 - fit.correlation)
    squares = pull[told] ** 2 / size[told]
    strayed = float(np.median(squares)) / MIDDLE_SQUARE if told.any() else 0.0
    return fit.covariances[0] / memory * (strayed / fit.dispersion)


LEAST_APART, MIDDLE_SQUARE = 1e-6, 0.4549
"""The second: median of the square of a normal value."""


def _told_apart(design: Any, column: int) -> bool:
    """Whether the days of an event are not just the days of other terms."""
    others = np.delete(design, column, axis=1)
    rest = design[:, column] - others @ np.linalg.lstsq(others, design[:, column], rcond=None)[0]
    return bool((rest**2).sum() > LEAST_APART)


BANK_HOLIDAYS = "bank holidays"


def event_calendar(
    calendar: pd.DataFrame | str | Path | None = None,
    *,
    bank_holidays: str | None = None,
    incidents: gpd.GeoDataFrame | Selection | None = None,
) -> pd.DataFrame:
    """One calendar for :func:`event_index`, from a file and the bank holidays of a country.

    Parameters
    ----------
    calendar : DataFrame or path, optional
        ``name``, ``kind``, ``first_day``, ``last_day``; or a TOML file with them under
        ``[[entry]]``, as ``schools_calendar.toml`` of the town.
    bank_holidays : str, optional
        A country, with its part after a stroke: ``"GB-ENG"``, ``"GB-SCT"``, ``"US-NY"``. Needs
        the extra ``calendar``.
    incidents : GeoDataFrame or Selection, optional
        Their years are those of the bank holidays; needed for these.

    Returns
    -------
    DataFrame
        The entries, bank holidays last, all of one kind.

    Raises
    ------
    InputError
        For a country that is not known, and bank holidays without incidents.
    DataError
        For a file that cannot be read.

    Notes
    -----
    It misleads where bank holidays and school holidays lie on the same days (Christmas): neither
    is told apart from the other there.

    References
    ----------
    The library ``holidays`` (MIT), https://github.com/vacanza/holidays

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=1_000)
    >>> sorted(event_calendar(town.schools_calendar)["kind"].unique())
    ['holiday', 'term']
    """
    tables = []
    if calendar is not None:
        tables.append(_entries(calendar))
    if bank_holidays is not None:
        if incidents is None:
            raise InputError(
                "`bank_holidays` need `incidents`, whose years they are of; got none.",
                rule="missing-argument",
            )
        tables.append(_bank_holidays(bank_holidays, as_selection(incidents)))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=COLUMNS)


def _bank_holidays(country: str, asked: Selection) -> pd.DataFrame:
    """The days off of a country in the years of the incidents, one entry a day."""
    library = require_extra("holidays", "calendar", "a calendar of bank holidays")
    code, _, part = country.partition("-")
    since, until = asked.source.tally.since, asked.source.tally.until
    years = range(since.year, until.year + 1) if since is not None and until is not None else ()
    try:
        found = library.country_holidays(code, subdiv=part or None, years=years)
    except NotImplementedError as error:
        raise InputError(
            f'`bank_holidays` must be a country as "GB-ENG" or "US-NY"; got {country!r}.',
            rule="unknown-choice",
        ) from error
    days = sorted(found.items())
    return pd.DataFrame(
        {
            "name": [name for _, name in days],
            "kind": BANK_HOLIDAYS,
            "first_day": pd.to_datetime([day for day, _ in days]),
            "last_day": pd.to_datetime([day for day, _ in days]),
        }
    )
