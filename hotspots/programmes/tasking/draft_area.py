"""The study area of a first product: one that was named, one that comes along, or a hull."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from shapely.geometry import MultiPoint

from hotspots.core.crs import coordinates
from hotspots.core.data import bundled
from hotspots.core.errors import DataError, require
from hotspots.core.points import inside
from hotspots.io.zones.read import load_zones

if TYPE_CHECKING:
    from hotspots.io.incidents import IncidentCheck

LEEDS, WARDS = "boundaries/leeds.geojson", "boundaries/leeds_wards_best_fit.geojson"
MOSTLY_INSIDE = 0.8
EDGE = 0.01
"""The share of places at either end of each axis that may be strays and draw no hull."""
RIM_M = 250.0
WIDEST_KM2 = 5_000.0


@dataclass(frozen=True)
class Area:
    """A study area as a product file names it, zones beside it, and what was decided."""

    place: str
    within: dict[str, Any]
    zones: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    forces: tuple[str, ...] = ()


def area_named(given: str, base: Path) -> Area:
    """A file of zones, ``FILE`` or ``FILE:LAYER``; or the district of that name, fetched."""
    path, layer = _path_and_layer(given)
    if path is None:
        return district_area(given, base)
    said: dict[str, Any] = {"path": relative_to(path, base)}
    if layer:
        said["layer"] = layer
    zones = load_zones(path, layer=layer, kind="district")
    names = zones["zone_name"].astype(str).tolist()
    return Area(names[0] if len(names) == 1 else path.stem, said)


def district_area(district: str, base: Path, *, offline: bool = False, **fetching: Any) -> Area:
    """The official outline and wards of a district, fetched into the folder of the product."""
    from hotspots.io.opendata import fetch_boundaries

    ward, outline = fetch_boundaries(
        district, kinds=("ward", "district"), folder=base / "zones", offline=offline, **fetching
    )
    name = str(load_zones(outline)["zone_name"].iloc[0])
    return Area(
        name,
        {"path": relative_to(outline, base)},
        ({"path": relative_to(ward, base)},),
        files=(outline, ward),
    )


def area_of(incidents: gpd.GeoDataFrame, base: Path, check: IncidentCheck) -> Area:
    """Leeds, which comes along, where most places are there; else the hull of the places."""
    located = incidents[incidents.geometry.notna()]
    require(
        len(located) > 0,
        "no incident has a place, so there is nothing to draw.",
        DataError,
        rule="nowhere",
    )
    leeds = load_zones(bundled(LEEDS), kind="district")
    if float(np.mean(inside(located, leeds))) >= MOSTLY_INSIDE:
        note = "the study area is Leeds, where most of the places are; its outline comes along."
        return Area(
            "Leeds",
            {"path": f"bundled:{LEEDS}", "kind": "district"},
            ({"path": f"bundled:{WARDS}"},),
            (note,),
        )
    return _hull(located, base, next(iter(check.content["where"]["near"]), ""))


def _hull(located: gpd.GeoDataFrame, base: Path, near: str) -> Area:
    """The hull of the places without strays far from all others, written as a zone."""
    x, y = coordinates(located.geometry)
    kept = _without_strays(x) & _without_strays(y)
    hull = MultiPoint(np.column_stack([x[kept], y[kept]])).convex_hull.buffer(RIM_M)
    require(
        hull.area <= WIDEST_KM2 * 1e6,
        f"the places lie over {hull.area / 1e6:,.0f} square kilometres, too wide for one product. "
        "Name the study area with `within`.",
        DataError,
        rule="too-wide",
    )
    place = f"the area around {near}" if near else "the area of the incidents"
    zone = gpd.GeoDataFrame(
        {"zone_id": ["hull"], "zone_name": [place], "kind": ["study area"]},
        geometry=[hull],
        crs=located.crs,
    )
    path = base / "study-area.geojson"
    path.write_text(zone.to_crs("EPSG:4326").to_json(), encoding="utf-8", newline="\n")
    note = (
        f"the study area is the hull of the places ({hull.area / 1e6:,.0f} square kilometres), not "
        "an official one: empty ground beyond it is not tested, and ground nobody could report "
        "from is. Name the real one with `--within` or here."
    )
    return Area(place, {"path": path.name, "approximate": True}, (), (note,), (path,))


def _without_strays(values: Any) -> Any:
    """Places within the bulk of them, or a quarter of its width beside it."""
    low, high = np.quantile(values, [EDGE, 1 - EDGE])
    more = (high - low) / 4
    return (values >= low - more) & (values <= high + more)


def _path_and_layer(given: str) -> tuple[Path | None, str | None]:
    if Path(given).exists():
        return Path(given), None
    path, _, layer = given.rpartition(":")
    if path and Path(path).is_file():
        return Path(path), layer
    return (Path(given), None) if Path(given).suffix else (None, None)


def relative_to(path: Path, base: Path) -> str:
    """A path as a file in a folder names it."""
    try:
        return Path(os.path.relpath(path, base)).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()
