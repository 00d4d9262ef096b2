"""What a release makes known, so that the next one can take it into account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspots.disclosure.over_time import is_dated, window
from hotspots.disclosure.rules import Reader, count_columns, first, theme_of

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
        days = window(table) if is_dated(table) else ()
        start, end = [day.date().isoformat() for day in days] or ("", "")
        theme = theme_of(table)
        minimum = reader.minimums.get(theme, 0.0)
        yield Published(str(first(table, "kind")), theme, start, end, minimum)
