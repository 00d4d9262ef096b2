"""Who is new on the list, who stayed and who is gone, since when: what moved, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.report.escape import short_name
from hotspots.report.history import times_listed
from hotspots.report.text.words import rank_label

if TYPE_CHECKING:
    from hotspots.report.map.theme_tables import ThemeTables

MOST_GONE = 5
NOTHING_BEFORE = "Nothing earlier to compare with: who is new or gone is not known."


def movement(theme: ThemeTables, place: tuple[int, int]) -> str:
    """Where a place stood then, in a few words; nothing where the ranks of then are not known."""
    moves, row = theme.moves, theme.place(place)
    if moves is None or pd.isna(row["rank"]):
        return ""
    rank = moves.ranks.get(str(row.name))
    if rank is None or pd.isna(rank):
        return "not ranked then" if theme.disclosed else "new, no rank then"
    if str(row.name) not in moves.was:
        return f"new, was {rank_label(rank, moves.ranks)}"
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
    marks = f"New on the list, up, down: since {moved_since(theme, short=True)}."
    return f"{marks} Gone since then: {', '.join([*named, *more])}."


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
