"""Incidents of every partner, zones and sites, as product files name and products load them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.behind import Behind
from hotspots.core.caveats import Caveat
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.data import DEFINITIONS, bundled
from hotspots.core.errors import DataError, listing, require
from hotspots.core.months import clock_named
from hotspots.core.periods import Period
from hotspots.core.record import PROTECT, Audience, RunRecord, ThemeStatus, sha256_of
from hotspots.core.schema import AS_A_PATH
from hotspots.disclosure import withholds
from hotspots.disclosure.rules import FEWEST
from hotspots.io.incidents.breaks import TOUCHES, crossed_breaks
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.intake import MOST, Intake, refuse_losses, tell_losses
from hotspots.io.incidents.load import take_in, tell
from hotspots.io.incidents.meaning import tag_institutions
from hotspots.io.postgis import is_address
from hotspots.io.zones.read import load_zones
from hotspots.io.zones.without_outline import load_points, sites
from hotspots.offences.harm_scale import HarmScale
from hotspots.offences.tag_themes import tag_themes, untagged_rows
from hotspots.offences.tell_themes import carried_themes, hide_few, themes_said
from hotspots.offences.themes import Themes
from hotspots.offences.weigh_harm import weigh_harm
from hotspots.programmes.tasking.product_file import (
    AnyProductFile,
    IncidentsTable,
    ProductFile,
    WithinTable,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.programmes.protect.protect_file import ProtectFile, ProtectZonesTable
    from hotspots.programmes.tasking.tables_file import SitesTable


@dataclass(frozen=True)
class IncidentSource:
    """What one partner delivers: files, their columns, what counts as which theme, harm weights.

    Parameters
    ----------
    paths : sequence of path
        Files or folders :func:`load_incidents` reads.
    themes : Themes
        Themes and their status for this data.
    fields : FieldMap, optional
        Which columns hold what; not needed for data.police.uk.
    scale : HarmScale, optional
        Harm weights; without one the harm of this source is missing.
    largest_gib : float
        Most gibibytes a file, or an archive as a whole, may hold when unpacked.
    crs : str
        Projected system in metres of all tables; that of ``within`` and ``zones`` too.
    allow_rejected : float
        Largest share of rows that may be rejected, or out of the offence scheme, or share one
        fault: above it nothing is made of the source.
    timezone : str, optional
        Zone of the place, by whose clock everything is counted; see :func:`load_incidents`.

    Examples
    --------
    >>> import hotspots as hs
    >>> IncidentSource((hs.bundled("incidents"),), hs.Themes.police_uk()).crs
    'EPSG:27700'
    """

    paths: tuple[Path, ...]
    themes: Themes
    fields: FieldMap | None = None
    scale: HarmScale | None = None
    largest_gib: float = LARGEST_GIB
    crs: str = BRITISH_NATIONAL_GRID
    allow_rejected: float = MOST
    timezone: str | None = None

    def load(self, record: RunRecord) -> gpd.GeoDataFrame:
        """The incidents, tagged and weighed; refused where too many rows are lost."""
        return self.take_in(record)[0]

    def take_in(self, record: RunRecord) -> tuple[gpd.GeoDataFrame, Intake]:
        """The same incidents, and what came in."""
        incidents, intake = take_in(
            list(self.paths),
            fields=self.fields,
            crs=self.crs,
            timezone=self.timezone,
            largest_gib=self.largest_gib,
        )
        tell(intake, record)
        unknown = untagged_rows(incidents, self.themes)
        if unknown > self.allow_rejected * len(incidents):
            tag_themes(incidents, self.themes)  # an error that lists all of them
        refuse_losses(intake.files, out_of_scheme=unknown, allowed=self.allow_rejected)
        if "place_name" in incidents:
            incidents = tag_institutions(incidents, record=record)
        else:
            record.warn_reader(Caveat("unnamed-places"))
        incidents = tag_themes(
            incidents,
            self.themes,
            unknown="untagged",
            rejected=len(intake.rejected),
            record=record,
        )
        if self.scale is not None:
            incidents = weigh_harm(incidents, self.scale, record=record)
        return incidents, intake


def load_sources(
    sources: Iterable[IncidentSource],
    record: RunRecord,
    *,
    within: gpd.GeoDataFrame | None = None,
) -> tuple[gpd.GeoDataFrame, Intake]:
    """Incidents of all sources in one table, and what came in; warnings of what was thrown away.

    For readers who see less than there is, a theme of fewer incidents than may be told is absent.
    """
    tables, together = [], Intake()
    for source in sources:
        table, intake = source.take_in(record)
        tell_losses(table, within, intake, record)
        tables.append(table)
        together += intake
    incidents = tables[0] if len(tables) == 1 else pd.concat(tables)
    # A flag a source does not have is false; harm is missing, and a theme: it cannot say.
    for name in ("sensitive", "institutional", "domestic"):
        if len(tables) > 1 and name in incidents:
            incidents[name] = incidents[name].astype("boolean").fillna(False).astype(bool)
    if withholds(record.audience, Behind.of(incidents.filter(["published"]))):
        incidents = hide_few(incidents, record, FEWEST)
    return incidents, together


def require_a_theme(incidents: gpd.GeoDataFrame, sources: Iterable[IncidentSource]) -> None:
    """Raise where the data carry none of the themes: there would be nothing to draw."""
    if not carried_themes(incidents):
        said = themes_said(incidents, [source.themes for source in sources]).values()
        why = "; ".join(f"{status.label}: {status.note}" for status in said)
        raise DataError(
            f"incidents of at least one theme were expected; {why}.", rule="no-theme-carried"
        )


def themes_told(
    incidents: gpd.GeoDataFrame,
    sources: Iterable[IncidentSource],
    audience: Audience,
    behind: Behind,
) -> dict[str, ThemeStatus]:
    """What the incidents say of each theme, as far as an audience may read it."""
    fewest = FEWEST if withholds(audience, behind) else None
    return themes_said(incidents, [source.themes for source in sources], fewest=fewest)


def tell_readers(
    incidents: gpd.GeoDataFrame,
    record: RunRecord,
    *,
    intake: Intake,
    periods: Sequence[str],
    places: Iterable[str],
    caveats: Iterable[Caveat | str],
    current: bool,
    touching: Iterable[str] = TOUCHES,
) -> None:
    """What every page must say: how old its data are, words of its own, breaks it crosses.

    The first of ``periods`` is what is analysed. ``places`` are joined by the forces the files
    name; ``touching`` is what the counts rest on.
    """
    if not current and periods:
        record.warn_reader(Caveat("not-current", {"end": Period.parse(periods[0]).label}))
    # Sentences of the product file are written for its readers, before anything was counted.
    record.warn_reader(
        *(
            one if isinstance(one, Caveat) else Caveat.given(one, counts_incidents=False)
            for one in caveats
        )
    )
    schemes = incidents["offence_scheme"].unique()
    crossed_breaks(
        periods,
        scheme=str(schemes[0]) if len(schemes) == 1 else None,
        touching=touching,
        places={*places, *intake.forces},
        record=record,
    )


THEMES = DEFINITIONS / "themes"
BUNDLED = "bundled:"
NO_HARM = "none"
USUAL_NAME = "name"


def sources_of(file: AnyProductFile, base: Path) -> tuple[IncidentSource, ...]:
    """The sources of a product; what one does not say itself it takes from the product."""
    sources = tuple(_source(table, file, base) for table in incident_tables(file))
    zones = {clock_named(one.fields.timezone if one.fields else None) for one in sources}
    require(
        file.timezone is not None or len(zones) == 1,
        f"`timezone` is needed where field maps name several; they name {listing(zones)}.",
        DataError,
        rule="several-clocks",
    )
    return tuple(replace(one, timezone=file.timezone or min(zones)) for one in sources)


def zones_at(
    table: WithinTable | ProtectZonesTable, base: Path, crs: str, **options: str
) -> gpd.GeoDataFrame:
    """The zones a table names, as it says; ``options`` go before it."""
    said = table.model_dump(exclude={"path"}, exclude_unset=True) | options
    return load_zones(path_at(table.path, base), crs=crs, **said)


def zones_of_kind(tables: Iterable[gpd.GeoDataFrame], kind: str) -> gpd.GeoDataFrame | None:
    """The zones of a kind, from whichever file; None where there are none."""
    mine = [zones[zones["kind"].eq(kind)] for zones in tables]
    held = [zones for zones in mine if len(zones)]
    return (pd.concat(held) if len(held) > 1 else held[0]) if held else None


def sites_at(table: SitesTable, base: Path, crs: str) -> gpd.GeoDataFrame:
    """The sites a table names, by kind, without a name where the file has none."""
    require(
        not table.kind.strip().casefold().startswith(PROTECT),
        "[[sites]] are for the card of a place; sites of Protect belong to a product for the "
        'audience "protect".',
        DataError,
        rule="sites-of-protect",
    )
    points = load_points(path_at(table.path, base), kind=table.kind, layer=table.layer, crs=crs)
    usual = USUAL_NAME if USUAL_NAME in points.columns else None
    field = table.name_field or usual
    made = sites(points.drop(columns="kind"), kind=table.kind, name_field=field)
    named = made["zone_name"] if field else ""
    return made.assign(zone_name=named)[["kind", "zone_name", "geometry"]]


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
    """A path of the file, relative to its folder; ``bundled:`` stands for the library's data.

    The address of a database is left as it is.
    """
    if is_address(text):
        return Path(text)
    printed = f"a path was expected; in {text!r} a backslash made another letter of the next. "
    require(min(text, default=" ") >= " ", printed + AS_A_PATH, DataError, rule="not-a-path")
    return bundled(text.removeprefix(BUNDLED)) if text.startswith(BUNDLED) else base / text


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One text or several, as several."""
    return (value,) if isinstance(value, str) else value


