"""The sentence an inspector reads out says what the table says, and nothing the data cannot."""

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from hotspots.core.record import ThemeStatus
from hotspots.report.text.theme import describe_theme

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


def test_a_span_is_from_and_to():
    sentence = describe_theme(
        ranked([4, 2]),
        ASB,
        place="Saltmere",
        period="April 2025 to March 2026",
        compared={"April 2024 to March 2025": 7},
    )
    assert sentence.startswith(
        "Anti-social behaviour: 6 located incidents in Saltmere from April 2025 to March 2026 "
        "(7 from April 2024 to March 2025)."
    )


def test_nobody_is_picked_among_leaders_that_tie():
    def lead(counts, **columns):
        return describe_theme(
            ranked(counts, **columns), ASB, place="Leeds", period="July 2018"
        ).rsplit("ground, ", 1)[1]

    assert lead([9, 9, 4]) == "led jointly by Street 0 and Street 1, with 9 each."
    assert lead([9, 9, 9, 4]) == "led jointly by Street 0, Street 1 and Street 2, with 9 each."
    assert lead([2] * 7) == "with 7 places level at the top on 2 each."
    by_harm = {"rank": [1, 1, 3], "harm": [500.0, 500.0, 10.0]}
    assert lead([3, 2, 9], **by_harm) == "led jointly by Street 0 (3) and Street 1 (2)."


def test_the_order_of_rows_that_do_not_tie_changes_nothing():
    areas = ranked([9, 5, 3, 0])
    for seed in range(4):
        mixed = areas.sample(frac=1, random_state=seed)
        assert describe_theme(mixed, ASB, place="L", period="July 2018", top=2) == describe_theme(
            areas, ASB, place="L", period="July 2018", top=2
        )


def test_rounded_numbers_are_said_to_be_rounded():
    areas = ranked([30.0, 25.0, 5.0, float("nan")], disclosed_for="partner")
    areas.loc[3, ["rank", "place_name"]] = [pd.NA, None]
    sentence = describe_theme(areas, ASB, place="Saltmere", period="July 2018", top=2)
    assert sentence == (
        "Anti-social behaviour: three places in Saltmere hold 5 or more located incidents in July "
        "2018, about 60 together; smaller numbers are withheld. Two of them hold about 55 on 50.0% "
        "of the ground, led by Street 0 with about 30."
    )
    one = areas[areas["incident_count"].isna() | (areas["incident_count"] == 30)]
    assert describe_theme(one, ASB, place="Saltmere", period="July 2018").endswith(
        "one place in Saltmere holds 5 or more located incidents in July 2018: Street 0, with "
        "about 30, on 50.0% of the ground; smaller numbers are withheld."
    )
    none = areas[areas["incident_count"].isna()]
    assert describe_theme(none, ASB, place="Saltmere", period="July 2018") == (
        "Anti-social behaviour: no place in Saltmere holds 5 or more located incidents in July "
        "2018."
    )


def test_a_band_of_harm_is_said_as_a_band():
    band = {"harm": 350.0, "harm_low": 200.0, "harm_high": 500.0, "disclosed_for": "partner"}
    sentence = describe_theme(
        ranked([30.0, 25.0], **band), ASB, place="Saltmere", period="July 2018"
    )
    assert "(harm 200 to 500)" in sentence
    assert "350" not in sentence


def test_a_short_period_says_what_it_cannot_show():
    start = pd.Timestamp("2018-07-01", tz="Europe/London")
    tested = ranked(
        [30, 10, 5],
        is_hotspot=[True, False, False],
        evidence=["beyond-chance", "could-be-chance", "could-be-chance"],
        period_from=start,
        period_until=start + pd.Timedelta(days=31),
    )
    said = describe_theme(tested, ASB, place="Leeds", period="July 2018")
    assert said.endswith(
        " One of them is beyond chance; so short a period shows only the strongest, so judge the "
        "rest by twelve months."
    )
    year = tested.assign(period_until=start + pd.Timedelta(days=365))
    said = describe_theme(year, ASB, place="Leeds", period="one year")
    assert said.endswith("with 30. One of them is beyond chance.")
    said = describe_theme(tested.assign(is_hotspot=False), ASB, place="Leeds", period="July 2018")
    assert "None of them is beyond chance; " in said
    assert said.endswith("judge them by twelve months.")
    untested = tested.assign(is_hotspot=False, evidence="not-tested")
    said = describe_theme(untested, ASB, place="Leeds", period="July 2018")
    assert said.endswith("None of them could be tested against chance.")
