"""How many rows a file holds, counted without the library that reads them.

Readers lose rows in silence: where a sheet, a layer or an index says less than is there, and where
an entry is not as they expect it. So each count here goes another way than the reader, and
:func:`require_all` refuses what came short.
"""

from __future__ import annotations

import csv
import json
import math
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from hotspots.core.errors import DataError

DELETED, DIGITS = b"*", "0123456789"
LAST_ROW = 2**20
"""Of a sheet of Excel; readers would count up to any number that stands there."""
MEMBER, COLLECTION = ("member", "featureMember", "featureMembers"), "FeatureCollection"
"""Where a feature of a GML stands."""


def require_all(came: int, counted: int | None, name: str, *, why: str = "") -> None:
    """Refuse a file of which the reader gave another number of rows than it holds.

    Examples
    --------
    >>> require_all(49, 59, "july.geojson")
    Traceback (most recent call last):
    ...
    hotspots.core.errors.DataError: july.geojson: all its rows were expected; 59 were counted in ...
    """
    if counted is not None and came != counted:
        raise DataError(
            f"all its rows were expected; {counted:,} were counted in the file and {came:,} could "
            f"be read{f', since {why}' if why else ''}. Nothing is taken from it. Open it in the "
            "program it comes from and save it anew, or as CSV.",
            rule="rows-lost",
            file=name,
        )


@dataclass
class SheetRows:
    """What the XML of a worksheet holds, before any cell is read.

    Attributes
    ----------
    last : int
        Number of the last row.
    hidden : set of int
        Rows that are hidden, by a filter or by hand.
    cells : int
        What a reader would make of it: each row is read from the first column to its last cell.
    unsolved : list of int
        The row of each formula whose result is not stored: readers take the cell for empty.
    """

    last: int = 0
    hidden: set[int] = field(default_factory=set)
    cells: int = 0
    unsolved: list[int] = field(default_factory=list)


def sheet_rows(xml: IO[bytes], name: str, *, most_cells: float = math.inf) -> SheetRows:
    """The rows of a worksheet's XML, which must follow one another; counting ends at too many.

    The sheet's own ``<dimension>`` is not asked: programs that stream leave a stale one.

    Examples
    --------
    >>> import io
    >>> sheet_rows(io.BytesIO(b'<sheetData><row r="1"/><row/><row r="9"/></sheetData>'), "a.xlsx")
    SheetRows(last=9, hidden=set(), cells=0, unsolved=[])
    """
    numbers: list[int] = []
    found, width, column = SheetRows(), 0, _Columns()
    kind: str | None = None

    def solved(text: str) -> None:
        if text.strip():
            found.unsolved.pop()
            parser.CharacterDataHandler = None

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal width, kind
        tag = tag.rpartition(":")[2]
        if tag == "c":
            kind, parser.CharacterDataHandler = attributes.get("t"), None
            place = attributes.get("r")
            at = column[place.rstrip(DIGITS)] if place else width + 1
            found.cells += max(at - width, 0)
            width = at
        elif tag == "row":
            width = 0
            numbers.append(int(attributes.get("r") or (numbers[-1] + 1 if numbers else 1)))
            if attributes.get("hidden") in ("1", "true"):
                found.hidden.add(numbers[-1])
            if found.cells > most_cells:
                raise _TooManyCells
        elif tag == "f" and kind != "str":  # of which an empty text is a result
            kind = tag
            found.unsolved.append(numbers[-1])
        elif tag == "v" and kind == "f":
            parser.CharacterDataHandler = solved

    parser = _parser(start)
    try:
        parser.ParseFile(xml)
    except _TooManyCells:
        return found
    except (expat.ExpatError, ValueError) as error:
        said = f"a whole worksheet was expected; its XML cannot be read ({error})."
        mend = "Save the workbook again, or the sheet as CSV."
        raise DataError(said, rule="unreadable", file=name, mend=mend) from error
    _require_order(numbers, name)
    found.last = numbers[-1] if numbers else 0
    return found


def _require_order(numbers: list[int], name: str) -> None:
    again = [at for one, at in pairwise(numbers) if at <= one]
    again += [at for at in numbers if not 1 <= at <= LAST_ROW]
    if again:
        raise DataError(
            f"rows in order were expected, from 1 to {LAST_ROW:,}; row {again[0]} stands again, "
            "behind a later one, or where no sheet has any, and readers would pass over it. Save "
            "the workbook again in Excel or LibreOffice.",
            rule="rows-lost",
            file=name,
        )


class _TooManyCells(Exception):  # noqa: N818 - it ends a count, and reaches nobody
    pass


class _Columns(dict[str, int]):
    """Numbers of columns by their letters, each worked out once."""

    def __missing__(self, letters: str) -> int:
        number = 0
        for letter in letters:
            number = number * 26 + ord(letter) - 64
        self[letters] = number
        return number


