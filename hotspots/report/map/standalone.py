"""The page as a ``folium.Map``, and an ordinary one for an analyst's own layers and plugins."""

from __future__ import annotations

import base64
import html
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import folium
from branca.element import Element

from hotspots.core.errors import InputError
from hotspots.core.text.mends import Mend
from hotspots.report.escape import inert_html
from hotspots.report.map.encode import decode_shapes, text_at
from hotspots.report.map.written_page import Paper, View, WrittenPage, picture_of, print_to_pdf
from hotspots.report.symbology import INK

CLOSEST = 18
"""Zoom; without tiles no layer sets one, and plugins such as ``MarkerCluster`` need it."""
BESIDE = "position:fixed;z-index:1000;font-family:sans-serif;"
BAR = f"{BESIDE}left:50%;transform:translateX(-50%);padding:4px;background:{INK};color:white;"
BOX = f"{BESIDE}left:10px;bottom:60px;max-width:260px;padding:6px 10px;background:white;"

UNDER = "position:relative;min-height:150px;height:"
OVER = "position:absolute;inset:0;width:100%;height:100%;box-sizing:border-box;border:1px solid"
UNTRUSTED = "<p>No map: this notebook is not trusted. Run the cell, or choose Trust Notebook.</p>"


class HotspotMap(folium.Map):  # type: ignore[misc]
    """One page of finished areas; made by :func:`hotspots.map_areas`.

    Parameters
    ----------
    page : WrittenPage
        What is written.
    height : str
        Height of the page in a notebook, as CSS; ``notebook_height`` changes it later.

    Attributes
    ----------
    notebook_mode : {"page", "thumbnail"}
        In a notebook with many maps, ``"thumbnail"`` shows a still picture taken with an installed
        browser, and keeps the notebook small.
    """

    def __init__(self, page: WrittenPage, *, height: str = "720px") -> None:
        super().__init__(tiles=None)
        self._parent = None  # a page is its own root: folium's would render another one
        self._page = page
        self.notebook_height: str = height
        self.notebook_mode: str = "page"
        self._id = "hotspots"

    @property
    def view(self) -> dict[str, Any]:
        """What the page says in words."""
        return self._page.view

    def add_child(self, child: Any, name: str | None = None, index: int | None = None) -> Any:
        """Refuse layers of one's own: they have their place on an ordinary map."""
        raise InputError(
            f"{type(child).__name__} cannot be added to this map: the page holds only what its "
            "readers may see, and stock Folium layers write text from the data into scripts, where "
            "it can run.",
            rule="foreign-layer",
            mend=Mend("to-folium"),
        )

    def to_folium(self) -> folium.Map:
        """An ordinary Folium map of the same layers, for layers and plugins of one's own.

        Returns
        -------
        folium.Map
            Each theme's areas, outlines and numbered places and each kind of zone as a
            ``FeatureGroup``: what the page holds and no more, every text escaped.

        Notes
        -----
        It is for one's own screen: an ordinary map asks the network for Leaflet and whatever a
        plugin needs, and what is added to it is not checked by anybody. Add a
        ``folium.LayerControl`` last.

        Examples
        --------
        >>> from hotspots.core.record import RunRecord
        >>> from hotspots.report.map import map_areas
        >>> page = map_areas([], record=RunRecord("Leeds", marking="DEMONSTRATION"))
        >>> type(page.to_folium())
        <class 'folium.folium.Map'>
        """
        return ordinary_map(self.view, self._page.data)

    def __repr__(self) -> str:
        themes = ", ".join(theme["label"] for theme in self.view["themes"]) or "no themes"
        return f"<HotspotMap {self.view['title']!r}: {themes}; .save(path) writes it>"

    __str__ = __repr__

    def to_html(self, *, framed: bool = False) -> str:
        """The whole page as text; ``framed``, as in a notebook, the map stands first."""
        return self._page.to_html(framed=framed)

    def save(self, path: str | Path, **_: Any) -> Path:
        """Write the page as one HTML file; the same input gives the same bytes.

        An older page of that name stays until the new one is complete.
        """
        return self._page.save(path)

    def to_pdf(
        self,
        path: str | Path,
        *,
        paper: Paper = "a4",
        theme: int = 0,
        view: View = "now",
    ) -> Path:
        """Print one theme, landscape, with an installed Chromium, Chrome or Edge."""
        with self._saved() as page:
            return print_to_pdf(page, Path(path), paper=paper, theme=theme, view=view)

    def to_png(
        self,
        path: str | Path,
        *,
        width: int = 1400,
        height: int = 900,
        theme: int = 0,
        view: View = "now",
    ) -> Path:
        """Take a picture of the page, in pixels, with an installed Chromium, Chrome or Edge."""
        size = {"width": width, "height": height}
        with self._saved() as page:
            return picture_of(page, Path(path), theme=theme, view=view, **size)

    @contextmanager
    def _saved(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="hotspots-map-") as folder:
            yield self.save(Path(folder) / "map.html")

    def render(self, **_: Any) -> str:
        """The whole page as text."""
        return self.to_html()

    def _repr_html_(self, **_: Any) -> str:
        if self.notebook_mode == "thumbnail":
            return self._thumbnail()
        page = html.escape(self.to_html(framed=True), quote=True)
        title, height = html.escape(self.view["title"]), html.escape(self.notebook_height)
        # JupyterLab shows no page of a notebook it does not trust; what lies under it is then seen.
        return (
            f'<div style="{UNDER}{height}">{UNTRUSTED}'
            f'<iframe title="{title}" srcdoc="{page}" style="{OVER}"></iframe></div>'
        )

    def _thumbnail(self) -> str:
        title = html.escape(self.view["title"])
        with tempfile.TemporaryDirectory(prefix="hotspots-map-") as folder:
            picture = self.to_png(Path(folder) / "map.png", width=1280, height=720).read_bytes()
        source = f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
        return f'<img alt="{title}" src="{source}" style="width:100%;max-width:960px">'


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
            {"Zone": text_at(layer["name"], item)}
            | ({"Note": text_at(layer["note"], item)} if any(layer["note"]["levels"]) else {}),
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
