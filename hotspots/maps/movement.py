"""What changed since the last meeting: who moved in the ranking, who is new, who left the list."""

from __future__ import annotations

import pandas as pd

from hotspots.maps.layers import ThemeTables
from hotspots.maps.safe import short_name
from hotspots.maps.wording import period_words


def movement(theme: ThemeTables, row: pd.Series) -> str:
    """Where a place stood last time, in a few words; nothing without a table of last time.

    Areas are recognised by their id, which stays the same from month to month.
    """
    ranks = _ranks(theme)
    if ranks is None or pd.isna(row["rank"]):
        return ""
    before = ranks.get(str(row.name))
    if before is None or pd.isna(before):
        return "not ranked last time"
    now = int(row["rank"])
    if int(before) == now:
        return f"still {now}"
    return f"{'up' if now < before else 'down'} from {int(before)}"


def left_places(theme: ThemeTables) -> str:
    """Places of the last list that are not on this one, in a sentence."""
    ranks = _ranks(theme)
    if ranks is None or not theme.top:
        return ""
    last = theme.previous[0]
    here = {str(theme.place(place).name) for place in theme.top}
    top = ranks.dropna().sort_values(kind="stable").head(len(theme.top))
    names = last["place_name"].set_axis(last.index.astype(str))
    gone = [
        f"{short_name(names[area]) or 'Unnamed place'} (was {int(rank)})"
        for area, rank in top.items()
        if area not in here
    ]
    when = period_words(last["period_from"].iloc[0], last["period_until"].iloc[0])
    if not gone:
        return f"The same places as last time ({when})."
    return f"No longer on the list of {when}: {', '.join(gone)}."


def _ranks(theme: ThemeTables) -> pd.Series | None:
    if not theme.previous or "rank" not in theme.previous[0]:
        return None
    last = theme.previous[0]
    return last["rank"].astype("Float64").set_axis(last.index.astype(str))
