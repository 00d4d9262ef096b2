"""The programmes from the command line: on a product, on plain files, and when asked wrongly."""

import importlib.util
import json
import shutil
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from hotspots.cli.main import main
from hotspots.cli.place_commands import EXACT_RANKS
from hotspots.core.caveats import Caveat
from hotspots.core.periods import Period
from hotspots.core.record import NOT_GROUNDS
from hotspots.core.text.caveat_texts import CAVEATS
from hotspots.demo.demonstrate import TOWN_INCIDENTS, TOWN_SEED
from hotspots.demo.town.town import synthetic_town
from hotspots.programmes.clear_hold_build.screen_candidates import POLICE_ACTIVITY
from hotspots.programmes.tasking.load_product import PRODUCTS, load_product
from hotspots.report.text.results.case_words import UNDECIDED

LINE = str(NOT_GROUNDS)
EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "other_tool.py"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
SMALL = ("--min-incidents", 3, "--count", 6, "--near-misses", 3)


PLAIN = ("incidents/police.csv", "--fields", "incidents/police.toml")
PRODUCT = ("--product", "product.toml")


def table_of(out):
    """The lines between the answer and the notes."""
    return out.partition("\n\n")[2].partition("\n\nnote:")[0].splitlines()


# answers


@pytest.fixture(scope="module")
def reviewed(folder):
    """Areas of the year before, written once, as a review of them would find them."""
    path = folder / "reviewed.geojson"
    words = ["jemlock", *PRODUCT, *SMALL, "--period", "2024-04/2025-03", "--out", path.name]
    patch = pytest.MonkeyPatch()
    patch.chdir(folder)
    patch.setattr(sys, "argv", ["hotspots", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        main()
    patch.undo()
    assert not stop.value.code
    return path


def test_jemlock_writes_areas_to_sign_off_and_says_the_line(reviewed, folder):
    content = json.loads(reviewed.read_text(encoding="utf-8"))
    properties = [feature["properties"] for feature in content["features"]]
    assert content["marking"] == load_product(folder / "product.toml").marking
    assert LINE in content["caveats"]
    assert len(properties) == 7, "one near miss qualifies once what officers find is left out"
    assert {one["sign_off"] for one in properties} <= {"", None}
    assert [one["status"] for one in properties].count("near miss") == 1
    assert all(one["rank_low"] <= one["rank"] <= one["rank_high"] for one in properties)
    assert all(one["place_name"] and one["ward_name"] for one in properties)


@pytest.mark.parametrize("command", ["jemlock", "wards", "when"])
def test_months_that_no_file_holds_are_no_months_without_incidents(typed, command):
    data = PLAIN if command == "when" else PRODUCT
    code, _, complained = typed(command, *data, "--period", "2019")
    assert code == 1 and "2019 holds no incident at all" in complained


def test_months_without_data_are_told_once(typed):
    code, said, complained = typed("jemlock", *PRODUCT, *SMALL, "--period", "2023-01/2023-12")
    assert code == 0
    assert (said + complained).count("January 2023 to March 2023 hold nothing") == 1


def test_a_review_keeps_ids_and_reruns_on_what_victims_reported(typed, reviewed):
    code, out, _ = typed(
        "jemlock", *PRODUCT, *SMALL, "--previous", reviewed.name, "--victim-reported", "--json"
    )
    answer = json.loads(out)
    assert code == 0 and answer["command"] == "jemlock"
    assert {row["change"] for row in answer["result"]["changes"]} <= {"stayed", "entered", "left"}
    left = [row for row in answer["result"]["changes"] if row["change"] != "entered"]
    assert len(left) == 6, "near misses of the last review were never areas"
    assert answer["result"]["victim_reported"]["areas"]


def test_plain_files_work_without_a_product_and_choose_by_count(typed):
    code, out, _ = typed("jemlock", *PLAIN, *SMALL, "--within", "zones/district.geojson")
    assert code == 0
    assert "no harm weights" in out
    assert out.splitlines()[0].endswith(LINE)


def test_who_lives_there_and_what_was_done_there_stand_beside(typed, folder, town):
    town.pspo.assign(geometry=town.pspo.geometry.representative_point()).to_file(
        folder / "stops.geojson"
    )
    code, out, _ = typed(
        "jemlock", *PLAIN, *SMALL, "--population", "zones/town.gpkg:wards", "--beside",
        "stops=stops.geojson", "--json",
    )  # fmt: skip
    result = json.loads(out)["result"]
    assert code == 0
    assert result["who_lives_there"][0]["share_in_city"] == 1
    assert sum(row["stops_count"] for row in result["areas"]) <= 3


def test_chb_begins_with_the_sentence_and_says_the_line_after(typed):
    code, out, _ = typed("chb", *PRODUCT, "--undecided", "out", "--draws", 50)
    assert code == 0
    assert LINE in out and CAVEATS["other-partners"].partition("{schemes}")[2] in out
    assert out.splitlines()[0].endswith(str(POLICE_ACTIVITY))
    heading, *rows = table_of(out)
    places = [row for row in rows if not row.startswith(("...", "Not shown"))]
    assert heading.startswith("area") and 0 < len(places) <= 10


def test_chb_takes_candidates_and_begins_with_the_paragraph(typed):
    words = (
        "chb", *PRODUCT, "--undecided", "out", "--draws", 0, "--paragraph", "--zones",
        "truth/truth.gpkg:screening_areas", "--zone-id", "hotspot_id", "--zone-name", "area_name",
    )  # fmt: skip
    code, out, _ = typed(*words)
    assert code == 0 and LINE in out
    result = json.loads(typed(*words, "--json")[1])["result"]
    assert out.startswith(result["paragraph"]) and result["night_time_economy_tested"]


def test_wards_are_those_of_the_product_in_its_order(typed):
    code, out, _ = typed("wards", *PRODUCT, "--residents", "population", "--json")
    rows = json.loads(out)["result"]["rows"]
    assert code == 0 and len(rows) == 18
    assert {row["ratio_per"] for row in rows} == {"resident"}


def test_pspo_lays_out_every_limb_and_leaves_the_decision_open(typed, folder):
    code, out, _ = typed(
        "pspo", *PRODUCT, "--order", "Student area PSPO", "--today", "2026-04-01", "--basket",
        "asb_nuisance", "--out", "limbs.csv",
    )  # fmt: skip
    assert code == 0 and LINE in out
    assert out.count(f"decision: ________ ({UNDECIDED})") == 4
    assert "asb_nuisance" in out
    assert f"{UNDECIDED}.\n\n" in out
    limbs = pd.read_csv(folder / "limbs.csv", encoding="utf-8-sig")
    assert len(limbs) == 4 and limbs["decision"].isna().all()


def test_change_compares_the_selected_areas_with_the_near_misses(typed, reviewed):
    code, out, _ = typed(
        "change", *PRODUCT, "--zones", reviewed.name, "--comparator", reviewed.name, "--started",
        "2025-04-01", "--theme", "serious_violence", "--json",
    )  # fmt: skip
    answer = json.loads(out)
    roles = [row["role"] for row in answer["result"]["table"]]
    assert code == 0 and LINE in answer["caveats"]
    assert roles.count("treated area") == 6
    assert answer["result"]["table"][-1]["count_before"] > 0


def test_change_of_patrol_areas_says_what_the_same_rule_chose_in_earlier_years(typed, reviewed):
    words = ("change", *PRODUCT, "--zones", reviewed.name, "--started", "2025-04-01")
    result = json.loads(typed(*words, "--json")[1])["result"]
    (earlier,) = result["review"]
    assert earlier["chosen_from"] == Period.parse("2023-04/2024-03").label and earlier["areas"] > 0
    assert f"a ratio of {earlier['ratio']:.2f} " in typed(*words)[1].splitlines()[0]
    zones = ("--zones", "zones/town.gpkg:pspo")
    assert "review" not in json.loads(typed(*words, *zones, "--json")[1])["result"]


def test_change_begins_with_the_sentence(typed, reviewed):
    code, out, _ = typed(
        "change", *PRODUCT, "--zones", reviewed.name, "--started", "2025-04-01", "--ring", 250
    )
    first = out.splitlines()[0]
    windows = [Period.parse(months).label for months in ("2024-04/2025-03", "2025-04/2026-03")]
    assert code == 0 and first.index(windows[0]) < first.index(windows[1])
    assert "ring 0-250 m" in out


def test_a_plan_says_what_would_show_before_anything_is_done(typed, reviewed):
    words = ("change", *PRODUCT, "--zones", reviewed.name, "--theme", "asb", "--plan", "--json")
    code, out, _ = typed(*words)
    plan = json.loads(out)["result"]
    counts = [row["count"] for row in plan["table"]]
    assert code == 0 and counts == sorted(counts)
    assert plan["fall"] == 20 and plan["zones"] == 6


def test_the_lines_of_the_page_work_on_the_demonstration_one_after_another(tmp_path, typed_in):
    synthetic_town(seed=TOWN_SEED, incidents=TOWN_INCIDENTS).write(tmp_path)
    shutil.copyfile(PRODUCTS / "town.toml", tmp_path / "product.toml")
    text = PAGE.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = [block.split("```")[0] for block in text.split("```sh\n")[1:]]
    lines = [line for block in blocks for line in block.splitlines() if "product.toml" in line]
    assert len(lines) >= 7
    for line in lines:
        _, *words = line.split()
        code, out, err = typed_in(tmp_path, *words)
        assert code == 0, err
        assert LINE in out


def test_areas_of_a_choice_are_judged_honestly_on_the_screen_and_in_json(typed, reviewed):
    words = ("change", *PRODUCT, "--zones", reviewed.name, "--started", "2025-04-01", "--json")
    _, out, _ = typed(*words)
    result = json.loads(out)["result"]
    chosen = {"period": Period.parse("2024-04/2025-03").label}
    assert result["chosen_from"] == chosen["period"] and result["chosen_from_windows"]
    assert result["sentence"].startswith(str(Caveat("chosen-high", chosen)))
    _, out, _ = typed(*words, "--before", "2023-04/2024-03")
    result = json.loads(out)["result"]
    assert not result["chosen_from_windows"]
    assert result["sentence"].endswith(str(Caveat("chosen-apart", chosen)))
    _, out, _ = typed(
        "change", *PRODUCT, "--zones", "zones/town.gpkg:pspo", "--started", "2025-04-01", "--json"
    )
    assert str(Caveat("choice-unknown")) in json.loads(out)["result"]["sentence"]


def test_the_other_tool_gets_both_kinds_of_area(folder, tmp_path):
    spec = importlib.util.spec_from_file_location("other_tool", EXAMPLE)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    text = (folder / "product.toml").read_text(encoding="utf-8")
    longer = folder / "three-years.toml"
    longer.write_text(text.replace("2025-04/2026-03", "2023-04/2026-03", 1), encoding="utf-8")
    sentences = tool.write_areas(longer, tmp_path)
    assert all(LINE in words for words in sentences)
    for name in ("jemlock", "clear-hold-build"):
        areas = gpd.read_file(tmp_path / f"{name}.geojson")
        assert len(areas) and "sign_off" in areas.columns and areas.crs.to_epsg() == 4326


@pytest.mark.parametrize("typed_day", ["2025-04-01", "01/04/2025", "1/4/2025"])
def test_a_day_is_read_alike_by_every_option(typed, typed_day):
    _, out, _ = typed(
        "change", *PRODUCT, "--zones", "zones/town.gpkg:pspo", "--started", typed_day, "--json"
    )
    assert json.loads(out)["result"]["started"].startswith("2025-04-01")
    _, out, _ = typed("pspo", *PRODUCT, "--today", typed_day, "--json")
    assert json.loads(out)["result"]["orders"][0]["term"]["today"] == "2025-04-01"


@pytest.mark.parametrize(
    "words",
    ["04/13/2025", "01/04/25", "25-04-01", "2025", "1 April 2025", "01-04-2025", "31/04/2025"],
)
def test_a_day_that_could_be_another_is_refused_as_typed(typed, reviewed, words):
    for question in (
        ("change", *PRODUCT, "--zones", reviewed.name, "--started"),
        ("pspo", *PRODUCT, "--today"),
    ):
        code, out, err = typed(*question, words)
        assert (code, out) == (2, "") and repr(words) in err and question[-1] in err


@pytest.mark.parametrize("option", ["--before", "--after"])
@pytest.mark.parametrize("words", ["01/04/2025", "01-04-2024/01-04-2025", "24-04/25-03", "2024-13"])
def test_a_window_that_could_be_another_is_refused_as_typed(typed, reviewed, option, words):
    code, out, err = typed(
        "change", *PRODUCT, "--zones", reviewed.name, "--started", "2025-04-01", option, words
    )
    assert (code, out) == (2, "") and repr(words) in err and option in err
    code, out, err = typed("wards", *PRODUCT, "--period", words)
    assert (code, out) == (2, "") and repr(words) in err and "--period" in err


# audiences


def test_before_and_after_stay_internal(typed, reviewed):
    code, out, err = typed(
        "change", *PRODUCT, "--zones", reviewed.name, "--started", "2025-04-01", "--audience",
        "partner",
    )  # fmt: skip
    assert (code, out) == (2, "") and "--audience" in err


def test_the_screen_of_wins_stays_internal_and_says_what_else_to_give(typed):
    for audience in ("partner", "public"):
        code, out, err = typed(
            "chb", *PRODUCT, "--undecided", "out", "--audience", audience, "--marking", "SHARED"
        )
        assert (code, out) == (2, "")
        assert EXACT_RANKS in err and "hotspots wards" in err


def test_protect_zones_enter_no_command(typed, folder, town):
    town.protect.zones.to_file(folder / "theirs.geojson")
    code, _, err = typed("change", *PRODUCT, "--zones", "theirs.geojson", "--started", "2025-04-01")
    assert code == 2 and "Protect zones" in err and "'internal'" in err


# asked wrongly


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (("jemlock",), ["--product", "neither"]),
        (("jemlock", *PLAIN, *PRODUCT), ["both"]),
        (("chb", *PRODUCT, "--harm-scale", "ons-css"), ["--harm-scale", "product"]),
        (("jemlock", *PLAIN, "--out", "a.geojson"), ["--marking"]),
        (("jemlock", *PRODUCT, "--out", "a.docx"), [".geojson", "a.docx"]),
        (("wards", *PRODUCT, "--audience", "everyone"), ["--audience", "everyone"]),
        (("wards", *PRODUCT, "--audience", "partner", "--out", "a.csv"), ["--marking"]),
        (("jemlock", *PLAIN, "--by", "harm"), ["--by", "--harm-scale"]),
        (("jemlock", *PLAIN, "--max-area-km2", "-1"), ["--max-area-km2"]),
        (("wards", *PLAIN), ["--zones"]),
        (("change", *PLAIN, "--zones", "zones/district.geojson"), ["--started"]),
        (("change", *PLAIN, "--started", "2025-04-01"), ["--zones"]),
        (("jemlock", "--colour", "red"), ["--colour"]),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error_in_the_words_of_options(typed, words, needed):
    code, _, err = typed(*words)
    assert code == 2
    assert all(word in err for word in needed), err


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (("jemlock", "nowhere.csv"), ["nowhere.csv"]),
        (("jemlock", "--product", "nowhere.toml"), ["nowhere.toml"]),
        (("chb", *PRODUCT), ["fine enough", "--undecided out"]),
        (("chb", *PRODUCT, "--zones", "nowhere.gpkg:areas"), ["nowhere.gpkg:areas"]),
        (("wards", *PLAIN, "--zones", "truth/truth.gpkg:hotspots"), ["--zone-name"]),
        (("jemlock", *PLAIN, "--previous", "zones/wards.geojson"), ["area_id"]),
        (("wards", *PRODUCT, "--only", "Atlantis"), ["Atlantis"]),
    ],
)
def test_a_problem_with_the_data_is_a_message_and_exit_code_1(typed, words, needed):
    code, _, err = typed(*words)
    assert code == 1
    assert all(word in err for word in needed), err


