"""The page in a real browser with the network cut: every control, keyboard only, paper, phone."""

from pathlib import Path

import pandas as pd
import pytest
from map_samples import (
    drawn,
    sample_areas,
    sample_clusters,
    sample_district,
    sample_overlaps,
    sample_periods,
    sample_pspo,
    sample_record,
    sample_wards,
)
from tables import zone

from hotspots.core.errors import InputError
from hotspots.report.map import OnlineTiles

pytestmark = pytest.mark.browser
THEMES = ("asb", "serious_violence")


def leeds(**options):
    settings = {
        "clusters": [sample_clusters(theme) for theme in THEMES],
        "zones": [sample_district(), sample_wards(), sample_pspo()],
        "record": sample_record(audience="internal"),
        "overlaps": sample_overlaps(),
        "area_periods": [sample_periods(theme) for theme in THEMES],
        "priority_wards": ("Armley", "Gipton & Harehills"),
    } | options
    return drawn([sample_areas(theme) for theme in THEMES], **settings)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return leeds().save(tmp_path_factory.mktemp("map") / "map.html")


PRINTED = """() => {
  const points = (size) => (parseFloat(size) * 72) / 96;
  const drawn = (text) => text.getScreenCTM().a * points(getComputedStyle(text).fontSize);
  const seen = (part) => part.checkVisibility() && part.getBoundingClientRect().width > 2;
  const written = [...document.querySelectorAll('body *')].filter(
    (part) => !(part instanceof SVGElement) && seen(part)
      && [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  const cards = [...document.querySelectorAll('.paper-card')];
  const charts = [...document.querySelectorAll('.paper-card .chart text')];
  return [cards.map((card) => (card.getBoundingClientRect().height * 25.4) / 96),
    [...written.map((part) => points(getComputedStyle(part).fontSize)), ...charts.map(drawn)]];
}"""
"""Heights of the printed cards in millimetres; sizes of all that is written, in points."""


FRAME = "() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))"
"""The page has been drawn once more, with what was resized before."""


def painted(page):
    """Share of the map's canvas that is not transparent."""
    return page.evaluate(
        """() => {
          const canvas = document.querySelector('canvas.picture');
          const brush = canvas.getContext('2d');
          const pixels = brush.getImageData(0, 0, canvas.width, canvas.height).data;
          let held = 0;
          for (let i = 3; i < pixels.length; i += 40) held += pixels[i] > 0;
          return held / (pixels.length / 40);
        }"""
    )


def test_every_control_works_without_a_request_or_a_complaint(open_page, saved):
    with open_page(saved) as witness:
        page = witness.page
        page.evaluate(
            "() => { window.print = () => document.body.setAttribute("
            "'data-printed', (document.body.dataset.printed || '') + 'once'); }"
        )
        assert painted(page) > 0.1
        for theme in (0, 1, 2):
            page.click(f"#tab-{theme}")
            assert page.locator(f"#theme-{theme}").is_visible()
            for place in page.locator(f"#theme-{theme} button.go").all():
                place.click()
                assert page.inner_text("#details-name") == place.inner_text()
            for shade in page.locator("input[name=shade]").all():
                if shade.is_visible():
                    shade.check()
        page.click("#tab-0")
        page.click("summary:has-text('Layers')")
        for layer in page.locator("#layer-choices input").all():
            layer.uncheck()
            layer.check()
        page.keyboard.press("Escape")
        page.fill("#find", "armley")
        page.keyboard.press("Enter")
        assert "Armley" in page.inner_text("#live")
        page.fill("#find", "Atlantis")
        page.keyboard.press("Enter")
        assert page.inner_text("#search-answer") == "Nothing of that name"
        page.click("#whole")
        page.check("input[name=view][value=month-0]")
        assert "July 2016" in page.inner_text("#legend-title")
        page.click(".leaflet-control-zoom-in")
        page.click("summary:has-text('Print or save')")
        page.click("#print-a3")
        page.keyboard.press("Escape")
        page.wait_for_selector("body[data-printed]", state="attached")
        assert page.get_attribute("body", "data-printed") == "once"
        assert page.evaluate("document.documentElement.dataset.paper") == "a3"
        page.click("summary:has-text('Print or save')")
        with page.expect_download() as download:
            page.click("#save")
        table = Path(download.value.path()).read_text(encoding="utf-8-sig")
        assert table.count("\n") == 6
        witness.assert_quiet()


