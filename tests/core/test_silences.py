"""A source that holds all there is is silent for no time, and one that does not is."""

import numpy as np
import pytest

from hotspots.core.silences import MISSING, silences_of

DAYS = 730
WORKING = np.arange(DAYS) % 7 < 5


def in_threes(rng):
    return 3 * rng.poisson(0.5, DAYS)


def with_a_season(rng):
    return rng.poisson(1 + 0.8 * np.sin(2 * np.pi * np.arange(DAYS) / 365))


def without_weekends(rng):
    return rng.poisson(12, DAYS) * WORKING


def found(held):
    day = np.flatnonzero(held)
    return silences_of(day, held[day], DAYS)


@pytest.mark.parametrize("kind", [in_threes, with_a_season, without_weekends])
def test_bursts_seasons_and_free_weekends_are_no_silence_and_missing_weeks_are(kind):
    for seed in range(8):
        held = kind(np.random.default_rng(seed))
        silences = found(held)
        assert len(silences.start) == 2, "before the first and after the last alone"
        assert (DAYS - silences.start[-1]) * silences.a_day[-1] < MISSING
        held[300:365] = 0
        held[-60:] = 0
        silences = found(held)
        assert len(silences.start) == 3 and silences.start[1] <= 300 < 365 <= silences.stop[1]
        assert (DAYS - silences.start[-1]) * silences.a_day[-1] >= MISSING


def test_a_file_that_ends_on_friday_ends_on_sunday_where_weekends_are_free():
    held = np.where(WORKING, 12, 0)[:726]
    silences = found(held)
    assert (silences.stop[0], silences.start[-1]) == (-2, 728), "Monday's file begins on Saturday"


def test_one_day_is_silence_where_much_comes_every_day():
    held = np.random.default_rng(0).poisson(30, DAYS)
    held[100] = 0
    silences = found(held)
    assert (silences.start.tolist()[1:-1], silences.stop.tolist()[1:-1]) == ([100], [101])


def test_of_a_file_of_a_week_no_weekday_is_known_to_be_free():
    held = np.array([30, 30, 30, 30])
    assert found(held).start[-1] == 4
