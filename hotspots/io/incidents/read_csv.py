"""From text to a table of cells: delimiters, uneven rows, and the line of every row.

Regular files take a fast road (pandas); files with blank lines, uneven rows or line breaks inside
quotes take a slow, exact one (the csv module). Both give the same table.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from hotspots.core.errors import DataError, require
from hotspots.io.incidents.column_kinds import ROWS_LOOKED_AT, find_header
from hotspots.io.incidents.encoding import Text
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.parse_text import Texts
from hotspots.io.incidents.read_arrow import Whole, with_arrow

if TYPE_CHECKING:
    from numpy.typing import NDArray

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LONGEST_CELL = 2**31 - 1
MOST_COLUMNS = 2_000
# Headers are looked for in the first lines; of a file without line ends that would be all of it.
HEAD_BYTES = 1 << 20
LINES_LOOKED_AT = 500


@dataclass(frozen=True)
class Uneven:
    """A row whose number of cells is not that of the header."""

    line: int
    cells: list[str]
    text: str


@dataclass(frozen=True)
class TextTable:
    """The rows of a file as text, before anything is believed.

    `cells` has one column for every wanted position of the header.
    """

    header: list[str]
    cells: dict[int, Texts]
    lines: NDArray[np.int64]
    uneven: list[Uneven]
    blank_lines: int
    delimiter: str
    encoding: str
    _text: LineTexts
    has_nul: bool | None = None
    """Whether a NUL stands in it; None where nobody has looked."""
    digest: str | None = None
    """SHA-256 of the bytes of the file; None where nobody has asked for it."""

    def row_text(self, row: int) -> str:
        """The physical line on which a row starts, as it stands in the file."""
        return self._text[int(self.lines[row])]


class LineTexts(Protocol):
    """Gives the text of a line by its number."""

    def __getitem__(self, number: int) -> str: ...


class Lines:
    """Physical lines of a text, by number; the first is line 1. Split only when asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._list: list[str] | None = None

    def __getitem__(self, number: int) -> str:
        if self._list is None:
            self._list = physical_lines(self._data)
        return self._list[number - 1].rstrip("\r\n")


def count_lines(text: Text) -> int:
    """How many lines a text has, by the line ends it uses."""
    data, ends = text.data, text.marks.line_feeds or text.marks.returns
    return ends + (not data.endswith((b"\n", b"\r")) and len(data) > 0)


def physical_lines(data: bytes) -> list[str]:
    """Lines as an editor counts them, with their ends."""
    return list(io.StringIO(data.decode("utf-8", "replace"), newline=""))


@dataclass(frozen=True)
class Head:
    """The names in a header, the delimiter between them, and how many lines stand above it."""

    names: list[str]
    delimiter: str
    above: int


def header_of(text: Text, fields: FieldMap | None = None, row: int | None = None) -> Head:
    """The header, in the line that is named or looked for; the delimiter is what makes most of it.

    A spreadsheet's own first line, ``sep=;``, names the delimiter.
    """
    line = row or (fields.header_row if fields else None)
    records = _first_records(text.data, line or 0)
    # A line of its own that Excel reads: it names the delimiter, and is no header.
    said = re.fullmatch(r'"?sep=(.)"?', records[0][1]) if records else None
    marks = [said[1]] if said else list(DELIMITERS)
    if fields is not None and fields.delimiter:
        marks = [fields.delimiter]
    found = [_head(records[1:] if said else records, mark, fields, line) for mark in marks]
    return max(found, key=lambda head: len(head.names))


def _head(
    records: list[tuple[int, str]], delimiter: str, fields: FieldMap | None, line: int | None
) -> Head:
    if not records:
        return Head([], delimiter, 0)
    rows = [_cells(record, delimiter) for _, record in records]
    if line is None:
        place = find_header(rows, fields)
    else:
        place = max((at for at, (above, _) in enumerate(records) if above < line), default=0)
    return Head([cell.strip() for cell in rows[place]], delimiter, records[place][0])


def require_width(header: list[str], name: str) -> None:
    """Raise where a header has more columns than a table of incidents can have."""
    require(
        len(header) <= MOST_COLUMNS,
        f"a header of at most {MOST_COLUMNS:,} columns was expected; it has {len(header):,}. "
        "Export only the columns that are needed.",
        DataError,
        rule="too-many-columns",
        file=name,
    )


def read_table(
    text: Text,
    header: list[str],
    delimiter: str,
    wanted: Iterable[int],
    *,
    above: int = 0,
    numbers: Collection[int] = (),
) -> TextTable:
    """Rows of a delimited text below its header, only the wanted columns.

    `above` is the number of lines above the header, which are passed over; `numbers` are columns
    that should hold numbers, and may be read as such.
    """
    places = sorted(set(wanted))
    table = text
    if above:
        # What was known of the marks of the whole text is not that of what is left.
        upper = sum(map(len, text.data.splitlines(keepends=True)[:above]))
        table = replace(text, data=text.data[upper:], sealed=False)
    cells = _read_regular(table, len(header), delimiter, places, numbers)
    if cells is None:
        return _read_irregular(text, header, delimiter, places, above)
    lines = np.arange(2, len(cells[places[0]]) + 2, dtype=np.int64) + above
    whole = Lines(text.data)
    return TextTable(header, cells, lines, [], 0, delimiter, text.encoding, whole, has_nul=False)


def _first_records(data: bytes, line: int) -> list[tuple[int, str]]:
    """The first rows as text, each with the lines above it; more lines where a quote runs on."""
    lines = data[:HEAD_BYTES].splitlines(keepends=True)[: max(LINES_LOOKED_AT, line)]
    found: list[tuple[int, str]] = []
    start = 0
    while start < len(lines) and len(found) < max(ROWS_LOOKED_AT, line):
        end, quotes = start + 1, lines[start].count(b'"')
        while quotes % 2 and end < len(lines):
            quotes += lines[end].count(b'"')
            end += 1
        if quotes % 2:  # nobody closed it: the line stands alone
            end = start + 1
        record = b"".join(lines[start:end]).decode("utf-8", "replace")
        found.append((start, record.rstrip("\r\n")))
        start = end
    return found


