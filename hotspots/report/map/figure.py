"""A still figure of one theme with matplotlib, where there is no browser."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.core.errors import InputError, require, require_extra
from hotspots.core.record import ThemeStatus
from hotspots.core.tables import AREAS, ZONES, require_table
from hotspots.disclosure import Release, as_release
from hotspots.report.map.draw_figure import (
    COLUMNS,
    Handle,
    draw_areas,
    draw_places,
    draw_scale,
    draw_zones,
)
from hotspots.report.map.escape import plain_text
from hotspots.report.map.theme_tables import ThemeTables, drawn_cells, top_places
from hotspots.report.text.caveats import caveat_words
from hotspots.report.text.words import capital, harm_words, kind_name

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord

A4_LANDSCAPE_INCHES = (11.69, 8.27)
RIGHT = 0.65


def plot_areas(
    areas: Release | gpd.GeoDataFrame,
    *,
    zones: Sequence[gpd.GeoDataFrame] = (),
    record: RunRecord | None = None,
    by: Literal["count", "harm"] = "count",
    top: int = 5,
) -> Any:
    """Draw the areas of one theme as a still figure, A4 landscape.

    Parameters
    ----------
    areas : Release or GeoDataFrame
        A release of one theme; bare areas and ``zones`` are released for the record's audience.
    zones : sequence of GeoDataFrame
        Zones tables, drawn as outlines, where the areas are bare.
    record : RunRecord, optional
        Where the areas are bare: marking, title, caveats and attributions.
    by : {"count", "harm"}
        What is shaded.
    top : int
        Ranked places that get a number.

    Returns
    -------
    matplotlib.figure.Figure
        Save it with ``figure.savefig("map.pdf")``.

    Raises
    ------
    MissingExtraError
        Where matplotlib is not installed.

    Notes
    -----
    Like any shaded map it draws the eye to large areas, and a short period shades by chance.

    References
    ----------
    Hunter (2007) "Matplotlib: A 2D graphics environment", https://doi.org/10.1109/MCSE.2007.55

    Examples
    --------
    >>> from hotspots.core.record import RunRecord
    >>> record = RunRecord("Town", marking="DEMONSTRATION")
    >>> from shapely.geometry import box
    >>> areas = gpd.GeoDataFrame({"kind": "square-250", "theme": "asb", "incident_count": [3, 0],
    ...     "place_name": "High Street"}, geometry=[box(0, 0, 250, 250)] * 2, crs=27700)
    >>> plot_areas(areas, record=record).get_size_inches().tolist()
    [11.69, 8.27]
    """
    require_extra("matplotlib", "plot", "plot_areas")
    from matplotlib.figure import Figure

    if by not in COLUMNS:
        raise InputError(f'`by` must be "count" or "harm"; got {by!r}.')
    needs = ["kind", "theme", "incident_count", "place_name", "geometry"]
    also = ["harm"] if by == "harm" else []
    released = as_release(areas, record, zones=zones)
    require(len(released.areas) == 1, "`areas` must hold one theme; draw one figure for each.")
    safe, record, safe_zones = released.areas[0], released.record, list(released.zones)
    require_table(safe, AREAS, argument="areas", only=needs, also=also)
    for number, table in enumerate(safe_zones):
        require_table(table, ZONES, argument=f"zones[{number}]")
    theme = ThemeTables(ThemeStatus("", "", "measured"), whole=safe, cells=drawn_cells(safe))
    theme.top = top_places(theme, top)
    figure = Figure(figsize=A4_LANDSCAPE_INCHES, layout=None)
    finding = _wrapped(_finding(theme, record), 118)
    under = 0.89 - 0.0245 * (finding.count("\n") + 1)
    axes = figure.add_axes((0.02, 0.13, 0.61, under - 0.14))
    axes.set_aspect("equal")
    axes.set_axis_off()
    lines = draw_zones(axes, safe_zones)
    handles = draw_areas(axes, safe, by)
    draw_places(axes, theme)
    draw_scale(axes)
    figure.text(0.02, 0.902, finding, fontsize=11.5, va="top")
    y = _write_legend(figure, theme, by, [*handles, *lines], under) - 0.03
    _write_words(figure, theme, record, y)
    return figure


def _finding(theme: ThemeTables, record: RunRecord) -> str:
    """The record's sentence about the theme; the theme alone where there is none."""
    assert theme.whole is not None
    name = str(theme.whole["theme"].iloc[0]) if theme.size else ""
    label = record.themes[name].label if name in record.themes else name.replace("_", " ")
    return record.sentences.get(name) or capital(label)


