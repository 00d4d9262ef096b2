"""Chains: who follows whom, found slowly and plainly, and again whatever the order of the rows."""

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at

from hotspots.analysis.when.repeats import repeat_chains


def on_days(points, days):
    incidents = incidents_at(points, time_precision="day", location_precision="exact")
    local = pd.Timestamp("2018-01-01") + pd.to_timedelta(days, unit="D")
    incidents["occurred_from"] = local.tz_localize("Europe/London")
    incidents["occurred_until"] = incidents["occurred_from"] + pd.Timedelta(hours=23)
    return incidents


def test_one_follows_another_and_a_third_follows_that():
    """i2 is too far from i0 and too late after it, but near and soon after i1; i3 is alone."""
    incidents = on_days([(0, 0), (200, 0), (400, 0), (400, 0)], [0, 7, 14, 30])
    found = repeat_chains(incidents, within_m=200, within_days=7)
    assert found["chain_id"].to_dict() == {"i0": "i0", "i1": "i0", "i2": "i0"}
    assert found["step"].tolist() == [1, 2, 3]
    assert found["chain_length"].tolist() == [3, 3, 3]
    assert found["days_since"].iloc[1:].tolist() == [7, 7]


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_chains_are_those_that_joining_pair_by_pair_finds(metric):
    rng = np.random.default_rng(3)
    points, days = rng.integers(0, 60, (80, 2)) * 10.0, rng.integers(0, 60, 80)
    chain = list(range(80))
    for one in range(80):
        for other in range(one):
            gap = np.abs(points[one] - points[other])
            apart = gap.sum() if metric == "manhattan" else np.hypot(*gap)
            if apart <= 50 and abs(int(days[one]) - int(days[other])) <= 5:
                joined = chain[one], chain[other]
                chain = [joined[1] if mine == joined[0] else mine for mine in chain]
    slow = {frozenset(np.flatnonzero(np.array(chain) == name)) for name in set(chain)}
    incidents = on_days(points, days)
    for rows in (incidents, incidents.iloc[::-1]):
        found = repeat_chains(rows, within_m=50, within_days=5, metric=metric)
        groups = found.groupby("chain_id").groups.values()
        fast = {frozenset(int(name[1:]) for name in group) for group in groups}
        assert fast == {group for group in slow if len(group) > 1}


def test_nothing_to_chain_is_an_empty_table():
    empty = repeat_chains(on_days([(0, 0)], [1]), within_m=9, within_days=9)
    assert empty.empty
    assert empty.columns.tolist() == ["chain_id", "step", "chain_length", "days_since"]
    assert repeat_chains(on_days([(0, 0)], [1]).iloc[:0], within_m=9, within_days=9).empty


def test_months_and_no_reach_are_refused():
    with refused("times-too-coarse"):
        repeat_chains(incidents_at([(0, 0)] * 2), within_m=9, within_days=9)
    for reach in ({"within_m": 0, "within_days": 1}, {"within_m": 1, "within_days": "soon"}):
        with refused("out-of-range"):
            repeat_chains(on_days([(0, 0)], [1]), **reach)
    with refused("unknown-choice"):
        repeat_chains(on_days([(0, 0)], [1]), within_m=1, within_days=1, metric="road")
