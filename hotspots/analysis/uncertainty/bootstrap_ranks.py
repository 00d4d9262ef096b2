"""From incidents and labels to amounts and ranks, the same whatever the order of the rows."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.arguments import draws_of, share_of, whole_of
from hotspots.core.crs import coordinates
from hotspots.core.errors import RANGE, InputError, listing, require
from hotspots.core.months import month_numbers
from hotspots.core.points import distinct_places
from hotspots.core.tables import INCIDENTS, require_table
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from hotspots.analysis.uncertainty.looked_up import PoissonTable
    from hotspots.analysis.uncertainty.quiet_areas import QuietAreas
    from hotspots.core.source import Parts

PARTS = ["events", "amount", "down", "up"]
LARGEST = np.iinfo(np.int64).max
MOST_BYTES = 4e9
AT_ONCE = 16
"""Draws ranked at once: they fit the cache."""


@dataclass(frozen=True)
class ResampledBlocks:
    """Groups of equal blocks of one area.

    A block is drawn a Poisson(1) number of times. ``times`` equal blocks of one area are together
    drawn a Poisson(times) number of times, which is the same and far less work.
    """

    times: NDArray[np.float64]
    events: NDArray[np.float64]
    amount: NDArray[np.float64]
    to_area: Any
    down: Any
    up: Any

    @property
    def size(self) -> int:
        """How many groups there are."""
        return len(self.times)

    def draw(
        self, rng: np.random.Generator, draws: int, table: PoissonTable | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Events and amount of every area in each of so many draws.

        A table of ``times`` pays where it is used again and again.
        """
        if table is None:
            taken = rng.poisson(self.times[:, None], (self.size, draws)).astype(float)
        else:
            taken = table.draw(rng, draws)
        events = np.asarray(self.to_area @ (taken * self.events[:, None]))
        if self.down is None and np.array_equal(self.amount, self.events):
            return events, events
        if self.down is None:
            return events, np.asarray(self.to_area @ (taken * self.amount[:, None]))
        # One lean an offence and draw: if its weight is too low, it is so for all its incidents.
        lean = rng.uniform(-1, 1, (self.down.shape[1], draws))
        amounts = self.amount[:, None] + self.up @ np.maximum(lean, 0)
        amounts += self.down @ np.minimum(lean, 0)
        return events, np.asarray(self.to_area @ (taken * amounts))


def block_incidents(ranking: Ranking, *, with_range: bool) -> ResampledBlocks:
    """Group incidents into blocks by area, map point and month, and equal blocks together."""
    if ranking.by == "count":
        return _blocks_of_counts(ranking)
    events = _events(ranking, with_range=with_range)
    keys = ["area", "place", "month"]
    # Rounded, since sums of equal incidents may differ in a last digit and would be two kinds of
    # block.
    parts = events.groupby([*keys, "offence"], sort=True)[PARTS].sum().round(9).reset_index()
    blocks = parts.groupby(keys, sort=True).agg(
        offences=("offence", "size"), offence=("offence", "first"), **{p: (p, "sum") for p in PARTS}
    )
    blocks["alone"] = np.where(blocks["offences"] > 1, np.arange(len(blocks)), -1)
    same = ["area", "offence", *PARTS, "alone"]
    flat = blocks.reset_index()
    flat["group"] = flat.groupby(same, sort=True).ngroup()
    groups = flat.groupby("group", sort=True).agg(
        times=("group", "size"),
        **{name: (name, "first") for name in ("area", "events", "amount")},
    )
    size, areas = len(groups), len(ranking.area_ids)
    to_area = _sparse(np.ones(size), groups["area"], np.arange(size), (areas, size))
    ranged = with_range and bool((parts[["down", "up"]] != 0).any(axis=None))
    down = up = None
    if ranged:
        first = flat.drop_duplicates("group")
        used = parts.merge(first[[*keys, "group"]], on=keys)
        shape = (size, int(parts["offence"].max()) + 1)
        down = _sparse(used["down"], used["group"], used["offence"], shape)
        up = _sparse(used["up"], used["group"], used["offence"], shape)
    return ResampledBlocks(
        times=groups["times"].to_numpy(dtype=float),
        events=groups["events"].to_numpy(dtype=float),
        amount=groups["amount"].to_numpy(dtype=float),
        to_area=to_area,
        down=down,
        up=up,
    )


