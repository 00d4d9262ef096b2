"""What is planted: hotspots of each theme, patrol areas, the Clear-Hold-Build case, decoys.

Everything here is ground truth: it depends on the plan alone, never on the incidents drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from dateutil.easter import easter  # type: ignore[import-untyped]
from numpy.random import Generator
from numpy.typing import NDArray
from shapely import LineString

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.demo.town import SALTMERE
from hotspots.demo.town.town_places import IN_NIGHT_TIME_ECONOMY, far_apart, from_centre
from hotspots.demo.town.town_plan import Plan, ids, to_grid

PATROL_AREAS = 22
NEAR_MISSES = 8
PATROL_RADIUS_M = 150.0
ROADSIDE_M = 58.0
PATROL_SEPARATION_M = 560.0
IN_CLEAR_HOLD_BUILD = 2
ASB_HOTSPOTS = 12
ASB_RADIUS_M = 125.0
CANDIDATE_AREAS = 6
LARGEST_BLOCK_M2 = 700_000.0


@dataclass(frozen=True)
class Planted:
    """Polygons of the truth."""

    patrol_areas: gpd.GeoDataFrame
    near_misses: gpd.GeoDataFrame
    asb: gpd.GeoDataFrame
    vehicle_nuisance: gpd.GeoDataFrame
    screening_areas: gpd.GeoDataFrame


def plant(
    rng: Generator,
    plan: Plan,
    streets: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    wards: gpd.GeoDataFrame,
    ward_of_block: NDArray[np.intp],
    night: Any,
    students: Any,
    vehicle_sites: list[gpd.GeoDataFrame],
) -> Planted:
    """Choose places for everything that is planted."""
    screening = _screening_areas(plan, streets, wards, ward_of_block, night)
    patrol, misses = _patrol_areas(rng, streets, places, screening)
    return Planted(
        patrol,
        misses,
        _asb_hotspots(rng, places, students, streets),
        _vehicle_hotspots(streets, vehicle_sites),
        screening,
    )


def _screening_areas(
    plan: Plan,
    streets: gpd.GeoDataFrame,
    wards: gpd.GeoDataFrame,
    ward_of_block: NDArray[np.intp],
    night: Any,
) -> gpd.GeoDataFrame:
    """Neighbourhoods of two blocks: the planted one in a priority ward, six others, the centre."""
    away = np.hypot(*plan.centres.T)
    priority = wards["priority"].to_numpy()[ward_of_block]
    homes = np.isin(plan.kinds, ["terrace", "estate"]) & (away > 900) & (away < 3_600)
    homes &= shapely.area(plan.blocks) < LARGEST_BLOCK_M2
    first = np.flatnonzero(homes & priority & (plan.kinds == "terrace"))
    seeds = np.concatenate([first[np.argsort(np.abs(away[first] - 1_700))], np.flatnonzero(homes)])
    taken: list[int] = []
    shapes: list[Any] = []
    for seed in seeds:
        apart = [np.hypot(*(plan.centres[seed] - plan.centres[other])) > 1_050 for other in taken]
        if len(shapes) <= CANDIDATE_AREAS and all(apart):
            pair = [seed, _neighbour(plan, int(seed), homes)]
            shapes.append(shapely.union_all(to_grid(plan.blocks[pair])))
            taken.append(int(seed))
    clear = [shapely.difference(shape, shapely.buffer(night, 60)) for shape in shapes]
    names = _street_names(streets, np.array(clear, dtype=object))
    return gpd.GeoDataFrame(
        {
            "area_name": [*names, "Night-time economy"],
            "role": ["clear_hold_build", *["candidate"] * (len(shapes) - 1), "night_time_economy"],
        },
        geometry=np.array([*clear, night], dtype=object),
        crs=BRITISH_NATIONAL_GRID,
        index=ids("hotspot_id", "screening", len(shapes) + 1),
    )


def _neighbour(plan: Plan, block: int, homes: NDArray[np.bool_]) -> int:
    """The residential neighbour with the longest shared border."""
    shared = shapely.length(shapely.intersection(plan.blocks, plan.blocks[block]))
    shared[block] = 0
    shared[~homes] = 0
    return int(shared.argmax())


def _patrol_areas(
    rng: Generator, streets: gpd.GeoDataFrame, places: gpd.GeoDataFrame, screening: gpd.GeoDataFrame
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Small dense areas far enough from one another: 3 in the centre, 2 in the planted case."""
    points = places.geometry.to_numpy()
    xy = shapely.get_coordinates(points)
    dense = _dense(places, xy)
    roles = screening["role"].to_numpy()
    reserved = shapely.union_all(shapely.buffer(screening.geometry.to_numpy(), 170))
    night = screening.geometry.to_numpy()[roles == "night_time_economy"][0]
    case = screening.geometry.to_numpy()[roles == "clear_hold_build"][0]
    order = rng.permutation(np.flatnonzero(dense))
    chosen: list[int] = []
    for shape, number in ((night, IN_NIGHT_TIME_ECONOMY), (case, IN_CLEAR_HOLD_BUILD)):
        inner = shapely.buffer(shape, -115)
        chosen += _farthest(xy, order[shapely.contains_xy(inner, *xy[order].T)], number)
    outside = order[~shapely.contains_xy(reserved, *xy[order].T)]
    wanted = PATROL_AREAS + NEAR_MISSES
    chosen = far_apart(xy, outside, wanted, PATROL_SEPARATION_M, chosen)
    shapes = _around(streets, points[chosen], PATROL_RADIUS_M)
    weight = np.concatenate([np.geomspace(1.5, 0.75, PATROL_AREAS), np.full(NEAR_MISSES, 0.3)])
    weight[:5] = (1.4, 1.2, 1.1, 1.15, 1.05)
    frame = gpd.GeoDataFrame(
        {"area_name": _street_names(streets, shapes), "intensity": np.round(weight, 4)},
        geometry=shapes,
        crs=BRITISH_NATIONAL_GRID,
    )
    patrol, misses = frame.iloc[:PATROL_AREAS], frame.iloc[PATROL_AREAS:]
    return (
        patrol.set_index(ids("hotspot_id", "patrol", len(patrol))),
        misses.set_index(ids("hotspot_id", "near-miss", len(misses))),
    )


