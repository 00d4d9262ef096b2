"""``hotspots when`` and ``hotspots repeats``: one answer, and the reason where there is none."""

import json

import pandas as pd

PLAIN = ("incidents/police.csv", "--fields", "incidents/police.toml")
FIRE = ("incidents/fire.csv", "--fields", "incidents/fire.toml")
CITY = ("--within", "zones/district.geojson")
NIGHT = ("--zones", "zones/town.gpkg:night_time_economy")
CALENDAR = ("--calendar", "lists/schools_calendar.toml")


def test_when_answers_hours_days_months_and_events(typed, folder):
    code, out, _ = typed(
        "when", *PLAIN, *CITY, *NIGHT, *CALENDAR, "--theme", "asb", "--json", "--out", "when.csv",
        "--marking", "OFFICIAL",
    )  # fmt: skip
    result = json.loads(out)["result"]
    assert code == 0 and not result["cannot"]
    assert sum(map(sum, result["hours"])) > 0.999 * result["incidents"]
    assert {row["zone"] for row in result["days"]} == {"everywhere", "Night-time economy"}
    assert len(result["months"]) == 12 and result["events"][0]["event"] == "school holidays"
    table = pd.read_csv(folder / "when.csv", encoding="utf-8-sig", comment="#")
    assert set(table["part"]) >= {"day", "month", "event"}


def test_a_part_without_an_answer_says_why_and_the_others_stand(typed):
    code, out, _ = typed("when", *PLAIN, *CITY, "--theme", "asb", "--period", "2025-07", "--json")
    result = json.loads(out)["result"]
    assert code == 0
    assert set(result["cannot"]) == {"days", "months"} and result["hours"]


def test_a_theme_the_data_cannot_carry_is_refused(typed):
    code, _, err = typed("when", *FIRE, *CITY, "--theme", "vehicle_nuisance")
    assert code == 2 and "vehicle_nuisance" in err


def test_repeats_read_the_basket_of_arson_on_fires(typed, folder):
    code, out, _ = typed("repeats", *FIRE, *CITY, "--basket", "arson", "--json")
    result = json.loads(out)["result"]
    assert code == 0 and result["bands"][0]["ratio"] > 3
    assert result["live"]["followed"] > 3 * result["live"]["by_chance"]
    code, out, _ = typed(
        "repeats", *FIRE, *CITY, "--basket", "arson", "--live", "--out", "live.geojson",
        "--marking", "OFFICIAL",
    )  # fmt: skip
    assert code == 0 and (folder / "live.geojson").exists()


def test_repeats_of_a_product_are_of_all_times_as_its_section_is(typed):
    """The period of the product is a year, its incidents are of three."""
    asked = ("repeats", "--product", "product.toml", "--theme", "vehicle_nuisance", "--json")
    spans = ((), ("--period", "2023-04/2026-03"))
    every, whole = (json.loads(typed(*asked, *span)[1])["result"] for span in spans)
    assert every["bands"] == whole["bands"]


def test_counts_of_hours_stay_with_us(typed):
    for name in ("when", "repeats"):
        code, _, err = typed(name, *FIRE, *CITY, "--audience", "partner")
        assert code == 2 and "internal" in err
