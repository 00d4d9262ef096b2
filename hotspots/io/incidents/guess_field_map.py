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
from itertools import permutations
from typing import Any

import numpy as np

from hotspots.core.crs import BRITISH_NATIONAL_GRID, to_lonlat
from hotspots.core.errors import Finding, InputError, listing
from hotspots.core.schema import to_toml
from hotspots.io.incidents.column_kinds import (
    MOSTLY,
    Sample,
    columns_called,
    is_called,
    is_day,
)
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.field_map_faults import parts_of
from hotspots.io.incidents.guess_times import TimeColumns, find_times, is_unread_clock
from hotspots.io.incidents.parse_coordinates import is_inside
from hotspots.io.incidents.parse_text import Texts
from hotspots.io.incidents.place_cells import Positions

NO_OFFENCE = "(no offence column)"
MOST_SAID, FEW = 3, 20
TEXTS = ("offence", "reference", "place_name", "domestic", "area_code", "area_name")
DEGREES, METRES = ("longitude", "latitude"), ("easting", "northing")
LOOKED_UP = {
    r"\w*post ?code": "look it up first, e.g. in Code-Point Open",
    "u[ps]rn": "look it up first, e.g. in OS Open UPRN or USRN",
    "what ?3 ?words|w3w": "turn it into coordinates first, by its own service",
    "address|street|road": "geocode it first, or ask the source for coordinates",
    "lsoa|ward": "an area has no place of its own; ask the source for coordinates",
}
"""What stands for a place, by a word of its column's name, and what to do where it stands alone."""
LARGEST_DEGREE, SURE = 180.0, 2.0
MOST_COLUMNS = 40
LONG_NUMBER = r"-?\d{3,}[.,]?\d{2,}"


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
    if why := _no_table(header, {*places.columns.values(), *times.names}):
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
        tuple(_counted(samples)),
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
    rows = [name for name in header if re.fullmatch(LONG_NUMBER, name) or is_day(name)]
    if len(rows) > 1 and not (taken and taken.isdisjoint(rows)):
        return f"{listing(rows[:3])} stand where names should; write names of the columns above"
    return ""


def _counted(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Told where rows seem to stand for several incidents each."""
    for sample in samples:
        if not is_called(sample.name, "count") or not sample.is_number:
            continue
        if (sample.numbers(degrees=False) > 1).any():
            yield Finding(
                "rows-of-counts",
                f"{sample.name!r} holds numbers above 1, so that rows may stand for several "
                "incidents each; every row was counted as one.",
                "warning",
                mend="Bring one row an incident.",
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
        return called + sample.is_lsoa
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


@dataclass(frozen=True)
class PlaceColumns:
    """The columns with the place, how sure each is, and why there are none."""

    columns: dict[str, str] = field(default_factory=dict)
    sure: dict[str, str] = field(default_factory=dict)
    why: str = ""


def find_places(samples: Sequence[Sample], crs: Any) -> PlaceColumns:
    """The likeliest place columns; names decide only among numbers that could be a place."""
    numbers = [sample for sample in samples if sample.is_coordinate][:MOST_COLUMNS]
    ranked = [
        (score, kind == DEGREES, -first.place, -second.place, kind, first, second)
        for first, second in permutations(numbers, 2)
        for kind in (DEGREES, METRES)
        if (score := _score(first, second, kind, crs)) > 0
    ]
    if ranked:
        score, _, _, _, kind, first, second = max(ranked, key=lambda item: item[:4])
        sure = "sure" if score >= SURE else "likely"
        pair = {kind[0]: first.name, kind[1]: second.name}
        return PlaceColumns(pair, dict.fromkeys(pair.values(), sure))
    for sample in samples:
        what = sample.one_column_place
        called = what is not None and is_called(sample.name, what)
        if what and (called or what != "position" or _is_inside(sample, crs)):
            return PlaceColumns({what: sample.name}, {sample.name: "sure" if called else "likely"})
    return PlaceColumns(why=_why(samples, numbers))


def _score(first: Sample, second: Sample, kind: tuple[str, str], crs: Any) -> float:
    """1 for both names, 1 for numbers that all fall inside the area; half without the names."""
    named = [is_called(one.name, what) for one, what in zip((first, second), kind, strict=True)]
    degrees = kind == DEGREES
    pairs = np.stack([one.numbers(degrees) for one in (first, second)], axis=1)
    x, y = pairs[np.isfinite(pairs).all(axis=1) & (pairs != 0).any(axis=1)].T
    if not len(x):
        return 0.0
    # The median: a filler of metres in a column of degrees decides nothing.
    small = bool(np.median(np.abs(x)) <= LARGEST_DEGREE and np.median(np.abs(y)) <= LARGEST_DEGREE)
    if small != degrees:
        return 0.0
    lon, lat = (x, y) if degrees else to_lonlat(x, y, crs)
    inside = float(is_inside(np.asarray(lon), np.asarray(lat), crs).mean())
    fractions = not degrees or bool((x % 1 != 0).any() and (y % 1 != 0).any())
    spread = len(x) >= 3 and len(np.unique(x)) > 2 and len(np.unique(y)) > 2
    by_name = all(named) or _x_and_y(first, second)
    if by_name:
        return 1.0 + inside
    return inside / 2 if inside >= MOSTLY and fractions and spread else 0.0


def _is_inside(sample: Sample, crs: Any) -> bool:
    """Whether most pairs of one column are places of the area."""
    return Positions.of(sample.column, crs).inside >= MOSTLY


def _x_and_y(first: Sample, second: Sample) -> bool:
    """Whether they are called x and y, which may hold metres or degrees."""
    return is_called(first.name, "easting") and is_called(second.name, "northing")


def _why(samples: Sequence[Sample], numbers: Sequence[Sample]) -> str:
    named = [
        sample.name
        for sample in samples
        if any(is_called(sample.name, what) for what in (*DEGREES, *METRES))
    ]
    if named:
        said = ", ".join(map(repr, named[:4]))
        return f"{said} could be coordinates by name, but no two of them hold numbers of a place"
    for words, advice in LOOKED_UP.items():
        for sample in samples:
            if re.search(rf"\b(?:{words})", sample.name.replace("_", " "), re.IGNORECASE):
                return f"only {sample.name!r}, which is no coordinate: {advice}"
    if not numbers:
        return "no column holds numbers, a grid reference or latitude and longitude"
    return "no two columns of numbers fall inside the area of the coordinate system"
