"""What products tell together, as an outsider has them: folders of finished files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.arguments import listed, path_of
from hotspots.core.errors import DataError, Finding, require
from hotspots.core.periods import Period
from hotspots.core.states import Shown
from hotspots.core.tables import has_shapes
from hotspots.disclosure import audit_totals
from hotspots.disclosure.breakdowns import as_known
from hotspots.disclosure.over_time import is_dated, window
from hotspots.disclosure.reckoning import column_of, parts_of
from hotspots.disclosure.rules import BASE, counts_in_cells, first, is_monthly, overlap_one_another
from hotspots.report.about import about, read_geopackage
from hotspots.report.manifest import products_beside

if TYPE_CHECKING:
    from hotspots.programmes.tasking.product import TaskingProduct


@dataclass(frozen=True, eq=False)
class ProductsAudit:
    """What the tables of several products tell together.

    Attributes
    ----------
    areas
        A row for each area and stretch of time that may hold fewer than 5, as
        :func:`audit_totals` gives it, with its ``theme``; ``shown_in`` names the internal file that
        shows it as it is.
    files
        What was read.
    published
        Files of data that were published record by record: there is nothing in them to tell.
    findings
        Tables that were left out, since no numbers fit both them and the cells
        (``tables-disagree``).
    """

    areas: pd.DataFrame
    files: tuple[str, ...]
    published: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def told(self) -> int:
        """Counts under 5 that can be worked out exactly."""
        return int(self.areas["told"].sum()) if len(self.areas) else 0

    @property
    def narrow(self) -> int:
        """Counts under 5 of which fewer than 3 values are possible; told ones included."""
        return int(self.areas["narrow"].sum()) if len(self.areas) else 0

    @property
    def bounded(self) -> int:
        """Counts of which only bounds are known: the question was beyond the solver's limit."""
        return int(self.areas["bounded"].sum()) if len(self.areas) else 0

    @property
    def shown(self) -> dict[str, int]:
        """Counts under 5 that internal files show as they are, by file."""
        named = self.areas["shown_in"].dropna() if "shown_in" in self.areas else ()
        return dict(Counter(named))

    def to_dict(self) -> dict[str, Any]:
        """All of it, for JSON; areas that are told or narrow by name."""
        flat = self.areas[self.areas["narrow"]].reset_index() if len(self.areas) else self.areas
        return {
            "told": self.told,
            "narrow": self.narrow,
            "bounded": self.bounded,
            "asked": len(self.areas),
            "files": list(self.files),
            "published": list(self.published),
            "findings": [finding.to_dict() for finding in self.findings],
            "areas": [
                {name: _plain(value) for name, value in row.items() if pd.notna(value)}
                for row in flat.to_dict("records")
            ],
        }


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() else value


def audit_products(folders: Iterable[str | Path]) -> ProductsAudit:
    """Attack the GeoPackages in folders together, as somebody would who holds them all.

    Parameters
    ----------
    folders : iterable of path
        Folders of products, or GeoPackages.

    Returns
    -------
    ProductsAudit

    Raises
    ------
    DataError
        Where a folder holds no GeoPackage, none of the files counts incidents, or they do not fit
        together.

    Notes
    -----
    Workbook and page hold the same numbers as the GeoPackage. It knows nothing a reader has from
    elsewhere. An internal product tells all its small counts: give what was sent, not what was
    kept. Windows before and after a revision of the data do not fit together, nor do cells and
    zones of the first version, whose zones counted institutional places: such tables are left out.

    Examples
    --------
    >>> import geopandas as gpd, hotspots as hs
    >>> from shapely.geometry import box
    >>> cells = gpd.GeoDataFrame({"kind": "h3-8", "theme": "asb", "incident_count": [13, 2]},
    ...     index=["a", "b"], geometry=[box(0, 0, 800, 800), box(800, 0, 1600, 800)], crs=27700)
    >>> released = hs.release(cells, audience="partner", marking="OFFICIAL")
    >>> folder = getfixture("tmp_path")
    >>> _ = hs.write_geopackage(released, folder / "hotspots.gpkg")
    >>> found = audit_products([folder])
    >>> found.told, len(found.areas)
    (0, 1)
    """
    paths = [path_of(folder, "folders") for folder in listed(folders, "folders")]
    files = [file for folder in paths for file in _geopackages(folder)]
    open_to_all = [one for one in files if "sources" in about(one).product]
    hidden = [file for file in files if file not in open_to_all]
    internal = [one for one in hidden if about(one).product.get("audience") == "internal"]
    tables = [
        _with_index(table)
        for file in hidden
        if file not in internal
        for layer in read_geopackage(file).values()
        for table in as_known(layer)
        if len(table) and "breakdown" not in table.columns
    ]
    parts = sorted({part for file in files for part in about(file).behind.theme_parts})
    apart: list[Finding] = []
    found = [one for theme in _themes(tables) for one in _of_theme(theme, tables, parts, apart)]
    found += [told for file in internal for told in _said_openly(file)]
    require(
        bool(found or open_to_all),
        "files with counts of incidents were expected; these have none.",
        DataError, rule="nothing-counted", mend="Give the folders that `hotspots run` wrote.",
    )  # fmt: skip
    areas = pd.concat(found) if found else pd.DataFrame()
    return ProductsAudit(areas, tuple(map(str, files)), tuple(map(str, open_to_all)), tuple(apart))


