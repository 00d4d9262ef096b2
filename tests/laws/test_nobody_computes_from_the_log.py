"""The logbook is append-only: what is released, drawn and counted is the same with an empty one."""

import ast
from contextlib import nullcontext
from dataclasses import dataclass, fields, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from chain import cells_of, in_cells
from syntax import tree_of
from tables import incidents_at, zone

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.record import Account, SourceFile, ThemeStatus
from hotspots.core.tables import themes_in
from hotspots.demo.town.town import synthetic_town
from hotspots.io.incidents.load import record_of
from hotspots.programmes.tasking.product import TaskingProduct
from hotspots.programmes.tasking.tables_file import SECTIONS

PACKAGE = Path(hs.__file__).parent
GRID, CITY = hs.H3Grid(8), zone("City", (0, 0, 4_000, 2_000))
ALL_OPEN = {"published_record_by_record": True}


def both(*, published=False):
    """Ten of a theme in a cell, six of them of a theme inside it; the same beside, without."""
    places = [(100, 100)] * 10 + [(1_700, 100)] * 9 + [(3_300, 100)] * 3
    inner = [True] * 6 + [False] * 4 + [True] * 3 + [False] * 9
    rows = incidents_at(places, published=published)
    return rows.assign(theme_asb=True, theme_noise=inner)


def counted(rows, theme):
    return cells_of(rows, GRID, theme=theme, within=CITY)


def filled(audience):
    """A record that says of the data whatever it likes."""
    record = hs.RunRecord("Town", marking="OPEN DATA", audience=audience)
    record.sources.append(SourceFile("a.csv", "ab" * 32, 22, 22, 0, 0, ALL_OPEN))
    record.tell_themes(ThemeStatus("asb", "ASB", "measured"))
    record.choose("find_clusters", theme="asb", min_incidents=8, radius_m=50)
    record.choose("release", geography=["square-250"], audience=audience)
    record.account(Account("aggregate_to_cells", "asb", "2018-07", 22, 0, 0, 0, 0, 0, 0, 22, 22))
    return record


def released(rows, record, **more):
    tables = [counted(rows, "asb"), counted(rows, "noise")]
    asked = in_cells(rows, GRID, theme="asb", within=CITY)
    months = hs.count_by_period(tables[0].sort_index(), asked)
    return hs.release(tables, zones=CITY, area_periods=months, record=record, **more)


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize("audience", ["internal", "partner", "public"])
def test_an_empty_record_changes_no_table_bound_or_decision(audience, published):
    rows = both(published=published)
    fresh = hs.RunRecord("Town", marking="OPEN DATA", audience=audience)
    one, other = released(rows, filled(audience)), released(rows, fresh)
    for mine, its in zip(one.every_table, other.every_table, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(mine), pd.DataFrame(its))
    same = ("behind", "published", "seal", "withholds")
    assert all(getattr(one, name) == getattr(other, name) for name in same)
    assert one.withholds == (audience != "internal" and not published)


@pytest.mark.parametrize("lost", ["published", "themes_behind"])
def test_published_data_are_withheld_where_the_column_is_lost(lost):
    areas = [counted(both(published=True), theme) for theme in ("asb", "noise")]
    without = [table.drop(columns=lost) for table in areas]
    whole, less = (
        hs.release(some, audience="partner", marking="OPEN DATA") for some in (areas, without)
    )
    assert whole.withholds is False
    assert less.withholds is (lost == "published")


