"""What the areas held before: last meeting's table, an earlier period, earlier products."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hotspots.analysis.bursts import NOTHING_KNOWN
from hotspots.analysis.change_map import MOST_UNEVEN, compare_areas
from hotspots.analysis.ranking import listed_rows
from hotspots.core.months import as_long, calendar_months, clock_of
from hotspots.core.periods import Period, Span, in_order_of_time, span_of, span_of_areas
from hotspots.core.tables import says_something
from hotspots.disclosure.rules import theme_of
from hotspots.report.text.words import rank_label

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.report.map.theme_tables import ThemeTables

RANKED_FROM_COUNTS = {"count", "density"}
KEPT = (
    *("incident_count", "harm", "rank", "period_from", "period_until", "hours"),
    *("disclosed_for", "shown"),
)

OF_HISTORY = (
    "theme", "kind", "period_from", "period_until", "incident_count", "harm", "rank",
    "disclosed_for", "shown", "shown_low", "shown_high",
)  # fmt: skip
"""Columns of a history, on ``area_id`` and ``period``."""


@dataclass(frozen=True)
class ListMoves:
    """The list of places of then beside that of now, by ids, which stay from month to month.

    Attributes
    ----------
    ranks, names
        Of then, by area; no names where it was a period of the same areas.
    was, now
        Areas on the list then, and now, in order.
    since
        The period of then.
    """

    ranks: pd.Series
    names: pd.Series
    was: list[str]
    now: list[str]
    since: Period

    @classmethod
    def between(cls, then: pd.DataFrame, now: pd.DataFrame, top: int) -> ListMoves:
        """Both lists by the rule that says who is on one."""
        was, held = ([str(area) for area in table.index[listed_rows(table, top)]]
                     for table in (then, now))  # fmt: skip
        by_id = then.set_axis(then.index.astype(str))
        names = by_id["place_name"] if "place_name" in then else pd.Series(dtype=object)
        return cls(by_id["rank"].astype("Float64"), names, was, held, Period.of_areas(then))

    @property
    def gone(self) -> list[str]:
        """Areas that were on the list and are not."""
        return [area for area in self.was if area not in self.now]


@dataclass
class Before:
    """The areas of one theme at an earlier time, and what changed since.

    Attributes
    ----------
    table
        On ``area_id``: ``incident_count``, the period, and as far as known ``harm`` and ``rank``.
    changes
        What :func:`compare_areas` says of every area.
    period
        Name of the period in the table of periods; None for the table of the last meeting.
    entered, stayed, left
        Areas of the first places now and then; empty where the ranks of then are not known.
    """

    table: pd.DataFrame
    changes: pd.DataFrame
    period: str | None = None
    entered: list[str] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The period of then, in words."""
        return Period.of_areas(self.table).label

    @property
    def span(self) -> Span:
        """Start and end of then."""
        return span_of_areas(self.table)

    @property
    def key(self) -> str:
        """The period of then as tables name it."""
        return Period.of_areas(self.table).key

    @property
    def short(self) -> str:
        """The period of then with months of three letters."""
        return Period.of_areas(self.table).short

    @property
    def ranked(self) -> bool:
        """Whether it is known who was among the first places then."""
        return "rank" in self.table

    def rank(self, area: str) -> str:
        """Where an area stood, as the page writes it; nothing where that is not known."""
        rank = self.table["rank"].get(area) if self.ranked else None
        return "" if rank is None or pd.isna(rank) else rank_label(rank, self.table["rank"])

    @property
    def rounded(self) -> bool:
        """Whether the counts of either time are rounded and small ones withheld."""
        return "disclosed_for" in self.table


def find_before(theme: ThemeTables, top: int) -> tuple[Before | None, str]:
    """The earlier time to set beside the areas; else why there is none, if that must be said."""
    if theme.whole is None or not theme.size or theme.whole["period_from"].isna().any():
        return None, ""
    table, period, reason = _last_time(theme)
    if table is None and not theme.previous:
        table, period = _earlier_period(theme)
    if table is None:
        return None, reason
    areas = theme.whole.set_axis(theme.whole.index.astype(str))
    before = Before(table, _changes(theme, areas, table), period)
    _who_moved(before, areas, top)
    return before, ""


