"""Eastings and northings that fall in Britain either way round."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box, transform

import hotspots as hs
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap

BIRMINGHAM, HULL, DUMFRIES = (405_000, 285_000), (508_000, 428_000), (296_000, 575_000)
FIELDS = FieldMap("log", date="Day", easting="E", northing="N", offence="What")
RULE = "perhaps-exchanged"


def log(path, corner, exchanged):
    steps = np.arange(40)
    east, north = corner[0] + 60 * (steps % 8), corner[1] + 60 * (steps // 8)
    if exchanged:
        east, north = north, east
    rows = pd.DataFrame({"Day": "2025-07-03", "What": "Noise", "E": east, "N": north})
    rows.to_csv(path / "log.csv", index=False)
    return path / "log.csv"


@pytest.mark.parametrize(("corner", "exchanged", "told"), [
    (BIRMINGHAM, False, False), (BIRMINGHAM, True, True),
    (DUMFRIES, False, False),  # exchanged it lies in the Fens
    (HULL, True, False),  # in County Durham: nobody can tell without a study area
])  # fmt: skip
def test_what_lies_in_no_district_and_would_is_told(tmp_path, corner, exchanged, told):
    path = log(tmp_path, corner, exchanged)
    report = check_incidents(path, fields=FIELDS)
    record = hs.RunRecord("log", marking="TEST")
    hs.load_incidents(path, fields=FIELDS, record=record)
    for findings in (report.findings, record.findings):
        assert (RULE in {found.rule for found in findings}) == told


@pytest.mark.parametrize("exchanged", [False, True])
def test_a_study_area_tells_what_districts_cannot(tmp_path, exchanged):
    corner = box(HULL[0] - 500, HULL[1] - 500, HULL[0] + 2_000, HULL[1] + 2_000)
    within = gpd.GeoDataFrame(geometry=[corner], crs=27700).to_crs(4326)
    report = check_incidents(log(tmp_path, HULL, exchanged), fields=FIELDS, within=within)
    assert (RULE in {found.rule for found in report.findings}) == exchanged


@pytest.mark.parametrize("exchanged", [False, True])
def test_outlines_exchanged_are_told(tmp_path, exchanged):
    corners = [(BIRMINGHAM[0] + 900 * step, BIRMINGHAM[1]) for step in range(3)]
    shapes = [box(x, y, x + 800, y + 800) for x, y in corners]
    if exchanged:
        shapes = [transform(shape, lambda pairs: pairs[:, ::-1]) for shape in shapes]
    named = {"zone_id": list("abc"), "zone_name": list("ABC"), "kind": "pspo"}
    gpd.GeoDataFrame(named, geometry=shapes, crs=27700).to_file(tmp_path / "zones.gpkg")
    record = hs.RunRecord("zones", marking="TEST")
    hs.load_zones(tmp_path / "zones.gpkg", record=record)
    assert ("zones-perhaps-exchanged" in {found.rule for found in record.findings}) == exchanged


def test_a_frame_without_rows_is_a_table_without_rows():
    empty = pd.DataFrame({0: [], 1: [], 2: [], 3: []})
    with pytest.warns(UserWarning, match="only a header"):
        table = hs.incidents_from_frame(empty, offence=0, when=1, easting=2, northing=3)
    assert len(table) == 0 and table.crs == "EPSG:27700"
