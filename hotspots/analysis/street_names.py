"""The streets of open data: one point for each street name, where most of its incidents are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from hotspots.analysis.names import named_streets
from hotspots.core.crs import in_system_of
from hotspots.core.points import inside
from hotspots.core.tables import INCIDENTS, require_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def street_names(
    incidents: gpd.GeoDataFrame, within: gpd.GeoDataFrame | None = None
) -> gpd.GeoDataFrame:
    """Name the map points of published data by their streets, to say where on a map.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table with ``place_name``, of any theme and period.
    within : GeoDataFrame, optional
        A study area; names outside it are left out.

    Returns
    -------
    GeoDataFrame
        ``name``, ``incident_count`` and a point in metres for each street name, most incidents
        first. Of a name at several points, the one with most incidents.

    Raises
    ------
    InputError
        For a table without ``place_name``.

    Notes
    -----
    Only snapped points of data that were published record by record are named: there the point is
    public, whatever happened at it. It misleads where it is read as a map: a street without an
    incident has no name, and "Park Road" stands in one place of several.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> street_names(incidents)["name"].iloc[0]
    'Boar Lane'
    """
    require_table(incidents, INCIDENTS, argument="incidents", also=["place_name"])
    public = incidents[_is_public(incidents) & incidents["place_name"].notna()]
    known = named_streets(public)
    points = pd.DataFrame(
        {"name": known["place_name"].str.strip(), "x": known.geometry.x, "y": known.geometry.y}
    )
    counted = points.value_counts(sort=False).rename("incident_count").reset_index()
    counted = counted.sort_values(
        ["incident_count", "name", "x", "y"], ascending=[False, True, True, True]
    )
    once = counted.drop_duplicates("name")
    shapes = gpd.points_from_xy(once["x"], once["y"], crs=incidents.crs)
    named = gpd.GeoDataFrame(once[["name", "incident_count"]], geometry=shapes)
    if within is not None:
        named = named[inside(named, in_system_of(named, within))]
    return named.reset_index(drop=True)


def _is_public(incidents: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Rows at a public map point: located, snapped, and published one by one."""
    published = incidents.get("published", pd.Series(False, index=incidents.index))
    public = incidents["location_precision"].eq("snapped") & published.eq(True)
    shapes = incidents.geometry
    found: NDArray[np.bool_] = (public & shapes.notna() & ~shapes.is_empty).to_numpy(dtype=bool)
    return found
