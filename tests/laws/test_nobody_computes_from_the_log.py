"""The logbook is append-only: what is released, drawn and counted is the same with an empty one."""

import ast
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from chain import cells_of, in_cells
from tables import incidents_at, zone

import hotspots as hs
from hotspots.core.behind import Behind
from hotspots.core.record import Account, SourceFile, ThemeStatus
from hotspots.io.incidents.load import record_of

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
    record.themes["asb"] = ThemeStatus("asb", "ASB", "measured")
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
def test_what_is_lost_on_the_way_withholds_more_and_never_less(lost):
    areas = [counted(both(published=True), theme) for theme in ("asb", "noise")]
    without = [table.drop(columns=lost) for table in areas]
    whole, less = (
        hs.release(some, audience="partner", marking="OPEN DATA") for some in (areas, without)
    )
    assert whole.withholds is False
    assert less.withholds is (lost == "published")


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


ASKED_OF_A_RECORD = frozenset(["audience", "marking", "title", "made_on", "for_reader", "copy"])
PRINTED = {"disclose_record.py": "what of the logbook a reader may read"}


@pytest.mark.parametrize("room", ["disclosure", "stats"])
def test_no_decision_reads_the_log(room):
    """Whom a release is for is asked of a record; nothing else that stands in it."""
    read = {
        (path.name, node.attr)
        for path in (PACKAGE / room).rglob("*.py")
        if path.name not in PRINTED
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Load)
        and ast.unparse(node.value).rpartition(".")[2] in ("record", "log")
    }
    assert {one for one in read if one[1] not in ASKED_OF_A_RECORD} == set()


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
    joined = areas.join(pd.DataFrame(own)[["incident_count", "published"]], suffixes=("", "_own"))
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
