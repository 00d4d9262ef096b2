"""Find the places where many incidents lie close together, and say which incident is where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.clusters.outlines import describe, in_order, keep_ids, outline_clusters
from hotspots.analysis.clusters.radius import Method, check_choices, suggest_radius
from hotspots.core.crs import coordinates
from hotspots.core.errors import Finding, InputError, require
from hotspots.core.points import distinct_places
from hotspots.core.select import Selection, as_selection
from hotspots.core.text.mends import Mend
from hotspots.core.totals import area_totals
from hotspots.stats.dbscan import NOISE, collapsed_dbscan, varying_density

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord

FEWEST_IN_A_CLUSTER = 5
SHARE_OF_A_CLUSTER = 0.01
"""Without a minimum of one's own a cluster holds one in a hundred incidents, and five at least."""


def assign_clusters(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    radius_m: float | None = None,
    min_incidents: int | None = None,
    method: Method = "dbscan",
    previous: gpd.GeoDataFrame | None = None,
) -> Selection:
    """Say which cluster each selected incident belongs to.

    Parameters
    ----------
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents.
    radius_m, min_incidents, method, previous
        As for :func:`find_clusters`.

    Returns
    -------
    Selection
        The same selection; its rows have ``area_id`` (missing for noise), and it knows its
        clusters: ``made_by`` holds the choices and the outlines.

    Raises
    ------
    InputError
        When a choice means nothing, or HDBSCAN is given more than 40,000 incidents.

    Notes
    -----
    Membership comes from density, not from the drawn polygons, which can hold other incidents.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> clustered = hs.assign_clusters(incidents, radius_m=150, min_incidents=60)
    >>> clustered.rows["area_id"].nunique()
    9
    """
    chosen = as_selection(incidents)
    found = find_members(chosen, choose(chosen, radius_m, min_incidents, method), previous)
    return chosen.in_areas(found.members, found)


