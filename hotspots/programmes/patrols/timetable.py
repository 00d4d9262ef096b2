"""Which areas to visit when: the visits that meet most, under a dose rule and a budget of hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.when.times import HOUR_NS, hours_by_owner, timed_to_the_hour, with_hours
from hotspots.core.arguments import size_of, whole_of
from hotspots.core.errors import RANGE, require
from hotspots.core.hours import DAYS, HOURS_OF_WEEK, Hours
from hotspots.core.months import clock_of
from hotspots.core.plain import plain_parts
from hotspots.core.points import NOWHERE, areas_among, lies_in
from hotspots.core.select import as_selection
from hotspots.core.sentences import Spoken
from hotspots.stats.solver import best_values

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection

LONGEST_HOURS = 12
EVERY_HOURS, MIN_HOURS, WAY_MINUTES = 2, 4, 5
GAP = 0.001
SPREAD = 10.0
WEIGHTS = tuple(float(weight) for weight in 2.0 ** np.arange(0, 13))


@dataclass(frozen=True, eq=False)
class Timetable(Spoken):
    """Stays in areas, week by week: in each one visit in every so many hours.

    Attributes
    ----------
    stays : DataFrame
        One row a stay: ``area_id``, ``place_name``, ``day``, ``from_hour``, ``until_hour`` (past
        midnight it is the next day's), ``visits``, ``share`` of all incidents of the areas that
        happen there and then; in order of the week.
    visit_minutes, every_hours : int
        The dose rule.
    budget_hours, used_hours : float
        Hours a week on visits, without the way between them.
    share : float
        Of all incidents of the areas, those in the area and hours of a stay.
    share_evenly : float
        What as many visits would hold, spread evenly over all areas and hours that are open.
    proven : bool
        No timetable holds more than 1 in 1,000 more.
    """

    stays: pd.DataFrame
    visit_minutes: int
    every_hours: int
    budget_hours: float
    used_hours: float
    share: float
    share_evenly: float
    proven: bool

    @property
    def slots(self) -> pd.DataFrame:
        """One row a visit: ``area_id``, and the ``hour`` of the week from which it is due."""
        visits = self.stays["visits"].to_numpy(dtype=int)
        which = np.repeat(np.arange(len(visits)), visits)
        turn = np.arange(len(which)) - np.repeat(np.cumsum(visits) - visits, visits)
        hour = self.stays["hour"].to_numpy(dtype=int)[which] + turn * self.every_hours
        ids = self.stays["area_id"].to_numpy()[which]
        return pd.DataFrame({"area_id": ids, "hour": hour % HOURS_OF_WEEK})

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        numbers = ("visit_minutes", "every_hours", "budget_hours", "used_hours", "share", "proven")
        return plain_parts(self, *numbers, "stays") | {"sentence": self.to_sentence()}


def patrol_timetable(
    areas: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    budget_hours: float,
    hours: str | Hours | None = None,
    visit_minutes: int = 15,
    teams: int = 1,
) -> Timetable:
    """Choose the stays in areas whose visits meet most incidents, for a budget of hours a week.

    A stay lasts four to twelve hours, with a visit in every two of them; from one area to the next
    a team needs five minutes.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas to patrol, for instance ``select_patrol_areas(...).selected``.
    incidents : GeoDataFrame or Selection
        The ``members`` of those areas; others are found by where they lie. Where at least half
        have an hour the others are left out, else they are an error.
    budget_hours : float
        Hours a week that can be spent on visits.
    hours : str or Hours, optional
        Only within these, ``"Thu-Sat 16-04"``; all hours by default.
    visit_minutes : int
        Length of a visit.
    teams : int
        How many patrols there are at the same time.

    Returns
    -------
    Timetable
        ``stays``, and how much they hold. The same for places of youth work or marshals.

    Raises
    ------
    InputError
        For hours that are not known, and choices out of range.

    Notes
    -----
    The hours of an area are drawn towards those of all areas together, as far as it makes even
    weeks tell most of odd ones. Being there when most happens is not preventing it. It misleads
    where the share is read as a forecast: it is measured on the incidents the timetable was chosen
    from.

    References
    ----------
    Koper, C. S. (1995) Just enough police presence. Justice Quarterly 12(4), 649-672.
    doi:10.1080/07418829500096231 (10 to 15 minutes).

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=6_000)
    >>> police = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    >>> plan = patrol_timetable(town.night_time_economy.rename_axis("area_id"), police,
    ...                         budget_hours=4)
    >>> plan.used_hours <= 4, plan.share > plan.share_evenly
    (True, True)
    """
    visit_minutes = whole_of(visit_minutes, "visit_minutes", rule=RANGE)
    teams = whole_of(teams, "teams", rule=RANGE)
    budget_hours = size_of(budget_hours, "budget_hours")
    asked = as_selection(incidents)
    areas = areas_among(asked.rows, areas)
    allowed = np.ones(HOURS_OF_WEEK, bool) if hours is None else Hours.parse(hours).mask
    halves = _halves(areas, asked)
    counts = halves.sum(axis=0)
    demand = _shrunk(counts, _weight(halves))
    stays = _possible(allowed)
    # A budget that is just enough must not lose a visit by the last digit of a quotient.
    most = int(budget_hours * 60 / visit_minutes + 1e-9)
    at_once = teams * int(EVERY_HOURS * 60 // (visit_minutes + WAY_MINUTES))
    value = np.array([[row[held].sum() for held, _ in stays] for row in demand]).ravel()
    chosen, proven = _best(value, stays, len(areas), most, at_once)
    table = _table(areas, chosen, stays, counts)
    total = max(float(counts.sum()), 1.0)
    visits = int(table["visits"].sum())
    slots = max(len(areas), 1) * allowed.sum() / EVERY_HOURS
    return Timetable(
        stays=table,
        visit_minutes=visit_minutes,
        every_hours=EVERY_HOURS,
        budget_hours=float(budget_hours),
        used_hours=visits * visit_minutes / 60,
        # Of incidents as counted, not of the drawn hours the stays were chosen by.
        share=float(table["share"].sum()),
        share_evenly=float(min(visits / slots, 1) * counts[:, allowed].sum() / total),
        proven=proven,
    )


def _halves(areas: gpd.GeoDataFrame, asked: Selection) -> NDArray[np.float64]:
    """Incidents of even and odd weeks, of each area, by hour of the week, intervals shared out."""
    rows = asked.rows
    if asked.assigned:
        owner = areas.index.get_indexer(pd.Index(asked.area_ids))
    else:
        owner = np.full(len(rows), NOWHERE)
        x, y = np.asarray(rows.geometry.x, float), np.asarray(rows.geometry.y, float)
        for at, outline in enumerate(areas.geometry):
            owner[(owner == NOWHERE) & lies_in(outline, x, y)] = at
    held = owner != NOWHERE
    of_row = pd.Series(owner[held], index=rows.index[held])
    rows = with_hours(rows[held], None)
    owner = of_row.loc[rows.index].to_numpy()
    moments = timed_to_the_hour(rows)
    # Weeks of UTC, begun on a Thursday: for two halves it does not matter where they are cut.
    odd = moments[0] // (HOURS_OF_WEEK * HOUR_NS) % 2
    half = odd * len(areas) + owner
    counts = hours_by_owner(moments, clock_of(rows["occurred_from"]), half, 2 * len(areas))
    return counts.reshape(2, len(areas), HOURS_OF_WEEK)


def _shrunk(counts: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """The hours of each area drawn towards those of all, those towards one another a little."""
    total = counts.sum(axis=1, keepdims=True)
    # Ten made-up incidents, spread evenly: an hour in which nothing ever happened keeps a share, of
    # which there is a logarithm.
    pooled = (counts.sum(axis=0) + SPREAD / HOURS_OF_WEEK) / (counts.sum() + SPREAD)
    return np.asarray(total * (counts + weight * pooled) / (total + weight))


def _weight(halves: NDArray[np.float64]) -> float:
    """How far to draw: so that even weeks tell most of odd ones, and the other way round."""
    told = []
    for weight in WEIGHTS:
        log = 0.0
        for known, other in (halves, halves[::-1]):
            shares = _shrunk(known, weight)
            size = shares.sum(axis=1, keepdims=True)
            shares = np.where(size > 0, shares / np.where(size > 0, size, 1), 1 / HOURS_OF_WEEK)
            log += float((other * np.log(shares)).sum())
        told.append(log)
    return WEIGHTS[int(np.argmax(told))]


def _possible(allowed: NDArray[np.bool_]) -> list[tuple[NDArray[np.intp], int]]:
    """Every stay there could be: its hours of the week, and how many visits it takes."""
    found = []
    for begins in range(0, HOURS_OF_WEEK, EVERY_HOURS):
        for length in range(MIN_HOURS, LONGEST_HOURS + 1, EVERY_HOURS):
            hours = (begins + np.arange(length)) % HOURS_OF_WEEK
            if allowed[hours].all():
                found.append((hours, length // EVERY_HOURS))
    require(
        bool(found),
        f"`hours` must have room for a stay of {MIN_HOURS} hours, begun at an even hour; "
        "got hours that have none.",
        rule="no-room",
    )
    return found


def _best(
    value: NDArray[np.float64],
    stays: list[tuple[NDArray[np.intp], int]],
    areas: int,
    most: int,
    at_once: int,
) -> tuple[NDArray[np.intp], bool]:
    """Stays chosen, numbered area by area, and whether no others hold more."""
    from scipy.sparse import csr_array, hstack, kron, vstack

    if not areas:
        return np.zeros(0, dtype=np.intp), True
    holds = np.zeros((HOURS_OF_WEEK, len(stays)))
    for at, (hours, _) in enumerate(stays):
        holds[hours, at] = 1
    busy = csr_array(holds)
    once = kron(csr_array(np.eye(areas)), busy)  # an area is not stayed in twice at the same time
    teams = hstack([busy] * areas)
    visits = csr_array(np.tile([count for _, count in stays], areas)[None, :])
    rows = csr_array(vstack([once, teams, visits]))
    upper = np.concatenate(
        [np.ones(areas * HOURS_OF_WEEK), np.full(HOURS_OF_WEEK, at_once), [most]]
    )
    found = best_values(value, rows, upper, gap=GAP)
    # The search ended before any choice was found: no stay, and nothing proven.
    chosen = np.zeros(0) if found.values is None else found.values
    return np.flatnonzero(chosen), found.proven


def _table(
    areas: gpd.GeoDataFrame,
    chosen: NDArray[np.intp],
    stays: list[tuple[NDArray[np.intp], int]],
    counts: NDArray[np.float64],
) -> pd.DataFrame:
    names = areas["place_name"] if "place_name" in areas.columns else areas.get("zone_name")
    total, rows = max(float(counts.sum()), 1.0), []
    for number in chosen:
        at, which = divmod(int(number), len(stays))
        hours, visits = stays[which]
        first = int(hours[0])
        rows.append(
            {
                "area_id": areas.index[at],
                "place_name": None if names is None else names.iloc[at],
                "hour": first,
                "day": DAYS[first // 24],
                "from_hour": first % 24,
                "until_hour": (first + visits * EVERY_HOURS) % 24,
                "visits": visits,
                "share": float(counts[at, hours].sum()) / total,
            }
        )
    columns = ["area_id", "place_name", "hour", "day", "from_hour", "until_hour", "visits", "share"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["hour", "area_id"], kind="stable", ignore_index=True)
