"""Which cells and how long a look back would have found most: tried, not assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.forecast.areas import months_of, neighbours_of
from hotspots.analysis.forecast.backtest import Scorer, walk_forward
from hotspots.core.arguments import listed, share_of, whole_of
from hotspots.core.errors import needed, require
from hotspots.core.grids import H3Grid, HexGrid
from hotspots.core.grids.adjacency import require_grid
from hotspots.core.select import as_selection
from hotspots.core.sentences import Spoken
from hotspots.core.text.mends import Mend
from hotspots.core.totals import all_snapped
from hotspots.offences.tag_themes import without_found_by_officers
from hotspots.stats.counts import t_quantile

if TYPE_CHECKING:
    from hotspots.core.grids import Grid
    from hotspots.core.select import Selection

SNAPPED = (H3Grid(9), H3Grid(8))
EXACT = (H3Grid(9), HexGrid(350), HexGrid(200), HexGrid(100))
WINDOWS = (12, 24, 36)
LEAST_MONTHS = 6


@dataclass(frozen=True, eq=False)
class GridAdvice(Spoken):
    """Cells and look back that found most.

    Attributes
    ----------
    grid : Grid
        Cells to take.
    method : str
        "count 12" (months), "count of all" or "forecast".
    table : DataFrame
        Every pair tried, best first: ``grid``, ``method``, ``hit_rate`` in the best ``area_share``
        of the ground, ``difference`` from the first grid with a count of 12 months, ``low`` and
        ``high`` (paired over months; all pairs together in 95 of 100 cases).
    area_share : float
        Share of the ground that could be patrolled.
    months : int
        Months that were forecast from those before them.
    better : bool
        Whether the best is beyond what luck gives over the usual choice; if not, ``grid`` and
        ``method`` are the usual ones.
    """

    grid: Grid
    method: str
    table: pd.DataFrame
    area_share: float
    months: int
    better: bool


def advise_grid(
    incidents: Selection,
    *,
    grids: Sequence[Grid] | None = None,
    windows_months: Sequence[int] = WINDOWS,
    area_share: float = 0.01,
) -> GridAdvice:
    """Advise which cells to count in and how far to look back, by what would have found most.

    Parameters
    ----------
    incidents : Selection
        Of a question with a study area; all its months up to the end of the question are walked
        through.
    grids : sequence of Grid, optional
        What is tried, the usual one first; H3 of resolution 9 and 8 on snapped places, hexagons
        down to 100 m as well on exact ones.
    windows_months : sequence of int
        Months of plain counts, the usual one first; a count of all and a forecast are tried too.
    area_share : float
        Share of the ground that could be patrolled.

    Returns
    -------
    GridAdvice
        Print it for a sentence.

    Raises
    ------
    InputError
        Without a study area, or with too few months.

    Notes
    -----
    All are scored on the same months, those after the longest window that leaves six;
    offences mostly found by officers are left out. The usual choice stays unless the best is beyond
    what is luck among as many as were tried. It misleads where places are about to change ranks.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> advised = advise_grid(asked, grids=[hs.H3Grid(8)], windows_months=[12], area_share=0.05)
    >>> advised.months, advised.method
    (24, 'count 12')
    """
    incidents = as_selection(incidents)
    within = needed(
        incidents.within,
        "advice needs a study area, since empty cells count too; the question has none.",
        mend=Mend("pass-within"),
    )
    area_share = share_of(area_share, "area_share")
    chosen, _ = without_found_by_officers(incidents.asked(period=None))
    usual_grids = SNAPPED if all_snapped(incidents) else EXACT
    tried = ([] if grids is None else listed(grids, "grids")) or [*usual_grids]
    lengths = [whole_of(one, "windows_months") for one in listed(windows_months, "windows_months")]
    require(bool(lengths), "`windows_months` must name one length or more; got none.")
    require_grid(*tried)
    area = within.geometry.union_all()
    walks = []
    for grid in tried:
        ids = pd.Index(grid.cover(area, within.crs), name="area_id")
        require(
            len(ids) > 0, "advice needs a study area with ground; that of the question is none."
        )
        wide = months_of(chosen.in_cells(grid), incidents, "count", ids)
        fitting = [one for one in lengths if wide.shape[1] - one >= LEAST_MONTHS]
        require(
            bool(fitting),
            f"advice needs {lengths[0]} months and {LEAST_MONTHS} more to try on; got "
            f"{wide.shape[1]}.",
            rule="too-few-periods",
        )
        walk = _walk(wide, grid, max(fitting), fitting, area_share)
        walks.append(walk.assign(grid=grid.name))
    table, better = _compared(pd.concat(walks))
    usual = table[(table["grid"] == tried[0].name) & (table["method"] == f"count {lengths[0]}")]
    best = table.iloc[0] if better else usual.iloc[0]
    named = {grid.name: grid for grid in tried}
    months = int(walks[0]["period"].nunique())
    return GridAdvice(named[best["grid"]], best["method"], table, area_share, months, better)


def _walk(
    wide: pd.DataFrame, grid: Grid, train: int, windows_months: Sequence[int], share: float
) -> pd.DataFrame:
    """Hit rates of every method in one grid; the same months for all."""

    def last(months: int) -> Scorer:
        return lambda past: past.iloc[:, -months:].sum(axis=1)

    methods: dict[str, str | Scorer] = {f"count {one}": last(one) for one in windows_months}
    flat = wide.rename_axis("area_id").reset_index()
    flat = flat.melt("area_id", var_name="period", value_name="incident_count")
    return walk_forward(
        flat,
        method={**methods, "forecast": "forecast"},
        train=train,
        area_ids=wide.index,
        area_km2=pd.Series(grid.areas_km2(np.asarray(wide.index, dtype=object)), wide.index),
        area_shares=[share],
        neighbours=neighbours_of(grid, wide.index),
    )


def _compared(walks: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Pairs of grid and method, best first, each against the first pair."""
    rates = walks.pivot_table(
        index=["grid", "method"], columns="period", values="hit_rate", sort=False
    ).dropna(axis=1)
    usual = rates.iloc[0]
    gaps = rates - usual
    months = gaps.shape[1]
    # The best of many is the luckiest: all intervals hold together (Bonferroni).
    confidence = 1 - 0.05 / max(len(gaps) - 1, 1)
    half = t_quantile(confidence, max(months - 1, 1)) * gaps.std(axis=1, ddof=1) / np.sqrt(months)
    table = pd.DataFrame(
        {
            "hit_rate": rates.mean(axis=1),
            "difference": gaps.mean(axis=1),
            "low": gaps.mean(axis=1) - half,
            "high": gaps.mean(axis=1) + half,
        }
    ).reset_index()
    table = table.sort_values("hit_rate", ascending=False, kind="stable", ignore_index=True)
    return table, bool(table["low"].iloc[0] > 0)
