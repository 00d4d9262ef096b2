"""Drawing incidents from the components: where, when, what; then the planted changes.

All work is done on plain arrays, one component at a time, so that ten million take a minute or
two. Every component has a stream of random numbers of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.random import Generator, SeedSequence
from numpy.typing import NDArray

from hotspots.demo.town import SALTMERE
from hotspots.demo.town.planted import day_weights, hour_of_week
from hotspots.demo.town.town_places import DOORS, Doors


@dataclass(frozen=True)
class Component:
    """One process that makes incidents."""

    name: str
    source: str
    share: float
    offences: dict[str, float]
    layers: dict[str, float]
    week: str = "street"
    season: str = "flat"
    theme: str = ""
    planted: str = ""
    falls: bool = False
    domestic: bool = False
    interval: float = 0.0
    copies: str = ""
    facts: dict[str, float] = field(default_factory=dict)


COMPONENTS = tuple(Component(name, **said) for name, said in SALTMERE["components"].items())
SOURCES = SALTMERE["sources"]
HOMICIDE = "001/01"
REPLACED_BY = "other_theft"
DAY_MINUTES = 1_440
HOUR_MINUTES = 60
LONGEST_INTERVAL_MINUTES = 5 * DAY_MINUTES
CHAIN_DAYS = 3.5
CHAIN_RADIUS_M = 160.0
DISPLACED_SHARE = 0.25


@dataclass(frozen=True)
class TownGround:
    """What drawing needs to know of the town."""

    doors: Doors
    layers: Mapping[str, NDArray[np.float64]]
    ward_of_door: NDArray[np.intp]
    wards: int
    treated_of_door: NDArray[np.intp]
    ring_doors: list[NDArray[np.intp]]
    near_places: list[list[int]]
    homicide_door: int


@dataclass(frozen=True)
class TownCalendar:
    """Days of the period and the days on which something changes."""

    days: pd.DatetimeIndex
    months: NDArray[np.intp]
    holidays: pd.DataFrame
    free: NDArray[np.bool_]
    treatment_from: int
    recording_from: int
    online_form_from: int


@dataclass
class Draw:
    """Incidents as arrays; rows of a component stand together until they are sorted."""

    component: NDArray[np.int8]
    door: NDArray[np.int32]
    minute: NDArray[np.int64]
    width: NDArray[np.int32]
    offence: NDArray[np.int16]
    unlocated: NDArray[np.bool_]
    chain: NDArray[np.int64]
    twin_of: NDArray[np.int64]
    displaced: NDArray[np.bool_]


OFFENCES: tuple[str, ...] = tuple(
    dict.fromkeys([*(code for item in COMPONENTS for code in item.offences), HOMICIDE])
)
POSITION = {item.name: i for i, item in enumerate(COMPONENTS)}


def draw_incidents(
    seed: int, count: int, ground: TownGround, time: TownCalendar, fall_share: float
) -> Draw:
    """Draw incidents, then plant chains, twins, the fall with its displacement, the homicide."""
    streams = [np.random.default_rng(s) for s in SeedSequence([seed, 0xD2A4]).spawn(40)]
    share = np.array([item.share for item in COMPONENTS])
    counts = streams[-1].multinomial(count, share / share.sum())
    ends = np.cumsum(counts)
    rows = {
        item.name: slice(int(e - n), int(e))
        for item, e, n in zip(COMPONENTS, ends, counts, strict=True)
    }
    draw = _empty(count)
    size = ground.wards, int(time.months.max(initial=0)) + 1
    # Good and bad months of each ward: more variation than chance alone.
    shocks = {
        theme: streams[-2].gamma(1 / spread**2, spread**2, size)
        for theme, spread in SALTMERE["ward_month_spread"].items()
    }
    for number, item in sorted(enumerate(COMPONENTS), key=lambda pair: bool(pair[1].copies)):
        rng, here = streams[number], rows[item.name]
        draw.component[here] = number
        if item.copies:
            _copy(rng, draw, here, rows[item.copies], ground)
        else:
            _fill(rng, draw, here, item, ground, time, shocks)
        if item.facts.get("chained"):
            _chain(rng, draw, here, item.facts["chained"], ground, time)
        many = here.stop - here.start
        draw.offence[here] = _pick_offences(rng, item, many)
        draw.unlocated[here] = rng.random(many) < SOURCES[item.source]["unlocated"]
    _treat(streams[-3], draw, ground, time, fall_share)
    if count >= 1_000:
        _plant_homicide(streams[-4], draw, rows["burglary"], ground, time)
    return draw


def _empty(count: int) -> Draw:
    return Draw(
        np.zeros(count, dtype=np.int8),
        np.zeros(count, dtype=np.int32),
        np.zeros(count, dtype=np.int64),
        np.ones(count, dtype=np.int32),
        np.zeros(count, dtype=np.int16),
        np.zeros(count, dtype=bool),
        np.full(count, -1, dtype=np.int64),
        np.full(count, -1, dtype=np.int64),
        np.zeros(count, dtype=bool),
    )


def _fill(
    rng: Generator, draw: Draw, here: slice, item: Component, ground: TownGround,
    time: TownCalendar, shocks: Mapping[str, NDArray[np.float64]],
) -> None:  # fmt: skip
    """Where, then on which day given the ward, then at which minute given the weekday."""
    count = here.stop - here.start
    draw.door[here] = _pick_doors(rng, item, ground, count)
    week = hour_of_week(item.week)
    daily = day_weights(item.season, time.days, time.free)
    daily = daily * week.sum(axis=1)[time.days.day_of_week.to_numpy()]
    numbers = np.arange(len(time.days))
    daily = daily * np.where(numbers >= time.recording_from, item.facts.get("recording", 1.0), 1.0)
    daily *= np.where(numbers >= time.online_form_from, item.facts.get("online_form", 1.0), 1.0)
    by_ward = daily * shocks[item.theme or "none"][:, time.months]
    day = _pick_row(rng, by_ward, ground.ward_of_door[draw.door[here]])
    hour = _pick_row(rng, week, time.days.day_of_week.to_numpy()[day])
    minute = rng.integers(0, HOUR_MINUTES, count)
    rounded = rng.random(count) < 0.3
    minute[rounded] = minute[rounded] // 30 * 30
    draw.minute[here] = day * DAY_MINUTES + hour * HOUR_MINUTES + minute
    if item.interval:
        wide = rng.random(count) < item.interval
        hours = np.exp(rng.normal(1.9, 0.9, count))
        width = np.clip(np.rint(hours * 4) * 15, 15, LONGEST_INTERVAL_MINUTES)
        draw.width[here] = np.where(wide, width, 1)


def _copy(rng: Generator, draw: Draw, here: slice, original: slice, ground: TownGround) -> None:
    """The same event told to a second agency: same place, up to three hours later."""
    count = here.stop - here.start
    if original.stop == original.start:
        draw.door[here] = _pick(rng, np.asarray(ground.layers["residential"]), count)
        return
    chosen = rng.integers(original.start, original.stop, count)
    same = rng.random(count) < 0.6
    sibling = draw.door[chosen] // DOORS * DOORS + rng.integers(0, DOORS, count)
    draw.door[here] = np.where(same, draw.door[chosen], sibling)
    draw.minute[here] = draw.minute[chosen] + rng.integers(0, 181, count)
    draw.twin_of[here] = chosen


def _chain(
    rng: Generator, draw: Draw, here: slice, share: float, ground: TownGround, time: TownCalendar
) -> None:
    """A share of the rows follows others: close by, a few days later."""
    count = here.stop - here.start
    followers = int(count * share)
    if followers == 0:
        return
    first = here.start + rng.integers(0, count - followers, followers)
    rows = np.arange(here.stop - followers, here.stop)
    sizes = np.array([len(near) for near in ground.near_places])
    flat = np.concatenate([np.asarray(near) for near in ground.near_places])
    starts = np.cumsum(sizes) - sizes
    place = draw.door[first] // DOORS
    near = flat[starts[place] + (rng.random(followers) * sizes[place]).astype(int)]
    gap = np.maximum(rng.exponential(CHAIN_DAYS * DAY_MINUTES, followers), 20).astype(np.int64)
    minute = draw.minute[first] + gap
    fits = minute < len(time.days) * DAY_MINUTES
    draw.door[rows[fits]] = (near * DOORS + rng.integers(0, DOORS, followers))[fits]
    draw.minute[rows[fits]] = minute[fits]
    draw.chain[rows[fits]] = first[fits]
    draw.chain[first[fits]] = first[fits]


def _treat(
    rng: Generator, draw: Draw, ground: TownGround, time: TownCalendar, fall_share: float
) -> None:
    """Take a share of violence out of treated areas; move a quarter of it to the ring around.

    What is not moved becomes theft somewhere else, so that the number of incidents stays.
    """
    falls = np.array([item.falls for item in COMPONENTS])
    area = ground.treated_of_door[draw.door]
    late = draw.minute >= time.treatment_from * DAY_MINUTES
    subject = np.flatnonzero(falls[draw.component] & late & (area >= 0))
    gone = subject[rng.random(len(subject)) < fall_share]
    moved = rng.random(len(gone)) < DISPLACED_SHARE
    ring = [np.asarray(doors) for doors in ground.ring_doors]
    for number, doors in enumerate(ring):
        here = gone[moved & (area[gone] == number)]
        draw.door[here] = doors[(rng.random(len(here)) * len(doors)).astype(int)]
        draw.displaced[here] = True
    replaced = gone[~moved]
    other = POSITION[REPLACED_BY]
    draw.component[replaced] = other
    draw.door[replaced] = _pick_doors(rng, COMPONENTS[other], ground, len(replaced))
    draw.offence[replaced] = _pick_offences(rng, COMPONENTS[other], len(replaced))


def _plant_homicide(
    rng: Generator, draw: Draw, here: slice, ground: TownGround, time: TownCalendar
) -> None:
    """One homicide in a quiet street: the most harm of all, and no hotspot."""
    if here.stop == here.start:
        return
    draw.door[here.start] = ground.homicide_door
    draw.offence[here.start] = OFFENCES.index(HOMICIDE)
    draw.minute[here.start] = int(len(time.days) * rng.uniform(0.2, 0.6)) * DAY_MINUTES + 1_337
    draw.width[here.start] = 1
    draw.unlocated[here.start] = False


def _pick_doors(
    rng: Generator, item: Component, ground: TownGround, count: int
) -> NDArray[np.intp]:
    weight = sum(share * ground.layers[name] for name, share in item.layers.items())
    return _pick(rng, np.asarray(weight), count)


def _pick_offences(rng: Generator, item: Component, count: int) -> NDArray[np.int16]:
    codes = np.array([OFFENCES.index(code) for code in item.offences], dtype=np.int16)
    return codes[_pick(rng, np.array(list(item.offences.values())), count)]


def _pick(rng: Generator, weight: NDArray[np.float64], count: int) -> NDArray[np.intp]:
    """Positions drawn in proportion to weights."""
    cumulative = np.cumsum(weight)
    drawn = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    positions: NDArray[np.intp] = np.minimum(drawn, len(weight) - 1)
    return positions


def _pick_row(
    rng: Generator, weights: NDArray[np.float64], row: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Columns drawn in proportion to the weights of each one's row, all rows in one search."""
    cumulative = np.cumsum(weights, axis=1)
    cumulative /= cumulative[:, -1:]
    width = weights.shape[1]
    keys = (cumulative + np.arange(len(weights))[:, None]).ravel()
    drawn = np.searchsorted(keys, row + rng.random(len(row)), side="right") - row * width
    columns: NDArray[np.intp] = np.clip(drawn, 0, width - 1)
    return columns
