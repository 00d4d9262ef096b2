"""What the card of a place says: its months with what to expect, its week, its offences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.when.times import hours_by_owner, timed_to_the_hour, whole_months
from hotspots.core.hours import WITHOUT_HOURS
from hotspots.core.months import clock_of, later, months_between, number_of_month
from hotspots.core.periods import Period, months_of
from hotspots.core.points import NOWHERE
from hotspots.stats.counts import negative_binomial_quantile, poisson_quantile

if TYPE_CHECKING:
    from hotspots.core.arrays import Floats, Ints
    from hotspots.core.select import Selection
    from hotspots.core.source import Parts

WITHIN_BAND = 0.9


@dataclass(frozen=True, eq=False, repr=False)
class PlaceCards:
    """Months, week and offences of areas, one row an area; arrays, no words.

    Attributes
    ----------
    area_ids : Index
        The areas, in the order asked for; rows of all arrays.
    months : tuple of str
        Up to 36, the last that of the question's end: ``"2018-07"``.
    month_counts : array of float64, shape (areas, months)
        Incidents of the theme; missing where a month is not covered whole.
    month_low, month_high : array of float64, shape (areas, months)
        Where nine months of ten lie while the place goes as the whole study area does.
    hours_each : int
        Length of a band of the week: 1, or 6.
    week : array of float64, shape (areas, 7, 24 / hours_each)
        Incidents of the question by day (Monday first) and band, intervals shared out.
    timed : array of int64, shape (areas,)
        How many incidents of the question have the hour; 0: the week of that area says nothing.
    counts : array of int64, shape (areas,)
        How many incidents the question has there.
    offences : tuple of tuple of (str, float)
        For each area its offences and their counts, the most frequent first.
    others : DataFrame, optional
        Months of the areas without a card, as in :meth:`by_month`, those with none left out.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=2_000)
    >>> asked = hs.select(town.incidents, hs.Question(period="2025-04", within=town.district))
    >>> asked = hs.assign_cells(asked, hs.H3Grid(7))
    >>> cards = place_cards(asked, asked.parts.ids)
    >>> len(cards.months), cards.week.shape[1:], int(cards.counts.sum()) == asked.total
    (25, (7, 24), True)
    """

    area_ids: pd.Index
    months: tuple[str, ...]
    month_counts: Floats
    month_low: Floats
    month_high: Floats
    hours_each: int
    week: Floats
    timed: Ints
    counts: Ints
    offences: tuple[tuple[tuple[str, float], ...], ...]
    others: pd.DataFrame | None = None

    def by_month(self) -> pd.DataFrame:
        """The known months of all areas: ``area_id``, ``period`` and ``incident_count``."""
        wide = pd.DataFrame(self.month_counts, self.area_ids.rename("area_id"), self.months)
        flat = wide.melt(ignore_index=False, var_name="period", value_name="incident_count")
        return pd.concat([flat.dropna().reset_index(), self.others], ignore_index=True)

    def __repr__(self) -> str:
        return f"<PlaceCards of {len(self.area_ids):,} areas, {len(self.months)} months>"


def place_cards(incidents: Selection, area_ids: Iterable[str], *, months: int = 36) -> PlaceCards:
    """What the cards of these areas say, exact.

    Parameters
    ----------
    incidents : Selection
        Assigned to areas. Earlier months are counted in cells; of clusters only those months that
        the question holds, since a cluster was not there before.
    area_ids : iterable of str
        Which areas, in this order.
    months : int
        How many at most, the last that in which the question's period ends.

    Returns
    -------
    PlaceCards
        Months by start, the week with intervals shared out.

    Raises
    ------
    InputError
        Where the incidents are assigned to no areas.

    Notes
    -----
    Incidents known only to the day or month are in ``months`` and ``offences`` and not in ``week``;
    ``timed`` says how many are. The band of months misleads for a place whose season is its own.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=2_000)
    >>> asked = hs.assign_cells(hs.select(town.incidents), hs.H3Grid(7))
    >>> place_cards(asked, asked.parts.ids[:3], months=12)
    <PlaceCards of 3 areas, 12 months>
    """
    ids = pd.Index(list(area_ids), dtype=object)
    held = incidents.parts.in_order_of(ids)
    counts = np.bincount(held.area, held.count, len(ids)).astype(np.int64)
    names = _last_months(incidents, months)
    by_month, low, high, others = _months(incidents, ids, names)
    hourly = ~np.isin(held.of_kind("time_precision").astype(str), WITHOUT_HOURS)
    none = np.zeros((len(ids), 7, 24)), np.zeros(len(ids), dtype=np.int64)
    week, timed = _week(incidents, ids) if hourly.any() else none
    return PlaceCards(
        ids, tuple(names), by_month, low, high, 1, week, timed, counts, _offences(held, len(ids)),
        others,
    )  # fmt: skip


def _last_months(asked: Selection, most: int) -> list[str]:
    """The months up to the end of the question, none before the first incident there is."""
    known = asked.source.months()
    if not known:
        return []
    last = known[-1] if asked.period is None else months_of(asked.period)[-1]
    return months_between(max(known[0], later(last, 1 - most)), last)


def _months(
    asked: Selection, ids: pd.Index, names: list[str]
) -> tuple[Floats, Floats, Floats, pd.DataFrame | None]:
    """Incidents by month, missing where it is not whole, what is to be expected, and all others."""
    nothing = np.full((len(ids), len(names)), np.nan)
    if not names:
        return nothing, nothing, nothing, None
    span = Period.parse(f"{names[0]}/{names[-1]}")
    # Clusters are drawn round their own incidents, so of another month they know no others.
    there = asked.only(span) if asked.grid is None else asked.during(span)
    whole, parts, first = set(whole_months(there)[0]), there.parts, number_of_month(names[0])
    areas = ids.append(parts.ids.difference(ids))
    held = parts.in_order_of(areas)
    at = held.area * len(names) + held.month - first
    counted = np.bincount(at, held.count, len(areas) * len(names)).reshape(-1, len(names))
    city = np.bincount(parts.month - first, parts.count, len(names))
    known = np.array([name in whole for name in names])
    counts: Floats = np.where(known, counted[: len(ids)], np.nan)
    ends = expected_months(counts, np.where(known, city, np.nan))
    area, month = np.nonzero(counted[len(ids) :] * known)
    others = {
        "area_id": areas[len(ids) + area],
        "period": np.asarray(names, dtype=object)[month],
        "incident_count": counted[len(ids) + area, month],
    }
    return counts, *ends, pd.DataFrame(others)


def expected_months(counts: Floats, city: Floats) -> tuple[Floats, Floats]:
    """Ends of the middle nine tenths of a month, its mean the area's share of the whole.

    Negative binomial where the months of the area vary by more than Poisson counts.
    """
    total = np.nansum(counts, axis=1, keepdims=True)
    mean = total * city / max(float(np.nansum(city)), 1.0)
    off = np.where(mean > 0, (counts - mean) ** 2 / np.where(mean > 0, mean, 1.0), 0.0)
    free = max(int(np.isfinite(city).sum()) - 1, 1)
    times = np.maximum(np.nansum(off, axis=1, keepdims=True) / free, 1.0)
    ends = []
    for part in ((1 - WITHIN_BAND) / 2, (1 + WITHIN_BAND) / 2):
        # The negative binomial of this mean whose variance is so many times the mean.
        size = np.where(mean > 0, mean, 1.0) / np.where(times > 1, times - 1, 1.0)
        wide = np.where(mean > 0, negative_binomial_quantile(part, size, 1 / times), mean)
        ends.append(np.where(times > 1, wide, poisson_quantile(part, mean)))
    return ends[0], ends[1]


def _week(asked: Selection, ids: pd.Index) -> tuple[Floats, Ints]:
    """Incidents by hour of the week, and how many have the hour."""
    rows = asked.rows
    area = ids.get_indexer(pd.Index(asked.area_ids))
    hourly = (area != NOWHERE) & ~rows["time_precision"].isin(WITHOUT_HOURS).to_numpy()
    rows, area = rows[hourly], area[hourly]
    clock = clock_of(rows["occurred_from"])
    week = hours_by_owner(timed_to_the_hour(rows), clock, area, len(ids))
    timed = np.bincount(area, minlength=len(ids)).astype(np.int64)
    return week.reshape(len(ids), 7, 24), timed


def _offences(held: Parts, size: int) -> tuple[tuple[tuple[str, float], ...], ...]:
    """For each area its offences, the most frequent first, then by name."""
    table = pd.DataFrame(
        {"area": held.area, "offence": held.of_kind("offence"), "count": held.count}
    )
    table["offence"] = table["offence"].astype(str)
    summed = table.groupby(["area", "offence"])["count"].sum().reset_index()
    summed = summed.sort_values(["count", "offence"], ascending=[False, True], kind="stable")
    of_area = {
        area: tuple(zip(rows["offence"], rows["count"].astype(float), strict=True))
        for area, rows in summed.groupby("area", sort=False)
    }
    return tuple(of_area.get(area, ()) for area in range(size))
