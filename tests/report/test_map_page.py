"""The page as bytes: what is in it, what must never be in it."""

import itertools
import re

import pandas as pd
import pytest
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
from refusing import refused

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.errors import InputError
from hotspots.core.record import ThemeStatus
from hotspots.report.map import OnlineTiles, plot_areas
from hotspots.report.map.standalone import HotspotMap
from hotspots.report.map.written_page import content_security_policy, page_script
from hotspots.report.symbology import CORE, HALO
from hotspots.report.text.ground_words import standing
from hotspots.report.text.words import capital

THEMES = ("asb", "serious_violence")
JULY = pd.Timestamp("2018-07-01"), pd.Timestamp("2018-08-01")


@pytest.fixture(scope="module")
def page():
    return leeds_page()


def leeds_page(areas=None, **options):
    settings = {
        "clusters": [sample_clusters(theme) for theme in THEMES],
        "zones": [sample_district(), sample_wards(), sample_pspo()],
        "record": sample_record(),
        "area_periods": [sample_periods(theme) for theme in THEMES],
    } | options
    areas = areas or [sample_areas(theme) for theme in THEMES]
    return drawn(areas, **settings)


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
    other = drawn([], record=sample_record())
    assert _executed(page.to_html()) == _executed(other.to_html())
    assert page_script() in page.to_html()
    assert content_security_policy() in page.to_html().replace("&#39;", "'")


def test_stock_layers_are_refused_with_an_explanation(page):
    import folium

    with refused("foreign-layer", "Marker", "to_folium()"):
        folium.Marker([53.8, -1.5]).add_to(page)
    assert page.get_root().render() == page.to_html()


def _executed(text):
    return re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)


@pytest.mark.parametrize("published", [True, False])
def test_a_theme_that_is_not_there_is_not_published_only_where_all_is(published):
    record, known = sample_record().copy(audience="internal"), Behind(published)
    record.tell_themes(ThemeStatus("fires", "Fires", "absent"))
    page = hs.map_areas(hs.release(sample_areas(), behind=known, record=record)).to_html()
    badge = "not published" if published else "not in the data"
    assert f'<span class="state">{badge}</span>' in page
    assert ("not in the data</span>" in page) is not published


def test_the_page_says_what_the_record_says(page):
    text = page.to_html()
    record = sample_record()
    assert text.count(record.marking) >= 2
    assert "Demonstration, not current" in text
    for sentence in (*record.sentences.values(), *record.caveat_texts, *record.attributions):
        assert sentence in text
    assert f"<bdi>{capital(record.themes['vehicle_nuisance'].note)}.</bdi>" in text
    note = standing(sample_pspo().iloc[0], JULY)
    assert note in text
    assert set(re.findall(r"\d+ \w+ \d{4}", note)) == {"1 April 2023", "31 March 2026"}
    for number in ("2,090", "3,304", "120", "520"):
        assert f"<dd>{number}</dd>" in text


def test_every_listed_place_has_count_harm_where_weighed_and_the_public_no_boxes(page):
    rows = re.findall(r'<tr class="place">(.*?)</tr>', page.to_html(), flags=re.DOTALL)
    assert len(rows) == 10
    best = sample_areas("serious_violence").nlargest(1, "incident_count").iloc[0]
    assert f"<b>{best['incident_count']:,}</b>" in rows[5]
    assert f"<b>{best['harm']:,.0f}</b>" in rows[5]
    assert not any("not weighed" in row or 'class="figure harm' in row for row in rows[:5])
    assert all("in Jul 2017" in row and "in Jul 2016" in row for row in rows)
    assert "<textarea" not in page.to_html()


def test_no_point_and_no_empty_cell_is_in_the_file(page):
    data = data_of(page)
    areas = sample_areas("asb")
    months = sample_periods("asb")
    some = set(months.loc[months["incident_count"] > 0, "area_id"])
    assert len(data["themes"][0]["cells"]["shape"]) == len(some)
    assert data["themes"][0]["size"] == len(areas)
    assert "Point" not in page.to_html().split('id="map-data">')[1].split("</script>")[0]


