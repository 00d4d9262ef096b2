"""Where things can happen: map points, the doors around them, how busy each is for every layer.

The background is fitted to real Leeds (July 2016 and July 2017, all offence types, H3 resolution 9:
67.7 % of cells empty, skewness 16.4, the busiest 1 % of cells with 23 % of incidents): the spread
of the random factors and the pull of the centre were set so that a town with as many incidents a
cell looks as uneven. No place and no count of Leeds is copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.demo.town import SALTMERE
from hotspots.demo.town.town_plan import CENTRE_EASTING, CENTRE_NORTHING, Plan, to_grid

if TYPE_CHECKING:
    from hotspots.demo.town.planted import Planted

DOORS = 12
SPACING_M = {"local": 70.0, "collector": 75.0, "main": 80.0, "ring": 110.0, "lane": 210.0}
PARK = "Park/Open Space"
INSTITUTIONS = ("Hospital", "Police Station", "Prison")
TOWN_NAME, NAMES, SUFFIXES = SALTMERE["name"], SALTMERE["names"], SALTMERE["suffixes"]
CENTRE_STREETS, VILLAGES = NAMES["centre_streets"], NAMES["villages"]


@dataclass(frozen=True)
class Doors:
    """Addresses as arrays: where, which map point they belong to, and how busy they are."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    place: NDArray[np.intp]
    share: NDArray[np.float64]

    def within(self, shape: Any) -> NDArray[np.bool_]:
        """Which doors stand in a polygon."""
        shapely.prepare(shape)
        west, south, east, north = shapely.bounds(shape)
        order, eastings = self._from_the_west
        across = order[slice(*np.searchsorted(eastings, [west, np.nextafter(east, np.inf)]))]
        near = across[(self.y[across] >= south) & (self.y[across] <= north)]
        found = np.zeros(len(self.x), dtype=bool)
        found[near[shapely.intersects_xy(shape, self.x[near], self.y[near])]] = True
        return found

    @cached_property
    def _from_the_west(self) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The doors in the order of their eastings, and these: a shape then looks at few."""
        order = np.argsort(self.x, kind="stable")
        return order, self.x[order]


def build_places(
    rng: Generator, plan: Plan, streets: gpd.GeoDataFrame, ward_of_block: NDArray[np.intp]
) -> gpd.GeoDataFrame:
    """Map points with ``place_name``, ``place_kind``, ``character``, ``street_id``, ``ward``."""
    along = _along_streets(streets)
    special = _special(rng, along)
    places = pd.concat([along, special, _in_parks(rng, plan)], ignore_index=True)
    points = np.asarray(shapely.points(places["x"].to_numpy(), places["y"].to_numpy()))
    blocks = to_grid(plan.blocks)
    point, block = shapely.STRtree(blocks).query(points, predicate="dwithin", distance=0.5)
    first = pd.Series(block, index=point).groupby(level=0).min()
    places = places.loc[first.index]
    kinds = plan.kinds[first.to_numpy()]
    places["character"] = np.where(places["character"] == "main", kinds, places["character"])
    places["ward"] = ward_of_block[first.to_numpy()]
    index = pd.Index([f"place-{i:05d}" for i in range(1, len(places) + 1)], name="place_id")
    return gpd.GeoDataFrame(
        places[["place_name", "place_kind", "street_id", "character", "ward"]].set_index(index),
        geometry=points[first.index],
        crs=BRITISH_NATIONAL_GRID,
    )


def build_doors(rng: Generator, places: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> Doors:
    """Twelve addresses to a map point: along its street, or around a special place."""
    x, y = _xy(places.geometry)
    count = len(places)
    angle = rng.uniform(0, 2 * np.pi, (count, DOORS))
    reach = 28 * np.sqrt(rng.uniform(size=(count, DOORS)))
    on_street = places["place_kind"].eq("street").to_numpy()
    institution = places["place_kind"].isin(INSTITUTIONS).to_numpy()
    reach[institution] = 0.0
    reach[places["place_kind"].eq(PARK).to_numpy()] *= 2.6
    door_x, door_y = x[:, None] + reach * np.cos(angle), y[:, None] + reach * np.sin(angle)
    lines = np.asarray(streets.geometry.reindex(places["street_id"][on_street]))
    at = shapely.line_locate_point(lines, places.geometry.to_numpy()[on_street])[:, None]
    at = np.clip(at + rng.uniform(-34, 34, (len(lines), DOORS)), 0, shapely.length(lines)[:, None])
    spot_x, spot_y = _points_along(lines, at)
    side = rng.choice([-1.0, 1.0], at.shape) * rng.uniform(6, 13, at.shape)
    turn = angle[on_street]
    door_x[on_street] = spot_x + side * np.cos(turn)
    door_y[on_street] = spot_y + side * np.sin(turn)
    share = rng.gamma(0.9, size=(count, DOORS)) + 0.02
    share[institution] = 1.0
    share /= share.sum(axis=1, keepdims=True)
    return Doors(
        np.round(door_x.ravel(), 1),
        np.round(door_y.ravel(), 1),
        np.repeat(np.arange(count), DOORS),
        share.ravel(),
    )


def _points_along(
    lines: NDArray[np.object_], at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the metres of each row lie along its line; shapely would make a point of each."""
    ends, line = shapely.get_coordinates(lines, return_index=True)
    first = np.searchsorted(line, np.arange(len(lines)))[:, None]
    last = first + np.bincount(line)[:, None] - 1
    step = np.where(np.diff(line) == 0, np.hypot(*np.diff(ends, axis=0).T), 0.0)
    gone = np.append(0.0, step.cumsum())  # all lines one after another
    there = gone[first] + at
    piece = np.clip(np.searchsorted(gone, there, side="right") - 1, first, last - 1)
    share = (there - gone[piece]) / step[piece]
    x, y = (each[piece] + share * (each[piece + 1] - each[piece]) for each in ends.T)
    return x, y


