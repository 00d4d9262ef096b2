"""The incidents every question is asked of: folded once, and where each line of them goes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from hotspots.core.coverage import Gap, gaps
from hotspots.core.crs import require_same_crs
from hotspots.core.errors import InputError, listing
from hotspots.core.months import clock_of, month_named
from hotspots.core.points import NOWHERE, PlaceIndex, of_each
from hotspots.core.tables import NOTE, THEME, TIMEZONE, themes_in
from hotspots.core.tally import Tally, fold_rows
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from hotspots.core.arrays import Bools, Codes, Ints
    from hotspots.core.hours import Hours
    from hotspots.core.periods import Period
    from hotspots.core.question import Question

T = TypeVar("T")
ASIDE = ("out_of_theme", "sensitive", "unlocated", "outside", "institutional")
USED = len(ASIDE)


class Source:
    """A table of incidents, or a tally of them, and what is worked out about it once.

    Parameters
    ----------
    incidents : GeoDataFrame or Tally
        A tally stands for its incidents wherever whole months are asked about.
    places : PlaceIndex, optional
        Of the same rows, where it is known.
    """

    def __init__(
        self, incidents: gpd.GeoDataFrame | Tally, places: PlaceIndex | None = None
    ) -> None:
        self.places: PlaceIndex
        self.tally: Tally
        self._rows: gpd.GeoDataFrame | None = None
        self._line: Codes | None = None
        if isinstance(incidents, Tally):
            self.places = PlaceIndex(incidents.places, np.zeros(0, dtype=np.intp))
            self.tally = incidents
        else:
            self.places = places or PlaceIndex.of(incidents)
            self.tally, self._line = fold_rows(incidents, self.places, incidents.crs)
            self._rows = incidents
        self._fates: list[tuple[Question, NDArray[np.uint8]]] = []

    def of(self, rows: gpd.GeoDataFrame | None) -> Source:
        """The same incidents folded, of a table that equals theirs or none; all else is asked anew.

        What was worked out of zones stays behind: they may be others by now.
        """
        found = Source(self.tally)
        found.places = self.places.afresh()
        found._rows, found._line = rows, self._line
        return found

    @property
    def rows(self) -> gpd.GeoDataFrame:
        """The table; an error where only a tally was given."""
        return _there(self._rows)

    @property
    def line(self) -> Codes:
        """The line of the tally each row is in; an error where only a tally was given."""
        return _there(self._line)

    @property
    def timezone(self) -> str:
        """The clock of the place, by which days and months are counted."""
        return TIMEZONE if self.tally.since is None else clock_of(self.tally.since)

    @property
    def crs(self) -> Any:
        """Coordinate system of the incidents."""
        return self.tally.crs

    @property
    def worked_out(self) -> int:
        """How many times lines were sorted: once a theme."""
        return len(self._fates)

    def themes(self) -> list[str]:
        """The themes the incidents are tagged with."""
        return themes_in(self.tally.kinds.columns)

    def carried(self) -> list[str]:
        """The themes that any of its sources can carry."""
        kinds = self.tally.kinds
        return [name for name in self.themes() if kinds[f"{THEME}{name}"].notna().any()]

    def months(self, theme: str | None = None) -> list[str]:
        """The months in which any incident starts, as ``"2018-07"``; of sources with this theme."""
        tally = self.tally
        held = tally.months
        if theme is not None:
            carried = tally.kinds[f"{THEME}{theme}"].notna().to_numpy()
            held = np.unique(held[tally.month[carried[tally.kind]]])
        return [month_named(month) for month in held[held >= 0].tolist()]

    def silences(self, within: gpd.GeoDataFrame | None, theme: str | None = None) -> list[Gap]:
        """The silences, inside a study area, of each source that carries the theme."""

        def found() -> list[Gap]:
            return gaps(self.rows, within, theme=theme, places=self.places)

        return list(self.places.once(f"silences {theme}", within, found))

    def of_kind(self, column: str) -> NDArray[Any]:
        """A column of the kinds, one value a line."""
        return self.tally.kinds[column].to_numpy()[self.tally.kind]

    def fates(self, question: Question) -> NDArray[np.uint8]:
        """Where each line goes whatever the period: the position in ``ASIDE``, or ``USED``.

        Worked out once a theme: another period, or institutional points too, asks for no new one.
        """
        for asked, fate in self._fates:
            alike = asked.theme == question.theme and asked.within is question.within
            if alike and bool(asked.reason) == bool(question.reason):
                return fate
        self._fates.append((question, self._sorted(question)))
        return self._fates[-1][1]

    def during(
        self, period: Period | None, hours: Hours | None = None
    ) -> tuple[Ints, Bools | None]:
        """How many incidents of each line are in a period and hours; and which rows, if by rows.

        The tally has months and no hours: hours are counted row by row before rows are folded.
        """
        tally = self.tally
        if hours is None and period is None:
            return tally.count, None
        months = None if hours is not None or period is None else period.whole_months
        if months is not None:
            there = (tally.months >= months[0]) & (tally.months <= months[1])
            return np.where(there[tally.month], tally.count, 0), None
        now = np.ones(len(self.rows), dtype=bool) if period is None else self.rows_during(period)
        if hours is not None:
            now = now & hours.hold(self.rows["occurred_from"])
        return np.bincount(self.line[now], minlength=len(tally)), now

    def rows_during(self, period: Period) -> Bools:
        """Which rows are in a period, whatever its hours."""
        start, period = self.rows["occurred_from"], period.on_clock(self.timezone)
        return np.asarray((start >= period.start) & (start < period.end))

    def _sorted(self, question: Question) -> NDArray[np.uint8]:
        tally, within = self.tally, question.within
        fate = np.full(len(tally), USED, dtype=np.uint8)
        outs: dict[str, Bools | bool] = {
            "institutional": self._flag("institutional"),
            "outside": within is not None and ~self._inside(within),
            "unlocated": tally.place == NOWHERE,
            "sensitive": not question.reason and self._flag("sensitive"),
            "out_of_theme": question.theme is not None and ~self._in_theme(question.theme),
        }
        for where, out in outs.items():
            fate[np.broadcast_to(out, fate.shape)] = ASIDE.index(where)
        return fate

    def _inside(self, within: gpd.GeoDataFrame) -> Bools:
        require_same_crs(self, within, ("incidents", "within"))
        return of_each(self.places.inside(within), self.tally.place, False)

    def _in_theme(self, theme: str) -> Bools:
        known = self.themes()
        if theme not in known:
            raise InputError(
                f"`theme` must be one the incidents have; got {theme!r}.",
                rule="unknown-theme",
                mend=f"The incidents have {listing(known)}." if known else self._untagged,
            )
        column = f"{THEME}{theme}"
        self._require_carried(theme)
        flags = self.tally.kinds[column].eq(True).to_numpy(dtype=bool, na_value=False)
        return flags[self.tally.kind]

    @property
    def _untagged(self) -> Mend:
        return Mend("fold-tagged" if self._line is None else "tag-first")

    def _require_carried(self, theme: str) -> None:
        """A theme that no source carries is not zero, whatever counts it."""
        kinds, columns = self.tally.kinds, (f"{THEME}{theme}", f"{THEME}{theme}{NOTE}")
        if not len(kinds) or kinds[columns[0]].notna().any():
            return
        notes = kinds[columns[1]].dropna() if columns[1] in kinds.columns else ()
        why = "; ".join(dict.fromkeys(str(note) for note in notes if note))
        raise InputError(
            f"`theme` must be one the incidents carry; got {theme!r}, of which they can say "
            f"nothing ({why or 'this is not zero'}).",
            rule="absent-theme",
            mend="Choose another theme, or load a source that carries this one.",
        )

    def _flag(self, column: str) -> Bools:
        if column not in self.tally.kinds.columns:
            return np.zeros(len(self.tally), dtype=bool)
        missing = self.tally.kinds[column].isna().to_numpy()[self.tally.kind]
        if missing.any():
            raise InputError(
                f"`incidents` column {column!r} must be true or false for every row; "
                f"{int(self.tally.count[missing].sum()):,} of {self.tally.total:,} rows are "
                "missing.",
                rule="wrong-kind",
            )
        return np.asarray(self.of_kind(column), dtype=bool)


def _there(held: T | None) -> T:
    if held is None:
        raise InputError(
            "this needs the incidents themselves; got a tally of them.",
            rule="tally-only",
            mend="Load the incidents, or ask what places, months and kinds can answer.",
        )
    return held


@dataclass(frozen=True, eq=False)
class Membership:
    """Which area each place is in, or each row where areas are no matter of places.

    ``codes`` are positions in ``ids``; -1 is none.
    """

    ids: pd.Index
    codes: Codes
    by_place: bool


@dataclass(frozen=True, eq=False)
class Parts:
    """What is counted: so many incidents of a line of a tally, in an area.

    Attributes
    ----------
    tally : Tally
        What the lines are of.
    ids : Index
        Areas.
    line, area : array of intp, shape (parts,)
        Which line, and the position in ``ids``; -1 is no area.
    count : array of int64, shape (parts,)
        How many incidents.
    """

    tally: Tally
    ids: pd.Index
    line: Codes
    area: Codes
    count: Ints

    @property
    def place(self) -> Codes:
        """The place of each part; -1 is nowhere."""
        places: Codes = self.tally.place[self.line]
        return places

    @property
    def month(self) -> Ints:
        """The month of each part, counted from year 0."""
        months: Ints = self.tally.months[self.tally.month[self.line]]
        return months

    @cached_property
    def columns(self) -> frozenset[str]:
        """What is known of the kind of each part."""
        return frozenset(map(str, self.tally.kinds.columns))

    def of_kind(self, column: str) -> NDArray[Any]:
        """A column of the kinds, one value a part."""
        return self.tally.kinds[column].to_numpy()[self.tally.kind[self.line]]

    def in_order_of(self, area_ids: pd.Index) -> Parts:
        """The parts in these areas, numbered in their order."""
        moved = of_each(area_ids.get_indexer(self.ids), self.area, NOWHERE)
        held = moved >= 0
        if held.all():
            return Parts(self.tally, area_ids, self.line, moved, self.count)
        return Parts(self.tally, area_ids, self.line[held], moved[held], self.count[held])
