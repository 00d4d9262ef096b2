"""The columns that say where: by their numbers first, their names second."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np

from hotspots.core.crs import to_lonlat
from hotspots.io.incidents.area import is_inside
from hotspots.io.incidents.column_kinds import MOSTLY, NOT_WHERE, OCCURRED, Sample, is_called
from hotspots.io.incidents.place_causes import cause_of
from hotspots.io.incidents.place_cells import Positions

DEGREES, METRES = ("longitude", "latitude"), ("easting", "northing")
LARGEST_DEGREE, SURE = 180.0, 2.0
MOST_COLUMNS = 40
NEAR_M, NEAR_DEGREES = 1_000, 0.01
"""Places of two pairs of columns that are as near as this are taken for the same."""
GRID = ".*grid ?ref.*|ngr|.*square"
LOOKED_UP = (
    (r"\w*post ?code", "", "look it up first, e.g. in Code-Point Open"),
    ("", "[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}",
     "look the postcode up first, e.g. in Code-Point Open"),
    ("u[ps]rn", "", "look it up first, e.g. in OS Open UPRN or USRN"),
    ("what ?3 ?words|w3w", "", "turn it into coordinates first, by its own service"),
    ("geohash|h3|plus ?code", "", "turn it into coordinates first"),
    ("", "0[01]01000020?[0-9a-f]{34,}",
     "a database shows a point so (WKB): export its longitude and latitude, or a GeoPackage"),
    (GRID, "[a-hj-z]{2} ?[0-9]{2}[a-z]?",
     "it names squares of 2 or 10 km, which are no place; ask the source for more figures"),
    (GRID, "[a-hj-z] ?[0-9]{2,5} ?[0-9]{2,5}",
     "one letter is of the Irish grid: turn it into eastings and northings of EPSG:29903 first"),
    (GRID, "[0-9]{3,5} ?[0-9]{3,5}",
     "the two letters of its square are missing: write them before it, as SE 297 338"),
    ("lsoa|ward|beat|oa", "", "an area has no place of its own; ask the source for coordinates"),
    ("", "[ewsn][0-9]{8}", "an area has no place of its own; ask the source for coordinates"),
    ("address|street|road", "", "geocode it first, or ask the source for coordinates"),
)  # fmt: skip
"""What stands for a place where its column is called and looks so (blank: however it is), and what
to do."""


@dataclass(frozen=True)
class PlaceColumns:
    """The columns with the place, how sure each is, and why there are none."""

    columns: dict[str, str] = field(default_factory=dict)
    sure: dict[str, str] = field(default_factory=dict)
    why: str = ""
    rival: _Pair | None = None


def find_places(samples: Sequence[Sample], crs: Any) -> PlaceColumns:
    """The likeliest place columns; names decide only among numbers that could be a place.

    Where a person lives, or a service came from, is not where it happened.
    """
    there = [sample for sample in samples if not sample.words & NOT_WHERE]
    numbers = [sample for sample in there if sample.is_coordinate][:MOST_COLUMNS]
    ranked = sorted(
        (
            _Pair(score, first, second, kind)
            for first, second in permutations(numbers, 2)
            for kind in (DEGREES, METRES)
            if (score := _score(first, second, kind, crs)) > 0
        ),
        key=lambda pair: pair.rank,
    )
    if ranked:
        best, sure = ranked[-1], "sure" if ranked[-1].score >= SURE else "likely"
        names = {best.kind[0]: best.first.name, best.kind[1]: best.second.name}
        rival = next((one for one in ranked[::-1] if one.is_elsewhere(best)), None)
        return PlaceColumns(names, dict.fromkeys(names.values(), sure), rival=rival)
    for sample in there:
        what = sample.one_column_place
        called = what is not None and is_called(sample.name, what)
        # Twelve figures may be the number of an incident.
        lettered = what == "grid_reference" and sample.is_like("[a-z].*")
        if what and (called or lettered or (what == "position" and _is_inside(sample, crs))):
            return PlaceColumns({what: sample.name}, {sample.name: "sure" if called else "likely"})
    return PlaceColumns(why=_why(samples, numbers))


@dataclass(frozen=True)
class _Pair:
    """Two columns that could be the place, and how well they fit."""

    score: float
    first: Sample
    second: Sample
    kind: tuple[str, str]

    @property
    def rank(self) -> tuple[float, ...]:
        """First what fits best, then where it happened, then what is called alike."""
        shared = self.first.words & self.second.words
        places = (-self.first.place, -self.second.place)
        return self.score, bool(shared & OCCURRED), self.kind == DEGREES, len(shared), *places

    def is_elsewhere(self, other: _Pair) -> bool:
        """Whether two other columns, as likely, hold places far from these."""
        apart = {self.first.name, self.second.name}.isdisjoint(
            {other.first.name, other.second.name}
        )
        if not apart or self.kind != other.kind or self.score < other.score:
            return False
        degrees = self.kind == DEGREES
        off = [
            np.abs(mine.numbers(degrees) - its.numbers(degrees))
            for mine, its in ((self.first, other.first), (self.second, other.second))
        ]
        return bool(np.nanmedian(np.maximum(*off)) > (NEAR_DEGREES if degrees else NEAR_M))


def _score(first: Sample, second: Sample, kind: tuple[str, str], crs: Any) -> float:
    """1 for both names, 1 for numbers that all fall inside the area; half without the names."""
    named = [is_called(one.name, what) for one, what in zip((first, second), kind, strict=True)]
    degrees = kind == DEGREES
    pairs = np.stack([one.numbers(degrees) for one in (first, second)], axis=1)
    x, y = pairs[np.isfinite(pairs).all(axis=1) & (pairs != 0).any(axis=1)].T
    if not len(x):
        return 0.0
    # The median: a filler of metres in a column of degrees decides nothing.
    small = bool(np.median(np.abs(x)) <= LARGEST_DEGREE and np.median(np.abs(y)) <= LARGEST_DEGREE)
    by_name = all(named) or _x_and_y(first, second)
    if by_name and degrees and not small:
        cause = cause_of(x, y, degrees=True, crs=crs, source=None)
        small = cause is not None and cause.code == "scaled"
        x, y = (x * cause.factor, y * cause.factor) if cause and small else (x, y)
    if small != degrees:
        return 0.0
    lon, lat = (x, y) if degrees else to_lonlat(x, y, crs)
    inside = float(is_inside(np.asarray(lon), np.asarray(lat), crs).mean())
    fractions = not degrees or bool((x % 1 != 0).any() and (y % 1 != 0).any())
    spread = len(x) >= 3 and len(np.unique(x)) > 2 and len(np.unique(y)) > 2
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
        sample
        for sample in samples
        if any(is_called(sample.name, what) for what in (*DEGREES, *METRES))
    ]
    if named:
        said = ", ".join(repr(sample.name) for sample in named[:4])
        if all(sample.words & NOT_WHERE for sample in named):
            return f"{said} say where a person or a service is by name, not where it happened"
        return f"{said} could be coordinates by name, but no two of them hold numbers of a place"
    for words, cells, advice in LOOKED_UP:
        for sample in samples:
            called = re.search(rf"\b(?:{words})", sample.name.replace("_", " "), re.IGNORECASE)
            if called and (not cells or sample.is_like(cells)):
                return f"the nearest is {sample.name!r}, which is no coordinate: {advice}"
    if not numbers:
        return "no column holds numbers, a grid reference or latitude and longitude"
    return "no two columns of numbers fall inside the area of the coordinate system"
