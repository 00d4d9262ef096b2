"""Protect as a file: the table of the notebook, for one audience, and nothing half-written.

The town is written as a partnership would keep it: its extracts in ``saltmere``, its Protect zones,
premises and packs alone in ``saltmere-protect``, with the file that names them.
"""

import json
import re
import tomllib
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
from map_samples import data_of
from refusing import refused
from shapely.geometry import Point, box
from write_schemas import SETTINGS_PAGES, with_settings_tables

import hotspots as hs
from hotspots.core.errors import DataError
from hotspots.core.json_schema import json_schema
from hotspots.core.schema import settings_of, to_toml
from hotspots.demo.demonstrate import TOWN_INCIDENTS, TOWN_SEED
from hotspots.demo.town.town import synthetic_town
from hotspots.programmes.protect.demand import protect_demand
from hotspots.programmes.protect.protect_file import TABLES, ProtectFile
from hotspots.programmes.protect.protect_product import NAMED_LIST, NamedList, ProtectProduct
from hotspots.programmes.tasking import written_product as tasking_product
from hotspots.programmes.tasking.load_product import PRODUCTS, load_product
from hotspots.programmes.tasking.sources import load_sources
from hotspots.report.map.theme_tables import zones_as_areas
from hotspots.report.text.results.place_words import HANDLING

FILES = ["map.html", "protect.gpkg", "tables.xlsx", "manifest.json"]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "protect.md"
KNOWN = [178, 211, 65, 116, 115, 12, 16, 2, 0]
"""Recorded in the nine zones of the town of the demonstration."""
LEAST = {
    "title": "T", "marking": "PROTECT", "place": "P", "audience": "protect",
    "incidents": "../saltmere/incidents/police.csv",
    "fields": "../saltmere/incidents/police.toml", "themes": "home_office",
}  # fmt: skip
ZONES = {"zones": {"path": "protect.gpkg", "layer": "protect_zones"}}
REGISTER = {"register": {"path": "protect.gpkg", "layer": "protect_sites"}}
PACKS = {"trauma_packs": {"path": "protect.gpkg", "layer": "trauma_packs"}}


@pytest.fixture(scope="module")
def town():
    return synthetic_town(TOWN_SEED, incidents=TOWN_INCIDENTS)


@pytest.fixture(scope="module")
def folder(town, tmp_path_factory):
    """The town's Protect folder, with the file of the demonstration."""
    place = tmp_path_factory.mktemp("town")
    town.write(place / "saltmere", protect=True)
    own = place / "saltmere-protect"
    text = (PRODUCTS / "protect.toml").read_text(encoding="utf-8")
    (own / "protect.toml").write_text(text.replace("../../saltmere/inputs/", "../saltmere/"))
    return own


@pytest.fixture(scope="module")
def results(folder):
    return load_product(folder / "protect.toml").run()


