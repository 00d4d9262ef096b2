"""What a release makes known, so that the next one can take it into account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots.disclosure.over_time import window
from hotspots.disclosure.rules import TIMES, Reader, count_columns, first

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Published:
    """What one table of a release makes known, for the next release.

    Attributes
    ----------
    geography, theme
        Kind of area, and theme ("" where it holds several).
    start, end
        Window of time, as ISO text; empty where it has none.
    minimum
        Incidents every cluster has at least.
    """

    geography: str
    theme: str
    start: str = ""
    end: str = ""
    minimum: float = 0.0


def published_by(tables: Iterable[pd.DataFrame], reader: Reader) -> Iterator[Published]:
    """What tables that were made safe make known."""
    for table in tables:
        if not count_columns(table, reader) or not len(table):
            continue
        dated = all(name in table.columns and table[name].notna().any() for name in TIMES)
        start, end = window(table) if dated else (None, None)
        theme = str(first(table, "theme"))
        yield Published(
            str(first(table, "kind")),
            theme,
            "" if start is None else start.date().isoformat(),
            "" if end is None else end.date().isoformat(),
            reader.minimums.get(theme, 0.0),
        )
