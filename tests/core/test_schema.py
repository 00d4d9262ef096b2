"""Every kind of TOML file is read by one reader, and these are its laws.

What holds for a product holds for a list of wards: a file says everything that is wrong with it at
once, in its own words, and nothing of the wrong kind passes.
"""

import json
import math
import os
import re
import tomllib
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, Strict
from refusing import refused
from write_schemas import FILE_KINDS, SCHEMAS, docs_table, editor_schemas, published

from hotspots.core.data import DEFINITIONS, bundled
from hotspots.core.errors import DataError
from hotspots.core.json_schema import json_schema
from hotspots.core.schema import (
    AS_IT_CAME,
    AnyText,
    Day,
    Flag,
    Table,
    Whole,
    check_table,
    read_toml,
    says,
    to_toml,
)
from hotspots.io.incidents.breaks import FORCES, LIST, ForcesFile
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.meaning import LIST as INSTITUTIONS
from hotspots.io.incidents.meaning import InstitutionsFile

PLACE = {"easting": "X", "northing": "Y", "date": "D", "offence": "O"}
SMALLEST: dict[str, dict[str, Any]] = {
    "product": {
        "title": "T", "marking": "M", "place": "P", "period": "2018-07", "incidents": "i.csv",
        "within": {"path": "w.geojson"},
    },
    "protect-product": {
        "title": "T", "marking": "PROTECT", "place": "P", "audience": "protect",
        "incidents": "i.csv", "zones": {"path": "z.geojson"},
    },
    "field-map": {"name": "log", **PLACE},
    "themes": {"offence_scheme": "police_uk"},
    "basket": {"title": "Knives"},
    "harm-scale": {},
    "breaks": {"break": [{"name": "n", "what": "w", "advice": "a", "source": "s"}]},
    "zone-list": {"zone": [{"zone_name": "A", "members": ["E1"]}]},
    "ward-list": {"ward": [{"ward_name": "A"}]},
}  # fmt: skip
"""The least that each kind of file may say."""
BUNDLED = [
    *(
        ("protect-product" if file.stem == "protect" else "product", file)
        for file in sorted(DEFINITIONS.glob("products/*.toml"))
    ),
    *(("themes", file) for file in sorted(DEFINITIONS.glob("themes/*.toml"))),
    *(("basket", file) for file in sorted(DEFINITIONS.glob("baskets/*.toml"))),
    *(("harm-scale", file) for file in sorted(DEFINITIONS.glob("harm/*.toml"))),
    ("breaks", LIST),
    ("zone-list", bundled("community_committees.toml")),
    ("ward-list", bundled("priority_wards.toml")),
]
WRONG = {
    "string": [True, 5, 1.5, math.nan, date(2026, 1, 1), {"a": "b"}, [1], 1j, None],
    "boolean": ["yes", "true", 0, 1, 1.0, [True], {}, None],
    "integer": [True, "5", 5.0, 5.5, 10**400, -(10**30), math.nan, math.inf, [5], {}, None],
    "number": [True, "5", math.nan, math.inf, -math.inf, 10**400, [5.0], {}, None],
    "date": ["soon", "", 5, datetime(2026, 1, 1, 5), time(5), True, [], {}, None],
    "array": [5, True, [1.5], [[]], [None], {"a": 1}, date(2026, 1, 1), None],
    "object": ["x", 5, True, date(2026, 1, 1), None],
}


EDGES = "Its edges, see `rings`."


class Ring(Table):
    """A ring around a place.

    Parameters
    ----------
    inner_m, outer_m
        Its edges, see :func:`rings`.
    """

    outer_m: Annotated[float, Strict(), Field(gt=0, le=5000), AS_IT_CAME]
    inner_m: Annotated[float, Strict(), Field(ge=0), AS_IT_CAME] = 0
    label: str = "ring"
    edition: AnyText = ""


