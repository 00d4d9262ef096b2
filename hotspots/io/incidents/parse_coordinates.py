"""Where: two columns of text become points in metres, or a row that says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.arrays import Floats
from hotspots.core.crs import (
    MILLIMETRES_PER_METRE,
    WGS84,
    metres_problem,
    millimetres,
    project,
    system_for,
    to_lonlat,
)
from hotspots.core.errors import DataError, Finding, Findings
from hotspots.core.points import distinct_pairs, many_points
from hotspots.core.states import BY_RULE, PlaceState
from hotspots.io.incidents.area import area_words, is_inside, kept, same_system
from hotspots.io.incidents.parse_numbers import numbers_of
from hotspots.io.incidents.parse_text import TEXT, Texts
from hotspots.io.incidents.place_causes import MOSTLY, PlaceCause, cause_of
from hotspots.io.incidents.row_faults import Faults

# 99, 999 and so on: fillers of fields of so many digits.
NINES = tuple(10.0**digits - 1 for digits in range(2, 8))
MINORITY, MUCH = 0.5, 0.2
FARTHEST_M = 2e7
"""No place on Earth is farther than this from the origin of a metric system."""


STATES = tuple(PlaceState)


@dataclass(frozen=True)
class ParsedPlaces:
    """Distinct places in metres, which one each row has, and why: the place of a state in `STATES`.

    A row without a place has the code -1; `cause` is what explains nearly all that have none.
    """

    x: Floats
    y: Floats
    codes: NDArray[np.intp]
    states: NDArray[np.int8]
    cause: PlaceCause | None = None

    def among(self, rows: NDArray[np.bool_]) -> ParsedPlaces:
        """The places of some rows."""
        return replace(self, codes=self.codes[rows], states=self.states[rows])

    def without(self, rows: NDArray[np.bool_], state: PlaceState) -> ParsedPlaces:
        """The same without the places of some rows, and why."""
        states = np.where(rows, STATES.index(state), self.states)
        return replace(self, codes=np.where(rows, -1, self.codes), states=states)

    @property
    def unlocated(self) -> int:
        """Rows without a place."""
        return int((self.codes < 0).sum())

    @property
    def piles(self) -> NDArray[np.intp]:
        """How many rows each place has that has any."""
        counts = np.bincount(self.codes[self.codes >= 0], minlength=len(self.x))
        return counts[counts > 0]

    def points(self) -> NDArray[np.object_]:
        """A point for every row; rows at one place share one where that is less work."""
        nowhere = self.codes < 0
        if len(self.x) > len(self.codes) / 2:
            own = many_points(self.x[self.codes], self.y[self.codes])
            own[nowhere] = None
            return own
        shared = np.full(len(self.x) + 1, None, dtype=object)
        shared[:-1] = many_points(self.x, self.y)
        return shared[self.codes]

    def state_of_rows(self) -> pd.Series:
        """The state of every row, as a text."""
        return Texts(self.states, pd.Series(list(map(str, STATES)), dtype=TEXT)).category()

    def facts(self) -> dict[str, Any]:
        """For the record: rows in each state, and what would explain those without a place."""
        found: dict[str, Any] = {"place_states": self.state_counts()}
        if self.cause is not None and not self.cause.read:
            found["place_cause"] = self.cause.fact
        return found

    def state_counts(self) -> dict[str, int]:
        """Rows in each state that has any."""
        counts = np.bincount(self.states, minlength=len(STATES)).tolist()
        return {str(state): n for state, n in zip(STATES, counts, strict=True) if n}


def parse_places(
    first: Texts,
    second: Texts,
    *,
    degrees: bool,
    crs: Any,
    source_crs: Any,
    names: tuple[str, str],
    faults: Faults,
    findings: Findings,
) -> ParsedPlaces:
    """Read two columns as longitude and latitude, or as easting and northing.

    What is no place inside the area of the system is a fault of the place, not of the incident.
    Each distinct pair of numbers is projected once.
    """
    one = numbers_of(first, degrees, names[0], faults, findings)
    two = numbers_of(second, degrees, names[1], faults, findings)
    _half_missing(first, second, names, faults)
    usable = np.isfinite(one) & np.isfinite(two)
    apart = first.apart and second.apart
    pairs = _distinct(kept(one, usable), kept(two, usable), apart=apart)
    spots, cause = _understood(pairs, degrees, crs, source_crs)
    unit = f"degrees ({WGS84})" if degrees else "metres"

    def rows_of(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
        mask = np.zeros(len(first), dtype=bool)
        mask[usable] = marked[pairs.inverse]
        return mask

    said = {"first": names[0], "second": names[1], "area": area_words(crs), "unit": unit}
    for rule, wrong in spots.rules.items():
        if wrong.any():
            told = partial(_tell_both, first, second)
            faults.add(rows_of(wrong), told, rule=rule, column=f"{names[0]}, {names[1]}", **said)
    if spots.other_unit.any():
        other = "metres" if degrees else "degrees"
        _tell(
            rows_of(spots.other_unit),
            names,
            faults,
            findings,
            "mixed-units",
            unit=unit,
            other=other,
        )
    if cause is not None and cause.read:
        _tell(usable, names, faults, findings, "position-read", read=cause.said)
    right = ~spots.wrong
    east, north, same = distinct_pairs(
        *(millimetres(kept(metres, right)) for metres in (spots.x, spots.y))
    )
    codes = _codes_among(usable, _codes_among(right, same)[pairs.inverse])
    x, y = east / MILLIMETRES_PER_METRE, north / MILLIMETRES_PER_METRE
    places = np.column_stack([x, y])
    problem = metres_problem(crs, "crs", places)
    if problem is not None:
        mend = f"For instance {system_for(crs, places)}."
        raise DataError([replace(problem, file=faults.file, mend=mend)])
    return ParsedPlaces(x, y, codes, _states(first, second, codes, faults), cause)


def _codes_among(rows: NDArray[np.bool_], codes: NDArray[np.intp]) -> NDArray[np.intp]:
    """The codes of some rows; none for the others."""
    if rows.all():
        return codes
    found = np.full(len(rows), -1, dtype=np.intp)
    found[rows] = codes
    return found


def _states(
    first: Texts, second: Texts, codes: NDArray[np.intp], faults: Faults
) -> NDArray[np.int8]:
    """Why each row has a place, or none; of several faults the first counts."""
    states = np.full(len(codes), STATES.index(PlaceState.BLANK), dtype=np.int8)
    states[first.unknown | second.unknown] = STATES.index(PlaceState.UNKNOWN_WORD)
    for item in reversed(faults.items):
        states[item.rows] = STATES.index(BY_RULE.get(item.rule, PlaceState.IMPOSSIBLE))
    states[codes >= 0] = STATES.index(PlaceState.LOCATED)
    return states


def _tell(
    rows: NDArray[np.bool_],
    names: tuple[str, str],
    faults: Faults,
    findings: Findings,
    rule: str,
    **said: str,
) -> None:
    count = int(rows.sum())
    findings.add(
        Finding.of(
            rule,
            "warning",
            said={"rows": count, **said},
            file=faults.file,
            line=int(faults.lines[np.flatnonzero(rows)[0]]),
            column=f"{names[0]}, {names[1]}",
            rows=count,
        )
    )


def _tell_both(first: Texts, second: Texts, rows: NDArray[np.intp]) -> list[str]:
    return [f"{a}, {b}" for a, b in zip(first.tell(rows), second.tell(rows), strict=True)]


def _half_missing(first: Texts, second: Texts, names: tuple[str, str], faults: Faults) -> None:
    for mine, other, name, far in (
        (first, second, names[0], names[1]),
        (second, first, names[1], names[0]),
    ):
        faults.add(mine.blank & ~other.blank, mine.tell, rule="half-a-place", column=name, far=far)


@dataclass(frozen=True)
class _Pairs:
    first: Floats
    second: Floats
    inverse: NDArray[np.intp] | slice


def _distinct(first: Floats, second: Floats, *, apart: bool) -> _Pairs:
    """Distinct pairs of numbers, and which one each row has; all, where few are alike."""
    if apart:
        return _Pairs(first, second, slice(None))
    # A complex number holds both halves, and is hashed as one.
    pairs = np.empty(len(first), dtype=complex)
    pairs.real, pairs.imag = first, second
    inverse, known = pd.factorize(pairs)
    return _Pairs(known.real, known.imag, inverse)


def _understood(
    pairs: _Pairs, degrees: bool, crs: Any, source: Any
) -> tuple[_Spots, PlaceCause | None]:
    """The places, in the unit in which nearly all are some; what explains those that are none."""
    spots = _Spots.of(pairs.first, pairs.second, degrees, crs, source)
    odd = spots.breaking("outside", "metres-not-degrees")
    if not odd.any() or odd.mean() <= MUCH:
        return spots, None
    cause = cause_of(pairs.first[odd], pairs.second[odd], degrees=degrees, crs=crs, source=source)
    if cause is None or cause.code != "scaled" or odd.mean() < MOSTLY:
        return spots, cause
    first, second = pairs.first * cause.factor, pairs.second * cause.factor
    return _Spots.of(first, second, degrees, crs, source), replace(cause, read=True)


@dataclass(frozen=True)
class _Spots:
    """Distinct places in metres, and which rule each one breaks (at most one).

    `other_unit` marks those that were read in the unit the column does not promise.
    """

    x: Floats
    y: Floats
    rules: dict[str, NDArray[np.bool_]]
    other_unit: NDArray[np.bool_]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Which are no places."""
        return self.breaking(*self.rules)

    def breaking(self, *rules: str) -> NDArray[np.bool_]:
        """Which break one of some rules."""
        found = np.zeros(len(self.x), dtype=bool)
        for rule in rules:
            if rule in self.rules:
                found |= self.rules[rule]
        return found

    @classmethod
    def of(cls, first: Floats, second: Floats, degrees: bool, crs: Any, source: Any) -> _Spots:
        """Project, and test in order: nowhere, wrong unit, swapped, outside."""
        x, y, lon, lat = _both_ways(first, second, degrees, crs, source)
        inside = is_inside(lon, lat, crs) & np.isfinite(x) & np.isfinite(y)
        if inside.all() and _no_filler(first, second, degrees):
            return cls(x, y, {}, ~inside)
        swapped = ~inside
        _, _, far_lon, far_lat = _both_ways(second[swapped], first[swapped], degrees, crs, source)
        swapped[swapped] = is_inside(far_lon, far_lat, crs)
        big = (np.abs(first) > 360) | (np.abs(second) > 360)
        small = (np.abs(first) <= 180) & (np.abs(second) <= 90)
        small |= (np.abs(first) <= 90) & (np.abs(second) <= 180)
        filler = (first == second) & ((np.abs(first) <= 1) | _all_nines(first))
        strange = big if degrees else small & ~filler
        other = np.zeros(len(first), dtype=bool)
        # Where most are in the other unit it is the field map that is wrong: that is told, not
        # mended.
        if strange.any() and strange.sum() < MINORITY * len(first):
            metric = crs if degrees else source
            other_x, other_y, east, north = _both_ways(first, second, not degrees, crs, metric)
            other = strange & is_inside(east, north, crs)
            x, y, inside = np.where(other, other_x, x), np.where(other, other_y, y), inside | other
        tests = {
            "zero-zero": (first == 0) & (second == 0),
            "filler-place": filler,
            "metres-not-degrees": big & ~other if degrees else np.zeros(len(first), dtype=bool),
            "degrees-not-metres": np.zeros(len(first), dtype=bool) if degrees else small & ~other,
            "swapped": swapped & ~inside,
            "outside": ~inside,
        }
        left = np.ones(len(first), dtype=bool)
        rules = {}
        for rule, broken in tests.items():
            rules[rule] = broken & left
            left &= ~broken
        return cls(np.where(left, x, np.nan), np.where(left, y, np.nan), rules, other)


