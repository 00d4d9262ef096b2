"""Settings of a product about its areas: what incidents are counted in, how clusters are found."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field, Strict

from hotspots.core.grids.national import LARGEST_M, SMALLEST_M
from hotspots.core.schema import AS_IT_CAME, Flag, Table, Whole, says

ABOVE_NOTHING = 1e-9
FilePath: TypeAlias = Annotated[str, says("the path of a file")]
Column: TypeAlias = Annotated[str, says("the name of a column")]
WIDEST_RADIUS_M = 5_000
GRIDS = ("h3", "hex_m", "square_m", "path")


class GridTable(Table):
    """The areas that incidents are counted in: one of `h3`, `hex_m`, `square_m` and `path`."""

    h3: Annotated[Whole, says(unit="7 to 11")] = Field(
        9, ge=7, le=11, examples=[8],
        description="resolution of the hexagons; `hotspots check` names the finest honest one",
    )  # fmt: skip
    hex_m: Annotated[Whole | None, says("whole metres", unit="metres")] = Field(
        None, ge=SMALLEST_M, le=LARGEST_M, examples=[350],
        description="hexagons of the National Grid instead, this far from side to side",
    )  # fmt: skip
    square_m: Annotated[Whole | None, says("whole metres", unit="metres")] = Field(
        None, ge=SMALLEST_M, le=LARGEST_M, examples=[250],
        description="squares of the National Grid instead, with sides of this length",
    )  # fmt: skip
    path: FilePath | None = Field(
        None, examples=["lsoas.gpkg"],
        description="polygons instead: statistical areas, beats, somebody's hexagons",
    )  # fmt: skip
    layer: str | None = Field(None, description="layer of a GeoPackage", examples=["lsoa"])
    kind: str | None = Field(
        None, description="what the polygons are, in a word", examples=["lsoa"]
    )  # fmt: skip
    id_field: Column | None = Field(
        None, description="column with ids, if not `zone_id`", examples=["LSOA21CD"]
    )
    name_field: Column | None = Field(
        None, description="column with names, if not `zone_name`", examples=["LSOA21NM"]
    )
    approximate: Flag | None = Field(
        None, description="`true` where outlines only stand in for official ones", examples=[True]
    )
    at_risk: Column | None = Field(
        None, examples=["residents"],
        description="column with what each polygon holds at risk: polygons are then tested by it",
    )  # fmt: skip
    reach_m: Annotated[float | None, says(unit="metres")] = Field(
        None, gt=0, examples=[30],
        description="`path` holds streets instead; an incident is on the nearest within reach",
    )  # fmt: skip
    crossings: Flag | None = Field(
        None, description="`true` cuts streets where they merely cross, too", examples=[True]
    )


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
    min_harm: Annotated[
        float | None, Field(gt=0), AS_IT_CAME, says("harm above 0", unit="harm")
    ] = Field(
        None, examples=[2_000], description="least harm around it, too, in the unit of the scale"
    )  # fmt: skip
