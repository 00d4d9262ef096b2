"""Every setting of a product file: what it must be, what it is by default, and what is wrong.

``docs/product.md`` explains each; a test holds the page and this table together.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from hotspots.core.archives import LARGEST_GIB
from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import DataError, Findings, InputError, listing
from hotspots.core.periods import Period

TABLES = {
    "within": "a table [within] with a path",
    "zones": "[[zones]] tables",
    "grid": "a table [grid], e.g. h3 = 9",
    "clusters": "tables by theme, such as [clusters.asb]",
    "rank_by": "a table [rank_by] by theme",
}
THEME = "<theme>"
"""Stands for the name of a theme, wherever a theme has settings of its own."""
WIDEST_RADIUS_M = 5_000


@dataclass(frozen=True)
class Setting:
    """One setting: the kinds of value it takes, and the words for them."""

    key: str
    kinds: tuple[type, ...]
    words: str
    default: Any = None
    required: bool = False
    choices: tuple[str, ...] = ()
    least: float = float("-inf")
    most: float = float("inf")

    @property
    def table(self) -> str:
        """The table it stands in; nothing at the top of the file."""
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Its name in that table."""
        return self.key.rpartition(".")[2]

    def accepts(self, value: Any) -> bool:
        """Whether a value is of the right kind and in the right range."""
        if isinstance(value, bool) and bool not in self.kinds:
            return False
        if not isinstance(value, self.kinds):
            return False
        if isinstance(value, list) and not all(isinstance(one, str) for one in value):
            return False
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.least <= value <= self.most
        return not self.choices or value in self.choices


_PATH = ((str,), "the path of a file")
_TEXT = ((str,), "a text")
_SCALE = ((str,), 'the name of a harm scale, the path of a CSV file, or "none"')
_NUMBER = (int, float)
_GIB = (_NUMBER, "a number of gibibytes above 0", LARGEST_GIB)

SETTINGS = (
    Setting("title", *_TEXT, required=True),
    Setting("marking", *_TEXT, required=True),
    Setting("place", *_TEXT, required=True),
    Setting("period", *_TEXT, required=True),
    Setting("incidents", (str, list), "a path, or a list of paths", required=True),
    Setting("within", (dict, list), "a table [within] with a path", required=True),
    Setting(
        "audience", (str,), '"internal", "partner" or "public"', "internal",
        choices=("internal", "partner", "public"),
    ),
    Setting("compare", (list,), 'a list of periods, e.g. ["2017-07"]', ()),
    Setting("earlier", (str, list), "a path, or a list of paths", ()),
    Setting("current", (bool,), "true or false", True),
    Setting("made_on", (date,), "a date without quotes, e.g. 2026-04-01"),
    Setting("top", (int,), "a whole number from 1 to 50", 5, least=1, most=50),
    Setting("caveats", (list,), "a list of texts", ()),
    Setting("police_force", (str, list), "the name of a police force, or a list of them", ()),
    Setting("priority_wards", (str, list), "a list of names, or the path of a TOML file", ()),
    Setting("fields", *_PATH),
    Setting("themes", (str,), "the name of themes, or the path of a TOML file", "police_uk"),
    Setting("harm_scale", *_SCALE),
    Setting("largest_gib", *_GIB, least=1e-9),
    Setting("crs", (str,), "a projected system in metres", BRITISH_NATIONAL_GRID),
    Setting("incidents.path", (str, list), "a path, or a list of paths", required=True),
    Setting("incidents.fields", *_PATH),
    Setting("incidents.themes", (str,), "the name of themes, or the path of a TOML file"),
    Setting("incidents.harm_scale", *_SCALE),
    Setting("incidents.largest_gib", *_GIB, least=1e-9),
    Setting("grid.h3", (int,), "a whole number from 7 to 11", 9, least=7, most=11),
    *(
        Setting(f"{table}.{name}", kinds, words, required=name == "path")
        for table in ("within", "zones")
        for name, kinds, words in (
            ("path", *_PATH),
            ("layer", *_TEXT),
            ("kind", *_TEXT),
            ("id_field", (str,), "the name of a column"),
            ("name_field", (str,), "the name of a column"),
            ("approximate", (bool,), "true or false"),
        )
    ),
    Setting(
        f"clusters.{THEME}.radius_m", _NUMBER, f"metres above 0 and at most {WIDEST_RADIUS_M:,}",
        required=True, least=1e-9, most=WIDEST_RADIUS_M,
    ),
    Setting(
        f"clusters.{THEME}.min_incidents", (int,), "a whole number of at least 1", required=True,
        least=1,
    ),
    Setting(f"rank_by.{THEME}", (str,), '"count" or "harm"', "count", choices=("count", "harm")),
)  # fmt: skip

