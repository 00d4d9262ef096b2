"""docs/product.md is made from the declaration; its example is complete and runs."""

import re
import tomllib
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from refusing import refused
from write_schemas import EVERY_NAME as THEME
from write_schemas import with_settings_tables

from hotspots.core.errors import DataError
from hotspots.core.json_schema import json_schema
from hotspots.core.record import RunRecord
from hotspots.core.schema import check_table
from hotspots.demo.town.town import synthetic_town
from hotspots.programmes.tasking.load_product import in_words_of_a_file, load_product
from hotspots.programmes.tasking.product import TaskingProduct
from hotspots.programmes.tasking.product_file import TABLES, ProductFile
from hotspots.programmes.tasking.sources import IncidentSource, path_at
from hotspots.programmes.tasking.tables_file import SECTIONS, GridTable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "product.md"
BASE = {
    "title": "T", "marking": "M", "place": "P", "period": "2018-07", "incidents": "i.csv",
    "within": {"path": "w.geojson"},
}  # fmt: skip


TREATED = {"zones": "ward", "started": date(2025, 1, 1)}
NEEDED = {
    "change": TREATED, "watch": TREATED, "timetable": {"zones": "ward"}, "repeats": {"theme": "asb"}
}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """A setting as it is declared; its table is named as on the page."""

    table: str
    name: str
    node: dict[str, Any]
    required: bool

    @property
    def key(self) -> str:
        return f"{self.table}.{self.name}".lstrip(".")


def is_table(node: dict[str, Any]) -> bool:
    """Whether a setting is a table, or tables: `[grid]`, `[[zones]]`, not `incidents = "a.csv"`."""
    node = node.get("items", node)
    return "$ref" in node or node.get("type") == "object"


def declared() -> list[Setting]:
    found = []
    for heading, declaration in TABLES.items():
        table = re.sub(r"[\[\]`]", "", heading) if "[" in heading else ""
        schema = json_schema(declaration)
        known = schema.get("properties") or {THEME: schema["additionalProperties"]}
        for name, node in known.items():
            required = name in schema.get("required", ())
            if required or not is_table(node):
                found.append(Setting(table, name, node, required))
    return found


SETTINGS = declared()


def check_settings(settings: dict[str, Any], file: str) -> ProductFile:
    return check_table(settings, ProductFile, file)


def rows() -> dict[str, list[str]]:
    """Key with its table, as in the settings, to the cells of its row on the page."""
    found, table = {}, ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            table = re.sub(r"[\[\]`]", "", line[3:]) if "`[" in line else ""
        if line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 5, line
            found[f"{table}.{cells[0].strip('` ')}".lstrip(".")] = cells
    return found


def example() -> str:
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return text


def nested(key: str, value: object) -> dict[str, object]:
    """Settings of a whole file in which one setting has the value."""
    table, name = key.rpartition(".")[::2]
    if table == "incidents":
        return BASE | {"incidents": [{"path": "i.csv", name: value}]}
    if table == "zones":
        return BASE | {"zones": [{"path": "z.gpkg", name: value}]}
    if table == "sites":
        return BASE | {"sites": [{"path": "s.gpkg", "kind": "venue", name: value}]}
    if table.startswith("clusters"):
        return BASE | {"clusters": {"asb": {"radius_m": 100, "min_incidents": 5, name: value}}}
    if table == "briefings":
        return BASE | {"briefings": {"zones": "ward", "marking": "M", name: value}}
    if table in SECTIONS:
        needed = NEEDED.get(table, {})
        return BASE | {table: needed | {name: value}}
    if table == "sensitive":
        return BASE | {"sensitive": {"include": ["rough sleeping"], "reason": "r", name: value}}
    if table:
        return BASE | {table: {"path": "w.geojson"} | {name: value} if table == "within"
                       else {name: value}}  # fmt: skip
    return BASE | {name: value}


def test_the_page_names_every_setting_and_no_other():
    assert set(rows()) == {setting.key for setting in SETTINGS}


