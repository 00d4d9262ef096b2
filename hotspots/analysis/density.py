"""Density: incidents or harm per square kilometre, smoothed over the neighbourhood."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.core.arguments import has_record, size_of
from hotspots.core.crs import coordinates, require_same_crs
from hotspots.core.errors import require
from hotspots.core.points import distinct_places
from hotspots.core.select import Selection, as_selection
from hotspots.core.tables import AREAS, require_table
from hotspots.core.text.mends import Mend
from hotspots.stats.kernels import PER_KM2, Lattice, make_lattice, quartic, spread, squares

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.arrays import Floats, Objects
    from hotspots.core.record import RunRecord


def kernel_density(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    bandwidth_m: float = 200.0,
    cell_m: float = 50.0,
    weights: str | None = None,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Smooth incidents into a surface of small squares.

    Parameters
    ----------
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents. With a study area the
        surface ends at its boundary and no incident leaks over it: what would fall outside is
        spread over the part of its reach that is inside.
    bandwidth_m : float
        Reach of an incident in metres; 150 to 300 m suit a patrol map.
    cell_m : float
        Side of the squares in metres, not larger than the bandwidth.
    weights : str, optional
        Column, such as ``"harm"``; missing weights count as nothing.
    record : RunRecord, optional
        Gets the account and the choices.

    Returns
    -------
    GeoDataFrame
        One row a square that touches the study area (without one: the reach of the incidents),
        indexed by ``area_id`` as in ``SquareGrid``: ``kind``, ``area_km2``, ``share_inside`` and
        ``density`` (incidents or harm per km², at the middle of the square).

    Raises
    ------
    InputError
        For sizes that do not fit each other, unknown columns or too many squares.

    Notes
    -----
    Quartic kernel, exact at the middle of each square. With a study area, density times the ground
    inside adds up to the total weight; an even town then shows about nine tenths of its density
    along a straight boundary and two thirds in a corner; uncorrected a half and a quarter.
    It misleads where locations are snapped (it shows rings around map points), and because every
    surface has a highest place: a peak is not evidence of a hotspot.

    References
    ----------
    Silverman, B. W. (1986). Density Estimation for Statistics and Data Analysis, section 4.2.
    Diggle, P. (1985). A kernel method for smoothing point process data. Applied Statistics 34,
    138-147. https://doi.org/10.2307/2347366

    Examples
    --------
    >>> from hotspots import Question, select
    >>> from shapely.geometry import Point, box
    >>> town = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000)], crs="EPSG:27700")
    >>> time = pd.Timestamp("2018-07-01", tz="Europe/London")
    >>> incidents = gpd.GeoDataFrame({
    ...     "offence": ["Robbery"], "offence_scheme": ["police_uk"], "occurred_from": [time],
    ...     "occurred_until": [time], "time_precision": ["month"],
    ...     "location_precision": ["snapped"], "source": ["example"]},
    ...     geometry=[Point(500, 500)], crs="EPSG:27700")
    >>> surface = kernel_density(select(incidents, Question(within=town)))
    >>> total = (surface["density"] * surface["area_km2"] * surface["share_inside"]).sum()
    >>> len(surface), round(float(total), 6), surface["density"].idxmax()
    (400, 1.0, 'sq50-E450N450')
    """
    check_sizes(bandwidth_m, cell_m)
    chosen = as_selection(incidents)
    weight = weights_of(chosen, weights)
    places, mass = collapse(chosen.rows, np.nan_to_num(weight))
    lattice = make_lattice(places, chosen.within, bandwidth_m, cell_m)
    surface = spread(lattice, places, mass, bandwidth_m)
    if len(weight) and np.isnan(weight).all():
        surface = np.full_like(surface, np.nan)
    if has_record(record):
        record.account(replace(chosen.account, stage="kernel_density"))
        record.choose(
            "kernel_density",
            theme=chosen.theme,
            kernel="quartic",
            bandwidth_m=bandwidth_m,
            cell_m=cell_m,
            weights=weights or 1,
        )
    return _table(lattice, surface, chosen.everything.crs)


