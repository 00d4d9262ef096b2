"""Calendars of events: schools and fairs from a file, bank holidays from the library `holidays`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.errors import InputError, require, require_extra
from hotspots.core.schema import toml_content
from hotspots.core.select import as_selection

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.select import Selection

COLUMNS = ["name", "kind", "first_day", "last_day"]
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
    if isinstance(calendar, (str, Path)):
        tables.append(pd.DataFrame(toml_content(calendar, what="a calendar").get("entry", [])))
    elif calendar is not None:
        tables.append(calendar)
    if bank_holidays is not None:
        require(
            incidents is not None,
            "`bank_holidays` need `incidents`, whose years they are of; got none.",
            rule="missing-argument",
        )
        assert incidents is not None
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
