"""Incidents folded without loss for counting: so many at a place, in a month, of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.behind import Behind
from hotspots.core.errors import InputError, require
from hotspots.core.months import clock_of, month_numbers
from hotspots.core.points import NOWHERE, PlaceIndex, distinct_rows
from hotspots.core.tables import INCIDENTS, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray
    from pandas.api.extensions import ExtensionArray

    from hotspots.core.arrays import Codes, Ints

KIND = (
    *("source", "offence_scheme", "offence", "time_precision", "location_precision"),
    *("domestic", "sensitive", "institutional", "published"),
    *("harm_scale", "harm_unit", "harm", "harm_low", "harm_high"),
)
"""Columns that make a kind, as far as the incidents have them; and every column of a theme."""
DENSE = 8
"""A key is looked up in a table rather than hashed where the table is at most so many times as
long as there are rows."""


@dataclass(frozen=True, eq=False, repr=False)
class Tally:
    """Weighted places: a whole number for every place, month and kind that occurs.

    The same incidents give the same tally to the bit, whatever their order and however they were
    divided before they were added.

    Attributes
    ----------
    places : array of int64, shape (places, 2)
        Distinct coordinates in whole millimetres, sorted by x, then y.
    months : array of int64, shape (months,)
        Months since year 0 in local time, sorted; -1 where the time is missing.
    kinds : DataFrame
        One row a kind: source, offence, flags, themes, harm of one incident; sorted.
    place, month, kind : array of intp, shape (lines,)
        Which of each a line is about; place -1 is unlocated. Sorted by place, month and kind.
    count : array of int64, shape (lines,)
        How many incidents.
    streets : DataFrame
        How often each ``place_name`` stands at each ``place``; sorted.
    since, until : Timestamp, optional
        The first start and the last end of an incident.
    crs : optional
        Coordinate system of the places.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=1_000)
    >>> tally = hs.fold(town.incidents)
    >>> tally.total, int(tally.count.sum()), len(tally) <= 1_000
    (1000, 1000, True)
    """

    places: Ints
    months: Ints
    kinds: pd.DataFrame
    place: Codes
    month: Codes
    kind: Codes
    count: Ints
    streets: pd.DataFrame
    since: pd.Timestamp | None = None
    until: pd.Timestamp | None = None
    crs: Any = None

    @cached_property
    def behind(self) -> Behind:
        """What must be known of its incidents before counts of them are shown."""
        return Behind.of(self.kinds)

    @property
    def total(self) -> int:
        """Incidents in all."""
        return int(self.count.sum())

    def __len__(self) -> int:
        return len(self.count)

    def __repr__(self) -> str:
        return (
            f"<Tally of {self.total:,} incidents: {len(self.places):,} places, "
            f"{len(self.months):,} months, {len(self.kinds):,} kinds, {len(self):,} lines>"
        )

    def equals(self, other: Tally) -> bool:
        """Whether two tallies are the same to the bit."""
        arrays = ("places", "months", "place", "month", "kind", "count")
        return (
            self.kinds.equals(other.kinds)
            and self.streets.equals(other.streets)
            and (self.since, self.until) == (other.since, other.until)
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays)
        )


def fold(incidents: gpd.GeoDataFrame) -> Tally:
    """Fold incidents into weighted places.

    Parameters
    ----------
    incidents : GeoDataFrame
        Incidents table; themes and harm travel where it has them.

    Returns
    -------
    Tally
        Nothing that counts by month need is lost: each incident is in exactly one line. Stages take
        it for the incidents: ``hs.select(tally, question)``.

    Raises
    ------
    InputError
        For a table without the columns of incidents.

    Notes
    -----
    Days and hours are not in it: a question about less than a month needs the incidents, and is
    refused. Where every incident has a place or a harm of its own, a tally is as long as the table.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents"), record=hs.RunRecord("L", "OPEN"))
    >>> hs.fold(incidents)
    <Tally of 87,348 incidents: 22,515 places, 3 months, 42 kinds, 62,013 lines>
    """
    require_table(incidents, INCIDENTS, argument="incidents")
    return fold_rows(incidents, PlaceIndex.of(incidents), incidents.crs)[0]


def with_kinds(tally: Tally, kinds: pd.DataFrame) -> Tally:
    """The same lines where more is said of each kind, as if its incidents had said it."""
    known = [name for name in KIND if name in kinds.columns]
    known += sorted(str(name) for name in kinds.columns if str(name).startswith("theme_"))
    found, code = _sorted_kinds(kinds[known])
    sizes = (len(tally.months), len(found))
    return replace(tally, kinds=found, **_alike_added(
        _key(tally.place, tally.month, code[tally.kind], sizes), tally.count, sizes
    ))  # fmt: skip


def fold_rows(incidents: pd.DataFrame, places: PlaceIndex, crs: Any) -> tuple[Tally, Codes]:
    """The tally of incidents whose places are known, and the line of each row."""
    # Times repeat (months always do), and a clock is slow: each is asked once.
    moment, moments = pd.factorize(incidents["occurred_from"], use_na_sentinel=False)
    of_moment, months = _coded(month_numbers(pd.Series(moments)))
    month = of_moment[moment]
    kind, kinds = _kinds(incidents)
    sizes = (len(months), len(kinds))
    line, lines = _numbered(_key(places.of_row, month, kind, sizes))
    count = np.bincount(line, minlength=len(lines))
    span = (incidents["occurred_from"].min(), incidents["occurred_until"].max())
    since, until = (None if pd.isna(moment) else moment for moment in span)
    streets = _streets(incidents, places.of_row)
    known: dict[str, Any] = {"since": since, "until": until, "crs": crs}
    codes = _codes(lines, sizes)
    return Tally(places.places, months, kinds, count=count, streets=streets, **codes, **known), line


def add(tallies: Sequence[Tally]) -> Tally:
    """One tally of several: the same as that of all their incidents together.

    Parameters
    ----------
    tallies : sequence of Tally
        Of one coordinate system, with the same columns of themes and harm.

    Returns
    -------
    Tally
        Whole numbers added: the order of the parts changes no bit.
    """
    require(len(tallies) > 0, "`tallies` must hold at least one tally; got none.")
    apart = {str(one.crs) for one in tallies}
    if len(apart) > 1:
        raise InputError(f"tallies must be in one coordinate system; got {sorted(apart)}.")
    clocks = {clock_of(one.since) for one in tallies if one.since is not None}
    if len(clocks) > 1:
        raise InputError(f"tallies must be counted by one clock; got {sorted(clocks)}.")
    places, place_of = distinct_rows(np.concatenate([one.places for one in tallies]))
    months, month_of = np.unique(
        np.concatenate([one.months for one in tallies]), return_inverse=True
    )
    kinds, kind_of = _sorted_kinds(pd.concat([one.kinds for one in tallies], ignore_index=True))
    sizes = (len(months), len(kinds))
    moved = list(zip(
        _pieces(place_of, [len(one.places) for one in tallies]),
        _pieces(month_of, [len(one.months) for one in tallies]),
        _pieces(kind_of, [len(one.kinds) for one in tallies]),
        strict=True,
    ))  # fmt: skip
    key = np.concatenate([
        _key(_moved(one.place, place), month[one.month], kind[one.kind], sizes)
        for one, (place, month, kind) in zip(tallies, moved, strict=True)
    ])  # fmt: skip
    count = np.concatenate([one.count for one in tallies])
    streets = pd.concat([one.streets for one in tallies], ignore_index=True)
    at = np.concatenate([
        _moved(one.streets["place"].to_numpy(), place)
        for one, (place, *_) in zip(tallies, moved, strict=True)
    ])  # fmt: skip
    since = min((one.since for one in tallies if one.since is not None), default=None)
    until = max((one.until for one in tallies if one.until is not None), default=None)
    known: dict[str, Any] = {"since": since, "until": until, "crs": tallies[0].crs}
    del tallies  # those that nobody else holds need not stay until the sum is made
    lines = _alike_added(key, count, sizes)
    streets = _summed(at, *pd.factorize(streets["place_name"]), streets["count"].to_numpy())
    return Tally(places, months, kinds, streets=streets, **lines, **known)


def _pieces(codes: Codes, lengths: list[int]) -> list[Codes]:
    """The part of each of several tables that stood one below the other."""
    return np.split(codes, np.cumsum(lengths)[:-1])


def _moved(codes: Codes, known: Codes) -> Codes:
    """Codes in the numbering of all; none stays none."""
    return np.append(known, NOWHERE)[codes]


def _key(place: Codes, month: Codes, kind: Codes, sizes: tuple[int, int]) -> Ints:
    """One number for place, month and kind, which sorts as they do."""
    months, kinds = (max(size, 1) for size in sizes)
    # An unlocated place is -1, and comes first.
    return ((place.astype(np.int64) + 1) * months + month) * kinds + kind


def _codes(key: Ints, sizes: tuple[int, int]) -> dict[str, Any]:
    """Place, month and kind of such numbers."""
    months, kinds = (max(size, 1) for size in sizes)
    rest, kind = np.divmod(key, kinds)
    place, month = np.divmod(rest, months)
    del rest
    codes = {"place": np.subtract(place, 1, out=place), "month": month, "kind": kind}
    return {name: code.astype(np.intp, copy=False) for name, code in codes.items()}


def _alike_added(key: Ints, count: Ints, sizes: tuple[int, int]) -> dict[str, Any]:
    """Place, month, kind and count of lines, alike ones added and sorted.

    A stable sort merges what is sorted by parts already. What is needed no more is let go.
    """
    order = np.argsort(key, kind="stable")
    key, count = key[order], count[order]
    del order
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else key[:0]
    key, count = key[first], np.add.reduceat(count, first) if len(key) else count
    del first
    return {**_codes(key, sizes), "count": count}


def _numbered(key: Ints) -> tuple[Codes, Ints]:
    """The rank of each key among the distinct ones, and these, sorted."""
    length = int(key.max(initial=-1)) + 1
    if length > DENSE * len(key):
        rank, known = pd.factorize(key, sort=True)
        return rank, np.asarray(known, dtype=np.int64)
    there = np.zeros(length, dtype=bool)
    there[key] = True
    return (np.cumsum(there) - 1)[key], np.flatnonzero(there)


def _coded(values: Ints) -> tuple[Codes, Ints]:
    codes, known = pd.factorize(values, sort=True)
    return codes, np.asarray(known, dtype=np.int64)


def _kinds(incidents: pd.DataFrame) -> tuple[Codes, pd.DataFrame]:
    """The kind of each row, and all kinds, one row each."""
    table = pd.DataFrame(incidents)  # columns of a GeoDataFrame come slower
    names = [name for name in KIND if name in table.columns]
    names += sorted(str(name) for name in table.columns if str(name).startswith("theme_"))
    code, first = together(table, names)
    kinds, of_kind = _sorted_kinds(table[names].take(first))
    return of_kind[code], kinds


def together(table: pd.DataFrame, names: Sequence[str]) -> tuple[Codes, Codes]:
    """One number for the values of several columns, and the first row of each number."""
    code = np.zeros(len(table), dtype=np.int64)
    size = 1
    for name in names:
        own, kinds = _as_they_come(table[name])
        # Renumbered before the key outgrows the table that it is looked up in, and long before 64
        # bits.
        if size * kinds > DENSE * max(len(table), 1):
            code, distinct = _numbered(code)
            size = len(distinct)
        if kinds > 1:
            code, size = code * kinds + own, size * kinds
    code, distinct = _numbered(code)
    size = len(distinct)
    first = np.full(size if len(table) else 0, -1, dtype=np.intp)
    # Written backwards: the first row of each number stays.
    first[code[::-1]] = np.arange(len(code))[::-1]
    return code, first


def _as_they_come(column: pd.Series) -> tuple[NDArray[Any], int]:
    """A number for each value, in the order they come in, and how many there are.

    Most columns that say what kind an incident is say yes or no, or the same of all.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes = column.cat.codes.to_numpy()
        if len(codes) and codes.min() == codes.max():
            return codes, 1
    elif pd.api.types.is_bool_dtype(column.dtype) and len(column) and not column.isna().any():
        yes = column.to_numpy(dtype=bool)
        changed = yes != yes[0]
        return changed, 1 + int(changed.any())
    elif _is_one_text(column):
        return np.zeros(len(column), dtype=np.intp), 1
    codes, known = pd.factorize(column, use_na_sentinel=False)
    return codes, len(known)


