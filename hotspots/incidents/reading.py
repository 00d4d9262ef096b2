"""From bytes to a table of text: encodings, delimiters, uneven rows, and the line of every row.

Regular files take a fast road (pandas); files with blank lines, uneven rows or line breaks inside
quotes take a slow, exact one (the csv module). Both give the same table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.checks import DataError, Findings

if TYPE_CHECKING:
    from numpy.typing import NDArray

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
LONGEST_CELL = 2**31 - 1

_OTHER_FORMATS = [
    (b"PK\x03\x04", "a zip archive or an Excel workbook", "Save it as CSV, or name it .xlsx."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV or .xlsx."),
    (b"SQLite format 3", "a GeoPackage or another SQLite file", "Name it .gpkg."),
    (b"PAR1", "a Parquet file", "Name it .parquet."),
    (b"%PDF", "a PDF", "Ask for the data as CSV."),
    (b"\x89PNG", "a picture", "Ask for the data as CSV."),
    (b"\xff\xd8\xff", "a picture", "Ask for the data as CSV."),
    (b"\x1f\x8b", "gzip", "Name it .csv.gz."),
]  # fmt: skip


@dataclass(frozen=True)
class Uneven:
    """A row whose number of cells is not that of the header."""

    line: int
    last_line: int
    cells: int
    text: str


@dataclass(frozen=True)
class TextTable:
    """The rows of a file as text, before anything is believed.

    `cells` has one column for every wanted position of the header, named by that position.
    """

    header: list[str]
    cells: pd.DataFrame
    lines: NDArray[np.int64]
    uneven: list[Uneven]
    blank_lines: int
    delimiter: str
    encoding: str
    _text: Lines

    def row_text(self, row: int) -> str:
        """The physical line on which a row starts, as it stands in the file."""
        return self._text[int(self.lines[row])]


class Lines:
    """Physical lines of a text, by number; the first is line 1."""

    def __init__(self, data: bytes, ends: NDArray[np.int64] | None) -> None:
        self._data, self._ends = data, ends
        self._list: list[str] | None = None

    def __getitem__(self, number: int) -> str:
        if self._ends is None:
            if self._list is None:
                self._list = physical_lines(self._data)
            return self._list[number - 1].rstrip("\r\n")
        start = 0 if number == 1 else int(self._ends[number - 2]) + 1
        line = self._data[start : int(self._ends[number - 1])]
        return line.decode("utf-8", "replace").rstrip("\r")


def physical_lines(data: bytes) -> list[str]:
    """Lines as an editor counts them, with their ends."""
    return list(io.StringIO(data.decode("utf-8", "replace"), newline=""))


@dataclass(frozen=True)
class Text:
    """A file's bytes as UTF-8 without a byte-order mark, and what they were."""

    data: bytes
    encoding: str
    had_mark: bool


def to_utf8(data: bytes, name: str, encoding: str | None = None) -> Text:
    """Bytes of a text file as UTF-8; an error that says what it is when it is not text."""
    findings = Findings()
    _refuse_other_formats(data, name, findings)
    findings.raise_errors()
    for mark, kind in _MARKS:
        if data.startswith(mark):
            return Text(_decoded(data[len(mark) :], kind, name), kind, True)
    if encoding is not None:
        return Text(_decoded(data, encoding, name), encoding, False)
    unmarked = _encoding_without_mark(data)
    if unmarked is not None:
        return Text(_decoded(data, unmarked, name), unmarked, False)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return Text(_decoded(data, "cp1252", name), "cp1252", False)
    return Text(data, "utf-8", False)


def header_of(text: Text, delimiter: str | None = None) -> tuple[list[str], str]:
    """The names in the header, and the delimiter: the one that makes most of it."""
    first = _first_record(text.data)
    candidates = [delimiter] if delimiter else list(DELIMITERS)
    read = {mark: _cells(first, mark) for mark in candidates}
    best = max(candidates, key=lambda mark: len(read[mark]))
    return [cell.strip() for cell in read[best]], best


def read_table(text: Text, header: list[str], delimiter: str, wanted: Iterable[int]) -> TextTable:
    """Rows of a delimited text below its header, only the wanted columns."""
    places = sorted(set(wanted))
    ends = _regular_line_ends(text.data, len(header), delimiter)
    if ends is not None:
        cells = _read_regular(text.data, len(header), delimiter, places)
        if len(cells) == len(ends) - 1:
            lines = np.arange(2, len(ends) + 1, dtype=np.int64)
            found = Lines(text.data, ends)
            return TextTable(header, cells, lines, [], 0, delimiter, text.encoding, found)
    return _read_irregular(text, header, delimiter, places)


_MARKS = [
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
]


