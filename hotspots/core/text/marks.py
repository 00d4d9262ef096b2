"""Marks in a message: what stands between backticks is a name, a setting or a command, not prose.

`` `alpha` `` names an argument, `` `by="count"` `` sets one, `` `hotspots run` `` is a command that
can be typed, and anything else is code of Python. A message is parsed here and nowhere else; the
doors say its marks in their own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["prose", "name", "setting", "command", "code"]

_MARK = re.compile(r"`([^`\n]+)`")
_SETTING = re.compile(r"(?P<name>[a-z_][a-z0-9_]*)(?:=(?P<value>\"[^\"]*\"|'[^']*'|[\w.:/-]+))?")
_COMMAND = re.compile(r"hotspots [a-z].*")


@dataclass(frozen=True)
class Mark:
    """One piece of a message: its text, and the name and value it holds if it is a setting."""

    kind: Kind
    text: str
    name: str = ""
    value: str = ""


def marks_of(message: str) -> Iterator[Mark]:
    """The pieces of a message in order; together their texts are the message.

    Examples
    --------
    >>> [(mark.kind, mark.text) for mark in marks_of("`by` must be known; see `hotspots run`.")]
    [('name', '`by`'), ('prose', ' must be known; see '), ('command', '`hotspots run`'), ...]
    >>> [(mark.name, mark.value) for mark in marks_of('`by="count"`')]
    [('by', 'count')]
    """
    done = 0
    for found in _MARK.finditer(message):
        if found.start() > done:
            yield Mark("prose", message[done : found.start()])
        yield _mark(found[0], found[1])
        done = found.end()
    if done < len(message):
        yield Mark("prose", message[done:])


def _mark(text: str, inside: str) -> Mark:
    setting = _SETTING.fullmatch(inside)
    if setting is None:
        return Mark("command" if _COMMAND.fullmatch(inside) else "code", text)
    name, value = setting["name"], setting["value"]
    if value is None:
        return Mark("name", text, name)
    return Mark("setting", text, name, value.strip("\"'"))
