"""A town to ask about, and a way to type commands in its folder."""

import shutil
from functools import partial

import pytest

from hotspots.demo.town.town import synthetic_town
from hotspots.programmes.tasking.load_product import PRODUCTS


@pytest.fixture(scope="module", autouse=True)
def _commands_ask_about_the_same_files(each_file_parsed_once):
    """Hundreds are typed about one town."""


@pytest.fixture(scope="session")
def town():
    return synthetic_town(incidents=8_000)


@pytest.fixture(scope="module")
def folder(town, tmp_path_factory):
    place = town.write(tmp_path_factory.mktemp("town"))
    shutil.copyfile(PRODUCTS / "town.toml", place / "product.toml")
    return place


@pytest.fixture
def typed(folder, typed_in):
    """Type a command in the town's folder: exit code, what was printed, what was complained."""
    return partial(typed_in, folder)
