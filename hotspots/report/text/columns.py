"""Columns of an answer as people read them: headings, numbers, and a number with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotspots.core.plain import plain
from hotspots.report.text.lately_words import COMPARED, VERDICT_WORDS
from hotspots.report.text.words import kind_name

if TYPE_CHECKING:
    import pandas as pd

HEADINGS = {
    "rank": "rank", "status": "status", "place_name": "place", "zone_name": "ward",
    "area_name": "area", "name": "area", "ward_name": "ward", "incident_count": "incidents",
    "harm": "harm", "largest_event_share": "largest event", "active_months": "months",
    "area_km2": "km2", "walk_m": "walk m", "wins": "first in", "not_beaten": "not beaten",
    "mean_rank": "mean rank", "wins_when_masked": "when masked",
    "wins_without_finds": "without finds", "most_wins_share": "in draws",
    "share_of_count": "share", "count_per_km2": "per km2", "count_per_1000": "per 1,000",
    "ratio_to_rest": "times the rest", "count_before": "before", "count_after": "after",
    "change": "change", "change_percent": "change %", "rate_ratio": "ratio",
    "harm_before": "harm before", "harm_after": "harm after", "harm_ratio": "harm ratio",
    "count": "incidents", "places": "places", "smallest_fall": "smallest fall",
    "smallest_rise": "smallest rise",
}  # fmt: skip
RANGES = {
    "rank": ("rank_low", "rank_high"), "wins": ("wins_low", "wins_high"),
    "ratio_to_rest": ("ratio_low", "ratio_high"),
    "rate_ratio": ("rate_ratio_low", "rate_ratio_high"), "ratio": ("low", "high"),
}  # fmt: skip
"""Numbers and the columns that hold their intervals: shown together."""
CODES: dict[str, dict[str, str]] = {
    "state": {
        "more": "more", "fewer": "fewer", "returned": "back as before", "stayed-low": "still lower",
        "no-signal": "no signal", "too-few": "too few to tell",
    },
    "verdict": VERDICT_WORDS,
    "comparison": COMPARED,
}  # fmt: skip
"""Columns of codes, in words."""
INTERVALS = tuple((name, *RANGES[name]) for name in ("rate_ratio", "ratio_to_rest", "ratio"))
"""Ratios and the ends of their intervals: drawn on a scale."""


def heading_of(name: str) -> str:
    """What stands above a column.

    Examples
    --------
    >>> heading_of("incident_count"), heading_of("from_road_m")
    ('incidents', 'from road m')
    """
    return HEADINGS.get(name, name.replace("_", " "))


def cells_of(table: pd.DataFrame, name: str) -> list[str]:
    """A column in words, codes too, beside its interval where the table holds one; ties as "3=".

    Examples
    --------
    >>> import pandas as pd
    >>> cells_of(pd.DataFrame({"rank": [1, 1], "rank_low": [1, 1], "rank_high": [40, 2]}), "rank")
    ['1= (1 to 40)', '1= (1 to 2)']
    >>> cells_of(pd.DataFrame({"state": ["no-signal", "returned"]}), "state")
    ['no signal', 'back as before']
    """
    if name == "kind":
        return [kind_name(str(kind))[0] for kind in table[name]]
    if name in CODES:
        return [CODES[name].get(code, words_of(code)) for code in table[name]]
    cells = [words_of(value, share="share" in name) for value in table[name]]
    if name == "rank":
        ties = zip(cells, table[name].duplicated(keep=False), strict=True)
        cells = [f"{cell}=" if cell and tie else cell for cell, tie in ties]
    low, high = RANGES.get(name, ("", ""))
    if low not in table or high not in table:
        return cells
    ends = zip(cells, map(words_of, table[low]), map(words_of, table[high]), strict=True)
    return [f"{cell} ({a} to {b})" if cell and a and b else cell for cell, a, b in ends]


def words_of(value: Any, *, share: bool = False) -> str:
    """A number as people write it, a missing one as nothing.

    Examples
    --------
    >>> words_of(12345.6), words_of(0.2, share=True), words_of(True), words_of(None)
    ('12,346', '20.0 %', 'yes', '')
    """
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        if share:
            return f"{value:.1%}".replace("%", " %")
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
