"""Over time: ``when``, ``repeats``, what is ``new``, areas to ``watch``, and a ``timetable``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hotspots.cli.evidence_commands import BreaksOption, GoOnOption, ThemeOption
from hotspots.cli.options import Request, command, require_choice, require_paths
from hotspots.core.errors import needed, require
from hotspots.core.periods import Period

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from hotspots.cli.inputs import Gathered
    from hotspots.core.select import Selection
    from hotspots.programmes.patrols.timetable import Timetable

BasketOption = Annotated[
    str | None, typer.Option(help="A basket instead of a theme, by name, such as arson.")
]
TIMES = "counts by hour, day and month could be subtracted from one another"
WHEN_COLUMNS = ("part", "zone", "what", "share", "ratio", "low", "high", "p_value")
LIVE_COLUMNS = ("place_name", "incident_count", "last_day", "until", "area_km2")
REPEAT_COLUMNS = ("distance_band", "time_band", "observed", "expected", "ratio", "p_value",
                  "beyond_chance")  # fmt: skip

NEW_COLUMNS = (
    "place_name", "days", "since", "observed", "expected", "ratio", "p_value", "is_alarm",
)  # fmt: skip
NO_AREAS = "areas are needed: give their file with `zones`."
TABLE_COLUMNS = ("theme", "comparison", "now", "then", "change", "low", "high", "verdict")
WATCH_COLUMNS = ("place_name", "state", "since", "count", "expected", "ratio", "seen_after")
CHART_COLUMNS = ("area_id", "from", "count", "expected", "score", "threshold", "signal", "since")
STAY_COLUMNS = ("place_name", "area_id", "day", "from_hour", "until_hour", "visits", "share")
POST_COLUMNS = ("place_name", "day", "from_hour", "until_hour", "incidents_reached", "share")
DONE_COLUMNS = (
    "area_id", "shift", "visits", "minutes", "longest_gap_h", "planned_visits", "done", "coverage",
)  # fmt: skip


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
    asked = _asked(have, theme, basket)
    found = ask_repeats(
        asked if request.period else asked.asked(period=None),  # of all times, as [repeats] is
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
    require(
        theme is None or basket is None,
        f"give `theme` or `basket`, not both; got {theme!r} and {basket!r}.",
    )
    have.about_violence(basket or theme)
    return have.asked(theme) if basket is None else have.of_basket(basket)


@command("Not used here.")
def new(
    request: Request,
    *,
    theme: ThemeOption = None,
    false_alarms: Annotated[float, typer.Option(help="Alarms a year while nothing is new.")] = 1.0,
    runs: Annotated[float, typer.Option(help="How often a year this is asked.")] = 52.0,
    breaks: BreaksOption = None,
    table: Annotated[
        bool, typer.Option("--table", help="Show and write 28 days and year to date instead.")
    ] = False,
) -> None:
    """Say what is new: places beyond what is usual, the last 28 days, and the year to date."""
    from hotspots.analysis.cells import assign_cells
    from hotspots.core.grids import H3Grid
    from hotspots.offences.tell_themes import carried_themes
    from hotspots.programmes.news import ask_what_is_new

    have = request.gather()
    have.keep_internal(TIMES)
    have.about_violence(theme)
    grid = H3Grid() if have.product is None else have.product.grid
    carried = carried_themes(have.incidents)
    everyone = assign_cells(have.of_all_times(theme), grid)
    found = ask_what_is_new(
        everyone,
        themes=carried if theme is None and carried else None,
        false_alarms_a_year=false_alarms,
        runs_a_year=runs,
        breaks=have.breaks(breaks),
        record=have.record,
    )
    if table or found.places is None or not len(found.places):
        have.deliver(found, found.changes, TABLE_COLUMNS, heading="28 days, year to date")
        return
    drawn = found.places.assign(
        theme=found.theme, incident_count=found.places["observed"],
        rank=range(1, len(found.places) + 1),
        **_last_days(found.places, found.day, everyone.source.timezone),
    )  # fmt: skip
    have.deliver(found, drawn, NEW_COLUMNS, heading="What is new")


def _last_days(places: GeoDataFrame, day: Any, clock: str) -> dict[str, Any]:
    """The time places are about: from the first day of the longest of their windows."""
    import pandas as pd

    ends = places["since"].min(), pd.Timestamp(day) + pd.Timedelta(days=1)
    return dict(
        zip(("period_from", "period_until"), (end.tz_localize(clock) for end in ends), strict=True)
    )


@command("Areas to watch: FILE or FILE:LAYER, such as what `jemlock` wrote.")
def watch(
    request: Request,
    *,
    started: Annotated[
        str | None,
        typer.Option(help="First day watched: after an operation, the day after its last. Needed."),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(help="What areas are held against; the year before. The operation, if any."),
    ] = None,
    before: Annotated[
        str | None, typer.Option(help="The time before the operation: is its level back?")
    ] = None,
    theme: ThemeOption = None,
    every: Annotated[str, typer.Option(help="week or month.")] = "week",
    false_alarms: Annotated[
        float | None, typer.Option(help="Signals a year while nothing changed: 1 in 20 areas.")
    ] = None,
    chart: Annotated[
        bool, typer.Option("--chart", help="Show and write every week of every area instead.")
    ] = False,
    breaks: BreaksOption = None,
    acknowledge_breaks: GoOnOption = False,
) -> None:
    """Watch areas against their own level: what changed since when, what came back."""
    require(started is not None, "a first day is needed: give it with `started`.")
    require_choice("every", every, ("week", "month"))
    require(request.zones is not None, NO_AREAS)  # a product has no kind of them
    from hotspots.programmes.watch import watch_areas

    have = request.gather()
    have.keep_internal(TIMES)
    areas = _areas(have)
    theme = theme or have.theme_of(areas)
    have.about_violence(theme)
    found = watch_areas(
        areas,
        have.of_all_times(theme),
        started=started,
        baseline=baseline,
        before=before,
        every=every,  # type: ignore[arg-type]
        false_alarms_a_year=false_alarms,
        breaks=have.breaks(breaks),
        acknowledge_breaks=acknowledge_breaks,
        record=have.record,
    )
    if chart:
        have.deliver(found, found.chart, CHART_COLUMNS, 60, heading="Chart")
        return
    drawn = found.areas.assign(theme=found.theme, incident_count=found.areas["count"])
    have.deliver(found, drawn, WATCH_COLUMNS, heading="Areas watched")


@command("Areas to visit, or places for posts: FILE or FILE:LAYER.", period=True)
def timetable(
    request: Request,
    *,
    budget_hours: Annotated[float, typer.Option(help="Hours a week for visits.")] = 20.0,
    theme: ThemeOption = None,
    hours: Annotated[
        str | None, typer.Option(help='Only within these, "Thu-Sat 16-04"; all by default.')
    ] = None,
    visit_minutes: Annotated[int, typer.Option(help="Length of a visit.")] = 15,
    teams: Annotated[int, typer.Option(help="Patrols at the same time.")] = 1,
    visits: Annotated[
        Path | None,
        typer.Option(help="What was done: CSV with area_id, from, until. Needs --visited."),
    ] = None,
    visited: Annotated[
        str | None, typer.Option(help="Days of these visits, 2025-06-02/2025-06-30.")
    ] = None,
    shift: Annotated[
        list[str] | None, typer.Option(help='Of visits done, "night=19-07"; repeat.')
    ] = None,
    posts: Annotated[
        int, typer.Option(help="Instead: so many posts of youth work or marshals a week.")
    ] = 0,
    reach_m: Annotated[float, typer.Option(help="How near a post is, in metres.")] = 100.0,
    post_hours: Annotated[int, typer.Option(help="Length of a post.")] = 4,
) -> None:
    """Choose which areas to visit when, or where to post a service; and say what was done of it."""
    require_paths(visits)
    require(request.zones is not None, NO_AREAS)
    from hotspots.analysis.when.times import with_hours
    from hotspots.programmes.patrols.services import place_services
    from hotspots.programmes.patrols.timetable import patrol_timetable
    from hotspots.programmes.release_answer import outlines_of_visits

    have = request.gather()
    have.keep_internal(TIMES)
    areas = _areas(have)
    theme = theme or have.theme_of(areas)
    have.about_violence(theme)
    everyone = have.asked(theme)
    asked = with_hours(everyone.rows, have.record)
    if posts:
        services = place_services(
            areas, asked, count=posts, reach_m=reach_m, hours_each=post_hours, hours=hours
        )
        have.deliver(services, services.posts, POST_COLUMNS, heading="Posts")
        return
    plan = patrol_timetable(
        areas,
        asked,
        budget_hours=budget_hours,
        hours=hours,
        visit_minutes=visit_minutes,
        teams=teams,
    )
    if visits is not None:
        _say_done(plan, visits, visited, have, shift)
        return
    outlines = outlines_of_visits(plan.stays, areas, everyone)
    have.deliver(plan, plan.stays, STAY_COLUMNS, 60, heading="Stays", outlines=outlines)


def _areas(have: Gathered) -> GeoDataFrame:
    """The areas given, without near misses, by the name their file has for them."""
    from hotspots.programmes.patrols.patrol_areas import without_near_misses

    areas = needed(have.zones("area"), NO_AREAS)
    require(len(areas) > 0, NO_AREAS)
    areas = without_near_misses(areas)
    return areas.assign(place_name=areas["zone_name"]).rename_axis("area_id")


def _say_done(
    plan: Timetable, path: Path, visited: str | None, have: Gathered, shifts: list[str] | None
) -> None:
    """Visits done against the plan."""
    from hotspots.core.plain import plain_records
    from hotspots.io.typed_tables import read_visits
    from hotspots.programmes.patrols.dosage import patrol_dosage
    from hotspots.report.text.results.time_words import dosage

    days = needed(visited, "visits need the days to judge: give them with `visited`.")
    named = [one.partition("=") for one in shifts or ()]
    wanted = {name.strip(): hours.strip() for name, _, hours in named} or None
    clock = have.asked().source.timezone
    found = patrol_dosage(
        read_visits(path, clock), plan, Period.parse(days).on_clock(clock), shifts=wanted
    )
    table = found.reset_index()
    words = " ".join(dosage(found))
    facts = {"visits": plain_records(table), "plan": plan.to_dict(), "sentence": words}
    told = {"sentence": words, "facts": facts, "heading": "What was done"}
    have.deliver(plan, table, DONE_COLUMNS, 60, **told)
