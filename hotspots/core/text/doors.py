"""The doors a message leaves by, and their words for the arguments of the library.

What stands between backticks in a message is a mark: `` `alpha` `` names an argument,
`` `by="count"` `` sets one, `` `hotspots run` `` is a command that can be typed, anything else is
code of Python. In a TOML file `` `by="count"` `` is ``by = "count"``, at a command ``--by count``.
A door that has no word for an argument calls the thing by its plain name, and leaves out advice
that its reader could not follow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hotspots.core.text.mends import Mend

PLAIN_NAMES: Mapping[str, str] = {
    "incidents": "the incidents",
    "areas": "the areas",
    "area_periods": "the counts by period",
    "zones": "the zones",
    "orders": "the orders",
    "order": "the order",
    "points": "the points",
    "within": "the study area",
    "record": "the record",
    "grid": "the grid",
    "at_risk": "what is at risk",
    "paths": "the files",
}
"""What an argument is called where it is none; others by their name in words."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "python": ("python", "any", "otherwise"),
    "file": ("file", "typed", "any", "otherwise"),
    "options": ("options", "typed", "any", "otherwise"),
}
"""Where the words of a mend for a door are looked up, in this order."""


@dataclass(frozen=True, eq=False)
class Door:
    """One way out of the library.

    Parameters
    ----------
    key : str
        Which words of a mend are its own.
    says : callable
        Its words for a name and a value; the value is empty where there is none.
    names : mapping, optional
        The arguments it knows, with what it calls them. By default all, by their own names.
    """

    key: str
    says: Callable[[str, str], str]
    names: Mapping[str, str] | None = None

    def can_say(self, mark: Mark) -> bool:
        """Whether its reader can do something with a mark."""
        if mark.kind in ("name", "setting"):
            return self.names is None or mark.name in self.names
        return mark.kind != "code" or self.key == PYTHON.key

    def said(self, message: str) -> str:
        """A message in the words of this door.

        Examples
        --------
        >>> FILE.said('choose `by="count"`, or a larger `top`.')
        'choose `by = "count"`, or a larger `top`.'
        """
        return message if self.key == PYTHON.key else "".join(map(self._said, marks_of(message)))

    def mended(self, mend: str | Mend) -> str | None:
        """What to do, in the first words whose marks this door knows; None where it has none."""
        words = (mend,) if isinstance(mend, str) else mend.words(COLUMNS[self.key])
        for each in words:
            if all(map(self.can_say, marks_of(each))):
                return self.said(each)
        return None

    def _said(self, mark: Mark) -> str:
        if mark.kind not in ("name", "setting"):
            return mark.text
        if self.can_say(mark):
            return self.says((self.names or {}).get(mark.name, mark.name), mark.value)
        plain = PLAIN_NAMES.get(mark.name, mark.name.replace("_", " "))
        return f"{plain} {mark.value}" if mark.value else plain


def _in_python(name: str, value: str) -> str:
    return f"`{name}={value}`" if value else f"`{name}`"


def _in_a_file(name: str, value: str) -> str:
    if not value:
        return f"`{name}`"
    if value in ("True", "False"):
        return f"`{name} = {value.lower()}`"
    return f"`{name} = {value if value.replace('.', '', 1).isdigit() else json.dumps(value)}`"


def _as_an_option(name: str, value: str) -> str:
    shown = f'"{value}"' if " " in value else value
    return f"{name} {shown}" if value and value != "True" else name


PYTHON = Door("python", _in_python)
FILE = Door("file", _in_a_file)
"""A TOML file of any kind."""


def file_door(names: Mapping[str, str]) -> Door:
    """A TOML file that knows these settings."""
    return Door("file", _in_a_file, names)


def options_door(names: Mapping[str, str]) -> Door:
    """A command, with its option for each argument of the library that it asks for."""
    return Door("options", _as_an_option, names)


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
