"""Laws of values in the words of JSON, and of text that a spreadsheet does not run."""

import enum
import json
import math
from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hostile import FORMULAS, HOSTILE_TEXTS
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point

from hotspots.core.plain import harmless, plain, plain_records


class Kind(enum.StrEnum):
    ASB = "asb"


class Old(str, enum.Enum):  # noqa: UP042
    ASB = "asb"


MISSING = [
    None, math.nan, math.inf, -math.inf, pd.NA, pd.NaT, np.nan, np.float32("inf"),
    np.float16("nan"), np.longdouble("nan"), np.datetime64("NaT", "D"), np.timedelta64("NaT", "D"),
    Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"),
]  # fmt: skip
SAID = [
    (True, True),
    (np.True_, True),
    (3, 3),
    (10**30, 10**30),
    (np.int8(3), 3),
    (np.uint64(2**64 - 1), 2**64 - 1),
    (1.5, 1.5),
    (np.float32(1.5), 1.5),
    (np.longdouble(1.5), 1.5),
    (np.array(7), 7),
    (np.str_("a"), "a"),
    ("a\x00b", "a\ufffdb"),
    ("half \ud800", "half \ufffd"),
    (Kind.ASB, "asb"),
    (Old.ASB, "asb"),
    (date(2018, 7, 1), "2018-07-01"),
    (datetime(2018, 7, 1), "2018-07-01"),
    (pd.Timestamp("2018-07-01"), "2018-07-01"),
    (np.datetime64("2018-07"), "2018-07-01"),
    (np.datetime64("2018-07-01T00:00:00.000000000"), "2018-07-01"),
    (np.datetime64("2018-07-01T23:05"), "2018-07-01T23:05:00"),
    (datetime(2018, 7, 1, 23, 5), "2018-07-01T23:05:00"),
    (datetime(2018, 7, 1, tzinfo=UTC), "2018-07-01T00:00:00+00:00"),
    (pd.Timestamp("2018-07-01", tz="Europe/London"), "2018-07-01T00:00:00+01:00"),
    (pd.Period("2018-07", freq="M"), "2018-07"),
    (pd.Interval(0, 1), "(0, 1]"),
    (Decimal("1.50"), "1.50"),
    (Path("a") / "b", str(Path("a/b"))),
    (pd.Timedelta(hours=1), "0 days 01:00:00"),
]
HOLDERS = [
    lambda value: [value],
    lambda value: (value, [value]),
    lambda value: {"a": value},
    lambda value: {"a": {3: [value]}},
    lambda value: MappingProxyType({"a": value}),
    lambda value: OrderedDict(a=(value,)),
    lambda value: pd.Series([value], dtype=object),
    lambda value: np.array([value, None], dtype=object),
]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.dates(), st.datetimes(),
    st.times(), st.timedeltas(), st.decimals(), st.complex_numbers(), st.binary(),
    st.sampled_from([*MISSING, *(value for value, _ in SAID), timedelta(1), time(3), 1j]),
)  # fmt: skip
NESTED = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.one_of(st.text(), st.integers(), st.dates()), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=8,
)


def said(value):
    """What a strict reader of JSON in UTF-8 gets back."""
    text = json.dumps(plain(value), allow_nan=False, ensure_ascii=False)
    return json.loads(text.encode("utf-8"))


@pytest.mark.parametrize("value", MISSING, ids=repr)
@pytest.mark.parametrize("holder", [lambda value: value, *HOLDERS])
def test_whatever_is_missing_or_infinite_is_null(value, holder):
    assert plain(value) is None
    assert said(holder(value)) == said(holder(None))


@pytest.mark.parametrize(("value", "words"), SAID, ids=[repr(value) for value, _ in SAID])
def test_every_scalar_is_said_alone_and_inside(value, words):
    assert plain(value) == words and type(plain(value)) is type(words)
    assert said({"a": [value]}) == {"a": [words]}


@given(NESTED)
def test_json_takes_all_and_plain_values_stay_as_they_are(value):
    once = plain(value)
    assert said(value) == once
    assert plain(once) == once


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(["2018-07-01", None], dtype="datetime64[ns]"),
        pd.DatetimeIndex(["2018-07-01", None]),
        np.array(["2018-07-01", "NaT"], dtype="datetime64[ns]"),
        pd.array(["2018-07-01", None], dtype="datetime64[ns]"),
        pd.Categorical([date(2018, 7, 1), None]),
    ],
    ids=lambda values: type(values).__name__,
)
def test_columns_of_days_are_days(values):
    assert plain(values) == ["2018-07-01", None]


def test_tables_of_numbers_and_their_kinds_of_missing():
    assert plain(pd.Series([1, None], dtype="Int64")) == [1, None]
    assert plain(pd.Series([1.5, np.inf])) == [1.5, None]
    assert plain(pd.Series([True, None], dtype="boolean")) == [True, None]
    assert plain(np.array([[1, 2], [3, 4]])) == [[1, 2], [3, 4]]
    assert plain({3, 1, 2}) == [1, 2, 3] and plain(frozenset("ba")) == ["a", "b"]


def test_records_hold_no_shape_under_any_name():
    frame = gpd.GeoDataFrame(
        {"count": [1], "geometry": [Point(0, 0)]}, geometry="geometry", crs="EPSG:27700"
    )
    assert plain_records(frame) == plain_records(frame.rename_geometry("shape")) == [{"count": 1}]
    named = frame.rename_axis("zone").rename(columns={"count": "index"})
    assert plain_records(named) == [{"zone": 0, "index": 1}]
    both = pd.DataFrame({"count": [1]}, index=pd.Index(["a"], name="count"))
    assert plain_records(both) == [{"index": "a", "count": 1}]


@pytest.mark.parametrize(
    "text",
    [
        *(text for text in FORMULAS if text not in ('"=1+1', "{=1+1}")),
        "\u00a0=1+1", "\ufeff=1+1", "\u200b\u200b+1", "\x00=1", " \n =1", "＠SUM(A1)", "﹦1",
        "\t", " \n",
    ],
    ids=repr,
)  # fmt: skip
def test_what_a_spreadsheet_may_run_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a", " a", "1-2", "'=1", "a=1", "(=1)", "é", "   "])
def test_other_text_stays_as_it_is(text):
    assert harmless(text) == text


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=repr)
def test_what_was_made_harmless_stays_so(text):
    assert harmless(harmless(text)) == harmless(text)
    assert harmless(text).removeprefix("'") == text.removeprefix("'")
