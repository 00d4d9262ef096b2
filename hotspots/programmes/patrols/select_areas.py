"""Choose so many patrol-sized areas that hold most harm: from incidents to a list to sign off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Literal, overload

import numpy as np

from hotspots.analysis.regions.grow import choose_grid
from hotspots.core.arguments import has_record
from hotspots.core.caveats import Caveat
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import Finding, InputError, needed, require
from hotspots.core.record import NOT_GROUNDS
from hotspots.core.select import Selection, as_selection, select
from hotspots.core.tables import AREAS, ZONES, require_table
from hotspots.core.text.mends import Mend
from hotspots.offences.baskets import basket_names, members_by_source
from hotspots.offences.tag_themes import without_found_by_officers
from hotspots.programmes.patrols.best_areas import (
    LEAST,
    USUAL_LEAST,
    PatrolRules,
    best_areas,
    presented,
)
from hotspots.programmes.patrols.patrol_areas import PatrolAreas, keep_ids, returning
from hotspots.report.text.results import place_words

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from hotspots.core.grids import Grid
    from hotspots.core.hours import Hours
    from hotspots.core.record import RunRecord
    from hotspots.programmes.patrols.shifts import PatrolShifts

STAGE = "select_patrol_areas"


@overload
def select_patrol_areas(
    incidents: gpd.GeoDataFrame | Selection, *, shifts: Mapping[str, str | Hours],
    budget_hours: float, count: int = ..., max_area_km2: float = ..., max_walk_m: float = ...,
    min_separation_m: float = ..., by: Literal["harm", "count", "forecast"] | None = ...,
    min_incidents: int | None = ..., exclude: gpd.GeoDataFrame | None = ...,
    wards: gpd.GeoDataFrame | None = ..., near_misses: int = ..., record: RunRecord | None = ...,
) -> PatrolShifts: ...  # fmt: skip


@overload
def select_patrol_areas(
    incidents: gpd.GeoDataFrame | Selection, *, count: int = ..., shifts: None = ...,
    budget_hours: None = ..., max_area_km2: float = ..., max_walk_m: float = ...,
    min_separation_m: float = ..., by: Literal["harm", "count", "forecast"] | None = ...,
    min_incidents: int | None = ..., exclude: gpd.GeoDataFrame | None = ...,
    previous: gpd.GeoDataFrame | None = ...,
    victim_reported: str | None = ..., include_found_by_officers: bool | str = ...,
    wards: gpd.GeoDataFrame | None = ..., grid: Grid | None = ..., near_misses: int = ...,
    record: RunRecord | None = ...,
) -> PatrolAreas: ...  # fmt: skip


def select_patrol_areas(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    count: int = 22,
    shifts: Mapping[str, str | Hours] | None = None,
    budget_hours: float | None = None,
    max_area_km2: float = 0.15,
    max_walk_m: float = 450.0,
    min_separation_m: float = 100.0,
    by: Literal["harm", "count", "forecast"] | None = "harm",
    min_incidents: int | None = None,
    exclude: gpd.GeoDataFrame | None = None,
    previous: gpd.GeoDataFrame | None = None,
    victim_reported: str | None = None,
    include_found_by_officers: bool | str = False,
    wards: gpd.GeoDataFrame | None = None,
    grid: Grid | None = None,
    near_misses: int = 8,
    record: RunRecord | None = None,
) -> PatrolAreas | PatrolShifts:
    """Choose the patrol-sized areas that together hold most harm, without overlap.

    Small blocks of ground (hexagons of 100 m on exact coordinates, H3 cells of resolution 9 on
    snapped ones) are grown into contiguous places of walkable size, and the best set of them is
    found by integer programming. A block belongs to a place only while it holds at least a fifth of
    the place's incidents per km², so an area is no larger than what is busy in it. An area has
    incidents in three months (or all, where there are fewer) and owes no more than half of its harm
    to one event. What these rules put aside is listed in ``set_aside`` with the reason.

    Parameters
    ----------
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents. Several years are steadier
        than one. With ``by="harm"`` they need ``harm``.
    count : int
        Areas wanted; fewer come back where fewer places qualify, and the result says so.
    shifts : mapping of str to Hours or str, optional
        ``{"day": "07-19", "night": "19-07"}``: areas for each, which share one budget of patrol
        hours (a visit of 15 minutes in every two); ``count`` is then the most of one. They may not
        overlap. It misleads where shifts differ in what is reported rather than in what happens.
    budget_hours : float, optional
        Hours a week for the visits of all shifts.
    max_area_km2 : float
        Largest ground of an area.
    max_walk_m : float
        Longest straight line inside an area, corner to corner. The default lets one H3 cell of
        resolution 9 (358 to 390 m at Leeds) be an area; longer lines let areas grow thin arms.
    min_separation_m : float
        Ground between two areas, edge to edge. 0 lets areas touch, never overlap.
    by : {"harm", "count", "forecast"} or None
        What the areas shall hold most of. ``forecast``: incidents of the next month as
        :func:`forecast_areas` expects them from all months up to the end of the question. None is
        harm where the incidents have any, else count, and the record says which.
    min_incidents : int, optional
        An area holds at least so many incidents. By default 10; where fewer than ``count`` places
        do, as in a year of a rare theme, 5, and the record says so.
    exclude : GeoDataFrame, optional
        Zones no area may touch.
    previous : GeoDataFrame, optional
        The areas of the last review (a ``result.areas`` or any table with ``area_id`` as index):
        an area that overlaps one of them (intersection over union of 0.3 or more) keeps its id.
    victim_reported : str, optional
        Boolean column of incidents that victims or witnesses reported, or the name of a bundled
        basket (``"victim_reported"``). The choice is made again on them alone, as a check against
        areas that only show where police looked.
    include_found_by_officers : bool or str
        Offences mostly found by officers (drugs, weapons, what stop and search brings) are left
        out: areas chosen for them are searched more, and chosen again for what is found. A reason
        takes them in, and is recorded.
    wards : GeoDataFrame, optional
        Zones of kind "ward", to say where the areas are: ``ward_name``.
    grid : Grid, optional
        Other blocks.
    near_misses : int
        The next best areas, to show beside the chosen ones (ranks 23-30).
    record : RunRecord, optional
        Gets the choices, the account of every row and the caveats.

    Returns
    -------
    PatrolAreas
        ``areas`` (areas table, kind "patrol", chosen and near misses in order of rank with its
        interval, named by street, each with an empty ``sign_off``), ``members`` (the incidents with
        their area), ``set_aside``, ``changes`` since ``previous``, and how close the choice is to
        the best possible.

    Raises
    ------
    InputError
        For arguments out of range, and where one block alone is larger than an area may be.

    Notes
    -----
    It misleads when it is read as prediction: places chosen because they were high tend to fall by
    themselves. Recorded violence also shows where police were. "Best possible" is the best choice
    among the places grown, not among all shapes. Rank intervals (90 %) are those of
    :func:`rank_uncertainty` among the areas listed, never narrower than the rank itself.

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
    >>> violence = hs.select(incidents, hs.Question("serious_violence", within=city))
    >>> found = hs.select_patrol_areas(violence, by="count", count=5)
    >>> len(found.selected), int(found.selected["incident_count"].sum())
    (5, 157)
    """
    if shifts is not None:
        given = dict(locals())
        from hotspots.programmes.patrols.shifts import areas_by_shift

        why = "`shifts` share `budget_hours`, the hours a week for visits; got none."
        given["budget_hours"] = needed(budget_hours, why, rule="missing-argument")
        return areas_by_shift(**given)
    usual = USUAL_LEAST if min_incidents is None else min_incidents
    rules = PatrolRules.among(locals() | {"min_incidents": usual})
    asked, left_out = as_selection(incidents), 0
    if not include_found_by_officers:
        asked, left_out = without_found_by_officers(asked)
    told = _told(asked, victim_reported)
    rules = replace(rules, by=_weighed(asked, rules.by))
    _require_tables(asked, exclude=exclude, previous=previous, wards=wards)
    fitting, exact_share = choose_grid(asked.everything)
    blocks = fitting if grid is None else grid
    result = best_areas(asked, rules, blocks, exclude, wards)
    if min_incidents is None and len(result.selected) < rules.count:
        rules = replace(rules, min_incidents=LEAST)
        result = best_areas(asked, rules, blocks, exclude, wards)
    if previous is not None:
        result = keep_ids(result, previous)
    if told is not None:
        result = returning(result, best_areas(told, rules, blocks, exclude, wards))
    result = result.with_areas(result.areas.assign(min_incidents=rules.min_incidents))
    result = replace(presented(result), left_out=left_out)
    if has_record(record):
        if by is None and rules.by == "count":
            record.warn_reader(Caveat("chosen-by-count"))
        why = place_words.blocks(fitting, exact_share, grid)
        _note_down(record, result, rules, blocks, why)
    return result


def _told(asked: Selection, victim_reported: str | None) -> Selection | None:
    """The incidents that victims reported, of the same question."""
    if victim_reported is None:
        return None
    incidents = asked.everything
    flags = incidents.get(victim_reported)
    if flags is None:
        require(
            victim_reported in basket_names(),
            f"`victim_reported` must be a column of `incidents`, or the name of a basket; got "
            f"{victim_reported!r}.",
        )
        flags = members_by_source(incidents, victim_reported)
    if flags.isna().any() or flags.dtype.kind != "b":
        raise InputError(
            f"`incidents` column {victim_reported!r} must be true or false for every row; got "
            f"{flags.dtype} with {int(flags.isna().sum()):,} missing."
        )
    return select(incidents[np.asarray(flags, dtype=bool)], asked.question)


def _weighed(asked: Selection, by: str | None) -> str:
    """What is held most of: as asked, else harm where there is any."""
    harm = asked.rows.get("harm")
    if by is None:
        return "count" if harm is None or (len(harm) and harm.isna().all()) else "harm"
    if by in ("count", "forecast"):
        return by
    require(
        harm is not None,
        '`by="harm"` needs weights; got none.',
        mend=Mend("weigh-or-count"),
    )
    require(
        not len(asked.rows) or (harm is not None and bool(harm.notna().any())),
        f"`incidents` of theme {asked.theme!r} have no harm: nothing in them can be weighed. "
        'Choose areas `by="count"`.',
        rule="unweighed",
    )
    return by


def _require_tables(asked: Selection, **tables: gpd.GeoDataFrame | None) -> None:
    """Check every other table before any work is done."""
    for argument, table in tables.items():
        if table is not None:
            contract = AREAS if argument == "previous" else ZONES
            require_table(table, contract, argument=argument, only=["geometry"])
            require_same_crs(asked.everything, table, ("incidents", argument))


def _note_down(
    record: RunRecord,
    result: PatrolAreas,
    rules: PatrolRules,
    grid: Grid,
    why: str,
) -> None:
    """The account, the choices, and what a reader must know before an area is patrolled."""
    inside = int(result.areas["incident_count"].sum())
    outside = len(result.members.rows) - inside
    record.account(result.members.closed(STAGE, inside, noise=outside))
    record.choose(STAGE, theme=result.theme, grid=grid.name, **asdict(rules))
    if result.left_out:
        record.find(
            Finding(
                "found-by-officers",
                "Incidents of offences mostly found by officers were left out of the choice.",
                "note",
                rows=result.left_out,
            )
        )
    record.find(Finding("patrol-blocks", why, "note"))
    record.warn_reader(NOT_GROUNDS)
    for finding in _findings(result, rules):
        record.find(finding)


def _findings(result: PatrolAreas, rules: PatrolRules) -> Iterator[Finding]:
    found = len(result.selected)
    if rules.min_incidents == LEAST:
        yield Finding(
            "smaller-areas", f"An area may hold as few as {LEAST} incidents.", "note", rows=found
        )
    if found < rules.count:
        yield Finding(
            "fewer-areas",
            f"{rules.count} areas were wanted and {found} places qualify.",
            "warning",
            mend="Lower `min_incidents`, look at a longer period, or accept fewer.",
        )
    one_point = int((result.selected["unique_points"] == 1).sum())
    if one_point:
        yield Finding(
            "one-point-areas",
            "An area owes all its incidents to one coordinate: a map point or an address, "
            "not ground to patrol.",
            "warning",
            mend="Read the columns 'unique_points' and 'largest_point_share'.",
            rows=one_point,
        )
    reasons: pd.Series = result.set_aside["reason"].value_counts(sort=False)
    for reason, rows in reasons.items():
        yield Finding("put-aside", f"A place was put aside: {reason}.", "note", rows=int(rows))
