"""The map of a still figure: shaded areas, zones, pins that keep apart, scale and north."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hotspots.report.map.encode import band_breaks, class_breaks
from hotspots.report.map.escape import short_name
from hotspots.report.text.words import class_labels, kind_label

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.report.map.theme_tables import ThemeTables

COLOURS = {
    "count": ("#f6dcae", "#eba866", "#d3663f", "#97304c", "#471246"),
    "harm": ("#d3e6e1", "#8fc1c0", "#468fa5", "#23598a", "#11264f"),
}
WITHHELD = "#d3d8db"
COLUMNS = {"count": "incident_count", "harm": "harm"}
LINES: dict[str, tuple[str, float, Any]] = {
    "district": ("#383f43", 1.4, "-"),
    "ward": ("#6f777b", 0.5, "-"),
    "pspo": ("#1d70b8", 1.3, "--"),
}
OTHER_LINES: tuple[tuple[str, float, Any], ...] = (
    ("#00703c", 1.3, ":"),
    ("#5b2c83", 1.3, "-."),
    ("#8a3ffc", 1.2, "-"),
    ("#7a4300", 1.3, (0, (4, 2))),
    ("#a11d5b", 1.2, (0, (3, 2, 9, 2))),
    ("#00666b", 1.7, (0, (1, 2))),
)
PIN_POINTS, NAME_POINTS = 9.0, 7.5
MOST_LETTERS = 30


@dataclass(frozen=True)
class Handle:
    """One row of the legend: a filled class with its number of areas, or a line."""

    label: str
    colour: str
    held: int | None = None
    width: float = 0.0
    style: Any = "-"


def draw_zones(axes: Any, zones: Sequence[gpd.GeoDataFrame]) -> list[Handle]:
    """Outlines of every kind of zone, in the lines of the page."""
    handles: list[Handle] = []
    others = iter(OTHER_LINES * 9)
    for table in zones:
        for kind, part in table.groupby("kind", sort=False):
            colour, width, style = LINES.get(str(kind)) or next(others)
            part.boundary.plot(
                ax=axes, linewidth=width, color=colour, linestyle=style, zorder=3, aspect=None
            )
            handles.append(Handle(kind_label(str(kind)), colour, width=width, style=style))
    return handles


def draw_areas(axes: Any, areas: gpd.GeoDataFrame, by: Literal["count", "harm"]) -> list[Handle]:
    """Shade the classes; withheld numbers and none at all are classes of their own."""
    value = areas[COLUMNS[by]].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    disclosed = "disclosed_for" in areas
    banded = by == "harm" and disclosed
    bounds = band_breaks(areas.get("harm_low", [])) if banded else class_breaks(value)
    picked = np.linspace(0, len(COLOURS[by]) - 1, max(len(bounds), 1)).round().astype(int)
    colours = [COLOURS[by][number] for number in picked] if len(bounds) > 1 else [COLOURS[by][2]]
    number = np.where(
        value > 0, np.maximum(np.searchsorted(bounds, value, side="right"), 1) - 1, -1
    )
    labels = class_labels(bounds, least=5 if disclosed else 1, bands=banded)
    handles = []
    for position, label in enumerate(labels):
        mine = areas[number == position]
        handles.append(Handle(label, colours[position], len(mine)))
        _shade(axes, mine, colours[position], "white")
    handles.reverse()
    missing = areas[np.isnan(value)] if disclosed else areas.iloc[:0]
    if len(missing):
        _shade(axes, missing, WITHHELD, WITHHELD)
        what = "Fewer than 5, or none" if by == "count" else "Withheld, or none"
        handles.append(Handle(what, WITHHELD, len(missing)))
    nothing = len(areas) - int((number >= 0).sum()) - len(missing)
    if nothing:
        handles.append(Handle("None" if by == "count" else "None weighed", "#ffffff", nothing))
    return handles


def _shade(axes: Any, areas: gpd.GeoDataFrame, colour: str, edge: str) -> None:
    if len(areas):
        areas.plot(ax=axes, color=colour, edgecolor=edge, linewidth=0.15, aspect=None)


def draw_places(axes: Any, theme: ThemeTables) -> None:
    """The rank of each listed place on a pin, its name beside it, none of them on another."""
    from matplotlib.patheffects import withStroke

    axes.figure.draw_without_rendering()
    anchors = [_anchor(axes, theme.place(place)) for place in theme.top]
    taken: list[tuple[float, float, float, float]] = []
    for place, anchor in zip(theme.top, anchors, strict=True):
        rank = theme.rank(place)
        name = short_name(theme.place(place)["place_name"]) or "Unnamed place"
        name = name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1].rstrip() + "…"
        half = max(9.0, 3.4 * len(rank) + 6)
        dx, dy, side = _free_spot(anchor, anchors, half, 4.6 * len(name), taken)
        axes.annotate(
            rank, (0, 0), xycoords=_data(axes, theme.place(place)), xytext=(dx, dy),
            textcoords="offset points", ha="center", va="center", fontsize=PIN_POINTS,
            fontweight="bold", color="white", zorder=6,
            bbox={"boxstyle": "round,pad=0.25,rounding_size=0.8", "fc": "black"},
            arrowprops={"arrowstyle": "-", "color": "black", "lw": 0.9},
        )  # fmt: skip
        axes.annotate(
            name.replace("$", r"\$"), (0, 0), xycoords=_data(axes, theme.place(place)),
            xytext=(dx + side * (half + 3), dy), textcoords="offset points",
            ha="left" if side > 0 else "right", va="center", fontsize=NAME_POINTS,
            fontweight="bold", zorder=7,
            path_effects=[withStroke(linewidth=2.2, foreground="white")],
        )  # fmt: skip


def _data(axes: Any, row: Any) -> Any:
    """The place of a row as the origin of its annotation."""
    from matplotlib.transforms import ScaledTranslation

    at = row.geometry.representative_point()
    return ScaledTranslation(at.x, at.y, axes.transData)


def _anchor(axes: Any, row: Any) -> tuple[float, float]:
    """A place in points of the sheet."""
    at = row.geometry.representative_point()
    x, y = axes.transData.transform((at.x, at.y))
    return float(x) * 72 / axes.figure.dpi, float(y) * 72 / axes.figure.dpi


def _free_spot(
    anchor: tuple[float, float],
    anchors: Sequence[tuple[float, float]],
    half: float,
    letters: float,
    taken: list[tuple[float, float, float, float]],
) -> tuple[float, float, int]:
    """Offset of a pin, and the side of its name, where the two touch nothing."""
    for distance in np.arange(18, 150, 8):
        for turn in range(16):
            angle = -np.pi / 4 + turn * np.pi * 5 / 8
            dx, dy = float(np.cos(angle) * distance), float(np.sin(angle) * distance)
            side = 1 if dx >= 0 else -1
            x, y = anchor[0] + dx, anchor[1] + dy
            ends = sorted((x - side * half, x + side * (half + 5 + letters)))
            box = (ends[0], ends[1], y - 8, y + 8)
            hides = any(
                box[0] < ax < box[1] and box[2] < ay < box[3]
                for ax, ay in anchors
                if (ax, ay) != anchor
            )
            touches = any(
                box[0] < o[1] and o[0] < box[1] and box[2] < o[3] and o[2] < box[3] for o in taken
            )
            if not hides and not touches:
                taken.append(box)
                return dx, dy, side
    return 0.0, 0.0, 1


def draw_scale(axes: Any) -> None:
    """A scale bar on a round length, and north."""
    west, east = axes.get_xlim()
    room = (east - west) * 0.22
    if not np.isfinite(room) or room <= 0:
        return
    power = 10.0 ** np.floor(np.log10(room))
    length = max(step * power for step in (1, 2, 5) if step * power <= room)
    share = length / (east - west)
    words = f"{length / 1000:,.10g} km" if length >= 1000 else f"{length:,.10g} m"
    axes.plot([0.98 - share, 0.98], [0.015, 0.015], transform=axes.transAxes, color="black",
              linewidth=1.6, clip_on=False, solid_capstyle="butt")  # fmt: skip
    axes.text(0.98 - share / 2, 0.025, words, transform=axes.transAxes, ha="center", fontsize=8)
    axes.annotate(
        "N", (0.97, 0.12), (0.97, 0.075), xycoords="axes fraction", ha="center", fontsize=9,
        fontweight="bold", arrowprops={"arrowstyle": "-|>", "color": "black"},
    )  # fmt: skip
