"""Street crime of an area from the API: split where there is too much, none lost or doubled."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely
from shapely.geometry import Polygon, box

from hotspots.core.crs import BRITISH_NATIONAL_GRID, project
from hotspots.core.errors import DataError, InputError, require
from hotspots.core.months import MONTH
from hotspots.io.opendata.http import NotThereError, bare

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from hotspots.io.opendata.http import Client

KEPT_RIM_M = 50.0
ASKED_RIM_M = 100.0
SIMPLER_BY_M = 40.0
OVERLAP_M = 100.0
LONGEST_EDGE_M = 5_000.0
SMALLEST_PIECE_M = 500.0
# What data.police.uk answers where an area holds more than 10,000 crimes.
TOO_MANY = 503


@dataclass(frozen=True)
class Area:
    """An area to ask about, with a rim, so that no edge case is decided by the service.

    Crimes are asked for in `asked` (100 m wider, outlines simplified by less) and kept in `kept`
    (50 m wider than the area).
    """

    kept: BaseGeometry

    @classmethod
    def around(cls, within: gpd.GeoDataFrame) -> Area:
        """The area of zones, in any coordinate system."""
        require(
            isinstance(within, gpd.GeoDataFrame) and len(within) > 0 and within.crs is not None,
            '`prefer="api"` asks for an area: `within` must be a table of zones with a coordinate '
            f"system and at least one row; got {type(within).__name__}.",
        )
        shape = within.geometry.to_crs(BRITISH_NATIONAL_GRID).union_all()
        if shape.is_empty or shape.area == 0:
            raise InputError("`within` must have an area; its outlines are empty, lines or points.")
        return cls(shape.buffer(KEPT_RIM_M, quad_segs=2))

    @cached_property
    def asked(self) -> list[Polygon]:
        """Polygons without holes that cover `kept`."""
        # Simplified by less than the rim is wide, so that it covers what is kept.
        wider = self.kept.buffer(ASKED_RIM_M - KEPT_RIM_M, quad_segs=2)
        return list(_filled(wider.simplify(SIMPLER_BY_M)))

    @cached_property
    def digest(self) -> str:
        """A short name that differs for every area."""
        return hashlib.sha256(shapely.to_wkb(shapely.normalize(self.kept))).hexdigest()[:12]

    def holds(self, crimes: list[dict[str, Any]]) -> list[bool]:
        """Which crimes lie inside."""
        places = [crime.get("location") or {} for crime in crimes]
        try:
            lon = [float(place["longitude"]) for place in places]
            lat = [float(place["latitude"]) for place in places]
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"the API was asked for crimes with places; one has none ({error})."
            ) from error
        shapely.prepare(self.kept)
        inside: list[bool] = shapely.intersects_xy(self.kept, *project(lon, lat)).tolist()
        return inside


def crimes_in(client: Client, base: str, area: Area, month: str) -> tuple[list[Any], str]:
    """All crimes of a month in an area, each once, by API id; and the answer's date."""
    url = f"{base}/api/crimes-street/all-crime"
    waiting, crimes, date = list(area.asked), {}, ""
    while waiting:
        piece = waiting.pop()
        question = {"poly": _latlng(piece), "date": month}
        status, answer, date = client.json(url, question, hand_back=(TOO_MANY,))
        if status == TOO_MANY:
            waiting.extend(_quarters(piece, url, month))
            continue
        for crime in _checked(answer, url, month):
            crimes[crime["id"]] = crime
    # By id: in which order pieces were asked changes nothing.
    found = [crimes[key] for key in sorted(crimes)]
    inside = area.holds(found)
    return [crime for crime, keep in zip(found, inside, strict=True) if keep], date


def crimes_without_place(
    client: Client, base: str, force: str, month: str
) -> tuple[list[Any], str]:
    """All crimes of a force and month that have no place, by API id; and the answer's date."""
    url = f"{base}/api/crimes-no-location"
    question = {"category": "all-crime", "force": force, "date": month}
    try:
        _, answer, date = client.json(url, question)
    except NotThereError as error:
        raise DataError(
            f"{error} Check the force {force!r}: names are like 'west-yorkshire'."
        ) from error
    crimes = {crime["id"]: crime for crime in _checked(answer, url, month)}
    return [crimes[key] for key in sorted(crimes)], date


