"""Periods are half-open, in local time, and found again by what they are called."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from refusing import refused

from hotspots.core.periods import Period


@pytest.mark.parametrize(
    ("text", "start", "end", "label"),
    [
        ("2018-07", "2018-07-01T00:00:00+01:00", "2018-08-01T00:00:00+01:00", "July 2018"),
        ("2018-12", "2018-12-01T00:00:00+00:00", "2019-01-01T00:00:00+00:00", "December 2018"),
        ("2018", "2018-01-01T00:00:00+00:00", "2019-01-01T00:00:00+00:00", "2018"),
        (
            "2018-03-20/2018-04-02",
            "2018-03-20T00:00:00+00:00",
            "2018-04-02T00:00:00+01:00",
            "20 March 2018 to 1 April 2018",
        ),
    ],
)
def test_periods_are_half_open_and_in_local_time(text, start, end, label):
    period = Period.parse(text)
    assert (period.start.isoformat(), period.end.isoformat(), period.label) == (start, end, label)


JULY = pd.to_datetime(["2018-07-01", "2018-08-01"])


@pytest.mark.parametrize("given", [
    ("01/07/2018", "01/08/2018"), [date(2018, 7, 1), "2018-08-01"], tuple(JULY),
    tuple(JULY.to_numpy().astype("datetime64[D]")), pd.Period("2018-07"),
    pd.Interval(*JULY, closed="left"), pd.Interval(*JULY.tz_localize("Europe/London"), "left"),
])  # fmt: skip
def test_what_can_mean_one_span_alone_is_that_span(given):
    assert Period.parse(given) == Period.parse("2018-07")


def test_periods_of_pandas_are_as_long_as_pandas_says():
    found = [Period.parse(pd.Period(*one)).key for one in (("2018-07-03", "D"), ("2018Q3", "Q"))]
    assert found == ["2018-07-03/2018-07-04", "2018-07/2018-09"]


@pytest.mark.parametrize("given", [
    "2018-13", "July 2018", "2018-07-01/2018-07-01", "", "2018/2019", "2018-07-01/2018-08",
    ("2018-07", "2018-08"), (2018, 2019), (pd.Period("2018-07"), pd.Period("2018-08")),
    (np.datetime64("2018-07"), np.datetime64("2018-08")), ("now", "2090-01-01"), set(JULY),
    JULY, pd.Series(JULY), pd.period_range("2018-07", "2018-08"), pd.Interval(*JULY), pd.NaT,
    ("01/07/18", "01/08/18"), (None, None), 2018,
])  # fmt: skip
def test_a_period_that_is_none_or_has_two_readings_is_refused(given):
    with refused("period-format"):
        Period.parse(given)


def test_hours_of_one_day_are_called_by_their_day():
    assert Period.parse(("2018-07-01T10:00", "2018-07-01T12:00")).label == "1 July 2018"


@pytest.mark.parametrize(
    "typed",
    ["2018-13", "2018-7", "2018-01/2018-13", "2018-02/2018-01", "2018-02-30/2018-03-01", "July",
     "2018-01-01/soon", "a/b/c", "9999", "0000", ""],
)  # fmt: skip
def test_an_error_about_a_period_quotes_what_was_typed(typed):
    with refused("period-format") as error:
        Period.parse(typed)
    assert f"got {typed!r}" in str(error.value)


def test_an_error_about_a_pair_quotes_both_dates():
    with refused("period-format", "'2018-02-01/2018-01-01'", "end after"):
        Period.parse(("2018-02-01", "2018-01-01"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("2018-07", "2018-07"),
        ("2018", "2018-01/2018-12"),
        ("2017-11/2018-02", "2017-11/2018-02"),
        ("2018-03-25/2018-03-26", "2018-03-25/2018-03-26"),
        ("2018-10-01/2018-11-01", "2018-10"),
        (("2018-07-01T10:00", "2018-07-02"), "2018-07-01T10:00:00/2018-07-02T00:00:00"),
    ],
)
def test_a_period_is_found_again_by_its_key(text, key):
    period = Period.parse(text)
    again = Period.parse(period.key)
    assert period.key == again.key == key
    assert (again.start, again.end) == (period.start, period.end)
