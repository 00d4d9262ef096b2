"""A source that ends is no fall: what each holds, and which periods it covers whole."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tables import incidents_at, zone

from hotspots.core.coverage import ALL, coverage, gaps, series_of, uncovered
from hotspots.core.periods import Period
from hotspots.core.points import PlaceIndex
from hotspots.core.record import RunRecord, SourceFile

JUNE, JULY = Period.parse("2025-06"), Period.parse("2025-07")
FIRST, SECOND = Period.parse("2025-01/2025-06"), Period.parse("2025-07/2025-12")
CITY = zone("City", (-10, -10, 10, 10))


def log(first, last, *, source="log.csv", a_day=1, at=(0, 0), **columns):
    """So many incidents on every day from the first to the last, both included."""
    days = np.repeat(pd.date_range(first, last, tz="Europe/London"), a_day)
    table = incidents_at([at] * len(days), **columns)
    table["occurred_from"], table["occurred_until"] = days, days + pd.Timedelta(hours=1)
    table["time_precision"] = "instant"
    table.index = [f"{source}:{number}" for number in range(len(table))]
    return table.assign(source=source)


def spoilt(table, one, other=None, within=None):
    return [gap.source for gap in uncovered(gaps(table, within), one, other)]


def test_a_source_that_ends_covers_no_later_period():
    police = log("2025-01-01", "2025-12-31", source="police.csv")
    both = pd.concat([police, log("2025-01-01", "2025-06-30", source="council.csv")])
    assert spoilt(both, SECOND, FIRST) == ["council.csv"]
    assert spoilt(police, SECOND, FIRST) == []
    assert spoilt(both, FIRST) == []
    assert spoilt(both, SECOND) == ["council.csv"]
    assert spoilt(both, Period.parse("2025-08"), Period.parse("2025-09")) == []


def test_a_source_that_begins_later_is_not_missed_before():
    later = log("2025-09-01", "2025-12-31", source="new partner.csv", at=(5, 5))
    both = pd.concat([log("2025-01-01", "2025-12-31"), later])
    assert spoilt(both, JUNE) == spoilt(both, JULY, JUNE) == []
    assert spoilt(both, SECOND, FIRST) == ["new partner.csv"]


def test_a_month_cut_short_is_not_whole_and_a_quiet_last_day_is():
    assert spoilt(log("2025-05-01", "2025-07-12"), JULY) == ["log.csv"]
    assert spoilt(log("2025-05-01", "2025-07-28"), JULY) == []
    assert spoilt(log("2025-05-13", "2025-07-31"), JULY, Period.parse("2025-05")) == ["log.csv"]


def test_an_office_that_is_closed_at_weekends_covers_whole_months():
    office = log("2025-05-01", "2025-08-29", a_day=12)
    office = office[office["occurred_from"].dt.day_of_week < 5]
    assert coverage(office)["whole"].all() and spoilt(office, Period.parse("2025-08"), JULY) == []


def test_few_incidents_make_no_gap():
    rare = log("2025-01-01", "2025-12-31").iloc[::40]
    assert spoilt(rare, SECOND, FIRST) == []


def test_a_force_that_stopped_is_missed_inside_the_study_area_only():
    here = log("2025-01-01", "2025-06-30", source="2025-01-here-street.csv")
    there = log("2025-01-01", "2025-12-31", source="2025-12-there-street.csv", at=(99, 99))
    assert spoilt(pd.concat([here, there]), SECOND, FIRST, CITY) == ["2025-01-here-street.csv"]
    assert spoilt(there, SECOND, FIRST, CITY) == []


def test_files_of_one_source_are_one_and_so_is_one_that_goes_on_under_another_name():
    monthly = [
        log(f"2025-{month:02}-01", f"2025-{month:02}-28", source=f"2025-{month:02}-x-street.csv")
        for month in range(1, 13)
    ]
    assert spoilt(pd.concat(monthly), SECOND, FIRST) == []
    renamed = [log("2025-01-01", "2025-06-30", source="old.csv"),
               log("2025-07-01", "2025-12-31", source="new.csv")]  # fmt: skip
    assert spoilt(pd.concat(renamed), SECOND, FIRST) == []


def test_months_known_only_as_months_are_whole_where_they_are_there():
    of_months = np.repeat(["2025-05", "2025-06", "2025-08"], 20).tolist()
    months = incidents_at([(0, 0)] * 60, month=of_months)
    months["time_precision"] = "month"
    table = months.assign(source="x.csv")
    assert spoilt(table, JUNE, Period.parse("2025-05")) == []
    assert spoilt(table, JULY) == ["x.csv"]


def test_the_order_of_the_rows_changes_nothing():
    table = pd.concat(
        [log("2025-01-01", "2025-07-12"), log("2025-01-01", "2025-12-31", source="b")]
    )
    mixed = table.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(coverage(mixed), coverage(table))
    assert gaps(mixed) == gaps(table)


def test_every_incident_is_in_one_month_and_rejected_shares_need_a_record():
    table = log("2025-05-01", "2025-07-12", theme_asb=True, theme_cars=pd.NA)
    record = RunRecord("Test", "TEST", sources=[SourceFile("log.csv", "", 100, 73, 27, 0)])
    held = coverage(table, record)
    assert held.xs("all", level="theme")["rows"].sum() == len(table)
    assert set(held.index.unique("theme")) == {"all", "asb"}
    assert held["share_rejected"].unique().tolist() == [0.27]
    assert coverage(table)["share_rejected"].isna().all()
    assert held.xs("all", level="theme")["whole"].tolist() == [True, True, False]
    assert held["last_day"].max() == pd.Timestamp("2025-07-12")
    assert len(coverage(table.iloc[:0])) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2018-07/2018-07-x-street.csv", "2019-01/2019-01-x-street.csv"),
        ("asb_2024.xlsx", "asb_2025.xlsx"),
        ("police/2024.csv", "police/2025.csv"),
    ],
)
def test_names_that_differ_in_dates_are_of_one_source(one, other):
    assert series_of(one) == series_of(other)


def test_files_without_letters_are_told_apart_by_their_folders():
    assert series_of("police/2024.csv") != series_of("council/2024.csv")


def test_days_are_those_of_the_clock_of_the_place() -> None:
    """Half past nine in the evening in New York is not the next day."""
    zone = "America/New_York"
    start = pd.to_datetime([f"2025-07-{day:02}T21:30" for day in range(1, 32)]).tz_localize(zone)
    abroad = incidents_at([(0, 0)] * 31).assign(time_precision="instant", occurred_from=start)
    abroad["occurred_until"] = abroad["occurred_from"] + pd.Timedelta(minutes=1)
    held = coverage(abroad).xs(ALL, level="theme").iloc[0]
    assert [held[name].day for name in ("first_day", "last_day")] == [1, 31]
    assert {str(gap.start.tz) for gap in gaps(abroad)} == {zone}


def test_silence_of_a_theme_is_that_of_the_rows_whose_source_carries_it():
    police = log("2025-01-01", "2025-12-31", source="police.csv")
    fire = log("2025-03-01", "2025-06-30", source="fire.csv", at=(900, 900))
    both = pd.concat([police.assign(theme_asb=True), fire.assign(theme_asb=pd.NA)])
    both["theme_asb"] = both["theme_asb"].astype("boolean")
    for within in (None, CITY):
        held = both[both["theme_asb"].notna()]
        assert gaps(both, within, theme="asb") == gaps(held, within)
    known = PlaceIndex.of(both)
    pd.testing.assert_frame_equal(
        coverage(both, within=CITY, places=known), coverage(both, within=CITY)
    )
