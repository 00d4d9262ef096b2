"""What a Protect product found: its tables, as map and files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hotspots.disclosure import Release, release
from hotspots.programmes.tasking.files import write_product
from hotspots.report.map import map_areas

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.programmes.protect.demand import ProtectDemand
    from hotspots.programmes.protect.protect_product import ProtectProduct
    from hotspots.report.map.standalone import HotspotMap

GEOPACKAGE = "protect.gpkg"


@dataclass(repr=False)
class ProtectResults:
    """The finished tables of a Protect product, and its logbook."""

    product: ProtectProduct
    record: RunRecord
    found: ProtectDemand

    def __repr__(self) -> str:
        return f"ProtectResults({self.found!r})"

    def release(self) -> Release:
        """The tables for the audience "protect": refused where the marking does not name it."""
        tables = {
            "Demand": self.found.demand,
            "Premises by tier": self.found.premises,
            "Protect sites": self.found.sites,
            "Trauma packs": self.product.trauma_packs,
        }
        return release(
            zones=[*self.product.outlines, self.zones()],
            tables={name: table for name, table in tables.items() if table is not None},
            record=self.record,
        )

    def zones(self) -> gpd.GeoDataFrame:
        """The zones with their demand: of the first theme in full, of the others as columns."""
        first, *others = self.product.counted
        demand = self.found.demand
        drawn = demand.xs(first, level="theme").drop(columns=["zone_name", "kind"])
        zones = self.product.zones.drop(columns=drawn.columns, errors="ignore").join(drawn)
        for theme in others:
            beside = demand.xs(theme, level="theme")
            zones[f"{theme}_count"] = beside["incident_count"]
            if "harm" in beside:
                zones[f"{theme}_harm"] = beside["harm"]
        return zones

    def map(self, released: Release | None = None) -> HotspotMap:
        """The page for those who may see it."""
        return map_areas(released or self.release())

    def write(self, folder: str | Path, released: Release | None = None) -> list[Path]:
        """Write map, GeoPackage, workbook and manifest; all of them or none."""
        return write_product(released or self.release(), folder, geopackage=GEOPACKAGE)
