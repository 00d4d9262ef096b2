"""The chain a test begins with, in one line: incidents, a question in keywords, areas."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd

from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.core.grids import Grid
from hotspots.core.record import RunRecord
from hotspots.core.select import Question, Selection, select


def asked(incidents: gpd.GeoDataFrame, **question: Any) -> Selection:
    """The incidents a question is about."""
    return select(incidents, Question(**question))


def in_cells(incidents: gpd.GeoDataFrame, grid: Grid, **question: Any) -> Selection:
    """The same with the cell of each."""
    return assign_cells(asked(incidents, **question), grid)


def cells_of(
    incidents: gpd.GeoDataFrame, grid: Grid, *, record: RunRecord | None = None, **question: Any
) -> gpd.GeoDataFrame:
    """Their cells, counted."""
    return aggregate_to_cells(in_cells(incidents, grid, **question), record=record)


def in_areas(incidents: gpd.GeoDataFrame, area_ids: Any, **question: Any) -> Selection:
    """The same with areas named by hand: one id for each row of the table, None for nowhere."""
    labels = pd.Series(list(area_ids), index=incidents.index, dtype=object)
    return asked(incidents, **question).in_areas(labels, "by hand")
