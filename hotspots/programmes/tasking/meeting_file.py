"""Settings of a product about its readers: who gets decisions, a briefing, sites on a card."""

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


class SitesTable(Table):
    """One file of sites (points) of your own, for the cards of the listed places."""

    path: Annotated[str, says("the path of a file")] = Field(
        description="GeoPackage, GeoJSON or Shapefile of points", examples=["venues.gpkg"]
    )
    kind: str = Field(description="what they are, in a word or two", examples=["licensed venue"])
    layer: str | None = Field(None, description="layer of a GeoPackage", examples=["pubs"])
    name_field: Annotated[str | None, says("the name of a column")] = Field(
        None, examples=["premises"],
        description="column with names, if not `name`; without names there are only distances",
    )  # fmt: skip
