"""Which incidents follow one another, soon and near: the chains that near repeats make."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from hotspots.analysis.when.repeats import DAY_NS, MM, known_to_the_day, on_whole_numbers
from hotspots.core.errors import InputError, require
from hotspots.core.select import as_selection
from hotspots.stats.knox import Metric, close_pairs

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.select import Selection


def repeat_chains(
    incidents: gpd.GeoDataFrame | Selection,
    *,
    within_m: float,
    within_days: float,
    metric: Metric = "euclidean",
) -> pd.DataFrame:
    """Incidents that follow one another no further and no later than this, chain by chain.

    Parameters
    ----------
    incidents : GeoDataFrame or Selection
        Incidents with a place, and times known to the day or better.
    within_m, within_days : float
        How near and how soon the next one is, these included. Read them from
        :func:`near_repeats`: the farthest band that still holds more than chance brings.
    metric : {"euclidean", "manhattan"}
        How distance is measured.

    Returns
    -------
    DataFrame
        By ``incident_id``, only incidents of a chain of two or more, chains in order of time:
        ``chain_id`` (its first incident), ``step`` from 1, ``chain_length``, ``days_since`` the one
        before it in the chain (missing for the first).

    Raises
    ------
    InputError
        For times known only to the month, or a reach that is not above 0.

    Notes
    -----
    Every incident near and soon enough to any of a chain belongs to it, so one place that is always
    busy is one long chain. Chance makes chains too: ask :func:`near_repeats` first whether there is
    anything to chain. It misleads on snapped places, where one map point is many addresses.

    References
    ----------
    Haberman, C. P. & Ratcliffe, J. H. (2012) The predictive policing challenges of near repeat
    armed street robberies. Policing 6(2), 151-166. doi:10.1093/police/pas012

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=3_000)
    >>> fires = town.incidents[town.incidents["offence_scheme"].eq("fire_service")]
    >>> chains = repeat_chains(fires, within_m=200, within_days=7)
    >>> bool((chains["chain_length"] >= 2).all()), int(chains["step"].min())
    (True, 1)
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    for name, value in (("within_m", within_m), ("within_days", within_days)):
        above = isinstance(value, (int, float)) and 0 < value < np.inf
        require(above, f"`{name}` must be a number above 0; got {value!r}.", rule="out-of-range")
    if metric not in get_args(Metric):
        known = ", ".join(get_args(Metric))
        raise InputError(f"`metric` must be one of {known}; got {metric!r}.", rule="unknown-choice")
    rows = known_to_the_day(as_selection(incidents))
    places, times, unit, order = on_whole_numbers(rows)
    pairs, _ = close_pairs(places, [0.0, within_m * MM], metric, "right")
    wait = np.abs(times[pairs[:, 0]] - times[pairs[:, 1]])
    one, other = pairs[wait <= within_days * (DAY_NS / unit)].T
    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(rows), len(rows)))
    chain = connected_components(links, directed=False)[1]
    ids = rows.index[order]
    table = pd.DataFrame({"chain": chain, "days": times * (unit / DAY_NS), "id": ids}, index=ids)
    table = table.sort_values(["days", "id"], kind="stable")
    of_chain = table.groupby("chain", sort=False)
    found = pd.DataFrame(
        {
            "chain_id": of_chain["id"].transform("first"),
            "step": of_chain.cumcount() + 1,
            "chain_length": of_chain["id"].transform("size"),
            "days_since": of_chain["days"].diff(),
        }
    )
    began = of_chain["days"].transform("first")
    in_order = np.lexsort((found["step"], found["chain_id"].astype(str), began))
    found = found.iloc[in_order]
    return found[found["chain_length"] > 1]
