"""Before and after: what the map of the change says is what the counts say, and never more."""

import re

import numpy as np
import pandas as pd
import pytest
from change_samples import (
    THEME,
    moved_by_one,
    page_of,
    partner,
    planted,
    ranked,
    steady_months,
    theme_of,
)
from map_samples import (
    data_of,
    sample_areas,
    sample_district,
    sample_periods,
    sample_wards,
)

import hotspots as hs
from hotspots.analysis.bursts import NOTHING_KNOWN
from hotspots.analysis.change_map import CHANGES, FALLEN, RISEN, SAME, UNKNOWN, compare_areas
from hotspots.analysis.when.cards_of_places import PlaceCards
from hotspots.core.periods import Period
from hotspots.core.record import ThemeStatus
from hotspots.report.map import map_areas
from hotspots.report.map.earlier import find_before, find_moves
from hotspots.report.map.theme_tables import ThemeTables, top_places
from hotspots.report.symbology import CHANGES as CHANGES_DRAWN
from hotspots.report.text.area_changes import DRAWN, NOTHING_BEFORE, left_places, movement

BEYOND = {DRAWN.index(RISEN), DRAWN.index(FALLEN)}


# What is compared ------------------------------------------------------------------------------


def test_the_latest_earlier_period_of_the_same_length_stands_beside():
    before = theme_of(page_of())["before"]
    assert before["label"] == "July 2017"
    assert data_of(page_of())["months"][before["month"]] == "July 2017"
    assert before["count"] is None


def test_last_meetings_table_goes_before_a_period():
    (now, then), _ = planted()
    before = theme_of(page_of(now, previous=then))["before"]
    assert before["month"] is None
    assert sum(count or 0 for count in before["count"]) == then["incident_count"].sum()


def test_a_period_of_another_length_is_never_set_beside():
    months = sample_periods(THEME)
    months["period"] = months["period"].replace(
        {"2016-07": "April 2016 to March 2017", "2017-07": "2017"}
    )
    assert theme_of(page_of(area_periods=months))["before"] is None
    long_ago = sample_areas(THEME).assign(period_from=pd.Timestamp("2017-06-01", tz="UTC"))
    long_ago["period_until"] = pd.Timestamp("2018-06-01", tz="UTC")
    page = page_of(previous=long_ago)
    assert theme_of(page)["before"] is None
    assert re.search(r"\b365 days\b[^<]*\b31\b", page.to_html())


def test_other_areas_and_the_same_period_are_never_set_beside():
    other = sample_areas(THEME, "2017-07").assign(kind="h3-8")
    page = page_of(previous=other)
    assert theme_of(page)["before"] is None
    assert "in other areas" in page.to_html()
    assert theme_of(page_of(previous=sample_areas(THEME)))["before"] is None


def test_months_that_make_up_the_year_before_are_added():
    areas = sample_areas("asb").assign(
        period_from=pd.Timestamp("2025-04-01", tz="Europe/London"),
        period_until=pd.Timestamp("2026-04-01", tz="Europe/London"),
    )
    months = pd.period_range("2024-04", "2026-03", freq="M").astype(str)
    rows = [
        pd.DataFrame({"theme": "asb", "area_id": areas.index[:50], "period": month,
                      "incident_count": number})
        for number, month in enumerate(months)
    ]  # fmt: skip
    theme = ThemeTables(ThemeStatus("asb", "ASB", "measured"), whole=areas)
    theme.periods = pd.concat(rows)
    before, _ = find_before(theme, 5)
    assert before.label == Period.parse("2024-04/2025-03").label
    assert before.table["incident_count"].iloc[0] == sum(range(12))
    assert before.table["incident_count"].iloc[50] == 0
    theme.periods = pd.concat(rows[1:])
    assert find_before(theme, 5) == (None, "")


