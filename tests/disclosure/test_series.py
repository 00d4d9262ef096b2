"""Products one after another for the same readers, from configuration files to GeoPackages."""

from __future__ import annotations

import dataclasses
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from disclosing import disclose_table
from refusing import refused

import hotspots as hs
from hotspots.core.errors import DataError
from hotspots.core.periods import Period
from hotspots.core.states import MOST_OFF, Shown
from hotspots.disclosure.count_classes import bounds_of_shown
from hotspots.programmes.tasking.load_product import PRODUCTS
from hotspots.programmes.tasking.written_product import read_product

pytestmark = pytest.mark.usefixtures("each_file_parsed_once")
THEMES = ("asb", "serious_violence", "vehicle_nuisance")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    hs.synthetic_town(seed=3, incidents=10_000).write(folder)
    shutil.copy(PRODUCTS / "town.toml", folder / "internal.toml")
    text = (folder / "internal.toml").read_text(encoding="utf-8")
    text = text.replace('marking = "SYNTHETIC TOWN - NOT A REAL PLACE"', 'marking = "FOR READERS"')
    for audience in ("partner", "public"):
        made = text.replace('audience = "internal"', f'audience = "{audience}"')
        made = made.replace("h3 = 9", "h3 = 8")
        (folder / f"{audience}.toml").write_text(made, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def partner(town):
    return hs.load_product(town / "partner.toml").run()


@pytest.fixture(scope="module")
def written(town, partner):
    (town / "partner").mkdir()
    return hs.write_geopackage(partner.release(), town / "partner" / "hotspots.gpkg")


def test_a_public_product_of_the_same_file_counts_in_cells_only_and_says_so(town):
    results = hs.load_product(town / "public.toml").run()
    tables = hs.read_geopackage(hs.write_geopackage(results.release(), town / "public.gpkg"))
    counted = {name for name, table in tables.items() if "incident_count" in table.columns}
    assert counted == {f"cells_{theme}" for theme in THEMES}
    assert not any(name.endswith("_count") for name in tables["wards"].columns)
    assert {"one-geography", "no-clusters"} <= {one.rule for one in results.record.caveats}


def test_no_withheld_cell_of_a_partner_product_can_be_worked_out_from_its_files(partner, written):
    tables = hs.read_geopackage(written)
    zones = [table for name, table in tables.items() if "asb_count" in table.columns]
    assert len(zones) == 7
    for theme in THEMES:
        found = hs.audit_totals(
            tables[f"cells_{theme}"], zones, clusters=tables[f"clusters_{theme}"]
        )
        exact = partner.cells[theme]["incident_count"]
        assert len(found) == (exact < 5).sum()
        assert not found["narrow"].any()


def test_tables_come_back_as_they_were_written(tmp_path, partner):
    record = hs.RunRecord("Town", marking="OFFICIAL")
    cells, months = partner.cells["asb"], partner.area_periods["asb"]
    path = hs.write_geopackage(
        {"cells": cells, "months": months}, tmp_path / "a.gpkg", record=record
    )
    back = hs.read_geopackage(path)
    assert list(back) == ["cells", "months"]
    same = ["incident_count", "harm", "place_name", "rank"]
    one, other = (pd.DataFrame(table)[same] for table in (cells, back["cells"]))
    pd.testing.assert_frame_equal(one, other, check_dtype=False, check_index_type=False)
    assert (back["cells"]["period_from"] == cells["period_from"]).all()
    assert back["months"].index.names == ["area_id", "period"]
    assert back["months"]["incident_count"].sum() == months["incident_count"].sum()
    assert isinstance(back["cells"], gpd.GeoDataFrame)


def test_a_file_that_is_no_geopackage_is_named(tmp_path):
    (tmp_path / "a.gpkg").write_text("no", encoding="utf-8")
    for name in ("a.gpkg", "b.gpkg"):
        with refused("not-ours", f"{name}: ", kind=DataError):
            hs.read_geopackage(tmp_path / name)


def test_what_the_readers_already_have_is_named_in_the_file_and_taken_into_account(town, partner):
    """A quarter after its three months: every class is open, and some had to be merged.

    One kind of zones will do; all seven are asked about above.
    """
    product = dataclasses.replace(partner.product, compare=(), clusters={}, zones=())
    text = (town / "partner.toml").read_text(encoding="utf-8")
    done = []
    for number, month in enumerate(("2025-04", "2025-05", "2025-06")):
        results = dataclasses.replace(product, period=month).run()
        (town / f"m{number}").mkdir()
        hs.write_geopackage(results.release(), town / f"m{number}" / "hotspots.gpkg")
        done.append(f'"m{number}/hotspots.gpkg"')
    text = text.replace('period = "2025-04/2026-03"', 'period = "2025-04/2025-06"')
    text = text.replace("top = 5", f"top = 5\nearlier = [{', '.join(done)}]")
    (town / "quarter.toml").write_text(text, encoding="utf-8")
    loaded = hs.load_product(town / "quarter.toml")
    counted = [table for table in loaded.earlier if "shown_low" in table and "rank" in table]
    assert len(counted) == 9
    results = dataclasses.replace(loaded, compare=(), zones=loaded.zones[:1]).run()
    safe = {table["theme"].iloc[0]: table for table in results.release().cells}
    exact = results.cells["asb"]["incident_count"]
    quarter = safe["asb"].loc[exact.index]
    off = (quarter["incident_count"] - exact).abs()
    assert off.max() <= 4 and (off <= quarter["shown"].map(MOST_OFF))[off.notna()].all()
    assert quarter["shown"].isin([Shown.MERGED_UP, Shown.MERGED_DOWN]).any()
    months = [table for table in counted if set(table["theme"]) == {"asb"}]
    low, high = bounds(quarter, exact.index)
    parts = [bounds(month, exact.index) for month in months]
    for number, (least, most) in enumerate(parts):
        others = [part for at, part in enumerate(parts) if at != number]
        fewest = np.maximum(least, low - sum(other[1] for other in others))
        largest = np.minimum(most, high - sum(other[0] for other in others))
        assert ((largest - fewest >= 2) | (fewest >= 5)).all()


def bounds(table, names):
    return [edge.reindex(names).to_numpy() for edge in bounds_of_shown(table, "incident_count")]


def test_zones_that_claim_to_be_safe_already_are_not_believed(town, partner, written):
    """Wards of an earlier product carry `disclosed_for`; that says nothing of new counts."""
    assert written.exists()
    text = (town / "partner.toml").read_text(encoding="utf-8")
    text = text.replace(
        'path = "zones/wards.geojson"', 'path = "partner/hotspots.gpkg"\nlayer = "wards"'
    )
    text = text.replace('period = "2025-04/2026-03"', 'period = "2025-04"')
    (town / "again.toml").write_text(text, encoding="utf-8")
    again = hs.load_product(town / "again.toml")
    again = dataclasses.replace(again, compare=(), clusters={}, zones=again.zones[:1])
    wards = again.run().release().zones[0]
    assert "asb_count" in wards and wards["asb_count"].isna().any()
    shown = wards.filter(like="_count").stack().dropna()
    assert (shown % 5 == 0).all() and (shown >= 5).all()
    claimed = partner.cells["asb"].assign(disclosed_for="partner")
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    assert disclose_table(claimed, record)["incident_count"].dropna().mod(5).eq(0).all()


def test_a_map_is_drawn_again_from_the_geopackage_with_its_periods(written):
    page = read_product(written).map().to_html()
    assert Period.parse("2024-04/2025-03").label in page
