"""What several products of the same areas tell together: counts that subtraction would give away.

All a reader can work out about an area from counts over several windows of time are bounds on the
differences between running totals at the times where windows begin and end. Such bounds follow from
one another along shortest paths, so they are exact, and quick for thousands of areas at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.errors import InputError
from hotspots.core.months import clock_of
from hotspots.core.periods import Period
from hotspots.core.tables import says_something
from hotspots.disclosure.count_classes import (
    OPEN_VALUES,
    Cut,
    bounds_of,
    class_name,
    class_of,
)
from hotspots.disclosure.over_themes import ends_among, settled
from hotspots.disclosure.rules import FEWEST, TIMES, is_monthly

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Areas at a time: their squares take 14 MB where counts begin or end on 30 days.
CHUNK = 2_000


@dataclass(frozen=True)
class Known:
    """What a reader knows of the count of each area in one window of time."""

    start: pd.Timestamp
    end: pd.Timestamp
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    theme: str = ""


@dataclass(frozen=True)
class Related:
    """What a reader knows of the same areas for another theme.

    ``around`` says whether it lies around this one or inside it; None where neither.
    """

    theme: str
    around: bool | None
    known: tuple[Known, ...]

    @property
    def bounds(self) -> list[Known]:
        """What that says of this theme: at most as many as around it, at least those inside."""
        if self.around is None:
            return []
        return [_one_sided(item, self.around) for item in self.known]


@dataclass(frozen=True)
class ThemesBeside:
    """A theme, others that have incidents in common with it, and which are in which together."""

    theme: str = ""
    others: tuple[Related, ...] = ()
    parts: tuple[tuple[str, ...], ...] = ()

    @property
    def bounds(self) -> list[Known]:
        """What all others say of this theme."""
        return [item for other in self.others for item in other.bounds]


ALONE = ThemesBeside()


def _one_sided(item: Known, most: bool) -> Known:
    if most:
        return replace(item, low=np.zeros_like(item.low))
    return replace(item, high=np.full_like(item.high, np.inf))


def cut_by_earlier(
    areas: pd.DataFrame,
    count: str,
    earlier: Iterable[pd.DataFrame],
    *,
    themes: ThemesBeside = ALONE,
    now: tuple[pd.Timestamp, pd.Timestamp] | None = None,
) -> Cut:
    """Classes of the new count that would tell a small one beside earlier products.

    A class tells where it would leave fewer than 3 possible values for a count under 5 in any
    stretch of time. Only the lowest and the highest class a reader thinks possible can: every class
    between them leaves all its values open. Areas whose earlier counts contradict one another are
    withheld.

    References
    ----------
    Kenthapadi, Mishra and Nissim (2005) "Simulatable auditing",
    https://doi.org/10.1145/1065167.1065183
    """
    known = [item for table in earlier for item in what_is_known(table, count, areas.index)]
    if not (known or themes.others) or len(areas) == 0:
        return Cut.nowhere(len(areas))
    return cut_between(known, *(now or window(areas)), len(areas), themes)


def cut_between(
    known: list[Known],
    start_of: pd.Timestamp,
    end_of: pd.Timestamp,
    size: int,
    themes: ThemesBeside,
) -> Cut:
    """The classes of a count over one stretch of time that would tell a small one.

    Of this theme, of one around it or inside it, or of what is in the one and not in the other; and
    those of which the themes together leave too little.
    """
    if not (known or themes.others):
        return Cut.nowhere(size)
    mine = [*known, *themes.bounds]
    others = [
        (other.around, [*other.known, *(_one_sided(item, not other.around) for item in known)])
        for other in themes.others if other.around is not None
    ]  # fmt: skip
    every = [*mine, *(item for _, items in others for item in items)]
    times = times_of(every, start_of, end_of)
    start, end = times.index(start_of), times.index(end_of)
    fewest, most = _ends_among(themes, start_of, end_of, size)

    def found(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        beside = [(around, _worked_out(items, times, rows)) for around, items in others]
        was = settled(_worked_out(mine, times, rows), beside)
        before = was[0]
        # A walk from a day back to itself that loses something: counts contradict one another.
        answer = [np.diagonal(before, axis1=1, axis2=2).min(axis=1) < 0]
        # A square bounds both ways: the most by which the earlier total exceeds the later is minus
        # the fewest between them.
        for count in (-before[:, end, start], before[:, start, end]):
            low, high = class_of(count)
            now = settled(learn(before, start, end, low, high), beside)
            tells = np.any(list(map(is_given_away, was, now)), axis=0)
            answer.append(np.where(tells, class_name(count), np.nan))
        return np.array([*answer, -before[:, end, start], before[:, start, end]], dtype=float).T

    contradictory, lowest, highest, low, high = _each_kind(found, every, size).T
    cut = Cut(lowest, highest, contradictory.astype(bool))
    nearer = (fewest > low) | (most < high)
    low, high = np.maximum(fewest, low), np.minimum(most, high)
    ends = Cut.at_ends(np.where(nearer, low, 0.0), np.where(nearer, high, np.inf))
    return cut.and_also(replace(ends, held=low > high))


def _ends_among(
    themes: ThemesBeside, start: pd.Timestamp, end: pd.Timestamp, size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most between two days, by what is known of all other themes there."""
    low, high = np.zeros((size, len(themes.others))), np.full((size, len(themes.others)), np.inf)
    for at, other in enumerate(themes.others):
        times = times_of(list(other.known), start, end)
        most = worked_out(other.known, times, size)
        first, last = times.index(start), times.index(end)
        low[:, at], high[:, at] = -most[:, last, first], most[:, first, last]
    return ends_among(themes.theme, [one.theme for one in themes.others], low, high, themes.parts)