def test_listed_places_are_held_against_the_months_of_their_cards_and_no_others():
    (now, then), (rising, falling) = planted()
    theme = ThemeTables(ThemeStatus(THEME, "Violence", "measured"), whole=now)
    theme.previous = [then]
    changes = find_before(theme, 5)[0].changes
    assert not changes["change"].isin([RISEN, FALLEN]).any()
    steady = np.full((5, 24), 10.0)
    swinging = np.where(np.arange(24) % 2, 60.0, steady)
    for months, called in ((steady, True), (np.vstack([swinging[:1], steady[1:]]), False)):
        theme.cards = months_only(pd.Index([rising, *now.index[:4]]), months)
        judged = find_before(theme, 5)[0].changes
        assert (judged.at[rising, "change"] == RISEN) is called
        assert judged.at[falling, "change"] != FALLEN
        assert judged["held_against"].ne(NOTHING_KNOWN).sum() == 5
        pd.testing.assert_frame_equal(
            judged.drop(theme.cards.area_ids), changes.drop(theme.cards.area_ids)
        )


def months_only(area_ids, counts):
    """Cards that know months and nothing else."""
    names = tuple(pd.period_range("2016-08", "2018-07", freq="M").astype(str))
    none = np.zeros(len(area_ids), dtype=np.int64)
    week = np.zeros((len(area_ids), 7, 24))
    return PlaceCards(
        area_ids, names, counts, counts, counts, 1, week, none, none, ((),) * len(none)
    )


def test_weeks_are_set_beside_weeks():
    span = {
        "period_from": pd.Timestamp("2018-07-02", tz="Europe/London"),
        "period_until": pd.Timestamp("2018-07-09", tz="Europe/London"),
    }
    months = sample_periods(THEME)
    months["period"] = months["period"].replace(
        {"2016-07": "2018-06-25/2018-07-02", "2017-07": "2018-06-11/2018-06-25"}
    )
    page = page_of(sample_areas(THEME).assign(**span), area_periods=months)
    assert theme_of(page)["before"]["label"] == Period.parse("2018-06-25/2018-07-02").label


@pytest.mark.parametrize("zone", ["Europe/London", "America/Toronto", "Australia/Sydney"])
def test_the_year_before_stands_once_above_the_numbers_and_is_said_beside_each(zone):
    ends = {"period_from": "2017-08-01", "period_until": "2018-08-01"}
    year = {name: pd.Timestamp(day, tz=zone) for name, day in ends.items()}
    months = sample_periods(THEME)
    months["period"] = months["period"].replace({"2017-07": "2016-08/2017-07"})
    months = months[months["period"] == "2016-08/2017-07"]
    text = page_of(sample_areas(THEME).assign(**year), area_periods=months).to_html()
    (head,) = re.findall(r'<th[^>]*>Incidents <span class="span">(.*?)</span>', text)
    rows = re.findall(r'class="earlier">([\d,]+) <span class="unseen">(.*?)</span>', text)
    assert head == "the year before" and {when for _, when in rows} == {head}
    assert len(rows) == text.count('class="earlier"') > 3
    assert "on the year before" in text


def test_months_of_the_period_itself_are_no_earlier_time():
    span = {
        "period_from": pd.Timestamp("2018-06-01", tz="Europe/London"),
        "period_until": pd.Timestamp("2018-08-01", tz="Europe/London"),
    }
    months = sample_periods(THEME)
    months["period"] = months["period"].replace({"2016-07": "2018-06", "2017-07": "2018-05"})
    text = page_of(sample_areas(THEME).assign(**span), area_periods=months).to_html()
    assert "Compared with" not in text
    assert 'class="earlier"' not in text


def test_without_an_earlier_time_there_is_nothing_to_choose():
    page = page_of(area_periods=None)
    assert theme_of(page)["before"] is None
    assert '<div class="changed">' not in page.to_html()


# What is said ----------------------------------------------------------------------------------


def test_every_cell_has_the_class_that_its_counts_have():
    (now, then), (rising, falling) = planted()
    months = steady_months(now)
    theme = theme_of(page_of(now, previous=then, area_periods=months))
    expected = compare_areas(now, then, area_periods=months)["change"]
    size = dict.fromkeys(DRAWN, 0) | expected.value_counts().to_dict()
    for code, change in enumerate(DRAWN):
        assert theme["before"]["change"].count(code) == size[change]
    assert expected[rising] == RISEN
    assert expected[falling] == FALLEN


def test_entered_stayed_and_left_are_those_of_the_two_lists():
    (now, then), _ = planted()
    theme = ThemeTables(ThemeStatus(THEME, "x", "measured"), whole=now, previous=[then])
    before, _ = find_before(theme, 5)
    first_now = {area for area in now.index if now.loc[area, "rank"] <= 5}
    first_then = {area for area in then.index if then.loc[area, "rank"] <= 5}
    assert set(before.entered) == first_now - first_then
    assert set(before.stayed) == first_now & first_then
    assert set(before.left) == first_then - first_now


