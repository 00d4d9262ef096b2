"""The bundled Leeds data gives the answers its README states."""

import csv
import gzip
import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

REPOSITORY = Path(__file__).resolve().parents[2]
DATA = REPOSITORY / "data"
HARM = REPOSITORY / "hotspots" / "data" / "harm"
ASB = "Anti-social behaviour"
SQUARE_METRE = 1.0


@dataclass(frozen=True)
class Month:
    month: str
    rows: int
    unlocated: int
    asb: int
    leeds_by_name: int
    leeds_by_polygon: int


KNOWN_MONTHS = [
    Month("2016-07", 27_176, 1_347, 7_429, 9_243, 9_239),
    Month("2017-07", 28_537, 1_541, 5_955, 9_671, 9_672),
    Month("2018-07", 31_635, 883, 5_442, 10_726, 10_727),
]

VIOLENCE = "Violence and sexual offences"
UNWEIGHTED = "known, but unweighted: not a notifiable offence"
NOT_PUBLISHED = "not published: load your own"
KNOWN_WEIGHTS = {
    "Robbery": 799.6,
    "Burglary": 386.2,
    VIOLENCE: 266.8,
    "Drugs": 179.4,
    "Possession of weapons": 130.7,
    "Other crime": 109.6,
    "Theft from the person": 80.4,
    "Vehicle crime": 48.0,
    "Other theft": 47.4,
    "Criminal damage and arson": 19.6,
    "Public order": 18.7,
    "Bicycle theft": 15.2,
    "Shoplifting": 11.9,
}


def read_street(month):
    path = DATA / "incidents" / f"{month}-west-yorkshire-street.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_toml(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def read_boundaries(name):
    return gpd.read_file(DATA / "boundaries" / name)


@pytest.fixture(scope="module")
def lsoas():
    return read_boundaries("leeds_lsoa_2011.geojson")


@pytest.fixture(scope="module")
def district():
    return read_boundaries("leeds.geojson")


@pytest.fixture(scope="module")
def wards():
    return read_boundaries("leeds_wards_best_fit.geojson")


@pytest.fixture(scope="module")
def ward_by_lsoa():
    return read_csv(DATA / "tables" / "leeds_ward_by_lsoa_2011.csv")


@pytest.fixture(scope="module")
def ons_css():
    return {row["offence"]: row for row in read_csv(HARM / "ons_css.csv")}


@pytest.fixture(scope="module")
def police_uk_weights():
    rows = read_csv(HARM / "ons_css_police_uk_west_yorkshire.csv")
    return {row["offence"]: row for row in rows}


# Incidents


@pytest.mark.parametrize("known", KNOWN_MONTHS, ids=lambda known: known.month)
def test_each_month_gives_its_known_answers(known, district):
    rows = read_street(known.month)
    located = [row for row in rows if row["Longitude"]]
    points = shapely.points([[float(row["Longitude"]), float(row["Latitude"])] for row in located])

    assert {row["Month"] for row in rows} == {known.month}
    assert len(rows) == known.rows
    assert len(rows) - len(located) == known.unlocated
    assert sum(row["LSOA name"].startswith("Leeds ") for row in rows) == known.leeds_by_name
    assert shapely.contains(district.geometry.iloc[0], points).sum() == known.leeds_by_polygon
    assert len({row["Crime type"] for row in rows}) == 14


@pytest.mark.parametrize("known", KNOWN_MONTHS, ids=lambda known: known.month)
def test_a_blank_crime_id_is_exactly_an_asb_row(known):
    rows = read_street(known.month)
    assert all((row["Crime ID"] == "") == (row["Crime type"] == ASB) for row in rows)
    assert sum(row["Crime ID"] == "" for row in rows) == known.asb


@pytest.mark.parametrize("known", KNOWN_MONTHS, ids=lambda known: known.month)
def test_only_asb_rows_repeat(known):
    copies = Counter(tuple(row.values()) for row in read_street(known.month))
    assert all(ASB in row for row, count in copies.items() if count > 1)