def test_hours_of_a_second_theme_are_withheld_where_what_is_behind_is_lost():
    """Twenty of two themes at a place, none in both: known apart, each shows its hours."""
    rows = incidents_at([(100, 100)] * 40).assign(
        theme_asb=[True] * 20 + [False] * 20, theme_noise=[False] * 20 + [True] * 20
    )
    areas = [counted(rows, theme) for theme in ("asb", "noise")]
    place = areas[0].index[areas[0]["incident_count"].eq(20)][0]
    hours = pd.DataFrame(
        [{"area_id": place, "theme": theme, "breakdown": "hours", "part": part,
          "incident_count": 10} for theme in ("asb", "noise") for part in ("00-12", "12-24")]
    )  # fmt: skip
    shown = []
    for lost in ([], ["themes_behind"]):
        some = [table.drop(columns=lost) for table in areas]
        with pytest.warns(UserWarning, match="themes_behind") if lost else nullcontext():
            made = hs.release(some, audience="partner", marking="OFFICIAL", breakdowns=hours)
        seen = made.breakdowns.groupby("theme")["incident_count"].any()
        shown.append(seen[seen].index.tolist())
    assert shown == [["asb", "noise"], ["asb"]]


def test_themes_inside_one_another_are_known_from_the_tables_alone():
    """Six to ten of noise among eight to twelve of ASB: what one says bounds the other."""
    areas = [counted(both(), theme) for theme in ("asb", "noise")]
    made = hs.release(areas, audience="partner", marking="OFFICIAL")
    assert made.behind.theme_parts == (("asb",), ("asb", "noise"))
    found = hs.audit_totals(made.areas[0], earlier=made.areas[1:],
                            theme_parts=made.behind.theme_parts)  # fmt: skip
    assert not found["told"].any()


def test_published_beside_own_records_is_not_published():
    rows = pd.concat([both(published=True), both().rename(index="b-{}".format)])
    assert hs.release(counted(rows, "asb"), audience="partner", marking="O").withholds
    mixed = counted(both(published=True), "asb")
    mixed.loc[mixed.index[0], "published"] = False
    assert not Behind.said_by([mixed]).published
    vouched = replace(Behind.said_by([mixed]), published=True)
    assert hs.release(mixed, audience="partner", marking="O", behind=vouched).withholds


@pytest.mark.parametrize("audience", ["partner", "public"])
def test_an_empty_record_changes_no_file(audience, tmp_path):
    rows = both()
    fresh = hs.RunRecord("Town", marking="OPEN DATA", audience=audience)
    tables = []
    for number, record in enumerate((filled(audience), fresh)):
        path = hs.write_geopackage(released(rows, record), tmp_path / f"{number}.gpkg")
        tables.append({
            name: table for name, table in hs.read_geopackage(path).items()
            if name != "about_this_product"
        })  # fmt: skip
    assert tables[0].keys() == tables[1].keys()
    for name, table in tables[0].items():
        pd.testing.assert_frame_equal(pd.DataFrame(table), pd.DataFrame(tables[1][name]))
        assert not isinstance(table, gpd.GeoDataFrame) or table.geom_equals(tables[1][name]).all()


@dataclass(frozen=True)
class Given(TaskingProduct):
    """A product of incidents that were loaded by somebody else; what its record says of them."""

    incidents: gpd.GeoDataFrame | None = None
    says: tuple[ThemeStatus, ...] = ()

    def prepare(self, record):
        record.tell_themes(*self.says)
        return self.incidents


LIES = (
    ThemeStatus("ghost", "Ghosts", "measured"),
    ThemeStatus("serious_violence", "Violence", "absent", "nothing came in"),
    ThemeStatus("vehicle_nuisance", "Cars", "measured"),
    ThemeStatus("asb", "ASB", "absent", "nothing came in"),
)


def test_a_product_is_about_the_themes_of_its_incidents_whatever_its_record_says():
    town = synthetic_town(incidents=2_000)
    rows = town.incidents[town.incidents["offence_scheme"].eq("home_office")]
    rows = hs.tag_themes(rows, hs.Themes.home_office())
    rows["theme_vehicle_nuisance"] = pd.array([pd.NA] * len(rows), "boolean")
    product = Given(
        "Saltmere", "SYNTHETIC", (), town.district, "2025-04/2026-03", "Saltmere",
        zones=(town.wards,), grid=hs.H3Grid(7), incidents=rows,
        clusters={"asb": {"radius_m": 150, "min_incidents": 5}},
        sections={name: SECTIONS[name]() for name in ("wards", "when")},
    )  # fmt: skip
    fresh, lied_to = product.run(), replace(product, says=LIES).run()
    assert list(fresh.cells) == list(lied_to.cells) == ["asb", "serious_violence"]
    assert list(fresh.sentences()) == list(lied_to.sentences()) == themes_in(rows)
    for one, other in zip(tables_of(fresh), tables_of(lied_to), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other))


