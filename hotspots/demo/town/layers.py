"""How busy every door is for every layer: the background of the town and what is planted on it.

The background is fitted to real Leeds (July 2016 and July 2017, all offence types, H3 resolution 9:
67.7 % of cells empty, skewness 16.4, the busiest 1 % of cells with 23 % of incidents): the spread
of the random factors and the pull of the centre were set so that a town with as many incidents a
cell looks as uneven. No place and no count of Leeds is copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from hotspots.demo.town.places import PARK, Doors, from_centre
from hotspots.demo.town.planted import IN_NIGHT_TIME_ECONOMY, Planted

Weights = NDArray[np.float64]

RESIDENTIAL = {
    "terrace": 1.4,
    "estate": 1.3,
    "suburb": 0.9,
    "centre": 0.8,
    "campus": 0.6,
    "village": 0.65,
    "industrial": 0.15,
    "rural": 0.45,
    "park": 0.0,
}
EVERYWHERE = {
    "terrace": 1.0,
    "estate": 0.9,
    "suburb": 0.75,
    "centre": 2.0,
    "campus": 1.2,
    "village": 0.65,
    "industrial": 0.8,
    "rural": 0.55,
    "park": 0.3,
}
PLACE_SPREAD = 0.55
WARD_SPREAD = 0.35
PRIORITY_FACTOR = 1.6
CENTRE_REACH_M = 190.0
RETAIL = {"Supermarket": 6.0, "Shopping Area": 8.0, "Petrol Station": 1.5}


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
        "residential": _by(character, RESIDENTIAL) * noise * ward * street,
        "everywhere": _by(character, EVERYWHERE) * other_noise * special,
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
