"""Modules as trees, each parsed once for all laws about the source that a worker asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

INSIDE = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where statements stand in statements; below them there are expressions, which are most."""


@cache
def tree_of(path: Path) -> ast.Module:
    """The tree of a module, which nobody changes."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions_of(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, those inside others and in classes too."""
    left: list[ast.AST] = [tree_of(path)]
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        left += [one for name in INSIDE for one in getattr(node, name, ())]
