"""Errors that help: what was required, what came, what to do; gathered first, raised once."""

from __future__ import annotations

import importlib
import os
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from numbers import Integral
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Literal, Self, TypeVar

from hotspots.core.text.doors import PYTHON, Door, marks_of
from hotspots.core.text.findings import FINDINGS
from hotspots.core.text.mends import Mend

Severity = Literal["error", "warning", "note"]
PACKAGE = f"{Path(__file__).parents[1]}{os.sep}"
MOST_SAID = 20
RANGE = "out-of-range"
T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """One thing that was found in the input, and how to mend it.

    Attributes
    ----------
    rule
        Short stable name of the rule, for machines (``"month-format"``).
    message
        What was expected and what came. Arguments stand in backticks, as marks; what a door calls
        them is in ``core/text/doors.py``.
    severity
        ``error`` stops the work or quarantines rows, ``warning`` changes how results should be
        read, ``note`` says what was done.
    file, line, column
        Where; ``line`` counts the header as line 1, as an editor does.
    value
        The offending text, shortened. Never written to a manifest or a log, nor in the ``repr``.
    mend
        What to do about it: words for every door, or a code of ``core/text/mends.py``.
    rows
        How many rows share the finding.
    door
        Whose words it is said in: those of the first door it left by, of Python by default.
    """

    rule: str
    message: str
    severity: Severity = "error"
    file: str | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = field(default=None, repr=False)
    mend: str | Mend | None = None
    rows: int = 1
    door: Door = field(default=PYTHON, compare=False, repr=False)

    @classmethod
    def of(
        cls, rule: str, severity: Severity = "error", *, said: Mapping[str, Any], **where: Any
    ) -> Self:
        """A finding whose words are in ``core/text/findings.py``; `said` is what they hold.

        Examples
        --------
        >>> str(Finding.of("offence-missing", said={}, file="july.csv", line=3))
        'july.csv:3: an offence was expected; the cell is empty. Fill it in.'
        """
        message, mend = FINDINGS[rule]
        if isinstance(mend, str):
            mend = mend.format(**said)
        return cls(rule, message.format(**said), severity, mend=mend, **where)

    @property
    def argument(self) -> str | None:
        """The argument it is about: the first it names.

        Examples
        --------
        >>> Finding("argument", "`top` must be 1 or more; got 0.").argument
        'top'
        """
        return next((mark.name for mark in marks_of(self.message) if mark.name), None)

    def through(self, door: Door) -> Finding:
        """The finding in the words of a door, unless it has left by another one before."""
        return replace(self, door=door) if self.door.key == PYTHON.key else self

    def to_dict(self) -> dict[str, Any]:
        """What it says, as plain values."""
        names = ("rule", "severity", "file", "line", "column", "value", "rows")
        words = {"message": self.door.said(self.message), "mend": self._mended}
        return {name: getattr(self, name) for name in names} | words

    @property
    def _mended(self) -> str | None:
        return self.door.mended(self.mend) if self.mend else None

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        column = f"[{self.column}]" if self.column else ""
        came = f" Got {self.value!r}." if self.value is not None else ""
        mend = f" {self._mended}" if self._mended else ""
        prefix = " ".join(part for part in (where, column) if part)
        prefix = f"{prefix}: " if prefix else ""
        return f"{prefix}{self.door.said(self.message)}{came}{mend}"


