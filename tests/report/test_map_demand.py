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


def test_every_zone_with_demand_is_listed_ranked_and_shaded():
    page = page_of(zones())
    text, data = page.to_html(), data_of(page)
    listed = re.findall(r'<td class="pin"><span>(.*?)</span>.*?<bdi>(.*?)</bdi>', text, re.DOTALL)
    assert listed == [("1", "Zone B"), ("2=", "Zone A"), ("2=", "Zone D")]
    assert " in Zone C." in text
    assert data["themes"][0]["cells"]["count"] == [221, 7, 7]
    assert data["units"] == "Protect zones"
    assert not data["links"]


def test_the_finding_names_the_busiest_zones_and_who_is_far_from_a_pack():
    text = page_of(zones()).to_html()
    named = re.findall(r"(Zone \w) \((\d+)\)", text)
    assert named == [("Zone B", "221"), ("Zone A", "7"), ("Zone D", "7")]
    assert re.search(r"\(7\), all times\. 5 of 74 premises [^<]*\b50 m [^<]*straight line", text)
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
    path = page_of(zones()).save(tmp_path / "map.html")
    with open_page(path) as witness:
        pins = witness.page.evaluate("hotspots.scene().pins.map(pin => [pin.label, pin.name])")
        assert pins == [["1", "Zone B"], ["2=", "Zone A"], ["2=", "Zone D"]]
        near = witness.page.evaluate("hotspots.map.getZoom()")
        witness.page.click("#whole")
        witness.until_still()
        assert witness.page.evaluate("hotspots.map.getZoom()") < near
        assert witness.page.inner_text("#legend-title") == "Incidents per Protect zone"
        witness.assert_quiet()