def incident_tables(file: AnyProductFile) -> tuple[IncidentsTable, ...]:
    """The incident sources: a path, a list of paths, or one table ``[[incidents]]`` a partner."""
    tables = tuple(one for one in file.incidents if isinstance(one, IncidentsTable))
    return tables or (IncidentsTable.model_validate({"path": file.incidents}),)


def _source(table: IncidentsTable, file: AnyProductFile, base: Path) -> IncidentSource:
    fields, scale = table.fields or file.fields, table.harm_scale or file.harm_scale
    return IncidentSource(
        paths=tuple(path_at(path, base) for path in texts(table.path)),
        crs=file.crs,
        themes=themes_named(table.themes or file.themes, base),
        fields=_fields(FieldMap.from_toml(path_at(fields, base)) if fields else None, table),
        scale=scale_named(scale, base) if scale and scale != NO_HARM else None,
        largest_gib=table.largest_gib or file.largest_gib,
        allow_rejected=file.allow_rejected
        if table.allow_rejected is None
        else table.allow_rejected,
    )


def _fields(fields: FieldMap | None, table: IncidentsTable) -> FieldMap | None:
    """The field map, as far as the table does not say otherwise what one incident is."""
    if table.one_incident_is is None:
        return fields
    return replace(fields or FieldMap.police_uk(), one_incident_is=table.one_incident_is)


def hashes_of_named(file: ProductFile | ProtectFile, base: Path) -> dict[str, str]:
    """The SHA-256 of every file the product names; those of incidents are hashed when read."""
    incidents = {path for table in incident_tables(file) for path in texts(table.path)}
    named = sorted(set(_texts_in(file.model_dump(warnings=False))) - incidents)
    found = {text: path_at(text, base) for text in named if text and not is_address(text)}
    return {
        name_of_file(text, base): sha256_of(path) for text, path in found.items() if _is_file(path)
    }


def name_of_file(text: str, base: Path) -> str:
    """A path as the product file has it; of an absolute one the name alone."""
    return path_at(text, base).name if Path(text).is_absolute() else text


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts_in(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts_in(part)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