def never_held_against(folder: Path, product: TaskingProduct) -> list[Path]:
    """Products that somebody reads beside it, of days in common, that were not named.

    Raises
    ------
    InputError
        For one of another period in the folder itself, whose place the product would take.
    """
    mine = [Period.parse(one) for one in (product.period, *product.compare)]
    known = {*product.earlier_files.values()}
    known |= {product.previous.sha256} if product.previous else set()
    found, keys = list[Path](), [one.key for one in mine]
    for file, sha256, theirs in products_beside(folder, product.audience):
        if sha256 in known or not _have_days_in_common(mine, theirs):
            continue
        own = file.parent == folder.resolve()
        require(
            not own or [one.key for one in theirs] == keys,
            f"`out`: {file} is for these readers too, of days in common, and was not held against "
            "this product, which would take its place. Whoever has both can subtract them. Write "
            "into another folder and name it as `earlier`; if nobody has it, delete it.",
            rule="readers-have-it",
        )
        found += [] if own else [file]
    return found


def _have_days_in_common(mine: Iterable[Period], theirs: Sequence[Period]) -> bool:
    return any(one.start < two.end and two.start < one.end for one in mine for two in theirs)


def _said_openly(file: Path) -> Iterator[pd.DataFrame]:
    """The small counts of an internal product: nothing is withheld, so nothing has to be solved."""
    for table in read_geopackage(file).values():
        if {"theme", "kind", "incident_count"} <= set(table.columns):
            small = table[table["incident_count"] < BASE]
            count = small["incident_count"].astype(float)
            rows = pd.DataFrame(
                {"theme": small["theme"], "fewest": count, "most": count}, index=small.index
            )
            said = rows.assign(told=True, narrow=True, bounded=False, shown_in=str(file))
            yield said.rename_axis("area_id")


def _geopackages(folder: Path) -> list[Path]:
    found = [folder] if folder.is_file() else sorted(folder.glob("*.gpkg"))
    if not found:
        raise DataError(
            f"{folder}: a folder of a product with its GeoPackage was expected; there is none.",
            rule="no-product",
        )
    return found


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    """A table by its areas; one that is not released shows its exact counts."""
    if "disclosed_for" not in table.columns:
        table = table.assign(disclosed_for="internal", shown=Shown.EXACT.value)
    for name in ("area_id", "zone_id"):
        if name in table.columns and not is_monthly(table):
            return table.set_index(name)
    return table


def _themes(tables: list[pd.DataFrame]) -> list[str]:
    themes = {str(one) for table in tables if "theme" in table for one in table["theme"].dropna()}
    wide = {str(name) for table in tables for name in table.columns if str(name).endswith("_count")}
    named = {name.removesuffix("_count") for name in wide if not name.endswith("unweighted_count")}
    return sorted(themes | named - {"incident"})


def _of_theme(
    theme: str,
    tables: list[pd.DataFrame],
    parts: list[tuple[str, ...]],
    apart: list[Finding],
) -> Iterator[pd.DataFrame]:
    """One audit for each kind of cell of a theme, beside all other tables; those that disagree."""
    own = [_only(table, theme) for table in tables if column_of(table, theme)]
    cells = [one for one in own if has_shapes(one) and counts_in_cells(one)]
    if not cells:
        cells = [
            one.assign(theme=theme, incident_count=one[column_of(one, theme)])
            for one in own
            if has_shapes(one)
        ]
        cells = [one for one in cells if not overlap_one_another(one)] or cells[:1]
    joined = {name for part in parts_of(theme, parts) for name in part} - {theme}
    beside = [*own, *(_only(t, name) for name in joined for t in tables if column_of(t, name))]
    kinds: dict[str, Any] = {}
    for one in cells:
        kinds.setdefault(str(first(one, "kind")), one)
    for one in kinds.values():
        others = [other for other in beside if other is not one]
        try:
            found = audit_totals(one, earlier=others, theme_parts=parts)
        except DataError:
            fit = [other for other in others if _fits(one, other, parts)]
            found = audit_totals(one, earlier=fit, theme_parts=parts)
            odd = {_named(other) for other in others if not any(other is one for one in fit)}
            said = {"theme": theme, "one": _named(one)}
            apart += [
                Finding.of("tables-disagree", "warning", said=said | {"other": other})
                for other in sorted(odd)
            ]
        yield found.rename_axis("area_id").assign(theme=theme)


def _named(table: pd.DataFrame) -> str:
    """What a table counts in, and from which day to which."""
    kind = str(first(table, "kind")) or "counts by period"
    days = [f"{day:%Y-%m-%d}" for day in (window(table) if is_dated(table) else ())]
    return f"{kind} ({' to '.join(days)})" if days else kind


def _fits(cells: Any, other: pd.DataFrame, parts: list[tuple[str, ...]]) -> bool:
    """Whether there are numbers of incidents that both tables could have been made from."""
    try:
        audit_totals(cells, earlier=[other], theme_parts=parts)
    except DataError:
        return False
    return True


def _only(table: pd.DataFrame, theme: str) -> pd.DataFrame:
    return table[table["theme"] == theme] if "theme" in table.columns else table
