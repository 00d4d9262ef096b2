"""A day or a time of day that a file splits over several columns, as one text again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from hotspots.io.incidents.date_patterns import MONTHS
from hotspots.io.incidents.datetime_formats import whole_year
from hotspots.io.incidents.field_map import FieldMap
from hotspots.io.incidents.field_map_faults import SPLIT, part_key, parts_of
from hotspots.io.incidents.parse_text import TEXT, Texts


def joined_times(cells: dict[str, Texts], fields: FieldMap) -> dict[str, Texts]:
    """The cells, with one column for what the field map splits over several."""
    joined = dict(cells)
    for what in SPLIT:
        keys = [part_key(what, number) for number in range(len(parts_of(getattr(fields, what))))]
        parts = [joined.pop(key) for key in keys if key in joined]
        if len(parts) > 1 and keys[0] in cells:
            joined[what] = _joined(parts, clock_text if what.endswith("time") else day_text)
        elif parts and keys[0] in cells:
            joined[what] = parts[0]
    return joined


def day_text(*parts: str) -> str:
    """Year, month and perhaps day as one text; nothing where all are blank.

    Examples
    --------
    >>> day_text("2025", "July", "3"), day_text("25", "07", "13.0"), day_text("2025", "7")
    ('2025-07-03', '2025-07-13', '2025-07')
    >>> day_text("", "", ""), day_text("2025", "", "3")
    ('', '2025--03')
    """
    year, month, *day = (_plain(part) for part in parts)
    if not any((year, month, *day)):
        return ""
    if year.isdecimal() and len(year) <= 2:
        year = str(whole_year(int(year), 2))
    named = month[:3].casefold()
    month = str(MONTHS.index(named) + 1) if named in MONTHS else month
    return "-".join([year, *(part.zfill(2) if part else "" for part in (month, *day))])


def clock_text(*parts: str) -> str:
    """Hour, minute and perhaps second as one text; the hour alone where no minute is known.

    Examples
    --------
    >>> clock_text("7", "5"), clock_text("23", ""), clock_text("", "30")
    ('7:05', '23', '')
    """
    hour, *others = (_plain(part) for part in parts)
    if not hour or not others[0]:
        return hour
    return ":".join([hour, *(part.zfill(2) for part in others if part)])


def _joined(parts: Sequence[Texts], write: Callable[..., str]) -> Texts:
    """One text for each distinct row of the parts."""
    rows = pd.DataFrame({number: part.codes for number, part in enumerate(parts)})
    codes = rows.groupby(list(rows.columns), sort=False).ngroup().to_numpy()
    distinct = rows.drop_duplicates()
    texts = [
        part.bare.where(~part.unknown_texts, "").take(distinct[number].to_numpy()).tolist()
        for number, part in enumerate(parts)
    ]
    written = [write(*map(str, row)) for row in zip(*texts, strict=True)]
    return Texts(codes.astype(np.intp), pd.Series(written, dtype=TEXT), parts[0].missing)


def _plain(part: str) -> str:
    return part.removesuffix(".0")
