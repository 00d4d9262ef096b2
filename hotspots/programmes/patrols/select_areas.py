"""Choose so many patrol-sized areas that hold most harm: from incidents to a list to sign off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hotspots.analysis.regions import (
    Blocks,
    Packing,
    Places,
    choose_grid,
    gather_blocks,
    grow_places,
    pack_places,
    relaxed_bound,
    too_close,
)
from hotspots.core.errors import InputError
from hotspots.core.grids import HexGrid
from hotspots.core.periods import Period
from hotspots.core.select import Selection, select_incidents
from hotspots.programmes.patrols.continuity import keep_ids, returning
from hotspots.programmes.patrols.log import STAGE, label, note_down
from hotspots.programmes.patrols.patrol_areas import Choice, PatrolAreas
from hotspots.programmes.patrols.patrol_rules import Rules, require_inputs
from hotspots.programmes.patrols.patrol_tables import (
    NEAR_MISS,
    SELECTED,
    areas_table,
    set_aside_table,
)
from hotspots.report.text.grammar import counted

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord

BLOCK_SHARE = 0.2
KEEP_OVERLAP = 0.3


def select_patrol_areas(
    incidents: gpd.GeoDataFrame,
    *,
    theme: str | None = "serious_violence",
    period: str | Period | None = None,
    within: gpd.GeoDataFrame | None = None,
    count: int = 22,
    max_area_km2: float = 0.15,
    max_walk_m: float = 450.0,
    min_separation_m: float = 100.0,
    by: Literal["harm", "count"] = "harm",
    min_incidents: int = 10,
    min_active_months: int = 3,
    max_event_share: float = 0.5,
    block_share: float = BLOCK_SHARE,
    exclude: gpd.GeoDataFrame | None = None,
    previous: gpd.GeoDataFrame | None = None,
    keep_overlap: float = KEEP_OVERLAP,
    victim_reported: str | None = None,
    grid: Grid | None = None,
    near_misses: int = 8,
    method: Literal["exact", "greedy"] = "exact",
    time_limit_s: float = 60.0,
    include_institutional: bool = False,
    include_sensitive: str | bool = False,
    record: RunRecord | None = None,
) -> PatrolAreas:
    """Choose the patrol-sized areas that together hold most harm, without overlap.

    Small blocks of ground (hexagons of 100 m on exact coordinates, H3 cells of resolution 9 on
    snapped ones) are grown into contiguous places of walkable size, and the best set of them is
    found by integer programming.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table with ``theme_<theme>`` and, for ``by="harm"``, ``harm``.
    theme : str or None
        Theme the areas are for; None takes all incidents.
    period : str or Period, optional
        For instance ``"2024-04/2025-03"``. Several years are steadier than one.
    within : GeoDataFrame, optional
        Zones whose union is the study area.
    count : int
        Areas wanted; fewer come back where fewer places qualify, and the result says so.
    max_area_km2 : float
        Largest ground of an area.
    max_walk_m : float
        Longest straight line inside an area, corner to corner. The default lets one H3 cell of
        resolution 9 (358 to 390 m at Leeds) be an area; longer lines let areas grow thin arms.
    min_separation_m : float
        Ground between two areas, edge to edge. 0 lets areas touch, never overlap.
    by : {"harm", "count"}
        What the areas shall hold most of.
    min_incidents : int
        An area holds at least so many incidents.
    min_active_months : int
        In at least so many different months (fewer where the data have fewer).
    max_event_share : float
        No area owes more than this share of its harm to one event. What the rules put aside is
        listed in ``set_aside`` with the reason.
    block_share : float
        A block belongs to an area only while it holds at least this share of the area's incidents
        per km2; so an area is no larger than what is busy in it.
    exclude : GeoDataFrame, optional
        Zones no area may touch.
    previous : GeoDataFrame, optional
        The areas of the last review (a ``result.areas`` or any table with ``area_id`` as index):
        an area that overlaps one of them keeps its id.
    keep_overlap : float
        Intersection over union from which two areas are the same one.
    victim_reported : str, optional
        Boolean column of incidents that victims or witnesses reported. The choice is made again on
        them alone, as a check against areas that only show where police looked.
    grid : Grid, optional
        Other blocks.
    near_misses : int
        The next best areas, to show beside the chosen ones (ranks 23-30).
    method : {"exact", "greedy"}
        Greedy takes the best area that still fits, one after another.
    time_limit_s : float
        For the solver; where it stops early, the result says by how much it could be bettered.
    include_institutional, include_sensitive : optional
        Keep incidents with those flags; sensitive ones need a reason.
    record : RunRecord, optional
        Gets the choices, the account of every row and the caveats.

    Returns
    -------
    PatrolAreas
        ``areas`` (areas table, kind "patrol", chosen and near misses in order of rank, each with
        an empty ``sign_off``), ``labels`` of the incidents, ``set_aside``, ``changes`` since
        ``previous``, and how close the choice is to the best possible.

    Raises
    ------
    InputError
        For arguments out of range, and where one block alone is larger than an area may be.

    Notes
    -----
    It misleads when it is read as prediction: places chosen because they were high tend to fall by
    themselves. Recorded violence also shows where police were. "Best possible" is the best choice
    among the places grown, not among all shapes.

    References
    ----------
    Set packing with a relaxed bound: Nemhauser and Wolsey (1988), Integer and Combinatorial
    Optimization, doi:10.1002/9781118627372. Choosing by harm: Sherman, Neyroud and Neyroud (2016),
    The Cambridge Crime Harm Index, doi:10.1093/police/paw003.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> incidents = hs.tag_themes(incidents, hs.Themes.police_uk())
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> found = select_patrol_areas(incidents, within=city, by="count", count=5)
    >>> len(found.selected), int(found.selected["incident_count"].sum())
    (5, 157)
    """
    rules = Rules(
        count=count,
        near_misses=near_misses,
        max_area_km2=max_area_km2,
        max_walk_m=max_walk_m,
        min_separation_m=min_separation_m,
        by=by,
        min_incidents=min_incidents,
        min_active_months=min_active_months,
        max_event_share=max_event_share,
        block_share=block_share,
        keep_overlap=keep_overlap,
        method=method,
        time_limit_s=time_limit_s,
    )
    rules.check()
    require_inputs(incidents, by, within, exclude, previous, victim_reported)
    options: dict[str, Any] = {
        "theme": theme,
        "period": period,
        "within": within,
        "include_institutional": include_institutional,
        "include_sensitive": include_sensitive,
    }
    grid, why = _grid(incidents, grid)
    selection = select_incidents(incidents, stage=STAGE, **options)
    result = _chosen(incidents, selection, rules, grid, exclude, within)
    if previous is not None:
        result = keep_ids(result, previous, keep_overlap)
    if victim_reported is not None:
        among = incidents[np.asarray(incidents[victim_reported], dtype=bool)]
        again = select_incidents(among, stage=STAGE, **options)
        rerun = _chosen(among, again, rules, grid, exclude, within)
        result = returning(result, rerun, keep_overlap)
    if record is not None:
        result = replace(result, label=label(record, selection.theme, result.label))
        note_down(record, result, selection, rules, grid, why)
    return result


def _chosen(
    incidents: gpd.GeoDataFrame,
    selection: Selection,
    rules: Rules,
    grid: Grid,
    exclude: gpd.GeoDataFrame | None,
    within: gpd.GeoDataFrame | None,
) -> PatrolAreas:
    """The areas of one selection of incidents."""
    used = incidents[selection.used]
    blocks = gather_blocks(used, grid)
    _require_room(blocks, rules, grid)
    worth = _worth(used, blocks, rules, selection.theme)
    grown = grow_places(blocks, worth, rules.reach, _allowed(blocks, exclude))
    reasons = _reasons(grown, rules, rules.months_needed(blocks.months.shape[1]))
    fit = grown.take(np.flatnonzero(reasons == ""))
    close = too_close(blocks, np.unique(grown.members.indices), rules.min_separation_m)
    packing = pack_places(
        fit, close, rules.count, time_limit_s=rules.time_limit_s, exact=rules.method == "exact"
    )
    if rules.method == "greedy":
        packing = replace(packing, bound=relaxed_bound(fit, close, rules.count))
    taken = [fit.blocks_of(place) for place in packing.chosen]
    missed = _next_best(fit, close, taken, rules.near_misses)
    status = [SELECTED] * len(taken) + [NEAR_MISS] * len(missed)
    areas, labels = areas_table(used, blocks, taken + missed, status, selection, within)
    aside = _put_aside(grown, reasons, close, taken, rules.count)
    return PatrolAreas(
        areas=areas.assign(ranked_by=rules.by),
        labels=labels.reindex(incidents.index),
        set_aside=set_aside_table(used, blocks, aside),
        choice=_summary(packing, worth, areas, blocks, rules),
        theme=selection.theme,
        label=f"incidents tagged {selection.theme}" if selection.theme != "all" else "incidents",
        period=selection.account.period,
    )


def _grid(incidents: gpd.GeoDataFrame, asked: Grid | None) -> tuple[Grid, str]:
    """The blocks, and the words for why."""
    grid, why = choose_grid(incidents)
    if asked is None:
        return grid, why
    words = f"Areas are built from {asked.name} blocks, as asked for."
    if not isinstance(grid, HexGrid):
        words += " Most coordinates are not exact: small blocks show where map points are."
    return asked, words


def _require_room(blocks: Blocks, rules: Rules, grid: Grid) -> None:
    """One block must fit into one area."""
    if not len(blocks):
        return
    smallest, widest = float(blocks.area_km2.min()), 2 * float(blocks.radius.min())
    if smallest > rules.max_area_km2 or widest > rules.max_walk_m:
        raise InputError(
            f"one block ({grid.name}) has {smallest:.4f} km2 and is {widest:.0f} m across, more "
            f"than an area may have (`max_area_km2`={rules.max_area_km2:g}, "
            f"`max_walk_m`={rules.max_walk_m:g}). Allow larger areas, or pass smaller blocks, e.g. "
            "`grid=HexGrid(100)`, where the coordinates are exact."
        )


def _worth(used: gpd.GeoDataFrame, blocks: Blocks, rules: Rules, theme: str) -> NDArray[np.float64]:
    if rules.by == "count":
        return blocks.count.astype(float)
    if len(used) and used["harm"].isna().all():
        raise InputError(
            f"`incidents` of theme {theme!r} have no harm: nothing in them can be weighed. Choose "
            'areas by="count".'
        )
    return blocks.harm


def _allowed(blocks: Blocks, exclude: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
    """Blocks that share no ground with an excluded zone."""
    import shapely

    if exclude is None or not len(blocks):
        return np.ones(len(blocks), dtype=bool)
    barred = exclude.geometry.union_all()
    shapely.prepare(barred)
    meets = shapely.intersects(barred, blocks.outline)
    return np.asarray(~meets | shapely.touches(barred, blocks.outline))


def _reasons(places: Places, rules: Rules, months: int) -> NDArray[np.object_]:
    """Why each place may not be an area; empty where it may."""
    share = places.largest / np.where(places.harm > 0, places.harm, np.inf)
    reasons = np.full(len(places), "", dtype=object)
    for place, (count, active) in enumerate(zip(places.count, places.active_months, strict=True)):
        if count < rules.min_incidents:
            reasons[place] = f"{counted(count, 'incident')}, {rules.min_incidents:,} needed"
        elif active < months:
            reasons[place] = f"{counted(active, 'active month')}, {months} needed"
        elif share[place] > rules.max_event_share:
            reasons[place] = f"one event holds {share[place]:.0%} of the harm"
    return reasons


def _next_best(
    fit: Places, close: Any, taken: list[NDArray[np.intp]], number: int
) -> list[NDArray[np.intp]]:
    """The best places that keep apart from those taken, one after another."""
    free = fit.take(np.flatnonzero(~_meets(fit, close, taken)))
    found = pack_places(free, close, number, time_limit_s=1.0, exact=False)
    return [free.blocks_of(place) for place in found.chosen]


def _put_aside(
    grown: Places,
    reasons: NDArray[np.object_],
    close: Any,
    taken: list[NDArray[np.intp]],
    count: int,
) -> list[tuple[NDArray[np.intp], str]]:
    """Places that would have been among the first by value, had the rules not kept them out."""
    without_rules = pack_places(grown, close, count, time_limit_s=1.0, exact=False).chosen
    elsewhere = ~_meets(grown, close, taken)
    return [
        (grown.blocks_of(place), str(reasons[place]))
        for place in without_rules
        if reasons[place] and elsewhere[place]
    ]


def _meets(places: Places, close: Any, taken: list[NDArray[np.intp]]) -> NDArray[np.bool_]:
    """Places too close to one of those taken."""
    held = np.zeros(places.members.shape[1])
    if taken:
        held[np.concatenate(taken)] = 1.0
    return np.asarray(places.members @ (close @ held) > 0)


def _summary(
    packing: Packing,
    worth: NDArray[np.float64],
    areas: gpd.GeoDataFrame,
    blocks: Blocks,
    rules: Rules,
) -> Choice:
    chosen = areas[areas["status"] == SELECTED]
    return Choice(
        by=rules.by,
        wanted=rules.count,
        held=packing.value,
        total=float(np.sort(worth).sum()),
        best_possible=packing.bound,
        gap=packing.gap,
        method=packing.method,
        proven=packing.proven,
        incidents_held=int(chosen["incident_count"].sum()),
        incidents_total=int(blocks.count.sum()),
        area_km2=float(chosen["area_km2"].sum()),
    )
