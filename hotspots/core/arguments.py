"""An argument as a number, a path, a list, a word; what is none is refused by its name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, KeysView, Sequence, ValuesView
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from hotspots.core.errors import InputError, require
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hotspots.core.record import RunRecord

MOST_DRAWS = 1_000_000
"""Of chance: a p-value of one in a million, and more than anything asks for."""
LONGEST_NAME = 255
"""Bytes that a name may have on ordinary file systems: what has more is the content of a file."""


def require_word(name: str, value: object, known: Sequence[str]) -> None:
    """Raise unless an argument is one of a few words.

    Examples
    --------
    >>> require_word("unknown", "drop", ("error", "in", "out"))
    Traceback (most recent call last):
        ...
    hotspots.core.errors.InputError: `unknown` must be "error", "in" or "out"; got 'drop'.
    """
    *most, last = (f'"{word}"' for word in known)
    told = f"{', '.join(most)} or {last}"
    heard = isinstance(value, str) and value in known
    require(heard, f"`{name}` must be {told}; got {value!r}.")


def require_made(name: str, value: object, kind: type, how: str) -> None:
    """Raise unless an argument is of a class of ours; ``how`` makes one.

    Examples
    --------
    >>> require_made("scale", "mine.csv", Mend, 'HarmScale.bundled("ons-css")')
    Traceback (most recent call last):
        ...
    hotspots.core.errors.InputError: `scale` must be a Mend; got str. Made by \
`HarmScale.bundled("ons-css")`.
    """
    words = f"`{name}` must be a {kind.__name__}; got {type(value).__name__}."
    require(isinstance(value, kind), words, mend=made_by(how))


def has_record(record: RunRecord | None) -> TypeGuard[RunRecord]:
    """Whether a stage is given a record to write into; raise for anything else."""
    from hotspots.core.record import RunRecord  # it says its own faults with this module

    if record is not None:
        require_made("record", record, RunRecord, 'RunRecord("Leeds", marking="OFFICIAL")')
    return record is not None


def made_by(how: str) -> Mend:
    """The way on: what makes such an argument."""
    return Mend("made-by", {"stages": f"`{how}`"})


def numbers_of(values: Any, name: str, **where: Any) -> NDArray[np.float64]:
    """An argument as numbers; one alone stays one.

    Examples
    --------
    >>> numbers_of(["few"], "counts")
    Traceback (most recent call last):
        ...
    hotspots.core.errors.InputError: `counts` must be numbers; got ['few'].
    """
    import numpy as np

    several = list(values) if isinstance(values, (Iterator, KeysView, ValuesView)) else values
    try:
        if getattr(getattr(several, "dtype", None), "kind", "") in ("m", "M"):
            raise TypeError  # moments would be nanoseconds
        return np.asarray(several, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"`{name}` must be numbers; got {str(values)[:60]}.", **where) from error


def number_of(value: Any, name: str, **where: Any) -> float:
    """An argument as one number; a text or a yes is none, whatever it says."""
    found = numbers_of(value, name, **where)
    one = found.ndim == 0 and not isinstance(value, (str, bytes)) and not _is_yes_or_no(value)
    require(one, f"`{name}` must be one number; got {str(value)[:60]}.", **where)
    return float(found)


def share_of(value: Any, name: str) -> float:
    """An argument as a number above 0 and below 1."""
    inside = 0 < number_of(value, name) < 1
    require(inside, f"`{name}` must be between 0 and 1; got {value!r}.")
    return float(value)


def size_of(value: Any, name: str, *, zero: bool = False, **where: Any) -> float:
    """An argument as a finite number above 0, or 0 as well."""
    number, said = number_of(value, name, **where), "of 0 or more" if zero else "above 0"
    right = math.isfinite(number) and (number > 0 or (zero and number == 0))
    require(right, f"`{name}` must be a number {said}; got {value!r}.", **where)
    return number


def whole_of(value: Any, name: str, least: int = 1, most: float = math.inf, **where: Any) -> int:
    """An argument as a whole number of Python, 99.0 too: those of numpy run over.

    Examples
    --------
    >>> whole_of(2.5, "hours", 1, 24)
    Traceback (most recent call last):
        ...
    hotspots.core.errors.InputError: `hours` must be a whole number from 1 to 24; got 2.5.
    """
    ends = f"of at least {least}" if most == math.inf else f"from {least} to {most:,.0f}"
    real = not isinstance(value, bool) and isinstance(value, Real)
    right = real and bool(least <= value <= most and value % 1 == 0)
    said = f"`{name}` must be a whole number {ends}; got {value!r}."
    require(right, said, **where)
    return int(value)


def draws_of(value: Any, name: str = "draws", least: int = 1, **where: Any) -> int:
    """How often chance is asked, as a whole number of Python."""
    return whole_of(value, name, least, MOST_DRAWS, **where)


def text_of(value: Any, name: str) -> str:
    """An argument as a text that says something."""
    said = isinstance(value, str) and bool(value.strip())
    require(said, f"`{name}` must be a text; got {value!r:.80}.")
    return str(value)


def yes_of(value: Any, name: str) -> bool:
    """An argument as yes or no, numpy's too; what is only taken for one is none."""
    require(_is_yes_or_no(value), f"`{name}` must be True or False; got {value!r:.80}.")
    return bool(value)


def _is_yes_or_no(value: Any) -> bool:
    return type(value).__name__ in ("bool", "bool_")


def path_of(path: Any, name: str = "path") -> Path:
    """An argument as a path."""
    came = type(path).__name__
    require(isinstance(path, (str, PathLike)), f"`{name}` must be a path; got {came}.")
    longest = max((len(part.encode("utf-8", "replace")) for part in Path(path).parts), default=0)
    told = f"`{name}` must be a path; got a text, {str(path)[:40]!r} and so on."
    require(longest <= LONGEST_NAME, told)
    return Path(path)


def listed(values: Any, name: str) -> list[Any]:
    """An argument of several values as a list."""
    several = isinstance(values, Iterable) and not isinstance(values, (str, bytes))
    several = several and getattr(values, "ndim", 1) > 0  # an array may be one number
    require(several, f"`{name}` must be a list; got {values!r:.200}.")
    return list(values)
