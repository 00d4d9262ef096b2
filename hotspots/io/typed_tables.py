"""Tables that people type: what was decided at places, and what patrols did.

People open such files in a spreadsheet, which turns dates around and saves with semicolons. What
cannot be understood stays as it was typed and is said; what is no such table is refused.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import pandas as pd

from hotspots.core.arguments import has_record, path_of
from hotspots.core.decisions import FIELDS, KINDS, LONGEST, MOST, TYPED, Decision, looks_personal
from hotspots.core.errors import DataError, Finding, Findings, listing, require
from hotspots.core.plain import clean_text, harmless
from hotspots.core.record import RunRecord
from hotspots.io.guard import require_ordinary
from hotspots.io.incidents.encoding import to_utf8

DECISIONS = "decisions.csv"
LARGEST_GIB = 2 / 1024
NEEDED = ("theme", "area_id")
DELIMITERS = ",;\t"
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y")
YES, NO = ("yes", "y", "true", "done"), ("no", "n", "false", "-")
COLUMNS = ["area_id", "from", "until"]
ACTIVITY = ("patrol_hours", "searches", "arrests", "finds")


def read_decisions(path: str | Path, *, record: RunRecord | None = None) -> tuple[Decision, ...]:
    r"""Read what was decided.

    Parameters
    ----------
    path : path
        A CSV file with the columns ``theme`` and ``area_id`` and any others of ``FIELDS``; commas,
        semicolons or tabs, in any encoding a spreadsheet writes. Dates are ``2026-03-31`` or
        ``31/03/2026``, day first.
    record : RunRecord, optional
        Gets warnings: actions of no known kind, dates that are none, texts that look like a phone
        number, a house number or a name. No warning repeats what was typed.

    Returns
    -------
    tuple of Decision
        In the order of the file.

    Raises
    ------
    DataError
        For a file that is none, is larger than 2 MB or has more than 2,000 rows; for missing
        columns, rows of other length and texts of more than 1,000 characters, all of them together.

    Notes
    -----
    It misleads where a place was counted in other areas before: its decisions then stand apart.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "decisions.csv"
    >>> _ = path.write_text("theme;area_id;action;due\nasb;a1;Youth;31/03/2026\n")
    >>> read_decisions(path)[0].row
    ['asb', 'a1', '', '', 'youth', '2026-03-31', '', '', '']
    """
    file = path_of(path)
    require_ordinary(file, file.name, LARGEST_GIB)
    findings = Findings()
    found = tuple(_decisions(file, findings))
    findings.raise_errors()
    if has_record(record):
        record.find(*findings)
    return found


def write_decisions(decisions: Iterable[Decision], path: Path) -> Path:
    """Write decisions as :func:`read_decisions` reads them; no spreadsheet runs what is in them."""
    # With a mark: without one Excel takes UTF-8 for the code page of the computer.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(FIELDS)
        writer.writerows([_guarded(text) for text in one.row] for one in decisions)
    return path


def _guarded(text: str) -> str:
    """A text with an apostrophe before what may run, or before apostrophes that stand so."""
    return f"'{text}" if harmless(text.lstrip("'")) != text.lstrip("'") else text


def _unguarded(text: str) -> str:
    # Only an apostrophe that would have been put there: a text may begin with one of its own.
    return text[1:] if text.startswith("'") and _guarded(text[1:]) == text else text


def _decisions(file: Path, findings: Findings) -> Iterator[Decision]:
    rows = _rows(file)
    names = [name.strip().lower() for name in next(rows, (0, []))[1]]
    missing = [name for name in NEEDED if name not in names]
    doubled = {name for name in names if name in FIELDS and names.count(name) > 1}
    if missing or doubled:
        what = f"lacks {listing(missing)}" if missing else f"has {listing(doubled)} twice"
        raise DataError(
            f"a heading with each of {listing(FIELDS)} once was expected; it {what}.",
            rule="decision-columns",
            file=file.name,
        )
    for number, (line, cells) in enumerate(rows):
        if number >= MOST:
            raise _too_many(file)
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(names) :]):
            findings.error(
                "decision-cells",
                f"{len(names)} cells were expected, as in the heading; there are {len(cells)}.",
                file=file.name,
                line=line,
            )
            continue
        texts = dict(zip(names, map(_cleaned, cells), strict=False))
        yield _decision({name: texts.get(name, "") for name in FIELDS}, file, line, findings)


def _too_many(file: Path) -> DataError:
    return DataError(
        f"at most {MOST:,} decisions were expected; there are more. Take out what is done.",
        rule="decision-many",
        file=file.name,
    )


def _rows(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Line and cells of each row."""
    text = to_utf8(file.read_bytes(), file.name).data.decode()
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise DataError(
            f"a CSV file was expected; it cannot be read: {error}.",
            rule="decision-csv",
            file=file.name,
        ) from error


