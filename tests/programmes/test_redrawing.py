"""A written GeoPackage is drawn again as it was; never for an audience it was not made for."""

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from map_samples import data_of
from refusing import refused
from shapely.geometry import box
from tables import ORIGIN, incidents_at, zone

import hotspots as hs
from hotspots.analysis.cells import aggregate_to_cells, assign_cells
from hotspots.analysis.change_map import LOWER
from hotspots.analysis.ranking import rank_areas
from hotspots.core.errors import DataError
from hotspots.core.grids import H3Grid
from hotspots.core.question import Question
from hotspots.core.record import RunRecord, ThemeStatus, sha256_of
from hotspots.core.select import select
from hotspots.core.states import Shown
from hotspots.disclosure.breakdowns import as_known
from hotspots.programmes.news import recent_changes
from hotspots.programmes.tasking.around import with_cards
from hotspots.programmes.tasking.written_product import (
    GEOPACKAGE,
    earlier_files,
    geopackage_of,
    read_product,
    with_priority,
    write_product,
)
from hotspots.report.about import read_geopackage
from hotspots.report.geopackage import write_geopackage
from hotspots.report.text.area_changes import DRAWN
from hotspots.report.text.words import Sentence


@pytest.fixture
def written(tmp_path):
    incidents = incidents_at([(0, 0)] * 12 + [(400, 0)] * 7, theme_asb=True)
    city = zone("City", (-900, -900, 900, 900))
    record = RunRecord("A town", marking="OFFICIAL", audience="internal")
    asked = select(incidents, Question("asb", within=city), record=record)
    cells = rank_areas(aggregate_to_cells(assign_cells(asked, H3Grid(9))))
    record.tell_themes(ThemeStatus("asb", "anti-social behaviour", "proxy", "a note (short)"))
    record.sentences["asb"] = Sentence("Anti-social behaviour", "nineteen incidents.")
    record.warn_reader("A caveat.")
    path = write_geopackage(
        {"cells_asb": cells, "districts": city}, tmp_path / "areas.gpkg", record=record
    )
    return path, cells, record


def test_tables_and_record_come_back_as_they_were(written):
    path, cells, record = written
    product = read_product(path)
    (again,) = product.cells
    assert again["incident_count"].tolist() == cells["incident_count"].tolist()
    assert again["rank"].equals(cells["rank"].astype("Int64"))
    assert (again["period_from"] == cells["period_from"].iloc[0]).all()
    assert len(product.zones) == 1
    for name in ("title", "marking", "audience", "themes", "sentences", "caveats", "accounts"):
        assert getattr(product.record, name) == getattr(record, name), name


def test_the_page_says_what_the_file_says(written):
    html = read_product(written[0]).map().to_html()
    assert all(words in html for words in ("OFFICIAL", "Nineteen incidents", "A caveat."))


def test_the_page_of_a_file_knows_the_priority_wards_of_its_product(written, tmp_path):
    product = read_product(written[0])
    wards = zone("Harbour", (-900, -900, 0, 900), kind="ward")
    product.zones.append(with_priority(wards, ["Harbour"]))
    product.record.audience = "partner"
    write_product(product.release(earlier=[]), tmp_path / "made")
    again = read_product(tmp_path / "made").map()
    priority = [layer["priority"] for layer in data_of(again)["zones"] if layer["kind"] == "ward"]
    assert priority == [[True]]


def test_a_file_for_one_audience_is_not_drawn_for_another(written, tmp_path):
    _, cells, record = written
    record.audience = "partner"
    path = write_geopackage({"cells_asb": cells}, tmp_path / "partner.gpkg", record=record)
    with refused("other-audience", "'partner'"):
        read_product(path, audience="internal")
    assert read_product(path).record.audience == "partner"


def test_an_internal_file_drawn_for_partners_shows_no_small_count(written):
    html = read_product(written[0], audience="partner").map(earlier=[]).to_html()
    assert "nineteen incidents" not in html.lower()


def test_exact_files_are_drawn_for_partners_beside_what_these_have_or_not_at_all(written):
    """June, July and both together, each drawn as if it were the first, can be subtracted."""
    with refused("earlier-unknown", "subtracted"):
        read_product(written[0], audience="partner").map()


def test_pages_of_two_months_and_of_both_together_do_not_tell(written, tmp_path):
    _, cells, record = written
    shown: list = []
    for number, (first, last, count) in enumerate(
        [("2024-06", "2024-07", 4), ("2024-07", "2024-08", 4), ("2024-06", "2024-08", 8)]
    ):
        days = [pd.Timestamp(f"{month}-01", tz="Europe/London") for month in (first, last)]
        one = cells.assign(incident_count=count, period_from=days[0], period_until=days[1])
        file = write_geopackage({"cells_asb": one}, tmp_path / f"{number}.gpkg", record=record)
        released = read_product(file, audience="partner").release(earlier=shown)
        shown += released.areas
    assert set(shown[-1]["shown"]) == {Shown.MERGED_DOWN}


