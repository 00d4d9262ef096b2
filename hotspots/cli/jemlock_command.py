"""Where to patrol: ``hotspots jemlock``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspots.cli.options import Request, command

if TYPE_CHECKING:
    from pyproj import CRS

    from hotspots.programmes.patrols import PatrolAreas

COLUMNS = (
    "rank", "rank_low", "rank_high", "status", "place_name", "ward_name", "incident_count",
    "harm", "largest_event_share", "active_months", "area_km2", "walk_m", "sign_off",
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
    from hotspots.cli.inputs import gather, read_areas, read_zones
    from hotspots.cli.output import Answer, deliver
    from hotspots.core.record import NOT_GROUNDS
    from hotspots.programmes.patrols import select_patrol_areas

    have = gather(request)
    found = select_patrol_areas(
        have.asked(theme),
        by=by,  # type: ignore[arg-type]
        count=count,
        near_misses=near_misses,
        max_area_km2=max_area_km2,
        max_walk_m=max_walk_m,
        min_separation_m=min_separation_m,
        min_incidents=min_incidents,
        exclude=read_zones(exclude, "excluded", have.record) if exclude else None,
        previous=read_areas(previous, have.incidents.crs) if previous else None,
        victim_reported="victim_reported" if victim_reported else None,
        wards=have.zones("ward"),
        record=have.record,
    )
    found, counted = _counted(found, beside, have.incidents.crs)
    facts = found.to_dict()
    if population:
        facts["who_lives_there"] = _lives_there(found, population, group, as_json=request.as_json)
    columns = (*COLUMNS, *counted)
    answer = Answer(found.to_sentence(), facts, found.areas, columns, cautions=(NOT_GROUNDS,))
    deliver(answer, have)


def _counted(
    found: PatrolAreas, beside: list[str] | None, crs: CRS | None
) -> tuple[PatrolAreas, list[str]]:
    """Stops, arrests and others beside the incidents."""
    from hotspots.cli.inputs import read_table
    from hotspots.core.errors import require
    from hotspots.programmes.patrols import count_beside

    points = {}
    for given in beside or ():
        name, _, file = given.partition("=")
        require(
            bool(name and file), f"`beside` must be NAME=FILE, a name and a file; got {given!r}."
        )
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
