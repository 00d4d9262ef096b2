"""What was decided and what the data cannot tell, in words for page, workbook and briefing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.decisions import LONGEST, MOST, PERSONAL, Decision, only_enforced
from hotspots.core.periods import day_words
from hotspots.core.states import HarmShown, Shown
from hotspots.report.escape import plain_text, short_name
from hotspots.report.text.words import capital, kind_name, theme_words

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord, ThemeStatus
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


def caveat_words(record: RunRecord, themes: list[ThemeTables]) -> list[str]:
    """The caveats of the record beside a page, which tells of harm only where it shows some."""
    weighed = {theme.status.name for theme in themes if theme.weighed}
    return list(told_caveats(record.caveats, record.themes, weighed))


def told_caveats(
    caveats: Collection[Caveat | str],
    themes: Mapping[str, ThemeStatus],
    weighed: Set[str] | None = None,
) -> dict[str, None]:
    """Caveats in words, each once; what was withheld in one, with the harm of all or `weighed`."""
    told: dict[str, None] = {}
    held = [one for one in caveats if isinstance(one, Caveat) and one.rule == "withheld"]
    for caveat in caveats:
        if caveat not in held:
            told[str(caveat)] = None
        elif caveat is held[0]:
            parts = "; ".join(part for one in held for part in _part(one, themes, weighed))
            fewest, said = caveat.values["fewest"], f": {parts}" if parts else ""
            told[f"Counts below {fewest}, none included, are not shown{said}."] = None
    return told


def _part(caveat: Caveat, themes: Mapping[str, ThemeStatus], weighed: Set[str] | None) -> list[str]:
    """One table in a few words; nothing where nothing was withheld in it."""
    values = caveat.values
    held, harm, names = values["held"], values["harm"], values["what"]
    total = names == ("totals",)
    harm = harm if total or weighed is None or weighed & set(names) else 0
    if not held and not harm:
        return []
    kinds = " and ".join(kind_name(kind)[1] for kind in values["kinds"])
    labels = (theme_words(one, themes) for one in names)
    theme = "" if total else f" ({', '.join(labels)})"
    more = f", and the harm of {harm:,} more" if harm else ""
    return [f"{held:,} of {values['areas']:,} {kinds}{theme}{more}"]


WORDS = {
    Shown.EXACT: "shown",
    Shown.ROUNDED: "count rounded to 5",
    Shown.MERGED_UP: "count rounded to 5, up to 4 too high, so that nothing small is told",
    Shown.MERGED_DOWN: "count rounded to 5, up to 4 too low, so that nothing small is told",
    Shown.AT_LEAST: "this many or more: the upper end would tell a small one",
    Shown.MERGED: "counts rounded to 5, up to 4 off, so that nothing small is told",
    Shown.SMALL: "withheld: fewer than 5 incidents, or none",
    Shown.LINKED: "withheld: beside other numbers a reader has, this count would tell a small one",
    Shown.SHARE: "shares of incidents withheld",
}
HARM_WORDS = {
    HarmShown.BAND: "harm in a band",
    HarmShown.WITHHELD: "harm withheld: too few, or one event or place dominates",
}


def shown_words(row: Any) -> str:
    """What was done to the numbers of one row; nothing where the table was not released.

    Examples
    --------
    >>> shown_words({"shown": "rounded", "harm_shown": "band"})
    'count rounded to 5, harm in a band'
    """
    code = row.get("shown")
    if not isinstance(code, str):
        return ""
    harm = row.get("harm_shown") if code == Shown.ROUNDED else None
    more = f", {HARM_WORDS[HarmShown(harm)]}" if harm in set(HARM_WORDS) else ""
    return WORDS[Shown(code)] + more


def shown_column(table: pd.DataFrame) -> list[str | None]:
    """The words of every row."""
    if "shown" not in table.columns:
        return [None] * len(table)
    harm = table["harm_shown"] if "harm_shown" in table.columns else [None] * len(table)
    return [
        shown_words({"shown": code, "harm_shown": one}) or None
        for code, one in zip(table["shown"], harm, strict=True)
    ]
