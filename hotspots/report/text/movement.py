"""What changed since the last meeting: who moved in the ranking, who is new, who left the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.periods import span_words
from hotspots.report.escape import short_name
from hotspots.report.text.words import rank_label

if TYPE_CHECKING:
    from hotspots.report.map.theme_tables import ThemeTables


def movement(theme: ThemeTables, place: tuple[int, int]) -> str:
    """Where a place stood last time, in a few words; nothing without a table of last time.

    Areas are recognised by their id, which stays the same from month to month.
    """
    ranks, row = _ranks(theme), theme.place(place)
    if ranks is None or pd.isna(row["rank"]):
        return ""
    before = ranks.get(str(row.name))
    if before is None or pd.isna(before):
        return "not ranked last time"
    if float(before) == float(row["rank"]):
        return f"still {theme.rank(place)}"
    way = "up" if row["rank"] < before else "down"
    return f"{way} from {rank_label(before, ranks)}"


def left_places(theme: ThemeTables) -> str:
    """Places of the last list that are not on this one, in a sentence."""
    ranks = _ranks(theme)
    if ranks is None or not theme.top:
        return ""
    last = theme.previous[0]
    here = {str(theme.place(place).name) for place in theme.top}
    order = pd.DataFrame({"rank": ranks, "id": ranks.index}).dropna(subset="rank")
    top = order.sort_values(["rank", "id"])["rank"].head(len(theme.top))
    names = last["place_name"].set_axis(last.index.astype(str))
    gone = [
        f"{short_name(names[str(area)]) or 'Unnamed place'} (was {rank_label(rank, ranks)})"
        for area, rank in top.items()
        if area not in here
    ]
    when = span_words(last["period_from"].iloc[0], last["period_until"].iloc[0])
    if not gone:
        return f"The same places as last time ({when})."
    return f"No longer on the list of {when}: {', '.join(gone)}."


def _ranks(theme: ThemeTables) -> pd.Series | None:
    if not theme.previous or "rank" not in theme.previous[0]:
        return None
    last = theme.previous[0]
    return last["rank"].astype("Float64").set_axis(last.index.astype(str))
