"""A tasking product from its configuration file; faults are gathered and named once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.data import DEFINITIONS, bundled
from hotspots.core.errors import DataError, listing
from hotspots.core.grids import H3Grid
from hotspots.io.incidents import FieldMap
from hotspots.io.zones.read import load_zones
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.themes import Themes
from hotspots.programmes.tasking.product import IncidentSource, TaskingProduct
from hotspots.programmes.tasking.schema import check_settings, in_words_of_a_file
from hotspots.report.read_geopackage import read_geopackage

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

PRODUCTS = DEFINITIONS / "products"
THEMES = DEFINITIONS / "themes"
BUNDLED = "bundled:"
SOURCE_KEYS = ("fields", "themes", "harm_scale", "largest_gib")
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
    settings = _settings(path)
    with in_words_of_a_file(path.name):
        return _product(settings, path.resolve().parent)


def _settings(path: Path) -> dict[str, Any]:
    """The settings of a configuration file, once each is known and of the right kind."""
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such configuration file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(
            f"{path}: a product is a TOML file; this one cannot be read: {error}."
        ) from error
    check_settings(settings, path.name)
    return settings


def _product(settings: Mapping[str, Any], base: Path) -> TaskingProduct:
    crs = settings.get("crs", BRITISH_NATIONAL_GRID)
    sources = tuple(_source(entry, settings, base) for entry in _entries(settings))
    for table in ("clusters", "rank_by"):
        _check_themes(table, settings.get(table, {}), sources)
    simple = ("title", "marking", "place", "period", "audience", "top", "current", "made_on")
    return TaskingProduct(
        sources=sources,
        within=_zones(settings["within"] | {"kind": "district"}, base, crs),
        zones=tuple(_zones(entry, base, crs) for entry in settings.get("zones", [])),
        grid=H3Grid(settings.get("grid", {}).get("h3", 9)),
        clusters=settings.get("clusters", {}),
        rank_by=settings.get("rank_by", {}),
        compare=tuple(settings.get("compare", ())),
        caveats=tuple(settings.get("caveats", ())),
        earlier=tuple(_earlier(_texts(settings.get("earlier", ())), base)),
        police_force=_texts(settings.get("police_force", ())),
        priority_wards=_priority_wards(settings.get("priority_wards"), base),
        **{name: settings[name] for name in simple if name in settings},
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


def _earlier(paths: tuple[str, ...], base: Path) -> Iterator[pd.DataFrame]:
    """Every table of the GeoPackages the same readers already have."""
    for path in paths:
        yield from read_geopackage(_resolve(path, base)).values()


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _resolve(text: str, base: Path) -> Path:
    return bundled(text.removeprefix(BUNDLED)) if text.startswith(BUNDLED) else base / text


def _entries(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The incident sources: a path, a list of paths, or one table ``[[incidents]]`` a partner."""
    given = settings["incidents"]
    if isinstance(given, list) and given and isinstance(given[0], Mapping):
        return given
    return [{"path": given}]


def _source(entry: Mapping[str, Any], settings: Mapping[str, Any], base: Path) -> IncidentSource:
    """One source; what it does not say itself it takes from the product."""
    chosen: dict[str, Any] = {name: settings.get(name) for name in SOURCE_KEYS} | dict(entry)
    paths = [chosen["path"]] if isinstance(chosen["path"], str) else chosen["path"]
    fields, scale = chosen["fields"], chosen["harm_scale"]
    return IncidentSource(
        paths=tuple(_resolve(path, base) for path in paths),
        crs=settings.get("crs", BRITISH_NATIONAL_GRID),
        themes=themes_named(chosen["themes"] or "police_uk", base),
        fields=FieldMap.from_toml(_resolve(fields, base)) if fields else None,
        scale=scale_named(scale, base) if scale and scale != NO_HARM else None,
        largest_gib=chosen["largest_gib"] or LARGEST_GIB,
    )


def _zones(entry: Mapping[str, Any], base: Path, crs: str) -> gpd.GeoDataFrame:
    options = {name: value for name, value in entry.items() if name != "path"}
    return load_zones(_resolve(entry["path"], base), crs=crs, **options)


def _priority_wards(listed: str | list[str] | None, base: Path) -> tuple[str, ...]:
    """Names of wards, given in place or as a TOML file with ``[[ward]]`` entries."""
    if isinstance(listed, str):
        text = _resolve(listed, base).read_text(encoding="utf-8")
        return tuple(ward["ward_name"] for ward in tomllib.loads(text)["ward"])
    return tuple(listed or ())


def themes_named(name: str, base: Path) -> Themes:
    """Themes that come with the library, by name, or a file of one's own."""
    bundled_file = THEMES / f"{name}.toml"
    return Themes.from_toml(bundled_file if bundled_file.exists() else _resolve(name, base))


def scale_named(name: str, base: Path) -> HarmScale:
    """A harm scale that comes with the library, by name, or a CSV file of one's own."""
    if name in HarmScale.bundled_names():
        return HarmScale.bundled(name)
    return HarmScale.from_csv(_resolve(name, base))