def from_centre(places: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Distance of each place from the town centre, in metres."""
    x, y = _xy(places.geometry)
    return np.asarray(np.hypot(x - CENTRE_EASTING, y - CENTRE_NORTHING))


def far_apart(
    xy: NDArray[np.float64],
    candidates: NDArray[np.intp],
    number: int,
    gap_m: float,
    chosen: list[int] | None = None,
) -> list[int]:
    """The first candidates that keep a distance from those chosen before; all chosen so far."""
    kept = list(chosen or [])
    for place in candidates.tolist():
        if len(kept) == number:
            break
        if not kept or np.hypot(*(xy[kept] - xy[place]).T).min() > gap_m:
            kept.append(place)
    return kept


def _along_streets(streets: gpd.GeoDataFrame) -> pd.DataFrame:
    lines = streets.geometry.to_numpy()
    length = shapely.length(lines)
    gap = streets["road_class"].map(SPACING_M).to_numpy(dtype=float)
    number = np.maximum(np.rint(length / gap), 1).astype(int)
    street = np.repeat(np.arange(len(lines)), number)
    step = np.arange(len(street)) - np.repeat(np.cumsum(number) - number, number)
    spots = shapely.line_interpolate_point(
        lines[street], (step + 0.5) / number[street], normalized=True
    )
    return pd.DataFrame(
        {
            "place_name": streets["street_name"].to_numpy()[street],
            "place_kind": "street",
            "street_id": streets.index.to_numpy()[street],
            "character": streets["character"].to_numpy()[street],
            "x": np.round(shapely.get_x(spots), 1),
            "y": np.round(shapely.get_y(spots), 1),
        }
    )


def _special(rng: Generator, along: pd.DataFrame) -> pd.DataFrame:
    """Special places beside a street, named as police.uk names them, not by their street."""
    rows = []
    x, y = along["x"].to_numpy(), along["y"].to_numpy()
    away = np.hypot(x - CENTRE_EASTING, y - CENTRE_NORTHING)
    for name, wanted in SALTMERE["special_places"].items():
        near = 1_700 if name in INSTITUTIONS else 9_000
        fits = along["character"].isin(wanted["in"]).to_numpy() & (away < near)
        for row in rng.choice(np.flatnonzero(fits), wanted["number"], replace=False):
            turn = rng.uniform(0, 2 * np.pi)
            spot = along.iloc[row]
            rows.append(
                {
                    "place_name": name,
                    "place_kind": name,
                    "street_id": spot["street_id"],
                    "character": spot["character"],
                    "x": round(spot["x"] + 24 * np.cos(turn), 1),
                    "y": round(spot["y"] + 24 * np.sin(turn), 1),
                }
            )
    return pd.DataFrame(rows)


def _in_parks(rng: Generator, plan: Plan) -> pd.DataFrame:
    rows = []
    for park in to_grid(plan.blocks[plan.kinds == "park"]):
        heart = shapely.get_coordinates(shapely.point_on_surface(park))[0]
        inner = shapely.buffer(park, -40)
        rows.append((PARK, PARK, None, "park", *heart.round(1)))
        found = 0
        while found < 4:
            spot = (heart + rng.uniform(-170, 170, 2)).round(1)
            if shapely.contains_xy(inner, *spot):
                rows.append((PARK, PARK, None, "park", *spot))
                found += 1
    columns = ["place_name", "place_kind", "street_id", "character", "x", "y"]
    return pd.DataFrame(rows, columns=columns)


def _xy(points: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values = points.to_numpy()
    return shapely.get_x(values), shapely.get_y(values)


def stems() -> Iterator[str]:
    """Made-up first halves of street names, each once, in an order that mixes them.

    Examples
    --------
    >>> names = stems()
    >>> next(names), next(names)
    ('Ashford', 'Beckley')
    """
    begin, end = NAMES["stems"], NAMES["endings"]
    for word in ("", "Upper ", "Lower ", "Old ", "Great ", "Little "):
        for shift, index in product(range(len(end)), range(len(begin))):
            yield word + begin[index] + end[(index + shift) % len(end)]


Weights = NDArray[np.float64]

PLACE_SPREAD = 0.55
WARD_SPREAD = 0.35
PRIORITY_FACTOR = 1.6
CENTRE_REACH_M = 190.0
IN_NIGHT_TIME_ECONOMY = 3
RETAIL = SALTMERE["retail"]


def build_layers(
    rng: Generator,
    places: gpd.GeoDataFrame,
    doors: Doors,
    wards: gpd.GeoDataFrame,
    planted: Planted,
    zones: Mapping[str, Any],
) -> dict[str, Weights]:
    """Weight of each door in each layer; every layer sums to one."""
    kind = places["place_kind"].to_numpy()
    character = places["character"].to_numpy()
    noise = rng.gamma(PLACE_SPREAD, 1 / PLACE_SPREAD, len(places)) + 0.01
    other_noise = rng.gamma(PLACE_SPREAD, 1 / PLACE_SPREAD, len(places)) + 0.01
    street = (kind == "street").astype(float)
    ward = _ward_factor(rng, wards)[places["ward"].to_numpy()]
    pull = np.exp(-((from_centre(places) / CENTRE_REACH_M) ** 1.4))
    special = np.select([np.isin(kind, list(RETAIL)), kind == "Parking Area"], [4.0, 2.0], 1.0)
    per_place = {
        "residential": _by(character, SALTMERE["residential"]) * noise * ward * street,
        "everywhere": _by(character, SALTMERE["everywhere"]) * other_noise * special,
        "centre": pull * other_noise * special * (character == "centre"),
        "retail": _by(kind, RETAIL) * other_noise + 0.3 * pull * street,
        "roads": street * _on_main_roads(places, zones["streets"]) * noise,
        "parks": (kind == PARK) * other_noise,
        "prison": (kind == "Prison").astype(float),
        "police_station": (kind == "Police Station").astype(float),
        "hospital": (kind == "Hospital").astype(float),
    }
    layers = {name: value[doors.place] * doors.share for name, value in per_place.items()}
    busy = (noise[doors.place] + 0.4) * doors.share
    steady = 0.7 / len(doors.share) + doors.share * 0.0 + rng.gamma(5, 0.2, len(doors.share))
    for name in ("night", "students", "corridor"):
        layers[name] = doors.within(zones[name]) * busy
    screening = planted.screening_areas
    layers["chb"] = _in_all(doors, screening[screening["role"] == "clear_hold_build"], steady)
    layers["candidates"] = _in_all(doors, screening[screening["role"] == "candidate"], steady)
    layers["patrol"] = _in_each(doors, planted.patrol_areas, steady)
    layers["night_patrol"] = _in_each(
        doors, planted.patrol_areas.iloc[:IN_NIGHT_TIME_ECONOMY], steady
    )
    layers["near_misses"] = _in_each(doors, planted.near_misses, steady)
    layers["asb_hotspots"] = _in_each(doors, planted.asb, steady)
    layers["vehicle"] = _in_each(doors, planted.vehicle_nuisance, steady)
    return {name: value / value.sum() for name, value in layers.items()}


def area_of_doors(doors: Doors, areas: gpd.GeoDataFrame) -> NDArray[np.intp]:
    """Position of the first area each door stands in; -1 for none."""
    found = np.full(len(doors.x), -1, dtype=np.intp)
    for position in range(len(areas) - 1, -1, -1):
        found[doors.within(areas.geometry.iloc[position])] = position
    return found


def doors_in_rings(doors: Doors, areas: gpd.GeoDataFrame, width_m: float) -> list[NDArray[np.intp]]:
    """Doors within a distance of each area and in none of them."""
    free = area_of_doors(doors, areas) < 0
    return [
        np.flatnonzero(free & doors.within(shapely.buffer(area, width_m)))
        for area in areas.geometry
    ]


def _ward_factor(rng: Generator, wards: gpd.GeoDataFrame) -> Weights:
    spread = np.exp(rng.normal(0, WARD_SPREAD, len(wards)))
    return np.asarray(spread * np.where(wards["priority"], PRIORITY_FACTOR, 1.0))


def _by(values: NDArray[Any], weights: Mapping[str, float]) -> Weights:
    known, code = np.unique(values.astype(str), return_inverse=True)
    return np.array([weights.get(name, 0.0) for name in known])[code]


def _on_main_roads(places: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> Weights:
    """Country roads are long and empty: they count a tenth."""
    main = streets.index[streets["road_class"].isin(["main", "ring"])]
    on_main = places["street_id"].isin(main).to_numpy()
    near = from_centre(places) < 4_500
    return np.where(on_main, np.where(near, 1.0, 0.1), 0.0)


def _in_all(doors: Doors, areas: gpd.GeoDataFrame, weight: Weights) -> Weights:
    return weight * (area_of_doors(doors, areas) >= 0)


def _in_each(doors: Doors, areas: gpd.GeoDataFrame, weight: Weights) -> Weights:
    """Each area gets its own intensity, spread evenly over its doors."""
    result = np.zeros(len(doors.x))
    for shape, intensity in zip(areas.geometry, areas["intensity"], strict=True):
        inside = doors.within(shape) * weight
        if inside.sum() > 0:
            result += intensity * inside / inside.sum()
    return result
