"""A running browser for the tests of a page, and pages opened in it with the network cut."""

from functools import partial

import pytest
from browser import axe_core, opened, running_browser


@pytest.fixture(scope="module")
def browser():
    """One browser for all tests of a file."""
    with running_browser() as running:
        yield running


@pytest.fixture
def open_page(browser):
    """``with open_page(path) as witness``: see :func:`browser.opened`."""
    return partial(opened, browser)


@pytest.fixture(scope="session")
def axe():
    """The script of axe-core."""
    return axe_core().read_text(encoding="utf-8")
