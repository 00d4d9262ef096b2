"""What was done to a number before it was shown, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hotspots.core.shown import HarmShown, Shown

WORDS = {
    Shown.EXACT: "shown",
    Shown.ROUNDED: "count rounded to 5",
    Shown.MERGED_UP: "count rounded to 5, up to 4 too high, so that nothing small is told",
    Shown.MERGED_DOWN: "count rounded to 5, up to 4 too low, so that nothing small is told",
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