def _cleaned(cell: str) -> str:
    return _unguarded(clean_text(cell.strip()))


def _decision(texts: dict[str, str], file: Path, line: int, findings: Findings) -> Decision:
    """One row, with what is odd about it among the findings."""
    for name, text in texts.items():
        if len(text) > LONGEST:
            findings.error(
                "decision-long",
                f"at most {LONGEST:,} characters were expected; there are {len(text):,}.",
                file=file.name, line=line, column=name,
            )  # fmt: skip
    odd = _understand(texts)
    for name in TYPED:
        odd += [(f"decision-{kind}", name) for kind in looks_personal(texts[name])]
    for rule, name in odd:
        where = {"file": file.name, "line": line, "column": name}
        findings.add(Finding.of(rule, "warning", said={"kinds": listing(KINDS)}, **where))
    return Decision(**texts)


def _understand(texts: dict[str, str]) -> list[tuple[str, str]]:
    """Put kinds and days into one form, in place; what could not be."""
    odd = [("decision-place", name) for name in NEEDED if not texts[name]]
    kind = texts["action"].casefold()
    if kind in KINDS:
        texts["action"] = kind
    elif kind:
        odd.append(("decision-action", "action"))
    done = texts["done"].casefold()
    texts["done"] = "yes" if done in YES else "" if done in NO else texts["done"]
    for name in ("due", "review", "done"):
        day = _day(texts[name])
        if day is None and texts[name] and (name, texts[name]) != ("done", "yes"):
            odd.append(("decision-day", name))
        texts[name] = day or texts[name]
    return odd


def _day(text: str) -> str | None:
    for layout in DAYS:
        try:
            return datetime.strptime(text, layout).date().isoformat()
        except ValueError:
            continue
    return None


def read_visits(path: str | Path, clock: str) -> pd.DataFrame:
    r"""Visits from a CSV file; no other column is read, so no name of an officer comes in.

    Parameters
    ----------
    path : str or Path
        Columns ``area_id``, ``from``, ``until``, as ``2025-06-02 20:15``.
    clock : str
        Time zone of times that carry none.

    Returns
    -------
    DataFrame
        ``area_id``, ``from``, ``until`` with a zone.

    Raises
    ------
    DataError
        For a file without these columns, and times that cannot be read.

    Notes
    -----
    It misleads where the log rounds to the quarter of an hour.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "visits.csv"
    >>> text = "area_id,officer,from,until\na,PC 1,2025-06-02 20:00,2025-06-02 20:15\n"
    >>> _ = path.write_text(text)
    >>> read_visits(path, "Europe/London").columns.tolist()
    ['area_id', 'from', 'until']
    """
    name = Path(path).name
    try:
        table = pd.read_csv(path, usecols=COLUMNS, dtype=str, encoding="utf-8-sig")
    except (ValueError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise DataError(
            "visits need the columns area_id, from and until; this file has them not, or cannot "
            "be read.",
            rule="missing-column",
            file=name,
        ) from error
    for column in COLUMNS[1:]:
        times = pd.to_datetime(table[column], errors="coerce", format="ISO8601")
        wrong = int(times.isna().sum())
        require(
            wrong == 0,
            f"times must look like 2025-06-02 20:15; {wrong:,} of {len(table):,} in {column!r} "
            "do not.",
            DataError,
            rule="visit-times",
            file=name,
        )
        if times.dt.tz is None:
            times = times.dt.tz_localize(clock, ambiguous=True, nonexistent="shift_forward")
        table[column] = times.dt.tz_convert(clock)
    return table[COLUMNS]


def read_activity(path: str | Path) -> pd.DataFrame:
    r"""Hours of patrol by area, and what was done in them, from a CSV file.

    Parameters
    ----------
    path : str or Path
        A column ``area_id``; the others as :func:`burden_beside` takes them.

    Returns
    -------
    DataFrame
        On ``area_id``, numbers.

    Raises
    ------
    DataError
        For a file without ``area_id``, and cells that hold no number.

    Notes
    -----
    It misleads where the hours are those that were planned.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "done.csv"
    >>> _ = path.write_text("area_id,patrol_hours,searches\na,50,4\n")
    >>> read_activity(path).loc["a"].tolist()
    [50, 4]
    """
    name = Path(path).name
    try:
        table = pd.read_csv(path, dtype={"area_id": str}, encoding="utf-8-sig")
        known = [one for one in ACTIVITY if one in table]
        found: pd.DataFrame = table.set_index("area_id")[known].apply(pd.to_numeric)
    except (KeyError, ValueError, TypeError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise DataError(
            f"activity needs a column 'area_id', and numbers in any of {listing(ACTIVITY)}; this "
            "file has them not, or cannot be read.",
            rule="burden-activity",
            file=name,
        ) from error
    return found
