"""The door to the solver: what limits it is work, the same on a slow machine as on a fast one."""

import re
from pathlib import Path

import numpy as np
import pytest

import hotspots
from hotspots.stats import solver
from hotspots.stats.solver import best_values

RNG = np.random.default_rng(0)
ROWS = (RNG.random((40, 60)) < 0.15).astype(float)
WORTH = RNG.random(60)


def test_a_search_that_ends_early_says_so_and_bounds_what_it_left(monkeypatch):
    best = best_values(WORTH, ROWS, 1.0)
    assert best.proven and best.bound == pytest.approx(WORTH @ best.values)
    assert (ROWS @ best.values <= 1).all() and set(best.values) <= {0.0, 1.0}
    parts = best_values(WORTH, ROWS, 1.0, whole=False)
    assert parts.proven and parts.bound >= best.bound
    monkeypatch.setattr(solver, "BRANCHES", 0)
    early = best_values(WORTH, ROWS, 1.0)
    assert not early.proven and not early.impossible and early.bound >= best.bound


def test_time_is_a_last_resort_and_told(monkeypatch):
    monkeypatch.setattr(solver, "LONGEST_S", 0.0)
    with pytest.warns(UserWarning, match="0 minutes"):
        assert not best_values(WORTH, ROWS, 1.0).proven


def test_sums_that_nothing_fits_are_impossible():
    assert best_values(np.ones(2), np.ones((1, 2)), 2.0, low=3.0).impossible
    assert best_values(np.ones(1), np.array([[2.0]]), 1.0, low=1.0).impossible


def test_nothing_else_asks_the_solver():
    """One limit for all: a module that asks by itself could be as quick as its machine."""
    (folder,) = hotspots.__path__
    found = {
        str(file.relative_to(folder))
        for file in Path(folder).rglob("*.py")
        if re.search(r"\bmilp\(|time_limit", file.read_text(encoding="utf-8"))
    }
    assert found == {"stats/solver.py"}
