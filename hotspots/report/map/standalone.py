"""A ``folium.Map`` in one file: no request, no data in any script, a policy that proves it.

The page's scripts are constants shipped with the package; their hashes stand in the page's
Content-Security-Policy. Data is an inert JSON block. Stock Folium layers write data into scripts
and compile it as templates on the way: they belong on the ordinary map of ``to_folium``.
"""

from __future__ import annotations

import base64
import html
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from markupsafe import Markup

from hotspots.core.errors import InputError, require
from hotspots.core.text.mends import Mend
from hotspots.report.escape import inert_json, policy_hash, templates
from hotspots.report.files import replacing
from hotspots.report.map import print_page as browser
from hotspots.report.map.encode import packed
from hotspots.report.map.folium_layers import ordinary_map

if TYPE_CHECKING:
    from hotspots.report.map.backdrop import OnlineTiles

SCRIPTS = (
    "keep.js",
    "decode.js",
    "paint.js",
    "pins.js",
    "scene.js",
    "legend.js",
    "views.js",
    "charts.js",
    "details.js",
    "links.js",
    "search.js",
    "decisions.js",
    "print.js",
    "page.js",
)
COMMENT_LINE = re.compile(r"^ *//.*\n", re.MULTILINE)


class HotspotMap(folium.Map):  # type: ignore[misc]
    """One page of finished areas; made by :func:`hotspots.map_areas`.

    Parameters
    ----------
    view : dict
        What the template writes.
    data : dict
        What the scripts read.
    tiles : OnlineTiles, optional
        The one host the page may ask for pictures.
    height : str
        Height of the page in a notebook, as CSS; ``notebook_height`` changes it later.

    Attributes
    ----------
    notebook_mode : {"page", "thumbnail"}
        In a notebook with many maps, ``"thumbnail"`` shows a still picture taken with an installed
        browser, and keeps the notebook small.
    """

    def __init__(
        self,
        view: dict[str, Any],
        data: dict[str, Any],
        *,
        tiles: OnlineTiles | None = None,
        height: str = "720px",
    ) -> None:
        super().__init__(tiles=None)
        self._parent = None  # a page is its own root: folium's would render another one
        self._view, self._data, self._tiles = view, data, tiles
        self.notebook_height: str = height
        self.notebook_mode: str = "page"
        self._id = "hotspots"

    @property
    def view(self) -> dict[str, Any]:
        """What the page says in words."""
        return self._view

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
        return ordinary_map(self._view, self._data)

    def __repr__(self) -> str:
        themes = ", ".join(theme["label"] for theme in self._view["themes"]) or "no themes"
        return f"<HotspotMap {self._view['title']!r}: {themes}; .save(path) writes it>"

    __str__ = __repr__

    def to_html(self, *, framed: bool = False) -> str:
        """The whole page as text; ``framed``, as in a notebook, the map stands first."""
        page: str = _template().render(
            **self._view,
            framed=framed,
            policy=content_security_policy(host=self._tiles.host if self._tiles else None),
            styles=_as_written(page_styles()),
            leaflet=_as_written(_leaflet_js()),
            script=_as_written(page_script()),
            data=_as_written(inert_json(packed(self._data))),
            decision_rows=_as_written(inert_json((self._view["decisions"] or {}).get("rows", []))),
        )
        return page + "\n"

    def save(self, path: str | Path, **_: Any) -> Path:
        """Write the page as one HTML file; the same input gives the same bytes.

        An older page of that name stays until the new one is complete.
        """
        target = Path(path)
        with replacing(target) as made:
            made.write_text(self.to_html(), encoding="utf-8", newline="\n")
        return target

    def to_pdf(
        self,
        path: str | Path,
        *,
        paper: browser.Paper = "a4",
        theme: int = 0,
        view: browser.View = "now",
    ) -> Path:
        """Print one theme, landscape, with an installed Chromium, Chrome or Edge."""
        with self._saved() as page:
            return browser.print_to_pdf(page, Path(path), paper=paper, theme=theme, view=view)

    def to_png(
        self,
        path: str | Path,
        *,
        width: int = 1400,
        height: int = 900,
        theme: int = 0,
        view: browser.View = "now",
    ) -> Path:
        """Take a picture of the page, in pixels, with an installed Chromium, Chrome or Edge."""
        size = {"width": width, "height": height}
        with self._saved() as page:
            return browser.picture_of(page, Path(path), theme=theme, view=view, **size)

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
        return (
            f'<iframe title="{html.escape(self._view["title"])}" srcdoc="{page}" '
            f'style="width:100%;height:{html.escape(self.notebook_height)};border:1px solid">'
            "</iframe>"
        )

    def _thumbnail(self) -> str:
        title = html.escape(self._view["title"])
        with tempfile.TemporaryDirectory(prefix="hotspots-map-") as folder:
            picture = self.to_png(Path(folder) / "map.png", width=1280, height=720).read_bytes()
        source = f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
        return f'<img alt="{title}" src="{source}" style="width:100%;max-width:960px">'


def page_script() -> str:
    """The page's own script: constant for a version of the library.

    Lines that are comments stay in the package; the page is carried about.
    """
    parts = COMMENT_LINE.sub("", "\n".join(_asset(name) for name in SCRIPTS))
    return f'(function () {{\n"use strict";\n{parts}}})();'


def page_styles() -> str:
    """The page's styles, those of paper last."""
    sheet = f"@media print {{\n{_asset('paper.css')}}}"
    own = [_asset(f"{name}.css") for name in ("page", "decisions", "paper-cards")]
    return "\n".join([_leaflet_css(), *own, sheet])


def content_security_policy(*, host: str | None = None) -> str:
    """The policy of a page: its own scripts and styles by hash, no connection, nothing else."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {policy_hash(_leaflet_js())} {policy_hash(page_script())}",
            f"style-src {policy_hash(page_styles())}",
            "img-src data: blob:" + (f" {host}" if host else ""),
            "font-src data:",
            "connect-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
        ]
    )


def _as_written(text: str) -> Markup:
    """Text the template must not escape: constant assets, and JSON that is inert already."""
    return Markup(text)  # noqa: S704


@lru_cache(maxsize=1)
def _template() -> Any:
    return templates(_asset).get_template("page.html.j2")


@lru_cache(maxsize=16)
def _asset(name: str) -> str:
    return (resources.files("hotspots.report.map") / "assets" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _leaflet_js() -> str:
    code = _leaflet_file("leaflet.js").decode("utf-8")
    require("</script" not in code.lower(), "leaflet.js cannot be written into a page.")
    return re.sub(r"//# sourceMappingURL=\S+", "", code).strip()


@lru_cache(maxsize=1)
def _leaflet_css() -> str:
    """Leaflet's style without its pictures: the page uses none."""
    code = _leaflet_file("leaflet.css").decode("utf-8")
    code = re.sub(r"behavior:\s*url\([^)]*\);", "", code)
    return re.sub(r"url\(images/[\w.-]+\)", "none", code).replace("\r\n", "\n")


def _leaflet_file(name: str) -> bytes:
    package = import_module("xstatic.pkg.leaflet")
    return (Path(package.BASE_DIR) / name).read_bytes()
