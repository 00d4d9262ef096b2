"""The page as a ``folium.Map``.

Stock Folium layers write data into scripts and compile it as templates on the way: they belong on
the ordinary map of ``to_folium``. What only writes the page needs no Folium, and takes
:class:`WrittenPage` as it is: importing Folium takes longer than drawing.
"""

from __future__ import annotations

import base64
import html
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import folium

from hotspots.core.errors import InputError
from hotspots.core.text.mends import Mend
from hotspots.report.map import print_page as browser
from hotspots.report.map.folium_layers import ordinary_map
from hotspots.report.map.written_page import WrittenPage


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
            f'<iframe title="{html.escape(self.view["title"])}" srcdoc="{page}" '
            f'style="width:100%;height:{html.escape(self.notebook_height)};border:1px solid">'
            "</iframe>"
        )

    def _thumbnail(self) -> str:
        title = html.escape(self.view["title"])
        with tempfile.TemporaryDirectory(prefix="hotspots-map-") as folder:
            picture = self.to_png(Path(folder) / "map.png", width=1280, height=720).read_bytes()
        source = f"data:image/png;base64,{base64.b64encode(picture).decode('ascii')}"
        return f'<img alt="{title}" src="{source}" style="width:100%;max-width:960px">'
