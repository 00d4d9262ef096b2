"""From incidents and labels to amounts and ranks, the same whatever the order of the rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.core.crs import coordinates
from hotspots.core.errors import InputError, listing, require
from hotspots.core.months import month_numbers
from hotspots.core.points import distinct_places
from hotspots.core.tables import INCIDENTS, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Ranking:
    """The incidents that belong to an area, and the areas, in an order of their own.

    Areas are sorted by name and places by coordinate, so that chance falls on the same things
    however the tables were ordered.
    """

    area_ids: pd.Index
    ground: NDArray[np.float64]
    members: gpd.GeoDataFrame
    codes: NDArray[np.intp]
    weight: NDArray[np.float64]
    place: NDArray[np.intp]
    month: NDArray[np.int64]
    by: str


def check_options(by: str, top: int, draws: int, confidence: float) -> None:
    """Raise unless the options make sense."""
    require(by in ("count", "harm"), f'`by` must be "count" or "harm"; got {by!r}.')
    for name, value in (("top", top), ("draws", draws)):
        require(
            isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= 1,
            f"`{name}` must be a whole number of at least 1; got {value!r}.",
        )
    require(0 < confidence < 1, f"`confidence` must be between 0 and 1; got {confidence!r}.")


def labelled(
    incidents: gpd.GeoDataFrame,
    labels: pd.Series,
    area_ids: pd.Index,
    *,
    by: str,
    area_km2: pd.Series | None = None,
) -> Ranking:
    """Incidents that have an area, with place, month and weight."""
    needs = ["occurred_from", "geometry", *(["harm"] if by == "harm" else [])]
    require_table(incidents, INCIDENTS, argument="incidents", only=needs)
    require(area_ids.is_unique, "`area_ids` must name each area once.")
    require(
        isinstance(labels, pd.Series) and labels.index.equals(incidents.index),
        "`labels` must be a Series with the index of `incidents`.",
    )
    areas = _sorted(area_ids)
    named = labels.notna().to_numpy()
    codes = areas.get_indexer(pd.Index(labels.to_numpy(), dtype=object))
    strangers = named & (codes < 0)
    require(
        not bool(strangers.any()),
        f"`labels` must be areas of `area_ids`; {int(strangers.sum()):,} of {len(labels):,} are "
        f"not: {listing(set(labels[strangers]))}.",
    )
    members, held = incidents[named], codes[named]
    x, y = coordinates(members.geometry)
    require(
        not bool(np.isnan(x).any()),
        "an incident without a location cannot have an area; set its label to missing.",
    )
    _, place = distinct_places(x, y) if len(members) else (None, np.empty(0, dtype=np.intp))
    return Ranking(
        area_ids=areas,
        ground=_ground(area_km2, areas),
        members=members,
        codes=held,
        weight=np.ones(len(members)) if by == "count" else members["harm"].to_numpy(dtype=float),
        place=place,
        month=month_numbers(members["occurred_from"]),
        by=by,
    )


def value_of(ranking: Ranking) -> pd.Series:
    """What the areas are ranked by; harm is missing where nothing in an area can be weighed."""
    size = len(ranking.area_ids)
    known = ~np.isnan(ranking.weight)
    codes, weight = ranking.codes[known], ranking.weight[known]
    order = np.lexsort((weight, codes))
    total = np.bincount(codes[order], weight[order], size).astype(float)
    counted = np.bincount(ranking.codes, minlength=size) > 0
    silent = counted & (np.bincount(codes, minlength=size) == 0)
    return pd.Series(np.where(silent, np.nan, total) / ranking.ground, ranking.area_ids)


def rank_draws(
    drawn: Iterable[NDArray[np.float64]], ranking: Ranking, draws: int
) -> NDArray[np.int32]:
    """Rank of every area in every draw; 1 is the top."""
    size = len(ranking.area_ids)
    ranks = np.empty((size, draws), dtype=np.int32)
    places = np.arange(1, size + 1, dtype=np.int32)[:, None]
    start = 0
    for amounts in drawn:
        order = np.argsort(-amounts / ranking.ground[:, None], axis=0, kind="stable")
        block = ranks[:, start : start + amounts.shape[1]]
        np.put_along_axis(block, order, np.broadcast_to(places, order.shape), axis=0)
        start += amounts.shape[1]
    return ranks


def ranks_within(
    value: pd.Series, ranks: NDArray[np.int32], ranking: Ranking, *, top: int, confidence: float
) -> pd.DataFrame:
    """Value, rank, interval and chance of being among the first."""
    rank = value.where(value > 0).rank(method="min", ascending=False).astype("Int64")
    own = rank.to_numpy(dtype=float, na_value=np.nan)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    if len(value):
        low, high = np.quantile(ranks, tails, axis=1, method="inverted_cdf")
        p_top = (ranks <= top).mean(axis=1)
    else:
        low = high = p_top = np.empty(0)
    return pd.DataFrame(
        {
            "value": value,
            "rank": rank,
            "rank_low": np.fmin(low, own).astype(np.int64),
            "rank_high": np.fmax(high, own).astype(np.int64),
            "p_top_k": p_top,
        },
        index=ranking.area_ids,
    )


def _sorted(area_ids: pd.Index) -> pd.Index:
    order = np.argsort(area_ids.astype(str).to_numpy().astype(object), kind="stable")
    ids: pd.Index = pd.Index(area_ids.to_numpy()[order], dtype=object, name=area_ids.name)
    return ids


def _ground(area_km2: pd.Series | None, areas: pd.Index) -> NDArray[np.float64]:
    if area_km2 is None:
        return np.ones(len(areas))
    ground = area_km2.reindex(areas).to_numpy(dtype=float)
    if not (np.isfinite(ground).all() and (ground > 0).all()):
        raise InputError("`area_km2` must be above zero for every area of `area_ids`.")
    return ground
