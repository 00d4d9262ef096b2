"""Incidents gathered into the cells of a grid, one theme and one period at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.arguments import has_record
from hotspots.core.caveats import Caveat
from hotspots.core.errors import Finding, listing, require
from hotspots.core.grids import PolygonCells, StreetSegments
from hotspots.core.select import Selection, as_selection
from hotspots.core.text.mends import Mend
from hotspots.core.totals import (
    all_snapped,
    area_totals,
    in_area_order,
    period_columns,
    points_at_risk,
    share_inside,
    snapped_incidents,
)
from hotspots.offences.tell_themes import theme_labels
from hotspots.offences.themes import theme_in_words

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Objects
    from hotspots.core.grids import Grid
    from hotspots.core.points import PlaceIndex
    from hotspots.core.record import RunRecord

# A cell that only touches the study area, but for rounding, is none of its cells.
SLIVER_SHARE = 1e-9
FEWEST_POINTS = 2.0


def assign_cells(incidents: gpd.GeoDataFrame | Selection, grid: Grid) -> Selection:
    """Say which cell of a grid each selected incident is in.

    Parameters
    ----------
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents.
    grid : Grid
        For instance ``H3Grid(9)``.

    Returns
    -------
    Selection
        The same selection; its rows have ``area_id``, and it knows its grid.

    Raises
    ------
    InputError
        For incidents in degrees, or in a system the grid is not made for.

    Notes
    -----
    On snapped data the cell is that of the map point, which can be a street away.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> july = hs.select(incidents, hs.Question(period="2018-07"))
    >>> hs.assign_cells(july, hs.H3Grid(9)).rows["area_id"].iloc[0]
    '891942005c3ffff'
    """
    return as_selection(incidents).in_cells(grid)


def aggregate_to_cells(
    incidents: Selection, *, record: RunRecord | None = None
) -> gpd.GeoDataFrame:
    """Count incidents, and their harm, in every cell that touches the study area.

    Parameters
    ----------
    incidents : Selection
        From :func:`assign_cells`, of a question with a study area. With ``harm`` from
        :func:`weigh_harm` where harm is wanted.
    record : RunRecord, optional
        Gets the account of every row.

    Returns
    -------
    GeoDataFrame
        Areas table, one row a cell in order of ``area_id``; zeros included. Cells are chosen by
        overlap, so the edge is kept and no incident inside the study area is lost;
        ``share_inside`` says how much of a cell counts. Where all places are snapped,
        ``points_at_risk`` counts the map points seen in the cell, whatever the theme and period:
        what :func:`flag_hotspots` compares the count with.

    Raises
    ------
    InputError
        For incidents that are not in cells, or a question without a study area.

    Notes
    -----
    A count says where incidents were recorded, not where they were most likely: cells that hold
    more people, more addresses or more map points collect more. Cells without any map point of
    the source are zero by construction.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> everything = hs.select(incidents, hs.Question(within=city))
    >>> cells = hs.aggregate_to_cells(hs.assign_cells(everything, hs.H3Grid(9)))
    >>> int(cells["incident_count"].sum())
    10727
    """
    cells, grid = study_cells(incidents)
    totals = area_totals(incidents.parts, cells.index)
    totals = _with_rates(totals, grid)
    if all_snapped(incidents):
        totals["points_at_risk"] = points_at_risk(incidents).reindex(cells.index, fill_value=0)
    if has_record(record):
        held = int(totals["incident_count"].sum())
        record.account(incidents.closed("aggregate_to_cells", held, incidents.total - held))
        record.choose("aggregate_to_cells", grid=grid.name, cells=len(cells))
        _warn_if_finer_than_the_points(totals, grid, record)
        if isinstance(grid, StreetSegments) and snapped_incidents(incidents):
            record.warn_reader(Caveat("segments-indicative"))
        _warn_of_shared_ground(grid, record)
        _warn_of_gaps(incidents, grid, held, record)
    told = {"kind": grid.name, "theme": incidents.theme, **period_columns(incidents)}
    return in_area_order(cells.assign(**told).join(totals))


def study_cells(incidents: Selection) -> tuple[gpd.GeoDataFrame, Grid]:
    """The cells that touch the study area or hold incidents, not counted yet; and their grid."""
    grid, within = _grid_and_study_area(incidents)
    parts = incidents.parts
    observed = parts.ids[np.bincount(parts.area[parts.area >= 0], minlength=len(parts.ids)) > 0]
    cells = _study_cells(grid, within, observed, incidents.source.places)
    return cells.assign(place_name=_names(grid, cells.index)), grid


def _grid_and_study_area(incidents: Selection) -> tuple[Grid, gpd.GeoDataFrame]:
    require(
        isinstance(incidents, Selection) and incidents.grid is not None,
        "`incidents` must be assigned to cells; got others.",
        mend=Mend("assign-cells"),
        rule="unassigned",
    )
    require(
        incidents.within is not None,
        "cells need a study area, since empty ones count too; the question has none.",
        mend=Mend("ask-within"),
    )
    assert incidents.grid is not None and incidents.within is not None
    return incidents.grid, incidents.within


def _study_cells(
    grid: Grid, within: gpd.GeoDataFrame, observed: pd.Index, places: PlaceIndex
) -> gpd.GeoDataFrame:
    """Every cell that overlaps the study area, with its share inside; observed cells always.

    The ground is the same for every theme and period of a table: it is worked out once.
    """

    def found() -> tuple[Objects, gpd.GeoDataFrame]:
        covering = grid.cover(within.geometry.union_all(), within.crs)
        return covering, _ground(grid, within, _joined(covering, observed))

    covering, ground = places.for_good("ground of cells", [grid, within], found)
    ids = _joined(covering, observed)
    wanted = pd.Index(ids, dtype=object)
    new = ids[~wanted.isin(ground.index)]
    if len(new):
        ground = pd.concat([ground, _ground(grid, within, new)])
    cells: gpd.GeoDataFrame = ground.take(ground.index.get_indexer(wanted))
    return cells[(cells["share_inside"] > SLIVER_SHARE) | cells.index.isin(observed)]


def _joined(covering: Objects, observed: pd.Index) -> Objects:
    """Both, sorted, as the covering cells are already."""
    beside = observed[~observed.isin(covering)]
    ids: Objects = np.union1d(covering, beside) if len(beside) else covering
    return ids


def _ground(grid: Grid, within: gpd.GeoDataFrame, ids: Objects) -> gpd.GeoDataFrame:
    """Cells with their size and the share of them inside the study area."""
    import geopandas as gpd

    cells = gpd.GeoDataFrame(
        {"area_km2": grid.areas_km2(ids)},
        index=pd.Index(ids, name="area_id", dtype=object),
        geometry=grid.polygons(ids, within.crs),
        crs=within.crs,
    )
    cells["share_inside"] = share_inside(cells.geometry, within)
    return cells


def _warn_if_finer_than_the_points(totals: pd.DataFrame, grid: Grid, record: RunRecord) -> None:
    """Cells that hold about one map point each show the points and not the incidents."""
    if "points_at_risk" not in totals.columns:
        return
    held = totals["points_at_risk"][totals["points_at_risk"] > 0]
    if len(held) and held.mean() < FEWEST_POINTS:
        record.find(
            Finding(
                "finer-than-the-data",
                f"{grid.name} is finer than the map points of the data: cells that hold any hold "
                f"{held.mean():.1f} on average.",
                "warning",
                mend="Use coarser cells.",
            )
        )
        record.warn_reader(Caveat("finer-than-map-points", {"grid": grid.name}))


def _with_rates(totals: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """What unlike cells hold at risk, and the incidents for each of it."""
    if not isinstance(grid, PolygonCells):
        return totals
    held = grid.at_risk(totals.index.to_numpy())
    if held is None:
        return totals
    rate = np.divide(totals["incident_count"], held, where=held > 0, out=np.full(len(held), np.nan))
    totals = totals.assign(at_risk=held, rate=rate, rate_per=grid.rate_per)
    if isinstance(grid, StreetSegments):
        return totals.assign(length_m=held, count_per_100m=100 * rate)
    return totals


def _names(grid: Grid, ids: pd.Index) -> pd.Series:
    """The names of cells that have names of their own."""
    if isinstance(grid, PolygonCells) and "zone_name" in grid.zones.columns:
        names = grid.zones["zone_name"].set_axis(grid.ids)
        return names.reindex(ids).astype(object).where(lambda name: name.notna(), None)
    return pd.Series(None, index=ids, dtype=object)


def _warn_of_shared_ground(grid: Grid, record: RunRecord) -> None:
    """Polygons that overlap are no partition: the first by id has what lies in both."""
    pairs = grid.overlapping if isinstance(grid, PolygonCells) else []
    if pairs and isinstance(grid, PolygonCells):
        named = listing([f"{one} and {other}" for one, other in pairs], most=4)
        gone = f"; none is left to {listing(grid.covered, most=4)}" if grid.covered else ""
        record.find(
            Finding(
                "overlapping-cells",
                f"{len(pairs):,} pairs of cells share ground; the first by name has it, and its "
                f"incidents: {named}{gone}.",
                "warning",
                mend="Make the outlines a partition, or relate areas to them as zones.",
            )
        )


def _warn_of_gaps(incidents: Selection, grid: Grid, held: int, record: RunRecord) -> None:
    """Incidents of the study area that are in none of the cells."""
    gone = incidents.total - held
    if gone:
        name = incidents.theme
        theme = theme_labels(incidents.source.tally.kinds).get(name, theme_in_words(name))
        record.find(
            Finding(
                "in-no-area",
                f"{gone:,} of {incidents.total:,} incidents ({theme}) lie in none of the "
                f"areas ({grid.name}) and are not in their totals.",
                "warning",
                rows=gone,
            )
        )
        told = {"theme": theme, "incidents": gone}
        record.warn_reader(Caveat("in-no-area", told, counts_incidents=True))