def _table(lattice: Lattice, surface: Floats, crs: Any) -> gpd.GeoDataFrame:
    kept = np.flatnonzero(lattice.inside.ravel() > 0)
    columns, rows = (np.arange(size) for size in lattice.inside.shape)
    column, row = np.divmod(kept, max(len(rows), 1))
    density = surface.ravel()[kept]
    side = lattice.cell_m
    east = _digits(f"sq{side:g}-E", (columns + lattice.west) * side)
    north = _digits("N", (rows + lattice.south) * side)
    return gpd.GeoDataFrame(
        {
            "kind": f"density-{side:g}",
            "area_km2": side**2 / PER_KM2,
            "share_inside": lattice.inside.ravel()[kept],
            "density": density,
        },
        index=pd.Index(east[column] + north[row], name="area_id", dtype=object),
        geometry=squares(column + lattice.west, row + lattice.south, side),
        crs=crs,
    )


def _digits(before: str, metres: NDArray[Any]) -> Objects:
    """Each number after a text."""
    texts = [f"{before}{number:.3f}".rstrip("0").rstrip(".") for number in metres]
    return np.array(texts, dtype=object)


def density_at(
    areas: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    bandwidth_m: float = 200.0,
) -> pd.Series:
    """Kernel density at the middle of areas that exist already.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas or zones.
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents. They may reach beyond the
        areas.
    bandwidth_m : float
        As in :func:`kernel_density`.

    Returns
    -------
    Series
        ``density`` per km², on the index of ``areas``; a forecast for
        :func:`~hotspots.evaluation.forecast_accuracy` with ``predicted_is="score"``.

    Raises
    ------
    InputError
        For a bandwidth that is none, or two coordinate systems.

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
    places, mass = collapse(chosen.rows, weights_of(chosen, None))
    density = np.zeros(len(areas))
    if len(places) and len(areas):
        middles = shapely.get_coordinates(shapely.centroid(areas.geometry.to_numpy()))
        near = cKDTree(middles).sparse_distance_matrix(
            cKDTree(places), bandwidth_m, output_type="ndarray"
        )
        # The tree gives pairs as it finds them; sums are taken in the order of the places.
        near = near[np.lexsort((near["j"], near["i"]))]
        parts = quartic(near["v"] ** 2, bandwidth_m) * mass[near["j"]]
        density += np.bincount(near["i"], parts, len(areas)) * PER_KM2
    return pd.Series(density, index=areas.index, name="density")


def harm_density(areas: pd.DataFrame) -> pd.Series:
    """Harm of each area per square kilometre of its ground inside the study area.

    Parameters
    ----------
    areas : DataFrame
        Areas with ``harm`` and ``area_km2``; ``share_inside`` is used where it is there.

    Returns
    -------
    Series
        ``harm_density`` per km² on the index of ``areas``; missing where the harm is missing.

    Raises
    ------
    InputError
        When a column is lacking.

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
    require_table(areas, AREAS, argument="areas", only=["harm", "area_km2"])
    ground = areas["area_km2"].astype(float)
    if "share_inside" in areas.columns:
        ground = ground * areas["share_inside"].astype(float)
    return (areas["harm"].astype(float) / ground.where(ground > 0)).rename("harm_density")


def check_sizes(bandwidth_m: float, cell_m: float) -> None:
    """Raise unless bandwidth and squares go together."""
    for name, value in (("bandwidth_m", bandwidth_m), ("cell_m", cell_m)):
        size_of(value, name)
    require(
        bandwidth_m >= cell_m,
        f"`bandwidth_m` must be at least `cell_m`, or incidents fall between the squares; got "
        f"{bandwidth_m:g} m and {cell_m:g} m.",
    )


def weights_of(chosen: Selection, weights: str | None) -> Floats:
    """One weight a selected incident, of a column; missing ones stay missing."""
    if weights is None:
        return np.ones(len(chosen.rows))
    require(
        weights in chosen.rows.columns,
        f"`weights` must be a column of `incidents`; there is no {weights!r}.",
        mend=Mend("weigh-first"),
    )
    values = chosen.rows[weights].to_numpy(dtype=float, na_value=np.nan)
    require(not (values < 0).any(), "`weights` must be zero or more.")
    require(not np.isinf(values).any(), "`weights` must be finite.")
    return np.asarray(values)


def collapse(incidents: gpd.GeoDataFrame, weight: Floats) -> tuple[Floats, Floats]:
    """Distinct places in metres and the weight on each, whatever the order of the rows."""
    if len(incidents) == 0:
        return np.empty((0, 2)), np.empty(0)
    places, place_of = distinct_places(*coordinates(incidents.geometry))
    # Weights of a place from the smallest up: the same sum whatever the order of the rows.
    order = np.lexsort((weight, place_of))
    return places / 1000, np.bincount(place_of[order], weight[order], len(places)).astype(float)
