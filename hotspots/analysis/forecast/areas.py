"""Where the next period's incidents are expected, by counts whose weights the past has chosen.

Old incidents count less, neighbours lend, and what did best before decides how much.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.trends.by_period import flat_periods
from hotspots.core.arguments import has_record
from hotspots.core.errors import listing, require
from hotspots.core.periods import Period
from hotspots.core.select import Selection
from hotspots.core.sentences import Spoken
from hotspots.core.text.mends import Mend
from hotspots.offences.tag_themes import without_found_by_officers
from hotspots.stats.local import neighbour_matrix

if TYPE_CHECKING:
    from hotspots.core.arrays import Floats
    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord

FEWEST_PERIODS = 4
HALF_LIVES = (3.0, 6.0, 12.0, 24.0)
WINDOWS = (12, 36, 60, None)
SPREADS = (0.0, 0.25, 0.5)
TRIED_AT = (0.01, 0.02, 0.05)
FEWEST_TRIED = 3


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
        every month up to the end of the question is counted. Areas of a table lend nothing to one
        another; those of a grid do to their neighbours.
    by : {"count", "harm"}
        What is forecast.
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
    >>> found = forecast_areas(counts)
    >>> found.expected.index.tolist(), found.weighing.half_life
    (['new', 'old'], 3.0)
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
        wide = months_of(chosen, source, by, pd.Index(chosen.parts.ids))
        neighbours = None if grid is None else neighbours_of(grid, wide.index)
    else:
        wide, neighbours = wide_counts(source, COLUMNS[by], None), None
    require(
        wide.shape[1] >= FEWEST_PERIODS,
        f"a forecast needs at least {FEWEST_PERIODS} periods; got {wide.shape[1]}.",
        rule="too-few-periods",
    )
    rules = weighings(neighbours is not None)
    *_, last = forecasts(
        wide.to_numpy(), lending(neighbours, wide.index), rules, np.ones(len(wide))
    )
    found = _told(wide, last, rules, left_out)
    if has_record(record):
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
    clock = source.source.timezone
    ended = [end is None or Period.parse(one).on_clock(clock).end <= end for one in months]
    return wide.loc[:, ended]


def _told(wide: pd.DataFrame, last: Step, rules: Sequence[Weighing], left_out: int) -> AreaForecast:
    """The last step as a result, most expected first."""
    # Equal forecasts in order of what they ever held, as they are scored.
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


COLUMNS = {"count": "incident_count", "harm": "harm"}


def wide_counts(area_periods: pd.DataFrame, column: str, area_ids: pd.Index | None) -> pd.DataFrame:
    """One row an area, one column a period in order; zero where nothing is said."""
    flat = flat_periods(area_periods, column)
    wide = flat.pivot_table(
        index="area_id", columns="period", values=column, aggfunc="sum", observed=True
    )
    wide = wide.sort_index(axis=1)
    if area_ids is not None:
        unknown = wide.index.difference(area_ids)
        require(
            len(unknown) == 0,
            f"`area_ids` must hold every area of `area_periods`; it lacks {listing(unknown)}.",
        )
        wide = wide.reindex(area_ids)
    return wide.astype(float).fillna(0.0)


@dataclass(frozen=True)
class Weighing:
    """How much an incident counts by its age, and how much of it is lent to the neighbours.

    Attributes
    ----------
    half_life : float or None
        Periods after which an incident counts half; None where all count alike.
    window : int or None
        Periods looked back on; None for all.
    spread : float
        Share of an area's score that it gets from the mean of its neighbours.
    """

    half_life: float | None = None
    window: int | None = None
    spread: float = 0.0

    def of_age(self, steps: int) -> Floats:
        """Weights of so many past periods, the latest last."""
        age = np.arange(steps)[::-1]
        if self.half_life is not None:
            return np.asarray(0.5 ** (age / self.half_life))
        return (age < (steps if self.window is None else self.window)).astype(float)


PLAIN = Weighing(window=12)


def weighings(lent: bool) -> list[Weighing]:
    """What is tried: plain counts first, so that a tie goes to the plainer one."""
    ages = [Weighing(window=size) for size in WINDOWS] + [Weighing(one) for one in HALF_LIVES]
    return [replace(age, spread=one) for one in (SPREADS if lent else SPREADS[:1]) for age in ages]


@dataclass(frozen=True)
class Step:
    """A forecast of one period from those before it.

    Attributes
    ----------
    weighing : Weighing
        What did best so far.
    scores : array of float, shape (areas,)
        What is expected, in incidents of one period.
    tried : int
        Earlier periods it was chosen on.
    found : array of float, shape (weighings,)
        Mean PAI of each weighing over these.
    """

    weighing: Weighing
    scores: Floats
    tried: int
    found: Floats


def forecasts(
    counts: Floats, near: Any | None, tried: Sequence[Weighing], area: Floats
) -> Iterator[Step]:
    """A forecast of every period but the first, and of the one after the last.

    Parameters
    ----------
    counts : array, shape (areas, periods)
        What the areas held, periods in order of time.
    near : sparse matrix, shape (areas, areas), optional
        Rows add up to one; without it nothing is lent.
    tried : sequence of Weighing
        What to choose from.
    area : array, shape (areas,)
        Size of each area.
    """
    total, times = np.zeros(len(tried)), 0
    for step in range(1, counts.shape[1] + 1):
        past = counts[:, :step]
        scores = _scores(past, near, tried)
        # Rounded, so that weighings alike but for a last digit tie, and the plainer one is taken.
        best = int(np.argmax(np.round(total, 9))) if times >= FEWEST_TRIED else 0
        mean = total / times if times else total
        scale = past.sum() / step / max(scores[:, best].sum(), 1e-300)
        yield Step(tried[best], scores[:, best] * scale, times, mean)
        if step < counts.shape[1] and counts[:, step].any():
            older = past.sum(axis=1)
            total += [pai(one, older, counts[:, step], area) for one in scores.T]
            times += 1


def _scores(past: Floats, near: Any | None, tried: Sequence[Weighing]) -> Floats:
    """What each weighing gives each area."""
    weights = np.column_stack([one.of_age(past.shape[1]) for one in tried])
    plain = np.asarray(past @ weights)
    spread = np.array([one.spread for one in tried])
    if near is None or not spread.any():
        return plain
    return np.asarray((1 - spread) * plain + spread * (near @ plain))


def pai(scores: Floats, older: Floats, came: Floats, area: Floats) -> float:
    """How many times more than chance the best 1, 2 and 5 % of the ground hold, on average.

    Equal scores go to what held more before; areas equal in that too share what they held.
    """
    order = np.lexsort((-older / area, -scores / area))
    level = np.ones(len(order), dtype=bool)
    level[1:] = (np.diff((scores / area)[order]) != 0) | (np.diff((older / area)[order]) != 0)
    group = np.cumsum(level) - 1
    held = np.bincount(group, came[order])
    size = np.bincount(group, area[order])
    upto, ground = np.append(0.0, held.cumsum()), np.append(0.0, size.cumsum())
    shares = np.array(TRIED_AT)
    # A part of the last group: ground that is equally promising is shared, not chosen from.
    hits = np.interp(shares * ground[-1], ground, upto) / upto[-1]
    return float((hits / shares).mean())