def test_the_tables_of_the_page_are_made_from_the_declaration():
    page = PAGE.read_text(encoding="utf-8")
    assert with_settings_tables(page) == page, "run python scripts/write_schemas.py"
    assert with_settings_tables(page.replace("50 |", "99 |")) == page
    with pytest.raises(LookupError, match="rank_by"):
        with_settings_tables(page.replace("## `[rank_by]`", "## Ranks"))


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_the_page_tells_default_and_example_of_the_code(setting):
    _, meaning, _, default, shown = rows()[setting.key]
    assert meaning
    if setting.required:
        assert default == "needed"
    elif setting.node.get("default") in (None, []):
        assert default == "none"
    else:
        told = setting.node["default"]
        assert default == f"`{str(told).lower() if isinstance(told, bool) else told}`"
    if setting.key == "within":
        return
    values = tomllib.loads(shown.strip("`"))
    ((name, value),) = values.items()
    assert name == setting.name or setting.name == THEME
    key = f"{setting.table}.{name}".lstrip(".").replace(THEME, "asb")
    check_settings(nested(key, value), "product.toml")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_every_setting_refuses_what_it_is_not_and_names_it(setting):
    with pytest.raises(DataError, match=f"`{setting.name.replace(THEME, 'asb')}` must be"):
        check_settings(nested(setting.key.replace(THEME, "asb"), 1j), "product.toml")


def test_defaults_are_those_of_the_product():
    made = {one.name: one.default for one in (*fields(TaskingProduct), *fields(IncidentSource))}
    for setting in SETTINGS:
        if not setting.table and setting.name in made and not setting.required:
            known = made[setting.name]
            default = setting.node.get("default")
            default = () if default == [] else default
            assert default == known or setting.name in ("fields", "themes", "grid")


def test_the_example_is_complete_and_runs(tmp_path):
    synthetic_town(seed=1, incidents=3_000).write(tmp_path)
    (tmp_path / "product.toml").write_text(example(), encoding="utf-8")
    given = tomllib.loads(example())
    used = set(given)
    for table in ("incidents", "zones", "sites"):
        used |= {f"{table}.{name}" for one in given[table] for name in one}
    used |= {
        f"{table}.{name}"
        for table in ("within", "grid", "sensitive", "decisions")
        for name in given[table]
    }
    used |= {f"clusters.{THEME}.{name}" for name in given["clusters"]["serious_violence"]}
    used |= {f"rank_by.{THEME}"}
    elsewhere = {f"grid.{name}" for name in GridTable.model_fields} - {"grid.h3"}
    # a folder that has to be there, and what does not go with [sensitive]: test_memory.py
    elsewhere |= {s.key for s in SETTINGS if s.table in SECTIONS}  # test_sections.py
    elsewhere |= {"previous", "briefings.zones", "briefings.marking", "briefings.earlier"}
    assert used >= {setting.key for setting in SETTINGS} - elsewhere
    product = load_product(tmp_path / "product.toml")
    results = product.run()
    assert set(results.clusters) == {"asb", "serious_violence"}
    assert results.cells["serious_violence"].index.name == "area_id"
    assert results.record.made_on.isoformat() == "2026-04-01"


