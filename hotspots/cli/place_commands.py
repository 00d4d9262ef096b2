"""Where to work: ``hotspots jemlock``, ``chb``, ``wards`` and ``roads``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from hotspots.cli.options import Request, command, require_choice, require_paths
from hotspots.core.caveats import Caveat
from hotspots.core.errors import needed, require
from hotspots.core.tables import has_shapes

if TYPE_CHECKING:
    from pyproj import CRS

    from hotspots.cli.inputs import Gathered
    from hotspots.programmes.patrols.patrol_areas import PatrolAreas

AREA_COLUMNS = (
    "rank", "rank_low", "rank_high", "status", "place_name", "ward_name", "incident_count",
    "harm",
)  # fmt: skip
ALSO = ("active_months", "largest_event_share", "area_km2", "walk_m")


PopulationOption = Annotated[
    str | None,
    typer.Option(
        help="Polygons with residents (column population): who lives there. FILE or FILE:LAYER."
    ),
]
DeprivationOption = Annotated[
    str | None, typer.Option(help="Column of --population with the decile, 1 the most deprived.")
]
GroupOption = Annotated[
    list[str] | None, typer.Option(help="Column of --population with a group; repeat.")
]
ActivityOption = Annotated[
    Path | None,
    typer.Option(help="CSV with area_id, patrol_hours and any of searches, arrests, finds."),
]


@command("Wards, to say where: FILE or FILE:LAYER.", period=True)
def jemlock(
    request: Request,
    *,
    theme: Annotated[str, typer.Option(help="Theme the areas are for.")] = "serious_violence",
    by: Annotated[
        str | None, typer.Option(help="harm, count or forecast; harm where there are weights.")
    ] = None,
    count: Annotated[int, typer.Option(min=1, help="Areas wanted.")] = 22,
    near_misses: Annotated[int, typer.Option(min=0, help="Next best areas to show.")] = 8,
    max_area_km2: Annotated[float, typer.Option(help="Largest area.")] = 0.15,
    max_walk_m: Annotated[float, typer.Option(help="Longest straight line inside.")] = 450.0,
    min_separation_m: Annotated[float, typer.Option(help="Ground between two areas.")] = 100.0,
    min_incidents: Annotated[
        int | None,
        typer.Option(help="Fewest incidents of an area; 10, or 5 where too few hold them."),
    ] = None,
    exclude: Annotated[
        str | None, typer.Option(help="Zones no area may touch: FILE or FILE:LAYER.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="Areas of the last review, as written by --out.")
    ] = None,
    victim_reported: Annotated[
        bool, typer.Option("--victim-reported", help="Choose again from what victims reported.")
    ] = False,
    population: PopulationOption = None,
    deprivation: DeprivationOption = None,
    group: GroupOption = None,
    activity: ActivityOption = None,
    beside: Annotated[
        list[str] | None, typer.Option(help="NAME=FILE of stops, arrests ... to count; repeat.")
    ] = None,
) -> None:
    """Operation Jemlock: choose the small areas to patrol that together hold most harm.

    It is the name of such patrols in West Yorkshire: 22 places in Leeds, every day.
    """
    require_choice("by", by, ("harm", "count", "forecast"))
    _check_burden(population, deprivation, group, activity, previous, exclude)
    from hotspots.cli.inputs import read_areas, read_zones
    from hotspots.core.record import NOT_GROUNDS
    from hotspots.programmes.patrols.select_areas import select_patrol_areas
    from hotspots.report.text.section_words import TITLES

    have = request.gather()
    found = select_patrol_areas(
        have.asked(theme),
        by=cast("Any", by),  # the library refuses another word
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
    borne = _borne(found.areas, found.selected, population, deprivation, group, activity, have)
    counted += borne.columns
    found = found.with_areas(borne.areas)
    have.deliver(
        found, found.areas, (*AREA_COLUMNS, *counted, *ALSO),
        sentence=f"{found.to_sentence()}{borne.words}", facts=found.to_dict() | borne.facts,
        cautions=(*borne.cautions, NOT_GROUNDS),
        heading=TITLES["patrols"], sheets=list(found.selected.index),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Borne:
    """Areas with their burden: its columns, who lives there in words, and what is not known."""

    areas: Any
    columns: list[str]
    words: str
    facts: dict[str, Any]
    cautions: tuple[Caveat, ...]


def _check_burden(
    population: str | None, deprivation: str | None, group: list[str] | None, *paths: Any
) -> None:
    """Refuse columns of no table, and paths that lead nowhere, before anything is read."""
    require(
        population is not None or not (deprivation or group),
        "`deprivation` and `group` are columns of `population`; got no such file.",
    )
    require_paths(population, *paths)


def _borne(
    areas: Any, chosen: Any, population: str | None, deprivation: str | None,
    group: list[str] | None, activity: Path | None, have: Gathered,
) -> Borne:  # fmt: skip
    """The areas with who lives there, what else is in force there and what patrols did."""
    from hotspots.cli.inputs import read_table
    from hotspots.core.plain import plain_records
    from hotspots.io.typed_tables import read_activity
    from hotspots.programmes.burden import burden_beside, who_lives_there
    from hotspots.report.text.section_words import equality_words

    homes = read_table(population, areas.crs) if population else None
    asked: dict[str, Any] = {"deprivation": deprivation, "groups": group or ()}
    carried = burden_beside(
        areas,
        homes,
        zones=have.product.zones if have.product else (),
        activity=read_activity(activity) if activity else None,
        **asked,
    )
    new = [str(name) for name in carried if name not in areas]
    columns = sorted(new, key=lambda name: name == "overlaps_with")  # long words last
    if homes is None:
        return Borne(carried, columns, "", {}, (Caveat("no-equality-view"),))
    lives = who_lives_there(chosen, homes, **asked)
    facts = {"who_lives_there": plain_records(lives)}
    return Borne(carried, columns, f" {equality_words(lives)}", facts, ())


def _counted(
    found: PatrolAreas, beside: list[str] | None, crs: CRS | None
) -> tuple[PatrolAreas, list[str]]:
    """Stops, arrests and others beside the incidents."""
    from hotspots.cli.inputs import read_table
    from hotspots.programmes.burden import count_beside

    points = {}
    for given in beside or ():
        name, _, file = given.partition("=")
        require(
            bool(name and file), f"`beside` must be NAME=FILE, a name and a file; got {given!r}."
        )
        points[name] = read_table(file, crs)
    areas = count_beside(found.areas, points) if points else found.areas
    return found.with_areas(areas), [f"{name}_count" for name in points]


EXACT_RANKS = "wins and ranks are made from the exact counts of every category"
NIGHT = "night_time_economy"
SCREEN_COLUMNS = (
    "name", "wins", "wins_low", "wins_high", "wins_without_finds", "not_beaten",
)  # fmt: skip
BESIDE_WINS = ("mean_rank", "area_km2", "wins_per_km2", "wins_when_masked", "most_wins_share")


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
    population: PopulationOption = None,
    deprivation: DeprivationOption = None,
    group: GroupOption = None,
    activity: ActivityOption = None,
    draws: Annotated[int, typer.Option(min=0, help="Resamples behind the intervals.")] = 500,
    paragraph: Annotated[
        bool, typer.Option("--paragraph", help="End with the plain paragraph for the case.")
    ] = False,
) -> None:
    """Clear, Hold, Build: compare areas, to take one back from organised crime.

    Says who is first in how many categories, and why not in all.

    The work itself is arrests, then a steady presence, then help for those who live there.
    """
    require_choice("undecided", undecided, ("error", "in", "out"))
    _check_burden(population, deprivation, group, activity, night_time_economy)
    from hotspots.cli.inputs import read_zones
    from hotspots.core.record import NOT_GROUNDS
    from hotspots.programmes.clear_hold_build.screen_candidates import (
        POLICE_ACTIVITY,
        screen_clear_hold_build,
    )
    from hotspots.programmes.release_answer import outlines_of_candidates
    from hotspots.report.text.section_words import TITLES

    have = request.gather()
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
    facts, beside = screen.to_dict(), list[str]()
    cautions: tuple[Caveat, ...] = (Caveat("no-equality-view"),)
    if has_shapes(screen.table):
        first = screen.table.iloc[:1]
        borne = _borne(screen.table, first, population, deprivation, group, activity, have)
        screen = replace(screen, table=borne.areas)
        facts = screen.to_dict() | borne.facts
        beside, cautions = borne.columns, borne.cautions
        words += f" In the first of them:{borne.words}" if borne.words else ""
    said = (POLICE_ACTIVITY, NOT_GROUNDS) if paragraph else (POLICE_ACTIVITY,)
    have.deliver(
        screen, screen.table, (*SCREEN_COLUMNS, *beside, *BESIDE_WINS), 10,
        sentence=words, facts=facts, cautions=(*cautions, *said),
        heading=TITLES["clear_hold_build"], matrix=screen.ranks,
        outlines=outlines_of_candidates(screen),
    )  # fmt: skip


WARD_COLUMNS = (
    "theme", "zone_name", "rank", "incident_count", "share_of_count", "count_per_km2",
    "count_per_1000", "ratio_to_rest", "ratio_low", "ratio_high", "harm",
)  # fmt: skip


@command("All wards: FILE or FILE:LAYER; a product's own otherwise.", period=True)
def wards(
    request: Request,
    *,
    theme: Annotated[
        list[str] | None,
        typer.Option(help="Theme; repeat. By default all the data carry; 'all' pools everything."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Wards to show, by name or as a TOML list; a product's own otherwise."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every ward, also where a product names some.")
    ] = False,
    residents: Annotated[
        str | None, typer.Option(help="Column of the wards with residents: rates per 1,000.")
    ] = None,
    rank_by: Annotated[
        str | None, typer.Option(help="Column to rank by; refused for approximate outlines.")
    ] = None,
) -> None:
    """Put wards side by side, theme by theme, each against the rest of the city."""
    require(not (every and only), "`only` and `every` contradict one another; got both. Give one.")
    from hotspots.core.sentences import sentence_of
    from hotspots.programmes.compare_wards import compare_wards
    from hotspots.report.text.section_words import TITLES

    have = request.gather()
    outlines = needed(have.zones("ward"), "wards are needed: give their file with `zones`.")
    shown = None if every else _only(only, have)
    compared = compare_wards(
        outlines,
        have.asked(),
        themes=[None if name == "all" else name for name in theme] if theme else None,
        only=shown,
        population=residents,
        rank_by=rank_by,
        record=have.record,
    )
    have.about_violence(*compared.table.index.unique("theme"))
    table = compared.with_outlines()
    if shown is not None and only is None:
        of_all = {"shown": table.index.nunique(), "wards": len(outlines)}
        have.record.warn_reader(Caveat("priority-wards", of_all))
    have.deliver(
        compared, table, WARD_COLUMNS, cautions=compared.cautions,
        brief=sentence_of(compared, "brief"), heading=TITLES["wards"],
    )  # fmt: skip


def _only(given: list[str] | None, have: Gathered) -> list[str] | Path | None:
    if given and len(given) == 1 and given[0].endswith(".toml"):
        return Path(given[0])
    if given:
        return given
    return list(have.product.priority_wards) or None if have.product else None


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
    lines_file = needed(streets, "streets are needed: give their file with `streets`.")
    require_paths(lines_file)
    from hotspots.io.load_streets import load_streets
    from hotspots.io.read_vector import path_and_layer
    from hotspots.programmes.recurring_roads import find_recurring_roads

    have = request.gather()
    path, layer = path_and_layer(lines_file)
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
    have.deliver(found, found.table, ROAD_COLUMNS, 20, heading="Roads, and sites off the road")
