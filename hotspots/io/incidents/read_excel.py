"""Workbooks: every sheet a table of text, with a header of its own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from hotspots.core.errors import DataError, require_extra
from hotspots.io.count_rows import require_all, sheet_rows
from hotspots.io.guard import reason_of
from hotspots.io.incidents.column_names import ROWS_LOOKED_AT, find_header
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.find_files import Source
from hotspots.io.incidents.read_binary import Opened, as_text, in_columns
from hotspots.io.incidents.read_csv import require_width

MOST_CELLS = 100_000_000


def open_workbook(source: Source, data: bytes, fields: FieldMap | None) -> list[Opened]:
    """The sheets with anything in them; one alone, where it is named."""
    book = _book(source, data)
    try:
        sheets = {sheet.title: _cells_of(sheet, source.name) for sheet in book.worksheets}
    except DataError:
        raise
    except Exception as error:
        raise _unreadable(source, error) from error
    finally:
        book.close()
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
    return [_opened(source, title, rows, fields) for title, rows in filled.items()]


def _book(source: Source, data: bytes) -> Any:
    openpyxl = require_extra("openpyxl", "excel", f"reading the workbook {source.name}")
    try:
        return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception as error:
        raise _unreadable(source, error) from error


def _unreadable(source: Source, error: Exception) -> DataError:
    return DataError(
        f"an Excel workbook (.xlsx) was expected; {reason_of(error)}. Save it again, or save the "
        "sheet as CSV.",
        rule="unreadable",
        file=source.name,
    )


def _cells_of(sheet: Any, name: str) -> dict[int, tuple[Any, ...]]:
    """The filled rows of a sheet by number; one far-off cell must not fill the memory.

    What the sheet says of its own size is not believed: programs that stream write it too small.
    """
    with sheet._get_source() as xml:
        counted = sheet_rows(xml, name)
    sheet.reset_dimensions()
    rows: dict[int, tuple[Any, ...]] = {}
    seen = number = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        seen += len(row)
        if seen > MOST_CELLS:
            raise DataError(
                f"at most {MOST_CELLS:,} cells are read from a sheet; {sheet.title!r} reaches "
                "further. Delete empty rows and columns at its edges, or save it as CSV.",
                rule="sheet-too-large",
                file=name,
            )
        if any(map(as_text, row)):
            rows[number] = _without_end(row)
    require_all(number, counted, name)
    return rows


def _without_end(row: Sequence[Any]) -> tuple[Any, ...]:
    """A row without the empty cells at its end."""
    return tuple(row[: max(place for place, cell in enumerate(row) if cell is not None) + 1])


def _opened(
    source: Source, title: str, rows: dict[int, tuple[Any, ...]], fields: FieldMap | None
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
        header, in_columns(header, columns, below), part=title, rows=len(below), header_line=line
    )