@pytest.mark.parametrize("known", KNOWN_MONTHS, ids=lambda known: known.month)
def test_unlocated_rows_are_blank_in_every_place_column(known):
    for row in read_street(known.month):
        blank = [row[name] == "" for name in ("Longitude", "Latitude", "LSOA code", "LSOA name")]
        assert len(set(blank)) == 1
        assert blank[0] == (row["Location"] == "No Location")


# Boundaries


def test_there_are_482_valid_lsoas_in_order(lsoas):
    assert lsoas.crs == "EPSG:4326"
    assert len(lsoas) == 482
    assert lsoas["lsoa_code"].is_unique
    assert lsoas["lsoa_code"].is_monotonic_increasing
    assert lsoas["lsoa_name"].str.startswith("Leeds ").all()
    assert lsoas.is_valid.all()


def test_the_district_is_one_polygon_without_holes(district):
    assert district["zone_id"].tolist() == ["E08000035"]
    assert district["zone_name"].tolist() == ["Leeds"]
    assert not district["approximate"].any()
    outline = district.geometry.iloc[0]
    assert outline.geom_type == "Polygon"
    assert outline.is_valid
    assert len(outline.interiors) == 0
    assert district.to_crs("EPSG:27700").area.sum() / 1e6 == pytest.approx(552.03, abs=0.005)


@pytest.mark.parametrize(("tiles", "how_many"), [("lsoas", 482), ("wards", 33)])
def test_lsoas_and_wards_tile_the_district(tiles, how_many, district, request):
    tiles = request.getfixturevalue(tiles).to_crs("EPSG:27700")
    outline = district.to_crs("EPSG:27700").geometry.iloc[0]
    assert len(tiles) == how_many
    assert tiles.is_valid.all()
    assert tiles.area.sum() == pytest.approx(outline.area, abs=SQUARE_METRE)
    assert tiles.union_all().symmetric_difference(outline).area < SQUARE_METRE
    pairs = tiles.sindex.query(tiles.geometry, predicate="intersects").T
    shapes = tiles.geometry.array
    assert all(shapes[a].intersection(shapes[b]).area < SQUARE_METRE for a, b in pairs if a < b)


def test_wards_say_that_they_are_approximate(wards):
    assert wards["approximate"].all()
    assert set(wards["method"]) == {"best fit of 2011 LSOAs"}
    assert set(wards["kind"]) == {"ward"}
    assert wards["zone_id"].tolist() == [f"E050{number}" for number in range(11382, 11415)]


def test_the_ward_table_names_every_lsoa_and_every_ward(ward_by_lsoa, lsoas, wards):
    assert [row["lsoa_code"] for row in ward_by_lsoa] == lsoas["lsoa_code"].tolist()
    assert [row["lsoa_name"] for row in ward_by_lsoa] == lsoas["lsoa_name"].tolist()
    assert all(0 < float(row["area_share"]) <= 1 for row in ward_by_lsoa)
    names = {row["ward_code"]: row["ward_name"] for row in ward_by_lsoa}
    assert names == dict(zip(wards["zone_id"], wards["zone_name"], strict=True))


# Orders and priority wards


def test_the_vehicle_nuisance_order_covers_the_district_for_its_term(district):
    order = read_boundaries("leeds_pspo.geojson")
    assert order["zone_id"].tolist() == ["pspo-vehicle-nuisance"]
    assert order["kind"].tolist() == ["pspo"]
    assert order["status"].tolist() == ["renewal unknown"]
    assert [str(day)[:10] for day in order["valid_from"]] == ["2023-04-01"]
    assert [str(day)[:10] for day in order["valid_until"]] == ["2026-03-31"]
    assert order.geometry.iloc[0].equals(district.geometry.iloc[0])


