"""Day and night lists in one call, sharing one budget of patrol hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.arguments import require_made
from hotspots.core.errors import InputError, require
from hotspots.core.hours import HOURS_OF_WEEK, Hours
from hotspots.core.select import as_selection
from hotspots.core.sentences import Spoken
from hotspots.programmes.patrols.select_areas import select_patrol_areas
from hotspots.programmes.patrols.timetable import EVERY_HOURS

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection
    from hotspots.programmes.patrols.patrol_areas import PatrolAreas

VISIT_MINUTES = 15
"""An area takes a visit of so many minutes in every two hours of its shift."""


@dataclass(frozen=True, eq=False)
class PatrolShifts(Spoken):
    """Areas of each shift, and the hours a week they take together.

    Attributes
    ----------
    shifts : dict of str to PatrolAreas
        The areas of each shift that has any, chosen on its incidents alone.
    hours : dict of str to float
        Patrol hours a week that one area takes in each shift.
    budget_hours : float
        Hours a week to be shared.
    """

    shifts: Mapping[str, PatrolAreas]
    hours: Mapping[str, float]
    budget_hours: float

    @property
    def used_hours(self) -> float:
        """Hours a week that the areas take."""
        return sum(self.hours[name] * len(one.selected) for name, one in self.shifts.items())

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """The chosen areas of all shifts under one another, with their ``shift``."""
        tables = [one.selected.assign(shift=name) for name, one in self.shifts.items()]
        found: gpd.GeoDataFrame = pd.concat(tables)
        return found


def areas_by_shift(
    incidents: gpd.GeoDataFrame | Selection,
    shifts: Mapping[str, str | Hours],
    *,
    budget_hours: float,
    count: int,
    record: RunRecord | None,
    **choices: Any,
) -> PatrolShifts:
    """Areas for each shift, so many in each as one budget of patrol hours allows.

    Areas of all shifts are taken in order of what they hold for an hour of patrol, until the budget
    is used; each shift is then chosen again for its number, so within a shift no other choice of
    that many holds more.
    """
    require_made("shifts", shifts, Mapping, '{"night": "Fri-Sat 20-03"}')
    windows = {name: Hours.parse(hours) for name, hours in shifts.items()}
    held = np.bincount([hour for one in windows.values() for hour in one.hours],
                       minlength=HOURS_OF_WEEK)  # fmt: skip
    require(
        bool(windows) and held.max() == 1,
        "`shifts` must name hours that do not overlap; got "
        f"{', '.join(one.key for one in windows.values()) or 'none'}.",
        rule="shifts-overlap",
    )
    cost = {
        name: len(one.hours) / EVERY_HOURS * VISIT_MINUTES / 60 for name, one in windows.items()
    }
    asked = as_selection(incidents)
    first = {
        name: select_patrol_areas(asked.asked(hours=one), count=count, **choices)
        for name, one in windows.items()
    }
    numbers = _shared(first, cost, budget_hours)
    if not any(numbers.values()):
        raise InputError(
            f"`budget_hours` must have room for an area, which takes {min(cost.values()):g} hours "
            f"a week in the shortest shift; got {budget_hours!r}, or no place qualifies.",
            rule="no-room",
        )
    chosen = {
        name: select_patrol_areas(
            asked.asked(hours=windows[name]), count=number, record=record, **choices
        )
        for name, number in numbers.items()
        if number
    }
    return PatrolShifts(chosen, cost, float(budget_hours))


def _shared(
    first: Mapping[str, PatrolAreas], cost: Mapping[str, float], budget: float
) -> dict[str, int]:
    """How many areas each shift gets, the most held for an hour of patrol first."""
    worth = [
        (float(value) / cost[name], name)
        for name, one in first.items()
        for value in one.selected["harm" if one.choice.by == "harm" else "incident_count"]
    ]
    # A budget that is just enough must not fail by a last digit of what is taken from it.
    left, numbers = budget + 1e-9, dict.fromkeys(first, 0)
    for _, name in sorted(worth, key=lambda pair: (-pair[0], pair[1])):
        if cost[name] <= left:
            left -= cost[name]
            numbers[name] += 1
    return numbers
