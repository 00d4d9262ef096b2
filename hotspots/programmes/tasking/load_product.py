"""A product from its configuration file; faults are gathered and named once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.arguments import path_of
from hotspots.core.data import DEFINITIONS
from hotspots.core.errors import DataError, Finding, InputError, listing, require
from hotspots.core.grids import Grid, H3Grid, HexGrid, PolygonCells, SquareGrid, StreetSegments
from hotspots.core.hours import Hours
from hotspots.core.record import PROTECT, sha256_of
from hotspots.core.schema import check_table, read_toml, settings_of, toml_content
from hotspots.core.text.doors import FILE, PYTHON, Door, file_door
from hotspots.disclosure.rules import PUBLIC_KINDS
from hotspots.io.incidents.field_map import PUBLISHED
from hotspots.io.load_streets import load_streets
from hotspots.io.read_vector import path_and_layer
from hotspots.io.typed_tables import read_activity
from hotspots.io.zones.from_lists import WardList
from hotspots.programmes.protect import protect_file
from hotspots.programmes.protect.protect_file import ProtectFile
from hotspots.programmes.protect.protect_product import protect_product
from hotspots.programmes.tasking import product_file
from hotspots.programmes.tasking.around import NOTHING, STREETS
from hotspots.programmes.tasking.for_public import PublicBriefings
from hotspots.programmes.tasking.previous import read_previous
from hotspots.programmes.tasking.product import TaskingProduct
from hotspots.programmes.tasking.product_file import ProductFile, WithinTable
from hotspots.programmes.tasking.sources import (
    check_themes,
    hashes_of_named,
    name_of_file,
    path_at,
    sites_at,
    sources_of,
    texts,
    zones_at,
)
from hotspots.programmes.tasking.tables_file import GRIDS, SECTIONS, GridTable, check_sections
from hotspots.report.about import read_geopackage

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from hotspots.programmes.protect.protect_product import ProtectProduct
    from hotspots.programmes.tasking.sources import IncidentSource


PRODUCTS = DEFINITIONS / "products"
OF_CELLS = ("at_risk", "reach_m", "crossings")
OF_PROTECT = settings_of(ProtectFile) - settings_of(ProductFile)
OF_TASKING = settings_of(ProductFile) - settings_of(ProtectFile)
STRAYS_OF_PROTECT = (
    '{} belong to a Protect product, which is for the audience "protect" and nobody else; got '
    'audience = "{}". Say audience = "protect", or leave them out.'
)
STRAYS_OF_TASKING = (
    'audience = "protect" makes a product of its own, in which {} have no place. It needs the '
    "Protect zones in a table [zones] and a marking that names PROTECT; it may have [register], "
    "[trauma_packs] with reach_m, and [[outlines]] to draw. Leave the others out, or name another "
    "audience."
)


def load_product(path: str | Path) -> TaskingProduct | ProtectProduct:
    """Read a product from its configuration file; one for the audience "protect" is a Protect one.

    Parameters
    ----------
    path : path
        A TOML file; ``hotspots/data/products/leeds.toml`` is one to copy, and ``docs/product.md``
        lists every setting (``protect.toml`` and ``docs/protect.md`` for Protect). Paths in it are
        relative to it; ``bundled:`` stands for the data that comes with the library.

    Returns
    -------
    TaskingProduct or ProtectProduct
        Settings and zones; ``run()`` reads the incidents and gives results to release, draw and
        write.

    Raises
    ------
    DataError
        With every missing, unknown and wrong setting; for settings of a Protect product in a file
        for anyone else.

    Notes
    -----
    It misleads when a file is copied from another place: minimums and radii belong to a theme and
    a town.

    Examples
    --------
    >>> import hotspots as hs
    >>> from hotspots.programmes.tasking.load_product import PRODUCTS
    >>> hs.load_product(PRODUCTS / "leeds.toml").period
    '2018-07'
    """
    path = path_of(path)
    file = _checked(toml_content(path, what="a product"), path.name)
    base = path.resolve().parent
    with in_words_of_a_file(path.name):
        inputs = {path.name: sha256_of(path)} | hashes_of_named(file, base)
        if isinstance(file, ProtectFile):
            return replace(protect_product(file, base), inputs=inputs)
        return replace(_product(file, base), inputs=inputs)


def _checked(values: Mapping[str, Any], name: str) -> ProductFile | ProtectFile:
    """The file as its audience decides, with what belongs to the other kind told apart."""
    audience = values.get("audience", "internal")
    if audience != PROTECT:
        strays = OF_PROTECT & set(values)
        if strays:
            raise DataError([_stray(STRAYS_OF_PROTECT.format(listing(strays), audience), name)])
        return check_table(values, ProductFile, name)
    strays = OF_TASKING & set(values)
    told = [_stray(STRAYS_OF_TASKING.format(listing(strays)), name)] if strays else []
    rest = {setting: value for setting, value in values.items() if setting not in strays}
    try:
        file = check_table(rest, ProtectFile, name)
    except DataError as error:
        raise DataError([*told, *error.findings]) from error
    if told:
        raise DataError(told)
    return file


def _stray(message: str, file: str) -> Finding:
    return Finding("stray-setting", message, file=file).through(FILE)


def _product(file: ProductFile, base: Path) -> TaskingProduct:
    sources = _admitting(sources_of(file, base), file)
    _check_public(file, sources)
    for table, by_theme in (("clusters", file.clusters), ("rank_by", file.rank_by)):
        check_themes(f"[{table}]", by_theme, sources)
    previous = None if file.previous is None else read_previous(path_at(file.previous, base))
    if previous is not None:
        previous.check(file.period, file.audience)
    zones = tuple(zones_at(table, base, file.crs) for table in file.zones)
    kinds = {str(kind) for one in zones for kind in one["kind"]}
    simple = ("title", "marking", "place", "audience", "top", "current", "invented", "made_on")
    within = zones_at(file.within, base, file.crs, kind="district")
    _check_rates(file)
    return TaskingProduct(
        sources=sources,
        within=within,
        zones=zones,
        sites=tuple(sites_at(table, base, file.crs) for table in file.sites),
        grid=_grid(file.grid, base, file.crs, within),
        clusters={theme: rule.model_dump() for theme, rule in file.clusters.items()},
        rank_by=file.rank_by,
        period=_in_hours(file.period, file.hours),
        compare=tuple(_in_hours(period, file.hours) for period in file.compare),
        caveats=file.caveats,
        earlier=tuple(_earlier(texts(file.earlier), base)),
        previous=previous,
        share=file.decisions.share,
        sections=_sections(file, base, kinds),
        briefings=_briefings(file, base, kinds),
        earlier_files={
            name_of_file(path, base): sha256_of(path_at(path, base)) for path in texts(file.earlier)
        },
        police_force=texts(file.police_force),
        backdrop=_backdrop(texts(file.backdrop), base),
        priority_wards=_priority_wards(file.priority_wards, base),
        **{name: getattr(file, name) for name in simple},
    )


def _check_public(file: ProductFile, sources: tuple[IncidentSource, ...]) -> None:
    """Records of one's own reach the public in large areas only: told before any is read."""
    grid, known = file.grid, [one.fields.name for one in sources if one.fields is not None]
    named = next((name for name in GRIDS if name in grid.model_fields_set), "h3")
    polygons = named == "path" and grid.reach_m is None
    large = polygons or (named == "h3" and f"h3-{grid.h3}" in PUBLIC_KINDS)
    require(
        large or file.audience != "public" or set(known) <= set(PUBLISHED),
        "a public product of records that are not published one by one needs `h3=8` under [grid], "
        f"or larger areas; got {named} = {getattr(grid, named)}.",
        DataError,
        rule="geography",
    )


