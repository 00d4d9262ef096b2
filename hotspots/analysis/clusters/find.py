"""Find the places where many incidents lie close together, and say which incident is where."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.clusters.members import (
    ClusterChoices,
    Clustering,
    Method,
    check_choices,
    find_members,
)
from hotspots.analysis.clusters.radius import suggest_radius
from hotspots.core.arguments import has_record
from hotspots.core.errors import Finding, InputError, require
from hotspots.core.plain import plain
from hotspots.core.select import Selection, as_selection
from hotspots.core.text.mends import Mend
from hotspots.core.totals import (
    area_totals,
    in_area_order,
    period_columns,
    share_inside,
    share_of_all_harm,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.stats.dbscan import Engine

FEWEST_IN_A_CLUSTER = 5
SHARE_OF_A_CLUSTER = 0.01
"""Without a minimum of one's own a cluster holds one in a hundred incidents, and five at least."""
NO_RADIUS = "no-radius"
FEWEST_BY_HARM = 2
"""One grave incident says nothing about the next: by harm, too, never one alone."""


def label_clusters(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    radius_m: float,
    min_incidents: int | None = None,
    min_harm: float | None = None,
    engine: Engine = "auto",
) -> pd.Series:
    """Say of every incident which cluster it is in: :func:`assign_clusters`, for the labels alone.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents table; of a selection, the incidents it is about are clustered.
    radius_m, min_incidents, min_harm, engine
        As for :func:`find_clusters`.

    Returns
    -------
    Series of str
        ``area_id`` on the index of the incidents, of a selection of its rows; missing for noise,
        and for incidents without a place. The ids are those of :func:`find_clusters` with the same
        choices.

    Raises
    ------
    InputError
        When a choice means nothing, or ``min_harm`` is asked of incidents without harm.

    Notes
    -----
    Membership comes from density, not from the drawn polygons, which can hold other incidents. It
    misleads where a label is read as a kind of incident: it says what lay near.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=1_000)
    >>> labels = hs.label_clusters(town.incidents, radius_m=100, min_incidents=10)
    >>> len(labels), labels.nunique(), int(labels.notna().sum())
    (1000, 3, 130)
    """
    clustered = assign_clusters(
        incidents,
        radius_m=radius_m,
        min_incidents=min_incidents,
        min_harm=min_harm,
        engine=engine,
    )
    return clustered.area_ids if isinstance(incidents, Selection) else clustered.everywhere()


