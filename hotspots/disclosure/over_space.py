"""Totals of zones and clusters beside all that a product shows: which classes would tell.

What is shown so far are sums of incidents in pieces of ground. A linear programme gives the fewest
and the most that the next zone can hold; near these two ends few towns are possible, and classes
are merged there. Cells that are cut alike and show the same are one variable, to keep it quick.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import shapely

from hotspots.core.tables import has_shapes
from hotspots.disclosure.count_classes import OPEN_VALUES, Cut, Seen, shown
from hotspots.disclosure.over_time import is_dated
from hotspots.disclosure.reckoning import (
    ALWAYS,
    Sums,
    Workings,
    ZoneSum,
    about,
    column_of,
    counts_these,
    on_other_ground,
    sums_of,
    themes_joined,
    window_of,
)
from hotspots.disclosure.rules import (
    TIMES,
    clusters_of,
    could_be_cells,
    counts_in_cells,
    least_of,
    overlap_one_another,
)
from hotspots.disclosure.variables import (
    fewest_and_most,
    in_whole_numbers,
    rows_of,
    variables_of,
)

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


MOST_VARIABLES = 50_000
"""A zone that is tied to more unknowns than this is withheld."""


def shown_beside(
    zones: pd.DataFrame,
    theme: str,
    exact: pd.Series,
    cut: Cut,
    beside: Sequence[pd.DataFrame],
    *,
    least: float = 0.0,
    earlier: Sequence[pd.DataFrame] = (),
    parts: Iterable[tuple[str, ...]] = (),
    so_far: Mapping[str, Seen] | None = None,
    workings: Workings | None = None,
) -> Seen:
    """Counts of zones or clusters as they are shown beside tables that are shown already.

    Four cells of 8 to 12 in a ward of 28 to 32 would leave nothing for any other cell; a cluster of
    8 over two cells of fewer than 5 would mean four in each; two wards of fewer than 5 around one
    cell of 8 to 12 would hold four each; and where halves of a year say that a cell holds 14 at
    most, a ward can tell what is left for the others. One zone comes after another, each beside
    those before it, so no class depends on the count it shows. ``least`` is what a cluster is known
    to hold; ``earlier`` is what the reader has from before; ``so_far`` what was decided of other
    themes of the same zones, ``parts`` which themes have incidents in common.
    """
    every = [*beside, *earlier]
    if not len(zones) or counts_in_cells(zones):
        return shown(exact, cut)
    if not has_shapes(zones):
        # What they share with other areas that are counted, nobody can say.
        counting = [one for one in every if not theme or column_of(one, theme)]
        apart = not all(counts_these(one, zones) for one in counting)
        return shown(exact, replace(cut, held=cut.held | apart))
    workings = workings or Workings()
    themes = themes_joined(theme, parts)
    cut = replace(cut, held=cut.held | _cannot_be_placed(zones, themes, every))
    cells = _cells_under(zones, themes, every, workings)
    if cells is None:
        if not (overlap_one_another(zones) or _some_join(every, zones, themes)):
            return shown(exact, cut)
        cells, every = _no_cells(zones, themes, every)
    others = [table for table in every if table is not cells]
    # Zones without days are taken for those of the cells beside them.
    others_days = workings.window_of(cells if len(cells) else _dated_of(every), ALWAYS)
    now = workings.window_of(zones, others_days)
    sums = sums_of(cells, others, theme, asked=zones, least=least, parts=parts, workings=workings)
    known = _Known(_with(sums, so_far or {}, len(zones), now), now)
    fewer, more, held, gone = np.zeros((4, len(zones)), dtype=bool)
    counts = pd.Series(np.nan, index=exact.index)
    clusters, listed, crossed = clusters_of(zones), least_of(zones, least), _crossed(sums.inside)
    # By name: an order that follows counts would itself tell.
    for row in np.argsort(zones.index.map(str), kind="stable"):
        column = known.size - len(zones) + row
        fewest, most = known.ends(column)
        # Others can lie between the members of a cluster, so what its ground holds bounds it from
        # above alone.
        fewest = listed[row] if clusters[row] else max(fewest, listed[row])
        here = _cut_at(cut, row, (fewest, most), whole=bool(crossed[column]))
        named = clusters[row] or listed[row] > 0
        # Being listed tells the minimum: with fewer than 3 values above it, a row without a number
        # tells too.
        gone[row] = named and most - fewest < OPEN_VALUES - 1
        seen = shown(exact.iloc[[row]], replace(here, held=here.held | gone[row]))
        fewer[row], more[row], held[row] = seen.fewer[0], seen.more[0], seen.held[0]
        counts.iloc[row] = seen.counts.iloc[0]
        low, high = (float(edge[0]) for edge in seen.bounds())
        known.learn(column, max(low, listed[row]), np.inf if clusters[row] else high)
    return Seen(counts, fewer, more, held, gone)


def _cut_at(cut: Cut, row: int, ends: tuple[float, float], *, whole: bool) -> Cut:
    """The classes of one zone that would tell; all of it where nobody can say what it can hold."""
    here = Cut(cut.lowest[[row]], cut.highest[[row]], cut.held[[row]])
    fewest, most = (np.array([end]) for end in ends)
    here = here.and_also(Cut.at_ends(fewest, most, whole=whole))
    return replace(here, held=here.held | np.isnan(most))


def _crossed(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Outlines that cross another one: they tie the cells of both to one another.

    Three values of such a zone may be one of a cell, so their classes must be possible whole.
    """
    pieces = inside.astype(np.float64)
    both: NDArray[np.float64] = pieces.T @ pieces
    of_one, of_other = np.meshgrid(np.diagonal(both), np.diagonal(both), indexing="ij")
    return np.asarray(((both > 0) & (both < of_one) & (both < of_other)).any(axis=1))


