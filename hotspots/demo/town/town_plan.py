"""The ground plan of the town: coast, river, built-up land and blocks of one character each.

Everything is first laid out with straight lines in metres around the centre, then bent by one
smooth displacement, so that borders and streets curve together and still meet exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

CENTRE_EASTING = 486_000.0
CENTRE_NORTHING = 580_000.0

INNER_RING_M = 620.0
OUTER_RING_M = 2_700.0
BUILT_UP_M = 4_300.0
DISTRICT_M = 10_800.0
VERTEX_SPACING_M = 60.0
RADIALS = 8
HAMLETS = 7
PARKS = 7

Coordinates = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """Blocks of land with one character each, water, and the outline of the district."""

    blocks: NDArray[np.object_]
    kinds: NDArray[np.str_]
    centres: Coordinates
    edges: NDArray[np.object_]
    district: Any
    river: Any
    villages: Coordinates
    radial_angles: Coordinates


def lay_out(rng: Generator) -> Plan:
    """Draw the plan, in metres from the town centre, already bent."""
    angles = np.sort((np.arange(RADIALS) + rng.uniform(-0.22, 0.22, RADIALS)) / RADIALS)
    angles = 2 * np.pi * angles + 0.35
    outline, river = _district(rng), _river()
    villages = _villages(rng, angles, outline)
    seeds = _block_seeds(rng, outline, villages)
    edges = _bent_edges(seeds, outline)
    blocks = shapely.get_parts(shapely.polygonize(edges))
    blocks = blocks[shapely.area(blocks) > 1.0]
    inside = shapely.point_on_surface(blocks)
    order = np.lexsort((shapely.get_y(inside), shapely.get_x(inside)))
    blocks, inside = blocks[order], inside[order]
    centres = np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])
    kinds = _characters(rng, centres, bend(villages))
    return Plan(
        blocks, kinds, centres, edges, shapely.union_all(blocks), river, bend(villages), angles
    )


def bend(xy: Coordinates) -> Coordinates:
    """Displace places smoothly, by up to about 200 m, never folding; rounded to a centimetre."""
    x, y = xy[:, 0], xy[:, 1]
    turn = 2 * np.pi
    dx = 130 * np.sin(turn * (y / 3_300 + 0.13)) + 45 * np.sin(turn * (x / 1_900 + y / 2_300))
    dy = 120 * np.sin(turn * (x / 2_900 + 0.41)) + 45 * np.sin(turn * (y / 1_700 - x / 2_600))
    return np.round(np.column_stack([x + dx, y + dy]), 2)


def bent(geometry: Any) -> Any:
    """Geometry with vertices at least every 60 m, displaced by :func:`bend`."""
    return shapely.transform(shapely.segmentize(geometry, VERTEX_SPACING_M), bend)


def radial(angle: float, along: Coordinates) -> Coordinates:
    """Places along a main road that leaves the centre at an angle and sways a little."""
    sway = 0.10 * np.sin(along / 1_900 + 5 * angle) * np.clip(along / 3_000, 0, 1)
    return np.column_stack([along * np.cos(angle + sway), along * np.sin(angle + sway)])


def coast_x(y: Coordinates) -> Coordinates:
    """Where the sea begins, east of the town."""
    shore: Coordinates = 3_900 + 420 * np.sin(y / 2_600 + 0.6) + 160 * np.sin(y / 900)
    return shore


def river_y(x: Coordinates) -> Coordinates:
    """The middle of the river, which passes just south of the centre."""
    bed: Coordinates = -520 + 240 * np.sin(x / 1_500 - 0.4) + 90 * np.sin(x / 640 + 1.0)
    return bed


def to_grid(geometry: Any) -> Any:
    """From metres around the centre to eastings and northings."""
    shift = np.array([CENTRE_EASTING, CENTRE_NORTHING])
    return shapely.transform(geometry, lambda xy: np.round(xy + shift, 2))


def ids(name: str, stem: str, number: int) -> pd.Index:
    """The index of a table: ``stem-01`` and so on."""
    return pd.Index([f"{stem}-{i:02d}" for i in range(1, number + 1)], name=name)


def _district(rng: Generator) -> Any:
    theta = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    wobble = sum(
        rng.uniform(0.02, 0.06) * np.sin(k * theta + rng.uniform(0, 2 * np.pi)) for k in range(2, 7)
    )
    radius = DISTRICT_M * (1 + wobble)
    blob = shapely.polygons(np.column_stack([radius * np.cos(theta), radius * np.sin(theta)]))
    y = np.arange(-20_000, 20_001, 150.0)
    shore = np.column_stack([coast_x(y), y])
    land = shapely.polygons(np.vstack([shore, [[-30_000, 20_000], [-30_000, -20_000]]]))
    return max(shapely.get_parts(shapely.intersection(blob, land)), key=shapely.area)


def _river() -> Any:
    """A river that widens to an estuary."""
    x = np.arange(-14_000, 5_401, 120.0)
    pieces = shapely.linestrings(
        np.stack(
            [
                np.column_stack([x[:-1], river_y(x[:-1])]),
                np.column_stack([x[1:], river_y(x[1:])]),
            ],
            axis=1,
        )
    )
    half_width = 14 + 14 * np.clip((x[:-1] + 9_000) / 9_000, 0, 1)
    half_width += 150 * np.clip((x[:-1] - 1_900) / 2_400, 0, 1) ** 2
    return bent(shapely.union_all(shapely.buffer(pieces, half_width, quad_segs=4)))


def _villages(rng: Generator, angles: Coordinates, outline: Any) -> Coordinates:
    """One village on each main road that is long enough on land, and others between them."""
    found = []
    for angle in angles:
        distance = rng.uniform(6_300, 8_300, 1)
        place = radial(angle, distance)[0]
        if shapely.contains_xy(shapely.buffer(outline, -900), *place):
            found.append(place)
    shapely.prepare(outline)
    while len(found) < len(angles) + HAMLETS:
        place = rng.uniform(-DISTRICT_M, DISTRICT_M, 2)
        near = np.hypot(*(np.array(found) - place).T).min()
        dry = shapely.contains_xy(outline, *place) and np.hypot(*place) > BUILT_UP_M + 1_300
        if dry and near > 1_700:
            found.append(place)
    return np.array(found)


def _block_seeds(rng: Generator, outline: Any, villages: Coordinates) -> Coordinates:
    """Seeds thrown like darts, closer together towards the centre and in villages."""
    reach = DISTRICT_M * 1.2
    thrown = np.vstack(
        [
            rng.normal(0, 500, (500, 2)),
            rng.normal(0, 2_600, (4_000, 2)),
            np.repeat(villages, 60, axis=0) + rng.normal(0, 450, (60 * len(villages), 2)),
            rng.uniform(-reach, reach, (3_000, 2)),
        ]
    )
    shapely.prepare(outline)
    thrown = thrown[shapely.contains_xy(outline, thrown[:, 0], thrown[:, 1])]
    kept = np.empty_like(thrown)
    number = 0
    for place, gap in zip(thrown, _block_sizes(thrown, villages), strict=True):
        if number == 0 or np.hypot(*(kept[:number] - place).T).min() > gap:
            kept[number] = place
            number += 1
    return kept[:number].copy()


def _block_sizes(places: Coordinates, villages: Coordinates) -> Coordinates:
    away = np.hypot(*places.T)
    to_village = np.hypot(*(places[:, None] - villages[None]).transpose(2, 0, 1)).min(axis=1)
    steps = [to_village < 700, away < 900, away < 2_300, away < BUILT_UP_M]
    return np.select(steps, [480.0, 300.0, 500.0, 640.0], 1_500.0)


def _bent_edges(seeds: Coordinates, outline: Any) -> NDArray[np.object_]:
    """Borders between blocks, each once, bent; neighbours share every vertex."""
    everything = shapely.multipoints(seeds)
    borders = shapely.voronoi_polygons(everything, extend_to=outline, only_edges=True)
    lines = shapely.union_all([shapely.intersection(borders, outline), shapely.boundary(outline)])
    return np.asarray(bent(shapely.get_parts(shapely.node(shapely.set_precision(lines, 0.01)))))


def _characters(rng: Generator, centres: Coordinates, villages: Coordinates) -> NDArray[np.str_]:
    """What each block is: by distance from the centre, the river, the villages, and chance."""
    distance = np.hypot(*centres.T)
    to_village = np.min(np.hypot(*(centres[:, None] - villages[None]).transpose(2, 0, 1)), axis=1)
    off_river = np.abs(centres[:, 1] - river_y(centres[:, 0]))
    kinds = np.full(len(centres), "rural", dtype="<U10")
    draw = rng.uniform(size=len(centres))
    kinds[to_village < 720] = "village"
    reach = BUILT_UP_M * (1 + 0.12 * np.sin(3 * np.arctan2(centres[:, 1], centres[:, 0]) + 1))
    outer = distance < reach
    kinds[outer] = np.where(draw[outer] < 0.5, "suburb", "estate")
    inner = distance < 2_250
    kinds[inner] = np.where(draw[inner] < 0.8, "terrace", "estate")
    works = outer & (off_river < 520) & (distance > 1_000) & (draw < 0.75)
    kinds[works] = "industrial"
    for belt, number in ((inner & (distance > 900), 2), (outer & ~inner, PARKS - 2)):
        kinds[rng.choice(np.flatnonzero(belt & ~works), number, replace=False)] = "park"
    kinds[distance < INNER_RING_M * 1.12] = "centre"
    campus = np.hypot(centres[:, 0] + 900, centres[:, 1] - 950)
    kinds[np.argsort(campus)[:2]] = "campus"
    return kinds
