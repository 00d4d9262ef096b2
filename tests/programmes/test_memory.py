"""Monthly packs that remember: counts add up, and what was decided comes along."""

import json
import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from refusing import refused
from shapely.geometry import box
from tables import incidents_at, zone

import hotspots as hs
from hotspots.core.caveats import Caveat
from hotspots.core.decisions import Decision
from hotspots.core.errors import DataError
from hotspots.core.record import ThemeStatus
from hotspots.demo.town.town import synthetic_town
from hotspots.io.typed_tables import DECISIONS, read_decisions, write_decisions
from hotspots.programmes.news import change_of, changes_of, recent_changes
from hotspots.programmes.tasking.for_public import PublicBriefings, _sentence, public_files
from hotspots.programmes.tasking.load_product import load_product
from hotspots.programmes.tasking.previous import times_listed as times_of_ground
from hotspots.programmes.tasking.previous import with_list
from hotspots.report.about import read_geopackage
from hotspots.report.briefing import markdown, write_briefing
from hotspots.report.manifest import verify_product
from hotspots.report.map.earlier import times_listed
from hotspots.report.map.view import page_view
from hotspots.report.text.headline import VERDICT_WORDS, change_words
from hotspots.stats.counts import normal_quantile, overdispersion

OWN = Decision("asb", "gone", "Elsewhere Lane", "Council", "design", note="lamp posts")
ASB_ALONE = """\
offence_scheme = "home_office"
[[theme]]
name = "asb"
label = "anti-social behaviour"
state = "measured"
offences = ["ASB nuisance", "ASB personal", "ASB environmental"]
"""
MARKING, NOTE = "SYNTHETIC TOWN - NOT A REAL PLACE", "a drop-in on Fridays"
MONTHS = ("2026-01", "2026-02", "2026-03")
PRODUCT = """\
title = "Saltmere"
marking = "{marking}"
place = "Saltmere"
audience = "{audience}"
period = "{period}"
{previous}
[[incidents]]
path = "incidents/police.csv"
fields = "incidents/police.toml"
themes = "themes.toml"
allow_rejected = 1.0
[grid]
h3 = {h3}
[within]
path = "part.geojson"
kind = "district"
[[zones]]
path = "zones/wards.geojson"
[decisions]
share = {share}
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    synthetic_town(seed=1, incidents=3_000).write(folder)
    (folder / "themes.toml").write_text(ASB_ALONE)
    wards = hs.load_zones(folder / "zones" / "wards.geojson")
    wards[wards["zone_name"].str.contains("Castle|Harbour|Mount")].to_file(folder / "part.geojson")
    return folder


def described(
    town, period, folder, *, previous=None, audience="internal", h3=9, share="false", more=""
):
    """The product of one month, for a folder."""
    said = f'previous = "{previous}"' if previous else ""
    file = town / f"{Path(folder).name}.toml"
    file.write_text(
        PRODUCT.format(
            marking=MARKING, audience=audience, period=period, previous=said, h3=h3, share=share
        )
        + more
    )
    return load_product(file).remembering(folder)


def pack(town, period, folder, **options):
    """Run the product of one month into a folder."""
    results = described(town, period, folder, **options).run()
    results.write(folder)
    return results


def decision_for(results):
    cells = results.cells["asb"]
    first = cells[cells["rank"].notna()].sort_values("rank").iloc[0]
    return Decision("asb", str(first.name), first["place_name"], "Centre team", "youth",
                    "2026-02-28", note=NOTE)  # fmt: skip


@pytest.fixture(scope="module")
def replayed(town, tmp_path_factory):
    """Three months in a chain; something is decided after the first, and in the third folder."""
    base, results = tmp_path_factory.mktemp("packs"), {}
    (base / MONTHS[-1]).mkdir()
    write_decisions([OWN], base / MONTHS[-1] / DECISIONS)
    public = '[briefings]\nzones = "ward"\nmarking = "PUBLISHED"\n'
    for month, last in zip(MONTHS, (None, *MONTHS), strict=False):
        results[month] = pack(town, month, base / month, previous=last and base / last, more=public)
        if last is None:
            write_decisions([decision_for(results[month])], base / month / DECISIONS)
    return base, results


def test_the_history_of_every_area_adds_up(replayed):
    base, results = replayed
    history = read_geopackage(base / MONTHS[-1] / "hotspots.gpkg")
    themes = [theme for theme in results[MONTHS[-1]].cells if f"history_{theme}" in history]
    assert "asb" in themes
    for theme in themes:
        told = history[f"history_{theme}"]["incident_count"].groupby("area_id").sum()
        counted = sum(results[month].cells[theme]["incident_count"] for month in MONTHS[:-1])
        assert told.reindex(counted.index, fill_value=0).astype(int).equals(counted.astype(int))
    assert {key for _, key in history["history_asb"].index} == set(MONTHS[:-1])


def test_who_stands_level_where_a_list_ends_and_is_not_on_it_was_not_listed():
    ranks = {"2026-01": [1, *[2] * 20], "2026-02": [1, 2, *[3] * 19]}
    packs = [
        pd.DataFrame({"area_id": [f"a{k}" for k in range(21)], "period": month, "rank": rank,
                      "incident_count": [30 - one for one in rank]})
        for month, rank in ranks.items()
    ]  # fmt: skip
    listed, packs_held = times_listed(pd.concat(packs).set_index(["area_id", "period"]), 5)
    assert packs_held == 2 and listed.to_dict() == {"a0": 2, "a1": 1}


def test_the_same_ground_is_counted_after_a_month_without_it_and_under_another_id():
    def areas(*places, name):
        shapes = [box(at, 0, at + 100, 100) for at in places]
        ids = [f"{name}{at}" for at in places]
        return gpd.GeoDataFrame(index=ids, geometry=shapes, crs=27700)

    packs = [areas(0, 500, name="a"), areas(500, name="b"), areas(name="c"), areas(40, name="d")]
    lists = None
    for month, pack in zip(("2026-01", "2026-02", "2026-03", "2026-04"), packs, strict=True):
        lists = with_list(lists, pack, "patrols", month)
    assert times_of_ground(packs[3], lists).tolist() == [2], "40 m further is the same ground"
    assert times_of_ground(areas(500, 700, name="e"), lists).tolist() == [2, 0]
    again = with_list(lists, packs[3], "patrols", "2026-04")
    assert times_of_ground(packs[3], again).tolist() == [2], "made again it counts once"


def test_the_page_says_who_moved_and_how_often_a_place_was_listed(replayed):
    base, _ = replayed
    pages = [(base / month / "map.html").read_text("utf-8") for month in MONTHS]
    assert "times before" not in pages[0] and "last time" not in pages[0]
    assert "last time" in pages[1]
    assert "not listed before" in pages[2]


def test_the_briefing_says_what_the_page_says_and_runs_nothing(replayed):
    base, results = replayed
    for month in MONTHS[1:]:
        html, text = (
            (base / month / f"briefing.{kind}").read_text("utf-8") for kind in ("html", "md")
        )
        assert "<script" not in html and "default-src" in html
        for said in (html, text):
            assert "Lately" in said and VERDICT_WORDS["too-few"] in said and "Decided" in said
            assert results[month].decisions[0].note in said
        sentence = results[month].record.sentences["asb"]
        assert sentence.alone.split(" led by")[0][1:30] in html


def test_no_column_of_a_briefing_is_empty(replayed):
    """The first month has none before it, and no list that anybody entered or left."""
    base, _ = replayed
    for month in MONTHS:
        text = (base / month / "briefing.md").read_text("utf-8")
        tables = re.findall(r"^\| Rank .*\n\|[-|]+\n(?:\|.*\n)+", text, re.MULTILINE)
        assert tables
        for table in tables:
            rows = [line.strip("|").split("|") for line in table.splitlines()]
            names, _, *cells = rows
            full = {
                name.strip()
                for name, *said in zip(names, *cells, strict=True)
                if any(map(str.strip, said))
            }
            assert full | {"Decided"} == {name.strip() for name in names} | {"Decided"}


def test_an_earlier_count_of_a_briefing_is_words_as_on_the_page(replayed):
    """A cell says "15 the year before"; no list or pair of the program stands in it."""
    base, _ = replayed
    texts = [path.read_text("utf-8") for path in base.glob("*/briefing.*")]
    assert any(re.search(r"\d (?:in \w+|the year before|last time)\b", text) for text in texts)
    assert not any(re.search(r"\((?:'|&#39;|&#x27;)", text) for text in texts)


def test_the_public_gets_a_briefing_a_ward_and_nothing_smaller(replayed):
    base, results = replayed
    folder, wards = base / MONTHS[1], results[MONTHS[1]].zones[0]
    pages = sorted(folder.glob("public-*.html"))
    assert len(pages) == len(wards) == len(list(folder.glob("public-*.md")))
    told = read_geopackage(folder / "public-2026-02.gpkg")["wards"]
    counts = told["asb_count"].dropna()
    assert (counts.mod(5) == 0).all() and (counts >= 5).all()
    streets = set(results[MONTHS[1]].cells["asb"]["place_name"].dropna())
    streets = {
        one for one in streets if not wards["zone_name"].str.contains(one, regex=False).any()
    }
    for page in pages:
        said = page.read_text("utf-8")
        assert "PUBLISHED" in said and MARKING not in said.split("<main>")[0]
        assert NOTE not in said and "<script" not in said
        assert not [street for street in streets if street in said]
    texts = [page.with_suffix(".md").read_text("utf-8") for page in pages]
    assert {text.split("\n# ")[1].split(": ")[0] for text in texts} == set(told["zone_name"])


@pytest.mark.parametrize(
    ("count", "high", "numbers"), [(15.0, 17.0, ["15"]), (np.nan, 4.0, ["5"]), (np.nan, 9.0, [])]
)
def test_a_public_briefing_counts_what_was_released_and_no_more(count, high, numbers):
    zone = {"asb_count": count, "asb_shown_high": high, "disclosed_for": "public"}
    status = ThemeStatus("asb", "anti-social behaviour", "measured")
    said = _sentence(pd.Series(zone), status, carried=True)
    assert re.findall(r"\d+", said) == numbers


def test_public_briefings_take_care_beside_all_before_them(replayed):
    """Those of the folder ``previous`` names, and of the one they are written to."""
    base, results = replayed
    kept = {path.name for path in (base / MONTHS[-1]).glob("public-*.gpkg")}
    assert kept == {f"public-{month}.gpkg" for month in MONTHS}
    assert verify_product(base / MONTHS[-1]).state == "same"
    again = public_files(results[MONTHS[0]], base / MONTHS[-1])
    assert {one.name for one in again.before} == {f"public-{month}.gpkg" for month in MONTHS[1:]}


@pytest.mark.parametrize(
    ("rule", "audience", "sensitive"),
    [("briefings-audience", "partner", False), ("briefings-zones", "internal", False),
     ("sensitive", "internal", True)],
)  # fmt: skip
def test_public_briefings_are_refused_where_they_would_tell_too_much(rule, audience, sensitive):
    asked = PublicBriefings("committee" if rule == "briefings-zones" else "ward", "PUBLISHED")
    with refused(rule, kind=DataError):
        asked.check(audience, {"ward"}, sensitive=sensitive)


def test_a_briefing_carries_what_its_maker_wrote_and_known_breaks_before_all_else(tmp_path):
    rest = [f"note {number}" for number in range(9)]
    short = {"other": "2024", "period": "2025", "why": "log ends on 30 December"}
    given = [Caveat.given("Not a trend."), Caveat("known-break", {"text": "recording changed"}),
             Caveat("not-compared", short)]  # fmt: skip
    record = hs.RunRecord("Saltmere", "SYNTHETIC", "internal")
    record.warn_reader(*(Caveat("definition", {"text": one}) for one in rest), *given)
    view = page_view([], [], record) | {"decisions": None, "sections": []}
    for path in write_briefing(view, tmp_path):
        said = path.read_text("utf-8").split("What this cannot tell you")[1]
        leads = ("Not a trend.", "recording changed", "log ends on 30 December", "note 0")
        order = [said.index(one) for one in leads]
        assert order == sorted(order) and "note 2" in said and "note 3" not in said
        assert re.findall(r"(\d+) more", said) == ["6"]


def test_typed_text_is_inert_in_a_briefing():
    assert markdown("a|b\n# <b>*x*</b>") == "a\\|b # \\<b\\>\\*x\\*\\</b\\>"
    assert [markdown(text) for text in ("1. b", "- a-b", "&lt;b", "A & B", "[x](y)")] == [
        "1\\. b", "\\- a-b", "\\&lt;b", "A & B", "\\[x\\](y)",
    ]  # fmt: skip


@pytest.mark.parametrize(("mean", "size"), [(20, None), (100, 50), (400, 400)])
def test_counts_that_did_not_change_are_seldom_called_changed(mean, size):
    draw = np.random.default_rng(7)
    shape = (600, 13)
    usual = (draw.poisson(mean, shape) if size is None
             else draw.negative_binomial(size, size / (size + mean), shape))  # fmt: skip
    verdicts = [
        change_of(int(row[0]), int(row[1]), overdispersion(row))["verdict"] for row in usual
    ]
    assert np.mean([one in ("more", "fewer") for one in verdicts]) <= 0.05
    doubled = [change_of(2 * mean * 2, mean, overdispersion(row))["verdict"] for row in usual]
    assert np.mean([one == "more" for one in doubled]) > 0.9


@pytest.mark.parametrize(("now", "then", "verdict"), [(0, 40, "fewer"), (40, 0, "more")])
def test_what_stops_and_what_begins_has_changed(now, then, verdict):
    usual = overdispersion([38, 42, 40, 45, 35, 41, 39])
    found = change_of(now, then, usual)
    assert found["verdict"] == verdict and found["p_value"] < 0.001
    assert change_of(2, 40, usual)["p_value"] > found["p_value"]
    assert change_words(found) == ("-100% (-100% to -85%)" if then else "")


def test_without_other_windows_nobody_knows_what_is_usual():
    """Two Julys, a year apart: by chance alone every busy city rises or falls."""
    found = change_of(1_851, 2_004, overdispersion([1_851]))
    assert found["verdict"] == "not-known" and found["p_value"] is found["low"] is None
    assert change_words(found) == "-8%"
    known = {"now": 40, "then": 10, "usual": overdispersion([9, 11, 10, 12, 10])}
    alone = {"now": 40, "then": 10, "usual": overdispersion([40])}
    assert changes_of([known, alone])[0] == changes_of([known])[0]


DAYS = pd.date_range("2023-01-01", "2025-06-29")


def lately(*daily, until="2025-06-30"):
    """Recent changes of themes "t0", "t1" ... that hold so many on each of these days."""
    held = np.array(daily)
    start = pd.DatetimeIndex(np.tile(DAYS.to_numpy(), len(held)).repeat(held.ravel()))
    start = start.tz_localize("Europe/London")
    theme = np.repeat(np.arange(len(held)), held.sum(axis=1))
    themes = {f"theme_t{at}": theme == at for at in range(len(held))}
    rows = incidents_at([(0, 0)] * len(theme), time_precision="day", **themes)
    rows = rows.assign(occurred_from=start, occurred_until=start + pd.Timedelta(hours=23))
    asked = hs.select(rows, hs.Question(within=zone("Leeds", (-9_000, -9_000, 9_000, 9_000))))
    names = [name.removeprefix("theme_") for name in themes]
    table = recent_changes(asked, names, f"2025-06-01/{until}").set_index("comparison")
    # Wilson's interval of a share reaches twice the inverse sinh of half of what a normal one does.
    wide = 4 * np.sinh((np.log1p(table["high"]) - np.log1p(table["low"])) / 4)
    of_poisson = 2 * normal_quantile(1 - 0.05 / len(table))
    poisson = of_poisson * np.sqrt(1 / table["now"] + 1 / table["then"])
    return table, (wide / poisson.astype(float))


@pytest.mark.parametrize("seed", range(3))
def test_a_season_widens_no_interval(seed):
    draw = np.random.default_rng(seed)
    season = 2 + np.cos(2 * np.pi * (DAYS.day_of_year.to_numpy() - 200) / 365)
    table, widened = lately(draw.poisson(2 * season))
    assert max(widened["year"], widened["to-date"]) < 1.5 and widened["before"] < 2.2
    assert table.loc["year", "verdict"] == "no-clear-change"


def test_windows_that_hang_together_widen_what_is_said_of_the_year_to_date():
    half = np.where(np.arange(len(DAYS))[::-1] // 28 % 13 < 7, 3, 2)
    year = np.arange(len(DAYS))[::-1] // 28 // 13
    together = lately(np.where(year == 0, half, 5 - half))[1]
    in_turn = np.where(np.arange(len(DAYS))[::-1] // 28 % 2 == 0, 3, 2)
    apart = lately(in_turn)[1]
    assert together["to-date"] > 1.5 * together["year"]
    assert apart["to-date"] == pytest.approx(apart["year"], rel=1e-9)


@pytest.mark.parametrize("month", ["2024-02", "2025-03"])
def test_a_month_is_compared_with_another_a_day_for_a_day(month):
    days = pd.date_range("2022-01-01", f"{month}-28").to_period("M").unique()
    each = [str(one) for one in days for _ in range(10 * one.days_in_month)]
    rows = incidents_at([(0, 0)] * len(each), month=each, theme_t0=True)
    asked = hs.select(rows, hs.Question(within=zone("Leeds", (-9_000, -9_000, 9_000, 9_000))))
    table = recent_changes(asked, ["t0"], month)
    assert table["change"].tolist() == pytest.approx([0.0] * 3)
    assert (table["low"] < 0).all() and (table["high"] > 0).all()


@pytest.mark.parametrize("seed", [1, 3])
def test_of_many_themes_none_is_called_changed_where_nothing_changed(seed):
    daily = np.random.default_rng(seed).poisson(2, (8, len(DAYS)))
    table, _ = lately(*daily, until="2025-06-29")
    assert set(table["verdict"]) == {"no-clear-change"}
    daily[0, -28:] += 4
    table, _ = lately(*daily, until="2025-06-29")
    assert table["verdict"].iloc[0] == "more"
    beyond = table["low"].gt(0) | table["high"].lt(0)
    assert table["verdict"].ne("no-clear-change").equals(beyond)


def test_what_was_decided_comes_along_and_verify_looks_past_it(replayed):
    base, results = replayed
    (first,) = read_decisions(base / MONTHS[0] / DECISIONS)
    for month, decided in zip(MONTHS[1:], (first, OWN), strict=True):
        assert results[month].decisions == (decided,), "a folder's own decisions win, and stay"
        assert read_decisions(base / month / DECISIONS) == (decided,)
        assert decided.note in (base / month / "map.html").read_text("utf-8")
        assert verify_product(base / month).state == "same"
        manifest = json.loads((base / month / "manifest.json").read_text("utf-8"))
        assert DECISIONS in manifest["inputs"] and DECISIONS not in manifest["outputs"]


@pytest.mark.parametrize("share", ["false", "true"])
def test_what_was_typed_is_read_for_partners_only_where_it_is_shared(town, tmp_path, share):
    write_decisions([Decision("asb", "x", note="Kestrel")], tmp_path / DECISIONS)
    product = described(town, MONTHS[0], tmp_path, audience="partner", h3=8, share=share)
    record = hs.RunRecord("Saltmere", "SYNTHETIC", "partner")
    assert bool(product._decided(record)) is (share == "true")
    assert (DECISIONS in record.inputs) is (share == "true")


def test_a_later_pack_for_partners_takes_care_beside_the_one_before_it(town, tmp_path):
    pack(town, MONTHS[0], tmp_path, audience="partner", h3=8)
    later = described(
        town, MONTHS[1], tmp_path / "b", audience="partner", h3=8, previous=tmp_path
    ).run()
    released = later.release()
    assert len(released.earlier) == len(later.product.previous.tables) > 1
    kept = pd.concat(released.history)
    assert kept["incident_count"].dropna().mod(5).eq(0).all()


def test_a_history_of_other_areas_says_nothing_here(replayed, town, tmp_path):
    base, results = replayed
    previous = described(town, MONTHS[1], tmp_path, previous=base / MONTHS[0]).previous
    cells = results[MONTHS[0]].cells["asb"]
    assert len(previous.history_of([cells])) == len(previous.history) == 1
    assert previous.history_of([cells.assign(kind="hex-350")]) == ()


def test_a_product_for_others_or_a_later_one_is_no_previous(replayed, town, tmp_path):
    base, _ = replayed
    with refused("previous-audience", kind=DataError):
        described(
            town, MONTHS[1], tmp_path / "a", audience="partner", h3=8, previous=base / MONTHS[0]
        )
    with refused("previous-later", kind=DataError):
        described(town, MONTHS[0], tmp_path / "b", previous=base / MONTHS[0])
    with refused("no-previous", kind=DataError):
        described(town, MONTHS[1], tmp_path / "c", previous=tmp_path)
