"""Clusters of weighted places: plain arrays in, labels out.

Equal coordinates are collapsed to one weighted place first. On snapped data that changes no label
and saves almost all of the work. Labels are those of scikit-learn on the coordinates in sorted
order: clusters are numbered by their first core place, a border place takes the lowest number in
reach. Row order, index labels and extra columns therefore change nothing, nor does the engine.
"""

from __future__ import annotations

from importlib.util import find_spec
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hotspots.core.crs import MILLIMETRES_PER_METRE
from hotspots.core.errors import require, require_extra
from hotspots.stats.dbscan_grid import (
    NOISE,
    Kernel,
    Need,
    NumpyKernel,
    Squares,
    core_places,
    labels_of_core,
    neighbours,
    squared_reach,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hotspots.core.arrays import Bools, Codes, Floats, Ints

Engine = Literal["auto", "grid", "fast", "sklearn"]
MANY = 200_000
"""Distinct places from which compiled loops repay their start."""
MOST_REPEATED = 40_000
CHUNK = 2_000_000


def engine_for(places: int, engine: Engine = "auto") -> Engine:
    """The engine that will cluster so many places: the grid, or its compiled form where it pays.

    >>> engine_for(1_000), engine_for(1_000, "sklearn")
    ('grid', 'sklearn')
    """
    if engine != "auto":
        return engine
    return "fast" if places > MANY and find_spec("numba") else "grid"


def collapsed_dbscan(
    places: Ints, *needs: Need, radius_m: float, engine: Engine = "auto"
) -> tuple[Codes, Bools]:
    """DBSCAN on distinct places in whole millimetres; a core place meets every need.

    Returns the cluster of each place (-1 noise) and whether it is a core place. The radius and the
    minimums are inclusive, and exact: squared distances of whole millimetres are whole numbers.
    """
    chosen = engine_for(len(places), engine)
    if len(places) == 0:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=bool)
    if chosen == "sklearn":
        return _sklearn_dbscan(places, needs, radius_m)
    squares, kernel = Squares.of(places, radius_m), _kernel(chosen)
    core = core_places(squares, needs, kernel)
    return labels_of_core(squares, core, kernel), core


def clusters_of_core(places: Ints, core: Bools, radius_m: float) -> Codes:
    """Cluster of each place where it is known already which are core."""
    if not core.any():
        return np.full(len(places), NOISE, dtype=np.intp)
    kernel = _kernel(engine_for(len(places)))
    return labels_of_core(Squares.of(places, radius_m), core, kernel)


def _kernel(engine: Engine) -> Kernel:
    if engine == "grid":
        return NumpyKernel()
    require_extra("numba", "fast", 'clustering with `engine="fast"`')
    from hotspots.stats.dbscan_fast import LoopKernel

    return LoopKernel()


def _sklearn_dbscan(places: Ints, needs: Sequence[Need], radius_m: float) -> tuple[Codes, Bools]:
    """scikit-learn's DBSCAN; it takes one minimum, so several are looked up one after another."""
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    labels, core = np.full(len(places), NOISE, dtype=np.intp), np.ones(len(places), dtype=bool)
    xy = _from_corner(places)
    eps = sqrt(squared_reach(radius_m) + 0.5)  # between two distances of whole millimetres
    for weights, minimum in needs:
        model = DBSCAN(eps=eps, min_samples=minimum, algorithm="kd_tree")
        model.fit(xy, sample_weight=weights)
        core &= np.isin(np.arange(len(places)), model.core_sample_indices_)
    if len(needs) == 1:
        return model.labels_.astype(np.intp), core
    if core.any():
        of_core = DBSCAN(eps=eps, min_samples=1, algorithm="kd_tree").fit_predict(xy[core])
        labels[core] = of_core
        neighbours = NearestNeighbors(radius=eps, algorithm="kd_tree").fit(xy[core])
        near = neighbours.radius_neighbors(xy)[1]
        for other in np.flatnonzero(~core):
            labels[other] = min(of_core[near[other]], default=NOISE)
    return labels, core


def varying_density(
    places: Ints, weights: Ints, radius_m: float, minimum: int, engine: Engine = "auto"
) -> Codes:
    """HDBSCAN on distinct places, with everything that DBSCAN finds at the radius kept whole.

    HDBSCAN alone takes a pile on one map point for infinitely dense, tears it from its street, and
    cannot find a cluster that is everything. So the two are joined: places that share a cluster in
    either share one in the answer.
    """
    varying = repeated_hdbscan(places, weights, minimum)
    even, _ = collapsed_dbscan(places, Need(weights, minimum), radius_m=radius_m, engine=engine)
    return joined(varying, even)


def repeated_hdbscan(places: Ints, weights: Ints, minimum: int) -> Codes:
    """HDBSCAN on distinct places in millimetres, each repeated as often as it weighs.

    scikit-learn's HDBSCAN takes no weights, and on places counted once a pile of a hundred would
    weigh as much as a single incident. Repeating is exact; the work grows with the square of the
    incidents, so there is a limit. Where ties part the incidents of one place, the last decides.
    """
    from sklearn.cluster import HDBSCAN

    total = int(weights.sum())
    require(
        total <= MOST_REPEATED,
        f'`method="hdbscan"` takes at most {MOST_REPEATED:,} incidents, because it knows no '
        f"weights and works on each incident by itself; got {total:,}. Choose a theme, a shorter "
        'period or a smaller study area, or use `method="dbscan"`.',
        rule="too-many-incidents",
    )
    if total < max(minimum, 2):
        return np.full(len(places), NOISE, dtype=np.intp)
    model = HDBSCAN(
        min_cluster_size=max(minimum, 2), min_samples=minimum, algorithm="kd_tree", copy=True
    )
    found = model.fit_predict(np.repeat(_from_corner(places), weights, axis=0))
    return np.asarray(found[np.cumsum(weights) - 1], dtype=np.intp)


