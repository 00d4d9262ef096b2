"""The town without its incidents: everything that depends on the layout number alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.random import SeedSequence
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.demo.town import town_zones as zone
from hotspots.demo.town.drawing import CHAIN_RADIUS_M, TownGround
from hotspots.demo.town.planted import Planted, plant
from hotspots.demo.town.town_places import (
    DOORS,
    TOWN_NAME,
    Doors,
    area_of_doors,
    build_doors,
    build_layers,
    build_places,
    doors_in_rings,
    from_centre,
)
from hotspots.demo.town.town_plan import Plan, lay_out, to_grid
from hotspots.demo.town.town_streets import build_streets
from hotspots.demo.town.town_zones import build_wards

RING_M = 250.0


@dataclass(frozen=True)
class Layout:
    """Ground plan, zones and planted truth of one layout number."""

    plan: Plan
    district: gpd.GeoDataFrame
    wards: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    land_use: gpd.GeoDataFrame
    night_time_economy: gpd.GeoDataFrame
    student_area: gpd.GeoDataFrame
    crawl_route: gpd.GeoDataFrame
    crawl_corridor: gpd.GeoDataFrame
    car_meet_sites: gpd.GeoDataFrame
    off_road_sites: gpd.GeoDataFrame
    protect: zone.ProtectTables
    planted: Planted
    ground: TownGround
    hotspot_of_door: dict[str, tuple[list[str], NDArray[np.intp]]]


@lru_cache(maxsize=4)
def build_layout(number: int) -> Layout:
    """Build a layout; the same number gives the same town, to the byte."""
    rngs = [np.random.default_rng(s) for s in SeedSequence([number, 0x5A17]).spawn(8)]
    plan = lay_out(rngs[0])
    streets = build_streets(rngs[1], plan)
    wards, ward_of_block = build_wards(rngs[2], plan)
    places = build_places(rngs[3], plan, streets, ward_of_block)
    doors = build_doors(rngs[4], places, streets)
    night, students = zone.night_time_economy(plan), zone.student_area(plan)
    route, corridor = zone.crawl(streets, students)
    meets, open_land = zone.car_meets(places), zone.off_road(plan)
    after_dark, lived_in = night.geometry.iloc[0], students.geometry.iloc[0]
    grounds = (after_dark, lived_in, [meets, open_land])
    planted = plant(rngs[5], plan, streets, places, wards, ward_of_block, *grounds)
    shapes = {
        "streets": streets,
        "night": after_dark,
        "students": lived_in,
        "corridor": corridor.geometry.iloc[0],
    }
    layers = build_layers(rngs[6], places, doors, wards, planted, shapes)
    return Layout(
        plan=plan,
        district=zone.as_zones("district", [TOWN_NAME], [to_grid(plan.district)]),
        wards=_as_zones(wards),
        streets=streets,
        places=places,
        water=_water(plan),
        land_use=_land_use(plan),
        night_time_economy=night,
        student_area=students,
        crawl_route=route,
        crawl_corridor=corridor,
        car_meet_sites=meets,
        off_road_sites=open_land,
        protect=zone.protect(rngs[7], places),
        planted=planted,
        ground=_ground(layers, doors, places, wards, planted),
        hotspot_of_door=_hotspot_of_door(doors, planted),
    )


def _hotspot_of_door(doors: Doors, planted: Planted) -> dict[str, Any]:
    """For each kind of planted hotspot its names, and which of them every door stands in."""
    kinds = {
        "patrol": planted.patrol_areas,
        "asb": planted.asb,
        "vehicle": planted.vehicle_nuisance,
    }
    return {
        name: (areas.index.tolist(), area_of_doors(doors, areas)) for name, areas in kinds.items()
    }


def _ground(
    layers: dict[str, NDArray[np.float64]],
    doors: Doors,
    places: gpd.GeoDataFrame,
    wards: gpd.GeoDataFrame,
    planted: Planted,
) -> TownGround:
    from scipy.spatial import cKDTree

    xy = shapely.get_coordinates(places.geometry.to_numpy())
    quiet = places["character"].eq("suburb").to_numpy() & (from_centre(places) > 3_000)
    hot = [planted.patrol_areas, planted.near_misses, planted.asb, planted.vehicle_nuisance]
    around = shapely.buffer(np.concatenate([areas.geometry.to_numpy() for areas in hot]), 400)
    busy = shapely.intersects_xy(shapely.union_all(around), *xy.T)
    return TownGround(
        doors=doors,
        layers=layers,
        ward_of_door=places["ward"].to_numpy()[doors.place],
        wards=len(wards),
        treated_of_door=area_of_doors(doors, planted.patrol_areas),
        ring_doors=doors_in_rings(doors, planted.patrol_areas, RING_M),
        near_places=cKDTree(xy).query_ball_point(xy, CHAIN_RADIUS_M).tolist(),
        homicide_door=int(np.flatnonzero(quiet & ~busy)[40]) * DOORS + 3,
    )


def _as_zones(wards: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return zone.as_zones(
        "ward",
        wards["zone_name"].tolist(),
        wards.geometry.to_numpy(),
        priority=wards["priority"].to_numpy(),
        population=wards["population"].to_numpy(),
    )


def _water(plan: Plan) -> gpd.GeoDataFrame:
    river = shapely.intersection(to_grid(plan.river), to_grid(plan.district))
    return gpd.GeoDataFrame(
        {"water_name": ["River Merrow"]}, geometry=[river], crs=BRITISH_NATIONAL_GRID
    )


def _land_use(plan: Plan) -> gpd.GeoDataFrame:
    blocks: Any = to_grid(plan.blocks)
    return gpd.GeoDataFrame(
        {"character": plan.kinds.astype(object)}, geometry=blocks, crs=BRITISH_NATIONAL_GRID
    )
