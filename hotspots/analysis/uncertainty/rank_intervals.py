"""Rank intervals: what else could have come out, had chance fallen differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.uncertainty.bootstrap_ranks import (
    AT_ONCE,
    Ranking,
    ResampledBlocks,
    block_incidents,
    checked_options,
    counted,
    rank_draws,
    ranks_within,
    value_of,
)
from hotspots.analysis.uncertainty.looked_up import GammaTable, PoissonTable
from hotspots.analysis.uncertainty.quiet_areas import QuietAreas
from hotspots.core.errors import require
from hotspots.core.points import distinct_rows
from hotspots.core.select import Selection, require_members
from hotspots.stats.count_models import fit_gamma_prior
from hotspots.stats.counts import gamma_interval
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

CHUNK, MOST_AT_ONCE = 100_000, 1_000_000
"""Random numbers drawn together: what fits the cache, and no more than fits any memory."""
MANY = 3000
"""So many areas that hold nothing are worth leaving out of the draws; fewer are drawn sooner."""
ALIKE, UNUSUAL = 1e4, 0.05
"""Gamma shape of areas that cannot be told apart: their order is a lottery."""
LEAST_BURST = 1.2
"""Months that vary less than this beyond Poisson counts change no interval that matters."""
GROUND = {"density": "area_km2", "rate": "at_risk"}
ENDLESS = 1e100
"""Stands for the ground of an area that has none, so that its rate is the last in every draw."""


def rank_uncertainty(
    areas: gpd.GeoDataFrame,
    incidents: Selection,
    *,
    by: Literal["count", "harm", "density", "rate"] = "count",
    top: int = 10,
    draws: int = 1000,
    rng: np.random.Generator | int | None = None,
    confidence: float = 0.90,
    harm_range: bool = True,
) -> pd.DataFrame:
    """Give every area a rank interval and a chance of being among the first.

    Parameters
    ----------
    areas : GeoDataFrame
        Every area that could have been ranked, quiet ones included.
    incidents : Selection
        The incidents the areas were counted from, with their areas; with ``by="harm"`` they need
        ``harm``.
    by : {"count", "harm", "density", "rate"}
        What areas are ranked by; density is incidents per km², rate incidents for each of what is
        ``at_risk`` in the areas. Where nothing is, there is no rate and the last rank.
    top : int
        How many areas will be chosen.
    draws : int
        How often the data is drawn again.
    rng : Generator or int, optional
        Source of chance; a fixed one by default, so that the same input gives the same table.
    confidence : float
        Of the rank interval.
    harm_range : bool
        Let the weight of every offence vary between ``harm_low`` and ``harm_high`` where those
        columns are there, the same way for all its incidents in a draw.

    Returns
    -------
    DataFrame
        On the index of ``areas``: ``value`` with ``value_low`` and ``value_high`` (what it is in
        the long run of years like this, see :func:`~hotspots.stats.gamma_interval`; missing for
        harm), ``rank`` (missing where there is nothing to rank), ``rank_low`` and ``rank_high``
        (better and worse end, the rank itself always inside), ``p_top_k``, ``active_months``,
        ``unique_points``, ``largest_event_share``, ``one_event`` (a single incident makes up more
        than half of the value) and ``one_point`` (all on one coordinate).

    Raises
    ------
    InputError
        When the areas are not those of the incidents, or harm is asked for and not there.

    Notes
    -----
    Incidents at one place in one month are one block: repeat calls about one trouble come and go
    together. Each draw takes every block a Poisson(1) number of times and adds to every area a
    gamma amount of incidents, of the shape that fits the spread of all areas, so that a quiet area
    may turn out busy. Where the counts of all areas vary no more than those of equal ones would,
    the order is a lottery. Areas that hold nothing are alike on equal ground, and share one
    interval and one chance; between equal amounts chance decides. With ``by="harm"`` the mean harm
    of an area's incidents is drawn towards that of all incidents, the more the fewer it has
    (credibility): an area without a robbery this year may have one next year. It misleads with a
    single month of data: then a busy map point is one block, and its area looks as uncertain as if
    it were one event. It does not cover where snapped incidents really were; see
    :func:`~hotspots.evaluation.placement_stress`.

    References
    ----------
    Goldstein, H. and Spiegelhalter, D. J. (1996). League tables and their limitations. Journal of
    the Royal Statistical Society A 159, 385-443. https://doi.org/10.2307/2983325
    Buehlmann, H. and Gisler, A. (2005). A Course in Credibility Theory and its Applications,
    chapter 4. https://doi.org/10.1007/3-540-29273-X
    Hanley, J. A. and MacGibbon, B. (2006). Creating non-parametric bootstrap samples using Poisson
    frequencies. Computer Methods and Programs in Biomedicine 83, 57-62.
    https://doi.org/10.1016/j.cmpb.2006.04.006

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> everything = hs.assign_cells(hs.select(incidents, hs.Question(within=city)), hs.H3Grid(8))
    >>> cells = hs.aggregate_to_cells(everything)
    >>> table = hs.evaluation.rank_uncertainty(cells, everything, draws=200)
    >>> table.sort_values("rank")[["value", "rank", "rank_low", "rank_high"]].head(3)
                     value  rank  rank_low  rank_high
    area_id
    881942c5d7fffff  799.0     1         1          1
    881942c4e5fffff  220.0     2         2          5
    881942c433fffff  189.0     3         2          6
    """
    require(
        by in ("count", "harm", *GROUND),
        f'`by` must be "count", "harm", "density" or "rate"; got {by!r}.',
    )
    require_members(areas, incidents)
    what = "harm" if by == "harm" else "count"
    top, draws, confidence = checked_options(what, top, draws, confidence)
    source = source_of(rng)
    ground = areas[GROUND[by]].astype(float) if by in GROUND else None
    if ground is not None and by == "rate":
        ground = ground.where(ground > 0, ENDLESS)
    ranking = counted(incidents.parts, areas.index, by=what, area_km2=ground)
    value = value_of(ranking)
    blocks = block_incidents(ranking, with_range=harm_range)
    ranks, each = _ranks(ranking, blocks, draws, source)
    table = ranks_within(value, ranks, top=top, confidence=confidence, each=each)
    table = table.join(_evidence(ranking, value))
    low, high = _long_run(ranking, confidence)
    table["value_low"], table["value_high"] = low, high
    return table.reindex(areas.index)


def _ranks(
    ranking: Ranking, blocks: ResampledBlocks, draws: int, rng: np.random.Generator
) -> tuple[NDArray[np.unsignedinteger], NDArray[np.bool_]]:
    """Ranks in every draw, and the areas they are of: others hold nothing and are all alike."""
    known = ~np.isnan(ranking.weight)
    counts = np.bincount(ranking.codes[known], minlength=len(ranking.area_ids))
    alike = _all_alike(counts, ranking.blocks[1])
    _, place = distinct_rows(np.column_stack([ranking.codes, ranking.place]))
    burst = _burst(place, ranking.month, ranking.blocks[1])
    shape = ALIKE if alike else fit_gamma_prior(counts / burst).shape
    usual, means = None, None
    if ranking.by == "harm":
        usual = usual_harm(ranking.codes[known], ranking.weight[known], rng)
        means = usual.harm / usual.events
    empty = (counts == 0) & (len(np.unique(ranking.ground)) == 1)
    if empty.sum() < MANY:
        drawn = _draw(blocks, shape, burst, usual, draws, rng)
        return rank_draws(drawn, len(empty), draws, rng, ground=ranking.ground)[~empty], ~empty
    quiet = QuietAreas(int(empty.sum()), shape, means, rng)
    held = replace(blocks, to_area=blocks.to_area[~empty])
    drawn = _draw(held, shape, burst, usual, draws, rng, only_held=True)
    return rank_draws(drawn, int((~empty).sum()), draws, rng, quiet=quiet), ~empty


def _burst(group: NDArray[np.intp], when: NDArray[np.int64], each: NDArray[np.int64]) -> float:
    """How many incidents come together: the variance of a group's months over Poisson counts'.

    Of what the group holds in all each month has its share of all incidents; 1 of a single month.
    ``each`` is what the groups hold in each month.
    """
    _, month = np.unique(when, return_inverse=True)
    held, share = np.bincount(group), np.bincount(month) / max(len(month), 1)
    even = float((share**2).sum())
    free = len(month) * (1 - even)
    squares = (each**2).sum() - 2 * held[group] @ share[month]
    found = float(squares + (held**2).sum() * even) / free if free > 0 else 1.0
    return found if found >= LEAST_BURST else 1.0


def _all_alike(counts: NDArray[np.int64], blocks: NDArray[np.int64]) -> bool:
    """Whether counts vary no more than those of equal areas, and enough was counted to tell.

    As a chi-square beyond what blocks bring; enough is what would show areas that differ as usual
    (a gamma shape of 1) in 19 of 20 towns.
    """
    from scipy.special import chdtri

    free, mean = len(counts) - 1, counts.mean() if len(counts) else 0.0
    if free < 1 or mean == 0:
        return False
    burst = float((blocks**2).sum() / blocks.sum())
    least, most = chdtri(free, [1 - UNUSUAL, UNUSUAL])
    squares = float(((counts - mean) ** 2).sum() / (mean * burst))
    return bool(squares <= most <= (1 + mean / burst) * least)


def _draw(
    blocks: ResampledBlocks,
    shape: float,
    burst: float,
    usual: UsualHarm | None,
    draws: int,
    rng: np.random.Generator,
    *,
    only_held: bool = False,
) -> Iterator[NDArray[np.float64]]:
    """Amounts of areas, so many draws at a time that they fit the cache."""
    size = blocks.to_area.shape[0]
    each = max(1, blocks.size, size)
    step = max(1, min(max(AT_ONCE, CHUNK // each), MOST_AT_ONCE // each))
    taken, lent = PoissonTable(blocks.times), GammaTable(shape)
    for start in range(0, draws, step):
        count = min(step, draws - start)
        events, amount = blocks.draw(rng, count, taken)
        expected = lent.draw(rng, (size, count))
        expected += events / burst
        if only_held:
            expected *= events > 0
        yield expected if usual is None else expected * usual.mean_with(rng, events, amount)


def _long_run(ranking: Ranking, confidence: float) -> tuple[NDArray[np.float64], ...]:
    """Interval of each area's value: incidents at one place in one month come and go together.

    Where the months of areas vary more than that, incidents of different places do so, too.
    """
    size = len(ranking.area_ids)
    if ranking.by == "harm":
        return np.full(size, np.nan), np.full(size, np.nan)
    area, each = ranking.blocks
    largest = np.zeros(size)
    np.maximum.at(largest, area, each)
    # Where nothing came, what could have come is as large as elsewhere.
    largest[largest == 0] = each.mean() if len(each) else 1.0
    total, squares = (np.bincount(area, each**power, size) for power in (1, 2))
    months = ranking.month - ranking.month.min(initial=0)
    _, held = np.unique(ranking.codes * (months.max(initial=0) + 1) + months, return_counts=True)
    burst = _burst(ranking.codes, months, held)
    wider = max(1.0, burst * total.sum() / max(squares.sum(), 1))
    low, high = gamma_interval(total, squares * wider, largest * wider, confidence)
    return low / ranking.ground, high / ranking.ground


def _evidence(ranking: Ranking, value: pd.Series) -> pd.DataFrame:
    """What a rank stands on: months, places, and the share of its largest event."""
    size = len(ranking.area_ids)
    months, _ = distinct_rows(np.column_stack([ranking.codes, ranking.month]))
    points, _ = distinct_rows(np.column_stack([ranking.codes, ranking.place]))
    largest = np.zeros(size)
    np.maximum.at(largest, ranking.codes, np.nan_to_num(ranking.weight))
    total = (value * ranking.ground).to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(total > 0, largest / total, np.nan)
    unique_points = np.bincount(points[:, 0], minlength=size)
    return pd.DataFrame(
        {
            "active_months": np.bincount(months[:, 0], minlength=size),
            "unique_points": unique_points,
            "largest_event_share": share,
            "one_event": np.nan_to_num(share) > 0.5,
            "one_point": unique_points == 1,
        },
        index=ranking.area_ids,
    )


LIBRARY = 20_000
MOST_VALUES = 100
LEAST, MOST = 0.5, 1000.0


@dataclass(frozen=True)
class UsualHarm:
    """Incidents every area is lent before its own are looked at, drawn from all incidents.

    ``events`` and ``harm`` are a library of such loans; each use picks one at random.
    """

    events: NDArray[np.float64]
    harm: NDArray[np.float64]

    def mean_with(
        self,
        rng: np.random.Generator,
        events: NDArray[np.float64],
        harm: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Mean harm of an incident once a loan is added to an area's own."""
        pick = rng.integers(0, len(self.events), events.shape)
        mean: NDArray[np.float64] = (harm + self.harm[pick]) / (events + self.events[pick])
        return mean


