"""Who is new on the list, who stayed and who is gone, since when: what moved, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.analysis.ranking import listed_rows
from hotspots.core.periods import Period
from hotspots.report.escape import short_name
from hotspots.report.text.words import rank_label

if TYPE_CHECKING:
    from hotspots.report.map.theme_tables import ThemeTables

MOST_GONE = 5
NOTHING_BEFORE = "Nothing earlier to compare with: who is new or gone is not known."


def movement(theme: ThemeTables, place: tuple[int, int], top: int) -> str:
    """Where a place stood then, in a few words; nothing where the ranks of then are not known.

    Areas are recognised by their id, which stays the same from month to month.
    """
    then, row = _ranks(theme), theme.place(place)
    if then is None or pd.isna(row["rank"]):
        return ""
    rank = then.get(str(row.name))
    if rank is None or pd.isna(rank):
        return "not ranked then" if theme.disclosed else "new, no rank then"
    if str(row.name) not in _listed_then(theme, top):
        return f"new, was {rank_label(rank, then)}"
    if float(rank) == float(row["rank"]):
        return f"still {theme.rank(place)}"
    way = "up" if row["rank"] < rank else "down"
    return f"{way} from {rank_label(rank, then)}"


def moved_since(theme: ThemeTables, *, short: bool = False) -> str:
    """Since when places moved: the period of the list of then; nothing where there is none."""
    if _ranks(theme) is None:
        return ""
    last = _last_list(theme)
    if last is not None:
        then = Period.of_areas(last)
        return then.short if short else then.label
    assert theme.before is not None
    return theme.before.short if short else theme.before.label


def left_places(theme: ThemeTables, top: int) -> str:
    """Places of the list of then that are not on this one, in a sentence; or that none is known."""
    if not theme.top or theme.of_zones:
        return ""
    then = _ranks(theme)
    if then is None:
        if theme.not_beside:
            return ""
        known = theme.before is not None or theme.previous
        return "Who was on the list before is not known here." if known else NOTHING_BEFORE
    listed = {str(theme.place(place).name) for place in theme.top}
    gone = [area for area in _listed_then(theme, top) if area not in listed]
    if not gone:
        return f"The same places as in {moved_since(theme)}; up, down, still: since then."
    named = [_gone(theme, area, then) for area in gone[:MOST_GONE]]
    more = [f"{len(gone) - MOST_GONE:,} more"] if len(gone) > MOST_GONE else []
    marks = f"New on the list, up, down: since {moved_since(theme, short=True)}."
    return f"{marks} Gone since then: {', '.join([*named, *more])}."


def _gone(theme: ThemeTables, area: str, then: pd.Series) -> str:
    now, table = _ranked_now(theme), theme.whole
    rank = now.get(area)
    stands = "not ranked" if rank is None or pd.isna(rank) else rank_label(rank, now)
    if table is not None and (table.index.astype(str) == area)[table["incident_count"] == 0].any():
        stands = "none"
    tables = [theme.whole, _last_list(theme)]
    names = pd.concat([table.set_axis(table.index.astype(str))["place_name"]
                       for table in tables if table is not None])  # fmt: skip
    name = names[names.index == area]
    called = (short_name(name.iloc[0]) if len(name) else "") or "Unnamed place"
    return f"{called} (was {rank_label(then[area], then)}, now {stands})"


def _ranked_now(theme: ThemeTables) -> pd.Series:
    group = theme.top[0][0]
    table = theme.group(group) if group >= 0 else theme.whole
    assert table is not None
    return _by_id(table)


def _ranks(theme: ThemeTables) -> pd.Series | None:
    kind = str(theme.top[0][0]) if theme.top else ""
    if kind not in theme.ranks_then:
        then = _then(theme)
        if then is None:
            return None
        theme.ranks_then[kind] = _by_id(then)
    return theme.ranks_then[kind]


def _listed_then(theme: ThemeTables, top: int) -> list[str]:
    """Who was on the list of then, by the rule that says who is on that of now."""
    then = _then(theme)
    return [] if then is None else [str(area) for area in then.index[listed_rows(then, top)]]


def _then(theme: ThemeTables) -> pd.DataFrame | None:
    """The areas of the last list, else of an earlier period, if their ranks are known."""
    last = _last_list(theme)
    if last is not None:
        return last if "rank" in last else None
    if (
        theme.previous
        or theme.before is None
        or not theme.before.ranked
        or (theme.top and theme.top[0][0] >= 0)
    ):
        return None
    return theme.before.table


def _last_list(theme: ThemeTables) -> pd.DataFrame | None:
    """The areas of the last meeting, where they are of the kind that is listed."""
    if not theme.top:
        return None
    kind = theme.place(theme.top[0])["kind"]
    mine = [table for table in theme.previous if len(table) and table["kind"].iloc[0] == kind]
    return mine[0] if mine else None


def _by_id(table: pd.DataFrame) -> pd.Series:
    return table["rank"].astype("Float64").set_axis(table.index.astype(str))
