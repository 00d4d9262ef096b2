"""The classes counts are shown in, and which of them are merged where a reader knows too much.

Counts are shown in classes: under 5 (missing), 5 to 7 (as 5), 8 to 12 (as 10) and so on. Where
something else that the reader has leaves only a part of a class possible, that class is merged with
its neighbour. Which ones are merged follows from what the reader has and never from the count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.errors import InputError, listing
from hotspots.core.states import Shown
from hotspots.disclosure.rules import BASE, FEWEST, HALF_BASE, rounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPEN_VALUES = 3
"""A count that may be under 5 is open while at least this many values are possible."""
OFF = BASE - 1 - HALF_BASE
"""What merging two classes adds to the distance of a count from the number it is shown as."""
CODES = [str(one) for one in Shown]


@dataclass(frozen=True)
class Cut:
    """Classes a reader knows a part of: the lowest possible, the highest; and areas to withhold.

    Classes go by the number they are shown as, 0 where that is none; missing where none is cut.
    """

    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    held: NDArray[np.bool_]

    @classmethod
    def nowhere(cls, size: int) -> Cut:
        """Nothing is known."""
        return cls(np.full(size, np.nan), np.full(size, np.nan), np.zeros(size, dtype=bool))

    @classmethod
    def at_ends(
        cls, fewest: NDArray[np.float64], most: NDArray[np.float64], *, whole: bool = False
    ) -> Cut:
        """The classes of both ends where fewer than three of their counts are possible.

        Or, of ``whole`` ones, not all.
        """

        def cut(end: NDArray[np.float64]) -> NDArray[np.float64]:
            low, high = class_of(end)
            left = np.minimum(high, most) - np.maximum(low, fewest) + 1
            # Where both ends are one the reader knows the count already: showing it tells nothing.
            open_to = high - low + 1 if whole else OPEN_VALUES
            tells = (left < open_to) & (most > fewest) & np.isfinite(end)
            return np.where(tells, class_name(end), np.nan)

        return cls(cut(fewest), cut(most), np.zeros(len(fewest), dtype=bool))

    def without_merging(self) -> Cut:
        """Areas with a cut class are withheld instead."""
        cut = np.isfinite(self.lowest) | np.isfinite(self.highest)
        return replace(Cut.nowhere(len(cut)), held=self.held | cut)

    def and_also(self, other: Cut) -> Cut:
        """Both; where they would cut different classes at one end, the area is withheld."""
        apart = [
            np.isfinite(one) & np.isfinite(two) & (one != two)
            for one, two in ((self.lowest, other.lowest), (self.highest, other.highest))
        ]
        return Cut(
            np.where(np.isfinite(self.lowest), self.lowest, other.lowest),
            np.where(np.isfinite(self.highest), self.highest, other.highest),
            self.held | other.held | apart[0] | apart[1],
        )


@dataclass(frozen=True)
class Seen:
    """Counts as they are shown, and where something other than rounding was done."""

    counts: pd.Series
    fewer: NDArray[np.bool_]
    """Shown up to 4 too high."""
    more: NDArray[np.bool_]
    """Shown up to 4 too low."""
    held: NDArray[np.bool_]
    """Withheld whatever the count."""
    gone: NDArray[np.bool_] | None = None
    """Clusters that would tell by being there."""

    def codes(self, several: bool = False) -> NDArray[np.object_]:
        """What was done to each count, withheld ones included."""
        up, down = (Shown.MERGED, Shown.MERGED) if several else (Shown.MERGED_UP, Shown.MERGED_DOWN)
        codes = np.where(self.counts.isna(), Shown.SMALL, Shown.ROUNDED).astype(object)
        codes[self.fewer], codes[self.more], codes[self.held] = up, down, Shown.LINKED
        return codes.astype(str).astype(object)

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fewest and most that a reader takes from each count as it is shown."""
        low, high = class_of(np.asarray(self.counts.fillna(0.0)))
        low = np.where(self.fewer, np.maximum(low - OFF, FEWEST), low)
        high = high + OFF * self.more
        return np.where(self.held, 0.0, low), np.where(self.held, np.inf, high)


