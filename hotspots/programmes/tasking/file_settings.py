"""What every product file may say, whatever it asks: its words, its incidents, its zones."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Strict, Tag

from hotspots.core.crs import require_system
from hotspots.core.data import DEFINITIONS, bundled
from hotspots.core.errors import DataError, listing, require
from hotspots.core.periods import Period
from hotspots.core.schema import AS_IT_CAME, Day, Flag, Table, says
from hotspots.io.incidents import FieldMap
from hotspots.io.zones.read import load_zones
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.themes import Themes
from hotspots.programmes.tasking.sources import IncidentSource

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.programmes.protect.protect_file import ProtectFile, ProtectZonesTable
    from hotspots.programmes.tasking.product_file import ProductFile

ABOVE_NOTHING = 1e-9


def _is_a_period(text: str) -> str:
    Period.parse(text)
    return text


def _is_in_metres(text: str) -> str:
    require_system(text)
    return text


def _paths_or_tables(value: Any) -> str:
    listed = isinstance(value, (list, tuple)) and any(isinstance(one, dict) for one in value)
    return "tables" if listed else "paths"


FilePath: TypeAlias = Annotated[str, says("the path of a file")]
Paths: TypeAlias = Annotated[str | tuple[str, ...], says("a path, or a list of paths")]
Column: TypeAlias = Annotated[str, says("the name of a column")]
ThemeNames: TypeAlias = Annotated[str, says("the name of themes, or the path of a TOML file")]
Scale: TypeAlias = Annotated[
    str, says('the name of a harm scale, the path of a CSV file, or "none"')
]
Gib: TypeAlias = Annotated[
    float, Strict(), Field(ge=ABOVE_NOTHING), AS_IT_CAME,
    says("a number of gibibytes above 0", unit="GiB"),
]  # fmt: skip
Share: TypeAlias = Annotated[
    float, Strict(), Field(ge=0, le=1), AS_IT_CAME, says("a share from 0 to 1", unit="0 to 1")
]
PeriodText: TypeAlias = Annotated[str, AfterValidator(_is_a_period)]


class IncidentsTable(Table):
    """One partner's incidents. What the table does not say, it takes from the top of the file."""

    path: Paths = Field(
        description="file, folder or archive, or a list of them", examples=["police.csv"]
    )
    fields: FilePath | None = Field(
        None, description="field map of this source", examples=["police.toml"]
    )
    themes: ThemeNames | None = Field(
        None, description="themes of this source", examples=["fire_service"]
    )
    harm_scale: Scale | None = Field(
        None, description="harm weights of this source; `none` where it shall have none",
        examples=["none"],
    )  # fmt: skip
    largest_gib: Gib | None = Field(
        None, description="as above, for this source", examples=[10]
    )  # fmt: skip
    allow_rejected: Share | None = Field(
        None, description="as above, for this source", examples=[0.5]
    )


class WithinTable(Table):
    """The study area. Rows outside are counted, not drawn."""

    path: FilePath = Field(
        description="GeoPackage, GeoJSON or Shapefile", examples=["city.geojson"]
    )
    layer: str | None = Field(None, description="layer of a GeoPackage", examples=["district"])
    kind: str | None = Field(None, description="kind of all zones in it", examples=["district"])
    id_field: Column | None = Field(
        None, description="column with ids, if not `zone_id`", examples=["LAD25CD"]
    )
    name_field: Column | None = Field(
        None, description="column with names, if not `zone_name`", examples=["LAD25NM"]
    )
    approximate: Flag | None = Field(
        None, description="`true` where outlines only stand in for official ones", examples=[True]
    )


class ZonesTable(WithinTable):
    """One file of zones, to draw and to relate areas to."""

    path: FilePath = Field(description="GeoPackage, GeoJSON or Shapefile", examples=["zones.gpkg"])
    layer: str | None = Field(None, description="layer of a GeoPackage", examples=["pspo"])
    kind: str | None = Field(
        None, examples=["ward"],
        description="`ward`, `pspo`, or a word of yours; needed where the file has no column "
        "`kind`",
    )  # fmt: skip
    id_field: Column | None = Field(
        None, description="column with ids, if not `zone_id`", examples=["WD25CD"]
    )
    name_field: Column | None = Field(
        None, description="column with names, if not `zone_name`", examples=["WD25NM"]
    )


Title: TypeAlias = Annotated[
    str, Field(description="heading of the page and of every file", examples=["Leeds, July 2018"])
]
Place: TypeAlias = Annotated[
    str,
    Field(
        description="name of the place in sentences; decides which local [breaks](incidents.md) "
        "are told",
        examples=["Leeds"],
    ),
]
Incidents: TypeAlias = Annotated[
    Annotated[Paths, Tag("paths")] | Annotated[tuple[IncidentsTable, ...], Tag("tables")],
    Discriminator(_paths_or_tables),
    says("a path, or a list of paths"),
    Field(
        description="files, folders or archives of incidents; or `[[incidents]]` tables, one a "
        "partner",
        examples=[["2024.csv", "2025.csv"]],
    ),
]
Current: TypeAlias = Annotated[
    Flag,
    Field(description="`false` prints that the page does not show the present", examples=[False]),
]
MadeOn: TypeAlias = Annotated[
    Day | None,
    says(unit="date"),
    Field(
        description="a date printed on the page; left out, the same input gives the same bytes",
        examples=["2026-04-01"],
        json_schema_extra={"format": "date"},
    ),
]
Caveats: TypeAlias = Annotated[
    tuple[str, ...],
    Field(description="sentences the page must carry", examples=[["June is incomplete."]]),
]
PoliceForce: TypeAlias = Annotated[
    str | tuple[str, ...],
    says("the name of a police force, or a list of them"),
    Field(
        description="forces the data are from, where the files do not say: decides which breaks "
        "are told",
        examples=["West Yorkshire Police"],
    ),
]
OwnFields: TypeAlias = Annotated[
    FilePath | None,
    Field(
        description="[field map](incidents.md): which column holds what; not needed for "
        "data.police.uk",
        examples=["my-fields.toml"],
    ),
]
OwnThemes: TypeAlias = Annotated[
    ThemeNames,
    Field(
        description="what counts as ASB, serious violence, vehicle nuisance: `police_uk`, "
        "`home_office`, `fire_service`, or [a file of yours](themes-and-harm.md)",
        examples=["home_office"],
    ),
]
OwnScale: TypeAlias = Annotated[
    Scale | None,
    Field(
        description="harm weights: one that comes along, a [CSV file of yours](themes-and-harm.md) "
        "with a TOML file of its name beside it, or `none`",
        examples=["ons-css"],
    ),
]
LargestGib: TypeAlias = Annotated[
    Gib,
    Field(
        description="most that a file, or an archive as a whole, may hold when unpacked",
        examples=[10],
    ),
]
AllowRejected: TypeAlias = Annotated[
    Share,
    Field(
        description="largest share of rows that may be rejected, or out of the offence scheme, or "
        "have one fault; above it nothing is made of a source",
        examples=[0.5],
    ),
]
MetricCrs: TypeAlias = Annotated[
    str,
    AfterValidator(_is_in_metres),
    says("a projected system in metres", unit="metres"),
    Field(
        description="projected system of all tables; another country names its own",
        examples=["EPSG:32615"],
    ),
]
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
        allow_rejected=file.allow_rejected
        if table.allow_rejected is None
        else table.allow_rejected,
    )