def _with(
    sums: Sums,
    so_far: Mapping[str, Seen],
    size: int,
    now: tuple[pd.Timestamp, pd.Timestamp],
) -> Sums:
    """The sums, and what was decided of other themes of the outlines that are asked for."""
    first, more = sums.inside.shape[1] - size, []
    for theme, seen in so_far.items():
        if any(theme in part for part in sums.parts):
            edges = zip(*seen.bounds(), strict=True)
            more += [ZoneSum(first + n, *now, *edge, theme) for n, edge in enumerate(edges)]
    return replace(sums, of_zones=(*sums.of_zones, *more))


def _cannot_be_placed(
    zones: gpd.GeoDataFrame, themes: Sequence[str], tables: Sequence[pd.DataFrame]
) -> NDArray[np.bool_]:
    """Zones without ground, or without a theme, where others are counted beside them."""
    if not any(_counts(one, themes) for one in tables):
        return np.zeros(len(zones), dtype=bool)
    ground = shapely.area(np.asarray(zones.geometry, dtype=object))
    return np.asarray(~(ground > 0)) | (not themes[0])


def _counts(table: pd.DataFrame, themes: Sequence[str]) -> bool:
    """Whether a table counts one of these themes; any, where the first is not said."""
    if not themes[0]:
        return any(str(name).endswith("_count") for name in table.columns)
    return any(column_of(table, theme) for theme in themes)


def _cells_under(
    zones: pd.DataFrame, themes: Sequence[str], tables: Sequence[pd.DataFrame], workings: Workings
) -> gpd.GeoDataFrame | None:
    """The cells under zones, of this theme or one that is joined to it: of the same days first."""
    counted = [one for one in tables if _counts(one, themes) and has_shapes(one)]
    for are_cells in (counts_in_cells, could_be_cells):
        for theme in themes:
            own: list[Any] = [one for one in counted if column_of(one, theme) and are_cells(one)]
            for one in _near(zones, own, workings):
                return cast("gpd.GeoDataFrame", one)
        if not _some_join(counted, zones, themes):
            break
    return None


def _near(zones: pd.DataFrame, tables: list[pd.DataFrame], workings: Workings) -> list[Any]:
    """Tables whose days overlap those of zones, those of the same days first."""
    if not is_dated(zones):
        return tables
    now = workings.window_of(zones, ALWAYS)
    days = [(workings.window_of(one, now), one) for one in tables]
    near = [(when, one) for when, one in days if when[0] < now[1] and now[0] < when[1]]
    return [one for _, one in sorted(near, key=lambda pair: pair[0] != now)]


def _some_join(tables: Sequence[Any], zones: Any, themes: Sequence[str]) -> bool:
    """Whether one counts in other outlines, or a theme joined to this one, or time alone joins."""
    counted = [one for one in tables if has_shapes(one) and _counts(one, themes)]
    return any(not column_of(one, themes[0]) or _joins(one, zones) for one in counted)


def _joins(table: Any, zones: Any) -> bool:
    kinds = [set(one["kind"]) if "kind" in one.columns else set() for one in (table, zones)]
    if kinds[0] != kinds[1] or not table.index.is_unique or overlap_one_another(table):
        return True
    return on_other_ground(table, zones) or not zones.index.isin(table.index).all()


