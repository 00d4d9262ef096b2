"""What a column could hold, by what it is called and by what stands in its cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hotspots.io.incidents.datetime_formats import (
    NO_DAY,
    NUMBER_OF_A_DAY,
    UNIX,
    clock_behind_day,
    parse_moment,
    parse_month,
)
from hotspots.io.incidents.field_map import POLICE_UK, FieldMap, plain_name, recognise
from hotspots.io.incidents.parse_numbers import read_numbers
from hotspots.io.incidents.parse_text import BLANKS, TEXT, UNKNOWN_WORDS, Texts
from hotspots.io.incidents.place_cells import is_mostly
from hotspots.offences.codes import registered_code

SAMPLE, ROWS = 500, 2_000
MOSTLY = 0.8
SOME_DAYS = 5
SCHEMES = ("police_uk", "home_office")
EITHER_WAY = tuple(
    FieldMap("any", longitude="x", latitude="y", date="d", offence="o", day_first=day_first)
    for day_first in (True, False)
)
NUMBER, CLOCK = r"[-+]?[\d,]*\.?\d+", r"\d{1,2}[:.]\d{2}\b(?![-/.]\d)"
ELSEWHERE = re.compile(r"[T ](\d\d:00):00(?:\.0+)?(?:Z|\+00(?::?00)?)$", re.IGNORECASE)
"""A full hour of UTC: midnight by another clock, where all days come with one, or two by season."""
MIDNIGHT = re.compile(r"[T ](?:00:00(?::00)?(?:\.0+)?Z?|12:00(?::00)? ?AM)$", re.IGNORECASE)
LONG_NUMBER = r"-?\d{3,}[.,]?\d{2,}|-?\d+[.,]\d+"
OF_A_DAY = r"0?[.,]\d+"
LSOA = r"[EWS]01\d{6}"

NAMES = {
    "longitude": ".*longitude.*|long|lng|lon|geolong.*|.*long(wgs84|wgs)?",
    "latitude": ".*latitude.*|lat|geolat.*|.*lat(wgs84|wgs)",
    "easting": ".*easting.*|east|e|(os|grid|bng|map|geo|location|crime|incident)?x"
    "(coord(inate)?s?)?|(os)?gre|osgre|gride|coordx|.*xcoord.*",
    "northing": ".*northing.*|north|n|(os|grid|bng|map|geo|location|crime|incident)?y"
    "(coord(inate)?s?)?|(os)?grn|osgrn|gridn|coordy|.*ycoord.*",
    "grid_reference": "(os)?(national)?grid(ref(erence)?)?|ngr|osgridref.*|.*gridref.*",
    "position": "latlon(g)?|latlng|coordinates?|coords?|geo(point|location|code)?|point|"
    ".*latlong.*|location",
    "month": "month|yearmonth|monthyear|period",
    "until_date": "(date)?(to|until|end|latest|last)(date(time)?)?|committedto.*|occurredto.*",
    "until_time": "(time)?(to|until|end|latest|last)(time)?",
    "from_date": "(date)?(from|start|earliest|first)(date(time)?)?|committedfrom.*|occurredfrom.*|"
    "datestart|firstcommitted.*",
    "from_time": "(time)?(from|start|earliest|first)(time)?",
    "date": ".*(date|datetime|reportedon|occurredon|createdon|timestamp).*|when|day|reported|"
    "occurred|logged|created|callreceived|recorded",
    "time": "time.*|.*timeofday|.*hour|at|.*time",
    "offence": ".*(offen[cs]e|crime)"
    "(type|code|category|class|desc(ription)?|group|title|name)?\\d?|(offen[cs]e|crime)(or)?incident|"
    "ho(c|me ?office)?(code|class|cr)|homeoffice(code|class).*|hocr|hocode|type|category|kind|"
    "(incident|asb|case|primary|service|report|call|complaint|event|offen[cs]e|crime|or)+"
    "(type|category|group|class|desc(ription)?)(level)?\\d?|nature(of.*)?|mci|openingcode|"
    "(final|opening)(call|incident)?(class|code|type).*|qualifier|problem|"
    "class(ification)?|description|subject|issue|reason|crm(cd|code)(desc(ription)?)?|"
    "(?!location|place|premises?|venue|victim|suspect).*categor(y|ies)",
    "place_name": "location(name|description|address|of(the)?(incident|offen[cs]e|crime))?|"
    "neighbourhood|(location|incident|crime|offen[cs]e|event|occ(urrence)?)?"
    "(street|place|road|site|premises?|address)(name)?|address.*",
    "reference": "(incident|cad)log|"
    "(crime|incident|case|log|event|record|call|complaint|cad|urn|niche|occurrence|occ|irs|"
    "service|request|job|ticket|enquiry|investigation)?(reference|ref|id|number|no|urn)(number|no)?|"
    "uid|fid|objectid|refval|.*(refno|reference)",
    "count": "(count|number|no|total)(of)?(incident|crime|offence|call|record|report|event)s?|"
    "(incident|crime|offence|call|record)s?(count|total)|count|incidents|crimes|offences",
    "domestic": "(is)?(domestic|da|dv)(abuse|violence|incident)?"
    "(flag|marker|related|yn|keyword|qualifier|indicator)?",
    "area_code": "lsoa(11|21)?(cd|code)?|lsoacode.*",
    "area_name": "lsoa(11|21)?(nm|name)|lsoaname.*",
}
OF_AN_INCIDENT = "(crime|incident|case|occurrence|investigation|cad|urn|niche).+"
OCCURRED = frozenset(
    {"occurred", "occur", "occurrence", "occ", "offence", "committed", "commission", "incident",
     "crime", "event", "happened"}
)  # fmt: skip
REPORTED = frozenset(
    {"reported", "report", "rptd", "recorded", "logged", "created", "received", "entered",
     "registered", "call", "opened", "rec", "raised"}
)  # fmt: skip
NOT_WHEN = frozenset(
    {"modified", "updated", "closed", "birth", "dob", "born", "review", "destroy", "resolved",
     "outcome", "extract", "extracted", "run", "export", "exported", "printed", "edited", "due",
     "completed", "disposal"}
)  # fmt: skip
NOT_WHERE = frozenset(
    {"victim", "home", "suspect", "offender", "perpetrator", "accused", "nominal", "person",
     "caller", "informant", "reporter", "complainant", "customer", "witness", "aggrieved",
     "keeper", "owner", "officer", "station", "depot", "hospital", "base", "unit", "resource",
     "callsign", "destination", "recovered", "arrest", "arrested"}
)  # fmt: skip
"""Whose place a column says: a person's, or a service's, and not where it happened."""
STATUS_WORDS = frozenset({"status", "state", "outcome", "disposal", "result", "stage", "flag"})
NO_INCIDENT = (
    r"no[- ]?crim.*|.*cancel.*|.*duplicat.*|.*transfer+ed.*|.*false (?:alarm|call|report).*|"
    r"raised in error|(?:created|recorded|entered) in error|void(?:ed)?|withdrawn|test(?: record)?|"
    r"deleted|rejected|no incident.*|hoax"
)
"""What a system says of a row that stands for no incident here, or for one told elsewhere."""
FROM = frozenset({"from", "start", "earliest", "first", "begin", "began"})
UNTIL = frozenset({"to", "until", "end", "latest", "last", "ended", "till"})
ROWS_SEARCHED = 30
ROWS_LOOKED_AT = 60
MOST_OF_A_ROW = 0.6


@dataclass(frozen=True)
class Sample:
    """A column: its name, and its first distinct texts that say something."""

    name: str
    place: int
    column: Texts

    @cached_property
    def texts(self) -> list[str]:
        """Distinct texts, without those that stand for nothing or unknown."""
        unsaid = BLANKS | UNKNOWN_WORDS
        bare = self.column.bare.head(SAMPLE).dropna().tolist()
        return [text for text in bare if text.casefold() not in unsaid]

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name: ``Committed On/From Date`` has four."""
        parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name)
        return frozenset(re.findall(r"[a-z]+", parted.casefold()))

    def numbers(self, degrees: bool) -> NDArray[np.float64]:
        """Its first cells as numbers of degrees or metres, row by row, missing where none."""
        cached = self._numbers
        if degrees not in cached:
            first = self.column.codes[:ROWS]
            cached[degrees], _ = read_numbers(self.column.bare.take(first), degrees)
        return cached[degrees]

    @cached_property
    def _numbers(self) -> dict[bool, NDArray[np.float64]]:
        return {}

    @cached_property
    def is_number(self) -> bool:
        """Whether nearly all that is said is numbers."""
        return self.is_like(NUMBER)

    @cached_property
    def is_coordinate(self) -> bool:
        """Whether nearly all that is said is numbers, however they are written."""
        if self.share(lambda text: bool(re.search(r"\d", text))) < MOSTLY:
            return False
        texts = pd.Series(self.texts, dtype=TEXT)
        read = (np.isfinite(read_numbers(texts, unit)[0]) for unit in (True, False))
        return any(float(one.mean()) >= MOSTLY for one in read)

    @cached_property
    def days(self) -> float:
        """Share of texts that are days."""
        return self.share(is_day)

    @cached_property
    def day_numbers(self) -> float:
        """Share of texts that could be days as spreadsheets number them, or seconds since 1970."""
        numbers = re.compile(f"{NUMBER_OF_A_DAY}|{UNIX}")
        return self.share(lambda text: numbers.fullmatch(text) is not None)

    @cached_property
    def has_clock(self) -> bool:
        """Whether its days come with a time that is more than midnight, here or elsewhere."""
        hours = [found[1] for found in map(ELSEWHERE.search, self.texts) if found]
        if len(hours) == len(self.texts) > SOME_DAYS and len(set(hours)) <= 2:
            return False
        return self.share(lambda text: bool(re.search(CLOCK, MIDNIGHT.sub("", text)))) >= 0.5

    @cached_property
    def months(self) -> float:
        """Share of texts that are months."""
        return self.share(lambda text: parse_month(text) is not None)

    @cached_property
    def clocks(self) -> float:
        """Share of texts that are times of day."""
        return self.share(
            lambda text: (
                not np.isnan(clock_behind_day(text)[0])
                or _has_zeros_lost(text)
                or re.fullmatch(OF_A_DAY, text) is not None
            )
        )

    @cached_property
    def scheme(self) -> str | None:
        """The offence scheme that knows most of its texts."""
        for scheme in SCHEMES:
            if self.known(scheme) >= MOSTLY:
                return scheme
        return None

    def known(self, scheme: str) -> float:
        """Share of texts that are offences of a scheme."""
        return self.share(lambda text: registered_code(text, scheme) is not None)

    @cached_property
    def one_column_place(self) -> str | None:
        """The kind of place that stands in this one column."""
        kinds = (kind for kind in ("grid_reference", "position") if is_mostly(self.column, kind))
        return next(kinds, None)

    @cached_property
    def tells_apart(self) -> bool:
        """Whether it names rows, rather than counting or sorting them."""
        filled = int((~self.column.blank).sum())
        return filled > 0 and len(self.column.distinct) >= MOSTLY * filled

    @cached_property
    def may_refer(self) -> bool:
        """Whether it could name incidents of which some have several rows."""
        filled = int((~self.column.blank).sum())
        surely = re.match(OF_AN_INCIDENT, plain_name(self.name))
        return filled > 0 and len(self.column.distinct) > filled * (0.1 if surely else 0.5)

    def is_like(self, pattern: str) -> bool:
        """Whether nearly all that is said is of a pattern, in whatever case."""
        like = re.compile(pattern, re.IGNORECASE)
        return self.share(lambda text: like.fullmatch(text) is not None) >= MOSTLY

    def rows_that(self, pattern: str) -> int:
        """How many rows hold a text of a pattern, in whatever case."""
        found = self.column.bare.str.casefold().str.fullmatch(pattern)
        return int(self.column.spread(np.asarray(found, dtype=bool)).sum())

    def share(self, holds: Callable[[str], bool]) -> float:
        """Share of the sampled texts for which something holds."""
        return sum(map(holds, self.texts)) / len(self.texts) if self.texts else 0.0


