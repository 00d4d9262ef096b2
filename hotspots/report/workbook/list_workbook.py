"""A workbook of one list, marked, with lines above it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.report.files import replacing
from hotspots.report.workbook.sheets import further
from hotspots.report.workbook.write_workbook import OPTIONS, Book, describe

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.core.record import RunRecord


def write_list(
    title: str, rows: pd.DataFrame, path: Path, lines: Sequence[str], *, record: RunRecord
) -> Path:
    """Write one table under the marking, its title and ``lines``; text stays text."""
    import xlsxwriter

    with (
        replacing(path, ".xlsx") as temporary,
        xlsxwriter.Workbook(str(temporary), OPTIONS) as book,
    ):
        describe(book, record)
        further(Book(book, record).add(title), title, rows, lines)
    return path