class Map(Table):
    """A small declaration with every kind of setting."""

    title: str
    current: Flag = True
    top: Annotated[Whole, says(unit="places")] = Field(5, ge=1, le=50, description="how many")
    made_on: Day | None = None
    by: Literal["count", "harm"] = "count"
    names: tuple[str, ...] = ()
    ring: tuple[Ring, ...] = ()
    style: dict[str, Ring] = Field(default_factory=dict)


def kinds():
    return [pytest.param(name, *FILE_KINDS[name], id=name) for name in FILE_KINDS]


def faults(values, declaration, file="file.toml"):
    with pytest.raises(DataError) as error:
        check_table(values, declaration, file)
    return str(error.value).splitlines()


def found_in(values, declaration):
    """Rule, table and argument of each fault, and the words that hold what came."""
    with pytest.raises(DataError) as error:
        check_table(values, declaration, "file.toml")
    return [
        ((found.rule, found.file, found.argument), str(found)) for found in error.value.findings
    ]


def settings_of(name):
    """Every setting at the top of a kind of file, with what its schema says of it."""
    declaration, _ = FILE_KINDS[name]
    return [
        (declaration, key, node) for key, node in json_schema(declaration)["properties"].items()
    ]


def kind_of(declaration, node):
    ways = node.get("anyOf") or node.get("oneOf") or [node]
    found = {"date" if way.get("format") == "date" else way.get("type", "object") for way in ways}
    return found if len(ways) == 1 else {*found, "array", "string"}


@pytest.mark.parametrize(("name", "declaration", "title"), kinds())
def test_the_least_that_a_file_may_say_passes_and_says_the_defaults(name, declaration, title):
    read = check_table(SMALLEST[name], declaration, "file.toml")
    for key, node in json_schema(declaration)["properties"].items():
        if "default" in node and key not in SMALLEST[name]:
            value = getattr(read, key)
            assert json.loads(json.dumps(value)) == node["default"], key


@pytest.mark.parametrize(("name", "declaration", "title"), kinds())
def test_defaults_written_out_are_the_defaults(name, declaration, title):
    told = {k: n["default"] for k, n in json_schema(declaration)["properties"].items()
            if "default" in n}  # fmt: skip
    once = check_table(SMALLEST[name], declaration, "file.toml")
    assert check_table(told | SMALLEST[name], declaration, "file.toml") == once


@pytest.mark.parametrize(("name", "declaration", "title"), kinds())
def test_any_misspelt_setting_is_told_with_the_nearest(name, declaration, title):
    for key in json_schema(declaration)["properties"]:
        for typed in (f"{key}s", key[:-1], key[0] + key, key.upper() if len(key) < 3 else key[1:]):
            if typed in json_schema(declaration)["properties"]:
                continue
            ((where, told),) = found_in(SMALLEST[name] | {typed: "x"}, declaration)
            assert where == ("unknown-setting", "file.toml", None)
            assert repr(typed) in told
            assert any(
                told.endswith(f" {near!r}?") for near in json_schema(declaration)["properties"]
            )


@pytest.mark.parametrize(("name", "declaration", "title"), kinds())
def test_a_setting_like_none_is_told_with_all_there_are(name, declaration, title):
    (told,) = faults(SMALLEST[name] | {"qqqqqq": 1}, declaration)
    assert all(repr(key) in told for key in json_schema(declaration)["properties"])


@pytest.mark.parametrize("name", FILE_KINDS)
def test_nothing_of_the_wrong_kind_passes_and_each_is_named(name):
    for declaration, key, node in settings_of(name):
        fitting = kind_of(declaration, node)
        for value in (
            WRONG[next(iter(fitting))] if len(fitting) == 1 else [5, True, math.nan, [5.5]]
        ):
            loose = isinstance(value, (int, float, date)) and not isinstance(value, bool)
            if loose and key in ("edition", "review_on", "destroy_on"):
                continue
            if value is None and key not in json_schema(declaration).get("required", ()):
                continue  # TOML has no null; from Python it is the same as saying nothing
            told = faults(SMALLEST[name] | {key: value}, declaration)
            assert any(f"`{key}`" in line for line in told), (key, value, told)
            assert all(len(line) < 500 for line in told), (key, told)