def _parser(start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    """A parser that says where elements begin, and stops at an entity."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = _no_entities
    return parser


def _no_entities(*_: Any) -> None:
    raise ValueError("it declares entities")


def table_rows(database: sqlite3.Connection, table: str) -> int:
    """Rows of a table; the number a GeoPackage notes beside it is not asked."""
    quoted = table.replace('"', '""')
    return int(database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608


def features(content: Any) -> tuple[int | None, str]:
    """Entries of GeoJSON or ESRI JSON, and which of them readers pass over; None for other JSON.

    Examples
    --------
    >>> features({"type": "FeatureCollection", "features": [{"type": "feature"}, None]})
    (2, "2 of them are no 'Feature', the first is entry 1")
    """
    if not is_features(content):
        return None, ""
    entries, esri = content["features"], content.get("type") != "FeatureCollection"
    odd = [at for at, one in enumerate(entries, 1) if not _is_feature(one, esri)]
    why = f"{len(odd):,} of them are no 'Feature', the first is entry {odd[0]}" if odd else ""
    return len(entries), why


def is_features(content: Any) -> bool:
    """Whether it is a GeoJSON collection, or what ArcGIS answers to a query (ESRI JSON)."""
    known = isinstance(content, dict) and (
        content.get("type") == "FeatureCollection" or "geometryType" in content
    )
    return known and isinstance(content.get("features"), list)


def is_a_part(content: Any) -> bool:
    """Whether a service says in what it sent that it holds more features."""
    if not isinstance(content, dict):
        return False
    more = content.get("properties")
    return any(
        isinstance(said, dict) and said.get("exceededTransferLimit") is True
        for said in (content, more)
    )


def _is_feature(entry: Any, esri: bool) -> bool:
    return isinstance(entry, dict) and (esri or entry.get("type") == "Feature")


def json_lines(data: bytes) -> int | None:
    """Lines with JSON, of a file that has one feature a line; None where it is something else."""
    lines = [line for line in data.replace(b"\x1e", b"").splitlines() if line.strip()]
    try:
        one_a_line = bool(lines) and isinstance(json.loads(lines[0]), dict)
    except ValueError:
        return None
    return len(lines) if one_a_line else None


def xml_features(xml: bytes, name: str) -> int | None:
    """Placemarks of a KML file, in all its folders, or members of a GML; None for other lists.

    A text cut short is refused: GDAL takes nothing, or less, from a GML, and does not say so.
    """
    counted, inside = 0, ["", ""]

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal counted
        tag = tag.rpartition(":")[2]
        member = inside[-1] in MEMBER and inside[-2].endswith(COLLECTION)
        counted += tag == "Placemark" or (member and not tag.endswith(COLLECTION))
        inside.append(tag)

    parser = _parser(start)
    parser.EndElementHandler = lambda _: inside.pop()
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError) as error:
        raise DataError(
            f"a whole file was expected; its XML cannot be read ({error}). Download or save it "
            "again.",
            rule="unreadable",
            file=name,
        ) from error
    return counted or None


def mid_rows(path: Path) -> int | None:
    """Rows of the table of a MapInfo interchange file, which has one for each of its shapes."""
    mid = beside(path, ".mid")
    if mid is None:
        return None
    with mid.open(encoding="latin-1", newline="") as table:
        return sum(map(bool, csv.reader(table))) or None


def shapefile_rows(path: Path) -> int | None:
    """Records of a Shapefile by the length of its index, less those its table marks as deleted.

    The number that the table states is not asked: a wrong one hides the records behind it.
    """
    shx, dbf = (beside(path, ending) for ending in (".shx", ".dbf"))
    if shx is None:
        return None
    # An index is a header of 100 bytes and 8 for each record.
    records = (shx.stat().st_size - 100) // 8
    return records - (_deleted(dbf, records) if dbf else 0)


def geodatabase_rows(folder: Path, number: int | None) -> int | None:
    """Rows that a table of a File Geodatabase says it holds; -1 where its head is cut away."""
    if number is None:
        return None
    with (folder / f"a{number:08x}.gdbtable").open("rb") as table:
        head = table.read(40)
    wide = head[:1] == b"\x04"  # numbers of 64 bits
    stated = head[16:24] if wide else head[4:8]
    return int.from_bytes(stated, "little") if len(head) == 40 else -1


def _deleted(dbf: Path, records: int) -> int:
    with dbf.open("rb") as table:
        head = table.read(32)
        # Length of the header and of a record, as the table states them; a record begins with its
        # mark.
        start, width = (int.from_bytes(head[at : at + 2], "little") for at in (8, 10))
        table.seek(start)
        return sum(table.read(width)[:1] == DELETED for _ in range(records if width else 0))


def beside(path: Path, ending: str) -> Path | None:
    """The file of the same name with another ending, in whatever case."""
    options: Iterable[str] = (ending, ending.upper())
    return next((path.with_suffix(one) for one in options if path.with_suffix(one).exists()), None)
