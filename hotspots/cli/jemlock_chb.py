"""Where to work: patrol areas, and the Clear, Hold, Build screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspots.cli.options import Request, command

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.cli.inputs import Gathered
    from hotspots.core.record import RunRecord
    from hotspots.programmes.clear_hold_build import ClearHoldBuildScreen
    from hotspots.programmes.patrols import PatrolAreas

EXACT_RANKS = "wins and ranks are made from the exact counts of every category"
NIGHT = "night_time_economy"
PATROL_COLUMNS = (
    "rank", "rank_low", "rank_high", "status", "place_name", "ward_name", "incident_count",
    "harm", "largest_event_share", "active_months", "area_km2", "walk_m", "sign_off",
)  # fmt: skip
SCREEN_COLUMNS = (
    "name", "wins", "wins_low", "wins_high", "not_beaten", "mean_rank", "wins_when_masked",
    "most_wins_share", "sign_off",
)  # fmt: skip


@command("Wards, to say where: FILE or FILE:LAYER.", period=True)
def jemlock(
    request: Request,
    *,
    theme: Annotated[str, typer.Option(help="Theme the areas are for.")] = "serious_violence",
    by: Annotated[
        str | None, typer.Option(help="harm or count; harm where there are weights.")
    ] = None,
    count: Annotated[int, typer.Option(help="Areas wanted.")] = 22,
    near_misses: Annotated[int, typer.Option(help="Next best areas to show.")] = 8,
    max_area_km2: Annotated[float, typer.Option(help="Largest area.")] = 0.15,
    max_walk_m: Annotated[float, typer.Option(help="Longest straight line inside.")] = 450.0,
    min_separation_m: Annotated[float, typer.Option(help="Ground between two areas.")] = 100.0,
    min_incidents: Annotated[int, typer.Option(help="Fewest incidents of an area.")] = 10,
    exclude: Annotated[
        str | None, typer.Option(help="Zones no area may touch: FILE or FILE:LAYER.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="Areas of the last review, as written by --out.")
    ] = None,
    victim_reported: Annotated[
        bool, typer.Option("--victim-reported", help="Choose again from what victims reported.")
    ] = False,
    population: Annotated[
        str | None, typer.Option(help="Polygons with residents, to see who lives there.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="Column of --population with a group; repeat.")
    ] = None,
    beside: Annotated[
        list[str] | None, typer.Option(help="NAME=FILE of stops, arrests ... to count; repeat.")
    ] = None,
) -> None:
    """Operation Jemlock: choose the small areas to patrol that together hold most harm.

    It is the name of such patrols in West Yorkshire: 22 places in Leeds, every day.
    """
    from hotspots.cli.inputs import gather, members, read_areas, read_zones
    from hotspots.cli.output import Answer, deliver
    from hotspots.programmes.patrols import select_patrol_areas

    have = gather(request)
    incidents, record = have.incidents, have.record
    if victim_reported:
        incidents = incidents.assign(victim_reported=members(incidents, "victim_reported"))
    by = _by(by, incidents, theme, record)
    found = select_patrol_areas(
        incidents,
        theme=theme,
        period=have.period,
        within=have.within,
        by=by,  # type: ignore[arg-type]
        count=count,
        near_misses=near_misses,
        max_area_km2=max_area_km2,
        max_walk_m=max_walk_m,
        min_separation_m=min_separation_m,
        min_incidents=min_incidents,
        exclude=read_zones(exclude, "excluded", record) if exclude else None,
        previous=read_areas(previous, incidents.crs) if previous else None,
        victim_reported="victim_reported" if victim_reported else None,
        record=record,
    )
    found = found.with_areas(_presented(found, incidents, have.zones("ward"), by))
    found, counted = _counted(found, beside, incidents.crs)
    facts = found.to_dict()
    if population:
        facts["who_lives_there"] = _lives_there(found, population, group, as_json=request.as_json)
    columns = (*PATROL_COLUMNS, *counted)
    deliver(Answer(found.to_sentence(), facts, found.areas, columns), have)


@command("Candidates: FILE or FILE:LAYER; else they are grown.", period=True)
def chb(
    request: Request,
    *,
    night_time_economy: Annotated[
        str | None,
        typer.Option(help="Zones to set aside when reasons are tested; a product's own otherwise."),
    ] = None,
    undecided: Annotated[
        str, typer.Option(help="Codes too coarse to tell: error, in or out.")
    ] = "error",
    max_area_km2: Annotated[float | None, typer.Option(help="Largest candidate.")] = None,
    draws: Annotated[int, typer.Option(help="Resamples behind the intervals.")] = 500,
    paragraph: Annotated[
        bool, typer.Option("--paragraph", help="End with the plain paragraph for the case.")
    ] = False,
) -> None:
    """Clear, Hold, Build: compare areas, to take one back from organised crime.

    Says who is first in how many categories, and why not in all. The work itself is arrests, then
    a steady presence, then help for the people who live there.
    """
    from hotspots.cli.inputs import gather, read_zones
    from hotspots.cli.output import Answer, deliver
    from hotspots.programmes.clear_hold_build import screen_clear_hold_build

    have = gather(request)
    have.keep_internal(EXACT_RANKS)
    incidents = _of_one_scheme(have)
    night = (
        read_zones(night_time_economy, NIGHT, have.record)
        if night_time_economy
        else have.of_product(NIGHT)
    )
    screen = screen_clear_hold_build(
        incidents,
        have.zones("candidate"),
        night_time_economy=night,
        period=have.period,
        within=have.within,
        undecided=undecided,
        max_area_km2=max_area_km2,
        draws=draws,
        record=have.record,
    )
    screen = _named_candidates(screen, incidents)
    words = screen.to_paragraph() if paragraph else screen.to_sentence()
    deliver(Answer(words, screen.to_dict(), screen.table, SCREEN_COLUMNS, most=10), have)


def _by(asked: str | None, incidents: gpd.GeoDataFrame, theme: str, record: RunRecord) -> str:
    """Harm where the theme has any, else count, and a note that says so."""
    from hotspots.core.errors import require

    weighed = "harm" in incidents
    require(
        asked != "harm" or weighed,
        "`by` harm needs weights: give them with `harm_scale`, or choose by count.",
    )
    flags = incidents.get(f"theme_{theme}")
    if asked or (weighed and (flags is None or incidents.loc[flags, "harm"].notna().any())):
        return asked or "harm"
    record.warn_reader("The incidents have no harm weights: areas are chosen by count.")
    return "count"


def _presented(
    found: PatrolAreas, incidents: gpd.GeoDataFrame, outlines: gpd.GeoDataFrame | None, by: str
) -> gpd.GeoDataFrame:
    """The areas with street, ward and rank interval."""
    from hotspots.analysis.names import name_areas
    from hotspots.analysis.uncertainty import rank_uncertainty
    from hotspots.analysis.zones.overlaps import relate_to_zones

    inside = found.labels.notna()
    overlaps = None
    if outlines is not None:
        overlaps = relate_to_zones(found.areas, outlines, incidents, found.labels)
    areas = name_areas(found.areas, incidents, found.labels, overlaps=overlaps)
    if not len(areas):
        return areas
    ranks = rank_uncertainty(
        incidents[inside],
        found.labels[inside],
        areas.index,
        by=by,  # type: ignore[arg-type]
    )
    low, high = ranks["rank_low"].astype("Float64"), ranks["rank_high"].astype("Float64")
    rank = areas["rank"].astype("Float64")
    return areas.assign(
        rank_low=low.where(low < rank, rank).astype("Int64"),
        rank_high=high.where(high > rank, rank).astype("Int64"),
    )


def _counted(
    found: PatrolAreas, beside: list[str] | None, crs: object
) -> tuple[PatrolAreas, list[str]]:
    """Stops, arrests and others beside the incidents."""
    from hotspots.cli.inputs import read_table
    from hotspots.core.errors import require
    from hotspots.programmes.patrols import count_beside

    points = {}
    for given in beside or ():
        name, _, file = given.partition("=")
        require(bool(name and file), f"`beside` must look like stops=stops.geojson; got {given!r}.")
        points[name] = read_table(file, crs)
    areas = count_beside(found.areas, points) if points else found.areas
    return found.with_areas(areas), [f"{name}_count" for name in points]


def _lives_there(
    found: PatrolAreas, population: str, groups: list[str] | None, *, as_json: bool
) -> list[dict[str, Any]]:
    """Who lives in the chosen areas, against the city."""
    from hotspots.cli.inputs import read_table
    from hotspots.core.plain import plain_records
    from hotspots.programmes.patrols import who_lives_there

    homes = read_table(population, found.areas.crs)
    table = who_lives_there(found.selected, homes, groups=groups or [])
    if not as_json:
        typer.echo(f"{table.round(3).to_string()}\n")
    return plain_records(table)


def _of_one_scheme(have: Gathered) -> gpd.GeoDataFrame:
    """Where several partners deliver, the categories are those of the police extract."""
    schemes = have.incidents["offence_scheme"].astype(str)
    others = schemes.ne("home_office")
    if others.all() or not others.any():
        return have.incidents
    have.record.warn_reader(
        f"{int(others.sum()):,} incidents of other partners ({', '.join(schemes[others].unique())})"
        " carry none of the categories and are left out."
    )
    return have.incidents[~others]


def _named_candidates(
    screen: ClearHoldBuildScreen, incidents: gpd.GeoDataFrame
) -> ClearHoldBuildScreen:
    """Grown candidates take the name of their street; given ones have their own."""
    from hotspots.analysis.names import name_areas

    table = screen.table
    if screen.labels is None or not hasattr(table, "geom_type") or not len(table):
        return screen
    if not (table["name"].astype(str) == table.index.astype(str)).all():
        return screen
    return screen.with_names(name_areas(table, incidents, screen.labels)["place_name"])
