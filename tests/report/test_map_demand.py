"""The Protect page: its zones are places with their recorded demand, for that audience alone."""

import re

import pytest
from map_samples import data_of, drawn, sample_district, sample_record, sample_wards

from hotspots.core.record import ThemeStatus
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


def page_of(demand, record=None):
    return drawn([], zones=[sample_district(), demand], record=record or protect_record(), top=2)


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
def test_axe_finds_nothing_in_the_list_of_zones(open_page, axe, tmp_path):
    path = page_of(zones((7, 221))).save(tmp_path / "map.html")
    with open_page(path, bypass_csp=True) as witness:
        witness.page.evaluate(axe)
        found = witness.page.evaluate("axe.run().then(result => result.violations)")
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
