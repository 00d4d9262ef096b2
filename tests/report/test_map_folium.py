"""An ordinary Folium map of what the page holds: its layers, nothing else, no text that runs."""

import re
from pathlib import Path

import folium
import pytest
from folium.plugins import Draw, HeatMap, MarkerCluster
from hostile import HOSTILE, HOSTILE_TEXTS
from map_samples import (
    data_of,
    drawn,
    sample_areas,
    sample_clusters,
    sample_district,
    sample_periods,
    sample_pspo,
    sample_record,
    sample_wards,
)

from hotspots.core.caveats import Caveat
from hotspots.core.record import ThemeStatus
from hotspots.report.escape import inert_html, plain_text
from hotspots.report.text.words import kind_label, kind_name

SPECIAL = set("<>\"'`$\\{}%=\u2028\u2029")


def leeds(**options):
    settings = {
        "clusters": sample_clusters("asb"),
        "zones": [sample_district(), sample_wards(), sample_pspo()],
        "record": sample_record(),
    } | options
    return drawn(sample_areas("asb"), **settings)


def groups_of(page):
    return {
        child.layer_name: child
        for child in page._children.values()
        if isinstance(child, folium.FeatureGroup)
    }


def features_of(group):
    found = [child for child in group._children.values() if isinstance(child, folium.GeoJson)]
    return [feature for layer in found for feature in layer.data["features"]]


def hostile_page():
    """A map whose every text holds the whole corpus; names hold one text each."""
    texts = [text for text in HOSTILE_TEXTS if 0 < len(text) < 1000]
    everything = " | ".join(texts)
    record = sample_record(marking=everything)
    record.title = everything
    record.warn_reader(*[Caveat.given(words) for words in texts])
    record.attribute(*texts)
    record.themes = {everything: ThemeStatus(everything, everything, "proxy", everything)}
    areas = sample_areas("asb").nlargest(2 * len(texts), "incident_count")
    named = (texts * 2)[: len(areas)]
    areas = areas.assign(theme=everything, place_name=named, ward_name=named)
    clusters = sample_clusters("asb").assign(
        theme=everything, kind=everything, place_name=everything
    )
    wards = sample_wards().assign(status=everything)
    wards["zone_name"] = [texts[k % len(texts)] for k in range(len(wards))]
    return drawn(
        areas, clusters=clusters, zones=[wards], record=record, top=len(areas), title=everything
    )


def test_an_ordinary_map_holds_a_group_for_each_layer_of_the_page():
    page = leeds()
    ordinary = page.to_folium()
    label = sample_record().themes["asb"].label
    assert type(ordinary) is folium.Map
    assert list(groups_of(ordinary)) == [
        "District",
        "Wards (best fit)",
        kind_label("pspo"),
        f"{label}: hexagons",
        f"{label}: {kind_label('cluster')}",
        f"{label}: numbered places",
    ]
    theme = data_of(page)["themes"][0]
    cells = features_of(groups_of(ordinary)["Anti-social behaviour: hexagons"])
    assert len(cells) == sum(bool(count) for count in theme["cells"]["count"])
    says = [feature["properties"]["Incidents"] for feature in cells]
    assert says == [f"{count:,}" for count in theme["cells"]["count"] if count]
    fills = {feature["properties"]["style"]["fillColor"] for feature in cells}
    assert fills == set(theme["classes"]["count"]["fills"])


def test_an_ordinary_map_says_marking_period_classes_caveats_and_sources():
    text = leeds().to_folium().get_root().render()
    record = sample_record()
    assert text.count(record.marking) == 2
    assert f"incidents per {kind_name('h3-9')[0]}, July 2018" in text
    for said in (*record.caveat_texts, *record.attributions):
        assert inert_html(said) in text


def test_an_ordinary_map_holds_no_number_that_the_page_withholds():
    record = sample_record(marking="OFFICIAL", audience="partner")
    record.sources.clear()
    areas = sample_areas("serious_violence").assign(secret="do not show")
    text = drawn(areas, record=record, area_periods=sample_periods("serious_violence"))
    rendered = text.to_folium().get_root().render()
    counts = re.findall(r'"Incidents": "([^"]*)"', rendered)
    assert {"withheld"} < set(counts)
    assert all(count == "withheld" or count.startswith("about ") for count in counts)
    assert "do not show" not in rendered
    assert "266.8" not in rendered


