"""How alike two maps are: the incidents they share, with an interval, and the ground."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hotspots.core.arguments import draws_of
from hotspots.core.crs import require_same_crs
from hotspots.core.plain import plain
from hotspots.core.points import distinct_rows
from hotspots.core.select import Selection, as_selection
from hotspots.core.sentences import Spoken
from hotspots.core.tables import AREAS, require_table
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Floats, Ints

DRAWS_AT_ONCE = 100
CONFIDENCE = 0.9
SQUARE_MM, FEWEST_SQUARES = 400_000, 20
"""Neighbours call about one trouble: what is near is drawn together, from enough of it."""


@dataclass(frozen=True)
class MapAgreement(Spoken):
    """Two sets of areas and the incidents in them.

    Attributes
    ----------
    areas, other_areas
        How many areas each map has.
    incidents, other_incidents, shared_incidents
        Incidents in the one, in the other, in both.
    share, share_low, share_high
        Of the incidents of the one map, those the other has too, with an interval; its ends are
        missing where the incidents of either map lie in fewer than twenty squares of 400 m.
    other_share, other_share_low, other_share_high
        The same from the other side.
    similarity, similarity_low, similarity_high
        Incidents in both of those in either (Jaccard); missing where there are none.
    ground_km2, other_ground_km2, shared_ground_km2, ground_similarity
        The same of the ground.
    confidence
        Of the intervals.
    """

    areas: int
    other_areas: int
    incidents: int
    other_incidents: int
    shared_incidents: int
    share: float
    share_low: float
    share_high: float
    other_share: float
    other_share_low: float
    other_share_high: float
    similarity: float
    similarity_low: float
    similarity_high: float
    ground_km2: float
    other_ground_km2: float
    shared_ground_km2: float
    ground_similarity: float
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """All numbers, for JSON."""
        found: dict[str, Any] = plain(asdict(self))
        return found


def map_agreement(
    one: gpd.GeoDataFrame,
    other: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame | Selection,
    *,
    draws: int = 999,
    rng: np.random.Generator | int | None = None,
) -> MapAgreement:
    """Compare two sets of areas by the incidents and the ground they share.

    Parameters
    ----------
    one, other : GeoDataFrame
        Areas or zones: this month's and last month's flagged cells, cells and streets, ours and a
        list of hexagons. All rows count: choose them before.
    incidents : Selection
        What is looked for in both, for instance the theme in the period after.
    draws : int
        Resamples of squares.
    rng : Generator or int, optional
        Seed. The same seed is used every time unless one is given.

    Returns
    -------
    MapAgreement
        Print it for the sentence.

    Raises
    ------
    InputError
        For areas without outlines, or in another coordinate system.

    Notes
    -----
    Membership is by outline, so a street is as wide as it is drawn: take the buffer you mean. The
    interval draws squares of 400 m again with all their incidents (Poisson bootstrap), since
    neighbours call about one thing; of few squares it would not hold. It takes both maps as
    given and says nothing of how they were chosen. Two maps of one month share incidents since they
    were made of them: judge by another month where you can.

    References
    ----------
    Jaccard, P. (1912) doi:10.1111/j.1469-8137.1912.tb05611.x; Hanley and MacGibbon (2006)
    doi:10.1016/j.cmpb.2006.04.006

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> tops = [hs.rank_areas(hs.aggregate_to_cells(hs.assign_cells(asked, grid))).head(10)
    ...         for grid in (hs.H3Grid(9), hs.HexGrid(350))]
    >>> both = hs.evaluation.map_agreement(*tops, asked)
    >>> bool(both.share_low <= both.share <= both.share_high)
    True
    """
    chosen = as_selection(incidents)
    for argument, table in (("one", one), ("other", other)):
        require_table(table, AREAS, argument=argument, only=["geometry"])
        require_same_crs(table, chosen.source, (argument, "incidents"))
    draws = draws_of(draws)
    held = _by_square(chosen, one, other)
    whole = held.sum(axis=0).astype(float)
    low, high = _intervals(held, draws, rng)
    shares = _shares(whole[:, None])[:, 0]
    numbers: list[Any] = [len(one), len(other), *map(int, whole)]
    numbers += [float(end) for row in range(3) for end in (shares[row], low[row], high[row])]
    numbers += [*_ground(one, other), CONFIDENCE]
    return MapAgreement(*numbers)


def _by_square(chosen: Selection, one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> Ints:
    """Incidents of the one map, the other and both, in each square that holds any of either."""
    source = chosen.source
    place, spots = source.tally.place, source.places.places
    located = place >= 0
    counts = np.bincount(place[located], chosen.counts[located], len(spots)).astype(np.int64)
    mine, its = source.places.inside(one), source.places.inside(other)
    there = np.flatnonzero((counts > 0) & (mine | its))
    squares, of_place = distinct_rows(spots[there] // SQUARE_MM)
    held = np.zeros((len(squares), 3), dtype=np.int64)
    np.add.at(held, of_place, (np.column_stack([mine, its, mine & its]) * counts[:, None])[there])
    return held


def _intervals(
    held: Ints, draws: int, rng: np.random.Generator | int | None
) -> tuple[Floats, Floats]:
    """Ends of the three shares over squares drawn again."""
    if len(held) < FEWEST_SQUARES:
        return np.full(3, np.nan), np.full(3, np.nan)
    source = source_of(rng)
    found = []
    for first in range(0, draws, DRAWS_AT_ONCE):
        often = source.poisson(1.0, (min(DRAWS_AT_ONCE, draws - first), len(held)))
        found.append(_shares((often @ held).T.astype(float)))
    shares = np.concatenate(found, axis=1)
    with np.errstate(invalid="ignore"):
        kept = np.ma.masked_invalid(shares)
    ends = [np.full(3, np.nan), np.full(3, np.nan)]
    for row in range(3):
        known = kept[row].compressed()
        if len(known):
            ends[0][row], ends[1][row] = np.quantile(
                known, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
            )
    return ends[0], ends[1]


def _shares(held: Floats) -> Floats:
    """Of incidents in the one, the other and both: the two shares, and the similarity."""
    mine, its, both = held
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack([both / mine, both / its, both / (mine + its - both)])


def _ground(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    mine, its = one.geometry.union_all(), other.geometry.union_all()
    shared = mine.intersection(its).area
    either = mine.area + its.area - shared
    alike = shared / either if either else float("nan")
    return mine.area / 1e6, its.area / 1e6, shared / 1e6, alike
