"""Which incidents a question is about, and where every other row went; answered once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hotspots.core.arguments import has_record, require_made
from hotspots.core.errors import InputError, listing
from hotspots.core.grids.adjacency import require_grid
from hotspots.core.held import require_days, tell_period
from hotspots.core.hours import require_hours
from hotspots.core.periods import Dates, Period
from hotspots.core.points import NOWHERE, of_each
from hotspots.core.question import EVERYTHING, Question
from hotspots.core.record import Account
from hotspots.core.source import ASIDE, USED, Membership, Parts, Source
from hotspots.core.tables import AREAS, INCIDENTS, require_table
from hotspots.core.tally import Tally
from hotspots.core.text.mends import Mend

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.core.arrays import Bools, Ints, Objects
    from hotspots.core.grids import Grid
    from hotspots.core.record import RunRecord

__all__ = ["EVERYTHING", "Question", "Selection", "as_selection", "require_members", "select"]


def select(
    incidents: gpd.GeoDataFrame | Selection | Tally,
    question: Question | None = None,
    *,
    record: RunRecord | None = None,
) -> Selection:
    """Choose the incidents a question is about; account for all the others.

    Parameters
    ----------
    incidents : GeoDataFrame, Selection or Tally
        Incidents table, or a tally of one; of a selection, the table it came from.
    question : Question, optional
        Theme, period and study area; everything by default.
    record : RunRecord, optional
        Gets the account of every row.

    Returns
    -------
    Selection
        ``rows`` and the ``account`` of all others. Each row is in exactly one place, in this order:
        out of the period, out of the theme, sensitive, unlocated, outside, institutional, used.

    Raises
    ------
    InputError
        For a theme the incidents do not have, or that no source of them can carry; for another
        coordinate system than the study area's; for hours of the week, or a part of a month, where
        of an incident of the question only the day, or the month, is known.

    Notes
    -----
    An incident belongs to the period, and the hours, that hold its ``occurred_from``. A point on
    the boundary of the study area is inside it. Where some sources carry the theme and others
    cannot, only the first are counted: :func:`themes_of` says which.

    Examples
    --------
    >>> import hotspots as hs
    >>> incidents = hs.load_incidents(hs.bundled("incidents/2018-07-west-yorkshire-street.csv.gz"),
    ...                               record=hs.RunRecord("Leeds", marking="OPEN DATA"))
    >>> city = hs.load_zones(hs.bundled("boundaries/leeds.geojson"), kind="district")
    >>> hs.select(incidents, hs.Question(period="2018-07", within=city))
    Selection(all, July 2018: 10,727 of 31,635 incidents)
    """
    if isinstance(incidents, Selection):
        source = incidents.source
    else:
        if not isinstance(incidents, Tally):
            require_table(incidents, INCIDENTS, argument="incidents")
        source = Source(incidents)
    question = Question() if question is None else question
    require_made("question", question, Question, 'Question("asb", "2018-07", within=city)')
    return select_from(source, question, record=record)


def select_from(source: Source, question: Question, *, record: RunRecord | None) -> Selection:
    """The same of incidents that are folded already."""
    found = _selected(source, question)
    if has_record(record):
        record.account(found.account)
        tell_period(found, record)
    return found


@dataclass(frozen=True, eq=False, repr=False)
class Selection:
    """The incidents a question is about, the account of all others, and their areas if assigned.

    Attributes
    ----------
    rows : GeoDataFrame
        The incidents; with ``area_id`` once they are assigned (missing where in no area).
    question : Question
        What was asked.
    account : Account
        Where every row of ``everything`` went.
    everything : GeoDataFrame
        The table the rows came from: other periods, map points at risk and street names are there.
    used : array of bool, shape (len(everything),)
        Which rows of ``everything`` the question is about.
    total : int
        How many incidents the question is about.
    source : Source
        The incidents folded into a tally, and what was worked out about them.
    counts : array of int64, shape (lines of the tally,)
        How many incidents of each line the question is about.
    grid : Grid, optional
        What :func:`assign_cells` used.
    made_by : optional
        What assigned the areas where they are no cells: clusters that were found, or a programme.

    Notes
    -----
    Counting works on the tally; ``rows`` are only gathered where somebody looks at them.

    Examples
    --------
    >>> import hotspots as hs
    >>> town = hs.synthetic_town(incidents=1_000)
    >>> asked = hs.select(town.incidents, hs.Question(within=town.district))
    >>> asked, len(asked.everything), int(asked.used.sum())
    (Selection(all, all times: 971 of 1,000 incidents), 1000, 971)
    """

    question: Question
    account: Account
    source: Source
    counts: Ints
    by_row: Bools | None = None
    membership: Membership | None = None
    grid: Grid | None = None
    made_by: Any = None

    @cached_property
    def rows(self) -> gpd.GeoDataFrame:
        """The incidents, with their areas where they have any."""
        rows = self.everything[self.used]
        if self.membership is None:
            return rows

        names = self._spread(self.membership)[self.used]
        return rows.assign(area_id=pd.Series(names, index=rows.index, dtype=object))

    @property
    def everything(self) -> gpd.GeoDataFrame:
        """The table the rows came from."""
        return self.source.rows

    @cached_property
    def used(self) -> Bools:
        """Which rows of ``everything`` the question is about."""
        return (self.counts > 0)[self.source.line] if self.by_row is None else self.by_row

    @cached_property
    def total(self) -> int:
        """How many incidents the question is about."""
        return int(self.counts.sum())

    @cached_property
    def parts(self) -> Parts:
        """The incidents as whole numbers by line and area; an error where they have no areas."""
        held, tally = self._membership(), self.source.tally
        if held.by_place:
            line = np.flatnonzero(self.counts)
            area = of_each(held.codes, tally.place[line], NOWHERE)
            return Parts(tally, held.ids, line, area, self.counts[line])
        size = len(held.ids) + 1
        key = self.source.line[self.used] * size + held.codes[self.used] + 1
        pairs, count = np.unique(key, return_counts=True)
        line, area = np.divmod(pairs, size)
        return Parts(tally, held.ids, line, area - 1, count)

    @property
    def theme(self) -> str:
        """The theme as tables and accounts call it; "all" where none was asked for."""
        return self.question.theme_name

    @property
    def period(self) -> Period | None:
        """The period; none where all times were asked about."""
        return self.question.span

    @property
    def period_words(self) -> str:
        """The period in words; without one, which months were pooled."""
        months = self.source.months()
        if self.period is not None or not months:
            return self.question.period_name
        first, last = (Period.parse(months[place]).label for place in (0, -1))
        return first if len(months) == 1 else f"{first} to {last} ({len(months):,} months pooled)"

    @property
    def within(self) -> gpd.GeoDataFrame | None:
        """The study area."""
        return self.question.within

    def in_none_of(self, areas: pd.DataFrame) -> int:
        """How many of the incidents are in none of the areas they were counted in."""
        return self.total - int(areas["incident_count"].sum())

    @property
    def assigned(self) -> bool:
        """Whether the incidents know their areas."""
        return self.membership is not None

    @cached_property
    def area_ids(self) -> pd.Series:
        """``area_id`` of each row; an error where none are assigned."""
        self._membership()
        return self.rows["area_id"]

    def during(self, period: Dates | None) -> Selection:
        """The same question about another period, in the same cells; clusters are not kept."""
        return self._asked(self.question.during(period))

    def of(self, theme: str | None) -> Selection:
        """The same question about another theme, in the same cells; clusters are not kept."""
        return self._asked(self.question.of(theme))

    def retagged(self, everything: gpd.GeoDataFrame, theme: str) -> Selection:
        """The same question about a theme of the same rows with themes of their own."""
        return replace(self, source=Source(everything, self.source.places)).of(theme)

    def weighed(self, everything: gpd.GeoDataFrame) -> Selection:
        """The same incidents in the same areas, with the harm of another scale."""
        found = _selected(Source(everything, self.source.places), self.question)
        return replace(found, membership=self.membership, grid=self.grid, made_by=self.made_by)

    def only(self, period: Dates) -> Selection:
        """Those of these incidents that are in a period too, in the same areas."""
        span = Period.parse(period)
        require_days(self.source, span, self.counts)
        there, now = self.source.during(span, span.hours)
        if self.by_row is None and now is None:
            # Of whole months a line is in all or not at all: the smaller number is one of the two.
            return replace(self, counts=np.minimum(self.counts, there))
        rows = self.used & self.source.rows_during(span)
        if span.hours is not None:
            rows = rows & span.hours.hold(self.everything["occurred_from"])
        counts = np.bincount(self.source.line[rows], minlength=len(self.counts))
        return replace(self, counts=counts, by_row=rows)

    def asked(self, **changes: Any) -> Selection:
        """The same question but for some of its parts, in the same cells; clusters are not kept."""
        return self._asked(self.question.but(**changes))

    def in_cells(self, grid: Grid) -> Selection:
        """The incidents with the cell of each; see :func:`assign_cells`."""
        require_grid(grid)
        ids, codes = self.source.places.cells(grid, self.source.crs)
        return replace(self, membership=Membership(ids, codes, True), grid=grid, made_by=None)

    def in_areas(self, area_ids: pd.Series, made_by: Any) -> Selection:
        """The incidents with areas that were not made by a grid; missing where in none.

        ``area_ids`` have the index of ``rows``.
        """
        labels = area_ids.to_numpy()
        if not area_ids.index.equals(self.rows.index):
            labels = area_ids.reindex(self.rows.index).to_numpy()
        own, ids = pd.factorize(np.asarray(labels, dtype=object), sort=True)
        codes = np.full(len(self.used), NOWHERE, dtype=np.intp)
        codes[self.used] = own
        held = Membership(pd.Index(ids, dtype=object), codes, False)
        return replace(self, membership=held, grid=None, made_by=made_by)

    def merged(self, into: pd.Series, made_by: Any) -> Selection:
        """The incidents with their areas joined into others; missing where an area is in none.

        ``into`` says by ``area_id`` which.
        """
        held = self._membership()
        code, ids = pd.factorize(into.reindex(held.ids), sort=True)
        codes = of_each(np.asarray(code, dtype=np.intp), held.codes, NOWHERE)
        joined = Membership(pd.Index(ids, dtype=object), codes, held.by_place)
        return replace(self, membership=joined, grid=None, made_by=made_by)

    def everywhere(self) -> pd.Series:
        """``area_id`` of all incidents there are: of every theme and time in cells, else the rows'.

        Members of clusters are only those that were clustered.
        """
        ids = self._spread(self._membership())
        return pd.Series(ids, index=self.everything.index, name="area_id", dtype=object)

    def closed(self, stage: str, in_areas: int, noise: int = 0) -> Account:
        """The account once the areas are known."""
        return replace(self.account, stage=stage, in_areas=int(in_areas), noise=int(noise))

    def _asked(self, question: Question) -> Selection:
        found = _selected(self.source, question)
        return found if self.grid is None else found.in_cells(self.grid)

    def _membership(self) -> Membership:
        if self.membership is None:
            raise InputError(
                "`incidents` must be assigned to areas first; these are not.",
                rule="unassigned",
                mend=Mend("assign-first"),
            )
        return self.membership

    def _spread(self, held: Membership) -> Objects:
        """The area of every row of the table; None where it is in none."""
        places = self.source.places
        codes = places.spread(held.codes, NOWHERE) if held.by_place else held.codes
        return of_each(held.ids.to_numpy(dtype=object), codes, None)

    def __repr__(self) -> str:
        size, all_of_them = self.total, self.account.accepted
        period = "all times" if self.period is None else self.period.label
        areas = "" if self.grid is None else f", in cells of {self.grid.name}"
        areas = ", in areas" if self.assigned and self.grid is None else areas
        return f"Selection({self.theme}, {period}: {size:,} of {all_of_them:,} incidents{areas})"


def as_selection(incidents: gpd.GeoDataFrame | Selection | Tally) -> Selection:
    """A selection as it is; a plain frame stands for all its incidents."""
    return incidents if isinstance(incidents, Selection) else select(incidents)


def require_members(areas: pd.DataFrame, incidents: gpd.GeoDataFrame | Selection) -> None:
    """Raise unless the areas were counted from these incidents: theme, period, counts agree.

    Areas may be some of those that were counted; columns that are not there are not compared.
    """
    require_table(areas, AREAS, argument="areas", only=[])
    incidents = as_selection(incidents)
    parts = incidents.parts
    apart = []
    themes = set(map(str, areas["theme"].unique())) if "theme" in areas.columns else set()
    if themes - {incidents.theme}:
        apart.append(f"theme {listing(themes)} and not {incidents.theme!r}")
    if incidents.period is not None and {"period_from", "period_until"} <= set(areas.columns):
        starts, ends = areas["period_from"].dropna(), areas["period_until"].dropna()
        hours = areas["hours"] if "hours" in areas.columns else None
        mine = None if incidents.question.window is None else incidents.question.window.key
        if (hours is None) != (mine is None) or (hours is not None and (hours != mine).any()):
            apart.append(f"other hours than {mine or 'the whole week'}")
        if (starts != incidents.period.start).any() or (ends != incidents.period.end).any():
            apart.append(f"another period than {incidents.period.label}")
    if "incident_count" in areas.columns:
        held = parts.in_order_of(areas.index)
        counted = np.bincount(held.area, held.count, len(areas)).astype(np.int64)
        other = counted != areas["incident_count"].to_numpy()
        if other.any():
            apart.append(f"another count in {int(other.sum()):,} of {len(areas):,} areas")
    if apart:
        raise InputError(
            "`areas` must be those counted from `incidents`; they have "
            f"{' and '.join(apart)}. Pass the selection that the areas were made from.",
            rule="other-selection",
        )


def _selected(source: Source, question: Question) -> Selection:
    question = question.on_clock(source.timezone)
    fate, tally = source.fates(question), source.tally
    if question.window is not None:
        asked = source.during(question.span)[0] * (fate == USED)
        require_hours(source.of_kind("time_precision"), asked)
    now, rows = source.during(question.span, question.window)
    gone = np.bincount(fate, now, USED + 1).astype(int)
    aside = dict(zip(ASIDE, gone.tolist(), strict=False))
    held = fate == USED
    if question.include_institutional:
        held |= fate == ASIDE.index("institutional")
        aside["institutional"] = 0
    require_days(source, question.span, tally.count * held)
    counts = np.where(held, now, 0)
    account = Account(
        stage="select",
        theme=question.theme_name,
        period=question.period_name,
        accepted=tally.total,
        out_of_period=tally.total - int(now.sum()),
        used=int(counts.sum()),
        sensitive_reason=question.reason,
        **aside,
    )
    account.check()
    by_row = None if rows is None else rows & held[source.line]
    return Selection(question, account, source, counts, by_row)