def shown(exact: pd.Series, cut: Cut) -> Seen:
    """Each count by its class, cut classes merged with their neighbour inside.

    Where too few classes are left for that, the area is withheld.
    """
    lowest, highest = cut.lowest, cut.highest
    # A class can be merged inwards only if its neighbour has a number, and the two ends need two
    # classes each: of 5, 10 and 15 both would be shown as 10. Missing ends compare as false.
    held = cut.held | (lowest == 0) | (highest == BASE) | (highest - lowest <= 2 * BASE)
    plain = class_name(np.asarray(exact, dtype=float))
    fewer = ~held & ((plain == lowest) | (plain == lowest + BASE))
    more = ~held & ((plain == highest) | (plain == highest - BASE))
    merged = np.where(fewer, lowest + BASE, np.where(more, highest - BASE, plain))
    counts = pd.Series(merged, index=exact.index).mask(held | (plain == 0))
    return Seen(counts, fewer, more, held)


def class_name(count: Any) -> Any:
    """The number a count is shown as; 0 where it is withheld."""
    return np.where(count >= FEWEST, rounded(count), 0.0)


def class_of(count: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fewest and most of the counts that are shown the way this one is; all where it is open."""
    name = class_name(count)
    low = np.where(name == 0, 0.0, np.maximum(FEWEST, name - HALF_BASE))
    high = np.where(name == 0, FEWEST - 1.0, name + HALF_BASE)
    unknown = ~np.isfinite(count)
    return np.where(unknown, 0.0, low), np.where(unknown, np.inf, high)


def bounds_of(table: pd.DataFrame, count: str) -> tuple[pd.Series, pd.Series]:
    """Fewest and most by what a table shows; a table that is not released shows exact counts."""
    if "disclosed_for" in table.columns:
        return bounds_of_shown(table, count)
    exact = table[count].astype(float)
    return exact.fillna(0.0), exact.fillna(np.inf)


def bounds_of_shown(table: pd.DataFrame, count: str) -> tuple[pd.Series, pd.Series]:
    """Fewest and most of the counts of a released table, from the numbers and their codes."""
    counts, codes = np.asarray(table[count], dtype=float), _codes_of(table)
    there = np.isfinite(counts)

    def coded(*wanted: Shown) -> NDArray[np.bool_]:
        return np.isin(codes, [CODES.index(one) for one in wanted])

    fewer = OFF * coded(Shown.MERGED, Shown.MERGED_UP)
    more = OFF * coded(Shown.MERGED, Shown.MERGED_DOWN)
    low = np.where(there, np.maximum(counts - HALF_BASE - fewer, FEWEST), 0.0)
    high = np.where(there, counts + HALF_BASE + more, np.inf)
    exact = there & coded(Shown.EXACT)
    low, high = np.where(exact, counts, low), np.where(exact, counts, high)
    high = np.where(~there & coded(Shown.SMALL), FEWEST - 1.0, high)
    return pd.Series(low, index=table.index), pd.Series(high, index=table.index)


def _codes_of(table: pd.DataFrame) -> NDArray[np.intp]:
    """Which code each row has; rounded where a table has none, which tells a reader most."""
    if "shown" not in table.columns:
        return np.full(len(table), CODES.index(Shown.ROUNDED))
    told = np.asarray(table["shown"], dtype=object)
    codes = pd.Index(CODES, dtype=object).get_indexer(pd.Index(told, dtype=object))
    if (codes < 0).any():
        unknown = {one for one in told[codes < 0] if not pd.isna(one)}
        raise InputError(
            f"`shown` must be one of {listing(CODES)} in every row; got "
            f"{listing(unknown or {'nothing'})}. Give tables as the library made or wrote them."
        )
    return codes


def with_bounds(safe: pd.DataFrame, counts: Iterable[str]) -> None:
    """Add what a reader may conclude of each count: whole numbers, missing where it is open."""
    for count in counts:
        stem = "" if count == "incident_count" else f"{count.removesuffix('_count')}_"
        for end, edge in zip(("low", "high"), bounds_of_shown(safe, count), strict=True):
            whole = edge.where(np.isfinite(edge)).astype("Int64")
            safe[f"{stem}shown_{end}"] = whole
