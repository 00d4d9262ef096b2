"""Ties look alike everywhere: "3=" in list, pins, details, print and CSV, "3=a" in a figure."""

import re
from collections import Counter
from pathlib import Path
from string import ascii_lowercase

import pandas as pd
import pytest
from map_samples import (
    data_of,
    drawn,
    partner_record,
    sample_areas,
    sample_clusters,
    sample_district,
    sample_record,
)

from hotspots.report.map import plot_areas

COUNTS = {
    "apart": [50, 40, 30, 20, 10],
    "level in the middle": [50, 40, 30, 30, 30, 10],
    "level at the cut": [50, 40, 30, 20, 10, 10, 10],
    "two leaders": [50, 50, 30, 20, 10],
    "all level": [7] * 9,
    "far too many level": [50, 40, *[7] * 20],
    "nothing but ties": [7] * 20,
    "one place": [1],
}


def tied(counts):
    """Ranked areas of which the first have these counts, all others none."""
    areas = sample_areas("asb")
    found = pd.Series(0, index=areas.index)
    found.iloc[100 : 100 + len(counts)] = counts
    rank = found.where(found > 0).rank(method="min", ascending=False)
    areas = areas.assign(
        incident_count=found, rank=rank, rank_low=rank, rank_high=rank + 40, harm=float("nan")
    )
    names = [f"Street {number}" for number in range(len(areas))]
    return areas.assign(place_name=names)


LISTED = {"level at the cut": 7, "all level": 9, "far too many level": 2}


def league(counts):
    """The ranks of a league table, the slow and obvious way."""
    shared = Counter(counts)
    return [
        f"{1 + sum(other > count for other in counts)}{'=' if shared[count] > 1 else ''}"
        for count in counts
    ]


@pytest.mark.parametrize("case", COUNTS)
def test_list_pins_and_figure_show_the_ranks_of_a_league_table(case):
    areas, wanted = tied(COUNTS[case]), league(COUNTS[case])[: LISTED.get(case, 5)]
    page = drawn(areas, record=sample_record(audience="internal"))
    text = page.to_html()
    assert re.findall(r'<td class="pin"><span>(.*?)</span>', text) == wanted
    assert [place["rank"] for place in data_of(page)["themes"][0]["top"]] == wanted
    pytest.importorskip("matplotlib")
    figure = plot_areas(areas, record=sample_record())
    pins = [mark.get_text() for mark in figure.axes[0].texts][: len(wanted)]
    lines = next(text.get_text() for text in figure.texts if "Street" in text.get_text())
    assert re.findall(r"^(\d\S*)  Street", lines, flags=re.MULTILINE) == pins
    assert [pin.rstrip(ascii_lowercase) for pin in pins] == wanted
    assert len(set(pins)) == len(pins), "every pin is told from the others"


@pytest.mark.parametrize("seed", range(3))
def test_ties_stand_in_the_same_order_whatever_the_order_of_the_table(seed):
    areas = tied(COUNTS["all level"])
    listed = re.compile(r'class="go"[^>]*><bdi>(.*?)</bdi>')
    once = listed.findall(drawn(areas, record=sample_record()).to_html())
    shuffled = areas.sample(frac=1, random_state=seed)
    assert listed.findall(drawn(shuffled, record=sample_record()).to_html()) == once


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ("far too many level", "20 more places stand level at 3= and are not listed."),
        ("nothing but ties", "15 more places stand level at 1= and are not listed."),
        ("level at the cut", None),
        ("all level", None),
        ("level in the middle", None),
        ("apart", None),
    ],
)
def test_a_list_that_ends_within_a_tie_says_so(counts, said):
    text = drawn(tied(COUNTS[counts]), record=sample_record()).to_html()
    level = [words for words in re.findall(r'class="level">(.*?)</p>', text) if "level" in words]
    assert level == ([said] if said else [])


@pytest.mark.parametrize(("counts", "named"), [("apart", True), ("two leaders", False)])
def test_of_several_that_are_level_none_is_said_to_come_first(counts, named):
    page = drawn(tied(COUNTS[counts]).assign(ranked_by="count"), record=partner_record())
    assert ("Street" in page.view["themes"][0]["sentence"]) == named


def test_movement_speaks_of_ties_as_the_list_does():
    now = tied([50, 40, 30, 30, 10])
    then = tied([50, 50, 30, 30, 30])
    text = drawn(now, record=sample_record(), previous=then).to_html()
    assert re.findall(r'class="moved">(.*?)</span>', text) == [
        "still 1", "down from 1=", "still 3=", "still 3=", "down from 3=",
    ]  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("case", ["level in the middle", "all level"])
def test_details_pins_and_saved_table_show_ties_as_the_list_does(open_page, tmp_path, case):
    areas, wanted = tied(COUNTS[case]), league(COUNTS[case])[: LISTED.get(case, 5)]
    page = drawn(
        areas, clusters=sample_clusters(), zones=[sample_district()], record=sample_record()
    )
    path = page.save(tmp_path / "map.html")
    with open_page(path) as witness:
        tab = witness.page
        assert tab.evaluate("hotspots.scene().pins.map(pin => pin.label)") == wanted
        for number, rank in enumerate(wanted):
            tab.click(f"#go-0-{number}")
            assert tab.inner_text("#details-rank").lower() == f"rank {rank}"
            fact = tab.inner_text("#details-facts div:has(dt:text-is('Rank')) dd")
            assert fact.split(" (")[0] == rank
            assert tab.inner_text("#live").startswith(f"Rank {rank}: ")
        tab.click("summary:has-text('Print or save')")
        with tab.expect_download() as download:
            tab.click("#save")
        rows = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()[1:]
        assert [row.split('","')[3] for row in rows] == wanted
        witness.assert_quiet()
