"""Sections of a product in words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from hotspots.core.caveats import Caveat
from hotspots.core.periods import day_words
from hotspots.core.plain import plain
from hotspots.report.escape import short_name
from hotspots.report.text.headline import COMPARED, VERDICT_WORDS
from hotspots.report.text.ratio_words import ratio_unit
from hotspots.report.text.words import capital, figure_words, harm_words, kind_name, zone_note

if TYPE_CHECKING:
    import pandas as pd

HEADINGS = {
    "rank": "rank", "status": "status", "place_name": "place", "zone_name": "ward",
    "area_name": "area", "name": "area", "ward_name": "ward", "incident_count": "incidents",
    "harm": "harm", "largest_event_share": "largest event", "active_months": "months",
    "area_km2": "km²", "walk_m": "walk m", "wins": "first in", "not_beaten": "not beaten",
    "mean_rank": "mean rank", "wins_when_masked": "when masked",
    "wins_without_finds": "without finds", "most_wins_share": "in draws",
    "share_of_count": "share", "count_per_km2": "per km²", "count_per_1000": "per 1,000",
    "ratio_to_rest": "times the rest", "count_before": "before", "count_after": "after",
    "change": "change", "change_percent": "change %", "rate_ratio": "ratio",
    "harm_before": "harm before", "harm_after": "harm after", "harm_ratio": "harm ratio",
    "count": "incidents", "places": "like places", "smallest_fall": "smallest fall %",
    "smallest_rise": "smallest rise %", "is_alarm": "alarm", "from_hour": "from",
    "until_hour": "until",
}  # fmt: skip
HOURS = ("from_hour", "until_hour")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
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
WITHHELD: dict[str, Callable[[Any], str]] = {
    "incident_count": lambda row: figure_words(row["incident_count"], missing="withheld"),
    "harm": harm_words,
}
"""Columns that say where a number was kept back, or is a band."""
DECIMALS = {
    "change_percent": 0, "p_value": 3, "ratio": 2, "rate_ratio": 2, "harm_ratio": 2,
    "ratio_to_rest": 2,
}  # fmt: skip
"""Of columns that a sentence says, too."""
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
    >>> cells_of(pd.DataFrame({"area_km2": [0.052, 0.0173, 0.2]}), "area_km2")
    ['0.052', '0.017', '0.200']
    >>> cells_of(pd.DataFrame({"state": ["no-signal", "returned"]}), "state")
    ['no signal', 'back as before']
    >>> few = pd.DataFrame({"incident_count": [10, None], "disclosed_for": "partner"})
    >>> cells_of(few, "incident_count")
    ['10', 'withheld']
    >>> cells_of(pd.DataFrame({"from_hour": [22], "since": ["2026-03-04"]}), "from_hour")
    ['22:00']
    """
    if name == "kind":
        return [kind_name(str(kind))[0] for kind in table[name]]
    if name in HOURS:
        return [f"{hour:02.0f}:00" for hour in table[name]]
    if name in CODES:
        return [CODES[name].get(code, words_of(code)) for code in table[name]]
    if name in WITHHELD and _is_disclosed(table, name):
        return [WITHHELD[name](row) for row in table.to_dict("records")]
    written = partial(words_of, share="share" in name, decimals=_decimals(table, name))
    cells = list(map(written, table[name]))
    if name == "rank":
        ties = zip(cells, table[name].duplicated(keep=False), strict=True)
        cells = [f"{cell}=" if cell and tie else cell for cell, tie in ties]
    low, high = RANGES.get(name, ("", ""))
    if low not in table or high not in table:
        return cells
    ends = zip(cells, map(written, table[low]), map(written, table[high]), strict=True)
    return [f"{cell} ({a} to {b})" if cell and a and b else cell for cell, a, b in ends]


def _is_disclosed(table: pd.DataFrame, name: str) -> bool:
    """Whether numbers were rounded or withheld for others; harm that nobody weighed was not."""
    told = "disclosed_for" in table and bool(table["disclosed_for"].notna().any())
    return told and (name != "harm" or bool(table["harm"].notna().any()))


