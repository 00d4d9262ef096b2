"""Counts, ranks and wins of every candidate in every category, and how far luck could move them.

Every category a candidate does not win is listed: who does, by how much, and without the mask.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.analysis.uncertainty.bootstrap_ranks import ResampledBlocks
from hotspots.core.crs import coordinates
from hotspots.core.months import month_numbers
from hotspots.core.points import distinct_places
from hotspots.stats.count_models import fit_gamma_prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.select import Selection
    from hotspots.programmes.clear_hold_build.candidates import Candidates

INTERVAL = (0.025, 0.975)
UNLIKE = 1.5
"""Candidates are unlike when one has so many times the ground of another."""


def category_tables(
    members: Selection,
    compared: Candidates,
    categories: dict[str, NDArray[np.bool_]],
    masked: NDArray[np.bool_] | None,
    draws: int,
    rng: np.random.Generator,
    found: NDArray[np.bool_],
) -> dict[str, pd.DataFrame]:
    """Count, rank and resample: the tables of a screen, by name.

    Categories and masks are on the rows of the incidents; ``found`` are those that officers mostly
    find.
    """
    names, masks = list(categories), masked is not None
    category = np.column_stack(list(categories.values()))
    counts = _counts(compared.inside, category)
    left = counts if masked is None else _counts(compared.inside, category & ~masked[:, None])
    drawn = None
    if draws and counts.size:
        drawn = resampled(counts, *_blocks_and_twins(members, compared, category), draws, rng)
    reported = _counts(compared.inside, category & ~found[:, None])
    counted = _Counted(compared, names, counts, left, drawn, masks)
    return {
        "table": _table(counted, reported),
        "ranks": _ranks(counted, category.sum(axis=0)),
        "exceptions": _exceptions(counted),
        "overlaps": category_overlaps(category, names),
    }


@dataclass(frozen=True, eq=False)
class _Counted:
    """Candidates by category: incidents, those outside the mask, what draws make of them."""

    compared: Candidates
    names: list[str]
    counts: NDArray[np.int64]
    left: NDArray[np.int64]
    drawn: tuple[Any, Any, Any] | None
    masks: bool


def _counts(inside: Any, category: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Candidate by category."""
    held: NDArray[np.float64] = inside.T @ category.astype(float)
    return np.rint(held).astype(np.int64)


def _table(it: _Counted, reported: NDArray[np.int64]) -> pd.DataFrame:
    """One row a candidate, most wins first, then the better mean rank, then the larger count."""
    counts, drawn = it.counts, it.drawn
    contested = (counts > 0).any(axis=0)
    table = it.compared.table.copy()
    table["wins"] = wins_of(counts)
    table["categories"] = int(contested.sum())
    table["not_beaten"] = not_beaten(counts)
    ranks = ranks_of(counts)[:, contested]
    table["mean_rank"] = ranks.mean(axis=1) if contested.any() else np.nan
    if unlike_sizes(table):
        rates = counts / table["area_km2"].to_numpy(dtype=float)[:, None]
        table["wins_per_km2"] = ((ranks_of(rates) == 1) & (counts > 0)).sum(axis=1)
    table["wins_without_finds"] = wins_of(reported)
    table["categories_without_finds"] = int((reported > 0).any(axis=0).sum())
    if it.masks:
        table["wins_when_masked"] = wins_of(it.left)
    if drawn is not None:
        table["wins_low"], table["wins_high"] = interval(drawn[1], table["wins"].to_numpy())
        table["most_wins_share"] = drawn[2]
    order = np.lexsort(
        (table.index.astype(str), -counts.sum(axis=1), table["mean_rank"], -table["wins"])
    )
    table["sign_off"] = pd.Series("", index=table.index, dtype=object)
    last = [name for name in ("sign_off", "geometry") if name in table]
    first = [name for name in table.columns if name not in last]
    return table[[*first, *last]].iloc[order]


def unlike_sizes(table: pd.DataFrame) -> bool:
    """Whether some candidate is so much larger than another that it could win by its size."""
    if "area_km2" not in table.columns or len(table) < 2:
        return False
    size = table["area_km2"].astype(float)
    return bool(size.notna().all() and size.min() > 0 and size.max() > UNLIKE * size.min())


