"""What was decided, in words: for the page, its script, the workbook and the briefing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from hotspots.core.decisions import LONGEST, MOST, PERSONAL, Decision, only_enforced
from hotspots.core.periods import day_words
from hotspots.report.escape import plain_text, short_name
from hotspots.report.text.words import capital

if TYPE_CHECKING:
    from hotspots.report.map.theme_tables import ThemeTables

KIND_WORDS = {
    "engage": "Engage",
    "youth": "Youth work",
    "design": "Design and environment",
    "licensing": "Licensing",
    "enforce": "Enforce",
}
HEADINGS = {
    "owner": "Owner",
    "action": "Action",
    "due": "Due",
    "review": "Review",
    "done": "Done",
    "note": "What exactly",
}
LOOKS_WORDS = {
    "phone": "a phone number",
    "house": "a house number",
    "name": "the name of a person",
}
ELSEWHERE = "Decided for places that are not in this product"


@dataclass(frozen=True)
class DecisionWords:
    """One decision as it is shown."""

    place: str
    kind: str
    facts: list[tuple[str, str]]
    note: str


def decision_words(one: Decision) -> DecisionWords:
    """A decision as it is shown; days in words, everything else as it was typed.

    Examples
    --------
    >>> one = Decision("asb", "a", "Mill Lane", "Youth team", "youth", due="2026-03-31")
    >>> shown = decision_words(one)
    >>> shown.kind, shown.facts
    ('Youth work', [('Owner', 'Youth team'), ('Due', '31 March 2026')])
    """
    kind = KIND_WORDS.get(one.action, plain_text(one.action)) or "No kind of action"
    days = ((HEADINGS[name], day_or_text(getattr(one, name))) for name in ("due", "review", "done"))
    facts = [(HEADINGS["owner"], plain_text(one.owner)), *days]
    return DecisionWords(
        short_name(one.place) or "Unnamed place",
        kind,
        [(term, text) for term, text in facts if text],
        plain_text(one.note),
    )


def in_one_line(one: Decision) -> str:
    """A decision in a line, without its place."""
    shown = decision_words(one)
    parts = [shown.kind, *(f"{term}: {text}" for term, text in shown.facts), shown.note]
    return "; ".join(filter(None, parts))


def at_a_glance(one: Decision) -> str:
    """What, who, and until when, without its place; what exactly only where nobody is named.

    Examples
    --------
    >>> one = Decision("asb", "a", "Mill Lane", "Youth team", "youth", due="2026-03-31")
    >>> at_a_glance(one)
    'Youth work, Youth team, due 31 March 2026'
    """
    shown = decision_words(one)
    facts = dict(shown.facts)
    known = [name for name in ("done", "due") if HEADINGS[name] in facts]
    ends = [f"{name} {facts[HEADINGS[name]]}" for name in known[:1]]
    who = facts.get(HEADINGS["owner"]) or shown.note
    return ", ".join(filter(None, [shown.kind, who, *ends]))


def day_or_text(text: str) -> str:
    """A day in words; anything else as it was typed."""
    try:
        return day_words(date.fromisoformat(text))
    except ValueError:
        return plain_text(text)


def only_enforced_words(decisions: Iterable[Decision]) -> str:
    """At how many places nothing but enforcement was chosen; nothing where no action was.

    Examples
    --------
    >>> only_enforced_words([Decision("asb", "a", action="enforce")])
    'Places with an action: 1; with only enforcement: 1.'
    """
    places, only = only_enforced(decisions)
    return f"Places with an action: {places}; with only enforcement: {only}." if places else ""


def beside_place(decisions: Sequence[Decision], theme: str, area_id: str) -> list[Decision]:
    """The decisions of one place, by its stable id."""
    return [one for one in decisions if (one.theme, one.area_id) == (theme, area_id)]


def theme_label(label: str) -> str:
    """The words of a theme as a heading."""
    return plain_text(capital(label))


def decisions_view(
    themes: Sequence[ThemeTables], decisions: Sequence[Decision] | None
) -> dict[str, Any] | None:
    """The decisions by theme as the template writes them; None for readers who get none."""
    if decisions is None:
        return None
    names = [theme.status.name for theme in themes]
    areas = [[str(theme.place(place).name) for place in theme.top] for theme in themes]
    groups = [
        (theme_label(theme.status.label), [one for one in decisions if one.theme == name])
        for name, theme in zip(names, themes, strict=True)
    ]
    groups.append((ELSEWHERE, [one for one in decisions if one.theme not in names]))
    return {
        "groups": [(label, [decision_words(one) for one in mine]) for label, mine in groups],
        **{
            form: [
                [[line(one) for one in beside_place(decisions, name, area)] for area in mine]
                for name, mine in zip(names, areas, strict=True)
            ]
            for form, line in (("beside", in_one_line), ("glance", at_a_glance))
        },
        "only_enforced": only_enforced_words(decisions),
        "rows": [one.row for one in decisions],
    }


def decisions_data(
    themes: Sequence[ThemeTables], decisions: Sequence[Decision] | None
) -> dict[str, Any] | None:
    """What the page's script needs to know of decisions; the rows stand in a block of their own."""
    if decisions is None:
        return None
    return {
        "themes": [theme.status.name for theme in themes],
        "kinds": [list(pair) for pair in KIND_WORDS.items()],
        "headings": HEADINGS,
        "personal": [[pattern, LOOKS_WORDS[kind]] for kind, pattern in PERSONAL.items()],
        "longest": LONGEST,
        "most": MOST,
    }
