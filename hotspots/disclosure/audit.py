"""The attack on a product's own totals, as a check before it is sent.

What a reader knows is a list of sums: each cell, zone and cluster holds so many between two days.
Cells are cut along the outlines of zones, time along days; numbers of incidents in the pieces that
fit all sums make a town that may be the true one. A withheld count is told when all such towns
agree on it. Parts of the town that no sum joins are asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.errors import DataError, require
from hotspots.core.tables import AREAS, require_table
from hotspots.core.text.mends import Mend
from hotspots.disclosure.count_classes import OPEN_VALUES
from hotspots.disclosure.over_time import worked_out
from hotspots.disclosure.reckoning import Sums, sums_of
from hotspots.disclosure.rules import FEWEST, with_everything
from hotspots.disclosure.variables import NEARLY, Variables, alike, rows_of, variables_of
from hotspots.stats.solver import Solution, best_values

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy import sparse

WIDE = OPEN_VALUES - 1
MOST_TIMES = 16
"""With more days than this on which counts begin or end, only windows that are shown are asked."""


def audit_totals(
    areas: gpd.GeoDataFrame,
    zones: gpd.GeoDataFrame | Iterable[gpd.GeoDataFrame] = (),
    *,
    clusters: gpd.GeoDataFrame | None = None,
    area_periods: pd.DataFrame | Iterable[pd.DataFrame] = (),
    earlier: Iterable[pd.DataFrame] = (),
    theme_parts: Iterable[tuple[str, ...]] = (),
) -> pd.DataFrame:
    """What the totals of a disclosed product tell together about every withheld area.

    Parameters
    ----------
    areas : GeoDataFrame
        Disclosed cells of one theme that do not overlap, as they are shown.
    zones : GeoDataFrame or several
        Disclosed zones with a column ``<theme>_count`` (or ``incident_count`` of that theme). They
        may overlap.
    clusters : GeoDataFrame, optional
        Disclosed clusters of that theme: at least so many incidents lie inside.
    area_periods : DataFrame or several
        Disclosed counts of these areas by period.
    earlier : iterable of DataFrame
        Whatever else the reader has: tables of other products, and of themes that have incidents
        in common with this one.
    theme_parts : iterable of tuple of str, optional
        Themes that incidents are in together, as ``release(...).behind.theme_parts``:
        ``("asb", "nuisance")`` and ``("asb",)`` say that all nuisance is ASB, so that its counts
        bound those of ASB.

    Returns
    -------
    DataFrame
        A row for each area known to hold fewer than 5: ``fewest`` and ``most`` incidents among
        the possible towns that were found, ``told`` where all possible towns agree, ``narrow``
        where fewer than 3 values are possible, ``bounded`` where the solver's limit of work was
        reached. The search ends once it found values 2 apart, so ``fewest`` and ``most`` are bounds
        only where ``narrow``.
        Where tables count over several windows there is a row for each area and stretch between two
        days, as ``start`` and ``end``: those known to hold under 5, and those that turn out to.

    Raises
    ------
    InputError
        For areas that are not disclosed, or of several themes.
    DataError
        When no town fits: the tables do not belong together.

    Notes
    -----
    It knows what is in these tables and nothing else. A question that takes more than the solver's
    limit of work, which is the same on every machine, counts by a bound, which can only be wider.

    Examples
    --------
    Two withheld cells and a ward of 8 to 12 around them: each holds four.

    >>> import geopandas as gpd
    >>> from shapely.geometry import box
    >>> cells = gpd.GeoDataFrame({"theme": "asb", "incident_count": [None, None],
    ...     "disclosed_for": "partner", "shown": "small"},
    ...     index=["a", "b"], geometry=[box(0, 0, 9, 9), box(9, 0, 18, 9)], crs=27700)
    >>> ward = gpd.GeoDataFrame({"asb_count": [10.0], "disclosed_for": "partner"},
    ...     geometry=[box(0, 0, 18, 9)], crs=27700)
    >>> audit_totals(cells, ward)[["fewest", "most", "told"]].values.tolist()
    [[4, 4, True], [4, 4, True]]
    """
    require_table(areas, AREAS, argument="areas", only=["theme", "incident_count", "geometry"])
    theme = _theme(areas)
    zones, periods = _several(zones), _several(area_periods)
    tables = [*zones, *([] if clusters is None else [clusters]), *periods, *earlier]
    counted = [name for one in [areas, *tables] if "theme" in one for name in set(one["theme"])]
    sums = sums_of(areas, tables, theme, parts=with_everything(theme_parts, counted))
    questions = _questions(sums)
    try:
        fewest, most, bounded = _answers(sums, questions, closed=True)
    except DataError:  # some cells of many: zones around them can hold anything beyond
        fewest, most, bounded = _answers(sums, questions, closed=False)
    names = areas.index[questions["cell"]]
    found = questions.assign(fewest=fewest, most=most).set_axis(names, axis=0)
    width = found["most"] - found["fewest"]
    found = found.assign(told=width == 0, narrow=width < WIDE, bounded=bounded)
    found = found[found["held"] | (found["narrow"] & (found["fewest"] < FEWEST))]
    kept = ["fewest", "most", "told", "narrow", "bounded"]
    found = found.astype({"fewest": int, "most": int})
    return found[kept if len(sums.times) == 2 else ["start", "end", *kept]]


def _several(tables: pd.DataFrame | Iterable[pd.DataFrame]) -> list[Any]:
    return [tables] if isinstance(tables, pd.DataFrame) else list(tables)


def _theme(areas: gpd.GeoDataFrame) -> str:
    themes = set(areas["theme"])
    require(
        "disclosed_for" in areas.columns and len(themes) == 1,
        f"`areas` must be a disclosed table of one theme; got {len(themes)} themes"
        f"{'' if 'disclosed_for' in areas.columns else ' and exact counts'}.",
        mend=Mend("theme-by-theme"),
    )
    return str(next(iter(themes)))


def _questions(sums: Sums) -> pd.DataFrame:
    """Every cell and stretch of time that may hold fewer than 5, as far as its own counts say."""
    times, shown = sums.times, {(one.start, one.end) for one in sums.own}
    bounds = worked_out(sums.own, times, sums.cells)
    every = len(times) <= MOST_TIMES
    found = []
    for i, start in enumerate(times):
        for j, end in enumerate(times[i + 1 :], i + 1):
            if not (every or (start, end) in shown):
                continue
            low, high = -bounds[:, j, i], bounds[:, i, j]
            held = np.isfinite(high) & (high < FEWEST)
            # Windows that are shown are asked wherever a small count is possible; others only where
            # own counts bound them somehow.
            cell = np.flatnonzero(low < FEWEST if (start, end) in shown else held | (low > 0))
            part = {"cell": cell, "start": start, "end": end, "held": held[cell]}
            found.append(pd.DataFrame(part | {"low": low[cell], "high": high[cell]}))
    return pd.concat(found, ignore_index=True).astype({"held": bool})


def _answers(
    sums: Sums, questions: pd.DataFrame, *, closed: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Fewest and most of each question in possible towns, and whether they are but bounds.

    Alike ones are asked once. Cells that no zone ties to others are known from their own counts.
    """
    variables = variables_of(sums, grouped=False)
    parts = _Joined.of(sums, variables, closed)
    fewest = np.asarray(questions["low"], dtype=float).copy()
    most = np.asarray(questions["high"], dtype=float).copy()
    bounded = np.zeros(len(fewest), dtype=bool)
    if (fewest > most).any():
        raise _impossible()
    # Cells alike over the same days have the same answer.
    like = questions[["start", "end"]].assign(like=alike(sums)[questions["cell"]])
    kind = like.groupby([*like], sort=False, dropna=False).ngroup().to_numpy()
    one_each = pd.Series(np.arange(len(kind))).groupby(kind).first().to_numpy()
    cell = questions["cell"].to_numpy()
    tied = one_each[parts.tied[cell[one_each]]]
    for label in np.unique(parts.of_cell[cell[tied]]):
        asked = tied[parts.of_cell[cell[tied]] == label]
        days = questions[["start", "end"]].iloc[asked].itertuples(index=False)
        goals = [
            variables.of_groups(start, end, sums.theme, cell[[n]])
            for n, (start, end) in zip(asked, days, strict=True)
        ]
        system, sought = parts.system(label), parts.goals(label, goals)
        fewest[asked], most[asked], bounded[asked] = _search(system, sought)
    fewest, most, bounded = (each[one_each][kind] for each in (fewest, most, bounded))
    return fewest, most, bounded


