"""Zones of the town: wards, orders, nights out, students, the pub crawl, vehicles, Protect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray
from shapely.ops import substring

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.record import PROTECT
from hotspots.demo.town import SALTMERE
from hotspots.demo.town.town_places import far_apart, from_centre
from hotspots.demo.town.town_plan import CENTRE_EASTING, CENTRE_NORTHING, Plan, ids, to_grid

NIGHT_TIME_RADIUS_M = 470.0
CORRIDOR_WIDTH_M = 120.0
PROTECT_ZONES = tuple(f"Protect zone {letter}" for letter in "ABCDEFGHI")
TRAUMA_PACKS = 34
SITE_USES = ("hall", "theatre", "shop", "bar", "hotel", "place of worship", "station", "school")
ALWAYS_STANDARD = ("place of worship", "school")


@dataclass(frozen=True)
class ProtectTables:
    """The Protect product, kept apart from everything else.

    Every table has ``kind`` "protect", by which all other products know and refuse it.

    Attributes
    ----------
    zones : GeoDataFrame
        Nine zones.
    sites : GeoDataFrame
        Premises with ``capacity`` and ``tier``; partnership examples, not premises under the Act.
    trauma_packs : GeoDataFrame
        34 points.
    """

    zones: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    trauma_packs: gpd.GeoDataFrame

    def __repr__(self) -> str:
        return "ProtectTables(nine zones; not shown)"


def as_zones(kind: str, names: list[str], shapes: Any, **columns: Any) -> gpd.GeoDataFrame:
    """A zones table in which everything is known and nothing has dates, unless given."""
    frame: dict[str, Any] = {
        "zone_name": names,
        "kind": kind,
        "valid_from": None,
        "valid_until": None,
        "status": None,
        "approximate": False,
    }
    stem = kind.replace("_", "-")
    return gpd.GeoDataFrame(
        pd.DataFrame(frame | columns, index=ids("zone_id", stem, len(names))),
        geometry=np.asarray(shapes, dtype=object),
        crs=BRITISH_NATIONAL_GRID,
    )


def night_time_economy(plan: Plan) -> gpd.GeoDataFrame:
    """The streets of bars and clubs in the centre."""
    heart = shapely.union_all(to_grid(plan.blocks[plan.kinds == "centre"]))
    reach = shapely.buffer(_spot(60, -60), NIGHT_TIME_RADIUS_M)
    shape = shapely.intersection(heart, reach)
    return as_zones("night_time_economy", ["Night-time economy"], [shape])


def student_area(plan: Plan) -> gpd.GeoDataFrame:
    """The campus and the terraces around it."""
    campus = np.flatnonzero(plan.kinds == "campus")
    away = shapely.distance(plan.blocks, shapely.union_all(plan.blocks[campus]))
    away[~np.isin(plan.kinds, ["terrace", "campus"])] = np.inf
    chosen = np.argsort(away, kind="stable")[:7]
    return as_zones(
        "student_area", ["Student area"], [shapely.union_all(to_grid(plan.blocks[chosen]))]
    )


def crawl(streets: gpd.GeoDataFrame, students: gpd.GeoDataFrame) -> tuple[Any, Any]:
    """The pub crawl: its route along the main road past the students, and its corridor."""
    main = streets[streets["road_class"] == "main"]
    road = main.iloc[int(main.distance(students.geometry.iloc[0].centroid).argmin())]
    line = road.geometry
    if shapely.distance(shapely.get_point(line, 0), _spot(0, 0)) > 800:
        line = shapely.reverse(line)
    route = substring(line, 0, 2_600)
    lines = gpd.GeoDataFrame(
        {"route_name": ["The Eleven Lanterns"], "along": [road["street_name"]], "stops": [11]},
        geometry=[shapely.transform(route, lambda xy: np.round(xy, 2))],
        crs=BRITISH_NATIONAL_GRID,
        index=pd.Index(["route-1"], name="route_id"),
    )
    shape = shapely.buffer(lines.geometry.iloc[0], CORRIDOR_WIDTH_M / 2, cap_style="flat")
    return lines, as_zones("crawl_corridor", ["Eleven Lanterns corridor"], [shape])


def car_meets(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Four large car parks away from the centre."""
    parking = places[places["place_kind"].eq("Parking Area") & (from_centre(places) > 1_200)]
    points = parking.geometry.to_numpy()
    chosen = far_apart(shapely.get_coordinates(points), np.arange(len(points)), 4, 900)
    shapes = shapely.buffer(points[chosen], 80)
    names = [f"{name} retail park" for name in ("Kiln Lane", "Oxmarsh", "Ferrand", "Beacon")]
    return as_zones("car_meet_site", names[: len(chosen)], shapes)


def off_road(plan: Plan) -> gpd.GeoDataFrame:
    """Four open spaces where motorcycles and quads are ridden."""
    parks = plan.blocks[plan.kinds == "park"]
    away = shapely.distance(shapely.centroid(parks), shapely.points(0, 0))
    order = np.argsort(-away, kind="stable")[:4]
    shapes = shapely.buffer(shapely.point_on_surface(to_grid(parks[order])), 170)
    shapes = shapely.intersection(shapes, to_grid(parks[order]))
    names = ["Foxholes Common", "Ember Park", "Saltings Bank", "Old Claypit"]
    return as_zones("off_road_site", names[: len(shapes)], shapes)


