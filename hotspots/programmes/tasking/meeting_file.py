"""Settings of a product that are about its readers: who gets decisions, who gets a briefing."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from hotspots.core.schema import Flag, Table, says


class DecisionsTable(Table):
    """Who gets what was typed: owners, actions, days and notes of `decisions.csv`."""

    share: Flag = Field(
        False, examples=[True],
        description="`true` gives decisions to partners, too; the public never gets them",
    )  # fmt: skip


class BriefingsTable(Table):
    """Briefings for the public beside an internal product, one for each zone of a kind."""

    zones: str = Field(description="the kind of zones, one briefing each", examples=["ward"])
    marking: str = Field(
        description="handling words of the briefings; you decide", examples=["PUBLISHED"]
    )
    earlier: Annotated[tuple[str, ...], says("a list of paths", unit="paths")] = Field(
        (), examples=[["../public/hotspots.gpkg"]],
        description="GeoPackages the public already has; those of the briefings before are found "
        "through `previous`",
    )  # fmt: skip
