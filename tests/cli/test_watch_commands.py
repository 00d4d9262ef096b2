"""``hotspots new``, ``watch`` and ``timetable``: asked of a product and of plain files."""

import json

import pandas as pd
import pytest

PLAIN = ("incidents/police.csv", "--fields", "incidents/police.toml")
CITY = ("--within", "zones/district.geojson")
WARDS = ("--zones", "zones/town.gpkg:wards")
NIGHT = ("--zones", "zones/town.gpkg:night_time_economy")


def test_new_says_places_and_counts(typed, folder):
    code, out, _ = typed("new", *PLAIN, *CITY, "--theme", "asb", "--json")
    result = json.loads(out)["result"]
    assert code == 0 and result["places"] and result["cannot"] is None
    assert {row["comparison"] for row in result["changes"]} == {"before", "year", "to-date"}
    code, out, _ = typed(
        "new", *PLAIN, *CITY, "--table", "--out", "new.csv", "--marking", "OFFICIAL", "-q"
    )
    table = pd.read_csv(folder / "new.csv", encoding="utf-8-sig", comment="#")
    assert code == 0 and set(table["theme"]) >= {"asb", "serious_violence"}


def test_watch_charts_areas_and_needs_a_first_day(typed, folder):
    asked = ("watch", *PLAIN, *CITY, *WARDS, "--theme", "asb", "--every", "month")
    code, out, _ = typed(*asked, "--started", "2025-04-01", "--json")
    result = json.loads(out)["result"]
    assert code == 0 and len(result["areas"]) == 16 and len(result["chart"]) == 16 * 12
    code, _, err = typed(*asked)
    assert code == 2 and "--started" in err
    code, out, _ = typed(
        *asked, "--started", "2025-04-01", "--baseline", "2024-10/2025-03", "--before",
        "2024-04/2024-09", "--out", "watch.geojson", "--out", "watch.html",
        "--marking", "OFFICIAL", "-q",
    )  # fmt: skip
    assert code == 0 and (folder / "watch.geojson").exists() and (folder / "watch.html").exists()


def test_timetable_plans_judges_visits_and_posts(typed, folder):
    asked = ("timetable", *PLAIN, *CITY, *NIGHT, "--theme", "serious_violence")
    code, out, _ = typed(*asked, "--budget-hours", "4", "--hours", "Thu-Sat 16-04", "--json")
    plan = json.loads(out)["result"]
    assert code == 0 and plan["used_hours"] <= 4 and plan["stays"]
    stay = plan["stays"][0]
    day = pd.Timestamp("2025-06-02") + pd.Timedelta(hours=stay["hour"])
    lines = [
        "area_id,officer,from,until",
        f"{stay['area_id']},PC 7,{day},{day + pd.Timedelta('20min')}",
    ]
    (folder / "visits.csv").write_text("\n".join(lines))
    code, out, _ = typed(
        *asked, "--budget-hours", "4", "--hours", "Thu-Sat 16-04", "--visits", "visits.csv",
        "--visited", "2025-06-02/2025-06-09", "--shift", "night=16-04", "--json",
    )  # fmt: skip
    done = json.loads(out)["result"]["visits"]
    assert code == 0 and sum(row["done"] for row in done) == 1 and "PC 7" not in out
    code, out, _ = typed(*asked, "--posts", "2", "--json")
    posts = json.loads(out)["result"]
    assert code == 0 and len(posts["posts"]) == 2 and posts["proven"]


@pytest.mark.parametrize("name", ["new", "watch", "timetable"])
def test_counts_of_days_and_hours_stay_with_us(typed, name):
    needed = () if name == "new" else ("--zones", "zones/town.gpkg:student_area")
    needed += ("--started", "2025-04-01") if name == "watch" else ()
    code, _, err = typed(name, *PLAIN, *CITY, *needed, "--audience", "partner")
    assert code == 2 and "internal" in err
