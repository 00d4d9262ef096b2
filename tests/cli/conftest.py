"""A town to ask about, and a way to type commands in its folder."""

from functools import partial

import pytest
from town_files import as_product

from hotspots.demo.town.town import synthetic_town


@pytest.fixture(scope="module", autouse=True)
def _commands_ask_about_the_same_files(each_file_parsed_once):
    """Hundreds are typed about one town."""


@pytest.fixture(scope="session")
def town():
    return synthetic_town(incidents=8_000)


@pytest.fixture(scope="session")
def folder(town, tmp_path_factory):
    """One for all files of this room: what was parsed for one of them is parsed for the next."""
    return as_product(town, tmp_path_factory.mktemp("town"))


@pytest.fixture
def typed(folder, typed_in):
    """Type a command in the town's folder: exit code, what was printed, what was complained."""
    return partial(typed_in, folder)
