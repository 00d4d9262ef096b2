"""The site names everything that is public, and every page can be found from its first."""

import re
from pathlib import Path

import pytest

import hotspots as hs

DOCS = Path(__file__).resolve().parents[2] / "docs"
TOOLBOX = ("evaluation", "offences", "opendata", "operations", "stats", "streets", "when", "zones")
API = (DOCS / "api.md").read_text(encoding="utf-8")
LISTED = set(re.findall(r"^ {3}(\w+)$", API, flags=re.MULTILINE))


def test_every_public_name_is_in_the_reference():
    names = {name for name in hs.__all__ if name not in (*TOOLBOX, "__version__")}
    assert names - LISTED == set()
    assert all(f"`hs.{name}`" in API for name in TOOLBOX)


@pytest.mark.parametrize("box", TOOLBOX)
def test_every_name_of_the_toolbox_is_in_the_reference(box):
    assert set(getattr(hs, box).__all__) - LISTED == set()


def test_the_reference_lists_nothing_that_is_not_there():
    there = {*hs.__all__, *hs._DOORS}.union(*(getattr(hs, box).__all__ for box in TOOLBOX))
    assert LISTED - there == set()


METHODS = re.findall(r"^([a-z-]+)$", (DOCS / "methods.md").read_text("utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("name", sorted({*METHODS} - {"trust", "evidence", "performance"}))
def test_every_page_of_a_method_says_what_it_is_tested_on_and_when_it_misleads(name):
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    headings = "\n".join(re.findall(r"^##+ (.*)$", text, flags=re.MULTILINE))
    assert "Known answer" in headings
    assert re.search(r"mislead|Limits", headings)
    assert "`tests/" in text


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.stem)
def test_the_tests_and_benchmarks_a_page_names_are_there(page):
    named = re.findall(r"`((?:tests|benchmarks)/\w[\w/.-]*\.py)", page.read_text("utf-8"))
    assert [name for name in named if not (DOCS.parent / name).exists()] == []


def test_every_page_is_in_a_table_of_contents():
    listed = {"index", "README"}
    for page in DOCS.glob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            listed |= {re.sub(r".*<|>$", "", line.strip()) for line in block.splitlines()}
    assert {page.stem for page in DOCS.glob("*.md")} - listed == set()
