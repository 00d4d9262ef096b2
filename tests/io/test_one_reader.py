"""Incidents and zones are read by one reader: every kind, judged alike, faults as messages."""

import json
import zipfile

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from pyogrio import write_dataframe
from refusing import refused

from hotspots.core.errors import DataError
from hotspots.core.record import RunRecord
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.load import load_incidents
from hotspots.io.zones.read import load_zones

MAPPED = FieldMap(
    "points", reference="Ref", date="When", offence="Code", offence_scheme="home_office",
    geometry=True,
)  # fmt: skip
KINDS = {
    "p.gpkg": "GPKG", "p.shp": "ESRI Shapefile", "p.tab": "MapInfo File", "p.mif": "MapInfo File",
    "p.gdb": "OpenFileGDB", "p.kml": "KML", "p.fgb": "FlatGeobuf", "p.gml": "GML",
    "p.sqlite": "SQLite", "p.geojson": "GeoJSON", "p.geojsonl": "GeoJSONSeq",
}  # fmt: skip
WHERE = [(430_000 + 10 * n, 433_000) for n in range(6)]


def points(geometry=None) -> gpd.GeoDataFrame:
    columns = {"Ref": [f"r{n}" for n in range(6)], "When": "2025-07-03", "Code": "8N"}
    geometry = [shapely.Point(xy) for xy in WHERE] if geometry is None else geometry
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=geometry, crs=27700)


def wards(shapes, *, crs=27700, names=("Tŷ Gwyn", "Café Row")) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"NAME": list(names[: len(shapes)])}, geometry=shapes, crs=crs)


def squares(x=430_000, y=433_000, side=1_000):
    return [shapely.box(x + n * side, y, x + (n + 1) * side, y + side) for n in range(2)]


def read(path):
    record = RunRecord("test", marking="TEST")
    return load_incidents(path, fields=MAPPED, record=record), record


def zipped(folder, archive):
    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                packed.write(file, str(file.relative_to(folder.parent)))
    return archive


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("packed", [False, True])
def test_incidents_and_zones_of_every_kind_are_those_that_were_written(tmp_path, name, packed):
    degrees = name.endswith((".kml", ".geojson", ".geojsonl"))
    folders = {what: tmp_path / what for what in ("incidents", "zones")}
    for (what, folder), table in zip(
        folders.items(), (points(), wards(squares(), names=("North", "South"))), strict=True
    ):
        folder.mkdir()
        (table.to_crs(4326) if degrees else table).to_file(folder / name, driver=KINDS[name])
        (folder / "p.xsd").unlink(missing_ok=True)
        if packed:
            folders[what] = zipped(folder, tmp_path / f"{what}.zip")
    before = left_in(tmp_path)
    incidents, record = read(folders["incidents"] if packed else folders["incidents"] / name)
    assert record.read == record.accepted == 6
    came, written = incidents.set_index("reference").geometry, points().set_index("Ref").geometry
    assert came.distance(written.set_crs(came.crs), align=True).max() < 0.1
    zones = load_zones(folders["zones"] if packed else folders["zones"] / name, kind="ward")
    assert zones["zone_name"].tolist() == ["North", "South"]
    assert zones.geometry.area.sum() == pytest.approx(2e6, rel=1e-3)
    assert left_in(tmp_path) == before, "reading writes nothing beside what is read"


def left_in(folder):
    files = (one for one in folder.rglob("*") if one.is_file())
    return {one: (one.stat().st_mtime_ns, one.read_bytes()) for one in files}


def test_a_folder_holds_a_shapefile_once_and_says_nothing_of_its_parts(tmp_path):
    points().to_file(tmp_path / "p.shp")
    points().iloc[:3].to_file(tmp_path / "q.gdb", driver="OpenFileGDB")
    record = RunRecord("test", marking="TEST")
    load_incidents(tmp_path, fields=MAPPED, record=record)
    assert [source.read for source in record.sources] == [6, 3]
    assert "file-skipped" not in {found.rule for found in record.findings}


