"""What a tasking product found: its tables, made safe for their readers, as map and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.periods import Period
from hotspots.core.record import RunRecord
from hotspots.disclosure import Release, release
from hotspots.disclosure.release_inputs import first
from hotspots.programmes.tasking.files import FILES, write_product
from hotspots.report.map import map_areas
from hotspots.report.text.theme import describe_theme

__all__ = ["FILES", "TaskingResults"]

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.programmes.tasking.product import TaskingProduct
    from hotspots.report.map import HotspotMap


@dataclass
class TaskingResults:
    """The finished tables of a product, by theme, and its logbook."""

    product: TaskingProduct
    record: RunRecord
    incidents: gpd.GeoDataFrame = field(repr=False)
    cells: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    clusters: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    overlaps: dict[str, pd.DataFrame] = field(default_factory=dict)
    area_periods: dict[str, pd.DataFrame] = field(default_factory=dict)
    zones: list[gpd.GeoDataFrame] = field(default_factory=list)

    def release(self) -> Release:
        """The tables as the audience of the record may see them, with sentences made from them."""
        released = release(
            [*self.cells.values(), *self.clusters.values()],
            zones=self.zones,
            overlaps=list(self.overlaps.values()),
            area_periods=list(self.area_periods.values()),
            earlier=self.product.earlier,
            record=self.record,
        )
        return released.with_sentences(self.sentences(released)) if released.withholds else released

    def sentences(self, released: Release | None = None) -> dict[str, str]:
        """A sentence a theme: of the full tables, or of those a reader may see."""
        product = self.product
        cells, periods = self.cells, self.area_periods
        if released is not None:
            cells = {str(first(table, "theme")): table for table in released.cells}
            periods = {str(first(table, "theme")): table for table in released.area_periods}
        return {
            theme: describe_theme(
                cells.get(theme),
                status,
                place=product.place,
                period=Period.parse(product.period).label,
                compared=_compared(periods.get(theme), product.compare),
                top=product.top,
            )
            for theme, status in self.record.themes.items()
        }

    def map(self, released: Release | None = None) -> HotspotMap:
        """The page for the meeting."""
        return map_areas(
            released or self.release(),
            top=self.product.top,
            priority_wards=self.product.priority_wards,
        )

    def write(self, folder: str | Path, released: Release | None = None) -> list[Path]:
        """Write map, GeoPackage, workbook and manifest; all of them or none.

        Returns
        -------
        list of Path
            The files, in the order of ``FILES``.
        """
        return write_product(
            released or self.release(),
            folder,
            top=self.product.top,
            priority_wards=self.product.priority_wards,
        )


def _compared(periods: pd.DataFrame | None, compare: Sequence[str]) -> dict[str, int]:
    """Incidents of the whole place in the other periods, by their words."""
    if periods is None:
        return {}
    totals = periods.reset_index().groupby("period")["incident_count"].sum()
    return {Period.parse(one).label: int(totals[Period.parse(one).key]) for one in compare}
