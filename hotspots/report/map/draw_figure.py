"""A still figure with matplotlib: map on the left, words on the right, marking on both edges."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from io import BytesIO
from string import ascii_letters
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from hotspots.core.plain import counted
from hotspots.report.escape import plain_text
from hotspots.report.symbology import (
    BEYOND,
    CORE,
    HALO,
    INK,
    LINES,
    NOTHING,
    ON_PAPER,
    PINS,
    POINTS_PER_PIXEL,
    By,
    Line,
    area_classes,
    class_numbers,
    zone_lines,
)
from hotspots.report.text.decision_words import caveat_words
from hotspots.report.text.headline import ranked_words, sureness, verdict_key
from hotspots.report.text.words import capital, harm_words, kind_label, kind_name, theme_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord
    from hotspots.report.map.theme_tables import ThemeTables

A4_LANDSCAPE_INCHES = (11.69, 8.27)
LEFT, RIGHT, TOP, FOOT = 0.02, 0.65, 0.90, 0.13
POINTS = POINTS_PER_PIXEL * ON_PAPER
"""Of a pixel of the page."""

SEAM_M = 0.5
"""Areas closer than this are joined: rounding leaves hairs between neighbours."""
RADIUS = PINS.radius * POINTS
LETTER = 0.7
"""Width of a bold letter, in its size."""


class StillFigure(Figure):
    """A figure that shows itself as a picture in a notebook; the same figure, the same bytes."""

    def savefig(self, fname: Any, **options: Any) -> None:
        """Save it as :meth:`matplotlib.figure.Figure.savefig` does, without the time of drawing."""
        ending = options.get("format") or str(fname).rpartition(".")[2]
        dated = {"svg": "Date", "pdf": "CreationDate"}.get(str(ending).lower())
        undated = {dated: None} if dated else {}
        options["metadata"] = undated | (options.get("metadata") or {})
        with rc_context({"svg.hashsalt": "hotspots"}):
            super().savefig(fname, **options)

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        self.savefig(picture, format="png")
        return picture.getvalue()


def draw_figure(
    theme: ThemeTables, zones: Sequence[gpd.GeoDataFrame], record: RunRecord, by: By
) -> StillFigure:
    """Map, legend, places and caveats of one theme on one sheet."""
    figure = StillFigure(figsize=A4_LANDSCAPE_INCHES)
    finding = figure.text(
        LEFT, TOP, _wrapped(_finding(theme, record), 118), fontsize=11.5, va="top"
    )
    top = _bottom(finding) - 0.02
    axes = figure.add_axes((LEFT, FOOT, 0.61, top - FOOT), aspect="equal")
    axes.set_axis_off()
    lines = _draw_zones(axes, zones)
    handles = [*_draw_areas(axes, theme, by), *_draw_flags(axes, theme), *lines]
    _draw_places(axes, theme)
    _draw_scale(axes)
    legend = figure.legend(
        handles=handles, title=_wrapped(_shaded(theme, by), 44), loc="upper left",
        bbox_to_anchor=(RIGHT, top), frameon=False, borderpad=0, borderaxespad=0, fontsize=8.5,
        title_fontproperties={"weight": "bold", "size": 10}, alignment="left", labelspacing=0.25,
    )  # fmt: skip
    marked = zip(_marks(theme), theme.top, strict=True)
    places = [_place_line(theme, place, mark) for mark, place in marked]
    if any(sureness(theme, place) for place in theme.top):
        places.append(verdict_key(len(theme.top), ranked_words(theme)))
    caveats = [f"• {caveat}" for caveat in caveat_words(record, [theme])]
    y = _bottom(legend) - 0.03
    y = _write_block(figure, "Places", places, y, least=y - 0.17)
    _write_block(figure, "What this cannot tell you", caveats, y, least=0.055)
    _write_edges(figure, record)
    return figure


def _draw_zones(axes: Any, zones: Sequence[gpd.GeoDataFrame]) -> list[Line2D]:
    """Outlines of every kind of zone; their rows of the legend."""
    lines = zone_lines(zones)
    rows = {}
    for table in zones:
        for kind, part in table.groupby("kind", sort=False):
            look = _look(lines[str(kind)])
            part.boundary.plot(ax=axes, zorder=3, aspect=None, **look)
            rows[kind] = Line2D([], [], label=_plain(kind_label(str(kind))), **look)
    return list(rows.values())


def _look(line: Line) -> dict[str, Any]:
    """A line of the page, as matplotlib wants it."""
    look: dict[str, Any] = {"color": line.color, "linewidth": line.width * POINTS}
    if line.dash:
        look["linestyle"] = (0, tuple(length / line.width for length in line.dash))
    return look


def _draw_areas(axes: Any, theme: ThemeTables, by: By) -> list[Patch]:
    """Shade the classes; their rows of the legend, with how many areas are in each."""
    areas = theme.whole
    assert areas is not None
    classes = area_classes(areas, by)
    number = class_numbers(areas, by, classes)
    units = kind_name(theme.kind)
    shades = [*enumerate(zip(classes.labels, classes.fills, strict=True))][::-1]
    withheld, some = len(classes.bounds), len(shades)
    shades.append((withheld, (classes.missing_label, classes.missing_fill)))
    shades.append((-1, (classes.nothing_label, NOTHING)))
    rows = []
    for position, (wanted, (label, fill)) in enumerate(shades):
        mine = areas[number == wanted]
        if len(mine) and fill != NOTHING:
            edge = fill if wanted == withheld else "white"
            mine.plot(ax=axes, color=fill, edgecolor=edge, linewidth=0.15, aspect=None)
        if len(mine) or position < some or (fill == NOTHING and not theme.disclosed):
            held = f"{label}  ({len(mine):,} {units[len(mine) != 1]})"
            rows.append(Patch(facecolor=fill, edgecolor=LINES["ward"].color, label=held))
    return rows


def _draw_flags(axes: Any, theme: ThemeTables) -> list[Line2D]:
    """Outlines around joined areas that are more than chance, as on the page; their rows."""
    areas, rows = theme.cells, []
    if areas is None or "is_hotspot" not in areas:
        return []
    flagged = areas["is_hotspot"].fillna(False).astype(bool)
    kinds = {BEYOND: (flagged, LINES["flag"])}
    if "is_core" in areas:
        core = flagged & areas["is_core"].fillna(False).astype(bool)
        kinds = {HALO: (flagged & ~core, LINES["halo"]), CORE: (core, LINES["flag"])}
    for label, (mine, line) in kinds.items():
        if mine.any():
            grown = gpd.GeoSeries(areas.geometry[mine]).buffer(SEAM_M).union_all()
            gpd.GeoSeries([grown]).boundary.plot(ax=axes, zorder=4, aspect=None, **_look(line))
            rows.append(Line2D([], [], label=label, **_look(line)))
    return rows


def _draw_places(axes: Any, theme: ThemeTables) -> None:
    """The mark of each listed place on a pin, none of them on another place or pin."""
    axes.figure.draw_without_rendering()
    points = [theme.place(place).geometry.representative_point() for place in theme.top]
    anchors = [axes.transData.transform((at.x, at.y)) * 72 / axes.figure.dpi for at in points]
    taken: list[Any] = []
    for mark, point, anchor in zip(_marks(theme), points, anchors, strict=True):
        half = max(RADIUS, LETTER * PINS.rank_size * POINTS * len(mark) / 2 + 4)
        offset = _free_spot(anchor, [*anchors, *taken], half)
        taken.append(anchor + offset)
        shape = "circle,pad=0.3" if len(mark) == 1 else "round,pad=0.4,rounding_size=0.9"
        axes.annotate(
            mark, (point.x, point.y), xytext=offset, textcoords="offset points", color="white",
            ha="center", va="center", fontweight="bold", fontsize=PINS.rank_size * POINTS,
            bbox={"boxstyle": shape, "fc": INK}, annotation_clip=False, zorder=6,
            arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.9, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def _marks(theme: ThemeTables) -> list[str]:
    """Ranks of the listed places; where several share one a letter tells which: "3=a"."""
    ranks = [theme.rank(place) for place in theme.top]
    return [
        rank + ascii_letters[ranks[:at].count(rank) % len(ascii_letters)] * (ranks.count(rank) > 1)
        for at, rank in enumerate(ranks)
    ]


def _free_spot(anchor: Any, taken: Sequence[Any], half: float) -> NDArray[np.float64]:
    """Offset of a pin at which it touches no place and no other pin."""
    spots = np.array(PINS.spots) * (RADIUS, -RADIUS)
    room = 2 * np.array([half, RADIUS]) + 1
    free = (np.abs(anchor + spots[:, None] - np.array(taken)) >= room).any(axis=2).all(axis=1)
    return spots[int(free.argmax())] if free.any() else np.zeros(2)


def _draw_scale(axes: Any) -> None:
    """A scale bar on a round length, and north."""
    west, east = axes.get_xlim()
    room = (east - west) * 0.22
    power = 10.0 ** np.floor(np.log10(room))
    length = max(step * power for step in (1, 2, 5) if step * power <= room)
    share = length / (east - west)
    words = f"{length / 1000:,.10g} km" if length >= 1000 else f"{length:,.10g} m"
    axes.plot([0.98 - share, 0.98], [0.015, 0.015], transform=axes.transAxes, color=INK,
              linewidth=1.6, clip_on=False, solid_capstyle="butt")  # fmt: skip
    axes.text(0.98 - share / 2, 0.025, words, transform=axes.transAxes, ha="center", fontsize=8)
    axes.annotate(
        "N", (0.97, 0.12), (0.97, 0.075), xycoords="axes fraction", ha="center", fontsize=9,
        fontweight="bold", arrowprops={"arrowstyle": "-|>", "color": INK},
    )  # fmt: skip


def _write_edges(figure: Figure, record: RunRecord) -> None:
    """Marking above and below, title and sources."""
    for bottom in (0.955, 0.0):
        figure.add_artist(Rectangle((0, bottom), 1, 0.045, fc=INK, transform=figure.transFigure))
        figure.text(0.5, bottom + 0.022, _plain(record.marking), ha="center", va="center",
                    color="white", fontweight="bold")  # fmt: skip
    figure.text(LEFT, 0.925, _plain(record.title), fontsize=17, fontweight="bold", va="center")
    said = " ".join(text.rstrip(".") + "." for text in record.attributions)
    figure.text(LEFT, 0.115, _wrapped(said, 152), fontsize=6, va="top")


def _write_block(
    figure: Figure, heading: str, rows: Sequence[str], y: float, *, least: float
) -> float:
    """A heading and its lines, set as large as the room down to ``least`` allows."""
    if not rows:
        return y
    figure.text(RIGHT, y, heading, fontsize=10, fontweight="bold")
    text = figure.text(RIGHT, y - 0.015, "", va="top", linespacing=1.25)
    for size in np.arange(8.0, 3.9, -0.5):
        text.set_fontsize(size)
        for letters in range(int(66 * 8 / size), 40, -4):
            text.set_text("\n".join(_wrapped(row, letters) for row in rows))
            if _right(text) <= 1 - LEFT:
                break
        if _bottom(text) >= least:
            break
    return _bottom(text) - 0.03


def _finding(theme: ThemeTables, record: RunRecord) -> str:
    """The record's sentence about the theme; the theme alone where there is none."""
    assert theme.whole is not None
    name = str(theme.whole["theme"].iloc[0]) if theme.size else ""
    return record.sentences.get(name) or capital(theme_words(name, record.themes))


