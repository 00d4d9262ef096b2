"""Posts by place and hour: as good as the best of all choices, each incident once."""

import itertools

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at, zone

from hotspots.programmes.patrols.services import place_services

PLACES = pd.concat([zone(name, (at, 0, at + 10, 10)) for at, name in ((0, "A"), (60, "B"))])
POINTS = PLACES.set_geometry(PLACES.centroid)
MONDAY = pd.Timestamp("2025-06-02", tz="Europe/London")


def at_hours(places, hours):
    rows = incidents_at(places, time_precision="instant")
    start = MONDAY + pd.to_timedelta(np.array(hours), unit="h") + pd.Timedelta(minutes=20)
    return rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(minutes=1))


@pytest.mark.parametrize("candidates", [PLACES, POINTS], ids=["outlines", "points"])
@pytest.mark.parametrize("seed", range(4))
def test_no_choice_of_posts_reaches_more(seed, candidates):
    rng = np.random.default_rng(seed)
    x, hours = rng.uniform(-40, 120, 30), rng.integers(120, 136, 30)
    rows = at_hours([(one, 5) for one in x], hours)
    plan = place_services(candidates, rows, count=2, reach_m=30, hours_each=4, hours="Sat 00-16")
    half = 5 if candidates is PLACES else 0  # incidents lie on the line through both middles
    near = {name: np.abs(x - at) <= 30 + half for name, at in (("A", 5), ("B", 65))}
    posts = [near[name] & (hours >= first) & (hours < first + 4)
             for name in near for first in range(120, 133)]  # fmt: skip
    best = max((one | other).sum() for one, other in itertools.combinations(posts, 2))
    assert plan.reached == pytest.approx(best) and plan.proven
    assert plan.posts["incidents_added"].sum() == pytest.approx(plan.reached)
    assert plan.total == 30


def test_an_incident_counts_once_however_many_posts_reach_it():
    rows = at_hours([(35, 5)] * 7, [130] * 7)
    plan = place_services(PLACES, rows, count=5, reach_m=100)
    assert plan.reached == 7 and len(plan.posts) == 1 and plan.spare == 4
    assert place_services(PLACES, rows.iloc[:0], count=2, reach_m=100).posts.empty


def test_the_order_of_candidates_and_incidents_changes_nothing():
    rows = at_hours([(5, 5), (65, 5)] * 3, [130, 130, 11, 11, 50, 50])
    plans = [place_services(some, one, count=3, reach_m=9)
             for some, one in ((PLACES, rows), (PLACES[::-1], rows[::-1]))]  # fmt: skip
    assert plans[0].posts.equals(plans[1].posts)


def test_what_cannot_be_placed_is_refused():
    rows = at_hours([(5, 5)], [130])
    for wrong in ({"count": 0}, {"reach_m": -1}, {"hours_each": 25}):
        with refused("out-of-range"):
            place_services(PLACES, rows, **{"count": 1, "reach_m": 10} | wrong)
    with refused("no-room"):
        place_services(PLACES, rows, count=1, reach_m=10, hours="Fri 22-23")
    with refused("times-too-coarse"):
        place_services(PLACES, rows.assign(time_precision="day"), count=1, reach_m=10)
