"""The door of each command: what it calls the arguments of the library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar, get_args

from typer.models import ArgumentInfo, OptionInfo, ParameterInfo

from hotspots.core.errors import HotspotsError
from hotspots.core.text.doors import Door, options_door

P = ParamSpec("P")
T = TypeVar("T")

SAME = {
    "id_field": "zone_id",
    "name_field": "zone_name",
    "rings_m": "ring",
    "groups": "group",
    "paths": "files",
    "kinds": "kind",
}
"""Arguments of the library by the name their option has."""


def door_of(command: Callable[..., Any]) -> Door:
    """The words of a command: `max_walk_m` is --max-walk-m where it has that option."""
    known = dict(_named(signature(command, eval_str=True).parameters.values()))
    also = {argument: known[option] for argument, option in SAME.items() if option in known}
    if "residents" in known:
        also["population"] = known["residents"]
    return options_door(also | known)


@contextmanager
def in_words_of_options(command: Callable[..., Any]) -> Iterator[None]:
    """Say errors of the library in the words of a command."""
    try:
        yield
    except HotspotsError as error:
        raise error.through(door_of(command)) from error


def by_options(command: Callable[P, T]) -> Callable[P, T]:
    """A command whose errors are said in the words of its options."""

    @wraps(command)
    def typed(*given: P.args, **options: P.kwargs) -> T:
        with in_words_of_options(command):
            return command(*given, **options)

    return typed


def _named(parameters: Any) -> Iterator[tuple[str, str]]:
    """Every parameter with what people type for it."""
    for one in parameters:
        info = next(
            (kind for kind in get_args(one.annotation) if isinstance(kind, ParameterInfo)), None
        )
        if isinstance(info, ArgumentInfo):
            yield one.name, one.name.upper()
        elif isinstance(info, OptionInfo):
            own = [word for word in info.param_decls or () if word.startswith("--")]
            yield one.name, own[0] if own else f"--{one.name.replace('_', '-')}"
