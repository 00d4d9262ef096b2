"""The tables of a screen: candidates, their ranks, and every category they do not win."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.programmes.clear_hold_build.category_ranks import (
    category_overlaps,
    group_incidents,
    interval,
    leads_of,
    not_beaten,
    ranks_of,
    resampled,
    wins_of,
)
from hotspots.programmes.clear_hold_build.screen_result import ClearHoldBuildScreen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.programmes.clear_hold_build.candidates import Candidates

ALWAYS = (
    "area_id",
    "category",
    "beaten_by",
    "beaten_by_name",
    "count",
    "winner_count",
    "behind_by",
    "rank",
)
MASKED = (
    "winner_night_share",
    "masked_count",
    "masked_best_other",
    "masked_rank",
    "wins_when_masked",
)


def screened(
    compared: Candidates,
    category: NDArray[np.bool_],
    names: list[str],
    masked: NDArray[np.bool_],
    draws: int,
    rng: np.random.Generator,
    *,
    masks: bool,
) -> ClearHoldBuildScreen:
    """Count, rank and resample; ``category`` and ``masked`` are on the rows of the incidents."""
    groups = group_incidents(compared.inside, category, masked)
    counts = groups.counts(groups.size)
    left = groups.counts(groups.size, unmasked=True)
    drawn = resampled(groups, draws, rng) if draws and counts.size else None
    ranks = _ranks(compared, names, counts, left, category.sum(axis=0), drawn, masks)
    return ClearHoldBuildScreen(
        table=_table(compared, counts, left, drawn, masks),
        ranks=ranks,
        exceptions=_exceptions(compared, names, counts, left, masks),
        overlaps=category_overlaps(category, names),
        categories=tuple(names),
        masked=masks,
        draws=draws,
    )


def _table(
    compared: Candidates,
    counts: NDArray[np.int64],
    left: NDArray[np.int64],
    drawn: tuple[Any, Any, Any] | None,
    masks: bool,
) -> pd.DataFrame:
    """One row a candidate, most wins first, then the better mean rank, then the larger count."""
    contested = (counts > 0).any(axis=0)
    table = compared.table.copy()
    table["wins"] = wins_of(counts)
    table["categories"] = int(contested.sum())
    table["not_beaten"] = not_beaten(counts)
    ranks = ranks_of(counts)[:, contested]
    table["mean_rank"] = ranks.mean(axis=1) if contested.any() else np.nan
    if masks:
        table["wins_when_masked"] = wins_of(left)
    if drawn is not None:
        table["wins_low"], table["wins_high"] = interval(drawn[1])
        table["most_wins_share"] = drawn[2]
    order = np.lexsort(
        (table.index.astype(str), -counts.sum(axis=1), table["mean_rank"], -table["wins"])
    )
    table["sign_off"] = pd.Series("", index=table.index, dtype=object)
    last = [name for name in ("sign_off", "geometry") if name in table]
    first = [name for name in table.columns if name not in last]
    return table[[*first, *last]].iloc[order]


def _ranks(
    compared: Candidates,
    names: list[str],
    counts: NDArray[np.int64],
    left: NDArray[np.int64],
    totals: NDArray[np.int64],
    drawn: tuple[Any, Any, Any] | None,
    masks: bool,
) -> pd.DataFrame:
    """One row a candidate and category; no rank where there is nothing to rank."""
    index = pd.MultiIndex.from_product([compared.table.index, names], names=["area_id", "category"])
    flat = counts.ravel()
    table = pd.DataFrame({"count": flat}, index=index)
    with np.errstate(invalid="ignore"):
        table["share"] = (counts / np.where(totals > 0, totals, np.nan)).ravel()
    table["rank"] = _missing_where(ranks_of(counts).ravel(), flat == 0)
    table["lead"] = leads_of(counts).ravel()
    if drawn is not None:
        low, high = interval(drawn[0])
        table["rank_low"] = _missing_where(low.ravel(), flat == 0)
        table["rank_high"] = _missing_where(high.ravel(), flat == 0)
    if masks:
        table["masked_count"] = left.ravel()
        table["masked_rank"] = _missing_where(ranks_of(left).ravel(), left.ravel() == 0)
        with np.errstate(invalid="ignore"):
            table["night_share"] = 1 - left.ravel() / np.where(flat > 0, flat, np.nan)
    return table


def _exceptions(
    compared: Candidates,
    names: list[str],
    counts: NDArray[np.int64],
    left: NDArray[np.int64],
    masks: bool,
) -> pd.DataFrame:
    """Every category a candidate does not win: who does, by how much, and without the mask."""
    ranks, left_ranks = ranks_of(counts), ranks_of(left)
    ids = compared.table.index.to_numpy()
    area_names = compared.table["name"].to_numpy()
    rows = []
    for column, name in enumerate(names):
        if not counts[:, column].any():
            continue
        best = counts[:, column].max()
        winner = min(np.flatnonzero(counts[:, column] == best), key=lambda row: str(ids[row]))
        others = np.sort(left[:, column])[::-1]
        for row in np.flatnonzero(ranks[:, column] > 1):
            entry = {
                "area_id": ids[row],
                "category": name,
                "beaten_by": ids[winner],
                "beaten_by_name": area_names[winner],
                "count": counts[row, column],
                "winner_count": best,
                "behind_by": best - counts[row, column],
                "rank": ranks[row, column],
            }
            if masks:
                mine = left[row, column]
                rival = others[1] if len(others) > 1 and mine == others[0] else others[0]
                entry |= {
                    "winner_night_share": 1 - left[winner, column] / best,
                    "masked_count": mine,
                    "masked_best_other": rival,
                    "masked_rank": left_ranks[row, column] if mine else pd.NA,
                    "wins_when_masked": bool(mine and mine >= rival) if others[0] else pd.NA,
                }
            rows.append(entry)
    columns = [*ALWAYS, *(MASKED if masks else ())]
    table = pd.DataFrame(rows, columns=columns).set_index(["area_id", "category"])
    if masks:
        table = table.astype({"masked_rank": "Int64", "wins_when_masked": "boolean"})
    return table


def _missing_where(values: NDArray[np.int64], missing: NDArray[np.bool_]) -> Any:
    return pd.Series(values, dtype="Int64").mask(missing).array
