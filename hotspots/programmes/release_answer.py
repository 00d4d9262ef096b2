"""The table of a programme as its reader may see it, beside the cells they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.core.select import as_selection
from hotspots.disclosure import Release, release

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.record import RunRecord
    from hotspots.core.select import Selection
    from hotspots.programmes.tasking.product import TaskingProduct

ANSWER = "answer"


def release_answer(
    answer: pd.DataFrame,
    record: RunRecord,
    *,
    incidents: gpd.GeoDataFrame | Selection | None = None,
    product: TaskingProduct | None = None,
    keep: Iterable[str] = ("sign_off",),
) -> Release:
    """Decide what the reader of a programme's table may see: a release of one table, "answer".

    ``incidents`` are those the answer was counted from; ``product`` is what the same readers get
    from ``hotspots run``: they may have its cells, and what it says they already have, so totals
    are rounded beside these. Columns to ``keep`` are to be filled in and hold nothing of the data.
    """
    cells: list[Any] = []
    if incidents is not None and product is not None and release(record=record).withholds:
        cells = list(release(_cells_beside(answer, incidents, product), record=record).areas)
    earlier = () if product is None else product.earlier
    options: dict[str, Any] = {"earlier": earlier, "keep": keep, "record": record}
    table: pd.DataFrame
    if "zone_name" in answer.columns and hasattr(answer, "geom_type"):
        released = release(cells, zones=_by_theme(answer), **options)
        table = pd.concat(released.zones)
    elif "kind" in answer.columns and hasattr(answer, "geom_type"):
        released = release([*cells, answer], **options)
        table = _in_order(pd.concat(released.areas[len(cells) :]), answer)
    else:
        released = release(cells, tables={ANSWER: answer}, **options)
        table = released.tables[ANSWER]
    return replace(released, areas=(), zones=(), tables={ANSWER: table})


def _in_order(released: pd.DataFrame, answer: pd.DataFrame) -> pd.DataFrame:
    """Areas of several kinds are released kind by kind; here they stand as they were given."""
    return released.loc[[label for label in answer.index if label in released.index]]


def _by_theme(zones: pd.DataFrame) -> list[pd.DataFrame]:
    """One table a theme, in the order given; as it is where there is one or none."""
    if "theme" not in zones.columns or zones["theme"].nunique() < 2:
        return [zones]
    return [part for _, part in zones.groupby("theme", sort=False)]


def _cells_beside(
    answer: pd.DataFrame, incidents: gpd.GeoDataFrame | Selection, product: TaskingProduct
) -> list[gpd.GeoDataFrame]:
    """The cells that the product shows, for each theme of the answer."""
    if "theme" not in answer.columns:
        return []
    asked = assign_cells(as_selection(incidents).asked(within=product.within), product.grid)
    themes = [str(theme) for theme in answer["theme"].dropna().unique()]
    carried = asked.source.carried()
    return [aggregate_to_cells(asked.of(theme)) for theme in themes if theme in carried]
