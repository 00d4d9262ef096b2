"""How areas and zones look, declared once: classes, colours, lines and pins of every picture.

Page, still figure, style for QGIS and workbook take all of it from here, so that two pictures of
one table agree. Lengths are pixels of a screen; a sheet of paper takes ``ON_PAPER`` of them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from hotspots.core.totals import as_floats
from hotspots.report.text.words import class_labels

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

By: TypeAlias = Literal["count", "harm"]
COLUMNS: dict[By, str] = {"count": "incident_count", "harm": "harm"}

INK, WATER, ROAD, CHOSEN = "#0b0c0c", "#e8ecee", "#c3c9cc", "#ffdd00"
ROADS = ((0, 2.6), (10, 1.6), (11.5, 1.1), (13, 0.8))
"""From which zoom a road is drawn and how wide, main roads first."""
PALETTES: dict[By, tuple[str, ...]] = {
    "count": ("#fbf0db", "#f0c88f", "#d9733f", "#97304c", "#471246"),
    "harm": ("#d3e6e1", "#8fc1c0", "#468fa5", "#23598a", "#11264f"),
}
"""Fills of the classes, light to dark in even steps: they keep their order in grey."""

BEYOND = "More than chance"
EVIDENCE = {"Could be chance": "#cfd4d6", BEYOND: "#97304c"}
HALO, CORE = "More than chance with its neighbours", "More than chance by itself"
NOTHING = "#ffffff"
UNTESTED = "#8494a1"
"""Told from what could be chance beside it."""
UNKNOWN, WITHHELD = "#b9c0c4", "#d3d8db"
"""A missing number among known ones; and where most are withheld: paler, so that numbers show."""

BARS = {column: PALETTES[by][1] for by, column in COLUMNS.items()}
"""Bars behind the numbers of a worksheet."""

CLASS_QUANTILES = (0.0, 0.6, 0.85, 0.95, 0.99)
LEAST_ROUNDED = 5
ON_PAPER = 0.8
POINTS_PER_PIXEL, MILLIMETRES_PER_PIXEL = 72 / 96, 25.4 / 96


@dataclass(frozen=True)
class Line:
    """How an outline is drawn; ``dash`` is line and gap in turn, nothing for a whole line."""

    color: str
    width: float
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class ChangeStyle:
    """How a class of change is drawn: warm and plain for more, blue and hatched for fewer."""

    fill: str
    hatch: str | None = None
    edge: str | None = None
    dot: str | None = None


@dataclass(frozen=True)
class Pins:
    """How ranks and names of places are drawn, and where a pin is tried, nearest first.

    ``spots`` are offsets from the place in radii of a pin.
    """

    radius: float
    rank_size: float
    name_size: float
    most_letters: int
    spots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Classes:
    """Classes of one number of one table: lower bounds, with a fill and a label each."""

    bounds: tuple[float, ...]
    fills: tuple[str, ...]
    labels: tuple[str, ...]
    missing_fill: str
    missing_label: str
    nothing_label: str


LINES = {
    "district": Line("#383f43", 2.2),
    "ward": Line("#6f777b", 0.9),
    "priority": Line("#003078", 2.4),
    "pspo": Line("#1d70b8", 2.4, (9, 5)),
    "cluster": Line(INK, 2.2),
    "chance": Line(INK, 1.3, (3, 3)),
    "flag": Line("#c2185b", 2.6),
    "halo": Line("#c2185b", 1.6, (5, 3)),
}
OPACITY = 0.7
"""Of the shades where streets or tiles lie under them."""
PAST_DASH = (1.5, 3.5)
"""Outline of an order that was not in force, or not to the end."""
WEEK = ("#f1f2f3", "#c3cbd1", "#8b98a2", "#566470", "#1f2a33")
"""Hours of a week, none first: grey, so that no square is taken for a class of the map."""
PAST, EXPECTED = "#b9bfc3", "#e9ecee"
"""Bars of earlier months, and what was to be expected of them."""
OTHER_LINES = (
    Line("#00703c", 2.4, (2, 4)),
    Line("#5b2c83", 2.4, (8, 3, 2, 3)),
    Line("#8a3ffc", 2.2),
    Line("#7a4300", 2.4, (5, 3)),
    Line("#a11d5b", 2.2, (3, 2, 9, 2)),
    Line("#00666b", 3.2, (1.5, 2.5)),
)
CHANGES = (
    ChangeStyle("#7f2704"),
    ChangeStyle("#f7d3ae"),
    ChangeStyle(NOTHING, edge="#8a9196", dot="#8a9196"),
    ChangeStyle("#e4edf7", hatch="#a9c3df"),
    ChangeStyle("#0b3c78", hatch="#dbe8f6"),
    ChangeStyle(WITHHELD),
)
"""In the order of the legend of the change; grey paper keeps more and fewer apart."""


@dataclass(frozen=True)
class PointMark:
    """How a point is drawn: an outline of about 1 in all directions, filled, and lines in it."""

    label: str
    fill: str
    radius: float
    path: str
    inner: str = ""


MARKS = {
    "packs": PointMark("Trauma packs", "#00703c", 6, "M-1-1H1V1H-1Z", "M-.65 0H.65M0-.65V.65"),
    "away": PointMark("Premises out of reach", "#d4351c", 7.5, "M0-1L1 0L0 1L-1 0Z"),
}
"""Trauma packs, and premises out of reach of all of them: other shapes, so that grey tells them."""


def _spots() -> tuple[tuple[float, float], ...]:
    """Rings around a place, and on each ring places far from the last one tried."""
    return tuple(
        (round(math.cos(angle) * distance, 6), round(math.sin(angle) * distance, 6))
        for distance in np.arange(2.3, 9, 0.9)
        for angle in (-math.pi / 4 + turn * math.pi * 5 / 8 for turn in range(16))
    )


PINS = Pins(radius=11.5, rank_size=13, name_size=12, most_letters=30, spots=_spots())


def area_classes(
    areas: gpd.GeoDataFrame,
    by: By,
    *,
    periods: pd.DataFrame | None = None,
    then: pd.DataFrame | None = None,
) -> Classes:
    """The classes of an areas table, the same in every picture of it.

    ``periods`` are counts per ``area_id`` and ``period`` that are shown beside it, so that a colour
    keeps its meaning from one month to the next; ``then`` are the same areas at an earlier time.

    Notes
    -----
    Classes can make small differences near a bound look large: the numbers stand beside the map.

    Examples
    --------
    >>> area_classes(pd.DataFrame({"incident_count": [1] * 60 + [2] * 20 + [9]}), "count").labels
    ('1', '2', '3 to 4', '5 or more')
    """
    disclosed = "disclosed_for" in areas
    bands = disclosed and by == "harm"
    bounds = (
        band_breaks(areas.get("harm_low", []))
        if bands
        else class_breaks(np.concatenate(_all_values(areas, COLUMNS[by], periods, then)))
    )
    least = LEAST_ROUNDED if disclosed else 1
    rounded = "Fewer than 5, or none" if by == "count" else "Withheld, or none"
    return Classes(
        bounds=tuple(bounds),
        fills=_spread(PALETTES[by], len(bounds)),
        labels=tuple(class_labels(bounds, least=least, bands=bands)),
        missing_fill=WITHHELD if disclosed else UNKNOWN,
        missing_label=rounded if disclosed else "Withheld: small numbers",
        nothing_label="None" if by == "count" else "None weighed",
    )


def flag_fills(*, cores: bool) -> dict[str, str]:
    """Fills of the classes of significance by label; with cores apart where these are known."""
    if not cores:
        return EVIDENCE
    chance, beyond = EVIDENCE
    return {chance: EVIDENCE[chance], HALO: "#dca0ac", CORE: EVIDENCE[beyond]}


def class_numbers(areas: gpd.GeoDataFrame, by: By, classes: Classes) -> NDArray[np.intp]:
    """Which class each area is in; the number after the last one where it is withheld, else -1."""
    value, count = (as_floats(areas[COLUMNS[name]]) for name in (by, "count"))
    weighed = bool(np.isfinite(value).any())
    missing = np.isnan(value) & (("disclosed_for" in areas) | (weighed & (count != 0)))
    if by == "count":
        missing = np.isnan(value)
    number = np.maximum(np.searchsorted(classes.bounds, value, side="right"), 1) - 1
    return np.where(missing, len(classes.bounds), np.where(value > 0, number, -1)).astype(np.intp)


def zone_lines(zones: Iterable[pd.DataFrame]) -> dict[str, Line]:
    """A line for each kind of zone: known kinds have their own, the others one after another.

    Kinds of one table go by the alphabet, so that neither the order of its rows nor a layer for
    each kind changes a line.

    Examples
    --------
    >>> zone_lines([pd.DataFrame({"kind": ["ward", "school", "park"]})])["school"].color
    '#5b2c83'
    """
    kinds = [kind for table in zones for kind in sorted(table["kind"].astype(str).unique())]
    others = itertools.cycle(OTHER_LINES)
    return {kind: LINES.get(kind) or next(others) for kind in dict.fromkeys(kinds)}


def page_symbology() -> dict[str, Any]:
    """What the page's script needs beside the classes and lines of its tables, as JSON values."""
    return {
        "ink": INK,
        "water": WATER,
        "road": ROAD,
        "roads": [{"zoom": zoom, "width": width} for zoom, width in ROADS],
        "chosen": CHOSEN,
        "nothing": NOTHING,
        "name": LINES["district"].color,
        "edge": LINES["ward"].color,
        "priority": asdict(LINES["priority"]),
        **{name: asdict(LINES[name]) for name in ("cluster", "chance", "flag", "halo")},
        "opacity": OPACITY,
        "past_dash": PAST_DASH,
        "bar": PALETTES["count"][3],
        "past": PAST,
        "expected": EXPECTED,
        "week": WEEK,
        "change": [asdict(style) for style in CHANGES],
        "pins": asdict(PINS),
    }


