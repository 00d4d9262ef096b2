"""`hotspots fetch roads` against a server on this machine, with an invented file of the country."""

import json
import sys
from types import SimpleNamespace

import geopandas as gpd
import pytest
from local_server import LocalServer, OpenGeography, OsDownloads, archive, square
from refusing import refused
from shapely.geometry import LineString, Point

import hotspots as hs
from hotspots.cli.main import main
from hotspots.core.record import sha256_of
from hotspots.io.opendata import http as client_module
from hotspots.report.map.backdrop import backdrop_data

QUICK = hs.opendata.Patience(tries=3, first_wait_s=0.01, max_wait_s=5, connect_s=2, read_s=2)
ARCHIVE = "/elsewhere/oproad_gpkg_gb.zip"
LINKS = [  # name, number, function, metres east of the district's middle, metres long
    ("Mill Lane", None, "Local Road", 0, 80),
    (None, "A61", "A Road", 40, 90),
    ("Over The Border", "B6159", "B Road", 600, 70),
    ("Far Away", None, "Local Road", 9_000, 60),
]


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch):
    hasty = SimpleNamespace(take=lambda: None)
    monkeypatch.setattr(client_module, "TokenBucket", lambda: hasty)


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    """OS Open Roads as it is packed: links and nodes in one GeoPackage, in a folder of a zip."""
    middle = gpd.GeoSeries([Point(-1.595, 53.705)], crs="EPSG:4326").to_crs("EPSG:27700").iloc[0]
    lines = [
        LineString([(middle.x + east, middle.y), (middle.x + east, middle.y + length)])
        for *_, east, length in LINKS
    ]
    links = {
        "id": [f"link-{at}" for at in range(len(LINKS))],
        "road_function": [link[2] for link in LINKS],
        "road_classification_number": [link[1] for link in LINKS],
        "name_1": [link[0] for link in LINKS],
        "start_node": [f"node-{at}" for at in range(len(LINKS))],
        "end_node": [f"node-{at}-end" for at in range(len(LINKS))],
    }
    file = tmp_path_factory.mktemp("os") / "oproad_gb.gpkg"
    gpd.GeoDataFrame(links, geometry=lines, crs="EPSG:27700").to_file(file, layer="road_link")
    nodes = gpd.GeoDataFrame({"id": ["node-0"]}, geometry=[middle], crs="EPSG:27700")
    nodes.to_file(file, layer="road_node")
    return archive({"Data/oproad_gb.gpkg": file.read_bytes(), "Doc/licence.txt": b"OGL"})


@pytest.fixture
def survey(country):
    server = OsDownloads(country)
    yield server
    server.close()


@pytest.fixture
def geography():
    server = OpenGeography()
    rows = [{"LAD25CD": "E08000035", "LAD25NM": "Leeds"}, {"LAD25CD": "N09000003",
            "LAD25NM": "Belfast"}]  # fmt: skip
    server.layer("LAD_MAY_2025_UK_BUC", rows, [square(-1.6, 53.7), square(-5.9, 54.6)])
    yield server
    server.close()


pytestmark = pytest.mark.filterwarnings("ignore:LAD_MAY_2025_UK_BUC. 361")


@pytest.fixture
def fetch(survey, geography, tmp_path):
    def run(district="Leeds", **options):
        asked = {"cache": tmp_path / "cache", "patience": QUICK, "base_url": survey.url,
                 "boundaries_url": geography.url} | options  # fmt: skip
        return hs.opendata.fetch_roads(district, **asked)

    return run


def test_roads_of_the_district_and_its_rim_come_whole_and_are_read_everywhere(fetch, tmp_path):
    path = fetch(file=tmp_path / "out" / "leeds.gpkg")
    roads = hs.streets.load_streets(path)
    assert roads["street_name"].to_dict() == {
        "link-0": "Mill Lane", "link-1": "A61", "link-2": "Over The Border",
    }  # fmt: skip
    assert roads["road_class"].tolist() == ["Local Road", "A Road", "B Road"]
    assert roads.length.round().tolist() == [80, 90, 70]
    assert len(hs.StreetSegments(roads, reach_m=30).cover(roads.union_all().envelope)) == 3
    drawn = backdrop_data(path)
    assert drawn["lines"]["level"] == [3, 0, 1]
    assert set(drawn["names"]["text"]) == {"Mill Lane", "A61", "Over The Border"}


