"""One search: from incidents and choices to the cluster of each place, drawn and named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from hotspots.analysis.clusters.discs import disc_unions
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import Findings, InputError, listing, require
from hotspots.core.points import square_ids
from hotspots.core.select import Selection
from hotspots.core.source import Membership
from hotspots.core.tables import AREAS, require_table
from hotspots.core.text.mends import Mend
from hotspots.stats.dbscan import Engine, collapsed_dbscan, engine_for, varying_density
from hotspots.stats.dbscan_grid import NOISE, Need

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Codes, Ints

Method = Literal["dbscan", "hdbscan"]
UNITS = {"radius_m": "a distance in metres", "max_area_km2": "an area in km²", "min_harm": "harm"}
WORDS = {"method": get_args(Method), "engine": get_args(Engine)}

PARTS_OF_HARM = 1_000_000
"""Harm is added up in whole millionths of its unit, so that no order of rows moves a core."""

KEEP_OVERLAP = 0.5


@dataclass(frozen=True)
class ClusterChoices:
    """What makes a cluster: how near, how many, how much harm, and by which method and engine."""

    radius_m: float
    min_incidents: int
    method: str = "dbscan"
    min_harm: float | None = None
    engine: Engine = "auto"


def check_choices(
    *,
    radius_m: float | None = None,
    min_incidents: int | None = None,
    min_harm: float | None = None,
    method: str | None = None,
    engine: str | None = None,
    max_area_km2: float | None = None,
) -> None:
    """Raise one error that names every choice that means nothing; None is not checked."""
    findings = Findings()
    sizes = {"radius_m": radius_m, "max_area_km2": max_area_km2, "min_harm": min_harm}
    for name, size in sizes.items():
        if size is not None and not (_is_number(size) and np.isfinite(size) and size > 0):
            findings.error("size", f"`{name}` must be {UNITS[name]} greater than 0; got {size!r}.")
    count = min_incidents
    if count is not None and not (_is_number(count) and count % 1 == 0 and count >= 1):
        said = f"`min_incidents` must be a whole number of at least 1; got {count!r}."
        findings.error("count", said)
    for name, word in {"method": method, "engine": engine}.items():
        if word is not None and not (isinstance(word, str) and word in WORDS[name]):
            findings.error(name, f"`{name}` must be one of {listing(WORDS[name])}; got {word!r}.")
    if min_harm is not None and method == "hdbscan":
        findings.error("method", '`min_harm` needs `method="dbscan"`; HDBSCAN knows no weights.')
    findings.raise_errors(InputError)


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
    places: Ints
    weights: Ints
    known_as: Codes
    numbers: Codes
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
    outlines = _outline_clusters(places[drawn], numbers[drawn], radius_m, incidents.theme, crs)
    outlines = _keep_ids(outlines, previous)
    return Clustering(choices, places, weights, known_as, numbers, outlines)


class WeightedPlaces(NamedTuple):
    """Places in whole millimetres sorted by x then y, and how many incidents are at each.

    ``known_as`` are their positions among all places of the table the incidents came from.
    """

    places: Ints
    weights: Ints
    known_as: Codes


def places_of(incidents: Selection) -> WeightedPlaces:
    """The places of the incidents asked about."""
    weights = _by_place(incidents, incidents.counts)
    known_as = np.flatnonzero(weights)
    return WeightedPlaces(incidents.source.places.places[known_as], weights[known_as], known_as)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def _by_place(incidents: Selection, amounts: Ints) -> Ints:
    """Whole numbers on the lines of the tally, which have a place where they are not 0, summed."""
    there = np.flatnonzero(amounts)
    place, size = incidents.source.tally.place[there], len(incidents.source.places.places)
    return np.bincount(place, amounts[there], size).astype(np.int64)


def _needs(incidents: Selection, found: WeightedPlaces, choices: ClusterChoices) -> list[Need]:
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
    harm = _by_place(incidents, incidents.counts * each.astype(np.int64))[found.known_as]
    least = Need(harm, max(1, round(choices.min_harm * PARTS_OF_HARM)))
    return [least] if choices.min_incidents == 1 else [*needs, least]


def _outline_clusters(
    places: Ints, owner: Codes, radius_m: float, theme: str, crs: Any
) -> gpd.GeoDataFrame:
    """One polygon a cluster: the discs around its drawn places, dissolved, in order of number."""
    import geopandas as gpd

    outlines = gpd.GeoSeries(disc_unions(places, owner, radius_m), crs=crs)
    return gpd.GeoDataFrame(geometry=outlines).set_axis(square_ids(outlines, theme))


def _keep_ids(clusters: gpd.GeoDataFrame, previous: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Clusters under the ids of the earlier ones they overlap; new ones get ids of their own.

    Clusters are paired one to one so that the sum of intersection over union is largest; pairs
    below one half do not count.
    """
    if previous is None:
        return clusters
    require_table(previous, AREAS, argument="previous", only=["geometry"])
    require_same_crs(clusters, previous, ("incidents", "previous"))
    kept = _paired(clusters, previous)
    taken = {*previous.index, *kept.values()}
    names = []
    for name in clusters.index:
        fresh, number = kept.get(name, name), 2
        while name not in kept and fresh in taken:
            fresh, number = f"{name}-{number}", number + 1
        names.append(fresh)
        taken.add(fresh)
    return clusters.set_axis(pd.Index(names, name="area_id", dtype=object))


def _paired(clusters: gpd.GeoDataFrame, previous: gpd.GeoDataFrame) -> dict[str, str]:
    """Earlier id by present id, where the polygons share at least half of their union."""
    import shapely
    from scipy.optimize import linear_sum_assignment

    a = np.asarray(clusters.geometry.array)
    b = np.asarray(previous.geometry.array)
    shares = np.zeros((len(a), len(b)))
    row, column = shapely.STRtree(b).query(a, predicate="intersects")
    common = shapely.area(shapely.intersection(a[row], b[column]))
    shares[row, column] = common / (shapely.area(a[row]) + shapely.area(b[column]) - common)
    shares[shares < KEEP_OVERLAP] = 0
    pairs = zip(*linear_sum_assignment(-shares), strict=True)
    return {clusters.index[i]: previous.index[j] for i, j in pairs if shares[i, j] > 0}