def class_breaks(values: Any) -> list[float]:
    """Lower bounds of up to five classes, on round numbers, for a skewed positive quantity.

    Parameters
    ----------
    values : array-like
        Values of every period that will be shown, so that the classes stay the same.

    Notes
    -----
    The bounds sit near the 0, 60, 85, 95 and 99% points of the positive values.

    Examples
    --------
    >>> class_breaks([1] * 60 + [2] * 20 + [4] * 10 + [8] * 6 + [30] * 4)
    [1.0, 2.0, 5.0, 10.0, 30.0]
    """
    column = np.asarray(values, dtype=float)
    positive = column[np.isfinite(column) & (column > 0)]
    if len(positive) == 0:
        return []
    bounds: list[float] = []
    for point in np.quantile(positive, CLASS_QUANTILES):
        bound = _round_number(float(point))
        while bounds and bound <= bounds[-1]:
            bound = _next_round_number(bounds[-1])
        bounds.append(bound)
    top = float(positive.max())
    # Rounding may lift a bound above the largest number: that class would be empty in every
    # picture.
    return [bound for bound in bounds if bound <= top] or [_round_down(top)]


def band_breaks(lows: Any) -> list[float]:
    """Lower bounds of up to five classes that cut through no band.

    Parameters
    ----------
    lows : array-like
        Lower edges of the bands that are shown; missing where none is.

    Examples
    --------
    >>> band_breaks([200, 500, 200, None, 1000])
    [200.0, 500.0, 1000.0]
    >>> band_breaks([10, 20, 50, 100, 200, 500, 1000])
    [10.0, 50.0, 100.0, 200.0, 1000.0]
    """
    column = pd.to_numeric(pd.Series(lows), errors="coerce").dropna()
    edges = np.unique(column.to_numpy(dtype=float))
    most = min(len(edges), len(CLASS_QUANTILES))
    picked = np.linspace(0, len(edges) - 1, most).round().astype(int)
    return [float(edges[number]) for number in picked]


