"""Zones in time: which of them hold on a day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from hotspots.core.errors import InputError
from hotspots.core.tables import ZONES, require_table
from hotspots.io.zones.zone_columns import as_day

if TYPE_CHECKING:
    import geopandas as gpd


def zones_in_term(zones: gpd.GeoDataFrame, *, on: date | str) -> gpd.GeoDataFrame:
    """The zones whose published dates hold on a day.

    Parameters
    ----------
    zones : GeoDataFrame
        Zones table.
    on : date or str
        The day; first and last day of a zone are part of its term.

    Returns
    -------
    GeoDataFrame
        The rows chosen. A missing date is open.

    Raises
    ------
    InputError
        For a day that cannot be read.

    Notes
    -----
    A published term is not the law of the day: an order can be ended early or renewed.

    Examples
    --------
    >>> import hotspots as hs
    >>> orders = hs.load_zones(hs.bundled("boundaries/leeds_pspo.geojson"))
    >>> len(zones_in_term(orders, on="2026-03-31")), len(zones_in_term(orders, on="2026-04-01"))
    (1, 0)
    """
    require_table(zones, ZONES, argument="zones", only=["valid_from", "valid_until"])
    try:
        day = as_day(on)
    except ValueError:
        day = None
    if day is None:
        raise InputError(f'`on` must be a day such as "2024-01-31"; got {on!r}.')
    began = [first is None or first <= day for first in map(as_day, zones["valid_from"])]
    lasts = [last is None or last >= day for last in map(as_day, zones["valid_until"])]
    return zones[pd.Series(began, zones.index) & pd.Series(lasts, zones.index)]
