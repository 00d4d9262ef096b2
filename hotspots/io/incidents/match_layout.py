"""Which layout a table has, whether its columns are all there, and its rows as published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.errors import Findings
from hotspots.core.text.mends import Mend
from hotspots.io.incidents.column_kinds import cells_of_a_row, columns_called
from hotspots.io.incidents.field_map import (
    OWN_POLICE_UK,
    POLICE_UK,
    POLICE_UK_OUTCOMES,
    POLICE_UK_STOPS,
    REFERENCED_POLICE_UK,
    FieldMap,
    match_columns,
    recognise,
)
from hotspots.io.incidents.find_files import FileToRead
from hotspots.io.incidents.parse_text import NOWHERE, ON_OR_NEAR, Texts
from hotspots.io.incidents.read_binary import Opened
from hotspots.io.incidents.read_csv import TextTable

KEEP = "keep "
"""Before the name of a further column that is carried along."""
FORCE = "Falls within"
DIGEST = "[0-9a-fA-F]{64}"
MOSTLY = 0.9
SAMPLE = 10_000
"""Rows that are looked at, evenly through the table."""


def layout_of(source: FileToRead, opened: Opened, findings: Findings) -> FieldMap | None:
    """The known layout of a file; otherwise a finding: an error if the file was named itself."""
    header = opened.header
    layout = recognise(header)
    if layout == POLICE_UK:
        return _street_crime(header)
    known: dict[str, tuple[str, str | Mend]] = {
        POLICE_UK_OUTCOMES: ("these are outcomes, not incidents.", "Load the street file instead."),
        POLICE_UK_STOPS: (
            "these are stops and searches, not incidents.",
            Mend("load-stops"),
        ),
    }
    message, mend = known.get(
        layout or "",
        ("the columns are those of no known layout.", Mend("name-columns")),
    )
    told = findings.error if source.named else findings.warn
    if layout is None and opened.rows == 0:
        message, mend = "rows were expected; there is only a header.", "Export it again."
    rule = "not-incidents" if layout else "unknown-layout"
    what = message if source.named else f"{_left_out(opened)}: {message}"
    told(rule, what, file=source.name, value=_shown(header), mend=mend, rows=max(opened.rows, 1))
    return None


def _left_out(opened: Opened) -> str:
    rows = f", with {opened.rows:,} row{'' if opened.rows == 1 else 's'}" if opened.rows else ""
    return f"the file was left out{rows}"


def _street_crime(header: list[str]) -> FieldMap:
    """The layout of street crime; without references and streets, only what columns there are."""
    layout = FieldMap.police_uk()
    places = match_columns(layout.columns, header)
    if places["reference"] is not None or places["place_name"] is not None:
        return layout
    absent = [what for what in layout.columns if places[what] is None and what not in layout.needed]
    nothing: dict[str, Any] = dict.fromkeys(absent)
    return replace(layout.of_ones_own(), **nothing)


def is_complete(
    source: FileToRead,
    layout: FieldMap,
    wanted: dict[str, str],
    places: dict[str, int | None],
    opened: Opened,
    findings: Findings,
) -> bool:
    """Whether all needed columns are there; findings for those that are not, or come twice."""
    header, line = opened.header, opened.header_line
    if not source.named and not any(places[what] is not None for what in layout.needed):
        findings.warn(
            "unknown-layout",
            f"{_left_out(opened)}: it has none of the columns of the field map.",
            file=source.name,
            value=_shown(header),
            rows=max(opened.rows, 1),
        )
        return False
    needed = {*layout.needed, *(name for name in wanted if name.startswith(KEEP))}
    before = len(findings.errors)
    shown = _shown(header)
    for what, column in wanted.items():
        if places[what] is None:
            told = findings.error if what in needed else findings.warn
            told(
                "missing-column",
                f"a column {column!r} was expected in the header.",
                file=source.name,
                line=line,
                column=column,
                value=shown,
                mend="Name the right column in the field map, or export it too.",
            )
        elif header.count(header[places[what] or 0]) > 1:
            findings.error(
                "column-twice",
                f"one column {column!r} was expected; the header has it twice "
                f"({columns_called(header[places[what] or 0], header)}).",
                file=source.name,
                line=line,
                column=column,
                mend="Rename one of them.",
            )
        elif header[places[what] or 0] != column:
            findings.note(
                "header-variant",
                f"{header[places[what] or 0]!r} was read as {column!r}.",
                file=source.name,
                line=line,
                column=column,
            )
    return len(findings.errors) == before


def _shown(header: list[str]) -> str | None:
    """What a table names its columns; nothing where it may be a row of data."""
    return None if cells_of_a_row(header) else ", ".join(repr(name[:30]) for name in header[:20])


def rows_by_force(table: TextTable, good: NDArray[np.bool_]) -> dict[str, Any]:
    """The police forces of a table that names them, and how many of its usable rows are of each."""
    place = table.header.index(FORCE) if FORCE in table.header else -1
    if place not in table.cells:
        return {}
    column = table.cells[place]
    counts = np.bincount(column.codes[good], minlength=len(column.distinct)).tolist()
    known = pd.Series(counts).groupby(column.known().tolist()).sum()
    # Files put under one another hold their header again, as a row.
    rows = {str(force): int(n) for force, n in known.items() if n and str(force) != FORCE}
    return {"police_forces": sorted(rows), "rows_by_force": rows}


def as_it_came(layout: FieldMap, cells: dict[str, Texts], name: str, noted: Findings) -> FieldMap:
    """The layout; what stands in the cells says whether the rows were published, not the header."""
    rows = len(next(iter(cells.values())))
    ours = layout.name == POLICE_UK
    if layout.name not in (POLICE_UK, OWN_POLICE_UK) or (
        ours and (not rows or is_published(cells))
    ):
        return layout
    if ours and have_map_points(cells):
        noted.note(
            "references-of-ones-own",
            "places are as data.police.uk publishes them, references are not: the rows are not "
            "taken as published one by one.",
            file=name,
            rows=rows,
        )
        return replace(layout, name=REFERENCED_POLICE_UK)
    noted.warn(
        "rows-of-ones-own",
        "the columns are those of data.police.uk, the rows are not as it publishes them: they are "
        "taken as your own, not published, and their points as places, not map points.",
        file=name,
        rows=rows,
    )
    return layout.of_ones_own()


def have_map_points(cells: Mapping[str, Texts]) -> bool:
    """Whether places are "On or near" a street, as at map points; else whether rows are published.

    A table with the same columns may be an extract of one's own: then its points are places.

    Examples
    --------
    >>> have_map_points({"place_name": Texts.of(["On or near Park Row", ""])})
    True
    >>> have_map_points({"place_name": Texts.of(["12 Park Row"])})
    False
    """
    named = _street_share(cells.get("place_name"))
    return is_published(cells) if named is None else named >= MOSTLY


def is_published(cells: Mapping[str, Texts]) -> bool:
    """Whether places are "On or near" a street and references digests, as far as there are any.

    Examples
    --------
    >>> is_published({"place_name": Texts.of(["On or near Park Row", ""])})
    True
    >>> is_published({"reference": Texts.of(["CR/1", "CR/2"])})
    False
    """
    signs = [_street_share(cells.get("place_name")), _digest_share(cells.get("reference"))]
    known = [share for share in signs if share is not None]
    return bool(known) and min(known) >= MOSTLY


def _street_share(column: Texts | None) -> float | None:
    """The share of the named places that are named as the publisher names them."""
    if column is None:
        return None
    plain = _some(column).str.casefold()
    return _share(plain.str.startswith(ON_OR_NEAR) | plain.isin(NOWHERE), plain)


def _digest_share(column: Texts | None) -> float | None:
    """The share of the references that are a digest."""
    plain = None if column is None else _some(column)
    return None if plain is None else _share(plain.str.fullmatch(DIGEST), plain)


def _some(column: Texts) -> pd.Series:
    """The texts of some rows, without the blanks around them."""
    codes = column.codes[:: max(1, len(column) // SAMPLE)]
    return column.distinct.take(codes).str.strip()


def _share(fits: pd.Series, plain: pd.Series) -> float | None:
    """The share that fit, of those that are not blank; None where all are."""
    filled = (plain != "").to_numpy()
    return float(fits.to_numpy(dtype=bool)[filled].mean()) if filled.any() else None
