"""What a command found, as a file: the end of the name says which kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.errors import InputError
from hotspots.disclosure import Release
from hotspots.disclosure.published import only
from hotspots.report.answer_page import write_page
from hotspots.report.csv_geojson import write_csv, write_geojson
from hotspots.report.geopackage import write_geopackage
from hotspots.report.layers import one_table
from hotspots.report.workbook.write_workbook import write_workbook

if TYPE_CHECKING:
    import pandas as pd

    from hotspots.core.record import RunRecord
    from hotspots.report.map.backdrop import Backdrop


@dataclass(frozen=True, eq=False)
class Shown:
    """An answer as its reader may have it, and how its files lay it out.

    Attributes
    ----------
    released
        A release of one table.
    heading
        What the table is about.
    words
        The answer in paragraphs.
    columns
        Columns people read, in order; each column that says something where there are none.
    notes
        What could mislead.
    outlines
        A release of one table with shapes, where the table has none, or no counts to draw.
    sheets
        Areas that get a sheet each, to be signed.
    matrix
        Rank of each area in each category; see ``ClearHoldBuildScreen.ranks``.
    parts
        Words of each part of the table by its name, a part by the column ``order``: limb by limb.
    under
        Streets to draw under the area of a sheet, as under a page; already fit for its reader.
    """

    released: Release
    heading: str
    words: Sequence[str]
    columns: Sequence[str] = ()
    notes: Sequence[str] = ()
    outlines: Release | None = None
    sheets: Collection[str] = ()
    matrix: pd.DataFrame | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    under: Backdrop | None = None

    @property
    def shaped(self) -> Release | None:
        """The release a map draws, if any."""
        return self.outlines or self._own

    @property
    def _own(self) -> Release | None:
        shaped = hasattr(one_table(self.released, None)[0], "geom_type")
        return self.released if shaped else None


def write_answer(shown: Shown, path: str | Path) -> Path:
    """Write an answer as the end of the name says.

    Parameters
    ----------
    shown : Shown
        The answer as its reader may have it.
    path : path
        ``.csv``, ``.geojson``, ``.gpkg``, ``.html`` (a page to read and print, without scripts and
        requests) or ``.xlsx``.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        For another ending, a table without outlines where they are needed, or a file that is open
        elsewhere.

    Notes
    -----
    All files hold the same released numbers. A table alone (``.csv``) misleads most easily: what
    could mislead stands in the others.
    """
    named = Path(path)
    require_writable(shown, [named])
    return WRITERS[named.suffix.lower()](shown, named)


def require_writable(shown: Shown, paths: Sequence[Path]) -> None:
    """Refuse, before anything is written, what cannot be."""
    for path in paths:
        suffix = path.suffix.lower()
        if suffix not in WRITERS:
            endings = ", ".join(WRITERS)
            raise InputError(f"`out` must end in one of {endings}; got {path.name!r}.")
        if suffix in NEED_OUTLINES and shown.shaped is None:
            others = ", ".join(one for one in WRITERS if one not in NEED_OUTLINES)
            raise InputError(
                f"`out`: this answer has no outlines for {path.name!r}; write it as {others}.",
                rule="no-outlines",
            )


def _csv(shown: Shown, path: Path) -> Path:
    return write_csv(shown.released, path)


def _geojson(shown: Shown, path: Path) -> Path:
    assert shown.shaped is not None
    return write_geojson(replace(shown.shaped, record=_told(shown)), path)


def _geopackage(shown: Shown, path: Path) -> Path:
    """One layer a kind of area, so that points, lines and polygons are not mixed."""
    assert shown.shaped is not None
    table = one_table(shown.shaped, None)[0]
    kinds = table["kind"].astype(str) if "kind" in table else None
    layers = {shown.heading: table}
    if kinds is not None and kinds.nunique() > 1:
        layers = {kind: table[kinds == kind] for kind in kinds.unique()}
    record = _told(shown)
    return write_geopackage(only(replace(shown.shaped, record=record), layers), path)


def _told(shown: Shown) -> RunRecord:
    """The record with the words of the answer, and the themes that are drawn."""
    table, record = one_table(shown.shaped, None)  # type: ignore[arg-type]
    held = set(table["theme"]) if "theme" in table else set()
    themes = {name: status for name, status in record.themes.items() if name in held}
    return replace(record, sentences=_sentences(shown), themes=themes)


def _workbook(shown: Shown, path: Path) -> Path:
    """The table with its columns in reading order, and the matrix beside it."""
    table, record = one_table(shown.released, None)
    first = [name for name in shown.columns if name in table]
    table = table[[*first, *(name for name in table if name not in first)]]
    tables: dict[str, Any] = {shown.heading: table}
    if shown.matrix is not None:
        tables["Categories"] = shown.matrix
    told = replace(record, sentences=_sentences(shown))
    return write_workbook(only(replace(shown.released, record=told), tables), path)


def _sentences(shown: Shown) -> dict[str, str]:
    """The words by theme, where there is one: a page drawn from the file says them of it."""
    table, _ = one_table(shown.shaped or shown.released, None)
    themes = list(table["theme"].dropna().unique()) if "theme" in table else []
    names = [str(themes[0])] if len(themes) == 1 else [shown.heading]
    names += [f"{names[0]} {number}" for number in range(2, len(shown.words) + 1)]
    return dict(zip(names, shown.words, strict=True))


WRITERS: dict[str, Callable[[Shown, Path], Path]] = {
    ".csv": _csv,
    ".geojson": _geojson,
    ".gpkg": _geopackage,
    ".html": write_page,
    ".xlsx": _workbook,
}
NEED_OUTLINES = (".geojson", ".gpkg")