def test_what_was_fetched_is_written_down_and_the_unpacked_country_is_gone(fetch, tmp_path):
    path = fetch(file=tmp_path / "out" / "leeds.gpkg")
    facts = json.loads((path.parent / "fetched.json").read_text())["files"]["leeds.gpkg"]
    assert facts["sha256"] == sha256_of(path)
    assert facts["roads"] == 3
    assert facts["url"].endswith("/products/OpenRoads/downloads")
    assert "OS data" in facts["licence"]
    left = sorted(one.name for one in (tmp_path / "cache" / "roads").iterdir())
    assert left == ["fetched.json", "leeds_roads.gpkg", "oproad_gpkg_gb.zip"]


def test_the_country_is_downloaded_once_and_the_same_roads_are_the_same_bytes(
    fetch, survey, tmp_path
):
    first = fetch().read_bytes()
    fetch()
    fetch("E08000035")
    assert len(survey.asked(ARCHIVE)) == 1
    assert fetch(refresh=True).read_bytes() == first
    assert len(survey.asked(ARCHIVE)) == 1
    survey.file = type(survey.file)(survey.file.body + b"\0" * 9)
    survey.md5 = None
    fetch(refresh=True)
    assert len(survey.asked(ARCHIVE)) == 2


def test_a_broken_download_goes_on_where_it_broke(fetch, survey):
    half = len(survey.file.body) // 2
    survey.file.break_next = [half]
    fetch()
    assert [one.served for one in survey.asked(ARCHIVE)] == [half, len(survey.file.body) - half]


def test_a_file_that_is_not_the_published_one_is_refused_and_not_kept(fetch, survey, tmp_path):
    survey.md5 = "0" * 32
    with pytest.raises(hs.DataError, match="MD5"):
        fetch()
    assert not (tmp_path / "cache" / "roads" / "oproad_gpkg_gb.zip").exists()


@pytest.mark.parametrize("members", [{}, {"a.gpkg": b"a", "b.gpkg": b"b"}, {"a.gpkg": b"no"}])
def test_an_archive_of_anything_else_is_refused(fetch, survey, members):
    survey.file = type(survey.file)(archive(members | {"readme.txt": b""}))
    with pytest.raises(hs.DataError):
        fetch()


@pytest.mark.parametrize("answer", [[], {"error": 1}, [{}, {}]])
def test_another_answer_than_one_file_is_refused(geography, tmp_path, answer):
    server = LocalServer()
    from local_server import as_json

    server.routes["/products/OpenRoads/downloads"] = lambda *_: as_json(answer)
    try:
        with refused("service-refused", kind=hs.DataError):
            hs.opendata.fetch_roads(cache=tmp_path, base_url=server.url, patience=QUICK)
    finally:
        server.close()


def test_a_district_without_roads_there_or_not_known_is_an_error(fetch):
    with refused("no-lines", "Great Britain", kind=hs.DataError):
        fetch("Belfast")
    with pytest.raises(hs.DataError, match="Leeds"):
        fetch("Leedz")


def test_offline_the_cache_is_used_and_what_is_missing_is_named(fetch, survey, country, tmp_path):
    with refused("not-cached", "leeds_roads.gpkg", "oproad_gpkg_gb.zip", kind=hs.DataError):
        fetch(offline=True)
    by_hand = tmp_path / "cache" / "roads" / "oproad_gpkg_gb.zip"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_bytes(country)
    with refused("not-cached", "leeds_district.geojson", kind=hs.DataError):
        fetch(offline=True)
    fetch()
    assert survey.log == []
    assert len(hs.streets.load_streets(fetch(offline=True))) == 3


def test_arguments_that_cannot_be_are_refused_before_anything_is_asked(fetch, survey):
    with refused("argument", "'roads.zip'", of="file"):
        fetch(file="roads.zip")
    with refused("argument", "''", of="district"):
        fetch("")
    with refused("argument", "ftp", of="base_url"):
        fetch(base_url="ftp://api.os.uk")
    assert survey.log == []


def test_the_command_writes_the_roads(survey, geography, tmp_path, monkeypatch, capsys):
    words = ["hotspots", "fetch", "roads", "--district", "leeds", "--out", tmp_path / "r.gpkg",
             "--cache", tmp_path / "cache", "--base-url", survey.url, "--boundaries-url",
             geography.url]  # fmt: skip
    monkeypatch.setattr(sys, "argv", [*map(str, words)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "r.gpkg" in capsys.readouterr().out
    assert len(hs.streets.load_streets(tmp_path / "r.gpkg")) == 3
