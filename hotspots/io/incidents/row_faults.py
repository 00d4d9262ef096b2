"""What is wrong with which rows of one file: gathered column by column, told once per kind."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hotspots.core.arguments import has_record, path_of
from hotspots.core.errors import Finding, InputError, Severity, needed
from hotspots.core.plain import clipped, harmless
from hotspots.core.record import RejectedRow, RunRecord

if TYPE_CHECKING:
    from hotspots.io.incidents.find_files import FileToRead
    from hotspots.io.incidents.read_csv import TextTable

Told = Callable[[NDArray[np.intp]], list[str]]

LINES_NAMED = 5
KEPT = " Kept as an incident without a place."


@dataclass(frozen=True)
class Fault:
    """One kind of fault, and the rows that have it."""

    rule: str
    column: str
    rows: NDArray[np.intp]
    values: list[str]
    lines: NDArray[np.int64]
    said: Mapping[str, Any]

    def finding(self, file: str, place: int = 0, severity: Severity = "error") -> Finding:
        """What is wrong with one of the rows."""
        return Finding.of(
            self.rule,
            severity,
            said=self.said,
            file=file,
            line=int(self.lines[place]),
            column=self.column,
            value=self.values[place],
        )


@dataclass
class Faults:
    """The faults of one file. A row may have several; it is rejected once.

    Faults of places only (`keeps`) reject none: the incident is kept without a place.
    """

    file: str
    lines: NDArray[np.int64]
    keeps: bool = False
    items: list[Fault] = field(default_factory=list)

    def add(self, bad: Any, told: Told, *, rule: str, column: str, **said: str) -> None:
        """Put the rows marked in `bad` aside; `told` gives the text of rows, `said` the words."""
        rows = np.flatnonzero(bad)
        if len(rows):
            texts = [clipped(value) for value in told(rows)]
            self.items.append(Fault(rule, column, rows, texts, self.lines[rows], said))

    @property
    def rows(self) -> NDArray[np.bool_]:
        """Which rows have at least one fault."""
        mask = np.zeros(len(self.lines), dtype=bool)
        for item in self.items:
            mask[item.rows] = True
        return mask

    def counts(self) -> dict[str, int]:
        """Rows with each fault, in whatever column."""
        by_rule: dict[str, list[NDArray[np.intp]]] = {}
        for item in self.items:
            by_rule.setdefault(item.rule, []).append(item.rows)
        return {rule: len(np.unique(np.concatenate(rows))) for rule, rows in by_rule.items()}

    def findings(self) -> list[Finding]:
        """One finding per kind of fault, with the first line and the first lines by number."""
        return [self._told(item) for item in self.items]

    def rejected_rows(self, text_of: Callable[[int], str], misplaced: Faults) -> list[RejectedRow]:
        """Every rejected row with its text and all its findings, those of its place too."""
        rejected, found = self.rows, dict[int, list[Finding]]()
        for item in (*self.items, *misplaced.items):
            for place, row in enumerate(item.rows):
                if rejected[row]:
                    found.setdefault(int(row), []).append(item.finding(self.file, place))
        return [
            RejectedRow(self.file, int(self.lines[row]), text_of(row), tuple(found[row]))
            for row in sorted(found)
        ]

    def _told(self, item: Fault) -> Finding:
        first = item.finding(self.file, severity="warning" if self.keeps else "error")
        more = _also_on(item.lines[1:].tolist()) + (KEPT if self.keeps else "")
        return replace(first, message=first.message + more, rows=len(item.rows))


def uneven_rows(source: FileToRead, table: TextTable) -> tuple[list[RejectedRow], list[Finding]]:
    """Rows of another width than the header: each as it stands, and all in one finding."""
    width, rows, down = len(table.header), [], source.lines_above
    for row in table.uneven:
        finding = Finding(
            "uneven-row",
            f"{width} cells were expected, as in the header; it has {len(row.cells)}.",
            file=source.name,
            line=row.line + down,
            mend="Put cells with the delimiter or line breaks in double quotes, and close them.",
        )
        rows.append(RejectedRow(source.name, row.line + down, row.text, (finding,)))
    if not rows:
        return [], []
    first, others = rows[0].findings[0], table.uneven[1:]
    more = _also_on([row.line + down for row in others])
    return rows, [replace(first, message=first.message + more, rows=len(rows))]


def write_quarantine(record: RunRecord, path: str | Path) -> Path:
    """Write the rejected rows of a run to a CSV file, each with what is wrong and how to mend it.

    The file holds rows as they came and must be handled like the source itself.

    Parameters
    ----------
    record : RunRecord
        A record that :func:`load_incidents` has written to.
    path : path
        The CSV file to write (UTF-8 with a mark, so that spreadsheets read it right).

    Returns
    -------
    Path
        The file: one line per fault, so a row with two faults stands on two lines.

    Raises
    ------
    InputError
        For a file name that does not end in ``.csv``.

    Notes
    -----
    Rows that are mended by hand and loaded again are new rows of a new file; the record of the
    first run does not know them.

    Examples
    --------
    >>> import tempfile
    >>> record = RunRecord("Try", marking="OPEN DATA")
    >>> write_quarantine(record, Path(tempfile.mkdtemp()) / "rejected.csv").name
    'rejected.csv'
    """
    target = path_of(path)
    needed(record if has_record(record) else None, "`record` must be given: it has the rows.")
    if target.suffix.lower() != ".csv":
        raise InputError(f"`path` must end in .csv; got {target.name!r}.")
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["file", "line", "column", "value", "rule", "expected", "mend", "row"])
        for row in record.quarantine:
            for found in row.findings:
                words = found.to_dict()
                cells = (
                    row.file,
                    row.line,
                    found.column,
                    found.value,
                    found.rule,
                    words["message"],
                    words["mend"],
                    row.text,
                )
                writer.writerow([harmless(x) if isinstance(x, str) else x for x in cells])
    return target


def _also_on(lines: list[int]) -> str:
    """Words for the other rows that share a finding, with the first of their lines."""
    if not lines:
        return ""
    named = ", ".join(map(str, lines[:LINES_NAMED])) + (", ..." if len(lines) > LINES_NAMED else "")
    return f" ({len(lines) + 1:,} rows; also lines {named})"
