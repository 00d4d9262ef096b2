"""The page as bytes: what is in it, what must never be in it."""

import re

import pytest
from map_samples import (
    sample_areas,
    sample_clusters,
    sample_district,
    sample_periods,
    sample_pspo,
    sample_record,
    sample_wards,
)

from hotspots.checks import InputError
from hotspots.maps import HotspotMap, map_areas
from hotspots.maps.standalone import content_security_policy, page_script

THEMES = ("asb", "serious_violence")


@pytest.fixture(scope="module")
def page():
    return leeds_page()


def leeds_page(**options):
    settings = {
        "clusters": [sample_clusters(theme) for theme in THEMES],
        "zones": [sample_district(), sample_wards(), sample_pspo()],
        "record": sample_record(),
        "area_periods": [sample_periods(theme) for theme in THEMES],
    } | options
    return map_areas([sample_areas(theme) for theme in THEMES], **settings)


def test_a_page_is_a_folium_map_in_one_self_contained_file(page, tmp_path):
    import folium

    assert isinstance(page, HotspotMap)
    assert isinstance(page, folium.Map)
    text = page.save(tmp_path / "map.html").read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    linked = re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=", text)
    assert linked == []
    assert "connect-src &#39;none&#39;" in text


def test_two_exports_are_identical(page):
    assert leeds_page().to_html() == page.to_html()


def test_scripts_are_constant_whatever_the_data(page):
    other = map_areas([], record=sample_record())
    assert _executed(page.to_html()) == _executed(other.to_html())
    assert page_script() in page.to_html()
    assert content_security_policy() in page.to_html().replace("&#39;", "'")


def test_stock_layers_are_refused_with_an_explanation(page):
    import folium

    with pytest.raises(InputError, match="allow_unsafe_layers"):
        folium.Marker([53.8, -1.5]).add_to(page)


def _executed(text):
    return re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