def test_a_product_keeps_what_its_readers_had_when_it_is_drawn_again(written, tmp_path, typed_in):
    """June and July were partners' already; both together were made beside them."""
    _, cells, record = written
    months = {"june": ("2024-06", "2024-07", 4), "july": ("2024-07", "2024-08", 4)}
    for name, (first, last, count) in (months | {"both": ("2024-06", "2024-08", 8)}).items():
        days = [pd.Timestamp(f"{month}-01", tz="Europe/London") for month in (first, last)]
        one = cells.assign(incident_count=count, period_from=days[0], period_until=days[1])
        mine = record.copy(audience="internal" if name == "both" else "partner")
        if name == "both":
            mine.earlier.update({f"{n}.gpkg": sha256_of(tmp_path / f"{n}.gpkg") for n in months})
            (tmp_path / "product").mkdir()
        folder = tmp_path / "product" if name == "both" else tmp_path
        write_geopackage({"cells_asb": one}, folder / f"{name}.gpkg", record=mine)
    code, *_ = typed_in(tmp_path, "map", "product", "--out", "p.html", "--audience", "partner")
    again = read_product(tmp_path / "product", audience="partner")
    files = earlier_files(again, tmp_path / "product", [])
    assert code == 0 and [one.name for one in files] == ["june.gpkg", "july.gpkg"]
    tables = [table for one in files for table in read_geopackage(one).values()]
    shown = again.release(earlier=tables).areas[0]
    assert set(shown["shown"]) == {Shown.MERGED_DOWN}
    (tmp_path / "june.gpkg").unlink()
    with refused("earlier-lost", "june.gpkg"):
        earlier_files(again, tmp_path / "product", [])


def test_areas_of_ones_own_need_a_marking(tmp_path):
    x, y = ORIGIN
    areas = gpd.GeoDataFrame(
        {"area_id": ["a"], "theme": ["asb"], "incident_count": [9]},
        geometry=[box(x, y, x + 500, y + 500)],
        crs=27700,
    )
    path = tmp_path / "mine.gpkg"
    areas.to_file(path)
    with refused("no-marking"):
        read_product(path)
    product = read_product(path, marking="OFFICIAL")
    assert product.cells[0]["area_km2"].iloc[0] == pytest.approx(0.25)
    assert "OFFICIAL" in product.map().to_html()


def test_a_folder_is_read_by_its_own_geopackage_whatever_stands_beside_it(written, tmp_path):
    path, folder = written[0], tmp_path / "product"
    folder.mkdir()
    for name in ("hotspots.gpkg", "public-2026-02.gpkg"):
        shutil.copy(path, folder / name)
    assert geopackage_of(folder).name == "hotspots.gpkg"
    (folder / "hotspots.gpkg").rename(folder / "other.gpkg")
    with pytest.raises(DataError, match="got 2"):
        geopackage_of(folder)


@pytest.mark.parametrize(
    "change",
    [
        "update cells_asb set period_from = '2018-99-99'",
        "insert into about_this_product (topic, item, said) values ('product', 'made on', 'soon')",
        "update about_this_product set said = 'new' where item = 'schema'",
        "update about_this_product set data = '{bad' where topic = 'caveat'",
        """update about_this_product set data = '{"a": 1}' where topic = 'caveat'""",
        """update about_this_product set data = '["a"]' where topic = 'account'""",
        *(
            f"""insert into about_this_product (topic, item, said, data) values ({values})"""
            for values in (
                "'lately', 'asb', '', '{}'",
                """'choice', 'find_clusters', '', '{"radius_m": "a", "min_incidents": 1}'""",
                """'where', 'incidents', '', '{"west": 1}'""",
            )
        ),
    ],
)
def test_a_damaged_file_is_refused_by_its_name(written, tmp_path, change):
    refuse_damaged(written[0], tmp_path, change)


def refuse_damaged(whole, tmp_path, change):
    path = tmp_path / "damaged.gpkg"
    shutil.copy(whole, path)
    with closing(sqlite3.connect(path)) as database, database:
        told = database.execute("select name from sqlite_master where type = 'trigger'")
        for (trigger,) in told.fetchall():
            database.execute(f'drop trigger "{trigger}"')
        assert database.execute(change).rowcount
    with refused("damaged", "damaged.gpkg", kind=DataError):
        read_product(path)


def test_half_a_rank_is_refused(written, tmp_path):
    half = written[1].assign(rank=1.5).reset_index().to_crs(4326)
    half.to_file(tmp_path / "half.geojson")
    with refused("damaged", "half.geojson", kind=DataError):
        read_product(tmp_path / "half.geojson", marking="X")


def test_a_file_without_areas_is_refused(tmp_path):
    pd.DataFrame({"a": [1]}).to_csv(tmp_path / "not.gpkg")
    with refused("not-ours", kind=DataError):
        read_product(tmp_path / "not.gpkg", marking="X")
    with pytest.raises(DataError, match="no such file"):
        read_product(tmp_path / "nowhere.gpkg", marking="X")
    zone("City", (0, 0, 9, 9)).reset_index().to_file(tmp_path / "zones.gpkg")
    with refused("no-areas", kind=DataError):
        read_product(tmp_path / "zones.gpkg", marking="X")