def test_a_change_in_any_part_of_a_shapefile_changes_its_hash(tmp_path):
    points().to_file(tmp_path / "p.shp")
    _, before = read(tmp_path / "p.shp")
    dbf = (tmp_path / "p.dbf").read_bytes()
    (tmp_path / "p.dbf").write_bytes(dbf.replace(b"r5", b"r6"))
    _, after = read(tmp_path / "p.shp")
    assert before.sources[0].sha256 != after.sources[0].sha256


def test_a_map_of_geometry_is_guessed_for_a_shapefile(tmp_path):
    points().rename(columns={"Code": "Offence", "When": "Date"}).to_file(tmp_path / "p.shp")
    report = check_incidents(tmp_path / "p.shp")
    assert report.to_dict()["rows"]["accepted"] == 6


def test_one_point_called_many_is_a_point_and_several_are_none(tmp_path):
    many = [shapely.MultiPoint([xy]) for xy in WHERE]
    points(many).to_file(tmp_path / "p.gpkg")
    _, record = read(tmp_path / "p.gpkg")
    assert record.accepted == 6
    assert [found.rows for found in record.findings if found.rule == "one-point-each"] == [6]
    points([*many[:5], shapely.MultiPoint(WHERE[:2])]).to_file(tmp_path / "q.gpkg")
    incidents, record = read(tmp_path / "q.gpkg")
    assert (record.accepted, int(incidents.geometry.notna().sum())) == (6, 5)
    assert "not-a-point" in {found.rule for found in record.findings}


def test_what_arcgis_answers_is_read_and_a_page_of_it_is_called_a_part(tmp_path):
    rows = points().drop(columns="geometry").to_dict("records")
    entries = [
        {"attributes": row, "geometry": {"x": x, "y": y}}
        for row, (x, y) in zip(rows, WHERE, strict=True)
    ]
    content = {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 27700}}
    content |= {"features": entries}
    points().to_crs(4326).to_file(tmp_path / "p.geojson")
    collection = json.loads((tmp_path / "p.geojson").read_text())
    for more, part in (({}, 0), ({"exceededTransferLimit": True}, 1)):
        (tmp_path / "e.json").write_text(json.dumps(content | more))
        (tmp_path / "p.geojson").write_text(json.dumps(collection | {"properties": more}))
        for name in ("e.json", "p.geojson"):
            incidents, record = read(tmp_path / name)
            assert (record.read, len(incidents)) == (6, 6)
            assert [(round(p.x), round(p.y)) for p in incidents.geometry] == WHERE
            told = [found.severity for found in record.findings if found.rule == "reader"]
            assert told == ["warning"] * part
    (tmp_path / "e.json").write_text(json.dumps(content | {"features": [*entries, None]}))
    with refused("rows-lost", kind=DataError):
        read(tmp_path / "e.json")


def test_folders_of_a_kml_are_read_together_and_it_is_said(tmp_path):
    mark = (
        '<Placemark><ExtendedData><Data name="Ref"><value>{0}</value></Data><Data name="When">'
        '<value>2025-07-03</value></Data><Data name="Code"><value>8N</value></Data></ExtendedData>'
        "<Point><coordinates>-1.5{0},53.8</coordinates></Point></Placemark>"
    )
    folders = "".join(
        f"<Folder><name>{month}</name>{mark.format(at)}{mark.format(at + 1)}</Folder>"
        for month, at in (("June", 1), ("July", 5))
    )
    text = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{folders}</Document></kml>'
    (tmp_path / "p.kml").write_text(text)
    incidents, record = read(tmp_path / "p.kml")
    assert len(incidents) == record.read == 4
    assert "reader" in {found.rule for found in record.findings}


