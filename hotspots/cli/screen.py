"""A table on a terminal: plain headings, one row a line, no wider than the screen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hotspots.core.errors import InputError, listing
from hotspots.core.plain import one_line
from hotspots.report.text.section_words import HEADINGS, RANGES, cells_of, heading_of

if TYPE_CHECKING:
    import pandas as pd

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
    return [name for name in there if name != "theme" and any(_cells(table, name))]


def _cells(table: pd.DataFrame, name: str) -> list[str]:
    return [_cut(one_line(cell), WIDEST) for cell in cells_of(table, name)]


def _fitting(shown: dict[str, list[list[str]]], width: int) -> tuple[dict[str, int], list[str]]:
    """The columns from the left that fit, with their widths; words give way to numbers first."""
    wide = {
        name: max(len(heading_of(name)), *(len(cell) for part in parts for cell in part))
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
    gone = [heading_of(name) for name in wide if name not in names]
    return {name: wide[name] for name in names}, gone


def _over(wide: dict[str, int], names: list[str], texts: list[str], width: int) -> int:
    needed = (min(wide[name], NARROWEST) if name in texts else wide[name] for name in names)
    return sum(needed) + GAP * (len(names) - 1) - width


def _lines(columns: dict[str, tuple[int, list[str]]]) -> Iterator[str]:
    """The heading and the rows; numbers end, and words begin, where their column does."""
    gap = " " * GAP
    cells = [[heading_of(name), *values] for name, (_, values) in columns.items()]
    right = [all(_is_number(value) for value in values) for _, values in columns.values()]
    for row in zip(*cells, strict=True):
        parts = (
            _cut(cell, wide).rjust(wide) if numeric else _cut(cell, wide).ljust(wide)
            for cell, (wide, _), numeric in zip(row, columns.values(), right, strict=True)
        )
        yield gap.join(parts).rstrip()


def _is_number(cell: str) -> bool:
    return " " not in cell.removesuffix(" %") and not cell.strip("+-0123456789.,=% ")


def _cut(cell: str, wide: int) -> str:
    return cell if len(cell) <= wide else f"{cell[: wide - 1]}…"
