"""Where incidents fall, in words that people know: so that a wrong coordinate system is seen."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hotspots.core.coverage import coverage
from hotspots.core.crs import (
    BRITISH_NATIONAL_GRID,
    grid_reference,
    in_system_of,
    place_references,
    project,
    to_lonlat,
)
from hotspots.core.data import bundled
from hotspots.core.errors import Finding
from hotspots.core.plain import plain_records
from hotspots.core.points import PlaceIndex
from hotspots.io.incidents.area import same_system

if TYPE_CHECKING:
    from hotspots.core.record import RunRecord
    from hotspots.io.incidents.parse_file import Part

Metres = NDArray[np.float64]
MOST = 5
TOLD_PILES, MOST_PILES = 10, 3
TEN_KM = 10_000
TILT = 0.1
"""Of the ground: more than north of the National Grid is off true north in Britain."""
OUTLINES = "boundaries/districts_2011.geojson.gz"
LSOA_NAME = r"^(.+) \d{3}[A-Z]{1,2}$"
"""Statistical areas of England and Wales are called after their district: Leeds 053B."""
DISTRICT = "district"
SCOTLAND_M = 530_000
"""No outlines of Scotland come along; it begins north of this northing."""
SAMPLE, NEARLY_ALL = 200, 0.9


def where_of(
    incidents: gpd.GeoDataFrame,
    within: gpd.GeoDataFrame | None = None,
    places: PlaceIndex | None = None,
) -> dict[str, Any]:
    """The extent in degrees; squares of the National Grid, districts; piles.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table, in any projected system.
    within : GeoDataFrame, optional
        A study area; the share of located incidents inside is told.
    places : PlaceIndex, optional
        Of the same rows, where it is known.

    Notes
    -----
    Districts are those after which
    the source's statistical areas are called, else those whose outlines come along or are given as
    `within`; of how many incidents no district is known is told (``district_unknown``).
    """
    places = PlaceIndex.of(incidents) if places is None else places
    if not len(places.places):
        return {}
    count = np.bincount(places.of_row[places.of_row >= 0], minlength=len(places.places))
    x, y = places.metres.T
    found: dict[str, Any] = {
        **_extent(x, y, incidents.crs),
        "grid_squares": _shares(*_squares(*_national(x, y, incidents.crs)), count),
        **_districts(incidents, places, within),
        "piles": _piles(incidents, places, count, MOST_PILES),
    }
    if within is not None:
        there = places.inside(in_system_of(incidents, within))
        found["within"] = round(float(count[there].sum() / count.sum()), 4)
    return found


def tell_where(
    incidents: gpd.GeoDataFrame,
    within: gpd.GeoDataFrame | None,
    record: RunRecord,
    places: PlaceIndex | None = None,
    *,
    invented: bool = False,
) -> None:
    """Write down where incidents fall, and what each source holds of each month inside the area.

    An invented place lies nowhere: its coordinates name no town.
    """
    places = PlaceIndex.of(incidents) if places is None else places
    where = {"invented": True} if invented else where_of(incidents, within, places)
    if where and not invented:
        where |= forces_in(source.facts for source in record.sources)
    record.where = where
    record.coverage = plain_records(coverage(incidents, record, within=within, places=places))


def districts_of(
    incidents: gpd.GeoDataFrame, places: PlaceIndex, within: gpd.GeoDataFrame | None = None
) -> tuple[list[str], NDArray[np.intp]]:
    """Districts, and which one each located incident is in; nothing is one, where none is known.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table; its ``area_name`` comes first, where it is that of an LSOA.
    places : PlaceIndex
        The places of these incidents.
    within : GeoDataFrame, optional
        Zones; those of the kind ``district`` come before the outlines that come along.

    Notes
    -----
    The outlines that come along are those of England and Wales in 2011, generalised to some 250 m:
    good enough to see where a file is from, and nothing else. Scotland and Northern Ireland have
    none.
    """
    of_row = places.of_row[places.of_row >= 0]
    names, codes = [""], np.zeros(len(of_row), dtype=np.intp)
    if "area_name" in incidents.columns:
        codes, areas = pd.factorize(incidents["area_name"][places.of_row >= 0])
        said = pd.Series(areas, dtype=str).str.extract(LSOA_NAME)[0].fillna("").tolist()
        names, codes = [*said, ""], np.where(codes < 0, len(said), codes)
    blank = np.array([name == "" for name in names])[codes]
    if blank.any():
        own, outlined = pd.factorize(_outlined(places, incidents.crs, within))
        codes[blank] = len(names) + own[of_row[blank]]
        names = [*names, *map(str, outlined)]
    return names, codes


def tell_exchanged(
    parts: Sequence[Part], crs: Any, within: gpd.GeoDataFrame | None = None
) -> Iterator[Finding]:
    """A warning for each file in metres none of whose places lies where most would, exchanged."""
    for part in parts:
        places = part.places
        if part.fields.longitude is None and look_exchanged(places.x, places.y, crs, within):
            area = "a district of England or Wales" if within is None else "the study area"
            yield Finding.of(
                "perhaps-exchanged", "warning", said={"area": area}, file=part.source.label,
                rows=int((places.codes >= 0).sum()),
            )  # fmt: skip


def look_exchanged(
    x: NDArray[np.floating[Any]],
    y: NDArray[np.floating[Any]],
    crs: Any,
    within: gpd.GeoDataFrame | None = None,
) -> bool:
    """Whether no place lies in the study area, else in any district, and most would, exchanged.

    Up to 200 distinct places are asked, evenly spread over those there are.
    """
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(known):
        return False
    some = known[np.unique(np.linspace(0, len(known) - 1, SAMPLE).astype(np.intp))]
    east, north = x[some], y[some]
    if within is not None:
        area = within.to_crs(crs)
    elif same_system(crs, BRITISH_NATIONAL_GRID) and (north < SCOTLAND_M).all():
        area = _outlines_that_come_along(BRITISH_NATIONAL_GRID)
    else:
        return False
    return not _share_in(area, east, north) and _share_in(area, north, east) >= NEARLY_ALL


def forces_in(facts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """The police forces that files name, where they name any, with the share of rows of each."""
    rows: Counter[str] = Counter()
    for one in facts:
        rows.update(one.get("rows_by_force", {}))
    shares = {force: round(n / rows.total(), 4) for force, n in rows.most_common()}
    return {"forces": shares} if shares else {}


def biggest_piles(incidents: gpd.GeoDataFrame, places: PlaceIndex) -> list[dict[str, Any]]:
    """The places with several incidents, most first, by the name the source gives them."""
    count = np.bincount(places.of_row[places.of_row >= 0], minlength=len(places.places))
    return _piles(incidents, places, count, TOLD_PILES)


def _districts(
    incidents: gpd.GeoDataFrame, places: PlaceIndex, within: gpd.GeoDataFrame | None
) -> dict[str, Any]:
    """The share of located incidents in each district, and that of those whose own is not known."""
    names, codes = districts_of(incidents, places, within)
    unknown = np.isin(codes, [code for code, name in enumerate(names) if not name])
    shares = _shares(names, codes, np.ones(len(codes), dtype=np.intp))
    return {"districts": shares, "district_unknown": round(float(unknown.mean()), 4)}


def _piles(
    incidents: gpd.GeoDataFrame, places: PlaceIndex, count: NDArray[np.intp], most: int
) -> list[dict[str, Any]]:
    large = np.flatnonzero(count > 1)
    if len(large) > most:
        large = large[count[large] >= np.partition(count[large], -most)[-most]]
    found = []
    for place in large[np.argsort(-count[large], kind="stable")][:most].tolist():
        here = np.flatnonzero(places.of_row == place)
        known = incidents["place_name"].iloc[here] if "place_name" in incidents else pd.Series()
        names = known.dropna()
        east, north = places.metres[place].round().astype(int).tolist()
        entry: dict[str, Any] = {"place_name": str(names.iloc[0]) if len(names) else None}
        entry |= {"x": east, "y": north, "incidents": int(count[place])}
        entry["grid_reference"] = place_references([east], [north], incidents.crs)[0]
        found.append(entry)
    return found


def _national(x: Metres, y: Metres, crs: Any) -> tuple[Metres, Metres]:
    """Places in metres of the National Grid, which those of most tables are in already."""
    if crs == BRITISH_NATIONAL_GRID:
        return x, y
    return project(*to_lonlat(x, y, crs), BRITISH_NATIONAL_GRID)


def _squares(east: Metres, north: Metres) -> tuple[list[str], NDArray[np.intp]]:
    """The 10 km squares, and which one each place is in; nothing where the Grid does not reach."""
    on_it = (east >= 0) & (east < 700_000) & (north >= 0) & (north < 1_300_000)
    tens = np.where(on_it, east // TEN_KM * 1_000 + north // TEN_KM, -1.0)
    codes, distinct = pd.factorize(tens)
    named = [
        grid_reference(*(TEN_KM * part for part in divmod(one, 1_000)), figures=2)
        if one >= 0
        else ""
        for one in distinct.tolist()
    ]
    return named, codes


def _extent(x: Metres, y: Metres, crs: Any) -> dict[str, float]:
    """The sides in degrees; of the National Grid only places near the outermost can be on them."""
    if crs == BRITISH_NATIONAL_GRID:
        low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
        rim = TILT * (high - low).max()
        seen = np.stack([x, y], axis=1)
        outer = ((seen <= low + rim) | (seen >= high - rim)).any(axis=1)
        x, y = x[outer], y[outer]
    lon, lat = to_lonlat(x, y, crs)
    sides = {"west": lon.min(), "south": lat.min(), "east": lon.max(), "north": lat.max()}
    return {side: round(float(degrees), 4) for side, degrees in sides.items()}


def _shares(names: list[str], codes: NDArray[np.intp], count: NDArray[np.intp]) -> dict[str, float]:
    """The share of the commonest names, most first; the rest is not told."""
    counts = pd.Series(np.bincount(codes, count, len(names))).groupby(names).sum()
    ordered = sorted(counts[counts > 0].items(), key=lambda item: (-item[1], str(item[0])))
    whole = count.sum()
    told = [(str(name), round(float(rows / whole), 4)) for name, rows in ordered if name]
    return dict(told[:MOST])


def _outlined(places: PlaceIndex, crs: Any, within: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    """The district of every place, of those whose outline is at hand; nothing elsewhere."""
    names = np.full(len(places.places), "", dtype=object)
    squares, metres = places.squares, places.metres
    called, outlines = _outlines(crs, within)
    bounds = shapely.bounds(outlines)
    near = (bounds[:, :2] <= metres.max(axis=0)) & (bounds[:, 2:] >= metres.min(axis=0))
    for one in np.flatnonzero(near.all(axis=1)):
        there = squares.inside(outlines[one])
        there = there[names[there] == ""]
        names[there] = str(called[one])
    return names


def _outlines(crs: Any, within: gpd.GeoDataFrame | None) -> list[NDArray[np.object_]]:
    """Names and outlines of the districts, one's own first."""
    tables = [_outlines_that_come_along(crs)]
    if within is not None and {"kind", "zone_name"} <= set(within.columns):
        own = within[within["kind"] == DISTRICT]
        tables.insert(0, own[["zone_name", own.geometry.name]].to_crs(crs))
    named = [table["zone_name"].to_numpy(dtype=object) for table in tables]
    return [np.concatenate(named), np.concatenate([table.geometry for table in tables])]


@lru_cache(maxsize=4)
def _outlines_that_come_along(crs: Any) -> gpd.GeoDataFrame:
    """The districts of England and Wales as they were in 2011, in the system asked for."""
    content = json.loads(gzip.decompress(bundled(OUTLINES).read_bytes()))
    return gpd.GeoDataFrame.from_features(content, crs="EPSG:4326").to_crs(crs)


def _share_in(area: gpd.GeoDataFrame, x: NDArray[Any], y: NDArray[Any]) -> float:
    points = gpd.points_from_xy(x, y)
    held = area.sindex.query(points, predicate="intersects")[0]
    return float(len(np.unique(held)) / len(x))