@pytest.mark.parametrize(("name", "declaration", "title"), kinds())
def test_a_file_that_is_not_a_table_is_told(name, declaration, title):
    ((where, told),) = found_in([1], declaration)
    assert where == ("setting-type", "file.toml", None) and "[1]" in told


@pytest.mark.parametrize(("name", "file"), BUNDLED, ids=lambda one: getattr(one, "stem", one))
def test_files_that_come_along_pass(name, file):
    declaration, _ = FILE_KINDS[name]
    assert read_toml(file, declaration, what="it")


def test_lists_of_the_package_pass():
    assert read_toml(FORCES, ForcesFile, what="it").england_and_wales
    assert read_toml(INSTITUTIONS, InstitutionsFile, what="it").kind


def assert_in_order(told, parts):
    assert re.search(r"[\s\S]*?".join(map(re.escape, parts)), told), told


def test_all_faults_are_in_one_error_each_once_and_in_its_place():
    wrong = {
        "titel": "x", "current": "yes", "top": 99, "made_on": "2026-04-01", "by": "size",
        "names": ["a", 5, 6], "ring": [{"outer_m": 5}, {"outer": 5, "label": 1}],
        "style": {"a b": {"outer_m": -1}, "c": 5},
    }  # fmt: skip
    top, ring = "file.toml", "file.toml [[ring]] number 2"
    expected = [
        ("missing-setting", top, None, ["'title'"]),
        ("setting-type", top, "current", ["true", "false", "'yes'"]),
        ("setting-type", top, "top", ["whole", "1", "50", "99"]),
        ("setting-type", top, "made_on", ["quotes", "'2026-04-01'"]),
        ("setting-type", top, "by", ['"count"', '"harm"', "'size'"]),
        ("setting-type", top, "names", ["list", "texts", "['a', 5, 6]"]),
        ("missing-setting", ring, None, ["'outer_m'"]),
        ("setting-type", ring, "label", ["text", "1"]),
        ("unknown-setting", ring, None, ["'outer'", "'outer_m'?"]),
        ("setting-type", 'file.toml [style."a b"]', "outer_m", ["above 0", "5,000", "-1"]),
        ("setting-type", "file.toml [style]", "c", ["[style.c]", "'outer_m'", "5"]),
        ("unknown-setting", top, None, ["'titel'", "'title'?"]),
    ]
    found = found_in(wrong, Map)
    assert [where for where, _ in found] == [tuple(where) for *where, _ in expected]
    for (_, told), (*_, parts) in zip(found, expected, strict=True):
        assert_in_order(told, parts)


def test_numbers_stay_as_they_were_written():
    ring = check_table({"outer_m": 5, "inner_m": 1.5}, Ring, "f")
    assert (repr(ring.outer_m), repr(ring.inner_m)) == ("5", "1.5")
    assert check_table({"outer_m": 5, "edition": 2020}, Ring, "f").edition == "2020"


def test_what_was_read_does_not_change_and_neither_does_what_was_given():
    given = {"title": "T", "ring": [{"outer_m": 5}]}
    read = check_table(given, Map, "f")
    assert given == {"title": "T", "ring": [{"outer_m": 5}]}
    with pytest.raises(ValueError, match="frozen"):
        read.title = "U"


def test_checks_of_a_declaration_name_the_file_and_the_table():
    readings = {"police_uk": {"state": "absent", "offences": ["Robbery"]},
                "home_office": {"state": "sure"}}  # fmt: skip
    absent, sure = found_in({"title": "T", **readings}, FILE_KINDS["basket"][0])
    assert absent[0][1] == "file.toml [police_uk]" and "1 offences" in absent[1]
    assert sure[0][1:] == ("file.toml [home_office]", "state") and "'sure'" in sure[1]
    ((where, told), *_) = found_in({"title": "T", "nte": "x"}, FILE_KINDS["basket"][0])
    assert where[0] == "unknown-setting" and told.endswith("'note'?")
    unknown = {"police_uk": {"state": "measured", "offences": ["Wizardry"]},
               "home_office": {"state": "measured", "offences": ["Wizardry"]}}  # fmt: skip
    assert len(faults({"title": "T", **unknown}, FILE_KINDS["basket"][0])) == 2


