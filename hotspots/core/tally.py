"""Incidents folded without loss for counting: so many at a place, in a month, of a kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.crs import coordinates
from hotspots.core.errors import InputError, require
from hotspots.core.months import month_numbers
from hotspots.core.points import distinct_places
from hotspots.core.tables import INCIDENTS, require_table

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

KIND = (
    *("source", "offence_scheme", "offence", "time_precision", "location_precision"),
    *("domestic", "sensitive", "institutional", "published"),
    *("harm_scale", "harm", "harm_low", "harm_high"),
)
"""Columns that make a kind, as far as the incidents have them; and every column of a theme."""
UNLOCATED = -1


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
        Which of each a line is about; place -1 is unlocated.
    count : array of int64, shape (lines,)
        How many incidents.
    crs : optional
        Coordinate system of the places.
    """

    places: NDArray[np.int64]
    months: NDArray[np.int64]
    kinds: pd.DataFrame
    place: NDArray[np.intp]
    month: NDArray[np.intp]
    kind: NDArray[np.intp]
    count: NDArray[np.int64]
    crs: Any = None

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

    def weights(self, lines: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Incidents at each place, of these lines."""
        used = self.place >= 0 if lines is None else lines & (self.place >= 0)
        return np.bincount(self.place[used], self.count[used], len(self.places)).astype(np.int64)

    def equals(self, other: Tally) -> bool:
        """Whether two tallies are the same to the bit."""
        arrays = ("places", "months", "place", "month", "kind", "count")
        return self.kinds.equals(other.kinds) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays
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
        Nothing that counts by month need is lost: each incident is in exactly one line.

    Notes
    -----
    Days and hours are not in it: a question about less than a month needs the incidents.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents"), record=hs.RunRecord("L", "OPEN"))
    >>> fold(incidents)
    <Tally of 87,348 incidents: 22,515 places, 3 months, 42 kinds, 62,013 lines>
    """
    require_table(incidents, INCIDENTS, argument="incidents")
    x, y = coordinates(incidents.geometry)
    located = np.isfinite(x)
    place = np.full(len(incidents), UNLOCATED, dtype=np.intp)
    places, place[located] = distinct_places(x[located], y[located])
    month, months = _coded(month_numbers(incidents["occurred_from"]))
    kind, kinds = _kinds(incidents)
    ones = np.ones(len(incidents), dtype=np.int64)
    return _canonical(places, months, kinds, place, month, kind, ones, incidents.crs)


def add(tallies: Sequence[Tally]) -> Tally:
    """One tally of several: the same as that of all their incidents together."""
    require(len(tallies) > 0, "`tallies` must hold at least one tally; got none.")
    first = tallies[0]
    apart = {str(one.crs) for one in tallies}
    if len(apart) > 1:
        raise InputError(f"tallies must be in one coordinate system; got {sorted(apart)}.")
    corners = np.concatenate([one.places for one in tallies])
    places, place_of = _distinct_rows(corners)
    months, month_of = np.unique(
        np.concatenate([one.months for one in tallies]), return_inverse=True
    )
    kinds, kind_of = _sorted_kinds(pd.concat([one.kinds for one in tallies], ignore_index=True))
    starts = [np.cumsum([0, *(len(getattr(one, name)) for one in tallies)])
              for name in ("places", "months", "kinds")]  # fmt: skip

    def moved(name: str, start: NDArray[np.intp], known: NDArray[np.intp]) -> NDArray[np.intp]:
        parts = []
        for one, offset in zip(tallies, start, strict=False):
            codes = getattr(one, name)
            parts.append(np.where(codes < 0, UNLOCATED, known[np.maximum(codes, 0) + offset])
                         if len(known) else codes)  # fmt: skip
        return np.concatenate(parts)

    return _canonical(
        places,
        months,
        kinds,
        moved("place", starts[0], place_of),
        moved("month", starts[1], month_of),
        moved("kind", starts[2], kind_of),
        np.concatenate([one.count for one in tallies]),
        first.crs,
    )


def _canonical(
    places: NDArray[np.int64],
    months: NDArray[np.int64],
    kinds: pd.DataFrame,
    place: NDArray[np.intp],
    month: NDArray[np.intp],
    kind: NDArray[np.intp],
    count: NDArray[np.int64],
    crs: Any,
) -> Tally:
    """Lines that are alike added, sorted by place, month and kind."""
    key = (place.astype(np.int64) + 1) * max(len(months), 1) + month
    key = key * max(len(kinds), 1) + kind
    line, lines = pd.factorize(key, sort=True)
    total = np.bincount(line, count, len(lines)).astype(np.int64)
    rest, kind = np.divmod(lines, max(len(kinds), 1))
    place, month = np.divmod(rest, max(len(months), 1))
    return Tally(
        places,
        months,
        kinds,
        (place - 1).astype(np.intp),
        month.astype(np.intp),
        kind.astype(np.intp),
        total,
        crs,
    )


def _coded(values: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    codes, known = pd.factorize(values, sort=True)
    return codes, np.asarray(known, dtype=np.int64)


def _kinds(incidents: gpd.GeoDataFrame) -> tuple[NDArray[np.intp], pd.DataFrame]:
    """The kind of each row, and all kinds, one row each."""
    names = [name for name in KIND if name in incidents.columns]
    names += sorted(str(name) for name in incidents.columns if str(name).startswith("theme_"))
    code = np.zeros(len(incidents), dtype=np.int64)
    for name in names:
        own, known = pd.factorize(incidents[name], use_na_sentinel=False)
        code, _ = pd.factorize(code * max(len(known), 1) + own)
    first = np.full(int(code.max(initial=-1)) + 1, -1, dtype=np.intp)
    first[code[::-1]] = np.arange(len(code))[::-1]
    kinds, of_kind = _sorted_kinds(pd.DataFrame(incidents[names]).iloc[first])
    return of_kind[code] if len(code) else code.astype(np.intp), kinds


def _sorted_kinds(kinds: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.intp]]:
    """Distinct kinds in an order of their own, and which one each row is."""
    texts = kinds.map(_as_text) if len(kinds) else kinds.astype(str)
    key = pd.MultiIndex.from_frame(texts.astype(str)) if len(texts.columns) else None
    if key is None or not len(kinds):
        return kinds.iloc[:1].reset_index(drop=True), np.zeros(len(kinds), dtype=np.intp)
    codes, known = pd.factorize(key, sort=True)
    first = np.full(len(known), -1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return kinds.iloc[first].reset_index(drop=True), codes


def _as_text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else f"{value!r}"


def _distinct_rows(corners: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Distinct places sorted by x, then y, and which one each row is."""
    if not len(corners):
        return corners.reshape(-1, 2), np.zeros(0, dtype=np.intp)
    low = corners[:, 1].min()
    span = corners[:, 1].max() - low + 1
    codes, keys = pd.factorize((corners[:, 0] - corners[:, 0].min()) * span + corners[:, 1] - low,
                               sort=True)  # fmt: skip
    first = np.full(len(keys), -1, dtype=np.intp)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return corners[first], codes
