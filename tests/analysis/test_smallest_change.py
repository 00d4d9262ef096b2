"""What would be seen: laws of the smallest change, and a plan against what then comes."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusing import refused
from tables import incidents_at, zone

from hotspots.analysis.evaluation.plan import plan_change, smallest_change

COUNT = st.integers(1, 5_000)


@given(COUNT, COUNT, st.floats(0, 0.5))
def test_more_incidents_show_less_and_drift_hides_more(treated, control, drift):
    plain, drifting = (smallest_change(treated, control, drift=one).fall for one in (0.0, drift))
    more = smallest_change(2 * treated, control).fall
    assert math.isnan(plain) or more <= plain
    assert math.isnan(drifting) or plain <= drifting
    assert math.isnan(plain) or plain == round(plain, 1), "119.2 and not 119.19999999999999"


def test_the_smallest_fall_is_seen_four_times_out_of_five():
    rng = np.random.default_rng(1)
    found = smallest_change(246, 153)
    assert 33 <= found.fall <= 36
    before, beside, later = (rng.poisson(mean, 4_000) for mean in (246, 153, 153))
    after = rng.poisson(246 * (1 - found.fall / 100), 4_000)
    logs = np.log(after / before * beside / later)
    errors = np.sqrt(1 / after + 1 / before + 1 / beside + 1 / later)
    assert np.mean(logs / errors < -1.96) == pytest.approx(0.8, abs=0.03)


def test_wrong_counts_and_shares_are_refused():
    for wrong in ({"treated": -1}, {"treated": 5, "power": 1}, {"treated": 5, "drift": -1}):
        with refused("argument"):
            smallest_change(**wrong)


def lattice(months: int, seed: int = 2, level: float = 25.0, size: int = 12):
    """The same risk at every block in every month."""
    rng = np.random.default_rng(seed)
    points, held = [], []
    for month in pd.period_range("2021-01", periods=months, freq="M").astype(str):
        for block, count in enumerate(rng.poisson(level, size * size).tolist()):
            points += [(300 * (block // size), 300 * (block % size))] * count
            held += [month] * count
    return incidents_at(points, month=held)


AREA = zone("Block", (1_360, 1_360, 1_640, 1_640))


def test_longer_windows_show_less_and_a_date_follows():
    plan = plan_change(AREA, lattice(15, level=30.0), months=[2, 3, 24], fall=60)
    assert plan.table.index.tolist() == [2, 3]
    assert plan.table["smallest_fall"].is_monotonic_decreasing
    assert (plan.table["places"] >= 40).all()
    assert plan.months in (2, 3)
    assert plan.visible == pd.Timestamp("2022-04-01", tz="Europe/London") + pd.DateOffset(
        months=plan.months
    )
    never = plan_change(AREA, lattice(15, level=1.0), months=[1], fall=20)
    assert never.months is None and never.visible is None


def test_a_plan_refuses_what_it_cannot_read():
    with refused("argument", of="fall"):
        plan_change(AREA, lattice(2, level=1.0), fall=120)
    with refused("argument", of="incidents"):
        plan_change(AREA, lattice(1, level=1.0))
