"""One call over the stages gives what the stages give, and tells every choice it made."""

import pandas as pd
import pytest
from refusing import refused

import hotspots as hs
from hotspots.core.errors import DataError


@pytest.fixture(scope="module")
def city():
    return hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")


@pytest.fixture(scope="module")
def wards():
    return hs.load_zones(hs.bundled("boundaries/leeds_wards_best_fit.geojson"))


@pytest.fixture(scope="module")
def july():
    file = hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz")
    return hs.load_incidents(file, themes=None, harm_scale=None)


@pytest.fixture(scope="module")
def found(july, city, wards):
    return hs.find_hotspots(
        july, theme="asb", period="2018-07", within=city, zones=[wards], grid=hs.H3Grid(8)
    )


def test_it_is_the_chain_of_the_stages(found, july, city, wards):
    tagged = hs.tag_themes(hs.tag_institutions(july), hs.Themes.police_uk())
    question = hs.Question("asb", "2018-07", within=city)
    asb = hs.assign_cells(hs.select(tagged, question), hs.H3Grid(8))
    cells = hs.flag_hotspots(hs.aggregate_to_cells(asb), asb)
    same = ["incident_count", "is_hotspot", "q_value", "points_at_risk"]
    ours = pd.DataFrame(found.areas)[same].loc[cells.index]
    pd.testing.assert_frame_equal(ours, pd.DataFrame(cells)[same])
    assert found.account == hs.select(tagged, question).account
    clusters = hs.find_clusters(hs.select(tagged, question))
    assert set(found.clusters.index) == set(clusters.index)


def test_months_that_no_file_holds_are_no_months_without_incidents(july, city):
    asked = {"theme": "asb", "within": city, "grid": hs.H3Grid(7), "clusters": False}
    with refused("no-incidents", "July 2018", kind=DataError):
        hs.find_hotspots(july, period="2016", **asked)
    with pytest.warns(UserWarning, match="the totals of June 2018 to July 2018 are short"):
        hs.find_hotspots(july, period="2018-06/2018-07", **asked)


def test_a_cluster_that_chance_gives_too_is_marked_so(found):
    assert set(found.clusters["evidence"]) <= {"beyond-chance", "could-be-chance"}
    (asked,) = found.choices["cluster_chance"]
    assert asked["beyond_chance"] == found.clusters["evidence"].eq("beyond-chance").sum()


def test_its_page_is_about_the_theme_that_was_asked_and_no_other(july, city):
    asked = {"period": "2018-07", "within": city, "grid": hs.H3Grid(7), "clusters": False}
    found = hs.find_hotspots(july, theme="serious_violence", **asked)
    assert [*found.release().record.themes] == ["serious_violence"]
    assert len(found.map().view["themes"]) == 1


def test_every_choice_is_told(found):
    assert {"tag_themes", "weigh_harm", "aggregate_to_cells", "find_clusters", "rank_areas"} <= set(
        found.choices
    )
    (clustering,) = found.choices["find_clusters"]
    assert {"radius_m", "min_incidents"} <= set(clustering)


def test_it_prints_the_sentence_and_no_incident_row(found):
    assert str(found) == found.to_sentence() and {"1,851", "Leeds"} <= set(str(found).split())
    shown = repr(found)
    assert shown.startswith(str(found)) and shown.count("\n") == 3
    flagged = int(found.areas["is_hotspot"].sum())
    assert f"{len(found.areas):,} hexagons" in shown and f"{flagged:,} more than chance" in shown
    assert "1,851 of 31,635" in shown
    html = found._repr_html_()
    assert "Boar Lane" in html and html.count("<tr") <= 12


def test_open_data_is_written_for_the_public_whole_or_not_at_all(found, tmp_path):
    files = found.write(tmp_path / "leeds", marking="OPEN DATA", audience="public")
    assert [file.name for file in files] == [
        "map.html", "hotspots.gpkg", "tables.xlsx", "manifest.json",
    ]  # fmt: skip
    assert all(file.stat().st_size for file in files)
    tables = hs.read_geopackage(files[1])
    assert tables["cells_asb"]["incident_count"].sum() == 1851
    assert "OPEN DATA" in found.map(marking="OPEN DATA").to_html()


def test_an_extract_of_ones_own_is_rounded_for_partners(july, city, tmp_path):
    own = july.assign(published=False)
    found = hs.find_hotspots(own, theme="asb", period="2018-07", within=city, grid=hs.H3Grid(8))
    released = found.release(audience="partner", marking="OFFICIAL")
    shown = released.cells[0]["incident_count"].dropna()
    assert (shown % 5 == 0).all() and (shown >= 5).all()
    assert "1,851" not in released.record.sentences["asb"]


def test_the_record_that_is_passed_is_left_as_it_is(july, city):
    record = hs.RunRecord("Leeds", marking="OFFICIAL")
    found = hs.find_hotspots(
        july, hs.Question("asb", "2018-07", city), grid=hs.H3Grid(7), clusters=False, record=record
    )
    assert not record.choices and not record.accounts and not record.themes
    assert found.clusters is None and found.record.title == "Leeds"


@pytest.mark.parametrize(
    ("changes", "rule", "of", "texts"),
    [
        ({"within": None}, "argument", None, ["study area"]),
        ({"theme": "asbo"}, "unknown-theme", "theme", ["got 'asbo'", "The incidents have"]),
        ({"question": hs.Question("asb")}, "argument", "question", ["twice"]),
        ({"period": "2018-07-01/2018-07-08"}, "times-too-coarse", "period", ["only to the month"]),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(july, city, changes, rule, of, texts):
    asked = {"theme": "asb", "period": "2018-07", "within": city, "grid": hs.H3Grid(7)} | changes
    with refused(rule, *texts, of=of):
        hs.find_hotspots(july, **asked)


def test_where_no_radius_gives_a_cluster_none_is_drawn_and_that_is_told(july, city):
    few = july[july["offence"].eq("Anti-social behaviour")].iloc[::500]
    asked = {"theme": "asb", "period": "2018-07", "within": city, "grid": hs.H3Grid(7)}
    found = hs.find_hotspots(few, **asked)
    assert found.clusters is None and "no-radius" in [one.rule for one in found.record.caveats]
    with refused("no-radius", of="radius_m"):
        hs.find_hotspots(few, **asked, clusters={"min_incidents": 5})


def test_institutions_need_names_of_places(july):
    with refused("missing-column", "leave this stage out", of="incidents"):
        hs.tag_institutions(july.drop(columns="place_name"))


def test_an_own_scheme_without_themes_says_what_to_do(july, city):
    own = july.assign(offence_scheme="mine")
    with refused("untagged", of="incidents"):
        hs.find_hotspots(own, theme="asb", within=city)
