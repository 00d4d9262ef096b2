"""One incident told to two agencies: flagged with a score, never dropped."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.core.crs import coordinates
from hotspots.core.errors import InputError
from hotspots.core.record import RunRecord
from hotspots.core.tables import INCIDENTS, THEME, require_table, themes_in

MOST_PAIRS = 20_000_000
HOUR_S = 3_600


def flag_twins(
    incidents: gpd.GeoDataFrame,
    *,
    agency: str = "source",
    within_m: float = 50,
    within_hours: float = 2,
    min_score: float = 0.5,
    record: RunRecord | None = None,
) -> gpd.GeoDataFrame:
    """Flag incidents that two agencies may both have recorded.

    Two incidents of different agencies can be twins when they are at most `within_m` apart and
    their times at most `within_hours` apart; where themes are tagged, they must share one. The
    score is ``(1 - distance / radius) * (1 - gap / hours) * min(1, hours / width)``: 1 for the same
    place and time, less with distance, with the gap between the times, and with vague times.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table.
    agency : str
        Column that tells agencies apart; by default the file a row came from.
    within_m : float
        Farthest distance in metres.
    within_hours : float
        Widest gap between the two times, in hours.
    min_score : float
        Pairs with a lower score are not flagged, 0 to 1.
    record : RunRecord, optional
        Takes how many were compared, and flagged.

    Returns
    -------
    GeoDataFrame
        A copy with ``twin_of`` (id of the best match at another agency, missing without one) and
        ``twin_score`` (missing without one). Every row stays.

    Raises
    ------
    InputError
        For a column of agencies that is not there, or a radius, hours or score out of range.

    Notes
    -----
    Incidents known only by month, or without a place, are not compared. Misleads where many things
    happen at one spot on one night: a busy street has neighbours in time that are no twins.

    Examples
    --------
    >>> from hotspots.io.incidents import load_incidents
    >>> from hotspots.core.data import bundled
    >>> july = load_incidents(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"))
    >>> int(flag_twins(july)["twin_of"].notna().sum())
    0
    """
    _check(incidents, agency, within_m, within_hours, min_score)
    flagged = incidents.copy()
    usable = np.flatnonzero(
        incidents.geometry.notna()
        & ~incidents.geometry.is_empty
        & incidents["occurred_from"].notna()
        & (incidents["time_precision"] != "month")
    )
    one, two, distance = _pairs(incidents, usable, agency, within_m)
    score = (1 - distance / within_m) * _time_score(incidents, one, two, within_hours)
    kept = (score >= min_score) & _share_a_theme(incidents, one, two)
    best, partner = _best(one[kept], two[kept], score[kept], incidents.index)
    scores, twins = np.full(len(incidents), np.nan), np.full(len(incidents), None, dtype=object)
    scores[best] = partner["score"]
    twins[best] = incidents.index.to_numpy(dtype=object)[partner["row"]]
    flagged["twin_of"], flagged["twin_score"] = pd.Series(twins, index=flagged.index), scores
    if record is not None:
        record.choose(
            "flag_twins",
            agency=agency,
            within_m=within_m,
            within_hours=within_hours,
            min_score=min_score,
            compared=len(usable),
            flagged=len(best),
        )
    return flagged


def _check(
    incidents: gpd.GeoDataFrame, agency: str, within_m: float, within_hours: float, least: float
) -> None:
    require_table(incidents, INCIDENTS, argument="incidents", also=[agency])
    if not within_m > 0:
        raise InputError(f"`within_m` must be a distance in metres above 0; got {within_m!r}.")
    if not within_hours > 0:
        raise InputError(f"`within_hours` must be hours above 0; got {within_hours!r}.")
    if not 0 < least <= 1:
        raise InputError(f"`min_score` must be above 0 and at most 1; got {least!r}.")


def _pairs(
    incidents: gpd.GeoDataFrame, usable: NDArray[np.intp], agency: str, within_m: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Rows of different agencies within the radius, and how far apart they are."""
    from scipy.spatial import cKDTree

    x, y = coordinates(incidents.geometry.iloc[usable])
    places = np.column_stack([x, y])
    if len(places) == 0:
        nothing = np.empty(0, dtype=np.intp)
        return nothing, nothing, np.empty(0)
    tree = cKDTree(places)
    if tree.count_neighbors(tree, within_m) > 2 * MOST_PAIRS:
        raise InputError(
            f"more than {MOST_PAIRS:,} pairs lie within {within_m:g} m of each other. Choose a "
            "smaller `within_m`, or a shorter period."
        )
    near = tree.query_pairs(within_m, output_type="ndarray")
    codes, _ = pd.factorize(incidents[agency].iloc[usable])
    near = near[codes[near[:, 0]] != codes[near[:, 1]]]
    distance = np.hypot(*(places[near[:, 0]] - places[near[:, 1]]).T)
    return usable[near[:, 0]], usable[near[:, 1]], distance


def _time_score(
    incidents: gpd.GeoDataFrame, one: NDArray[np.intp], two: NDArray[np.intp], hours: float
) -> NDArray[np.float64]:
    """1 for precise times that meet, 0 for times farther apart than allowed."""
    start, end = (_seconds(incidents[name]) for name in ("occurred_from", "occurred_until"))
    gap = np.maximum(start[one], start[two]) - np.minimum(end[one], end[two])
    width = np.maximum(end[one] - start[one], end[two] - start[two])
    allowed = hours * HOUR_S
    near = np.clip(1 - np.maximum(gap, 0) / allowed, 0, None)
    return np.asarray(near * np.minimum(1, allowed / np.maximum(width, 1)))


def _seconds(times: pd.Series) -> NDArray[np.float64]:
    since = times - pd.Timestamp(0, tz="UTC")
    return np.asarray(since.dt.total_seconds(), dtype=float)


def _share_a_theme(
    incidents: gpd.GeoDataFrame, one: NDArray[np.intp], two: NDArray[np.intp]
) -> NDArray[np.bool_]:
    themes = themes_in(incidents.columns)
    shared = np.full(len(one), not themes)
    for name in themes:
        flags = incidents[f"{THEME}{name}"].fillna(False).to_numpy(dtype=bool)
        shared |= flags[one] & flags[two]
    return shared


def _best(
    one: NDArray[np.intp], two: NDArray[np.intp], score: NDArray[np.float64], ids: pd.Index
) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """For every row its best partner; among equals the one whose id comes first."""
    both = pd.DataFrame(
        {
            "row": np.concatenate([two, one]),
            "of": np.concatenate([one, two]),
            "score": np.concatenate([score, score]),
        }
    )
    both["id"] = ids.astype(str).to_numpy(dtype=object)[both["row"]] if len(both) else ""
    ranked = both.sort_values(["of", "score", "id"], ascending=[True, False, True])
    best = ranked.drop_duplicates("of")
    return best["of"].to_numpy(dtype=np.intp), best