def test_the_map_leads_to_the_table_and_the_table_to_the_map(open_page, saved):
    with open_page(saved) as witness:
        page = witness.page
        page.click("#go-0-1")
        witness.until_still()
        assert page.get_attribute("#go-0-1", "aria-current") == "true"
        holds = page.inner_text("#details-brief")
        assert "(city-wide): not in force in these data: its term is 1 April 2023 to" in holds
        page.click("#details-close")
        page.dblclick("#go-0-2")  # the list moves under the second click
        assert page.get_attribute("#go-0-2", "aria-current") == "true"
        page.click("#details-close")
        witness.until_still()
        where = page.evaluate(
            """() => {
              const pin = window.hotspots.scene().pins[0].shape;
              const latitude = Math.atan(Math.sinh(Math.PI * (1 - 2 * pin.midY))) * 180 / Math.PI;
              window.hotspots.map.setView([latitude, pin.midX * 360 - 180], 15, { animate: false });
              const spot = window.hotspots.map.getContainer().getBoundingClientRect();
              return [spot.left + spot.width / 2, spot.top + spot.height / 2];
            }"""
        )
        witness.until_still()
        page.mouse.move(*where)
        page.wait_for_selector("#tip", state="visible")
        page.mouse.click(*where)
        assert page.get_attribute("#go-0-0", "aria-current") == "true"
        witness.assert_quiet()


def test_a_month_changes_the_shades_and_keeps_the_classes(open_page, saved):
    with open_page(saved) as witness:
        page = witness.page
        labels = "[...document.querySelectorAll('#legend-shades li span:nth-child(2)')]"
        before = page.evaluate(f"{labels}.map(s => s.textContent)")
        held = page.inner_text("#legend-shades")
        page.check("input[name=view][value=month-0]")
        assert page.evaluate(f"{labels}.map(s => s.textContent)") == before
        assert page.inner_text("#legend-shades") != held


def test_legend_counts_add_up_to_all_cells(open_page, saved):
    with open_page(saved) as witness:
        counts = witness.page.evaluate(
            "[...document.querySelectorAll('#legend-shades .held')].map("
            "s => Number(s.firstChild.textContent.replaceAll(',', '')))"
        )
        assert sum(counts) == len(sample_areas())


def test_withheld_cells_are_a_class_of_their_own_in_every_month(open_page, tmp_path):
    record = sample_record(marking="OFFICIAL", audience="partner")
    record.sources.clear()
    areas, months = sample_areas("asb"), sample_periods("asb")
    path = drawn(areas, record=record, area_periods=months).save(tmp_path / "map.html")
    with open_page(path) as witness:
        page = witness.page
        row = "#legend-shades li:last-child span:nth-child(2)"
        assert page.inner_text(row) == "Fewer than 5, or none"
        page.check("input[name=view][value=month-0]")
        assert page.inner_text(row) == "Withheld, or none"
        held = page.evaluate(
            "(({classes, styles}) => classes.filter(k => k + 1 === styles.length).length)"
            "(hotspots.scene().cells)"
        )
        assert 0.95 * len(areas) < held < len(areas)
        witness.assert_quiet()


