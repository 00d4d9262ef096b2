"""Law: what leaves by the command line speaks of options, or of settings of the file at hand."""

import re
from pathlib import Path

import pytest
import typer
from town_files import as_product

from hotspots.cli.main import app
from hotspots.core.json_schema import json_schema
from hotspots.core.schema import to_toml, toml_content
from hotspots.core.text.doors import marks_of
from hotspots.demo.town.town import synthetic_town
from hotspots.programmes.tasking.load_product import product_door
from hotspots.programmes.tasking.product_file import ProductFile

pytest.importorskip("typer", minversion="0.29", reason="options that say their kind")
PYTHON = re.compile(r"\b[a-z_]+=[\"'\w]|\b[A-Za-z_.]+\((?!s\))")
PRODUCT = ("--product", "product.toml")
PLAIN = ("incidents/police.csv", "--fields", "incidents/police.toml")
CITY = ("--within", "zones/district.geojson")
REQUESTS = {
    "jemlock": [(*PRODUCT,), (*PLAIN, *CITY)],
    "chb": [(*PRODUCT,)],
    "wards": [(*PRODUCT,), (*PLAIN, *CITY, "--zones", "zones/wards.geojson")],
    "pspo": [(*PRODUCT,)],
    "change": [(*PRODUCT, "--zones", "zones/wards.geojson", "--started", "2025-04-01")],
    "check": [("incidents/police.csv",)],
    "map": [("product.toml", "--out", "page.html")],
}
FETCH = {"police-uk": ("--force", "kent", "--from", "2025-01", "--to", "2025-01", "--offline")}


def bad_values(kind):
    if kind is int:
        return ("-1", "0")
    if kind is float:
        return ("-1", "0", "0.0001")
    return ("no such file.csv",) if kind is Path else ("no such thing",)


def bad_requests():
    command = typer.main.get_command(app)
    asked = [((name,), command.commands[name], bases) for name, bases in REQUESTS.items()]
    fetch = command.commands["fetch"].commands
    asked += [(("fetch", name), fetch[name], [base]) for name, base in FETCH.items()]
    for words, one, bases in asked:
        for option in one.params:
            if option.param_type_name == "argument" or option.is_flag or option.name == "help":
                continue
            for base in bases:
                for value in bad_values(option.type_descriptor.annotation):
                    yield pytest.param((*words, *base, option.opts[0], value))
        yield pytest.param((*words, "no such file.csv"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return as_product(synthetic_town(incidents=1_500), tmp_path_factory.mktemp("town"))


@pytest.mark.parametrize("words", list(bad_requests()), ids=" ".join)
def test_no_option_with_a_bad_value_is_answered_in_python(typed, tmp_path, words):
    place = ("--cache", tmp_path) if words[0] == "fetch" and "--cache" not in words else ()
    _, out, err = typed(*words, *place)
    assert_in_words_of_options(out, err)


def assert_in_words_of_options(out, err, own=()):
    for mark in (*marks_of(out), *marks_of(err)):
        known = mark.kind in ("prose", "command") or is_setting(mark.text, own)
        assert known, mark.text
    prose = [mark.text for mark in marks_of(err) if mark.kind == "prose"]
    assert not any(map(PYTHON.search, prose)), err


def is_setting(mark, own):
    """Whether a product file knows it; what it says names the file in front."""
    name = mark.strip("`").partition(" = ")[0]
    return name in {*(product_door().names or {}), *own}


def bad_settings():
    schema = json_schema(ProductFile)
    for name in schema["properties"]:
        for value in ("no such thing", -1, ["no such thing"]):
            yield pytest.param((name,), value, id=f"{name} = {value}")
    for table in ("within", "zones", "incidents", "grid", "clusters"):
        for name in ("path", "layer", "kind", "id_field", "name_field", "h3", "asb", "colour"):
            for value in ("no such thing", -1):
                yield pytest.param((table, name), value, id=f"{table}.{name} = {value}")


@pytest.mark.parametrize(("setting", "value"), list(bad_settings()))
def test_no_setting_with_a_bad_value_is_answered_in_python(folder, typed, setting, value):
    content = toml_content(folder / "product.toml", what="a product")
    table = content
    for name in setting[:-1]:
        inner = table.get(name, {})
        table[name] = inner = dict(inner[0]) if isinstance(inner, list) else inner
        table = inner if isinstance(inner, dict) else table.setdefault(name, {})
    table[setting[-1]] = value
    written = folder / "bad.toml"
    written.write_text(_toml(content), encoding="utf-8")
    _, out, err = typed("wards", "--product", written.name, "--theme", "asb")
    assert_in_words_of_options(out, err, own=setting)


def _toml(content):
    """Plain values first, then tables and lists of tables."""
    plain = {name: one for name, one in content.items() if not _is_table(one)}
    parts = [to_toml(plain)]
    for name, one in content.items():
        if _is_table(one):
            several = one if isinstance(one, list) else [one]
            heading = f"[[{name}]]" if isinstance(one, list) else f"[{name}]"
            parts += [f"\n{heading}\n{_inner(name, each)}" for each in several]
    return "".join(parts)


def _inner(name, table):
    own = {key: one for key, one in table.items() if not isinstance(one, dict)}
    below = {key: one for key, one in table.items() if isinstance(one, dict)}
    return to_toml(own) + "".join(f"[{name}.{key}]\n{to_toml(one)}" for key, one in below.items())


def _is_table(value):
    return isinstance(value, dict) or (
        isinstance(value, list) and value and isinstance(value[0], dict)
    )
