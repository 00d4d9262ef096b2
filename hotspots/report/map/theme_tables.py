"""What the map was given about each theme, and where its places stand; Protect zones as areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotspots.analysis.ranking import listed_rows
from hotspots.core.periods import Period, Span
from hotspots.core.question import EVERYTHING
from hotspots.core.tables import says_something
from hotspots.report.text.words import figure_words, harm_unit, rank_label

if TYPE_CHECKING:
    import geopandas as gpd

    from hotspots.analysis.when.cards_of_places import PlaceCards
    from hotspots.core.record import RunRecord, ThemeStatus
    from hotspots.disclosure import Release
    from hotspots.report.map.earlier import Before, ListMoves


@dataclass
class ThemeTables:
    """Everything the map was given about one theme.

    ``whole`` is the table of areas as the audience may see it, ``cells`` the part that is drawn.
    A place is a group (-1 for cells, else the number of a table of outlines) and a row in it.
    """

    status: ThemeStatus
    whole: gpd.GeoDataFrame | None = None
    cells: gpd.GeoDataFrame | None = None
    outlines: list[gpd.GeoDataFrame] = field(default_factory=list)
    periods: pd.DataFrame | None = None
    top: list[tuple[int, int]] = field(default_factory=list)
    previous: list[gpd.GeoDataFrame] = field(default_factory=list)
    before: Before | None = None
    cards: PlaceCards | None = None
    sites: gpd.GeoDataFrame | None = None
    not_beside: str = ""
    history: pd.DataFrame | None = None
    moves: ListMoves | None = None
    _read: list[tuple[gpd.GeoDataFrame, Period]] = field(default_factory=list, repr=False)
    _rows: list[tuple[gpd.GeoDataFrame, int, pd.Series]] = field(default_factory=list, repr=False)
    _sums: dict[str, pd.Series] = field(default_factory=dict, init=False, repr=False)

    @property
    def tables(self) -> list[gpd.GeoDataFrame]:
        """The areas and the outlines, as far as there are any."""
        return [table for table in (self.whole, *self.outlines) if table is not None]

    @property
    def size(self) -> int:
        """How many areas there are, empty ones included."""
        return 0 if self.whole is None else len(self.whole)

    @property
    def kind(self) -> str:
        """The kind of the areas."""
        return str(self.whole["kind"].iloc[0]) if self.whole is not None and self.size else "area"

    @property
    def names(self) -> pd.Series:
        """The name of each area, by its id as text."""
        assert self.whole is not None
        return self.whole["place_name"].set_axis(self.whole.index.astype(str))

    def last_list(self, kind: str) -> gpd.GeoDataFrame | None:
        """The areas of the last meeting, where they are of this kind."""
        mine = (one for one in self.previous if len(one) and one["kind"].iloc[0] == kind)
        return next(mine, None)

    @property
    def total(self) -> float:
        """Incidents in the areas, as far as they are shown."""
        return 0.0 if self.whole is None else float(self.whole["incident_count"].sum())

    @property
    def period(self) -> str:
        """The period of the areas, in words."""
        for table in self.tables:
            if len(table):
                return self._period_of(table).label
        return ""

    @property
    def span(self) -> Span | None:
        """Start and end of the period of the areas; none where it is not known."""
        return (self._own.start, self._own.end) if self._own else None

    @property
    def _own(self) -> Period | None:
        for table in self.tables:
            if len(table) and pd.notna(table["period_from"].iloc[0]):
                return self._period_of(table)
        return None

    def _period_of(self, table: gpd.GeoDataFrame) -> Period:
        """Read once of each table: a page asks for it hundreds of times."""
        for known, period in self._read:
            if known is table:
                return period
        self._read.append((table, Period.of_areas(table)))
        return self._read[-1][1]

    @property
    def key(self) -> str:
        """The period of the areas as tables name it."""
        return self._own.key if self._own else ""

    @property
    def short(self) -> str:
        """The period of the areas with months of three letters."""
        return self._own.short if self._own else ""

    @property
    def weighed(self) -> bool:
        """Whether any area has harm."""
        return any(says_something(table, "harm") for table in self.tables)

    @property
    def disclosed(self) -> bool:
        """Whether numbers are rounded and small ones withheld."""
        return any("disclosed_for" in table for table in self.tables)

    @property
    def no_harm(self) -> str:
        """What stands in the place of harm where no area has any."""
        return "not shown" if self.disclosed else "not weighed"

    @property
    def of_zones(self) -> bool:
        """Whether the areas are Protect zones with their demand."""
        if not self.size or self.whole is None:
            return False
        kinds = self.whole["kind"]
        return bool(kinds.iloc[0] == "protect" and kinds.eq("protect").all())

    def group(self, number: int) -> gpd.GeoDataFrame:
        """The table a place is in."""
        table = self.cells if number < 0 else self.outlines[number]
        assert table is not None
        return table

    def place(self, place: tuple[int, int]) -> pd.Series:
        """The row of one place."""
        table, item = self.group(place[0]), place[1]
        # Told by identity: tables cannot be keys, and comparing them would compare every cell.
        for known, at, row in self._rows:
            if known is table and at == item:
                return row
        self._rows.append((table, item, table.iloc[item]))
        return self._rows[-1][2]

    def over_time(self, column: str) -> pd.Series:
        """A number of each area in each period, by their names as text; added up once a page."""
        if column not in self._sums:
            assert self.periods is not None
            by = [self.periods[name].astype(str) for name in ("area_id", "period")]
            self._sums[column] = self.periods.groupby(by)[column].sum(min_count=1)
        return self._sums[column]

    def rank(self, place: tuple[int, int]) -> str:
        """Where a place stands, as the whole page writes it: "3", or "3=" where others stand too.

        "3=" follows the custom of league tables: two places third, none fourth.
        """
        table = self.group(place[0])
        rank = self.place(place).get("rank")
        return "" if rank is None or pd.isna(rank) else rank_label(rank, table["rank"])

    def unlisted(self, top: int) -> tuple[str, int]:
        """The rank at which a list of so many ends, and how many that share it are not on it."""
        if not self.top or self.of_zones:
            return "", 0
        table = self.group(self.top[-1][0])
        ranks = table["rank"][table["rank"].notna() & (table["incident_count"] != 0)]
        listed = pd.Series([self.place(place)["rank"] for place in self.top])
        last = listed.iloc[-1]
        if len(self.top) < top and (ranks > last).any():
            last = ranks[ranks > last].min()
        return rank_label(last, ranks), int((ranks == last).sum()) - int((listed == last).sum())


def unit_of_harm(theme: ThemeTables, record: RunRecord) -> str:
    """The unit of a theme's harm; nothing where several scales stand side by side."""
    tables = [table["harm_scale"] for table in theme.tables if "harm_scale" in table]
    scales = {str(scale) for column in tables for scale in column.dropna().unique()}
    units = {harm_unit(scale, record.units) for scale in scales}
    return units.pop() if len(units) == 1 else ""


