"""Flagged segments that follow one another on one street, joined and named by where they end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.crs import place_references
from hotspots.core.errors import InputError, require
from hotspots.core.grids import StreetSegments
from hotspots.core.points import square_ids
from hotspots.core.select import Selection, require_members
from hotspots.core.tables import AREAS, require_table
from hotspots.core.text.mends import Mend
from hotspots.core.totals import area_totals, period_columns, share_inside, share_of_all_harm

if TYPE_CHECKING:
    from hotspots.core.arrays import Codes, Objects

KIND = "street-run"
UNNAMED = "unnamed street"


@dataclass(frozen=True, eq=False)
class Runs:
    """What :func:`assign_runs` joined.

    Attributes
    ----------
    outlines
        One row a run: ``street_name``, ``place_name``, ``segments``, ``length_m`` and the polygon.
    run_of
        The run of each flagged segment.
    """

    outlines: gpd.GeoDataFrame
    run_of: pd.Series


def assign_runs(
    areas: gpd.GeoDataFrame, incidents: Selection, *, flagged: str = "is_core"
) -> Selection:
    """Say in which run of flagged segments each selected incident is.

    Parameters
    ----------
    areas : GeoDataFrame
        Street segments, flagged by :func:`flag_hotspots`.
    incidents : Selection
        The incidents they were counted from, in :class:`StreetSegments`.
    flagged : str
        Column that says which segments are joined; by default those that are high themselves, not
        only beside one that is.

    Returns
    -------
    Selection
        The same selection; its rows have the ``area_id`` of their run (missing elsewhere), and
        ``made_by`` holds the :class:`Runs`.

    Raises
    ------
    InputError
        For incidents that are not on streets, or areas that were not counted from them or not
        flagged.

    Notes
    -----
    Segments of one name that share a junction are one run; so are those without a name. A run
    says where flags follow one another, and is not itself tested. It misleads where a street was
    drawn in many short segments: one of them without incidents ends a run.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> roads = hs.streets.split_at_junctions(town.streets, crossings=True)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> asked = hs.assign_cells(asked, hs.StreetSegments(roads, reach_m=30))
    >>> flagged = hs.flag_hotspots(hs.aggregate_to_cells(asked), asked)
    >>> joined = hs.streets.assign_runs(flagged, asked)
    >>> bool(joined.total == asked.total), joined.rows["area_id"].nunique() > 3
    (True, True)
    """
    streets = _streets(incidents)
    require_table(areas, AREAS, argument="areas", only=["geometry"], also=[flagged])
    require_members(areas, incidents)
    mine = areas[areas[flagged].fillna(False).astype(bool)].sort_index()
    names = _street_names(streets, mine.index)
    meet = streets.junctions(mine.index.to_numpy())
    run = _joined(meet, names)
    outlines = _outlines(mine, names, run, streets)
    run_of = pd.Series(outlines.index.to_numpy()[run], index=mine.index, dtype=object)
    return incidents.merged(run_of, Runs(outlines, run_of))


def find_runs(incidents: Selection) -> gpd.GeoDataFrame:
    """Runs of flagged segments as areas, named by the streets they lie between.

    Parameters
    ----------
    incidents : Selection
        From :func:`assign_runs`.

    Returns
    -------
    GeoDataFrame
        Areas table, ``kind`` "street-run", most incidents first: ``place_name`` ("Harehills Lane
        between X and Y"), ``street_name``, ``segments``, ``length_m``, ``count_per_100m``, and what
        all areas carry. Totals are those of the segments, added up.

    Raises
    ------
    InputError
        For incidents that are not assigned to runs.

    Notes
    -----
    A long run collects more than a short one: read ``count_per_100m`` beside the count.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> roads = hs.streets.split_at_junctions(town.streets, crossings=True)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> asked = hs.assign_cells(asked, hs.StreetSegments(roads, reach_m=30))
    >>> flagged = hs.flag_hotspots(hs.aggregate_to_cells(asked), asked)
    >>> runs = hs.streets.find_runs(hs.streets.assign_runs(flagged, asked))
    >>> runs["kind"].unique().tolist(), bool((runs["length_m"] > 0).all())
    (['street-run'], True)
    """
    if not isinstance(incidents.made_by, Runs):
        raise InputError(
            "`incidents` must be assigned to runs first; these are not.",
            rule="unassigned",
            mend=Mend("assign-runs"),
        )
    runs = incidents.made_by.outlines.copy()
    runs["kind"], runs["theme"] = KIND, incidents.theme
    for name, stamp in period_columns(incidents).items():
        runs[name] = stamp
    runs["area_km2"] = runs.geometry.area / 1e6
    within = incidents.within
    runs["share_inside"] = 1.0 if within is None else share_inside(runs.geometry, within)
    totals = share_of_all_harm(area_totals(incidents.parts, runs.index), incidents)
    runs = runs.join(totals)
    runs["count_per_100m"] = 100 * runs["incident_count"] / runs["length_m"]
    order = np.lexsort((runs.index.astype(str), -runs["incident_count"]))
    first = ["kind", "theme", "period_from", "period_until", "incident_count"]
    last = ["area_km2", "share_inside", "street_name", "place_name", "geometry"]
    middle = [name for name in runs.columns if name not in (*first, *last)]
    return runs[[*first, *middle, *last]].iloc[order]


def _streets(incidents: Selection) -> StreetSegments:
    require(
        isinstance(incidents.grid, StreetSegments),
        "`incidents` must be assigned to street segments; got others.",
        mend=Mend("assign-streets"),
        rule="unassigned",
    )
    assert isinstance(incidents.grid, StreetSegments)
    return incidents.grid


def _street_names(streets: StreetSegments, ids: Any) -> Objects:
    """Name of each segment; empty where it has none."""
    names = streets.zones["zone_name"].set_axis(streets.ids).reindex(ids)
    return np.asarray(names.astype(object).where(names.notna(), ""), dtype=object)


def _joined(meet: Any, names: Objects) -> Codes:
    """The run of each segment: connected through junctions, by segments of the same name."""
    from scipy.sparse.csgraph import connected_components

    beside = (meet @ meet.T).tocoo()
    same = names[beside.row] == names[beside.col]
    beside.data = np.where(same, 1.0, 0.0)
    beside.eliminate_zeros()
    return np.asarray(connected_components(beside, directed=False)[1], dtype=np.intp)


def _outlines(
    mine: gpd.GeoDataFrame, names: Objects, run: Codes, streets: StreetSegments
) -> gpd.GeoDataFrame:
    """Each run with its name, its length and its outline."""
    first = np.unique(run, return_index=True)[1]
    length = streets.at_risk(mine.index.to_numpy())
    outlines = gpd.GeoSeries(
        [mine.geometry[run == one].union_all() for one in range(len(first))], crs=mine.crs
    )
    table = gpd.GeoDataFrame(
        {
            "street_name": [name or None for name in names[first]],
            "segments": np.bincount(run, minlength=len(first)),
            "length_m": np.bincount(run, length, len(first)),
        },
        geometry=outlines,
    ).set_axis(square_ids(outlines, "run"))
    table["place_name"] = _told_apart(table, _between(mine.index, run, names, streets))
    return table


def _between(ids: pd.Index, run: Codes, names: Objects, streets: StreetSegments) -> list[str]:
    """The street of each run, and the streets at the ends of the run."""
    every = _street_names(streets, streets.ids)
    around = streets.junctions(streets.ids).tocsc()
    meet = streets.junctions(ids.to_numpy()).tocsr()
    said = []
    for one in range(int(run.max(initial=-1)) + 1):
        mine = np.flatnonzero(run == one)
        street = names[mine[0]]
        ends = np.flatnonzero(np.asarray(meet[mine].sum(axis=0)).ravel() == 1)
        there = [set(every[around[:, [node]].nonzero()[0]]) - {street, ""} for node in ends]
        crossing = sorted({min(others) for others in there if others})
        said.append(_where(street or UNNAMED, crossing))
    return said


def _where(street: str, crossing: list[str]) -> str:
    """A stretch of street by the first and last of the streets at its ends."""
    if not crossing:
        return street
    if len(crossing) == 1:
        return f"{street} at {crossing[0]}"
    return f"{street} between {crossing[0]} and {crossing[-1]}"


def _told_apart(table: gpd.GeoDataFrame, said: list[str]) -> list[str]:
    """Two runs of one name get the reference of their middle."""
    names = pd.Series(said, dtype=object)
    twins = names.duplicated(keep=False).to_numpy()
    middle = table.geometry.representative_point()
    spots = place_references(middle.x, middle.y, table.crs)
    return [
        f"{name} ({spot})" if twin else name
        for name, spot, twin in zip(names, spots, twins, strict=True)
    ]
