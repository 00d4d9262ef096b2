"""A product of another clock, and one that shows sensitive incidents for a reason."""

import geopandas as gpd
import pytest
import shapely
from refusing import refused

import hotspots as hs
from hotspots.core.errors import DataError

FIELDS = """
name = "log"
reference = "Ref"
date = "When"
offence = "Code"
offence_scheme = "home_office"
easting = "X"
northing = "Y"
location_precision = "exact"
"""
PRODUCT = """
title = "Town"
marking = "TEST"
place = "Town"
period = "2025-02"
incidents = "log.csv"
fields = "fields.toml"
themes = "home_office"

[within]
path = "town.geojson"
"""
X, Y = 430_000, 433_000


def town(folder, *, crs=27700, at=(X, Y), when="2025-02-01 00:30", offence="ASB noise", rows=12):
    x, y = at
    lines = [f"r{n},{when},{offence},{x + 10 * n},{y}" for n in range(rows)]
    lines += [f"n{n},{when},ASB noise,{x + 500},{y + 10 * n}" for n in range(3)]
    (folder / "log.csv").write_text("\n".join(["Ref,When,Code,X,Y", *lines]))
    (folder / "fields.toml").write_text(FIELDS)
    box = shapely.box(x - 900, y - 900, x + 900, y + 900)
    gpd.GeoDataFrame({"zone_name": ["Town"]}, geometry=[box], crs=crs).to_crs(4326).to_file(
        folder / "town.geojson"
    )
    return folder


def product(folder, before="", after=""):
    (folder / "product.toml").write_text(before + PRODUCT + after)
    return hs.load_product(folder / "product.toml")


def counted(results):
    return int(results.cells["asb"]["incident_count"].sum())


@pytest.mark.parametrize("said", ["product", "field map"])
def test_the_first_of_february_in_sydney_is_in_february_of_the_product(tmp_path, said):
    folder = town(tmp_path, crs=32756, at=(334_000, 6_251_000))
    zone = 'timezone = "Australia/Sydney"\n'
    if said == "field map":
        (folder / "fields.toml").write_text(FIELDS + zone)
    results = product(folder, 'crs = "EPSG:32756"\n' + (zone if said == "product" else "")).run()
    assert counted(results) == 15
    cells = results.cells["asb"]
    assert {str(one) for one in cells["period_from"]} == {"2025-02-01 00:00:00+11:00"}


def test_field_maps_of_several_places_ask_for_the_clock_of_the_product(tmp_path):
    folder = town(tmp_path)
    (folder / "ny.toml").write_text(FIELDS + 'timezone = "America/New_York"\n')
    two = "".join(
        f'\n[[incidents]]\npath = "log.csv"\nfields = "{name}.toml"\n' for name in ("fields", "ny")
    )
    alone = PRODUCT.replace('incidents = "log.csv"\n', "")
    (folder / "product.toml").write_text(alone + two)
    with refused("several-clocks", "America/New_York", kind=DataError):
        hs.load_product(folder / "product.toml")
    (folder / "product.toml").write_text('timezone = "Europe/London"\n' + alone + two)
    assert {one.timezone for one in hs.load_product(folder / "product.toml").sources} == {
        "Europe/London"
    }


ADMITTED = '\n[sensitive]\ninclude = ["rough sleeping"]\nreason = "Order 7"\n'


def test_begging_is_named_where_it_is_left_out_and_counted_where_it_is_admitted(tmp_path):
    folder = town(tmp_path, offence="Begging")
    without = product(folder).run()
    (told,) = [one for one in without.record.findings if one.rule == "sensitive-left-out"]
    assert (told.rows, counted(without)) == (12, 3)
    shown = product(folder, after=ADMITTED).run()
    assert counted(shown) == 15
    assert any("Order 7" in str(caveat) for caveat in shown.record.caveats)


@pytest.mark.parametrize(("after", "before", "rule"), [
    (ADMITTED, 'audience = "public"\n', "sensitive"),
    (ADMITTED.replace("rough sleeping", "begging"), "", "sensitive-kind"),
    ("", 'audience = "public"\n', "geography"),
])  # fmt: skip
def test_what_may_not_be_shown_is_refused_before_anything_is_read(tmp_path, after, before, rule):
    with refused(rule, kind=DataError):
        product(town(tmp_path), before, after)