@pytest.fixture(scope="module")
def written(results, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "protect"
    return results.write(out)


def test_the_file_is_drawn_again_as_the_page_that_stands_beside_it(written, typed_in, tmp_path):
    page, file, *_ = written
    for given in (file, file.parent):
        code, _, said = typed_in(tmp_path, "map", given, "--out", "again.html")
        assert code == 0, said
        assert (tmp_path / "again.html").read_bytes() == page.read_bytes()
    for other in ("internal", "partner"):
        code, _, said = typed_in(tmp_path, "map", file, "--audience", other, "--out", "no.html")
        assert code and "'protect'" in said and not (tmp_path / "no.html").exists()


def saved(folder, settings, name="mine.toml"):
    """A product file with these settings; tables after keys, as TOML wants them."""
    plain = {key: value for key, value in settings.items() if not is_table(value)}
    text = to_toml(plain)
    for key, value in settings.items():
        if is_table(value):
            for one in value if isinstance(value, list) else [value]:
                heading = f"[[{key}]]" if isinstance(value, list) else f"[{key}]"
                text += f"\n{heading}\n{to_toml(one)}"
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def is_table(value):
    listed = isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    return isinstance(value, dict) or listed


def faults_of(folder, settings):
    """What is found wrong with a file of these settings, one by one."""
    with pytest.raises(DataError) as error:
        load_product(saved(folder, settings))
    return error.value.findings


@pytest.mark.parametrize(
    "demand", [("all", "asb", "serious_violence"), ("serious_violence", "asb")]
)
def test_the_page_counts_what_the_tables_do_whatever_the_record_says(folder, demand):
    product = replace(load_product(folder / "protect.toml"), demand=demand)
    released = product.run().release()
    fresh = replace(released, record=released.record.copy(entries=[]))
    one, other = (
        [str(table["theme"].iloc[0]) for table in zones_as_areas(some)]
        for some in (released, fresh)
    )
    assert one == other == list(released.record.themes)
    assert one[0] == ("protect_demand" if "all" in demand else demand[0])


def tells(found, rule, *texts, of=None, file="mine.toml"):
    """Whether a finding is of this rule, about this argument and place, and holds these texts."""
    here = (found.rule, found.argument) == (rule, of) and found.file.endswith(file)
    return here and all(text in str(found) for text in texts)


def quoted(found):
    """The names a finding quotes."""
    return re.findall(r"'(\w+)'", found.message)


# one table, three ways


def test_notebook_file_and_command_give_the_same_table(folder, results, typed_in, tmp_path):
    product = results.product
    record = hs.RunRecord("Zones", marking=product.marking, audience="protect")
    by_notebook = protect_demand(
        hs.load_zones(
            folder / "protect.gpkg", kind="protect", layer="protect_zones", record=record
        ),
        load_sources(product.sources, record)[0],
        record,
        register=gpd.read_file(folder / "protect.gpkg", layer="protect_sites").set_index("site_id"),
        trauma_packs=gpd.read_file(folder / "protect.gpkg", layer="trauma_packs").set_index(
            "pack_id"
        ),
        reach_m=50,
    )
    pd.testing.assert_frame_equal(results.found.demand, by_notebook.demand)
    pd.testing.assert_frame_equal(results.found.premises, by_notebook.premises)
    pd.testing.assert_frame_equal(results.found.beyond, by_notebook.beyond)
    assert results.found.to_sentence() == by_notebook.to_sentence()
    code, said, _ = typed_in(folder, "run", "protect.toml", "--out", tmp_path / "out")
    assert code == 0 and "12,000 rows" in said and "12,000 accepted" in said
    zones = gpd.read_file(tmp_path / "out" / "protect.gpkg", layer="protect_zones")
    assert zones["incident_count"].tolist() == by_notebook.demand["incident_count"].tolist()
    sheet = openpyxl.load_workbook(tmp_path / "out" / "tables.xlsx")["Demand"]
    rows = [row for row in sheet.iter_rows(values_only=True) if row[0] == "all"]
    assert [row[3] for row in rows] == by_notebook.demand["incident_count"].tolist()


def test_the_town_of_the_demonstration_has_its_known_answers(results):
    assert results.found.demand["incident_count"].tolist() == KNOWN
    assert len(results.found.sites) == 74 and len(results.found.beyond) == 5
    (account,) = results.record.accounts
    assert results.record.read == account.accepted == 12_000
    assert (account.sensitive, account.unlocated, account.used) == (1_169, 345, 10_486)


def test_each_theme_is_counted_by_itself_and_all_incidents_come_first(folder, results):
    wanted = replace(results.product, demand=("asb", "all", "serious_violence"))
    found = wanted.run()
    counts = found.found.demand["incident_count"]
    assert list(dict.fromkeys(counts.index.get_level_values("theme"))) == [
        "all", "asb", "serious_violence",
    ]  # fmt: skip
    assert counts["all"].tolist() == KNOWN
    released = found.release()
    zones = released.zones[-1]
    assert zones["incident_count"].tolist() == KNOWN
    assert zones["asb_count"].tolist() == counts["asb"].tolist()
    drawn = data_of(found.map(released))["themes"]
    shown = [sum(theme["cells"]["count"]) for theme in drawn]
    assert shown == [counts[theme].sum() for theme in ("all", "asb", "serious_violence")]
    assert list(found.record.themes) == ["protect_demand", "asb", "serious_violence"]


def test_only_caveats_of_what_is_counted_are_told(results):
    told = " ".join(results.record.caveat_texts)
    assert results.record.caveat_texts[0] == HANDLING
    assert "does not exist" in told and "sensitive" in told
    assert "vehicle nuisance" not in told and "national definition" not in told
    violence = replace(results.product, demand=("serious_violence",)).run()
    assert "national definition" in " ".join(violence.record.caveat_texts)


def test_a_period_and_a_study_area_are_those_of_the_account(results):
    west = results.product.outlines[0].copy()
    x0, y0, x1, y1 = west.total_bounds
    west["geometry"] = [box(x0, y0, (x0 + x1) / 2, y1)]
    year = replace(results.product, period="2025", within=west, current=False).run()
    (account,) = year.record.accounts
    assert (account.period, account.accepted) == ("2025", 12_000)
    assert account.out_of_period > 7_000 and account.outside > 500
    assert year.found.period == "2025"
    assert any("data end 2025" in caveat for caveat in year.record.caveat_texts)
    shares = year.found.demand["share_of_count"] * account.used
    assert shares.round(6).tolist() == year.found.demand["incident_count"].tolist()


def test_a_period_beyond_the_data_is_refused_or_told(results):
    with refused("no-incidents", kind=DataError, of="period"):
        replace(results.product, period="2031").run()
    late = replace(results.product, period="2026-03/2026-05").run()
    (gap,) = [one for one in late.record.caveats if one.rule == "months-without-data"]
    assert re.findall(r"\b\d\b", str(gap)) == ["1", "3"]
    assert {"March 2026", "April 2026", "May 2026"} == set(re.findall(r"\w+ 2026", str(gap)))


def test_the_page_shows_the_premises_out_of_reach_and_no_other(results, written):
    page = written[0].read_text(encoding="utf-8")
    away = results.found.beyond.index
    assert len(away) == 5 and set(re.findall(r"site-\d+", page)) == set(away)
    assert data_of(results.map())["reach"]["away"]["name"] == list(away)
    assert len(data_of(results.map())["reach"]["packs"]["name"]) == 34


def test_row_order_of_zones_register_and_packs_changes_nothing(results):
    product = results.product
    turned = replace(
        product,
        zones=product.zones[::-1],
        register=product.register[::-1],
        trauma_packs=product.trauma_packs[::-1],
    ).run()
    pd.testing.assert_frame_equal(turned.found.sites, results.found.sites)
    one, other = turned.found.demand, results.found.demand
    pd.testing.assert_frame_equal(one.sort_index(), other.sort_index())


def test_a_register_or_packs_need_not_be_there(folder, tmp_path):
    bare = load_product(saved(folder, LEAST | ZONES)).run()
    assert bare.found.sites is None and bare.found.beyond is None
    assert [path.name for path in bare.write(tmp_path / "bare")] == FILES
    alone = load_product(saved(folder, LEAST | ZONES | REGISTER)).run()
    assert alone.found.beyond is None
    assert sorted(alone.found.sites.index) == list(range(1, 75))
    layers = dict(pyogrio.list_layers(tmp_path / "bare" / "protect.gpkg"))
    assert not [name for name, kind in layers.items() if kind and "Point" in kind]


def test_a_tier_may_have_a_column_of_another_name(folder, tmp_path):
    points = gpd.read_file(folder / "protect.gpkg", layer="protect_sites")
    points.rename(columns={"tier": "duty"}).to_file(folder / "duties.gpkg")
    register = {"register": {"path": "duties.gpkg", "id_field": "site_id", "tier_field": "duty"}}
    found = load_product(saved(folder, LEAST | ZONES | register)).run().found
    assert set(found.premises.columns) >= {"standard", "enhanced"}
    assert "duty" not in found.sites.columns


# nothing of it elsewhere, nothing of anyone in it


def test_no_output_holds_an_incident(town, written):
    layers = dict(pyogrio.list_layers(written[1]))
    points = {name for name, kind in layers.items() if kind and "Point" in kind}
    assert points == {"protect_sites", "trauma_packs"}
    premises = gpd.read_file(written[1], layer="protect_sites").geometry
    packs = gpd.read_file(written[1], layer="trauma_packs").geometry
    assert (len(premises), len(packs)) == (74, 34)
    references = [str(one).encode() for one in town.incidents.index[:2_000]]
    for path in written:
        for content in contents(path):
            assert not any(one in content for one in references), path.name
            assert b"police.csv:" not in content.replace(b"police.csv: ", b""), path.name


def contents(path):
    """The bytes of a file; of its members where it is an archive."""
    import zipfile

    if not zipfile.is_zipfile(path):
        return [path.read_bytes()]
    with zipfile.ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


def test_every_file_carries_the_handling_words(written, results):
    marking = results.product.marking
    assert [path.name for path in written] == FILES
    for path in written:
        assert any(marking.encode() in content for content in contents(path)), path.name
    manifest = json.loads(written[3].read_text(encoding="utf-8"))
    assert manifest["audience"] == "protect" and HANDLING in manifest["caveats"]


def test_products_and_results_are_not_printed(results):
    for one in (results, results.product, results.found):
        assert "not shown" in repr(one) and "protect-01" not in repr(one)


def test_all_files_are_written_or_none(results, tmp_path, monkeypatch):
    def full(*_):
        raise OSError("no space left on the disk")

    out = tmp_path / "out"
    out.mkdir()
    (out / "map.html").write_text("last month")
    monkeypatch.setattr(tasking_product, "write_workbook", full)
    with refused("not-written", "no space left"):
        results.write(out)
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [("map.html", "last month")]
    assert not list(tmp_path.glob(".out*"))


def test_a_protect_file_enters_no_other_command(folder, typed_in):
    for command in ("wards", "jemlock", "chb", "pspo"):
        code, said, complained = typed_in(folder, command, "--product", "protect.toml")
        assert code and not said and "--product" in complained, command
        assert "hotspots run protect.toml" in complained


# refused


def test_a_marking_that_does_not_name_protect_is_refused(folder, results, typed_in):
    (told,) = faults_of(folder, LEAST | ZONES | {"marking": "OFFICIAL"})
    assert tells(told, "argument", "'OFFICIAL'", "PROTECT", of="marking")
    with refused("argument", "'protect'", "'OFFICIAL'", "PROTECT"):
        replace(results.product, marking="OFFICIAL")
    saved(folder, LEAST | ZONES | {"marking": "OFFICIAL"})
    code, _, complained = typed_in(folder, "run", "mine.toml", "--out", "never")
    assert code == 1 and "Protect marking" in complained
    assert not (folder / "never").exists()


def test_everything_wrong_with_a_file_is_told_in_one_error(folder):
    wrong = {
        "titel": "T", "marking": "OFFICIAL", "audience": "protect", "demand": [], "reach_m": -5,
        "period": "2025-13", **PACKS, "outlines": [{"layer": "wards"}],
    }  # fmt: skip
    told = faults_of(folder, wrong)
    for rule, texts, of, place in (
        ("missing-setting", ["'incidents', 'place', 'title', 'zones'"], None, "mine.toml"),
        ("argument", ["'protect'", "'OFFICIAL'", "PROTECT"], "marking", "mine.toml"),
        ("argument", ["got none"], "demand", "mine.toml"),
        ("setting-type", ["metres above 0", "got -5"], "reach_m", "mine.toml"),
        ("period-format", ["'2025-13'"], "period", "mine.toml"),
        ("argument", ["need [register] ("], None, "mine.toml [trauma_packs]"),
        ("missing-setting", ["'path'"], None, "mine.toml [[outlines]]"),
        ("unknown-setting", ["'titel'", "'title'?"], None, "mine.toml"),
    ):
        assert sum(tells(one, rule, *texts, of=of, file=place) for one in told) == 1, (rule, of)
    assert len(told) == 8 and all(one.file.startswith("mine.toml") for one in told)


@pytest.mark.parametrize(
    ("given", "rule", "texts", "of", "place"),
    [
        (PACKS, "argument", ["need [register] (", "and reach_m ("], None, " [trauma_packs]"),
        (PACKS | REGISTER, "argument", ["need reach_m ("], None, " [trauma_packs]"),
        ({"demand": ["asb", "asb"]}, "argument", ["['asb', 'asb']"], "demand", ""),
        (
            {"zones": [{"path": "protect.gpkg"}]},
            "setting-type", ["table [zones]", "[{'path': 'protect.gpkg'}]"], "zones", "",
        ),
        ({"premises": {"path": "protect.gpkg"}}, "unknown-setting", ["'premises'"], None, ""),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_told_in_the_words_of_the_file(
    folder, given, rule, texts, of, place
):
    (told,) = faults_of(folder, LEAST | ZONES | given)
    assert tells(told, rule, *texts, of=of, file=f"mine.toml{place}"), str(told)


def test_all_files_that_cannot_be_read_are_told_together(folder):
    gpd.GeoDataFrame({"a": [1, 2]}, geometry=[box(0, 0, 9, 9)] * 2, crs=27700).to_file(
        folder / "shapes.gpkg"
    )
    gpd.GeoDataFrame({"pack": ["one", "one", None]}, geometry=[Point(0, 0)] * 3, crs=27700).to_file(
        folder / "packs.gpkg"
    )
    told = faults_of(
        folder,
        LEAST | {
            "zones": {"path": "nowhere.gpkg"},
            "register": {"path": "shapes.gpkg"},
            "trauma_packs": {"path": "packs.gpkg", "id_field": "pack"},
            "outlines": [{"path": "protect.gpkg", "layer": "lost"}],
            "reach_m": 5,
        },
    )  # fmt: skip
    assert all(one.file.startswith("mine.toml") for one in told)
    for rule, texts, place in (
        ("no-such-file", [], "nowhere.gpkg"),
        ("no-point", ["`[register]`", "2 of 2"], "mine.toml"),
        ("data", ["packs.gpkg: ", "'pack'", "1 of 3"], "mine.toml"),
        ("no-such-layer", ["'lost'"], "protect.gpkg"),
    ):
        assert sum(tells(one, rule, *texts, file=place) for one in told) == 1, rule


@pytest.mark.parametrize(
    ("register", "rule", "texts"),
    [
        ({"id_field": "reference"}, "data", ["protect.gpkg: ", "'reference'; it has 'capacity'"]),
        ({"tier_field": "duty"}, "data", ["protect.gpkg: ", "'duty'; it has 'capacity'"]),
        ({"id_field": "zone_id"}, "index-not-unique", ["`[register]`"]),
    ],
)
def test_a_register_without_its_columns_is_refused(folder, register, rule, texts):
    (told,) = faults_of(folder, LEAST | ZONES | {"register": {**REGISTER["register"], **register}})
    assert tells(told, rule, *texts), str(told)


def test_themes_nobody_knows_and_themes_the_data_lack_are_refused(folder):
    (told,) = faults_of(folder, LEAST | ZONES | {"demand": ["all", "arsen"]})
    assert tells(told, "data", of="demand")
    assert quoted(told) == ["arsen", "asb", "serious_violence", "vehicle_nuisance"]
    leeds = {
        "incidents": "bundled:incidents/2018-07-west-yorkshire-street.csv.gz",
        "themes": "police_uk", "demand": ["vehicle_nuisance"],
    }  # fmt: skip
    settings = {name: value for name, value in LEAST.items() if name != "fields"}
    product = load_product(saved(folder, settings | ZONES | leeds))
    with refused("not-held", "vehicle_nuisance", kind=DataError, of="demand"):
        product.run()


def test_a_tasking_file_for_protect_is_told_what_a_protect_file_needs(folder):
    town = (PRODUCTS / "town.toml").read_text(encoding="utf-8")
    file = folder / "town.toml"
    file.write_text(town.replace('audience = "internal"', 'audience = "protect"'))
    with pytest.raises(DataError) as error:
        load_product(file)
    first, *others = error.value.findings
    named = ('audience = "protect"', "[zones]", "PROTECT")
    assert tells(first, "stray-setting", *named, file="town.toml")
    assert quoted(first) == [
        *("backdrop", "clusters", "compare", "grid", "invented", "priority_wards", "top")
    ]
    found = {(one.rule, one.argument) for one in others}
    assert {("argument", "marking"), ("setting-type", "zones")} <= found
    only = folder / "only.toml"
    only.write_text("top = 5\n" + (folder / "protect.toml").read_text())
    with refused("stray-setting", "'top'", kind=DataError) as error:
        load_product(only)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("audience", ["internal", "partner", "public", "Protect", "", None])
def test_a_protect_file_for_anyone_else_is_refused(folder, audience):
    text = (folder / "protect.toml").read_text()
    said = "" if audience is None else f'audience = "{audience}"'
    file = folder / "theirs.toml"
    file.write_text(text.replace('audience = "protect"', said))
    with pytest.raises(DataError) as error:
        load_product(file)
    (told,) = error.value.findings
    came = f'audience = "{"internal" if audience is None else audience}"'
    assert tells(told, "stray-setting", 'audience "protect"', came, file="theirs.toml")
    assert quoted(told) == ["demand", "outlines", "reach_m", "register", "trauma_packs"]


# the premises by name


def named(product):
    return replace(product, named_list=NamedList("The adviser", date(2040, 3, 31)))


def holds(path, texts):
    """The texts that a file holds, in any of its members."""
    return {text for one in contents(path) for text in texts if text.encode() in one}


def test_no_output_names_premises_unless_it_is_asked_for(town, results, written, tmp_path):
    names = set(town.protect.sites["site_name"])
    assert [path.name for path in written] == FILES
    sites = gpd.read_file(written[1], layer="protect_sites")
    assert {"site_id", "tier", "distance_m"} <= set(sites.columns)
    assert not {"site_name", "use", "capacity"} & set(sites.columns)
    listed = named(results.product).run()
    for path in (*written, *listed.write(tmp_path / "out")):
        assert holds(path, names) == (names if path.name == NAMED_LIST else set()), path.name


def test_the_named_list_says_for_whom_and_until_when(results, tmp_path):
    listed = named(results.product).run()
    out = tmp_path / "out"
    assert [path.name for path in listed.write(out)] == [*FILES[:3], NAMED_LIST, FILES[3]]
    sheet = openpyxl.load_workbook(out / NAMED_LIST).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == results.product.marking and HANDLING in rows[3][0]
    assert "The adviser" in rows[2][0] and "31 March 2040" in rows[2][0]
    assert sum(any(str(cell).startswith("site-") for cell in row) for row in rows) == 74
    manifest = json.loads((out / FILES[3]).read_text())
    assert NAMED_LIST in manifest["outputs"]
    assert manifest["choices"]["named_list"][0] == {
        "file": NAMED_LIST, "recipient": "The adviser", "destroy_by": "2040-03-31",
    }  # fmt: skip
    (out / NAMED_LIST).write_bytes(b"opened, and saved again")
    results.write(out)
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"recipient": "The adviser"}, "destroy_by"),
        ({"destroy_by": date(2040, 3, 31)}, "recipient"),
        ({"recipient": " ", "destroy_by": date(2040, 3, 31)}, "recipient"),
        ({"recipient": "The adviser", "destroy_by": "soon"}, "destroy_by"),
    ],
)
def test_a_named_list_without_recipient_or_day_is_refused(folder, given, setting):
    (told,) = faults_of(folder, LEAST | ZONES | REGISTER | {"named_list": given})
    assert setting in str(told)
    whole = {"recipient": "The adviser", "destroy_by": date(2040, 3, 31)}
    with refused("argument", of=setting):
        NamedList(**(whole | {setting: None}))