def fits_together(known: Iterable[Known], size: int) -> NDArray[np.bool_]:
    """Areas whose counts over several windows do not contradict one another."""
    known = list(known)
    times = times_of(known)

    def found(rows: NDArray[np.intp]) -> NDArray[np.bool_]:
        most = _worked_out(known, times, rows)
        return np.asarray(np.diagonal(most, axis1=1, axis2=2).min(axis=1) >= 0)

    return _each_kind(found, known, size)


def worked_out(known: Iterable[Known], times: list[pd.Timestamp], size: int) -> NDArray[np.float64]:
    """``most[area, i, j]``: the most by which the running total at j can exceed the one at i."""
    known = list(known)
    return _each_kind(lambda rows: _worked_out(known, times, rows), known, size)


def periods_overlap(months: pd.DataFrame) -> bool:
    """Whether two periods of a table share a day: their counts can be subtracted."""
    labels = months.reset_index()["period"].astype(str).unique()
    spans = sorted((one.start, one.end) for one in map(Period.parse, labels))
    return any(end > start for (_, end), (start, _) in pairwise(spans))


def is_dated(table: pd.DataFrame) -> bool:
    """Whether a table says which days it counts."""
    return all(says_something(table, name) for name in TIMES)


def window(table: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of a table of totals, in local time."""
    if not is_dated(table):
        raise InputError(
            "to compare a product with an earlier one, both need `period_from` and "
            "`period_until`; got a table without. Give tables as the library made or wrote them."
        )
    start, end = TIMES
    return _local_day(table[start], "min", "floor"), _local_day(table[end], "max", "ceil")


def days_of(table: pd.DataFrame) -> set[pd.Timestamp]:
    """The days on which the counts of a table begin or end; none where it does not say."""
    if len(table) and is_monthly(table):
        return {
            day for item, _ in periods_of(table.reset_index()) for day in (item.start, item.end)
        }
    return set(window(table)) if is_dated(table) else set()


def what_is_known(table: pd.DataFrame, count: str, names: pd.Index) -> list[Known]:
    """The counts of one earlier table, a window each, as bounds for the areas of this one."""
    if count not in table.columns or len(table) == 0:
        return []
    if not is_monthly(table):
        return [Known(*window(table), *_bounds(table, count, names))]
    flat = table.reset_index()
    known = []
    for item, rows in periods_of(flat):
        low, high = _bounds(rows.set_index("area_id"), count, names)
        known.append(replace(item, low=low, high=high))
    return known


def periods_of(flat: pd.DataFrame) -> Iterator[tuple[Known, pd.DataFrame]]:
    """The rows of each period, with its window and nothing known yet."""
    nothing = np.array([])
    for label, rows in flat.groupby("period"):
        period = Period.parse(str(label))
        yield Known(_naive(period.start), _naive(period.end), nothing, nothing), rows


def _bounds(
    table: pd.DataFrame, count: str, names: pd.Index
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most of each area; areas the table does not name can hold anything."""
    low, high = bounds_of(table, count)
    return (
        low.reindex(names, fill_value=0.0).to_numpy(),
        high.reindex(names, fill_value=np.inf).to_numpy(),
    )


def times_of(known: Iterable[Known], *more: pd.Timestamp) -> list[pd.Timestamp]:
    """All days on which a count begins or ends."""
    known = list(known)
    return sorted({*more, *(item.start for item in known), *(item.end for item in known)})


def _each_kind(
    answer: Callable[[NDArray[np.intp]], NDArray[Any]], known: list[Known], size: int
) -> NDArray[Any]:
    """The answer for all areas, once for those of which the same is known: most are withheld.

    Some at a time: each takes a square of all times.
    """
    edges = np.array([edge for one in known for edge in (one.low, one.high)])
    edges = edges.reshape(2 * len(known), size).T
    _, rows, kind = np.unique(edges, axis=0, return_index=True, return_inverse=True)
    starts = range(0, max(len(rows), 1), CHUNK)
    return np.concatenate([answer(rows[at : at + CHUNK]) for at in starts])[kind.ravel()]


def _worked_out(
    known: list[Known], times: list[pd.Timestamp], rows: NDArray[np.intp]
) -> NDArray[np.float64]:
    """``most[area, i, j]``: the most by which the running total at j can exceed the one at i."""
    most = np.full((len(times), len(times)), np.inf)
    # A running total never falls, so an earlier one exceeds a later one by nothing at most.
    most[np.tril_indices(len(times))] = 0.0
    most = np.broadcast_to(most, (len(rows), *most.shape))
    for item in known:
        first, last = times.index(item.start), times.index(item.end)
        most = learn(most, first, last, item.low[rows], item.high[rows])
    return most


def learn(
    most: NDArray[np.float64],
    first: int,
    last: int,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The bounds once the count between two times is known to be ``low`` to ``high``."""
    # The square is closed under shortest paths, so one that uses the new edge uses it once: a
    # single round makes it closed again.
    forth = most[:, :, first, None] + high[:, None, None] + most[:, None, last, :]
    back = most[:, :, last, None] - low[:, None, None] + most[:, None, first, :]
    return np.minimum(most, np.minimum(forth, back))


def is_given_away(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether somewhere a count that may be small has newly become too narrow."""
    earlier, later = np.triu_indices(before.shape[1], 1)
    was = before[:, earlier, later] + before[:, later, earlier]
    least = -after[:, later, earlier]
    values = after[:, earlier, later] - least + 1
    # From 5 on a count may be known exactly; and what was narrow before tells nothing new.
    new = (values < OPEN_VALUES) & (was + 1 >= OPEN_VALUES) & (least < FEWEST)
    return np.asarray(new.any(axis=1))


def _is_aware(times: pd.Series) -> bool:
    if isinstance(times.dtype, pd.DatetimeTZDtype):
        return True
    return not pd.api.types.is_datetime64_dtype(times) and bool(
        times.dropna().astype(str).str.contains(r"(?:Z|[+-]\d\d:?\d\d)$").any()
    )


def _local_day(column: pd.Series, end: str, edge: str) -> pd.Timestamp:
    """The first or last day of a column of times."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        moment = getattr(column, end)().tz_convert(clock_of(column)).tz_localize(None)
    else:
        moment = getattr(_local(column), end)()
    return pd.Timestamp(getattr(moment, edge)("D"))


def _local(column: pd.Series) -> pd.Series:
    times = pd.to_datetime(column, utc=_is_aware(column))
    if times.dt.tz is None:
        return times
    clock = clock_of(column if isinstance(column.dtype, pd.DatetimeTZDtype) else times)
    return times.dt.tz_convert(clock).dt.tz_localize(None)


def _naive(time: pd.Timestamp) -> pd.Timestamp:
    return time if time.tz is None else time.tz_convert(clock_of(time)).tz_localize(None)
