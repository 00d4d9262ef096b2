"""A field map guessed from a header and its cells: a proposal to look at, never a decision.

What stands in the cells comes first, what a column is called second: names differ from system to
system, numbers that fall in Britain, days that can be read and codes the register knows do not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import Any

import numpy as np

from hotspots.core.crs import BRITISH_NATIONAL_GRID
from hotspots.core.errors import Finding, InputError, listing
from hotspots.core.schema import to_toml
from hotspots.io.incidents.column_kinds import (
    LSOA,
    MOSTLY,
    NO_INCIDENT,
    NOT_WHERE,
    STATUS_WORDS,
    Sample,
    cells_of_a_row,
    columns_called,
    is_a_name,
    is_called,
    named_columns,
)
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.field_map_faults import parts_of
from hotspots.io.incidents.guess_places import PlaceColumns, find_places
from hotspots.io.incidents.guess_times import TimeColumns, find_times, is_unread_clock
from hotspots.io.incidents.parse_text import Texts

NO_OFFENCE = "(no offence column)"
DOUBTS = ("rows-of-counts", "rows-of-no-incident", "place-doubtful")
MOST_SAID, FEW, FEWEST_NAMES = 3, 20, 3
TEXTS = ("offence", "reference", "place_name", "domestic", "area_code", "area_name")


@dataclass(frozen=True)
class Guessed:
    """One column of a file, what it was taken for, some of its values, and how sure that is."""

    column: str
    taken_for: str | None
    values: tuple[str, ...]
    sure: str


@dataclass(frozen=True)
class Guess:
    """The likeliest field map of a table; where there is none, why."""

    fields: FieldMap | None
    columns: tuple[Guessed, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    doubts: tuple[Finding, ...] = ()

    def to_toml(self) -> str:
        """The field map, or what is known of it, with blanks to fill in."""
        if self.fields is not None:
            return as_toml(self.fields)
        blanks = {
            "place": '# easting = ""\n# northing = ""  # or longitude and latitude\n',
            "time": '# date = ""  # or month, or from_date and until_date\n',
            "offence": '# offence = ""\n',
        }
        return to_toml(self.settings) + "".join(blanks.get(what, "") for what in self.missing)


def guess_fields(
    name: str,
    header: list[str],
    cells: dict[int, Texts],
    *,
    geometry: bool = False,
    crs: Any = BRITISH_NATIONAL_GRID,
) -> Guess:
    """The likeliest field map of a table, with what each column was taken for.

    Parameters
    ----------
    name : str
        For the map.
    header : list of str
        Column names; those that are empty, or come twice, are not looked at.
    cells : mapping
        Every column's texts, by its position.
    geometry : bool
        Whether the file has a geometry to take places from.
    crs : optional
        Projected system in whose area places should fall.

    Examples
    --------
    >>> header = ["Ref", "Date reported", "Easting", "Northing", "Offence code"]
    >>> row = ["1", "31/07/2018", "429790", "433805", "8/6"]
    >>> cells = {i: Texts.of([v]) for i, v in enumerate(row)}
    >>> guessed = guess_fields("log", header, cells).fields
    >>> guessed.easting, guessed.date, guessed.offence, guessed.offence_scheme
    ('Easting', 'Date reported', 'Offence code', 'home_office')
    """
    often = Counter(header)
    samples = [
        Sample(header[place], place, column)
        for place, column in cells.items()
        if header[place] and often[header[place]] == 1
    ]
    places = PlaceColumns() if geometry else find_places(samples, crs)
    free = [sample for sample in samples if sample.name not in places.columns.values()]
    times = find_times(free)
    taken = {*places.columns.values(), *times.names}
    whole = bool((places.columns or geometry) and times.columns)
    if why := _no_table(header, taken) or ("" if whole else _two_headers(cells)):
        return Guess(None, tuple(_told(samples, {}, {}, header)), {"header": why}, {"name": name})
    free = [sample for sample in free if sample.name not in times.names]
    texts, sure = _texts(free)
    chosen = {**places.columns, **times.columns, **{what: one.name for what, one in texts.items()}}
    missing = dict(_reasons(places, times, geometry, samples))
    settings: dict[str, Any] = {"name": name, **chosen, "geometry": geometry}
    if "offence" in texts:
        settings["offence_scheme"] = texts["offence"].scheme or "own"
    else:
        settings["offence_is"] = NO_OFFENCE
        missing["offence"] = "no column has offences in its name or its cells"
    twice = [one for one, columns in often.items() if one and columns > 1]
    for one in twice[:1]:
        both = f"{columns_called(one, header)} are called {one!r}, so that none was looked at"
        missing = {what: f"{why}; {both}: rename them" for what, why in missing.items()}
    settings["day_first"] = _day_first([one for one in samples if one.name in times.names])
    return Guess(
        _field_map(settings),
        tuple(_told(samples, chosen, places.sure | times.sure | sure, header)),
        missing,
        settings,
        tuple(_doubts(samples, places)),
    )


def as_toml(fields: FieldMap) -> str:
    """A field map as a TOML text that `FieldMap.from_toml` reads."""
    said = {item.name: getattr(fields, item.name) for item in fields_of(fields)}
    plain = {name: one for name, one in said.items() if isinstance(one, (str, bool, tuple))}
    return to_toml({name: one for name, one in plain.items() if one != ()})


def _field_map(settings: dict[str, Any]) -> FieldMap | None:
    try:
        return FieldMap.from_mapping(settings)
    except InputError:
        return None


def _reasons(
    places: PlaceColumns, times: TimeColumns, geometry: bool, samples: Sequence[Sample]
) -> Iterator[tuple[str, str]]:
    """What was not found, and why."""
    if not geometry and not places.columns:
        yield "place", places.why
    if not times.columns:
        yield "time", times.why
    elif not any(what.endswith("time") for what in times.columns):
        days = [one for one in samples if one.name in times.names]
        unread = [one.name for one in samples if is_unread_clock(one)]
        if unread and not any(one.has_clock for one in days):
            yield "time of day", f"{unread[0]!r} could be one by name, but its cells are none"


def _no_table(header: Sequence[str], taken: set[str]) -> str:
    """Why a first line names no columns; nothing where it does, or where no such one is taken."""
    if len(header) == 1:
        return "lines have one cell each; export them with commas or tabs between cells"
    row = cells_of_a_row(header)
    if row and not (taken and taken.isdisjoint(row)):
        return (
            f"{len(row)} of the {len(header)} cells of the first line are numbers or days, which "
            "name no column; write names of the columns above"
        )
    return ""


def _two_headers(cells: Mapping[int, Texts]) -> str:
    """Told where the first row goes on with names, as under cells that are merged."""
    below = [column.tell(np.array([0]))[0] for column in cells.values() if len(column)]
    more = named_columns(below) if all(map(is_a_name, below)) else {}
    if len(more) < FEWEST_NAMES:
        return ""
    return f"its names stand in two rows, {listing(more.values())} in the second; make one of them"


def _doubts(samples: Sequence[Sample], places: PlaceColumns) -> Iterator[Finding]:
    """Told where rows may be no incidents, or several, and where the place may be another."""
    if places.rival is not None:
        yield Finding.of(
            "place-doubtful",
            "warning",
            said={
                "taken": " and ".join(map(repr, places.columns.values())),
                "rival": f"{places.rival.first.name!r} and {places.rival.second.name!r}",
            },
        )
    for sample in samples:
        if is_called(sample.name, "count") and sample.is_number:
            if (sample.numbers(degrees=False) > 1).any():
                yield Finding.of("rows-of-counts", "warning", said={"column": sample.name})
        elif sample.words & STATUS_WORDS and (rows := sample.rows_that(NO_INCIDENT)):
            yield Finding.of(
                "rows-of-no-incident", "warning", said={"column": sample.name, "rows": rows}
            )


def _texts(samples: Sequence[Sample]) -> tuple[dict[str, Sample], dict[str, str]]:
    """The offence by its words or its name, the others by their names."""
    chosen: dict[str, Sample] = {}
    sure: dict[str, str] = {}
    for what in TEXTS:
        ranked = sorted(
            ((_fits(what, sample), -sample.place, sample) for sample in samples),
            key=lambda item: item[:2],
        )
        taken = {one.name for one in chosen.values()}
        ranked = [item for item in ranked if item[2].name not in taken and item[0] > 0]
        if ranked:
            score, _, chosen[what] = ranked[-1]
            sure[chosen[what].name] = (
                "sure" if score >= 2 else "likely" if score >= 1 else "perhaps"
            )
    return chosen, sure


def _fits(what: str, sample: Sample) -> float:
    """How well a column holds something: 1 for its name, 1 or more for its cells."""
    called = float(is_called(sample.name, what))
    if not sample.texts or (what in ("reference", "place_name") and sample.words & NOT_WHERE):
        return 0.0
    if what == "offence":
        known = max(sample.known(scheme) for scheme in ("police_uk", "home_office"))
        in_words = known >= 0.5 and not (sample.is_number and not called)
        few = len(sample.texts) <= max(FEW, 0.2 * len(sample.column))
        if sample.days >= MOSTLY or (sample.clocks >= MOSTLY and not in_words):
            return 0.0
        reference = is_called(sample.name, "reference")
        if not called and sample.tells_apart and (len(sample.texts) > FEW or reference):
            return 0.0  # ASB/00123 reads as anti-social behaviour and is the number of a row
        usual = 0.25 * (called and few) + 0.1 * (called and not sample.is_number)
        return called + (1 + known if in_words else 0.0) + usual
    if what == "reference":
        return called * (1 + sample.tells_apart) if sample.may_refer else 0.0
    if what == "area_code":
        return called + sample.is_like(LSOA)
    return called * 1.5


def _told(
    samples: Sequence[Sample],
    chosen: Mapping[str, str | tuple[str, ...]],
    sure: dict[str, str],
    header: list[str],
) -> list[Guessed]:
    """Every column in the order of the file."""
    roles = {column: what for what, given in chosen.items() for column in parts_of(given)}
    by_place = {sample.place: sample for sample in samples}
    found = []
    for place, name in enumerate(header):
        sample = by_place.get(place)
        values = tuple(sample.texts[:MOST_SAID]) if sample else ()
        role = roles.get(name) if sample else None
        found.append(Guessed(name, role, values, sure.get(name, "") if role else ""))
    return found


def _day_first(samples: Sequence[Sample]) -> bool:
    """Month first only where some second number is above 12, and no first one."""
    found = [
        match
        for sample in samples
        for text in sample.texts
        if (match := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d", text))
    ]
    late_first = any(int(match[1]) > 12 for match in found)
    return bool(late_first or not np.any([int(match[2]) > 12 for match in found]))
