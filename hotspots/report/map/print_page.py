"""PDF and PNG of a page with a browser that is already installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Literal

from hotspots.core.errors import HotspotsError, InputError
from hotspots.core.text.mends import Mend

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
    return _run([f"--print-to-pdf={target.resolve()}", "--no-pdf-header-footer", address], target)


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
    return _run([f"--screenshot={target.resolve()}", *size, address], target)


def _view(view: str) -> str:
    if view not in ("now", "before", "change"):
        raise InputError(f'`view` must be "now", "before" or "change"; got {view!r}.')
    return view


def _paper(paper: str) -> str:
    if paper not in ("a4", "a3"):
        raise InputError(f'`paper` must be "a4" or "a3"; got {paper!r}.')
    return paper


def _run(arguments: list[str], target: Path) -> Path:
    browser = find_browser()
    if browser is None:
        raise NoBrowserError(
            "a PDF or PNG of the page needs an installed Chromium, Chrome or Edge, and none was "
            "found.",
            mend=Mend("plain-figure", {"variable": BROWSER_VARIABLE}),
        )
    with tempfile.TemporaryDirectory(prefix="hotspots-browser-") as profile:
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
            *arguments,
        ]
        target.unlink(missing_ok=True)
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    if not target.exists():
        raise NoBrowserError(f"{browser.name} wrote nothing: {done.stderr.strip()[-400:]}")
    return target


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
