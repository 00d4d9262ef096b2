"""Every setting of a product file: what it must be, what it is by default, what it means.

The tables of ``docs/product.md`` and the schema an editor completes from are made of this.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Strict, Tag

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.crs import BRITISH_NATIONAL_GRID, require_system
from hotspots.core.hours import Hours
from hotspots.core.months import require_timezone
from hotspots.core.periods import Period
from hotspots.core.schema import AS_IT_CAME, Day, Flag, Table, Whole, passing, says
from hotspots.io.incidents.intake import MOST
from hotspots.programmes.tasking.tables_file import (
    ABOVE_NOTHING,
    SECTIONS,
    Approximate,
    BriefingsTable,
    ChangeTable,
    ClearHoldBuildTable,
    ClustersTable,
    DecisionsTable,
    FilePath,
    GridTable,
    IdField,
    Layer,
    NameField,
    NewTable,
    OrdersTable,
    PatrolsTable,
    RepeatsTable,
    SitesTable,
    TimetableTable,
    WardsTable,
    WatchTable,
    WhenTable,
    ZonesPath,
)


def _paths_or_tables(value: Any) -> str:
    listed = isinstance(value, (list, tuple)) and any(isinstance(one, dict) for one in value)
    return "tables" if listed else "paths"


Paths: TypeAlias = Annotated[str | tuple[str, ...], says("a path, or a list of paths")]
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
HoursText: TypeAlias = Annotated[str, passing(Hours.parse)]
PeriodText: TypeAlias = Annotated[str, passing(Period.parse)]


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
    largest_gib: Gib | None = Field(None, description="as above, for this source", examples=[10])
    allow_rejected: Share | None = Field(
        None, description="as above, for this source", examples=[0.5]
    )
    one_incident_is: Literal["row", "reference"] | None = Field(
        None, examples=["reference"],
        description="`row`, or `reference` where rows with one reference are one incident and the "
        "first is kept; what the field map says by default",
    )  # fmt: skip


class WithinTable(Table):
    """The study area. Rows outside are counted, not drawn."""

    path: ZonesPath = Field(examples=["city.geojson"])
    layer: Layer = Field(None, examples=["district"])
    kind: str | None = Field(None, description="kind of all zones in it", examples=["district"])
    id_field: IdField = Field(None, examples=["LAD25CD"])
    name_field: NameField = Field(None, examples=["LAD25NM"])
    approximate: Approximate = None


class ZonesTable(WithinTable):
    """One file of zones, to draw and to relate areas to."""

    path: ZonesPath = Field(examples=["zones.gpkg"])
    layer: Layer = Field(None, examples=["pspo"])
    kind: str | None = Field(
        None, examples=["ward"],
        description="`ward`, `pspo`, or a word of yours; needed where the file has no column "
        "`kind`",
    )  # fmt: skip
    id_field: IdField = Field(None, examples=["WD25CD"])
    name_field: NameField = Field(None, examples=["WD25NM"])


class AnyProductFile(Table):
    """What every product file may say, whatever it asks: its words, its incidents, its place.

    ``period``, ``within`` and ``audience`` are here for their place in the order: each kind of file
    says what it needs.
    """

    title: str = Field(
        description="heading of the page and of every file", examples=["Leeds, July 2018"]
    )
    marking: str = Field(
        description="handling words, printed on everything; you decide", examples=["OFFICIAL"]
    )
    place: str = Field(
        description="name of the place in sentences; decides which local [breaks](incidents.md) "
        "are told",
        examples=["Leeds"],
    )
    period: PeriodText | None
    incidents: Annotated[
        Annotated[Paths, Tag("paths")] | Annotated[tuple[IncidentsTable, ...], Tag("tables")],
        Discriminator(_paths_or_tables),
        says("a path, or a list of paths"),
    ] = Field(
        description="files, folders or archives of incidents; or `[[incidents]]` tables, one a "
        "partner",
        examples=[["2024.csv", "2025.csv"]],
    )
    within: WithinTable | None
    audience: str
    current: Flag = Field(
        True, description="`false` prints that the page does not show the present",
        examples=[False],
    )  # fmt: skip
    made_on: Annotated[Day | None, says(unit="date")] = Field(
        None, examples=["2026-04-01"], json_schema_extra={"format": "date"},
        description="a date printed on the page; left out, the same input gives the same bytes",
    )  # fmt: skip
    caveats: tuple[str, ...] = Field(
        (), description="sentences the page must carry", examples=[["June is incomplete."]]
    )
    police_force: Annotated[
        str | tuple[str, ...], says("the name of a police force, or a list of them")
    ] = Field(
        (), examples=["West Yorkshire Police"],
        description="forces the data are from, where the files do not say: decides which breaks "
        "are told",
    )  # fmt: skip
    fields: FilePath | None = Field(
        None, examples=["my-fields.toml"],
        description="[field map](incidents.md): which column holds what; not needed for "
        "data.police.uk",
    )  # fmt: skip
    themes: ThemeNames = Field(
        "police_uk", examples=["home_office"],
        description="what counts as ASB, serious violence, vehicle nuisance: `police_uk`, "
        "`home_office`, `fire_service`, or [a file of yours](themes-and-harm.md)",
    )  # fmt: skip
    harm_scale: Scale | None = Field(
        None, examples=["ons-css"],
        description="harm weights: one that comes along, a [CSV file of yours](themes-and-harm.md) "
        "with a TOML file of its name beside it, or `none`",
    )  # fmt: skip
    largest_gib: Gib = Field(
        LARGEST_GIB, examples=[10],
        description="most that a file, or an archive as a whole, may hold when unpacked",
    )  # fmt: skip
    allow_rejected: Share = Field(
        MOST, examples=[0.5],
        description="largest share of rows that may be rejected, or out of the offence scheme, or "
        "have one fault; above it nothing is made of a source",
    )  # fmt: skip
    crs: Annotated[
        str, passing(require_system), says("a projected system in metres", unit="metres")
    ] = Field(
        BRITISH_NATIONAL_GRID, examples=["EPSG:32615"],
        description="projected system of all tables; another country names its own",
    )  # fmt: skip
    timezone: Annotated[
        Annotated[str, passing(require_timezone)] | None,
        says('the zone of a place, such as "Europe/London"', unit="time zone"),
    ] = Field(
        None, examples=["America/New_York"],
        description="zone of the place: months, days and hours are those of its clock; left out, "
        "the one the field maps name, else `Europe/London`",
    )  # fmt: skip


class SensitiveTable(Table):
    """Kinds of sensitive incidents that are shown all the same, and why."""

    include: Annotated[
        tuple[str, ...], Field(min_length=1), says('a list of kinds, e.g. ["rough sleeping"]')
    ] = Field(
        description="kinds that the themes call sensitive; a run names those it left out",
        examples=[["rough sleeping"]],
    )
    reason: str = Field(
        description="why; it is recorded and printed on the page",
        examples=["The order forbids begging."],
    )


RankBy: TypeAlias = Annotated[
    Literal["count", "harm", "density", "rate"],
    says(key="serious_violence"),
    Field(
        description="what areas of a theme are ranked by: `count`, `harm`, `density` (per km²), or "
        "`rate` (for each of what `[grid] at_risk` names, of streets per 100 m; internal only)",
        examples=["harm"],
        json_schema_extra={"default": "count"},
    ),
]


class ProductFile(AnyProductFile):
    """A tasking product: what goes in, what is asked and for whom."""

    period: Annotated[PeriodText, says(unit="months or days")] = Field(
        description="what is analysed: a month, a year, months with a slash (both included), or "
        "days (the last excluded, told where it ends a month)",
        examples=["2018-07"],
    )
    hours: Annotated[HoursText | None, says("hours of the week", unit="hours")] = Field(
        None, examples=["Fri-Sat 22-03"],
        description="only these hours of the week, in every count and every period of `compare`; "
        "days are those on which a window begins; `22-07` is every day. Internal only",
    )  # fmt: skip
    within: Annotated[WithinTable, says("a table [within] with a path")] = Field(
        description="the study area, a table of its own, see below"
    )
    audience: Literal["internal", "partner", "public"] = Field(
        "internal", examples=["partner"],
        description="who may see it: `internal`, `partner` or `public`; see "
        "[disclosure](disclosure.md)",
    )  # fmt: skip
    invented: Flag = Field(
        False, description="`true` for a place that does not exist, as in an exercise: the files "
        "then name no district or grid square it lies in",
        examples=[True],
    )  # fmt: skip
    compare: Annotated[
        tuple[PeriodText, ...],
        says('a list of periods, e.g. ["2017-07"]', unit="months or days"),
    ] = Field(
        (), description="other periods shown beside it, never pooled with it",
        examples=[["2017-07", "2016-07"]],
    )  # fmt: skip
    earlier: Annotated[Paths, says(unit="paths")] = Field(
        (), examples=[["2026-02/hotspots.gpkg"]],
        description="GeoPackages the same readers already have of these areas: what old and new "
        "would tell together is kept from them ([disclosure](disclosure.md#earlier-exports))",
    )  # fmt: skip
    backdrop: Annotated[Paths, says(unit="paths")] = Field(
        "streets", examples=[["streets", "roads.gpkg"]],
        description="what lies under the areas: files (FILE or FILE:LAYER) of roads and names; "
        "`streets` stands for the "
        "street names in the data (of open data their map points, else those of the areas shown), "
        "`none` for nothing",
    )  # fmt: skip
    previous: Annotated[str | None, says("the folder of an earlier product")] = Field(
        None, examples=["../2026-02"],
        description="folder of the product of the last meeting: what entered, stayed and left the "
        "list since, how often each place was listed, and what was [decided](actions.md); it "
        "counts as `earlier`",
    )  # fmt: skip
    top: Annotated[Whole, says(unit="places, 1 to 50")] = Field(
        5, ge=1, le=50, description="places to name for each theme", examples=[10]
    )
    priority_wards: Annotated[
        str | tuple[str, ...], says("a list of names, or the path of a TOML file")
    ] = Field(
        (), examples=[["Burmantofts & Richmond Hill"]],
        description="wards drawn with a heavier outline: names, or a TOML file with `[[ward]]` "
        "tables",
    )  # fmt: skip
    grid: Annotated[GridTable, says("a table [grid], e.g. h3 = 9")] = Field(
        default_factory=lambda: GridTable.model_validate({}), description="the cells"
    )
    zones: Annotated[tuple[ZonesTable, ...], says("[[zones]] tables")] = Field(
        (), description="zones to draw and to relate areas to, one table a file"
    )
    sites: Annotated[tuple[SitesTable, ...], says("[[sites]] tables")] = Field(
        (), description="sites of your own for the cards of the listed places; internal only"
    )
    clusters: Annotated[
        dict[str, ClustersTable], says("tables by theme, such as [clusters.asb]")
    ] = Field({}, description="clusters are made for the themes named here")
    sensitive: Annotated[
        SensitiveTable | None, says("a table [sensitive] with include and reason")
    ] = Field(None, description="sensitive incidents that are shown, for a reason; never in public")
    decisions: Annotated[DecisionsTable, says("a table [decisions] with share")] = Field(
        default_factory=lambda: DecisionsTable.model_validate({}), description="what was decided"
    )
    briefings: Annotated[
        BriefingsTable | None, says("a table [briefings] with zones and marking")
    ] = Field(None, description="briefings for the public, one for each zone of a kind")
    patrols: PatrolsTable | None = Field(None, description="a section with areas to patrol")
    clear_hold_build: ClearHoldBuildTable | None = Field(
        None, description="a section with candidates for Clear, Hold, Build"
    )
    wards: WardsTable | None = Field(None, description="a section with wards side by side")
    pspo: OrdersTable | None = Field(None, description="a section with the evidence on orders")
    change: ChangeTable | None = Field(None, description="a section on whether it worked")
    when: WhenTable | None = Field(None, description="a section on the hours of the week")
    new: NewTable | None = Field(None, description="a section on what is new")
    repeats: RepeatsTable | None = Field(
        None, description="a section on what follows soon and near"
    )
    watch: WatchTable | None = Field(None, description="a section on areas watched")
    timetable: TimetableTable | None = Field(None, description="a section with a timetable")
    rank_by: Annotated[dict[str, RankBy], says("a table [rank_by] by theme")] = Field(
        {}, description="what areas are ranked by, by theme"
    )


TABLES: dict[str, Any] = {
    "At the top of the file": ProductFile,
    "`[[incidents]]`": IncidentsTable,
    "`[within]`": WithinTable,
    "`[[zones]]`": ZonesTable,
    "`[[sites]]`": SitesTable,
    "`[grid]`": GridTable,
    "`[clusters.<theme>]`": ClustersTable,
    "`[sensitive]`": SensitiveTable,
    "`[decisions]`": DecisionsTable,
    "`[briefings]`": BriefingsTable,
    "`[rank_by]`": dict[str, RankBy],
    **{f"`[{key}]`": table for key, table in SECTIONS.items()},
}
"""The sections of ``docs/product.md``, and what each is made of."""
