"""Decisions in a real browser: typed, saved, reopened, printed whole, read back as typed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from map_samples import sample_areas, sample_record

import hotspots as hs
from hotspots.core.decisions import Decision
from hotspots.io.typed_tables import read_decisions, write_decisions

HOSTILE = [
    '=HYPERLINK("http://x")', " ＝1+1", "'=already", "</script><img src=x onerror=alert(1)>",
    'a "quoted", one; two', "two\nlines", "{{7*7}}\u2028 b", "@cmd", "-1+1", "Ünïcödé 🙂",
]  # fmt: skip


def decided(*texts, area="", theme="asb"):
    return [Decision(theme, area, "Boar Lane", note=text) for text in texts]


def page_for(audience, decisions=(), share=False):
    areas = sample_areas("asb").drop(columns="published")
    record = sample_record(audience=audience, marking="OFFICIAL")
    record.sources.clear()
    return hs.map_areas(hs.release(areas, decisions=decisions, share=share, record=record))


def first_area():
    return str(sample_areas("asb").sort_values("rank").index[0])


def test_what_is_written_is_read_back_text_for_text(tmp_path):
    rows = decided(*HOSTILE, area="a1")
    assert read_decisions(write_decisions(rows, tmp_path / "decisions.csv")) == tuple(rows)


@pytest.mark.parametrize("text", HOSTILE[:2] + HOSTILE[7:9])
def test_no_spreadsheet_runs_what_is_written(tmp_path, text):
    path = write_decisions(decided(text, area="a"), tmp_path / "decisions.csv")
    assert f"\"'{text}".replace('"http://x"', '""http://x""') in path.read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("audience", "share", "kept"),
    [("internal", False, True), ("partner", True, True), ("partner", False, False),
     ("public", False, False), ("public", True, False)],
)  # fmt: skip
def test_what_was_typed_stays_with_those_who_may_have_it(audience, share, kept):
    rows = decided("Kestrel and heron", area=first_area())
    record = hs.RunRecord("T", "MARKED", audience)
    released = hs.release(decisions=rows, share=share, record=record)
    html = hs.map_areas(released).to_html()
    assert ("Kestrel and heron" in html) is kept
    assert ('id="save-page"' in html) is kept


@pytest.mark.browser
def test_typed_saved_reopened_printed_and_read_back(open_page, tmp_path):
    page_file = page_for("internal").save(tmp_path / "map.html")
    where = first_area()
    words = "High-visibility patrols Fri and Sat 22:00-02:00,\nlicensing visit, CCTV review"
    with open_page(page_file) as witness:
        page = witness.page
        page.click("#go-0-0")
        page.click("#decide-add")
        assert page.locator("#decide-list li").count() == 0 and page.is_hidden("#decide-add")
        page.select_option("#decide-action", "licensing")
        page.fill("#decide-owner", "City Centre NPT and LASBT")
        page.fill("#decide-due", "2026-03-14")
        page.fill("#decide-note", words)
        for text in HOSTILE:
            page.click("#decide-add")
            page.fill("#decide-note", text)
        page.fill("#decide-owner", "Ask Mr Smith, 0113 496 0000")
        assert "a phone number and the name of a person" in page.inner_text("#decide-warning")
        page.click("#decide-close")
        assert page.is_visible("#unsaved")
        with page.expect_download() as download:
            page.click("#save-page")
        saved = tmp_path / download.value.suggested_filename
        download.value.save_as(saved)
        with page.expect_download() as download:
            page.click("#save-decisions")
        table = tmp_path / "decisions.csv"
        download.value.save_as(table)
        assert not page.is_visible("#unsaved")
        witness.assert_quiet()
    rows = read_decisions(table)
    assert rows[0].row[:6] == ["asb", where, rows[0].place, "City Centre NPT and LASBT",
                               "licensing", "2026-03-14"]  # fmt: skip
    assert [one.note for one in rows] == [words, *HOSTILE]
    with open_page(saved) as witness:
        kept = witness.page.evaluate("document.getElementById('decisions').textContent")
        assert json.loads(kept) == [one.row for one in rows]
        assert "14 March 2026" in witness.page.inner_text("#todo-0-0")
        witness.page.click("#go-0-0")
        assert witness.page.locator("#decide-list li").count() == 1 + len(HOSTILE)
        with witness.page.expect_download() as download:
            witness.page.click("#save-page")
        twice = tmp_path / "twice.html"
        download.value.save_as(twice)
        witness.page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        witness.assert_quiet()
    assert twice.read_bytes() == saved.read_bytes()
    printed = " ".join(text_of(tmp_path / "page.pdf").split())
    for word in f"City Centre NPT and LASBT {words} 14 March 2026".split():
        assert word in printed


def text_of(pdf: Path) -> str:
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext, of poppler-utils, is not on this machine")
    return subprocess.run(
        ["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
