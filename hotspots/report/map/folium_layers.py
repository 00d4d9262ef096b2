"""An ordinary Folium map of what a page holds, for an analyst's own layers and plugins.

Folium writes text into scripts and compiles it as a template on the way; every text of the data is
therefore written in character entities before Folium sees it (:func:`inert_html`).
"""

from __future__ import annotations

from typing import Any

import folium
from branca.element import Element

from hotspots.report.escape import inert_html
from hotspots.report.map.encode import decode_shapes, text_at
from hotspots.report.symbology import INK

CLOSEST = 18
"""Zoom; without tiles no layer sets one, and plugins such as ``MarkerCluster`` need it."""
BESIDE = "position:fixed;z-index:1000;font-family:sans-serif;"
BAR = f"{BESIDE}left:50%;transform:translateX(-50%);padding:4px;background:{INK};color:white;"
BOX = f"{BESIDE}left:10px;bottom:60px;max-width:260px;padding:6px 10px;background:white;"


def ordinary_map(view: dict[str, Any], data: dict[str, Any]) -> folium.Map:
    """A map with a group for each kind of zone, and areas, outlines and places of each theme on it.

    The pointer finds what lies on top, and an outline covers all it holds: so zones lie below.
    """
    page = folium.Map(tiles=None, prefer_canvas=True, control_scale=True, maxZoom=CLOSEST)
    shapes = _Shapes(data["shapes"])
    groups = [_zones(layer, shapes) for layer in data["zones"]]
    for number, theme in enumerate(data["themes"]):
        groups += _theme(theme, data, shapes, show=number == 0)
    for group in groups:
        group.add_to(page)
    page.get_root().html.add_child(Element(_notes(view, data)))
    if shapes.box is not None:
        page.fit_bounds(shapes.box)
    return page


class _Shapes:
    """The polygons of a page, by number."""

    def __init__(self, encoded: dict[str, Any]) -> None:
        self._rings = [
            [[[round(x, 5), round(y, 5)] for x, y in (*ring, ring[0])] for ring in shape]
            for shape in decode_shapes(encoded)
        ]

    @property
    def box(self) -> list[list[float]] | None:
        """South-west and north-east corner of everything."""
        corners = [corner for shape in self._rings for ring in shape for corner in ring]
        if not corners:
            return None
        x, y = zip(*corners, strict=True)
        return [[min(y), min(x)], [max(y), max(x)]]

    def feature(self, number: int, style: dict[str, Any], says: dict[str, str]) -> dict[str, Any]:
        """One shape as GeoJSON; Leaflet fills its rings by even and odd, so holes stay holes."""
        geometry = {"type": "Polygon", "coordinates": self._rings[number]}
        texts = {name: inert_html(text) for name, text in says.items()}
        return {"type": "Feature", "geometry": geometry, "properties": {"style": style, **texts}}

    def middle(self, number: int) -> list[float]:
        """Latitude and longitude of the middle of a shape's box."""
        x, y = zip(*(corner for ring in self._rings[number] for corner in ring), strict=True)
        return [(min(y) + max(y)) / 2, (min(x) + max(x)) / 2]


def _theme(
    theme: dict[str, Any], data: dict[str, Any], shapes: _Shapes, *, show: bool
) -> list[folium.FeatureGroup]:
    """Areas below, outlines on them, numbered places on top."""
    cells, groups = theme["cells"], []
    if cells is not None:
        styles = _shades(theme)
        features = [
            shapes.feature(number, style, _says(theme, cells, item))
            for item, (number, style) in enumerate(zip(cells["shape"], styles, strict=True))
            if style
        ]
        groups.append(_group(f"{theme['label']}: {data['units']}", features, show=show))
    for outline in theme["outlines"]:
        sure, chance = (_line(data["look"][name]) for name in ("cluster", "chance"))
        by_chance = outline["chance"] or [False] * len(outline["shape"])
        features = [
            shapes.feature(number, chance if mere else sure, _says(theme, outline, item))
            for item, (number, mere) in enumerate(zip(outline["shape"], by_chance, strict=True))
        ]
        groups.append(_group(f"{theme['label']}: {outline['label']}", features, show=show))
    if theme["top"]:
        groups.append(_places(theme, data["look"], shapes, show=show))
    return groups


def _shades(theme: dict[str, Any]) -> list[dict[str, Any] | None]:
    """How each area is filled, by its number of incidents; nothing where it holds none."""
    classes = theme["classes"]["count"]
    found: list[dict[str, Any] | None] = []
    for count in theme["cells"]["count"]:
        reached = sum(count is not None and count >= bound for bound in classes["bounds"])
        fill = classes["missing"]["fill"]
        if count is not None:
            fill = classes["fills"][max(reached, 1) - 1] if count > 0 else None
        style = {"fillColor": fill, "fillOpacity": 0.85, "color": "#ffffff", "weight": 0.5}
        found.append(style if fill else None)
    return found