def _decimals(table: pd.DataFrame, name: str) -> int:
    """As many decimals in every row of a column as its middle needs: points stand below points."""
    if name in DECIMALS:
        return DECIMALS[name]
    sizes = sorted(abs(one) for one in map(plain, table[name]) if isinstance(one, float) and one)
    if all(one.is_integer() for one in sizes):
        return 0
    middle = sizes[len(sizes) // 2]
    return next((places for least, places in ((100, 0), (10, 1), (0.1, 2)) if middle >= least), 3)


def words_of(value: Any, *, share: bool = False, decimals: int | None = None) -> str:
    """A number or a day as people write it, a missing one as nothing.

    Examples
    --------
    >>> words_of(12345.6), words_of(0.2, share=True), words_of(True), words_of(None)
    ('12,346', '20.0%', 'yes', '')
    >>> words_of(date(2026, 3, 4)), words_of("2026-13-45")
    ('4 Mar 2026', '2026-13-45')
    """
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return _day_in_short(value) if DAY.fullmatch(value) else value
    if isinstance(value, float):
        if share:
            return f"{value:.1%}"
        if decimals is not None:
            return f"{value:z,.{decimals}f}"
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _day_in_short(text: str) -> str:
    with suppress(ValueError):
        day, month, year = day_words(date.fromisoformat(text)).split()
        return f"{day} {month[:3]} {year}"
    return text


@dataclass(frozen=True)
class SectionText:
    """A section as pages and briefings say it: sentences, and a table where it is a list."""

    title: str
    sentences: Sequence[str]
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


TITLES = {
    "patrols": "Patrol areas",
    "clear_hold_build": "Clear, Hold, Build",
    "wards": "Wards side by side",
    "pspo": "Public spaces protection orders",
    "change": "Did it work",
    "when": "When",
    "new": "What is new",
    "repeats": "What follows soon and near",
    "watch": "Areas watched",
    "timetable": "Timetable",
}
DEPRIVED = "in the two most deprived tenths"
NO_EQUALITY_VIEW = str(Caveat("no-equality-view"))


def equality_words(lives: pd.DataFrame) -> str:
    """Who lives in patrol areas, against everybody."""
    first = lives.iloc[0]
    words = f"About {first['in_areas']:,.0f} of {first['in_city']:,.0f} residents live there."
    groups = [
        f"{short_name(name)} {row['share_in_areas']:.0%} of them, {row['share_in_city']:.0%} in all"
        for name, row in lives.iloc[1:].iterrows()
    ]
    return f"{words} {'; '.join(groups)}." if groups else words


def zones_touched(zones: Iterable[pd.Series]) -> str:
    """Names of zones with their days."""
    found = (
        f"{short_name(zone['zone_name'])} ({note})" if note else short_name(zone["zone_name"])
        for zone, note in ((zone, zone_note(zone)) for zone in zones)
    )
    return "; ".join(dict.fromkeys(found))


PATROL_COLUMNS = ("place_name", "incident_count", "harm")
CANDIDATE_COLUMNS = ("name", "wins", "wins_without_finds")
CARRIED = (
    "residents", "deprivation_decile", "overlaps_with", "patrol_hours", "searches_per_100_hours",
    "arrests_per_100_hours", "finds_per_100_hours", "times_chosen", "times_listed", "times_first",
)  # fmt: skip
"""What areas of work carry already, beside what is hoped for there."""


def beside_rows(
    areas: pd.DataFrame, benefit: Sequence[str], city: Mapping[str, float]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Headings and rows: benefit and burden of each area, and at the end the whole city's."""
    if "residents" in areas:
        areas = areas.assign(residents=areas["residents"].round())
    groups = [name for name in city if name.startswith("share_")]
    known = [name for name in (*benefit, *CARRIED[:2], *groups, *CARRIED[2:]) if name in areas]
    cells = {name: cells_of(areas, name) for name in known}
    told = [name for name in known if any(cells[name])]
    rows = list(zip(*(cells[name] for name in told), strict=True))
    if city and rows:
        whole = [words_of(city.get(name), share=name in groups) for name in told[1:]]
        rows.append((WHOLE_CITY, *whole))
    return tuple(capital(heading_of(name)) for name in told), tuple(rows)


WHOLE_CITY = "The whole city"
WARD_HEADINGS = ("Theme", "Ward", "Incidents", "Times the rest of the city", "Interval")


def ward_rows(found: Any) -> Iterator[tuple[str, ...]]:
    """Theme by theme a row a ward: its count, and how often the rest of the city, per km² or head.

    The wards that stand furthest above come first within their theme; none where outlines only
    stand in for official ones, which are never ranked.
    """
    for theme, rows in found.table.groupby(level="theme", sort=False):
        if not rows["approximate"].fillna(False).astype(bool).any():
            rows = rows.sort_values("ratio_to_rest", ascending=False, kind="stable")
        label = capital(str(found.labels.get(str(theme), theme)))
        for _, row in rows.iterrows():
            ratio = row["ratio_to_rest"]
            known = ratio == ratio  # not missing
            against = f"{ratio:.2f} {ratio_unit(row['ratio_per'])}" if known else ""
            yield (
                label,
                short_name(row["zone_name"]),
                f"{row['incident_count']:,}",
                "none elsewhere" if ratio == math.inf else against,
                f"{row['ratio_low']:.2f} to {row['ratio_high']:.2f}" if known else "",
            )


def when_words(windows: Iterable[tuple[str, pd.DataFrame]]) -> Iterator[str]:
    """The surest window of each theme, or that it has none."""
    for label, rows in windows:
        if not len(rows):
            yield f"{capital(label)}: no window of the week stands out."
            continue
        first = rows.iloc[0]
        yield (
            f"{capital(label)}: {first['day']} {first['from_hour']:02.0f}:00 to "
            f"{first['until_hour'] % 24:02.0f}:00 holds {first['share']:.0%}, "
            f"{first['ratio']:.1f} times the rest of the week ({first['low']:.1f} to "
            f"{first['high']:.1f})."
        )
