"""How many clusters chance alone would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.checks import require
from hotspots.crs import MILLIMETRES_PER_METRE, coordinates
from hotspots.selection import Period, distinct_places, select_incidents
from hotspots.significance.flags import FIXED_SEED

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ChanceClusters:
    """Clusters found, and clusters that chance gives.

    Attributes
    ----------
    observed
        Clusters in the data.
    expected
        Mean number over the chance maps.
    low, high
        Middle 90 % of the chance maps.
    p_value
        Probability that chance gives at least as many.
    incidents, map_points, runs
        Incidents dealt out, map points they were dealt to, chance maps made.
    """

    observed: int
    expected: float
    low: float
    high: float
    p_value: float
    incidents: int
    map_points: int
    runs: int

    def __str__(self) -> str:
        return (
            f"{self.observed} clusters found; {self.expected:.1f} expected by chance (90 % of "
            f"chance maps have {self.low:.0f} to {self.high:.0f}) if each of {self.incidents:,} "
            f"incidents falls on any of the {self.map_points:,} map points seen with the same "
            "probability. Map points that were never hit are not seen."
        )


def chance_clusters(
    incidents: gpd.GeoDataFrame,
    *,
    within: gpd.GeoDataFrame | None = None,
    theme: str | None = None,
    period: str | Period | None = None,
    radius_m: float,
    min_incidents: int,
    runs: int = 199,
    include_institutional: bool = False,
    include_sensitive: bool = False,
    rng: np.random.Generator | int | None = None,
) -> ChanceClusters:
    """Count the clusters that constant risk would give, beside those that are there.

    Parameters
    ----------
    incidents : GeoDataFrame
        All incidents there are: those of other themes and periods show where map points lie.
    within, theme, period, radius_m, min_incidents, include_institutional, include_sensitive
        As for :func:`find_clusters`.
    runs : int
        Chance maps to make.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.

    Returns
    -------
    ChanceClusters
        Print it for a sentence.

    Notes
    -----
    In every chance map as many incidents as there are fall on the map points seen in the study
    area, each with the same probability, and clusters are counted by the same rule. Risk is never
    constant, so far more clusters than chance is the rule; what the number is good for is the
    opposite finding, that a radius and minimum give clusters from nothing.

    References
    ----------
    Openshaw, S. et al. (1987) A Mark 1 Geographical Analysis Machine. International Journal of
    Geographical Information Systems 1(4), 335-358. doi:10.1080/02693798708927821

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"))
    >>> found = hs.chance_clusters(incidents, within=city, radius_m=150, min_incidents=60, runs=19)
    >>> found.observed > found.high
    True
    """
    require(radius_m > 0, f"`radius_m` must be more than zero metres; got {radius_m!r}.")
    require(min_incidents >= 1, f"`min_incidents` must be 1 or more; got {min_incidents!r}.")
    require(runs >= 1, f"`runs` must be 1 or more; got {runs!r}.")
    kept = {
        "within": within,
        "include_institutional": include_institutional,
        "include_sensitive": include_sensitive,
    }
    everywhere = select_incidents(incidents, stage="chance_clusters", **kept).used  # type: ignore[arg-type]
    chosen = select_incidents(
        incidents,
        stage="chance_clusters",
        theme=theme,
        period=period,
        **kept,  # type: ignore[arg-type]
    ).used
    places, place = distinct_places(*coordinates(incidents.geometry[everywhere]))
    weights = np.bincount(place[chosen[everywhere]], minlength=len(places))
    near = _within_reach(places, radius_m)
    observed = _count_clusters(near, weights, min_incidents)
    generator = np.random.default_rng(FIXED_SEED if rng is None else rng)
    total = int(weights.sum())
    chance = np.zeros(runs, dtype=int)
    if len(places):
        even = np.full(len(places), 1 / len(places))
        for run in range(runs):
            dealt = generator.multinomial(total, even)
            chance[run] = _count_clusters(near, dealt, min_incidents)
    low, high = np.quantile(chance, [0.05, 0.95])
    beyond = int((chance >= observed).sum())
    return ChanceClusters(
        observed=observed,
        expected=float(chance.mean()),
        low=float(low),
        high=float(high),
        p_value=(beyond + 1) / (runs + 1),
        incidents=total,
        map_points=len(places),
        runs=runs,
    )


def _within_reach(places: NDArray[np.int64], radius_m: float) -> Any:
    """Which places lie within the radius of each other, themselves included."""
    from scipy.sparse import csr_array
    from sklearn.neighbors import radius_neighbors_graph

    if len(places) == 0:
        return csr_array((0, 0))
    graph = radius_neighbors_graph(
        places / MILLIMETRES_PER_METRE, radius_m, mode="connectivity", include_self=True
    )
    return csr_array(graph)


def _count_clusters(near: Any, weights: NDArray[np.int64], min_incidents: int) -> int:
    """Connected groups of core places: the number of DBSCAN clusters."""
    from scipy.sparse.csgraph import connected_components

    core = np.flatnonzero((near @ weights >= min_incidents) & (weights > 0))
    if len(core) == 0:
        return 0
    return int(connected_components(near[core][:, core], directed=False)[0])
