"""One worksheet at a time, top to bottom: marking, heading, tables. Text is always text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from hotspots.core.plain import clean_text, plain

if TYPE_CHECKING:
    import pandas as pd

MOST_CHARACTERS = 32_767
"""What one Excel cell can hold."""

MOST_LINES = 20
ACROSS = 300
"""Letters side by side on a sheet of paper: more of them could not be read."""
NAMED = ("place_name", "zone_name", "name")
MOST_NAMING = 5
"""Columns up to the name that stay in view, on the screen and on a second sheet of paper."""
TITLE_PT = 24
SHARED = "rank_is_shared"
"""Column of a table that says which ranks others have too."""
DECIMALS = 6
"""Of numbers: more say nothing, and fill the cell when somebody looks into it."""
_MOST_IN_A_FOOTER = 200
_FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")

INK, BAND, RULE, INPUT = "#1F2A44", "#E8ECF4", "#B8C0D0", "#FFFBE6"
RULED: dict[str, Any] = {"valign": "top", "bottom": 1, "bottom_color": RULE}
PLACED: dict[str, Any] = RULED | {"align": "center"}

FORMATS: dict[str, dict[str, Any]] = {
    "marking": {"bold": True, "align": "left", "font_size": 11},
    "title": {"bold": True, "font_size": 16, "font_color": INK},
    "section": {"bold": True, "font_size": 12, "font_color": INK},
    "sentence": {"text_wrap": True, "valign": "top", "font_size": 12, "bold": True},
    "lead": {"font_color": "#333333"},
    "note": {"font_color": "#333333", "text_wrap": True, "valign": "top"},
    "head": {
        "bold": True,
        "bg_color": INK,
        "font_color": "#FFFFFF",
        "text_wrap": True,
        "valign": "vcenter",
        "border": 1,
        "border_color": INK,
        "left_color": "#FFFFFF",
    },
    "text": RULED | {"text_wrap": True},
    "after": RULED | {"align": "left", "indent": 1},
    "spaced": RULED | {"align": "left", "indent": 1, "text_wrap": True},
    "code": RULED | {"align": "left", "indent": 1, "font_name": "Consolas"},
    "int": RULED | {"num_format": "#,##0"},
    "rank": PLACED | {"num_format": "0"},
    "shared": PLACED | {"num_format": '0"="'},
    "signed": RULED | {"num_format": "+#,##0;-#,##0;0"},
    "one": RULED | {"num_format": "#,##0.0"},
    "three": RULED | {"num_format": "0.000"},
    "percent": RULED | {"num_format": "0.0%"},
    "input": {"bg_color": INPUT, "border": 1, "border_color": RULE, "text_wrap": True},
}

NUMBERS = ("int", "signed", "one", "three", "percent")
"""They end where their column does: a text after them begins a little further on."""
HEADS = dict.fromkeys(NUMBERS, "head of numbers")
HEADS |= {"rank": "head of ranks"} | dict.fromkeys(("after", "spaced", "code"), "head after")
FORMATS |= {
    "head of numbers": FORMATS["head"] | {"align": "right"},
    "head of ranks": FORMATS["head"] | {"align": "center"},
    "head after": FORMATS["head"] | {"align": "left", "indent": 1},
}


@dataclass(frozen=True)
class Field:
    """One column of a sheet: where it comes from, what stands above it, how it looks."""

    name: str
    heading: str
    width: float = 12
    look: str = "text"


@dataclass
class Sheet:
    """A worksheet that is filled from the top."""

    page: Any
    formats: dict[str, Any]
    marking: str
    row: int = 0
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, int] = field(default_factory=dict)
    beside: int = 0

    def open(self, title: str, lines: Sequence[str] = ()) -> None:
        """Marking, title, and lines of introduction."""
        self.line(self.marking, "marking")
        self.page.set_row(self.row, TITLE_PT)
        self.line(title, "title")
        for words in lines:
            self.line(words, "lead")
        self.row += 1

    def close(self, last_column: int, last_row: int | None = None, *, high: int = 0) -> None:
        """The marking again, and how it prints: to its end or ``last_row``, on so many ``high``."""
        self.row += 1
        self.line(self.marking, "marking")
        self.page.print_area(0, 0, self.row - 1 if last_row is None else last_row, last_column)
        self.page.set_landscape()
        self.page.set_paper(9)
        self.page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.7)
        wide = sum(self.widths.get(column, 0) for column in range(last_column + 1))
        self.page.fit_to_pages(max(-int(-wide // ACROSS), 1), high)
        if self.beside and wide > ACROSS:
            self.page.repeat_columns(0, self.beside - 1)
        words = footer_text(self.marking)
        self.page.set_header(f"&C{words}&R&A")
        self.page.set_footer(f"&C{words}&RPage &P of &N")

    def line(self, words: object, look: str) -> None:
        """One line of text."""
        self.text(self.row, 0, words, look)
        self.row += 1

    def paragraph(self, words: object, look: str, last_column: int, width: int) -> None:
        """Text over several columns, as many lines high as it needs."""
        text = clean_text(words)
        lines = sum(max(1, -(-len(part) // width)) for part in text.split("\n"))
        self.page.merge_range(self.row, 0, self.row, last_column, "", self.formats[look])
        # Excel fits no row to merged cells: its height must be given.
        self.page.set_row(self.row, 15.0 * min(lines, MOST_LINES))
        self.line(text, look)

    def table(self, rows: pd.DataFrame, fields: Sequence[Field]) -> tuple[int, int]:
        """A table under its headings; returns its header row and its last row."""
        header = self.row
        before = (Field("", "", look="text"), *fields)
        fields = [
            replace(item, look="spaced") if item.look == "text" and one.look in NUMBERS else item
            for one, item in zip(before, fields, strict=False)
        ]
        for column, item in enumerate(fields):
            self.text(header, column, item.heading, HEADS.get(item.look, "head"))
            self._widen(column, item.width)
        self.page.set_row(header, 15.0 * max((_lines(item) for item in fields), default=1))
        for column, item in enumerate(fields):
            values = rows[item.name].tolist() if item.name in rows.columns else [None] * len(rows)
            self._fill(header + 1, column, values, item.look)
            if item.look == "rank" and SHARED in rows.columns:
                self._mark_ties(header + 1, column, values, rows[SHARED].tolist())
        self._make_room(header + 1, rows, fields)
        self.row = header + len(rows) + 1
        return header, header + len(rows)

    def listed(
        self, rows: pd.DataFrame, fields: Sequence[Field], *, filtered: bool = True
    ) -> tuple[int, int]:
        """A table whose headings, and columns up to the name, stay in view, on paper too."""
        header, last = self.table(rows, fields)
        ends = (at for at, item in enumerate(fields[:MOST_NAMING], 1) if item.name in NAMED)
        self.beside = next(ends, 0)
        self.page.freeze_panes(header + 1, self.beside)
        self.page.repeat_rows(header)
        if filtered and last > header and fields:
            self.page.autofilter(header, 0, last, len(fields) - 1)
        return header, last

    def _fill(self, row: int, column: int, values: Sequence[Any], look: str) -> None:
        """Numbers as numbers, truth values as yes or no, everything else as text."""
        page, style = self.page, self.formats[look]
        texts: dict[str, str] = {}
        for at, value in enumerate(values, start=row):
            known = type(value) in (int, float) and value - value == 0  # what is infinite is not
            found = value if known else plain(value)
            if found is None or found == "":
                page.write_blank(at, column, None, style)
            elif isinstance(found, bool):
                page.write_string(at, column, "yes" if found else "no", style)
            elif isinstance(found, str):
                if found not in texts:
                    texts[found] = fitted(found)
                page.write_string(at, column, texts[found], style)
            else:
                page.write_number(at, column, round(found, DECIMALS), style)

    def _mark_ties(
        self, row: int, column: int, ranks: Sequence[Any], shared: Sequence[Any]
    ) -> None:
        """A shared rank stays the number it is, and is shown as "3="."""
        for at, (rank, tie) in enumerate(zip(ranks, shared, strict=True), start=row):
            if tie and rank is not None and rank == rank:
                self.page.write_number(at, column, rank, self.formats["shared"])

    def _make_room(self, row: int, rows: pd.DataFrame, fields: Sequence[Field]) -> None:
        """Rows as high as their longest text needs: not every program does it by itself."""
        for item in fields:
            if item.look not in ("text", "spaced") or item.name not in rows.columns:
                continue
            for at, value in enumerate(rows[item.name].tolist()):
                if isinstance(value, str) and len(value) > item.width:
                    needed = min(MOST_LINES, -(-len(value) // max(int(item.width) - 2, 1)))
                    if needed > self.heights.get(row + at, 1):
                        self.heights[row + at] = needed
                        self.page.set_row(row + at, 15.0 * needed)

    def text(self, row: int, column: int, words: object, look: str) -> None:
        """Text and nothing but text; what Excel cannot hold is cut, and the cut is said."""
        self.page.write_string(row, column, fitted(clean_text(words)), self.formats[look])

    def _widen(self, column: int, width: float) -> None:
        if width > self.widths.get(column, 0):
            self.widths[column] = width
            self.page.set_column(column, column, width)


def fitted(text: str) -> str:
    """Text cut to what one cell can hold, saying so.

    Examples
    --------
    >>> fitted("a" * 40_000)[-25:]
    'it has 40,000 characters]'
    """
    # Excel counts in units of UTF-16: a sign outside the basic plane is two of them.
    length = len(text.encode("utf-16-le")) // 2
    if length <= MOST_CHARACTERS:
        return text
    ending = f" [cut; it has {len(text):,} characters]"
    kept = text.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - len(ending))]
    return kept.decode("utf-16-le", errors="ignore") + ending


def footer_text(text: str) -> str:
    """Text for a page header: Excel reads ``&`` as a command there, so it is doubled.

    XlsxWriter takes even a doubled ``&G`` for a picture, so that one is drawn apart.

    Examples
    --------
    >>> footer_text("A & B &P &G")
    'A && B &&P && G'
    """
    short = clean_text(text).replace("\n", " ")[: _MOST_IN_A_FOOTER // 2]
    return re.sub(r"&(?=G|\[Picture\])", "& ", short).replace("&", "&&")


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name Excel accepts: 31 characters, none of them reserved, distinct whatever the case.

    Examples
    --------
    >>> sheet_name("Violence: street/home", set())
    'Violence  street home'
    """
    base = _FORBIDDEN_IN_NAMES.sub(" ", clean_text(wanted)).strip("' ") or "Sheet"
    # Excel keeps that name for itself.
    base = "History " if base.lower() == "history" else base
    number, lowered = 1, {name.lower() for name in taken}
    candidate = _short(base, 31)
    while candidate.lower() in lowered:
        number += 1
        candidate = f"{_short(base, 26)} {number}"
    taken.add(candidate)
    return candidate


def _short(text: str, most: int) -> str:
    """The text cut to so many units of UTF-16, between two words where that keeps half of it."""
    units = text.encode("utf-16-le")
    cut = units[: 2 * most].decode("utf-16-le", errors="ignore")
    if len(units) > 2 * most and cut.rfind(" ") > most // 2:
        cut = cut[: cut.rfind(" ")]
    return cut.strip("' ")


def _lines(item: Field) -> int:
    return max(1, round(len(item.heading) / max(item.width - 1, 1) + 0.4))