def _places(
    theme: dict[str, Any], look: dict[str, Any], shapes: _Shapes, *, show: bool
) -> folium.FeatureGroup:
    """The listed places, each with its rank on a pin."""
    group = folium.FeatureGroup(name=inert_html(f"{theme['label']}: numbered places"), show=show)
    size = 2 * look["pins"]["radius"]
    pin = (
        f"min-width:{size}px;line-height:{size}px;border-radius:{size}px;text-align:center;"
        f"background:{INK};color:white;font-weight:bold;font-size:{look['pins']['rank_size']}px"
    )
    for place in theme["top"]:
        columns = theme["cells"] if place["group"] < 0 else theme["outlines"][place["group"]]
        says = _says(theme, columns, place["item"])
        icon = folium.DivIcon(
            html=f'<div style="{pin}">{inert_html(place["rank"])}</div>',
            icon_size=(size, size),
            class_name="hotspots-pin",
        )
        text = "<br>".join(inert_html(part) for part in says.values() if part)
        at = shapes.middle(columns["shape"][place["item"]])
        folium.Marker(at, icon=icon, tooltip=text).add_to(group)
    return group


def _zones(layer: dict[str, Any], shapes: _Shapes) -> folium.FeatureGroup:
    features = [
        shapes.feature(
            number,
            _line(layer["line"]),
            {"Zone": text_at(layer["name"], item), "Note": text_at(layer["note"], item)},
        )
        for item, number in enumerate(layer["shape"])
    ]
    return _group(layer["label"], features, show=True)


def _group(name: str, features: list[dict[str, Any]], *, show: bool) -> folium.FeatureGroup:
    group = folium.FeatureGroup(name=inert_html(name), show=show)
    if features:
        fields = [field for field in features[0]["properties"] if field != "style"]
        folium.GeoJson(
            {"type": "FeatureCollection", "features": features},
            tooltip=folium.GeoJsonTooltip(fields=fields),
        ).add_to(group)
    return group


def _line(line: dict[str, Any]) -> dict[str, Any]:
    dash = " ".join(str(length) for length in line["dash"])
    return {"color": line["color"], "weight": line["width"], "dashArray": dash, "fill": False}


def _says(theme: dict[str, Any], columns: dict[str, Any], item: int) -> dict[str, str]:
    """Name, ward, count and harm of a place, as the page says them."""
    count, harm, low, high = (columns[name][item] for name in ("count", "harm", "low", "high"))
    about = "about " if theme["disclosed"] else ""
    withheld = theme["weighed"] and theme["disclosed"]
    said = "withheld" if withheld else theme["noHarm"]
    if harm is not None:
        said = f"{low:,.0f} to {high:,.0f}" if theme["disclosed"] else f"{harm:,.0f}"
    return {
        "Place": text_at(columns["name"], item) or "Unnamed place",
        "Ward": text_at(columns["ward"], item),
        "Incidents": "withheld" if count is None else f"{about}{count:,.0f}",
        "Harm": said,
    }


def _notes(view: dict[str, Any], data: dict[str, Any]) -> str:
    """Marking above and below, and what the map shows: title, classes, caveats, sources."""
    marking = inert_html(view["marking"])
    bars = "".join(
        f'<div style="{BAR}{edge}:0;text-align:center">{marking}</div>'
        for edge in ("top", "bottom")
    )
    shaded = [theme for theme in data["themes"] if theme["cells"]]
    legends = "".join(_legend(theme, data, opened=theme is shaded[0]) for theme in shaded)
    said = "".join(
        f"<li>{inert_html(text)}</li>" for text in (*view["caveats"], *view["attributions"])
    )
    more = f"<details><summary>Caveats and sources</summary><ul>{said}</ul></details>"
    return f'{bars}<div style="{BOX}"><b>{inert_html(view["title"])}</b>{legends}{more}</div>'


def _legend(theme: dict[str, Any], data: dict[str, Any], *, opened: bool) -> str:
    classes = theme["classes"]["count"]
    shades = [*zip(classes["fills"], classes["labels"], strict=True)][::-1]
    if None in theme["cells"]["count"]:
        shades.append((classes["missing"]["fill"], classes["missing"]["label"]))
    rows = "".join(
        f'<div><span style="display:inline-block;width:24px;height:12px;background:{fill}"></span>'
        f" {inert_html(label)}</div>"
        for fill, label in shades
    )
    when = f", {theme['period']}" if theme["period"] else ""
    title = inert_html(f"{theme['label']}: incidents per {data['unit']}{when}")
    return f"<details{' open' if opened else ''}><summary>{title}</summary>{rows}</details>"
