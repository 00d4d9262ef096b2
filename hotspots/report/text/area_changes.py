"""Changes since then in words: a finding, who entered, stayed and left the areas and the list."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.bursts import NOTHING_KNOWN
from hotspots.analysis.change_map import (
    CHANGES,
    FALLEN,
    HIGHER,
    LOWER,
    NOTHING,
    RISEN,
    SAME,
    UNKNOWN,
)
from hotspots.report.escape import short_name
from hotspots.report.map.earlier import times_listed
from hotspots.report.text.words import capital, figure_words, kind_name, rank_label, small_number

if TYPE_CHECKING:
    from hotspots.report.map.earlier import Before
    from hotspots.report.map.theme_tables import ThemeTables

MOST_ROWS = 5
MOST_NAMED = 3
CHANGE_WORDS = {
    RISEN: "more, beyond chance",
    HIGHER: "more, could be chance",
    SAME: "the same number",
    LOWER: "fewer, could be chance",
    FALLEN: "fewer, beyond chance",
    UNKNOWN: "not known",
    NOTHING: "none at either time",
}
ROUNDED_WORDS = CHANGE_WORDS | {SAME: "the same, within rounding", UNKNOWN: "withheld"}
DRAWN = tuple(change for change in CHANGES if change != NOTHING)
"""Classes of the map of the change, in the order of its legend."""

MOST_GONE = 5
NOTHING_BEFORE = "Nothing earlier to compare with: who joined or left the list is not known."


@dataclass(frozen=True)
class ChangedPlace:
    """One row of the table of the change; ``pin`` and ``mark`` are those of the map."""

    item: int
    pin: str
    mark: str
    stood: str
    name: str
    ward: str
    before: str
    now: str
    change: str


@dataclass(frozen=True)
class ChangeGroup:
    """Places that entered, stayed or left, or that differ elsewhere."""

    heading: str
    places: list[ChangedPlace] = field(default_factory=list)
    more: int = 0


def change_view(theme: ThemeTables, top: int) -> dict[str, Any] | None:
    """Everything the page says about the change of a theme; None where there is no earlier time."""
    before = theme.before
    if before is None or theme.cells is None:
        return None
    return {
        "before": before.label,
        "now": theme.period,
        "then_short": before.short,
        "now_short": theme.short,
        "finding": _finding(theme, before),
        "groups": change_groups(theme, top),
        "notes": _notes(theme, before),
    }


def change_groups(theme: ThemeTables, top: int) -> list[ChangeGroup]:
    """The places of the change, group by group, as far as they are drawn."""
    before = theme.before
    if before is None or theme.cells is None:
        return []
    first = f"the first {small_number(top)}"
    if before.ranked:
        named = [
            (f"Entered {first}", "entered", before.entered),
            (f"Stayed among {first}", "stayed", before.stayed),
            (f"Left {first}", "left", before.left),
        ]
    else:
        listed = [str(theme.place(place).name) for place in theme.top if place[0] < 0]
        named = [(capital(f"{first} now"), "listed", listed)]
    seen = {area for _, _, areas in named for area in areas}
    changes = before.changes["change"]
    beyond = changes[changes.isin([RISEN, FALLEN])].index
    named.append(("Elsewhere, beyond chance", "", [area for area in beyond if area not in seen]))
    items = {str(area): item for item, area in enumerate(theme.cells.index)}
    groups = []
    for heading, mark, areas in named:
        drawn = [area for area in areas if area in items]
        rows = [_row(theme, before, items[area], mark) for area in drawn[:MOST_ROWS]]
        if rows:
            groups.append(ChangeGroup(heading, rows, len(drawn) - len(rows)))
    return groups


def change_words(change: str, *, rounded: bool) -> str:
    """A class of change as the page says it."""
    return (ROUNDED_WORDS if rounded else CHANGE_WORDS)[change]


def _row(theme: ThemeTables, before: Before, item: int, mark: str) -> ChangedPlace:
    assert theme.cells is not None
    row = theme.place((-1, item))
    counts = before.changes.loc[str(row.name)]
    missing = change_words(UNKNOWN, rounded=before.rounded)
    now, then = theme.rank((-1, item)), before.rank(str(row.name))
    pin, stood = {
        "entered": (now, f"was {then or 'not ranked'}"),
        "stayed": (now, f"was {then}"),
        "left": (then, f"now {now or 'not ranked'}"),
        "listed": (now, ""),
    }.get(mark, ("", f"rank {now}" if now else ""))
    return ChangedPlace(
        item=item,
        pin=pin,
        mark=mark,
        stood=stood,
        name=short_name(row["place_name"]) or "Unnamed place",
        ward=short_name(row.get("ward_name")),
        before=figure_words(counts["count_before"], missing=missing),
        now=figure_words(counts["count_now"], missing=missing),
        change=change_words(str(counts["change"]), rounded=before.rounded),
    )


def _finding(theme: ThemeTables, before: Before) -> str:
    """How much there is now and was then, and whether any area differs beyond chance."""
    tested, changes = before.changes["q_value"].notna(), before.changes["change"]
    known = int((tested & before.changes["held_against"].ne(NOTHING_KNOWN)).sum())
    beyond = before.changes[changes.isin([RISEN, FALLEN])]
    one, many = kind_name(theme.kind)
    totals = "" if before.rounded else _totals(theme, before)
    could = "chance and rounding" if before.rounded else "chance"
    if not tested.any():
        return f"{totals}No {one} holds enough incidents to tell a change from {could}."
    if not known:
        return (
            f"{totals}No change on this map can be told from {could}: for want of other months, "
            f"how much the {many} vary by themselves is not known here."
        )
    enough = "incidents" if known == tested.sum() else "incidents and other months"
    if not len(beyond):
        nothing = "Nothing on this map" if known == tested.sum() else "Nothing that is known"
        return (
            f"{totals}{nothing} is a change beyond {could}: none of the {known:,} {many} with "
            f"enough {enough} to tell."
        )
    return (
        f"{totals}{capital(small_number(len(beyond)))} of the {known:,} {many} with enough "
        f"{enough} to tell {'differs' if len(beyond) == 1 else 'differ'} by more than {could}: "
        f"{_beyond_words(theme, beyond)}."
    )


def _beyond_words(theme: ThemeTables, beyond: pd.DataFrame) -> str:
    """Where counts differ beyond chance, by name where they are few."""
    if len(beyond) <= MOST_NAMED:
        names = theme.names
        return "; ".join(
            f"{short_name(names[str(area)]) or 'an unnamed place'}, "
            f"{row['count_before']:,.0f} then and {row['count_now']:,.0f} now"
            for area, row in beyond.iterrows()
        )
    more, fewer = int((beyond["change"] == RISEN).sum()), int((beyond["change"] == FALLEN).sum())
    parts = [f"{more:,} with more" if more else "", f"{fewer:,} with fewer" if fewer else ""]
    return " and ".join(filter(None, parts))


def _totals(theme: ThemeTables, before: Before) -> str:
    then = float(before.table["incident_count"].sum())
    return f"{theme.total:,.0f} incidents now, {then:,.0f} then. "


def _notes(theme: ThemeTables, before: Before) -> list[str]:
    """What kind of change this is, and what it is not."""
    if before.rounded:
        kind = (
            "Counts are rounded to 5 and those below 5 withheld: a difference counts only where "
            "no rounding can explain it, and withheld is drawn as withheld, never as no change."
        )
    else:
        kind = "Counts as recorded, not rounded."
    if before.changes["held_against"].ne(NOTHING_KNOWN).any():
        kind += (
            " Of the areas called beyond chance, 5% may be so by luck; none is called so whose "
            "other months are too few to tell a change from bursts."
        )
    notes = [kind]
    if before.ranked:
        notes.append(
            "Entering and leaving the list is no finding: places that are high now were likely "
            "lower then, and the other way round. The last column says what the difference is "
            "worth."
        )
    else:
        notes.append("Who was on the list then is not known here.")
    now = theme.place((-1, 0)) if theme.cells is not None and len(theme.cells) else None
    if now is not None and before.table["period_until"].iloc[0] > now["period_from"]:
        notes.append("The two periods overlap: incidents of the days in both are in both counts.")
    notes.append("A change in reporting or recording looks the same. Harm is not compared.")
    return notes


def class_words(*, rounded: bool) -> list[str]:
    """Labels of the classes of the map of the change."""
    return [capital(change_words(change, rounded=rounded)) for change in DRAWN]


def movement(theme: ThemeTables, place: tuple[int, int]) -> str:
    """Where a place stood then, in a few words; nothing where the ranks of then are not known."""
    moves, row = theme.moves, theme.place(place)
    if moves is None or pd.isna(row["rank"]):
        return ""
    rank = moves.ranks.get(str(row.name))
    if rank is None or pd.isna(rank):
        return "not ranked then" if theme.disclosed else "joined, no rank then"
    if str(row.name) not in moves.was:
        return f"joined, was {rank_label(rank, moves.ranks)}"
    if float(rank) == float(row["rank"]):
        return f"still {theme.rank(place)}"
    way = "up" if row["rank"] < rank else "down"
    return f"{way} from {rank_label(rank, moves.ranks)}"


def moved_since(theme: ThemeTables, *, short: bool = False) -> str:
    """Since when places moved: the period of the list of then; nothing where there is none."""
    if theme.moves is None:
        return ""
    return theme.moves.since.short if short else theme.moves.since.label


def left_places(theme: ThemeTables) -> str:
    """Places of the list of then that are not on this one, in a sentence; or that none is known."""
    if not theme.top or theme.of_zones:
        return ""
    if theme.moves is None:
        if theme.not_beside:
            return ""
        known = theme.before is not None or theme.previous
        return "Who was on the list before is not known here." if known else NOTHING_BEFORE
    gone = theme.moves.gone
    if not gone:
        return f"The same places as in {moved_since(theme)}; up, down, still: since then."
    now = _ranked_now(theme)
    named = [_gone(theme, area, now) for area in gone[:MOST_GONE]]
    more = [f"{len(gone) - MOST_GONE:,} more"] if len(gone) > MOST_GONE else []
    marks = f"Joined the list, up, down: since {moved_since(theme, short=True)}."
    return f"{marks} Left it since then: {', '.join([*named, *more])}."


def _gone(theme: ThemeTables, area: str, now: pd.Series) -> str:
    assert theme.moves is not None
    table, then = theme.whole, theme.moves.ranks
    rank = now.get(area)
    stands = "not ranked" if rank is None or pd.isna(rank) else rank_label(rank, now)
    own = pd.DataFrame() if table is None else table[table.index.astype(str) == area]
    if len(own) and (own["incident_count"] == 0).any():
        stands = "none"
    names = own["place_name"] if len(own) else theme.moves.names[theme.moves.names.index == area]
    called = (short_name(names.iloc[0]) if len(names) else "") or "Unnamed place"
    return f"{called} (was {rank_label(then[area], then)}, now {stands})"


def _ranked_now(theme: ThemeTables) -> pd.Series:
    group = theme.top[0][0]
    table = theme.group(group) if group >= 0 else theme.whole
    assert table is not None
    return table["rank"].astype("Float64").set_axis(table.index.astype(str))


def listed_words(history: pd.DataFrame | None, area_id: str, top: int) -> str:
    """How often a place was on the list before; nothing where there was no list.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"area_id": [*"aba"], "period": ["2026-01", "2026-02", "2026-02"],
    ...         "rank": [1, 1, 2], "incident_count": [7, 9, 5]}
    >>> history = pd.DataFrame(rows).set_index(["area_id", "period"])
    >>> listed_words(history, "a", 1), listed_words(history, "c", 1), listed_words(None, "a", 1)
    ('listed 1 of 2 times before', 'not listed before', '')
    """
    listed, products = times_listed(history, top)
    if not products:
        return ""
    times = int(listed.get(area_id, 0))
    if products == 1:  # what moved since the last time says it already
        return ""
    return f"listed {times} of {products} times before" if times else "not listed before"
