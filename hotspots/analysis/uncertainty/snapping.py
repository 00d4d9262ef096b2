"""Placement: how much a ranking owes to the map points incidents were moved to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hotspots.analysis.uncertainty.bootstrap_ranks import (
    Ranking,
    checked_options,
    labelled,
    rank_draws,
    ranks_within,
    value_of,
)
from hotspots.core.arguments import listed, size_of
from hotspots.core.crs import coordinates
from hotspots.core.errors import InputError
from hotspots.stats.nulls import source_of

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.core.grids import Grid

Assign = Callable[["NDArray[np.float64]", "NDArray[np.float64]"], Any]
POINTS_AT_ONCE = 400_000
CONFIDENCE = 0.9


def placement_stress(
    incidents: gpd.GeoDataFrame,
    assign: Grid | Assign,
    area_ids: pd.Index,
    *,
    radius_m: float,
    by: Literal["count", "harm"] = "count",
    top: int = 10,
    draws: int = 100,
    rng: np.random.Generator | int | None = None,
) -> pd.DataFrame:
    """Put snapped incidents back somewhere near their map point, and see how ranks move.

    Parameters
    ----------
    incidents : GeoDataFrame
        The incidents that were counted. Those with an ``exact`` location stay where they are.
    assign : Grid or callable
        The grid the areas come from, or a function from x and y in metres to ``area_id``, missing
        where there is none.
    area_ids : Index
        The areas; an incident that moves into none of them is not counted in that draw.
    radius_m : float
        How far from its map point an incident may have been. Each is moved by itself, evenly over
        the disc.
    by, top, draws, rng
        As in :func:`~hotspots.evaluation.rank_uncertainty`.

    Returns
    -------
    DataFrame
        On ``area_ids``: ``value``, ``rank``, ``rank_low``, ``rank_high``, ``p_top_k`` as in
        :func:`~hotspots.evaluation.rank_uncertainty`, ``value_low`` and ``value_high``, and
        ``rank_shift`` (median number of places the area moves).

    Raises
    ------
    InputError
        For options that are none, or ``by="harm"`` without harm.

    Notes
    -----
    A stress test, not an estimate: true places are not spread evenly around a map point, and the
    move only ever spreads incidents out. It misleads when the radius is small against the spacing
    of map points, which is some tens of metres in a city centre and hundreds at its edge. Small
    areas suffer most; if the first ten change, use larger ones.

    References
    ----------
    Tompson, L., Johnson, S., Ashby, M., Perkins, C. and Edwards, P. (2015). UK open source crime
    data: accuracy and possibilities for research. Cartography and Geographic Information Science
    42, 97-111. https://doi.org/10.1080/15230406.2014.972456

    Examples
    --------
    >>> import geopandas as gpd
    >>> month = pd.to_datetime(["2018-07-01"] * 30).tz_localize("UTC")
    >>> incidents = gpd.GeoDataFrame({"occurred_from": month, "location_precision": "snapped"},
    ...     geometry=gpd.points_from_xy([95.0] * 20 + [550.0] * 10, 50.0), crs="EPSG:27700")
    >>> hundreds = lambda x, y: np.where((y >= 0) & (y < 100), x // 100, np.nan)
    >>> table = placement_stress(incidents, hundreds, pd.Index([0.0, 1.0, 5.0]), radius_m=40)
    >>> table["rank"].tolist(), table["rank_high"].tolist()
    ([1, <NA>, 2], [3, 3, 3])
    """
    top, draws, _ = checked_options(by, top, draws, CONFIDENCE)
    radius_m = size_of(radius_m, "radius_m", zero=True)
    given: object = area_ids
    area_ids = given if isinstance(given, pd.Index) else pd.Index(listed(given, "area_ids"))
    source = source_of(rng)
    find = _finder(assign, incidents)
    placed = _located(incidents, by)
    x, y = coordinates(placed.geometry)
    labels = _labels(find(x, y), area_ids, placed.index)
    ranking = labelled(placed, labels, area_ids, by=by)
    value = value_of(ranking)
    amounts = np.concatenate(
        [np.empty((len(area_ids), 0)), *_moved(placed, find, ranking, radius_m, draws, source)],
        axis=1,
    )
    ranks = _ranks(amounts, source)
    table = ranks_within(value, ranks, top=top, confidence=CONFIDENCE)
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    if len(table):
        table["value_low"], table["value_high"] = np.quantile(amounts, tails, axis=1)
        own = table["rank"].to_numpy(dtype=float, na_value=np.nan)[:, None]
        table["rank_shift"] = np.median(np.abs(ranks - own), axis=1)
    else:
        table[["value_low", "value_high", "rank_shift"]] = np.empty((0, 3))
    return table.reindex(area_ids)


def _finder(assign: Any, incidents: gpd.GeoDataFrame) -> Assign:
    if hasattr(assign, "cell_ids"):
        return lambda x, y: assign.cell_ids(x, y, incidents.crs)
    if callable(assign):
        function: Assign = assign
        return function
    raise InputError(
        f"`assign` must be a grid or a function from x and y to area_id; got "
        f"{type(assign).__name__}."
    )


def _located(incidents: gpd.GeoDataFrame, by: str) -> gpd.GeoDataFrame:
    """Located incidents in an order of their own, so that chance falls on the same ones."""
    x, y = coordinates(incidents.geometry)
    weight = incidents[by].to_numpy(dtype=float) if by in incidents.columns else np.zeros(len(x))
    exact = _exact(incidents)
    order = np.lexsort((exact, weight, y, x))
    return incidents.iloc[order[np.isfinite(x[order])]]


def _exact(incidents: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    if "location_precision" not in incidents.columns:
        return np.zeros(len(incidents), dtype=bool)
    return incidents["location_precision"].eq("exact").to_numpy(dtype=bool)


def _labels(found: Any, area_ids: pd.Index, index: pd.Index) -> pd.Series:
    labels = pd.Series(np.asarray(found, dtype=object), index=index, dtype=object)
    return labels.where(labels.isin(area_ids), None)


def _moved(
    placed: gpd.GeoDataFrame,
    find: Assign,
    ranking: Ranking,
    radius_m: float,
    draws: int,
    rng: np.random.Generator,
) -> Iterator[NDArray[np.float64]]:
    """Amounts of all areas, so many draws at a time."""
    x, y = coordinates(placed.geometry)
    reach = np.where(_exact(placed), 0.0, radius_m)
    weight = np.ones(len(x)) if ranking.by == "count" else np.nan_to_num(placed["harm"].to_numpy())
    size = len(ranking.area_ids)
    step = max(1, min(draws, POINTS_AT_ONCE // max(1, len(x))))
    for start in range(0, draws, step):
        count = min(step, draws - start)
        # The root makes the places even over the disc; without it they crowd in the middle.
        away = reach * np.sqrt(rng.random((count, len(x))))
        angle = rng.uniform(0, 2 * np.pi, (count, len(x)))
        found = find((x + away * np.cos(angle)).ravel(), (y + away * np.sin(angle)).ravel())
        area = ranking.area_ids.get_indexer(pd.Index(np.asarray(found, dtype=object)))
        draw = np.repeat(np.arange(count), len(x))
        kept = area >= 0
        spot = area[kept] * count + draw[kept]
        total = np.bincount(spot, np.tile(weight, count)[kept], size * count).astype(float)
        yield total.reshape(size, count)


def _ranks(amounts: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.unsignedinteger]:
    """Ranks in each draw; equal amounts in an order left to chance."""
    # Ties are parted by less than half of the least step between any two amounts, so no order
    # changes.
    smallest = np.diff(np.unique(amounts.round(6))).min(initial=1.0)
    (size, draws), ties = amounts.shape, rng.random(amounts.shape)
    return rank_draws([amounts + ties * smallest / 2], size, draws, rng)
