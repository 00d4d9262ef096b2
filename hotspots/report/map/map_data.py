"""The map's data: themes with their cells, outlines and months, and the zones under them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hotspots.core.periods import in_order_of_time
from hotspots.core.tables import TILING_KINDS, says_something
from hotspots.report.map.card_data import card_months, listed_places
from hotspots.report.map.encode import Shapes, names, numbers, shared_affixes, words
from hotspots.report.map.theme_tables import PROTECT, ThemeTables, span_of_themes, unit_of_harm
from hotspots.report.symbology import (
    COLUMNS,
    UNTESTED,
    area_classes,
    flag_fills,
    page_symbology,
    zone_lines,
)
from hotspots.report.text.area_changes import DRAWN, change_groups, class_words, moved_since
from hotspots.report.text.decision_words import shown_column
from hotspots.report.text.ground_words import holds, in_force
from hotspots.report.text.headline import ranked_words
from hotspots.report.text.ratio_words import no_count_passes, rate_per, rate_words
from hotspots.report.text.words import (
    capital,
    flag_words,
    kind_label,
    kind_name,
    period_name,
    short_period,
    zone_note,
)

if TYPE_CHECKING:
    from hotspots.core.periods import Span
    from hotspots.core.record import RunRecord

NUMBER_COLUMNS = {
    "count": ("incident_count", 0),
    "harm": ("harm", 3),
    "low": ("harm_low", 1),
    "high": ("harm_high", 1),
    "event": ("largest_event_share", 5),
    "point": ("largest_point_share", 5),
    "km2": ("area_km2", 4),
    "rank": ("rank", 0),
    "rankLow": ("rank_low", 0),
    "rankHigh": ("rank_high", 0),
    "core": ("is_core", 0),
}
SHARED_CORNER_M = 0.1
POLYGON = 3
CHANCE = "could-be-chance"
Links = dict[str, list[Any]]
FEWEST_HOT = 2
"""Of one incident, or none, nothing is ever called more than chance."""


def map_data(
    themes: Sequence[ThemeTables],
    zones: Sequence[gpd.GeoDataFrame],
    *,
    record: RunRecord,
    overlaps: pd.DataFrame | None,
    priority: Sequence[str],
    top: int,
) -> dict[str, Any]:
    """Everything the page's script needs, as plain JSON values."""
    shapes = Shapes()
    cell_shapes, cell_ids = _shared_cells(themes, shapes)
    zone_layers, zone_index = _zone_layers(zones, shapes, set(priority), span_of_themes(themes))
    months = _months(themes)
    main, whole = _main_month(themes, months)
    unit, units = kind_name(next((theme.kind for theme in themes if theme.size), "area"))
    return {
        "marking": record.marking,
        "look": page_symbology(),
        "unit": unit,
        "units": units,
        "months": [period_name(month) for month in (*months, *whole)],
        "ticks": [short_period(month) for month in (*months, *whole)],
        "month": main,
        "themes": [
            _theme(theme, codes, shapes, months, main, _links(theme, overlaps, zone_index), top)
            | {"unit": unit_of_harm(theme, record)}
            for theme, codes in zip(themes, cell_shapes, strict=True)
        ],
        "zones": zone_layers,
        "land": _land(zone_layers),
        "links": record.audience != PROTECT,
        "ids": cell_ids,
        "shapes": shapes.encode(),
    }


def _shared_cells(
    themes: Sequence[ThemeTables], shapes: Shapes
) -> tuple[list[list[int]], dict[str, Any]]:
    """Each distinct cell once, whichever themes it is in; and the shape numbers per theme."""
    tables = [theme.cells for theme in themes if theme.cells is not None and len(theme.cells)]
    if not tables:
        return [[] for _ in themes], shared_affixes([])
    # Of one table with distinct ids each cell is itself: keys of shapes take long to make.
    codes = np.arange(len(tables[0]))
    if len(tables) > 1 or not tables[0].index.astype(str).is_unique:
        keys = [
            pd.Series(table.index.astype(str), dtype=object)
            + table.geometry.to_wkb(hex=True).to_numpy()
            for table in tables
        ]
        codes = pd.factorize(pd.concat(keys, ignore_index=True))[0]
    together = pd.concat([table[[table.geometry.name]] for table in tables])
    first = np.unique(codes, return_index=True)[1]
    shapes.add(together.iloc[first])
    per_table = iter(np.split(codes, np.cumsum([len(table) for table in tables])[:-1]))
    found = [
        next(per_table).tolist() if theme.cells is not None and len(theme.cells) else []
        for theme in themes
    ]
    return found, shared_affixes(together.index.astype(str)[first].tolist())


