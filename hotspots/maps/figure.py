"""A still figure of one theme with matplotlib, where there is no browser."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.checks import InputError, require, require_extra
from hotspots.columns import AREAS, ZONES, require_table
from hotspots.disclosure import disclose_record, disclose_tables
from hotspots.maps.payload import band_breaks, class_breaks
from hotspots.maps.safe import plain_text, short_name
from hotspots.maps.tables import ThemeTables, drawn_cells, top_places
from hotspots.maps.wording import capital, class_labels, harm_words, kind_name, period_words
from hotspots.record import ThemeStatus

if TYPE_CHECKING:
    from hotspots.record import RunRecord

COLOURS = {
    "count": ("#f6dcae", "#eba866", "#d3663f", "#97304c", "#471246"),
    "harm": ("#d3e6e1", "#8fc1c0", "#468fa5", "#23598a", "#11264f"),
}
COLUMNS = {"count": "incident_count", "harm": "harm"}
A4_LANDSCAPE_INCHES = (11.69, 8.27)
RIGHT = 0.70


def plot_areas(
    areas: gpd.GeoDataFrame,
    *,
    zones: Sequence[gpd.GeoDataFrame] = (),
    record: RunRecord,
    by: Literal["count", "harm"] = "count",
    top: int = 5,
) -> Any:
    """Draw the areas of one theme as a still figure, A4 landscape.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas table of one theme.
    zones : sequence of GeoDataFrame
        Zones tables, drawn as outlines.
    record : RunRecord
        Marking, title, caveats and attributions.
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
    >>> from hotspots.record import RunRecord
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
    require_table(areas, AREAS, argument="areas", only=needs, also=also)
    require(areas["theme"].nunique() < 2, "`areas` must hold one theme; draw one figure for each.")
    for number, table in enumerate(zones):
        require_table(table, ZONES, argument=f"zones[{number}]")
    safe, *safe_zones = disclose_tables([areas, *zones], record)
    record = disclose_record(record)
    figure = Figure(figsize=A4_LANDSCAPE_INCHES, layout=None)
    axes = figure.add_axes((0.02, 0.13, 0.66, 0.72))
    axes.set_aspect("equal")
    axes.set_axis_off()
    _draw_zones(axes, safe_zones)
    handles = _draw_areas(axes, safe, by)
    places = _number_places(axes, safe, top)
    _write_words(figure, safe, record, by, handles, places)
    return figure


def _draw_zones(axes: Any, zones: Sequence[gpd.GeoDataFrame]) -> None:
    for table in zones:
        for kind, part in table.groupby("kind", sort=False):
            width, colour, style = {
                "ward": (0.5, "#6f777b", "-"),
                "district": (1.4, "#383f43", "-"),
                "pspo": (1.3, "#1d70b8", "--"),
            }.get(str(kind), (1.3, "#00703c", ":"))
            part.boundary.plot(
                ax=axes, linewidth=width, color=colour, linestyle=style, zorder=3, aspect=None
            )


def _draw_areas(axes: Any, areas: gpd.GeoDataFrame, by: str) -> list[tuple[str, str, int]]:
    """Shade the classes; return colour, label and number of areas of each."""
    value = areas[COLUMNS[by]].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    banded = by == "harm" and "disclosed_for" in areas
    bounds = band_breaks(areas.get("harm_low", [])) if banded else class_breaks(value)
    picked = np.linspace(0, len(COLOURS[by]) - 1, max(len(bounds), 1)).round().astype(int)
    colours = [COLOURS[by][number] for number in picked] if len(bounds) > 1 else [COLOURS[by][2]]
    number = np.where(
        value > 0, np.maximum(np.searchsorted(bounds, value, side="right"), 1) - 1, -1
    )
    handles = []
    labels = class_labels(bounds, least=5 if "disclosed_for" in areas else 1, bands=banded)
    for position, label in enumerate(labels):
        mine = areas[number == position]
        handles.append((colours[position], label, len(mine)))
        if len(mine):
            mine.plot(
                ax=axes, color=colours[position], edgecolor="white", linewidth=0.15, aspect=None
            )
    return handles[::-1]


