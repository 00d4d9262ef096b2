"""Small figures of an answer as numbers for inline SVG: intervals on one scale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

WIDTH, EDGE = 140, 6
FARTHEST = 8.0
"""Ratios beyond 8, or under an eighth, are cut, and an arrow says so."""


@dataclass(frozen=True)
class Scale:
    """A logarithmic scale of ratios: twice as many is as far from 1 as half as many."""

    columns: tuple[str, str, str]
    most: float

    @classmethod
    def of(cls, table: pd.DataFrame, columns: tuple[str, str, str]) -> Scale:
        """A scale on which every interval of a table fits, as far as the farthest."""
        ends = [float(end) for name in columns[1:] for end in table[name].dropna()]
        logs = [abs(math.log(end)) for end in ends if 0 < end < math.inf]
        most = math.exp(max(logs, default=0.0)) * 1.05
        return cls(columns, min(max(most, 2.0), FARTHEST))

    def at(self, ratio: float) -> float:
        """Where a ratio stands, in pixels from the left."""
        share = math.log(ratio) / math.log(self.most) if ratio > 0 else -1.0
        inside = WIDTH / 2 - EDGE
        return round(WIDTH / 2 + inside * min(max(share, -1.0), 1.0), 1)

    def bars(self, table: pd.DataFrame) -> list[dict[str, Any] | None]:
        """The interval of each row; none where it is missing."""
        rows = zip(*(table[name] for name in self.columns), strict=True)
        return [self._bar(*row) for row in rows]

    def _bar(self, ratio: Any, low: Any, high: Any) -> dict[str, Any] | None:
        if any(one is None or one != one for one in (ratio, low, high)):
            return None
        return {
            "at": self.at(ratio), "low": self.at(low), "high": self.at(high),
            "under": low < 1 / self.most, "over": high > self.most,
            "apart": low > 1 or high < 1,
            "says": f"{ratio:.2f}, {low:.2f} to {high:.2f}",
        }  # fmt: skip

    def axis(self) -> list[tuple[float, str]]:
        """Ticks: halves and doubles; fractions leave room between the words of neighbours."""
        doubles = [one for one in (2, 4, 8) if one <= self.most]
        halves = [(self.at(1 / one), f"1/{one}") for one in reversed(doubles)]
        return [*halves, (self.at(1), "1"), *((self.at(one), str(one)) for one in doubles)]
