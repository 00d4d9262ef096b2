"""Where trauma packs reach most: the exact best choice, its bound, and points and distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.arguments import size_of, whole_of
from hotspots.core.crs import coordinates, metres_problem, require_same_crs, some_places
from hotspots.core.errors import Findings, InputError, require
from hotspots.core.plain import plain_parts
from hotspots.core.record import PROTECT
from hotspots.core.sentences import Spoken
from hotspots.report.text.results.place_words import HANDLING
from hotspots.stats.cover import TOLERANCE, added, best_cover, in_order

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class PackPlan(Spoken):
    """Positions for packs, part of the Protect product.

    Attributes
    ----------
    chosen
        Candidates chosen, the one that adds most first: ``sites_reached`` by it, and
        ``weight_added`` to those before it. Packs that would add nothing are left over.
    sites
        The sites with ``weight``, ``nearest_pack``, ``distance_m`` and ``covered``.
    covered, total
        Weight of the sites within reach, and of all.
    bound
        What no choice of so many packs can exceed.
    gap
        How far ``covered`` is below the bound, as a share of it; 0 is proven best.
    spare
        Packs left over.
    """

    chosen: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    covered: float
    total: float
    bound: float
    gap: float
    spare: int
    reach_m: float

    def __repr__(self) -> str:
        return f"PackPlan({len(self.chosen)} packs; not shown)"

    __str__ = __repr__

    @property
    def proven(self) -> bool:
        """Whether no better choice exists."""
        return self.gap <= TOLERANCE

    def to_dict(self) -> dict[str, Any]:
        """Everything but the geometry, for JSON."""
        numbers = ("reach_m", "covered", "total", "bound", "gap", "spare")
        told = plain_parts(self, *numbers, "chosen", "sites")
        return {"handling": HANDLING, **told, "sentence": self.to_sentence()}


def place_trauma_packs(
    sites: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    count: int,
    reach_m: float,
    *,
    weights: pd.Series | None = None,
    existing: gpd.GeoDataFrame | None = None,
) -> PackPlan:
    """Choose positions for packs so that as many sites as possible have one within reach.

    Parameters
    ----------
    sites : GeoDataFrame
        Sites to be reached, one point a row, in metres.
    candidates : GeoDataFrame
        Positions a pack could have.
    count : int
        Packs to place, at most.
    reach_m : float
        How near a pack must be, in metres in a straight line; exactly as far counts as near.
    weights : Series, optional
        Importance of each site by its index, zero or more; 1 by default.
    existing : GeoDataFrame, optional
        Packs that stay where they are; what they reach is covered already.

    Returns
    -------
    PackPlan
        ``chosen``, ``sites``, ``covered``, ``bound``, ``gap``, ``to_sentence()``, ``to_dict()``.

    Raises
    ------
    InputError
        For tables that hold no points in metres, weights that do not fit, or a count below zero.

    Notes
    -----
    The maximal covering location problem, solved as an integer program. It misleads where a
    straight line is no walk (a railway, a locked floor), and a plan that just reaches a site at
    the edge is best on paper only: try a shorter reach.

    References
    ----------
    Church, R. and ReVelle, C. (1974). The maximal covering location problem.
    https://doi.org/10.1007/BF01942293

    Examples
    --------
    >>> import geopandas as gpd
    >>> line = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0, 90, 180, 600], [0] * 4, crs=27700))
    >>> plan = place_trauma_packs(line, line, 1, 100)
    >>> plan.chosen.index.tolist(), plan.covered, plan.gap
    ([1], 3.0, 0.0)
    """
    count, reach_m = whole_of(count, "count", 0), size_of(reach_m, "reach_m")
    wanted, spots = check_points(sites, "sites"), check_points(candidates, "candidates")
    weight = _weights(wanted, weights)
    stay = check_points(existing, "existing") if existing is not None else spots.iloc[:0]
    reached = nearest(wanted, stay, "existing")["distance_m"].to_numpy() <= reach_m
    reach = distances_m(wanted, spots, "candidates") <= reach_m
    worth = np.where(reached, 0.0, weight)
    picked, bound = best_cover(reach, worth, int(count))
    chosen = in_order(picked, reach, worth)
    covered = reached | reach[:, chosen].any(axis=1)
    held, possible = float(weight[covered].sum()), float(weight[reached].sum()) + bound
    table = spots.iloc[chosen].assign(
        sites_reached=reach[:, chosen].sum(axis=0), weight_added=added(chosen, reach, worth)
    )
    everyone = pd.concat([stay[["geometry"]], spots.iloc[chosen][["geometry"]]])
    near = nearest(wanted, everyone, "candidates")
    return PackPlan(
        chosen=table,
        sites=wanted.assign(weight=weight, covered=covered).join(near),
        covered=held,
        total=float(weight.sum()),
        bound=max(possible, held),
        gap=max(0.0, 1 - held / possible) if possible > 0 else 0.0,
        spare=int(count) - len(chosen),
        reach_m=float(reach_m),
    )


def _weights(sites: gpd.GeoDataFrame, weights: pd.Series | None) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(len(sites))
    if not isinstance(weights, pd.Series) or not weights.index.is_unique:
        raise InputError(
            f"`weights` must be a Series with one row for each site; got {type(weights).__name__}."
        )
    found = weights.reindex(sites.index).to_numpy(dtype=float)
    bad = int((~(np.isfinite(found) & (found >= 0))).sum())
    require(
        bad == 0,
        f"`weights` must be zero or more for every site; {bad:,} of {len(sites):,} are not.",
    )
    return found


def check_points(points: gpd.GeoDataFrame, argument: str) -> gpd.GeoDataFrame:
    """A copy in order of its index, marked as Protect; every fault of the table at once."""
    findings = Findings()
    if not hasattr(points, "geom_type"):
        raise InputError(
            f"`{argument}` must be a GeoDataFrame of points; got {type(points).__name__}."
        )
    problem = metres_problem(points.crs, argument, some_places(points.geometry))
    if problem:
        findings.add(problem)
    bad = int((~points.geom_type.eq("Point") | points.geometry.is_empty).sum())
    if bad:
        findings.error(
            "no-point",
            f"`{argument}` must hold one point a row; {bad:,} of {len(points):,} rows hold none.",
        )
    if not points.index.is_unique:
        findings.error("index-not-unique", f"the index of `{argument}` must be unique.")
    findings.raise_errors(InputError)
    order = np.argsort(points.index.astype(str).to_numpy(), kind="stable")
    marked = points.iloc[order].assign(kind=PROTECT)
    return marked if marked.geometry.name == "geometry" else marked.rename_geometry("geometry")


def distances_m(sites: gpd.GeoDataFrame, packs: gpd.GeoDataFrame, name: str) -> Any:
    """Straight-line distance of every site (row) to every pack (column), in metres."""
    from scipy.spatial.distance import cdist

    require_same_crs(sites, packs, ("sites", name))
    one, other = (np.column_stack(coordinates(frame.geometry)) for frame in (sites, packs))
    return cdist(one, other).round(3)


def nearest(sites: gpd.GeoDataFrame, packs: gpd.GeoDataFrame, name: str) -> pd.DataFrame:
    """The nearest pack of each site and how far it is; the first by identifier where several are.

    Without packs the pack is missing and the distance infinite.
    """
    if not len(packs) or not len(sites):
        missing = pd.Series(None, index=sites.index, dtype=object)
        return pd.DataFrame({"nearest_pack": missing, "distance_m": np.inf}, index=sites.index)
    away = distances_m(sites, packs, name)
    return pd.DataFrame(
        {"nearest_pack": packs.index.to_numpy()[away.argmin(axis=1)], "distance_m": away.min(1)},
        index=sites.index,
    )