def tables_of(results):
    """All that was counted, sections and release included."""
    by_theme = (results.cells, results.clusters, results.overlaps, results.area_periods)
    yield from (table for some in by_theme for table in some.values())
    yield from (results.lately, *results.zones, *results.release().every_table)
    yield from (table for one in results.sections for table in one.tables.values())


def test_one_call_leaves_tags_and_weights_as_they_came_whatever_the_record_says():
    """An analyst admitted what the scheme's defaults leave out."""
    rows = incidents_at([(100, 100)] * 9, offence="Violence and sexual offences")
    rows = hs.tag_themes(rows, hs.Themes.police_uk())
    rows = hs.weigh_harm(rows, hs.HarmScale.bundled("ons-css-police-uk-west-yorkshire"))
    rows["sensitive"] = [True] * 4 + [False] * 5
    told = hs.RunRecord("Town", marking="OPEN DATA")
    told.tell_themes(ThemeStatus("serious_violence", "Violence", "absent"))
    asked = {"theme": "serious_violence", "period": "2018-07", "within": CITY, "grid": GRID}
    found = [
        hs.find_hotspots(rows, **asked, clusters=False, record=record)
        for record in (told, hs.RunRecord("Town", marking="OPEN DATA"))
    ]
    assert [one.account.used for one in found] == [5, 5]
    pd.testing.assert_frame_equal(*(pd.DataFrame(one.areas) for one in found))


def test_what_is_rejected_is_a_share_printed_of_the_log():
    """Tags, their notes, weights and coverage are otherwise the same."""
    rows = incidents_at([(100, 100)] * 9, offence="Robbery").assign(source="a.csv")
    full = filled("internal")
    full.sources[:] = [SourceFile("a.csv", "ab" * 32, 20, 9, 11, 0, {"police_forces": ["Kent"]})]
    full.themes = {}
    scale, made = hs.HarmScale.bundled("ons-css-police-uk-west-yorkshire"), []
    for record in (full, hs.RunRecord("Town", marking="OPEN DATA")):
        tagged = hs.tag_themes(rows, hs.Themes.police_uk(), record=record)
        made.append((hs.weigh_harm(tagged, scale, record=record), hs.coverage(tagged, record)))
    (one, held), (other, also) = made
    pd.testing.assert_frame_equal(*map(pd.DataFrame, (one, other)))
    pd.testing.assert_frame_equal(*(some.drop(columns="share_rejected") for some in (held, also)))


ASKED = ("audience", "marking", "title", "made_on", "for_reader", "drawn", "units", "current")
ASKED_OF_A_RECORD = frozenset([*ASKED, "copy"])
ENTRIES = {one.name for one in fields(hs.RunRecord)} - ASKED_OF_A_RECORD
ENTRIES |= {"read", "accepted", "rejected", "caveat_texts"}
ENTRIES |= {"caveats", "choices", "attributions", "themes"}
WRITES = frozenset(["append", "extend", "update", "clear", "add"])
READ = {
    "core/coverage.py": "the share that was rejected: printed, and decided by nowhere",
    "offences/tell_themes.py": "what the log said of themes before, to say it again",
    "offences/weigh_harm.py": "forces that the files name, for a caveat of the log",
    "io/incidents/row_faults.py": "rejected rows, to write them into a file",
    "io/incidents/where.py": "forces that the files name, for the log",
    "programmes/answer_areas.py": "whether the log was told of themes already",
    "programmes/find_hotspots.py": "choices and warnings, printed",
    "programmes/tasking/for_public.py": "caveats and attributions of a briefing",
    "programmes/tasking/sections.py": "caveats of an answer, for the product's log",
    "cli/output.py": "what is printed beside an answer",
    "cli/screen.py": "what is printed while it works",
    "disclosure/disclose_record.py": "what of the logbook a reader may read",
}
"""Modules that read entries of the log, and for what; those of ``report`` print it."""


