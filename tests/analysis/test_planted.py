"""What was planted in the town is found again: a small run of benchmarks/bench_planted.py."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).resolve().parents[2] / "benchmarks" / "bench_planted.py"
SEEDS = range(1001, 1009)


@pytest.fixture(scope="module")
def seen():
    spec = importlib.util.spec_from_file_location("bench_planted", PATH)
    bench = importlib.util.module_from_spec(spec)
    sys.modules["bench_planted"] = bench
    spec.loader.exec_module(bench)
    return [bench.look(seed) for seed in SEEDS]


def test_at_least_twenty_of_the_planted_patrol_areas_are_found(seen):
    assert min(one.areas_found for one in seen) >= 20


def test_the_screen_tells_the_planted_story(seen):
    assert all(one.screen_right for one in seen)


def test_the_planted_fall_is_covered_and_the_null_is_not_called(seen):
    """Of eight intervals of 95 %, five or fewer hold in one run of 170."""
    assert sum(one.covered for one in seen) >= 6
    assert sum(one.called for one in seen) <= 1


def test_the_fall_moves_the_ratio_down(seen):
    assert all(one.ratio < one.null_ratio for one in seen)