def test_a_named_list_is_of_a_register(folder, results):
    given = {"named_list": {"recipient": "The adviser", "destroy_by": date(2040, 3, 31)}}
    (told,) = faults_of(folder, LEAST | ZONES | given)
    assert "[register]" in str(told)
    with refused("argument", of="named_list"):
        replace(named(results.product), register=None, trauma_packs=None)


def test_a_protect_page_has_no_links_no_saving_and_no_decisions(results, written, tmp_path):
    page = written[0].read_text(encoding="utf-8")
    assert data_of(results.map())["links"] is False
    assert not re.search(r'id="(save-page|save-decisions|decided?|decide-\w+)"', page)
    assert "Save this page" not in page.split("<script")[0]
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "decisions.csv").write_text("theme,area_id\n")
    with refused("decisions-of-others"):
        results.write(tmp_path / "out")


def test_only_protect_zones_are_counted_in(results):
    wards = results.product.outlines[1]
    with refused("wrong-zones", "'ward'", of="zones"):
        replace(results.product, zones=wards).run()


# the page of settings


def test_the_tables_of_the_page_are_made_from_the_declaration():
    page = PAGE.read_text(encoding="utf-8")
    assert SETTINGS_PAGES[PAGE.name] is TABLES
    assert with_settings_tables(page, TABLES) == page, "run python scripts/write_schemas.py"


