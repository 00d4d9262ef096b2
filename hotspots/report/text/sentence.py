"""A sentence that names what it is about, and can be said below a heading that does."""

from __future__ import annotations

from typing import Self


class Sentence(str):
    """A finding with its label in front.

    Attributes
    ----------
    label, alone
        What it is about, and the finding without it.

    Examples
    --------
    >>> found = Sentence("Arson", "no incidents in July 2018.")
    >>> found, found.alone
    ('Arson: no incidents in July 2018.', 'no incidents in July 2018.')
    """

    label: str
    alone: str

    def __new__(cls, label: str, alone: str) -> Self:
        """Put the label in front."""
        whole = super().__new__(cls, f"{label}: {alone}")
        whole.label, whole.alone = label, alone
        return whole

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        return self.label, self.alone


def alone(sentence: str) -> str:
    """A sentence without its label, where it has one."""
    return sentence.alone if isinstance(sentence, Sentence) else sentence
