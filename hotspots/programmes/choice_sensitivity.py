"""Which of the first ten stay among the first ten, whatever was reasonably chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.clusters.find import assign_clusters
from hotspots.core.arguments import listed, whole_of
from hotspots.core.errors import InputError
from hotspots.core.grids import Grid, H3Grid, HexGrid, SquareGrid
from hotspots.core.months import month_named
from hotspots.core.periods import Dates, Period
from hotspots.core.plain import plain_records
from hotspots.core.points import NOWHERE, of_each
from hotspots.core.select import Selection
from hotspots.core.sentences import Spoken
from hotspots.core.totals import area_totals
from hotspots.offences.weigh_harm import weigh_harm

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.offences.harm_scale import HarmScale

GRIDS = (H3Grid(9), H3Grid(8), HexGrid(350), SquareGrid(250))
RADII_M = (75.0, 125.0)
FEWEST = 5
"""What makes a cluster here: few, so that there are ten clusters to stay in."""
MOST = 0.5


@dataclass(frozen=True, eq=False)
class Sensitivity(Spoken):
    """The first areas under every choice tried.

    Attributes
    ----------
    table
        One row an area, as it is ranked: ``place_name``, ``rank``, ``stays`` (choices under which
        most of its incidents lie in the first areas), ``of`` and ``share``; and where it stands
        under all of them: ``rank_low`` and ``rank_high`` (best and worst; the worst missing where a
        choice has most of its incidents in no area) and ``rank_middle`` (the median).
    choices
        One row a choice: ``support``, ``window``, ``ranked_by``, ``institutions``, ``incidents``
        counted, and ``stayed`` (how many of the first areas).
    top
        How many are the first.
    """

    table: pd.DataFrame
    choices: pd.DataFrame
    top: int

    def to_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "top": self.top,
            "areas": plain_records(self.table),
            "choices": plain_records(self.choices),
            "sentence": self.to_sentence(),
        }


def choice_sensitivity(
    areas: gpd.GeoDataFrame,
    incidents: Selection,
    *,
    grids: Sequence[Grid] = GRIDS,
    radii_m: Sequence[float] = RADII_M,
    windows: Sequence[Dates] | None = None,
    scales: Sequence[HarmScale] = (),
    top: int = 10,
) -> Sensitivity:
    """Rank again under every reasonable choice, and say which of the first places stay.

    Parameters
    ----------
    areas : GeoDataFrame
        Ranked areas.
    incidents : Selection
        The incidents they were counted from, with their areas.
    grids, radii_m : sequence
        Cells, and radii of clusters, to rank in beside the areas' own.
    windows : sequence of period, optional
        Windows beside the one asked about. By default its later half, where it has two months or
        more, and the months before it, as many again, where the data hold them.
    scales : sequence of HarmScale
        Harm scales to rank by beside the count; and the harm the incidents carry already.
    top : int
        How many places are looked at.

    Returns
    -------
    Sensitivity
        Print it: "Boar Lane in 32 of 32, Mark Lane in 17".

    Raises
    ------
    InputError
        For areas without ranks, or a ``top`` below 1.

    Notes
    -----
    Every choice is combined with every other. Under a choice the rank of a place is the one that at
    least half of its incidents (of the question) have or better, by where they lie; a cluster holds
    what is within its radius of a member. It stays when that is among the first: larger cells hold
    more ground, so places stay more easily in them; what ties at the last place is all in. A window
    without incidents, or harm that nothing carries, is no choice. It misleads where choices that
    nobody would make are tried: a place that leaves under a bad choice is not thereby in doubt. The
    choices are no sample, so the share has no interval: read the ranks.

    References
    ----------
    Steegen, S. et al. (2016) Increasing transparency through a multiverse analysis. Perspectives on
    Psychological Science 11(5), 702-712. doi:10.1177/1745691616658637

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> asked = hs.assign_cells(asked, hs.H3Grid(9))
    >>> cells = hs.rank_areas(hs.aggregate_to_cells(asked))
    >>> few = choice_sensitivity(cells, asked, grids=[hs.SquareGrid(250)], radii_m=[])
    >>> len(few.choices), int(few.table["of"].iloc[0])
    (2, 2)
    """
    top, grids = whole_of(top, "top"), listed(grids, "grids")
    radii_m, scales = listed(radii_m, "radii_m"), listed(scales, "scales")
    if "rank" not in areas.columns:
        raise InputError("`areas` must be ranked; they have no rank.", rule="unranked")
    first = areas[areas["rank"].le(top).fillna(False).astype(bool)].sort_values(
        ["rank"], kind="stable"
    )
    own = _places_by_area(incidents, first.index)
    tried, stood = [], []
    for said, ranks in _choices(incidents, grids, radii_m, windows, scales, own.indices):
        stood.append(_standing(own, ranks))
        tried.append(said | {"stayed": int((stood[-1] <= top).sum())})
    table = _table(first, np.array(stood).reshape(len(tried), len(first)), top)
    return Sensitivity(table, pd.DataFrame(tried).rename_axis("choice"), top)


def _standing(own: Any, ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rank that at least so many of an area's incidents have or better, area by area."""
    found = np.full(own.shape[0], np.inf)
    for area, (first, last) in enumerate(pairwise(own.indptr)):
        order = np.argsort(ranks[first:last], kind="stable")
        held = np.cumsum(own.data[first:last][order])
        if len(held):
            found[area] = ranks[first:last][order][np.searchsorted(held, MOST * held[-1])]
    return found


