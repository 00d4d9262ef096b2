"""A ``folium.Map`` in one file: no request, no data in any script, a policy that proves it.

The page's scripts are constants shipped with the package; their hashes stand in the page's
Content-Security-Policy. Data is an inert JSON block. Stock Folium layers write data into scripts
and compile it as templates on the way, so they are refused unless asked for by name.
"""

from __future__ import annotations

import base64
import hashlib
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
from branca.element import CssLink, Element, Figure, JavascriptLink
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from hotspots.core.errors import HotspotsError, InputError, require
from hotspots.report.map import print_page as browser
from hotspots.report.map.escape import inert_json

if TYPE_CHECKING:
    from hotspots.report.map.backdrop import OnlineTiles

SCRIPTS = (
    "decode.js",
    "paint.js",
    "pins.js",
    "scene.js",
    "legend.js",
    "views.js",
    "details.js",
    "print.js",
    "page.js",
)
COMMENT_LINE = re.compile(r"^ *//.*\n", re.MULTILINE)
LEAFLET_LINKS = ("leaflet@", "leaflet.js", "leaflet.css")


class NotVendoredError(HotspotsError):
    """A layer needs a file from the network, and this page may not ask for one."""


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
    allow_unsafe_layers : bool
        Accept stock Folium layers by ``add_to``.
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
        allow_unsafe_layers: bool = False,
        height: str = "720px",
    ) -> None:
        self._sealed = False
        super().__init__(tiles=None)
        PageFigure(self)
        self._view, self._data = view, data
        self._allow_unsafe_layers, self._tiles = allow_unsafe_layers, tiles
        self.notebook_height, self.notebook_mode = height, "page"
        self._id = "hotspots"
        self._sealed = True

    def add_child(self, child: Any, name: str | None = None, index: int | None = None) -> Any:
        """Add a Folium layer by hand; refused unless the map allows unsafe layers."""
        if self._sealed and not self._allow_unsafe_layers:
            raise InputError(
                f"{type(child).__name__} cannot be added to this map: stock Folium layers write "
                "text from the data into scripts, where it can run, and may hold points or columns "
                "that the audience must not have. Pass the table to map_areas (areas, clusters or "
                "zones), or accept the risk with map_areas(..., allow_unsafe_layers=True)."
            )
        return super().add_child(child, name=name, index=index)

    def to_html(self) -> str:
        """The whole page as text."""
        extra = _unsafe_parts(self) if self._children else None
        page = _template().render(
            **self._view,
            policy=content_security_policy(
                extra.script if extra else None, host=self._tiles.host if self._tiles else None
            ),
            styles=_as_written(page_styles(pictures=extra is not None)),
            leaflet=_as_written(_leaflet_js()),
            script=_as_written(page_script()),
            data=_as_written(inert_json(self._data)),
            extra=extra,
        )
        return page + "\n"

    def save(self, path: str | Path, **_: Any) -> Path:
        """Write the page as one HTML file; the same input gives the same bytes."""
        target = Path(path)
        target.write_text(self.to_html(), encoding="utf-8", newline="\n")
        return target

    def to_pdf(
        self,
        path: str | Path,
        *,
        paper: browser.Paper = "a4",
        theme: int = 0,
        view: browser.View = "now",
    ) -> Path:
        """Print one theme on one landscape sheet with an installed Chromium, Chrome or Edge."""
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
        page = html.escape(self.to_html(), quote=True)
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


class PageFigure(Figure):  # type: ignore[misc]
    """The root of a :class:`HotspotMap`: renders as the whole page, compiles no text twice."""

    def __init__(self, page: HotspotMap) -> None:
        super().__init__()
        self._page = page
        for part in ("header", "html", "script"):
            box = LiteralBox()
            box._parent = self
            setattr(self, part, box)
        page.add_to(self)

    def render(self, **_: Any) -> str:
        """The whole page as text."""
        return self._page.to_html()


class LiteralBox(Element):  # type: ignore[misc]
    """Keeps what it is given as literal text; branca would compile it as a template again."""

    def add_child(self, child: Any, name: str | None = None, index: int | None = None) -> Any:
        """Add an element; plain text elements become literal."""
        if type(child) is Element and child._template_str is not None:
            child = Literal(child._template_str)
        return super().add_child(child, name=name, index=index)