def _number_places(axes: Any, areas: gpd.GeoDataFrame, top: int) -> list[str]:
    """Put the rank on each listed place; return the lines of the list."""
    from matplotlib.patheffects import withStroke

    status = ThemeStatus("", "", "measured")
    theme = ThemeTables(status, whole=areas, cells=drawn_cells(areas))
    lines = []
    for number, place in enumerate(top_places(theme, top), start=1):
        row, rank = theme.place(place), theme.rank(place)
        at = row.geometry.representative_point()
        name = plain_text(row["place_name"]) or "Unnamed place"
        side = (-1) ** number
        axes.annotate(
            rank, (at.x, at.y), xytext=(16 * side, 9 + 5 * number),
            textcoords="offset points", ha="center", va="center", fontsize=9, fontweight="bold",
            color="white", zorder=6, bbox={"boxstyle": "round,pad=0.25,rounding_size=0.8",
            "fc": "black"}, arrowprops={"arrowstyle": "-", "color": "black", "lw": 0.9},
        )  # fmt: skip
        axes.annotate(
            _plain(short_name(name)[:30]), (at.x, at.y), xytext=(27 * side, 9 + 5 * number),
            textcoords="offset points", ha="left" if side > 0 else "right", va="center",
            fontsize=7.5, fontweight="bold", zorder=7,
            path_effects=[withStroke(linewidth=2.2, foreground="white")],
        )  # fmt: skip
        ward = plain_text(row.get("ward_name"))
        lines.append(f"{rank}  {name}{', ' + ward if ward else ''}: {_figures(row)}")
    return lines


def _figures(row: pd.Series) -> str:
    """Count and harm side by side, as far as they are known and may be shown."""
    count, harm = row["incident_count"], row.get("harm")
    about = "about " if isinstance(row.get("disclosed_for"), str) else ""
    known = "number withheld" if pd.isna(count) else f"{about}{count:,.0f} incidents"
    return known if harm is None or pd.isna(harm) else f"{known}, harm {harm_words(row)}"


def _write_words(
    figure: Any,
    areas: gpd.GeoDataFrame,
    record: RunRecord,
    by: str,
    handles: list[tuple[str, str, int]],
    places: list[str],
) -> None:
    """Marking, title, finding, legend, places, caveats and sources around the map."""
    for height in (0.975, 0.025):
        figure.text(0.5, height, _plain(record.marking), ha="center", va="center", color="white",
                    fontweight="bold", bbox={"fc": "black", "pad": 3})  # fmt: skip
    theme = str(areas["theme"].iloc[0]) if len(areas) else ""
    label = record.themes[theme].label if theme in record.themes else theme.replace("_", " ")
    figure.text(0.02, 0.935, _plain(record.title), fontsize=17, fontweight="bold", va="center")
    finding = record.sentences.get(theme) or capital(label)
    figure.text(0.02, 0.915, _wrapped(finding, 118), fontsize=11.5, va="top")
    y = _write_legend(figure, areas, by, handles) - 0.045
    y = _write_block(figure, "Places", places, y, least=y - 0.15)
    _write_block(figure, "What this cannot tell you", record.caveats, y, least=0.06)
    sources = _wrapped(" ".join(record.attributions), 165)
    figure.text(0.02, 0.115, sources, fontsize=6, va="top")


def _write_legend(
    figure: Any, areas: gpd.GeoDataFrame, by: str, handles: list[tuple[str, str, int]]
) -> float:
    """Classes with the number of areas in each; return where the next block may begin."""
    unit, units = kind_name(str(areas["kind"].iloc[0])) if len(areas) else ("area", "areas")
    dated = len(areas) > 0 and {"period_from", "period_until"} <= set(areas.columns)
    what = f"{'Incidents' if by == 'count' else 'Harm'} per {unit}"
    if dated:
        what += f", {period_words(areas['period_from'].iloc[0], areas['period_until'].iloc[0])}"
    y = 0.83
    figure.text(RIGHT, y, _plain(what), fontsize=10, fontweight="bold")
    for colour, label, held in handles:
        y -= 0.03
        swatch = {"fc": colour, "ec": "#6f777b", "pad": 2.5}
        figure.text(RIGHT + 0.005, y, "   ", fontsize=8, bbox=swatch)
        words = f"{label}  ({held:,} {unit if held == 1 else units})"
        figure.text(RIGHT + 0.03, y, words, fontsize=9)
    return y


def _write_block(
    figure: Any, heading: str, rows: Sequence[str], y: float, *, least: float
) -> float:
    """A heading and its lines, set as large as the room down to ``least`` allows."""
    if not rows:
        return y
    figure.text(RIGHT, y, heading, fontsize=10, fontweight="bold")
    for size in np.arange(8.0, 3.9, -0.5):
        lines = "\n".join(_wrapped(row, int(52 * 8 / size)) for row in rows)
        height = (lines.count("\n") + 1) * size * 1.3 / 72 / A4_LANDSCAPE_INCHES[1]
        if y - 0.015 - height >= least:
            break
    figure.text(RIGHT, y - 0.015, lines, fontsize=size, va="top", linespacing=1.25)
    return float(y - 0.015 - height - 0.045)


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(_plain(text), width)) or ""


def _plain(text: str) -> str:
    """Text as it is: a dollar sign starts no formula."""
    return plain_text(text).replace("$", r"\$")