def test_help_explains_names_that_only_some_know(typed):
    for command, words in (("jemlock", "West Yorkshire"), ("chb", "organised crime")):
        code, out, _ = typed(command, "--help")
        assert code == 0 and words in " ".join(out.replace("│", " ").split())


def test_wards_say_that_they_are_the_priority_ones_and_show_every_one_on_request(typed):
    _, out, _ = typed("wards", *PRODUCT)
    assert str(Caveat("priority-wards", {"shown": 6, "wards": 16})) in out
    code, out, _ = typed("wards", *PRODUCT, "--all", "--theme", "asb", "--json")
    answer = json.loads(out)
    assert code == 0 and len(answer["result"]["rows"]) == 16
    assert not any("names as priority" in caveat for caveat in answer["caveats"])


@pytest.mark.parametrize(
    "words",
    [
        ("jemlock", *PRODUCT),
        ("pspo", *PRODUCT),
        ("change", *PRODUCT, "--zones", "zones/town.gpkg:pspo", "--started", "2025-04-01"),
        ("wards", *PRODUCT),
    ],
)
def test_a_misspelt_theme_is_told_alike_by_every_command(typed, words):
    code, out, err = typed(*words, "--theme", "asbo")
    assert (code, out) == (2, "") and "--theme" in err and "'asbo'" in err
    assert all(name in err for name in ("asb", "serious_violence", "vehicle_nuisance"))
    assert "theme_" not in err and "tag_themes" not in err


