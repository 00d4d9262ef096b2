"""When it happens, and what follows soon and near: ``hotspots when`` and ``repeats``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hotspots.cli.evidence_commands import BreaksOption, GoOnOption, ThemeOption
from hotspots.cli.options import Request, command

if TYPE_CHECKING:
    from hotspots.cli.inputs import Gathered
    from hotspots.core.select import Selection

BasketOption = Annotated[
    str | None, typer.Option(help="A basket instead of a theme, by name, such as arson.")
]
TIMES = "counts by hour, day and month could be subtracted from one another"
WHEN_COLUMNS = ("part", "zone", "what", "share", "ratio", "low", "high", "p_value")
LIVE_COLUMNS = ("place_name", "incident_count", "last_day", "until", "area_km2")
REPEAT_COLUMNS = ("distance_band", "time_band", "observed", "expected", "ratio", "p_value")


@command("Zones, each against the rest: FILE or FILE:LAYER.", period=True)
def when(
    request: Request,
    *,
    theme: ThemeOption = None,
    basket: BasketOption = None,
    calendar: Annotated[
        Path | None, typer.Option(help="School holidays and events (TOML), [[entry]] tables.")
    ] = None,
    bank_holidays: Annotated[
        str | None, typer.Option(help="Country of bank holidays, GB-ENG; needs an extra.")
    ] = None,
    window_hours: Annotated[int, typer.Option(help="Length of the windows.")] = 4,
    breaks: BreaksOption = None,
    acknowledge_breaks: GoOnOption = False,
) -> None:
    """Say when it happens: hours and days that stand out, months, holidays and events."""
    from hotspots.analysis.when.events import event_calendar
    from hotspots.programmes.release_answer import outlines_of_times
    from hotspots.programmes.when import ask_when

    have = request.gather()
    have.keep_internal(TIMES)
    asked = _asked(have, theme, basket)
    days = None
    if calendar is not None or bank_holidays is not None:
        days = event_calendar(calendar, bank_holidays=bank_holidays, incidents=asked)
    zones = have.zones("zone") if request.zones else None
    found = ask_when(
        asked,
        zones,
        calendar=days,
        window_hours=window_hours,
        breaks=have.breaks(breaks),
        acknowledge_breaks=acknowledge_breaks,
        record=have.record,
    )
    drawn = have.within if zones is None else zones
    outlines = None if drawn is None else outlines_of_times(found, drawn)
    have.deliver(found, found.table, WHEN_COLUMNS, 60, heading="When", outlines=outlines)


@command("Not used here.", period=True)
def repeats(
    request: Request,
    *,
    theme: ThemeOption = None,
    basket: BasketOption = None,
    distance: Annotated[
        list[float] | None,
        typer.Option(help="Edge of a band in metres; repeat. 200, 400, 800 by default."),
    ] = None,
    days: Annotated[
        list[float] | None,
        typer.Option(help="Edge of a band in days; repeat. 7, 14, 28 by default."),
    ] = None,
    manhattan: Annotated[
        bool, typer.Option("--manhattan", help="East-west plus north-south, not as crows fly.")
    ] = False,
    same_place_apart: Annotated[
        bool, typer.Option("--same-place-apart", help="Pairs at one place in a band of their own.")
    ] = False,
    today: Annotated[
        str | None, typer.Option(help="Day of the list, 2026-04-01; the day after the last.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Show and write the places of today's list instead.")
    ] = False,
) -> None:
    """Say whether one incident is followed by another soon and near, and where to be now."""
    from hotspots.programmes.when import ask_repeats

    have = request.gather()
    have.keep_internal(TIMES)
    found = ask_repeats(
        _asked(have, theme, basket),
        distance_bands_m=distance or (200.0, 400.0, 800.0),
        time_bands_days=days or (7, 14, 28),
        metric="manhattan" if manhattan else "euclidean",
        same_place_apart=same_place_apart,
        today=today,
        record=have.record,
    )
    drawn = found.live.areas.assign(theme=found.incidents.theme)
    if live:
        have.deliver(found, drawn, LIVE_COLUMNS, heading="Where one may follow now")
        return
    table = found.table.reset_index()
    have.deliver(found, table, REPEAT_COLUMNS, heading="Soon and near", outlines=drawn)


def _asked(have: Gathered, theme: str | None, basket: str | None) -> Selection:
    """The incidents of the theme, or of the basket, that was asked for."""
    from hotspots.core.errors import require

    require(
        theme is None or basket is None,
        f"give `theme` or `basket`, not both; got {theme!r} and {basket!r}.",
    )
    have.about_violence(basket or theme)
    return have.asked(theme) if basket is None else have.of_basket(basket)