@pytest.mark.parametrize("source", ["last meeting", "earlier period", "nothing"])
def test_the_list_tells_the_new_and_the_gone_as_the_two_lists_do(source):
    (now, then), _ = planted()
    theme = ThemeTables(ThemeStatus(THEME, "x", "measured"), whole=now, cells=now)
    theme.previous = [then] if source == "last meeting" else []
    theme.periods = sample_periods(THEME) if source == "earlier period" else None
    theme.before, _ = find_before(theme, 5)
    theme.top = top_places(theme, 5)
    theme.moves = find_moves(theme, 5)
    new = {
        str(theme.place(place).name)
        for place in theme.top
        if movement(theme, place).startswith("joined")
    }
    gone = left_places(theme)
    if source == "nothing":
        assert (new, gone) == (set(), NOTHING_BEFORE)
        return
    assert new == set(theme.before.entered) & {str(theme.place(one).name) for one in theme.top}
    assert gone.count("(was ") == len(theme.before.left) <= 5
    assert theme.before.short in gone


def test_only_what_is_beyond_chance_is_a_finding():
    (now, then), _ = planted()
    theme = theme_of(page_of(now, previous=then, area_periods=steady_months(now)))
    counts, before = theme["cells"]["count"], theme["before"]
    items = [item for item, code in enumerate(before["change"]) if code in BEYOND]
    assert sorted((before["count"][item], counts[item]) for item in items) == [(4, 60), (55, 3)]
    two_tables = page_of(now, previous=then, area_periods=None)
    quiet = page_of(sample_areas(THEME), area_periods=None, previous=moved_by_one())
    assert not BEYOND & set(theme_of(two_tables)["before"]["change"])
    assert "not known here" in two_tables.to_html()
    assert not BEYOND & set(theme_of(quiet)["before"]["change"])
    assert '<td class="verdict">more, beyond' not in quiet.to_html()


def test_the_table_of_the_change_has_a_row_for_every_pin_and_the_same_words():
    (now, then), _ = planted()
    page = page_of(now, previous=then)
    theme, text = theme_of(page), page.to_html()
    rows = re.findall(r'<tr class="then">(.*?)</tr>', text, flags=re.DOTALL)
    pins = re.findall(r'<td class="pin"><span class="(\w+)">(.*?)</span>', "".join(rows))
    assert pins == [(pin["mark"], pin["rank"]) for pin in theme["before"]["pins"]]
    assert len(rows) == len(theme["before"]["rows"])
    classes = [name.lower() for name in theme["before"]["classes"]]
    for row, item in zip(rows, theme["before"]["rows"], strict=True):
        verdict = re.search(r'class="verdict">(.*?)<', row).group(1)
        assert verdict == classes[theme["before"]["change"][item]]


# What is withheld ------------------------------------------------------------------------------


def test_withheld_is_a_class_of_its_own_and_never_no_change():
    (now, then), _ = planted()
    theme = theme_of(page_of(now, record=partner(), area_periods=None, previous=then))
    before = theme["before"]
    withheld, same = DRAWN.index(UNKNOWN), DRAWN.index(SAME)
    assert before["rounded"]
    assert before["classes"][withheld] == "Withheld"
    for now_, then_, code in zip(
        theme["cells"]["count"], before["count"], before["change"], strict=True
    ):
        if now_ is None or then_ is None:
            assert code == withheld
        else:
            assert code != withheld
            assert (code == same) == (now_ == then_)
    assert len(before["change"]) == theme["size"]


def test_no_page_shows_of_the_last_meeting_what_its_readers_have_not():
    """An exact release of then is drawn rounded, and only where that is among what they have."""
    now, then = (table.assign(published=False) for table in planted()[0])
    exact = hs.release(then, audience="internal", marking="OFFICIAL")
    theirs, other = (
        hs.release(some, record=partner()) for some in (then, then.assign(incident_count=40))
    )
    released = hs.release(now, earlier=[theirs], record=partner())
    shown = [theme_of(map_areas(released, previous=one)) for one in (theirs, exact)]
    assert shown[0]["before"] == shown[1]["before"]
    with pytest.raises(hs.InputError, match="must be among"):
        map_areas(hs.release(now, earlier=[other], record=partner()), previous=exact)


