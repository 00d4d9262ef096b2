"""Coordinate systems: British National Grid inside, WGS 84 at the edges, whole millimetres below.

Distances and areas are measured in metres in a projected system (EPSG:27700 unless ``crs=`` names
another). PROJ without the OSTN15 grid moves all of Leeds by about 1.8 m, evenly to 0.1 m: harmless
for distances, and the same for incidents and boundaries that take the same road.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from hotspots.core.errors import Finding, InputError, require
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import ArrayLike

    from hotspots.core.arrays import Floats, Ints
    from hotspots.core.source import Source

BRITISH_NATIONAL_GRID = "EPSG:27700"
WGS84 = "EPSG:4326"
MILLIMETRES_PER_METRE = 1000
MOST_STRETCHED = 0.05
"""Grids of countries and continents, where they are meant for, stay within 0.04."""
PLACES_ASKED, REGION_M = 9, 50_000
BRITAIN = (-9.0, 49.7, 2.1, 61.0)
"""West, south, east and north of what the National Grid measures, Ireland with it."""
AXES = r"axis order change \(2D\) \+ | \(with axis order normalized for visualization\)"
"""How PROJ, old and new, says which axis comes first: nothing a reader needs."""


def metres_problem(crs: Any, argument: str, at: Floats | None = None) -> Finding | None:
    """What is wrong with a coordinate system; None when it is projected in metres.

    ``at`` these places, pairs in it, its metres must be those on the ground, as far as those of
    grids of countries and continents are.
    """
    if crs is None:
        message = f"`{argument}` has no coordinate system."
        return Finding("wrong-crs", message, mend=Mend("set-crs", {"argument": argument}))
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(crs)
    except CRSError:
        return Finding("wrong-crs", f"`{argument}` must name a coordinate system; got {crs!r:.80}.")
    units = {axis.unit_name for axis in crs.axis_info}
    # A grid with heights (EPSG:7405) is projected as the grid is.
    flat = crs.to_2d() if crs.is_compound else crs
    made = flat.coordinate_operation.method_name if flat.is_projected else ""
    # Local ones (Transverse, Oblique) are true to the ground; a metre of the world map is 59 cm in
    # Leeds.
    if re.match(r"(Popular Visualisation Pseudo )?Mercator", made):
        units = {"Mercator, whose metres are not those on the ground"}
    elif crs.is_projected and units <= {"metre", "meter"}:
        least, most = (1.0, 1.0) if at is None else _map_metres(flat.srs, at)
        if max(1 - least, most - 1) <= MOST_STRETCHED:
            return None
        units = {
            "whose metres are not those on the ground, of which one is "
            f"{least:.2f} to {most:.2f} here"
        }
    return Finding(
        "wrong-crs",
        f"`{argument}` must be in a projected coordinate system in metres; got {crs.to_string()} "
        f"({', '.join(sorted(units)) or 'unknown units'}).",
        mend=Mend("reproject", {"argument": argument, "system": system_for(crs, at)}),
    )


def system_for(crs: Any, at: Floats | None) -> str:
    """A system in metres for where places lie: the National Grid, or abroad the UTM zone there.

    Examples
    --------
    >>> system_for("EPSG:4326", np.array([[-74.0, 40.7]])), system_for("EPSG:4326", None)
    ('EPSG:32618', 'EPSG:27700')
    """
    from pyproj import CRS

    system = CRS.from_user_input(crs)  # one that is only somebody's own leads nowhere
    known = np.empty((2, 0)) if at is None else at[np.isfinite(at).all(axis=1)].T
    if not known.size or not (system.is_projected or system.is_geographic):
        return BRITISH_NATIONAL_GRID
    lon, lat = np.median(to_lonlat(known[0], known[1], crs), axis=1)
    west, south, east, north = BRITAIN
    if (west <= lon <= east and south <= lat <= north) or not (abs(lon) <= 180 and abs(lat) <= 84):
        return BRITISH_NATIONAL_GRID
    return f"EPSG:{(32600 if lat >= 0 else 32700) + int((lon + 180) % 360 // 6) + 1}"


def _map_metres(crs: str, at: Floats) -> tuple[float, float]:
    """Metres on the map of one on the ground, in the directions of fewest and of most.

    By some of the places, and the middle of these: one that lies nowhere says nothing.
    """
    some = at[:: max(1, len(at) // PLACES_ASKED)] // REGION_M
    regions = map(tuple, some[np.isfinite(some).all(axis=1)].tolist())
    return _stretched(crs, tuple(sorted(regions)))


@lru_cache(maxsize=256)
def _stretched(crs: str, regions: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """The same by regions, which a product asks for hundreds of times."""
    from pyproj import Proj

    x, y = (np.array(regions).reshape(-1, 2).T + 0.5) * REGION_M
    at = np.stack(to_lonlat(x, y, crs))
    known = at[:, np.isfinite(at).all(axis=0)]
    if not known.size:
        return 1.0, 1.0
    found = Proj(crs).get_factors(*known)
    return float(np.median(found.tissot_semiminor)), float(np.median(found.tissot_semimajor))


def require_system(crs: Any) -> None:
    """Raise unless a coordinate system, by its name, is projected in metres."""
    problem = metres_problem(crs, "crs")
    if problem:
        raise InputError([replace(problem, mend=f"For instance {BRITISH_NATIONAL_GRID}.")])


def require_metres(frame: gpd.GeoDataFrame | gpd.GeoSeries, argument: str) -> None:
    """Raise unless the frame is in a projected system in metres."""
    _require_system_of(frame, argument)
    problem = metres_problem(frame.crs, argument, some_places(frame.geometry))
    if problem:
        raise InputError([problem])


def some_places(shapes: gpd.GeoSeries) -> Floats:
    """The middles of a few shapes, one a row; not-a-number where there is none."""
    import shapely

    few = np.asarray(shapes.array)[:: max(1, len(shapes) // PLACES_ASKED)]
    bounds = shapely.bounds(few).reshape(-1, 4)
    return np.asarray((bounds[:, :2] + bounds[:, 2:]) / 2)


def _require_system_of(frame: object, argument: str) -> None:
    came = type(frame).__name__
    require(hasattr(frame, "crs"), f"`{argument}` must be a GeoDataFrame; got {came}.")


def require_same_crs(
    one: gpd.GeoDataFrame | Source, other: gpd.GeoDataFrame | Source, names: tuple[str, str]
) -> None:
    """Raise unless two frames share a coordinate system."""
    for name, frame in zip(names, (one, other), strict=True):
        _require_system_of(frame, name)
    if one.crs != other.crs:
        raise InputError(
            f"`{names[0]}` and `{names[1]}` must share a coordinate system; got "
            f"{one.crs.to_string() if one.crs else None} and "
            f"{other.crs.to_string() if other.crs else None}.",
            rule="two-crs",
            mend=Mend("reproject-one", {"argument": names[1], "other": names[0]}),
        )


def in_system_of(
    one: gpd.GeoDataFrame, other: gpd.GeoDataFrame, names: tuple[str, str] = ("areas", "zones")
) -> gpd.GeoDataFrame:
    """The second frame in the coordinate system of the first."""
    for name, frame in zip(names, (one, other), strict=True):
        _require_system_of(frame, name)
    if one.crs == other.crs:
        return other
    require_metres(one, names[0])
    if other.crs is None:
        require_metres(other, names[1])
    return other.to_crs(cast(Any, one.crs))


def project(
    longitude: ArrayLike, latitude: ArrayLike, crs: Any = BRITISH_NATIONAL_GRID
) -> tuple[Floats, Floats]:
    """Longitude and latitude in degrees to easting and northing in metres, rounded to a millimetre.

    Not-a-number stays not-a-number.

    Examples
    --------
    >>> easting, northing = project([-1.5492], [53.7997])
    >>> float(easting[0].round()), float(northing[0].round())
    (429790.0, 433805.0)
    """
    x, y = _transformed(WGS84, _name(crs), longitude, latitude)
    return _to_millimetre(x), _to_millimetre(y)


def to_lonlat(
    x: ArrayLike, y: ArrayLike, crs: Any = BRITISH_NATIONAL_GRID
) -> tuple[Floats, Floats]:
    """Easting and northing in metres to longitude and latitude in degrees."""
    return _transformed(_name(crs), WGS84, x, y)


def coordinates(points: pd.Series) -> tuple[Floats, Floats]:
    """The x and y of points as two arrays; not-a-number where the point is missing."""
    import shapely

    values = np.asarray(points.array)
    return shapely.get_x(values), shapely.get_y(values)


def millimetres(metres: Floats) -> Ints:
    """Metres to whole millimetres, so that equal places are equal numbers."""
    return np.rint(np.asarray(metres) * MILLIMETRES_PER_METRE).astype(np.int64)


def transform_accuracy(crs: Any = BRITISH_NATIONAL_GRID) -> str:
    """One sentence on how positions get from WGS 84 into the metric system here.

    Examples
    --------
    >>> transform_accuracy().startswith("WGS 84 to EPSG:27700 by PROJ (")
    True
    """
    operation = _operation(_name(crs))
    accuracy = operation.accuracy
    stated = (
        f"stated accuracy {accuracy:g} m"
        if accuracy is not None and accuracy >= 0
        else ("accuracy not stated")
    )
    steps = re.sub(AXES, "", str(operation.description or "default"))
    return f"WGS 84 to {_name(crs)} by PROJ ({steps}; {stated})"


def _operation(crs: str) -> Any:
    """What PROJ does in the middle of the area a system is made for; it chooses by place."""
    from pyproj import CRS
    from pyproj.exceptions import ProjError

    transformer, area = _transformer(WGS84, crs), CRS.from_user_input(crs).area_of_use
    if area is None:
        return transformer
    transformer.transform((area.west + area.east) / 2, (area.south + area.north) / 2)
    try:
        return transformer.get_last_used_operation()
    except ProjError:  # there is only one, and it is known beforehand
        return transformer


def grid_reference(easting: float, northing: float, *, figures: int = 6) -> str:
    """Ordnance Survey grid reference of a place in EPSG:27700.

    Examples
    --------
    >>> grid_reference(429790, 433805)
    'SE297338'
    """
    hundred_km_east, hundred_km_north = int(easting // 100_000), int(northing // 100_000)
    if not (0 <= hundred_km_east <= 6 and 0 <= hundred_km_north <= 12):
        raise InputError(
            f"a grid reference needs an easting of 0 to 700,000 m and a northing of 0 to "
            f"1,300,000 m; got {easting:.0f}, {northing:.0f}."
        )
    half = figures // 2
    step = 10 ** (5 - half)
    return (
        f"{_square(hundred_km_east, hundred_km_north)}{int(easting % 100_000 // step):0{half}d}"
        f"{int(northing % 100_000 // step):0{half}d}"
    )


@lru_cache(maxsize=91)
def _square(east: int, north: int) -> str:
    """The two letters of a square of 100 km."""
    first = (19 - north) - (19 - north) % 5 + (east + 10) // 5
    second = (19 - north) * 5 % 25 + east % 5
    return "".join(chr(ord("A") + i + (i > 7)) for i in (first, second))


def place_references(x: Iterable[float], y: Iterable[float], crs: Any) -> list[str]:
    """How people find places: by National Grid reference to 100 m, by degrees where there is none.

    Examples
    --------
    >>> place_references([429790], [433805], "EPSG:27700")
    ['SE297338']
    >>> place_references([630_000], [4_835_000], "EPSG:32617")
    ['43.6566, -79.3878']
    """
    east, north = (np.asarray(part, dtype=float) for part in (x, y))
    lon, lat = to_lonlat(east, north, crs)
    if crs != BRITISH_NATIONAL_GRID:
        east, north = project(lon, lat)
    squares = grid_squares(east, north, BRITISH_NATIONAL_GRID)
    return [
        square if square[1:2].isalpha() else f"{one[0]:.4f}, {one[1]:.4f}"
        for square, *one in zip(squares, lat.tolist(), lon.tolist(), strict=True)
    ]


def grid_squares(x: Iterable[float], y: Iterable[float], crs: Any) -> list[str]:
    """Names of the 100 m squares of places, for ids: their grid reference where there is one.

    Examples
    --------
    >>> grid_squares([429790], [433805], "EPSG:27700"), grid_squares([-1], [433805], "EPSG:27700")
    (['SE297338'], ['E-1N4338'])
    """
    east, north = (np.asarray(part, dtype=float) for part in (x, y))
    named = (east >= 0) & (east < 700_000) & (north >= 0) & (north < 1_300_000)
    named &= crs == BRITISH_NATIONAL_GRID
    hundreds = (map(int, (part // 100).tolist()) for part in (east, north))
    return [
        f"{_square(e // 1_000, n // 1_000)}{e % 1_000:03d}{n % 1_000:03d}" if on_it else f"E{e}N{n}"
        for e, n, on_it in zip(*hundreds, named.tolist(), strict=True)
    ]


def _transformed(source: str, target: str, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    """Coordinates in another system; one point goes as numbers, which all pyproj take quietly."""
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if first.size == 1:
        point = _transformer(source, target).transform(float(first.item()), float(second.item()))
        return np.full(first.shape, point[0]), np.full(first.shape, point[1])
    moved = _transformer(source, target).transform(first, second)
    return np.asarray(moved[0]), np.asarray(moved[1])


@lru_cache(maxsize=16)
def _transformer(source: str, target: str) -> Any:
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def _name(crs: Any) -> str:
    if isinstance(crs, str):
        return crs
    from pyproj import CRS

    return str(CRS.from_user_input(crs).to_string())


def _to_millimetre(values: Any) -> Floats:
    rounded = np.round(np.asarray(values, dtype=float), 3)
    rounded[~np.isfinite(rounded)] = np.nan
    return rounded


DRAWN_STREET_M = 20.0
"""A street narrower than this is only drawn; what is counted on it lies within reach of it."""


def require_ground(areas: gpd.GeoDataFrame, argument: str) -> None:
    """Raise for streets as they are drawn: what is counted on them lies beside the outline."""
    if "length_m" not in areas.columns:
        return
    narrow = areas.geometry.area < DRAWN_STREET_M * areas["length_m"].astype(float)
    if narrow.any():
        raise InputError(
            f"`{argument}` are asked by their outlines; of {len(areas):,}, {int(narrow.sum()):,} "
            "are streets as they are drawn, and what is counted on a street lies beside it.",
            rule="street-as-drawn",
            mend=Mend("widen-streets", {"argument": argument}),
        )