def _ranks(it: _Counted, totals: NDArray[np.int64]) -> pd.DataFrame:
    """One row a candidate and category; no rank where there is nothing to rank."""
    counts, left, ids = it.counts, it.left, it.compared.table.index
    index = pd.MultiIndex.from_product([ids, it.names], names=["area_id", "category"])
    flat = counts.ravel()
    table = pd.DataFrame({"count": flat}, index=index)
    with np.errstate(invalid="ignore"):
        table["share"] = (counts / np.where(totals > 0, totals, np.nan)).ravel()
    table["rank"] = _missing_where(ranks_of(counts).ravel(), flat == 0)
    table["lead"] = leads_of(counts).ravel()
    if it.drawn is not None:
        low, high = interval(it.drawn[0], ranks_of(counts))
        table["rank_low"] = _missing_where(low.ravel(), flat == 0)
        table["rank_high"] = _missing_where(high.ravel(), flat == 0)
    if it.masks:
        table["masked_count"] = left.ravel()
        table["masked_rank"] = _missing_where(ranks_of(left).ravel(), left.ravel() == 0)
        with np.errstate(invalid="ignore"):
            table["night_share"] = 1 - left.ravel() / np.where(flat > 0, flat, np.nan)
    return table


def _exceptions(it: _Counted) -> pd.DataFrame:
    """Every category a candidate does not win: who does, by how much, and without the mask."""
    counts, left, ids = it.counts, it.left, it.compared.table.index.to_numpy(dtype=object)
    # By id, so that of several that are first the same one is named.
    order = np.argsort(ids.astype(str), kind="stable")
    winner = order[counts[order].argmax(axis=0)] if len(ids) else order
    best, ranks = counts.max(axis=0, initial=0), ranks_of(counts)
    column, row = np.nonzero(((ranks > 1) & (best > 0)).T)
    first, count = winner[column], counts[row, column]
    table = pd.DataFrame(
        {
            "area_id": ids[row],
            "category": np.array(it.names, dtype=object)[column],
            "beaten_by": ids[first],
            "beaten_by_name": it.compared.table["name"].to_numpy()[first],
            "count": count,
            "winner_count": best[column],
            "behind_by": best[column] - count,
            "rank": ranks[row, column],
        }
    )
    if it.masks:
        mine, highest = left[row, column], -np.sort(-left, axis=0)[:2]
        # The best of the others: where this one is itself the best, the second, which may be as
        # high.
        top, second = (each[column] for each in (highest[:1].sum(axis=0), highest[-1:].sum(axis=0)))
        rival = np.where(mine == top, second, top)
        wins = pd.Series((mine > 0) & (mine >= rival), dtype="boolean")
        table["winner_night_share"] = 1 - left[first, column] / best[column]
        table["masked_count"], table["masked_best_other"] = mine, rival
        table["masked_rank"] = _missing_where(ranks_of(left)[row, column], mine == 0)
        table["wins_when_masked"] = wins.mask(top == 0)
    return table.set_index(["area_id", "category"])


def _missing_where(values: NDArray[np.int64], missing: NDArray[np.bool_]) -> Any:
    return pd.Series(values, dtype="Int64").mask(missing).array


def ranks_of(counts: NDArray[Any]) -> NDArray[np.int64]:
    """Rank in each column: 1 is the top, ties share the better rank."""
    ranks = np.empty(counts.shape, dtype=np.int64)
    for column in range(counts.shape[1]):
        ordered = np.sort(counts[:, column])
        above = np.searchsorted(ordered, counts[:, column], side="right")
        ranks[:, column] = len(counts) - above + 1
    return ranks


