"""The reckoning as a system of sums: a variable for each piece of ground, stretch and part."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.stats.solver import best_values

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from hotspots.disclosure.reckoning import Sums

# The solver's 3.0000001 is a fewest of 3, not of 4.
NEARLY = 1e-6


@dataclass(frozen=True)
class Variables:
    """Pieces by stretches; cells that are cut alike and show the same are one.

    Attributes
    ----------
    group
        The number of the group of each cell, the ground outside last.
    first
        A cell of each group.
    member
        Groups by parts, one where a part is of a group.
    inside
        Parts by outlines.
    size
        Cells in each group.
    times
        Days between which the stretches lie.
    parts
        Themes of the incidents that each variable of a piece and stretch counts.
    """

    group: NDArray[np.intp]
    first: NDArray[np.intp]
    member: sparse.csr_array
    inside: NDArray[np.bool_]
    size: NDArray[np.float64]
    times: list[pd.Timestamp]
    parts: tuple[tuple[str, ...], ...]

    @property
    def each(self) -> int:
        """How many variables a piece has."""
        return (len(self.times) - 1) * len(self.parts)

    def of_groups(
        self, start: pd.Timestamp, end: pd.Timestamp, theme: str, groups: Any = slice(None)
    ) -> sparse.csr_array:
        """The sum of each group between two days, or of some groups."""
        return self._sums(self.member[groups], start, end, theme)

    def of_outline(
        self, column: int, start: pd.Timestamp, end: pd.Timestamp, theme: str
    ) -> sparse.csr_array:
        """The sum inside an outline between two days."""
        from scipy import sparse

        pieces = sparse.csr_array(self.inside[:, column].astype(float)[None, :])
        return self._sums(pieces, start, end, theme)

    def of_outside(self) -> sparse.csr_array:
        """Each that lies outside the cells."""
        from scipy import sparse

        pieces = self.member[[-1]].indices.astype(np.intp)
        found = np.add.outer(pieces * self.each, np.arange(self.each)).ravel()
        size = self.member.shape[1] * self.each
        ones = (np.ones(len(found)), (np.arange(len(found)), found))
        return sparse.csr_array(ones, shape=(len(found), size))

    def _sums(
        self, pieces: sparse.csr_array, start: pd.Timestamp, end: pd.Timestamp, theme: str
    ) -> sparse.csr_array:
        """Rows of pieces as rows of their variables of a theme between two days.

        A Kronecker product stores zeros, which would tie what has nothing to do with it.
        """
        from scipy import sparse

        days = np.arange(bisect_left(self.times, start), bisect_left(self.times, end))
        within = np.flatnonzero([theme in part for part in self.parts])
        numbers = np.add.outer(days * len(self.parts), within).ravel()
        indices = np.add.outer(pieces.indices.astype(np.intp) * self.each, numbers).ravel()
        rows = (np.ones(len(indices)), indices, pieces.indptr * len(numbers))
        return sparse.csr_array(rows, shape=(pieces.shape[0], pieces.shape[1] * self.each))


def variables_of(
    sums: Sums, *, grouped: bool, more: Iterable[pd.Timestamp] | None = None
) -> Variables:
    """Variables of a system: one for cells that are alike, or one for each."""
    from scipy import sparse

    group = alike(sums) if grouped else np.arange(sums.cells + 1)
    _, first, size = np.unique(group, return_index=True, return_counts=True)
    taken = np.isin(sums.owner, first)
    owner, parts = group[sums.owner[taken]], np.arange(taken.sum())
    member = sparse.csr_array((np.ones(len(parts)), (owner, parts)), shape=(len(size), len(parts)))
    times = sorted({*sums.times, *(more or ())})
    return Variables(
        group, first, member, sums.inside[taken], size.astype(float), times, sums.parts
    )


def rows_of(
    sums: Sums, variables: Variables, *, closed: bool
) -> list[tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]]:
    """Every sum with the fewest and the most it can be.

    ``closed`` says that nothing is counted outside the cells: they cover the study area, and what
    happened beyond is in no zone that reaches out of it.
    """
    rows = []
    if closed:
        outside = variables.of_outside()
        rows.append((outside, *np.zeros((2, outside.shape[0]))))
    for one in sums.of_cells:
        low, high = np.r_[one.low, 0.0], np.r_[one.high, np.inf]
        size, first = variables.size, variables.first
        rows.append(
            (
                variables.of_groups(one.start, one.end, one.theme),
                size * low[first],
                size * high[first],
            )
        )
    for zone in sums.of_zones:
        row = variables.of_outline(zone.column, zone.start, zone.end, zone.theme)
        rows.append((row, np.array([zone.low]), np.array([zone.high])))
    return rows


def alike(sums: Sums) -> NDArray[np.intp]:
    """A number for cells that are cut alike and show the same; the last is the ground outside."""
    shown = np.array([edge for one in sums.of_cells for edge in (one.low, one.high)]).T
    keys: list[list[bytes]] = [[row.tobytes()] for row in shown]
    packed = np.packbits(sums.inside, axis=1)
    of_cells = sums.owner < len(keys)
    for owner, row in zip(sums.owner[of_cells].tolist(), packed[of_cells], strict=True):
        keys[owner].append(row.tobytes())
    whole = pd.Series([b"".join((one[0], *sorted(one[1:]))) for one in keys], dtype=object)
    found = pd.factorize(whole)[0]
    numbers: NDArray[np.intp] = np.r_[found, found.max(initial=-1) + 1]
    return numbers


def fewest_and_most(
    rows: Any, low: NDArray[np.float64], high: NDArray[np.float64], wish: NDArray[np.float64]
) -> tuple[float, float] | None:
    """The ends of a sum of variables that others bound; none where these contradict one another.

    Sums of what is nowhere negative: nobody at all fits where no sum is at least something, and
    what no sum bounds from above can be any number. What lies in a sum of 0 takes no part.
    """
    none = np.asarray((rows[high <= 0] != 0).sum(axis=0) > 0).ravel()
    says = (high > 0) | (low > 0)
    rows, wish, low, high = rows[says][:, ~none], wish[~none], low[says], high[says]
    if not len(wish):
        return None if (low > 0).any() else (0.0, 0.0)
    fewest = _least(rows, low, high, wish) if (low > 0).any() else 0.0
    if fewest is None or not wish.any():
        return None if fewest is None else (0.0, 0.0)
    capped = rows[np.isfinite(high)].sum(axis=0) > 0
    if not capped[wish > 0].all():
        return fewest, np.inf
    most = _least(rows, low, high, -wish)
    return None if most is None else (fewest, -most)


def in_whole_numbers(ends: tuple[float, float]) -> tuple[float, float]:
    """The whole numbers between two ends."""
    return float(np.ceil(ends[0] - NEARLY)), float(np.floor(ends[1] + NEARLY))


def _least(
    rows: Any, low: NDArray[np.float64], high: NDArray[np.float64], wish: NDArray[np.float64]
) -> float | None:
    # Without presolve as quick again.
    answer = best_values(-wish, rows, high, low=low, most=np.inf, whole=False, presolve=False)
    return -answer.bound if answer.proven else None
