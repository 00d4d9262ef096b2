"""The page as it is written: one file, no request, no data in any script, a policy that proves it.

The page's scripts are constants shipped with the package; their hashes stand in the page's
Content-Security-Policy. Data is an inert JSON block.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from hotspots.core.errors import require
from hotspots.report.escape import inert_json, policy_hash, templates
from hotspots.report.files import replacing
from hotspots.report.map.encode import packed

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


@dataclass(frozen=True)
class WrittenPage:
    """What the template writes (`view`), what the scripts read (`data`), who may be asked."""

    view: dict[str, Any]
    data: dict[str, Any]
    tiles: OnlineTiles | None = None

    def to_html(self, *, framed: bool = False) -> str:
        """The whole page as text; ``framed``, as in a notebook, the map stands first."""
        page: str = _template().render(
            **self.view,
            framed=framed,
            policy=content_security_policy(host=self.tiles.host if self.tiles else None),
            styles=_as_written(page_styles()),
            leaflet=_as_written(_leaflet_js()),
            script=_as_written(page_script()),
            data=_as_written(inert_json(packed(self.data))),
            decision_rows=_as_written(inert_json((self.view["decisions"] or {}).get("rows", []))),
        )
        return page + "\n"

    def save(self, path: str | Path) -> Path:
        """Write the page as one HTML file; the same input gives the same bytes.

        An older page of that name stays until the new one is complete.
        """
        target = Path(path)
        with replacing(target) as made:
            made.write_text(self.to_html(), encoding="utf-8", newline="\n")
        return target


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