def test_many_layers_and_long_periods_keep_apart(open_page, tmp_path):
    months = sample_periods("asb")
    months["period"] = months["period"].replace("2016-07", "2016-04/2017-03")
    zones = [
        sample_wards().head(2).rename(index=lambda ward, k=k: f"{k}{ward}").assign(kind=f"zone {k}")
        for k in range(14)
    ]
    path = drawn(
        sample_areas("asb"), zones=zones, record=sample_record(), area_periods=months
    ).save(tmp_path / "map.html")
    with open_page(path, size=(1280, 720)) as witness:
        page = witness.page
        page.click("#whole")
        witness.until_still()
        over = page.evaluate(
            "(({scrollHeight, clientHeight}) => scrollHeight > clientHeight + 1)"
            "(document.querySelector('.legend'))"
        )
        assert (page.get_attribute(".legend", "tabindex") == "0") == over
        assert page.evaluate(
            "[...document.querySelectorAll('td.figure')].every(c => c.scrollWidth <= c.clientWidth)"
        )
        times = page.locator("#view-choices")
        assert "Apr 2016 \u2013 Mar 2017" in times.inner_text()
        assert times.evaluate("row => row.scrollWidth <= row.clientWidth")
        witness.assert_quiet()


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (1280, 720)])
def test_the_chosen_place_lies_open_beside_its_card(open_page, saved, size):
    with open_page(saved, size=size) as witness:
        page = witness.page
        page.click("#go-0-1")
        witness.until_still()
        assert page.evaluate("document.activeElement.id") == "details-title"
        card, stage = (page.locator(f).bounding_box() for f in ("#details", ".stage"))
        assert card["x"] >= stage["x"] + stage["width"]
        assert stage["width"] * stage["height"] >= 0.35 * size[0] * size[1]
        places = ("#places", "#theme-0 .as-is .finding", "#go-0-1")
        panel, said, row = (page.locator(f).bounding_box() for f in places)
        assert panel["y"] <= said["y"] and said["y"] + said["height"] <= row["y"]
        on_top = page.evaluate(
            """() => {
              const {west, east, north, south} = window.hotspots.scene().selected;
              const latitude = (y) => Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180 / Math.PI;
              const {map} = window.hotspots;
              const box = map.getContainer().getBoundingClientRect();
              return [[west, north], [east, south], [(west + east) / 2, (north + south) / 2]]
                .map(([x, y]) => map.latLngToContainerPoint([latitude(y), x * 360 - 180]))
                .map((at) => document.elementFromPoint(box.left + at.x, box.top + at.y))
                .every((found) => found && found.closest("#map") && !found.closest("a, button"));
            }"""
        )
        assert on_top
        witness.assert_quiet()


def test_no_name_is_painted_twice_or_under_a_control(open_page, tmp_path):
    first = sample_areas("asb").nsmallest(5, "rank")
    beside = first.assign(name=first["place_name"], geometry=first.centroid.translate(260, 0))
    path = leeds(backdrop=[beside[["name", "geometry"]]]).save(tmp_path / "map.html")
    with open_page(path) as witness:
        page = witness.page
        page.evaluate(
            """() => {
              const brush = CanvasRenderingContext2D.prototype;
              const {clearRect, fillText} = brush;
              brush.clearRect = function (...box) {
                if (this.canvas.classList.contains("picture")) window.painted = [];
                clearRect.call(this, ...box);
              };
              brush.fillText = function (text, x, y) {
                const at = this.canvas.getBoundingClientRect();
                const mine = this.canvas.classList.contains("picture");
                if (mine) painted.push([text, at.left + x, at.top + y]);
                fillText.call(this, text, x, y);
              };
              hotspots.map.setZoom(hotspots.map.getZoom() + 0.5, {animate: false});
            }"""
        )
        witness.until_still()
        texts = [text for text, _, _ in page.evaluate("painted")]
        named = set(first["place_name"]) & set(texts)
        assert len(named) >= 2
        assert all(texts.count(name) == 1 for name in named)
        covered = """painted.filter(([, x, y]) => {
          const found = document.elementFromPoint(x, y);
          return found && found.closest(".leaflet-control, .map-looks");
        })"""
        assert page.evaluate(covered) == []
        witness.assert_quiet()


def test_on_a_phone_the_card_opens_under_its_row(open_page, saved):
    with open_page(saved, size=(390, 844), has_touch=True) as witness:
        page = witness.page
        page.tap("#go-0-1")
        witness.until_still()
        row, card = (page.locator(f).bounding_box() for f in ("#go-0-1", "#details"))
        assert row["y"] < card["y"] < 200
        assert page.locator("#details canvas.locator").is_visible()
        page.click("#tab-1")
        name = page.locator("#theme-1 th:has(#go-1-1)")
        wide = name.bounding_box()["width"]
        page.tap("#go-1-1")
        assert name.bounding_box()["width"] == wide
        drawn = """() => {
          const picture = document.querySelector(".locator");
          const seen = picture.getBoundingClientRect();
          return [picture.width / picture.height, (seen.width - 2) / (seen.height - 2)];
        }"""
        for size in ({"width": 844, "height": 390}, {"width": 390, "height": 844}):
            page.set_viewport_size(size)  # turned, and chosen anew
            for _ in range(2):
                own, shown = page.evaluate(drawn)
                assert shown == pytest.approx(own, rel=0.02), "a hexagon stays a hexagon"
                page.tap("#go-1-2")
        witness.assert_quiet()


