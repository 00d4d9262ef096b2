"""Troubles instead of calls: what happened at one place at one time counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.months import month_of
from hotspots.core.points import PlaceIndex
from hotspots.core.tables import INCIDENTS, require_table

if TYPE_CHECKING:
    import geopandas as gpd


def troubles(incidents: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One row a trouble: incidents of one offence at one place on one day, or in one month.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.

    Returns
    -------
    GeoDataFrame
        The first row of each trouble, in order, with ``incidents_in_trouble``. At exact places with
        known days a trouble is a place and a day; at snapped places, or where only the month is
        known, a place and a month. Rows without a place stay as they are.

    Notes
    -----
    Tests of flags, clusters and changes take incidents to be independent; nine calls about one
    party are not. Ask the same question of ``troubles(incidents)``: what is beyond chance there is
    no matter of calls. It misleads on snapped data, where a map point stands for many addresses and
    its busiest months count once: then places that are busy month after month stand out.

    References
    ----------
    Johnson, S. D. (2010). A brief history of the analysis of crime concentration. European Journal
    of Applied Mathematics 21, 349-370. https://doi.org/10.1017/S0956792510000082

    Examples
    --------
    >>> import hotspots as hs
    >>> july = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> once = troubles(july)
    >>> len(july), len(once), int(once["incidents_in_trouble"].sum())
    (31635, 23155, 31635)
    """
    needed = ["offence", "offence_scheme", "occurred_from", "time_precision", "location_precision"]
    require_table(incidents, INCIDENTS, argument="incidents", only=[*needed, "geometry"])
    place = PlaceIndex.of(incidents).of_row
    start = incidents["occurred_from"]
    exact = incidents["location_precision"].eq("exact") & incidents["time_precision"].ne("month")
    day = start.dt.tz_localize(None).dt.strftime("%Y-%m-%d") if len(start) else start.astype(str)
    alone = np.where(place < 0, np.arange(len(incidents)), -1)
    key = pd.DataFrame(
        {
            "place": place,
            "alone": alone,
            "time": day.where(exact, month_of(start)).to_numpy(),
            "offence": incidents["offence"].to_numpy(),
            "scheme": incidents["offence_scheme"].to_numpy(),
        }
    )
    number = key.groupby(list(key.columns), sort=False, dropna=False).ngroup().to_numpy()
    first = ~pd.Series(number).duplicated().to_numpy()
    return incidents[first].assign(incidents_in_trouble=np.bincount(number)[number[first]])
