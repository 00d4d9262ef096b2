"""What is wrong with a field map, in words; and what may be split over several columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hotspots.core.errors import listing
from hotspots.core.tables import TIMEZONE

if TYPE_CHECKING:
    from hotspots.io.incidents.field_map import FieldMap

SPLIT: Mapping[str, tuple[int, ...]] = {
    "month": (2,),
    "date": (3,),
    "from_date": (3,),
    "until_date": (3,),
    "time": (2, 3),
    "from_time": (2, 3),
    "until_time": (2, 3),
}
"""What may be split over columns, and over how many."""


def parts_of(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """The column that was named, or all it is split over; none where nothing was named."""
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)


def part_key(what: str, number: int) -> str:
    """What a part is called among the columns: the first as the whole.

    Examples
    --------
    >>> part_key("date", 0), part_key("date", 2)
    ('date', 'date/2')
    """
    return f"{what}/{number}" if number else what


def problems_of(given: FieldMap, names: Sequence[str], precisions: Sequence[str]) -> list[str]:
    """Every reason why a field map cannot be used, in words."""
    found = [
        f"`{item}` must be the name of a column{_or_parts(item)}; got {value!r}."
        for item in names
        if (value := getattr(given, item)) is not None and not _is_name(item, value)
    ]
    pairs = [(given.longitude, given.latitude), (given.easting, given.northing)]
    ways = [all(pair) for pair in pairs]
    ways += [given.grid_reference is not None, given.position is not None, given.geometry is True]
    if sum(ways) != 1 or any(any(p) != all(p) for p in pairs):
        found.append(
            "name one pair of columns, `longitude` and `latitude` or `easting` and `northing`, or "
            "one column `grid_reference` or `position`, or say `geometry = true`: one of them."
        )
    times = [name for name in ("month", "date", "from_date") if getattr(given, name)]
    if len(times) != 1:
        found.append(
            f"name exactly one of `month`, `date` and `from_date`; got {listing(times) or 'none'}."
        )
    found += [
        f"`{one}` needs `{other}`."
        for one, other in [
            ("time", "date"),
            ("from_time", "from_date"),
            ("until_date", "from_date"),
            ("until_time", "until_date"),
        ]
        if getattr(given, one) and not getattr(given, other)
    ]
    if bool(given.offence) == bool(given.offence_is):
        found.append("name a column `offence`, or say `offence_is` for all rows: one of the two.")
    if given.location_precision not in precisions:
        found.append(
            f"`location_precision` must be one of {', '.join(precisions)}; "
            f"got {given.location_precision!r}."
        )
    return found + _setting_problems(given)


def _is_name(item: str, value: Any) -> bool:
    """Whether a value names a column, or as many as what it holds can be split over."""
    if isinstance(value, tuple):
        return len(value) in SPLIT.get(item, ()) and all(
            isinstance(one, str) and one for one in value
        )
    return isinstance(value, str) and bool(value)


def _or_parts(item: str) -> str:
    counts = SPLIT.get(item, ())
    return f", or a list of {' or '.join(map(str, counts))}" if counts else ""


def _setting_problems(given: FieldMap) -> list[str]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    found = []
    if given.day_first not in (True, False):
        found.append(f"`day_first` must be true or false; got {given.day_first!r}.")
    mark: object = given.delimiter
    if mark is not None and not (isinstance(mark, str) and len(mark) == 1):
        found.append(f"`delimiter` must be one character; got {given.delimiter!r}.")
    if given.one_incident_is not in ("row", "reference"):
        found.append(
            f'`one_incident_is` must be "row" or "reference"; got {given.one_incident_is!r}.'
        )
    if given.one_incident_is == "reference" and not given.reference:
        found.append('`one_incident_is="reference"` needs the column `reference`.')
    words: object = given.offence_words
    if not isinstance(words, Mapping):
        found.append(f"`offence_words` must be a table of words; got {given.offence_words!r}.")
    try:
        ZoneInfo(given.timezone or TIMEZONE)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        found.append(f"`timezone` must be a name like 'Europe/London'; got {given.timezone!r}.")
    if given.encoding is not None:
        try:
            "".encode(given.encoding)
        except (LookupError, TypeError):
            found.append(f"`encoding` must be a name like 'cp1252'; got {given.encoding!r}.")
    return found
