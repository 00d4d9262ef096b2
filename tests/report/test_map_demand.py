"""The Protect page: its zones are places with their recorded demand, for that audience alone."""

import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from map_samples import data_of, sample_district, sample_record, sample_wards
from refusing import refused

import hotspots as hs
from hotspots.core.record import ThemeStatus
from hotspots.report.map import map_areas
from hotspots.report.map.theme_tables import ThemeTables, demand_finding


def protect_record():
    record = sample_record(marking="PROTECT", audience="protect")
    record.themes = {"protect_demand": ThemeStatus("protect_demand", "recorded demand", "measured")}
    record.sentences = {"protect_demand": "PROTECT. Zone after zone after zone."}
    record.accounts.clear()
    record.choose(
        "protect_demand",
        period="all times",
        premises=74,
        trauma_packs=30,
        beyond_reach=5,
        reach_m=50,
    )
    return record


def zones(counts=(7, 221, 0, 7)):
    some = sample_wards().head(len(counts)).copy()
    some["zone_name"] = [f"Zone {letter}" for letter in "ABCD"[: len(counts)]]
    return some.assign(
        kind="protect",
        approximate=False,
        incident_count=list(counts),
        harm=[2.0 * n for n in counts],
    )


def page_of(demand, record=None, sites=None, packs=None):
    held = {"Protect sites": sites, "Trauma packs": packs}
    released = hs.release(
        zones=[sample_district(), demand],
        tables={name: table for name, table in held.items() if table is not None},
        record=record or protect_record(),
    )
    return map_areas(released, top=2)


def points(ids, kind="protect", **columns):
    """Points in the first zones, one after another."""
    middles = [zones().geometry.iloc[n % 4].representative_point() for n in range(len(ids))]
    return gpd.GeoDataFrame({"kind": kind, **columns}, index=ids, geometry=middles, crs=27700)


def premises(kind="protect"):
    """Four premises: the second within reach, the last outside every zone and of no tier."""
    ids = ["prem-1", "prem-2", "</script><b>{{7*7}}", "prem-4"]
    return points(
        ids, kind, tier=["standard", "enhanced", "<i>", None], distance_m=[50.2, 50.0, 900.0, 1e4],
        zone_ids=[*zones().index[:3], None], within_reach=[False, True, False, False],
    )  # fmt: skip


def test_every_zone_is_listed_by_name_without_rank_harm_or_pin():
    page = page_of(zones())
    text, data = page.to_html(), data_of(page)
    rows = re.findall(
        r'<tr class="place">.*?<td class="pin">(.*?)</td>.*?<bdi>(.*?)</bdi>', text, re.DOTALL
    )
    assert rows == [("", f"Zone {letter}") for letter in "ABCD"]
    theme = data["themes"][0]
    assert theme["cells"]["count"] == [7, 221, 0, 7]
    assert not theme["weighed"] and set(theme["classes"]) == {"count"}
    assert {*theme["cells"]["rank"], *theme["cells"]["harm"]} == {None}
    assert "<textarea" not in text and 'class="figure harm' not in text
    assert data["units"] == "Protect zones"
    assert not data["links"]


def test_the_finding_orders_no_zone_and_says_who_is_far_from_a_pack():
    text = page_of(zones()).to_html()
    assert not re.findall(r"(Zone \w) \((\d+)\)", text)
    assert re.search(r"all times: [^<]*5 of 74 premises [^<]*\b50 m [^<]*straight line", text)


def test_packs_and_gaps_stand_in_the_row_of_their_zone():
    demand = zones().assign(
        premises=[4, 3, 2, 1], trauma_packs=[1, 0, 0, 2], beyond_reach=[0, 2, 0, 0]
    )
    text = page_of(demand).to_html()
    assert re.findall(r'figure more">([^<]*)</t[dh]>', text)[:6] == [
        "Premises", "Packs", "Out of reach", "4", "1", "0",
    ]  # fmt: skip
    assert "Zone after zone" not in text


def test_packs_and_premises_out_of_reach_are_drawn_and_the_others_are_not():
    page = page_of(zones(), sites=premises(), packs=points(["k-2", "k-1"]))
    text, reach = page.to_html(), data_of(page)["reach"]
    assert reach["away"]["name"] == ["prem-4", "</script><b>{{7*7}}", "prem-1"]
    assert reach["packs"]["name"] == ["k-1", "k-2"]
    east = np.cumsum(reach["packs"]["dx"]) / 1e5
    assert np.allclose(east, points(["k-1", "k-2"]).to_crs(4326).geometry.x[::-1], atol=1e-5)
    assert "prem-2" not in text and "<b>{{" not in text
    rows = re.findall(r'class="away"><bdi>(.*?)</bdi>.*?<bdi>(.*?)</bdi></td><td>(.*?)</td>'
                      r"<td><bdi>(.*?)</bdi>", text)  # fmt: skip
    assert [(tier, far, zone) for _, tier, far, zone in rows] == [
        ("not known", "10,000 m", "outside every zone"), ("&lt;i&gt;", "900 m", "Zone C"),
        ("standard", "51 m", "Zone A"),
    ]  # fmt: skip


