"""Places in one column, taken apart into two: grid references, and latitude with longitude."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from hotspots.io.incidents.parse_text import TEXT, Texts

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
REFERENCE = r"([A-HJ-Z])([A-HJ-Z])(\d{4}|\d{6}|\d{8}|\d{10})"
NUMBER = r"[-+]?\d+(?:\.\d+)?"
POSITION = rf"\(?\s*({NUMBER})\s*[,; ]\s*({NUMBER})\s*\)?"
WELL_KNOWN = rf"(?:SRID=\d+;)?POINT\s*\(\s*({NUMBER})\s+({NUMBER})\s*\)"


def from_grid_reference(text: str) -> tuple[int, int] | None:
    """Easting and northing of the south-west corner of the square a reference names.

    Examples
    --------
    >>> from_grid_reference("SE 297 338"), from_grid_reference("se29703380")
    ((429700, 433800), (429700, 433800))
    >>> from_grid_reference("SE")
    """
    found = re.fullmatch(REFERENCE, re.sub(r"[\s,.-]", "", text.upper()))
    if not found:
        return None
    first, second = LETTERS.index(found[1]), LETTERS.index(found[2])
    half = len(found[3]) // 2
    east = (first % 5 * 5 + second % 5 - 10) * 100_000
    north = (19 - first // 5 * 5 - second // 5) * 100_000
    step = 10 ** (5 - half)
    return east + int(found[3][:half]) * step, north + int(found[3][half:]) * step


def split_grid_references(column: Texts) -> tuple[Texts, Texts]:
    """A column of grid references as eastings and northings; what is none stays as it is."""
    return _split(column, [from_grid_reference(str(text)) for text in column.bare])


def split_positions(column: Texts) -> tuple[Texts, Texts]:
    """A column of ``(53.80, -1.55)`` or ``POINT (-1.55 53.80)`` as longitudes and latitudes.

    Examples
    --------
    >>> lon, lat = split_positions(Texts.of(["(53.80, -1.55)", "POINT (-1.55 53.80)", "N/K"]))
    >>> lon.distinct.tolist(), lat.distinct.tolist()
    (['-1.55', '-1.55', 'N/K'], ['53.80', '53.80', 'N/K'])
    """
    return _split(column, [_position(str(text)) for text in column.bare])


def _position(text: str) -> tuple[str, str] | None:
    if found := re.fullmatch(WELL_KNOWN, text.strip(), re.IGNORECASE):
        return found[1], found[2]
    found = re.fullmatch(POSITION, text.strip())
    return (found[2], found[1]) if found else None


def _split(column: Texts, pairs: Sequence[tuple[object, object] | None]) -> tuple[Texts, Texts]:
    """Two columns with the parts of one; a text that has no parts stands in both."""
    texts = [str(text) for text in column.bare]
    both = [pair or (text, text) for text, pair in zip(texts, pairs, strict=True)]
    first, second = (
        replace(column, distinct=pd.Series([str(pair[part]) for pair in both], dtype=TEXT))
        for part in (0, 1)
    )
    return first, second


def is_mostly(column: Texts, kind: str) -> bool:
    """Whether most filled cells are grid references (``grid_reference``) or positions."""
    read = from_grid_reference if kind == "grid_reference" else _position
    filled = [str(text) for text in column.bare[:200] if str(text)]
    hits = [read(text) is not None for text in filled]
    return bool(hits) and float(np.mean(hits)) >= 0.8
