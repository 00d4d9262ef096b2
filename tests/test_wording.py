"""The sentence an inspector reads out says what the table says, and nothing the data cannot."""

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from hotspots.record import ThemeStatus
from hotspots.wording import describe_theme

ASB = ThemeStatus("asb", "anti-social behaviour", "measured")


def ranked(counts, **columns):
    return gpd.GeoDataFrame(
        {
            "incident_count": counts,
            "area_km2": 0.1,
            "share_inside": 1.0,
            "place_name": [f"Street {row}" for row in range(len(counts))],
            "rank": pd.Series(counts).rank(method="min", ascending=False).astype("Int64"),
            **columns,
        },
        geometry=[box(0, 0, 1, 1)] * len(counts),
        crs=27700,
    )


def test_the_sentence_adds_up_the_places_it_names():
    sentence = describe_theme(
        ranked([30, 10, 5, 5, 0], ward_name="Armley"),
        ASB,
        place="Leeds",
        period="July 2018",
        compared={"July 2017": 60},
        top=2,
    )
    assert sentence == (
        "Anti-social behaviour: 50 located incidents in Leeds in July 2018 (60 in July 2017). "
        "Two places hold 40 of them (80%) on 40.0% of the ground, led by Street 0, Armley, with 30."
    )


def test_harm_is_said_where_it_is_known():
    sentence = describe_theme(ranked([2], harm=[1599.2]), ASB, place="Leeds", period="July 2018")
    assert sentence.endswith(
        "One place holds 2 of them (100%) on 100.0% of the ground, led by Street 0 with 2 "
        "(harm 1,599)."
    )


def test_absent_is_not_zero():
    status = ThemeStatus("v", "vehicle nuisance", "absent", "not published: this is not zero")
    sentence = describe_theme(None, status, place="Leeds", period="July 2018")
    assert sentence == "Vehicle nuisance: not published: this is not zero."


def test_no_incidents_is_said_plainly():
    assert describe_theme(ranked([0, 0]), ASB, place="Leeds", period="July 2018") == (
        "Anti-social behaviour: no located incidents in Leeds in July 2018."
    )
