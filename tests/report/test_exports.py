"""Exports: whole or not at all, the same bytes, text as text, numbers as numbers."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import warnings
import zipfile
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from hostile import HALF_A_SURROGATE, HOSTILE_TEXTS, as_written
from refusing import refused
from shapely.geometry import MultiPolygon, Point, Polygon, box
from small_towns import cells, halves, ward_of

import hotspots as hs
from hotspots.core.decisions import Decision
from hotspots.core.errors import HotspotsError
from hotspots.core.record import Account, SourceFile, ThemeStatus
from hotspots.report import geopackage
from hotspots.report import sheet as _sheets
from hotspots.report.files import replacing, replacing_folder
from hotspots.report.layers import layers_of
from hotspots.report.sheet import ACROSS
from hotspots.report.sheet_columns import ACCOUNT_FIELDS, field_words
from hotspots.report.sheets import ROUNDED
from hotspots.report.symbology import BEYOND, CORE, HALO, flag_fills

JULY = (
    pd.Timestamp("2018-07-01", tz="Europe/London"),
    pd.Timestamp("2018-08-01", tz="Europe/London"),
)


def a_record(**changes):
    """A run with two files, two themes, two accounts that balance."""
    settings = {"title": "Leeds, July 2018", "marking": "OFFICIAL"} | changes
    record = hs.RunRecord(**settings)
    record.sources += [
        SourceFile("2018-07-street.csv", "ab" * 32, 110, 100, 10, 7),
        SourceFile("2017-07-street.csv", "cd" * 32, 50, 50, 0, 0),
    ]
    record.tell_themes(ThemeStatus("asb", "Anti-social behaviour", "measured"))
    record.tell_themes(
        ThemeStatus(
            "vehicle_nuisance", "Vehicle nuisance", "absent", "not published: this is not zero"
        )
    )
    record.sentences["asb"] = "One cell of three holds most of it."
    record.account(
        Account("aggregate_to_cells", "asb", "July 2018", 150, 50, 60, 5, 7, 8, 3, 17, 17)
    )
    record.account(Account("find_clusters", "asb", "July 2018", 150, 50, 60, 5, 7, 8, 3, 17, 12, 5))
    for _ in record.sources:  # both alike
        record.choose("find_clusters", radius_m=150, min_incidents=10)
    record.attribute("Contains public sector information licensed under the OGL v3.0.")
    record.warn_reader("Locations are snapped to map points.")
    return record


def some_areas(names=("Boar Lane", "Kirkgate", "Vicar Lane"), *, kind="h3-9", theme="asb"):
    """As many square areas as names, in a row; the last one holds no incident."""
    count = len(names)
    return gpd.GeoDataFrame(
        {
            "kind": kind,
            "theme": theme,
            "period_from": JULY[0],
            "period_until": JULY[1],
            "incident_count": list(range(count - 1, -1, -1)),
            "harm": [float("nan") if n == 0 else 99.5 * n for n in range(count)],
            "is_hotspot": [n == 0 for n in range(count)],
            "rank": pd.array([*range(1, count), pd.NA], dtype="Int64"),
            "place_name": list(names),
        },
        geometry=[box(430000 + 200 * n, 434000, 430150 + 200 * n, 434150) for n in range(count)],
        index=pd.Index([f"area-{n}" for n in range(count)], name="area_id"),
        crs=27700,
    )


def some_zones(names=("Headingley", "Beeston")):
    return gpd.GeoDataFrame(
        {
            "zone_name": list(names),
            "kind": "ward",
            "valid_from": [date(2023, 4, 1) + timedelta(days=n) for n in range(len(names))],
            "valid_until": None,
            "status": None,
            "approximate": True,
        },
        geometry=[
            MultiPolygon([box(430000 + 900 * n, 434000, 430800 + 900 * n, 434800)])
            for n in range(len(names))
        ],
        index=pd.Index([f"w{n}" for n in range(len(names))], name="zone_id"),
        crs=27700,
    )


def a_geopackage(folder, **changes):
    layers = {
        "cells_asb": some_areas(),
        "clusters_asb": some_areas(kind="cluster"),
        "wards": some_zones(),
    } | changes
    return hs.write_geopackage(layers, folder / "out.gpkg", record=a_record())


def a_workbook(folder, name="out.xlsx", **changes):
    given = {
        "ranked": {"asb": some_areas()},
        "clusters": {"asb": some_areas(kind="cluster")},
        "zones": [some_zones()],
        "tables": {},
        "record": a_record(),
    } | changes
    areas = [
        table.assign(theme=theme)
        for tables in (given["ranked"], given["clusters"])
        for theme, table in tables.items()
    ]
    released = hs.release(
        areas, zones=given["zones"], tables=given["tables"], record=given["record"]
    )
    more = {"accounts": given["accounts"]} if "accounts" in given else {}
    return hs.write_workbook(released, folder / name, **more)


def opened(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl does not know the newer bars behind numbers
        return openpyxl.load_workbook(path)


def rows_of(path, sheet):
    page = opened(path)[sheet]
    return [[cell.value for cell in row] for row in page.iter_rows()]


def under_heading(path, sheet, heading):
    """Values below a heading, to the first empty cell."""
    rows = rows_of(path, sheet)
    header = next(n for n, row in enumerate(rows) if heading in row)
    column = rows[header].index(heading)
    values = [row[column] for row in rows[header + 1 :]]
    return values[: values.index(None)] if None in values else values


# ------------------------------------------------------------------ whole or not at all, same bytes


@pytest.mark.parametrize("write", [a_geopackage, a_workbook])
def test_two_exports_of_the_same_input_are_the_same_bytes(write, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    assert write(one).read_bytes() == write(other).read_bytes()


def test_a_long_table_gives_the_same_bytes_row_by_row_and_as_a_whole(tmp_path, monkeypatch):
    rows = 1_200
    shapes = [box(i, 0, i + 1, 1) for i in range(rows)]
    cells = gpd.GeoDataFrame(
        {
            "incident_count": range(rows),
            "harm": [None if i % 3 else i / 7 for i in range(rows)],
            "is_hotspot": [i % 2 == 0 for i in range(rows)],
            "place_name": [None if i % 5 else f"Bóar Lane {i}" for i in range(rows)],
            "period_from": pd.Timestamp("2018-07-01", tz="Europe/London"),
        },
        geometry=shapes,
        crs="EPSG:27700",
    )
    record = hs.RunRecord("Long", marking="OPEN DATA")

    def written(folder):
        path = tmp_path / folder / "cells.gpkg"
        return hs.write_geopackage(cells, path, record=record).read_bytes()

    whole = written("whole")
    monkeypatch.setattr(geopackage, "LONG", rows + 1)
    assert whole == written("rows")


@pytest.mark.parametrize("write", [a_geopackage, a_workbook])
def test_writing_over_an_older_file_gives_the_same_bytes_and_leaves_nothing_else(write, tmp_path):
    first = write(tmp_path).read_bytes()
    assert write(tmp_path).read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == [write(tmp_path).name]


def test_a_failure_half_way_leaves_the_older_file_and_nothing_half_written(tmp_path, monkeypatch):
    before = a_geopackage(tmp_path).read_bytes()
    a_workbook(tmp_path)
    monkeypatch.setattr("hotspots.report.geopackage._add_facts", lambda *_: 1 / 0)
    monkeypatch.setattr("hotspots.report.sheets.sources", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        a_geopackage(tmp_path, more=some_zones())
    with pytest.raises(ZeroDivisionError):
        a_workbook(tmp_path)
    assert (tmp_path / "out.gpkg").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.gpkg", "out.xlsx"]


def test_a_geopackage_that_is_open_elsewhere_is_refused_with_what_to_do(tmp_path):
    (tmp_path / "out.gpkg-wal").write_bytes(b"")
    with refused("file-open", kind=HotspotsError):
        a_geopackage(tmp_path)


def test_a_wrong_file_name_is_refused(tmp_path):
    with pytest.raises(HotspotsError, match=r"something\.xlsx"):
        a_workbook(tmp_path, name="out.xls")


def test_the_input_is_left_as_it_was(tmp_path):
    areas, zones = some_areas(), some_zones()
    before = areas.copy(), zones.copy()
    a_geopackage(tmp_path, cells_asb=areas, wards=zones)
    a_workbook(tmp_path, ranked={"asb": areas}, zones=zones)
    hs.write_csv(areas, tmp_path / "a.csv", record=a_record())
    hs.write_geojson(areas, tmp_path / "a.geojson", record=a_record())
    pd.testing.assert_frame_equal(areas, before[0])
    pd.testing.assert_frame_equal(zones, before[1])


# ------------------------------------------------------------------------------------- GeoPackage


def test_every_layer_comes_back_with_its_rows_columns_and_shapes_in_national_grid(tmp_path):
    path = a_geopackage(tmp_path)
    areas = some_areas()
    found = gpd.read_file(path, layer="cells_asb")
    assert found.crs == "EPSG:27700"
    assert found["area_id"].tolist() == areas.index.tolist()
    assert found["incident_count"].tolist() == areas["incident_count"].tolist()
    assert found["harm"].isna().tolist() == areas["harm"].isna().tolist()
    assert found["is_hotspot"].tolist() == areas["is_hotspot"].tolist()
    assert found["place_name"].tolist() == areas["place_name"].tolist()
    assert found.geometry.iloc[0].equals(areas.geometry.iloc[0])
    assert found["rank"].isna().tolist() == [False, False, True]


def test_one_table_is_a_layer_called_like_its_file(tmp_path):
    record = hs.RunRecord("Leeds", marking="OFFICIAL")
    path = hs.write_geopackage(some_areas(), tmp_path / "asb.gpkg", record=record)
    assert gpd.read_file(path, layer="asb")["area_id"].tolist() == some_areas().index.tolist()


def test_layers_in_degrees_are_brought_to_national_grid(tmp_path):
    path = a_geopackage(tmp_path, wards=some_zones().to_crs(4326))
    found = gpd.read_file(path, layer="wards")
    assert found.crs == "EPSG:27700"
    assert abs(found.total_bounds[0] - 430000) < 0.01


def test_times_are_written_as_text_that_still_says_the_first_of_july(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = a_geopackage(tmp_path)
    cells = pyogrio.read_dataframe(path, layer="cells_asb", read_geometry=False)
    assert set(cells["period_from"]) == {"2018-07-01T00:00:00+01:00"}
    wards = pyogrio.read_dataframe(path, layer="wards", read_geometry=False)
    assert wards["valid_from"].tolist() == ["2023-04-01", "2023-04-02"]
    assert wards["valid_until"].isna().all()


def styles(path):
    with sqlite3.connect(path) as database:
        return dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles"))


def test_every_layer_has_a_default_style_that_is_well_formed_and_suits_what_it_holds(tmp_path):
    found = {
        name: ElementTree.fromstring(qml) for name, qml in styles(a_geopackage(tmp_path)).items()
    }
    renderer = {name: qml.find("renderer-v2").get("type") for name, qml in found.items()}
    assert renderer == {
        "cells_asb": "graduatedSymbol",
        "clusters_asb": "singleSymbol",
        "wards": "singleSymbol",
    }
    assert found["wards"].find("labeling/settings/text-style").get("fieldName") == "zone_name"
    assert found["wards"].get("labelsEnabled") == "1"
    assert "rank" in found["cells_asb"].find("labeling/settings/text-style").get("fieldName")
    assert found["clusters_asb"].find("labeling") is None, "their ranks are not those of the list"


@pytest.mark.parametrize("most", [0, 1, 7, 49, 50, 499, 500, 12_345])
def test_every_whole_count_is_in_exactly_one_class_of_the_style(tmp_path, most):
    areas = some_areas().assign(incident_count=[most, 1, 0])
    qml = ElementTree.fromstring(styles(a_geopackage(tmp_path, cells_asb=areas))["cells_asb"])
    ranges = [(float(r.get("lower")), float(r.get("upper"))) for r in qml.iter("range")]
    for count in {*range(min(most, 600) + 1), most}:
        assert sum(low <= count <= high for low, high in ranges) == 1, count


def test_areas_whose_count_is_withheld_are_drawn_as_such_not_as_empty(tmp_path):
    areas = some_areas().assign(incident_count=[7.0, None, 0.0])
    qml = ElementTree.fromstring(styles(a_geopackage(tmp_path, cells_asb=areas))["cells_asb"])
    assert qml.find("renderer-v2").get("attr") == 'coalesce("incident_count", -1)'
    assert "Withheld: small numbers" in [r.get("label") for r in qml.iter("range")]


def test_the_file_says_marking_caveats_and_attributions_by_itself(tmp_path):
    path = a_geopackage(tmp_path)
    about = pyogrio.read_dataframe(path, layer="about_this_product")
    said = set(about[["topic", "item", "said"]].itertuples(index=False, name=None))
    assert {("product", "marking", "OFFICIAL"), ("product", "schema", "1")} <= said
    assert {"caveat", "attribution", "source", "rows", "finding", "theme"} <= set(about["topic"])
    with sqlite3.connect(path) as database:
        query = "SELECT description FROM gpkg_contents WHERE table_name = 'wards'"
        (description,) = database.execute(query).fetchone()
    record = a_record()
    assert description == f"{record.marking}. {record.title}"


def test_sqlite_finds_the_file_whole_and_every_table_registered(tmp_path):
    with sqlite3.connect(a_geopackage(tmp_path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = dict(database.execute("SELECT table_name, data_type FROM gpkg_contents"))
        times = set(database.execute("SELECT last_change FROM gpkg_contents"))
    assert rows == {
        "cells_asb": "features",
        "clusters_asb": "features",
        "wards": "features",
        "layer_styles": "attributes",
        "about_this_product": "attributes",
    }
    assert times == {("1980-01-01T00:00:00.000Z",)}


def test_empty_tables_make_empty_layers_of_the_right_type(tmp_path):
    path = a_geopackage(tmp_path, cells_asb=some_areas().iloc[:0], wards=some_zones().iloc[:0])
    assert dict(pyogrio.list_layers(path)[:, :2])["cells_asb"] == "MultiPolygon"
    assert len(gpd.read_file(path, layer="wards")) == 0


def test_no_layer_takes_the_place_of_another_of_the_same_theme_or_kind():
    """Two grids of one theme, two files of wards, and months without a theme: all are written."""
    areas = [cells([3, 2]), cells([5], kind="square-1500")]
    wards = [ward_of(areas[0], 5).rename(index={"w": name}) for name in "ab"]
    months = halves(areas[0], [(2, 1), (1, 1)]).assign(theme=["asb", "asb", None, None])
    made = hs.release(areas, zones=wards, area_periods=months, audience="internal", marking="-")
    found = [one.reset_index() for one in layers_of(made).values()]
    given = [*made.areas, *made.zones, *made.area_periods]
    assert sorted(map(len, found)) == sorted(map(len, given)) == [1, 1, 1, 2, 2, 2]


def test_a_table_without_rows_has_no_theme_in_the_name_of_its_layer():
    released = hs.release(some_areas(kind="cluster").iloc[:0], audience="internal", marking="M")
    assert set(layers_of(released)) <= {"cells", "clusters"}
    quiet = [some_areas(), some_areas(kind="cluster").iloc[:0]]
    assert set(layers_of(hs.release(quiet, audience="internal", marking="M"))) == {"cells_asb"}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux has it")
@pytest.mark.parametrize("write", [replacing, lambda path: replacing_folder(path, ["a.csv"])])
def test_what_is_no_disk_is_not_called_full(write):
    with refused("not-written") as caught, write("/proc/product/today.csv"):
        pass
    assert "full" not in str(caught.value)


def test_columns_that_differ_only_in_case_or_clash_with_the_file_keep_their_values(tmp_path):
    areas = some_areas().assign(Harm=[1, 2, 3], fid=[7, 8, 9], GEOM=["a", "b", "c"])
    found = gpd.read_file(a_geopackage(tmp_path, cells_asb=areas), layer="cells_asb")
    assert found["Harm_2"].tolist() == [1, 2, 3]
    assert found["fid_"].tolist() == [7, 8, 9]
    assert found["GEOM_"].tolist() == ["a", "b", "c"]


def test_faulty_layers_are_named_together(tmp_path):
    layers = {
        "gpkg_x": some_zones(),
        "a": some_zones(),
        "A": some_zones(),
        "plain": pd.DataFrame(),
        "nowhere": some_zones().set_crs(None, allow_override=True),
    }
    with pytest.raises(HotspotsError) as caught:
        hs.write_geopackage(layers, tmp_path / "x.gpkg", record=a_record())
    for name in ("gpkg_x", "'A'", "plain", "nowhere"):
        assert name in str(caught.value)
    with refused("no-layers", kind=HotspotsError, of="layers"):
        hs.write_geopackage({}, tmp_path / "x.gpkg", record=a_record())
    assert list(tmp_path.iterdir()) == []


PERIOD = ("period_from", "period_until")


def project_of(path):
    """The QGIS project inside a GeoPackage."""
    with closing(sqlite3.connect(path)) as database:
        ((name, content),) = database.execute("SELECT name, content FROM qgis_projects")
    assert name == "hotspots"
    with zipfile.ZipFile(io.BytesIO(bytes.fromhex(content))) as archive:
        return ElementTree.fromstring(archive.read(f"{name}.qgs"))


def test_a_project_shows_the_layers_by_theme_and_one_theme_is_switched_on(tmp_path):
    layers = {
        "cells_asb": some_areas(), "clusters_asb": some_areas(kind="cluster"),
        "cells_serious_violence": some_areas(theme="serious_violence"), "wards": some_zones(),
    }  # fmt: skip
    path = hs.write_geopackage(layers, tmp_path / "leeds.gpkg", record=a_record())
    project = project_of(path)
    groups = project.findall("layer-tree-group/layer-tree-group")
    shown = {group.get("name"): group.get("checked") for group in groups}
    assert list(shown.values()) == ["Qt::Checked", "Qt::Checked", "Qt::Unchecked"]
    names = [[layer.get("name") for layer in group] for group in groups]
    assert names[1:] == [["Clusters", BEYOND, "Hexagons"], [BEYOND, "Hexagons"]]
    sources = {layer.findtext("datasource") for layer in project.iter("maplayer")}
    assert sources == {f"./leeds.gpkg|layername={name}" for name in layers}
    assert set(hs.read_geopackage(path)) == set(layers), "the project is no table of ours"
    (alias,) = [one for one in project.iter("alias") if one.get("field") == "place_name"][:1]
    assert alias.get("name") == "Place"


def test_a_project_opens_on_the_first_places(tmp_path):
    squares = [box(x, 0, x + 200, 200) for x in range(400_000, 402_000, 200)]
    places = gpd.GeoDataFrame(
        {"kind": "square-200", "theme": "asb", "incident_count": range(20, 10, -1)},
        index=pd.Index([f"c{n}" for n in range(10)], name="area_id"), geometry=squares, crs=27700,
    )  # fmt: skip
    layers = {"cells_asb": hs.rank_areas(places), "wards": some_zones()}
    path = hs.write_geopackage(layers, tmp_path / "a.gpkg", record=a_record())
    edges = [float(edge.text) for edge in project_of(path).find("mapcanvas/extent")]
    assert edges == [399_880, -120, 401_120, 320]


def test_a_project_knows_its_system_and_outlines_what_is_more_than_chance(tmp_path):
    tested = some_areas().assign(is_hotspot=True, is_core=False)
    path = hs.write_geopackage({"cells_asb": tested}, tmp_path / "a.gpkg", record=a_record())
    project = project_of(path)
    enabled = project.findtext("properties/SpatialRefSys/ProjectionsEnabled")
    assert enabled == "1", "QGIS reads projectCrs only then"
    on_top, cells = project.iter("maplayer")
    assert on_top.find("renderer-v2").get("type") == "mergedFeatureRenderer"
    assert on_top.findtext("datasource") == cells.findtext("datasource")
    (line,) = on_top.findall("renderer-v2/renderer-v2/categories/category")
    assert line.get("label") == BEYOND
    assert '"place_name"' in cells.find("labeling/settings/text-style").get("fieldName")


def test_an_order_that_had_ended_is_drawn_as_such(tmp_path):
    days = dict(zip(PERIOD, pd.to_datetime(["2025-04-01", "2026-04-01"], utc=True), strict=True))
    orders = some_zones().assign(
        kind="pspo", valid_from=None, valid_until=[None, "2023-09-30"], **days
    )
    path = hs.write_geopackage({"pspos": orders}, tmp_path / "a.gpkg", record=a_record())
    (layer,) = project_of(path).iter("maplayer")
    labels = [one.get("label") for one in layer.findall("renderer-v2/categories/category")]
    assert labels == ["in force", "ended"]


def test_orders_have_their_days_beside_their_name_and_no_text_is_markup_in_a_tip(tmp_path):
    zones = some_zones().assign(valid_from="2024-10-01", kind="pspo")
    path = hs.write_geopackage({"pspos": zones}, tmp_path / "a.gpkg", record=a_record())
    (layer,) = project_of(path).iter("maplayer")
    label = layer.find("labeling/settings/text-style")
    assert label.get("isExpression") == "1" and "valid_from" in label.get("fieldName")
    tip = layer.findtext("mapTip")
    assert tip.count("replace(") == 3 * tip.count("[%")


def test_premises_out_of_reach_look_otherwise_and_points_lie_on_top_under_their_own_name(tmp_path):
    zones = some_zones().assign(kind="protect", incident_count=[3] * len(some_zones()))
    reached = [False, *[True] * (len(zones) - 1)]
    sites = zones[["geometry"]].assign(kind="protect", within_reach=reached, site_id=zones.index)
    layers = {"protect_zones": zones, "protect_sites": sites.set_geometry(sites.centroid)}
    record = a_record(audience="protect", marking="PROTECT - TEST")
    path = hs.write_geopackage(layers, tmp_path / "a.gpkg", record=record)
    points, areas = project_of(path).iter("maplayer")
    assert [points.findtext("layername"), areas.findtext("layername")] == [
        "Protect sites",
        "Protect zones",
    ]
    looks = [one.get("label") for one in points.findall("renderer-v2/categories/category")]
    assert looks == ["Within reach of a pack", "Out of reach"]
    drawn = areas.find("renderer-v2")
    assert drawn.get("type") == "graduatedSymbol"
    edges = {one.get("v") for one in drawn.iter("prop") if one.get("k") == "outline_style"}
    assert edges == {"dash"}  # as on the page, also where nothing happened


# --------------------------------------------------------------------------------------- workbook


def test_the_workbook_has_a_sheet_for_every_question(tmp_path):
    assert opened(a_workbook(tmp_path)).sheetnames == [
        "Summary",
        "First places",
        "Anti-social behaviour",
        "Clusters",
        "Zones",
        "Rows accounted for",
        "Method and caveats",
        "Sources",
    ]


def test_the_summary_lists_all_that_tie_with_the_last_place_as_the_page_does(tmp_path):
    areas = some_areas([f"Street {n}" for n in range(8)])
    areas["rank"] = pd.array([1, 2, 3, 4, 5, 5, 5, pd.NA], dtype="Int64")
    areas["incident_count"] = [9, 8, 7, 6, 5, 5, 5, 0]
    path = a_workbook(tmp_path, ranked={"asb": areas})
    listed = under_heading(path, "Summary", "Place")
    assert sorted(listed) == [f"Street {n}" for n in range(7)]


def test_every_sheet_carries_the_marking_at_top_and_bottom_on_screen_and_on_paper(tmp_path):
    book = opened(a_workbook(tmp_path, record=a_record(marking="OFFICIAL & MORE")))
    for page in book:
        column = [page.cell(row, 1).value for row in range(1, page.max_row + 1)]
        assert column[0] == column[-1] == "OFFICIAL & MORE"
        assert page.oddHeader.center.text.replace("&&", "&") == "OFFICIAL & MORE"
        assert page.oddFooter.center.text.replace("&&", "&") == "OFFICIAL & MORE"
        assert page.page_setup.orientation == "landscape"
        assert page.sheet_properties.pageSetUpPr.fitToPage


def test_ranked_places_come_with_empty_owner_action_and_review_and_frozen_headings(tmp_path):
    path = a_workbook(tmp_path)
    sheet = "Anti-social behaviour"
    assert under_heading(path, sheet, "Place") == ["Boar Lane", "Kirkgate"]
    assert under_heading(path, sheet, "Incidents")[:2] == [2, 1]
    for heading in ("Owner", "Action", "Review"):
        assert under_heading(path, sheet, heading) == []
    page = opened(path)[sheet]
    assert page.freeze_panes is not None
    assert page.print_title_rows
    said = [row[0] for row in rows_of(path, sheet)]
    (left_out,) = [text for text in said if str(text).endswith(": 1.")]
    assert "without an incident" in left_out
    assert "Period: July 2018" in said


def test_of_many_places_the_first_are_printed_and_all_are_in_the_file(tmp_path):
    many = some_areas([f"Place {number}" for number in range(70)])
    path = hs.write_workbook(many, tmp_path / "w.xlsx", record=a_record())
    page = opened(path)["Anti-social behaviour"]
    names = under_heading(path, "Anti-social behaviour", "Place")
    assert len(names) == 69, "the last holds no incident"
    printed = int(page.print_area.split("$")[-1])
    cells = [page.cell(row, 2).value for row in range(1, printed + 1)]
    assert cells[-1] == names[49]
    said = [row[0] for row in rows_of(path, "Anti-social behaviour")]
    (told,) = [one for one in said if str(one).startswith("Printed:")]
    assert re.findall(r"\d+", told) == ["50", "69"]


def test_a_table_too_wide_to_read_is_printed_side_by_side_under_its_names(tmp_path):
    wide = some_zones().assign(**{f"note_{n}": "a" * 50 for n in range(8)})
    book = opened(a_workbook(tmp_path, zones=[wide]))
    assert book["Zones"].page_setup.fitToWidth == 2
    assert book["Zones"].print_title_cols == "$A:$A"
    assert under_heading(tmp_path / "out.xlsx", "Zones", "Zone")
    for page in book:
        letters = sum(one.width for one in page.column_dimensions.values())
        printed = page.print_area.split(":")[1].split("$")[1]
        whole = printed == openpyxl.utils.get_column_letter(page.max_column)
        assert not whole or letters <= ACROSS * int(page.page_setup.fitToWidth or 1)


def beside(before, now="2018-07"):
    """Counts of three areas in another month and this one."""
    rows = [(f"area-{n}", month, count) for month, counts in ((before, (5, 1, 0)), (now, (2, 1, 0)))
            for n, count in enumerate(counts)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["area_id", "period", "incident_count"])
    return table.assign(theme="asb").set_index(["area_id", "period"])


def test_earlier_counts_and_the_change_stand_beside_the_count(tmp_path):
    areas = some_areas().assign(rank=pd.array([1, 1, None], dtype="Int64"))
    released = hs.release(areas, area_periods=[beside("2017-07")], record=a_record())
    path = hs.write_workbook(released, tmp_path / "w.xlsx")
    for sheet in ("First places", "Anti-social behaviour"):
        assert under_heading(path, sheet, "Incidents")[:2] == [2, 1]
        assert under_heading(path, sheet, "Incidents in Jul 2017")[:2] == [5, 1]
        assert under_heading(path, sheet, "Change since Jul 2017")[:2] == [-3, 0]
        assert under_heading(path, sheet, "Rank")[:2] == [1, 1], "a tie stays a number"
    cells = [cell for row in opened(path)["First places"].iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.number_format == '0"="'] == [1, 1]


def test_how_sure_a_place_is_stands_in_words_and_in_the_shades_of_the_page(tmp_path):
    areas = some_areas("ABCDEFGHIJKL").assign(rank_low=1, rank_high=[2, *[90] * 11])
    areas = areas.assign(is_hotspot=areas["rank"].le(2).fillna(False), is_core=areas["rank"].eq(1))
    path = hs.write_workbook(areas, tmp_path / "w.xlsx", record=a_record())
    for sheet in ("First places", "Anti-social behaviour"):
        assert under_heading(path, sheet, "Among the first")[:2] == ["likely", "unclear"]
        assert under_heading(path, sheet, "More than chance")[:2] == [
            "by itself",
            "with its neighbours",
        ]
        rules = opened(path)[sheet].conditional_formatting
        shades = {
            rule.formula[0]: rule.dxf.fill.bgColor.rgb
            for rows in rules
            for rule in rows.rules
            if rule.dxf
        }
        fills = flag_fills(cores=True)
        assert shades['"by itself"'][-6:] == fills[CORE].lstrip("#").upper()
        assert shades['"with its neighbours"'][-6:] == fills[HALO].lstrip("#").upper()


def test_no_change_of_rounded_counts_is_written(tmp_path):
    areas = hs.rank_areas(some_areas(kind="h3-8").assign(incident_count=[40, 35, 0]))
    record = a_record(audience="partner")
    released = hs.release(areas, area_periods=[beside("2017-07")], record=record)
    path = hs.write_workbook(released, tmp_path / "w.xlsx")
    said = [value for row in rows_of(path, "Anti-social behaviour") for value in row if value]
    assert "Incidents" in said and not [text for text in said if "Change since" in str(text)]
    assert [ROUNDED] in [[one for one in row if one] for row in rows_of(path, "First places")]


def test_columns_of_a_theme_are_called_on_the_sheet_of_zones_what_they_are_in_qgis(tmp_path):
    told = {"asb_count": [5, 10], "asb_shown_low": [5, 8], "asb_shown": "rounded"}
    path = a_workbook(tmp_path, zones=[some_zones().assign(**told)])
    heads = next(row for row in rows_of(path, "Zones") if "Zone" in row)
    assert {field_words(name, {"asb": "anti-social behaviour"}) for name in told} <= {*heads}


def test_the_sums_of_the_row_accounting_are_visible_and_right(tmp_path):
    path = a_workbook(tmp_path)
    sheet = "Rows accounted for"
    parts = [
        "Out of the period",
        "Out of the theme",
        "Excluded as sensitive",
        "Unlocated",
        "Outside the study area",
        "On an institutional point",
        "Used",
    ]
    columns = [under_heading(path, sheet, heading)[:2] for heading in parts]
    accepted = under_heading(path, sheet, "Accepted rows")[:2]
    assert [sum(row) for row in zip(*columns, strict=True)] == accepted == [150, 150]
    (total,) = [field.heading for field in ACCOUNT_FIELDS if field.name == "parts"]
    assert under_heading(path, sheet, total)[:2] == accepted
    assert under_heading(path, sheet, "Balances")[:2] == ["yes", "yes"]
    numbers = [re.findall(r"\d+", str(row[0])) for row in rows_of(path, sheet)]
    assert ["160", "150", "10"] in numbers


def test_sources_method_and_summary_say_what_the_record_says(tmp_path):
    path = a_workbook(tmp_path)
    assert under_heading(path, "Sources", "SHA-256") == ["ab" * 32, "cd" * 32]
    assert under_heading(path, "Zones", "Kind") == ["Ward"] * len(some_zones())
    # A licence is whole on paper: its cell spans the columns, and its words are wrapped.
    whole = opened(path)["Sources"].merged_cells.ranges
    assert len(whole) == len(a_record().attributions) > 0
    said = under_heading(path, "Method and caveats", "Said")
    record = a_record()
    assert set(record.caveat_texts) <= set(said)
    rows = [tuple(row) for row in rows_of(path, "Method and caveats") if row[2]]
    assert len(rows) == len(set(rows)), "what sources say alike stands once"
    assert ["radius_m = 150", "min_incidents = 10"] in [str(text).split("; ") for text in said]
    summary = [value for row in rows_of(path, "Summary") for value in row if value]
    assert record.sentences["asb"] in summary
    (rows,) = [one for one in summary if str(one).startswith("Rows: ")]
    assert re.findall(r"\d+", rows) == ["160", "150", "10"]
    assert record.themes["vehicle_nuisance"].note in summary
    assert under_heading(path, "Summary", "Place") == ["Boar Lane", "Kirkgate"]
    harms = [row[4] for row in rows_of(path, "Summary") if row[2] in ("Boar Lane", "Kirkgate")]
    assert harms == [None, 99.5]


def test_a_proxy_is_called_what_it_is_and_never_by_the_short_name_of_its_theme(tmp_path):
    record = a_record()
    label = "violence including sexual and domestic offences (cannot be split)"
    record.tell_themes(ThemeStatus("serious_violence", label, "proxy"))
    record.account(Account("cells", "serious_violence", "July", 5, 0, 0, 0, 0, 0, 0, 5))
    zones = some_zones().assign(serious_violence_count=[7, 8], serious_violence_harm=[1.5, 2.5])
    violence = {"serious_violence": some_areas(theme="serious_violence")}
    book = opened(
        a_workbook(tmp_path, ranked=violence, clusters=violence, zones=zones, record=record)
    )
    words = [str(cell.value) for page in book for row in page.iter_rows() for cell in row]
    assert not any("serious" in text.lower() for text in [*words, *book.sheetnames])
    assert label.capitalize() + ": harm" in words


def test_extra_columns_travel_through_and_constant_ones_move_above_the_table(tmp_path):
    areas = some_areas().assign(officer_note=["x", "y", "z"], harm_scale="ons-css")
    path = a_workbook(tmp_path, ranked={"asb": areas})
    sheet = "Anti-social behaviour"
    assert under_heading(path, sheet, "Officer note") == ["x", "y"]
    assert "Harm scale: ons-css" in [row[0] for row in rows_of(path, sheet)]


def test_a_workbook_of_nothing_is_still_a_workbook(tmp_path):
    record = hs.RunRecord("Nothing", marking="OFFICIAL")
    path = hs.write_workbook([], tmp_path / "a.xlsx", record=record)
    assert opened(path).sheetnames[0] == "Summary"
    empty = {"asb": some_areas().iloc[:0]}
    path = a_workbook(tmp_path, ranked=empty, clusters={}, zones=some_zones().iloc[:0])
    assert opened(path).sheetnames[0] == "Summary"


def test_two_themes_with_the_same_or_an_impossible_sheet_name_get_sheets_of_their_own(tmp_path):
    themes = ["a/b", "a:b", "summary", "history", "x" * 60, "x" * 61, "'quoted'", ""]
    path = a_workbook(tmp_path, ranked={theme: some_areas() for theme in themes})
    names = opened(path).sheetnames
    assert len(names) == len({name.lower() for name in names}) == 8 - 1 + len(themes)
    assert max(map(len, names)) <= 31


# ------------------------------------------------------------------------------- CSV and GeoJSON


def test_csv_opens_in_excel_with_its_letters_and_without_formulas(tmp_path):
    areas = some_areas(HOSTILE_TEXTS)
    path = hs.write_csv(areas, tmp_path / "a.csv", record=a_record())
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    csv.field_size_limit(200_000)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(HOSTILE_TEXTS)
    for row, text in zip(rows, HOSTILE_TEXTS, strict=True):
        name = row["place_name"]
        assert name.lstrip(" ")[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "＝")
        assert name.removeprefix("'") == as_written(text).removeprefix("'")
    assert {row["marking"] for row in rows} == {"OFFICIAL"}
    assert rows[0]["is_hotspot"] == "true"
    assert rows[0]["harm"] == ""


def test_negative_numbers_stay_numbers_in_csv(tmp_path):
    table = pd.DataFrame({"z": [-1.5]}, index=pd.Index(["a"], name="area_id"))
    text = hs.write_csv(table, tmp_path / "a.csv", record=a_record()).read_text("utf-8-sig")
    assert text.splitlines()[1] == '"a",-1.5,"OFFICIAL"'


def test_geojson_is_in_degrees_with_six_decimals_and_rings_wound_as_the_standard_asks(tmp_path):
    hole = Polygon(
        box(430000, 434000, 430900, 434900).exterior, [box(430100, 434100, 430200, 434200).exterior]
    )
    areas = some_areas().iloc[:2].set_geometry([hole, MultiPolygon([hole])], crs=27700)
    path = hs.write_geojson(areas, tmp_path / "a.geojson", record=a_record())
    found = json.loads(path.read_text("utf-8"))
    assert found["marking"] == "OFFICIAL"
    assert found["caveats"] == list(a_record().caveat_texts) and len(found["caveats"]) == 1
    feature = found["features"][0]
    assert feature["id"] == feature["properties"]["area_id"] == "area-0"
    assert feature["properties"]["harm"] is None
    outer, inner = (Polygon(ring).exterior for ring in feature["geometry"]["coordinates"])
    assert outer.is_ccw and not inner.is_ccw
    longitude, latitude = feature["geometry"]["coordinates"][0][0]
    assert -1.6 < longitude < -1.5 and 53.7 < latitude < 53.9
    assert round(longitude, 6) == longitude
    assert gpd.read_file(path).crs == "EPSG:4326"


def test_geojson_needs_to_know_where_its_coordinates_are(tmp_path):
    with pytest.raises(HotspotsError, match="no coordinate system"):
        nowhere = some_areas().set_crs(None, allow_override=True)
        hs.write_geojson(nowhere, tmp_path / "a.geojson", record=a_record())


# --------------------------------------------------------------------------------- hostile texts


def hostile_record():
    record = a_record(title=HOSTILE_TEXTS[0], marking="</script>&G=1+1")
    record.warn_reader(HALF_A_SURROGATE, *HOSTILE_TEXTS)
    record.attribute(*HOSTILE_TEXTS)
    for number, text in enumerate(HOSTILE_TEXTS):
        record.sentences[f"theme {number}"] = text
        record.tell_themes(ThemeStatus(f"t{number}", text, "proxy", text))
        record.sources.append(SourceFile(text, text, 0, 0, 0, 0))
        record.governance[f"g{number}"] = text
        record.choose(f"stage {number}", choice=text)
    return record


@pytest.mark.parametrize(("schema", "known"), [(1, True), (2, False), (10, False)])
def test_a_file_of_a_newer_schema_is_refused_and_never_misread(tmp_path, schema, known):
    path = hs.write_geopackage({"cells": some_areas()}, tmp_path / "a.gpkg", record=a_record())
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE about_this_product SET said = ? WHERE item = 'schema'", (schema,))
    if known:
        assert len(hs.read_geopackage(path)["cells"]) == 3
        return
    with refused("newer-schema", str(schema), kind=hs.DataError):
        hs.read_geopackage(path)


def test_hostile_texts_come_back_from_the_geopackage_letter_by_letter(tmp_path):
    layer = 'wards"; DROP TABLE cells; --'
    layers = {
        "cells": some_areas(HOSTILE_TEXTS).rename(columns={"kind": 'k"; DROP TABLE wards; --'}),
        layer: some_zones(HOSTILE_TEXTS),
    }
    path = hs.write_geopackage(layers, tmp_path / "a.gpkg", record=hostile_record())
    wanted = [as_written(text) for text in HOSTILE_TEXTS]
    with sqlite3.connect(path) as database:
        names = [name for (name,) in database.execute("SELECT place_name FROM cells ORDER BY fid")]
        said = {text for (text,) in database.execute("SELECT said FROM about_this_product")}
    assert names == wanted
    assert set(wanted) <= said
    assert len(pyogrio.read_dataframe(path, layer=layer)) == len(wanted)
    for qml in styles(path).values():
        ElementTree.fromstring(qml)


def test_hostile_texts_come_back_from_the_workbook_letter_by_letter(tmp_path):
    areas = some_areas([*HOSTILE_TEXTS, "last"]).rename(columns={"kind": "=1+1"})
    areas = areas.assign(incident_count=1)
    path = a_workbook(
        tmp_path, ranked={"asb": areas}, zones=some_zones(HOSTILE_TEXTS), record=hostile_record()
    )
    page = opened(path)["Anti-social behaviour"]
    rows = list(page.iter_rows())
    header = next(n for n, row in enumerate(rows) if row[1].value == "Place")
    for row, text in zip(rows[header + 1 :], HOSTILE_TEXTS, strict=False):
        wanted = as_written(text)
        if len(wanted.encode("utf-16-le")) > 2 * _sheets.MOST_CHARACTERS:
            assert row[1].value.endswith(f" [cut; it has {len(wanted):,} characters]")
            assert wanted.startswith(row[1].value.rsplit(" [cut", 1)[0])
        else:
            assert (row[1].value or "") == as_openpyxl_reads(wanted)


def as_openpyxl_reads(text):
    """Control characters are escaped in a workbook as ``_x000D_``; openpyxl leaves them so."""
    return re.sub(r"[\x00-\x08\x0b-\x1f]", lambda found: f"_x{ord(found[0]):04X}_", text)


def test_the_workbook_holds_no_formula_no_link_and_nothing_that_reaches_out(tmp_path):
    path = a_workbook(
        tmp_path,
        ranked={text[:40]: some_areas(HOSTILE_TEXTS) for text in HOSTILE_TEXTS[:6]},
        zones=some_zones(HOSTILE_TEXTS),
        record=hostile_record(),
    )
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            content = archive.read(name).decode("utf-8")
            ElementTree.fromstring(content)
            if name.startswith("xl/worksheets"):
                assert "<f>" not in content and "<f " not in content
                assert "hyperlink" not in content.lower()
            if name.endswith(".rels"):
                assert 'TargetMode="External"' not in content


def test_a_marking_cannot_give_commands_to_the_page_header():
    assert _sheets.footer_text("&P &A &[Path]") == "&&P &&A &&[Path]"
    assert _sheets.footer_text("&G &[Picture]") == "&& G && [Picture]"  # reserved by XlsxWriter


def test_points_and_lines_are_layers_too(tmp_path):
    points = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(430000, 434000)], crs=27700)
    path = hs.write_geopackage({"sites": points}, tmp_path / "a.gpkg", record=a_record())
    assert pyogrio.list_layers(path)[0].tolist()[:2] == ["sites", "Point"]


# ------------------------------------------------------------------------------------- audiences


def test_every_export_withholds_what_the_audience_may_not_see(tmp_path):
    """Three areas with 2, 1 and no incident: a partner cannot tell which is which."""

    def partner():
        record = a_record(audience="partner")
        record.sentences["asb"] = "Boar Lane had 2 incidents."
        return record

    layers = {"cells": some_areas(), "clusters": some_areas(kind="cluster")}
    hs.write_geopackage(layers, tmp_path / "a.gpkg", record=partner())
    a_workbook(tmp_path, name="a.xlsx", record=partner())
    hs.write_csv(some_areas(), tmp_path / "a.csv", record=partner())
    hs.write_geojson(some_areas(), tmp_path / "a.geojson", record=partner())
    for layer in layers:
        found = gpd.read_file(tmp_path / "a.gpkg", layer=layer)
        assert len(found) == 3
        assert found[["incident_count", "harm", "rank", "place_name"]].isna().all(axis=None)
    for name in ("a.csv", "a.geojson"):
        assert "Boar Lane" not in (tmp_path / name).read_text("utf-8-sig")
    book = opened(tmp_path / "a.xlsx")
    assert "Rows accounted for" not in book.sheetnames
    words = {str(cell.value) for page in book for row in page.iter_rows() for cell in row}
    assert not any("Boar Lane" in text or "99.5" in text for text in words)
    with pytest.raises(HotspotsError, match="no points"):
        points = gpd.GeoDataFrame(geometry=[Point(430000, 434000)], crs=27700)
        hs.write_geopackage({"sites": points}, tmp_path / "b.gpkg", record=partner())
    assert not (tmp_path / "b.gpkg").exists()


def test_columns_withheld_in_every_row_are_left_out_and_named_once(tmp_path):
    record = a_record(audience="partner")
    areas = some_areas().assign(incident_count=[30, 20, 10], z=[1.0, 2.0, 3.0], note_by="me")
    emptied = {"z", "p_value", "q_value", "is_hotspot", "largest_point_share"}
    hs.write_geopackage({"cells": areas}, tmp_path / "a.gpkg", record=record)
    hs.write_csv(areas, tmp_path / "a.csv", record=record)
    hs.write_geojson(areas, tmp_path / "a.geojson", record=record)
    a_workbook(tmp_path, name="a.xlsx", record=record)
    found = gpd.read_file(tmp_path / "a.gpkg", layer="cells")
    table = pd.read_csv(tmp_path / "a.csv", encoding="utf-8-sig")
    collection = json.loads((tmp_path / "a.geojson").read_text())
    for columns in (found.columns, table.columns, collection["features"][0]["properties"]):
        assert {"incident_count", "harm", "rank", "shown", "shown_low"} <= set(columns)
        assert not emptied & set(columns)
    facts = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="about_this_product")
    words = "Left out, because this audience may not see one value of them: "
    assert facts["said"].str.startswith(words).sum() == 1
    assert sum(caveat.startswith(words) for caveat in collection["caveats"]) == 1
    said = [row[2] for row in rows_of(tmp_path / "a.xlsx", "Method and caveats") if len(row) > 2]
    assert sum(str(text).startswith(words) for text in said) == 1
    assert not any(caveat.startswith(words) for caveat in record.caveat_texts)


def test_nothing_is_left_out_for_those_who_may_see_everything(tmp_path):
    areas = some_areas().assign(z=None)
    path = hs.write_csv(areas, tmp_path / "a.csv", record=a_record())
    assert "z" in pd.read_csv(path, encoding="utf-8-sig").columns


# ------------------------------------------------------------------- numbers as people read them


def formats_under(path, sheet, heading):
    """Number formats below a heading, and the numbers themselves."""
    page = opened(path)[sheet]
    header = next(row for row in page.iter_rows() if any(cell.value == heading for cell in row))
    column = next(cell.column for cell in header if cell.value == heading)
    cells = [page.cell(row, column) for row in range(header[0].row + 1, page.max_row + 1)]
    found = [cell for cell in cells if isinstance(cell.value, (int, float))]
    return {cell.number_format for cell in found}, [cell.value for cell in found]


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("my_count", [3.0, None, 5.0], "#,##0"),
        ("distance_m", [12.3456789012, 1.0, 2.0], "#,##0"),
        ("mean_harm", [1234.56789012345, 1.0, 2.0], "#,##0"),
        ("my_share", [1 / 3, 0.1, 0.2], "0.0%"),
        ("built_km2", [1 / 3, 0.1, 0.2], "0.000"),
        ("count_per_km2", [1 / 3, 0.1, 0.2], "#,##0.0"),
        ("population", [1200.0, 1300.0, None], "#,##0"),
        ("whole", [1.0, 2.0, None], "#,##0"),
        ("other", [1 / 3, 0.1, 0.2], "0.000"),
    ],
)
@pytest.mark.parametrize("dtype", ["float64", "object"])
def test_numbers_look_like_their_unit_whatever_kind_of_column_they_stand_in(
    tmp_path, name, values, expected, dtype
):
    table = pd.DataFrame({name: pd.Series(values, dtype=dtype)}).rename_axis("row")
    path = a_workbook(tmp_path, tables={"Mine": table})
    heading = name.replace("_", " ").capitalize()
    if name == "count_per_km2":
        heading = "Incidents per km²"
    found, shown = formats_under(path, "Mine", heading)
    assert found == {expected}
    assert shown == [round(value, 6) for value in values if value is not None]


def test_harm_is_shown_in_whole_units_and_no_number_has_twelve_digits(tmp_path):
    areas = some_areas().assign(harm=[1000 / 3, 2000 / 7, None])
    path = a_workbook(tmp_path, ranked={"asb": areas})
    found, shown = formats_under(path, "Anti-social behaviour", "Harm")
    assert found == {"#,##0"} and shown == [333.333333, 285.714286]
    for sheet in opened(path):
        for row in sheet.iter_rows():
            for cell in row:
                assert not re.search(r"\.\d{7}", str(cell.value)), (sheet.title, cell.coordinate)


def test_further_tables_get_a_sheet_each_and_are_withheld_like_all_others(tmp_path):
    table = pd.DataFrame({"zone_name": ["A"], "premises": [3]}, index=pd.Index(["z"], name="id"))
    path = a_workbook(tmp_path, tables={"Premises by tier": table})
    assert rows_of(path, "Premises by tier")[3][:3] == ["Id", "Zone", "Premises"]
    protected = table.assign(kind="protect")
    with pytest.raises(HotspotsError, match="Protect zones"):
        a_workbook(tmp_path, name="other.xlsx", tables={"Premises": protected})


def test_decisions_stand_beside_their_place_and_on_a_sheet_of_their_own(tmp_path):
    areas = some_areas()
    area = str(areas.index[areas["place_name"].eq("Boar Lane")][0])
    rows = [
        Decision("asb", area, "Boar Lane", "Youth team", "youth", "2026-03-31", note="=drop-in"),
        Decision("asb", area, "Boar Lane", action="enforce"),
        Decision("asb", "gone", "Elsewhere", action="enforce"),
    ]
    record = hs.RunRecord("T", "M", "internal")
    record.tell_themes(ThemeStatus("asb", "anti-social behaviour", "measured"))
    released = hs.release(areas, decisions=rows, record=record)
    path = hs.write_workbook(released, tmp_path / "t.xlsx")
    assert under_heading(path, "Anti-social behaviour", "Action")[0].split("\n") == [
        "Youth work: =drop-in", "Enforce",
    ]  # fmt: skip
    assert under_heading(path, "Decisions", "Place")[:3] == ["Boar Lane", "Boar Lane", "Elsewhere"]
    assert "31 March 2026" in under_heading(path, "Decisions", "Due")


@pytest.mark.parametrize("called", [None, "LSOA21CD", "kind", "rank"])
def test_an_index_is_the_identity_whatever_it_is_called(tmp_path, called):
    areas = some_areas().assign(place_name=None, rank=pd.array([1, 2, 3], dtype="Int64"))
    odd, record = areas.rename_axis(called), a_record()
    (held,) = hs.read_geopackage(
        hs.write_geopackage(odd, tmp_path / "a.gpkg", record=record)
    ).values()
    assert held.reset_index()["area_id"].tolist() == areas.index.tolist()
    assert hs.write_workbook(odd, tmp_path / "a.xlsx", record=record).exists()
    pd.testing.assert_frame_equal(hs.top(odd), hs.top(areas))