def _blocks_of_counts(ranking: Ranking) -> ResampledBlocks:
    """The same where every incident counts one: whole numbers, sorted once."""
    area, counts = ranking.blocks
    most = int(counts.max(initial=0)) + 1
    group, times = np.unique(area * most + counts, return_counts=True)
    area, events = np.divmod(group, most)
    shape = (len(ranking.area_ids), len(group))
    to_area = _sparse(np.ones(len(group)), area, np.arange(len(group)), shape)
    events = events.astype(float)
    return ResampledBlocks(times.astype(float), events, events, to_area, None, None)


def _events(ranking: Ranking, *, with_range: bool) -> pd.DataFrame:
    """One row an incident: where, when, which offence, how much and how sure that is."""
    members = ranking.members
    amount = np.nan_to_num(ranking.weight)
    down, up = np.zeros(len(members)), np.zeros(len(members))
    offence = np.zeros(len(members), dtype=np.intp)
    if ranking.by == "harm" and with_range and {"harm_low", "harm_high"} <= set(members.columns):
        low, high = (members[name].to_numpy(dtype=float) for name in ("harm_low", "harm_high"))
        down = np.nan_to_num(np.maximum(amount - low, 0))
        up = np.nan_to_num(np.maximum(high - amount, 0))
        if "offence" in members.columns:
            offence, _ = pd.factorize(members["offence"].astype(str), sort=True)
    events = pd.DataFrame(
        {
            "area": ranking.codes,
            "place": ranking.place,
            "month": ranking.month,
            "offence": offence,
            "events": (~np.isnan(ranking.weight)).astype(float),
            "amount": amount,
            "down": down,
            "up": up,
        }
    )
    return events.sort_values(list(events.columns), ignore_index=True)


def _sparse(values: Any, rows: Any, columns: Any, shape: tuple[int, int]) -> Any:
    from scipy.sparse import csr_array

    data = np.asarray(values, dtype=float)
    return csr_array((data, (np.asarray(rows), np.asarray(columns))), shape=shape)


