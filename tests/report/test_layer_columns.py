"""What a GeoPackage says and shows in QGIS: words over every column, names that stand apart."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from contextlib import closing
from xml.etree import ElementTree

import geopandas as gpd
import pandas as pd
import pyogrio
from shapely.geometry import box

import hotspots as hs
from hotspots.core.record import ThemeStatus
from hotspots.report.symbology import LINES


def some_areas():
    """Two squares, one of them ranked."""
    columns = {
        "kind": "h3-9", "theme": "asb", "incident_count": [2, 0], "place_name": "Mill Lane",
        "rank": pd.array([1, pd.NA], dtype="Int64"), "period_from": pd.NaT, "period_until": pd.NaT,
    }  # fmt: skip
    return squares(columns, "area_id")


def some_zones():
    """Two wards."""
    columns = {
        "zone_name": ["North", "South"], "kind": "ward", "valid_from": None, "valid_until": None,
        "status": None, "approximate": False,
    }  # fmt: skip
    return squares(columns, "zone_id")


def squares(columns, index):
    shapes = [box(430000, 434000, 430150, 434150), box(430150, 434000, 430300, 434150)]
    return gpd.GeoDataFrame(columns, pd.Index(["a", "b"], name=index), geometry=shapes, crs=27700)


def a_record():
    record = hs.RunRecord("Town", marking="DEMONSTRATION")
    record.tell_themes(ThemeStatus("asb", "anti-social behaviour", "measured"))
    return record


def project_of(path):
    """The QGIS project inside a GeoPackage."""
    with closing(sqlite3.connect(path)) as database:
        ((name, content),) = database.execute("SELECT name, content FROM qgis_projects")
    with zipfile.ZipFile(io.BytesIO(bytes.fromhex(content))) as archive:
        return ElementTree.fromstring(archive.read(f"{name}.qgs"))


def test_every_column_of_every_layer_has_words_in_project_and_style(tmp_path):
    zones = some_zones().assign(asb_count=3, asb_shown_low=1, my_own_note="x")
    areas = some_areas().assign(is_hotspot=True, is_core=True, harm_scale="ons-css")
    layers = {"cells_asb": areas, "wards": zones}
    path = hs.write_geopackage(layers, tmp_path / "a.gpkg", record=a_record())
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT f_table_name, styleQML FROM layer_styles")
        styles = {name: ElementTree.fromstring(text) for name, text in rows}
    drawn = [*project_of(path).iter("maplayer")]
    assert len(drawn) == 3, "the outlines of what is more than chance are a layer too"
    for layer in drawn:
        table = layer.findtext("datasource").split("=")[1]
        wanted = {"fid", *pyogrio.read_info(path, layer=table)["fields"]}
        for held in (layer, styles[table]):
            words = {one.get("field"): one.get("name") for one in held.iter("alias")}
            assert wanted <= set(words)
            assert not [text for text in words.values() if "_" in text]
    words = {one.get("field"): one.get("name") for one in styles["wards"].iter("alias")}
    assert words["asb_shown_low"] == "Anti-social behaviour: incidents, at least"


def test_names_of_first_places_have_a_line_to_them_and_districts_none(tmp_path):
    district = some_zones().assign(kind="district")
    layers = {"cells_asb": some_areas(), "district": district}
    path = hs.write_geopackage(layers, tmp_path / "a.gpkg", record=a_record())
    labels = {
        layer.findtext("layername"): layer.find("labeling/settings")
        for layer in project_of(path).iter("maplayer")
    }
    assert labels["District"] is None
    assert labels["Hexagons"].find("placement").get("placement") == "8", "outside of the area"
    assert labels["Hexagons"].find("callout/Option/Option[@name='enabled']").get("value") == "1"


def test_priority_wards_have_the_line_of_the_page(tmp_path):
    wards = some_zones().assign(priority=[True, False])
    path = hs.write_geopackage({"wards": wards}, tmp_path / "a.gpkg", record=a_record())
    (layer,) = project_of(path).iter("maplayer")
    rows = layer.findall("renderer-v2/categories/category")
    assert [row.get("value") for row in rows] == ["Priority", "Other"]
    colour = ",".join(map(str, bytes.fromhex(LINES["priority"].color[1:])))
    assert any(one.get("v").startswith(colour) for one in layer.iter("prop"))
