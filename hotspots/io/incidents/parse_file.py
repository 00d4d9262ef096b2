"""One file, parsed once: recognised, read as text, judged column by column, and told about."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.errors import DataError, Finding, Findings
from hotspots.core.months import clock_named
from hotspots.core.record import RejectedRow, sha256_of
from hotspots.core.remember import digest
from hotspots.io.incidents.capabilities import tell_odd_dates
from hotspots.io.incidents.field_map import (
    OWN_POLICE_UK,
    POLICE_UK,
    PUBLISHED,
    FieldMap,
    match_columns,
)
from hotspots.io.incidents.find_files import FileToRead
from hotspots.io.incidents.match_layout import (
    FORCE,
    KEEP,
    as_it_came,
    is_complete,
    layout_of,
    rows_by_force,
)
from hotspots.io.incidents.open_file import tables_to_read
from hotspots.io.incidents.parse_coordinates import ParsedPlaces
from hotspots.io.incidents.parse_text import (
    Texts,
    flag_column,
    offence_column,
    place_names,
    text_column,
)
from hotspots.io.incidents.parse_times import parse_times
from hotspots.io.incidents.place_cells import places_of, precision_of
from hotspots.io.incidents.read_binary import Opened
from hotspots.io.incidents.read_csv import TextTable
from hotspots.io.incidents.read_large import give_back, open_large
from hotspots.io.incidents.row_faults import Faults, uneven_rows
from hotspots.io.incidents.split_times import joined_times
from hotspots.offences.codes import HOME_OFFICE, is_registered

STREET_CRIME = (POLICE_UK, OWN_POLICE_UK)
COORDINATES = ("longitude", "latitude", "easting", "northing")

Parsed: TypeAlias = "dict[bytes, tuple[list[Part], list[Finding]]]"
_known: ContextVar[Parsed | None] = ContextVar("known", default=None)


@dataclass
class Part:
    """One file, read; `faults` are those of its findings that are about rows or their places."""

    source: FileToRead
    fields: FieldMap
    frame: pd.DataFrame
    places: ParsedPlaces
    findings: list[Finding]
    rejected: list[RejectedRow]
    digest: str
    rows_read: int
    facts: dict[str, Any] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    unknown_offences: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """The name of the file, or of its sheet."""
        return self.source.name

    @property
    def read(self) -> int:
        """Rows in it."""
        return self.rows_read

    def sha256(self) -> str:
        """SHA-256 of the file as it lies on the disk, or of the member of an archive."""
        packed = self.source.path.suffix.lower() == ".gz" and self.source.member is None
        return sha256_of(self.source.path) if packed else self.digest


def read_source(
    source: FileToRead, fields: FieldMap | None, crs: Any, keep: list[str], findings: Findings
) -> list[Part]:
    """Read one file; none, and a finding, where it is skipped or cannot be read.

    A workbook gives one part for each sheet of the layout.
    """
    known = _known.get()
    key = None if known is None else _key(source, [fields, str(crs), keep])
    if known is None or key is None:
        return _read(source, fields, crs, keep, findings)
    if key not in known:
        own = Findings()
        known[key] = _read(source, fields, crs, keep, own), own.items
    parts, found = known[key]
    findings.add(*found)
    return [replace(part, facts=deepcopy(part.facts)) for part in parts]


def read_opened(
    source: FileToRead,
    data: bytes,
    opened: Opened,
    fields: FieldMap | None,
    crs: Any,
    keep: list[str],
    findings: Findings,
) -> Part | None:
    """Read one table that is open; none, and a finding, where it is not of the layout."""
    table, layout = _as_text(source, opened, fields, keep, findings)
    if table is None or layout is None:
        return None
    return _parse(source, data, table, layout, crs, keep, findings)


@contextmanager
def parsed_once(kept: Parsed | None = None) -> Iterator[None]:
    """While it lasts a file is parsed once, as long as its bytes and what is asked stay the same.

    For products made one after another of the same files; what was parsed is kept until it ends,
    or in ``kept`` for the next time.
    """
    before = _known.set({} if kept is None else kept)
    try:
        yield
    finally:
        _known.reset(before)


def _key(source: FileToRead, asked: list[Any]) -> bytes | None:
    """All that the answer depends on; none for what is no file by itself."""
    # A member would have to be unpacked to be asked whether it is the same.
    if source.member is not None or source.parts or not source.path.is_file():
        return None
    about = (source.label, source.named, source.largest_gib, source.part, source.sheet)
    more = (source.header_row, source.timezone, source.is_block, source.lines_above)
    return digest([*about, *more, source.path.resolve().as_posix(), sha256_of(source.path), *asked])


def _read(
    source: FileToRead, fields: FieldMap | None, crs: Any, keep: list[str], findings: Findings
) -> list[Part]:
    try:
        large = open_large(source, fields)
        data = b"" if large else source.read()
        tables = [large] if large else tables_to_read(source, data, fields, crs, findings)
    except DataError as error:
        _tell(source, error, findings)
        return []
    parts = []
    for table in tables:
        one = source.sheet_of(table.part) if len(tables) > 1 else source
        try:
            part = read_opened(one, data, table, fields, crs, keep, findings)
        except DataError as error:
            _tell(one, error, findings)
            continue
        if part is not None:
            parts.append(part)
    if large:
        give_back()
    return parts


def _tell(source: FileToRead, error: DataError, findings: Findings) -> None:
    for found in error.findings:
        inside = found.file in (None, source.name)
        findings.add(replace(found, file=source.label) if inside else found)


def _as_text(
    source: FileToRead,
    opened: Opened,
    fields: FieldMap | None,
    keep: list[str],
    findings: Findings,
) -> tuple[TextTable | None, FieldMap | None]:
    header, text = opened.header, opened.text
    findings.add(*(replace(note, file=source.name) for note in opened.notes))
    layout = opened.layout(fields) or layout_of(source, opened, findings)
    if layout is None:
        return None, None
    wanted = layout.columns | {f"{KEEP}{name}": name for name in keep}
    places = match_columns(wanted, header)
    if not is_complete(source, layout, wanted, places, opened, findings):
        return None, None
    if opened.header_line > 1:
        findings.note(
            "header-found",
            f"the header was found in line {opened.header_line}; what stands above it is no row.",
            file=source.name,
            line=opened.header_line,
        )
    if text is not None and text.had_mark and text.encoding == "utf-8":
        findings.note("byte-order-mark", "a byte-order mark was read over.", file=source.name)
    elif text is not None and text.encoding != "utf-8" and not layout.encoding:
        findings.warn(
            "encoding",
            f"UTF-8 was expected; the text was read as {text.encoding}.",
            file=source.name,
            mend="Check names with accents, or save the file as CSV UTF-8.",
        )
    named = [header.index(FORCE)] if layout.name in STREET_CRIME and FORCE in header else []
    there = {what: place for what, place in places.items() if place is not None}
    numbers = {place for what, place in there.items() if what in COORDINATES}
    hint = {"numbers": numbers} if text is not None else {}
    return opened.read({*named, *there.values()}, **hint), layout


def _parse(
    source: FileToRead,
    data: bytes,
    table: TextTable,
    layout: FieldMap,
    crs: Any,
    keep: list[str],
    findings: Findings,
) -> Part | None:
    """Column by column: coerce, put faulty rows aside, keep the others."""
    lines = table.lines + source.lines_above
    faults, noted = Faults(source.name, lines), Findings()
    misplaced = Faults(source.name, lines, keeps=True)
    columns = match_columns(layout.columns | {f"{KEEP}{n}": n for n in keep}, table.header)
    there = {what: place for what, place in columns.items() if place is not None}
    cells = {what: table.cells[place].taking(layout.missing) for what, place in there.items()}
    if table.has_nul is not False and (b"\x00" in data or not data):
        _refuse_nul(cells, layout, faults)
    cells = joined_times(cells, layout)
    layout = as_it_came(layout, cells, source.name, noted)
    places = places_of(cells, layout, crs, misplaced, noted)
    frame = _frame(source, cells, layout, keep, faults, noted)
    frame["place_state"] = places.state_of_rows()
    good = ~faults.rows
    uneven, uneven_told = uneven_rows(source, table)
    rejected = [*faults.rejected_rows(table.row_text, misplaced), *uneven]
    told = [*faults.findings(), *uneven_told, *misplaced.findings()]
    digest = table.digest or ("" if source.is_block else hashlib.sha256(data).hexdigest())
    rows_read = len(frame) + len(table.uneven)
    kept = frame if good.all() else frame[good]
    part = Part(source, layout, kept, places.among(good), told, rejected, digest, rows_read)
    if _all_bad(part, told, findings):
        return None
    _notes_on_file(part, table, noted)
    noted.add(*tell_odd_dates(kept["occurred_from"], kept["source_row"].to_numpy(), source.name))
    part.findings, part.faults = [*noted, *told], told
    for item in faults.items:
        part.unknown_offences.update(item.values if item.rule == "offence-unknown" else ())
    bent = {"uneven-row": len(uneven)} if uneven else {}
    part.facts = _facts(part) | {"faults": faults.counts() | misplaced.counts() | bent}
    part.facts |= rows_by_force(table, good)
    if source.is_block and "reference" in cells:
        part.facts["blank_reference"] = int((cells["reference"].blank & good).sum())
    return part


def _frame(
    source: FileToRead,
    cells: dict[str, Texts],
    layout: FieldMap,
    keep: list[str],
    faults: Faults,
    noted: Findings,
) -> pd.DataFrame:
    """All rows, those with a fault too."""
    size = len(faults.lines)
    clock = source.timezone or clock_named(layout.timezone)
    times = parse_times(cells, layout, faults, noted, clock)
    offence = cells.get("offence", Texts.one(layout.offence_is, size))
    columns = {
        "offence": offence_column(offence, layout, faults, noted),
        "offence_scheme": Texts.one(layout.offence_scheme, size).category(),
        "occurred_from": times.start,
        "occurred_until": times.end,
        "time_precision": times.precision.category(),
        "location_precision": Texts.one(precision_of(layout), size).category(),
        "source": Texts.one(source.name, size).category(),
        "source_row": faults.lines,
        "published": np.full(size, layout.name in PUBLISHED),
        **_optional(cells, layout, faults, noted, source.is_block),
        **{name: text_column(cells[f"{KEEP}{name}"]) for name in keep},
    }
    return pd.DataFrame(columns)


def _refuse_nul(cells: dict[str, Texts], layout: FieldMap, faults: Faults) -> None:
    for what, column in cells.items():
        faults.add(
            column.spread(column.distinct.str.contains("\x00", regex=False)),
            partial(_without_nul, column),
            rule="nul-byte",
            column=layout.columns.get(what, what.removeprefix(KEEP)),
        )


def _without_nul(column: Texts, rows: NDArray[np.intp]) -> list[str]:
    return [text.replace("\x00", "\\0") for text in column.tell(rows)]


def _optional(
    cells: dict[str, Texts], layout: FieldMap, faults: Faults, noted: Findings, is_block: bool
) -> dict[str, Any]:
    """Text columns that were named, and the domestic flag; all missing where a file lacks one."""
    found: dict[str, Any] = {}
    size, without = len(faults.lines), ("reference",) * is_block
    for what in ("reference", "place_name", "area_code", "area_name"):
        if what in layout.columns and what not in without:
            column = cells.get(what, Texts.one("", size))
            found[what] = (place_names if what == "place_name" else text_column)(column)
    if layout.domestic is not None:
        column = cells.get("domestic", Texts.one("", size))
        found["domestic"] = flag_column(column, layout.domestic, faults.file, noted)
    return found


def _all_bad(part: Part, told: list[Finding], findings: Findings) -> bool:
    """A file without one usable row is an error."""
    if len(part.frame) or not part.rejected:
        return False
    findings.error(
        "all-rows-bad",
        f"not one of its {part.rows_read:,} rows can be used; what is wrong follows.",
        file=part.source.name,
    )
    for finding in told:
        findings.add(finding)
    return True


def _notes_on_file(part: Part, table: TextTable, noted: Findings) -> None:
    name = part.source.name
    if part.rows_read == 0:
        noted.warn("no-rows", "rows were expected; there is only a header.", file=name)
    if table.blank_lines:
        noted.note(
            "blank-lines",
            f"blank lines passed over: {table.blank_lines:,}.",
            file=name,
            rows=table.blank_lines,
        )
    if table.delimiter != ",":
        noted.note("delimiter", f"cells are separated by {table.delimiter!r}.", file=name)
    if part.places.unlocated:
        noted.note(
            "unlocated",
            f"rows without a place: {part.places.unlocated:,}; they are counted and kept off maps.",
            file=name,
            rows=part.places.unlocated,
        )


def _facts(part: Part) -> dict[str, Any]:
    """What the record says about a file."""
    frame, piles = part.frame, part.places.piles
    facts: dict[str, Any] = {
        "layout": part.fields.name,
        "months": _months(frame["occurred_from"]),
        "distinct_points": len(piles),
        "largest_pile": int(piles.max(initial=0)),
        "location_precision": part.fields.location_precision,
        "time_precision": sorted(frame["time_precision"].unique().tolist()),
        "published_record_by_record": part.fields.name in PUBLISHED,
        **part.places.facts(),
    }
    if part.fields.offence_scheme == HOME_OFFICE:
        codes = frame["offence"].unique()
        known = [code for code in codes if is_registered(str(code), HOME_OFFICE)]
        facts["out_of_scheme"] = int((~frame["offence"].isin(known)).sum())
    if part.source.member is not None:
        facts["archive"] = part.source.path.name
    if "reference" in frame.columns:
        references = frame["reference"]
        facts["blank_reference"] = int(references.isna().sum())
        facts["repeated_references"] = int(references.count()) - references.nunique()
    return facts


def _months(starts: pd.Series) -> dict[str, int]:
    """Rows by the month in which they start."""
    own, moments = pd.factorize(starts)
    months = pd.Series(moments).dt.tz_localize(None).to_numpy("datetime64[M]")
    found, code = np.unique(months, return_inverse=True)
    counts = np.bincount(code[own], minlength=len(found))
    return dict(zip(map(str, found), map(int, counts), strict=True))
