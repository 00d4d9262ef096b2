"""What the data cannot tell, as the page says it: what was withheld is counted in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.core.states import HarmShown, Shown
from hotspots.report.text.words import kind_name

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord
    from hotspots.report.map.theme_tables import ThemeTables


def caveat_words(record: RunRecord, themes: list[ThemeTables]) -> list[str]:
    """The caveats of the record; those that count what was withheld become one."""
    weighed = {theme.status.name for theme in themes if theme.weighed}
    labels = {theme.status.name: theme.status.label for theme in themes}
    caveats: list[str] = []
    parts: list[str] = []
    where, fewest = None, 0
    for caveat in record.caveats:
        if caveat.rule != "withheld":
            caveats.append(str(caveat))
            continue
        where = len(caveats) if where is None else where
        fewest = caveat.values["fewest"]
        parts += _part(caveat, labels, weighed)
    if where is not None:
        said = f": {'; '.join(parts)}" if parts else ""
        caveats.insert(where, f"Counts below {fewest}, none included, are not shown{said}.")
    return list(dict.fromkeys(caveats))


def _part(caveat: Caveat, labels: dict[str, str], weighed: set[str]) -> list[str]:
    """One table in a few words; nothing where nothing was withheld in it."""
    values = caveat.values
    held, harm, what = values["held"], values["harm"], str(values["what"])
    names = what.split(", ")
    harm = harm if what == "totals" or weighed & set(names) else 0
    if not held and not harm:
        return []
    kinds = " and ".join(kind_name(kind)[1] for kind in str(values["kinds"]).split(", "))
    theme = "" if what == "totals" else f" ({', '.join(labels.get(name, name) for name in names)})"
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
