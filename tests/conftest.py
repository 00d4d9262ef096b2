"""Property tests judge answers, not the speed of the machine; commands are typed in a folder."""

import gc
import os
import sys
from collections import Counter
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest
from _pytest.doctest import DoctestItem, DoctestModule
from hypothesis import settings

from hotspots.cli.main import main
from hotspots.io.incidents.parse_file import parsed_once

gc.disable()  # until all is collected: what is imported stays
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

FIRST = (
    "cli/test_commands.py",
    "demo/test_notebooks.py",
    "report/test_map_browser.py",
    "demo/test_demo.py",
    "disclosure/test_series.py",
    "programmes/test_drafts.py",
    "demo/test_town.py",
    "disclosure/test_audit.py",
    "analysis/test_planted.py",
    "programmes/test_areas_products.py",
    "programmes/test_your_own_data.py",
    "programmes/test_asking_again.py",
    "programmes/test_sections.py",
)
"""The longest, and those that take long with few tests: no worker waits for another at the end."""


TESTS = Path(__file__).parent
STORAGE = pd.get_option("mode.string_storage")
OF_ARROW = ("core", "demo", "docs", "io", "offences", "oracles")
"""Rooms whose texts are kept by pyarrow, as are those of examples; the others have them as an
install without extras has, which takes a tenth less of the processor."""
TOGETHER = ("tests/cli/",)
"""Rooms whose files ask about one town: what was parsed and released for one the next need not."""
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
KEPT = {
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "536870912",
    "MALLOC_TOP_PAD_": "16777216",
}
"""What one table has given back the next may use, without a word to the system (glibc)."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes():
    """There is a worker for each core: threads of one would only take the core of another.

    What one process compiled the next need not.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    for name, size in KEPT.items():
        os.environ.setdefault(name, size)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each of fifty processes would compile anew


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """A file stays with one worker: what its tests share is made once, not once a worker."""
    if config.getvalue("dist") != "load":  # what ``-n`` alone means
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid):
            file = super()._split_scope(nodeid)
            return next((room for room in TOGETHER if file.startswith(room)), file)

    config.option.loadscopereorder = False  # few tests may take long: the order is given below
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file():
    """Examples in docstrings are those of the library, not of its tests."""
    return [file for file in (yield) if not isinstance(file, DoctestModule)]


@pytest.hookimpl(tryfirst=True)  # what one asks for by an option comes after
def pytest_collection_modifyitems(items):
    """Long files first, then those with most tests, each file in its own order."""
    tests = Counter(item.path for item in items)

    def turn(item):
        name = "/".join(item.path.parts[-2:])
        return FIRST.index(name) if name in FIRST else len(FIRST), -tests[item.path], str(item.path)

    items.sort(key=turn)
    for item in items:
        if isinstance(item, DoctestItem):
            item.fixturenames = [*item.fixturenames, "files_of_examples"]


class Examples:
    """Examples in docstrings load the same month again and again: each file is parsed once."""

    kept: ClassVar = {}

    @pytest.fixture
    def files_of_examples(self):
        """For as long as one runs; what it parsed is kept for the next."""
        with parsed_once(self.kept), pd.option_context("mode.string_storage", STORAGE):
            yield


def pytest_configure(config):
    """Examples stand outside the folder of tests, and so of what this file gives them."""
    config.pluginmanager.register(Examples())


def pytest_collection_finish():
    """Thousands of tests stand there to the end: no need to look through them, or often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    gc.enable()


def pytest_sessionfinish():
    """What is left goes with the process: pytest would look through it five times."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Texts are kept as they are in the room."""
    room = item.path.relative_to(TESTS).parts[0]
    pd.set_option("mode.string_storage", STORAGE if room in OF_ARROW else "python")


@pytest.fixture(scope="module")
def each_file_parsed_once():
    """For tests of what is done with incidents; how they are read is asked in ``tests/io``."""
    from read_once import assert_unchanged, read_once

    with pytest.MonkeyPatch.context() as patch:
        read_once(patch)
        yield
    assert_unchanged()


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
