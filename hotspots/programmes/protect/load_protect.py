"""A Protect product from its file: every file it names is read before anything is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspots.core.audience import PROTECT
from hotspots.core.errors import DataError, Findings, HotspotsError
from hotspots.core.question import EVERYTHING
from hotspots.io.zones.sites import load_points
from hotspots.programmes.protect.points import check_points
from hotspots.programmes.protect.protect_product import ProtectProduct
from hotspots.programmes.tasking.named_in_file import (
    check_themes,
    path_at,
    sources_of,
    texts,
    zones_at,
)

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.programmes.protect.protect_file import PointsTable, ProtectFile


def protect_product(file: ProtectFile, base: Path) -> ProtectProduct:
    """The product a file describes; paths in it are relative to ``base``."""
    found = _all_of(
        {
            "sources": lambda: sources_of(file, base),
            "zones": lambda: zones_at(file.zones, base, file.crs, kind=PROTECT),
            "register": lambda: _points(file.premises, "[register]", file, base),
            "trauma_packs": lambda: _points(file.trauma_packs, "[trauma_packs]", file, base),
            "within": lambda: (
                file.within and zones_at(file.within, base, file.crs, kind="district")
            ),
            "outlines": lambda: tuple(zones_at(one, base, file.crs) for one in file.outlines),
        }
    )
    check_themes("`demand`", set(file.demand) - {EVERYTHING}, found["sources"])
    simple = ("title", "marking", "place", "period", "demand", "reach_m", "caveats", "current",
              "made_on")  # fmt: skip
    return ProtectProduct(
        police_force=texts(file.police_force),
        **found,
        **{name: getattr(file, name) for name in simple},
    )


def _all_of(loaders: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What each loader gives; what is wrong with the files in one error."""
    findings, found = Findings(), {}
    for name, load in loaders.items():
        try:
            found[name] = load()
        except HotspotsError as error:
            findings.error("file", str(error))
    findings.raise_errors(DataError)
    return found


def _points(
    table: PointsTable | None, name: str, file: ProtectFile, base: Path
) -> gpd.GeoDataFrame | None:
    if table is None:
        return None
    said = table.model_dump(exclude={"path"})
    points = load_points(path_at(table.path, base), kind=PROTECT, crs=file.crs, **said)
    return check_points(points, name)
