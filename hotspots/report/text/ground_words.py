"""Where, in words: where incidents fall, whether zones hold, what sites are around a place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from hotspots.core.periods import Span
from hotspots.report.escape import plain_text, short_name
from hotspots.report.text.words import and_list, capital, date_words, zone_note

SHARES = {
    "grid_squares": "National Grid, 10 km squares",
    "districts": "District, as of 2011 or as the source says",
    "forces": "Police force, as the files say",
}
MOST_NAMED = 2
INVENTED = "The place is invented: it lies nowhere in the world."

DAY = pd.Timedelta(days=1)
ORDER = "pspo"
ENDED, ENDED_WITHIN = "ended", "ended within the period"
NOT_BEGUN = "not in force in this period"
IN_FORCE = "in force"
NO_DATES = "no dates given: whether it is in force is not known"
MOST_NEAR = 12
"""Sites that a card names."""


def where_lines(where: Mapping[str, Any]) -> list[str]:
    """Everything that is known of it, a line each, for a sheet.

    Examples
    --------
    >>> where = {"west": -1.6, "south": 53.7, "east": -1.5, "north": 53.8,
    ...          "grid_squares": {"SE33": 0.97}}
    >>> where_lines(where)
    ['Longitude -1.6 to -1.5, latitude 53.7 to 53.8.', 'National Grid, 10 km squares: SE33 97%.']
    """
    if not where:
        return ["No incident has a place."]
    if where.get("invented"):
        return [INVENTED]
    found = [
        f"Longitude {where['west']} to {where['east']}, latitude {where['south']} to "
        f"{where['north']}."
    ]
    for what, heading in SHARES.items():
        shares = ", ".join(f"{name} {share:.0%}" for name, share in where.get(what, {}).items())
        found += [f"{heading}: {shares}."] if shares else []
    if where.get("district_unknown"):
        found.append(f"District not known of {where['district_unknown']:.0%}: no outline at hand.")
    if where.get("piles"):
        found.append(f"Most at one place: {and_list([_pile(one) for one in where['piles']])}.")
    inside = where.get("within")
    return found if inside is None else [*found, f"Inside the study area: {inside:.0%} of them."]


def where_sentence(where: Mapping[str, Any]) -> str:
    """The same in one short line, for a page; empty where nothing is known.

    Examples
    --------
    >>> where = {"west": -1.6, "south": 53.7, "east": -1.5, "north": 53.8, "within": 0.9,
    ...          "districts": {"Leeds": 0.97}, "grid_squares": {"SE33": 0.6, "SE23": 0.4}}
    >>> where_sentence(where)
    'Incidents fall in Leeds (97%), in squares SE33 (60%) and SE23 (40%); 90% in the area'
    """
    if not where:
        return ""
    if where.get("invented"):
        return INVENTED.rstrip(".")
    said = [
        _of("in ", where.get("districts", {})),
        _of("in squares ", where.get("grid_squares", {})),
    ]
    if not any(said):
        said = [
            f"between {where['south']} and {where['north']} north, {where['west']} and "
            f"{where['east']} east (degrees)"
        ]
    parts = [", ".join(filter(None, said))]
    if where.get("piles"):
        parts.append(f"most at one place: {_pile(where['piles'][0])}")
    if "within" in where:
        parts.append(f"{where['within']:.0%} in the area")
    return f"Incidents fall {'; '.join(parts)}"


def _of(before: str, shares: Mapping[str, float]) -> str:
    named = [f"{name} ({share:.0%})" for name, share in list(shares.items())[:MOST_NAMED]]
    return before + and_list(named) if named else ""


def _pile(pile: Mapping[str, Any]) -> str:
    name = f" ({plain_text(pile['place_name'])})" if pile["place_name"] else ""
    return f"{pile['grid_reference']}{name}, {pile['incidents']:,}"


def in_force(zone: Any, span: Span | None) -> str:
    """Whether a zone had ended, or not begun, in a period: nothing where it was in force.

    Examples
    --------
    >>> span = pd.Timestamp("2025-04-01"), pd.Timestamp("2026-04-01")
    >>> in_force({"valid_until": "2023-09-30"}, span), in_force({"valid_from": "2026-05-01"}, span)
    ('ended', 'not in force in this period')
    >>> in_force({"valid_until": "2025-09-30"}, span), in_force({"valid_until": "2026-03-31"}, span)
    ('ended within the period', '')
    """
    if span is None:
        return ""
    start, end = (_day(zone.get(name)) for name in ("valid_from", "valid_until"))
    first, last = (moment.tz_localize(None) for moment in span)
    if end is not None and end < first:
        return ENDED
    if start is not None and start >= last:
        return NOT_BEGUN
    return ENDED_WITHIN if end is not None and end < last - DAY else ""


def standing(zone: Any, span: Span | None) -> str:
    """Whether a dated zone holds, with its first day; else what else there is to say of it.

    Examples
    --------
    >>> span = pd.Timestamp("2025-04-01"), pd.Timestamp("2026-04-01")
    >>> standing({"valid_from": "2020-10-01", "valid_until": "2023-09-30"}, span)
    'ended on 30 September 2023; began on 1 October 2020'
    >>> standing({"kind": "ward", "approximate": True}, span)
    'best fit'
    """
    said, start = holds(zone, span), date_words(zone.get("valid_from"))
    if not said or not start or span is None or in_force(zone, span) == NOT_BEGUN:
        return said or zone_note(zone)
    return f"{said}; began on {start}"


def holds(zone: Any, span: Span | None) -> str:
    """Whether a dated zone holds when the data end; nothing of one without dates.

    One that ends with the data may be over for whoever reads of it: that is to be checked.

    Examples
    --------
    >>> span = pd.Timestamp("2025-04-01"), pd.Timestamp("2026-04-01")
    >>> holds({"valid_until": "2023-09-30", "status": "renewal unknown"}, span)
    'ended on 30 September 2023; renewal unknown'
    >>> holds({"valid_from": "2026-05-01"}, span)
    'not in force in these data: its term begins on 1 May 2026'
    >>> holds({"valid_until": "2026-03-31", "status": "In force"}, span)
    'in force to 31 March 2026, the last day of these data: check before use'
    >>> holds({"valid_until": "2026-12-31"}, span), holds({"valid_from": "2024-01-01"}, span)
    ('in force to 31 December 2026', 'in force, no end given')
    """
    start, end = (date_words(zone.get(name)) for name in ("valid_from", "valid_until"))
    if not (start or end):
        return NO_DATES if zone.get("kind") == ORDER else ""
    if span is None:
        return zone_note(zone)
    force, check = in_force(zone, span), ""
    if force == NOT_BEGUN:
        term = f"is {start} to {end}" if end else f"begins on {start}"
        word, more = "not in force", f"in these data: its term {term}"
    elif force:
        word, more = "ended", f"on {end}" + (", within the period" if force == ENDED_WITHIN else "")
    else:
        word, more = ("in force", f"to {end}") if end else ("in force,", "no end given")
        if _day(zone.get("valid_until")) == span[1].tz_localize(None) - DAY:
            more, check = f"{more}, the last day of these data", ": check before use"
    status = plain_text(zone.get("status"))
    said = f"{word} {more}"
    known = status.casefold() in ("", word.rstrip(","))
    return (said if known else f"{said}; {status}") + check


def _day(value: Any) -> pd.Timestamp | None:
    """A day as the zones table has it; none where it is open or no day."""
    found = pd.to_datetime(value, errors="coerce") if isinstance(value, str) else value
    return None if found is None or pd.isna(found) else pd.Timestamp(found).tz_localize(None)


def around_words(near: pd.DataFrame, reach_m: float) -> list[tuple[str, str]]:
    """Terms and texts of a card: the nearest sites by kind, and how many more there are.

    Examples
    --------
    >>> import pandas as pd
    >>> near = pd.DataFrame({"kind": ["pub", "CCTV", "pub"], "zone_name": ["The Crown", "", "Hop"],
    ...                      "distance_m": [0.0, 12.4, 90.0]})
    >>> for term, text in around_words(near, 150.0):
    ...     print(f"{term}: {text}")
    Around: sites that were given, within 150 m of the edge; never as a cause
    Pub, within 150 m: The Crown, inside; Hop, 90 m
    CCTV, within 150 m: 12 m
    """
    reach = f"within {reach_m:,.0f} m"
    if near.empty:
        return [("Around", f"none of the sites that were given is {reach} of the edge")]
    said = [("Around", f"sites that were given, {reach} of the edge; never as a cause")]
    for kind, some in near.head(MOST_NEAR).groupby("kind", sort=False):
        listed = map(_site, some["zone_name"], some["distance_m"])
        label = capital(short_name(str(kind).replace("_", " ")))
        said.append((f"{label}, {reach}", "; ".join(listed)))
    more = len(near) - MOST_NEAR
    return [*said, (f"Not named, {reach}", f"{more:,} more")] if more > 0 else said


def _site(name: object, distance_m: float) -> str:
    far = "inside" if distance_m <= 0 else f"{max(1, round(distance_m)):,} m"
    return f"{named}, {far}" if (named := short_name(name)) else far
