"""A field map guessed from a header and its cells: a proposal to look at, never a decision."""

from __future__ import annotations

import re
from dataclasses import fields as fields_of

import numpy as np
import pandas as pd

from hotspots.core.errors import InputError
from hotspots.core.schema import to_toml
from hotspots.io.incidents.datetime_formats import parse_moment, parse_month
from hotspots.io.incidents.field_map import COLUMN_FIELDS, FieldMap, plain_name
from hotspots.io.incidents.parse_text import Texts
from hotspots.offences.codes import normalise_offence

SAMPLE = 2_000
MOSTLY = 0.8
_PLACE = ("longitude", "latitude", "easting", "northing")
NO_OFFENCE = "(no offence column)"

_NAMES = {
    "longitude": "longitude|long|lng|lon",
    "latitude": "latitude|lat",
    "easting": "eastings?|east|(os|grid|bng|location)?x(coord(inate)?)?|osgre",
    "northing": "northings?|north|(os|grid|bng|location)?y(coord(inate)?)?|osgrn",
    "month": "month|yearmonth|monthyear",
    "until_date": "(date)?(to|until|end|latest|last)(date(time)?)?|committedto.*|occurredto.*",
    "until_time": "(time)?(to|until|end|latest|last)(time)?",
    "from_date": "(date)?(from|start|earliest|first)(date(time)?)?|committedfrom.*|occurredfrom.*|"
    "datestart",
    "from_time": "(time)?(from|start|earliest|first)(time)?",
    "date": ".*(date|datetime|reportedon|occurredon|createdon|timestamp).*|when|day",
    "time": "time.*|.*timeofday|.*hour|at",
    "offence": ".*(offen[cs]e|crime)(type|code|category|class|description|group)?|hocode|"
    "homeofficecode|type|category|(incident|asb|case|primary|service)type|nature(of.*)?|mci",
    "place_name": "location|street(name)?|place(name)?|road(name)?|locationname|neighbourhood",
    "reference": "(crime|incident|case|log|event)?(reference|ref|id|number|no|urn)(number|no)?|uid",
    "domestic": "(is)?(domestic|da|dv)(abuse|violence)?(flag|marker|related|yn)?",
    "area_code": "lsoa(11|21)?(cd|code)?|lsoacode.*",
    "area_name": "lsoa(11|21)?(nm|name)|lsoaname.*",
}


def guess_fields(
    name: str, header: list[str], cells: dict[int, Texts], *, geometry: bool = False
) -> FieldMap | None:
    """The likeliest field map of a table; None where no place or no time is to be found.

    Parameters
    ----------
    name : str
        For the map.
    header : list of str
        Column names.
    cells : mapping
        Every column's texts, by its position.
    geometry : bool
        Whether the file has a geometry to take places from.

    Examples
    --------
    >>> header = ["Ref", "Date reported", "Easting", "Northing", "Offence code"]
    >>> row = ["1", "31/07/2018", "429790", "433805", "8/6"]
    >>> guessed = guess_fields("log", header, {i: Texts.of([v]) for i, v in enumerate(row)})
    >>> guessed.easting, guessed.date, guessed.offence, guessed.offence_scheme
    ('Easting', 'Date reported', 'Offence code', 'home_office')
    """
    samples = {header[place]: _sample(column) for place, column in cells.items() if header[place]}
    chosen = named_columns(list(samples))
    _settle_place(chosen, samples)
    if geometry:
        chosen = {what: column for what, column in chosen.items() if what not in _PLACE}
    _settle_time(chosen, samples)
    reference = chosen.get("reference")
    if reference is not None and not _tells_apart(cells[header.index(reference)]):
        del chosen["reference"]
    settings: dict[str, object] = {**chosen, "geometry": geometry}
    if "offence" in chosen:
        settings["offence_scheme"] = _scheme(samples[chosen["offence"]])
    else:
        settings["offence_is"] = NO_OFFENCE
    settings["day_first"] = _day_first([samples[chosen[key]] for key in chosen if "date" in key])
    try:
        return FieldMap.from_mapping({"name": name, **settings})
    except InputError:
        return None