def test_layers_of_ones_own_go_on_an_ordinary_map_and_never_on_the_page():
    page = leeds()
    ordinary = page.to_folium()
    folium.CircleMarker([53.8, -1.55], radius=30, tooltip="Here").add_to(ordinary)
    folium.LayerControl().add_to(ordinary)
    assert "L.circleMarker" in ordinary.get_root().render()
    assert "L.circleMarker" not in page.to_html()
    assert "L.circleMarker" not in page.to_folium().get_root().render()


def test_plugins_go_on_an_ordinary_map_which_says_how_close_one_may_come():
    """Leaflet's clusters of markers stop the whole map where no layer and no map has a zoom."""
    ordinary = leeds().to_folium()
    cluster = MarkerCluster().add_to(ordinary)
    folium.Marker([53.8, -1.55]).add_to(cluster)
    for one in (HeatMap([[53.8, -1.55]]), Draw(), folium.LayerControl()):
        one.add_to(ordinary)
    rendered = ordinary.get_root().render()
    assert re.search(r'"maxZoom": 18', rendered)
    for made in ("L.markerClusterGroup", "L.heatLayer", "L.Control.Draw", "L.control.layers"):
        assert made in rendered


def test_nothing_to_draw_makes_an_ordinary_map_too():
    record = sample_record()
    empty = drawn([], record=record).to_folium()
    assert record.marking in empty.get_root().render()


@pytest.mark.parametrize("text", HOSTILE_TEXTS[:-2])
def test_no_text_can_end_a_string_a_template_or_a_tag(text):
    written = inert_html(text)
    assert not set(written) & SPECIAL
    assert html_of(written) == plain_text(text)


def html_of(written):
    return re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), written)


def test_no_text_from_the_data_reaches_a_script_or_a_tag_as_it_is():
    ordinary = hostile_page().to_folium()
    folium.LayerControl().add_to(ordinary)
    rendered = ordinary.get_root().render()
    dangerous = [
        text for text in HOSTILE_TEXTS if 6 < len(text) < 1000 and set(text[:-1]) & SPECIAL
    ]
    assert len(dangerous) > 40
    assert [text for text in dangerous if text in rendered] == []
    assert inert_html("{{7*7}}").replace("&", r"\u0026") in rendered


@pytest.mark.browser
def test_the_browser_runs_no_text_and_shows_it_literally(open_page, tmp_path):
    ordinary = hostile_page().to_folium()
    folium.CircleMarker([53.8, -1.55], radius=30).add_to(ordinary)
    folium.LayerControl(collapsed=False).add_to(ordinary)
    path = tmp_path / "map.html"
    ordinary.save(path)
    _without_network(path)
    with open_page(path, until=".leaflet-control-layers-overlays label") as witness:
        page = witness.page
        tips = page.evaluate(
            """() => {
              const map = Object.values(window).find(value => value instanceof L.Map);
              const seen = [];
              map.eachLayer(layer => {
                if (!layer.getTooltip || !layer.getTooltip()) return;
                layer.openTooltip();
                seen.push(layer.getTooltip().getElement().textContent);
                layer.closeTooltip();
              });
              return seen;
            }"""
        )
        for text in (text for text in HOSTILE if text.strip()):
            shown = plain_text(text)[:100].strip()
            assert any(shown in tip for tip in tips), shown
        labels = page.inner_text(".leaflet-control-layers-overlays")
        assert "<img src=x onerror=window.__run=1>" in labels
        assert page.evaluate("[window.__run, window.hacked]") == [None, None]
        assert page.locator("img[src=x], svg[onload], b:text-is('bold')").count() == 0
        assert witness.complaints == []
        assert witness.requests == []


def _without_network(path: Path) -> None:
    """Put Leaflet into the page; leave out what an ordinary map asks the network for."""
    from hotspots.report.map.written_page import _leaflet_css, _leaflet_js

    text = path.read_text(encoding="utf-8")
    text = re.sub(r'<link rel="stylesheet" href="https://[^>]*/>', "", text)
    text = re.sub(r'<script src="https://[^>]*></script>', "", text)
    leaflet = f"<style>{_leaflet_css()}</style><script>{_leaflet_js()}</script>"
    path.write_text(text.replace("<head>", "<head>" + leaflet, 1), encoding="utf-8")
