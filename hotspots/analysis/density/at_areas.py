"""Density of areas that exist already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from hotspots.analysis.density.arguments import check_sizes, collapse, weights_of
from hotspots.core.crs import require_same_crs
from hotspots.core.select import Selection, as_selection
from hotspots.core.tables import AREAS, require_table
from hotspots.stats.kernels import PER_KM2, quartic

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike


def density_at(
    areas: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    bandwidth_m: float = 200.0,
    weights: str | ArrayLike | None = None,
) -> pd.Series:
    """Kernel density at the middle of areas that exist already.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas or zones.
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents. They may reach beyond the
        areas.
    bandwidth_m, weights
        As in :func:`kernel_density`.

    Returns
    -------
    Series
        ``density`` per km2, on the index of ``areas``; a forecast for
        :func:`~hotspots.evaluation.forecast_accuracy` with ``predicted_is="score"``.

    Notes
    -----
    No correction at a boundary. It misleads for areas much larger than the bandwidth: their middle
    may be quiet while a corner burns.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, section 4.2.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from shapely.geometry import Point, box
    >>> time = pd.Timestamp("2018-07-01", tz="Europe/London")
    >>> incidents = gpd.GeoDataFrame({
    ...     "offence": ["Robbery"], "offence_scheme": ["police_uk"], "occurred_from": [time],
    ...     "occurred_until": [time], "time_precision": ["month"],
    ...     "location_precision": ["snapped"], "source": ["example"]},
    ...     geometry=[Point(50, 50)], crs="EPSG:27700")
    >>> areas = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], index=["a"], crs="EPSG:27700")
    >>> density_at(areas, incidents, bandwidth_m=200).round(2).to_dict()
    {'a': 23.87}
    """
    from scipy.spatial import cKDTree

    check_sizes(bandwidth_m, bandwidth_m)
    require_table(areas, AREAS, argument="areas", only=["geometry"])
    chosen = as_selection(incidents)
    require_same_crs(chosen.everything, areas, ("incidents", "areas"))
    places, mass = collapse(chosen.rows, np.nan_to_num(weights_of(chosen, weights)))
    density = np.zeros(len(areas))
    if len(places) and len(areas):
        middles = shapely.get_coordinates(shapely.centroid(areas.geometry.to_numpy()))
        near = cKDTree(middles).sparse_distance_matrix(
            cKDTree(places), bandwidth_m, output_type="ndarray"
        )
        near = near[np.lexsort((near["j"], near["i"]))]
        parts = quartic(near["v"] ** 2, bandwidth_m) * mass[near["j"]]
        density += np.bincount(near["i"], parts, len(areas)) * PER_KM2
    return pd.Series(density, index=areas.index, name="density")


def harm_density(areas: pd.DataFrame, *, column: str = "harm") -> pd.Series:
    """Harm of each area per square kilometre of its ground inside the study area.

    Parameters
    ----------
    areas : DataFrame
        Areas with ``area_km2`` and the column; ``share_inside`` is used where it is there.
    column : str
        Column to divide, for instance ``"incident_count"``.

    Returns
    -------
    Series
        ``harm_density`` (``<column>_density``) per km2 on the index of ``areas``; missing where the
        harm is missing.

    Notes
    -----
    It misleads for slivers: a hundredth of a cell inside the boundary makes one incident look like
    a hundred. Compare cells with ``share_inside`` of at least 0.5.

    Examples
    --------
    >>> areas = pd.DataFrame({"harm": [30.0, 8.0], "area_km2": [0.1, 0.1]}, index=["a", "b"])
    >>> harm_density(areas).to_dict()
    {'a': 300.0, 'b': 80.0}
    """
    require_table(areas, AREAS, argument="areas", only=[column, "area_km2"])
    ground = areas["area_km2"].astype(float)
    if "share_inside" in areas.columns:
        ground = ground * areas["share_inside"].astype(float)
    stem = column.removesuffix("_count")
    return (areas[column].astype(float) / ground.where(ground > 0)).rename(f"{stem}_density")
