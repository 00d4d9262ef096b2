"""A period that cuts a month is refused at every door where only the month is known."""

from dataclasses import dataclass

import geopandas as gpd
import pytest
from chain import cells_of, in_cells
from refusing import refused
from tables import incidents_at, zone

import hotspots as hs
from hotspots.analysis.evaluation.comparators import find_comparators
from hotspots.io.incidents.guess_field_map import as_toml
from hotspots.programmes.protect.demand import protect_demand
from hotspots.programmes.protect.protect_product import ProtectProduct
from hotspots.programmes.tasking.product import TaskingProduct

WEEK, MONTH, BEFORE = "2018-07-02/2018-07-09", "2018-07", "2018-06-04/2018-06-11"
GRID, CITY = hs.H3Grid(8), zone("City", (0, 0, 4_000, 2_000))
SQUARE = zone("Square", (0, 0, 500, 500))
PROTECT = SQUARE.assign(kind="protect")


def town(precision="month", theme=True):
    """Forty incidents at a place and twenty at another, in June and in July."""
    places = [(100, 100)] * 40 + [(1_700, 900)] * 20
    months = ["2018-06", "2018-07"] * 30
    return incidents_at(places, month=months, time_precision=precision, theme_asb=theme)


def everyone(rows, **asked):
    return hs.select(rows, hs.Question("asb", within=CITY, **asked))


@dataclass(frozen=True)
class Given(TaskingProduct):
    incidents: gpd.GeoDataFrame | None = None

    def prepare(self, record):
        return self.incidents


@dataclass(frozen=True, repr=False)
class GivenProtect(ProtectProduct):
    incidents: gpd.GeoDataFrame | None = None

    def prepare(self, record):
        return self.incidents


def product(rows, period, *compare):
    return Given("Town", "OPEN DATA", (), CITY, period, "Town", grid=GRID, compare=compare,
                 incidents=rows)  # fmt: skip


def protect(rows, period):
    return GivenProtect("Town", "PROTECT", "Town", (), PROTECT, period, incidents=rows)


def counted(rows, *, clustered):
    """Cells or clusters of all times, counted again in a week."""
    asked = in_cells(rows, GRID, theme="asb", within=CITY)
    if clustered:
        asked = hs.assign_clusters(everyone(rows), radius_m=100, min_incidents=5)
    areas = hs.find_clusters(asked) if clustered else hs.aggregate_to_cells(asked)
    return hs.count_by_period(areas, asked, periods=[WEEK])


def patrols(rows, period):
    return hs.select_patrol_areas(in_cells(rows, GRID, theme="asb", within=CITY).during(period),
                                  count=1)  # fmt: skip


def found(rows, period, *compare):
    return hs.find_hotspots(rows, theme="asb", period=period, within=CITY, grid=GRID,
                            compare=compare, clusters=False)  # fmt: skip


def changed(rows, ask=hs.compare_change, **windows):
    return ask(SQUARE, everyone(rows), started="2018-07-01", **windows)


DOORS = {
    "select": lambda rows: everyone(rows, period=WEEK),
    "select, in hours": lambda rows: everyone(rows, period=WEEK, hours="0-12"),
    "another period": lambda rows: everyone(rows).during(WEEK),
    "one of its periods": lambda rows: everyone(rows).only(WEEK),
    "cells by period": lambda rows: counted(rows, clustered=False),
    "clusters by period": lambda rows: counted(rows, clustered=True),
    "compare_areas": lambda rows: hs.evaluation.compare_areas(
        *(cells_of(rows, GRID, theme="asb", period=one, within=CITY) for one in (WEEK, BEFORE))
    ),
    "compare_change, before": lambda rows: changed(rows, before=BEFORE, after=MONTH),
    "compare_change, after": lambda rows: changed(rows, before="2018-06", after=WEEK),
    "find_comparators": lambda rows: changed(rows, find_comparators, before=BEFORE, after=MONTH),
    "patrol areas": lambda rows: patrols(rows, WEEK),
    "find_hotspots": lambda rows: found(rows, WEEK),
    "find_hotspots, compared": lambda rows: found(rows, MONTH, BEFORE),
    "sensitivity": lambda rows: found(rows, MONTH).sensitivity(windows=[WEEK], radii_m=[]),
    "product": lambda rows: product(rows, WEEK).run(),
    "product, compared": lambda rows: product(rows, MONTH, BEFORE).run(),
    "protect_demand": lambda rows: protect_demand(
        PROTECT, everyone(rows, period=WEEK), hs.RunRecord("T", "PROTECT", "protect")
    ),
    "Protect product": lambda rows: protect(rows, WEEK).run(),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_week_of_months_is_refused_at_every_door(door):
    with refused("times-too-coarse"):
        DOORS[door](town())


OF_ONE_WEEK = ("select", "one of its periods", "cells by period", "clusters by period",
               "Protect product")  # fmt: skip


@pytest.mark.parametrize("door", OF_ONE_WEEK)
def test_and_of_days_at_none(door):
    DOORS[door](town("day"))


@pytest.mark.parametrize("command", ["jemlock", "repeats"])
def test_commands_refuse_it_too(command, typed_in, tmp_path):
    rows = [f"R{number},429790,433805,2025-{number % 2 + 6:02},ASB noise" for number in range(40)]
    (tmp_path / "log.csv").write_text("\n".join(["Ref,X,Y,Month,Offence", *rows]) + "\n")
    fields = hs.FieldMap("log", easting="X", northing="Y", month="Month", offence="Offence",
                         reference="Ref", offence_scheme="home_office")  # fmt: skip
    (tmp_path / "fields.toml").write_text(as_toml(fields))
    CITY.reset_index().to_file(tmp_path / "city.geojson")
    code, _, said = typed_in(tmp_path, command, "log.csv", "--fields", "fields.toml", "--period",
                             "2025-07-01/2025-07-08", "--within", "city.geojson")  # fmt: skip
    assert code and "only to the month" in said
