"""One door out: what travels decides, never a sentence, a log entry or a claim."""

import pickle
from dataclasses import replace
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusing import refused
from shapely.geometry import Polygon, box
from tables import incidents_at

import hotspots as hs
from hotspots.analysis.when.cards_of_places import place_cards
from hotspots.core.caveats import Caveat
from hotspots.core.errors import DataError
from hotspots.core.states import MOST_OFF, HarmShown, Shown
from hotspots.disclosure import Published
from hotspots.disclosure.disclose_record import disclose_record
from hotspots.disclosure.safe_cards import parts_of_cards, release_cards
from hotspots.offences.tag_themes import tag_themes
from hotspots.offences.tell_themes import hide_few
from hotspots.offences.themes import Themes
from hotspots.report.first_edition import CODES, with_codes

quick = settings(max_examples=20, deadline=None, derandomize=True)
COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=12)


def cells(counts, *, kind="h3-9", theme="asb", first="2018-07-01", last="2018-08-01", **more):
    squares = [box(400 * n, 0, 400 * n + 400, 400) for n in range(len(counts))]
    names = pd.Index([f"a{n:02d}" for n in range(len(counts))], name="area_id", dtype=object)
    table = {
        "kind": kind,
        "theme": theme,
        "period_from": pd.Timestamp(first, tz="Europe/London"),
        "period_until": pd.Timestamp(last, tz="Europe/London"),
        "incident_count": counts,
        "area_km2": 0.16,
    }
    return gpd.GeoDataFrame(table | more, geometry=squares, crs=27700, index=names)


def released(*tables, audience="partner", **more):
    marking = {"public": "PUBLISHED", "protect": "PROTECT"}.get(audience, "OFFICIAL")
    return hs.release(list(tables), audience=audience, marking=marking, **more)


def test_months_of_areas_count_among_no_areas_withheld():
    exact = cells([31, 3, 9])
    each = pd.MultiIndex.from_product([exact.index, ["2018-07"]], names=["area_id", "period"])
    months = pd.DataFrame({"theme": "asb", "incident_count": [31, 3, 9]}, index=each)
    alone, both = released(exact), released(exact, area_periods=months)
    assert both.record.caveats == alone.record.caveats
    assert [one.values["held"] for one in both.record.caveats if one.rule == "withheld"] == [1]


@given(COUNTS, st.sampled_from(["partner", "public"]))
@quick
def test_what_a_reader_may_conclude_holds_the_truth(counts, audience):
    exact = cells(counts, kind="h3-8" if audience == "public" else "h3-9")
    safe = released(exact, audience=audience).areas[0].loc[exact.index]
    low, high = safe["shown_low"].astype(float), safe["shown_high"].astype(float).fillna(np.inf)
    assert ((low <= counts) & (counts <= high)).all()
    known = safe["incident_count"].notna()
    off = (safe["incident_count"] - counts).abs()[known]
    assert (off <= safe["shown"][known].map(MOST_OFF)).all()
    assert set(safe["shown"][~known]) <= {Shown.SMALL, Shown.LINKED}


@given(COUNTS)
@quick
def test_releasing_a_release_changes_nothing(counts):
    once = released(cells(counts)).areas[0]
    pd.testing.assert_frame_equal(once, released(once).areas[0])


def test_a_fresh_record_changes_no_decision():
    """May, then May to July, then June and July beside both: the third must not tell."""
    may, all_three, rest = (
        cells([count], first=first, last=last)
        for count, first, last in (
            (0, "2018-05-01", "2018-06-01"),
            (8, "2018-05-01", "2018-08-01"),
            (8, "2018-06-01", "2018-08-01"),
        )
    )
    one = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    for record in (lambda: one, lambda: hs.RunRecord("T", marking="OFFICIAL", audience="partner")):
        first = hs.release(may, record=record())
        second = hs.release(all_three, record=record(), earlier=first)
        third = hs.release(rest, record=record(), earlier=[first, second])
        assert third.areas[0]["shown"].tolist() == [Shown.LINKED]
    assert not one.choices and not one.caveats


def test_a_sentence_in_an_earlier_product_changes_no_decision(tmp_path):
    """Whoever edits the words of a file, in QGIS say, edits no bound."""
    rng = np.random.default_rng(3)
    first, second = (cells(list(rng.integers(0, 12, 40)), last=last) for last in
                     ("2018-08-01", "2018-09-01"))  # fmt: skip
    second["incident_count"] += first["incident_count"]
    path = hs.write_geopackage(released(first), tmp_path / "a.gpkg")
    back = hs.read_geopackage(path)["cells_asb"]
    plain = released(second, earlier=back).areas[0]
    edited = back.assign(disclosure="fewer than five incidents", note="looked at it")
    pd.testing.assert_frame_equal(plain, released(second, earlier=edited).areas[0])