def _theme(
    theme: ThemeTables,
    codes: list[int],
    shapes: Shapes,
    months: list[str],
    main: int,
    links: dict[int, Links],
    top: int,
) -> dict[str, Any]:
    cells = theme.cells
    monthly = _monthly(theme, months, main)
    return {
        "label": capital(theme.status.label),
        "state": theme.status.state,
        "note": capital(theme.status.note),
        "period": theme.period,
        "short": theme.short,
        "weighed": theme.weighed,
        "noHarm": theme.no_harm,
        "disclosed": theme.disclosed,
        "flagged": flag_words(cells),
        "size": theme.size,
        "cells": None
        if cells is None
        else _columns(cells) | {"shape": codes, "zones": links.get(-1)},
        "classes": _classes(theme, monthly),
        "monthly": monthly,
        "before": _before(theme, months, top),
        "outlines": _outlines(theme, shapes, links),
        "top": listed_places(theme),
        "since": moved_since(theme, short=True),
        "ranked": ranked_words(theme),
        "cardMonths": card_months(theme),
        "flags": _flags(theme, shapes, "is_hotspot"),
        "cores": _flags(theme, shapes, "is_core"),
    }


def _flags(theme: ThemeTables, shapes: Shapes, column: str) -> list[int]:
    """Flagged cells, those that touch drawn as one; never of a count of one or none."""
    cells = theme.cells
    if cells is None or not says_something(cells, column) or theme.of_zones:
        return []
    hot = cells[column].fillna(False).astype(bool) & (cells["incident_count"] >= FEWEST_HOT)
    # On a grid: corners that neighbours share may differ by rounding, and would leave hairs between
    # them.
    joined = shapely.union_all(np.asarray(cells.geometry[hot]), grid_size=SHARED_CORNER_M)
    parts = shapely.get_parts(joined)
    rings = shapely.get_exterior_ring(parts[shapely.get_type_id(parts) == POLYGON])
    return shapes.add(gpd.GeoDataFrame(geometry=shapely.polygons(rings), crs=cells.crs))


def _outlines(theme: ThemeTables, shapes: Shapes, links: dict[int, Links]) -> list[dict[str, Any]]:
    return [
        _columns(table)
        | {
            "shape": shapes.add(table),
            "ids": shared_affixes(table.index.astype(str).tolist()),
            "label": kind_label(str(table["kind"].iloc[0])),
            "one": kind_name(str(table["kind"].iloc[0]))[0],
            "zones": links.get(group),
            "chance": table["evidence"].eq(CHANCE).tolist() if "evidence" in table else [],
        }
        for group, table in enumerate(theme.outlines)
        if len(table)
    ]


def _before(theme: ThemeTables, months: list[str], top: int) -> dict[str, Any] | None:
    """The earlier time: its numbers, the class of change of each cell, and who moved."""
    before, cells = theme.before, theme.cells
    if before is None or cells is None:
        return None
    ids = cells.index.astype(str)
    then = before.table.reindex(ids)
    own = before.period is None
    codes = {change: code for code, change in enumerate(DRAWN)}
    changes = before.changes["change"].reindex(ids)
    rows = [place for group in change_groups(theme, top) for place in group.places]
    return {
        "label": before.label,
        "short": before.short,
        "month": None if own else months.index(str(before.period)),
        "count": numbers(then["incident_count"], 0) if own else None,
        "harm": numbers(then["harm"], 1) if own and "harm" in then else None,
        "change": [codes.get(change, -1) for change in changes],
        "classes": class_words(rounded=before.rounded),
        "rounded": before.rounded,
        "ranked": before.ranked,
        "rows": [place.item for place in rows],
        "pins": [
            {"group": -1, "item": place.item, "rank": place.pin, "mark": place.mark}
            for place in rows
            if place.pin
        ],
        "held": [len(before.stayed), len(before.entered), len(before.left)],
    }


def _columns(table: gpd.GeoDataFrame) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: numbers(table[column] if column in table else [None] * len(table), decimals)
        for name, (column, decimals) in NUMBER_COLUMNS.items()
    }
    columns["hot"] = _hot(table)
    # Whether the area itself is high is asked of what was flagged, of no other.
    both = zip(columns["core"], columns["hot"], strict=True)
    columns["core"] = [core if hot == 1 else None for core, hot in both]
    for name, column in (("name", "place_name"), ("ward", "ward_name")):
        columns[name] = names(table[column] if column in table else [None] * len(table))
    columns["disclosure"] = words(shown_column(table))
    if "length_m" in table:
        columns["length"] = numbers(table["length_m"], 0)
    if rate_per(table):
        columns["rate"] = [rate_words(row, unit=True) for _, row in table.iterrows()]
    return columns


def _hot(table: gpd.GeoDataFrame) -> list[float | int | None]:
    """1 for more than chance, 0 for what could be; none where not tested, 2 if no count passes."""
    if "is_hotspot" not in table:
        return [None] * len(table)
    hot = pd.Series(numbers(table["is_hotspot"]), table.index, dtype=float)
    if "evidence" in table:
        hot = hot.mask(table["evidence"].eq("not-tested")).mask(no_count_passes(table), 2)
    return numbers(hot)


