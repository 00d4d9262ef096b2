"""An answer as one page to read, print and sign, small figures in it: no script, no request."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.periods import Period, day_words
from hotspots.report.briefing import rendered
from hotspots.report.escape import plain_text
from hotspots.report.files import replacing
from hotspots.report.layers import leave_out_withheld, one_table
from hotspots.report.sheets import harm_line
from hotspots.report.symbology import ROADS
from hotspots.report.text.section_words import INTERVALS, RANGES, cells_of, heading_of, words_of
from hotspots.report.text.words import READERS, capital

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from hotspots.core.record import RunRecord
    from hotspots.report.answer import ReleasedAnswer

MOST_ROWS = 60
ON_PAPER = {
    "active_months": "Months with incidents",
    "area_km2": "Area, km²",
    "largest_event_share": "Largest event's share of harm",
    "most_wins_share": "Most wins, of resamples",
    "walk_m": "Longest line inside, m",
    "wins_per_km2": "First in, per km²",
    "wins_without_finds": "First in, officers' finds left out",
    "wins_when_masked": "First in, night-time set aside",
    "length_m": "Length, m",
    "from_road_m": "From the road, m",
    "count_per_100m": "Incidents per 100 m",
    "count_per_km2": "Incidents per km²",
    "count_per_1000": "Incidents per 1,000 residents",
    "share": "Share of incidents",
    "share_of_count": "Share of all incidents",
}
"""Headings that a sheet has room for."""
MOST_IN_MATRIX = 12
GROUPS = ("theme", "part")
PARTS = {
    "window": "Hours of the week that stand out",
    "day": "Days of the week",
    "month": "Months of the year",
    "event": "Events",
}
IN_SHEETS = {"overlaps_with"}
"""Long words: they stand in the sheet of an area, and in no table."""
QUIET = {"geometry", "kind", "theme", "sign_off", "disclosed_for", "marking", "order", "part"}

WIDTH, EDGE = 140, 6
FARTHEST = 8.0
"""Ratios beyond 8, or under an eighth, are cut, and an arrow says so."""
SKETCH, MARGIN, AROUND = 300, 16, 70
"""Pixels of the square, and around the outline: without streets, and with them."""
BARS_M = (1_000, 500, 200, 100, 50, 20, 10)
FIGURE = re.compile(r"[-+\d.,=%() to]*|withheld|inf")
"""Figures, their intervals and what stands for one kept back."""
OUTLINED = ("Polygon", "MultiPolygon")
LETTER_PX, LINE_PX, MOST_NAMES = 5.6, 13, 9
NAMED = "Street names as the data give them; a file of roads would draw the streets."
BARE = "No road is drawn here; a file of roads, named as backdrop, would draw them."


def write_page(shown: ReleasedAnswer, path: Path) -> Path:
    """Write the answer as one page."""
    html = rendered("answer.html.j2", "answer.css", view_of(shown))
    with replacing(path, ".html") as temporary:
        temporary.write_text(f"{html}\n", encoding="utf-8", newline="\n")
    return path


def view_of(shown: ReleasedAnswer) -> dict[str, Any]:
    """What the page says, as plain values for its template."""
    released, record = one_table(shown.released, None)
    table = leave_out_withheld(released)[0]
    parts = bool(shown.parts) and "order" in table
    asked = _asked(shown, table, record)
    return {
        "title": plain_text(record.title),
        "marking": plain_text(record.marking),
        "heading": shown.heading,
        "facts": _facts(shown, record, asked),
        "words": [] if parts else list(shown.words),
        "tables": [] if parts else list(_tables(table, shown, record)),
        "unit": " ".join(harm_line(record)),
        "matrix": _matrix(shown.matrix, table),
        "sheets": [{"asked": asked} | sheet for sheet in _sheets(table, shown)],
        "limbs": list(_limbs(table, shown)) if parts else [],
        "notes": list(dict.fromkeys(map(plain_text, shown.notes))),
        "sources": [
            (plain_text(one.name), f"{one.read:,}" if not record.for_reader else "", one.sha256)
            for one in record.sources
        ],
        "attributions": [plain_text(one) for one in record.attributions],
    }


def _asked(shown: ReleasedAnswer, table: pd.DataFrame, record: RunRecord) -> str:
    """The one theme it is of, and the period of its areas: areas may be chosen for another."""
    said = [_label(name, record) for name in shown.themes if name in record.themes]
    if len(shown.themes) != 1 or not said:
        return ""
    when = Period.of_areas(table).label if len(table) and "period_from" in table else ""
    return ", ".join(filter(None, [plain_text(said[0]), when]))


def _facts(shown: ReleasedAnswer, record: RunRecord, asked: str) -> list[tuple[str, str]]:
    product = plain_text(record.title) if shown.of_product else ""
    made = day_words(record.made_on) if record.made_on else ""
    told = (("Of", asked), ("Product", product), ("Made on", made))
    return [*((term, text) for term, text in told if text), ("For", READERS[record.audience])]


def _tables(
    table: pd.DataFrame, shown: ReleasedAnswer, record: RunRecord
) -> Iterator[dict[str, Any]]:
    """The table, or one for each theme or part of it; intervals are drawn on one scale."""
    columns = [name for name in _columns(table, shown) if name not in IN_SHEETS]
    drawn = next((one for one in INTERVALS if set(one) <= set(table) and one[0] in columns), None)
    scale = Scale.of(table, drawn) if drawn else None
    by = next((name for name in GROUPS if name in table and table[name].nunique() > 1), None)
    several = [("", table)] if by is None else list(table.groupby(by, sort=False))
    for name, rows in several:
        most = MOST_ROWS if shown.matrix is None else MOST_IN_MATRIX
        first = rows.iloc[:most]
        telling = {one: cells for one in columns if any(cells := cells_of(first, one))}
        yield {
            "label": _label(str(name), record),
            "headings": [_heading(one) for one in telling],
            "numeric": [all(map(FIGURE.fullmatch, cells)) for cells in telling.values()],
            "rows": list(zip(*(map(plain_text, cells) for cells in telling.values()), strict=True)),
            "bars": scale.bars(first) if scale else None,
            "axis": scale.axis() if scale else None,
            "more": max(len(rows) - most, 0),
        }


def _columns(table: pd.DataFrame, shown: ReleasedAnswer) -> list[str]:
    ends = {end for pair in RANGES.values() for end in pair if set(pair) <= set(table)}
    named = [str(name) for name in shown.columns or table.columns if name in table]
    return [name for name in named if name not in ends and name not in QUIET - {"kind"}]


def _heading(name: str) -> str:
    return ON_PAPER.get(name, capital(heading_of(name)))


def _label(name: str, record: RunRecord) -> str:
    status = record.themes.get(name)
    return capital(status.label if status else PARTS.get(name, name))


def _matrix(ranks: pd.DataFrame | None, table: pd.DataFrame) -> dict[str, Any] | None:
    """Rank and count of the first areas in every category; who is first stands out."""
    if ranks is None:
        return None
    held: Any = ranks.reset_index()
    kept = [name for name in table.index if name in set(held["area_id"])]
    categories = list(dict.fromkeys(held["category"]))
    at: Any = {(row["area_id"], row["category"]): row for row in held.to_dict("records")}
    return {
        "categories": [capital(plain_text(one)) for one in categories],
        "rows": [
            (plain_text(table.loc[area, "name"]),
             [_cell(at.get((area, one))) for one in categories])
            for area in kept[:MOST_IN_MATRIX]
        ],
        "more": max(len(kept) - MOST_IN_MATRIX, 0),
    }  # fmt: skip


def _cell(row: dict[str, Any] | None) -> dict[str, Any]:
    if row is None or row["rank"] != row["rank"] or row["rank"] is None:
        return {"rank": "", "between": "", "count": words_of(row and row["count"]), "first": False}
    low, high = words_of(row.get("rank_low")), words_of(row.get("rank_high"))
    return {
        "rank": words_of(row["rank"]),
        "between": f"{low} to {high}" if low and high else "",
        "count": words_of(row["count"]),
        "first": row["rank"] == 1,
    }


def _sheets(table: pd.DataFrame, shown: ReleasedAnswer) -> Iterator[dict[str, Any]]:
    """One sheet for each area: where, how much, how sure, its outline, and room to sign."""
    titles = {"rank", "place_name", "ward_name", "status"}
    told = [name for name in _columns(table, shown) if name not in titles]
    under = _under(shown) if shown.sheets else []
    metric: Any = table
    if under and hasattr(metric, "to_crs"):
        metric = metric.to_crs(BRITISH_NATIONAL_GRID)
    shapes = list(metric.geometry) if hasattr(metric, "geom_type") else [None] * len(table)
    words = {name: cells_of(table, name) for name in [*told, "rank"] if name in table}
    for number, (area, row) in enumerate(table.iterrows()):
        if area not in shown.sheets:
            continue
        facts = [(_heading(one), plain_text(words[one][number])) for one in told]
        yield {
            "rank": words["rank"][number] if "rank" in words else "",
            "name": plain_text(row.get("place_name")) or plain_text(area),
            "ward": plain_text(row.get("ward_name")),
            "status": plain_text(row.get("status")),
            "id": plain_text(area),
            "facts": [fact for fact in facts if fact[1]],
            "outline": sketch_of(shapes[number], under),
        }


def _under(shown: ReleasedAnswer) -> list[Any]:
    """The streets that lie under the areas, in metres."""
    if shown.under is None:
        return []
    from hotspots.report.map.backdrop import backdrop_tables

    return [table for table in backdrop_tables(shown.under) if len(table)]


def _limbs(table: pd.DataFrame, shown: ReleasedAnswer) -> Iterator[dict[str, Any]]:
    """Order by order, limb by limb: what the data say, what they cannot, and room to decide."""
    for name, rows in table.groupby("order", sort=False):
        yield {
            "name": plain_text(name),
            "words": plain_text(shown.parts.get(str(name), "")),
            "limbs": [
                {"name": capital(plain_text(limb))} | {
                    key: plain_text(row[key])
                    for key in ("section", "evidence", "cannot_say", "decision", "status")
                }
                for limb, row in rows.iterrows()
            ],
        }  # fmt: skip


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