def test_a_code_nobody_knows_is_refused_and_not_guessed():
    back = released(cells([7, 2])).areas[0]
    with refused("argument", "'fewer than five'", of="shown"):
        released(cells([7, 2], last="2018-09-01"), earlier=back.assign(shown="fewer than five"))


def test_words_of_the_first_version_are_read_and_others_refused():
    old = pd.DataFrame({"incident_count": [10.0] * len(CODES), "disclosure": list(CODES)})
    found = with_codes(old.assign(period="January 2018 to March 2018"), "old.gpkg")
    assert set(found["shown"]) == set(Shown) - {Shown.AT_LEAST}
    assert set(found["period"]) == {"2018-01/2018-03"}
    assert set(found["harm_shown"].dropna()) == {HarmShown.BAND, HarmShown.WITHHELD}
    assert "disclosure" not in found
    with refused("unknown-words", "old.gpkg", "'disclosure'", kind=DataError):
        with_codes(old.replace({"disclosure": {list(CODES)[-1]: "fewer than five"}}), "old.gpkg")


@pytest.mark.parametrize("count", [-3, 2.5, np.inf, 1e300, "x"])
@pytest.mark.parametrize("audience", ["internal", "partner", "public"])
def test_what_is_no_count_is_refused_as_one(count, audience):
    with refused("no-counts", "'incident_count'", "1 of 2", of="areas"):
        released(cells([4, count], kind="h3-8"), audience=audience)
    released(cells([4, None], kind="h3-8"), audience=audience)


@pytest.mark.parametrize("kind", ["float64", "Int64", "Float64", "int64[pyarrow]"])
def test_whole_numbers_of_any_kind_are_counts(kind):
    areas = cells([4, 9], kind="h3-8")
    areas["incident_count"] = areas["incident_count"].astype(kind).mask([True, False])
    for audience in ("internal", "partner"):
        released(areas, audience=audience)


def test_columns_joined_after_a_release_are_checked_again(tmp_path):
    exact = cells([9, 23, 14, 2], harm=[107.1, 273.7, 166.6, 23.8], unweighted_count=0,
                  largest_event_share=0.1, largest_point_share=0.1)  # fmt: skip
    safe = released(exact).areas[0]
    joined = safe.assign(
        exact=exact["incident_count"], note="x", z=[1.0, 2.0, 3.0, 4.0], rank_low=1,
        harm=exact["harm"], place_name="Hostel", unweighted_count=3.0, count_per_km2=56.3,
    )  # fmt: skip
    again = released(joined).areas[0]
    assert not {"exact", "note"} & set(again.columns)
    assert again[["z", "rank_low"]].isna().all(axis=None)
    assert again["harm"].isna().all() and again["unweighted_count"].isna().all()
    assert again["place_name"][again["incident_count"].isna()].isna().all()
    assert (again["count_per_km2"].dropna() % 1 > 0).any()
    assert set((again["count_per_km2"] * 0.16).dropna().round(6)) <= {10.0, 15.0, 25.0}
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    text = hs.write_csv(joined, tmp_path / "a.csv", record=record).read_text("utf-8-sig")
    assert "exact" not in text and "107.1" not in text


def test_a_column_that_claims_to_be_safe_is_not_believed():
    claimed = cells([9, 23, 14, 2]).assign(disclosed_for="partner", shown="exact")
    assert released(claimed).areas[0]["incident_count"].dropna().mod(5).eq(0).all()


@pytest.mark.parametrize("audience", ["internal", "protect"])
def test_those_who_see_everything_get_the_tables_as_they_are(audience):
    exact = cells([7, 0]).assign(note="x")
    record = hs.RunRecord("T", marking="PROTECT", audience=audience)
    pd.testing.assert_frame_equal(hs.release(exact, record=record).areas[0], exact)


def test_published_records_may_be_counted_exactly():
    record = hs.RunRecord("Town", marking="OPEN DATA", audience="public")
    done = hs.release(cells([7, 0], published=True), record=record)
    assert done.areas[0]["incident_count"].tolist() == [7, 0] and not done.withholds
    assert [caveat.rule for caveat in done.record.caveats] == ["published"]
    assert not record.caveats


