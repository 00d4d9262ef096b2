"""Every engine clusters as scikit-learn does, number for number.

``benchmarks/fuzz_dbscan.py`` tries thousands of such maps.
"""

import subprocess
import sys
import tracemalloc
from importlib.util import find_spec

import numpy as np
import pytest
from fuzz_dbscan import RADII_M, agrees, cases, oracle

from hotspots.core.errors import MissingExtraError
from hotspots.stats import dbscan, dbscan_grid
from hotspots.stats.dbscan import clusters_of_core, collapsed_dbscan, engine_for, reach
from hotspots.stats.dbscan_fast import LoopKernel
from hotspots.stats.dbscan_grid import (
    Need,
    NumpyKernel,
    Squares,
    core_places,
    labels_of_core,
    squared_reach,
)

needs_numba = pytest.mark.skipif(not find_spec("numba"), reason="needs the extra fast")
MANY, FEW = 120, 40


@pytest.mark.parametrize(("crowd", "portion"), [(2_000, 100_000), (2, 7)])
def test_the_grid_is_scikit_learns_dbscan_whatever_the_map(crowd, portion, monkeypatch):
    monkeypatch.setattr(dbscan_grid, "CROWD", crowd)
    monkeypatch.setattr(dbscan_grid, "PAIRS_AT_ONCE", portion)
    monkeypatch.setattr(dbscan_grid, "FEW", portion)
    for case in cases(MANY, seed=crowd):
        assert agrees(case, "grid", oracle(case)), case


def test_so_is_scikit_learns_own_engine():
    assert all(agrees(case, "sklearn", oracle(case)) for case in cases(FEW))


@needs_numba
def test_so_is_the_compiled_grid():
    assert all(agrees(case, "fast", oracle(case)) for case in cases(MANY))


def test_so_are_its_loops_before_they_are_compiled():
    kernel = LoopKernel(made=lambda loop: loop)
    for case in cases(FEW, seed=3):
        if len(case.places):
            squares = Squares.of(case.places, case.radius_m)
            core = core_places(squares, [Need(case.weights, case.minimum)], kernel)
            labels, right = oracle(case)
            assert core.tolist() == right.tolist()
            assert labels_of_core(squares, core, kernel).tolist() == labels.tolist()


def test_the_table_of_reach_is_that_of_all_distances():
    for case in cases(FEW):
        away = ((case.places[:, None] - case.places[None]) ** 2).sum(axis=2)
        near = reach(case.places, case.radius_m).toarray()
        assert (near == (away <= squared_reach(case.radius_m))).all()


def test_known_core_places_give_the_labels_of_the_search_that_found_them():
    for case in cases(FEW):
        need = Need(case.weights, case.minimum)
        labels, core = collapsed_dbscan(case.places, need, radius_m=case.radius_m)
        assert clusters_of_core(case.places, core, case.radius_m).tolist() == labels.tolist()


@pytest.mark.parametrize("radius_m", RADII_M)
def test_two_places_are_neighbours_up_to_the_radius_and_not_a_millimetre_farther(radius_m):
    """The first lies in the corner of its square, so the other may share it as long as it can."""
    reach = round(radius_m * 1_000)
    need, aslant = Need(np.array([1, 1]), 2), int(reach / np.sqrt(2))
    for step in [(reach, 0), (0, reach), (aslant, aslant), (reach * 3 // 5, reach * 4 // 5)]:
        for more in ((0, 0), (1, 0), (0, 1), (1, 1)):
            places = np.array([(0, 0), np.add(step, more)])
            labels, _ = collapsed_dbscan(places, need, radius_m=radius_m)
            near = (places[1] ** 2).sum() <= squared_reach(radius_m)
            assert labels.tolist() == ([0, 0] if near else [-1, -1])


def test_a_place_is_core_where_every_minimum_is_reached():
    places = np.array([[0, 0], [1_000, 0], [9_000, 0]])
    count, harm = Need(np.array([2, 1, 3]), 3), Need(np.array([0, 7, 7]), 7)
    labels, core = collapsed_dbscan(places, count, harm, radius_m=1)
    assert (labels.tolist(), core.tolist()) == ([0, 0, 1], [True, True, True])
    labels, core = collapsed_dbscan(places, count, harm._replace(minimum=8), radius_m=1)
    assert (labels.tolist(), core.tolist()) == ([-1, -1, -1], [False, False, False])


@pytest.mark.parametrize("kernel", [NumpyKernel(), LoopKernel(made=lambda loop: loop)])
def test_crowds_that_face_each_other_just_out_of_reach_stay_apart(kernel):
    """Two arcs: their boxes overlap, and no place of one reaches any of the other."""
    turn = np.linspace(0, np.pi / 2, 2_500 if isinstance(kernel, NumpyKernel) else 60)
    arc = np.column_stack([np.cos(turn), np.sin(turn)])
    places = np.rint(np.vstack([40_000 * arc, 115_002 * arc])).astype(np.int64)
    for radius_m, clusters in ((75, 2), (75.003, 1)):
        squares = Squares.of(places, radius_m)
        core = core_places(squares, [Need(np.ones(len(places), dtype=int), 2)], kernel)
        assert core.all()
        assert labels_of_core(squares, core, kernel).max() == clusters - 1


def test_memory_follows_the_places_and_not_their_pairs():
    places = np.random.default_rng(1).integers(0, 200_000, (3_000, 2))
    need = Need(np.ones(len(places), dtype=int), 2_800)  # not all is core, each place is asked
    tracemalloc.start()
    _, core = collapsed_dbscan(places, need, radius_m=130)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0 < core.sum() < len(places)
    assert peak < 0.2 * 8 * len(places) ** 2


def test_the_engine_follows_the_number_of_places_and_what_is_installed(monkeypatch):
    assert engine_for(1_000) == "grid"
    monkeypatch.setattr(dbscan, "find_spec", lambda name: object())
    assert (engine_for(200_000), engine_for(200_001)) == ("grid", "fast")
    monkeypatch.setattr(dbscan, "find_spec", lambda name: None)
    assert engine_for(200_001) == "grid"
    assert engine_for(200_001, "sklearn") == "sklearn"


def test_the_compiled_grid_names_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    need = Need(np.array([1]), 1)
    with pytest.raises(MissingExtraError, match=r"numba.*'fast'"):
        collapsed_dbscan(np.array([[0, 0]]), need, radius_m=1, engine="fast")


def test_neither_scikit_learn_nor_numba_is_loaded_to_cluster():
    code = """
import sys, numpy as np
from hotspots.stats.dbscan import collapsed_dbscan
from hotspots.stats.dbscan_grid import Need
collapsed_dbscan(np.arange(20).reshape(10, 2), Need(np.ones(10, dtype=int), 3), radius_m=1)
assert not {"sklearn", "numba"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