def _table(first: gpd.GeoDataFrame, stood: NDArray[np.float64], top: int) -> pd.DataFrame:
    """How often each place stays, and the ranks it has."""
    names = first["place_name"] if "place_name" in first.columns else first.index.astype(str)
    table = pd.DataFrame({"place_name": names, "rank": first["rank"]}, first.index)
    table["stays"], table["of"] = (stood <= top).sum(axis=0), len(stood)
    table["share"] = table["stays"] / max(len(stood), 1)
    ends = {"rank_low": 0.0, "rank_middle": 0.5, "rank_high": 1.0}
    for name, share in ends.items():
        rank = np.quantile(stood, share, axis=0, method="higher") if len(stood) else np.inf
        table[name] = pd.Series(rank, first.index).replace(np.inf, np.nan).astype("Int64")
    return table


def _places_by_area(incidents: Selection, ids: pd.Index) -> Any:
    """Incidents of the question by area and place."""
    from scipy.sparse import csr_array

    parts = incidents.parts.in_order_of(ids)
    located = parts.place >= 0
    size = (len(ids), len(incidents.source.places.places))
    entries = (parts.count[located], (parts.area[located], parts.place[located]))
    return csr_array(entries, shape=size)


def _choices(
    incidents: Selection,
    grids: Sequence[Grid],
    radii_m: Sequence[float],
    windows: Sequence[Dates] | None,
    scales: Sequence[HarmScale],
    places: NDArray[np.intp],
) -> Iterator[tuple[dict[str, Any], NDArray[np.float64]]]:
    """Every combination in words, and the rank that each of these places has under it."""
    for window, asked in _asked(incidents, windows):
        for support, assigned, reach in _supports(incidents, asked, grids, radii_m):
            where = _areas_of(assigned, places, reach)
            for ranked_by, weighed in _weights(assigned, scales):
                ranks = _ranks(weighed, ranked_by)
                if len(ranks):
                    said = {
                        "support": support,
                        "window": window,
                        "ranked_by": ranked_by,
                        "institutions": asked.question.include_institutional,
                        "incidents": asked.total,
                    }
                    yield said, ranks.reindex(where).fillna(np.inf).to_numpy()


def _asked(
    incidents: Selection, windows: Sequence[Dates] | None
) -> Iterator[tuple[str, Selection]]:
    """The question in every window, without and with institutions where there are any."""
    for window in _windows(incidents, windows):
        without, with_them = (
            incidents.asked(period=window, include_institutional=them) for them in (False, True)
        )
        name = "all times" if window is None else window.key
        if without.total:
            yield name, without
        if with_them.total > without.total:
            yield name, with_them


def _windows(incidents: Selection, given: Sequence[Dates] | None) -> list[Period | None]:
    """The window of the question, and others."""
    own = incidents.period
    if given is not None:
        return list(dict.fromkeys([own, *(Period.parse(one) for one in given)]))
    if own is None or own.whole_months is None:
        return [own]
    first, last = own.whole_months
    held, size = set(incidents.source.months()), last - first + 1
    found: list[Period | None] = [own]
    if size > 1:
        found.append(Period.parse(_span(last - size // 2 + 1, last)))
    before = [month_named(month) for month in range(first - size, first)]
    if set(before) <= held:
        found.append(Period.parse(_span(first - size, last)))
    return found


def _span(first: int, last: int) -> str:
    return month_named(first) if first == last else f"{month_named(first)}/{month_named(last)}"


def _supports(
    incidents: Selection, asked: Selection, grids: Sequence[Grid], radii_m: Sequence[float]
) -> Iterator[tuple[str, Selection, float]]:
    """The incidents in cells of every grid, the areas' own first, and in clusters of a reach."""
    own = [] if incidents.grid is None else [incidents.grid]
    tried: list[Grid] = []
    for grid in (*own, *grids):
        if grid in tried:
            continue
        tried.append(grid)
        yield grid.name, asked.in_cells(grid), 0.0
    for radius in radii_m:
        bare = replace(asked, membership=None, grid=None, made_by=None)
        clustered = assign_clusters(bare, radius_m=radius, min_incidents=FEWEST)
        yield f"clusters-{radius:g}", clustered, radius


def _weights(assigned: Selection, scales: Sequence[HarmScale]) -> Iterator[tuple[str, Selection]]:
    """By count, by the harm the incidents carry, and by that of other scales."""
    yield "count", assigned
    if "harm" in assigned.source.tally.kinds.columns:
        yield "harm", assigned
    for scale in scales:
        weighed = weigh_harm(assigned.everything, scale)
        yield f"harm by {scale.name}", assigned.weighed(weighed)


def _ranks(assigned: Selection, by: str) -> pd.Series:
    """The rank of each area that has one; none where nothing can be ranked."""
    parts = assigned.parts
    ids = parts.ids[np.unique(parts.area[parts.area >= 0])]
    values = area_totals(parts, ids)["incident_count" if by == "count" else "harm"]
    return values[values > 0].rank(method="min", ascending=False)


def _areas_of(assigned: Selection, places: NDArray[np.intp], reach: float) -> NDArray[np.object_]:
    """The area each place lies in, whether or not anything happened there then; None in none."""
    known = assigned.source.places
    if assigned.grid is not None:
        ids, codes = known.cells(assigned.grid, assigned.source.crs)
        return of_each(ids.to_numpy(dtype=object), codes[places], None)
    parts = assigned.parts
    held = (parts.area >= 0) & (parts.place >= 0)
    if not held.any():
        return np.full(len(places), None, dtype=object)
    from scipy.spatial import cKDTree

    members, first = np.unique(parts.place[held], return_index=True)
    metres = known.metres
    apart, nearest = cKDTree(metres[members]).query(metres[places])
    area = np.where(apart <= reach, parts.area[held][first][nearest], NOWHERE)
    return of_each(parts.ids.to_numpy(dtype=object), area, None)
