"""Places in one column, taken apart into two: grid references, and latitude with longitude."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.crs import to_lonlat
from hotspots.io.incidents.parse_coordinates import is_inside
from hotspots.io.incidents.parse_numbers import Floats, angle
from hotspots.io.incidents.parse_text import TEXT, Texts

SAMPLE, MOSTLY, LARGEST_DEGREE = 200, 0.8, 180.0
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
    found = [from_grid_reference(str(text)) or (np.nan, np.nan) for text in column.bare]
    east, north = np.array(found, dtype=float).reshape(-1, 2).T
    return _texts(column, east), _texts(column, north)


@dataclass(frozen=True)
class Positions:
    """Longitudes and latitudes, or eastings and northings; how the column was read, if unusually.

    Examples
    --------
    >>> of = Positions.of(Texts.of(["(53.80, -1.55)", "POINT (-1.55 53.80)", "N/K"]), 27700)
    >>> of.first.distinct.tolist(), of.second.distinct.tolist()
    (['-1.55', '-1.55', 'N/K'], ['53.8', '53.8', 'N/K'])
    >>> Positions.of(Texts.of(["429700, 433800"]), 27700).read_as
    'easting and northing'
    """

    first: Texts
    second: Texts
    degrees: bool
    read_as: str = ""
    inside: float = 0.0

    @classmethod
    def of(cls, column: Texts, crs: Any) -> Positions:
        """A column of pairs; the whole column says whether they are metres, and in which order.

        Latitude comes first, as people write it, unless most fall into the area the other way.
        """
        x, y, known = _pairs(column.bare)
        pair = ~np.isnan(x)
        metres = bool(pair.any() and np.median(np.abs(x[pair])) > LARGEST_DEGREE)
        inside, other = (0.0, 0.0) if metres else (_inside(x, y, crs), _inside(y, x, crs))
        exchanged = not known[pair].all() and other >= MOSTLY > inside
        if metres or exchanged:
            x, y = np.where(known, x, y), np.where(known, y, x)
        if metres:
            inside = _inside(*to_lonlat(x, y, crs), crs)
        read_as = "easting and northing" if metres else "longitude before latitude"
        first, second = (_texts(column, part) for part in (x, y))
        unusual = (metres and not known[pair].all()) or exchanged
        return cls(first, second, not metres, read_as if unusual else "", max(inside, other))


def _pairs(texts: pd.Series) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """X and y of each text, and whether its order is known; of others the first is a latitude."""
    plain = texts.str.extract(f"^{POSITION}$")
    y, x = (pd.to_numeric(plain[part]).to_numpy(dtype=float, copy=True) for part in (0, 1))
    known = np.zeros(len(texts), dtype=bool)
    for place in np.flatnonzero(np.isnan(x)):
        x[place], y[place], known[place] = _marked(str(texts.iloc[place]).strip())
    return x, y, known


def _marked(text: str) -> tuple[float, float, bool]:
    """A pair in well-known text, or with degree signs, letters or decimal commas."""
    if found := re.fullmatch(WELL_KNOWN, text, re.IGNORECASE):
        return float(found[1]), float(found[2]), True
    for parted in re.finditer(r"\s*[,;/]\s*|\s+", text):
        one, two = (part.strip("() ") for part in (text[: parted.start()], text[parted.end() :]))
        first, second = angle(one), angle(two)
        if not (np.isnan(first) or np.isnan(second)):
            east_first = re.search("[EWew]", one) is not None
            x, y = (first, second) if east_first else (second, first)
            return x, y, east_first or re.search("[NSns]", one) is not None
    return np.nan, np.nan, False


def _inside(lon: Floats, lat: Floats, crs: Any) -> float:
    there = np.isfinite(lon) & np.isfinite(lat)
    return float(is_inside(lon[there], lat[there], crs).mean()) if there.any() else 0.0


def _texts(column: Texts, numbers: Floats) -> Texts:
    """One of the two numbers of each text; a text that has none stays as it is."""
    texts = column.bare.tolist()
    found = [
        text if one != one else repr(one) for text, one in zip(texts, numbers.tolist(), strict=True)
    ]
    return replace(column, distinct=pd.Series(found, dtype=TEXT))


def is_mostly(column: Texts, kind: str) -> bool:
    """Whether most filled cells are grid references (``grid_reference``) or positions."""
    filled = column.bare[:SAMPLE][(column.bare[:SAMPLE] != "").to_numpy()]
    if kind == "position":
        hits = ~np.isnan(_pairs(filled)[0])
    else:
        hits = np.array([from_grid_reference(str(text)) is not None for text in filled])
    return bool(len(filled)) and float(np.mean(hits)) >= MOSTLY
