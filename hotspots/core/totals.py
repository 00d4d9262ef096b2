"""From incidents and labels to one row an area: the numbers every kind of area carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.crs import coordinates
from hotspots.core.periods import Period
from hotspots.core.points import distinct_places
from hotspots.core.select import as_selection

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.select import Selection

HARM_COLUMNS = ("harm", "harm_low", "harm_high")


def area_totals(incidents: gpd.GeoDataFrame, labels: pd.Series, area_ids: pd.Index) -> pd.DataFrame:
    """Count, harm and concentration of each area, from labels and never from polygons.

    Parameters
    ----------
    incidents : GeoDataFrame
        The incidents used; ``labels`` has the same index.
    labels : Series of str
        ``area_id`` of each incident; missing where it belongs to no area.
    area_ids : Index
        Areas to report, in order; those without incidents get zeros.

    Returns
    -------
    DataFrame
        ``incident_count``, ``unweighted_count``, ``unique_points``, ``largest_point_share`` and,
        where incidents carry harm, ``harm``, ``harm_low``, ``harm_high``, ``harm_share``,
        ``largest_event_share``, ``harm_scale``. Harm is missing, not zero, where nothing that was
        counted can be weighed.
    """
    codes = area_ids.get_indexer(pd.Index(labels.to_numpy()))
    held = codes >= 0
    codes, members = codes[held], incidents[held]
    totals = pd.DataFrame(index=area_ids)
    totals["incident_count"] = np.bincount(codes, minlength=len(area_ids))
    weighed = "harm" in members.columns
    missing = members["harm"].isna().to_numpy() if weighed else np.ones(len(members), dtype=bool)
    totals["unweighted_count"] = np.bincount(codes[missing], minlength=len(area_ids))
    totals["unique_points"], totals["largest_point_share"] = _point_shares(
        members, codes, totals["incident_count"]
    )
    return _add_harm(totals, members, codes, ~missing) if weighed else totals


def points_at_risk(incidents: Selection) -> pd.Series:
    """Distinct map points of each area: the places where an incident can be recorded at all.

    Parameters
    ----------
    incidents : Selection
        Incidents with their areas, from :func:`assign_cells`. Every theme and every period of the
        table they came from counts: the more, the more map points are seen.

    Returns
    -------
    Series of int
        Distinct coordinates inside the study area by ``area_id``; areas without any are left out.

    Notes
    -----
    Map points that were never hit are not seen, so quiet areas look smaller than they are and the
    risk of busy ones a little lower. On exact coordinates every address is a point of its own and
    the count says little: use addresses or residents instead.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> asked = hs.select(incidents, hs.Question(period="2018-07", within=city))
    >>> int(hs.evaluation.points_at_risk(hs.assign_cells(asked, hs.H3Grid(9))).sum())
    4572
    """
    chosen = as_selection(incidents)
    areas = chosen.everywhere()
    everyone = chosen.asked(
        theme=None, period=None, include_institutional=False, include_sensitive=False
    )
    held = everyone.used & areas.notna().to_numpy()
    place = chosen.places.of_rows(held)
    pairs = pd.DataFrame({"area_id": areas.to_numpy()[held], "place": place}).drop_duplicates()
    return pairs.groupby("area_id", sort=True).size().rename("points_at_risk")


def all_snapped(incidents: gpd.GeoDataFrame) -> bool:
    """Whether every located incident sits on a map point of its source."""
    precision = incidents["location_precision"][incidents.geometry.notna()]
    return len(precision) > 0 and bool((precision == "snapped").all())


def period_columns(period: Period | None, incidents: gpd.GeoDataFrame) -> dict[str, pd.Timestamp]:
    """``period_from`` and ``period_until``: as asked, or as wide as the incidents."""
    if period is not None:
        return {"period_from": period.start, "period_until": period.end}
    return {
        "period_from": incidents["occurred_from"].min(),
        "period_until": incidents["occurred_until"].max(),
    }


def share_inside(outlines: gpd.GeoSeries, within: gpd.GeoDataFrame | None) -> NDArray[np.float64]:
    """Share of each outline inside the study area; 1 without one. Only those on its edge are cut.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> cells = gpd.GeoSeries([box(0, 0, 2, 2), box(1, 0, 5, 2), box(9, 9, 10, 10)])
    >>> share_inside(cells, gpd.GeoDataFrame(geometry=[box(0, 0, 3, 3)])).tolist()
    [1.0, 0.5, 0.0]
    """
    import shapely

    polygons = np.asarray(outlines.array)
    if within is None or not len(polygons):
        return np.ones(len(polygons))
    area = within.geometry.union_all()
    shapely.prepare(area)
    share = shapely.contains(area, polygons).astype(float)
    edge = np.flatnonzero((share == 0) & shapely.intersects(area, polygons))
    cut = shapely.area(shapely.intersection(polygons[edge], area))
    share[edge] = np.clip(cut / shapely.area(polygons[edge]), 0, 1)
    return share


def _point_shares(
    members: gpd.GeoDataFrame, codes: np.ndarray, counts: pd.Series
) -> tuple[np.ndarray, np.ndarray]:
    size = len(counts)
    if len(members) == 0:
        return np.zeros(size, dtype=int), np.full(size, np.nan)
    _, place = distinct_places(*coordinates(members.geometry))
    piles = pd.DataFrame({"area": codes, "place": place}).value_counts(sort=False)
    owners = piles.index.get_level_values("area").to_numpy()
    points = np.bincount(owners, minlength=size)
    largest = np.zeros(size)
    np.maximum.at(largest, owners, piles.to_numpy())
    with np.errstate(invalid="ignore"):
        share = np.where(counts > 0, largest / counts.to_numpy(), np.nan)
    return points, share


def _add_harm(
    totals: pd.DataFrame, members: gpd.GeoDataFrame, codes: np.ndarray, weighed: np.ndarray
) -> pd.DataFrame:
    size = len(totals)
    known = codes[weighed]
    anything_weighed = bool(weighed.any()) or len(members) == 0
    nothing_to_say = (totals["incident_count"] == totals["unweighted_count"]) & (
        totals["incident_count"] > 0
    )
    for column in HARM_COLUMNS:
        if column in members.columns:
            sums = _sums(known, members[column].to_numpy()[weighed], size)
            totals[column] = np.where(nothing_to_say | (not anything_weighed), np.nan, sums)
    largest = np.zeros(size)
    np.maximum.at(largest, known, members["harm"].to_numpy()[weighed])
    everything = totals["harm"].sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        totals["harm_share"] = totals["harm"] / (everything if everything > 0 else np.nan)
        totals["largest_event_share"] = np.where(
            totals["harm"] > 0, largest / totals["harm"], np.nan
        )
    named = "harm_scale" in members.columns
    scales = list(members["harm_scale"].dropna().unique()) if named else []
    totals["harm_scale"] = " + ".join(sorted(map(str, scales))) if len(scales) else None
    return totals


def _sums(codes: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """Sum of the values of each code, the same to the last digit whatever the order of the rows."""
    order = np.lexsort((values, codes))
    return np.bincount(codes[order], values[order], minlength=size)