IN_WORDS_OF_A_FILE = (
    (
        r"Name them with `fields=FieldMap\(\.\.\.\)`.*?one\.|Name its columns with `fields=.*?`\.",
        'Name its columns in a field map: `fields = "my-fields.toml"`. `hotspots check FILE '
        "--save-fields my-fields.toml` makes one.",
    ),
    (r"Load them on their own with `fields=[^`]*`\.", "Leave that file out."),
    (
        r'or pass unknown="untagged"[^.]*\.',
        'or name a theme file of your own: `themes = "my-themes.toml"`.',
    ),
    (
        r"pass `default=`[^.]*?\.with_unweighted\(\.\.\.\)[^.]*\.",
        'or name a CSV file of weights of your own: `harm_scale = "my-weights.csv"`.',
    ),
    (
        r'e\.g\. offence_scheme="home_office"',
        'in a TOML file of the same name beside it: `offence_scheme = "home_office"`',
    ),
    (r"`([a-z_]+)=`", r"`\1 = ...`"),
    (r"`([a-z_]+)=([^`=]+)`", r"`\1 = \2`"),
)


def check_settings(settings: Mapping[str, Any], file: str) -> None:
    """Raise for a product file with missing, unknown or wrong settings, all of them at once."""
    findings = Findings()
    for table, place, values in _tables(settings, file, findings):
        known = {one.name: one for one in SETTINGS if one.table == table}
        _check_names(known, values, place, findings)
        for name, value in values.items():
            setting = known.get(name, known.get(THEME))
            if setting is not None and not setting.accepts(value):
                findings.error(
                    "setting-type", f"`{name}` must be {setting.words}; got {_typed(value)}.",
                    file=place,
                )  # fmt: skip
    _check_periods(settings, file, findings)
    findings.raise_errors(DataError)


@contextmanager
def in_words_of_a_file(file: str) -> Iterator[None]:
    """Turn errors of the library, which name its arguments, into the words of a product file."""
    try:
        yield
    except (InputError, DataError) as error:
        message = as_in_a_file(str(error))
        named = message if message.startswith(file) else f"{file}: {message}"
        raise DataError(named) from error


def as_in_a_file(message: str) -> str:
    """A message of the library in the words of a product file.

    Examples
    --------
    >>> as_in_a_file("zone ids repeat. Choose another column with `id_field=`.")
    'zone ids repeat. Choose another column with `id_field = ...`.'
    """
    for pattern, words in IN_WORDS_OF_A_FILE:
        message = re.sub(pattern, words, message)
    return message


def _tables(
    settings: Mapping[str, Any], file: str, findings: Findings
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every table of a file: its name among the settings, its place in a message, its values."""
    top = {name: value for name, value in settings.items() if name not in TABLES}
    if _is_tables(top.get("incidents")):
        yield from (("incidents", f"{file} [[incidents]]", one) for one in top["incidents"])
        top["incidents"] = []
    yield "", file, top | {name: [] for name in ("within",) if name in settings}
    for name, words in TABLES.items():
        value = settings.get(name)
        if value is not None and not (_is_tables(value) if name == "zones" else _is_table(value)):
            findings.error("setting-type", f"`{name}` must be {words}; got {value!r}.", file=file)
        elif name == "zones":
            yield from ((name, f"{file} [[zones]]", one) for one in value or ())
        elif name == "clusters":
            for theme, rule in (value or {}).items():
                yield f"clusters.{THEME}", f"{file} [clusters.{theme}]", _table(rule)
        elif value is not None:
            yield name, f"{file} [{name}]", value


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_table, value))


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _check_names(
    known: Mapping[str, Setting], values: Mapping[str, Any], place: str, findings: Findings
) -> None:
    """Missing names, and unknown ones with the nearest that is known."""
    missing = [one.name for one in known.values() if one.required and one.name not in values]
    if missing:
        findings.error("missing-setting", f"needs the setting(s) {listing(missing)}.", file=place)
    names = [*known, *(TABLES if "title" in known else ())]
    for name in values:
        if name in names or THEME in known:
            continue
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        findings.error(
            "unknown-setting", f"does not know the setting {name!r}.", file=place,
            mend=f"Did you mean {near[0]!r}?" if near else f"It knows {listing(names, most=40)}.",
        )  # fmt: skip


def _check_periods(settings: Mapping[str, Any], file: str, findings: Findings) -> None:
    compared = settings.get("compare")
    given = [("period", settings.get("period"))]
    given += [("compare", one) for one in (compared if isinstance(compared, list) else ())]
    for name, period in given:
        if not isinstance(period, str):
            continue
        try:
            Period.parse(period)
        except InputError as error:
            findings.error("period", f"`{name}`: {error}", file=file)


def _typed(value: Any) -> str:
    """A value as it stands in a TOML file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, date) else repr(value)
