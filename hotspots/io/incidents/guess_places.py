"""The pair of columns, or the one, that says where: numbers that fall where they should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np

from hotspots.core.crs import to_lonlat
from hotspots.io.incidents.column_kinds import MOSTLY, Sample
from hotspots.io.incidents.column_names import is_called
from hotspots.io.incidents.one_column_places import Positions
from hotspots.io.incidents.parse_coordinates import is_inside

DEGREES, METRES = ("longitude", "latitude"), ("easting", "northing")
LARGEST_DEGREE, SURE = 180.0, 2.0
MOST_COLUMNS = 40


@dataclass(frozen=True)
class Places:
    """The columns with the place, how sure each is, and why there are none."""

    columns: dict[str, str] = field(default_factory=dict)
    sure: dict[str, str] = field(default_factory=dict)
    why: str = ""


def find_places(samples: Sequence[Sample], crs: Any) -> Places:
    """The likeliest place columns; names decide only among numbers that could be a place."""
    numbers = [sample for sample in samples if sample.is_coordinate][:MOST_COLUMNS]
    ranked = [
        (score, kind == DEGREES, -first.place, -second.place, kind, first, second)
        for first, second in permutations(numbers, 2)
        for kind in (DEGREES, METRES)
        if (score := _score(first, second, kind, crs)) > 0
    ]
    if ranked:
        score, _, _, _, kind, first, second = max(ranked, key=lambda item: item[:4])
        sure = "sure" if score >= SURE else "likely"
        pair = {kind[0]: first.name, kind[1]: second.name}
        return Places(pair, dict.fromkeys(pair.values(), sure))
    for sample in samples:
        what = sample.one_column_place
        called = what is not None and is_called(sample.name, what)
        if what and (called or what != "position" or _is_inside(sample, crs)):
            return Places({what: sample.name}, {sample.name: "sure" if called else "likely"})
    return Places(why=_why(samples, numbers))


def _score(first: Sample, second: Sample, kind: tuple[str, str], crs: Any) -> float:
    """1 for both names, 1 for numbers that all fall inside the area; half without the names."""
    named = [is_called(one.name, what) for one, what in zip((first, second), kind, strict=True)]
    degrees = kind == DEGREES
    pairs = np.stack([one.numbers(degrees) for one in (first, second)], axis=1)
    x, y = pairs[np.isfinite(pairs).all(axis=1) & (pairs != 0).any(axis=1)].T
    if not len(x):
        return 0.0
    small = bool(np.median(np.abs(x)) <= LARGEST_DEGREE and np.median(np.abs(y)) <= LARGEST_DEGREE)
    if small != degrees:
        return 0.0
    lon, lat = (x, y) if degrees else to_lonlat(x, y, crs)
    inside = float(is_inside(np.asarray(lon), np.asarray(lat), crs).mean())
    fractions = not degrees or bool((x % 1 != 0).any() and (y % 1 != 0).any())
    spread = len(x) >= 3 and len(np.unique(x)) > 2 and len(np.unique(y)) > 2
    by_name = all(named) or _x_and_y(first, second)
    if by_name:
        return 1.0 + inside
    return inside / 2 if inside >= MOSTLY and fractions and spread else 0.0


def _is_inside(sample: Sample, crs: Any) -> bool:
    """Whether most pairs of one column are places of the area."""
    return Positions.of(sample.column, crs).inside >= MOSTLY


def _x_and_y(first: Sample, second: Sample) -> bool:
    """Whether they are called x and y, which may hold metres or degrees."""
    return is_called(first.name, "easting") and is_called(second.name, "northing")


def _why(samples: Sequence[Sample], numbers: Sequence[Sample]) -> str:
    named = [
        sample.name
        for sample in samples
        if any(is_called(sample.name, what) for what in (*DEGREES, *METRES))
    ]
    if named:
        said = ", ".join(map(repr, named[:4]))
        return f"{said} could be coordinates by name, but no two of them hold numbers of a place"
    postcodes = [sample.name for sample in samples if "postcode" in sample.name.casefold()]
    if postcodes:
        return f"only a postcode, {postcodes[0]!r}: look up its coordinates first"
    if not numbers:
        return "no column holds numbers, a grid reference or latitude and longitude"
    return "no two columns of numbers fall inside the area of the coordinate system"
