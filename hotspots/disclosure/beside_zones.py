"""Cells beside zones that their readers have from before: one cell after another.

Four cells of fewer than 5 in July and August together, in a ward of 8 or more in each month, hold
four each. No cell tells that alone, so cells in zones are shown in turn, each beside those before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.tables import has_shapes
from hotspots.disclosure.count_classes import (
    OPEN_VALUES,
    Cut,
    Seen,
    bounds_of_shown,
    class_name,
    class_of,
    shown,
)
from hotspots.disclosure.over_themes import closed
from hotspots.disclosure.over_time import (
    ALONE,
    Known,
    ThemesBeside,
    cut_between,
    is_given_away,
    learn,
    periods_of,
    times_of,
    what_is_known,
    worked_out,
)
from hotspots.disclosure.reckoning import Workings, column_of, counts_these, sums_of
from hotspots.disclosure.rules import FEWEST

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

UNKNOWN = 1e7
"""More than any cell holds: what is not bounded is counted as this."""
SLACK = OPEN_VALUES - 1


@dataclass(frozen=True)
class ZonesBefore:
    """Zones by the cells they touch and hold whole, and what a reader has of their counts."""

    touched: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    known: tuple[Known, ...]

    @property
    def size(self) -> int:
        """How many zones there are."""
        return len(self.touched.T)

    def among(self, cells: pd.Index, names: pd.Index) -> ZonesBefore:
        """The same for other rows; cells that are not known lie in no zone."""
        rows = cells.get_indexer(names)
        there = (rows >= 0)[:, None]
        return replace(self, touched=self.touched[rows] & there, whole=self.whole[rows] & there)


def zones_before(
    cells: gpd.GeoDataFrame,
    theme: str,
    tables: Iterable[pd.DataFrame],
    workings: Workings | None = None,
) -> ZonesBefore | None:
    """What tables say of zones across these cells; None where they say nothing."""
    tables = [one for one in tables if column_of(one, theme)]
    if not any(has_shapes(one) and not counts_these(one, cells) for one in tables):
        return None
    blank = cells.assign(incident_count=np.nan)
    sums = sums_of(blank, tables, theme, workings=workings)
    pieces = np.zeros((sums.cells + 1, sums.inside.shape[1]))
    np.add.at(pieces, sums.owner, sums.inside)
    every = np.bincount(sums.owner, minlength=sums.cells + 1)[:-1, None]
    touched, whole = pieces[:-1] > 0, pieces[:-1] == every
    said: dict[tuple[pd.Timestamp, pd.Timestamp], Known] = {}
    for one in sums.of_zones:
        if one.theme == theme:
            days = (one.start, one.end)
            ends = np.zeros(touched.shape[1]), np.full(touched.shape[1], np.inf)
            item = said.setdefault(days, Known(*days, *ends, theme))
            item.low[one.column] = max(item.low[one.column], one.low)
            item.high[one.column] = min(item.high[one.column], one.high)
    return ZonesBefore(touched, touched & whole, tuple(said.values()))


def cells_in_turn(
    exact: pd.Series,
    cut: Cut,
    known: Sequence[Known],
    now: tuple[pd.Timestamp, pd.Timestamp],
    zones: ZonesBefore | None,
) -> Seen:
    """Counts of cells between two days as they are shown, by the classes cut and by zones.

    A zone tells nothing while what its cells can hold together lies 2 above its fewest and 2 below
    its most, over every stretch of time in which one of them may hold fewer than 5: then each can
    take three values, whatever the others do. Classes after which that would not be so are cut,
    cell after cell by name; which ones follows from what was shown so far.
    """
    seen = shown(exact, cut)
    if zones is None or not len(exact):
        return seen
    held = _Held(known, now, zones, len(exact))
    rows = held.at_risk()
    for row in rows[np.argsort(exact.index[rows].map(str), kind="stable")]:
        here = Cut(cut.lowest[[row]], cut.highest[[row]], cut.held[[row]])
        one = shown(exact.iloc[[row]], here.and_also(held.cut(row)))
        seen.fewer[row], seen.more[row], seen.held[row] = one.fewer[0], one.more[0], one.held[0]
        seen.counts.iloc[row] = one.counts.iloc[0]
        low, high = one.bounds()
        if not np.isnan(exact.iloc[row]):
            held.learn(row, low, high)
    return seen


def months_in_turn(
    months: pd.DataFrame,
    count: str,
    known_tables: Iterable[pd.DataFrame],
    *,
    themes: ThemesBeside = ALONE,
    zones: ZonesBefore | None = None,
) -> pd.DataFrame:
    """Counts by period as they are shown, one period after another, each beside those before it.

    The tables hold the totals of the same product too: they, and the periods so far, are what the
    reader has when the next period comes; ``zones`` are by area, in the order in which these come.
    """
    flat = months.reset_index()
    names = pd.Index(flat["area_id"].unique())
    known = [item for table in known_tables for item in what_is_known(table, count, names)]
    parts = []
    for item, rows in sorted(periods_of(flat), key=lambda pair: (pair[0].start, pair[0].end)):
        exact = rows.set_index("area_id")[count].astype(float).reindex(names)
        cut = cut_between(known, item.start, item.end, len(names), themes)
        seen = cells_in_turn(exact, cut, [*known, *themes.bounds], (item.start, item.end), zones)
        part = pd.DataFrame({"period": rows["period"].iloc[0], count: seen.counts})
        part["shown"], part["disclosed_for"] = seen.codes(), ""
        low, high = (np.asarray(edge) for edge in bounds_of_shown(part, count))
        unknown = exact.isna().to_numpy()
        known.append(
            Known(item.start, item.end, np.where(unknown, 0, low), np.where(unknown, np.inf, high))
        )
        parts.append(part.rename_axis("area_id").reset_index())
    return pd.concat(parts, ignore_index=True).set_index(["area_id", "period"])


class _Held:
    """Bounds of cells and of zones over time as squares, and what is left between them.

    ``slack[zone, i, j]`` is for ``i < j`` how much more its cells can hold from the one day to the
    other than the zone does at least, and for ``i > j`` how much less than it does at most.
    """

    def __init__(
        self,
        known: Sequence[Known],
        now: tuple[pd.Timestamp, pd.Timestamp],
        zones: ZonesBefore,
        size: int,
    ) -> None:
        """Zones that do not fit their cells say nothing: there are more cells, or data changed."""
        times = times_of([*known, *zones.known], *now)
        self.now, self.zones = (times.index(now[0]), times.index(now[1])), zones
        self.cells = np.minimum(worked_out(known, times, size), UNKNOWN)
        theirs = np.minimum(worked_out(zones.known, times, zones.size), UNKNOWN).swapaxes(1, 2)
        self.later = np.tril(np.ones((len(times), len(times)), dtype=bool), -1)
        self.slack = theirs + self._summed(self.cells)
        self.fit = (self.slack >= 0).all(axis=(1, 2))
        small = self._summed(self.later & (self.cells > -FEWEST), zones.touched) > 0
        says = np.where(self.later, theirs < UNKNOWN, theirs < 0)
        self.matters = says & (small | small.swapaxes(1, 2)) & (self.slack >= SLACK)

    def _summed(
        self, squares: NDArray[Any], cells: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """The sum of the cells of each zone: of all it touches, or of those it holds whole."""
        if cells is None:
            parts = [self._summed(squares, one) for one in (self.zones.whole, self.zones.touched)]
            return np.where(self.later, *parts)
        flat = squares.reshape(len(squares), -1).astype(float)
        sums: NDArray[np.float64] = cells.T.astype(float) @ flat
        return sums.reshape(-1, *squares.shape[1:])

    def _tells(self, slack: NDArray[np.float64], zones: Any) -> NDArray[np.bool_]:
        """Whether so little is left in zones, somewhere."""
        return np.asarray(((slack < SLACK) & self.matters[zones]).any(axis=(1, 2)))

    def _ends(self, squares: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Fewest and most between the two days."""
        start, end = self.now
        most = squares[:, start, end]
        return [-squares[:, end, start], np.where(most < UNKNOWN, most, np.inf)]

    def at_risk(self) -> NDArray[np.intp]:
        """Cells of zones that could tell, were all their cells shown in the classes at the ends."""
        worst = self.cells
        for count in self._ends(self.cells):
            worst = np.minimum(worst, learn(self.cells, *self.now, *class_of(count)))
        left = self.slack + self._summed(worst - self.cells)
        risky = self.fit & self._tells(left, slice(None))
        return np.flatnonzero(self.zones.touched[:, risky].any(axis=1))

    def _around(self, row: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """The zones of a cell, and which of their squares it counts in."""
        zones = np.flatnonzero(self.fit & self.zones.touched[row])
        whole = self.zones.whole[row, zones][:, None, None]
        return zones, ~self.later | whole

    def cut(self, row: int) -> Cut:
        """The classes of one cell that would tell, as far as is known now."""
        zones, counted = self._around(row)
        own, slack = self.cells[[row]], self.slack[zones]
        # What the other cells of a zone can hold leaves the rest to this one.
        rest = np.where(counted, slack - own, UNKNOWN).min(axis=0).T
        near = closed(np.minimum(own, rest))
        ends: list[NDArray[np.float64]] = []
        for count in self._ends(near):
            edges = class_of(count)
            then = learn(own, *self.now, *edges)
            left = slack + np.where(counted, then - own, 0.0)
            tells = (
                is_given_away(near, learn(near, *self.now, *edges)) | self._tells(left, zones).any()
            )
            ends.append(np.where(tells, class_name(count), np.nan))
        return Cut(ends[0], ends[1], np.zeros(1, dtype=bool))

    def learn(self, row: int, low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
        """A cell is shown to hold so many."""
        zones, counted = self._around(row)
        own = self.cells[[row]]
        then = learn(own, *self.now, low, high)
        self.slack[zones] += np.where(counted, then - own, 0.0)
        self.cells[row] = then[0]
