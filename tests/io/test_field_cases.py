"""Files as they arrive, each with its right value; skipped where they are not at hand."""

import os
from pathlib import Path

import pytest

from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import FieldMap

REPOSITORY = Path(__file__).resolve().parents[2]
CASES = Path(os.environ.get("HOTSPOTS_FIELD_CASES", REPOSITORY.parent / "shared" / "field_cases"))

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="the cases are not here (set HOTSPOTS_FIELD_CASES to their folder)"
)


def check(*names: str, **options):
    report = check_incidents([CASES / name for name in names], **options)
    return report, report.to_dict()


@pytest.mark.parametrize(
    ("name", "rows", "warned", "first", "precision"),
    [
        ("02_two_sheets.xlsx", 24, set(), "2025-07-01T00:00", "day"),
        ("03_midnight.csv", 12, {"midnight"}, "2025-07-01T00:00", "day"),
        ("04_time_without_zeros.csv", 12, set(), "2025-07-13T00:01", "instant"),
        ("07_reported_and_occurred.csv", 12, set(), "2025-07-13T23:15", "instant"),
        ("09_impossible_years.csv", 12, {"date-far", "date-future"}, "2025-07-15T00:00", "day"),
        ("11_title_above_header.csv", 12, set(), "2025-07-13T00:00", "day"),
        ("11_title_above_header.xlsx", 12, set(), "2025-07-01T00:00", "day"),
        ("12_blank_headers.csv", 12, set(), "2025-07-13T00:00", "day"),
        ("13_records_system.csv", 12, set(), "2025-07-13T21:30", "interval"),
        ("17_excel_numbers_for_dates.csv", 12, {"day-numbers"}, "2025-07-01T00:00", "day"),
        ("18_grid_references.csv", 12, set(), "2025-07-13T00:00", "day"),
        ("19_twenty_four_hours.csv", 12, set(), "2025-07-14T00:00", "instant"),
    ],
)
def test_an_ordinary_export_comes_in_and_what_was_read_into_it_is_told(
    name, rows, warned, first, precision
):
    report, content = check(name)
    assert content["rows"] == {"read": rows, "accepted": rows, "rejected": 0, "unlocated": 0}
    told = {found.rule for found in report.findings if found.severity == "warning"}
    assert told - {"date-order-unproven", "month-cut-short"} == warned and report.ok
    assert content["time"]["first"][:16] == first and set(content["time"]["precision"]) == {
        precision
    }
    assert content["where"]["districts"] == {"Leeds": 1.0}


def test_a_wrong_system_is_seen_and_another_can_be_named():
    assert list(check("05_irish_grid.csv")[1]["where"]["grid_squares"]) == ["SJ37"]
    fields = FieldMap.from_toml(CASES / "06_new_york.toml")
    assert check("06_new_york.csv", fields=fields, crs="EPSG:32618")[1]["rows"]["unlocated"] == 0
    report, content = check("20_northern_ireland.csv")
    assert content["rows"]["accepted"] == 12 and "EPSG:2157" in report.to_text()
    assert check("20_northern_ireland.csv", crs="EPSG:2157")[0].ok


def test_overlapping_extracts_are_found_by_the_check():
    report, _ = check("08_overlap_q1.csv", "08_overlap_q2.csv")
    (told,) = [found for found in report.findings if found.rule == "reference-repeated"]
    assert (told.severity, told.rows) == ("warning", 4)
