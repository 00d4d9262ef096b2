"""Products are made one after another of the same files."""

import pytest

from hotspots.io.incidents.parse_file import parsed_once


@pytest.fixture(scope="module", autouse=True)
def _files_parsed_once():
    """How files are read is asked in ``tests/io``; here each is parsed once a module."""
    with parsed_once():
        yield