def leads_of(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count less the best of the others: above zero for a sole winner."""
    leads = counts.copy()
    if len(counts) > 1:
        top = counts.argmax(axis=0)
        columns = np.arange(counts.shape[1])
        best = counts[top, columns]
        others = counts.copy()
        # Below every count, so that only one of two equal leaders is taken out: the lead is then 0.
        others[top, columns] = -1
        leads = counts - best
        leads[top, columns] = best - others.max(axis=0)
    return leads


def not_beaten(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Candidates no other equals or beats in every category and beats in one (Pareto)."""
    best = np.ones(len(counts), dtype=bool)
    for row, mine in enumerate(counts):
        no_worse = (counts >= mine).all(axis=1)
        best[row] = not (no_worse & (counts > mine).any(axis=1)).any()
    return best & (counts > 0).any(axis=1)


def resampled(
    counts: NDArray[np.int64],
    blocks: ResampledBlocks,
    twins: NDArray[np.intp],
    draws: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Rank and wins in every draw, and how often a candidate has most wins.

    Blocks come and go together, and every candidate is lent a gamma amount in each category, of
    the shape that fits the spread of all candidates (as in ``rank_uncertainty``); ``twins`` says
    which candidates hold the same incidents, and are lent the same.
    """
    contested = np.flatnonzero(counts.any(axis=0))
    shapes = [fit_gamma_prior(counts[:, column]).shape for column in contested]
    ranks = np.zeros((draws, *counts.shape), dtype=np.int64)
    for draw in range(draws):
        events, _ = blocks.draw(rng, 1)
        amounts = events.reshape(counts.shape)[:, contested]
        # Lent once for all that hold the same incidents: two outlines of one place cannot beat each
        # other by luck.
        lent = rng.gamma(shapes, 1.0, (twins.max() + 1, len(contested)))
        ranks[draw][:, contested] = ranks_of(amounts + lent[twins])
    wins = (ranks == 1).sum(axis=2)
    leads = (wins == wins.max(axis=1, keepdims=True)) & (wins > 0)
    return ranks, wins, leads.mean(axis=0)


def _blocks_and_twins(
    members: Selection, compared: Candidates, category: NDArray[np.bool_]
) -> tuple[ResampledBlocks, NDArray[np.intp]]:
    """Incidents at one place in one month as one block, and which candidates hold the same."""
    held = np.flatnonzero(np.diff(compared.inside.indptr) > 0)
    rows, inside = members.rows.iloc[held], compared.inside[held]
    _, place = distinct_places(*coordinates(rows.geometry))
    month = month_numbers(rows["occurred_from"])
    known, block = np.unique(np.column_stack([place, month]), axis=0, return_inverse=True)
    columns = inside.tocsc()
    each = np.split(columns.indices, columns.indptr[1:-1])
    twins, _ = pd.factorize(np.array([one.tobytes() for one in each], dtype=object))
    return blocks_by_category(inside, category[held], block, len(known)), twins.astype(np.intp)


def wins_of(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Categories in which a candidate is first, alone or with others."""
    return np.asarray(((ranks_of(counts) == 1) & (counts > 0)).sum(axis=1))


def interval(
    values: NDArray[np.int64], own: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ends of the middle 95 % over the first axis, stretched to hold what was observed."""
    # Ranks and wins are whole: an end of an interval is one that was drawn, never between two.
    low, high = np.quantile(values, INTERVAL, axis=0, method="inverted_cdf")
    return np.minimum(low.astype(np.int64), own), np.maximum(high.astype(np.int64), own)


def category_overlaps(category: NDArray[np.bool_], names: list[str]) -> pd.DataFrame:
    """How far each two categories hold the same incidents."""
    rows = []
    for a, b in combinations(range(len(names)), 2):
        both = int((category[:, a] & category[:, b]).sum())
        one, other = int(category[:, a].sum()), int(category[:, b].sum())
        shares = [both / of if of else np.nan for of in (one + other - both, one, other)]
        rows.append((names[a], names[b], both, *shares))
    columns = ["category", "other", "both", "jaccard", "share_of_category", "share_of_other"]
    return pd.DataFrame(rows, columns=columns)


def blocks_by_category(
    inside: Any, category: NDArray[np.bool_], block: NDArray[np.intp], number: int
) -> ResampledBlocks:
    """Equal blocks together, drawn for every area and category at once.

    Parameters
    ----------
    inside : sparse, (incidents, areas)
        1 where an incident lies in an area; areas may overlap.
    category : array of bool, (incidents, categories)
    block : array of int, (incidents,)
        The block of each incident, below ``number``, in an order that the rows do not change.

    Returns
    -------
    Blocks
        Their areas are areas times categories, the categories of one area side by side.
    """
    from scipy.sparse import csr_array

    kinds = category.shape[1]
    incident, area = inside.tocoo().coords
    row, kind = np.nonzero(category[incident])
    shape = (number, inside.shape[1] * kinds)
    cells = block[incident[row]], area[row] * kinds + kind
    held = csr_array((np.ones(len(row)), cells), shape=shape)
    held.sort_indices()
    ends = held.indptr[1:-1]
    rows = zip(np.split(held.indices, ends), np.split(held.data, ends), strict=True)
    times = Counter((tuple(where.tolist()), tuple(size.tolist())) for where, size in rows)
    # Sorted, since the draws follow this order: the order of the incidents moves no number.
    equal = sorted(times)
    group = np.repeat(np.arange(len(equal)), [len(where) for where, _ in equal])
    where = np.array([column for columns, _ in equal for column in columns], dtype=np.intp)
    size = np.array([amount for _, amounts in equal for amount in amounts])
    to_area = csr_array((size, (where, group)), shape=(shape[1], len(equal)))
    ones = np.ones(len(equal))
    return ResampledBlocks(
        np.array([times[one] for one in equal], float), ones, ones, to_area, None, None
    )