def is_called(column: str, what: str) -> bool:
    """Whether a column is called as one that holds this.

    Examples
    --------
    >>> is_called("Location Easting", "easting"), is_called("Offence / Incident Type", "offence")
    (True, True)
    """
    return re.fullmatch(NAMES[what], plain_name(column)) is not None


def named_columns(header: list[str]) -> dict[str, str]:
    """For each thing the first column whose name says it; each column is used once.

    Examples
    --------
    >>> named_columns(["Ref", "Grid Easting", "Grid Northing", "Colour"])
    {'easting': 'Grid Easting', 'northing': 'Grid Northing', 'reference': 'Ref'}
    """
    chosen: dict[str, str] = {}
    plain = [(column, plain_name(column)) for column in header]
    for what, pattern in NAMES.items():
        for column, name in plain:
            if column not in chosen.values() and re.fullmatch(pattern, name):
                chosen[what] = column
                break
    return chosen


def find_header(rows: Sequence[Sequence[str]], fields: FieldMap | None = None) -> int:
    """Place of the row that names the columns, among the first rows of a table; 0 if none does.

    Parameters
    ----------
    rows : sequence of sequences of str
        The first rows, with those below a possible header: they show how wide the table is.
    fields : FieldMap, optional
        The columns that are asked for.

    Examples
    --------
    >>> find_header([["ASB log", ""], ["Run on 01/08/2025", ""], ["Ref", "Date"], ["1", "2/3/25"]])
    2
    """
    searched = rows[:ROWS_SEARCHED]
    for hits in (_asked(searched, fields), [int(recognise(row) == POLICE_UK) for row in searched]):
        if any(hits):
            return hits.index(max(hits))
    filled = [sum(map(bool, map(str.strip, row))) for row in rows]
    usual = Counter(count for count in filled if count > 1).most_common(1)
    least = max(2, MOST_OF_A_ROW * usual[0][0]) if usual else 2
    names = [
        place
        for place, row in enumerate(searched)
        if filled[place] >= least and all(map(is_a_name, row))
    ]
    if not names:
        return 0
    known = {place: len(named_columns(list(searched[place]))) for place in names}
    return max(names, key=lambda place: (known[place] if known[place] > 1 else 0, -place))


