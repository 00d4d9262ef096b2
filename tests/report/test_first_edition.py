"""A GeoPackage as the first version wrote it, words for codes, is read as one of today."""

import sqlite3
from contextlib import closing

import pandas as pd
import pytest
from chain import cells_of
from tables import incidents_at, zone

import hotspots as hs
from hotspots.report.about import about, read_geopackage
from hotspots.report.first_edition import CODES
from hotspots.report.geopackage import ABOUT_TABLE

FINDING = ("finding", "asb", "Anti-social behaviour: two areas hold most")


@pytest.fixture
def files(tmp_path):
    """One file of today, and the same with words in the place of codes and data."""
    record = hs.RunRecord("Town", marking="FOR PARTNERS", audience="partner")
    rows = incidents_at([(100, 100)] * 7 + [(600, 100)] * 12 + [(1_100, 100)] * 2)
    rows = hs.tag_themes(rows, hs.Themes.police_uk(), record=record)
    within = zone("City", (0, 0, 2_000, 500))
    cells = cells_of(rows, hs.SquareGrid(500), theme="asb", within=within, record=record)
    today = hs.write_geopackage(hs.release(cells, record=record), tmp_path / "today.gpkg")
    (first := tmp_path / "first.gpkg").write_bytes(today.read_bytes())
    words = {shown.value: said for said, (shown, harm) in CODES.items() if harm is None}
    with closing(sqlite3.connect(first)) as file, file:
        for name in ("IsEmpty", "MinX", "MaxX", "MinY", "MaxY"):  # its triggers name them
            file.create_function(f"ST_{name}", 1, lambda shape: 0)
        file.execute(f"ALTER TABLE {ABOUT_TABLE} DROP COLUMN data")
        file.execute(f"DELETE FROM {ABOUT_TABLE} WHERE item = 'schema'")
        file.execute(f"INSERT INTO {ABOUT_TABLE} (topic, item, said) VALUES (?, ?, ?)", FINDING)
        file.execute("ALTER TABLE cells_asb ADD COLUMN disclosure TEXT")
        for code, said in words.items():
            file.execute("UPDATE cells_asb SET disclosure = ? WHERE shown = ?", (said, code))
        file.execute("ALTER TABLE cells_asb DROP COLUMN shown")
    return today, first


def test_codes_stand_for_its_words(files):
    today, first = (read_geopackage(one)["cells_asb"] for one in files)
    assert "disclosure" not in first and today["shown"].nunique() > 1
    pd.testing.assert_frame_equal(first[today.columns], today)


def test_it_says_of_itself_what_it_said(files):
    today, first = map(about, files)
    assert first.schema == 0 < today.schema
    assert first.themes == today.themes != []
    assert [str(one) for one in first.caveats] == [str(one) for one in today.caveats]
    assert first.findings["asb"].alone == "two areas hold most"
