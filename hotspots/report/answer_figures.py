"""Small figures of an answer for inline SVG: intervals on one scale, and the ground of one area."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hotspots.report.escape import plain_text
from hotspots.report.symbology import ROADS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

WIDTH, EDGE = 140, 6
FARTHEST = 8.0
"""Ratios beyond 8, or under an eighth, are cut, and an arrow says so."""
SKETCH, MARGIN, AROUND = 300, 16, 70
"""Pixels of the square, and around the outline: without streets, and with them."""
BARS_M = (1_000, 500, 200, 100, 50, 20, 10)
OUTLINED = ("Polygon", "MultiPolygon")
LETTER_PX, LINE_PX, MOST_NAMES = 5.6, 13, 9
NAMED = "Street names as the data give them; a file of roads would draw the streets."
BARE = "No street is known here; a file of roads would draw them."


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


def sketch_of(shape: Any, under: Sequence[gpd.GeoDataFrame] = ()) -> dict[str, Any] | None:
    """An outline over its streets, with a bar of metres; nothing without a shape in metres.

    Parameters
    ----------
    shape : Polygon or MultiPolygon
        In metres.
    under : sequence of GeoDataFrame
        What :func:`hotspots.report.map.backdrop.backdrop_tables` gives, in the same metres.
    """
    if shape is None or getattr(shape, "is_empty", True) or shape.geom_type not in OUTLINED:
        return None
    frame = _Frame(shape, AROUND if under else MARGIN)
    roads = [road for table in under for road in _roads(table, frame)]
    metres = next((one for one in BARS_M if one * frame.scale <= SKETCH * 0.5), BARS_M[-1])
    names = list(_names(under, frame))
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return {
        "path": "".join(f"{frame.path(ring.coords[:-1])}Z" for ring in rings),
        "roads": roads,
        "names": names,
        "note": "" if roads else (NAMED if names else BARE),
        "bar": round(metres * frame.scale, 1),
        "metres": metres,
        "size": SKETCH,
    }


class _Frame:
    """The square of ground around a shape, and where it lies on the sketch."""

    def __init__(self, shape: Any, margin: int) -> None:
        west, south, east, north = shape.bounds
        self.scale = (SKETCH - 2 * margin) / max(east - west, north - south, 1.0)
        half = SKETCH / self.scale / 2
        x, y = (west + east) / 2, (south + north) / 2
        self.bounds = x - half, y - half, x + half, y + half

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels from the left and from the top."""
        west, _, _, north = self.bounds
        return round((x - west) * self.scale, 1), round((north - y) * self.scale, 1)

    def path(self, corners: Any) -> str:
        """Corners as an SVG path."""
        placed = (self.at(*corner[:2]) for corner in corners)
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)

    def held(self, table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """The rows of a table that come into the square."""
        return table.iloc[np.sort(table.sindex.query(shapely.box(*self.bounds)))]

    def clipped(self, table: gpd.GeoDataFrame) -> Any:
        """Their shapes, cut at its edges."""
        return shapely.clip_by_rect(np.asarray(table.geometry), *self.bounds)


def _roads(table: gpd.GeoDataFrame, frame: _Frame) -> Iterator[tuple[float, str]]:
    """Width and path of each road, the local ones first, so that main roads lie on top."""
    from hotspots.report.map.backdrop import lines_of, road_levels

    held = frame.held(lines_of(table))
    levels = road_levels(held)
    shapes = frame.clipped(held)
    for number in np.argsort(-levels, kind="stable"):
        parts = [part for part in shapely.get_parts(shapes[number]) if len(part.coords) > 1]
        if parts:
            width = ROADS[levels[number]][1] * 1.5
            yield width, "".join(frame.path(part.coords) for part in parts)


def _names(under: Sequence[gpd.GeoDataFrame], frame: _Frame) -> Iterator[tuple[float, float, str]]:
    """As many names as there is room for: of the longest streets first, none on another."""
    taken: list[tuple[float, float, float]] = []
    said: set[str] = set()
    for text, x, y in _candidates(under, frame):
        half = LETTER_PX * len(text) / 2
        x = min(max(x, half + 2), SKETCH - half - 2)
        fits = 2 * half < SKETCH - 4 and LINE_PX < y < SKETCH - 4
        apart = all(abs(x - a) > half + b or abs(y - c) > LINE_PX for a, b, c in taken)
        if text and text not in said and fits and apart and len(taken) < MOST_NAMES:
            taken.append((x, half, y))
            said.add(text)
            yield round(x, 1), y, text


def _candidates(
    under: Sequence[gpd.GeoDataFrame], frame: _Frame
) -> Iterator[tuple[str, float, float]]:
    """Names with the middle of what is seen of a street, then names of points."""
    from hotspots.report.map.backdrop import lines_of, name_column

    for table in under:
        column = name_column(table)
        if column is None:
            continue
        known = table[table[column].notna()]
        held = frame.held(lines_of(known))
        shapes = frame.clipped(held)
        for number in np.argsort(-shapely.length(shapes), kind="stable"):
            parts = shapely.get_parts(shapes[number])
            if len(parts):
                longest = parts[int(np.argmax(shapely.length(parts)))]
                middle = longest.interpolate(0.5, normalized=True)
                x, y = shapely.get_coordinates(middle)[0]
                yield plain_text(held[column].iloc[number]), *frame.at(x, y)
        points = frame.held(known[known.geom_type == "Point"])
        for text, point in zip(points[column], points.geometry, strict=True):
            x, y = shapely.get_coordinates(point)[0]
            yield plain_text(text), *frame.at(x, y)