def test_row_order_and_extra_columns_change_nothing_that_is_listed(page):
    shuffled = [
        sample_areas(theme).sample(frac=1, random_state=3).assign(secret="x") for theme in THEMES
    ]
    other = leeds_page(areas=shuffled)
    listed = re.compile(r'class="go"[^>]*><bdi>(.*?)</bdi>')
    assert listed.findall(other.to_html())[0] == listed.findall(page.to_html())[0]
    assert "secret" not in other.to_html()


def test_tables_are_left_as_they_were():
    areas, wards = sample_areas("asb"), sample_wards()
    before = areas.copy(), wards.copy()
    drawn(areas, zones=[wards], record=sample_record())
    assert areas.equals(before[0])
    assert wards.equals(before[1])


def test_empty_tables_make_a_page():
    text = drawn(
        sample_areas("asb").iloc[:0],
        clusters=sample_clusters("asb").iloc[:0],
        zones=[sample_wards().iloc[:0]],
        record=sample_record(),
        area_periods=sample_periods("asb").iloc[:0],
    ).to_html()
    assert "No places" in text and '<tr class="place">' not in text


def test_unranked_areas_list_the_ranked_clusters():
    page = drawn(
        sample_areas("asb").drop(columns="rank"),
        clusters=sample_clusters("asb"),
        record=sample_record(),
    )
    assert [place["group"] for place in data_of(page)["themes"][0]["top"]] == [0, 0, 0]


def test_protect_zones_are_refused_outside_their_own_product():
    zones = sample_wards().assign(kind="protect")
    with pytest.raises(InputError, match="Protect zones"):
        drawn(sample_areas("asb"), zones=[zones], record=sample_record())


def test_a_partner_page_holds_no_small_number_and_no_exact_harm():
    record = sample_record(marking="OFFICIAL", audience="partner")
    record.sources.clear()
    areas = sample_areas("serious_violence")
    page = drawn(areas, record=record, area_periods=sample_periods("serious_violence"))
    theme = data_of(page)["themes"][0 if len(data_of(page)["themes"]) == 1 else 1]
    counts = theme["cells"]["count"]
    assert not [count for count in counts if count is not None and 0 < count < 5]
    assert "266.8" not in page.to_html()
    assert theme["cells"]["event"] == [None] * len(counts)


def test_withheld_months_are_missing_and_never_nought():
    record = sample_record(marking="OFFICIAL", audience="partner")
    record.sources.clear()
    areas, months = sample_areas("asb"), sample_periods("asb")
    page = drawn(areas, clusters=sample_clusters("asb"), record=record, area_periods=months)
    theme = next(theme for theme in data_of(page)["themes"] if theme["cells"])
    assert theme["disclosed"]
    assert len(theme["cells"]["count"]) == theme["size"]
    for counts in (theme["cells"]["count"], *theme["monthly"]["count"]):
        assert None in counts
        assert min(count for count in counts if count is not None) >= 5
    assert not re.search(r'class="earlier">0 in', page.to_html())


def test_months_without_a_row_are_nought_where_nothing_is_withheld(page):
    theme = data_of(page)["themes"][0]
    assert not theme["disclosed"]
    assert all(None not in counts for counts in theme["monthly"]["count"])
    assert 0 in theme["monthly"]["count"][0]


def test_incidents_outside_say_that_the_files_cover_more(page):
    outside = r"<dt>Outside [^<]*files[^<]*more[^<]*</dt><dd>520</dd>"
    assert re.search(outside, page.to_html())


def test_two_tables_of_one_theme_are_refused():
    areas = sample_areas("asb")
    with refused("one-table-a-theme", of="areas"):
        drawn([areas, areas.assign(kind="h3-8")], record=sample_record())


def test_one_zones_table_stands_for_a_list_of_one():
    wards, record = sample_wards(), sample_record()
    one = drawn(sample_areas("asb"), zones=wards, record=record)
    assert one.to_html() == drawn(sample_areas("asb"), zones=[wards], record=record).to_html()


