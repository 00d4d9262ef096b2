"""What stands in the rows says whether data.police.uk published them, not how they are laid out."""

from pathlib import Path

import pandas as pd
import pytest

from hotspots.core.record import RunRecord
from hotspots.io.incidents.check import check_incidents
from hotspots.io.incidents.field_map import POLICE_UK_ATTRIBUTION
from hotspots.io.incidents.from_frame import incidents_from_frame
from hotspots.io.incidents.load import load_incidents

PUBLISHED = "On or near Park Row", f"{7:064x}"
OWN = "Park Row 12, flat 3", "CR/2025/1"
SHORT = ("Month", "Longitude", "Latitude", "Crime type")
FALSE_OF_OWN = {"snapped", "blank-reference"}


def table(place: str | None, reference: str | None, *, rows: int = 12) -> pd.DataFrame:
    """Rows in the columns of data.police.uk; a column of None is left out."""
    columns = {
        "Crime ID": reference,
        "Month": "2025-03",
        "Longitude": [f"{-1.55 + row / 997:.7f}" for row in range(rows)],
        "Latitude": "53.8012345",
        "Location": place,
        "Crime type": "Burglary",
    }
    return pd.DataFrame({name: one for name, one in columns.items() if one is not None})


def loaded(tmp_path: Path, rows: pd.DataFrame):
    record = RunRecord("Own", "TEST")
    rows.to_csv(tmp_path / "log.csv", index=False)
    return load_incidents(tmp_path / "log.csv", record=record), record


@pytest.mark.parametrize(
    ("place", "reference", "published"),
    [
        (*PUBLISHED, True),
        (PUBLISHED[0], "", True),
        ("No Location", PUBLISHED[1], True),
        (OWN[0], PUBLISHED[1], False),
        (*OWN, False),
        ("", "", False),
        (None, None, False),
        (OWN[0], None, False),
        (None, PUBLISHED[1], True),
    ],
)
def test_rows_are_published_map_points_only_where_they_are_as_they_are_published(
    tmp_path, place, reference, published
):
    incidents, record = loaded(tmp_path, table(place, reference))
    assert incidents["published"].eq(published).all()
    assert incidents["location_precision"].eq("snapped" if published else "unknown").all()
    assert record.sources[0].facts["published_record_by_record"] is published
    assert (POLICE_UK_ATTRIBUTION in record.attributions) is published
    told = {caveat.rule for caveat in record.caveats}
    assert published or not told & FALSE_OF_OWN
    assert ("rows-of-ones-own" in {one.rule for one in record.findings}) is not published


def test_map_points_with_references_of_ones_own_stay_map_points_but_are_not_published(tmp_path):
    incidents, record = loaded(tmp_path, table(PUBLISHED[0], OWN[1]))
    assert incidents["location_precision"].eq("snapped").all() and not incidents["published"].any()
    assert "snapped" in {caveat.rule for caveat in record.caveats}
    assert "references-of-ones-own" in {one.rule for one in record.findings}


def test_a_frame_is_judged_alike():
    own = incidents_from_frame(table(*OWN), themes=None, harm_scale=None)
    shown = incidents_from_frame(table(*PUBLISHED), themes=None, harm_scale=None)
    assert not own["published"].any() and shown["published"].all()


def test_columns_that_only_publishers_have_are_not_asked_of_ones_own(tmp_path):
    file = tmp_path / "log.csv"
    table(None, None)[list(SHORT)].to_csv(file, index=False)
    report = check_incidents(file)
    assert "missing-column" not in {one.rule for one in report.findings}
    assert report.content["points"]["snapped"] is False
