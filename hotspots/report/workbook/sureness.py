"""How sure a place is, in the words and shades of the page: for two columns of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.report.symbology import BEYOND, CORE, HALO, INK, flag_fills
from hotspots.report.text.headline import LIKELY, verdict
from hotspots.report.workbook.sheet import Field, Sheet

if TYPE_CHECKING:
    from typing import Any

LISTED = 5
CHANCE, WITH_OTHERS, ALONE = "could be chance", "with its neighbours", "by itself"
FILLS = flag_fills(cores=True)
SHADES: dict[str, dict[str, Any]] = {
    LIKELY: {"bg_color": INK, "font_color": "#ffffff", "bold": True},
    CHANCE: {"bg_color": FILLS["Could be chance"]},
    WITH_OTHERS: {"bg_color": FILLS[HALO]},
    ALONE: {"bg_color": FILLS[CORE], "font_color": "#ffffff"},
}
"""How a cell with this word looks."""
SURE_FIELDS = (
    Field("likely_listed", "Among the first", 11, "after"),
    Field("beyond_chance", BEYOND, 19, "after"),
)


def with_sureness(table: pd.DataFrame) -> pd.DataFrame:
    """The areas with whether they belong on the list, and whether they are more than chance.

    Examples
    --------
    >>> areas = pd.DataFrame({"rank": [1, 2], "rank_high": [2, 40], "is_hotspot": [True, True],
    ...     "is_core": [True, False], "evidence": "beyond-chance"})
    >>> with_sureness(areas)[["likely_listed", "beyond_chance"]].values.tolist()
    [['likely', 'by itself'], ['unclear', 'with its neighbours']]
    """
    found: dict[str, list[str]] = {}
    if {"rank", "rank_high"} <= set(table):
        listed = int((table["rank"] <= LISTED).sum())
        found["likely_listed"] = [
            verdict({"rank_high": high}, listed) for high in table["rank_high"]
        ]
    if "is_hotspot" in table:
        core = table["is_core"] if "is_core" in table else [False] * len(table)
        tested = table["evidence"].ne("not-tested") if "evidence" in table else [True] * len(table)
        rows = zip(tested, table["is_hotspot"], core, strict=True)
        found["beyond_chance"] = [_beyond(*row) for row in rows]
    return table.assign(**found)


def _beyond(tested: Any, hotspot: Any, core: Any) -> str:
    if pd.isna(hotspot) or not tested:
        return ""
    if not hotspot:
        return CHANCE
    return ALONE if not pd.isna(core) and core else WITH_OTHERS


def shade(sheet: Sheet, header: int, last: int, fields: Sequence[Field]) -> None:
    """Shade the words of these columns as the page does."""
    names = {item.name for item in SURE_FIELDS}
    for column, item in enumerate(fields):
        if item.name in names and last > header:
            for word in SHADES:
                rule = {"type": "cell", "criteria": "==", "value": f'"{word}"'}
                rule["format"] = sheet.formats[word]
                sheet.page.conditional_format(header + 1, column, last, column, rule)
