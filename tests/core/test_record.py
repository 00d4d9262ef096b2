"""The manifest says what was done in words that mean something."""

import json
from datetime import date

import pytest
from tables import incidents_at

from hotspots.core.crs import transform_accuracy
from hotspots.core.errors import Finding
from hotspots.core.record import RejectedRow, RunRecord
from hotspots.core.select import select
from hotspots.programmes.tasking.product import TaskingResults


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


def test_what_a_session_prints_of_a_run_holds_no_incident():
    value = Finding("date-format", "a date was expected.", value="2025-13-45")
    row = RejectedRow("a.csv", 3, "ref-7,ASB noise,2025-13-45,Hush Lane", (value,))
    record = RunRecord("T", marking="M", quarantine=[row])
    record.find(value)
    incidents = incidents_at([(0, 0)], place_name="Hush Lane", reference="ref-7")
    results = TaskingResults(None, record, incidents)
    for printed in (repr(row), repr(record), repr(results), repr(select(incidents))):
        assert not [text for text in ("ref-7", "Hush Lane", "2025-13-45") if text in printed]
    assert "2025-13-45" in str(value), "the analyst who mends the file is told"