def test_a_caveat_that_counts_never_reaches_a_partner_whatever_its_words():
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    record.warn_reader("Thirteen incidents were dropped.", Caveat("snapped"))
    said = hs.release(cells([7, 9]), record=record).record.caveat_texts
    assert not any("Thirteen" in words for words in said) and len(record.caveats) == 2
    assert str(Caveat("snapped")) in said and str(Caveat("caveats-left-out")) in said


def test_what_is_published_travels_with_the_release():
    clusters = cells([9], kind="cluster", min_incidents=8)
    done = released(cells([7, 9]), clusters)
    assert done.published == tuple(
        Published(kind, "asb", "2018-07-01", "2018-08-01", 8.0) for kind in ("h3-9", "cluster")
    )


def test_another_geography_is_refused_beside_an_earlier_release():
    first = released(cells([9, 14], kind="square-250"))
    with refused("second-geography", "'square-250'", "'square-500'"):
        released(cells([9, 14], kind="square-500"), earlier=first)
    later = cells([9, 14], kind="square-500", first="2018-08-01", last="2018-09-01")
    assert len(released(later, earlier=first).areas[0]) == 2


def test_a_bare_frame_and_its_release_draw_the_same_page_and_file(tmp_path):
    areas = cells([9, 23, 2], place_name="High Street", share_inside=1.0, unweighted_count=0,
                  unique_points=3, largest_point_share=0.2)  # fmt: skip
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    door = hs.release(areas, record=record)
    assert hs.map_areas(areas, record=record).to_html() == hs.map_areas(door).to_html()
    one = hs.write_workbook(door, tmp_path / "a.xlsx").read_bytes()
    assert one == hs.write_workbook(areas, tmp_path / "b.xlsx", record=record).read_bytes()
    with refused("release-complete"):
        hs.map_areas(door, record=record)


def test_a_release_says_who_it_is_for_and_shows_no_row():
    done = released(cells([9, 23, 2], place_name="Hostel Road"))
    assert repr(done) == "Release for partner: 3 h3-9 (asb); 0 zones"
    with refused("argument", "`marking`", of="audience"):
        hs.release(cells([9]))
    with refused("argument", "'protect'", "'OFFICIAL'", "PROTECT"):
        hs.release(cells([9]), audience="protect", marking="OFFICIAL")


def test_a_source_without_one_incident_of_a_theme_says_nothing_of_it_to_partners():
    """That no such incident came in is a count of a whole source: none."""
    record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
    for source, offences in {"one.csv": ["34B", "802"], "two.csv": ["802", "802"]}.items():
        rows = incidents_at([(0, 0)] * 2, offence=offences, offence_scheme="home_office")
        tag_themes(rows.assign(source=source), Themes.home_office(), record=record)
    inside, shown = record.themes["serious_violence"], disclose_record(record)
    assert "two.csv" in inside.note and any(one.rule == "theme-absent" for one in record.caveats)
    assert "two.csv" not in shown.themes["serious_violence"].note
    assert shown.themes["serious_violence"].state == inside.state
    assert not any(one.rule == "theme-absent" for one in shown.caveats)


def test_of_a_theme_no_incident_and_few_look_alike_to_partners():
    """One of serious violence, or none, among vehicle crime."""
    said = []
    for first in ("34B", "802"):
        record = hs.RunRecord("Town", marking="OFFICIAL", audience="partner")
        rows = incidents_at(
            [(0, 0)] * 9, offence=[first] + ["802"] * 8, offence_scheme="home_office"
        )
        rows = tag_themes(rows, Themes.home_office(), record=record)
        hidden = hide_few(rows, record, 5)
        assert hidden["theme_serious_violence"].isna().all()
        assert hidden["theme_serious_violence_is"].eq("absent").all()
        assert hidden["theme_vehicle_nuisance"].sum() == rows["theme_vehicle_nuisance"].sum() > 5
        shown = disclose_record(record)
        said.append((shown.themes, set(map(str, shown.caveats))))
    assert said[0] == said[1]
    assert said[0][0]["serious_violence"].state == "absent"


def test_a_product_without_one_place_has_no_cards():
    town = hs.synthetic_town(incidents=500)
    asked = hs.select(town.incidents, hs.Question(within=town.district))
    asked = hs.assign_cells(asked, hs.H3Grid(7))
    assert parts_of_cards(place_cards(asked, pd.Index([])), "asb").empty


