"""Incidents gathered into the cells of a grid, one theme and one period at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.crs import coordinates
from hotspots.core.errors import Finding
from hotspots.core.periods import Period
from hotspots.core.points import distinct_places
from hotspots.core.select import EVERYTHING, select_incidents
from hotspots.core.tables import ZONES, require_table
from hotspots.core.totals import area_totals, period_columns, points_at_risk, share_inside

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord

SLIVER_SHARE = 1e-9
FEWEST_POINTS = 2.0


def aggregate_to_cells(
    incidents: gpd.GeoDataFrame,
    grid: Grid,
    *,
    within: gpd.GeoDataFrame,
    theme: str | None = None,
    period: str | Period | None = None,
    include_institutional: bool = False,
    include_sensitive: str | bool = False,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Count incidents, and their harm, in every cell that touches the study area.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table; with ``theme_<theme>`` from :func:`tag_themes`, and ``harm`` from
        :func:`weigh_harm` where harm is wanted.
    grid : Grid
        For instance ``H3Grid(9)``.
    within : GeoDataFrame
        Zones whose union is the study area. Cells are chosen by overlap, so the edge is kept and
        no incident inside the study area is lost; ``share_inside`` says how much of a cell counts.
    theme : str, optional
        Count this theme only; all incidents by default.
    period : str or Period, optional
        For instance ``"2018-07"``; all times by default.
    include_institutional : bool
        Keep incidents on institutional points.
    include_sensitive : str, optional
        The reason for which incidents with sensitive offences are kept; recorded in the account.
    record : RunRecord, optional
        Gets the account of every row.

    Returns
    -------
    GeoDataFrame
        Areas table, one row a cell in order of ``area_id``; zeros included. Where all places are
        snapped, ``points_at_risk`` counts the map points seen in the cell, whatever the theme and
        period: what :func:`flag_hotspots` compares the count with.

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
    >>> cells = hs.aggregate_to_cells(incidents, hs.H3Grid(9), within=city)
    >>> int(cells["incident_count"].sum())
    10727
    """
    require_table(within, ZONES, argument="within", only=["geometry"])
    selection = select_incidents(
        incidents,
        stage="aggregate_to_cells",
        theme=theme,
        period=period,
        within=within,
        include_institutional=include_institutional,
        include_sensitive=include_sensitive,
    )
    used = incidents[selection.used]
    labels = label_cells(used, grid)
    cells = _study_cells(grid, within, labels)
    totals = area_totals(used, labels, cells.index)
    if _all_snapped(incidents):
        totals["points_at_risk"] = _map_points(incidents, grid, within, cells.index)
    if record is not None:
        record.account(selection.closed(int(totals["incident_count"].sum())))
        record.choose("aggregate_to_cells", grid=grid.name, cells=len(cells))
        _warn_if_finer_than_the_points(totals, grid, record)
    cells["kind"] = grid.name
    cells["theme"] = EVERYTHING if theme is None else theme
    for name, stamp in period_columns(selection.period, incidents).items():
        cells[name] = stamp
    cells["place_name"] = pd.Series(None, index=cells.index, dtype=object)
    return _in_order(cells.join(totals))


def label_cells(incidents: gpd.GeoDataFrame, grid: Grid) -> pd.Series:
    """Cell of each incident; missing where the incident is unlocated.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    grid : Grid
        For instance ``H3Grid(9)``.

    Returns
    -------
    Series of str
        ``area_id`` on the index of ``incidents``.
    """
    x, y = coordinates(incidents.geometry)
    located = np.flatnonzero(np.isfinite(x))
    labels = np.full(len(incidents), None, dtype=object)
    if len(located):
        places, inverse = distinct_places(x[located], y[located])
        found = grid.cell_ids(places[:, 0] / 1000, places[:, 1] / 1000, incidents.crs)
        labels[located] = found[inverse]
    return pd.Series(labels, index=incidents.index, name="area_id", dtype=object)


def _study_cells(grid: Grid, within: gpd.GeoDataFrame, labels: pd.Series) -> gpd.GeoDataFrame:
    """Every cell that overlaps the study area, with its share inside; observed cells always."""
    import geopandas as gpd

    area = within.geometry.union_all()
    covering = grid.cover(area, within.crs)
    ids: NDArray[np.object_] = np.union1d(covering, labels.dropna().unique().astype(object))
    cells = gpd.GeoDataFrame(
        {"area_km2": grid.areas_km2(ids)},
        index=pd.Index(ids, name="area_id", dtype=object),
        geometry=grid.polygons(ids, within.crs),
        crs=within.crs,
    )
    cells["share_inside"] = share_inside(cells.geometry, within)
    observed = cells.index.isin(labels.dropna().unique())
    return cells[(cells["share_inside"] > SLIVER_SHARE) | observed]


def _all_snapped(incidents: gpd.GeoDataFrame) -> bool:
    precision = incidents["location_precision"][incidents.geometry.notna()]
    return len(precision) > 0 and bool((precision == "snapped").all())


def _map_points(
    incidents: gpd.GeoDataFrame, grid: Grid, within: gpd.GeoDataFrame, area_ids: pd.Index
) -> pd.Series:
    """Map points of each cell inside the study area, from every incident there is."""
    every = select_incidents(incidents, stage="points_at_risk", within=within).used
    seen = incidents[every]
    points = points_at_risk(seen, label_cells(seen, grid))
    return points.reindex(area_ids, fill_value=0)


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
        record.warn_reader(
            f"Indicative: cells of {grid.name} are finer than the map points of the data, so a "
            "busy cell is a busy map point."
        )


def _in_order(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    first = ["kind", "theme", "period_from", "period_until", "incident_count"]
    last = ["area_km2", "share_inside", "place_name", "geometry"]
    middle = [name for name in cells.columns if name not in (*first, *last)]
    return cells[[*first, *middle, *last]]
