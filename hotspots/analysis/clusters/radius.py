"""How far to look: candidate radii side by side, and which of them is suggested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.clusters.discs import disc_unions
from hotspots.analysis.clusters.members import places_of
from hotspots.core.arguments import listed, size_of, whole_of
from hotspots.core.errors import require
from hotspots.core.select import Selection, as_selection
from hotspots.core.sentences import Spoken, sentences_of
from hotspots.stats.dbscan import clusters_of_core, distance_to_kth, distance_to_next, within

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Floats, Ints

ROUND_RADII_M = (50, 75, 100, 125, 150, 175, 200, 250, 300)
PATROL_KM2 = 0.15
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, eq=False)
class RadiusSuggestion(Spoken):
    """Candidate radii, and the one suggested; print it for the reasons.

    Attributes
    ----------
    radius_m : float or None
        The radius suggested; None where no candidate gives a cluster that keeps the budget.
    table : DataFrame
        On ``radius_m``: ``clusters``, ``share_held`` (of incidents, in clusters), ``share_core``
        (of incidents, on core places), ``share_within_budget`` (of incidents, in clusters that keep
        the budget), ``largest_km2``, ``over_budget`` (clusters larger than the budget),
        ``one_point`` (clusters of a single place), ``below_spacing``, ``suggested``.
    distance_to_kth : Series
        Metres within which the closest 10, 25, 50, 75 and 90 % of incidents have
        ``min_incidents`` incidents, their own counted; infinite where there are too few.
    spacing_m : float
        Distance from the place of an incident to the next place, half of incidents less.
    min_incidents : int
        As asked.
    max_area_km2 : float
        Size budget.
    """

    radius_m: float | None
    table: pd.DataFrame
    distance_to_kth: pd.Series
    spacing_m: float
    min_incidents: int
    max_area_km2: float

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, one sentence each."""
        return sentences_of(self)


def suggest_radius(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    min_incidents: int,
    max_area_km2: float = PATROL_KM2,
    radii_m: Sequence[float] | None = None,
) -> RadiusSuggestion:
    """Compare radii for :func:`find_clusters`, and suggest one with reasons.

    Parameters
    ----------
    incidents : Selection
        From :func:`select`; a plain table stands for all its incidents. All themes and periods of
        the table they came from say how far places lie apart; those asked about say where clusters
        are.
    min_incidents : int
        As for :func:`find_clusters`.
    max_area_km2 : float
        What a cluster may measure at most; 0.15 km² can be walked in a quarter of an hour.
    radii_m : sequence of float, optional
        Candidates in metres; round numbers from 50 to 300 by default.

    Returns
    -------
    RadiusSuggestion
        Of the candidates not below the spacing of places, the one whose clusters within the budget
        hold most incidents; the smaller one where two hold as many. Nothing is chosen for the
        caller: read the reasons and pass ``radius_m`` on.

    Raises
    ------
    InputError
        When an argument means nothing.

    Notes
    -----
    A larger radius holds more incidents and chains more. Below the spacing of places a place
    reaches no other, and clusters are piles on single map points. It misleads where one town centre
    is far busier than everything else: the radius that suits the rest makes the centre one large
    cluster, which is over the budget and counts for nothing here, though it holds most incidents.
    The reasons name the largest radius at which no cluster is over the budget.

    References
    ----------
    Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering clusters in
    large spatial databases with noise, KDD-96, 226-231 (section 4.2, the k-distance graph).

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> hint = hs.evaluation.suggest_radius(incidents, min_incidents=60, radii_m=[50, 100, 150])
    >>> bool(hint.table["share_held"].is_monotonic_increasing)
    True
    """
    min_incidents = whole_of(min_incidents, "min_incidents", rule="count")
    max_area_km2 = size_of(max_area_km2, "max_area_km2", rule="size")
    candidates = _candidates(radii_m)
    chosen = as_selection(incidents)
    places, weights, _ = places_of(chosen)
    spacing_m = _spacing(*places_of(chosen.asked(theme=None, period=None, hours=None))[:2])
    to_kth = distance_to_kth(places, weights, min_incidents)
    table = _compared(places, weights, to_kth, candidates, max_area_km2)
    table["below_spacing"] = table.index < spacing_m
    useful = table["share_within_budget"].where(~table["below_spacing"], 0.0)
    # Of several as good the smallest, since candidates rise.
    best = candidates[int(useful.to_numpy().argmax())] if useful.gt(0).any() else None
    table["suggested"] = table.index == best
    return RadiusSuggestion(
        radius_m=best,
        table=table,
        distance_to_kth=_by_share(to_kth, weights),
        spacing_m=spacing_m,
        min_incidents=min_incidents,
        max_area_km2=max_area_km2,
    )


def _candidates(radii_m: Sequence[float] | None) -> list[float]:
    given = listed(ROUND_RADII_M if radii_m is None else radii_m, "radii_m")
    require(bool(given), "`radii_m` must name at least one radius in metres; got none.")
    return sorted({size_of(radius, "radii_m", rule="size") for radius in given})


def _spacing(places: Ints, weights: Ints) -> float:
    """Median distance to the next place over incidents; zero where there is no other place."""
    if len(places) < 2:
        return 0.0
    return float(np.median(np.repeat(distance_to_next(places), weights)))


def _compared(
    places: Ints, weights: Ints, to_kth: Floats, radii_m: list[float], max_area_km2: float
) -> pd.DataFrame:
    """What each radius gives; its core places have the k-th incident within it."""
    total = max(1, int(weights.sum()))
    rows: list[dict[str, Any]] = []
    for radius in radii_m:
        core = within(to_kth, radius)
        labels = clusters_of_core(places, core, radius)
        # Drawn as `find_clusters` draws them, around core places alone, or the budget would be
        # another.
        outlines = disc_unions(places[core], labels[core], radius)
        areas = np.array([outline.area / 1e6 for outline in outlines])
        member = labels >= 0
        points = np.bincount(labels[member], minlength=len(areas))
        held = np.bincount(labels[member], weights[member], len(areas))
        rows.append(
            {
                "clusters": len(areas),
                "share_held": held.sum() / total,
                "share_within_budget": held[areas <= max_area_km2].sum() / total,
                "share_core": weights[core].sum() / total,
                "largest_km2": areas.max(initial=0.0),
                "over_budget": int((areas > max_area_km2).sum()),
                "one_point": int((points == 1).sum()),
            }
        )
    return pd.DataFrame(rows, index=pd.Index(radii_m, name="radius_m", dtype=float))


def _by_share(to_kth: Floats, weights: Ints) -> pd.Series:
    """The distance within which each share of the incidents has enough of them."""
    index = pd.Index(SHARES, name="share_of_incidents")
    if len(weights) == 0:
        return pd.Series(np.inf, index=index, name="distance_m")
    order = np.argsort(to_kth, kind="stable")
    reached = np.cumsum(weights[order])
    at = np.searchsorted(reached, np.ceil(np.array(SHARES) * reached[-1]))
    return pd.Series(to_kth[order][at], index=index, name="distance_m")
