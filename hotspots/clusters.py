"""Hotspots by density: DBSCAN on collapsed coordinates, with labels that depend on nothing else.

Equal coordinates are collapsed to one weighted place first. On snapped data that changes no label
and saves almost all of the work. Labels are those of scikit-learn on the coordinates in sorted
order: clusters are numbered by their first core place, a border place takes the lowest number in
reach. Row order, index labels and extra columns therefore change nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.checks import InputError, require
from hotspots.columns import ZONES, require_table
from hotspots.crs import BRITISH_NATIONAL_GRID, MILLIMETRES_PER_METRE, coordinates, grid_reference
from hotspots.selection import (
    Period,
    Selection,
    distinct_places,
    select_incidents,
)
from hotspots.totals import area_totals, period_columns

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.record import RunRecord

NOISE = -1
QUADRANT_SEGMENTS = 16


def find_clusters(
    incidents: gpd.GeoDataFrame,
    *,
    within: gpd.GeoDataFrame | None = None,
    theme: str | None = None,
    period: str | Period | None = None,
    radius_m: float,
    min_incidents: int,
    include_institutional: bool = False,
    include_sensitive: bool = False,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Find the places where many incidents lie close together.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table in metres.
    within : GeoDataFrame, optional
        Zones whose union is the study area.
    theme, period : optional
        As in :func:`aggregate_to_cells`.
    radius_m : float
        Two places are neighbours when they are at most this far apart.
    min_incidents : int
        A place is the core of a cluster when at least this many incidents, its own included, lie
        within the radius. Minimums belong to a theme: what is many for ASB is few for all crime.
    record : RunRecord, optional
        Gets the account of every row, noise included.

    Returns
    -------
    GeoDataFrame
        Areas table, ``kind`` "cluster", most incidents first. ``incident_count`` comes from labels;
        the polygon (discs of the radius around core places, dissolved) is a drawing, and can hold
        incidents that are no members: :func:`label_clusters` says who is one.

    Notes
    -----
    DBSCAN chains: in dense town centres a cluster can grow far beyond what a patrol can walk, so
    read ``area_km2``. On snapped data one busy map point can be a cluster by itself: read
    ``unique_points`` and ``largest_point_share``.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering clusters in
    large spatial databases with noise, KDD-96, 226-231.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> clusters = hs.find_clusters(incidents, radius_m=150, min_incidents=60)
    >>> bool((clusters["incident_count"] >= 60).all())
    True
    """
    selection, numbers, core = _cluster(
        incidents,
        within=within,
        theme=theme,
        period=period,
        radius_m=radius_m,
        min_incidents=min_incidents,
        include_institutional=include_institutional,
        include_sensitive=include_sensitive,
    )
    used = incidents[selection.used]
    clusters = _outlines(used, numbers, core, radius_m, selection.theme)
    members = _members(used, numbers, clusters)
    totals = area_totals(used, members, clusters.index)
    if record is not None:
        in_areas = int(totals["incident_count"].sum())
        record.account(selection.closed(in_areas, noise=len(used) - in_areas))
        record.choose(
            "find_clusters", theme=selection.theme, radius_m=radius_m, min_incidents=min_incidents
        )
    _describe(clusters, incidents, selection, within)
    return _in_order(clusters.join(totals))


def label_clusters(
    incidents: gpd.GeoDataFrame,
    *,
    within: gpd.GeoDataFrame | None = None,
    theme: str | None = None,
    period: str | Period | None = None,
    radius_m: float,
    min_incidents: int,
    include_institutional: bool = False,
    include_sensitive: bool = False,
) -> pd.Series:
    """Cluster each incident belongs to; missing for noise and for incidents that were not used.

    Parameters are those of :func:`find_clusters`.

    Returns
    -------
    Series of str
        ``area_id`` on the index of ``incidents``.
    """
    selection, numbers, core = _cluster(
        incidents,
        within=within,
        theme=theme,
        period=period,
        radius_m=radius_m,
        min_incidents=min_incidents,
        include_institutional=include_institutional,
        include_sensitive=include_sensitive,
    )
    used = incidents[selection.used]
    clusters = _outlines(used, numbers, core, radius_m, selection.theme)
    return _members(used, numbers, clusters).reindex(incidents.index)


def collapsed_dbscan(
    places: NDArray[np.int64], weights: NDArray[np.int64], radius_m: float, minimum: int
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """DBSCAN on distinct places in millimetres with whole-number weights.

    Returns the cluster of each place (-1 noise) and whether it is a core place. The radius and the
    minimum are inclusive, and exact: squared distances of whole millimetres are whole numbers.
    """
    from sklearn.cluster import DBSCAN

    if len(places) == 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=bool)
    model = DBSCAN(eps=radius_m * MILLIMETRES_PER_METRE, min_samples=minimum, algorithm="kd_tree")
    origin = places.min(axis=0)
    model.fit((places - origin).astype(float), sample_weight=weights)
    core = np.zeros(len(places), dtype=bool)
    core[model.core_sample_indices_] = True
    return model.labels_.astype(np.intp), core


