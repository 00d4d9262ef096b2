"""What is new since the last meeting: places beyond what place and time explain, and the counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells
from hotspots.analysis.evaluation.windows import Windows, refuse_breaks
from hotspots.analysis.names import name_areas
from hotspots.analysis.when import what_is_new
from hotspots.core.errors import Finding, InputError
from hotspots.core.months import clock_of, month_of
from hotspots.core.periods import Period
from hotspots.core.plain import plain_records
from hotspots.core.sentences import Spoken
from hotspots.programmes.tasking.lately import recent_changes

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection
    from hotspots.io.incidents.breaks import Break

TOO_COARSE = "times-too-coarse"
FEWEST, CHEAP = 999, 9_999


@dataclass(frozen=True, eq=False)
class NewsAnswer(Spoken):
    """Places where the last days hold more than usual, and the last 28 days beside those before.

    Attributes
    ----------
    places : GeoDataFrame, optional
        As :func:`what_is_new` gives them, with ``place_name`` and outline; by the cell in the
        middle.
    changes : DataFrame
        As ``recent_changes`` gives it: a row a theme and comparison.
    cannot : Finding, optional
        Why places have no answer.
    theme : str
        The theme places were looked for in.
    day : date
        Last day that is held.
    false_alarms_a_year, runs_a_year : float
        The budget.
    """

    places: gpd.GeoDataFrame | None
    changes: pd.DataFrame
    cannot: Finding | None
    theme: str
    day: Any
    false_alarms_a_year: float
    runs_a_year: float

    def to_dict(self) -> dict[str, Any]:
        """Everything but the outlines, for JSON."""
        places = None
        if self.places is not None:
            places = pd.DataFrame(self.places.drop(columns="geometry")).reset_index()
        return {
            "theme": self.theme,
            "day": self.day.isoformat(),
            "false_alarms_a_year": self.false_alarms_a_year,
            "runs_a_year": self.runs_a_year,
            "places": None if places is None else plain_records(places),
            "changes": plain_records(self.changes),
            "cannot": None if self.cannot is None else str(self.cannot),
            "sentence": self.to_sentence(),
        }


def ask_what_is_new(
    incidents: Selection,
    *,
    themes: Iterable[str] | None = None,
    windows_days: Sequence[int] = (7, 14, 28),
    false_alarms_a_year: float = 1.0,
    runs_a_year: float = 52.0,
    draws: int | None = None,
    top: int = 5,
    breaks: Iterable[Break] = (),
    record: RunRecord | None = None,
) -> NewsAnswer:
    """Where the last days hold more than place and time explain, and what the counts did.

    Parameters
    ----------
    incidents : Selection
        Of one theme (or all) and of all times, assigned to cells; its last day is now.
    themes : iterable of str, optional
        Themes of the counts; that of ``incidents`` by default.
    windows_days, false_alarms_a_year, runs_a_year, top
        See :func:`what_is_new`.
    draws : int, optional
        As many as the budget needs, and more where that is cheap.
    breaks : iterable of Break
        Known changes of recording: those of the last two years are a caution.
    record : RunRecord, optional
        Is told of them.

    Returns
    -------
    NewsAnswer
        Places, and counts of the last 28 days and of the year to date with intervals.

    Raises
    ------
    InputError
        Without cells, and for a budget that cannot be kept.

    Notes
    -----
    Of months, places have no answer, and the counts compare months. It misleads as a search for
    causes, and where recording changed in one part of the area.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> police = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    >>> asked = hs.assign_cells(hs.select(police, hs.Question(within=town.district)), hs.H3Grid(8))
    >>> sorted(set(ask_what_is_new(asked, draws=99).changes["comparison"]))
    ['before', 'to-date', 'year']
    """
    held = incidents.everything["occurred_from"]
    places, cannot = None, None
    try:
        found = what_is_new(
            incidents,
            windows_days=windows_days,
            false_alarms_a_year=false_alarms_a_year,
            runs_a_year=runs_a_year,
            draws=_enough(false_alarms_a_year, runs_a_year, draws),
            top=top,
        )
        places = _named(found, incidents)
    except InputError as error:
        if any(one.rule != TOO_COARSE for one in error.findings):
            raise
        cannot = error.findings[0]
    monthly = bool(incidents.everything["time_precision"].eq("month").any())
    last = held.max().tz_convert(clock_of(held))
    if record is not None:
        two_years = Period(last - pd.DateOffset(years=2), last, "")
        span = Windows(two_years.start, two_years, two_years)
        record.warn_reader(*refuse_breaks(span, breaks, acknowledged=True))
    until = (last.normalize() + pd.Timedelta(days=1)).date()
    period = month_of(held).max() if monthly else f"{until - pd.Timedelta(days=1)}/{until}"
    wanted = [incidents.theme] if themes is None else list(themes)
    return NewsAnswer(
        places=places,
        changes=recent_changes(incidents, wanted, period),
        cannot=cannot,
        theme=incidents.theme,
        day=last.date(),
        false_alarms_a_year=float(false_alarms_a_year),
        runs_a_year=float(runs_a_year),
    )


def _enough(alarms: float, runs: float, draws: int | None) -> int:
    """Permutations that can tell a chance as small as the budget of one run."""
    if draws is not None or alarms <= 0:
        return FEWEST if draws is None else draws
    needed = math.ceil(runs / alarms)
    return max(FEWEST, needed, min(20 * needed, CHEAP))


def _named(found: pd.DataFrame, incidents: Selection) -> gpd.GeoDataFrame:
    """The places with their name and outline."""
    cells = name_areas(aggregate_to_cells(incidents), incidents)
    table = found.set_index("area_id")
    own = cells.loc[table.index, ["place_name", cells.geometry.name]]
    joined = own.join(table)
    return joined[["place_name", *table.columns, cells.geometry.name]]
