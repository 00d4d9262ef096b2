"""Which column of a source says what: data.police.uk is known, every other layout is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from pydantic import ConfigDict, Field

from hotspots.core.arguments import path_of
from hotspots.core.errors import Findings, InputError
from hotspots.core.schema import (
    TABLE,
    AnyText,
    Flag,
    Whole,
    check_table,
    documented,
    says,
    toml_content,
)
from hotspots.io.incidents.field_map_faults import SPLIT, part_key, parts_of, problems_of

MOST_NAMES = 2**12
POLICE_UK = "data.police.uk street crime"
POLICE_UK_API = "data.police.uk API"
REFERENCED_POLICE_UK = "data.police.uk street crime, with references of one's own"
OWN_POLICE_UK = "columns as data.police.uk, rows of one's own"
POLICE_UK_STOPS = "data.police.uk stop and search"
POLICE_UK_OUTCOMES = "data.police.uk outcomes"
PUBLISHED = (POLICE_UK, POLICE_UK_API, POLICE_UK_STOPS)
"""Layouts whose records are public one by one."""
POLICE_UK_ATTRIBUTION = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "Source: data.police.uk"
)
LocationPrecision = Literal["exact", "snapped", "street", "postcode", "unknown"]
LOCATION_PRECISIONS = get_args(LocationPrecision)
Column: TypeAlias = Annotated[str | None, says("the name of a column")]
Split: TypeAlias = Annotated[
    str | tuple[str, ...] | None, says("the name of a column, or a list of those it is split over")
]
RowNumber: TypeAlias = Annotated[
    Whole, Field(ge=1, le=1_048_576), says("the number of a row, from 1")
]
GOVERNANCE = ("lawful_basis", "sharing_agreement", "owner", "review_on", "destroy_on")


def _named_by_its_file(schema: dict[str, Any], declaration: type[Any]) -> None:
    """In a file nothing is needed alone: without a `name` it is called as the file is."""
    documented(schema, declaration)
    schema["required"] = []


@dataclass(frozen=True)
class FieldMap:
    """Which columns of a source hold what, and how to read them.

    Parameters
    ----------
    name : str
        What the layout is called in messages and in the record.
    longitude, latitude : str, optional
        Columns in degrees (WGS 84). Give these two, or `easting` and `northing`.
    easting, northing : str, optional
        Columns in metres, in the system of `coordinate_system` (by default the ``crs=`` of
        :func:`load_incidents`, the British National Grid).
    month : str, optional
        Column with a month, as ``2018-07``. Give this, or `date`, or `from_date`. What is split
        over columns is given by all of them, the largest part first: ``["Year", "Month"]``, for a
        day ``["Year", "Month", "Day"]``, for a time of day ``["Hour", "Minute"]``.
    date, time : str, optional
        Columns with the day (a time may follow in the same cell) and the time of day.
    from_date, from_time, until_date, until_time : str, optional
        Columns with the earliest and the latest time at which it can have happened.
    offence : str, optional
        Column with the offence. Give this, or `offence_is`.
    place_name, reference, domestic, area_code, area_name : str, optional
        Columns with the place, the source's own reference, a domestic flag, a statistical area.
    offence_is : str, optional
        The offence of every row, for a log that holds one kind of incident.
    offence_words : mapping
        The source's words for an offence, in capitals or small letters, and the words of
        `offence_scheme` for them.
    offence_scheme : str
        ``police_uk``, ``home_office`` or a name of one's own.
    location_precision : str
        exact, snapped, street, postcode or unknown.
    grid_reference, position : str, optional
        One column with the place: a reference of the National Grid, ``SE 297 338``, which stands
        for the south-west corner of its square; or latitude and longitude, ``(53.80, -1.55)``.
    missing : sequence of str
        Words, or fillers such as ``"999999"``, that stand for unknown beside the usual ones
        (N/K, Unknown): a place they stand for is none.
    geometry : bool
        Take places from the geometry of a GeoPackage, GeoJSON or GeoParquet file.
    day_first : bool
        Read 03/04/2018 as 3 April (the default). Dates such as 2018-04-03 need no choice.
    one_incident_is : {"row", "reference"}
        Whether every row is an incident, or rows with one reference are one: the first is kept.
    timezone : str, optional
        Zone of times that name none, e.g. ``"America/New_York"``; that of the place by default.
    coordinate_system : str, optional
        System of `easting` and `northing`, e.g. ``"EPSG:26971"``.
    delimiter, encoding : str, optional
        Of a text file; found out by default.
    sheet : str, optional
        Sheet of a workbook; by default all that have these columns.
    header_row : int, optional
        Line, or row of a sheet, that names the columns; looked for in the first 30 by default.
    layer : str, optional
        Layer of a GeoPackage; the first by default.
    lawful_basis, sharing_agreement, owner, review_on, destroy_on : str, optional
        Facts of governance that every record of a run with this source carries.
    attribution : str, optional
        A sentence every product made from this source must carry.

    Examples
    --------
    >>> log = FieldMap("Council ASB log", easting="X", northing="Y", date="Reported",
    ...                offence_is="Anti-social behaviour", offence_scheme="police_uk")
    >>> log.columns["easting"]
    'X'
    """

    __pydantic_config__: ClassVar[ConfigDict] = TABLE | {"json_schema_extra": _named_by_its_file}

    name: str
    longitude: Column = None
    latitude: Column = None
    easting: Column = None
    northing: Column = None
    grid_reference: Column = None
    position: Column = None
    month: Split = None
    date: Split = None
    time: Split = None
    from_date: Split = None
    from_time: Split = None
    until_date: Split = None
    until_time: Split = None
    offence: Column = None
    place_name: Column = None
    reference: Column = None
    domestic: Column = None
    area_code: Column = None
    area_name: Column = None
    offence_is: str | None = None
    offence_words: Mapping[str, str] = field(default_factory=dict)
    offence_scheme: str = "own"
    location_precision: LocationPrecision = "unknown"
    missing: tuple[str, ...] = ()
    geometry: Flag = False
    day_first: Flag = True
    one_incident_is: Literal["row", "reference"] = "row"
    timezone: str | None = None
    coordinate_system: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    header_row: RowNumber | None = None
    layer: str | None = None
    lawful_basis: str | None = None
    sharing_agreement: str | None = None
    owner: str | None = None
    review_on: AnyText | None = None
    destroy_on: AnyText | None = None
    attribution: str | None = None

    def __post_init__(self) -> None:
        findings = Findings()
        for what in SPLIT:
            if isinstance(getattr(self, what), list):
                object.__setattr__(self, what, tuple(getattr(self, what)))
        for problem in problems_of(self, COLUMN_FIELDS, LOCATION_PRECISIONS):
            findings.error("field-map", f"field map {self.name!r}: {problem}")
        findings.raise_errors(InputError)

    @classmethod
    def from_toml(cls, path: str | Path) -> FieldMap:
        """Read a field map from a TOML file; keys are the parameters above."""
        file = path_of(path)
        content = toml_content(file, what="a field map")
        return check_table({"name": file.stem, **content}, cls, file.name)

    @classmethod
    def from_mapping(cls, content: Mapping[str, Any]) -> FieldMap:
        """Make a field map from plain names and values, as they stand in a TOML table."""
        return check_table({"name": "field map", **content}, cls, "field map", kind=InputError)

    @classmethod
    def police_uk(cls) -> FieldMap:
        """The street-level crime files of data.police.uk."""
        return cls(
            POLICE_UK,
            longitude="Longitude",
            latitude="Latitude",
            month="Month",
            offence="Crime type",
            reference="Crime ID",
            place_name="Location",
            area_code="LSOA code",
            area_name="LSOA name",
            offence_scheme="police_uk",
            location_precision="snapped",
            attribution=POLICE_UK_ATTRIBUTION,
        )

    def of_ones_own(self) -> FieldMap:
        """The same columns, of rows that nobody published: no map points, no attribution."""
        return replace(self, name=OWN_POLICE_UK, location_precision="unknown", attribution=None)

    @classmethod
    def police_uk_api(cls) -> FieldMap:
        """Street-level crime as the API of data.police.uk gives it; no statistical areas."""
        return replace(cls.police_uk(), name=POLICE_UK_API, area_code=None, area_name=None)

    @classmethod
    def stop_and_search(cls) -> FieldMap:
        """The stop and search files of data.police.uk: events, not crimes; no person columns."""
        return cls(
            POLICE_UK_STOPS,
            longitude="Longitude",
            latitude="Latitude",
            date="Date",
            offence="Type",
            offence_scheme="stop_and_search",
            location_precision="snapped",
            attribution=POLICE_UK_ATTRIBUTION,
        )

    @classmethod
    def generic(cls) -> FieldMap:
        """The documented generic extract: a CSV with exactly these column names.

        ``reference, offence, easting, northing, from_date, from_time, until_date, until_time,
        place_name, domestic``; offences are Home Office codes, times may be empty.
        """
        names = (
            "reference",
            "offence",
            "easting",
            "northing",
            "from_date",
            "from_time",
            "until_date",
            "until_time",
            "place_name",
            "domestic",
        )
        settings = {"offence_scheme": "home_office", "location_precision": "exact"}
        content: dict[str, Any] = {"name": "generic extract", **{n: n for n in names}, **settings}
        return cls.from_mapping(content)

    @cached_property
    def columns(self) -> dict[str, str]:
        """The columns that are named, by what they hold; of split ones, every part."""
        return {
            part_key(what, number): column
            for what in COLUMN_FIELDS
            for number, column in enumerate(parts_of(getattr(self, what)))
        }

    def named(self, what: str) -> str:
        """The column that holds something, or the columns it is split over, as one text."""
        return ", ".join(parts_of(getattr(self, what)))

    @property
    def needed(self) -> list[str]:
        """What a file must have; other named columns may be absent, with a warning."""
        always = (*PLACES, "month", "date", "from_date", "offence")
        return [name for name in self.columns if name.partition("/")[0] in always]

    @property
    def governance(self) -> dict[str, str]:
        """The facts of governance that were given."""
        return {name: str(getattr(self, name)) for name in GOVERNANCE if getattr(self, name)}


COLUMN_FIELDS = tuple(one.name for one in fields(FieldMap) if one.type in ("Column", "Split"))
PLACES = COLUMN_FIELDS[:6]


@lru_cache(maxsize=MOST_NAMES)
def plain_name(header: str) -> str:
    """A column name without case, blanks, underscores and signs, to recognise its variants.

    Examples
    --------
    >>> plain_name("Crime_type") == plain_name("Crime type") == "crimetype"
    True
    """
    return "".join(letter for letter in header.casefold() if letter.isalnum())


def recognise(header: Iterable[str]) -> str | None:
    """The known layout a header belongs to, or comes close to; None for any other.

    Examples
    --------
    >>> recognise(["CrimeID", "Month", "Longitude", "Latitude", "Crime_type"])
    'data.police.uk street crime'
    """
    columns = list(header)
    if len(columns) < 2:  # a line that was cut at another delimiter
        return None
    names = {plain_name(column) for column in columns}
    if {"outcometype", "crimeid"} <= names:
        return POLICE_UK_OUTCOMES
    if {"objectofsearch", "legislation"} <= names:
        return POLICE_UK_STOPS
    signs = {"crimeid", "month", "longitude", "latitude", "location", "lsoacode", "crimetype"}
    own = {"crimetype", "fallswithin", "reportedby", "lastoutcomecategory", "lsoacode"}
    complete = {"month", "longitude", "latitude", "crimetype"} <= names
    nearly = len(names & signs) >= 5 and len(names & own) >= 2
    return POLICE_UK if complete or nearly else None


def match_columns(wanted: Mapping[str, str], header: list[str]) -> dict[str, int | None]:
    """Position of each wanted column in a header: by its exact name, else by its plain name."""
    exact = {name: place for place, name in reversed(list(enumerate(header)))}
    plain = {plain_name(name): place for place, name in reversed(list(enumerate(header)))}
    return {
        what: exact.get(column, plain.get(plain_name(column))) for what, column in wanted.items()
    }
