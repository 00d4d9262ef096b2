"""Streets: main roads, ring roads, borders of blocks, and a pattern inside each block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.demo.town.town_places import CENTRE_STREETS, SUFFIXES, VILLAGES, stems
from hotspots.demo.town.town_plan import (
    BUILT_UP_M,
    DISTRICT_M,
    INNER_RING_M,
    OUTER_RING_M,
    Plan,
    bent,
    radial,
    to_grid,
)

SHORTEST_STREET_M = 45.0
COUNTRY = ("rural",)

# Distance between parallel streets, distance between cross streets, share that is kept.
GRAIN = {
    "centre": (75.0, 95.0, 0.93),
    "terrace": (62.0, 165.0, 0.95),
    "suburb": (105.0, 210.0, 0.86),
    "industrial": (190.0, 300.0, 0.80),
    "campus": (150.0, 210.0, 0.80),
    "village": (120.0, 150.0, 0.60),
}

Lines = NDArray[np.object_]


def build_streets(rng: Generator, plan: Plan) -> gpd.GeoDataFrame:
    """All streets with ``street_name``, ``road_class``, ``character``; index ``street_id``."""
    parts = [
        _main_roads(plan),
        _ring_roads(rng),
        _borders(rng, plan),
        _inside_blocks(rng, plan),
    ]
    streets = pd.concat(parts, ignore_index=True)
    lines, whole = shapely.get_parts(_on_land(streets, plan), return_index=True)
    streets = streets.iloc[whole].assign(geometry=lines)
    streets = streets[shapely.length(streets["geometry"].to_numpy()) >= SHORTEST_STREET_M]
    streets = streets.reset_index(drop=True)
    streets["street_name"] = _names(streets, plan)
    streets.index = pd.Index([f"street-{i:04d}" for i in range(1, len(streets) + 1)])
    streets.index.name = "street_id"
    columns = ["street_name", "road_class", "character", "block"]
    return gpd.GeoDataFrame(
        streets[columns],
        geometry=to_grid(streets["geometry"].to_numpy()),
        crs=BRITISH_NATIONAL_GRID,
    )


def _table(lines: Any, road_class: str, character: Any, block: Any) -> pd.DataFrame:
    lines = np.asarray(lines, dtype=object)
    return pd.DataFrame(
        {"geometry": lines, "road_class": road_class, "character": character, "block": block}
    )


def _main_roads(plan: Plan) -> pd.DataFrame:
    along = np.arange(INNER_RING_M * 0.35, DISTRICT_M * 1.2, 80.0)
    lines = [shapely.linestrings(radial(angle, along)) for angle in plan.radial_angles]
    return _table(bent(np.array(lines)), "main", "main", -1)


def _ring_roads(rng: Generator) -> pd.DataFrame:
    theta = np.linspace(0, 2 * np.pi, 181)
    lines = []
    for radius in (INNER_RING_M, OUTER_RING_M):
        phases = rng.uniform(0, 2 * np.pi, 3)
        wobble = sum(0.05 * np.sin((k + 2) * theta + phases[k]) for k in range(3))
        reach = radius * (1 + wobble)
        reach[-1] = reach[0]
        lines.append(
            shapely.linestrings(np.column_stack([reach * np.cos(theta), reach * np.sin(theta)]))
        )
    return _table(bent(np.array(lines)), "ring", "main", -1)


def _borders(rng: Generator, plan: Plan) -> pd.DataFrame:
    """Borders of blocks: collector streets in town, and half of them lanes in the country."""
    middles = shapely.line_interpolate_point(plan.edges, 0.5, normalized=True)
    tree = shapely.STRtree(plan.blocks)
    edge, block = tree.query(middles, predicate="dwithin", distance=0.5)
    frame = pd.DataFrame({"edge": edge, "block": block, "kind": plan.kinds[block]})
    built = frame[~frame["kind"].isin([*COUNTRY, "park"])].drop_duplicates("edge")
    sides = frame.groupby("edge").size()
    taken = set(built["edge"])
    borders = [e for e in sides.index[sides == 2] if e not in taken]
    kept = np.array([e for e in borders if rng.uniform() < 0.6], dtype=int)
    near = np.hypot(shapely.get_x(middles[kept]), shapely.get_y(middles[kept])) < DISTRICT_M
    lanes = kept[near]
    first = frame.drop_duplicates("edge").set_index("edge")["block"]
    collectors = built[built["edge"].isin(sides.index[sides == 2])]
    return pd.concat(
        [
            _table(
                plan.edges[collectors["edge"]],
                "collector",
                collectors["kind"].to_numpy(),
                collectors["block"].to_numpy(),
            ),
            _table(plan.edges[lanes], "lane", "rural", first.loc[lanes].to_numpy()),
        ]
    )


def _inside_blocks(rng: Generator, plan: Plan) -> pd.DataFrame:
    """The streets of each block, cut to it, block after block."""
    drawn, block_of = [], []
    for block, kind in enumerate(plan.kinds):
        lines: Any = []
        if kind == "estate":
            lines = _crescents(rng)
        elif kind in GRAIN:
            lines = _rows(rng, plan, block, *GRAIN[kind])
        if len(lines):
            drawn.append(bent_about(lines, plan.centres[block]))
            block_of += [block] * len(lines)
    shapes = shapely.buffer(plan.blocks, -12)
    cut = _inside(np.concatenate(drawn), shapes[block_of])
    parts, whole = shapely.get_parts(cut, return_index=True)
    long = shapely.length(parts) > SHORTEST_STREET_M
    block_ids = np.array(block_of)[whole[long]]
    return _table(parts[long], "local", plan.kinds[block_ids].astype(str), block_ids)


def _inside(lines: Lines, shapes: Lines) -> Lines:
    """What of each line lies in its shape; most lie in it whole, or not at all, and stay or go."""
    shapely.prepare(shapes)
    whole = shapely.contains_properly(shapes, lines) & shapely.is_simple(lines)
    cut = ~whole & shapely.intersects(shapes, lines)
    found = lines.copy()
    found[~whole] = shapely.LineString()
    found[cut] = shapely.intersection(lines[cut], shapes[cut])
    return found


def bent_about(lines: Lines, centre: NDArray[np.float64]) -> Lines:
    """Lines drawn around the origin, curved a little, moved to a centre."""

    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = xy[:, 0], xy[:, 1]
        curve = 16 * np.sin(2 * np.pi * (x + centre[0]) / 900)
        lift = 16 * np.sin(2 * np.pi * (y + centre[1]) / 800)
        return np.round(np.column_stack([x + lift, y + curve]) + centre, 2)

    return np.asarray(shapely.transform(shapely.segmentize(lines, 60.0), move))


def _rows(
    rng: Generator, plan: Plan, block: int, parallel_m: float, cross_m: float, kept: float
) -> Lines:
    """A grid turned towards the town centre, with pieces left out."""
    x, y = plan.centres[block]
    angle = np.arctan2(y, x) + rng.choice([0.0, np.pi / 2]) + rng.uniform(-0.25, 0.25)
    reach = 900.0
    lines = [
        *_pieces(rng, _offsets(rng, parallel_m, reach), reach, cross_m, kept, across=False),
        *_pieces(rng, _offsets(rng, cross_m, reach), reach, parallel_m * 4, kept, across=True),
    ]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    ends = np.array(lines).reshape(-1, 2, 2)
    return np.asarray(shapely.linestrings((ends.reshape(-1, 2) @ turn).reshape(ends.shape)))


def _offsets(rng: Generator, gap_m: float, reach: float) -> NDArray[np.float64]:
    offsets = np.arange(-reach, reach, gap_m)
    return offsets + rng.uniform(-0.14, 0.14, len(offsets)) * gap_m


def _pieces(
    rng: Generator, offsets: Any, reach: float, step: float, kept: float, *, across: bool
) -> Iterator[Any]:
    """Each line in pieces of two to four steps, some left out."""
    for offset in offsets:
        at = -reach - rng.uniform(0, 2 * step)
        while at < reach:
            end = at + step * rng.integers(2, 5)
            if rng.uniform() < kept:
                ends = [(at, offset), (end, offset)]
                yield [(y, x) for x, y in ends] if across else ends
            at = end


def _crescents(rng: Generator) -> Lines:
    """An estate: arcs around a green, joined by spokes."""
    start, spokes = rng.uniform(0, 2 * np.pi), int(rng.integers(4, 6))
    offset = rng.uniform(-90, 90, 2)
    lines = []
    for ring, radius in enumerate(np.arange(70, 800, 92.0)):
        for part in range(spokes):
            if rng.uniform() < 0.78:
                turn = start + 2 * np.pi * (part + np.linspace(0.03, 0.97, 16)) / spokes
                squash = 0.82 if ring % 2 else 0.86
                lines.append(
                    np.column_stack([radius * np.cos(turn), squash * radius * np.sin(turn)])
                )
    for part in range(spokes):
        along = np.linspace(60, rng.uniform(250, 900), 12)
        turn = start + 2 * np.pi * part / spokes + along / 900
        lines.append(np.column_stack([along * np.cos(turn), 0.84 * along * np.sin(turn)]))
    return np.array([shapely.linestrings(line + offset) for line in lines])


def _on_land(streets: pd.DataFrame, plan: Plan) -> Lines:
    """Main roads cross the river on bridges; others stop at it."""
    lines = _inside(streets["geometry"].to_numpy(), np.full(len(streets), plan.district))
    crossing = streets["road_class"].isin(["main", "ring"]).to_numpy()
    bank = shapely.buffer(plan.river, 12)
    shapely.prepare(bank)
    wet = ~crossing & shapely.intersects(lines, bank)
    lines[wet] = shapely.difference(lines[wet], bank)
    return np.asarray(lines)


def _names(streets: pd.DataFrame, plan: Plan) -> list[str]:
    """Main roads after where they lead; the streets of a block share a few stems."""
    source = stems()
    centre = iter(CENTRE_STREETS)
    used: dict[str, int] = {}
    held: dict[int, list[str]] = {}
    names = []
    main = streets["road_class"].eq("main")
    to_villages = _leads_to(streets[main], plan)
    for index, (road, kind, block) in enumerate(
        zip(streets["road_class"], streets["character"], streets["block"], strict=True)
    ):
        if road == "main":
            name = to_villages[index]
        elif road == "ring":
            name = _ring_name(streets["geometry"].iloc[index])
        else:
            name = next(centre, "") if kind == "centre" else ""
            name = name or _fresh(kind, int(block), source, used, held)
        names.append(name)
    return names


def _leads_to(main: pd.DataFrame, plan: Plan) -> dict[int, str]:
    """Name of each main road: the village it reaches, or a gate of the town."""
    spare = iter(("Harbour Road", "Beacon Road", "Sandgate Road", "Lighthouse Road", "Pier Road"))
    names: dict[int, str] = {}
    by_direction: dict[int, str] = {}
    for index, line in main["geometry"].items():
        middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
        angle = np.arctan2(shapely.get_y(middle), shapely.get_x(middle))
        gap = np.abs(np.angle(np.exp(1j * (plan.radial_angles - angle))))
        road = int(gap.argmin())
        if road not in by_direction:
            named = plan.villages[: len(VILLAGES)]
            away = shapely.distance(line, shapely.points(named))
            village = int(away.argmin())
            reached = away[village] < 900 and f"{VILLAGES[village]} Road" not in names.values()
            by_direction[road] = f"{VILLAGES[village]} Road" if reached else next(spare)
        names[int(str(index))] = by_direction[road]
    return names


def _ring_name(line: Any) -> str:
    middle = shapely.line_interpolate_point(line, 0.5, normalized=True)
    distance = np.hypot(shapely.get_x(middle), shapely.get_y(middle))
    return "Inner Ring Road" if distance < BUILT_UP_M / 3 else "Outer Ring Road"


def _fresh(
    kind: str, block: int, source: Iterator[str], used: dict[str, int], held: dict[int, list[str]]
) -> str:
    """The next unused name of a block."""
    suffixes = SUFFIXES.get(kind, SUFFIXES["suburb"])
    mine = held.setdefault(block, [])
    for stem in mine:
        if used[stem] < len(suffixes):
            used[stem] += 1
            return f"{stem} {suffixes[used[stem] - 1]}"
    stem = next(source)
    mine.append(stem)
    used[stem] = 1
    return f"{stem} {suffixes[0]}"
