"""QGIS styles (QML): the classes, colours and lines of the page, for the layers of a GeoPackage.

References: QGIS documentation, "Saving and sharing layer properties",
https://docs.qgis.org/latest/en/docs/user_manual/introduction/general_tools.html.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from hotspots.core.tables import TILING_KINDS
from hotspots.report.sheet_columns import aliases
from hotspots.report.symbology import (
    BEYOND,
    CORE,
    HALO,
    INK,
    LEAST_ROUNDED,
    LINES,
    MARKS,
    MILLIMETRES_PER_PIXEL,
    NOTHING,
    ON_PAPER,
    OTHER_LINES,
    PAST_DASH,
    Line,
    area_classes,
)
from hotspots.report.text.ground_words import ENDED, ENDED_WITHIN, IN_FORCE, NOT_BEGUN, in_force
from hotspots.report.text.words import kind_label

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_MOST = 1e12
_WITHHELD = -1
_MILLIMETRES = MILLIMETRES_PER_PIXEL * ON_PAPER
_PLAIN = LINES["ward"]
_POINTS = OTHER_LINES[-1]
CLUSTER, CHANCE = "Cluster", "Cluster that could be chance"
LISTED = 5
"""Of the ranks, those on the list of the page."""
OVER_ITS_MIDDLE, OUTSIDE = 1, 8
"""Where a label stands, as QGIS numbers it."""
DAYS = ("valid_from", "valid_until")
TIPS = (
    ("place_name", "b", ""), ("zone_name", "b", ""), ("ward_name", "div", ""),
    ("incident_count", "div", "Incidents: "), ("harm", "div", "Harm: "), ("rank", "div", "Rank: "),
    ("valid_from", "div", "From: "), ("valid_until", "div", "Until: "), ("status", "div", ""),
)  # fmt: skip
"""What a map tip says, in this order, where the table has it."""


def layer_parts(
    table: gpd.GeoDataFrame,
    family: str,
    *,
    lines: Mapping[str, Line],
    periods: pd.DataFrame | None,
    themes: Mapping[str, str],
) -> str:
    """What stands inside a style, and inside a layer of a project: symbols, labels, names, tips.

    It suits what the table holds, never its name. ``lines`` are those of all kinds of zone in the
    file, ``periods`` the counts at other times that are shown beside an areas table, ``themes`` the
    labels of its themes.
    """
    return _drawn(table, family, lines, periods) + aliases(table, themes) + _map_tip(table)


def style_document(parts: str) -> str:
    """The style (QML) of a layer, with what stands inside it."""
    enabled = "1" if "<labeling" in parts else "0"
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        '<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields|MapTips" '
        f'labelsEnabled="{enabled}">{parts}</qgis>'
    )


def _drawn(
    table: gpd.GeoDataFrame,
    family: str,
    lines: Mapping[str, Line],
    periods: pd.DataFrame | None,
) -> str:
    if family != "MultiPolygon":
        return _points(table, family)
    if _all_of("protect", table) and {"zone_name", "incident_count"} <= set(table):
        return _graduated(table, periods, lines.get("protect", _PLAIN)) + _labels("zone_name")
    if "zone_name" in table.columns:
        whole = "kind" in table and (table["kind"] == "district").all()
        return _zones(table, lines) + ("" if whole else _labels(*_zone_label(table)))
    if _all_of("cluster", table):
        return _clusters(table)
    if "incident_count" in table.columns:
        return _graduated(table, periods) + _first_places(table)
    return _single(_outline(_PLAIN))


def _all_of(kind: str, table: gpd.GeoDataFrame) -> bool:
    return "kind" in table.columns and len(table) > 0 and bool((table["kind"] == kind).all())


def flag_parts(table: gpd.GeoDataFrame, themes: Mapping[str, str]) -> str:
    """Outlines around joined areas that are more than chance, as on the page, if there are any.

    Areas high by themselves have a whole line, those high with their neighbours a broken one.
    """
    held = [name for name in ("is_core", "is_hotspot") if _true(table, name)]
    if not held or _all_of("cluster", table):
        return ""
    lines = (
        {HALO: LINES["halo"], CORE: LINES["flag"]} if "is_core" in held else {BEYOND: LINES["flag"]}
    )
    words = {"is_core": CORE, "is_hotspot": next(iter(lines))}
    cases = " ".join(f"when \"{name}\" then '{words[name]}'" for name in held)
    inner = _categories(f"case {cases} end", lines)
    outlines = f'<renderer-v2 type="mergedFeatureRenderer">{inner}</renderer-v2>'
    return outlines + aliases(table, themes)


def _true(table: gpd.GeoDataFrame, name: str) -> bool:
    return name in table and bool(table[name].fillna(False).astype(bool).any())


def _first_places(table: gpd.GeoDataFrame) -> str:
    """Rank and name of the places of the list; a rank that others have too as on the page."""
    if not {"rank", "place_name"} <= set(table.columns):
        return ""
    shared = "case when count(1, \"rank\") > 1 then '=' else '' end"
    label = f'case when "rank" <= {LISTED} then "rank" || {shared} || \' \' || "place_name" end'
    return _labels(label, is_expression=True, first=True)


def _zone_label(table: gpd.GeoDataFrame) -> tuple[str, bool]:
    """The name; of orders and others with days, with these in a line below; never of wards."""
    if "kind" in table and table["kind"].isin(TILING_KINDS).all():
        return "zone_name", False
    dated = [name for name in DAYS if name in table and table[name].notna().any()]
    if not dated:
        return "zone_name", False
    first, last = (f"coalesce(left(\"{name}\", 10), 'open')" for name in DAYS)
    days = f"'\\n' || {first} || ' to ' || {last}"
    bare = " and ".join(f'"{name}" is null' for name in DAYS)
    return f"\"zone_name\" || case when {bare} then '' else {days} end", True


def _map_tip(table: gpd.GeoDataFrame) -> str:
    """What is said where the pointer rests, as far as it is known; no text becomes markup."""
    lines = [
        f"[% case when \"{name}\" is null then '' else "
        f"'<{tag}>{before}' || {_as_text(name)} || '</{tag}>' end %]"
        for name, tag, before in TIPS
        if name in table.columns
    ]
    return f"<mapTip>{escape(''.join(lines))}</mapTip>" if lines else ""


def _as_text(name: str) -> str:
    # A tip is HTML: a name with an angle bracket in it would be read as markup.
    safe = f'to_string("{name}")'
    for letter, word in (("&", "amp"), ("<", "lt"), (">", "gt")):
        safe = f"replace({safe}, '{letter}', '&{word};')"
    return safe


def _clusters(table: gpd.GeoDataFrame) -> str:
    """A whole line; a thin broken one where chance gives clusters like it, too."""
    if "evidence" not in table:
        return _single(_outline(LINES["cluster"]))
    case = f"case when \"evidence\" = 'could-be-chance' then '{CHANCE}' else '{CLUSTER}' end"
    return _categories(case, {CLUSTER: LINES["cluster"], CHANCE: LINES["chance"]})


def _zones(table: gpd.GeoDataFrame, lines: Mapping[str, Line]) -> str:
    """The line of the kind; one for each where a layer holds several."""
    kinds = sorted(table["kind"].astype(str).unique()) if "kind" in table.columns else []
    named = {kind: lines.get(kind, _PLAIN) for kind in kinds or [""]}
    if len(named) > 1:
        return _categories("kind", named)
    (line,) = named.values()
    return _dated(table, line) or _preferred(table, line) or _single(_outline(line))


def _preferred(table: gpd.GeoDataFrame, line: Line) -> str:
    """The line of priority wards, as on the page, where a column says which they are."""
    if "priority" not in table or table["priority"].dtype != bool or not table["priority"].any():
        return ""
    case = "case when \"priority\" then 'Priority' else 'Other' end"
    return _categories(case, {"Priority": LINES["priority"], "Other": line})


def _dated(table: gpd.GeoDataFrame, line: Line) -> str:
    """A line of dots for what was not in force in the period, or not to its end of the counts."""
    if not {"period_from", *DAYS} <= set(table) or table["period_from"].isna().all():
        return ""
    span = table["period_from"].dropna().iloc[0], table["period_until"].dropna().iloc[0]
    words = {in_force(zone, span) for _, zone in table.iterrows()} - {""}
    if not words:
        return ""
    first, after = (moment.date() for moment in span)
    until, since = (f'left("{name}", 10)' for name in reversed(DAYS))
    case = (
        f"case when {until} < '{first}' then '{ENDED}' when {since} >= '{after}' then "
        f"'{NOT_BEGUN}' when {until} < '{after - timedelta(days=1)}' then "
        f"'{ENDED_WITHIN}' else '{IN_FORCE}' end"
    )
    past = Line(line.color, 1.3, PAST_DASH)
    return _categories(case, {IN_FORCE: line} | dict.fromkeys(sorted(words), past))


def _categories(column: str, lines: Mapping[str, Line]) -> str:
    """A line for each value of a column, called by the value or its label."""
    rows = "".join(
        f'<category value={quoteattr(value)} symbol="{number}" '
        f'label={quoteattr(kind_label(value) if column == "kind" else value)} render="true"/>'
        for number, value in enumerate(lines)
    )
    return (
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(column)} symbollevels="0" '
        f'enableorderby="0" forceraster="0"><categories>{rows}</categories>'
        f"{_symbols([_outline(line) for line in lines.values()])}</renderer-v2>"
    )


def _graduated(
    table: gpd.GeoDataFrame, periods: pd.DataFrame | None, line: Line | None = None
) -> str:
    classes = area_classes(table, "count", periods=periods)
    ranges = [(classes.nothing_label, 0.0, 0.0, NOTHING)]
    attribute = '"incident_count"'
    if table["incident_count"].isna().any():
        # QGIS draws nothing where there is no number: withheld areas would be holes.
        attribute = f"coalesce({attribute}, {_WITHHELD})"
        ranges.append((classes.missing_label, _WITHHELD, _WITHHELD, classes.missing_fill))
    least = LEAST_ROUNDED if "disclosed_for" in table else 1
    lows = [min(least, bound) if not k else bound for k, bound in enumerate(classes.bounds)]
    # QGIS takes both ends as within a range; counts are whole, so one ends just before the next.
    highs = [*(bound - 1 for bound in lows[1:]), _MOST]
    ranges += zip(classes.labels, lows, highs, classes.fills, strict=True) if lows else []
    rows = "".join(
        f'<range lower="{low:.6f}" upper="{high:.6f}" symbol="{number}" render="true" '
        f"label={quoteattr(label)}/>"
        for number, (label, low, high, _) in enumerate(ranges)
    )
    symbols = _symbols([_fill(fill, line) for *_, fill in ranges])
    return (
        f'<renderer-v2 type="graduatedSymbol" attr={quoteattr(attribute)} symbollevels="0" '
        f'graduatedMethod="GraduatedColor" enableorderby="0" forceraster="0">'
        f"<ranges>{rows}</ranges>{symbols}</renderer-v2>"
    )


def _single(symbol: str) -> str:
    return (
        '<renderer-v2 type="singleSymbol" symbollevels="0" enableorderby="0" forceraster="0">'
        f"{_symbols([symbol])}</renderer-v2>"
    )


def _symbols(layers: Sequence[str]) -> str:
    return f"<symbols>{''.join(layer.format(name=i) for i, layer in enumerate(layers))}</symbols>"


def _fill(colour: str, line: Line | None) -> str:
    """A class of areas; that of no incident lets what is under it show; zones have their line."""
    nothing = colour == NOTHING
    edge = _rgba(_PLAIN.color, 120) if nothing else _rgba("#ffffff", 190)
    thin = 0.05 if nothing else 0.1
    return _symbol(
        "fill",
        "SimpleFill",
        color=_rgba(colour, 25 if nothing else 255),
        style="solid",
        outline_color=_rgba(line.color) if line else edge,
        outline_style="dash" if line and line.dash else "solid",
        outline_width=f"{line.width * _MILLIMETRES if line else thin:.2f}",
        outline_width_unit="MM",
        joinstyle="round",
    )


def _outline(line: Line) -> str:
    """An outline and no fill, as wide and as dashed as on the printed page."""
    return _symbol(
        "fill",
        "SimpleLine",
        line_color=_rgba(line.color),
        line_style="solid",
        line_width=f"{line.width * _MILLIMETRES:.2f}",
        line_width_unit="MM",
        joinstyle="round",
        capstyle="flat",
        use_custom_dash="1" if line.dash else "0",
        customdash=";".join(f"{length * _MILLIMETRES:.2f}" for length in line.dash),
        customdash_unit="MM",
    )


def _points(table: gpd.GeoDataFrame, family: str) -> str:
    """Points and lines in one colour; premises out of reach of every pack in another, and named."""
    if "within_reach" not in table or table["within_reach"].all():
        return _single(_marker(family))
    symbols = _symbols([_marker(family), _marker(family, MARKS["away"].fill, "3")])
    rows = "".join(
        f'<category value="{value}" symbol="{value}" label="{label}" render="true"/>'
        for value, label in enumerate(("Within reach of a pack", "Out of reach"))
    )
    return (
        '<renderer-v2 type="categorizedSymbol" attr="case when &quot;within_reach&quot; then 0 '
        'else 1 end" symbollevels="0" enableorderby="0" forceraster="0">'
        f"<categories>{rows}</categories>{symbols}</renderer-v2>"
    ) + _labels('case when not "within_reach" then "site_id" end', is_expression=True)


def _marker(family: str, colour: str = _POINTS.color, size: str = "1.6") -> str:
    colour = _rgba(colour)
    if family == "MultiLineString":
        return _symbol("line", "SimpleLine", line_color=colour, line_width="0.5")
    return _symbol("marker", "SimpleMarker", name="circle", color=colour, size=size, size_unit="MM")


def _symbol(kind: str, layer: str, **properties: str) -> str:
    rows = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in properties.items())
    return (
        f'<symbol type="{kind}" name="{{name}}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" enabled="1" pass="0" locked="0">{rows}</layer></symbol>'
    )


def _rgba(colour: str, opacity: int = 255) -> str:
    """A colour as QGIS writes it.

    Examples
    --------
    >>> _rgba("#f6dcae")
    '246,220,174,255'
    """
    return ",".join(str(part) for part in (*bytes.fromhex(colour.removeprefix("#")), opacity))


def _labels(column: str, is_expression: bool = False, *, first: bool = False) -> str:
    """Names; the first places are bold, beside their area, and never left out for want of room."""
    style, weight, priority, always = ("Bold", 75, 10, 1) if first else ("Regular", 50, 3, 0)
    where, distance = (OUTSIDE, 3) if first else (OVER_ITS_MIDDLE, 0)
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style fieldName={quoteattr(column)} isExpression="{is_expression:d}" '
        'fontFamily="Open Sans" fontSize="8" fontSizeUnit="Point" '
        f'namedStyle="{style}" fontWeight="{weight}" textColor="{_rgba(INK)}" textOpacity="1" '
        'multilineHeight="1"><text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" '
        'bufferColor="255,255,255,255" bufferOpacity="1" bufferNoFill="0" bufferJoinStyle="128"/>'
        f'</text-style><placement placement="{where}" centroidInside="1" centroidWhole="0" '
        f'quadOffset="4" dist="{distance}" distUnits="MM" priority="{priority}"/>'
        '<rendering drawLabels="1" obstacle="0" mergeLines="0" '
        f'scaleVisibility="0" displayAll="{always}"/>{_leader() if first else ""}'
        "</settings></labeling>"
    )


def _leader() -> str:
    """A thin line from a name to the middle of its area."""
    line = _symbol("line", "SimpleLine", line_color=_rgba(INK), line_width="0.3")
    options = {"enabled": "1", "anchorPoint": "centroid", "lineSymbol": line.format(name="symbol")}
    rows = "".join(
        f'<Option type="QString" name="{name}" value={quoteattr(value)}/>'
        for name, value in options.items()
    )
    return f'<callout type="simple"><Option type="Map">{rows}</Option></callout>'