class Literal(Element):  # type: ignore[misc]
    """Text that is rendered as it is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render(self, **_: Any) -> str:
        """The text."""
        return self._text


class UnsafeParts:
    """What stock layers want in the page."""

    def __init__(self, header: str, body: str, script: str) -> None:
        self.header, self.body = _as_written(header), _as_written(body)
        self.script = _as_written(script)


def page_script() -> str:
    """The page's own script: constant for a version of the library.

    Lines that are comments stay in the package; the page is carried about.
    """
    parts = COMMENT_LINE.sub("", "\n".join(_asset(name) for name in SCRIPTS))
    return f'(function () {{\n"use strict";\n{parts}}})();'


def page_styles(*, pictures: bool = False) -> str:
    """The page's styles; Leaflet's own pictures only where layers added by hand may need them."""
    sheet = f"@media print {{\n{_asset('paper.css')}}}"
    return "\n".join([_leaflet_css(pictures=pictures), _asset("page.css"), sheet])


def content_security_policy(extra_script: str | None = None, *, host: str | None = None) -> str:
    """The policy of a page: its own scripts by hash, no connection, nothing else."""
    scripts = [_leaflet_js(), page_script()] + ([extra_script] if extra_script else [])
    styles = "'unsafe-inline'" if extra_script is not None else _hash(page_styles())
    return "; ".join(
        [
            "default-src 'none'",
            "script-src " + " ".join(_hash(script) for script in scripts),
            f"style-src {styles}",
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


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _unsafe_parts(page: HotspotMap) -> UnsafeParts:
    """Render layers added by hand; refuse any that asks for a file from the network."""
    figure = page.get_root()
    for number, element in enumerate(_descendants(page)):
        element._id = f"{number:04x}"
    for part in ("header", "html", "script"):
        getattr(figure, part)._children.clear()
    for child in list(page._children.values()):
        child.render()
    header = []
    for element in figure.header._children.values():
        if isinstance(element, (JavascriptLink, CssLink)):
            _refuse_unknown(element.url)
        else:
            header.append(str(element.render()))
    body = "".join(str(element.render()) for element in figure.html._children.values())
    script = "\n".join(str(element.render()) for element in figure.script._children.values())
    script = re.sub(r"</(script)", r"<\\/\1", script, flags=re.IGNORECASE)
    return UnsafeParts(
        "\n".join(header),
        body,
        f"{_asset('unsafe.js')}\nvar {page.get_name()} = window.hotspots.map;\n{script}",
    )


def _descendants(element: Any) -> Iterator[Any]:
    for child in element._children.values():
        yield child
        yield from _descendants(child)


def _refuse_unknown(url: str) -> None:
    if not any(part in url for part in LEAFLET_LINKS):
        raise NotVendoredError(
            f"a layer needs {url}, and this page makes no request. Remove the layer, or save an "
            "ordinary folium.Map for use with a network."
        )


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("page.html.j2"))


@lru_cache(maxsize=16)
def _asset(name: str) -> str:
    return (resources.files("hotspots.report.map") / "assets" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _leaflet_js() -> str:
    code = _leaflet_file("leaflet.js").decode("utf-8")
    require("</script" not in code.lower(), "leaflet.js cannot be written into a page.")
    return re.sub(r"//# sourceMappingURL=\S+", "", code).strip()


@lru_cache(maxsize=2)
def _leaflet_css(*, pictures: bool) -> str:
    """Leaflet's style with its few pictures inside, or without them."""

    def inline(match: re.Match[str]) -> str:
        if not pictures:
            return "none"
        picture = base64.b64encode(_leaflet_file(match.group(1))).decode("ascii")
        return f"url(data:image/png;base64,{picture})"

    code = _leaflet_file("leaflet.css").decode("utf-8")
    code = re.sub(r"behavior:\s*url\([^)]*\);", "", code)
    return re.sub(r"url\((images/[\w.-]+)\)", inline, code).replace("\r\n", "\n")


def _leaflet_file(name: str) -> bytes:
    package = import_module("xstatic.pkg.leaflet")
    return (Path(package.BASE_DIR) / name).read_bytes()
