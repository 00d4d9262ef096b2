"""QGIS styles (QML): classes for cells, outlines for clusters, labelled outlines for zones.

The colours are six steps of viridis, from light to dark: they keep their order in greyscale and
for colour-blind readers. References: QGIS documentation, "Saving and sharing layer properties",
https://docs.qgis.org/latest/en/docs/user_manual/introduction/general_tools.html; viridis (CC0),
https://bids.github.io/colormap/.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    import geopandas as gpd

PALETTE = (
    "253,231,37",
    "122,209,81",
    "34,168,132",
    "42,120,142",
    "65,68,135",
    "68,1,84",
)
"""Fill of the classes, few incidents to many."""

_STEPS = (1, 2, 5, 10, 25, 50)
_MOST = 1e12
_WITHHELD = -1


def layer_style(table: gpd.GeoDataFrame, family: str) -> str:
    """QML that suits a layer: by what its table holds, never by its name."""
    if family != "MultiPolygon":
        return _document(_single(_marker(family)))
    if "zone_name" in table.columns:
        return _document(_single(_fill("0,0,0,0", "70,70,70,255", 0.4)), _labels("zone_name"))
    if "kind" in table.columns and len(table) and (table["kind"] == "cluster").all():
        label = _labels("rank") if "rank" in table.columns else ""
        return _document(_single(_fill("0,0,0,0", "20,20,20,255", 0.8)), label)
    if "incident_count" in table.columns:
        return _document(_graduated(table))
    return _document(_single(_fill("0,0,0,0", "90,90,90,255", 0.3)))


def count_classes(most: float) -> list[tuple[int, int | None]]:
    """Classes of counts, both ends included, the last one open: the same in every month.

    Where some area holds 500 incidents or more, all steps are ten times as wide, and so on.

    Examples
    --------
    >>> count_classes(31)
    [(1, 1), (2, 4), (5, 9), (10, 24), (25, 49), (50, None)]
    >>> count_classes(600)[:3]
    [(1, 19), (20, 49), (50, 99)]
    """
    wide = 1
    while most >= 500 * wide:
        wide *= 10
    starts = [1, *(step * wide for step in _STEPS[1:])]
    ends = [start - 1 for start in starts[1:]]
    return list(zip(starts, [*ends, None], strict=True))


def _graduated(table: gpd.GeoDataFrame) -> str:
    counts = table["incident_count"]
    most = float(counts.max()) if counts.notna().any() else 0.0
    ranges = [("none", 0.0, 0.0, _fill("255,255,255,25", "150,150,150,120", 0.05))]
    attribute = '"incident_count"'
    if counts.isna().any():
        attribute = f"coalesce({attribute}, {_WITHHELD})"
        withheld = _fill("190,190,190,160", "90,90,90,255", 0.15)
        ranges.append(("withheld: few or none", _WITHHELD, _WITHHELD, withheld))
    for (low, high), colour in zip(count_classes(most), PALETTE, strict=True):
        label = (
            f"{low} or more" if high is None else f"{low}" if high == low else f"{low} to {high}"
        )
        fill = _fill(f"{colour},200", "90,90,90,255", 0.1)
        ranges.append((label, low, _MOST if high is None else high, fill))
    rows = "".join(
        f'<range lower="{low:.6f}" upper="{high:.6f}" symbol="{number}" render="true" '
        f"label={quoteattr(label)}/>"
        for number, (label, low, high, _) in enumerate(ranges)
    )
    symbols = _symbols([fill for *_, fill in ranges])
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


def _fill(fill: str, outline: str, width_mm: float) -> str:
    return _symbol(
        "fill",
        "SimpleFill",
        color=fill,
        style="no" if fill == "0,0,0,0" else "solid",
        outline_color=outline,
        outline_style="solid",
        outline_width=str(width_mm),
        outline_width_unit="MM",
        joinstyle="round",
    )


def _marker(family: str) -> str:
    if family == "MultiLineString":
        return _symbol("line", "SimpleLine", line_color="42,120,142,255", line_width="0.5")
    return _symbol(
        "marker", "SimpleMarker", name="circle", color="42,120,142,255", size="1.6", size_unit="MM"
    )


def _symbol(kind: str, layer: str, **properties: str) -> str:
    rows = "".join(f'<prop k="{key}" v="{value}"/>' for key, value in properties.items())
    return (
        f'<symbol type="{kind}" name="{{name}}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{layer}" enabled="1" pass="0" locked="0">{rows}</layer></symbol>'
    )


def _labels(column: str) -> str:
    return (
        '<labeling type="simple"><settings calloutType="simple">'
        f'<text-style fieldName="{column}" isExpression="0" fontFamily="Open Sans" fontSize="8" '
        'fontSizeUnit="Point" namedStyle="Regular" textColor="40,40,40,255" textOpacity="1" '
        'multilineHeight="1"><text-buffer bufferDraw="1" bufferSize="0.8" bufferSizeUnits="MM" '
        'bufferColor="255,255,255,255" bufferOpacity="1" bufferNoFill="0" bufferJoinStyle="128"/>'
        '</text-style><placement placement="1" centroidInside="1" centroidWhole="0" quadOffset="4"'
        '/><rendering drawLabels="1" obstacle="0" mergeLines="0" scaleVisibility="0"/>'
        "</settings></labeling>"
    )


def _document(renderer: str, labels: str = "") -> str:
    enabled = "1" if labels else "0"
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis version="3.22.0" styleCategories="Symbology|Labeling" labelsEnabled="{enabled}">'
        f"{renderer}{labels}</qgis>"
    )
