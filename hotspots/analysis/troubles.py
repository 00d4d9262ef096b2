"""Troubles instead of calls: what happened at one place at one time counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from hotspots.core.errors import require
from hotspots.core.months import local_times, month_of
from hotspots.core.points import PlaceIndex
from hotspots.core.select import select
from hotspots.core.tables import INCIDENTS, require_table

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Bools, Codes, Ints
    from hotspots.core.select import Selection

Unit = Literal["incident", "trouble"]
"""What is independent: every incident, or what happened at one place at one time."""


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

    Raises
    ------
    InputError
        When a column is lacking.

    Notes
    -----
    Tests of flags, clusters and changes take incidents to be independent; nine calls about one
    party are not. With ``unit="trouble"`` they ask about troubles; everything else is asked of
    ``troubles(incidents)``. It misleads on snapped data, where a map point stands for many
    addresses and its busiest months count once: then places that are busy month after month stand
    out.

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
    number = trouble_of(incidents)
    first = ~pd.Series(number).duplicated().to_numpy()
    return incidents[first].assign(incidents_in_trouble=np.bincount(number)[number[first]])


def trouble_of(incidents: gpd.GeoDataFrame) -> Codes:
    """Number of the trouble of each row, in the order in which they come."""
    place = PlaceIndex.of(incidents).of_row
    start = incidents["occurred_from"]
    day = local_times(start).dt.strftime("%Y-%m-%d") if len(start) else start.astype(str)
    # Nowhere is no place: unlocated incidents are troubles of their own.
    alone = np.where(place < 0, np.arange(len(incidents)), -1)
    key = pd.DataFrame(
        {
            "place": place,
            "alone": alone,
            "time": day.where(days_known(incidents), month_of(start)).to_numpy(),
            "offence": incidents["offence"].to_numpy(),
            "scheme": incidents["offence_scheme"].to_numpy(),
        }
    )
    number = key.groupby(list(key.columns), sort=False, dropna=False).ngroup()
    return np.asarray(number, dtype=np.intp)


def days_known(incidents: gpd.GeoDataFrame) -> pd.Series:
    """Which rows have a place and a day of their own."""
    exact = incidents["location_precision"].eq("exact")
    return exact & incidents["time_precision"].ne("month")


def in_troubles(chosen: Selection) -> Selection:
    """The same question and areas, of the first incident of each trouble it is about."""
    return kept_of(chosen, ~pd.Series(trouble_of(chosen.rows)).duplicated().to_numpy())


def kept_of(chosen: Selection, which: Bools) -> Selection:
    """The same question and areas, of some of the incidents it is about."""
    kept = ~chosen.used
    kept[chosen.used] = which
    once = select(chosen.everything[kept], chosen.question)
    if not chosen.assigned:
        return once
    if chosen.grid is not None:
        return once.in_cells(chosen.grid)
    return once.in_areas(chosen.area_ids.reindex(once.rows.index), chosen.made_by)


def count_in_areas(chosen: Selection, area_ids: pd.Index) -> Ints:
    """Incidents of a selection in each of these areas."""
    held = chosen.parts.in_order_of(area_ids)
    return np.bincount(held.area, held.count, len(area_ids)).astype(np.int64)


def check_unit(unit: str, incidents: Selection | None) -> None:
    """Raise unless the unit is known, and troubles can be told."""
    known = get_args(Unit)
    require(unit in known, f"`unit` must be one of {', '.join(known)}; got {unit!r}.")
    require(
        unit == "incident" or incidents is not None,
        '`unit="trouble"` must be told the incidents: pass the selection the areas were counted '
        "from as `incidents`.",
    )
