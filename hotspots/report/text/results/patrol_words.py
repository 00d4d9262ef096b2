"""Patrol areas in words: what they hold, how good the choice is, what was kept out or changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hotspots.core.grids import Grid, HexGrid
from hotspots.core.record import NOT_GROUNDS
from hotspots.report.text.words import and_list, counted


def patrol_areas(found: Any) -> Iterator[str]:
    """The choice, the next in line, what was put aside, the last review, and who decides."""
    yield _holding(found)
    yield _quality(found)
    yield _next_in_line(found)
    yield _kept_out(found)
    yield _changed(found)
    yield _rerun(found)
    yield "Areas are candidates for officers to sign off."
    yield str(NOT_GROUNDS)


def unlabelled(theme: str | None) -> str:
    """What incidents are called where no label of their theme is known.

    Examples
    --------
    >>> unlabelled(None), unlabelled("asb")
    ('incidents', 'incidents tagged asb')
    """
    return "incidents" if theme is None else f"incidents tagged {theme}"


def put_aside(rule: str, held: float, needed: int = 0) -> str:
    """Why a place was kept out.

    Examples
    --------
    >>> put_aside("few-incidents", 1, 5), put_aside("one-event", 0.75)
    ('1 incident, 5 needed', 'one event holds 75% of the harm')
    """
    if rule == "few-incidents":
        return f"{counted(int(held), 'incident')}, {needed:,} needed"
    if rule == "few-months":
        return f"{counted(int(held), 'active month')}, {needed} needed"
    return f"one event holds {held:.0%} of the harm"


def blocks(fitting: Grid, exact_share: float, given: Grid | None = None) -> str:
    """Why areas are built from these blocks: those that fit the data, or those asked for."""
    exact = isinstance(fitting, HexGrid)
    if given is not None:
        words = f"Areas are built from {given.name} blocks, as asked for."
        mind = " Most coordinates are not exact: small blocks show where map points are."
        return words if exact else words + mind
    if isinstance(fitting, HexGrid):
        return (
            f"Areas are built from hexagons of {fitting.flat_to_flat_m:g} m, side to side: "
            f"{exact_share:.0%} of the coordinates are exact."
        )
    return (
        f"Areas are built from H3 cells of resolution {getattr(fitting, 'resolution', '')} (about "
        f"0.093 km2 at Leeds): {1 - exact_share:.0%} of the coordinates are not exact, so smaller "
        "blocks would show where map points are."
    )


def _holding(found: Any) -> str:
    choice, number = found.choice, len(found.selected)
    when = "" if found.period == "all" else f", {found.period}"
    incidents = f"{_located(found)}{when}"
    if not choice.incidents_total:
        return f"No {incidents}: no area can be chosen."
    if not number:
        return f"No place qualifies as an area among the {choice.incidents_total:,} {incidents}."
    wanted = f" ({choice.wanted} were wanted)" if number < choice.wanted else ""
    harm = f"{_share(choice.held, choice.total)} of the harm and " if choice.by == "harm" else ""
    held = _share(choice.incidents_held, choice.incidents_total)
    areas, verb = ("area", "holds") if number == 1 else ("areas", "hold")
    return (
        f"{number} patrol {areas}{wanted} on {choice.area_km2:.2f} km2 {verb} {harm}{held} of "
        f"the {choice.incidents_total:,} {incidents}, led by {_first(found)}."
    )


def _first(found: Any) -> str:
    first = found.selected.iloc[0]
    name = first["place_name"] if isinstance(first["place_name"], str) else first.name
    return f"{name} with {int(first['incident_count']):,}"


def _quality(found: Any) -> str:
    choice = found.choice
    what = "incidents" if choice.by == "count" else "harm"
    if not len(found.selected):
        return ""
    if choice.proven:
        return f"No other choice among the places considered holds more {what}."
    return (
        f"This is at most {choice.gap:.1%} of {what} below the best possible choice among the "
        "places considered."
    )


def _next_in_line(found: Any) -> str:
    missed = found.near_misses
    if not len(missed):
        return ""
    return (
        f"Next in line: {len(missed)} near {'miss' if len(missed) == 1 else 'misses'}, the first "
        f"with {int(missed['incident_count'].iloc[0]):,} incidents against "
        f"{int(found.selected['incident_count'].iloc[-1]):,} in the last area chosen."
    )


def _kept_out(found: Any) -> str:
    if not len(found.set_aside):
        return ""
    one_event = int(found.set_aside["rule"].eq("one-event").sum())
    others = len(found.set_aside) - one_event
    words = [f"{one_event} because a single event holds most of the harm"] * bool(one_event)
    words += [f"{others} for too few incidents or months"] * bool(others)
    return f"Put aside: {and_list(words)}."


def _changed(found: Any) -> str:
    if found.changes is None:
        return ""
    counts = found.changes["change"].value_counts()
    words = [f"{int(counts.get(word, 0))} {word}" for word in ("stayed", "entered", "left")]
    return f"Since the last review {', '.join(words)}."


def _rerun(found: Any) -> str:
    if found.victim_reported is None:
        return ""
    again = int(found.selected["victim_reported_too"].sum())
    return (
        f"Chosen from victim-reported incidents alone, {again} of {len(found.selected)} areas "
        "come back."
    )


def _located(found: Any) -> str:
    known = found.label != unlabelled(found.members.question.theme)
    return f"located incidents of {found.label}" if known else str(found.label)


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.0%}" if whole > 0 else "none"
