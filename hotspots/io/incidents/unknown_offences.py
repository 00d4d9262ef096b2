"""Offences a scheme does not know, how often each came, and the known ones that are nearest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from hotspots.offences.codes import HOME_OFFICE, POLICE_UK, known_words

NEAREST, LIKENESS = 2, 0.5
SCHEMES = (HOME_OFFICE, POLICE_UK)


def nearest_known(words: Iterable[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """Each distinct word with its scheme and rows, most first, and the known words nearest to it.

    Examples
    --------
    >>> nearest_known([("Burglry", "police_uk", 3)])
    [{'offence': 'Burglry', 'scheme': 'police_uk', 'rows': 3, 'nearest': ['Burglary']}]
    """
    counts: Counter[tuple[str, str]] = Counter()
    for word, scheme, rows in words:
        counts[word, scheme] += rows
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"offence": word, "scheme": scheme, "rows": rows, "nearest": _nearest(word, scheme)}
        for (word, scheme), rows in ordered
    ]


def _nearest(word: str, scheme: str) -> list[str]:
    known = _by_plain_word(scheme)
    found = get_close_matches(word.casefold(), known, n=NEAREST, cutoff=LIKENESS)
    return [known[plain] for plain in found]


@lru_cache(maxsize=4)
def _by_plain_word(scheme: str) -> dict[str, str]:
    schemes = (scheme,) if known_words(scheme) else SCHEMES
    return {word.casefold(): word for one in schemes for word in known_words(one)}