def _check_rates(file: ProductFile) -> None:
    """A rate needs something at risk, and tells it: it is for internal readers."""
    grid, rated = file.grid, [theme for theme, by in file.rank_by.items() if by == "rate"]
    require(
        grid.at_risk is None or (grid.path is not None and grid.reach_m is None),
        "[grid] `at_risk` is for the polygons of `path`.",
        DataError,
        rule="no-polygons",
    )
    require(
        not rated or grid.at_risk is not None or grid.reach_m is not None,
        f"[rank_by] ranks {listing(rated)} by rate, which needs what is at risk; got none. Name it "
        'by [grid] `at_risk`, count on streets (`reach_m`), or rank by "density", per km².',
        DataError,
        rule="nothing-at-risk",
    )
    require(
        not rated or file.audience == "internal",
        f"[rank_by] ranks {listing(rated)} by rate in a product for {file.audience!r}, and what is "
        'at risk is not released. Rank by "density" or "count".',
        DataError,
        rule="rate-audience",
    )


def _sections(file: ProductFile, base: Path, kinds: set[str]) -> dict[str, Any]:
    """The sections a file asks for; their tables are exact and for internal readers only."""
    asked = {key: getattr(file, key) for key in SECTIONS if getattr(file, key) is not None}
    require(
        not asked or file.audience == "internal",
        f"[{next(iter(asked), '')}] makes a section of an internal product; this one is for "
        f"{file.audience!r}. Leave it out, or make it in the internal product.",
        DataError,
        rule="section-audience",
    )
    check_sections(asked, kinds)
    return {key: _with_activity(table, base) for key, table in asked.items()}


def _with_activity(table: Any, base: Path) -> Any:
    """The settings of a section, with the table its file of patrols holds."""
    path = getattr(table, "activity", None)
    if path is None:
        return table
    return table.model_copy(update={"activity": read_activity(path_at(path, base))})


def _briefings(file: ProductFile, base: Path, kinds: set[str]) -> PublicBriefings | None:
    if file.briefings is None:
        return None
    known = tuple(_earlier(file.briefings.earlier, base))
    asked = PublicBriefings(file.briefings.zones, file.briefings.marking, known)
    asked.check(file.audience, kinds, sensitive=file.sensitive is not None)
    return asked


