"""Where: two columns of text become points in metres, or a row that says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID, WGS84, project, to_lonlat
from hotspots.core.errors import Findings
from hotspots.io.incidents.parse_text import Texts
from hotspots.io.incidents.row_faults import Faults

Floats = NDArray[np.float64]

FARTHEST_M = 2e7
"""No place on Earth is farther than this from the origin of a metric system."""

# Great Britain with its coastal waters, in degrees; Ireland, Man's far side and France stay out.
# Drawn by hand for this check alone: it is no boundary of anything.
_GREAT_BRITAIN = shapely.Polygon(
    [
        (-8.9, 57.4),
        (-8.9, 58.4),
        (-6.4, 59.5),
        (-3.6, 60.2),
        (-1.9, 61.0),
        (-0.4, 61.0),
        (-0.5, 59.6),
        (-1.2, 58.2),
        (-0.9, 56.5),
        (0.4, 54.0),
        (2.0, 53.1),
        (2.0, 51.9),
        (1.6, 51.25),
        (1.2, 50.75),
        (0.0, 50.3),
        (-3.4, 49.9),
        (-6.6, 49.75),
        (-6.7, 50.2),
        (-5.9, 51.6),
        (-5.6, 52.3),
        (-5.2, 53.6),
        (-5.1, 54.35),
        (-5.4, 54.9),
        (-5.9, 55.25),
        (-6.9, 55.6),
        (-7.9, 56.6),
    ]
)


@dataclass(frozen=True)
class Places:
    """Distinct places in metres, and which one each row has; -1 for a row that has none."""

    x: Floats
    y: Floats
    codes: NDArray[np.intp]
    offered: int

    def among(self, rows: NDArray[np.bool_]) -> Places:
        """The places of some rows."""
        return Places(self.x, self.y, self.codes[rows], self.offered)

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
        """A point for every row; rows at one place share one."""
        shared = np.full(len(self.x) + 1, None, dtype=object)
        shared[:-1] = shapely.points(self.x, self.y)
        return shared[self.codes]


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
) -> Places:
    """Read two columns as longitude and latitude, or as easting and northing.

    Both blank means unlocated and is kept. Each distinct pair of numbers is projected once.
    """
    one = _numbers(first, degrees, names[0], faults, findings)
    two = _numbers(second, degrees, names[1], faults, findings)
    _half_missing(first, second, names, faults)
    usable = np.isfinite(one) & np.isfinite(two)
    pairs = _distinct(one[usable], two[usable])
    spots = _Spots.of(pairs.first, pairs.second, degrees, crs, source_crs)
    for rule, wrong in spots.rules.items():
        if wrong.any():
            mask = np.zeros(len(first), dtype=bool)
            mask[usable] = wrong[pairs.inverse]
            faults.add(
                mask,
                partial(_tell_both, first, second),
                rule=rule,
                column=f"{names[0]}, {names[1]}",
                first=names[0],
                second=names[1],
                area=_area(crs),
                unit=f"degrees ({WGS84})" if degrees else "metres",
            )
    codes = np.full(len(first), -1, dtype=np.intp)
    right = ~spots.wrong
    same = _distinct(spots.x[right], spots.y[right])
    own = np.full(len(right), -1, dtype=np.intp)
    own[right] = same.inverse
    codes[usable] = own[pairs.inverse]
    return Places(same.first, same.second, codes, int((~(first.blank & second.blank)).sum()))


def _tell_both(first: Texts, second: Texts, rows: NDArray[np.intp]) -> list[str]:
    return [f"{a}, {b}" for a, b in zip(first.tell(rows), second.tell(rows), strict=True)]


def _numbers(column: Texts, degrees: bool, name: str, faults: Faults, findings: Findings) -> Floats:
    """Numbers of a column; not-a-number where it is blank, and where it is none (a fault)."""
    values = pd.to_numeric(column.bare, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    values = np.where(np.isfinite(values), values, np.nan)
    for kind, read in _with_commas(column.bare, degrees).items():
        commas = np.isnan(values) & ~np.isnan(read)
        values[commas] = read[commas]
        rows = int(column.spread(commas).sum())
        if rows:
            findings.note(
                "comma-in-number",
                f"numbers read with {kind} commas: {rows:,}.",
                file=faults.file,
                column=name,
                rows=rows,
            )
    spread = column.spread(values)
    kind = "degrees, such as -1.549 or 53.8" if degrees else "metres, such as 429790"
    faults.add(
        np.isnan(spread) & ~column.blank,
        column.tell,
        rule="not-a-number",
        column=name,
        kind=kind,
    )
    return spread


def _with_commas(texts: pd.Series, degrees: bool) -> dict[str, Floats]:
    """Numbers as they are with commas: before decimals in degrees; between thousands in metres.

    In metres a comma is one before decimals where a point parts the thousands, where more than
    three digits stand before it, or other than three behind.
    """
    thousands = r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?"
    decimal = r"-?\d+,\d+" if degrees else r"-?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+"
    plain = texts.str.replace(" ", "", regex=False)
    read = {} if degrees else {"thousands": _read(plain, thousands, {",": ""})}
    return {**read, "decimal": _read(plain, decimal, {".": "", ",": "."})}


def _read(texts: pd.Series, pattern: str, written: dict[str, str]) -> Floats:
    fits = np.asarray(texts.str.fullmatch(pattern), dtype=bool)
    values = np.full(len(texts), np.nan)
    found = texts[fits]
    for mark, other in written.items():
        found = found.str.replace(mark, other, regex=False)
    values[fits] = found.astype(float)
    return values


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
    inverse: NDArray[np.intp]


def _distinct(first: Floats, second: Floats) -> _Pairs:
    """Distinct pairs of numbers, and which one each row has."""
    codes, ones = pd.factorize(first)
    others, twos = pd.factorize(second)
    keys, places = pd.factorize(codes.astype(np.int64) * max(len(twos), 1) + others)
    which, other = np.divmod(places, max(len(twos), 1))
    return _Pairs(np.asarray(ones)[which], np.asarray(twos)[other], keys)


@dataclass(frozen=True)
class _Spots:
    """Distinct places in metres, and which rule each one breaks (at most one)."""

    x: Floats
    y: Floats
    rules: dict[str, NDArray[np.bool_]]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        return np.asarray(np.logical_or.reduce(list(self.rules.values())), dtype=bool)

    @classmethod
    def of(cls, first: Floats, second: Floats, degrees: bool, crs: Any, source: Any) -> _Spots:
        """Project, and test in order: nowhere, wrong unit, swapped, outside."""
        x, y, lon, lat = _both_ways(first, second, degrees, crs, source)
        inside = _inside(lon, lat, crs) & np.isfinite(x) & np.isfinite(y)
        _, _, far_lon, far_lat = _both_ways(second, first, degrees, crs, source)
        big = (np.abs(first) > 360) | (np.abs(second) > 360)
        small = (np.abs(first) <= 180) & (np.abs(second) <= 90)
        tests = {
            "zero-zero": (first == 0) & (second == 0),
            "metres-not-degrees": big if degrees else np.zeros(len(first), dtype=bool),
            "degrees-not-metres": np.zeros(len(first), dtype=bool) if degrees else small,
            "swapped": ~inside & _inside(far_lon, far_lat, crs),
            "outside": ~inside,
        }
        left = np.ones(len(first), dtype=bool)
        rules = {}
        for rule, broken in tests.items():
            rules[rule] = broken & left
            left &= ~broken
        return cls(np.where(left, x, np.nan), np.where(left, y, np.nan), rules)


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
        return np.round(first, 3), np.round(second, 3), lon, lat
    return *project(lon, lat, crs), lon, lat


def _finite(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return np.where(np.isfinite(lon), lon, np.nan), np.where(np.isfinite(lat), lat, np.nan)


@lru_cache(maxsize=16)
def _crs(crs: Any) -> Any:
    from pyproj import CRS

    return CRS.from_user_input(crs)


def same_system(one: Any, other: Any) -> bool:
    """Whether two names mean one coordinate system."""
    return bool(one == other or _crs(one) == _crs(other))


def _inside(lon: Floats, lat: Floats, crs: Any) -> NDArray[np.bool_]:
    """Inside Great Britain for the National Grid, else inside the area the system is made for."""
    if same_system(crs, BRITISH_NATIONAL_GRID):
        return np.asarray(shapely.contains_xy(_GREAT_BRITAIN, lon, lat), dtype=bool)
    area = _crs(crs).area_of_use
    if area is None:
        return np.isfinite(lon) & np.isfinite(lat)
    west, south, east, north = area.bounds
    beyond_west, before_east = lon >= west, lon <= east
    across = beyond_west & before_east if west <= east else beyond_west | before_east
    return np.asarray(across & (lat >= south) & (lat <= north), dtype=bool)


def _area(crs: Any) -> str:
    """Where a place should be, in words."""
    if same_system(crs, BRITISH_NATIONAL_GRID):
        return "Great Britain"
    return f"the area {_crs(crs).name} is for"
