"""Own files: mistyped dates are the last day of nothing, and themes are called what they say."""

import datetime as dt

import pandas as pd
import pytest
from tables import incidents_at, zone

import hotspots as hs
from hotspots.demo.town.town import synthetic_town
from hotspots.disclosure.disclose_record import disclose_record
from hotspots.io.incidents.intake import Intake
from hotspots.programmes.tasking.sources import tell_readers

STARTED = "2025-04-01"


@pytest.fixture(scope="module")
def town():
    return synthetic_town(incidents=3_000)


@pytest.fixture(scope="module")
def police(town):
    """Incidents in order of time, that end on 10 March 2026."""
    rows = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    rows = rows[rows["occurred_from"] < pd.Timestamp("2026-03-11", tz="Europe/London")]
    return rows.sort_values("occurred_from", kind="stable")


@pytest.fixture(scope="module")
def clean(police, town):
    return ends_of(police.drop(police.index[500:503]), town)


def asked(table, town):
    return hs.select(table, hs.Question(within=town.district))


def ends_of(table, town):
    """The last day or month of each answer that takes the data's own."""
    chosen = asked(table, town)
    middle = town.district.geometry.iloc[0].representative_point()
    box = (middle.x - 700, middle.y - 700, middle.x + 700, middle.y + 700)
    order = zone("Square", box, kind="pspo").assign(
        valid_from=[dt.date(2025, 4, 1)], valid_until=[dt.date(2027, 3, 31)]
    )
    news = hs.operations.ask_what_is_new(hs.assign_cells(chosen, hs.H3Grid(8)))
    repeats = hs.operations.ask_repeats(chosen, draws=19)
    change = hs.compare_change(order, chosen, started=STARTED)
    evidence = hs.pspo_evidence(order, chosen, today="2026-04-01")
    watch = hs.operations.watch_areas(order, chosen, started=STARTED)
    return {
        "new": news.day,
        "changes": news.changes["period"].tolist(),
        "live": repeats.live.day,
        "windows": (change.windows.before.key, change.windows.after.key),
        "persistence": evidence.persistence,
        "recurring": evidence.recurring.to_dict(),
        "watched": watch.areas.drop(columns="geometry").astype(str).to_dict(),
    }


@pytest.mark.parametrize("typed", ["2052-07-14", "1900-01-01"])
def test_mistyped_years_move_no_last_day_and_hide_no_month_that_is_cut_short(
    police, clean, town, typed
):
    mistyped, moved = police.copy(), pd.Timestamp(typed, tz="Europe/London")
    for column, later in (("occurred_from", 0), ("occurred_until", 1)):
        mistyped.loc[police.index[500:503], column] = moved + pd.Timedelta(hours=later)
    assert ends_of(mistyped, town) == clean
    assert clean["new"] == dt.date(2026, 3, 10)
    assert clean["windows"] == ("2024-04/2025-02", "2025-04/2026-02")


def test_months_of_open_data_are_asked_about_whole_though_one_is_mistyped(police, town):
    months = police.assign(time_precision="month")
    for column in ("occurred_from", "occurred_until"):
        months[column] = months[column].dt.tz_localize(None).dt.to_period("M").dt.start_time
        months[column] = months[column].dt.tz_localize("Europe/London")
    months.loc[months.index[0], "occurred_from"] = pd.Timestamp("2052-07-01", tz="Europe/London")
    found = hs.operations.ask_when(asked(months, town))
    assert found.period == "April 2023 to March 2026" and len(found.months) == 12


def test_a_theme_is_called_in_every_sentence_what_its_own_file_calls_it(police, town):
    """A council's "off-road bikes" were "vehicle nuisance incidents" in three of five sections."""
    bikes = police.assign(theme_bikes=True, theme_bikes_label="off-road bikes")
    chosen = hs.select(bikes, hs.Question("bikes", within=town.district))
    square = zone("Square", (0, 0, 1, 1))
    answers = (
        hs.operations.ask_repeats(chosen, draws=9),
        hs.operations.ask_what_is_new(hs.assign_cells(chosen, hs.H3Grid(8))),
        hs.operations.ask_when(chosen),
        hs.operations.watch_areas(square, chosen, started=STARTED, every="month"),
    )
    assert ["off-road bikes" in str(one).casefold() for one in answers] == [True] * 4


def test_what_its_maker_says_reaches_readers_and_a_count_of_ours_does_not():
    record = hs.RunRecord("Town", marking="SHARED", audience="partner")
    record.warn_reader("3 incidents are left out.")
    said = {"intake": Intake(), "periods": ["2018-07"], "places": (), "current": True}
    tell_readers(incidents_at([(0, 0)]), record, caveats=["The log of June is lost."], **said)
    told = [str(caveat) for caveat in disclose_record(record).caveats]
    assert "The log of June is lost." in told and "3 incidents are left out." not in told
