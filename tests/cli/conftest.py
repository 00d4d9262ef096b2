"""A town to ask about, and a way to type commands in its folder."""

import shutil
import sys
from functools import partial

import pytest

from hotspots.cli.main import main
from hotspots.demo.town.town import synthetic_town
from hotspots.programmes.tasking.load_product import PRODUCTS


@pytest.fixture(scope="module")
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


@pytest.fixture
def typed_in(monkeypatch, capsys):
    """Type a command in a folder."""

    def run(place, *words):
        monkeypatch.chdir(place)
        monkeypatch.setattr(sys, "argv", ["hotspots", *map(str, words)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return run
