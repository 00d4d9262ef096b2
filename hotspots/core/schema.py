"""One reader for every TOML file: a declaration says what may stand in it, and faults are gathered.

A declaration is a :class:`Table` or a frozen dataclass with ``__pydantic_config__ = TABLE``. It
stands beside the code that uses it, and gives the checks, the defaults, the words of messages, the
table of the docs page and the JSON Schema an editor completes from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    WrapValidator,
)

from hotspots.core.errors import DataError, HotspotsError
from hotspots.core.json_schema import Node, adapter_of, json_schema
from hotspots.core.wrong_settings import key_of, quoted, wrong_settings

T = TypeVar("T")


def documented(schema: Node, declaration: type[Any]) -> None:
    """Put the docstring of a declaration into its schema, whatever pydantic makes of it."""
    schema["description"] = cleandoc(declaration.__doc__ or "")


TABLE: Final = ConfigDict(extra="forbid", allow_inf_nan=False, json_schema_extra=documented)


class Table(BaseModel):
    """A table of a TOML file: it holds what is declared and nothing else, and never changes."""

    model_config: ClassVar[ConfigDict] = ConfigDict(**TABLE, frozen=True, defer_build=True)


def says(words: str | None = None, *, unit: str | None = None, key: str | None = None) -> Any:
    """What a setting must be, its unit, and the key of its example, beside its type."""
    told = {"x-words": words, "x-unit": unit, "x-key": key}
    return Field(json_schema_extra={name: one for name, one in told.items() if one is not None})


def settings_of(table: type[Table]) -> set[str]:
    """The names of its settings, as a file writes them."""
    return {field.alias or name for name, field in table.model_fields.items()}


def _as_it_came(value: Any, check: Any) -> Any:
    check(value)
    return value


def _as_text(value: Any) -> Any:
    plain = isinstance(value, (int, float, date)) and not isinstance(value, bool)
    return str(value) if plain else value


Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Day = Annotated[date, Strict()]
AS_IT_CAME = WrapValidator(_as_it_came)
"""Beside a number's type: it stays whole where it was written whole."""
AnyText = Annotated[str, BeforeValidator(_as_text)]
"""A text that people also write as a number or a date: an edition, a day of review."""


def read_toml(path: str | Path, model: type[T], *, what: str) -> T:
    """Read a TOML file into its declaration; every fault of it in one error.

    Parameters
    ----------
    path : path
        The file, in UTF-8.
    model : type
        A `Table`, or a dataclass whose ``__pydantic_config__`` is `TABLE`.
    what : str
        What the file is in a message: "a product".

    Raises
    ------
    DataError
        For a file that is not there or cannot be read; with every missing, unknown and wrong
        setting, a misspelt one with the nearest that is known.
    """
    return check_table(toml_content(path, what=what), model, Path(path).name)


def toml_content(path: str | Path, *, what: str) -> dict[str, Any]:
    """What stands in a TOML file, unchecked; for :func:`check_table`."""
    file = Path(path)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DataError(
            f"there is no such file; {what} is a TOML file.", rule="no-such-file", file=str(file)
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{what} is a TOML file (UTF-8); this one cannot be read: {error}.",
            rule="not-toml",
            file=file.name,
        ) from error


def check_table(
    values: Mapping[str, Any],
    model: type[T],
    file: str,
    *,
    kind: type[HotspotsError] = DataError,
) -> T:
    """Values as a declaration; every missing, unknown and wrong setting in one error.

    Examples
    --------
    >>> class Circle(Table):
    ...     radius_m: Whole
    >>> check_table({"radius": 5}, Circle, "circle.toml")
    Traceback (most recent call last):
        ...
    hotspots.core.errors.DataError: circle.toml: needs the setting(s) 'radius_m'.
    circle.toml: does not know the setting 'radius'. Did you mean 'radius_m'?
    """
    declaration: Any = model
    try:
        checked: T = adapter_of(declaration).validate_python(values)
    except ValidationError as faults:
        schema = json_schema(declaration)
        wrong_settings(faults, values, schema, file).raise_errors(kind)
        raise
    return checked


def to_toml(values: Mapping[str, Any]) -> str:
    r"""Names and plain values as TOML lines that `read_toml` reads back.

    Examples
    --------
    >>> print(to_toml({"top": 5, "current": False, "place name": 'The "Oak"'}), end="")
    top = 5
    current = false
    "place name" = "The \"Oak\""
    """
    return "".join(f"{key_of(name)} = {_written(value)}\n" for name, value in values.items())


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    return quoted(value) if isinstance(value, str) else str(value)