def _is_one_text(column: pd.Series) -> bool:
    """Whether the same text stands in all rows: a quarter of the work of numbering them."""
    if not isinstance(column.dtype, pd.StringDtype) or not len(column) or column.isna().any():
        return False
    first = column.iloc[0]
    return bool(column.iloc[-1] == first and (column == first).all())


def _sorted_kinds(kinds: pd.DataFrame) -> tuple[pd.DataFrame, Codes]:
    """Distinct kinds in an order of their own, and which one each row is."""
    code = np.zeros(len(kinds), dtype=np.int64)
    for name in kinds.columns if len(kinds) > 1 else ():
        own, known = pd.factorize(kinds[name], use_na_sentinel=False)
        if len(known) > 1:
            texts = np.array([_as_text(one) for one in known], object)
            rank, distinct = pd.factorize(texts, sort=True)
            code, _ = _numbered(code * len(distinct) + rank[own])
    first = np.full(int(code.max(initial=-1)) + 1, -1, dtype=np.intp)
    first[code[::-1]] = np.arange(len(code))[::-1]
    found = {str(name): _plain_words(column.array.take(first)) for name, column in kinds.items()}
    return pd.DataFrame(found, index=range(len(first))), code


def _plain_words(values: ExtensionArray) -> pd.Series:
    """Words as objects, whether categories or texts; other values as they are."""
    words = values.dtype.name in ("category", "str", "object")
    return pd.Series(values, dtype=object if words else None)