def _changes(theme: ThemeTables, areas: gpd.GeoDataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Each area against then, by the periods there are; listed places else by their cards."""
    changes = compare_areas(areas, table, area_periods=_known_periods(theme))
    if theme.cards is None or not theme.cards.months or "hours" in areas:
        return changes
    listed = compare_areas(areas, table, area_periods=theme.cards.by_month())
    known = changes["held_against"].eq(NOTHING_KNOWN) & listed["held_against"].ne(NOTHING_KNOWN)
    return listed.where(known, changes).astype(changes.dtypes)


def _known_periods(theme: ThemeTables) -> pd.DataFrame | None:
    """Counts of the areas in all periods there are, of this product and of those before it."""
    assert theme.whole is not None
    known = [] if theme.periods is None else [theme.periods]
    if theme.history is not None and "hours" not in theme.whole:
        known.append(theme.history.reset_index())
    if not known:
        return None
    kept = pd.concat([table[["area_id", "period", "incident_count"]] for table in known])
    return kept.astype({"area_id": str, "period": str}).drop_duplicates(["area_id", "period"])


def _last_time(theme: ThemeTables) -> tuple[pd.DataFrame | None, None, str]:
    """The table of the last meeting, where it counts in the same areas over a like period."""
    if not theme.previous:
        return None, None, ""
    assert theme.whole is not None
    table = theme.last_list(theme.kind)
    if table is None:
        return None, None, "Last time counted in other areas: no map of the change can be drawn."
    now, then = (span_of_areas(areas) for areas in (theme.whole, table))
    if then[0] >= now[0]:
        return None, None, ""
    if Period.of_areas(theme.whole).hours != Period.of_areas(table).hours:
        return None, None, "Last time counted other hours: the two are not set side by side."
    days = [(until - start) / pd.Timedelta(days=1) for start, until in (now, then)]
    if max(days) > MOST_UNEVEN * min(days):
        return None, None, (
            f"Last time covered {days[1]:,.0f} days and this time {days[0]:,.0f}: counts of the "
            "two are not set side by side."
        )  # fmt: skip
    kept = [name for name in KEPT if name in table]
    return pd.DataFrame(table[kept]).set_axis(table.index.astype(str)), None, ""


def _earlier_period(theme: ThemeTables) -> tuple[pd.DataFrame | None, str | None]:
    """The latest earlier period of the same length, or months that make one up."""
    if theme.periods is None or not len(theme.periods):
        return None, None
    assert theme.whole is not None
    now = span_of_areas(theme.whole)
    every, clock = theme.periods["period"].astype(str).unique(), clock_of(now[0])
    spans = {name: span_of(name, clock) for name in every}
    known = {name: span for name, span in spans.items() if span is not None}
    alike = [
        (span[1], name) for name, span in known.items() if span[1] <= now[0] and as_long(span, now)
    ]
    if alike:
        name = max(alike)[1]
        return _counted(theme, [name], known[name]), name
    for span in _windows_before(now):
        names = [name for name, one in known.items() if span[0] <= one[0] and one[1] <= span[1]]
        if sum(calendar_months(known[name]) for name in names) == calendar_months(span) and all(
            calendar_months(known[name]) == 1 for name in names
        ):
            return _counted(theme, names, span), None
    return None, None


def _windows_before(now: Span) -> list[Span]:
    """The same months a year earlier, then the months just before; only where they are apart."""
    length = calendar_months(now)
    if length < 2:
        return []
    return [
        (now[0] - pd.DateOffset(months=back), now[1] - pd.DateOffset(months=back))
        for back in dict.fromkeys([12, length])
        if back >= length
    ]


def _counted(theme: ThemeTables, names: list[str], span: Span) -> pd.DataFrame:
    """Counts and harm over these periods together; missing where one of them is withheld."""
    assert theme.whole is not None
    assert theme.periods is not None
    mine = theme.periods[theme.periods["period"].astype(str).isin(names)]
    owner = mine["area_id"].astype(str)
    ids = theme.whole.index.astype(str)
    table = pd.DataFrame(index=ids)
    for name in ("incident_count", "harm"):
        if not says_something(mine, name):
            continue
        values = mine[name].astype(float)
        if "disclosed_for" in mine:
            total = values.groupby(owner).sum(min_count=len(names)).reindex(ids)
        else:
            total = values.groupby(owner).sum().reindex(ids).fillna(0.0)
        table[name] = total
    if "incident_count" not in table:
        table["incident_count"] = np.nan
    if "disclosed_for" in mine:
        table["disclosed_for"] = mine["disclosed_for"].iloc[0]
        if "shown" in mine:
            table["shown"] = mine["shown"].groupby(owner).first().reindex(ids)
    else:
        _rank(table, theme)
    hours = {"hours": theme.whole["hours"].iloc[0]} if "hours" in theme.whole.columns else {}
    return table.assign(period_from=span[0], period_until=span[1], **hours)


def _rank(table: pd.DataFrame, theme: ThemeTables) -> None:
    """Rank the earlier counts as the areas are ranked, where counts are enough for that."""
    whole = theme.whole
    if whole is None or "rank" not in whole:
        return
    by = set(whole["ranked_by"].dropna().unique()) if "ranked_by" in whole else {"count"}
    if len(by) != 1 or not by <= RANKED_FROM_COUNTS:
        return
    value = table["incident_count"]
    if by == {"density"}:
        value = value / whole["area_km2"].astype(float).set_axis(table.index)
    table["rank"] = value.where(value > 0).rank(method="min", ascending=False)


def _who_moved(before: Before, areas: pd.DataFrame, top: int) -> None:
    """Who entered, stayed on and left the list, among areas that are known at both times."""
    if not before.ranked or "rank" not in areas:
        return
    moves = ListMoves.between(before.table, areas, top)
    for area in moves.now:
        if area in before.table.index:
            (before.stayed if area in moves.was else before.entered).append(area)
    before.left = [area for area in moves.gone if area in areas.index]


def find_moves(theme: ThemeTables, top: int) -> ListMoves | None:
    """The list of the last meeting beside this one, else that of an earlier period.

    None where nothing is listed, or the ranks of then are not known.
    """
    if not theme.top or theme.of_zones:
        return None
    group = theme.top[0][0]
    then: pd.DataFrame | None = theme.last_list(str(theme.place(theme.top[0])["kind"]))
    if then is None and not theme.previous and theme.before is not None and group < 0:
        then = theme.before.table
    now = theme.group(group)
    return None if then is None or "rank" not in then else ListMoves.between(then, now, top)


def said_of(
    cells: Iterable[gpd.GeoDataFrame], before: Sequence[pd.DataFrame] = ()
) -> Iterator[pd.DataFrame]:
    """A product's areas put under what the products before it said, one table a theme.

    Areas known to hold nothing are left out; those whose count is withheld stay.
    """
    for table in cells:
        if not len(table) or table["period_from"].isna().any():
            continue
        theme, kind = theme_of(table), str(table["kind"].iloc[0])
        own = pd.DataFrame({name: table[name] for name in OF_HISTORY if name in table})
        own = own[own["incident_count"].isna() | (own["incident_count"] > 0)]
        key = Period(*span_of_areas(table), "").key
        own = own.rename_axis("area_id").reset_index().assign(period=key)
        own = own.set_index(["area_id", "period"])
        past = [
            one
            for one in before
            if len(one) and (theme_of(one), str(one["kind"].iloc[0])) == (theme, kind)
        ]
        found = [one[one.index.get_level_values("period") != key] for one in past]
        found = [one for one in (*found, own) if len(one)]
        if found:
            yield pd.concat(found)


def times_listed(history: pd.DataFrame | None, top: int) -> tuple[pd.Series, int]:
    """How often each area was on the list of a product that names ``top``, and of how many."""
    if history is None or not len(history) or "rank" not in history:
        return pd.Series(dtype=int), 0
    packs = [pack.droplevel("period") for _, pack in history.groupby(level="period")]
    listed = [str(area) for pack in packs for area in pack.index[listed_rows(pack, top)]]
    return pd.Series(listed, dtype=object).value_counts(), len(packs)


def history_of(theme: str, history: Iterable[pd.DataFrame]) -> pd.DataFrame | None:
    """The history of one theme; none where nothing was said before."""
    found = [table for table in history if len(table) and theme_of(table) == theme]
    return pd.concat(found) if found else None


def others_as_long(names: Iterable[str], own: str, span: Span) -> list[str]:
    """Names of other periods than one's own that are as long, the latest first."""
    latest_first, clock = in_order_of_time(names)[::-1], clock_of(span[0])
    return [name for name in latest_first if name != own and as_long(span_of(name, clock), span)]
