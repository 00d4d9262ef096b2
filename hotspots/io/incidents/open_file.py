"""Any kind of file as tables of text: a text has one, a workbook may have one a sheet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from hotspots.core.errors import Findings
from hotspots.io.incidents.encoding import Text, to_utf8
from hotspots.io.incidents.field_map import POLICE_UK, FieldMap, match_columns, recognise
from hotspots.io.incidents.find_files import TABLE_ENDINGS, Source
from hotspots.io.incidents.read_binary import Opened, open_source
from hotspots.io.incidents.read_csv import (
    Head,
    TextTable,
    count_lines,
    header_of,
    read_table,
    require_width,
)
from hotspots.io.incidents.read_excel import open_workbook


def every_table(source: Source, data: bytes, fields: FieldMap | None, crs: Any) -> list[Opened]:
    """The tables of a file that have a header, in the order of the file."""
    if source.ending == ".xlsx":
        return open_workbook(source, data, fields)
    if source.ending not in TABLE_ENDINGS:
        return [_open_text(source, data, fields)]
    return [open_source(source, data, fields, crs)]


def tables_to_read(
    source: Source, data: bytes, fields: FieldMap | None, crs: Any, findings: Findings
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


def _open_text(source: Source, data: bytes, fields: FieldMap | None) -> Opened:
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
