"""The published case of Knox's test: Burkitt's lymphoma in Uganda, as libpysal carries it."""

import pandas as pd
import pytest
from tables import incidents_at

from hotspots.analysis.when.repeats import near_repeats


def test_burkitts_lymphoma_is_as_published():
    examples = pytest.importorskip("libpysal.examples")
    import geopandas as gpd

    cases = gpd.read_file(examples.get_path("burkitt.shp"))
    incidents = incidents_at(
        list(zip(cases.geometry.x, cases.geometry.y, strict=True)),
        time_precision="day",
        location_precision="exact",
    )
    local = pd.Timestamp("1961-01-01") + pd.to_timedelta(cases["T"].astype(int), unit="D")
    incidents["occurred_from"] = pd.DatetimeIndex(local).tz_localize("Europe/London")
    incidents["occurred_until"] = incidents["occurred_from"] + pd.Timedelta(hours=23)
    (row,) = near_repeats(
        incidents, distance_bands_m=[20], time_bands_days=[5], closed="right"
    ).itertuples()
    assert row.observed == 13
    assert row.expected == pytest.approx(10.1438161, abs=5e-8)
    assert 0.1 < row.p_value < 0.3
