# ruff: noqa: E501 - tables of cases are read line by line
"""Every real file that has dated points on the Earth loads with the counts its README states."""

import os
from pathlib import Path

import pytest

from hotspots.core.record import RunRecord
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("HOTSPOTS_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(),
    reason="the shared real data is not here (set HOTSPOTS_SHARED_DATA to its folder)",
)


def load(paths, **options):
    record = RunRecord("Test", marking="OPEN DATA - TEST")
    incidents = load_incidents(paths, record=record, **options)
    assert record.read == record.accepted + record.rejected
    assert record.accepted == len(incidents) and record.rejected == len(record.quarantine)
    assert sum(source.unlocated for source in record.sources) == incidents.geometry.isna().sum()
    return incidents, record


def numbers(record: RunRecord) -> tuple[int, int, int]:
    return record.read, record.rejected, sum(source.unlocated for source in record.sources)


STREET = {
    "west-yorkshire": (27_176 + 28_537 + 8_009 + 1_611, 0, 1_347 + 1_541),
    "south-yorkshire": (135_051, 0, 6_187),
    "city-of-london": (18_755, 0, 1_353),
}


@pytest.mark.parametrize("force", STREET)
def test_street_crime_of_a_force_loads_whole(force: str):
    incidents, record = load(SHARED / "police_uk" / force)
    assert numbers(record) == STREET[force]
    blank = incidents["reference"].isna()
    assert (blank == (incidents["offence"] == "Anti-social behaviour")).all()
    if force == "city-of-london":
        repeats = [f.rows for f in record.findings if f.rule == "reference-repeated"]
        assert sum(repeats) == 170  # told file by file
    if force == "south-yorkshire":
        assert blank.sum() == 19_333
    if force == "west-yorkshire":
        rules = {finding.rule for finding in record.findings}
        assert {"byte-order-mark", "month-rewritten", "header-variant", "not-incidents"} <= rules
        february = incidents[incidents["source"].str.startswith("2025-02")]
        assert set(february["occurred_from"].dt.strftime("%Y-%m")) == {"2025-02"}


def test_stops_and_searches_load_when_asked_for():
    files = sorted((SHARED / "police_uk").glob("*/*stop-and-search.csv.gz"))
    incidents, record = load(files, fields=FieldMap.stop_and_search())
    counts = {source.name[8:-23]: source.read for source in record.sources}
    assert counts["west-yorkshire"] == 1_312 and counts["metropolitan"] == 15_521
    unlocated = {source.name[8:-23]: source.unlocated for source in record.sources}
    assert unlocated["west-yorkshire"] == 48 and unlocated["metropolitan"] == 1_544
    assert not {"Gender", "Age range", "Self-defined ethnicity"} & set(incidents.columns)


def test_the_sheffield_api_agrees_with_the_south_yorkshire_files():
    api, record = load(sorted((SHARED / "police_uk_api" / "sheffield").glob("*.json.gz")))
    assert numbers(record) == (192_355, 0, 0) and len(record.sources) == 27
    files, _ = load(
        SHARED / "police_uk" / "south-yorkshire" / "2024-05-south-yorkshire-street.csv.gz"
    )
    of_may = api[api["source"].str.startswith("2024-05")].dropna(subset="reference")
    both = of_may.set_index("reference")[["geometry"]].join(
        files.dropna(subset="reference").set_index("reference")["geometry"].rename("other"),
        how="inner",
    )
    assert len(both) / len(of_may) > 0.98
    located = both[both["other"].notna()]
    assert len(located) > 4_000
    assert (located.geometry.to_wkb() == located["other"].to_wkb()).all()


def degrees(name: str, **columns: str) -> FieldMap:
    return FieldMap.from_mapping({"name": name, **columns})


LONG_LAT = {"longitude": "longitude", "latitude": "latitude"}
OTHER = {
    "toronto_mci_train.csv.gz": (
        degrees("Toronto", longitude="Long", latitude="Lat", date="occurrencedate", offence="MCI",
                timezone="America/Toronto"), "EPSG:32617", (210_992, 0, 0)),
    "houston_crime_2010.csv.gz": (
        FieldMap("Houston", longitude="lon", latitude="lat", date="date", time="hour", day_first=False,
                 offence="offense", timezone="America/Chicago"), "EPSG:32615",
        (86_314, 0, 20)),  # 15 of them far from Houston: kept, unlocated
    "nyc_vehicle_thefts_2014_2017.csv.gz": (
        degrees("New York", **LONG_LAT, from_date="date_start", until_date="date_end",
                offence_is="vehicle theft", timezone="America/New_York"), "EPSG:32618", (35_746, 0, 0)),
    "us_homicides_2015.csv.gz": (
        degrees("US", **LONG_LAT, date="date_single", offence="offense_type"), "EPSG:5069",
        (1_922, 0, 0)),
    "chicago_burglary_2014_2017.csv.gz": (
        degrees("Chicago", easting="x", northing="y", date="date_single", offence_is="burglary"),
        "EPSG:26971", (45_319, 0, 0)),
    "chicago_arson_nearrepeat.csv.gz": (
        degrees("Chicago", easting="X", northing="Y", date="date", offence_is="arson"),
        "EPSG:26971", (522, 0, 0)),
    "memphis_robberies_2019.csv.gz": (
        degrees("Memphis", **LONG_LAT, date="date", offence="offense_type"), "EPSG:32136",
        (2_245, 0, 0)),
    "memphis_robberies_jan_2019.csv.gz": (
        degrees("Memphis", **LONG_LAT, date="date", offence="offense_type"), "EPSG:32136",
        (206, 0, 0)),
    "predictcode_chicago_southside_example.csv": (
        FieldMap("Chicago", longitude="Longitude", latitude="Latitude", date="Date", day_first=False,
                 offence="Primary Type"), "EPSG:26971", (1_000, 0, 0)),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHER)
def test_incidents_of_other_cities_load_with_their_counts(name: str):
    fields, crs, expected = OTHER[name]
    incidents, record = load(SHARED / "other" / name, fields=fields, crs=crs)
    assert numbers(record) == expected
    assert (incidents["occurred_from"] < incidents["occurred_until"]).all()
    if name.startswith("nyc"):
        rules = {finding.rule: finding.rows for finding in record.findings}
        assert rules["end-missing"] == 2_852
        width = incidents["occurred_until"] - incidents["occurred_from"]
        longer = (width - width.min()).dt.total_seconds() > 86_400
        assert abs(int(longer.sum()) - 7_795) < 60
    if name.startswith("toronto"):
        assert incidents["occurred_from"].min().year == 1966