def pspo(
    district: Any, plan: Plan, students: gpd.GeoDataFrame, start: pd.Timestamp, end: pd.Timestamp
) -> gpd.GeoDataFrame:
    """Three orders: one for the whole district, one lapsed, one that begins within the data."""
    heart = shapely.union_all(to_grid(plan.blocks[plan.kinds == "centre"]))
    months = (end.year - start.year) * 12 + end.month - start.month
    begun = [start, start - pd.DateOffset(months=30), start + pd.DateOffset(months=months // 2)]
    until = [day + pd.DateOffset(years=3) - pd.Timedelta(days=1) for day in begun]
    return as_zones(
        "pspo",
        ["Vehicle nuisance PSPO (whole district)", "Town centre PSPO", "Student area PSPO"],
        [district, heart, students.geometry.iloc[0]],
        valid_from=[day.date() for day in begun],
        valid_until=[day.date() for day in until],
        status=["renewal unknown" if day < end else "in force" for day in until],
        prohibits=[
            "gathering and racing of motor vehicles",
            "street drinking; begging; refusing to leave",
            "groups causing nuisance; noise at night; street drinking",
        ],
    )


def protect(rng: Generator, places: gpd.GeoDataFrame) -> ProtectTables:
    """Nine zones with sites and trauma packs."""
    x = places.geometry.x.to_numpy() - CENTRE_EASTING
    y = places.geometry.y.to_numpy() - CENTRE_NORTHING
    campus = places["character"].eq("campus").to_numpy()
    hospital = places["place_kind"].eq("Hospital").to_numpy()
    wanted = [(60, 40), (-190, 160), (230, -190), (-120, -260), (150, 260)]
    spots = [int(np.hypot(x - east, y - north).argmin()) for east, north in wanted]
    spots += [int(np.flatnonzero(campus)[0]), int(np.flatnonzero(hospital)[0])]
    spots += [
        int(np.hypot(x - 3_300, y + 250).argmin()),
        int(np.hypot(x + 400, y + 2_900).argmin()),
    ]
    centres = places.geometry.to_numpy()[spots]
    shapes = shapely.buffer(centres, rng.uniform(85, 130, len(spots)), quad_segs=6)
    zones = as_zones(PROTECT, list(PROTECT_ZONES), shapes)
    owner, sites = _sites(rng, centres)
    extra = TRAUMA_PACKS - len(spots)
    chosen = np.concatenate(
        [
            np.unique(owner, return_index=True)[1],
            rng.choice(np.flatnonzero(np.diff(owner, prepend=-1) == 0), extra, replace=False),
        ]
    )
    packs = gpd.GeoDataFrame(
        {"kind": PROTECT, "zone_id": zones.index[owner[chosen]], "site_id": sites.index[chosen]},
        geometry=sites.geometry.to_numpy()[chosen],
        crs=BRITISH_NATIONAL_GRID,
        index=ids("pack_id", "pack", TRAUMA_PACKS),
    )
    sites.insert(0, "zone_id", zones.index[owner])
    return ProtectTables(zones, sites, packs)


def _sites(rng: Generator, centres: Any) -> tuple[Any, gpd.GeoDataFrame]:
    number = rng.integers(5, 11, len(centres))
    owner = np.repeat(np.arange(len(centres)), number)
    capacity = (np.exp(rng.normal(6.1, 0.9, len(owner))) // 10 * 10).astype(int)
    use = rng.choice(SITE_USES, len(owner))
    tier = np.select([capacity < 200, capacity < 800], ["below threshold", "standard"], "enhanced")
    tier[np.isin(use, ALWAYS_STANDARD) & (tier == "enhanced")] = "standard"
    turn, reach = rng.uniform(0, 2 * np.pi, len(owner)), rng.uniform(5, 75, len(owner))
    x = np.round(shapely.get_x(centres)[owner] + reach * np.cos(turn), 1)
    y = np.round(shapely.get_y(centres)[owner] + reach * np.sin(turn), 1)
    sites = gpd.GeoDataFrame(
        {
            "kind": PROTECT,
            "site_name": [f"Protect site {i + 1} ({name})" for i, name in enumerate(use)],
            "use": use,
            "capacity": capacity,
            "tier": tier,
        },
        geometry=shapely.points(x, y),
        crs=BRITISH_NATIONAL_GRID,
        index=ids("site_id", "site", len(owner)),
    )
    return owner, sites


def _spot(east: float, north: float) -> Any:
    return shapely.points(CENTRE_EASTING + east, CENTRE_NORTHING + north)


WARD_NAMES = SALTMERE["names"]["wards"]
WARDS = len(WARD_NAMES)
PRIORITY_WARDS = 6


def build_wards(rng: Generator, plan: Plan) -> tuple[gpd.GeoDataFrame, NDArray[np.intp]]:
    """Wards with ``priority`` and ``population``, and the ward of each block, by position."""
    residents = np.array([SALTMERE["residents_per_km2"][kind] for kind in plan.kinds])
    residents = residents * shapely.area(plan.blocks) / 1e6
    ward_of = _gather(rng, plan, residents)
    heart = plan.kinds == "centre"
    ward_of[heart] = np.bincount(ward_of[heart]).argmax()
    ward_of = _contiguous(plan, ward_of)
    shapes = [
        shapely.remove_repeated_points(shapely.union_all(plan.blocks[ward_of == ward]), 0.005)
        for ward in range(WARDS)
    ]
    population = np.bincount(ward_of, weights=residents, minlength=WARDS)
    order = np.argsort(_from_centre(plan, ward_of), kind="stable")  # outwards
    renumber = np.empty(WARDS, dtype=np.intp)
    renumber[order] = np.arange(WARDS)
    wards = gpd.GeoDataFrame(
        {
            "zone_name": WARD_NAMES,
            "kind": "ward",
            "priority": _priority(plan, ward_of)[order],
            "population": (np.round(population[order] / 10) * 10).astype(int),
        },
        geometry=to_grid(np.array(shapes, dtype=object)[order]),
        crs=BRITISH_NATIONAL_GRID,
        index=ids("zone_id", "ward", WARDS),
    )
    return wards, renumber[ward_of]


def _gather(rng: Generator, plan: Plan, residents: NDArray[np.float64]) -> NDArray[np.intp]:
    """Weighted means of blocks: the relaxed cells of Lloyd's method."""
    weight = residents + 120.0
    town = np.flatnonzero(residents > 300)
    chosen = rng.choice(town, WARDS, replace=False, p=weight[town] / weight[town].sum())
    means = plan.centres[chosen]
    ward_of = np.zeros(len(plan.centres), dtype=np.intp)
    for _ in range(40):
        away = np.hypot(*(plan.centres[:, None] - means[None]).transpose(2, 0, 1))
        ward_of = away.argmin(axis=1)
        means = _means(plan, ward_of, weight)
    return ward_of


def _contiguous(plan: Plan, ward_of: NDArray[np.intp]) -> NDArray[np.intp]:
    """Hand blocks that are cut off from their ward to the neighbour with the longest border."""
    ward_of = ward_of.copy()
    tree = shapely.STRtree(plan.blocks)
    one, other = tree.query(plan.blocks, predicate="touches")
    shared = shapely.length(shapely.intersection(plan.blocks[one], plan.blocks[other]))
    one, other, shared = one[shared > 1], other[shared > 1], shared[shared > 1]
    for _ in range(6):
        cut_off = _cut_off(plan, ward_of)
        if len(cut_off) == 0:
            break
        for block in cut_off:
            mine = one == block
            borders = np.bincount(ward_of[other[mine]], weights=shared[mine], minlength=WARDS)
            borders[ward_of[block]] = 0
            if borders.max() > 0:
                ward_of[block] = borders.argmax()
    return ward_of


def _cut_off(plan: Plan, ward_of: NDArray[np.intp]) -> list[int]:
    found: list[int] = []
    for ward in range(WARDS):
        mine = np.flatnonzero(ward_of == ward)
        parts = shapely.get_parts(shapely.union_all(plan.blocks[mine]))
        if len(parts) > 1:
            largest = parts[shapely.area(parts).argmax()]
            away = ~shapely.covers(
                shapely.buffer(largest, 0.05), shapely.point_on_surface(plan.blocks[mine])
            )
            found.extend(mine[away].tolist())
    return found


def _priority(plan: Plan, ward_of: NDArray[np.intp]) -> NDArray[np.bool_]:
    """The wards with the largest share of terraces, estates and works."""
    poor = np.isin(plan.kinds, ["terrace", "estate", "industrial"]) * shapely.area(plan.blocks)
    built = ~np.isin(plan.kinds, ["rural", "park"]) * shapely.area(plan.blocks)
    share = np.bincount(ward_of, weights=poor, minlength=WARDS) / np.bincount(
        ward_of, weights=built + 1.0, minlength=WARDS
    )
    away = _from_centre(plan, ward_of)
    share -= away / 5_000
    share[away.argmin()] = -np.inf
    flags = np.zeros(WARDS, dtype=bool)
    flags[np.argsort(-share, kind="stable")[:PRIORITY_WARDS]] = True
    return flags


def _means(plan: Plan, ward_of: NDArray[np.intp], weight: NDArray[np.float64]) -> Any:
    total = np.bincount(ward_of, weights=weight, minlength=WARDS)
    sums = [np.bincount(ward_of, weight * along, WARDS) for along in plan.centres.T]
    return np.column_stack([each / np.maximum(total, 1e-9) for each in sums])


def _from_centre(plan: Plan, ward_of: NDArray[np.intp]) -> Any:
    """How far the built-up part of each ward is from the centre."""
    weight = np.where(plan.kinds == "rural", 1.0, 50.0)
    return np.hypot(*_means(plan, ward_of, weight).T)