def test_the_page_names_every_setting_that_is_no_table():
    page = PAGE.read_text(encoding="utf-8")
    for heading, declaration in TABLES.items():
        section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
        named = set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
        tables = {"within", "register", "trauma_packs", "named_list", "outlines"}
        top = declaration is ProtectFile
        assert named == settings_of(declaration) - (tables if top else set()), heading


def test_every_example_of_the_page_is_a_setting_that_passes(folder):
    page = PAGE.read_text(encoding="utf-8")
    examples = re.findall(r"^\| `(\w+)` \|.*\| `(.*)` \|$", page, re.MULTILINE)
    known = json_schema(ProtectFile)["properties"]
    assert len(examples) > 30
    for key, text in examples:
        ((name, value),) = tomllib.loads(text).items()
        assert name == key
        if key in known and key not in ("incidents", "fields", "themes"):
            (told,) = faults_of(folder, LEAST | {key: value})
            assert tells(told, "missing-setting") and quoted(told) == ["zones"], text


def test_the_example_of_the_page_is_complete_and_runs(folder):
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    given = tomllib.loads(text)
    assert set(given) == settings_of(ProtectFile)
    for heading, declaration in TABLES.items():
        if "`" in heading:
            tables = given[heading.strip("[]`")]
            used = {name for one in (tables if isinstance(tables, list) else [tables])
                    for name in one}  # fmt: skip
            assert used == settings_of(declaration), heading
    (folder / "complete.toml").write_text(text, encoding="utf-8")
    found = load_product(folder / "complete.toml").run()
    assert set(found.found.demand.index.get_level_values("theme")) == set(given["demand"])
    assert found.record.made_on.isoformat() == "2026-04-01"


def test_defaults_are_those_of_the_product():
    made = {one.name: one.default for one in fields(ProtectProduct)}
    for name, field in ProtectFile.model_fields.items():
        if name in made and not field.is_required():
            assert field.default == made[name], name


def test_the_file_that_comes_along_is_of_protect():
    text = (PRODUCTS / "protect.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["audience"] == "protect"
    shown = json.loads((PRODUCTS.parent / "schemas" / "protect-product.schema.json").read_text())
    assert set(shown["properties"]) == settings_of(ProtectFile)