def usual_harm(
    codes: NDArray[np.intp], harm: NDArray[np.float64], rng: np.random.Generator
) -> UsualHarm:
    """Size and harm of the loans: many incidents where areas are alike, few where they differ."""
    if len(harm) == 0:
        return UsualHarm(np.ones(1), np.ones(1))
    strength = credibility_constant(codes, harm)
    values, times = _kinds(np.sort(harm))
    # Gamma amounts of each harm, `strength` incidents in all: a Dirichlet mix of a random size.
    loans = rng.gamma(strength * times / times.sum(), 1.0, (LIBRARY, len(values)))
    return UsualHarm(loans.sum(axis=1), loans @ values)


def credibility_constant(codes: NDArray[np.intp], harm: NDArray[np.float64]) -> float:
    """Variance of harm within areas over the variance of their means (Buehlmann and Straub).

    Held between a half and 1,000 incidents.
    """
    order = np.lexsort((harm, codes))
    codes, harm = codes[order], harm[order]
    counts = np.bincount(codes)
    totals = np.bincount(codes, harm)
    held = counts > 0
    means = totals[held] / counts[held]
    number, areas = len(harm), int(held.sum())
    if number <= areas or areas < 2:
        return MOST
    within = float((np.bincount(codes, harm**2)[held] - counts[held] * means**2).sum())
    within /= number - areas
    spread = float((counts[held] * (means - harm.mean()) ** 2).sum())
    between = (spread - (areas - 1) * within) / (number - float((counts**2).sum()) / number)
    if between <= 0:
        return MOST
    return float(np.clip(within / between, LEAST, MOST))


def _kinds(harm: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distinct harms and how many incidents have each; many distinct ones go into groups."""
    values, times = np.unique(harm, return_counts=True)
    if len(values) <= MOST_VALUES:
        return values, times.astype(float)
    groups = np.array_split(harm, MOST_VALUES)
    return (
        np.array([group.mean() for group in groups]),
        np.array([len(group) for group in groups], dtype=float),
    )
