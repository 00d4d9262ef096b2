"""One word, one meaning: arguments, options and settings (the table is in docs/glossary.md)."""

import ast
import inspect
import json
import re
from functools import cache
from pathlib import Path

import pytest
import typer
from syntax import functions_of

import hotspots as hs
from hotspots.cli.main import app

PACKAGE = Path(hs.__file__).parent
INSTEAD = {
    **dict.fromkeys(["resamples", "iterations", "n_boot", "simulations", "permutations"], "draws"),
    **dict.fromkeys(["random_state", "generator", "random"], "rng"),
    **dict.fromkeys(["top_k", "top_n", "most_areas"], "top or count"),
    **dict.fromkeys(
        ["radius", "radii", "bandwidth", "edges_m", "apart_m"], "a length with its unit"
    ),
    **dict.fromkeys(["conf", "ci", "conf_level", "confidence_level"], "confidence"),
    **dict.fromkeys(["callback"], "progress"),
}
BOUND = re.compile(r"(least|fewest|most|longest|widest|largest|smallest)_\w+")
LENGTH = re.compile(r"\w*(radi(us|i)|distance|reach|width|bandwidth|separation|spacing)s?")
UNDER_THE_PROMISE = {"analysis/when/repeats.py", "analysis/clusters/members.py"}  # millimetres
PROMISED = {
    ("near_repeats", "permutations"): "other tools rely on it",
    ("largest_gib",): "the option --largest-gib",
    ("repeats", "distance"): "the option --distance",
}


@cache
def arguments():
    """Every argument of every function below the front door: (file, function, argument, type)."""
    return [
        (
            path.relative_to(PACKAGE).as_posix(), node.name, one.arg,
            ast.unparse(one.annotation) if one.annotation else "",
        )
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in functions_of(path)
        for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    ]  # fmt: skip


def public():
    """Every function and class that an analyst can call, with its own methods."""
    for name in hs.__all__:
        found = getattr(hs, name)
        inside = getattr(found, "__all__", None) if inspect.ismodule(found) else [name]
        for one in inside or ():
            thing = getattr(found, one) if inspect.ismodule(found) else found
            if callable(thing):
                yield one, thing
            if inspect.isclass(thing):
                for method, how in vars(thing).items():
                    how = getattr(how, "__func__", how)
                    if inspect.isfunction(how) and not method.startswith("_"):
                        yield f"{one}.{method}", how


def asked():
    """Arguments of the front door and its toolbox, as (function, argument, type)."""
    for name, thing in public():
        try:
            given = inspect.signature(thing).parameters
        except ValueError:
            continue
        yield from ((name, one.name, str(one.annotation)) for one in given.values())


def is_promised(function, argument):
    return (function, argument) in PROMISED or (argument,) in PROMISED


def test_no_function_asks_by_another_word():
    wrong = {
        (file, function, one): INSTEAD[one]
        for file, function, one, _ in arguments()
        if one in INSTEAD and not is_promised(function, one) and file not in UNDER_THE_PROMISE
    }
    assert wrong == {}


def test_the_front_door_bounds_by_min_and_max():
    results = {name for name, thing in public() if inspect.isclass(thing)} - {"Patience"}
    wrong = {
        (function, one)
        for function, one, _ in asked()
        if BOUND.fullmatch(one) and not is_promised(function, one) and function not in results
    }
    assert wrong == set()


def test_lengths_carry_their_unit():
    wrong = {
        (function, one)
        for function, one, kind in asked()
        if LENGTH.fullmatch(one) and kind not in ("int", "<class 'int'>")
    }
    assert wrong == set()


@pytest.mark.parametrize(
    ("word", "kinds"),
    [
        ("draws", r"int( \| None)?"),
        ("top", "int"),
        ("confidence", r"float( \| None)?"),
        ("rng", r"np.random.Generator \| int( \| None)?"),
        ("seed", "int"),
        ("rings_m", r"Sequence\[float\]"),
        ("radii_m", r"Sequence\[float\]( \| None)?"),
        ("hours", r".*\b(Hours|DataFrame|Mapping)\b.*"),
        ("window_hours", "int"),
        ("record", r"RunRecord( \| None)?"),
    ],
)
def test_a_word_means_one_thing_at_the_front_door(word, kinds):
    found = {(function, kind) for function, one, kind in asked() if one == word}
    assert found
    assert {each for each in found if not re.fullmatch(kinds, each[1])} == set()


def test_what_draws_takes_its_source_of_chance_by_one_word():
    typed = {
        (file, function, one)
        for file, function, one, kind in arguments()
        if re.search(r"\bGenerator\b", kind) and one != "rng"
    }
    assert typed == set()


def test_commands_ask_by_the_same_words():
    def options(command):
        for one in getattr(command, "commands", {}).values():
            yield from options(one)
        yield from ((command.name, one.name) for one in command.params)

    found = set(options(typer.main.get_command(app)))
    assert {each for each in found if each[1] in INSTEAD} == set()
    assert {
        each for each in found
        if LENGTH.fullmatch(each[1]) and each not in PROMISED
    } == set()  # fmt: skip


def test_product_files_ask_by_the_same_words():
    def settings(found):
        if isinstance(found, dict):
            yield from found.get("properties", {})
            for one in found.values():
                yield from settings(one)

    schemas = (PACKAGE / "data" / "schemas").glob("*.json")
    named = {one for path in schemas for one in settings(json.loads(path.read_text("utf-8")))}
    assert "min_incidents" in named
    assert {one for one in named if one in INSTEAD or LENGTH.fullmatch(one)} == set()


def test_a_record_is_given_by_name_unless_it_is_what_is_asked_about():
    by_place = {
        name
        for name, thing in public()
        if inspect.isroutine(thing) and "." not in name
        for one in inspect.signature(thing).parameters.values()
        if one.name == "record" and one.kind is not one.KEYWORD_ONLY
    }
    assert by_place == {"coverage", "protect_demand", "write_quarantine"}