def test_warnings_name_the_option_to_change(typed):
    code, _, err = typed("jemlock", *PRODUCT, "--count", 12)
    assert code == 0 and "Lower --min-incidents" in err and "`min_incidents`" not in err


def test_a_column_of_residents_that_is_none_is_told_in_the_words_of_the_option(typed):
    code, _, err = typed("wards", *PRODUCT, "--residents", "people")
    assert code == 2 and "--residents must" in err and "got 'people'" in err


def test_what_became_of_an_area_is_told_by_its_name(typed, reviewed):
    _, out, _ = typed("jemlock", *PRODUCT, *SMALL, "--previous", reviewed.name, "--json")
    changes = json.loads(out)["result"]["changes"]
    assert len(changes) > 6 and all(row["place_name"] for row in changes)


ROADS = ("roads", "--product", "product.toml", "--period", "2023-04/2026-03", "--crossings",
         "--streets", "zones/town.gpkg:streets")  # fmt: skip


def test_roads_names_stretches_and_sites_off_the_road(typed, tmp_path):
    code, out, err = typed(*ROADS, "--zones", "zones/town.gpkg:off_road_sites", "--json",
                           "--out", tmp_path / "roads.geojson", "--marking", "TEST")  # fmt: skip
    assert code == 0, err
    found = json.loads(out)["result"]
    assert found["on_road"] + found["off_road"] == found["incidents"]
    kinds = [place["kind"] for place in found["places"]]
    assert kinds.count("off-road-site") == 4 and kinds.count("street-run") >= 4
    named = {place["place_name"] for place in found["places"]}
    assert {"Foxholes Common", "Ember Park", "Saltings Bank", "Old Claypit"} <= named
    assert len(gpd.read_file(tmp_path / "roads.geojson")) == len(kinds)


def test_pieces_of_street_are_as_good_as_points_and_refused_to_partners(typed):
    code, out, err = typed(*ROADS, "--audience", "partner", "--json")
    assert code == 2 and "street segments" in err and not out.strip()


def test_roads_need_streets(typed):
    code, _, err = typed("roads", "--product", "product.toml")
    assert code == 2 and "--streets" in err


def test_an_error_nobody_foresaw_is_a_message_with_the_file_and_a_log(
    typed_in, tmp_path, monkeypatch
):
    def broken(*given, **more):
        raise ZeroDivisionError("elsewhere")

    monkeypatch.setattr("hotspots.report.manifest.verify_product", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "product").mkdir()
    code, _, complained = typed_in(tmp_path, "verify", "product")
    assert code == 1 and "product (ZeroDivisionError)" in complained
    (log,) = tmp_path.glob("hotspots-*.log")
    assert "elsewhere" in log.read_text()
