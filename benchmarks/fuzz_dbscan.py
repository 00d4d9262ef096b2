"""Is every engine's DBSCAN that of scikit-learn, on maps made to break it?

Run: python benchmarks/fuzz_dbscan.py [cases]

The oracle is scikit-learn's brute force on the same places with the same weights. Labels and core
places must be equal, number for number. The seed is fixed, so a case that fails comes again.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import DBSCAN

from hotspots.stats import dbscan_grid
from hotspots.stats.dbscan import Engine, collapsed_dbscan
from hotspots.stats.dbscan_grid import Need, squared_reach

SIZES = ((2_000, 25_000, 2**20), (2, 7, 0))
"""A crowd, a portion and few squares as they are, and so small that all matter in small cases."""
RADII_M = (0.001, 0.0015, 0.002, 0.005, 0.05, 1.005, 10.0, 75.0)


class Case(NamedTuple):
    kind: str
    places: NDArray[np.int64]
    weights: NDArray[np.int64]
    radius_m: float
    minimum: int


def cases(number: int, seed: int = 12) -> Iterator[Case]:
    """So many cases, each kind as often as any other."""
    kinds = list(KINDS.items())
    for turn in range(number):
        rng = np.random.default_rng([seed, turn])
        kind, make = kinds[turn % len(kinds)]
        radius_m = float(rng.choice(RADII_M))
        xy = np.rint(make(rng, radius_m * 1000)).astype(np.int64).reshape(-1, 2)
        places = np.unique(xy + rng.integers(-(10**9), 10**9, 2), axis=0)
        if rng.random() < 0.3:
            places = rng.permutation(places)  # numbers follow the order of places, whatever it is
        most = int(rng.choice([1, 1, 3, 40]))
        weights = rng.integers(0 if rng.random() < 0.2 else 1, most + 1, len(places))
        least = rng.choice([1, 2, 3, rng.integers(1, 3 * most + 6)])
        yield Case(kind, places, weights, radius_m, int(least))


Answer = tuple[NDArray[np.intp], NDArray[np.bool_]]


def oracle(case: Case) -> Answer:
    """scikit-learn on a table of whole squared distances, so that nothing is rounded."""
    core = np.zeros(len(case.places), dtype=bool)
    if len(core) == 0:
        return np.empty(0, dtype=np.intp), core
    away = case.places[:, None] - case.places[None]
    far = (away**2).sum(axis=2) > squared_reach(case.radius_m)
    model = DBSCAN(eps=0.5, min_samples=case.minimum, metric="precomputed")
    model.fit(far.astype(float), sample_weight=case.weights)
    core[model.core_sample_indices_] = True
    return model.labels_, core


def agrees(case: Case, engine: Engine, right: Answer) -> bool:
    """Whether an engine says just what the oracle says; so, too, of two minimums at once."""
    radius_m, need, easy = case.radius_m, Need(case.weights, case.minimum), Need(case.weights, 1)
    found = collapsed_dbscan(case.places, need, radius_m=radius_m, engine=engine)
    twice = collapsed_dbscan(case.places, easy, need, radius_m=radius_m, engine=engine)
    return all(
        np.array_equal(mine, its)
        for answer in (found, twice)
        for mine, its in zip(answer, right, strict=True)
    )


def _anywhere(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    return rng.uniform(0, r * rng.choice([2, 6, 30]), (int(rng.integers(0, 150)), 2))


def _piles(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    middles = rng.uniform(0, 12 * r, (int(rng.integers(1, 8)), 2))
    return np.repeat(middles, 20, axis=0) + rng.normal(0, r / 3, (20 * len(middles), 2))


def _at_the_radius(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    """A lattice of the radius itself, and of its whole-number triangles, off by a millimetre."""
    step = rng.choice([r, r / 5, r * 3 / 5, r / np.sqrt(2), r / np.sqrt(8)])
    lattice = np.stack(np.meshgrid(*[np.arange(9) * step] * 2), axis=-1).reshape(-1, 2)
    kept = lattice[rng.random(len(lattice)) < 0.7]
    return kept + rng.integers(-1, 2, kept.shape) * (rng.random() < 0.7)


def _in_a_line(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    """Links of a chain, each about at the radius of the next, in any of six directions."""
    along = np.cumsum(rng.choice([r, r + 1, r - 1, r / 2], 60))
    direction = np.array([(1, 0), (0, 1), (1, 1), (1, -1), (2, 1), (1, -2)][rng.integers(6)])
    return along[:, None] * direction / np.hypot(*direction)


def _just_apart(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    """Two dense arcs whose boxes overlap and of which no two places are in reach, or only just."""
    turn = rng.uniform(0, np.pi / 2, (2, 60))
    inner, outer = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    wide = r * rng.choice([0.5, 1, 3])
    beyond = wide + r * rng.choice([0.97, 0.995, 1]) + rng.integers(-2, 3)
    return np.vstack([wide * inner, beyond * outer])


def _pairs(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    """Pairs about as far apart as the radius, whole millimetres, in every direction."""
    turn = rng.uniform(0, 2 * np.pi, 60)
    turn[::2] = np.pi / 4 + rng.integers(0, 4, 30) * np.pi / 2  # from corner to corner of a square
    one = rng.integers(0, 10**4, (60, 2)) * r
    far = (r + rng.integers(-1, 2, 60))[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return np.vstack([np.rint(one), np.rint(one) + np.rint(far)])


def _small_groups(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    """Six places each, where one link more or less is seen."""
    return np.vstack([n * 10 * r + rng.uniform(0, 2.2 * r, (6, 2)) for n in range(40)])


def _one_giant(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    return rng.normal(0, 2 * r, (250, 2))


def _all_noise(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    return rng.integers(0, 40, (80, 2)) * (r + 1) * 2.0


def _pile_and_rim(rng: np.random.Generator, r: float) -> NDArray[np.float64]:
    """Piles whose rims share border places: the lowest number must win."""
    piles = rng.normal(0, r / 8, (3, 15, 2)) + np.array([[0, 0], [2 * r, 0], [r, 1.8 * r]])[:, None]
    return np.vstack([*piles, rng.uniform(-r, 3 * r, (40, 2))])


KINDS: dict[str, Callable[[np.random.Generator, float], NDArray[np.float64]]] = {
    "anywhere": _anywhere,
    "piles": _piles,
    "at the radius": _at_the_radius,
    "in a line": _in_a_line,
    "just apart": _just_apart,
    "pairs": _pairs,
    "small groups": _small_groups,
    "one giant": _one_giant,
    "all noise": _all_noise,
    "pile and rim": _pile_and_rim,
}


def main(number: int = 4_000) -> None:
    engines: list[Engine] = ["grid", "sklearn", *(["fast"] if find_spec("numba") else [])]
    faults: Counter[tuple[str, str]] = Counter()
    clusters: Counter[str] = Counter()
    for turn, case in enumerate(cases(number)):
        crowd, portion, dbscan_grid.FEW = SIZES[turn // len(KINDS) % len(SIZES)]
        dbscan_grid.CROWD, dbscan_grid.PAIRS_AT_ONCE = crowd, portion
        right = oracle(case)
        clusters[case.kind] += int(right[0].max(initial=-1)) + 1
        for engine in engines:
            if not agrees(case, engine, right):
                faults[engine, case.kind] += 1
                print(f"{engine} differs in case {turn} ({case.kind}, {case.radius_m} m)")
    print(f"{number:,} cases, engines {', '.join(engines)}: {faults.total():,} differences")
    print("clusters by kind:", ", ".join(f"{kind} {count:,}" for kind, count in clusters.items()))
    sys.exit(bool(faults))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
