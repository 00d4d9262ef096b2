"""The files of a product: written whole or not at all, and read back to draw it again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import pandas as pd

from hotspots.analysis.zones.overlaps import ground_shares
from hotspots.core.behind import UNKNOWN, Behind
from hotspots.core.errors import DataError, InputError, require
from hotspots.core.record import PROTECT, Audience, RunRecord, SourceFile, sha256_of
from hotspots.core.tables import AREAS, TIMEZONE, ZONES
from hotspots.core.text.mends import Mend
from hotspots.disclosure import Release, exact_cards, release, withholds
from hotspots.io.typed_tables import DECISIONS, write_decisions
from hotspots.programmes.tasking.around import STREETS, under_areas
from hotspots.report.about import UNIT, FileFacts, about, read_geopackage
from hotspots.report.briefing import BRIEFING, write_briefing
from hotspots.report.files import replacing_folder, undamaged
from hotspots.report.geopackage import write_geopackage
from hotspots.report.layers import layer_word, layers_of, leave_out_withheld, telling
from hotspots.report.manifest import outputs_before, write_manifest
from hotspots.report.map import map_areas
from hotspots.report.map.page import make_page
from hotspots.report.map.reach import PACKS, SITES
from hotspots.report.write_workbook import write_workbook

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.report.map.backdrop import Backdrop
    from hotspots.report.map.standalone import HotspotMap
    from hotspots.report.text.section_words import SectionText

GEOPACKAGE = "hotspots.gpkg"
FILES = ("map.html", GEOPACKAGE, "tables.xlsx", "manifest.json")
PRIORITY = "is_priority"
POINTS = {layer_word(name): name for name in (SITES, PACKS)}
"""Layers of a Protect file that are points, and the tables they are."""
MOST_AROUND = 4
"""Folders around a product in which files it was made beside are looked for."""


class FilesBeside(Protocol):
    """Files of a product that its readers get apart from the others."""

    @property
    def names(self) -> Sequence[str]:
        """Their names."""
        ...

    def write(self, folder: Path) -> None:
        """Write all of them."""
        ...


def write_product(
    released: Release,
    folder: str | Path,
    *,
    top: int = 5,
    priority_wards: Sequence[str] = (),
    backdrop: Backdrop | None = None,
    sites: gpd.GeoDataFrame | None = None,
    geopackage: str = GEOPACKAGE,
    previous: Sequence[gpd.GeoDataFrame] | None = None,
    briefing: bool = False,
    beside: FilesBeside | None = None,
    sections: Sequence[SectionText] = (),
    replaced: Sequence[str] = (),
) -> list[Path]:
    """Write the files of a release, in the order of ``FILES``; its GeoPackage may be named.

    The folder is swapped whole: until the new product is complete the old one stays. Files that no
    manifest names are carried over; decisions that come from elsewhere are written once, and never
    over others. A product for readers who get no decisions is not written where there are some.
    With ``briefing`` there is that too. Files called like one of
    ``replaced`` go, whoever changed them since.
    """
    target = Path(folder)
    names = [geopackage if name == GEOPACKAGE else name for name in FILES]
    if briefing:
        names[-1:-1] = BRIEFING
    if beside is not None:
        names[-1:-1] = beside.names
    require(
        released.decisions is not None or not (target / DECISIONS).exists(),
        f"{target} holds {DECISIONS}, and the readers of this product get none of it: the folder "
        "could be sent with it. Write into a folder of its own.",
        rule="decisions-of-others",
    )
    gone = {*BRIEFING, *replaced, *outputs_before(target)}
    with replacing_folder(target, names, gone=gone) as made:
        page = make_page(
            released,
            top=top,
            priority_wards=priority_wards,
            previous=previous,
            backdrop=backdrop,
            sites=sites,
            sections=sections,
        )
        page.save(made / FILES[0])
        layers = layers_of(released).values()
        withheld = [name for table in layers for name in leave_out_withheld(table)[1]]
        write_geopackage(released, made / geopackage)
        write_workbook(released, made / FILES[2])
        if briefing:
            write_briefing(page.view, made)
        if beside is not None:
            beside.write(made)
        write_manifest(telling(released.record, withheld), made, names[:-1])
        if released.decisions and not (target / DECISIONS).exists():
            write_decisions(released.decisions, made / DECISIONS)
    return [target / name for name in names]


def with_priority(zones: gpd.GeoDataFrame, wards: Sequence[str]) -> gpd.GeoDataFrame:
    """Zones that say of themselves which of them are a priority, if any are named."""
    names = list(wards)
    if not names:
        return zones.copy()
    return zones.assign(**{PRIORITY: zones["zone_name"].isin(names) | zones.index.isin(names)})


@dataclass
class WrittenProduct:
    """What a GeoPackage holds: cells and clusters by theme, zones, periods, and the record.

    A Protect file holds zones, and the tables of packs and of premises.
    """

    record: RunRecord
    behind: Behind = UNKNOWN
    cells: list[gpd.GeoDataFrame] = field(default_factory=list)
    clusters: list[gpd.GeoDataFrame] = field(default_factory=list)
    zones: list[gpd.GeoDataFrame] = field(default_factory=list)
    periods: list[pd.DataFrame] = field(default_factory=list)
    history: list[pd.DataFrame] = field(default_factory=list)
    breakdowns: pd.DataFrame | None = None
    lately: pd.DataFrame | None = None
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    """Files its readers had already, each with its SHA-256, as the file says."""

    def release(
        self,
        previous: WrittenProduct | None = None,
        *,
        earlier: Iterable[pd.DataFrame] | None = None,
    ) -> Release:
        """The tables as they were written, beside what the same readers have already.

        Exact tables for readers who may not have them need ``earlier``, an empty one where these
        readers have nothing: three such pages, each made as if it were the first, can be
        subtracted.
        """
        last: list[pd.DataFrame] = []
        if previous is not None:
            last += [*previous.cells, *previous.clusters]
        bare = any("disclosed_for" not in table for table in (*self.cells, *self.clusters))
        require(
            earlier is not None or not (bare and withholds(self.record.audience, self.behind)),
            f"exact tables are drawn for the audience {self.record.audience!r} beside what these "
            "readers have already, else the pages can be subtracted; got nothing about that.",
            mend=Mend("say-earlier"),
            rule="earlier-unknown",
        )
        last += earlier or ()
        inside = [zones[zones["kind"] != "district"] for zones in self.zones]
        released = release(
            [*self.cells, *self.clusters],
            zones=self.zones,
            overlaps=[ground_shares(table, zones) for table in self.cells for zones in inside],
            area_periods=self.periods,
            tables=self.tables,
            earlier=last,
            behind=self.behind,
            record=self.record,
        )
        return released.with_parts(self.breakdowns).with_lately(self.lately)

    def map(
        self,
        *,
        top: int = 5,
        previous: WrittenProduct | None = None,
        earlier: Iterable[pd.DataFrame] | None = None,
        backdrop: Iterable[str | Path] = (STREETS,),
    ) -> HotspotMap:
        """The page, from the tables as they were written; beside those of the last meeting."""
        last = None if previous is None else [*previous.cells, *previous.clusters]
        released = self.release(previous, earlier=earlier)
        under = under_areas(backdrop, released)
        marked = (zones[zones[PRIORITY].eq(True)] for zones in self.zones if PRIORITY in zones)
        wards = [str(zone) for zones in marked for zone in zones.index]
        return map_areas(released, top=top, previous=last, backdrop=under, priority_wards=wards)


def read_product(
    path: str | Path,
    *,
    title: str | None = None,
    marking: str | None = None,
    audience: Audience | None = None,
) -> WrittenProduct:
    """Read what a command or a product wrote, or a GeoPackage of areas of one's own.

    Parameters
    ----------
    path : path
        A GeoPackage, a folder with one, or GeoJSON. Every layer is an areas table (with ``area_id``
        and ``incident_count``) or a zones table (with ``zone_id``); others are left out.
    title, marking, audience : optional
        Override what the file says about itself; needed where it says nothing. Only an internal
        file may be drawn for another audience: its figures are complete.

    Returns
    -------
    WrittenProduct

    Notes
    -----
    Accounts of rows are in files for those who may know them: of rounded counts there are none.
    """
    file = geopackage_of(path)
    tables, said = read_geopackage(file), about(file)
    record = _record(file, said, title, marking, audience)
    product = WrittenProduct(record, said.behind, beside=said.earlier, lately=said.lately)
    for name, table in tables.items():
        named = any(level is not None for level in table.index.names)
        rows = table.reset_index() if named else table
        if record.audience == PROTECT and name in POINTS:
            product.tables[POINTS[name]] = rows.set_index(table.columns[0])
        else:
            _sort_in(rows, product)
    if product.breakdowns is not None and "shown" not in product.breakdowns:
        with undamaged(file.name, "months, hours and offences"):
            exact_cards(product.breakdowns)
    if not (product.cells or product.clusters):
        _draw_zones(product)
    if not (product.cells or product.clusters or (record.audience == PROTECT and product.zones)):
        raise DataError(
            f"{file.name}: a layer of areas was expected, with the columns area_id, theme and "
            f"incident_count; it has the layers {', '.join(tables) or 'none'}.",
            rule="no-areas",
        )
    return product


def geopackage_of(path: str | Path) -> Path:
    """A GeoPackage, or that of a product in its folder, whatever stands beside it."""
    file = Path(path)
    if not file.exists():
        raise DataError(
            f"{file}: there is no such file; a GeoPackage, or a folder with one, was expected."
        )
    inside = sorted(file.glob("*.gpkg")) if file.is_dir() else [file]
    inside = [one for one in inside if file.is_dir() and one.name == GEOPACKAGE] or inside
    if len(inside) != 1:
        raise DataError(f"{file}: a folder with one GeoPackage was expected; got {len(inside)}.")
    return inside[0]


def earlier_files(product: WrittenProduct, path: str | Path, given: Iterable[Path]) -> list[Path]:
    """The files that readers of a product have already: those given, and those it was made beside.

    A product drawn again for another audience must not forget them: they are looked for, by their
    hash, where the product stands and in the folders around it.

    Raises
    ------
    InputError
        Where one of them is not found.
    """
    files = [Path(one) for one in given]
    hashes = {sha256_of(one) for one in files}
    around = list(Path(path).resolve().parents)[:MOST_AROUND]
    for name, sha256 in product.beside.items():
        places = (folder / name for folder in (*around, Path.cwd()))
        found = next((one for one in places if one.is_file() and sha256_of(one) == sha256), None)
        require(
            found is not None or sha256 in hashes,
            f"the product was made beside {name}, which its readers have; no such file, unchanged, "
            "was found around it.",
            mend=Mend("say-earlier"),
            rule="earlier-lost",
        )
        if found is not None and sha256 not in hashes:
            files.append(found)
    return files


def _record(
    file: Path,
    about: FileFacts,
    title: str | None,
    marking: str | None,
    audience: Audience | None,
) -> RunRecord:
    product = about.product
    own = product.get("audience")
    if own not in (None, "internal") and audience not in (None, own):
        raise InputError(
            f"{file.name} was written for the audience {own!r} and cannot be drawn for "
            f"{audience!r}. Make the product again for that audience.",
            rule="other-audience",
        )
    marking = marking or product.get("marking")
    if marking is None:
        raise InputError(
            f"{file.name} does not say how it may be handled. Say it with a marking, for instance "
            '"OFFICIAL" or "OPEN DATA".',
            rule="no-marking",
        )
    record = RunRecord(
        title or product.get("title") or file.stem,
        marking,
        cast(Audience, audience or own or "internal"),
        made_on=about.made_on,
        current=all(caveat.rule != "not-current" for caveat in about.caveats),
    )
    if about.behind.published:
        record.sources.append(SourceFile(file.name, "", 0, 0, 0, 0))
    record.accounts.extend(about.accounts)
    record.earlier.update(about.earlier)
    record.where = about.where
    record.units = dict(about.said.get(UNIT, []))
    record.sentences.update(about.findings)
    record.warn_reader(*about.caveats)
    record.attribute(*(said for _, said in about.said.get("attribution", [])))
    record.tell_themes(*about.themes)
    for stage, choice in about.choices:
        record.choose(stage, **choice)
    for counted in filter(None, [dict(about.data.get("product", [])).get("counted")]):
        record.choose("protect_demand", **counted)
    return record


def _draw_zones(product: WrittenProduct) -> None:
    """Zones with counts stand as areas, theme by theme, the largest below: wards, orders."""
    counted = [zones for zones in product.zones if {"theme", "incident_count"} <= set(zones)]
    for zones in counted:
        large = zones.geometry.area.sort_values(ascending=False, kind="stable").index
        below = zones.loc[large.drop_duplicates()]
        for _, table in below.groupby("theme", sort=False):
            named: Any = table.assign(place_name=table["zone_name"]).rename_axis("area_id")
            product.cells.append(_areas(named.reset_index()))
    product.zones = [zones for zones in product.zones if not any(zones is one for one in counted)]


def _sort_in(table: Any, product: WrittenProduct) -> None:
    columns = set(table.columns)
    if "breakdown" in columns:
        product.breakdowns = table
    elif {"area_id", "period", "rank"} <= columns:
        product.history.append(table.set_index(["area_id", "period"]))
    elif {"area_id", "period", "incident_count"} <= columns:
        product.periods.append(table)
    elif {"area_id", "theme", "incident_count"} <= columns:
        areas = _areas(table)
        outlined = len(areas) and str(areas["kind"].iloc[0]) in {"cluster", "patrol"}
        (product.clusters if outlined else product.cells).append(areas)
    elif "zone_id" in columns:
        zones = table.set_index("zone_id")
        for name in ZONES.names:
            if name not in zones.columns:
                zones[name] = None if name != "approximate" else False
        product.zones.append(zones)


def _areas(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """An areas table; what the file does not say is not known, but for the ground and the kind."""
    areas = table.set_index("area_id")
    never = pd.Series(pd.NaT, index=areas.index).dt.tz_localize(TIMEZONE)
    usual = {
        "area_km2": areas.geometry.area / 1e6,
        "kind": pd.Series("area", index=areas.index, dtype=object),
        **dict.fromkeys(("period_from", "period_until"), never),
    }
    for name in AREAS.names:
        if name not in areas.columns:
            dtype = object if AREAS.column(name).kind == "text" else float
            areas[name] = usual.get(name, pd.Series(None, index=areas.index, dtype=dtype))
    if "rank" in areas.columns:
        areas["rank"] = areas["rank"].astype("Int64")
    return areas
