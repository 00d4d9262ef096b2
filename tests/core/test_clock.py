"""Days, months and hours are those of the clock of the place, whoever's place it is."""

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from refusing import refused

import hotspots as hs
from hotspots.analysis.evaluation.windows import choose_windows
from hotspots.analysis.when.times import aoristic_weights, hours_of_week
from hotspots.core.coverage import Gap
from hotspots.core.months import month_of, periods_of
from hotspots.core.periods import Period
from hotspots.core.record import RunRecord
from hotspots.core.tally import fold
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents
from hotspots.programmes.news import recent_changes
from hotspots.programmes.release_answer import outlines_of_orders

PLACES = {
    "America/New_York": "EPSG:32618", "Australia/Sydney": "EPSG:32756",
    "Australia/Adelaide": "EPSG:32754", "Asia/Kathmandu": "EPSG:32645",
}  # fmt: skip
HERE = {
    "America/New_York": (583_000, 4_507_000), "Australia/Sydney": (334_000, 6_251_000),
    "Australia/Adelaide": (280_000, 6_132_000), "Asia/Kathmandu": (333_000, 3_066_000),
}  # fmt: skip


def loaded(tmp_path, zone, days, clock="21:30", **options) -> gpd.GeoDataFrame:
    x, y = HERE[zone]
    rows = [f"{day} {clock},8N,{x + 10 * at},{y}" for at, day in enumerate(days)]
    (tmp_path / "log.csv").write_text("\n".join(["When,Code,X,Y", *rows]))
    fields = FieldMap(
        "log", date="When", offence="Code", offence_scheme="home_office", easting="X",
        northing="Y", **options.pop("fields", {}),
    )  # fmt: skip
    return load_incidents(
        tmp_path / "log.csv", fields=fields, crs=PLACES[zone], record=RunRecord("t", "TEST"),
        **options,
    )  # fmt: skip


FRIDAYS = ["2025-07-04", "2025-07-11", "2025-01-31", "2025-02-28"]


@pytest.mark.parametrize("zone", PLACES)
@pytest.mark.parametrize("said", ["argument", "field map"])
def test_friday_half_past_nine_stays_friday_21(tmp_path, zone, said):
    options = {"timezone": zone} if said == "argument" else {"fields": {"timezone": zone}}
    incidents = loaded(tmp_path, zone, FRIDAYS, **options)
    hours = hours_of_week(incidents)
    assert hours.loc["Friday", 21] == len(FRIDAYS) == hours.to_numpy().sum()
    assert incidents["occurred_from"].dt.strftime("%Y-%m-%d %H:%M").tolist() == [
        f"{day} 21:30" for day in FRIDAYS
    ]


@pytest.mark.parametrize("zone", PLACES)
@pytest.mark.parametrize("clock", ["00:00", "00:30", "23:30"])
def test_the_first_of_february_is_in_february(tmp_path, zone, clock):
    incidents = loaded(tmp_path, zone, ["2025-02-01"] * 3, clock, timezone=zone)
    assert periods_of(incidents) == ["2025-02"]
    february = hs.select(incidents, hs.Question(period="2025-02"))
    first = hs.select(incidents, hs.Question(period=("2025-02-01", "2025-02-02")))
    assert february.total == first.total == 3
    assert hs.select(incidents, hs.Question(period="2025-01")).total == 0
    assert february.during("2025-01").total == 0 == february.only("2025-03").total
    assert str(february.period.start) == str(pd.Timestamp("2025-02-01", tz=zone))
    assert aoristic_weights(incidents, ["2025-02"])["2025-02"].eq(1).all()
    assert hs.select(fold(incidents), hs.Question(period="2025-02")).total == 3


@pytest.mark.parametrize("zone", PLACES)
def test_moments_of_a_place_are_a_period_by_its_clock_and_silences_know_it(zone):
    ends = pd.date_range("2025-02-01", periods=2, freq="MS", tz=zone)
    february = Period.parse(tuple(ends))
    assert february.key == Period.parse(tuple(ends.to_pydatetime())).key == "2025-02"
    silence = Gap("log", *ends, a_day=100)
    for month, holds in (("2025-01", False), ("2025-02", True), ("2025-03", False)):
        period = Period.parse(month)
        assert (silence.holds(period), silence.spoils(period)) == (holds, holds)


