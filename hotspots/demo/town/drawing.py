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

from hotspots.demo.town.places import DOORS, Doors
from hotspots.demo.town.planted import day_weights, hour_of_week

HOME_OFFICE = "home_office"
FIRE_SERVICE = "fire_service"


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


VIOLENT = {"105/01": 0.36, "008/06": 0.34, "008/01": 0.15, "104": 0.07, "3B": 0.08}
SERIOUS = {"34B": 0.52, "005/01": 0.30, "34A": 0.10, "5E": 0.04, "10A": 0.03, "2": 0.01}
ASB_LOG = {
    "ASB nuisance": 0.48,
    "ASB personal": 0.17,
    "ASB environmental": 0.07,
    "ASB rowdy behaviour": 0.16,
    "ASB street drinking": 0.08,
    "ASB begging or vagrancy": 0.04,
}
COUNCIL_LOG = {
    "ASB noise": 0.48,
    "ASB neighbours": 0.27,
    "ASB littering or drug waste": 0.15,
    "ASB street drinking": 0.10,
}
HOMES = {"residential": 1.0}
STREETS = {"everywhere": 1.0}
COMPONENTS = (
    Component("serious_public", "police", 0.045, SERIOUS,
              {"patrol": 0.60, "near_misses": 0.06, "residential": 0.28, "everywhere": 0.06},
              "violence", "mild", "serious_violence", "patrol", falls=True),
    Component("violence_public", "police", 0.062, VIOLENT,
              {"patrol": 0.26, "chb": 0.03, "residential": 0.52, "everywhere": 0.19},
              "violence", "mild", "", "patrol", falls=True),
    Component("violence_night", "police", 0.042, VIOLENT,
              {"night": 0.55, "night_patrol": 0.45}, "night", "mild", "", "patrol", falls=True),
    Component("domestic", "police", 0.075,
              {"105/01": 0.46, "008/06": 0.27, "8L": 0.17, "8Q": 0.05, "58A": 0.05},
              HOMES, "home", "mild", domestic=True),
    Component("sexual", "police", 0.014, {"20A": 0.5, "19C": 0.3, "22A": 0.1, "88E": 0.1},
              {"residential": 0.75, "night": 0.25}, "home", interval=0.3),
    Component("weapons", "police", 0.012, {"008/26": 0.58, "008/11": 0.36, "10B": 0.06},
              {"chb": 0.20, "patrol": 0.17, "night": 0.08, "residential": 0.55}, "violence"),
    Component("cannabis_possession", "police", 0.014, {"092/61": 1.0},
              {"chb": 0.16, "night": 0.08, "candidates": 0.17, "residential": 0.59}),
    Component("cannabis_trafficking", "police", 0.006,
              {"092/41": 0.35, "092/81": 0.40, "092/21": 0.25},
              {"chb": 0.19, "night": 0.03, "candidates": 0.20, "residential": 0.58}),
    Component("other_class_b", "police", 0.003, {"092/60": 0.55, "092/65": 0.15, "092/80": 0.30},
              {"chb": 0.17, "night": 0.08, "candidates": 0.17, "residential": 0.58}),
    Component("other_drugs", "police", 0.009, {"92D": 0.7, "92A": 0.3},
              {"chb": 0.10, "night": 0.15, "centre": 0.15, "residential": 0.60}),
    Component("public_order", "police", 0.045, {"9A": 0.86, "66": 0.14},
              {"centre": 0.16, "night": 0.10, "residential": 0.44, "everywhere": 0.30},
              "violence", "summer"),
    Component("burglary", "police", 0.052, {"28E": 0.62, "28F": 0.16, "30C": 0.18, "30D": 0.04},
              {"residential": 0.70, "everywhere": 0.30}, "away", "winter", interval=0.8),
    Component("vehicle_crime", "police", 0.056, {"45": 0.62, "48": 0.28, "126": 0.10},
              {"residential": 0.68, "everywhere": 0.32}, "away", "winter", interval=0.8),
    Component("shoplifting", "police", 0.050, {"46": 1.0},
              {"retail": 0.55, "centre": 0.45}, "shops"),
    Component("other_theft", "police", 0.062, {"49": 0.85, "40": 0.10, "49A": 0.05},
              {"centre": 0.22, "retail": 0.10, "everywhere": 0.68}, interval=0.4),
    Component("theft_person", "police", 0.016, {"39": 1.0}, {"centre": 0.7, "night": 0.3}, "night"),
    Component("cycle_theft", "police", 0.012, {"44": 1.0},
              {"centre": 0.35, "students": 0.25, "everywhere": 0.40}, season="summer",
              interval=0.7),
    Component("damage", "police", 0.058, {"58C": 0.45, "58A": 0.28, "58B": 0.12, "58D": 0.15},
              {"residential": 0.65, "everywhere": 0.35}, "street", interval=0.6),
    Component("arson_crime", "police", 0.006, {"56B": 0.85, "56A": 0.15}, {},
              copies="deliberate_fire"),
    Component("dangerous_driving", "police", 0.003, {"802": 1.0}, {"roads": 1.0}, "cars", "summer",
              "vehicle_nuisance"),
    Component("prison", "police", 0.010, {"105/01": 0.5, "008/06": 0.2, "99": 0.2, "92D": 0.1},
              {"prison": 1.0}, "office", falls=False),
    Component("custody", "police", 0.004, {"92D": 0.4, "66": 0.3, "104": 0.3},
              {"police_station": 1.0}, "violence"),
    Component("police_asb", "police", 0.120, ASB_LOG,
              {"asb_hotspots": 0.34, "centre": 0.06, "residential": 0.34, "everywhere": 0.26},
              "asb", "summer", "asb", "asb", facts={"recording": 0.70}),
    Component("crawl_asb", "police", 0.007,
              {"ASB rowdy behaviour": 0.7, "ASB street drinking": 0.3},
              {"corridor": 1.0}, "crawl", "students", "asb"),
    Component("police_vehicle", "police", 0.024, {"ASB vehicle nuisance": 1.0},
              {"vehicle": 0.62, "roads": 0.18, "residential": 0.20}, "cars", "summer",
              "vehicle_nuisance", "vehicle"),
    Component("council_asb", "council", 0.098, COUNCIL_LOG,
              {"asb_hotspots": 0.24, "students": 0.14, "residential": 0.62}, "noise", "summer",
              "asb", "asb", facts={"online_form": 1.35}),
    Component("council_vehicle", "council", 0.010,
              {"ASB vehicle nuisance": 0.6, "ASB abandoned vehicle": 0.4},
              {"vehicle": 0.5, "residential": 0.5}, "office", "summer", "vehicle_nuisance",
              "vehicle"),
    Component("council_twin", "council", 0.008, {"ASB neighbours": 0.4, "ASB noise": 0.6}, {},
              theme="asb", copies="police_asb"),
    Component("deliberate_fire", "fire", 0.026,
              {"Deliberate secondary fire": 0.82, "Deliberate primary fire": 0.18},
              {"parks": 0.18, "residential": 0.56, "chb": 0.04, "everywhere": 0.22},
              "fires", "fires", facts={"chained": 0.45}),
    Component("accidental_fire", "fire", 0.014,
              {"Accidental dwelling fire": 0.6, "Accidental other fire": 0.4},
              {"residential": 0.8, "everywhere": 0.2}, "home"),
    Component("false_alarm", "fire", 0.018, {"False alarm": 1.0},
              {"everywhere": 0.6, "centre": 0.3, "hospital": 0.1}, "flat"),
    Component("collision", "fire", 0.005, {"Road traffic collision": 1.0}, {"roads": 1.0}),
)  # fmt: skip
SCHEME_OF = {"police": HOME_OFFICE, "council": HOME_OFFICE, "fire": FIRE_SERVICE}
UNLOCATED = {"police": 0.03, "council": 0.05, "fire": 0.005}
HOMICIDE = "001/01"
REPLACED_BY = "other_theft"
DAY_MINUTES = 1_440
HOUR_MINUTES = 60
LONGEST_INTERVAL_MINUTES = 5 * DAY_MINUTES
WARD_MONTH_SPREAD = {"asb": 0.20, "vehicle_nuisance": 0.25, "serious_violence": 0.05, "": 0.08}
CHAIN_DAYS = 3.5
CHAIN_RADIUS_M = 160.0
DISPLACED_SHARE = 0.25
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
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
class Timetable:
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


