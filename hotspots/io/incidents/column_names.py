"""What columns are called, in many systems, and the row of a sheet that names them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from hotspots.io.incidents.datetime_formats import parse_moment, parse_month
from hotspots.io.incidents.field_map import POLICE_UK, FieldMap, plain_name, recognise

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
    "class(ification)?|description|subject|reason|crm(cd|code)(desc(ription)?)?|.*categor(y|ies)",
    "place_name": "location(name|description|address)?|street(name)?|place(name)?|road(name)?|"
    "neighbourhood|address.*|site(name)?|premises?(name)?",
    "reference": "(crime|incident|case|log|event|record|call|complaint|cad|urn|niche|occurrence|"
    "service|request|job|ticket|enquiry)?(reference|ref|id|number|no|urn)(number|no)?|uid|fid|"
    "objectid|.*(refno|reference)",
    "domestic": "(is)?(domestic|da|dv)(abuse|violence)?(flag|marker|related|yn)?",
    "area_code": "lsoa(11|21)?(cd|code)?|lsoacode.*",
    "area_name": "lsoa(11|21)?(nm|name)|lsoaname.*",
}
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
FROM = frozenset({"from", "start", "earliest", "first", "begin", "began"})
UNTIL = frozenset({"to", "until", "end", "latest", "last", "ended", "till"})
ROWS_SEARCHED = 30
ROWS_LOOKED_AT = 60
MOST_OF_A_ROW = 0.6
_ANY = FieldMap("any", longitude="x", latitude="y", date="d", offence="o")


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
        if filled[place] >= least and all(map(_is_a_name, row))
    ]
    if not names:
        return 0
    known = {place: len(named_columns(list(searched[place]))) for place in names}
    return max(names, key=lambda place: (known[place] if known[place] > 1 else 0, -place))


def _asked(rows: Sequence[Sequence[str]], fields: FieldMap | None) -> list[int]:
    """How many of the columns asked for each row names."""
    if fields is None:
        return []
    wanted = set(map(plain_name, fields.columns.values()))
    return [len(wanted & set(map(plain_name, row))) for row in rows]


def _is_a_name(cell: str) -> bool:
    """Whether a cell could be the name of a column: no number, no day; a blank one may be."""
    text = cell.strip()
    if not text:
        return True
    if re.fullmatch(r"[^A-Za-z]*", text, re.ASCII) and text.isascii():
        return False
    return parse_month(text) is None and bool(np.isnan(parse_moment(text, _ANY)[0]))