def test_what_is_forecast_and_new_hangs_on_no_clock():
    town = hs.synthetic_town(incidents=1_500)
    asb = hs.select(
        hs.tag_themes(
            town.incidents[town.incidents["offence_scheme"].eq("home_office")],
            hs.Themes.home_office(),
        ),
        hs.Question("asb", within=town.district),
    ).rows
    found = []
    for zone in ("Europe/London", *PLACES):
        moved = {
            name: asb[name].dt.tz_localize(None).dt.tz_localize(
                zone, ambiguous=True, nonexistent="shift_forward"
            )
            for name in ("occurred_from", "occurred_until")
        }  # fmt: skip
        asked = hs.Question("asb", "2025-04/2026-03", within=town.district)
        cells = hs.assign_cells(hs.select(asb.assign(**moved), asked), hs.H3Grid(8))
        changes = recent_changes(cells, ["asb"], "2025-04/2026-03")
        found.append((hs.forecast_areas(cells).expected, changes))
    for expected, changes in found[1:]:
        pd.testing.assert_series_equal(expected, found[0][0])
        pd.testing.assert_frame_equal(changes, found[0][1])


def test_areas_say_their_period_by_the_clock_of_the_place_and_a_file_keeps_it(tmp_path):
    zone = "Australia/Sydney"
    incidents = loaded(tmp_path, zone, ["2025-02-01"] * 9, timezone=zone)
    town = gpd.GeoDataFrame(geometry=incidents.buffer(500).iloc[:1], crs=incidents.crs)
    town = town.assign(zone_name="Town", kind="district")
    asked = hs.Question(period="2025-02", within=town)
    chosen = hs.assign_cells(hs.select(incidents, asked), hs.H3Grid(9))
    cells = hs.aggregate_to_cells(chosen)
    path = hs.write_geopackage(
        {"cells": cells}, tmp_path / "c.gpkg", record=RunRecord("t", "TEST", "internal")
    )
    read = hs.read_geopackage(path)["cells"]
    for table in (cells, read):
        assert str(table["period_from"].dt.tz) == zone
        span = Period(table["period_from"].iloc[0], table["period_until"].iloc[0], "")
        assert span.key == "2025-02"


def test_orders_say_their_months_by_the_clock_of_the_place():
    months = pd.DataFrame({"inside": [3, 4]}, index=["2025-01", "2025-02"])
    one = SimpleNamespace(theme="asb", series=months, term=SimpleNamespace(status=""))
    order = gpd.GeoDataFrame({"zone_name": ["Quay"]}, geometry=[None], crs=32756)
    told = outlines_of_orders([one], order, "Australia/Sydney").iloc[0]
    span = (told["period_from"].isoformat(), told["period_until"].isoformat())
    assert span == ("2025-01-01T00:00:00+11:00", "2025-03-01T00:00:00+11:00")


def test_windows_begin_and_end_at_midnight_of_the_place(tmp_path):
    zone = "America/New_York"
    days = [f"{year}-{month:02d}-15" for year in (2024, 2025) for month in range(1, 13)]
    incidents = loaded(tmp_path, zone, days, timezone=zone)
    windows = choose_windows(incidents, started="2025-07-01", before=None, after=None, months=6)
    edges = (windows.before.start, windows.before.end, windows.after.start, windows.after.end)
    assert [str(edge.tz) for edge in edges] == [zone] * 4
    assert [f"{edge:%m-%d %H}" for edge in edges] == ["07-01 00", "01-01 00"] * 2


def test_times_that_carry_their_zone_are_shown_on_the_clock_of_the_place(tmp_path):
    incidents = loaded(
        tmp_path, "America/New_York", ["2025-07-05"], "01:30+00:00", timezone="America/New_York"
    )
    assert hours_of_week(incidents).loc["Friday", 21] == 1


@given(st.datetimes(pd.Timestamp("2000-01-01"), pd.Timestamp("2030-01-01")))
def test_utc_is_no_place_and_counts_as_london(moment):
    utc = pd.Series([pd.Timestamp(moment, tz="UTC")])
    assert month_of(utc).equals(month_of(utc.dt.tz_convert("Europe/London")))


@pytest.mark.parametrize("zone", ["Mars/Base", "UTC", "+01:00", 1, "../etc/passwd"])
def test_a_zone_must_be_that_of_a_place(zone):
    with refused("timezone", of="timezone"):
        load_incidents("nowhere.csv", timezone=zone)
