"""Where the next period's incidents are expected, by counts whose weights the past has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.forecast.discounted import (
    HALF_LIVES,
    SPREADS,
    Step,
    Weighing,
    forecasts,
    weighings,
)
from hotspots.analysis.forecast.wide import COLUMNS, wide_counts
from hotspots.core.errors import require
from hotspots.core.periods import Period
from hotspots.core.select import Selection
from hotspots.core.sentences import Spoken
from hotspots.core.text.mends import Mend
from hotspots.offences.found_by_officers import without_found_by_officers
from hotspots.stats.local import neighbour_matrix

if TYPE_CHECKING:
    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord

FEWEST_PERIODS = 4


@dataclass(frozen=True, eq=False)
class AreaForecast(Spoken):
    """Where the next period's incidents are expected.

    Attributes
    ----------
    expected : Series of float
        By ``area_id``: incidents (or harm) of one period, most first; equal ones in order of what
        they ever held.
    weighing : Weighing
        ``half_life`` (periods after which an incident counts half, or None), ``window`` (periods of
        a plain count, None for all), ``spread`` (share lent by the neighbours).
    tried : DataFrame
        Every weighing, with ``mean_pai``: how many times more than chance it would have found in
        the best 1, 2 and 5 % of the ground of the periods tried, on average.
    periods, steps : int
        Periods there were, and how many of them were forecast from those before to choose.
    left_out : int
        Incidents of offences mostly found by officers, left out of it.
    """

    expected: pd.Series
    weighing: Weighing
    tried: pd.DataFrame
    periods: int
    steps: int
    left_out: int = 0


def forecast_areas(
    source: pd.DataFrame | Selection,
    *,
    by: Literal["count", "harm"] = "count",
    neighbours: Mapping[Any, Iterable[Any]] | Any | None = None,
    area_ids: pd.Index | None = None,
    area_km2: pd.Series | None = None,
    half_lives: Sequence[float] = HALF_LIVES,
    spreads: Sequence[float] = SPREADS,
    include_found_by_officers: bool | str = False,
    record: RunRecord | None = None,
) -> AreaForecast:
    """Forecast the next period of every area from counts in which old incidents count less.

    How fast they fade, and how much neighbours lend, is chosen by walking forward: each weighing
    forecasts the past periods from those before them, and the one that would have found most is
    taken. Plain counts of one, three and five years and of everything are among them.

    Parameters
    ----------
    source : DataFrame or Selection
        Area_periods of one theme (``count_by_period``), or incidents with their areas, of which
        every month up to the end of the question is counted.
    by : {"count", "harm"}
        What is forecast.
    neighbours : sparse matrix, or mapping of id to ids, optional
        Who lends to whom; those of the grid of a Selection by default, nobody else.
    area_ids : Index, optional
        All areas, those that never held anything included; by default those of the table.
    area_km2 : Series, optional
        Size of each area; all alike by default.
    half_lives : sequence of float
        In periods.
    spreads : sequence of float
        Shares of a score that come from the mean of the neighbours.
    include_found_by_officers : bool or str
        Of a Selection, offences mostly found by officers (drugs, weapons) are left out, since they
        are found where officers are sent; a reason, which is recorded, takes them in.
    record : RunRecord, optional
        Gets the choice, and what was left out.

    Returns
    -------
    AreaForecast
        Print it for a sentence.

    Raises
    ------
    InputError
        For fewer than 4 periods.

    Notes
    -----
    On snapped places the gain over a plain count is small (``docs/accuracy.md``). It misleads where
    patrols change what is recorded, and where a change in recording looks like a fading past.

    References
    ----------
    Bowers, K. J., Johnson, S. D. and Pease, K. (2004). Prospective hot-spotting: the future of
    crime mapping? British Journal of Criminology 44, 641-658. doi:10.1093/bjc/azh036

    Examples
    --------
    >>> months = [f"2024-{month:02d}" for month in range(1, 13)]
    >>> counts = pd.DataFrame({"area_id": ["old"] * 12 + ["new"] * 12, "period": months * 2,
    ...     "incident_count": [6] * 6 + [0] * 6 + [0] * 6 + [5] * 6})
    >>> found = forecast_areas(counts, half_lives=[1, 6])
    >>> found.expected.index.tolist(), found.weighing.half_life
    (['new', 'old'], 1)
    """
    require(by in COLUMNS, f"`by` must be 'count' or 'harm'; got {by!r}.")
    left_out = 0
    if isinstance(source, Selection):
        grid, chosen = source.grid, source.asked(period=None)
        require(
            grid is not None,
            "`source` must be incidents in cells; these are in none.",
            mend=Mend("assign-first"),
        )
        if not include_found_by_officers:
            chosen, left_out = without_found_by_officers(chosen)
        ids = chosen.parts.ids if area_ids is None else area_ids
        if neighbours is None and grid is not None:
            neighbours = neighbours_of(grid, ids)
        wide = months_of(chosen, source, by, pd.Index(ids))
    else:
        wide = wide_counts(source, COLUMNS[by], area_ids)
    require(
        wide.shape[1] >= FEWEST_PERIODS,
        f"a forecast needs at least {FEWEST_PERIODS} periods; got {wide.shape[1]}.",
        rule="too-few-periods",
    )
    size = np.ones(len(wide)) if area_km2 is None else area_km2.reindex(wide.index).to_numpy()
    rules = weighings(half_lives, spreads if neighbours is not None else ())
    *_, last = forecasts(wide.to_numpy(), lending(neighbours, wide.index), rules, size)
    found = _told(wide, last, rules, left_out)
    if record is not None:
        told = {**asdict(found.weighing), "steps": found.steps}
        told["include_found_by_officers"] = include_found_by_officers
        record.choose("forecast_areas", by=by, **told)
    return found


def neighbours_of(grid: Grid, ids: pd.Index) -> Any:
    """Who is beside whom in a grid."""
    return grid.neighbours(np.asarray(ids, dtype=object))


def lending(neighbours: Any, ids: pd.Index) -> Any | None:
    """Who lends to whom, each row adding up to one; areas without neighbours keep their own."""
    if neighbours is None:
        return None
    from scipy.sparse import diags_array, eye_array

    matrix = neighbour_matrix(neighbours, ids).astype(float)
    matrix.data[:] = 1.0
    number = np.diff(matrix.tocsr().indptr)
    alone = diags_array((number == 0).astype(float))
    return diags_array(1 / np.maximum(number, 1)) @ matrix + alone @ eye_array(len(ids))


def months_of(chosen: Selection, source: Selection, by: str, ids: pd.Index) -> pd.DataFrame:
    """What the areas held in every month up to the end of the question, whatever its beginning."""
    months = chosen.source.months()
    parts = chosen.parts.in_order_of(ids)
    require(
        by == "count" or "harm" in parts.columns,
        '`by="harm"` needs weights; got none.',
        mend=Mend("weigh-first"),
    )
    number = np.array([12 * int(one[:4]) + int(one[5:]) - 1 for one in months], dtype=np.int64)
    at = np.searchsorted(number, parts.month)
    weight = parts.count.astype(float)
    if by == "harm":
        weight *= np.nan_to_num(parts.of_kind("harm").astype(float))
    held = np.bincount(parts.area * len(months) + at, weight, len(ids) * len(months))
    wide = pd.DataFrame(held.reshape(len(ids), len(months)), index=ids, columns=months)
    end = None if source.period is None else source.period.end
    return wide.loc[:, [one for one in months if end is None or Period.parse(one).end <= end]]


def _told(wide: pd.DataFrame, last: Step, rules: Sequence[Weighing], left_out: int) -> AreaForecast:
    """The last step as a result, most expected first."""
    order = np.lexsort((-wide.sum(axis=1).to_numpy(), -last.scores))
    expected = pd.Series(last.scores, wide.index.rename("area_id"), name="expected").iloc[order]
    tried = pd.DataFrame([asdict(one) for one in rules]).assign(mean_pai=last.found)
    return AreaForecast(
        expected=expected,
        weighing=last.weighing,
        tried=tried.sort_values("mean_pai", ascending=False, kind="stable", ignore_index=True),
        periods=wide.shape[1],
        steps=last.tried,
        left_out=left_out,
    )
