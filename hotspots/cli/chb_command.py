"""Where to clear, hold and build: ``hotspots chb``."""

from __future__ import annotations

from typing import Annotated

import typer

from hotspots.cli.options import Request, command

EXACT_RANKS = "wins and ranks are made from the exact counts of every category"
NIGHT = "night_time_economy"
COLUMNS = (
    "name", "wins", "wins_low", "wins_high", "not_beaten", "mean_rank", "wins_when_masked",
    "most_wins_share", "sign_off",
)  # fmt: skip


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
    from hotspots.core.record import NOT_GROUNDS
    from hotspots.programmes.clear_hold_build import screen_clear_hold_build
    from hotspots.programmes.clear_hold_build.screen_result import POLICE_ACTIVITY

    have = gather(request)
    have.keep_internal(EXACT_RANKS)
    given = night_time_economy
    screen = screen_clear_hold_build(
        have.asked(),
        have.zones("candidate"),
        night_time_economy=read_zones(given, NIGHT, have.record)
        if given
        else have.of_product(NIGHT),
        undecided=undecided,
        max_area_km2=max_area_km2,
        draws=draws,
        record=have.record,
    )
    words = screen.to_paragraph() if paragraph else screen.to_sentence()
    said = (POLICE_ACTIVITY, NOT_GROUNDS) if paragraph else (POLICE_ACTIVITY,)
    answer = Answer(words, screen.to_dict(), screen.table, COLUMNS, most=10, cautions=said)
    deliver(answer, have)
