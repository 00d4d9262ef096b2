"""A running browser for the tests of a page, and pages opened in it with the network cut."""

import asyncio
from functools import partial

import pytest
from browser import axe_core, opened, running_browser


@pytest.fixture(scope="session")
def started():
    """To start a browser takes as long as to open five pages: one, and the loop that drives it."""
    with running_browser() as running:
        loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        yield running, loop
        asyncio._set_running_loop(loop)


@pytest.fixture(scope="module")
def browser(started):
    """A browser, whose loop stands aside where tests of other files may want one of their own."""
    running, loop = started
    asyncio._set_running_loop(loop)
    yield running
    asyncio._set_running_loop(None)


@pytest.fixture
def open_page(browser):
    """``with open_page(path) as witness``: see :func:`browser.opened`."""
    return partial(opened, browser)


@pytest.fixture(scope="session")
def axe():
    """The script of axe-core."""
    return axe_core().read_text(encoding="utf-8")
