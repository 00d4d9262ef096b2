"""Decisions on the page: what the template lists, and what the script needs to go on with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotspots.core.decisions import LONGEST, MOST, PERSONAL
from hotspots.report.text.decision_words import (
    ELSEWHERE,
    HEADINGS,
    KIND_WORDS,
    LOOKS_WORDS,
    at_a_glance,
    beside_place,
    decision_words,
    in_one_line,
    only_enforced_words,
    theme_label,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotspots.core.decisions import Decision
    from hotspots.report.map.theme_tables import ThemeTables


def decisions_view(
    themes: Sequence[ThemeTables], decisions: Sequence[Decision] | None
) -> dict[str, Any] | None:
    """The decisions by theme as the template writes them; None for readers who get none."""
    if decisions is None:
        return None
    names = [theme.status.name for theme in themes]
    groups = [
        (theme_label(theme.status.label), [one for one in decisions if one.theme == name])
        for name, theme in zip(names, themes, strict=True)
    ]
    groups.append((ELSEWHERE, [one for one in decisions if one.theme not in names]))
    return {
        "groups": [(label, [decision_words(one) for one in mine]) for label, mine in groups],
        **{
            form: [
                [
                    [line(one) for one in beside_place(decisions, name, _id(theme, place))]
                    for place in theme.top
                ]
                for name, theme in zip(names, themes, strict=True)
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


def _id(theme: ThemeTables, place: tuple[int, int]) -> str:
    return str(theme.place(place).name)