@pytest.mark.parametrize(
    ("changed", "rule", "of", "table", "texts"),
    [
        ({"titel": "x"}, "unknown-setting", None, "", ["'titel'", "'title'?"]),
        ({"incidents": [{"path": "a", "feilds": "b"}]},
         "unknown-setting", None, " [[incidents]]", ["'feilds'", "'fields'?"]),
        ({"zones": [{"path": "a", "nam_field": "b"}]},
         "unknown-setting", None, " [[zones]]", ["'nam_field'", "?"]),
        ({"within": {"layer": "a"}}, "missing-setting", None, " [within]", ["'path'"]),
        ({"cluster": {}}, "unknown-setting", None, "", ["'cluster'", "'clusters'?"]),
        ({"clusters": {"asb": {"radius_m": 100}}},
         "missing-setting", None, " [clusters.asb]", ["'min_incidents'"]),
        ({"clusters": {"asb": 5}}, "setting-type", "asb", " [clusters]",
         ["table [clusters.asb]", "'radius_m', 'min_incidents'", "got 5"]),
        ({"zones": {"path": "a"}}, "setting-type", "zones", "", ["[[zones]] tables"]),
        ({"within": "city.geojson"}, "setting-type", "within", "",
         ["table [within]", "'city.geojson'"]),
        ({"grid": {"side_m": 100}}, "unknown-setting", None, " [grid]", ["'side_m'"]),
        ({"period": "2018-13"}, "period-format", "period", "", ["'2018-13'"]),
        ({"compare": ["2018-7"]}, "period-format", "compare", "", ["'2018-7'"]),
        ({"audience": "protect"}, "setting-type", "audience", "",
         ['"internal", "partner" or "public"', "'protect'"]),
        ({"rank_by": {"asb": "size"}}, "setting-type", "asb", " [rank_by]",
         ['"density" or "rate"', "'size'"]),
        ({"made_on": "2026-04-01"}, "setting-type", "made_on", "", ["without quotes"]),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_the_words_of_the_file(changed, rule, of, table, texts):
    with refused(rule, *texts, kind=DataError, of=of, file=f"product.toml{table}"):
        check_settings(BASE | changed, "product.toml")


def test_several_mistakes_are_told_together():
    with pytest.raises(DataError) as error:
        check_settings({"titel": "x", "top": 0, "grid": {"h3": 12}}, "product.toml")
    assert len(str(error.value).splitlines()) == 4


def test_a_path_of_which_a_backslash_took_letters_is_told(tmp_path):
    """``"C:\\temp"`` is a C, a colon, a tab and "emp"."""
    with refused("not-a-path", "single quotes", kind=DataError):
        path_at("C:\temp.csv", tmp_path)


PYTHON = re.compile(r"`\w+=|FieldMap|=\"|scale\.with|`record|pass `")


@pytest.mark.parametrize(
    ("rows", "settings", "words"),
    [
        ("a,b\n1,2\n", "", "fields = "),
        ("Crime ID,Month,Longitude,Latitude,Location,LSOA code,Crime type\n"
         "a,2018-07,-1.5,53.8,Here,E01011698,Witchcraft\n", "", "Witchcraft"),
        ("E,N,Date,Kind\n430000,433000,2018-07-01,46\n",
         'fields = "fields.toml"\nthemes = "home_office"\nharm_scale = "weights.csv"\n',
         "harm_scale = "),
        ("E,N,Date,Kind\n430000,433000,2018-07-01,Made up\n",
         'fields = "fields.toml"\nthemes = "home_office"\n', "Made up"),
        ("E,N,Date,Kind\n430000,433000,2018-07-01,46\n",
         'fields = "fields.toml"\nthemes = "home_office"\nlargest_gib = 1e-8\n', "`largest_gib`"),
    ],
)  # fmt: skip
def test_a_run_speaks_in_the_words_of_its_file(tmp_path, rows, settings, words):
    (tmp_path / "i.csv").write_text(rows)
    (tmp_path / "weights.csv").write_text("offence,weight\n8N,100\n")
    (tmp_path / "weights.toml").write_text(
        'name = "ours"\nedition = "1"\nunit = "days"\nsource = "us"\n'
        'offence_scheme = "home_office"\n'
    )
    (tmp_path / "fields.toml").write_text(
        'easting = "E"\nnorthing = "N"\ndate = "Date"\noffence = "Kind"\n'
        'offence_scheme = "home_office"\n'
    )
    file = tmp_path / "product.toml"
    file.write_text(
        'title = "T"\nmarking = "M"\nplace = "P"\nperiod = "2018-07"\nincidents = "i.csv"\n'
        f'{settings}[within]\npath = "bundled:boundaries/leeds.geojson"\n'
    )
    with (
        pytest.raises(DataError, match=r"^product\.toml\b") as error,
        in_words_of_a_file(file.name),
    ):
        load_product(file).prepare(RunRecord("T", marking="M"))
    assert words in str(error.value)
    assert not PYTHON.search(str(error.value)), str(error.value)


def product_of_codes(folder: Path, code: str) -> TaskingProduct:
    """A product of twenty incidents of one code, in a log without names of places."""
    lines = [f"{430000 + n},433000,2018-07-01,{code}" for n in range(20)]
    (folder / "i.csv").write_text("\n".join(["E,N,Date,Kind", *lines]) + "\n")
    (folder / "fields.toml").write_text(
        'easting = "E"\nnorthing = "N"\ndate = "Date"\noffence = "Kind"\n'
        'offence_scheme = "home_office"\n'
    )
    (folder / "product.toml").write_text(
        'title = "T"\nmarking = "M"\nplace = "P"\nperiod = "2018-07"\nincidents = "i.csv"\n'
        'fields = "fields.toml"\nthemes = "home_office"\n'
        '[within]\npath = "bundled:boundaries/leeds.geojson"\n'
    )
    return load_product(folder / "product.toml")


def test_data_that_carry_none_of_the_themes_are_refused_with_what_each_lacks(tmp_path):
    with refused("no-theme-carried", kind=DataError):
        product_of_codes(tmp_path, "8N").run()


def test_a_source_without_names_of_places_makes_a_product_and_says_so(tmp_path):
    results = product_of_codes(tmp_path, "5D").run()
    assert any("names no places" in caveat for caveat in results.record.caveat_texts)
    assert len(results.write(tmp_path / "out")) == 6
