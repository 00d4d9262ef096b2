"""The main job, as a newcomer does it: one command, real maps, every row accounted for."""

import json
import struct
import subprocess
import sys
import zipfile

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
from write_pictures import IMAGES, SCREEN, first_screen

from hotspots.core.data import bundled
from hotspots.core.errors import DataError
from hotspots.demo.town.town import WATERMARK
from hotspots.programmes.tasking.load_product import PRODUCTS, load_product
from hotspots.programmes.tasking.written_product import FILES
from hotspots.report.briefing import BRIEFING

KNOWN = {
    "2016-07": {"read": 27_176, "unlocated": 1_347, "asb": 7_429},
    "2017-07": {"read": 28_537, "unlocated": 1_541, "asb": 5_955},
    "2018-07": {"read": 31_635, "unlocated": 883, "asb": 5_442},
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "hotspots", "demo", "--out", str(folder / "out")],
        capture_output=True,
        text=True,
        cwd=folder,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return folder / "out" / "leeds", done


@pytest.fixture(scope="module")
def manifest(demo):
    return json.loads((demo[0] / "manifest.json").read_text(encoding="utf-8"))


def test_the_demo_writes_its_files_and_says_where_on_the_last_line(demo):
    folder, done = demo
    assert {path.name for path in folder.iterdir()} == {*FILES, *BRIEFING}
    assert done.stdout.strip().splitlines()[-1].endswith(str(folder.parent))
    assert "Traceback" not in done.stderr
    warned = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert len(set(warned)) == len(warned) > 1


def test_the_town_reveals_what_was_planted_apart_from_its_product(demo):
    town = demo[0].parent / "saltmere"
    revealed = (town / "inputs" / "truth" / "planted.html").read_text(encoding="utf-8")
    page = (town / "map.html").read_text(encoding="utf-8")
    for words in ("of 12 planted areas are touched", " (missed)"):
        assert words in revealed and words not in page


def test_the_picture_of_the_readme_shows_what_the_page_says(demo):
    """If not: python scripts/write_pictures.py."""
    page = (demo[0] / "map.html").read_text(encoding="utf-8")
    picture = IMAGES / "leeds.png"
    assert first_screen(page) == picture.with_suffix(".txt").read_text(encoding="utf-8")
    assert picture.stat().st_size < 250_000
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    assert {"width": width, "height": height} == SCREEN


def test_the_manifest_carries_the_known_answers(manifest):
    sources = {source["name"][:7]: source for source in manifest["sources"]}
    assert manifest["rows"] == {"read": 87_348, "accepted": 87_348, "rejected": 0}
    for month, known in KNOWN.items():
        assert sources[month]["read"] == known["read"]
        assert sources[month]["unlocated"] == known["unlocated"]
        assert sources[month]["facts"]["blank_reference"] == known["asb"]


def test_every_account_in_the_manifest_balances(manifest):
    assert {account["stage"] for account in manifest["accounts"]} >= {
        "aggregate_to_cells",
        "find_clusters",
    }
    for account in manifest["accounts"]:
        parts = [
            "out_of_period",
            "out_of_theme",
            "sensitive",
            "unlocated",
            "outside",
            "institutional",
            "used",
        ]
        assert sum(account[part] for part in parts) == account["accepted"] == 87_348
        assert account["in_areas"] + account["noise"] == account["used"]


def test_the_geopackage_holds_what_the_accounts_say(demo, manifest):
    path = demo[0] / "hotspots.gpkg"
    used = {
        (account["stage"], account["theme"]): account["in_areas"]
        for account in manifest["accounts"]
    }
    for theme, word in {
        "asb": "asb",
        "serious_violence": "violence_including_sexual_and_domestic_offences",
    }.items():
        cells = gpd.read_file(path, layer=f"cells_{word}")
        clusters = gpd.read_file(path, layer=f"clusters_{word}")
        assert cells["incident_count"].sum() == used["aggregate_to_cells", theme]
        assert clusters["incident_count"].sum() == used["find_clusters", theme]
        assert cells.crs.to_epsg() == clusters.crs.to_epsg() == 27700


def test_nothing_written_holds_an_incident_point(demo):
    layers = dict(pyogrio.list_layers(demo[0] / "hotspots.gpkg"))
    assert not [name for name, kind in layers.items() if kind and "Point" in kind]


def test_no_crime_id_is_written_anywhere(demo):
    import csv
    import gzip

    with gzip.open(bundled("incidents/2018-07-west-yorkshire-street.csv.gz"), "rt") as stream:
        references = [row["Crime ID"] for row in csv.DictReader(stream) if row["Crime ID"]][:500]
    for path in demo[0].iterdir():
        data = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                data = b"".join(archive.read(name) for name in archive.namelist())
        assert not [one for one in references if one.encode() in data], path.name


def test_absent_is_not_zero_and_proxy_is_not_serious_violence(manifest):
    assert manifest["themes"]["vehicle_nuisance"]["state"] == "absent"
    assert "not zero" in manifest["sentences"]["vehicle_nuisance"]
    assert manifest["themes"]["serious_violence"]["state"] == "proxy"
    assert "sexual and domestic" in manifest["sentences"]["serious_violence"]


def test_other_julys_stand_beside_and_are_not_pooled(manifest):
    sentence = manifest["sentences"]["asb"]
    assert "July 2017" in sentence and "July 2016" in sentence and "1,851" in sentence
    assert {account["period"] for account in manifest["accounts"]} == {"July 2018"}
    assert any("not a trend" in caveat for caveat in manifest["caveats"])


