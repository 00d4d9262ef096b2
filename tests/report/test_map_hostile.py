"""Hostile text through every text field of the map is shown literally and never runs."""

import json
import re

import pytest
from hostile import HOSTILE
from map_samples import (
    drawn,
    sample_areas,
    sample_clusters,
    sample_periods,
    sample_pspo,
    sample_record,
    sample_wards,
    unpacked,
)

from hotspots.core.caveats import Caveat
from hotspots.core.record import ThemeStatus
from hotspots.report.escape import plain_text, short_name

ALL = " | ".join(HOSTILE)


@pytest.fixture(scope="module")
def hostile_page():
    """Every field holds the whole corpus; place and ward names hold one text each."""
    theme = ALL
    record = sample_record(marking=ALL)
    record.title = ALL
    record.warn_reader(*[Caveat.given(words) for words in HOSTILE])
    record.attribute(*HOSTILE)
    record.themes = {theme: ThemeStatus(theme, ALL, "proxy", ALL)}
    record.sentences = {theme: ALL}
    areas = sample_areas("serious_violence").nlargest(60, "incident_count")
    names = [HOSTILE[i % len(HOSTILE)] for i in range(len(areas))]
    areas = areas.assign(theme=theme, place_name=names, ward_name=names, harm_scale=ALL)
    clusters = sample_clusters("serious_violence").assign(
        theme=theme, kind=ALL, place_name=ALL, ward_name=ALL
    )
    wards = sample_wards()
    wards["zone_name"] = [HOSTILE[i % len(HOSTILE)] for i in range(len(wards))]
    pspo = sample_pspo().assign(zone_name=ALL, status=ALL, valid_from=ALL, kind=ALL)
    months = sample_periods("serious_violence").assign(theme=theme)
    months["period"] = months["period"].replace("2016-07", ALL)
    return drawn(
        areas, clusters=clusters, zones=[wards, pspo], record=record, area_periods=months,
        previous=areas.assign(rank=range(60, 0, -1)), top=len(HOSTILE), title=ALL,
    )  # fmt: skip


def test_no_text_from_the_data_reaches_a_script_or_a_tag(hostile_page):
    text = hostile_page.to_html()
    scripts = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    assert len(scripts) == 2
    assert not any("__run" in script for script in scripts)
    markup = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "<img" not in markup
    assert "<script" not in markup
    assert markup.count("{{7*7}}") >= 10


def test_the_data_block_is_json_with_every_name_as_it_is_shown(hostile_page):
    block = re.search(r'id="map-data">(.*?)</script>', hostile_page.to_html(), flags=re.DOTALL)
    theme = unpacked(json.loads(block.group(1)))["themes"][0]
    assert set(theme["cells"]["name"]["levels"]) == {short_name(text) for text in HOSTILE}
    assert theme["label"] == plain_text(ALL)


def test_no_text_turns_the_direction_of_the_page(hostile_page):
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", hostile_page.to_html())


@pytest.mark.browser
def test_the_browser_shows_every_text_literally_and_runs_none(open_page, hostile_page, tmp_path):
    path = hostile_page.save(tmp_path / "map.html")
    with open_page(path) as witness:
        page = witness.page
        for number in range(len(HOSTILE)):
            page.locator(f"#go-0-{number}").click()
            page.locator("#details-close").click()
        page.mouse.move(900, 500)
        page.mouse.move(920, 520)
        assert page.evaluate("window.__run") is None
        shown = page.evaluate("[...document.querySelectorAll('button.go')].map(b => b.textContent)")
        named = [*HOSTILE, "{{7*7}}"]  # which names two areas that stand level where the list ends
        assert sorted(shown) == sorted(short_name(text) for text in named)
        for where in (".marking", "h1", ".read-out", "#tab-0 bdi", ".zones"):
            # ("7*7") dd'):
            assert ALL.split(" | ")[3] in page.locator(where).first.text_content()
        page.focus("#find")
        names = page.evaluate("[...document.querySelectorAll('#found option')].map(o => o.value)")
        assert set(names) >= {short_name(text) for text in HOSTILE}
        assert page.title().startswith("{{7*7}} | {% raw %}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        witness.assert_quiet()
