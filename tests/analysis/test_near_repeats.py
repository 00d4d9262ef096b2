"""Near repeats: equal to walking through all pairs, whatever the bands, and quiet on noise."""

from itertools import combinations, pairwise, permutations

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at, shuffled

from hotspots.analysis.when.repeats import near_repeats
from hotspots.core.record import RunRecord
from hotspots.stats.knox import (
    close_pairs,
    count_pairs,
    permuted_tails,
    soon_pairs,
    space_pairs,
)

DAY = pd.Timedelta(days=1)


def on_days(points, days, **columns):
    """Incidents of known days, at exact places."""
    incidents = incidents_at(
        points, **{"time_precision": "day", "location_precision": "exact"} | columns
    )
    local = pd.Timestamp("2018-01-01") + pd.to_timedelta(days, unit="D")
    incidents["occurred_from"] = local.tz_localize("Europe/London")
    incidents["occurred_until"] = incidents["occurred_from"] + pd.Timedelta(hours=23)
    return incidents


def some(seed, size=40):
    """Whole tens of metres and whole days, so that many pairs lie on the edge of a band."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 30, (size, 2)) * 10.0, rng.integers(0, 400, size) // 4


def belongs(value, low, high, closed):
    if value == 0:
        return low == 0
    return low <= value < high if closed == "left" else low < value <= high


def walked_through(points, days, metres, waits, metric, closed):
    found = []
    for near, far in pairwise(metres):
        for soon, late in pairwise(waits):
            count = 0
            for one, other in combinations(range(len(points)), 2):
                gap = np.abs(points[one] - points[other])
                apart = gap.sum() if metric == "manhattan" else np.sqrt((gap**2).sum())
                wait = abs(int(days[one]) - int(days[other]))
                count += belongs(apart, near, far, closed) and belongs(wait, soon, late, closed)
            found.append(count)
    return found


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("closed", ["left", "right"])
def test_pairs_are_those_that_walking_through_all_of_them_finds(metric, closed):
    metres, waits = [0, 50, 100, 200], [0, 3, 7, 14]
    for seed in range(3):
        points, days = some(seed)
        table = near_repeats(
            on_days(points, days),
            distance_bands_m=metres[seed % 2 :],
            time_bands_days=waits[seed % 2 :],
            metric=metric,
            closed=closed,
            permutations=1,
        )
        assert table["observed"].tolist() == walked_through(
            points, days, metres, waits, metric, closed
        )


def test_expected_is_the_mean_over_every_way_of_dealing_out_the_times():
    points, days = some(5, size=6)
    points = points / 3
    table = near_repeats(
        on_days(points, days), distance_bands_m=[50, 100], time_bands_days=[20, 60]
    )
    dealt = [
        walked_through(points, np.array(order), [0, 50, 100], [0, 20, 60], "euclidean", "left")
        for order in permutations(days)
    ]
    assert table["expected"].tolist() == pytest.approx(np.mean(dealt, axis=0))


@pytest.mark.parametrize(("closed", "band"), [("left", 1), ("right", 0)])
def test_a_pair_100_m_and_3_days_apart_is_where_the_names_of_the_bands_say(closed, band):
    """The pathological pair: other programs put it where their own labels deny it."""
    table = near_repeats(
        on_days([(0, 0), (100, 0)], [0, 3]),
        distance_bands_m=[100, 200],
        time_bands_days=[3, 7],
        closed=closed,
    )
    assert np.flatnonzero(table["observed"]).tolist() == [3 * band]
    name = {"left": ("100 to under 200 m", "3 to under 7 days"), "right": ("0 to 100 m", "0 to 3")}
    assert table.index[3 * band][1].startswith(name[closed][1])
    assert table.index[3 * band][0] == name[closed][0]


def test_the_order_of_the_rows_changes_nothing_and_the_input_stays():
    points, days = some(1)
    incidents = on_days(points, days)
    before = incidents.copy()
    tables = [
        near_repeats(rows, distance_bands_m=[60], time_bands_days=[9])
        for rows in (incidents, shuffled(incidents))
    ]
    pd.testing.assert_frame_equal(*tables)
    pd.testing.assert_frame_equal(incidents, before)


def test_days_are_those_of_the_clock_when_it_changes():
    """25 March 2018 had 23 hours, and the days either side of it are two days apart."""
    table = near_repeats(
        on_days([(0, 0), (1, 0)], [82, 84]), distance_bands_m=[9], time_bands_days=[2, 3]
    )
    assert table["observed"].tolist() == [0, 1]


def test_hours_count_as_parts_of_a_day():
    incidents = on_days([(0, 0), (1, 0)], [0, 0], time_precision="instant")
    incidents["occurred_from"] += pd.to_timedelta([0, 6], unit="h")
    table = near_repeats(incidents, distance_bands_m=[9], time_bands_days=[0.25, 0.5])
    assert table["observed"].tolist() == [0, 1]


def test_the_same_place_is_a_band_of_its_own_where_places_are_exact():
    incidents = on_days([(0, 0), (0, 0), (50, 0)], [0, 1, 2])
    bands = {"distance_bands_m": [100], "time_bands_days": [7]}
    apart = near_repeats(incidents, **bands, same_place_apart=True)
    assert apart["observed"].to_dict() == {
        ("same place", "0 to under 7 days"): 1,
        ("over 0 to under 100 m", "0 to under 7 days"): 2,
    }
    assert near_repeats(incidents, **bands)["observed"].tolist() == [3]


def test_snapped_places_have_no_same_place_and_say_so():
    incidents = on_days([(0, 0), (0, 0)], [0, 1], location_precision="snapped")
    bands = {"distance_bands_m": [100], "time_bands_days": [7]}
    record = RunRecord("Here", marking="OFFICIAL")
    near_repeats(incidents, **bands, record=record)
    assert [caveat.rule for caveat in record.caveats] == ["same-place"]
    with refused("same-place-snapped"):
        near_repeats(incidents, **bands, same_place_apart=True)


def test_what_may_have_happened_on_many_days_is_told():
    incidents = on_days([(0, 0), (0, 0)], [0, 1], time_precision="interval")
    incidents["occurred_until"] += 20 * DAY
    record = RunRecord("Here", marking="OFFICIAL")
    near_repeats(incidents, distance_bands_m=[9], time_bands_days=[7], record=record)
    assert [caveat.rule for caveat in record.caveats] == ["start-stands"]


def test_months_cannot_answer():
    with refused("times-too-coarse"):
        near_repeats(incidents_at([(0, 0)] * 3), distance_bands_m=[9], time_bands_days=[7])


@pytest.mark.parametrize("bands", [[], [0], [5, 5], [9, 3], [-1, 4], ["a"], [1, float("nan")], 7])
def test_bands_rise(bands):
    with refused("bands"):
        near_repeats(on_days([(0, 0)], [1]), distance_bands_m=bands, time_bands_days=[7])


@pytest.mark.parametrize("size", [0, 1])
def test_without_a_second_incident_there_are_no_pairs(size):
    incidents = on_days([(0, 0)], [1]).iloc[:size]
    table = near_repeats(incidents, distance_bands_m=[9], time_bands_days=[7])
    assert table["observed"].tolist() == [0]
    assert table["p_value"].tolist() == [1]


def test_pairs_beyond_all_bands_are_nothing():
    table = near_repeats(
        on_days([(0, 0), (9_000, 0)], [0, 1]), distance_bands_m=[9], time_bands_days=[7]
    )
    assert table["observed"].tolist() == [0]
    assert table["ratio"].isna().all()
    assert table["p_value"].tolist() == [1]


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("closed", ["left", "right"])
@pytest.mark.parametrize("edges", [[0, 3, 5], [0, 2.5, 4.9]])
def test_counts_of_all_pairs_and_the_soon_ones_are_those_of_all_pairs_looked_at(
    metric, closed, edges
):
    rng = np.random.default_rng(5)
    for rows in (1, 2, 60):
        places, parts = rng.integers(0, 9, (rows, 2)), rng.integers(0, 5, rows)
        pairs, band = close_pairs(places, edges, metric, closed)
        at_one = (places[pairs[:, 0]] == places[pairs[:, 1]]).all(axis=1).sum()
        assert space_pairs(places, edges, metric, closed).tolist() == [
            at_one, *np.bincount(band, minlength=len(edges) - 1)
        ]  # fmt: skip
        soon = np.abs(np.diff(parts[pairs], axis=1)[:, 0]) <= 1
        found, near = soon_pairs(places, parts, edges, metric, closed)
        assert sorted(zip(*np.sort(found, axis=1).T.tolist(), near.tolist(), strict=True)) == (
            sorted(zip(*np.sort(pairs[soon], axis=1).T.tolist(), band[soon].tolist(), strict=True))
        )


@pytest.mark.parametrize("opposite", [False, True])
def test_noise_is_called_a_chain_no_more_often_than_promised(opposite):
    """Places in clumps and times in seasons; half of the places may have the opposite season."""
    edges, called = np.array([0.0, 14.0]), 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        clump = rng.integers(0, 5, (60, 2))
        metres = clump * 300 + rng.normal(0, 60, (60, 2))
        times = np.rint(180 + 90 * np.sin(rng.uniform(0, 6.28, 60)) + rng.normal(0, 9, 60))
        if opposite:
            times = 90 * np.sin(rng.uniform(0, 3.14, 60)) + rng.normal(0, 30, 60)
            times = np.rint(np.where(clump[:, 0] % 2, 180 + times, 180 - times))
        times = times.astype(np.int64)
        pairs, band = close_pairs((metres * 1000).astype(np.int64), [0, 2e5], "euclidean", "left")
        observed = count_pairs(times[:, None], pairs, band, 1, edges, "left")[:, :, 0]
        tails = permuted_tails(times, pairs, band, observed, edges, "left", 99, rng, 56)
        called += (tails[0, 0] + 1) / 100 <= 0.05
    assert called <= 0.08 * 200


@pytest.mark.parametrize("followed", [0.3, 0.0])
def test_other_bands_are_beyond_chance_together_and_after_the_first_alone(followed):
    draw = np.random.default_rng(18)
    places, days = draw.uniform(0, 4_000, (150, 2)), draw.integers(0, 365, 150)
    again = draw.random(150) < followed
    places = np.vstack([places, places[again] + draw.uniform(-50, 50, (again.sum(), 2))])
    days = np.append(days, days[again] + draw.integers(0, 4, again.sum()))
    bands = {"distance_bands_m": [200, 400, 800], "time_bands_days": [7, 14, 28]}
    found = near_repeats(on_days(places, days), **bands, permutations=199)
    p_value, beyond = found["p_value"].to_numpy(), found["beyond_chance"].to_numpy()
    assert (p_value[1:] <= 0.05).any(), "one of eight is, by itself, where nothing was planted"
    assert beyond.tolist() == [followed > 0, *[False] * 8]
