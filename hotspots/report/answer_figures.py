"""Small figures of an answer as numbers for inline SVG: intervals on one scale, and outlines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

WIDTH, EDGE = 140, 6
FARTHEST = 8.0
"""Ratios beyond 8, or under an eighth, are cut, and an arrow says so."""
SKETCH, MARGIN = 220, 12
BARS_M = (1_000, 500, 200, 100, 50, 20, 10)


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


def outline_of(shape: Any) -> dict[str, Any] | None:
    """An outline, north up, with a bar of metres; nothing without a shape in metres."""
    if shape is None or getattr(shape, "is_empty", True) or shape.geom_type not in OUTLINED:
        return None
    west, south, east, north = shape.bounds
    scale = (SKETCH - 2 * MARGIN) / max(east - west, north - south, 1.0)
    left = (SKETCH - (east - west) * scale) / 2
    top = (SKETCH - (north - south) * scale) / 2
    parts = getattr(shape, "geoms", [shape])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    paths = (
        "M" + "L".join(
            f"{left + (x - west) * scale:.1f} {top + (north - y) * scale:.1f}"
            for x, y, *_ in ring.coords[:-1]
        ) + "Z"
        for ring in rings
    )  # fmt: skip
    metres = next((one for one in BARS_M if one * scale <= SKETCH * 0.5), BARS_M[-1])
    return {"path": "".join(paths), "bar": round(metres * scale, 1), "metres": metres,
            "size": SKETCH}  # fmt: skip


OUTLINED = ("Polygon", "MultiPolygon")