def published_months(client: Client, base: str) -> set[str]:
    """The months the API can answer for."""
    url = f"{base}/api/crimes-street-dates"
    _, answer, _ = client.json(url)
    if not isinstance(answer, list) or not all(isinstance(one, dict) for one in answer):
        raise DataError(f"{url}: a list of months was expected; got {str(answer)[:80]!r}.")
    months = {str(one.get("date")) for one in answer}
    return {month for month in months if re.fullmatch(MONTH, month)}


def force_at(client: Client, base: str, lon: float, lat: float) -> tuple[str, str]:
    """The territorial force of a place: as the site writes it, and its name."""
    url = f"{base}/api/locate-neighbourhood"
    try:
        _, answer, _ = client.json(url, {"q": f"{lat:.6f},{lon:.6f}"})
    except NotThereError as error:
        raise DataError(
            f"data.police.uk knows no police force at {lat:.4f}, {lon:.4f}; it covers England, "
            "Wales and Northern Ireland.",
            rule="no-force",
        ) from error
    force = str(answer.get("force")) if isinstance(answer, dict) else ""
    _, about, _ = client.json(f"{base}/api/forces/{force}")
    return force, str(about.get("name") or force) if isinstance(about, dict) else force


def edition(client: Client, base: str) -> str:
    """What the service last published; API ids hold within one edition only."""
    _, answer, _ = client.json(f"{base}/api/crime-last-updated")
    return str(answer.get("date") if isinstance(answer, dict) else answer)


def check_crimes(path: Path) -> None:
    """Raise unless a file holds crimes as the API gives them."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{path.name}: crimes as JSON were expected; {error}.") from error
    _checked(content, path.name, None)


def as_bytes(crimes: list[Any]) -> bytes:
    """Crimes as a file: one a line, always the same bytes for the same crimes."""
    lines = [json.dumps(crime, sort_keys=True, ensure_ascii=False) for crime in crimes]
    return ("[" + ",\n".join(lines) + "]\n").encode("utf-8")


def _checked(answer: Any, where: str, month: str | None) -> list[dict[str, Any]]:
    if not isinstance(answer, list) or not all(
        isinstance(crime, dict) and isinstance(crime.get("id"), int) and "category" in crime
        for crime in answer
    ):
        raise DataError(
            f"{where}: a list of crimes with 'id' and 'category' was expected; got "
            f"{str(answer)[:80]!r}."
        )
    others = {str(crime.get("month")) for crime in answer} - {month}
    if month is not None and others:
        raise DataError(
            f"{where}: crimes of {month} were asked for; some are of {min(others)}.",
            rule="other-month",
        )
    return answer


def _quarters(piece: Polygon, url: str, month: str) -> Iterator[Polygon]:
    """The piece cut in four that overlap a little: a crime on a cut is found, twice if need be."""
    west, south, east, north = piece.bounds
    if max(east - west, north - south) < SMALLEST_PIECE_M:
        raise DataError(
            f"{bare(url)}: answers {TOO_MANY} for {month} even for {SMALLEST_PIECE_M:.0f} m, so it "
            "is out of service rather than too full. Run the same again later: months that have "
            "arrived are kept.",
            rule="out-of-service",
        )
    x, y, more = (west + east) / 2, (south + north) / 2, OVERLAP_M / 2
    for cut in (
        box(west, south, x + more, y + more),
        box(x - more, south, east, y + more),
        box(west, y - more, x + more, north),
        box(x - more, y - more, east, north),
    ):
        yield from _filled(piece.intersection(cut))


def _filled(shape: BaseGeometry) -> Iterator[Polygon]:
    """The polygons of a shape, without holes: the API takes one ring."""
    for part in shapely.get_parts(shape).tolist():
        if isinstance(part, Polygon) and part.area > 0:
            yield Polygon(part.exterior)


def _latlng(piece: Polygon) -> str:
    """A polygon as the API writes it.

    Long edges get corners in between, since a straight line on the grid is none in degrees.
    """
    ring = shapely.segmentize(piece.exterior, LONGEST_EDGE_M)
    line = gpd.GeoSeries([ring], crs=BRITISH_NATIONAL_GRID).to_crs("EPSG:4326").iloc[0]
    return ":".join(f"{lat:.6f},{lon:.6f}" for lon, lat in list(line.coords)[:-1])