def _as_text(value: object) -> str:
    """A value as it sorts; whatever is missing is alike."""
    return "" if value is None or value is pd.NA or value != value else f"{value!r}"


def _streets(incidents: pd.DataFrame, place: Codes) -> pd.DataFrame:
    """How often each name stands at each place."""
    if "place_name" not in incidents.columns:
        return pd.DataFrame({"place": place[:0], "place_name": np.empty(0, object), "count": 0})
    name, known = pd.factorize(incidents["place_name"])
    held = name >= 0
    return _summed(place[held], name[held], known, np.ones(held.sum(), np.int64))


def _summed(place: Codes, name: Codes, known: pd.Index, count: Ints) -> pd.DataFrame:
    """One row a place and name, in order."""
    texts = np.asarray(known, dtype=object)
    order = np.argsort(texts)
    rank = np.empty(len(order), dtype=np.intp)
    rank[order] = np.arange(len(order))
    line, lines = _numbered((place.astype(np.int64) + 1) * max(len(order), 1) + rank[name])
    where, which = np.divmod(lines, max(len(order), 1))
    total = np.bincount(line, count, len(lines)).astype(np.int64)
    told = pd.Series(texts[order][which], dtype=object)
    return pd.DataFrame({"place": where - 1, "place_name": told, "count": total})
