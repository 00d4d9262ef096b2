"""The places of one file: from the columns a field map names, whatever they are written in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.arrays import Floats
from hotspots.core.crs import BRITISH_NATIONAL_GRID, place_references, to_lonlat
from hotspots.core.errors import Finding, Findings
from hotspots.core.states import PlaceState
from hotspots.io.incidents.area import is_inside, is_system
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.parse_coordinates import ParsedPlaces, parse_places
from hotspots.io.incidents.parse_numbers import angle
from hotspots.io.incidents.parse_text import TEXT, Texts
from hotspots.io.incidents.row_faults import Faults

SHARE, LEAST, OTHERS = 0.2, 10, 3
ROUND_M = 10_000
SAME_NAMES = 0.5
SAMPLE, MOSTLY, LARGEST_DEGREE = 200, 0.8, 180.0
LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
REFERENCE = r"([A-HJ-Z])([A-HJ-Z])((?:\d\d){2,6})"
FIGURES = r"(\d{6})(\d{6})"
NUMBER = r"[-+]?\d+(?:\.\d+)?"
POSITION = rf"\(?\s*({NUMBER})\s*[,; ]\s*({NUMBER})\s*\)?"
SRID = r"^[Ss][Rr][Ii][Dd]=(\d+);"
X_FIRST = (
    rf"(?:SRID=\d+;)?(?:MULTI)?POINT\s*Z?M?\s*\(+\s*({NUMBER})\s+({NUMBER})(?:\s+{NUMBER})*\s*\)+"
    rf"|.*\"coordinates\"\s*:\s*\[\s*({NUMBER})\s*,\s*({NUMBER})\s*(?:,\s*{NUMBER}\s*)?\].*"
)
"""A point as databases (well-known text) and portals (GeoJSON) write it into a cell."""


def places_of(
    cells: dict[str, Texts], layout: FieldMap, crs: Any, faults: Faults, noted: Findings
) -> ParsedPlaces:
    """Where every row is, without default points; what is no place is a fault of the place."""
    names, pair = _pair(cells, layout, crs, faults, noted)
    of_the_grid, system = layout.grid_reference is not None, layout.coordinate_system or crs
    places = parse_places(
        pair.first,
        pair.second,
        degrees=pair.degrees,
        crs=crs,
        source_crs=BRITISH_NATIONAL_GRID if of_the_grid else pair.system or system,
        names=names,
        faults=faults,
        findings=noted,
    )
    places, told = without_default_point(places, cells.get("place_name"), crs, faults)
    if told is not None:
        noted.add(told)
    return places


def precision_of(layout: FieldMap) -> str:
    """A grid reference names a square, not a place, unless the map says how fine it is."""
    unsaid = layout.location_precision == "unknown" and layout.grid_reference is not None
    return "snapped" if unsaid else layout.location_precision


def _pair(
    cells: dict[str, Texts], layout: FieldMap, crs: Any, faults: Faults, noted: Findings
) -> tuple[tuple[str, str], Positions]:
    """The two columns of a place, with their names; one column is taken apart."""
    if layout.grid_reference is not None:
        corner = split_grid_references(cells["grid_reference"])
        return (layout.grid_reference,) * 2, Positions(*corner, degrees=False)
    if layout.position is not None:
        pair = Positions.of(cells["position"], layout.coordinate_system or crs)
        if pair.read_as:
            rows = int(np.count_nonzero(~cells["position"].blank))
            noted.add(
                Finding.of(
                    "position-read",
                    "note",
                    said={"rows": rows, "read": pair.read_as},
                    file=faults.file,
                    column=layout.position,
                    rows=rows,
                )
            )
        return (layout.position,) * 2, pair
    first, second = ("longitude", "latitude") if layout.longitude else ("easting", "northing")
    degrees = layout.longitude is not None
    pair = Positions(cells[first], cells[second], degrees)
    return (layout.columns[first], layout.columns[second]), pair


def without_default_point(
    places: ParsedPlaces, names: Texts | None, crs: Any, faults: Faults
) -> tuple[ParsedPlaces, Finding | None]:
    """Places without a default point, and what is said of a point that holds very many rows.

    A point is taken for a default where it stands on round kilometres or degrees, or where its rows
    name very different places; where nothing says so, it stays and is told.
    """
    counts = np.bincount(places.codes[places.codes >= 0], minlength=len(places.x))
    located = int(counts.sum())
    if not located or counts.max() < max(LEAST, SHARE * located):
        return places, None
    point = int(counts.argmax())
    next_one = int(np.delete(counts, point).max(initial=0))
    if len(counts) == 1 or next_one * OTHERS > counts[point]:
        return places, None
    rows = places.codes == point
    x, y = float(places.x[point]), float(places.y[point])
    why = _why(x, y, rows, names, crs)
    rule = "default-point" if why else "one-point"
    said = {"rows": int(rows.sum()), "located": located, "why": why}
    finding = Finding.of(
        rule,
        "warning",
        said=said | {"where": place_references([x], [y], crs)[0]},
        file=faults.file,
        line=int(faults.lines[np.flatnonzero(rows)[0]]),
        rows=said["rows"],
    )
    return (places.without(rows, PlaceState.DEFAULT_POINT) if why else places), finding


def _why(x: float, y: float, rows: NDArray[np.bool_], names: Texts | None, crs: Any) -> str:
    """What says that a point is a default; nothing where nothing does."""
    lon, lat = to_lonlat([x], [y], crs)
    whole = np.abs(np.array([lon[0], lat[0]]) - np.round([lon[0], lat[0]])).max() < 1e-6
    if whole or (x % ROUND_M == 0 and y % ROUND_M == 0):
        return "a round one"
    if names is not None:
        named = names.codes[rows & ~names.blank]
        if len(named) and len(np.unique(named)) >= max(LEAST / 2, SAME_NAMES * len(named)):
            return "and name very different places"
    return ""


def from_grid_reference(text: str) -> tuple[int, int] | None:
    """Easting and northing of the south-west corner of the square a reference names.

    Twelve figures without letters are easting and northing.

    Examples
    --------
    >>> from_grid_reference("SE 297 338"), from_grid_reference("se29703380")
    ((429700, 433800), (429700, 433800))
    >>> from_grid_reference("429700433800"), from_grid_reference("SE")
    ((429700, 433800), None)
    """
    if figures := re.fullmatch(FIGURES, text.strip()):
        return int(figures[1]), int(figures[2])
    found = re.fullmatch(REFERENCE, re.sub(r"[\s,.-]", "", text.upper()))
    if not found:
        return None
    first, second = LETTERS.index(found[1]), LETTERS.index(found[2])
    half = len(found[3]) // 2
    east = (first % 5 * 5 + second % 5 - 10) * 100_000
    north = (19 - first // 5 * 5 - second // 5) * 100_000
    metres = (int(part) * 100_000 // 10**half for part in (found[3][:half], found[3][half:]))
    return east + next(metres), north + next(metres)


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
    system: str | None = None

    @classmethod
    def of(cls, column: Texts, crs: Any) -> Positions:
        """A column of pairs; the whole column says whether they are metres, and in which order.

        Latitude comes first, as people write it, unless most fall into the area the other way.
        """
        system = _system(column.bare)
        x, y, known = _pairs(column.bare)
        pair = ~np.isnan(x)
        # The median: some fillers and typing errors must not decide.
        metres = bool(pair.any() and np.median(np.abs(x[pair])) > LARGEST_DEGREE)
        inside, other = (0.0, 0.0) if metres else (_inside(x, y, crs), _inside(y, x, crs))
        exchanged = not known[pair].all() and other >= MOSTLY > inside
        if metres or exchanged:
            x, y = np.where(known, x, y), np.where(known, y, x)
        if metres:
            inside = _inside(*to_lonlat(x, y, system or crs), crs)
        read_as = "easting and northing" if metres else "longitude before latitude"
        first, second = (_texts(column, part) for part in (x, y))
        unusual = (metres and not known[pair].all()) or exchanged
        return cls(
            first, second, not metres, read_as if unusual else "", max(inside, other), system
        )


def _system(texts: pd.Series) -> str | None:
    """The one system that the points of a column name, in the way of databases."""
    named = [f"EPSG:{code}" for code in texts.str.extract(SRID)[0].dropna().unique()]
    return named[0] if len(named) == 1 and is_system(named[0]) else None


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
    if found := re.fullmatch(X_FIRST, text, re.IGNORECASE):
        x, y = filter(None, found.groups())
        return float(x), float(y), True
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
