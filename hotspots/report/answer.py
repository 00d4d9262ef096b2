"""Released tables as files of every kind: the end of the name says which."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from hotspots.core.crs import WGS84
from hotspots.core.errors import InputError
from hotspots.core.plain import clean_text, harmless, plain
from hotspots.core.text.mends import Mend
from hotspots.disclosure import Release, release
from hotspots.disclosure.published import only
from hotspots.report.about import ABOUT_TABLE, facts
from hotspots.report.answer_page import write_page
from hotspots.report.files import plain_table, replacing
from hotspots.report.geopackage import write_geopackage
from hotspots.report.layers import leave_out_withheld, one_table, telling
from hotspots.report.write_workbook import write_workbook

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from hotspots.core.record import RunRecord
    from hotspots.report.map.backdrop import Backdrop

AREAS_SCHEMA = 1
"""Version of ``data/schemas/areas.schema.json``, which other tools read such files by."""
DECIMALS = 6
"""Of degrees: about 0.1 m on the ground."""


@dataclass(frozen=True, eq=False)
class ReleasedAnswer:
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
    of_product
        Whether it was asked of a product, which the page then names; plain files have none.
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
    of_product: bool = True

    @property
    def shaped(self) -> Release | None:
        """The release a map draws, if any."""
        return self.outlines or self._own

    @property
    def themes(self) -> list[str]:
        """The themes it is of, as its areas name them."""
        table, _ = one_table(self.shaped or self.released, None)
        return list(table["theme"].dropna().unique()) if "theme" in table else []

    @property
    def _own(self) -> Release | None:
        shaped = hasattr(one_table(self.released, None)[0], "geom_type")
        return self.released if shaped else None


def write_answer(shown: ReleasedAnswer, path: str | Path) -> Path:
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


def require_writable(shown: ReleasedAnswer, paths: Sequence[Path]) -> None:
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


def _geojson(shown: ReleasedAnswer, path: Path) -> Path:
    assert shown.shaped is not None
    return write_geojson(replace(shown.shaped, record=_told(shown)), path)


def _geopackage(shown: ReleasedAnswer, path: Path) -> Path:
    """One layer a kind of area, so that points, lines and polygons are not mixed."""
    assert shown.shaped is not None
    table = one_table(shown.shaped, None)[0]
    kinds = table["kind"].astype(str) if "kind" in table else None
    layers = {shown.heading: table}
    if kinds is not None and kinds.nunique() > 1:
        layers = {kind: table[kinds == kind] for kind in kinds.unique()}
    record = _told(shown)
    return write_geopackage(only(replace(shown.shaped, record=record), layers), path)


def _told(shown: ReleasedAnswer) -> RunRecord:
    """The record with the words of the answer, and the themes that are drawn."""
    record = one_table(shown.shaped, None)[1]  # type: ignore[arg-type]
    themes = tuple(status for name, status in record.themes.items() if name in shown.themes)
    return record.copy(sentences=_sentences(shown), drawn=themes, title=_title(shown, record))


def _title(shown: ReleasedAnswer, record: RunRecord) -> str:
    """What was asked; the product it is of has a period of its own, and stands behind."""
    return f"{shown.heading} (product: {record.title})" if shown.of_product else shown.heading


def _workbook(shown: ReleasedAnswer, path: Path) -> Path:
    """The table with its columns in reading order, and the matrix beside it."""
    table, record = one_table(shown.released, None)
    first = [name for name in shown.columns if name in table]
    table = table[[*first, *(name for name in table if name not in first)]]
    tables: dict[str, Any] = {shown.heading: table}
    if shown.matrix is not None:
        tables["Categories"] = shown.matrix
    told = replace(record, sentences=_sentences(shown), title=_title(shown, record))
    return write_workbook(only(replace(shown.released, record=told), tables), path)


def _sentences(shown: ReleasedAnswer) -> dict[str, str]:
    """The words by theme, where there is one: a page drawn from the file says them of it."""
    names = [str(shown.themes[0])] if len(shown.themes) == 1 else [shown.heading]
    names += [f"{names[0]} {number}" for number in range(2, len(shown.words) + 1)]
    return dict(zip(names, shown.words, strict=True))


WRITERS: dict[str, Callable[[ReleasedAnswer, Path], Path]] = {
    ".csv": lambda shown, path: write_csv(shown.released, path),
    ".geojson": _geojson,
    ".gpkg": _geopackage,
    ".html": write_page,
    ".xlsx": _workbook,
}
NEED_OUTLINES = (".geojson", ".gpkg")


def write_csv(
    table: Release | pd.DataFrame, path: str | Path, *, record: RunRecord | None = None
) -> Path:
    """Write a table as CSV that Excel opens in the right encoding and without running anything.

    Parameters
    ----------
    table : Release or DataFrame
        A release of one table, or any table of the library; its index comes first, shapes are left
        out.
    path : path
        A name that ends in ``.csv``.
    record : RunRecord, optional
        For a bare table, which is released for the record's audience. The marking becomes the last
        column, so that copied rows keep it.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        For a wrong file name, a file that is open elsewhere, or a table the audience may not have
        (see :func:`release`).

    Notes
    -----
    UTF-8 with byte-order mark, commas, every text quoted. Text that a spreadsheet would take for a
    formula gets an apostrophe in front; a program that reads the file has to take it away again. It
    misleads when opened alone: the caveats are in the other files of the product.

    References
    ----------
    RFC 4180, https://doi.org/10.17487/RFC4180; OWASP, "CSV Injection",
    https://owasp.org/www-community/attacks/CSV_Injection

    Examples
    --------
    >>> import hotspots as hs, pandas as pd
    >>> record = hs.RunRecord("Leeds", marking="OFFICIAL")
    >>> path = getfixture("tmp_path") / "wards.csv"
    >>> table = pd.DataFrame({"count": [3]}, index=pd.Index(["=1+1"], name="ward"))
    >>> print(write_csv(table, path, record=record).read_text(encoding="utf-8-sig"))
    "ward","count","marking"
    "'=1+1",3,"OFFICIAL"
    <BLANKLINE>
    """
    safe, record = one_table(table, record)
    flat = plain_table(leave_out_withheld(safe)[0])
    flat["marking"] = clean_text(record.marking)
    rows = zip(*(flat[name].tolist() for name in flat), strict=True)
    with (
        replacing(path, ".csv") as temporary,
        temporary.open("w", encoding="utf-8-sig", newline="") as stream,
    ):
        writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
        writer.writerow([harmless(str(name)) for name in flat])
        writer.writerows([[_csv_value(value) for value in row] for row in rows])
    return Path(path)


def _csv_value(value: Any) -> Any:
    found = plain(value)
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return harmless(found) if isinstance(found, str) else found


def write_geojson(
    areas: Release | pd.DataFrame, path: str | Path, *, record: RunRecord | None = None
) -> Path:
    """Write areas or zones as GeoJSON in longitude and latitude.

    Parameters
    ----------
    areas : Release or GeoDataFrame
        A release of one table, or areas or zones in any coordinate system; the index becomes the
        ``id`` of the feature.
    path : path
        A name that ends in ``.geojson``.
    record : RunRecord, optional
        For a bare table, which is released for the record's audience. Marking, title, caveats and
        attributions stand beside the features, and in ``about_this_product`` the rows of that
        table of a GeoPackage, so that ``hotspots map`` can draw the file.

    Returns
    -------
    Path
        Where it was written.

    Raises
    ------
    InputError
        For a wrong file name, a file that is open elsewhere, or areas the audience may not have
        (see :func:`release`).

    Notes
    -----
    Coordinates are rounded to 6 decimals (about 0.1 m): neighbours keep their common corners, but
    areas measured from the file differ in the last digits. What every column means and is measured
    in stands in ``hotspots/data/schemas/areas.schema.json``; ``hotspots_schema`` is its version. It
    misleads where a program drops what stands beside the features: marking and caveats.

    References
    ----------
    RFC 7946, https://doi.org/10.17487/RFC7946

    Examples
    --------
    >>> import hotspots as hs, json
    >>> record = hs.RunRecord("Leeds", marking="OPEN DATA - DEMONSTRATION", audience="public")
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> path = write_geojson(city, getfixture("tmp_path") / "city.geojson", record=record)
    >>> json.loads(path.read_text())["marking"]
    'OPEN DATA - DEMONSTRATION'
    """
    released = (
        areas if isinstance(areas, Release) else release(tables={"table": areas}, record=record)
    )
    safe, record = one_table(released, None)
    safe, gone = leave_out_withheld(safe)
    record = telling(record, gone)
    collection = {
        "type": "FeatureCollection",
        "hotspots_schema": AREAS_SCHEMA,
        "marking": clean_text(record.marking),
        "title": clean_text(record.title),
        "caveats": [clean_text(words) for words in record.caveat_texts],
        "attributions": [clean_text(words) for words in record.attributions],
        ABOUT_TABLE: [fact.row() for fact in facts(released, record)],
        "features": _features(safe),
    }
    text = json.dumps(collection, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    with replacing(path, ".geojson") as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
    return Path(path)


def _features(areas: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    if getattr(areas, "crs", None) is None:
        raise InputError(
            "`areas` have no coordinate system, so they cannot be placed.",
            rule="wrong-crs",
            mend=Mend("set-crs", {"argument": "areas"}),
        )
    flat = plain_table(areas)
    shapes = areas.geometry.to_crs(WGS84).to_numpy()
    shapes = shapely.transform(shapes, lambda xy: xy.round(DECIMALS))
    return [
        {
            "type": "Feature",
            "id": plain(label),
            "properties": dict(zip(flat.columns, map(plain, row), strict=True)),
            "geometry": None if shape is None else shapely.geometry.mapping(_wound(shape)),
        }
        for label, row, shape in zip(
            flat.iloc[:, 0], flat.itertuples(index=False), shapes, strict=True
        )
    ]


def _wound(shape: Any) -> Any:
    """Outer rings counter-clockwise, holes clockwise, as RFC 7946 asks."""
    from shapely.geometry import MultiPolygon, Polygon
    from shapely.geometry.polygon import orient

    if isinstance(shape, Polygon):
        return orient(shape)
    if isinstance(shape, MultiPolygon):
        return MultiPolygon([orient(part) for part in shape.geoms])
    return shape