class HotspotsError(Exception):
    """Any error this library raises on purpose.

    Attributes
    ----------
    findings : tuple of Finding
        Everything that is wrong, each with its rule.

    Examples
    --------
    >>> error = InputError("`top` must be 1 or more; got 0.")
    >>> [(found.rule, found.argument) for found in error.findings]
    [('argument', 'top')]
    """

    rule: ClassVar[str] = "refused"

    def __init__(
        self, said: str | Iterable[Finding], *, rule: str | None = None, **where: Any
    ) -> None:
        if isinstance(said, str):
            said = (Finding(rule or self.rule, said, **where),)
        self.findings: tuple[Finding, ...] = tuple(said)
        super().__init__(self.findings)

    def through(self, door: Door) -> Self:
        """The error in the words of a door."""
        return type(self)(finding.through(door) for finding in self.findings)

    def in_file(self, file: str) -> tuple[Finding, ...]:
        """Its findings, with the file they are about where they name none."""
        return tuple(replace(found, file=found.file or file) for found in self.findings)

    def __str__(self) -> str:
        lines = [str(found) for found in self.findings[:MOST_SAID]]
        if len(self.findings) > MOST_SAID:
            lines.append(f"... and {len(self.findings) - MOST_SAID:,} more.")
        return "\n".join(lines)

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the lines of its cells and what is wrong, none of the library."""
        frames = traceback.extract_tb(self.__traceback__)
        callers = takewhile(lambda one: not one.filename.startswith(PACKAGE), frames)
        cells = [one for one in callers if one.line and "interactiveshell" not in one.filename]
        return [*map(str.rstrip, traceback.format_list(cells)), f"{type(self).__name__}: {self}"]


class InputError(HotspotsError, ValueError):
    """An argument is not what the function needs."""

    rule = "argument"


class DataError(HotspotsError, ValueError):
    """A file or its rows cannot be used as they are."""

    rule = "data"


class MissingExtraError(HotspotsError, ImportError):
    """An optional dependency is not installed."""

    rule = "extra-missing"


@dataclass
class Findings:
    """Gather findings while checking; raise them together at the end."""

    items: list[Finding] = field(default_factory=list)

    def add(self, *findings: Finding) -> None:
        """Remember findings."""
        self.items += findings

    def error(self, rule: str, message: str, **where: Any) -> None:
        """Remember an error."""
        self.add(Finding(rule, message, "error", **where))

    def one_of(
        self, name: str, value: object, known: Sequence[str], rule: str = "unknown-choice"
    ) -> None:
        """Remember an argument that is none of the words known."""
        if not (isinstance(value, str) and value in known):
            self.error(rule, f"`{name}` must be one of {', '.join(known)}; got {value!r}.")

    def warn(self, rule: str, message: str, **where: Any) -> None:
        """Remember a warning."""
        self.add(Finding(rule, message, "warning", **where))

    def note(self, rule: str, message: str, **where: Any) -> None:
        """Remember a note."""
        self.add(Finding(rule, message, "note", **where))

    @property
    def errors(self) -> list[Finding]:
        """The findings that stop the work."""
        return [item for item in self.items if item.severity == "error"]

    def raise_errors(self, kind: type[HotspotsError] = DataError) -> None:
        """Raise every error in one exception; do nothing when there is none."""
        if self.errors:
            raise kind(self.errors)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def require(
    condition: bool, message: str, kind: type[HotspotsError] = InputError, **where: Any
) -> None:
    """Raise ``kind(message, **where)`` unless the condition holds."""
    if not condition:
        raise kind(message, **where)


def needed(value: T | None, message: str, **where: Any) -> T:
    """The value; raise ``InputError(message, **where)`` where there is none."""
    if value is None:
        raise InputError(message, **where)
    return value


def is_whole(value: object, least: int) -> bool:
    """Whether a value is a whole number from ``least`` on, and not true or false.

    Examples
    --------
    >>> is_whole(3, 1), is_whole(3.0, 1), is_whole(True, 1), is_whole(0, 1)
    (True, False, False, False)
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        return False
    return int(value) >= least


def require_extra(module: str, extra: str, why: str) -> ModuleType:
    """Import an optional dependency, or say what to install.

    Examples
    --------
    >>> require_extra("json", "excel", "reading workbooks").__name__
    'json'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{why} needs the package {module.split('.')[0]!r}, which is not installed. "
            f"Install it with: python -m pip install {module.split('.')[0]} (or install "
            f"safer-hotspots with its extra {extra!r})."
        ) from error


def listing(names: object, *, most: int = 8) -> str:
    """Words for a message: a short, sorted, quoted list.

    Examples
    --------
    >>> listing({"b", "a"})
    "'a', 'b'"
    """
    ordered = sorted(str(name) for name in names)  # type: ignore[attr-defined]
    shown = ", ".join(repr(name) for name in ordered[:most])
    return f"{shown} and {len(ordered) - most} more" if len(ordered) > most else shown
