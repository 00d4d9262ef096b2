"""The one hook by which results become sentences.

Rooms that find something keep codes and numbers, and import no report. Their results can still be
printed, or shown in a notebook: the first time one is asked to speak, the table of words is loaded
by its name, here and nowhere else. This is the only arrow of the house that points up, and it
carries words alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

HOME = "hotspots.report.text.results"
NOTEBOOK = "hotspots.report.notebook"


class ShownInNotebook:
    """What a notebook shows as a short page instead of its code; words again, by their name."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(import_module(NOTEBOOK).html_of(self))


class Spoken(ShownInNotebook):
    """A result that says itself in words: ``to_sentence()``, ``print``, and at a prompt."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Its tables are no way to show it: a data class writes no ``__repr__`` where one is."""
        super().__init_subclass__()
        if cls.__repr__ is Spoken.__repr__:
            cls.__repr__ = Spoken.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.to_sentence()}>"

    def to_sentence(self) -> str:
        """The result in words."""
        return sentence_of(self)

    def __str__(self) -> str:
        return self.to_sentence()


def sentence_of(result: object, part: str = "", **options: Any) -> str:
    """What a result says, or a part of it, in one text.

    Parameters
    ----------
    result : object
        Its class is found by name in ``report/text/results``.
    part : str
        Another of its texts by name, such as "paragraph"; its sentence by default.
    **options
        As the words of that class take them.

    Examples
    --------
    >>> import hotspots as hs
    >>> sentence_of(hs.evaluation.rest_of_city_growth(-0.23, 0.032, 0.10))
    'Without the treated area the rest of the city changed by +6.1%; against that the area ...'
    """
    return " ".join(sentences_of(result, part, **options))


def sentences_of(result: object, part: str = "", **options: Any) -> tuple[str, ...]:
    """The same sentence by sentence; empty ones are left out."""
    words = import_module(HOME).WORDS
    for kind in type(result).__mro__:
        name = f"{kind.__name__}.{part}" if part else kind.__name__
        if name in words:
            return tuple(one for one in words[name](result, **options) if one)
    raise LookupError(f"{HOME} has no words for {type(result).__name__} {part}".rstrip() + ".")