def test_rounded_counts_are_never_called_a_change_that_rounding_could_make():
    now = ranked(sample_areas(THEME).assign(incident_count=13))
    then = ranked(sample_areas(THEME, "2017-07").assign(incident_count=12))
    theme = theme_of(page_of(now, record=partner(), area_periods=None, previous=then))
    assert set(theme["before"]["change"]) <= {
        DRAWN.index(change) for change in CHANGES if change.endswith("could_be_chance")
    }
    assert theme["before"]["rounded"]
    text = page_of(now, record=partner(), area_periods=None, previous=then).to_html()
    assert "13" not in re.findall(r'<td class="figure"><b>(\d+)</b>', text)


def test_withheld_months_do_not_tell_who_was_on_the_list():
    page = page_of(record=partner())
    theme = theme_of(page)
    assert theme["before"]["held"] == [0, 0, 0]
    assert not theme["before"]["ranked"]


# How it looks and works ------------------------------------------------------------------------


def test_more_and_fewer_are_told_apart_without_colour():
    assert len(CHANGES_DRAWN) == len(DRAWN)
    by_change = dict(zip(DRAWN, CHANGES_DRAWN, strict=True))
    for change, style in by_change.items():
        assert (style.hatch is not None) == change.startswith("fewer")
        assert (_lightness(style.fill) < 40) == ("beyond" in change)


def _lightness(colour):
    """CIE L* of a colour: what is left of it in grey."""
    linear = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in linear]
    return 116 * (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]) ** (1 / 3) - 16


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    (now, then), _ = planted()
    page = page_of(now, previous=then, zones=[sample_district(), sample_wards()])
    assert (
        page.to_html()
        == page_of(now, previous=then, zones=[sample_district(), sample_wards()]).to_html()
    )
    return page.save(tmp_path_factory.mktemp("change") / "map.html")


@pytest.mark.browser
def test_now_before_and_change_by_keyboard(open_page, saved):
    with open_page(saved, fragment="#theme=1") as witness:
        page = witness.page
        page.focus("input[name=view]:checked")
        assert page.locator("#theme-1 .as-is").is_visible()
        page.keyboard.press("ArrowLeft")
        assert "July 2017" in page.inner_text("#legend-title")
        assert "the table stays at July 2018" in page.inner_text("#view-note")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.value") == "change"
        assert page.inner_text("#legend-title").startswith("Change in incidents per hexagon")
        assert page.inner_text("#live").startswith("Change in ")
        assert page.locator("#theme-1 .changed").is_visible()
        assert not page.locator("#theme-1 .as-is").is_visible()
        counts = page.evaluate(
            "[...document.querySelectorAll('#legend-shades .held')].map("
            "s => Number(s.firstChild.textContent.replaceAll(',', '')))"
        )
        assert sum(counts) == len(sample_areas(THEME))
        pins = page.evaluate("hotspots.scene().pins.map(pin => pin.label)")
        listed = page.evaluate(
            "[...document.querySelectorAll('#theme-1 .then .pin span')].map(s => s.textContent)"
        )
        assert pins == listed
        page.click("#then-1-0")
        chosen = page.inner_text("#details-name")
        assert chosen == page.inner_text("#then-1-0")
        assert "then," in page.inner_text("#details-brief")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.id") == "then-1-0"
        page.click("#tab-0")
        assert page.evaluate("document.body.dataset.view") == "now"
        witness.assert_quiet()


@pytest.mark.browser
@pytest.mark.parametrize(("size", "paper"), [((1400, 900), "a4"), ((390, 844), "a3")])
def test_the_change_passes_axe_and_prints_on_one_sheet_and_notes(
    open_page, axe, saved, size, paper
):
    asked = f"#theme=1&view=change&paper={paper}"
    with open_page(saved, size=size, fragment=asked, bypass_csp=True) as witness:
        page = witness.page
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.evaluate(axe)
        found = page.evaluate("axe.run().then(result => result.violations)")
        assert [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in found] == []
        witness.until_on_paper()
        sheet = page.pdf(prefer_css_page_size=True)
        assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") == 2
        witness.assert_quiet()
