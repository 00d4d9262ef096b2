"""Twins of two agencies are flagged with a score, and nothing is dropped."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from hotspots.core.record import RunRecord
from hotspots.io.incidents.duplicates import flag_twins


def table(*rows: tuple[str, str, float, str, float], **columns) -> gpd.GeoDataFrame:
    """Rows of (id, agency, easting in metres, start, width in minutes)."""
    start = pd.to_datetime([row[3] for row in rows]).tz_localize("Europe/London").as_unit("us")
    width = pd.to_timedelta([row[4] for row in rows], unit="min").as_unit("us")
    frame = pd.DataFrame(
        {
            "offence": "Noise", "offence_scheme": "own", "occurred_from": start,
            "occurred_until": start + width, "time_precision": "instant",
            "location_precision": "exact", "source": [row[1] for row in rows], **columns,
        },
        index=pd.Index([row[0] for row in rows], name="incident_id"),
    )  # fmt: skip
    where = gpd.points_from_xy([430_000 + row[2] for row in rows], [434_000] * len(rows))
    return gpd.GeoDataFrame(frame, geometry=where, crs="EPSG:27700")


POLICE = ("p1", "police", 0, "2018-07-01 22:00", 1)


def test_the_same_place_and_time_at_two_agencies_are_twins_of_each_other():
    incidents = table(POLICE, ("c1", "council", 0, "2018-07-01 22:00", 1))
    flagged = flag_twins(incidents)
    assert flagged["twin_of"].tolist() == ["c1", "p1"] and flagged["twin_score"].tolist() == [1, 1]
    assert "twin_of" not in incidents.columns and len(flagged) == 2


@pytest.mark.parametrize(
    ("other", "score"),
    [
        (("c1", "council", 25, "2018-07-01 22:00", 1), 0.5),
        (("c1", "council", 0, "2018-07-01 23:01", 1), 0.5),
        (("c1", "council", 0, "2018-07-01 22:30", 150), 120 / 150 * (1 - 29 / 120)),
        (("c1", "council", 26, "2018-07-01 22:00", 1), None),
        (("c1", "council", 51, "2018-07-01 22:00", 1), None),
        (("c1", "council", 0, "2018-07-02 02:00", 1), None),
        (("p2", "police", 0, "2018-07-01 22:00", 1), None),
    ],
)
def test_the_score_falls_with_distance_gap_and_vagueness(other, score):
    flagged = flag_twins(table(POLICE, other))
    if score is None:
        assert flagged["twin_of"].isna().all() and flagged["twin_score"].isna().all()
    else:
        assert flagged["twin_score"].tolist() == pytest.approx([score, score])


def test_the_best_partner_is_taken_and_row_order_changes_nothing():
    rows = [POLICE, ("c1", "council", 10, "2018-07-01 22:00", 1),
            ("c2", "council", 5, "2018-07-01 22:00", 1),
            ("f1", "fire", 5, "2018-07-01 22:00", 1)]  # fmt: skip
    one, two = flag_twins(table(*rows)), flag_twins(table(*rows[::-1]))
    assert one.loc["p1", "twin_of"] == "c2" and one.loc["c2", "twin_of"] == "f1"
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(two.loc[one.index]))


def test_months_unlocated_rows_and_other_themes_are_no_twins():
    rows = [POLICE, ("c1", "council", 0, "2018-07-01 22:00", 1)]
    months = table(*rows, time_precision="month")
    unlocated = table(*rows)
    unlocated.loc["c1", "geometry"] = None
    themes = table(*rows, theme_asb=[True, False], theme_noise=[False, True])
    for incidents in (months, unlocated, themes, table(*rows).iloc[:0]):
        flagged = flag_twins(incidents)
        assert len(flagged) == len(incidents) and flagged["twin_of"].isna().all()
    assert flag_twins(table(*rows, theme_asb=True))["twin_of"].notna().all()


def test_the_fast_way_agrees_with_comparing_all_pairs():
    rng = np.random.default_rng(5)
    rows = [
        (f"i{n}", f"a{n % 3}", float(rng.integers(0, 400)),
         f"2018-07-01 {rng.integers(0, 24):02d}:00", float(rng.integers(1, 90)))
        for n in range(80)
    ]  # fmt: skip
    incidents = table(*rows)
    flagged = flag_twins(incidents)
    start = incidents["occurred_from"].astype("int64") / 6e7
    end = incidents["occurred_until"].astype("int64") / 6e7
    for n, (name, agency, x, _, _) in enumerate(rows):
        scores = [0.0]
        for m, other in enumerate(rows):
            gap = max(0, max(start.iloc[n], start.iloc[m]) - min(end.iloc[n], end.iloc[m]))
            if agency != other[1] and abs(x - other[2]) <= 50:
                scores.append((1 - abs(x - other[2]) / 50) * max(0, 1 - gap / 120))
        best = max(scores)
        expected = best if best >= 0.5 else np.nan
        assert flagged.loc[name, "twin_score"] == pytest.approx(expected, nan_ok=True)


def test_the_record_says_how_many_were_compared():
    record = RunRecord("Test", marking="OFFICIAL - TEST")
    flag_twins(table(POLICE), record=record)
    assert record.choices["flag_twins"][0]["compared"] == 1