@dataclass(frozen=True)
class _Joined:
    """The system in parts that no sum joins."""

    rows: sparse.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    label: NDArray[np.intp]
    of_cell: NDArray[np.intp]
    tied: NDArray[np.bool_]

    @classmethod
    def of(cls, sums: Sums, variables: Variables, closed: bool) -> _Joined:
        """The parts of a system."""
        from scipy import sparse
        from scipy.sparse.csgraph import connected_components

        every = rows_of(sums, variables, closed=closed)
        rows = sparse.csr_array(sparse.vstack([row for row, _, _ in every]))
        low = np.concatenate([fewest for _, fewest, _ in every])
        high = np.concatenate([most for _, _, most in every])
        says = (low > 0) | np.isfinite(high)
        rows, low, high = rows[says], low[says], high[says]
        whole = sparse.csr_array(sparse.kron(variables.member, np.ones((1, variables.each))))
        # Pieces of a cell belong together though no sum joins them: a question is about whole
        # cells. The last row is the ground outside, which is no cell.
        ties = sparse.csr_array(sparse.vstack([rows, whole[:-1]]))
        joined = sparse.block_array([[None, ties.T], [ties, None]])
        _, labels = connected_components(joined, directed=False)
        label = labels[: rows.shape[1]]
        first = whole.indices[whole.indptr[:-2]]
        zones = every[len(every) - len(sums.of_zones) :]
        tied = np.unique([label[row.indices[0]] for row, _, _ in zones if row.nnz])
        of_cell = label[first]
        # With several parts counts of other themes bound a cell, too, and its own are not all.
        joined_by = np.isin(of_cell, tied) | (len(sums.parts) > 1)
        return cls(rows, low, high, label, of_cell, joined_by)

    def system(self, label: int) -> _System:
        """The sums of one part."""
        columns = np.flatnonzero(self.label == label)
        first = self.rows.indices[self.rows.indptr[:-1]]
        here = self.label[first] == label
        return _System(self.rows[here][:, columns], self.low[here], self.high[here])

    def goals(self, label: int, rows: list[sparse.csr_array]) -> sparse.csr_array:
        """What is asked, as sums of the variables of one part."""
        from scipy import sparse

        columns = np.flatnonzero(self.label == label)
        return sparse.csr_array(sparse.csr_array(sparse.vstack(rows))[:, columns])