def test_the_file_of_the_last_meeting_stands_beside(written, tmp_path):
    path, cells, record = written
    then = cells.assign(
        incident_count=cells["incident_count"].mask(cells["incident_count"] == 12, 60),
        period_from=cells["period_from"] - pd.DateOffset(years=1),
        period_until=cells["period_until"] - pd.DateOffset(years=1),
    )
    last = write_geopackage({"cells_asb": then}, tmp_path / "last.gpkg", record=record)
    page = read_product(path).map(previous=read_product(last))
    (theme,) = data_of(page)["themes"]
    assert sum(filter(None, theme["before"]["count"])) == 67
    assert theme["before"]["change"].count(DRAWN.index(LOWER)) == 1


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    """A year of a town beside the year before, in large cells, written for internal readers."""
    town = hs.synthetic_town(incidents=2_000)
    police = town.incidents[town.incidents["offence_scheme"] == "home_office"]
    found = hs.find_hotspots(
        police, theme="asb", period="2025-04/2026-03", compare=["2024-04/2025-03"],
        within=town.district, zones=[town.wards], grid=hs.H3Grid(8),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("year")
    found.record.where.update(west=0, districts={"Saltmere": 0.6, "Elsewhere": 0.4})
    released = found.release(marking="OFFICIAL", audience="internal")
    released = with_cards(released, {"asb": found.incidents}, top=5)
    lately = recent_changes(found.incidents, ["asb"], "2025-04/2026-03")
    write_product(released.with_lately(lately), folder, backdrop=found._under(released))
    return folder


def test_the_page_of_an_internal_file_is_the_first_page_again(year):
    """Months, week and offences of its places, and the changes judged by the months of all."""
    first, again = (data_of(page) for page in (Page(year), read_product(year).map()))
    theme = first["themes"][0]
    assert theme["before"]["change"] and all(place["card"]["week"] for place in theme["top"])
    assert first.pop("backdrop") and again.pop("backdrop")
    assert again == first
    said = [
        WITHOUT_SCRIPTS.sub("", page.to_html()) for page in (Page(year), read_product(year).map())
    ]
    assert said[0] == said[1]
    assert all(
        words in said[0]
        for words in ("Lately", "of one another (DBSCAN)", "Harm scale: ONS", "Saltmere (60%)")
    )
    tables = read_geopackage(year / GEOPACKAGE)
    copied = write_geopackage(tables, year / "copy.gpkg", record=read_product(year).record)
    for name, table in read_geopackage(copied).items():
        assert table.equals(tables[name]), name


def test_no_part_of_an_internal_file_is_drawn_for_partners(year):
    released = read_product(year, audience="partner").release(earlier=[])
    assert released.breakdowns is None and released.lately is None and not released.record.where
    exact = replace(released, lately=read_product(year).lately)
    with refused("changed-after-release"):
        hs.map_areas(exact)
    assert released.breakdowns is None and released.with_parts(exact_of(year)) is released
    for audience in ("public", "partner"):  # another's, and exact ones that call themselves so
        mine = exact_of(year).assign(disclosed_for=audience)
        assert released.with_parts(mine) is released
        with refused("parts-as-table"):
            hs.release(tables={"parts": mine}, audience=audience, marking="PUBLISHED")
    told = mine.assign(incident_count=5, shown_low=6, shown_high=6)  # rounded, and told by bounds
    assert released.with_parts(told) is released
    assert released.with_parts(told.assign(incident_count="13", shown_high=8)) is released
    months = as_known(exact_of(year))
    assert months and all({"period", "incident_count"} <= {*one.reset_index()} for one in months)
    assert all(one["incident_count"].notna().all() for one in months)


@pytest.mark.parametrize(
    "change",
    [
        "set part = '168' where breakdown = 'hours' and part <> 'not known'",
        "set part = 'July' where breakdown = 'months'",
        "set area_id = 'x' where breakdown = 'hours' and part <> 'not known'",
        "set area_id = (select min(area_id) from breakdowns)",
    ],
)
def test_damaged_months_hours_and_offences_are_refused_by_the_name_of_the_file(
    year, tmp_path, change
):
    refuse_damaged(year / GEOPACKAGE, tmp_path, f"update breakdowns {change}")


def exact_of(folder):
    return read_geopackage(folder / GEOPACKAGE)["breakdowns"].reset_index()


WITHOUT_SCRIPTS = re.compile("<script.*?</script>", re.S)


class Page:
    """A page that was written."""

    def __init__(self, folder):
        self.to_html = (folder / "map.html").read_text


def test_the_command_draws_the_change_since_the_last_file(written, tmp_path):
    from typer.testing import CliRunner

    from hotspots.cli.main import app

    path, cells, record = written
    then = cells.assign(
        period_from=cells["period_from"] - pd.DateOffset(years=1),
        period_until=cells["period_until"] - pd.DateOffset(years=1),
    )
    last = write_geopackage({"cells_asb": then}, tmp_path / "last.gpkg", record=record)
    page = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["map", str(path), "--out", str(page), "--previous", str(last)])
    assert done.exit_code == 0, done.output
    assert 'class="changed"' in page.read_text(encoding="utf-8")
