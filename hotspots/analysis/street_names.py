"""The streets of open data: one point for each street name, where most of its incidents are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from hotspots.analysis.names import named_streets
from hotspots.core.crs import coordinates, in_system_of
from hotspots.core.points import inside
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.core.tally import together

if TYPE_CHECKING:
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
    x, y = coordinates(incidents.geometry)
    public = _is_public(incidents) & np.isfinite(x) & incidents["place_name"].notna().to_numpy()
    known = pd.DataFrame({"place_name": incidents["place_name"].array, "x": x, "y": y})
    once = _busiest_points(named_streets(known[public]))
    shapes = gpd.points_from_xy(once["x"], once["y"], crs=incidents.crs)
    named = gpd.GeoDataFrame(once[["name", "incident_count"]], geometry=shapes)
    if within is not None:
        named = named[inside(named, in_system_of(named, within))]
    return named.reset_index(drop=True)


def _is_public(incidents: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Rows that are snapped to a map point, and published one by one."""
    published = incidents.get("published", pd.Series(False, index=incidents.index))
    public = incidents["location_precision"].eq("snapped") & published.eq(True)
    found: NDArray[np.bool_] = public.to_numpy(dtype=bool)
    return found


def _busiest_points(known: pd.DataFrame) -> pd.DataFrame:
    """The point of each name with most incidents: of several the most western, then southern."""
    code, texts = pd.factorize(known["place_name"])
    name, names = pd.factorize(pd.Series(texts).str.strip(), sort=True)
    points = known.assign(name=name[code])
    row, first = together(points, ["x", "y", "name"])
    points = points.iloc[first].assign(incident_count=np.bincount(row, minlength=len(first)))
    for least in (-points["incident_count"], points["x"], points["y"]):
        own = least.loc[points.index]
        points = points[own == own.groupby(points["name"]).transform("min")]
    points["name"] = names.take(points["name"].to_numpy())
    return points.sort_values(["incident_count", "name"], ascending=[False, True])