def test_a_layer_left_out_is_told_with_its_rows(tmp_path):
    wards(squares()).to_file(tmp_path / "z.gpkg", layer="wards")
    points().to_file(tmp_path / "z.gpkg", layer="sites")
    styles = pd.DataFrame({"style": ["a"]})
    write_dataframe(styles, tmp_path / "z.gpkg", layer="layer_styles")  # no outlines: not meant
    record = RunRecord("test", marking="TEST")
    load_zones(tmp_path / "z.gpkg", kind="ward", name_field="NAME", record=record)
    (told,) = [found for found in record.findings if found.rule == "layer-left-out"]
    assert told.rows == 6 and "'sites'" in told.message
    with pytest.warns(UserWarning, match="sites"):
        load_zones(tmp_path / "z.gpkg", kind="ward", name_field="NAME")


@pytest.mark.parametrize("written", ["UTF-8", "ISO-8859-1"])
@pytest.mark.parametrize("said", ["UTF-8", "ISO-8859-1", "no such thing", None])
def test_the_bytes_decide_how_a_shapefile_is_read_and_not_what_it_says(tmp_path, written, said):
    names = ("Tŷ Gwyn", "Café Row") if written == "UTF-8" else ("Ty Gwyn", "Café Row")
    wards(squares(), names=names).to_file(tmp_path / "z.shp", encoding=written)
    (tmp_path / "z.cpg").unlink(missing_ok=True)
    if said:
        (tmp_path / "z.cpg").write_text(said)
    zones = load_zones(
        tmp_path / "z.shp", kind="ward", name_field="NAME", record=RunRecord("t", "TEST")
    )
    assert set(zones["zone_name"]) == set(names)


def geojson(path, rings, *, crs=None):
    features = [
        {"type": "Feature", "properties": {"NAME": f"zone {at}"},
         "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for at, ring in enumerate(rings)
    ]  # fmt: skip
    content = {"type": "FeatureCollection", "features": features}
    if crs:
        content["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs}"}}
    path.write_text(json.dumps(content))
    return path


METRES = [[430_000, 933_000], [431_000, 933_000], [431_000, 934_000], [430_000, 933_000]]
DEGREES = [[-1.55, 53.79], [-1.54, 53.79], [-1.54, 53.80], [-1.55, 53.79]]
BAD_ZONES = {
    "metres without a system": ([METRES], None, "metres-not-degrees"),
    "latitude first": ([[[y, x] for x, y in DEGREES]], None, "swapped"),
    "northing first": ([[[y, x] for x, y in METRES]], 27700, "swapped"),
    "another country": ([[[x + 20, y] for x, y in DEGREES]], None, "outside"),
    "not closed": ([METRES[:3]], 27700, "zone-without-area"),
    "two corners": ([METRES[:2]], 27700, "zone-without-area"),
    "no number": ([[*METRES[:2], [float("nan"), 1.0], METRES[0]]], 27700, "zone-without-area"),
    "beyond all": ([[[x, y * 1e290] for x, y in METRES]], 27700, "outside"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_ZONES)
def test_zones_are_judged_as_points_are(tmp_path, case):
    rings, crs, rule = BAD_ZONES[case]
    path = geojson(tmp_path / "z.geojson", rings, crs=crs)
    with refused(rule, kind=DataError, file="z.geojson"):
        load_zones(path, kind="ward", name_field="NAME", record=RunRecord("t", "TEST"))


def test_a_zone_that_is_bad_is_told_beside_those_that_are_good(tmp_path):
    path = geojson(tmp_path / "z.geojson", [METRES, METRES[:3]], crs=27700)
    with refused("zone-without-area", "'zone 1'", kind=DataError, file="z.geojson"):
        load_zones(path, kind="ward", name_field="NAME", record=RunRecord("t", "TEST"))


def test_an_archive_of_several_vector_files_asks_which(tmp_path):
    folder = tmp_path / "both"
    folder.mkdir()
    for name in ("north", "south"):
        wards(squares()).to_file(folder / f"{name}.shp")
    archive = zipped(folder, tmp_path / "both.zip")
    with refused("zip-of-zones", "north.shp", kind=DataError, file="both.zip"):
        load_zones(archive, kind="ward", name_field="NAME")
    assert len(load_zones(archive, kind="ward", name_field="NAME", layer="south")) == 2