def test_no_decision_reads_the_log():
    """Whom a release is for is asked of a record; nothing else that stands in it."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] != "report" and reads_entries(path)
    }
    assert found == READ.keys()


@pytest.mark.parametrize("kind", ["object", "boolean", "bool[pyarrow]"])
def test_a_row_that_does_not_say_it_is_published_closes_all(kind):
    rows = both(published=True)
    rows["published"] = rows["published"].astype(kind)
    rows.loc[rows.index[0], "published"] = None
    assert rows["published"].isna().any()
    assert not Behind.of(rows).published
    areas = counted(rows, "asb")
    assert hs.release(areas, audience="partner", marking="OPEN DATA").withholds
    assert not record_of(rows, "Town").sources[0].facts["published_record_by_record"]


def test_the_sum_of_yes_and_no_is_no():
    areas, own = counted(both(published=True), "asb"), counted(both(), "asb")
    names = ["incident_count", "published"]
    summed = pd.concat([pd.DataFrame(one)[names] for one in (areas, own)]).groupby(level=0).sum()
    assert set(summed["published"]) == {1}
    assert hs.release(areas.assign(**summed), audience="partner", marking="OPEN DATA").withholds


def test_what_is_joined_or_passed_beside_published_tables_must_say_so_too():
    areas, own = counted(both(published=True), "asb"), counted(both(), "asb")
    theirs = pd.DataFrame(own)[["incident_count", "published"]]
    joined = areas.merge(theirs, left_index=True, right_index=True, suffixes=("", "_own"))
    silent = pd.DataFrame({"place": ["Mill Lane"], "before": [1], "after": [2]})
    for some, more in ((joined, {}), (areas, {"own": silent}),
                       (areas, {"own": silent.assign(published=False)})):  # fmt: skip
        made = hs.release(some, tables=more, audience="partner", marking="OPEN DATA")
        assert made.withholds and not {"before", "incident_count_own"} & {
            name for table in made.every_table for name in table
        }


@pytest.mark.parametrize("audience", ["internal", "partner", "public"])
def test_a_file_names_no_theme_that_its_reader_has_no_table_of(audience, tmp_path):
    made = hs.release(counted(both(), "asb"), audience=audience, marking="OPEN DATA")
    known = hs.release(counted(both(), "asb"), earlier=made, audience=audience, marking="OPEN DATA")
    assert made.behind.theme_parts == (("asb",), ("asb", "noise"))
    for number, one in enumerate((made, known)):
        for write in (hs.write_geopackage, hs.write_geojson):
            ending = "gpkg" if write is hs.write_geopackage else "geojson"
            assert b"noise" not in write(one, tmp_path / f"{number}.{ending}").read_bytes()
    both_themes = hs.release(counted(both(), "noise"), earlier=made, audience=audience,
                             marking="OPEN DATA")  # fmt: skip
    assert both_themes.told_behind == both_themes.behind


def reads_entries(path):
    """Whether a module reads an entry of a record; to write into one is no reading."""
    nodes = list(ast.walk(tree_of(path)))
    written = {id(one.value) for one in nodes if isinstance(one, ast.Attribute)
               and one.attr in WRITES}  # fmt: skip
    written |= {id(one.value) for one in nodes if isinstance(one, ast.Subscript)
                and isinstance(one.ctx, ast.Store)}  # fmt: skip
    return any(
        isinstance(one, ast.Attribute)
        and one.attr in ENTRIES
        and isinstance(one.ctx, ast.Load)
        and id(one) not in written
        and ast.unparse(one.value).rpartition(".")[2] in ("record", "log")
        for one in nodes
    )