def test_a_link_brings_back_theme_place_and_view(open_page, saved):
    with open_page(saved, fragment="#theme=1") as witness:
        page = witness.page
        page.click("#go-1-2")
        witness.until_still()
        link, name = page.evaluate("location.hash"), page.inner_text("#details-name")
        where = page.evaluate("hotspots.map.getCenter()")
    with open_page(saved, fragment=link) as witness:
        page = witness.page
        assert page.get_attribute("#tab-1", "aria-selected") == "true"
        assert page.inner_text("#details-name") == name
        assert page.evaluate("hotspots.map.getCenter()") == pytest.approx(where, abs=1e-3)
        witness.assert_quiet()


def test_search_prefers_what_begins_so_and_finds_places_too(open_page, saved):
    with open_page(saved) as witness:
        page = witness.page
        for typed, found in (("hare", "Harewood"), ("on or near bri", "On or near Briggate")):
            page.fill("#find", typed)
            page.keyboard.press("Enter")
            assert page.inner_text("#live").endswith(found)
        witness.assert_quiet()


def test_the_keyboard_alone_is_enough(open_page, saved):
    with open_page(saved) as witness:
        page = witness.page
        order = []
        for _ in range(60):
            page.keyboard.press("Tab")
            order.append(
                page.evaluate("document.activeElement.id || document.activeElement.tagName")
            )
        assert order[0] == "A"
        assert order[1] == "tab-0"
        assert order.index("go-0-0") < order.index("find") < order.index("map")
        assert {"whole", "INPUT", "SUMMARY"} <= set(order)
        page.focus("#tab-0")
        page.keyboard.press("ArrowRight")
        assert page.get_attribute("#tab-1", "aria-selected") == "true"
        assert page.evaluate("document.activeElement.id") == "tab-1"
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        page.focus("#go-1-2")
        page.keyboard.press("Enter")
        page.focus("summary:has-text('Layers')")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")  # one thing at a time: the menu
        assert page.locator("#details").is_visible()
        page.keyboard.press("Escape")
        assert not page.locator("#details").is_visible()
        assert page.evaluate("document.activeElement.id") == "go-1-2"
        page.focus("input[name=view]:checked")
        page.keyboard.press("ArrowLeft")
        assert "July 2017" in page.inner_text("#legend-title")
        witness.assert_quiet()


def test_a_line_at_the_edge_of_the_map_does_not_come_and_go_in_the_legend(open_page, saved):
    with open_page(saved, fragment="#map=53.8,-1.55,12") as witness:
        seen = witness.page.evaluate(
            """async () => {
              const heights = [];
              for (const [latitude, zoom] of [[53.664, 11], [53.728, 12], [53.864, 12]]) {
                hotspots.map.setView([latitude, -1.55], zoom, { animate: false });
                const seen = new Set();
                for (let k = 0; k < 8; k++) {
                  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
                  if (k > 1) seen.add(hotspots.map.getContainer().clientHeight);
                }
                heights.push([...seen]);
              }
              return heights;
            }"""
        )
        assert [len(heights) for heights in seen] == [1, 1, 1]


def test_the_map_stays_where_somebody_looked_and_goes_where_they_asked_last(open_page, saved):
    with open_page(saved) as witness:
        page = witness.page
        looks = (
            "[hotspots.map.getCenter().lat, hotspots.map.getCenter().lng, hotspots.map.getZoom()]"
        )
        opened = page.evaluate(looks)
        page.evaluate(
            """() => new Promise((still) => {
              hotspots.map.once("moveend", still);
              document.querySelector(".leaflet-control-zoom-in").click();
            })"""
        )
        nearer = page.evaluate(looks)
        page.set_viewport_size({"width": 1300, "height": 800})
        page.evaluate(FRAME)
        assert page.evaluate(looks) == pytest.approx(nearer, abs=1e-4)
        assert nearer[2] > opened[2]
        page.evaluate(
            """async () => {
              const zooms = new Promise((begun) => hotspots.map.once("zoomanim moveend", begun));
              document.querySelector(".leaflet-control-zoom-in").click();
              await zooms;
              document.querySelector(".leaflet-control-zoom-in").click();
            }"""
        )
        witness.until_still()
        assert page.evaluate(looks)[2] == nearer[2] + 2 * (nearer[2] - opened[2])
        page.set_viewport_size({"width": 1400, "height": 900})
        page.evaluate(FRAME)
        page.evaluate(
            """async () => {
              const zooms = new Promise((begun) => hotspots.map.once("zoomanim moveend", begun));
              document.getElementById("whole").click();
              await zooms;
              document.getElementById("close-up").click();
            }"""
        )
        witness.until_still()
        assert page.evaluate(looks) == pytest.approx(opened, abs=1e-4)