def test_the_order_of_premises_and_packs_changes_no_byte():
    sites, packs = premises(), points(["k-2", "k-1", "k-3"])
    turned = page_of(zones(), sites=sites[::-1], packs=packs[::-1])
    assert turned.to_html() == page_of(zones(), sites=sites, packs=packs).to_html()


@pytest.mark.parametrize("audience", ["internal", "partner", "public"])
def test_no_other_page_holds_packs_or_premises(audience):
    record = sample_record(audience=audience)
    with refused("protect"):
        page_of(zones().assign(kind="ward"), record, premises(), points(["k-1"]))
    held = {"Protect sites": premises("site"), "Trauma packs": points(["k-1"], "site")}
    shown = {name: pd.DataFrame(table).drop(columns="geometry") for name, table in held.items()}
    page = map_areas(hs.release(zones=sample_district(), tables=shown, record=record))
    assert "reach" not in data_of(page)
    assert 'id="reach"' not in page.to_html() and "prem-1" not in page.to_html()


def test_a_long_list_says_how_many_more_there_are():
    ids = [f"p-{n:02}" for n in range(23)]
    many = points(ids, tier="standard", distance_m=90.0, zone_ids="", within_reach=False)
    text = page_of(zones(), sites=many, packs=points(["k-1"])).to_html()
    assert text.count('class="away"') == 20 and "3 more are in the workbook" in text


def test_with_every_premises_in_reach_there_is_no_table():
    sites = premises().assign(within_reach=True)
    page = page_of(zones(), sites=sites, packs=points(["k-1"]))
    assert 'id="reach"' not in page.to_html()
    assert data_of(page)["reach"]["away"]["name"] == []
    assert "reach" not in data_of(page_of(zones(), sites=sites.drop(columns="within_reach")))


def test_zones_without_demand_are_drawn_and_named_as_before():
    text = page_of(zones().drop(columns=["incident_count", "harm"])).to_html()
    assert ", ".join(f"Zone {letter}" for letter in "ABCD") in text
    assert "Zone after zone" in text


def test_nothing_recorded_is_said_plainly():
    record = protect_record()
    said = demand_finding(ThemeTables(record.themes["protect_demand"]), record)
    assert said.startswith("No incidents") and ", all times." in said
    assert said in page_of(zones((0, 0)), record).to_html()


def test_counts_of_zones_that_may_overlap_are_never_added():
    assert ">235<" not in page_of(zones()).to_html()


@pytest.mark.browser
def test_the_page_opens_near_its_zones(open_page, tmp_path):
    path = page_of(zones((7, 221))).save(tmp_path / "map.html")
    with open_page(path) as witness:
        pins = witness.page.evaluate("hotspots.scene().pins.map(pin => [pin.label, pin.name])")
        assert pins == []
        near = witness.page.evaluate("hotspots.map.getZoom()")
        witness.page.click("#whole")
        witness.until_still()
        assert witness.page.evaluate("hotspots.map.getZoom()") < near
        assert witness.page.inner_text("#legend-title") == "Incidents per Protect zone"
        witness.assert_quiet()


@pytest.mark.browser
def test_the_table_leads_to_the_map_and_the_layers_hide_what_they_name(open_page, tmp_path):
    made = page_of(zones(), sites=premises(), packs=points(["k-2", "k-1"]))
    with open_page(made.save(tmp_path / "map.html")) as witness:
        page = witness.page
        held = "[hotspots.scene().packs.length, hotspots.scene().away.length]"
        assert page.evaluate(held) == [2, 3]
        legend = page.inner_text("#legend-lines")
        assert "Trauma packs" in legend and "Premises out of reach" in legend
        assert page.inner_text("#close-up") == "The zones"
        assert page.locator("#layer-choices [name=pins]").count() == 0
        far = page.evaluate("hotspots.map.getZoom()")
        page.focus("#reach .away >> nth=2")
        page.keyboard.press("Enter")
        witness.until_still()
        assert page.evaluate("hotspots.map.getZoom()") > far
        middle = page.evaluate("[hotspots.map.getCenter().lng, hotspots.map.getCenter().lat]")
        there = premises().to_crs(4326).geometry.iloc[0]
        assert np.allclose(middle, [there.x, there.y], atol=1e-3)
        for name in ("packs", "away"):
            page.evaluate(f"document.querySelector('[name={name}]').click()")
        assert page.evaluate(held) == [0, 0]
        assert "Trauma packs" not in page.inner_text("#legend-lines")
        witness.assert_quiet()


@pytest.mark.browser
def test_axe_finds_nothing_in_the_lists_of_zones_and_premises(open_page, axe, tmp_path):
    made = page_of(zones((7, 221)), sites=premises(), packs=points(["k-1"]))
    path = made.save(tmp_path / "map.html")
    with open_page(path, bypass_csp=True) as witness:
        witness.page.evaluate(axe)
        found = witness.page.evaluate("axe.run().then(result => result.violations)")
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
