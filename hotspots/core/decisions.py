"""What was decided about a place: who does what until when; and texts that may name a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

FIELDS = ("theme", "area_id", "place", "owner", "action", "due", "review", "done", "note")
"""Columns of ``decisions.csv``, in their order."""
KINDS = ("engage", "youth", "design", "licensing", "enforce")
ENFORCE = "enforce"
TYPED = ("owner", "action", "due", "review", "done", "note")
"""What people type; the rest names the place."""
LONGEST = 1_000
"""Characters of one text."""
MOST = 2_000
"""Decisions of one file."""

_STREETS = "Street|St|Road|Rd|Lane|Avenue|Ave|Drive|Close|Court|Crescent|Place|Terrace|Grove|Way"
_TITLES = "Mr|Mrs|Ms|Miss|Mx|Dr|PC|PS|DC|DS|PCSO|Sgt|Insp|Cllr"
_FIRST_NAMES = (
    "Aisha|Alan|Ali|Amy|Andrew|Anna|Ben|Callum|Chloe|Chris|Claire|Connor|Daniel|David|Ella|Emily|"
    "Emma|Fatima|George|Hannah|Harry|Jack|James|Jane|Jessica|Joe|John|Jordan|Joseph|Josh|Karen|"
    "Kate|Kevin|Laura|Liam|Lucy|Mark|Mary|Matthew|Michael|Mohammed|Muhammad|Nicola|Oliver|Paul|"
    "Peter|Rachel|Rebecca|Robert|Ryan|Sam|Sarah|Simon|Sophie|Stephen|Steven|Susan|Thomas|Tom|Tyler"
)
PERSONAL = {
    "phone": r"(?:\+44|\b0)(?:[ ()-]?\d){9,10}\b",
    "house": r"\b(?:[Ff]lat|[Nn]o\.?|[Nn]umber) ?\d+|"
    rf"\b\d+[A-Za-z]? (?:[A-Z]\w+ ){{1,3}}(?:{_STREETS})\b",
    "name": rf"\b(?:{_TITLES})\.? [A-Z][a-z]+\b|\b(?:{_FIRST_NAMES}) [A-Z][a-z]+\b",
}
"""What a phone number, a house number and a name look like; read by the page's script, too."""


@dataclass(frozen=True)
class Decision:
    """One action at one place.

    Attributes
    ----------
    theme, area_id, place
        Where: the area by its stable id, and what it was called.
    owner
        Who does it: a team or a post.
    action
        One of `KINDS`; other words stay as they were typed.
    due, review, done
        Days as ``2026-03-31``; ``done`` may be ``yes``. Other words stay as they were typed.
    note
        What exactly.
    """

    theme: str
    area_id: str
    place: str = ""
    owner: str = ""
    action: str = ""
    due: str = ""
    review: str = ""
    done: str = ""
    note: str = ""

    @property
    def row(self) -> list[str]:
        """Its texts in the order of `FIELDS`."""
        return [getattr(self, name) for name in FIELDS]


def looks_personal(text: str) -> list[str]:
    """What in a text may lead to a person: ``phone``, ``house``, ``name``.

    Notes
    -----
    It misleads both ways: names are known by a title or a common first name, and a street may be
    called after somebody. It warns, and decides nothing.

    Examples
    --------
    >>> looks_personal("Ask John Smith, 12a Mill Lane, 0113 496 0000")
    ['phone', 'house', 'name']
    >>> looks_personal("City Centre team, Fri and Sat 22:00-02:00")
    []
    """
    return [kind for kind, pattern in PERSONAL.items() if re.search(pattern, text)]


def only_enforced(decisions: Iterable[Decision]) -> tuple[int, int]:
    """Places with an action, and how many of them have none but enforcement.

    Examples
    --------
    >>> rows = [Decision("asb", "a", action="enforce"), Decision("asb", "b", action="enforce"),
    ...         Decision("asb", "b", action="youth")]
    >>> only_enforced(rows)
    (2, 1)
    """
    chosen: dict[tuple[str, str], set[str]] = {}
    for one in decisions:
        if one.action:
            chosen.setdefault((one.theme, one.area_id), set()).add(one.action)
    return len(chosen), sum(kinds == {ENFORCE} for kinds in chosen.values())