def joined(one: Codes, other: Codes) -> Codes:
    """The finest grouping that parts no group of either; noise is what is noise in both."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    size, groups = len(one), one.max(initial=NOISE) + 1
    nodes = size + groups + other.max(initial=NOISE) + 1
    place = np.arange(size)
    links = [
        (place[one != NOISE], size + one[one != NOISE]),
        (place[other != NOISE], size + groups + other[other != NOISE]),
    ]
    rows, columns = (np.concatenate(part) for part in zip(*links, strict=True))
    table = coo_array((np.ones(len(rows)), (rows, columns)), shape=(nodes, nodes))
    component = connected_components(table, directed=False)[1][:size].astype(np.intp)
    component[(one == NOISE) & (other == NOISE)] = NOISE
    return _numbered_by_first(component)


def reach(places: Ints, radius_m: float) -> Any:
    """Which places lie within the radius of each other, themselves included: a sparse 0/1 table."""
    from scipy.sparse import csr_array

    size = (len(places), len(places))
    if len(places) == 0:
        return csr_array(size, dtype=float)
    begin: NDArray[Any]
    begin, near = neighbours(places, radius_m)
    if len(near) < 2**31:  # else each pair takes four bytes more
        begin = begin.astype(np.int32)
    return csr_array((np.ones(len(near)), near, begin), shape=size)


def grouped(near: Any, weights: Ints, minimum: int) -> tuple[Codes, Bools]:
    """DBSCAN labels and core places from a table of reach, for weights that change often.

    The same answer as :func:`collapsed_dbscan` on the places that weigh something; the others are
    not there.
    """
    ground, core = covered(near, weights, minimum)
    return np.where(weights > 0, ground, NOISE), core


def covered(near: Any, weights: Ints, minimum: int) -> tuple[Codes, Bools]:
    """The same with labels of all places on the ground of a cluster, empty ones included."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    core = (weights > 0) & (near @ weights >= minimum)
    rows = np.flatnonzero(core)
    if len(rows) == 0:
        return np.full(len(weights), NOISE, dtype=np.intp), core
    begin, size = near.indptr[rows], near.indptr[rows + 1] - near.indptr[rows]
    ahead = np.cumsum(size) - size
    other = near.indices[np.repeat(begin - ahead, size) + np.arange(size.sum())]
    inner = core[other]
    number = np.empty(len(weights), dtype=np.int32)
    number[rows] = np.arange(len(rows))
    links = number[other[inner]]
    begin = np.append(0, np.cumsum(np.add.reduceat(inner, ahead, dtype=np.int32)))
    joined = csr_array((np.ones(len(links)), links, begin), shape=(len(rows), len(rows)))
    # the table is symmetric, so what is joined is joined both ways, and need not be turned over
    label = _numbered_by_first(connected_components(joined, connection="strong")[1])
    ground = np.full(len(weights), len(rows), dtype=np.intp)
    np.minimum.at(ground, other, np.repeat(label, size))
    ground[ground == len(rows)] = NOISE
    return ground, core


def distance_to_kth(places: Ints, weights: Ints, k: int) -> Floats:
    """Metres from each place to its k-th nearest incident, its own counted; infinite if fewer."""
    from scipy.spatial import cKDTree

    result = np.full(len(places), np.inf)
    if weights.sum() < k:
        return result
    corner = _from_corner(places)
    tree = cKDTree(corner)
    # The usual case on exact coordinates: the tree itself counts, and keeps no list.
    if weights.max() == 1:
        return np.asarray(tree.query(corner, k=[k])[0][:, 0]) / MILLIMETRES_PER_METRE
    most = min(k, len(places))
    step = max(1, CHUNK // most)
    for start in range(0, len(places), step):
        distance, nearest = tree.query(corner[start : start + step], k=np.arange(1, most + 1))
        enough = np.cumsum(weights[nearest], axis=1) >= k
        first = enough.argmax(axis=1)
        result[start : start + step] = distance[np.arange(len(first)), first]
    return result / MILLIMETRES_PER_METRE


def within(distance_m: Floats, radius_m: float) -> Bools:
    """Which distances between places of whole millimetres are at most the radius."""
    # A whole number before its root was taken, so rounding brings it back.
    squared = np.rint((distance_m * MILLIMETRES_PER_METRE) ** 2)
    return np.asarray(squared <= squared_reach(radius_m))


def distance_to_next(places: Ints) -> Floats:
    """Metres from each place to the nearest other one; infinite where there is no other."""
    from scipy.spatial import cKDTree

    if len(places) < 2:
        return np.full(len(places), np.inf)
    corner = _from_corner(places)
    distance, _ = cKDTree(corner).query(corner, k=[2])
    return np.asarray(distance[:, 0]) / MILLIMETRES_PER_METRE


def _from_corner(places: Ints) -> Floats:
    return np.asarray((places - places.min(axis=0)).astype(float))


def _numbered_by_first(labels: Codes) -> Codes:
    """The same groups, numbered in order of appearance; noise stays noise."""
    first = np.full(labels.max(initial=NOISE) + 2, len(labels))  # the last is that of noise
    first[labels[::-1]] = np.arange(len(labels))[::-1]
    number = np.full(len(first), NOISE, dtype=np.intp)
    number[np.argsort(first[:-1], kind="stable")] = np.arange(len(first) - 1)
    return number[labels]