def _no_cells(
    zones: gpd.GeoDataFrame, themes: Sequence[str], tables: Sequence[pd.DataFrame]
) -> tuple[gpd.GeoDataFrame, list[pd.DataFrame]]:
    """No cells, so that the ground is cut by outlines alone, and the outlines with their days."""
    outlines = [one for one in tables if _counts(one, themes) and has_shapes(one)]
    days = dict(zip(TIMES, window_of(_dated_of([zones, *outlines]), ALWAYS), strict=True))
    none = zones.iloc[:0][[zones.geometry.name]].assign(theme=themes[0], incident_count=np.nan)
    return none, [one if is_dated(one) else one.assign(**days) for one in outlines]


def _dated_of(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The first table that says which days it counts."""
    return next((one for one in tables if is_dated(one)), pd.DataFrame())


class _Known:
    """What can be said of each zone from cells, and from the zones that are shown already.

    ``order`` of each sum says when it is doubted, where nothing fits all: that nothing lies outside
    the cells first, which may be some of many; then zones of earlier products, whose data were
    revised since; then other zones of these days. What is 0 never is.
    """

    def __init__(self, sums: Sums, now: tuple[pd.Timestamp, pd.Timestamp]) -> None:
        """The system, without sums that say nothing."""
        from scipy import sparse
        from scipy.sparse.csgraph import connected_components

        self.size, self.now = sums.inside.shape[1], now
        self.sums, closed = about(sums, now), sums.cells > 0
        self.variables = variables_of(self.sums, grouped=True, more=now)
        order = [1] * closed + [0] * len(self.sums.of_cells)
        order += [3 if (one.start, one.end) == now else 2 for one in self.sums.of_zones]
        every = zip(order, rows_of(self.sums, self.variables, closed=closed), strict=True)
        rows = [(doubt, part) for doubt, one in every for part in _that_say(*one)]
        width = self.variables.member.shape[1] * self.variables.each
        empty = sparse.csr_array((0, width))
        self.rows = sparse.csr_array(sparse.vstack([empty, *(row for _, (row, _, _) in rows)]))
        self.low = np.concatenate([[], *(low for _, (_, low, _) in rows)])
        self.high = np.concatenate([[], *(high for _, (_, _, high) in rows)])
        self.order = np.repeat([doubt for doubt, _ in rows], [len(low) for _, (_, low, _) in rows])
        # A graph of variables and sums: what it does not join can be solved apart.
        ties = sparse.block_array([[None, self.rows.T], [self.rows, None]])
        self.label = connected_components(ties, directed=False)[1] if width else np.array([])

    def _inside(self, column: int) -> Any:
        return self.variables.of_outline(column, *self.now, self.sums.theme)

    def learn(self, column: int, low: float, high: float) -> None:
        """A zone holds so many."""
        from scipy import sparse

        for row, fewest, most in _that_say(self._inside(column), np.array([low]), np.array([high])):
            self.rows = sparse.csr_array(sparse.vstack([self.rows, row]))
            self.low, self.high = np.r_[self.low, fewest], np.r_[self.high, most]
            self.order = np.r_[self.order, 0]
            # Labels stand for variables first, then for sums in order; those of what the new sum
            # joins become one, without a walk through the whole graph for every zone.
            joined = np.unique(self.label[row.indices])
            one = joined[0] if len(joined) else -1
            self.label = np.r_[np.where(np.isin(self.label, joined), one, self.label), one]

    def ends(self, column: int) -> tuple[float, float]:
        """Fewest and most incidents a zone can hold; nothing is known where nothing fits.

        What is doubted is forgotten in the part of the system that the zone is tied to, no further.
        Missing where the question is too large to be answered.
        """
        goal, width = self._inside(column), self.rows.shape[1]
        tied = np.isin(self.label, self.label[goal.indices])
        columns, rows = np.flatnonzero(tied[:width]), np.flatnonzero(tied[width:])
        if len(columns) > MOST_VARIABLES:
            return np.nan, np.nan
        here, wish = self.rows[rows][:, columns], goal[:, columns].toarray()[0]
        for doubted in range(4):
            forgotten = rows[self.order[rows] == doubted] if doubted else []
            self.low[forgotten], self.high[forgotten] = 0.0, np.inf
            found = fewest_and_most(here, self.low[rows], self.high[rows], wish)
            if found is not None:
                return in_whole_numbers(found)
        return 0.0, np.inf


def _that_say(
    row: Any, low: NDArray[np.float64], high: NDArray[np.float64]
) -> list[tuple[Any, NDArray[np.float64], NDArray[np.float64]]]:
    says = (low > 0) | np.isfinite(high)
    if says.all():
        return [(row, low, high)]
    return [(row[says], low[says], high[says])] if says.any() else []
