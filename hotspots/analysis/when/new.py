"""What is new: areas with more in the last days than place and time alone lead one to expect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.when.times import known_to_the_day
from hotspots.core.errors import InputError, require
from hotspots.core.months import local_times
from hotspots.core.points import NOWHERE, PlaceIndex
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.capabilities import even_dates
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.select import Selection

WINDOWS_DAYS, HISTORY_DAYS = (7, 14, 28), 365
MOST = 5
COLUMNS = ["area_id", "days", "since", "observed", "expected", "ratio", "p_value", "is_alarm"]


def what_is_new(
    incidents: Selection,
    *,
    false_alarms_a_year: float = 1.0,
    runs_a_year: float = 52.0,
    draws: int = 999,
    rng: np.random.Generator | int | None = None,
) -> pd.DataFrame:
    """Cells, with those around them, where the last days hold more than place and time explain.

    The last 7, 14 and 28 days are looked at, against those of a year.

    Parameters
    ----------
    incidents : Selection
        Assigned to cells, times known to the day; its last day is the day of the run.
    false_alarms_a_year, runs_a_year : float
        The budget: a run where nothing is new gives an alarm with the chance of the first over the
        second, whatever the number of cells.
    draws : int
        How often times are dealt out anew over places.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.

    Returns
    -------
    DataFrame
        The five most unusual, none overlapping another: ``area_id`` of the middle cell, ``days``
        and ``since`` of the window, ``observed`` and ``expected`` incidents in the cell and those
        around it, ``ratio``, ``p_value`` (of the most unusual of all cells and windows), and
        ``is_alarm``.

    Raises
    ------
    InputError
        Without cells, for times known only to the month, and where draws are too few for the
        budget.

    Notes
    -----
    Expected is what the place holds of all days times what the days hold of all places: a change
    that is everywhere at once, in what happens or in how it is recorded, is nothing new here.
    Incidents of one trouble, at one place on one day, are dealt out together. A change of recording
    in one part of the area looks like news. It misleads as a search for causes, and where bursts
    spread over many addresses.

    References
    ----------
    Kulldorff, M. et al. (2005) A space-time permutation scan statistic for disease outbreak
    detection. PLoS Medicine 2(3), e59. doi:10.1371/journal.pmed.0020059

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> police = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    >>> asked = hs.select(police, hs.Question(within=town.district))
    >>> found = what_is_new(hs.assign_cells(asked, hs.H3Grid(8)), draws=99)
    >>> found.columns.tolist()[:4]
    ['area_id', 'days', 'since', 'observed']
    """
    alpha = false_alarms_a_year / runs_a_year
    _check(alpha, draws)
    ids, cell, age, trouble, last = _aged(incidents)
    size = len(ids)
    of_trouble = age[np.unique(trouble, return_index=True)[1]]
    assert incidents.grid is not None
    around = (incidents.grid.neighbours(ids.to_numpy(object)) > 0).astype(float)
    around.setdiag(1.0)
    around = around.tocsr()
    whole = around @ np.bincount(cell, minlength=size)
    in_time = np.array([(age < days).sum() for days in WINDOWS_DAYS])
    expected = whole[:, None] * in_time / max(len(age), 1)

    def scanned(ages: NDArray[np.int64]) -> NDArray[np.float64]:
        held = [np.bincount(cell[ages < days], minlength=size) for days in WINDOWS_DAYS]
        return np.asarray(around @ np.column_stack(held), dtype=float)

    source = source_of(rng)
    observed = scanned(age)
    unusual = _unusual(observed, expected, len(age))
    largest = np.array(
        [
            _unusual(scanned(source.permutation(of_trouble)[trouble]), expected, len(age)).max(
                initial=0.0
            )
            for _ in range(draws)
        ]
    )
    rows: list[tuple[object, ...]] = []
    free = np.ones(size, dtype=bool)
    while len(rows) < MOST and free.any():
        at, which = divmod(int(np.argmax(unusual * free[:, None])), len(WINDOWS_DAYS))
        if unusual[at, which] <= 0:
            break
        # As large as what was seen counts, whatever the last digits.
        chance = float(((largest >= unusual[at, which] - 1e-9).sum() + 1) / (draws + 1))
        counts = int(observed[at, which]), float(expected[at, which])
        since = last - pd.Timedelta(days=WINDOWS_DAYS[which] - 1)
        ratio = counts[0] / counts[1]
        rows.append((ids[at], WINDOWS_DAYS[which], since, *counts, ratio, chance, chance <= alpha))
        # Areas that share a cell with one that is listed would tell the same news again.
        free[(around @ around[[at]].T.toarray()).ravel() > 0] = False
    return pd.DataFrame(rows, columns=COLUMNS)


def _check(alpha: float, draws: int) -> None:
    require(
        0 < alpha < 1,
        "`false_alarms_a_year` must be above 0 and fewer than `runs_a_year`; got "
        f"{alpha:g} times as many.",
        rule="out-of-range",
    )
    require(
        alpha * (draws + 1) >= 1,
        "`draws` must be enough for the budget: at least "
        f"{np.ceil(1 / alpha) - 1:,.0f} for {alpha:.4f} false alarms a "
        f"run; got {draws!r}.",
        rule="out-of-range",
    )


def _aged(
    incidents: Selection,
) -> tuple[pd.Index, NDArray[np.intp], NDArray[np.int64], NDArray[np.intp], pd.Timestamp]:
    """Cells that hold any; cell, age in days and trouble of each incident; and the last day."""
    if incidents.grid is None:
        raise InputError(
            "`incidents` must be assigned to cells first; these are not.",
            rule="unassigned",
            mend=Mend("assign-first"),
        )
    rows = known_to_the_day(incidents.rows)
    rows = rows.loc[even_dates(rows["occurred_from"]).index]
    require(len(rows) > 0, "what is new needs incidents; got none.", rule="no-incidents")
    day = local_times(rows["occurred_from"]).dt.normalize()
    age = ((day.max() - day) / pd.Timedelta(days=1)).to_numpy().astype(np.int64)
    cell, ids = pd.factorize(rows["area_id"], sort=True)
    held = (age < HISTORY_DAYS) & (cell != NOWHERE)
    place = PlaceIndex.of(rows).of_row[held].astype(np.int64)
    # Sorted, so that the order of rows moves no draw.
    trouble = pd.factorize(place * HISTORY_DAYS + age[held], sort=True)[0]
    return pd.Index(ids, dtype=object), cell[held], age[held], trouble, day.max()


def _unusual(
    observed: NDArray[np.float64], expected: NDArray[np.float64], total: int
) -> NDArray[np.float64]:
    """Log-likelihood ratio of more inside than expected; 0 where there is no more."""
    from scipy.special import xlogy

    inside = xlogy(observed, observed / np.maximum(expected, 1e-12))
    rest, rest_expected = total - observed, np.maximum(total - expected, 1e-12)
    ratio = inside + xlogy(rest, rest / rest_expected)
    return np.where(observed > expected, ratio, 0.0)
