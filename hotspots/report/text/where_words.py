"""Where incidents fall, in words: so that a wrong coordinate system is seen at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotspots.report.escape import plain_text
from hotspots.report.text.words import and_list

SHARES = {
    "grid_squares": "National Grid, 10 km squares",
    "near": "Nearest to",
    "districts": "District, as of 2011 or as the source says",
    "forces": "Police force, as the files say",
    "within_zones": "Zones of the study area",
}
MOST_NAMED = 2
INVENTED = "The place is invented: it lies nowhere in the world."


def where_lines(where: Mapping[str, Any]) -> list[str]:
    """Everything that is known of it, a line each, for a sheet.

    Examples
    --------
    >>> where = {"west": -1.6, "south": 53.7, "east": -1.5, "north": 53.8, "near": {"Leeds": 0.97}}
    >>> where_lines(where)
    ['Longitude -1.6 to -1.5, latitude 53.7 to 53.8.', 'Nearest to: Leeds 97%.']
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
    ...          "near": {"Leeds": 0.97}, "grid_squares": {"SE33": 0.6, "SE23": 0.4}}
    >>> where_sentence(where)
    'Incidents fall nearest to Leeds (97%), in squares SE33 (60%) and SE23 (40%); 90% in the area'
    """
    if not where:
        return ""
    if where.get("invented"):
        return INVENTED.rstrip(".")
    said = [
        _of("nearest to ", where.get("near", {})),
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
