"""Errors that help: what was required, what came, what to do; gathered first, raised once."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Literal

Severity = Literal["error", "warning", "note"]


class HotspotsError(Exception):
    """Any error this library raises on purpose."""


class InputError(HotspotsError, ValueError):
    """An argument is not what the function needs."""


class DataError(HotspotsError, ValueError):
    """A file or its rows cannot be used as they are."""


class MissingExtraError(HotspotsError, ImportError):
    """An optional dependency is not installed."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found in the input, and how to mend it.

    Attributes
    ----------
    rule
        Short stable name of the rule, for machines (``"month-format"``).
    message
        What was expected and what came, for people.
    severity
        ``error`` stops the work or quarantines rows, ``warning`` changes how results should be
        read, ``note`` says what was done.
    file, line, column
        Where; ``line`` counts the header as line 1, as an editor does.
    value
        The offending text, shortened. Never written to a manifest or a log, nor in the ``repr``.
    mend
        What to do about it.
    rows
        How many rows share the finding.
    """

    rule: str
    message: str
    severity: Severity = "error"
    file: str | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = field(default=None, repr=False)
    mend: str | None = None
    rows: int = 1

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line) if part is not None)
        column = f"[{self.column}]" if self.column else ""
        came = f" Got {self.value!r}." if self.value is not None else ""
        mend = f" {self.mend}" if self.mend else ""
        prefix = " ".join(part for part in (where, column) if part)
        prefix = f"{prefix}: " if prefix else ""
        return f"{prefix}{self.message}{came}{mend}"


@dataclass
class Findings:
    """Gather findings while checking; raise them together at the end."""

    items: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Remember one finding."""
        self.items.append(finding)

    def error(self, rule: str, message: str, **where: object) -> None:
        """Remember an error."""
        self.add(Finding(rule, message, "error", **where))  # type: ignore[arg-type]

    def warn(self, rule: str, message: str, **where: object) -> None:
        """Remember a warning."""
        self.add(Finding(rule, message, "warning", **where))  # type: ignore[arg-type]

    def note(self, rule: str, message: str, **where: object) -> None:
        """Remember a note."""
        self.add(Finding(rule, message, "note", **where))  # type: ignore[arg-type]

    @property
    def errors(self) -> list[Finding]:
        """The findings that stop the work."""
        return [item for item in self.items if item.severity == "error"]

    def raise_errors(self, kind: type[HotspotsError] = DataError, *, most: int = 20) -> None:
        """Raise every error in one exception; do nothing when there is none."""
        errors = self.errors
        if not errors:
            return
        shown = [str(item) for item in errors[:most]]
        if len(errors) > most:
            shown.append(f"... and {len(errors) - most:,} more.")
        raise kind("\n".join(shown) if len(shown) > 1 else shown[0])

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def require(condition: bool, message: str, kind: type[HotspotsError] = InputError) -> None:
    """Raise ``kind(message)`` unless the condition holds."""
    if not condition:
        raise kind(message)


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
