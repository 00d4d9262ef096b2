"""What the settings of a product file name: sources, themes, harm scales, zones, other files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.core.data import DEFINITIONS, bundled
from hotspots.core.errors import DataError, listing, require
from hotspots.io.incidents import FieldMap
from hotspots.io.zones.read import load_zones
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.themes import Themes
from hotspots.programmes.tasking.file_settings import IncidentsTable, WithinTable
from hotspots.programmes.tasking.sources import IncidentSource

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.programmes.protect.protect_file import ProtectFile, ProtectZonesTable
    from hotspots.programmes.tasking.product_file import ProductFile

THEMES = DEFINITIONS / "themes"
BUNDLED = "bundled:"
NO_HARM = "none"


def sources_of(file: ProductFile | ProtectFile, base: Path) -> tuple[IncidentSource, ...]:
    """The sources of a product; what one does not say itself it takes from the product."""
    return tuple(_source(table, file, base) for table in _tables(file))


def zones_at(
    table: WithinTable | ProtectZonesTable, base: Path, crs: str, **options: str
) -> gpd.GeoDataFrame:
    """The zones a table names, as it says; ``options`` go before it."""
    said = table.model_dump(exclude={"path"}, exclude_unset=True) | options
    return load_zones(path_at(table.path, base), crs=crs, **said)


def check_themes(setting: str, wanted: Iterable[str], sources: Iterable[IncidentSource]) -> None:
    """Raise for themes that no source knows."""
    known = {theme.name for source in sources for theme in source.themes}
    unknown = set(wanted) - known
    require(
        not unknown,
        f"{setting} names the theme(s) {listing(unknown)}; the sources know {listing(known)}.",
        DataError,
    )


def themes_named(name: str, base: Path) -> Themes:
    """Themes that come with the library, by name, or a file of one's own."""
    bundled_file = THEMES / f"{name}.toml"
    return Themes.from_toml(bundled_file if bundled_file.exists() else path_at(name, base))


def scale_named(name: str, base: Path) -> HarmScale:
    """A harm scale that comes with the library, by name, or a CSV file of one's own."""
    if name in HarmScale.bundled_names():
        return HarmScale.bundled(name)
    return HarmScale.from_csv(path_at(name, base))


def path_at(text: str, base: Path) -> Path:
    """A path of the file, relative to its folder; ``bundled:`` stands for the library's data."""
    return bundled(text.removeprefix(BUNDLED)) if text.startswith(BUNDLED) else base / text


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One text or several, as several."""
    return (value,) if isinstance(value, str) else value


def _tables(file: ProductFile | ProtectFile) -> tuple[IncidentsTable, ...]:
    """The incident sources: a path, a list of paths, or one table ``[[incidents]]`` a partner."""
    tables = tuple(one for one in file.incidents if isinstance(one, IncidentsTable))
    return tables or (IncidentsTable.model_validate({"path": file.incidents}),)


def _source(table: IncidentsTable, file: ProductFile | ProtectFile, base: Path) -> IncidentSource:
    fields, scale = table.fields or file.fields, table.harm_scale or file.harm_scale
    return IncidentSource(
        paths=tuple(path_at(path, base) for path in texts(table.path)),
        crs=file.crs,
        themes=themes_named(table.themes or file.themes, base),
        fields=FieldMap.from_toml(path_at(fields, base)) if fields else None,
        scale=scale_named(scale, base) if scale and scale != NO_HARM else None,
        largest_gib=table.largest_gib or file.largest_gib,
    )
