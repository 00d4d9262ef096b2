"""What the page says of change, of movement and of what is withheld, in words."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from change_samples import THEME, moved_by_one, page_of, planted, ranked, steady_months
from change_samples import partner as partner_of_the_change
from map_samples import (
    data_of,
    drawn,
    partner_record,
    sample_areas,
    sample_clusters,
    sample_periods,
    sample_record,
    sample_wards,
    shown_areas,
)

from hotspots.core.caveats import Caveat
from hotspots.report.about import FileFacts
from hotspots.report.text.decision_words import caveat_words

# change


def test_only_what_is_beyond_chance_is_a_finding():
    (now, then), _ = planted()
    text = page_of(now, previous=then, area_periods=steady_months(now)).to_html()
    finding = re.findall(r'class="changed">\s*<h2[^>]*><bdi>(.*?)</bdi>', text)[0]
    assert "differ by more than chance" in finding
    assert "4 then and 60 now" in finding
    assert "55 then and 3 now" in finding
    quiet = page_of(
        sample_areas(THEME), area_periods=steady_months(now), previous=moved_by_one()
    ).to_html()
    finding = re.findall(r'class="changed">\s*<h2[^>]*><bdi>(.*?)</bdi>', quiet)[0]
    assert "Nothing on this map is a change beyond chance" in finding
    assert '<td class="verdict">more, beyond' not in quiet
    assert "is no finding" in quiet


def test_periods_that_overlap_say_so():
    now = sample_areas(THEME).assign(
        period_from=pd.Timestamp("2018-06-15", tz="Europe/London"),
        period_until=pd.Timestamp("2018-07-15", tz="Europe/London"),
    )
    then = now.assign(
        period_from=pd.Timestamp("2018-06-01", tz="Europe/London"),
        period_until=pd.Timestamp("2018-07-01", tz="Europe/London"),
    )
    assert "The two periods overlap" in page_of(now, previous=then).to_html()
    assert "The two periods overlap" not in page_of().to_html()


def test_pages_of_rounded_numbers_say_so_and_not_who_was_on_the_list():
    now = ranked(sample_areas(THEME).assign(incident_count=13))
    then = ranked(sample_areas(THEME, "2017-07").assign(incident_count=12))
    record = partner_of_the_change()
    text = page_of(now, record=record, area_periods=None, previous=then).to_html()
    assert "Counts are rounded to 5" in text
    months = page_of(record=partner_of_the_change()).to_html()
    assert "Who was on the list then is not known here." in months
    assert "Entered the first" not in months


# movement


def test_movement_since_the_last_meeting_is_told():
    now = sample_areas("asb")
    order = now["rank"].rank(method="first")
    now, then = now.assign(rank=order), now.assign(rank=order)
    first, second, tenth = (order[order == n].index[0] for n in (1, 2, 10))
    then.loc[[first, second, tenth], "rank"] = [2, 10, 1]
    text = drawn(now, record=sample_record(), previous=then).to_html()
    assert "up from 2" in text
    assert "joined, was 10" in text
    gone = f"{then.loc[tenth, 'place_name']} (was 1, now 10)"
    assert f"since Jul 2018. Left it since then: {gone}." in text


# what is withheld


@pytest.fixture(scope="module")
def page():
    return drawn(shown_areas(), record=partner_record(), area_periods=sample_periods(THEME))


def test_what_was_withheld_is_one_sentence_with_every_number(page):
    said = re.findall(r"<li><bdi>(Counts below 5.*?)</bdi></li>", page.to_html())
    assert len(said) == 1
    withheld = sum(count is None for count in data_of(page)["themes"][1]["cells"]["count"])
    assert f"{withheld:,} of {len(sample_areas()):,} hexagons" in said[0]


def test_a_theme_with_a_comma_in_its_name_is_one_theme_in_files_too():
    record, counts = partner_record(), {"held": 2, "areas": 3, "harm": 1, "fewest": 5}
    caveat = Caveat("withheld", {"what": ("drink, drugs",), "kinds": ("h3-9",)} | counts)
    assert Caveat("withheld", json.loads(json.dumps(caveat.values))) == caveat
    once = {"rule": "withheld", "values": {"what": "asb", "kinds": "h3-9, lsoa"} | counts}
    facts = FileFacts({"product": [("schema", "2")]}, {"caveat": [("1", once)]})
    assert facts.caveats[0].values["kinds"] == ("h3-9", "lsoa")
    record.warn_reader(caveat)
    assert caveat_words(record, [])[-1].endswith("2 of 3 hexagons (drink, drugs).")


def test_clusters_and_wards_count_in_the_same_sentence():
    record = partner_record()
    wards = sample_wards().assign(incident_count=7.0, theme=THEME, harm=np.nan)
    page = drawn(shown_areas(), clusters=sample_clusters(THEME), zones=[wards], record=record)
    assert page.to_html().count("Counts below 5, none included, are not shown") == 1
