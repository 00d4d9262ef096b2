"""What the density functions are given: sizes, weights and distinct places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.crs import coordinates
from hotspots.core.errors import InputError, require
from hotspots.core.points import distinct_places
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import ArrayLike, NDArray

    from hotspots.core.select import Selection


def check_sizes(bandwidth_m: float, cell_m: float) -> None:
    """Raise unless bandwidth and squares go together."""
    for name, value in (("bandwidth_m", bandwidth_m), ("cell_m", cell_m)):
        require(
            isinstance(value, (int, float)) and math.isfinite(value) and value > 0,
            f"`{name}` must be a number of metres above zero; got {value!r}.",
        )
    require(
        bandwidth_m >= cell_m,
        f"`bandwidth_m` must be at least `cell_m`, or incidents fall between the squares; got "
        f"{bandwidth_m:g} m and {cell_m:g} m.",
    )


def weights_of(chosen: Selection, weights: str | ArrayLike | None) -> NDArray[np.float64]:
    """One weight a selected incident; missing ones stay missing.

    Weights are a column, or a number for each row of the table that was selected from.
    """
    incidents = chosen.everything
    if weights is None:
        return np.ones(len(chosen.rows))
    if isinstance(weights, str):
        require(
            weights in incidents.columns,
            f"`weights` must be a column of `incidents` or numbers; there is no {weights!r}.",
            mend=Mend("weigh-first"),
        )
        weights = incidents[weights]
    elif isinstance(weights, pd.Series):
        weights = weights.reindex(incidents.index)
    values = np.asarray(weights, dtype=float).ravel()
    if len(values) != len(incidents):
        raise InputError(
            f"`weights` must have one number an incident ({len(incidents):,}); got {len(values):,}."
        )
    require(not bool((values < 0).any()), "`weights` must be zero or more.")
    require(not bool(np.isinf(values).any()), "`weights` must be finite.")
    return values[chosen.used]


def collapse(
    incidents: gpd.GeoDataFrame, weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distinct places in metres and the weight on each, whatever the order of the rows."""
    if len(incidents) == 0:
        return np.empty((0, 2)), np.empty(0)
    places, place_of = distinct_places(*coordinates(incidents.geometry))
    order = np.lexsort((weight, place_of))
    return places / 1000, np.bincount(place_of[order], weight[order], len(places)).astype(float)