def find_clusters(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    radius_m: float | None = None,
    min_incidents: int | None = None,
    method: Method | None = None,
    max_area_km2: float | None = None,
    previous: gpd.GeoDataFrame | None = None,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Find the places where many incidents lie close together.

    Parameters
    ----------
    incidents : Selection
        From :func:`select`, or from :func:`assign_clusters` with all choices made there. A plain
        table stands for all its incidents.
    radius_m : float, optional
        Two places are neighbours when they are at most this far apart; the suggestion of
        :func:`suggest_radius` by default. With ``method="hdbscan"`` this is where it begins: what
        lies together at this radius stays together, and the radius grows where incidents are
        thinner.
    min_incidents : int, optional
        A place is the core of a cluster when at least this many incidents, its own included, lie
        within the radius. Minimums belong to a theme: what is many for ASB is few for all crime. By
        default one in a hundred of the incidents, and five at least.
    method : {"dbscan", "hdbscan"}
        One density for the whole map (the default), or a density of its own for each cluster.
    max_area_km2 : float, optional
        Size budget. Clusters are not cut to it; the column ``over_budget`` says which are larger.
    previous : GeoDataFrame, optional
        Clusters of an earlier period. Those that share at least half of their joint ground
        (intersection over union) with one of them keep its id.
    record : RunRecord, optional
        Gets the account of every row, noise included, the choices, and how many clusters are over
        the budget.

    Returns
    -------
    GeoDataFrame
        Areas table, ``kind`` "cluster", most incidents first. ``incident_count`` comes from labels;
        the polygon (discs of the radius around core places, dissolved) is a drawing, and can hold
        incidents that are no members: :func:`assign_clusters` says who is one.

    Raises
    ------
    InputError
        When an argument means nothing, HDBSCAN is given more than 40,000 incidents, or choices are
        given for incidents that are assigned to clusters already.

    Notes
    -----
    DBSCAN chains: in dense town centres a cluster can grow far beyond what a patrol can walk, so
    read ``area_km2``. On snapped data one busy map point can be a cluster by itself: read
    ``unique_points`` and ``largest_point_share``. :func:`cluster_chance` and
    :func:`cluster_stability` say what the clusters are worth.

    A cluster that loses its border to an earlier neighbour can hold fewer than ``min_incidents``.

    ``method="hdbscan"`` joins HDBSCAN with DBSCAN at ``radius_m``, because HDBSCAN alone takes a
    pile on one map point for infinitely dense and tears it from its street. It finds groups in
    uniform noise too, wherever incidents are a little denser than around. It takes no weights, so
    each incident counts by itself and the work grows with their square. Its clusters are drawn as
    discs of ``radius_m`` around all their places, so one may be in several parts.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering clusters in
    large spatial databases with noise, KDD-96, 226-231.
    Campello, Moulavi and Sander (2013), Density-based clustering based on hierarchical density
    estimates, PAKDD 2013, 160-172. doi:10.1007/978-3-642-37456-2_14

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> clusters = hs.find_clusters(incidents, radius_m=150, min_incidents=60, max_area_km2=0.15)
    >>> len(clusters), int(clusters["over_budget"].sum())
    (9, 3)
    """
    check_choices(
        radius_m=radius_m,
        min_incidents=min_incidents,
        method=method or "dbscan",
        max_area_km2=max_area_km2,
    )
    clustered = as_selection(incidents)
    given = (radius_m, min_incidents, method, previous)
    if not isinstance(clustered.made_by, Clustering):
        clustered = assign_clusters(
            clustered,
            radius_m=radius_m,
            min_incidents=min_incidents,
            method=method or "dbscan",
            previous=previous,
        )
    elif any(choice is not None for choice in given):
        raise InputError(
            "`incidents` are assigned to clusters already, so `radius_m`, `min_incidents`, "
            "`method` and `previous` are chosen; got others.",
            mend=Mend("choose-once"),
            rule="chosen-already",
        )
    found: Clustering = clustered.made_by
    clusters = found.outlines.copy()
    clusters["min_incidents"] = found.choices.min_incidents
    totals = area_totals(clustered.parts, clusters.index)
    describe(clusters, clustered, max_area_km2)
    if record is not None:
        in_areas = int(totals["incident_count"].sum())
        noise = len(clustered.rows) - in_areas
        record.account(clustered.closed("find_clusters", in_areas, noise))
        _write_choices(record, clustered.theme, found.choices, max_area_km2)
        _write_over_budget(record, clusters, clustered.theme, max_area_km2)
    return in_order(clusters.join(totals))


@dataclass(frozen=True)
class ClusterChoices:
    """What makes a cluster: how near, how many, and by which method."""

    radius_m: float
    min_incidents: int
    method: str = "dbscan"


@dataclass(frozen=True, eq=False, repr=False)
class Clustering:
    """Clusters as drawn and named, and the places behind them.

    Attributes
    ----------
    choices
        What the clusters were made with.
    rows
        The incidents that were clustered.
    places, weights, inverse
        Their distinct places in millimetres, incidents at each, and the place of each incident.
    numbers
        Cluster of each place, -1 for noise; row ``n`` of ``outlines`` is cluster ``n``.
    outlines
        A polygon for each cluster, under its ``area_id``.
    """

    choices: ClusterChoices
    rows: gpd.GeoDataFrame
    places: NDArray[np.int64]
    weights: NDArray[np.int64]
    inverse: NDArray[np.intp]
    numbers: NDArray[np.intp]
    outlines: gpd.GeoDataFrame

    @property
    def members(self) -> pd.Series:
        """``area_id`` of each incident; missing for noise, whose number is -1."""
        names = np.array([*self.outlines.index, None], dtype=object)
        chosen = names[self.numbers[self.inverse]]
        return pd.Series(chosen, index=self.rows.index, name="area_id", dtype=object)

    def __repr__(self) -> str:
        return f"Clustering({self.choices!r}: {len(self.outlines):,} clusters)"


def clustering_of(incidents: Selection) -> Clustering:
    """The clustering that assigned the incidents; an error where none did, or not by DBSCAN."""
    found = incidents.made_by if isinstance(incidents, Selection) else None
    require(
        isinstance(found, Clustering),
        "`incidents` must be assigned to clusters; got others.",
        mend=Mend("assign-clusters"),
    )
    assert isinstance(found, Clustering)
    require(
        found.choices.method == "dbscan",
        f'`incidents` must be clustered with `method="dbscan"`; got {found.choices.method!r}.',
    )
    return found


def choose(
    incidents: Selection, radius_m: float | None, min_incidents: int | None, method: str
) -> ClusterChoices:
    """The choices given, and those left open made from the incidents."""
    check_choices(radius_m=radius_m, min_incidents=min_incidents, method=method)
    if min_incidents is None:
        share = round(len(incidents.rows) * SHARE_OF_A_CLUSTER)
        min_incidents = max(FEWEST_IN_A_CLUSTER, share)
    if radius_m is None:
        radius_m = suggest_radius(incidents, min_incidents=min_incidents).radius_m
        require(
            radius_m is not None,
            f"`radius_m` must be given: no radius gives a cluster of {min_incidents:,} incidents "
            "that can be walked.",
            mend=Mend("suggest-radius"),
        )
    assert radius_m is not None
    return ClusterChoices(radius_m, int(min_incidents), method)


def find_members(
    incidents: Selection, choices: ClusterChoices, previous: gpd.GeoDataFrame | None
) -> Clustering:
    """Collapse, cluster, draw and name."""
    rows = incidents.rows
    places, inverse = distinct_places(*coordinates(rows.geometry))
    weights = np.bincount(inverse, minlength=len(places))
    radius_m, minimum = choices.radius_m, choices.min_incidents
    if choices.method == "hdbscan":
        numbers = varying_density(places, weights, radius_m, minimum)
        drawn = numbers != NOISE
    else:
        numbers, drawn = collapsed_dbscan(places, weights, radius_m, minimum)
    outlines = outline_clusters(rows, numbers[inverse], drawn[inverse], radius_m, incidents.theme)
    outlines = keep_ids(outlines, previous)
    return Clustering(choices, rows, places, weights, inverse, numbers, outlines)


def _write_choices(
    record: RunRecord, theme: str, choices: ClusterChoices, max_area_km2: float | None
) -> None:
    """The choices; HDBSCAN's radius has another name, since it means something else."""
    budget = {} if max_area_km2 is None else {"max_area_km2": max_area_km2}
    dbscan = choices.method == "dbscan"
    radius = {"radius_m" if dbscan else "smallest_radius_m": choices.radius_m}
    how = {} if dbscan else {"method": choices.method}
    minimum = choices.min_incidents
    record.choose("find_clusters", theme=theme, **radius, min_incidents=minimum, **how, **budget)


def _write_over_budget(
    record: RunRecord, clusters: gpd.GeoDataFrame, theme: str, max_area_km2: float | None
) -> None:
    if max_area_km2 is None or not clusters["over_budget"].any():
        return
    over = int(clusters["over_budget"].sum())
    record.find(
        Finding(
            "cluster-over-budget",
            f"{over:,} of {len(clusters):,} clusters ({theme}) are larger than the size budget of "
            f"{max_area_km2:g} km2; the largest has {clusters['area_km2'].max():.2f} km2.",
            "warning",
            mend=Mend("compare-radii"),
            rows=over,
        )
    )
