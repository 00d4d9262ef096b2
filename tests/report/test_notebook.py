"""What a notebook shows: short, in words, and never a row of an incident."""

import re

import folium
import geopandas as gpd
import pytest
from folium import plugins
from hostile import HOSTILE_TEXTS
from map_samples import drawn, sample_areas, sample_clusters, sample_record, sample_wards
from shapely.geometry import box

import hotspots as hs
from hotspots.core.caveats import Caveat
from hotspots.core.errors import Finding
from hotspots.core.record import RejectedRow
from hotspots.report.sheet_columns import with_sureness
from hotspots.report.text.ratio_words import UNASKED

TAG = re.compile(r"<(?!/?(p|b|small|table|thead|tbody|tr|t[hd]|ul|li|details|summary)\b)[^>]*>")


def ranked():
    areas = gpd.GeoDataFrame(
        {
            "theme": "asb",
            "incident_count": [5, 9, 5, 0],
            "place_name": ["Mill Lane", "Market Square", "Quay", "Field"],
            "evidence": ["could-be-chance", "beyond-chance", "not-tested", "not-tested"],
            "rank_low": [2, 1, 2, 4],
            "rank_high": [3, 1, 212, 4],
        },
        index=list("abcd"),
        geometry=[box(0, 0, 1, 1)] * 4,
        crs=27700,
    )
    return hs.rank_areas(areas)


def test_the_first_places_say_where_how_many_and_how_sure():
    shown = hs.top(ranked(), 2)
    assert shown["rank"].tolist() == ["1", "2="]
    assert shown["place_name"].tolist() == ["Market Square", "Mill Lane"]
    assert shown["rank_interval"].tolist() == ["1", "2 to 3"]
    assert shown["evidence"].iloc[0].startswith("beyond chance")
    assert len(hs.top(ranked(), 9)) == 3, "a place without incidents has no rank"
    assert "place" in str(hs.top(ranked(), 0))


def test_what_is_beyond_chance_by_itself_is_called_so_as_in_page_and_workbook():
    told = ranked().assign(evidence="beyond-chance", is_hotspot=True, is_core=[True, False] * 2)
    workbook = with_sureness(told).loc[hs.top(told).index, "beyond_chance"]
    assert set(workbook) == {"by itself", "with its neighbours"}
    assert [f"beyond chance, {words}" for words in workbook] == hs.top(told)["evidence"].tolist()


def test_busy_where_no_count_passes_is_not_tested_and_never_could_be_chance():
    told = ranked().assign(evidence="not-tested", is_hotspot=False, p_value=[0.5] * 3 + [None])
    assert set(hs.top(told)["evidence"]) == {UNASKED}
    assert with_sureness(told)["beyond_chance"].tolist() == [UNASKED] * 3 + [""]


def test_a_table_that_is_not_ranked_is_refused():
    with pytest.raises(hs.InputError, match="rank_areas"):
        hs.top(ranked().drop(columns="rank"))
    with pytest.raises(hs.InputError, match="top"):
        hs.top(ranked(), -1)


def test_ranked_columns_stand_in_reading_order_and_none_is_lost():
    columns = ranked().columns.tolist()
    assert columns[:3] == ["rank", "place_name", "incident_count"]
    assert {"theme", "geometry", "ranked_by"} < set(columns)


def test_a_logbook_shows_numbers_and_never_a_rejected_row():
    record = sample_record()
    bad = Finding("date-format", "a date was expected.", value="2025-13-45")
    record.find(bad)
    record.quarantine = [RejectedRow("a.csv", 3, "ref-7,ASB noise,2025-13-45,Hush Lane", (bad,))]
    for shown in (record._repr_html_(), repr(record)):
        assert not [word for word in ("ref-7", "Hush Lane", "2025-13-45") if word in shown]
    assert "rows read" in repr(record) and len(repr(record)) < 300


def test_no_text_of_the_data_is_markup_in_a_notebook():
    record = sample_record()
    record.title = " | ".join(text for text in HOSTILE_TEXTS if len(text) < 1000)
    record.warn_reader(*[Caveat.given(text) for text in HOSTILE_TEXTS if 0 < len(text) < 1000])
    assert [found.group() for found in TAG.finditer(_bare(record._repr_html_()))] == []


def _bare(html):
    return re.sub(r"<(table|tr|t[hd])( [a-z]+=\"[\w: ;-]*\")+>", r"<\1>", html)


@pytest.mark.parametrize(
    ("thing", "says"),
    [
        (hs.HarmScale.bundled("ons-css"), "Without a weight"),
        (hs.Themes.police_uk(), hs.Themes.police_uk()["vehicle_nuisance"].note[:20]),
        (hs.Themes.home_office(), "Left out as sensitive"),
    ],
)
def test_scales_and_themes_are_a_short_table(thing, says):
    assert says in thing._repr_html_() and len(thing._repr_html_()) < 6_000
    assert len(repr(thing)) < 300


def test_a_result_shows_its_sentence():
    ratio = hs.evaluation.rate_ratio(treated=(120, 85))
    assert ratio.to_sentence()[1:30] in ratio._repr_html_()


def test_a_page_says_what_it_is():
    page = drawn(sample_areas("asb"), record=sample_record())
    assert repr(page) == str(page) and "Anti-social behaviour" in repr(page)


def test_plugins_and_layers_of_ones_own_go_on_an_ordinary_map():
    page = drawn(sample_areas("asb"), clusters=sample_clusters("asb"), zones=[sample_wards()],
                 record=sample_record())  # fmt: skip
    ordinary, here = page.to_folium(), [53.8, -1.55]
    plugins.HeatMap([[*here, 3.0]]).add_to(ordinary)
    folium.Marker(here).add_to(plugins.MarkerCluster().add_to(ordinary))
    plugins.Draw(export=True).add_to(ordinary)
    folium.LayerControl().add_to(ordinary)
    html = ordinary.get_root().render()
    for part in ("L.heatLayer", "L.markerClusterGroup", "L.Control.Draw", "L.control.layers"):
        assert part in html
    assert "L.heatLayer" not in page.to_html()


@pytest.mark.browser
def test_the_frame_of_a_notebook_shows_the_map_first(open_page, tmp_path):
    page = drawn(sample_areas("asb"), record=sample_record())
    path = tmp_path / "framed.html"
    path.write_text(page.to_html(framed=True), encoding="utf-8")
    with open_page(path, size=(1_000, 720)) as witness:
        seen = witness.page.locator("#map").bounding_box()
        rows = witness.page.locator(".theme:not([hidden]) table").first.bounding_box()
    assert seen["y"] + 300 <= 720 and seen["y"] < rows["y"]
