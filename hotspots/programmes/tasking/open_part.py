"""What anybody can count of a product's incidents: those that their source published one by one.

A product of partners' records and of data.police.uk is read by people who can fetch the second.
Where they count four of a cell, "fewer than 5" says that partners had none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.core.question import Question
from hotspots.core.select import select

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.programmes.tasking.product import TaskingResults

OPEN = "published_"
Parts = list[tuple[str, ...]]


def published_part(results: TaskingResults) -> tuple[list[gpd.GeoDataFrame], Parts]:
    """Cells of each theme as anybody can count them, and the themes with these inside them.

    Nothing where no source was published, or all were: then nothing is withheld.
    """
    rows = _published_rows(results.record, results.incidents)
    if rows is None:
        return [], list(results.record.theme_parts)
    product, tables = results.product, []
    for theme, cells in results.cells.items():
        asked = select(rows, Question(theme, product.period, within=product.within))
        counted = aggregate_to_cells(assign_cells(asked, product.grid))
        known = counted.assign(theme=f"{OPEN}{theme}")
        tables.append(known.reindex(cells.index).assign(**{
            name: cells[name] for name in ("kind", "period_from", "period_until", "geometry")
        }))  # fmt: skip
    parts = results.record.theme_parts
    return tables, [*parts, *((*part, *(f"{OPEN}{name}" for name in part)) for part in parts)]


def _published_rows(record: RunRecord, incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    facts = {one.name: bool(one.facts.get("published_record_by_record")) for one in record.sources}
    if "source" not in incidents.columns or all(facts.values()) or not any(facts.values()):
        return None
    names = [name for name, is_open in facts.items() if is_open]
    return incidents[incidents["source"].isin(names)]