def draw_incidents(seed: int, count: int, ground: Ground, time: Timetable, fall: float) -> Draw:
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
    shocks = _ward_month_shocks(streams[-2], ground, time)
    for number, item in sorted(enumerate(COMPONENTS), key=lambda pair: bool(pair[1].copies)):
        rng, here = streams[number], rows[item.name]
        draw.component[here] = number
        if item.copies:
            _copy(rng, draw, here, rows[item.copies], ground)
        else:
            _fill(rng, draw, here, item, ground, time, shocks)
        if item.facts.get("chained"):
            _chain(rng, draw, here, item.facts["chained"], ground, time)
        _choose_offences(rng, draw, here, item)
        _unlocate(rng, draw, here, item)
    _treat(streams[-3], draw, ground, time, fall)
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


def _ward_month_shocks(
    rng: Generator, ground: Ground, time: Timetable
) -> dict[str, NDArray[np.float64]]:
    """Good and bad months of each ward: more variation than chance alone."""
    months = int(time.months.max(initial=0)) + 1
    return {
        theme: rng.gamma(1 / spread**2, spread**2, (ground.wards, months))
        for theme, spread in WARD_MONTH_SPREAD.items()
    }


def _fill(
    rng: Generator, draw: Draw, here: slice, item: Component, ground: Ground, time: Timetable,
    shocks: Mapping[str, NDArray[np.float64]],
) -> None:  # fmt: skip
    """Where, then on which day given the ward, then at which minute given the weekday."""
    count = here.stop - here.start
    weight = sum(share * ground.layers[name] for name, share in item.layers.items())
    draw.door[here] = _pick(rng, np.asarray(weight), count)
    week = hour_of_week(item.week)
    daily = day_weights(item.season, time.days, time.free)
    daily = daily * week.sum(axis=1)[time.days.day_of_week.to_numpy()]
    numbers = np.arange(len(time.days))
    daily = daily * np.where(numbers >= time.recording_from, item.facts.get("recording", 1.0), 1.0)
    daily *= np.where(numbers >= time.online_form_from, item.facts.get("online_form", 1.0), 1.0)
    by_ward = daily * shocks[item.theme][:, time.months]
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


