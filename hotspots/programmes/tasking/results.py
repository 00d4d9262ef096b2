"""What a tasking product found: its tables, made safe for their readers, as map and files."""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from hotspots.core.record import RunRecord
from hotspots.disclosure import apply_disclosure, disclose_record, disclose_tables
from hotspots.report.geopackage import write_geopackage
from hotspots.report.map import map_areas
from hotspots.report.withheld import leave_out_withheld, telling
from hotspots.report.workbook.write_workbook import write_workbook

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import ThemeStatus
    from hotspots.report.map import HotspotMap

EASY_PLURALS = {"ward", "district", "pspo", "ring", "corridor", "site", "lsoa"}
FILES = ("map.html", "hotspots.gpkg", "tables.xlsx", "manifest.json")


class Asked(Protocol):
    """What the results need to know of the product they answer."""

    @property
    def top(self) -> int:
        """Places to name per theme."""

    @property
    def priority_wards(self) -> tuple[str, ...]:
        """Wards drawn with a heavier outline."""

    @property
    def earlier(self) -> tuple[pd.DataFrame, ...]:
        """Tables the same readers already have."""

    def sentence(self, theme: str, status: ThemeStatus, results: TaskingResults) -> str:
        """The sentence about a theme, from the tables as they stand."""


@dataclass
class TaskingResults:
    """The finished tables of a product, by theme, and its logbook."""

    product: Asked
    record: RunRecord
    incidents: gpd.GeoDataFrame
    cells: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    clusters: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    overlaps: dict[str, pd.DataFrame] = field(default_factory=dict)
    area_periods: dict[str, pd.DataFrame] = field(default_factory=dict)
    zones: list[gpd.GeoDataFrame] = field(default_factory=list)

    def disclosed(self) -> TaskingResults:
        """The same results as the audience of the record may see them.

        The full ones are returned where nothing has to be withheld: for an internal audience, and
        where every source was already published record by record.
        """
        if disclose_record(self.record) is self.record:
            return self
        safe = replace(self, **self._safe_tables())
        sentences = {
            theme: self.product.sentence(theme, status, safe)
            for theme, status in self.record.themes.items()
        }
        return replace(safe, record=disclose_record(self.record, sentences=sentences))

    def _safe_tables(self) -> dict[str, Any]:
        """All tables as the readers may see them, zones and clusters beside the cells."""
        earlier, record = self.product.earlier, self.record
        themes = [*self.cells, *self.clusters]
        tables = [*self.cells.values(), *self.clusters.values(), *self.zones]
        safe = disclose_tables(tables, record, earlier=earlier)
        cells, clusters = len(self.cells), len(self.clusters)
        return {
            "cells": dict(zip(themes[:cells], safe, strict=False)),
            "clusters": dict(zip(themes[cells:], safe[cells:], strict=False)),
            "zones": safe[cells + clusters :],
            "overlaps": {
                theme: apply_disclosure(table, record) for theme, table in self.overlaps.items()
            },
            "area_periods": {
                theme: apply_disclosure(table, record, earlier=earlier, beside=safe[:cells])
                for theme, table in self.area_periods.items()
            },
        }

    def map(self) -> HotspotMap:
        """The page for the meeting."""
        return map_areas(
            list(self.cells.values()),
            clusters=list(self.clusters.values()),
            zones=self.zones,
            record=self.record,
            overlaps=self._all_overlaps(),
            area_periods=[table.reset_index() for table in self.area_periods.values()],
            top=self.product.top,
            priority_wards=self.product.priority_wards,
        )

    def write(self, folder: str | Path) -> list[Path]:
        """Write map, GeoPackage, workbook and manifest; all of them or none.

        Returns
        -------
        list of Path
            The files, in the order of ``FILES``.
        """
        target, safe = Path(folder), self.disclosed()
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".hotspots-") as scratch:
            made = Path(scratch)
            safe.map().save(made / "map.html")
            layers = safe._layers()
            gone = [name for table in layers.values() for name in leave_out_withheld(table)[1]]
            record = telling(safe.record, gone)
            write_geopackage(made / "hotspots.gpkg", layers, record=record)
            write_workbook(
                made / "tables.xlsx",
                ranked=safe.cells,
                clusters=safe.clusters,
                zones=safe.zones,
                record=record,
            )
            record.write(made / "manifest.json")
            for name in FILES:
                shutil.move(made / name, target / name)
        return [target / name for name in FILES]

    def _word(self, theme: str) -> str:
        """A theme in the name of a layer: a proxy goes by what it is, not by what it stands for."""
        status = self.record.themes.get(theme)
        if status is None or status.state != "proxy":
            return theme
        return re.sub(r"[^a-z0-9]+", "_", status.label.split("(")[0].casefold()).strip("_")

    def _all_overlaps(self) -> pd.DataFrame | None:
        """Overlaps of every kind of area; cells lie on the same ground in every theme."""
        tables = [table.reset_index() for table in self.overlaps.values()]
        if not tables:
            return None
        return pd.concat(tables, ignore_index=True).drop_duplicates(["area_id", "zone_id"])

    def _layers(self) -> dict[str, pd.DataFrame]:
        layers: dict[str, pd.DataFrame] = {}
        layers |= {f"cells_{self._word(theme)}": table for theme, table in self.cells.items()}
        layers |= {f"clusters_{self._word(theme)}": table for theme, table in self.clusters.items()}
        for zones in self.zones:
            for kind, table in zones.groupby("kind", sort=True):
                layers[_layer_name(str(kind))] = table
        for theme, table in self.area_periods.items():
            if table["incident_count"].notna().any():
                layers[f"periods_{self._word(theme)}"] = table
        return layers


def _layer_name(kind: str) -> str:
    """Name of a layer of zones: the kind in plain letters, several of it where English is easy."""
    word = re.sub(r"[^a-z0-9]+", "_", kind.casefold()).strip("_") or "zones"
    return f"{word}s" if word in EASY_PLURALS else word
