"""Which roads and names a page shows from which zoom on: the larger ones first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CLASS_COLUMNS = ("road_function", "function", "road_class", "road_classification", "highway",
                 "fclass", "class")  # fmt: skip
LEVELS = (
    {"motorway", "a road", "primary", "trunk", "main", "ring", "primary road"},
    {"b road", "secondary", "secondary road"},
    {"minor road", "tertiary", "collector", "classified unnumbered", "minor"},
)
"""Classes of OS Open Roads, OpenStreetMap and the synthetic town; every other road is local."""

FIRST_ZOOM, LAST_ZOOM = 12, 17
SPACING_M = 3_400
"""Room that a name takes at the first zoom, in metres: about 150 pixels in Britain."""


def road_levels(table: pd.DataFrame) -> NDArray[np.intp]:
    """How large each road is: 0 for main roads, 3 for local ones; 1 where no column tells it.

    Examples
    --------
    >>> road_levels(pd.DataFrame({"road_function": ["Motorway", "B Road", "Local Road"]})).tolist()
    [0, 1, 3]
    >>> road_levels(pd.DataFrame({"name": ["Mill Lane"]})).tolist()
    [1]
    """
    local = np.full(len(table), len(LEVELS), dtype=np.intp)
    column = next((name for name in CLASS_COLUMNS if name in table.columns), None)
    if column is None:
        return np.ones(len(table), dtype=np.intp)
    kinds = table[column].astype(object).map(_plain_class)
    for level, classes in enumerate(LEVELS):
        local[kinds.isin(classes).to_numpy()] = level
    return local


def _plain_class(value: Any) -> str:
    return str(value).casefold().removesuffix("_link").strip()


def name_zooms(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.intp]:
    """The zoom from which each name is shown: as many as there is room for, the first ones first.

    Parameters
    ----------
    x, y : ndarray of float, shape (names,)
        Where the names stand, in metres, the most important first.

    Examples
    --------
    >>> name_zooms(np.array([0.0, 100.0, 5000.0]), np.array([0.0, 0.0, 0.0])).tolist()
    [12, 17, 12]
    """
    zooms = np.full(len(x), LAST_ZOOM, dtype=np.intp)
    for zoom in range(LAST_ZOOM - 1, FIRST_ZOOM - 1, -1):
        side = SPACING_M / 2 ** (zoom - FIRST_ZOOM)
        squares = pd.DataFrame({"x": x // side, "y": y // side})
        zooms[(~squares.duplicated()).to_numpy()] = zoom
    return zooms