def _refuse_other_formats(data: bytes, name: str, findings: Findings) -> None:
    start = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        findings.error(
            "empty-file", f"a header and rows were expected; it is empty ({len(data)} bytes).",
            file=name, mend="Download or export it again.",
        )  # fmt: skip
        return
    for magic, what, mend in _OTHER_FORMATS:
        if data.startswith(magic):
            findings.error(
                "not-csv", f"a CSV file was expected; this is {what}.", file=name, mend=mend
            )
            return
    if start[:1] in (b"{", b"["):
        findings.error(
            "not-csv", "a CSV file was expected; this looks like JSON.", file=name,
            mend="Name it .json (data.police.uk API) or .geojson.",
        )  # fmt: skip
    elif start[:1] == b"<":
        findings.error(
            "not-csv", "a CSV file was expected; this looks like a web page or XML.", file=name,
            mend="A download that failed often saves the error page: download it again.",
        )  # fmt: skip
    elif _is_binary(data):
        findings.error(
            "not-csv", "a CSV file was expected; this is not text.", file=name,
            mend="Export the data as CSV (UTF-8).",
        )  # fmt: skip


def _is_binary(data: bytes) -> bool:
    sample = np.frombuffer(data[:65536], dtype=np.uint8)
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return False
    if _encoding_without_mark(data):
        return False
    control = (sample < 32) & ~np.isin(sample, (9, 10, 12, 13))
    return bool(control.mean() > 0.02)


def _encoding_without_mark(data: bytes) -> str | None:
    """UTF-16 without a mark shows as a NUL in almost every second byte."""
    sample = np.frombuffer(data[:65536], dtype=np.uint8)
    if len(sample) < 4:
        return None
    odd, even = (sample[1::2] == 0).mean(), (sample[::2] == 0).mean()
    if odd > 0.7 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 and odd < 0.1 else None


def _decoded(data: bytes, encoding: str, name: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except UnicodeError as error:
        if encoding == "cp1252":
            return data.decode("latin-1").encode("utf-8")
        line = data[: getattr(error, "start", 0)].count(b"\n") + 1
        raise DataError(
            f"{name}:{line}: text in {encoding} was expected; {error}. "
            "Save the file again as CSV UTF-8, or name its `encoding` in the field map."
        ) from error


def _first_record(data: bytes) -> str:
    """The header as text: the first line, or more of them where a quote runs on."""
    head = data[: 1 << 20].decode("utf-8", "replace")
    taken = ""
    for line in io.StringIO(head, newline=""):
        taken += line
        if taken.count('"') % 2 == 0:
            break
    else:
        taken = head.splitlines()[0] if head else ""
    return taken.rstrip("\r\n")


def _cells(record: str, delimiter: str) -> list[str]:
    return next(_reader([record], delimiter), [])


def _reader(lines: list[str], delimiter: str) -> Any:
    """A reader of rows that knows its line, and takes cells of any length."""
    csv.field_size_limit(LONGEST_CELL)
    return csv.reader(lines, delimiter=delimiter)


def _regular_line_ends(data: bytes, width: int, delimiter: str) -> NDArray[np.int64] | None:
    """Where each line ends, if every line is one row of the header's width; otherwise None."""
    if b"\x00" in data or data.count(b"\r") != data.count(b"\r\n"):
        return None
    whole = data if data.endswith(b"\n") else data + b"\n"
    buffer = np.frombuffer(whole, dtype=np.uint8)
    ends = np.flatnonzero(buffer == 10)
    marks = _per_line(buffer, delimiter, ends)
    if (marks != width - 1).any():
        return None
    lengths = np.diff(ends, prepend=-1) - 1
    returns = data.count(b"\r") > 0
    if (lengths - returns <= marks).any():
        return None
    if b'"' in data and (_per_line(buffer, '"', ends) % 2).any():
        return None
    return ends


def _per_line(buffer: NDArray[np.uint8], mark: str, ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often a character stands on each line."""
    places = np.flatnonzero(buffer == ord(mark))
    return np.diff(np.searchsorted(places, ends), prepend=0)


def _read_regular(data: bytes, width: int, delimiter: str, places: list[int]) -> pd.DataFrame:
    return pd.read_csv(
        io.BytesIO(data), sep=delimiter, header=None, skiprows=1, names=list(range(width)),
        usecols=places, dtype=str, na_filter=False, skip_blank_lines=False, encoding="utf-8",
        index_col=False, low_memory=False,
    )  # fmt: skip


def _read_irregular(text: Text, header: list[str], delimiter: str, places: list[int]) -> TextTable:
    reader = _reader(physical_lines(text.data), delimiter)
    rows: list[list[str]] = []
    lines: list[int] = []
    uneven: list[Uneven] = []
    blank, width = 0, len(header)
    found = Lines(text.data, None)
    next(reader, None)
    start = reader.line_num + 1
    for row in reader:
        if not any(map(str.strip, row)):
            blank += 1
        elif len(row) < width or any(map(str.strip, row[width:])):
            uneven.append(Uneven(start, reader.line_num, len(row), found[start]))
        else:
            rows.append(row[:width])
            lines.append(start)
        start = reader.line_num + 1
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    cells = pd.DataFrame({place: pd.Series(columns[place], dtype=str) for place in places})
    numbers = np.array(lines, dtype=np.int64)
    return TextTable(header, cells, numbers, uneven, blank, delimiter, text.encoding, found)
