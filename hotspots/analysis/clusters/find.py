"""Find the places where many incidents lie close together, and say which incident is where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Required, TypedDict, Unpack, get_args

import numpy as np
import pandas as pd

from hotspots.analysis.clusters.outlines import describe, in_order, keep_ids, outline_clusters
from hotspots.core.crs import coordinates
from hotspots.core.errors import Finding, Findings, InputError, listing
from hotspots.core.periods import Period
from hotspots.core.points import distinct_places
from hotspots.core.select import Selection, select_incidents
from hotspots.core.totals import area_totals
from hotspots.stats.dbscan import NOISE, collapsed_dbscan, varying_density

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord

Method = Literal["dbscan", "hdbscan"]


def find_clusters(
    incidents: gpd.GeoDataFrame,
    *,
    within: gpd.GeoDataFrame | None = None,
    theme: str | None = None,
    period: str | Period | None = None,
    radius_m: float,
    min_incidents: int,
    method: Method = "dbscan",
    max_area_km2: float | None = None,
    previous: gpd.GeoDataFrame | None = None,
    include_institutional: bool = False,
    include_sensitive: str | bool = False,
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
        Two places are neighbours when they are at most this far apart. :func:`suggest_radius`
        helps to choose. With ``method="hdbscan"`` this is where it begins: what lies together at
        this radius stays together, and the radius grows where incidents are thinner.
    min_incidents : int
        A place is the core of a cluster when at least this many incidents, its own included, lie
        within the radius. Minimums belong to a theme: what is many for ASB is few for all crime.
    method : {"dbscan", "hdbscan"}
        One density for the whole map, or a density of its own for each cluster.
    max_area_km2 : float, optional
        Size budget. Clusters are not cut to it; the column ``over_budget`` says which are larger.
    previous : GeoDataFrame, optional
        Clusters of an earlier period. Those that share at least half of their joint ground
        (intersection over union) with one of them keep its id.
    include_institutional, include_sensitive : optional
        Keep incidents with those flags; sensitive ones need a reason, which is recorded.
    record : RunRecord, optional
        Gets the account of every row, noise included, the choices, and how many clusters are over
        the budget.

    Returns
    -------
    GeoDataFrame
        Areas table, ``kind`` "cluster", most incidents first. ``incident_count`` comes from labels;
        the polygon (discs of the radius around core places, dissolved) is a drawing, and can hold
        incidents that are no members: :func:`label_clusters` says who is one.

    Raises
    ------
    InputError
        When an argument means nothing, or HDBSCAN is given more than 40,000 incidents.

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
    clusters, _ = find_and_label(
        incidents,
        record=record,
        within=within,
        theme=theme,
        period=period,
        radius_m=radius_m,
        min_incidents=min_incidents,
        method=method,
        max_area_km2=max_area_km2,
        previous=previous,
        include_institutional=include_institutional,
        include_sensitive=include_sensitive,
    )
    return clusters


class Choices(TypedDict, total=False):
    """What :func:`find_clusters` can be asked, for those who pass it on."""

    within: gpd.GeoDataFrame | None
    theme: str | None
    period: str | Period | None
    radius_m: Required[float]
    min_incidents: Required[int]
    method: Method
    max_area_km2: float | None
    previous: gpd.GeoDataFrame | None
    include_institutional: bool
    include_sensitive: str | bool


def label_clusters(incidents: gpd.GeoDataFrame, **choices: Unpack[Choices]) -> pd.Series:
    """Cluster each incident belongs to; missing for noise and for incidents that were not used.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table in metres.
    **choices
        Those of :func:`find_clusters`, but ``record``; ``max_area_km2`` changes no label and is
        taken so that both can be given the same.

    Returns
    -------
    Series of str
        ``area_id`` on the index of ``incidents``.
    """
    return find_members(incidents, **choices).members.reindex(incidents.index)


def find_and_label(
    incidents: gpd.GeoDataFrame, *, record: RunRecord | None = None, **choices: Unpack[Choices]
) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """What :func:`find_clusters` and :func:`label_clusters` give, with the work done once."""
    found = find_members(incidents, **choices)
    clusters, selection = found.outlines, found.selection
    budget = choices.get("max_area_km2")
    totals = area_totals(found.used, found.members, clusters.index)
    describe(clusters, incidents, selection, choices.get("within"), budget)
    if record is not None:
        in_areas = int(totals["incident_count"].sum())
        record.account(selection.closed(in_areas, noise=len(found.used) - in_areas))
        _write_choices(record, selection.theme, choices)
        _write_over_budget(record, clusters, selection.theme, budget)
    return in_order(clusters.join(totals)), found.members.reindex(incidents.index)


@dataclass(frozen=True)
class Found:
    """Clusters as drawn and named, and the incidents behind them.

    Attributes
    ----------
    selection, used
        Which incidents the question is about.
    places, weights, inverse
        Their distinct places in millimetres, incidents at each, and the place of each incident.
    numbers
        Cluster of each place, -1 for noise; row ``n`` of ``outlines`` is cluster ``n``.
    outlines
        A polygon for each cluster, under its ``area_id``.
    """

    selection: Selection
    used: gpd.GeoDataFrame
    places: NDArray[np.int64]
    weights: NDArray[np.int64]
    inverse: NDArray[np.intp]
    numbers: NDArray[np.intp]
    outlines: gpd.GeoDataFrame

    @property
    def members(self) -> pd.Series:
        """``area_id`` of each used incident; missing for noise, whose number is -1."""
        names = np.array([*self.outlines.index, None], dtype=object)
        chosen = names[self.numbers[self.inverse]]
        return pd.Series(chosen, index=self.used.index, name="area_id", dtype=object)


def find_members(
    incidents: gpd.GeoDataFrame,
    *,
    radius_m: float,
    min_incidents: int,
    method: str = "dbscan",
    max_area_km2: float | None = None,
    previous: gpd.GeoDataFrame | None = None,
    **chosen: Any,
) -> Found:
    """Select, collapse, cluster, draw and name."""
    check_choices(
        radius_m=radius_m, min_incidents=min_incidents, method=method, max_area_km2=max_area_km2
    )
    selection = select_incidents(incidents, stage="find_clusters", **chosen)
    used = incidents[selection.used]
    places, inverse = distinct_places(*coordinates(used.geometry))
    weights = np.bincount(inverse, minlength=len(places))
    if method == "hdbscan":
        numbers = varying_density(places, weights, radius_m, int(min_incidents))
        drawn = numbers != NOISE
    else:
        numbers, drawn = collapsed_dbscan(places, weights, radius_m, int(min_incidents))
    outlines = outline_clusters(used, numbers[inverse], drawn[inverse], radius_m, selection.theme)
    outlines = keep_ids(outlines, previous)
    return Found(selection, used, places, weights, inverse, numbers, outlines)


def check_choices(
    *,
    radius_m: float | None = None,
    min_incidents: int | None = None,
    method: str = "dbscan",
    max_area_km2: float | None = None,
    **counts: int,
) -> None:
    """Raise one error that names every choice that means nothing; None is not checked."""
    findings = Findings()
    for name, size in (("radius_m", radius_m), ("max_area_km2", max_area_km2)):
        if size is not None and not (_is_number(size) and np.isfinite(size) and size > 0):
            unit = "a distance in metres" if name == "radius_m" else "an area in km2"
            findings.error("size", f"`{name}` must be {unit} greater than 0; got {size!r}.")
    for name, count in {"min_incidents": min_incidents, **counts}.items():
        if count is not None and not (_is_number(count) and count == int(count) and count >= 1):
            findings.error(
                "count", f"`{name}` must be a whole number of at least 1; got {count!r}."
            )
    if method not in get_args(Method):
        findings.error(
            "method", f"`method` must be one of {listing(get_args(Method))}; got {method!r}."
        )
    findings.raise_errors(InputError)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _write_choices(record: RunRecord, theme: str, choices: Choices) -> None:
    """The choices; HDBSCAN's radius has another name, since it means something else."""
    method, max_area_km2 = choices.get("method", "dbscan"), choices.get("max_area_km2")
    budget = {} if max_area_km2 is None else {"max_area_km2": max_area_km2}
    radius = {"radius_m" if method == "dbscan" else "smallest_radius_m": choices["radius_m"]}
    how = {} if method == "dbscan" else {"method": method}
    minimum = choices["min_incidents"]
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
            mend="Take a smaller radius or a larger minimum; suggest_radius() compares radii.",
            rows=over,
        )
    )
