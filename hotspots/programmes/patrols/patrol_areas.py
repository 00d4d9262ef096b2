"""The areas chosen, how good the choice is, what changed, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hotspots.core.plain import plain, plain_records
from hotspots.core.record import NOT_GROUNDS
from hotspots.programmes.patrols.patrol_tables import NEAR_MISS, SELECTED
from hotspots.report.text.grammar import and_list

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


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


@dataclass(frozen=True, eq=False)
class PatrolAreas:
    """Patrol-sized areas to be signed off.

    Attributes
    ----------
    areas
        Areas table in order of rank, chosen areas and near misses (``status``), each with an empty
        ``sign_off``. Names come from ``name_areas(result.areas, incidents, result.labels)``; give
        the named table back with :meth:`with_areas`.
    labels
        ``area_id`` of each incident; missing outside the areas.
    set_aside
        Places that hold enough to be chosen and were kept out, with the reason.
    choice
        How much the areas hold and how close that is to the best possible.
    changes
        With ``previous=``: each area stayed, entered or left; missing otherwise.
    victim_reported
        With ``victim_reported=``: the choice made on those incidents alone.
    """

    areas: gpd.GeoDataFrame
    labels: pd.Series
    set_aside: gpd.GeoDataFrame
    choice: Choice
    theme: str
    label: str
    period: str
    changes: pd.DataFrame | None = None
    victim_reported: PatrolAreas | None = None

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

    def to_sentence(self) -> str:
        """What the areas hold, how good the choice is, what was kept out, what changed."""
        parts = [
            self._holding(),
            self._quality(),
            self._next_in_line(),
            self._kept_out(),
            self._changed(),
            self._rerun(),
            "Areas are candidates for officers to sign off.",
            NOT_GROUNDS,
        ]
        return " ".join(part for part in parts if part)

    def to_dict(self) -> dict[str, Any]:
        """Everything but the geometry, for JSON; missing values as None."""
        return {
            "theme": self.theme,
            "label": self.label,
            "period": self.period,
            "choice": plain(vars(self.choice)),
            "areas": plain_records(self.areas),
            "set_aside": plain_records(self.set_aside),
            "changes": None if self.changes is None else plain_records(self.changes),
            "victim_reported": self.victim_reported and self.victim_reported.to_dict(),
            "cautions": [NOT_GROUNDS],
            "sentence": self.to_sentence(),
        }

    def _holding(self) -> str:
        choice, found = self.choice, len(self.selected)
        when = "" if self.period == "all" else f", {self.period}"
        if not choice.incidents_total:
            return f"No {_located(self.label)}{when}: no area can be chosen."
        if not found:
            return (
                f"No place qualifies as an area among the {choice.incidents_total:,} "
                f"{_located(self.label)}{when}."
            )
        wanted = f" ({choice.wanted} were wanted)" if found < choice.wanted else ""
        harm = ""
        if choice.by == "harm":
            harm = f"{_share(choice.held, choice.total)} of the harm and "
        held = _share(choice.incidents_held, choice.incidents_total)
        areas, verb = ("area", "holds") if found == 1 else ("areas", "hold")
        return (
            f"{found} patrol {areas}{wanted} on {choice.area_km2:.2f} km2 {verb} {harm}{held} of "
            f"the {choice.incidents_total:,} {_located(self.label)}{when}, led by {self._first()}."
        )

    def _first(self) -> str:
        first = self.selected.iloc[0]
        name = first["place_name"] if isinstance(first["place_name"], str) else first.name
        return f"{name} with {int(first['incident_count']):,}"

    def _quality(self) -> str:
        choice = self.choice
        what = "incidents" if choice.by == "count" else "harm"
        if not len(self.selected):
            return ""
        if choice.proven:
            return f"No other choice among the places considered holds more {what}."
        return (
            f"This is at most {choice.gap:.1%} of {what} below the best possible choice among "
            "the places considered."
        )

    def _next_in_line(self) -> str:
        missed = self.near_misses
        if not len(missed):
            return ""
        last = self.selected["incident_count"].iloc[-1]
        return (
            f"Next in line: {len(missed)} near {'miss' if len(missed) == 1 else 'misses'}, the "
            f"first with {int(missed['incident_count'].iloc[0]):,} incidents against "
            f"{int(last):,} in the last area chosen."
        )

    def _kept_out(self) -> str:
        if not len(self.set_aside):
            return ""
        reasons = self.set_aside["reason"].astype(str)
        one_event = int(reasons.str.startswith("one event").sum())
        others = len(reasons) - one_event
        words = [f"{one_event} because a single event holds most of the harm"] * bool(one_event)
        words += [f"{others} for too few incidents or months"] * bool(others)
        return f"Put aside: {and_list(words)}."

    def _changed(self) -> str:
        if self.changes is None:
            return ""
        counts = self.changes["change"].value_counts()
        words = [f"{int(counts.get(word, 0))} {word}" for word in ("stayed", "entered", "left")]
        return f"Since the last review {', '.join(words)}."

    def _rerun(self) -> str:
        if self.victim_reported is None:
            return ""
        again = int(self.selected["victim_reported_too"].sum())
        return (
            f"Chosen from victim-reported incidents alone, {again} of {len(self.selected)} areas "
            "come back."
        )


def _located(label: str) -> str:
    return label if label.startswith("incidents") else f"located incidents of {label}"


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole > 0 else "none"