def test_every_order_runs_three_years_and_only_the_drawn_one_has_a_file():
    orders = read_toml(DATA / "pspo_orders.toml")["order"]
    drawn = read_boundaries("leeds_pspo.geojson")
    assert [o["zone_id"] for o in orders if "geometry_file" in o] == drawn["zone_id"].tolist()
    for order in orders:
        start, end = order["valid_from"], order["valid_until"]
        assert date(start.year + 3, start.month, start.day).toordinal() == end.toordinal() + 1
        assert order["status"] == "renewal unknown"
        drawable = (DATA / order.get("geometry_file", "absent")).is_file()
        assert drawable != (order["geometry"] == NOT_PUBLISHED)


def test_every_priority_ward_exists(wards):
    priority = read_toml(DATA / "priority_wards.toml")
    names = dict(zip(wards["zone_id"], wards["zone_name"], strict=True))
    assert "not official" in priority["status"]
    assert len(priority["ward"]) == 6
    assert all(names[ward["ward_code"]] == ward["ward_name"] for ward in priority["ward"])


# Harm weights


def test_police_uk_weights_are_the_known_means(police_uk_weights):
    weighted = {
        offence: float(row["weight"]) for offence, row in police_uk_weights.items() if row["weight"]
    }
    assert weighted == KNOWN_WEIGHTS
    assert sum(int(row["offences_2017_18"] or 0) for row in police_uk_weights.values()) == 265_520


def test_every_weight_lies_in_its_range(police_uk_weights):
    for offence in KNOWN_WEIGHTS:
        row = police_uk_weights[offence]
        assert float(row["weight_low"]) <= float(row["weight"]) <= float(row["weight_high"])


def test_the_range_of_violence_starts_where_its_sensitivity_is_stated(police_uk_weights):
    (sensitivity,) = read_toml(HARM / "ons_css_police_uk_west_yorkshire.toml")["sensitivity"]
    assert sensitivity["offence"] == VIOLENCE
    row = police_uk_weights[VIOLENCE]
    assert row["weight_low"] == "139.9" and sensitivity["weight"] == 139.9


def test_asb_is_known_but_unweighted(police_uk_weights, ons_css):
    row = police_uk_weights[ASB]
    assert row["weight"] == row["weight_low"] == row["weight_high"] == ""
    assert row["note"] == UNWEIGHTED
    assert ASB not in {css["police_uk_type"] for css in ons_css.values()}


def test_there_are_134_offence_codes_of_13_types(ons_css, police_uk_weights):
    rows = read_csv(HARM / "ons_css.csv")
    assert len(rows) == len(ons_css) == 134
    assert {"4.1", "4.10"} <= ons_css.keys()
    assert all(float(row["weight"]) > 0 for row in rows)
    assert {row["police_uk_type"] for row in rows} == police_uk_weights.keys() - {ASB}


def test_every_mean_lies_between_the_weights_it_is_made_of(ons_css, police_uk_weights):
    rounding = 0.05
    for offence in KNOWN_WEIGHTS:
        made_of = [
            float(css["weight"]) for css in ons_css.values() if css["police_uk_type"] == offence
        ]
        row = police_uk_weights[offence]
        assert min(made_of) - rounding <= float(row["weight_low"])
        assert float(row["weight_high"]) <= max(made_of) + rounding


def test_crime_types_are_spelt_as_in_the_street_files(police_uk_weights):
    assert {row["Crime type"] for row in read_street("2016-07")} == police_uk_weights.keys()


@pytest.mark.parametrize(
    ("stem", "name", "scheme"),
    [
        ("ons_css", "ons-css", "home_office"),
        ("ons_css_police_uk_west_yorkshire", "ons-css-police-uk-west-yorkshire", "police_uk"),
    ],
)
def test_every_scale_says_what_it_is(stem, name, scheme):
    scale = read_toml(HARM / f"{stem}.toml")
    assert scale["name"] == name
    assert scale["offence_scheme"] == scheme
    assert scale["unweighted"] == [ASB]
    for key in ("title", "edition", "unit", "source", "licence", "how_made", "caveat"):
        assert scale[key]
