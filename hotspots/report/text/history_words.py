"""What earlier products said of a place, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.report.history import times_listed

if TYPE_CHECKING:
    import pandas as pd


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
