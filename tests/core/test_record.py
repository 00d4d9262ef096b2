"""The manifest says what was done in words that mean something."""

import json
from datetime import date

import pytest

from hotspots.core.crs import transform_accuracy
from hotspots.core.record import RunRecord


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        ("EPSG:27700", "OSGB36 to WGS 84"),
        ("EPSG:32615", "UTM zone 15N"),
        ("EPSG:2157", "Irish Transverse Mercator"),
    ],
)
def test_the_way_of_positions_is_told_in_words_not_in_those_of_a_program(crs, words):
    told = transform_accuracy(crs)
    assert words in told and told.startswith(f"WGS 84 to {crs} by PROJ (")
    assert "unavailable" not in told and "axis order" not in told
    assert told == transform_accuracy(crs)


def test_a_manifest_without_a_date_says_nothing_of_one(tmp_path):
    record = RunRecord("T", marking="M")
    assert "made_on" not in json.loads(record.write(tmp_path / "m.json").read_text())
    record = RunRecord("T", marking="M", made_on=date(2026, 4, 1))
    assert record.manifest()["made_on"] == "2026-04-01"
