"""Pages of rounded numbers: about what they show, about what they withhold, and once."""

import re
from pathlib import Path

import numpy as np
import pytest
from map_samples import (
    data_of,
    drawn,
    partner_record,
    sample_areas,
    sample_periods,
    sample_record,
    shown_areas,
)

from hotspots.disclosure.disclose_record import disclose_record
from hotspots.report.briefing import write_briefing
from hotspots.report.map import plot_areas

THEME = "serious_violence"


@pytest.fixture(scope="module")
def page():
    return drawn(shown_areas(), record=partner_record(), area_periods=sample_periods(THEME))


def test_rows_and_counts_say_that_they_are_rounded(page, tmp_path):
    text = page.to_html()
    assert "<h3>What went in" in text
    read = disclose_record(partner_record()).read
    assert read != 31_632
    assert re.search(rf"<dt>Rows read[^<]*all themes[^<]*</dt><dd>about {read:,}</dd>", text)
    assert re.search(r'Incidents <span class="span">rounded[^<]* 5</span>', text)
    for path in write_briefing(page.view | {"decisions": None, "sections": []}, tmp_path):
        assert re.search(r"Incidents [^<|]*\b5\b", path.read_text("utf-8"))


def test_periods_that_are_all_withheld_are_said_once(tmp_path):
    record = partner_record(marking="PUBLISHED", audience="public")
    areas = sample_areas(THEME).assign(kind="h3-8")
    text = drawn(areas, record=record, area_periods=sample_periods(THEME)).to_html()
    assert len(re.findall(r"Earlier periods\b[^<]*\bnot in this product\b", text)) == 1
    assert "Compared with" not in text
    assert "withheld in" not in text
    assert '<div class="changed">' not in text


def test_an_unweighed_area_is_not_weighed_and_never_withheld():
    areas = sample_areas(THEME)
    best = areas["incident_count"].idxmax()
    areas.loc[best, ["harm", "harm_low", "harm_high"]] = np.nan
    text = drawn(areas, record=sample_record()).to_html()
    first = re.search(r'<tr class="place">.*?</tr>', text, flags=re.DOTALL).group(0)
    assert "<b>not weighed</b>" in first
    assert "withheld" not in first


def test_harm_that_may_be_withheld_is_not_called_unweighed():
    record = partner_record(marking="PUBLISHED", audience="public")
    areas = shown_areas().assign(kind="h3-8")
    page = drawn(areas, record=record)
    assert data_of(page)["themes"][1]["noHarm"] == "not shown"
    assert "<b>not weighed</b>" not in page.to_html()


def test_classes_of_harm_cut_through_no_band(page):
    theme = data_of(page)["themes"][1]
    lows = {low for low in theme["cells"]["low"] if low is not None}
    assert set(theme["classes"]["harm"]["bounds"]) <= lows
    assert theme["classes"]["harm"]["bounds"][0] == min(lows)


def test_a_still_figure_shows_bands_and_says_about():
    pytest.importorskip("matplotlib")
    figure = plot_areas(shown_areas(), record=partner_record(), by="harm")
    lines = next(text.get_text() for text in figure.texts if "about" in text.get_text())
    assert re.search(r"about \d+\sincidents,\sharm\s[\d,]+\sto\s[\d,]+", lines)


@pytest.mark.browser
def test_a_band_of_harm_is_a_band_wherever_it_is_shown(open_page, page, tmp_path):
    theme = data_of(page)["themes"][1]
    item = theme["top"][0]["item"]
    low, high, middle = (theme["cells"][name][item] for name in ("low", "high", "harm"))
    band, wrong = f"{low:,} to {high:,}", re.compile(rf"\b{middle:,}\b")
    path = page.save(tmp_path / "map.html")
    with open_page(path, fragment="#theme=1&shade=harm") as witness:
        tab = witness.page
        assert band in tab.inner_text("#theme-1 tr.place")
        tab.click("#go-1-0")
        witness.until_still()
        assert tab.inner_text("#details-harm") == band
        assert tab.inner_text("#details-count").startswith("about ")
        assert tab.inner_text("#details .bars li:last-child b") == tab.inner_text("#details-count")
        where = tab.locator("#map").bounding_box()
        tab.mouse.move(where["x"] + where["width"] / 2 - 60, where["y"] + where["height"] / 2)
        tab.click("summary:has-text('Print or save')")
        with tab.expect_download() as download:
            tab.click("#save")
        saved = Path(download.value.path()).read_text(encoding="utf-8-sig")
        assert band in saved
        for text in (saved, tab.inner_text("body"), tab.inner_text("#legend-shades")):
            assert not wrong.search(text)
        assert "in bands" in tab.inner_text("#legend-title")
        witness.assert_quiet()