def _copy(rng: Generator, draw: Draw, here: slice, original: slice, ground: Ground) -> None:
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
    rng: Generator, draw: Draw, here: slice, share: float, ground: Ground, time: Timetable
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


def _choose_offences(rng: Generator, draw: Draw, here: slice, item: Component) -> None:
    codes = np.array([OFFENCES.index(code) for code in item.offences], dtype=np.int16)
    share = np.array(list(item.offences.values()))
    draw.offence[here] = codes[_pick(rng, share, here.stop - here.start)]


def _unlocate(rng: Generator, draw: Draw, here: slice, item: Component) -> None:
    draw.unlocated[here] = rng.random(here.stop - here.start) < UNLOCATED[item.source]


def _treat(rng: Generator, draw: Draw, ground: Ground, time: Timetable, fall: float) -> None:
    """Take a share of violence out of treated areas; move a quarter of it to the ring around.

    What is not moved becomes theft somewhere else, so that the number of incidents stays.
    """
    falls = np.array([item.falls for item in COMPONENTS])
    area = ground.treated_of_door[draw.door]
    late = draw.minute >= time.treatment_from * DAY_MINUTES
    subject = np.flatnonzero(falls[draw.component] & late & (area >= 0))
    gone = subject[rng.random(len(subject)) < fall]
    moved = rng.random(len(gone)) < DISPLACED_SHARE
    ring = [np.asarray(doors) for doors in ground.ring_doors]
    for number, doors in enumerate(ring):
        here = gone[moved & (area[gone] == number)]
        draw.door[here] = doors[(rng.random(len(here)) * len(doors)).astype(int)]
        draw.displaced[here] = True
    replaced = gone[~moved]
    other = POSITION[REPLACED_BY]
    item = COMPONENTS[other]
    weight = sum(share * ground.layers[name] for name, share in item.layers.items())
    draw.component[replaced] = other
    draw.door[replaced] = _pick(rng, np.asarray(weight), len(replaced))
    codes = np.array([OFFENCES.index(code) for code in item.offences], dtype=np.int16)
    draw.offence[replaced] = codes[
        _pick(rng, np.array(list(item.offences.values())), len(replaced))
    ]


def _plant_homicide(
    rng: Generator, draw: Draw, here: slice, ground: Ground, time: Timetable
) -> None:
    """One homicide in a quiet street: the most harm of all, and no hotspot."""
    if here.stop == here.start:
        return
    draw.door[here.start] = ground.homicide_door
    draw.offence[here.start] = OFFENCES.index(HOMICIDE)
    draw.minute[here.start] = int(len(time.days) * rng.uniform(0.2, 0.6)) * DAY_MINUTES + 1_337
    draw.width[here.start] = 1
    draw.unlocated[here.start] = False


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