def _classes(theme: ThemeTables, monthly: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Bounds, fills and labels from every time that can be shown: a colour keeps its meaning."""
    cells, before = theme.cells, theme.before
    found: dict[str, dict[str, Any]] = {}
    if cells is None:
        return found
    for by, column in COLUMNS.items():
        if column not in cells:
            continue
        classes = area_classes(
            cells,
            by,
            periods=theme.periods if (monthly or {}).get(by) else None,
            then=before.table if before is not None and before.period is None else None,
        )
        if by == "count" or classes.bounds:
            found[by] = {
                "bounds": numbers(classes.bounds),
                "fills": classes.fills,
                "labels": classes.labels,
                "missing": {
                    "fill": classes.missing_fill,
                    "flat": theme.disclosed,
                    "label": classes.missing_label,
                },
                "nothing": classes.nothing_label,
            }
    if says_something(cells, "is_hotspot"):
        fills = flag_fills(cores=says_something(cells, "is_core"))
        found["hot"] = {
            "bounds": list(range(len(fills))),
            "fills": list(fills.values()),
            "labels": list(fills),
            "missing": {"fill": UNTESTED, "flat": False, "label": "Not tested"},
            "nothing": "Withheld, or none" if theme.disclosed else "None",
        }
    return found


def _months(themes: Sequence[ThemeTables]) -> list[str]:
    found = {
        str(month)
        for theme in themes
        if theme.periods is not None
        for month in theme.periods["period"].unique()
    }
    return in_order_of_time(found)


def _main_month(themes: Sequence[ThemeTables], months: list[str]) -> tuple[int, list[str]]:
    """Which month the tables are about; where they are about none, their period stands last."""
    wanted = [theme.key for theme in themes if theme.key]
    for number, month in enumerate(months):
        if month in wanted:
            return number, []
    return len(months), wanted[:1] if months else []


def _monthly(theme: ThemeTables, months: list[str], main: int) -> dict[str, Any] | None:
    """Numbers of every month; none where the only month is the one of the table."""
    if theme.periods is None or theme.cells is None or len(months) + (main == len(months)) < 2:
        return None
    disclosed = "disclosed_for" in theme.periods
    found: dict[str, Any] = {}
    for name, column in (("count", "incident_count"), ("harm", "harm")):
        if not says_something(theme.periods, column):
            found[name] = None
            continue
        wide = theme.over_time(column).unstack()
        wide = wide.reindex(index=theme.cells.index.astype(str), columns=months)
        wide = wide if disclosed else wide.fillna(0)
        found[name] = [numbers(wide[month], 1) for month in months]
    return found


def _zone_layers(
    zones: Sequence[gpd.GeoDataFrame], shapes: Shapes, priority: set[str], span: Span | None
) -> tuple[list[dict[str, Any]], dict[str, tuple[int, int]]]:
    layers: list[dict[str, Any]] = []
    index: dict[str, tuple[int, int]] = {}
    lines = zone_lines(zones)
    for table in zones:
        for kind, group in table.groupby("kind", sort=False):
            approximate = bool(group["approximate"].fillna(False).astype(bool).any())
            ids = group.index.astype(str)
            index |= {zone: (len(layers), item) for item, zone in enumerate(ids)}
            rows = [zone for _, zone in group.iterrows()]
            wanted = group["zone_name"].isin(priority) | ids.isin(list(priority))
            layers.append(
                {
                    "kind": str(kind),
                    "tiling": str(kind) in TILING_KINDS,
                    "label": kind_label(str(kind)) + (" (best fit)" if approximate else ""),
                    "one": capital(kind_name(str(kind))[0]),
                    "shape": shapes.add(cast("gpd.GeoDataFrame", group)),
                    "name": names(group["zone_name"]),
                    "note": words([holds(zone, span) or zone_note(zone) for zone in rows]),
                    "dated": [int(bool(holds(zone, span))) for zone in rows],
                    "priority": [bool(flag) for flag in wanted],
                    "force": [in_force(zone, span) for zone in rows],
                    "line": asdict(lines[str(kind)]),
                }
            )
    return layers, index


def _land(layers: list[dict[str, Any]]) -> list[int]:
    """The shapes that stand for the study area: the district, else the wards."""
    for kind in ("district", "ward"):
        found = [shape for layer in layers if layer["kind"] == kind for shape in layer["shape"]]
        if found:
            return found
    return []


def _links(
    theme: ThemeTables, overlaps: pd.DataFrame | None, index: dict[str, tuple[int, int]]
) -> dict[int, Links]:
    """Per group: item, zone layer, zone and share of the area, zone by zone."""
    if overlaps is None or not len(overlaps):
        return {}
    flat = overlaps if "area_id" in overlaps else overlaps.reset_index()
    zones, areas = (list(map(str, flat[name].tolist())) for name in ("zone_id", "area_id"))
    shares = numbers(flat["share_of_area"], 2)
    found: dict[int, Links] = {}
    for group, table in enumerate([theme.cells, *theme.outlines], start=-1):
        if table is None:
            continue
        position = {str(area): item for item, area in enumerate(table.index)}
        rows = [
            (*index[zone], position[area], share)
            for area, zone, share in zip(areas, zones, shares, strict=True)
            if zone in index and area in position
        ]
        rows.sort(key=itemgetter(0, 1, 2))
        layer, zone, item, share = map(list, zip(*rows, strict=True)) if rows else ([],) * 4
        found[group] = {"layer": layer, "zone": zone, "item": item, "share": share}
    return found
