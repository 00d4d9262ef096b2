"""How often a cluster comes back under another draw of chance, and under other choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hotspots.analysis.clusters.members import (
    Clustering,
    clustering_of,
)
from hotspots.core.arguments import draws_of
from hotspots.core.errors import InputError, listing
from hotspots.core.tables import AREAS, require_table
from hotspots.stats.dbscan import grouped, reach
from hotspots.stats.dbscan_grid import NOISE
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Codes, Floats, Ints
    from hotspots.core.select import Selection

REASONABLE = (0.8, 1.0, 1.25)
MIN_OVERLAP = 0.5


def cluster_stability(
    clusters: gpd.GeoDataFrame,
    incidents: Selection,
    *,
    draws: int = 100,
    rng: np.random.Generator | int | None = None,
) -> gpd.GeoDataFrame:
    """Say of each cluster how often it comes back.

    A cluster has come back when a cluster shares at least half with it: incidents on the places
    both have, over incidents on the places either has (weighted Jaccard).

    Parameters
    ----------
    clusters : GeoDataFrame
        All or some rows of what :func:`find_clusters` gave.
    incidents : Selection
        The incidents the clusters were found in, from :func:`assign_clusters` with DBSCAN.
    draws : int
        How often the incidents are drawn again.
    rng : Generator or int, optional
        Source of chance; a fixed one by default.

    Returns
    -------
    GeoDataFrame
        ``clusters`` with ``stability`` (share of the draws in which the cluster came back) and
        ``stability_by_choice`` (share of the pairs of 0.8, 1 and 1.25 times the radius and the
        minimum, the chosen one left out).

    Raises
    ------
    InputError
        When an argument means nothing, or the clusters are not those of these incidents.

    Notes
    -----
    Incidents at one place in one month are one block, taken a Poisson(1) number of times: repeat
    calls about one trouble come and go together. In a draw places weigh what was drawn there,
    so a place that was not drawn counts for neither side. A cluster of a single map point in a
    single month is one block, and comes back in at most 63 % of the draws: it may be one
    trouble. A cluster near the minimum comes back about every other time, and one that splits or
    joins another may not come back although its places stay busy. Stable does not mean lasting:
    resampling July says nothing about August.

    References
    ----------
    Hennig, C. (2007), Cluster-wise assessment of cluster stability. Computational Statistics and
    Data Analysis 52, 258-271. doi:10.1016/j.csda.2006.11.025
    Hanley, J. A. and MacGibbon, B. (2006), Creating non-parametric bootstrap samples using Poisson
    frequencies. Computer Methods and Programs in Biomedicine 83, 57-62.
    doi:10.1016/j.cmpb.2006.04.006

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> clustered = hs.assign_clusters(incidents, radius_m=150, min_incidents=60)
    >>> clusters = hs.find_clusters(clustered)
    >>> judged = hs.evaluation.cluster_stability(clusters, clustered, draws=20)
    >>> bool(judged["stability"].between(0, 1).all())
    True
    """
    draws = draws_of(draws)
    require_table(clusters, AREAS, argument="clusters", only=["incident_count", "geometry"])
    found = clustering_of(incidents)
    numbers = _require_same_clusters(clusters, found)
    source = source_of(rng)
    back = _resampled(found, _blocks(found, incidents), draws, source)
    chosen = _otherwise_chosen(found)
    judged = clusters.assign(stability=back[numbers], stability_by_choice=chosen[numbers])
    geometry = judged.pop(str(clusters.geometry.name))
    return judged.join(geometry).set_geometry(geometry.name)


def _require_same_clusters(clusters: gpd.GeoDataFrame, found: Clustering) -> Codes:
    """The number of each cluster; refuse clusters that these incidents do not give."""
    numbers = found.outlines.index.get_indexer(clusters.index)
    member = found.numbers >= 0
    # One more, to which -1 points: a cluster of another name.
    sizes = np.bincount(found.numbers[member], found.weights[member], len(found.outlines) + 1)
    same = (numbers >= 0) & (sizes[numbers] == clusters["incident_count"].to_numpy())
    if not same.all():
        raise InputError(
            "`clusters` must be what find_clusters gives for these incidents; "
            f"{int((~same).sum()):,} of {len(clusters):,} are not or hold another number of "
            f"incidents: {listing(clusters.index[~same])}. Pass the selection that they were "
            "found in.",
            rule="other-selection",
        )
    return np.asarray(numbers, dtype=np.intp)


def _resampled(
    found: Clustering, blocks: tuple[Codes, Ints], draws: int, rng: np.random.Generator
) -> Floats:
    """Share of the draws in which each cluster comes back."""
    owner, size = blocks
    near = reach(found.places, found.choices.radius_m)
    back = np.zeros(len(found.outlines))
    for _ in range(draws):
        drawn = rng.poisson(1.0, len(size)) * size
        weights = np.bincount(owner, drawn, len(found.places)).astype(np.int64)
        labels, _ = grouped(near, weights, found.choices.min_incidents)
        back += _best_overlap(found, labels, weights) >= MIN_OVERLAP
    return back / draws


def _blocks(found: Clustering, incidents: Selection) -> tuple[Codes, Ints]:
    """Place and number of incidents of each block: what one place has in one month."""
    tally, counts = incidents.source.tally, incidents.counts
    line = np.flatnonzero(counts)
    place = np.searchsorted(found.known_as, tally.place[line])
    months = len(tally.months)
    kinds, block = np.unique(place * months + tally.month[line], return_inverse=True)
    size = np.bincount(block, counts[line], len(kinds)).astype(np.int64)
    return (kinds // max(months, 1)).astype(np.intp), size


def _otherwise_chosen(found: Clustering) -> Floats:
    """Share of other reasonable choices in which each cluster comes back."""
    chosen, tried = found.choices, []
    minimums = {max(1, round(chosen.min_incidents * times)) for times in REASONABLE}
    for times in REASONABLE:
        near = reach(found.places, chosen.radius_m * times)
        for minimum in sorted(minimums - ({chosen.min_incidents} if times == 1 else set())):
            labels, _ = grouped(near, found.weights, minimum)
            tried.append(_best_overlap(found, labels, found.weights) >= MIN_OVERLAP)
    return np.asarray(np.mean(tried, axis=0))


def _best_overlap(found: Clustering, labels: Codes, weights: Ints) -> Floats:
    """Largest weighted Jaccard of each cluster with any cluster of other labels."""
    best = np.zeros(len(found.outlines))
    mine, theirs = found.numbers, labels
    both = (mine != NOISE) & (theirs != NOISE) & (weights > 0)
    if not both.any():
        return best
    others = int(theirs.max()) + 1
    size = np.bincount(mine[mine != NOISE], weights[mine != NOISE], len(best))
    other_size = np.bincount(theirs[theirs != NOISE], weights[theirs != NOISE], others)
    pairs, place = np.unique(mine[both] * others + theirs[both], return_inverse=True)
    shared = np.bincount(place, weights[both])
    one, other = np.divmod(pairs, others)
    np.maximum.at(best, one, shared / (size[one] + other_size[other] - shared))
    return best