def _shaded(theme: ThemeTables, by: By) -> str:
    """What is shaded, in which areas and when."""
    assert theme.whole is not None
    unit, _ = kind_name(theme.kind)
    dated = {"period_from", "period_until"} <= set(theme.whole.columns)
    when = f", {theme.period}" if dated and theme.period else ""
    rounded = ", rounded to 5" if theme.disclosed and by == "count" else ""
    return f"{'Incidents' if by == 'count' else 'Harm'} per {unit}{rounded}{when}"


def _place_line(theme: ThemeTables, place: tuple[int, int], mark: str) -> str:
    """Mark, name, count and harm side by side, as far as they are known and may be shown."""
    row = theme.place(place)
    ward, name = plain_text(row.get("ward_name")), plain_text(row["place_name"])
    count, harm = row["incident_count"], row.get("harm")
    about = "about " if theme.disclosed else ""
    known = "number withheld" if pd.isna(count) else about + counted(int(count), "incident")
    weighed = "" if harm is None or pd.isna(harm) else f", harm {harm_words(row)}"
    where = f"{name or 'Unnamed place'}{', ' + ward if ward else ''}"
    sure = sureness(theme, place)
    return f"{mark}  {where}: {known}{weighed}{f' ({sure})' if sure else ''}"


def _bottom(artist: Any) -> float:
    """Where something that was drawn ends, as a share of the height of the sheet."""
    figure = artist.figure
    return float(artist.get_window_extent().y0 / (figure.get_figheight() * figure.dpi))


def _right(artist: Any) -> float:
    """Where it ends on the right, as a share of the width."""
    figure = artist.figure
    return float(artist.get_window_extent().x1 / (figure.get_figwidth() * figure.dpi))


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(_plain(text), width)) or ""


def _plain(text: str) -> str:
    """Text as it is: a dollar sign starts no formula."""
    return plain_text(text).replace("$", r"\$")
