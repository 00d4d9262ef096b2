"""A tasking product from its configuration file; faults are gathered and named once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.data import DEFINITIONS, bundled
from hotspots.core.errors import DataError, listing
from hotspots.core.grids import H3Grid
from hotspots.core.schema import read_toml
from hotspots.io.incidents import FieldMap
from hotspots.io.zones.from_lists import WardList
from hotspots.io.zones.read import load_zones
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.themes import Themes
from hotspots.programmes.tasking.product import IncidentSource, TaskingProduct
from hotspots.programmes.tasking.product_file import IncidentsTable, ProductFile, WithinTable
from hotspots.programmes.tasking.words_of_a_file import in_words_of_a_file
from hotspots.report.read_geopackage import read_geopackage

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

PRODUCTS = DEFINITIONS / "products"
THEMES = DEFINITIONS / "themes"
BUNDLED = "bundled:"
NO_HARM = "none"


def load_product(path: str | Path) -> TaskingProduct:
    """Read a tasking product from its configuration file.

    Parameters
    ----------
    path : path
        A TOML file; ``hotspots/data/products/leeds.toml`` is one to copy, and ``docs/product.md``
        lists every setting. Paths in it are relative to it; ``bundled:`` stands for the data that
        comes with the library.

    Raises
    ------
    DataError
        With every missing, unknown and wrong setting.

    Examples
    --------
    >>> import hotspots as hs
    >>> from hotspots.programmes.tasking.load_product import PRODUCTS
    >>> hs.load_product(PRODUCTS / "leeds.toml").period
    '2018-07'
    """
    path = Path(path)
    file = read_toml(path, ProductFile, what="a product")
    with in_words_of_a_file(path.name):
        return _product(file, path.resolve().parent)


def _product(file: ProductFile, base: Path) -> TaskingProduct:
    sources = tuple(_source(table, file, base) for table in _tables(file))
    for table, by_theme in (("clusters", file.clusters), ("rank_by", file.rank_by)):
        _check_themes(table, by_theme, sources)
    simple = ("title", "marking", "place", "period", "audience", "top", "current", "made_on")
    return TaskingProduct(
        sources=sources,
        within=_zones(file.within, base, file.crs, kind="district"),
        zones=tuple(_zones(table, base, file.crs) for table in file.zones),
        grid=H3Grid(file.grid.h3),
        clusters={theme: rule.model_dump() for theme, rule in file.clusters.items()},
        rank_by=file.rank_by,
        compare=file.compare,
        caveats=file.caveats,
        earlier=tuple(_earlier(_texts(file.earlier), base)),
        police_force=_texts(file.police_force),
        priority_wards=_priority_wards(file.priority_wards, base),
        **{name: getattr(file, name) for name in simple},
    )


def _tables(file: ProductFile) -> tuple[IncidentsTable, ...]:
    """The incident sources: a path, a list of paths, or one table ``[[incidents]]`` a partner."""
    tables = tuple(one for one in file.incidents if isinstance(one, IncidentsTable))
    return tables or (IncidentsTable.model_validate({"path": file.incidents}),)


def _source(table: IncidentsTable, file: ProductFile, base: Path) -> IncidentSource:
    """One source; what it does not say itself it takes from the product."""
    fields, scale = table.fields or file.fields, table.harm_scale or file.harm_scale
    return IncidentSource(
        paths=tuple(_resolve(path, base) for path in _texts(table.path)),
        crs=file.crs,
        themes=themes_named(table.themes or file.themes, base),
        fields=FieldMap.from_toml(_resolve(fields, base)) if fields else None,
        scale=scale_named(scale, base) if scale and scale != NO_HARM else None,
        largest_gib=table.largest_gib or file.largest_gib,
    )


def _check_themes(
    table: str, by_theme: Mapping[str, Any], sources: tuple[IncidentSource, ...]
) -> None:
    known = {theme.name for source in sources for theme in source.themes}
    unknown = set(by_theme) - known
    if unknown:
        raise DataError(
            f"[{table}] names the theme(s) {listing(unknown)}; the sources know {listing(known)}."
        )


def _zones(table: WithinTable, base: Path, crs: str, **options: str) -> gpd.GeoDataFrame:
    said = table.model_dump(exclude={"path"}, exclude_unset=True) | options
    return load_zones(_resolve(table.path, base), crs=crs, **said)


def _earlier(paths: tuple[str, ...], base: Path) -> Iterator[pd.DataFrame]:
    """Every table of the GeoPackages the same readers already have."""
    for path in paths:
        yield from read_geopackage(_resolve(path, base)).values()


def _priority_wards(listed: str | tuple[str, ...], base: Path) -> tuple[str, ...]:
    """Names of wards, given in place or as a TOML file with ``[[ward]]`` entries."""
    if isinstance(listed, str):
        wards = read_toml(_resolve(listed, base), WardList, what="a list of wards")
        return tuple(ward.ward_name for ward in wards.ward)
    return listed


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _resolve(text: str, base: Path) -> Path:
    return bundled(text.removeprefix(BUNDLED)) if text.startswith(BUNDLED) else base / text


def themes_named(name: str, base: Path) -> Themes:
    """Themes that come with the library, by name, or a file of one's own."""
    bundled_file = THEMES / f"{name}.toml"
    return Themes.from_toml(bundled_file if bundled_file.exists() else _resolve(name, base))


def scale_named(name: str, base: Path) -> HarmScale:
    """A harm scale that comes with the library, by name, or a CSV file of one's own."""
    if name in HarmScale.bundled_names():
        return HarmScale.bundled(name)
    return HarmScale.from_csv(_resolve(name, base))
