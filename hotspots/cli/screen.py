"""A table on a terminal: plain headings, one row a line, no wider than the screen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hotspots.core.errors import InputError, listing
from hotspots.core.plain import plain

if TYPE_CHECKING:
    import pandas as pd

HEADINGS = {
    "rank": "rank", "status": "status", "place_name": "place", "zone_name": "ward",
    "area_name": "area", "name": "area", "ward_name": "ward", "incident_count": "incidents",
    "harm": "harm", "largest_event_share": "largest event", "active_months": "months",
    "area_km2": "km2", "walk_m": "walk m", "wins": "first in", "not_beaten": "not beaten",
    "mean_rank": "mean rank", "wins_when_masked": "when masked", "most_wins_share": "in draws",
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
    "rate_ratio": ("rate_ratio_low", "rate_ratio_high"),
}  # fmt: skip
"""Numbers and the columns that hold their intervals: shown together."""
BETTER_IF_LOW = ("rank", "mean_rank")
GAP, NARROWEST, WIDEST = 2, 14, 32
NARROW = 80


def table_text(
    table: pd.DataFrame,
    columns: Sequence[str],
    *,
    most: int,
    sort: str | None = None,
    labels: Mapping[str, str] | None = None,
    width: int | None = None,
) -> str:
    """The columns people read, as many as fit; the names of those that do not.

    Parameters
    ----------
    table : DataFrame
        What was found; where it has several themes, each stands under its own heading.
    columns : sequence of str
        Columns in reading order; those the table does not have, or that say nothing, are left out.
    most : int
        Rows shown of each theme.
    sort : str, optional
        Column to sort by: numbers from the highest, ranks from the first, texts from A.
    labels : mapping of str to str, optional
        What each theme is called.
    width : int, optional
        Letters in a line; those of the terminal, or 80, by default.

    Examples
    --------
    >>> import pandas as pd
    >>> ranked = pd.DataFrame({"place_name": ["Quay", "Mill"], "rank": [2, 1],
    ...                        "rank_low": [1, 1], "rank_high": [40, 2]})
    >>> print(table_text(ranked, ["rank", "place_name"], most=1, sort="rank", width=80))
    rank        place
    1 (1 to 2)  Mill
    ... and 1 more
    """
    if not len(table):
        return "(no rows)"
    ordered = _sorted(table, columns, sort)
    several = "theme" in ordered and ordered["theme"].nunique() > 1
    parts = list(ordered.groupby("theme", sort=False)) if several else [("", ordered)]
    telling = _telling(ordered, columns)
    shown = {name: [_cells(part, name)[:most] for _, part in parts] for name in telling}
    fitting, left_out = _fitting(shown, width or shutil.get_terminal_size((NARROW, 24)).columns)
    lines: list[str] = []
    for number, (theme, part) in enumerate(parts):
        lines += ["", (labels or {}).get(str(theme), str(theme))] if several else []
        lines += _lines({name: (wide, shown[name][number]) for name, wide in fitting.items()})
        more = len(part) - most
        lines += [f"... and {more:,} more"] if more > 0 else []
    if left_out:
        lines.append(f"Not shown for want of width: {', '.join(left_out)}.")
    return "\n".join(lines).strip("\n")


def _sorted(table: pd.DataFrame, columns: Sequence[str], sort: str | None) -> pd.DataFrame:
    if sort is None:
        return table
    named = {HEADINGS[name]: name for name in columns if name in HEADINGS and name in table}
    name = named.get(sort, sort)
    if name not in table.columns or name == "geometry":
        known = [name for name in columns if name in table.columns]
        raise InputError(f"`sort` must be one of {listing(known, most=30)}; got {sort!r}.")
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    number = is_numeric_dtype(table[name]) and not is_bool_dtype(table[name])
    ascending = not number or name in BETTER_IF_LOW
    return table.sort_values(name, ascending=ascending, kind="stable")


def _telling(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """Columns that are there and say something of any row."""
    ends = {end for pair in RANGES.values() for end in pair}
    there = [name for name in columns if name in table.columns and name not in ends]
    return [name for name in there if name != "theme" and any(map(_words, table[name]))]


def _cells(table: pd.DataFrame, name: str) -> list[str]:
    cells = [_words(value, share="share" in name) for value in table[name]]
    if name == "rank":
        ties = zip(cells, table[name].duplicated(keep=False), strict=True)
        cells = [f"{cell}=" if cell and tie else cell for cell, tie in ties]
    low, high = RANGES.get(name, ("", ""))
    if low not in table or high not in table:
        return cells
    ends = zip(cells, map(_words, table[low]), map(_words, table[high]), strict=True)
    return [f"{cell} ({a} to {b})" if cell and a and b else cell for cell, a, b in ends]


def _fitting(shown: dict[str, list[list[str]]], width: int) -> tuple[dict[str, int], list[str]]:
    """The columns from the left that fit, with their widths; words give way to numbers first."""
    wide = {
        name: max(len(_heading(name)), *(len(cell) for part in parts for cell in part))
        for name, parts in shown.items()
    }
    texts = [name for name in wide if name.endswith("name")]
    names = list(wide)
    while len(names) > 1 and _over(wide, names, texts, width) > 0:
        names.pop()
    over = _over(wide, names, [], width)
    for name in texts:
        if name in names and over > 0:
            least = max(NARROWEST, wide[name] - over)
            over -= wide[name] - min(wide[name], least)
            wide[name] = min(wide[name], least)
    gone = [_heading(name) for name in wide if name not in names]
    return {name: wide[name] for name in names}, gone


def _over(wide: dict[str, int], names: list[str], texts: list[str], width: int) -> int:
    needed = (min(wide[name], NARROWEST) if name in texts else wide[name] for name in names)
    return sum(needed) + GAP * (len(names) - 1) - width


def _lines(columns: dict[str, tuple[int, list[str]]]) -> Iterator[str]:
    """The heading and the rows; numbers end, and words begin, where their column does."""
    gap = " " * GAP
    cells = [[_heading(name), *values] for name, (_, values) in columns.items()]
    right = [all(_is_number(value) for value in values) for _, values in columns.values()]
    for row in zip(*cells, strict=True):
        parts = (
            _cut(cell, wide).rjust(wide) if numeric else _cut(cell, wide).ljust(wide)
            for cell, (wide, _), numeric in zip(row, columns.values(), right, strict=True)
        )
        yield gap.join(parts).rstrip()


def _heading(name: str) -> str:
    return HEADINGS.get(name, name.replace("_", " "))


def _is_number(cell: str) -> bool:
    return " " not in cell.removesuffix(" %") and not cell.strip("+-0123456789.,=% ")


def _cut(cell: str, wide: int) -> str:
    return cell if len(cell) <= wide else f"{cell[: wide - 1]}…"


def _words(value: Any, *, share: bool = False) -> str:
    """A number as people write it, a missing one as nothing."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        if share:
            return f"{value:.1%}".replace("%", " %")
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _cut(f"{value:,}" if isinstance(value, int) else str(value), WIDEST)
