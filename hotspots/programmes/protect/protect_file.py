"""Every setting of a Protect product file: what it must be, what it is by default, what it means.

The tables of ``docs/protect.md`` and the schema an editor completes from are made of this.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, Strict, ValidationInfo, field_validator

from hotspots.core.errors import InputError, require
from hotspots.core.question import EVERYTHING
from hotspots.core.record import require_protect_marking
from hotspots.core.schema import AS_IT_CAME, Day, Flag, Table, passing, says
from hotspots.programmes.tasking.product_file import (
    AnyProductFile,
    IncidentsTable,
    PeriodText,
    WithinTable,
    ZonesTable,
)
from hotspots.programmes.tasking.tables_file import (
    ABOVE_NOTHING,
    ColumnName,
    FilePath,
    IdField,
    Layer,
    NameField,
    ZonesPath,
)


def _different_themes(demand: tuple[str, ...]) -> None:
    require(len(demand) > 0, 'must name at least one theme, or "all"; got none.')
    require(len(set(demand)) == len(demand), f"must name each theme once; got {list(demand)}.")


PointIds: TypeAlias = Annotated[
    ColumnName | None, Field(description="column with ids; the number of the row without one")
]
Demand: TypeAlias = Annotated[tuple[str, ...], passing(_different_themes)]


class ProtectZonesTable(Table):
    """The Protect zones. They may overlap; whatever the file calls them, they are Protect zones."""

    path: ZonesPath = Field(examples=["protect.gpkg"])
    layer: Layer = Field(None, examples=["zones"])
    id_field: IdField = Field(None, examples=["zone_code"])
    name_field: NameField = Field(None, examples=["zone"])
    approximate: Flag | None = Field(
        None, description="`true` where outlines only stand in for agreed ones", examples=[True]
    )


class PointsTable(Table):
    """Points. Of their columns only identifiers go into the product, and tiers."""

    path: FilePath = Field(
        description="GeoPackage, GeoJSON or Shapefile of points, one a row",
        examples=["protect.gpkg"],
    )
    layer: Layer = Field(None, examples=["packs"])
    id_field: PointIds = Field(None, examples=["pack_id"])


class RegisterTable(PointsTable):
    """The premises."""

    layer: Layer = Field(None, examples=["premises"])
    id_field: PointIds = Field(None, examples=["premises_id"])
    tier_field: ColumnName | None = Field(
        None, description="column with the tier, if not `tier`; taken as it stands, never worked "
        "out from a capacity", examples=["duty"],
    )  # fmt: skip


class NamedListTable(Table):
    """The premises by name, in a file of their own for one recipient, until a day."""

    recipient: Annotated[str, says("words that name who gets it"), Field(pattern=r"\S")] = Field(
        description="who gets the list, and nobody else; printed on it",
        examples=["Counter-terrorism security adviser, Saltmere"],
    )
    destroy_by: Annotated[Day, says("a date", unit="date")] = Field(
        description="the day by which it is destroyed; printed on it",
        examples=["2027-03-31"],
        json_schema_extra={"format": "date"},
    )


class ProtectFile(AnyProductFile):
    """A Protect product: demand in the zones, premises by tier, and who is far from a pack."""

    marking: Annotated[str, passing(require_protect_marking)] = Field(
        description="the originator's handling words, printed on everything; they must name "
        "PROTECT",
        examples=["OFFICIAL-SENSITIVE PROTECT"],
    )
    period: Annotated[PeriodText | None, says(unit="months or days")] = Field(
        None, examples=["2025"],
        description="what is counted: a month, a year, months with a slash (both included), or "
        "days (the last excluded); left out, all times",
    )  # fmt: skip
    within: Annotated[WithinTable | None, says("a table [within] with a path")] = Field(
        None, description="the study area; without it, shares are of all incidents there are"
    )
    audience: Annotated[Literal["protect"], says('"protect"')] = Field(
        description="`protect` and nobody else", examples=["protect"]
    )
    zones: Annotated[ProtectZonesTable, says("a table [zones] with a path")] = Field(
        description="the Protect zones, a table of its own, see below"
    )
    demand: Annotated[Demand, says("a list of themes", unit="themes")] = Field(
        (EVERYTHING,), examples=[["all", "serious_violence"]],
        description="what is counted in each zone, each by itself: themes, or `all` incidents",
    )  # fmt: skip
    reach_m: Annotated[
        float | None, Strict(), Field(ge=ABOVE_NOTHING), AS_IT_CAME,
        says("a number of metres above 0", unit="metres"),
    ] = Field(
        None, examples=[100],
        description="how near a trauma pack should be, in a straight line; needed with "
        "`[trauma_packs]`",
    )  # fmt: skip
    premises: Annotated[RegisterTable | None, says("a table [register] with a path")] = Field(
        None, alias="register", description="the register of premises"
    )
    trauma_packs: Annotated[PointsTable | None, says("a table [trauma_packs] with a path")] = Field(
        None, description="the packs; they need a `[register]` and `reach_m`"
    )
    named_list: Annotated[NamedListTable | None, says("a table [named_list]")] = Field(
        None, description="the premises by name, in a file of their own; needs a `[register]`"
    )
    outlines: Annotated[tuple[ZonesTable, ...], says("[[outlines]] tables")] = Field(
        (), description="wards and other outlines to draw, one table a file"
    )

    @field_validator("trauma_packs")
    @classmethod
    def _have_premises(cls, packs: PointsTable | None, file: ValidationInfo) -> PointsTable | None:
        needs = {"premises": "[register] (whom they are for)", "reach_m": "reach_m (how near)"}
        lacking = [words for name, words in needs.items() if file.data.get(name, "") is None]
        if packs is not None and lacking:
            raise InputError(f"packs need {' and '.join(lacking)}.")
        return packs

    @field_validator("named_list")
    @classmethod
    def _of_a_register(
        cls, named: NamedListTable | None, file: ValidationInfo
    ) -> NamedListTable | None:
        if named is not None and file.data.get("premises", "") is None:
            raise InputError("needs a [register]: it lists the premises of one.")
        return named


TABLES: dict[str, Any] = {
    "At the top of a Protect file": ProtectFile,
    "`[zones]`": ProtectZonesTable,
    "`[register]`": RegisterTable,
    "`[trauma_packs]`": PointsTable,
    "`[named_list]`": NamedListTable,
    "`[[incidents]]`": IncidentsTable,
    "`[within]`": WithinTable,
    "`[[outlines]]`": ZonesTable,
}
"""The sections of ``docs/protect.md``, and what each is made of."""
