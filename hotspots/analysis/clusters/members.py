"""One search: from incidents and choices to the cluster of each place, drawn and named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hotspots.analysis.clusters.cluster_choices import ClusterChoices, check_choices
from hotspots.analysis.clusters.outlines import keep_ids, outline_clusters
from hotspots.analysis.clusters.places import Places, by_place, places_of
from hotspots.analysis.clusters.radius import suggest_radius
from hotspots.core.errors import require
from hotspots.core.select import Selection
from hotspots.core.source import Membership
from hotspots.core.text.mends import Mend
from hotspots.stats.dbscan import Engine, collapsed_dbscan, engine_for, varying_density
from hotspots.stats.dbscan_grid import NOISE, Need

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

FEWEST_IN_A_CLUSTER = 5
SHARE_OF_A_CLUSTER = 0.01
FEWEST_BY_HARM = 2
"""One grave incident says nothing about the next: by harm, too, never one alone."""
"""Without a minimum of one's own a cluster holds one in a hundred incidents, and five at least."""
PARTS_OF_HARM = 1_000_000
"""Harm is added up in whole millionths of its unit, so that no order of rows moves a core."""


@dataclass(frozen=True, eq=False, repr=False)
class Clustering:
    """Clusters as drawn and named, and the places behind them.

    Attributes
    ----------
    choices
        What the clusters were made with.
    places, weights
        The distinct places of the incidents in millimetres, and incidents at each.
    known_as
        The position of each place among all places of the table the incidents came from.
    numbers
        Cluster of each place, -1 for noise; row ``n`` of ``outlines`` is cluster ``n``.
    outlines
        A polygon for each cluster, under its ``area_id``.
    """

    choices: ClusterChoices
    places: NDArray[np.int64]
    weights: NDArray[np.int64]
    known_as: NDArray[np.intp]
    numbers: NDArray[np.intp]
    outlines: gpd.GeoDataFrame

    def membership(self, incidents: Selection) -> Membership:
        """The cluster of each incident that was clustered, which its place decides."""
        ids = self.outlines.index.sort_values()
        codes = np.append(ids.get_indexer(self.outlines.index), NOISE)[self.numbers]
        of_place = np.full(len(incidents.source.places.places), NOISE, dtype=np.intp)
        of_place[self.known_as] = codes
        if not len(incidents.source.places.of_row):  # a tally, whose rows are elsewhere
            return Membership(ids, of_place, True)
        of_row = incidents.source.places.spread(of_place, NOISE)
        return Membership(ids, np.where(incidents.used, of_row, NOISE), False)

    def __repr__(self) -> str:
        return f"Clustering({self.choices!r}: {len(self.outlines):,} clusters)"


def clustering_of(incidents: Selection) -> Clustering:
    """The clustering that assigned the incidents; an error where none did, or not by their number.

    What chance gives, and what comes back, is asked of numbers of incidents.
    """
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
    require(
        found.choices.min_harm is None,
        "`incidents` must be clustered by their number alone, without `min_harm`; got "
        f"{found.choices.min_harm!r}.",
    )
    return found


def choose(
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
        )
    assert radius_m is not None
    return ClusterChoices(radius_m, int(min_incidents), method, min_harm, engine)


def find_members(
    incidents: Selection, choices: ClusterChoices, previous: gpd.GeoDataFrame | None
) -> Clustering:
    """Cluster, draw and name."""
    radius_m, crs = choices.radius_m, incidents.source.crs
    places, weights, known_as = found = places_of(incidents)
    choices = replace(choices, engine=engine_for(len(places), choices.engine))
    if choices.method == "hdbscan":
        numbers = varying_density(places, weights, radius_m, choices.min_incidents, choices.engine)
        drawn = numbers != NOISE
    else:
        needs = _needs(incidents, found, choices)
        numbers, drawn = collapsed_dbscan(places, *needs, radius_m=radius_m, engine=choices.engine)
    outlines = outline_clusters(places[drawn], numbers[drawn], radius_m, incidents.theme, crs)
    outlines = keep_ids(outlines, previous)
    return Clustering(choices, places, weights, known_as, numbers, outlines)


def _needs(incidents: Selection, found: Places, choices: ClusterChoices) -> list[Need]:
    """What must lie within the radius of a core place; one incident always does, its own."""
    needs = [Need(found.weights, choices.min_incidents)]
    if choices.min_harm is None:
        return needs
    source = incidents.source
    require(
        "harm" in source.tally.kinds.columns,
        "`min_harm` needs incidents with harm; these have no column 'harm'.",
        mend=Mend("weigh-first"),
    )
    each = np.rint(np.nan_to_num(source.of_kind("harm").astype(float)) * PARTS_OF_HARM)
    harm = by_place(incidents, incidents.counts * each.astype(np.int64))[found.known_as]
    least = Need(harm, max(1, round(choices.min_harm * PARTS_OF_HARM)))
    return [least] if choices.min_incidents == 1 else [*needs, least]