def _cells(record: str, delimiter: str) -> list[str]:
    return next(_reader(list(io.StringIO(record, newline="")), delimiter), [])


def _reader(lines: list[str], delimiter: str) -> Any:
    """A reader of rows that knows its line, and takes cells of any length."""
    # Python's own limit of 131,072 letters would make an unclosed quote an error.
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(lines, delimiter=delimiter)


def _read_regular(
    text: Text, width: int, delimiter: str, places: list[int], numbers: Collection[int]
) -> dict[int, Texts] | None:
    """Read a file in which every line is one row; None where it is not.

    No reader makes more rows than there are lines, so as many rows as lines means one row a line.
    """
    rows = _lines_below_header(text)
    if rows is None:
        return None
    if rows == 0:
        return {place: Texts.of([]) for place in places}
    if has_arrow():
        cells = with_arrow(Whole(text.data), width, delimiter, places, numbers)
    else:
        cells = _with_pandas(text.data, width, delimiter, places)
    return one_row_a_line(cells, rows)


def one_row_a_line(cells: dict[int, Texts] | None, rows: int) -> dict[int, Texts] | None:
    """The cells, where there are as many rows as lines and not one of them is blank."""
    if cells is None or any(len(column) != rows for column in cells.values()):
        return None
    nothing = np.ones(rows, dtype=bool)
    # Columns that hold few texts are the quickest to ask, and the first full one is an answer.
    for column in sorted(cells.values(), key=lambda column: column.apart):
        nothing &= column.empty
        if not nothing.any():
            return cells
    return None


def _lines_below_header(text: Text) -> int | None:
    """How many lines follow the first; None where NULs or lone returns make it uncertain."""
    return text.marks.line_feeds - text.data.endswith(b"\n") if text.marks.is_usual else None


@lru_cache(maxsize=1)
def has_arrow() -> bool:
    """Whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def _with_pandas(
    data: bytes, width: int, delimiter: str, places: list[int]
) -> dict[int, Texts] | None:
    """The same without pyarrow. Short rows would be filled up in silence, so they are counted.

    Read as text: as categories, pandas makes numbers of texts such as 008.
    """
    buffer = np.frombuffer(data if data.endswith(b"\n") else data + b"\n", dtype=np.uint8)
    ends = np.flatnonzero(buffer == ord("\n"))
    # As many delimiters in every line as in the header; one inside quotes sends the file the slow
    # way.
    marks = np.searchsorted(np.flatnonzero(buffer == ord(delimiter)), ends)
    if (np.diff(marks, prepend=0) != width - 1).any():
        return None
    try:
        cells = pd.read_csv(
            io.BytesIO(data),
            sep=delimiter,
            header=None,
            skiprows=1,
            names=list(range(width)),
            usecols=places,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            encoding="utf-8",
            index_col=False,
            low_memory=False,
        )
    except (ValueError, pd.errors.ParserError):
        return None
    return {place: Texts.of(cells[place]) for place in places}


def _read_irregular(
    text: Text, header: list[str], delimiter: str, places: list[int], above: int = 0
) -> TextTable:
    """Read row by row: blank lines, uneven rows and line breaks in quotes are told apart."""
    lines = physical_lines(text.data)
    above += _header_lines(lines[above:], len(header), delimiter)
    reader = _reader(lines[above:], delimiter)
    rows: list[list[str]] = []
    starts: list[int] = []
    uneven: list[Uneven] = []
    blank, width, start = 0, len(header), above + 1
    for row in reader:
        found, last = [(start, row)], above + reader.line_num
        if last > start and _is_torn(row, width, delimiter):
            alone = range(start, last + 1)
            found = [(line, _cells(lines[line - 1].rstrip("\r\n"), delimiter)) for line in alone]
        for line, cells in found:
            if not any(map(str.strip, cells)):
                blank += 1
            elif len(cells) == width:
                rows.append(cells)
                starts.append(line)
            else:
                uneven.append(Uneven(line, cells, lines[line - 1].rstrip("\r\n")))
        start = last + 1
    if not rows and _all_end_alike(uneven, width):
        rows, starts = [one.cells[:width] for one in uneven], [one.line for one in uneven]
        uneven = []
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    table = {place: Texts.of(columns[place]) for place in places}
    numbers = np.array(starts, dtype=np.int64)
    whole = Lines(text.data)
    return TextTable(header, table, numbers, uneven, blank, delimiter, text.encoding, whole)


def _header_lines(lines: list[str], width: int, delimiter: str) -> int:
    """How many lines the header takes: one, unless a quoted name runs over several."""
    reader = _reader(lines, delimiter)
    return 1 if _is_torn(next(reader, []), width, delimiter) else reader.line_num


def _is_torn(row: list[str], width: int, delimiter: str) -> bool:
    """Whether a row over several lines is no row: a quote that nobody closed has swallowed others.

    Its lines are then read one by one, so that only the line with the quote is lost for now.
    """
    return len(row) != width or any(
        "\n" in cell and cell.count(delimiter) >= width - 1 for cell in row
    )


def _all_end_alike(uneven: list[Uneven], width: int) -> bool:
    """Whether all rows end in the same number of empty cells beyond the header."""
    lengths = {len(row.cells) for row in uneven}
    extra = (cell.strip() for row in uneven for cell in row.cells[width:])
    return len(lengths) == 1 and min(lengths) > width and not any(extra)