def as_toml(fields: FieldMap) -> str:
    """A field map as a TOML text that `FieldMap.from_toml` reads."""
    said = {item.name: getattr(fields, item.name) for item in fields_of(fields)}
    return to_toml({name: one for name, one in said.items() if isinstance(one, (str, bool))})


def _sample(column: Texts) -> list[str]:
    filled = column.plain[column.plain != ""].head(SAMPLE)
    return [str(text) for text in filled]


def named_columns(header: list[str]) -> dict[str, str]:
    """For each thing the first column whose name says it; each column is used once.

    Examples
    --------
    >>> named_columns(["Ref", "Easting", "Northing", "Colour"])
    {'easting': 'Easting', 'northing': 'Northing', 'reference': 'Ref'}
    """
    chosen: dict[str, str] = {}
    for what, pattern in _NAMES.items():
        for column in header:
            if column not in chosen.values() and re.fullmatch(pattern, plain_name(column)):
                chosen[what] = column
                break
    return {what: chosen[what] for what in COLUMN_FIELDS if what in chosen}


def _settle_place(chosen: dict[str, str], samples: dict[str, list[str]]) -> None:
    """One pair of coordinates; columns named x and y may hold degrees."""
    if "longitude" in chosen and "latitude" in chosen:
        chosen.pop("easting", None)
        chosen.pop("northing", None)
        return
    if "easting" in chosen and "northing" in chosen and _are_degrees(samples[chosen["easting"]]):
        chosen["longitude"], chosen["latitude"] = chosen.pop("easting"), chosen.pop("northing")
        return
    chosen.pop("longitude", None)
    chosen.pop("latitude", None)


def _are_degrees(texts: list[str]) -> bool:
    values = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").dropna()
    return bool(len(values) and values.abs().median() <= 180)


def _settle_time(chosen: dict[str, str], samples: dict[str, list[str]]) -> None:
    """The finest time that can be read: from and until, a date, a month."""
    for what in ("month", "date", "from_date", "until_date"):
        if what in chosen and not _is_time(samples[chosen[what]], what == "month"):
            del chosen[what]
    if "from_date" not in chosen and "until_date" in chosen:
        chosen.setdefault("date", chosen.pop("until_date"))
    best = next((what for what in ("from_date", "date", "month") if what in chosen), None)
    for what in ("from_date", "date", "month"):
        if what != best:
            chosen.pop(what, None)
    for clock, day in (("time", "date"), ("from_time", "from_date"), ("until_time", "until_date")):
        if day not in chosen:
            chosen.pop(clock, None)
    if best != "from_date":
        chosen.pop("until_date", None)
        chosen.pop("until_time", None)


def _is_time(texts: list[str], month: bool) -> bool:
    if not texts:
        return False
    either_way = FieldMap("x", longitude="x", latitude="y", date="d", offence="o")
    american = FieldMap("x", longitude="x", latitude="y", date="d", offence="o", day_first=False)

    def reads(text: str) -> bool:
        if month:
            return parse_month(text) is not None
        return any(not np.isnan(parse_moment(text, way)[0]) for way in (either_way, american))

    return sum(map(reads, texts)) >= MOSTLY * len(texts)


def _tells_apart(column: Texts) -> bool:
    """Whether a column names rows, rather than counting or sorting them."""
    return len(column.distinct) >= MOSTLY * int((~column.blank).sum())


def _scheme(texts: list[str]) -> str:
    """The scheme that knows most of the words; a scheme of one's own where none does."""
    distinct = set(texts)
    for scheme in ("police_uk", "home_office"):
        known = sum(normalise_offence(text, scheme) is not None for text in distinct)
        if distinct and known >= MOSTLY * len(distinct):
            return scheme
    return "own"


def _day_first(columns: list[list[str]]) -> bool:
    """Month first only where some second number is above 12, and no first one."""
    found = [
        match
        for texts in columns
        for text in texts
        if (match := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d", text))
    ]
    late_first = any(int(match[1]) > 12 for match in found)
    return late_first or not any(int(match[2]) > 12 for match in found)
