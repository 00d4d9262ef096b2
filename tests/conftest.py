"""Property tests judge answers, not the speed of the machine; commands are typed in a folder."""

import gc
import sys

import pytest
from hypothesis import settings

from hotspots.cli.main import main

settings.register_profile("calm", deadline=None)
settings.load_profile("calm")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file stays with one worker: what its tests share is made once, not once a worker."""
    if config.getvalue("dist") != "load":  # what ``-n`` alone means
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


def pytest_collection_finish():
    """Thousands of tests stand there to the end: no need to look through them for garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def typed_in(monkeypatch, capsys):
    """Type a command in a folder: exit code, what was printed, what was complained."""

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