def test_a_theme_is_of_a_basket_or_written_out():
    themes = {"offence_scheme": "police_uk",
              "theme": [{"basket": "asb", "label": "x"}, {"name": "a", "lable": "b"}]}  # fmt: skip
    expected = [
        ("unknown-setting", "file.toml [[theme]] number 1", None, ["'label'", " 'basket'."]),
        ("missing-setting", "file.toml [[theme]] number 2", None, ["'label', 'state'."]),
        ("unknown-setting", "file.toml [[theme]] number 2", None, ["'lable'", "'label'?"]),
    ]
    found = found_in(themes, FILE_KINDS["themes"][0])
    assert [where for where, _ in found] == [tuple(where) for *where, _ in expected]
    for (_, told), (*_, parts) in zip(found, expected, strict=True):
        assert_in_order(told, parts)


def test_arguments_from_python_are_an_input_error():
    with refused("unknown-setting", "'easting'?"):
        FieldMap.from_mapping({"name": "log", **PLACE, "eastin": "X"})


@pytest.mark.parametrize(
    "text",
    [
        "title = ", "title = 'a'\ntitle = 'b'", "made_on = 2026-02-30", f"top = {'9' * 5_000}",
        "names = " + "[" * 5_000, "\x00", "title = 'a'\n[title]",
        "#" * 1_000_001, "a." * 50_000 + "a = 1", f"[{'a . ' * 50_000}a]",
        "top = {" + "'a b'.\"a \\\" b\"." * 20_000 + "a = 1}",
    ],
)  # fmt: skip
def test_what_is_no_toml_is_told_in_words(tmp_path, text):
    file = tmp_path / "map.toml"
    file.write_text(text, encoding="utf-8")
    with refused("not-toml", kind=DataError, file="map.toml"):
        read_toml(file, Map, what="a map")


@pytest.mark.parametrize("path", [r"C:\data\a.csv", r"C:\Users\me\a.csv", r"\\share\a.csv"])
def test_a_path_as_windows_copies_it_is_told_how_to_write_it(tmp_path, path):
    file = tmp_path / "map.toml"
    file.write_text(f'title = "{path}"', encoding="utf-8")
    with refused("not-toml", "single quotes", kind=DataError, file="map.toml"):
        read_toml(file, Map, what="a map")
    file.write_text(f"title = '{path}'", encoding="utf-8")
    assert read_toml(file, Map, what="a map").title == path


def test_what_is_no_file_is_told_in_words(tmp_path):
    with refused("no-such-file", "a map is", kind=DataError, file="nowhere.toml"):
        read_toml(tmp_path / "nowhere.toml", Map, what="a map")
    with refused("not-toml", "a map", kind=DataError, file=tmp_path.name):
        read_toml(tmp_path, Map, what="a map")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        with refused("not-toml", "a pipe", kind=DataError, file="pipe.toml"):
            read_toml(tmp_path / "pipe.toml", Map, what="a map")
    (tmp_path / "latin.toml").write_bytes("title = 'Zoë'".encode("cp1252"))
    with refused("not-toml", "UTF-8", kind=DataError, file="latin.toml"):
        read_toml(tmp_path / "latin.toml", Map, what="a map")
    (tmp_path / "marked.toml").write_text("title = 'Zoë'", encoding="utf-8-sig")
    assert read_toml(tmp_path / "marked.toml", Map, what="a map").title == "Zoë"