def _dense(places: gpd.GeoDataFrame, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Points in the middle of closely built streets."""
    from scipy.spatial import cKDTree

    street = places["place_kind"].eq("street").to_numpy()
    built = places["character"].isin(["centre", "terrace", "estate"]).to_numpy()
    dense = np.asarray(street & built & (from_centre(places) < 3_900))
    tree = cKDTree(xy[street])
    dense[dense] = tree.query_ball_point(xy[dense], PATROL_RADIUS_M, return_length=True) >= 15
    return dense


def _farthest(xy: NDArray[np.float64], candidates: NDArray[np.intp], number: int) -> list[int]:
    """Candidates as far from one another as can be, one after the other."""
    middle = xy[candidates].mean(axis=0)
    kept = [int(candidates[np.hypot(*(xy[candidates] - middle).T).argmax()])]
    while len(kept) < number:
        gaps = np.hypot(*(xy[candidates][:, None] - xy[kept][None]).transpose(2, 0, 1))
        kept.append(int(candidates[gaps.min(axis=1).argmax()]))
    return kept


def _around(
    streets: gpd.GeoDataFrame, points: NDArray[np.object_], radius_m: float
) -> NDArray[np.object_]:
    """The streets within a radius and the ground on both sides of them, without holes."""
    lines, shapes = streets.geometry.to_numpy(), []
    tree = shapely.STRtree(lines)
    for circle in shapely.buffer(points, radius_m):
        near = lines[tree.query(circle, predicate="intersects")]
        ground = shapely.intersection(shapely.union_all(shapely.buffer(near, ROADSIDE_M)), circle)
        parts = shapely.get_parts(ground)
        largest = parts[shapely.area(parts).argmax()]
        shapes.append(shapely.polygons(shapely.get_exterior_ring(largest)))
    whole = np.array(shapes, dtype=object)
    return np.asarray(shapely.transform(shapely.simplify(whole, 2.0), lambda xy: np.round(xy, 1)))


def _street_names(streets: gpd.GeoDataFrame, shapes: NDArray[np.object_]) -> list[str]:
    """The two longest streets of each area."""
    lines, called = streets.geometry.to_numpy(), streets["street_name"].to_numpy()
    tree, names = shapely.STRtree(lines), []
    for shape in shapes:
        near = np.sort(tree.query(shape, predicate="intersects"))
        inside = shapely.length(shapely.intersection(lines[near], shape))
        known, code = np.unique(called[near].astype(str), return_inverse=True)
        longest = np.argsort(-np.bincount(code, inside), kind="stable")[:2]
        names.append(" / ".join(known[longest]))
    return names


def _asb_hotspots(
    rng: Generator, places: gpd.GeoDataFrame, students: Any, streets: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Three in the centre, two among students, the rest where families live."""
    points = places.geometry.to_numpy()
    xy = shapely.get_coordinates(points)
    away = from_centre(places)
    kind = places["character"].to_numpy()
    street = places["place_kind"].eq("street").to_numpy()
    order = rng.permutation(np.flatnonzero(street))
    among = shapely.contains_xy(students, *xy[order].T)
    chosen = far_apart(xy, order[(kind[order] == "centre") & (away[order] < 450)], 3, 320)
    chosen = far_apart(xy, order[among & (kind[order] == "terrace")], 5, 600, chosen)
    homes = np.isin(kind[order], ["estate", "terrace", "suburb"]) & (away[order] < 4_200) & ~among
    chosen = far_apart(xy, order[homes], ASB_HOTSPOTS, 900, chosen)
    shapes = _around(streets, points[chosen], ASB_RADIUS_M)
    return gpd.GeoDataFrame(
        {
            "area_name": _street_names(streets, shapes),
            "intensity": np.round(np.geomspace(2.0, 0.6, len(chosen)), 4),
        },
        geometry=shapes,
        crs=BRITISH_NATIONAL_GRID,
        index=ids("hotspot_id", "asb", len(chosen)),
    )


def _vehicle_hotspots(streets: gpd.GeoDataFrame, sites: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Car meets, off-road sites and three stretches of road."""
    from shapely.ops import substring

    roads = streets[streets["road_class"].eq("main")].iloc[:3]
    lines = [line for line in roads.geometry if isinstance(line, LineString)]
    stretches = [substring(line, 2_300 + 300 * i, 3_100 + 300 * i) for i, line in enumerate(lines)]
    places = pd.concat(sites)
    return gpd.GeoDataFrame(
        {
            "area_name": [*places["zone_name"], *roads["street_name"]],
            "site_kind": [*places["kind"], *["road"] * len(roads)],
            "intensity": [*[1.4] * len(places), *[1.0] * len(roads)],
        },
        geometry=np.array([*places.geometry, *shapely.buffer(stretches, 30)], dtype=object),
        crs=BRITISH_NATIONAL_GRID,
        index=ids("hotspot_id", "vehicle", len(places) + len(roads)),
    )


def hour_of_week(name: str) -> NDArray[np.float64]:
    """Share of each hour within its day, and weight of each day: 7 rows of 24, Monday first."""
    week_of = SALTMERE["weeks"][name]
    hours = np.arange(24) + 0.5
    week: NDArray[np.float64] = np.full((7, 24), week_of["floor"])
    for days, middle, width, weight in week_of["bumps"]:
        gap = (hours - middle + 12) % 24 - 12
        week[days] += weight * np.exp(-0.5 * (gap / width) ** 2)
    week /= week.sum()
    return week


def day_weights(name: str, days: pd.DatetimeIndex, free: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Weight of each day of the period by month of the year, school holiday and bonfire night."""
    weight = np.asarray(SALTMERE["years"][name])[days.month.to_numpy() - 1]
    weight = weight * np.where(free, SALTMERE["holiday_factor"].get(name, 1.0), 1.0)
    if name == "fires":
        bonfire = (days.month == 11) & (days.day >= 3) & (days.day <= 6)
        weight = weight * np.where(bonfire, 5.0, 1.0)
    return np.asarray(weight, dtype=float)


def in_holiday(days: pd.DatetimeIndex, calendar: pd.DataFrame) -> NDArray[np.bool_]:
    """Which days are school holidays."""
    free = np.zeros(len(days), dtype=bool)
    holidays = calendar[calendar["kind"] == "holiday"]
    for first, last in zip(holidays["first_day"], holidays["last_day"], strict=True):
        free |= (days >= pd.Timestamp(first)) & (days <= pd.Timestamp(last))
    return free


def schools_calendar(first_year: int, last_year: int) -> pd.DataFrame:
    """Terms and holidays of the school years that begin in these years, as a town might set them.

    Examples
    --------
    >>> schools_calendar(2023, 2023)[["name", "first_day"]].iloc[0].tolist()
    ['Autumn term 2023, first half', datetime.date(2023, 9, 5)]
    """
    rows: list[tuple[str, str, pd.Timestamp, pd.Timestamp]] = []
    for year in range(first_year, last_year + 1):
        rows += _school_year(year)
    frame = pd.DataFrame(rows, columns=["name", "kind", "first_day", "last_day"])
    for column in ("first_day", "last_day"):
        frame[column] = frame[column].dt.date
    frame.index = pd.Index(
        [f"school-{i:03d}" for i in range(1, len(frame) + 1)], name="calendar_id"
    )
    return frame


def _school_year(year: int) -> list[tuple[str, str, pd.Timestamp, pd.Timestamp]]:
    """Each term and the holiday after it, which begins on a Monday; the summer's on a Tuesday."""
    day, after = pd.Timedelta(days=1), year + 1
    holidays = [
        (name, _monday(on), _monday(on) + days * day)
        for name, on, days in (
            ("Autumn half-term", f"{year}-10-24", 6),
            ("Christmas", f"{year}-12-19", 13),
            ("Spring half-term", f"{after}-02-12", 6),
            ("Easter", str(easter(after) - timedelta(days=6)), 13),
            ("Whitsun", f"{after}-05-25", 6),
        )
    ]
    holidays.append(("Summer", _monday(f"{after}-07-22") + day, _monday(f"{after}-09-01")))
    years = (("Autumn", year), ("Spring", after), ("Summer", after))
    terms = [f"{one} term {of}, {half} half" for one, of in years for half in ("first", "second")]
    start, rows = _monday(f"{year}-09-01") + day, []
    for (name, first, last), term in zip(holidays, terms, strict=True):
        rows.append((term, "term", start, first - day))
        rows.append((f"{name} holiday {first.year}", "holiday", first, last))
        start = last + day
    return rows


def _monday(text: str) -> pd.Timestamp:
    """The Monday on or after a day."""
    day = pd.Timestamp(text)
    return day + pd.Timedelta(days=(7 - day.day_of_week) % 7)