def _cluster(
    incidents: gpd.GeoDataFrame,
    *,
    within: gpd.GeoDataFrame | None,
    theme: str | None,
    period: str | Period | None,
    radius_m: float,
    min_incidents: int,
    include_institutional: bool,
    include_sensitive: bool,
) -> tuple[Selection, NDArray[np.intp], NDArray[np.bool_]]:
    """The selection, and for each used incident its cluster and whether its place is core."""
    require(
        bool(np.isfinite(radius_m)) and radius_m > 0,
        f"`radius_m` must be a distance in metres greater than 0; got {radius_m!r}.",
    )
    if isinstance(min_incidents, bool) or int(min_incidents) != min_incidents or min_incidents < 1:
        raise InputError(
            f"`min_incidents` must be a whole number of at least 1; got {min_incidents!r}."
        )
    selection = select_incidents(
        incidents,
        stage="find_clusters",
        theme=theme,
        period=period,
        within=within,
        include_institutional=include_institutional,
        include_sensitive=include_sensitive,
    )
    x, y = coordinates(incidents.geometry[selection.used])
    places, inverse = distinct_places(x, y)
    weights = np.bincount(inverse, minlength=len(places))
    labels, core = collapsed_dbscan(places, weights, radius_m, int(min_incidents))
    return selection, labels[inverse], core[inverse]


def _outlines(
    used: gpd.GeoDataFrame,
    numbers: NDArray[np.intp],
    core: NDArray[np.bool_],
    radius_m: float,
    theme: str,
) -> gpd.GeoDataFrame:
    """One polygon a cluster: the discs around its core places, dissolved, in order of number."""
    import geopandas as gpd
    import shapely

    x, y = coordinates(used.geometry[core])
    places, inverse = distinct_places(x, y)
    owner = np.empty(len(places), dtype=np.intp)
    owner[inverse] = numbers[core]
    discs = shapely.buffer(
        shapely.points(places / MILLIMETRES_PER_METRE), radius_m, quad_segs=QUADRANT_SEGMENTS
    )
    order = np.argsort(owner, kind="stable")
    starts = np.flatnonzero(np.diff(owner[order], prepend=-1))
    groups = np.split(discs[order], starts[1:]) if len(order) else []
    outlines = gpd.GeoSeries([shapely.union_all(group) for group in groups], crs=used.crs)
    return gpd.GeoDataFrame(geometry=outlines).set_axis(_area_ids(outlines, theme))


def _members(
    used: gpd.GeoDataFrame, numbers: NDArray[np.intp], clusters: gpd.GeoDataFrame
) -> pd.Series:
    """``area_id`` of each used incident; missing for noise, whose number is -1."""
    names = np.array([*clusters.index, None], dtype=object)
    return pd.Series(names[numbers], index=used.index, name="area_id", dtype=object)


def _area_ids(outlines: gpd.GeoSeries, theme: str) -> pd.Index:
    """Names that stay the same from month to month while a cluster stays in its 100 m square."""
    points = outlines.representative_point()
    spots = [_square(x, y, outlines.crs) for x, y in zip(points.x, points.y, strict=True)]
    seen: dict[str, int] = {}
    names = []
    for spot in spots:
        seen[spot] = seen.get(spot, 0) + 1
        names.append(f"{theme}-{spot}" + (f"-{seen[spot]}" if seen[spot] > 1 else ""))
    return pd.Index(names, name="area_id", dtype=object)


def _square(x: float, y: float, crs: object) -> str:
    if crs == BRITISH_NATIONAL_GRID:
        return grid_reference(x, y)
    return f"E{int(x // 100)}N{int(y // 100)}"


def _describe(
    clusters: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    selection: Selection,
    within: gpd.GeoDataFrame | None,
) -> None:
    clusters["kind"] = "cluster"
    clusters["theme"] = selection.theme
    for name, stamp in period_columns(selection.period, incidents).items():
        clusters[name] = stamp
    clusters["area_km2"] = clusters.geometry.area / 1e6
    clusters["share_inside"] = 1.0
    if within is not None and len(clusters):
        require_table(within, ZONES, argument="within", only=["geometry"])
        inside = clusters.geometry.intersection(within.geometry.union_all())
        clusters["share_inside"] = (inside.area / clusters.geometry.area).clip(0, 1)
    clusters["place_name"] = pd.Series(None, index=clusters.index, dtype=object)


def _in_order(clusters: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    first = ["kind", "theme", "period_from", "period_until", "incident_count"]
    last = ["area_km2", "share_inside", "place_name", "geometry"]
    middle = [name for name in clusters.columns if name not in (*first, *last)]
    ordered = clusters[[*first, *middle, *last]]
    return ordered.sort_values("incident_count", ascending=False, kind="stable")
