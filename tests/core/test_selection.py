"""Which incidents a question is about: every other row is in exactly one other place."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables import incidents_at, shuffled, zone

from hotspots.core.errors import DataError, InputError
from hotspots.core.periods import Period
from hotspots.core.points import distinct_places
from hotspots.core.record import Account
from hotspots.core.select import select_incidents

PARTS = (
    "out_of_period",
    "out_of_theme",
    "sensitive",
    "unlocated",
    "outside",
    "institutional",
    "used",
)


def one_of_each():
    """Seven incidents, one for each place a row can go, in the order of the account."""
    return incidents_at(
        [(0, 0), (1, 1), (2, 2), None, (9999, 0), (3, 3), (4, 4)],
        month=["2018-06"] + ["2018-07"] * 6,
        theme_asb=[True, False, True, True, True, True, True],
        sensitive=[False, False, True, False, False, False, False],
        institutional=[False, False, False, False, False, True, False],
    )


def test_every_row_goes_to_exactly_one_place():
    selection = select_incidents(
        one_of_each(),
        stage="test",
        theme="asb",
        period="2018-07",
        within=zone("City", (-10, -10, 100, 100)),
    )
    assert {part: getattr(selection.account, part) for part in PARTS} == dict.fromkeys(PARTS, 1)
    assert selection.used.tolist() == [False] * 6 + [True]


def test_a_row_with_several_reasons_is_counted_once():
    incidents = incidents_at([None], month="2018-06", theme_asb=[False], sensitive=[True])
    account = select_incidents(incidents, stage="test", theme="asb", period="2018-07").account
    assert (account.out_of_period, account.out_of_theme, account.unlocated) == (1, 0, 0)


def test_row_order_and_labels_change_no_number():
    incidents = one_of_each()
    chosen = {"theme": "asb", "period": "2018-07", "within": zone("City", (-10, -10, 100, 100))}
    before = select_incidents(incidents, stage="test", **chosen).account
    assert select_incidents(shuffled(incidents), stage="test", **chosen).account == before


def test_sensitive_and_institutional_rows_come_back_when_asked_for():
    selection = select_incidents(
        one_of_each(), stage="test", include_sensitive="a review", include_institutional=True
    )
    assert selection.account.sensitive_reason == "a review"
    assert selection.account.sensitive == selection.account.institutional == 0
    assert selection.account.used == 6


@pytest.mark.parametrize("reason", [True, "", "  "])
def test_sensitive_rows_need_a_reason(reason):
    with pytest.raises(InputError, match="reason"):
        select_incidents(one_of_each(), stage="test", include_sensitive=reason)


def test_a_point_on_the_boundary_is_inside():
    incidents = incidents_at([(0, 0), (100, 50), (100.001, 50)])
    used = select_incidents(incidents, stage="t", within=zone("City", (0, 0, 100, 100))).used
    assert used.tolist() == [True, True, False]


def test_an_account_that_loses_a_row_is_refused():
    account = Account("test", "asb", "July", 10, 1, 1, 1, 1, 1, 1, used=4)
    account.check()
    with pytest.raises(DataError, match="lost rows"):
        dataclasses.replace(account, used=3).check()
    with pytest.raises(DataError, match="lost rows"):
        dataclasses.replace(account, in_areas=3).check()


def test_a_theme_that_was_not_tagged_names_the_stage_that_tags_it():
    with pytest.raises(InputError, match=r"theme_asb.*tag_themes"):
        select_incidents(incidents_at([(0, 0)]), stage="test", theme="asb")


def test_degrees_are_refused_with_the_way_out():
    incidents = incidents_at([(0, 0)]).to_crs(4326)
    with pytest.raises(InputError, match=r"metres.*to_crs"):
        select_incidents(incidents, stage="test")


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


@pytest.mark.parametrize("text", ["2018-13", "July 2018", "2018-07-01/2018-07-01", ""])
def test_a_period_that_is_none_is_refused(text):
    with pytest.raises(InputError):
        Period.parse(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)), max_size=40))
def test_distinct_places_are_those_of_numpy(pairs):
    points = np.array(pairs, dtype=float).reshape(-1, 2)
    places, inverse = distinct_places(points[:, 0], points[:, 1])
    expected = np.unique((points * 1000).astype(np.int64), axis=0).reshape(-1, 2)
    assert places.tolist() == expected.tolist()
    assert np.array_equal(places[inverse] / 1000, points)


def test_nothing_in_nothing_out():
    empty = incidents_at([(0, 0)]).iloc[:0]
    selection = select_incidents(empty, stage="test", within=zone("City", (0, 0, 1, 1)))
    assert selection.account.accepted == selection.account.used == 0


def test_the_input_is_left_as_it_was():
    incidents = one_of_each()
    before = incidents.copy(deep=True)
    select_incidents(incidents, stage="test", theme="asb", within=zone("City", (0, 0, 9, 9)))
    pd.testing.assert_frame_equal(pd.DataFrame(incidents), pd.DataFrame(before))


@pytest.mark.parametrize(
    "typed",
    ["2018-13", "2018-7", "2018-01/2018-13", "2018-02/2018-01", "2018-02-30/2018-03-01", "July",
     "2018-01-01/soon", "a/b/c", "9999", "0000", ""],
)  # fmt: skip
def test_an_error_about_a_period_quotes_what_was_typed(typed):
    with pytest.raises(InputError, match=r"a period must look like") as error:
        Period.parse(typed)
    assert f"got {typed!r}" in str(error.value)


def test_an_error_about_a_pair_quotes_both_dates():
    with pytest.raises(InputError, match=r"got '2018-02-01/2018-01-01'.*end after it starts"):
        Period.parse(("2018-02-01", "2018-01-01"))


@pytest.mark.parametrize(
    "text",
    ["2018-07", "2018", "2017-11/2018-02", "2018-03-25/2018-03-26", "2018-10-01/2018-11-01"],
)
def test_a_period_is_found_again_by_its_label(text):
    period = Period.parse(text)
    again = Period.of_label(period.label)
    assert (again.start, again.end, again.label) == (period.start, period.end, period.label)
    assert Period.of_label(text) == period


def test_words_that_are_no_label_are_refused():
    with pytest.raises(InputError, match="got 'last summer'"):
        Period.of_label("last summer")