@dataclass(frozen=True)
class Ranking:
    """The incidents that belong to an area, and the areas, in an order of their own.

    Areas are sorted by name and places by coordinate, so that chance falls on the same things
    however the tables were ordered.
    """

    area_ids: pd.Index
    ground: NDArray[np.float64]
    members: pd.DataFrame
    codes: NDArray[np.intp]
    weight: NDArray[np.float64]
    place: NDArray[np.intp]
    month: NDArray[np.int64]
    by: str

    @cached_property
    def blocks(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The area of each place and month with incidents, in order, and how many they are."""
        place, month = self.place.astype(np.int64) + 1, self.month - self.month.min(initial=0)
        of_area = (int(place.max(initial=0)) + 1) * (months := int(month.max(initial=0)) + 1)
        key = self.codes * of_area + place * months + month
        block, counts = np.unique(key, return_counts=True)
        return block // of_area, counts


def checked_options(by: str, top: int, draws: int, confidence: float) -> tuple[int, int, float]:
    """The last three, as numbers of Python; raise unless the options make sense."""
    require(by in ["count", "harm"], f'`by` must be "count" or "harm"; got {by!r}.')
    return whole_of(top, "top"), draws_of(draws), share_of(confidence, "confidence")


def counted(
    parts: Parts, area_ids: pd.Index, *, by: str, area_km2: pd.Series | None = None
) -> Ranking:
    """The incidents of a selection that are in these areas, with place, month and weight."""
    require(
        by == "count" or "harm" in parts.columns,
        "`incidents` must have 'harm' to be ranked by it; they have none.",
        mend=Mend("weigh-first"),
        rule="missing-column",
    )
    areas = _sorted(area_ids)
    held = parts.in_order_of(areas)
    each = np.repeat(np.arange(len(held.area)), held.count)
    kinds = [name for name in ("harm", "harm_low", "harm_high", "offence") if name in held.columns]
    members = pd.DataFrame({name: held.of_kind(name)[each] for name in kinds}, index=each)
    return Ranking(
        area_ids=areas,
        ground=_ground(area_km2, areas),
        members=members,
        codes=held.area[each],
        weight=np.ones(len(each)) if by == "count" else members["harm"].to_numpy(dtype=float),
        place=held.place[each],
        month=held.month[each],
        by=by,
    )


def labelled(
    incidents: gpd.GeoDataFrame,
    labels: pd.Series,
    area_ids: pd.Index,
    *,
    by: str,
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
        ground=np.ones(len(areas)),
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
    drawn: Iterable[NDArray[np.float64]],
    size: int,
    draws: int,
    rng: np.random.Generator,
    *,
    ground: NDArray[np.float64] | float = 1.0,
    quiet: QuietAreas | None = None,
) -> NDArray[np.unsignedinteger]:
    """Rank of every area in every draw; 1 is the top, chance decides between areas that tie.

    With quiet areas the ranks are those among them, too, and areas with an amount of 0 join them.
    """
    kind = np.min_scalar_type(size + (quiet.number if quiet else 0))
    fit = int(MOST_BYTES / max(size * kind.itemsize, 1))
    said = f"`draws` must fit in memory, {fit:,} at most for {size:,} areas; got {draws:,}."
    require(draws <= fit, said, rule=RANGE)
    ranks = np.empty((size, draws), dtype=kind)
    done = 0
    for amounts in drawn:
        for at in range(0, amounts.shape[1], AT_ONCE):
            rates = np.divide(amounts[:, at : at + AT_ONCE].T, -ground, order="C")
            block = np.empty(rates.shape, dtype=kind)
            for row, rate in zip(block, rates, strict=True):
                _rank(row, rate, rng, quiet)
            ranks[:, done : done + len(block)] = block.T
            done += len(block)
    return ranks


def _rank(
    ranks: NDArray[np.unsignedinteger],
    rate: NDArray[np.float64],
    rng: np.random.Generator,
    quiet: QuietAreas | None,
) -> None:
    """Fill in the ranks of one draw; what is least, most below zero, is the top."""
    if quiet is None:
        ranks[in_order(rate, rng)] = np.arange(1, len(rate) + 1)
        return
    some = np.flatnonzero(rate)
    order = some[in_order(rate[some], rng)]
    ranks[order], ranks[rate == 0] = quiet.ranks_among(-rate[order], len(rate) - len(some))


def in_order(rate: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions from the least up; chance decides between those that tie.

    What is sorted are whole numbers: the upper bits of a rate, its position in the lower ones. That
    is faster than to sort positions; the few rates alike but for lower bits are put in order after.
    """
    below = (1 << len(rate).bit_length()) - 1
    # -0.0 becomes 0.0, whose bits are those of 0.
    key = (rate + 0.0).view(np.int64)
    key ^= (key >> 63) & LARGEST  # whole numbers in the order of the rates
    key &= ~below
    key |= np.arange(len(rate))
    key.sort()
    order = key & below
    same = np.diff(key) <= below
    if same.any():
        alike = np.flatnonzero(np.append(same, False) | np.append(False, same))
        some = order[alike]
        order[alike] = some[np.lexsort((rng.random(len(some)), rate[some]))]
    return order


def ranks_within(
    value: pd.Series,
    ranks: NDArray[np.unsignedinteger],
    *,
    top: int,
    confidence: float,
    each: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Value, rank, interval and chance of being among the first; the ranks are sorted in place.

    ``each`` says which areas the ranks are of. The others are alike: they share one interval and
    one chance, from all the ranks that are left to them.
    """
    rank = value.where(value > 0).rank(method="min", ascending=False).astype("Int64")
    own = rank.to_numpy(dtype=float, na_value=np.nan)
    size, draws = len(value), ranks.shape[1]
    each = np.ones(size, dtype=bool) if each is None else each
    tails = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
    low, high, p_top = np.empty((3, size))
    if not each.all():
        left = draws - np.bincount(ranks.ravel(), minlength=size + 1)[1:]
        up_to = left.cumsum() / left.sum()
        low[~each], high[~each] = 1 + np.searchsorted(up_to, tails)
        p_top[~each] = up_to[min(top, size) - 1]
    p_top[each] = np.count_nonzero(ranks <= top, axis=1) / draws
    ranks.sort(axis=1)
    low[each], high[each] = (ranks[:, max(0, math.ceil(draws * tail - 1))] for tail in tails)
    return pd.DataFrame(
        {
            "value": value,
            "rank": rank,
            "rank_low": np.fmin(low, own).astype(np.int64),
            "rank_high": np.fmax(high, own).astype(np.int64),
            "p_top_k": p_top,
        },
        index=value.index,
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