def _all_values(
    areas: gpd.GeoDataFrame,
    column: str,
    periods: pd.DataFrame | None,
    then: pd.DataFrame | None,
) -> list[NDArray[np.float64]]:
    """The numbers of every time that is shown, each area once a time."""
    values = [as_floats(areas[column])]
    if periods is not None and column in periods:
        flat = periods if "area_id" in periods else periods.reset_index()
        flat = pd.DataFrame(flat[["area_id", "period", column]])
        mine = flat[flat["area_id"].astype(str).isin(areas.index.astype(str))]
        if mine.duplicated(["area_id", "period"]).any():
            mine = mine.groupby(["area_id", "period"]).sum(min_count=1)
        values.append(np.round(as_floats(mine[column]), 1))
    if then is not None and column in then:
        values.append(as_floats(then[column]))
    return values


def _spread(palette: tuple[str, ...], size: int) -> tuple[str, ...]:
    """So many colours of a palette, from its lightest to its darkest; the middle one alone."""
    if size < 2:
        return palette[2 : 2 + size]
    step = (len(palette) - 1) / (size - 1)
    return tuple(palette[math.floor(number * step + 0.5)] for number in range(size))


def _ladder(value: float) -> list[float]:
    power = 10.0 ** math.floor(math.log10(value))
    return [step * power for step in (1.0, 2.0, 3.0, 5.0, 10.0, 20.0)]


def _round_number(value: float) -> float:
    rungs = _ladder(value)
    return min(rungs, key=lambda rung: abs(math.log(rung / value)))


def _next_round_number(value: float) -> float:
    # By more than a last digit: 3 times 0.1 is above 0.3.
    return min(rung for rung in _ladder(value) if rung > value * 1.001)


def _round_down(value: float) -> float:
    return max(rung for rung in _ladder(value) if rung <= value)
