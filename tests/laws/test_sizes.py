"""A module that does two things, or a function of two ideas, is seen by its length."""

import ast
from collections import Counter
from pathlib import Path

import pytest
from syntax import functions_of, tree_of

PACKAGE = Path(__file__).resolve().parents[2] / "hotspots"
MODULE_LINES, BODY_LINES = 400, 45


def bodies(path):
    """Name and lines of every function of a module, without its signature and docstring."""
    for node in functions_of(path):
        told = ast.get_docstring(node, clean=False) is not None
        first = node.body[1 if told and len(node.body) > 1 else 0]
        yield node.name, node.end_lineno - first.lineno + 1


@pytest.mark.parametrize("room", sorted(path.name for path in PACKAGE.iterdir() if path.is_dir()))
def test_no_module_and_no_function_has_outgrown_its_idea(room):
    modules = list((PACKAGE / room).rglob("*.py"))
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in modules
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES
    }
    wide = {
        f"{path.relative_to(PACKAGE)}:{name}": lines
        for path in modules
        for name, lines in bodies(path)
        if lines > BODY_LINES
    }
    assert (long, wide) == ({}, {})


@pytest.mark.parametrize("root", [PACKAGE, PACKAGE.parent / "tests"])
def test_no_two_modules_are_called_the_same(root):
    """In a stack trace and in the tab of an editor a module is its name."""
    names = [path.name for path in root.rglob("*.py")]
    twins = {name for name in names if names.count(name) > 1}
    assert twins <= {"__init__.py", "conftest.py"}


def test_no_two_classes_are_called_the_same():
    """A class is told by its name too: what is meant by ``Source`` is asked once."""
    names = [
        node.name
        for path in PACKAGE.rglob("*.py")
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_no_module_gives_a_name_twice():
    """A constant given again further down is another number for the functions above it, too."""
    given = [
        (str(path.relative_to(PACKAGE)), name.id)
        for path in PACKAGE.rglob("*.py")
        for node in tree_of(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    ]
    assert [one for one, count in Counter(given).items() if count > 1] == []
