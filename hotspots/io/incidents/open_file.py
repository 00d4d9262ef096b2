"""Any kind of file as tables of text: a text has one, a workbook may have one a sheet."""

from __future__ import annotations

import io
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from hotspots.core.errors import DataError, Finding, Findings, listing, require, require_extra
from hotspots.io.count_rows import SheetRows, require_all, sheet_rows
from hotspots.io.guard import reason_of
from hotspots.io.incidents.column_kinds import ROWS_LOOKED_AT, find_header
from hotspots.io.incidents.encoding import Text, other_kind, to_utf8
from hotspots.io.incidents.field_map import POLICE_UK, FieldMap, match_columns, recognise
from hotspots.io.incidents.find_files import TABLE_ENDINGS, WORKBOOKS, FileToRead
from hotspots.io.incidents.read_binary import Opened, as_text, in_columns, open_source
from hotspots.io.incidents.read_csv import (
    Head,
    TextTable,
    count_lines,
    header_of,
    read_table,
    require_width,
)

MOST_CELLS = 100_000_000
A_WORKBOOK = "an Excel workbook (.xlsx) was expected"


def every_table(source: FileToRead, data: bytes, fields: FieldMap | None, crs: Any) -> list[Opened]:
    """The tables of a file that have a header, in the order of the file."""
    if source.ending in WORKBOOKS:
        return _open_workbook(source, data, fields)
    if source.ending not in TABLE_ENDINGS:
        return [_open_text(source, data, fields)]
    return [open_source(source, data, fields, crs)]


def tables_to_read(
    source: FileToRead, data: bytes, fields: FieldMap | None, crs: Any, findings: Findings
) -> list[Opened]:
    """All tables of one layout; what is left out is told, with its rows.

    Where none has the layout, the largest stands for the file, so that its header can be told.
    """
    tables = every_table(source, data, fields, crs)
    if len(tables) == 1:
        return tables
    named = source.sheet or (fields.sheet if fields else None)
    if named is None:
        read = [table for table in tables if _has_layout(table, fields)]
    else:
        read = [table for table in tables if table.part == named]
    if not read:
        return [max(tables, key=lambda table: table.rows)]
    told = findings.note if named else findings.warn
    for table in tables:
        if table not in read and table.rows:
            told(
                "sheet-left-out",
                f"the sheet {table.part!r} was left out, with {table.rows:,} filled "
                f"row{'' if table.rows == 1 else 's'} below its first: "
                + (
                    "another one is named." if named else "its columns are not those of the others."
                ),
                file=source.name,
                rows=table.rows,
                mend=None if named else "Name it with `sheet` if it holds the incidents.",
            )
    return read


def _has_layout(table: Opened, fields: FieldMap | None) -> bool:
    if fields is None:
        return recognise(table.header) == POLICE_UK
    wanted = {name: fields.columns[name] for name in fields.needed}
    return None not in match_columns(wanted, table.header).values()


def _open_text(source: FileToRead, data: bytes, fields: FieldMap | None) -> Opened:
    known = fields.encoding if fields else None
    text = to_utf8(data, source.name, known, sealed=not source.is_block)
    head = header_of(text, fields, source.header_row)
    require_width(head.names, source.name)
    return Opened(
        head.names,
        partial(_rows, text, head),
        text,
        rows=count_lines(text) - head.above - 1,
        header_line=head.above + 1,
    )


def _rows(
    text: Text, head: Head, places: Iterable[int], numbers: Collection[int] = ()
) -> TextTable:
    table = read_table(text, head.names, head.delimiter, places, above=head.above, numbers=numbers)
    return replace(table, digest=text.marks.digest)


def _open_workbook(source: FileToRead, data: bytes, fields: FieldMap | None) -> list[Opened]:
    """The sheets with anything in them; one alone, where it is named."""
    seen: dict[str, SheetRows] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and the like; what is lost is counted here
        book = _book(source, data)
        try:
            sheets = _filled(book.worksheets, source.name, seen)
        except DataError:
            raise
        except Exception as error:
            raise _unreadable(source, error) from error
        finally:
            book.close()
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            seen[sheet.title].hidden.update(sheets[sheet.title])
    wanted = source.sheet or (fields.sheet if fields else None)
    if wanted is not None and wanted not in sheets:
        raise DataError(
            f"a sheet {wanted!r} was expected; the workbook has {list(sheets)}.",
            rule="no-such-sheet",
            file=source.name,
        )
    filled = {title: rows for title, rows in sheets.items() if rows}
    if not filled or (wanted is not None and wanted not in filled):
        empty = f"the sheet {wanted!r} is" if wanted else "its sheets are"
        raise DataError(
            f"a sheet with a header and rows was expected; {empty} empty.",
            rule="empty-sheet",
            file=source.name,
        )
    return [_opened(source, title, rows, fields, seen[title]) for title, rows in filled.items()]