def test_exact_cards_on_a_page_for_partners_are_drawn_as_they_may_be_seen():
    town = hs.synthetic_town(incidents=1_000)
    asked = hs.select(town.incidents, hs.Question(within=town.district))
    asked = hs.assign_cells(asked, hs.H3Grid(7))
    areas = hs.rank_areas(hs.name_areas(hs.aggregate_to_cells(asked), asked), by="count")
    theme = areas["theme"].iloc[0]
    exact = place_cards(asked, areas.index[:5])
    partners = hs.release([areas], audience="partner", marking="OFFICIAL")
    pages = [hs.map_areas(partners, cards={theme: one}).to_html()
             for one in (exact, release_cards(exact, partners, theme))]  # fmt: skip
    assert pages[0] == pages[1]


def test_a_table_of_a_release_that_was_changed_leaves_by_no_door(tmp_path):
    """What was joined in place, edited, or put in the place of a table was not checked."""
    joined, edited, drawn, shown = (released(cells([13, 2])) for _ in range(4))
    joined.areas[0]["exact"] = [13, 2]
    edited.areas[0].loc[edited.areas[0].index[1], "incident_count"] = 2
    drawn.areas[0].geometry = drawn.areas[0].geometry.buffer(-200)
    swapped = replace(shown, areas=(cells([13, 2]),))
    added = replace(shown, history=(cells([13, 2]),))
    doors = [
        lambda one: hs.write_geopackage(one, tmp_path / "a.gpkg"),
        lambda one: hs.write_workbook(one, tmp_path / "a.xlsx"),
        lambda one: hs.write_csv(one, tmp_path / "a.csv"),
        lambda one: hs.write_geojson(one, tmp_path / "a.geojson"),
        hs.map_areas,
        hs.plot_areas,
    ]
    for door, changed in product(doors, (joined, edited, drawn, swapped, added)):
        with refused("changed-after-release"):
            door(changed)
    assert not list(tmp_path.iterdir())
    hs.write_csv(pickle.loads(pickle.dumps(shown)), tmp_path / "a.csv")


@pytest.mark.parametrize("outline", [None, Polygon([(0, 0), (400, 400), (400, 0), (0, 400)])])
def test_what_lies_in_an_outline_that_crosses_itself_or_is_missing_is_not_guessed(outline):
    wards = cells([15], kind="ward").rename_axis("zone_id").assign(zone_name="Hyde Park")
    bad = cells([15, 3])
    bad.loc["a01", "geometry"] = outline
    with refused("shape", "'a01'"):
        released(bad, zones=wards)
    if outline is not None:  # zones without one there are
        with refused("shape", "'a00'"):
            released(cells([15, 3]), zones=wards.set_geometry([outline], crs=27700))


def test_cells_of_which_those_without_incidents_were_left_out_are_warned_of(recwarn):
    """What is there tells one incident at least; the warning stays with who makes the release."""
    exact = cells([9, *range(5), *[1, 2, 3, 4, 0, 0] * 6])
    for table, audience, warned in (
        (exact[exact["incident_count"] > 0], "partner", True),
        (exact[exact["incident_count"] > 0], "internal", False),
        (exact, "partner", False),
        (exact[exact["incident_count"] > 3], "partner", False),
    ):
        recwarn.clear()
        made = hs.release(table, audience=audience, marking="OFFICIAL")
        assert any("none has 0" in str(one.message) for one in recwarn) == warned
        assert "none has 0" not in str(made.record.caveats)


def test_the_ward_of_a_place_on_a_border_is_that_of_its_ground_and_not_of_its_incidents():
    """Of a cell of which a twentieth lies in B, "B" says that most incidents lie in that strip."""
    exact = cells([9, 9, 2], ward_name="B")
    halves = [box(0, 0, 380, 400), box(380, 0, 1200, 400)]
    columns = {"zone_name": ["A", "B"], "kind": "ward"}
    wards = gpd.GeoDataFrame(columns, geometry=halves, index=["w1", "w2"], crs=exact.crs)
    wards = wards.rename_axis("zone_id")
    partner = {"audience": "partner", "marking": "OFFICIAL"}
    first = hs.release(exact, zones=wards, **partner)
    for made in (first, hs.release(first.areas[0], **partner)):
        assert made.areas[0]["ward_name"].loc[["a00", "a01"]].tolist() == ["A", "B"]
        assert made.areas[0]["ward_name"].isna().sum() == 1
    assert hs.release(exact, **partner).areas[0]["ward_name"].isna().all()
    mine = hs.release(exact, zones=wards, audience="internal", marking="OFFICIAL")
    assert mine.areas[0]["ward_name"].eq("B").all()


def test_rows_without_a_theme_or_kind_are_released_as_the_others_are():
    some = cells([15, 9, 3]).astype({"kind": object, "theme": object})
    some.loc["a01", "theme"], some.loc["a02", "kind"] = None, None
    assert sum(map(len, released(some, audience="internal").areas)) == 3
