"""Products in other areas than H3 cells: LSOAs, national hexagons, streets; and by rate."""

from dataclasses import replace
from shutil import copyfile

import openpyxl
import pytest

import hotspots as hs
from hotspots.core.errors import DataError
from hotspots.programmes.tasking.load_product import PRODUCTS

FILE = "2018-07-west-yorkshire-street.csv.gz"
INTERNAL, PARTNER = 'audience = "internal"', 'audience = "partner"'
HEX = "hex-350"
WARDS = """
[grid]
path = "zones/wards.geojson"
at_risk = "population"
[within]"""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    town = hs.synthetic_town(seed=1, incidents=1_500)
    return town.write(tmp_path_factory.mktemp("town") / "inputs")


def test_leeds_holds_the_same_incidents_in_lsoas_and_hexagons():
    product, other = (hs.load_product(PRODUCTS / f"leeds-{name}.toml") for name in ("lsoa", HEX))
    latest = replace(product.sources[0], paths=(hs.bundled("incidents") / FILE,))
    found = replace(product, sources=(latest,), compare=()).run()
    lsoas = found.cells["asb"]
    question = hs.Question("asb", other.period, within=other.within)
    asked = hs.assign_cells(hs.select(found.incidents, question), other.grid)
    hexagons = hs.aggregate_to_cells(asked)
    assert (len(lsoas), lsoas["incident_count"].sum()) == (482, 1_851)
    assert (len(hexagons), hexagons["incident_count"].sum()) == (5_451, 1_851)
    assert (set(lsoas["kind"]), set(hexagons["kind"])) == ({"lsoa"}, {HEX})
    first = lsoas[lsoas["rank"] == 1].iloc[0]
    assert (first["rate_per"], first["ranked_by"]) == ("km2", "density")
    assert first["rate_low"] < first["rate"] < first["rate_high"]
    assert "per km², 90% interval" in found.record.sentences["asb"]


def test_the_town_by_street_says_lengths_and_not_hectares(inputs):
    copyfile(PRODUCTS / "town-streets.toml", inputs / "streets.toml")
    product = hs.load_product(inputs / "streets.toml")
    assert len(product.grid.ids) == 8_249
    found = replace(product, within=product.zones[0].iloc[[0]]).run()  # one ward: less to draw
    page = found.map().to_html()
    assert "Streets, piece" in page and "piece, of about" in page and "Streets of about" not in page
    assert "the street length" in page and "of the ground" not in page
    asb = found.cells["asb"]
    account = next(one for one in found.record.accounts if one.theme == "asb")
    missed = account.used - asb["incident_count"].sum()
    assert found.asked["asb"].in_none_of(asb) == missed
    assert {"length_m", "count_per_100m"} <= set(asb.columns)


def by_rate(inputs, **changed):
    text = (PRODUCTS / "town-streets.toml").read_text(encoding="utf-8")
    before, rest = text.split("[grid]")
    text = before + WARDS + rest.split("[within]")[1].split("[rank_by]")[0]
    text += '[rank_by]\nasb = "rate"\nserious_violence = "density"\n'
    for old, new in changed.values():
        assert old in text
        text = text.replace(old, new)
    (inputs / "rates.toml").write_text(text, encoding="utf-8")
    return hs.load_product(inputs / "rates.toml")


def test_a_product_ranks_by_rate_and_page_and_workbook_say_for_what(inputs, tmp_path):
    found = by_rate(inputs).run()
    found.write(tmp_path)
    asb, violence = found.cells["asb"], found.cells["serious_violence"]
    rates = asb["incident_count"] / asb["at_risk"]
    assert rates[asb["rank"].notna()].is_monotonic_decreasing
    assert set(asb["rate_per"]) == {"population"} and set(violence["rate_per"]) == {"km2"}
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert "Per 1,000 population" in page and "Per km²" in page
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx", read_only=True)
    heads = [[cell for cell in row if cell] for row in book["Anti-social behaviour"].values]
    top = next(row for row in heads if "Place" in row)
    assert {"Incidents per 1,000 population", "Rate, low end", "At risk in the area"} <= set(top)
    assert "population, 90% interval" in page
    layers = hs.read_geopackage(tmp_path / "hotspots.gpkg").values()
    assert any({"rate", "rate_low", "rate_high", "rate_per"} <= set(one.columns) for one in layers)


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"risk": ('at_risk = "population"\n', "")}, "nothing-at-risk"),
        ({"who": (INTERNAL, PARTNER)}, "rate-audience"),
        ({"streets": ("at_risk =", "crossings = true\nat_risk =")}, "no-streets"),
        ({"cells": ('path = "zones/wards.geojson"\nat_risk', "h3 = 8\nat_risk")}, "no-polygons"),
    ],
)
def test_a_rate_needs_what_is_at_risk_and_stays_inside(inputs, changed, rule):
    with pytest.raises(DataError) as told:
        by_rate(inputs, **changed)
    assert [finding.rule for finding in told.value.findings] == [rule]