def test_beside_a_live_map_the_page_itself_does_not_scroll(open_page, saved):
    with open_page(saved, size=(1366, 620)) as witness:
        assert witness.page.evaluate("document.documentElement.scrollHeight <= innerHeight")


@pytest.mark.parametrize("size", [(320, 640), (700, 450), (1280, 720)])
def test_nothing_is_cut_off_at_any_width(open_page, saved, size):
    with open_page(saved, size=size) as witness:
        page = witness.page
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.click("#tab-1")
        page.click("#go-1-0")
        assert page.locator("#details").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        witness.assert_quiet()


def test_many_months_have_a_slider(open_page, tmp_path):
    whole = sample_periods("asb")
    months = [whole.assign(period=f"{year}-{m:02d}") for year in (2017, 2018) for m in range(2, 8)]
    path = drawn(
        sample_areas("asb"),
        record=sample_record(),
        area_periods=pd.concat([month[month.index % 3 == 2] for month in months]),
    ).save(tmp_path / "map.html")
    with open_page(path) as witness:
        page = witness.page
        page.focus("#month")
        page.keyboard.press("ArrowLeft")
        assert "June 2018" in page.get_attribute("#month", "aria-valuetext")
        assert "June 2018" in page.inner_text("#legend-title")
        witness.assert_quiet()


def test_paper_is_a_first_sheet_then_cards_two_a_sheet_then_notes(open_page, saved):
    for paper, width in (("a4", b"841."), ("a3", b"1191.")):
        with open_page(saved, fragment=f"#theme=1&paper={paper}") as witness:
            witness.until_on_paper()
            sheet = witness.page.pdf(prefer_css_page_size=True)
            assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") == 1 + 3 + 1
            assert sheet.count(b"/MediaBox [0 0 " + width) == 5


def test_a_card_with_much_to_say_is_whole_on_paper_and_never_under_eight_points(
    open_page, tmp_path
):
    around = sample_district().geometry.iloc[0]
    kinds = [f"order_of_kind_{number}" for number in range(9)]
    orders = zone(kinds[0], (0, 0, 1, 1)).assign(geometry=[around])
    rows = pd.concat([orders.assign(kind=kind, zone_name=f"{kind} " * 9) for kind in kinds])
    saved = leeds(
        zones=[sample_district(), rows.set_axis(kinds)], overlaps=None,
    ).save(tmp_path / "map.html")  # fmt: skip
    with open_page(saved) as witness:
        witness.until_on_paper()
        witness.page.emulate_media(media="print")
        heights, sizes = witness.page.evaluate(PRINTED)
        assert max(heights) < 184 and min(sizes) >= 8


def test_a_theme_that_is_turned_to_shows_its_places_and_lines_stand_by_what_they_are(
    open_page, saved
):
    with open_page(saved) as witness:
        page = witness.page
        headings = page.locator("#legend-lines > li > b").all_inner_texts()
        assert len(headings) == len(set(headings)) and "Boundaries" in headings
        page.evaluate("hotspots.map.setView([53.95, -1.3], 16, { animate: false })")
        page.click("#tab-1")
        witness.until_still()
        shown = """() => { const box = hotspots.map.getBounds();
          return hotspots.scene().pins.map(({ shape: { midX, midY } }) => box.contains([
            Math.atan(Math.sinh(Math.PI * (1 - 2 * midY))) * 180 / Math.PI, midX * 360 - 180]));
        }"""
        places = page.evaluate(shown)
        assert all(places) and len(places) >= 5