def test_a_notebook_shows_the_whole_page_in_a_frame(page):
    shown = page._repr_html_()
    under, frame, framed = shown.partition("<iframe")
    assert frame and under.endswith("Trust Notebook.</p>"), "told where the frame is taken out"
    assert 'srcdoc="&lt;!DOCTYPE html&gt;' in framed and "position:absolute" in framed
    assert "<script" not in shown


def test_roads_and_names_of_ones_own_come_along(tmp_path):
    import geopandas as gpd
    from shapely.geometry import LineString, Point

    roads = gpd.GeoDataFrame(
        {"name": [None, "Seacroft"]},
        geometry=[LineString([(430_000, 433_000), (431_000, 434_000)]), Point(435_600, 435_900)],
        crs=27700,
    )
    path = tmp_path / "roads.gpkg"
    roads.to_file(path, layer="all", driver="GPKG")
    for backdrop in (roads, path):
        found = data_of(drawn([], record=sample_record(), backdrop=backdrop))["backdrop"]
        assert found["lines"]["line"] == [2]
        assert found["names"]["text"] == ["Seacroft"]


@pytest.mark.parametrize(
    "url",
    ["http://a/{z}/{x}/{y}", "https://{s}.a/{z}/{x}/{y}", "https://a/", "https://a b/{z}{x}{y}"],
)
def test_a_tile_address_without_one_https_host_is_refused(url):
    with pytest.raises(InputError, match="online_tiles"):
        OnlineTiles(url, "x")


def test_a_still_figure_needs_no_browser(tmp_path):
    pytest.importorskip("matplotlib")
    record = sample_record()
    record.title = "Costs $5 and $6 {x}"
    for by in ("count", "harm"):
        figure = plot_areas(
            sample_areas("serious_violence"),
            zones=[sample_wards(), sample_pspo()],
            record=record,
            by=by,
        )
        for ending in ("png", "svg", "pdf"):
            figure.savefig(tmp_path / f"{by}.{ending}", dpi=40)
        texts = [text.get_text() for text in figure.texts]
        assert texts.count(record.marking) == 2
        assert any("cannot tell" in text for text in texts)
    drawn = (tmp_path / "harm.svg").read_bytes()
    figure.savefig(tmp_path / "again", format="svg", dpi=40)
    assert (tmp_path / "again").read_bytes() == drawn
    assert b"<dc:date>" not in drawn
    assert b"/CreationDate" not in (tmp_path / "harm.pdf").read_bytes()


def test_a_still_figure_shows_itself_in_a_notebook():
    pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    record = sample_record()
    record.warn_reader(*(f"{number} {'WOMEN AND MEN, ' * 12}." for number in range(12)))
    figure = plot_areas(sample_areas("asb"), record=record)
    assert isinstance(figure, Figure)
    assert figure._repr_png_().startswith(b"\x89PNG")
    # However much there is to say, no word leaves the sheet.
    assert max(text.get_window_extent().x1 for text in figure.texts) <= figure.bbox.x1


def test_a_still_figure_says_how_sure_each_place_is():
    pytest.importorskip("matplotlib")
    areas = sample_areas("asb")
    ranked = areas["rank"].notna()
    areas = areas.assign(rank_high=areas["rank"] + 1, is_hotspot=ranked, is_core=areas["rank"] == 1)
    tables = [areas, sample_clusters("asb")]
    both = hs.release(tables, zones=[sample_wards()], record=sample_record())
    figure = plot_areas(both)
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert {CORE, HALO} <= set(labels)
    said = "\n".join(text.get_text() for text in figure.texts)
    assert said.count("(likely)") == areas["rank"].le(5).sum()
    assert "Likely: among the first 10" in said


def test_pins_of_the_still_figure_touch_nothing():
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = plot_areas(sample_areas("asb"), zones=[sample_wards()], record=sample_record(), top=9)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    marks = figure.axes[0].texts[:9]
    pins = [mark.get_bbox_patch().get_window_extent(renderer) for mark in marks]
    for one, other in itertools.combinations(pins, 2):
        assert not one.overlaps(other)
