"""Which row names the columns: the first, or one below title lines and cover notes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from hotspots.io.incidents.column_names import named_columns
from hotspots.io.incidents.datetime_formats import parse_moment, parse_month
from hotspots.io.incidents.field_map import POLICE_UK, FieldMap, plain_name, recognise

ROWS_SEARCHED = 30
ROWS_LOOKED_AT = 60
MOST_OF_A_ROW = 0.6
_ANY = FieldMap("any", longitude="x", latitude="y", date="d", offence="o")


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