def _in_hours(period: str, hours: str | None) -> str:
    """A period of a product with the hours of the week it is about."""
    return period if hours is None else f"{period} {Hours.parse(hours).key}"


def _grid(table: GridTable, base: Path, crs: str, within: gpd.GeoDataFrame) -> Grid:
    """The areas a product counts in."""
    named = [name for name in GRIDS if name in table.model_fields_set]
    require(
        table.reach_m is None or table.path is not None,
        "[grid] `reach_m` is for the streets of `path`, which is missing.",
        DataError,
        rule="no-streets",
    )
    require(
        table.crossings is None or table.reach_m is not None,
        "[grid] `crossings` is for streets; `reach_m` is missing.",
        DataError,
        rule="no-streets",
    )
    require(
        len(named) <= 1,
        f"[grid] must name one of {listing(GRIDS)}; got {listing(named)}.",
        DataError,
        rule="two-grids",
    )
    if table.hex_m is not None:
        return HexGrid(table.hex_m)
    if table.square_m is not None:
        return SquareGrid(table.square_m)
    if table.path is None:
        return H3Grid(table.h3)
    if table.reach_m is not None:
        lines = load_streets(
            path_at(table.path, base),
            id_field=table.id_field,
            name_field=table.name_field,
            layer=table.layer,
            crs=crs,
            within=within,
            crossings=bool(table.crossings),
        )
        return StreetSegments(lines, reach_m=table.reach_m)
    said = table.model_dump(exclude={*GRIDS[:-1], *OF_CELLS}, exclude_unset=True)
    zones = zones_at(WithinTable.model_validate(said), base, crs)
    return PolygonCells(zones, at_risk=table.at_risk)


def _admitting(
    sources: tuple[IncidentSource, ...], file: ProductFile
) -> tuple[IncidentSource, ...]:
    """The sources with the kinds of sensitive incidents the file admits, where they know them."""
    if file.sensitive is None:
        return sources
    require(
        file.audience != "public",
        "[sensitive] shows sensitive incidents, which a public product never holds. Leave it out.",
        DataError,
        rule="sensitive",
    )
    kinds, reason = set(file.sensitive.include), file.sensitive.reason
    known = {kind for one in sources for kind in one.themes.sensitive_kinds}
    require(
        kinds <= known,
        f"[sensitive] includes {listing(kinds - known)}; the themes know "
        f"{listing(known) or 'none'}.",
        DataError,
        rule="sensitive-kind",
    )
    admitted = []
    for one in sources:
        own = [kind for kind in one.themes.sensitive_kinds if kind in kinds]
        themes = one.themes.admit(own, reason=reason) if own else one.themes
        admitted.append(replace(one, themes=themes))
    return tuple(admitted)


def _backdrop(listed: tuple[str, ...], base: Path) -> tuple[str | Path, ...]:
    """Files under the areas, refused where they are not there; words stay words."""
    found = [one if one in (STREETS, NOTHING) else path_at(one, base) for one in listed]
    paths = [path_and_layer(str(one))[0] for one in found if isinstance(one, Path)]
    missing = [str(path) for path in paths if not path.is_file()]
    require(
        not missing,
        f"backdrop: there is no file {listing(missing)}. Name files of roads, or {STREETS!r}.",
        DataError,
        rule="no-such-file",
    )
    return tuple(found)


def _earlier(paths: tuple[str, ...], base: Path) -> Iterator[pd.DataFrame]:
    """Every table of the GeoPackages the same readers already have."""
    for path in paths:
        yield from read_geopackage(path_at(path, base)).values()


def _priority_wards(listed: str | tuple[str, ...], base: Path) -> tuple[str, ...]:
    """Names of wards, given in place or as a TOML file with ``[[ward]]`` entries."""
    if isinstance(listed, str):
        wards = read_toml(path_at(listed, base), WardList, what="a list of wards")
        return tuple(ward.ward_name for ward in wards.ward)
    return listed


@cache
def product_door() -> Door:
    """A product file, with every setting that it and its tables know."""
    tables = (*product_file.TABLES.values(), *protect_file.TABLES.values())
    names = {name for table in tables for name in getattr(table, "model_fields", ())}
    return file_door({name: name for name in names})


@contextmanager
def in_words_of_a_file(file: str) -> Iterator[None]:
    """Turn errors of the library, which name its arguments, into the words of a product file."""
    try:
        yield
    except (InputError, DataError) as error:
        raise DataError(_found_by(found, file) for found in error.findings) from error


def _found_by(found: Finding, file: str) -> Finding:
    """A finding in the words of the product file, which names itself before any other file."""
    if found.door.key != PYTHON.key:
        return found
    where = f"{file}: {found.file}" if found.file else file
    return replace(found, file=where, door=product_door())