def _book(source: FileToRead, data: bytes) -> Any:
    reader = require_extra("openpyxl.reader.excel", "excel", f"reading {source.name}")
    if not data.startswith(b"PK"):
        what, mend = other_kind(data, source.name) or ("is text", "Name it .csv.")
        raise DataError(
            f"{A_WORKBOOK}; this {what}.", rule="unreadable", file=source.name, mend=mend
        )
    drawn: list[str] = []
    try:
        opened = reader.ExcelReader(io.BytesIO(data), True, data_only=True, keep_links=False)
        # Neither a chart nor what the program says of itself and of its fonts holds a row.
        opened.read_chartsheet = lambda sheet, _: drawn.append(sheet.name)
        opened.read_properties = opened.read_custom = opened.read_theme = lambda: None
        opened.read()
    except Exception as error:
        raise _unreadable(source, error) from error
    # What it does not find it passes over; modules of old macros have an empty id, and no rows.
    named = [sheet.name for sheet in opened.parser.sheets if sheet.id != ""]
    lost = [name for name in named if name not in (*opened.wb.sheetnames, *drawn)]
    require(
        not lost, f"{A_WORKBOOK}; of its sheets {listing(lost)} cannot be found in it.", DataError,
        rule="rows-lost", file=source.name,
        mend='Save it in Excel as "Excel Workbook (.xlsx)", not "Strict Open XML", or as CSV.',
    )  # fmt: skip
    return opened.wb


def _unreadable(source: FileToRead, error: Exception) -> DataError:
    odd = isinstance(error, (AttributeError, LookupError, TypeError))
    why = "parts of it are missing, or it is of another kind" if odd else reason_of(error)
    return DataError(
        f"{A_WORKBOOK}; {why}. Save it again, or save the sheet as CSV.",
        rule="unreadable",
        file=source.name,
    )


def _filled(
    sheets: Sequence[Any], name: str, told: dict[str, SheetRows]
) -> dict[str, dict[int, tuple[Any, ...]]]:
    """The filled rows of each sheet by number; neither a far-off cell nor many sheets fill memory.

    What a sheet says of its own size is not believed: programs that stream write it too small.
    """
    if len({sheet._worksheet_path for sheet in sheets}) < len(sheets):
        raise TypeError  # one sheet under two names
    seen, found = 0, {}
    for sheet in sheets:
        with sheet._get_source() as xml:
            counted = sheet_rows(xml, name, most_cells=MOST_CELLS - seen)
        told[sheet.title] = counted
        seen += counted.cells
        require(
            seen <= MOST_CELLS,
            f"at most {MOST_CELLS:,} cells are read from a workbook; {sheet.title!r} reaches "
            "further. Delete empty rows and columns at its edges, or save it as CSV.",
            DataError, rule="sheet-too-large", file=name,
        )  # fmt: skip
        sheet.reset_dimensions()
        rows: dict[int, tuple[Any, ...]] = {}
        number = 0
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if any(map(as_text, row)):
                rows[number] = _without_end(row)
        require_all(number, counted.last, name)
        found[sheet.title] = rows
    return found


def _without_end(row: Sequence[Any]) -> tuple[Any, ...]:
    """A row without the empty cells at its end."""
    return tuple(row[: max(place for place, cell in enumerate(row) if cell is not None) + 1])


def _opened(
    source: FileToRead,
    title: str,
    rows: dict[int, tuple[Any, ...]],
    fields: FieldMap | None,
    counted: SheetRows,
) -> Opened:
    numbers = list(rows)
    line = source.header_row or (fields.header_row if fields else None)
    if line is None:
        first = [[as_text(cell) for cell in rows[number]] for number in numbers[:ROWS_LOOKED_AT]]
        line = numbers[find_header(first, fields)]
    header = [as_text(cell).strip() for cell in rows.get(line, ())]
    require_width(header, source.name)
    below = [number for number in numbers if number > line]
    columns = [
        [rows[number][place] if place < len(rows[number]) else None for number in below]
        for place in range(len(header))
    ]
    return Opened(
        header,
        in_columns(header, columns, below),
        part=title,
        rows=len(below),
        header_line=line,
        notes=tuple(_told(title, counted, set(below))),
    )


def _told(title: str, counted: SheetRows, below: set[int]) -> Iterator[Finding]:
    """Rows that nobody sees who opens the workbook, and results that nobody reads who does not."""
    if rows := counted.hidden & below:
        said = {"sheet": title, "rows": len(rows)}
        yield Finding.of("rows-hidden", "warning", said=said, line=min(rows), rows=len(rows))
    cells = [row for row in counted.unsolved if row in below]
    if rows := set(cells):
        said = {"sheet": title, "cells": len(cells), "rows": len(rows)}
        yield Finding.of("formulas-unsolved", "warning", said=said, line=min(rows), rows=len(rows))
