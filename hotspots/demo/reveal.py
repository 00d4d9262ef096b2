"""What was planted in the town, over what was found there: hits and misses, for learning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.core.caveats import Caveat
from hotspots.report.map import map_areas

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.demo.town.town import Town
    from hotspots.programmes.tasking.product import TaskingResults

PAGE = "planted.html"


def write_revealed(town: Town, results: TaskingResults, folder: Path) -> Path:
    """Draw the product again with every planted area, found or missed, and say how many were.

    An area counts as found where a hexagon beyond chance, corrected for all hexagons, touches it.
    """
    released = results.release()
    record = released.record.copy()
    planted = {
        theme: judged(town.truth.hotspots, cells, theme) for theme, cells in results.cells.items()
    }
    for theme, areas in planted.items():
        if areas.empty:
            continue
        strays = _strays(results.cells[theme], areas)
        said = REVEALED.format(
            theme=record.themes[theme].label, found=int(areas["found"].sum()),
            planted=len(areas), strays=strays,
        )  # fmt: skip
        record.warn_reader(Caveat.given(said))
    outlines = pd.concat(planted.values()).drop(columns=["theme", "found", "intensity"])
    told = replace(released, zones=(*released.zones, outlines), record=record)
    return map_areas(told, top=results.product.top).save(folder / PAGE)


REVEALED = (
    "Revealed, {theme}: {found} of {planted} planted areas are touched by a hexagon beyond chance; "
    "{strays} such hexagons touch none. Layers, Planted areas, shows which."
)


def judged(truth: gpd.GeoDataFrame, cells: gpd.GeoDataFrame, theme: str) -> gpd.GeoDataFrame:
    """The planted areas of a theme as zones, by name with whether they were found."""
    areas = truth[truth["theme"].eq(theme)]
    flagged = cells[cells["is_hotspot"]]
    found = areas.intersects(flagged.union_all()) if len(flagged) else areas["theme"].isna()
    words = found.map({True: "found", False: "missed"})
    return areas.assign(
        zone_name=areas["area_name"] + " (" + words + ")", kind="planted area", found=found,
        status=None, approximate=False, valid_from=None, valid_until=None,
    ).rename_axis("zone_id")  # fmt: skip


def _strays(cells: gpd.GeoDataFrame, areas: Any) -> int:
    flagged = cells[cells["is_hotspot"]]
    return int((~flagged.intersects(areas.union_all())).sum())
