"""The areas chosen, how good the choice is, and what changed since the last review."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.plain import plain, plain_parts
from hotspots.core.record import NOT_GROUNDS
from hotspots.core.sentences import Spoken

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection


SELECTED, NEAR_MISS = "selected", "near miss"
STAYED, ENTERED, LEFT = "stayed", "entered", "left"
KEEP_OVERLAP = 0.3
"""Intersection over union from which two areas are the same one."""


def without_near_misses(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Areas, or zones made of them, in which something is done: not those that were next."""
    return areas[areas["status"].ne(NEAR_MISS)] if "status" in areas else areas


@dataclass(frozen=True)
class Choice:
    """What the chosen areas hold, and what no choice among the places grown could exceed.

    Attributes
    ----------
    by
        "harm" or "count": what was to be held.
    wanted
        Areas asked for.
    held, total
        Harm or count inside the chosen areas, and of the theme.
    best_possible
        Bound from the relaxed problem, in which areas may be taken in part.
    gap
        How far ``held`` is below it, as a share of it.
    method, proven
        "milp" or "greedy", and whether no better choice exists.
    incidents_held, incidents_total
        Counts beside the harm.
    area_km2
        Ground of the chosen areas.
    unreachable
        Incidents in no block, or in one that is larger than an area may be.
    """

    by: str
    wanted: int
    held: float
    total: float
    best_possible: float
    gap: float
    method: str
    proven: bool
    incidents_held: int
    incidents_total: int
    area_km2: float
    unreachable: int = 0


@dataclass(frozen=True, eq=False)
class PatrolAreas(Spoken):
    """Patrol-sized areas to be signed off.

    Attributes
    ----------
    areas
        Areas table in order of rank, chosen areas and near misses (``status``), named by street and
        ward, with rank intervals and an empty ``sign_off``. A table with further columns is given
        back with :meth:`with_areas`.
    members
        The incidents asked about with the ``area_id`` of each, for any stage that takes a
        Selection; missing outside the areas.
    set_aside
        Places that hold enough to be chosen and were kept out, with the ``rule`` and the reason.
    choice
        How much the areas hold and how close that is to the best possible.
    changes
        With ``previous=``: each area stayed, entered or left, with its name; missing otherwise.
    victim_reported
        With ``victim_reported=``: the choice made on those incidents alone.
    left_out
        Incidents of offences mostly found by officers, which the choice does not count.
    """

    areas: gpd.GeoDataFrame
    members: Selection
    set_aside: gpd.GeoDataFrame
    choice: Choice
    label: str
    changes: pd.DataFrame | None = None
    victim_reported: PatrolAreas | None = None
    left_out: int = 0

    @property
    def theme(self) -> str:
        """The theme of the areas."""
        return self.members.theme

    @property
    def period(self) -> str:
        """Words for the time; "all" where all times were asked about."""
        return self.members.question.period_name

    @property
    def selected(self) -> gpd.GeoDataFrame:
        """The chosen areas, best first."""
        return self.areas[self.areas["status"] == SELECTED]

    @property
    def near_misses(self) -> gpd.GeoDataFrame:
        """The next best areas."""
        return self.areas[self.areas["status"] == NEAR_MISS]

    def with_areas(self, areas: gpd.GeoDataFrame) -> PatrolAreas:
        """The same result with names or other columns added to its areas."""
        return replace(self, areas=areas)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the geometry, for JSON; missing values as None."""
        return {
            **plain_parts(self, "theme", "label", "period"),
            "choice": plain(vars(self.choice)),
            **plain_parts(self, "areas", "set_aside", "changes", "victim_reported"),
            "cautions": [str(NOT_GROUNDS)],
            "sentence": self.to_sentence(),
        }


def keep_ids(result: PatrolAreas, previous: gpd.GeoDataFrame) -> PatrolAreas:
    """Give areas the id of the earlier area they overlap most; say which stayed, entered, left.

    Areas are paired one to one so that the sum of intersection over union is largest (assignment
    problem); pairs below ``KEEP_OVERLAP`` do not count. Near misses of either side take no part.
    """
    earlier = previous[previous["status"] == SELECTED] if "status" in previous else previous
    pairs = _paired(result.selected, earlier)
    names = _new_names(result.areas.index, {new: old for new, old, _ in pairs}, previous.index)
    areas = result.areas.set_axis(pd.Index([names[n] for n in result.areas.index], name="area_id"))
    held = result.members.area_ids
    members = result.members.in_areas(held.map(names).where(held.notna(), None), "patrol")
    earlier = earlier.assign(place_name=_names_of(earlier, result.members.everything))
    share = {names[new]: overlap for new, _, overlap in pairs}
    now, missed = (areas[areas["status"].eq(SELECTED).eq(chosen)] for chosen in (True, False))
    gone = earlier[~earlier.index.isin([old for _, old, _ in pairs])]
    still = overlap_shares(gone, missed) > 0
    # One row an area, now or before: what became of it, and where it is now.
    changes = pd.DataFrame(
        {
            "change": [STAYED if name in share else ENTERED for name in now.index]
            + [LEFT] * len(gone),
            "overlap": [share.get(name, 0.0) for name in now.index] + [0.0] * len(gone),
            "place_name": [*now["place_name"], *gone["place_name"]],
            "now_near_miss": np.concatenate([np.zeros(len(now), dtype=bool), still.any(axis=1)]),
        },
        index=pd.Index([*now.index, *gone.index], name="area_id", dtype=object),
    )
    return replace(result, areas=areas, members=members, changes=changes)


def returning(result: PatrolAreas, rerun: PatrolAreas) -> PatrolAreas:
    """Which areas come back in another choice: the column ``victim_reported_too``."""
    shares = overlap_shares(result.areas, rerun.selected)
    back = shares.max(axis=1, initial=0.0) >= KEEP_OVERLAP
    areas = result.areas.assign(victim_reported_too=back)
    return replace(result, areas=areas, victim_reported=rerun)


def overlap_shares(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Intersection over union of every pair of areas."""
    import shapely

    a, b = np.asarray(one.geometry.array)[:, None], np.asarray(other.geometry.array)[None, :]
    if not a.size or not b.size:
        return np.zeros((len(one), len(other)))
    common = shapely.area(shapely.intersection(a, b))
    whole = shapely.area(a) + shapely.area(b) - common
    return np.asarray(common / np.where(whole > 0, whole, 1.0))