def test_a_number_too_long_to_write_is_refused_in_words(tmp_path):
    file = tmp_path / "map.toml"
    file.write_text(f"title = 'a'\ntop = 0x{'f' * 9_000}\n")
    with refused("setting-type", " 50; ", "digits", kind=DataError, of="top", file="map.toml"):
        read_toml(file, Map, what="a map")


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
anything = st.recursive(
    plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@cache
def tables_of(declaration):
    """Tables with settings it knows, and others, that hold anything."""
    keys = st.sampled_from(sorted(json_schema(declaration)["properties"])) | st.text()
    return st.dictionaries(keys, anything, max_size=3)


@pytest.mark.parametrize(("name", "declaration", "title"), kinds())
@given(data=st.data())
def test_whatever_stands_in_a_file_is_read_or_told(name, declaration, title, data):
    values = SMALLEST[name] | data.draw(tables_of(declaration))
    try:
        check_table(values, declaration, "file.toml")
    except DataError as error:
        assert all(line.startswith("file.toml") for line in str(error).split("\nfile.toml")[:1])


names = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(names, names | st.booleans() | st.integers() | st.dates() | st.lists(names)))
def test_what_is_written_as_toml_is_read_back(values):
    assert tomllib.loads(to_toml(values)) == values


def test_schemas_of_editors_are_those_of_the_code():
    written = {file.name: json.loads(file.read_text("utf-8")) for file in SCHEMAS.glob("*.json")}
    del written["areas.schema.json"]  # what exports hold; test_exported_areas holds it to them
    assert written == editor_schemas(), "run python scripts/write_schemas.py"


def test_schemas_of_editors_speak_the_standard_alone():
    text = json.dumps(editor_schemas())
    assert "x-words" not in text and "](" not in text and '"null"' not in text
    for schema in editor_schemas().values():
        assert schema["title"] and schema["description"]
        assert schema["$schema"].endswith("draft-07/schema#")


@pytest.mark.parametrize(("name", "file"), BUNDLED, ids=lambda one: getattr(one, "stem", one))
def test_an_editor_finds_no_fault_with_files_that_come_along(name, file):
    jsonschema = pytest.importorskip("jsonschema")
    content = json.loads(json.dumps(tomllib.loads(file.read_text(encoding="utf-8")), default=str))
    jsonschema.Draft7Validator(editor_schemas()[f"{name}.schema.json"]).validate(content)


@pytest.mark.parametrize(("name", "declaration", "title"), kinds())
def test_an_editor_refuses_what_the_reader_refuses_of_names_and_kinds(name, declaration, title):
    jsonschema = pytest.importorskip("jsonschema")
    editor = jsonschema.Draft7Validator(editor_schemas()[f"{name}.schema.json"])
    assert not list(editor.iter_errors(SMALLEST[name]))
    assert list(editor.iter_errors(SMALLEST[name] | {"qqqqqq": 1}))
    for key in json_schema(declaration)["properties"]:
        assert list(editor.iter_errors(SMALLEST[name] | {key: [5.5]})), key


@pytest.mark.parametrize("file", sorted(DEFINITIONS.rglob("*.toml")), ids=lambda file: file.stem)
def test_a_hint_for_editors_leads_to_a_schema_beside_the_file(file):
    first = file.read_text(encoding="utf-8").splitlines()[0]
    if first.startswith("#:schema "):
        path = Path(first.removeprefix("#:schema "))
        assert not path.is_absolute() and "://" not in first
        assert (file.parent / path).resolve().parent == SCHEMAS


def test_a_docs_table_and_an_editor_say_what_the_declaration_says():
    lines = docs_table(Map).splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    assert ["`top`", "how many", "places", "`5`", ""] in rows
    assert ["`title`", "", "", "needed", ""] in rows
    ring = published(Map, "A map")["definitions"]["Ring"]
    assert ring["description"] == Ring.__doc__.splitlines()[0]
    assert ring["properties"]["inner_m"]["description"] == EDGES


def test_a_program_finds_the_schema_of_exported_areas_by_its_promised_door():
    assert bundled("schemas/areas.schema.json") == DEFINITIONS / "schemas" / "areas.schema.json"
