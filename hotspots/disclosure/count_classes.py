"""The classes counts are shown in, and which of them are merged where a reader knows too much.

Counts are shown in classes: under 5 (missing), 5 to 7 (as 5), 8 to 12 (as 10) and so on. Where
something else that the reader has leaves only a part of a class possible, that class is merged with
its neighbour. Which ones are merged follows from what the reader has and never from the count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.disclosure.rules import (
    BASE,
    FEWEST,
    HALF_BASE,
    MAYBE_FEWER,
    MAYBE_MORE,
    MAYBE_OFF,
    SMALL,
    rounded,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

OPEN_VALUES = 3
"""A count that may be under 5 is open while at least this many values are possible."""
OFF = BASE - 1 - HALF_BASE
"""What merging two classes adds to the distance of a count from the number it is shown as."""


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
class Shown:
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

    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fewest and most that a reader takes from each count as it is shown."""
        low, high = class_of(np.asarray(self.counts.fillna(0.0)))
        low = np.where(self.fewer, np.maximum(low - OFF, FEWEST), low)
        high = high + OFF * self.more
        return np.where(self.held, 0.0, low), np.where(self.held, np.inf, high)


def shown(exact: pd.Series, cut: Cut) -> Shown:
    """Each count by its class, cut classes merged with their neighbour inside.

    Where too few classes are left for that, the area is withheld.
    """
    lowest, highest = cut.lowest, cut.highest
    held = cut.held | (lowest == 0) | (highest == BASE) | (highest - lowest <= 2 * BASE)
    plain = np.asarray(class_name(exact))
    fewer = ~held & ((plain == lowest) | (plain == lowest + BASE))
    more = ~held & ((plain == highest) | (plain == highest - BASE))
    merged = np.where(fewer, lowest + BASE, np.where(more, highest - BASE, plain))
    counts = pd.Series(merged, index=exact.index).mask(held | (plain == 0))
    return Shown(counts, fewer, more, held)


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


def bounds_of_shown(table: pd.DataFrame, count: str) -> tuple[pd.Series, pd.Series]:
    """Fewest and most of the counts of a disclosed table, from what is shown and said."""
    counts = table[count].astype(float)
    said = table["disclosure"] if "disclosure" in table.columns else ""
    fewer = OFF * ((said == MAYBE_OFF) | (said == MAYBE_FEWER))
    more = OFF * ((said == MAYBE_OFF) | (said == MAYBE_MORE))
    low = (counts - HALF_BASE - fewer).clip(lower=FEWEST).fillna(0.0)
    high = (counts + HALF_BASE + more).fillna(np.inf)
    return low, high.mask(counts.isna() & (said == SMALL), FEWEST - 1.0)
