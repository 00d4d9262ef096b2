"""What partners are given by the commands: rounded, and no word beside it that tells more."""

import json
import re

import geopandas as gpd
import pandas as pd

from hotspots.report.about import read_geopackage

PARTNER = ("--product", "product.toml", "--audience", "partner", "--marking", "SHARED")


def test_partners_see_rounded_counts_only_on_screen_in_json_and_in_files(typed, tmp_path):
    words = ("wards", *PARTNER, "--json")
    files = [tmp_path / "wards.geojson", tmp_path / "wards.csv"]
    code, out, _ = typed(*words, "--out", files[0], "--out", files[1])
    shown = [row["incident_count"] for row in json.loads(out)["result"]["areas"]]
    written = gpd.read_file(files[0])["incident_count"].dropna()
    table = pd.read_csv(files[1], encoding="utf-8-sig")
    assert code == 0
    assert all(value is None or value % 5 == 0 for value in shown)
    assert (written % 5 == 0).all() and len(written)
    assert set(table["marking"]) == {"SHARED"}
    assert "sentence" not in json.loads(out)["result"]


def test_partners_get_rounded_wards_in_every_file(typed, tmp_path):
    page, layers = tmp_path / "wards.html", tmp_path / "wards.gpkg"
    code, _, said = typed("wards", *PARTNER, "--out", page, "--out", layers)
    assert code == 0, said
    assert not re.search(r"\d\.\d\d times", page.read_text(encoding="utf-8"))
    counts = pd.concat([table["incident_count"] for table in read_geopackage(layers).values()])
    assert (counts.dropna() % 5 == 0).all()
    map_page = tmp_path / "map.html"
    code, said, _ = typed("map", layers, "--no-earlier", "--out", map_page, "--quiet")
    assert code == 0 and said.split() == ["Open", str(map_page)]


def test_partners_are_told_no_exact_numbers_in_words(typed):
    few = ("--min-incidents", 3, "--count", 6, "--near-misses", 3)
    code, out, _ = typed("jemlock", *PARTNER, *few)
    assert code == 0
    assert not re.search(r"\d ?% of", out) and "as far as partners may see it" in out
    assert "withheld" in out and "_" not in out
    assert "--audience internal" in out  # without the option a product for partners stays theirs


def test_a_table_for_partners_has_no_column_of_blanks_and_no_frame_of_nothing(typed):
    _, out, _ = typed("wards", *PARTNER)
    heading = next(line for line in out.splitlines() if line.startswith("ward"))
    assert "incidents" in heading.split() and "share" not in heading.split()
    _, out, _ = typed("jemlock", *PARTNER, "--min-incidents", "9999")
    assert "Empty DataFrame" not in out and "(no rows)" in out