def _paired(now: gpd.GeoDataFrame, earlier: gpd.GeoDataFrame) -> list[tuple[str, str, float]]:
    from scipy.optimize import linear_sum_assignment

    shares = overlap_shares(now, earlier)
    # Cut before the pairing: a pair that does not count must not keep apart one that does.
    enough = np.where(shares >= KEEP_OVERLAP, shares, 0.0)
    rows, columns = linear_sum_assignment(-enough)
    return [
        (now.index[row], earlier.index[column], float(shares[row, column]))
        for row, column in zip(rows, columns, strict=True)
        if enough[row, column] > 0
    ]


def _new_names(ids: pd.Index, kept: dict[str, str], taken: pd.Index) -> dict[str, str]:
    """Kept ids, and for the others their own, numbered where an earlier area had it."""
    # An id once given belongs to that ground: a new area never takes the id of one that has left.
    used = set(taken)
    names = {}
    for name in ids:
        fresh, number = kept.get(name, name), 2
        while name not in kept and fresh in used:
            fresh, number = f"{name}-{number}", number + 1
        names[name] = fresh
        used.add(fresh)
    return names


def _names_of(earlier: gpd.GeoDataFrame, incidents: gpd.GeoDataFrame) -> pd.Series:
    """What earlier areas are called; where their table says nothing, by their busiest street."""
    known = earlier["place_name"] if "place_name" in earlier else pd.Series(None, earlier.index)
    known = known.astype(object).where(known.notna(), None)
    if "place_name" not in incidents:
        return known
    for name in known.index[known.isna()]:
        streets = incidents.loc[incidents.within(earlier.geometry[name]), "place_name"].dropna()
        if len(streets):
            # By name first: of streets with equal counts the same one is taken, whatever the order
            # of rows.
            known[name] = streets.value_counts().sort_index(kind="stable").idxmax()
    return known