def drawn_cells(cells: gpd.GeoDataFrame, *others: pd.DataFrame | None) -> gpd.GeoDataFrame:
    """The cells that hold something now, at another time, or a withheld number.

    ``others`` are tables of other times, with ``incident_count`` and ``area_id`` (or on it).
    """
    now = cells["incident_count"]
    keep = now.isna() | (now > 0)
    for table in others:
        if table is not None:
            owner = table["area_id"] if "area_id" in table else table.index.to_series()
            count = table["incident_count"].astype(float)
            some = owner[(count.isna() | (count > 0)).to_numpy()].unique()
            keep |= cells.index.astype(str).isin([str(area) for area in some])
    return cells[keep]


def span_of_themes(themes: Sequence[ThemeTables]) -> Span | None:
    """The period of the first theme that has one."""
    return next((theme.span for theme in themes if theme.span), None)


def top_places(theme: ThemeTables, top: int) -> list[tuple[int, int]]:
    """The best-ranked places: cells where cells are ranked, else the first ranked outlines.

    Of places that tie with the last one all are listed, or none (:func:`listed_rows`). They stand
    in order of count, harm and id, whatever the order of the table.
    """
    if theme.of_zones and theme.cells is not None:
        return [(-1, item) for item in range(len(theme.cells))]
    for group, table in enumerate([theme.cells, *theme.outlines], start=-1):
        if table is None or "rank" not in table or not table["rank"].notna().any():
            continue
        return [(group, row) for row in listed_rows(table, top)]
    return []


