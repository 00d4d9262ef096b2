"""The method that CONTRIBUTING.md adds as an example works, is tested, and keeps the rules."""

import doctest
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from chain import cells_of
from tables import incidents_at, zone

import hotspots as hs

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MODULE, TESTS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NAME = "hotspots.analysis.repeat_share"


@pytest.fixture
def module(monkeypatch):
    """The example as if its file were there."""
    made = ModuleType(NAME)
    exec(compile(MODULE, NAME, "exec"), made.__dict__)
    monkeypatch.setitem(sys.modules, NAME, made)
    return made


def test_the_example_passes_its_own_tests_and_its_docstring(module):
    names = {}
    exec(compile(TESTS, "test_repeat_share.py", "exec"), names)
    tests = [test for name, test in names.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()
    assert doctest.testmod(module) == (0, 3)


def test_the_example_says_what_every_public_function_says(module):
    told = re.findall(r"^(\w+)\n-+$", inspect.getdoc(module.repeat_share), re.MULTILINE)
    assert told == ["Parameters", "Returns", "Raises", "Notes", "References", "Examples"]


def test_the_example_is_new_and_touches_files_that_are_there():
    assert not (ROOT / "hotspots/analysis/repeat_share.py").exists(), "choose another example"
    step = PAGE.partition("**3. Four more files")[2].partition("\n\n")[0]
    files = re.findall(r"`([\w/]+\.\w+)`", step)
    assert len(files) == 4 and all((ROOT / file).exists() for file in files)


@pytest.mark.parametrize(("audience", "gets_it"), [("internal", True), ("partner", False)])
def test_a_new_column_is_shown_inside_and_left_out_for_partners(module, audience, gets_it):
    city = zone("City", (0, 0, 2_000, 1_000))
    cells = cells_of(incidents_at([(10, 10)] * 9), hs.SquareGrid(500), within=city)
    cells = cells.assign(repeat_share=module.repeat_share(cells))
    released = hs.release(cells, audience=audience, marking="OFFICIAL")
    assert ("repeat_share" in released.areas[0].columns) == gets_it


def test_every_room_it_sends_people_to_exists():
    table = PAGE.partition("## Find the room")[2].partition("##")[0]
    named = set(re.findall(r"\| `(\w+)` \|", table))
    rooms = {path.parent.name for path in (ROOT / "hotspots").glob("*/__init__.py")}
    assert named == rooms - {"demo"}