@dataclass(frozen=True)
class _System:
    """Sums of whole numbers, with the fewest and the most each can be."""

    rows: sparse.csr_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    def town(self, wish: NDArray[np.float64]) -> Solution:
        """A possible town that holds most of the wish, as far as the search went."""
        limits: dict[str, Any] = {"low": self.low, "most": MOST_INCIDENTS}
        # In parts of incidents the solver is ten times as quick, and they are nearly whole.
        quick = best_values(wish, self.rows, self.high, **limits, whole=False, presolve=False)
        if quick.impossible:
            raise _impossible()
        if quick.values is not None:
            values = self._whole(wish, quick.values)
            if values is not None and wish @ values >= quick.bound - NEARLY * max(1.0, quick.bound):
                return replace(quick, values=values)
        found = best_values(wish, self.rows, self.high, **limits, gap=GAP)
        if found.impossible:
            raise _impossible()
        return found

    def _whole(
        self, wish: NDArray[np.float64], parts: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """A town like one in parts of incidents: pieces near parts of one change."""
        town = np.round(parts)
        broken = np.abs(parts - town) > NEARLY
        if not broken.any():
            return town
        shared = (self.rows @ broken > 0) & (np.diff(self.rows.indptr) <= SHORT)
        free = broken | (shared @ self.rows > 0)
        held = self.rows @ free > 0
        sums, kept = self.rows[held], np.where(free, 0.0, town)
        low, high = self.low[held] - sums @ kept, self.high[held] - sums @ kept
        found = best_values(wish[free], sums[:, free], high, low=low, most=MOST_INCIDENTS)
        if found.values is None:
            return None
        town[free] = found.values
        return town


SHORT = 200
"""Pieces of the sum of a cell; those of a ward are thousands."""
GAP = 1e-4
"""Far less than an incident of a question asked alone."""
MOST_INCIDENTS = 1e6
"""A piece holds fewer."""


def _impossible() -> DataError:
    return DataError(
        "no numbers of incidents fit these tables; got areas, zones or clusters of "
        "different themes, periods or study areas. Give the tables of one product.",
        rule="impossible-totals",
    )


def _search(
    system: _System, goals: sparse.csr_array
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Fewest and most of each question in the towns that were found, until they are wide enough.

    And which of them were not solved.
    Many questions are moved at once as long as that gets on; the others are asked one by one.
    """
    size = goals.shape[0]
    fewest, most = np.full(size, np.inf), np.full(size, -np.inf)
    bounded = np.zeros(size, dtype=bool)
    random, left = np.random.default_rng(0), -1

    def look(wish: NDArray[np.float64]) -> Solution:
        found = system.town(goals.T @ wish)
        if found.values is not None:
            answer = goals @ found.values
            np.minimum(fewest, answer, out=fewest)
            np.maximum(most, answer, out=most)
        return found

    while (narrow := ~(most - fewest >= WIDE)).any() and narrow.sum() != left:
        left = narrow.sum()
        for _ in range(3):
            # As many as possible first, then as few; weights of chance, so that questions that
            # share incidents do not hold one another down in every try.
            wish = np.where(most >= WIDE, -1.0, 1.0) * random.uniform(0.5, 1.0, size)
            look(wish * ~(most - fewest >= WIDE))
    for one in np.flatnonzero(~(most - fewest >= WIDE)):
        for sign in (1.0, -1.0):
            found = look(sign * (np.arange(size) == one))
            if found.proven:
                continue
            bounded[one] = True
            furthest = sign * np.floor(found.bound + NEARLY)
            if np.isfinite(furthest):
                fewest[one], most[one] = min(fewest[one], furthest), max(most[one], furthest)
            else:  # no bound either: taken as open, not as told
                fewest[one], most[one] = 0.0, WIDE
    return fewest, most, bounded