def test_the_same_product_gives_the_same_bytes(demo, typed_in, tmp_path):
    """In another process, too, and where another product stood, which is named."""
    again = tmp_path / "again"
    again.mkdir()
    (again / "manifest.json").write_text('{"title": "Leeds, June 2018"}', encoding="utf-8")
    code, _, told = typed_in(tmp_path, "run", PRODUCTS / "leeds.toml", "--out", again)
    assert code == 0 and "Leeds, June 2018" in told
    for name in (*FILES, *BRIEFING):
        assert (again / name).read_bytes() == (demo[0] / name).read_bytes(), name


def test_the_town_comes_with_what_made_it_and_all_three_themes(demo):
    town = demo[0].parent / "saltmere"
    assert {path.name for path in town.iterdir()} == {*FILES, *BRIEFING, "inputs"}
    inputs = {path.name for path in (town / "inputs").iterdir()}
    assert inputs >= {"product.toml", "incidents", "zones", "lists", "README.txt"}
    manifest = json.loads((town / "manifest.json").read_text(encoding="utf-8"))
    states = {name: theme["state"] for name, theme in manifest["themes"].items()}
    assert states.keys() == {"asb", "serious_violence", "vehicle_nuisance"}
    assert "absent" not in states.values()
    assert "does not exist" in " ".join(manifest["caveats"])
    assert manifest["marking"] and WATERMARK.startswith(manifest["marking"])


def test_the_town_and_its_pages_carry_nothing_of_protect(demo):
    town = demo[0].parent / "saltmere"
    layers = [name for name, _ in pyogrio.list_layers(town / "hotspots.gpkg")]
    assert not [name for name in layers if "protect" in name]
    assert b"trauma" not in (town / "map.html").read_bytes().lower()


def test_the_protect_product_is_whole_and_accounts_for_its_rows(demo):
    folder = demo[0].parent / "saltmere-protect"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["rows"]["read"] == manifest["rows"]["accepted"] == 12_000
    assert {source["name"] for source in manifest["sources"]} == {
        "police.csv", "council.csv", "fire.csv",
    }  # fmt: skip
    (chosen,) = manifest["choices"]["protect_demand"]
    assert (chosen["zones"], chosen["trauma_packs"]) == (9, 34) and chosen["premises"] > 40
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    assert set(book.sheetnames) >= {"Demand", "Premises by tier", "Protect sites", "Trauma packs"}
    assert book["Trauma packs"].max_row >= 34
    layers = dict(pyogrio.list_layers(folder / "protect.gpkg"))
    assert layers.keys() >= {"protect_zones", "protect_sites", "trauma_packs", "wards"}


def test_the_protect_product_comes_with_the_file_that_made_it(demo, tmp_path):
    folder = demo[0].parent / "saltmere-protect"
    files = ("map.html", "protect.gpkg", "tables.xlsx", "manifest.json")
    assert {path.name for path in folder.iterdir()} == {*files, "inputs"}
    inputs = {path.name for path in (folder / "inputs").iterdir()}
    assert inputs == {"protect.toml", "protect.gpkg", "README.txt"}
    results = load_product(folder / "inputs" / "protect.toml").run()
    assert results.found.demand["incident_count"].tolist() == [178, 211, 65, 116, 115, 12, 16, 2, 0]
    for path in results.write(tmp_path):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_a_product_is_a_file_that_can_be_copied_and_changed(tmp_path):
    text = (PRODUCTS / "leeds.toml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace('period = "2018-07"', 'period = "2017-07"'), encoding="utf-8")
    assert load_product(mine).period == "2017-07"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title = 'a'", ["marking", "incidents", "within"]),
        ("title = [", ["TOML"]),
        ("colour = 'red'", ["colour", "marking"]),
        (
            "top = true\ntitle = 5\nthemes = ['asb']\n[clusters.asb]\nradius_m = 1e12\n"
            "min_incidents = 5\n[[zones]]\npath = 5",
            [
                "`top` must be",
                "`title` must be",
                "`themes` must be",
                "radius_m",
                "[[zones]]: `path` must",
            ],
        ),
    ],
)
def test_a_faulty_configuration_is_a_message_and_exit_code_1(typed_in, tmp_path, text, words):
    path = tmp_path / "faulty.toml"
    path.write_text(text, encoding="utf-8")
    code, _, complained = typed_in(tmp_path, "run", path, "--out", tmp_path / "out")
    assert code == 1
    assert all(word in complained for word in words)
    assert not (tmp_path / "out").exists()


def test_a_cluster_rule_for_an_unknown_theme_is_named(tmp_path):
    text = (PRODUCTS / "leeds.toml").read_text(encoding="utf-8")
    path = tmp_path / "typo.toml"
    path.write_text(text.replace("[clusters.asb]", "[clusters.abs]"), encoding="utf-8")
    with pytest.raises(DataError, match=r"'abs'.*'asb'"):
        load_product(path)


def test_a_field_map_is_never_written_over(typed_in, tmp_path):
    header = "Easting,Northing,Date,Offence\n"
    (tmp_path / "mine.csv").write_text(header + "429790,433805,01/05/2025,46\n")
    (tmp_path / "fields.toml").write_text("# my corrections\n")
    code, _, complained = typed_in(tmp_path, "check", "mine.csv", "--save-fields", "fields.toml")
    assert code == 1 and "already" in complained
    assert (tmp_path / "fields.toml").read_text() == "# my corrections\n"


def test_a_configuration_that_is_not_there_is_a_message(typed_in, tmp_path):
    code, _, complained = typed_in(tmp_path, "run", tmp_path / "nowhere.toml")
    assert code == 1 and "no such" in complained


def test_an_unknown_option_is_a_usage_error(typed_in, tmp_path):
    assert typed_in(tmp_path, "demo", "--colour", "red")[0] == 2
