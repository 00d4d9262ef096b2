"""Laws of messages: arguments are marks, Python is for its own door, rules have stable names."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from syntax import tree_of

import hotspots
from hotspots.core.text.caveat_texts import CAVEATS
from hotspots.core.text.doors import marks_of
from hotspots.core.text.findings import FINDINGS
from hotspots.core.text.mends import MENDS

ROOM = Path(hotspots.__file__).parent
MAKERS = ("require", "needed", "error", "warn", "note", "Finding")
BARE = re.compile(r"\b[a-z_]+=[\"'\w]|\b[a-z][A-Za-z_.]*\((?!s\))|\bpd\.|\bnp\.")


@cache
def spoken() -> list[tuple[str, str]]:
    """Where each message of an error or a finding stands, and its words."""
    return [
        (f"{path.relative_to(ROOM)}:{node.lineno}", text)
        for path, node in calls()
        if is_maker(name_of(node.func))
        for text in map(words_of, [*node.args, *(key.value for key in node.keywords)])
        if text
    ]


@cache
def calls() -> list[tuple[Path, ast.Call]]:
    """Every call in the package; made when the first law asks, not when tests are collected."""
    return [
        (path, node)
        for path in sorted(ROOM.rglob("*.py"))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
    ]


def name_of(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def is_maker(name: str) -> bool:
    return name in MAKERS or name.endswith("Error")


def words_of(node: ast.expr) -> str:
    """A text with its values left out; nothing for what is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(words_of(part) or "x" for part in node.values)
    if isinstance(node, ast.BinOp):
        return words_of(node.left) + words_of(node.right)
    return ""


def test_messages_are_found():
    assert len(spoken()) > 400


def test_no_message_holds_code_of_python():
    leaks = [
        f"{where} {mark.text}"
        for where, text in spoken()
        for mark in marks_of(text)
        if mark.kind == "code" or (mark.kind == "prose" and BARE.search(mark.text))
    ]
    assert not leaks, "\n".join(leaks)


@pytest.mark.parametrize("code", MENDS)
def test_only_the_door_of_python_is_told_code_of_python(code):
    for column, text in MENDS[code].items():
        kinds = {mark.kind for mark in marks_of(text)}
        assert column == "python" or "code" not in kinds
        assert not any(BARE.search(one.text) for one in marks_of(text) if one.kind == "prose")


@pytest.mark.parametrize("code", MENDS)
def test_every_mend_is_used(code):
    assert f'"{code}"' in sources()


@cache
def sources() -> str:
    own = ROOM / "core" / "text" / "mends.py"
    return "".join(path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py") if path != own)


def test_rules_are_short_stable_names():
    rules = {*FINDINGS, *CAVEATS, *MENDS}
    for _, node in calls():
        given = [key.value for key in node.keywords if key.arg == "rule"]
        if name_of(node.func) in ("Finding", "of") and node.args:
            given.append(node.args[0])
        rules |= {
            one.value
            for one in given
            if isinstance(one, ast.Constant) and isinstance(one.value, str)
        }
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule) for rule in rules), sorted(rules)
