"""Caveats as data: what a reader must know beside a result, by code and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hotspots.core.errors import InputError, require
from hotspots.core.text.caveat_texts import CAVEATS, LISTS

LOUD = ("mostly-rejected", "mostly-out-of-scheme", "many-rejected", "many-out-of-scheme")
SHORT = ("source-cut-short", "months-without-data", "not-compared", "not-all-covered", "not-beside")
LEADING = (*LOUD, *SHORT, "not-current", "given", "known-break")


@dataclass(frozen=True)
class Caveat:
    """One thing a reader must know.

    Parameters
    ----------
    rule : str
        Code; the words for it are in ``core/text/caveat_texts.py``.
    values : mapping
        What the words hold; several names as a tuple, which the words join by commas.
    counts_incidents : bool
        Whether it counts incidents of this run: then it never reaches a partner or the public.
    of : str
        Sources it is about; all of them where empty.

    Examples
    --------
    >>> str(Caveat("too-coarse", {"incidents": 1200, "theme": "arson"}, counts_incidents=True))
    '1,200 incidents carry an offence code too coarse to tell whether they belong to arson; ...'
    """

    rule: str
    values: Mapping[str, Any] = field(default_factory=dict)
    counts_incidents: bool = False
    of: str = ""

    def __post_init__(self) -> None:
        if self.rule not in CAVEATS:
            raise InputError(f"a caveat must have a known rule; got {self.rule!r}.")
        fixed = {n: tuple(v) if isinstance(v, list) else v for n, v in self.values.items()}
        object.__setattr__(self, "values", fixed)

    @classmethod
    def given(cls, text: str, *, counts_incidents: bool = True) -> Caveat:
        """A caveat of one's own; taken to count incidents unless vouched for."""
        require(isinstance(text, str), f"a caveat must be a text; got {text!r}.")
        return cls("given", {"text": text}, counts_incidents)

    @property
    def is_loud(self) -> bool:
        """Whether it stands beside the headline, too: so much was lost that counts are too low."""
        return self.rule in LOUD

    @property
    def leads(self) -> bool:
        """Whether a short page must carry it: what its maker wrote, old data, breaks, gaps."""
        return self.rule in LEADING

    def __str__(self) -> str:
        said = {n: ", ".join(v) if isinstance(v, tuple) else v for n, v in self.values.items()}
        if schemes := said.get("schemes"):
            named = (LISTS.get(one, one.replace("_", " ")) for one in str(schemes).split(", "))
            said["schemes"] = ", ".join(named)
        words = CAVEATS[self.rule].format(**said)
        return f"{self.of}: {words}" if self.of else words

    def __hash__(self) -> int:
        return hash((self.rule, str(self)))