PROTECT = "protect"
CHOICE = "protect_demand"
OF_FIRST = ("share_of_count", "count_per_km2", "harm", "share_of_harm")


def zones_as_areas(released: Release) -> list[gpd.GeoDataFrame]:
    """Protect zones with ``incident_count`` as ranked areas tables, one a theme; none without.

    The count is that of the first theme of the demand beside them; another has its own column,
    such as ``asb_count``. Zones may overlap: their counts are never added up.
    """
    if released.audience != PROTECT:
        return []
    for table in released.zones:
        mine = table[table["kind"].eq(PROTECT)]
        if len(mine) and "incident_count" in mine:
            named = {f"{name}_count": name for name in released.behind.themes}
            beside = [_of_theme(mine, named[column]) for column in mine if column in named]
            return [_by_name(mine.assign(theme=_counted(mine, released))), *map(_by_name, beside)]
    return []


def _counted(zones: gpd.GeoDataFrame, released: Release) -> str:
    """The theme of the one count that bears no name of a theme: all incidents, if none is said."""
    held = [table.reset_index() for table in (zones, *released.tables.values())]
    themes = [str(table["theme"].iloc[0]) for table in held if {"theme", "zone_id"} <= {*table}]
    return themes[0] if themes and themes[0] != EVERYTHING else CHOICE


def _of_theme(zones: gpd.GeoDataFrame, theme: str) -> gpd.GeoDataFrame:
    """The zones with the figures of another theme than the first."""
    count, harm = zones[f"{theme}_count"], zones.get(f"{theme}_harm")
    bare = zones.drop(columns=[name for name in OF_FIRST if name in zones])
    own = bare.assign(theme=theme, incident_count=count)
    return own if harm is None else own.assign(harm=harm)


def _by_name(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The zones by name: what is recorded there is no order of risk, so there is no rank."""
    area = zones["area_km2"] if "area_km2" in zones else zones.geometry.area / 1e6
    never = pd.Series(pd.NaT, index=zones.index)
    return (
        zones.drop(columns=["harm", "rank"], errors="ignore")
        .assign(place_name=zones["zone_name"], area_km2=area, period_from=never, period_until=never)
        .sort_values("place_name", kind="stable")
    )


EQUIPPED = {"premises": "Premises", "trauma_packs": "Packs", "beyond_reach": "Out of reach"}
"""Columns of a zone beside what is recorded, and their heads."""


def demand_finding(theme: ThemeTables, record: RunRecord) -> str:
    """How many zones there are, what their counts are not, and who is far from a pack."""
    period = demand_period(record)
    when = f", {period}" if period else ""
    many = f"{theme.size:,} zone{'' if theme.size == 1 else 's'}"
    if not theme.total:
        said = f"No incidents are recorded in the zones{when}."
    else:
        said = f"{many}, by name{when}: incidents recorded in a zone are no order of its risk."
    return " ".join(filter(None, [said, _premises(_choice(record))]))


def demand_period(record: RunRecord) -> str:
    """The period of the demand, in words, as far as the record knows it."""
    return str(_choice(record).get("period") or "")


def _choice(record: RunRecord) -> dict[str, Any]:
    entries = record.choices.get(CHOICE, [])
    return entries[-1] if entries else {}


def _premises(choice: dict[str, Any]) -> str:
    premises, reach = choice.get("premises"), choice.get("reach_m")
    if not premises:
        return ""
    if not reach or not choice.get("trauma_packs"):
        return f"{premises:,} premises are in the register."
    beyond = choice.get("beyond_reach") or 0
    number = figure_words(beyond, missing="") if beyond else "None"
    return (
        f"{number} of {premises:,} premises {'is' if beyond == 1 else 'are'} further than "
        f"{reach:,.0f} m from every trauma pack in a straight line; a walk is longer."
    )