def test_the_legend_on_paper_is_that_of_the_sheet_wherever_the_screen_looks(open_page, saved):
    with open_page(saved) as witness:
        witness.until_on_paper()
        sheet = "document.getElementById('print-legend-lines').textContent"
        printed = witness.page.evaluate(sheet)
        assert "Priority ward" in witness.page.inner_text("#legend-lines")
        assert "Priority ward" not in printed and "Wards" in printed
        witness.page.click("#whole")
        witness.until_on_paper()
        assert witness.page.evaluate(sheet) == printed
        # Whoever prints at once after a change gets what is chosen now.
        now = witness.page.evaluate(
            """() => {
              document.getElementById("tab-1").click();
              const sheet = document.body.dataset;
              return [sheet.sheet, dispatchEvent(new Event("beforeprint")), sheet.sheet];
            }"""
        )
        assert now == ["waiting", True, "drawn"]


def test_the_picture_for_paper_shows_the_whole_area(open_page, saved):
    with open_page(saved) as witness:
        page = witness.page
        page.click("#go-0-0")
        witness.until_on_paper()
        colours = page.evaluate(
            """() => {
              const canvas = document.getElementById('paper-whole');
              const found = new Set();
              const brush = canvas.getContext('2d');
              const seen = brush.getImageData(0, 0, canvas.width, canvas.height).data;
              for (let i = 0; i < seen.length; i += 4) found.add(seen.slice(i, i + 3).join());
              return [...found];
            }"""
        )
        for shade in ("71,18,70", "251,240,219", "255,255,255", "232,236,238"):
            assert shade in colours


def test_reduced_motion_is_respected(open_page, saved):
    with open_page(saved, reduced_motion="reduce") as witness:
        assert witness.page.evaluate("window.hotspots.map.options.zoomAnimation") is False


def test_in_forced_colours_one_tab_is_chosen_and_what_is_drawn_dark_lies_on_white(open_page, saved):
    with open_page(saved, forced_colors="active", color_scheme="dark") as witness:
        first, *others, ground, line = witness.page.evaluate(
            """() => {
              const colour = (part, which) => getComputedStyle(part)[which];
              const tabs = [...document.querySelectorAll(".tab")];
              return [...tabs.map((tab) => colour(tab, "borderBottomColor")),
                colour(document.body, "backgroundColor"),
                colour(document.querySelector("#legend-lines .line"), "backgroundColor")];
            }"""
        )
        assert first not in others and set(others) == {ground}
        assert line == "rgb(255, 255, 255)"


def test_without_scripts_the_tables_are_still_there(open_page, saved):
    with open_page(saved, until=".places", java_script_enabled=False) as witness:
        text = witness.page.inner_text("body")
        assert "Vehicle nuisance\nNot published: this is not zero." in text.replace("\n\n", "\n")
        assert text.count("On or near") >= 10


@pytest.mark.parametrize(("size", "theme"), [((1400, 900), 0), ((1280, 720), 2), ((390, 844), 1)])
def test_axe_finds_nothing(open_page, axe, saved, size, theme):
    with open_page(saved, size=size, bypass_csp=True) as witness:
        page = witness.page
        page.evaluate(axe)
        page.click(f"#tab-{theme}")
        if theme != 2:
            page.click(f"#go-{theme}-0")
        page.click("summary:has-text('Layers')")
        found = page.evaluate("axe.run().then(result => result.violations)")
        assert [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in found] == []
        unnamed = "document.querySelectorAll('table:not([aria-label], :has(caption))').length"
        assert page.evaluate(unnamed) == 0, "a table says what it is of before it is read"


def test_online_tiles_that_cannot_be_had_leave_a_notice_and_a_whole_page(open_page, tmp_path):
    tiles = OnlineTiles("https://tiles.invalid/{z}/{x}/{y}.png", "Tiles by nobody")
    page = leeds(online_tiles=tiles).save(tmp_path / "map.html")
    with open_page(page) as witness:
        witness.page.wait_for_selector("#tiles-failed", state="visible")
        assert "tiles.invalid could not be reached" in witness.page.inner_text("#tiles-failed")
        assert all(url.startswith("https://tiles.invalid/") for url in witness.requests)
        assert painted(witness.page) > 0.03


def test_a_pdf_and_a_picture_come_from_an_installed_browser(tmp_path):
    page = leeds()
    change = page.to_pdf(tmp_path / "change.pdf", paper="a3", view="change").read_bytes()
    assert change.startswith(b"%PDF") and len(change) > 10_000
    with pytest.raises(InputError, match="view"):
        page.to_pdf(tmp_path / "other.pdf", view="tomorrow")
    page.notebook_mode = "thumbnail"
    assert 'src="data:image/png;base64,iVBOR' in page._repr_html_()
