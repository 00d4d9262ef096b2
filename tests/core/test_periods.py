"""Laws of months and spans: pandas as the oracle, and words that lead back to what they name."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusing import refused

from hotspots.core.months import (
    later,
    month_ceiling,
    month_floor,
    month_numbers,
    month_of,
    month_runs,
    month_words,
    months_between,
)
from hotspots.core.periods import (
    Period,
    calendar_months,
    day_words,
    months_of,
    read_day,
    read_span,
    read_time,
    span_of,
    span_words,
)
from hotspots.core.tables import TIMEZONE

MONTHS = st.builds("{:04d}-{:02d}".format, st.integers(1950, 2100), st.integers(1, 12))
DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
MOMENTS = st.datetimes(
    pd.Timestamp("1950-01-01").to_pydatetime(), pd.Timestamp("2100-12-31").to_pydatetime()
)


def local(day):
    return pd.Timestamp(day).tz_localize(TIMEZONE)


@given(MONTHS, st.integers(0, 60))
def test_months_are_counted_as_pandas_counts_them(first, more):
    every = [str(month) for month in pd.period_range(first, periods=more + 1, freq="M")]
    assert months_between(first, every[-1]) == every
    assert [later(first, by) for by in range(more + 1)] == every
    assert later(every[-1], -more) == first
    assert months_of(Period.parse(f"{first}/{every[-1]}")) == every


@pytest.mark.parametrize("month", ["2018-13", "2018", "July 2018", "", "2018-07-01"])
def test_what_is_no_month_is_refused_and_not_counted_for_ever(month):
    with refused("month-format"):
        months_between("2018-01", month)
    assert months_between("2018-02", "2018-01") == []


@given(st.lists(st.one_of(st.none(), MOMENTS), min_size=1, max_size=20))
def test_the_month_of_a_time_is_the_local_one(moments):
    times = pd.Series(pd.to_datetime(moments)).dt.tz_localize("UTC")
    here = [None if pd.isna(time) else time.tz_convert(TIMEZONE) for time in times]
    words = [None if time is None else f"{time:%Y-%m}" for time in here]
    assert month_of(times).tolist() == words
    numbers = [-1 if time is None else time.year * 12 + time.month - 1 for time in here]
    assert month_numbers(times).tolist() == numbers
    assert month_numbers(times).dtype == np.int64


@given(MOMENTS)
def test_a_moment_lies_between_the_edges_of_its_month(moment):
    stamp = pd.Timestamp(moment).tz_localize("UTC").tz_convert(TIMEZONE)
    low, high = month_floor(stamp), month_ceiling(stamp)
    assert low <= stamp <= high
    assert month_ceiling(low) == low and (high.day, high.hour) == (1, 0)


@given(st.sets(MONTHS, max_size=30))
def test_runs_of_months_name_each_month_once(months):
    runs = [run.split(" to ") for run in month_runs(months).split(", ") if run]
    assert [one for run in runs for one in months_between(run[0], run[-1])] == sorted(months)


@given(DAYS, st.integers(1, 800))
def test_the_key_of_a_span_leads_back_to_it(start, days):
    first, until = local(start), local(pd.Timestamp(start) + pd.Timedelta(days=days))
    assert span_of(Period(first, until, "").key) == (first, until)


@given(MONTHS, st.integers(1, 40))
def test_whole_months_are_called_by_months(first, more):
    period = Period.parse(f"{first}/{later(first, more - 1)}")
    start, until = period.start, period.end
    assert calendar_months((start, until)) == more == len(months_of(period))
    assert span_of(period.key) == (start, until)
    assert span_words(start, until).startswith(month_words(first))


def test_a_span_that_ends_within_a_day_ends_on_that_day():
    start = local("2018-07-02")
    assert span_words(start, local("2018-07-09 10:30")) == "2 July 2018 to 9 July 2018"
    assert span_words(start, local("2018-07-09")) == "2 July 2018 to 8 July 2018"
    assert span_words(start, pd.NaT) == span_words(None, start) == ""


@pytest.mark.parametrize("name", ["Easter", "", "July", "2018-13", "July 2018 to May 2018", "/"])
def test_a_name_that_is_no_time_has_no_span(name):
    assert span_of(name) is None


@given(DAYS)
def test_a_day_is_read_alike_however_it_is_written(day):
    for typed in (day.isoformat(), f"{day:%d/%m/%Y}", f"{day.day}/{day.month}/{day.year}"):
        assert read_day(typed, "started") == day
        assert read_time(typed, "started") == local(day)
    assert read_time(day, "started") == local(day)
    assert day_words(day) == day_words(pd.Timestamp(day))


@pytest.mark.parametrize("typed", ["04/25/2018", "1/2/18", "2018-02-30", "yesterday", "2018-2-3"])
def test_what_could_be_two_days_or_none_is_refused(typed):
    with refused("date-format", of="started"):
        read_day(typed, "started")
    with refused("date-format", of="started"):
        read_time(typed, "started")


@pytest.mark.parametrize("typed", ["2018-13", "1 July", "2018-07-01", "2018-07-02/2018-07-01"])
def test_a_period_that_is_none_is_refused_as_it_was_typed(typed):
    with refused("period-format", f"'{typed}'", "2025-04", of="period"):
        read_span(typed, "period")