def assign_clusters(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    radius_m: float | None = None,
    min_incidents: int | None = None,
    method: Method = "dbscan",
    previous: gpd.GeoDataFrame | None = None,
    min_harm: float | None = None,
    engine: Engine = "auto",
) -> Selection:
    """Say which cluster each selected incident belongs to.

    Parameters
    ----------
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents.
    radius_m, min_incidents, method, previous, min_harm, engine
        As for :func:`find_clusters`.

    Returns
    -------
    Selection
        The same selection; its rows have ``area_id`` (missing for noise), and it knows its
        clusters: ``made_by`` holds the choices and the outlines.

    Raises
    ------
    InputError
        When a choice means nothing, HDBSCAN is given more than 40,000 incidents, or ``min_harm`` is
        asked of incidents without harm.
    MissingExtraError
        For ``engine="fast"`` without numba.

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
    choices = _choose(chosen, radius_m, min_incidents, method, min_harm, engine)
    found = find_members(chosen, choices, previous)
    return replace(chosen, membership=found.membership(chosen), grid=None, made_by=found)


def find_clusters(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    radius_m: float | None = None,
    min_incidents: int | None = None,
    method: Method | None = None,
    max_area_km2: float | None = None,
    previous: gpd.GeoDataFrame | None = None,
    min_harm: float | None = None,
    engine: Engine | None = None,
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
        default one in a hundred of the incidents, and five at least; two with ``min_harm``.
    method : {"dbscan", "hdbscan"}
        One density for the whole map (the default), or a density of its own for each cluster.
    max_area_km2 : float, optional
        Size budget. Clusters are not cut to it; the column ``over_budget`` says which are larger.
    previous : GeoDataFrame, optional
        Clusters of an earlier period. Those that share at least half of their joint ground
        (intersection over union) with one of them keep its id.
    min_harm : float, optional
        A place is the core of a cluster when the incidents within the radius weigh at least this
        much, in the unit of their ``harm``, and are ``min_incidents`` at least: never one incident
        alone, unless 1 is asked for. Those without a weight add nothing to the harm. The radius, if
        left out, is that suggested by number.
    engine : {"auto", "grid", "fast", "sklearn"}
        How DBSCAN is worked out; the labels are equal. "grid" is our own in NumPy, "fast" its
        compiled form (the extra ``fast``), "sklearn" scikit-learn's, slower and with a list of all
        neighbours in memory. "auto", the default, is the grid, compiled above 200,000 distinct
        places where numba is installed.
    record : RunRecord, optional
        Gets the account of every row, noise included, the choices, the engine, and how many
        clusters are over the budget.

    Returns
    -------
    GeoDataFrame
        Areas table, ``kind`` "cluster", most incidents first. ``incident_count`` comes from labels;
        the polygon (discs of the radius around core places, dissolved) is a drawing, and can hold
        incidents that are no members: :func:`assign_clusters` says who is one.

    Raises
    ------
    InputError
        When an argument means nothing, HDBSCAN is given more than 40,000 incidents, ``min_harm`` is
        asked of incidents without harm, or choices are given for incidents that are assigned to
        clusters already.
    MissingExtraError
        For ``engine="fast"`` without numba.

    Notes
    -----
    DBSCAN chains: in dense town centres a cluster can grow far beyond what a patrol can walk, so
    read ``area_km2``. On snapped data one busy map point can be a cluster by itself: read
    ``unique_points`` and ``largest_point_share``. :func:`cluster_chance` and
    :func:`cluster_stability` say what the clusters are worth.

    By harm a cluster says where harm was, not where it comes again: one grave incident with a small
    one beside it is a cluster, so give a larger ``min_incidents`` beside it. Harm is added up in
    millionths.

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
    asked: dict[str, Any] = {
        "radius_m": radius_m,
        "min_incidents": min_incidents,
        "min_harm": min_harm,
    }
    asked |= {"method": method, "engine": engine}
    check_choices(**asked, max_area_km2=max_area_km2)
    clustered = as_selection(incidents)
    given = {name: choice for name, choice in asked.items() if choice is not None}
    if not isinstance(clustered.made_by, Clustering):
        clustered = assign_clusters(clustered, **given, previous=previous)
    elif given or previous is not None:
        raise InputError(
            "`incidents` are assigned to clusters already, so `radius_m`, `min_incidents`, "
            "`min_harm`, `method`, `engine` and `previous` are chosen; got others.",
            mend=Mend("choose-once"),
            rule="chosen-already",
        )
    found: Clustering = clustered.made_by
    clusters = found.outlines.copy()
    clusters["min_incidents"] = found.choices.min_incidents
    totals = share_of_all_harm(area_totals(clustered.parts, clusters.index), clustered)
    _describe(clusters, clustered, max_area_km2)
    if has_record(record):
        in_areas = int(totals["incident_count"].sum())
        noise = clustered.total - in_areas
        record.account(clustered.closed("find_clusters", in_areas, noise))
        _write_choices(record, clustered.theme, found.choices, max_area_km2)
        _write_over_budget(record, clusters, clustered.theme, max_area_km2)
    ordered = in_area_order(clusters.join(totals))
    return ordered.sort_values("incident_count", ascending=False, kind="stable")


def _choose(
    incidents: Selection,
    radius_m: float | None,
    min_incidents: int | None,
    method: str,
    min_harm: float | None = None,
    engine: Engine = "auto",
) -> ClusterChoices:
    """The choices given, and those left open made from the incidents."""
    check_choices(
        radius_m=radius_m,
        min_incidents=min_incidents,
        min_harm=min_harm,
        method=method,
        engine=engine,
    )
    usual = max(FEWEST_IN_A_CLUSTER, round(incidents.total * SHARE_OF_A_CLUSTER))
    if min_incidents is None:
        min_incidents = usual if min_harm is None else FEWEST_BY_HARM
    if radius_m is None:
        number = min_incidents if min_harm is None else usual
        radius_m = suggest_radius(incidents, min_incidents=number).radius_m
        require(
            radius_m is not None,
            f"`radius_m` must be given: no radius gives a cluster of {number:,} incidents that can "
            "be walked.",
            mend=Mend("suggest-radius"),
            rule=NO_RADIUS,
        )
    assert radius_m is not None
    return ClusterChoices(plain(radius_m), int(min_incidents), method, min_harm, engine)


def _describe(clusters: gpd.GeoDataFrame, incidents: Selection, max_area_km2: float | None) -> None:
    """Add the columns that every area carries, and ``over_budget`` where a budget is given."""
    clusters["kind"] = "cluster"
    clusters["theme"] = incidents.theme
    for name, stamp in period_columns(incidents).items():
        clusters[name] = stamp
    clusters["area_km2"] = clusters.geometry.area / 1e6
    clusters["share_inside"] = share_inside(clusters.geometry, incidents.within)
    if max_area_km2 is not None:
        clusters["over_budget"] = clusters["area_km2"] > max_area_km2
    clusters["place_name"] = pd.Series(None, index=clusters.index, dtype=object)


def _write_choices(
    record: RunRecord, theme: str, choices: ClusterChoices, max_area_km2: float | None
) -> None:
    """The choices; HDBSCAN's radius has another name, since it means something else."""
    dbscan = choices.method == "dbscan"
    told = {
        "radius_m" if dbscan else "smallest_radius_m": choices.radius_m,
        "min_incidents": choices.min_incidents,
        "min_harm": choices.min_harm,
        "method": None if dbscan else choices.method,
        "max_area_km2": max_area_km2,
        "engine": choices.engine,
    }
    if choices.min_harm is not None and choices.min_incidents == 1:
        del told["min_incidents"]
    told = {name: choice for name, choice in told.items() if choice is not None}
    record.choose("find_clusters", theme=theme, **told)


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
            f"{max_area_km2:g} km²; the largest has {clusters['area_km2'].max():.2f} km².",
            "warning",
            mend=Mend("compare-radii"),
            rows=over,
        )
    )
