"""Open a page in an installed browser with the network cut, and write down what it does."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
PATIENCE_MS = 30_000
STILL = "body[data-map=drawn]"
"""What the page says of itself once its map is drawn and stands still."""


class Witness:
    """What an opened page asked for and complained about."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self._request(request.url, address))
        page.on("console", lambda message: self._console(message))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) => "
            "console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI));"
        )

    def assert_quiet(self) -> None:
        """No request, no error, no warning."""
        assert self.requests == []
        assert self.complaints == []

    def until_still(self) -> None:
        """Wait until the map has stopped moving and is drawn."""
        self.page.wait_for_selector(STILL, state="attached")

    def until_on_paper(self) -> None:
        """Wait until the sheet of paper shows what the map shows."""
        self.page.wait_for_selector("body[data-sheet=drawn]", state="attached")

    def _request(self, url: str, address: str) -> None:
        if not url.startswith(("data:", "blob:")) and url.split("#")[0] != address:
            self.requests.append(url)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")


def installed_browser() -> str:
    """Path of an installed browser; skips the test where there is none."""
    from hotspots.report.map.written_page import find_browser

    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = find_browser()
    if found is None:
        pytest.skip("no Chromium, Chrome or Edge is installed")
    return str(found)


@contextmanager
def running_browser() -> Iterator[Any]:
    """A running headless browser; its first session stays, and in it a blank page.

    While a page is open the next needs no process of its own, which would be half of its cost.
    """
    executable = installed_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        blank = Path(folder, "blank.html")
        blank.touch()
        browser.new_context(offline=True).new_page().goto(blank.as_uri())
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Any,
    path: Path,
    *,
    size: tuple[int, int] = (1400, 900),
    fragment: str = "",
    until: str = STILL,
    **context: Any,
) -> Iterator[Witness]:
    """A page opened offline once ``until`` is there; the witness watches from the first byte.

    One that is to be opened in a ``context`` gets a session of its own; the others leave nothing
    in the one they share: the page stores nothing.
    """
    address = path.resolve().as_uri()
    session = browser.new_context(offline=True, **context) if context else browser.contexts[0]
    page = session.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.set_default_timeout(PATIENCE_MS)
    witness = Witness(page, address)
    page.goto(address + fragment, wait_until="load")
    page.wait_for_selector(until, state="attached")
    yield witness
    (session if context else page).close()


def axe_core() -> Path:
    """axe-core from npm, kept in the user's cache; skips the test where it cannot be had."""
    from platformdirs import user_cache_path

    folder = Path(os.environ.get("HOTSPOTS_AXE_CORE", user_cache_path("hotspots-tests")))
    found = sorted(folder.glob("**/axe.min.js"))
    if found:
        return found[-1]
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core is not cached and npm is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(
        [npm, "pack", "axe-core", "--silent"],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    archives = sorted(folder.glob("axe-core-*.tgz"))
    if packed.returncode or not archives:
        pytest.skip("axe-core could not be fetched with npm: no network")
    with tarfile.open(archives[-1]) as archive:
        archive.extract("package/axe.min.js", folder, filter="data")
    return folder / "package" / "axe.min.js"
