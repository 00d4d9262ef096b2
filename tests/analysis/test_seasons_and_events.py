"""Months and events: planted seasons come back, one odd year is no season, noise is quiet."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from refusing import refused
from tables import incidents_at, shuffled

import hotspots as hs
from hotspots.analysis.when.days_and_months import monthly_index
from hotspots.analysis.when.events import event_index, event_of
from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord

MONTHS = pd.period_range("2021-04", periods=36, freq="M")
DAYS = pd.date_range("2021-01-01", "2022-12-31")
SUMMER = [4, 4, 4, 6, 6, 8, 9, 8, 6, 5, 4, 4]
FAIR = pd.DataFrame(
    {
        "name": ["Fair 2021", "Fair 2022"],
        "kind": ["fair", "fair"],
        "first_day": [date(2021, 5, 10), date(2022, 5, 9)],
        "last_day": [date(2021, 5, 16), date(2022, 5, 15)],
    }
)


def by_month(a_day, **columns):
    """So many incidents on every day of each month, known to the month only."""
    held = MONTHS[: len(a_day)]
    counts = np.rint(held.days_in_month * a_day).astype(int)
    months = np.repeat([str(month) for month in held], counts)
    return incidents_at([(0, 0)] * len(months), month=list(months), **columns)


def by_day(counts, days=DAYS):
    incidents = incidents_at([(0, 0)] * int(np.sum(counts)), time_precision="day")
    start = pd.DatetimeIndex(np.repeat(days.to_numpy(), counts)).tz_localize("Europe/London")
    incidents["occurred_from"] = start
    incidents["occurred_until"] = start + pd.Timedelta(hours=23)
    return incidents


def test_alike_days_make_alike_months_whatever_their_length():
    found = monthly_index(by_month([2.0] * 36))
    assert found["month"].tolist()[:2] == ["January", "February"]
    assert len(found) == 12
    assert found["index"].to_numpy() == pytest.approx(1)
    assert found["stands_out"].isna().all()


def test_a_season_comes_back_though_every_year_has_more():
    rates = [SUMMER[month.month - 1] / 2 * (1 + at // 12) for at, month in enumerate(MONTHS)]
    found = monthly_index(by_month(rates))
    assert found["index"].to_numpy() == pytest.approx(np.array(SUMMER) / np.mean(SUMMER), rel=0.01)
    assert found.loc[found["stands_out"].eq("high"), "month"].tolist() == ["June", "July", "August"]
    assert found["odd_month"].isna().all()


def test_one_odd_year_is_told_from_a_season():
    rates = np.full(36, 5.0)
    rates[15] = 15
    found = monthly_index(by_month(rates)).set_index("month")
    assert found["odd_month"].dropna().to_dict() == {"July": "2022-07"}
    assert found["stands_out"].isna().all()
    assert found["index"].to_numpy() == pytest.approx(1)


def test_noise_makes_a_season_no_more_often_than_promised():
    called = 0
    for seed in range(15):
        rng = np.random.default_rng(seed)
        rates = rng.poisson(20, 36) / [month.days_in_month for month in MONTHS]
        called += monthly_index(by_month(rates))["stands_out"].notna().any()
    assert called <= 1


def test_a_month_that_came_out_high_by_chance_is_no_surer_than_others():
    for seed in range(5):
        rates = 3 * np.random.default_rng(seed).lognormal(-0.03, 0.25, 36)
        found = monthly_index(by_month(rates))
        width = np.log(found["high"] / found["low"])
        assert width[found["index"].idxmax()] > 0.95 * width.median()


@pytest.mark.filterwarnings("error")
def test_a_month_that_never_held_anything_has_an_open_interval_and_no_warning():
    rates = [0.0 if month.month == 2 else 0.1 for month in MONTHS]
    found = monthly_index(by_month(rates)).set_index("month")
    assert found.loc["February", "high"] == np.inf


def test_one_year_has_no_season():
    with refused("too-few-years", "0 that are, and 12 in one year alone"):
        monthly_index(by_month([3.0] * 12))
    with refused("too-few-years"):
        monthly_index(by_month([3.0] * 36).iloc[:0])


def test_a_month_cut_short_is_left_out_and_told():
    counts = np.full(len(DAYS), 2)
    extra = pd.date_range("2023-01-01", "2023-01-10")
    incidents = by_day(np.append(counts, [2] * 10), DAYS.append(extra))
    record = RunRecord("Here", marking="OFFICIAL")
    found = monthly_index(incidents, record=record).set_index("month")
    assert found.loc["January", "years"] == 2
    assert found["index"].to_numpy() == pytest.approx(1)
    assert [one.values for one in record.caveats] == [{"months": "2023-01"}]


def test_the_order_of_rows_changes_no_month():
    incidents = by_month(np.linspace(2, 4, 36))
    pd.testing.assert_frame_equal(monthly_index(incidents), monthly_index(shuffled(incidents)))


def test_a_question_about_two_years_is_about_these():
    incidents = by_month([1.0] * 12 + [4.0] * 24)
    asked = hs.select(incidents, hs.Question(period="2022-04/2024-03"))
    assert monthly_index(asked)["years"].tolist() == [2] * 12


def holding(event, ratio):
    on = np.zeros(len(DAYS), dtype=bool)
    for first, last in zip(event["first_day"], event["last_day"], strict=True):
        on |= (pd.Timestamp(first) <= DAYS) & (pd.Timestamp(last) >= DAYS)
    return on, np.where(on, ratio, 1.0)


def test_an_event_is_set_against_ordinary_days_of_its_months():
    on, factor = holding(FAIR, 3)
    level = np.where(DAYS.month == 5, 4, 2) * np.where(DAYS.day_of_week >= 5, 2, 1)
    (found,) = event_index(by_day((level * factor).astype(int)), FAIR).itertuples()
    assert (found.event, found.days) == ("fair", int(on.sum()))
    assert found.ratio == pytest.approx(3)
    assert found.low <= 3 <= found.high


def test_an_event_without_an_incident_is_none_and_no_surer_than_its_days():
    one_day = FAIR.assign(last_day=FAIR["first_day"])
    _, factor = holding(one_day, 0)
    (found,) = event_index(by_day((3 * factor).astype(int)), one_day).itertuples()
    # No incident where six were to be expected: at most 3.7 of them, in 97.5 of 100.
    assert (found.ratio, found.low, found.days) == (0, 0, 2)
    assert found.high == pytest.approx(-np.log(0.025) / 6, rel=0.1)


def test_a_planted_holiday_lies_in_its_interval_and_noise_is_not_called():
    holidays = FAIR.assign(kind="holiday", last_day=[date(2021, 5, 23), date(2022, 5, 22)])
    _, factor = holding(holidays, 1.6)
    inside = called = 0
    for seed in range(5):
        rng = np.random.default_rng(seed)
        planted = event_index(by_day(rng.poisson(4 * factor)), holidays).iloc[0]
        noise = event_index(by_day(rng.poisson(4, len(DAYS))), holidays).iloc[0]
        inside += planted["low"] <= 1.6 <= planted["high"]
        called += not noise["low"] <= 1 <= noise["high"]
    assert inside >= 4
    assert called <= 1


def test_days_that_hang_together_make_wider_intervals_than_the_same_days_dealt_out():
    holidays = FAIR.assign(last_day=[date(2021, 5, 23), date(2022, 5, 22)])
    times_as_wide = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        level = np.repeat(rng.choice([2, 8], len(DAYS) // 9 + 1), 9)[: len(DAYS)]
        counts = rng.poisson(level)
        both = (event_index(by_day(one), holidays) for one in (counts, rng.permutation(counts)))
        hanging, dealt = (np.log(one["high"] / one["low"]).iloc[0] for one in both)
        times_as_wide.append(hanging / dealt)
    assert np.mean(times_as_wide) > 1.7


def test_a_calendar_file_is_read_and_terms_are_ordinary(tmp_path):
    file = tmp_path / "calendar.toml"
    file.write_text(
        '[[entry]]\nname = "Term"\nkind = "term"\nfirst_day = 2021-01-04\nlast_day = 2021-05-09\n'
        '[[entry]]\nname = "Week off"\nkind = "holiday"\n'
        "first_day = 2021-05-10\nlast_day = 2021-05-16\n",
        encoding="utf-8",
    )
    found = event_index(by_day(np.full(len(DAYS), 2)), file)
    assert found["event"].tolist() == ["school holidays"]
    assert found["days"].tolist() == [7]


def test_an_event_that_is_all_of_its_months_cannot_be_told():
    whole = FAIR.assign(
        first_day=[date(2021, 5, 1), date(2022, 5, 1)],
        last_day=[date(2021, 5, 31), date(2022, 5, 31)],
    )
    assert event_index(by_day(np.full(len(DAYS), 2)), whole)["ratio"].isna().all()


def test_months_have_no_days_for_events():
    with refused("times-too-coarse"):
        event_index(by_month([2.0] * 36), FAIR)


@pytest.mark.parametrize(
    "calendar",
    [
        FAIR.drop(columns="last_day"),
        FAIR.iloc[:0],
        FAIR.assign(kind="term"),
        FAIR.assign(first_day="soon"),
        FAIR.assign(last_day=date(2020, 1, 1)),
    ],
)
def test_a_calendar_without_events_is_refused(calendar):
    with refused("calendar", kind=DataError):
        event_index(by_day(np.full(len(DAYS), 1)), calendar)


@pytest.mark.parametrize("index", [monthly_index, lambda *a, **k: event_index(*a, FAIR, **k)])
def test_a_known_break_inside_is_refused_unless_acknowledged_and_then_told(index):
    rows = by_day(np.full(len(DAYS), 2))
    inside, at_the_start = [("2022-02-01", "a new form")], [("2021-01-01", "a new form")]
    with refused("break-between-windows", "a new form"):
        index(rows, breaks=inside)
    record = RunRecord("breaks", "OFFICIAL", "internal")
    told = index(rows, breaks=inside, acknowledge_breaks=True, record=record)
    pd.testing.assert_frame_equal(told, index(rows, breaks=at_the_start))
    assert [one.rule for one in record.caveats] == ["break-crossed"]


def test_repeats_in_holidays_are_told_from_those_in_term():
    rng, week = np.random.default_rng(4), pd.Timedelta(days=7)
    days = np.sort(rng.choice(DAYS.to_numpy(), 500))
    fair = FAIR.assign(first_day=date(2021, 6, 1), last_day=date(2021, 9, 30)).iloc[:1]
    held = (days >= np.datetime64("2021-06-01")) & (days <= np.datetime64("2021-09-30"))
    places = rng.uniform(0, 9_000, (500, 2))
    follow = np.flatnonzero(held[1:] & held[:-1])[::2]
    places[follow + 1] = places[follow] + 20  # every second one of the fair follows another
    rows = incidents_at([tuple(at) for at in places], time_precision="day")
    start = pd.DatetimeIndex(days).tz_localize("Europe/London")
    rows = rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(hours=23))
    event = event_of(rows, fair)
    assert (event.eq("fair").to_numpy() == held).all() and event[~held].isna().all()
    assert event_of(shuffled(rows), fair).value_counts().equals(event.value_counts())
    bands = {"distance_bands_m": [200], "time_bands_days": [week.days], "permutations": 99}
    fairs, ordinary = (
        hs.when.near_repeats(rows[one], **bands).iloc[0] for one in (event.notna(), event.isna())
    )
    assert fairs["ratio"] > 5 and fairs["p_value"] == 0.01
    assert ordinary["ratio"] < 3 and ordinary["p_value"] > 0.05
    with refused("times-too-coarse"):
        event_of(by_month([2.0] * 12), FAIR)
