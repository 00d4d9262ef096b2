"""Results of every programme on small fixed inputs, and what each says, by a name of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from analysis_samples import Said, cells_of_wards, months_from, told, two_wards
from chain import asked, in_cells
from shapely.geometry import LineString, Point
from tables import BNG, ORIGIN, incidents_at, zone

import hotspots as hs
from hotspots.programmes.choice_sensitivity import choice_sensitivity
from hotspots.programmes.patrols.patrol_areas import Choice, PatrolAreas

PATROLS = {"count": 3, "min_incidents": 5, "near_misses": 2}


def programme_sentences() -> Said:
    """What every sample says, by the name of the sample."""
    yield from screens()
    yield from patrols()
    yield from wards()
    yield from orders()
    yield from terms()
    yield from protect()
    yield from times()
    yield from recurring()


def times() -> Said:
    """When and repeats, from tables made by hand: every part told, nothing found, no answer."""
    from hotspots.analysis.when.live import LiveList
    from hotspots.core.errors import Finding
    from hotspots.programmes.when import RepeatsAnswer, WhenAnswer

    asked = hs.select(case(), hs.Question(period="2018-07"))
    ends = {"ratio": [2.31, 25.0], "low": [1.7, 20.4], "high": [3.1, 31.0]}
    hours = {"day": ["Friday", "Sunday"], "from_hour": [22, 1], "until_hour": [2, 5]}
    zones = {"zone": ["everywhere", "Night"], "share": [0.31, 0.12]}
    windows = pd.DataFrame({**zones, **hours, **ends})
    days = pd.DataFrame({**zones, "day": ["Saturday", "Monday"], **ends, "p_value": [0.0005, 0.4]})
    months = pd.DataFrame(
        {"month": ["May", "June", "July"], "index": [1.3, 0.7, 1.0], "low": [1.1, 0.6, 0.9],
         "high": [1.5, 0.9, 1.1], "stands_out": ["high", "low", None],
         "odd_month": [None, "2024-06", None]}
    )  # fmt: skip
    events = pd.DataFrame(
        {"event": ["school holidays", "fair", "flood"], "ratio": [1.2, 1.1, float("nan")],
         "low": [1.02, 0.8, float("nan")], "high": [1.4, 1.5, float("nan")], "days": [90, 3, 2]}
    )  # fmt: skip
    why = (("hours", Finding("times-too-coarse", "hours need times to the hour.", "error")),)
    answer = WhenAnswer(asked, None, windows, days, months, events, (), 4, ("Night",))
    yield "when: every part", answer.to_sentence()
    quiet = months.assign(stands_out=None, odd_month=None)
    nothing = WhenAnswer(asked, None, windows.iloc[:0], None, quiet, None, why, 4)
    yield "when: nothing, and no answer", nothing.to_sentence()
    bands = [("0 to under 200 m", "0 to under 7 days"), ("200 to under 400 m", "0 to under 7 days")]
    table = pd.DataFrame(
        {"observed": [424, 80], "expected": [41.2, 60.0], "ratio": [10.3, 1.3],
         "p_value": [0.0005, 0.04], "beyond_chance": True},
        index=pd.MultiIndex.from_tuples(bands, names=["distance_band", "time_band"]),
    )  # fmt: skip
    chains = pd.DataFrame({"chain_id": ["a", "a", "b", "b", "b"], "chain_length": [2, 2, 3, 3, 3]})
    place = case().iloc[:1].assign(place_name="Mill Lane", area_km2=0.12)
    day = pd.Timestamp("2026-04-01").date()
    live = LiveList(place, day, 200.0, 7, 312, 797, 40.0, 0.005, 0.5)
    yield "repeats: chains", RepeatsAnswer(asked, table, chains, live).to_sentence()
    yield from timetables(asked)
    yield from watches()
    flat = table.assign(ratio=1.0, p_value=0.6, beyond_chance=False)
    empty = LiveList(place.iloc[:0], day, 200.0, 7, 0, 0, 0.0, 1.0, 0.0)
    yield "repeats: chance", RepeatsAnswer(asked, flat, chains.iloc[:0], empty).to_sentence()


def timetables(asked: Any) -> Said:
    """A timetable, one that has no room, and two shifts."""
    from hotspots.programmes.patrols.shifts import PatrolShifts
    from hotspots.programmes.patrols.timetable import Timetable

    stays = pd.DataFrame(
        {"area_id": ["a", "b"], "place_name": ["Mill Lane", None], "hour": [118, 60],
         "day": ["Friday", "Wednesday"], "from_hour": [22, 12], "until_hour": [2, 16],
         "visits": [2, 2], "share": [0.31, 0.12]}
    )  # fmt: skip
    plan = Timetable(stays, 15, 2, 2.0, 1.0, 0.43, 0.05, False)
    yield "timetable: two stays", plan.to_sentence()
    yield "timetable: no room", replace(plan, stays=stays.iloc[:0]).to_sentence()
    areas = gpd.GeoDataFrame({"status": ["selected"], "place_name": ["Mill Lane"]}, geometry=[None])
    choice = Choice("count", 1, 9.0, 90.0, 9.0, 0.0, "milp", True, 9, 90, 0.1)
    night = replace(asked, question=hs.Question(hours="19-07"))
    found = PatrolShifts(
        {"night": PatrolAreas(areas, night, areas, choice, "x")}, {"night": 10.5}, 20
    )
    yield "shifts: one", found.to_sentence()


def watches() -> Said:
    """What is new, what a watch says by now, posts, and visits done."""
    from hotspots.core.errors import Finding
    from hotspots.programmes.news import NewsAnswer
    from hotspots.programmes.patrols.services import ServicePlan
    from hotspots.programmes.watch import AreaWatch
    from hotspots.report.text.results.time_words import dosage

    places = gpd.GeoDataFrame(
        {"place_name": ["Mill Lane", None], "days": [7, 28], "observed": [25, 3],
         "expected": [4.2, 1.1], "p_value": [0.001, 0.7], "is_alarm": [True, False]},
        index=["a", "b"], geometry=[None, None],
    )  # fmt: skip
    change = {"now": 10, "then": 9, "change": 0.1, "low": -0.3, "high": 0.7}
    changes = pd.DataFrame(
        [{"theme": "asb", "comparison": name, "period": "2018-07", "verdict": verdict} | change
         for name, verdict in (("before", "no-clear-change"), ("year", "too-few"))]
    )  # fmt: skip
    day = pd.Timestamp("2018-07-31").date()
    news = NewsAnswer(places, changes, None, "asb", day, 0.5, 12.0)
    yield "news: one place", news.to_sentence()
    yield "news: none", replace(news, places=places.iloc[1:]).to_sentence()
    why = Finding("times-too-coarse", "days are needed.", "error")
    yield "news: months", replace(news, places=None, cannot=why).to_sentence()
    states = ["more", "returned", "stayed-low", "no-signal", "no-signal", "too-few"]
    table = gpd.GeoDataFrame(
        {"place_name": ["Mill Lane", None, "Ash Road", "Elm Road", "Oak Road", "Yew Road"],
         "state": states, "since": [day, day, None, None, None, None],
         "signal_on": [day, day, None, None, None, None],
         "still": [True, False, False, False, False, False], "count": 30, "expected": 20.0,
         "rise": 1.5, "seen_after": [3.0, 3.0, 3.0, 8.0, float("nan"), float("nan")]},
        index=list("abcdef"), geometry=[None] * 6,
    )  # fmt: skip
    year = hs.Period.parse("2017")
    watch = AreaWatch(
        table, pd.DataFrame(), "week", hs.Period.parse("2018").start, year, None, 0.1, 1.4,
        60, "asb",
    )  # fmt: skip
    yield "watch: every state", watch.to_sentence()
    quiet = replace(watch, areas=table.iloc[3:4], every="month", drift=1.0)
    yield "watch: no signal", quiet.to_sentence()
    posts = gpd.GeoDataFrame(
        {"area_id": ["a", "b"], "place_name": ["Mill Lane", None], "day": ["Friday", "Sunday"],
         "from_hour": [22, 14], "until_hour": [2, 18]}, geometry=[None, None],
    )  # fmt: skip
    plan = ServicePlan(posts, 31.5, 90.0, 31.5, 100.0, 4, 1)
    yield "posts: two", plan.to_sentence()
    yield "posts: one, not proven", replace(plan, posts=posts[:1], bound=40.0).to_sentence()
    yield "posts: none", replace(plan, posts=posts.iloc[:0]).to_sentence()
    done = pd.DataFrame(
        {"planned_visits": [4, 0], "done": [1, 0], "minutes": [20.0, 35.0],
         "unplanned_minutes": [0.0, 35.0], "coverage": [0.25, float("nan")]},
        index=pd.MultiIndex.from_tuples([("a", "day"), ("a", "night")], names=["area_id", "shift"]),
    )  # fmt: skip
    yield "visits done", " ".join(dosage(done))


def lanes() -> gpd.GeoDataFrame:
    """A street in four pieces of 100 m, and one that crosses it in the middle."""
    x, y = ORIGIN
    pieces = {f"mill-{i}": LineString([(x + 100 * i, y), (x + 100 * i + 100, y)]) for i in range(4)}
    pieces |= {"ash": LineString([(x + 100, y), (x + 100, y + 200)]),
               "elm": LineString([(x + 300, y), (x + 300, y + 200)])}  # fmt: skip
    names = ["Mill Lane"] * 4 + ["Ash Road", "Elm Road"]
    return gpd.GeoDataFrame(
        {"street_name": names}, index=list(pieces), geometry=list(pieces.values()), crs=BNG
    )


def on_lanes(precision: str = "exact", *, quiet: bool = False) -> hs.Selection:
    """Thirty incidents on the two middle pieces of Mill Lane, six in the field, a few elsewhere."""
    busy = [] if quiet else [(110 + 6 * i, 3) for i in range(30)] + [(200, 600)] * 6
    points = [*busy, (20, 2), (390, 4), (98, 150), (303, 90)]
    months = [f"2018-0{1 + i % 4}" for i in range(len(points))]
    incidents = incidents_at(
        points, month=months, location_precision=precision, theme_vehicle_nuisance=True
    )
    town = zone("Town", (-100, -100, 900, 900))
    return asked(incidents, theme="vehicle_nuisance", period="2018-01/2018-04", within=town)


def recurring() -> Said:
    """Roads that recur, a site off the road; none; and on snapped places."""
    yield "roads: two", str(hs.operations.find_recurring_roads(on_lanes(), lanes()))
    yield "roads: none", str(hs.operations.find_recurring_roads(on_lanes(quiet=True), lanes()))
    found = hs.operations.find_recurring_roads(
        on_lanes("snapped"), lanes(), indicative=True, min_months=1
    )
    yield "roads: snapped", str(found)
    streets = hs.StreetSegments(lanes(), reach_m=30)
    cells = in_cells(on_lanes().everything, hs.SquareGrid(500), within=on_lanes().within)
    both = hs.streets.compare_supports(hs.aggregate_to_cells(cells), cells, streets)
    yield "supports: a square", both.to_sentence()
    yield "supports: off the streets", both.to_sentence(both.table.index[-1])
    yield "supports: none", str(replace(both, table=both.table.iloc[:0]))
    ranked = hs.rank_areas(hs.aggregate_to_cells(cells).assign(place_name="Mill Lane"))
    options = {"grids": [hs.SquareGrid(100)], "radii_m": []}
    yield "sensitivity: places", str(choice_sensitivity(ranked, cells, **options))
    none = choice_sensitivity(ranked, cells.during("2031-01"), **options)
    yield "sensitivity: none", str(none)
    maps = [zone("One", (0, -50, 200, 50)), zone("Other", (150, -50, 400, 50))]
    yield "maps: two", str(hs.evaluation.map_agreement(*maps, on_lanes()))
    yield (
        "maps: empty",
        str(hs.evaluation.map_agreement(*maps, on_lanes(quiet=True).only("2019-01"))),
    )


CATEGORIES = {"drugs": "is_drugs", "cannabis": "is_cannabis", "weapons": "is_weapon",
              "violence": "is_violent"}  # fmt: skip
AT = {"Lane": (100, 100), "Centre": (1_100, 100), "Park": (2_100, 100)}
CASE = (
    ("Lane", "drugs", 12), ("Lane", "cannabis", 8), ("Lane", "weapons", 9),
    ("Lane", "violence", 30), ("Centre", "drugs", 7), ("Centre", "cannabis", 3),
    ("Centre", "weapons", 5), ("Centre", "violence", 100), ("Park", "drugs", 2),
    ("Park", "violence", 11),
)  # fmt: skip


def case(rows: Any = CASE) -> gpd.GeoDataFrame:
    """Lane wins three of four; the centre wins violence, 80 of its 100 in the night-time economy.

    Drugs: Lane 20 (8 of them cannabis), Centre 10 (3), Park 2. Weapons: 9, 5, 0. Violence: 30, 100
    (20 outside the night-time economy), 11.
    """
    points, kinds = [], []
    for place, kind, number in rows:
        x, y = AT[place]
        for step in range(number):
            night = place == "Centre" and kind == "violence" and step < 80
            points.append((x + (40 if night else 0), y + step % 10))
            kinds.append(kind)
    incidents = incidents_at(points)
    kind = pd.Series(kinds, index=incidents.index, dtype=object)
    return incidents.assign(
        is_drugs=kind.isin(["drugs", "cannabis"]),
        is_cannabis=kind == "cannabis",
        is_weapon=kind == "weapons",
        is_violent=kind == "violence",
    )


def candidates() -> gpd.GeoDataFrame:
    frames = [zone(name, (x - 90, y - 90, x + 90, y + 90)) for name, (x, y) in AT.items()]
    return gpd.GeoDataFrame(pd.concat(frames), crs=BNG)


def unlike() -> gpd.GeoDataFrame:
    """The candidates, the first of them on much more ground and with nothing more in it."""
    areas = candidates().copy()
    shapes = areas.geometry.to_list()
    return areas.set_geometry([shapes[0].buffer(250), *shapes[1:]], crs=areas.crs)


def screened(incidents: Any = None, areas: Any = None, **options: Any) -> Any:
    night = zone("night", (1_130, 50, 1_160, 150), kind="night_time_economy")
    options = {"categories": CATEGORIES, "night_time_economy": night, "draws": 50} | options
    incidents = case() if incidents is None else incidents
    return hs.screen_clear_hold_build(
        incidents, candidates() if areas is None else areas, **options
    )


def screens() -> Said:
    small = zone("night", (1_130, 50, 1_160, 101), kind="night_time_economy")
    everywhere = zone("all", (-9_000, -9_000, 9_000, 9_000))
    level = (
        ("Lane", "drugs", 5),
        ("Centre", "drugs", 5),
        ("Lane", "weapons", 3),
        ("Centre", "violence", 2),
    )
    full = screened()
    for name, screen in (
        ("full", full),
        ("does not hold", screened(night_time_economy=small)),
        ("untested", screened(night_time_economy=everywhere)),
        ("unasked", screened(night_time_economy=None, draws=0)),
        ("level", screened(case(level), night_time_economy=None)),
        ("unlike", screened(areas=unlike())),
        ("nothing", screened(case().iloc[:0])),
        ("nowhere", screened(areas=candidates().iloc[:0])),
        ("proxy", screened(incidents_at([(100, 100)], offence="Drugs"), categories=None, draws=0)),
        ("July", screened(asked(case(), period="2018-07"), draws=0)),
    ):
        yield f"screen: {name}", screen.to_sentence()
        yield f"screen: {name}, paragraph", screen.to_paragraph()
    for candidate in ("centre", "park"):
        yield f"screen: {candidate}", full.to_sentence(candidate)
        yield f"screen: {candidate}, paragraph", full.to_paragraph(candidate)


def busy_places(
    places: Any, *, seed: int = 0, harm: Any = 100.0, quiet: int = 0
) -> gpd.GeoDataFrame:
    """So many exact incidents within 40 m of each of some places, in three months."""
    rng = np.random.default_rng(seed)
    points: list[Any] = []
    for x, y, size in places:
        angle, away = rng.uniform(0, 2 * np.pi, size), 40 * np.sqrt(rng.random(size))
        points += zip(x + away * np.cos(angle), y + away * np.sin(angle), strict=True)
    points += [tuple(point) for point in rng.uniform(-3_000, 6_000, (quiet, 2))]
    months = [f"2018-0{5 + row % 3}" for row in range(len(points))]
    table = incidents_at(points, month=months, theme_serious_violence=True, harm=harm)
    table["location_precision"] = "exact"
    return table


def patrols() -> Said:
    three = ((0, 0, 60), (1_500, 0, 40), (0, 1_500, 30))
    busy = busy_places(three, quiet=40)
    busy["told"] = busy.geometry.x - ORIGIN[0] < 700
    first = hs.select_patrol_areas(busy_places(three), **PATROLS)
    later = busy_places([(10, 5, 50), (0, 1_500, 60), (3_000, 0, 30)], seed=9)
    quiet = busy_places([(4_000, 4_000, 12)], seed=5, harm=10.0).add_prefix("q", axis=0)
    quiet.loc["qi0", "harm"] = 50_000.0
    lonely = busy_places([(-3_000, 0, 1)], seed=6, harm=90_000.0).add_prefix("l", axis=0)
    aside = pd.concat([busy_places(three, harm=10.0), quiet, lonely])
    violence = asked(busy, theme="serious_violence", period="2018-05/2018-07")
    one = {"count": 1, "min_incidents": 5, "near_misses": 1}
    for name, found in (
        ("three", first),
        (
            "by count, victims",
            hs.select_patrol_areas(busy, **PATROLS, by="count", victim_reported="told"),
        ),
        ("of a period", hs.select_patrol_areas(violence, **one)),
        ("changed", hs.select_patrol_areas(later, **PATROLS, previous=first.areas)),
        ("aside", hs.select_patrol_areas(aside, **PATROLS, max_walk_m=500, max_area_km2=0.15)),
        ("fewer", hs.select_patrol_areas(busy_places(three), min_incidents=35)),
        (
            "greedy",
            replace(
                first,
                choice=replace(
                    first.choice,
                    method="greedy",
                    proven=False,
                    best_possible=1.1 * first.choice.held,
                    gap=0.1,
                ),
            ),
        ),
        ("none qualifies", hs.select_patrol_areas(busy_places([(0, 0, 3)]), previous=first.areas)),
        ("nothing", hs.select_patrol_areas(violence.everything.iloc[:0])),
    ):
        yield f"patrol areas: {name}", found.to_sentence()
    named = first.with_areas(first.areas.assign(place_name=["High Street", None, "C"], label=None))
    yield "patrol areas: named", named.to_sentence()
    yield from reviews()


def reviews() -> Said:
    from hotspots.programmes.patrols.review import review_patrol_areas

    spots = [(x, 0) for x in range(0, 12_000, 1_000)]
    points, months = [], []
    for year in range(2022, 2025):
        for number, spot in enumerate(spots):
            times = 4 if number % 4 == year % 4 else 1
            points += [spot] * 12 * times
            months += [f"{year}-{month:02d}" for month in range(1, 13)] * times
    everything = asked(incidents_at(points, month=months))
    held = {first: everything.during(f"{first}-01/2024-12").rows for first in ("2022", "2023")}
    late = held["2022"]["occurred_from"].dt.strftime("%Y-%m").ge("2024-07")
    high = (held["2022"].geometry.x - ORIGIN[0]).round() // 1_000 % 4 == 2023 % 4
    held["2022, falling further"] = held["2022"][~(late & high)]
    for name, rows in held.items():
        known = asked(rows)
        found = hs.select_patrol_areas(known.during("2023"), by="count", count=3, near_misses=0)
        review = review_patrol_areas(found, known, started="2024-01-01")
        yield f"patrol review: data from {name}", review.to_sentence()


def wards() -> Said:
    city = zone("City", (-500, -500, 500, 500))
    rng = np.random.default_rng(0)
    xs = [*rng.uniform(-499, -251, 30), *rng.uniform(-249, 499, 30)]
    points = [
        (round(x, 1), round(y, 1)) for x, y in zip(xs, rng.uniform(-499, 499, 60), strict=True)
    ]
    table = incidents_at(points, theme_asb=[True] * 20 + [False] * 40)
    cells = {"asb": cells_of_wards(named=True)}
    both = hs.compare_wards(
        two_wards(approximate=True), asked(table, within=city), themes=["asb", None],
        only=["East", "West"], cells=cells,
    )  # fmt: skip
    yield "wards: approximate, with cells", both.to_sentence()
    people = pd.Series({"west": 4000, "east": 1000})
    named = table.assign(theme_asb_label="disorder of every kind")
    july = asked(named, theme="asb", period="2018-07", within=city)
    found = hs.compare_wards(two_wards(), july, population=people, cells=cells)
    yield "wards: by residents", found.to_sentence()


START = dt.date(2021, 1, 1)
YEARS = months_from("2020-01", 24)
PLACES = {"inside": (0, 0), "near": (300, 0), "far": (600, 0), "rest": (3000, 0)}


def order(
    first: Any = START, last: Any = dt.date(2023, 12, 31), **columns: Any
) -> gpd.GeoDataFrame:
    """A square of 200 m in the middle of a city of 10 km."""
    one = zone("Square", (-100, -100, 100, 100), kind="pspo")
    return one.assign(valid_from=[first], valid_until=[last], **columns)


def recorded(before: dict[str, int], after: dict[str, int], **columns: Any) -> gpd.GeoDataFrame:
    """So many incidents a month at each place in 2020 and in 2021."""
    points, months = [], []
    for month in YEARS:
        for name, number in (before if month < "2021" else after).items():
            points += [PLACES[name]] * number
            months += [month] * number
    return incidents_at(points, month=months, **columns)


def orders() -> Said:
    city = zone("City", (-5000, -5000, 5000, 5000))
    halved = recorded(
        {"inside": 10, "near": 4, "far": 2, "rest": 20},
        {"inside": 5, "near": 6, "far": 2, "rest": 20},
    )
    wide = zone("Vehicles", (-5000, -5000, 5000, 5000), kind="pspo")
    wide = wide.assign(valid_from=[START], valid_until=[None])
    late = wide.assign(valid_from=[dt.date(2021, 8, 1)])
    quiet = recorded({"rest": 5}, {"rest": 5})
    gap = halved[~halved["occurred_from"].dt.strftime("%Y-%m").isin(["2020-03", "2020-04"])]
    within = {"within": city}
    tagged = halved.assign(theme_asb=True, theme_asb_label="disorder of every kind")
    theme = asked(tagged, theme="asb", **within)
    baskets = {"drink": pd.Series(halved.index.isin(halved.index[::3]), index=halved.index)}
    strip = zone("Vehicles", (-500, -5000, 1000, 5000), kind="pspo")
    strip = strip.assign(valid_from=[START], valid_until=[None])
    own_city = zone("City", (-500, -5000, 1000, 5000))
    other = zone("Next district", (2000, -5000, 5000, 5000))
    early = order(dt.date(2019, 1, 1), dt.date(2021, 12, 31))
    future = order(dt.date(2022, 6, 1), None)
    for name, found in (
        (
            "inside",
            hs.pspo_evidence(order(), asked(halved, **within), today="2022-01-01", baskets=baskets),
        ),
        ("of a theme", hs.pspo_evidence(order(), theme)),
        ("city-wide", hs.pspo_evidence(wide, asked(halved, **within), today="2022-01-01")),
        ("city-wide, short", hs.pspo_evidence(late, asked(halved, **within))),
        (
            "city-wide, comparator",
            hs.pspo_evidence(strip, asked(halved, within=own_city), comparator=other),
        ),
        ("no data before", hs.pspo_evidence(early, halved, baskets=baskets)),
        ("no data within", hs.pspo_evidence(future, halved)),
        (
            "quiet",
            hs.pspo_evidence(
                order(), asked(quiet, **within), baskets={"none": quiet.geometry.isna()}
            ),
        ),
        ("nothing", hs.pspo_evidence(order(), incidents_at([]))),
        ("gaps", hs.pspo_evidence(early, gap)),
    ):
        yield from told(f"order: {name}", found)
        yield f"order: {name}, change", found.change_sentence()
        yield f"order: {name}, rings", found.ring_sentence()
        for limb, row in found.limbs.iterrows():
            yield f"order: {name}, {limb}", row["evidence"]
            yield f"order: {limb}, cannot say", row["cannot_say"]
            yield f"order: {limb}, status", row["status"]


def terms() -> Said:
    halved = recorded({"inside": 2, "rest": 2}, {"inside": 1, "rest": 2})
    for name, one, today in (
        ("not dated", order(), None),
        ("before", order(), "2020-12-31"),
        ("within", order(), "2023-12-30"),
        ("passed", order(status="in force"), "2024-02-01"),
        ("open", order(last=None), "2024-01-01"),
        ("open, before", order(last=None), "2020-12-01"),
        ("too long", order(last=dt.date(2024, 1, 1)), "2021-01-01"),
    ):
        yield from told(f"term: {name}", hs.pspo_evidence(one, halved, today=today).term)


def at(*spots: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    """Points at offsets in metres, named s0, s1 ..."""
    index = pd.Index([f"s{i}" for i in range(len(spots))], name="site_id", dtype=object)
    shapes = [Point(ORIGIN[0] + x, ORIGIN[1] + y) for x, y in spots]
    return gpd.GeoDataFrame(columns, geometry=shapes, index=index, crs=27700)


def protect() -> Said:
    record = hs.RunRecord("Zones", marking="PROTECT - ORIGINATOR'S WORDS", audience="protect")
    zones = pd.concat(
        [
            zone("Arena", (0, 0, 100, 100), kind="protect"),
            zone("Station", (80, 0, 200, 100), kind="protect"),
        ]
    )
    register = at((10, 10), (90, 50), (190, 10), (500, 500), tier=["a", "b", None, "b"])
    incidents = incidents_at([(10, 10), (90, 10), (300, 0)], theme_asb=[True, False, True])
    packs = {"trauma_packs": at((10, 60), (10, -40)), "reach_m": 100}
    yield "protect: zones", hs.operations.protect_demand(zones, incidents, record).to_sentence()
    found = hs.operations.protect_demand(
        zones, incidents, record, themes=["asb", None], register=register
    )
    yield "protect: register", found.to_sentence()
    found = hs.operations.protect_demand(zones, incidents, record, register=register, **packs)
    yield "protect: packs", found.to_sentence()
    found = hs.operations.protect_demand(zones.iloc[:0], incidents, record)
    yield "protect: no zones", found.to_sentence()
    plan = hs.operations.place_trauma_packs(
        at((0, 0), (50, 0), (900, 0)), at((10, 0), (950, 0)), 1, 100
    )
    yield "packs: proven", plan.to_sentence()
    yield "packs: not proven", replace(plan, gap=0.034).to_sentence()
    yield (
        "packs: spare",
        hs.operations.place_trauma_packs(at((0, 0)), at((0, 0)), 2, 50).to_sentence(),
    )
    yield "packs: nobody", hs.operations.place_trauma_packs(at(), at((0, 0)), 2, 50).to_sentence()