def _no_filler(first: Floats, second: Floats, degrees: bool) -> bool:
    """Whether the box round all numbers says that none is a filler, or metres that are degrees."""
    if not len(first):
        return True
    apart = first.max() < second.min() or second.max() < first.min()
    return bool(apart and (degrees or np.abs(first).min() > 360 or np.abs(second).min() > 360))


def _all_nines(numbers: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.isin(np.abs(numbers), NINES), dtype=bool)


def _both_ways(
    first: Floats, second: Floats, degrees: bool, crs: Any, source: Any
) -> tuple[Floats, Floats, Floats, Floats]:
    """The same places in metres of `crs`, and in degrees."""
    if degrees:
        on_earth = (np.abs(first) <= 180) & (np.abs(second) <= 90)
        lon, lat = np.where(on_earth, first, np.nan), np.where(on_earth, second, np.nan)
        return *project(lon, lat, crs), lon, lat
    near = (np.abs(first) < FARTHEST_M) & (np.abs(second) < FARTHEST_M)
    lon, lat = _finite(
        *to_lonlat(np.where(near, first, np.nan), np.where(near, second, np.nan), source)
    )
    if same_system(crs, source):
        with np.errstate(over="ignore"):  # of a number like 1e308, which is told as outside
            return np.round(first, 3), np.round(second, 3), lon, lat
    return *project(lon, lat, crs), lon, lat


def _finite(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)
