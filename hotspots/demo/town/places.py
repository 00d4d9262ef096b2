"""Where things can happen: map points along streets, special places, and the doors around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.demo.town.plan import CENTRE_EASTING, CENTRE_NORTHING, Plan, to_grid

DOORS = 12
SPACING_M = {"local": 70.0, "collector": 75.0, "main": 80.0, "ring": 110.0, "lane": 210.0}
# Name, how many, characters of the blocks they stand in.
SPECIAL_PLACES = (
    ("Supermarket", 11, ("centre", "terrace", "suburb", "estate", "industrial")),
    ("Parking Area", 18, ("centre", "industrial", "suburb", "campus")),
    ("Shopping Area", 6, ("centre", "estate")),
    ("Nightclub", 9, ("centre",)),
    ("Petrol Station", 9, ("main", "suburb", "industrial")),
    ("Sports/Recreation Area", 10, ("suburb", "estate", "terrace")),
    ("Further/Higher Educational Building", 3, ("campus",)),
    ("Bus/Coach Station", 1, ("centre",)),
    ("Hospital", 2, ("terrace", "suburb")),
    ("Police Station", 2, ("centre", "estate")),
    ("Prison", 1, ("industrial",)),
)
PARK = "Park/Open Space"
INSTITUTIONS = ("Hospital", "Police Station", "Prison")


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
        across, up = (self.x >= west) & (self.x <= east), (self.y >= south) & (self.y <= north)
        found: NDArray[np.bool_] = across & up
        found[found] = shapely.intersects_xy(shape, self.x[found], self.y[found])
        return found


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
    spots = shapely.line_interpolate_point(lines[:, None], at)
    side = rng.choice([-1.0, 1.0], at.shape) * rng.uniform(6, 13, at.shape)
    turn = angle[on_street]
    door_x[on_street] = shapely.get_x(spots) + side * np.cos(turn)
    door_y[on_street] = shapely.get_y(spots) + side * np.sin(turn)
    share = rng.gamma(0.9, size=(count, DOORS)) + 0.02
    share[institution] = 1.0
    share /= share.sum(axis=1, keepdims=True)
    return Doors(
        np.round(door_x.ravel(), 1),
        np.round(door_y.ravel(), 1),
        np.repeat(np.arange(count), DOORS),
        share.ravel(),
    )


def from_centre(places: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Distance of each place from the town centre, in metres."""
    x, y = _xy(places.geometry)
    return np.asarray(np.hypot(x - CENTRE_EASTING, y - CENTRE_NORTHING))


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
    for name, number, characters in SPECIAL_PLACES:
        near = 1_700 if name in INSTITUTIONS else 9_000
        fits = along["character"].isin(characters).to_numpy() & (away < near)
        candidates = np.flatnonzero(fits)
        for row in rng.choice(candidates, number, replace=False):
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


TOWN_NAME = "Saltmere"
CENTRE_WARD = "Castle & Quayside"
WARD_NAMES = (
    "Northgate & Priory",
    "Tannery & Millbeck",
    "Cinder Hill",
    "Harbour & Ropewalk",
    "Abbey Fields",
    "Kiln Lane & Brickfields",
    "Gallows Hill",
    "Westmoor & Haxwell",
    "Larkrise",
    "Foxholes & Ember Park",
    "Saltings",
    "Thornwick & Ferrand",
    "Beacon Edge",
    "Oxmarsh & Southfleet",
    "Wold Villages",
)
VILLAGES = (
    "Haxwell",
    "Thornwick",
    "Ferrandby",
    "Oxmarsh",
    "Southfleet",
    "Emberley",
    "Larkholme",
    "Wolderby",
)
CENTRE_STREETS = (
    "High Street",
    "Market Place",
    "Castle Gate",
    "Fishergate",
    "Cornmarket",
    "Ropewalk",
    "Quayside",
    "Bridge Street",
    "Guildhall Street",
    "Saltergate",
    "Tanner Row",
    "Finkle Row",
    "Harbour Street",
    "Customs Lane",
    "Priory Gate",
    "Whitefriars",
    "Goose Lane",
    "Cooper Street",
    "Chandler Street",
    "Lantern Street",
    "Net Loft Lane",
    "Old Exchange",
    "Swan Yard",
    "Anchor Street",
)
SUFFIXES = {
    "centre": ("Street", "Lane", "Row", "Court", "Gate", "Passage", "Yard"),
    "terrace": (
        "Street",
        "Terrace",
        "Grove",
        "Mount",
        "View",
        "Place",
        "Avenue",
        "Road",
        "Crescent",
        "Row",
        "Parade",
    ),
    "suburb": ("Avenue", "Drive", "Road", "Gardens", "Way", "Rise", "Park", "Close", "Croft"),
    "estate": ("Crescent", "Walk", "Green", "Close", "Drive", "Approach", "Garth", "Court"),
    "industrial": ("Way", "Works Road", "Trading Estate", "Wharf Road", "Sidings"),
    "campus": ("Walk", "Quad", "College Lane", "Library Road", "Gardens"),
    "village": ("Lane", "Street", "Church Lane", "Green", "Croft", "Mill Lane", "Back Lane"),
    "park": ("Walk", "Path"),
    "rural": ("Lane", "Moor Lane", "Road", "Bank"),
}
_STEMS = (
    "Ash",
    "Beck",
    "Bram",
    "Cald",
    "Carl",
    "Dal",
    "Dun",
    "Elm",
    "Fen",
    "Gar",
    "Hal",
    "Haw",
    "Hol",
    "Ing",
    "Kel",
    "Lang",
    "Lin",
    "Mar",
    "Mel",
    "Nun",
    "Oak",
    "Pen",
    "Quarn",
    "Rad",
    "Raw",
    "Sand",
    "Sel",
    "Skel",
    "Stan",
    "Thorn",
    "Up",
    "Wal",
    "Wes",
    "Whit",
    "Wil",
    "Win",
    "Yar",
)
_ENDINGS = (
    "ford",
    "ley",
    "ton",
    "by",
    "wick",
    "worth",
    "field",
    "dale",
    "bourne",
    "croft",
    "holme",
    "stead",
)


def stems() -> Iterator[str]:
    """Made-up first halves of street names, each once, in an order that mixes them.

    Examples
    --------
    >>> names = stems()
    >>> next(names), next(names)
    ('Ashford', 'Beckley')
    """
    for word in ("", "Upper ", "Lower ", "Old ", "Great ", "Little "):
        for shift, index in product(range(len(_ENDINGS)), range(len(_STEMS))):
            yield word + _STEMS[index] + _ENDINGS[(index + shift) % len(_ENDINGS)]
