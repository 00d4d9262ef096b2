"""Settings of the tables of a product file: its areas, its readers, its sections."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, Strict

from hotspots.core.arguments import MOST_DRAWS
from hotspots.core.errors import DataError, listing, require
from hotspots.core.grids.national import LARGEST_M, SMALLEST_M
from hotspots.core.schema import AS_IT_CAME, Day, Flag, Table, Whole, says

ABOVE_NOTHING = 1e-9
FilePath: TypeAlias = Annotated[str, says("the path of a file")]
ColumnName: TypeAlias = Annotated[str, says("the name of a column")]
ZonesPath: TypeAlias = Annotated[FilePath, Field(description="GeoPackage, GeoJSON or Shapefile")]
Layer: TypeAlias = Annotated[str | None, Field(description="layer of a GeoPackage")]
IdField: TypeAlias = Annotated[
    ColumnName | None, Field(description="column with ids, if not `zone_id`")
]
NameField: TypeAlias = Annotated[
    ColumnName | None, Field(description="column with names, if not `zone_name`")
]
Number: TypeAlias = Annotated[float, Field(gt=0), says("a number above 0")]
ThemeAsked: TypeAlias = Annotated[
    str | None, Field(description="theme it is about", examples=["asb"])
]
LongestWindow: TypeAlias = Annotated[
    Whole,
    says(unit="months"),
    Field(ge=1, description="longest window before and after", examples=[6]),
]
AcrossBreaks: TypeAlias = Annotated[
    Flag, Field(description="`true` goes on across a known break and says so", examples=[True])
]
Approximate: TypeAlias = Annotated[
    Flag | None,
    Field(description="`true` where outlines only stand in for official ones", examples=[True]),
]
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
    layer: Layer = Field(None, examples=["lsoa"])
    kind: str | None = Field(
        None, description="what the polygons are, in a word", examples=["lsoa"]
    )
    id_field: IdField = Field(None, examples=["LSOA21CD"])
    name_field: NameField = Field(None, examples=["LSOA21NM"])
    approximate: Approximate = None
    at_risk: ColumnName | None = Field(
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
    )


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
        "through `previous`, and in the folder that is written to",
    )  # fmt: skip


class SitesTable(Table):
    """One file of sites (points) of your own, for the cards of the listed places."""

    path: FilePath = Field(
        description="GeoPackage, GeoJSON or Shapefile of points", examples=["venues.gpkg"]
    )
    kind: str = Field(description="what they are, in a word or two", examples=["licensed venue"])
    layer: Layer = Field(None, examples=["pubs"])
    name_field: ColumnName | None = Field(
        None, examples=["premises"],
        description="column with names, if not `name`; without names there are only distances",
    )  # fmt: skip


class BurdenTable(Table):
    """Who lives in the areas of a section, and what is done there."""

    population: str | None = Field(
        None, examples=["lsoa"],
        description="kind of `[[zones]]` that cover the city once and have a column `population`: "
        "who lives in the areas; without it the section says that no equality view was made",
    )  # fmt: skip
    groups: Annotated[tuple[str, ...], says("a list of columns")] = Field(
        (), description="columns of these zones with residents of a group",
        examples=[["under_18"]],
    )  # fmt: skip
    deprivation: str | None = Field(
        None, examples=["imd_decile"],
        description="column of these zones with the decile of deprivation, 1 the most deprived: "
        "how many live in the two most deprived tenths",
    )  # fmt: skip
    activity: FilePath | None = Field(
        None, examples=["patrols.csv"],
        description="CSV file with `area_id`, `patrol_hours` and any of `searches`, `arrests`, "
        "`finds`: rates per 100 patrol hours stand beside each area",
    )  # fmt: skip


class PatrolsTable(BurdenTable):
    """Small areas to patrol that together hold most harm, with who lives there."""

    theme: str = Field(
        "serious_violence", description="theme the areas are for", examples=["serious_violence"]
    )
    by: Literal["count", "harm"] | None = Field(
        None, description="what they hold most of; harm where there are weights",
        examples=["count"],
    )  # fmt: skip
    count: Annotated[Whole, says(unit="areas")] = Field(
        22, ge=1, description="areas wanted", examples=[10]
    )
    near_misses: Annotated[Whole, says(unit="areas")] = Field(
        8, ge=0, description="next best areas to show, to compare with later", examples=[5]
    )
    max_area_km2: Number = Field(0.15, description="largest area", examples=[0.1])
    max_walk_m: Number = Field(450.0, description="longest straight line inside", examples=[300])
    min_separation_m: Annotated[float, Field(ge=0), says("a number from 0 on", unit="metres")] = (
        Field(100.0, description="ground between two areas", examples=[200])
    )
    min_incidents: Annotated[Whole | None, says("whole numbers", unit="incidents")] = Field(
        None, ge=1, examples=[5],
        description="fewest incidents of an area; 10, or 5 where too few places hold them",
    )  # fmt: skip


class ClearHoldBuildTable(BurdenTable):
    """Candidates for Clear, Hold, Build, compared in every category."""

    zones: str | None = Field(
        None, examples=["candidate"],
        description="kind of `[[zones]]` that are candidates; else up to forty are grown",
    )  # fmt: skip
    undecided: Literal["error", "in", "out"] = Field(
        "error", description="codes too coarse to tell: `error`, `in` or `out`", examples=["out"]
    )
    draws: Annotated[Whole, says(unit="resamples")] = Field(
        500, ge=0, le=MOST_DRAWS, description="resamples behind the intervals", examples=[200]
    )


class WardsTable(Table):
    """Priority wards, or all, side by side, theme by theme, each against the rest."""

    residents: str | None = Field(
        None, description="column of the wards with residents: rates per 1,000",
        examples=["population"],
    )  # fmt: skip


class OrdersTable(Table):
    """The evidence on public spaces protection orders, limb by limb."""

    theme: ThemeAsked = None
    today: Annotated[Day | None, says(unit="date")] = Field(
        None, json_schema_extra={"format": "date"}, examples=["2026-04-01"],
        description="day to count the rest of the term from",
    )  # fmt: skip
    months: LongestWindow = 12
    acknowledge_breaks: AcrossBreaks = False


class ChangeTable(Table):
    """Whether it worked: zones before and after a day, against the rest and like places."""

    zones: str = Field(description="kind of `[[zones]]` that were treated", examples=["treated"])
    started: Annotated[Day, says(unit="date")] = Field(
        description="first day of the work", examples=["2025-10-01"],
        json_schema_extra={"format": "date"},
    )  # fmt: skip
    theme: ThemeAsked = None
    months: LongestWindow = 12
    acknowledge_breaks: AcrossBreaks = False


class WhenTable(Table):
    """Windows of the week that hold more than their share, beyond chance."""

    themes: Annotated[tuple[str, ...], says("a list of themes")] = Field(
        (), description="themes; all the data carry by default", examples=[["asb"]]
    )
    hours: Annotated[Whole, says(unit="hours")] = Field(
        4, ge=1, le=24, description="length of a window", examples=[6]
    )


class RepeatsTable(Table):
    """Whether one incident is followed by another, soon and near, and where to be now."""

    theme: str = Field(description="theme it is about", examples=["arson"])
    within_m: Number = Field(200.0, description="how near the next one is", examples=[150])
    within_days: Annotated[Whole, says(unit="days")] = Field(
        7, ge=1, description="how soon the next one is", examples=[14]
    )


class NewTable(Table):
    """Places where the last days hold more than place and time lead one to expect."""

    theme: str | None = Field(None, description="theme it is about; all by default",
                              examples=["asb"])  # fmt: skip
    false_alarms_a_year: Number = Field(
        1.0, description="alarms a year while nothing is new", examples=[0.5]
    )
    runs_a_year: Number = Field(52.0, description="how often a year it is asked", examples=[12])


class WatchTable(Table):
    """Areas against their own level: what changed since when, what came back."""

    zones: str = Field(description="kind of `[[zones]]` to watch", examples=["treated"])
    started: Annotated[Day, says(unit="date")] = Field(
        description="first day watched; after an operation the day after its last",
        examples=["2025-10-01"], json_schema_extra={"format": "date"},
    )  # fmt: skip
    theme: ThemeAsked = None
    baseline: str | None = Field(
        None, description="what they are held against; the year before, or the operation",
        examples=["2025-04/2025-09"],
    )  # fmt: skip
    before: str | None = Field(
        None, description="the time before the operation: is its level back",
        examples=["2024-04/2025-03"],
    )  # fmt: skip
    every: Literal["week", "month"] = Field(
        "week", description="how often a count is looked at", examples=["month"]
    )
    false_alarms_a_year: Number | None = Field(
        None, examples=[0.5],
        description="signals a year while nothing changed, all areas together; else one in twenty "
        "areas, at most one",
    )  # fmt: skip
    acknowledge_breaks: AcrossBreaks = False


class TimetableTable(Table):
    """Which areas to visit when, for a budget of hours."""

    zones: str = Field(description="kind of `[[zones]]` to visit", examples=["treated"])
    theme: ThemeAsked = None
    budget_hours: Number = Field(20.0, description="hours a week for visits", examples=[40])
    hours: str | None = Field(
        None, description="only within these; all by default", examples=["Thu-Sat 16-04"]
    )
    visit_minutes: Annotated[Whole, says(unit="minutes")] = Field(
        15, ge=1, description="length of a visit", examples=[10]
    )
    teams: Annotated[Whole, says(unit="patrols")] = Field(
        1, ge=1, description="patrols at the same time", examples=[2]
    )


SECTIONS: dict[str, type[Table]] = {
    "patrols": PatrolsTable,
    "clear_hold_build": ClearHoldBuildTable,
    "wards": WardsTable,
    "pspo": OrdersTable,
    "change": ChangeTable,
    "when": WhenTable,
    "new": NewTable,
    "repeats": RepeatsTable,
    "watch": WatchTable,
    "timetable": TimetableTable,
}
"""Keys of a product file that add a section, in the order of the sections."""
NEEDS = {"wards": "ward", "pspo": "pspo"}
NAMED_IN: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("change", "watch", "timetable"), ("zones",)),
    "clear_hold_build": ("zones", "population"), "patrols": ("population",),
}  # fmt: skip
"""The kind of zones a section needs, or the settings that name them."""


def check_sections(wanted: Mapping[str, Any], kinds: set[str]) -> None:
    """Raise for sections whose zones are not there, before anything is read."""
    for key, table in wanted.items():
        named = [getattr(table, setting) for setting in NAMED_IN.get(key, ())]
        for kind in [NEEDS.get(key), *named]:
            require(
                kind is None or kind in kinds,
                f"[{key}] needs [[zones]] of the kind {kind!r}; there are {listing(kinds)}.",
                DataError,
                rule="section-zones",
            )