def is_day(text: str) -> bool:
    """Whether a text is a day, with a time or without."""
    if re.match(NO_DAY, text):
        return False
    return any(not np.isnan(parse_moment(text, way)[0]) for way in EITHER_WAY) or bool(
        re.fullmatch(r"1\d{12}", text)
    )


def cells_of_a_row(header: Sequence[str]) -> list[str]:
    """What in a first line can name no column, where it is more than one: it may be a row of data.

    Examples
    --------
    >>> cells_of_a_row(["CR/1", "01/07/2025", "429790"]), cells_of_a_row(["Ref", "Date", "2025.5"])
    (['01/07/2025', '429790'], [])
    """
    odd = [cell for cell in header if re.fullmatch(LONG_NUMBER, cell) or is_day(cell)]
    return odd if len(odd) > 1 else []


def _has_zeros_lost(text: str) -> bool:
    # 5 and 130 as a spreadsheet writes 00:05 and 01:30.
    return re.fullmatch(r"\d{1,4}", text) is not None and int(text) < 2400 and int(text[-2:]) < 60


def _asked(rows: Sequence[Sequence[str]], fields: FieldMap | None) -> list[int]:
    """How many of the columns asked for each row names."""
    if fields is None:
        return []
    wanted = set(map(plain_name, fields.columns.values()))
    return [len(wanted & set(map(plain_name, row))) for row in rows]


def is_a_name(cell: str) -> bool:
    """Whether a cell could be the name of a column: no number, no day; a blank one may be."""
    text = cell.strip()
    if not text:
        return True
    if re.fullmatch(r"[^A-Za-z]*", text, re.ASCII) and text.isascii():
        return False
    return parse_month(text) is None and bool(np.isnan(parse_moment(text, EITHER_WAY[0])[0]))


def columns_called(name: str, header: Sequence[str]) -> str:
    """Which columns have a name, counted from 1.

    Examples
    --------
    >>> columns_called("Date", ["Ref", "Date", "Date"])
    'columns 2 and 3'
    """
    *first, last = (str(place) for place, one in enumerate(header, start=1) if one == name)
    return f"columns {', '.join(first)} and {last}" if first else f"column {last}"
