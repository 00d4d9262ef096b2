"""Vehicle nuisance from the command line: ``hotspots roads``."""

from __future__ import annotations

from typing import Annotated

import typer

from hotspots.cli.options import Request, command, require_paths
from hotspots.core.errors import require

ROAD_COLUMNS = (
    "rank", "kind", "place_name", "incident_count", "active_months", "length_m", "count_per_100m",
    "from_road_m", "harm",
)  # fmt: skip


@command("Known sites, to call those off the road by: FILE or FILE:LAYER.", period=True)
def roads(
    request: Request,
    *,
    streets: Annotated[
        str | None,
        typer.Option(help="OS Open Roads, OpenStreetMap or any lines: FILE or FILE:LAYER. Needed."),
    ] = None,
    crossings: Annotated[
        bool, typer.Option("--crossings", help="Cut lines where they merely cross: no bridges.")
    ] = False,
    theme: Annotated[str, typer.Option(help="Theme the roads are for.")] = "vehicle_nuisance",
    reach_m: Annotated[float, typer.Option(help="Farther from a street is off the road.")] = 30.0,
    min_incidents: Annotated[int, typer.Option(help="Fewest incidents of a place.")] = 5,
    min_months: Annotated[int, typer.Option(help="Fewest months with any.")] = 3,
    indicative: Annotated[
        bool, typer.Option("--indicative", help="Go on with snapped places, with a caution.")
    ] = False,
) -> None:
    """Roads, and sites off the road, where vehicle nuisance comes back."""
    require(streets is not None, "streets are needed: give their file with `streets`.")
    assert streets is not None
    require_paths(streets)
    from hotspots.cli.inputs import gather
    from hotspots.cli.output import Answer, deliver
    from hotspots.io.load_streets import load_streets
    from hotspots.io.read_vector import path_and_layer
    from hotspots.programmes.recurring_roads import find_recurring_roads

    have = gather(request)
    path, layer = path_and_layer(streets)
    lines = load_streets(
        path,
        layer=layer,
        crs=have.incidents.crs,
        within=have.within,
        crossings=crossings,
        record=have.record,
    )
    found = find_recurring_roads(
        have.asked(theme),
        lines,
        reach_m=reach_m,
        min_incidents=min_incidents,
        min_months=min_months,
        sites=have.zones("site") if request.zones else None,
        indicative=indicative,
        record=have.record,
    )
    answer = Answer(
        found.to_sentence(), found.to_dict(), found.table, ROAD_COLUMNS, most=20,
        heading="Roads, and sites off the road",
    )  # fmt: skip
    deliver(answer, have)
