"""The page as a file: one HTML without requests, a policy that proves it, and PDF and PNG of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

from hotspots.core.errors import HotspotsError, InputError, require
from hotspots.core.text.mends import Mend
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

Paper = Literal["a4", "a3"]
View = Literal["now", "before", "change"]
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
    "chrome",
)
PLACES: dict[str, tuple[str, ...]] = {
    "win32": (
        r"Microsoft\Edge\Application\msedge.exe",
        r"Google\Chrome\Application\chrome.exe",
    ),
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
}
SECONDS = 90
BROWSER_VARIABLE = "HOTSPOTS_BROWSER"


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
    # A browser with its tools open would ask for that file; the page asks nobody.
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


class NoBrowserError(HotspotsError):
    """No browser is installed that could print a page."""

    rule = "no-browser"


def find_browser() -> Path | None:
    """An installed Chromium, Chrome or Edge; ``HOTSPOTS_BROWSER`` names one of your own."""
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        return Path(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    folders = [os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)")]
    for place in PLACES.get(sys.platform, ()):
        candidates = [Path(folder) / place for folder in folders if folder] or [Path(place)]
        for candidate in candidates:
            if candidate.exists():
                return candidate
    return None


def print_to_pdf(
    page: Path, target: Path, *, paper: Paper = "a4", theme: int = 0, view: View = "now"
) -> Path:
    """Print a saved page: a sheet of the places, their cards, the caveats."""
    address = f"{page.resolve().as_uri()}#paper={_paper(paper)}&theme={theme}&view={_view(view)}"
    return _run("print-to-pdf", target, ["--no-pdf-header-footer", address])


def picture_of(
    page: Path,
    target: Path,
    *,
    width: int = 1400,
    height: int = 900,
    theme: int = 0,
    view: View = "now",
) -> Path:
    """Take a picture of a saved page as it looks on a screen."""
    address = f"{page.resolve().as_uri()}#theme={theme}&view={_view(view)}"
    size = [f"--window-size={width},{height}", "--hide-scrollbars"]
    return _run("screenshot", target, [*size, address])


def _view(view: str) -> str:
    if view not in ("now", "before", "change"):
        raise InputError(f'`view` must be "now", "before" or "change"; got {view!r}.')
    return view


def _paper(paper: str) -> str:
    if paper not in ("a4", "a3"):
        raise InputError(f'`paper` must be "a4" or "a3"; got {paper!r}.')
    return paper


def _run(what: str, target: Path, arguments: list[str]) -> Path:
    browser = find_browser()
    if browser is None:
        raise NoBrowserError(
            "a PDF or PNG of the page needs an installed Chromium, Chrome or Edge, and none was "
            "found.",
            mend=Mend("plain-figure", {"variable": BROWSER_VARIABLE}),
        )
    # On Windows helpers of the browser hold files of its profile a while longer.
    scratch = tempfile.TemporaryDirectory(prefix="hotspots-", ignore_cleanup_errors=True)
    with replacing(target) as made, scratch as profile:
        command = [
            str(browser),
            "--headless=new",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-extensions",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={profile}",
            "--virtual-time-budget=4000",
            *(["--no-sandbox"] if _is_root() else []),
            f"--{what}={made}",
            *arguments,
        ]
        told = _said(command)
        if not made.exists():
            raise NoBrowserError(f"{browser.name} wrote nothing: {told}")
    return target


def _said(command: list[str]) -> str:
    """Run a browser; the last that it complains of."""
    run = partial(subprocess.run, capture_output=True, encoding="utf-8", errors="replace")
    try:
        return str(run(command, timeout=SECONDS).stderr).strip()[-400:]
    except subprocess.TimeoutExpired:
        return f"it was not ready in {SECONDS} s."


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
