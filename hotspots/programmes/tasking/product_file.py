"""Every setting of a product file: what it must be, what it is by default, what it means.

The tables of ``docs/product.md`` and the schema an editor completes from are made of this.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, Strict

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.schema import AS_IT_CAME, Table, Whole, says
from hotspots.io.incidents.losses import MOST
from hotspots.programmes.tasking.file_settings import (
    ABOVE_NOTHING,
    AllowRejected,
    Caveats,
    Current,
    Incidents,
    IncidentsTable,
    LargestGib,
    MadeOn,
    MetricCrs,
    OwnFields,
    OwnScale,
    OwnThemes,
    Paths,
    PeriodText,
    Place,
    PoliceForce,
    Title,
    WithinTable,
    ZonesTable,
)

WIDEST_RADIUS_M = 5_000


class GridTable(Table):
    """The cells that incidents are counted in."""

    h3: Annotated[Whole, says(unit="7 to 11")] = Field(
        9, ge=7, le=11, examples=[8],
        description="resolution of the hexagons; `hotspots check` names the finest honest one",
    )  # fmt: skip


class ClustersTable(Table):
    """How clusters of one theme are found."""

    radius_m: Annotated[
        float, Strict(), Field(ge=ABOVE_NOTHING, le=WIDEST_RADIUS_M), AS_IT_CAME,
        says(f"metres above 0 and at most {WIDEST_RADIUS_M:,}",
             unit=f"metres, up to {WIDEST_RADIUS_M:,}"),
    ] = Field(description="how far neighbours may be apart", examples=[100])  # fmt: skip
    min_incidents: Annotated[Whole, says(unit="incidents")] = Field(
        ge=1, description="fewest incidents around a core point", examples=[8]
    )


RankBy: TypeAlias = Annotated[
    Literal["count", "harm"],
    says(key="serious_violence"),
    Field(
        description="what areas of a theme are ranked by: `count` or `harm`", examples=["harm"],
        json_schema_extra={"default": "count"},
    ),
]  # fmt: skip


class ProductFile(Table):
    """A tasking product: what goes in, what is asked and for whom."""

    title: Title
    marking: str = Field(
        description="handling words, printed on everything; you decide", examples=["OFFICIAL"]
    )
    place: Place
    period: Annotated[PeriodText, says(unit="months or days")] = Field(
        description="what is analysed: a month, a year, months with a slash (both included), or "
        "days (the last excluded)",
        examples=["2018-07"],
    )
    incidents: Incidents
    within: Annotated[WithinTable, says("a table [within] with a path")] = Field(
        description="the study area, a table of its own, see below"
    )
    audience: Literal["internal", "partner", "public"] = Field(
        "internal", examples=["partner"],
        description="who may see it: `internal`, `partner` or `public`; see "
        "[disclosure](disclosure.md)",
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
    current: Current = True
    made_on: MadeOn = None
    top: Annotated[Whole, says(unit="places, 1 to 50")] = Field(
        5, ge=1, le=50, description="places to name for each theme", examples=[10]
    )
    caveats: Caveats = ()
    police_force: PoliceForce = ()
    priority_wards: Annotated[
        str | tuple[str, ...], says("a list of names, or the path of a TOML file")
    ] = Field(
        (), examples=[["Burmantofts & Richmond Hill"]],
        description="wards drawn with a heavier outline: names, or a TOML file with `[[ward]]` "
        "tables",
    )  # fmt: skip
    fields: OwnFields = None
    themes: OwnThemes = "police_uk"
    harm_scale: OwnScale = None
    largest_gib: LargestGib = LARGEST_GIB
    allow_rejected: AllowRejected = MOST
    crs: MetricCrs = BRITISH_NATIONAL_GRID
    grid: Annotated[GridTable, says("a table [grid], e.g. h3 = 9")] = Field(
        default_factory=lambda: GridTable.model_validate({}), description="the cells"
    )
    zones: Annotated[tuple[ZonesTable, ...], says("[[zones]] tables")] = Field(
        (), description="zones to draw and to relate areas to, one table a file"
    )
    clusters: Annotated[
        dict[str, ClustersTable], says("tables by theme, such as [clusters.asb]")
    ] = Field({}, description="clusters are made for the themes named here")
    rank_by: Annotated[dict[str, RankBy], says("a table [rank_by] by theme")] = Field(
        {}, description="what areas are ranked by, by theme"
    )


TABLES: dict[str, Any] = {
    "At the top of the file": ProductFile,
    "`[[incidents]]`": IncidentsTable,
    "`[within]`": WithinTable,
    "`[[zones]]`": ZonesTable,
    "`[grid]`": GridTable,
    "`[clusters.<theme>]`": ClustersTable,
    "`[rank_by]`": dict[str, RankBy],
}
"""The sections of ``docs/product.md``, and what each is made of."""