def _write_words(figure: Any, theme: ThemeTables, record: RunRecord, y: float) -> None:
    """Marking, title, places, caveats and sources around the map."""
    from matplotlib.patches import Rectangle

    for bottom in (0.955, 0.0):
        figure.add_artist(
            Rectangle((0, bottom), 1, 0.045, fc="black", transform=figure.transFigure)
        )
        figure.text(0.5, bottom + 0.022, _plain(record.marking), ha="center", va="center",
                    color="white", fontweight="bold")  # fmt: skip
    figure.text(0.02, 0.925, _plain(record.title), fontsize=17, fontweight="bold", va="center")
    places = [_place_line(theme, place) for place in theme.top]
    y = _write_block(figure, "Places", places, y, least=y - 0.17)
    caveats = [f"• {caveat}" for caveat in caveat_words(record, [theme])]
    _write_block(figure, "What this cannot tell you", caveats, y, least=0.055)
    said = " ".join(text.rstrip(".") + "." for text in record.attributions)
    figure.text(0.02, 0.115, _wrapped(said, 152), fontsize=6, va="top")


def _write_legend(
    figure: Any, theme: ThemeTables, by: str, handles: list[Handle], y: float
) -> float:
    """Classes with the number of areas in each, and lines; return where the next block begins."""
    from matplotlib.lines import Line2D

    assert theme.whole is not None
    kind = str(theme.whole["kind"].iloc[0]) if theme.size else "area"
    unit, units = kind_name(kind)
    dated = {"period_from", "period_until"} <= set(theme.whole.columns)
    when = f", {theme.period}" if dated and theme.period else ""
    rounded = ", rounded to 5" if theme.disclosed and by == "count" else ""
    what = f"{'Incidents' if by == 'count' else 'Harm'} per {unit}{rounded}{when}"
    for line in textwrap.wrap(_plain(what), 44):
        y -= 0.022
        figure.text(RIGHT, y, line, fontsize=10, fontweight="bold")
    for handle in handles:
        y -= 0.0225
        if handle.held is None:
            mark = Line2D([RIGHT, RIGHT + 0.022], [y + 0.006] * 2, color=handle.colour)
            mark.set_linestyle(handle.style)
            mark.set_linewidth(max(handle.width, 1.0))
            figure.add_artist(mark)
            figure.text(RIGHT + 0.03, y, _plain(handle.label), fontsize=8.5)
            continue
        swatch = {"fc": handle.colour, "ec": "#6f777b", "pad": 2}
        figure.text(RIGHT + 0.005, y, "   ", fontsize=7, bbox=swatch)
        count = f"{handle.held:,} {unit if handle.held == 1 else units}"
        figure.text(RIGHT + 0.03, y, f"{handle.label}  ({count})", fontsize=8.5)
    return y


def _place_line(theme: ThemeTables, place: tuple[int, int]) -> str:
    """Rank, name, count and harm side by side, as far as they are known and may be shown."""
    row = theme.place(place)
    ward, name = plain_text(row.get("ward_name")), plain_text(row["place_name"])
    count, harm = row["incident_count"], row.get("harm")
    about = "about " if theme.disclosed else ""
    known = "number withheld" if pd.isna(count) else f"{about}{count:,.0f} incidents"
    weighed = "" if harm is None or pd.isna(harm) else f", harm {harm_words(row)}"
    where = f"{name or 'Unnamed place'}{', ' + ward if ward else ''}"
    return f"{theme.rank(place)}  {where}: {known}{weighed}"


def _write_block(
    figure: Any, heading: str, rows: Sequence[str], y: float, *, least: float
) -> float:
    """A heading and its lines, set as large as the room down to ``least`` allows."""
    if not rows:
        return y
    figure.text(RIGHT, y, heading, fontsize=10, fontweight="bold")
    for size in np.arange(8.0, 3.9, -0.5):
        lines = "\n".join(_wrapped(row, int(66 * 8 / size)) for row in rows)
        height = (lines.count("\n") + 1) * size * 1.3 / 72 / A4_LANDSCAPE_INCHES[1]
        if y - 0.015 - height >= least:
            break
    figure.text(RIGHT, y - 0.015, lines, fontsize=size, va="top", linespacing=1.25)
    return float(y - 0.015 - height - 0.03)


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(_plain(text), width)) or ""


def _plain(text: str) -> str:
    """Text as it is: a dollar sign starts no formula."""
    return plain_text(text).replace("$", r"\$")
