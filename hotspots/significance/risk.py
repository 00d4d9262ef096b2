"""What is at risk in each cell, as far as the data shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.checks import InputError
from hotspots.crs import coordinates
from hotspots.selection import distinct_places

if TYPE_CHECKING:
    import geopandas as gpd


def points_at_risk(incidents: gpd.GeoDataFrame, labels: pd.Series) -> pd.Series:
    """Distinct map points of each area: the places where an incident can be recorded at all.

    Parameters
    ----------
    incidents : GeoDataFrame
        All incidents there are, of every theme and every period: the more, the more map points
        are seen.
    labels : Series of str
        Area of each incident, on the same index; from :func:`label_cells`.

    Returns
    -------
    Series of int
        Distinct coordinates by ``area_id``; areas without any are left out.

    Notes
    -----
    Map points that were never hit are not seen, so quiet areas look smaller than they are and the
    risk of busy ones a little lower. On exact coordinates every address is a point of its own and
    the count says little: use addresses or residents instead.

    Examples
    --------
    >>> import geopandas as gpd
    >>> incidents = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1, 1, 2, 9], [0, 0, 0, 0]),
    ...                              crs="EPSG:27700")
    >>> points_at_risk(incidents, pd.Series(["a", "a", "a", "b"])).to_dict()
    {'a': 2, 'b': 1}
    """
    if not labels.index.equals(incidents.index):
        raise InputError(
            "`labels` must have the index of `incidents`; it has another. Make it with "
            "`label_cells(incidents, grid)`."
        )
    x, y = coordinates(incidents.geometry)
    held = np.isfinite(x) & labels.notna().to_numpy()
    _, place = distinct_places(x[held], y[held])
    pairs = pd.DataFrame({"area_id": labels.to_numpy()[held], "place": place}).drop_duplicates()
    counted = pairs.groupby("area_id", sort=True).size()
    return counted.rename("points_at_risk")
